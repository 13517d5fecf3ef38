"""Deadlines that have passed: silence counts as the site says."""

from __future__ import annotations

from sqlalchemy import or_, select

from audit.cases.site import WINDOWS, Site
from audit.cases.store import CHINA, Act, Desk
from audit.cases.tables import cases
from audit.cases.workflow.moves import close, judged
from audit.cases.workflow.steps import changed


def pass_deadlines(desk: Desk, site: Site) -> int:
    """Close, or hand to the seniors, every case whose time limit has passed; returns how many. One act per case, safe to repeat and in
    two workers at once. A suspended case has no clock."""
    today = desk.clock().astimezone(CHINA).date()
    late = cases.c.suspended_at.is_(None) & (cases.c.due_on < today) & (cases.c.step != "closed")
    # what was escalated has been passed on already; it can still end in silence when it is the hospital's turn
    waiting = late & or_(~cases.c.escalated, cases.c.step.in_(WINDOWS))
    with desk.read() as con:
        due = con.execute(select(cases.c.id, cases.c.area, cases.c.step).where(waiting).order_by(cases.c.id)).all()
    passed = 0
    for case_id, area, step in due:
        if site.step(area, step).silence != "none":
            with desk.act() as act:
                passed += _pass(act, site, case_id, waiting)
    return passed


def _pass(act: Act, site: Site, case_id: int, waiting: object) -> bool:
    """One case, if it is still late now that it is locked."""
    case = act.con.execute(select(cases).where(cases.c.id == case_id, waiting).with_for_update(of=cases)).one_or_none()  # type: ignore[arg-type]
    silence = site.step(case.area, case.step).silence if case else "none"
    if case is None or silence == "none" or (silence == "escalate" and case.escalated):
        return False
    if silence == "accepted":
        act.tell("case.silent", case.id, case.step, due_on=case.due_on)
        close(act, case, judged(act.con, case.id))
    else:
        act.tell("case.late", case.id, case.step, due_on=case.due_on)
        changed(act, case, escalated=True, assignee_id=None)
    return True
