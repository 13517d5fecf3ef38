"""One decision for the same definite finding in many cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from audit.cases.refused import Refused
from audit.cases.site import Site
from audit.cases.store import Act
from audit.cases.tables import cases, findings
from audit.cases.workflow.amounts import Item
from audit.cases.workflow.decisions import undecided, write
from audit.cases.workflow.moves import end
from audit.cases.workflow.steps import taken

MOST = 500  # cases at once


@dataclass
class Bulk:
    """What became of the cases: decided; of these, those with nothing left to decide went on; skipped ones with the reason why."""

    decided: list[int] = field(default_factory=list)
    finished: list[int] = field(default_factory=list)
    skipped: dict[int, Refused] = field(default_factory=dict)


def bulk(
    act: Act, site: Site, rule_id: str, case_ids: Sequence[int], outcome: str, reason: str = "", rule_version: int | None = None
) -> Bulk:
    """Confirm or dismiss the definite findings of one rule version in cases that are in first review; a case with nothing left to decide
    goes on to its next step. A case that the person does not see, or cannot decide now, is skipped with the reason.

    `rule_version` may be left out when all of them were judged by one version.
    """
    if outcome not in ("confirmed", "dismissed"):
        raise Refused("批量决定只能是确认或不予认定。", "A bulk decision confirms or dismisses.", 422)
    if not 0 < len(set(case_ids)) <= MOST:
        raise Refused(f"请选择1至{MOST}个案件。", f"Choose 1 to {MOST} cases.", 422)
    if outcome == "dismissed" and not reason.strip():
        raise Refused("不予认定必须说明理由。", "Say why the findings are dismissed.", 422)
    rows = select(findings.c.case_id, findings.c.id, findings.c.rule_version).where(
        findings.c.rule_id == rule_id, findings.c.sev_deg == "definite", findings.c.case_id.in_(set(case_ids)),
        findings.c.outcome.is_(None),  # what somebody has looked at and decided is not decided over his head
    )  # fmt: skip
    if rule_version is not None:
        rows = rows.where(findings.c.rule_version == rule_version)
    found = act.con.execute(rows.order_by(findings.c.id)).all()
    versions = sorted({row.rule_version for row in found})
    if len(versions) > 1:
        named = ", ".join(map(str, versions))
        raise Refused(
            f"所选案件由规则{rule_id}的不同版本（{named}）判定，请按版本分别处理。",
            f"Several versions of {rule_id} ({named}) judged these cases; take one version at a time.",
            422,
        )
    done = Bulk()
    for case_id in sorted(set(case_ids)):
        items = [Item(row.id, outcome, None, reason) for row in found if row.case_id == case_id]
        no = _decided(act, site, case_id, items, done)
        if no is not None:
            done.skipped[case_id] = no
    return done


def _decided(act: Act, site: Site, case_id: int, items: list[Item], done: Bulk) -> Refused | None:
    """One case of many. Whatever refuses it does so before anything is written."""
    try:
        case = taken(act, site, case_id, "decide")
        if case.step != "first_review":
            return Refused("案件已不在初审。", "The case is no longer in first review.")
        # somebody may have been quicker, between the look at all the cases and the lock on this one
        left = set(act.con.scalars(select(findings.c.id).where(findings.c.case_id == case_id, findings.c.outcome.is_(None))))
        items = [item for item in items if item.finding_id in left]
        if not items:
            return Refused("案件没有尚待决定的此项明确违规。", "The case has no such definite finding left to decide.")
        write(act, case, items)
    except Refused as no:
        return no
    done.decided.append(case_id)
    if not undecided(act.con, case):
        end(act, site, act.con.execute(select(cases).where(cases.c.id == case_id)).one())
        done.finished.append(case_id)
    return None
