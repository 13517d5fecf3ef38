"""A desk for tests: a database of its own, accounts of every role, browsers without a browser, and a clock that can be set."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from audit.cases import people
from audit.cases.site import Site
from audit.cases.store import Desk
from audit.cases.tables import people as accounts
from audit.cases.walls import ROLES, Person
from audit.console.app import create_app
from audit.console.place import Place

ROOT = Path(__file__).parents[1]
PASSWORD = "for tests only, long enough"
HOSPITAL = "F99000000001"


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime(2026, 8, 3, 1, 0, tzinfo=UTC))  # a Monday, nine o'clock in China

    def __call__(self) -> datetime:
        return self.now


def a_desk(url: str, clock: Clock | None = None) -> Desk:
    return Desk.open(url, clock or Clock())


def an_account(desk: Desk, role: str, login: str | None = None, area: str = "", fixmedins_code: str | None = None) -> Person:
    """An account of that role with PASSWORD, made by the engine; `login` is the role unless given."""
    login = login or role
    with desk.act() as act:
        hospital = (fixmedins_code or HOSPITAL) if role == "hospital" else None
        person_id, _ = people.add(act, login, f"测试{login}", role, area, hospital, oidc_subject=login)
        mine = accounts.update().where(accounts.c.id == person_id)
        act.con.execute(mine.values(password=_hashed(), oidc_subject=None))
        return people.person_of(act.con.execute(accounts.select().where(accounts.c.id == person_id)).one())


def everyone(desk: Desk) -> dict[str, Person]:
    return {role: an_account(desk, role) for role in ROLES}


def a_place(desk: Desk, folder: Path, lake: Path | None = None, rules: Path = ROOT / "rules") -> Place:
    return Place(desk, lake or folder / "lake", rules, ROOT / "models", Site.read())


def console(place: Place) -> FastAPI:
    """The console of a place, made once for it: that takes half a second."""
    known = next((app for app in _consoles if app.state.place is place), None)
    if known is None:
        known = create_app(place)
        _consoles.append(known)
    return known


_consoles: deque[FastAPI] = deque(maxlen=4)


@cache
def _hashed() -> str:
    """PASSWORD as accounts keep it; hashing takes a quarter of a second."""
    return people.hashed(PASSWORD)


def browser(place: Place, login: str | None = None) -> TestClient:
    """Somebody at the console, signed in if `login` is given; every request brings the CSRF token as htmx would."""
    client = TestClient(console(place), base_url="http://desk.test", follow_redirects=False)
    if login:
        with place.desk.read() as con:
            person = people.person_of(con.execute(accounts.select().where(accounts.c.login == login)).one())
        token, session = people.open_session(place.desk, person)
        client.cookies.set("audit_session", token)
        client.headers["X-CSRF"] = session.csrf or ""
    return client
