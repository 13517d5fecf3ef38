"""What a hospital has to do: the cases it was told of, which of them wait for its answer, and how they ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, or_, select

from audit.cases.site import WINDOWS
from audit.cases.tables import cases, decisions, findings, notices
from audit.cases.walls import Person, seen

WAITING, OPEN, CLOSED = "waiting", "open", "closed"
TABS = (WAITING, OPEN, CLOSED)
PAGE = 50
_AT_ONCE = 1000  # cases of one question: a database takes only so many numbers


@dataclass(frozen=True)
class Listed:
    """One page of cases in their order, and where the next begins (None: no more). A row's `unread`: a notice nobody has opened;
    `stands`: case -> fen that stand against the hospital as it was told."""

    rows: list[Row[Any]]
    next: int | None
    stands: dict[int, int]


def listed(con: Connection, person: Person, tab: str, text: str = "", start: int = 0, size: int = PAGE) -> Listed:
    """The hospital's cases of a tab: what waits by its deadline, the rest newest first. `text`: part of a claim's number."""
    unread = select(notices.c.id).where(notices.c.case_id == cases.c.id, notices.c.read_at.is_(None)).exists().label("unread")
    order = (cases.c.due_on, cases.c.id) if tab == WAITING else (cases.c.changed_at.desc(), cases.c.id)
    wanted = [seen(person), _in(tab)]
    if text.strip():
        wanted.append(
            or_(cases.c.setl_id.contains(text.strip(), autoescape=True), cases.c.mdtrt_id.contains(text.strip(), autoescape=True))
        )
    rows = con.execute(select(cases, unread).where(and_(*wanted)).order_by(*order).offset(start).limit(size + 1)).all()
    told = as_told(con, (row.id for row in rows[:size]))
    stands = {row.id: sum(one.amt for one in told.get(row.id, {}).values()) for row in rows[:size]}
    return Listed(list(rows[:size]), start + size if len(rows) > size else None, stands)


def counts(con: Connection, person: Person) -> dict[str, int]:
    """How many cases each tab holds."""
    tab = case(*((_in(name), name) for name in TABS))
    return dict.fromkeys(TABS, 0) | dict(con.execute(select(tab, func.count()).where(seen(person)).group_by(tab)).tuples().all())


def as_told(con: Connection, case_ids: Iterable[int]) -> dict[int, dict[int, Row[Any]]]:
    """case -> finding -> (outcome, amt) as the last notice told it: what the bureau is still deciding is not the hospital's to see, nor
    what it dismissed before it told anybody."""
    ids = list(case_ids)
    found: dict[int, dict[int, Row[Any]]] = {}
    for first in range(0, len(ids), _AT_ONCE):
        found |= _as_told(con, ids[first : first + _AT_ONCE])
    return found


def _as_told(con: Connection, case_ids: list[int]) -> dict[int, dict[int, Row[Any]]]:
    told = (findings.c.case_id == notices.c.case_id) & (decisions.c.step == notices.c.kind)
    made = (
        select(findings.c.case_id, decisions.c.finding_id, decisions.c.step, decisions.c.outcome, decisions.c.amt)
        .join(findings, findings.c.id == decisions.c.finding_id)
        .join(notices, told)
        .where(findings.c.case_id.in_(case_ids))
        .order_by(decisions.c.id)
    )
    found: dict[int, dict[int, Row[Any]]] = {}
    for row in con.execute(made):
        known = found.setdefault(row.case_id, {})
        if row.step == "first_review" and row.outcome == "dismissed":
            known.pop(row.finding_id, None)
        else:
            known[row.finding_id] = row  # type: ignore[assignment]
    return found


def _in(tab: str) -> ColumnElement[bool]:
    if tab == WAITING:
        return cases.c.step.in_(WINDOWS)
    return cases.c.step == "closed" if tab == CLOSED else cases.c.step.not_in((*WINDOWS, "closed"))
