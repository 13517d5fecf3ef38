"""The panel (合议): seniors who have not decided the case vote; its opinion is the middle vote."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, insert, literal, select

from audit.cases.refused import Refused
from audit.cases.site import Site
from audit.cases.store import Act
from audit.cases.tables import people, votes
from audit.cases.workflow.amounts import LONGEST
from audit.cases.workflow.steps import changed, enter, past, taken

VOTES = ("overturn", "reduce", "uphold")  # from the hospital's side to the bureau's: the order in which the middle is found


def vote(act: Act, site: Site, case_id: int, outcome: str, reason: str) -> int:
    """One senior's vote; the last one that is needed sends the case to its final review. Returns the new revision."""
    case = taken(act, site, case_id, "vote")
    if outcome not in VOTES or not reason.strip() or len(reason) > LONGEST:
        raise Refused("请选择维持、核减或撤销，并说明理由。", "Choose uphold, reduce or overturn, and say why.", 422)
    able = members(act.con, case)
    if len(able) < site.panel_votes:
        raise Refused(
            f"合议需要{site.panel_votes}名未参与本案的高级审核员，现有{len(able)}名；请管理员增加人员或调整panel_votes。",
            f"A panel needs {site.panel_votes} senior reviewers who have not decided this case; there are {len(able)}. "
            "Ask an administrator for more, or to lower panel_votes.",
        )
    act.con.execute(insert(votes).values(case_id=case.id, person_id=act.person.id, outcome=outcome, reason=reason.strip(), at=act.now))
    act.tell("case.vote", case.id, outcome, reason=reason.strip())
    if len(past(act.con, case).voted) < site.panel_votes:
        return changed(act, case)
    act.tell("case.finish", case.id, "final", opinion=opinion(act.con, case.id))
    return enter(act, site, case, "final")


def opinion(con: Connection, case_id: int) -> str | None:
    """The middle vote; of an even number the one nearer to the hospital. None before anybody has voted."""
    cast = sorted(con.scalars(select(votes.c.outcome).where(votes.c.case_id == case_id)), key=VOTES.index)
    return cast[(len(cast) - 1) // 2] if cast else None


def members(con: Connection, case: Row[Any]) -> list[int]:
    """Ids of the seniors who may vote on a case or have voted: of its area, active, without a decision in it."""
    done = past(con, case)
    judged = done.first | done.second
    seniors = select(people.c.id).where(
        people.c.role == "senior",
        people.c.active,
        literal(case.area).startswith(people.c.area),
        people.c.id.not_in(judged),
    )
    return list(con.scalars(seniors.order_by(people.c.id)))
