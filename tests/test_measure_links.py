"""Measures of lines that take other lines, other claims or earlier nights: hand-written cases, arithmetic in the comment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from tests.measure_frames import FakeKnowledge, claims_of, column, diags_of, history_of, lines_of, measured

ONE = claims_of()
DAY = [datetime(2026, 6, d, 9, 30) for d in range(1, 31)]


def lines_with(knowledge: FakeKnowledge, *rows: dict[str, Any], claims: pl.DataFrame = ONE, **more: Any) -> pl.DataFrame:
    return measured(knowledge, claims, lines_of(claims, *rows), **more)[0]


def test_course_days_across_makers_and_nights() -> None:
    course = {"item_course_days": 2, "item_course_kind": "visit_days", "item_course_key": "K"}
    knowledge = FakeKnowledge({"A": course, "B": course})
    claims = claims_of(
        {"med_type": "21", "begn_date": date(2026, 6, 1), "end_date": date(2026, 6, 20)},
        {"setl_id": "S2"},
        {"setl_id": "S3", "psn_no": "P2"},
    )
    rows = [
        {"med_list_codg": "A", "at": DAY[4]}, {"med_list_codg": "B", "at": DAY[4]}, {"med_list_codg": "B", "at": DAY[6]},
        {"med_list_codg": "A", "setl_id": "S2"}, {"med_list_codg": "A", "setl_id": "S3"}, {"at": DAY[4]},
    ]  # fmt: skip
    got = lines_with(knowledge, *rows, claims=claims)
    assert column(got, "course_day_no") == [1, 1, 2, 1, 1, None]
    assert column(got, "days_since_first_use") == [0, 0, 2, 5, 0, None]
    # an earlier night settled the first part of the same encounter, with two days of use; another use long before counts for the span only
    stay = {"psn_no": "P1", "setl_id": "S0", "mdtrt_id": "MS1", "begn_date": date(2026, 5, 20), "end_date": date(2026, 5, 31)}
    used = [
        {"psn_no": "P1", "item_code": "B", "fee_date": d, "cnt_e4": 10_000}
        for d in (date(2026, 5, 21), date(2026, 5, 22), date(2025, 6, 5))
    ]
    got = lines_with(knowledge, *rows, claims=claims, history=history_of(stays=[stay], item_days=used))
    assert column(got, "course_day_no") == [3, 3, 4, 1, 1, None]
    assert column(got, "days_since_first_use") == [365, 365, 367, 370, 0, None]


def test_service_course_counts_days_of_earlier_nights() -> None:
    knowledge = FakeKnowledge({"X": {"item_service_course_days": 30}})
    used = [{"psn_no": "P1", "item_code": "X", "fee_date": date(2026, 5, d), "cnt_e4": 10_000} for d in (1, 2)]
    used.append({"psn_no": "P1", "item_code": "X", "fee_date": date(2026, 5, 3), "cnt_e4": -10_000})  # only taken back: no day of use
    got = lines_with(knowledge, {"at": DAY[0]}, {"at": DAY[0]}, {"at": DAY[1]}, {"med_list_codg": "Y"}, history=history_of(item_days=used))
    assert column(got, "service_day_no") == [3, 3, 4, None]


def test_period_window_reaches_back_over_nights_and_visits() -> None:
    knowledge = FakeKnowledge({"X": {"item_period_max": 1.0, "item_period_days": 14}})
    claims = claims_of({"setl_id": "S1"}, {"setl_id": "S2"})
    rows = [{"at": DAY[0]}, {"at": DAY[13], "setl_id": "S2"}, {"at": DAY[27], "cnt": 3}, {"med_list_codg": "Y"}]
    got = lines_with(knowledge, *rows, claims=claims)
    # 14 days ending 14 June reach back to 1 June: 2, one too many. Ending 28 June: 15 to 28 June, only the 3 of that day: two too many
    assert column(got, "period_qty") == [1.0, 2.0, 3.0, None]
    assert column(got, "over_period_fen") == [0, 1_000, 2_000, None]
    used = [{"psn_no": "P1", "item_code": "X", "fee_date": date(2026, 5, 31), "cnt_e4": 10_000}]
    got = lines_with(knowledge, *rows, claims=claims, history=history_of(item_days=used))
    assert column(got, "period_qty") == [2.0, 2.0, 3.0, None]


def test_first_line_drug_seen() -> None:
    second = {"item_second_line": True, "item_first_line_set": "F"}
    knowledge = FakeKnowledge({"X": second, "U": {"item_second_line": True}}, first_line_rows=[("F", "WA")])
    claims = claims_of(*({"setl_id": f"S{n}", "psn_no": f"P{n}"} for n in range(1, 6)))
    rows = [
        {"setl_id": "S1"}, {"setl_id": "S1", "med_list_codg": "WA01", "at": DAY[2]},  # had it a week before
        {"setl_id": "S2"}, {"setl_id": "S2", "med_list_codg": "WA01", "at": DAY[20]},  # only after: newly seen person
        {"setl_id": "S3"},  # known for long, never had it
        {"setl_id": "S4"},  # had it in an earlier night
        {"setl_id": "S5", "med_list_codg": "U"},  # wording not mapped
    ]  # fmt: skip
    past = history_of(
        visits=[{"psn_no": "P3", "setl_id": "V", "fixmedins_code": "H1", "visit_mode": "outpatient", "visit_date": date(2026, 5, 11)}],
        item_days=[{"psn_no": "P4", "item_code": "WA02", "fee_date": date(2025, 1, 1), "cnt_e4": 10_000}],
    )
    got = lines_with(knowledge, *rows, claims=claims, history=past)
    assert column(got, "first_line_seen") == [True, None, None, None, False, True, None]
    assert column(got, "is_first_line") == [None, True, None, True, None, None, None]


def test_diagnosis_on_the_items_set() -> None:
    knowledge = FakeKnowledge(
        {"X": {"item_dx_limited": True, "item_dx_set": "D"}, "U": {"item_dx_limited": True}}, dx_sets_rows=[("D", "E11"), ("D", "G01")]
    )
    claims = claims_of(*({"setl_id": f"S{n}"} for n in range(1, 5)))
    diags = diags_of(("S1", "E11.900"), ("S1", "I10.X00"), ("S2", "I10.X00"), ("S3", "A01.000X003+G01*"))
    rows = [{"setl_id": f"S{n}"} for n in range(1, 5)] + [{"med_list_codg": "U"}, {"med_list_codg": "Y"}]
    # S4 has no diagnosis; U is not mapped; Y has no limit
    assert column(lines_with(knowledge, *rows, claims=claims, diags=diags), "dx_on_set") == [True, False, True, None, None, None]


def test_included_item_by_window() -> None:
    items: dict[str, dict[str, Any]] = {c: {"item_is_main": True} for c in ("MD", "MV", "M6", "M1")}
    items |= {c: {"item_is_part": True} for c in ("PD", "PV", "P6", "P1")}
    knowledge = FakeKnowledge(items, pairs_rows=[("MD", "PD", "day"), ("MV", "PV", "visit"), ("M6", "P6", "6h"), ("M1", "P1", "1h")])
    claims = claims_of({"setl_id": "S1"}, {"setl_id": "S2"}, {"setl_id": "S3", "psn_no": "P2"})
    evening, midnight = datetime(2026, 6, 10, 22), datetime(2026, 6, 12)
    rows = [
        {"med_list_codg": "MD"}, {"med_list_codg": "PD", "at": evening, "setl_id": "S2"},  # same day, other claim: included
        {"med_list_codg": "PD", "at": DAY[10]},  # next day: not
        {"med_list_codg": "MV"}, {"med_list_codg": "PV", "at": DAY[20]},  # same encounter
        {"med_list_codg": "PV", "setl_id": "S2"},  # other encounter
        {"med_list_codg": "M6", "at": evening}, {"med_list_codg": "P6", "at": datetime(2026, 6, 11, 4)},  # 6 h over midnight: included
        {"med_list_codg": "P6", "at": datetime(2026, 6, 11, 4, 1)},  # 6 h 1 min
        {"med_list_codg": "M1", "at": datetime(2026, 6, 12, 9)}, {"med_list_codg": "P1", "at": midnight},  # no time of day: unsure
        {"med_list_codg": "PD", "setl_id": "S3"},  # other person
        {"med_list_codg": "PD", "cnt": -1},
    ]  # fmt: skip
    got = lines_with(knowledge, *[{"bkkp_sn": f"L{n:02d}", **row} for n, row in enumerate(rows, 1)], claims=claims)
    found = {n: sn for n, sn in enumerate(column(got, "included_in"), 1) if sn}
    assert found == {2: "L01", 5: "L04", 8: "L07"}
    assert [n for n, unsure in enumerate(column(got, "pair_unsure"), 1) if unsure] == [11]


def test_a_pair_holds_only_in_its_time() -> None:
    rows = [("M", "P", "day", date(2026, 6, 11), None)]
    knowledge = FakeKnowledge({"M": {"item_is_main": True}, "P": {"item_is_part": True}}, pairs_rows=rows)
    lines = [{"med_list_codg": c, "at": d} for d in (DAY[9], DAY[10]) for c in ("M", "P")]
    assert column(lines_with(knowledge, *lines), "included_in") == [None, None, None, "L3"]


def test_second_operation_without_discount() -> None:
    knowledge = FakeKnowledge({c: {"item_op_group": "胃肠手术组"} for c in "ABC"} | {"D": {"item_op_group": "肝胆手术组"}})
    rows = [
        {"med_list_codg": "A", "pric_e6": 2_000_000_000, "pric_uplmt_amt_e6": 2_000_000_000},
        {"med_list_codg": "B", "pric_e6": 1_500_000_000, "pric_uplmt_amt_e6": 1_500_000_000},  # 1500 billed, 750 due: 750 too much
        {"med_list_codg": "B", "pric_e6": 750_000_000, "pric_uplmt_amt_e6": 1_500_000_000},  # the other side, at half price: fine
        {"med_list_codg": "C", "pric_e6": 900_000_000},  # no full price known
        {"med_list_codg": "D", "pric_e6": 900_000_000},  # other group: the only one
        {"med_list_codg": "Y"},
    ]
    got = lines_with(knowledge, *rows)
    assert column(got, "op_rank") == [1, 2, 2, 3, 1, None]
    assert column(got, "discount_missing_fen") == [0, 75_000, 0, None, 0, None]


def test_the_usual_price_stands_in_for_a_ceiling() -> None:
    code, other = "003301000010000", "003301000020000"
    knowledge = FakeKnowledge({code: {"item_op_group": "G"}, other: {"item_op_group": "G"}})
    claims = claims_of(*({"setl_id": f"S{n}"} for n in range(1, 5)))
    alone = [{"setl_id": f"S{n}", "med_list_codg": code, "pric_e6": 800_000_000, "at": DAY[n]} for n in range(2, 5)]
    both = [{"med_list_codg": other, "pric_e6": 900_000_000}, {"med_list_codg": code, "pric_e6": 600_000_000}]
    got = lines_with(knowledge, *both, *alone, claims=claims)
    # billed 800 on three days alone; as second operation 400 is due, 600 was billed
    assert column(got, "discount_missing_fen") == [0, 20_000, 0, 0, 0]


def test_trace_code_used_twice() -> None:
    drug = FakeKnowledge({"X": {"item_kind": "drug"}})
    claims = claims_of({"setl_id": "S1"}, {"setl_id": "S2", "psn_no": "P2"}, {"setl_id": "S3", "fixmedins_code": "H9"})
    codes = [("L1", "T1", "0"), ("L2", "T1", "0"), ("L1", "T2", "1"), ("L3", "T2", "1"), ("L4", "T3", None)]
    traces = pl.DataFrame(
        [{"bkkp_sn": b, "setl_id": "", "psn_no": "", "drug_trac_codg": t, "trdn_flag": f} for b, t, f in codes],
        schema=dict.fromkeys(("bkkp_sn", "setl_id", "psn_no", "drug_trac_codg", "trdn_flag"), pl.String),
    )
    past = history_of(trace_uses=[{"drug_trac_codg": "T3", "setl_id": "S0", "bkkp_sn": "L0", "psn_no": "P0", "trdn_flag": "0"}])
    rows = [{}, {"setl_id": "S2", "at": DAY[11]}, {}, {}, {"setl_id": "S3"}, {"med_list_codg": "Y"}]
    got = lines_with(drug, *rows, claims=claims, traces=traces, history=past)
    # T1 is used again by L2; T2 is a split pack; T3 was used in an earlier night
    assert column(got, "trace_reused_by") == [None, "L1", None, "L0", None, None]
    assert column(got, "trace_known") == [True, True, True, True, None, False]


def test_billed_more_than_stock_could_cover() -> None:
    drug = FakeKnowledge({"X": {"item_kind": "drug"}, "Z": {"item_kind": "drug"}})
    moves = [
        ("4", datetime(2026, 6, 1), 2),
        ("1", datetime(2026, 6, 5), 4),
        ("3", datetime(2026, 6, 6), 1),
        ("4", datetime(2026, 6, 30), 1),
    ]
    stock = pl.DataFrame(
        [
            {"fixmedins_code": "H1", "med_list_codg": "X", "inv_chg_type": k, "inv_chg_time": t, "cnt_e4": n * 10_000, "pric_e6": None}
            for k, t, n in moves
        ],
        schema_overrides={"inv_chg_time": pl.Datetime("us"), "pric_e6": pl.Int64},
    )
    rows = [{"cnt": 3}, {"cnt": 3, "at": DAY[20]}, {"med_list_codg": "Z"}, {"med_list_codg": "Y"}, {"at": datetime(2026, 7, 5)}]
    got = lines_with(drug, *rows, inventory=stock)
    # 2 + 4 - 1 - 1 = 4 could be sold, 6 were billed: 2 of the 3 of the last line, 20 yuan. Z and July are not in the book
    assert column(got, "inv_over_fen") == [0, 2_000, None, 0, None]
    assert column(got, "inv_known") == [True, True, None, False, None]


def test_herbs_alone() -> None:
    herb = {"item_kind": "herb"}
    knowledge = FakeKnowledge({"A": {**herb, "item_herb_not_alone": True}, "B": {**herb, "item_herb_not_alone": True}, "C": herb})
    claims = claims_of({"setl_id": "S1"}, {"setl_id": "S2"})
    rows = [
        {"med_list_codg": "A", "rx_drord_no": "R1"}, {"med_list_codg": "B", "rx_drord_no": "R1"},
        {"med_list_codg": "A", "rx_drord_no": "R2"}, {"med_list_codg": "C", "rx_drord_no": "R2"},
        {"med_list_codg": "A", "rx_drord_no": None}, {"med_list_codg": "A", "rx_drord_no": None, "setl_id": "S2"},
    ]  # fmt: skip
    got = lines_with(knowledge, *rows, claims=claims)
    # L5: some prescription of the claim holds C, and which one L5 belongs to is unknown; L6: nothing but A in the whole claim
    assert column(got, "rx_all_not_alone") == [True, True, False, None, None, True]
    assert column(got, "herbs_in_rx") == [2, 2, 2, 2, None, None]


def test_kinds_of_drug_in_a_prescription() -> None:
    kinds = {"item_kind": "drug"}
    codes = ["XA01AAA001A001", "XA01AAA001A002", "XB01AAA001A001", "XC01AAA001A001"]
    rows = [{"med_list_codg": c, "rx_drord_no": "R1"} for c in codes[:3]] + [
        {"med_list_codg": codes[3], "rx_drord_no": None},
        {"rx_drord_no": "R1"},
    ]
    got = lines_with(FakeKnowledge(dict.fromkeys(codes, kinds)), *rows)
    assert column(got, "drug_no_in_rx") == [1, 1, 2, None, None]  # the first two are one substance


@pytest.mark.parametrize(
    ("claim", "line", "limit", "over"),
    [
        ({}, {"prd_days": 45}, 30.0, 333),  # 15 of 45 days of 10 yuan = 333.33 fen
        ({}, {"prd_days": 30}, 30.0, 0),
        ({}, {"prd_days": None}, 30.0, None),
        ({"dise_no": "M01600"}, {"prd_days": 90}, 84.0, 67),  # 6 / 90 x 1000 = 66.67
        ({"med_type": "13"}, {"prd_days": 14}, 7.0, 500),
        ({"med_type": "21"}, {"prd_days": 60}, None, 0),
        ({"med_type": "21"}, {"prd_days": 60, "dscg_tkdrug_flag": "1"}, 30.0, 500),
    ],
)
def test_days_of_supply(claim: dict[str, Any], line: dict[str, Any], limit: float | None, over: int | None) -> None:
    got = lines_with(FakeKnowledge({"X": {"item_kind": "drug"}}), line, claims=claims_of(claim))
    assert (column(got, "supply_days_limit"), column(got, "over_supply_fen")) == ([limit], [over])
