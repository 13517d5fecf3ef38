"""Columns about the safe use of drugs and consumables: pregnancy, the same class twice, quantity, department."""

from __future__ import annotations

import polars as pl

from audit import engine
from audit.measure.diagnoses import western
from audit.measure.repeats import item_day, moment
from audit.money import QUANTITY, over_cap

# Pregnant for sure; delivered, lost or lately pregnant, so that the drug may have been given before or after; breast-feeding for sure.
PREGNANT = r"^(O1[0-6]|O2|O3|O4[0-8]|Z3[3-6])"
LATELY = r"^(O0|O6|O7|O8|O9|Z3[79])"
LACTATING = r"^Z39\.1"


def pregnancy(limited: pl.LazyFrame, claims: pl.LazyFrame, diags: pl.LazyFrame) -> pl.LazyFrame:
    """pregnancy_conflict Boolean: rule 73, the diagnoses of the claim say that the person is in the state item_pregnancy_risk forbids:
    pregnant (O10-O48, Z33-Z36) or breast-feeding (Z39.1). False for men. Null: no diagnosis, or a birth, a loss or a
    maternity case (matn_type), so that nobody knows on which side of it the drug was given."""
    asking = limited.filter(pl.col("item_pregnancy_risk").is_not_null()).select("row", "setl_id", "item_pregnancy_risk")
    icd = western(diags).join(asking.select("setl_id").unique(), on="setl_id", how="semi").select("setl_id", "diag_code")
    signs = {"carrying": PREGNANT, "lately": LATELY, "nursing": LACTATING}
    told = icd.group_by("setl_id").agg(pl.col("diag_code").str.contains(sign).max().alias(name) for name, sign in signs.items())
    of_claims = asking.join(claims.select("setl_id", "gend", "matn_type"), on="setl_id").join(told, on="setl_id", how="left")
    case = pl.col("matn_type").is_not_null() & (pl.col("matn_type") != "0")
    unsure = pl.col("lately") | case
    pregnant = pl.when(unsure).then(None).otherwise(pl.col("carrying"))
    lactating = pl.when(pl.col("nursing")).then(True).when(unsure).then(None).otherwise(pl.col("nursing"))
    asked = pl.col("item_pregnancy_risk")
    state = pl.when(asked == "pregnant").then(pregnant).when(asked == "lactating").then(lactating).otherwise(pregnant | lactating)
    return of_claims.select("row", pregnancy_conflict=pl.when(pl.col("gend") == "1").then(False).otherwise(state))


def same_class(limited: pl.LazyFrame) -> pl.LazyFrame:
    """same_class_as String: rule 69, bkkp_sn of a dearer line of another substance of item_drug_class for the person on the same day; of
    equal amounts the later bkkp_sn is the cheaper. A later day may be a change of treatment. Null: none."""
    day = ["psn_key", "item_drug_class", "fee_date"]
    billed = limited.filter(pl.col("item_drug_class").is_not_null(), pl.col("cnt_e4") > 0, pl.col("fee_ocur_time").is_not_null())
    lines = billed.select("row", "bkkp_sn", *day, "drug_key", fen="det_item_fee_sumamt")
    both = lines.join(lines.drop("row"), on=day, suffix="_other")
    equal = (pl.col("fen_other") == pl.col("fen")) & (pl.col("bkkp_sn_other") < pl.col("bkkp_sn"))
    dearer = (pl.col("fen_other") > pl.col("fen")) | equal
    met = both.filter(pl.col("drug_key") != pl.col("drug_key_other"), dearer)
    return met.group_by("row").agg(same_class_as=pl.col("bkkp_sn_other").min())


def quantity(limited: pl.LazyFrame, oprns: pl.LazyFrame | None) -> pl.LazyFrame:
    """qty_used Float64: rule 86, net quantity of the consumable within item_qty_per: for the person at the institution on the day, or in
        the claim (visit, operation). Null: item without item_qty_max.
    over_qty_fen Int64 fen: rule 86, money of the part of this line above item_qty_max (operation: for each operation of the claim), on
        the last lines. Null as qty_used, or counted by operation and no operations known."""
    asking = limited.filter(pl.col("item_qty_max").is_not_null())
    none = {"setl_id": pl.String, "done": pl.Int64}
    done = pl.LazyFrame(schema=none) if oprns is None else oprns.group_by("setl_id").agg(done=pl.len().cast(pl.Int64))
    by_day, by_op = pl.col("item_qty_per") == "day", pl.col("item_qty_per") == "operation"
    times = pl.when(by_op).then(pl.col("done").fill_null(0)).otherwise(1)
    counted = asking.join(done, on="setl_id", how="left").select(
        "row", "bkkp_sn", "cnt_e4", "det_item_fee_sumamt", "item_key", moment=moment(), nobody_knows=by_op & pl.col("done").is_null(),
        who=pl.when(by_day).then(item_day()["where"]).otherwise(pl.col("claim_key").cast(pl.Int64)),
        day=pl.when(by_day).then(pl.col("fee_date").cast(pl.Int32)).otherwise(-1),
        cap_e4=(pl.col("item_qty_max") * QUANTITY).round().cast(pl.Int64) * times,
    )  # fmt: skip
    laid = over_cap(counted, ["who", "day", "item_key"]).join(counted.select("row", "nobody_knows"), on="row")
    over = pl.when(~pl.col("nobody_knows")).then(pl.col("over_fen"))
    return laid.select("row", qty_used=pl.col("total_e4") / QUANTITY, over_qty_fen=over)


def departments(limited: pl.LazyFrame) -> pl.LazyFrame:
    """consumable_dept_ok Boolean: rule 85, the name of the billing department holds a word of item_consumable_depts. Null: no such limit,
    or the department's name is missing."""
    named = limited.filter(pl.col("item_consumable_depts").is_not_null(), pl.col("bilg_dept_name").is_not_null())
    named = named.select("row", "bilg_dept_name", "item_consumable_depts")
    pairs = engine.collect(named.select("bilg_dept_name", "item_consumable_depts").unique())
    held = [any(word in name for word in words.split(";")) for name, words in pairs.rows()]
    told = pairs.with_columns(consumable_dept_ok=pl.Series(held, dtype=pl.Boolean))
    return named.join(told.lazy(), on=["bilg_dept_name", "item_consumable_depts"]).select("row", "consumable_dept_ok")
