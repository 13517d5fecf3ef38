"""New cases go to reviewers by themselves: by area, skill, room and absence, fairly and always in the same way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row, Select, exists, or_, select, update

from audit.cases.queue.filters import BUREAU, judged
from audit.cases.queue.team import Member, members
from audit.cases.site import Site
from audit.cases.store import Act
from audit.cases.tables import cases, decisions, findings, votes
from audit.cases.walls import seen


def assign(act: Act, site: Site) -> int:
    """Take untouched work back from those who cannot do it now, then give what is nobody's to those who can. Returns how many were given.

    The case of the highest priority is given first, to whoever has the largest share of their capacity free (of equals, the first by
    login). Ordinary cases go to reviewers and, where no reviewer may have them, to seniors; escalated ones, panels and final reviews
    to seniors; nobody judges a case twice. What is locked or suspended waits.
    """
    _take_back(act, site)
    ready = [one for one in members(act.con, site, act.person, act.today) if one.free]
    if not ready:
        return 0  # no need to hold every waiting case
    waiting = _locking(act, cases.c.assignee_id.is_(None), cases.c.suspended_at.is_(None)).where(
        or_(cases.c.locked_by_id.is_(None), cases.c.locked_until <= act.now)
    )
    rows = act.con.execute(waiting.order_by(cases.c.priority.desc(), cases.c.id)).all()
    given: dict[int, list[int]] = defaultdict(list)
    for case_id, member in _matches(rows, _judges(act), ready):
        act.tell("case.assign", case_id, member.login)
        given[member.id].append(case_id)
    for person_id, ids in given.items():
        _hand(act, ids, person_id)
    return sum(len(ids) for ids in given.values())


def _matches(rows: Sequence[Row[Any]], judges: dict[int, frozenset[int]], ready: list[Member]) -> Iterator[tuple[int, Member]]:
    """Each case with whom it goes to; the receiver's load grows meanwhile."""
    fitting: dict[tuple, list[Member]] = {}  # for cases alike in all that matters
    left = sum(one.free for one in ready)
    for row in rows:
        if not left:
            return
        barred = judges.get(row.id, frozenset()) | ({row.first_reviewer_id} if row.step != "first_review" else set())
        alike = (row.area, row.step, row.lead_rule, row.escalated, barred)
        if alike not in fitting:
            able = [one for one in ready if one.works(row.area, row.step, row.escalated, barred) and one.knows(row.lead_rule)]
            ordinary = row.step in ("first_review", "re_review") and not row.escalated
            fitting[alike] = (ordinary and [one for one in able if one.role == "reviewer"]) or able
        free = [one for one in fitting[alike] if one.free]
        if free:
            chosen = max(free, key=lambda one: one.share)  # the first of equals, and `ready` is by login
            chosen.load += 1
            left -= 1
            yield row.id, chosen


def _take_back(act: Act, site: Site) -> None:
    """Cases whose assignee is away, switched off or may not have them go back, unless that person has begun on the present step."""
    begun = (
        (decisions.c.person_id == cases.c.assignee_id)
        & (decisions.c.step == cases.c.step)
        & (decisions.c.finding_id == findings.c.id)
        & (findings.c.case_id == cases.c.id)
    )
    voted = exists().where(votes.c.case_id == cases.c.id, votes.c.person_id == cases.c.assignee_id)
    not_in_hand = or_(cases.c.locked_by_id.is_distinct_from(cases.c.assignee_id), cases.c.locked_until <= act.now)
    held = _locking(act, cases.c.assignee_id.is_not(None)).where(~exists().where(begun), ~voted, not_in_hand)
    rows = act.con.execute(held.order_by(cases.c.id)).all()
    team = {one.id: one for one in members(act.con, site, act.person, act.today)}
    judges = _judges(act)
    back = []
    for row in rows:
        one = team.get(row.assignee_id)
        if one and one.active and not one.away and one.works(row.area, row.step, row.escalated, judges.get(row.id, ())):
            continue
        if one is None and act.person.area:
            continue  # somebody of a larger area: not for this person to take away
        act.tell("case.unassign", row.id, one.login if one else "", why="absent" if one and one.away else "unfit")
        back.append(row.id)
    _hand(act, back, None)


def _locking(act: Act, *asked: Any) -> Select:
    """Cases at the bureau, their rows locked for this act; PostgreSQL passes over what another act is just changing."""
    c = cases.c
    facts = (c.id, c.area, c.step, c.lead_rule, c.first_reviewer_id, c.escalated, c.assignee_id)
    return select(*facts).where(seen(act.person), c.step.in_(BUREAU), *asked).with_for_update(skip_locked=True)


def _judges(act: Act) -> dict[int, frozenset[int]]:
    """Who has judged each case at the bureau in a review that is over, or entered a finding in it."""
    found: dict[int, set[int]] = defaultdict(set)
    past = judged().join(cases, cases.c.id == findings.c.case_id).where(cases.c.step.in_(BUREAU))
    entered = select(findings.c.case_id, findings.c.author_id).join(cases, cases.c.id == findings.c.case_id)
    entered = entered.where(findings.c.author_id.is_not(None), cases.c.step.in_(BUREAU), cases.c.step != "first_review")
    for case_id, person_id in (*act.con.execute(past.distinct()), *act.con.execute(entered.distinct())):
        found[case_id].add(person_id)
    return {case_id: frozenset(those) for case_id, those in found.items()}


def _hand(act: Act, ids: Sequence[int], to: int | None) -> None:
    for start in range(0, len(ids), 500):
        some = cases.c.id.in_(ids[start : start + 500])
        act.con.execute(update(cases).where(some).values(assignee_id=to, revision=cases.c.revision + 1, changed_at=act.now))
