"""The lake: Delta tables in a folder, one partition per night and run. Nothing else keeps results.

A night is committed in three steps, each safe to repeat after a crash: write its rows under its own `run_id`, point the
night at that run in the table `runs`, sweep what an earlier run of the same night left. Readers only see rows of runs that
`runs` names, so a killed night shows either its old results or its new ones, never both and never half.

Measured columns differ from night to night with what the rules read, so they are no Delta table: they lie in a folder named by
their content, and the manifest in `runs` names the folder that counts.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError

from audit import engine

STAY_SCHEMA = pl.Schema(
    {
        "psn_no": pl.String(),
        "setl_id": pl.String(),
        "mdtrt_id": pl.String(),
        "fixmedins_code": pl.String(),
        "begn_date": pl.Date(),
        "end_date": pl.Date(),
        "dscg_maindiag_code": pl.String(),
        "dscg_way": pl.String(),
        "med_type": pl.String(),
        "exempt_stay": pl.Boolean(),
    }
)

# What one night leaves for later nights: small, made once, never recomputed from years of lines.
HISTORY: dict[str, pl.Schema] = {
    "stays": STAY_SCHEMA,
    "visits": pl.Schema(
        {"psn_no": pl.String(), "setl_id": pl.String(), "fixmedins_code": pl.String(), "visit_mode": pl.String(), "visit_date": pl.Date()}
    ),
    # per institution, month and indicator: what this night adds (audit.measure.months)
    "month_sums": pl.Schema(
        {
            "fixmedins_code": pl.String(),
            "month": pl.Date(),
            "rule_no": pl.Int64(),
            "numerator": pl.Int64(),
            "denominator": pl.Int64(),
            "reference_e4": pl.Int64(),
        }
    ),
    "item_days": pl.Schema({"psn_no": pl.String(), "item_code": pl.String(), "fee_date": pl.Date(), "cnt_e4": pl.Int64()}),
    "fund_days": pl.Schema(
        {"psn_no": pl.String(), "cap_key": pl.String(), "mdtrt_id": pl.String(), "fee_date": pl.Date(), "fund_fen": pl.Int64()}
    ),
    "trace_uses": pl.Schema(
        {
            "drug_trac_codg": pl.String(),
            "setl_id": pl.String(),
            "bkkp_sn": pl.String(),
            "psn_no": pl.String(),
            "trdn_flag": pl.String(),
        }
    ),
}

# What a night billed of each item: how far a new knowledge point reaches into the past, without keeping any line.
ITEM_USE = pl.Schema(
    {
        "batch_date": pl.Date(),
        "med_list_codg": pl.String(),
        "first_day": pl.Date(),
        "last_day": pl.Date(),
        "claims": pl.Int64(),
        "lines": pl.Int64(),
        "fen": pl.Int64(),
    }
)
RUNS = pl.Schema({"batch_date": pl.Date(), "run_id": pl.String(), "manifest": pl.String()})
ROW_COUNTS = pl.Schema({"batch_date": pl.Date(), "table": pl.String(), "rows": pl.Int64()})


@dataclass(frozen=True)
class Kept:
    """A completed night and the folder of its measured columns (see audit/keep.py); None: it was run before the lake kept any."""

    night: date
    manifest: dict[str, Any]
    folder: Path | None


class Lake:
    """The stored tables under one folder."""

    def __init__(self, root: Path):
        self.root = Path(root)

    def runs(self) -> pl.DataFrame:
        """One row per completed night: batch_date, run_id, manifest (JSON)."""
        path = self._path("runs")
        return pl.read_delta(str(path)).sort("batch_date") if path.exists() else pl.DataFrame(schema=RUNS)

    def read(self, table: str, schema: pl.Schema | None = None, before: date | None = None) -> pl.LazyFrame:
        """Rows of completed nights (strictly before `before`, if given). `schema` shapes the answer: also while the table does not exist,
        and with nulls for columns that earlier engines did not keep."""
        path = self._path(table)
        if not path.exists():
            return pl.LazyFrame(schema=schema or {})
        rows = pl.scan_delta(str(path)).filter(pl.col("run_id").is_in(self._finished(before)))
        if not schema:
            return rows
        there = rows.collect_schema()
        return rows.select(pl.col(name) if name in there else pl.lit(None, dtype).alias(name) for name, dtype in schema.items())

    def _finished(self, before: date | None) -> list[str]:
        """run_id of completed nights, without reading their manifests: a page of the desk waits for it."""
        path = self._path("runs")
        if not path.exists():
            return []
        earlier = pl.lit(True) if before is None else pl.col("batch_date") < before
        return pl.scan_delta(str(path)).filter(earlier).select("run_id").collect()["run_id"].to_list()

    def history(self, before: date) -> dict[str, pl.LazyFrame]:
        """What nights strictly earlier than `before` left: every table of HISTORY."""
        return {name: self.read(name, schema, before) for name, schema in HISTORY.items()}

    def audited(self, before: date) -> pl.LazyFrame:
        """`setl_id` of every claim that an earlier night audited."""
        return self.read("claims", pl.Schema({"setl_id": pl.String()}), before)

    def row_counts(self, before: date) -> pl.DataFrame:
        """Rows per input table of earlier nights, for the drift check: batch_date, table, rows."""
        return self.read("row_counts", ROW_COUNTS, before).collect(engine="streaming")

    def keep(self, batch_date: date, files: Iterable[tuple[str, pl.DataFrame]]) -> str:
        """Write a night's measured columns, a Parquet file each. Nobody sees them before `replace` is given a manifest whose
        `measured` is the name returned here: that of their folder, equal for equal content."""
        draft, digest = self._measured(batch_date) / ".draft", hashlib.sha256()
        shutil.rmtree(draft, ignore_errors=True)
        for name, frame in files:
            path = draft / f"{name}.parquet"
            engine.write(frame, path, "zstd")
            with path.open("rb") as written:
                digest.update(name.encode() + hashlib.file_digest(written, "sha256").digest())
        whole = draft.with_name(digest.hexdigest()[:16])
        if whole.exists():
            shutil.rmtree(draft)
        else:
            draft.rename(whole)
        return whole.name

    def kept(self) -> list[Kept]:
        """Every completed night in the order of its date, with its measured columns."""
        found = []
        for batch_date, text in self.runs().select("batch_date", "manifest").iter_rows():
            manifest = json.loads(text)
            name = manifest.get("measured")
            found.append(Kept(batch_date, manifest, self._measured(batch_date) / name if name else None))
        return found

    def replace(self, batch_date: date, run_id: str, tables: dict[str, pl.DataFrame], manifest: str) -> None:
        """Make `tables` the one copy of this night's results. Repeating it, whole or after a crash, changes nothing."""
        night = f"batch_date = '{batch_date}'"
        marked = {name: frame.with_columns(batch_date=pl.lit(batch_date), run_id=pl.lit(run_id)) for name, frame in tables.items()}
        for name, frame in marked.items():
            self._overwrite(name, frame, f"{night} AND run_id = '{run_id}'", ["batch_date", "run_id"])
        run = pl.DataFrame({"batch_date": [batch_date], "run_id": [run_id], "manifest": [manifest]}, schema=RUNS)
        self._overwrite("runs", run, night, ["batch_date"])
        for name in marked:
            DeltaTable(str(self._path(name))).delete(f"{night} AND run_id <> '{run_id}'")
        for folder in self._measured(batch_date).glob("*"):
            if folder.name != json.loads(manifest).get("measured"):
                shutil.rmtree(folder)

    def _overwrite(self, name: str, frame: pl.DataFrame, where: str, partitions: list[str]) -> None:
        path = self._path(name)
        rows = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if not path.exists():
            write_deltalake(str(path), rows.slice(0, 0), mode="ignore", partition_by=partitions)
        for attempt in range(5):
            try:
                # merge: a table of an earlier engine may have fewer columns
                return write_deltalake(str(path), rows, mode="overwrite", predicate=where, schema_mode="merge")
            except CommitFailedError:  # another night committed to the same table at the same moment
                if attempt == 4:
                    raise

    def _path(self, table: str) -> Path:
        return self.root / "tables" / table

    def _measured(self, batch_date: date) -> Path:
        return self.root / "measured" / str(batch_date)
