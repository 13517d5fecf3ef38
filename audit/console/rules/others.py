"""Exempting an institution, an area or an item from a rule for a time; taking in official workbooks."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, UploadFile
from fastapi.responses import RedirectResponse, Response

from audit.cases import changes
from audit.cases.refused import Unfit
from audit.cases.store import CHINA
from audit.console.export import Format, exported
from audit.console.rules import said, shelf, tables, working
from audit.console.rules.book import Reader, RuleId
from audit.console.rules.proposals import Reason, Writer

pages = APIRouter()
Kind = Annotated[Literal["institution", "area", "item"], Form()]
Value = Annotated[str, Form(min_length=1, max_length=50, pattern=r"^[^\x00]*$")]


@pages.get("/rules/waivers")
def waivers(here: Reader, rule: Annotated[str, Query(pattern=r"^([A-Z]{2,5}-[0-9]{3})?$")] = "", format: Format = None) -> Response:
    seen = shelf.shelf(here.place.rules)
    rows = shelf.waived_of(seen)
    if format:
        return exported(here, "waivers", rows, {name: here.say(*words) for name, words in said.WAIVERS.items()}, format)
    with here.read() as con:
        waiting = [p for p in changes.listed(con, kind="exemption") if p.status in ("draft", "submitted", "rejected")]
    ids = {one.id: one.name[here.lang] for one in seen.book.rules if one.status != "retired"}
    today = here.place.desk.clock().astimezone(CHINA).date()
    return here.page("rules_waivers.html", rows=rows, today=today, waiting=waiting, ids=ids, rule=rule, said=said)


@pages.post("/rules/waivers")
def exempt(
    here: Writer, rule_id: Annotated[str, Form(pattern=r"^[A-Z]{2,5}-[0-9]{3}$")], kind: Kind, value: Value,
    valid_from: Annotated[date, Form()], valid_to: Annotated[date, Form()], reason: Reason = "",
) -> Response:  # fmt: skip
    with here.act() as act:
        number = changes.exempt(act, here.place.rules, rule_id, kind, value, valid_from, valid_to, reason)
    return RedirectResponse(f"/rules/proposals/{number}", 303)


@pages.post("/rules/waivers/{rule_id}/end")
def end(
    here: Writer, rule_id: RuleId, kind: Kind, value: Value, valid_from: Annotated[date, Form()], until: Annotated[date, Form()],
    reason: Reason = "",
) -> Response:  # fmt: skip
    with here.act() as act:
        number = changes.unexempt(act, here.place.rules, rule_id, kind, value, valid_from, until, reason)
    return RedirectResponse(f"/rules/proposals/{number}", 303)


@pages.get("/rules/knowledge")
def knowledge(here: Reader, format: Format = None) -> Response:
    if format:
        return tables.imports(shelf.past_imports(here.place.rules)).exported(here, format)
    seen = shelf.shelf(here.place.rules)
    with here.read() as con:
        waiting = changes.listed(con, kind="knowledge")
    past = shelf.past_imports(here.place.rules)
    most = here.place.site.attachments.max_mb
    return here.page("rules_knowledge.html", past=past, waiting=waiting, seen=seen, said=said, most=most)


@pages.post("/rules/knowledge")
def take_in(
    here: Writer,
    workbooks: list[UploadFile],
    batch: Annotated[str, Form(max_length=20, pattern=r"^[^\x00]*$")] = "",
    published: Annotated[str, Form(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = "",
    reason: Reason = "",
) -> Response:
    """Propose the import and work out at once what it would change."""
    number = taken_in(here, workbooks, batch, published, reason)
    return RedirectResponse(f"/rules/proposals/{number}", 303)


def taken_in(here: Writer, workbooks: Sequence[UploadFile], batch: str, published: str, reason: str) -> int:
    try:
        day = date.fromisoformat(published) if published else None
    except ValueError:
        raise Unfit(f"日期 {published} 不存在。", f"There is no day {published}.") from None
    files = {file.filename or "": file.file.read() for file in workbooks if file.filename}
    for name, data in files.items():
        if name.lower().endswith(".xlsx") and not _is_workbook(data):
            raise Unfit(f"{name} 不是 Excel 工作簿（.xlsx）。", f"{name} is no Excel workbook (.xlsx); save it as one and upload it again.")
    with here.act() as act:
        number = changes.take_in(act, files, batch.strip() or None, day, reason=reason)
    working.begin(here.place, here.person, number, 0)
    return number


def _is_workbook(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False
