"""A night folder of any size, ready for the stages after intake: copies of one small province, all identifiers new in each."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from audit.intake import intake
from audit.journey import run_stage
from audit.night import WHOLE, Night
from audit.synth import synth

BATCH_DATE = date(2026, 7, 31)
CLAIMS = 20_000
BUCKET_LINES = 2_000_000
IDENTIFIERS = ("psn_no", "setl_id", "mdtrt_id", "bkkp_sn", "fixmedins_code", "drug_trac_codg", "rx_drord_no")
TABLES = ("claims", "lines", "diags", "oprns", "traces")


def base(work: Path) -> dict[str, pl.DataFrame]:
    """The small province after intake: one frame per table, cached in `work`."""
    taken = work / "base" / "intake"
    if not taken.exists():
        synth(CLAIMS, 7, work / "base" / "source", batch_date=BATCH_DATE)
        intake(str(work / "base" / "source"), taken, batch_date=BATCH_DATE, audited=None)
    frames = {name: pl.concat([pl.read_parquet(f) for f in sorted(taken.glob(f"b*/{name}.parquet"))]) for name in TABLES}
    return frames | {"inventory": pl.read_parquet(taken / "all" / "inventory.parquet")}


def night_of(lines: int, work: Path, rules: Path) -> Night:
    """A begun night of about `lines` lines in person buckets, with intake and check done and the profiles made."""
    frames = base(work)
    night = Night(str(work / "base" / "source"), str(work / f"lake-{lines}-{rules.name}"), BATCH_DATE.isoformat(), rules=str(rules))
    shutil.rmtree(night.lake, ignore_errors=True)
    night.begin()
    copies = max(1, round(lines / frames["lines"].height))
    per_bucket = max(1, BUCKET_LINES // frames["lines"].height)
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


def with_new_knowledge(night: Night, rules: Path) -> Night:
    """The same night and frames, judged with another rules folder."""
    other = replace(night, rules=str(rules))
    shutil.rmtree(other.work / "rules")
    shutil.copytree(rules, other.work / "rules")
    return other


def ten_times_the_points(rules: Path, out: Path) -> Path:
    """A copy of the rules folder with nine more points beside each official one, for codes that nobody bills."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(rules, out)
    for path in sorted((out / "tables").glob("points/*.csv")) + sorted((out / "tables").glob("codes/*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        more = [_elsewhere(row, copy) for copy in range(1, 10) for row in rows]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows + more)
    return out


def _elsewhere(row: dict[str, str], copy: int) -> dict[str, str]:
    """The row as another point: a new id, and codes of the same shape that no institution bills."""
    made = row | {"point_id": f"{row['point_id']}-{copy}"} | ({"supersedes": ""} if "supersedes" in row else {})
    for column in {"code", "main_code", "part_code"} & row.keys():
        code = row[column]
        made[column] = f"{code[:2]}9{copy}{code[4:]}" if code.startswith("00") else f"{code[0]}9{copy}{code[3:]}"
    return made
