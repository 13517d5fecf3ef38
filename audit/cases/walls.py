"""Who may do and see what: nine roles, the things each may do, and the rows each may see.

One account has one role, so that no one approves what he wrote by changing hats.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, select, true

from audit.cases.tables import cases, notices, samples

ROLES = {
    "reviewer": ("审核员", "Reviewer"),
    "senior": ("高级审核员", "Senior reviewer"),
    "analyst": ("规则分析员", "Rule analyst"),
    "approver": ("规则审批员", "Rule approver"),
    "steward": ("模型管理员", "Model steward"),
    "auditor": ("监督员", "Auditor"),
    "operator": ("运维员", "Operator"),
    "hospital": ("医院用户", "Hospital user"),
    "admin": ("系统管理员", "Administrator"),
}

_BUREAU = ("reviewer", "senior", "analyst", "approver", "steward", "auditor", "operator", "admin")
MAY: dict[str, tuple[str, ...]] = {
    "case.read": ("reviewer", "senior", "auditor"),
    "case.work": ("reviewer", "senior"),  # lock, decide, enter findings, comment, attach, transfer, suspend, merge
    "case.second": ("reviewer", "senior"),  # re-review: by somebody who did not do the first
    "case.panel": ("senior",),
    "case.final": ("senior",),
    "case.assign": ("senior",),
    "person.unmask": ("reviewer", "senior"),
    "money.book": ("senior", "operator"),
    "hospital.work": ("hospital",),
    "rule.read": _BUREAU,
    "rule.write": ("analyst",),
    "rule.approve": ("approver",),
    "dashboard.read": _BUREAU,
    "model.read": ("steward", "auditor", "senior", "analyst"),
    "night.read": ("operator", "auditor", "analyst", "approver", "steward", "senior", "admin"),
    "sample.read": ("reviewer", "senior", "auditor"),
    "sample.work": ("senior", "reviewer"),
    "journal.read": ("auditor", "admin"),
    "people.manage": ("admin",),
    "self": tuple(ROLES),  # one's own password, language, tokens
}


@dataclass(frozen=True)
class Person:
    """Who acts: a row of `people` as the walls need it. `ENGINE` is the engine itself."""

    id: int
    login: str
    name: str
    role: str
    area: str = ""
    fixmedins_code: str | None = None
    lang: str = ""
    must_change: bool = False

    def may(self, what: str) -> bool:
        return self.role in MAY[what]


ENGINE = Person(0, "", "", "engine")


def seen(person: Person) -> ColumnElement[bool]:
    """The cases that this person may see, as a condition on `cases`. A case merged into another is seen through that one."""
    if person.role == "engine":
        return true()
    if person.role == "hospital":
        # from its first notice on: never while the bureau is still looking, nor what it dismissed by itself
        told = select(notices.c.id).where(notices.c.case_id == cases.c.id).exists()
        return (cases.c.fixmedins_code == (person.fixmedins_code or "")) & told
    if person.may("case.read"):
        return cases.c.area.startswith(person.area, autoescape=True) if person.area else true()
    return false()


def counted(person: Person) -> ColumnElement[bool]:
    """The cases whose sums this person may see, as a condition on `cases`: those of the person's area, also for roles that open no case."""
    if not person.may("dashboard.read"):
        return false()
    return cases.c.area.startswith(person.area, autoescape=True) if person.area else true()


def seen_samples(person: Person) -> ColumnElement[bool]:
    """The samples that this person may see, as a condition on `samples`."""
    if not person.may("sample.read"):
        return false()
    return samples.c.area.startswith(person.area, autoescape=True) if person.area else true()
