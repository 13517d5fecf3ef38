"""The console as an ASGI application: its rooms, and what people see when something goes wrong."""

from __future__ import annotations

import logging
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response
from fastapi.security import HTTPBearer
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from audit.cases.refused import Refused
from audit.cases.store import DeskDown
from audit.console import account, accounts, case, dashboards, health, hospital, journal, nights, queue, rules, samples, sso
from audit.console.door import SignIn
from audit.console.here import Here
from audit.console.place import Place
from audit.console.tending import Tending
from audit.console.watch import Watched
from audit.errors import AuditError

log = logging.getLogger("audit")
ROOMS = (account, sso, queue, case, hospital, rules, dashboards, nights, samples, accounts, journal, health)
_BEARER = Depends(HTTPBearer(auto_error=False, description="a token from /me; the door looks at it, this only describes it"))


class Problem(BaseModel):
    """Why something was not done, in both languages."""

    code: int
    zh: str
    en: str


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"model": Problem, "description": told}
    for code, told in {
        401: "no valid token",
        403: "the role may not",
        404: "not there, or not yours to see",
        409: "not now: somebody else was first, or its state forbids it",
        413: "too large",
        422: "not understood",
        503: "the database does not answer; nothing was saved",
    }.items()
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def create_app(place: Place, every: float | None = None) -> FastAPI:
    """The console over this place. `every` so many seconds it opens new nights and passes deadlines by itself; None: never."""
    tending = Tending(place, every) if every else None
    app = FastAPI(
        title="医保结算审核 · claims audit desk",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,  # such a redirect would repeat whatever host the request names
        lifespan=tending.during if tending else None,
    )
    app.state.place, app.state.tending = place, tending
    for room in ROOMS:
        app.include_router(room.pages, include_in_schema=False)
        if hasattr(room, "api"):
            app.include_router(room.api, prefix="/api/v1", responses=_PROBLEMS, dependencies=[_BEARER])
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    app.add_api_route("/vendor/htmx.js", _htmx, include_in_schema=False)
    app.middleware("http")(_guarded)
    app.add_middleware(Watched)
    for kind, told in _TOLD.items():
        app.add_exception_handler(kind, told)
    return app


def _htmx() -> FileResponse:
    """htmx as its package carries it; only its name of the file is known here."""
    script = files("django_htmx") / "static" / "django_htmx" / "htmx-2.min.js"
    return FileResponse(str(script), media_type="text/javascript", headers={"Cache-Control": "max-age=86400"})


async def _guarded(request: Request, call_next) -> Response:  # type: ignore[no-untyped-def]
    """Refuse bodies beyond the site's limit before they are read, and send every answer with the headers that keep it ours."""
    length = request.headers.get("Content-Length", "0")
    if not length.isdigit() or int(length) > (request.app.state.place.site.attachments.max_mb + 1) * 1_000_000:
        response: Response = _tell(request, 413, "上传的内容过大。", "What was sent is too large.")
    else:
        response = await call_next(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if not request.url.path.startswith(("/static", "/vendor")):
        response.headers.setdefault("Cache-Control", "no-store")
    if request.app.state.place.https:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _tell(request: Request, code: int, zh: str, en: str) -> Response:
    """The same sentence as JSON for programs, as a line for htmx, as a page for people."""
    here: Here = getattr(request.state, "here", None) or Here(request, request.app.state.place, None, "zh")
    if request.url.path.startswith("/api/"):
        return JSONResponse({"code": code, "zh": zh, "en": en}, code)
    return here.page("part_problem.html" if here.part else "problem.html", code, code=code, told=here.say(zh, en))


async def _refused(request: Request, why: Refused) -> Response:
    return _tell(request, why.code, **why.said)


async def _sign_in(request: Request, why: SignIn) -> Response:
    if request.url.path.startswith("/api/"):
        said = {"code": 401, "zh": "请先登录,或提供有效的令牌。", "en": "Sign in first, or send a valid token."}
        return JSONResponse(said, 401, {"WWW-Authenticate": "Bearer"})
    if request.headers.get("HX-Request") == "true":
        return Response(status_code=401, headers={"HX-Redirect": why.address})
    return RedirectResponse(why.address, 303)


async def _down(request: Request, why: DeskDown) -> Response:
    log.error("%s", why)
    zh, en = "数据库暂时无法连接,您的操作没有保存,请稍后重试。", "The database does not answer; nothing was saved. Try again in a while."
    return _tell(request, 503, zh, en)


async def _http(request: Request, why: HTTPException) -> Response:
    if why.status_code == 404:
        return _tell(request, 404, "没有这个页面或记录。", "There is no such page or record.")
    if why.status_code == 405:
        return _tell(request, 405, "此地址不支持这种操作。", "This address does not take that kind of request.")
    return _tell(request, why.status_code, f"请求未能完成({why.status_code})。", f"The request was not understood ({why.status_code}).")


async def _wrong(request: Request, why: RequestValidationError) -> Response:
    named = "、".join(dict.fromkeys(str(fault["loc"][-1]) for fault in why.errors()))
    return _tell(request, 422, f"填写有误:{named}。", f"Not understood: {named}.")


async def _audit(request: Request, why: AuditError) -> Response:
    return _tell(request, 422, **why.said)


async def _ours(request: Request, why: Exception) -> Response:
    log.error("a fault of ours on %s %s", request.method, request.url.path, exc_info=why)
    return _tell(request, 500, "系统内部错误,您的操作没有保存。", "A fault of ours; nothing was saved.")


_TOLD: dict[type[Exception], Any] = {
    Refused: _refused,
    SignIn: _sign_in,
    DeskDown: _down,
    HTTPException: _http,
    RequestValidationError: _wrong,
    AuditError: _audit,
    Exception: _ours,
}
