"""The comparison in the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

ANSWERS = {"flagged": "flagged", "cannot_tell": "cannot tell", "clear": "clear"}
INSTITUTIONS = 8  # the files hold more of both
SAMPLES = 3
WIDTH = 120  # columns at least, so that no amount is cut off where the terminal is narrow or none


def show(found: dict[str, Any]) -> None:
    """Print the figures: what changes, who is touched, and a few findings of each kind with their reasons."""
    console = Console(soft_wrap=True, highlight=False)
    console.width = max(console.width, WIDTH)
    draft, active, nights = found["draft"], found["active"], found["nights"]
    against = f"version {active['version']}" if active else "nothing"
    chosen = "".join(f", {name} {code}" for name, code in found["chosen"].items() if code)
    console.print(f"[bold]{draft['id']} {draft['name']['en']} {draft['name']['zh']}[/]: {draft['file']} against {against}")
    span = f"nights from {nights['first']} to {nights['last']}" if nights["count"] > 1 else f"night, {nights['first']}"
    console.print(f"{nights['count']:,} {span}, {found['claims']['all']:,} claims{chosen}")
    for note in found["notes"]:
        console.print(note["en"], style="dim")
    for table in (_sides(found), _moves(found), _institutions(found)):
        console.print()
        console.print(table)
    for kind, title in (("newly_flagged", "Newly flagged"), ("newly_cleared", "Newly cleared")):
        _samples(console, title, found["samples"][kind])


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for n, column in enumerate(columns):
        table.add_column(column, justify="right" if n else "left", header_style="dim", no_wrap=True)
    return table


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals, exactly."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def hours(minutes: int) -> str:
    return f"{minutes / 60:,.1f}"


def _sides(found: dict[str, Any]) -> Table:
    table = _table("Before and after", "", "before", "after", "change")
    rows = (
        ("claims flagged", found["flagged"], "{:,}".format),
        ("claims without an answer (cannot tell)", found["cannot_tell"]["claims"], "{:,}".format),
        ("findings", found["findings"], "{:,}".format),
        ("violating amount, yuan", found["money"]["violating"], yuan),
        ("estimated fund share, yuan", found["money"]["fund"], yuan),
        ("review, hours", found["review"]["minutes"], hours),
    )
    for name, sides, said in rows:
        change = sides["after"] - sides["before"]
        table.add_row(name, said(sides["before"]), said(sides["after"]), ("+" if change > 0 else "") + said(change))
    return table


def _moves(found: dict[str, Any]) -> Table:
    claims, findings = found["claims"], found["findings"]
    table = _table("What changes", "", "claims", "findings")
    table.add_row("newly flagged", f"{claims['newly_flagged']:,}", f"{findings['newly_flagged']:,}")
    table.add_row("newly cleared", f"{claims['newly_cleared']:,}", f"{findings['newly_cleared']:,}")
    if claims["newly_in_doubt"]:
        table.add_row("flagged before, now cannot tell", f"{claims['newly_in_doubt']:,}", "")
    table.add_row("flagged before and after", f"{claims['flagged_unchanged']:,}", "")
    table.add_row("the same finding, another amount", "", f"{findings['other_amount']:,}")
    table.add_row("unchanged", f"{claims['unchanged']:,}", "")
    table.add_row("institutions touched", f"{found['institutions']['touched']:,}", "")
    table.add_row("doctors touched", f"{found['doctors']['touched']:,}", "")
    return table


def _institutions(found: dict[str, Any]) -> Table:
    table = _table("Institutions that change most, yuan", "", "before", "after", "new", "gone")
    for row in found["institutions"]["most_changed"][:INSTITUTIONS]:
        name = f"{row['fixmedins_code']} {row['name'] or ''}"
        table.add_row(name, yuan(row["amt_before"]), yuan(row["amt_after"]), f"{row['new']:,}", f"{row['gone']:,}")
    return table


def _samples(console: Console, title: str, samples: list[dict[str, Any]]) -> None:
    console.print()
    shown = samples[:SAMPLES]
    console.print(f"[bold]{title}[/]" + (f": {len(shown)} with the most money, one per claim" if shown else ": none"))
    for sample in shown:
        line = f", line {sample['bkkp_sn']}" if sample["bkkp_sn"] else ""
        who = f"{sample['institution']} {sample['institution_name'] or ''}"
        console.print(f"claim {sample['setl_id']}{line}  {who}  {yuan(sample['amount'])} yuan", markup=False)
        console.print(f"  {sample['sentence']['en']}", markup=False)
        other = [f"the other version: {ANSWERS[sample['other']]}"] if sample["other"] else []
        values = ", ".join(f"{value['name']} {value['en']}" for value in sample["values"])
        for text in (values, *other, sample["clause"]["en"]):
            console.print(f"  {text}", style="dim", markup=False)
