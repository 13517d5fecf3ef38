"""The lake's nights as the desk shows them: what ran on what, what the checks said, what was rejected or could not be told, and what
changed since the night before.

What concerns a whole night (stages, checks, rejected rows, cannot-tell) has no area; sums of claims are those of `area`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select

from audit import STAGES
from audit.cases.refused import Refused
from audit.cases.tables import cases
from audit.cases.tables import nights as opened_nights
from audit.cases.walls import Person, counted
from audit.errors import Said
from audit.lake import Lake
from audit.report import EARLIER, SCORECARDS, changes
from audit.report.kept import INSTITUTIONS
from audit.report.tables import REJECTED
from audit.rulebook.strict import Source, plain
from audit.tables import CANNOT_TELL

Row = dict[str, Any]
Key = tuple[date, str]  # of a completed run: its night and run_id
SUMS = ("claims", "flagged", "medfee_sumamt", "fund_pay_sumamt", "counted_amt")
_HITS = {"rule_id": pl.String(), "setl_id": pl.String(), "fixmedins_code": pl.String(), "counted_amt": pl.Int64()}
_WATCH = ("nights", "least_nights", "least_claims", "times", "deviations")


@dataclass(frozen=True)
class Night:
    """A completed night; `before` is the one before it in the lake."""

    day: date
    run_id: str
    manifest: dict[str, Any]
    before: Key | None

    @property
    def key(self) -> Key:
        return self.day, self.run_id

    @property
    def finished(self) -> datetime | None:
        told = self.manifest.get("finished")
        return datetime.fromisoformat(told) if told else None

    @property
    def seconds(self) -> float:
        return sum(stage["seconds"] for stage in self.manifest.get("stages", []))

    @property
    def failed(self) -> list[Row]:
        return [check for check in self.manifest.get("checks", []) if not check["success"]]


def every(lake: Path) -> list[Night]:
    """The newest first."""
    runs = Lake(lake).runs().rows(named=True)
    keys = [None, *((run["batch_date"], run["run_id"]) for run in runs)]
    return [Night(*_key(run), json.loads(run["manifest"]), key) for run, key in zip(runs, keys, strict=False)][::-1]


def one(lake: Path, day: date) -> Night:
    """Refused (404) where no such night was completed."""
    runs = Lake(lake).runs().rows(named=True)
    for place, run in enumerate(runs):
        if run["batch_date"] == day:
            return Night(*_key(run), json.loads(run["manifest"]), _key(runs[place - 1]) if place else None)
    raise Refused(f"数据湖中没有{day}这一夜的完整运行。", f"The lake has no completed night of {day}.", 404)


def _key(run: Row) -> Key:
    return run["batch_date"], run["run_id"]


def stages(night: Night) -> list[Row]:
    """In the order of the journey, buckets added up: seconds, buckets, and what the stage counted."""
    rows: dict[str, Row] = {}
    for stage in sorted(night.manifest.get("stages", []), key=lambda stage: STAGES.index(stage["stage"])):
        row = rows.setdefault(stage["stage"], {"of": stage["stage"], "seconds": 0.0, "buckets": 0, "counts": Counter()})
        row["seconds"] += stage["seconds"]
        row["buckets"] += 1
        row["counts"].update(stage["counts"])
    return [row | {"counts": dict(row["counts"])} for row in rows.values()]


def inputs(night: Night) -> list[Row]:
    return [{"of": name, **facts} for name, facts in night.manifest.get("inputs", {}).items()]


def intake_counts(night: Night) -> list[Row]:
    return [{"of": name, "rows": rows} for name, rows in sorted(night.manifest.get("counts", {}).items())]


def checks(night: Night) -> list[Row]:
    """Data-quality checks, failed ones first."""
    named = ("action", "success", "observed", "unexpected", "rows", "share", "zh", "en")
    rows = [
        {"of": check["name"], "table": check["table"], **{name: check[name] for name in named}}
        | {"untrusted": ", ".join(check["untrusted"]), "examples": ", ".join(map(str, check["examples"]))}
        for check in night.manifest.get("checks", [])
    ]
    return sorted(rows, key=lambda row: (row["success"], row["table"], row["of"]))


def untrusted(night: Night) -> list[tuple[str, Said]]:
    """Columns that were not to be trusted that night, and why: the first check that says so."""
    blind = {column: check for check in reversed(night.failed) for column in check["untrusted"]}
    told = night.manifest.get("untrusted", {})
    return [(column, Said(_failed(blind[column]) if column in blind else why, why)) for column, why in told.items()]


def _failed(check: Row) -> str:
    return f"检查“{check['zh']}”：{check['table']} 中 {check['share']:.1%} 不符"


def provenance(night: Night) -> list[Row]:
    """What fixes the result: fingerprints, models' files, packages."""
    manifest = night.manifest
    rows = [
        {"kind": "fingerprint", "of": name, "value": manifest.get(f"{name}_fingerprint")} for name in ("input", "rulebook", "knowledge")
    ]
    rows += [{"kind": "model", "of": name, "value": digest} for name, digest in manifest.get("models", {}).items()]
    return rows + [{"kind": "package", "of": name, "value": version} for name, version in manifest.get("packages", {}).items() if version]


def rejected(lake: Path, night: Night) -> list[Row]:
    """Rows put aside, by table and reason; the largest first."""
    grouped = _of(lake, "rejected", REJECTED, night).group_by("table", "reason").agg(rows=pl.len(), detail=pl.col("detail").min())
    return grouped.sort("rows", "table", "reason", descending=[True, False, False]).collect().to_dicts()


def rejected_rows(lake: Path, night: Night, table: str = "", reason: str = "") -> pl.DataFrame:
    """The rows themselves: table, key (control characters made visible), reason, detail."""
    rows = _of(lake, "rejected", REJECTED, night)
    for column, value in (("table", table), ("reason", reason)):
        rows = rows.filter(pl.col(column) == value) if value else rows
    visible = pl.col("key", "detail").str.replace_all(r"[[:cntrl:]]", "␣")
    return rows.select(list(REJECTED)).with_columns(visible).sort(*REJECTED).collect()


def cannot_tell(lake: Path, night: Night) -> list[Row]:
    """What rules could not judge, and for want of what; the most rows first."""
    rows = _of(lake, "cannot_tell", CANNOT_TELL, night).select(list(CANNOT_TELL))
    return rows.sort("rows", "rule_id", "missing", "why", descending=[True, False, False, False]).collect().to_dicts()


def jumped(lake: Path, night: Night, rules: Path) -> list[Row]:
    """Rules whose hits jumped or vanished that night, by the `watch` of the rules folder's policy (see audit/report/watch.py)."""
    cards = _of(lake, "scorecards", SCORECARDS, night).collect()
    watch = plain(Source.open(rules / "policy.yaml", "policy.yaml")).get("watch", {})
    if cards.is_empty() or not all(name in watch for name in _WATCH):
        return []
    return [{"of": row.pop("rule_id"), **row} for row in changes(cards, Lake(lake).read("scorecards", EARLIER, night.day), watch)]


def sums(lake: Path, keys: Sequence[Key | None], area: str) -> list[Row | None]:
    """SUMS over the institutions of an area for each of these nights; None where there is no such night, or it kept no institutions."""
    known = _sums(lake, tuple(key for key in keys if key), area)
    return [known.get(key) if key else None for key in keys]


def hits(lake: Path, night: Night, area: str) -> list[Row]:
    """By rule, tonight and the night before: claims hit and money counted; what moved most comes first."""
    now, then = (_hits(lake, *key, area) if key else {} for key in (night.key, night.before))
    rows = []
    for rule in sorted(now.keys() | then.keys()):
        (claims, amt), (claims_before, amt_before) = now.get(rule, (0, 0)), then.get(rule, (0, 0))
        told = {"of": rule, "claims": claims, "claims_before": claims_before, "more": claims - claims_before}
        rows.append(told | {"counted_amt": amt, "before_amt": amt_before, "more_amt": amt - amt_before})
    return sorted(rows, key=lambda row: (-abs(row["more"]), -abs(row["more_amt"]), row["of"]))


def opened(con: Connection, person: Person, night: Night) -> tuple[Row | None, list[Row]]:
    """When the night was opened as cases (None: not yet), and its cases by step, as far as the person's wall shows them."""
    row = con.execute(select(opened_nights).where(opened_nights.c.batch_date == night.day)).mappings().one_or_none()
    by_step = select(cases.c.step, func.count()).where(cases.c.batch_date == night.day, counted(person)).group_by(cases.c.step)
    return dict(row) if row else None, [{"of": step, "cases": count} for step, count in con.execute(by_step)]


def _of(lake: Path, table: str, schema: dict[str, pl.DataType], night: Night) -> pl.LazyFrame:
    return Lake(lake).read(table, pl.Schema({"batch_date": pl.Date(), **schema})).filter(pl.col("batch_date") == night.day)


def _institutions(lake: Path, day: date, area: str) -> pl.LazyFrame:
    rows = Lake(lake).read("institutions", pl.Schema({"batch_date": pl.Date(), **INSTITUTIONS})).filter(pl.col("batch_date") == day)
    return rows.filter(pl.col("fix_blng_admdvs").str.starts_with(area)) if area else rows


@lru_cache(maxsize=128)
def _sums(lake: Path, keys: tuple[Key, ...], area: str) -> dict[Key, Row]:
    """In one look at the lake; a completed run never changes, so it is read once."""
    kept = Lake(lake).read("institutions", pl.Schema({"batch_date": pl.Date(), "run_id": pl.String(), **INSTITUTIONS}))
    among = pl.col("fix_blng_admdvs").str.starts_with(area).fill_null(False) if area else pl.lit(True)
    added = kept.filter(pl.col("run_id").is_in([run_id for _, run_id in keys])).group_by("batch_date", "run_id")
    rows = added.agg(pl.col(name).filter(among).sum() for name in SUMS).collect()
    return {(row.pop("batch_date"), row.pop("run_id")): row for row in rows.iter_rows(named=True)}


@lru_cache(maxsize=64)
def _hits(lake: Path, day: date, run_id: str, area: str) -> dict[str, tuple[int, int]]:
    found = Lake(lake).read("findings", pl.Schema({"batch_date": pl.Date(), **_HITS})).filter(pl.col("batch_date") == day)
    if area:
        found = found.join(_institutions(lake, day, area), on="fixmedins_code", how="semi")
    by_rule = found.group_by("rule_id").agg(pl.col("setl_id").n_unique(), pl.col("counted_amt").sum()).collect()
    return {rule: (claims, amt) for rule, claims, amt in by_rule.iter_rows()}
