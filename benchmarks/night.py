"""What the README says about speed, measured again: `make bench`, or `python benchmarks/night.py --lines 5e6`.

Everything is a ratio within one run on one machine. Each measurement is a process of its own, so that its peak memory is its own;
data is made first and lies in the file cache for every contender. Writes benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import peers
import polars as pl
import province

from audit import engine, rulebook
from audit.journey import run_stage
from audit.measure import columns_read, whole
from audit.night import Night

RULES = Path(__file__).resolve().parents[1] / "rules"
STAGES = ("enrich", "measure", "judge")
READ = ("claims", "lines", "diags", "oprns", "traces")
ZEN_ROWS = 50_000


def prepare(lines: int, work: Path, rules: Path) -> dict[str, Any]:
    """Make a night of `lines` lines; where it lies, and how many lines it really has."""
    night = province.night_of(lines, work, rules)
    there = sum(pl.scan_parquet(night.path("intake", b, "lines")).select(pl.len()).collect().item() for b in night.buckets)
    return {"night": night.__dict__, "lines": there, "buckets": len(night.buckets)}


def scan(night: Night) -> dict[str, Any]:
    """Merely read what the stages read, bucket by bucket: the columns of a line that measures or rules want, all of the small tables."""
    book = rulebook.load(night.work / "rules")
    read = set().union(*columns_read(book.reads("lines"), book.reads("limited")), book.reads("limited"), ("fee_date", "list_type"))
    started = time.perf_counter()
    for bucket in night.buckets:
        for name in READ:
            frame = night.scan("intake", bucket, name)
            wanted = [column for column in frame.collect_schema().names() if name != "lines" or column in read]
            frame.select(wanted).collect(engine="streaming")
    return {"seconds": time.perf_counter() - started}


def audit(night: Night, keep: bool) -> dict[str, Any]:
    """Enrich, measure and judge, one bucket at a time, as the journey does; seconds per stage."""
    seconds = dict.fromkeys(STAGES, 0.0)
    for bucket in night.buckets:
        for stage in STAGES:
            night.marker(stage, bucket).unlink(missing_ok=True)
            started = time.perf_counter()
            run_stage(night, stage, bucket)
            seconds[stage] += time.perf_counter() - started
        for stage in STAGES if not keep else ():  # the disk of a small machine holds no 20 million measured lines
            for path in night.path(stage, bucket, "any").parent.glob("*.parquet"):
                path.unlink()
    return {"stages": seconds, "seconds": sum(seconds.values())}


def measured(night: Night, name: str) -> list[Path]:
    """Files of measured claims, or of lines with every column side by side, as a peer wants to read them."""
    files = [night.path("measured" if name == "lines" else "measure", bucket, name) for bucket in night.buckets]
    for bucket, file in zip(night.buckets, files, strict=True):
        if not file.exists():
            read = rulebook.load(night.work / "rules").reads("lines")
            lines = night.hung(bucket).hung(engine.stream(night.lines(bucket, "enrich", "measure")), read)
            engine.write(engine.collect(whole(lines.lazy(), night.scan("measure", bucket, "limited"))), file)
    return files


def zen(night: Night) -> dict[str, Any]:
    """zen-engine on the row-wise rules only, over lines already measured."""
    enriched = {
        name for what in ("items", "claims", "areas") for name in night.scan("enrich", night.buckets[0], what).collect_schema().names()
    }
    rules = peers.row_wise(rulebook.load(night.work / "rules"), enriched)
    told = peers.zen_in_batch(measured(night, "lines")[0], rules, ZEN_ROWS)
    seconds, _ = peers.we_judge(measured(night, "lines"), [rule for rule in rules if rule.id not in told["left_out"]])
    lines = pl.scan_parquet(measured(night, "lines")).select(pl.len()).collect().item()
    return told | {"zen": told["rows"] / told["seconds"], "ours": lines / seconds}


def duck(night: Night) -> dict[str, Any]:
    """The verdicts of all rules over measured frames: our engine and DuckDB (a statement per rule, all in one), the same SQL."""
    peer = {
        "ours": peers.we_judge,
        "each": partial(peers.duck_judges, at_once=False),
        "at once": partial(peers.duck_judges, at_once=True),
    }
    told: dict[str, Any] = {"spent": dict.fromkeys(peer, 0.0), "flagged": dict.fromkeys(peer, 0)}
    for name, of_lines in (("lines", True), ("claims", False)):
        rules = [rule for rule in rulebook.load(night.work / "rules").judged() if rule.of_lines is of_lines]
        for who, judge in peer.items():
            seconds, flagged = judge(measured(night, name), rules)
            told["spent"][who] += seconds
            told["flagged"][who] += flagged
    return told


TASKS: dict[str, Callable[..., dict[str, Any]]] = {"scan": scan, "audit": audit, "zen": zen, "duck": duck}


def alone(task: str, night: dict[str, Any], *arguments: Any) -> dict[str, Any]:
    """Run one task in a process of its own; its answer with `peak_gib`, the most memory the process held."""
    command = [sys.executable, __file__, "--task", json.dumps([task, night, *arguments])]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{task} failed:\n{done.stderr[-3000:]}")
    answer = dict(json.loads(done.stdout.splitlines()[-1]))
    print(f"  {task:<8} {answer.get('seconds', 0):8.1f} s  {answer['peak_gib']:5.2f} GiB", flush=True)
    return answer


def run_task(text: str) -> None:
    task, night, *arguments = json.loads(text)
    if task == "prepare":
        answer = prepare(night["lines"], Path(night["work"]), Path(night["rules"]))
    else:
        answer = TASKS[task](Night(**night), *arguments)
    answer["cpu_seconds"] = time.process_time()
    answer["peak_gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps(answer))


def bench(lines: int, sizes: list[int], work: Path) -> list[tuple[str, str, str]]:
    """Every measurement: (what, result, aim)."""
    print(f"{lines:,} lines", flush=True)
    made = alone("prepare", {"lines": lines, "work": str(work), "rules": str(RULES)})
    night = made["night"]
    scanned, ours = (best([alone(task, night, *more) for _ in range(3)]) for task, *more in (("scan",), ("audit", True)))
    per_second = made["lines"] / ours["seconds"]
    stages = ", ".join(f"{stage} {seconds / scanned['seconds']:.1f}" for stage, seconds in ours["stages"].items())
    rows = [
        (f"enrich + measure + judge of {made['lines']:,} lines, in times the reading of the same columns",
         f"{ours['seconds'] / scanned['seconds']:.1f} ({stages})", "at most 30"),
    ]  # fmt: skip
    other = alone("zen", night)
    said = "same flags" if not other["differ"] else f"flags differ: {', '.join(other['differ'])}"
    rows += [
        (f"lines per second of {other['rules']} row-wise rules over measured lines, in times zen-engine's in batch ({said})",
         f"{other['ours'] / other['zen']:.0f}", "at least 100"),
        ("lines per second of the whole way (enrich, every measure, all rules), in times zen-engine's on those row-wise rules alone",
         f"{per_second / other['zen']:.1f}", ""),
    ]  # fmt: skip
    peer = alone("duck", night)
    agree = "same flags" if len(set(peer["flagged"].values())) == 1 else f"flagged {peer['flagged']}"
    times = {who: seconds / peer["spent"]["ours"] for who, seconds in peer["spent"].items()}
    rows += [
        (f"verdicts of all rules over measured frames, one SQL statement per rule on DuckDB, in times ours ({agree})",
         f"{times['each']:.1f}", "at least 3"),
        ("the same with all rules in one statement on DuckDB", f"{times['at once']:.1f}", ""),
    ]  # fmt: skip

    rules = province.ten_times_the_points(RULES, work / "ten_times")
    more = alone("prepare", {"lines": lines, "work": str(work), "rules": str(rules)})["night"]
    once, ten = zip(*((alone("audit", night, True), alone("audit", more, True)) for _ in range(2)), strict=True)
    times_more = best(ten)["seconds"] / best(once)["seconds"]
    rows.append(("ten times the knowledge points, in times the time", f"{times_more:.2f}", "at most 1.15"))

    grown = []
    for size in sizes:
        print(f"{size:,} lines", flush=True)
        made = alone("prepare", {"lines": size, "work": str(work), "rules": str(RULES)})
        found = alone("audit", made["night"], False)
        grown.append((made["lines"], found["seconds"], found["peak_gib"]))
        shutil.rmtree(made["night"]["lake"], ignore_errors=True)
    if len(grown) > 1:
        (n0, s0, _), (n1, s1, peak) = grown[0], grown[-1]
        times = ", ".join(f"{n / 1e6:.1f} M lines {s / s0:.2f} times" for n, s, _ in grown)
        rows.append((f"time grows as n to the power of ({times})", f"{math.log(s1 / s0) / math.log(n1 / n0):.2f}", "at most 1.1"))
        rows.append((f"peak memory at {n1:,} lines, one bucket at a time", f"{peak:.2f} GiB", "under 4 GiB"))
    return rows


def best(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The run that was disturbed least."""
    return min(runs, key=lambda run: run["seconds"])


def report(rows: list[tuple[str, str, str]]) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("polars", "duckdb", "zen-engine"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    table = "\n".join(f"| {what} | {result} | {aim} |" for what, result, aim in rows)
    return (
        "# Measured\n\n`make bench` writes this page. Every number but memory is a ratio within one run on one machine.\n\n"
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, Python {platform.python_version()}, {packages}.\n\n"
        f"| what | result | aim |\n|---|---|---|\n{table}\n"
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--lines", type=float, default=1e6, help="lines of the main comparison (1e6)")
    asked.add_argument("--growth", default="1e6,5e6", help="sizes for growth and memory, smallest first (1e6,5e6); '' for none")
    asked.add_argument("--work", type=Path, help="folder for the data, kept; else a temporary one")
    asked.add_argument("--task", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.task:
        return run_task(given.task)
    with tempfile.TemporaryDirectory() as scratch:
        sizes = [int(float(size)) for size in given.growth.split(",") if size]
        rows = bench(int(given.lines), sizes, given.work or Path(scratch))
    page, results = report(rows), Path(__file__).with_name("results.md")
    _, part, others = results.read_text(encoding="utf-8").partition("\n## ")  # what other benchmarks wrote stays
    results.write_text(page + part + others, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
