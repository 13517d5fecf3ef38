"""Values of a case as words: dates by the Chinese clock, money in yuan, codes by name, {zh, en} by language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from audit import words
from audit.cases.evidence.labels import LABELS, SAID_BY_CODE, TEXTS, VALUES
from audit.tables import NATIONAL_TABLES

NOTHING = "—"
_FEN = {column.stored for table in NATIONAL_TABLES.values() for column in table.columns if column.kind == "fen"} | {"priority"}
_ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_CHINA = ZoneInfo("Asia/Shanghai")


def text(key: str, language: str, *values: object) -> str:
    """A text of the paper's own."""
    return TEXTS[key][_which(language)].format(*values)


def label(column: str, language: str) -> str:
    """What a column is called."""
    return LABELS[column][_which(language)] if column in LABELS else words.name(column, language)


def is_money(column: str) -> bool:
    """Whether a column holds fen."""
    return column in _FEN or column.endswith(("_amt", "_fen"))


def said(column: str, value: Any, language: str) -> str:
    """One value of `column`."""
    return said_all(column, [value], language)[0]


def said_all(column: str, values: Sequence[Any], language: str) -> list[str]:
    """The values of a column, one text each."""
    made = [_plain(column, value, language) for value in values]
    # Numbers, truths and codes are told by the words all pages use, the whole column at once.
    left = [place for place, value in enumerate(made) if value is None]
    if left:
        raw = pl.Series([_raw(values[place]) for place in left], dtype=pl.String).to_frame("raw")
        in_words = words.yuan(pl.col("raw").cast(pl.Int64), language) if is_money(column) else words.say(column, pl.col("raw"), language)
        told = raw.select(in_words).to_series().to_list()
        for place, value in zip(left, told, strict=True):
            made[place] = value
    return [value or "" for value in made]


def _plain(column: str, value: Any, language: str) -> str | None:
    """The words for values that are no national code or number; None for those."""
    if value is None or value == "" or value == []:
        return NOTHING
    if isinstance(value, str) and _ZONED.fullmatch(value):
        return moment(datetime.fromisoformat(value))
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return str(value[language]) if language in value else "; ".join(f"{key}: {inner}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ("、" if language == "zh" else ", ").join(str(inner) for inner in value)
    if column in SAID_BY_CODE and value in VALUES:
        return VALUES[value][_which(language)]
    return str(value) if column in LABELS and not is_money(column) and not isinstance(value, bool | float) else None


def moment(at: datetime) -> str:
    """Chinese wall-clock; a time without a zone is one already."""
    return (at.astimezone(_CHINA) if at.tzinfo else at).strftime("%Y-%m-%d %H:%M:%S")


def _raw(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _which(language: str) -> int:
    return 0 if language == "zh" else 1
