"""The 88 national rule types: which rule or indicator stands for each, and what feeds it. One table of rules/README.md."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from audit.errors import Fault, RuleError
from audit.knowledge.columns import text, whole, word
from audit.knowledge.points import INVENTED
from audit.knowledge.reading import read_all
from audit.rulebook import Rule, Rulebook

# rests_on: `points`, `bill` (the national tables themselves say it all), `parameters` or files of rules/tables, joined by ';'
TYPES = (whole("rule_no"), text("tier"), text("tier_two"), text("name"), word("national_code"), text("rests_on"), text("source"))

OFFICIAL, WAITS = "official point", "waits for a local table"
_PLAIN = {"bill": "the bill itself", "parameters": "parameters that areas set"}


def types(rules: Path) -> pl.DataFrame:
    """The national rule types, one row each, columns TYPES and `row`. RuleError names file and row of every fault."""
    faults: list[Fault] = []
    path = rules / "tables" / "types.csv"
    table = read_all({path: TYPES}, faults)[path]
    if faults:
        raise RuleError(*faults)
    return table.sort("rule_no")


def misnamed(book: Rulebook) -> list[Fault]:
    """A fault for each rule whose number and code do not belong to the same national type."""
    codes = dict(types(book.folder).select("rule_no", "national_code").rows())
    faults = []
    for rule in book.rules:
        if rule.national_code != codes.get(rule.rule_no):  # both missing: a local rule
            number, own, code = rule.rule_no, rule.national_code, codes.get(rule.rule_no)
            zh = f"rule_no {number} 与 national_code {own} 在 tables/types.csv 中不是同一类型，表中为 {code or '无此类型'}。"
            en = f"rule_no {number} and national_code {own} are not one type of tables/types.csv, which says {code or 'no such type'}."
            faults.append(Fault(zh, en, rule.file, rule.lines["id"]))
    return faults


def coverage(book: Rulebook) -> Iterator[str]:
    """The section as Markdown, made from types.csv, the rules and the tables that feed them."""
    of_type: dict[int | None, list[Rule]] = {}
    for rule in book.rules:
        of_type.setdefault(rule.rule_no, []).append(rule)
    rows = list(types(book.folder).iter_rows(named=True))
    told = [(row, _stands(row, of_type.get(row["rule_no"], [])), _fed(row, book.folder / "tables")) for row in rows]
    yield f"## {sum(bool(stands) for _, stands, _ in told)} of {len(rows)} national types\n"
    waiting = sum(fed.startswith(WAITS) for _, _, fed in told)
    published = sum(OFFICIAL in fed for _, _, fed in told)
    others = len(told) - published - waiting
    yield f"{published} rest on official points, {others} on the bill itself or on tables of ours, {waiting} wait for a local table."
    yield "A type with official points judges what NHSA has published. Points of ours come from labels, price notes and law, each with its"
    yield "source, until NHSA publishes some. A type that waits for a local table judges nothing before an area supplies its own.\n"
    yield "| no. | type | code | rule | fed by |\n|---|---|---|---|---|"
    for row, stands, fed in told:
        yield f"| {row['rule_no']} | {row['name']} | {row['national_code']} | {stands or 'none yet'} | {fed} |"


def _stands(row: dict, rules: list[Rule]) -> str:
    if row["national_code"].startswith("ZB"):
        return "indicator"
    return ", ".join(f"{rule.id} ({rule.status})" for rule in rules if rule.status != "retired")


def _fed(row: dict, tables: Path) -> str:
    return "; ".join(_source(row["rule_no"], name, tables) for name in row["rests_on"].split(";"))


def _source(rule_no: int, name: str, tables: Path) -> str:
    if name in _PLAIN:
        return _PLAIN[name]
    if name != "points":
        number = len(_rows(tables / name))
        return f"{number} rows of `{name}`" if number else f"{WAITS}: `{name}`"
    path = f"{rule_no:02d}.csv"
    if not (tables / "points" / path).exists():
        return "no points yet"
    points = _rows(tables / "points" / path)
    official = sum(point["source"].startswith("NHSA") for point in points)
    if official:
        return _many(official, OFFICIAL) + (f", {len(points) - official} of ours" if len(points) > official else "")
    real = len({code["point_id"] for code in _rows(tables / "codes" / path) if not code["code"].startswith(INVENTED)})
    return _many(real, "point of ours") if real else f"{WAITS}: `points/{path}` shows its shape with invented codes"


def _rows(table: Path) -> list[dict[str, str]]:
    """A table that `audit.knowledge` has read and found in order."""
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what.replace('point', 'points')}"
