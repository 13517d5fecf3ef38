"""Why a rule cannot tell: every verdict that is missing, counted once under the first deciding value that is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from audit import tables
from audit.rulebook import Rule, sql
from audit.tables import CANNOT_TELL

_MEANINGS = {column.stored: column.meaning for table in tables.NATIONAL_TABLES.values() for column in table.columns}


def unknown(judged: pl.LazyFrame, rules: Sequence[Rule]) -> pl.LazyFrame:
    """One row: per rule and possible cause, the number of rows whose verdict is missing because of it."""
    counts = []
    for rule in rules:
        left = pl.col(rule.id).is_null()
        for column, absent in _suspects(rule).items():
            counts.append((left & absent).cast(pl.Int64).sum().alias(f"{rule.id}|{column}"))
            left = left & ~absent
        counts.append(left.cast(pl.Int64).sum().alias(f"{rule.id}|"))
    return judged.select(counts)


def _suspects(rule: Rule) -> dict[str, pl.Expr]:
    """Columns whose absence can leave the rule without an answer, in the order it reads them -> whether they are absent.

    A mark such as x_known is false, and x_unsure true, where x is not known. A fact of the item comes last: where it is
    missing the item is mostly not restricted, and the rule has asked for that.
    """
    read = sql.parse(rule.when)
    names = sorted(dict.fromkeys((*read.deciding, *read.asked)), key=lambda name: name.startswith("item_"))
    absent = {}
    for name in names:
        column = pl.col(name)
        if _is_mark(name):
            absent[name] = ~column.fill_null(False)
        elif name.endswith("_unsure"):
            absent[name] = column.fill_null(True)
        else:
            absent[name] = column.is_null()
    return absent


def causes(counted: pl.DataFrame, rules: Sequence[Rule], untrusted: Mapping[str, str], meanings: Mapping[str, str]) -> pl.DataFrame:
    by_id = {rule.id: rule for rule in rules}
    rows = []
    for name, number in counted.row(0, named=True).items():
        rule_id, column = name.split("|")
        if number:
            rule = by_id[rule_id]
            missing = f"check: {column}" if column in untrusted else column or "several values"
            rows.append((rule.id, rule.version, rule.grain, missing, _why(column, untrusted, meanings), number))
    return pl.DataFrame(rows, schema=CANNOT_TELL, orient="row")


def _why(column: str, untrusted: Mapping[str, str], meanings: Mapping[str, str]) -> str:
    if column in untrusted:
        return untrusted[column]
    if not column:
        return "no single value is missing: what is there leaves the comparison open"
    if column in _MEANINGS:
        return f"{column} is missing ({_MEANINGS[column]})"
    meaning = meanings.get(column, "what it is made from is missing")
    if _is_mark(column):
        return f"{column} does not hold: {meaning}"
    return f"{column} could not be told: {meaning}"


def _is_mark(column: str) -> bool:
    """A measure called x_known or has_x is false where x is not known."""
    return column.endswith("_known") or column.startswith("has_")
