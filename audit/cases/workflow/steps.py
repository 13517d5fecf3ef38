"""The procedure: its steps, who may do what in which, and taking a case in hand for a change.

    first_review 初审 -> appeal 申诉 -> re_review 复审 -> re_appeal 再申诉 -> panel 合议 -> final 终审 -> closed

`refusal` is the one place that says no; `may_now` asks it for every action, each change asks it again inside its own transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from audit.cases.refused import Refused
from audit.cases.site import WINDOWS, Site
from audit.cases.store import CHINA, Act
from audit.cases.tables import cases, decisions, findings, people, votes
from audit.cases.walls import Person, seen
from audit.cases.workflow.said import conflict

STEPS = ("first_review", "appeal", "re_review", "re_appeal", "panel", "final", "closed")
DECIDING = ("first_review", "re_review", "final")  # steps in which one person decides finding by finding
WORKERS = {  # what one must be allowed to work on a case in each step
    "first_review": "case.work", "appeal": "case.work", "re_review": "case.second", "re_appeal": "case.work", "panel": "case.panel",
    "final": "case.final", "closed": "case.work",
}  # fmt: skip
_STEPS_OF = {  # the steps in which an action makes sense
    "decide": DECIDING,
    "enter": ("first_review",),  # a finding by hand; later the hospital was told what is held against it
    "finish": (*DECIDING, *WINDOWS),
    "appeal": WINDOWS,
    "accept": WINDOWS,
    "vote": ("panel",),
    "withdraw": STEPS[:-1],
    "transfer": DECIDING,
    "suspend": STEPS[:-1],
    "resume": STEPS[:-1],
    "merge": ("first_review",),  # later the hospital was told of two cases, each with its own time to answer
    "escalate": ("first_review", "re_review"),
    "comment": STEPS,
    "attach": STEPS[:-1],
    "unmask": STEPS,
}
ACTIONS = tuple(_STEPS_OF)
_FREE = ("comment", "attach", "unmask")  # may be done while a case is suspended or in somebody else's hands


@dataclass(frozen=True)
class Past:
    """Who has done what in a case: ids of people."""

    first: frozenset[int]  # took part in the first review: decided, ended it, or entered a finding
    second: frozenset[int]  # decided in the re-review
    voted: frozenset[int]
    holder: str  # who has locked the case, or had


def past(con: Connection, case: Row[Any]) -> Past:
    """Findings that came from a merged case count too: whoever judged them has judged."""
    by_step: dict[str, set[int]] = {step: set() for step in STEPS}
    judged = select(decisions.c.step, decisions.c.person_id).join(findings, findings.c.id == decisions.c.finding_id)
    for step, person_id in con.execute(judged.where(findings.c.case_id == case.id).distinct()):
        by_step[step].add(person_id)
    authors = con.scalars(select(findings.c.author_id).where(findings.c.case_id == case.id, findings.c.author_id.is_not(None)))
    voted = con.scalars(select(votes.c.person_id).where(votes.c.case_id == case.id))
    holder = con.scalar(select(people.c.name).where(people.c.id == case.locked_by_id)) if case.locked_by_id else None
    first = by_step["first_review"] | ({case.first_reviewer_id} - {None}) | set(authors)
    return Past(frozenset(first), frozenset(by_step["re_review"]), frozenset(voted), holder or "")


def may_now(case: Row[Any], person: Person, con: Connection, site: Site, now: datetime) -> set[str]:
    """What this person could do at this moment with a case that the person sees (a whole row of `cases`): some of ACTIONS."""
    done = past(con, case)
    return {action for action in ACTIONS if refusal(action, case, person, done, site, now) is None}


def refusal(action: str, case: Row[Any], person: Person, done: Past, site: Site | None, now: datetime) -> Refused | None:
    """Why this person cannot do this now; None: go ahead. `site` says what silence means: the hospital's actions need it."""
    today, held = now.astimezone(CHINA).date(), case.locked_until is not None and case.locked_until > now
    if not person.may(_needed(action, case.step)):
        return Refused("您的角色不能进行此操作。", "Your role does not do this.", 403)
    if case.step not in _STEPS_OF[action]:
        if action == "enter":
            return Refused(
                "问题只能在初审中、告知医院之前录入或撤回。",
                "A finding is entered or taken back before the hospital is told, in first review.",
            )
        return Refused("案件所处的环节不允许此操作。", f"This cannot be done in the step the case is in ({case.step}).")
    if action in _FREE:
        return None
    if (case.suspended_at is not None) and action not in ("resume", "withdraw"):
        return Refused("案件已中止，请先恢复。", "The case is suspended; resume it first.")
    if action in ("appeal", "accept"):
        assert site is not None
        late = case.due_on is not None and case.due_on < today and site.step(case.area, case.step).silence == "accepted"
        answer = f"答复期限已于{case.due_on}届满，视为认可。", f"The time to answer ended on {case.due_on}; silence counts as acceptance."
        return Refused(*answer) if late else None
    if held and case.locked_by_id not in (None, person.id) and action != "vote":  # members of a panel vote each for themselves
        until = case.locked_until.astimezone(CHINA).strftime("%H:%M")
        return Refused(f"{done.holder}正在处理此案，锁定至{until}。", f"{done.holder} has this case in hand until {until}.")
    return _not_yet(action, case, today) or _not_by_you(action, case, person, done)


def _needed(action: str, step: str) -> str:
    """The permission (walls.MAY) that an action needs in a step."""
    if action in ("appeal", "accept"):
        return "hospital.work"
    if action == "unmask":
        return "person.unmask"
    if action == "withdraw" or (action == "finish" and step in WINDOWS):
        return "case.final"
    return "case.work" if action in ("comment", "attach") else WORKERS[step]


def _not_yet(action: str, case: Row[Any], today: date) -> Refused | None:
    """What the moment forbids."""
    over = case.due_on is not None and case.due_on < today
    if action == "resume" and case.suspended_at is None:
        return Refused("案件没有中止。", "The case is not suspended.")
    if action == "suspend" and over:
        return Refused("期限已过，不能再中止。", "The time limit has passed; the case can no longer be suspended.")
    if action == "finish" and case.step in WINDOWS and not over:
        return Refused(f"医院可答复至{case.due_on}。", f"The hospital may answer until {case.due_on}.")
    return None


def _not_by_you(action: str, case: Row[Any], person: Person, done: Past) -> Refused | None:
    """What another person must do: nobody judges what he has judged before."""
    if action == "escalate" and (case.escalated or person.may("case.final")):
        return Refused("案件已由高级审核员处理。", "The case is with a senior reviewer already.")
    if action not in ("decide", "enter", "finish", "vote", "transfer", "merge"):
        return None
    if case.escalated and not person.may("case.final"):
        return Refused("案件已上报，由高级审核员处理。", "The case was escalated: a senior reviewer deals with it.", 403)
    if action in ("transfer", "merge"):
        return None
    if case.step == "re_review" and person.id in done.first:
        return Refused("复审须由未参加初审的人员进行。", "The re-review is done by somebody who took no part in the first review.", 403)
    if case.step in ("panel", "final") and person.id in done.first | done.second:
        return Refused("合议和终审须由未作过决定的人员进行。", "Panel and final review are for people who have not decided this case.", 403)
    if action == "vote" and person.id in done.voted:
        return Refused("您已提交合议意见。", "You have voted already.")
    return None


def taken(act: Act, site: Site | None, case_id: int, action: str, revision: int | None = None) -> Row[Any]:
    """The case, its row locked for this act, once it is sure that the person may do this to it as it is now.

    Refused: 404 for a case that the person does not see; 409, naming who did what, for one that has changed since `revision`.
    """
    case = act.con.execute(select(cases).where(cases.c.id == case_id, seen(act.person)).with_for_update(of=cases)).one_or_none()
    if case is None:
        raise Refused("没有这个案件。", "There is no such case.", 404)
    permitted = act.person.may(_needed(action, case.step))
    if permitted and (revision not in (None, case.revision) or (revision is None and case.step not in _STEPS_OF[action])):
        raise conflict(act, case_id)
    no = refusal(action, case, act.person, past(act.con, case), site, act.now)
    if no is not None:
        raise no
    return case


def changed(act: Act, case: Row[Any], **values: Any) -> int:
    """Write to a case that was `taken`; returns its new revision."""
    revision = case.revision + 1
    act.con.execute(update(cases).where(cases.c.id == case.id).values(**values, revision=revision, changed_at=act.now))
    return revision


def enter(act: Act, site: Site, case: Row[Any], step: str, **values: Any) -> int:
    """Begin a step: nobody's yet, with its own deadline. Returns the new revision."""
    due = site.deadline(case.area, step, act.today)
    fresh = {"assignee_id": None, "locked_by_id": None, "locked_until": None, "escalated": False}
    return changed(act, case, step=step, due_on=due, **{**fresh, **values})
