"""From one step to the next: the end of a step, the notice to the hospital, and closing."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from audit.cases import ledger
from audit.cases.labels import DECIDED, label
from audit.cases.refused import Refused
from audit.cases.site import WINDOWS, Site
from audit.cases.store import Act
from audit.cases.tables import cases, decisions, findings, notices
from audit.cases.walls import seen
from audit.cases.workflow.decisions import undecided
from audit.cases.workflow.steps import changed, enter, taken


def finish(act: Act, site: Site, case_id: int, revision: int) -> int:
    """End the present step: the hospital is told, or the case is closed. Refused while findings are undecided. Returns the new revision."""
    return end(act, site, taken(act, site, case_id, "finish", revision))


def end(act: Act, site: Site, case: Row[Any]) -> int:
    """`finish` of a case that was `taken` for it."""
    if case.step in WINDOWS:  # nobody answered, and silence does not close by itself
        act.tell("case.finish", case.id, "closed")
        return close(act, case, judged(act.con, case.id))
    missing = undecided(act.con, case)
    if missing:
        raise Refused(f"还有{len(missing)}项问题没有决定。", f"Findings that are not decided yet: {len(missing)}.", 422)
    stands = bool(_standing(act.con, case.id))
    first = {"first_reviewer_id": act.person.id} if case.step == "first_review" else {}
    if case.step == "first_review" and not stands:
        act.tell("case.finish", case.id, "closed")
        return close(act, case, "dismissed", **first)
    if case.step == "final" or not stands:
        act.tell("case.finish", case.id, "closed")
        _notify(act, case, case.step, None)
        return close(act, case, judged(act.con, case.id))
    window = "appeal" if case.step == "first_review" else "re_appeal"
    act.tell("case.finish", case.id, window)
    _notify(act, case, case.step, site.deadline(case.area, window, act.today))
    if case.step == "first_review":
        ledger.enter(act, case.id, "proposed", case.decided_amt)
    else:
        _release(act, case, case.decided_amt)
    return enter(act, site, case, window, **first)


def close(act: Act, case: Row[Any], outcome: str, **values: Any) -> int:
    """The last change of a case: its money, its label, its outcome. Returns the new revision."""
    stands = case.decided_amt if outcome in DECIDED else 0
    _release(act, case, stands)
    ledger.enter(act, case.id, "confirmed", stands)
    if outcome in DECIDED:
        label(act, case)
    over = {"due_on": None, "suspended_at": None, "escalated": False, "locked_by_id": None, "locked_until": None}
    return changed(act, case, step="closed", outcome=outcome, closed_at=act.now, **over, **values)


def judged(con: Connection, case_id: int) -> str:
    """The outcome of a case that was before the hospital: what stands now beside what stood in the first notice."""
    told = select(decisions.c.finding_id, decisions.c.outcome, decisions.c.amt).join(findings, findings.c.id == decisions.c.finding_id)
    first = con.execute(told.where(findings.c.case_id == case_id, decisions.c.step == "first_review").order_by(decisions.c.id)).all()
    stood = {row.finding_id: row.amt for row in {row.finding_id: row for row in first}.values() if row.outcome != "dismissed"}
    stands = _standing(con, case_id)
    if not stands:
        return "overturned"
    return "confirmed" if stood.keys() <= stands.keys() and sum(stands.values()) >= sum(stood.values()) else "reduced"


def _standing(con: Connection, case_id: int) -> dict[int, int]:
    """Findings that are not dismissed, with their amounts in fen."""
    rows = select(findings.c.id, findings.c.decided_amt).where(findings.c.case_id == case_id, findings.c.outcome != "dismissed")
    return {row.id: row.decided_amt for row in con.execute(rows)}


def _notify(act: Act, case: Row[Any], kind: str, due_on: date | None) -> None:
    act.con.execute(insert(notices).values(case_id=case.id, kind=kind, sent_at=act.now, due_on=due_on))


def withdrawn(act: Act, case: Row[Any]) -> None:
    """Tell a hospital that knows of the case that it was taken back."""
    if act.con.scalar(select(notices.c.id).where(notices.c.case_id == case.id).limit(1)):
        _notify(act, case, "withdrawn", None)


def seen_notice(act: Act, case_id: int) -> None:
    """A hospital has opened its case: the notices are read from this moment on. Nobody else's look counts."""
    if act.person.role != "hospital":
        return
    mine = select(cases.c.id).where(cases.c.id == case_id, seen(act.person))
    unread = notices.c.case_id.in_(mine) & notices.c.read_at.is_(None)
    if act.con.execute(update(notices).where(unread).values(read_at=act.now)).rowcount:
        act.tell("case.read", case_id)


def _release(act: Act, case: Row[Any], stands: int) -> None:
    """What was proposed and no longer stands."""
    entries = ledger.of_case(act.con, case.id)
    ledger.enter(act, case.id, "released", entries["proposed"] - entries["released"] - stands if entries["proposed"] else 0)
