"""A night that was run again: cases that nobody has touched follow it, the others stay as they are being judged."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, exists, func, not_, or_, select, update

from audit.cases.seeds import Seed, fill
from audit.cases.site import Site
from audit.cases.store import Act
from audit.cases.tables import bills, cases, comments, decisions, files, findings, journal


def again(act: Act, site: Site, ids: list[int], seeds: dict[str, Seed], run_id: str) -> list[str]:
    """What the new run `run_id` means for cases that an earlier run of their night opened; `seeds` by setl_id, missing: not found again.

    Returns one word of `opening.Opened` for each case that it concerns: refreshed, withdrawn, kept.
    """
    mine = cases.c.id.in_(ids) & (cases.c.run_id != run_id)
    act.con.execute(select(cases.c.id).where(mine).order_by(cases.c.id).with_for_update(of=cases)).all()
    # asked once they are locked: what somebody was just doing is seen
    rows = act.con.execute(select(cases, _touched(act).label("touched")).where(mine).order_by(cases.c.id)).all()
    before = _found(act, [row.setl_id for row in rows])
    repeats = select(journal.c.case_id).where(journal.c.case_id.in_(ids), journal.c.action == "case.repeat", journal.c.subject == run_id)
    told = set(act.con.scalars(repeats))
    words, fresh = [], []
    for row in rows:
        seed = seeds.get(row.setl_id)
        if row.touched:
            now = {(found["jr_id"], found["counted_amt"]) for found in seed.findings} if seed else set()
            if now != before.get(row.setl_id, set()) and row.id not in told:
                act.tell("case.repeat", row.id, run_id, findings=len(now), counted_amt=seed.case["counted_amt"] if seed else 0)
                words.append("kept")
        elif seed:
            fresh.append((row, seed))
            words.append("refreshed")
        else:
            _close(act, row, run_id)
            words.append("withdrawn")
    if fresh:
        _replace(act, site, fresh, run_id)
    return words


def _touched(act: Act) -> ColumnElement[bool]:
    """Whether somebody has done anything with a case. One that only an earlier run has closed is as untouched as before."""
    work = (exists().where(table.c.case_id == cases.c.id) for table in (decisions, comments, files))
    told = (exists().where(journal.c.case_id == cases.c.id, journal.c.action == word) for word in ("case.unfound", "case.withdraw"))
    lost, taken_back = told
    by_a_run = (func.coalesce(cases.c.outcome, "") == "withdrawn") & lost & not_(taken_back)
    other = cases.alias("other")
    return or_(
        (cases.c.step != "first_review") & not_(by_a_run),
        cases.c.suspended_at.is_not(None),
        cases.c.escalated,
        *work,
        exists().where(findings.c.case_id == cases.c.id, findings.c.author_id.is_not(None)),
        func.coalesce(cases.c.locked_until > act.now, False),
        exists().where(other.c.merged_into_id == cases.c.id),
    )


def _found(act: Act, setl_ids: list[str]) -> dict[str, set[tuple[str, int]]]:
    """jr_id and counted_amt of what rules found and stands in the desk, by claim."""
    found: dict[str, set[tuple[str, int]]] = {}
    by_rules = findings.c.author_id.is_(None)
    for row in act.con.execute(select(findings).where(findings.c.setl_id.in_(setl_ids), by_rules)):
        found.setdefault(row.setl_id, set()).add((row.jr_id, row.counted_amt))
    return found


def _replace(act: Act, site: Site, fresh: list[tuple[Row[Any], Seed]], run_id: str) -> None:
    for table in (findings, bills):
        act.con.execute(delete(table).where(table.c.case_id.in_([row.id for row, _ in fresh])))
    for row, seed in fresh:
        values = seed.case | {"run_id": run_id, "changed_at": act.now, "revision": row.revision + 1}
        if row.step == "closed":  # lost by a run in between, and found again
            due: date = site.deadline(seed.case["area"], "first_review", act.today)
            values |= {"step": "first_review", "outcome": None, "closed_at": None, "due_on": due}
        act.con.execute(update(cases).where(cases.c.id == row.id).values(values))
        act.tell("case.refresh", row.id, run_id, counted_amt=seed.case["counted_amt"])
    fill(act, [(row.id, seed) for row, seed in fresh])


def _close(act: Act, row: Row[Any], run_id: str) -> None:
    closed = {"step": "closed", "outcome": "withdrawn", "closed_at": act.now, "changed_at": act.now, "due_on": None}
    act.con.execute(update(cases).where(cases.c.id == row.id).values(**closed, run_id=run_id, revision=row.revision + 1))
    act.tell("case.unfound", row.id, run_id)
