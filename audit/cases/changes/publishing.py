"""What was approved becomes the rules folder, whole or not at all; and finding out, after a crash, which of the two it was.

The folder comes first, the database second, in one act: the folder's last line says who approved which proposal. When the process dies
in between, the next start reads that line and tells the database (`mend`); when it dies before the folder changed, nothing happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from audit.cases.changes.prepare import Ready
from audit.cases.changes.proposals import STATUSES, Proposal, change, held, packed, said, unpacked
from audit.cases.changes.reading import as_it_is
from audit.cases.refused import Refused
from audit.cases.store import Act
from audit.cases.tables import people, proposals, publications
from audit.errors import RuleError
from audit.knowledge import load as load_knowledge
from audit.rulebook import approved, check_lock, folder, load


@dataclass(frozen=True)
class Publication:
    """One approved state of the rules folder; proposal None: the desk took the folder over."""

    number: int
    at: datetime
    proposal: int | None
    kind: str
    title: str
    author: str
    approver: str
    reason: str
    rulebook: str
    knowledge: str


@dataclass(frozen=True)
class Standing:
    """Whether a desk governs the folder, its last publication, and what is wrong (zh, en), or None."""

    governed: bool
    number: int
    wrong: dict[str, str] | None


def approve(act: Act, rules: Path, ready: Ready, reason: str) -> int:
    """Publish what was worked out: files, rules.lock and the line of approvals.jsonl change together. Returns the publication's number.

    Refused: the person wrote it (403); the proposal or the folder changed since it was worked out (409): prepare it again.
    """
    reason = said(reason)
    proposal = held(act, ready.proposal.id, ready.proposal.revision, "submitted")
    if act.person.id == proposal.author_id:
        raise Refused("不能批准自己提出的变更，须由另一人审批。", "You wrote this; somebody else must approve it.", 403)
    with folder.alone(rules):
        if folder.state(folder.files(rules)) != ready.state:
            raise Refused(
                "规则目录在核验之后又有变化，请重新核验再批准。",
                "The rules folder changed since this was checked; check it again, then approve.",
            )
        _in_step(act.con, rules)
        told = {"kind": proposal.kind, "proposal": proposal.id, "title": proposal.title, "author": proposal.author}
        line = _line(act, rules, ready.rulebook, ready.knowledge, changed=dict(ready.rules), reason=reason, **told)
        number = len(approved.approvals(rules)) + 1
        _record(act, number, proposal.id, ready.rulebook, ready.knowledge, ready.packed)
        change(act, proposal, status="published", approver_id=act.person.id, verdict=reason, decided_at=act.now)
        act.tell("rule.publish", subject=proposal.rule_id or proposal.kind, proposal=proposal.id, publication=number, reason=reason,
                 rulebook=ready.rulebook, knowledge=ready.knowledge)  # fmt: skip
        folder.replace(rules, {**ready.put, approved.FILE: line}, ready.gone)  # last: whatever fails before leaves everything as it was
    return number


def adopt(act: Act, rules: Path, reason: str = "") -> int:
    """The desk begins to govern the folder as it is: its first publication. RuleError with every fault of a folder that is not right.

    A folder that a desk governed before (its database is gone) goes on from its last line, if it stands as approved.
    """
    with folder.alone(rules):
        if act.con.scalar(select(func.count()).select_from(publications)):
            raise Refused("规则目录已由工作台管理。", "The desk governs the rules folder already.")
        book, knowledge = load(rules), load_knowledge(rules).fingerprint
        if faults := check_lock(book):
            raise RuleError(*faults)
        approved.demand(book, knowledge)
        whole = packed(_content(rules))
        number = len(approved.approvals(rules)) or 1
        _record(act, number, None, book.fingerprint, knowledge, whole)
        act.tell("rule.adopt", publication=number, reason=reason, rulebook=book.fingerprint, knowledge=knowledge)
        if not approved.governed(rules):
            versions = {rule.id: rule.version for rule in book.rules}
            told = {"kind": "baseline", "proposal": None, "title": "", "author": act.person.login}
            line = _line(act, rules, book.fingerprint, knowledge, changed=versions, reason=reason, **told)
            folder.replace(rules, {approved.FILE: line}, ())
    return number


def mend(act: Act, rules: Path) -> int | None:
    """Complete a publication that changed the folder but never reached the database. Returns its number, or None: nothing to do.

    A folder that was changed by hand is left alone: the gate keeps it from every night, `standing` says so.
    """
    try:
        with folder.alone(rules):
            known, lines = act.con.scalar(select(func.max(publications.c.id))), approved.approvals(rules)
            if known is None or len(lines) <= known:
                return None
            approved.demand(load(rules), load_knowledge(rules).fingerprint)
            whole = packed(_content(rules))
    except RuleError:
        return None
    last = lines[-1]
    proposal = _meant(act, last)
    _record(act, last["number"], proposal.id if proposal else None, last["rulebook"], last["knowledge"], whole)
    if proposal is not None:
        approver = act.con.scalar(select(people.c.id).where(people.c.login == last["approver"]))
        told = {"approver_id": approver, "verdict": last["reason"], "decided_at": datetime.fromisoformat(last["at"])}
        change(act, proposal, status="published", **told)
    act.tell("rule.mend", publication=last["number"], proposal=last["proposal"], approver=last["approver"], reason=last["reason"])
    return int(last["number"])


def _meant(act: Act, line: approved.Approval) -> Proposal | None:
    """The proposal that a line speaks of; None where the database, put back to an older backup, has none or another of that number."""
    row = act.con.execute(select(proposals.c.revision).where(proposals.c.id == line["proposal"])).one_or_none()
    if row is None:
        return None
    proposal = held(act, line["proposal"], row.revision, *STATUSES)
    return proposal if (proposal.kind, proposal.title, proposal.author) == (line["kind"], line["title"], line["author"]) else None


def standing(con: Connection, rules: Path) -> Standing:
    """How the folder stands now."""
    try:
        with folder.still(rules):
            known = approved.approvals(rules)
            if not known:
                return Standing(False, 0, None)
        _, book, knowledge = as_it_is(rules)
        approved.demand(book, knowledge.fingerprint)
        _in_step(con, rules)
        return Standing(True, len(known), None)
    except RuleError as fault:
        number = con.scalar(select(func.max(publications.c.id))) or 0
        wrong = {**fault.said, "zh": f"规则目录未保持批准时的状态，夜间审核会拒绝使用：{fault.said['zh']}"}
        return Standing(True, number, wrong)
    except Refused as fault:
        return Standing(True, con.scalar(select(func.max(publications.c.id))) or 0, fault.said)


def published(con: Connection, limit: int = 200) -> list[Publication]:
    """Publications, the newest first."""
    author, approver = people.alias("author"), people.alias("approver")
    asked = (
        select(publications.c.id, publications.c.at, publications.c.proposal_id, publications.c.rulebook, publications.c.knowledge,
               proposals.c.kind, proposals.c.title, proposals.c.verdict, author.c.login.label("author"), approver.c.login.label("approver"))
        .outerjoin(proposals, proposals.c.id == publications.c.proposal_id)
        .outerjoin(author, author.c.id == proposals.c.author_id)
        .outerjoin(approver, approver.c.id == proposals.c.approver_id)
        .order_by(publications.c.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [
        Publication(row.id, row.at, row.proposal_id, row.kind or "baseline", row.title or "", row.author or "", row.approver or "",
                    row.verdict or "", row.rulebook, row.knowledge)
        for row in con.execute(asked)
    ]  # fmt: skip


def publication(con: Connection, number: int) -> dict[str, bytes]:
    """The files of the folder as a publication left it. Refused (404)."""
    content = con.scalar(select(publications.c.content).where(publications.c.id == number))
    if content is None:
        raise Refused("没有这个发布版本。", "There is no such publication.", 404)
    return unpacked(content)


def _content(rules: Path) -> dict[str, bytes]:
    return {name: data for name, data in folder.files(rules).items() if name != approved.FILE}


def _in_step(con: Connection, rules: Path) -> None:
    """Refused unless folder and database tell the same of the last publication: a line that was made up is known by that."""
    line = approved.approvals(rules)[-1]
    row = con.execute(select(publications).order_by(publications.c.id.desc()).limit(1)).one_or_none()
    here = row and (row.id, row.rulebook, row.knowledge)
    if here != (line["number"], line["rulebook"], line["knowledge"]):
        known = row.id if row else 0
        raise Refused(
            f"规则目录的最后发布是第 {line['number']} 号，数据库中是第 {known} 号，或内容不同。请重启工作台补记，或从同一备份恢复。",
            f"The folder's last publication is number {line['number']}, the database's is {known}, or they differ. Start the desk again to "
            "complete it, or restore both from one backup.",
        )


def _line(act: Act, rules: Path, rulebook: str, knowledge: str, changed: dict[str, int], **told: Any) -> bytes:
    at, approver = act.now.isoformat(timespec="seconds"), act.person.login
    return approved.next_line(
        rules, {"at": at, "approver": approver, "rules": changed, "rulebook": rulebook, "knowledge": knowledge, **told}
    )


def _record(act: Act, number: int, proposal_id: int | None, rulebook: str, knowledge: str, whole: bytes) -> None:
    values = {"id": number, "proposal_id": proposal_id, "rulebook": rulebook, "knowledge": knowledge, "content": whole, "at": act.now}
    act.con.execute(publications.insert().values(**values))
