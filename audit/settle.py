"""Overlapping findings become one counted amount per line and per claim; claims get a priority and a decision.

Several rules often hit the same line, and a claim-level rule speaks of money that line rules already named. A declared total
order (rules/policy.yaml) lets one finding speak first; each later one adds only what raises the claim's total:

    total = min(claim, max(largest claim-level amount, sum over lines of min(line, largest amount on that line)))

So the total is the same in whatever order findings arrive, and the order only decides which finding carries the money. The others
stay, with 0, as secondary grounds. Everything is whole fen.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from audit.errors import RuleError

SEVERITIES = ("definite", "suspicious")
_SHARES = (*SEVERITIES, "probability")


def faults(policy: dict[str, Any]) -> list[str]:
    """What is wrong with rules/policy.yaml, one sentence each; none when it can be used."""

    def per_mille(value: Any) -> bool:
        return type(value) is int and 0 <= value <= 1000

    order, shares, minutes = (policy.get(name) for name in ("precedence", "confirmed_per_mille", "review_minutes"))
    known = {"precedence", "confirmed_per_mille", "review_from_per_mille", "review_minutes"}
    found = [f"policy.yaml: {name!r} is not a setting; known are {', '.join(sorted(known))}." for name in sorted(set(policy) - known)]
    if not isinstance(order, list) or not order or not all(isinstance(entry, str) and entry for entry in order):
        found.append("policy.yaml: precedence must be a list of beginnings of type codes.")
    elif len(set(order)) < len(order):
        found.append(f"policy.yaml: precedence names {', '.join(sorted({e for e in order if order.count(e) > 1}))} twice.")
    if not isinstance(shares, dict) or set(shares) != set(_SHARES) or not all(map(per_mille, shares.values())):
        found.append(f"policy.yaml: confirmed_per_mille needs {', '.join(_SHARES)}, each a whole number from 0 to 1000.")
    if not per_mille(policy.get("review_from_per_mille")):
        found.append("policy.yaml: review_from_per_mille must be a whole number from 0 to 1000.")
    if not isinstance(minutes, dict) or set(minutes) != set(SEVERITIES) or not all(type(m) is int and m >= 0 for m in minutes.values()):
        found.append(f"policy.yaml: review_minutes needs {', '.join(SEVERITIES)}, each a whole number of minutes per finding.")
    return found


def place(type_code: str, policy: dict[str, Any]) -> int:
    """Where a type code (national_code, else local_code) stands in the order, 0 first. RuleError when no entry fits."""
    fitting = [entry for entry in policy["precedence"] if type_code.startswith(entry)]
    if not fitting:
        raise RuleError(f"policy.yaml: precedence has no place for {type_code!r}; add it, or a beginning of it.")
    return int(policy["precedence"].index(max(fitting, key=len)))


def settle(findings: pl.DataFrame, claims: pl.LazyFrame, scores: pl.DataFrame, policy: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Settle one bucket.

    findings: judge's rows (vola_amt, vola_fund_amt in fen; line_amt = the line's own amount, null on claim-level findings; those of
    shadow rules leave here, since they may not touch a claim).
    claims: one row per audited claim with setl_id, medfee_sumamt, fund_pay_sumamt (fen).
    scores: setl_id, fraud_probability (0..1 or null), reasons (list[str]).
    Returns the findings with counted_amt and counted_fund_amt (fen), sorted by claim and precedence, and one row per claim:
    setl_id, flagged, counted_amt, counted_fund_amt, fraud_probability, priority (fen), reasons (rule ids, then the model's), decision.
    RuleError when the policy is wrong or a finding's type has no place in its order.
    """
    wrong = faults(policy)
    if wrong:
        raise RuleError(*wrong)
    money = claims.select("setl_id", "medfee_sumamt", "fund_pay_sumamt").collect().sort("setl_id")
    settled = _count(
        _order(findings.filter(pl.col("status") != "shadow").drop("status"), policy).join(
            money, on="setl_id", how="left", maintain_order="left"
        )
    )
    return settled.drop("medfee_sumamt", "fund_pay_sumamt"), _claims(settled, money, scores, policy)


def _order(findings: pl.DataFrame, policy: dict[str, Any]) -> pl.DataFrame:
    code = pl.coalesce("national_code", "local_code").fill_null("")
    codes = findings.select(code.unique().sort()).to_series().to_list()
    places = pl.DataFrame({"_code": codes, "_place": [place(c, policy) for c in codes]}, schema={"_code": pl.String, "_place": pl.Int64})
    return (
        findings.with_columns(_code=code, _claim_level=pl.col("bkkp_sn").is_null())
        .join(places, on="_code", how="left")
        .sort("setl_id", pl.col("sev_deg") != "definite", "_claim_level", "_place", "rule_id", "bkkp_sn", "jr_id")
        .drop("_code", "_place")
    )


def _count(ordered: pl.DataFrame) -> pl.DataFrame:
    """Walk each claim's findings in order; a finding counts by how much it raises the claim's total."""
    line, claim = ["setl_id", "bkkp_sn"], "setl_id"
    asked = pl.max_horizontal("vola_amt", 0).fill_null(0)
    of_line = pl.when("_claim_level").then(0).otherwise(pl.min_horizontal(asked, pl.max_horizontal(pl.coalesce("line_amt", asked), 0)))
    of_claim = pl.when("_claim_level").then(asked).otherwise(0)
    counted = (
        ordered.with_columns(_peak=of_line.cum_max().over(line), _claim_peak=of_claim.cum_max().over(claim))
        .with_columns(_step=pl.col("_peak") - pl.col("_peak").shift(1, fill_value=0).over(line))
        .with_columns(_lines=pl.col("_step").cum_sum().over(claim))
        .with_columns(_total=pl.min_horizontal(pl.max_horizontal("_lines", "_claim_peak"), pl.max_horizontal("medfee_sumamt", 0)))
        .with_columns(counted_amt=pl.col("_total") - pl.col("_total").shift(1, fill_value=0).over(claim))
        .with_columns(counted_fund_amt=_share(pl.col("counted_amt"), pl.col("vola_fund_amt").fill_null(0), pl.col("vola_amt")))
    )
    return counted.drop("_claim_level", "_peak", "_claim_peak", "_step", "_lines", "_total")


def _share(amount: pl.Expr, part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """amount x part / whole, half up, in 128 bits because both factors may reach 10^13 fen; 0 where nothing is counted."""
    doubled = 2 * amount.cast(pl.Int128) * pl.max_horizontal(part, 0).cast(pl.Int128) + whole.cast(pl.Int128)
    return pl.when(amount > 0).then((doubled // (2 * pl.max_horizontal(whole, 1).cast(pl.Int128))).cast(pl.Int64)).otherwise(0)


def _claims(settled: pl.DataFrame, money: pl.DataFrame, scores: pl.DataFrame, policy: dict[str, Any]) -> pl.DataFrame:
    shares = policy["confirmed_per_mille"]
    definite = pl.col("sev_deg") == "definite"
    certain = [pl.col("counted_fund_amt").filter(pl.col("sev_deg") == s).sum() * shares[s] // 1000 for s in SEVERITIES]
    per_claim = settled.group_by("setl_id", maintain_order=True).agg(
        pl.col("counted_amt").sum(),
        pl.col("counted_fund_amt").sum(),
        _recoverable=sum(certain, start=pl.lit(0)),
        _definite=pl.col("counted_amt").filter(definite).sum(),
        _rules=pl.col("rule_id").unique(maintain_order=True),
    )
    chance = (pl.col("fraud_probability") * 1000).round().cast(pl.Int64).fill_null(0)  # per mille, so engines that differ by 1e-7 agree
    untouched = pl.max_horizontal(pl.col("fund_pay_sumamt") - pl.col("counted_fund_amt"), 0)
    by_model = untouched * chance // 1000 * shares["probability"] // 1000
    no_reason = pl.lit([], dtype=pl.List(pl.String))
    return (
        money.join(per_claim, on="setl_id", how="left")
        .join(scores.select("setl_id", "fraud_probability", _model=pl.col("reasons")), on="setl_id", how="left")
        .with_columns(
            pl.col("counted_amt", "counted_fund_amt", "_recoverable", "_definite").fill_null(0), flagged=pl.col("_rules").is_not_null()
        )
        .select(
            "setl_id",
            "flagged",
            "counted_amt",
            "counted_fund_amt",
            "fraud_probability",
            priority=pl.min_horizontal(pl.col("_recoverable") + by_model, pl.max_horizontal("fund_pay_sumamt", 0)),
            reasons=pl.col("_rules").fill_null(no_reason).list.concat(pl.col("_model").fill_null(no_reason)),
            decision=pl.when(pl.col("_definite") > 0)
            .then(pl.lit("recover"))
            .when("flagged")
            .then(pl.lit("review"))
            .when(chance >= policy["review_from_per_mille"])
            .then(pl.lit("review"))
            .otherwise(pl.lit("pass")),
        )
        .sort("setl_id")
    )
