"""What the hospital's addresses and forms carry, and what pages and programs both do with it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from fastapi import Form, Path, Query, UploadFile

from audit.cases import workflow
from audit.cases.store import Act
from audit.cases.workflow.amounts import LONGEST
from audit.console.case.told import Group
from audit.console.door import may
from audit.console.here import Here

Hospital = Annotated[Here, may("hospital.work")]
Number = Annotated[int, Path(ge=1, le=2**53)]
Tab = Annotated[Literal["waiting", "open", "closed"], Query()]
Text = Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$")]
Start = Annotated[int, Query(ge=0, le=10_000_000)]
Statement = Annotated[str, Form(max_length=LONGEST, pattern=r"^[^\x00]*$")]
Contested = Annotated[list[Annotated[int, Form(ge=1, le=2**53)]], Form(max_length=1000)]


def standing(groups: list[Group], told_of: Collection[int]) -> list[Group]:
    """Only what the hospital was told of."""
    kept = ([one for one in group.every if one.id in told_of] for group in groups)
    return [Group(every[0].line, every[0], every[1:]) for every in kept if every]


def contest(here: Here, act: Act, case_id: int, statement: str, finding: list[int], files: list[UploadFile]) -> int:
    """The appeal with its files; the case's new revision."""
    uploads = [workflow.Upload(one.filename or "", one.file.read()) for one in files if one.filename]
    return workflow.appeal(act, here.place.site, case_id, statement, finding, uploads)
