"""What a night keeps besides its result tables, so that each finding, and the bill of every claim that somebody will look at, can be
shown later as they were: the rules' own texts, the knowledge points, the bills, the persons, the institutions. Of every claim it keeps
what it cost, so that a sample can be drawn from all of an institution's.

A claim is looked at when it is flagged, or its decision is another than `pass`.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from audit.rulebook import Rulebook
from audit.tables import FEE_LIST_D, FIXMEDINS_B, MDTRT_D, SETL_D, SETL_LIST_DIAG_D, SETL_LIST_OPRN_D

Schema = dict[str, pl.DataType]
_NATIONAL = {**FIXMEDINS_B.schema, **MDTRT_D.schema, **SETL_D.schema, "begn_date": pl.Date(), "end_date": pl.Date()}


def _of(names: str) -> Schema:
    return {name: _NATIONAL[name] for name in names.split()}


def _less(schema: Schema, *names: str) -> Schema:
    return {name: dtype for name, dtype in schema.items() if name not in names}


RULE_TEXTS: Schema = {
    "rule_id": pl.String(),
    "rule_version": pl.Int64(),
    "fingerprint": pl.String(),
    "file": pl.String(),
    "text": pl.String(),  # the whole rule file
}
POINTS: Schema = {
    "jr_id": pl.String(),
    "point_id": pl.String(),
    "point_name": pl.String(),
    "clause": pl.String(),
    "test": pl.String(),
    "batch": pl.Int64(),
    "published": pl.Date(),
}
# The lines of a claim that is looked at, refunds taken off, and every other line that a finding names. fee_date: the service day as judged.
LINES: Schema = {
    **{"setl_id": pl.String(), "bkkp_sn": pl.String()},
    **_less(FEE_LIST_D.schema, "vali_flag", "init_feedetl_sn"),
    "fee_date": pl.Date(),
}
DIAGS: Schema = _less(SETL_LIST_DIAG_D.schema, "mdtrt_id", "vali_flag")
OPRNS: Schema = _less(SETL_LIST_OPRN_D.schema, "mdtrt_id", "vali_flag")
# A claim as intake knows it, and what each of the model's reasons adds to the log-odds, in their order.
CLAIMS: Schema = _of(
    "setl_id mdtrt_id psn_no psn_type gend brdy age die_date insutype insu_admdvs fixmedins_code fixmedins_name fixmedins_type hosp_lv "
    "fix_blng_admdvs med_type begn_date end_date begntime endtime setl_time ipt_days adm_dept_codg adm_dept_name chfpdr_code chfpdr_name "
    "dscg_maindiag_code dscg_way matn_type geso_val dise_type_code dise_no medfee_sumamt fulamt_ownpay_amt overlmt_selfpay preselfpay_amt "
    "inscp_amt hifp_pay fund_pay_sumamt psn_pay acct_pay"
) | {"model_weights": pl.List(pl.Float64)}
# Who the persons of these claims are. The desk alone reads it, and masks it by role.
PERSONS: Schema = {"psn_no": pl.String(), "psn_name": pl.String(), "certno": pl.String(), "gend": pl.String(), "brdy": pl.Date()}
# Every institution of the night: what it is, its claims and their money in fen, what was counted against it.
INSTITUTIONS: Schema = {
    **_of("fixmedins_code fixmedins_name fixmedins_type hosp_lv fix_blng_admdvs"),
    "claims": pl.Int64(),
    "flagged": pl.Int64(),
    "medfee_sumamt": pl.Int64(),
    "fund_pay_sumamt": pl.Int64(),
    "counted_amt": pl.Int64(),
}
# Every audited claim, an institution's together: what samples are drawn from. No person stands in it.
AUDITED: Schema = _of("fixmedins_code setl_id med_type adm_dept_codg adm_dept_name begn_date end_date medfee_sumamt fund_pay_sumamt")
KEPT = {
    "rule_texts": RULE_TEXTS, "finding_points": POINTS, "finding_lines": LINES, "finding_claims": CLAIMS, "finding_diags": DIAGS,
    "finding_oprns": OPRNS, "finding_persons": PERSONS, "institutions": INSTITUTIONS, "audited_claims": AUDITED,
}  # fmt: skip
_UNKEYED = ("finding_diags", "finding_oprns")  # two rows may share what stands first: all columns decide their order


def kept(
    findings: pl.DataFrame,
    claims: pl.DataFrame,
    taken: dict[str, pl.LazyFrame],
    scores: pl.LazyFrame,
    persons: pl.LazyFrame | None,
    rulebook: Rulebook,
) -> dict[str, pl.DataFrame]:
    """The tables of KEPT for one night.

    findings, claims: explain's, all buckets. taken: intake's claims, lines, diags and, where the batch has any, oprns, as they were
    judged. scores: score's. persons: psn_no, psn_name, certno; None where the batch has no register. In memory is only what is kept:
    the bills of claims to look at, a narrow row of every claim, and every rule that judged.
    """
    looked_at = claims.lazy().filter(pl.col("flagged") | (pl.col("decision") != "pass")).select("setl_id")
    named = pl.concat([findings["bkkp_sn"], findings["concerned_bkkp_sn"].explode()]).drop_nulls().unique().to_frame("bkkp_sn").lazy()

    def of_claims(rows: pl.LazyFrame | None, schema: Schema) -> pl.DataFrame:
        given = pl.LazyFrame(schema=schema) if rows is None else rows.select(list(schema))
        return given.join(looked_at, on="setl_id", how="semi").collect(engine="streaming")

    weighed = taken["claims"].join(scores.select("setl_id", model_weights="weights"), on="setl_id", how="left")
    bills, lines = of_claims(weighed, CLAIMS), taken["lines"].select(list(LINES))
    elsewhere = lines.join(named, on="bkkp_sn", how="semi").join(looked_at, on="setl_id", how="anti").collect(engine="streaming")
    made = {
        "rule_texts": pl.DataFrame(_texts(rulebook), schema=RULE_TEXTS, orient="row"),
        "finding_points": findings.filter(pl.col("point_id").is_not_null()),
        "finding_lines": pl.concat([of_claims(lines, LINES), elsewhere]),
        "finding_claims": bills,
        "finding_diags": of_claims(taken["diags"], DIAGS),
        "finding_oprns": of_claims(taken.get("oprns"), OPRNS),
        "finding_persons": _persons(bills, persons),
        "institutions": _institutions(claims, taken["claims"]),
        "audited_claims": taken["claims"].join(claims.lazy().select("setl_id"), on="setl_id", how="semi").select(list(AUDITED)).collect(),
    }
    return {
        name: made[name]
        .select(pl.col(c).cast(dtype) for c, dtype in schema.items())
        .sort(*(list(schema) if name in _UNKEYED else list(schema)[:2]))
        for name, schema in KEPT.items()
    }


def _texts(rulebook: Rulebook) -> Iterable[tuple[object, ...]]:
    for rule in rulebook.judged():
        text = (rulebook.folder / rule.folder / rule.file.rsplit("/", 1)[-1]).read_text("utf-8")
        yield rule.id, rule.version, rule.fingerprint, rule.file, text


def _persons(bills: pl.DataFrame, register: pl.LazyFrame | None) -> pl.DataFrame:
    """One row per person of the bills, with the name where the register tells one; sex and birth date as the first claim states them."""
    told = bills.sort("setl_id").group_by("psn_no").agg(pl.col("gend", "brdy").drop_nulls().first()).lazy()
    known = pl.LazyFrame(schema=PERSONS) if register is None else register
    return told.join(known.select("psn_no", "psn_name", "certno"), on="psn_no", how="left").collect(engine="streaming")


def _institutions(claims: pl.DataFrame, facts: pl.LazyFrame) -> pl.DataFrame:
    audited = facts.join(claims.lazy().select("setl_id", "flagged", "counted_amt"), on="setl_id")
    what_it_is = (pl.col(name).drop_nulls().sort().first() for name in list(INSTITUTIONS)[1:5])
    sums = pl.col("flagged", "medfee_sumamt", "fund_pay_sumamt", "counted_amt").sum()
    return audited.group_by("fixmedins_code").agg(*what_it_is, sums, claims=pl.len()).collect(engine="streaming")
