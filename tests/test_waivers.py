"""Exemptions for a time: read strictly, applied to the few findings they concern, counted and never clear; they come through the desk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from conftest import BATCH_DATE, ROOT
from governed_room import Room, drafted, the_same_room

from audit.cases import changes
from audit.cases.store import Refused
from audit.journey import Night, run
from audit.judge import FINDINGS
from audit.judge.waive import WAIVED, waive
from audit.lake import Lake
from audit.rulebook import load, waivers
from audit.rulebook.waivers import WAIVERS

HEADER = ",".join(WAIVERS)
RULES = ("LOC-001", "POL-027")


def read(folder: Path, *rows: str) -> tuple[pl.DataFrame, list[str]]:
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / waivers.FILE).write_text("\n".join((HEADER, *rows, "")), encoding="utf-8")
    faults: list[str] = []
    return waivers.read(folder, RULES, faults), faults


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("LOC-01,institution,F99,2026-01-01,2026-06-30,试,试", "row 2: no rule is called LOC-01; did you mean 'LOC-001'? Correct the id"),
        ("LOC-001,hospital,F99,2026-01-01,2026-06-30,试,试", "row 2: kind 'hospital' is none of institution, area, item"),
        ("LOC-001,area,9,2026-01-01,2026-06-30,试,试", "row 2: value '9' is not 2, 4 or 6 digits of a division, as kind area asks"),
        ("LOC-001,item,阿莫西林,2026-01-01,2026-06-30,试,试", "row 2: value '阿莫西林' is not a national code or its beginning"),
        ("LOC-001,area,99,2026-01-01,,试,试", "row 2: valid_to is empty"),
        ("LOC-001,area,99,2026-01-01,2026-06-30,,试", "row 2: reason is empty"),
        ("LOC-001,area,99,2026-06-30,2026-01-01,试,试", "row 2: valid_to 2026-01-01 lies before valid_from 2026-06-30"),
        ("LOC-001,area,99,2026-01-01,2027-01-01,试,试", "row 2: 2026-01-01 to 2027-01-01 are 366 days; at most 365 may be waived at once"),
        ("LOC-001,area,99,2026-01-01,2026-02-30,试,试", "row 2: valid_to '2026-02-30' cannot be read"),
    ],
)
def test_a_wrong_row_is_told_with_its_remedy(tmp_path: Path, row: str, said: str) -> None:
    table, faults = read(tmp_path, row)
    assert any(said in fault for fault in faults), faults
    assert table.is_empty()


def test_two_rows_of_one_time_are_told_and_one_after_the_other_are_right(tmp_path: Path) -> None:
    first, again = "LOC-001,area,99,2026-01-01,2026-06-30,试,试", "LOC-001,area,99,2026-06-30,2026-12-31,试,试"
    assert "row 3: LOC-001 for area 99 is waived until 2026-06-30 already; let this row begin later" in read(tmp_path, first, again)[1][0]
    table, faults = read(tmp_path, first, again.replace("06-30", "07-01"), first.replace("LOC-001", "POL-027"))
    assert not faults and table.height == 3


def found(*rows: tuple[str, str, str, str, date]) -> pl.DataFrame:
    """Findings (id, claim, institution, item, service date) of LOC-001."""
    schema = {"jr_id": pl.String, "setl_id": pl.String, "fixmedins_code": pl.String, "med_list_codg": pl.String, "fee_date": pl.Date}
    made = pl.DataFrame(rows, schema=schema, orient="row").with_columns(rule_id=pl.lit("LOC-001"), vola_amt=pl.lit(100, pl.Int64))
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in FINDINGS.items() if name not in made.columns]
    return made.with_columns(*missing).select(list(FINDINGS))


def test_a_waiver_takes_off_what_it_names_within_its_days_and_nothing_else(tmp_path: Path) -> None:
    first, last = date(2026, 3, 1), date(2026, 3, 31)
    findings = found(
        ("in", "c1", "F9901", "009900000000000", first),
        ("last day", "c1", "F9901", "009900000000000", last),
        ("before", "c1", "F9901", "009900000000000", first - timedelta(1)),
        ("after", "c1", "F9901", "009900000000000", last + timedelta(1)),
        ("other house", "c2", "F99011", "009900000000000", first),
        ("local code", "c2", "F99011", "XA99BCA216A0010101028450001", first),
    )
    claims = pl.LazyFrame({"setl_id": ["c1", "c2", "c3"], "fix_blng_admdvs": ["990101", "990202", None]})
    for row, gone in (
        ("institution,F9901", ["in", "last day"]),
        ("area,9902", ["other house", "local code"]),
        ("area,99", ["in", "last day", "other house", "local code"]),
        ("item,XA99BCA216A001010102845", ["local code"]),
        ("institution,F99", []),
    ):
        table, faults = read(tmp_path, f"LOC-001,{row},2026-03-01,2026-03-31,试点,批文")
        assert not faults
        kept, taken = waive(findings, table, claims)
        assert taken["jr_id"].to_list() == gone, row
        assert kept["jr_id"].to_list() == [name for name in findings["jr_id"] if name not in gone]
        assert kept.schema == findings.schema and taken.schema == pl.Schema(WAIVED)
    other, _ = read(tmp_path, "POL-027,area,99,2026-03-01,2026-03-31,试点,批文")
    assert waive(findings, other, claims)[0].equals(findings)


def test_the_shipped_table_is_empty_and_an_empty_one_changes_no_fingerprint(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(ROOT / "rules", tmp_path / "rules"))
    shipped = load(rules)
    (rules / waivers.FILE).unlink()
    assert shipped.waivers.is_empty() and load(rules).fingerprint == shipped.fingerprint
    read(rules, "LOC-001,area,99,2026-03-01,2026-03-31,试点,批文")
    assert load(rules).fingerprint != shipped.fingerprint


def test_another_rulebook_is_another_run_and_what_it_waives_is_counted(province: Path, audited: Path, tmp_path: Path) -> None:
    """One night with a draft in place of an active rule, and a waiver of another rule at one institution."""
    rules = Path(shutil.copytree(ROOT / "rules", tmp_path / "rules"))
    changed = min((rules / "local").glob("LOC-001-*.yaml"))
    changed.write_text(changed.read_text(encoding="utf-8").replace("status: active", "status: draft", 1), encoding="utf-8")
    before = pl.read_parquet(audited / "findings.parquet").filter(pl.col("rule_id") != "LOC-001")
    lines = pl.read_parquet(audited / "scorecards.parquet").filter(pl.col("hits") > 3)["rule_id"]
    rule, house = before.filter(pl.col("rule_id").is_in(lines.implode())).select("rule_id", "fixmedins_code").row(0)
    read(rules, f"{rule},institution,{house},2026-01-01,2026-12-31,试点医院,批文〔2026〕1号")
    out = run(Night(str(province), str(tmp_path / "lake"), BATCH_DATE, rules=str(rules), models=str(ROOT / "models")))
    run_ids = {json.loads((folder / "manifest.json").read_text())["run_id"] for folder in (audited, out)}
    assert len(run_ids) == 2
    named = (pl.col("rule_id") == rule) & (pl.col("fixmedins_code") == house)
    gone, after = before.filter(named), pl.read_parquet(out / "findings.parquet")
    assert after.filter(named).is_empty() and sorted(after["jr_id"]) == sorted(before.filter(~named)["jr_id"])
    taken = Lake(tmp_path / "lake").read("waived").collect()
    assert sorted(taken["jr_id"]) == sorted(gone["jr_id"]) and set(taken["reason"]) == {"试点医院"}
    card = pl.read_parquet(out / "scorecards.parquet").filter(pl.col("rule_id") == rule).row(0, named=True)
    assert (card["waived"], card["waived_amt"]) == (gone.height, gone["vola_amt"].sum())
    totals = json.loads((out / "figures.json").read_text())["totals"]
    assert totals["waived"] == gone.height
    assert "因限期豁免未计入" in (out / "report.html").read_text(encoding="utf-8")


@pytest.fixture()
def room(governed: Path, tmp_path: Path) -> Iterator[Room]:
    opened = the_same_room(governed, tmp_path)
    yield opened
    opened.desk.engine.dispose()


def test_the_impact_of_a_changed_rule_is_its_backtest_and_is_kept_with_it(room: Room, audited: Path) -> None:
    with room.desk.act(room.analyst) as act:
        number = drafted(act, room.rules, "copy_no > 1", "copy_no > 2")
    figures = changes.impact(room.rules, audited.parent, room.proposal(number))
    assert figures["draft"]["version"] == 2 and figures["draft"]["file"] == "local/LOC-001-duplicate-line.yaml"
    assert figures["findings"]["after"] < figures["findings"]["before"] and figures["findings"]["newly_flagged"] == 0
    with room.desk.act(room.analyst) as act:
        changes.keep_impact(act, number, 0, figures)
    assert room.proposal(number).impact == figures
    with room.desk.act(room.analyst) as act:  # another text: what was found no longer holds
        changes.edit(act, number, 0, room.proposal(number).content + "# 注\n")
    assert room.proposal(number).impact is None
    with pytest.raises(Refused, match="there is no such folder"):
        changes.impact(room.rules, room.rules / "nowhere", room.proposal(number))


def test_an_exemption_comes_through_the_desk_and_may_be_ended(room: Room, audited: Path) -> None:
    first, last = date(2026, 7, 1), date(2026, 12, 31)
    given = {"rule_id": "LOC-001", "kind": "institution", "value": "F99000000001", "valid_from": first, "reason": "新院区试点，批文另附"}
    for wrong, said in (
        ({"rule_id": "LOC-999"}, "no rule is called LOC-999"),
        ({"valid_to": date(2026, 8, 2)}, "valid_to 2026-08-02 has passed: nothing would be waived"),
        ({"valid_to": date(2027, 7, 1)}, "are 366 days; at most 365"),
        ({"reason": "=1+1"}, "the reason is no plain text"),
    ):
        with pytest.raises(Refused, match=said), room.desk.act(room.analyst) as act:
            changes.exempt(act, room.rules, **{"valid_to": last, **given, **wrong})
    with room.desk.act(room.analyst) as act:
        number = changes.exempt(act, room.rules, valid_to=last, **given)
    reached = changes.impact(room.rules, audited.parent, room.proposal(number))
    assert reached["findings"] == 0 and reached["of_rule"] > 0 and reached["nights"] == 1
    assert "+LOC-001,institution,F99000000001,2026-07-01,2026-12-31" in changes.diff(room.rules, room.proposal(number))
    assert room.published(number) == 2
    assert load(room.rules).waivers.row(0, named=True)["valid_to"] == last
    with room.desk.act(room.analyst) as act:
        ended = changes.unexempt(act, room.rules, "LOC-001", "institution", "F99000000001", first, date(2026, 8, 31), "试点提前结束")
    shown = changes.diff(room.rules, room.proposal(ended))
    assert (
        "-LOC-001,institution,F99000000001,2026-07-01,2026-12-31" in shown
        and "+LOC-001,institution,F99000000001,2026-07-01,2026-08-31" in shown
    )
