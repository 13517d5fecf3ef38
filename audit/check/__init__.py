"""The data-quality gate: Great Expectations over a DuckDB view of the night's Parquet files, in bounded memory.

Intake has already put aside what could not be read. The gate asks what a row alone cannot answer: do the lines add up
to the claim, has every line its claim, is tonight as large as other nights. `suites.py` and
`accounting.py` hold the expectations.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from audit import engine
from audit.check.expected import Expected
from audit.check.page import page
from audit.check.suites import DRIFT_NIGHTS, KEYS, content, structure
from audit.errors import AuditError, DataError

__all__ = ["Check", "check", "page"]

MEMORY = "1GB"
QUARANTINE = {"table": pl.String, "key": pl.String, "reason": pl.String}


@dataclass(frozen=True)
class Check:
    """What the gate saw.

    results: one dict per expectation: name, table, action, success, observed, unexpected, rows, share, errored,
             untrusted (columns it made untrusted tonight), examples (up to five keys that fail), zh, en
    untrusted: column -> reason;  counts: frame -> rows;  quarantine: DataFrame(table, key, reason), `table` being the
             frame (claims, lines, diags) and `key` its setl_id or bkkp_sn
    """

    batch_date: date
    counts: dict[str, int]
    results: list[dict[str, Any]]
    untrusted: dict[str, str]
    quarantine: pl.DataFrame = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """Everything but the quarantined rows, which have a file of their own."""
        return {
            "batch_date": self.batch_date.isoformat(),
            "counts": self.counts,
            "results": self.results,
            "untrusted": self.untrusted,
            "quarantined": self.quarantine.height,
        }

    @property
    def failed(self) -> list[dict[str, Any]]:
        return [r for r in self.results if not r["success"]]


def check(frames: dict[str, str], intake_counts: dict[str, int], earlier: pl.DataFrame, batch_date: date, spill: Path) -> Check:
    """Hold a night's frames against the expectations.

    frames: glob of Parquet files per frame (claims, lines, diags; others are ignored); earlier: (batch_date, table, rows)
    of other nights, those before `batch_date` count; spill: folder for DuckDB's overflow, left empty.
    intake_counts: what intake read and dropped; a night whose claims were all audited before may be empty.
    Raises DataError where a `stop` expectation fails, AuditError (exit 5) where an expectation itself breaks.
    """
    tables = [t for t in KEYS if t in frames]
    spill.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=spill) as room:
        file, overflow = Path(room) / "check.duckdb", Path(room) / "spill"
        views = _views(str(file), {t: frames[t] for t in tables}, overflow)
        counts = {t: views.execute(f"SELECT count(*) FROM {t}").fetchall()[0][0] for t in tables}
        views.close()
        if not counts.get("claims") and not any(intake_counts.values()):
            raise DataError("check: the night holds no claim. Look at what intake read: the source folder may be the wrong one.")
        usual = _usual_rows(earlier, batch_date)
        asked = [e for t in tables for e in structure(t)]
        with _expectations_over(file, counts) as validate:
            results = validate(asked)
            if all(r["success"] for r in results):
                more = [e for t in tables for e in content(t, set(tables), usual.get(t), batch_date)]
                results += validate(more)
                asked += more
        failed = [(e, r) for e, r in zip(asked, results, strict=True) if not r["success"]]
        # Great Expectations may keep the file open, and DuckDB lets nobody else open it with other settings: so views of our own
        with _views(":memory:", {t: frames[t] for t in tables}, overflow) as views:
            for e, r in failed:
                r["examples"] = [str(row[0]) for row in views.execute(f"SELECT * FROM ({_rows(e)}) ORDER BY 1 LIMIT 5").fetchall()]
            gone = _quarantine(views, [e for e, _ in failed if e.action == "quarantine"], tables)
    stopped = [
        f"check {r['name']} ({r['en']}) fails for {r['unexpected']:,} of {r['table']}: {', '.join(r['examples'])}"
        for e, r in failed
        if e.action == "stop"
    ]
    if stopped:
        raise DataError("; ".join(stopped) + ". Nothing was audited; mend the source or its mapping and run the night again.")
    untrusted = {
        column: f"check: {r['name']} fails for {r['share']:.1%} of {r['table']}" for _, r in reversed(failed) for column in r["untrusted"]
    }
    return Check(batch_date, counts, results, dict(sorted(untrusted.items())), gone)


def _views(path: str, frames: dict[str, str], spill: Path) -> engine.Duck:
    """A DuckDB with one view per frame over its Parquet files."""
    con = engine.duck(path, MEMORY, spill)
    try:
        for name, files in frames.items():
            quoted = files.replace("'", "''")
            con.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{quoted}')").fetchall()
    except Exception as fault:
        con.close()
        raise AuditError(f"check: the frames of intake cannot be read ({fault}). Run intake again.") from fault
    return con


def _usual_rows(earlier: pl.DataFrame, batch_date: date) -> dict[str, float]:
    """Median rows per frame over earlier nights; a frame seen on fewer than three nights has no usual size."""
    if earlier.is_empty():
        return {}
    usual = (
        earlier.filter(pl.col("batch_date") < batch_date)
        .group_by("table")
        .agg(pl.col("rows").median(), nights=pl.col("batch_date").n_unique())
        .filter(pl.col("nights") >= DRIFT_NIGHTS)
    )
    return dict(usual.select("table", "rows").iter_rows())


@contextmanager
def _expectations_over(file: Path, counts: dict[str, int]) -> Iterator[Callable[[list[Expected]], list[dict[str, Any]]]]:
    """A function that runs expectations, one suite per frame, and says of each what came out.

    An expectation that errors raises AuditError: it is no verdict on the data.
    """
    import great_expectations as gx
    from great_expectations.data_context.data_context.context_factory import set_context

    # it tells of a folder for pages that we never ask for
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    config = {"memory_limit": MEMORY, "temp_directory": str(file.parent / "spill"), "preserve_insertion_order": False}
    source = context.data_sources.add_sql(
        "night",
        connection_string=f"duckdb:///{file}",
        kwargs={  # type: ignore[call-arg]
            # DuckDB drops an open result at rollback, which Great Expectations sends before it fetches: so no transactions
            "isolation_level": "AUTOCOMMIT",
            "skip_autocommit_rollback": True,
            "connect_args": {"config": config},
        },
    )
    batches = {t: source.add_table_asset(t, table_name=t).add_batch_definition_whole_table("night") for t in counts}

    def validate(asked: list[Expected]) -> list[dict[str, Any]]:
        outcome: dict[str, Any] = {}
        for table in dict.fromkeys(e.table for e in asked):
            mine = [e for e in asked if e.table == table]
            suite = context.suites.add(gx.ExpectationSuite(name=mine[0].name, expectations=[_expectation(e) for e in mine]))
            run = context.validation_definitions.add(gx.ValidationDefinition(name=suite.name, data=batches[table], suite=suite))
            for found in run.run(result_format="BASIC").results:
                assert found.expectation_config is not None  # a result of a suite always carries its expectation
                outcome[found.expectation_config.meta["name"]] = found
        return [_result(e, outcome[e.name], counts[e.table]) for e in asked]

    try:
        yield validate
    finally:
        source.get_execution_engine().close()
        # the library keeps its last context for the life of the process, and with it an open DuckDB that complains at exit
        set_context(None)


def _expectation(asked: Expected) -> Any:
    import great_expectations.expectations as expectations

    meta = {"name": asked.name}
    if asked.kind == "sql":
        return expectations.UnexpectedRowsExpectation(unexpected_rows_query=asked.sql, description=asked.en, meta=meta)
    column = {"column": asked.column} if asked.column else {}
    return getattr(expectations, f"Expect{asked.kind}")(**column, **asked.bounds, meta=meta)


def _result(asked: Expected, found: Any, rows: int) -> dict[str, Any]:
    broken = {str(k): v for k, v in (found.exception_info or {}).items()}
    faults = [v for v in broken.values() if isinstance(v, dict)] or [broken]
    for fault in faults:
        if fault.get("raised_exception"):
            raise AuditError(
                f"check {asked.name} could not be evaluated: {fault.get('exception_message')}. "
                "This is a fault of the audit, not of the data; please report it."
            )
    told = found.result
    unexpected = told.get("unexpected_count")
    if unexpected is None:
        unexpected = 0 if found.success else told["observed_value"] if asked.kind == "sql" else rows
    share = unexpected / rows if rows else 0.0
    blind = not found.success and share > asked.beyond and unexpected > asked.handful
    return {
        "name": asked.name,
        "table": asked.table,
        "action": asked.action,
        "success": bool(found.success),
        "observed": told.get("observed_value"),
        "unexpected": int(unexpected),
        "rows": rows,
        "share": round(share, 6),
        "errored": False,
        "examples": [],
        "untrusted": list(asked.untrusted) if blind else [],
        "zh": asked.zh,
        "en": asked.en,
    }


def _rows(e: Expected) -> str:
    """SQL whose first column names the rows that fail; of a whole table's failure there are none to name."""
    if e.kind == "sql":
        return e.sql.format(batch=e.table)
    values = ", ".join(f"'{value}'" for value in e.bounds.get("value_set", e.bounds.values()))
    where = {
        "ColumnValuesToNotBeNull": f"{e.column} IS NULL",
        "ColumnValuesToBeUnique": f"{e.column} IN (SELECT {e.column} FROM {e.table} GROUP BY 1 HAVING count(*) > 1)",
        "ColumnValuesToBeBetween": f"{e.column} NOT BETWEEN {values.replace(',', ' AND')}",
        "ColumnValuesToBeInSet": f"{e.column} NOT IN ({values})",
        "TableRowCountToBeBetween": "false",
    }[e.kind]
    return f"SELECT DISTINCT {KEYS[e.table]} FROM {e.table} WHERE {where}"


def _quarantine(views: engine.Duck, failed: list[Expected], tables: list[str]) -> pl.DataFrame:
    """Keys of the rows to leave out, each once with its first reason; the lines and diagnoses of a claim follow it."""
    found = [pl.DataFrame(schema=QUARANTINE)]
    if failed:
        found += [_keys(views, e.table, _rows(e), f"not so: {e.en}") for e in failed]
        views.register("gone", pl.concat(found).filter(pl.col("table") == "claims").select(setl_id="key"))
        for table in set(tables) - {"claims"}:
            rows = f"SELECT {KEYS[table]} FROM {table} SEMI JOIN gone USING (setl_id)"
            found.append(_keys(views, table, rows, "its claim is quarantined"))
    return pl.concat(found).unique(["table", "key"], keep="first", maintain_order=True).sort("table", "key", "reason")


def _keys(views: engine.Duck, table: str, rows: str, reason: str) -> pl.DataFrame:
    return views.sql(f"SELECT '{table}' AS \"table\", {KEYS[table]} AS key, '{reason}' AS reason FROM ({rows})").pl()
