"""Small tables about the whole batch that no person bucket can see: institutions, doctors, prices, stock books, marked lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import polars as pl

from audit.money import allot

SHELF = ["fixmedins_code", "med_list_codg"]
PURCHASE, RETURN, COUNT = "1", "3", "4"
OPERATION = "0033"  # chapter 33 of the price list: operations
GATHERING = ["11", "12", "19", "41"]  # med_type of clinic visits and purchases
LEAST_DAYS = 3  # days together before it is worth counting; no area can ask for fewer
CROWD = 40  # persons who come again and again on one day: more than that are a hospital's ordinary day
PROFILES = ("institutions", "doctors", "op_prices", "stock_books", "line_marks", "gatherings")


def profile(
    claims: pl.LazyFrame,
    lines: pl.LazyFrame,
    traces: pl.LazyFrame | None,
    inventory: pl.LazyFrame | None,
    history: Mapping[str, pl.LazyFrame],
    bundles: Collection[str] = (),
) -> dict[str, pl.LazyFrame]:
    """All claims and lines of the batch -> one lazy table each:

    institutions  fixmedins_code, med_type, inst_claims, inst_mean_fen, tier_mean_fen, has_traces
    doctors       fixmedins_code, chfpdr_code, begn_date, doctor_claims_day
    op_prices     fixmedins_code, med_list_codg, price_e6, billed (lines at that price): operations, and `bundles` by national code
    stock_books   fixmedins_code, med_list_codg, inv_from, inv_to (days the stock book covers),
                  bought_pric_e6 (highest purchase price in the stock book)
    line_marks    bkkp_sn, trace_reused_by, inv_over_fen: only lines that bear a mark
    gatherings    psn_no, fixmedins_code, days, companions: with how many others the person was there on at least so many days
    """
    over, covered = _stock(lines, inventory)
    reused = _reused(lines, traces, history["trace_uses"])
    marks = over.join(reused, on="bkkp_sn", how="full", coalesce=True).select("bkkp_sn", "trace_reused_by", "inv_over_fen")
    return {
        "institutions": _institutions(claims, lines, traces).sort("fixmedins_code", "med_type"),
        "doctors": _doctors(claims).sort("fixmedins_code", "chfpdr_code", "begn_date"),
        "op_prices": _op_prices(lines, bundles).sort(*SHELF, "price_e6"),
        "stock_books": covered.sort(SHELF),
        "line_marks": marks.sort("bkkp_sn"),
        "gatherings": _gatherings(claims, history["visits"]).sort("psn_no", "fixmedins_code", "days"),
    }


def item_use(buckets: Iterable[pl.LazyFrame]) -> pl.DataFrame:
    """What the night billed of each item, from the enriched lines of each bucket: med_list_codg, first_day, last_day (of service), claims,
    lines, fen. A claim that bills an item on both sides of a change of knowledge counts twice."""
    first, last = pl.col("first_day").min(), pl.col("last_day").max()
    by_code = pl.concat(map(_use_in, buckets)).group_by("med_list_codg").agg(first, last, pl.col("claims", "lines", "fen").sum())
    return by_code.sort("med_list_codg").collect(engine="streaming")


def _use_in(lines: pl.LazyFrame) -> pl.LazyFrame:
    pair = pl.col("item").cast(pl.Int64) * 2**32 + pl.col("claim_key")  # one number sorts out repeats in half the time of two columns
    claims = lines.select(pair=pair).unique().group_by(item=(pl.col("pair") // 2**32).cast(pl.Int32)).agg(claims=pl.len().cast(pl.Int64))
    day, fen = pl.col("fee_date"), pl.col("det_item_fee_sumamt")
    code, number = pl.col("med_list_codg").first(), pl.len().cast(pl.Int64)
    return lines.group_by("item").agg(code, first_day=day.min(), last_day=day.max(), lines=number, fen=fen.sum()).join(claims, on="item")


def _institutions(claims: pl.LazyFrame, lines: pl.LazyFrame, traces: pl.LazyFrame | None) -> pl.LazyFrame:
    fen = pl.col("medfee_sumamt")
    keyed = claims.select("fixmedins_code", "med_type", "medfee_sumamt", tier=pl.col("hosp_tier").fill_null(0))
    kinds = keyed.group_by("fixmedins_code", "med_type").agg(n=pl.len().cast(pl.Int64), fen=fen.sum(), tier=pl.col("tier").max())
    whole = kinds.group_by("fixmedins_code").agg(inst_claims=pl.col("n").sum())
    tiers = kinds.group_by("tier", "med_type").agg(tier_mean_fen=pl.col("fen").sum() // pl.col("n").sum())
    sends = pl.LazyFrame(schema={"fixmedins_code": pl.String})
    if traces is not None:
        traced = lines.select("bkkp_sn", "fixmedins_code").join(traces.select("bkkp_sn"), on="bkkp_sn", how="semi")
        sends = traced.select("fixmedins_code").unique()
    return (
        kinds.join(whole, on="fixmedins_code")
        .join(tiers, on=["tier", "med_type"])
        .join(sends.with_columns(has_traces=pl.lit(True)), on="fixmedins_code", how="left")
        .select(
            "fixmedins_code", "med_type", "inst_claims", "tier_mean_fen",
            inst_mean_fen=pl.col("fen") // pl.col("n"), has_traces=pl.col("has_traces").fill_null(False),
        )
    )  # fmt: skip


def _doctors(claims: pl.LazyFrame) -> pl.LazyFrame:
    named = claims.filter(pl.col("chfpdr_code").is_not_null())
    return named.group_by("fixmedins_code", "chfpdr_code", "begn_date").agg(doctor_claims_day=pl.len().cast(pl.Int64))


def _op_prices(lines: pl.LazyFrame, bundles: Collection[str]) -> pl.LazyFrame:
    """What an institution charged for an operation or a bundle, and how often."""
    asked = pl.any_horizontal(pl.col("med_list_codg").str.starts_with(code) for code in (OPERATION, *sorted(bundles)))
    charged = lines.filter(asked, pl.col("cnt_e4") > 0)
    return charged.group_by(*SHELF, price_e6="pric_e6").agg(billed=pl.len().cast(pl.Int64))


def _gatherings(claims: pl.LazyFrame, visits: pl.LazyFrame) -> pl.LazyFrame:
    """Persons who were at one institution on the same days, in clinic visits and purchases of this batch and earlier nights.

    Persons of tonight only, with LEAST_DAYS days there and more; a day on which more than CROWD of them came tells nothing. People with
    a registered disease (med_type 14, such as dialysis) come together by plan and are left out.
    """
    who, at = ["psn_no", "fixmedins_code"], ["fixmedins_code", "day"]
    now = claims.filter(pl.col("med_type").str.slice(0, 2).is_in(GATHERING)).select(*who, day="begn_date")
    past = visits.filter(pl.col("visit_mode").is_in(["outpatient", "drugstore"])).select(*who, day="visit_date")
    days = pl.concat([now, past.join(now.select(who).unique(), on=who, how="semi")]).unique()
    regular = days.group_by(who).agg(n=pl.len()).filter(pl.col("n") >= LEAST_DAYS).select(who)
    seen = days.join(regular, on=who, how="semi")
    small = seen.group_by(at).agg(n=pl.len()).filter(pl.col("n") <= CROWD).select(at)
    seen = seen.join(small, on=at, how="semi")
    met = seen.join(seen.rename({"psn_no": "other"}), on=at).filter(pl.col("psn_no") != pl.col("other"))
    shared = met.group_by([*who, "other"]).agg(days=pl.len().cast(pl.Int64)).filter(pl.col("days") >= LEAST_DAYS)
    counted = shared.group_by([*who, "days"]).agg(n=pl.len().cast(pl.Int64))
    more = counted.join(counted.rename({"days": "more", "n": "m"}), on=who).filter(pl.col("more") >= pl.col("days"))
    return more.group_by([*who, "days"]).agg(companions=pl.col("m").sum())


def _reused(lines: pl.LazyFrame, traces: pl.LazyFrame | None, history: pl.LazyFrame) -> pl.LazyFrame:
    """bkkp_sn, trace_reused_by: later lines billed with a trace code of an unsplit pack that an earlier line already bore."""
    if traces is None:
        return pl.LazyFrame(schema={"bkkp_sn": pl.String, "trace_reused_by": pl.String})
    whole = ~(pl.col("trdn_flag") == "1").fill_null(False)
    past = history.filter(whole).select("drug_trac_codg", "bkkp_sn").unique()
    now = traces.filter(whole).select("drug_trac_codg", "bkkp_sn").unique()
    often = pl.concat([past, now]).group_by("drug_trac_codg").agg(n=pl.len()).filter(pl.col("n") > 1).drop("n")
    again = now.join(often, on="drug_trac_codg", how="semi")
    served = lines.filter(pl.col("cnt_e4") > 0).select("bkkp_sn", day="fee_date")  # refunded lines are gone, so their codes are free
    uses = pl.concat([
        past.join(often, on="drug_trac_codg", how="semi").with_columns(day=pl.lit(None, pl.Date)),
        again.join(served, on="bkkp_sn"),
    ])  # fmt: skip
    key = pl.concat_str(pl.col("day").fill_null(pl.date(1970, 1, 1)).cast(pl.Int32) + 100_000, "bkkp_sn")
    ordered = uses.with_columns(order=key)
    first = ordered.group_by("drug_trac_codg").agg(first=pl.col("order").min())
    later = ordered.join(first, on="drug_trac_codg").filter(pl.col("order") > pl.col("first"), pl.col("day").is_not_null())
    named = later.with_columns(by=pl.col("first").str.slice(6)).filter(pl.col("by") != pl.col("bkkp_sn"))
    return named.group_by("bkkp_sn").agg(trace_reused_by=pl.col("by").min())


def _stock(lines: pl.LazyFrame, inventory: pl.LazyFrame | None) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """(bkkp_sn, inv_over_fen of the lines that stock could not cover), (SHELF, inv_from, inv_to, bought_pric_e6)."""
    if inventory is None:
        days = {"fixmedins_code": pl.String, "med_list_codg": pl.String, "inv_from": pl.Date, "inv_to": pl.Date, "bought_pric_e6": pl.Int64}
        return pl.LazyFrame(schema={"bkkp_sn": pl.String, "inv_over_fen": pl.Int64}), pl.LazyFrame(schema=days)
    kind, cnt, at = pl.col("inv_chg_type"), pl.col("cnt_e4"), pl.col("inv_chg_time")
    counted = inventory.filter(kind == COUNT).group_by([*SHELF, "inv_chg_time"]).agg(cnt.max())
    ends = counted.group_by(SHELF).agg(opened=at.min(), closed=at.max())
    opening = counted.join(ends, left_on=[*SHELF, "inv_chg_time"], right_on=[*SHELF, "opened"]).select(*SHELF, opening=cnt)
    closing = counted.join(ends.filter(pl.col("closed") > pl.col("opened")), left_on=[*SHELF, "inv_chg_time"], right_on=[*SHELF, "closed"])
    span = inventory.group_by(SHELF).agg(first=at.min(), last=at.max()).join(ends, on=SHELF, how="left")
    is_closed = pl.col("closed") > pl.col("opened")
    period = span.with_columns(
        since=pl.coalesce("opened", "first"),
        until=pl.when(is_closed).then(pl.col("closed")).otherwise(pl.col("last")),
    )
    moved = inventory.join(period, on=SHELF).filter(at >= pl.col("since"), at <= pl.col("until"))
    signed = pl.when(kind == PURCHASE).then(cnt).when(kind == RETURN).then(-cnt.abs()).otherwise(0)
    prices = inventory.filter(kind == PURCHASE).group_by(SHELF).agg(bought_pric_e6=pl.col("pric_e6").max())
    net = moved.with_columns(signed=signed).group_by(SHELF).agg(bought=pl.col("signed").sum())
    shelf = (
        period.join(net, on=SHELF, how="left")
        .join(opening, on=SHELF, how="left")
        .join(closing.select(*SHELF, closing=cnt), on=SHELF, how="left")
        .join(prices, on=SHELF, how="left")
        .select(
            *SHELF,
            "bought_pric_e6",
            # Without a count the book covers whole months; a count is taken at a moment, so its day bounds the period.
            inv_from=pl.coalesce("opened", pl.col("first").dt.month_start()).cast(pl.Date),
            inv_to=pl.when(is_closed).then(pl.col("closed")).otherwise(pl.col("last").dt.month_end()).cast(pl.Date),
            available=pl.sum_horizontal("opening", "bought") - pl.col("closing").fill_null(0),
        )
    )
    billed = lines.select("bkkp_sn", *SHELF, "fee_date", "fee_ocur_time", "cnt_e4", "det_item_fee_sumamt").join(shelf, on=SHELF)
    inside = billed.filter(pl.col("fee_date").is_between("inv_from", "inv_to"))
    beyond = inside.join(inside.group_by(SHELF).agg(billed=cnt.sum()), on=SHELF).filter(pl.col("billed") > pl.col("available"))
    dated = beyond.with_columns(moment=pl.coalesce("fee_ocur_time", pl.col("fee_date").cast(pl.Datetime("us"))))
    laid = allot(dated, SHELF, pl.col("billed") - pl.col("available").clip(0)).filter(pl.col("over_fen") > 0)
    return laid.select("bkkp_sn", inv_over_fen="over_fen"), shelf.select(*SHELF, "inv_from", "inv_to", "bought_pric_e6")
