"""What happened to a case, and what its institution's earlier cases came to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, select

from audit.cases.tables import appeals, cases, comments, decisions, files, findings, journal, notices, people, votes
from audit.cases.walls import Person, seen


@dataclass
class Event:
    """One thing that happened: kind is decision, vote, notice, appeal, comment, file, or of a finding by hand entered or taken_back; `of`
    its step, outcome, sort or national type."""

    at: datetime
    kind: str
    who: str
    of: str
    text: str = ""
    due_on: date | None = None
    read_at: datetime | None = None
    decided: list[Row[Any]] = field(default_factory=list)  # of a decision: outcome, amt, reason and the finding's rule_id and item
    contested: list[int] = field(default_factory=list)  # of an appeal: ids of findings
    files: list[Row[Any]] = field(default_factory=list)


def events(con: Connection, case_id: int) -> list[Event]:
    """Everything in the order in which it happened."""
    attached = con.execute(
        _by(files, "id", "appeal_id", "name", "kind", "size", "at").where(files.c.case_id == case_id).order_by(files.c.id)
    ).all()
    found = [
        Event(row.sent_at, "notice", "", row.kind, due_on=row.due_on, read_at=row.read_at)
        for row in con.execute(select(notices).where(notices.c.case_id == case_id))
    ]
    for row in con.execute(_by(appeals, "id", "round", "statement", "findings", "at").where(appeals.c.case_id == case_id)):
        own = [one for one in attached if one.appeal_id == row.id]
        found.append(Event(row.at, "appeal", row.who, str(row.round), row.statement, contested=json.loads(row.findings), files=own))
    for row in con.execute(_by(votes, "outcome", "reason", "at").where(votes.c.case_id == case_id)):
        found.append(Event(row.at, "vote", row.who, row.outcome, row.reason))
    for row in con.execute(_by(comments, "text", "at").where(comments.c.case_id == case_id)):
        found.append(Event(row.at, "comment", row.who, "", row.text))
    found += _by_hand(con, case_id)
    found += [Event(row.at, "file", row.who, row.kind, files=[row]) for row in attached if row.appeal_id is None]
    made = (
        _by(decisions, "step", "outcome", "amt", "reason", "at", "person_id")
        .add_columns(findings.c.rule_id, findings.c.item, findings.c.bkkp_sn)
        .join(findings, findings.c.id == decisions.c.finding_id)
        .where(findings.c.case_id == case_id)
        .order_by(decisions.c.id)
    )
    together: Callable[[Row[Any]], tuple[Any, ...]] = lambda row: (row.at, row.person_id, row.step)  # noqa: E731
    for (at, _, step), rows in groupby(con.execute(made).all(), key=together):
        whole = list(rows)
        found.append(Event(at, "decision", whole[0].who, step, decided=whole))
    return sorted(found, key=lambda event: (event.at, event.kind == "notice"))  # a notice follows what it tells of in the same moment


_BY_HAND = {"case.enter": "entered", "case.take_back": "taken_back"}


def _by_hand(con: Connection, case_id: int) -> list[Event]:
    """What was entered and taken back: the journal alone remembers both."""
    told = [entry for entry in entries(con, case_id) if entry.action in _BY_HAND]
    return [Event(one.at, _BY_HAND[one.action], one.name, one.subject, json.loads(one.details)["reason"]) for one in told]


def _by(table: Any, *columns: str) -> Select[Any]:
    """Rows of a table with the name of the person who made them, as `who`."""
    return select(*(table.c[name] for name in columns), people.c.name.label("who")).join(people, people.c.id == table.c.person_id)


def entries(con: Connection, case_id: int) -> list[Row[Any]]:
    """The journal's entries of this case, in order, each with the person's name (None: the engine)."""
    asked = select(journal, people.c.name).outerjoin(people, people.c.login == journal.c.login)
    return list(con.execute(asked.where(journal.c.case_id == case_id).order_by(journal.c.seq)))


@dataclass(frozen=True)
class Record:
    """An institution's cases as far as the person may see them, merged ones counted once. Money in fen."""

    found: int
    open: int
    confirmed: int  # closed with money or a violation that stands
    reduced: int
    overturned: int
    dismissed: int
    counted_amt: int
    decided_amt: int  # of closed cases
    recovered_amt: int


def record(con: Connection, person: Person, fixmedins_code: str) -> Record:
    def many(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    stands = cases.c.outcome.in_(("confirmed", "reduced"))
    row = con.execute(
        select(
            func.count(), many(cases.c.step != "closed"), *(many(cases.c.outcome == word) for word in _ENDS),
            func.coalesce(func.sum(cases.c.counted_amt), 0), func.coalesce(func.sum(case((stands, cases.c.decided_amt), else_=0)), 0),
            func.coalesce(func.sum(cases.c.recovered_amt), 0),
        ).where(and_(cases.c.fixmedins_code == fixmedins_code, cases.c.merged_into_id.is_(None), seen(person)))
    ).one()  # fmt: skip
    return Record(*(int(value) for value in row))


_ENDS = ("confirmed", "reduced", "overturned", "dismissed")


def others(con: Connection, person: Person, row: Row[Any]) -> dict[str, Any]:
    """The same person's other cases, by claim: id and step."""
    mine = (cases.c.psn_no == row.psn_no) & (cases.c.id != row.id)
    found = con.execute(select(cases.c.setl_id, cases.c.id, cases.c.step, cases.c.fixmedins_code).where(mine, seen(person)))
    return {str(one.setl_id): one for one in found.all()}
