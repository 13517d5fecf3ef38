"""The queue as a table to take away: every case that fits, not one page of them."""

from __future__ import annotations

from fastapi.responses import Response
from sqlalchemy import Connection

from audit.cases import procedure, queue
from audit.console.export import rows_of
from audit.console.here import Here
from audit.console.queue.asked import Asked
from audit.console.queue.said import Said
from audit.console.sheets import Column, Sheet

COLUMNS = (
    Column("id", "案件", "Case", "code"),
    Column("setl_id", "结算单", "Claim", "code"),
    Column("fixmedins_code", "机构编号", "Code", "code"),
    Column("fixmedins_name", "机构名称", "Institution", "text"),
    Column("area", "统筹区", "Area", "code"),
    Column("batch_date", "批次日期", "Night", "day"),
    Column("medfee_sumamt", "费用总额", "Billed", "fen"),
    Column("counted_amt", "违规金额", "Found", "fen"),
    Column("decided_amt", "认定金额", "Decided", "fen"),
    Column("fraud_probability", "模型概率", "Probability", "share"),
    Column("severity", "定性", "Severity", "text"),
    Column("lead_rule", "主要规则", "Main rule", "code"),
    Column("rule_class", "规则类别", "Rule class", "text"),
    Column("findings", "问题数", "Findings"),
    Column("said", "主要问题", "Main finding", "text"),
    Column("state", "环节", "Step", "text"),
    Column("ended", "结果", "Outcome", "text"),
    Column("assignee", "经办人", "With", "text"),
    Column("due_on", "期限", "Deadline", "day"),
    Column("escalated", "已上报", "Escalated", "flag"),
    Column("closed_at", "结案时间", "Closed", "moment"),
)


def exported(here: Here, asked: Asked, kind: str) -> Response:
    with here.read() as con:
        found = sheet(here, con, asked)
    return found.exported(here, kind)


def sheet(here: Here, con: Connection, asked: Asked) -> Sheet:
    """What `asked` fits, in its order, from the first case on. Refused (422) where there are more than one export may hold."""
    said = Said(here)
    rows = [
        {
            **row,
            "id": str(row["id"]),
            "severity": said.severity(row["sev_deg"]),
            "rule_class": said.rule_class(row["lead_rule"]),
            "said": here.say(row["said_zh"], row["said_en"]),
            "state": said.step(row["step"]),
            "ended": procedure.named(procedure.OUTCOMES, row["outcome"], here.lang),
        }
        for row in rows_of(con, queue.every(con, here.person, asked.filter(here))).iter_rows(named=True)
    ]
    return Sheet("queue", "审核队列", "Queue", COLUMNS, rows)
