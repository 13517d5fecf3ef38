"""Deciding many cases at once: one rule's identical definite findings in one table, the odd ones taken out, one step."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path
from fastapi.responses import Response
from pydantic import StringConstraints

from audit.cases import workflow
from audit.cases.queue import alike
from audit.console.door import may
from audit.console.here import Here
from audit.console.queue.asked import Id

pages = APIRouter()
Worker = Annotated[Here, may("case.work")]
RuleId = Annotated[str, StringConstraints(max_length=16, pattern=r"^[A-Z0-9-]+$")]
Version = Annotated[int, Path(ge=1, le=10**6)]
Reason = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]
Cases = Annotated[list[Id], Form(max_length=alike.MOST)]
Outcome = Literal["confirmed", "dismissed"]
Chosen = Annotated[Outcome, Form()]


@pages.get("/queue/together")
def rules(here: Worker) -> Response:
    with here.read() as con:
        found = alike.rules(con, here.person, here.place.desk.clock())
    return here.page("queue_together.html", rules=found)


@pages.get("/queue/together/{rule_id}/{version}")
def table(here: Worker, rule_id: RuleId, version: Version) -> Response:
    with here.read() as con:
        found = alike.table(con, here.person, here.place.desk.clock(), rule_id, version)
    return here.page("queue_table.html", rule_id=rule_id, version=version, table=found)


@pages.post("/queue/together/{rule_id}/{version}/confirm")
def confirm(here: Worker, rule_id: RuleId, version: Version, outcome: Chosen, case: Cases) -> Response:
    """What is about to be decided, with its sum; nothing is changed yet."""
    with here.read() as con:
        found = alike.table(con, here.person, here.place.desk.clock(), rule_id, version)
    chosen = [one for one in found.cases if one.case.id in set(case)]
    return here.page(
        "queue_confirm.html", rule_id=rule_id, version=version, outcome=outcome, chosen=chosen, gone=len(set(case)) - len(chosen)
    )


@pages.post("/queue/together/{rule_id}/{version}")
def decide(
    here: Worker,
    rule_id: RuleId,
    version: Version,
    outcome: Annotated[Outcome, Form()],
    case: Cases,
    reason: Annotated[Reason, Form()] = "",
) -> Response:
    with here.act() as act:
        done = workflow.bulk(act, here.place.site, rule_id, case, outcome, reason, version)
    return here.page("queue_done.html", rule_id=rule_id, version=version, done=done)
