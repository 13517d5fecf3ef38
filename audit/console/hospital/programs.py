"""The hospital's side for programs: the same cases, answers and refusals. Money in fen."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import Connection

from audit.cases import answers, workflow
from audit.console.case.seen import billed, case_row
from audit.console.case.told import told
from audit.console.export import Format
from audit.console.here import Here
from audit.console.hospital import tables
from audit.console.hospital.asked import Contested, Hospital, Number, Start, Statement, Tab, Text, contest

api = APIRouter(tags=["hospital"])


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


@api.get("/hospital/cases", response_model=Page, responses={200: {"content": {"text/csv": {}}}})
def list_cases(here: Hospital, tab: Tab = "waiting", text: Text = "", start: Start = 0, format: Format = None) -> Response | Page:
    """Cases that this hospital was told of; with `format` all of the tab as a file."""
    if format:
        return tables.notices(here, tab, text).exported(here, format)
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
        return Revision(revision=contest(here, act, case_id, statement, finding, files))


@api.post("/hospital/cases/{case_id}/accept")
def accept_case(here: Hospital, case_id: Number) -> Revision:
    """Accept what the bureau decided; the case is closed."""
    with here.act() as act:
        return Revision(revision=workflow.accept(act, here.place.site, case_id))
