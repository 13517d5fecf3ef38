"""A night folder of any size, ready for the stages after intake: copies of one small province, all identifiers new in each."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path

import polars as pl

from audit.intake import shape
from audit.journey import run_stage
from audit.night import WHOLE, Night
from audit.synth import synth

BATCH_DATE = date(2026, 7, 31)
CLAIMS = 20_000
IDENTIFIERS = ("psn_no", "setl_id", "mdtrt_id", "bkkp_sn", "fixmedins_code", "drug_trac_codg", "rx_drord_no")
CODES = {"code", "main_code", "part_code"}
TABLES = ("claims", "lines", "diags", "oprns", "traces")


def base(work: Path) -> dict[str, pl.DataFrame]:
    """The small province after intake: one frame per table. Its source folder stays under `work`."""
    source = work / "base"
    if not source.exists():
        synth(CLAIMS, 7, source, batch_date=BATCH_DATE)
    tables = {path.stem: pl.read_parquet(path) for path in sorted(source.glob("*.parquet"))}
    return shape({name: frame.select(pl.all().cast(pl.String)) for name, frame in tables.items()})


def night_of(lines: int, work: Path, rules: Path) -> Night:
    """A begun night of about `lines` lines in person buckets, with intake and check done and the profiles made."""
    frames = base(work)
    night = Night(str(work / "base"), str(work / f"lake-{lines}-{rules.name}"), BATCH_DATE.isoformat(), rules=str(rules))
    shutil.rmtree(night.lake, ignore_errors=True)
    night.begin()
    copies = max(1, round(lines / frames["lines"].height))
    per_bucket = max(1, night.bucket_lines // frames["lines"].height)
    buckets = [range(first, min(first + per_bucket, copies)) for first in range(0, copies, per_bucket)]
    for number, members in enumerate(buckets):
        for name in TABLES:
            _write(night.path("intake", f"b{number:03}", name), pl.concat([_copy(frames[name], copy) for copy in members]))
    _write(night.path("intake", WHOLE, "inventory"), pl.concat([_copy(frames["inventory"], copy) for copy in range(copies)]))
    _write(night.path("check", WHOLE, "quarantine"), pl.DataFrame(schema={"table": pl.String, "key": pl.String, "reason": pl.String}))
    night.note("intake", {"buckets": [f"b{n:03}" for n in range(len(buckets))], "counts": {}, "tables": {}, "fingerprint": ""})
    night.note("check", {"results": [], "untrusted": {}})
    run_stage(night, "profile", WHOLE)
    return night


def _copy(frame: pl.DataFrame, copy: int) -> pl.DataFrame:
    return frame.with_columns(pl.col(name) + f"{copy:04}" for name in IDENTIFIERS if name in frame.columns)


def _write(path: Path, frame: pl.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(path, compression="lz4", statistics=False)


def ten_times_the_points(rules: Path, out: Path) -> Path:
    """A copy of the rules folder with nine more points beside each one, for codes that nobody bills."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(rules, out)
    files = sorted((out / "tables").glob("points/*.csv")) + sorted((out / "tables").glob("codes/*.csv"))
    tables = {path: list(csv.DictReader(path.open(encoding="utf-8-sig", newline=""))) for path in files}
    billed = {row[column][:5] for rows in tables.values() for row in rows for column in CODES & row.keys()}
    elsewhere = {}
    for kind in ("00", "C", "T", "X", "Z"):
        begins = sorted(start for start in billed if start.startswith(kind))
        free = (start for n in range(10**4) if (start := kind + f"{n:0{5 - len(kind)}}") not in billed)
        elsewhere |= {(start, copy): next(free) for start in begins for copy in range(1, 10)}
    for path, rows in tables.items():
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows + [_other_point(row, copy, elsewhere) for copy in range(1, 10) for row in rows])
    return out


def _other_point(row: dict[str, str], copy: int, elsewhere: dict[tuple[str, int], str]) -> dict[str, str]:
    """The row as another point: a new id, and codes of the same shape that no institution bills."""
    made = row | {"point_id": f"{row['point_id']}-{copy}"} | ({"supersedes": ""} if "supersedes" in row else {})
    return made | {column: elsewhere[row[column][:5], copy] + row[column][5:] for column in CODES & row.keys()}
