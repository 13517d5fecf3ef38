"""The findings of a case as the page tells them: grouped by the line they are about, the ground that counts first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from audit import dossier, words
from audit.cases.tables import findings, people, rule_texts
from audit.console.case.seen import Bill, Plain
from audit.rulebook import locked


@dataclass(frozen=True)
class Told:
    """One finding. `row`: as stored, with `author`, the name of who entered it (None: a rule found it). `text`: the rule's file as it was
    that night, `rule` the same in words (None: it was not kept, or there is none). `changed`: what became of the rule since, or None.
    `values`: what the rule read, as (column, JSON value). `line`: the billed line; `concerned`: other lines, whole or by number alone."""

    row: Row[Any]
    text: str | None
    rule: Plain | None
    changed: Plain | None
    values: list[tuple[str, Any]]
    point: Plain | None
    line: Plain | None
    concerned: list[Plain]

    @property
    def id(self) -> int:
        return int(self.row.id)

    @property
    def definite(self) -> bool:
        return bool(self.row.sev_deg == "definite")

    @property
    def by_hand(self) -> bool:
        return self.row.author_id is not None

    def called(self, language: str) -> str:
        """The rule's name; of a finding by hand, its national type's."""
        if self.rule is not None:
            return str(self.rule["name"][language])
        return words.value("national_code", self.row.code, language) if self.by_hand else str(self.row.rule_id)

    def sentence(self, language: str) -> str:
        return str(self.row.vola_cont_en if language == "en" else self.row.vola_cont)


@dataclass(frozen=True)
class Group:
    """The findings of one line (or of the whole claim: `line` is None), the ground that counts most first."""

    line: Plain | None
    first: Told
    further: list[Told]

    @property
    def every(self) -> list[Told]:
        return [self.first, *self.further]


def told(con: Connection, case_id: int, bill: Bill, rules: Path) -> list[Group]:
    """Every finding of the case, gravest and dearest group first."""
    asked = select(findings, people.c.name.label("author")).outerjoin(people, people.c.id == findings.c.author_id)
    rows = con.execute(asked.where(findings.c.case_id == case_id).order_by(findings.c.id)).all()
    now, texts = locked(rules), _texts(con, rows)
    known = {line["bkkp_sn"]: line for line in (*bill.elsewhere, *bill.lines)}
    groups: dict[tuple[str, str | None], list[Told]] = {}
    for row in sorted(rows, key=lambda row: (-row.counted_amt, row.sev_deg != "definite", -row.vola_amt, row.id)):
        groups.setdefault((row.setl_id, row.bkkp_sn), []).append(_told(row, texts, now, known))
    order = sorted(groups.values(), key=lambda group: (not group[0].definite, -sum(one.row.counted_amt for one in group)))
    return [Group(group[0].line, group[0], group[1:]) for group in order]


def rule_names(con: Connection, rule_ids: Iterable[str]) -> dict[tuple[str, int], dict[str, str]]:
    """What rules were called when they found something: (rule_id, rule_version) -> language -> name."""
    kept = con.execute(select(rule_texts).where(rule_texts.c.rule_id.in_(set(rule_ids)))).all()
    return {(one.rule_id, one.rule_version): _worded(*_key(one), one.file, one.text)["name"] for one in kept}


def compared(one: Told) -> Plain | None:
    """The comparison that a finding rests on, from the rule's stored text; None where that night kept no text."""
    return _compared(one.text, one.row.evidence) if one.text is not None else None


def _key(row: Row[Any]) -> tuple[str, int, str]:
    return row.rule_id, row.rule_version, row.fingerprint


def _texts(con: Connection, rows: Sequence[Row[Any]]) -> dict[tuple[str, int, str], Plain]:
    wanted = rule_texts.c.rule_id.in_({row.rule_id for row in rows})
    return {_key(kept): kept._asdict() for kept in con.execute(select(rule_texts).where(wanted))}


def _told(row: Row[Any], texts: Mapping[tuple[str, int, str], Plain], now: dict[str, tuple[int, str]], known: Mapping[str, Plain]) -> Told:
    kept = texts.get(_key(row))
    return Told(
        row,
        kept["text"] if kept else None,
        _worded(kept["rule_id"], kept["rule_version"], kept["fingerprint"], kept["file"], kept["text"]) if kept else None,
        dossier.changed(kept, now) if kept else None,
        [(column, value) for column, value in json.loads(row.evidence).items() if value is not None],
        json.loads(row.point) if row.point else None,
        known.get(row.bkkp_sn),
        [known.get(number, {"bkkp_sn": number}) for number in json.loads(row.concerned)],
    )


# A stored text never changes, so what is made of it is made once: reading a rule takes longer than everything else on the page.
@lru_cache(maxsize=1000)
def _worded(rule_id: str, rule_version: int, fingerprint: str, file: str, text: str) -> Plain:
    return dossier.rule({"rule_id": rule_id, "rule_version": rule_version, "fingerprint": fingerprint, "file": file, "text": text})


@lru_cache(maxsize=1000)
def _compared(text: str, evidence: str) -> Plain:
    return dossier.comparison(text, json.loads(evidence))


def values(one: Told, language: str) -> list[tuple[str, str]]:
    """What the rule read, in words: (what it is called, what it was)."""
    return [(words.name(column, language), words.value(column, value, language)) for column, value in one.values]
