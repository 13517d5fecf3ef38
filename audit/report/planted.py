"""What was found of what an invented province had planted: recall, precision and near misses per type of violation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

_KEYS = ["type", "setl_id", "bkkp_sn"]


def planted(findings: pl.DataFrame, rules: list[dict[str, Any]], truth: Path) -> list[dict[str, Any]]:
    """One row per planted type: type, name, name_en, planted, found, findings, right, near_misses, near_flagged,
    perfect (all found, nothing else flagged).

    `rules` are the figures' rules: they say which type a rule id stands for. `truth`/planted.parquet names type, kind (violation,
    near_miss, concerned), setl_id and bkkp_sn (null: the claim). Lines that merely belong to a violation count neither way.
    """
    names = {rule["type"]: rule for rule in rules}
    types = pl.DataFrame(
        {"rule_id": [r["rule_id"] for r in rules], "type": [r["type"] for r in rules]}, schema={"rule_id": pl.String, "type": pl.String}
    )
    marks = pl.read_parquet(truth / "planted.parquet").select(*_KEYS, "kind").unique()
    flagged = findings.join(types, on="rule_id").select(_KEYS).unique()
    violations, misses = (_matched(marks.filter(pl.col("kind") == kind), flagged) for kind in ("violation", "near_miss"))
    beside = flagged.join(marks.filter(pl.col("kind") == "concerned"), on=_KEYS, how="anti", nulls_equal=True)
    right = _matched(beside, marks.filter(pl.col("kind") == "violation"))
    counted = (
        violations.group_by("type").agg(planted=pl.len(), found=pl.col("matched").sum())
        .join(misses.group_by("type").agg(near_misses=pl.len(), near_flagged=pl.col("matched").sum()), on="type", how="left")
        .join(right.group_by("type").agg(findings=pl.len(), right=pl.col("matched").sum()), on="type", how="left")
        .fill_null(0)
        .sort(pl.col("type").cast(pl.Int64, strict=False), "type", nulls_last=True)
    )  # fmt: skip
    wrong = (pl.col("found") < pl.col("planted")) | (pl.col("right") < pl.col("findings")) | (pl.col("near_flagged") > 0)
    unknown = {"name": "", "name_en": "no rule"}
    return [
        {**row, **{key: names.get(row["type"], unknown)[key] for key in unknown}} for row in counted.with_columns(perfect=~wrong).to_dicts()
    ]


def _matched(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """`rows` with `matched`: the same line, or where one of the two names only the claim, the same claim."""
    line = others.drop_nulls("bkkp_sn").select(_KEYS).unique().with_columns(_line=pl.lit(True))
    claim = others.filter(pl.col("bkkp_sn").is_null()).select("type", "setl_id").unique().with_columns(_claim=pl.lit(True))
    some = others.select("type", "setl_id").unique().with_columns(_some=pl.lit(True))
    joined = rows.join(line, on=_KEYS, how="left").join(claim, on=_KEYS[:2], how="left").join(some, on=_KEYS[:2], how="left")
    by_claim = pl.when(pl.col("bkkp_sn").is_null()).then(pl.col("_some"))
    return joined.with_columns(matched=pl.coalesce("_line", "_claim", by_claim, pl.lit(False))).drop("_line", "_claim", "_some")
