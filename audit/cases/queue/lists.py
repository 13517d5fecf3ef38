"""A page of the queue, and the true number of cases in every tab."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, Select, UnaryExpression, and_, case, func, literal, select, tuple_
from sqlalchemy import Row as Found

from audit.cases.queue.filters import BUREAU, HOSPITAL, OPEN, ORDERS, Filter, late
from audit.cases.refused import Refused
from audit.cases.tables import cases, findings
from audit.cases.tables import people as accounts
from audit.cases.walls import Person, seen

SIZE = 50
Row = Found  # a case with assignee, holder (names), findings (how many), said_zh and said_en (of the finding that counts most)


@dataclass(frozen=True)
class Page:
    """Rows in order; `next` continues after the last one, None at the end."""

    rows: list[Row]
    next: str | None


def page(con: Connection, person: Person, filter: Filter, after: str | None = None, size: int = SIZE) -> Page:
    """The next `size` cases that this person may see, after where an earlier page ended."""
    column, falling = ORDERS[filter.order]
    asked = _asked(con, person, filter)
    if after is not None:
        asked &= _behind(column, falling, after)
    # ids first, from the indexes alone: only the rows shown are read whole
    found = con.execute(select(cases.c.id, column.label("key")).where(asked).order_by(*_sort(filter)).limit(size + 1)).all()
    ids = [row.id for row in found[:size]]
    by_id = {row.id: row for row in con.execute(_whole().where(cases.c.id.in_(ids)))}
    more = f"{found[size - 1].key}~{ids[-1]}" if len(found) > size else None
    return Page([by_id[one] for one in ids if one in by_id], more)


def every(con: Connection, person: Person, filter: Filter) -> Select:
    """All of them, as one question to the database."""
    return _whole().where(_asked(con, person, filter)).order_by(*_sort(filter))


def counts(con: Connection, person: Person, filter: Filter) -> dict[str, int]:
    """How many cases each tab has under the same filter."""
    passed = func.sum(case((late(filter.today), 1), else_=0))
    groups = con.execute(
        select(cases.c.step, cases.c.assignee_id, func.count().label("cases"), passed.label("late"))
        .where(seen(person), filter.narrowed(con))
        .group_by(cases.c.step, cases.c.assignee_id)
    ).all()
    bureau = [row for row in groups if row.step in BUREAU]
    return {
        "mine": sum(row.cases for row in bureau if row.assignee_id == person.id),
        "unassigned": sum(row.cases for row in bureau if row.assignee_id is None),
        "all": sum(row.cases for row in bureau),
        "hospital": sum(row.cases for row in groups if row.step in HOSPITAL),
        "late": int(sum(row.late for row in groups if row.step in OPEN)),
        "closed": sum(row.cases for row in groups if row.step == "closed"),
    }


def _asked(con: Connection, person: Person, filter: Filter) -> ColumnElement[bool]:
    return and_(seen(person), filter.in_tab(person), filter.narrowed(con))


def _sort(filter: Filter) -> tuple[UnaryExpression, UnaryExpression]:
    """An index can be read both ways, if the number goes the same way as what is ordered by."""
    column, falling = ORDERS[filter.order]
    return (column.desc(), cases.c.id.desc()) if falling else (column.asc(), cases.c.id.asc())


def _behind(column: ColumnElement, falling: bool, after: str) -> ColumnElement[bool]:
    """The rows after the one that `after` names: the value it was ordered by, and its id."""
    value, _, number = after.partition("~")
    try:
        key = date.fromisoformat(value) if not falling else int(value)
        last = int(number)
        if max(abs(last), 0 if isinstance(key, date) else abs(key)) > 2**62:
            raise ValueError(after)
    except ValueError:
        raise Refused("翻页地址不完整,请从第一页开始。", "This page's address is incomplete; begin at the first page.", 422) from None
    place, end = tuple_(column, cases.c.id), tuple_(literal(key), literal(last))
    return place < end if falling else place > end


def _whole() -> Select:
    """Cases with the names of those concerned, and what the finding that counts most says."""
    assignee, holder, lead = accounts.alias(), accounts.alias(), findings.alias()
    largest = (
        select(findings.c.id).where(findings.c.case_id == cases.c.id).order_by(findings.c.counted_amt.desc(), findings.c.id).limit(1)
    ).scalar_subquery()
    number = select(func.count()).where(findings.c.case_id == cases.c.id).scalar_subquery()
    return (
        select(
            cases,
            assignee.c.name.label("assignee"),
            holder.c.name.label("holder"),
            number.label("findings"),
            lead.c.vola_cont.label("said_zh"),
            lead.c.vola_cont_en.label("said_en"),
        )
        .outerjoin(assignee, assignee.c.id == cases.c.assignee_id)
        .outerjoin(holder, holder.c.id == cases.c.locked_by_id)
        .outerjoin(lead, lead.c.id == largest)
    )
