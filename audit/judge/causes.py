"""Why a rule cannot tell: every verdict that is missing, counted once under the first deciding value that is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from audit import tables, words
from audit.errors import Said
from audit.rulebook import Rule, sql
from audit.tables import CANNOT_TELL

_CHECK, _SEVERAL = "check: ", "several values"
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
            missing = f"{_CHECK}{column}" if column in untrusted else column or _SEVERAL
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


def told(missing: str, why: str) -> Said:
    """A row's reason in both languages. The table keeps it in English; the Chinese is told from what is missing."""
    column = missing.removeprefix(_CHECK)
    name, unsure = words.name(column, "zh"), column.endswith("_unsure")
    if column != missing:
        return Said(f"{name}未通过当夜的数据质量检查，不可信", why)
    if missing == _SEVERAL:
        return Said("没有单独缺少哪一项：现有的值不足以作出比较", why)
    if column in _MEANINGS:
        return Said(f"{name}缺失", why)
    if _is_mark(column) or unsure:
        return Said(words.truth(column, unsure, "zh"), why)
    return Said(f"{name}无法得出", why)


def called(missing: str, language: str) -> str:
    """What is missing, by name."""
    return {"zh": "多个值", "en": _SEVERAL}[language] if missing == _SEVERAL else words.name(missing.removeprefix(_CHECK), language)


def _is_mark(column: str) -> bool:
    """A measure called x_known or has_x is false where x is not known."""
    return column.endswith("_known") or column.startswith("has_")
