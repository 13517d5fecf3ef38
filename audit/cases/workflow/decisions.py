"""Deciding a case finding by finding."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from audit.cases.bills import bill
from audit.cases.refused import Refused
from audit.cases.store import Act
from audit.cases.tables import appeals, decisions, findings
from audit.cases.workflow.amounts import LONGEST, Ground, Item, amount, check
from audit.cases.workflow.panel import opinion
from audit.cases.workflow.steps import changed, taken

_ROUND = {"re_review": 1, "final": 2}  # which appeal a step answers
_AS_CONFIRMED = {"uphold": "confirmed", "reduce": "reduced", "overturn": "dismissed"}


def decide(act: Act, case_id: int, revision: int, items: Sequence[Item]) -> int:
    """Decide some findings in the present step; a later decision in the same step replaces an earlier one. Returns the new revision."""
    return write(act, taken(act, None, case_id, "decide", revision), items)


def write(act: Act, case: Row[Any], items: Sequence[Item]) -> int:
    """Decide findings of a case that was `taken` for it. Refused (422) when an item is not whole or an amount too large."""
    rows = {row.id: row for row in act.con.execute(select(findings).where(findings.c.case_id == case.id).order_by(findings.c.id))}
    grounds = grounds_of(act.con, case, rows)
    if not items or len({item.finding_id for item in items}) < len(items) or any(item.finding_id not in rows for item in items):
        raise Refused("请选择本案的问题，每项一次。", "Choose findings of this case, each once.", 422)
    panel = opinion(act.con, case.id) if case.step == "final" else None
    for item in items:
        if len(item.reason) > LONGEST:
            raise Refused(f"理由不超过{LONGEST}字。", f"A reason has at most {LONGEST} characters.", 422)
        if panel and item.outcome != _AS_CONFIRMED[panel] and not item.reason.strip():
            raise Refused("与合议意见不同的，须说明理由。", "Say why, where you depart from the panel's opinion.", 422)
        ground = grounds[item.finding_id]
        grounds[item.finding_id] = replace(ground, amt=amount(item, ground.before), outcome=item.outcome)
    check(grounds.values(), billed(act.con, case.id) if any(ground.by_hand for ground in grounds.values()) else {})
    told = []
    for item in items:
        row, amt, reason = rows[item.finding_id], grounds[item.finding_id].amt, item.reason.strip()
        told.append({"finding_id": row.id, "outcome": item.outcome, "amt": amt, "reason": reason})
        # a finding that was reduced and then upheld is a reduced one: its outcome compares with what the engine counted
        outcome = item.outcome if item.outcome == "dismissed" else "reduced" if amt < row.counted_amt else "confirmed"
        act.con.execute(update(findings).where(findings.c.id == row.id).values(outcome=outcome, decided_amt=amt))
    common = {"case_id": case.id, "step": case.step, "person_id": act.person.id, "at": act.now}
    act.con.execute(insert(decisions), [row | common for row in told])
    act.tell("case.decide", case.id, case.step, items=told)
    return changed(act, case, decided_amt=sum(ground.amt for ground in grounds.values() if ground.outcome))


def undecided(con: Connection, case: Row[Any]) -> list[int]:
    """Ids of the findings that the present step must still decide: all of them in the first review, then those that are contested."""
    decided = select(decisions.c.id).where(decisions.c.finding_id == findings.c.id, decisions.c.step == case.step).exists()
    open_ones = select(findings.c.id).where(findings.c.case_id == case.id, ~decided).order_by(findings.c.id)
    ids = list(con.scalars(open_ones))
    if case.step == "first_review":
        return ids
    contested = con.scalar(select(appeals.c.findings).where(appeals.c.case_id == case.id, appeals.c.round == _ROUND[case.step]))
    return [finding_id for finding_id in ids if finding_id in json.loads(contested or "[]")]


def billed(con: Connection, case_id: int) -> dict[str, int]:
    """What the claims of a case billed: setl_id -> fen."""
    whole = bill(con, case_id)
    return {one["claim"]["setl_id"]: one["claim"]["medfee_sumamt"] for one in (whole, *whole["merged"])}


def grounds_of(con: Connection, case: Row[Any], rows: dict[int, Row[Any]]) -> dict[int, Ground]:
    """The case's findings as amounts see them: `before` is what the engine counted, or what the last step decided."""
    before = {finding_id: row.counted_amt for finding_id, row in rows.items()}
    if case.step != "first_review":
        earlier = select(decisions.c.finding_id, decisions.c.amt).where(decisions.c.finding_id.in_(rows), decisions.c.step != case.step)
        before |= {row.finding_id: row.amt for row in con.execute(earlier.order_by(decisions.c.id))}
    return {
        finding_id: Ground(
            row.setl_id, row.bkkp_sn, row.line_amt, row.vola_amt, before[finding_id],
            before[finding_id] if row.decided_amt is None else row.decided_amt, row.outcome, row.author_id is not None,
        )
        for finding_id, row in rows.items()
    }  # fmt: skip
