"""The journal as auditors and administrators read it: who did what, when, to which case; and whether the chain holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import polars as pl
from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import Row

from audit.cases import journal
from audit.cases.entries import ACTIONS, Asked, entries
from audit.console.door import may
from audit.console.export import Kind, exported
from audit.console.here import Here

pages, api = APIRouter(), APIRouter(tags=["journal"])
Reader = Annotated[Here, may("journal.read")]
Seq = Annotated[int | None, Query(ge=1, le=2**53)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]
Number = Annotated[int, Field(ge=1, le=2**53)]
PAGE, MOST = 50, 100_000
_TITLES = {
    "seq": ("序号", "No."), "at": ("时间", "When"), "login": ("账号", "Login"), "role": ("角色", "Role"), "action": ("操作", "Action"),
    "case_id": ("案件", "Case"), "subject": ("对象", "Subject"), "details": ("内容", "Details"), "previous": ("前一条哈希", "Hash before"),
    "hash": ("哈希", "Hash"),
}  # fmt: skip
_SCHEMA = pl.Schema({name: pl.String() for name in _TITLES} | {"seq": pl.Int64(), "case_id": pl.Int64(), "at": pl.Datetime("us", "UTC")})
_LINE = r"^[^\x00-\x1f]*$"


def asked(
    login: Annotated[str, Query(max_length=64, pattern=_LINE)] = "",
    action: Annotated[str, Query(max_length=48, pattern=r"^[a-z_.]*$", description="the beginning of an action")] = "",
    case_id: Annotated[Number | Literal[""], Query()] = "",
    subject: Annotated[str, Query(max_length=128, pattern=_LINE)] = "",
    first: Annotated[Day | Literal[""], Query(alias="from", description="first day, of China")] = "",
    last: Annotated[Day | Literal[""], Query(alias="to", description="last day, of China")] = "",
) -> Asked:
    """What a form asks for; a field that was left empty asks nothing."""
    return Asked(login or None, action or None, case_id or None, subject or None, first or None, last or None)


Filter = Annotated[Asked, Depends(asked)]


class Entry(BaseModel):
    """One entry. `hash` seals it and, by `previous`, all before it."""

    seq: int
    at: datetime
    login: str = Field(description='"" is the engine itself')
    role: str
    action: str
    case_id: int | None
    subject: str
    details: dict[str, Any]
    previous: str
    hash: str


class Entries(BaseModel):
    entries: list[Entry]
    next: int | None = Field(description="give it as `before` for the next page; null at the end")


class Chain(BaseModel):
    """Whether the chain holds."""

    holds: bool
    entries: int = Field(description="how many entries hold, from the first on")
    fault: dict[str, str] | None = Field(description="in zh and en")
    seal: str = Field(description="number and hash of the last entry; written down elsewhere, it proves later that nothing was rewritten")


@pages.get("/journal")
def read(here: Reader, wanted: Filter, before: Seq = None) -> Response:
    return _page(here, wanted, before)


@pages.get("/journal/verify")
def verify(here: Reader) -> Response:
    return _page(here, Asked(), None, _chain(here))


@pages.get("/journal/export.{kind}")
def take_away(here: Reader, wanted: Filter, kind: Kind) -> Response:
    """The newest entries that were asked for, as a file, oldest first."""
    with here.read() as con:
        rows = [row._asdict() for row in reversed(entries(con, here.person, wanted, most=MOST))]
    frame = pl.DataFrame(rows, schema=_SCHEMA)
    titles = {name: here.say(*told) for name, told in _TITLES.items()}
    return exported(here, "journal", frame, titles, kind)


@api.get("/journal")
def journal_entries(here: Reader, wanted: Filter, before: Seq = None, most: Annotated[int, Query(ge=1, le=1000)] = PAGE) -> Entries:
    with here.read() as con:
        rows, following = _some(entries(con, here.person, wanted, before, most + 1), most)
    return Entries(entries=[Entry(**{**row._asdict(), "details": json.loads(row.details)}) for row in rows], next=following)


@api.get("/journal/verify")
def journal_verify(here: Reader) -> Chain:
    return _chain(here)


def _chain(here: Here) -> Chain:
    with here.read() as con:
        count, fault = journal.verify(con)
        told = {"zh": fault.zh, "en": fault} if fault else None
        return Chain(holds=fault is None, entries=count, fault=told, seal=journal.head(con))


def _page(here: Here, wanted: Asked, before: int | None, chain: Chain | None = None) -> Response:
    with here.read() as con:
        rows, following = _some(entries(con, here.person, wanted, before, PAGE + 1), PAGE)
    kept = {"login": wanted.login, "action": wanted.action, "case_id": wanted.case_id, "subject": wanted.subject,
            "from": wanted.first, "to": wanted.last}  # fmt: skip
    query = urlencode({name: value for name, value in kept.items() if value})
    found = [(row, json.loads(row.details)) for row in rows]
    return here.page("journal.html", found=found, following=following, asked=wanted, query=query, chain=chain, actions=ACTIONS)


def _some(rows: Sequence[Row], most: int) -> tuple[Sequence[Row], int | None]:
    """At most so many, and where the next page begins if there is one."""
    return rows[:most], rows[most - 1].seq if len(rows) > most else None
