"""Who pays what: a line falls into four parts, the parts add up to the line, the lines to the claim (all in whole fen)."""

from __future__ import annotations

import polars as pl

# fund's share of what is in scope, per cent: per insurance scheme: in the ward by tier, in the clinic by tier, in drug stores
_SHARE: dict[str, tuple[dict[int, int], dict[int, int], int]] = {
    "310": ({3: 85, 2: 88, 1: 92}, {3: 50, 2: 60, 1: 70}, 45),
    "390": ({3: 65, 2: 75, 1: 85}, {3: 40, 2: 50, 1: 60}, 30),
    "510": ({3: 100, 2: 100, 1: 100}, {3: 100, 2: 100, 1: 100}, 0),
}
PREPAID = {"01": 0, "02": 10, "03": 100}  # per cent of a class A, B or C item that the person pays first


def half_up(product: pl.Expr, unit: int) -> pl.Expr:
    """Divide a whole number by `unit`, halves away from zero."""
    return product.sign() * ((product.abs() + unit // 2) // unit)


def line_parts(lines: pl.DataFrame) -> pl.DataFrame:
    """Add amount, own, over, pre and inscp (fen). `own` true makes a line wholly self-paid; `amount_set` overrules quantity times price,
    `over_in_scope` leaves what lies above the ceiling in the fund's scope."""
    per_line = 100_000_000  # cnt_e4 * pric_e6 per fen
    above = pl.max_horizontal(pl.col("pric_e6") - pl.col("uplmt_e6"), pl.lit(0)).fill_null(0)
    own = pl.col("own").fill_null(False) | (pl.col("level") == "03")
    prepaid = pl.col("level").replace_strict(PREPAID, default=0, return_dtype=pl.Int64)
    return (
        lines.with_columns(amount=pl.coalesce("amount_set", half_up(pl.col("cnt_e4") * pl.col("pric_e6"), per_line)))
        .with_columns(
            own_fen=pl.when(own).then("amount").otherwise(0),
            over_fen=pl.when(own | pl.col("over_in_scope").fill_null(False)).then(0).otherwise(half_up(pl.col("cnt_e4") * above, per_line)),
        )
        .with_columns(pre_fen=pl.when(own).then(0).otherwise(half_up((pl.col("amount") - pl.col("over_fen")) * prepaid, 100)))
        .with_columns(inscp_fen=pl.col("amount") - pl.col("own_fen") - pl.col("over_fen") - pl.col("pre_fen"))
    )


def claim_sums(claims: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Add the sums of the lines and the shares of fund, account and person to claims that know insutype, med_type and tier."""
    parts = {"medfee": "amount", "own": "own_fen", "over": "over_fen", "pre": "pre_fen", "inscp": "inscp_fen"}
    sums = lines.group_by("claim").agg(**{name: pl.col(part).sum() for name, part in parts.items()})
    ward = pl.col("med_type").is_in(["21", "22", "23", "24", "28", "52"])
    share = pl.lit(0)
    for scheme, (in_ward, in_clinic, in_store) in _SHARE.items():
        for tier in (3, 2, 1):
            here = (pl.col("insutype") == scheme) & (pl.col("tier").fill_null(1) == tier)
            percent = pl.when(ward).then(in_ward[tier]).when(pl.col("med_type") == "41").then(in_store).otherwise(in_clinic[tier])
            share = pl.when(here).then(percent).otherwise(share)
    return (
        claims.join(sums, on="claim", how="left", maintain_order="left")
        .with_columns(pl.col(list(parts)).fill_null(0))
        .with_columns(hifp=pl.max_horizontal(pl.col("inscp"), pl.lit(0)) * share // 100)
        .with_columns(psn_pay=pl.col("medfee") - pl.col("hifp"))
        .with_columns(
            acct=pl.when(pl.col("insutype") == "310").then(pl.max_horizontal(pl.col("psn_pay"), pl.lit(0)) * 6 // 10).otherwise(0)
        )
    )
