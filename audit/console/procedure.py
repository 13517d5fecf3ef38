"""What the procedure's steps, outcomes and happenings are called: (Chinese, English)."""

from __future__ import annotations

from audit.cases.entries import ACTIONS

Names = dict[str, tuple[str, str]]

STEPS: Names = {
    "first_review": ("初审", "First review"),
    "appeal": ("申诉", "Appeal"),
    "re_review": ("复审", "Re-review"),
    "re_appeal": ("再申诉", "Second appeal"),
    "panel": ("合议", "Panel"),
    "final": ("终审", "Final review"),
    "closed": ("结案", "Closed"),
}
OUTCOMES: Names = {  # of a closed case
    "confirmed": ("认定违规", "confirmed"),
    "reduced": ("部分认定", "reduced"),
    "overturned": ("申诉成立,撤销", "overturned on appeal"),
    "dismissed": ("不予认定", "dismissed"),
    "withdrawn": ("已撤回", "withdrawn"),
    "merged": ("已并入其他案件", "merged into another case"),
}
DECISIONS: Names = {"confirmed": ("确认", "Confirm"), "reduced": ("核减", "Reduce"), "dismissed": ("不予认定", "Dismiss")}
DECIDED: Names = {"confirmed": ("已确认", "confirmed"), "reduced": ("已核减", "reduced"), "dismissed": ("不予认定", "dismissed")}
VOTES: Names = {"uphold": ("维持", "Uphold"), "reduce": ("核减", "Reduce"), "overturn": ("撤销", "Overturn")}
NOTICES: Names = {
    "first_review": ("初审告知", "Notice of the first review"),
    "re_review": ("复审告知", "Notice of the re-review"),
    "final": ("终审告知", "Notice of the final review"),
    "withdrawn": ("撤回告知", "Notice of withdrawal"),
}
SEVERITY: Names = {"definite": ("明确违规", "Definite"), "suspicious": ("可疑", "Suspicious"), "model": ("模型提示", "Model only")}
DONE: Names = ACTIONS  # journal


def named(names: Names, key: str | None, language: str) -> str:
    """The name of `key`; what has none is shown as it is."""
    if key is None:
        return ""
    return names[key][language == "en"] if key in names else key
