"""Models x measured claims -> a calibrated probability per claim and the reasons for it.

Two boosters see the same measured columns; their log-odds are blended with declared shares and turned into a probability by a
curve fitted on claims later than those the boosters learned from. Reasons are the boosters' own additive contributions, summed over
named groups of columns. Which models speak is the last line of models/deployments.jsonl; with none, there is no probability.
"""

from __future__ import annotations

import logging

import numpy as np
import polars as pl

from audit import engine as engines
from audit.score.features import columns, encode, unseen
from audit.score.models import Models, load
from audit.score.reasons import reasons

__all__ = ["Models", "load", "score"]

SCHEMA = {
    "setl_id": pl.String(),
    "fraud_probability": pl.Float64(),
    "reasons": pl.List(pl.String),
    "weights": pl.List(pl.Float64),
}
log = logging.getLogger("audit")


def score(claims: pl.LazyFrame, models: Models, engine: engines.Engine = "cpu") -> pl.DataFrame:
    """Measured claims (one row per claim) -> setl_id, fraud_probability (0..1, six decimals), reasons, weights (what each reason
    adds to the log-odds); sorted by setl_id.

    Probability is null and reasons are empty where no model is active. Reasons are worked out for claims at or above the blend's
    `reasons_from`. The answer for a claim does not depend on the other claims of the frame. On a GPU the XGBoost part runs there.
    DataError when a column that the models read is not there; EngineError when the GPU was asked for and did not work.
    """
    if models.deployment is None:
        ids = engines.collect(claims.select("setl_id"), engine).sort("setl_id")
        nothing: list[list[str]] = [[]] * ids.height
        unscored = {"setl_id": ids["setl_id"], "fraud_probability": [None] * ids.height, "reasons": nothing, "weights": nothing}
        return pl.DataFrame(unscored, schema=SCHEMA)
    vocabulary = models.vocabulary
    frame = engines.collect(columns(claims, vocabulary), engine).sort("setl_id")
    for name, count in unseen(frame, vocabulary, models.categories).items():
        log.info("score: %s has %s claims with a value not seen in training; they are scored as OTHER", name, f"{count:,}")
    matrix = encode(frame, vocabulary, models.categories)
    margin = models.margin(matrix, engine)
    probability = np.round(models.calibrated(margin), 6)
    shown = np.flatnonzero(probability >= models.reasons_from)
    told: list[list[str]] = [[] for _ in range(frame.height)]
    weights: list[list[float]] = [[] for _ in range(frame.height)]
    for row, found in zip(shown, reasons(models, frame[shown], matrix[shown], margin[shown]), strict=True):
        told[row], weights[row] = [sentence for sentence, _ in found], [weight for _, weight in found]
    scored = {"setl_id": frame["setl_id"], "fraud_probability": probability, "reasons": told, "weights": weights}
    return pl.DataFrame(scored, schema=SCHEMA)
