"""What each rule alone adds to the claims' totals: the difference between settling with it and without it, by the formula of `settle`."""

from __future__ import annotations

import polars as pl

MARGINAL: dict[str, pl.DataType] = {"rule_id": pl.String(), "rule_version": pl.Int64(), "marginal_amt": pl.Int64()}
_RULE = ["setl_id", "rule_id", "rule_version"]


def marginal(findings: pl.DataFrame, claims: pl.LazyFrame) -> pl.DataFrame:
    """One row per rule version with findings (MARGINAL, fen, sorted): what the totals would lose without it.

    findings: judge's rows, those of shadow rules included; for these it is what the totals would gain, since they count nothing.
    claims: setl_id, medfee_sumamt (fen).
    """
    live = pl.col("status") != "shadow"
    asked = pl.max_horizontal("vola_amt", 0).fill_null(0)
    named = pl.col("bkkp_sn").is_not_null()
    limit = pl.max_horizontal(pl.coalesce("line_amt", asked), 0)
    amounts = findings.select(*_RULE, "bkkp_sn", live=live, amount=pl.when(named).then(pl.min_horizontal(asked, limit)).otherwise(asked))
    on_lines = _beside_others(amounts.filter(named), ["setl_id", "bkkp_sn"])
    on_claims = _beside_others(amounts.filter(~named), ["setl_id"]).select(*_RULE, peak_without="without", peak_with="with")
    # Of all lines of a claim together: what active rules reach, and by how much this rule raises that on the lines it names.
    reached = amounts.filter(named, pl.col("live")).group_by("setl_id", "bkkp_sn").agg(pl.col("amount").max())
    reached = reached.group_by("setl_id").agg(lines=pl.col("amount").sum())
    peaks = amounts.filter(~named, pl.col("live")).group_by("setl_id").agg(peak=pl.col("amount").max())
    raised = on_lines.group_by(_RULE).agg(raised=(pl.col("with") - pl.col("without")).sum())
    money = claims.select("setl_id", cap=pl.max_horizontal("medfee_sumamt", 0)).collect()
    whole = (
        amounts.select(*_RULE, "live").unique()
        .join(raised, on=_RULE, how="left")
        .join(on_claims, on=_RULE, how="left")
        .join(reached, on="setl_id", how="left")
        .join(peaks, on="setl_id", how="left")
        .join(money, on="setl_id", how="left")
        .with_columns(pl.col("raised", "lines", "peak", "cap").fill_null(0))
        .with_columns(lines=pl.col("lines") - pl.when("live").then("raised").otherwise(0))
    )  # fmt: skip
    without = pl.max_horizontal("lines", pl.coalesce("peak_without", "peak"))
    with_it = pl.max_horizontal(pl.col("lines") + pl.col("raised"), pl.coalesce("peak_with", "peak"))
    gain = pl.min_horizontal(with_it, "cap") - pl.min_horizontal(without, "cap")
    return (
        whole.group_by("rule_id", "rule_version")
        .agg(marginal_amt=gain.sum())
        .select(pl.col(name).cast(dtype) for name, dtype in MARGINAL.items())
        .sort("rule_id")
    )


def _beside_others(amounts: pl.DataFrame, place: list[str]) -> pl.DataFrame:
    """Per rule and place the largest amount of the other active rules (`without`), and with this rule's own (`with`)."""
    keys = list(dict.fromkeys([*place, *_RULE]))
    own = amounts.group_by(keys).agg(pl.col("amount").max(), pl.col("live").first())
    others = own.filter("live").select(*place, other="rule_id", other_version="rule_version", other_amount="amount")
    met = own.join(others, on=place, how="left")
    itself = (pl.col("other") == pl.col("rule_id")) & (pl.col("other_version") == pl.col("rule_version"))
    beside = pl.col("other_amount").filter(~itself).max().fill_null(0)
    return (
        met.group_by(keys).agg(pl.col("amount").first(), without=beside).with_columns(pl.max_horizontal("amount", "without").alias("with"))
    )
