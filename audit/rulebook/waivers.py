"""rules/tables/waivers.csv: for a time, a rule does not speak about an institution, an area or an item.

A waived finding is taken off and counted as waived; it is never clear. (tables/exemptions.csv is another thing: diagnoses and ways of
discharge that a clause itself lets off.) A row that has run out stays, so that an old night says the same when it is run again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from datetime import date
from pathlib import Path

import polars as pl

from audit.knowledge.columns import CLASS, choice, day, text, word
from audit.knowledge.reading import read_all
from audit.rulebook.strict import did_you_mean

FILE = "tables/waivers.csv"
KINDS = ("institution", "area", "item")
LONGEST = 365  # days, the first and the last included
COLUMNS = (
    word("rule_id"), choice("kind", *KINDS), word("value"), day("valid_from"), day("valid_to"), text("reason"), text("source"),
)  # fmt: skip
WAIVERS = pl.Schema({column.name: column.dtype for column in COLUMNS})
_SHAPES = {"institution": re.compile(r"[A-Za-z0-9]{1,50}"), "area": re.compile(r"[1-9]\d(\d\d){0,2}"), "item": CLASS}
_SAID = {"institution": "a fixmedins_code", "area": "2, 4 or 6 digits of a division", "item": "a national code or its beginning"}


def read(rules: Path, known: Collection[str], faults: list[str]) -> pl.DataFrame:
    """The rows (WAIVERS), sorted; none where the file is absent. known: ids of rules. Faults name file and row, and what to do."""
    path = rules / FILE
    if not path.exists():
        return pl.DataFrame(schema=WAIVERS)
    own: list[str] = []
    table = read_all({path: COLUMNS}, own)[path].sort("rule_id", "kind", "value", "valid_from", "row")
    earlier: dict[str, object] = {}
    for row in table.iter_rows(named=True):
        own += [f"{path}: row {row['row']}: {fault}" for fault in row_faults(row, known)]
        key = {name: row[name] for name in ("rule_id", "kind", "value")}
        if {name: earlier.get(name) for name in key} == key and row["valid_from"] <= earlier["valid_to"]:  # type: ignore[operator]
            told = f"{row['rule_id']} for {row['kind']} {row['value']} is waived until {earlier['valid_to']} already"
            own.append(f"{path}: row {row['row']}: {told}; let this row begin later, or take one out.")
        earlier = row
    faults += own
    return table.select(list(WAIVERS)) if not own else pl.DataFrame(schema=WAIVERS)


def row_faults(row: dict, known: Collection[str]) -> list[str]:
    """What is wrong with one row, each as a sentence with its remedy."""
    faults = []
    if row["rule_id"] not in known:
        near = did_you_mean(row["rule_id"], known) or "."
        faults.append(f"no rule is called {row['rule_id']}{near} Correct the id or take the row out.")
    if not _SHAPES[row["kind"]].fullmatch(row["value"]):
        faults.append(f"value {row['value']!r} is not {_SAID[row['kind']]}, as kind {row['kind']} asks.")
    first, last = row["valid_from"], row["valid_to"]
    if last < first:
        faults.append(f"valid_to {last} lies before valid_from {first}.")
    elif (days := (last - first).days + 1) > LONGEST:
        faults.append(f"{first} to {last} are {days} days; at most {LONGEST} may be waived at once. Let it end earlier and ask again then.")
    return faults


def digest(waivers: pl.DataFrame) -> str:
    """One figure for what is waived: for the rulebook's fingerprint."""
    return hashlib.sha256(waivers.write_csv().encode()).hexdigest()[:16]


def running(waivers: pl.DataFrame, today: date) -> pl.DataFrame:
    """The rows that hold today or will."""
    return waivers.filter(pl.col("valid_to") >= today)
