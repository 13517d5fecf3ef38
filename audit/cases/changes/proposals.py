"""Proposals as the database keeps them, and the conditions under which somebody may touch one."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from audit.cases.refused import Refused
from audit.cases.store import CHINA, Act
from audit.cases.tables import journal, people, proposals, publications

KINDS = ("rule", "exemption", "knowledge", "rollback")
STATUSES = ("draft", "submitted", "published", "rejected", "withdrawn")
LONGEST_REASON = 2000
_DID = {
    "rule.edit": ("修改了该变更", "edited the proposal"),
    "rule.rebase": ("更新了该变更的基础", "rebased the proposal"),
    "rule.submit": ("提交了该变更", "submitted the proposal"),
    "rule.reject": ("退回了该变更", "rejected the proposal"),
    "rule.withdraw": ("撤回了该变更", "withdrew the proposal"),
    "rule.publish": ("发布了该变更", "published the proposal"),
}


@dataclass(frozen=True)
class Proposal:
    """A row of `proposals`. content: the rule's text, or JSON (see `content`). impact: what `impact` or `planned` found, or None.
    attachment (from `one` only): the workbooks, or the folder to go back to, packed."""

    id: int
    kind: str
    title: str
    rule_id: str | None
    content: str
    reason: str
    based_on: str
    impact: dict[str, Any] | None
    status: str
    author_id: int
    author: str
    approver: str | None
    verdict: str
    revision: int
    created_at: datetime
    changed_at: datetime
    decided_at: datetime | None
    attachment: bytes | None = field(default=None, repr=False)


def one(con: Connection, proposal_id: int) -> Proposal:
    """A proposal with all that is needed to work it out. Refused (404) when there is none."""
    row = con.execute(_asked().where(proposals.c.id == proposal_id)).one_or_none()
    if row is None:
        raise Refused("没有这个变更。", "There is no such proposal.", 404)
    packed = con.scalar(select(proposals.c.attachment).where(proposals.c.id == proposal_id))
    if row.kind == "rollback":
        packed = con.scalar(select(publications.c.content).where(publications.c.id == json.loads(row.content)["number"]))
    return _told(row, packed)


def listed(
    con: Connection, status: str | None = None, kind: str | None = None, rule_id: str | None = None, limit: int = 200
) -> list[Proposal]:
    """Proposals, the newest first, without what is attached."""
    asked = _asked().order_by(proposals.c.id.desc()).limit(limit)
    for column, value in ((proposals.c.status, status), (proposals.c.kind, kind), (proposals.c.rule_id, rule_id)):
        asked = asked if value is None else asked.where(column == value)
    return [_told(row) for row in con.execute(asked)]


def content(proposal: Proposal) -> dict[str, Any]:
    """What a proposal of kind exemption, knowledge or rollback says.

    exemption: action (add | end), rule_id, kind, value, valid_from, valid_to, reason (days as text). knowledge: files [{name, sha256}],
    batch, published. rollback: number.
    """
    return dict(json.loads(proposal.content))


def attached(con: Connection, proposal_id: int) -> dict[str, bytes]:
    """The workbooks of a knowledge proposal, by file name."""
    proposal = one(con, proposal_id)
    return unpacked(proposal.attachment) if proposal.kind == "knowledge" and proposal.attachment else {}


def _asked() -> Select[Any]:
    author, approver = people.alias("author"), people.alias("approver")
    columns = [column for column in proposals.c if column.name != "attachment"]
    return (
        select(*columns, author.c.login.label("author"), approver.c.login.label("approver"))
        .join(author, author.c.id == proposals.c.author_id)
        .outerjoin(approver, approver.c.id == proposals.c.approver_id)
    )


def _told(row: Row[Any], packed: bytes | None = None) -> Proposal:
    told = {name: getattr(row, name) for name in Proposal.__dataclass_fields__ if name not in ("attachment", "impact")}
    return Proposal(**told, impact=json.loads(row.impact) if row.impact else None, attachment=packed)


def add(act: Act, kind: str, title: str, text: str, **more: Any) -> int:
    """A new draft of the person's; tells the journal. Returns its id."""
    values = {"kind": kind, "title": title[:200], "content": text, "author_id": act.person.id, "created_at": act.now, "changed_at": act.now}
    made = act.con.execute(proposals.insert().values(**values, **more)).inserted_primary_key
    proposal_id = int(made[0]) if made else 0
    act.tell("rule.draft", subject=more.get("rule_id") or kind, proposal=proposal_id, kind=kind, title=title)
    return proposal_id


def held(act: Act, proposal_id: int, revision: int, *statuses: str) -> Proposal:
    """The proposal, locked until the act ends. Refused when it changed since the person saw it, or is in none of the statuses."""
    act.con.execute(select(proposals.c.id).where(proposals.c.id == proposal_id).with_for_update())
    proposal = one(act.con, proposal_id)
    if proposal.revision != revision:
        raise _overtaken(act.con, proposal)
    if proposal.status not in statuses:
        raise Refused(
            f"该变更的状态是 {proposal.status}，不能再这样操作。", f"The proposal is {proposal.status}; this can no longer be done."
        )
    return proposal


def _overtaken(con: Connection, proposal: Proposal) -> Refused:
    """Who did what to it since, read from the journal."""
    asked = select(journal).where(journal.c.action.startswith("rule.")).order_by(journal.c.seq.desc()).limit(200)
    last = next((row for row in con.execute(asked) if json.loads(row.details).get("proposal") == proposal.id), None)
    who, did = (last.login, _DID.get(last.action, _DID["rule.edit"])) if last else (proposal.author, _DID["rule.edit"])
    at = f"{proposal.changed_at.astimezone(CHINA):%m-%d %H:%M}"
    return Refused(
        f"{who} 已于 {at} {did[0]}。请刷新后再试。", f"{who} {did[1]} at {at}: it changed since you saw it. Reload it, then go on."
    )


def by_its_author(act: Act, proposal: Proposal) -> None:
    if act.person.id != proposal.author_id:
        raise Refused(
            f"这是 {proposal.author} 的变更，只有本人可以修改。",
            f"This is {proposal.author}'s proposal; only its author may change it.",
            403,
        )


def change(act: Act, proposal: Proposal, **values: Any) -> None:
    fresh = {"revision": proposal.revision + 1, "changed_at": act.now, **values}
    act.con.execute(update(proposals).where(proposals.c.id == proposal.id).values(**fresh))


def said(reason: str) -> str:
    """A reason that was given. Refused (422) when it is empty or too long."""
    text = reason.strip()
    if not text or len(text) > LONGEST_REASON or "\0" in text:
        raise Refused(f"请写明理由（1 至 {LONGEST_REASON} 字）。", f"Give a reason of 1 to {LONGEST_REASON} characters.", 422)
    return text


def packed(content: Mapping[str, bytes]) -> bytes:
    """Files as tar.xz: the same files are the same bytes."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:xz", preset=3, format=tarfile.PAX_FORMAT) as archive:
        for name, data in sorted(content.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def unpacked(data: bytes) -> dict[str, bytes]:
    """What `packed` packed."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:xz") as archive:
        return {entry.name: file.read() for entry in archive if (file := archive.extractfile(entry))}
