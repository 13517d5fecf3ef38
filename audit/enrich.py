"""Hang dated facts on each line: its claim, the knowledge points of its item, the parameters of its area.

Knowledge answers once per distinct code and epoch; equality joins bring the answers to the lines, so the cost follows the lines
and not the number of points. A line is never added or lost.
"""

from __future__ import annotations

import polars as pl

from audit import engine
from audit.knowledge import Knowledge
from audit.knowledge.points import COMMON_FACTS, FACT_TYPES

CLAIM_FACTS = (
    "gend", "brdy", "age", "die_date", "insutype", "hosp_lv", "hosp_tier", "fix_blng_admdvs", "fixmedins_name", "fixmedins_type",
    "med_type", "begn_date", "end_date", "setl_time", "dscg_way", "dise_no", "matn_type", "adm_dept_name",
)  # fmt: skip
CLAIM_MONEY = {"claim_inscp_amt": "inscp_amt", "claim_hifp_pay": "hifp_pay", "claim_medfee_sumamt": "medfee_sumamt"}
KINDS = {"101": "drug", "102": "herb", "103": "drug", "104": "drug", "106": "herb", "201": "service", "301": "consumable", "501": "service"}
BILLED = ["med_list_codg", "epoch"]
RARE_FACTS = (*(name for name in FACT_TYPES if name not in COMMON_FACTS), "is_first_line")


def enrich(lines: pl.LazyFrame, claims: pl.LazyFrame, knowledge: Knowledge) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """(every line, those whose item carries facts beyond the common ones), in their order, with the facts of their claim, item (item_*)
    and area (p_*) on the service date. The second are few: whoever reads the other facts needs no other line.

    `level_alt_here` (Bool): the institution's name carries the item's item_level_alt; `is_first_line` (Bool or null): the item belongs
    to a set of first-line drugs. Integer keys join and group cheaper than text and mean nothing outside these frames: row, claim_key
    (number of the claim in `claims`), psn_key, inst_key, item_key, drug_key (the first ten characters of item_code: a substance),
    epoch. Two small questions are collected at once (distinct codes, distinct areas); the rest stays lazy. `lines` and `claims` must
    give their rows in the same order each time they are read, as files and frames do.
    """
    dated = lines.with_row_index("row").with_columns(epoch=knowledge.epoch(pl.col("fee_date")))
    billed = engine.stream(dated.select(BILLED).unique()).sort(BILLED)
    areas = engine.collect(claims.select("fix_blng_admdvs").unique())
    items, params = _items(billed, knowledge), _params(areas, billed["epoch"], knowledge)
    limited = items.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in RARE_FACTS))
    of_limited = dated.join(limited.lazy().select(BILLED), on=BILLED, how="semi", maintain_order="left")
    return _hung(dated, claims, items, params), _hung(of_limited, claims, limited, params)


def _hung(lines: pl.LazyFrame, claims: pl.LazyFrame, items: pl.DataFrame, params: pl.DataFrame) -> pl.LazyFrame:
    """Three equality joins; a column that holds one value throughout is a literal, which costs a join nothing."""
    level_alt_here = _level_alt_here(items)
    items, of_items = _constants_apart(items.rename({"item_kind": "known_kind"}), BILLED)
    params, of_params = _constants_apart(params, ["area", "epoch"])
    joined = lines.join(items.lazy(), on=BILLED, how="left", maintain_order="left")
    joined = joined.join(_claim_facts(claims), on="setl_id", how="left", maintain_order="left")
    if params.width > 2:
        joined = joined.join(params.lazy(), on=["area", "epoch"], how="left", maintain_order="left")
    kind_of_list = pl.col("list_type").replace_strict(KINDS, default=None, return_dtype=pl.String)
    told = joined.with_columns(*of_items, *of_params)
    return told.with_columns(item_kind=pl.coalesce("known_kind", kind_of_list), level_alt_here=level_alt_here).drop("area", "known_kind")


def _constants_apart(table: pl.DataFrame, keys: list[str]) -> tuple[pl.DataFrame, list[pl.Expr]]:
    """The table without the columns that hold one value throughout, and those as literals."""
    same = [c for c in table.columns if c not in keys and table[c].n_unique() <= 1]
    literals = [pl.lit(table[c][0] if table.height else None, table.schema[c]).alias(c) for c in same]
    return table.drop(same), literals


def _claim_facts(claims: pl.LazyFrame) -> pl.LazyFrame:
    """One row per settlement: what its lines need to know of it."""
    return claims.with_row_index("claim_key").select(
        "setl_id",
        *CLAIM_FACTS,
        *(pl.col(stored).alias(name) for name, stored in CLAIM_MONEY.items()),
        pl.col("claim_key").cast(pl.Int32),
        pl.col("fix_blng_admdvs").fill_null("").alias("area"),
        pl.col("psn_no").rank("dense").cast(pl.Int32).alias("psn_key"),
        pl.col("fixmedins_code").rank("dense").cast(pl.Int32).alias("inst_key"),
    )


def _items(billed: pl.DataFrame, knowledge: Knowledge) -> pl.DataFrame:
    """One row per billed code and epoch that occur, with the item's facts; item_code and item_key are never null."""
    facts = knowledge.item_facts(billed.select("med_list_codg").unique())
    known = billed.join(facts.with_columns(pl.col("epoch").cast(billed.schema["epoch"])), on=BILLED, how="left", maintain_order="left")
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
