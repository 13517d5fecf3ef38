"""The door: who is it, may he, and is this change really his.

    @pages.get("/queue")
    def queue(here: Annotated[Here, may("case.read")]) -> HTMLResponse: ...

People come with a cookie; every change they ask for must bring their session's CSRF token (the form's field `csrf`, or the header
X-CSRF that htmx sends) and come from a page of ours. Programs come with `Authorization: Bearer TOKEN` and have no cookie to steal.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from audit.cases.people import session_of
from audit.cases.refused import Refused
from audit.console.here import LANGUAGES, Here

COOKIE = "audit_session"
_SAFE = ("GET", "HEAD", "OPTIONS")


class SignIn(Exception):
    """Nobody is signed in (or no longer): to the sign-in page, and back to `then` afterwards."""

    def __init__(self, then: str, expired: bool):
        self.then, self.expired = then, expired

    @property
    def address(self) -> str:
        return f"/sign-in?then={quote(self.then, safe='/')}" + ("&expired=1" if self.expired else "")


async def anyone(request: Request) -> Here:
    """Whoever it is, signed in or not. The language: the person's own, else the cookie's, else the browser's first of ours."""
    place = request.app.state.place
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    token, api = (bearer, True) if bearer else (request.cookies.get(COOKIE, ""), False)
    idle = timedelta(minutes=place.site.session_minutes)
    # not on the server's own thread: while the database is busy the others are answered, and the worker shows that it lives
    chosen = request.cookies.get("lang") or request.headers.get("Accept-Language", "zh")[:2]
    here = Here(request, place, None, chosen if chosen in LANGUAGES else "zh")
    request.state.here = here  # for the pages that say what went wrong: perhaps that the database does not answer
    here.session = session = await run_in_threadpool(session_of, place.desk, token, api, idle) if token else None
    if session:
        here.lang = session.person.lang or here.lang
    if request.method not in _SAFE and not bearer:
        await _really_his(request, session.csrf if session else None)
    return here


def may(*wanted: str) -> Any:
    """A dependency: somebody who is signed in and may do one of `wanted`. The route's `may` names them for the matrix test."""

    async def enter(request: Request) -> Here:
        here = await anyone(request)
        if here.session is None:
            query = f"?{request.url.query}" if request.url.query else ""
            page = request.url.path + query if request.method in _SAFE else "/"
            raise SignIn(page, expired=COOKIE in request.cookies)
        if here.person.must_change and request.url.path not in ("/me", "/me/password", "/sign-out"):
            raise Refused("请先修改一次性密码。", "Change your one-time password first.", 403)
        if not any(here.person.may(what) for what in wanted):
            raise Refused("您的角色无权访问此页面或执行此操作。", "Your role may not see or do this.", 403)
        return here

    enter.wanted = wanted  # type: ignore[attr-defined]
    return Depends(enter)


async def _really_his(request: Request, csrf: str | None) -> None:
    """Refused unless the change comes from a page of ours and, of somebody signed in, brings the session's token."""
    ours = request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
    if ours and csrf is None:
        return
    given = request.headers.get("X-CSRF") or ""
    if not given and request.headers.get("Content-Type", "").startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        given = str((await request.form()).get("csrf") or "")
    if not ours or csrf is None or not secrets.compare_digest(given.encode(), csrf.encode()):
        raise Refused("此操作并非来自您打开的页面,请刷新后重试。", "This did not come from a page you opened; reload it.", 403)
