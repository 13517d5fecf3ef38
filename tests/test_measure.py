"""Measures of lines: for each a small hand-written case, its arithmetic in the comment, its null among the rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from audit.measure import vocabulary
from tests.measure_frames import FakeKnowledge, claims_of, column, diags_of, history_of, lines_of, measured, oprns_of

ONE = claims_of()
DAY = [datetime(2026, 6, d, 9, 30) for d in range(1, 31)]


def lines_with(knowledge: FakeKnowledge, *rows: dict[str, Any], claims: pl.DataFrame = ONE, **more: Any) -> pl.DataFrame:
    return measured(knowledge, claims, lines_of(claims, *rows), **more)[0]


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        # born 10 June 2012: 14 full years on 10 June 2026, no longer a child
        ({"brdy": date(2012, 6, 10)}, {"age_lo": 14, "age_hi": 14, "is_child": False, "is_infant": False, "is_newborn": False}),
        # born one day later: still 13
        ({"brdy": date(2012, 6, 11)}, {"age_lo": 13, "age_hi": 13, "is_child": True, "is_infant": False}),
        # 28 days old is still newborn, 29 is not
        ({"brdy": date(2026, 5, 13)}, {"age_days": 28, "is_newborn": True, "is_infant": True, "is_child": True}),
        ({"brdy": date(2026, 5, 12)}, {"age_days": 29, "is_newborn": False, "is_infant": True}),
        # a stated age within a year of the limit cannot tell; two years away it can
        ({"brdy": None, "age": 13}, {"age_days": None, "age_lo": 12, "age_hi": 14, "is_child": None, "is_newborn": False}),
        ({"brdy": None, "age": 15}, {"is_child": False}),
        ({"brdy": None, "age": 14}, {"is_child": None}),
        ({"brdy": None, "age": 12}, {"is_child": True}),
        ({"brdy": None, "age": 0}, {"age_lo": 0, "age_hi": 1, "is_newborn": None, "is_infant": True}),
        ({"brdy": None, "age": None}, {"age_lo": None, "is_child": None, "is_newborn": None}),
        # a birth date after the service tells nothing
        ({"brdy": date(2026, 6, 11)}, {"age_days": None, "age_lo": None, "is_child": None}),
    ],
)
def test_age(person: dict[str, Any], expected: dict[str, Any]) -> None:
    got = lines_with(FakeKnowledge(), {}, claims=claims_of(person)).row(0, named=True)
    assert {name: got[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("item", "person", "name", "expected"),
    [
        ({"item_child_pay": True}, {"brdy": date(2020, 1, 1)}, "in_pay_age", True),
        ({"item_child_pay": True}, {"brdy": date(2000, 1, 1)}, "in_pay_age", False),
        (
            {"item_child_pay": True, "item_pay_age_lo": 2, "item_pay_age_hi": 6},
            {"brdy": date(2020, 6, 10)},
            "in_pay_age",
            False,
        ),  # 6 is not < 6
        ({"item_child_pay": True, "item_pay_age_lo": 2, "item_pay_age_hi": 6}, {"brdy": date(2024, 6, 10)}, "in_pay_age", True),
        ({}, {"brdy": date(2020, 1, 1)}, "in_pay_age", None),
        ({"item_child_drug": "infant"}, {"brdy": date(2023, 6, 11)}, "in_drug_age", True),
        ({"item_child_drug": "infant"}, {"brdy": date(2023, 6, 10)}, "in_drug_age", False),
        ({"item_child_drug": "unclear"}, {}, "in_drug_age", None),
        ({"item_child_service": "newborn"}, {"brdy": None, "age": 40}, "in_service_age", False),
        ({}, {"brdy": date(2026, 5, 13)}, "newborn_care", True),
        ({}, {"brdy": date(2026, 5, 12)}, "newborn_care", False),
        ({}, {"brdy": date(2026, 5, 12), "begn_date": date(2026, 6, 9), "med_type": "21"}, "newborn_care", True),  # 28 days on admission
        ({}, {"brdy": date(2026, 5, 12), "begn_date": date(2026, 6, 9), "insutype": "510"}, "newborn_care", True),
        ({}, {"brdy": None, "age": 40}, "newborn_care", False),
        ({}, {"brdy": None, "age": 0}, "newborn_care", None),
        ({}, {"med_type": "52"}, "newborn_care", None),  # a mother
        ({}, {"matn_type": "1"}, "newborn_care", None),
        ({}, {"insutype": None}, "newborn_care", None),
        ({"item_work_age": True}, {"gend": "1", "brdy": date(1967, 1, 1)}, "in_work_age", True),  # 59
        ({"item_work_age": True}, {"gend": "2", "brdy": date(1967, 1, 1)}, "in_work_age", False),
        ({"item_work_age": True}, {"gend": None, "brdy": date(1967, 1, 1)}, "in_work_age", None),  # man in, woman out
        ({"item_work_age": True}, {"gend": None, "brdy": date(1990, 1, 1)}, "in_work_age", True),
        ({"item_level_min": 2}, {"hosp_tier": 2}, "level_ok", True),
        ({"item_level_min": 3}, {"hosp_tier": 2}, "level_ok", False),
        ({"item_level_min": 3}, {"hosp_tier": None}, "level_ok", None),
        ({}, {"hosp_tier": 1}, "level_ok", None),
        ({"item_level_min": 3, "item_level_alt": "眼科"}, {"hosp_tier": 2, "fixmedins_name": "青枫眼科医院"}, "level_ok", True),
        ({"item_level_min": 3, "item_level_alt": "眼科"}, {"hosp_tier": 2, "fixmedins_name": None}, "level_ok", None),
        ({"item_level_min": 3, "item_level_alt": "眼科"}, {"hosp_tier": 1, "fixmedins_name": "青枫眼科医院"}, "level_ok", False),
        ({"item_visit_mode": "inpatient"}, {"med_type": "13"}, "mode_ok", False),
        ({"item_visit_mode": "inpatient_or_emergency"}, {"med_type": "13"}, "mode_ok", True),
        ({"item_visit_mode": "inpatient"}, {"med_type": "9901"}, "mode_ok", None),
        ({}, {"insutype": "310"}, "injury_insured", False),
        ({}, {"insutype": None}, "injury_insured", None),
        ({}, {"insutype": "310"}, "maternity_insured", False),
        ({}, {"insutype": "310", "med_type": "52"}, "maternity_insured", True),
        ({}, {"insutype": None}, "maternity_insured", None),
        ({}, {"med_type": "140104"}, "visit_mode", "outpatient"),
        ({}, {"med_type": "41"}, "visit_mode", "drugstore"),
        ({}, {"med_type": "71"}, "visit_mode", None),
        ({}, {"fixmedins_name": "青枫互联网医院"}, "visit_mode", "internet"),
        ({}, {"fixmedins_name": None}, "is_internet", None),
        ({}, {"fixmedins_name": None, "med_type": "21"}, "is_internet", False),
    ],
)
def test_limits_of_an_item(item: dict[str, Any], person: dict[str, Any], name: str, expected: Any) -> None:
    assert column(lines_with(FakeKnowledge({"X": item}), {}, claims=claims_of(person)), name) == [expected]


def test_fund_pays_three_answers() -> None:
    money = [(1_000, 0), (1_000, 1), (None, 0), (None, 500), (0, None)]
    rows = [{"fulamt_ownpay_amt": own, "inscp_amt": scope} for own, scope in money]
    assert column(lines_with(FakeKnowledge(), *rows), "fund_pays") == [False, True, None, True, True]


def test_sex_exempt_needs_a_diagnosis() -> None:
    claims = claims_of({"setl_id": "S1"}, {"setl_id": "S2"})
    got = lines_with(FakeKnowledge(), {}, {"setl_id": "S2"}, claims=claims, diags=diags_of(("S1", "Q96.900"), ("S2", "I10.X00")))
    assert column(got, "sex_exempt") == [True, False]


def test_death_from_registry_discharge_and_earlier_nights() -> None:
    claims = claims_of(
        {"setl_id": "S1", "psn_no": "P1", "die_date": date(2026, 6, 9)},
        {"setl_id": "S2", "psn_no": "P2", "med_type": "21", "begn_date": date(2026, 6, 1), "end_date": date(2026, 6, 5), "dscg_way": "5"},
        {"setl_id": "S3", "psn_no": "P2"},
        {"setl_id": "S4", "psn_no": "P3"},
        {"setl_id": "S5", "psn_no": "P4"},
    )
    past = history_of(stays=[{"psn_no": "P3", "setl_id": "S0", "mdtrt_id": "M0", "end_date": date(2026, 1, 2), "dscg_way": "5"}])
    rows = [{"setl_id": s} for s in ("S1", "S3", "S4", "S5")] + [
        {"setl_id": "S1", "at": None},
        {"setl_id": "S2", "at": datetime(2026, 6, 5)},
    ]
    got = lines_with(FakeKnowledge(), *rows, claims=claims, history=past)
    assert column(got, "death_date") == [date(2026, 6, 9), date(2026, 6, 5), date(2026, 1, 2), None, date(2026, 6, 9), date(2026, 6, 5)]
    # only the settlement of L5 is known to be late; L6 is on the day itself
    assert column(got, "after_death") == [True, True, True, False, None, False]


def test_price_above_ceiling_and_amount_gap() -> None:
    rows = [
        {"pric_e6": 12_345_600, "pric_uplmt_amt_e6": 10_000_000, "cnt": 3, "det_item_fee_sumamt": 3_704},  # 2.3456 x 3 = 7.0368 -> 704 fen
        {"pric_e6": 10_000_000, "pric_uplmt_amt_e6": 10_000_000},
        {"pric_e6": 99_000_000, "pric_uplmt_amt_e6": None},
        {"pric_e6": 10_005_000, "pric_uplmt_amt_e6": 10_000_000, "det_item_fee_sumamt": 1_000},  # 0.005 yuan -> 1 fen, half up
    ]
    got = lines_with(FakeKnowledge(), *rows)
    assert column(got, "price_over_fen") == [704, 0, 0, 1]
    assert column(got, "amount_gap_fen") == [0, 0, 0, -1]  # 12.3456 x 3 = 37.0368 -> 3704; 10.005 -> 1001, billed 1000


def test_service_day_outside_the_stay() -> None:
    claims = claims_of({"med_type": "21", "begn_date": date(2026, 6, 10), "end_date": date(2026, 6, 12)}, {"setl_id": "S2"})
    rows = [{"at": DAY[8]}, {"at": DAY[9]}, {"at": DAY[12]}, {"at": None}, {"setl_id": "S2", "at": DAY[0]}]
    assert column(lines_with(FakeKnowledge(), *rows, claims=claims), "service_day_outside") == [True, False, True, None, False]


def test_copies_are_identical_in_everything() -> None:
    rows: list[dict[str, Any]] = [
        {}, {}, {"cnt": 2}, {"pric_e6": 11_000_000}, {"rx_drord_no": "R1"}, {"med_list_codg": "Y"}, {"at": DAY[10]}, {"at": None},
        {"cnt": -1},
    ]  # fmt: skip
    got = lines_with(FakeKnowledge(), *rows)
    assert column(got, "copy_no") == [1, 2, 1, 1, 1, 1, 1, None, None]
    assert column(got, "copies") == [2, 2, 1, 1, 1, 1, 1, None, None]


def test_excess_of_a_day_lies_on_its_last_lines() -> None:
    knowledge = FakeKnowledge({"X": {"item_day_max": 1.0, "item_day_unit": "day"}})
    rows = [
        {"at": datetime(2026, 6, 10, 8)},
        {"at": datetime(2026, 6, 10, 20), "cnt": 2, "pric_e6": 10_010_000}, {"at": datetime(2026, 6, 10, 12)},
        {"at": DAY[10]}, {"med_list_codg": "Y", "cnt": 9},
        {"at": DAY[11], "cnt": 3, "pric_e6": 3_340_000}, {"at": DAY[11], "cnt": -1, "pric_e6": 3_340_000},
    ]  # fmt: skip
    got = lines_with(knowledge, *rows)
    assert column(got, "qty_day") == [4.0, 4.0, 4.0, 1.0, None, 2.0, 2.0]
    # 10 June: 4 billed, cap 1, excess 3: both of L2 (20.02 yuan), then L3 (10.00). 12 June: 3 - 1 = 2, excess 1 of 3: 1002 / 3 = 334 fen
    assert column(got, "over_day_fen") == [0, 2_002, 1_000, 0, None, 334, 0]


def test_units() -> None:
    knowledge = FakeKnowledge({"X": {"item_day_max": 24.0, "item_day_unit": "hour"}, "D": {"item_day_max": 1.0, "item_day_unit": "day"}})
    rows = (
        [{"spec": s} for s in ("小时", None, "次")] + [{"spec": s, "med_list_codg": "D"} for s in ("日", "小时")] + [{"med_list_codg": "Y"}]
    )
    assert column(lines_with(knowledge, *rows), "unit_known") == [True, True, None, True, None, False]


def test_hours_of_a_day() -> None:
    rows = [
        {"spec": "小时", "cnt": 20},
        {"spec": "元/小时", "cnt": 6, "at": DAY[9].replace(hour=22)},
        {"spec": "次", "cnt": 30},
        {"cnt": 30},
    ]
    got = lines_with(FakeKnowledge(), *rows)
    assert column(got, "hours_day") == [26.0, 26.0, None, None]
    assert column(got, "over_24h_fen") == [0, 2_000, None, None]  # 2 of the last 6 hours at 10 yuan


def test_same_test_again() -> None:
    rows = [{"at": DAY[d], "med_chrgitm_type": "04"} for d in (0, 0, 4, 29)] + [{"at": DAY[4], "med_chrgitm_type": "09"}]
    rows.append({"at": datetime(2026, 7, 1, 8), "med_chrgitm_type": "04"})
    got = lines_with(FakeKnowledge(), *rows)
    assert column(got, "days_since_same_item") == [None, None, 4, 25, None, 1]
    # 30 days ending 30 June: 1, 5, 30 June; ending 1 July: 5, 30 June and 1 July (2 June on)
    assert column(got, "same_item_days_30") == [1, 1, 2, 3, None, 3]


def test_order_of_rows_changes_nothing(busy: tuple[Any, ...]) -> None:
    knowledge, claims, lines, diags = busy
    first = measured(knowledge, claims, lines, diags=diags)
    for seed in (1, 2):
        again = measured(
            knowledge,
            *(f.sample(fraction=1.0, shuffle=True, seed=seed) for f in (claims, lines)),
            diags=diags.sample(fraction=1.0, shuffle=True),
        )
        for one, other in zip(first, again, strict=True):
            assert_frame_equal(one, other)


def test_no_line_or_claim_is_added_or_lost(busy: tuple[Any, ...]) -> None:
    knowledge, claims, lines, diags = busy
    got_lines, got_claims = measured(knowledge, claims, lines, diags=diags)
    assert got_lines["bkkp_sn"].to_list() == sorted(lines["bkkp_sn"])
    assert got_claims["setl_id"].to_list() == sorted(claims["setl_id"])
    assert got_lines["det_item_fee_sumamt"].sum() == lines["det_item_fee_sumamt"].sum()


def test_empty_bucket_and_vocabulary_agree_on_types() -> None:
    claims = claims_of()
    got = measured(FakeKnowledge(), claims.clear(), lines_of(claims, {}).clear(), oprns=oprns_of())
    assert [frame.height for frame in got] == [0, 0]
    schemas = [frame.schema for frame in got]
    for name, kind, meaning in vocabulary():
        assert meaning, name
        for schema in schemas:
            assert name not in schema or str(schema[name]) == kind, name
    told = {name for name, _, _ in vocabulary()}
    assert {"age_days", "included_in", "overlap_days", "drug_share"} <= told


@pytest.fixture(scope="module")
def busy() -> tuple[Any, ...]:
    """Eight persons, 40 claims, 400 lines of items that bear every kind of limit, many of them alike."""
    course = {"item_course_days": 2, "item_course_kind": "visit_days", "item_course_key": "K"}
    knowledge = FakeKnowledge(
        {
            "A": {"item_day_max": 1.0, "item_day_unit": "day", "item_is_main": True}, "B": {"item_period_max": 1.0, "item_period_days": 7},
            "C": {"item_kind": "drug", **course}, "D": {"item_is_part": True}, "E": {"item_op_group": "G"}, "F": {"item_op_group": "G"},
            "H": {"item_kind": "herb", "item_herb_not_alone": True},
            "I": {"item_kind": "drug", "item_dx_limited": True, "item_dx_set": "S"},
        },
        pairs_rows=[("A", "D", "day")], dx_sets_rows=[("S", "E11")],
    )  # fmt: skip
    stays = [
        {
            "setl_id": f"S{n:02d}", "psn_no": f"P{n % 8}", "fixmedins_code": f"H{n % 3}", "med_type": ("21", "11", "41", "13")[n % 4],
            "begn_date": date(2026, 6, 1 + n % 9), "end_date": date(2026, 6, 1 + n % 9 + n % 5),
        }
        for n in range(40)
    ]  # fmt: skip
    claims = claims_of(*stays)
    rows = [
        {
            "setl_id": f"S{n % 40:02d}", "bkkp_sn": f"L{n * 7919 % 400:03d}", "med_list_codg": "ABCDEFHIY"[n % 9],
            "rx_drord_no": f"R{n % 5}",
            "at": datetime(2026, 6, 1 + n % 12, n % 3), "cnt": (1, 2, -1, 3)[n % 4], "med_chrgitm_type": f"0{1 + n % 9}",
        }
        for n in range(400)
    ]  # fmt: skip
    diags = diags_of(*((f"S{n:02d}", ("E11.900", "I10.X00", "C50.900")[n % 3]) for n in range(0, 40, 2)))
    return knowledge, claims, lines_of(claims, *rows), diags
