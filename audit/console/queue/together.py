"""Deciding many cases at once: one rule's identical definite findings in one table, the odd ones taken out, one step."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path
from fastapi.responses import Response
from pydantic import StringConstraints

from audit import words
from audit.cases import workflow
from audit.cases.queue import alike
from audit.console.case.told import rule_names
from audit.console.door import may
from audit.console.export import Format
from audit.console.here import Here
from audit.console.queue.asked import Id
from audit.console.sheets import Column, Sheet

pages = APIRouter()
Worker = Annotated[Here, may("case.work")]
RuleId = Annotated[str, StringConstraints(max_length=16, pattern=r"^[A-Z0-9-]+$")]
Version = Annotated[int, Path(ge=1, le=10**6)]
Reason = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]
Cases = Annotated[list[Id], Form(max_length=alike.MOST)]
Outcome = Literal["confirmed", "dismissed"]
Chosen = Annotated[Outcome, Form()]

RULES = (
    Column("rule_id", "规则", "Rule", "code"),
    Column("rule_version", "版本", "Version"),
    Column("name", "规则名称", "Name", "text"),
    Column("cases", "案件", "Cases"),
    Column("findings", "问题", "Findings"),
    Column("amt", "金额", "Amount", "fen"),
)
ALIKE = (
    Column("setl_id", "结算单", "Claim", "code"),
    Column("fixmedins_code", "机构编号", "Code", "code"),
    Column("fixmedins_name", "机构名称", "Institution", "text"),
    Column("bkkp_sn", "流水号", "Line", "code"),
    Column("item", "项目", "Item", "text"),
    Column("said", "问题", "Finding", "text"),
    Column("counted_amt", "金额", "Amount", "fen"),
)


@pages.get("/queue/together")
def rules(here: Worker, format: Format = None) -> Response:
    with here.read() as con:
        found = alike.rules(con, here.person, here.place.desk.clock())
        names = rule_names(con, (row.rule_id for row in found))
    if format:
        rows = [
            {**row._asdict(), "amt": int(row.amt), "name": names.get((row.rule_id, row.rule_version), {}).get(here.lang)} for row in found
        ]
        return Sheet("together", "批量决定", "Decide many", RULES, rows).exported(here, format)
    return here.page("queue_together.html", rules=found, names=names)


@pages.get("/queue/together/{rule_id}/{version}")
def table(here: Worker, rule_id: RuleId, version: Version, format: Format = None) -> Response:
    with here.read() as con:
        found = alike.table(con, here.person, here.place.desk.clock(), rule_id, version)
        name = rule_names(con, [rule_id]).get((rule_id, version))
    if format:
        return _sheet(here, rule_id, found).exported(here, format)
    return here.page("queue_table.html", rule_id=rule_id, version=version, table=found, name=name)


def _sheet(here: Here, rule_id: str, found: alike.Table) -> Sheet:
    """A row per finding, with the values that its rule read."""
    read = [
        Column(f"read_{name}", f"{words.name(name, 'zh')} {name}", f"{words.name(name, 'en')} {name}", "text")
        for name in (*found.same, *found.columns)
    ]
    rows = [
        {
            **{name: getattr(one.case, name) for name in ("setl_id", "fixmedins_code", "fixmedins_name")},
            "bkkp_sn": finding.bkkp_sn,
            "item": finding.item,
            "said": here.say(finding.vola_cont, finding.vola_cont_en),
            "counted_amt": finding.counted_amt,
            **{f"read_{name}": words.value(name, value, here.lang) for name, value in found.same.items()},
            **{f"read_{name}": words.value(name, value, here.lang) for name, value in zip(found.columns, values, strict=True)},
        }
        for one in found.cases
        for finding, values in zip(one.findings, one.evidence, strict=True)
    ]
    return Sheet(f"together-{rule_id}", "批量决定", "Decide many", (*ALIKE, *read), rows)


@pages.post("/queue/together/{rule_id}/{version}/confirm")
def confirm(here: Worker, rule_id: RuleId, version: Version, outcome: Chosen, case: Cases) -> Response:
    """What is about to be decided, with its sum; nothing is changed yet."""
    with here.read() as con:
        found = alike.table(con, here.person, here.place.desk.clock(), rule_id, version)
    chosen = [one for one in found.cases if one.case.id in set(case)]
    return here.page(
        "queue_confirm.html", rule_id=rule_id, version=version, outcome=outcome, chosen=chosen, gone=len(set(case)) - len(chosen)
    )


@pages.post("/queue/together/{rule_id}/{version}")
def decide(
    here: Worker,
    rule_id: RuleId,
    version: Version,
    outcome: Annotated[Outcome, Form()],
    case: Cases,
    reason: Annotated[Reason, Form()] = "",
) -> Response:
    with here.act() as act:
        done = workflow.bulk(act, here.place.site, rule_id, case, outcome, reason, version)
    return here.page("queue_done.html", rule_id=rule_id, version=version, done=done)
