"""The trained models of one folder: which are deployed, whether their files are the deployed ones, and what they answer.

models/deployments.jsonl           append-only; the last line says what is in production
models/claims_blend/               config.yaml (shares, reasons, features), categories.json, calibration.json
models/claims_lightgbm/, claims_xgboost/    config.yaml (parameters), the model file
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from audit import engine as engines
from audit.errors import DataError, EngineError
from audit.score.features import KINDS, Categories, Feature

BLEND = "claims_blend"
MODEL_FILES = {"claims_lightgbm": "model.txt", "claims_xgboost": "model.ubj"}


@dataclass(frozen=True)
class Models:
    """The deployed models. `deployment` is the last line of deployments.jsonl, None when nothing is deployed;
    `fingerprint` changes with every file that can change a probability or a reason."""

    folder: Path
    deployment: dict[str, Any] | None
    fingerprint: str
    config: dict[str, Any]
    categories: Categories

    @property
    def versions(self) -> dict[str, str]:
        """Deployed file -> its fingerprint, for the manifest."""
        return dict(self.deployment["files"]) if self.deployment else {}

    @cached_property
    def vocabulary(self) -> tuple[Feature, ...]:
        return vocabulary(self.config)

    @property
    def reasons_from(self) -> float:
        return float(self.config["reasons_from"])

    @cached_property
    def boosters(self) -> dict[str, Any]:
        """Member name -> booster, read once."""
        return {name: read_booster(name, self.folder / name / MODEL_FILES[name]) for name in self.config["members"]}

    def margin(self, matrix: np.ndarray, engine: engines.Engine = "cpu") -> np.ndarray:
        """Blended log-odds of each row, before calibration."""
        shares = self.config["members"].items()
        return np.asarray(sum(float(share) * member_margin(name, self.boosters[name], matrix, engine) for name, share in shares))

    def calibrated(self, margin: np.ndarray) -> np.ndarray:
        """Probability: the fitted curve, stored as points."""
        points = json.loads((self.folder / BLEND / "calibration.json").read_text(encoding="utf-8"))
        return np.interp(margin, points["margin"], points["probability"])

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """(rows, features + 1): how much each feature moves the blended log-odds, the last column being the starting value."""
        shares = self.config["members"].items()
        return np.asarray(sum(float(share) * member_contributions(name, self.boosters[name], matrix) for name, share in shares))


def load(folder: Path | str) -> Models:
    """The models deployed in a folder. DataError when a deployed file is missing, or not the one that was deployed."""
    folder = Path(folder)
    log = folder / "deployments.jsonl"
    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()] if log.exists() else []
    deployment = json.loads(lines[-1]) if lines else None
    if deployment is None or deployment["status"] != "active":
        return Models(folder, None, "none", {}, {})
    for name, digest in deployment["files"].items():
        path = folder / name
        if not path.is_file() or file_digest(path) != digest:
            state = "is missing" if not path.is_file() else "is not the file that was deployed"
            raise DataError(f"{folder.name}/{name} {state} (see {log.name}). Put it back, or run `audit train` to deploy anew.")
    fingerprint = hashlib.sha256(json.dumps(deployment["files"], sort_keys=True).encode()).hexdigest()[:16]
    categories = json.loads((folder / BLEND / "categories.json").read_text(encoding="utf-8"))
    return Models(folder, deployment, fingerprint, read_config(folder), categories)


def file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_config(folder: Path) -> dict[str, Any]:
    """claims_blend/config.yaml. DataError names what is wrong in it."""
    path = folder / BLEND / "config.yaml"
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as fault:
        raise DataError(f"{path}: cannot be read ({fault}).") from fault
    faults = [f"{key} is missing" for key in ("members", "reasons_from", "rare_below", "time_split", "reasons") if key not in config]
    if not faults:
        strange = sorted(set(config["members"]) - set(MODEL_FILES))
        faults += [f"{name} is no model; known are {', '.join(MODEL_FILES)}" for name in strange]
        if abs(sum(config["members"].values()) - 1) > 1e-9:
            faults.append("the shares of members must add up to 1")
        names = [feature.name for feature in vocabulary(config)]
        faults += [f"the feature {name} is named twice" for name in sorted({n for n in names if names.count(n) > 1})]
        faults += [f"{f.column}: '{f.kind}' is not one of {', '.join(KINDS)}" for f in vocabulary(config) if f.kind not in KINDS]
    if faults:
        raise DataError(f"{folder.name}/{BLEND}/config.yaml: {'; '.join(faults)}.")
    return dict(config)


def vocabulary(config: dict[str, Any]) -> tuple[Feature, ...]:
    """The features in the order in which the boosters read them."""
    features = []
    for reason in config["reasons"]:
        for entry in reason["features"]:
            given: dict[str, Any] = {"column": entry} if isinstance(entry, str) else entry
            features.append(Feature(given["column"], given.get("as", "number"), reason["name"], given.get("first")))
    return tuple(features)


def read_booster(name: str, path: Path) -> Any:
    """A LightGBM or XGBoost booster from its file."""
    if name == "claims_lightgbm":
        import lightgbm

        return lightgbm.Booster(model_file=str(path))
    import xgboost

    return xgboost.Booster(model_file=str(path))


def dmatrix(booster: Any, matrix: np.ndarray) -> Any:
    import xgboost

    return xgboost.DMatrix(matrix, feature_names=booster.feature_names, feature_types=booster.feature_types, enable_categorical=True)


def member_margin(name: str, booster: Any, matrix: np.ndarray, engine: engines.Engine = "cpu") -> np.ndarray:
    """Log-odds of one booster, (rows,) Float64."""
    if not len(matrix):
        return np.empty(0)
    if name == "claims_lightgbm":
        return np.asarray(booster.predict(matrix, raw_score=True), dtype=np.float64)
    if engine == "gpu":
        return _margin_on_gpu(booster, matrix)
    booster.set_param({"device": "cpu"})
    return np.asarray(booster.predict(dmatrix(booster, matrix), output_margin=True), dtype=np.float64)


def _margin_on_gpu(booster: Any, matrix: np.ndarray) -> np.ndarray:
    """The frame goes to the device once and is predicted in place; a library that would quietly use the CPU is an error."""
    engines.require("gpu")
    import xgboost

    if not xgboost.build_info().get("USE_CUDA"):
        raise EngineError("--engine gpu: this XGBoost was built without CUDA. Install gpu.lock, or run with --engine cpu.")
    import cupy  # type: ignore[import-not-found]

    booster.set_param({"device": "cuda"})
    device = json.loads(booster.save_config())["learner"]["generic_param"]["device"]
    if not device.startswith("cuda"):
        raise EngineError(f"--engine gpu: XGBoost chose the device {device}. Run with --engine cpu.")
    answer = booster.inplace_predict(cupy.asarray(matrix, dtype=cupy.float32), predict_type="margin", validate_features=False)
    if not isinstance(answer, cupy.ndarray):
        raise EngineError("--engine gpu: XGBoost answered from the CPU. Run with --engine cpu.")
    return np.asarray(cupy.asnumpy(answer), dtype=np.float64).ravel()


def member_contributions(name: str, booster: Any, matrix: np.ndarray) -> np.ndarray:
    """(rows, features + 1) contributions of one booster, always worked out on the CPU so that reasons do not hang on the engine."""
    if name == "claims_lightgbm":
        return np.asarray(booster.predict(matrix, pred_contrib=True), dtype=np.float64)
    booster.set_param({"device": "cpu"})
    return np.asarray(booster.predict(dmatrix(booster, matrix), pred_contribs=True), dtype=np.float64)
