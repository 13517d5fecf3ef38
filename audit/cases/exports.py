"""Any table as a file to take away: CSV and XLSX for people (titles, yuan, Chinese wall-clock), Parquet for machines (as stored, in fen).

A text that a spreadsheet would run as a formula gets an apostrophe in front in CSV; in XLSX text is stored as text, so codes keep their
zeros and nothing is run. The same table gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

import polars as pl
import xlsxwriter

from audit.cases.refused import Unfit
from audit.words import FORMULA

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}  # kind -> media type; the kind is the file's ending too
MOST_ROWS, MOST_COLUMNS, MOST_LETTERS = 1_048_576, 16_384, 32_767  # an Excel sheet's; the title row counts
_EXACT = 2**53  # a spreadsheet keeps numbers as floats
_RUNS = rf"^\s*[{re.escape(FORMULA)}]|^[\t\r\n]"  # OWASP's list, its full-width forms, and blanks before them
_FORMATS = {"yuan": "#,##0.00", "day": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm:ss"}
_CREATED = datetime(2000, 1, 1)  # the clock stays out of the bytes
_ZONE = "Asia/Shanghai"


def export(frame: pl.DataFrame, titles: Mapping[str, str], kind: str, money: Collection[str] = ()) -> bytes:
    """The columns of `frame` that `titles` names (column -> what people call it), in its order, as a file of `kind`.

    `money`: columns in fen, shown as yuan with two decimals in CSV and XLSX. Zoned times become Chinese wall-clock there; lists are joined.
    Unfit for an unknown kind, or a table that a sheet cannot hold.
    """
    if kind not in KINDS:
        raise Unfit(
            f"没有“{kind}”这种导出格式，请选择{'、'.join(KINDS)}。", f"'{kind}' is not a kind of export; choose {', '.join(KINDS)}."
        )
    if missing := [column for column in (*titles, *money) if column not in frame.columns]:
        raise ValueError(f"the table has no column {', '.join(missing)}")
    if twice := sorted({title for title in titles.values() if list(titles.values()).count(title) > 1}):
        raise ValueError(f"two columns are called {', '.join(twice)}")
    chosen = frame.select(list(titles))
    if kind == "parquet":
        file = io.BytesIO()
        chosen.write_parquet(file)
        return file.getvalue()
    shown = chosen.with_columns(_shown(chosen))
    return _csv(shown, titles, money) if kind == "csv" else _xlsx(shown, titles, money)


def _shown(frame: pl.DataFrame) -> list[pl.Expr]:
    """What cells cannot hold, as something they can."""
    made = []
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if isinstance(dtype, pl.Datetime):
            made.append(column.dt.convert_time_zone(_ZONE).dt.replace_time_zone(None) if dtype.time_zone else column)
        elif dtype.is_float():
            made.append(pl.when(column.is_finite()).then(column))  # what is no number is an empty cell
        elif isinstance(dtype, pl.List):
            made.append(column.cast(pl.List(pl.String)).list.join("; "))
        elif isinstance(dtype, pl.Struct):
            made.append(column.struct.json_encode())
        elif isinstance(dtype, pl.Categorical | pl.Enum | pl.Time | pl.Duration):
            made.append(column.cast(pl.String))
    return made


def _csv(frame: pl.DataFrame, titles: Mapping[str, str], money: Collection[str]) -> bytes:
    """UTF-8 with a byte order mark, without which Excel reads Chinese wrongly; lines end as RFC 4180 has it."""
    cells = []
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if name in money:
            fen = column.abs().cast(pl.String).str.zfill(3)
            sign = pl.when(column < 0).then(pl.lit("-")).otherwise(pl.lit(""))
            cells.append((sign + fen.str.head(-2) + "." + fen.str.tail(2)).alias(name))
        elif dtype == pl.String:
            cells.append(pl.when(column.str.contains(_RUNS)).then("'" + column).otherwise(column).alias(name))
        elif isinstance(dtype, pl.Datetime):
            cells.append(column.dt.to_string("%Y-%m-%d %H:%M:%S"))
    heads = {name: "'" + title if re.search(_RUNS, title) else title for name, title in titles.items()}
    file = io.BytesIO()
    frame.with_columns(cells).rename(heads).write_csv(file, include_bom=True, line_terminator="\r\n", quote_style="necessary")
    return file.getvalue()


def _xlsx(frame: pl.DataFrame, titles: Mapping[str, str], money: Collection[str]) -> bytes:
    if len(frame) >= MOST_ROWS or len(titles) > MOST_COLUMNS:
        raise Unfit(
            f"XLSX工作表最多{MOST_ROWS - 1:,}行、{MOST_COLUMNS:,}列，本表有{len(frame):,}行、{len(titles):,}列；"
            "请缩小筛选范围，或改用CSV、Parquet。",
            f"An XLSX sheet holds {MOST_ROWS - 1:,} rows and {MOST_COLUMNS:,} columns, but this table has {len(frame):,} and "
            f"{len(titles):,}; narrow the filter, or take CSV or Parquet.",
        )
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": _CREATED})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    formats = {name: book.add_format({"num_format": form}) for name, form in _FORMATS.items()}
    sheet.freeze_panes(1, 0)
    for place, (name, title) in enumerate(titles.items()):
        _text(sheet, 0, place, title, bold)
        write = _writer(sheet, frame.schema[name], name in money, formats)
        for row, value in enumerate(frame[name], start=1):
            if value is not None:
                write(row, place, value)
    book.close()
    return file.getvalue()


def _writer(sheet: Any, dtype: pl.DataType, fen: bool, formats: Mapping[str, Any]) -> Callable[[int, int, Any], object]:
    """How a value of a column is put into its cell."""
    if fen:
        return lambda row, place, value: (
            sheet.write_number(row, place, value / 100, formats["yuan"])
            if abs(value) < _EXACT
            else sheet.write_string(row, place, f"{'-' * (value < 0)}{abs(value) // 100}.{abs(value) % 100:02d}")
        )
    if dtype == pl.Boolean:
        return sheet.write_boolean
    if dtype.is_temporal():
        form = formats["day" if dtype == pl.Date else "moment"]
        return lambda row, place, value: (
            sheet.write_datetime(row, place, value, form) if value.year >= 1900 else sheet.write_string(row, place, str(value))
        )
    if dtype.is_numeric():
        return lambda row, place, value: (
            sheet.write_number(row, place, value) if abs(value) < _EXACT else sheet.write_string(row, place, str(value))
        )
    return lambda row, place, value: _text(sheet, row, place, str(value))


def _text(sheet: Any, row: int, place: int, value: str, form: Any = None) -> None:
    if len(value) > MOST_LETTERS:
        raise Unfit(
            f"第{row}行的文本有{len(value):,}个字符，而XLSX单元格最多{MOST_LETTERS:,}个；请改用CSV或Parquet。",
            f"Row {row} has a text of {len(value):,} characters, but a cell of XLSX holds {MOST_LETTERS:,}; take CSV or Parquet instead.",
        )
    sheet.write_string(row, place, value, form)
