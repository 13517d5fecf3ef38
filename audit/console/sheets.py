"""A table said once: the page draws it, an export writes it and the API answers with it, so that all three are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl
from fastapi.responses import Response
from pydantic import BaseModel, Field

from audit.console.export import exported
from audit.console.here import Here

UNITS: dict[str, pl.DataType] = {
    "text": pl.String(), "code": pl.String(), "fen": pl.Int64(), "count": pl.Int64(), "more": pl.Int64(), "more_fen": pl.Int64(),
    "share": pl.Float64(), "number": pl.Float64(), "index": pl.Float64(), "flag": pl.Boolean(), "held": pl.Boolean(), "day": pl.Date(),
    "moment": pl.Datetime("us", "UTC"),
}  # fmt: skip
_MONEY = ("fen", "more_fen")


@dataclass(frozen=True)
class Column:
    """What is in it, what people call it, and its unit: one of UNITS."""

    name: str
    zh: str
    en: str
    unit: str = "count"


@dataclass(frozen=True)
class Sheet:
    """A table with what it is called and what one must know to read it. `bar`: the column drawn as bars beside its numbers; `links`:
    column -> beginning of the address that its values lead to."""

    name: str
    zh: str
    en: str
    columns: Sequence[Column]
    rows: Sequence[dict[str, Any]]
    note_zh: str = ""
    note_en: str = ""
    bar: str = ""

    @property
    def most(self) -> int:
        """The largest value of the bars."""
        return max((row[self.bar] or 0 for row in self.rows), default=0) if self.bar else 0

    def titles(self, here: Here) -> dict[str, str]:
        return {column.name: here.say(column.zh, column.en) for column in self.columns}

    @property
    def frame(self) -> pl.DataFrame:
        schema = {column.name: UNITS[column.unit] for column in self.columns}
        return pl.DataFrame([[row[name] for name in schema] for row in self.rows], schema=schema, orient="row")

    def part(self, after: int, most: int) -> Sheet:
        """Some of its rows, for a page."""
        return replace(self, rows=self.rows[after : after + most])

    def exported(self, here: Here, kind: str) -> Response:
        money = [column.name for column in self.columns if column.unit in _MONEY]
        return exported(here, self.name, self.frame, self.titles(here), kind, money)

    def told(self, after: int = 0, most: int | None = None) -> SheetOut:
        """The same for a program: rows from `after` on, at most `most`."""
        names = [column.name for column in self.columns]
        some = self.rows[after:] if most is None else self.rows[after : after + most]
        rest = after + len(some) < len(self.rows)
        return SheetOut(
            name=self.name,
            zh=self.zh,
            en=self.en,
            note_zh=self.note_zh,
            note_en=self.note_en,
            columns=[ColumnOut(name=one.name, zh=one.zh, en=one.en, unit=one.unit) for one in self.columns],
            rows=[{name: row[name] for name in names} for row in some],
            total=len(self.rows),
            next=after + len(some) if rest else None,
        )


class ColumnOut(BaseModel):
    """A column of a table; money is in fen, a share between 0 and 1."""

    name: str
    zh: str
    en: str
    unit: str = Field(description=", ".join(UNITS))


class SheetOut(BaseModel):
    """A table as a page shows it."""

    name: str
    zh: str
    en: str
    note_zh: str
    note_en: str
    columns: list[ColumnOut]
    rows: list[dict[str, str | int | float | bool | date | datetime | None]]
    total: int = Field(description="rows in all")
    next: int | None = Field(description="ask with after=this for the rows that follow")
