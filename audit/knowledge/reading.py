"""Strict reading of one reviewed CSV table: every fault names the file and the row."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

Value = str | int | float | date

CODE = re.compile(r"X[A-Z0-9]{22}|Z[A-Z0-9]{19}|T[0-9]{9}|00[0-9]{13}")  # drug, Chinese patent drug, herbal piece, service item
DX_PREFIX = re.compile(r"[A-Z][0-9]{2}(\.[0-9A-Zx]{1,3}([0-9x]{1,4})?)?")
OP_PREFIX = re.compile(r"[0-9]{2}(\.[0-9x]{1,5})?")


@dataclass(frozen=True)
class Column:
    """One column of a table: how its text is read, its dtype, and whether it may be empty."""

    name: str
    read: Callable[[str], Value]
    dtype: pl.DataType
    optional: bool = False


def text(name: str, optional: bool = False) -> Column:
    return Column(name, str, pl.String(), optional)


def day(name: str, optional: bool = False) -> Column:
    return Column(name, date.fromisoformat, pl.Date(), optional)


def whole(name: str, optional: bool = False) -> Column:
    return Column(name, int, pl.Int64(), optional)


def number(name: str, optional: bool = False) -> Column:
    return Column(name, float, pl.Float64(), optional)


def choice(name: str, *values: str, optional: bool = False) -> Column:
    def read(value: str) -> str:
        if value not in values:
            raise ValueError(f"is none of {', '.join(values)}")
        return value

    return Column(name, read, pl.String(), optional)


def shaped(name: str, shape: re.Pattern[str], optional: bool = False) -> Column:
    def read(value: str) -> str:
        if not shape.fullmatch(value):
            raise ValueError("is no code of a known shape")
        return value

    return Column(name, read, pl.String(), optional)


def read_table(path: Path, columns: Sequence[Column], faults: list[str]) -> pl.DataFrame:
    """Read a UTF-8 CSV with exactly these columns, in any order, plus `row` (Int64, the line in the file).

    Faults (missing file, unknown or missing column, ragged row, empty or unreadable value, an interval that ends before it
    begins) are appended as sentences; faulty rows are left out, so that one pass finds every fault.
    """
    wanted = {c.name: c for c in columns}
    rows: list[list[Value | None]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            header = next(lines, [])
            if sorted(header) != sorted(wanted):
                unknown, missing = [h for h in header if h not in wanted], [w for w in wanted if w not in header]
                faults.append(f"{path}: row 1: unknown columns {unknown}, missing columns {missing}, or one twice")
                return _frame([], columns)
            for cells in lines:
                row = _row(path, lines.line_num, dict(zip(header, cells, strict=False)), len(cells) - len(header), columns, faults)
                if row is not None:
                    rows.append([*row, lines.line_num])
    except OSError as fault:
        faults.append(f"{path}: cannot be read: {fault.strerror}")
    except (UnicodeDecodeError, csv.Error) as fault:
        faults.append(f"{path}: after row {len(rows) + 1}: {fault}")
    return _frame(rows, columns)


def _frame(rows: list[list[Value | None]], columns: Sequence[Column]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={**{c.name: c.dtype for c in columns}, "row": pl.Int64()}, orient="row")


def _row(
    path: Path, line: int, cells: dict[str, str], surplus: int, columns: Sequence[Column], faults: list[str]
) -> list[Value | None] | None:
    if surplus:
        faults.append(f"{path}: row {line}: {abs(surplus)} cells too {'many' if surplus > 0 else 'few'}")
        return None
    values: dict[str, Value | None] = {}
    for column in columns:
        cell = cells[column.name].strip()
        if not cell:
            if not column.optional:
                faults.append(f"{path}: row {line}: {column.name} is empty")
                return None
            values[column.name] = None
            continue
        try:
            values[column.name] = column.read(cell)
        except ValueError as fault:
            why = str(fault) if str(fault).startswith("is ") else "cannot be read"
            faults.append(f"{path}: row {line}: {column.name} {cell!r} {why}")
            return None
    begins, ends = values.get("valid_from"), values.get("valid_to")
    if isinstance(begins, date) and isinstance(ends, date) and ends < begins:
        faults.append(f"{path}: row {line}: valid_to {ends} lies before valid_from {begins}")
        return None
    return list(values.values())


def write_table(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a UTF-8 CSV, whole or not at all; None becomes an empty cell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(header)
        lines.writerows(["" if v is None else v for v in row] for row in rows)
    draft.replace(path)
