"""The only door to the engines: Polars on all cores, Polars on a GPU (cuDF), DuckDB.

The same lazy plan runs on both Polars engines. A GPU that was asked for and is not there is an error, never a quiet
fall-back: timings and manifests must name the engine that really ran.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, TypeVar

import duckdb
import polars as pl

from audit.errors import EngineError

Engine = Literal["cpu", "gpu"]
T = TypeVar("T")
Duck = duckdb.DuckDBPyConnection


def require(engine: Engine) -> None:
    """Raise EngineError unless `engine` can run on this machine."""
    if engine == "cpu":
        return
    try:
        import cudf_polars  # noqa: F401
        import pynvml

        pynvml.nvmlInit()
        found = pynvml.nvmlDeviceGetCount()
    except Exception as fault:
        raise EngineError(
            f"--engine gpu: no usable GPU here ({type(fault).__name__}). "
            "Install gpu.lock on a machine with an NVIDIA GPU, or run with --engine cpu."
        ) from fault
    if not found:
        raise EngineError("--engine gpu: the driver lists no GPU. Run with --engine cpu.")


def _polars(engine: Engine, on_cpu: Literal["in-memory", "streaming"]) -> Any:
    return on_cpu if engine == "cpu" else pl.GPUEngine(raise_on_fail=True)


def collect(plan: pl.LazyFrame, engine: Engine = "cpu") -> pl.DataFrame:
    """Run one lazy plan whose tables fit into memory. Joins that maintain order cost nothing extra here."""
    return plan.collect(engine=_polars(engine, "in-memory"))


def stream(plan: pl.LazyFrame, engine: Engine = "cpu") -> pl.DataFrame:
    """Run one lazy plan over very many rows, a part at a time. Row order is not promised: sort before comparing or writing."""
    return plan.collect(engine=_polars(engine, "streaming"))


def collect_all(plans: list[pl.LazyFrame], engine: Engine = "cpu") -> list[pl.DataFrame]:
    """Run several plans at once, each as `stream` does."""
    return pl.collect_all(plans, engine=_polars(engine, "streaming"))


def together(*work: Callable[[], T], engine: Engine = "cpu") -> list[T]:
    """What each piece of work returns. On a CPU they run side by side (Polars lets go of Python's lock), on a GPU one after another."""
    if engine == "gpu":
        return [piece() for piece in work]
    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(lambda piece: piece(), work))


def write(frame: pl.DataFrame, path: Path, compression: Literal["lz4", "zstd"] = "lz4") -> None:
    """Write a Parquet file so that it is either whole or absent, even if the process is killed. zstd: smaller, for what stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    frame.write_parquet(draft, compression=compression, statistics=False)
    draft.replace(path)


def duck(path: str = ":memory:", memory_limit: str = "2GB", spill: Path | None = None) -> Duck:
    """A DuckDB connection that spills to disk past `memory_limit` and keeps no promise of row order."""
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": memory_limit, "preserve_insertion_order": False}
    if spill is not None:
        spill.mkdir(parents=True, exist_ok=True)
        config["temp_directory"] = str(spill)
    return duckdb.connect(path, config=config)
