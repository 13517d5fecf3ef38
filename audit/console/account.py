"""Signing in and out; one's own password, language, sessions, and tokens for one's programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel
from sqlalchemy import update

from audit.cases import accounts as kept
from audit.cases import people as accounts
from audit.cases.refused import Refused
from audit.cases.tables import people
from audit.console.door import COOKIE, anyone, may
from audit.console.here import LANGUAGES, Here

pages, api = APIRouter(), APIRouter(tags=["me"])
FIRST = {
    "hospital": "/hospital",
    "operator": "/nights",
    "admin": "/people",
    "analyst": "/rules",
    "approver": "/rules/proposals",
    "steward": "/dashboards",
}
Anyone = Annotated[Here, Depends(anyone)]
Self = Annotated[Here, may("self")]
Way = Annotated[str, Form(max_length=2000)]
Secret = Annotated[str, Form(max_length=1000)]  # argon2 takes its time; nobody's password is a book


class Me(BaseModel):
    """Who a token belongs to."""

    login: str
    name: str
    role: str
    area: str
    fixmedins_code: str | None
    lang: str


@pages.get("/")
def home(here: Self) -> Response:
    """Where this person's work is."""
    return RedirectResponse(FIRST.get(here.person.role, "/queue"), 303)


@pages.get("/sign-in")
def sign_in_page(here: Anyone, then: Annotated[str, Query(max_length=2000)] = "/", expired: bool = False) -> Response:
    return here.page("sign_in.html", then=inside(then), expired=expired, told=None, login="")


@pages.post("/sign-in")
def sign_in(here: Anyone, login: Annotated[str, Form(max_length=200)], password: Secret, then: Way = "/") -> Response:
    try:
        token, session = accounts.sign_in(here.place.desk, login, password, here.place.site.login)
    except Refused as why:
        return here.page("sign_in.html", why.code, then=inside(then), expired=False, told=why.said[here.lang], login=login)
    answer = RedirectResponse("/me" if session.person.must_change else inside(then), 303)
    return signed_in(here, answer, token)


def signed_in(here: Here, answer: Response, token: str) -> Response:
    """The answer, with the session's cookie."""
    lasting = int(accounts.LASTING.total_seconds())
    answer.set_cookie(COOKIE, token, max_age=lasting, httponly=True, samesite="lax", secure=here.place.https)
    return answer


@pages.post("/sign-out")
def sign_out(here: Self) -> Response:
    assert here.session is not None
    with here.act() as act:
        accounts.sign_out(act, here.session)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE)
    return answer


@pages.get("/me")
def me(here: Self) -> Response:
    return _mine(here)


@api.get("/me")
def who_am_i(here: Self) -> Me:
    person = here.person
    return Me(
        login=person.login, name=person.name, role=person.role, area=person.area, fixmedins_code=person.fixmedins_code, lang=here.lang
    )


@pages.post("/me/password")
def password(here: Self, old: Secret, new: Secret) -> Response:
    _by_hand(here)
    try:
        with here.act() as act:
            accounts.change_password(act, old, new)
    except Refused as why:
        return _mine(here, why.code, told=why.said[here.lang])
    token, _ = accounts.open_session(here.place.desk, here.person)
    return signed_in(here, RedirectResponse("/", 303), token)


@pages.post("/me/tokens")
def make_token(
    here: Self,
    label: Annotated[str, Form(max_length=64, pattern=r"^[^\x00-\x1f]*$")],
    days: Annotated[int, Form(ge=1, le=366)],
) -> Response:
    """A new token, shown once."""
    _by_hand(here)
    try:
        with here.act() as act:
            token = kept.make_token(act, label, days)
    except Refused as why:
        return _mine(here, why.code, told=why.said[here.lang])
    return _mine(here, token=token)


@pages.post("/me/sessions/{key}/end")
def end(here: Self, key: Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]) -> Response:
    """End one of one's own sessions, or revoke a token."""
    _by_hand(here)
    with here.act() as act:
        kept.revoke(act, key)
    return RedirectResponse("/me", 303)


@pages.post("/lang/{lang}")
def language(here: Anyone, lang: Annotated[str, Path(max_length=8)], then: Way = "/") -> Response:
    """Switch between Chinese and English, here and (signed in) from now on."""
    chosen = lang if lang in LANGUAGES else "zh"
    if here.session:
        with here.act() as act:
            act.con.execute(update(people).where(people.c.id == here.person.id).values(lang=chosen))
    answer = RedirectResponse(inside(then), 303)
    answer.set_cookie("lang", chosen, max_age=31_536_000, samesite="lax", secure=here.place.https)
    return answer


def inside(then: str) -> str:
    """A way back that stays in this console: browsers read a backslash as a slash, and drop control characters."""
    return then if then.startswith("/") and not then.startswith(("//", "/\\")) and then.isprintable() else "/"


def _by_hand(here: Here) -> None:
    """A token for programs makes no further tokens and changes no password: whoever stole one keeps nothing once it is revoked."""
    if here.session is None or here.session.csrf is None:
        raise Refused("请在浏览器中登录后操作。", "Do this signed in, in a browser.", 403)


def _mine(here: Here, status: int = 200, told: str | None = None, token: str | None = None) -> Response:
    with here.read() as con:
        sessions, tokens = kept.own(con, here.person, api=False), kept.own(con, here.person, api=True)
        row = accounts.by_id(con, here.person.id)
    present = here.session.token_hash if here.session else ""
    local = row is not None and row.password is not None
    return here.page("me.html", status, told=told, token=token, sessions=sessions, tokens=tokens, present=present, local=local)
