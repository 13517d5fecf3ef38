"""Columns that rest on trace codes and stock books; the whole batch was compared by the profile stage."""

from __future__ import annotations

import polars as pl

from audit.money import QUANTITY, price_fen

PARAMETERS = ("p_markup_drug", "p_markup_consumable")


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


def mark_up(lines: pl.LazyFrame, claims: pl.LazyFrame, stock_books: pl.LazyFrame) -> pl.LazyFrame:
    """markup_fen Int64 fen: LOCAL_MARK_UP, money of the claim's drugs and consumables above p_markup_drug or p_markup_consumable times the
        highest price the institution bought the item for (stock book), lines that the person paid wholly left out. 0: none, or no such
        line; null: the institution sends no purchase prices, or who pays such a line is unknown.
    markup_line String: LOCAL_MARK_UP, bkkp_sn of the least such line. Null: none."""
    bought = stock_books.filter(pl.col("bought_pric_e6") > 0).select("fixmedins_code", "med_list_codg", "bought_pric_e6")
    senders = claims.join(bought.select("fixmedins_code").unique(), on="fixmedins_code", how="semi").select("claim_key")
    of_fund = pl.col("fund_pays").fill_null(True)
    sold = lines.filter(pl.col("item_kind").is_in(["drug", "consumable"]), pl.col("cnt_e4") > 0, of_fund)
    sold = sold.select("bkkp_sn", "claim_key", "fixmedins_code", "med_list_codg", "item_kind", "pric_e6", "cnt_e4", "fund_pays")
    dearer = sold.join(bought, on=["fixmedins_code", "med_list_codg"]).filter(pl.col("pric_e6") > pl.col("bought_pric_e6"))
    limits = dearer.join(claims.select("claim_key", *PARAMETERS), on="claim_key")
    ratio = pl.when(pl.col("item_kind") == "drug").then(pl.col("p_markup_drug")).otherwise(pl.col("p_markup_consumable"))
    most_e6 = pl.col("bought_pric_e6") * (ratio * QUANTITY).round().cast(pl.Int64) // QUANTITY
    over = limits.with_columns(above_e6=pl.col("pric_e6") - most_e6).filter(pl.col("above_e6") > 0)
    fen = over.select("claim_key", "bkkp_sn", "fund_pays", fen=price_fen(pl.col("above_e6"), pl.col("cnt_e4")))
    summed = fen.group_by("claim_key").agg(
        pl.col("fund_pays").count() == pl.len(), markup_fen=pl.col("fen").sum(), markup_line=pl.col("bkkp_sn").min()
    )
    told = senders.join(summed, on="claim_key", how="left").with_columns(pl.col("markup_fen").fill_null(0))
    return told.with_columns(markup_fen=pl.when(pl.col("fund_pays").fill_null(True)).then(pl.col("markup_fen"))).drop("fund_pays")


def is_stocked() -> pl.Expr:
    """Items that an institution keeps a stock book of."""
    return pl.col("item_kind").is_in(["drug", "consumable"])
