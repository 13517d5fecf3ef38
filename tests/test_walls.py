"""The walls: every route of the app, found by asking the app, as every role and as nobody; and what strangers try at the door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desk_room import PASSWORD, Clock, a_desk, a_place, an_account
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select, update

from audit.cases import people
from audit.cases.opening import open_nights
from audit.cases.tables import cases, metadata, notices
from audit.cases.walls import MAY, ROLES, Person
from audit.console.app import create_app
from audit.console.place import Place

OPEN = {"/sign-in", "/sign-in/sso", "/sign-in/sso/back", "/lang/{lang}", "/vendor/htmx.js", "/health", "/metrics"}  # no account needed
SAFE = ("GET", "HEAD")
NOT_YOURS, NOT_FROM_HERE = "您的角色无权", "此操作并非来自"


@dataclass
class House:
    """A desk with a night's cases: one of our own area and institution, one of another's."""

    place: Place
    client: TestClient
    clock: Clock
    own: Any
    other: Any
    spare: Person

    def ask(self, who: str | None, method: str, path: str, csrf: bool = True, **more: Any) -> Any:
        """One request by an account (or nobody) with a session of its own, as a browser would send it."""
        self.client.cookies.clear()
        headers = more.pop("headers", {})
        if who:
            with self.place.desk.read() as con:
                person = people.person_of(con.execute(people.people.select().where(people.people.c.login == who)).one())
            token, session = people.open_session(self.place.desk, person)
            headers = {"Cookie": f"audit_session={token}"} | ({"X-CSRF": session.csrf} if csrf else {}) | headers
        return self.client.request(method, path, headers=headers, **more)

    def routes(self) -> Iterator[tuple[str, APIRoute, tuple[str, ...] | None]]:
        """Each method and route with what its door wants; None where there is no door."""
        for route in self.client.app.routes:  # type: ignore[attr-defined]
            if isinstance(route, APIRoute):
                doors = [door.call.wanted for door in _all(route.dependant) if hasattr(door.call, "wanted")]
                for method in sorted(route.methods):
                    yield method, route, doors[0] if doors else None

    def path(self, route: APIRoute, case_id: int) -> str:
        """The route's address about this case; other things are number 1, or of a name nobody uses."""
        known = {"case_id": str(case_id), "person_id": str(self.spare.id), "lang": "zh", "key": "0" * 16, "table": "lines"}
        whole = {param.name for param in _params(route.dependant) if param.field_info.annotation is int}
        return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: known.get(found[1], "1" if found[1] in whole else "x"), route.path)


def _all(dependant: Any) -> Iterator[Any]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _all(inner)


def _params(dependant: Any) -> Iterator[Any]:
    for inner in _all(dependant):
        yield from inner.path_params


@pytest.fixture(scope="module")
def house(audited: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder, clock = tmp_path_factory.mktemp("house"), Clock()
    place = a_place(a_desk(f"sqlite:///{folder / 'desk.db'}", clock), folder, lake=audited.parent)
    open_nights(place.desk, place.lake)
    with place.desk.read() as con:
        other = con.execute(select(cases).order_by(cases.c.id).limit(1)).one()  # number 1, as is every number in a sample of a body
        elsewhere = (cases.c.fixmedins_code != other.fixmedins_code) & (cases.c.area != other.area) & (cases.c.psn_no != other.psn_no)
        own = con.execute(select(cases).where(elsewhere).order_by(cases.c.id).limit(1)).one()
    with place.desk.act() as act:  # both hospitals were told, so that only the wall between them stands
        act.con.execute(update(cases).where(cases.c.id.in_([own.id, other.id])).values(step="appeal"))
        act.con.execute(insert(notices), [{"case_id": id_, "kind": "first_review", "sent_at": act.now} for id_ in (own.id, other.id)])
    an_account(place.desk, "reviewer")
    with place.desk.act() as act:  # without passwords, which take long to make
        for role in ROLES:
            if role != "reviewer":
                people.add(act, role, role, role, "", own.fixmedins_code if role == "hospital" else None, oidc_subject=role)
            if role != "hospital":
                people.add(act, f"{role}_here", role, role, own.area, oidc_subject=f"{role}_here")
    with TestClient(create_app(place), base_url="http://desk.test", follow_redirects=False) as client:
        yield House(place, client, clock, own, other, an_account(place.desk, "reviewer", "spare"))


def test_every_route_has_a_door(house: House) -> None:
    assert {route.path for _, route, wanted in house.routes() if wanted is None} <= OPEN
    assert all(what in MAY for _, _, wanted in house.routes() for what in wanted or ())


@pytest.mark.parametrize("role", [None, *ROLES])
def test_the_matrix(house: House, role: str | None) -> None:
    """Each route lets in exactly the roles that walls.MAY names; nobody is shown the way to sign in."""
    wrong = []
    for method, route, wanted in house.routes():
        if wanted is None:
            continue
        answer = house.ask(role, method, house.path(route, house.own.id))
        if role is None:
            let_in = answer.status_code != 401 and not answer.headers.get("Location", "").startswith("/sign-in?then=")
        else:
            let_in = not (answer.status_code == 403 and NOT_YOURS in answer.text) and answer.status_code != 401
        allowed = role is not None and any(role in MAY[what] for what in wanted)
        if let_in != allowed or answer.status_code >= 500:
            wrong.append(f"{role or 'nobody'} {method} {route.path}: {answer.status_code}, {'allowed' if allowed else 'not allowed'}")
    assert not wrong, "\n".join(wrong)


def test_no_change_without_the_sessions_own_token(house: House) -> None:
    for method, route, wanted in house.routes():
        if method in SAFE or wanted is None:
            continue
        role = next(role for role in ROLES if any(role in MAY[what] for what in wanted))
        path = house.path(route, house.own.id)
        for attempt in ({}, {"headers": {"X-CSRF": "guessed"}}, {"data": {"csrf": "guessed"}}, {"data": {"csrf": "é\u4e2d"}}):
            answer = house.ask(role, method, path, csrf=False, **attempt)
            assert answer.status_code == 403 and NOT_FROM_HERE in answer.text, f"{method} {route.path} took {attempt}"
        answer = house.ask(role, method, path, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403, f"{method} {route.path} took a change from another site"


def test_nobody_reaches_anothers_case(house: House) -> None:
    """A hospital's user, and people of an area, ask every route that takes a case for one of another institution and area."""
    with house.place.desk.read() as con:
        before = _all_about(con, house.other.id)
    strangers = ["hospital", *(f"{role}_here" for role in ROLES if role != "hospital")]
    asked = 0
    for who in strangers:
        role = who.removesuffix("_here")
        for method, route, wanted in house.routes():
            if not wanted or "{case_id}" not in route.path or not any(role in MAY[what] for what in wanted):
                continue
            answer = house.ask(who, method, house.path(route, house.other.id), **_body(route))
            told = f"{who} {method} {route.path}: {answer.status_code}"
            # a change may be passed over in silence, as for a case that is none: it does nothing, see below
            assert answer.status_code == 404 or (method not in SAFE and answer.status_code in (204, 303, 422)), told
            assert house.other.psn_no not in answer.text and house.other.setl_id not in answer.text, told
            asked += 1
    with house.place.desk.read() as con:
        assert _all_about(con, house.other.id) == before
    rooms = any("{case_id}" in route.path for _, route, _ in house.routes())
    assert asked or not rooms


def _all_about(con: Connection, case_id: int) -> dict[str, Any]:
    """Every row of every table that belongs to a case."""
    tables = [table for table in metadata.sorted_tables if "case_id" in table.c]
    about = {table.name: con.execute(select(table).where(table.c.case_id == case_id)).all() for table in tables}
    return about | {"cases": con.execute(select(cases).where(cases.c.id == case_id)).all()}


def test_lists_end_at_the_wall(house: House) -> None:
    """What needs no address of a case shows nothing of another area's or institution's either."""
    for who in ("hospital", "reviewer_here", "senior_here", "auditor_here"):
        for method, route, wanted in house.routes():
            if method == "GET" and wanted and "{" not in route.path and any(who.removesuffix("_here") in MAY[what] for what in wanted):
                answer = house.ask(who, "GET", route.path, follow_redirects=True)
                for secret in (house.other.setl_id, house.other.psn_no):
                    assert secret not in answer.text, f"{who} reads {secret} on {route.path}"


def _body(route: APIRoute) -> dict[str, Any]:
    """A body that the route would take, as far as its types tell."""
    fields = route.dependant.body_params
    if not fields:
        return {}
    sample = {field.alias: _sample(TypeAdapter(field.field_info.annotation).json_schema()) for field in fields}
    if len(fields) == 1 and isinstance(sample[fields[0].alias], dict):
        sample = sample[fields[0].alias]
    return {"json": sample} if type(fields[0].field_info).__name__ == "Body" else {"data": sample}


def _sample(schema: dict[str, Any], root: dict[str, Any] | None = None) -> Any:
    root = root or schema
    if "$ref" in schema:
        return _sample(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root)
    for choice in ("anyOf", "allOf"):
        if choice in schema:
            return _sample(schema[choice][0], root)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type")
    if kind == "object":
        return {name: _sample(schema["properties"][name], root) for name in schema.get("required", ())}
    if kind == "array":
        return [_sample(schema["items"], root)] * schema.get("minItems", 1)
    return {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 1), "boolean": True}.get(
        str(kind), "1" * max(schema.get("minLength", 1), 1)
    )


# What strangers try ------------------------------------------------------------------------------------------------------------------
def test_every_answer_carries_its_headers(house: House) -> None:
    for path in ("/sign-in", "/me", "/nowhere", "/static/desk.css", "/health", "/api/v1/openapi.json", "/people/0"):
        answer = house.ask(None, "GET", path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Referrer-Policy"] == "same-origin"
        assert path.startswith("/static") or answer.headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in answer.headers and "server" not in answer.headers


def test_the_cookie_is_out_of_reach_and_over_tls_only_behind_tls(house: House, tmp_path: Path) -> None:
    form = {"login": "reviewer", "password": PASSWORD}
    cookie = house.ask(None, "POST", "/sign-in", data=form).headers["Set-Cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "secure" not in cookie
    behind = Place(house.place.desk, tmp_path, house.place.rules, house.place.models, house.place.site, https=True)
    answer = TestClient(create_app(behind), base_url="https://desk.test", follow_redirects=False).post("/sign-in", data=form)
    assert "secure" in answer.headers["Set-Cookie"].lower() and answer.headers["Strict-Transport-Security"]


def test_a_session_is_new_with_every_sign_in_and_ends(house: House) -> None:
    planted = {"Cookie": "audit_session=planted-by-somebody"}
    form = {"login": "reviewer", "password": PASSWORD}
    token = house.ask(None, "POST", "/sign-in", data=form, headers=planted).cookies["audit_session"]
    assert token != "planted-by-somebody"
    mine = {"Cookie": f"audit_session={token}"}
    page = house.ask(None, "GET", "/me", headers=mine)
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert page.status_code == 200 and csrf
    assert house.ask(None, "GET", "/me", headers=planted).headers["Location"] == "/sign-in?then=/me&expired=1"
    begun = house.clock.now
    house.clock.now = begun + timedelta(minutes=house.place.site.session_minutes + 1)
    assert house.ask(None, "GET", "/me", headers=mine).headers["Location"] == "/sign-in?then=/me&expired=1"
    house.clock.now = begun
    assert house.ask(None, "POST", "/sign-out", data={"csrf": csrf[1]}, headers=mine).status_code == 303
    assert house.ask(None, "GET", "/me", headers=mine).status_code == 303


def test_lock_out_comes_in_the_same_words_for_a_login_that_is_none(house: House) -> None:
    an_account(house.place.desk, "reviewer", "tried")
    told = set()
    for login in ("tried", "nobody-of-this-name"):
        answer = house.ask(None, "POST", "/sign-in", data={"login": login, "password": "wrong"})
        assert answer.status_code == 401
        told.add(answer.text.replace(login, ""))
    assert len(told) == 1
    with house.place.desk.act() as act:
        act.con.execute(update(people.people).where(people.people.c.login == "tried").values(failed=house.place.site.login.attempts - 1))
    house.ask(None, "POST", "/sign-in", data={"login": "tried", "password": "wrong"})
    assert house.ask(None, "POST", "/sign-in", data={"login": "tried", "password": PASSWORD}).status_code == 429


@pytest.mark.parametrize(
    "then", ["//evil.test", "/\\evil.test", "https://evil.test", "javascript:alert(1)", "/\t/evil.test", "\\/evil.test", "/\n/evil"]
)
def test_no_way_back_leads_elsewhere(house: House, then: str) -> None:
    form = {"login": "reviewer", "password": PASSWORD, "then": then}
    assert house.ask(None, "POST", "/sign-in", data=form).headers["Location"] == "/"
    assert house.ask(None, "POST", "/lang/en", data={"then": then}).headers["Location"] == "/"
    assert 'name="then" value="/"' in house.ask(None, "GET", "/sign-in", params={"then": then}).text


def test_a_forged_host_is_repeated_nowhere(house: House) -> None:
    for path in ("/", "/me", "/me/", "/sign-in", "/sign-in/", "/nowhere", "/people", "/static", "/static/"):
        answer = house.ask("admin", "GET", path, headers={"Host": "evil.test", "X-Forwarded-Host": "evil.test"})
        assert "evil.test" not in answer.text + str(answer.headers), path


@pytest.mark.parametrize(
    "body", [b"a=\x00", b"login=a%00b&password=x", b"login=%ff%fe&password=%80", b"login=" + b"a" * 5000 + b"&password=x", b""]
)
def test_nonsense_at_the_door_is_told_not_crashed(house: House, body: bytes) -> None:
    answer = house.ask(None, "POST", "/sign-in", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code in (401, 422)


def test_huge_and_broken_numbers_are_told_not_crashed(house: House) -> None:
    for method, route, wanted in house.routes():
        if wanted is None or not any(param.field_info.annotation is int for param in _params(route.dependant)):
            continue
        role = next(role for role in ROLES if any(role in MAY[what] for what in wanted))
        for nonsense in (str(2**63), str(10**30), "-1", "0", "1.5", "%00", "٣"):
            answer = house.ask(role, method, re.sub(r"\{\w+(:\w+)?\}", nonsense, route.path))
            assert answer.status_code in (404, 422), f"{method} {route.path} with {nonsense}: {answer.status_code}"


def test_too_much_is_refused_before_it_is_read(house: House) -> None:
    answer = house.ask(None, "POST", "/sign-in", content=b"", headers={"Content-Length": str(10**12)})
    assert answer.status_code == 413 and "过大" in answer.text
    assert house.ask(None, "POST", "/sign-in", content=b"", headers={"Content-Length": "-5"}).status_code == 413
