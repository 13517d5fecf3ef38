"""Dated facts of one bucket's lines, each told once: a line carries three numbers that lead to its item, its claim and its area."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

NUMBERS = {"item": "items", "claim_key": "claims", "area_key": "areas"}


@dataclass(frozen=True)
class Facts:
    """Row n of a table speaks of the lines whose number is n.

    items   (number `item`) one per billed code, list type and epoch: item_code, item_key, item_kind, item_* facts, drug_key,
            is_first_line, is_limited (Bool: some fact beyond the common ones)
    claims  (number `claim_key`) one per settlement, in the order of the bucket's claims: who, where, when; psn_key, inst_key
    areas   (number `area_key`) the distinct sets of parameters: p_*
    """

    items: pl.DataFrame
    claims: pl.DataFrame
    areas: pl.DataFrame

    def names(self) -> set[str]:
        """Every fact that can be hung on a line."""
        return {name for table in NUMBERS.values() for name in getattr(self, table).columns}

    def hung(self, lines: pl.DataFrame, wanted: Collection[str]) -> pl.DataFrame:
        """`lines` with those of `wanted` that are facts and that they do not carry themselves."""
        for number, table in NUMBERS.items():
            facts: pl.DataFrame = getattr(self, table)
            names = [name for name in facts.columns if name in wanted and name not in lines.columns]
            lines = lines.hstack(facts.select(names)[lines[number]] if names else [])
        return lines
