"""What several test files share: one small invented province, and the night that audited it, each made once."""

import shutil
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[1]
BATCH_DATE = "2026-07-31"


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 invented claims with their truth, as `audit synth` writes them."""
    from audit.synth import synth

    out = tmp_path_factory.mktemp("province") / "tables"
    synth(2_000, 11, out)
    return out


@pytest.fixture(scope="session")
def audited(province: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result tables of that province's night, in one bucket."""
    from audit.journey import Night, run

    lake = tmp_path_factory.mktemp("lake")
    return run(Night(str(province), str(lake), BATCH_DATE, rules=str(ROOT / "rules"), models=str(ROOT / "models"), out=str(lake / "out")))


@pytest.fixture()
def rules(tmp_path: Path) -> Path:
    """A bureau's own copy of the rules folder, to import into."""
    return Path(shutil.copytree(ROOT / "rules", tmp_path / "rules"))


def shuffled(source: Path, out: Path, seed: int) -> Path:
    """The same tables with their rows in another order."""
    out.mkdir(parents=True)
    for path in sorted(source.glob("*.parquet")):
        pl.read_parquet(path).sample(fraction=1, shuffle=True, seed=seed).write_parquet(out / path.name)
    return out
