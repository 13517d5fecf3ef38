"""What more than one stage must shape alike."""

from __future__ import annotations

import polars as pl

# What judge could not tell and why, as the contract gives it: rows a rule could not judge, by the value that is missing.
CANNOT_TELL: dict[str, pl.DataType] = {
    "rule_id": pl.String(),
    "rule_version": pl.Int64(),
    "grain": pl.String(),
    "missing": pl.String(),
    "why": pl.String(),
    "rows": pl.Int64(),
}
