"""The scorecards that a lake keeps: all rules of its last night, or one rule over its nights, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from audit.errors import DataError
from audit.lake import Lake
from audit.report.scorecards import SCORECARDS
from audit.report.terminal import in_yuan, titled
from audit.rulebook.strict import did_you_mean

People = Mapping[tuple[str, int], dict[str, Any]]  # rule version -> judged, confirmed_share, overturned_share: of its findings, by people
_UNJUDGED = {"judged": 0, "confirmed_share": None, "overturned_share": None}
_COLUMNS = ("hits", "claims", "cannot tell", "counted, yuan", "by it alone", "ms")
_WIDTH = 132


def cards_of(lake: Path, rule: str | None = None) -> list[dict[str, Any]]:
    """SCORECARDS rows with batch_date (ISO text), timed_rows and seconds (the manifest's; null for a night without): of the last night,
    or of one rule in every night, oldest first. DataError where the lake knows none."""
    kept = Lake(Path(lake))
    cards = kept.read("scorecards", pl.Schema({"batch_date": pl.Date(), **SCORECARDS})).collect().sort("batch_date", "rule_id")
    if cards.is_empty():
        raise DataError(f"{lake}: no night with scorecards lies in this lake; `audit run --lake {lake}` keeps them.")
    if rule is not None and rule not in cards["rule_id"]:
        known = cards["rule_id"].unique().sort().to_list()
        raise DataError(f"--rule {rule}: no night in {lake} judged such a rule{did_you_mean(rule, known)}")
    shown = cards.filter(pl.col("rule_id") == rule if rule else pl.col("batch_date") == cards["batch_date"].max())
    times = {night: json.loads(text).get("rules", {}) for night, text in kept.runs().select("batch_date", "manifest").iter_rows()}
    rows = []
    for card in shown.iter_rows(named=True):
        timed = times[card["batch_date"]].get(card["rule_id"], {"rows": None, "seconds": None})
        rows.append({**card, "batch_date": str(card["batch_date"]), "timed_rows": timed["rows"], "seconds": timed["seconds"]})
    return rows


def show(lake: Path, rule: str | None = None, as_json: bool = False, people: People | None = None) -> None:
    """Print them, each with what people made of that version's findings (over all nights) where `people` is given."""
    cards = cards_of(lake, rule)
    if people is not None:
        cards = [card | {"people": people.get((card["rule_id"], card["rule_version"]), _UNJUDGED)} for card in cards]
    if as_json:
        return print(json.dumps(cards, ensure_ascii=False, indent=1))
    console = Console(soft_wrap=True, highlight=False)
    console.width = max(console.width, _WIDTH)  # a table that is wrapped can be read, one that is cut cannot
    last = cards[-1]
    title = f"Rule {rule}" if rule else f"Night {last['batch_date']}   {last['claims']:,} claims, {last['lines']:,} lines"
    judged = ("judged by people", "confirmed", "overturned") if people is not None else ()
    table = titled(title, "", *_COLUMNS, *judged, *(() if rule else ("also hit by", "for want of")))
    for card in cards:
        name = f"{card['batch_date'] if rule else card['rule_id']} v{card['rule_version']}" + " (shadow)" * (card["status"] == "shadow")
        table.add_row(name, *_numbers(card), *(() if rule else (_others(card["overlaps"][:2]), _causes(card["causes"][:2]))))
    console.print(table)
    if rule:
        console.print(_details(last))


def _numbers(card: dict[str, Any]) -> tuple[str, ...]:
    time = f"{1000 * card['seconds']:,.1f}" if card["timed_rows"] else "-"
    money = (in_yuan(card["counted_amt"]), in_yuan(card["marginal_amt"]))
    return (f"{card['hits']:,}", f"{card['claims_hit']:,}", f"{card['cannot_tell']:,}", *money, time, *_people(card.get("people")))


def _people(said: dict[str, Any] | None) -> tuple[str, ...]:
    if said is None:
        return ()
    shares = ("-" if said[name] is None else f"{said[name]:.0%}" for name in ("confirmed_share", "overturned_share"))
    return (f"{said['judged']:,}", *shares)


def _others(overlaps: list[dict[str, Any]]) -> str:
    return ", ".join(f"{other['rule_id']} {other['lines'] or other['claims']:,}" for other in overlaps)


def _causes(causes: list[dict[str, Any]]) -> str:
    return ", ".join(f"{cause['missing']} {cause['rows']:,}" for cause in causes)


def _details(card: dict[str, Any]) -> Table:
    """Of one rule's last night: every rule that hits the same, and every reason for which it could not tell."""
    table = titled(f"Night {card['batch_date']}", "", "lines", "claims")
    for other in card["overlaps"]:
        table.add_row(f"also hit by {other['rule_id']}", f"{other['lines']:,}", f"{other['claims']:,}")
    for cause in card["causes"]:
        table.add_row(
            f"cannot tell for want of {cause['missing']}",
            *((f"{cause['rows']:,}", "") if card["grain"] == "line" else ("", f"{cause['rows']:,}")),
        )
    return table
