"""Columns that count days of use: payment courses, periods, first-line drugs. Earlier nights count."""

from __future__ import annotations

import polars as pl

from audit import engine
from audit.knowledge import Knowledge
from audit.measure.repeats import moment
from audit.money import QUANTITY, over_cap

COURSE = ["psn_no", "item_course_key"]
ITEM = ["psn_no", "item_code"]


def _used_days(lines: pl.LazyFrame, keys: list[str]) -> pl.LazyFrame:
    """keys + fee_date: days on which the net quantity is above zero."""
    net = lines.group_by([*keys, "fee_date"]).agg(net=pl.col("cnt_e4").sum())
    return net.filter(pl.col("net") > 0).select(*keys, "fee_date")


def _numbered(days: pl.LazyFrame, keys: list[str], name: str) -> pl.LazyFrame:
    """Distinct days with their number (from 1) within `keys`."""
    distinct = days.unique()
    return distinct.with_columns(pl.col("fee_date").rank("ordinal").over(keys).cast(pl.Int64).alias(name))


def _since_first(days: pl.LazyFrame, keys: list[str]) -> pl.LazyFrame:
    return days.group_by(keys).agg(first_day=pl.col("fee_date").min())


def drug_course(lines: pl.LazyFrame, history: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    """course_day_no Int64: rule 10, number of this day among the days the course's drugs were used in the encounter, days of the same
        encounter in earlier nights included. Null: item without item_course_days.
    days_since_first_use Int64: days since the person first used a drug of the course, earlier nights included; 0 on the first day. Null
        as course_day_no."""
    limited = lines.filter(pl.col("item_course_days").is_not_null(), pl.col("cnt_e4") > 0)
    limited = limited.select("row", *COURSE, "mdtrt_id", "item_code", "fee_date")
    tonight = lines.filter(pl.col("item_course_days").is_not_null())
    members = limited.select("item_code", "item_course_key").unique()
    earlier = history["item_days"].filter(pl.col("cnt_e4") > 0).join(members, on="item_code").select(*COURSE, "fee_date")
    encounter = ["psn_no", "mdtrt_id", "item_course_key"]
    stays = (
        history["stays"]
        .select("psn_no", "mdtrt_id", "begn_date", "end_date")
        .join(limited.select("mdtrt_id").unique(), on="mdtrt_id", how="semi")
    )
    of_stay = earlier.join(stays, on="psn_no").filter(pl.col("fee_date").is_between("begn_date", "end_date"))
    used = pl.concat([_used_days(tonight, encounter), of_stay.select(*encounter, "fee_date")])
    day_no = _numbered(used, encounter, "course_day_no")
    first = _since_first(pl.concat([_used_days(tonight, COURSE), earlier]), COURSE)
    return (
        limited.join(day_no, on=[*encounter, "fee_date"], how="left")
        .join(first, on=COURSE, how="left")
        .select("row", "course_day_no", days_since_first_use=(pl.col("fee_date") - pl.col("first_day")).dt.total_days())
    )


def service_course(lines: pl.LazyFrame, history: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    """service_day_no Int64: rule 23, number of this day among all days the person used the service, earlier nights included. Null: item
    without item_service_course_days."""
    tonight = lines.filter(pl.col("item_service_course_days").is_not_null())
    limited = tonight.filter(pl.col("cnt_e4") > 0).select("row", *ITEM, "fee_date")
    wanted = limited.select(ITEM).unique()
    earlier = history["item_days"].filter(pl.col("cnt_e4") > 0).join(wanted, on=ITEM, how="semi").select(*ITEM, "fee_date")
    used = pl.concat([_used_days(tonight, ITEM), earlier])
    numbered = _numbered(used, ITEM, "service_day_no")
    return limited.join(numbered, on=[*ITEM, "fee_date"], how="left").select("row", "service_day_no")


def period(lines: pl.LazyFrame, history: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    """period_qty Float64: rule 31, quantity of the item for the person in the item_period_days that end on this day, across visits and
        earlier nights, the whole day counted. Null: item without item_period_max.
    over_period_fen Int64 fen: money of the part of this line above item_period_max, on the day's last lines and never more than the day's
        quantity. Null as period_qty."""
    cap_e4 = (pl.col("item_period_max") * QUANTITY).round().cast(pl.Int64)
    limited = lines.filter(pl.col("item_period_max").is_not_null()).select(
        "row", "bkkp_sn", *ITEM, "fee_date", "cnt_e4", "det_item_fee_sumamt", "item_period_days", moment=moment(), limit_e4=cap_e4
    )
    day = [*ITEM, "fee_date"]
    days = limited.group_by(day).agg(day_e4=pl.col("cnt_e4").sum(), length=pl.col("item_period_days").max())
    earlier = history["item_days"].join(days.select(ITEM).unique(), on=ITEM, how="semi").select(*day, day_e4="cnt_e4")
    every = pl.concat([days.select(*day, "day_e4"), earlier]).rename({"fee_date": "other_day", "day_e4": "other_e4"})
    back = (pl.col("fee_date") - pl.col("other_day")).dt.total_days()
    inside = days.join(every, on=ITEM).filter((back >= 0) & (back < pl.col("length")))
    window = inside.group_by(day).agg(window_e4=pl.col("other_e4").sum(), day_e4=pl.col("day_e4").max())
    # The day's own lines carry what the window has above the cap: their cap is the cap less what earlier days used.
    capped = limited.join(window, on=day, how="left").with_columns(
        cap_e4=(pl.col("limit_e4") - pl.col("window_e4") + pl.col("day_e4")).clip(0)
    )
    laid = over_cap(capped, day)
    return capped.select("row", period_qty=pl.col("window_e4") / QUANTITY).join(laid.select("row", over_period_fen="over_fen"), on="row")


def _first_line_items(lines: pl.LazyFrame, history: dict[str, pl.LazyFrame], knowledge: Knowledge) -> pl.DataFrame:
    """item_code, set_id: which items that occur belong to a set of first-line drugs (by code prefix)."""
    codes = engine.collect(pl.concat([lines.select("item_code"), history["item_days"].select("item_code")]).unique())
    found = [
        codes.with_columns(code_prefix=pl.col("item_code").str.slice(0, length)).join(sets, on="code_prefix").select("item_code", "set_id")
        for (length,), sets in knowledge.first_line.group_by(pl.col("code_prefix").str.len_chars())
    ]
    empty = pl.DataFrame(schema={"item_code": pl.String, "set_id": pl.String})
    members = pl.concat([empty, *found]).unique()
    # A drug held back by a set is not first-line treatment for itself, though it may lie in the same class of drugs.
    held_back = engine.collect(lines.select("item_code", set_id="item_first_line_set").drop_nulls().unique())
    return members.join(held_back, on=["item_code", "set_id"], how="anti")


def first_line_seen(lines: pl.LazyFrame, claims: pl.LazyFrame, history: dict[str, pl.LazyFrame], knowledge: Knowledge) -> pl.LazyFrame:
    """first_line_seen Boolean: rule 5, the person used a drug of item_first_line_set on or before this day, earlier nights included.
    False only if the person has been known for p_first_line_known_days; null: newly seen person, set not mapped, or no such limit."""
    members = _first_line_items(lines, history, knowledge).lazy()
    second = lines.filter(pl.col("item_first_line_set").is_not_null()).select(
        "row", "psn_no", "fee_date", "p_first_line_known_days", set_id="item_first_line_set"
    )
    persons = second.select("psn_no").unique()
    tonight = lines.filter(pl.col("cnt_e4") > 0).select("psn_no", "item_code", "fee_date").join(members, on="item_code")
    earlier = history["item_days"].filter(pl.col("cnt_e4") > 0).select("psn_no", "item_code", "fee_date").join(members, on="item_code")
    used = pl.concat([tonight, earlier]).join(persons, on="psn_no", how="semi")
    first_use = used.group_by("psn_no", "set_id").agg(first_use=pl.col("fee_date").min())
    seen = pl.concat([
        claims.select("psn_no", day="begn_date"),
        history["stays"].select("psn_no", day="begn_date"),
        history["visits"].select("psn_no", day="visit_date"),
        history["item_days"].select("psn_no", day="fee_date"),
    ])  # fmt: skip
    known = seen.join(persons, on="psn_no", how="semi").group_by("psn_no").agg(known_from=pl.col("day").min())
    known_days = (pl.col("fee_date") - pl.col("known_from")).dt.total_days()
    answer = pl.when(pl.col("first_use") <= pl.col("fee_date")).then(True).when(known_days >= pl.col("p_first_line_known_days")).then(False)
    answered = second.join(first_use, on=["psn_no", "set_id"], how="left").join(known, on="psn_no", how="left")
    return answered.select("row", first_line_seen=answer)
