"""What people finally found, for training and for the rules' scorecards: only from cases that a decision closed."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, case, func, insert, select

from audit.cases.store import Act
from audit.cases.tables import cases, findings, labels

DECIDED = ("confirmed", "reduced", "overturned", "dismissed")  # outcomes of a closed case that a person's decision stands behind
_STANDS = ("confirmed", "reduced")


def label(act: Act, closed: Row[Any]) -> None:
    """Labels for the claim of a case that closes now, and for the claims of cases merged into it. `closed`: the row before closing."""
    claims = select(cases.c.id, cases.c.setl_id).where((cases.c.id == closed.id) | (cases.c.merged_into_id == closed.id))
    for case_id, setl_id in act.con.execute(claims).all():
        asked = select(func.count(), func.sum(findings.c.decided_amt)).where(findings.c.setl_id == setl_id, findings.c.outcome.in_(_STANDS))
        standing, amt = act.con.execute(asked).one()
        row = {"case_id": case_id, "setl_id": setl_id, "violation": standing > 0, "amt": amt or 0}
        act.con.execute(insert(labels).values(**row, final_step=closed.step, at=act.now))


class Judged(NamedTuple):
    """Findings of one rule version in cases that a decision closed."""

    rule_id: str
    rule_version: int
    confirmed: int
    reduced: int
    overturned: int


def overturned(con: Connection, *among: ColumnElement[bool]) -> list[Judged]:
    """How people judged each rule version, sorted by rule; `among` narrows the cases and findings."""
    counts = (func.sum(case((findings.c.outcome == word, 1), else_=0)) for word in ("confirmed", "reduced", "dismissed"))
    by_rule = findings.c.rule_id, findings.c.rule_version
    asked = select(*by_rule, *counts).join(cases, cases.c.id == findings.c.case_id).where(cases.c.outcome.in_(DECIDED), *among)
    return [Judged(*row) for row in con.execute(asked.group_by(*by_rule).order_by(*by_rule)).tuples()]
