"""The statistics of institutions: counted by hand, added up over nights, and on the page."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from measure_frames import FakeKnowledge, claims_of, diags_of, history_of, lines_of, measured

from audit.knowledge.codings import CT, HOSPITAL_INFECTION, MR
from audit.lake import HISTORY, Lake
from audit.measure.months import month_sums
from audit.report.indicators import indicators, shown

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
Row = tuple[str, date, int, int, int, int]


def sums(*rows: Row) -> pl.LazyFrame:
    return pl.DataFrame(rows, schema=HISTORY["month_sums"], orient="row").lazy()


def told(claims: pl.DataFrame, lines: pl.DataFrame, **more: Any) -> dict[tuple[str, int], tuple[int, int, int]]:
    """(institution, rule) -> numerator, denominator, reference of these claims."""
    known = FakeKnowledge(item_sets_rows=[(CT, "CT1"), (MR, "MR1")], dx_sets_rows=[(HOSPITAL_INFECTION, "T81.4")])
    frame = month_sums(measured(known, claims, lines, **more)[1].lazy()).collect()
    assert set(frame["month"]) <= {JUNE}
    return {(place, rule): tuple(numbers) for place, _, rule, *numbers in frame.iter_rows()}  # type: ignore[misc]


def test_shares_of_the_fees_by_hand() -> None:
    claims = claims_of({"setl_id": "S1"}, {"setl_id": "S2"}, {"setl_id": "S3", "med_type": "41"})
    kinds = {"09": 3_000, "11": 500, "03": 1_000, "04": 500, "08": 700, "05": 800, "01": 1_500}
    rows = [{"med_chrgitm_type": kind, "det_item_fee_sumamt": fen} for kind, fen in kinds.items()]
    rows += [{"setl_id": "S2", "med_list_codg": code, "med_chrgitm_type": "03", "det_item_fee_sumamt": 1_000} for code in ("CT1", "MR1")]
    rows.append({"setl_id": "S3", "med_chrgitm_type": "09", "det_item_fee_sumamt": 9_000})  # a drug store tells nothing
    got = told(claims, lines_of(claims, *rows))
    assert {rule: got["H1", rule] for rule in range(56, 62)} == {
        56: (3_500, 10_000, 3_500), 57: (3_500, 10_000, 4_000), 58: (700, 10_000, 2_500), 59: (800, 10_000, 4_500),
        60: (1_000, 10_000, 800), 61: (1_000, 10_000, 500),
    }  # fmt: skip
    assert ("H1", 62) not in got, "no stays, no rates"


def test_infections_and_readmissions_are_counted_in_stays() -> None:
    stay = {"med_type": "21", "begn_date": date(2026, 6, 10), "end_date": date(2026, 6, 20)}
    claims = claims_of(
        {**stay, "setl_id": "S1", "psn_no": "P1"},  # infected, says its second settlement
        {**stay, "setl_id": "S2", "psn_no": "P1", "mdtrt_id": "MS1", "begn_date": date(2026, 6, 15)},
        {**stay, "setl_id": "S3", "psn_no": "P2"},  # back after 31 days
        {**stay, "setl_id": "S4", "psn_no": "P3"},  # back after 32 days
        {**stay, "setl_id": "S5", "psn_no": "P4", "dscg_maindiag_code": "Z51.100"},  # back by plan
        {**stay, "setl_id": "S6", "psn_no": "P5"},  # back from another house
    )
    past = {"P2": date(2026, 5, 10), "P3": date(2026, 5, 9), "P4": date(2026, 6, 1), "P5": date(2026, 6, 1)}
    stays = [
        {"psn_no": p, "setl_id": "O" + p, "mdtrt_id": "MO" + p, "fixmedins_code": "H2" if p == "P5" else "H1", "dscg_way": "1",
         "begn_date": date(2026, 5, 1), "end_date": end, "exempt_stay": False}
        for p, end in past.items()
    ]  # fmt: skip
    got = told(claims, lines_of(claims, {}), diags=diags_of(("S2", "T81.400")), history=history_of(stays=stays))
    assert got["H1", 62] == (1, 5, 500)
    assert got["H1", 63] == (1, 5, 800)


def test_a_month_is_told_over_all_nights_and_other_months_are_left_alone() -> None:
    tonight = sums(("H1", JULY, 56, 1, 3, 3_500), ("H1", JULY, 62, 0, 0, 500))
    earlier = sums(("H1", JULY, 56, 1, 3, 3_500), ("H1", JUNE, 56, 9, 9, 3_500), ("H2", JULY, 56, 9, 9, 3_500))
    made = indicators(tonight, earlier)
    assert made.select("fixmedins_code", "month", "national_code", "numerator", "denominator", "value_e4", "reference_e4").rows() == [
        ("H1", JULY, "ZB10000205001000", 2, 6, 3_333, 3_500),
        ("H1", JULY, "ZB10000205007000", 0, 0, None, 500),
    ]
    assert indicators(sums(("H1", JULY, 60, 1, 20_000, 800)), sums())["value_e4"].item() == 1, "half up"


def test_a_night_that_is_run_again_replaces_its_part(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for run, fen in (("first", 5), ("again", 7)):
        lake.replace(date(2026, 7, 1), run, {"month_sums": sums(("H1", JULY, 56, fen, 10, 3_500)).collect()}, "{}")
    made = indicators(sums(("H1", JULY, 56, 1, 10, 3_500)), lake.history(date(2026, 7, 2))["month_sums"])
    assert made.select("numerator", "denominator").row(0) == (8, 20)


def test_the_page_shows_the_newest_month_and_marks_what_lies_above_the_reference() -> None:
    rows = [("H1", JUNE, 56, 1, 2, 0), *(("H1", JULY, rule, 1, 10, 999 + rule % 2) for rule in range(56, 63))]
    page = shown(indicators(sums(*rows), sums()), {"H1": "青枫县人民医院"})
    assert page is not None and page["month"] == "2026-07" and page["institutions"] == 1
    assert [cell and cell["over"] for cell in page["rows"][0]["values"]] == [True, False, True, False, True, False, True, None]
    assert shown(indicators(sums(), sums()), {}) is None


def test_the_page_of_a_night_names_every_indicator(audited: Path) -> None:
    text = (audited / "report.html").read_text(encoding="utf-8")
    assert all(
        name in text
        for name in ("药费占比", "检验检查占比", "耗材占比", "治疗占比", "CT检查占比", "核磁检查占比", "院内感染发生率", "非计划再入院率")
    )
    made = pl.read_parquet(audited / "indicators.parquet")
    fees = made.filter(pl.col("rule_no") == 56)["denominator"].sum()
    assert fees > 0 and made["month"].max() == datetime(2026, 7, 1).date() and made["national_code"].n_unique() == 8
