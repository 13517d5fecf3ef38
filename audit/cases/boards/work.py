"""How long the work takes and how long cases wait: from the journal and the deadlines."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, select

from audit.cases.boards.cohort import Cohort
from audit.cases.tables import cases, findings, journal
from audit.cases.workflow import STEPS

Row = dict[str, Any]
AGES = (7, 30, 90)  # days: up to each, and beyond the last


def hours(con: Connection, cohort: Cohort, minutes: Mapping[str, int]) -> Row:
    """Time of first reviews that are finished, by the wall clock: from the first lock of a case to its first finish.

    timed, untimed (finished without a lock: decided with others in one go), median_hours, total_hours (None while nothing was timed),
    planned_hours (of the timed ones, by `minutes` per finding: the policy's review_minutes).
    """
    first = [func.min(case((journal.c.action == action, journal.c.at))) for action in ("case.lock", "case.finish")]
    asked = select(journal.c.case_id, *first).join(cases, cases.c.id == journal.c.case_id)
    entries = asked.where(journal.c.action.in_(("case.lock", "case.finish")), cohort.where).group_by(journal.c.case_id)
    rows = [(case_id, begun, ended) for case_id, begun, ended in con.execute(entries) if ended is not None]
    spent = {case_id: (ended - begun).total_seconds() / 3600 for case_id, begun, ended in rows if begun is not None and begun <= ended}
    told = {"timed": len(spent), "untimed": len(rows) - len(spent), "planned_hours": _planned(con, cohort, spent, minutes)}
    if not spent:
        return {**told, "median_hours": None, "total_hours": None}
    return {**told, "median_hours": statistics.median(spent.values()), "total_hours": sum(spent.values())}


def _planned(con: Connection, cohort: Cohort, among: Mapping[int, float], minutes: Mapping[str, int]) -> float | None:
    asked = select(findings.c.case_id, findings.c.sev_deg, func.count()).join(cases, cases.c.id == findings.c.case_id)
    grouped = con.execute(asked.where(cohort.where).group_by(findings.c.case_id, findings.c.sev_deg))
    planned = sum(count * minutes.get(sev_deg, 0) for case_id, sev_deg, count in grouped if case_id in among)
    return planned / 60 if among else None


def by_step(con: Connection, cohort: Cohort, now: datetime, today: date) -> list[Row]:
    """Open cases in the order of the procedure: how many, how long ago they were opened (AGES, in days), how many of them are late or
    suspended; `missed`: how often this step's deadline passed unmet so far, in closed cases too."""
    c = cases.c
    edges = [now - timedelta(days=days) for days in AGES]
    age = {
        "days_7": c.opened_at >= edges[0],
        "days_30": (c.opened_at < edges[0]) & (c.opened_at >= edges[1]),
        "days_90": (c.opened_at < edges[1]) & (c.opened_at >= edges[2]),
        "older": c.opened_at < edges[2],
        "late": (c.due_on < today) & c.suspended_at.is_(None),
        "suspended": c.suspended_at.is_not(None),
    }
    sums = [func.sum(case((condition, 1), else_=0)).label(name) for name, condition in age.items()]
    asked = select(c.step, func.count().label("cases"), *sums, func.min(c.opened_at).label("oldest"))
    found = {row.step: row for row in con.execute(asked.where(cohort.where, c.step != "closed").group_by(c.step))}
    missed = _missed(con, cohort)
    rows = []
    for step in STEPS[:-1]:
        row = found.get(step)
        counts = {name: int(getattr(row, name)) if row else 0 for name in ("cases", *age)}
        rows.append({"of": step, **counts, "oldest_days": (now - row.oldest).days if row else None, "missed": missed[step]})
    return rows


def _missed(con: Connection, cohort: Cohort) -> Counter[str]:
    """Deadlines that passed, by step: the hospital was silent, or the bureau was late."""
    passed = journal.c.action.in_(("case.silent", "case.late"))
    asked = select(journal.c.subject, func.count()).join(cases, cases.c.id == journal.c.case_id).where(passed, cohort.where)
    return Counter(dict(con.execute(asked.group_by(journal.c.subject)).all()))
