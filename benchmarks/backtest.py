"""A year of nights in a lake, and how long `audit backtest` takes over it: `python benchmarks/backtest.py`, about ten minutes and 4 GB.

One invented night of 20,000 claims is audited once; what the lake keeps of it is then written for every night of the year, with
identifiers of its own. Three drafts are held against their active rules: about limited items, about all lines, about claims.
Each time is set against a bare scan, the reading of the columns that both conditions ask for. Writes its part of benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import polars as pl
import province

from audit.backtest import Chosen, draft, history, over_history
from audit.journey import run
from audit.lake import Kept, Lake
from audit.night import Night
from audit.rulebook import sql
from audit.synth import synth

ROOT = Path(__file__).resolve().parents[1]
LAST = province.BATCH_DATE
IDENTIFIERS = tuple(name for name in province.IDENTIFIERS if name != "fixmedins_code")  # institutions stay, patients come
TITLE = "\n## A draft against a year\n"
# file, what stands in the active condition, what the draft says instead, what is judged
DRAFTS = (
    ("medical/MED-067-sex-drug.yaml", "THEN FALSE ELSE gend <> item_drug_gend", "THEN FALSE ELSE gend = item_drug_gend", "limited lines"),
    ("policy/POL-027-day-frequency.yaml", "THEN over_day_fen > 0 END", "THEN over_day_fen > 2000 END", "all lines"),
    ("management/MGT-049-split-stay.yaml", "prev_stay_gap_days <= p_split_gap_days", "prev_stay_gap_days <= 30", "claims"),
)


def year(work: Path, nights: int) -> Lake:
    """A lake of so many nights, each with the kept columns of one audited night under other identifiers."""
    source = work / "province"
    synth(province.CLAIMS, 7, source, batch_date=LAST)
    one = Lake(work / "one")
    run(Night(str(source), str(one.root), LAST.isoformat(), rules=str(ROOT / "rules"), models=str(ROOT / "models")))
    (kept,) = one.kept()
    lake = Lake(work / "lake")
    for number in range(nights):
        night = LAST - timedelta(days=number)
        manifest = {"untrusted": {}, "measured": lake.keep(night, _copied(kept, f"{number:03}"))}
        lake.replace(night, f"{night}-bench", {}, json.dumps(manifest))
    return lake


def _copied(kept: Kept, suffix: str) -> Iterator[tuple[str, pl.DataFrame]]:
    for path in sorted((kept.folder or Path()).glob("*.parquet")):
        frame = pl.read_parquet(path)
        yield path.stem, frame.with_columns(pl.col(name) + suffix for name in IDENTIFIERS if name in frame.columns)


def clock(started: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float]:
    """Seconds of the clock and of the processor since `started`; the second does not grow when others use the machine."""
    return time.perf_counter() - started[0], time.process_time() - started[1]


def scan(nights: list[history.NightKept], pair: draft.Pair) -> tuple[float, float]:
    """Seconds to merely read the columns that both conditions ask for, night by night."""
    started = clock()
    for night in nights:
        for bucket in night.buckets:
            for frame in {rule.frame for rule in pair.rules.values()}:
                asked = {
                    "fee_date",
                    "cnt_e4",
                    "claim_key",
                    *(name for rule in pair.rules.values() for name in sql.parse(rule.when).columns),
                }
                bucket.scan(frame).select(name for name in bucket.schemas[frame] if name in asked).collect()
    return clock(started)


def bench(lake: Lake, work: Path) -> list[tuple[str, str, str]]:
    rows = []
    for file, stands, instead, judged in DRAFTS:
        active = ROOT / "rules" / file
        text = active.read_text(encoding="utf-8")
        assert stands in text, file
        changed = work / active.name.replace(".yaml", ".draft.yaml")
        changed.write_text(text.replace(stands, instead), encoding="utf-8")
        started = clock()
        pair = draft.read(changed, ROOT / "rules")
        found = over_history(pair, Chosen(lake.root))
        seconds, processor = clock(started)
        nights = history.nights(Chosen(lake.root))
        bare = scan(nights, pair)[1]
        claims = found["claims"]
        told = f"{seconds:.1f} s, {processor:.1f} s of processor, bare scan {bare:.1f} s of processor"
        print(f"{pair.draft.id}: {told}, {claims['newly_flagged']:,} newly flagged, {claims['newly_cleared']:,} cleared", flush=True)
        what = f"`audit backtest` of {pair.draft.id} ({judged}) over {len(nights)} nights, {claims['all']:,} claims"
        rows.append((what, f"{seconds:.0f} s; {processor:.0f} s of processor, {processor / bare:.1f} times the bare scan", "under 60 s"))
    return rows


def sizes(lake: Lake) -> tuple[int, int, int]:
    """(nights, lines, bytes) of what the lake keeps."""
    kept = [one.folder for one in lake.kept() if one.folder]
    lines = sum(pl.scan_parquet(path).select(pl.len()).collect().item() for folder in kept for path in folder.glob("lines-*.parquet"))
    return len(kept), lines, sum(path.stat().st_size for folder in kept for path in folder.iterdir())


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--nights", type=int, default=365, help="nights in the lake (365)")
    asked.add_argument("--work", type=Path, help="folder for the data, kept and used again; else a temporary one")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = given.work or Path(scratch)
        lake = Lake(work / "lake") if (work / "lake").exists() else year(work, given.nights)
        nights, lines, size = sizes(lake)
        print(f"{nights} nights, {lines:,} lines, {size / 2**30:.2f} GiB", flush=True)
        rows = bench(lake, work)
    rows.append((f"kept of a night of {province.CLAIMS:,} claims", f"{size / nights / 2**20:.1f} MiB, {size / lines:.0f} bytes a line", ""))
    told = f"`python benchmarks/backtest.py` writes this part: {nights} nights, {lines:,} lines, {os.cpu_count()} cores."
    table = "\n".join(f"| {what} | {result} | {aim} |" for what, result, aim in rows)
    page = Path(__file__).with_name("results.md")
    before, _, after = page.read_text(encoding="utf-8").partition(TITLE)
    _, mark, others = after.partition("\n## ")
    whole = f"{before.rstrip()}\n{TITLE}\n{told}\n\n| what | result | aim |\n|---|---|---|\n{table}\n{mark}{others}"
    page.write_text(whole, encoding="utf-8")


if __name__ == "__main__":
    main()
