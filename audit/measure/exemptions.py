"""What takes a claim out of a kind of rule: dated exemptions per area (rules/tables/exemptions.csv), the nearest area speaking first."""

from __future__ import annotations

import polars as pl

from audit import engine
from audit.knowledge import Knowledge
from audit.measure import diagnoses


def exempted(coded: pl.LazyFrame, claims: pl.LazyFrame, knowledge: Knowledge, kind: str) -> pl.LazyFrame:
    """`setl_id` of the claims that one of their codes exempts. coded: setl_id, code (null codes exempt nobody).

    Of the rows for one beginning of a code, that of the claim's own division speaks before that of its first four digits, of its first
    two, and the default; a row holds on the claim's first day. A code is exempt when any of its beginnings is.
    """
    table = knowledge.exemptions.filter(pl.col("kind") == kind).rename({"area": "named_area"})
    where = claims.select("setl_id", "begn_date", area=pl.col("fix_blng_admdvs").fill_null(""))
    met = []
    for (length,), rows in table.sort("code").group_by(pl.col("code").str.len_chars(), maintain_order=True):
        begun = coded.select("setl_id", code=pl.col("code").str.slice(0, length))
        met.append(begun.join(rows.lazy(), on="code").select("setl_id", "code", "exempt", "named_area", "valid_from", "valid_to"))
    if not met:
        return coded.select("setl_id").filter(pl.lit(False))
    day, named, area = pl.col("begn_date"), pl.col("named_area"), pl.col("area")
    holds = (day >= pl.col("valid_from")) & (pl.col("valid_to").is_null() | (day <= pl.col("valid_to")))
    nearness = (
        pl.when(named == area).then(4)
        .when(named == area.str.slice(0, 4)).then(3)
        .when(named == area.str.slice(0, 2)).then(2)
        .when(named == "default").then(1)
        .otherwise(None)
        .cast(pl.Int64)
    )  # fmt: skip
    # Of one claim and beginning of a code the nearest row is the greatest number, and that number is odd when it exempts.
    spoken = pl.concat(met).join(where, on="setl_id").filter(holds).with_columns(rank=nearness * 2 + pl.col("exempt").cast(pl.Int64))
    nearest = spoken.group_by("setl_id", "code").agg(pl.col("rank").max())
    return nearest.filter(pl.col("rank") % 2 == 1).select("setl_id").unique()


def sex_exempt(claims: pl.LazyFrame, diags: pl.LazyFrame, knowledge: Knowledge) -> pl.LazyFrame:
    """sex_exempt Boolean: a diagnosis of the claim says unclear sex, intersex or a chromosome or sex-development disorder (exemptions.csv,
    sex_unclear). Never null: it takes a diagnosis."""
    return exempted(diagnosed(diags), claims, knowledge, "sex_unclear").with_columns(sex_exempt=pl.lit(True))


def exempt_stay(claims: pl.LazyFrame, diags: pl.LazyFrame, knowledge: Knowledge) -> pl.LazyFrame:
    """exempt_stay Boolean: a diagnosis, or the main one at discharge, brings the person back by plan, such as chemotherapy, dialysis or
    childbirth (exemptions.csv, planned_stay). Null: no diagnosis known."""
    main = claims.select("setl_id", code="dscg_maindiag_code")
    coded = pl.concat([diagnosed(diags), main]).drop_nulls()
    planned = exempted(coded, claims, knowledge, "planned_stay").with_columns(planned=pl.lit(True))
    known = coded.select("setl_id").unique()
    return known.join(planned, on="setl_id", how="left").select("setl_id", exempt_stay=pl.col("planned").fill_null(False))


def after_transfer(stays: pl.LazyFrame, claims: pl.LazyFrame, knowledge: Knowledge) -> pl.LazyFrame:
    """`setl_id` of the stays whose previous stay ended in a way that exempts (exemptions.csv, transfer); stays: setl_id, code."""
    return exempted(stays, claims, knowledge, "transfer").with_columns(after_transfer=pl.lit(True))


def diagnosed(diags: pl.LazyFrame) -> pl.LazyFrame:
    """setl_id, code: diagnoses in ICD-10, both halves of a dagger-asterisk pair. Codes are taken apart once each, not on every row."""
    icd = diagnoses.western(diags).select("setl_id", "diag_code")
    return icd.join(diagnoses.halves(engine.collect(icd.select("diag_code").unique()), "diag_code").lazy(), on="diag_code").drop(
        "diag_code"
    )
