"""Columns about how often and how much: identical lines, quantity and hours of a day, the same item again."""

from __future__ import annotations

import polars as pl

from audit import engine
from audit.money import QUANTITY, over_cap

# One item of one person at one institution on one day.
ITEM_DAY = ["where", "item_day"]
HOURS = "小时|hour"
OTHER_THAN_DAY = "小时|分钟|hour|min"
OTHER_THAN_HOUR = "分钟|半小时|日|天|次|min|day"
REPEATED_CLASSES = ["03", "04"]  # examination, laboratory


def item_day() -> dict[str, pl.Expr]:
    """The columns of ITEM_DAY: person and institution, item and day, two numbers each in one."""
    where = pl.col("psn_key").cast(pl.Int64) * 2**32 + pl.col("inst_key")
    return {"where": where, "item_day": pl.col("item_key").cast(pl.Int64) * 2**20 + pl.col("fee_date").cast(pl.Int32)}


def moment() -> pl.Expr:
    """When a line happened, for ordering only: its time, else the start of its day."""
    return pl.coalesce("fee_ocur_time", pl.col("fee_date").cast(pl.Datetime("us")))


def comparable() -> pl.Expr:
    """Lines that may be copies of each other: billed ones whose time is known."""
    return pl.col("fee_ocur_time").is_not_null() & (pl.col("cnt_e4") > 0)


def copies(lines: pl.LazyFrame) -> pl.LazyFrame:
    """copy_no Int64: number of this line among identical ones (person, institution, item, fee_ocur_time, quantity, price, prescription),
        by bkkp_sn. Null: no fee_ocur_time.
    copies Int64: how many identical lines there are; 1 = none other. Null: no fee_ocur_time."""
    same = ["psn_key", "fee_ocur_time", "item_key", "cnt_e4", "inst_key", "pric_e6", "rx"]
    # Most lines differ from all others by one number made of person, minute and item already; only the rest is compared in full.
    minute = pl.col("fee_ocur_time").dt.epoch("s") // 60
    timed = lines.filter(comparable()).with_columns(alike=pl.col("psn_key").cast(pl.Int64) * 2**32 + minute * 31 + pl.col("item_key"))
    again = timed.group_by("alike").agg(n=pl.len()).filter(pl.col("n") > 1).select("alike")
    near = timed.join(again, on="alike", how="semi").with_columns(rx=pl.col("rx_drord_no").fill_null(""))
    number, count = pl.col("bkkp_sn").rank("ordinal").over(same).cast(pl.Int64), pl.len().over(same).cast(pl.Int64)
    return near.select("row", "claim_key", copy_no=number, copies=count).filter(pl.col("copies") > 1)


def day_quantity(lines: pl.LazyFrame) -> pl.LazyFrame:
    """qty_day Float64: rule 27, net quantity of the item for the person at the institution on the day. Null: item without item_day_max.
    over_day_fen Int64 fen: money of the part of this line above item_day_max; the excess lies on the day's last lines. Null as qty_day."""
    limited = lines.filter(pl.col("item_day_max").is_not_null()).select(
        "row", "bkkp_sn", "cnt_e4", "det_item_fee_sumamt", **item_day(), moment=moment(),
        cap_e4=(pl.col("item_day_max") * QUANTITY).round().cast(pl.Int64),
    )  # fmt: skip
    return over_cap(limited, ITEM_DAY).select("row", qty_day=pl.col("total_e4") / QUANTITY, over_day_fen="over_fen")


def unit_known(lines: pl.LazyFrame) -> pl.LazyFrame:
    """unit_known Boolean: rule 27, the line counts in the unit of item_day_unit: True where the point gives it and spec does not
    contradict; null where spec names another unit. False: no limit."""
    spec = pl.col("spec").str.to_lowercase()
    in_hours = pl.col("item_day_unit") == "hour"
    other = pl.when(in_hours).then(spec.str.contains(OTHER_THAN_HOUR)).otherwise(spec.str.contains(OTHER_THAN_DAY))
    limited = lines.filter(pl.col("item_day_max").is_not_null())
    return limited.select("row", unit_known=pl.when(~other.fill_null(False)).then(True))


def hours(lines: pl.LazyFrame) -> pl.LazyFrame:
    """hours_day Float64: hours of the item for the person at the institution on the day; lines whose spec says hours, item without
        item_day_max. Null: other lines.
    over_24h_fen Int64 fen: money of the part of this line above 24 hours, on the day's last lines. Null as hours_day."""
    spec = pl.col("spec").str.to_lowercase()
    in_hours = spec.str.contains(HOURS) & ~spec.str.contains("半小时", literal=True)
    # A batch knows few specs: the text is looked at once for each.
    specs = engine.stream(lines.select("spec").unique()).filter(in_hours)["spec"]
    hourly = lines.filter(pl.col("spec").is_in(specs.implode()), pl.col("item_day_max").is_null()).select(
        "row", "bkkp_sn", "cnt_e4", "det_item_fee_sumamt", **item_day(), moment=moment(), cap_e4=pl.lit(24 * QUANTITY, pl.Int64)
    )
    return over_cap(hourly, ITEM_DAY).select("row", hours_day=pl.col("total_e4") / QUANTITY, over_24h_fen="over_fen")


def same_item(lines: pl.LazyFrame) -> pl.LazyFrame:
    """same_item_days_30 Int64: days within 30 ending on this one on which the person had the same examination or laboratory item, this
        day counted. Null: other lines.
    days_since_same_item Int64: days since the person's last earlier day with the same examination or laboratory item in this batch. Null:
        none, or other lines."""
    keys = ["psn_key", "item_key"]
    tests = lines.filter(pl.col("med_chrgitm_type").str.slice(0, 2).is_in(REPEATED_CLASSES), pl.col("cnt_e4") > 0)
    tests = tests.select("row", *keys, "fee_date")
    days = tests.group_by([*keys, "fee_date"]).agg(n=pl.len()).drop("n")
    again = days.group_by(keys).agg(n=pl.len()).filter(pl.col("n") > 1).drop("n")
    repeated = days.join(again, on=keys, how="semi")
    apart = (pl.col("fee_date") - pl.col("other")).dt.total_days()
    earlier = repeated.join(repeated.rename({"fee_date": "other"}), on=keys).with_columns(apart=apart).filter(pl.col("apart") > 0)
    found = earlier.group_by([*keys, "fee_date"]).agg(
        near=(pl.col("apart") < 30).cast(pl.Int64).sum(), days_since_same_item=pl.col("apart").min()
    )
    return tests.join(found, on=[*keys, "fee_date"], how="left").select(
        "row", same_item_days_30=pl.col("near").fill_null(0) + 1, days_since_same_item="days_since_same_item"
    )
