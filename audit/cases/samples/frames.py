"""Which claims a sample is drawn from: those of one institution that the nights audited, flagged or not, and that the fund paid for.

The lake keeps a narrow row of every audited claim (`audited_claims`); its unit here is what the fund paid, since no more can be asked back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from audit import words
from audit.cases.refused import Refused
from audit.cases.sampling.planning import yuan
from audit.cases.walls import Person
from audit.lake import Lake
from audit.report.kept import AUDITED, INSTITUTIONS

_OF_NIGHT = pl.Schema({"batch_date": pl.Date(), **INSTITUTIONS})
_CLAIMS = pl.Schema({"batch_date": pl.Date(), **AUDITED})
_DATES = ("night_from", "night_to", "day_from", "day_to")


@dataclass(frozen=True)
class Frame:
    """The wish that makes a frame; both ends belong to it. Days are those on which a claim's care ended. Amounts are fen of the fund."""

    fixmedins_code: str
    night_from: date | None = None
    night_to: date | None = None
    day_from: date | None = None
    day_to: date | None = None
    med_type: str = ""
    dept: str = ""  # adm_dept_name, or the code where there is no name
    amount_from: int | None = None
    amount_to: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return {name: str(value) if isinstance(value, date) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Frame:
        days = {name: date.fromisoformat(stored[name]) for name in _DATES if stored[name]}
        return cls(**(stored | days))


@dataclass(frozen=True)
class Institution:
    """One institution over all nights of the lake. Money in fen."""

    fixmedins_code: str
    fixmedins_name: str | None
    area: str
    claims: int
    flagged: int
    fund_pay_sumamt: int
    first_night: date
    last_night: date


@dataclass(frozen=True)
class Found:
    """What a frame holds. `claims`: night and AUDITED's columns, sorted by setl_id."""

    claims: pl.DataFrame
    unpaid: int  # claims that fit, but for which the fund paid nothing: they cannot be overpaid, and are left out
    not_kept: list[date]  # nights with claims of this institution that were run by an engine that kept no amounts
    med_types: list[str]  # of the institution in these nights, to choose from
    depts: list[str]

    @property
    def units(self) -> pl.DataFrame:
        """The frame as audit.cases.sampling wants it: id, amount."""
        return self.claims.select(id="setl_id", amount="fund_pay_sumamt")


def institutions(lake: Path, person: Person, search: str = "", most: int = 50) -> list[Institution]:
    """The institutions of the person's area whose code or name holds `search`, those that cost the fund most first."""
    of_night = _institutions(lake, person).filter(
        pl.col("fixmedins_code").str.contains(search, literal=True) | pl.col("fixmedins_name").str.contains(search, literal=True)
    )
    return _summed(of_night, most)


def institution(lake: Path, person: Person, fixmedins_code: str) -> Institution:
    """Refused (404) when no night knows it, or it lies outside the person's area."""
    known = _summed(_institutions(lake, person).filter(fixmedins_code=fixmedins_code), 1)
    if not known:
        raise Refused("您的统筹区内没有这家机构的结算。", "No night knows claims of this institution in your area.", 404)
    return known[0]


def found(lake: Path, frame: Frame) -> Found:
    """Read a frame. Empty where nothing fits."""
    every = _claims(lake, frame)
    nights = every["night"].unique().implode()
    expected = Lake(lake).read("institutions", _OF_NIGHT).filter(fixmedins_code=frame.fixmedins_code)
    asked = _between("batch_date", frame.night_from, frame.night_to)
    not_kept = expected.filter(asked, ~pl.col("batch_date").is_in(nights)).select("batch_date").collect()["batch_date"]
    dept, paid = pl.coalesce("adm_dept_name", "adm_dept_codg"), pl.col("fund_pay_sumamt")
    fitting = every.filter(
        _between(pl.coalesce("end_date", "begn_date"), frame.day_from, frame.day_to),
        pl.col("med_type") == frame.med_type if frame.med_type else True,
        dept == frame.dept if frame.dept else True,
        _between("fund_pay_sumamt", frame.amount_from, frame.amount_to),
    )
    return Found(
        fitting.filter(paid > 0),
        fitting.filter(paid <= 0).height,
        not_kept.sort().to_list(),
        every["med_type"].drop_nulls().unique().sort().to_list(),
        every.select(dept)["adm_dept_name"].drop_nulls().unique().sort().to_list(),
    )


def facts(lake: Path, frame: Frame, setl_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What the lake keeps of these claims of a frame, by setl_id."""
    wanted = pl.col("setl_id").is_in(pl.Series(values=list(setl_ids), dtype=pl.String).implode())
    return {row["setl_id"]: row for row in _claims(lake, frame, wanted).iter_rows(named=True)}


def described(frame: Frame, name: str | None, language: str) -> list[tuple[str, str]]:
    """The frame in words, as (what, which), for pages and the printed method."""

    def say(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    def span(first: object, last: object) -> str:
        return f"{first or '…'} – {last or '…'}"

    amounts = [None if fen is None else yuan(fen) for fen in (frame.amount_from, frame.amount_to)]
    told = [
        (say("机构", "Institution"), f"{name} {frame.fixmedins_code}" if name else frame.fixmedins_code),
        (say("夜间批次", "Nights"), span(frame.night_from, frame.night_to)),
    ]
    if frame.day_from or frame.day_to:
        told.append((say("费用结束日期", "Care ended"), span(frame.day_from, frame.day_to)))
    if frame.med_type:
        told.append((words.name("med_type", language), words.value("med_type", frame.med_type, language)))
    if frame.dept:
        told.append((words.name("adm_dept_name", language), frame.dept))
    if any(amounts):
        told.append((say("基金支付金额（元）", "Paid by the fund (yuan)"), span(*amounts)))
    told.append(
        (
            say("抽样单位", "Unit"),
            say(
                "上述范围内经审核的每一笔结算，不论是否被标记；金额为基金支付总额（fund_pay_sumamt），未由基金支付的结算不在内。",
                "Every audited claim of the above, flagged or not; its amount is what the fund paid (fund_pay_sumamt). "
                "Claims for which the fund paid nothing are left out.",
            ),
        )
    )
    return told


def _institutions(lake: Path, person: Person) -> pl.LazyFrame:
    """A row per night and institution of the person's area."""
    every = Lake(lake).read("institutions", _OF_NIGHT)
    return every.filter(pl.col("fix_blng_admdvs").str.starts_with(person.area)) if person.area else every


def _summed(of_night: pl.LazyFrame, most: int) -> list[Institution]:
    ordered = of_night.sort("batch_date").group_by("fixmedins_code")
    newest = ordered.agg(
        pl.col("fixmedins_name").drop_nulls().last(),
        pl.col("fix_blng_admdvs").drop_nulls().last().fill_null("").alias("area"),
        pl.col("claims", "flagged", "fund_pay_sumamt").sum(),
        pl.col("batch_date").min().alias("first_night"),
        pl.col("batch_date").max().alias("last_night"),
    )
    rows = newest.sort("fund_pay_sumamt", "fixmedins_code", descending=[True, False]).head(most).collect()
    return [Institution(**row) for row in rows.iter_rows(named=True)]


def _claims(lake: Path, frame: Frame, *wanted: pl.Expr) -> pl.DataFrame:
    """Audited claims of the frame's institution and nights, each once: a claim that two of them audited counts for the first."""
    mine = (pl.col("fixmedins_code") == frame.fixmedins_code, _between("batch_date", frame.night_from, frame.night_to), *wanted)
    rows = Lake(lake).read("audited_claims", _CLAIMS).filter(*mine).rename({"batch_date": "night"}).collect(engine="streaming")
    return rows.sort("setl_id", "night").unique("setl_id", keep="first", maintain_order=True)


def _between(column: str | pl.Expr, first: Any, last: Any) -> pl.Expr:
    value, holds = pl.col(column) if isinstance(column, str) else column, pl.lit(True)
    if first is not None:
        holds &= value >= first
    if last is not None:
        holds &= value <= last
    return holds
