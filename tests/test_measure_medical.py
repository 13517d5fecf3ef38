"""Measures of the medical rule types, and the points that this project wrote for them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.knowledge.points import OURS
from audit.measure.doses import single_dose, times_a_day
from tests.measure_frames import FakeKnowledge, claims_of, column, diags_of, lines_of, measured, oprns_of

TABLES = Path(__file__).parents[1] / "rules" / "tables"
ONE = claims_of()
DAY = [datetime(2026, 6, d, 9, 30) for d in range(1, 31)]
MEDICAL = [64, 66, *range(68, 76), 77, 78, 79, *range(82, 89)]


def lines_with(knowledge: FakeKnowledge, *rows: dict[str, Any], claims: pl.DataFrame = ONE, **more: Any) -> pl.DataFrame:
    return measured(knowledge, claims, lines_of(claims, *rows), **more)[0]


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("tid", 3), ("B.i.d.", 2), ("Q12H", 2), ("每日三次", 3), ("一日 2 次", 2), ("3次/日", 3), ("每天4次", 4), ("1天1次", 1),
        ("qn", 1),
        ("", None), ("prn", None), ("st", None), ("每2日1次", None), ("1次/2日", None), ("每周三次", None), ("每日", None),
        ("tid prn", None),
    ],
)  # fmt: skip
def test_times_a_day(text: str, times: int | None) -> None:
    assert times_a_day(text) == times


@pytest.mark.parametrize(
    ("text", "unit", "dose"),
    [
        ("0.5g", "mg", 500.0), ("每次 250 mg", "mg", 250.0), ("50μg", "mg", 0.05), ("1克/次", "mg", 1000.0), ("2片", "片", 2.0),
        ("2片", "mg", None), ("0.5g", "片", None), ("1-2片", "片", None), ("10ml", "mg", None), ("0.5g(1片)", "mg", None),
        ("遵医嘱", "mg", None),
        ("", "mg", None),
    ],
)  # fmt: skip
def test_single_dose(text: str, unit: str, dose: float | None) -> None:
    assert single_dose(text, unit) == dose


def test_dose_of_a_day_and_the_money_above_it() -> None:
    knowledge = FakeKnowledge(
        {"X": {"item_day_dose_max": 4000.0, "item_dose_unit": "mg"}, "T": {"item_day_dose_max": 1.0, "item_dose_unit": "片"}}
    )
    rows = [
        {"sin_dos_dscr": "2g", "used_frqu_dscr": "tid"},  # 6 g of 4: a third of 10 yuan = 333.33 fen
        {"sin_dos_dscr": "1g", "used_frqu_dscr": "qid"},
        {"sin_dos_dscr": "1g", "used_frqu_dscr": "prn"},
        {"med_list_codg": "T", "cnt": 21, "spec": "片", "prd_days": 14},  # 1.5 a day: a third of 210 yuan
        {"med_list_codg": "T", "cnt": 21, "spec": "盒", "prd_days": 14},
        {"med_list_codg": "T", "cnt": 21, "spec": "片", "prd_days": 1},  # a filler
        {"sin_dos_dscr": "2g", "used_frqu_dscr": "tid", "cnt": -1},
        {"med_list_codg": "Y", "sin_dos_dscr": "2g", "used_frqu_dscr": "tid"},
    ]
    got = lines_with(knowledge, *rows)
    assert column(got, "day_dose") == [6000.0, 4000.0, None, 1.5, None, None, None, None]
    assert column(got, "over_dose_fen") == [333, 0, None, 7000, None, None, None, None]


def test_herbs_beyond_any_dose() -> None:
    knowledge = FakeKnowledge({"X": {"item_herb_day_max": 3.0}})
    rows = [
        {"cnt": 84, "spec": "g", "prd_days": 7}, {"cnt": 63, "spec": "克", "prd_days": 7}, {"cnt": 0.084, "spec": "KG", "prd_days": 7},
        {"cnt": 84, "spec": "袋", "prd_days": 7}, {"cnt": 84, "spec": "g"}, {"cnt": 84, "spec": None, "prd_days": 7},
        {"cnt": 84, "spec": "g", "prd_days": 1},
    ]  # fmt: skip
    got = lines_with(knowledge, *rows)
    assert column(got, "herb_day_qty") == [12.0, 9.0, 12.0, None, None, None, None]
    assert column(got, "over_herb_fen") == [21_000, 0, 21, None, None, None, None]  # a quarter of 840 yuan, of 84 fen


def test_one_class_twice() -> None:
    of_class = {"item_drug_class": "K"}
    knowledge = FakeKnowledge(
        {"XA10BBQ991": of_class, "XA10BBQ992": of_class, "XA10BBQ993": of_class, "XA10BHQ991": {"item_drug_class": "D"}}
    )
    claims = claims_of({"setl_id": "S1"}, {"setl_id": "S2"}, {"setl_id": "S3", "psn_no": "P2"})
    a, b, c, other = "XA10BBQ991A1", "XA10BBQ992A1", "XA10BBQ993A1", "XA10BHQ991A1"
    rows = [
        {"bkkp_sn": "a1", "med_list_codg": a, "cnt": 5, "at": DAY[0], "prd_days": 10},
        {"bkkp_sn": "a2", "med_list_codg": b, "cnt": 3, "at": DAY[0], "setl_id": "S2"},  # another visit
        {"bkkp_sn": "a3", "med_list_codg": c, "cnt": 3, "at": DAY[0], "setl_id": "S2"},  # of equal amounts the later number
        {"bkkp_sn": "a4", "med_list_codg": b, "at": DAY[1], "setl_id": "S2"},  # a change of treatment while a1 would last
        {"bkkp_sn": "a5", "med_list_codg": other, "at": DAY[0]},
        {"bkkp_sn": "a6", "med_list_codg": b, "at": None},  # nobody knows its day
        {"bkkp_sn": "a7", "med_list_codg": b, "cnt": -1, "at": DAY[0]},
        {"bkkp_sn": "b1", "med_list_codg": b, "at": DAY[0], "setl_id": "S3"},
        {"bkkp_sn": "b2", "med_list_codg": b[:-1] + "2", "at": DAY[0], "setl_id": "S3"},  # another maker
    ]
    got = lines_with(knowledge, *rows, claims=claims)
    assert {sn: other for sn, other in zip(got["bkkp_sn"], got["same_class_as"], strict=True) if other} == {"a2": "a1", "a3": "a1"}


def test_pregnant_breast_feeding_or_nobody_knows() -> None:
    cases: list[tuple[str, dict[str, Any], list[bool | None]]] = [  # of pregnant, lactating, both
        ("O24.900", {}, [True, False, True]), ("Z34.900", {}, [True, False, True]), ("O92.300", {}, [None, None, None]),
        ("Z39.100", {}, [None, True, True]), ("O80.000", {}, [None, None, None]), ("O24.900;O80.000", {}, [None, None, None]),
        ("O03.900", {}, [None, None, None]), ("I10.X00", {}, [False, False, False]), ("", {}, [None, None, None]),
        ("I10.X00", {"matn_type": "1"}, [None, None, None]), ("I10.X00", {"matn_type": "0"}, [False, False, False]),
        ("O24.900", {"gend": "1"}, [False, False, False]), ("O24.900", {"gend": "9"}, [True, False, True]),
    ]  # fmt: skip
    states = ("pregnant", "lactating", "both")
    knowledge = FakeKnowledge({state: {"item_pregnancy_risk": state} for state in states})
    claims = claims_of(*({"setl_id": f"S{n:02d}", "gend": "2", **claim} for n, (_, claim, _) in enumerate(cases)))
    diags = diags_of(*((f"S{n:02d}", code) for n, (codes, _, _) in enumerate(cases) for code in codes.split(";") if code))
    rows = [
        {"bkkp_sn": f"L{n:02d}{m}", "setl_id": f"S{n:02d}", "med_list_codg": code}
        for n in range(len(cases))
        for m, code in enumerate((*states, "Y"))
    ]
    found = column(lines_with(knowledge, *rows, claims=claims, diags=diags), "pregnancy_conflict")
    assert [found[n : n + 4] for n in range(0, len(found), 4)] == [[*expected, None] for _, _, expected in cases]


def test_quantity_within_a_day_a_claim_or_an_operation() -> None:
    knowledge = FakeKnowledge({
        "D": {"item_qty_max": 1.0, "item_qty_per": "day"}, "V": {"item_qty_max": 3.0, "item_qty_per": "visit"},
        "O": {"item_qty_max": 1.0, "item_qty_per": "operation"},
    })  # fmt: skip
    claims = claims_of({"setl_id": "S1"}, {"setl_id": "S2"}, {"setl_id": "S3", "psn_no": "P2"})
    rows = [
        {"med_list_codg": "D", "at": DAY[0]}, {"med_list_codg": "D", "at": DAY[0], "setl_id": "S2"},  # one day, two claims
        {"med_list_codg": "D", "at": DAY[0], "setl_id": "S3"},  # another person
        {"med_list_codg": "D", "at": DAY[1], "cnt": 3}, {"med_list_codg": "D", "at": DAY[1], "cnt": -2},  # taken back without a partner
        {"med_list_codg": "V", "at": DAY[0], "cnt": 2}, {"med_list_codg": "V", "at": DAY[5], "cnt": 2},
        {"med_list_codg": "V", "setl_id": "S2"},
        {"med_list_codg": "O", "cnt": 3}, {"med_list_codg": "O", "cnt": 2, "setl_id": "S2"}, {"med_list_codg": "Y", "cnt": 9},
    ]  # fmt: skip
    rows = [{"bkkp_sn": f"L{n:02d}", **row} for n, row in enumerate(rows, 1)]
    got = lines_with(knowledge, *rows, claims=claims, oprns=oprns_of(("S1", "13.41"), ("S1", "13.42")))
    assert column(got, "over_qty_fen") == [0, 1000, 0, 0, 0, 0, 1000, 0, 1000, None, None]
    assert column(got, "qty_used") == [2, 2, 1, 1, 1, 4, 4, 1, 3, 2, None]
    assert column(lines_with(knowledge, *rows, claims=claims), "over_qty_fen")[8:10] == [None, None]


def test_departments_by_a_word_of_their_name() -> None:
    knowledge = FakeKnowledge({"X": {"item_consumable_depts": "透析;肾"}})
    rows = [{"bilg_dept_name": name} for name in ("肾内科", "血液透析室", "眼科", None)]
    rows += [{"med_list_codg": "Y", "bilg_dept_name": "眼科"}]
    assert column(lines_with(knowledge, *rows), "consumable_dept_ok") == [True, True, False, None, None]


def test_partners_within_their_scope() -> None:
    sets = [("N", "N"), ("S", "S"), ("H", "H")]
    items: dict[str, dict[str, Any]] = {
        "A": {"item_interaction_set": "N"}, "C": {"item_companion_set": "S", "item_companion_window": "visit"},
        "E": {"item_companion_set": "S", "item_companion_window": "day"}, "P": {"item_incompatible_set": "H"},
        "NA": {"item_interaction_set": "N"},
    }  # fmt: skip
    knowledge = FakeKnowledge(items, first_line_rows=sets)
    claims = claims_of({"setl_id": "S1"}, {"setl_id": "S2", "mdtrt_id": "MS1"}, {"setl_id": "S3", "psn_no": "P2"})
    rows = [
        {"med_list_codg": "A", "at": DAY[0]}, {"med_list_codg": "N", "at": DAY[0], "setl_id": "S2"},  # one day, two claims
        {"med_list_codg": "A", "at": DAY[1]}, {"med_list_codg": "N", "at": DAY[1], "setl_id": "S3"},  # another person
        {"med_list_codg": "A", "at": DAY[2]}, {"med_list_codg": "N", "at": DAY[2], "cnt": -1},
        {"med_list_codg": "A", "at": DAY[9]}, {"med_list_codg": "N", "at": None},  # settled on that day, given nobody knows when
        {"med_list_codg": "NA", "at": DAY[20]}, {"med_list_codg": "NA", "at": DAY[20]},  # never its own partner
        {"med_list_codg": "C", "at": DAY[4]}, {"med_list_codg": "S", "at": DAY[6], "setl_id": "S2"},  # another settlement of the encounter
        {"med_list_codg": "C", "at": DAY[6], "setl_id": "S3"},
        {"med_list_codg": "E", "at": DAY[6]}, {"med_list_codg": "E", "at": DAY[4]},
        {"med_list_codg": "P", "rx_drord_no": "R1"}, {"med_list_codg": "H", "rx_drord_no": "R1"},
        {"med_list_codg": "P", "rx_drord_no": "R2"},
        {"med_list_codg": "P", "rx_drord_no": None}, {"med_list_codg": "H", "rx_drord_no": None},
    ]  # fmt: skip
    got = lines_with(knowledge, *[{"bkkp_sn": f"L{n:02d}", **row} for n, row in enumerate(rows, 1)], claims=claims)
    met = {name: {sn: other for sn, other in zip(got["bkkp_sn"], got[name], strict=True) if other} for name in
           ("interacts_with", "companion", "incompatible_with")}  # fmt: skip
    assert met == {"interacts_with": {"L01": "L02"}, "companion": {"L11": "L12", "L14": "L12"}, "incompatible_with": {"L16": "L17"}}


@pytest.mark.parametrize("rule", MEDICAL)
def test_our_own_points_say_where_they_come_from(rule: int) -> None:
    points = pl.read_csv(TABLES / "points" / f"{rule:02d}.csv", infer_schema=False)
    codes = pl.read_csv(TABLES / "codes" / f"{rule:02d}.csv", infer_schema=False)
    assert rule in OURS and points.height >= 2
    numbers = points["point_id"].str.strip_prefix(f"OWN-{rule:02d}-").cast(pl.Int64).to_list()
    assert numbers == sorted(set(numbers)), "in order, and the id of a point that was taken out is never given again"
    assert points.filter(pl.col("batch").is_not_null() | pl.col("source").str.contains("NHSA")).is_empty()
    assert set(points["published"].str.to_date()) == set(points["valid_from"].str.to_date()) == {date(2023, 5, 15)}
    assert set(codes["point_id"]) == set(points["point_id"])
    invented = codes.filter(pl.col("code").str.starts_with("C")).join(points, on="point_id")
    assert invented.filter(~pl.col("code").str.starts_with("C999") | ~pl.col("source").str.contains("the area must supply")).is_empty()
