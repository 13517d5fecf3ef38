"""Columns about whether anybody was there: idle days of a stay, lines that nobody ordered, late records, places too far apart."""

from __future__ import annotations

import polars as pl

from audit.measure.stays import dated_key
from audit.money import QUANTITY

NOT_CARE = [1, 2]  # fee classes of a bed and of the daily consultation: they are billed by the day, whether anybody is there or not
NURSING = 7
ON_FOOT = ["outpatient", "emergency"]
LEAST_TOGETHER = 3  # the profile counts no fewer days together
PARAMETERS = ("p_gather_days",)


def _fee_class() -> pl.Expr:
    return pl.col("med_chrgitm_type").str.slice(0, 2).cast(pl.Int8, strict=False).fill_null(0)


def idle_days(lines: pl.LazyFrame, claims: pl.LazyFrame) -> pl.LazyFrame:
    """idle_days Int64: LOCAL_GHOST_BED, whole days between the first and the last day of the stay's claim with no line but bed and
    consultation, at most those for which no nursing was billed on any day. Null: no inpatient claim, no end, no line, or one without
    fee_ocur_time."""
    stays = claims.filter(pl.col("is_inpatient")).select("claim_key", "begn_date", "end_date")
    between = stays.filter((pl.col("end_date") - pl.col("begn_date")).dt.total_days() >= 2)
    served = lines.filter(pl.col("cnt_e4") > 0).join(between, on="claim_key")
    undated = served.filter(pl.col("fee_ocur_time").is_null()).select("claim_key").unique()
    inside = (pl.col("fee_date") > pl.col("begn_date")) & (pl.col("fee_date") < pl.col("end_date"))
    day = (pl.col("fee_date") - pl.col("begn_date")).dt.total_days()
    # one number per claim and day: found once faster than two columns
    days = served.filter(inside, ~_fee_class().is_in(NOT_CARE)).select(pair=pl.col("claim_key").cast(pl.Int64) * 2**32 + day).unique()
    active = days.group_by(claim_key=(pl.col("pair") // 2**32).cast(pl.Int32)).agg(active=pl.len().cast(pl.Int64))
    nursing = served.filter(_fee_class() == NURSING).group_by("claim_key").agg(nursed=pl.col("cnt_e4").sum() // QUANTITY)
    whole = ((pl.col("end_date") - pl.col("begn_date")).dt.total_days() - 1).clip(0)
    told = stays.filter(pl.col("end_date").is_not_null()).join(undated, on="claim_key", how="anti")
    told = told.join(active, on="claim_key", how="left").join(nursing, on="claim_key", how="left")
    cared = pl.max_horizontal(pl.col("active").fill_null(0), pl.col("nursed").fill_null(0))  # nursing of many days may stand on one
    return told.select("claim_key", idle_days=(whole - cared).clip(0))


def upload_hours(lines: pl.LazyFrame) -> pl.LazyFrame:
    """upload_hours Int64: rule 41, longest time in whole hours from a line's service to the making of its record (crte_time); a line that
    takes back another is late by nature and not counted. Null: no line tells both."""
    told = lines.filter(pl.col("cnt_e4") > 0, pl.col("crte_time").is_not_null(), pl.col("fee_ocur_time").is_not_null())
    hours = (pl.col("crte_time").dt.epoch("s") - pl.col("fee_ocur_time").dt.epoch("s")) // 3600
    return told.select("claim_key", hours=hours).group_by("claim_key").agg(upload_hours=pl.col("hours").max())


def same_day_no(claims: pl.LazyFrame) -> pl.LazyFrame:
    """same_day_no Int64: LOCAL_SPLIT_VISIT, number of this clinic visit or purchase (mdtrt_id) among the person's at the institution that
    begin on the same day, by setl_id; on its first settlement. 0: no such visit, or settled before; null: visit_mode unknown."""
    day = ["psn_no", "fixmedins_code", "begn_date"]
    settled = claims.filter(pl.col("visit_mode").is_in(["outpatient", "internet", "drugstore"]))
    visits = settled.group_by(*day, "mdtrt_id").agg(pl.col("setl_id").min())
    return visits.select("setl_id", same_day_no=dated_key("begn_date", "setl_id").rank("ordinal").over(day).cast(pl.Int64))


def far_apart(claims: pl.LazyFrame) -> pl.LazyFrame:
    """far_setl_id String: LOCAL_FAR_VISITS, least claim among the person's other visits on foot (clinic, emergency) on the same day at
        an institution of another province (first two digits of fix_blng_admdvs); on the later of the two by setl_id. Null: none.
    far_area String: LOCAL_FAR_VISITS, the division of that institution. Null: none."""
    day = ["psn_no", "begn_date"]
    visits = claims.filter(pl.col("visit_mode").is_in(ON_FOOT)).select("setl_id", *day, area="fix_blng_admdvs")
    others = visits.select(*day, far_setl_id="setl_id", far_area="area")
    apart = pl.col("area").str.slice(0, 2) != pl.col("far_area").str.slice(0, 2)
    met = visits.join(others, on=day).filter(pl.col("far_setl_id") < pl.col("setl_id"), apart)
    nearest = met.group_by("setl_id").agg(pl.col("far_setl_id").min())
    return met.join(nearest, on=["setl_id", "far_setl_id"]).select("setl_id", "far_setl_id", "far_area")


def together(claims: pl.LazyFrame, gatherings: pl.LazyFrame) -> pl.LazyFrame:
    """together_persons Int64: LOCAL_CARD_GATHERING, persons (this one counted) who were at the institution with this one on p_gather_days
    days and more, earlier nights included; on the person's last clinic visit or purchase there tonight. 0: none, or another visit of
    the person; null: visit_mode unknown."""
    who = ["psn_no", "fixmedins_code"]
    visits = claims.filter(pl.col("visit_mode").is_in(["outpatient", "drugstore"])).with_columns(order=dated_key("begn_date", "setl_id"))
    last = visits.group_by(who).agg(order=pl.col("order").max())
    least = pl.max_horizontal(pl.col("p_gather_days").cast(pl.Int64), pl.lit(LEAST_TOGETHER, pl.Int64))
    asked = visits.join(last, on=[*who, "order"]).select("setl_id", *who, least=least)
    met = asked.join(gatherings, on=who).filter(pl.col("days") >= pl.col("least"))
    return met.group_by("setl_id").agg(together_persons=pl.col("companions").max() + 1)
