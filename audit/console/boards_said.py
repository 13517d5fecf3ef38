"""The tables of the dashboards: what they are called, their columns, and what one must know to read them."""

from __future__ import annotations

from typing import Any

from audit.cases.boards.shares import FEW
from audit.console.sheets import Column, Sheet
from audit.words import RULE_CLASSES

CLASSES = RULE_CLASSES | {"by_hand": ("人工录入", "Entered by hand"), "other": ("其他", "Other")}
MONEY = (
    Column("found", "发现", "Found", "fen"),
    Column("proposed", "拟追回", "Proposed", "fen"),
    Column("appealed", "申诉", "Appealed", "fen"),
    Column("released", "核减", "Released", "fen"),
    Column("confirmed", "认定", "Confirmed", "fen"),
    Column("recovered", "追回", "Recovered", "fen"),
)
_CASES = (Column("cases", "案件", "Cases"), Column("closed", "已结案", "Closed"))
_RULE_MONEY = (
    Column("findings", "问题", "Findings"),
    Column("found", "发现", "Found", "fen"),
    Column("open", "未结案", "Still open", "fen"),
    Column("judged", "已结案", "Judged", "fen"),
    Column("confirmed", "其中认定", "Confirmed of it", "fen"),
    Column("share", "认定比例", "Confirmed share", "share"),
)
_INTERVAL = (Column("low", "区间下限", "Low", "share"), Column("high", "区间上限", "High", "share"), Column("few", "数量少", "Few", "flag"))
_FEW_ZH = f"区间为95%（Wilson）；不足{FEW}件的标为“数量少”，其比例只作参考。"
_FEW_EN = f"Intervals are 95% (Wilson); below {FEW} the numbers are few and the share says little."

SHEETS: dict[str, tuple[str, str, tuple[Column, ...], str, str, str]] = {
    "areas": ("按统筹区", "By area", (Column("of", "统筹区", "Area", "code"), *_CASES, *MONEY), "found", "", ""),
    "institutions": (
        "按定点医药机构", "By institution",
        (Column("of", "机构编号", "Code", "code"), Column("name", "机构名称", "Institution", "text"), *_CASES, *MONEY), "found", "", "",
    ),
    "months": ("按月", "By month", (Column("of", "月份", "Month", "code"), *_CASES, *MONEY), "", "", ""),
    "classes": (
        "按规则类别", "By rule class", (Column("of", "类别", "Class", "text"), *_RULE_MONEY), "found",
        "按问题计。追回款按案件登记，不分到规则；撤回案件的金额只计入“发现”。",
        "By finding. Recovered money is booked by case, not by rule; money of withdrawn cases stands under found only.",
    ),
    "rules": (
        "按规则", "By rule",
        (Column("of", "规则", "Rule", "code"), Column("name", "名称", "Name", "text"), *_RULE_MONEY), "found", "", "",
    ),
    "versions": (
        "各规则版本的复核结果", "What people made of each rule version",
        (
            Column("of", "规则", "Rule", "code"), Column("name", "名称", "Name", "text"), Column("rule_version", "版本", "Version"),
            Column("judged", "已决问题", "Judged"), Column("confirmed", "认定", "Confirmed"), Column("reduced", "核减", "Reduced"),
            Column("overturned", "推翻", "Overturned"), Column("overturned_share", "推翻率", "Overturned", "share"), *_INTERVAL,
        ),
        "overturned_share",
        "只计已作出最终决定的案件。" + _FEW_ZH, "Only cases with a last word. " + _FEW_EN,
    ),
    "waiting": (
        "在办案件的等待与超期", "Open cases: waiting and late",
        (
            Column("of", "环节", "Step", "text"), Column("cases", "在办", "Open"), Column("days_7", "7天内", "To 7 days"),
            Column("days_30", "8–30天", "8–30 days"),
            Column("days_90", "31–90天", "31–90 days"), Column("older", "90天以上", "Over 90 days"),
            Column("oldest_days", "最久（天）", "Oldest (days)"), Column("suspended", "中止", "Suspended"),
            Column("late", "现已超期", "Late now"), Column("missed", "累计超期", "Deadlines missed"),
        ),
        "",
        "天数自建案起算；“累计超期”含已结案件，医院逾期未答复也计在内。",
        "Days since the case was opened; deadlines missed count closed cases too, and a hospital's silence.",
    ),
    "calibration": (
        "概率校准（已决案件）", "Calibration on decided cases",
        (
            Column("of", "模型概率", "Probability", "code"), Column("cases", "案件", "Cases"),
            Column("predicted", "平均概率", "Mean", "share"),
            Column("violations", "认定违规", "Violations"), Column("share", "认定比例", "Share confirmed", "share"), *_INTERVAL,
        ),
        "",
        "已决案件是挑选出来复核的，并非全部结算：规则命中的案件认定比例本来就高于模型概率。" + _FEW_ZH,
        "Decided cases were chosen for review, they are not all claims: where a rule hit, more is confirmed than "
        "the models say. " + _FEW_EN,
    ),
    "drift": (
        "各夜之间的漂移（全数据湖）", "Drift between nights (whole lake)",
        (
            Column("of", "夜", "Night", "day"), Column("claims", "结算", "Claims"), Column("flagged_share", "标记比例", "Flagged", "share"),
            Column("unscored", "无评分", "Without score", "share"), Column("psi", "稳定性指数", "PSI", "index"),
            Column("chance", "随机波动", "By chance", "index"), Column("missing", "缺失最多的列", "Missing most", "text"),
        ),
        "",
        "稳定性指数（PSI）比较相邻两夜的评分分布：0.1以上应查看，0.25以上应处理；不超过“随机波动”两倍的，结算数量太少，不足为据。",
        "The stability index compares the scores of neighbouring nights: above 0.1 look, above 0.25 act; below twice what chance "
        "makes of so few claims it says nothing.",
    ),
}  # fmt: skip


def of(name: str, rows: list[dict[str, Any]]) -> Sheet:
    zh, en, columns, bar, note_zh, note_en = SHEETS[name]
    return Sheet(name, zh, en, columns, rows, note_zh, note_en, bar)
