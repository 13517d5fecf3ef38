"""How much of what was planted an audit found, type by type."""

from __future__ import annotations

import polars as pl

# national code (framework 1.0) of each planted type, as published; types new in 2025 are called 2025-NN
_NATIONAL = {
    "GZ10000101": "1-001 2-002 3-003 4-004 5-005 6-006 7-007 8-008 9-009 10-010 11-011 12-012",
    "GZ10000102": "14-001 15-002 16-003 17-004 18-005 19-006 20-007 21-008 22-009 23-010 24-011 25-012 26-013 27-014 28-015",
    "GZ10000103": "32-001 33-002 34-003",
    "GZ10000201": "35-001 36-002 37-003 38-004 39-005 40-006 42-008",
    "GZ10000202": "43-001 44-002 45-003 46-004",
    "GZ10000203": "48-001",
    "GZ10000204": "49-001 50-002 51-003 52-004 53-005 54-006 55-007",
    "GZ10000301": "64-001 65-002 66-003 67-004 68-005 69-006 70-007 71-008 72-009 73-010 74-011 75-012",
    "GZ10000302": "78-001 79-002 80-003 81-004 82-005 83-006",
    "GZ10000303": "84-001 85-002 86-003",
}
TYPE_OF = {
    f"{head}{number}000": type_ for head, listing in _NATIONAL.items() for type_, number in (pair.split("-") for pair in listing.split())
}


def _types(findings: pl.DataFrame) -> pl.DataFrame:
    national = pl.col("national_code").replace_strict(TYPE_OF, default=None, return_dtype=pl.String)
    newer = pl.col("national_code").str.strip_prefix("2025-")
    return findings.select("setl_id", "bkkp_sn", type=pl.coalesce("local_code", national, newer))


def score_truth(findings: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """One row per planted type: type, planted, found, recall, near_misses, false (near misses flagged), unplanted, precision.

    `findings` needs setl_id, bkkp_sn, national_code and local_code; `truth` is planted.parquet. A violation without bkkp_sn is found by
    any finding of its type on its claim. `unplanted` are findings of the type on claims where nobody planted that type; precision counts
    them and `false` against `found`.
    """
    told = _types(findings).unique()
    on_claim = told.select("type", "setl_id").unique().with_columns(claim_hit=pl.lit(True))
    on_line = told.filter(pl.col("bkkp_sn").is_not_null()).with_columns(line_hit=pl.lit(True))
    marked = truth.join(on_claim, on=["type", "setl_id"], how="left").join(on_line, on=["type", "setl_id", "bkkp_sn"], how="left")
    whole_claim = told.filter(pl.col("bkkp_sn").is_null()).select("type", "setl_id").unique().with_columns(bare_hit=pl.lit(True))
    marked = marked.join(whole_claim, on=["type", "setl_id"], how="left").with_columns(
        hit=pl.when(pl.col("bkkp_sn").is_null()).then("claim_hit").otherwise(pl.coalesce("line_hit", "bare_hit")).fill_null(False)
    )
    violation, near = pl.col("kind") == "violation", pl.col("kind") == "near_miss"
    table = marked.group_by("type").agg(
        planted=violation.sum(),
        found=(violation & pl.col("hit")).sum(),
        near_misses=near.sum(),
        false=(near & pl.col("hit")).sum(),
    )
    named = truth.select("type", "setl_id").unique()
    unplanted = told.join(named, on=["type", "setl_id"], how="anti").group_by("type").agg(unplanted=pl.len())
    return (
        table.join(unplanted, on="type", how="left")
        .with_columns(pl.col("unplanted").fill_null(0))
        .with_columns(
            recall=pl.col("found") / pl.col("planted"),
            precision=pl.col("found") / (pl.col("found") + pl.col("false") + pl.col("unplanted")),
        )
        .with_columns(order=pl.col("type").cast(pl.Int64, strict=False).fill_null(999))
        .sort("order", "type")
        .select("type", "planted", "found", "recall", "near_misses", "false", "unplanted", "precision")
    )
