"""One case for programs: the same sight, the same moves and the same refusals as on the page. Amounts are whole fen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel, Field, StringConstraints

from audit.cases import workflow
from audit.console.case import papers
from audit.console.case.acts import unmasked
from audit.console.case.looks import Number, Reader
from audit.console.case.past import Event, events
from audit.console.case.seen import billed, case_row, masked, names, without_person
from audit.console.case.told import compared, told
from audit.console.door import may
from audit.console.here import Here

api = APIRouter(tags=["case"])
Worker = Annotated[Here, may("case.work")]
Text = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]
Said = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]
Id = Annotated[int, Field(ge=1, le=2**53)]
Seen = Annotated[int, Field(ge=0, le=2**31, description="the case's revision that you saw")]


class Identity(BaseModel):
    """Who the person is, masked as your role sees it."""

    psn_no: str
    name: str
    certno: str


class Finding(BaseModel):
    id: int
    jr_id: str
    setl_id: str
    bkkp_sn: str | None
    rule_id: str
    rule_version: int
    code: str
    sev_deg: str
    item: str | None
    vola_amt: int
    vola_inscp_amt: int
    vola_fund_amt: int
    counted_amt: int
    vola_cont: str
    vola_cont_en: str
    vola_evid: str
    evidence: dict[str, Any]
    concerned: list[str]
    rule: dict[str, Any] | None = Field(description="the rule in words, as it was that night")
    changed: dict[str, str] | None = Field(description="what became of the rule since, if anything")
    comparison: dict[str, Any] | None = Field(description="the condition part by part, with answers and the values read")
    outcome: str | None
    decided_amt: int | None
    author: str | None = Field(description="who entered it by hand; null: a rule found it")


class Happened(BaseModel):
    at: datetime
    kind: str
    who: str
    of: str
    text: str
    due_on: date | None
    files: list[int]


class Case(BaseModel):
    id: int
    setl_id: str
    fixmedins_code: str
    fixmedins_name: str | None
    area: str
    med_type: str | None
    begn_date: date | None
    end_date: date | None
    batch_date: date
    run_id: str
    medfee_sumamt: int
    fund_pay_sumamt: int
    counted_amt: int
    decided_amt: int
    recovered_amt: int
    fraud_probability: float | None
    sev_deg: str
    step: str
    outcome: str | None
    due_on: date | None
    escalated: bool
    assignee: str | None
    revision: int
    may_now: list[str]
    person: Identity
    claim: dict[str, Any]
    lines: list[dict[str, Any]]
    diags: list[dict[str, Any]]
    oprns: list[dict[str, Any]]
    findings: list[Finding]
    events: list[Happened]


class Decision(BaseModel):
    finding_id: Id
    outcome: Literal["confirmed", "reduced", "dismissed"]
    amt: Annotated[int, Field(ge=0, le=10**15)] | None = None
    reason: Text = ""


class Decisions(BaseModel):
    revision: Seen
    items: Annotated[list[Decision], Field(max_length=2000)]
    finish: bool = False


class Move(BaseModel):
    """What a move off the way needs: the revision seen, and where it is asked for a reason."""

    revision: Seen
    reason: Text = ""


class Transfer(Move):
    to: Id


class Merge(BaseModel):
    revision: Seen
    other: Id


class Vote(BaseModel):
    outcome: Literal["uphold", "reduce", "overturn"]
    reason: Said


class Note(BaseModel):
    text: Said


class Reason(BaseModel):
    reason: Annotated[str, StringConstraints(min_length=1, max_length=400, pattern=r"^[^\x00]*$")]


class Revision(BaseModel):
    revision: int


class Made(BaseModel):
    id: int


@api.get("/cases/{case_id}")
def get_case(here: Reader, case_id: Number) -> Case:
    """Everything about a case; the person is masked."""
    with here.read() as con:
        row = case_row(con, here.person, case_id)
        bill = billed(con, case_id)
        every = [one for group in told(con, case_id, bill, here.place.rules) for one in group.every]
        can = workflow.may_now(row, here.person, con, here.place.site, here.place.desk.clock())
        identity = masked(bill.person, row.psn_no, here.person, here.place.site.masking)
        who = names(con, (row.assignee_id,))
        happened = events(con, case_id)
    rows = [
        Finding(
            **{name: getattr(one.row, name) for name in (Finding.model_fields.keys() & set(one.row._fields)) - {"evidence", "concerned"}},
            evidence=dict(one.values), concerned=[line["bkkp_sn"] for line in one.concerned], rule=one.rule, changed=one.changed,
            comparison=compared(one),
        )
        for one in every
    ]  # fmt: skip
    own = {name: getattr(row, name) for name in Case.model_fields.keys() & set(row._fields)}
    return Case(
        **own, assignee=who.get(row.assignee_id), may_now=sorted(can), person=Identity(**identity),
        claim=without_person(bill.claim), lines=[without_person(line) for line in bill.lines],
        diags=bill.diags, oprns=bill.oprns, findings=rows,
        events=[Happened(**_shown(event)) for event in happened],
    )  # fmt: skip


def _shown(event: Event) -> dict[str, Any]:
    plain = ("at", "kind", "who", "of", "text", "due_on")
    return {name: getattr(event, name) for name in plain} | {"files": [file.id for file in event.files]}


@api.post("/cases/{case_id}/unmask")
def unmask(here: Annotated[Here, may("person.unmask")], case_id: Number, why: Reason) -> Identity:
    """Who the person is, whole; journaled with your reason."""
    unmasked(here, case_id, why.reason)
    with here.read() as con:
        row = case_row(con, here.person, case_id)
        return Identity(**masked(billed(con, case_id).person, row.psn_no, here.person, here.place.site.masking, whole=True))


@api.post("/cases/{case_id}/decisions")
def decide(here: Worker, case_id: Number, given: Decisions) -> Revision:
    """Decide findings of the present step, and end it if `finish`: both or neither."""
    items = [workflow.Item(one.finding_id, one.outcome, one.amt, one.reason) for one in given.items]
    with here.act() as act:
        revision = workflow.decide(act, case_id, given.revision, items) if items else given.revision
        if given.finish:
            revision = workflow.finish(act, here.place.site, case_id, revision)
    return Revision(revision=revision)


@api.post("/cases/{case_id}/votes")
def vote(here: Annotated[Here, may("case.panel")], case_id: Number, given: Vote) -> Revision:
    with here.act() as act:
        return Revision(revision=workflow.vote(act, here.place.site, case_id, given.outcome, given.reason))


@api.post("/cases/{case_id}/withdraw")
def withdraw(here: Annotated[Here, may("case.final")], case_id: Number, given: Move) -> Revision:
    with here.act() as act:
        return Revision(revision=workflow.withdraw(act, case_id, given.revision, given.reason))


@api.post("/cases/{case_id}/transfer")
def transfer(here: Worker, case_id: Number, given: Transfer) -> Revision:
    with here.act() as act:
        return Revision(revision=workflow.transfer(act, case_id, given.revision, given.to, given.reason))


@api.post("/cases/{case_id}/suspend")
def suspend(here: Worker, case_id: Number, given: Move) -> Revision:
    with here.act() as act:
        return Revision(revision=workflow.suspend(act, case_id, given.revision, given.reason))


@api.post("/cases/{case_id}/resume")
def resume(here: Worker, case_id: Number, given: Move) -> Revision:
    with here.act() as act:
        return Revision(revision=workflow.resume(act, here.place.site, case_id, given.revision))


@api.post("/cases/{case_id}/merge")
def merge(here: Worker, case_id: Number, given: Merge) -> Revision:
    with here.act() as act:
        return Revision(revision=workflow.merge(act, case_id, given.revision, given.other))


@api.post("/cases/{case_id}/escalate")
def escalate(here: Worker, case_id: Number, given: Move) -> Revision:
    with here.act() as act:
        return Revision(revision=workflow.escalate(act, case_id, given.revision, given.reason))


@api.post("/cases/{case_id}/comments", status_code=201)
def comment(here: Worker, case_id: Number, given: Note) -> Made:
    with here.act() as act:
        return Made(id=workflow.comment(act, case_id, given.text))


@api.post("/cases/{case_id}/files", status_code=201)
def attach(here: Worker, case_id: Number, file: UploadFile) -> Made:
    with here.act() as act:
        return Made(id=workflow.attach(act, here.place.site, case_id, workflow.Upload(file.filename or "", file.file.read())))


@api.get("/cases/{case_id}/files/{file_id}", response_class=Response)
def file(here: Reader, case_id: Number, file_id: Number) -> Response:
    """A file that was handed in, as it came."""
    return papers.handed_in(here, case_id, file_id)


@api.get("/cases/{case_id}/evidence.pdf", response_class=Response)
def evidence_pdf(here: Reader, case_id: Number) -> Response:
    return papers.evidence_pdf(here, case_id)


@api.get("/cases/{case_id}/evidence.zip", response_class=Response)
def evidence_zip(here: Reader, case_id: Number) -> Response:
    """All of it, signed, to be verified without a network."""
    return papers.evidence_zip(here, case_id)
