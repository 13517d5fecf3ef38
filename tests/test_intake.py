"""What intake reads, cleans, quarantines and nets; every case is a row that a real platform has sent in some shape."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from audit.errors import DataError
from audit.intake import shape

Rows = list[dict[str, object]]


def frame(rows: Rows) -> pl.DataFrame:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame([{n: None if r.get(n) is None else str(r[n]) for n in names} for r in rows], schema=dict.fromkeys(names, pl.String))


def encounter(mdtrt_id: str = "m1", **more: object) -> dict[str, object]:
    return {"mdtrt_id": mdtrt_id, "psn_no": "p1", "fixmedins_code": "H1", "begntime": "2026-06-01 08:00:00", "med_type": "21", **more}


def settlement(setl_id: str = "s1", **more: object) -> dict[str, object]:
    return {
        "setl_id": setl_id,
        "mdtrt_id": "m1",
        "psn_no": "p1",
        "fixmedins_code": "H1",
        "setl_time": "2026-06-05 10:00:00",
        "med_type": "21",
        "medfee_sumamt": "30",
        "fund_pay_sumamt": "20",
        **more,
    }


def line(bkkp_sn: str = "l1", **more: object) -> dict[str, object]:
    return {
        "bkkp_sn": bkkp_sn,
        "setl_id": "s1",
        "mdtrt_id": "m1",
        "cnt": "3",
        "pric": "10",
        "det_item_fee_sumamt": "30",
        "med_list_codg": "XA01",
        **more,
    }


def taken(
    mdtrt: Rows | None = None, setl: Rows | None = None, lines: Rows | None = None, diags: Rows | None = None, **more: Rows
) -> dict[str, pl.DataFrame]:
    given_tables = {
        "mdtrt_d": mdtrt or [encounter()],
        "setl_d": setl or [settlement()],
        "fee_list_d": lines or [line()],
        "setl_list_diag_d": diags or [{"setl_id": "s1", "diag_code": "I10.X00"}],
        **more,
    }
    return shape({name: frame(rows) for name, rows in given_tables.items()})


def refused(result: dict[str, pl.DataFrame]) -> set[tuple[str, str | None, str]]:
    return set(result["rejected"].select("table", "key", "reason").iter_rows())


MONEY = {
    "12": 1200,
    "12.3": 1230,
    "12.345": 1235,
    "-12.345": -1235,
    "0.005": 1,
    "0.0049999999999999999999": 0,
    "１２．５": 1250,
    "1,234.50": 123450,
    "12,345,678.9": 1234567890,
    "￥1,234.50": 123450,
    "¥ -5": -500,
    "-¥5": -500,
    "1.5e3": 150000,
    "5E-3": 1,
    "4.99e-3": 0,
    " 7.10 ": 710,
    "'8.80": 880,
    "1 234": 123400,
    "+3": 300,
    ".5": 50,
    "5.": 500,
    "100000000000": 10**13,
    "−2.5": -250,
    "　9　": 900,
    "": None,
    "NULL": None,
    "null": None,
    "N/A": None,
    "-": None,
    "－": None,
    "12,34": "unreadable_number",
    "1_000": "unreadable_number",
    "abc": "unreadable_number",
    "12元": "unreadable_number",
    "--5": "unreadable_number",
    "100000000000.01": "impossible_number",
    "1e400": "impossible_number",
    "NaN": "impossible_number",
    "inf": "impossible_number",
    "-Infinity": "impossible_number",
}


def test_money_text_becomes_fen_or_is_refused() -> None:
    result = taken(lines=[line(f"l{i}", inscp_amt=text) for i, text in enumerate(MONEY)])
    got: dict[str, object] = dict(result["lines"].select("bkkp_sn", "inscp_amt").iter_rows())
    got |= {key: reason for _, key, reason in refused(result)}
    assert {text: got.get(f"l{i}", "gone") for i, text in enumerate(MONEY)} == MONEY


@settings(max_examples=8, deadline=None, database=None, phases=[Phase.generate])
@given(
    st.lists(
        st.tuples(st.decimals(-(10**11), 10**11, allow_nan=False, allow_infinity=False, places=6), st.sampled_from(["f", "e", ","])),
        min_size=40,
        max_size=60,
    )
)
def test_money_text_is_as_exact_as_decimal(amounts: list[tuple[Decimal, str]]) -> None:
    def text(amount: Decimal, shown: str) -> str:
        return f"{amount:f}" if shown == "f" else f"{amount:,}" if shown == "," else f"{amount:E}"

    rows = [line(f"l{i}", inscp_amt=text(a, shown), pric=text(a, shown)) for i, (a, shown) in enumerate(amounts)]
    lines = {row["bkkp_sn"]: row for row in taken(lines=rows)["lines"].iter_rows(named=True)}
    for i, (amount, _) in enumerate(amounts):
        assert lines[f"l{i}"]["inscp_amt"] == int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))
        assert lines[f"l{i}"]["pric_e6"] == int(amount * 10**6)


TIMES = {
    "2026-06-01": datetime(2026, 6, 1),
    "2026/6/1": datetime(2026, 6, 1),
    "20260601": datetime(2026, 6, 1),
    "2026年6月1日": datetime(2026, 6, 1),
    "2026-06-01 08:30:00": datetime(2026, 6, 1, 8, 30),
    "2026-06-01T08:30": datetime(2026, 6, 1, 8, 30),
    "2026/6/1 8:30:05": datetime(2026, 6, 1, 8, 30, 5),
    "20260601083000": datetime(2026, 6, 1, 8, 30),
    "202606010830": datetime(2026, 6, 1, 8, 30),
    "20260601 08:30:00": datetime(2026, 6, 1, 8, 30),
    "2026-06-01 08:30:00.123": datetime(2026, 6, 1, 8, 30, 0, 123000),
    "2026-06-01T00:30:00Z": datetime(2026, 6, 1, 8, 30),
    "2026-05-31T23:00:00+00:00": datetime(2026, 6, 1, 7),
    "2026-06-01T08:30:00+08:00": datetime(2026, 6, 1, 8, 30),
    "2026-06-01T08:30:00+0900": datetime(2026, 6, 1, 7, 30),
    "２０２６-06-01": datetime(2026, 6, 1),
    "'2026-06-01 ": datetime(2026, 6, 1),
    "0001-01-01": None,
    "9999-12-31 00:00:00": None,
    "99991231": None,
    "": None,
    "NULL": None,
    "2026-02-30": "impossible_date",
    "2026-13-01": "impossible_date",
    "20260230": "impossible_date",
    "2026-06-01 25:00:00": "impossible_date",
    "soon": "unreadable_date",
    "infinity": "unreadable_date",
    "46174": "unreadable_date",
}


def test_times_are_read_in_their_shapes() -> None:
    result = taken(lines=[line(f"l{i}", fee_ocur_time=text) for i, text in enumerate(TIMES)])
    got: dict[str, object] = dict(result["lines"].select("bkkp_sn", "fee_ocur_time").iter_rows())
    got |= {key: reason for _, key, reason in refused(result)}
    assert {text: got.get(f"l{i}", "gone") for i, text in enumerate(TIMES)} == TIMES


def test_service_date_falls_back_to_settlement_and_midnight_is_no_time() -> None:
    lines = taken(lines=[line("l1"), line("l2", fee_ocur_time="2026-06-02"), line("l3", fee_ocur_time="2026-06-02 00:00:01")])["lines"]
    assert lines.sort("bkkp_sn").select("fee_date", "time_known").rows() == [
        (date(2026, 6, 5), False),
        (date(2026, 6, 2), False),
        (date(2026, 6, 2), True),
    ]


def test_codes_are_trimmed_and_raised_and_numbers_of_rows_keep_their_case() -> None:
    result = taken(
        lines=[line(" l1 ", med_list_codg="'xa０１ab", fixmedins_code="h1"), line("l2", med_list_codg="N/A")],
        diags=[{"setl_id": "s1\t", "diag_code": "i10.x00"}],
    )
    assert result["lines"].select("bkkp_sn", "med_list_codg").rows() == [("l1", "XA01AB")]
    assert result["diags"]["diag_code"].to_list() == ["I10.X00"]
    assert refused(result) == {("fee_list_d", "l2", "missing_value")}


@pytest.mark.parametrize("bad", ["l\x011", "l\n1", "l\x001", "l\x7f1"])
def test_control_characters_inside_an_identifier_are_refused(bad: str) -> None:
    result = taken(lines=[line(bad), line("l2")])
    assert result["lines"]["bkkp_sn"].to_list() == ["l2"]
    assert result["rejected"]["reason"].to_list() == ["control_character"]


def test_floats_are_read_to_the_nearest_fen() -> None:
    tables = {
        "mdtrt_d": frame([encounter()]),
        "setl_d": frame([settlement()]),
        "setl_list_diag_d": frame([{"setl_id": "s1", "diag_code": "I10"}]),
    }
    values = [0.1 + 0.2, 29.999999, 1e11, -1.115, 2.675, float("nan"), float("inf"), 1e12, None]
    rows = frame([line(f"l{i}") for i in range(len(values))]).with_columns(pl.Series("inscp_amt", values, dtype=pl.Float64))
    result = shape({**tables, "fee_list_d": rows})
    assert dict(result["lines"].select("bkkp_sn", "inscp_amt").iter_rows()) == {
        "l0": 30,
        "l1": 3000,
        "l2": 10**13,
        "l3": -112,
        "l4": 268,
        "l8": None,
    }
    assert refused(result) == {("fee_list_d", f"l{i}", "impossible_number") for i in (5, 6, 7)}


def test_typed_columns_are_read_as_text_would_be() -> None:
    text = line("l1", fee_ocur_time="2026-06-01 08:30:00", pric="10.123456", cnt="3.5", prd_days="7", rx_circ_flag="1", inscp_amt="30")
    typed = frame([text]).with_columns(
        pl.col("fee_ocur_time").str.to_datetime().dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC"),
        pl.col("pric", "cnt").cast(pl.Decimal(20, 8)),
        pl.col("prd_days").cast(pl.Int16),
        pl.lit(True).alias("rx_circ_flag"),
        pl.lit(30).alias("inscp_amt"),
    )
    base = {
        "mdtrt_d": frame([encounter()]),
        "setl_d": frame([settlement()]),
        "setl_list_diag_d": frame([{"setl_id": "s1", "diag_code": "I10"}]),
    }
    assert shape({**base, "fee_list_d": typed})["lines"].equals(shape({**base, "fee_list_d": frame([text])})["lines"])


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_time_units_and_categories_are_read(unit: Literal["ms", "us", "ns"]) -> None:
    times = frame([line("l1")]).with_columns(
        pl.lit(datetime(2026, 6, 1, 8, 30)).cast(pl.Datetime(unit)).alias("fee_ocur_time"),
        pl.Series("spec", [" 10mg "], dtype=pl.Categorical),
        pl.lit(20260601).alias("rx_drord_no"),
    )
    base = {
        "mdtrt_d": frame([encounter()]),
        "setl_d": frame([settlement()]),
        "setl_list_diag_d": frame([{"setl_id": "s1", "diag_code": "I10"}]).clear(),
    }
    got = shape({**base, "fee_list_d": times})["lines"].select("fee_ocur_time", "spec", "rx_drord_no").row(0)
    assert got == (datetime(2026, 6, 1, 8, 30), "10mg", "20260601")


def test_decimals_are_rounded_half_up() -> None:
    amounts = ["1.005", "-1.005", "2.675", "0.004999", "99999999999.999"]
    rows = frame([line(f"l{i}") for i in range(len(amounts))]).with_columns(
        pl.Series("inscp_amt", [Decimal(a) for a in amounts], dtype=pl.Decimal(38, 8))
    )
    base = {
        "mdtrt_d": frame([encounter()]),
        "setl_d": frame([settlement()]),
        "setl_list_diag_d": frame([{"setl_id": "s1", "diag_code": "I10"}]),
    }
    assert shape({**base, "fee_list_d": rows})["lines"].sort("bkkp_sn")["inscp_amt"].to_list() == [101, -101, 268, 0, 10**13]


def test_an_identifier_stored_as_a_float_stops_the_batch() -> None:
    base = {
        "mdtrt_d": frame([encounter()]),
        "fee_list_d": frame([line()]),
        "setl_list_diag_d": frame([{"setl_id": "s1", "diag_code": "I10"}]),
    }
    setl = frame([settlement()])
    with pytest.raises(DataError, match=r"psn_no.*float"):
        shape({**base, "setl_d": setl.with_columns(psn_no=pl.lit(1.0))})
    assert shape({**base, "setl_d": setl.with_columns(dise_no=pl.lit(None, pl.Float64), gend=pl.lit(2.0))})["claims"]["gend"].to_list() == [
        "2"
    ]


def test_which_fact_wins() -> None:
    claims = taken(
        mdtrt=[encounter(gend="1", brdy="1950-01-01", age="70", hosp_lv="06", insutype="390", die_date="2026-06-09", fixmedins_name="甲")],
        setl=[settlement(gend="9", age="71")],
        psn_info_b=[{"psn_no": "p1", "gend": "2", "brdy": "1960-01-01", "die_date": "2026-06-08"}],
        fixmedins_b=[{"fixmedins_code": "h1", "fixmedins_name": "乙", "fixmedins_type": "1", "hosp_lv": "02", "fix_blng_admdvs": "310000"}],
    )["claims"].row(0, named=True)
    told = ("gend", "brdy", "age", "hosp_lv", "hosp_tier", "insutype", "die_date", "fixmedins_name", "fixmedins_type", "fix_blng_admdvs")
    assert [claims[c] for c in told] == ["1", date(1950, 1, 1), 71, "06", 2, "390", date(2026, 6, 8), "甲", "1", "310000"]


@pytest.mark.parametrize(
    ("level", "tier"),
    [("01", 3), ("04", 3), ("12", 3), ("05", 2), ("13", 2), ("08", 1), ("14", 1), ("11", None), (None, None), ("77", None)],
)
def test_levels(level: str | None, tier: int | None) -> None:
    assert taken(setl=[settlement(hosp_lv=level)])["claims"]["hosp_tier"].to_list() == [tier]


def test_refunds_are_netted_and_unmatched_ones_stay() -> None:
    lines = taken(
        lines=[
            line("l1", inscp_amt="30", preselfpay_amt="3"),
            line("l2", cnt="-1", det_item_fee_sumamt="-10", inscp_amt="-10", init_feedetl_sn="l1"),
            line("l3"),
            line("l4", cnt="-3", det_item_fee_sumamt="-30", init_feedetl_sn="l3"),
            line("l5", cnt="-1", det_item_fee_sumamt="-10"),
            line("l6", cnt="-1", det_item_fee_sumamt="-10", init_feedetl_sn="l5"),
            line("l7", vali_flag="0"),
            line("l8", cnt="-1", det_item_fee_sumamt="-10", init_feedetl_sn="l7"),
            line("l9", cnt="bad"),
            line("la", cnt="-1", det_item_fee_sumamt="-10", init_feedetl_sn="l9"),
        ]
    )
    got = {
        r["bkkp_sn"]: (r["cnt"], r["det_item_fee_sumamt"], r["inscp_amt"], r["preselfpay_amt"])
        for r in lines["lines"].iter_rows(named=True)
    }
    assert got == {
        "l1": (2.0, 2000, 2000, None),
        "l5": (-1.0, -1000, None, None),
        "l6": (-1.0, -1000, None, None),
        "l8": (-1.0, -1000, None, None),
    }
    assert refused(lines) == {("fee_list_d", "l9", "unreadable_number"), ("fee_list_d", "la", "line_quarantined")}


def test_copies_are_dropped_and_contradicting_keys_quarantined() -> None:
    result = taken(
        lines=[
            line("l1"),
            line("l1", cnt="３"),
            line("l2"),
            line("l2", cnt="4"),
            line("l3"),
            line("l3", vali_flag="0", cnt="9"),
            line("l4"),
            line("l4", cnt="bad"),
        ],
        diags=[{"setl_id": "s1", "diag_code": "I10"}, {"setl_id": "s1", "diag_code": "i10"}],
    )
    assert result["lines"]["bkkp_sn"].to_list() == ["l1", "l3"]
    assert result["diags"].height == 1
    assert sorted(result["rejected"].select("key", "reason").rows()) == [
        ("l2", "duplicate_key"),
        ("l2", "duplicate_key"),
        ("l4", "duplicate_key"),
        ("l4", "unreadable_number"),
    ]


def test_what_depends_on_a_quarantined_row_follows_it() -> None:
    result = taken(
        mdtrt=[encounter("m1"), encounter("m2", begntime="2026-02-30"), encounter("m3"), encounter("m3", med_type="11")],
        setl=[
            settlement("s1"),
            settlement("s2", mdtrt_id="m2"),
            settlement("s3", mdtrt_id="m3"),
            settlement("s4", mdtrt_id="m9"),
            settlement("s5", medfee_sumamt=""),
        ],
        lines=[line(f"l{i}", setl_id=f"s{i}") for i in range(1, 7)],
        diags=[{"setl_id": "s2", "diag_code": "I10"}, {"setl_id": "s9", "diag_code": "I10"}],
        setl_list_oprn_d=[{"setl_id": "s9", "oprn_oprt_code": "47.01"}],
        drug_trac_d=[
            {"bkkp_sn": "l2", "setl_id": "s2", "drug_trac_codg": "t1"},
            {"bkkp_sn": "lx", "setl_id": "s1", "drug_trac_codg": "t2"},
        ],
    )
    assert result["claims"]["setl_id"].to_list() == ["s1"] and result["claims"]["has_oprns"].to_list() == [True]
    assert result["lines"]["bkkp_sn"].to_list() == ["l1"]
    assert refused(result) == {
        ("mdtrt_d", "m2", "impossible_date"),
        ("mdtrt_d", "m3", "duplicate_key"),
        ("setl_d", "s2", "encounter_quarantined"),
        ("setl_d", "s3", "encounter_quarantined"),
        ("setl_d", "s4", "no_encounter"),
        ("setl_d", "s5", "missing_value"),
        *{("fee_list_d", f"l{i}", "claim_quarantined") for i in range(2, 6)},
        ("fee_list_d", "l6", "no_claim"),
        ("setl_list_diag_d", "s2/I10", "claim_quarantined"),
        ("setl_list_diag_d", "s9/I10", "no_claim"),
        ("setl_list_oprn_d", "s9/47.01", "no_claim"),
        ("drug_trac_d", "l2/T1", "claim_quarantined"),
        ("drug_trac_d", "lx/T2", "no_line"),
    }


def test_reversals_invalid_rows_and_what_hangs_on_them_leave_quietly() -> None:
    result = taken(
        setl=[
            settlement("s1"),
            settlement("s2"),
            settlement("s3", refd_setl_flag="1", init_setl_id="s2"),
            settlement("s4", vali_flag="0"),
            settlement("s5", medfee_sumamt="?", vali_flag="0"),
        ],
        lines=[
            line("l1"),
            *(line(f"l{i}", setl_id=f"s{i}") for i in range(2, 6)),
            line("l6", vali_flag="0"),
            line("l1", setl_id="s2", cnt="1"),
        ],
        diags=[{"setl_id": "s4", "diag_code": "I10"}],
        drug_trac_d=[
            {"bkkp_sn": "l1", "setl_id": "s1", "drug_trac_codg": "t1"},
            {"bkkp_sn": "l6", "setl_id": "s1", "drug_trac_codg": "t2"},
        ],
    )
    assert result["claims"]["setl_id"].to_list() == ["s1"] and result["claims"]["has_oprns"].to_list() == [False]
    assert result["lines"]["bkkp_sn"].to_list() == ["l1"] and result["traces"]["drug_trac_codg"].to_list() == ["T1"]
    assert result["rejected"].is_empty() and "oprns" not in result


def test_trace_codes_of_what_was_taken_back_go_too() -> None:
    back = {"cnt": "-3", "det_item_fee_sumamt": "-30"}
    result = taken(
        lines=[line("l1"), line("l2"), line("l3", init_feedetl_sn="l2", **back), line("l4", cnt="x")],
        drug_trac_d=[{"bkkp_sn": f"l{i}", "setl_id": "s1", "drug_trac_codg": f"t{i}"} for i in range(1, 5)],
    )
    assert result["traces"]["bkkp_sn"].to_list() == ["l1"]
    assert refused(result) == {("fee_list_d", "l4", "unreadable_number"), ("drug_trac_d", "l4/T4", "line_quarantined")}


def test_a_claim_without_lines_is_audited_and_no_ceiling_is_null() -> None:
    result = taken(setl=[settlement("s1"), settlement("s2")], lines=[line("l1", pric_uplmt_amt="0"), line("l2", pric_uplmt_amt="9.5")])
    assert result["claims"]["setl_id"].to_list() == ["s1", "s2"]
    assert result["lines"]["pric_uplmt_amt_e6"].to_list() == [None, 9_500_000]
    assert result["lines"].select("psn_no", "fixmedins_code", "mdtrt_id").unique().rows() == [("p1", "H1", "m1")]


def test_a_missing_required_column_stops_the_batch() -> None:
    with pytest.raises(DataError, match="setl_time of setl_d is missing"):
        taken(setl=[{k: v for k, v in settlement().items() if k != "setl_time"}])


def test_inventory_is_typed() -> None:
    stock = taken(
        inventory_d=[
            {
                "fixmedins_code": "h1",
                "med_list_codg": "xa01",
                "inv_chg_type": "1",
                "inv_chg_time": "2026/6/1",
                "cnt": "１００",
                "pric": "1.5",
            }
        ]
    )["inventory"]
    assert stock.rows() == [("H1", "XA01", "1", datetime(2026, 6, 1), 1_000_000, 1_500_000)]
