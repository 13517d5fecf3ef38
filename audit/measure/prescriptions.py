"""Columns about one prescription: herbs used alone, kinds of drug, days of supply."""

from __future__ import annotations

import polars as pl

from audit.money import QUANTITY, share_fen

RX = ["claim_key", "rx_drord_no"]


def herbs(lines: pl.LazyFrame) -> pl.LazyFrame:
    """rx_all_not_alone Boolean: rule 4, every herbal piece of the prescription is one the fund does not pay alone. Without a prescription
        number: True if that holds for the whole claim, else null. Null: other lines.
    herbs_in_rx Int64: rule 76, different herbal pieces in the prescription. Null: other lines, or no prescription number.
    herb_no_in_rx Int64: rule 76, number of this piece among them, by bkkp_sn. Null: as herbs_in_rx."""
    pieces = lines.filter(pl.col("item_kind") == "herb", pl.col("cnt_e4") > 0).select(
        "row", "bkkp_sn", *RX, "item_key", listed=pl.col("item_herb_not_alone").fill_null(False)
    )
    by_rx = (
        pieces.filter(pl.col("rx_drord_no").is_not_null())
        .group_by(RX)
        .agg(herbs_in_rx=pl.col("item_key").n_unique().cast(pl.Int64), all_rx=pl.col("listed").min())
    )
    kinds = pieces.filter(pl.col("rx_drord_no").is_not_null()).group_by([*RX, "item_key"]).agg(first=pl.col("bkkp_sn").min())
    numbered = kinds.select(*RX, "item_key", herb_no_in_rx=pl.col("first").rank("ordinal").over(RX).cast(pl.Int64))
    by_claim = pieces.group_by("claim_key").agg(all_claim=pl.col("listed").min())
    joined = (
        pieces.join(by_rx, on=RX, how="left").join(by_claim, on="claim_key", how="left").join(numbered, on=[*RX, "item_key"], how="left")
    )
    alone = pl.when(pl.col("all_rx").is_not_null()).then(pl.col("all_rx")).when(pl.col("all_claim")).then(True)
    return joined.select("row", "herbs_in_rx", "herb_no_in_rx", rx_all_not_alone=pl.when(pl.col("listed")).then(alone))


def drug_no_in_rx(lines: pl.LazyFrame) -> pl.LazyFrame:
    """drug_no_in_rx Int64: rule 46, number of this drug (first ten characters of its code) among the prescription's different drugs, by
    bkkp_sn. Outpatient, emergency and internet drug lines. Null: other lines, or no prescription number."""
    served = pl.col("visit_mode").is_in(["outpatient", "emergency", "internet"])
    drugs = lines.filter(pl.col("item_kind") == "drug", served, pl.col("rx_drord_no").is_not_null(), pl.col("cnt_e4") > 0)
    drugs = drugs.select("row", "bkkp_sn", *RX, "drug_key")
    kinds = drugs.group_by([*RX, "drug_key"]).agg(first=pl.col("bkkp_sn").min())
    numbered = kinds.with_columns(drug_no_in_rx=pl.col("first").rank("ordinal").over(RX).cast(pl.Int64))
    return drugs.join(numbered, on=[*RX, "drug_key"]).select("row", "drug_no_in_rx")


def supply_days_limit() -> pl.Expr:
    """Float64 days: rule 9, supply allowed: p_supply_days_chronic (chronic_visit), _outpatient, _emergency,
    _discharge (inpatient discharge medicine). Null: no drug, or no limit applies."""
    mode = pl.col("visit_mode")
    days = (
        pl.when(pl.col("is_inpatient") & (pl.col("dscg_tkdrug_flag") == "1")).then(pl.col("p_supply_days_discharge"))
        .when(mode == "emergency").then(pl.col("p_supply_days_emergency"))
        .when(mode.is_in(["outpatient", "internet", "drugstore"]) & pl.col("chronic_visit")).then(pl.col("p_supply_days_chronic"))
        .when(mode.is_in(["outpatient", "internet", "drugstore"])).then(pl.col("p_supply_days_outpatient"))
    )  # fmt: skip
    return pl.when(pl.col("item_kind") == "drug").then(days)


def over_supply_fen() -> pl.Expr:
    """Int64 fen: rule 9, amount x (prd_days - supply_days_limit) / prd_days, half up; 0 within the limit or where none applies. Null: a
    limit applies and prd_days is missing."""
    given = pl.col("prd_days") * QUANTITY
    over = given - (pl.col("supply_days_limit") * QUANTITY).round().cast(pl.Int64)
    fen = pl.when(over > 0).then(share_fen(pl.col("det_item_fee_sumamt"), over, given)).otherwise(0)
    return pl.when(pl.col("supply_days_limit").is_null()).then(0).when(pl.col("prd_days").is_not_null()).then(fen)
