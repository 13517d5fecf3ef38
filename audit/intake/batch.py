"""A whole batch, of any size, in bounded memory: source -> one folder per person bucket, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import shutil
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from audit import engine
from audit.intake import bucket as of_bucket
from audit.intake import mapping as of_mapping
from audit.intake import stage
from audit.intake.shape import hanging, inventory, ordered, prepare, run_small
from audit.intake.sift import live, repeats
from audit.tables import DRUG_TRAC_D, FEE_LIST_D, INVENTORY_D, NATIONAL_TABLES, SETL_LIST_DIAG_D

log = logging.getLogger(__name__)
MEMORY = "1500MB"  # of DuckDB; with Arrow's and Polars' share the whole stays well under 4 GiB


@dataclass
class Intake:
    """What was read. `fingerprint` depends on the rows' content only, not on their order or the file format."""

    fingerprint: str
    buckets: list[str]
    tables: dict[str, dict[str, Any]]  # table -> file, sha256, rows
    counts: dict[str, int]  # what -> how many; `<table>.<what>` where it belongs to one table


def intake(
    source: str,
    out: Path,
    *,
    batch_date: date,
    audited: pl.LazyFrame | None = None,
    mapping: str | Path | None = None,
    bucket_lines: int = 1_000_000,
) -> Intake:
    """Read a batch from a folder or a database and write typed claims, lines and what hangs on them, per person bucket.

    source: folder, `postgresql://...`, `duckdb:///file` or `*.duckdb`. out: the folder to make (replaced if there).
    audited: setl_id of strictly earlier nights. mapping: name of a shipped mapping or path of a mapping file; None = national
    layout. bucket_lines: lines per bucket, on average. Writes <out>/b000/{claims,lines,diags,oprns,traces}.parquet ...,
    <out>/all/{rejected,inventory,dx_facts}.parquet and intake.json. DataError when the batch cannot be read: then nothing is left.
    """
    made = [p for p in (out.parent, *out.parent.parents) if not p.exists()]
    work = out.parent / f".{out.name}.draft"
    shutil.rmtree(work, ignore_errors=True)
    try:
        (work / "result" / "all").mkdir(parents=True)
        with engine.duck(memory_limit=MEMORY, spill=work / "spill") as con:
            taken = _take(con, str(source), work, audited, mapping, bucket_lines)
        (work / "result" / "all" / "intake.json").write_text(
            json.dumps({"batch_date": str(batch_date), **asdict(taken)}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
        if out.exists():
            out.rename(work / "replaced")
        (work / "result").rename(out)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        for parent in made:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
        raise
    shutil.rmtree(work)
    return taken


def _take(con: Any, source: str, work: Path, audited: pl.LazyFrame | None, mapping: str | Path | None, bucket_lines: int) -> Intake:
    prepare(con)
    con.execute("SET partitioned_write_flush_threshold = 20000")  # rows held per thread before they are written to their buckets
    counts: Counter[str] = Counter()
    opened = of_mapping.open_batch(con, source, mapping)
    sources = opened.sources
    try:
        buckets = max(1, math.ceil(sources[FEE_LIST_D.name].rows / bucket_lines))
        unknown = run_small(con, sources, buckets, audited)
        for name in stage.HANGING:
            if name in sources:
                unknown[name] = stage.stage(con, sources[name], work / name)
            else:
                stage.empty(con, NATIONAL_TABLES[name])
        tables, sums = {}, []
        for name, columns in unknown.items():
            counted = stage.tally(con, NATIONAL_TABLES[name], f"s_{name}")
            counts.update(counted)
            counts.update({f"{name}.unknown_columns": len(columns), f"{name}.ragged": len(sources[name].ragged)})
            rows = counted[f"{name}.rows"] + len(sources[name].ragged)
            tables[name] = {"file": sources[name].file, "sha256": sources[name].sha256, "rows": rows}
            sums.append((name, rows, _content(con, sources[name])))
            log.info("intake: %s: %s rows%s", name, f"{rows:,}", f", {len(columns)} unknown columns" if columns else "")
    finally:
        opened.close()
    counts.update(_fates(con))
    present = set(sources) | {SETL_LIST_DIAG_D.name, DRUG_TRAC_D.name}
    repeats(con, FEE_LIST_D, "s_fee_list_d", "fate IS DISTINCT FROM 'left'")
    names = [f"b{b:03d}" for b in range(buckets)]
    for number, name in enumerate(names):
        of_bucket.sift_bucket(con, FEE_LIST_D, number)
        counts.update(of_bucket.net(con))
        of_bucket.attach(con, present, number)
        (work / "result" / name).mkdir()
        for result in hanging(present):
            counts[result] += _write(con, ordered(result, number), work / "result" / name / f"{result}.parquet")
        log.info("intake: bucket %d of %d written", number + 1, buckets)
    if INVENTORY_D.name in sources:
        inventory(con)
        counts["inventory"] = _write(con, ordered("inventory"), work / "result" / "all" / "inventory.parquet")
    sums += opened.write_knowledge(con, work / "result" / "all")
    counts["rejected"] = _write(con, ordered("rejected"), work / "result" / "all" / "rejected.parquet")
    counts.update(
        {f"{t}.quarantined.{r}": n for t, r, n in con.execute('SELECT "table", reason, count(*) FROM rejected GROUP BY 1, 2').fetchall()}
    )
    counts.update(_copies(con, sources, counts))
    fingerprint = hashlib.sha256(json.dumps(sorted(sums)).encode()).hexdigest()
    return Intake(fingerprint, names, tables, {k: v for k, v in sorted(counts.items()) if v or "." not in k})


def _content(con: Any, source: stage.Source) -> str:
    """Sum of the rows' content hashes: the same whatever their order."""
    total = con.execute(f"SELECT coalesce(sum(content), 0) FROM s_{source.table}").fetchall()[0][0]
    odd = sum(int(hashlib.md5(row.encode(), usedforsecurity=False).hexdigest()[:16], 16) for _, row in source.ragged)
    return str(int(total) + odd)


def _fates(con: Any) -> dict[str, int]:
    """Settlements that leave the audit, by why."""
    left = con.execute("SELECT why, count(*) FROM fates WHERE fate = 'left' AND why <> 'invalid' GROUP BY 1").fetchall()
    return {"already_audited": 0, "refunded": 0, "reversed": 0} | dict(left)


def _copies(con: Any, sources: dict[str, stage.Source], counts: Counter[str]) -> dict[str, int]:
    """Exact copies dropped, and lines that left together with their settlement."""
    found = {}
    for name in sources:
        table = NATIONAL_TABLES[name]
        apart = "content, " + table.key if table.key else "content"
        where = f"{live(table)} AND {'fate IS DISTINCT FROM ' + chr(39) + 'left' + chr(39) if name in stage.HANGING else 'true'}"
        if table.key:
            again = f"{where} AND {table.key} IN (SELECT again FROM {name}_repeats)"
            found[f"{name}.copies"] = con.execute(f"SELECT count(*) - count(DISTINCT ({apart})) FROM s_{name} WHERE {again}").fetchall()[0][
                0
            ]
        else:
            found[f"{name}.copies"] = con.execute(f"SELECT count(*) - count(DISTINCT {apart}) FROM s_{name} WHERE {where}").fetchall()[0][0]
        if name in stage.HANGING:
            found[f"{name}.left_with_claim"] = con.execute(
                f"SELECT count(*) FROM s_{name} WHERE {live(table)} AND fate = 'left'"
            ).fetchall()[0][0]
    found["claims_without_lines"] = con.execute(
        "SELECT count(*) FROM claims WHERE setl_id NOT IN (SELECT setl_id FROM s_fee_list_d WHERE setl_id IS NOT NULL)"
    ).fetchall()[0][0]
    return found


def _write(con: Any, query: str, path: Path) -> int:
    """Write one result as Parquet in the query's order; returns its rows."""
    return int(con.execute(f"COPY ({query}) TO '{stage.quoted(path)}' (FORMAT parquet, COMPRESSION snappy)").fetchall()[0][0])
