"""New official batches into rules/tables: read, held against the tables, shown, written whole or not at all, taken back exactly.

    with planned(files, rules, given) as plan:    every fault at once, or what would change
        write(plan, date.today())                 the tables, and the record of this import
    undo(rules)                                   the last import, byte for byte
    ledger.imports(rules)                         every import on record

`workbook` reads an xlsx, `layout` finds header and rows, `types`, `issue` and `limits` say what a row is about, `listed` and `records`
make points, `merge` puts them into the `tables`, `diff` says what changed, `reach` how many past claims that touches, `told` says it
all to a person, `ledger` keeps the record.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from audit.errors import DataError, Fault, RuleError, Said
from audit.knowledge.batches import diff, ledger
from audit.knowledge.batches.faults import CHECK_PATH, NOTHING, Faults
from audit.knowledge.batches.issue import Given, Issue
from audit.knowledge.batches.listed import read_list
from audit.knowledge.batches.merge import issues, merge
from audit.knowledge.batches.point import Point
from audit.knowledge.batches.records import read_records
from audit.knowledge.batches.tables import known_issues, read_types
from audit.knowledge.book import load

__all__ = ["Given", "Plan", "planned", "undo", "write"]

RECORDS = "all_records.json"


@dataclass(frozen=True)
class Plan:
    """What an import would change: `draft` holds the tables as they would be, checked by knowledge.load."""

    rules: Path
    files: dict[str, Path]  # sha256 -> file
    issues: tuple[Issue, ...]
    points: int
    steps: list[diff.Step]
    draft: Path
    stands_on: str  # the state of the tables it was made from


@contextmanager
def planned(files: Sequence[Path], rules: Path, given: Given | None = None) -> Iterator[Plan]:
    """Read `files` (workbooks, the records, folders of them) against the tables of `rules`; nothing of `rules` is written.

    Raises DataError with every fault of the files, RuleError when the tables are wrong already.
    """
    ledger.mend(rules)
    load(rules)
    state = ledger.state(rules)
    faults = Faults()
    found = _files(files, faults)
    points = _points(found.values(), given or Given(), known_issues(rules / "tables"), faults)
    before, tables = (read_types(rules / "tables", {point.rule_no for point in points}) for _ in range(2))
    merge(points, tables, faults)
    faults.stop()
    steps = diff.steps(before, tables)
    with tempfile.TemporaryDirectory(prefix="audit-import-") as folder:
        draft = Path(folder) / "tables"
        at = str(draft)
        shutil.copytree(rules / "tables", draft)
        for rule in {step.rule_no for step in steps}:
            tables[rule].write(draft)
        try:
            if steps:
                load(draft.parent)
        except RuleError as fault:
            told = [
                Fault(f"导入后的表 {one.zh.replace(at, '')}", one.replace(at, "the tables after this import, ")) for one in fault.faults
            ]
            remedy = Fault(f"请在文件或表中改正上述知识点。{NOTHING.zh}", f"Correct the points above in the file, or the table. {NOTHING}")
            raise DataError(*told, remedy) from fault
        distinct = {(point.rule_no, point.batch, point.published, point.key) for point in points}
        yield Plan(rules, found, tuple(issues(points)), len(distinct), steps, draft, state)


def write(plan: Plan, today: date) -> dict[str, Any]:
    """Make the draft the tables of the rules folder, with a line in imports.jsonl and the way back. Returns that line."""
    entry = {
        "imported": today.isoformat(),
        "files": [{"name": path.name, "sha256": sha} for sha, path in plan.files.items()],
        "issues": [{"batch": issue.number, "published": issue.published.isoformat()} for issue in plan.issues],
        "points": {str(rule): kinds for rule, kinds in diff.counts(plan.steps).items()},
    }
    with ledger.alone(plan.rules) as side:
        if ledger.state(plan.rules) != plan.stands_on:
            tables = plan.rules / "tables"
            en = f"{tables} was changed while this import was looked at. Run it again."
            raise DataError(Fault(f"查看本次导入期间，{tables} 被改动。请重新导入。", en))
        ledger.record(plan.rules / "tables", plan.draft, entry)
        shutil.copytree(plan.draft, side / "tables")
        ledger.swap(plan.rules, side)
    return ledger.imports(plan.rules)[-1]


def undo(rules: Path) -> dict[str, Any]:
    """Take the last import back, byte for byte. Returns the line of imports.jsonl that is gone."""
    with ledger.alone(rules) as side:
        shutil.copytree(rules / "tables", side / "tables")
        last = ledger.take_back(side / "tables")
        load(side)
        ledger.swap(rules, side)
    return last


def _files(given: Sequence[Path], faults: Faults) -> dict[str, Path]:
    """sha256 -> file, folders as the workbooks and records in them; the same content is read once."""
    found: dict[str, Path] = {}
    for path in given:
        inside = [path] if not path.is_dir() else [*sorted(path.glob("*.xlsx")), *sorted(path.rglob(RECORDS))]
        if not inside:
            what = Said("其中没有工作簿（*.xlsx）和记录", "holds no workbook (*.xlsx) and no records")
            faults.add(path, what, Said("请指明含有它们的目录或文件", "Name the folder that does, or the files"))
        for file in inside:
            if file.name.startswith("~$"):  # what a spreadsheet leaves while a file is open
                continue
            if not file.is_file():
                faults.add(file, Said("没有这个文件", "there is no such file"), CHECK_PATH)
            else:
                found.setdefault(_sha(file), file)
    return found


def _points(files: Iterable[Path], given: Given, known: Mapping[int, date], faults: Faults) -> list[Point]:
    points: list[Point] = []
    for file in files:
        if file.suffix == ".json":
            points += read_records(file, faults)
    known = {point.batch: point.published for point in points if point.batch} | dict(known)
    for file in files:
        if file.suffix != ".json":
            points += read_list(file, given, known, faults)
    return points


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
