"""A night's claims become cases: each claim once, however often nights are repeated and however many workers open them at once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Row, delete, exists, func, insert, or_, select, update

from audit.cases.bills import packed
from audit.cases.site import Site
from audit.cases.store import Act, Desk
from audit.cases.tables import bills, cases, comments, decisions, files, findings, journal, journal_head, nights, rule_texts
from audit.dossier import Review, to_review
from audit.errors import DataError
from audit.lake import Lake

BATCH = 1000  # claims per act: other people get their turn in between
_CASE = (
    "setl_id", "mdtrt_id", "psn_no", "fixmedins_code", "fixmedins_name", "area", "med_type", "begn_date", "end_date", "medfee_sumamt",
    "fund_pay_sumamt", "counted_amt", "priority", "fraud_probability", "sev_deg", "lead_rule",
)  # fmt: skip
_FINDING = (
    "jr_id", "setl_id", "bkkp_sn", "line_amt", "rule_id", "rule_version", "fingerprint", "code", "sev_deg", "item", "vola_amt",
    "vola_inscp_amt", "vola_fund_amt", "counted_amt", "vola_cont", "vola_cont_en", "vola_evid", "evidence", "concerned", "point",
)  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """What became of one night's claims."""

    batch_date: date
    run_id: str
    opened: int
    refreshed: int  # cases that nobody had touched when the night was run again
    withdrawn: int  # such cases that the night no longer finds
    kept: int  # cases in somebody's work that the night now finds otherwise: they stay as they are judged


@dataclass(frozen=True)
class _Seed:
    """One claim of a night as the rows of a case."""

    case: dict[str, Any]
    findings: list[dict[str, Any]]
    bill: bytes


def open_nights(desk: Desk, lake: Path, site: Site | None = None) -> list[Opened]:
    """Open every completed night of the lake that is not open yet, or that was run again since; returns those nights in order.

    `site` (the shipped settings unless given) says how long a first review may take. Safe to repeat, to interrupt and to run twice at once.
    """
    site, found = site or Site.read(), []
    for batch_date, run_id in Lake(lake).runs().select("batch_date", "run_id").iter_rows():
        with desk.read() as con:
            known = con.scalar(select(nights.c.run_id).where(nights.c.batch_date == batch_date))
        if known != run_id:
            found.append(_open_night(desk, site, to_review(lake, batch_date), batch_date))
    return found


def _open_night(desk: Desk, site: Site, review: Review, night: date) -> Opened:
    if review.claims["mdtrt_id"].null_count():
        raise DataError(f"The night {night} was run by an earlier engine, which kept no bills; run it again, then open it.")
    with desk.act() as act:
        _keep_rules(act, review)
    done: Counter[str] = Counter()
    for part in _parts(review):
        with desk.act() as act:
            done["opened"] += _open(act, site, part, night, review.run_id)
    with desk.read() as con:
        stale = cases.select().where(cases.c.batch_date == night, cases.c.run_id != review.run_id).order_by(cases.c.id)
        judged = con.execute(stale.with_only_columns(cases.c.id, cases.c.setl_id)).all()
    for start in range(0, len(judged), BATCH):
        some = judged[start : start + BATCH]
        seeds = {seed.case["setl_id"]: seed for seed in _seeds(_part(review, [row.setl_id for row in some]))}
        with desk.act() as act:
            done.update(_again(act, [row.id for row in some], seeds, review.run_id))
    opened = Opened(night, review.run_id, done["opened"], done["refreshed"], done["withdrawn"], done["kept"])
    with desk.act() as act:
        _keep_night(act, opened)
    return opened


def _parts(review: Review) -> Iterator[list[_Seed]]:
    every = review.claims["setl_id"].to_list()
    for start in range(0, len(every), BATCH):
        yield list(_seeds(_part(review, every[start : start + BATCH])))


def _part(review: Review, setl_ids: list[str]) -> Review:
    """The same review with only some of its claims; lines of other claims stay, a finding may name them."""
    among = pl.col("setl_id").is_in(setl_ids)
    found = review.findings.filter(among)
    named = pl.col("bkkp_sn").is_in(found["concerned_bkkp_sn"].explode().drop_nulls().implode())
    return Review(
        review.run_id, review.claims.filter(among), found, review.lines.filter(among | named), review.diags.filter(among),
        review.oprns.filter(among), review.persons, review.points, review.rule_texts, review.institutions,
    )  # fmt: skip


def _seeds(review: Review) -> Iterator[_Seed]:
    """The claims of a review as rows, in its order."""
    versions = review.rule_texts.select("rule_id", "rule_version", "fingerprint")
    lines = review.lines.select("setl_id", "bkkp_sn", item="hilist_name", line_amt="det_item_fee_sumamt")
    points = review.points.select("jr_id", point=pl.struct(review.points.columns).struct.json_encode())
    found = (
        review.findings.join(versions, on=["rule_id", "rule_version"], how="left", maintain_order="left")
        .join(lines, on=["setl_id", "bkkp_sn"], how="left", maintain_order="left")
        .join(points, on="jr_id", how="left", maintain_order="left")
        .with_columns(pl.col("fingerprint").fill_null(""), code=pl.coalesce("national_code", "local_code", pl.lit("")))
        .with_columns(pl.col("evidence").fill_null("{}"), pl.col("vola_cont", "vola_cont_en", "vola_evid").fill_null(""))
        .with_columns(concerned=pl.col("concerned_bkkp_sn").fill_null([]))
    )
    definite = (pl.col("sev_deg") == "definite").any()
    leads = found.sort(-pl.col("counted_amt"), pl.col("sev_deg"), "rule_id").group_by("setl_id", maintain_order=True)
    told = leads.agg(
        lead_rule=pl.col("rule_id").first(), sev_deg=pl.when(definite).then(pl.lit("definite")).otherwise(pl.lit("suspicious"))
    )
    rows = review.claims.join(told, on="setl_id", how="left", maintain_order="left").with_columns(
        pl.col("sev_deg").fill_null("model"), area=pl.col("fix_blng_admdvs").fill_null("")
    )
    by_claim: dict[str, list[dict[str, Any]]] = {}
    for row in found.select(_FINDING).iter_rows(named=True):
        by_claim.setdefault(row["setl_id"], []).append(row | {"concerned": json.dumps(row["concerned"])})
    for case, (setl_id, content) in zip(rows.select(_CASE).iter_rows(named=True), packed(review), strict=True):
        yield _Seed(case, by_claim.get(setl_id, []), content)


def _open(act: Act, site: Site, seeds: list[_Seed], night: date, run_id: str) -> int:
    """Cases for the claims that have none. Returns how many."""
    act.con.execute(select(journal_head).with_for_update())  # one opener at a time: another would find the same claims without a case
    known = set(act.con.scalars(select(cases.c.setl_id).where(cases.c.setl_id.in_([seed.case["setl_id"] for seed in seeds]))))
    new = [seed for seed in seeds if seed.case["setl_id"] not in known]
    if not new:
        return 0
    limits = {area: site.deadline(area, "first_review", act.today) for area in {seed.case["area"] for seed in new}}
    common = {"batch_date": night, "run_id": run_id, "opened_at": act.now, "changed_at": act.now}
    act.con.execute(insert(cases), [seed.case | common | {"due_on": limits[seed.case["area"]]} for seed in new])
    of_claims = select(cases.c.setl_id, cases.c.id).where(cases.c.setl_id.in_([seed.case["setl_id"] for seed in new]))
    ids = {row.setl_id: row.id for row in act.con.execute(of_claims)}
    for seed in new:
        act.tell("case.open", ids[seed.case["setl_id"]], seed.case["setl_id"], counted_amt=seed.case["counted_amt"], run_id=run_id)
    _fill(act, [(ids[seed.case["setl_id"]], seed) for seed in new])
    return len(new)


def _fill(act: Act, seeds: list[tuple[int, _Seed]]) -> None:
    act.con.execute(insert(bills), [{"case_id": case_id, "content": seed.bill} for case_id, seed in seeds])
    found = [row | {"case_id": case_id} for case_id, seed in seeds for row in seed.findings]
    if found:
        act.con.execute(insert(findings), found)


def _again(act: Act, ids: list[int], seeds: dict[str, _Seed], run_id: str) -> list[str]:
    """What a repeated night means for its cases: one word of `Opened` for each that it concerns."""
    of_cases = select(cases, _touched(act).label("touched")).where(cases.c.id.in_(ids), cases.c.run_id != run_id).order_by(cases.c.id)
    rows = act.con.execute(of_cases.with_for_update(of=cases)).all()
    before = select(findings.c.setl_id, findings.c.jr_id, findings.c.counted_amt).where(
        findings.c.setl_id.in_([row.setl_id for row in rows])
    )
    judged: dict[str, set[tuple[str, int]]] = {}
    for setl_id, jr_id, amt in act.con.execute(before):
        judged.setdefault(setl_id, set()).add((jr_id, amt))
    repeats = select(journal.c.case_id).where(journal.c.case_id.in_(ids), journal.c.action == "case.repeat", journal.c.subject == run_id)
    told = set(act.con.scalars(repeats))
    words, fresh = [], []
    for row in rows:
        seed = seeds.get(row.setl_id)
        now_found = {(found["jr_id"], found["counted_amt"]) for found in seed.findings} if seed else set()
        if row.touched:
            if now_found != judged.get(row.setl_id, set()) and row.id not in told:
                act.tell("case.repeat", row.id, run_id, findings=len(now_found), counted_amt=seed.case["counted_amt"] if seed else 0)
                words.append("kept")
        elif seed:
            fresh.append((row.id, seed))
            act.tell("case.refresh", row.id, run_id, counted_amt=seed.case["counted_amt"])
            words.append("refreshed")
        else:
            _close_unfound(act, row, run_id)
            words.append("withdrawn")
    _replace(act, fresh, run_id)
    return words


def _touched(act: Act) -> ColumnElement[bool]:
    """Whether somebody has done anything with a case."""
    work = (exists().where(table.c.case_id == cases.c.id) for table in (decisions, comments, files))
    other = cases.alias("other")
    return or_(
        cases.c.step != "first_review", cases.c.suspended_at.is_not(None), cases.c.escalated, *work,
        func.coalesce(cases.c.locked_until > act.now, False), exists().where(other.c.merged_into_id == cases.c.id),
    )  # fmt: skip


def _replace(act: Act, fresh: list[tuple[int, _Seed]], run_id: str) -> None:
    if not fresh:
        return
    ids = [case_id for case_id, _ in fresh]
    for table in (findings, bills):
        act.con.execute(delete(table).where(table.c.case_id.in_(ids)))
    for case_id, seed in fresh:
        renewed = {"run_id": run_id, "changed_at": act.now, "revision": cases.c.revision + 1}
        act.con.execute(update(cases).where(cases.c.id == case_id).values(seed.case | renewed))
    _fill(act, fresh)


def _close_unfound(act: Act, row: Row[Any], run_id: str) -> None:
    closed = {"step": "closed", "outcome": "withdrawn", "closed_at": act.now, "changed_at": act.now, "due_on": None}
    act.con.execute(update(cases).where(cases.c.id == row.id).values(**closed, run_id=run_id, revision=cases.c.revision + 1))
    act.tell("case.unfound", row.id, run_id)


def _keep_rules(act: Act, review: Review) -> None:
    """Every rule that judged these claims, word for word, once."""
    act.con.execute(select(journal_head).with_for_update())
    key = ("rule_id", "rule_version", "fingerprint")
    known = set(act.con.execute(select(*(rule_texts.c[name] for name in key))).tuples())
    used = review.rule_texts.join(review.findings, on=["rule_id", "rule_version"], how="semi")
    new = [row for row in used.iter_rows(named=True) if tuple(row[name] for name in key) not in known]
    if new:
        act.con.execute(insert(rule_texts), new)


def _keep_night(act: Act, opened: Opened) -> None:
    act.con.execute(select(journal_head).with_for_update())
    row = {"run_id": opened.run_id, "opened_at": act.now, "refreshed": opened.refreshed}
    mine = update(nights).where(nights.c.batch_date == opened.batch_date)
    if not act.con.execute(mine.values(**row, opened=nights.c.opened + opened.opened)).rowcount:
        act.con.execute(insert(nights).values(batch_date=opened.batch_date, **row, opened=opened.opened))
    told = {name: getattr(opened, name) for name in ("run_id", "opened", "refreshed", "withdrawn", "kept")}
    act.tell("night.open", subject=str(opened.batch_date), **told)
