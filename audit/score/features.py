"""Measured columns as numbers that a booster reads.

A feature is a measured column taken `as` a number (the default; booleans are 0 and 1), as `present` (is there a value at all) or as
a `category` (the first `first` characters, or all). A category that training did not know, or knew too rarely, is OTHER, number 0;
a missing value stays missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from audit.errors import DataError

KINDS = ("number", "present", "category")
Categories = dict[str, list[str]]


@dataclass(frozen=True)
class Feature:
    """`group` names the reason under which the column's contribution is told."""

    column: str
    kind: str
    group: str
    first: int | None = None

    @property
    def name(self) -> str:
        return self.column if self.kind != "present" else f"{self.column}_present"


def columns(claims: pl.LazyFrame, vocabulary: tuple[Feature, ...], *also: str) -> pl.LazyFrame:
    """setl_id, the columns the vocabulary reads, and `also`. DataError names every column that is not there."""
    wanted = list(dict.fromkeys(["setl_id", *also, *(feature.column for feature in vocabulary)]))
    missing = sorted(set(wanted) - set(claims.collect_schema().names()))
    if missing:
        raise DataError(f"The measured claims lack columns that the models read (models/claims_blend/config.yaml): {', '.join(missing)}.")
    return claims.select(wanted)


def encode(frame: pl.DataFrame, vocabulary: tuple[Feature, ...], categories: Categories) -> np.ndarray:
    """(claims, features) Float64 in the order of the vocabulary; NaN where missing."""
    numbers = frame.select(_number(feature, categories) for feature in vocabulary)
    return np.column_stack([series.fill_null(float("nan")).to_numpy() for series in numbers])


def _number(feature: Feature, categories: Categories) -> pl.Expr:
    if feature.kind == "present":
        return pl.col(feature.column).is_not_null().cast(pl.Float64).alias(feature.name)
    if feature.kind == "number":
        return pl.col(feature.column).cast(pl.Float64).alias(feature.name)
    known = categories[feature.name]
    codes = text(feature).replace_strict(known, [float(n) for n in range(1, len(known) + 1)], default=0.0, return_dtype=pl.Float64)
    return pl.when(pl.col(feature.column).is_not_null()).then(codes).alias(feature.name)


def text(feature: Feature) -> pl.Expr:
    """The category of a claim as text."""
    value = pl.col(feature.column).cast(pl.String)
    return value if feature.first is None else value.str.slice(0, feature.first)


def unseen(frame: pl.DataFrame, vocabulary: tuple[Feature, ...], categories: Categories) -> dict[str, int]:
    """Per category: how many claims carry a value that is scored as OTHER; only those with any."""
    counts = {f.name: int(frame.select((~text(f).is_in(categories[f.name])).sum()).item()) for f in vocabulary if f.kind == "category"}
    return {name: count for name, count in counts.items() if count}


def learn_categories(frame: pl.DataFrame, vocabulary: tuple[Feature, ...], rare_below: int) -> Categories:
    """The values of each category that occur at least `rare_below` times, sorted."""
    learned = {}
    for feature in (f for f in vocabulary if f.kind == "category"):
        counts = frame.select(text(feature).alias("value")).drop_nulls().group_by("value").len().filter(pl.col("len") >= rare_below)
        learned[feature.name] = sorted(counts["value"].to_list())
    return learned
