"""What a proposal would have done to the nights of the lake: asked outside any act, then kept with the proposal."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from audit import backtest
from audit.backtest import draft
from audit.cases.changes.apply import given, numbered, place, refused, workbooks
from audit.cases.changes.proposals import Proposal, change, content, held, unpacked
from audit.cases.store import Act
from audit.errors import DataError, Fault, RuleError, in_chinese
from audit.judge.waive import WAIVED, waive
from audit.knowledge.batches import planned, reach, told
from audit.lake import Lake
from audit.report.tables import FINDINGS
from audit.rulebook import load, locked
from audit.rulebook.waivers import WAIVERS

_FOUND = pl.Schema({name: dtype for name, dtype in FINDINGS.items() if name in {*WAIVED, "counted_amt"}})
_OF_CLAIM = pl.Schema({"setl_id": pl.String(), "fix_blng_admdvs": pl.String(), "setl_time": pl.Datetime("us")})
_OF_LINE = pl.Schema({"setl_id": pl.String(), "bkkp_sn": pl.String(), "med_list_codg": pl.String(), "fee_date": pl.Date()})


def impact(rules: Path, lake: Path, proposal: Proposal, chosen: backtest.Chosen | None = None) -> dict[str, Any]:
    """Figures as JSON values; what they hold depends on the kind.

    rule: those of `audit backtest` (backtest.figures) over the chosen nights, all of them unless told. Exemptions are not taken off.
    exemption: {findings, claims, counted_amt, nights, institutions} of the lake's findings that it would have taken off.
    knowledge: {text (zh, en), types, points} as `audit knowledge import` shows and lists them.
    rollback: {rules: [{id, now, then}]}, versions of rules that differ, None where there is none.
    Refused (422) with every fault of the proposal, or what the lake lacks.
    """
    try:
        if proposal.kind == "rule":
            return _of_rule(rules, proposal, chosen or backtest.Chosen(lake))
        return {"exemption": _of_exemption, "knowledge": _of_knowledge, "rollback": _of_rollback}[proposal.kind](rules, lake, proposal)
    except (RuleError, DataError) as fault:
        raise refused(fault) from fault


def keep_impact(act: Act, proposal_id: int, revision: int, figures: dict[str, Any]) -> None:
    """Keep the figures with the revision they were worked out of. They are no change of the proposal, so its revision stays."""
    proposal = held(act, proposal_id, revision, "draft", "rejected", "submitted")
    change(act, proposal, impact=json.dumps(figures, ensure_ascii=False, default=str), revision=revision)


def _of_rule(rules: Path, proposal: Proposal, chosen: backtest.Chosen) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="audit-rule-") as room:
        there = place(rules, proposal.content)
        file = Path(room) / there.parent.name / there.name
        file.parent.mkdir()
        file.write_bytes(numbered(rules, proposal.content).encode())
        try:
            found = backtest.over_history(draft.read(file, rules), chosen)
        except (RuleError, DataError) as fault:
            short = [Fault(in_chinese(one).replace(f"{room}/", ""), one.replace(f"{room}/", "")) for one in fault.faults]
            raise type(fault)(*short) from fault
    found["draft"]["file"] = f"{there.parent.name}/{there.name}"
    return found


def _of_exemption(rules: Path, lake: Path, proposal: Proposal) -> dict[str, Any]:
    said = content(proposal)
    row = {**said, "source": "", **{name: date.fromisoformat(said[name]) for name in ("valid_from", "valid_to")}}
    asked = pl.DataFrame([{name: row[name] for name in WAIVERS}], schema=WAIVERS)
    known = Lake(lake)
    of_rule = known.read("findings", _FOUND).filter(pl.col("rule_id") == said["rule_id"])
    claims = known.read("finding_claims", _OF_CLAIM).unique("setl_id")
    found = (
        of_rule.join(known.read("finding_lines", _OF_LINE).unique(["setl_id", "bkkp_sn"]), on=["setl_id", "bkkp_sn"], how="left")
        .join(claims, on="setl_id", how="left")
        .with_columns(pl.coalesce("fee_date", pl.col("setl_time").dt.date()), status=pl.lit("active"))
        .collect()
    )
    _, taken = waive(found.drop("fix_blng_admdvs", "setl_time"), asked, claims)
    gone = found.join(taken.select("jr_id"), on="jr_id", how="semi")
    return {
        "findings": gone.height,
        "claims": gone["setl_id"].n_unique(),
        "counted_amt": int(gone["counted_amt"].sum()),
        "institutions": gone["fixmedins_code"].n_unique(),
        "of_rule": found.height,
        "nights": known.runs().height,
    }


def _of_knowledge(rules: Path, lake: Path, proposal: Proposal) -> dict[str, Any]:
    with workbooks(proposal) as files, planned(files, rules, given(content(proposal))) as plan:
        book, reached = load(rules), reach.reach(lake, plan.steps)
        shown = told.page(plan, book, reached)
        return {"text": {"zh": shown.zh, "en": shown}, **json.loads(told.listing(plan, book, reached))}


def _of_rollback(rules: Path, lake: Path, proposal: Proposal) -> dict[str, Any]:
    then = {line.split()[0]: int(line.split()[1]) for line in unpacked(proposal.attachment or b"")["rules.lock"].decode().splitlines()}
    now = {rule_id: version for rule_id, (version, _) in locked(rules).items()}
    differ = sorted(rule_id for rule_id in now.keys() | then.keys() if now.get(rule_id) != then.get(rule_id))
    return {"rules": [{"id": rule_id, "now": now.get(rule_id), "then": then.get(rule_id)} for rule_id in differ]}
