"""A change on its way from its author to its approver."""

from __future__ import annotations

import difflib
import re
import tempfile
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from audit.cases.changes.apply import apply, base, id_in, path_of, place, refused
from audit.cases.changes.prepare import Ready
from audit.cases.changes.proposals import Proposal, add, by_its_author, change, held, said
from audit.cases.changes.publishing import publication
from audit.cases.refused import Refused
from audit.cases.store import CHINA, Act
from audit.errors import RuleError
from audit.examples.scaffold import new_rule
from audit.rulebook import folder

LONGEST_TEXT = 200_000
_NEW_ID = re.compile(r"[A-Z]{2,5}-[0-9]{3}")
_GENERATED = ("README.md", "rule.schema.json", "rules.lock")
_ROOM = ("policy", "management", "medical", "local", "retired")


def text_of(rules: Path, rule_id: str) -> str:
    """A rule's text as it stands in the folder. Refused (404)."""
    there = path_of(rules, rule_id)
    if there is None:
        raise Refused(f"规则库中没有 {rule_id}。", f"The rulebook has no rule {rule_id}.", 404)
    return there.read_text(encoding="utf-8")


def scaffold(rules: Path, rule_id: str, room: str | None = None, grain: str = "line", slug: str = "new-rule") -> str:
    """The text of a new rule, a draft that passes every check. Refused (422) when the id is taken or not of the usual shape."""
    with tempfile.TemporaryDirectory(prefix="audit-rule-") as copy:
        names = Path(copy)
        for name in _ROOM:  # only the names matter
            (names / name).mkdir()
            for path in (rules / name).glob("*.y*ml"):
                (names / name / path.name).touch()
        try:
            return new_rule(names, rule_id, room, grain, slug).read_text(encoding="utf-8")
        except RuleError as fault:
            raise refused(fault) from fault


def draft(act: Act, rules: Path, rule_id: str | None, text: str, title: str = "") -> int:
    """A new proposal to change a rule, or with rule_id None to add one. Returns its id."""
    own = _id(text)
    if rule_id is None and not _NEW_ID.fullmatch(own):
        raise Refused(f"{own} 不是规则编号，应如 LOC-099。", f"{own} is no id of a rule: write capital letters, hyphen, digits.", 422)
    if rule_id is None and path_of(rules, own):
        raise Refused(f"{own} 已存在，请打开该规则修改。", f"{own} is there already; open it and change it.", 422)
    if rule_id is not None and rule_id != own:
        raise Refused(f"规则编号不能改：{rule_id}。", f"A rule keeps its id: {rule_id}, not {own}.", 422)
    if rule_id is not None:
        text_of(rules, rule_id)
    return add(act, "rule", title or own, _fit(text), rule_id=own, based_on=base(rules, "rule", own))


def edit(act: Act, proposal_id: int, revision: int, text: str, title: str | None = None) -> None:
    """Another text, by its author; a submitted or rejected proposal is a draft again. What was found of its impact no longer holds."""
    proposal = held(act, proposal_id, revision, "draft", "rejected", "submitted")
    by_its_author(act, proposal)
    if proposal.kind != "rule":
        raise Refused(
            "只有规则变更可以编辑文本；请撤回后重新提出。", "Only a change of a rule has a text; withdraw this and propose anew.", 422
        )
    if _id(text) != proposal.rule_id:
        raise Refused(f"规则编号不能改：{proposal.rule_id}。", f"A rule keeps its id: {proposal.rule_id}.", 422)
    change(act, proposal, content=_fit(text), title=title or proposal.title, status="draft", impact=None)
    act.tell("rule.edit", subject=proposal.rule_id or "", proposal=proposal.id)


def rebase(act: Act, rules: Path, proposal_id: int, revision: int) -> None:
    """The author has seen what was published meanwhile (`diff` shows it) and means this text to replace it."""
    proposal = held(act, proposal_id, revision, "draft", "rejected", "submitted")
    by_its_author(act, proposal)
    now = base(rules, proposal.kind, proposal.rule_id)
    change(act, proposal, based_on=now, status="draft", impact=None)
    act.tell("rule.rebase", subject=proposal.rule_id or proposal.kind, proposal=proposal.id)


def submit(act: Act, ready: Ready, reason: str) -> None:
    """Hand the proposal to the approvers, by its author, as it was worked out."""
    proposal = held(act, ready.proposal.id, ready.proposal.revision, "draft", "rejected")
    by_its_author(act, proposal)
    change(act, proposal, status="submitted", reason=said(reason), approver_id=None, verdict="", decided_at=None)
    act.tell("rule.submit", subject=proposal.rule_id or proposal.kind, proposal=proposal.id, reason=reason)


def reject(act: Act, proposal_id: int, revision: int, reason: str) -> None:
    """Send it back to its author with a reason."""
    proposal = held(act, proposal_id, revision, "submitted")
    if act.person.id == proposal.author_id:
        raise Refused("不能审批自己提出的变更；可以撤回。", "You wrote this; withdraw it instead.", 403)
    change(act, proposal, status="rejected", approver_id=act.person.id, verdict=said(reason), decided_at=act.now)
    act.tell("rule.reject", subject=proposal.rule_id or proposal.kind, proposal=proposal.id, reason=reason)


def withdraw(act: Act, proposal_id: int, revision: int) -> None:
    """Its author gives it up."""
    proposal = held(act, proposal_id, revision, "draft", "rejected", "submitted")
    by_its_author(act, proposal)
    change(act, proposal, status="withdrawn", decided_at=act.now)
    act.tell("rule.withdraw", subject=proposal.rule_id or proposal.kind, proposal=proposal.id)


def diff(rules: Path, proposal: Proposal, today: date | None = None) -> str:
    """Unified, from the folder as it is to what the proposal makes of it (generated files apart); "" where nothing would change, or for
    knowledge, whose workbooks `planned` tells. A rollback shows every file. Refused where it does not fit the folder as it is."""
    if proposal.kind == "knowledge":
        return ""
    with folder.still(rules):
        before = folder.files(rules)
    with tempfile.TemporaryDirectory(prefix="audit-changes-") as room:
        copy = Path(room) / rules.name
        folder.write(copy, before)
        now, there = path_of(copy, proposal.rule_id or ""), place(copy, proposal.content)
        apply(copy, proposal, today or datetime.now(CHINA).date())
        after = folder.files(copy)
        if proposal.kind == "rule" and now is not None and now != there:  # a retired rule moves: one text, two places
            old, new = (path.relative_to(copy).as_posix() for path in (now, there))
            return _unified(before[old], after[new], old, new)
    names = [name for name in sorted(before.keys() | after.keys()) if name not in _GENERATED]
    return "\n".join(filter(None, (_unified(before.get(name), after.get(name), name, name) for name in names)))


def between(con: Connection, earlier: int, later: int) -> str:
    """Unified, from one publication to another (generated files apart). Refused (404)."""
    was, now = publication(con, earlier), publication(con, later)
    names = [name for name in sorted(was.keys() | now.keys()) if name not in _GENERATED]
    return "\n".join(filter(None, (_unified(was.get(name), now.get(name), name, name) for name in names)))


def _unified(was: bytes | None, now: bytes | None, old: str, new: str) -> str:
    if was == now:
        return ""
    sides = ("/dev/null" if was is None else f"a/{old}", "/dev/null" if now is None else f"b/{new}")
    return "\n".join(difflib.unified_diff((was or b"").decode().splitlines(), (now or b"").decode().splitlines(), *sides, lineterm=""))


def _id(text: str) -> str:
    own = id_in(text)
    if own is None:
        raise Refused("文本中没有规则编号（id: LOC-099）。", "The text names no id of a rule, such as id: LOC-099.", 422)
    return own


def _fit(text: str) -> str:
    """The text with plain line ends. Refused (422) when it is no text of a rule's size."""
    text = text.replace("\r\n", "\n")
    if len(text) > LONGEST_TEXT or "\0" in text:
        raise Refused(f"规则文本过长（最多 {LONGEST_TEXT} 字）。", f"The text is too long: at most {LONGEST_TEXT} characters.", 422)
    return text if text.endswith("\n") else text + "\n"
