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
from audit.intake.claims import PERSONS
from audit.intake.shape import hanging, inventory, ordered, prepare, run_small
from audit.intake.sift import live, repeats
from audit.tables import DRUG_TRAC_D, FEE_LIST_D, INVENTORY_D, NATIONAL_TABLES, PSN_INFO_B, SETL_LIST_DIAG_D, Table

log = logging.getLogger(__name__)
MEMORY = "2GB"  # of DuckDB; with Arrow's and Polars' share the whole stays well under 4 GiB


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
    bucket_lines: int = 2_000_000,
) -> Intake:
    """Read a batch from a folder or a database and write typed claims, lines and what hangs on them, per person bucket.

    source: folder, `postgresql://...`, `duckdb:///file` or `*.duckdb`. out: the folder to make (replaced if there).
    audited: setl_id of strictly earlier nights. mapping: name of a shipped mapping or path of a mapping file; None = national
    layout. bucket_lines: lines per bucket, on average. Writes <out>/b000/{claims,lines,diags,oprns,traces}.parquet ...,
    <out>/all/{rejected,persons,inventory,dx_facts}.parquet and intake.json. DataError when the batch cannot be read: then nothing is left.
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
    con.execute("SET partitioned_write_flush_threshold = 20000")  # rows a thread holds back; more of them would spill
    counts: Counter[str] = Counter()
    tables: dict[str, dict[str, Any]] = {}
    sums: list[tuple[str, int, str]] = []

    def staged(name: str, unknown: list[str]) -> None:
        table, given = NATIONAL_TABLES[name], sources[name]
        counts.update(stage.tally(con, table, f"s_{name}"))
        counts.update(_dropped(con, table))
        counts.update({f"{name}.unknown_columns": len(unknown), f"{name}.ragged": len(given.ragged)})
        rows = counts[f"{name}.rows"] + len(given.ragged)
        tables[name] = {"file": given.file, "sha256": given.sha256, "rows": rows}
        sums.append((name, rows, _content(con, given)))
        if name == PSN_INFO_B.name:
            _write(con, PERSONS, result / "all" / "persons.parquet")
        log.info("intake: %s: %s rows%s", name, f"{rows:,}", f", {len(unknown)} unknown columns" if unknown else "")

    result = work / "result"
    opened = of_mapping.open_batch(con, source, mapping)
    sources = opened.sources
    present = set(sources) | {SETL_LIST_DIAG_D.name, DRUG_TRAC_D.name}
    try:
        names = [f"b{b:03d}" for b in range(max(1, math.ceil(sources[FEE_LIST_D.name].rows / bucket_lines)))]
        run_small(con, sources, len(names), audited, staged)
        for number, name in enumerate(names):
            (result / name).mkdir()
            counts["claims"] += _write(con, ordered("claims", number), result / name / "claims.parquet")
        con.execute("DROP TABLE claims")  # room for the lines, which need `claim_heads` only
        for name in stage.HANGING:
            if name in sources:
                staged(name, stage.stage(con, sources[name], work / name))
            else:
                stage.empty(con, NATIONAL_TABLES[name])
    finally:
        opened.close()
    counts.update(_fates(con))
    repeats(con, FEE_LIST_D, "s_fee_list_d", "fate IS DISTINCT FROM 'left'")
    for number, name in enumerate(names):
        of_bucket.sift_bucket(con, FEE_LIST_D, number)
        counts.update(of_bucket.net(con))
        of_bucket.attach(con, present, number)
        for frame in hanging(present):
            counts[frame] += _write(con, ordered(frame), result / name / f"{frame}.parquet")
        log.info("intake: bucket %d of %d written", number + 1, len(names))
    if INVENTORY_D.name in sources:
        inventory(con)
        counts["inventory"] = _write(con, ordered("inventory"), result / "all" / "inventory.parquet")
    sums += opened.write_knowledge(con, result / "all")
    counts["rejected"] = _write(con, ordered("rejected"), result / "all" / "rejected.parquet")
    refused = con.execute('SELECT "table", reason, count(*) FROM rejected GROUP BY 1, 2').fetchall()
    counts.update({f"{table}.quarantined.{reason}": n for table, reason, n in refused})
    fingerprint = hashlib.sha256(json.dumps(sorted(sums)).encode()).hexdigest()
    return Intake(fingerprint, names, tables, {k: v for k, v in sorted(counts.items()) if v or "." not in k})


def _content(con: Any, source: stage.Source) -> str:
    """Sum of the rows' content hashes: the same whatever their order."""
    total = con.execute(f"SELECT coalesce(sum(content), 0) FROM s_{source.table}").fetchall()[0][0]
    odd = sum(int(hashlib.md5(row.encode(), usedforsecurity=False).hexdigest()[:16], 16) for _, row in source.ragged)
    return str(int(total) + odd)


def _fates(con: Any) -> dict[str, int]:
    """Settlements that leave the audit, by why, and audited ones that bill nothing."""
    left = con.execute("SELECT why, count(*) FROM fates WHERE fate = 'left' AND why <> 'invalid' GROUP BY 1").fetchall()
    billed = "SELECT setl_id FROM s_fee_list_d WHERE setl_id IS NOT NULL"
    without = con.execute(f"SELECT count(*) FROM claim_heads WHERE setl_id NOT IN ({billed})").fetchall()
    return {"already_audited": 0, "refunded": 0, "reversed": 0, "claims_without_lines": without[0][0]} | dict(left)


def _dropped(con: Any, table: Table) -> dict[str, int]:
    """Exact copies in a staged table, and rows that leave together with their settlement."""
    where, found = live(table), {}
    if table.name in stage.HANGING:
        left = con.execute(f"SELECT count(*) FROM s_{table.name} WHERE {where} AND fate = 'left'").fetchall()
        found[f"{table.name}.left_with_claim"] = left[0][0]
        where += " AND fate IS DISTINCT FROM 'left'"
    again = f"SELECT count(*) - 1 AS spare FROM s_{table.name} WHERE {where} GROUP BY content HAVING count(*) > 1"
    found[f"{table.name}.copies"] = int(con.execute(f"SELECT coalesce(sum(spare), 0) FROM ({again})").fetchall()[0][0])
    return found


def _write(con: Any, query: str, path: Path) -> int:
    """Write one result as Parquet in the query's order; returns its rows."""
    return int(con.execute(f"COPY ({query}) TO '{stage.quoted(path)}' (FORMAT parquet, COMPRESSION snappy)").fetchall()[0][0])
