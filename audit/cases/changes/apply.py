"""A proposal written into a copy of the rules folder, where nobody judges by it yet."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from audit.cases.changes.proposals import Proposal, content, packed, unpacked
from audit.cases.refused import Refused
from audit.errors import DataError, Fault, RuleError
from audit.knowledge import batches
from audit.rulebook import approved, folder, locked, read_rule
from audit.rulebook.rules import FOLDERS, Rule
from audit.rulebook.waivers import COLUMNS, FILE

CLASSES = {"POL": "policy", "MGT": "management", "MED": "medical", "LOC": "local"}  # what an id's letters say; else local
_ID = re.compile(r"^id:[ \t]*['\"]?([A-Za-z0-9_-]{1,16})['\"]?[ \t]*(?:#.*)?$", re.MULTILINE)
_VERSION = re.compile(r"^version:[ \t]*\d+", re.MULTILINE)
_STATUS = re.compile(r"^status:[ \t]*['\"]?retired\b", re.MULTILINE)
_NAME = re.compile(r"\ben:[ \t]*[\"']?([^\"'}\n#]+)")


def apply(rules: Path, proposal: Proposal, today: date) -> None:
    """Change the copy as the proposal says. RuleError, DataError: it is wrong; Refused (409): it does not fit the folder as it is."""
    {"rule": _rule, "exemption": _exemption, "knowledge": _knowledge, "rollback": _rollback}[proposal.kind](rules, proposal, today)


def demand_base(rules: Path, proposal: Proposal) -> None:
    """Refused (409) when what the proposal would replace is no longer what its author saw."""
    if proposal.based_on != base(rules, proposal.kind, proposal.rule_id):
        raise Refused(
            "提出之后，别人已发布了对同一内容的变更。请对照差异后以现状为基础再提交。",
            "Somebody else's change of the same thing was published since this was begun. Compare, rebase, and submit again.",
        )


def base(rules: Path, kind: str, rule_id: str | None) -> str:
    """What a proposal of this kind rests on: the rule's own text as published, or for a rollback the whole folder. Rows of exemptions and
    workbooks are added to whatever stands there."""
    if kind == "rollback":
        return str(len(approved.approvals(rules)))
    if kind != "rule":
        return ""
    there = path_of(rules, rule_id or "")
    return hashlib.sha256(there.read_bytes()).hexdigest() if there else ""


def path_of(rules: Path, rule_id: str) -> Path | None:
    """The file of a rule, retired ones too."""
    found = (path for name in FOLDERS for path in sorted((rules / name).glob(f"{rule_id}*.y*ml")))
    return next((path for path in found if re.match(rf"{re.escape(rule_id)}([-_.])", path.name)), None)


def id_in(text: str) -> str | None:
    found = _ID.search(text)
    return found[1] if found else None


def place(rules: Path, text: str) -> Path:
    """Where a rule of this text stands in the folder: its file as it is called now; retired rules in retired/."""
    rule_id = id_in(text) or "rule"
    now = path_of(rules, rule_id)
    retired = bool(_STATUS.search(text))
    if now is not None and retired == (now.parent.name == "retired"):
        return now
    name = now.name if now is not None else f"{rule_id}-{_slug(text)}.yaml"
    return rules / ("retired" if retired else CLASSES.get(rule_id.split("-")[0], "local")) / name


def _slug(text: str) -> str:
    found = _NAME.search(text)
    words = re.findall(r"[a-z0-9]+", found[1].lower()) if found else []
    return "-".join(words)[:40].strip("-") or "new-rule"


def understood(rules: Path, text: str) -> tuple[Rule | None, list[Fault], str]:
    """(the rule, faults, the file's name as faults call it) of a text, read as strictly as the folder's own files."""
    there = place(rules, text)
    name = f"{rules.name}/{there.parent.name}/{there.name}"
    with tempfile.TemporaryDirectory(prefix="audit-rule-") as room:
        file = Path(room) / there.name
        file.write_bytes(text.encode())
        rule, faults = read_rule(file, name, there.parent.name)
    return rule, faults, name


def numbered(rules: Path, text: str) -> str:
    """The text with the version it would be published as: a change that can change a finding takes the next free number."""
    rule, _, _ = understood(rules, text)
    version, fingerprint = locked(rules).get(rule.id, (0, "")) if rule else (0, "")
    if rule is None or rule.fingerprint == fingerprint:
        return text
    highest = max([version, *(told["rules"].get(rule.id, 0) for told in approved.approvals(rules))])
    return text if rule.version > highest else _VERSION.sub(f"version: {highest + 1}", text, count=1)


def _rule(rules: Path, proposal: Proposal, today: date) -> None:
    now = path_of(rules, proposal.rule_id or "")
    there = place(rules, proposal.content)
    text = numbered(rules, proposal.content)
    if now is not None:
        now.unlink()
    there.parent.mkdir(exist_ok=True)
    there.write_bytes(text.encode())


def _exemption(rules: Path, proposal: Proposal, today: date) -> None:
    said, path = content(proposal), rules / FILE
    header = [column.name for column in COLUMNS]
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())) if path.exists() else []
    key = ("rule_id", "kind", "value", "valid_from")
    same = [row for row in rows if all(row[name] == said[name] for name in key)]
    if said["action"] == "end":
        if not same:
            raise Refused("要结束的豁免已不在表中。", "The exemption to be ended is no longer in the table.")
        same[0]["valid_to"] = said["valid_to"]
    else:
        if date.fromisoformat(said["valid_to"]) < today:
            raise Refused(
                f"该豁免已于 {said['valid_to']} 到期，发布无意义；请改后重新提出。",
                f"The exemption ran out on {said['valid_to']}: nothing would be waived. Propose it with a later day.",
            )
        rows.append({**{name: said[name] for name in header if name in said}, "source": f"proposal {proposal.id}"})
    made = io.StringIO()
    table = csv.DictWriter(made, header, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    path.write_text(made.getvalue(), encoding="utf-8")


def _knowledge(rules: Path, proposal: Proposal, today: date) -> None:
    said = content(proposal)
    with workbooks(proposal) as files, batches.planned(files, rules, given(said)) as plan:
        if not plan.steps:
            raise Refused("知识表已包含这些知识点，无可导入。", "The tables hold these points already: nothing to import.")
        batches.write(plan, today)


def given(said: dict) -> batches.Given:
    return batches.Given(said["batch"], date.fromisoformat(said["published"]) if said["published"] else None)


@contextmanager
def workbooks(proposal: Proposal) -> Iterator[list[Path]]:
    """The workbooks of a proposal as files, as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="audit-workbooks-") as room:
        folder.write(Path(room), unpacked(proposal.attachment or packed({})))
        yield sorted(Path(room).iterdir())


def _rollback(rules: Path, proposal: Proposal, today: date) -> None:
    if proposal.attachment is None:
        raise Refused("没有这个发布版本。", "There is no such publication.", 404)
    then = unpacked(proposal.attachment)
    for name in folder.files(rules).keys() - {*then, approved.FILE}:
        (rules / name).unlink()
    folder.write(rules, then)


def refused(fault: RuleError | DataError) -> Refused:
    """What is wrong with a proposal, every fault, as an answer to the person."""
    return Refused(f"变更有误，请先改正：\n{fault.said['zh']}", f"The proposal is not right yet:\n{fault}", 422)
