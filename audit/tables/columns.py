"""What a column and a table are, and how a table is listed."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

DTYPES: dict[str, pl.DataType] = {
    "code": pl.String(),
    "text": pl.String(),
    "fen": pl.Int64(),
    "cnt4": pl.Int64(),
    "pric6": pl.Int64(),
    "whole": pl.Int64(),
    "date": pl.Date(),
    "time": pl.Datetime("us"),
}


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    required: bool
    meaning: str
    personal: bool = False

    @property
    def stored(self) -> str:
        """The column's name once typed: quantities and prices carry their scale."""
        return self.name + {"cnt4": "_e4", "pric6": "_e6"}.get(self.kind, "")


@dataclass(frozen=True)
class Table:
    name: str
    grain: str
    key: str | None
    optional: bool
    columns: tuple[Column, ...]

    @property
    def required(self) -> list[str]:
        return [c.name for c in self.columns if c.required]

    @property
    def personal(self) -> list[str]:
        return [c.name for c in self.columns if c.personal]

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Stored column name -> dtype."""
        return {c.stored: DTYPES[c.kind] for c in self.columns}


def table(name: str, grain: str, key: str | None, listing: str, optional: bool = False) -> Table:
    """A table from its listing: a column, its kind and its meaning a line."""
    columns = []
    for line in listing.strip().splitlines():
        column, kind, meaning = line.split(maxsplit=2)
        columns.append(Column(column, kind.rstrip("*!"), kind.endswith("*"), meaning, kind.endswith("!")))
    return Table(name, grain, key, optional, tuple(columns))
