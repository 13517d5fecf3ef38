"""An Office Open XML workbook as sheets of text cells, each at its true row and column; whatever is no plain text is a fault.

Read here and not by a library, because the row of every fault must be right, a formula must be seen as one (libraries hand out the
figure it had when it was saved), and a sheet that claims 16,384 columns must cost no more than the cells it holds.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from audit.errors import Said
from audit.knowledge.batches.faults import CHECK_PATH, DOWNLOAD, Faults

_MOST_BYTES = 500_000_000  # the largest official workbook unpacks to 5 MB
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
SCRIPT = re.compile(r"^[=+@]|<\s*script|javascript:", re.IGNORECASE)
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_SEEN_AS_BLANK = "\ufeff\u200b\u3000\xa0"


@dataclass(frozen=True)
class Sheet:
    """cells: row (from 1) -> column (from 1) -> text, without blanks around it; empty cells are absent."""

    file: Path
    name: str
    cells: dict[int, dict[int, str]]


def read_workbook(path: Path, faults: Faults) -> list[Sheet]:
    """Every sheet of an xlsx; faults name file, sheet, row and remedy."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
        if start.startswith(_OLD_OFFICE):
            protected = _ENCRYPTED in path.read_bytes()
            what = Said("设有密码", "is protected by a password") if protected else Said("是旧版 .xls", "is an old .xls")
            faults.add(path, what, Said("请打开后另存为 .xlsx，不设密码", "Open it and save it as .xlsx, without password"))
            return []
        with zipfile.ZipFile(path) as packed:
            return _sheets(path, packed, faults)
    except OSError as fault:
        faults.add(path, Said(f"无法打开（{fault.strerror}）", f"cannot be opened ({fault.strerror})"), CHECK_PATH)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        ElementTree.ParseError,
        RuntimeError,
        ValueError,
        IndexError,
        OverflowError,
    ):
        remedy = Said("请重新下载，或打开后另存为 .xlsx", "Download it again, or open it and save it as .xlsx")
        faults.add(path, Said("不是完整的 .xlsx 工作簿", "is no whole .xlsx workbook"), remedy)
    return []


def _sheets(path: Path, packed: zipfile.ZipFile, faults: Faults) -> list[Sheet]:
    if sum(member.file_size for member in packed.infolist()) > _MOST_BYTES:
        faults.add(path, Said("解压后超过 500 MB，任何批次都没有这么大", "unpacks to more than 500 MB, which no batch does"), DOWNLOAD)
        return []
    if any("vbaProject" in name for name in packed.namelist()):
        faults.add(path, Said("含有宏", "holds macros"), Said("请另存为不含宏的 .xlsx", "Save it as .xlsx, which cannot hold any"))
        return []
    shared = _shared(packed) if "xl/sharedStrings.xml" in packed.namelist() else []
    places = {item.get("Id"): item.get("Target", "") for item in _parsed(packed, "xl/_rels/workbook.xml.rels")}
    sheets = []
    for item in _parsed(packed, "xl/workbook.xml").iter():
        if _tag(item) == "sheet":
            place = places[next((value for key, value in item.attrib.items() if key.endswith("}id")), "")]
            member = place.lstrip("/") if place.startswith("/") else str(PurePosixPath("xl") / place)
            sheets.append(_sheet(path, item.get("name", ""), _parsed(packed, member), shared, faults))
    return sheets


def _parsed(packed: zipfile.ZipFile, member: str) -> ElementTree.Element:
    data = packed.read(member)
    if b"<!DOCTYPE" in data:
        raise ValueError("an entity, which no spreadsheet writes")
    return ElementTree.fromstring(data)


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _shared(packed: zipfile.ZipFile) -> list[str]:
    return [_plain(item) for item in _parsed(packed, "xl/sharedStrings.xml")]


def _plain(item: ElementTree.Element) -> str:
    """The text of a cell or string, its coloured runs joined, the reading aids left out."""
    parts = []
    for child in item:
        if _tag(child) == "t":
            parts.append(child.text or "")
        elif _tag(child) in ("r", "is"):
            parts.append(_plain(child))
    return "".join(parts)


def _sheet(path: Path, name: str, root: ElementTree.Element, shared: list[str], faults: Faults) -> Sheet:
    cells: dict[int, dict[int, str]] = {}
    for row, column, cell in _placed(root):
        kind = cell.get("t", "n")
        of = {_tag(child): child for child in cell}
        if "f" in of:
            faults.add(path, Said("单元格含有公式", "a cell holds a formula"), Said("请粘贴为数值", "Paste the sheet as values"), name, row)
            continue
        text = _text(kind, cell, (of["v"].text or "") if "v" in of else "", shared)
        text = text.replace("\r", "").replace("\n", "").replace("_x000D_", "").strip().strip(_SEEN_AS_BLANK).strip()
        if kind == "e":
            what = Said(f"单元格为错误值 {text}", f"a cell holds the error {text}")
            faults.add(path, what, Said("请改正该单元格", "Correct the cell"), name, row)
        elif SCRIPT.search(text):
            what = Said(f"单元格 {text[:30]!r} 含有公式或脚本", f"the cell {text[:30]!r} holds a formula or a script")
            faults.add(path, what, Said("请清空该单元格，或写成纯文字", "Clear the cell, or write it as plain text"), name, row)
        elif text:
            cells.setdefault(row, {})[column] = text
    for item in root.iter():
        if _tag(item) == "mergeCell":
            _fill(cells, item.get("ref", ""))
    return Sheet(path, name, cells)


def _text(kind: str, cell: ElementTree.Element, value: str, shared: list[str]) -> str:
    if kind == "inlineStr":
        return _plain(cell)
    if kind == "s" and value:
        return shared[int(value)]
    return _figure(value) if kind == "n" else value


def _placed(root: ElementTree.Element) -> Iterator[tuple[int, int, ElementTree.Element]]:
    """Every cell with its row and column; where a file leaves references out, cells follow each other."""
    row = 0
    for line in (item for item in root.iter() if _tag(item) == "row"):
        row, column = int(line.get("r", row + 1)), 0
        for cell in line:
            found = _REFERENCE.fullmatch(cell.get("r", ""))
            column = _number(found[1]) if found else column + 1
            yield row, column, cell


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _figure(value: str) -> str:
    """A number as one writes it: 14, not 14.0 or 1.4E1."""
    if not value:
        return ""
    number = float(value)
    return str(int(number)) if number.is_integer() else str(number)


def _fill(cells: dict[int, dict[int, str]], reference: str) -> None:
    """A cell merged downwards speaks for every row it covers."""
    corners = [_REFERENCE.fullmatch(corner) for corner in reference.split(":")]
    if len(corners) != 2 or not corners[0] or not corners[1] or corners[0][1] != corners[1][1]:
        return
    column, first, last = _number(corners[0][1]), int(corners[0][2]), int(corners[1][2])
    if text := cells.get(first, {}).get(column):
        for row in (r for r in cells if first < r <= last):
            cells[row].setdefault(column, text)
