"""Rules that a desk governs: a night judges by what two people published, and by nothing else.

Where a rules folder holds `approvals.jsonl`, its last line names the fingerprints of rulebook and knowledge that were approved; a folder
that has others was changed past the desk, and `audit run` refuses it. Without the file nothing is asked (a bureau that works in git).

One line per publication, oldest first: number, at, kind, proposal, title, author, approver, reason, rules (id -> version of those that
changed), rulebook, knowledge, previous (SHA-256 of the line before, so that no line can be taken out or altered unnoticed).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from audit.errors import Fault, RuleError
from audit.rulebook.lock import locked
from audit.rulebook.rules import Rulebook

FILE = "approvals.jsonl"
START = "0" * 64
KEYS = ("number", "at", "kind", "proposal", "title", "author", "approver", "reason", "rules", "rulebook", "knowledge", "previous")
Approval = dict[str, Any]
_NAMED = 10  # rules named in a sentence


def governed(rules: Path) -> bool:
    return (rules / FILE).exists()


def demand_free(rules: Path) -> None:
    """RuleError where a desk governs the folder: what a command writes there would be refused by the next night."""
    if governed(rules):
        en = f"a desk governs this folder ({FILE}); propose the change there and let somebody else approve it."
        raise RuleError(Fault(f"该目录由工作台管理（{FILE}）；请在工作台提出变更，由另一人批准。", en, rules))


def approvals(rules: Path) -> list[Approval]:
    """Every publication, oldest first; none where no desk governs the folder. RuleError where the chain is broken."""
    path = rules / FILE
    if not path.exists():
        return []
    found: list[Approval] = []
    previous = START
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            told = json.loads(line)
            whole = isinstance(told, dict) and sorted(told) == sorted(KEYS)
        except ValueError:
            whole = False
        if not whole:
            raise _broken(path, number, "不是工作台写入的行", "it is no line that the desk wrote")
        if told["number"] != number or told["previous"] != previous:
            en = "it does not follow the line before it: one of them was changed, put in or taken out"
            raise _broken(path, number, "与前一行不相接：其中一行被改动、插入或删去", en)
        found.append(told)
        previous = _hash(line)
    if not found:
        raise _broken(path, 1, "文件为空", "the file is empty")
    return found


def _broken(path: Path, number: int, zh: str, en: str) -> RuleError:
    zh = (
        f"第 {number} 行：{zh}。无法确定批准过哪些规则，因此不能用于审核。"
        "请把文件恢复成工作台写入时的样子（备份或 `git checkout`），或由工作台重新接管该目录。"
    )
    en = (
        f"line {number}: {en}. Nobody can tell which rules were approved, so they may "
        "judge nothing. Put the file back as the desk wrote it (a backup, or `git checkout`), or let a desk take the folder over anew."
    )
    return RuleError(Fault(zh, en, f"{path.parent.name}/{FILE}"))


def next_line(rules: Path, told: Approval) -> bytes:
    """The file as it will be with one more line; `told` holds every key but number and previous."""
    text = (rules / FILE).read_text(encoding="utf-8") if governed(rules) else ""
    lines = text.splitlines()
    entry = {**told, "number": len(lines) + 1, "previous": _hash(lines[-1]) if lines else START}
    line = json.dumps({key: entry[key] for key in KEYS}, ensure_ascii=False)
    return f"{text}{line}\n".encode()


def demand(book: Rulebook, knowledge: str) -> None:
    """The gate: RuleError unless these are the rulebook and the knowledge (its fingerprint) that were approved last."""
    known = approvals(book.folder)
    if not known or (known[-1]["rulebook"], known[-1]["knowledge"]) == (book.fingerprint, knowledge):
        return
    last, named = known[-1], ", ".join(_altered(book)[:_NAMED])
    rules, tables = last["rulebook"] != book.fingerprint, ["tables/"] * (last["knowledge"] != knowledge)
    zh = "、".join([f"规则（{named}）" if named else "规则状态、policy.yaml 或 tables/waivers.csv"] * rules + tables)
    en = " and ".join([f"rules ({named})" if named else "a rule's status, policy.yaml or tables/waivers.csv"] * rules + tables)
    zh = (
        f"该目录与最后一次批准的内容（{last['at'][:10]} 第 {last['number']} 号发布）不符：{zh} 未经工作台改动，因此不能用于审核。"
        "请撤回改动，或在工作台提出并由另一人批准。"
    )
    en = (
        f"this folder is not what was approved last (publication {last['number']} of {last['at'][:10]}): "
        f"{en} changed past the desk, so it may judge nothing. Take the change back, or propose it at the desk and let somebody else "
        "approve it."
    )
    raise RuleError(Fault(zh, en, f"{book.folder.name}/{FILE}"))


def _altered(book: Rulebook) -> list[str]:
    """Rules that are not as rules.lock knows them from the last publication."""
    lock, now = locked(book.folder), {rule.id: (rule.version, rule.fingerprint) for rule in book.rules}
    return sorted(rule_id for rule_id in lock.keys() | now.keys() if lock.get(rule_id) != now.get(rule_id))


def _hash(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()
