"""Rule 25: an item that another item of the same window already includes."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from audit import engine
from audit.knowledge import Knowledge

WINDOWS = {"6h": timedelta(hours=6), "1h": timedelta(hours=1)}
WHERE = ["psn_key", "inst_key"]


def included(lines: pl.LazyFrame, knowledge: Knowledge) -> pl.LazyFrame:
    """included_in String: rule 25, bkkp_sn of the line that includes this one: same person and institution, in the pair's window (day,
        visit, 6h, 1h). The least bkkp_sn if several. Null: none.
    included_in_code String: rule 25, item code of the line that includes this one. Null: none.
    pair_unsure Boolean: not known to be included, but an including line of the same day might lie within the hours if both times of day
        were known. False otherwise."""
    of_pairs = pl.col("item_is_main").is_not_null() | pl.col("item_is_part").is_not_null()
    both = lines.filter(of_pairs, pl.col("cnt_e4") > 0).select(
        "row", "bkkp_sn", *WHERE, "mdtrt_id", "med_list_codg", "item_is_main", "item_is_part", "fee_date", "fee_ocur_time", "time_known"
    )
    # Few persons have an item that includes others; only their lines are looked at.
    including = both.filter(pl.col("item_is_main").is_not_null()).select("psn_key").unique()
    both = engine.stream(both.join(including, on="psn_key", how="semi")).lazy()
    billed = engine.collect(both.select("med_list_codg").unique())
    national = knowledge.item_facts(billed).select("med_list_codg", "item_code").unique()
    both = both.join(national.lazy(), on="med_list_codg").drop("med_list_codg")
    pairs = knowledge.pairs.lazy().select("main_code", "part_code", "pair_window", "valid_from", "valid_to")
    parts = both.filter(pl.col("item_is_part").is_not_null()).rename({"item_code": "part_code"}).drop("bkkp_sn")
    mains = both.filter(pl.col("item_is_main").is_not_null()).rename({"item_code": "main_code", "bkkp_sn": "main_sn"}).drop("row")
    found = pl.concat([
        _within(parts, mains, pairs, "visit", [*WHERE, "mdtrt_id"]),
        _within(parts, mains, pairs, "day", [*WHERE, "fee_date"]),
        _hours(parts, mains, pairs),
    ])  # fmt: skip
    return (
        found.group_by("row")
        .agg(included_in=pl.col("sure_sn").min(), unsure_sn=pl.col("unsure_sn").min())
        .join(mains.select(included_in="main_sn", included_in_code="main_code"), on="included_in", how="left")
        .select("row", "included_in", "included_in_code", pair_unsure=pl.col("included_in").is_null() & pl.col("unsure_sn").is_not_null())
    )


def _in_force() -> pl.Expr:
    begun = pl.col("fee_date") >= pl.col("valid_from")
    return begun & (pl.col("valid_to").is_null() | (pl.col("fee_date") <= pl.col("valid_to")))


def _within(parts: pl.LazyFrame, mains: pl.LazyFrame, pairs: pl.LazyFrame, window: str, keys: list[str]) -> pl.LazyFrame:
    """Parts whose main shares `keys`; one including line per window and main item is enough, which keeps the join small."""
    one = mains.group_by([*keys, "main_code"]).agg(pl.col("main_sn").min())
    covering = one.join(pairs.filter(pl.col("pair_window") == window), on="main_code").drop("main_code", "pair_window")
    hit = parts.join(covering, on=[*keys, "part_code"]).filter(_in_force())
    return hit.select("row", sure_sn="main_sn", unsure_sn=pl.lit(None, pl.String))


def _hours(parts: pl.LazyFrame, mains: pl.LazyFrame, pairs: pl.LazyFrame) -> pl.LazyFrame:
    """Parts whose main lies within the hours; a window may reach over midnight, so the neighbouring days are looked at too."""
    hourly = pairs.filter(pl.col("pair_window").is_in(list(WINDOWS)))
    other = mains.join(hourly, on="main_code").select(
        *WHERE, "part_code", "pair_window", "valid_from", "valid_to", "main_sn",
        day="fee_date", main_day="fee_date", main_time="fee_ocur_time", main_known="time_known",
    )  # fmt: skip
    nearby = pl.concat([other.with_columns(day=(pl.col("day").cast(pl.Int32) + n).cast(pl.Date)) for n in (-1, 0, 1)])
    met = parts.join(nearby, left_on=[*WHERE, "part_code", "fee_date"], right_on=[*WHERE, "part_code", "day"]).filter(_in_force())
    known = pl.col("time_known") & pl.col("main_known")
    limit = pl.when(pl.col("pair_window") == "6h").then(pl.lit(WINDOWS["6h"])).otherwise(pl.lit(WINDOWS["1h"]))
    apart = pl.col("fee_ocur_time") - pl.col("main_time")
    near = known & (apart <= limit) & (apart >= -limit)
    unsure = ~known & (pl.col("fee_date") == pl.col("main_day"))
    return met.filter(near | unsure).select(
        "row", sure_sn=pl.when(near).then(pl.col("main_sn")), unsure_sn=pl.when(unsure).then(pl.col("main_sn"))
    )
