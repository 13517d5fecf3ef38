"""The queue for programs: the same lists, numbers, locks and assignments as the pages, in fen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from audit.cases import queue, workflow
from audit.cases.queue import alike, team, views
from audit.cases.workflow.bulk import MOST
from audit.console.door import may
from audit.console.here import Here
from audit.console.queue import table
from audit.console.queue.asked import Id, Name, Question, today_of
from audit.console.queue.team import Class, Senior
from audit.console.queue.together import Outcome, Reason, RuleId, Worker

api = APIRouter(tags=["queue"])
Reader = Annotated[Here, may("case.read")]


class Kept(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Case(Kept):
    """A case as a row of the queue. Amounts in fen."""

    id: int
    setl_id: str
    psn_no: str
    fixmedins_code: str
    fixmedins_name: str | None
    area: str
    batch_date: date
    medfee_sumamt: int
    counted_amt: int
    decided_amt: int
    priority: int
    fraud_probability: float | None
    sev_deg: str
    lead_rule: str | None
    findings: int
    step: str
    outcome: str | None
    due_on: date | None
    suspended_at: datetime | None
    escalated: bool
    assignee_id: int | None
    assignee: str | None
    locked_by_id: int | None
    locked_until: datetime | None
    revision: int


class Cases(BaseModel):
    """`next` is the `after` of the next page; null at the end."""

    cases: list[Case]
    next: str | None


class Counts(BaseModel):
    """Cases in every tab, under the same filter."""

    mine: int
    unassigned: int
    all: int
    hospital: int
    late: int
    closed: int


class Next(BaseModel):
    """The case that is now in one's hands; null when none is left."""

    case_id: int | None


class Hands(Kept):
    """In whose hands a case is."""

    person_id: int
    name: str
    until: datetime


class View(Kept):
    id: int
    name: str
    query: str = Field(description="of the queue's address")


class Member(Kept):
    """Somebody who works the queue. `capacity` is the own one, or the site's."""

    id: int
    login: str
    name: str
    role: str
    area: str
    skills: str
    capacity: int
    own_capacity: int | None
    absent_from: date | None
    absent_to: date | None
    active: bool
    away: bool
    load: int
    late: int


class MemberChange(BaseModel):
    """No capacity is the site's, no skills are all of them, no `absent_to` is until further notice."""

    capacity: Annotated[int, Field(ge=0, le=team.MOST)] | None = None
    skills: Annotated[list[Class], Field(max_length=5)] = []
    absent_from: date | None = None
    absent_to: date | None = None


class Assigned(BaseModel):
    assigned: int


class AlikeRule(Kept):
    """A rule version with definite findings that wait; `amt` in fen."""

    rule_id: str
    rule_version: int
    cases: int
    findings: int
    amt: int


class Together(BaseModel):
    """One decision for a rule's definite findings in many cases."""

    rule_id: RuleId
    rule_version: Annotated[int, Field(ge=1, le=10**6)]
    cases: Annotated[list[Id], Field(min_length=1, max_length=MOST)]
    outcome: Outcome
    reason: Reason = ""


class Skipped(BaseModel):
    case_id: int
    zh: str
    en: str


class Decided(BaseModel):
    """What became of the cases: decided; of these those that went on; and those left as they were, with the reason."""

    decided: list[int]
    finished: list[int]
    skipped: list[Skipped]


@api.get("/queue", response_model=Cases, responses={200: {"content": {"text/csv": {}}}})
def cases(here: Reader, asked: Question) -> Response | Cases:
    """A page of the queue, or with `format` all of it as a file."""
    if asked.format:
        return table.exported(here, asked, asked.format)
    with here.read() as con:
        page = queue.page(con, here.person, asked.filter(here), asked.after)
    return Cases(cases=[Case.model_validate(row) for row in page.rows], next=page.next)


@api.get("/queue/counts")
def counts(here: Reader, asked: Question) -> Counts:
    """How many cases each tab has under this filter."""
    with here.read() as con:
        return Counts(**queue.counts(con, here.person, asked.filter(here)))


@api.post("/queue/next")
def take_next(here: Worker, asked: Question) -> Next:
    """Take the free case of the highest priority that fits filter, area and skills."""
    with here.act() as act:
        return Next(case_id=queue.take_next(act, here.place.site, asked.work(here)))


@api.put("/cases/{case_id}/lock")
def lock(here: Worker, case_id: Id) -> Hands:
    """Take a case into one's hands, or keep it there longer. 409 while another has it."""
    with here.act() as act:
        return Hands.model_validate(queue.lock(act, here.place.site, case_id))


@api.delete("/cases/{case_id}/lock", status_code=204)
def release(here: Worker, case_id: Id) -> None:
    """Lay a case down; nothing happens when it is not in one's hands."""
    with here.act() as act:
        queue.release(act, case_id)


@api.get("/queue/views")
def my_views(here: Reader) -> list[View]:
    with here.read() as con:
        return [View.model_validate(row) for row in views.saved(con, here.person)]


@api.put("/queue/views/{name}")
def save_view(here: Reader, name: Name, asked: Question) -> View:
    """Keep this filter under a name; the same name again replaces it."""
    query = asked.query()
    with here.act() as act:
        return View(id=views.save(act, name, query), name=name.strip(), query=query)


@api.delete("/queue/views/{view_id}", status_code=204)
def remove_view(here: Reader, view_id: Id) -> None:
    with here.act() as act:
        views.remove(act, view_id)


@api.get("/queue/team")
def members(here: Senior) -> list[Member]:
    """Those who work the queue in one's area, with what they have and can take."""
    with here.read() as con:
        return [Member.model_validate(one) for one in team.members(con, here.place.site, here.person, today_of(here))]


@api.put("/queue/team/{person_id}")
def change_member(here: Senior, person_id: Id, change: MemberChange) -> Assigned:
    """Set capacity, skills and absence, then give out what is nobody's."""
    with here.act() as act:
        team.change(act, person_id, change.capacity, change.skills, change.absent_from, change.absent_to)
        return Assigned(assigned=queue.assign(act, here.place.site))


@api.post("/queue/assign")
def assign(here: Senior) -> Assigned:
    """Give out what is nobody's, by area, skills, room and absence."""
    with here.act() as act:
        return Assigned(assigned=queue.assign(act, here.place.site))


@api.get("/queue/together")
def together(here: Worker) -> list[AlikeRule]:
    """Rules with definite findings that wait for the same decision."""
    with here.read() as con:
        return [AlikeRule.model_validate(row) for row in alike.rules(con, here.person, here.place.desk.clock())]


@api.post("/queue/together")
def decide_together(here: Worker, asked: Together) -> Decided:
    """Decide a rule's definite findings in many cases; cases with nothing else to decide go on to their next step."""
    with here.act() as act:
        done = workflow.bulk(act, here.place.site, asked.rule_id, asked.cases, asked.outcome, asked.reason, asked.rule_version)
    skipped = [Skipped(case_id=case_id, **why.said) for case_id, why in done.skipped.items()]
    return Decided(decided=done.decided, finished=done.finished, skipped=skipped)
