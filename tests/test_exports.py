"""Exports: what a spreadsheet reads back is what the table held, nothing runs, and the same table gives the same bytes."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime

import polars as pl
import pytest

from audit.cases import exports
from audit.cases.exports import export
from audit.cases.refused import Refused

HARMFUL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", '=HYPERLINK("http://x","y")']
HARMLESS = ["王小明", "0012345", "1-2", "a=b", 'say "x"', "a,b\r\nc", "", None]
TABLE = pl.DataFrame(
    {
        "setl_id": [*HARMFUL, *HARMLESS],
        "vola_amt": [1, -1, -123456, 0, None, 10**16 + 1, *[100] * 12],
        "day": [date(2026, 2, 28), date(1850, 1, 1)] * 9,
        "at": [datetime(2026, 1, 1, 16, 30, tzinfo=UTC)] * 18,
        "share": [0.5, float("nan"), float("inf"), None, 2.0, -1.5] * 3,
        "definite": [True, False, None] * 6,
        "kinds": [["pdf", "png"], []] * 9,
    },
    schema_overrides={"vola_amt": pl.Int64},
)
TITLES = {"setl_id": "结算编号", "vola_amt": "违规金额", "day": "日期", "at": "时间", "share": "比例", "definite": "=明确", "kinds": "种类"}


def test_csv_opens_in_a_spreadsheet_and_runs_nothing():
    written = export(TABLE, TITLES, "csv", ["vola_amt"])
    assert written.startswith("\ufeff".encode()) and b"\r\n" in written
    head, *rows = csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""))
    assert head == [*list(TITLES.values())[:5], "'=明确", "种类"]
    assert [row[0] for row in rows] == ["'" + text for text in HARMFUL] + [text or "" for text in HARMLESS]
    assert [row[1] for row in rows[:6]] == ["0.01", "-0.01", "-1234.56", "0.00", "", "100000000000000.01"]
    assert rows[0][2:] == ["2026-02-28", "2026-01-02 00:30:00", "0.5", "true", "pdf; png"]  # half past four at Greenwich
    assert [row[4] for row in rows[:6]] == ["0.5", "", "", "", "2.0", "-1.5"]


def test_xlsx_keeps_types_and_holds_no_formula():
    written = export(TABLE, TITLES, "xlsx", ["vola_amt"])
    back = pl.read_excel(io.BytesIO(written), infer_schema_length=0, raise_if_empty=False)
    assert back.columns == list(TITLES.values())
    assert [text or "" for text in back["结算编号"]] == [text or "" for text in [*HARMFUL, *HARMLESS]]
    sheet = zipfile.ZipFile(io.BytesIO(written)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "<hyperlink" not in sheet
    plain = TABLE.filter(pl.col("vola_amt").is_between(-(10**9), 10**9), pl.col("day").dt.year() > 1900)
    typed = pl.read_excel(io.BytesIO(export(plain, TITLES, "xlsx", ["vola_amt"])))
    assert typed["违规金额"].to_list() == [fen / 100 for fen in plain["vola_amt"]]
    assert typed.schema["日期"] == pl.Date and typed["时间"][0] == datetime(2026, 1, 2, 0, 30)


def test_parquet_is_for_machines():
    back = pl.read_parquet(export(TABLE, TITLES, "parquet", ["vola_amt"]))
    assert back.equals(TABLE) and back.schema == TABLE.schema


def test_the_same_table_gives_the_same_bytes_and_no_clock_is_in_them():
    first = {kind: export(TABLE, TITLES, kind, ["vola_amt"]) for kind in exports.KINDS}
    assert first == {kind: export(TABLE, TITLES, kind, ["vola_amt"]) for kind in exports.KINDS}
    book = zipfile.ZipFile(io.BytesIO(first["xlsx"]))
    assert {member.date_time[0] for member in book.infolist()} == {1980} and b"2000-01-01T" in book.read("docProps/core.xml")
    assert str(datetime.now(UTC).year).encode() not in book.read("docProps/core.xml")


def test_only_named_columns_leave_in_their_order():
    assert export(TABLE.head(1), {"day": "b", "setl_id": "a"}, "csv").decode("utf-8-sig") == "b,a\r\n2026-02-28,'=1+1\r\n"
    assert export(TABLE.head(0), {"day": "b"}, "csv").decode("utf-8-sig") == "b\r\n"


@pytest.mark.parametrize(
    ("frame", "titles", "kind", "sentence"),
    [
        (TABLE, TITLES, "pdf", "'pdf' is not a kind of export; choose csv, xlsx, parquet"),
        (pl.DataFrame({"a": ["x" * 32_768]}), {"a": "A"}, "xlsx", "a cell of XLSX holds 32,767"),
        (pl.DataFrame({"a": pl.repeat(1, 1_048_576, eager=True)}), {"a": "A"}, "xlsx", "holds 1,048,575 rows .* has 1,048,576"),
    ],
)
def test_what_cannot_be_exported_is_told(frame, titles, kind, sentence):
    with pytest.raises(Refused, match=sentence) as told:
        export(frame, titles, kind)
    assert any("一" <= letter <= "龥" for letter in told.value.said["zh"]) and told.value.said["en"] == str(told.value)
