"""Hang dated facts on each line: its claim, the knowledge points of its item, the parameters of its area.

Knowledge answers once per distinct code and epoch, and a line gets only the number of its answer: the cost follows the lines and
neither the number of points nor of facts. A line is never added or lost.
"""

from __future__ import annotations

import polars as pl

from audit import engine
from audit.knowledge import Knowledge
from audit.knowledge.facts import Facts
from audit.knowledge.points import RARE_FACTS

CLAIM_FACTS = (
    "setl_id", "mdtrt_id", "psn_no", "fixmedins_code",
    "gend", "brdy", "age", "die_date", "insutype", "hosp_lv", "hosp_tier", "fix_blng_admdvs", "fixmedins_name", "fixmedins_type",
    "med_type", "begn_date", "end_date", "setl_time", "dscg_way", "dise_no", "matn_type", "adm_dept_name",
)  # fmt: skip
CLAIM_MONEY = {"claim_inscp_amt": "inscp_amt", "claim_hifp_pay": "hifp_pay", "claim_medfee_sumamt": "medfee_sumamt"}
KINDS = {"101": "drug", "102": "herb", "103": "drug", "104": "drug", "106": "herb", "201": "service", "301": "consumable", "501": "service"}
BILLED = ["med_list_codg", "list_type", "epoch"]


def enrich(lines: pl.LazyFrame, claims: pl.LazyFrame, knowledge: Knowledge, on: engine.Engine = "cpu") -> tuple[pl.DataFrame, Facts]:
    """(row, item, claim_key, area_key of every line in its order; the facts that these numbers lead to on the service date).

    `lines` and `claims` must give their rows in the same order each time they are read, as files and frames do.
    """
    dated = lines.with_row_index("row").with_columns(pl.col("list_type").fill_null(""), epoch=knowledge.epoch(pl.col("fee_date")))
    billed = engine.stream(dated.select(BILLED).unique(), on).sort(BILLED)
    areas = _areas(engine.collect(claims.select("fix_blng_admdvs").unique(), on), billed["epoch"], knowledge)
    items = billed.with_row_index("item").select(*BILLED, pl.col("item").cast(pl.Int32))
    keys = claims.with_row_index("claim_key").select(
        "setl_id", pl.col("claim_key").cast(pl.Int32), area=pl.col("fix_blng_admdvs").fill_null("")
    )
    numbered = dated.select("row", "setl_id", *BILLED).join(items.lazy(), on=BILLED, how="left", maintain_order="left")
    numbered = numbered.join(keys, on="setl_id", how="left", maintain_order="left")
    if areas["area_key"].n_unique() > 1:
        which = areas.lazy().select("area", "epoch", "area_key")
        numbered = numbered.join(which, on=["area", "epoch"], how="left", maintain_order="left")
    else:
        numbered = numbered.with_columns(area_key=pl.lit(0, pl.Int32))
    sets = areas.unique("area_key", maintain_order=True).sort("area_key").drop("area", "epoch", "area_key")
    facts = Facts(_items(billed, knowledge), engine.collect(_claim_facts(claims), on), sets)
    return engine.collect(numbered.select("row", "item", "claim_key", "area_key"), on), facts


def _claim_facts(claims: pl.LazyFrame) -> pl.LazyFrame:
    """One row per settlement: what its lines need to know of it. psn_key and inst_key group cheaper than text."""
    return claims.select(
        *CLAIM_FACTS,
        *(pl.col(stored).alias(name) for name, stored in CLAIM_MONEY.items()),
        pl.col("psn_no").rank("dense").cast(pl.Int32).alias("psn_key"),
        pl.col("fixmedins_code").rank("dense").cast(pl.Int32).alias("inst_key"),
    )


def _items(billed: pl.DataFrame, knowledge: Knowledge) -> pl.DataFrame:
    """The item facts of each billed code, list type and epoch, in that order; item_code and item_key are never null."""
    facts = knowledge.item_facts(billed.select("med_list_codg").unique())
    on = ["med_list_codg", "epoch"]
    known = billed.join(facts.with_columns(pl.col("epoch").cast(billed.schema["epoch"])), on=on, how="left", maintain_order="left")
    first_line = pl.any_horizontal(
        False, *(pl.col("item_code").str.starts_with(p) for p in knowledge.first_line["code_prefix"].unique().sort())
    )
    kind_of_list = pl.col("list_type").replace_strict(KINDS, default=None, return_dtype=pl.String)
    named = known.with_columns(
        item_code=pl.coalesce("item_code", "med_list_codg"), item_kind=pl.coalesce("item_kind", kind_of_list)
    ).with_columns(
        item_key=pl.col("item_code").rank("dense").cast(pl.Int32),
        drug_key=pl.col("item_code").str.slice(0, 10).rank("dense").cast(pl.Int32),  # ten characters name a substance
        is_first_line=pl.when(first_line).then(True),
    )
    rare = (pl.col(name).is_not_null() for name in (*sorted(RARE_FACTS), "is_first_line"))
    return named.drop(BILLED).with_columns(is_limited=pl.any_horizontal(rare))


def _areas(areas: pl.DataFrame, epochs: pl.Series, knowledge: Knowledge) -> pl.DataFrame:
    """area ("" for a null one, which an equality join would never match), epoch that occurs, p_* parameters, area_key: the number of
    their set, equal for areas and epochs with equal parameters."""
    table = knowledge.params(areas).filter(pl.col("epoch").cast(epochs.dtype).is_in(epochs.unique().implode()))
    named = table.with_columns(area=pl.col("fix_blng_admdvs").fill_null("")).drop("fix_blng_admdvs").sort("area", "epoch")
    values = named.select(pl.selectors.starts_with("p_")).unique(maintain_order=True).with_row_index("area_key")
    sets = values.with_columns(pl.col("area_key").cast(pl.Int32))
    return named.join(sets, on=values.columns[1:], how="left", nulls_equal=True, maintain_order="left")
