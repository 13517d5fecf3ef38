"""Columns about diagnoses and operations: do they support the drug, do they fit sex and age.

Code lists are asked once per distinct code, on small frames; the lines meet the answers by equality joins.
"""

from __future__ import annotations

import polars as pl

from audit import engine
from audit.knowledge import Knowledge
from audit.knowledge.codings import HOSPITAL_INFECTION


def western(diags: pl.LazyFrame) -> pl.LazyFrame:
    """Diagnoses coded in ICD-10 (codes of traditional medicine look alike and mean something else)."""
    return diags.filter(~pl.col("diag_type").is_in(["2", "3"]).fill_null(False))


def halves(codes: pl.DataFrame, column: str) -> pl.DataFrame:
    """Distinct `column` x `code`: the code, and the second half of a dagger-asterisk pair."""
    parts = pl.col(column).str.split("+")
    first, second = (codes.select(column, code=parts.list.get(n, null_on_oob=True)) for n in (0, 1))
    return pl.concat([first, second]).drop_nulls().with_columns(pl.col("code").str.strip_chars("* "))


def matches(codes: pl.DataFrame, column: str, prefixes: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """Distinct `column` x rows of `prefixes` whose `prefix` begins the code, or the second half of a dagger-asterisk pair."""
    half = halves(codes, column)
    met = [
        half.with_columns(pl.col("code").str.slice(0, length).alias(prefix)).join(rows, on=prefix).drop("code")
        for (length,), rows in prefixes.sort(prefix).group_by(pl.col(prefix).str.len_chars())
    ]
    order = [column, *prefixes.columns]
    empty = pl.DataFrame(schema={column: pl.String, **prefixes.schema})
    return pl.concat([empty, *(frame.select(order) for frame in met)]).unique()


# column: the fact that names the diagnoses
ON_SETS = {
    "dx_on_set": "item_dx_set", "service_dx_on_set": "item_service_dx_set", "label_dx_on_set": "item_label_dx_set",
    "barred_dx_on_set": "item_drug_barred_dx_set", "exam_dx_on_set": "item_exam_dx_set", "therapy_dx_on_set": "item_therapy_dx_set",
    "service_barred_dx_on_set": "item_service_barred_dx_set", "service_label_dx_on_set": "item_service_label_dx_set",
    "consumable_dx_on_set": "item_consumable_dx_set", "infection_on_set": "item_infection_set",
}  # fmt: skip


def dx_on_sets(limited: pl.LazyFrame, diags: pl.LazyFrame, knowledge: Knowledge) -> list[pl.LazyFrame]:
    """dx_on_set Boolean: rule 8, some diagnosis of the claim lies on the item's set item_dx_set. Null: claim without diagnosis, wording
        not mapped to codes, or no such limit.
    service_dx_on_set Boolean: rule 20, the same for item_service_dx_set.
    label_dx_on_set Boolean: rule 70, the same for item_label_dx_set.
    barred_dx_on_set Boolean: rule 71, the same for item_drug_barred_dx_set.
    exam_dx_on_set Boolean: rule 78, the same for item_exam_dx_set.
    therapy_dx_on_set Boolean: rule 79, the same for item_therapy_dx_set.
    service_barred_dx_on_set Boolean: rule 82, the same for item_service_barred_dx_set.
    service_label_dx_on_set Boolean: rule 83, the same for item_service_label_dx_set.
    consumable_dx_on_set Boolean: rule 88, the same for item_consumable_dx_set.
    infection_on_set Boolean: rule 44, the same for item_infection_set: the antibiotic may treat instead of prevent."""
    icd = western(diags).select("setl_id", "diag_code")
    codes = engine.collect(icd.select("diag_code").unique())
    sets = matches(codes, "diag_code", knowledge.dx_sets.select("set_id", "dx_prefix"), "dx_prefix").select("diag_code", "set_id").unique()
    return [_on_set(limited, icd, sets.lazy(), fact, column) for column, fact in ON_SETS.items()]


def _on_set(limited: pl.LazyFrame, icd: pl.LazyFrame, sets: pl.LazyFrame, fact: str, column: str) -> pl.LazyFrame:
    asking = limited.filter(pl.col(fact).is_not_null()).select("row", "setl_id", set_id=fact)
    of_claims = icd.join(asking.select("setl_id").unique(), on="setl_id", how="semi")
    hits = of_claims.join(sets, on="diag_code").select("setl_id", "set_id").unique().with_columns(hit=pl.lit(True))
    diagnosed = of_claims.select("setl_id").unique().with_columns(diagnosed=pl.lit(True))
    answered = asking.join(hits, on=["setl_id", "set_id"], how="left").join(diagnosed, on="setl_id", how="left")
    return answered.select("row", pl.when(pl.col("diagnosed")).then(pl.col("hit").fill_null(False)).alias(column))


def _facts_of(codes: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """diag_code with dx_gend, dx_age_min_days, dx_age_max_days: for each fact the longest prefix that states it."""
    met = matches(codes, "diag_code", facts, "dx_prefix").with_columns(length=pl.col("dx_prefix").str.len_chars())
    met = met.sort("diag_code", "length", "dx_prefix")
    gend = met.filter(pl.col("dx_gend").is_not_null()).group_by("diag_code", maintain_order=True).agg(pl.col("dx_gend").last())
    aged = pl.col("dx_age_min_days").is_not_null() | pl.col("dx_age_max_days").is_not_null()
    ages = (
        met.filter(aged).group_by("diag_code", maintain_order=True).agg(pl.col("dx_age_min_days").last(), pl.col("dx_age_max_days").last())
    )
    return gend.join(ages, on="diag_code", how="full", coalesce=True)


def dx_conflicts(claims: pl.LazyFrame, diags: pl.LazyFrame, knowledge: Knowledge) -> pl.LazyFrame:
    """dx_known Boolean: the claim has a diagnosis. Never null.
    dx_sex_conflict String: rule 54, least diagnosis code of the claim that the other sex has. Null: none, or sex unknown.
    dx_age_conflict String: rule 55, least diagnosis code outside its ages (days on begn_date; a stated age must conflict at its widest).
        Null: none, or age unknown."""
    icd = western(diags).select("setl_id", "diag_code")
    codes = engine.collect(icd.select("diag_code").unique())
    facts = _facts_of(codes, knowledge.dx_facts).lazy()
    ages = claims.select(
        "setl_id", "gend",
        youngest=pl.coalesce("age_days", pl.col("age_lo") * 365), oldest=pl.coalesce("age_days", (pl.col("age_hi") + 1) * 366),
    )  # fmt: skip
    judged = icd.join(facts, on="diag_code", how="left").join(ages, on="setl_id")
    outside = (pl.col("oldest") < pl.col("dx_age_min_days")) | (pl.col("youngest") > pl.col("dx_age_max_days"))
    return (
        judged.with_columns(
            sex=pl.when(pl.col("gend") != pl.col("dx_gend")).then(pl.col("diag_code")),
            years=pl.when(outside).then(pl.col("diag_code")),
        )
        .group_by("setl_id")
        .agg(dx_sex_conflict=pl.col("sex").min(), dx_age_conflict=pl.col("years").min())
        .select("setl_id", "dx_sex_conflict", "dx_age_conflict", dx_known=pl.lit(True))
    )


def hospital_infection(diags: pl.LazyFrame, knowledge: Knowledge) -> pl.LazyFrame:
    """hospital_infection Boolean: rule 62, a diagnosis of the claim names an infection tied to care (dx_terms.csv, 院内感染). Never null:
    it takes a diagnosis."""
    icd = western(diags).select("setl_id", "diag_code")
    codes = engine.collect(icd.select("diag_code").unique())
    named = knowledge.dx_sets.filter(pl.col("set_id") == HOSPITAL_INFECTION).select("dx_prefix")
    infections = matches(codes, "diag_code", named, "dx_prefix").select("diag_code").unique().lazy()
    return icd.join(infections, on="diag_code", how="semi").select("setl_id").unique().with_columns(hospital_infection=pl.lit(True))


def op_sex_conflict(claims: pl.LazyFrame, oprns: pl.LazyFrame | None, knowledge: Knowledge) -> pl.LazyFrame:
    """op_sex_conflict String: rule 39, least operation code of the claim that the other sex has. Null: none, sex unknown, or no
    operations table (has_oprns)."""
    if oprns is None:
        return claims.select("setl_id", op_sex_conflict=pl.lit(None, pl.String)).filter(pl.lit(False))
    codes = engine.collect(oprns.select("oprn_oprt_code").unique())
    sexed = knowledge.op_facts.filter(pl.col("op_gend").is_not_null()).select("op_prefix", "op_gend")
    facts = matches(codes, "oprn_oprt_code", sexed, "op_prefix").select("oprn_oprt_code", "op_gend").unique()
    met = oprns.join(facts.lazy(), on="oprn_oprt_code").join(claims.select("setl_id", "gend"), on="setl_id")
    wrong = met.filter(pl.col("gend") != pl.col("op_gend"))
    return wrong.group_by("setl_id").agg(op_sex_conflict=pl.col("oprn_oprt_code").min())
