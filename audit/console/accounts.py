"""The administrator's room: who works at the desk, as what, and where. One-time passwords are shown once and kept nowhere."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path, Query
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import Row

from audit.cases import accounts, people
from audit.cases.accounts import SKILLS, Account
from audit.cases.refused import Refused
from audit.cases.store import Act
from audit.cases.walls import ROLES
from audit.console.door import may
from audit.console.export import Format
from audit.console.here import Here, role_name
from audit.console.sheets import Column, Sheet

pages, api = APIRouter(), APIRouter(tags=["people"])
Manager = Annotated[Here, may("people.manage")]
PersonId = Annotated[int, Path(ge=1, le=2**53)]
Role = Literal["reviewer", "senior", "analyst", "approver", "steward", "auditor", "operator", "hospital", "admin"]
Skill = Literal["policy", "management", "medical", "local", "model"]
COLUMNS = (
    Column("login", "账号", "Login", "code"),
    Column("name", "姓名", "Name", "text"),
    Column("role", "角色", "Role", "text"),
    Column("area", "统筹区", "Area", "code"),
    Column("fixmedins_code", "机构", "Institution", "code"),
    Column("capacity", "在办上限", "Capacity"),
    Column("active", "在用", "Active", "flag"),
    Column("seen_at", "最近使用", "Last seen", "moment"),
    Column("created_at", "建立时间", "Created", "moment"),
)
_LOGIN = r"^[^\s\x00-\x1f]{1,64}$"
_TEXT = r"^[^\x00-\x1f]*$"
_CODE = r"^[0-9A-Za-z_-]*$"


class AccountIn(BaseModel):
    """What an administrator sets of an account."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=64, pattern=_TEXT)]
    role: Role
    area: Annotated[str, Field(pattern=r"^[0-9]{0,12}$")] = ""
    fixmedins_code: Annotated[str, Field(max_length=50, pattern=_CODE)] | None = None
    active: bool = True
    capacity: Annotated[int | None, Field(ge=0, le=10_000, description="open cases at once; null is the site's number")] = None
    skills: list[Skill] = []

    def account(self) -> Account:
        skills = tuple(skill for skill in SKILLS if skill in self.skills)
        return Account(self.name, self.role, self.area, self.fixmedins_code or None, self.active, self.capacity, skills)


class NewAccountIn(AccountIn):
    login: Annotated[str, Field(pattern=_LOGIN)]


class AccountForm(AccountIn):
    """The same from a form, where an unchecked box is not sent."""

    model_config = ConfigDict(extra="ignore")
    active: bool = False
    fixmedins_code: Annotated[str, Field(max_length=50, pattern=_CODE)] = ""

    @field_validator("capacity", mode="before")
    @classmethod
    def _left_empty(cls, given: Any) -> Any:
        return None if given == "" else given


class NewAccountForm(AccountForm):
    login: Annotated[str, Field(pattern=_LOGIN)]
    active: bool = True


class AccountOut(BaseModel):
    """An account. Nobody ever gets its password or tokens."""

    id: int
    login: str
    name: str
    role: str = Field(description='One of the nine roles, or "" where the sign-on provider gives none any more.')
    area: str
    fixmedins_code: str | None
    active: bool
    capacity: int | None
    skills: list[str]
    single_sign_on: bool
    locked_until: datetime | None
    seen_at: datetime | None
    created_at: datetime


class NewAccountOut(BaseModel):
    id: int
    one_time_password: str


@pages.get("/people")
def everyone(here: Manager, role: Annotated[Role | Literal[""] | None, Query()] = None, format: Format = None) -> Response:
    return exported(here, role or None, format) if format else _list(here, role or None)


@pages.post("/people")
def add_page(here: Manager, form: Annotated[NewAccountForm, Form()]) -> Response:
    try:
        with here.act() as act:
            person_id, once = _added(act, form, form.login)
    except Refused as why:
        return _list(here, None, told=why.said[here.lang], status=why.code, login=form.login)
    return _shown(here, person_id, once=once)


@pages.get("/people/{person_id}")
def one(here: Manager, person_id: PersonId) -> Response:
    return _shown(here, person_id)


@pages.post("/people/{person_id}")
def change_page(here: Manager, person_id: PersonId, form: Annotated[AccountForm, Form()]) -> Response:
    try:
        with here.act() as act:
            accounts.change(act, person_id, form.account())
    except Refused as why:
        if why.code == 404:
            raise
        return _shown(here, person_id, told=why.said[here.lang], status=why.code)
    return RedirectResponse("/people", 303)


@pages.post("/people/{person_id}/password")
def reset_page(here: Manager, person_id: PersonId) -> Response:
    with here.act() as act:
        once = accounts.reset_password(act, person_id)
    return _shown(here, person_id, once=once)


@pages.post("/people/{person_id}/unlock")
def unlock_page(here: Manager, person_id: PersonId) -> Response:
    with here.act() as act:
        accounts.unlock(act, person_id)
    return RedirectResponse(f"/people/{person_id}", 303)


@pages.post("/people/{person_id}/sign-out")
def sign_out_page(here: Manager, person_id: PersonId) -> Response:
    with here.act() as act:
        accounts.end_sessions(act, person_id)
    return RedirectResponse(f"/people/{person_id}", 303)


@api.get("/people")
def people_list(here: Manager, role: Annotated[Role | None, Query()] = None) -> list[AccountOut]:
    with here.read() as con:
        return [_out(row) for row in accounts.listed(con, here.person, role)]


@api.post("/people", status_code=201)
def people_add(here: Manager, body: NewAccountIn) -> NewAccountOut:
    with here.act() as act:
        person_id, once = _added(act, body, body.login)
    return NewAccountOut(id=person_id, one_time_password=once)


@api.put("/people/{person_id}", status_code=204)
def people_change(here: Manager, person_id: PersonId, body: AccountIn) -> None:
    with here.act() as act:
        accounts.change(act, person_id, body.account())


@api.post("/people/{person_id}/sign-out", status_code=204)
def people_sign_out(here: Manager, person_id: PersonId) -> None:
    with here.act() as act:
        accounts.end_sessions(act, person_id)


def exported(here: Here, role: str | None, kind: str) -> Response:
    with here.read() as con:
        rows = [row._asdict() | {"role": role_name(row.role, here.lang)} for row in accounts.listed(con, here.person, role)]
    return Sheet("people", "账号", "People", COLUMNS, rows).exported(here, kind)


def _added(act: Act, form: AccountIn, login: str) -> tuple[int, str]:
    """A new account as asked for, and its one-time password."""
    account = form.account()
    accounts.check(act.person, account)
    person_id, once = people.add(act, login, account.name, account.role, account.area, account.fixmedins_code)
    accounts.change(act, person_id, account)
    assert once is not None
    return person_id, once


def _list(here: Here, role: str | None, status: int = 200, told: str | None = None, login: str = "") -> Response:
    with here.read() as con:
        rows = accounts.listed(con, here.person, role)
    now = here.place.desk.clock()
    return here.page("people.html", status, rows=rows, role=role, now=now, told=told, login=login, roles=ROLES, skills=SKILLS)


def _shown(here: Here, person_id: int, once: str | None = None, told: str | None = None, status: int = 200) -> Response:
    with here.read() as con:
        row = accounts.one(con, here.person, person_id)
    now = here.place.desk.clock()
    return here.page("person.html", status, row=row, once=once, told=told, now=now, roles=ROLES, skills=SKILLS)


def _out(row: Row) -> AccountOut:
    return AccountOut(
        id=row.id,
        login=row.login,
        name=row.name,
        role=row.role,
        area=row.area,
        fixmedins_code=row.fixmedins_code,
        active=row.active,
        capacity=row.capacity,
        skills=[skill for skill in row.skills.split(",") if skill],
        single_sign_on=row.oidc_subject is not None,
        locked_until=row.locked_until,
        seen_at=row.seen_at,
        created_at=row.created_at,
    )
