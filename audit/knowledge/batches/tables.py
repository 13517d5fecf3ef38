"""The tables of points and codes as text rows: read as they are, changed by an import, written so that untouched rows keep their words."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from audit.knowledge.points import PAIR_RULE, PARAMETERS, POINT
from audit.knowledge.reading import write_table

TableRow = dict[str, str]


@dataclass
class TypeTable:
    """What one rule type's tables hold: point_id -> row, point_id -> codes (empty for pairs, which carry theirs in the row)."""

    rule_no: int
    header: list[str]
    in_order: bool = True
    rows: dict[str, TableRow] = field(default_factory=dict)
    codes: dict[str, list[str]] = field(default_factory=dict)

    def codes_of(self, point_id: str) -> tuple[str, ...]:
        row = self.rows[point_id]
        return (row["main_code"], row["part_code"]) if self.rule_no == PAIR_RULE else tuple(self.codes.get(point_id, ()))

    def write(self, tables: Path) -> None:
        """Both files, by id where they were in that order; else new rows come last."""
        ids = sorted(self.rows) if self.in_order else list(self.rows)
        write_table(_path(tables, "points", self.rule_no), self.header, [[self.rows[i].get(c, "") for c in self.header] for i in ids])
        if self.rule_no != PAIR_RULE:
            coded = [(i, code) for i in ids for code in self.codes.get(i, ())]
            write_table(_path(tables, "codes", self.rule_no), ["point_id", "code"], coded)

    def put(self, row: TableRow, codes: tuple[str, ...]) -> None:
        self.rows[row["point_id"]] = row
        if self.rule_no != PAIR_RULE:
            self.codes[row["point_id"]] = sorted(codes)


def read_types(tables: Path, rules: Collection[int]) -> dict[int, TypeTable]:
    """Those of these rule types that have a table of points."""
    return {rule: _read(tables, rule) for rule in sorted(rules) if rule in PARAMETERS and _path(tables, "points", rule).exists()}


def known_issues(tables: Path) -> dict[int, date]:
    """Batch number -> day of publication, of every batch in the tables."""
    issue = [pl.col("batch").cast(pl.Int64), pl.col("published").str.to_date()]
    each = [pl.scan_csv(path, infer_schema=False).select(issue).drop_nulls().unique() for path in sorted((tables / "points").glob("*.csv"))]
    return dict(pl.concat(each).sort("published").collect().rows()) if each else {}


def new_type(rule: int) -> TypeTable:
    return TypeTable(rule, [column.name for column in (*POINT, *PARAMETERS[rule])])


def _read(tables: Path, rule: int) -> TypeTable:
    header, rows = _cells(_path(tables, "points", rule))
    ids = [row["point_id"] for row in rows]
    table = TypeTable(rule, header, ids == sorted(ids), dict(zip(ids, rows, strict=True)))
    if rule != PAIR_RULE:
        for row in _cells(_path(tables, "codes", rule))[1]:
            table.codes.setdefault(row["point_id"], []).append(row["code"])
    return table


def _cells(path: Path) -> tuple[list[str], list[TableRow]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        header = next(lines)
        return header, [dict(zip(header, (cell.strip() for cell in cells), strict=True)) for cells in lines]


def _path(tables: Path, kind: str, rule: int) -> Path:
    return tables / kind / f"{rule:02d}.csv"
