"""Codes of the settlement list against lines, antibiotics, idle days, purchase prices: cases beyond the rules' own examples."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from measure_frames import FakeKnowledge, claims_of, column, diags_of, history_of, lines_of, measured, oprns_of

from audit.knowledge.codings import OPERATIONS

STAY: dict[str, Any] = {"med_type": "21", "begn_date": date(2026, 6, 10), "end_date": date(2026, 6, 16), "dscg_maindiag_code": "Z49.100"}
DEMAND = {"dx_prefix": "Z49.1", "code_prefixes": "DIA;HDF", "words": "透析"}
OPERATED = {"op_prefix": "53.0", "prophylaxis_hours": 24}


@pytest.mark.parametrize(
    ("line", "unbilled"),
    [
        ({"med_list_codg": "HDF1"}, None),
        ({"hilist_name": "血液透析"}, None),
        ({"medins_list_name": "血液透析"}, None),
        ({"med_list_codg": "HDF1", "cnt": -1}, "Z49.100"),  # taken back without a partner
        ({}, "Z49.100"),
    ],
)
def test_a_diagnosis_asks_for_its_line(line: dict[str, Any], unbilled: str | None) -> None:
    claims = claims_of(STAY)
    got = measured(FakeKnowledge(codings_rows={"dx_demands": [DEMAND]}), claims, lines_of(claims, line))[1]
    assert column(got, "dx_unbilled") == [unbilled]


def test_a_demand_has_its_dates_and_an_encounter_is_looked_at_whole() -> None:
    later = {**DEMAND, "valid_from": date(2026, 6, 11)}
    claims = claims_of(STAY, {**STAY, "setl_id": "S2", "mdtrt_id": "MS1"}, {**STAY, "setl_id": "S3", "psn_no": "P3"})
    lines = lines_of(claims, {"setl_id": "S2", "med_list_codg": "DIA"}, {"setl_id": "S1"}, {"setl_id": "S3"})
    for demand, unbilled in ((DEMAND, [None, None, "Z49.100"]), (later, [None] * 3)):
        got = measured(FakeKnowledge(codings_rows={"dx_demands": [demand]}), claims, lines)[1]
        assert column(got, "dx_unbilled") == unbilled


def test_main_codes_come_from_the_list_first() -> None:
    claims = claims_of(STAY, {**STAY, "setl_id": "S2"}, {**STAY, "setl_id": "S3"}, {**STAY, "setl_id": "S4", "has_oprns": False})
    diags = diags_of(("S1", "K40.900"), ("S2", "K40.900")).with_columns(maindiag_flag=pl.when(pl.col("setl_id") == "S1").then(pl.lit("1")))
    ops = oprns_of(("S1", "53.0000", None), ("S2", "53.0000", "1"), ("S2", "54.1100", "1"), ("S4", "53.0000"))
    got = measured(FakeKnowledge(), claims, lines_of(claims, {}), diags=diags, oprns=ops)[1]
    assert column(got, "main_dx") == ["K40.900", "Z49.100", "Z49.100", "Z49.100"]
    assert column(got, "main_op") == ["53.0000", "53.0000", None, "53.0000"]
    assert column(got, "op_count") == [1, 2, 0, None]
    assert column(got, "main_op_odd") == [None, True, False, None]


def test_operations_of_another_settlement_of_the_stay_count() -> None:
    known = FakeKnowledge({"CUT": {}}, item_sets_rows=[(OPERATIONS, "CUT")], codings_rows={"op_kinds": [OPERATED]})
    claims = claims_of(STAY, {**STAY, "setl_id": "S2", "mdtrt_id": "MS1"}, {**STAY, "setl_id": "S3", "psn_no": "P3"})
    lines = lines_of(claims, {"med_list_codg": "CUT", "med_chrgitm_type": "06"}, {"setl_id": "S3", "med_list_codg": "CUT"})
    got = measured(known, claims, lines, oprns=oprns_of(("S2", "53.0000")))[1]
    assert column(got, "op_unlisted") == [None, None, "CUT"]
    assert column(got, "op_unbilled") == [None, None, None]


@pytest.mark.parametrize(
    ("ops", "days", "only_clean"),
    [
        ([("S1", "53.0000", "1", date(2026, 6, 11))], 2, True),
        ([("S1", "53.0000", "1", date(2026, 6, 11)), ("S1", "53.0100", "0", date(2026, 6, 12))], 1, True),  # the last one counts
        ([("S1", "53.0000", "1", date(2026, 6, 11)), ("S1", "45.7300", "0", date(2026, 6, 11))], None, False),
        ([("S1", "53.0000", "1", date(2026, 6, 11)), ("S1", "89.5200", "0", date(2026, 6, 11))], 2, True),  # an ECG is no operation
        ([("S1", "53.0000", "1", None)], None, True),
        ([("S1", "53.0000", "1", date(2026, 6, 11)), ("S1", "53.0100", "0", None)], None, True),  # perhaps the last one
        ([("S2", "53.0000", "1", date(2026, 6, 11))], None, False),
    ],
)
def test_days_after_a_clean_operation(ops: list[tuple[Any, ...]], days: int | None, only_clean: bool) -> None:
    claims = claims_of(STAY)
    known = FakeKnowledge({"J01": {"item_antibiotic": True}}, codings_rows={"op_kinds": [OPERATED]})
    line = {"med_list_codg": "J01", "at": datetime(2026, 6, 13, 8)}
    got = measured(known, claims, lines_of(claims, line), oprns=oprns_of(*ops))[0].row(0, named=True)
    assert (got["days_after_clean_op"], got["only_clean_ops"]) == (days, only_clean)
    assert got["prophylaxis_days"] == (1 if only_clean else None)
    undated = measured(known, claims, lines_of(claims, {**line, "at": None}), oprns=oprns_of(*ops))[0]
    assert column(undated, "days_after_clean_op") == [None]


def test_a_doctor_may_order_what_the_list_says_on_that_day() -> None:
    rights = [
        {"fixmedins_code": "H1", "dr_code": "HIGH", "antibiotic_class": "special"},
        {"fixmedins_code": "H1", "dr_code": "LOW", "antibiotic_class": "restricted"},
        {"fixmedins_code": "H1", "dr_code": "GONE", "antibiotic_class": "special", "valid_to": date(2026, 6, 9)},
    ]
    known = FakeKnowledge(
        {"S": {"item_antibiotic_class": "special"}, "R": {"item_antibiotic_class": "restricted"}}, codings_rows={"doctor_rights": rights}
    )
    claims = claims_of({}, {"setl_id": "S2", "fixmedins_code": "H2"})
    asked = [("S", "HIGH"), ("R", "HIGH"), ("S", "LOW"), ("R", "LOW"), ("S", "GONE"), ("S", "NOBODY"), ("S", None)]
    rows = [{"med_list_codg": code, "bilg_dr_code": doctor} for code, doctor in asked]
    rows.append({"setl_id": "S2", "med_list_codg": "S", "bilg_dr_code": "HIGH"})
    got = measured(known, claims, lines_of(claims, *rows))[0]
    assert column(got, "dr_may_order") == [True, True, False, True, False, False, None, None]
    assert column(got, "antibiotic_barred") == [True, False, True, False, True, True, True, True], "the special class in a clinic"
    inpatient = measured(known, claims.with_columns(med_type=pl.lit("21")), lines_of(claims, *rows))[0]
    assert column(inpatient, "antibiotic_barred") == [False, False, True, False, True, True, None, None]


def test_idle_days_lie_between_admission_and_discharge() -> None:
    claims = claims_of(STAY, {**STAY, "setl_id": "S2", "end_date": None}, {**STAY, "setl_id": "S3", "end_date": STAY["begn_date"]})
    at = datetime(2026, 6, 10, 9)
    care = [{"med_chrgitm_type": "05", "at": at + timedelta(days=d)} for d in (0, 2, 2, 6, 7)]
    other = [{"med_chrgitm_type": "01", "at": at + timedelta(days=3)}, {"med_chrgitm_type": "05", "at": at + timedelta(days=4), "cnt": -1}]
    got = measured(FakeKnowledge(), claims, lines_of(claims, *care, *other))[1]
    assert column(got, "idle_days") == [4, None, None], "no end, no lines"
    nursing = [{"med_chrgitm_type": "07", "at": at, "cnt": count} for count in (4, 5, -4)]
    got = measured(FakeKnowledge(), claims, lines_of(claims, *care, *nursing[:1]))[1]
    assert column(got, "idle_days")[0] == 1, "five whole days, nursing of four stands on one"
    assert column(measured(FakeKnowledge(), claims, lines_of(claims, *nursing))[1], "idle_days")[0] == 0, "never below nought"


def test_late_records_and_lines_without_an_order() -> None:
    claims = claims_of({}, {"setl_id": "S2"})
    at = datetime(2026, 6, 10, 9, 30)
    rows = [
        {"med_chrgitm_type": "04", "rx_drord_no": "R1", "crte_time": at + timedelta(hours=5, minutes=59)},
        {"med_chrgitm_type": "04", "det_item_fee_sumamt": 700},
        {"med_chrgitm_type": "04", "det_item_fee_sumamt": -700, "cnt": -1},
        {"setl_id": "S2", "med_chrgitm_type": "04"},
    ]
    got = measured(FakeKnowledge(), claims, lines_of(claims, *rows))[1]
    assert column(got, "upload_hours") == [5, None]
    assert column(got, "orderless_lines") == [1, None]
    assert column(got, "orderless_fen") == [700, None]


def visits_of(people: str, *days: date, place: str = "H1", med_type: str = "41") -> list[dict[str, Any]]:
    """One visit of each person (a letter) on each day."""
    return [
        {"setl_id": f"{p}{place}{d:%m%d}", "psn_no": p, "fixmedins_code": place, "med_type": med_type, "begn_date": d, "end_date": d}
        for p in people
        for d in days
    ]


def test_people_who_come_together_are_counted_over_nights() -> None:
    may = [date(2026, 5, day) for day in (4, 11, 18)]
    rows = (
        visits_of("ABC", *may) + visits_of("D", *may[1:]) + visits_of("E", *may[:2], date(2026, 5, 19)) + visits_of("F", *may, place="H2")
    )
    claims = claims_of(*rows, *visits_of("G", *may, med_type="14"))
    earlier = {"psn_no": "D", "setl_id": "OLD", "fixmedins_code": "H1", "visit_mode": "drugstore", "visit_date": may[0]}
    got = measured(FakeKnowledge(), claims, lines_of(claims, {"setl_id": "AH10504"}), history=history_of(visits=[earlier]))[1]
    last = got.filter(pl.col("begn_date") >= may[2]).select("psn_no", "together_persons").rows()
    assert last == [("A", 4), ("B", 4), ("C", 4), ("D", 4), ("E", 0), ("F", 0), ("G", 0)]
    assert set(got.filter(pl.col("begn_date") < may[2])["together_persons"]) == {0}, "once per person and institution"


def test_a_crowded_day_tells_nothing_about_who_came_together() -> None:
    crowd = "".join(chr(ord("A") + n) for n in range(41))
    claims = claims_of(*visits_of(crowd, *(date(2026, 5, day) for day in (4, 11, 18))))
    got = measured(FakeKnowledge(), claims, lines_of(claims, {"setl_id": "AH10504"}))[1]
    assert set(got["together_persons"]) == {0}


def test_one_visit_in_pieces_and_two_provinces_on_a_day() -> None:
    day = {"psn_no": "P1", "begn_date": date(2026, 6, 10)}
    claims = claims_of(
        *({**day, "setl_id": f"S{n}", "fixmedins_code": "H1"} for n in range(1, 4)),
        {**day, "setl_id": "S4", "fixmedins_code": "H2", "fix_blng_admdvs": "320100"},
        {**day, "setl_id": "S5", "fixmedins_code": "H3", "fix_blng_admdvs": "320200", "med_type": "21"},
        {**day, "setl_id": "S6", "fixmedins_code": "H3", "fix_blng_admdvs": None, "med_type": "9907"},
    )
    got = measured(FakeKnowledge(), claims, lines_of(claims, {}))[1]
    assert column(got, "same_day_no") == [1, 2, 3, 1, 0, None]
    assert column(got, "far_setl_id") == [None, None, None, "S1", None, None]
    assert column(got, "far_area") == [None, None, None, "530199", None, None]


def test_the_price_is_held_against_the_dearest_purchase() -> None:
    claims = claims_of({}, {"setl_id": "S2"}, {"setl_id": "S3", "fixmedins_code": "H2"}, {"setl_id": "S4", "fixmedins_code": "H2"})
    known = FakeKnowledge({"D": {"item_kind": "drug"}})
    drug = {"med_list_codg": "D", "med_chrgitm_type": "09"}
    bought = [("1", 10_000_000), ("1", 12_000_000), ("4", 90_000_000)]  # a count is no purchase
    names = ("fixmedins_code", "med_list_codg", "inv_chg_type", "inv_chg_time", "cnt_e4", "pric_e6")
    rows = [("H1", "D", kind, datetime(2026, 6, 1), 10_000_000, price) for kind, price in bought]
    inventory = pl.DataFrame(rows, schema=names, orient="row").cast({"inv_chg_time": pl.Datetime("us")})
    lines = lines_of(
        claims, {**drug, "pric_e6": 18_010_000, "cnt": 2}, {**drug, "setl_id": "S2", "pric_e6": 18_000_000}, {**drug, "setl_id": "S3"},
        {"setl_id": "S4"},
    )  # fmt: skip
    got = measured(known, claims, lines, inventory=inventory)[1]
    assert column(got, "markup_fen") == [2, 0, None, 0]
    assert column(got, "markup_line") == ["L1", None, None, None]


def test_names_are_alike_by_their_letters() -> None:
    claims = claims_of({}, {"setl_id": "S2"}, {"setl_id": "S3"})
    rows = [
        {"hilist_name": "CT平扫", "medins_list_name": "ＣＴ 平扫（胸部）"},
        {"hilist_name": "普通针刺", "medins_list_name": "针灸"},
        {"hilist_name": "普通针刺", "medins_list_name": "保健推拿"},
        {"setl_id": "S2", "hilist_name": "普通针刺", "medins_list_name": "普通针刺"},
        {"setl_id": "S3", "hilist_name": "普通针刺"},
    ]
    got = measured(FakeKnowledge(), claims, lines_of(claims, *rows))[1]
    assert column(got, "least_likeness") == [0.0, 1.0, None]
    assert column(got, "unlike_line") == ["L3", None, None]
