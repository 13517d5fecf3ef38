"""Columns that rest on trace codes and stock books; the whole batch was compared by the profile stage."""

from __future__ import annotations

import polars as pl


def trace_reused_by(lines: pl.LazyFrame, line_marks: pl.LazyFrame) -> pl.LazyFrame:
    """trace_reused_by String: bkkp_sn of the first other line, of anybody, billed with the same trace code of a pack that was not split;
    marked on the later lines, earlier nights included. Null: none."""
    marked = line_marks.filter(pl.col("trace_reused_by").is_not_null()).select("bkkp_sn", "trace_reused_by")
    return lines.select("row", "bkkp_sn").join(marked, on="bkkp_sn").drop("bkkp_sn")


def trace_known(senders: pl.Series) -> pl.Expr:
    """Boolean: the drug line's institution sends trace codes in this batch. Null: it sends none; False: not a drug."""
    sends = pl.col("fixmedins_code").is_in(senders.implode())
    return pl.when(pl.col("item_kind") == "drug").then(pl.when(sends).then(True)).otherwise(False)


def inventory(lines: pl.LazyFrame, stock_books: pl.LazyFrame, line_marks: pl.LazyFrame) -> pl.LazyFrame:
    """inv_known Boolean: rules 43 and 48, the institution's stock book has the item and covers the day. Null: it does not; False: neither
    drug nor consumable.
    inv_over_fen Int64 fen: rules 43 and 48, money of the part of this line that stock could not cover (opening count + purchases - returns
    - closing count), on the last lines. 0: covered, or neither drug nor consumable; null: no stock book."""
    stocked = lines.filter(is_stocked()).select("row", "bkkp_sn", "fixmedins_code", "med_list_codg", "fee_date")
    covered = stocked.join(stock_books, on=["fixmedins_code", "med_list_codg"]).filter(pl.col("fee_date").is_between("inv_from", "inv_to"))
    over = line_marks.filter(pl.col("inv_over_fen").is_not_null()).select("bkkp_sn", "inv_over_fen")
    return covered.join(over, on="bkkp_sn", how="left").select("row", pl.col("inv_over_fen").fill_null(0), inv_known=pl.lit(True))


def is_stocked() -> pl.Expr:
    """Items that an institution keeps a stock book of."""
    return pl.col("item_kind").is_in(["drug", "consumable"])
