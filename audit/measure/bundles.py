"""Rule 26: parts billed where one item, the bundle, is due."""

from __future__ import annotations

import polars as pl

from audit.measure.repeats import moment
from audit.money import from_last, price_fen

SHELF = ["fixmedins_code", "item_bundle_code", "p_usual_price_lines"]
DAY = ["psn_key", "inst_key", "fee_date", "item_bundle"]
NATIONAL = 15  # characters of a service item's national code; the first 11 name it without its sub-item
ITEM = 11


def bundles(lines: pl.LazyFrame, op_prices: pl.LazyFrame) -> pl.LazyFrame:
    """bundle_parts Int64: rule 26, how many different parts of item_bundle the person was billed at the institution on the day, refunds
        taken off. Null: no part of a bundle.
    bundle_fen Int64 fen: what the bundle costs, as often as its most frequent part was billed: the point's price, else the highest price
        that the institution itself billed on at least p_usual_price_lines lines. Null: neither is known, or no part of a bundle.
    over_bundle_fen Int64 fen: money of this line that the parts cost above bundle_fen, on the day's last parts; 0 where they are fewer
        than item_bundle_parts or cost no more. Null: bundle_fen unknown, or no part of a bundle."""
    parts = lines.filter(pl.col("item_bundle").is_not_null()).select(
        "row", "bkkp_sn", *DAY, *SHELF, "item_bundle_yuan", "item_bundle_parts", "cnt_e4",
        "det_item_fee_sumamt", moment=moment(), part=pl.col("item_code").str.slice(0, ITEM),
    )  # fmt: skip
    net = parts.group_by([*DAY, "part"]).agg(pl.col("cnt_e4").sum(), fen=pl.col("det_item_fee_sumamt").sum()).filter(pl.col("cnt_e4") > 0)
    days = net.group_by(DAY).agg(bundle_parts=pl.len().cast(pl.Int64), often_e4=pl.col("cnt_e4").max(), parts_fen=pl.col("fen").sum())
    charged = op_prices.with_columns(item_bundle_code=pl.col("med_list_codg").str.slice(0, NATIONAL))
    priced = parts.select(SHELF).unique().join(charged, on=SHELF[:2]).filter(pl.col("billed") >= pl.col("p_usual_price_lines"))
    own = priced.group_by(SHELF).agg(own_e6=pl.col("price_e6").max())
    stated_e6 = (pl.col("item_bundle_yuan") * 1_000_000).round().cast(pl.Int64)
    bundle_fen = price_fen(pl.coalesce(stated_e6, "own_e6"), pl.col("often_e4"))
    excess = pl.when(pl.col("bundle_parts") < pl.col("item_bundle_parts")).then(0).otherwise(pl.col("parts_fen") - pl.col("bundle_fen"))
    costed = (
        parts.join(days, on=DAY, how="left")
        .join(own, on=SHELF, how="left")
        .with_columns(pl.col("bundle_parts").fill_null(0), bundle_fen=bundle_fen, billed_fen=pl.col("det_item_fee_sumamt").clip(0))
        .with_columns(excess_fen=excess)
    )
    known = pl.col("excess_fen").is_not_null()
    laid = from_last(costed.filter(known), DAY, "billed_fen", pl.col("excess_fen"), "over_bundle_fen")
    unknown = costed.filter(~known).with_columns(over_bundle_fen=pl.lit(None, pl.Int64))
    return pl.concat(part.select("row", "bundle_parts", "bundle_fen", "over_bundle_fen") for part in (laid, unknown))
