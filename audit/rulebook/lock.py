"""rules.lock: one sorted line per rule, so that a changed rule cannot keep its version and a known rule cannot vanish."""

from __future__ import annotations

from pathlib import Path

from audit.errors import Fault, RuleError, Said
from audit.rulebook.rules import Rule, Rulebook

HOW = Said("`audit check-rules --lock` 会写出它", "`audit check-rules --lock` writes it")


def check_lock(book: Rulebook) -> list[Fault]:
    """Faults where rules/ and rules.lock disagree; an empty list when the lock is current."""
    path = book.folder / "rules.lock"
    if not path.exists():
        return [Fault(f"缺少 {book.folder.name}/rules.lock；{HOW.zh}。", f"{book.folder.name}/rules.lock is missing; {HOW}.")]
    return _conflicts(book, _read(path)) or [
        Fault(
            f"{book.folder.name}/rules.lock 中的 {rule.id}（版本 {rule.version}）不是最新；{HOW.zh}。",
            f"{book.folder.name}/rules.lock is not current for {rule.id} (version {rule.version}); {HOW}.",
        )
        for rule in book.rules
        if _read(path).get(rule.id) != (rule.version, rule.fingerprint)
    ]


def is_locked(book: Rulebook, rule: Rule) -> bool:
    """Whether rules.lock records this version of the rule as it stands."""
    return locked(book.folder).get(rule.id) == (rule.version, rule.fingerprint)


def write_lock(book: Rulebook) -> Path:
    """Write rules.lock. Raises RuleError when a rule changed without a new version, or a locked rule is gone."""
    path = book.folder / "rules.lock"
    faults = _conflicts(book, _read(path)) if path.exists() else []
    if faults:
        raise RuleError(*faults)
    path.write_text("".join(f"{rule.id} {rule.version} {rule.fingerprint}\n" for rule in book.rules), encoding="utf-8")
    return path


def locked(rules: Path) -> dict[str, tuple[int, str]]:
    """Version and fingerprint of every locked rule; empty where there is no lock."""
    return _read(rules / "rules.lock") if (rules / "rules.lock").exists() else {}


def _read(path: Path) -> dict[str, tuple[int, str]]:
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {rule_id: (int(version), fingerprint) for rule_id, version, fingerprint in rows}


def _conflicts(book: Rulebook, locked: dict[str, tuple[int, str]]) -> list[Fault]:
    present: dict[str, Rule] = {rule.id: rule for rule in book.rules}
    faults = []
    for rule_id, (version, fingerprint) in locked.items():
        rule = present.get(rule_id)
        if rule is None:
            lock = f"{book.folder.name}/rules.lock"
            zh = f"{lock} 中有 {rule_id}，但它的文件不见了；停用的规则应移到 retired/，status 为 retired 并写明 reason。"
            en = f"{lock} knows {rule_id}, but its file is gone; a withdrawn rule moves to retired/ with status retired and a reason."
            faults.append(Fault(zh, en))
        elif rule.version < version or (rule.version == version and rule.fingerprint != fingerprint):
            zh = f"{rule_id} 已改动但版本仍为 {rule.version}；请升为 {version + 1} 并运行 `audit check-rules --lock`，或撤销改动。"
            en = (
                f"{rule_id} was changed but its version is still {rule.version}; "
                f"raise it to {version + 1} and run `audit check-rules --lock`, or undo the change."
            )
            faults.append(Fault(zh, en, rule.file, rule.lines["version"]))
    return faults
