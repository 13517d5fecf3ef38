"""Items that another item calls for, or forbids, on the same day, prescription or visit."""

from __future__ import annotations

import polars as pl

from audit.knowledge import Knowledge
from audit.knowledge.codings import NAMED_ITEMS

SCOPES = {"day": ["psn_key", "fee_date"], "rx": ["claim_key", "rx_drord_no"], "visit": ["psn_key", "mdtrt_id"]}
PLACES = sorted({key for keys in SCOPES.values() for key in keys})
# column: the fact that names the other items, and where they are looked for (a scope, or the fact that says which)
ASKED = {
    "billed_within": ("item_consumable_within", pl.lit("day")),
    "interacts_with": ("item_interaction_set", pl.lit("day")),
    "incompatible_with": ("item_incompatible_set", pl.lit("rx")),
    "companion": ("item_companion_set", pl.col("item_companion_window")),
    "consumable_companion": ("item_consumable_companion_set", pl.col("item_consumable_companion_window")),
}


def members(items: pl.DataFrame, knowledge: Knowledge) -> pl.DataFrame:
    """item_key, set_id: which items that occur belong to a set of items that one of them, or a measure, names."""
    asked = [items[fact].drop_nulls().rename("set_id") for fact, _ in ASKED.values()]
    named = pl.concat([*asked, pl.Series("set_id", NAMED_ITEMS)]).unique()
    wanted = knowledge.item_sets.filter(pl.col("set_id").is_in(named.implode())).sort("code_prefix")
    codes = items.select("item_key", "item_code").unique()
    found = [
        codes.with_columns(code_prefix=pl.col("item_code").str.slice(0, length)).join(sets, on="code_prefix").select("item_key", "set_id")
        for (length,), sets in wanted.group_by(pl.col("code_prefix").str.len_chars())
    ]
    return pl.concat([pl.DataFrame(schema={"item_key": pl.Int32, "set_id": pl.String}), *found]).unique().sort("set_id", "item_key")


def partners(lines: pl.LazyFrame, limited: pl.LazyFrame, members: pl.LazyFrame) -> pl.LazyFrame:
    """billed_within String: rule 30, bkkp_sn of a service of item_consumable_within that the person was billed on the same day. Null: none.
    interacts_with String: rule 74, bkkp_sn of a drug of item_interaction_set that the person was billed on the same day. Null: none.
    incompatible_with String: rule 75, bkkp_sn of a piece of item_incompatible_set on the same prescription. Null: none, or no
        prescription number.
    companion String: rule 64, bkkp_sn of an item of item_companion_set within item_companion_window. Null: none.
    consumable_companion String: rule 84, bkkp_sn of an item of item_consumable_companion_set within item_consumable_companion_window.
        Null: none."""
    billed = pl.col("cnt_e4") > 0
    asking = pl.concat(
        limited.filter(billed, pl.col(fact).is_not_null()).select(
            "row", "item_key", *PLACES, set_id=fact, scope=scope, tells=pl.lit(column)
        )
        for column, (fact, scope) in ASKED.items()
    )
    on_day = pl.col("fee_ocur_time").is_not_null()
    offered = lines.filter(billed).join(members, on="item_key").select(*PLACES, "set_id", "bkkp_sn", other="item_key", on_day=on_day)
    # A line of which nobody knows the day accuses none, but may well be the companion that another one calls for.
    sure = (pl.col("scope") != "day") | pl.col("on_day") | pl.col("tells").str.ends_with("companion")
    met = pl.concat(
        asking.filter(pl.col("scope") == scope)
        .join(offered.select(*keys, "set_id", "bkkp_sn", "other", "on_day"), on=[*keys, "set_id"])
        .filter(pl.col("other") != pl.col("item_key"), sure)
        .select("row", "tells", "bkkp_sn")
        for scope, keys in SCOPES.items()
    )
    told = met.select("row", *(pl.when(pl.col("tells") == column).then("bkkp_sn").alias(column) for column in ASKED))
    return told.group_by("row").agg(pl.col(*ASKED).min())
