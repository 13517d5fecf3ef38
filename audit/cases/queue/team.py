"""The people who work the queue: what each can take, what each has."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, func, or_, select, update

from audit.cases.queue.filters import BUREAU, CLASSES, class_of, late
from audit.cases.refused import Refused
from audit.cases.site import Site
from audit.cases.store import Act
from audit.cases.tables import cases, people
from audit.cases.walls import Person

ROLES = ("reviewer", "senior")
MOST = 10_000  # open cases at once that anybody could be given


@dataclass
class Member:
    """One of those who work the queue, with the open cases assigned to them; `capacity` is their own, or the site's."""

    id: int
    login: str
    name: str
    role: str
    area: str
    skills: str
    capacity: int
    own_capacity: int | None
    absent_from: date | None
    absent_to: date | None
    active: bool
    away: bool  # today
    load: int
    late: int

    @property
    def free(self) -> int:
        """How many cases more they can take."""
        return max(self.capacity - self.load, 0) if self.active and not self.away else 0

    @property
    def share(self) -> Fraction:
        """The part of the capacity that is free."""
        return Fraction(self.free, self.capacity or 1)

    def works(self, area: str, step: str, escalated: bool, judges: Collection[int]) -> bool:
        """Whether a case may be theirs: by area and role, and nobody who judged it in a review that is over (`judges`)."""
        level = self.role == "senior" or (step in ("first_review", "re_review") and not escalated)
        return level and area.startswith(self.area) and self.id not in judges

    def knows(self, lead_rule: str | None) -> bool:
        return not self.skills or class_of(lead_rule) in self.skills.split(",")


def members(con: Connection, site: Site, person: Person, today: date) -> list[Member]:
    """Those who work the queue in this person's area, by login; switched-off ones only while they still have cases."""
    passed = func.sum(case((late(today), 1), else_=0))
    loads = {
        row.assignee_id: row
        for row in con.execute(
            select(cases.c.assignee_id, func.count().label("load"), passed.label("late"))
            .where(cases.c.step.in_(BUREAU), cases.c.assignee_id.is_not(None))
            .group_by(cases.c.assignee_id)
        )
    }
    found = con.execute(
        select(people)
        .where(
            people.c.role.in_(ROLES), people.c.area.startswith(person.area, autoescape=True), or_(people.c.active, people.c.id.in_(loads))
        )
        .order_by(people.c.login)
    )
    team = []
    for row in found:
        load, passed_due = (loads[row.id].load, int(loads[row.id].late)) if row.id in loads else (0, 0)
        capacity = site.capacity_per_day if row.capacity is None else row.capacity
        away = row.absent_from is not None and row.absent_from <= today <= (row.absent_to or today)
        own = (row.id, row.login, row.name, row.role, row.area, row.skills)
        team.append(Member(*own, capacity, row.capacity, row.absent_from, row.absent_to, row.active, away, load, passed_due))
    return team


def colleagues(con: Connection, person: Person) -> list[Row[Any]]:
    """Id and name of those in this person's area to whom a case can be given."""
    mine = select(people.c.id, people.c.name).where(people.c.role.in_(ROLES), people.c.active, _own_area(person))
    return list(con.execute(mine.order_by(people.c.login)))


def change(act: Act, person_id: int, capacity: int | None, skills: Iterable[str], absent_from: date | None, absent_to: date | None) -> None:
    """Set what a colleague of one's area can take.

    `capacity` None is the site's number, no skills are all of them, an absence without an end lasts until further notice.
    """
    row = act.con.execute(select(people).where(people.c.id == person_id, people.c.role.in_(ROLES), _own_area(act.person))).one_or_none()
    if row is None:
        raise Refused("没有这位审核员,或不在您的统筹区。", "There is no such reviewer in your area.", 404)
    if capacity is not None and not 0 <= capacity <= MOST:
        raise Refused(f"在手案件数应在0到{MOST}之间。", f"Cases at once must be between 0 and {MOST}.", 422)
    if absent_to is not None and (absent_from is None or absent_to < absent_from):
        raise Refused("请假结束日期不能早于开始日期。", "An absence ends on or after the day it begins; fill in both.", 422)
    known = [name for name in CLASSES if name in set(skills)]
    wanted = "" if len(known) == len(CLASSES) else ",".join(known)
    new: dict[str, Any] = {"capacity": capacity, "skills": wanted, "absent_from": absent_from, "absent_to": absent_to}
    if any(getattr(row, name) != value for name, value in new.items()):
        act.con.execute(update(people).where(people.c.id == person_id).values(**new))
        act.tell("team.change", subject=row.login, **new)


def _own_area(person: Person) -> ColumnElement[bool]:
    return people.c.area.startswith(person.area, autoescape=True)
