"""rules/policy.yaml: what is wrong with it, and where a type of rule stands in its order."""

from __future__ import annotations

from typing import Any

from audit.errors import RuleError

SEVERITIES = ("definite", "suspicious")
SHARES = (*SEVERITIES, "probability")
WATCH = ("nights", "least_nights", "least_claims", "times", "deviations")


def faults(policy: dict[str, Any]) -> list[str]:
    """What is wrong with rules/policy.yaml, one sentence each; none when it can be used."""
    order, shares, watch = policy.get("precedence"), policy.get("confirmed_per_mille"), policy.get("watch")
    known = {"precedence", "confirmed_per_mille", "review_from_per_mille", "review_minutes", "watch"}
    found = [f"policy.yaml: {name!r} is not a setting; known are {', '.join(sorted(known))}." for name in sorted(set(policy) - known)]
    if not isinstance(order, list) or not order or not all(isinstance(entry, str) and entry for entry in order):
        found.append("policy.yaml: precedence must be a list of beginnings of type codes.")
    elif len(set(order)) < len(order):
        found.append(f"policy.yaml: precedence names {', '.join(sorted({e for e in order if order.count(e) > 1}))} twice.")
    if not isinstance(shares, dict) or set(shares) != set(SHARES) or not all(map(_per_mille, shares.values())):
        found.append(f"policy.yaml: confirmed_per_mille needs {', '.join(SHARES)}, each a whole number from 0 to 1000.")
    if not _per_mille(policy.get("review_from_per_mille")):
        found.append("policy.yaml: review_from_per_mille must be a whole number from 0 to 1000.")
    if not isinstance(watch, dict) or set(watch) != set(WATCH) or not all(type(v) is int and v > 0 for v in watch.values()):
        found.append(f"policy.yaml: watch needs {', '.join(WATCH)}, each a whole number from 1 on.")
    minutes = policy.get("review_minutes")
    if not isinstance(minutes, dict) or set(minutes) != set(SEVERITIES) or not all(type(m) is int and m >= 0 for m in minutes.values()):
        found.append(f"policy.yaml: review_minutes needs {', '.join(SEVERITIES)}, each a whole number of minutes per finding.")
    return found


def _per_mille(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 1000


def place(type_code: str, policy: dict[str, Any]) -> int:
    """Where a type code (national_code, else local_code) stands in the order, 0 first. RuleError when no entry fits."""
    fitting = [entry for entry in policy["precedence"] if type_code.startswith(entry)]
    if not fitting:
        raise RuleError(f"policy.yaml: precedence has no place for {type_code!r}; add it, or a beginning of it.")
    return int(policy["precedence"].index(max(fitting, key=len)))
