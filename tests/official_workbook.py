"""Workbooks in the layout of NHSA's own files, made of nothing but the standard library: title rows, a header on row 4, a total row,
a merged remark, codes on a second sheet that claims 16,384 columns."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

Rows = Sequence[Sequence[object]]


class Formula(str):
    """A cell that holds a formula."""


def write_workbook(path: Path, sheets: dict[str, Rows], claimed: Sequence[str] = (), merged: dict[str, str] | None = None) -> Path:
    """Sheets by name; `claimed` names those that claim 16,384 columns; `merged` says which cells of a sheet are one, as A5:A6."""
    names = list(sheets)
    listed = "".join(f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, start=1))
    places = "".join(f'<Relationship Id="rId{n}" Target="worksheets/sheet{n}.xml"/>' for n in range(1, len(names) + 1))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>')
        packed.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{places}</Relationships>')
        for number, name in enumerate(names, start=1):
            packed.writestr(f"xl/worksheets/sheet{number}.xml", _sheet(sheets[name], name in claimed, (merged or {}).get(name)))
    return path


def official(
    path: Path,
    rule: str,
    header: Sequence[str],
    rows: Rows,
    codes: Rows = (),
    code_header: Sequence[str] = ("药品通用名", "序号", "药品代码"),
) -> Path:
    """One rule type's attachment as published: its title on row 1, notes below, the header on row 4."""
    title = f"“{rule}”规则对应知识点明细"
    last = chr(64 + len(header))
    total, remark = len(rows) + 5, len(rows) + 6
    first = [[title], ["国家医疗保障局"], [], header, *rows, ["合计"], ["备注：知识点依据国家目录梳理，各地可细化。"]]
    sheets: dict[str, Rows] = {"Sheet1": first}
    if codes:
        sheets["Sheet2"] = [code_header, *codes]
    return write_workbook(path, sheets, claimed=("Sheet2",), merged={"Sheet1": f"A1:{last}1 A{remark}:{last}{remark} A{total}:B{total}"})


def _sheet(rows: Rows, claimed: bool, merged: str | None) -> str:
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(_cell(f"{chr(65 + column)}{number}", value) for column, value in enumerate(row) if value is not None)
        wide = f'<c r="XFD{number}" s="0"/>' if claimed else ""
        lines.append(f'<row r="{number}">{cells}{wide}</row>')
    spans = "".join(f'<mergeCell ref="{span}"/>' for span in (merged or "").split())
    extent = f'<dimension ref="A1:XFD{len(rows)}"/>' if claimed else ""
    return f'<worksheet xmlns="{MAIN}">{extent}<sheetData>{"".join(lines)}</sheetData><mergeCells>{spans}</mergeCells></worksheet>'


def _cell(place: str, value: object) -> str:
    if isinstance(value, Formula):
        return f'<c r="{place}"><f>{escape(value)}</f><v>1</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
