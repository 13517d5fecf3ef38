"""Exact money arithmetic on columns: fen, quantities in 1e-4, prices in 1e-6 yuan, halves away from zero, never a float."""

from __future__ import annotations

import polars as pl

QUANTITY = 10_000
LARGE = 1_000_000_000  # above 100,000 units a quantity is counted in whole units, so that products stay inside Int64


def share_fen(amount: pl.Expr, part_e4: pl.Expr, whole_e4: pl.Expr) -> pl.Expr:
    """fen: amount x part / whole, half up, for 0 <= part <= whole and whole > 0; else null."""
    scale = pl.when(whole_e4 > LARGE).then(pl.lit(QUANTITY, pl.Int64)).otherwise(pl.lit(1, pl.Int64))
    part, whole = part_e4 // scale, whole_e4 // scale
    kept = pl.when(whole > 0).then(whole)
    size = amount.abs()
    # amount = q x whole + r, so amount x part / whole = q x part + r x part / whole, and no product exceeds 2e18.
    share = (size // kept) * part + ((size % kept) * part * 2 + kept) // (kept * 2)
    return pl.when(amount < 0).then(-share).otherwise(share)


def price_fen(pric_e6: pl.Expr, cnt_e4: pl.Expr) -> pl.Expr:
    """fen: price x quantity, halves away from zero."""
    price, count = pric_e6.abs(), cnt_e4.abs()
    high, low = (price // QUANTITY) * count, (price % QUANTITY) * count
    fen = high // QUANTITY + ((high % QUANTITY) * QUANTITY + low + 50_000_000) // 100_000_000
    return pl.when((pric_e6 < 0) != (cnt_e4 < 0)).then(-fen).otherwise(fen)


def over_cap(lines: pl.LazyFrame, keys: list[str]) -> pl.LazyFrame:
    """Where a group's quantity passes its cap, the excess lies on its last positive lines.

    `lines`: row, bkkp_sn, `keys`, cnt_e4, cap_e4 (one value per group), moment (Datetime), det_item_fee_sumamt.
    Returns row, total_e4 (the group's net quantity), over_fen (fen of the line's part above the cap; 0 when none).
    """
    totals = lines.group_by(keys).agg(total_e4=pl.col("cnt_e4").sum())
    joined = lines.join(totals, on=keys)
    within = joined.filter((pl.col("total_e4") <= pl.col("cap_e4")).fill_null(True))
    beyond = joined.filter(pl.col("total_e4") > pl.col("cap_e4"))
    allotted = allot(beyond, keys, pl.col("total_e4") - pl.col("cap_e4"))
    columns = ["row", "total_e4", "over_fen"]
    return pl.concat([within.with_columns(over_fen=pl.lit(0, pl.Int64)).select(columns), allotted.select(columns)])


def allot(beyond: pl.LazyFrame, keys: list[str], excess_e4: pl.Expr) -> pl.LazyFrame:
    """Lay a group's excess quantity on its lines from the last backwards: adds over_e4 and over_fen."""
    billed = pl.when(pl.col("cnt_e4") > 0).then(pl.col("cnt_e4")).otherwise(0)
    laid = from_last(beyond.with_columns(billed_e4=billed), keys, "billed_e4", excess_e4, "over_e4")
    return laid.with_columns(over_fen=share_fen(pl.col("det_item_fee_sumamt"), pl.col("over_e4"), pl.col("billed_e4")).fill_null(0))


def from_last(lines: pl.LazyFrame, keys: list[str], size: str, excess: pl.Expr, name: str) -> pl.LazyFrame:
    """Lay a group's excess on its lines from the last backwards (moment, then bkkp_sn), on each at most its `size` (0 or more): adds
    `name`, 0 where there is no excess."""
    descending = [False] * len(keys) + [True, True]
    later = pl.col(size).cum_sum().over(keys) - pl.col(size)
    return (
        lines.sort([*keys, "moment", "bkkp_sn"], descending=descending)
        .with_columns(_later=later)
        .with_columns(pl.min_horizontal((excess - pl.col("_later")).clip(0), size).alias(name))
        .drop("_later")
    )
