"""The hospital's side: what it was told, the evidence, its appeal with files, and the result. Comments of the bureau stay inside it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Path, Query, UploadFile
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel
from sqlalchemy import Connection, Row

from audit.cases import answers, procedure, workflow
from audit.cases.refused import Refused
from audit.cases.store import CHINA, Act
from audit.cases.workflow.amounts import LONGEST
from audit.console.case import past
from audit.console.case.page import AT_ONCE, drawn, marked, shown, steps, tellers
from audit.console.case.papers import handed_in
from audit.console.case.seen import billed, case_row, masked
from audit.console.case.told import Group, compared, told, values
from audit.console.door import may
from audit.console.here import Here

pages = APIRouter()
api = APIRouter(tags=["hospital"])
Hospital = Annotated[Here, may("hospital.work")]
Number = Annotated[int, Path(ge=1, le=2**53)]
Tab = Annotated[Literal["waiting", "open", "closed"], Query()]
Text = Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$")]
Start = Annotated[int, Query(ge=0, le=10_000_000)]
Statement = Annotated[str, Form(max_length=LONGEST, pattern=r"^[^\x00]*$")]
Contested = Annotated[list[Annotated[int, Form(ge=1, le=2**53)]], Form(max_length=1000)]


@pages.get("/hospital")
def notices(here: Hospital, tab: Tab = "waiting", text: Text = "", start: Start = 0) -> Response:
    with here.read() as con:
        found, counts = answers.listed(con, here.person, tab, text, start), answers.counts(con, here.person)
    return here.page("hospital.html", tab=tab, text=text, found=found, counts=counts, left=lambda row: _left(here, row), named=_named(here))


@pages.get("/hospital/cases/{case_id}")
def case(here: Hospital, case_id: Number) -> Response:
    """The case as the hospital may see it; its notices count as read from now on."""
    return _show(here, case_id)


@pages.post("/hospital/cases/{case_id}/appeal")
def appeal(
    here: Hospital,
    case_id: Number,
    statement: Statement = "",
    finding: Contested = [],  # noqa: B006
    files: Annotated[list[UploadFile], File()] = [],  # noqa: B006
) -> Response:
    """The appeal with its files, whole or not at all; what was typed stays on the page when it is refused."""
    try:
        with here.act() as act:
            _appeal(here, act, case_id, statement, finding, files)
    except Refused as why:
        if why.code == 404:
            raise
        return _show(here, case_id, why, statement, finding)
    return RedirectResponse(f"/hospital/cases/{case_id}", 303)


@pages.post("/hospital/cases/{case_id}/accept")
def accept(here: Hospital, case_id: Number) -> Response:
    try:
        with here.act() as act:
            workflow.accept(act, here.place.site, case_id)
    except Refused as why:
        if why.code == 404:
            raise
        return _show(here, case_id, why)
    return RedirectResponse(f"/hospital/cases/{case_id}", 303)


@pages.get("/hospital/cases/{case_id}/files/{file_id}")
def file(here: Hospital, case_id: Number, file_id: Number) -> Response:
    """A file that came with one of the hospital's own appeals."""
    with here.read() as con:
        case_row(con, here.person, case_id)
        own = {one.id for event in past.events(con, case_id) if event.kind == "appeal" for one in event.files}
    if file_id not in own:
        raise Refused("没有这个文件。", "There is no such file.", 404)
    return handed_in(here, case_id, file_id)


def _show(here: Here, case_id: int, refused: Refused | None = None, statement: str = "", chosen: list[int] | None = None) -> Response:
    with here.act() as act:
        workflow.seen_notice(act, case_id)
    with here.read() as con:
        row = case_row(con, here.person, case_id)
        bill, stands = billed(con, case_id), answers.as_told(con, [case_id]).get(case_id, {})
        groups = _standing(told(con, case_id, bill, here.place.rules), stands)
        every = past.events(con, case_id)
        events = [event for event in every if _known(event, every)]
        can = workflow.may_now(row, here.person, con, here.place.site, here.place.desk.clock())
    marks = marked(groups)
    return here.page(
        "hospital_case.html",
        refused.code if refused else 200,
        **tellers(here, groups),
        row=row,
        bill=bill,
        groups=groups,
        stands=stands,
        events=events,
        can=can,
        told=refused.said[here.lang] if refused else None,
        statement=statement,
        chosen=chosen,
        person=masked(bill.person, row.psn_no, here.person, here.place.site.masking),
        drawing=drawn(here, bill, marks, len(bill.lines) > AT_ONCE),
        lines=shown(bill.lines, marks) if len(bill.lines) > AT_ONCE else bill.lines,
        steps=steps(row),
        left=_left(here, row),
        compared=compared,
        values=lambda one: values(one, here.lang),
        named=_named(here),
        attachments=here.place.site.attachments,
        contested={one for event in events for one in event.contested},
    )


def _standing(groups: list[Group], told_of: Collection[int]) -> list[Group]:
    """Only what the hospital was told of."""
    kept = ([one for one in group.every if one.id in told_of] for group in groups)
    return [Group(every[0].line, every[0], every[1:]) for every in kept if every]


def _known(event: past.Event, events: list[past.Event]) -> bool:
    """Votes and comments are the bureau's own, and a decision is until its notice is sent."""
    if event.kind == "decision":
        return any(other.kind == "notice" and other.of == event.of for other in events)
    return event.kind in ("notice", "appeal")


def _appeal(here: Here, act: Act, case_id: int, statement: str, finding: list[int], files: list[UploadFile]) -> int:
    uploads = [workflow.Upload(one.filename or "", one.file.read()) for one in files if one.filename]
    return workflow.appeal(act, here.place.site, case_id, statement, finding, uploads)


def _left(here: Here, row: Row[Any]) -> int | None:
    """Working days until the answer is due; negative when it is late; None where nothing is awaited."""
    if row.due_on is None or row.step not in ("appeal", "re_appeal"):
        return None
    today = here.place.desk.clock().astimezone(CHINA).date()
    return here.place.site.calendar(row.area).between(today, row.due_on)


def _named(here: Here) -> Any:
    return lambda kind, key: procedure.named(getattr(procedure, kind), key, here.lang)


class Told(BaseModel):
    """A case as its hospital sees it in a list; money in fen."""

    id: int
    setl_id: str
    begn_date: date | None
    end_date: date | None
    medfee_sumamt: int
    decided_amt: int
    step: str
    outcome: str | None
    due_on: date | None
    unread: bool


class Page(BaseModel):
    cases: list[Told]
    next: int | None


class Finding(BaseModel):
    """What is held against the hospital; money in fen."""

    id: int
    rule_id: str
    rule_version: int
    code: str
    sev_deg: str
    bkkp_sn: str | None
    item: str | None
    vola_cont: str
    vola_cont_en: str
    vola_evid: str
    outcome: str | None
    decided_amt: int | None


class Whole(Told):
    findings: list[Finding]


class Revision(BaseModel):
    revision: int


@api.get("/hospital/cases")
def list_cases(here: Hospital, tab: Tab = "waiting", text: Text = "", start: Start = 0) -> Page:
    """Cases that this hospital was told of."""
    with here.read() as con:
        found = answers.listed(con, here.person, tab, text, start)
    return Page(cases=[Told.model_validate({**row._asdict(), "decided_amt": found.stands[row.id]}) for row in found.rows], next=found.next)


@api.get("/hospital/cases/{case_id}")
def one_case(here: Hospital, case_id: Number) -> Whole:
    """One case with what is held against the hospital; its notices count as read."""
    with here.act() as act:
        workflow.seen_notice(act, case_id)
        return _whole(here, act.con, case_id)


def _whole(here: Here, con: Connection, case_id: int) -> Whole:
    row = case_row(con, here.person, case_id)
    stands = answers.as_told(con, [case_id]).get(case_id, {})
    every = [one for group in told(con, case_id, billed(con, case_id), here.place.rules) for one in group.every if one.id in stands]
    said = [{**one.row._asdict(), "outcome": stands[one.id].outcome, "decided_amt": stands[one.id].amt} for one in every]
    total = sum(one.amt for one in stands.values())
    return Whole.model_validate({**row._asdict(), "decided_amt": total, "unread": False, "findings": said})


@api.post("/hospital/cases/{case_id}/appeal")
def appeal_case(
    here: Hospital,
    case_id: Number,
    statement: Statement,
    finding: Contested,
    files: Annotated[list[UploadFile], File()] = [],  # noqa: B006
) -> Revision:
    """Contest findings with a statement and files (multipart form)."""
    with here.act() as act:
        return Revision(revision=_appeal(here, act, case_id, statement, finding, files))


@api.post("/hospital/cases/{case_id}/accept")
def accept_case(here: Hospital, case_id: Number) -> Revision:
    """Accept what the bureau decided; the case is closed."""
    with here.act() as act:
        return Revision(revision=workflow.accept(act, here.place.site, case_id))
