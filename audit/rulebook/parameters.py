"""Parameters that nobody reads: a threshold with a misspelt name would stand in the table and change nothing."""

from __future__ import annotations

from collections.abc import Collection

from audit.errors import Fault
from audit.rulebook.rules import Rulebook
from audit.rulebook.strict import did_you_mean


def idle_parameters(book: Rulebook, columns: Collection[str], measured: Collection[str]) -> list[Fault]:
    """A fault per parameter (the p_ names among `columns`) that neither a rule of `book` reads, retired ones included, nor a measure
    (`measured`)."""
    read = {*measured, *(name for rule in book.rules for name in rule.read)}
    names = sorted(name.removeprefix("p_") for name in columns if name.startswith("p_") and name not in read)
    return [_fault(book, name, [other.removeprefix("p_") for other in sorted(read) if other.startswith("p_")]) for name in names]


def _fault(book: Rulebook, name: str, known: list[str]) -> Fault:
    path = book.folder / "tables" / "parameters.csv"
    rows = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    row = next((number for number, text in enumerate(rows, start=1) if text.strip('"').startswith(f"{name},")), 1)
    near = did_you_mean(name, known)
    zh = f"没有规则或指标使用 '{name}'{near.zh or '。'}请改正名称或删除该行。"
    en = f"no rule and no measure reads '{name}'{near or '.'} Correct the name or delete the row."
    return Fault(zh, en, f"{book.folder.name}/tables/parameters.csv", row=row)
