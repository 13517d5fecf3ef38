"""A night's claims become cases: each claim once, however often nights are repeated and however many workers open them at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import insert, select, update

from audit.cases.repeated import again
from audit.cases.seeds import Seed, fill, seeds_of, some_of
from audit.cases.site import Site
from audit.cases.store import Act, Desk
from audit.cases.tables import cases, journal_head, nights, rule_texts
from audit.dossier import Review, to_review
from audit.errors import DataError
from audit.lake import Lake

BATCH = 1000  # claims per act: other people get their turn in between


@dataclass(frozen=True)
class Opened:
    """What became of one night's claims."""

    batch_date: date
    run_id: str
    opened: int
    refreshed: int  # cases that nobody had touched when the night was run again
    withdrawn: int  # such cases that the night no longer finds
    kept: int  # cases in somebody's work that the night now finds otherwise: they stay as they are judged


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
    for some in _batches(review.claims["setl_id"].to_list()):
        new = list(seeds_of(some_of(review, some)))
        with desk.act() as act:
            done["opened"] += _open(act, site, new, night, review.run_id)
    with desk.read() as con:
        earlier = select(cases.c.id, cases.c.setl_id).where(cases.c.batch_date == night, cases.c.run_id != review.run_id)
        ids = {row.setl_id: row.id for row in con.execute(earlier.order_by(cases.c.id))}
    for some in _batches(list(ids)):
        found = {seed.case["setl_id"]: seed for seed in seeds_of(some_of(review, some))}
        with desk.act() as act:
            done.update(again(act, site, [ids[setl_id] for setl_id in some], found, review.run_id))
    opened = Opened(night, review.run_id, done["opened"], done["refreshed"], done["withdrawn"], done["kept"])
    with desk.act() as act:
        _keep_night(act, opened)
    return opened


def _batches(setl_ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(setl_ids), BATCH):
        yield setl_ids[start : start + BATCH]


def _open(act: Act, site: Site, seeds: list[Seed], night: date, run_id: str) -> int:
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
    fill(act, [(ids[seed.case["setl_id"]], seed) for seed in new])
    return len(new)


def _keep_rules(act: Act, review: Review) -> None:
    """Every rule that judged these claims, word for word, once."""
    act.con.execute(select(journal_head).with_for_update())
    key = ("rule_id", "rule_version", "fingerprint")
    known = set(act.con.execute(select(*(rule_texts.c[name] for name in key))))
    used = review.rule_texts.join(review.findings, on=["rule_id", "rule_version"], how="semi")
    new = [row for row in used.iter_rows(named=True) if tuple(row[name] for name in key) not in known]
    if new:
        act.con.execute(insert(rule_texts), new)


def _keep_night(act: Act, opened: Opened) -> None:
    act.con.execute(select(journal_head).with_for_update())
    night = nights.c.batch_date == opened.batch_date
    before = act.con.execute(select(nights).where(night)).one_or_none()
    row = {"run_id": opened.run_id, "opened_at": act.now, "refreshed": opened.refreshed}
    if before is None:
        act.con.execute(insert(nights).values(batch_date=opened.batch_date, opened=opened.opened, **row))
    elif before.run_id != opened.run_id or opened.opened:
        act.con.execute(update(nights).where(night).values(opened=before.opened + opened.opened, **row))
    else:
        return  # another worker was first
    told = asdict(opened)
    act.tell("night.open", subject=str(told.pop("batch_date")), **told)
