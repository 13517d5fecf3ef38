"""A real night's claims become cases: once each, with their bills, however often it is run and by how many workers it is opened."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from case_room import Room
from conftest import BATCH_DATE
from desk_room import Clock, a_desk
from sqlalchemy import func, select, update

from audit.cases import journal, opening, workflow
from audit.cases.bills import bill
from audit.cases.opening import open_nights
from audit.cases.refused import Refused
from audit.cases.site import Site
from audit.cases.store import Desk
from audit.cases.tables import cases, findings, nights, rule_texts
from audit.cases.tables import journal as entries
from audit.dossier import Review, to_review
from audit.lake import Lake
from audit.report.kept import KEPT
from audit.report.tables import CLAIMS, FINDINGS

NIGHT = date.fromisoformat(BATCH_DATE)


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    url = f"sqlite:///{tmp_path / 'desk.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres")
    opened = a_desk(url, Clock())
    yield opened
    opened.engine.dispose()


@pytest.fixture(scope="module")
def review(audited: Path) -> Review:
    return to_review(audited.parent, NIGHT)


def test_each_claim_becomes_a_case_once_though_workers_open_it_together(
    desk: Desk, audited: Path, review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BATCH", 100)
    made: list[opening.Opened] = []
    threads = [threading.Thread(target=lambda: made.extend(open_nights(desk, audited.parent))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(night.opened for night in made) == review.claims.height and {night.run_id for night in made} == {review.run_id}
    assert open_nights(desk, audited.parent) == []
    with desk.read() as con:
        rows = con.execute(select(cases).order_by(cases.c.setl_id)).all()
        assert [row.setl_id for row in rows] == review.claims["setl_id"].to_list()
        assert [row.counted_amt for row in rows] == review.claims["counted_amt"].to_list()
        assert [row.area for row in rows] == review.claims["fix_blng_admdvs"].to_list()
        assert {row.due_on for row in rows} == {date(2026, 8, 17)} and {row.step for row in rows} == {"first_review"}
        kept = con.execute(select(findings.c.jr_id, findings.c.counted_amt, findings.c.vola_cont).order_by(findings.c.jr_id)).all()
        assert [tuple(row) for row in kept] == list(review.findings.sort("jr_id").select("jr_id", "counted_amt", "vola_cont").iter_rows())
        by_case = dict(con.execute(select(findings.c.case_id, func.sum(findings.c.counted_amt)).group_by(findings.c.case_id)).all())
        assert all(by_case.get(row.id, 0) == row.counted_amt for row in rows)
        definite = set(review.findings.filter(pl.col("sev_deg") == "definite")["setl_id"])
        every = set(review.findings["setl_id"])
        told = {row.setl_id: "definite" if row.setl_id in definite else "suspicious" if row.setl_id in every else "model" for row in rows}
        assert {row.setl_id: row.sev_deg for row in rows} == told
        assert {row.setl_id for row in rows if row.lead_rule is not None} == every
        texts = con.execute(select(rule_texts.c.rule_id, rule_texts.c.fingerprint)).all()
        assert {row.rule_id for row in texts} == set(review.findings["rule_id"]) and len(texts) == len(set(texts))
        assert not con.scalar(select(func.count()).where(findings.c.fingerprint == ""))
        assert con.execute(select(nights.c.opened, nights.c.run_id)).one() == (review.claims.height, review.run_id)
        assert journal.verify(con)[1] is None


def test_a_bill_is_whole(tmp_path: Path, audited: Path, review: Review) -> None:
    desk = a_desk(f"sqlite:///{tmp_path / 'desk.db'}", Clock())
    open_nights(desk, audited.parent)
    named = review.findings.filter(pl.col("concerned_bkkp_sn").list.len() > 0)["setl_id"][0]
    with desk.read() as con:
        found = con.execute(select(cases.c.id, cases.c.setl_id)).all()
        for case_id, setl_id in [found[0], found[-1], *(row for row in found if row.setl_id == named)]:
            whole = bill(con, case_id)
            for part, frame in (("lines", review.lines), ("diags", review.diags), ("oprns", review.oprns)):
                mine = frame.filter(pl.col("setl_id") == setl_id)
                keys = [name for name in ("bkkp_sn", "diag_code", "oprn_oprt_code", "det_item_fee_sumamt") if name in mine.columns]
                assert [[row[key] for key in keys] for row in whole[part]] == [list(row) for row in mine.select(keys).iter_rows()]
            claim = review.claims.row(by_predicate=pl.col("setl_id") == setl_id, named=True)
            assert whole["claim"].keys() == claim.keys() and whole["claim"]["end_date"] == str(claim["end_date"])
            assert whole["claim"]["medfee_sumamt"] == claim["medfee_sumamt"] and whole["claim"]["reasons"] == claim["reasons"]
            assert whole["person"]["psn_no"] == claim["psn_no"] and whole["merged"] == []
            theirs = review.findings.filter(pl.col("setl_id") == setl_id)["concerned_bkkp_sn"].explode().drop_nulls()
            own = {line["bkkp_sn"] for line in whole["lines"]}
            assert {line["bkkp_sn"] for line in whole["elsewhere"]} == set(theirs) - own
        with pytest.raises(Refused):
            bill(con, 10**9)


@pytest.fixture(scope="module")
def again(audited: Path, review: Review, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A lake in which that night was run again, and seven of its claims: the second run lacks five, and finds one fen less in the sixth."""
    lake = Path(
        shutil.copytree(audited.parent, tmp_path_factory.mktemp("again") / "lake", ignore=shutil.ignore_patterns("measured", "out"))
    )
    flagged = review.findings.filter(pl.col("counted_amt") > 100, pl.col("sev_deg") == "definite")
    seven = flagged["setl_id"].unique().sort().head(7).to_list()
    stored = Lake(lake)
    shapes = {"claims": CLAIMS, "findings": FINDINGS, **KEPT}
    tables = {
        name: stored.read(name, pl.Schema(shape)).drop("batch_date", "run_id", strict=False).collect() for name, shape in shapes.items()
    }
    for name, frame in tables.items():
        if "setl_id" in frame.columns:
            tables[name] = frame.filter(~pl.col("setl_id").is_in(seven[:5]))
    for name in ("claims", "findings"):
        first = (pl.col("setl_id") == seven[5]) & (pl.col("counted_amt") > 0)
        cheaper = first & (first.cum_sum() == 1)
        tables[name] = tables[name].with_columns(counted_amt=pl.col("counted_amt") - cheaper.cast(pl.Int64))
    stored.replace(NIGHT, "again", tables, "{}")
    return lake, seven


def test_a_night_run_again_leaves_alone_what_somebody_works_on(
    desk: Desk, audited: Path, again: tuple[Path, list[str]], review: Review
) -> None:
    open_nights(desk, audited.parent)
    room = Room(desk, Site.read())
    with desk.read() as con:
        by_claim = {row.setl_id: row for row in con.execute(select(cases))}
    lake, seven = again
    decided, commented, locked, judged, lost, cheaper, same = (by_claim[setl_id] for setl_id in seven)
    room.decide("ann", decided.id)
    with desk.act(room["ann"]) as act:
        workflow.comment(act, commented.id, "在看")
        until = act.now + timedelta(minutes=15)
        act.con.execute(update(cases).where(cases.c.id == locked.id).values(locked_by_id=room["ann"].id, locked_until=until))
    room.all_of("ann", judged.id, "dismissed")

    (made,) = open_nights(desk, lake)
    assert (made.opened, made.withdrawn, made.kept, made.refreshed) == (0, 1, 4, review.claims.height - 5)
    assert open_nights(desk, lake) == []
    for before in (decided, commented, locked):
        after = room.case(before.id)
        assert (after.step, after.counted_amt, after.run_id) == ("first_review", before.counted_amt, review.run_id)
        assert room.found(before.id)
    assert room.case(judged.id).outcome == "dismissed"
    assert (room.case(lost.id).step, room.case(lost.id).outcome) == ("closed", "withdrawn")
    assert (room.case(cheaper.id).counted_amt, room.case(cheaper.id).revision) == (cheaper.counted_amt - 1, cheaper.revision + 1)
    assert sum(row.counted_amt for row in room.found(cheaper.id)) == cheaper.counted_amt - 1
    assert (room.case(same.id).counted_amt, room.case(same.id).run_id) == (same.counted_amt, "again")
    with desk.read() as con:
        told = con.execute(select(entries.c.case_id).where(entries.c.action == "case.repeat").order_by(entries.c.case_id)).scalars().all()
        assert told == sorted((decided.id, commented.id, locked.id, judged.id))
        assert con.scalar(select(func.count()).select_from(cases)) == review.claims.height
        assert con.scalar(select(nights.c.run_id)) == "again" and journal.verify(con)[1] is None

    (made,) = open_nights(desk, audited.parent)  # the first run once more: what was lost is found again
    assert (made.opened, made.withdrawn, made.kept, made.refreshed) == (0, 0, 0, review.claims.height - 4)
    assert (room.case(lost.id).step, room.case(lost.id).outcome, room.case(lost.id).due_on) == ("first_review", None, lost.due_on)
    assert room.case(cheaper.id).counted_amt == cheaper.counted_amt
