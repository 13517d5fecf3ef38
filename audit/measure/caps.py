"""Rules 28 and 34: what the fund pays for an item in all, against the cap of a visit or a calendar year. Earlier nights count."""

from __future__ import annotations

import polars as pl

from audit.measure.repeats import moment
from audit.money import from_last, share_fen

CAP_YUAN, CAP_PER, CAP_KEY = (
    pl.coalesce(f"item_cap_{name}", f"item_consumable_cap_{name}").alias(f"cap_{name}") for name in ("yuan", "per", "key")
)
FACTS = tuple(f"{item}_cap_{name}" for item in ("item", "item_consumable") for name in ("yuan", "per", "key"))
SPAN = ["psn_no", "cap_key", "span"]


def _span() -> pl.Expr:
    """The visit, or the calendar year of the service, that the cap speaks of."""
    return pl.when(pl.col("cap_per") == "visit").then("mdtrt_id").otherwise(pl.col("fee_date").dt.year().cast(pl.String)).alias("span")


def capped(lines: pl.LazyFrame, history: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    """capped_fund_fen Int64 fen: rules 28 and 34, what the fund pays for all items of the point in the visit, or for the person in the
        calendar year, earlier nights included. Null: no cap, or the fund's share of a line is unknown.
    over_cap_fen Int64 fen: money of the part of this line that the fund would pay above the cap, on the last lines of tonight. Null as
        capped_fund_fen."""
    limited = lines.filter(CAP_YUAN.is_not_null()).select(
        "row", "bkkp_sn", "psn_no", "mdtrt_id", "fee_date", "fund_fen", "det_item_fee_sumamt",
        CAP_PER, CAP_KEY, moment=moment(), cap_fen=(CAP_YUAN * 100).round().cast(pl.Int64),
    ).with_columns(_span())  # fmt: skip
    tonight = limited.group_by(SPAN).agg(tonight_fen=pl.col("fund_fen").sum(), unknown=pl.col("fund_fen").is_null().cast(pl.Int64).max())
    asked = limited.select("psn_no", "cap_key", "cap_per").unique()
    earlier = history["fund_days"].join(asked, on=["psn_no", "cap_key"]).with_columns(_span())
    before = earlier.group_by(SPAN).agg(before_fen=pl.col("fund_fen").sum())
    summed = (
        limited.join(tonight, on=SPAN)
        .join(before, on=SPAN, how="left")
        .with_columns(capped_fund_fen=pl.col("before_fen").fill_null(0) + pl.col("tonight_fen"), paid_fen=pl.col("fund_fen").clip(0))
    )
    known = summed.filter(pl.col("unknown") == 0)
    laid = from_last(known, SPAN, "paid_fen", pl.col("capped_fund_fen") - pl.col("cap_fen"), "above_fen")
    over = share_fen(pl.col("det_item_fee_sumamt"), pl.col("above_fen"), pl.col("paid_fen")).fill_null(0)
    return laid.select("row", "capped_fund_fen", over_cap_fen=over)


def fund_days(lines: pl.LazyFrame) -> pl.LazyFrame:
    """What later nights must know: the fund's money per person, point with a cap, visit and day."""
    limited = lines.filter(CAP_YUAN.is_not_null()).select("psn_no", "mdtrt_id", "fee_date", "fund_fen", CAP_KEY)
    return limited.group_by("psn_no", "cap_key", "mdtrt_id", "fee_date").agg(pl.col("fund_fen").sum())
