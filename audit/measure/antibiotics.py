"""Columns about antibiotics: days after a clean operation (rule 44), the doctor's right to order them (rule 45)."""

from __future__ import annotations

import polars as pl

from audit import engine
from audit.knowledge.codings import Codings, in_force
from audit.measure.diagnoses import matches

OPERATIONS = ("01", "87")  # chapters of ICD-9-CM-3: before them other procedures, from 87 on diagnostic and other acts
HOURS_A_DAY = 24
CLASSES = ("restricted", "special")  # a right to the second covers the first


def after_operation(limited: pl.LazyFrame, claims: pl.LazyFrame, oprns: pl.LazyFrame | None, codings: Codings) -> pl.LazyFrame:
    """days_after_clean_op Int64: rule 44, days from the claim's last clean operation (class I incision, op_kinds) to this line's day, for
        lines of antibiotics. Null: no operations table, the day of an operation or of the line is missing, or not all of them are clean.
    prophylaxis_days Int64: rule 44, days that prophylaxis may last after it: the most any of the operations allows, in whole days. Null:
        as days_after_clean_op.
    only_clean_ops Boolean: rule 44, the claim has operations and all of them are clean ones. Null: no operations table."""
    asking = limited.filter(pl.col("item_antibiotic").is_not_null()).select("row", "setl_id", "fee_ocur_time", "fee_date")
    known = asking.join(claims.filter("has_oprns").select("setl_id"), on="setl_id")
    if oprns is None:
        nothing = {"days_after_clean_op": pl.Int64, "prophylaxis_days": pl.Int64, "only_clean_ops": pl.Boolean}
        return known.select("row", **{name: pl.lit(None, kind) for name, kind in nothing.items()})
    code = pl.col("oprn_oprt_code")
    operated = oprns.filter(code >= OPERATIONS[0], code < OPERATIONS[1]).select("setl_id", "oprn_oprt_code", "oprn_oprt_date")
    codes = engine.collect(operated.select("oprn_oprt_code").unique())
    clean = matches(codes, "oprn_oprt_code", codings.op_kinds.filter(pl.col("prophylaxis_hours").is_not_null()), "op_prefix").lazy()
    dated = operated.join(claims.select("setl_id", "begn_date"), on="setl_id")
    hours = in_force(dated.join(clean, on="oprn_oprt_code"), "begn_date").select("setl_id", "oprn_oprt_code", "prophylaxis_hours").unique()
    of_claims = operated.join(hours, on=["setl_id", "oprn_oprt_code"], how="left").group_by("setl_id").agg(
        last=pl.col("oprn_oprt_date").max(),
        undated=pl.col("oprn_oprt_date").is_null().cast(pl.Int64).sum(),
        hours=pl.col("prophylaxis_hours").max(),
        unclean=pl.col("prophylaxis_hours").is_null().cast(pl.Int64).sum(),
    )  # fmt: skip
    told = known.join(of_claims, on="setl_id", how="left").with_columns(only_clean_ops=(pl.col("unclean") == 0).fill_null(False))
    dated_both = pl.col("only_clean_ops") & (pl.col("undated") == 0) & pl.col("fee_ocur_time").is_not_null()
    days = pl.when(dated_both).then((pl.col("fee_date") - pl.col("last")).dt.total_days())
    allowed = pl.when(pl.col("only_clean_ops")).then(pl.col("hours") // HOURS_A_DAY)
    return told.select("row", "only_clean_ops", days_after_clean_op=days, prophylaxis_days=allowed)


def right_to_order(limited: pl.LazyFrame, codings: Codings) -> pl.LazyFrame:
    """dr_may_order Boolean: rule 45, the ordering doctor (bilg_dr_code) has the right to the antibiotic's class on the day
        (doctor_rights). Null: the institution is not on that list, the doctor is missing, or no such antibiotic.
    antibiotic_barred Boolean: rule 45, an antibiotic of the special class in a clinic or internet visit, or a doctor without the right.
        Null: the visit leaves it open and dr_may_order is null, or no such antibiotic."""
    asking = limited.filter(pl.col("item_antibiotic_class").is_not_null()).select(
        "row", "fixmedins_code", "fee_date", "visit_mode", dr_code="bilg_dr_code", needed=pl.col("item_antibiotic_class") == CLASSES[1]
    )
    rights = codings.doctor_rights.lazy().with_columns(highest=pl.col("antibiotic_class") == CLASSES[1])
    held = in_force(asking.join(rights, on=["fixmedins_code", "dr_code"]), "fee_date").filter(pl.col("highest") | ~pl.col("needed"))
    kept = rights.select("fixmedins_code", listed=pl.lit(True)).unique()
    told = asking.join(held.select("row", may=pl.lit(True)).unique(), on="row", how="left").join(kept, on="fixmedins_code", how="left")
    may = pl.when(pl.col("listed") & pl.col("dr_code").is_not_null()).then(pl.col("may").fill_null(False))
    in_clinic = pl.col("needed") & pl.col("visit_mode").is_in(["outpatient", "internet"])
    return told.select("row", dr_may_order=may, antibiotic_barred=in_clinic | ~may)
