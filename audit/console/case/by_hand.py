"""A finding entered by hand: what the form in the bill's card sends, and the same for programs. Amounts of programs are whole fen."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field, StringConstraints
from starlette.datastructures import FormData

from audit.cases import workflow
from audit.cases.refused import Faults
from audit.console.case.acts import Revision, Worker, changed, form_of
from audit.console.case.api import Move, Said, Seen
from audit.console.case.api import Revision as Now
from audit.console.case.looks import Number, Reader
from audit.console.case.page import LINES, Entered
from audit.console.case.seen import case_row
from audit.console.here import to_fen

pages = APIRouter()
api = APIRouter()  # within that of a case
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]


@pages.post("/cases/{case_id}/findings")
def enter(here: Worker, case_id: Number, revision: Revision, form: Annotated[FormData, Depends(form_of)]) -> Response:
    typed = entered(form)
    return changed(here, case_id, lambda act: workflow.enter_finding(act, case_id, revision, entry(typed)), entered=typed)


@pages.post("/cases/{case_id}/findings/{finding_id}/take-back")
def take_back(here: Worker, case_id: Number, finding_id: Number, revision: Revision) -> Response:
    return changed(here, case_id, lambda act: workflow.take_back(act, case_id, revision, finding_id))


@pages.get("/cases/{case_id}/findings/{finding_id}/take-back")
def back(here: Reader, case_id: Number, finding_id: Number) -> Response:
    """The address under which a change answered, opened again: the case itself."""
    with here.read() as con:
        case_row(con, here.person, case_id)
    return RedirectResponse(f"/cases/{case_id}", 303)


def entered(form: FormData) -> Entered:
    """What stands in the form. Lines are ticked, or written as numbers."""

    def text(name: str) -> str:
        return str(form.get(name) or "").replace("\x00", "").strip()

    ticked = [str(one).replace("\x00", "") for one in form.getlist("line")]
    written = re.split(r"[\s,，、;；]+", text("numbers"))
    lines = tuple(dict.fromkeys(one for one in (*ticked, *written) if one))
    return Entered(text("about") or LINES, lines, text("code"), text("amt"), text("basis"), text("reason"))


def entry(typed: Entered) -> workflow.Entry:
    """The same as the procedure takes it. Faults (422) for an amount that is none."""
    try:
        amt = to_fen(typed.amt) if typed.amt else None
    except (ValueError, ArithmeticError):
        raise Faults({"amt": (f"“{typed.amt}”不是以元为单位的数。", f"'{typed.amt}' is not an amount in yuan.")}) from None
    claim = None if typed.about == LINES else typed.about
    return workflow.Entry(typed.code, typed.basis, typed.reason, typed.lines, claim, amt)


class Given(BaseModel):
    """A finding entered by hand: about `lines`, each by `amt` fen, or about the claim `setl_id`, of which `lines` then make the case."""

    revision: Seen
    code: Name = Field(description="a national type, as rules/tables/types.csv has it")
    basis: Said = Field(description="the clause it rests on")
    reason: Said
    lines: Annotated[list[Name], Field(max_length=workflow.MOST_LINES)] = []
    setl_id: Name | None = None
    amt: Annotated[int, Field(ge=1, le=10**15)] | None = Field(None, description="without it: all in scope that no other finding counts")


@api.post("/cases/{case_id}/findings", status_code=201)
def enter_finding(here: Worker, case_id: Number, given: Given) -> Now:
    """Enter what no rule found, in the first review."""
    made = workflow.Entry(given.code, given.basis, given.reason, given.lines, given.setl_id, given.amt)
    with here.act() as act:
        return Now(revision=workflow.enter_finding(act, case_id, given.revision, made))


@api.post("/cases/{case_id}/findings/{finding_id}/take-back")
def take_finding_back(here: Worker, case_id: Number, finding_id: Number, given: Move) -> Now:
    """Take back, in the first review, what you entered."""
    with here.act() as act:
        return Now(revision=workflow.take_back(act, case_id, given.revision, finding_id))
