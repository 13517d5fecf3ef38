"""The rules folder as pages show it: read once for each state of the folder, not once for each look."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, true

from audit.cases import labels
from audit.cases.boards.shares import part
from audit.cases.changes.reading import as_it_is
from audit.cases.refused import Refused
from audit.errors import DataError
from audit.knowledge.batches.ledger import imports
from audit.knowledge.points import FACTS, OURS, PARAMETERS
from audit.report.history import cards_of
from audit.rulebook import Rule, Rulebook, approved
from audit.rulebook.sentence import LANGUAGES, sentence, value

Row = dict[str, Any]


@dataclass(frozen=True)
class Shelf:
    """One state of the folder. says: rule id -> language -> sentence; types: number -> name of the national type."""

    book: Rulebook
    knowledge: str
    says: dict[str, dict[str, str]]
    parameters: pl.DataFrame
    types: dict[int, str]

    def rule(self, rule_id: str) -> Rule:
        """Refused (404) where the rulebook has none."""
        found = next((rule for rule in self.book.rules if rule.id == rule_id), None)
        if found is None:
            raise Refused(f"规则库中没有 {rule_id}。", f"The rulebook has no rule {rule_id}.", 404)
        return found


_kept: dict[Path, tuple[int, Shelf]] = {}
_turn = threading.Lock()


def shelf(rules: Path) -> Shelf:
    """The folder as it is; rules that cannot be read are missing in it, and `changes.standing` says why."""
    now, book, knowledge = as_it_is(rules)
    with _turn:
        if rules not in _kept or _kept[rules][0] != now:
            _kept[rules] = (now, _read(rules, book, knowledge.fingerprint))
        return _kept[rules][1]


def _read(rules: Path, book: Rulebook, knowledge: str) -> Shelf:
    types = pl.read_csv(rules / "tables" / "types.csv", infer_schema=False)
    return Shelf(
        book=book,
        knowledge=knowledge,
        says={rule.id: {language: sentence(rule.when, language) for language in LANGUAGES} for rule in book.rules},
        parameters=pl.read_csv(rules / "tables" / "parameters.csv", infer_schema=False),
        types={int(number): name for number, name in types.select("rule_no", "name").iter_rows()},
    )


def rows(con: Connection, lake: Path, seen: Shelf) -> list[Row]:
    """A row per rule: what it is, what the last night says of it, and what people made of its findings (None: nothing yet)."""
    night = {card["rule_id"]: card for card in last_night(lake)}
    judged: dict[str, list[int]] = {}
    for one in labels.overturned(con, true()):
        counts = judged.setdefault(one.rule_id, [0, 0, 0])
        judged[one.rule_id] = [a + b for a, b in zip(counts, (one.confirmed, one.reduced, one.overturned), strict=True)]
    told = []
    for rule in seen.book.rules:
        card, (confirmed, reduced, gone) = night.get(rule.id, {}), judged.get(rule.id, [0, 0, 0])
        numbers = {name: card.get(name) for name in ("hits", "cannot_tell", "counted_amt")}
        judged_all = confirmed + reduced + gone
        shares = {"confirmed_share": part(confirmed + reduced, judged_all), "overturned_share": part(gone, judged_all)}
        told.append({
            "rule_id": rule.id, "name_zh": rule.name["zh"], "name_en": rule.name["en"], "rule_class": rule.folder, "status": rule.status,
            "finding": rule.finding, "version": rule.version, "rule_no": rule.rule_no, "type": seen.types.get(rule.rule_no or 0, ""),
            "points": points_of(rule), **numbers, "judged": judged_all, **shares,
        })  # fmt: skip
    return told


def last_night(lake: Path) -> list[Row]:
    try:
        return cards_of(lake)
    except DataError:
        return []


def points_of(rule: Rule) -> str:
    """Whose knowledge points the rule reads: official, own (written by this project), or none."""
    number = _point_type(rule)
    return "none" if number is None else "own" if number in OURS else "official"


def _point_type(rule: Rule) -> int | None:
    """The national type whose points decide: the rule's own, else the type of a fact that it reads."""
    if rule.rule_no in PARAMETERS:
        return rule.rule_no
    return next((number for number, facts in FACTS.items() if set(facts) & set(rule.read)), None)


def knowledge_of(rules: Path, rule: Rule) -> Row | None:
    """How many points the rule reads, and where each batch of them comes from."""
    number = _point_type(rule)
    path = rules / "tables" / "points" / f"{number or 0:02d}.csv"
    if number is None or not path.exists():
        return None
    points = pl.read_csv(path, infer_schema=False)
    open_ = points.filter(pl.col("valid_to").is_null()).height
    by = points.group_by("source").len("points").sort("points", "source", descending=[True, False])
    return {"type": number, "points": points.height, "open": open_, "sources": by.head(12).to_dicts(), "more": max(by.height - 12, 0)}


def parameters_of(seen: Shelf, rule: Rule) -> list[Row]:
    """Every value of every parameter that the rule reads, in every area."""
    names = [name.removeprefix("p_") for name in rule.read if name.startswith("p_")]
    return seen.parameters.filter(pl.col("name").is_in(names)).sort("name", "area", "valid_from").to_dicts()


def waived_of(seen: Shelf, rule_id: str | None = None) -> list[Row]:
    """Rows of exemptions for a time, the latest to end first."""
    found = seen.book.waivers if rule_id is None else seen.book.waivers.filter(pl.col("rule_id") == rule_id)
    return found.sort("valid_to", "rule_id", "value", descending=[True, False, False]).to_dicts()


def versions_of(rules: Path, rule_id: str) -> list[Row]:
    """The publications that changed a rule, the newest first."""
    return [told | {"version": told["rules"][rule_id]} for told in reversed(approved.approvals(rules)) if rule_id in told["rules"]]


def amount_of(rule: Rule, language: str) -> str | None:
    """The amount's own method in words."""
    return value(rule.amount_fen, language) if rule.amount_fen else None


def past_imports(rules: Path) -> list[Row]:
    return list(reversed(imports(rules)))
