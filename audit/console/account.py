"""Signing in and out, one's own password and language."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import update

from audit.cases import people as accounts
from audit.cases.store import Refused
from audit.cases.tables import people
from audit.console.door import COOKIE, anyone, may
from audit.console.here import LANGUAGES, Here

pages = APIRouter()
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


@pages.get("/")
def home(here: Self) -> Response:
    """Where this person's work is."""
    return RedirectResponse(FIRST.get(here.person.role, "/queue"), 303)


@pages.get("/sign-in")
def sign_in_page(here: Anyone, then: str = "/", expired: bool = False) -> Response:
    return here.page("sign_in.html", then=_inside(then), expired=expired, told=None, login="")


@pages.post("/sign-in")
def sign_in(here: Anyone, login: Annotated[str, Form()], password: Annotated[str, Form()], then: Annotated[str, Form()] = "/") -> Response:
    try:
        token, session = accounts.sign_in(here.place.desk, login, password, here.place.site.login)
    except Refused as why:
        return here.page("sign_in.html", why.code, then=_inside(then), expired=False, told=why.said[here.lang], login=login)
    answer = RedirectResponse("/me" if session.person.must_change else _inside(then), 303)
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
    return here.page("me.html", told=None)


@pages.post("/me/password")
def password(here: Self, old: Annotated[str, Form()], new: Annotated[str, Form()]) -> Response:
    try:
        with here.act() as act:
            accounts.change_password(act, old, new)
    except Refused as why:
        return here.page("me.html", why.code, told=why.said[here.lang])
    token, _ = accounts.open_session(here.place.desk, here.person)
    return signed_in(here, RedirectResponse("/", 303), token)


@pages.post("/lang/{lang}")
def language(here: Anyone, lang: str, request: Request, then: Annotated[str, Form()] = "/") -> Response:
    """Switch between Chinese and English, here and (signed in) from now on."""
    chosen = lang if lang in LANGUAGES else "zh"
    if here.session:
        with here.act() as act:
            act.con.execute(update(people).where(people.c.id == here.person.id).values(lang=chosen))
    answer = RedirectResponse(_inside(then), 303)
    answer.set_cookie("lang", chosen, max_age=31_536_000, samesite="lax")
    return answer


def _inside(then: str) -> str:
    """A way back that stays in this console."""
    return then if then.startswith("/") and not then.startswith(("//", "/\\")) else "/"
