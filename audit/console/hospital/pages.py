"""What a hospital looks at and answers: its notices, one case with the evidence, its appeal."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, UploadFile
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Row

from audit.cases import answers, procedure, workflow
from audit.cases.refused import Refused
from audit.cases.store import CHINA
from audit.console.case import past
from audit.console.case.page import AT_ONCE, drawn, marked, shown, steps, tellers
from audit.console.case.papers import handed_in
from audit.console.case.seen import billed, case_row, masked
from audit.console.case.told import compared, told, values
from audit.console.export import Format
from audit.console.here import Here
from audit.console.hospital import tables
from audit.console.hospital.asked import Contested, Hospital, Number, Start, Statement, Tab, Text, contest, standing

pages = APIRouter()


@pages.get("/hospital")
def notices(here: Hospital, tab: Tab = "waiting", text: Text = "", start: Start = 0, format: Format = None) -> Response:
    if format:
        return tables.notices(here, tab, text).exported(here, format)
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
            contest(here, act, case_id, statement, finding, files)
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
        groups = standing(told(con, case_id, bill, here.place.rules), stands)
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


def _known(event: past.Event, events: list[past.Event]) -> bool:
    """Votes and comments are the bureau's own, and a decision is until its notice is sent."""
    if event.kind == "decision":
        return any(other.kind == "notice" and other.of == event.of for other in events)
    return event.kind in ("notice", "appeal")


def _left(here: Here, row: Row[Any]) -> int | None:
    """Working days until the answer is due; negative when it is late; None where nothing is awaited."""
    if row.due_on is None or row.step not in ("appeal", "re_appeal"):
        return None
    today = here.place.desk.clock().astimezone(CHINA).date()
    return here.place.site.calendar(row.area).between(today, row.due_on)


def _named(here: Here) -> Any:
    return lambda kind, key: procedure.named(getattr(procedure, kind), key, here.lang)
