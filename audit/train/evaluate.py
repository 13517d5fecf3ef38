"""How good the probabilities are on claims later than all that was learned from: ranking, money under a budget, honesty, spread."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

BUDGETS = (0.01, 0.02, 0.05, 0.10)
RESAMPLES = 200
BINS = 10
LEAST_CLAIMS = 30


def evaluate(frame: pl.DataFrame, y: np.ndarray, probability: np.ndarray, seed: int) -> dict[str, Any]:
    """Metrics of one period. frame: the claims in the order of y, with fund_pay_sumamt (fen), fixmedins_code, visit_mode, setl_id.

    auprc is to be read against prevalence (what chance gives); its interval is a bootstrap over claims. budgets: the share of
    claims that reviewers can open, the precision among them, the share of fraud claims found and of the fraud's fund money recovered.
    """
    from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

    rng = np.random.default_rng(seed)
    draws = [rng.integers(0, len(y), len(y)) for _ in range(RESAMPLES)]
    resampled = [average_precision_score(y[d], probability[d]) for d in draws if 0 < y[d].sum() < len(y)]
    low, high = np.quantile(resampled, [0.025, 0.975])
    bins = _reliability(y, probability)
    return {
        "claims": len(y),
        "fraud": int(y.sum()),
        "prevalence": _r(y.mean()),
        "auprc": _r(average_precision_score(y, probability)),
        "auprc_interval": [_r(low), _r(high)],
        "auc": _r(roc_auc_score(y, probability)),
        "brier": _r(brier_score_loss(y, probability)),
        "calibration_error": _r(sum(b["claims"] * abs(b["predicted"] - b["observed"]) for b in bins) / len(y)),
        "reliability": bins,
        "budgets": [_budget(frame, y, probability, share) for share in BUDGETS],
        "visit_modes": _by_mode(frame, y, probability),
        "institutions": _by_institution(frame, y, probability),
    }


def _r(value: float) -> float:
    return round(float(value), 6)


def _reliability(y: np.ndarray, probability: np.ndarray) -> list[dict[str, Any]]:
    """Equal-count bins in order of probability: what was said, what was so."""
    order = np.argsort(probability, kind="stable")
    return [
        {"claims": len(part), "predicted": _r(probability[part].mean()), "observed": _r(y[part].mean())}
        for part in np.array_split(order, BINS)
        if len(part)
    ]


def _budget(frame: pl.DataFrame, y: np.ndarray, probability: np.ndarray, share: float) -> dict[str, Any]:
    """Review the claims with the most expected fund money first; ties by setl_id, as rows are sorted by it."""
    money = np.maximum(frame["fund_pay_sumamt"].fill_null(0).to_numpy(), 0)
    count = max(1, int(share * len(y)))
    ranked, dearest = (np.argsort(-key, kind="stable")[:count] for key in (probability, probability * money))
    return {
        "share": share,
        "claims": count,
        "precision": _r(y[ranked].mean()),
        "found": _r(y[ranked].sum() / y.sum()),
        "recovered": _r((y * money)[dearest].sum() / max(1, (y * money).sum())),
    }


def _by_mode(frame: pl.DataFrame, y: np.ndarray, probability: np.ndarray) -> dict[str, dict[str, float]]:
    table = frame.select("visit_mode").with_columns(y=pl.Series(y), p=pl.Series(probability))
    seen = {"claims": pl.len(), "fraud": pl.col("y").sum(), "expected": pl.col("p").sum().round(3)}
    rows = table.group_by(pl.col("visit_mode").fill_null("unknown")).agg(**seen).sort("visit_mode").to_dicts()
    return {row.pop("visit_mode"): row for row in rows}


def _by_institution(frame: pl.DataFrame, y: np.ndarray, probability: np.ndarray) -> dict[str, Any]:
    """Spread of the calibration over institutions with enough claims: |mean predicted - observed| at the median, 90 %, worst."""
    table = frame.select("fixmedins_code").with_columns(y=pl.Series(y), p=pl.Series(probability))
    spread = table.group_by("fixmedins_code").agg(pl.len(), gap=(pl.col("p").mean() - pl.col("y").mean()).abs())
    gaps = spread.filter(pl.col("len") >= LEAST_CLAIMS)["gap"]
    if gaps.is_empty():
        return {"institutions": 0}
    p50, p90, worst = (_r(v) for v in np.quantile(gaps.to_numpy(), [0.5, 0.9, 1.0]))
    return {"institutions": len(gaps), "gap_median": p50, "gap_90": p90, "gap_worst": worst}
