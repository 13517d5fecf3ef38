"""LOCAL_SUBSTITUTION: is what the institution calls an item anything like what it was billed as?"""

from __future__ import annotations

import unicodedata

import polars as pl

from audit import engine

UNLIKE = 0.5  # pairs at least this alike are not looked at further; no area can ask for more


def likeness(one: str, other: str) -> float:
    """Share of the shorter name's letters and signs that occur in the other; 1.0 where one of them has none."""
    first, second = (
        {sign for sign in unicodedata.normalize("NFKC", name).lower() if unicodedata.category(sign)[0] in "LN"} for name in (one, other)
    )
    shorter = min(len(first), len(second))
    return len(first & second) / shorter if shorter else 1.0


def unlike_names(lines: pl.LazyFrame, on: engine.Engine) -> pl.LazyFrame:
    """least_likeness Float64: LOCAL_SUBSTITUTION, least likeness (0 to 1) of the institution's and the list's name among the claim's lines;
        each distinct pair of names is compared once. 1: all alike; null: no line tells both names.
    unlike_line String: LOCAL_SUBSTITUTION, bkkp_sn of the least line of that likeness. Null: all are alike (0.5 and more)."""
    names = ["hilist_name", "medins_list_name"]
    billed = lines.filter(pl.col("cnt_e4") > 0)
    pairs = engine.stream(billed.filter(pl.col(names[0]) != pl.col(names[1])).select(names).unique(), on).sort(names)
    unlike = pl.DataFrame(
        [(one, other, alike) for one, other in pairs.iter_rows() if (alike := likeness(one, other)) < UNLIKE],
        schema={names[0]: pl.String, names[1]: pl.String, "alike": pl.Float64},
        orient="row",
    )
    met = engine.stream(billed.join(unlike.lazy(), on=names).select("claim_key", "bkkp_sn", "alike"), on).lazy()
    known = engine.stream(billed.filter(pl.all_horizontal(pl.col(names).is_not_null())).select("claim_key").unique(), on).lazy()
    least = met.group_by("claim_key").agg(least_likeness=pl.col("alike").min())
    first = met.join(least, on="claim_key").filter(pl.col("alike") == pl.col("least_likeness"))
    lines_named = first.group_by("claim_key").agg(unlike_line=pl.col("bkkp_sn").min())
    told = known.join(least, on="claim_key", how="left").join(lines_named, on="claim_key", how="left")
    return told.with_columns(pl.col("least_likeness").fill_null(1.0))
