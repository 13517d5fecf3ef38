"""The bill drawn over its days: readable from one day to more than a year, every flagged line a link, nothing lost."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from markupsafe import Markup

from audit.console.timeline import COLUMNS, WIDTH, Axis, drawn

BEGIN = date(2026, 5, 4)  # a Monday


def a_line(number: int, day: int = 0, fee_class: str = "01", fen: int = 10_000, name: str = "普通床位费") -> dict[str, Any]:
    fee_date = BEGIN + timedelta(days=day)
    return {"bkkp_sn": f"F{number}", "fee_date": fee_date, "med_chrgitm_type": fee_class, "hilist_name": name, "det_item_fee_sumamt": fen}


def picture(
    lines: list[dict[str, Any]], days: int, marks: dict[str, str] | None = None, oprns: list[dict[str, Any]] | None = None
) -> Markup:
    return drawn(lines, BEGIN, BEGIN + timedelta(days=days), oprns or [], marks or {}, lambda zh, en: en)


@pytest.mark.parametrize("days", [1, 34, 60, 61, 62, 400, 5000])
def test_a_stay_of_any_length_fits_and_shows_every_line_and_all_money(days: int) -> None:
    lines = [a_line(number, number % (days + 1), ("01", "09", "03")[number % 3], 100 * number) for number in range(1, 301)]
    marks = {"F7": "definite", "F8": "suspicious", "F201": "concerned"}  # of three fee classes
    svg = picture(lines, days, marks)
    bars = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="([\d.]+)" class="t-bar"', svg)
    assert len({x for x, _, _ in bars}) <= COLUMNS
    assert all(float(x) >= 0 and float(x) + float(w) <= WIDTH and 2 <= float(h) <= 19.1 and float(w) > 3 for x, w, h in bars)
    assert sum(int(said) for said in re.findall(r"<title>[^<]* · (\d+) lines", svg)) == len(lines)
    sums = re.findall(r'class="t-sum">([\d,.]+)<', svg)
    assert sum(round(float(said.replace(",", "")) * 100) for said in sums) == sum(line["det_item_fee_sumamt"] for line in lines)
    for number, mark in marks.items():
        assert re.search(rf'<a href="#line-{number}" class="t-{mark}" aria-label="[^"]+">', svg)


def test_of_several_marks_in_one_bar_the_gravest_leads() -> None:
    svg = picture([a_line(1), a_line(2), a_line(3, fen=0)], 5, {"F1": "concerned", "F2": "definite", "F3": "suspicious"})
    (link,) = re.findall(r'<a href="(#line-F\d)" class="t-(\w+)"', svg)
    assert link == ("#line-F2", "definite")
    whole, part = (float(re.search(rf'height="([\d.]+)" class="{name}"', svg)[1]) for name in ("t-bar", "t-part"))  # type: ignore[index]
    assert part == pytest.approx(whole / 2, abs=0.1), "half of the money is flagged"


def test_a_visit_of_one_day_is_drawn_line_by_line() -> None:
    lines = [a_line(1, 0, "02", 1_200), a_line(2, 0, "09", 4_800), a_line(3, 0, "09", 2_400)]
    svg = drawn(lines, BEGIN, BEGIN, [], {"F3": "suspicious"}, lambda zh, en: en)
    wide = {number: float(w) for number, w in re.findall(r'href="#line-(F\d)".*?width="([\d.]+)"', svg)}
    assert wide["F2"] == pytest.approx(2 * wide["F3"], rel=0.02) and wide["F3"] == pytest.approx(2 * wide["F1"], rel=0.02)
    assert svg.count("t-sign") == 1 and "western drugs" in svg


def test_weekends_events_and_days_outside_the_stay() -> None:
    oprn = {"oprn_oprt_name": "<b>切除术</b>", "oprn_oprt_code": "51.23", "oprn_oprt_date": BEGIN + timedelta(days=3)}
    svg = picture([a_line(1, -2), a_line(2, 9)], 6, oprns=[oprn, {**oprn, "oprn_oprt_date": None}])
    assert svg.count("t-rest") == 4, "Saturday and Sunday before the stay, and those within"
    assert ">In<" in svg and ">Out<" in svg and svg.count("t-oprn") == 1
    assert "<b>切除术" not in svg and "&lt;b&gt;切除术" in svg
    axis = Axis.over(BEGIN, BEGIN + timedelta(days=399), 20)
    assert (axis.step, axis.columns) == (7, 58) and axis.said(0) == "2026-05-04 … 2026-05-10"


def test_names_are_text_and_a_bill_without_dates_draws_nothing() -> None:
    svg = picture([a_line(1, name='"><script>alert(1)</script>')], 3, {"F1": "definite"})
    assert "<script" not in svg and "&lt;script&gt;" in svg
    assert picture([{**a_line(1), "fee_date": None}], 3) == ""
    assert picture([a_line(1, fee_class="1403"), a_line(2, 1, "")], 3).count("t-name") == 2
