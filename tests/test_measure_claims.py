"""Measures of claims and stays: hand-written cases, and what a night remembers for the next one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from audit.measure import remember
from tests.measure_frames import FakeKnowledge, claims_of, column, diags_of, history_of, lines_of, measured, oprns_of

NOTHING: dict[str, Any] = {"bkkp_sn": "L0"}


def stay(setl_id: str, begin: date, end: date | None, **more: Any) -> dict[str, Any]:
    return {
        "setl_id": setl_id,
        "med_type": "21",
        "begn_date": begin,
        "end_date": end,
        "dscg_maindiag_code": "J18.900",
        "dscg_way": "1",
        **more,
    }


def claims_with(
    *rows: dict[str, Any], knowledge: FakeKnowledge | None = None, lines: list[dict[str, Any]] | None = None, **more: Any
) -> pl.DataFrame:
    claims = claims_of(*rows)
    billed = lines_of(claims, *(lines or [])) if lines else lines_of(claims, {"setl_id": claims["setl_id"][0]}).clear()
    return measured(knowledge or FakeKnowledge(), claims, billed, **more)[1]


def june(day: int) -> date:
    return date(2026, 6, day)


def test_stay_days() -> None:
    rows = [stay("S1", june(1), june(4)), stay("S2", june(1), june(1)), stay("S3", june(1), None), {"setl_id": "S4"}]
    assert column(claims_with(*rows), "stay_days") == [3, 1, None, None]


def test_sums_shares_and_counts() -> None:
    at = datetime(2026, 6, 10, 23)
    lines = [
        {"med_chrgitm_type": "09", "cnt": 3},
        {"med_chrgitm_type": "04", "med_list_codg": "Y"}, {"med_chrgitm_type": "01", "cnt": 2, "at": at},
        {"med_chrgitm_type": "03", "cnt": -1, "at": at}, {"med_chrgitm_type": "05", "at": datetime(2026, 6, 10)},
        {"med_chrgitm_type": "05", "at": datetime(2026, 6, 10)},
    ]  # fmt: skip
    got = claims_with({}, {"setl_id": "S2"}, lines=lines)
    assert column(got, "line_count") == [6, 0]
    assert column(got, "lines_sum_fen") == [7_000, 0]  # 30 + 10 + 20 - 10 + 10 + 10 yuan
    assert column(got, "drug_share") == [3 / 7, None]
    assert column(got, "lab_share") == [1 / 7, None]
    assert column(got, "exam_share") == [-1 / 7, None]
    assert column(got, "therapy_fen") == [2_000, 0]
    assert column(got, "bed_days") == [2.0, 0.0]
    assert column(got, "distinct_items") == [2, 0]
    assert column(got, "night_lines") == [2, 0]  # midnight sharp is no known time of day
    assert column(got, "max_copies") == [2, 0]


def test_bed_days_beyond_the_stay() -> None:
    rows = [stay("S1", june(1), june(3)), stay("S2", june(1), None), {"setl_id": "S3"}]
    lines = [{"setl_id": s, "med_chrgitm_type": "01", "cnt": 3, "pric_e6": 33_340_000} for s in ("S1", "S2", "S3")]
    # 3 beds billed for a stay of 2 days: one third of 100.02 yuan
    assert column(claims_with(*rows, lines=lines), "over_bed_fen") == [3_334, None, 0]


def test_previous_stay_at_the_same_institution() -> None:
    rows = [
        stay("S1", june(1), june(5)),
        stay("S2", june(8), june(12)), stay("S3", june(12), june(14), dscg_maindiag_code="I10.X00", dscg_way="2"),
        stay("S4", june(20), june(22), fixmedins_code="H2"), stay("S5", june(25), june(26), dscg_maindiag_code=None),
    ]  # fmt: skip
    got = claims_with(*rows, diags=diags_of(*((f"S{n}", "J18.900") for n in (1, 2, 3))))
    assert column(got, "prev_stay_setl_id") == [None, "S1", "S2", None, "S3"]  # S4 is elsewhere
    assert column(got, "prev_stay_gap_days") == [None, 3, 0, None, 11]
    assert column(got, "prev_stay_same_dx") == [None, True, False, None, None]
    assert column(got, "split_exempt") == [None, False, False, None, True]  # S3 ended by transfer


def test_planned_returns_are_exempt() -> None:
    rows = [stay("S1", june(1), june(5), dscg_maindiag_code="C50.900"), stay("S2", june(20), june(22), dscg_maindiag_code="Z51.102")]
    assert column(claims_with(*rows), "split_exempt") == [None, True]
    assert column(claims_with(*rows), "exempt_stay") == [False, True]


def test_settlements_of_one_encounter_are_one_stay() -> None:
    rows = [stay("S1", june(1), june(10), mdtrt_id="M1"), stay("S2", june(10), june(20), mdtrt_id="M1"), stay("S3", june(22), june(25))]
    got = claims_with(*rows)
    assert column(got, "prev_stay_setl_id") == [None, None, "S2"]
    assert column(got, "overlap_setl_id") == [None, None, None]
    assert column(got, "stays_in_year") == [1, 0, 2]


def test_stays_of_earlier_nights_count() -> None:
    old = {"psn_no": "P1", "setl_id": "S0", "mdtrt_id": "M0", "fixmedins_code": "H1", "begn_date": date(2026, 5, 20),
           "end_date": date(2026, 5, 30),
           "dscg_maindiag_code": "J18.000", "dscg_way": "1", "med_type": "21", "exempt_stay": False}  # fmt: skip
    past = history_of(stays=[old, {**old, "setl_id": "R0", "mdtrt_id": "N0", "begn_date": date(2025, 6, 1), "end_date": date(2025, 6, 3)}])
    got = claims_with(stay("S1", june(1), june(4)), stay("S2", date(2026, 5, 25), june(1), psn_no="P1", mdtrt_id="M2"), history=past)
    assert column(got, "prev_stay_setl_id") == ["S2", "R0"]  # S2 ended on 1 June, later than the earlier night's 30 May
    assert column(got, "prev_stay_gap_days") == [0, 356]
    assert column(got, "overlap_setl_id") == [None, "S0"]  # 25 to 30 May
    assert column(got, "overlap_days") == [None, 5]
    assert column(got, "stays_in_year") == [3, 3]  # 1 June 2025 is 365 days before 1 June 2026 but 358 before 25 May


def test_overlap_lies_on_the_later_stay_and_spares_a_transfer() -> None:
    rows = [
        stay("S1", june(1), june(10)), stay("S2", june(9), june(12), fixmedins_code="H2"), stay("S3", june(12), june(15)),
        stay("S4", june(5), june(5), fixmedins_code="H3"), stay("S5", june(1), june(10), psn_no="P2"),
    ]  # fmt: skip
    got = claims_with(*rows)
    assert column(got, "overlap_setl_id") == [None, "S1", None, "S1", None]
    assert column(got, "overlap_days") == [None, 1, None, 1, None]


def test_visit_inside_a_stay() -> None:
    rows = [stay("S1", june(5), june(10)), {"setl_id": "S2"}, {"setl_id": "S3", "psn_no": "P2"}]
    claims = claims_of(*rows)
    days = [(5, "S2"), (6, "S2"), (9, "S2"), (10, "S2"), (6, "S1"), (6, "S3")]
    lines = lines_of(claims, *({"setl_id": s, "at": datetime(2026, 6, d, 10)} for d, s in days))
    assert column(measured(FakeKnowledge(), claims, lines)[0], "in_stay_setl_id") == [None, "S1", "S1", None, None, None]


def test_visits_and_purchases_of_a_month() -> None:
    rows = [
        {"setl_id": "S1", "begn_date": june(3)}, {"setl_id": "S2", "begn_date": june(3), "med_type": "13"},
        {"setl_id": "S3", "begn_date": date(2026, 7, 1)}, {"setl_id": "S4", "med_type": "41"}, {"setl_id": "S5", "med_type": "9901"},
        stay("S6", june(3), june(4)),
    ]  # fmt: skip
    visit = {"psn_no": "P1", "setl_id": "V", "fixmedins_code": "H1", "visit_mode": "outpatient", "visit_date": june(1)}
    got = claims_with(*rows, history=history_of(visits=[visit, {**visit, "visit_mode": "drugstore"}]))
    assert column(got, "visits_in_month") == [2, 3, 1, 0, None, 0]
    assert column(got, "purchases_in_month") == [0, 0, 0, 2, None, 0]


def test_diagnoses_and_operations_against_sex_and_age() -> None:
    knowledge = FakeKnowledge(
        dx_facts_rows=[("O", "2", None, None), ("C61", "1", None, None), ("P", None, None, 365), ("P96", None, None, 3650)],
        op_facts_rows=[("74", "2")],
    )
    rows = [{"setl_id": f"S{n}"} for n in (1, 2, 3)] + [{"setl_id": "S4", "gend": None}, {"setl_id": "S5", "brdy": None, "age": 2}]
    diags = diags_of(("S1", "O80.900"), ("S1", "I10.X00"), ("S2", "C61.X00"), ("S4", "O80.900"), ("S5", "P96.900"), ("S5", "P07.000"))
    got = claims_with(*rows, knowledge=knowledge, diags=diags, oprns=oprns_of(("S1", "74.1X00"), ("S2", "38.1200"), ("S4", "74.1X00")))
    assert column(got, "dx_known") == [True, True, False, True, True]
    assert column(got, "dx_sex_conflict") == ["O80.900", None, None, None, None]
    # stated age 2: at least 1 full year = 365 days, which P07 (up to 365) allows and the longer prefix P96 does too
    assert column(got, "dx_age_conflict") == [None, None, None, None, None]
    assert column(got, "op_sex_conflict") == ["74.1X00", None, None, None, None]
    old = claims_with({"setl_id": "S5", "brdy": None, "age": 3}, knowledge=knowledge, diags=diags)
    assert column(old, "dx_age_conflict") == ["P07.000"]


def test_settlement_list_gaps() -> None:
    rows = [
        {"setl_id": "S1", "gend": None, "psn_pay": None},
        stay("S2", june(1), june(2), dscg_way=None, dscg_maindiag_code=None),
        {"setl_id": "S3"},
    ]
    got = claims_with(*rows, {"setl_id": "S4", "inscp_amt": 9_000}, {"setl_id": "S5", "overlmt_selfpay": None})
    assert column(got, "missing_fields") == ["gend,psn_pay", "dscg_maindiag_code,dscg_way", None, None, None]
    assert column(got, "parts_gap_fen") == [0, 0, 0, 1_000, None]


def test_loads_against_the_whole_batch() -> None:
    rows = [
        {"setl_id": "S1", "medfee_sumamt": 10_000}, {"setl_id": "S2", "medfee_sumamt": 20_000},
        {"setl_id": "S3", "fixmedins_code": "H2", "medfee_sumamt": 60_000, "chfpdr_code": None}, stay("S4", june(1), june(2)),
    ]  # fmt: skip
    got = claims_with(*rows)
    assert column(got, "inst_claims") == [3, 3, 1, 3]
    assert column(got, "inst_mean_fen") == [15_000, 15_000, 60_000, 10_000]
    assert column(got, "cost_ratio") == [1 / 3, 2 / 3, 2.0, 1.0]  # the tier's outpatient mean is 300 yuan
    assert column(got, "doctor_claims_day") == [2, 2, None, 1]
    assert column(got, "shared_days") == [1, 1, 1, 0]


def test_what_a_night_remembers() -> None:
    course = {"item_course_days": 3, "item_course_kind": "visit_days", "item_course_key": "K"}
    knowledge = FakeKnowledge({"X": course}, first_line_rows=[("F", "W")])
    claims = claims_of(stay("S1", june(1), june(4)), {"setl_id": "S2"}, {"setl_id": "S3", "med_type": "9901"})
    lines = lines_of(claims, {"cnt": 2}, {"cnt": -1}, {"med_list_codg": "W1", "setl_id": "S2"}, {"med_list_codg": "Y"})
    found_lines, found_claims = measured(knowledge, claims, lines)
    kept = {name: frame.collect() for name, frame in remember(found_lines.lazy(), found_claims.lazy()).items()}
    assert kept["stays"]["setl_id"].to_list() == ["S1"]
    assert kept["visits"].rows() == [("P1", "S2", "H1", "outpatient", june(10))]
    assert kept["item_days"].sort("item_code").rows() == [("P1", "W1", june(10), 10_000), ("P1", "X", june(10), 10_000)]
    for name, frame in history_of().items():
        assert kept[name].schema == frame.collect_schema(), name
