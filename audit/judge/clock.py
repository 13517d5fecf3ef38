"""How long each rule takes: all rules run as one plan, so each is timed by itself on the first rows of its frame."""

from __future__ import annotations

import time
from collections.abc import Sequence

import polars as pl

from audit import engine as engines
from audit.engine import Engine
from audit.rulebook import Rule

CLOCK: dict[str, pl.DataType] = {"rule_id": pl.String(), "rule_version": pl.Int64(), "rows": pl.Int64(), "seconds": pl.Float64()}
SAMPLE = 100_000


def clock(judged: pl.LazyFrame, rules: Sequence[Rule], engine: Engine) -> pl.DataFrame:
    """One row of CLOCK per rule of `judged` (see `verdicts`), on at most SAMPLE of its rows. A clock value: never part of a result."""
    first = judged.head(SAMPLE)
    rows = engines.collect(first.select(pl.len()), engine).item()
    engines.collect(first.select(rules[0].id), engine)  # whatever is done once is not the first rule's doing
    taken = []
    for rule in rules:
        started = time.perf_counter()
        engines.collect(first.select(rule.id), engine)
        taken.append((rule.id, rule.version, rows, round(time.perf_counter() - started, 6)))
    return pl.DataFrame(taken, schema=CLOCK, orient="row")
