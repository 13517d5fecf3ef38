"""A page per model that says what it is for, what it learned from, how it did, and what it must not be used for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from audit.score.models import BLEND

_WHAT = {
    "claims_lightgbm": "A LightGBM booster over measured claim columns: the first member of the blend.",
    "claims_xgboost": "An XGBoost booster over measured claim columns: the second member of the blend; on the GPU with `--engine gpu`.",
    BLEND: "The score of a claim: both boosters' log-odds with declared shares, made a probability by a curve fitted on later claims.",
}


def write_cards(models: Path, config: dict[str, Any], metrics: dict[str, dict[str, Any]]) -> None:
    """card.md of every model in `metrics`."""
    for name, measured in metrics.items():
        (models / name / "card.md").write_text(_card(name, config, measured), encoding="utf-8")


def _card(name: str, config: dict[str, Any], m: dict[str, Any]) -> str:
    periods = "\n".join(f"| {what} | {p['from']} to {p['to']} | {p['claims']:,} | {p['fraud']:,} |" for what, p in m["periods"].items())
    budgets = "\n".join(
        f"| {b['share']:.0%} ({b['claims']:,}) | {b['precision']:.1%} | {b['found']:.1%} | {b['recovered']:.1%} |" for b in m["budgets"]
    )
    spread = m["institutions"]
    where = "No institution has enough claims in the last period to speak of its own."
    if spread["institutions"]:
        where = (
            f"Over {spread['institutions']} institutions with enough claims the gap between said and seen is "
            f"{spread['gap_median']:.3f} at the median, {spread['gap_90']:.3f} at 90 %, {spread['gap_worst']:.3f} at worst."
        )
    low, high = m["auprc_interval"]
    ranking = (
        f"AUPRC **{m['auprc']:.3f}** (95 % {low:.3f} to {high:.3f}; chance {m['prevalence']:.3f}) · AUC {m['auc']:.3f} · "
        f"Brier {m['brier']:.4f} · calibration error {m['calibration_error']:.4f}"
    )
    shares = ", ".join(f"{member} {share}" for member, share in config["members"].items())
    return f"""# {name}

{_WHAT[name]} Shares: {shares}. Written by `audit train`; do not edit.

## Learned from
Labelled claims split in time, cut between days. Seed {m["seed"]}.

| period | settled | claims | fraud |
|---|---|---|---|
{periods}

## On the last period
{ranking}

| reviewed | precision | fraud claims found | fraud money found |
|---|---|---|---|
{budgets}

Precision and claims found are by probability; money found is by probability times fund money. {where}

## Limits
- The labels of the shipped models are planted by `audit synth`. Its five schemes stand out from ordinary care far more than fraud does in
  life, so these figures show that the way works, not how good it is. Expect an AUC of 0.7 to 0.85 on real claims, and train on confirmed
  cases of your own before relying on the number.
- The same persons and institutions appear in all three periods; only time separates them.
- A probability orders the queue. It is no finding and no ground for a deduction: that takes a rule, a clause and a line.
- Categories not seen in training are scored as OTHER and counted in the log.
"""
