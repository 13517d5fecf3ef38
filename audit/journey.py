"""One night, from national tables to explained findings: this file is the table of contents.

`run` walks every stage; `run_stage` does one stage of one bucket, for Airflow. Stages get frames and give frames: only here
and in `night.py` are paths known. Each stage writes its own tables and then a marker, so a night that was killed goes on
where it stopped, and a stage that is repeated replaces what it wrote.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import asdict
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import polars as pl

from audit import BUCKET_STAGES, WHOLE_BATCH_STAGES, engine
from audit.check import check
from audit.enrich import enrich
from audit.errors import DataError, Fault, RuleError
from audit.explain import explain
from audit.intake import intake
from audit.judge import judge
from audit.judge.waive import waive
from audit.keep import keep
from audit.knowledge import Knowledge
from audit.knowledge import load as load_knowledge
from audit.knowledge.facts import NUMBERS
from audit.lake import HISTORY, Lake
from audit.measure import MEASURES, measure, remember, vocabulary, whole
from audit.night import WHOLE, Night, write_text
from audit.profile import PROFILES, item_use, profile
from audit.report import EARLIER, changes, figures, indicators, kept, publish, run_times, scorecards, tables, write
from audit.rulebook import Rulebook, approved, lint
from audit.rulebook import load as load_rules
from audit.score import load as load_models
from audit.score import score
from audit.settle import marginal, settle

log = logging.getLogger("audit")
Counts = dict[str, int]
NATIONAL_NAMES = {"claims": "setl_d", "lines": "fee_list_d", "diags": "setl_list_diag_d"}


def run(night: Night) -> Path:
    """Audit one night from end to end; returns the folder of its result tables."""
    with night.alone():
        for stage in WHOLE_BATCH_STAGES:
            run_stage(night, stage, WHOLE)
        for bucket in night.buckets:
            for stage in BUCKET_STAGES:
                run_stage(night, stage, bucket)
        run_stage(night, "report", WHOLE)
    return night.results


def run_stage(night: Night, stage: str, bucket: str) -> None:
    """Do one stage of one bucket (`all` for a whole-batch stage), unless this very night has already done it."""
    try:
        _run_stage(night, stage, bucket)
    except (DataError, RuleError):
        night.end()  # nothing half-done stays behind what a person must mend first
        raise


def _run_stage(night: Night, stage: str, bucket: str) -> None:
    if stage == "intake":
        night.begin()
    marker = night.marker(stage, bucket)
    if marker.exists():
        return log.info("%-8s %-5s already done", stage, bucket)
    log.info("%-8s %-5s ...", stage, bucket)
    started = time.perf_counter()
    counts = STEPS[stage](night, bucket)
    seconds = round(time.perf_counter() - started, 3)
    log.info("%-8s %-5s %6.1f s  %s", stage, bucket, seconds, ", ".join(f"{n:,} {what}" for what, n in counts.items()))
    night.mark(stage, bucket, seconds, counts)
    if stage == "report":
        night.end()


# One function per stage: scan frames, call the stage, write frames, say what was counted.


def _intake(night: Night, bucket: str) -> Counts:
    engine.require(night.engine)
    book, points = _rulebook(night), _knowledge(night)  # what is wrong with them is said before any data is touched
    approved.demand(book, points.fingerprint)
    audited, into = Lake(Path(night.lake)).audited(night.date), night.work / "intake"
    taken = intake(night.source, into, batch_date=night.date, audited=audited, mapping=night.mapping, bucket_lines=night.bucket_lines)
    night.note("intake", asdict(taken))
    if faults := _misread(night):
        raise RuleError(*faults)
    return {what: taken.counts.get(what, 0) for what in ("claims", "lines", "rejected")}


def _check(night: Night, bucket: str) -> Counts:
    files = {name: str(night.path("intake", "b*", name)) for name in ("claims", "lines", "diags")}
    earlier = Lake(Path(night.lake)).row_counts(night.date)
    checked = check(files, night.facts("intake")["counts"], earlier, night.date, night.work / "spill")
    _write(night, "check", WHOLE, "quarantine", checked.quarantine)
    night.note("check", {"results": checked.results, "untrusted": checked.untrusted, "counts": checked.counts})
    failed = sum(not result["success"] for result in checked.results)
    return {"checks": len(checked.results), "failed": failed, "columns untrusted": len(checked.untrusted)}


def _profile(night: Night, bucket: str) -> Counts:
    claims, lines = night.everywhere("intake", "claims"), night.everywhere("intake", "lines")
    traces, inventory = night.everywhere("intake", "traces"), night.scan_if_there("intake", WHOLE, "inventory")
    made = profile(claims, lines, traces, inventory, night.history, _knowledge(night).bundles)
    return {name: _write(night, "profile", WHOLE, name, engine.stream(plan, night.engine)) for name, plan in made.items()}


def _enrich(night: Night, bucket: str) -> Counts:
    numbers, facts = enrich(night.taken(bucket, "lines"), night.taken(bucket, "claims"), _knowledge(night), night.engine)
    for table in NUMBERS.values():
        _write(night, "enrich", bucket, table, getattr(facts, table))
    return {"lines": _write(night, "enrich", bucket, "lines", numbers), "items": facts.items.height}


def _measure(night: Night, bucket: str) -> Counts:
    given, book = night.lines(bucket, "enrich"), _rulebook(night)
    taken = set(given.collect_schema().names())  # of these a rule shows many that decide nothing: judge looks them up
    wanted = [book.asks(frame) | (book.reads(frame) - taken) for frame in ("lines", "limited")]
    lines, limited, claims = measure(
        given,
        night.hung(bucket),
        night.taken(bucket, "claims"),
        night.taken(bucket, "diags"),
        night.taken_if_there(bucket, "oprns"),
        night.history,
        {name: night.scan("profile", WHOLE, name) for name in PROFILES},
        _knowledge(night),
        (wanted[0], wanted[1]),
        night.engine,
    )
    made = [name for name in lines.collect_schema().names() if name in MEASURES & wanted[0]]
    told = engine.stream(lines.select("measured_row", *made), night.engine)  # column by column: no need to hold them all
    counts = _write_all(night, "measure", bucket, {"lines": told.lazy(), "limited": limited, "claims": claims})
    limited, claims = (night.scan("measure", bucket, name) for name in ("limited", "claims"))
    _write_all(night, "measure", bucket, remember(limited, claims, night.taken_if_there(bucket, "traces")))
    return counts


def _judge(night: Night, bucket: str) -> Counts:
    facts = night.hung(bucket)
    findings, cannot_tell, clock = judge(
        night.lines(bucket, "enrich", "measure"),
        night.scan("measure", bucket, "limited"),
        night.scan("measure", bucket, "claims"),
        facts,
        lambda rows, names: facts.hung(night.lines_at(bucket, rows, names | NUMBERS.keys()), names).drop(NUMBERS),
        _rulebook(night),
        night.facts("check")["untrusted"],
        night.engine,
        {name: text for name, _, text in vocabulary()},
    )
    findings, waived = waive(findings, _rulebook(night).waivers, night.scan("measure", bucket, "claims"))
    _write(night, "judge", bucket, "findings", findings)
    _write(night, "judge", bucket, "waived", waived)
    _write(night, "judge", bucket, "cannot_tell", cannot_tell)
    _write(night, "judge", bucket, "clock", clock)
    return {"findings": findings.height, "waived": waived.height, "cannot tell": int(cannot_tell["rows"].sum())}


def _score(night: Night, bucket: str) -> Counts:
    scores = score(night.scan("measure", bucket, "claims"), load_models(night.work / "models"), night.engine)
    _write(night, "score", bucket, "scores", scores)
    return {"claims": scores.height}


def _settle(night: Night, bucket: str) -> Counts:
    findings, scores = pl.read_parquet(night.path("judge", bucket, "findings")), pl.read_parquet(night.path("score", bucket, "scores"))
    settled, claims = settle(findings, night.scan("measure", bucket, "claims"), scores, _rulebook(night).policy)
    _write(night, "settle", bucket, "findings", settled)
    _write(night, "settle", bucket, "claims", claims)
    _write(night, "settle", bucket, "marginal", marginal(findings, night.scan("measure", bucket, "claims")))
    return {"flagged": int(claims["flagged"].sum()), "fen counted": int(claims["counted_amt"].sum())}


def _explain(night: Night, bucket: str) -> Counts:
    findings, claims = pl.read_parquet(night.path("settle", bucket, "findings")), pl.read_parquet(night.path("settle", bucket, "claims"))
    told, explained = explain(findings, claims, _rulebook(night), _knowledge(night))
    _write(night, "explain", bucket, "findings", told)
    _write(night, "explain", bucket, "claims", explained)
    return {"sentences": told.height}


def _report(night: Night, bucket: str) -> Counts:
    parts = (("explain", "findings"), ("explain", "claims"), ("judge", "cannot_tell"), ("settle", "marginal"), ("judge", "waived"))
    findings, claims, cannot_tell, alone, waived = (night.everywhere(*part).collect(engine="streaming") for part in parts)
    book, lines = _rulebook(night), night.everywhere("intake", "lines")
    quarantined = pl.read_parquet(night.path("check", WHOLE, "quarantine")).with_columns(pl.col("table").replace(NATIONAL_NAMES))
    rejected = pl.concat([pl.read_parquet(night.path("intake", WHOLE, "rejected")), quarantined], how="diagonal")
    manifest = night.manifest(book, _knowledge(night), load_models(night.work / "models"), run_times(night.everywhere("judge", "clock")))
    made = tables(findings, claims, cannot_tell, rejected, manifest["run_id"], night.date)
    judged, earlier = night.everywhere("judge", "findings"), Lake(Path(night.lake)).read("scorecards", EARLIER, night.date)
    cards = scorecards(book, judged, findings, cannot_tell, alone, waived, night.everywhere("enrich", "lines"), claims.height)
    changed = changes(cards, earlier, book.policy["watch"])
    made |= {
        "scorecards": cards,
        "waived": waived.sort("rule_id", "setl_id", "bkkp_sn"),
        "indicators": indicators(night.everywhere("measure", "month_sums"), night.history["month_sums"]),
    }
    facts = night.everywhere("intake", "claims")
    shown = figures(findings, claims, cannot_tell, rejected, facts, lines, book, cards, changed, made["indicators"])
    taken = {name: night.taken_everywhere(name) for name in ("claims", "lines", "diags", "oprns")}
    bills = {name: frame for name, frame in taken.items() if frame is not None}
    scores, persons = night.everywhere("score", "scores"), night.scan_if_there("intake", WHOLE, "persons")
    shelf = kept(findings, claims, bills, scores, persons, book)
    _commit(night, made | shelf, manifest)
    write(made, night.results)
    publish(night.results, shown, manifest)
    return {name: frame.height for name, frame in made.items()}


def _commit(night: Night, made: dict[str, pl.DataFrame], manifest: dict[str, Any]) -> None:
    """Results, what later nights and backtests need of this one, and its row counts become the one copy in the lake."""
    manifest["measured"] = Lake(Path(night.lake)).keep(night.date, keep(night, _rulebook(night)))
    history = {name: night.everywhere("measure", name).collect(engine="streaming") for name in HISTORY}
    counted = pl.DataFrame(list(night.facts("check")["counts"].items()), schema={"table": pl.String, "rows": pl.Int64}, orient="row")
    used = item_use(night.lines(bucket, "enrich") for bucket in night.buckets)
    text = json.dumps(manifest, indent=1, ensure_ascii=False, default=str)
    Lake(Path(night.lake)).replace(night.date, manifest["run_id"], {**made, **history, "row_counts": counted, "item_use": used}, text)
    write_text(night.results / "manifest.json", text)


STEPS = {step.__name__[1:]: step for step in (_intake, _check, _profile, _enrich, _measure, _judge, _score, _settle, _explain, _report)}


def _write(night: Night, stage: str, bucket: str, name: str, frame: pl.DataFrame) -> int:
    engine.write(frame, night.path(stage, bucket, name))
    return frame.height


def _write_all(night: Night, stage: str, bucket: str, plans: dict[str, pl.LazyFrame]) -> Counts:
    """Run several plans over one bucket side by side and write their files."""

    def run(name: str) -> int:
        return _write(night, stage, bucket, name, engine.collect(plans[name], night.engine))

    return dict(zip(plans, engine.together(*(partial(run, name) for name in plans), engine=night.engine), strict=True))


def _misread(night: Night) -> list[Fault]:
    """Rules held against the columns they will meet: the way of a claim once without any rows, before a night is spent on it."""
    bucket, known = night.buckets[0], _knowledge(night)
    claims, lines, diags = (night.scan("intake", bucket, name).head(0) for name in ("claims", "lines", "diags"))
    history = {name: earlier.head(0) for name, earlier in night.history.items()}
    profiles = profile(claims, lines, None, None, history, known.bundles)
    numbers, facts = enrich(lines, claims, known)
    numbered = pl.concat([lines, numbers.lazy()], how="horizontal")
    lines, limited, claims = measure(numbered, facts, claims, diags, None, history, profiles, known)
    return lint(_rulebook(night), whole(lines, limited).collect_schema(), claims.collect_schema())


def _rulebook(night: Night) -> Rulebook:
    """The night's own copy of the rules, which nobody edits."""
    return _read_rules(night.work / "rules", night.facts("night")["key"])


def _knowledge(night: Night) -> Knowledge:
    """The dated points, with the diagnosis facts that a foreign layout brought along."""
    points = _read_points(night.work / "rules", night.facts("night")["key"])
    brought = night.scan_if_there("intake", WHOLE, "dx_facts")
    return points if brought is None else points.with_dx_facts(brought.collect())


@lru_cache(maxsize=1)
def _read_rules(folder: Path, key: str) -> Rulebook:
    """Read once for all buckets; another `key` is another night or another edition of the rules."""
    return load_rules(folder)


@lru_cache(maxsize=1)
def _read_points(folder: Path, key: str) -> Knowledge:
    return load_knowledge(folder)
