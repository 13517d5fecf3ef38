"""Split in time, fit one booster, fit the curve from log-odds to probability."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from audit.errors import DataError
from audit.score.features import Feature
from audit.score.models import MODEL_FILES, member_margin, read_booster

_CURVE = np.round(np.arange(-16, 16.05, 0.1), 1)


def split_in_time(setl_time: pl.Series, train: float, calibrate: float) -> dict[str, np.ndarray]:
    """Rows of the three periods as masks; cut between calendar days, so that no day is in two of them.

    `train` and `calibrate` are shares of the claims in order of settlement. DataError when there are fewer than three days.
    """
    days = setl_time.cast(pl.Date)
    per_day = pl.DataFrame({"day": days}).group_by("day").len().sort("day").with_columns(share=pl.col("len").cum_sum() / len(days))
    all_days = per_day["day"].to_list()
    if len(all_days) < 3:
        raise DataError("The labelled claims were settled on fewer than three days; they cannot be split in time.")
    share = per_day["share"].to_numpy()
    first = min(max(int(np.searchsorted(share, train)), 0), len(all_days) - 3)
    second = min(max(int(np.searchsorted(share, train + calibrate)), first + 1), len(all_days) - 2)
    day = days.to_numpy()
    cut_1, cut_2 = np.datetime64(all_days[first]), np.datetime64(all_days[second])
    return {"train": day <= cut_1, "calibrate": (day > cut_1) & (day <= cut_2), "test": day > cut_2}


def fit_member(
    name: str, folder: Path, matrix: np.ndarray, y: np.ndarray, rows: np.ndarray, vocab: tuple[Feature, ...], seed: int
) -> np.ndarray:
    """Fit one booster on `rows`, write it into its folder, and return its log-odds for every row, read back from that file."""
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    fit = _fit_lightgbm if name == "claims_lightgbm" else _fit_xgboost
    path = folder / MODEL_FILES[name]
    path.unlink(missing_ok=True)
    fit(path, config, matrix[rows], y[rows], vocab, seed)
    return member_margin(name, read_booster(name, path), matrix)


def _fit_lightgbm(path: Path, config: dict[str, Any], matrix: np.ndarray, y: np.ndarray, vocab: tuple[Feature, ...], seed: int) -> None:
    import lightgbm

    fixed = {"seed": seed, "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1}
    labelled = [i for i, feature in enumerate(vocab) if feature.kind == "category"]
    data = lightgbm.Dataset(
        matrix, y, feature_name=[f.name for f in vocab], categorical_feature=labelled, params=fixed | config["parameters"]
    )
    lightgbm.train(config["parameters"] | fixed, data, num_boost_round=config["rounds"]).save_model(str(path))


def _fit_xgboost(path: Path, config: dict[str, Any], matrix: np.ndarray, y: np.ndarray, vocab: tuple[Feature, ...], seed: int) -> None:
    import xgboost

    fixed = {"seed": seed, "nthread": 1, "verbosity": 0}
    kinds = ["c" if feature.kind == "category" else "q" for feature in vocab]
    data = xgboost.DMatrix(matrix, y, feature_names=[f.name for f in vocab], feature_types=kinds, enable_categorical=True, nthread=1)
    xgboost.train(config["parameters"] | fixed, data, num_boost_round=config["rounds"]).save_model(str(path))


def calibrate(margin: np.ndarray, y: np.ndarray) -> dict[str, list[float]]:
    """Platt's curve as points: log-odds of the boosters -> probability, monotone and without jumps.

    A smooth curve, because a step would turn the last bit of a log-odds, which differs between CPU and GPU, into another
    probability. Platt's softened targets keep a small period from claiming certainty.
    """
    from sklearn.linear_model import LogisticRegression

    positives, negatives = int(y.sum()), int((1 - y).sum())
    target = np.where(y == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    both = np.concatenate([np.ones(len(y)), np.zeros(len(y))])
    weight = np.concatenate([target, 1 - target])
    curve = LogisticRegression(C=1e6, max_iter=1000).fit(np.concatenate([margin, margin])[:, None], both, sample_weight=weight)
    slope, start = float(curve.coef_[0, 0]), float(curve.intercept_[0])
    if slope <= 0:
        raise DataError("The boosters' scores do not rise with fraud in the later period: there is nothing to learn in these columns.")
    probability = 1 / (1 + np.exp(-(slope * _CURVE + start)))
    return {"margin": _CURVE.tolist(), "probability": [float(p) for p in np.round(probability, 9)]}
