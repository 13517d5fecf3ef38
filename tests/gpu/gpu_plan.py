"""Translate the plan of every measure and every rule for the GPU engine, on a machine without a GPU.

    .venv-gpu/bin/python tests/gpu/gpu_plan.py

Prints what cuDF's Polars engine cannot run, by stage and column or rule, and exits 1 if there is anything. Nothing is computed:
the frames are one typed row each, in Parquet, so that the plans begin with a scan as they do at night.
"""

from __future__ import annotations

import inspect
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cudf_polars.utils.config
import polars as pl

# The engine asks the driver how much memory there is while it is being configured; a plan needs no answer.
cudf_polars.utils.config.get_total_device_memory = lambda: 64 * 2**30

from cudf_polars import Translator  # noqa: E402
from cudf_polars.dsl.expr import ErrorExpr, NamedExpr  # noqa: E402
from cudf_polars.dsl.traversal import traversal  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from audit import engine, knowledge, lake, rulebook  # noqa: E402
from audit.check.suites import stored_columns  # noqa: E402
from audit.enrich import enrich  # noqa: E402
from audit.judge import hits, judge, verdicts  # noqa: E402
from audit.judge.causes import unknown  # noqa: E402
from audit.measure import measure, remember  # noqa: E402
from audit.profile import profile  # noqa: E402
from audit.tables import DRUG_TRAC_D, INVENTORY_D, SETL_LIST_OPRN_D  # noqa: E402

OPTIONS = pl.GPUEngine(raise_on_fail=True)


def unsupported(plan: pl.LazyFrame) -> dict[str, str]:
    """What the GPU engine cannot run of one plan: {name of the expression, or `plan`: reason}."""
    translator = Translator(plan._ldf.visit(), OPTIONS)
    found = {}
    for node in traversal([translator.translate_ir()]):
        for named in named_expressions([getattr(node, field) for field in node._non_child]):
            for part in traversal([named.value]):
                if isinstance(part, ErrorExpr):
                    found[named.name] = first_line(part.error)
    unnamed = {first_line(fault) for fault in translator.errors} - set(found.values())
    return found | ({"plan": "; ".join(sorted(unnamed))} if unnamed else {})


def named_expressions(value: object) -> Iterator[NamedExpr]:
    """Every named expression in a node's fields, however they are nested."""
    if isinstance(value, NamedExpr):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from named_expressions(part)


def first_line(fault: object) -> str:
    return str(fault).splitlines()[0]


def translated(stage: str, plan: pl.LazyFrame) -> dict[str, str]:
    """Translate one plan and print what came out; faults carry the stage before their name."""
    columns, faults = len(plan.collect_schema()), unsupported(plan)
    print(f"{stage:<22} {columns:>4} columns  {f'{len(faults)} not supported' if faults else 'translated'}", flush=True)
    return {f"{stage}: {name}": reason for name, reason in faults.items()}


def one_row(schema: dict[str, pl.DataType], folder: Path, name: str) -> pl.LazyFrame:
    """A scan of one typed row."""
    row = pl.select(pl.lit("1" if kind == pl.String else 1).cast(kind).alias(column) for column, kind in schema.items())
    row.write_parquet(folder / f"{name}.parquet")
    return pl.scan_parquet(folder / f"{name}.parquet")


def translate(folder: Path) -> dict[str, str]:
    """Faults of every stage that runs on the engine: {stage and column or rule: reasons}."""
    book, known = rulebook.load(ROOT / "rules"), knowledge.load(ROOT / "rules")
    schemas = {name: stored_columns(name) for name in ("claims", "lines", "diags")}
    schemas["claims"] |= {"fixmedins_type": pl.String(), "has_oprns": pl.Boolean()}
    schemas["traces"] = DRUG_TRAC_D.schema | {"psn_no": pl.String()}
    schemas["oprns"], schemas["inventory"] = SETL_LIST_OPRN_D.schema, INVENTORY_D.schema
    taken = {name: one_row(schema, folder, name) for name, schema in schemas.items()}
    history = {name: one_row(dict(schema), folder, f"earlier_{name}") for name, schema in lake.HISTORY.items()}

    faults: dict[str, str] = {}
    watch("profile", faults)
    made = profile(taken["claims"], taken["lines"], taken["traces"], taken["inventory"], history, known.bundles)
    profiles = {name: engine.stream(plan, "cpu").lazy() for name, plan in made.items()}
    watch("enrich", faults)
    numbers, facts = enrich(taken["lines"], taken["claims"], known, "cpu")
    lines = pl.concat([taken["lines"], numbers.lazy()], how="horizontal")
    watch("measure", faults)
    limited_facts = replace(facts, items=facts.items.with_columns(is_limited=pl.lit(True)))  # so that every plan has a row to speak of
    plans = measure(lines, limited_facts, taken["claims"], taken["diags"], taken["oprns"], history, profiles, known, None, "cpu")
    lines, limited, claims = (engine.collect(plan, "cpu") for plan in plans)
    watch("remember", faults)
    for plan in remember(limited.lazy(), claims.lazy(), taken["traces"]).values():
        engine.collect(plan, "cpu")
    watch("judge", faults)
    judge(lines.lazy(), limited.lazy(), claims.lazy(), facts, lambda rows, names: lines.select(names & set(lines.columns)), book, {}, "cpu")
    for name, frame in {"lines": lines, "limited": limited, "claims": claims}.items():
        rules = book.judging(name)
        judged = verdicts(frame.lazy(), rules, {})
        faults |= translated(f"judge {name}: hits", hits(judged, claims.lazy(), rules))
        faults |= translated(f"judge {name}: doubts", unknown(judged, rules))
    return faults


def watch(stage: str, faults: dict[str, str]) -> None:
    """From now on every plan that a stage hands to the engine is translated too, under the place that it comes from."""
    for name, door in DOORS.items():

        def opened(plans: Any, on: str | None = None, door: Any = door) -> Any:
            caller = inspect.stack()[1]
            for plan in plans if isinstance(plans, list) else [plans]:
                if on is not None:  # what names no engine is a small question that always runs on the host
                    faults.update(translated(f"{stage} {Path(caller.filename).stem}:{caller.lineno}", plan))
            return door(plans)

        setattr(engine, name, opened)


DOORS = {name: getattr(engine, name) for name in ("collect", "stream", "collect_all")}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        faults = translate(Path(folder))
    for what, reason in faults.items():
        print(f"NOT SUPPORTED  {what}: {reason}")
    print(
        f"Polars {pl.__version__}: "
        + (f"{len(faults)} expressions cannot run on the GPU" if faults else "every plan translates for the GPU")
    )
    sys.exit(1 if faults else 0)
