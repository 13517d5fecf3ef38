"""The tables of a night: what they are called, and their columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from audit import words
from audit.cases.boards.nights import SUMS, Night, Row
from audit.console.here import Here
from audit.console.sheets import Column, Sheet
from audit.judge.causes import called, told
from audit.report.page import ACTION_NAMES, STAGE_NAMES

NIGHTS = (
    Column("batch_date", "日期", "Night", "day"),
    Column("run_id", "运行编号", "Run", "code"),
    Column("finished", "完成时间", "Finished", "moment"),
    Column("seconds", "秒", "Seconds", "number"),
    Column("failed", "检查不符", "Checks failed"),
    Column("rejected", "隔离行", "Rejected rows"),
    Column("claims", "结算", "Claims"),
    Column("flagged", "标记", "Flagged"),
    Column("medfee_sumamt", "费用总额", "Billed", "fen"),
    Column("fund_pay_sumamt", "基金支付", "Paid by the fund", "fen"),
    Column("counted_amt", "计入金额", "Counted", "fen"),
)
_KINDS = {"fingerprint": ("指纹", "fingerprint"), "model": ("模型文件", "model file"), "package": ("软件包", "package")}
SHEETS: dict[str, tuple[str, str, tuple[Column, ...], str, str]] = {
    "stages": (
        "各环节", "Stages",
        (
            Column("said", "环节", "Stage", "text"), Column("buckets", "分桶", "Buckets"), Column("seconds", "秒", "Seconds", "number"),
            Column("rows", "行数", "Rows", "text"),
        ),
        "分桶的环节，秒数为各桶之和。", "Of stages that run by bucket, the seconds are summed.",
    ),
    "inputs": (
        "输入", "Inputs",
        (
            Column("of", "表", "Table", "code"), Column("file", "文件", "File", "code"), Column("rows", "行数", "Rows"),
            Column("sha256", "SHA-256", "SHA-256", "code"),
        ),
        "", "",
    ),
    "counts": ("接收时的计数", "Counted at intake", (Column("of", "项目", "What", "code"), Column("rows", "行数", "Rows")), "", ""),
    "checks": (
        "数据质量检查", "Data-quality checks",
        (
            Column("success", "结果", "Result", "held"), Column("said", "检查", "Check", "text"), Column("table", "表", "Table", "code"),
            Column("acted", "处理", "Action", "text"), Column("unexpected", "不符", "Unexpected"), Column("rows", "行数", "Rows"),
            Column("share", "占比", "Share", "share"), Column("untrusted", "因此不可信的列", "Made untrusted", "code"),
            Column("examples", "例", "Examples", "code"),
        ),
        "不符的在前。读取不可信列的规则当夜一律“无法判定”。",
        "Failed ones first. Rules that read an untrusted column could not tell that night.",
    ),
    "rejected": (
        "隔离的行", "Rejected rows",
        (
            Column("table", "表", "Table", "code"), Column("said", "原因", "Reason", "text"), Column("reason", "代码", "Code", "code"),
            Column("rows", "行数", "Rows"),
        ),
        "", "",
    ),
    "rejected_rows": (
        "隔离的行（逐行）", "Rejected rows, one by one",
        (
            Column("table", "表", "Table", "code"), Column("key", "主键", "Key", "code"), Column("said", "原因", "Reason", "text"),
            Column("reason", "代码", "Code", "code"), Column("detail", "说明", "Detail", "text"),
        ),
        "", "",
    ),
    "cannot_tell": (
        "无法判定", "Cannot tell",
        (
            Column("rule_id", "规则", "Rule", "code"), Column("rule_version", "版本", "Version"), Column("said", "单位", "Of", "text"),
            Column("missing", "缺少", "For want of", "code"), Column("wanted", "含义", "Which is", "text"), Column("rows", "行数", "Rows"),
            Column("why", "原因", "Why, as the engine says it", "text"),
        ),
        "", "",
    ),
    "jumped": (
        "命中突增或骤减的规则", "Rules that jumped or vanished",
        (
            Column("of", "规则", "Rule", "code"), Column("rule_version", "版本", "Version"), Column("said", "变化", "Change", "text"),
            Column("claims_hit", "命中结算", "Claims hit"), Column("expected", "预期", "Expected", "number"),
            Column("nights", "比较的夜数", "Nights compared"), Column("cannot_tell", "无法判定", "Cannot tell"),
        ),
        "与同一版本此前各夜相比，超出偶然（rules/policy.yaml的watch）。",
        "Against the same version in the nights before, beyond chance (watch in rules/policy.yaml).",
    ),
    "hits": (
        "各规则与前一夜相比", "Rules beside the night before",
        (
            Column("of", "规则", "Rule", "code"), Column("claims", "命中结算", "Claims hit"),
            Column("claims_before", "前一夜命中", "Hit the night before"),
            Column("more", "增减", "Change in claims", "more"), Column("counted_amt", "计入金额", "Counted", "fen"),
            Column("before_amt", "前一夜金额", "Counted the night before", "fen"),
            Column("more_amt", "增减金额", "Change in money", "more_fen"),
        ),
        "", "",
    ),
    "provenance": (
        "指纹、模型与软件包", "Fingerprints, models, packages",
        (Column("said", "种类", "Kind", "text"), Column("of", "名称", "Name", "code"), Column("value", "值", "Value", "code")), "", "",
    ),
}  # fmt: skip
_COUNTED = {
    "claims": "结算", "lines": "明细", "rejected": "隔离", "checks": "检查", "failed": "不符", "columns untrusted": "不可信列",
    "institutions": "机构", "doctors": "医师", "op_prices": "手术价格", "stock_books": "进销存账", "line_marks": "明细标记",
    "gatherings": "聚集", "items": "项目", "limited": "限定明细", "findings": "问题", "waived": "豁免",
    "cannot tell": "无法判定", "flagged": "标记", "fen counted": "计入（分）",
    "sentences": "说明",
}  # fmt: skip
_GRAINS = {
    "line": ("明细", "lines"), "claim": ("结算", "claims"), "stay": ("住院", "stays"), "person": ("参保人", "persons"),
    "institution": ("机构", "institutions"),
}  # fmt: skip


def of_every(every: Sequence[Night], sums: Sequence[Row | None]) -> Sheet:
    """The list of nights; `sums` of each, None where it kept none."""
    nothing: Row = dict.fromkeys(SUMS)
    rows = [
        {
            "batch_date": night.day,
            "run_id": night.run_id,
            "finished": night.finished,
            "seconds": night.seconds,
            "failed": len(night.failed),
            "rejected": night.manifest.get("counts", {}).get("rejected"),
            **(of_night or nothing),
        }
        for night, of_night in zip(every, sums, strict=True)
    ]
    return Sheet("nights", "夜间运行", "Nights", NIGHTS, rows)


def of(name: str, rows: list[dict[str, Any]], here: Here) -> Sheet:
    """The rows with `said`: what a code means, in the person's language."""
    zh, en, columns, note_zh, note_en = SHEETS[name]
    return Sheet(name, zh, en, columns, [row | _said(name, row, here) for row in rows], note_zh, note_en)


def _said(name: str, row: dict[str, Any], here: Here) -> dict[str, Any]:
    if name == "stages":
        counts = " · ".join(f"{here.say(_COUNTED.get(what, what), what)} {rows:,}" for what, rows in row["counts"].items())
        return {"said": here.say(f"{STAGE_NAMES.get(row['of'], row['of'])} {row['of']}", row["of"]), "rows": counts}
    if name == "checks":
        action = here.say(*ACTION_NAMES.get(row["action"], (row["action"],) * 2))
        return {"said": here.say(row["zh"], row["en"]), "acted": action}
    if name in ("rejected", "rejected_rows"):
        return {"said": here.say(*words.REFUSALS.get(row["reason"], (row["reason"],) * 2))}
    if name == "cannot_tell":
        missing, why = row["missing"], told(row["missing"], row["why"])
        said = here.say(*_GRAINS.get(row["grain"], (row["grain"],) * 2))
        return {"said": said, "wanted": called(missing, here.lang), "why": here.say(why.zh, why)}
    if name == "jumped":
        return {"said": here.say("突增", "more") if row["kind"] == "more" else here.say("骤减", "fewer")}
    return {"said": here.say(*_KINDS[row["kind"]])} if name == "provenance" else {}
