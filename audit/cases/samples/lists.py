"""Samples as a person may see them, their claims, their result, and their draw done again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, Select, and_, func, select
from sqlalchemy import Row as DbRow

from audit.cases import sampling
from audit.cases.refused import Refused, Unfit
from audit.cases.samples.frames import Frame, found
from audit.cases.sampling import Bound, Estimate, Plan
from audit.cases.tables import cases, journal, people, sample_claims, samples
from audit.cases.walls import Person, seen, seen_samples


@dataclass(frozen=True)
class Sample:
    """A sample with its progress. Money in fen."""

    id: int
    name: str
    fixmedins_code: str
    fixmedins_name: str | None
    area: str
    planned_by: str
    at: datetime
    closed_at: datetime | None
    frame: Frame
    wish: dict[str, Any]  # as work.Wish has it
    unpaid: int  # claims left out, see frames.Found
    seed_given: bool
    plan: Plan
    result: Estimate | None  # of a closed one
    drawn: int
    reviewed: int
    overpaid: int  # so far


@dataclass(frozen=True)
class Row:
    """A drawn claim in the order of the draw. `case_id`, `step`, `decided_amt`: its case, where there is one that the person may see."""

    id: int
    setl_id: str
    stratum: int
    paid: int
    overpaid: int | None
    note: str
    reviewer: str | None
    at: datetime | None
    case_id: int | None
    step: str | None
    decided_amt: int | None

    @property
    def seen(self) -> str:
        """Which review this shows; goes back with a change of it."""
        return self.at.isoformat() if self.at else ""

    @property
    def proposed(self) -> int | None:
        """For a claim that is not reviewed yet: what its closed case decided, as far as the fund paid it."""
        return min(self.decided_amt or 0, self.paid) if self.step == "closed" and self.overpaid is None else None


@dataclass(frozen=True)
class Verdict:
    """Whether the draw, done again from the stored plan, gives the same claims, bands and amounts."""

    same: bool
    said: dict[str, str]


def every(con: Connection, person: Person) -> list[Sample]:
    """All samples that this person may see, the newest first."""
    return [_sample(row) for row in con.execute(_asked(person).order_by(samples.c.id.desc()))]


def one(con: Connection, person: Person, sample_id: int) -> Sample:
    """Refused (404) when there is none, or none to be seen."""
    row = con.execute(_asked(person).where(samples.c.id == sample_id)).one_or_none()
    if row is None:
        raise Refused("没有这个样本。", "There is no such sample.", 404)
    return _sample(row)


def rows(con: Connection, person: Person, sample_id: int) -> list[Row]:
    """The drawn claims of a sample that the person may see."""
    columns = [sample_claims.c[name] for name in ("id", "setl_id", "stratum", "paid", "overpaid", "note", "at")]
    of_case = [cases.c.id.label("case_id"), cases.c.step, cases.c.decided_amt]
    asked = (
        select(*columns, people.c.name.label("reviewer"), *of_case)
        .join(samples, samples.c.id == sample_claims.c.sample_id)
        .join(people, people.c.id == sample_claims.c.person_id, isouter=True)
        .join(cases, and_(cases.c.setl_id == sample_claims.c.setl_id, seen(person)), isouter=True)
        .where(samples.c.id == sample_id, seen_samples(person))
        .order_by(sample_claims.c.id)
    )
    return [Row(**row._asdict()) for row in con.execute(asked)]


def result(con: Connection, person: Person, sample_id: int) -> Estimate | None:
    """What the review says of the whole frame; None while claims are open or nothing is drawn. A closed sample's is as it was closed."""
    sample = one(con, person, sample_id)
    if sample.result is not None:
        return sample.result
    if not sample.drawn or sample.reviewed < sample.drawn:
        return None
    return sampling.estimate(sample.plan, reviewed(con, sample_id))


def reviewed(con: Connection, sample_id: int) -> pl.DataFrame:
    """The drawn units as audit.cases.sampling wants them: id, amount, band, overpaid."""
    asked = select(*(sample_claims.c[name] for name in ("setl_id", "paid", "stratum", "overpaid")))
    kept = [tuple(row) for row in con.execute(asked.where(sample_claims.c.sample_id == sample_id).order_by(sample_claims.c.id))]
    return pl.DataFrame(kept, {"id": pl.String, "amount": pl.Int64, "band": pl.Int64, "overpaid": pl.Int64}, orient="row")


def drawn(lake: Path, sample: Sample) -> pl.DataFrame:
    """The draw of a sample's plan, from the lake as it is now: see sampling.draw. Unfit when the frame has changed since the plan."""
    return sampling.draw(found(lake, sample.frame).units, sample.plan)


def verify(lake: Path, sample: Sample, kept: pl.DataFrame) -> Verdict:
    """Draw again, and compare with `kept` (of `reviewed`)."""
    if not sample.drawn:
        return Verdict(False, {"zh": "样本尚未抽取，没有可核对的内容。", "en": "Nothing is drawn yet that could be verified."})
    try:
        again = drawn(lake, sample)
    except Unfit as why:
        zh, en = "无法重抽：" + why.said["zh"], "It cannot be drawn again: " + why.said["en"]
        return Verdict(False, {"zh": zh, "en": en})
    if again.select("id", "amount", "band").equals(kept.select("id", "amount", "band")):
        zh = f"抽样已核对：用种子{sample.plan.seed}从同一抽样框重抽，得到相同的{len(kept)}笔结算，次序相同。"
        en = f"The draw holds: seed {sample.plan.seed} and the same frame give the same {len(kept)} claims in the same order."
        return Verdict(True, {"zh": zh, "en": en})
    differ = again.join(kept, on=["id", "amount", "band"], how="anti").height
    zh = f"抽样不符：重抽结果与保存的样本有{differ}笔不同，保存的样本可能被改动，请查看操作日志。"
    en = f"The draw does not hold: {differ} claims differ from what is kept. The kept sample may have been changed; see the journal."
    return Verdict(False, {"zh": zh, "en": en})


def told_by(con: Connection, action: str, sample_id: int) -> tuple[str, datetime]:
    """Who did it, and when, as the journal has it."""
    asked = select(func.coalesce(people.c.name, journal.c.login), journal.c.at).where(journal.c.action == action)
    asked = asked.join(people, people.c.login == journal.c.login, isouter=True).where(journal.c.subject == str(sample_id))
    name, at = con.execute(asked.order_by(journal.c.seq)).first()  # type: ignore[misc]
    return name, at


def _asked(person: Person) -> Select:
    of_it = select(sample_claims.c.sample_id, func.count().label("drawn"), func.count(sample_claims.c.overpaid).label("reviewed"))
    done = of_it.add_columns(func.sum(sample_claims.c.overpaid).label("overpaid")).group_by(sample_claims.c.sample_id).subquery()
    counts = [func.coalesce(done.c[name], 0).label(name) for name in ("drawn", "reviewed", "overpaid")]
    asked = select(samples, people.c.name.label("planned_by"), *counts).join(people, people.c.id == samples.c.person_id)
    return asked.join(done, done.c.sample_id == samples.c.id, isouter=True).where(seen_samples(person))


def _sample(row: DbRow) -> Sample:
    kept = row._asdict()
    stored, told = json.loads(kept.pop("plan")), kept.pop("result")
    del kept["person_id"]
    given = {name: stored[name] for name in ("fixmedins_name", "wish", "unpaid", "seed_given")}
    kept |= {name: int(kept[name]) for name in ("drawn", "reviewed", "overpaid")}  # PostgreSQL sums to decimals
    return Sample(**kept, **given, frame=Frame.from_dict(stored["frame"]), plan=Plan.from_dict(stored["plan"]), result=_estimate(told))


def _estimate(text: str | None) -> Estimate | None:
    if text is None:
        return None
    stored = json.loads(text)
    bounds = {name: Bound(**stored[name]) if stored[name] else None for name in ("difference", "ratio")}
    return Estimate(**{**stored, **bounds})
