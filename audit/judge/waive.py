"""Findings that a waiver takes off: they touch no claim, and are counted as waived, never as clear."""

from __future__ import annotations

import polars as pl

WAIVED: dict[str, pl.DataType] = {
    "jr_id": pl.String(),
    "setl_id": pl.String(),
    "bkkp_sn": pl.String(),
    "fixmedins_code": pl.String(),
    "rule_id": pl.String(),
    "rule_version": pl.Int64(),
    "status": pl.String(),
    "sev_deg": pl.String(),
    "vola_amt": pl.Int64(),
    "fee_date": pl.Date(),
    "kind": pl.String(),  # what was waived: institution, area or item, its code, until when and why
    "value": pl.String(),
    "valid_to": pl.Date(),
    "reason": pl.String(),
}


def waive(findings: pl.DataFrame, waivers: pl.DataFrame, claims: pl.LazyFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(findings that stay, findings taken off with columns WAIVED), each in the order given.

    A waiver of a finding's rule takes it off when its service date lies within, and the institution, the beginning of the institution's
    division or the beginning of the item's code is the one named. waivers: rulebook.waivers. claims: setl_id, fix_blng_admdvs. The cost
    is that of the findings of waived rules, however many lines there are.
    """
    nothing = pl.DataFrame(schema=WAIVED)
    if waivers.is_empty():
        return findings, nothing
    numbered = findings.with_row_index("_n")
    asked = numbered.join(waivers.select("rule_id").unique(), on="rule_id", how="semi")
    if asked.is_empty():
        return findings, nothing
    areas = claims.select("setl_id", "fix_blng_admdvs").join(asked.lazy().select("setl_id").unique(), on="setl_id", how="semi").collect()
    billed = {"institution": "fixmedins_code", "area": "fix_blng_admdvs", "item": "med_list_codg"}
    fits = pl.coalesce(
        *(pl.when(pl.col("kind") == kind).then(_fits(kind, pl.col(column))) for kind, column in billed.items()), pl.lit(False)
    )
    taken = (
        asked.join(areas, on="setl_id", how="left")
        .join(waivers, on="rule_id")
        .filter(pl.col("fee_date").is_between("valid_from", "valid_to"), fits)
        .sort("_n", "kind", "value", "valid_from")
        .unique("_n", keep="first", maintain_order=True)
    )
    kept = numbered.join(taken.select("_n"), on="_n", how="anti", maintain_order="left").drop("_n")
    return kept, taken.select(pl.col(name).cast(dtype) for name, dtype in WAIVED.items())


def _fits(kind: str, billed: pl.Expr) -> pl.Expr:
    code = billed.str.to_uppercase()
    wanted = pl.col("value").str.to_uppercase()
    return code == wanted if kind == "institution" else code.str.starts_with(wanted)
