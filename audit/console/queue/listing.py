"""The queue as a page: tabs with their numbers, filters, saved views, rows, and the next case."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from pydantic import StringConstraints

from audit.cases import queue, workflow
from audit.cases.queue import views
from audit.cases.queue.lists import SIZE
from audit.cases.queue.team import colleagues
from audit.cases.refused import Refused
from audit.cases.store import CHINA
from audit.console.door import may
from audit.console.here import Here
from audit.console.queue import said, table
from audit.console.queue.asked import Id, Name, Question
from audit.console.queue.said import Said

pages = APIRouter()
Reader = Annotated[Here, may("case.read")]
Worker = Annotated[Here, may("case.work")]


@pages.get("/queue")
def listing(here: Reader, asked: Question) -> Response:
    if asked.format:
        return table.exported(here, asked, asked.format)
    filter = asked.filter(here)
    with here.read() as con:
        page = queue.page(con, here.person, filter, asked.after)
        counts = queue.counts(con, here.person, filter)
        saved = views.saved(con, here.person)
        team = colleagues(con, here.person)
    found: dict[str, Any] = {"page": page, "counts": counts, "views": saved, "team": team}
    words: dict[str, Any] = {"said": Said(here), "names": said, "clock": clock}
    return here.page("queue.html", asked=asked, tab=filter.tab, now=here.place.desk.clock(), **found, **words)


@pages.post("/queue/next")
def next_case(here: Worker, asked: Question) -> Response:
    """Into the next free case of this filter, or back to the queue when there is none."""
    with here.act() as act:
        case_id = queue.take_next(act, here.place.site, asked.work(here))
    return RedirectResponse(f"/cases/{case_id}" if case_id else f"/queue?{asked.query(none_left=True)}", 303)


@pages.post("/queue/release/{case_id}")
def release(here: Worker, case_id: Id) -> Response:
    with here.act() as act:
        queue.release(act, case_id)
    return RedirectResponse("/queue", 303)


@pages.post("/queue/views")
def save_view(here: Reader, asked: Question, name: Annotated[Name, Form()]) -> Response:
    query = asked.query()
    with here.act() as act:
        views.save(act, name, query)
    return RedirectResponse(f"/queue?{query}", 303)


@pages.post("/queue/views/{view_id}/remove")
def remove_view(here: Reader, view_id: Id) -> Response:
    with here.act() as act:
        views.remove(act, view_id)
    return RedirectResponse("/queue", 303)


Marked = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,15}\.[0-9]{1,9}$")]  # a case and the revision that was seen


@pages.post("/queue/marked")
def give(here: Worker, asked: Question, to: Annotated[Id, Form()], case: Annotated[list[Marked], Form(max_length=SIZE)]) -> Response:
    """Transfer the marked cases, all of them or none."""
    with here.act() as act:
        for case_id, revision in sorted((int(number), int(seen)) for number, _, seen in (one.partition(".") for one in case)):
            try:
                workflow.transfer(act, case_id, revision, to)
            except Refused as why:
                zh, en = why.said["zh"], why.said["en"]
                raise Refused(f"案件{case_id}:{zh}未转交任何案件。", f"Case {case_id}: {en} Nothing was given away.", why.code) from None
    return RedirectResponse(f"/queue?{asked.query()}", 303)


def clock(value: datetime) -> str:
    return value.astimezone(CHINA).strftime("%H:%M")
