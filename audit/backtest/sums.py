"""What is left of a bucket: claims, findings and money by institution and answer, its doctors, and the dearest findings."""

from __future__ import annotations

import polars as pl

from audit.backtest.draft import AFTER, BEFORE

SHOWN = 10  # findings shown of each kind
NEW, GONE = "newly_flagged", "newly_cleared"
_SIDED = tuple(f"{what}_{side}" for what in ("findings", "open", "amt", "fund") for side in (BEFORE, AFTER))
SUMS = ("claims", *_SIDED, "new", "gone", "other_amount")


def cells(flagged: pl.DataFrame, undecided: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Claims of which either side says more than clear, summed by institution and by what the sides say."""
    sums = [pl.col(f"{what}_{side}").sum() for what in ("amt", "fund") for side in (BEFORE, AFTER)]
    there = {side: pl.col(f"amt_{side}").is_not_null() for side in (BEFORE, AFTER)}
    found = flagged.group_by("claim_key").agg(
        *(there[side].sum().cast(pl.Int64).alias(f"findings_{side}") for side in (BEFORE, AFTER)),
        *sums,
        new=(there[AFTER] & ~there[BEFORE]).sum().cast(pl.Int64),
        gone=(there[BEFORE] & ~there[AFTER]).sum().cast(pl.Int64),
        other_amount=(there[BEFORE] & there[AFTER] & (pl.col("amt_before") != pl.col("amt_after"))).sum().cast(pl.Int64),
    )
    counted = undecided.cast({"open_before": pl.Int64, "open_after": pl.Int64})
    told = found.join(counted, on="claim_key", how="full", coalesce=True).with_columns(pl.exclude("claim_key").fill_null(0))
    return (
        told.join(claims.select("claim_key", "fixmedins_code"), on="claim_key")
        .with_columns(
            *(
                pl.when(pl.col(f"findings_{side}") > 0)
                .then(pl.lit("flagged"))
                .when(pl.col(f"open_{side}") > 0)
                .then(pl.lit("cannot_tell"))
                .otherwise(pl.lit("clear"))
                .alias(side)
                for side in (BEFORE, AFTER)
            ),
            claims=pl.lit(1, pl.Int64),
        )
        .drop("claim_key")
        .group_by("fixmedins_code", BEFORE, AFTER)
        .sum()
        .select("fixmedins_code", BEFORE, AFTER, *SUMS)
    )


def doctors(flagged: pl.DataFrame) -> pl.DataFrame:
    """Doctors of findings; touched: a finding of theirs is new or gone. A doctor's code counts within the institution."""
    touched = pl.col("amt_before").is_null() | pl.col("amt_after").is_null()
    named = flagged.select("fixmedins_code", doctor=pl.coalesce("doctor_before", "doctor_after"), touched=touched)
    return named.drop_nulls("doctor").group_by("fixmedins_code", "doctor").agg(pl.col("touched").any())


def dearest(flagged: pl.DataFrame, kind: str) -> pl.DataFrame:
    """New or gone findings with the most money, one per claim."""
    side, other = (AFTER, BEFORE) if kind == NEW else (BEFORE, AFTER)
    rows = flagged.filter(pl.col(f"amt_{side}").is_not_null(), pl.col(f"amt_{other}").is_null())
    rows = rows.select("setl_id", frame=f"frame_{side}", _at=f"_at_{side}", amt=f"amt_{side}")
    return head(rows.sort("amt", "_at", descending=[True, False]).unique("setl_id", keep="first", maintain_order=True))


def head(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort("amt", "setl_id", descending=[True, False]).head(SHOWN)
