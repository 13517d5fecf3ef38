"""A case in somebody's hands, and the next free one. A lock lasts `site.lock_minutes` and is nobody's afterwards.

A lock says who is looking; it is no change of the case and leaves `revision` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select, update

from audit.cases.queue.filters import Filter, skilled, steps_of, workable
from audit.cases.refused import Refused
from audit.cases.site import Site
from audit.cases.store import CHINA, Act
from audit.cases.tables import cases, people, votes
from audit.cases.walls import seen


@dataclass(frozen=True)
class Lock:
    """In whose hands a case is, and until when."""

    person_id: int
    name: str
    until: datetime


def locked(con: Connection, case_id: int, now: datetime) -> Lock | None:
    """In whose hands a case is now."""
    row = con.execute(
        select(cases.c.locked_by_id, people.c.name, cases.c.locked_until)
        .join(people, people.c.id == cases.c.locked_by_id)
        .where(cases.c.id == case_id, cases.c.locked_until > now)
    ).one_or_none()
    return row and Lock(*row)


def hold(act: Act, site: Site, case_id: int) -> bool:
    """Take a case into one's hands, or keep it there longer. False where another has it, or there is nothing one may do in it now."""
    mine = act.con.scalar(select(cases.c.locked_until).where(cases.c.id == case_id, cases.c.locked_by_id == act.person.id))
    taken = act.con.execute(
        update(cases)
        .where(cases.c.id == case_id, seen(act.person), workable(act.person), or_(_free(act.now), cases.c.locked_by_id == act.person.id))
        .values(locked_by_id=act.person.id, locked_until=_until(act, site))
    )
    if taken.rowcount and (mine is None or mine <= act.now):
        act.tell("case.lock", case_id)
    return bool(taken.rowcount)


def lock(act: Act, site: Site, case_id: int) -> Lock:
    """The same for who asks for it: Refused, saying who has the case or what else is in the way."""
    if act.con.scalar(select(cases.c.id).where(cases.c.id == case_id, seen(act.person))) is None:
        raise Refused("没有这个案件。", "There is no such case.", 404)
    if not hold(act, site, case_id):
        other = locked(act.con, case_id, act.now)
        if other is None or other.person_id == act.person.id:
            raise Refused("案件现在没有您可以办理的事项。", "There is nothing you may do in this case now.")
        at = other.until.astimezone(CHINA).strftime("%H:%M")
        raise Refused(f"{other.name}正在处理此案,锁定至{at}。", f"{other.name} has this case in hand until {at}.")
    return Lock(act.person.id, act.person.name, _until(act, site))


def release(act: Act, case_id: int) -> None:
    """Lay down a case that one has in one's hands; otherwise nothing happens."""
    laid = act.con.execute(
        update(cases).where(cases.c.id == case_id, cases.c.locked_by_id == act.person.id).values(locked_by_id=None, locked_until=None)
    )
    if laid.rowcount:
        act.tell("case.release", case_id)


def take_next(act: Act, site: Site, filter: Filter) -> int | None:
    """The free case of the highest priority that fits the filter and the person's area and skills, now in the person's hands.

    What is assigned to the person comes first, then what is assigned to nobody; in a panel everybody has a vote. Two people never get
    the same: PostgreSQL locks the rows it looks at and passes over those that another is just taking, SQLite has one writer at a time.
    None when nothing is left.
    """
    person, c = act.person, cases.c
    skills = act.con.scalar(select(people.c.skills).where(people.c.id == person.id)) or ""
    voted = exists().where(votes.c.case_id == c.id, votes.c.person_id == person.id)
    fits = and_(seen(person), filter.narrowed(act.con), filter.in_tab(person), _free(act.now))

    def first(*asked: ColumnElement[bool]) -> Any:
        best = select(c.id, c.priority).where(fits, *asked).order_by(c.priority.desc(), c.id.desc()).limit(1)
        return act.con.execute(best.with_for_update(skip_locked=True)).one_or_none()

    found = [first(c.assignee_id == person.id, workable(person), (c.step != "panel") | ~voted)]
    if found == [None]:  # step by step, so that each is the head of an index and not a search
        for step in steps_of(person):
            whose = ~voted if step == "panel" else c.assignee_id.is_(None) & skilled(skills)
            found.append(first(c.step == step, workable(person, step), whose))
    if not any(found):
        return None
    chosen = max((row for row in found if row), key=lambda row: (row.priority, row.id))
    act.con.execute(update(cases).where(c.id == chosen.id).values(locked_by_id=person.id, locked_until=_until(act, site)))
    act.tell("case.lock", chosen.id, next=True)
    return int(chosen.id)


def _free(now: datetime) -> ColumnElement[bool]:
    return cases.c.locked_by_id.is_(None) | (cases.c.locked_until <= now)


def _until(act: Act, site: Site) -> datetime:
    return act.now + timedelta(minutes=site.lock_minutes)
