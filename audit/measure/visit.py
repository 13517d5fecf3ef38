"""Columns about how and where a line was served and who pays it. Null = cannot tell."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from audit.money import price_fen, share_fen

INPATIENT = ["21", "22", "23", "24", "28", "52"]
OUTPATIENT = ["11", "12", "14", "19", "51", "53"]
INTERNET = "互联网"


def _mode_of_type() -> pl.Expr:
    kind = pl.col("med_type").str.slice(0, 2)
    two_or_six = pl.col("med_type").str.contains("^([0-9]{2}|[0-9]{6})$")  # local types such as 9901 have four digits
    mode = (
        pl.when(kind.is_in(INPATIENT)).then(pl.lit("inpatient"))
        .when(kind == "13").then(pl.lit("emergency"))
        .when(kind.is_in(OUTPATIENT)).then(pl.lit("outpatient"))
        .when(kind == "41").then(pl.lit("drugstore"))
    )  # fmt: skip
    return pl.when(two_or_six).then(mode)


def internet_hospital() -> pl.Expr:
    """Boolean: the institution's type or name says internet hospital. Null when neither is known."""
    name, kind = (pl.col(c).str.contains(INTERNET, literal=True) for c in ("fixmedins_name", "fixmedins_type"))
    return pl.coalesce(name | kind, name, kind)


def claim_visit_mode() -> pl.Expr:
    """String: inpatient, emergency, outpatient, drugstore by med_type, internet for an outpatient claim of an internet hospital. Null:
    home bed or a local type."""
    mode = _mode_of_type()
    return pl.when((mode == "outpatient") & pl.col("internet_hospital")).then(pl.lit("internet")).otherwise(mode)


def chronic_visit() -> pl.Expr:
    """Boolean: a visit for a registered disease (dise_no) or as outpatient with a chronic disease (med_type 14)."""
    return pl.col("dise_no").is_not_null() | (pl.col("med_type").str.slice(0, 2) == "14")


def is_internet() -> pl.Expr:
    """Boolean: an internet visit: circulating prescription (rx_circ_flag 1) or an internet hospital by type or name. Inpatient lines are
    not; null when neither flag nor name tells."""
    told = (pl.col("rx_circ_flag") == "1") | pl.col("internet_hospital")
    return pl.when(pl.col("claim_mode") == "inpatient").then(False).otherwise(told)


def visit_mode() -> pl.Expr:
    """String: inpatient, emergency, outpatient, drugstore (by med_type), internet (an outpatient internet visit). Null: home bed or a
    local med_type."""
    by_internet = (pl.col("claim_mode") == "outpatient") & (pl.col("rx_circ_flag") == "1")
    return pl.when(by_internet).then(pl.lit("internet")).otherwise(pl.col("claim_mode"))


def is_inpatient() -> pl.Expr:
    """Boolean: visit_mode is inpatient (med_type 21-24, 28, 52). Null with visit_mode."""
    return pl.col("visit_mode") == "inpatient"


def fund_pays() -> pl.Expr:
    """Boolean: False for a line wholly self-paid (fulamt_ownpay_amt = its amount and inscp_amt = 0). Null when the missing one of the two
    would decide."""
    return ~((pl.col("fulamt_ownpay_amt") == pl.col("det_item_fee_sumamt")) & (pl.col("inscp_amt") == 0))


def fund_fen() -> pl.Expr:
    """Int64 fen: what the pooled fund pays of the line, estimated: its inscp_amt x the claim's hifp_pay / the claim's inscp_amt, half up.
    Null when one of them is missing."""
    line, claim = pl.col("inscp_amt"), pl.col("claim_inscp_amt")
    return pl.when(claim == 0).then(0).otherwise(share_fen(line, pl.col("claim_hifp_pay"), claim))


# column: the fact of the item that names words, and the text of the line in which one of them must stand
WORDED = {
    "level_alt_here": ("item_level_alt", "fixmedins_name"),
    "dept_named": ("item_service_depts", "bilg_dept_name"),
    "dise_listed": ("item_dise_codes", "dise_no"),
}


def words_here(fact: str, text: str, listed: Iterable[str]) -> pl.Expr:
    """level_alt_here Boolean: rule 12, the institution's name carries the item's item_level_alt. Null: the item has no such word, or the
        name is unknown.
    dept_named Boolean: rule 21, the ordering department's name carries a word of item_service_depts. Null: no such limit, or the name is
        unknown.
    dise_listed Boolean: rule 11, dise_no holds a code of item_dise_codes. Null: no such limit, or no registered disease."""
    here = pl.lit(None, pl.Boolean)
    for words in listed:  # few distinct lists, each of words joined by ';'
        pattern = "|".join(re.escape(word) for word in words.split(";"))
        here = pl.when(pl.col(fact) == words).then(pl.col(text).str.contains(pattern)).otherwise(here)
    return here


def level_ok() -> pl.Expr:
    """Boolean: rule 12, hosp_tier reaches item_level_min, or one less where the institution's name carries item_level_alt. Null: no
    limit, tier or name unknown."""
    tier, least = pl.col("hosp_tier"), pl.col("item_level_min")
    lowered = (tier == least - 1) & pl.col("level_alt_here")
    return (
        pl.when(least.is_null())
        .then(None)
        .when(pl.col("item_level_alt").is_null())
        .then(tier >= least)
        .otherwise((tier >= least) | lowered)
    )


def service_level_ok() -> pl.Expr:
    """Boolean: rule 24, hosp_tier reaches item_service_level_min. Null: no limit, or tier unknown."""
    return pl.col("hosp_tier") >= pl.col("item_service_level_min")


def _mode_in(allowed: pl.Expr) -> pl.Expr:
    urgent = pl.col("visit_mode").is_in(["inpatient", "emergency"])
    return pl.when(allowed == "inpatient").then(pl.col("is_inpatient")).when(allowed == "inpatient_or_emergency").then(urgent)


def mode_ok() -> pl.Expr:
    """Boolean: rule 13, visit_mode is one item_visit_mode allows. Null: no limit, or visit_mode unknown."""
    return _mode_in(pl.col("item_visit_mode"))


def service_mode_ok() -> pl.Expr:
    """Boolean: rule 22, visit_mode is one item_service_visit_mode allows. Null: no limit, or visit_mode unknown."""
    return _mode_in(pl.col("item_service_visit_mode"))


def dept_ok() -> pl.Expr:
    """Boolean: rule 21, the ordering department is one of item_service_depts by name. False only where the same department performed the
    service. Null: no limit, name unknown, or performed in another department, whose name is not told."""
    same = pl.col("acord_dept_codg") == pl.col("bilg_dept_codg")
    return pl.when(pl.col("dept_named") | same).then(pl.col("dept_named"))


def dise_ok() -> pl.Expr:
    """Boolean: rule 11, on a visit for a registered chronic disease (med_type 14) that disease is one of item_dise_codes; True on other
    visits. Null: no limit, or dise_no is missing or no national code (M and five digits)."""
    national = pl.col("dise_no").str.contains("^M[0-9]{5}")
    chronic = pl.col("med_type").str.slice(0, 2) == "14"
    known = pl.when(~chronic).then(True).when(national).then(pl.col("dise_listed"))
    return pl.when(pl.col("item_dise_codes").is_not_null()).then(known)


def service_day_outside() -> pl.Expr:
    """Boolean: rule 42, an inpatient line served before begn_date or after end_date. Null when fee_ocur_time is missing."""
    day = pl.col("fee_date")
    outside = (day < pl.col("begn_date")) | (day > pl.col("end_date"))
    return pl.when(~pl.col("is_inpatient")).then(False).when(pl.col("fee_ocur_time").is_null()).then(None).otherwise(outside)


def price_over_fen() -> pl.Expr:
    """Int64 fen: rule 14, (price - ceiling) x quantity, half up; 0 without a ceiling or below it. The ceiling is the line's own
    pric_uplmt_amt."""
    above = price_fen(pl.col("pric_e6") - pl.col("pric_uplmt_amt_e6"), pl.col("cnt_e4"))
    over = (pl.col("pric_e6") > pl.col("pric_uplmt_amt_e6")) & (pl.col("cnt_e4") > 0)
    return pl.when(over).then(above).otherwise(0)


def amount_gap_fen() -> pl.Expr:
    """Int64 fen: the line's amount less quantity x price (half up); 0 when they agree."""
    return pl.col("det_item_fee_sumamt") - price_fen(pl.col("pric_e6"), pl.col("cnt_e4"))
