"""Translate the plan of every measure and every rule for the GPU engine, on a machine without a GPU.

    .venv-gpu/bin/python tests/gpu/gpu_plan.py

Prints what cuDF's Polars engine cannot run, by stage and column or rule, and exits 1 if there is anything. Nothing is computed:
the frames are one typed row each, in Parquet, so that the plans begin with a scan as they do at night.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cudf_polars.utils.config
import polars as pl

# The engine asks the driver how much memory there is while it is being configured; a plan needs no answer.
cudf_polars.utils.config.get_total_device_memory = lambda: 64 * 2**30

from cudf_polars import Translator  # noqa: E402
from cudf_polars.dsl.expr import ErrorExpr, NamedExpr  # noqa: E402
from cudf_polars.dsl.traversal import traversal  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from audit import judge, knowledge, lake, rulebook  # noqa: E402
from audit.check.suites import stored_columns  # noqa: E402
from audit.enrich import enrich  # noqa: E402
from audit.measure import EVERY_MEASURE, _claims_alone, _with_diagnoses, alone, beside, measure, remember, stays, whole  # noqa: E402
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

    profiles = profile(taken["claims"], taken["lines"], taken["traces"], taken["inventory"], history["trace_uses"])
    faults: dict[str, str] = {}
    for name, plan in profiles.items():
        faults |= translated(f"profile {name}", plan)
    profiles = {name: one_row(dict(plan.collect_schema()), folder, f"profile_{name}") for name, plan in profiles.items()}

    lines, limited = enrich(taken["lines"], taken["claims"], known)
    faults |= translated("enrich lines", lines) | translated("enrich limited", limited)
    lines = one_row(dict(lines.collect_schema()), folder, "enriched")
    claims_alone = _claims_alone(taken["claims"], known)
    told = _with_diagnoses(claims_alone, taken["diags"], taken["oprns"], known)
    all_stays = stays.person_stays(told, history["stays"])
    for name, plan in {"claims": told, "stays": all_stays}.items():
        faults |= translated(f"measure {name} alone", plan)
    visits = lines.with_columns(internet_hospital=pl.lit(True), claim_mode=pl.lit("inpatient"))
    lines_alone = alone.tell(visits, EVERY_MEASURE)
    faults |= translated("measure lines alone", lines_alone)
    plans = beside.plans(lines_alone, lines_alone, claims_alone, all_stays, taken["diags"], history, profiles, known)
    for number, plan in enumerate(plans, start=1):
        faults |= translated(f"measure beside {number}", plan)
    lines, limited, claims = measure(lines, lines, taken["claims"], taken["diags"], taken["oprns"], history, profiles, known)
    lines = whole(lines, limited)
    faults |= translated("measure lines", lines)
    faults |= translated("measure claims", claims)
    lines = one_row(dict(lines.collect_schema()), folder, "measured_lines")
    claims = one_row(dict(claims.collect_schema()), folder, "measured_claims")
    for name, plan in remember(lines, claims, taken["traces"]).items():
        faults |= translated(f"remember {name}", plan)

    for grain, frame in (("lines", lines), ("claims", claims)):
        columns = set(frame.collect_schema().names())
        rules = [rule for rule in book.judged() if rule.of_lines is (grain == "lines")]
        unmade = {rule.id: sorted(set(rule.read) - columns) for rule in rules}
        faults |= {
            f"judge {grain}: {rule}": f"reads {', '.join(missing)}, which nothing makes" for rule, missing in unmade.items() if missing
        }
        rules = [rule for rule in rules if not unmade[rule.id]]
        judged = judge.verdicts(frame, rules, {})
        faults |= translated(f"judge {grain}", judged)
        faults |= translated(f"judge {grain}: hits", judge.hits(judged, claims, rules))
        faults |= translated(f"judge {grain}: cannot tell", judge._unknown(judged, rules))
    return faults


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
