"""The tables of a case to take away, as the page shows them: its bill, its findings, the person's other visits, and its journal."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from fastapi.responses import Response
from sqlalchemy import Connection, Row

from audit import words
from audit.cases.procedure import DECIDED, DONE, SEVERITY, named
from audit.console import timeline
from audit.console.case import past
from audit.console.case.looks import Number, Reader, visited
from audit.console.case.page import marked, tellers
from audit.console.case.seen import Bill, Plain, billed, case_row
from audit.console.case.told import Group, told
from audit.console.export import Format
from audit.console.here import Here
from audit.console.sheets import Column, Sheet, SheetOut

pages, api = APIRouter(), APIRouter(tags=["case"])
Table = Annotated[Literal["lines", "findings", "visits", "journal"], Path()]
LINES = (
    Column("setl_id", "结算单", "Claim", "code"),
    Column("bkkp_sn", "流水号", "Line", "code"),
    Column("fee_date", "日期", "Day", "day"),
    Column("med_list_codg", "医保目录编码", "National code", "code"),
    Column("hilist_name", "医保目录名称", "National name", "text"),
    Column("medins_list_name", "院内名称", "Hospital's name", "text"),
    Column("kind", "类别", "Class", "text"),
    Column("level", "等级", "List", "text"),
    Column("spec", "规格", "Specification", "text"),
    Column("cnt", "数量", "Quantity", "number"),
    Column("pric", "单价（元）", "Price (yuan)", "number"),
    Column("det_item_fee_sumamt", "金额", "Amount", "fen"),
    Column("inscp_amt", "政策范围内", "In scope", "fen"),
    Column("bilg_dept_name", "科室", "Department", "text"),
    Column("mark", "标记", "Mark", "text"),
    Column("rules", "规则", "Rules", "code"),
)
FINDINGS = (
    Column("jr_id", "编号", "Number", "code"),
    Column("bkkp_sn", "流水号", "Line", "code"),
    Column("item", "项目", "Item", "text"),
    Column("rule_id", "规则", "Rule", "code"),
    Column("rule_version", "规则版本", "Version of the rule"),
    Column("name", "规则名称", "Name of the rule", "text"),
    Column("severity", "定性", "Severity", "text"),
    Column("said", "说明", "Finding", "text"),
    Column("vola_amt", "违规金额", "Gross", "fen"),
    Column("vola_inscp_amt", "政策范围内", "In scope", "fen"),
    Column("vola_fund_amt", "基金支付约", "Fund, about", "fen"),
    Column("counted_amt", "计入", "Counted", "fen"),
    Column("decided", "决定", "Decision", "text"),
    Column("decided_amt", "认定金额", "Decided", "fen"),
    Column("vola_evid", "依据", "Basis", "text"),
)
VISITS = (
    Column("begn_date", "开始日期", "From", "day"),
    Column("end_date", "结束日期", "To", "day"),
    Column("setl_id", "结算单", "Claim", "code"),
    Column("fixmedins_code", "机构编号", "Code", "code"),
    Column("fixmedins_name", "机构名称", "Institution", "text"),
    Column("kind", "就诊类型", "Kind of visit", "text"),
    Column("dscg_maindiag_code", "主要诊断", "Main diagnosis", "code"),
    Column("overlaps", "与本次重叠", "Overlaps", "flag"),
    Column("case_id", "案件", "Case", "code"),
)
JOURNAL = (
    Column("seq", "序号", "Number"),
    Column("at", "时间", "Time", "moment"),
    Column("login", "账号", "Login", "code"),
    Column("name", "姓名", "Name", "text"),
    Column("action", "操作", "What", "text"),
    Column("subject", "对象", "Of what", "text"),
    Column("previous", "前一条哈希", "Hash before", "code"),
    Column("hash", "哈希", "Hash", "code"),
)


@pages.get("/cases/{case_id}/tables/{table}")
def taken(here: Reader, case_id: Number, table: Table, format: Format = None) -> Response:
    """One table of a case as a file (CSV unless asked otherwise)."""
    return sheet(here, case_id, table).exported(here, format or "csv")


@api.get("/cases/{case_id}/tables/{table}", response_model=SheetOut, responses={200: {"content": {"text/csv": {}}}})
def told_table(here: Reader, case_id: Number, table: Table, format: Format = None) -> Response | SheetOut:
    """One table of a case, or with `format` as a file."""
    found = sheet(here, case_id, table)
    return found.exported(here, format) if format else found.told()


def sheet(here: Here, case_id: int, name: str) -> Sheet:
    with here.read() as con:
        row = case_row(con, here.person, case_id)
        if name == "visits":
            return _sheet(row, name, "其他就诊", "Other visits", VISITS, _visits(here, con, row))
        if name == "journal":
            return _sheet(row, name, "操作日志", "Journal", JOURNAL, _journal(here, con, row))
        bill = billed(con, case_id)
        groups = told(con, case_id, bill, here.place.rules)
    if name == "findings":
        return _sheet(row, name, "发现的问题", "Findings", FINDINGS, _findings(here, groups))
    return _sheet(row, name, "全部收费明细", "All billed lines", LINES, lines(here, bill, groups))


def _sheet(row: Row, name: str, zh: str, en: str, columns: tuple[Column, ...], rows: list[Plain]) -> Sheet:
    return Sheet(f"case-{row.id}-{name}", zh, en, columns, rows)


def lines(here: Here, bill: Bill, groups: list[Group]) -> list[Plain]:
    """The bill, and the lines of other claims that a finding names, as LINES has them."""
    marks, says = marked(groups), tellers(here, groups)
    return [
        {
            **{column.name: line.get(column.name) for column in LINES},
            "kind": timeline.class_name(line["med_chrgitm_type"] or "", here.say),
            "level": words.value("chrgitm_lv", line["chrgitm_lv"], here.lang) if line["chrgitm_lv"] else None,
            "cnt": _scaled(line["cnt_e4"], 4),
            "pric": _scaled(line["pric_e6"], 6),
            "mark": says["mark_names"].get(marks.get(line["bkkp_sn"])),
            "rules": " ".join(one.row.rule_id for one in says["found_on"].get(line["bkkp_sn"], ())),
        }
        for line in (*bill.lines, *bill.elsewhere)
    ]


def _scaled(number: int | None, digits: int) -> float | None:
    return None if number is None else number / 10**digits


def _findings(here: Here, groups: list[Group]) -> list[Plain]:
    return [
        {
            **{column.name: getattr(one.row, column.name, None) for column in FINDINGS},
            "name": one.rule["name"][here.lang] if one.rule else None,
            "severity": named(SEVERITY, one.row.sev_deg, here.lang),
            "said": one.sentence(here.lang),
            "decided": named(DECIDED, one.row.outcome, here.lang),
        }
        for group in groups
        for one in group.every
    ]


def _visits(here: Here, con: Connection, row: Row) -> list[Plain]:
    return [
        {**visit, "kind": words.value("visit_mode", visit["kind"], here.lang), "case_id": visit["case_id"] and str(visit["case_id"])}
        for visit in visited(here, con, row) or []
    ]


def _journal(here: Here, con: Connection, row: Row) -> list[Plain]:
    return [
        {**entry._asdict(), "action": named(DONE, entry.action, here.lang), "name": entry.name or here.say("系统", "the engine")}
        for entry in past.entries(con, row.id)
    ]
