"""Samples in the browser: choose a frame, plan, draw, review claim by claim, close, print the method."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from audit.cases import samples, sampling
from audit.cases.exports import KINDS, export
from audit.cases.refused import Refused
from audit.cases.samples import Row, Sample
from audit.console.door import may
from audit.console.here import Here, to_fen
from audit.console.samples.asked import Asked, Id, Planned, Yuan, text
from audit.console.samples.figure import histogram

pages = APIRouter()
Reader = Annotated[Here, may("sample.read")]
Worker = Annotated[Here, may("sample.work")]
Kind = Literal["csv", "xlsx", "parquet"]
ESTIMATORS = {"difference": ("差额估计", "Difference"), "ratio": ("比率估计", "Ratio")}
_TITLES = {
    "turn": ("序号", "No."),
    "setl_id": ("结算ID", "Claim"),
    "band": ("层", "Band"),
    "night": ("夜间批次", "Night"),
    "med_type": ("医疗类别", "Kind of treatment"),
    "adm_dept_name": ("科室", "Department"),
    "begn_date": ("开始日期", "From"),
    "end_date": ("结束日期", "To"),
    "medfee_sumamt": ("费用总额", "Billed"),
    "paid": ("基金支付", "Paid by the fund"),
    "overpaid": ("多付金额", "Overpaid"),
    "note": ("备注", "Note"),
    "reviewer": ("审查人", "Reviewer"),
    "at": ("审查时间", "Reviewed at"),
}
_FRAME_TITLES = {"id": ("结算ID", "Claim"), "amount": ("基金支付", "Paid by the fund")}


@pages.get("/samples")
def listing(here: Reader) -> Response:
    with here.read() as con:
        every = samples.every(con, here.person)
    return here.page("samples.html", samples=every)


@pages.get("/samples/new")
def new(here: Reader, asked: Annotated[Asked, Query()]) -> Response:
    """First the institution, then its frame with the plan that the wish comes to."""
    if not asked.institution:
        found = samples.institutions(here.place.lake, here.person, asked.q)
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
    return here.page("samples_new.html", why.code if why else 200, told=why.said[here.lang] if why else None, **values, **_words(here))


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
    facts = samples.facts(here.place.lake, sample.fixmedins_code, [row.setl_id for row in rows])
    next_open = next((row.id for row in rows if row.overpaid is None), None)
    told: dict[str, Any] = {"drawn": drawn, "closed": closed, "verdict": verdict, "next_open": next_open}
    return here.page("samples_one.html", sample=sample, rows=rows, facts=facts, result=result, **told, **_words(here))


@pages.post("/samples/{sample_id}/draw")
def draw(here: Worker, sample_id: Id) -> Response:
    with here.read() as con:
        sample = samples.one(con, here.person, sample_id)
    drawn = sampling.draw(samples.found(here.place.lake, sample.frame).units, sample.plan)
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
    overpaid: Annotated[Yuan, Form()],
    note: Annotated[str, text(4000), Form()] = "",
    seen: Annotated[str, text(40), Form()] = "",
) -> Response:
    """Keep the review and go on to the next open claim; where it cannot be kept, show the claim as it is now and say why."""
    try:
        with here.act() as act:
            samples.review(act, sample_id, claim_id, to_fen(overpaid), note, seen)
    except Refused as why:
        if why.code == 404:
            raise
        return _claim(here, sample_id, claim_id, why)
    with here.read() as con:
        rows = samples.rows(con, here.person, sample_id)
    later = [row.id for row in rows if row.overpaid is None]
    after = next((row_id for row_id in later if row_id > claim_id), later[0] if later else None)
    return RedirectResponse(f"/samples/{sample_id}/claims/{after}" if after else f"/samples/{sample_id}", 303)


def _claim(here: Here, sample_id: int, claim_id: int, why: Refused | None = None) -> Response:
    with here.read() as con:
        sample, rows = samples.one(con, here.person, sample_id), samples.rows(con, here.person, sample_id)
    at = next((number for number, row in enumerate(rows) if row.id == claim_id), None)
    if at is None:
        raise Refused("样本中没有这笔结算。", "There is no such claim in the sample.", 404)
    facts = samples.facts(here.place.lake, sample.fixmedins_code, [rows[at].setl_id]).get(rows[at].setl_id)
    values: dict[str, Any] = {
        "sample": sample,
        "row": rows[at],
        "number": at + 1,
        "facts": facts,
        "told": why.said[here.lang] if why else None,
    }
    values |= {"before": rows[at - 1] if at else None, "after": rows[at + 1] if at + 1 < len(rows) else None}
    return here.page("samples_claim.html", why.code if why else 200, **values)


@pages.get("/samples/{sample_id}/method")
def method(here: Reader, sample_id: Id) -> Response:
    """To print: frame, plan, result, every reviewed claim, and room for signatures."""
    with here.read() as con:
        sample, rows = samples.one(con, here.person, sample_id), samples.rows(con, here.person, sample_id)
        result = samples.result(con, here.person, sample_id)
    lines = sampling.method_text(sample.plan, result, here.lang).splitlines()
    return here.page("samples_method.html", sample=sample, rows=rows, lines=lines, result=result, **_words(here))


@pages.get("/samples/{sample_id}/claims.{kind}")
def take_claims(here: Reader, sample_id: Id, kind: Kind) -> Response:
    """The drawn claims with their review."""
    with here.act() as act:
        sample, rows = samples.one(act.con, here.person, sample_id), samples.rows(act.con, here.person, sample_id)
        act.tell("sample.export", subject=str(sample_id), what="claims", kind=kind)
    frame = _table(sample, rows, samples.facts(here.place.lake, sample.fixmedins_code, [row.setl_id for row in rows]))
    return _file(here, frame, _TITLES, kind, ("medfee_sumamt", "paid", "overpaid"), f"sample-{sample_id}")


@pages.get("/samples/{sample_id}/frame.{kind}")
def take_frame(here: Reader, sample_id: Id, kind: Kind) -> Response:
    """Every claim of the frame with its amount: what one needs to draw again elsewhere."""
    with here.act() as act:
        sample = samples.one(act.con, here.person, sample_id)
        act.tell("sample.export", subject=str(sample_id), what="frame", kind=kind)
    units = samples.found(here.place.lake, sample.frame).units
    return _file(here, units, _FRAME_TITLES, kind, ("amount",), f"sample-{sample_id}-frame")


def _table(sample: Sample, rows: list[Row], facts: dict[str, dict[str, Any]]) -> pl.DataFrame:
    told = ("night", "med_type", "adm_dept_name", "begn_date", "end_date", "medfee_sumamt")
    of_lake = [{name: facts.get(row.setl_id, {}).get(name) for name in told} for row in rows]
    ours = [
        {
            "turn": number,
            "setl_id": row.setl_id,
            "band": row.stratum + 1,
            "paid": row.paid,
            "overpaid": row.overpaid,
            "note": row.note,
            "reviewer": row.reviewer,
            "at": row.at,
        }
        for number, row in enumerate(rows, start=1)
    ]
    texts, days, amounts = pl.String(), pl.Date(), pl.Int64()
    kinds = {"turn": amounts, "band": amounts, "paid": amounts, "overpaid": amounts, "medfee_sumamt": amounts, "night": days}
    kinds |= {"begn_date": days, "end_date": days, "at": pl.Datetime("us", "UTC")}
    schema = {name: kinds.get(name, texts) for name in _TITLES}
    return pl.DataFrame([mine | theirs for mine, theirs in zip(ours, of_lake, strict=True)], schema=schema)


def _file(here: Here, frame: pl.DataFrame, titles: dict[str, tuple[str, str]], kind: str, money: tuple[str, ...], name: str) -> Response:
    content = export(frame, {column: here.say(*told) for column, told in titles.items()}, kind, money)
    return Response(content, media_type=KINDS[kind], headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'})


def _words(here: Here) -> dict[str, Any]:
    def described(sample: Any, name: str | None) -> list[tuple[str, str]]:
        return samples.described(sample, name, here.lang)

    return {"described": described, "estimator": lambda name: here.say(*ESTIMATORS[name])}


def _to(sample_id: int) -> Response:
    return RedirectResponse(f"/samples/{sample_id}", 303)
