"""The scoring room on models really trained, in seconds, on claims made by chance."""

from __future__ import annotations

import json
import shutil

import numpy as np
import polars as pl
import pytest
from invented_claims import SHIPPED, configured, measured_claims

from audit.errors import AuditError, DataError, EngineError
from audit.score import load, score
from audit.score.features import encode, unseen
from audit.score.reasons import reasons
from audit.train import train


@pytest.fixture(scope="module")
def claims():
    return measured_claims()[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    models = configured(tmp_path_factory.mktemp("models"))
    frame, labels = measured_claims()
    train(frame.lazy(), labels, models, seed=3)
    return models


def test_without_a_deployed_model_there_is_no_probability(tmp_path, claims):
    scores = score(claims.lazy(), load(configured(tmp_path)))
    assert list(scores.schema) == ["setl_id", "fraud_probability", "reasons", "weights"]
    assert scores["reasons"].list.len().sum() == scores["weights"].list.len().sum() == 0
    assert scores["fraud_probability"].null_count() == scores.height == claims.height
    assert load(tmp_path).fingerprint == "none"


def test_a_withdrawn_model_is_silent(tmp_path, folder, claims):
    models = shutil.copytree(folder, tmp_path / "models")
    with (models / "deployments.jsonl").open("a") as log:
        log.write(json.dumps({"status": "withdrawn", "reason": "drift"}) + "\n")
    assert score(claims.lazy(), load(models))["fraud_probability"].null_count() == claims.height


def test_the_score_answers_to_the_claim(folder, claims):
    models = load(folder)
    scores = score(claims.lazy(), models)["fraud_probability"]
    assert scores.n_unique() > claims.height // 4 and scores.is_between(0, 1).all()
    calm = claims.head(1).with_columns(cost_ratio=pl.lit(0.8), max_copies=pl.lit(1, pl.Int64))
    wild = calm.with_columns(cost_ratio=pl.lit(4.0), max_copies=pl.lit(5, pl.Int64))
    low, high = (score(frame.lazy(), models)["fraud_probability"].item() for frame in (calm, wild))
    assert high > 10 * low


def test_the_same_claim_gets_the_same_answer_in_any_company(folder, claims):
    models = load(folder)
    whole = score(claims.lazy(), models)
    assert score(claims.sample(fraction=1, shuffle=True, seed=1).lazy(), models).equals(whole)
    thirds = [score(claims.filter(pl.col("setl_id").hash(1) % 3 == part).lazy(), load(folder)) for part in range(3)]
    assert pl.concat(thirds).sort("setl_id").equals(whole)
    alone = [score(claims.filter(pl.col("setl_id") == one).lazy(), models) for one in whole["setl_id"][:5]]
    assert pl.concat(alone).equals(whole.head(5))


def test_reasons_are_parts_of_the_score(folder, claims):
    models = load(folder)
    matrix = encode(claims.sort("setl_id"), models.vocabulary, models.categories)
    margin = models.margin(matrix)
    assert np.abs(models.contributions(matrix).sum(axis=1) - margin).max() < 1e-3
    scores = score(claims.lazy(), models)
    spoken = scores.filter(pl.col("fraud_probability") >= models.reasons_from)
    assert 0 < spoken.height < claims.height
    assert spoken["reasons"].list.len().is_between(1, 3).all()
    assert spoken["weights"].list.len().equals(spoken["reasons"].list.len()) and spoken["weights"].list.min().min() >= 0
    assert scores.filter(pl.col("fraud_probability") < models.reasons_from)["reasons"].list.len().sum() == 0
    surest = scores.sort("fraud_probability")["reasons"][-1]
    assert any("cost_ratio=" in reason or "max_copies=" in reason for reason in surest)


def test_contributions_that_do_not_add_up_are_refused(folder, claims):
    models = load(folder)
    matrix = encode(claims.head(5), models.vocabulary, models.categories)
    with pytest.raises(AuditError, match="miss the score"):
        reasons(models, claims.head(5), matrix, models.margin(matrix) + 1)


def test_an_unseen_category_is_other_and_counted(folder, claims):
    models = load(folder)
    strange = claims.with_columns(med_type=pl.lit("9999"))
    assert unseen(strange, models.vocabulary, models.categories) == {"med_type": claims.height}
    assert score(strange.lazy(), models)["fraud_probability"].null_count() == 0


def test_missing_values_are_allowed_but_a_missing_column_is_named(folder, claims):
    models = load(folder)
    empty = claims.with_columns(pl.lit(None, claims.schema[c]).alias(c) for c in claims.columns if c != "setl_id")
    assert score(empty.lazy(), models)["fraud_probability"].null_count() == 0
    with pytest.raises(DataError, match="cost_ratio"):
        score(claims.drop("cost_ratio").lazy(), models)


def test_no_claims_give_no_scores(folder, claims):
    assert score(claims.clear().lazy(), load(folder)).height == 0


def test_a_file_that_is_not_the_deployed_one_is_refused(tmp_path, folder):
    models = shutil.copytree(folder, tmp_path / "models")
    with (models / "claims_lightgbm" / "model.txt").open("a") as model:
        model.write("\n")
    with pytest.raises(DataError, match=r"claims_lightgbm/model\.txt is not the file that was deployed"):
        load(models)


def test_a_gpu_that_is_not_there_is_an_error(folder, claims):
    if pytest.importorskip("xgboost").build_info().get("USE_CUDA"):
        pytest.skip("this XGBoost has CUDA")
    with pytest.raises(EngineError, match="gpu"):
        load(folder).margin(np.zeros((1, len(load(folder).vocabulary))), "gpu")


def test_the_shipped_models_are_deployed_and_small():
    models = load(SHIPPED)
    assert models.deployment is not None and set(models.boosters) == {"claims_lightgbm", "claims_xgboost"}
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) < 1_500_000
    for name in ("claims_blend", *models.boosters):
        assert (SHIPPED / name / "card.md").is_file() and (SHIPPED / name / "metrics.json").is_file()
