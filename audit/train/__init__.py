"""Labelled history -> models/: fit on the earliest claims, calibrate on later ones, test on the latest.

Off the claim's path. The same claims, labels, configuration and seed give the same files, byte for byte: one thread, fixed seeds,
rows sorted by setl_id. What is deployed is appended to models/deployments.jsonl; nothing in that log is ever changed.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from audit import engine
from audit.errors import DataError
from audit.score import features
from audit.score.models import BLEND, MODEL_FILES, file_digest, load, read_config, vocabulary
from audit.train.cards import write_cards
from audit.train.evaluate import evaluate
from audit.train.fit import calibrate, fit_member, split_in_time

__all__ = ["train", "train_on"]

LEAST_POSITIVES = 10


def train(measured_claims: pl.LazyFrame, labels: pl.DataFrame, models: Path, *, seed: int) -> dict[str, Any]:
    """Fit, calibrate, test and deploy both boosters and their blend.

    measured_claims: one row per claim. labels: setl_id, label (1 fraud, 0 not); a claim without a label takes no part.
    models: the folder whose claims_*/config.yaml say what to train. Returns the blend's metrics on the last period.
    DataError when the labels leave no period with enough of both kinds.
    """
    models = Path(models)
    config = read_config(models)
    vocab = vocabulary(config)
    plan = features.columns(measured_claims, vocab, "setl_time", "fund_pay_sumamt", "fixmedins_code", "visit_mode")
    known = labels.select("setl_id", pl.col("label").cast(pl.Int64)).unique()
    frame = engine.collect(plan.join(known.lazy(), on="setl_id", how="inner")).sort("setl_id")
    periods = split_in_time(frame["setl_time"], **config["time_split"])
    y = frame["label"].to_numpy()
    for name, rows in periods.items():
        if min(int(y[rows].sum()), int((1 - y[rows]).sum())) < LEAST_POSITIVES:
            found = f"{int(y[rows].sum())} fraud claims of {rows.sum()}"
            raise DataError(f"The period '{name}' has {found}; at least {LEAST_POSITIVES} of each kind are needed.")

    categories = features.learn_categories(frame.filter(pl.Series(periods["train"])), vocab, config["rare_below"])
    _write_json(models / BLEND / "categories.json", categories)
    matrix = features.encode(frame, vocab, categories)
    margins = {}
    for name in config["members"]:
        margins[name] = fit_member(name, models / name, matrix, y, periods["train"], vocab, seed)
    blend = np.asarray(sum(share * margins[name] for name, share in config["members"].items()))
    curve = calibrate(blend[periods["calibrate"]], y[periods["calibrate"]])
    _write_json(models / BLEND / "calibration.json", curve)

    metrics = _test(models, frame, y, periods, {**margins, BLEND: blend}, curve, seed)
    write_cards(models, config, metrics)
    _deploy(models, config, frame)
    return metrics[BLEND]


def train_on(source: Path | str, models: Path | str, rules: Path | str, seed: int = 1) -> str:
    """Audit a folder of labelled national tables as far as the measures, then train; returns a few lines for the terminal.

    The folder holds setl_d.parquet and the other tables, and truth/fraud.parquet with setl_id and label (1 fraud, 0 not).
    """
    from audit import BUCKET_STAGES, WHOLE_BATCH_STAGES, journey
    from audit.night import WHOLE, Night

    truth = Path(source) / "truth" / "fraud.parquet"
    if not truth.is_file():
        raise DataError(f"{truth} is not there: training needs to know which claims were fraud. `audit synth` writes it.")
    with tempfile.TemporaryDirectory(prefix="audit-train-") as lake:
        night = Night(str(source), lake, _night_of(Path(source)), rules=str(rules), models=str(models))
        for stage in WHOLE_BATCH_STAGES:
            journey.run_stage(night, stage, WHOLE)
        for bucket in night.buckets:
            for stage in BUCKET_STAGES[: BUCKET_STAGES.index("measure") + 1]:
                journey.run_stage(night, stage, bucket)
        claims = night.everywhere("measure", "claims")
        labels = pl.read_parquet(truth)
        metrics = train(claims, labels, Path(models), seed=seed)
    return _told(metrics, load(models).fingerprint)


def _told(m: dict[str, Any], fingerprint: str) -> str:
    learned, budget = m["periods"]["train"], m["budgets"][0]
    lines = (
        f"Learned from {learned['claims']:,} claims settled {learned['from']} to {learned['to']}; tested on {m['claims']:,} later ones,",
        f"{m['fraud']:,} of them fraud: AUPRC {m['auprc']:.3f} (chance {m['prevalence']:.3f}), AUC {m['auc']:.3f}, "
        f"calibration error {m['calibration_error']:.4f}.",
        f"The {budget['claims']:,} most probable claims are fraud in {budget['precision']:.0%}; opening as many by expected money finds "
        f"{budget['recovered']:.0%} of the money lost to fraud.",
        f"Deployed: {fingerprint}",
    )
    return "\n".join(lines)


def _night_of(source: Path) -> str:
    """The day of the last settlement names the night that is measured for training; dates that cannot be read are left to intake."""
    day = pl.col("setl_time").cast(pl.String).str.slice(0, 10).str.to_date(strict=False)
    last = pl.scan_parquet(source / "setl_d.parquet").select(day.max()).collect().item()
    if last is None:
        raise DataError(f"{source}/setl_d.parquet has no settlement whose time can be read.")
    return str(last)


def _test(
    models: Path,
    frame: pl.DataFrame,
    y: np.ndarray,
    periods: dict[str, np.ndarray],
    margins: dict[str, np.ndarray],
    curve: dict[str, list[float]],
    seed: int,
) -> dict[str, dict[str, Any]]:
    """Metrics on the last period for each member and the blend, written beside each."""
    spans = {name: _span(frame.filter(pl.Series(rows))) for name, rows in periods.items()}
    last = periods["test"]
    metrics = {}
    for name, margin in margins.items():
        own = curve if name == BLEND else calibrate(margin[periods["calibrate"]], y[periods["calibrate"]])
        probability = np.interp(margin[last], own["margin"], own["probability"])
        metrics[name] = {"seed": seed, "periods": spans, **evaluate(frame.filter(pl.Series(last)), y[last], probability, seed)}
        _write_json(models / name / "metrics.json", metrics[name])
    return metrics


def _span(claims: pl.DataFrame) -> dict[str, Any]:
    days = claims["setl_time"].cast(pl.Date)
    return {"from": str(days.min()), "to": str(days.max()), "claims": claims.height, "fraud": int(claims["label"].sum())}


def _deploy(models: Path, config: dict[str, Any], frame: pl.DataFrame) -> None:
    """Append what is in production from now on, unless the last line says so already."""
    names = [f"{BLEND}/config.yaml", f"{BLEND}/categories.json", f"{BLEND}/calibration.json"]
    names += [f"{member}/{MODEL_FILES[member]}" for member in config["members"]]
    line = {
        "status": "active",
        "learned_until": str(frame["setl_time"].cast(pl.Date).max()),
        "claims": frame.height,
        "files": {name: file_digest(models / name) for name in names},
    }
    log = models / "deployments.jsonl"
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    if text.splitlines()[-1:] != [json.dumps(line)]:
        with log.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(line) + "\n")


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
