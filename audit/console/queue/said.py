"""The queue's own words, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audit.cases import procedure, queue
from audit.cases.accounts import SKILLS as CLASSES
from audit.console.here import Here
from audit.console.queue.asked import SOON, today_of

STEPS = procedure.STEPS | {  # here one asks who must act
    "appeal": ("待医院申诉", "Hospital may appeal"),
    "re_appeal": ("待医院再申诉", "Hospital may appeal again"),
    "closed": ("已结案", "Closed"),
}
TABS = {
    "mine": ("我的", "Mine"),
    "unassigned": ("未分派", "Unassigned"),
    "all": ("全部在审", "Everyone's"),
    "hospital": ("待医院答复", "With the hospital"),
    "late": ("已逾期", "Late"),
    "closed": ("已结案", "Closed"),
}
ORDERS = {"priority": ("优先级", "Priority"), "deadline": ("期限", "Deadline"), "amount": ("金额", "Amount")}
DUE = {
    "late": ("已逾期", "Late"),
    "today": ("今日及以前到期", "Due today or late"),
    "soon": (f"{SOON}个工作日内到期", f"Due in {SOON} working days"),
}


@dataclass(frozen=True)
class Said:
    """What a template of the queue asks for."""

    here: Here

    def one(self, names: dict[str, tuple[str, str]], key: str) -> str:
        return self.here.say(*names[key])

    def every(self, names: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
        return [(key, self.here.say(*pair)) for key, pair in names.items()]

    def step(self, key: str) -> str:
        return self.one(STEPS, key)

    def severity(self, key: str) -> str:
        return self.one(procedure.SEVERITY, key)

    def rule_class(self, lead_rule: str | None) -> str:
        return self.one(CLASSES, queue.class_of(lead_rule))

    def left(self, case: Any) -> tuple[str, str] | None:
        """The time a case has left: the chip's class, and working days in words. None: no deadline runs."""
        if case.due_on is None or case.suspended_at is not None:
            return None
        today = today_of(self.here)
        days = self.here.place.site.calendar(case.area).between(today, case.due_on)
        if case.due_on < today:
            return "late", self.here.say(f"逾期{-days}个工作日", f"{_days(-days)} late") if days else self.here.say("已逾期", "late")
        if case.due_on == today:
            return "late", self.here.say("今日到期", "due today")
        return "soon" if days <= SOON else "", self.here.say(f"还剩{days}个工作日", f"{_days(days)} left")


def _days(number: int) -> str:
    return f"{number} working day{'' if number == 1 else 's'}"
