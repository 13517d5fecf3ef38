"""Money of a finding: what the rule's method names, its part within the fund's scope, the fund's share; whole fen."""

from __future__ import annotations

import polars as pl

from audit.rulebook import Rule


def with_amounts(hit: pl.LazyFrame, rule: Rule) -> pl.LazyFrame:
    """Violating amount, its in-scope part and the fund's share (_amt, _inscp, _fund; fen): each within the one before, never negative."""
    return shared(asked(hit, rule))


def asked(hit: pl.LazyFrame, rule: Rule) -> pl.LazyFrame:
    """What was billed and what the rule's method names of it (_base, _amt; fen)."""
    base, zero = ("billed.det_item_fee_sumamt" if rule.of_lines else "billed.medfee_sumamt"), pl.lit(0, dtype=pl.Int64)
    if rule.amount == "whole":
        amount = pl.col(base)
    elif rule.amount_fen is None:
        amount = zero
    else:
        amount = pl.sql_expr(rule.amount_fen)
        if hit.select(amount).collect_schema().dtypes()[0].is_float():
            amount = (amount + 0.5).floor()
    billed, named = pl.max_horizontal(base, zero), pl.max_horizontal(amount.cast(pl.Int64, strict=False).fill_null(0), zero)
    return hit.with_columns(_base=billed, _amt=pl.min_horizontal(named, billed))


def shared(hit: pl.LazyFrame) -> pl.LazyFrame:
    """The part of `_amt` within the fund's scope and the fund's share of it (_inscp, _fund; fen), for findings of any rules."""
    zero = pl.lit(0, dtype=pl.Int64)
    fund = pl.max_horizontal("claim.fund", zero)
    # the line's own part within the fund's scope; where it was not sent, the claim's proportion stands in
    own_part, claim_part = pl.max_horizontal("billed.inscp_amt", zero), pl.max_horizontal("claim.inscp", zero)
    known = pl.col("billed.inscp_amt").is_not_null()
    return (
        hit.with_columns(
            _inscp=pl.when(known)
            .then(pl.min_horizontal(share("_amt", own_part, "_base"), own_part))
            .otherwise(share("_amt", claim_part, pl.col("claim.medfee")))
        )
        .with_columns(_inscp=pl.min_horizontal("_inscp", "_amt"))
        .with_columns(_of_scope=share("_inscp", fund, claim_part), _of_all=share("_amt", fund, "claim.medfee"))
        .with_columns(_fund=pl.when(pl.col("claim.inscp") > 0).then("_of_scope").otherwise("_of_all"))
        .with_columns(_fund=pl.min_horizontal("_fund", "_inscp", fund))
    )


def share(amount: str, part: pl.Expr, whole: pl.Expr | str) -> pl.Expr:
    """amount x part / whole in fen, half up, in 128 bits since both factors may reach 10^13; 0 where whole is missing or 0."""
    whole = pl.col(whole) if isinstance(whole, str) else whole
    doubled = pl.col(amount).cast(pl.Int128) * part.cast(pl.Int128) * 2
    divisor = pl.max_horizontal(whole.fill_null(0), pl.lit(1, dtype=pl.Int64)).cast(pl.Int128)
    return pl.when(whole > 0).then(((doubled + divisor) // (divisor * 2)).cast(pl.Int64, strict=False)).otherwise(0)
