"""How large a sample, shared out to bands of amounts, and which units: settled before anybody looks at one.

Shares follow Neyman: a band gets more the more units it has and the more its overpayments are expected to scatter. Nobody knows that
scatter before the review, so it is taken as if each unit were wholly wrong with the chance `rate`; who has reviewed a probe gives the
scatter it showed.
"""

from __future__ import annotations

import hashlib
import secrets
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from heapq import heapify, heappop, heappush
from itertools import accumulate
from typing import Any

import polars as pl

from audit.cases.refused import Unfit

LEAST_PER_BAND = 30  # units of a band (all of it, if it has fewer): below that a band's scatter is a guess
ESTIMATORS = ("difference", "ratio")
UNITS = ("claim", "line")
_NORMAL_90 = 1.6448536269514722  # quantile of the two-sided 90 % interval, for planning only


@dataclass(frozen=True)
class Band:
    """Units with from_fen <= amount < below_fen (None: no end): how many there are, what they billed, how many are drawn."""

    from_fen: int
    below_fen: int | None
    units: int
    billed_fen: int
    size: int


@dataclass(frozen=True)
class Plan:
    """All that makes a sample: kept before the draw, so that nobody can draw until the result pleases."""

    seed: int
    unit: str  # one of UNITS
    estimator: str  # which estimate will count, one of ESTIMATORS
    bands: tuple[Band, ...]
    frame: str  # fingerprint of the frame's ids and amounts

    @property
    def units(self) -> int:
        return sum(band.units for band in self.bands)

    @property
    def billed_fen(self) -> int:
        return sum(band.billed_fen for band in self.bands)

    @property
    def size(self) -> int:
        return sum(band.size for band in self.bands)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, to be stored as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Plan:
        return cls(**{**stored, "bands": tuple(Band(**band) for band in stored["bands"])})


def yuan(fen: int) -> str:
    """Whole fen as yuan with two decimals."""
    return f"{'-' * (fen < 0)}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def new_seed() -> int:
    """A seed from the machine's entropy, to be stored in the plan."""
    return secrets.randbits(53)


def bands(frame: pl.DataFrame, count: int) -> tuple[int, ...]:
    """The amounts (fen) that part a frame into at most `count` bands of about equal money; fewer where few units hold most of it."""
    amounts = sorted(_frame(frame)["amount"].to_list())
    running = list(accumulate(amounts))
    cuts = {amounts[bisect_left(running, Fraction(running[-1] * number, count))] for number in range(1, count)}
    return tuple(sorted(cut for cut in cuts if cut > amounts[0]))


def plan(
    frame: pl.DataFrame,
    *,
    seed: int,
    size: int | None = None,
    precision: int | None = None,
    bounds: Sequence[int] = (),
    spreads: Sequence[int] | None = None,
    rate: Fraction = Fraction(1, 2),
    unit: str = "claim",
    estimator: str = "difference",
) -> Plan:
    """The plan of a sample from `frame` (id: text, amount: fen from 0 on; one row per unit).

    `size`: units in all (more where a band would have fewer than its least); or `precision`: half the width (fen) that the two-sided 90 %
    interval of the total may have. `bounds`: amounts where a new band begins, rising; none for a simple random sample. `spreads`: standard
    deviation of the overpayment per unit (fen) of each band, from a probe; else it follows from `rate`, the share of units expected to be
    wholly wrong. Unfit for a frame or a wish that makes no sample.
    """
    units = _frame(frame)
    if (size is None) == (precision is None):
        raise Unfit("样本量与所需精度请只填一项。", "Give either the size of the sample or the precision that is wanted, and not both.")
    if min(size or 1, precision or 1) < 1 or 0 in (size, precision) or not 0 < rate <= 1:
        raise Unfit(
            "样本量和精度须不小于1，预计违规比例须大于0且不超过1。",
            "Size and precision must be 1 or more, and the expected share of violations above 0 and at most 1.",
        )
    if unit not in UNITS or estimator not in ESTIMATORS:
        raise ValueError(f"the unit must be one of {', '.join(UNITS)} and the estimator one of {', '.join(ESTIMATORS)}")
    parts = _parts(units["amount"].to_list(), bounds)
    if spreads is not None and (len(spreads) != len(parts) or min(spreads) < 0):
        raise Unfit(
            f"共{len(parts)}层，请为每层填写不小于0的标准差。",
            f"There are {len(parts)} bands; give a standard deviation from 0 on for each.",
        )
    scatter = list(spreads) if spreads is not None else [_expected(amounts, rate) for amounts in parts]
    sizes = _allotted([len(amounts) for amounts in parts], scatter, size, precision)
    made = tuple(
        Band(first, below, len(amounts), sum(amounts), drawn)
        for first, below, amounts, drawn in zip((0, *bounds), (*bounds, None), parts, sizes, strict=True)
    )
    return Plan(seed, unit, estimator, made, _fingerprint(units))


def draw(frame: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """The drawn units: id, amount (fen), band (from 0), turn (from 1, the order of drawing within its band).

    Each unit has a number made from the seed and its id; the lowest of a band are drawn. So the order of the frame changes nothing, and a
    larger sample of the same seed begins with the smaller one. Unfit when the frame is no longer the one that was planned.
    """
    units = _frame(frame)
    if _fingerprint(units) != plan.frame:
        raise Unfit(
            "抽样框与制定方案时不同：单位或金额已有变化，请重新制定方案。",
            "The frame is not the one this sample was planned for: units or amounts have changed. Make a new plan.",
        )
    starts = [band.from_fen for band in plan.bands[1:]]
    lots = [hashlib.sha256(f"{plan.seed}:{unit}".encode()).hexdigest() for unit in units["id"]]
    drawn = units.with_columns(
        band=pl.Series([bisect_right(starts, amount) for amount in units["amount"]], dtype=pl.Int64), lot=pl.Series(lots, dtype=pl.String)
    ).sort("band", "lot", "id")
    drawn = drawn.with_columns(turn=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("band"))
    sizes = pl.Series([band.size for band in plan.bands], dtype=pl.Int64)
    return drawn.filter(pl.col("turn") <= sizes.gather(drawn["band"])).select("id", "amount", "band", "turn")


def _frame(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame as id and amount, sorted by id; Unfit when it is not one."""
    if not {"id", "amount"} <= set(frame.columns):
        raise ValueError("a frame needs the columns id and amount (fen)")
    units = frame.select(pl.col("id").cast(pl.String), pl.col("amount").cast(pl.Int64)).sort("id")
    if units.is_empty():
        raise Unfit("抽样框为空，没有可抽取的单位。", "The frame is empty: there is nothing to draw from.")
    if units["id"].null_count() or units["amount"].null_count() or units["amount"].min() < 0:  # type: ignore[operator]
        raise Unfit("抽样框中每个单位都须有编号，且金额不小于0。", "Every unit of a frame needs an id and an amount of 0 or more.")
    if units["id"].is_duplicated().any():
        unit = units.filter(pl.col("id").is_duplicated())["id"][0]
        raise Unfit(f"单位“{unit}”在抽样框中出现多次。", f"The unit '{unit}' stands in the frame more than once.")
    return units


def _fingerprint(units: pl.DataFrame) -> str:
    return hashlib.sha256("".join(f"{unit}\t{amount}\n" for unit, amount in units.iter_rows()).encode()).hexdigest()


def _parts(amounts: list[int], bounds: Sequence[int]) -> list[list[int]]:
    """The amounts of each band; Unfit when bounds do not rise or a band is empty."""
    if any(later <= earlier for earlier, later in zip((0, *bounds), bounds, strict=False)):
        raise Unfit("分层界限须大于0并逐个递增。", "The bounds of the bands must rise and lie above 0.")
    parts: list[list[int]] = [[] for _ in range(len(bounds) + 1)]
    for amount in amounts:
        parts[bisect_right(bounds, amount)].append(amount)
    if not all(parts):
        empty = parts.index([]) + 1
        raise Unfit(f"第{empty}层没有单位，请调整或取消其界限。", f"Band {empty} holds no unit; move or drop its bound.")
    return parts


def _expected(amounts: list[int], rate: Fraction) -> float:
    """Standard deviation of the overpayment when each unit is wholly wrong with the chance `rate`, else not at all."""
    squares, mean = Fraction(sum(amount * amount for amount in amounts), len(amounts)), Fraction(sum(amounts), len(amounts))
    return float(rate * squares - (rate * mean) ** 2) ** 0.5


def _allotted(counts: list[int], scatter: Sequence[float], size: int | None, precision: int | None) -> list[int]:
    """How many of each band: its least first, then unit by unit where one more narrows the interval most, until there are `size` or the
    interval is `precision` narrow. Of all whole numbers these are the best, and those Neyman's shares are rounded from."""
    sizes = [min(LEAST_PER_BAND if len(counts) > 1 or size is None else size, count) for count in counts]
    worth = [(count * spread) ** 2 for count, spread in zip(counts, scatter, strict=True)]
    variance = sum(mine * (1 / drawn - 1 / count) for mine, drawn, count in zip(worth, sizes, counts, strict=True))
    gains = [
        (-mine / (drawn * (drawn + 1)), number)
        for number, (mine, drawn) in enumerate(zip(worth, sizes, strict=True))
        if drawn < counts[number]
    ]
    heapify(gains)
    allowed = (precision / _NORMAL_90) ** 2 if precision is not None else -1.0
    while gains and variance > allowed and (size is None or sum(sizes) < size):
        gain, number = heappop(gains)
        sizes[number] += 1
        variance += gain
        if sizes[number] < counts[number]:
            heappush(gains, (-worth[number] / (sizes[number] * (sizes[number] + 1)), number))
    return sizes
