"""Dated lists that the settlement list's codes are held against: what a diagnosis or an operation calls for, and who may order what.

They are our own reading of the classifications and of the guidelines, one row each with its source; `doctor_rights.csv` is empty
until an area fills it in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from audit.knowledge.columns import DX_PREFIX, OP_PREFIX, Column, choice, day, shaped, text, whole, word

DX_BEGINNING = re.compile(rf"[A-Z][0-9]?|{DX_PREFIX.pattern}")  # a chapter of ICD-10 as well
# Items that measures ask for by name (item_terms.csv), and diagnoses (dx_terms.csv), though no point does.
OPERATIONS, OPERATING, CT, MR = "手术项目", "手术与麻醉", "CT检查", "磁共振检查"
HOSPITAL_INFECTION = "院内感染"
NAMED_ITEMS = (OPERATIONS, OPERATING, CT, MR)
NAMED_DIAGNOSES = (HOSPITAL_INFECTION,)

_DATED = (day("valid_from"), day("valid_to", optional=True), text("source"))
COLUMNS: dict[str, tuple[Column, ...]] = {
    "dx_demands": (shaped("dx_prefix", DX_PREFIX), text("name"), text("code_prefixes"), text("words"), *_DATED),
    "op_kinds": (shaped("op_prefix", OP_PREFIX), text("name"), whole("prophylaxis_hours", optional=True), *_DATED),
    "op_dx_fits": (shaped("op_prefix", OP_PREFIX), shaped("dx_prefix", DX_BEGINNING), text("name"), text("source")),
    "doctor_rights": (word("fixmedins_code"), word("dr_code"), choice("antibiotic_class", "restricted", "special"), *_DATED),
}


@dataclass(frozen=True)
class Codings:
    """dx_demands     dx_prefix, code_prefixes, words (joined by ';'): a stay for such a diagnosis has a line of such a code or name
    op_kinds       op_prefix, prophylaxis_hours: operations that are surely billed as such; hours given: clean ones (class I incision)
    op_dx_fits     op_prefix, dx_prefix: which main diagnoses may bring a person to such an operation
    doctor_rights  fixmedins_code, dr_code, antibiotic_class: highest class of antibiotics a doctor may order there

    All but op_dx_fits with valid_from and valid_to (inclusive, null = open).
    """

    dx_demands: pl.DataFrame
    op_kinds: pl.DataFrame
    op_dx_fits: pl.DataFrame
    doctor_rights: pl.DataFrame


def files(folder: Path) -> dict[Path, tuple[Column, ...]]:
    """The file of each list, with its columns."""
    return {folder / f"{name}.csv": columns for name, columns in COLUMNS.items()}


def codings(folder: Path, tables: dict[Path, pl.DataFrame]) -> Codings:
    """The lists among the tables that were read."""
    return Codings(**{name: tables[folder / f"{name}.csv"].drop("row", "source").drop("name", strict=False) for name in COLUMNS})


def in_force(listed: pl.LazyFrame | pl.DataFrame, on: str) -> pl.LazyFrame:
    """Rows of a dated list joined to something that has the date `on`: those in force on that date."""
    day_of = pl.col(on)
    return listed.lazy().filter(day_of >= pl.col("valid_from"), pl.col("valid_to").is_null() | (day_of <= pl.col("valid_to")))
