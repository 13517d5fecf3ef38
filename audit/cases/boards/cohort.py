"""Which cases a figure is about, and the month a case belongs to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FunctionElement, String, and_, func
from sqlalchemy.ext.compiler import compiles

from audit.cases.store import CHINA
from audit.cases.tables import Moment, cases
from audit.cases.walls import Person, counted

# the last day of service; where a bill does not say one, the night that found it
service_day = func.coalesce(cases.c.end_date, cases.c.batch_date, type_=cases.c.end_date.type)
OF = ("service", "closing")  # what a month is the month of


class _Month(FunctionElement[str]):
    """YYYY-MM of a day, or of a moment on the wall clock in China."""

    type = String()
    inherit_cache = True


@compiles(_Month, "sqlite")
def _sqlite(element: _Month, compiler: Any, **options: Any) -> str:
    (column,) = element.clauses
    shift = ", '+8 hours'" if isinstance(column.type, Moment) else ""
    return f"strftime('%Y-%m', {compiler.process(column, **options)}{shift})"


@compiles(_Month, "postgresql")
def _postgresql(element: _Month, compiler: Any, **options: Any) -> str:
    (column,) = element.clauses
    zone = " AT TIME ZONE 'Asia/Shanghai'" if isinstance(column.type, Moment) else ""
    return f"to_char({compiler.process(column, **options)}{zone}, 'YYYY-MM')"


@dataclass(frozen=True)
class Cohort:
    """The cases of a person's wall, narrowed to an area (beginning of its code), an institution and a month (2026-07).

    `of` says what the month is the month of: the last day of service, or the closing. A case merged into another counts there.
    """

    person: Person
    area: str = ""
    institution: str = ""
    month: str = ""
    of: str = "service"

    @property
    def where(self) -> ColumnElement[bool]:
        asked = [counted(self.person), cases.c.merged_into_id.is_(None)]
        if self.area:
            asked.append(cases.c.area.startswith(self.area, autoescape=True))
        if self.institution:
            asked.append(cases.c.fixmedins_code == self.institution)
        if self.month:
            first, after = _span(self.month)
            asked.append((service_day >= first) & (service_day < after) if self.of == "service" else _closed_between(first, after))
        return and_(*asked)

    @property
    def month_column(self) -> ColumnElement[str]:
        return _Month(service_day if self.of == "service" else cases.c.closed_at)

    def everywhere(self) -> Cohort:
        """The same wall with nothing narrowed."""
        return replace(self, area="", institution="", month="")


def _span(month: str) -> tuple[date, date]:
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1)


def _closed_between(first: date, after: date) -> ColumnElement[bool]:
    begin, end = (datetime(day.year, day.month, 1, tzinfo=CHINA) for day in (first, after))
    return (cases.c.closed_at >= begin) & (cases.c.closed_at < end)
