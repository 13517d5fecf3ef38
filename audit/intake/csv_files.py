"""A CSV file as a stream of text columns: its encoding found and proven to the last byte, its rows of odd length set aside."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv

from audit.errors import DataError

CHUNK = 1 << 23
_CJK = re.compile("[\u3000-\u9fff\uff00-\uffef]")


def _chunks(path: Path) -> Iterator[bytes]:
    """The file's bytes, unpacked; DataError when it ends too early."""
    unpack: Any = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with unpack(path, "rb") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile, OSError) as fault:
        raise DataError(f"{path.name}: the file is damaged or cut off ({fault}). Deliver it again.") from fault


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _lines(path: Path) -> Iterator[bytes]:
    rest = b""
    for chunk in _chunks(path):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
    yield rest


def find_encoding(path: Path) -> str:
    """'utf8' or 'gb18030', proven over the whole file; DataError when it is neither or a mixture of both.

    UTF-8 text often passes as GB18030 nonsense, so a GB18030 file with a line that is sound UTF-8 Chinese is a mixture.
    """
    if _decodes(path, "utf-8"):
        return "utf8"
    if _decodes(path, "gb18030"):
        for line in _lines(path):
            if line.isascii():
                continue
            try:
                if _CJK.search(line.decode("utf-8")):
                    break
            except UnicodeDecodeError:
                continue
        else:
            return "gb18030"
    raise DataError(f"{path.name}: the text is not of one encoding. Save the whole file as UTF-8 or as GB18030.")


def read_header(path: Path, encoding: str, known: set[str]) -> tuple[list[str], int]:
    """Column names and the number of physical lines before the first row; DataError for no header or a wrong delimiter.

    `known`: names that may be expected, lower case; empty for a layout that only its mapping knows.
    """
    first = b""
    for chunk in _chunks(path):
        first += chunk
        if b"\n" in first.strip() or len(first) > CHUNK:
            break
    text = codecs.getincrementaldecoder("gb18030" if encoding == "gb18030" else "utf-8")().decode(first)
    if not text.strip("\ufeff \r\n\t"):
        raise DataError(f"{path.name}: the file is empty; the first row must hold the column names.")
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    names = next(row for row in reader if any(cell.strip() for cell in row))

    def recognised(cells: list[str]) -> int:
        return len({c.strip(" \t\u3000'\"").lower() for c in cells} & known)

    hits = recognised(names)
    for delimiter, called in (
        (";", "semicolon"),
        ("\t", "tab"),
        ("|", "vertical bar"),
        ("，", "full-width comma"),
        ("^", "caret"),
        (" ", "blank"),
    ):
        if recognised(",".join(names).split(delimiter)) > hits:
            raise DataError(f"{path.name}: the columns are separated by a {called}; the delimiter must be a comma.")
    if known and not hits:
        raise DataError(f"{path.name}: there is no header; the first row must hold the column names, separated by commas.")
    return names, reader.line_num


def survey(path: Path) -> tuple[int, bool]:
    """Number of physical lines, and whether quotation marks stand in pairs."""
    lines = quotes = 0
    last = b"\n"
    for chunk in _chunks(path):
        lines += chunk.count(b"\n")
        quotes += chunk.count(b'"')
        last = chunk[-1:]
    return lines + (last != b"\n"), quotes % 2 == 0


def refuse_open_quote(path: Path, encoding: str) -> None:
    """DataError when a quoted field never ends: everything after it would be swallowed."""
    decoder = codecs.getincrementaldecoder("gb18030" if encoding == "gb18030" else "utf-8")()
    text = (decoder.decode(line + b"\n") for line in _lines(path))
    rows = csv.reader(text, strict=True)
    while True:
        try:
            next(rows)
        except StopIteration:
            return
        except csv.Error as fault:
            if "unexpected end" in str(fault):
                raise DataError(f"{path.name}: a quoted field is never closed, so the file cannot be read to its end.") from fault


def stream(
    path: Path, encoding: str, names: list[str], skip: int, wanted: list[int], ragged: Callable[[str], None]
) -> pa.RecordBatchReader:
    """Record batches of text columns c0, c1 ... (only the positions in `wanted`); odd rows go to `ragged` as they stand."""

    def odd(row: Any) -> str:
        ragged(row.text)
        return "skip"

    labels = [f"c{i}" for i in range(len(names))]
    packed = "gzip" if path.name.lower().endswith(".gz") else None
    return arrow_csv.open_csv(
        pa.input_stream(str(path), compression=packed),
        read_options=arrow_csv.ReadOptions(column_names=labels, skip_rows=skip, encoding=encoding, block_size=CHUNK),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=odd),
        convert_options=arrow_csv.ConvertOptions(
            column_types={label: pa.string() for label in labels},
            include_columns=[f"c{i}" for i in wanted],
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
