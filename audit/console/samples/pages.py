"""Samples in the browser: choose a frame, plan, draw, review claim by claim, close."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from audit.cases import samples
from audit.cases.refused import Refused, Unfit
from audit.console.door import may
from audit.console.export import Format
from audit.console.here import Here, to_fen
from audit.console.samples.asked import Asked, Id, Planned, text
from audit.console.samples.figure import histogram
from audit.console.samples.papers import institutions, sheet, words

pages = APIRouter()
Reader = Annotated[Here, may("sample.read")]
Worker = Annotated[Here, may("sample.work")]


@pages.get("/samples")
def listing(here: Reader, format: Format = None) -> Response:
    with here.read() as con:
        every = samples.every(con, here.person)
    if format:
        return sheet(every).exported(here, format)
    return here.page("samples.html", samples=every)


@pages.get("/samples/new")
def new(here: Reader, asked: Annotated[Asked, Query()]) -> Response:
    """First the institution, then its frame with the plan that the wish comes to."""
    if not asked.institution:
        found = samples.institutions(here.place.lake, here.person, asked.q)
        if asked.format:
            return institutions(found).exported(here, asked.format)
        return here.page("samples_institutions.html", institutions=found, q=asked.q)
    return _proposed(here, asked)


@pages.post("/samples")
def plan(here: Worker, asked: Annotated[Planned, Form()]) -> Response:
    lake = here.place.lake
    where = samples.institution(lake, here.person, asked.institution)
    try:
        proposal = samples.propose(lake, where, asked.frame(), asked.wish(), asked.seed)
    except Refused as why:
        return _proposed(here, asked, why)
    with here.act() as act:
        sample_id = samples.create(act, asked.name, proposal)
    return _to(sample_id)


def _proposed(here: Here, asked: Asked, why: Refused | None = None) -> Response:
    """The form with what it comes to now; a wish that makes no sample is told above it."""
    where = samples.institution(here.place.lake, here.person, asked.institution)
    frame = asked.frame()
    found, proposal, figure = samples.found(here.place.lake, frame), None, None
    try:
        proposal = samples.propose(here.place.lake, where, frame, asked.wish(), seed=asked.seed or 0, held=found)
    except Refused as fault:
        why = why or fault
    if not found.claims.is_empty():
        cuts = [band.from_fen for band in proposal.plan.bands[1:]] if proposal else []
        figure = histogram(found.claims["fund_pay_sumamt"].to_list(), cuts)
    values: dict[str, Any] = {"asked": asked, "where": where, "found": found, "proposal": proposal, "figure": figure}
    return here.page("samples_new.html", why.code if why else 200, told=why.said[here.lang] if why else None, **values, **words(here))


@pages.get("/samples/{sample_id}")
def show(here: Reader, sample_id: Id) -> Response:
    return _shown(here, sample_id)


@pages.get("/samples/{sample_id}/verify")
def verify(here: Reader, sample_id: Id) -> Response:
    """Draw again and compare: whoever may read the sample may doubt it."""
    with here.read() as con:
        sample, kept = samples.one(con, here.person, sample_id), samples.reviewed(con, sample_id)
    return _shown(here, sample_id, samples.verify(here.place.lake, sample, kept))


def _shown(here: Here, sample_id: int, verdict: samples.Verdict | None = None) -> Response:
    with here.read() as con:
        sample, rows = samples.one(con, here.person, sample_id), samples.rows(con, here.person, sample_id)
        drawn = samples.told_by(con, "sample.draw", sample_id) if sample.drawn else None
        closed = samples.told_by(con, "sample.close", sample_id) if sample.closed_at else None
        result = samples.result(con, here.person, sample_id)
    facts = samples.facts(here.place.lake, sample.frame, [row.setl_id for row in rows])
    next_open = next((row.id for row in rows if row.overpaid is None), None)
    told: dict[str, Any] = {"drawn": drawn, "closed": closed, "verdict": verdict, "next_open": next_open}
    return here.page("samples_one.html", sample=sample, rows=rows, facts=facts, result=result, **told, **words(here))


@pages.post("/samples/{sample_id}/draw")
def draw(here: Worker, sample_id: Id) -> Response:
    with here.read() as con:
        sample = samples.one(con, here.person, sample_id)
    drawn = samples.drawn(here.place.lake, sample)
    with here.act() as act:
        samples.draw(act, sample_id, drawn)
    return _to(sample_id)


@pages.post("/samples/{sample_id}/close")
def close(here: Worker, sample_id: Id) -> Response:
    with here.act() as act:
        samples.close(act, sample_id)
    return _to(sample_id)


@pages.get("/samples/{sample_id}/claims/{claim_id}")
def claim(here: Reader, sample_id: Id, claim_id: Id) -> Response:
    return _claim(here, sample_id, claim_id)


@pages.post("/samples/{sample_id}/claims/{claim_id}")
def review(
    here: Worker,
    sample_id: Id,
    claim_id: Id,
    overpaid: Annotated[str, text(20), Form()],
    note: Annotated[str, text(4000), Form()] = "",
    seen: Annotated[str, text(40), Form()] = "",
) -> Response:
    """Keep the review and go on to the next open claim; where it cannot be kept, show the claim as it is now and say why."""
    try:
        amount = _fen(overpaid)
        with here.act() as act:
            samples.review(act, sample_id, claim_id, amount, note, seen)
    except Unfit as why:
        return _claim(here, sample_id, claim_id, why, {"overpaid": overpaid, "note": note})
    except Refused as why:
        if why.code == 404:
            raise
        return _claim(here, sample_id, claim_id, why)
    with here.read() as con:
        rows = samples.rows(con, here.person, sample_id)
    later = [row.id for row in rows if row.overpaid is None]
    after = next((row_id for row_id in later if row_id > claim_id), later[0] if later else None)
    return RedirectResponse(f"/samples/{sample_id}/claims/{after}" if after else f"/samples/{sample_id}", 303)


def _fen(typed: str) -> int:
    try:
        return to_fen(typed)
    except (ValueError, ArithmeticError):
        raise Unfit(
            "金额请以元填写，最多两位小数，例如12.50。", "Write the amount in yuan with two decimals at most, such as 12.50."
        ) from None


def _claim(here: Here, sample_id: int, claim_id: int, why: Refused | None = None, typed: dict[str, str] | None = None) -> Response:
    """A claim to review; with `typed`, what could not be kept, so that it can be mended."""
    with here.read() as con:
        sample, rows = samples.one(con, here.person, sample_id), samples.rows(con, here.person, sample_id)
    at = next((number for number, row in enumerate(rows) if row.id == claim_id), None)
    if at is None:
        raise Refused("样本中没有这笔结算。", "There is no such claim in the sample.", 404)
    facts = samples.facts(here.place.lake, sample.frame, [rows[at].setl_id]).get(rows[at].setl_id)
    values: dict[str, Any] = {
        "typed": typed,
        "sample": sample,
        "row": rows[at],
        "number": at + 1,
        "facts": facts,
        "told": why.said[here.lang] if why else None,
    }
    values |= {"before": rows[at - 1] if at else None, "after": rows[at + 1] if at + 1 < len(rows) else None}
    return here.page("samples_claim.html", why.code if why else 200, **values)


def _to(sample_id: int) -> Response:
    return RedirectResponse(f"/samples/{sample_id}", 303)
