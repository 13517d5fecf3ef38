"""A finished night in the terminal, and its files: figures.json, report.html."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from audit.errors import DataError
from audit.report.page import page, stage_seconds
from audit.report.planted import planted
from audit.words import RULE_CLASSES


def publish(out: Path, figures: dict[str, Any], manifest: dict[str, Any]) -> None:
    """Write figures.json and report.html beside the result tables in `out`."""
    (out / "figures.json").write_text(json.dumps(figures, ensure_ascii=False, sort_keys=True, default=str), encoding="utf-8")
    (out / "report.html").write_text(page(figures, manifest), encoding="utf-8")


def summary(results: Path, truth: Path | None = None) -> None:
    """Print a night that lies in `results`; with `truth` (of an invented province) also what was found of what was planted,
    and write that into report.html too. DataError where no night lies."""
    results = Path(results)
    try:
        figures, manifest = (json.loads((results / f"{name}.json").read_text(encoding="utf-8")) for name in ("figures", "manifest"))
    except FileNotFoundError as fault:
        raise DataError(f"{results}: no finished night lies here ({Path(fault.filename).name} is missing).") from fault
    found = None
    if truth is not None:
        found = planted(pl.read_parquet(results / "findings.parquet"), figures["rules"], Path(truth))
        (results / "report.html").write_text(page(figures, manifest, found), encoding="utf-8")
    console = Console(soft_wrap=True, highlight=False)
    for table in [
        _overview(figures, manifest),
        _classes(figures),
        *([_changed(figures["changed"])] if figures["changed"] else []),
        _seconds(manifest),
        *([_found(found, max(12, console.width - 72))] if found else []),
    ]:
        console.print(table)
    console.print(f"Report: {(results / 'report.html').resolve()}")


def in_yuan(fen: int) -> str:
    """12,345.67"""
    return f"{fen / 100:,.2f}" if abs(fen) < 2**53 else f"{fen // 100:,}.{fen % 100:02d}"


def titled(title: str, *columns: str) -> Table:
    """An empty table without lines, numbers to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for n, column in enumerate(columns):
        table.add_column(column, justify="right" if n else "left", header_style="dim", no_wrap=True)
    return table


def _overview(figures: dict[str, Any], manifest: dict[str, Any]) -> Table:
    totals = figures["totals"]
    table = titled(f"Night {manifest['batch_date']}   run {manifest['run_id']}   engine {manifest['engine']}", "", "")
    for name, value in (
        ("claims", f"{totals['claims']:,}"),
        ("lines", f"{totals['lines']:,}"),
        ("flagged", f"{totals['flagged']:,}"),
        ("findings", f"{totals['findings']:,}"),
        *([("waived", f"{waived:,}")] if (waived := totals.get("waived")) else []),
        ("counted, yuan", in_yuan(totals["counted"])),
        ("expected back, yuan", in_yuan(totals["priority"])),
        ("cannot tell", f"{totals['cannot_tell']:,}"),
        ("rejected rows", f"{totals['rejected']:,}"),
    ):
        table.add_row(name, value)
    return table


def _classes(figures: dict[str, Any]) -> Table:
    table = titled("Money by class of rule, yuan", "", "findings", "definite", "suspicious")
    for row in figures["classes"]:
        name = RULE_CLASSES[row["rule_class"]][1]
        table.add_row(name, f"{row['findings']:,}", in_yuan(row["definite"]), in_yuan(row["suspicious"]))
    return table


def _changed(changed: list[dict[str, Any]]) -> Table:
    table = titled(
        "Rules to look at: far more or far fewer claims than earlier nights let expect", "", "claims", "expected", "nights", "cannot tell"
    )
    for row in changed:
        counts = (f"{row['claims_hit']:,}", f"{row['expected']:,.1f}", f"{row['nights']}", f"{row['cannot_tell']:,} of {row['rows']:,}")
        table.add_row(f"{row['rule_id']} v{row['rule_version']}: {row['kind']}", *counts)
    return table


def _seconds(manifest: dict[str, Any]) -> Table:
    stages = stage_seconds(manifest.get("stages", []))
    table = titled("Seconds per stage", *(stage["stage"] for stage in stages))
    for column in table.columns:
        column.justify = "right"
    table.add_row(*(f"{stage['seconds']:.1f}" for stage in stages))
    return table


def _found(found: list[dict[str, Any]], width: int) -> Table:
    table = titled("Planted and found", "type", "found", "recall", "precision", "near misses hit")
    table.add_column("", style="dim", no_wrap=True)
    for row in found:
        precision = f"{row['right'] / row['findings']:.1%}" if row["findings"] else "-"
        recall = f"{row['found'] / row['planted']:.1%}" if row["planted"] else "-"
        counts = (f"{row['found']} of {row['planted']}", recall, precision, f"{row['near_flagged']} of {row['near_misses']}")
        name = row["name_en"]
        table.add_row(row["type"], *counts, name if len(name) <= width else f"{name[: width - 1]}…")
    return table
