"""The claims of a night as the rows of cases."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from sqlalchemy import insert

from audit.cases.bills import packed
from audit.cases.store import Act
from audit.cases.tables import bills, findings
from audit.dossier import Review

_CASE = (
    "setl_id", "mdtrt_id", "psn_no", "fixmedins_code", "fixmedins_name", "area", "med_type", "begn_date", "end_date", "medfee_sumamt",
    "fund_pay_sumamt", "counted_amt", "priority", "fraud_probability", "sev_deg", "lead_rule",
)  # fmt: skip
_FINDING = (
    "jr_id", "setl_id", "bkkp_sn", "line_amt", "rule_id", "rule_version", "fingerprint", "code", "sev_deg", "item", "vola_amt",
    "vola_inscp_amt", "vola_fund_amt", "counted_amt", "vola_cont", "vola_cont_en", "vola_evid", "evidence", "concerned", "point",
)  # fmt: skip


@dataclass(frozen=True)
class Seed:
    """One claim of a night as the rows of a case."""

    case: dict[str, Any]
    findings: list[dict[str, Any]]
    bill: bytes


def some_of(review: Review, setl_ids: Collection[str]) -> Review:
    """The same review with only some of its claims; lines of other claims stay, a finding may name them."""
    among = pl.col("setl_id").is_in(setl_ids)
    claims, found = review.claims.filter(among), review.findings.filter(among)
    named = pl.col("bkkp_sn").is_in(found["concerned_bkkp_sn"].explode().drop_nulls().implode())
    return replace(
        review,
        claims=claims,
        findings=found,
        lines=review.lines.filter(among | named),
        diags=review.diags.filter(among),
        oprns=review.oprns.filter(among),
        persons=review.persons.join(claims, on="psn_no", how="semi"),
        points=review.points.join(found, on="jr_id", how="semi"),
    )


def seeds_of(review: Review) -> Iterator[Seed]:
    """The claims of a review as rows, in its order."""
    versions = review.rule_texts.select("rule_id", "rule_version", "fingerprint")
    lines = review.lines.select("setl_id", "bkkp_sn", item="hilist_name", line_amt="det_item_fee_sumamt")
    points = review.points.select("jr_id", point=pl.struct(review.points.columns).struct.json_encode())
    found = (
        review.findings.join(versions, on=["rule_id", "rule_version"], how="left", maintain_order="left")
        .join(lines, on=["setl_id", "bkkp_sn"], how="left", maintain_order="left")
        .join(points, on="jr_id", how="left", maintain_order="left")
        .with_columns(pl.col("fingerprint").fill_null(""), code=pl.coalesce("national_code", "local_code", pl.lit("")))
        .with_columns(pl.col("evidence").fill_null("{}"), pl.col("vola_cont", "vola_cont_en", "vola_evid").fill_null(""))
        .with_columns(concerned=pl.col("concerned_bkkp_sn").fill_null([]))
    )
    definite = (pl.col("sev_deg") == "definite").any()
    leads = found.sort(-pl.col("counted_amt"), pl.col("sev_deg"), "rule_id").group_by("setl_id", maintain_order=True)
    told = leads.agg(
        lead_rule=pl.col("rule_id").first(), sev_deg=pl.when(definite).then(pl.lit("definite")).otherwise(pl.lit("suspicious"))
    )
    rows = review.claims.join(told, on="setl_id", how="left", maintain_order="left").with_columns(
        pl.col("sev_deg").fill_null("model"), area=pl.col("fix_blng_admdvs").fill_null("")
    )
    by_claim: dict[str, list[dict[str, Any]]] = {}
    for row in found.select(_FINDING).iter_rows(named=True):
        by_claim.setdefault(row["setl_id"], []).append(row | {"concerned": json.dumps(row["concerned"])})
    for case, (setl_id, content) in zip(rows.select(_CASE).iter_rows(named=True), packed(review), strict=True):
        yield Seed(case, by_claim.get(setl_id, []), content)


def fill(act: Act, planted: Sequence[tuple[int, Seed]]) -> None:
    """Put bills and findings into cases, named by their ids, that have none."""
    act.con.execute(insert(bills), [{"case_id": case_id, "content": seed.bill} for case_id, seed in planted])
    found = [row | {"case_id": case_id} for case_id, seed in planted for row in seed.findings]
    if found:
        act.con.execute(insert(findings), found)
