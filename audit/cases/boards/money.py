"""Money of cases in fen: what the engine found, what was told to hospitals, what stands, what came back; and the same by rule."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import Any

import yaml
from sqlalchemy import Connection, case, func, select

from audit.cases.boards.cohort import Cohort
from audit.cases.boards.shares import part
from audit.cases.labels import DECIDED
from audit.cases.ledger import KINDS
from audit.cases.tables import BY_HAND, cases, findings, ledger, rule_texts
from audit.examples.scaffold import CLASSES
from audit.words import CODES

Row = dict[str, Any]
SUMS = ("cases", "closed", "found", *KINDS)
STANDS = ("confirmed", "reduced")
_CLASS_OF = {letters: name for name, letters in CLASSES.items()}


def cells(con: Connection, cohort: Cohort) -> list[Row]:
    """The cohort summed by area, institution and month at once: area, institution, name, month (None: has none yet), cases, closed, found,
    and the ledger's kinds. Every table below adds up these, so that a page reads its cases and entries once."""
    key = (cases.c.area, cases.c.fixmedins_code, cohort.month_column)
    closed = func.sum(case((cases.c.step == "closed", 1), else_=0))
    sums = select(*key, func.max(cases.c.fixmedins_name), func.count(), closed, func.sum(cases.c.counted_amt))
    entries = select(*key, ledger.c.kind, func.sum(ledger.c.amt)).join(cases, cases.c.id == ledger.c.case_id).where(cohort.where)
    booked: dict[Any, dict[str, int]] = defaultdict(lambda: dict.fromkeys(KINDS, 0))
    for *of, kind, amt in con.execute(entries.group_by(*key, ledger.c.kind)):
        booked[tuple(of)][kind] = int(amt)
    return [
        {"area": area, "institution": code, "month": month, "name": name or ""}
        | {"cases": int(count), "closed": int(shut), "found": int(found), **booked[area, code, month]}
        for area, code, month, name, count, shut, found in con.execute(sums.where(cohort.where).group_by(*key))
    ]


def total(among: list[Row]) -> Row:
    """Of all cells: cases, closed, found, and the ledger's kinds."""
    return {name: sum(cell[name] for cell in among) for name in SUMS}


def by_area(among: list[Row]) -> list[Row]:
    return _largest(_by(among, "area"))


def by_institution(among: list[Row]) -> list[Row]:
    """With `name`, the institution's; where bills write it differently, the last in the order of its letters."""
    names = dict(sorted((cell["institution"], cell["name"]) for cell in among))
    return _largest([row | {"name": names[row["of"]]} for row in _by(among, "institution")])


def by_month(among: list[Row]) -> list[Row]:
    """In order of time; with `of="closing"` open cases have no month and stand in none."""
    return sorted((row for row in _by(among, "month") if row["of"] is not None), key=lambda row: row["of"])


def by_rule(con: Connection, cohort: Cohort) -> list[Row]:
    """Findings by rule. found = open + withdrawn + judged; `confirmed` is what stands of `judged`. What was recovered is booked by case."""
    closed = cases.c.outcome.in_(DECIDED)
    sums = {
        "findings": func.count(),
        "found": func.sum(findings.c.counted_amt),
        "open": func.sum(case((cases.c.step != "closed", findings.c.counted_amt), else_=0)),
        "judged": func.sum(case((closed, findings.c.counted_amt), else_=0)),
        "confirmed": func.sum(case((closed & findings.c.outcome.in_(STANDS), func.coalesce(findings.c.decided_amt, 0)), else_=0)),
    }
    asked = select(findings.c.rule_id, *(column.label(name) for name, column in sums.items()))
    found = con.execute(asked.join(cases, cases.c.id == findings.c.case_id).where(cohort.where).group_by(findings.c.rule_id))
    names = rule_names(con)
    rows = []
    for row in found.mappings():
        plain: Row = {name: int(row[name] or 0) for name in sums}
        zh, en = names.get(row["rule_id"], ("", ""))
        told = {"of": row["rule_id"], "rule_class": rule_class(row["rule_id"]), "name_zh": zh, "name_en": en}
        rows.append(told | plain | {"share": part(plain["confirmed"], plain["judged"])})
    return _largest(rows)


def by_class(rules: list[Row]) -> list[Row]:
    """The rows of `by_rule`, summed by class of rule."""
    summed: dict[str, Row] = {}
    for row in rules:
        one = summed.setdefault(row["rule_class"], {"of": row["rule_class"], **dict.fromkeys(_OF_RULES, 0)})
        for name in _OF_RULES:
            one[name] += row[name]
    return _largest([row | {"share": part(row["confirmed"], row["judged"])} for row in summed.values()])


_OF_RULES = ("findings", "found", "open", "judged", "confirmed")


def rule_class(rule_id: str) -> str:
    """policy, management, medical, local; by_hand for what no rule found; other for an id that says none of them."""
    if rule_id == BY_HAND:
        return "by_hand"
    return _CLASS_OF.get(rule_id.split("-")[0], "other")


def rule_names(con: Connection) -> dict[str, tuple[str, str]]:
    """Name (zh, en) of every rule that judged a case: that of its last version; and of what was entered by hand."""
    texts = select(rule_texts.c.rule_id, rule_texts.c.text).order_by(rule_texts.c.rule_version)
    return {rule_id: _name(text) for rule_id, text in dict(con.execute(texts).all()).items()} | CODES["rule_id"]


@lru_cache(maxsize=1024)
def _name(text: str) -> tuple[str, str]:
    name = yaml.safe_load(text).get("name")
    return (str(name.get("zh", "")), str(name.get("en", ""))) if isinstance(name, dict) else ("", "")


def _by(among: list[Row], column: str) -> list[Row]:
    summed: dict[Any, Row] = {}
    for cell in among:
        one = summed.setdefault(cell[column], {"of": cell[column], **dict.fromkeys(SUMS, 0)})
        for name in SUMS:
            one[name] += cell[name]
    return list(summed.values())


def _largest(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (-row["found"], str(row["of"])))
