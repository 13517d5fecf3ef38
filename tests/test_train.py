"""Training: time is never mixed, the same seed gives the same files, and the numbers come from the last period alone."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from conftest import ROOT
from invented_claims import configured, measured_claims

from audit.errors import DataError
from audit.score import load
from audit.train import train, train_on
from audit.train.evaluate import evaluate
from audit.train.fit import calibrate, split_in_time


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = configured(tmp_path_factory.mktemp("models"))
    claims, labels = measured_claims()
    return folder, train(claims.lazy(), labels, folder, seed=5)


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_no_day_is_in_two_periods_and_time_only_goes_forward():
    times = pl.Series([datetime(2026, 1, 1) + timedelta(hours=int(h)) for h in np.random.default_rng(0).integers(0, 2000, 5000)])
    periods = split_in_time(times, train=0.6, calibrate=0.2)
    days = times.cast(pl.Date)
    spans = [(days.filter(pl.Series(rows)).min(), days.filter(pl.Series(rows)).max()) for rows in periods.values()]
    assert spans[0][1] < spans[1][0] and spans[1][1] < spans[2][0]
    assert sum(rows.astype(int) for rows in periods.values()).tolist() == [1] * 5000
    assert abs(periods["train"].mean() - 0.6) < 0.05


def test_days_of_very_unequal_size_still_leave_three_periods():
    times = pl.Series([datetime(2026, 1, 1)] * 98 + [datetime(2026, 1, 2), datetime(2026, 1, 3)])
    assert [int(rows.sum()) for rows in split_in_time(times, 0.6, 0.2).values()] == [98, 1, 1]
    with pytest.raises(DataError, match="three days"):
        split_in_time(times.head(99), 0.6, 0.2)


def test_it_learns_and_says_so_honestly(trained):
    folder, metrics = trained
    assert metrics["auprc"] > 2.5 * metrics["prevalence"] and 0.7 < metrics["auc"] < 1
    assert metrics["auprc_interval"][0] <= metrics["auprc"] <= metrics["auprc_interval"][1]
    assert metrics["calibration_error"] < 0.1
    assert metrics == json.loads((folder / "claims_blend" / "metrics.json").read_text())
    assert metrics["claims"] == metrics["periods"]["test"]["claims"]
    assert f"{metrics['auprc']:.3f}" in (folder / "claims_blend" / "card.md").read_text()


def test_labels_of_the_last_period_reach_no_model_file(trained, tmp_path):
    """Turning every label of the last period changes the metrics and nothing else."""
    folder, metrics = trained
    claims, labels = measured_claims()
    last = claims.filter(pl.col("setl_time").cast(pl.Date) >= pl.lit(metrics["periods"]["test"]["from"]).str.to_date())["setl_id"]
    turned = labels.with_columns(label=pl.when(pl.col("setl_id").is_in(last.implode())).then(1 - pl.col("label")).otherwise("label"))
    train(claims.lazy(), turned, configured(tmp_path), seed=5)
    for name in (
        "claims_lightgbm/model.txt",
        "claims_xgboost/model.ubj",
        "claims_blend/calibration.json",
        "claims_blend/categories.json",
        "deployments.jsonl",
    ):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()
    assert (tmp_path / "claims_blend/metrics.json").read_bytes() != (folder / "claims_blend/metrics.json").read_bytes()


def test_the_same_seed_gives_the_same_files_and_one_deployment(trained, tmp_path):
    folder, _ = trained
    claims, labels = measured_claims()
    again = shutil.copytree(folder, tmp_path / "again")
    train(claims.sample(fraction=1, shuffle=True, seed=2).lazy(), labels.reverse(), again, seed=5)
    assert files(again) == files(folder)
    train(claims.lazy(), labels, again, seed=6)
    log = (again / "deployments.jsonl").read_bytes()
    assert log.startswith((folder / "deployments.jsonl").read_bytes()) and log.count(b"\n") == 2
    assert load(again).fingerprint != load(folder).fingerprint


def test_labels_without_fraud_are_refused_before_anything_is_written(tmp_path):
    claims, labels = measured_claims(300)
    folder = configured(tmp_path)
    before = files(folder)
    with pytest.raises(DataError, match="fraud claims of"):
        train(claims.lazy(), labels.with_columns(label=pl.lit(0)), folder, seed=1)
    assert files(folder) == before


def test_the_curve_rises_without_jumps():
    rng = np.random.default_rng(1)
    margin = rng.normal(-2, 2, 4000)
    y = (rng.random(4000) < 1 / (1 + np.exp(-margin))).astype(int)
    curve = calibrate(margin, y)
    steps = np.diff(curve["probability"])
    assert (steps >= 0).all() and steps.max() < 0.05
    said = np.interp(margin, curve["margin"], curve["probability"])
    assert abs(said.mean() - y.mean()) < 0.01


def test_money_found_under_a_budget_is_counted_by_hand():
    frame = pl.DataFrame(
        {
            "setl_id": [f"s{n}" for n in range(100)],
            "fund_pay_sumamt": [100_00] * 99 + [9900_00],
            "fixmedins_code": ["H1"] * 100,
            "visit_mode": ["outpatient"] * 100,
        }
    )
    y = np.array([1] + [0] * 98 + [1])
    probability = np.array([0.9] + [0.1] * 98 + [0.8])
    measured = evaluate(frame, y, probability, seed=1)
    first = measured["budgets"][0]
    assert (first["claims"], first["precision"], first["found"], first["recovered"]) == (1, 1.0, 0.5, 0.99)
    assert measured["auprc"] == 1.0 and measured["institutions"]["institutions"] == 1


def test_a_province_is_measured_and_learned_from(province, tmp_path, monkeypatch):
    """What `audit train` does: labelled national tables in, deployed models out; so small a province has little fraud."""
    monkeypatch.setattr("audit.train.LEAST_POSITIVES", 1)
    models = configured(tmp_path / "models")
    told = train_on(province, models, ROOT / "rules", seed=2)
    assert "AUPRC" in told and load(models).fingerprint in told
    assert {path.name for path in (models / "claims_lightgbm").iterdir()} == {"card.md", "config.yaml", "metrics.json", "model.txt"}


def test_training_without_the_truth_says_what_is_missing(tmp_path):
    with pytest.raises(DataError, match=r"truth/fraud\.parquet is not there"):
        train_on(tmp_path, tmp_path, ROOT / "rules")
