"""What the desk reads of a completed night: the claims that somebody will look at with their whole bills, and where else a person was."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from audit.errors import DataError
from audit.lake import HISTORY, Lake
from audit.report.kept import KEPT
from audit.report.tables import CLAIMS, FINDINGS

VISITS: dict[str, pl.DataType] = {
    "night": pl.Date(),
    "setl_id": pl.String(),
    "mdtrt_id": pl.String(),
    "fixmedins_code": pl.String(),
    "fixmedins_name": pl.String(),
    "kind": pl.String(),
    "begn_date": pl.Date(),
    "end_date": pl.Date(),
    "dscg_maindiag_code": pl.String(),
}


@dataclass(frozen=True)
class Review:
    """Claims of one night to look at, all tables sorted. Money in fen, quantities and prices as the columns' suffix says.

    claims       the result table's columns (flagged, counted_amt, fraud_probability, priority, explanation, decision ...), model_reasons,
                 and the columns of finding_claims: person, institution, area, department, dates, diagnosis, amounts. `reasons` holds first
                 one `RULE-ID name` for each rule that the claim's findings name, then up to three sentences of the model, strongest first;
                 model_reasons List[String] holds the latter alone, model_weights List[Float64] what each adds to the log-odds
    findings     the result table's columns
    lines        finding_lines: the bills, and the lines of other claims that a finding names as concerned
    diags, oprns, persons, points (jr_id -> knowledge point)
    rule_texts   every rule that judged that night, as its file was
    institutions every institution of the night with its claims, money and what was counted
    """

    run_id: str
    claims: pl.DataFrame
    findings: pl.DataFrame
    lines: pl.DataFrame
    diags: pl.DataFrame
    oprns: pl.DataFrame
    persons: pl.DataFrame
    points: pl.DataFrame
    rule_texts: pl.DataFrame
    institutions: pl.DataFrame


def to_review(lake: Path, batch_date: date, setl_ids: Collection[str] | None = None) -> Review:
    """A completed night's claims that are flagged or whose decision is another than `pass`; of these only `setl_ids`, where given, so
    that a large night can be taken in parts and a page reads one bill. DataError when the lake has no such night."""
    stored = Lake(lake)
    run_id = _run(stored, batch_date)

    def night(table: str, schema: dict[str, pl.DataType]) -> pl.LazyFrame:
        """Rows of this night only: other nights' files are not opened."""
        every = stored.read(table, pl.Schema({"run_id": pl.String(), "batch_date": pl.Date(), **schema}))
        return every.filter(pl.col("batch_date") == batch_date, pl.col("run_id") == run_id).select(list(schema))

    looked_at = pl.col("flagged") | (pl.col("decision") != "pass")
    claims = night("claims", CLAIMS).filter(looked_at, _among("setl_id", setl_ids)).collect()
    of_claims = _among("setl_id", claims["setl_id"])
    findings = night("findings", FINDINGS).filter(of_claims).sort("setl_id", "bkkp_sn", "rule_id", "jr_id").collect()
    concerned = findings["concerned_bkkp_sn"].explode().drop_nulls().unique()
    bills = {name: night(name, schema) for name, schema in KEPT.items() if name != "audited_claims"}
    facts = bills["finding_claims"].filter(of_claims).collect()
    review = Review(
        run_id,
        _with_reasons(claims, findings).join(facts, on="setl_id", how="left").sort("setl_id"),
        findings,
        bills["finding_lines"].filter(of_claims | _among("bkkp_sn", concerned)).sort("setl_id", "bkkp_sn").collect(),
        bills["finding_diags"].filter(of_claims).sort("setl_id", "diag_type", "maindiag_flag", "diag_code").collect(),
        bills["finding_oprns"].filter(of_claims).sort("setl_id", "main_oprn_flag", "oprn_oprt_code").collect(),
        bills["finding_persons"].filter(_among("psn_no", facts["psn_no"])).sort("psn_no").collect(),
        bills["finding_points"].filter(_among("jr_id", findings["jr_id"])).sort("jr_id").collect(),
        bills["rule_texts"].sort("rule_id", "rule_version").collect(),
        bills["institutions"].sort("fixmedins_code").collect(),
    )
    # a night that was replaced while it was read is read again: its first rows are gone, half of this may be missing
    return review if _run(stored, batch_date) == run_id else to_review(lake, batch_date, setl_ids)


def _run(stored: Lake, batch_date: date) -> str:
    runs = stored.runs().filter(pl.col("batch_date") == batch_date)
    if runs.is_empty():
        raise DataError(f"{stored.root}: the night {batch_date} is not stored here. The lake is the folder that `audit run --lake` wrote.")
    return str(runs["run_id"].item())


def _among(column: str, values: Collection[str] | pl.Series | None) -> pl.Expr:
    return pl.lit(True) if values is None else pl.col(column).is_in(pl.Series(values=list(values), dtype=pl.String).implode())


def _with_reasons(claims: pl.DataFrame, findings: pl.DataFrame) -> pl.DataFrame:
    """model_reasons: what of `reasons` comes after one for each rule that the claim's findings name."""
    rules = findings.group_by("setl_id").agg(_rules=pl.col("rule_id").n_unique())
    numbered = claims.join(rules, on="setl_id", how="left", maintain_order="left")
    return numbered.with_columns(model_reasons=pl.col("reasons").list.slice(pl.col("_rules").fill_null(0))).drop("_rules")


def other_visits(lake: Path, psn_no: str) -> pl.DataFrame:
    """Everything the nights of a lake remember of where a person was, the claim asked about included, in order of begn_date.

    Columns: night (batch_date), setl_id, mdtrt_id (null for a visit without a bed), fixmedins_code, fixmedins_name (null for an
    institution of nights before the lake kept any), kind (`inpatient`, or visit_mode: outpatient, emergency, internet, drugstore),
    begn_date, end_date, dscg_maindiag_code (both null for a visit). Empty for a person nobody knows.
    """
    stored, mine = Lake(lake), pl.col("psn_no") == psn_no
    stays, visits = (stored.read(name, pl.Schema({"batch_date": pl.Date(), **HISTORY[name]})).filter(mine) for name in ("stays", "visits"))
    visits = visits.rename({"visit_mode": "kind", "visit_date": "begn_date"})
    both = pl.concat([stays.with_columns(kind=pl.lit("inpatient")), visits], how="diagonal").collect()
    where = ["batch_date", "fixmedins_code"]
    named = stored.read("institutions", pl.Schema({"batch_date": pl.Date(), **KEPT["institutions"]}))
    names = named.filter(pl.col("batch_date").is_in(both["batch_date"].unique().implode())).select(*where, "fixmedins_name").collect()
    found = both.join(names, on=where, how="left").rename({"batch_date": "night"})
    return found.select(pl.col(name).cast(dtype) for name, dtype in VISITS.items()).sort("begn_date", "setl_id")
