"""Columns that rest on trace codes and stock books; the whole batch was compared by the profile stage."""

from __future__ import annotations

import polars as pl


def trace(lines: pl.LazyFrame, line_marks: pl.LazyFrame) -> pl.LazyFrame:
    """trace_reused_by String: bkkp_sn of the first other line, of anybody, billed with the same trace code of a pack that was not split;
        marked on the later lines, earlier nights included. Null: none.
    over_stock Int64: see inv_over_fen."""
    return line_marks.select("bkkp_sn", "trace_reused_by", over_stock="inv_over_fen")


def trace_known() -> pl.Expr:
    """Boolean: the drug line's institution sends trace codes in this batch. Null: it sends none; False: not a drug."""
    return pl.when(pl.col("item_kind") == "drug").then(pl.when(pl.col("has_traces")).then(True)).otherwise(False)


def inv_known() -> pl.Expr:
    """Boolean: rules 43 and 48, the institution's stock book has the item and covers the day. Null: it does not; False: neither drug nor
    consumable."""
    kept = pl.col("item_kind").is_in(["drug", "consumable"])
    covered = pl.col("fee_date").is_between("inv_from", "inv_to")
    return pl.when(kept).then(pl.when(covered).then(True)).otherwise(False)


def inv_over_fen() -> pl.Expr:
    """Int64 fen: rules 43 and 48, money of the part of this line that stock could not cover (opening count + purchases - returns -
    closing count), on the last lines. 0: covered, or neither drug nor consumable; null: no stock book."""
    return pl.when(pl.col("inv_known")).then(pl.col("over_stock").fill_null(0)).when(~pl.col("inv_known")).then(0)
