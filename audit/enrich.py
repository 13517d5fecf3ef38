"""Hang dated facts on each line: its claim, the knowledge points of its item, the parameters of its area.

Knowledge answers once per distinct code and epoch; three equality joins bring the answers to the lines, so the cost follows
the lines and not the number of points. A line is never added or lost.
"""

from __future__ import annotations

import polars as pl

from audit import engine
from audit.knowledge import Knowledge

CLAIM_FACTS = (
    "gend", "brdy", "age", "die_date", "insutype", "hosp_lv", "hosp_tier", "fix_blng_admdvs", "fixmedins_name", "fixmedins_type",
    "med_type", "begn_date", "end_date", "setl_time", "dscg_way", "dise_no", "matn_type", "adm_dept_name",
)  # fmt: skip
CLAIM_MONEY = {"claim_inscp_amt": "inscp_amt", "claim_hifp_pay": "hifp_pay", "claim_medfee_sumamt": "medfee_sumamt"}
KINDS = {"101": "drug", "102": "herb", "103": "drug", "104": "drug", "106": "herb", "201": "service", "301": "consumable", "501": "service"}


def enrich(lines: pl.LazyFrame, claims: pl.LazyFrame, knowledge: Knowledge) -> pl.LazyFrame:
    """`lines` with the facts of their claim, item (item_*) and area (p_*) on the service date.

    Also integer keys that join and group cheaper than text and mean nothing outside this frame: row, psn_key, inst_key,
    item_key, drug_key (the first ten characters of item_code: a substance), epoch; `level_alt_here` (Bool): the institution's
    name carries the item's item_level_alt; `is_first_line` (Bool or null): the item belongs to a set of first-line drugs.
    Two small questions are collected at once (distinct codes, distinct areas); the rest stays lazy. `lines` must give its rows
    in the same order each time it is read, as files and frames do.
    """
    dated = lines.with_row_index("row").with_columns(epoch=knowledge.epoch(pl.col("fee_date")))
    billed = engine.collect(dated.select("med_list_codg", "epoch").unique())
    areas = engine.collect(claims.select("fix_blng_admdvs").unique())
    items, item_constants = _constants_apart(_items(billed, knowledge), ["med_list_codg", "epoch"])
    params, area_constants = _constants_apart(_params(areas, billed["epoch"], knowledge), ["area", "epoch"])
    joined = dated.join(_claim_facts(claims), on="setl_id", how="left").join(items.lazy(), on=["med_list_codg", "epoch"], how="left")
    if params.width > 2:
        joined = joined.join(params.lazy(), on=["area", "epoch"], how="left")
    kind_of_list = pl.col("list_type").replace_strict(KINDS, default=None, return_dtype=pl.String)
    return (
        joined.drop("area")
        .with_columns(*item_constants, *area_constants)
        .with_columns(item_kind=pl.coalesce("item_kind", kind_of_list), level_alt_here=_level_alt_here(items))
    )


def _constants_apart(table: pl.DataFrame, keys: list[str]) -> tuple[pl.DataFrame, list[pl.Expr]]:
    """The table without the columns that hold one value throughout, and those as literals: a literal costs a join nothing."""
    same = [c for c in table.columns if c not in keys and table[c].n_unique() <= 1 and c != "item_level_alt"]
    literals = [pl.lit(table[c][0] if table.height else None, table.schema[c]).alias(c) for c in same]
    return table.drop(same), literals


def _claim_facts(claims: pl.LazyFrame) -> pl.LazyFrame:
    """One row per settlement: what its lines need to know of it."""
    return claims.select(
        "setl_id",
        *CLAIM_FACTS,
        *(pl.col(stored).alias(name) for name, stored in CLAIM_MONEY.items()),
        pl.col("fix_blng_admdvs").fill_null("").alias("area"),
        pl.col("psn_no").rank("dense").cast(pl.Int32).alias("psn_key"),
        pl.col("fixmedins_code").rank("dense").cast(pl.Int32).alias("inst_key"),
    )


def _items(billed: pl.DataFrame, knowledge: Knowledge) -> pl.DataFrame:
    """One row per billed code and epoch that occur, with the item's facts; item_code and item_key are never null."""
    facts = knowledge.item_facts(billed.select("med_list_codg").unique())
    known = billed.join(facts.with_columns(pl.col("epoch").cast(billed.schema["epoch"])), on=["med_list_codg", "epoch"], how="left")
    first_line = pl.any_horizontal(
        False, *(pl.col("item_code").str.starts_with(p) for p in knowledge.drug_sets["code_prefix"].unique().sort())
    )
    return known.with_columns(item_code=pl.coalesce("item_code", "med_list_codg")).with_columns(
        item_key=pl.col("item_code").rank("dense").cast(pl.Int32),
        drug_key=pl.col("item_code").str.slice(0, 10).rank("dense").cast(pl.Int32),
        is_first_line=pl.when(first_line).then(True),
    )


def _params(areas: pl.DataFrame, epochs: pl.Series, knowledge: Knowledge) -> pl.DataFrame:
    """area ("" for a null one, which an equality join would never match), epoch that occurs, p_* parameters."""
    table = knowledge.params(areas).filter(pl.col("epoch").cast(epochs.dtype).is_in(epochs.unique().implode()))
    return table.with_columns(area=pl.col("fix_blng_admdvs").fill_null("")).drop("fix_blng_admdvs")


def _level_alt_here(items: pl.DataFrame) -> pl.Expr:
    """Does the institution's name carry the word that lowers the item's level? Null where the item has no such word."""
    here = pl.lit(None, pl.Boolean)
    for word in items["item_level_alt"].drop_nulls().unique().sort():
        named = pl.col("fixmedins_name").str.contains(word, literal=True)
        here = pl.when(pl.col("item_level_alt") == word).then(named).otherwise(here)
    return here
