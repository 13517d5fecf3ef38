"""Measured claims made by chance, with fraud that leaves a trace in some columns: enough to train on in seconds."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from audit.score.models import read_config, vocabulary

SHIPPED = Path(__file__).parents[1] / "models"


def measured_claims(count: int = 3000, seed: int = 7) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(claims with every column the shipped models read, labels): dear claims with many copies are often fraud."""
    rng = np.random.default_rng(seed)
    cost, copies = rng.lognormal(0, 0.6, count), rng.integers(1, 6, count)
    modes = rng.choice(["inpatient", "outpatient", "drugstore"], count)
    odds = -5 + 1.6 * (cost - 1) + 0.8 * (copies - 1) + 0.8 * (modes == "drugstore")
    label = rng.random(count) < 1 / (1 + np.exp(-odds))
    start = datetime(2026, 5, 1)
    claims = pl.DataFrame(
        {
            "setl_id": [f"S{n:06d}" for n in rng.permutation(count)],
            "setl_time": [start + timedelta(minutes=int(m)) for m in rng.integers(0, 60 * 24 * 60, count)],
            "fund_pay_sumamt": rng.integers(1_000, 500_000, count),
            "fixmedins_code": [f"H{n}" for n in rng.integers(0, 12, count)],
            "visit_mode": modes,
            "cost_ratio": cost,
            "max_copies": copies,
            "med_type": np.where(modes == "inpatient", "21", np.where(modes == "drugstore", "41", "11")),
            "dscg_maindiag_code": rng.choice(["I10.x00", "J18.900", "E11.900"], count),
            "gend": rng.choice(["1", "2"], count),
            "insutype": rng.choice(["310", "390"], count),
            "prev_stay_same_dx": rng.choice([True, False], count),
            "overlap_setl_id": [None] * count,
            "dx_sex_conflict": [None] * count,
            "dx_age_conflict": [None] * count,
            "fixmedins_type": ["1"] * count,
        }
    ).with_columns(pl.col("overlap_setl_id", "dx_sex_conflict", "dx_age_conflict").cast(pl.String))
    plain = [f.column for f in vocabulary(read_config(SHIPPED)) if f.column not in claims.columns]
    shares = [c for c in plain if c.endswith("_share")]
    numbers = {c: rng.random(count).round(4) if c in shares else rng.integers(0, 20, count) for c in plain}
    claims = claims.with_columns(pl.Series(c, v) for c, v in numbers.items())
    claims = claims.with_columns(stay_days=pl.when(pl.col("visit_mode") == "inpatient").then(pl.col("stay_days")))
    return claims, pl.DataFrame({"setl_id": claims["setl_id"], "label": label.astype(int)})


def configured(folder: Path) -> Path:
    """A models folder with the shipped configuration and nothing trained."""
    for config in SHIPPED.glob("claims_*/config.yaml"):
        target = folder / config.parent.name / config.name
        target.parent.mkdir(parents=True)
        shutil.copy(config, target)
    return folder
