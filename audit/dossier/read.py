"""One finding from the lake, with everything that explains it, as it was on its night."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

import polars as pl

from audit.dossier.judged import changed, comparison, rule
from audit.errors import DataError
from audit.lake import Lake
from audit.report.kept import KEPT
from audit.report.tables import FINDINGS
from audit.rulebook import locked

Row = dict[str, Any]
_NOT_AN_ID = {"bkkp_sn": "billed line", "setl_id": "claim", "mdtrt_id": "encounter", "psn_no": "person", "rule_id": "rule"}
_LISTED = 5  # ids named in a sentence about a wrong one


def dossier(lake: Path, wanted: str, rules: Path) -> Row:
    """The finding whose jr_id is `wanted` or begins so, or the only one of that line, claim, encounter, person or rule.

    Keys: finding (its row), rule, comparison, point, claim, lines, others (findings on the same line or claim), changed (what became of
    the rule since, by `rules`' lock; None if nothing). Words stand as {zh, en}, money in fen, dates as ISO text. What an old night did
    not keep is None or empty. DataError when the lake has no night, or no such finding.
    """
    stored = Lake(lake)
    if stored.runs().is_empty():
        raise DataError(f"{lake}: no night is stored here. --lake names the folder that `audit run --lake` wrote.")
    findings = stored.read("findings", pl.Schema(FINDINGS))
    found = _find(findings, wanted)
    night = found["run_id"]
    asked = _kept(stored, "rule_texts", night, pl.col("rule_id") == found["rule_id"], pl.col("rule_version") == found["rule_version"])
    points = _kept(stored, "finding_points", night, pl.col("jr_id") == found["jr_id"])
    claims = _kept(stored, "finding_claims", night, pl.col("setl_id") == found["setl_id"])
    numbers = pl.Series([number for number in (found["bkkp_sn"], *found["concerned_bkkp_sn"]) if number], dtype=pl.String)
    lines = _kept(stored, "finding_lines", night, pl.col("bkkp_sn").is_in(numbers.implode()))
    return {
        "finding": found,
        "rule": rule(asked[0]) if asked else None,
        "comparison": comparison(asked[0]["text"], found["evidence"]) if asked else None,
        "point": {name: value for name, value in points[0].items() if name != "jr_id"} if points else None,
        "claim": claims[0] if claims else None,
        "lines": _lines(lines, found),
        "others": _others(findings, found),
        "changed": changed(asked[0], locked(Path(rules))) if asked else None,
    }


def _find(findings: pl.LazyFrame, wanted: str) -> Row:
    """The finding of that id as plain values; otherwise a sentence that helps to the right one."""
    wanted = wanted.strip()
    fitting = findings.filter(pl.col("jr_id").str.starts_with(wanted)).collect() if wanted else pl.DataFrame()
    if len(fitting) > 1:
        raise DataError(f"{len(fitting)} findings begin with '{wanted}': {_named(fitting)}. Give more of the id.")
    for column, called in _NOT_AN_ID.items() if fitting.is_empty() else ():
        fitting = findings.filter(pl.col(column) == wanted).collect()
        if len(fitting) > 1:
            raise DataError(f"'{wanted}' is a {called} with {len(fitting)} findings: {_named(fitting)}. Give one of these ids.")
        if len(fitting):
            break
    if len(fitting):
        row = _rows(fitting)[0]
        return {**row, "evidence": json.loads(row["evidence"])}
    ids = findings.select(pl.col("jr_id").sort()).collect()["jr_id"].to_list()
    alike = [jr_id for jr_id in ids if jr_id[:2] == wanted[:2]] or ids
    near = difflib.get_close_matches(wanted, alike[:5000], n=3, cutoff=0)
    told = f"; the nearest are {', '.join(near)}" if near else "; its nights have no findings"
    raise DataError(
        f"No finding has the id '{wanted}'{told}. Ids are the column jr_id of findings.parquet; a billed line, a claim or a rule "
        "leads to its findings too."
    )


def _named(findings: pl.DataFrame) -> str:
    shown = [f"{row['jr_id']} ({row['rule_id']})" for row in findings.sort("jr_id").head(_LISTED).iter_rows(named=True)]
    return ", ".join(shown) + (f" and {len(findings) - _LISTED} more" if len(findings) > _LISTED else "")


def _kept(lake: Lake, table: str, run_id: str, *wanted: pl.Expr) -> list[Row]:
    """Rows of one night's table of KEPT, without run_id."""
    rows = lake.read(table, pl.Schema({"run_id": pl.String(), **KEPT[table]}))
    return _rows(rows.filter(pl.col("run_id") == run_id, *wanted).drop("run_id").collect())


def _lines(lines: list[Row], found: Row) -> list[Row]:
    """The billed line first, then those concerned; one that no bucket of the night held (an earlier night's) by its number alone."""
    held = {row["bkkp_sn"]: row for row in lines}
    roles = [("billed", found["bkkp_sn"])] if found["bkkp_sn"] else []
    roles += [("concerned", number) for number in found["concerned_bkkp_sn"]]
    return [{"role": role, "bkkp_sn": number, **held.get(number, {})} for role, number in roles]


def _others(findings: pl.LazyFrame, found: Row) -> list[Row]:
    """Other findings for the same money: of the line and of its whole claim; for a claim's finding, all of the claim."""
    mine = (pl.col("run_id") == found["run_id"]) & (pl.col("setl_id") == found["setl_id"]) & (pl.col("jr_id") != found["jr_id"])
    if found["bkkp_sn"]:
        mine &= pl.col("bkkp_sn").is_null() | (pl.col("bkkp_sn") == found["bkkp_sn"])
    columns = ("jr_id", "rule_id", "bkkp_sn", "sev_deg", "vola_amt", "counted_amt", "vola_cont", "vola_cont_en")
    return _rows(findings.filter(mine).select(columns).sort("counted_amt", "rule_id", "jr_id", descending=[True, False, False]).collect())


def _rows(frame: pl.DataFrame) -> list[Row]:
    """Rows as JSON values."""
    days = [pl.col(name).dt.to_string("%Y-%m-%d") for name, dtype in frame.schema.items() if dtype == pl.Date]
    times = [pl.col(name).dt.to_string("%Y-%m-%dT%H:%M:%S") for name, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime)]
    return frame.with_columns(*days, *times).to_dicts()
