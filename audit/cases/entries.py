"""Reading the journal: which entries, and what their actions are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, Row, select

from audit.cases.store import CHINA
from audit.cases.tables import cases, journal
from audit.cases.walls import Person

ACTIONS = {
    "case.accept": ("医院认可", "Hospital accepted"),
    "case.appeal": ("医院申诉", "Hospital appealed"),
    "case.assign": ("分派", "Assigned"),
    "case.attach": ("上传附件", "File attached"),
    "case.book": ("登记追回", "Recovery booked"),
    "case.comment": ("备注", "Comment"),
    "case.decide": ("作出决定", "Decided"),
    "case.enter": ("人工录入问题", "Finding entered by hand"),
    "case.evidence": ("导出证据材料", "Evidence exported"),
    "case.file": ("下载附件", "File downloaded"),
    "case.escalate": ("上报", "Escalated"),
    "case.finish": ("办结环节", "Step finished"),
    "case.late": ("逾期", "Late"),
    "case.lock": ("锁定", "Locked"),
    "case.merge": ("合并", "Merged"),
    "case.open": ("立案", "Opened"),
    "case.read": ("查看", "Read"),
    "case.refresh": ("随重跑更新", "Refreshed by a repeated night"),
    "case.release": ("释放", "Released"),
    "case.repeat": ("重跑结果不同", "Found otherwise by a repeated night"),
    "case.resume": ("恢复办理", "Resumed"),
    "case.silent": ("逾期未答复", "Silence counted"),
    "case.suspend": ("中止办理", "Suspended"),
    "case.take_back": ("撤回录入的问题", "Finding entered by hand taken back"),
    "case.transfer": ("移交", "Transferred"),
    "case.unassign": ("取消分派", "Unassigned"),
    "case.unfound": ("重跑未再发现", "No longer found by a repeated night"),
    "case.vote": ("合议表决", "Voted"),
    "case.withdraw": ("撤销", "Withdrawn"),
    "export": ("导出表格", "Table exported"),
    "night.open": ("立案(整晚)", "Night opened"),
    "people.add": ("新增账号", "Account added"),
    "people.change": ("更改账号", "Account changed"),
    "people.end_sessions": ("结束会话", "Sessions ended"),
    "people.locked": ("账号锁定", "Account locked"),
    "people.password": ("修改密码", "Password changed"),
    "people.reset": ("重置密码", "Password reset"),
    "people.revoke": ("撤销会话或令牌", "Session or token revoked"),
    "people.sign_in": ("登录", "Signed in"),
    "people.sign_out": ("退出", "Signed out"),
    "people.token": ("新建令牌", "Token made"),
    "people.unlock": ("解除锁定", "Account unlocked"),
    "person.unmask": ("查看完整身份", "Identity unmasked"),
    "rule.adopt": ("采纳规则库", "Rulebook adopted"),
    "rule.draft": ("起草变更", "Change drafted"),
    "rule.edit": ("修改草稿", "Draft edited"),
    "rule.mend": ("补救发布", "Publication mended"),
    "rule.publish": ("发布规则", "Rules published"),
    "rule.rebase": ("草稿更新到现行版本", "Draft brought up to date"),
    "rule.reject": ("驳回变更", "Change rejected"),
    "rule.submit": ("提交审批", "Change submitted"),
    "rule.withdraw": ("撤回变更", "Change withdrawn"),
    "sample.close": ("结束抽样", "Sample closed"),
    "sample.draw": ("抽取样本", "Sample drawn"),
    "sample.export": ("导出样本", "Sample exported"),
    "sample.plan": ("制定抽样方案", "Sample planned"),
    "sample.review": ("审查样本", "Sampled claim reviewed"),
    "team.change": ("调整人员安排", "Team changed"),
    "view.remove": ("删除视图", "View removed"),
    "view.save": ("保存视图", "View saved"),
}  # action -> what it is called in Chinese and English


@dataclass(frozen=True)
class Asked:
    """Which entries: each None asks nothing. `action` is the beginning of an action; days are Chinese calendar days."""

    login: str | None = None
    action: str | None = None
    case_id: int | None = None
    subject: str | None = None
    first: date | None = None
    last: date | None = None


def entries(con: Connection, person: Person, asked: Asked, before: int | None = None, most: int = 50) -> Sequence[Row]:
    """The newest entries that were asked for, below number `before`. Of an area's person: those about that area's cases, or about none."""
    found = select(journal).order_by(journal.c.seq.desc()).limit(most)
    if before is not None:
        found = found.where(journal.c.seq < before)
    if asked.login:
        found = found.where(journal.c.login == asked.login)
    if asked.action:
        found = found.where(journal.c.action.startswith(asked.action, autoescape=True))
    if asked.case_id is not None:
        found = found.where(journal.c.case_id == asked.case_id)
    if asked.subject:
        found = found.where(journal.c.subject == asked.subject)
    if asked.first:
        found = found.where(journal.c.at >= _midnight(asked.first))
    if asked.last:
        found = found.where(journal.c.at < _midnight(asked.last + timedelta(days=1)))
    if person.area:
        theirs = select(cases.c.id).where(cases.c.area.startswith(person.area, autoescape=True))
        found = found.where(journal.c.case_id.is_(None) | journal.c.case_id.in_(theirs))
    return con.execute(found).all()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
