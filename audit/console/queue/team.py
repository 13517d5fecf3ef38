"""The team, for seniors: what everybody has and can take, absences, and giving out what is nobody's."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from audit.cases import queue
from audit.cases.queue import team
from audit.console.door import may
from audit.console.export import Format
from audit.console.here import Here, role_name
from audit.console.queue import said
from audit.console.queue.asked import Id, today_of
from audit.console.queue.said import Said
from audit.console.sheets import Column, Sheet

pages = APIRouter()
Senior = Annotated[Here, may("case.assign")]
COLUMNS = (
    Column("login", "账号", "Login", "code"),
    Column("name", "姓名", "Name", "text"),
    Column("role", "角色", "Role", "text"),
    Column("area", "统筹区", "Area", "code"),
    Column("skills", "专长", "Skills", "text"),
    Column("capacity", "容量", "Capacity"),
    Column("load", "在手案件", "Cases in hand"),
    Column("late", "其中逾期", "Late ones"),
    Column("away", "今日请假", "Away today", "flag"),
    Column("absent_from", "请假自", "Absent from", "day"),
    Column("absent_to", "请假至", "Absent to", "day"),
    Column("active", "在用", "Active", "flag"),
)
Class = Literal["policy", "management", "medical", "local", "model"]


@pages.get("/queue/team")
def show(here: Senior, given: Annotated[int | None, Query(ge=0, le=10**9)] = None, format: Format = None) -> Response:
    today = today_of(here)
    with here.read() as con:
        members = team.members(con, here.place.site, here.person, today)
        if format:
            return _sheet(here, members).exported(here, format)
        counts = queue.counts(con, here.person, queue.Filter(today))
    return here.page(
        "queue_team.html", team=members, counts=counts, today=today, given=given, said=Said(here), names=said, site=here.place.site
    )


def _sheet(here: Here, members: list[team.Member]) -> Sheet:
    called = Said(here)
    rows = [
        {**vars(one), "role": role_name(one.role, here.lang),
         "skills": ", ".join(called.one(said.CLASSES, skill) for skill in one.skills.split(",") if skill)}
        for one in members
    ]  # fmt: skip
    return Sheet("team", "人员与分派", "Team", COLUMNS, rows)


@pages.post("/queue/team/{person_id}")
def change(
    here: Senior,
    person_id: Id,
    capacity: Annotated[int | Literal[""], Form()] = "",
    skill: Annotated[list[Class] | None, Form()] = None,
    absent_from: Annotated[date | Literal[""], Form()] = "",
    absent_to: Annotated[date | Literal[""], Form()] = "",
) -> Response:
    with here.act() as act:
        number = None if capacity == "" else capacity
        team.change(act, person_id, number, skill or (), absent_from or None, absent_to or None)
        queue.assign(act, here.place.site)
    return RedirectResponse("/queue/team", 303)


@pages.post("/queue/assign")
def assign(here: Senior) -> Response:
    with here.act() as act:
        given = queue.assign(act, here.place.site)
    return RedirectResponse(f"/queue/team?given={given}", 303)
