"""Is the desk well: /health for load balancers and people on call, /metrics for Prometheus. No account, no secrets.

/metrics answers programs on this machine only; with AUDIT_METRICS_TOKEN set it wants that token instead, wherever the program runs.
"""

from __future__ import annotations

import ipaddress
import os
import secrets

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import func, select

from audit.cases.refused import Refused
from audit.cases.store import CHINA, DeskDown
from audit.cases.tables import nights
from audit.console import watch
from audit.console.place import Place
from audit.console.tending import Tending

pages = APIRouter()


@pages.get("/health")
def health(request: Request) -> Response:
    """200, or 503 while the database does not answer. Background work is that of the worker that answers."""
    place: Place = request.app.state.place
    tending: Tending | None = request.app.state.tending
    try:
        with place.desk.read() as con:
            newest, well = con.scalar(select(func.max(nights.c.batch_date))), True
    except DeskDown:
        newest, well = None, False
    last = tending.last if tending else {}
    told = {
        "status": "ok" if well else "down",
        "database": {"kind": place.desk.engine.dialect.name, "answers": well},
        "lake": {"readable": os.access(place.lake, os.R_OK | os.X_OK), "newest_night": newest and newest.isoformat()},
        "background": {
            name: {"at": done.at.isoformat(timespec="seconds"), "seconds": done.seconds, "fault": done.fault} for name, done in last.items()
        },
        "worker": os.getpid(),
    }
    return JSONResponse(told, 200 if well else 503)


@pages.get("/metrics")
def metrics(request: Request) -> Response:
    place: Place = request.app.state.place
    if not _may_scrape(request, place.metrics_token):
        raise Refused("监控数据只向本机或持有令牌的程序开放。", "Metrics are for this machine, or for programs with the token.", 403)
    with place.desk.read() as con:
        return Response(watch.metrics(con, place.desk.clock().astimezone(CHINA).date()), media_type=CONTENT_TYPE_LATEST)


def _may_scrape(request: Request, token: str | None) -> bool:
    if token:
        return secrets.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
