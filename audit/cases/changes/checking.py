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
from audit.errors import RuleError
from audit.examples.coverage import misnamed
from audit.examples.tried import Bench, Tried
from audit.knowledge import load as load_knowledge
from audit.rulebook import Rule, Rulebook, folder, lint, read, read_rule
from audit.rulebook.lint import OF_THE_FINDING
from audit.rulebook.logic import shadowed
from audit.rulebook.rules import FOLDERS
from audit.rulebook.sentence import LANGUAGES, sentence, value


@dataclass(frozen=True)
class Fault:
    """Something wrong: the line of the text on which it stands (None: the text as a whole), and the sentence with its remedy."""

    line: int | None
    text: str


@dataclass(frozen=True)
class Checked:
    """A text as it is now.

    faults: all of them; none means that it may be submitted (the whole `check-rules` runs then). file: where it stands or will, such as
    local/LOC-001-duplicate-line.yaml. version: as which it would be published. says, amount: the condition, and the rule's own amount,
    in words {zh, en}; None while the text cannot be read. examples: each with its rows, expected and answered by Polars and DuckDB.
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


@dataclass(frozen=True)
class _Warm:
    """What a check needs of one state of the folder."""

    book: Rulebook
    bench: Bench


_kept: dict[Path, tuple[int, _Warm]] = {}
_turn = threading.Lock()


def check(rules: Path, text: str) -> Checked:
    """Hold a text against the folder as it is. The first check of a state of the folder takes seconds, the others tenths."""
    started = time.perf_counter()
    warm = _warm(rules)
    there = place(rules, text)
    name = f"{rules.name}/{there.parent.name}/{there.name}"
    with tempfile.TemporaryDirectory(prefix="audit-rule-") as room:
        file = Path(room) / there.parent.name / there.name
        file.parent.mkdir()
        file.write_bytes(text.replace("\r\n", "\n").encode())
        rule, told = read_rule(file, name, there.parent.name)
        if rule is not None:
            own = Rulebook((rule,), warm.book.policy, "", Path(room))
            told += lint(own, *warm.bench.vocabulary) + _beside_others(rule, warm.book, rules)
    examples: list[Tried] = []
    if rule is not None and not _unanswerable(rule, told, warm):
        examples, wrong = warm.bench.tried(rule)
        told += wrong
    faults = tuple(sorted({_fault(sentence, name) for sentence in told}, key=lambda fault: (fault.line or 0, fault.text)))
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


def _beside_others(rule: Rule, book: Rulebook, rules: Path) -> list[str]:
    """What only the other rules, the policy and the table of national types can show."""
    others = tuple(other for other in book.rules if other.id != rule.id)
    told = misnamed(Rulebook((rule,), book.policy, "", rules))
    told += [sentence for sentence in shadowed((*others, rule)) if sentence.startswith(f"{rule.file}:")]
    try:
        if rule.status in ("active", "shadow"):
            settle.place(rule.national_code or rule.local_code or "", book.policy)
    except RuleError as fault:
        told += [f"{rule.file}:{rule.lines['id']}: {sentence}" for sentence in fault.faults]
    return told


def _unanswerable(rule: Rule, told: list[str], warm: _Warm) -> bool:
    """Whether the engines cannot be asked: a column that is not there, or a condition or amount that one of them refuses."""
    schema = warm.bench.vocabulary[0 if rule.of_lines else 1]
    unknown = any(name not in schema and name not in OF_THE_FINDING for name in rule.read)
    return rule.status == "retired" or unknown or any(" refuses it: " in fault or "the result must be" in fault for fault in told)


def _version(rules: Path, text: str) -> int:
    return int(re.findall(r"(?m)^version:[ \t]*(\d+)", numbered(rules, text))[0])


def _says(rule: Rule | None) -> dict[str, str] | None:
    try:
        return {language: sentence(rule.when, language) for language in LANGUAGES} if rule else None
    except RuleError:
        return None


def _fault(sentence: str, name: str) -> Fault:
    found = re.match(rf"{re.escape(name)}(?::(\d+))?: ", sentence)
    if not found:
        return Fault(None, sentence)
    return Fault(int(found[1]) if found[1] else None, sentence[found.end() :])


def _warm(rules: Path) -> _Warm:
    """The folder's state, read again when a file of it is another."""
    rules = rules.resolve()
    with _turn:
        now = _touched(rules)
        if rules not in _kept or _kept[rules][0] != now:
            with folder.still(rules):
                book, _ = read(rules)
                _kept[rules] = (now, _Warm(book, Bench(load_knowledge(rules))))
        return _kept[rules][1]


def _touched(rules: Path) -> int:
    """Changes whenever a file that a check reads is written."""
    found = [rules / "policy.yaml", *(path for name in (*FOLDERS, "tables") for path in sorted((rules / name).rglob("*.*")))]
    return hash(tuple((str(path), stat.st_size, stat.st_mtime_ns) for path in found if (stat := path.stat())))
