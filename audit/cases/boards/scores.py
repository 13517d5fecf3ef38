"""Whether the models' probabilities hold on cases that people decided, and whether the scores move from night to night."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from sqlalchemy import Connection, case, func, select

from audit.cases.boards.cohort import Cohort
from audit.cases.boards.shares import FEW, part, wilson
from audit.cases.tables import cases, labels
from audit.lake import Lake

Row = dict[str, Any]
BANDS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)  # probabilities of decided cases
NIGHTS = 30  # how many nights drift looks back
# of a night's claims: narrow where most lie
_BINS = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0)
_MISSING = 3  # columns named per night
_CLAIMS = pl.Schema({"batch_date": pl.Date(), "flagged": pl.Boolean(), "fraud_probability": pl.Float64()})
_UNTOLD = pl.Schema({"batch_date": pl.Date(), "rule_id": pl.String(), "grain": pl.String(), "missing": pl.String(), "rows": pl.Int64()})
_CARDS = pl.Schema({"batch_date": pl.Date(), "lines": pl.Int64(), "claims": pl.Int64()})


def calibration(con: Connection, cohort: Cohort) -> list[Row]:
    """Decided cases by the probability that the models gave: a row per band with low and high edge (`from`, `to`), cases, the mean
    probability, how many turned out a violation, that share with its 95 % interval, and whether these are few."""
    p = cases.c.fraud_probability
    band = case(*((p < edge, number) for number, edge in enumerate(BANDS[1:-1])), else_=len(BANDS) - 2).label("band")
    true = func.sum(case((labels.c.violation, 1), else_=0)).label("violations")
    asked = select(band, func.count().label("cases"), func.avg(p).label("predicted"), true).join(labels, labels.c.case_id == cases.c.id)
    found = {row.band: row for row in con.execute(asked.where(cohort.where, p.is_not(None)).group_by(band))}
    rows = []
    for number, (low, high) in enumerate(pairwise(BANDS)):
        row = found.get(number)
        n, k = (int(row.cases), int(row.violations)) if row else (0, 0)
        least, most = wilson(k, n)
        told = {"from": low, "to": high, "cases": n, "predicted": float(row.predicted) if row else None, "violations": k}
        rows.append({**told, "share": part(k, n), "low": least, "high": most, "few": n < FEW})
    return rows


class _Night(NamedTuple):
    claims: int
    flagged: int
    unscored: int
    bins: tuple[int, ...]
    missing: tuple[tuple[str, float], ...]  # column, share of rows that some rule could not judge for want of it; most first


def drift(lake: Path) -> list[Row]:
    """The last NIGHTS nights of the whole lake, newest first: claims, flagged share, share without a score, the population stability index
    of the scores against the night before, and what chance alone would make of it; the columns missing most, each with its share."""
    runs = Lake(lake).runs().select("batch_date", "run_id").tail(NIGHTS + 1).rows()
    rows: list[Row] = []
    before: _Night | None = None
    for day, run_id in runs:
        night = _night(lake, day, run_id)
        told = {"of": day, "claims": night.claims, "flagged": night.flagged, "flagged_share": part(night.flagged, night.claims)}
        told |= {"unscored": part(night.unscored, night.claims), "psi": None, "chance": None, "missing": night.missing}
        if before and sum(before.bins) and sum(night.bins):
            told |= {"psi": psi(before.bins, night.bins), "chance": (len(_BINS) - 2) * (1 / sum(before.bins) + 1 / sum(night.bins))}
        rows.append(told)
        before = night
    return rows[-NIGHTS:][::-1]


def psi(expected: tuple[int, ...], seen: tuple[int, ...]) -> float:
    """Population stability index of two histograms over the same bins; half a claim is added to each bin, so that an empty one is no
    infinity. Of equal distributions it is about (bins - 1)(1/n + 1/m); above 0.1 it is looked at, above 0.25 acted upon."""
    old, new = sum(expected) + len(expected) / 2, sum(seen) + len(seen) / 2
    pairs = (((e + 0.5) / old, (s + 0.5) / new) for e, s in zip(expected, seen, strict=True))
    return sum((s - e) * math.log(s / e) for e, s in pairs)


@lru_cache(maxsize=256)
def _night(lake: Path, day: date, run_id: str) -> _Night:
    """A completed run never changes, so it is read once."""
    kept, tonight = Lake(lake), pl.col("batch_date") == day
    claims = kept.read("claims", _CLAIMS).filter(tonight).collect()
    scores = claims["fraud_probability"].drop_nulls()
    bins = scores.cut(list(_BINS[1:-1]), left_closed=True, labels=[str(n) for n in range(len(_BINS) - 1)]).value_counts()
    counted = {int(label): count for label, count in bins.iter_rows()}
    return _Night(
        claims.height, int(claims["flagged"].sum()), claims.height - scores.len(),
        tuple(counted.get(n, 0) for n in range(len(_BINS) - 1)), _missing(kept, tonight),
    )  # fmt: skip


def _missing(kept: Lake, tonight: pl.Expr) -> tuple[tuple[str, float], ...]:
    """Several rules may want the same column of the same rows, so a column counts with the rule that missed it most."""
    sizes = kept.read("scorecards", _CARDS).filter(tonight).select(pl.col("lines", "claims").max()).collect().row(0)
    of = {"line": sizes[0] or 0}
    untold = kept.read("cannot_tell", _UNTOLD).filter(tonight).group_by("rule_id", "grain", "missing").agg(pl.col("rows").sum()).collect()
    worst: dict[str, float] = {}
    for grain, missing, rows in untold.select("grain", "missing", "rows").iter_rows():
        if whole := of.get(grain, sizes[1] or 0):
            worst[missing] = max(worst.get(missing, 0.0), min(1.0, rows / whole))
    return tuple(sorted(worst.items(), key=lambda one: (-one[1], one[0]))[:_MISSING])
