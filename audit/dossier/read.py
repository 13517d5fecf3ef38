"""One finding from the lake, with everything that explains it, as it was on its night."""

from __future__ import annotations

import difflib
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from audit import words
from audit.errors import DataError
from audit.lake import Lake
from audit.report.kept import KEPT
from audit.report.tables import FINDINGS
from audit.rulebook import locked, read_text
from audit.rulebook.parts import Part, condition
from audit.rulebook.sentence import LANGUAGES, sentence, value
from audit.rulebook.sql import answers

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
    kept = {name: _of_night(stored, name, found["run_id"]) for name in KEPT}
    asked = _rows(kept["rule_texts"].filter(rule_id=found["rule_id"], rule_version=found["rule_version"]))
    return {
        "finding": found,
        "rule": _rule(asked[0]) if asked else None,
        "comparison": _comparison(asked[0]["text"], found["evidence"]) if asked else None,
        "point": next(iter(_rows(kept["finding_points"].filter(jr_id=found["jr_id"]).drop("jr_id"))), None),
        "claim": next(iter(_rows(kept["finding_claims"].filter(setl_id=found["setl_id"]))), None),
        "lines": _lines(kept["finding_lines"], found),
        "others": _others(findings, found),
        "changed": _changed(asked[0], locked(Path(rules))) if asked else None,
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


def _of_night(lake: Lake, table: str, run_id: str) -> pl.DataFrame:
    schema = pl.Schema(KEPT[table])
    rows = lake.read(table)
    return (
        rows.filter(pl.col("run_id") == run_id).select(schema.names()).collect() if rows.collect_schema() else pl.DataFrame(schema=schema)
    )


def _rule(kept: Row) -> Row:
    text = read_text(kept["text"], kept["file"])
    amount = text["amount"]
    fen = amount["fen"] if isinstance(amount, dict) else None
    return {
        "id": kept["rule_id"],
        "version": kept["rule_version"],
        "file": kept["file"],
        "name": text["name"],
        "clause": text["clause"],
        "when": " ".join(text["when"].split()),
        "says": {language: sentence(text["when"], language) for language in LANGUAGES},
        "method": amount["method"] if isinstance(amount, dict) else amount,
        "amount": {language: value(fen, language) for language in LANGUAGES} if fen else None,
        "innocent_explanations": text.get("innocent_explanations") or [],
    }


def _comparison(text: str, evidence: Row) -> Row:
    """The condition as a tree, each part with its answer (true, false, None = unknown) and, in a comparison, the values it read."""
    whole = condition(read_text(text, "")["when"])
    parts = whole.walk()
    told = dict(zip(map(id, parts), answers([part.sql for part in parts], {name: _typed(v) for name, v in evidence.items()}), strict=True))

    def build(part: Part) -> Row:
        read = [] if part.parts else part.columns
        values = [{"column": c, "value": evidence.get(c), **_said(c, evidence.get(c))} for c in read]
        return {
            "says": part.says, "sql": part.sql, "answer": told[id(part)], "joint": part.joint, "values": values,
            "parts": [build(inner) for inner in part.parts],
        }  # fmt: skip

    return build(whole)


def _said(column: str, raw: object) -> Row:
    return {
        "name": {language: words.name(column, language) for language in LANGUAGES},
        "said": {language: words.value(column, raw, language) for language in LANGUAGES},
    }


def _typed(value: Any) -> Any:
    """Evidence is JSON: dates and times are text there."""
    if isinstance(value, str) and value[4:5] == "-":
        for kind in (date, datetime):
            try:
                return kind.fromisoformat(value)
            except ValueError:
                continue
    return value


def _lines(lines: pl.DataFrame, found: Row) -> list[Row]:
    """The billed line first, then those concerned; one that no bucket of the night held (an earlier night's) by its number alone."""
    held = {row["bkkp_sn"]: row for row in _rows(lines)}
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


def _changed(kept: Row, now: dict[str, tuple[int, str]]) -> Row | None:
    """What became of the rule since that night, as words; None when it is the same, or nothing is known of today's rules."""
    if not now or now.get(kept["rule_id"]) == (kept["rule_version"], kept["fingerprint"]):
        return None
    if kept["rule_id"] not in now:
        return {
            "zh": "该规则现已不在规则库中；此处按当晚原文显示。",
            "en": "The rule is no longer in the rulebook; it is shown as it was that night.",
        }
    version = now[kept["rule_id"]][0]
    return {
        "zh": f"该规则现为第{version}版；此处按当晚的第{kept['rule_version']}版原文显示。",
        "en": f"The rule is now version {version}; it is shown as it was that night, in version {kept['rule_version']}.",
    }


def _rows(frame: pl.DataFrame) -> list[Row]:
    """Rows as JSON values."""
    days = [pl.col(name).dt.to_string("%Y-%m-%d") for name, dtype in frame.schema.items() if dtype == pl.Date]
    times = [pl.col(name).dt.to_string("%Y-%m-%dT%H:%M:%S") for name, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime)]
    return frame.with_columns(*days, *times).to_dicts()
