"""What somebody asks the queue for, as conditions on `cases`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, literal, or_, select, true

from audit.cases.tables import cases, decisions, findings
from audit.cases.walls import Person
from audit.examples.scaffold import CLASSES as LETTERS

WORK = {"first_review": "case.work", "re_review": "case.second", "panel": "case.panel", "final": "case.final"}  # what a step's work needs
BUREAU = tuple(WORK)
HOSPITAL = ("appeal", "re_appeal")
OPEN = BUREAU + HOSPITAL
TABS = ("mine", "unassigned", "all", "hospital", "late", "closed")
CLASSES = (*LETTERS, "model")  # of the rule that counts most; `model`: no rule, only the models
SEVERITIES = ("definite", "suspicious", "model")
# how the rows are ordered: what comes first, and whether its large values do (then the id, in the same direction)
ORDERS: dict[str, tuple[ColumnElement, bool]] = {
    "priority": (cases.c.priority, True),
    "deadline": (func.coalesce(cases.c.due_on, literal(date.max)), False),
    "amount": (cases.c.counted_amt, True),
}


@dataclass(frozen=True)
class Filter:
    """A tab and what narrows it. Amounts in fen; `today` is the day that deadlines are held against; "" and None narrow nothing."""

    today: date
    tab: str = "all"
    order: str = "priority"
    q: str = ""  # part of a setl_id, or of an institution's code or name
    rule: str = ""  # any finding of the case
    rule_class: str = ""
    institution: str = ""
    area: str = ""  # beginning of a division's code
    amount_from: int | None = None
    amount_to: int | None = None
    probability_from: float | None = None
    probability_to: float | None = None
    severity: str = ""
    step: str = ""
    due_by: date | None = None

    def narrowed(self, con: Connection) -> ColumnElement[bool]:
        """All but the tab."""
        c = cases.c
        asked: list[ColumnElement[bool]] = []
        if self.q:
            # capital and small letters are one, which SQLite's LIKE knows by itself; without lower() it is three times as fast
            plain = con.dialect.name == "sqlite" or self.q.lower() == self.q.upper()
            part = "contains" if plain else "icontains"
            found = (getattr(column, part)(self.q, autoescape=True) for column in (c.setl_id, c.fixmedins_code, c.fixmedins_name))
            asked.append(c.id.in_(select(c.id).where(or_(*found))))
        if self.rule:
            asked.append(c.id.in_(select(findings.c.case_id).where(findings.c.rule_id == self.rule)))
        if self.rule_class:
            asked.append(of_class(self.rule_class))
        if self.institution:
            asked.append(c.fixmedins_code == self.institution)
        if self.area:
            asked.append(c.area.startswith(self.area, autoescape=True))
        if self.severity:
            asked.append(c.sev_deg == self.severity)
        if self.step:
            asked.append(c.step == self.step)
        for column, least, most in (
            (c.counted_amt, self.amount_from, self.amount_to),
            (c.fraud_probability, self.probability_from, self.probability_to),
            (c.due_on, None, self.due_by),
        ):
            asked += [column >= least] if least is not None else []
            asked += [column <= most] if most is not None else []
        return and_(true(), *asked)

    def in_tab(self, person: Person) -> ColumnElement[bool]:
        c = cases.c
        return {
            "mine": c.step.in_(BUREAU) & (c.assignee_id == person.id),
            "unassigned": c.step.in_(BUREAU) & c.assignee_id.is_(None),
            "all": c.step.in_(BUREAU),
            "hospital": c.step.in_(HOSPITAL),
            "late": c.step.in_(OPEN) & late(self.today),
            "closed": c.step == "closed",
        }[self.tab]


def late(today: date) -> ColumnElement[bool]:
    """Past its deadline; a suspended case has none."""
    return (cases.c.due_on < today) & cases.c.suspended_at.is_(None)


def steps_of(person: Person) -> list[str]:
    """The steps whose work this person may do."""
    return [step for step, what in WORK.items() if person.may(what)]


def workable(person: Person, step: str | None = None) -> ColumnElement[bool]:
    """The cases whose present step this person may work on: escalated ones are for seniors, and nobody judges what he has judged before.

    `step`: the one that is asked about, when it is one alone.
    """
    steps = steps_of(person)
    if not steps:
        return false()
    level = true() if person.may("case.final") else cases.c.escalated.is_(False)
    open_ones = cases.c.suspended_at.is_(None) & level
    if step == "first_review":
        return open_ones
    before = judged().where(findings.c.case_id == cases.c.id, decisions.c.person_id == person.id).correlate(cases).exists()
    mine = select(findings.c.id).where(findings.c.case_id == cases.c.id, findings.c.author_id == person.id).correlate(cases)
    fresh = (cases.c.step == "first_review") | (cases.c.first_reviewer_id.is_distinct_from(person.id) & ~before & ~mine.exists())
    return cases.c.step.in_(steps) & open_ones & fresh


def judged() -> Select:
    """Case and person of every decision of a review that is over: who may not judge the case again."""
    over = decisions.c.step.in_(("first_review", "re_review")) & (decisions.c.step != cases.c.step)
    return (
        select(findings.c.case_id, decisions.c.person_id)
        .select_from(decisions)
        .join(findings, findings.c.id == decisions.c.finding_id)
        .where(over)
    )


def class_of(lead_rule: str | None) -> str:
    """The class of a case by the letters of its rule's id; letters of a site's own are local rules."""
    if lead_rule is None:
        return "model"
    return next((name for name, letters in LETTERS.items() if lead_rule.startswith(letters + "-")), "local")


def of_class(name: str) -> ColumnElement[bool]:
    """The same as a condition."""
    lead = cases.c.lead_rule
    if name == "model":
        return lead.is_(None)
    if name == "local":
        return and_(*(~lead.startswith(letters + "-") for other, letters in LETTERS.items() if other != name))
    return lead.startswith(LETTERS[name] + "-")


def skilled(skills: str) -> ColumnElement[bool]:
    """The cases of these classes (comma-separated; "" is all)."""
    return or_(*(of_class(name) for name in skills.split(","))) if skills else true()
