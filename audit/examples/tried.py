"""One rule while it is written: its examples answered by both engines at once, told row by row.

What takes time is drawing and measuring the examples; that is kept, so that a changed condition answers in a blink.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import polars as pl

from audit import engine, judge, words
from audit.errors import Fault, Said
from audit.examples.answers import Measured, disagreements, judged, measured
from audit.examples.mutation import survivors
from audit.examples.sceptic import differences
from audit.examples.world import Case, World, build
from audit.knowledge import Knowledge
from audit.rulebook import Rule

ANSWERS = {True: "flagged", False: "clear", None: "cannot_tell"}
_KEPT = 24  # measured drawings; a few hundred kilobytes each


@dataclass(frozen=True)
class Row:
    """One drawn row: what its example expects and what each engine answers (flagged, clear, cannot_tell; amounts in fen or None)."""

    label: str
    expected: str
    polars: str
    duckdb: str
    expected_amount: int | None
    amount: int | None
    values: dict[str, Any]  # the columns that the rule reads

    @property
    def right(self) -> bool:
        return self.expected == self.polars == self.duckdb and self.expected_amount in (None, self.amount or 0)


@dataclass(frozen=True)
class Tried:
    """One example: its name, the line on which it stands, its rows, and why intake would not take some of them."""

    name: str
    line: int
    rows: tuple[Row, ...]
    refused: tuple[Said, ...]

    @property
    def right(self) -> bool:
        return not self.refused and all(row.right for row in self.rows)


class Bench:
    """Drawings measured with one state of the knowledge, the latest kept. Safe in several threads."""

    def __init__(self, knowledge: Knowledge):
        self.knowledge = knowledge
        self._measured: OrderedDict[str, Measured] = OrderedDict()
        self._turn = threading.Lock()
        self.vocabulary = self.measured(build(())).vocabulary

    def measured(self, world: World) -> Measured:
        key = hashlib.sha256(json.dumps(world.tables, sort_keys=True).encode()).hexdigest()
        with self._turn:
            if key in self._measured:
                self._measured.move_to_end(key)
                return self._measured[key]
        rows = measured(world, self.knowledge)
        lines, claims = engine.collect_all([rows.lines, rows.claims])
        kept = Measured(lines.lazy(), claims.lazy(), rows.rejected)
        with self._turn:
            self._measured[key] = kept
            while len(self._measured) > _KEPT:
                self._measured.popitem(last=False)
        return kept

    def tried(self, rule: Rule) -> tuple[list[Tried], list[Fault]]:
        """Every example of the rule, and the faults that `audit check-rules` would say of them. The rule must have passed lint: both
        engines are asked."""
        world = build((rule,))
        answered = judged(self.measured(world), (rule,))
        frame = answered.lines if rule.of_lines else answered.claims
        key = "bkkp_sn" if rule.of_lines else "setl_id"
        frame = frame.with_columns(_applies=judge.applies(rule), _second=_second(frame, rule))
        rows = {row[key]: row for row in frame.iter_rows(named=True)}
        found = judge.findings(engine.collect(judge.hits(frame.lazy(), answered.claims.lazy(), [rule])), [rule])
        amounts = dict(found.select(pl.coalesce("bkkp_sn", "setl_id"), "vola_amt").iter_rows())
        told = [_told(case, rows, amounts, answered.rejected) for case in world.cases]
        faults = disagreements(answered, world.cases) + differences(answered.lines, answered.claims, (rule,))
        if not faults and rule.status != "draft" and world.cases:  # first the answers, then how sharp they are
            faults = survivors(answered.lines, answered.claims, world.cases)
        return told, faults


def _second(frame: pl.DataFrame, rule: Rule) -> pl.Series:
    """DuckDB's answer to the condition, row by row."""
    with engine.duck() as con:
        con.register("measured", frame.with_row_index("row_no").to_arrow())
        rows = con.execute(f"SELECT ({rule.when}) FROM measured ORDER BY row_no").fetchall()
    return pl.Series([row[0] for row in rows], dtype=pl.Boolean)


def _told(case: Case, rows: dict[str, dict[str, Any]], amounts: dict[str, int], rejected: pl.DataFrame) -> Tried:
    example, rule = case.example, case.rule
    told = []
    for label, key in case.keys.items():
        row = rows.get(key, {})
        expected = "flagged" if label in example.flags else "cannot_tell" if label in example.cannot_tell else "clear"
        # outside its dates, and where nothing was billed, a rule is clear: three-valued AND, as Polars has it
        second = False if row.get("_applies") is False or not row else row["_second"]
        values = {name: row[name] for name in rule.read if name in row}
        wanted = example.amounts.get(label)
        told.append(Row(label, expected, ANSWERS[row.get(rule.id, False)], ANSWERS[second], wanted, amounts.get(key), values))
    refused = [
        Said(f"{table}：{words.REFUSALS[reason][0]}", f"{table}: {reason}")
        for table, own, reason in rejected.select("table", "key", "reason").iter_rows()
        if case.prefix in str(own)
    ]
    return Tried(example.name, example.line, tuple(told), tuple(refused))
