"""Routes that change a case. What is refused comes back on the fresh page, in a sentence, with everything that had been typed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.datastructures import FormData

from audit.cases import queue, workflow
from audit.cases.refused import Faults, Refused
from audit.cases.store import Act
from audit.console.case.looks import Number, show
from audit.console.case.page import Draft, Entered
from audit.console.case.seen import case_row
from audit.console.door import may
from audit.console.here import Here, to_fen

FIELDS = 10_000


class LongForm(APIRoute):
    """Reads a form of up to FIELDS fields: three of each finding, and a long claim has hundreds."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handled = super().get_route_handler()

        async def read(request: Request) -> Response:
            await request.form(max_fields=FIELDS)  # whoever asks for it later gets this one
            return await handled(request)

        return read


pages = APIRouter(route_class=LongForm)
Worker = Annotated[Here, may("case.work")]
Revision = Annotated[int, Form(ge=0, le=2**31)]
MOVES = (
    "decide", "vote", "withdraw", "transfer", "suspend", "resume", "merge", "escalate", "comment", "attach", "unmask", "hold", "findings",
)  # fmt: skip
Text = Annotated[str, Form(max_length=4000, pattern=r"^[^\x00]*$")]


async def form_of(request: Request) -> FormData:
    return await request.form()


def changed(
    here: Here, case_id: int, change: Callable[[Act], object], typed: dict[int, Draft] | None = None, entered: Entered | None = None
) -> Response:
    """Do it, and show the case; or say why not on the page as it is now, with what was typed of decisions, or entered of a finding."""
    try:
        with here.act() as act:
            change(act)
    except Refused as why:
        if why.code == 404:
            raise
        told = why.said[here.lang]
        if entered and isinstance(why, Faults):
            told = here.say("没有保存，请看下方标出的各栏。", "Nothing was saved: look at the fields marked below.")
            entered = replace(entered, faults={name: here.say(*said) for name, said in why.fields.items()})
        return show(here, case_id, why.code, told, typed, entered=entered)
    return RedirectResponse(f"/cases/{case_id}", 303)


@pages.post("/cases/{case_id}/decide")
def decide(
    here: Worker,
    case_id: Number,
    revision: Revision,
    form: Annotated[FormData, Depends(form_of)],
    then: Annotated[Literal["stay", "finish"], Form()] = "stay",
) -> Response:
    """The decisions typed so far, and, if asked, the end of the step, in one act."""
    drafts = typed(form)

    def change(act: Act) -> None:
        items = [item(finding_id, draft) for finding_id, draft in drafts.items() if draft.outcome]
        finishing = then == "finish"
        now = revision if finishing and not items else workflow.decide(act, case_id, revision, items)
        if finishing:
            workflow.finish(act, here.place.site, case_id, now)

    return changed(here, case_id, change, drafts)


def typed(form: FormData) -> dict[int, Draft]:
    """What stands in the form, by finding."""
    numbers = {name.partition("-")[2] for name in form if name.startswith(("outcome-", "amt-", "reason-"))}

    def field(name: str, number: str) -> str:
        return str(form.get(f"{name}-{number}") or "").replace("\x00", "").strip()

    return {
        int(number): Draft(field("outcome", number), field("amt", number)[:20], field("reason", number))
        for number in sorted(numbers)
        if number.isascii() and number.isdigit() and len(number) < 16
    }


def item(finding_id: int, draft: Draft) -> workflow.Item:
    """A decision as the procedure takes it. Refused (422) for an amount that is none."""
    if draft.outcome != "reduced":
        return workflow.Item(finding_id, draft.outcome, None, draft.reason)
    try:
        return workflow.Item(finding_id, draft.outcome, to_fen(draft.amt), draft.reason)
    except (ValueError, ArithmeticError):
        raise Refused(f"金额“{draft.amt}”不是以元为单位的数。", f"'{draft.amt}' is not an amount in yuan.", 422) from None


@pages.post("/cases/{case_id}/vote")
def vote(
    here: Annotated[Here, may("case.panel")],
    case_id: Number,
    outcome: Annotated[Literal["uphold", "reduce", "overturn"], Form()],
    reason: Text,
) -> Response:
    return changed(here, case_id, lambda act: workflow.vote(act, here.place.site, case_id, outcome, reason))


@pages.post("/cases/{case_id}/withdraw")
def withdraw(here: Annotated[Here, may("case.final")], case_id: Number, revision: Revision, reason: Text) -> Response:
    return changed(here, case_id, lambda act: workflow.withdraw(act, case_id, revision, reason))


@pages.post("/cases/{case_id}/transfer")
def transfer(here: Worker, case_id: Number, revision: Revision, to: Annotated[int, Form(ge=1, le=2**53)], reason: Text = "") -> Response:
    return changed(here, case_id, lambda act: workflow.transfer(act, case_id, revision, to, reason))


@pages.post("/cases/{case_id}/suspend")
def suspend(here: Worker, case_id: Number, revision: Revision, reason: Text) -> Response:
    return changed(here, case_id, lambda act: workflow.suspend(act, case_id, revision, reason))


@pages.post("/cases/{case_id}/resume")
def resume(here: Worker, case_id: Number, revision: Revision) -> Response:
    return changed(here, case_id, lambda act: workflow.resume(act, here.place.site, case_id, revision))


@pages.post("/cases/{case_id}/merge")
def merge(here: Worker, case_id: Number, revision: Revision, other: Annotated[int, Form(ge=1, le=2**53)]) -> Response:
    return changed(here, case_id, lambda act: workflow.merge(act, case_id, revision, other))


@pages.post("/cases/{case_id}/escalate")
def escalate(here: Worker, case_id: Number, revision: Revision, reason: Text) -> Response:
    return changed(here, case_id, lambda act: workflow.escalate(act, case_id, revision, reason))


@pages.post("/cases/{case_id}/comment")
def comment(here: Worker, case_id: Number, text: Text) -> Response:
    return changed(here, case_id, lambda act: workflow.comment(act, case_id, text))


@pages.post("/cases/{case_id}/attach")
def attach(here: Worker, case_id: Number, file: UploadFile) -> Response:
    upload = workflow.Upload(file.filename or "", file.file.read())
    return changed(here, case_id, lambda act: workflow.attach(act, here.place.site, case_id, upload))


@pages.post("/cases/{case_id}/unmask")
def unmask(
    here: Annotated[Here, may("person.unmask")], case_id: Number, reason: Annotated[str, Form(max_length=400, pattern=r"^[^\x00]*$")]
) -> Response:
    """The person's identity, for this one answer; the journal knows why."""
    unmasked(here, case_id, reason)
    return show(here, case_id, whole=True)


def unmasked(here: Here, case_id: int, reason: str) -> None:
    """Journal that somebody sees who the person is. Refused (422) without a reason."""
    if not reason.strip():
        raise Refused("请说明为什么需要查看。", "Say why you need to see it.", 422)
    with here.act() as act:
        row = case_row(act.con, here.person, case_id)
        act.tell("person.unmask", case_id, row.setl_id, reason=reason.strip())


@pages.post("/cases/{case_id}/hold")
def hold(here: Worker, case_id: Number) -> Response:
    """The open page says every few minutes that somebody is at work: the case stays in this person's hands."""
    with here.act() as act:
        queue.hold(act, here.place.site, case_id)
    return Response(status_code=204)


@pages.get("/cases/{case_id}/{move}")
def back(here: Annotated[Here, may("case.read")], case_id: Number, move: str) -> Response:
    """The address under which a change answered, opened again (in another language, after another sign-in): the case itself."""
    with here.read() as con:
        case_row(con, here.person, case_id)
    if move not in MOVES:
        raise Refused("没有这个页面。", "There is no such page.", 404)
    return RedirectResponse(f"/cases/{case_id}", 303)
