"""Ordinary care and planted cases under one another: whole-number keys first, identifiers in the order of time at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

# optional columns that only hand-made rows carry
_CLAIM_EXTRA: dict[str, pl.DataType | type[pl.DataType]] = {
    "setl_time": pl.Datetime("us"),
    "die_date": pl.Date,
    "dscg_way": pl.String,
    "matn_type": pl.String,
    "geso_val": pl.Int64,
    "dise_no": pl.String,
    "vali_flag": pl.String,
    "refd_setl_flag": pl.String,
    "init_claim": pl.Int64,
    "medfee_off": pl.Int64,
    "insutype": pl.String,
    "drop_main_dx": pl.Boolean,
}
_LINE_EXTRA: dict[str, pl.DataType | type[pl.DataType]] = {
    "own": pl.Boolean,
    "over_in_scope": pl.Boolean,
    "amount_set": pl.Int64,
    "uplmt_e6": pl.Int64,
    "init_line": pl.Int64,
    "vali_flag": pl.String,
    "dscg_tkdrug_flag": pl.String,
    "rx_circ_flag": pl.String,
    "prd_days": pl.Int64,
    "sin_dos_dscr": pl.String,
    "used_frqu_dscr": pl.String,
}


@dataclass
class Cast:
    """Everything that is to be written, keyed by our own whole numbers (person, inst, claim, line)."""

    people: pl.DataFrame
    claims: pl.DataFrame
    lines: pl.DataFrame
    diags: pl.DataFrame
    oprns: pl.DataFrame
    traces: pl.DataFrame
    inventory: pl.DataFrame
    truth: pl.DataFrame
    fraud: pl.DataFrame


def with_columns_of(frame: pl.DataFrame, extra: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    return frame.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in extra.items() if name not in frame.columns)


def number(cast: Cast) -> Cast:
    """Give setl_id, mdtrt_id, psn_no and bkkp_sn in the order of time, so that an identifier tells nothing about how a row was made."""
    people = (
        cast.people.sort("brdy", "person")
        .with_row_index("n")
        .with_columns(psn_no=pl.lit("P99") + pl.col("n").cast(pl.String).str.zfill(9))
        .drop("n")
    )
    claims = (
        with_columns_of(cast.claims, _CLAIM_EXTRA)
        .with_columns(pl.coalesce("setl_time", "end").alias("setl_time"))
        .sort("setl_time", "claim")
    )
    claims = claims.with_row_index("n").with_columns(n=pl.col("n").cast(pl.String).str.zfill(9))
    claims = claims.with_columns(setl_id=pl.lit("S99") + pl.col("n"), mdtrt_id=pl.lit("M99") + pl.col("n")).drop("n")
    rank = claims.select("claim", rank=pl.int_range(pl.len()))
    lines = (
        with_columns_of(cast.lines, _LINE_EXTRA)
        .join(rank, on="claim", how="left", maintain_order="left")
        .sort("rank", "time", "line", nulls_last=True)
    )
    lines = lines.with_row_index("n").with_columns(bkkp_sn=pl.lit("F99") + pl.col("n").cast(pl.String).str.zfill(11)).drop("n", "rank")
    return Cast(people, claims, lines, cast.diags, cast.oprns, cast.traces, cast.inventory, cast.truth, cast.fraud)
