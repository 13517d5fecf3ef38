"""What leads a case off its way for a while or for good: withdraw, transfer, suspend, resume, merge, escalate; and what only adds to it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, insert, literal, select, update

from audit.cases.refused import Refused
from audit.cases.site import Site
from audit.cases.store import CHINA, Act
from audit.cases.tables import cases, comments, decisions, files, findings, people
from audit.cases.uploads import Upload, keep
from audit.cases.walls import MAY
from audit.cases.workflow.amounts import LONGEST
from audit.cases.workflow.moves import close, withdrawn
from audit.cases.workflow.steps import WORKERS, changed, past, taken

_FREE = {"locked_by_id": None, "locked_until": None}
_MONEY = ("medfee_sumamt", "fund_pay_sumamt", "counted_amt", "decided_amt", "priority")
_WORST = ("definite", "suspicious", "model")


def withdraw(act: Act, case_id: int, revision: int, reason: str) -> int:
    """The bureau takes a case back before it is closed; the hospital is told if it knew of it. Returns the new revision, as all here do."""
    case = taken(act, None, case_id, "withdraw", revision)
    act.tell("case.withdraw", case.id, case.step, reason=_said(reason))
    withdrawn(act, case)
    return close(act, case, "withdrawn")


def transfer(act: Act, case_id: int, revision: int, to_id: int, reason: str = "") -> int:
    """Give a case to another reviewer who may work on it in its step. A senior's transfer to a reviewer takes an escalation back."""
    case = taken(act, None, case_id, "transfer", revision)
    to = act.con.execute(select(people).where(people.c.id == to_id)).one_or_none()
    if to is None or to_id not in able(act.con, case):
        raise Refused(
            "只能转交给本地区、有相应角色且未参与前面环节的在岗人员。",
            "A case goes to somebody of its area who has the role for its step and took no part in earlier ones.",
            422,
        )
    if to.absent_from and to.absent_from <= act.today <= (to.absent_to or act.today):
        raise Refused(f"{to.name}休假至{to.absent_to or '另行通知'}。", f"{to.name} is absent until {to.absent_to or 'further notice'}.")
    act.tell("case.transfer", case.id, to.login, reason=reason.strip()[:LONGEST])
    return changed(act, case, assignee_id=to_id, escalated=case.escalated and to.role == "senior", **_FREE)


def able(con: Connection, case: Row[Any]) -> list[int]:
    """Ids of the people who may work on a case in its step, other than its assignee: for a transfer's list of names."""
    done = past(con, case)
    barred = {"first_review": frozenset[int](), "re_review": done.first}.get(case.step, done.first | done.second)
    mine = select(people.c.id).where(
        people.c.active, people.c.role.in_(MAY[WORKERS[case.step]]), literal(case.area).startswith(people.c.area),
        people.c.id.not_in(barred | ({case.assignee_id} - {None})),
    )  # fmt: skip
    return list(con.scalars(mine.order_by(people.c.id)))


def suspend(act: Act, case_id: int, revision: int, reason: str) -> int:
    """The deadline stands still from today until `resume`."""
    case = taken(act, None, case_id, "suspend", revision)
    act.tell("case.suspend", case.id, case.step, reason=_said(reason))
    return changed(act, case, suspended_at=act.now)


def resume(act: Act, site: Site, case_id: int, revision: int) -> int:
    """The deadline moves by the working days since the case was suspended."""
    case = taken(act, site, case_id, "resume", revision)
    calendar = site.calendar(case.area)
    days = calendar.between(case.suspended_at.astimezone(CHINA).date(), act.today)
    due_on = calendar.add(case.due_on, days) if days and case.due_on else case.due_on
    act.tell("case.resume", case.id, case.step, working_days=days, due_on=due_on)
    return changed(act, case, suspended_at=None, due_on=due_on)


def merge(act: Act, case_id: int, revision: int, other_id: int) -> int:
    """Another case of the same institution and person joins this one: its findings, with all that was said of them, move here, and it is
    closed as merged. Both are in first review: later the hospital was told of two cases, each with a time of its own to answer."""
    if case_id == other_id:
        raise Refused("请选择另一个案件。", "Choose another case.", 422)
    # the lower id first, as everybody who takes several cases does: two people never wait for each other
    first = {number: taken(act, None, number, "merge", revision if number == case_id else None) for number in sorted((case_id, other_id))}
    case, other = first[case_id], first[other_id]
    if (case.fixmedins_code, case.psn_no) != (other.fixmedins_code, other.psn_no):
        raise Refused("只能合并同一机构、同一参保人的案件。", "Only cases of the same institution and person can be merged.", 422)
    for table in (findings, decisions, comments, files):
        act.con.execute(update(table).where(table.c.case_id == other.id).values(case_id=case.id))
    act.con.execute(update(cases).where(cases.c.merged_into_id == other.id).values(merged_into_id=case.id))
    act.tell("case.merge", case.id, other.setl_id, other=other.id)
    act.tell("case.merge", other.id, case.setl_id, into=case.id)
    close(act, other, "merged", merged_into_id=case.id, **dict.fromkeys(_MONEY, 0))
    lead = max((case, other), key=lambda one: (one.lead_rule is not None, one.counted_amt)).lead_rule
    worse = min(case.sev_deg, other.sev_deg, key=_WORST.index)
    sums = {name: getattr(case, name) + getattr(other, name) for name in _MONEY}
    return changed(act, case, due_on=min(case.due_on, other.due_on), sev_deg=worse, lead_rule=lead, **sums)


def escalate(act: Act, case_id: int, revision: int, reason: str) -> int:
    """Hand a case to the seniors of its area."""
    case = taken(act, None, case_id, "escalate", revision)
    act.tell("case.escalate", case.id, case.step, reason=_said(reason))
    return changed(act, case, escalated=True, assignee_id=None, **_FREE)


def comment(act: Act, case_id: int, text: str) -> int:
    """A note for colleagues; hospitals do not see it. It changes nothing that is judged, so the case's revision stays. Returns its id."""
    case = taken(act, None, case_id, "comment")
    made = act.con.execute(insert(comments).values(case_id=case.id, person_id=act.person.id, text=_said(text), at=act.now))
    act.tell("case.comment", case.id)
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def attach(act: Act, site: Site, case_id: int, upload: Upload) -> int:
    """A file that the bureau adds; the case's revision stays. Returns the file's id."""
    return keep(act, site, taken(act, site, case_id, "attach").id, upload)


def _said(text: str) -> str:
    if not text.strip() or len(text) > LONGEST:
        raise Refused(f"请填写内容（不超过{LONGEST}字）。", f"Write something (up to {LONGEST} characters).", 422)
    return text.strip()
