"""A rule's text while somebody types it: every fault with its line, what it says in words, and its examples on both engines.

What a check needs of the folder (rulebook, knowledge, the columns there are, measured examples) is kept while the folder stays as it
is.
"""

from __future__ import annotations

import re
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from audit import settle
from audit.cases.changes.apply import numbered, path_of, place
from audit.cases.changes.reading import as_it_is
from audit.errors import Fault, RuleError
from audit.examples.coverage import misnamed
from audit.examples.tried import Bench, Tried
from audit.rulebook import Rule, Rulebook, lint, read_rule
from audit.rulebook.lint import OF_THE_FINDING, Unanswerable
from audit.rulebook.logic import shadowed
from audit.rulebook.sentence import LANGUAGES, sentence, value


@dataclass(frozen=True)
class Checked:
    """A text as it is now.

    faults: all of them, by line (None: of the whole text); none means that it may be submitted (the whole `check-rules` runs then).
    file: where it stands or will, such as local/LOC-001-duplicate-line.yaml. version: as which it would be published. says, amount: the
    condition, and the rule's own amount, in words {zh, en}; None while the text cannot be read. examples: each with its rows, expected
    and answered by Polars and DuckDB.
    """

    rule_id: str | None
    new: bool
    file: str
    version: int | None
    status: str | None
    faults: tuple[Fault, ...]
    says: dict[str, str] | None
    amount: dict[str, str] | None
    examples: tuple[Tried, ...]
    seconds: float


_benches: dict[Path, tuple[int, Bench]] = {}
_turn = threading.Lock()


def check(rules: Path, text: str) -> Checked:
    """Hold a text against the folder as it is. The first check of a state of the folder takes seconds, the others tenths."""
    started = time.perf_counter()
    book, bench = _warm(rules)
    there = place(rules, text)
    name = f"{rules.name}/{there.parent.name}/{there.name}"
    with tempfile.TemporaryDirectory(prefix="audit-rule-") as room:
        file = Path(room) / there.parent.name / there.name
        file.parent.mkdir()
        file.write_bytes(text.replace("\r\n", "\n").encode())
        rule, told = read_rule(file, name, there.parent.name)
        if rule is not None:
            own = Rulebook((rule,), book.policy, "", Path(room))
            told += lint(own, *bench.vocabulary) + _beside_others(rule, book, rules)
    examples: list[Tried] = []
    if rule is not None and not _unanswerable(rule, told, bench):
        examples, wrong = bench.tried(rule)
        told += wrong
    faults = tuple(sorted(set(told), key=lambda fault: (fault.line or 0, fault)))
    return Checked(
        rule_id=rule.id if rule else None,
        new=rule is not None and path_of(rules, rule.id) is None,
        file=f"{there.parent.name}/{there.name}",
        version=_version(rules, text) if rule else None,
        status=rule.status if rule else None,
        faults=faults,
        says=_says(rule),
        amount={language: value(rule.amount_fen, language) for language in LANGUAGES} if rule and rule.amount_fen else None,
        examples=tuple(examples),
        seconds=round(time.perf_counter() - started, 3),
    )


def _beside_others(rule: Rule, book: Rulebook, rules: Path) -> list[Fault]:
    """What only the other rules, the policy and the table of national types can show."""
    others = tuple(other for other in book.rules if other.id != rule.id)
    told = misnamed(Rulebook((rule,), book.policy, "", rules))
    told += [one for one in shadowed((*others, rule)) if one.file == rule.file]
    try:
        if rule.status in ("active", "shadow"):
            settle.place(rule.national_code or rule.local_code or "", book.policy)
    except RuleError as fault:
        told += [Fault(one.zh, one, rule.file, rule.lines["id"]) for one in fault.faults]
    return told


def _unanswerable(rule: Rule, told: list[Fault], bench: Bench) -> bool:
    """Whether the engines cannot be asked: a column that is not there, or a condition or amount that one of them refuses."""
    schema = bench.vocabulary[0 if rule.of_lines else 1]
    unknown = any(name not in schema and name not in OF_THE_FINDING for name in rule.read)
    return rule.status == "retired" or unknown or any(isinstance(fault, Unanswerable) for fault in told)


def _version(rules: Path, text: str) -> int:
    return int(re.findall(r"(?m)^version:[ \t]*(\d+)", numbered(rules, text))[0])


def _says(rule: Rule | None) -> dict[str, str] | None:
    try:
        return {language: sentence(rule.when, language) for language in LANGUAGES} if rule else None
    except RuleError:
        return None


def warm(rules: Path) -> None:
    """Make ready what the first check needs, so that nobody who types waits for it."""
    _warm(rules)


def _warm(rules: Path) -> tuple[Rulebook, Bench]:
    """The folder's rulebook, and a bench that measures with its knowledge."""
    now, book, knowledge = as_it_is(rules)
    with _turn:
        if rules not in _benches or _benches[rules][0] != now:
            _benches[rules] = (now, Bench(knowledge))
        return book, _benches[rules][1]
