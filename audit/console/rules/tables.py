"""Tables of the rules' rooms to take away: a rule's nights, changes, what a change would have moved, and imports of knowledge."""

from __future__ import annotations

from typing import Any

from audit.cases.changes import Proposal
from audit.console.here import Here
from audit.console.rules import said
from audit.console.sheets import Column, Sheet

NIGHTS = (
    Column("batch_date", "夜", "Night", "code"),
    Column("rule_version", "版本", "Version"),
    Column("state", "状态", "Status", "text"),
    Column("hits", "命中", "Hits"),
    Column("claims_hit", "结算单", "Claims"),
    Column("cannot_tell", "无法判定", "Cannot tell"),
    Column("waived", "豁免", "Exempted"),
    Column("counted_amt", "计入", "Counted", "fen"),
    Column("marginal_amt", "独有", "By it alone", "fen"),
)
INSTITUTIONS = (
    Column("fixmedins_code", "机构编号", "Code", "code"),
    Column("name", "机构名称", "Institution", "text"),
    Column("new", "新增", "New"),
    Column("gone", "消失", "Gone"),
    Column("amt_before", "现行金额", "Amount before", "fen"),
    Column("amt_after", "变更后金额", "Amount after", "fen"),
)
POINTS = (
    Column("rule_no", "国家规则序号", "National rule"),
    Column("kind", "变化", "Change", "code"),
    Column("point_id", "知识点", "Point", "code"),
    Column("name", "名称", "Name", "text"),
    Column("clause", "条款", "Clause", "text"),
    Column("batch", "批次", "Batch", "code"),
    Column("valid_from", "生效", "From", "code"),
    Column("valid_to", "失效", "Until", "code"),
    Column("source", "来源", "Source", "text"),
    Column("differences", "差异", "Differences", "text"),
)
CHANGES = (
    Column("id", "编号", "Number"),
    Column("title", "变更", "Change", "text"),
    Column("kind", "种类", "Kind", "text"),
    Column("rule_id", "规则", "Rule", "code"),
    Column("status", "状态", "Status", "text"),
    Column("author", "提出人", "Author", "text"),
    Column("approver", "审批人", "Approver", "text"),
    Column("reason", "理由", "Reason", "text"),
    Column("verdict", "审批意见", "Verdict", "text"),
    Column("created_at", "提出时间", "Made", "moment"),
    Column("changed_at", "最近改动", "Changed", "moment"),
    Column("decided_at", "审批时间", "Decided", "moment"),
)
IMPORTS = (
    Column("number", "次", "Number"),
    Column("imported", "日期", "Day", "code"),
    Column("batches", "批次", "Batches", "text"),
    Column("points", "知识点", "Points", "text"),
    Column("file", "文件", "File", "text"),
    Column("sha256", "SHA-256", "SHA-256", "code"),
)
REACHED = (
    Column("nights", "夜数", "Nights"),
    Column("findings", "以往发现", "Past findings"),
    Column("claims", "结算单", "Claims"),
    Column("institutions", "机构", "Institutions"),
    Column("counted_amt", "计入", "Counted", "fen"),
)
RULES = (Column("id", "规则", "Rule", "code"), Column("now", "现版本", "Version now"), Column("then", "回退到", "Version then"))


def proposals(here: Here, listed: list[Proposal]) -> Sheet:
    """Changes of the rules, the newest first."""
    rows = [vars(one) | {"kind": here.say(*said.KINDS[one.kind]), "status": here.say(*said.PROPOSALS[one.status])} for one in listed]
    return Sheet("changes", "规则变更", "Changes", CHANGES, rows)


def imports(past: list[dict[str, Any]]) -> Sheet:
    """Imports of knowledge, the newest first; one row for each file."""
    rows = [
        {
            "number": one["number"],
            "imported": str(one["imported"]),
            "batches": "; ".join(f"{issue['batch'] or '—'} ({issue['published']})" for issue in one["issues"]),
            "points": "; ".join(f"{rule}: {kind} {count}" for rule, kinds in one["points"].items() for kind, count in kinds.items()),
            "file": file["name"],
            "sha256": file["sha256"],
        }
        for one in past
        for file in one["files"]
    ]
    return Sheet("imports", "历次导入", "Imports", IMPORTS, rows)


def nights(here: Here, rule_id: str, card: dict[str, Any]) -> Sheet:
    """A rule's cards, the newest first."""
    rows = [night | {"state": here.say(*said.STATUSES[night["status"]])} for night in reversed(card["nights"])]
    return Sheet(f"{rule_id}-nights", "历夜表现", "Over the nights", NIGHTS, rows)


def impact(proposal: Proposal, found: dict[str, Any]) -> Sheet:
    """What the change moves most: institutions of a rule, points of an import, rules of a rollback; an exemption has sums only."""
    name = f"proposal-{proposal.id}"
    if proposal.kind == "knowledge":
        rows = [point | {"differences": "; ".join(f"{of}: {was} → {now}" for of, (was, now) in point["differences"].items())}
                for point in found["points"]]  # fmt: skip
        return Sheet(f"{name}-points", "知识点", "Points", POINTS, rows)
    if proposal.kind == "rollback":
        return Sheet(f"{name}-rules", "规则", "Rules", RULES, found["rules"])
    if proposal.kind == "rule":
        moved = found["institutions"]["most_changed"]
        return Sheet(f"{name}-institutions", "变化最大的机构", "Institutions that change most", INSTITUTIONS, moved)
    return Sheet(f"{name}-sums", "豁免影响", "What the exemption reaches", REACHED, [found])
