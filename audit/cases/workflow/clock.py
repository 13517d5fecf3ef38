"""Deadlines that have passed: silence counts as the site says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, select

from audit.cases.site import Site
from audit.cases.store import CHINA, Act, Desk
from audit.cases.tables import cases
from audit.cases.workflow.moves import close, judged
from audit.cases.workflow.steps import changed


def pass_deadlines(desk: Desk, site: Site) -> int:
    """Close, or hand to the seniors, every case whose time limit has passed; returns how many. One act per case, safe to repeat and in
    two workers at once. A suspended case has no clock."""
    today = desk.clock().astimezone(CHINA).date()
    late = select(cases).where(cases.c.step != "closed", cases.c.due_on < today, cases.c.suspended_at.is_(None)).order_by(cases.c.id)
    with desk.read() as con:
        rows: Sequence[Row[Any]] = con.execute(late).all()
    passed = 0
    for row in rows:
        if _silence(site, row) != "none":
            with desk.act() as act:
                passed += _pass(act, site, late.where(cases.c.id == row.id))
    return passed


def _silence(site: Site, case: Row[Any]) -> str:
    """What silence means for a late case; none where it was passed on already."""
    silence = site.step(case.area, case.step).silence
    return "none" if silence == "escalate" and case.escalated else silence


def _pass(act: Act, site: Site, late: Select[Any]) -> bool:
    """One case, if it is still late now that it is locked."""
    case = act.con.execute(late.with_for_update(of=cases)).one_or_none()
    if case is None or _silence(site, case) == "none":
        return False
    if _silence(site, case) == "accepted":
        act.tell("case.silent", case.id, case.step, due_on=case.due_on)
        close(act, case, judged(act.con, case.id))
    else:
        act.tell("case.late", case.id, case.step, due_on=case.due_on)
        changed(act, case, escalated=True, assignee_id=None)
    return True
