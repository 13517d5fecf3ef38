"""Measures of the policy rules on services and consumables: hand-written cases, arithmetic in the comment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from audit.measure import remember
from tests.measure_frames import FakeKnowledge, claims_of, column, history_of, lines_of, measured

DAY = [datetime(2026, 6, d, 9, 30) for d in range(1, 31)]
CAP = {"item_cap_yuan": 20.0, "item_cap_per": "visit", "item_cap_key": "K"}
YEAR = {"item_consumable_cap_yuan": 20.0, "item_consumable_cap_per": "year", "item_consumable_cap_key": "Y"}
PARTS = ["002501010010000", "002501010020100", "002501010090000"]
SUB_ITEM = "002501010010100"  # of the first part
BUNDLE = "002501010150000"


def lines_with(knowledge: FakeKnowledge, *rows: dict[str, Any], claims: pl.DataFrame | None = None, **more: Any) -> pl.DataFrame:
    claims = claims_of() if claims is None else claims
    return measured(knowledge, claims, lines_of(claims, *rows), **more)[0]


def spent(fen: int, **more: Any) -> dict[str, Any]:
    """A line whose amount lies wholly within the fund's scope."""
    return {"pric_e6": fen * 10_000, "inscp_amt": fen, **more}


def test_what_the_fund_pays_of_a_line() -> None:
    claims = claims_of({}, {"setl_id": "S2", "hifp_pay": None}, {"setl_id": "S3", "inscp_amt": 0, "hifp_pay": 0})
    rows = [spent(1_001), spent(-1_001), {"inscp_amt": None}, {"setl_id": "S2"}, {"setl_id": "S3", "inscp_amt": 0}]
    got = lines_with(FakeKnowledge({"X": CAP}), *rows, claims=claims)
    assert column(got, "fund_fen") == [701, -701, None, None, 0]  # 1001 x 7000 / 10000 = 700.7


def test_the_money_above_a_cap_lies_on_the_last_lines() -> None:
    knowledge = FakeKnowledge({"X": CAP, "W": CAP})
    rows = [spent(1_000, at=DAY[2]), spent(1_000, at=DAY[1], med_list_codg="W"), spent(2_000, at=DAY[3]), {"med_list_codg": "Z"}]
    got = lines_with(knowledge, *rows)
    # the fund pays 7 + 7 + 14 = 28 yuan, 8 above the cap: of the last line 8/14 of 20 yuan
    assert column(got, "capped_fund_fen") == [2_800, 2_800, 2_800, None]
    assert column(got, "over_cap_fen") == [0, 0, 1_143, None]
    back = lines_with(knowledge, *rows[:3], spent(1_200, cnt=-1, inscp_amt=-1_200, at=DAY[4]))
    assert column(back, "capped_fund_fen") == [1_960] * 4 and column(back, "over_cap_fen") == [0] * 4  # 8.40 taken back
    unknown = lines_with(knowledge, *rows[:2], {"inscp_amt": None})
    assert column(unknown, "over_cap_fen") == [None] * 3


def test_a_cap_of_the_year_counts_earlier_nights_and_other_visits() -> None:
    def paid(day: date, fen: int, key: str = "Y", psn_no: str = "P1") -> dict[str, Any]:
        return {"psn_no": psn_no, "cap_key": key, "mdtrt_id": "M0", "fee_date": day, "fund_fen": fen}

    before = [paid(date(2026, 1, 1), 1_500), paid(date(2025, 12, 31), 9_000), paid(date(2026, 2, 1), 9_000, psn_no="P2")]
    claims = claims_of({}, {"setl_id": "S2"}, {"setl_id": "S3", "psn_no": "P3"})
    rows = [spent(500), spent(1_000, setl_id="S2", at=DAY[20]), spent(1_000, setl_id="S3"), spent(1_000, med_list_codg="V")]
    knowledge = FakeKnowledge({"X": YEAR, "V": CAP})
    got = lines_with(knowledge, *rows, claims=claims, history=history_of(fund_days=[*before, paid(date(2026, 6, 1), 9_000, "K")]))
    # 15 yuan earlier this year + 3.50 + 7 = 25.50: 5.50 above, on the later visit 5.5/7 of 10 yuan; V is capped by visit: M0 is another
    assert column(got, "capped_fund_fen") == [2_550, 2_550, 700, 700]
    assert column(got, "over_cap_fen") == [0, 786, 0, 0]
    # more was paid before than the cap: nothing of tonight is left, and no more than tonight's lines is named
    got = lines_with(knowledge, *rows[:2], claims=claims, history=history_of(fund_days=[paid(date(2026, 3, 1), 9_000)]))
    assert column(got, "over_cap_fen") == [500, 1_000]


def test_a_night_remembers_the_fund_money_of_capped_items() -> None:
    claims = claims_of()
    rows = [spent(1_000), spent(500), spent(-500, med_list_codg="W"), spent(900, med_list_codg="Z")]
    found = measured(FakeKnowledge({"X": CAP, "W": YEAR}), claims, lines_of(claims, *rows))
    kept = remember(found[0].lazy(), found[1].lazy())["fund_days"].collect().sort("cap_key")
    assert kept.rows() == [("P1", "K", "MS1", date(2026, 6, 10), 1_050), ("P1", "Y", "MS1", date(2026, 6, 10), -350)]


def counts(*codes: str, **more: Any) -> list[dict[str, Any]]:
    return [{"med_list_codg": code, "at": DAY[9].replace(minute=n), **more} for n, code in enumerate(codes)]


def parts_of(yuan: float | None = None) -> FakeKnowledge:
    said = {"item_bundle": "血细胞分析", "item_bundle_code": BUNDLE, "item_bundle_yuan": yuan, "item_bundle_parts": 3}
    return FakeKnowledge(dict.fromkeys([*PARTS, SUB_ITEM], said))


def test_parts_cost_more_than_their_bundle() -> None:
    got = lines_with(parts_of(22.0), *counts(*PARTS))
    assert column(got, "bundle_parts") == [3] * 3 and column(got, "bundle_fen") == [2_200] * 3
    assert column(got, "over_bundle_fen") == [0, 0, 800]  # 3 x 10 - 22
    dear = lines_with(parts_of(30.0), *counts(*PARTS))
    assert column(dear, "over_bundle_fen") == [0, 0, 0]
    # all twice: two bundles are due, 60 - 44; a part more often than the others: as many bundles as that part
    twice = lines_with(parts_of(22.0), *counts(*PARTS, *PARTS))
    assert column(twice, "over_bundle_fen") == [0, 0, 0, 0, 600, 1_000]
    once_more = lines_with(parts_of(22.0), *counts(*PARTS, PARTS[0]))
    assert column(once_more, "over_bundle_fen") == [0, 0, 0, 0]  # 40 - 44
    assert column(lines_with(parts_of(22.0), {"med_list_codg": "Y"}), "over_bundle_fen") == [None]


def test_too_few_parts_are_no_bundle() -> None:
    back = {"med_list_codg": PARTS[2], "cnt": -1, "inscp_amt": -1_000, "at": DAY[9]}
    for rows in (counts(*PARTS[:2]), [*counts(*PARTS), back], counts(PARTS[0], SUB_ITEM, PARTS[1])):
        got = lines_with(parts_of(1.0), *rows)
        assert set(column(got, "bundle_parts")) == {2} and set(column(got, "over_bundle_fen")) == {0}
    apart = [*counts(*PARTS[:2]), *counts(PARTS[2], setl_id="S2")]
    claims = claims_of({}, {"setl_id": "S2", "fixmedins_code": "H2"})
    assert set(column(lines_with(parts_of(1.0), *apart, claims=claims), "over_bundle_fen")) == {0}


def test_the_institution_tells_what_the_bundle_costs() -> None:
    assert column(lines_with(parts_of(), *counts(*PARTS)), "over_bundle_fen") == [None] * 3
    claims = claims_of({}, {"setl_id": "S2", "psn_no": "P2"}, {"setl_id": "S3", "psn_no": "P3", "fixmedins_code": "H2"})
    own = [{"med_list_codg": f"{BUNDLE}A1", "setl_id": "S2", "pric_e6": 18_000_000} for _ in range(3)]
    other = [{"med_list_codg": BUNDLE, "setl_id": "S3", "pric_e6": 29_000_000} for _ in range(3)]
    got = lines_with(parts_of(), *counts(*PARTS), *own, *other, claims=claims)
    assert column(got.filter(pl.col("item_bundle").is_not_null()), "over_bundle_fen") == [0, 200, 1_000]  # 30 - 18


def test_departments_by_their_names() -> None:
    knowledge = FakeKnowledge({"X": {"item_service_depts": "重症;ICU(监护)"}})
    same = {"bilg_dept_codg": "A1", "acord_dept_codg": "A1"}
    rows = [
        {"bilg_dept_name": "重症医学科", **same}, {"bilg_dept_name": "外科ICU(监护)室", **same}, {"bilg_dept_name": "ICU", **same},
        {"bilg_dept_name": "重症医学科"}, {"bilg_dept_name": "内科", "bilg_dept_codg": "A1", "acord_dept_codg": "A2"},
        {"bilg_dept_name": "内科"}, same, {"med_list_codg": "Y", "bilg_dept_name": "内科", **same},
    ]  # fmt: skip
    assert column(lines_with(knowledge, *rows), "dept_ok") == [True, True, False, True, None, None, None, None]


def test_the_registered_disease_of_a_visit() -> None:
    knowledge = FakeKnowledge({"X": {"item_dise_codes": "M016;M03900"}})
    cases = [("14", "M01609", True), ("140104", "M03900", True), ("14", "M03901", False), ("14", "0301", None), ("14", None, None),
             ("11", "M05300", True), ("21", None, True)]  # fmt: skip
    claims = claims_of(*({"setl_id": f"S{n}", "med_type": kind, "dise_no": code} for n, (kind, code, _) in enumerate(cases)))
    got = lines_with(knowledge, *({"setl_id": f"S{n}"} for n in range(len(cases))), {"med_list_codg": "Y", "setl_id": "S0"}, claims=claims)
    assert column(got, "dise_ok") == [*(expected for _, _, expected in cases), None]


def test_levels_and_kinds_of_visit_of_services() -> None:
    knowledge = FakeKnowledge({"X": {"item_service_level_min": 2, "item_service_visit_mode": "inpatient_or_emergency"}})
    cases = [(3, "21", True, True), (2, "13", True, True), (1, "11", False, False), (None, "9901", None, None)]
    claims = claims_of(*({"setl_id": f"S{n}", "hosp_tier": tier, "med_type": kind} for n, (tier, kind, *_) in enumerate(cases)))
    got = lines_with(knowledge, *({"setl_id": f"S{n}"} for n in range(len(cases))), claims=claims)
    assert column(got, "service_level_ok") == [case[2] for case in cases]
    assert column(got, "service_mode_ok") == [case[3] for case in cases]
