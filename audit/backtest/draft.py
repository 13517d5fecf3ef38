"""The draft, linted exactly like a rule of the rulebook, and the active version of the same rule that it is held against."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from audit import settle
from audit.errors import Fault, RuleError
from audit.examples.answers import measured
from audit.examples.world import build
from audit.knowledge import Knowledge
from audit.knowledge import load as load_knowledge
from audit.rulebook import Rule, Rulebook, is_locked, lint, load, read_rule

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class Pair:
    """The draft, and the active version it would replace; None where there is none, `alone` says why."""

    draft: Rule
    active: Rule | None
    alone: str
    book: Rulebook
    knowledge: Knowledge

    @property
    def rules(self) -> dict[str, Rule]:
        """The rules as they judge, by side; their ids are the sides. A draft that begins later than the active rule is judged as if it
        had begun with it, a new rule as if it had always been there: else history could say nothing of it."""
        begins = self.active.effective_from if self.active else date.min
        after = replace(self.draft, id=AFTER, effective_from=min(begins, self.draft.effective_from))
        return ({BEFORE: replace(self.active, id=BEFORE)} if self.active else {}) | {AFTER: after}


def read(rule_file: Path, rules: Path) -> Pair:
    """Read and lint the draft. RuleError with every fault of the draft, or of the rulebook it belongs to."""
    if rule_file.is_dir():
        en = f"{rule_file} is a folder; name one rule file, such as {rule_file}/POL-027-draft.yaml."
        raise RuleError(Fault(f"{rule_file} 是目录；请指明一个规则文件，如 {rule_file}/POL-027-draft.yaml。", en))
    if not rule_file.is_file():
        en = f"there is no such rule file. Copy a rule from {rules}/, change the copy and name it here."
        raise RuleError(Fault(f"没有这个规则文件。请从 {rules}/ 复制一条规则，修改后在此指明。", en, rule_file))
    book, knowledge = load(rules), load_knowledge(rules)
    room = rule_file.resolve().parent
    draft, faults = read_rule(rule_file, str(rule_file), room.name)
    faults = faults + settle.faults(book.policy)
    if draft is None or faults:
        raise RuleError(*faults)
    active, alone = _active(draft, rule_file, book)
    faults = lint(Rulebook((draft,), book.policy, "", room.parent), *measured(build(()), knowledge).vocabulary)
    if draft.status == "retired":
        en = "a retired rule judges nothing; give the draft status draft."
        faults.append(Fault("停用的规则什么也不判；请把草稿的 status 写成 draft。", en, rule_file, draft.lines["status"]))
    if faults:
        raise RuleError(*faults)
    return Pair(draft, active, alone, book, knowledge)


def _active(draft: Rule, rule_file: Path, book: Rulebook) -> tuple[Rule | None, str]:
    """The active rule of the draft's id, which rules.lock must know as it stands, or why there is none."""
    same = next((rule for rule in book.rules if rule.id == draft.id), None)
    if same is None:
        return None, "new"
    here = rule_file, draft.lines["id"]
    if same.status == "retired":
        en = f"{draft.id} is retired ({same.file}), and ids are never reused; give the draft another id."
        raise RuleError(Fault(f"{draft.id} 已停用（{same.file}），编号不得重复使用；请给草稿另一个编号。", en, *here))
    if same.status != "active":
        return None, same.status
    if (book.folder / same.folder / Path(same.file).name).resolve() == rule_file.resolve():
        en = f"this is the active {draft.id} itself; copy it, change the copy, and name the copy."
        raise RuleError(Fault(f"这就是启用中的 {draft.id}；请复制一份，修改后指明副本。", en, *here))
    if not is_locked(book, same):
        zh = (
            f"rules.lock 中没有 {same.id} 版本 {same.version} 的现有内容，无法确定草稿要替换什么；"
            "请撤销改动，或升高版本并运行 `audit check-rules --lock`。"
        )
        en = (
            f"rules.lock does not know {same.id} version {same.version} as it stands, so nobody can "
            "tell what the draft would replace; undo the change, or raise the version and run `audit check-rules --lock`."
        )
        raise RuleError(Fault(zh, en, same.file, same.lines["version"]))
    return same, ""
