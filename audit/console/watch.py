"""Who watches the desk: counts and times of requests by route, one line of log for each, and the desk's state for Prometheus.

Labels are route templates, methods, states and steps, never a person, a case or a query. Workers count together through the folder
that `serve` names.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import Connection, func, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from audit.cases.tables import cases, nights

log = logging.getLogger("audit")
_ours = CollectorRegistry()
_REQUESTS = Counter("audit_requests", "Requests answered", ["method", "route", "status"], registry=_ours)
_SECONDS = Histogram(
    "audit_request_seconds", "Time until an answer was sent", ["method", "route"], registry=_ours,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 10),
)  # fmt: skip
_TENDED = Gauge(
    "audit_background_success_timestamp_seconds", "When the work last ended well", ["work"], registry=_ours, multiprocess_mode="max"
)
_FAILED = Counter("audit_background_failures", "Background work that failed", ["work"], registry=_ours)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Watched:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status = time.perf_counter(), 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, sent)
        finally:
            seconds = time.perf_counter() - started
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = getattr(scope.get("route"), "path", "unknown")
            _REQUESTS.labels(method, route, status).inc()
            _SECONDS.labels(method, route).observe(seconds)
            client = scope["client"][0] if scope.get("client") else "-"
            log.info("%s %s %s %d %.0f ms", client, method, quote(scope["path"]), status, seconds * 1000)


def tended(work: str, well: bool) -> None:
    """A background work has ended."""
    if well:
        _TENDED.labels(work).set_to_current_time()
    else:
        _FAILED.labels(work).inc()


def metrics(con: Connection, today: date) -> bytes:
    """Everything in Prometheus' text format: what all workers counted, and the desk's state now."""
    counted, state = _ours, CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(counted := CollectorRegistry())
    state.register(_State(list(_state(con, today))))
    return generate_latest(counted) + generate_latest(state)


class _State:
    """What is true now, as Prometheus collects it."""

    def __init__(self, found: list[Metric]):
        self.found = found

    def collect(self) -> Iterator[Metric]:
        yield from self.found


def _state(con: Connection, today: date) -> Iterator[Metric]:
    by_step = GaugeMetricFamily("audit_open_cases", "Cases not yet closed", labels=["step"])
    for step, count in con.execute(select(cases.c.step, func.count()).where(cases.c.step != "closed").group_by(cases.c.step)):
        by_step.add_metric([step], count)
    yield by_step
    late = (cases.c.step != "closed") & (cases.c.due_on < today) & cases.c.suspended_at.is_(None)
    overdue = con.scalar(select(func.count()).where(late))
    yield GaugeMetricFamily("audit_overdue_cases", "Open cases past their deadline", value=overdue or 0)
    count, newest = con.execute(select(func.count(), func.max(nights.c.batch_date))).one()
    yield GaugeMetricFamily("audit_nights", "Nights whose cases were opened", value=count)
    if newest:
        yield GaugeMetricFamily("audit_newest_night_age_days", "Days since the newest night", value=(today - newest).days)
