"""The impact of a proposal, worked out beside the pages: one at a time, kept with the proposal, seen from every worker.

While it runs the proposal's impact says {running: when it began}; a failure says {failed: {zh, en}}. A run that its worker did not
survive counts as lost after a while and may be asked again.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from typing import Any

from audit.cases import changes
from audit.cases.refused import Refused
from audit.cases.walls import Person
from audit.console.place import Place

log = logging.getLogger("audit")
LOST = timedelta(minutes=30)
_one_at_a_time = threading.Semaphore(1)  # a backtest takes every core


def begin(place: Place, person: Person, proposal_id: int, revision: int) -> None:
    """Start it, unless it runs already. Refused where the proposal changed since."""
    now = place.desk.clock()
    with place.desk.act(person) as act:
        if since(changes.one(act.con, proposal_id), now):
            return
        changes.keep_impact(act, proposal_id, revision, {"running": now.isoformat()})
    threading.Thread(target=_work, args=(place, person, proposal_id, revision), daemon=True).start()


def since(proposal: changes.Proposal, now: datetime) -> datetime | None:
    """When the run that is under way began."""
    began = (proposal.impact or {}).get("running")
    at = datetime.fromisoformat(began) if began else None
    return at if at and now - at < LOST else None


def figures(proposal: changes.Proposal) -> dict[str, Any] | None:
    """What was found, if it was."""
    found = proposal.impact
    return found if found and not {"running", "failed"} & set(found) else None


def _work(place: Place, person: Person, proposal_id: int, revision: int) -> None:
    with _one_at_a_time:
        try:
            with place.desk.read() as con:
                proposal = changes.one(con, proposal_id)
            found = changes.impact(place.rules, place.lake, proposal)
        except Refused as why:
            found = {"failed": why.said}
        except Exception:
            log.exception("the impact of proposal %s", proposal_id)
            found = {"failed": {"zh": "系统内部错误，未能算出影响。", "en": "A fault of ours; the impact was not worked out."}}
        try:
            with place.desk.act(person) as act:
                changes.keep_impact(act, proposal_id, revision, found)
        except Refused:  # it was changed meanwhile: what was found is of another text
            log.info("the impact of proposal %s is of a text that changed meanwhile; dropped", proposal_id)
