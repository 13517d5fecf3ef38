"""The result tables exactly as the contract says: columns, order and types; same content, same bytes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from audit import engine
from audit.tables import CANNOT_TELL

FINDINGS: dict[str, pl.DataType] = {
    "run_id": pl.String(),
    "batch_date": pl.Date(),
    "jr_id": pl.String(),
    "setl_id": pl.String(),
    "mdtrt_id": pl.String(),
    "psn_no": pl.String(),
    "fixmedins_code": pl.String(),
    "bkkp_sn": pl.String(),
    "concerned_bkkp_sn": pl.List(pl.String()),
    "rule_id": pl.String(),
    "rule_version": pl.Int64(),
    "national_code": pl.String(),
    "sev_deg": pl.String(),
    "local_code": pl.String(),
    "vola_amt": pl.Int64(),
    "vola_inscp_amt": pl.Int64(),
    "vola_fund_amt": pl.Int64(),
    "counted_amt": pl.Int64(),
    "vola_cont": pl.String(),
    "vola_evid": pl.String(),
    "evidence": pl.String(),
    "vola_cont_en": pl.String(),  # ours: the sentence in English
}
CLAIMS: dict[str, pl.DataType] = {
    "setl_id": pl.String(),
    "flagged": pl.Boolean(),
    "counted_amt": pl.Int64(),
    "fraud_probability": pl.Float64(),
    "priority": pl.Int64(),
    "reasons": pl.List(pl.String()),
    "explanation": pl.String(),
    "explanation_status": pl.String(),
    "decision": pl.String(),
}
REJECTED: dict[str, pl.DataType] = {"table": pl.String(), "key": pl.String(), "reason": pl.String(), "detail": pl.String()}


def tables(
    findings: pl.DataFrame, claims: pl.DataFrame, cannot_tell: pl.DataFrame, rejected: pl.DataFrame, run_id: str, batch_date: date
) -> dict[str, pl.DataFrame]:
    """The four result tables of a whole night, sorted, from explain's findings and claims of all buckets.

    `cannot_tell` may hold a row per bucket (rows are summed); `rejected` has table, key, reason and perhaps detail.
    """
    stamped = findings.with_columns(run_id=pl.lit(run_id), batch_date=pl.lit(batch_date))
    causes = cannot_tell.group_by("rule_id", "rule_version", "grain", "missing", "why").agg(pl.col("rows").sum())
    if "detail" not in rejected.columns:
        rejected = rejected.with_columns(detail=pl.lit(None, dtype=pl.String))
    return {
        "findings": _shaped(stamped, FINDINGS).sort("setl_id", "bkkp_sn", "rule_id", "jr_id", nulls_last=False),
        "claims": _shaped(claims, CLAIMS).with_columns(pl.col("fraud_probability").round(6)).sort("setl_id"),
        "cannot_tell": _shaped(causes, CANNOT_TELL).sort("rule_id", "rule_version", "grain", "missing", "why"),
        "rejected": _shaped(rejected, REJECTED).sort("table", "key", "reason", "detail"),
    }


def _shaped(frame: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def write(made: dict[str, pl.DataFrame], out: Path) -> None:
    """Write each table as `<name>.parquet`. One chunk per column, so that the bytes do not tell how the frame came about."""
    for name, frame in made.items():
        engine.write(frame.rechunk(), out / f"{name}.parquet")
