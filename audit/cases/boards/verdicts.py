"""What people made of each rule version's findings, in cases that a decision closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from audit.cases.boards.cohort import Cohort
from audit.cases.boards.money import rule_names
from audit.cases.boards.shares import FEW, part, wilson
from audit.cases.labels import Judged, overturned
from audit.cases.tables import BY_HAND, findings
from audit.errors import DataError
from audit.report.history import cards_of

Row = dict[str, Any]


def by_version(con: Connection, cohort: Cohort) -> list[Row]:
    """A row per rule version, and one for what was entered by hand (rule_version None): judged, confirmed, reduced, overturned, their
    shares, and the interval of the overturned one; most overturned first."""
    names = rule_names(con)
    rows = []
    for one in overturned(con, cohort.where):
        zh, en = names.get(one.rule_id, ("", ""))
        version = {"rule_version": None} if one.rule_id == BY_HAND else {}
        rows.append({"of": one.rule_id, "name_zh": zh, "name_en": en, **_row(one), **version})
    return sorted(rows, key=lambda row: (-row["overturned"], -row["judged"], row["of"], row["rule_version"]))


def scorecard(con: Connection, lake: Path, rule_id: str) -> dict[str, Any]:
    """Everything known of a rule: `nights`, its cards in the lake (report.history.cards_of; empty where no night judged it), and
    `versions`, what people made of each version's findings everywhere: rule_version, judged, confirmed, reduced, overturned,
    confirmed_share, reduced_share, overturned_share, low, high (95 % interval of the overturned share), few."""
    try:
        nights = cards_of(lake, rule_id)
    except DataError:
        nights = []
    versions = [_row(one) for one in overturned(con, findings.c.rule_id == rule_id)]
    return {"rule_id": rule_id, "nights": nights, "versions": versions}


def people(con: Connection) -> dict[tuple[str, int], Row]:
    """For `audit scorecard`: rule version -> judged, confirmed_share, overturned_share."""
    named = ("judged", "confirmed_share", "overturned_share")
    return {(one.rule_id, one.rule_version): {name: _row(one)[name] for name in named} for one in overturned(con)}


def _row(one: Judged) -> Row:
    judged = one.confirmed + one.reduced + one.overturned
    low, high = wilson(one.overturned, judged)
    counts = {"confirmed": one.confirmed, "reduced": one.reduced, "overturned": one.overturned}
    shares = {f"{name}_share": part(count, judged) for name, count in counts.items()}
    return {"rule_version": one.rule_version, "judged": judged, **counts, **shares, "low": low, "high": high, "few": judged < FEW}
