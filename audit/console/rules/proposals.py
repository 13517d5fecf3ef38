"""Changes on their way: the list, one with its difference, checks and impact, and the two people's words."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from audit.cases import changes
from audit.cases.refused import Refused
from audit.cases.store import CHINA
from audit.console.door import may
from audit.console.export import MOST, Format
from audit.console.here import Here
from audit.console.rules import said, shelf, tables, working
from audit.console.rules.book import Number, Reader
from audit.errors import AuditError

pages = APIRouter()
Writer = Annotated[Here, may("rule.write")]
Approver = Annotated[Here, may("rule.approve")]
Both = Annotated[Here, may("rule.write", "rule.approve")]
Revision = Annotated[int, Form(ge=0, le=2**31)]
Reason = Annotated[str, Form(max_length=2000, pattern=r"^[^\x00]*$")]
SHOWN = 200  # changes of one page, the newest
_LONGEST_DIFF = 1500


def fresh(here: Here, con: Connection, number: int, revision: int) -> changes.Proposal:
    """The proposal as the person saw it. Refused (409) with who changed what when, before anything slow is done."""
    now = changes.one(con, number)
    if now.revision != revision:
        at = f"{now.changed_at.astimezone(CHINA):%m-%d %H:%M}"
        who = (now.approver if now.decided_at else None) or now.author
        zh, en = said.PROPOSALS[now.status]
        raise Refused(
            f"{who} 已于 {at} 改动此变更，现在是“{zh}”。您看到的是旧内容，请刷新后再试。",
            f"{who} changed this proposal at {at}; it is now “{en}”. You saw an older one: reload, then go on.",
        )
    return now


@pages.get("/rules/proposals")
def listed(
    here: Reader,
    status: Literal["", "draft", "submitted", "published", "rejected", "withdrawn"] = "",
    kind: Literal["", "rule", "exemption", "knowledge", "rollback"] = "",
    format: Format = None,
) -> Response:
    with here.read() as con:
        rows = changes.listed(con, status=status or None, kind=kind or None, limit=MOST if format else SHOWN)
    if format:
        return tables.proposals(here, rows).exported(here, format)
    return here.page("rules_proposals.html", rows=rows, chosen=status, kind=kind, said=said)


@pages.get("/rules/proposals/{number}")
def proposal(here: Reader, number: Number) -> Response:
    with here.read() as con:
        one = changes.one(con, number)
    told = changes.content(one) if one.kind != "rule" else {}
    lines, problem = _difference(here, one)
    mine = one.author_id == here.person.id
    return here.page("rules_proposal.html", p=one, told=told, lines=lines[:_LONGEST_DIFF], cut=len(lines) > _LONGEST_DIFF, problem=problem,
                     mine=mine, said=said, **_impact(here, one))  # fmt: skip


def _difference(here: Here, one: changes.Proposal) -> tuple[list[str], str]:
    """The lines of the difference to the folder as it is, and why there is none."""
    if one.status in ("published", "withdrawn"):
        return [], ""
    try:
        return changes.diff(here.place.rules, one).splitlines(), ""
    except AuditError as why:
        return [], why.said[here.lang]


def _impact(here: Here, one: changes.Proposal) -> dict[str, Any]:
    began = working.since(one, here.place.desk.clock())
    seconds = int((here.place.desk.clock() - began).total_seconds()) if began else None
    return {"running": seconds, "failed": (one.impact or {}).get("failed"), "found": working.figures(one)}


@pages.get("/rules/proposals/{number}/checks")
def checks(here: Reader, number: Number) -> Response:
    with here.read() as con:
        one = changes.one(con, number)
    told = changes.check(here.place.rules, one.content) if one.kind == "rule" else None
    was = shelf.shelf(here.place.rules).says.get(one.rule_id or "")
    return here.page("rules_checked.html", checked=told, was=was, fields={}, said=said) if told else Response("")


@pages.get("/rules/proposals/{number}/impact")
def impact(here: Reader, number: Number, format: Format = None) -> Response:
    with here.read() as con:
        one = changes.one(con, number)
    if format:
        found = working.figures(one)
        if found is None:
            raise Refused("影响尚未算出。", "The impact is not worked out yet.", 404)
        return tables.impact(one, found).exported(here, format)
    return here.page("rules_impact.html", p=one, said=said, **_impact(here, one))


@pages.post("/rules/proposals/{number}/impact")
def ask_impact(here: Both, number: Number, revision: Revision) -> Response:
    with here.read() as con:
        fresh(here, con, number, revision)
    working.begin(here.place, here.person, number, revision)
    return impact(here, number) if here.part else _back(number)


@pages.post("/rules/proposals/{number}/submit")
def submit(here: Writer, number: Number, revision: Revision, reason: Reason = "") -> Response:
    submitted(here, number, revision, reason)
    return _back(number)


def submitted(here: Here, number: int, revision: int, reason: str) -> None:
    with here.read() as con:
        one = fresh(here, con, number, revision)
    if one.author_id != here.person.id:
        raise Refused(f"这是 {one.author} 的变更，须由本人提交。", f"This is {one.author}'s proposal; only its author may submit it.", 403)
    ready = changes.prepare(here.place.rules, one)
    with here.act() as act:
        changes.submit(act, ready, reason)


@pages.post("/rules/proposals/{number}/approve")
def approve(here: Approver, number: Number, revision: Revision, reason: Reason = "") -> Response:
    approved(here, number, revision, reason)
    return _back(number)


def approved(here: Here, number: int, revision: int, reason: str) -> int:
    """Publish it. The author is refused before anything is worked out."""
    with here.read() as con:
        one = fresh(here, con, number, revision)
    if one.author_id == here.person.id:
        raise Refused("不能批准自己提出的变更，须由另一人审批。", "You wrote this; somebody else must approve it.", 403)
    ready = changes.prepare(here.place.rules, one)
    with here.act() as act:
        return changes.approve(act, here.place.rules, replace(ready, proposal=one), reason)


@pages.post("/rules/proposals/{number}/reject")
def reject(here: Approver, number: Number, revision: Revision, reason: Reason = "") -> Response:
    with here.read() as con:
        fresh(here, con, number, revision)
    with here.act() as act:
        changes.reject(act, number, revision, reason)
    return _back(number)


@pages.post("/rules/proposals/{number}/withdraw")
def withdraw(here: Writer, number: Number, revision: Revision) -> Response:
    with here.read() as con:
        fresh(here, con, number, revision)
    with here.act() as act:
        changes.withdraw(act, number, revision)
    return _back(number)


@pages.post("/rules/proposals/{number}/rebase")
def rebase(here: Writer, number: Number, revision: Revision) -> Response:
    with here.read() as con:
        fresh(here, con, number, revision)
    with here.act() as act:
        changes.rebase(act, here.place.rules, number, revision)
    return _back(number)


@pages.post("/rules/publications/{number}/rollback")
def rollback(here: Writer, number: Number, reason: Reason = "") -> Response:
    with here.act() as act:
        made = changes.rollback(act, here.place.rules, number, reason)
    return _back(made)


def _back(number: int) -> Response:
    return RedirectResponse(f"/rules/proposals/{number}", 303)
