"""Routes that show a case: the page, and the parts that it fetches later."""

from __future__ import annotations

import logging
from typing import Annotated

import polars as pl
from fastapi import APIRouter, Path
from fastapi.responses import Response
from sqlalchemy import Connection, Row

from audit import dossier
from audit.cases import workflow
from audit.cases.refused import Refused
from audit.console.case.page import Draft, Entered, gathered, tellers
from audit.console.case.past import others
from audit.console.case.seen import Plain, billed, case_row
from audit.console.case.told import compared, told
from audit.console.door import may
from audit.console.here import Here

log = logging.getLogger("audit")
pages = APIRouter()
Number = Annotated[int, Path(ge=1, le=2**53)]
Reader = Annotated[Here, may("case.read")]


@pages.get("/cases/{case_id}")
def case(here: Reader, case_id: Number) -> Response:
    return show(here, case_id)


def show(
    here: Here,
    case_id: int,
    code: int = 200,
    told: str | None = None,
    typed: dict[int, Draft] | None = None,
    whole: bool = False,
    entered: Entered | None = None,
) -> Response:
    """The page as it is now; `told` says why something was refused, `typed` and `entered` are what had been typed then."""
    with here.read() as con:
        values = gathered(here, con, case_id, typed, whole, entered)
    return here.page("case.html", code, **(values | {"told": told}))


@pages.get("/cases/{case_id}/findings/{finding_id}/comparison")
def comparison(here: Reader, case_id: Number, finding_id: Number) -> Response:
    """The comparison of one finding, for a page that opens it."""
    with here.read() as con:
        case_row(con, here.person, case_id)
        groups = told(con, case_id, billed(con, case_id), here.place.rules)
    for one in (one for group in groups for one in group.every if one.id == finding_id):
        return here.page("case_tree.html", compared=compared(one))
    raise Refused("没有这个问题。", "There is no such finding.", 404)


@pages.get("/cases/{case_id}/lines")
def lines(here: Reader, case_id: Number) -> Response:
    """The whole bill, where the page showed only what matters of it."""
    with here.read() as con:
        row = case_row(con, here.person, case_id)
        bill = billed(con, case_id)
        groups = told(con, case_id, bill, here.place.rules)
        can = workflow.may_now(row, here.person, con, here.place.site, here.place.desk.clock())
    return here.page("case_line_table.html", **(tellers(here, groups) | {"picks": "enter" in can}), bill=bill, lines=bill.lines)


@pages.get("/cases/{case_id}/visits")
def visits(here: Reader, case_id: Number) -> Response:
    with here.read() as con:
        row = case_row(con, here.person, case_id)
        found = visited(here, con, row)
    return here.page("case_visits.html", visits=found, row=row)


def visited(here: Here, con: Connection, row: Row) -> list[Plain] | None:
    """The person's other visits, newest first, with this desk's case for each and whether it overlaps this claim; None without a lake."""
    try:
        known = dossier.other_visits(here.place.lake, row.psn_no).filter(pl.col("setl_id") != row.setl_id)
    except OSError as fault:
        log.warning("visits of case %s: %s", row.id, fault)
        return None
    cases_of = others(con, here.person, row)
    found = []
    for visit in known.sort("begn_date", "setl_id", descending=[True, False]).to_dicts():
        case = cases_of.get(visit["setl_id"])
        last, begins = visit["end_date"] or visit["begn_date"], row.begn_date
        overlaps = bool(begins and row.end_date and row.end_date > begins and visit["begn_date"] < row.end_date and last > begins)
        found.append({**visit, "case_id": case and case.id, "overlaps": overlaps})
    return found
