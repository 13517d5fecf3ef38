"""What every reader of official files makes: one point as the file says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from audit.knowledge.points import OP_GROUP_RULE, PAIR_RULE


@dataclass(frozen=True)
class Point:
    """One official point, before its parameters are read.

    limits      header of a limit column -> text, as far as the file has such columns
    point_id    given by the records only; else the import numbers the point
    supersedes  given by the records only; `linked` says that the file speaks for its links, so that none is derived
    """

    file: Path
    sheet: str
    row: int
    rule_no: int
    name: str
    clause: str
    test: str
    batch: int | None
    published: date
    codes: tuple[str, ...]
    valid_from: date
    valid_to: date | None = None
    limits: dict[str, str] = field(default_factory=dict)
    point_id: str = ""
    supersedes: str = ""
    linked: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        return key_of(self.rule_no, self.name, self.codes, self.clause)

    def told(self) -> dict[str, Any]:
        """Where a fault of this point lies, as Faults.add wants it."""
        return {"sheet": self.sheet, "row": self.row}


def key_of(rule: int, name: str, codes: tuple[str, ...], group: str) -> tuple[str, ...]:
    """What makes two points of one rule type the same point in two batches: the name; the pair; the operation in its group."""
    if rule == PAIR_RULE:
        return codes
    return (*codes, group) if rule == OP_GROUP_RULE else (name,)
