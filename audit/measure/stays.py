"""Columns about a person's stays and visits over time. Settlements of one encounter are one stay; earlier nights count."""

from __future__ import annotations

import polars as pl

from audit.knowledge import Knowledge
from audit.measure import exemptions

STAY = ["psn_no", "mdtrt_id"]
DATE_WIDTH = 6


def dated_key(day: str, *rest: pl.Expr | str) -> pl.Expr:
    """Text that sorts by day, then by `rest`: six digits (days since 1970 + 100000) and the parts."""
    return pl.concat_str((pl.col(day).cast(pl.Int32) + 100_000).cast(pl.String), *rest)


def person_stays(claims: pl.LazyFrame, earlier: pl.LazyFrame) -> pl.LazyFrame:
    """One row per inpatient encounter, tonight's and remembered ones; stays without an end are left out.

    psn_no, mdtrt_id, fixmedins_code, begn_date, end_date, first_setl_id (earlier nights first, then begn_date, setl_id),
    last_setl_id, main_dx, dscg_way, exempt, tonight (Int64: 1 when its first settlement is tonight's, else 0).
    """
    columns = [*STAY, "setl_id", "fixmedins_code", "begn_date", "end_date", "dscg_maindiag_code", "dscg_way", "exempt_stay"]
    now = claims.filter(pl.col("is_inpatient"), pl.col("end_date").is_not_null()).select(*columns, night=pl.lit("1"))
    past = earlier.filter(pl.col("end_date").is_not_null()).select(*columns, night=pl.lit("0"))
    settled = pl.concat([past, now]).with_columns(order=pl.concat_str("night", dated_key("begn_date", "setl_id")))
    stays = settled.group_by(STAY).agg(
        pl.col("fixmedins_code").min(),
        pl.col("begn_date").min(),
        pl.col("end_date").max(),
        first=pl.col("order").min(),
        order=pl.col("order").max(),
        exempt=pl.col("exempt_stay").cast(pl.Int64).max(),
    )
    last = settled.select(*STAY, "order", "dscg_way", main_dx="dscg_maindiag_code")
    return stays.join(last, on=[*STAY, "order"]).select(
        *STAY, "fixmedins_code", "begn_date", "end_date", "main_dx", "dscg_way",
        first_setl_id=pl.col("first").str.slice(1 + DATE_WIDTH),
        last_setl_id=pl.col("order").str.slice(1 + DATE_WIDTH),
        exempt=pl.col("exempt") == 1,
        tonight=(pl.col("first").str.slice(0, 1) == "1").cast(pl.Int64),
    )  # fmt: skip


def _beside(stays: pl.LazyFrame, keys: list[str]) -> pl.LazyFrame:
    """Tonight's stays, each beside every other stay (other_*) that shares `keys` and comes before it in order."""
    others = stays.rename({c: f"other_{c}" for c in stays.collect_schema().names() if c not in keys})
    met = stays.filter(pl.col("tonight") == 1).join(others, on=keys).filter(pl.col("other_mdtrt_id") != pl.col("mdtrt_id"))
    begun = pl.col("other_begn_date") < pl.col("begn_date")
    tie = (pl.col("other_begn_date") == pl.col("begn_date")) & (pl.col("other_first_setl_id") < pl.col("first_setl_id"))
    return met.filter((pl.col("other_tonight") == 0) | begun | tie)


def previous_stay(stays: pl.LazyFrame, claims: pl.LazyFrame, knowledge: Knowledge) -> pl.LazyFrame:
    """prev_stay_setl_id String: rule 49, last settlement of the person's previous stay at the same institution, the one that ended last
        on or before begn_date. On the first settlement of a stay. Null: none.
    prev_stay_gap_days Int64: days from its end to this begin. Null: none.
    prev_stay_same_dx Boolean: the first three characters of both main diagnoses agree. Null: none, or a main diagnosis missing.
    split_exempt Boolean: the previous stay ended by transfer (exemptions.csv, transfer), or either stay is by plan (exempt_stay). Null:
        no previous stay, or its diagnoses unknown."""
    keys = ["psn_no", "fixmedins_code"]
    before = _beside(stays, keys).filter(pl.col("other_end_date") <= pl.col("begn_date"))
    before = before.with_columns(order=dated_key("other_end_date", "other_last_setl_id"))
    nearest = before.group_by("first_setl_id").agg(order=pl.col("order").max())
    found = before.join(nearest, on=["first_setl_id", "order"]).rename({"first_setl_id": "setl_id"})
    moved = exemptions.after_transfer(found.select("setl_id", code="other_dscg_way"), claims, knowledge)
    return found.join(moved, on="setl_id", how="left").select(
        "setl_id",
        prev_stay_setl_id="other_last_setl_id",
        prev_stay_gap_days=(pl.col("begn_date") - pl.col("other_end_date")).dt.total_days(),
        prev_stay_same_dx=pl.col("main_dx").str.slice(0, 3) == pl.col("other_main_dx").str.slice(0, 3),
        split_exempt=pl.col("after_transfer").fill_null(False) | pl.col("exempt") | pl.col("other_exempt"),
    )


def overlap(stays: pl.LazyFrame) -> pl.LazyFrame:
    """overlap_setl_id String: least first settlement among the person's other stays that this later stay overlaps (a transfer on the same
        day is none). On the first settlement of a stay; every stay of an earlier night counts as earlier. Null: none.
    overlap_days Int64: days of the longest such overlap, at least 1. Null: none."""
    crossing = (pl.col("begn_date") < pl.col("other_end_date")) & (pl.col("other_begn_date") < pl.col("end_date"))
    until, since = pl.min_horizontal("end_date", "other_end_date"), pl.max_horizontal("begn_date", "other_begn_date")
    crossed = _beside(stays, ["psn_no"]).filter(crossing).with_columns(days=(until - since).dt.total_days().clip(1))
    return crossed.group_by(setl_id="first_setl_id").agg(
        overlap_setl_id=pl.col("other_first_setl_id").min(), overlap_days=pl.col("days").max()
    )


def stays_in_year(stays: pl.LazyFrame) -> pl.LazyFrame:
    """stays_in_year Int64: rule 52, the person's stays that began in the 365 days ending on begn_date, this one counted. 0: no stay, or a
    later settlement of one."""
    back = (pl.col("begn_date") - pl.col("other_begn_date")).dt.total_days()
    earlier = (
        _beside(stays, ["psn_no"]).filter((back >= 0) & (back < 365)).group_by(setl_id="first_setl_id").agg(earlier=pl.len().cast(pl.Int64))
    )
    tonight = stays.filter(pl.col("tonight") == 1).select(setl_id="first_setl_id")
    return tonight.join(earlier, on="setl_id", how="left").select("setl_id", stays_in_year=pl.col("earlier").fill_null(0) + 1)


def _in_month(claims: pl.LazyFrame, visits: pl.LazyFrame, modes: list[str], name: str) -> pl.LazyFrame:
    month = ["psn_no", "month"]
    number = pl.col("day").dt.year().cast(pl.Int64) * 12 + pl.col("day").dt.month().cast(pl.Int64)
    order = dated_key("begn_date", "setl_id")
    now = (
        claims.filter(pl.col("visit_mode").is_in(modes))
        .select("setl_id", "psn_no", day="begn_date", order=order)
        .with_columns(month=number)
    )
    ranked = now.with_columns(place=pl.col("order").rank("ordinal").over(month).cast(pl.Int64))
    past = visits.filter(pl.col("visit_mode").is_in(modes)).select("psn_no", day="visit_date").with_columns(month=number)
    counted = past.join(now.select(month).unique(), on=month, how="semi").group_by(month).agg(earlier=pl.len().cast(pl.Int64))
    return ranked.join(counted, on=month, how="left").select("setl_id", (pl.col("place") + pl.col("earlier").fill_null(0)).alias(name))


def visits_in_month(claims: pl.LazyFrame, visits: pl.LazyFrame) -> pl.LazyFrame:
    """visits_in_month Int64: rule 50, number of this outpatient, emergency or internet visit in the person's calendar month (begn_date,
    setl_id), those of earlier nights counted first. 0: no such visit; null: visit_mode unknown."""
    return _in_month(claims, visits, ["outpatient", "emergency", "internet"], "visits_in_month")


def purchases_in_month(claims: pl.LazyFrame, visits: pl.LazyFrame) -> pl.LazyFrame:
    """purchases_in_month Int64: rule 51, number of this drug-store purchase in the person's calendar month, as visits_in_month. 0: no
    purchase; null: visit_mode unknown."""
    return _in_month(claims, visits, ["drugstore"], "purchases_in_month")


def in_stay(lines: pl.LazyFrame, claims: pl.LazyFrame, stays: pl.LazyFrame) -> pl.LazyFrame:
    """in_stay_setl_id String: first settlement of a stay of the person that strictly contains the service day (begn_date < day <
    end_date) of this line, which is not an inpatient one. The least if several. Null: none, or visit_mode unknown."""
    begun, ended, day = pl.col("begn_date"), pl.col("end_date"), pl.col("fee_date")
    long = stays.filter((ended - begun).dt.total_days() >= 2).select("psn_no", "begn_date", "end_date", "first_setl_id")
    outside = claims.filter(~pl.col("is_inpatient")).select("claim_key", "psn_no").join(long, on="psn_no")
    met = lines.select("row", "claim_key", "fee_date").join(outside, on="claim_key").filter((begun < day) & (day < ended))
    return met.group_by("row").agg(in_stay_setl_id=pl.col("first_setl_id").min())


def other_places_day(claims: pl.LazyFrame) -> pl.LazyFrame:
    """shared_days Int64: other institutions that settled a claim of the person beginning on the same day. Feature; never null."""
    day = ["psn_no", "begn_date"]
    places = claims.group_by([*day, "fixmedins_code"]).agg(n=pl.len()).group_by(day).agg(shared_days=pl.len().cast(pl.Int64) - 1)
    return places.filter(pl.col("shared_days") > 0)
