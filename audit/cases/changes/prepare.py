"""A proposal worked out: the changed folder, checked whole, ready to be published as it stands."""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from audit.cases.changes.apply import apply, demand_base, refused
from audit.cases.changes.proposals import Proposal, packed
from audit.cases.refused import Refused
from audit.cases.store import CHINA
from audit.errors import DataError, RuleError
from audit.examples import check_rules
from audit.knowledge import load as load_knowledge
from audit.rulebook import approved, folder, load, locked


@dataclass(frozen=True)
class Ready:
    """A proposal of some revision, worked out.

    state: figure of the folder it was worked out on. put, gone: files that change, and that go. rulebook, knowledge: fingerprints of the
    changed folder. rules: id -> version of the rules whose findings change. said: what `check-rules` said. packed: the
    whole changed folder.
    """

    proposal: Proposal
    state: str
    put: Mapping[str, bytes] = field(repr=False)
    gone: tuple[str, ...]
    rulebook: str
    knowledge: str
    rules: Mapping[str, int]
    said: str
    packed: bytes = field(repr=False)


_latest: OrderedDict[tuple[Any, ...], Ready] = OrderedDict()  # so that an approver need not wait for what the author waited for
_MOST = 4


def prepare(rules: Path, proposal: Proposal, today: date | None = None) -> Ready:
    """Work the proposal out on a copy of the folder and run the whole `audit check-rules` on it: seconds; nothing is changed.

    Refused: 422 with every fault of the changed folder; 409 where no desk governs the folder, it was changed past the desk, the same
    thing was changed by somebody else since the proposal was begun, or the proposal changes nothing.
    """
    today = today or datetime.now(CHINA).date()
    with folder.still(rules):
        before = folder.files(rules)
    state = folder.state(before)
    key = (rules.name, state, proposal.id, proposal.content, proposal.based_on, proposal.attachment, today)
    ready = _latest.get(key)
    if ready is None:
        ready = _latest[key] = _worked_out(rules.name, before, proposal, today)
        while len(_latest) > _MOST:
            _latest.popitem(last=False)
    return replace(ready, proposal=proposal)


def _worked_out(name: str, before: dict[str, bytes], proposal: Proposal, today: date) -> Ready:
    with tempfile.TemporaryDirectory(prefix="audit-changes-") as room:
        copy = Path(room) / name
        folder.write(copy, before)
        _as_approved(copy)
        demand_base(copy, proposal)
        was = locked(copy)
        try:
            apply(copy, proposal, today)
            if folder.files(copy) == before:
                raise Refused("该变更与已发布内容完全相同。", "The proposal changes nothing: the folder says the same already.")
            said = check_rules(copy, lock=True)
            if proposal.kind == "rollback":  # byte for byte, also what an older engine had written there
                apply(copy, proposal, today)
            book, knowledge = load(copy), load_knowledge(copy).fingerprint
        except (RuleError, DataError) as fault:
            raise refused(fault) from fault
        after = folder.files(copy)
    put = {name: data for name, data in after.items() if before.get(name) != data}
    gone = tuple(name for name in before if name not in after)
    versions = {rule.id: rule.version for rule in book.rules if was.get(rule.id) != (rule.version, rule.fingerprint)}
    whole = packed({name: data for name, data in after.items() if name != approved.FILE})
    return Ready(proposal, folder.state(before), put, gone, book.fingerprint, knowledge, versions, said, whole)


def _as_approved(rules: Path) -> None:
    """Refused unless a desk governs the folder and it stands as approved: else a change would bless what nobody looked at."""
    if not approved.governed(rules):
        raise Refused(
            "规则目录尚未由工作台管理，请先接管。", "No desk governs this rules folder yet; let the desk take it over first (adopt)."
        )
    try:
        approved.demand(load(rules), load_knowledge(rules).fingerprint)
    except RuleError as fault:
        zh = f"规则目录未保持批准时的状态，不能发布：{fault.said['zh']}"
        raise Refused(zh, f"The rules folder is not as it was approved: {fault}") from fault
