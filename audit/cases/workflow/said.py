"""What the last person did to a case, said to the one who comes too late."""

from __future__ import annotations

from sqlalchemy import select

from audit.cases.refused import Refused
from audit.cases.store import CHINA, Act
from audit.cases.tables import journal, people

DONE = {
    "case.open": ("建立了案件", "opened the case"),
    "case.refresh": ("按重跑的结果更新了案件", "renewed the case after the night was run again"),
    "case.unfound": ("因重跑后不再命中而结案", "closed the case: the night, run again, no longer finds it"),
    "case.decide": ("作出决定", "decided"),
    "case.enter": ("录入了问题", "entered a finding by hand"),
    "case.take_back": ("撤回了录入的问题", "took back a finding that was entered by hand"),
    "case.finish": ("结束了本环节", "finished this step"),
    "case.appeal": ("提出申诉", "appealed"),
    "case.accept": ("认可了结果", "accepted the result"),
    "case.silent": ("因逾期未答复按认可结案", "closed the case: no answer within the time limit counts as acceptance"),
    "case.late": ("因超期上报", "passed the case on because it was late"),
    "case.vote": ("提交了合议意见", "voted in the panel"),
    "case.withdraw": ("撤回了案件", "withdrew the case"),
    "case.transfer": ("转交了案件", "transferred the case"),
    "case.suspend": ("中止了案件", "suspended the case"),
    "case.resume": ("恢复了案件", "resumed the case"),
    "case.merge": ("合并了案件", "merged the case"),
    "case.escalate": ("上报了案件", "escalated the case"),
    "case.book": ("登记了追回款", "booked recovered money"),
}


def conflict(act: Act, case_id: int) -> Refused:
    """Names who changed the case last, what and when."""
    last = act.con.execute(
        select(journal.c.at, journal.c.login, journal.c.action, people.c.name)
        .outerjoin(people, people.c.login == journal.c.login)
        .where(journal.c.case_id == case_id, journal.c.action.in_(DONE))
        .order_by(journal.c.seq.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return Refused("案件已被更新，请刷新后再试。", "The case has changed; reload it and try again.")
    zh, en = DONE[last.action]
    at = last.at.astimezone(CHINA)
    when = at.strftime("%H:%M" if at.date() == act.today else "%Y-%m-%d %H:%M")
    return Refused(
        f"{last.name or '系统'}已于{when}{zh}；请刷新后再试。",
        f"{last.name or 'The engine'} {en} at {when}; reload the case and look again.",
    )
