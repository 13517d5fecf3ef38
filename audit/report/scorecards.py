"""A card per rule version and night: what it hit, what it could not tell, whom it overlaps with, what hangs on it alone."""

from __future__ import annotations

from typing import Any

import polars as pl

from audit.rulebook import Rulebook

SCORECARDS: dict[str, pl.DataType] = {
    "rule_id": pl.String(),
    "rule_version": pl.Int64(),
    "status": pl.String(),
    "grain": pl.String(),
    "lines": pl.Int64(),  # of the night, whatever the rule looked at
    "claims": pl.Int64(),
    "hits": pl.Int64(),  # findings, those of a shadow rule too
    "claims_hit": pl.Int64(),
    "waived": pl.Int64(),  # findings taken off by an exemption for a time: no hits, and not clear
    "waived_amt": pl.Int64(),  # fen they asked
    "cannot_tell": pl.Int64(),
    "causes": pl.List(pl.Struct({"missing": pl.String(), "rows": pl.Int64()})),  # most rows first
    "overlaps": pl.List(pl.Struct({"rule_id": pl.String(), "lines": pl.Int64(), "claims": pl.Int64()})),  # most lines first
    "asked_amt": pl.Int64(),  # fen, by the rule's own method
    "counted_amt": pl.Int64(),  # fen, after settling
    "marginal_amt": pl.Int64(),  # fen that the claims' totals would lose without it; for a shadow rule, gain with it
}


def scorecards(
    rulebook: Rulebook,
    judged: pl.LazyFrame,
    settled: pl.DataFrame,
    cannot_tell: pl.DataFrame,
    marginal: pl.DataFrame,
    waived: pl.DataFrame,
    lines: pl.LazyFrame,
    claims: int,
) -> pl.DataFrame:
    """One row of SCORECARDS per active or shadow rule, sorted by id.

    judged: judge's findings, shadow ones included; settled: the findings that count; marginal: settle's, a row per rule and bucket;
    waived: findings taken off (judge's WAIVED);
    lines: those that were audited; claims: how many were. Holds no clock value, so that it is the same again for the same input.
    """
    hits = judged.select("rule_id", "setl_id", "bkkp_sn", "vola_amt").collect(engine="streaming")
    height = lines.select(pl.len()).collect().item()
    ids = [(rule.id, rule.version, rule.status, rule.grain) for rule in rulebook.judged()]
    named = {name: SCORECARDS[name] for name in ("rule_id", "rule_version", "status", "grain")}
    cards = pl.DataFrame(ids, schema=named, orient="row").with_columns(lines=height, claims=claims)
    for told in (
        hits.group_by("rule_id").agg(hits=pl.len(), claims_hit=pl.col("setl_id").n_unique(), asked_amt=pl.col("vola_amt").sum()),
        waived.group_by("rule_id").agg(waived=pl.len(), waived_amt=pl.col("vola_amt").sum()),
        settled.group_by("rule_id").agg(pl.col("counted_amt").sum()),
        marginal.group_by("rule_id").agg(pl.col("marginal_amt").sum()),
        _causes(cannot_tell),
        _overlaps(hits),
    ):
        cards = cards.join(told, on="rule_id", how="left")
    numbers = [pl.col(name).fill_null(0) for name, dtype in SCORECARDS.items() if dtype == pl.Int64()]
    lists = [pl.col(name).fill_null([]) for name in ("causes", "overlaps")]
    return cards.with_columns(*numbers, *lists).select(pl.col(name).cast(dtype) for name, dtype in SCORECARDS.items()).sort("rule_id")


def run_times(clock: pl.LazyFrame) -> dict[str, dict[str, Any]]:
    """Rule id -> rows it was timed on and the seconds these took, over all buckets (judge's clock): for the manifest only."""
    summed = clock.group_by("rule_id").agg(pl.col("rows").sum(), pl.col("seconds").sum().round(6)).sort("rule_id").collect()
    return {row.pop("rule_id"): row for row in summed.to_dicts()}


def _causes(cannot_tell: pl.DataFrame) -> pl.DataFrame:
    counted = cannot_tell.group_by("rule_id", "missing").agg(pl.col("rows").sum())
    ordered = counted.sort("rule_id", "rows", "missing", descending=[False, True, False])
    return ordered.group_by("rule_id", maintain_order=True).agg(cannot_tell=pl.col("rows").sum(), causes=pl.struct("missing", "rows"))


def _overlaps(hits: pl.DataFrame) -> pl.DataFrame:
    """Per rule the others that name some of its lines or claims, and how many."""
    of_lines = _common(hits.drop_nulls("bkkp_sn"), ["setl_id", "bkkp_sn"], "lines")
    of_claims = _common(hits, ["setl_id"], "claims")
    both = of_claims.join(of_lines, on=["rule_id", "other"], how="left").with_columns(pl.col("lines").fill_null(0))
    ordered = both.sort("rule_id", "lines", "claims", "other", descending=[False, True, True, False])
    other = pl.struct(rule_id="other", lines=pl.col("lines").cast(pl.Int64), claims=pl.col("claims").cast(pl.Int64))
    return ordered.group_by("rule_id", maintain_order=True).agg(overlaps=other)


def _common(hits: pl.DataFrame, place: list[str], name: str) -> pl.DataFrame:
    named = hits.select("rule_id", *place).unique()
    met = named.join(named.rename({"rule_id": "other"}), on=place).filter(pl.col("other") != pl.col("rule_id"))
    return met.group_by("rule_id", "other").agg(pl.len().alias(name))
