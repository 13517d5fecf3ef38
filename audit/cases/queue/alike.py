"""One rule's identical definite findings: what waits for the same decision, seen side by side."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, distinct, func, or_, select

from audit.cases.queue.filters import workable
from audit.cases.tables import cases, findings
from audit.cases.walls import Person, seen

MOST = 200  # cases in one table: as many as somebody can still look at


@dataclass(frozen=True)
class Alike:
    """A case's findings of the rule. `evidence`: for each, its values in the order of `Table.columns`."""

    case: Row[Any]
    findings: list[Row[Any]]
    evidence: list[list[str]]

    @property
    def amt(self) -> int:
        return sum(row.counted_amt for row in self.findings)


@dataclass(frozen=True)
class Table:
    """`same`: the values that all findings share; `columns`: those in which they differ, and of each its most frequent value."""

    cases: list[Alike]
    more: int  # cases beyond MOST
    same: dict[str, str]
    columns: list[str]
    usual: list[str]

    @property
    def amt(self) -> int:
        return sum(one.amt for one in self.cases)


def rules(con: Connection, person: Person, now: datetime) -> list[Row[Any]]:
    """Rule versions with definite findings that this person could decide now: rule_id, rule_version, cases, findings, amt in fen."""
    each = select(
        findings.c.rule_id,
        findings.c.rule_version,
        func.count(distinct(findings.c.case_id)).label("cases"),
        func.count().label("findings"),
        func.sum(findings.c.counted_amt).label("amt"),
    )
    found = each.join(cases, cases.c.id == findings.c.case_id).where(_open(person, now))
    by_rule = found.group_by(findings.c.rule_id, findings.c.rule_version)
    return list(con.execute(by_rule.order_by(func.count(distinct(findings.c.case_id)).desc(), findings.c.rule_id, findings.c.rule_version)))


def table(con: Connection, person: Person, now: datetime, rule_id: str, rule_version: int) -> Table:
    """The cases with such findings, dearest first."""
    same_rule = _open(person, now) & (findings.c.rule_id == rule_id) & (findings.c.rule_version == rule_version)
    sums = (
        select(findings.c.case_id, func.sum(findings.c.counted_amt).label("amt"))
        .join(cases, cases.c.id == findings.c.case_id)
        .where(same_rule)
        .group_by(findings.c.case_id)
    )
    ids = [row.case_id for row in con.execute(sums.order_by(func.sum(findings.c.counted_amt).desc(), findings.c.case_id))]
    shown = ids[:MOST]
    whole = {row.id: row for row in con.execute(select(cases).where(cases.c.id.in_(shown)))}
    own = select(findings).join(cases, cases.c.id == findings.c.case_id).where(same_rule, findings.c.case_id.in_(shown))
    rows = con.execute(own.order_by(findings.c.id)).all()
    values = {row.id: {name: _plain(value) for name, value in json.loads(row.evidence).items()} for row in rows}
    names = sorted({name for one in values.values() for name in one})
    counted = {name: Counter(one.get(name, "") for one in values.values()) for name in names}
    columns = [name for name in names if len(counted[name]) > 1]
    by_case = {case_id: [row for row in rows if row.case_id == case_id] for case_id in shown}
    return Table(
        [
            Alike(whole[case_id], mine, [[values[row.id].get(name, "") for name in columns] for row in mine])
            for case_id, mine in by_case.items()
        ],
        len(ids) - len(shown),
        {name: next(iter(counted[name])) for name in names if len(counted[name]) == 1},
        columns,
        [counted[name].most_common(1)[0][0] for name in columns],
    )


def _open(person: Person, now: datetime) -> ColumnElement[bool]:
    """Definite findings nobody has decided, of cases in first review that nobody else has in hand."""
    free = or_(cases.c.locked_by_id.is_(None), cases.c.locked_by_id == person.id, cases.c.locked_until <= now)
    undecided = (findings.c.sev_deg == "definite") & findings.c.outcome.is_(None)
    return seen(person) & workable(person) & (cases.c.step == "first_review") & free & undecided


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
