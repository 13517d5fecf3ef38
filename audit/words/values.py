"""How a value is said: money in yuan, quantities without idle zeros, codes as words, in Chinese and in English.

A value comes as the text it has in a finding's evidence; what its column is called says what it means.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from audit.tables import NATIONAL_TABLES
from audit.words.codes import CODES
from audit.words.names import NAMES

UNKNOWN = {"zh": "不详", "en": "unknown"}
NOTHING = dict.fromkeys(  # null is an answer here
    (
        "missing_fields", "dx_sex_conflict", "op_sex_conflict", "op_unbilled", "op_unlisted", "markup_line", "unlike_line",
        "companion", "consumable_companion",
    ),
    ("无", "none"),
)  # fmt: skip
UNIT = {"zh": "元", "en": " yuan"}
YES_NO = {"true": ("是", "yes"), "false": ("否", "no")}

_COLUMNS = {column.stored: column.kind for table in NATIONAL_TABLES.values() for column in table.columns}


def say(column: str, value: pl.Expr, language: str) -> pl.Expr:
    """The words for `column`'s value (text, null = unknown), as an expression; never null."""
    kind = _COLUMNS.get(column.removeprefix("claim_"))
    if column in CODES:
        which = 0 if language == "zh" else 1
        words = value.replace({code: names[which] for code, names in CODES[column].items()})
    elif column == "missing_fields":
        called = {field: names[language] for field, names in NAMES.items()}
        words = value.str.split(",").list.eval(pl.element().str.strip_chars().replace(called)).list.join("、" if language == "zh" else ", ")
    elif kind == "fen" or column.endswith(("_fen", "_amt")):
        words = yuan(value.cast(pl.Int64), language)
    elif kind == "pric6" or column.endswith("_e6"):
        words = _scaled(value.cast(pl.Int64), 6, 2) + UNIT[language]
    elif kind == "cnt4" or column.endswith("_e4"):
        words = _scaled(value.cast(pl.Int64), 4, 0)
    elif column.endswith("_share"):
        words = _scaled((value.cast(pl.Float64) * 10_000).round().cast(pl.Int64), 2, 0) + "%"
    else:
        which = 0 if language == "zh" else 1
        plain = value.str.replace(r"^(-?\d+)\.0+$", "$1").str.replace(r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(\.\d+)?)?$", "$1 $2")
        long = plain.str.contains(r"^-?\d+\.\d{5,}$")  # a quotient: four decimals are enough to be read
        plain = pl.when(long).then(plain.cast(pl.Float64, strict=False).round(4).cast(pl.String)).otherwise(plain)
        words = plain.replace({raw: names[which] for raw, names in YES_NO.items()})
    silent = dict(zip(UNKNOWN, NOTHING[column], strict=True)) if column in NOTHING else UNKNOWN
    return words.fill_null(silent[language])


def value(column: str, value: object, language: str) -> str:
    """The words for one value of `column`: text, number, truth or None."""
    return _said(column, None if value is None else str(value).lower() if isinstance(value, bool) else str(value), language)


@lru_cache(maxsize=20_000)
def _said(column: str, text: str | None, language: str) -> str:
    """One value through the expression; kept, because a page says the same few values over and over."""
    return str(pl.select(say(column, pl.lit(text, dtype=pl.String), language)).item())


def yuan(fen: pl.Expr, language: str) -> pl.Expr:
    """Whole fen -> yuan with two decimals and the unit."""
    return _scaled(fen, 2, 2) + UNIT[language]


def _scaled(number: pl.Expr, digits: int, least: int) -> pl.Expr:
    """number / 10^digits written exactly, with at least `least` decimals."""
    part = (number.abs() % 10**digits).cast(pl.String).str.zfill(digits)
    kept = part.str.head(least) + part.str.slice(least).str.strip_chars_end("0")
    sign = pl.when(number < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return sign + (number.abs() // 10**digits).cast(pl.String) + pl.when(kept == "").then(pl.lit("")).otherwise("." + kept)
