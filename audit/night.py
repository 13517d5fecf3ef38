"""One night's folder: what is being audited, where each stage's tables lie, which stages are already done, and what ran on what."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from audit.engine import Engine
from audit.errors import AuditError, DataError
from audit.knowledge import Knowledge
from audit.knowledge.facts import NUMBERS, Facts
from audit.lake import Lake
from audit.rulebook import Rulebook
from audit.rulebook.folder import NOT_RULES, still
from audit.score import Models

WHOLE = "all"
PACKAGES = ("yibao-audit", "polars", "duckdb", "xgboost-cpu", "xgboost", "lightgbm", "great-expectations", "deltalake")


@dataclass(frozen=True)
class Night:
    """What one night audits and where it writes. Plain values only, so that Airflow can hand it from task to task."""

    source: str
    lake: str
    batch_date: str
    engine: Engine = "cpu"
    rules: str = "rules"
    models: str = "models"
    mapping: str | None = None
    out: str | None = None
    bucket_lines: int = 2_000_000

    @property
    def date(self) -> date:
        return date.fromisoformat(self.batch_date)

    @property
    def work(self) -> Path:
        """Stage tables and markers; gone once the night is committed."""
        return Path(self.lake) / "work" / self.batch_date

    @property
    def results(self) -> Path:
        return Path(self.out) if self.out else Path(self.lake) / "nights" / self.batch_date

    @property
    def history(self) -> dict[str, pl.LazyFrame]:
        """What strictly earlier nights left."""
        return Lake(Path(self.lake)).history(self.date)

    @property
    def buckets(self) -> list[str]:
        """The person buckets that intake made."""
        return list(self.facts("intake")["buckets"])

    def path(self, stage: str, bucket: str, name: str) -> Path:
        return self.work / stage / bucket / f"{name}.parquet"

    def scan(self, stage: str, bucket: str, name: str) -> pl.LazyFrame:
        return pl.scan_parquet(self.path(stage, bucket, name))

    def scan_if_there(self, stage: str, bucket: str, name: str) -> pl.LazyFrame | None:
        path = self.path(stage, bucket, name)
        return pl.scan_parquet(path) if path.exists() else None

    def everywhere(self, stage: str, name: str) -> pl.LazyFrame:
        """One table over all person buckets."""
        return pl.concat([self.scan(stage, bucket, name) for bucket in self.buckets])

    def taken(self, bucket: str, name: str) -> pl.LazyFrame:
        """An intake table of a bucket, less the rows that the check put into quarantine."""
        frame = self.scan("intake", bucket, name)
        quarantine = pl.read_parquet(self.path("check", WHOLE, "quarantine"))
        for table, key in (("claims", "setl_id"), ("lines", "bkkp_sn")):
            bad = quarantine.filter(pl.col("table") == table)["key"]
            if len(bad) and key in frame.collect_schema():
                frame = frame.filter(~pl.col(key).is_in(bad.implode()))
        return frame

    def taken_if_there(self, bucket: str, name: str) -> pl.LazyFrame | None:
        return self.taken(bucket, name) if self.path("intake", bucket, name).exists() else None

    def taken_everywhere(self, name: str) -> pl.LazyFrame | None:
        """`taken` over all person buckets; None where the batch has no such table."""
        parts = [part for bucket in self.buckets if (part := self.taken_if_there(bucket, name)) is not None]
        return pl.concat(parts) if parts else None

    def lines(self, bucket: str, *stages: str) -> pl.LazyFrame:
        """Every line of a bucket with what the named stages added, each beside the others in its own file."""
        both = pl.concat(self._lines(bucket, stages), how="horizontal")
        if "measure" in stages and not both.select((pl.col("row") == pl.col("measured_row")).all()).collect().item():
            raise AuditError(f"Bucket {bucket}: measured lines are not in the order of the enriched ones.")
        return both

    def lines_at(self, bucket: str, rows: pl.Series, names: Collection[str]) -> pl.DataFrame:
        """Columns of the measured lines with these row numbers; each file is read at these places only."""
        at, parts = pl.col("_at").is_in(rows.implode()), []
        for part in self._lines(bucket, ("enrich", "measure")):
            wanted = [name for name in part.collect_schema().names() if name in names]
            parts.append(part.with_row_index("_at").filter(at).select(wanted).collect())
        return pl.concat(parts, how="horizontal")

    def _lines(self, bucket: str, stages: tuple[str, ...]) -> list[pl.LazyFrame]:
        return [self.taken(bucket, "lines"), *(self.scan(stage, bucket, "lines") for stage in stages)]

    def hung(self, bucket: str) -> Facts:
        """The facts that the numbers of a bucket's lines lead to."""
        return Facts(**{table: pl.read_parquet(self.path("enrich", bucket, table)) for table in NUMBERS.values()})

    def facts(self, stage: str) -> dict[str, Any]:
        """What a whole-batch stage wrote down besides its tables."""
        return dict(json.loads((self.work / f"{stage}.json").read_text(encoding="utf-8")))

    def note(self, stage: str, facts: dict[str, Any]) -> None:
        write_text(self.work / f"{stage}.json", json.dumps(facts, default=str, ensure_ascii=False))

    def marker(self, stage: str, bucket: str) -> Path:
        return self.work / "done" / f"{stage}-{bucket}.json"

    def mark(self, stage: str, bucket: str, seconds: float, counts: dict[str, int]) -> None:
        """The stage is done: its tables are whole."""
        facts = {"stage": stage, "bucket": bucket, "seconds": seconds, "counts": counts}
        write_text(self.marker(stage, bucket), json.dumps(facts))

    def done(self) -> list[dict[str, Any]]:
        """Markers of finished stages: stage, bucket, seconds, counts."""
        return [json.loads(path.read_text()) for path in sorted((self.work / "done").glob("*.json"))]

    def manifest(self, book: Rulebook, points: Knowledge, models: Models, rules: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """What ran on what: everything that fixes the result, and the clock times, which stand nowhere else."""
        taken, checked = self.facts("intake"), self.facts("check")
        fixed = [self.batch_date, taken["fingerprint"], book.fingerprint, points.fingerprint, models.fingerprint]
        return {
            "run_id": f"{self.batch_date}-{hashlib.sha256('|'.join(fixed).encode()).hexdigest()[:16]}",
            "batch_date": self.batch_date,
            "engine": self.engine,
            "inputs": taken["tables"],
            "input_fingerprint": taken["fingerprint"],
            "rulebook_fingerprint": book.fingerprint,
            "knowledge_fingerprint": points.fingerprint,
            "models": models.versions,
            "packages": {name: package_version(name) for name in PACKAGES},
            "counts": taken["counts"],
            "checks": checked["results"],
            "untrusted": checked["untrusted"],
            "rules": rules,
            "stages": self.done(),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def begin(self) -> None:
        """Start afresh, or go on where this very night was cut off: same input files, rules, models, history and code.

        The rules and models are copied, so that an edit during the night cannot judge two buckets by two rulebooks.
        """
        for what in ("rules", "models"):
            if not Path(getattr(self, what)).is_dir():
                raise DataError(f"--{what} {getattr(self, what)}: there is no such folder.")
        with still(Path(self.rules)):
            key = self._key()
            started = self.work / "night.json"
            if started.exists() and json.loads(started.read_text())["key"] == key:
                return
            shutil.rmtree(self.work, ignore_errors=True)
            for what in ("rules", "models"):
                shutil.copytree(getattr(self, what), self.work / what, ignore=shutil.ignore_patterns(*NOT_RULES))
        write_text(started, json.dumps({"key": key, "night": asdict(self)}))

    def end(self) -> None:
        """The night is committed, or its data is wrong: nothing of it stays in the working folder, nor an empty lake."""
        shutil.rmtree(self.work, ignore_errors=True)
        self._lock.unlink(missing_ok=True)
        for folder in (self.work.parent, Path(self.lake)):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    @property
    def _lock(self) -> Path:
        return Path(self.lake) / "work" / f"{self.batch_date}.lock"

    def _key(self) -> str:
        digest = hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode())
        for package in PACKAGES:
            digest.update(f"{package} {package_version(package)}\n".encode())
        for folder in (self.source, self.rules, self.models, str(Path(__file__).parent)):
            for path in [Path(folder), *sorted(Path(folder).rglob("*"))]:
                if path.is_file() and "__pycache__" not in path.parts:
                    stat = path.stat()
                    digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
        earlier = Lake(Path(self.lake)).runs().filter(pl.col("batch_date") < self.date)
        digest.update(",".join(earlier["run_id"]).encode())
        return digest.hexdigest()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep a second `audit run` of the same night out; the lock goes with the process, however it ends."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DataError(f"The night {self.batch_date} is already running on the lake {self.lake}. Wait for it to end.") from None
            yield


def package_version(package: str) -> str | None:
    try:
        return version(package)
    except Exception:
        return None


def write_text(path: Path, text: str) -> None:
    """Write a file so that it is either whole or absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
