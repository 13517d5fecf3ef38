"""The columns of a reviewed table: how a cell is read, and what an ordinary cell looks like."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from audit.errors import Said
from audit.words import FORMULA, harm

Value = str | int | float | date

CODE = re.compile(r"X[A-Z0-9]{22}|Z[A-Z0-9]{19}|T[0-9]{9}|00[0-9]{13}")  # drug, Chinese patent drug, herbal piece, service item
CLASS = re.compile(r"X[A-Z0-9]{2,22}|Z[A-Z0-9]{2,19}|T[0-9]{1,9}|00[0-9]{2,13}|C[0-9]{2,26}")  # such a code or its beginning
DX_PREFIX = re.compile(r"[A-Z][0-9]{2}(\.[0-9A-Zx]{1,3}([0-9x]{1,4})?)?")
EXEMPTED = re.compile(r"[A-Z]([0-9]([0-9](\.[0-9A-Zx]{1,7})?)?)?|[1-9]")  # the beginning of a diagnosis, or a way of discharge
PROVINCE = re.compile(r"[1-9][0-9]")
OP_PREFIX = re.compile(r"[0-9]{2}(\.[0-9x]{1,5})?")

# Ordinary text is a word, or a sentence: bare, or in quotes with every quote inside doubled. Neither begins with a space, nor holds
# \r, which ends a line, or \x1c-\x1f, which Python strips as spaces and Polars does not; a sentence begins no formula and holds no markup.
_WORD = r'[^\s",\x1c-\x1f]+'
_BARE, _QUOTED = r'(?:[^<",\r\x1c-\x1f]|<[^a-zA-Z/!<",\r\x1c-\x1f])*', r'(?:[^<"\r\x1c-\x1f]|<[^a-zA-Z/!<"\r\x1c-\x1f])*'
_FIRST = rf'[^<\s",\x1c-\x1f{re.escape(FORMULA)}]'
_SENTENCE = f'{_FIRST}{_BARE}|"{_FIRST}{_QUOTED}"(?:"{_QUOTED}")*'


class Unreadable(ValueError):
    """A cell that is no value of its column; `why` goes on after the cell."""

    def __init__(self, zh: str, en: str):
        super().__init__(en)
        self.why = Said(zh, en)


def why(fault: ValueError) -> Said:
    """What is wrong with a cell that `Column.read` refused."""
    return fault.why if isinstance(fault, Unreadable) else Said("无法读取", "cannot be read")


@dataclass(frozen=True)
class Column:
    """One column of a table: how its text is read, its dtype, a pattern of ordinary text, and whether it may be empty.

    `read` decides; `ordinary` is narrower, so that text which fits can be read in bulk without asking `read`.
    """

    name: str
    read: Callable[[str], Value]
    dtype: pl.DataType
    ordinary: str
    optional: bool = False

    @cached_property
    def values(self) -> pl.Expr:
        """The values of ordinary cells, null where empty; a day that no calendar has is an error of Polars."""
        cell = pl.col(self.name)
        if self.dtype == pl.Date:
            return cell.str.to_date("%Y-%m-%d")
        if self.ordinary == _SENTENCE:
            return cell.str.strip_prefix('"').str.strip_suffix('"').str.replace_all('""', '"', literal=True).str.strip_chars_end()
        return cell if self.dtype == pl.String else cell.cast(self.dtype)


def text(name: str, optional: bool = False) -> Column:
    return Column(name, _wording, pl.String(), _SENTENCE, optional)


def _wording(value: str) -> str:
    if harms := harm(value):
        raise Unreadable(f"不是纯文字：{harms.zh}", f"is no plain text: it {harms}")
    return value


def word(name: str, optional: bool = False) -> Column:
    """Text that is usually one word; more words are right too, but read slowly."""
    return Column(name, str, pl.String(), _WORD, optional)


def day(name: str, optional: bool = False) -> Column:
    return Column(name, date.fromisoformat, pl.Date(), "[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}", optional)


def whole(name: str, optional: bool = False) -> Column:
    return Column(name, int, pl.Int64(), "[0-9]{1,18}", optional)


def number(name: str, optional: bool = False) -> Column:
    return Column(name, float, pl.Float64(), r"[0-9]+(?:\.[0-9]+)?", optional)


def choice(name: str, *values: str, optional: bool = False) -> Column:
    def read(value: str) -> str:
        if value not in values:
            listed = ", ".join(values)
            raise Unreadable(f"不在可用值之列（{listed}）", f"is none of {listed}")
        return value

    return Column(name, read, pl.String(), "|".join(map(re.escape, values)), optional)


def shaped(name: str, shape: re.Pattern[str], optional: bool = False) -> Column:
    def read(value: str) -> str:
        if not shape.fullmatch(value):
            raise Unreadable("不是已知格式的编码", "is no code of a known shape")
        return value

    return Column(name, read, pl.String(), shape.pattern, optional)
