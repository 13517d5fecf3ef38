"""Finds what a sheet of an official batch holds: the title above, the header on whatever row it stands, the rows of data below.

Total rows, remarks and empty rows are no data. A sheet is a list (a row names an item and what holds for it) or carries codes (a row
names an item and its codes), or both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from audit.errors import Said
from audit.knowledge.batches.faults import Faults
from audit.knowledge.batches.types import CONSUMABLE, DRUG, SERVICE
from audit.knowledge.batches.workbook import Sheet
from audit.knowledge.columns import CODE
from audit.knowledge.wording import plain

_DRUG_NAMES = ("药品通用名", "药品名称", "通用名", "中药饮片名称", "饮片名称")
_SERVICE_NAMES = ("项目名称", "医疗服务项目名称")
_CONSUMABLE_NAMES = ("耗材名称", "医用耗材名称")
NAMES = {  # header of an item's name -> what kind of item it is
    **dict.fromkeys(_DRUG_NAMES, DRUG),
    **dict.fromkeys(_SERVICE_NAMES, SERVICE),
    **dict.fromkeys(_CONSUMABLE_NAMES, CONSUMABLE),
    "名称": "",
}
CODES = (
    "药品代码", "药品编码", "国标代码", "项目编码", "项目代码", "饮片代码", "饮片编码", "中药饮片代码", "耗材代码", "耗材编码",
    "医用耗材代码", "医保代码", "国家医保代码", "医保药品代码", "医保编码", "国家代码", "代码", "编码",
)  # fmt: skip
CLAUSES = ("逻辑依据", "药品说明", "项目说明", "耗材说明", "限定支付范围", "依据", "说明", "备注")
TESTS = ("检出逻辑",)
KINDS = ("限定类型",)
BEGINS, ENDS = ("生效日期", "执行日期", "开始日期"), ("失效日期", "停用日期", "结束日期")
PAIR = ("主项名称", "主项编码", "从项名称", "从项编码")
_HEADERS = ", ".join([*NAMES, PAIR[0]])
_HEADER_REMEDY = Said(
    f"请在数据上方加一行列名，其中须有 {_HEADERS} 之一",
    f"Put a row with the names of the columns above the data; one of them must be {_HEADERS}",
)
_HEADERS_WITHIN = 20  # rows
_NO_DATA = re.compile(r"合计|总计|小计|共计|备注|注[:：]|说明[:：]")


@dataclass(frozen=True)
class Row:
    """said: header -> text of one row; spare: the texts under no header (further codes of a row)."""

    number: int
    said: dict[str, str]
    spare: tuple[str, ...] = ()

    def first(self, *headers: str) -> str:
        """The first of these columns that says something, else nothing."""
        return next((self.said[header] for header in headers if self.said.get(header)), "")


@dataclass(frozen=True)
class Listing:
    """One sheet that holds a list, codes, or both; title: the sheet's name and what stands above its header."""

    file: Path
    sheet: str
    title: str
    headers: tuple[str, ...]
    rows: list[Row] = field(repr=False)

    @property
    def name_header(self) -> str:
        return next((header for header in self.headers if header in NAMES), "")

    @property
    def has_codes(self) -> bool:
        return set(PAIR) <= set(self.headers) or any(header in CODES for header in self.headers)


def listings(sheets: list[Sheet], faults: Faults) -> list[Listing]:
    """The sheets that have a header. Codes without a header are a fault, and so is a workbook without any; a page of remarks is not."""
    found = [listing for sheet in sheets if (listing := _listing(sheet, faults))]
    if sheets and not found and not faults.told:
        faults.add(sheets[0].file, Said("没有任何工作表含有表头", "no row of any sheet is a header"), _HEADER_REMEDY)
    return found


def _listing(sheet: Sheet, faults: Faults) -> Listing | None:
    above: list[str] = []
    for number in sorted(sheet.cells)[:_HEADERS_WITHIN]:
        header = {column: plain(text) for column, text in sheet.cells[number].items()}
        named = [text for text in header.values() if text in NAMES or text in PAIR]
        if named and len(header) > 1:
            twice = sorted({text for text in header.values() if list(header.values()).count(text) > 1})
            if twice:
                what = Said(f"表头中 {', '.join(twice)} 出现两次", f"the header names {', '.join(twice)} twice")
                faults.add(sheet.file, what, Said("请改其中一列的列名", "Rename one of the columns"), sheet.name, number)
                return None
            rows = [_row(below, header, sheet.cells[below]) for below in sorted(sheet.cells) if below > number]
            kept = [row for row in rows if _is_data(row)]
            return Listing(sheet.file, sheet.name, " ".join([sheet.name, *above]), tuple(header.values()), kept)
        above += sheet.cells[number].values()
    coded = next((row for row, cells in sorted(sheet.cells.items()) if any(CODE.fullmatch(text) for text in cells.values())), None)
    if coded:
        what = Said("编码从此处开始，但上方没有表头", "codes begin here, but no row above is a header")
        faults.add(sheet.file, what, _HEADER_REMEDY, sheet.name, coded)
    return None


def _row(number: int, header: dict[int, str], cells: dict[int, str]) -> Row:
    said = {header[column]: text for column, text in cells.items() if column in header}
    return Row(number, said, tuple(text for column, text in cells.items() if column not in header))


def _is_data(row: Row) -> bool:
    first = next(iter(row.said.values()), "")
    return bool(first) and not _NO_DATA.match(plain(first))
