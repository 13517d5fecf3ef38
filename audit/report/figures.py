"""What the page and the terminal show, as plain values made from the result tables: sums, ranks and the head of the queue."""

from __future__ import annotations

from typing import Any

import polars as pl

from audit.report.indicators import shown
from audit.rulebook import Rule, Rulebook

QUEUE = 40  # claims shown with their findings; the whole queue is claims.parquet, sorted by priority
PER_CLAIM = 8
INSTITUTIONS = 30
CAUSES = 4
CLASSES = ("policy", "management", "medical", "local")
Row = dict[str, Any]


def figures(
    findings: pl.DataFrame,
    claims: pl.DataFrame,
    cannot_tell: pl.DataFrame,
    rejected: pl.DataFrame,
    facts: pl.LazyFrame,
    lines: pl.LazyFrame,
    rulebook: Rulebook,
    cards: pl.DataFrame,
    changed: list[Row],
    statistics: pl.DataFrame,
) -> dict[str, Any]:
    """Figures of a night as JSON values, money in fen.

    findings, claims: explain's, all buckets. facts: intake's claims (who, where, when, how much). lines: intake's lines.
    cards: a card per rule (see scorecards.py). changed: rules whose hits jumped or vanished (see watch.py).
    statistics: the indicators.
    """
    card = {row["rule_id"]: row for row in cards.iter_rows(named=True)}
    known = facts.select("setl_id", "fixmedins_code", "fixmedins_name", "hosp_lv", "med_type", "begn_date", "end_date", "medfee_sumamt",
                         "fund_pay_sumamt").collect()  # fmt: skip
    audited = claims.join(known, on="setl_id", how="left")
    return {
        "totals": _totals(findings, audited, cannot_tell, rejected, lines) | {n: int(cards[n].sum()) for n in ("waived", "waived_amt")},
        "decisions": _decisions(audited),
        "classes": _classes(findings),
        "rules": [_rule(rule, findings, cannot_tell, card[rule.id]) for rule in rulebook.judged()],
        "changed": changed,
        "institutions": _institutions(audited),
        "institution_count": audited["fixmedins_code"].n_unique(),
        "yield": _yield(audited),
        "queue": _queue(findings, audited, lines),
        "rejected": _rejected(rejected),
        "indicators": shown(statistics, dict(known.select("fixmedins_code", "fixmedins_name").sort("fixmedins_name").iter_rows())),
    }


def _rows(frame: pl.DataFrame) -> list[Row]:
    dates = [name for name, dtype in frame.schema.items() if dtype == pl.Date]
    return frame.with_columns(pl.col(dates).dt.to_string("%Y-%m-%d")).to_dicts()


def _rejected(rejected: pl.DataFrame) -> list[Row]:
    if "detail" not in rejected.columns:
        rejected = rejected.with_columns(detail=pl.lit(None, dtype=pl.String))
    visible = pl.col("key").str.replace_all(r"[[:cntrl:]]", "␣")
    counted = rejected.group_by("table", "reason").agg(
        rows=pl.len(), example=visible.sort().first(), detail=pl.col("detail").sort().first()
    )
    return _rows(counted.sort("rows", "table", "reason", descending=[True, False, False]))


def _totals(findings: pl.DataFrame, audited: pl.DataFrame, cannot_tell: pl.DataFrame, rejected: pl.DataFrame, lines: pl.LazyFrame) -> Row:
    return {
        "claims": audited.height,
        "lines": int(lines.select(pl.len()).collect().item()),
        "billed": int(audited["medfee_sumamt"].sum()),
        "fund": int(audited["fund_pay_sumamt"].sum()),
        "findings": findings.height,
        "definite": int((findings["sev_deg"] == "definite").sum()),
        "flagged": int(audited["flagged"].sum()),
        "counted": int(audited["counted_amt"].sum()),
        "counted_fund": int(audited["counted_fund_amt"].sum()),
        "priority": int(audited["priority"].sum()),
        "cannot_tell": int(cannot_tell["rows"].sum()),
        "rejected": rejected.height,
    }


def _decisions(audited: pl.DataFrame) -> dict[str, Row]:
    grouped = audited.group_by("decision").agg(claims=pl.len(), counted=pl.col("counted_amt").sum())
    found = {row["decision"]: row for row in grouped.to_dicts()}
    return {decision: found.get(decision, {"claims": 0, "counted": 0}) for decision in ("recover", "review", "pass")}


def _classes(findings: pl.DataFrame) -> list[Row]:
    """Findings, claims and counted money per class of rule, by severity."""
    definite = pl.col("sev_deg") == "definite"
    grouped = findings.group_by("rule_class").agg(
        findings=pl.len(),
        claims=pl.col("setl_id").n_unique(),
        definite=pl.col("counted_amt").filter(definite).sum(),
        suspicious=pl.col("counted_amt").filter(~definite).sum(),
    )
    found = {row["rule_class"]: row for row in grouped.to_dicts()}
    nothing = {"findings": 0, "claims": 0, "definite": 0, "suspicious": 0}
    return [{**nothing, **found.get(name, {}), "rule_class": name} for name in CLASSES]


def _rule(rule: Rule, findings: pl.DataFrame, cannot_tell: pl.DataFrame, card: Row) -> Row:
    hit = findings.filter(pl.col("rule_id") == rule.id)
    open_ = cannot_tell.filter(pl.col("rule_id") == rule.id)
    causes = open_.group_by("missing", "why").agg(pl.col("rows").sum()).sort("rows", "missing", descending=[True, False])
    return {
        "rule_id": rule.id,
        "version": rule.version,
        "name": rule.name["zh"],
        "name_en": rule.name["en"],
        "rule_class": rule.folder,
        "type": str(rule.rule_no) if rule.rule_no else rule.local_code,
        "code": rule.national_code or rule.local_code,
        "severity": rule.finding,
        "status": rule.status,
        "of_lines": rule.of_lines,
        "findings": hit.height,
        "claims": hit["setl_id"].n_unique(),
        "asked": int(hit["vola_amt"].sum()),
        "counted": int(hit["counted_amt"].sum()),
        "hits": card["hits"],
        "claims_hit": card["claims_hit"],
        "marginal": card["marginal_amt"],
        "waived": card["waived"],
        "overlaps": card["overlaps"][:CAUSES],
        "cannot_tell": int(open_["rows"].sum()),
        "causes": causes.head(CAUSES).to_dicts(),
    }


def _institutions(audited: pl.DataFrame) -> list[Row]:
    return _rows(
        audited.group_by("fixmedins_code")
        .agg(
            name=pl.col("fixmedins_name").drop_nulls().sort().first(),
            hosp_lv=pl.col("hosp_lv").drop_nulls().sort().first(),
            claims=pl.len(),
            flagged=pl.col("flagged").sum(),
            billed=pl.col("medfee_sumamt").sum(),
            counted=pl.col("counted_amt").sum(),
            counted_fund=pl.col("counted_fund_amt").sum(),
            priority=pl.col("priority").sum(),
        )
        .sort("counted", "priority", "fixmedins_code", descending=[True, True, False])
        .head(INSTITUTIONS)
    )


def _yield(audited: pl.DataFrame) -> list[Row]:
    """How much of the expected money the first k claims of the queue hold, at a few k."""
    expected = audited.filter(pl.col("priority") > 0)["priority"].sort(descending=True)
    if expected.is_empty():
        return []
    running, total = expected.cum_sum(), int(expected.sum())
    points = sorted({1, *(round(expected.len() * n / 60) for n in range(1, 61))} - {0})
    return [{"claims": k, "expected": int(running[k - 1]), "share": round(running[k - 1] / total, 4)} for k in points]


def _queue(findings: pl.DataFrame, audited: pl.DataFrame, lines: pl.LazyFrame) -> list[Row]:
    """The first claims by priority with their findings and the lines these name."""
    head = audited.filter(pl.col("priority") > 0).sort("priority", "counted_amt", "setl_id", descending=[True, True, False]).head(QUEUE)
    told = findings.join(head.select("setl_id"), on="setl_id", how="semi")
    wanted = pl.concat([told["bkkp_sn"].drop_nulls(), told["concerned_bkkp_sn"].list.explode().drop_nulls()]).unique()
    named = (
        lines.filter(pl.col("bkkp_sn").is_in(wanted.implode()))
        .select("bkkp_sn", "fee_date", "cnt_e4", "pric_e6", amount="det_item_fee_sumamt", code="med_list_codg",
                name=pl.coalesce("hilist_name", "medins_list_name", "med_list_codg"))
        .collect()
    )  # fmt: skip
    billed = {row["bkkp_sn"]: row for row in _rows(named)}
    by_claim: dict[str, list[Row]] = {}
    ordered = told.with_columns(_less=-pl.col("counted_amt"), _later=pl.col("sev_deg") != "definite").sort(
        "setl_id", "_later", "_less", "bkkp_sn", "rule_id"
    )
    texts = ("rule_id", "rule_name", "rule_name_en", "sev_deg", "bkkp_sn", "vola_cont", "vola_cont_en", "vola_evid", "vola_evid_en")
    shown = (*texts, "rule_version", "vola_amt", "counted_amt", "counted_by")
    for row in ordered.iter_rows(named=True):
        finding = {name: row[name] for name in shown}
        finding["line"] = billed.get(row["bkkp_sn"])
        finding["concerned"] = [billed.get(sn, {"bkkp_sn": sn}) for sn in row["concerned_bkkp_sn"] or ()][:PER_CLAIM]
        by_claim.setdefault(row["setl_id"], []).append(finding)
    rows = []
    for claim in _rows(head):
        all_of_it = by_claim.get(claim["setl_id"], [])
        rules = {finding["rule_id"] for finding in all_of_it}
        reasons = [reason for reason in claim["reasons"] if reason.split(" ")[0] not in rules]
        rows.append({**claim, "findings": all_of_it[:PER_CLAIM], "found": len(all_of_it), "model_reasons": reasons})
    return rows
