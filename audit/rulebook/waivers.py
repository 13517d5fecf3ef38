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

from audit.errors import Fault, Said
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
_SAID = {
    "institution": Said("机构编码（fixmedins_code）", "a fixmedins_code"),
    "area": Said("2、4 或 6 位区划代码", "2, 4 or 6 digits of a division"),
    "item": Said("国家编码或其开头", "a national code or its beginning"),
}


def read(rules: Path, known: Collection[str], faults: list[Fault]) -> pl.DataFrame:
    """The rows (WAIVERS), sorted; none where the file is absent. known: ids of rules. Faults name file and row, and what to do."""
    path = rules / FILE
    if not path.exists():
        return pl.DataFrame(schema=WAIVERS)
    own: list[Fault] = []
    table = read_all({path: COLUMNS}, own)[path].sort("rule_id", "kind", "value", "valid_from", "row")
    earlier: dict[str, object] = {}
    for row in table.iter_rows(named=True):
        own += [Fault(wrong.zh, wrong, path, row=row["row"]) for wrong in row_faults(row, known)]
        key = {name: row[name] for name in ("rule_id", "kind", "value")}
        if {name: earlier.get(name) for name in key} == key and row["valid_from"] <= earlier["valid_to"]:  # type: ignore[operator]
            ends, of = earlier["valid_to"], f"{row['kind']} {row['value']}"
            zh = f"{row['rule_id']} 对 {of} 已豁免至 {ends}；请让该行晚些开始，或删去其中一行。"
            en = f"{row['rule_id']} for {of} is waived until {ends} already; let this row begin later, or take one out."
            own.append(Fault(zh, en, path, row=row["row"]))
        earlier = row
    faults += own
    return table.select(list(WAIVERS)) if not own else pl.DataFrame(schema=WAIVERS)


def row_faults(row: dict, known: Collection[str]) -> list[Said]:
    """What is wrong with one row, each as a sentence with its remedy."""
    faults = []
    if row["rule_id"] not in known:
        near = did_you_mean(row["rule_id"], known)
        zh = f"没有编号为 {row['rule_id']} 的规则{near.zh or '。'}请改正编号或删去该行。"
        faults.append(Said(zh, f"no rule is called {row['rule_id']}{near or '.'} Correct the id or take the row out."))
    if not _SHAPES[row["kind"]].fullmatch(row["value"]):
        wanted = _SAID[row["kind"]]
        zh = f"kind 为 {row['kind']} 时 value 应为{wanted.zh}，现为 {row['value']!r}。"
        faults.append(Said(zh, f"value {row['value']!r} is not {wanted}, as kind {row['kind']} asks."))
    first, last = row["valid_from"], row["valid_to"]
    if last < first:
        faults.append(Said(f"valid_to {last} 早于 valid_from {first}。", f"valid_to {last} lies before valid_from {first}."))
    elif (days := (last - first).days + 1) > LONGEST:
        zh = f"{first} 至 {last} 共 {days} 天；一次最多豁免 {LONGEST} 天。请提前结束，到期再申请。"
        en = f"{first} to {last} are {days} days; at most {LONGEST} may be waived at once. Let it end earlier and ask again then."
        faults.append(Said(zh, en))
    return faults


def digest(waivers: pl.DataFrame) -> str:
    """One figure for what is waived: for the rulebook's fingerprint."""
    return hashlib.sha256(waivers.write_csv().encode()).hexdigest()[:16]


def running(waivers: pl.DataFrame, today: date) -> pl.DataFrame:
    """The rows that hold today or will."""
    return waivers.filter(pl.col("valid_to") >= today)
