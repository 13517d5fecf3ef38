"""Samples for programs: the same plans, draws, reviews and results as the pages, in fen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from audit.cases import samples, sampling
from audit.console.door import may
from audit.console.here import Here
from audit.console.samples.asked import Fen, Id, PlanIn, text

api = APIRouter(tags=["samples"])
Reader = Annotated[Here, may("sample.read")]
Worker = Annotated[Here, may("sample.work")]


class Kept(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Frame(Kept):
    """Which claims of the institution: audited in these nights, ended on these days, and paid for by the fund."""

    fixmedins_code: str
    night_from: date | None
    night_to: date | None
    day_from: date | None
    day_to: date | None
    med_type: str
    dept: str
    amount_from: int | None
    amount_to: int | None


class Band(Kept):
    """Claims with from_fen <= amount < below_fen."""

    from_fen: int
    below_fen: int | None
    units: int
    billed_fen: int = Field(description="what the fund paid for them")
    size: int = Field(description="claims drawn")


class Plan(Kept):
    """`frame` is the SHA-256 of the frame's ids and amounts."""

    seed: int
    estimator: str
    bands: list[Band]
    frame: str
    units: int
    size: int


class Sample(Kept):
    """A sample and its progress; `overpaid` is what the review found so far."""

    id: int
    name: str
    fixmedins_code: str
    fixmedins_name: str | None
    area: str
    planned_by: str
    at: datetime
    closed_at: datetime | None
    frame: Frame
    seed_given: bool
    plan: Plan
    drawn: int
    reviewed: int
    overpaid: int


class Claim(Kept):
    """A drawn claim. `seen` goes back with a review; `proposed` is what its closed case decided."""

    id: int
    setl_id: str
    stratum: int
    paid: int
    overpaid: int | None
    note: str
    reviewer: str | None
    at: datetime | None
    seen: str
    case_id: int | None
    proposed: int | None


class Bound(Kept):
    """An estimator's answer; `recover` is the one-sided 90 % lower bound, `lower` and `upper` the two-sided 90 % interval."""

    point: int
    error: int
    lower: int
    upper: int
    recover: int
    freedom: float | None


class Said(BaseModel):
    zh: str
    en: str


class Estimate(Kept):
    """What the sample says of its frame; `why_not` tells why no number can be carried over."""

    reviewed: int
    wrong: int
    found: int
    difference: Bound | None
    ratio: Bound | None
    why_not: Said | None
    recover: int


class Result(BaseModel):
    """No `estimate` while claims are open. `method` is text to print."""

    estimate: Estimate | None
    method: Said


class Verdict(Kept):
    """Whether the stored plan gives the same draw again."""

    same: bool
    said: Said


class ReviewIn(BaseModel):
    """`seen` as the claim was read, so that nobody's review is overwritten unseen."""

    overpaid: Fen
    note: Annotated[str, text(4000)] = ""
    seen: Annotated[str, text(40)] = ""


@api.get("/samples")
def listing(here: Reader) -> list[Sample]:
    with here.read() as con:
        return [Sample.model_validate(sample) for sample in samples.every(con, here.person)]


@api.post("/samples", status_code=201)
def plan(here: Worker, wanted: PlanIn) -> Sample:
    """Plan a sample; nothing is drawn yet."""
    where = samples.institution(here.place.lake, here.person, wanted.institution)
    proposal = samples.propose(here.place.lake, where, wanted.frame(), wanted.wish(), wanted.seed)
    with here.act() as act:
        return _one(act.con, here, samples.create(act, wanted.name, proposal))


@api.get("/samples/{sample_id}")
def show(here: Reader, sample_id: Id) -> Sample:
    with here.read() as con:
        return _one(con, here, sample_id)


@api.post("/samples/{sample_id}/draw")
def draw(here: Worker, sample_id: Id) -> list[Claim]:
    """Draw the planned claims, once."""
    with here.read() as con:
        sample = samples.one(con, here.person, sample_id)
    drawn = samples.drawn(here.place.lake, sample)
    with here.act() as act:
        samples.draw(act, sample_id, drawn)
        return _claims(act.con, here, sample_id)


@api.get("/samples/{sample_id}/claims")
def claims(here: Reader, sample_id: Id) -> list[Claim]:
    """The drawn claims in the order of the draw."""
    with here.read() as con:
        samples.one(con, here.person, sample_id)
        return _claims(con, here, sample_id)


@api.put("/samples/{sample_id}/claims/{claim_id}")
def review(here: Worker, sample_id: Id, claim_id: Id, found: ReviewIn) -> Claim:
    with here.act() as act:
        samples.review(act, sample_id, claim_id, found.overpaid, found.note, found.seen)
        return next(row for row in _claims(act.con, here, sample_id) if row.id == claim_id)


@api.get("/samples/{sample_id}/verify")
def verify(here: Reader, sample_id: Id) -> Verdict:
    """Draw again from the stored plan and compare."""
    with here.read() as con:
        sample, kept = samples.one(con, here.person, sample_id), samples.reviewed(con, sample_id)
    return Verdict.model_validate(samples.verify(here.place.lake, sample, kept))


@api.get("/samples/{sample_id}/result")
def result(here: Reader, sample_id: Id) -> Result:
    with here.read() as con:
        sample, told = samples.one(con, here.person, sample_id), samples.result(con, here.person, sample_id)
    said = Said(zh=sampling.method_text(sample.plan, told, "zh"), en=sampling.method_text(sample.plan, told, "en"))
    return Result(estimate=Estimate.model_validate(told) if told else None, method=said)


@api.post("/samples/{sample_id}/close")
def close(here: Worker, sample_id: Id) -> Sample:
    """Freeze a sample that is reviewed whole."""
    with here.act() as act:
        samples.close(act, sample_id)
        return _one(act.con, here, sample_id)


def _one(con: Connection, here: Here, sample_id: int) -> Sample:
    return Sample.model_validate(samples.one(con, here.person, sample_id))


def _claims(con: Connection, here: Here, sample_id: int) -> list[Claim]:
    return [Claim.model_validate(row) for row in samples.rows(con, here.person, sample_id)]
