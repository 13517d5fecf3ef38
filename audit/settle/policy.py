"""rules/policy.yaml: what is wrong with it, and where a type of rule stands in its order."""

from __future__ import annotations

from typing import Any

from audit.errors import Fault, RuleError

SEVERITIES = ("definite", "suspicious")
SHARES = (*SEVERITIES, "probability")
WATCH = ("nights", "least_nights", "least_claims", "times", "deviations")


def faults(policy: dict[str, Any]) -> list[Fault]:
    """What is wrong with rules/policy.yaml, one sentence each; none when it can be used."""
    order, shares, watch = policy.get("precedence"), policy.get("confirmed_per_mille"), policy.get("watch")
    known = {"precedence", "confirmed_per_mille", "review_from_per_mille", "review_minutes", "watch"}
    listed = ", ".join(sorted(known))
    found = [
        _fault(f"{name!r} 不是设置项；可用的有 {listed}。", f"{name!r} is not a setting; known are {listed}.")
        for name in sorted(set(policy) - known)
    ]
    if not isinstance(order, list) or not order or not all(isinstance(entry, str) and entry for entry in order):
        found.append(_fault("precedence 必须是类型编码开头的列表。", "precedence must be a list of beginnings of type codes."))
    elif len(set(order)) < len(order):
        twice = ", ".join(sorted({e for e in order if order.count(e) > 1}))
        found.append(_fault(f"precedence 中 {twice} 出现两次。", f"precedence names {twice} twice."))
    if not isinstance(shares, dict) or set(shares) != set(SHARES) or not all(map(_per_mille, shares.values())):
        named = ", ".join(SHARES)
        zh = f"confirmed_per_mille 须有 {named}，各为 0 到 1000 的整数。"
        found.append(_fault(zh, f"confirmed_per_mille needs {named}, each a whole number from 0 to 1000."))
    if not _per_mille(policy.get("review_from_per_mille")):
        en = "review_from_per_mille must be a whole number from 0 to 1000."
        found.append(_fault("review_from_per_mille 必须是 0 到 1000 的整数。", en))
    if not isinstance(watch, dict) or set(watch) != set(WATCH) or not all(type(v) is int and v > 0 for v in watch.values()):
        named = ", ".join(WATCH)
        found.append(_fault(f"watch 须有 {named}，各为大于等于 1 的整数。", f"watch needs {named}, each a whole number from 1 on."))
    minutes = policy.get("review_minutes")
    if not isinstance(minutes, dict) or set(minutes) != set(SEVERITIES) or not all(type(m) is int and m >= 0 for m in minutes.values()):
        named = ", ".join(SEVERITIES)
        zh = f"review_minutes 须有 {named}，各为每个问题所需的整数分钟。"
        found.append(_fault(zh, f"review_minutes needs {named}, each a whole number of minutes per finding."))
    return found


def _fault(zh: str, en: str) -> Fault:
    return Fault(zh, en, "policy.yaml")


def _per_mille(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 1000


def place(type_code: str, policy: dict[str, Any]) -> int:
    """Where a type code (national_code, else local_code) stands in the order, 0 first. RuleError when no entry fits."""
    fitting = [entry for entry in policy["precedence"] if type_code.startswith(entry)]
    if not fitting:
        en = f"precedence has no place for {type_code!r}; add it, or a beginning of it."
        raise RuleError(_fault(f"precedence 中没有 {type_code!r} 的位置；请加上它或它的开头。", en))
    return int(policy["precedence"].index(max(fitting, key=len)))
