"""What a rule is, and the whole rulebook: frozen values; reading.py makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from audit.knowledge.points import RARE_FACTS
from audit.rulebook import drawn, sql, waivers

FOLDERS = ("policy", "management", "medical", "local", "retired")
STATUSES = ("draft", "shadow", "active", "retired")
SEVERITIES = ("definite", "suspicious")
GRAINS = ("line", "claim", "stay", "person")
STAGES = ("pre", "mid", "post")
PLAIN_AMOUNTS = ("whole", "exposure", "none")
METHODS = ("excess", "price_difference", "discount", "over_cap", "drg_diff")
REQUIRED = ("id", "name", "version", "status", "finding", "grain", "stages", "effective", "clause", "when", "amount", "message", "examples")
OPTIONAL = ("rule_no", "national_code", "local_code", "concerned", "evidence", "innocent_explanations", "reason")


@dataclass(frozen=True)
class Example:
    """Invented rows and the answers expected of the engine; labels are bkkp_sn, row numbers or setl_id."""

    name: str
    line: int
    tables: dict[str, drawn.Drawn]
    flags: tuple[str, ...]
    cannot_tell: tuple[str, ...]
    amounts: dict[str, int]


@dataclass(frozen=True)
class Rule:
    """One rule. `amount` is whole, exposure, none or a method; `amount_fen` the method's SQL in fen; `reason`: why it is not active.
    `innocent_explanations`: zh and en, as many in one as in the other, in the same order; both empty where none are given.
    `lines` says where each key stands in `file`; `fingerprint` changes with all that can change a finding."""

    id: str
    name: dict[str, str]
    rule_no: int | None
    national_code: str | None
    local_code: str | None
    version: int
    status: str
    finding: str
    grain: str
    stages: tuple[str, ...]
    effective_from: date
    effective_to: date | None
    clause_source: str
    clause_text: str
    when: str
    amount: str
    amount_fen: str | None
    message: dict[str, str]
    concerned: tuple[str, ...]
    evidence: tuple[str, ...]
    innocent_explanations: dict[str, tuple[str, ...]]
    reason: str | None
    examples: tuple[Example, ...]
    file: str
    folder: str
    lines: dict[str, int]
    fingerprint: str

    @property
    def of_lines(self) -> bool:
        """Whether the rule judges billed lines (else claims)."""
        return self.grain == "line"

    @property
    def frame(self) -> str:
        """What the rule judges: `claims`, `lines`, or `limited`, the few lines whose item carries rare facts: a rule about these begins
        by demanding one (item_x IS NOT NULL), so that every other line is clear without a look."""
        if not self.of_lines:
            return "claims"
        return "limited" if set(sql.parse(self.when).demanded) & RARE_FACTS else "lines"

    @property
    def read(self) -> tuple[str, ...]:
        """The columns shown as evidence: those of `when`, the amount, the message and `evidence`."""
        amount = sql.parse(self.amount_fen).columns if self.amount_fen else ()
        spoken = [name for text in self.message.values() for name in drawn.placeholders(text)]
        return tuple(dict.fromkeys((*sql.parse(self.when).columns, *amount, *self.concerned, *self.evidence, *spoken)))


@dataclass(frozen=True)
class Rulebook:
    """All rules sorted by id, the policy as plain values, what is waived (waivers.WAIVERS), and one fingerprint over all of it (examples
    and comments apart)."""

    rules: tuple[Rule, ...]
    policy: dict
    fingerprint: str
    folder: Path
    waivers: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=waivers.WAIVERS), compare=False)

    def judged(self) -> tuple[Rule, ...]:
        """The rules that look at real claims: active ones, and shadow ones, which are only counted."""
        return tuple(rule for rule in self.rules if rule.status in ("active", "shadow"))

    def judging(self, frame: str) -> tuple[Rule, ...]:
        """Those of `judged` that look at one frame (see Rule.frame)."""
        return tuple(rule for rule in self.judged() if rule.frame == frame)

    def reads(self, frame: str) -> frozenset[str]:
        """Every column of a frame that a rule reads, drafts included: lint must see those too."""
        return frozenset(name for rule in self.rules if rule.status != "retired" and rule.frame == frame for name in rule.read)

    def asks(self, frame: str) -> frozenset[str]:
        """Those of `reads` that decide: columns of conditions and amounts. The others are only shown."""
        rules = [rule for rule in self.rules if rule.status != "retired" and rule.frame == frame]
        return frozenset(name for rule in rules for text in (rule.when, rule.amount_fen or "0") for name in sql.parse(text).columns)

    def rule(self, rule_id: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == rule_id)
