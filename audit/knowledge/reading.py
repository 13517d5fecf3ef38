"""Strict reading of reviewed CSV tables: every fault names the file and the row.

A table in order is read by columns: one pattern says what its lines look like, and lines that fit it are split, typed and proven
at once. A table with anything else in it is read again row by row, to say what is wrong and where, or that it is only unusual (a
line break inside quotes, a date without dashes).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from audit.errors import Fault
from audit.knowledge.columns import Column, Value, why


def read_all(wanted: Mapping[Path, Sequence[Column]], faults: list[Fault]) -> dict[Path, pl.DataFrame]:
    """Read UTF-8 CSVs with exactly the columns wanted, in any order, plus `row` (Int64, the line in the file).

    Faults (missing file, unknown or missing column, ragged row, empty or unreadable value, an interval that ends before it
    begins) are appended; faulty rows are left out, so that one pass finds every fault.
    """
    plans = {path: plan for path, columns in wanted.items() if (plan := _by_columns(path, columns)) is not None}
    try:
        tables = dict(zip(plans, pl.collect_all(plans.values()), strict=True))
    except pl.exceptions.PolarsError:  # one of them is no UTF-8, or names a February 30th
        tables = {}
    return {
        path: tables[path] if path in tables and _in_order(tables[path], columns) else _by_rows(path, columns, faults)
        for path, columns in wanted.items()
    }


def _by_columns(path: Path, columns: Sequence[Column]) -> pl.LazyFrame | None:
    """The table, all null in a row that is not ordinary; None where the header is not."""
    named = {c.name: c for c in columns}
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            header = file.readline().rstrip("\r\n").split(",")
    except (OSError, UnicodeDecodeError):
        return None
    if sorted(header) != sorted(named):
        return None
    pattern = ",".join(f"(?<{name}>{named[name].ordinary})" + "?" * named[name].optional for name in header)
    # read as one cell per line: a line that holds this separator is not ordinary anyway
    lines = pl.scan_csv(
        path, has_header=False, schema={"line": pl.String()}, separator="\x1f", quote_char=None, glob=False, row_index_name="row",
        row_index_offset=1,
    )  # fmt: skip
    cells = lines.slice(1).select(pl.col("line").str.extract_groups(f"^{pattern}$"), pl.col("row").cast(pl.Int64)).unnest("line")
    return cells.select(*(c.values for c in columns), "row")


def _in_order(table: pl.DataFrame, columns: Sequence[Column]) -> bool:
    if any(table[c.name].null_count() for c in columns if not c.optional):
        return False
    return "valid_to" not in table.columns or not (table["valid_to"] < table["valid_from"]).any()


def _by_rows(path: Path, columns: Sequence[Column], faults: list[Fault]) -> pl.DataFrame:
    wanted = {c.name: c for c in columns}
    rows: list[list[Value | None]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            header = next(lines, [])
            if sorted(header) != sorted(wanted):
                unknown, missing = [h for h in header if h not in wanted], [w for w in wanted if w not in header]
                en = f"unknown columns {unknown}, missing columns {missing}, or one twice"
                faults.append(Fault(f"未知的列 {unknown}，缺少的列 {missing}，或某列重复", en, path, row=1))
                return _frame([], columns)
            for cells in lines:
                row = _row(path, lines.line_num, dict(zip(header, cells, strict=False)), len(cells) - len(header), columns, faults)
                if row is not None:
                    rows.append([*row, lines.line_num])
    except OSError as fault:
        faults.append(Fault(f"无法读取：{fault.strerror}", f"cannot be read: {fault.strerror}", path))
    except (UnicodeDecodeError, csv.Error) as fault:
        faults.append(Fault(f"第 {len(rows) + 1} 行之后：{fault}", f"after row {len(rows) + 1}: {fault}", path))
    return _frame(rows, columns)


def _frame(rows: list[list[Value | None]], columns: Sequence[Column]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={**{c.name: c.dtype for c in columns}, "row": pl.Int64()}, orient="row")


def _row(
    path: Path, line: int, cells: dict[str, str], surplus: int, columns: Sequence[Column], faults: list[Fault]
) -> list[Value | None] | None:
    if surplus:
        more = surplus > 0
        en = f"{abs(surplus)} cells too {'many' if more else 'few'}"
        faults.append(Fault(f"{'多' if more else '少'}了 {abs(surplus)} 格", en, path, row=line))
        return None
    values: dict[str, Value | None] = {}
    for column in columns:
        cell = cells[column.name].strip()
        if not cell:
            if not column.optional:
                faults.append(Fault(f"{column.name} 为空", f"{column.name} is empty", path, row=line))
                return None
            values[column.name] = None
            continue
        try:
            values[column.name] = column.read(cell)
        except ValueError as fault:
            told = why(fault)
            faults.append(Fault(f"{column.name} 的值 {cell!r} {told.zh}", f"{column.name} {cell!r} {told}", path, row=line))
            return None
    begins, ends = values.get("valid_from"), values.get("valid_to")
    if isinstance(begins, date) and isinstance(ends, date) and ends < begins:
        zh, en = f"valid_to {ends} 早于 valid_from {begins}", f"valid_to {ends} lies before valid_from {begins}"
        faults.append(Fault(zh, en, path, row=line))
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
