"""What a line can say for itself. A frame is given only the columns that somebody wants, and what those rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

from audit.measure import person, prescriptions, visit

# One function = one column of that name. Each layer may read the columns of those before it.
LAYERS: tuple[tuple[Callable[[], pl.Expr], ...], ...] = (
    (person.age_days, person.age_lo, person.age_hi, visit.is_internet, visit.visit_mode),
    (person.is_newborn, person.is_infant, person.is_child, person.in_work_age, visit.is_inpatient),
    (person.in_pay_age, person.in_drug_age, person.in_service_age, person.injury_insured, person.maternity_insured),
    (
        person.in_service_pay_age, person.in_consumable_age, person.newborn_care, visit.service_level_ok, visit.service_mode_ok,
        visit.dept_ok, visit.dise_ok,
    ),
    (
        visit.fund_pays, visit.level_ok, visit.mode_ok, visit.service_day_outside, visit.price_over_fen, visit.amount_gap_fen,
        visit.fund_fen, prescriptions.supply_days_limit,
    ),
    (prescriptions.over_supply_fen,),
    (person.below_drug_age, person.above_drug_age),
)  # fmt: skip


def names() -> list[str]:
    """Every column that is made here."""
    return [column.__name__ for layer in LAYERS for column in layer]


def needs(wanted: Iterable[str]) -> set[str]:
    """The columns a line must bring so that all of `wanted` can be told."""
    needed = set(wanted)
    for layer in reversed(LAYERS):
        made = [column for column in layer if column.__name__ in needed]
        needed -= {column.__name__ for column in made}
        needed |= {root for column in made for root in column().meta.root_names()}
    return needed | {root for column in needed & visit.WORDED.keys() for root in visit.WORDED[column]}


def tell(lines: pl.LazyFrame, wanted: Iterable[str]) -> pl.LazyFrame:
    """`lines` with those of `wanted` that are made here, and what they rest on."""
    needed, layers = set(wanted), []
    for layer in reversed(LAYERS):
        made = {column.__name__: column() for column in layer if column.__name__ in needed}
        needed |= {root for expression in made.values() for root in expression.meta.root_names()}
        layers.append(made)
    for made in reversed(layers):
        lines = lines.with_columns(**made)
    return lines
