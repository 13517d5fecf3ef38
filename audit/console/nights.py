"""The lake's nights: what ran, what the checks said, what was put aside, and what changed since the night before. No person's name."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, StringConstraints

from audit.cases.boards import nights
from audit.cases.procedure import STEPS
from audit.cases.refused import Refused
from audit.console.door import may
from audit.console.export import MOST, Format
from audit.console.here import Here
from audit.console.nights_said import of, of_every
from audit.console.sheets import Sheet, SheetOut

pages = APIRouter()
api = APIRouter(tags=["nights"])
Reader = Annotated[Here, may("night.read")]
Word = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_]{0,64}$")]
After = Annotated[int, Query(ge=0, le=2**53)]
Day = Annotated[date, InPath(description="the night's batch date")]
Name = Annotated[
    Literal["stages", "inputs", "counts", "checks", "rejected", "rejected_rows", "cannot_tell", "jumped", "hits", "provenance"], InPath()
]
LISTED, PAGE = 60, 100  # nights in the list; rows of a page
_ROWS_OF_ALL = ("rejected_rows",)  # keys of claims, which say nothing of their area
# the night's own page brings its style and script along: it is shown in a room of its own, without this console's cookie or network
_ALONE = "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def sheet(here: Here, night: nights.Night, name: str, table: str = "", reason: str = "") -> Sheet:
    """One table of a night, as far as this person may see it. Refused (403) where rows cannot be told apart by area."""
    lake, area = here.place.lake, here.person.area
    if area and name in _ROWS_OF_ALL:
        raise Refused("逐行数据不分统筹区，只供全域账号查看。", "These rows name no area: only accounts of everywhere see them.", 403)
    if name == "rejected_rows":
        found = nights.rejected_rows(lake, night, table, reason)
        if found.height > MOST:
            raise Refused(f"超过{MOST:,}行，请按表和原因筛选。", f"More than {MOST:,} rows; choose a table and a reason.", 422)
        return of(name, found.to_dicts(), here)
    if name == "checks" and area:
        return of(name, [row | {"examples": ""} for row in nights.checks(night)], here)
    rows: dict[str, Any] = {
        "stages": lambda: nights.stages(night),
        "inputs": lambda: nights.inputs(night),
        "counts": lambda: nights.intake_counts(night),
        "checks": lambda: nights.checks(night),
        "rejected": lambda: nights.rejected(lake, night),
        "cannot_tell": lambda: nights.cannot_tell(lake, night),
        "jumped": lambda: nights.jumped(lake, night, here.place.rules),
        "hits": lambda: nights.hits(lake, night, area),
        "provenance": lambda: nights.provenance(night),
    }
    return of(name, rows[name](), here)


@pages.get("/nights")
def listing(here: Reader, after: After = 0, format: Format = None) -> Response:
    every = nights.every(here.place.lake)
    if format:
        sums = nights.sums(here.place.lake, [night.key for night in every], here.person.area)
        return of_every(every, sums).exported(here, format)
    shown = every[after : after + LISTED]
    rows = list(zip(shown, nights.sums(here.place.lake, [night.key for night in shown], here.person.area), strict=True))
    following = after + LISTED if after + LISTED < len(every) else None
    return here.page("nights.html", nights=rows, total=len(every), next=following, airflow=here.place.airflow)


@pages.get("/nights/{day}")
def one(here: Reader, day: Day) -> Response:
    night, lake, area = nights.one(here.place.lake, day), here.place.lake, here.person.area
    now, then = nights.sums(lake, [night.key, night.before], area)
    with here.read() as con:
        opened, by_step = nights.opened(con, here.person, night)
    steps = [(here.say(*STEPS[row["of"]]), row["cases"]) for row in by_step]
    names = ("jumped", "hits", "checks", "rejected", "cannot_tell", "stages", "inputs", "counts", "provenance")
    return here.page(
        "night.html",
        night=night,
        now=now,
        then=then,
        opened=opened,
        by_step=steps,
        cases=sum(count for _, count in steps),
        sheets={name: sheet(here, night, name) for name in names},
        sums=SUMS,
        untrusted=nights.untrusted(night),
        report=_report(here, day),
        airflow=here.place.airflow,
        rows_too=not area,
    )


@pages.get("/nights/{day}/report")
def report(here: Reader, day: Day) -> Response:
    """The page that the night wrote beside its results: it shows claims, so it is for those who may read all cases."""
    path = _report(here, day)
    if path is None:
        raise Refused("这一夜没有报告页，或您的账号不能查看。", "This night left no page, or your account may not see it.", 404)
    return FileResponse(path, media_type="text/html", headers={"Content-Security-Policy": _ALONE})


@pages.get("/nights/{day}/{name}")
def table(here: Reader, day: Day, name: Name, after: After = 0, table: Word = "", reason: Word = "", format: Format = None) -> Response:
    """One table of a night, page by page or as a file."""
    night = nights.one(here.place.lake, day)
    found = sheet(here, night, name, table, reason)
    if format:
        return found.exported(here, format)
    query = urlencode({key: value for key, value in (("table", table), ("reason", reason)) if value})
    return here.page("nights_table.html", night=night, sheet=found, after=after, page=PAGE, query=query)


class NightOut(BaseModel):
    """A night and its sums in fen over the institutions of your area."""

    batch_date: date
    run_id: str
    finished: datetime | None
    seconds: float
    checks_failed: int
    claims: int | None
    flagged: int | None
    medfee_sumamt: int | None
    fund_pay_sumamt: int | None
    counted_amt: int | None


class NightsOut(BaseModel):
    nights: list[NightOut]
    next: int | None


@api.get("/nights")
def nights_told(here: Reader, after: After = 0) -> NightsOut:
    """Completed nights, the newest first."""
    every = nights.every(here.place.lake)
    rest = after + LISTED < len(every)
    return NightsOut(nights=_told(here, every[after : after + LISTED]), next=after + LISTED if rest else None)


@api.get("/nights/{day}")
def night_told(here: Reader, day: Day) -> NightOut:
    return _told(here, [nights.one(here.place.lake, day)])[0]


@api.get("/nights/{day}/{name}", response_model=SheetOut, responses={200: {"content": {"text/csv": {}}}})
def table_told(
    here: Reader, day: Day, name: Name, after: After = 0, table: Word = "", reason: Word = "", format: Format = None
) -> Response | SheetOut:
    """One table of a night: 100 rows from `after` on, or with `format` all of it as a file. `table` and `reason` narrow rejected rows."""
    found = sheet(here, nights.one(here.place.lake, day), name, table, reason)
    return found.exported(here, format) if format else found.told(after, PAGE)


SUMS = (
    ("claims", "结算", "Claims", "count"),
    ("flagged", "标记", "Flagged", "count"),
    ("counted_amt", "计入金额", "Counted", "fen"),
    ("medfee_sumamt", "医疗费用", "Billed", "fen"),
    ("fund_pay_sumamt", "基金支付", "Paid by the fund", "fen"),
)


def _told(here: Here, some: list[nights.Night]) -> list[NightOut]:
    rows = nights.sums(here.place.lake, [night.key for night in some], here.person.area)
    return [
        NightOut.model_validate(
            {"batch_date": night.day, "run_id": night.run_id, "finished": night.finished, "seconds": night.seconds}
            | {"checks_failed": len(night.failed)}
            | (row or dict.fromkeys(nights.SUMS))
        )
        for night, row in zip(some, rows, strict=True)
    ]


def _report(here: Here, day: date) -> Path | None:
    path = here.place.lake / "nights" / str(day) / "report.html"
    return path if path.is_file() and here.may("case.read") and not here.person.area else None
