"""What a hospital can take away: its notices, and the bill of a case with what it was told of it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from audit import words
from audit.cases import answers
from audit.cases.procedure import OUTCOMES, STEPS, named
from audit.cases.refused import Unfit
from audit.console.case.seen import billed, case_row
from audit.console.case.tables import LINES, lines
from audit.console.case.told import told
from audit.console.export import MOST, Format
from audit.console.here import Here
from audit.console.hospital.asked import Hospital, Number, standing
from audit.console.sheets import Column, Sheet

pages = APIRouter()
COLUMNS = (
    Column("setl_id", "结算单", "Claim", "code"),
    Column("mdtrt_id", "就诊编号", "Encounter", "code"),
    Column("begn_date", "开始日期", "From", "day"),
    Column("end_date", "结束日期", "To", "day"),
    Column("med_type", "类别", "Kind", "text"),
    Column("medfee_sumamt", "费用总额", "Billed", "fen"),
    Column("decided_amt", "认定金额", "Decided", "fen"),
    Column("step", "环节", "Step", "text"),
    Column("outcome", "结果", "Outcome", "text"),
    Column("due_on", "答复期限", "Answer by", "day"),
)


def notices(here: Here, tab: str, text: str) -> Sheet:
    """Every case of a tab, as the page lists them. Refused (422) where there are more than one export may hold."""
    with here.read() as con:
        found = answers.listed(con, here.person, tab, text, size=MOST)
    if found.next:
        raise Unfit(f"一次最多导出{MOST:,}行，请缩小查找范围。", f"One export holds at most {MOST:,} rows; search for less.")
    rows = [
        {
            **row._asdict(),
            "med_type": words.value("med_type", row.med_type, here.lang) if row.med_type else None,
            "decided_amt": found.stands[row.id],
            "step": named(STEPS, row.step, here.lang),
            "outcome": named(OUTCOMES, row.outcome, here.lang),
        }
        for row in found.rows
    ]
    return Sheet("notices", "告知与申诉", "Notices and appeals", COLUMNS, rows)


@pages.get("/hospital/cases/{case_id}/lines")
def bill(here: Hospital, case_id: Number, format: Format = None) -> Response:
    """The bill with what the hospital was told of it, as a file (CSV unless asked otherwise)."""
    with here.read() as con:
        case_row(con, here.person, case_id)
        found, stands = billed(con, case_id), answers.as_told(con, [case_id]).get(case_id, {})
        groups = standing(told(con, case_id, found, here.place.rules), stands)
    return Sheet(f"case-{case_id}-lines", "收费明细", "Billed lines", LINES, lines(here, found, groups)).exported(here, format or "csv")
