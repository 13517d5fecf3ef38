"""What of a sample goes out of the house: the method to print and sign, and its tables as files. Every file is journaled."""

from __future__ import annotations

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter
from fastapi.responses import Response

from audit.cases import samples, sampling
from audit.cases.exports import KINDS, export
from audit.cases.samples import Row, Sample
from audit.console.door import may
from audit.console.export import Kind
from audit.console.here import Here
from audit.console.samples.asked import Id
from audit.console.sheets import Column, Sheet

pages = APIRouter()
Reader = Annotated[Here, may("sample.read")]
ESTIMATORS = {"difference": ("差额估计", "Difference"), "ratio": ("比率估计", "Ratio")}
COLUMNS = (
    Column("name", "名称", "Name", "text"),
    Column("fixmedins_code", "机构编号", "Code", "code"),
    Column("fixmedins_name", "机构名称", "Institution", "text"),
    Column("units", "抽样框（笔）", "Claims of the frame"),
    Column("billed", "抽样框金额", "Amount of the frame", "fen"),
    Column("size", "样本量", "Sample"),
    Column("drawn", "已抽取", "Drawn"),
    Column("reviewed", "已审查", "Reviewed"),
    Column("overpaid", "样本多付", "Overpaid in the sample", "fen"),
    Column("recover", "追回金额", "To recover", "fen"),
    Column("planned_by", "制定", "Planned by", "text"),
    Column("at", "制定时间", "Planned", "moment"),
    Column("closed_at", "关闭时间", "Closed", "moment"),
)
INSTITUTIONS = (
    Column("fixmedins_code", "机构编号", "Code", "code"),
    Column("fixmedins_name", "机构名称", "Institution", "text"),
    Column("area", "区划", "Area", "code"),
    Column("claims", "结算", "Claims"),
    Column("flagged", "被标记", "Flagged"),
    Column("fund_pay_sumamt", "基金支付", "Paid by the fund", "fen"),
    Column("first_night", "最早批次", "First night", "day"),
    Column("last_night", "最近批次", "Last night", "day"),
)
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


def words(here: Here) -> dict[str, Any]:
    """What the pages of a sample say beside the words that every page knows."""

    def described(sample: Any, name: str | None) -> list[tuple[str, str]]:
        return samples.described(sample, name, here.lang)

    return {"described": described, "estimator": lambda name: here.say(*ESTIMATORS[name])}


def sheet(every: list[Sample]) -> Sheet:
    """The list of samples; money over whole samples."""
    rows = [
        {**vars(one), "units": one.plan.units, "billed": one.plan.billed_fen, "size": one.plan.size,
         "overpaid": one.overpaid if one.reviewed else None, "recover": one.result.recover if one.result else None}
        for one in every
    ]  # fmt: skip
    return Sheet("samples", "抽样", "Samples", COLUMNS, rows)


def institutions(found: list[samples.Institution]) -> Sheet:
    """Those that a sample can be drawn of, as the page lists them."""
    return Sheet("institutions", "机构", "Institutions", INSTITUTIONS, [vars(one) for one in found])


@pages.get("/samples/{sample_id}/method")
def method(here: Reader, sample_id: Id) -> Response:
    """To print: frame, plan, result, every reviewed claim, and room for signatures."""
    with here.read() as con:
        sample, rows = samples.one(con, here.person, sample_id), samples.rows(con, here.person, sample_id)
        result = samples.result(con, here.person, sample_id)
    lines = sampling.method_text(sample.plan, result, here.lang).splitlines()
    return here.page("samples_method.html", sample=sample, rows=rows, lines=lines, result=result, **words(here))


@pages.get("/samples/{sample_id}/claims.{kind}")
def take_claims(here: Reader, sample_id: Id, kind: Kind) -> Response:
    """The drawn claims with their review."""
    with here.act() as act:
        sample, rows = samples.one(act.con, here.person, sample_id), samples.rows(act.con, here.person, sample_id)
        act.tell("sample.export", subject=str(sample_id), what="claims", kind=kind)
    frame = _table(sample, rows, samples.facts(here.place.lake, sample.frame, [row.setl_id for row in rows]))
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
