"""What the desk does by itself, in every worker: completes a publication that was cut off, opens the cases of new nights, counts silence
when a deadline passes, and gives waiting cases to those who have room.

All of it may be repeated and may run in several workers at once, beside a night that is writing. One that fails is told in the log
and on /health, and is tried again in the next round; the server goes on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.cases import changes, queue
from audit.cases.opening import Opened, open_nights
from audit.cases.store import DeskDown
from audit.cases.workflow import pass_deadlines
from audit.console import watch
from audit.console.place import Place

log = logging.getLogger("audit")
_PATIENCE = 5.0  # seconds that a stopping server waits for work under way; what is cut off is undone by the database


def said(opened: Opened) -> str:
    """What became of one night, in a line."""
    return (
        f"{opened.batch_date}: {opened.opened:,} cases opened, {opened.refreshed:,} refreshed, {opened.withdrawn:,} withdrawn, "
        f"{opened.kept:,} left as they are being judged"
    )


def _nights(place: Place) -> str:
    return "; ".join(said(opened) for opened in open_nights(place.desk, place.lake, place.site))


def _deadlines(place: Place) -> str:
    passed = pass_deadlines(place.desk, place.site)
    return f"{passed} deadlines passed" if passed else ""


def _assignment(place: Place) -> str:
    with place.desk.act() as act:
        given = queue.assign(act, place.site)
    return f"{given} cases given to somebody" if given else ""


def _rules(place: Place) -> str:
    with place.desk.act() as act:
        number = changes.mend(act, place.rules)
    return f"publication {number}, which was cut off, is complete" if number else ""


WORK: dict[str, Callable[[Place], str]] = {"rules": _rules, "nights": _nights, "deadlines": _deadlines, "assignment": _assignment}


@dataclass(frozen=True)
class Done:
    """How a work ended last. `fault` is the kind of fault, for everybody to see; the log says more."""

    at: datetime
    seconds: float
    fault: str | None


class Tending:
    """The thread of one worker; `every` in seconds."""

    def __init__(self, place: Place, every: float):
        self.place, self.every = place, every
        self.last: dict[str, Done] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tending", daemon=True)

    @asynccontextmanager
    async def during(self, app: Any) -> AsyncIterator[None]:
        """Tend the desk while the server serves."""
        self._thread.start()
        yield
        self._stop.set()
        self._thread.join(_PATIENCE)

    def once(self) -> None:
        """Every work, one time."""
        for name, work in WORK.items():
            started, fault = time.monotonic(), None
            try:
                if told := work(self.place):
                    log.info("%s: %s", name, told)
            except DeskDown as why:
                fault = "DeskDown"
                log.error("%s: %s", name, why)
            except Exception as why:
                fault = type(why).__name__
                log.exception("%s: failed; it is tried again", name)
            self.last[name] = Done(self.place.desk.clock(), round(time.monotonic() - started, 3), fault)
            watch.tended(name, fault is None)

    def _run(self) -> None:
        self.once()
        changes.warm(self.place.rules)  # the first who edits a rule need not wait for it
        while not self._stop.wait(self.every):
            self.once()
