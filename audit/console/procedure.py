"""What the procedure's steps, outcomes and happenings are called: (Chinese, English)."""

from __future__ import annotations

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
DONE: Names = {  # journal
    "case.open": ("建立案件", "opened the case"),
    "case.refresh": ("按重跑结果更新", "renewed after the night was run again"),
    "case.repeat": ("重跑结果不同,案件保持原样", "the night, run again, finds otherwise; the case stays as it is"),
    "case.unfound": ("重跑后不再命中,结案", "closed: the night, run again, no longer finds it"),
    "case.lock": ("取得案件", "took the case in hand"),
    "case.release": ("放回案件", "laid the case down"),
    "case.assign": ("分配", "assigned"),
    "case.decide": ("作出决定", "decided"),
    "case.finish": ("结束本环节", "ended the step"),
    "case.appeal": ("提出申诉", "appealed"),
    "case.accept": ("认可结果", "accepted the result"),
    "case.silent": ("逾期未答复,视为认可", "no answer in time: accepted by silence"),
    "case.late": ("超期上报", "passed on because it was late"),
    "case.vote": ("提交合议意见", "voted"),
    "case.withdraw": ("撤回", "withdrew"),
    "case.transfer": ("转交", "transferred"),
    "case.suspend": ("中止", "suspended"),
    "case.resume": ("恢复", "resumed"),
    "case.merge": ("合并", "merged"),
    "case.escalate": ("上报", "escalated"),
    "case.comment": ("备注", "commented"),
    "case.attach": ("添加附件", "attached a file"),
    "case.book": ("登记追回款", "booked recovered money"),
    "case.read": ("医院已阅", "the hospital read the notice"),
    "case.evidence": ("导出证据材料", "exported the evidence"),
    "case.file": ("下载附件", "downloaded a file"),
    "person.unmask": ("查看完整身份信息", "saw the person's full identity"),
}


def named(names: Names, key: str | None, language: str) -> str:
    """The name of `key`; what has none is shown as it is."""
    if key is None:
        return ""
    return names[key][language == "en"] if key in names else key
