"""What people do with a sample: plan it, draw it, review its claims, close it.

The plan is written and journaled before the draw, so that nobody can draw until the result pleases; whoever gives a seed by hand
is said to have done so. Reading the lake takes a moment, so it happens before the act, which keeps other writers waiting.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Row as DbRow
from sqlalchemy import func, insert, select, update

from audit.cases import sampling
from audit.cases.refused import Refused, Unfit
from audit.cases.samples.frames import Found, Frame, Institution, found
from audit.cases.samples.lists import result, told_by
from audit.cases.sampling import Plan
from audit.cases.sampling.planning import yuan
from audit.cases.store import CHINA, Act
from audit.cases.tables import people, sample_claims, samples
from audit.cases.walls import seen_samples

MOST = 2_000  # claims of one sample: more than a team reviews on paper
LONGEST = 4_000  # characters of a note


@dataclass(frozen=True)
class Wish:
    """How much is wanted: `size` claims in all, or `precision` (fen): half the width that the 90 % interval may have."""

    size: int | None = None
    precision: int | None = None
    bands: int = 1  # at most so many bands of about equal money; 1 is a simple random sample
    rate: int = 50  # percent of the claims expected to be wholly overpaid
    estimator: str = "difference"


@dataclass(frozen=True)
class Proposal:
    """A frame read from the lake and the plan that a wish comes to."""

    institution: Institution
    frame: Frame
    found: Found
    wish: Wish
    plan: Plan
    seed_given: bool  # by hand, instead of by the machine's entropy


def propose(lake: Path, where: Institution, frame: Frame, wish: Wish, seed: int | None = None, held: Found | None = None) -> Proposal:
    """The plan for this wish. Open ends of the nights are closed, so that a later night does not join the frame. `held`: the frame, if
    it was read already. Unfit for an empty frame, or a sample that nobody could review."""
    closed = replace(frame, night_from=frame.night_from or where.first_night, night_to=frame.night_to or where.last_night)
    held = held or found(lake, closed)
    if held.claims.is_empty():
        raise Unfit("没有符合条件且由基金支付的结算，请放宽范围。", "No claim paid by the fund fits; widen the frame.")
    bounds = sampling.bands(held.units, wish.bands) if wish.bands > 1 else ()
    plan = sampling.plan(
        held.units,
        seed=sampling.new_seed() if seed is None else seed,
        size=wish.size,
        precision=wish.precision,
        bounds=bounds,
        rate=Fraction(wish.rate, 100),
        estimator=wish.estimator,
    )
    if plan.size > MOST:
        raise Unfit(
            f"按此要求需审查{plan.size:,}笔，超过一个样本的上限{MOST:,}笔；请放宽精度、减少层数或缩小范围。",
            f"This would take a review of {plan.size:,} claims, more than the {MOST:,} of one sample; ask for less precision, fewer bands, "
            "or a smaller frame.",
        )
    return Proposal(where, closed, held, wish, plan, seed is not None)


def create(act: Act, name: str, proposal: Proposal) -> int:
    """Write the plan down; returns the sample's id. Nothing is drawn yet."""
    if not name.strip():
        raise Unfit("请填写抽样名称。", "Give the sample a name.")
    where, plan = proposal.institution, proposal.plan
    stored: dict[str, Any] = {
        "fixmedins_name": where.fixmedins_name,
        "frame": proposal.frame.as_dict(),
        "unpaid": proposal.found.unpaid,
        "wish": asdict(proposal.wish),
        "seed_given": proposal.seed_given,
        "plan": plan.as_dict(),
    }
    made = act.con.execute(
        insert(samples).values(
            name=name.strip(),
            fixmedins_code=where.fixmedins_code,
            area=where.area,
            plan=json.dumps(stored, ensure_ascii=False),
            person_id=act.person.id,
            at=act.now,
        )
    )
    sample_id = int(made.inserted_primary_key[0])  # type: ignore[index]
    act.tell(
        "sample.plan",
        subject=str(sample_id),
        fixmedins_code=where.fixmedins_code,
        **{k: stored[k] for k in ("frame", "seed_given", "plan")},
    )
    return sample_id


def draw(act: Act, sample_id: int, drawn: pl.DataFrame) -> None:
    """Fix the units: `drawn` is lists.drawn of the sample. Refused (409) the second time."""
    _taken(act, sample_id)
    if act.con.scalar(select(func.count()).where(sample_claims.c.sample_id == sample_id)):
        name, at = told_by(act.con, "sample.draw", sample_id)
        raise Refused(f"{name}已于{_clock(at)}抽取，样本不能重抽。", f"{name} drew this sample at {_clock(at)}; it is not drawn twice.")
    act.con.execute(
        insert(sample_claims),
        [{"sample_id": sample_id, "setl_id": unit, "stratum": band, "paid": paid} for unit, paid, band, _ in drawn.iter_rows()],
    )
    act.tell("sample.draw", subject=str(sample_id), claims=len(drawn), paid=int(drawn["amount"].sum()))


def review(act: Act, sample_id: int, claim_id: int, overpaid: int, note: str, seen: str) -> None:
    """What a claim was overpaid (fen). `seen`: Row.seen as the page had it; who comes second is told (409)."""
    _taken(act, sample_id)
    at_once = select(sample_claims, people.c.name).join(people, people.c.id == sample_claims.c.person_id, isouter=True)
    row = act.con.execute(at_once.where(sample_claims.c.id == claim_id, sample_claims.c.sample_id == sample_id)).one_or_none()
    if row is None:
        raise Refused("样本中没有这笔结算。", "There is no such claim in the sample.", 404)
    if row.at and row.at.isoformat() != seen:
        zh, en = f"{row.name}已于{_clock(row.at)}审查", f"{row.name} reviewed this claim at {_clock(row.at)}"
        raise Refused(
            f"{zh}此结算，多付{yuan(row.overpaid)}元；您的填写没有保存，请查看后再修改。",
            f"{en}: overpaid by {yuan(row.overpaid)} yuan. Yours was not saved; look at it, then change it if need be.",
        )
    if not 0 <= overpaid <= row.paid:
        raise Unfit(f"多付金额须在0至{yuan(row.paid)}元之间。", f"The overpaid amount lies between 0 and {yuan(row.paid)} yuan.")
    if len(note) > LONGEST:
        raise Unfit(f"备注最多{LONGEST}字。", f"A note has at most {LONGEST} characters.")
    new = {"overpaid": overpaid, "note": note.strip(), "person_id": act.person.id, "at": act.now}
    act.con.execute(update(sample_claims).where(sample_claims.c.id == claim_id).values(**new))
    act.tell("sample.review", subject=f"{sample_id} {row.setl_id}", overpaid=overpaid, before=row.overpaid, note=note.strip())


def close(act: Act, sample_id: int) -> None:
    """Freeze a sample that is reviewed whole, with its result. Unfit while claims are open."""
    _taken(act, sample_id)
    told = result(act.con, act.person, sample_id)
    if told is None:
        raise Unfit("样本尚未全部审查，不能关闭。", "A sample is closed when every claim of it is reviewed.")
    act.con.execute(
        update(samples).where(samples.c.id == sample_id).values(result=json.dumps(asdict(told), ensure_ascii=False), closed_at=act.now)
    )
    act.tell("sample.close", subject=str(sample_id), found=told.found, recover=told.recover)


def _taken(act: Act, sample_id: int) -> DbRow:
    """The sample, its row held until the act ends: a review and the closing cannot pass each other. Refused when closed or not seen."""
    asked = select(samples).where(samples.c.id == sample_id, seen_samples(act.person)).with_for_update()
    row = act.con.execute(asked).one_or_none()
    if row is None:
        raise Refused("没有这个样本。", "There is no such sample.", 404)
    if row.closed_at is not None:
        name, at = told_by(act.con, "sample.close", sample_id)
        raise Refused(
            f"{name}已于{_clock(at)}关闭此样本，不能再修改。", f"{name} closed this sample at {_clock(at)}; it no longer changes."
        )
    return row


def _clock(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
