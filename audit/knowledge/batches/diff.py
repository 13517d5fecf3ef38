"""What an import changes: the tables before and after, held against each other point by point."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from audit.knowledge.batches.tables import TableRow, TypeTable
from audit.knowledge.points import POINT

NEW, CHANGED, SUPERSEDED, CORRECTED = "new", "changed", "superseded", "corrected"
_ISSUE = {"point_id", "batch", "published", "valid_from", "supersedes", "source"}  # no two batches have these in common
KINDS = (NEW, CHANGED, SUPERSEDED, CORRECTED)


@dataclass(frozen=True)
class Step:
    """One point that an import adds or touches.

    kind  new: replaces nothing; changed: takes the place of `older`; superseded: only its last day is new; corrected: the same id says
          something else than it did
    """

    kind: str
    rule_no: int
    row: TableRow
    codes: tuple[str, ...]
    older: TableRow | None = None
    older_codes: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, str]:
        common = {column.name for column in POINT}
        return {name: value for name, value in self.row.items() if name not in common}

    def differences(self) -> dict[str, list[str]]:
        """Column -> [was, is], codes apart; what every new point differs in (id, dates, source) left out."""
        if not self.older:
            return {}
        left_out = {"valid_to", *_ISSUE} if self.kind == CHANGED else _ISSUE
        return {c: [self.older[c], now] for c, now in self.row.items() if c not in left_out and now != self.older[c]}

    def as_json(self) -> dict[str, Any]:
        was, now = set(self.older_codes), set(self.codes)
        codes = {"codes": list(self.codes)} if not self.older else {"codes_added": sorted(now - was), "codes_removed": sorted(was - now)}
        return {"kind": self.kind, "rule_no": self.rule_no, **self.row, "differences": self.differences(), **codes}


def steps(before: dict[int, TypeTable], after: dict[int, TypeTable]) -> list[Step]:
    """Every point that differs, by rule type, kind and id."""
    found = []
    for rule, table in after.items():
        old = before.get(rule)
        for point_id in table.rows:
            was = old.rows.get(point_id) if old else None
            if was is None or old is None:
                found.append(_added(table, point_id))
            elif was != table.rows[point_id] or old.codes_of(point_id) != table.codes_of(point_id):
                row = table.rows[point_id]
                only_end = {column for column in row if row[column] != was[column]} == {"valid_to"}
                same_codes = old.codes_of(point_id) == table.codes_of(point_id)
                kind = SUPERSEDED if only_end and same_codes else CORRECTED
                found.append(Step(kind, rule, row, table.codes_of(point_id), was, old.codes_of(point_id)))
    return sorted(found, key=lambda step: (step.rule_no, KINDS.index(step.kind), step.row["point_id"]))


def _added(table: TypeTable, point_id: str) -> Step:
    row = table.rows[point_id]
    if replaced := row["supersedes"]:
        return Step(CHANGED, table.rule_no, row, table.codes_of(point_id), table.rows[replaced], table.codes_of(replaced))
    return Step(NEW, table.rule_no, row, table.codes_of(point_id))


def counts(found: list[Step]) -> dict[int, dict[str, int]]:
    """Rule type -> kind -> number of points, kinds without any left out."""
    counted = Counter((step.rule_no, step.kind) for step in found)
    rules = sorted({step.rule_no for step in found})
    return {rule: {kind: counted[rule, kind] for kind in KINDS if counted[rule, kind]} for rule in rules}
