"""What a reviewed sample says of all units: the total overpaid, its two-sided 90 % interval and the one-sided 90 % lower bound.

difference   each band's mean overpayment x its units, added up: right on average, whatever the amounts
ratio        overpaid fen per billed fen of the sample x billed fen of the frame: narrower where overpayments grow with the bill

Both with the finite population correction (a band taken whole is no guess) and Student's t, whose degrees of freedom follow Satterthwaite
over the bands. The lower bound is what a bureau may ask back: samples drawn so would name more than the truth in one case of ten. It is the
lower end of a two-sided 80 % interval, as RAT-STATS prints it. Where amounts are very uneven and not parted into bands, the upper end is
often too low (measured: the interval held in 77 % instead of 90) and the lower bound cautious; bands mend it. Where a sample cannot carry
a number, a sentence says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from math import isqrt

import polars as pl
from scipy.special import stdtrit

from audit.cases.refused import Unfit
from audit.cases.sampling.planning import Band, Plan, yuan

LEAST = 30  # reviewed units below which no interval is named, unless they are all there are
_DIGITS = 40

Said = dict[str, str]  # language (zh, en) -> sentence
_NO_SCATTER = {
    "zh": "样本各单位多付情况完全相同，没有离散，无法计算区间；请核对审查结果或扩大样本。",
    "en": "All units of the sample are overpaid alike; without scatter there is no interval. Check the review, or draw a larger sample.",
}


@dataclass(frozen=True)
class Bound:
    """One estimator's answer, in fen; `freedom` is None where every unit was reviewed and nothing is estimated."""

    point: int
    error: int  # standard error of the point
    lower: int  # two-sided 90 %
    upper: int
    recover: int  # one-sided 90 % lower bound, never less than what was found
    freedom: float | None


@dataclass(frozen=True)
class Estimate:
    """An estimator that the sample cannot carry is None; where that is the plan's, `why_not` says why, and only what was found counts."""

    reviewed: int
    wrong: int  # reviewed units with an overpayment
    found: int  # fen overpaid in the sample itself
    difference: Bound | None
    ratio: Bound | None
    why_not: Said | None
    recover: int  # fen: the lower bound, or what was found where nothing can be carried over


@dataclass(frozen=True)
class _Reviewed:
    """A band with its reviewed units: billed and overpaid fen of each."""

    band: Band
    billed: list[int]
    overpaid: list[int]

    @property
    def whole(self) -> bool:
        return len(self.overpaid) == self.band.units


def estimate(plan: Plan, reviewed: pl.DataFrame) -> Estimate:
    """Carry a reviewed sample over to its frame.

    `reviewed`: the rows of `draw` with `overpaid` (fen, 0 to the unit's amount). Unfit when units are missing, not yet reviewed,
    or overpaid by more than was billed.
    """
    parts = _reviewed(plan, reviewed)
    overpaid = [fen for part in parts for fen in part.overpaid]
    found, wrong = sum(overpaid), sum(fen > 0 for fen in overpaid)
    why_not = _why_not(parts, overpaid)
    difference, ratio = (_difference(parts, found), _ratio(parts, found)) if why_not is None else (None, None)
    counts = difference if plan.estimator == "difference" else ratio
    if counts is None:
        return Estimate(len(overpaid), wrong, found, difference, ratio, why_not or _NO_SCATTER, found)
    return Estimate(len(overpaid), wrong, found, difference, ratio, None, counts.recover)


def _reviewed(plan: Plan, reviewed: pl.DataFrame) -> list[_Reviewed]:
    if missing := {"id", "amount", "band", "overpaid"} - set(reviewed.columns):
        raise ValueError(f"the reviewed sample lacks {', '.join(sorted(missing))}; take the rows of the draw and add overpaid (fen)")
    if reviewed["id"].is_duplicated().any():
        raise ValueError(f"the unit '{reviewed.filter(pl.col('id').is_duplicated())['id'][0]}' stands twice in the reviewed sample")
    if open_ := reviewed["overpaid"].null_count():
        first = reviewed.filter(pl.col("overpaid").is_null())["id"][0]
        raise Unfit(f"还有{open_}个单位未审查，第一个是“{first}”。", f"{open_} units are not reviewed yet; the first is '{first}'.")
    wrong = reviewed.filter((pl.col("overpaid") < 0) | (pl.col("overpaid") > pl.col("amount")))
    if len(wrong):
        unit, overpaid, billed = wrong["id"][0], yuan(wrong["overpaid"][0]), yuan(wrong["amount"][0])
        raise Unfit(
            f"单位“{unit}”的多付金额为{overpaid}元，而费用为{billed}元；多付金额应在0与费用之间。",
            f"Unit '{unit}' is overpaid by {overpaid} yuan, but was billed {billed}; it must lie between 0 and the bill.",
        )
    parts = []
    for number, band in enumerate(plan.bands):
        rows = reviewed.filter(pl.col("band") == number)
        if len(rows) != band.size:
            raise Unfit(
                f"第{number + 1}层审查了{len(rows)}个单位，而抽取了{band.size}个；样本须全部审查。",
                f"Band {number + 1} has {len(rows)} reviewed units, but {band.size} were drawn; a sample is reviewed whole.",
            )
        parts.append(_Reviewed(band, rows["amount"].to_list(), rows["overpaid"].to_list()))
    return parts


def _why_not(parts: list[_Reviewed], overpaid: list[int]) -> Said | None:
    """Why no number can be named, or None."""
    if all(part.whole for part in parts):
        return None
    if not any(overpaid):
        return {
            "zh": "样本中未发现多付金额，不能外推：仅能说明样本内没有问题。",
            "en": "Nothing in the sample was overpaid, so there is nothing to carry over: it says of the sample alone that it is in order.",
        }
    if len(overpaid) < LEAST:
        return {
            "zh": f"样本仅{len(overpaid)}个单位，少于{LEAST}个，不能给出可信的区间；请扩大样本。",
            "en": f"The sample has {len(overpaid)} units, fewer than {LEAST}: too few for an interval one can rely on. Draw a larger one.",
        }
    for number, part in enumerate(parts, start=1):
        if not part.whole and len(part.overpaid) < 2:
            return {
                "zh": f"第{number}层仅审查1个单位，无法估计其离散程度；请扩大该层样本。",
                "en": f"One unit of band {number} was reviewed, which shows no scatter; draw more of that band.",
            }
    return None


def _difference(parts: list[_Reviewed], found: int) -> Bound | None:
    point = sum(Fraction(part.band.units * sum(part.overpaid), len(part.overpaid)) for part in parts)
    return _bound(Fraction(point), parts, [[Fraction(fen) for fen in part.overpaid] for part in parts], found)


def _ratio(parts: list[_Reviewed], found: int) -> Bound | None:
    """The combined ratio: one share of the billed money for all bands, which its residuals scatter around."""
    over = sum(Fraction(part.band.units * sum(part.overpaid), len(part.overpaid)) for part in parts)
    billed = sum(Fraction(part.band.units * sum(part.billed), len(part.billed)) for part in parts)
    share = Fraction(over) / billed  # something was overpaid, so something was billed
    residuals = [[y - share * x for x, y in zip(part.billed, part.overpaid, strict=True)] for part in parts]
    return _bound(share * sum(part.band.billed_fen for part in parts), parts, residuals, found)


def _bound(point: Fraction, parts: list[_Reviewed], values: list[list[Fraction]], found: int) -> Bound | None:
    """Interval around `point` from the scatter of `values` (a list per band), between what was found and what was billed; None without."""
    pieces = [(_piece(part, mine), len(mine)) for part, mine in zip(parts, values, strict=True) if not part.whole]
    variance = sum((piece for piece, _ in pieces), Fraction(0))
    if not variance and pieces:
        return None
    if not pieces:  # everything was reviewed
        return Bound(_fen(point), 0, _fen(point), _fen(point), _fen(point), None)
    freedom = float(variance**2 / sum(piece**2 / (drawn - 1) for piece, drawn in pieces))
    billed = sum(part.band.billed_fen for part in parts)
    with localcontext() as exact:
        exact.prec = _DIGITS
        middle, error = Decimal(point.numerator) / Decimal(point.denominator), root(variance)
        reach, one_sided = (Decimal(repr(float(stdtrit(freedom, chance)))) * error for chance in (0.95, 0.90))
        lower, upper, recover = (min(max(_fen(limit), found), billed) for limit in (middle - reach, middle + reach, middle - one_sided))
        return Bound(_fen(middle), _fen(error), lower, upper, recover, freedom)


def _piece(part: _Reviewed, values: list[Fraction]) -> Fraction:
    """A band's share of the variance: N² (1 - n/N) s² / n."""
    drawn, units = len(values), part.band.units
    mean = sum(values, Fraction(0)) / drawn
    squares = sum(((value - mean) ** 2 for value in values), Fraction(0))
    return units * (units - drawn) * squares / (drawn - 1) / drawn


def root(square: Fraction) -> Decimal:
    """The square root, cut after 40 decimals."""
    return Decimal(isqrt(square.numerator * 10 ** (2 * _DIGITS) // square.denominator)).scaleb(-_DIGITS)


def _fen(value: Fraction | Decimal) -> int:
    """Whole fen, halves up."""
    if isinstance(value, Fraction):
        return int((2 * value.numerator + value.denominator) // (2 * value.denominator))
    return int(value.to_integral_value(ROUND_HALF_UP))
