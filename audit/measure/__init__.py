"""One function = one named column (or a tight pair); its docstring is the manual entry.

`measure` reads top to bottom: what each line can say for itself (`alone`), then what takes other lines, other claims or earlier
nights (`beside`). Columns that need a group or a join are worked out on the few lines they concern and laid beside the others by
the line's row number (claims: by setl_id), so the cost follows the lines. Null always means *cannot tell*, or that the column does
not concern the row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import polars as pl

from audit import engine
from audit.errors import Fault, RuleError
from audit.knowledge import Knowledge
from audit.knowledge.facts import NUMBERS, Facts
from audit.measure import alone, beside, caps, coding, diagnoses, exemptions, months, partners, presence, stays, stock, visit, wording
from audit.measure import claims as claim
from audit.measure.vocabulary import vocabulary

__all__ = ["MEASURES", "columns_read", "measure", "parameters", "remember", "vocabulary", "whole"]

MEASURES = frozenset(name for name, _, _ in vocabulary())


def measure(
    lines: pl.LazyFrame,
    facts: Facts,
    claims: pl.LazyFrame,
    diags: pl.LazyFrame,
    oprns: pl.LazyFrame | None,
    history: dict[str, pl.LazyFrame],
    profiles: dict[str, pl.LazyFrame],
    knowledge: Knowledge,
    wanted: tuple[Collection[str], Collection[str]] | None = None,
    on: engine.Engine = "cpu",
) -> tuple[pl.LazyFrame, pl.LazyFrame, pl.LazyFrame]:
    """One bucket with its measures: (lines, limited, claims), no row added or lost, each in its order.

    `lines` carry the numbers that lead to `facts`; `claims` as enrich saw them. `limited` are the lines whose item carries facts beyond
    the common ones: few, so that those facts and what rests on them are told of them alone. `history`: stays, visits, item_days,
    fund_days of earlier nights. `profiles`: the tables of the profile stage. `wanted`: the columns of lines and of
    limited lines that somebody reads; others are left out. Columns and their meaning: `vocabulary()`. All frames are collected, on the
    engine `on`; `row` and `measured_row` are equal in every line, or the lines have lost their order.
    """
    everything = {*MEASURES, *facts.names(), *lines.collect_schema().names()}
    of_lines, of_limited = wanted or (everything, everything)
    asked = _asked(of_lines, of_limited)
    needed = alone.needs(asked[0] | asked[1]) | NUMBERS.keys()
    read = lines.select(name for name in lines.collect_schema().names() if name in needed)
    given = engine.stream(read, on)
    own, told, all_stays = _claims_told(claims, diags, oprns, history, knowledge, on)
    limited = given.filter(facts.items["is_limited"][given["item"]])
    lines_told, limited_told = engine.together(
        lambda: _told_alone(given, facts, own, asked[0], on), lambda: _told_alone(limited, facts, own, asked[1], on), engine=on
    )
    members = partners.members(facts.items, knowledge).lazy()
    every = lines_told.lazy()
    plans = beside.plans(every, limited_told.lazy(), own.lazy(), all_stays.lazy(), diags, history, profiles, knowledge, members, oprns)
    plans = [plan for plan in plans if set(plan.collect_schema().names()) & {"copies", *of_lines, *of_limited}]
    copied, *others, sums = engine.collect_all([*plans, claim.line_sums(every)], on)
    senders = engine.collect(profiles["institutions"].filter("has_traces").select("fixmedins_code").unique(), on)["fixmedins_code"]
    summed = sums.lazy().join(claim.max_copies(copied.lazy()), on="claim_key", how="left")
    for side in _by_claim(lines, every, own.lazy(), members, profiles, on):
        summed = summed.join(side, on="claim_key", how="left")
    asked_stays = coding.asked_of_lines(told.lazy(), oprns, knowledge.codings)
    sets = facts.items.select("item_key").with_row_index("item").join(engine.collect(members), on="item_key").lazy()
    listed = [
        coding.unbilled(asked_stays, told.lazy(), lines, sets.with_columns(pl.col("item").cast(pl.Int32)), on),
        coding.op_unlisted(told.lazy(), every, members),
        coding.op_dx_fit(told.lazy(), knowledge.codings),
        presence.together(own.lazy(), profiles["gatherings"]),
    ]
    return (
        beside.laid(lines_told, [copied, *others], senders, of_lines),
        beside.laid(limited_told, [copied, *others], senders, of_limited),
        _claims_together(told.lazy(), own.lazy(), all_stays.lazy(), summed, listed, history, profiles, knowledge),
    )


def _by_claim(
    lines: pl.LazyFrame,
    told: pl.LazyFrame,
    claims: pl.LazyFrame,
    members: pl.LazyFrame,
    profiles: dict[str, pl.LazyFrame],
    on: engine.Engine,
) -> list[pl.LazyFrame]:
    """What the lines say of their claims beyond sums by class: claim_key and columns, collected."""
    sides = [
        claim.imaging(told, members),
        presence.idle_days(told, claims),
        stock.mark_up(told, claims, profiles["stock_books"]),
        presence.upload_hours(lines),
    ]
    return [*(side.lazy() for side in engine.collect_all(sides, on)), wording.unlike_names(lines, on)]


def _told_alone(given: pl.DataFrame, facts: Facts, claims: pl.DataFrame, wanted: set[str], on: engine.Engine) -> pl.DataFrame:
    """Lines with their facts, what their claim says of the visit, and what each says for itself."""
    needed = alone.needs(wanted)
    visits = claims.select("internet_hospital", "chronic_visit", claim_mode="visit_mode")[given["claim_key"]]
    hung = facts.hung(given.hstack(visits), needed)
    for column in sorted(needed & visit.WORDED.keys()):
        fact, text = visit.WORDED[column]
        hung = hung.with_columns(visit.words_here(fact, text, facts.items[fact].drop_nulls().unique().sort()).alias(column))
    return engine.stream(alone.tell(hung.lazy(), wanted).drop("claim_mode"), on)


def _claims_told(
    claims: pl.LazyFrame,
    diags: pl.LazyFrame,
    oprns: pl.LazyFrame | None,
    history: dict[str, pl.LazyFrame],
    knowledge: Knowledge,
    on: engine.Engine,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Claims with what each says by itself, the same with their diagnoses and operations, and the persons' stays."""
    own = engine.collect(_claims_alone(claims, knowledge), on)
    told = engine.collect(_with_diagnoses(own.lazy(), diags, oprns, knowledge), on)
    return own, told, engine.collect(stays.person_stays(told.lazy(), history["stays"]), on)


def parameters() -> frozenset[str]:
    """The parameters (p_ columns) that measures read."""
    of_claims = {*claim.over_bed_fen().meta.root_names(), *months.PARAMETERS, *presence.PARAMETERS, *stock.PARAMETERS}
    read = {*alone.needs(alone.names()), *beside.OF_LINES, *beside.OF_LIMITED, *of_claims}
    return frozenset(name for name in read if name.startswith("p_"))


def columns_read(of_lines: Collection[str], of_limited: Collection[str]) -> tuple[set[str], set[str]]:
    """What is read of every line, and of lines of limited items, so that the named columns can be told of them."""
    every, few = _asked(of_lines, of_limited)
    return alone.needs(every), alone.needs(few)


def _asked(of_lines: Collection[str], of_limited: Collection[str]) -> tuple[set[str], set[str]]:
    """The named columns and those that the side plans read."""
    return {*beside.rests_on(of_lines), *beside.OF_LINES}, {*beside.rests_on(of_limited), *beside.OF_LIMITED}


def whole(lines: pl.LazyFrame, limited: pl.LazyFrame) -> pl.LazyFrame:
    """Every line with the columns of the limited ones beside its own: one frame to look at, wider than a night would carry."""
    names = lines.collect_schema().names()
    own = [name for name in limited.collect_schema().names() if name not in names]
    return lines.join(limited.select("row", *own), on="row", how="left", maintain_order="left")


def _claims_alone(claims: pl.LazyFrame, knowledge: Knowledge) -> pl.LazyFrame:
    """Claims with parameters and what each can say by itself."""
    areas = engine.collect(claims.select("fix_blng_admdvs").unique())
    params = knowledge.params(areas)
    if lacking := sorted(name.removeprefix("p_") for name in parameters().difference(params.columns)):
        raise RuleError(*map(_lacking, lacking))
    params = params.with_columns(area=pl.col("fix_blng_admdvs").fill_null("")).drop("fix_blng_admdvs")
    return (
        claims.with_row_index("claim_key")
        .with_columns(
            pl.col("claim_key").cast(pl.Int32), epoch=knowledge.epoch(pl.col("begn_date")), area=pl.col("fix_blng_admdvs").fill_null("")
        )
        .join(params.lazy(), on=["area", "epoch"], how="left", maintain_order="left")
        .drop("area", "epoch")
        .with_columns(
            age_days=claim.claim_age_days(),
            age_lo=claim.claim_age_lo(),
            age_hi=claim.claim_age_hi(),
            internet_hospital=visit.internet_hospital(),
            chronic_visit=visit.chronic_visit(),
        )
        .with_columns(visit_mode=visit.claim_visit_mode())
        .with_columns(is_inpatient=visit.is_inpatient())
        .with_columns(stay_days=claim.stay_days(), parts_gap_fen=claim.parts_gap_fen(), missing_fields=claim.missing_fields())
    )


def _lacking(name: str) -> Fault:
    zh, en = (
        f"没有名为 {name} 的行，而指标要用到它。请为 area default 加一行。",
        f"no row is called {name}; measures read it. Add a row for the area default.",
    )
    return Fault(zh, en, "tables/parameters.csv")


def _with_diagnoses(claims: pl.LazyFrame, diags: pl.LazyFrame, oprns: pl.LazyFrame | None, knowledge: Knowledge) -> pl.LazyFrame:
    """Claims with what their diagnoses and operations say."""
    sides = [
        diagnoses.dx_conflicts(claims, diags, knowledge),
        diagnoses.op_sex_conflict(claims, oprns, knowledge),
        coding.main_codes(claims, diags, oprns),
        diagnoses.hospital_infection(diags, knowledge),
        exemptions.sex_exempt(claims, diags, knowledge),
        exemptions.exempt_stay(claims, diags, knowledge),
    ]
    joined = _joined(claims.select("setl_id"), sides, "setl_id").drop("setl_id")
    return pl.concat([claims, joined], how="horizontal").with_columns(
        pl.col("dx_known", "sex_exempt", "hospital_infection").fill_null(False)
    )


def _joined(keys: pl.LazyFrame, sides: Iterable[pl.LazyFrame], *on: str) -> pl.LazyFrame:
    """`keys` of claims in their order with the columns of `sides`: few columns, since a join copies all that it is given."""
    for side in sides:
        keys = keys.join(side, on=on, how="left", maintain_order="left")
    return keys


def _claims_together(
    claims: pl.LazyFrame,
    own: pl.LazyFrame,
    all_stays: pl.LazyFrame,
    sums: pl.LazyFrame,
    listed: list[pl.LazyFrame],
    history: dict[str, pl.LazyFrame],
    profiles: dict[str, pl.LazyFrame],
    knowledge: Knowledge,
) -> pl.LazyFrame:
    sides = [
        stays.previous_stay(all_stays, own, knowledge),
        stays.overlap(all_stays),
        stays.stays_in_year(all_stays),
        stays.visits_in_month(own, history["visits"]),
        stays.purchases_in_month(own, history["visits"]),
        presence.same_day_no(own),
        presence.far_apart(own),
        *listed,
    ]
    keys = ("setl_id", "claim_key", "psn_no", "begn_date", *claim.LOADED)
    aside = _joined(_joined(claims.select(keys), [sums], "claim_key"), sides, "setl_id")
    aside = _joined(aside, [stays.other_places_day(own)], "psn_no", "begn_date")
    aside = claim.loads(aside, profiles["institutions"], profiles["doctors"]).drop(keys)
    joined = pl.concat([claims.drop("claim_key"), aside], how="horizontal")
    known = pl.col("visit_mode").is_not_null()
    sold = pl.col("drug_fen") + pl.col("consumable_fen")
    none = (
        "line_count",
        "lines_sum_fen",
        "distinct_items",
        "night_lines",
        "bed_e4",
        "shared_days",
        "ct_fen",
        "mr_fen",
        *(f"{c}_fen" for c in claim.CLASSES),
    )
    return (
        joined.with_columns(
            pl.col(none).fill_null(0),
            pl.col("bed_days").fill_null(0.0),
            *(
                pl.when(known).then(pl.col(c).fill_null(0)).alias(c)
                for c in ("visits_in_month", "purchases_in_month", "stays_in_year", "same_day_no", "together_persons")
            ),
        )
        .with_columns(pl.col("max_copies").fill_null(1), markup_fen=pl.when(sold != 0).then(pl.col("markup_fen")).otherwise(0))
        .with_columns(pl.when(pl.col("line_count") > 0).then(pl.col("max_copies", "orderless_lines", "orderless_fen")).otherwise(0))
        .with_columns(*claim.shares(), over_bed_fen=claim.over_bed_fen(), cost_ratio=claim.cost_ratio())
        .drop("bed_e4")
    )


def remember(limited: pl.LazyFrame, claims: pl.LazyFrame, traces: pl.LazyFrame | None = None) -> dict[str, pl.LazyFrame]:
    """What later nights must know of tonight's limited lines and measured claims: the tables of lake.HISTORY.

    item_days holds only items a rule counts over time (courses, periods, second-line drugs and first-line drugs), fund_days those whose
    fund money is capped.
    """
    counted = ("item_course_days", "item_service_course_days", "item_period_max", "item_second_line", "is_first_line")
    watched = pl.any_horizontal(pl.col(c).is_not_null() for c in counted)
    days = limited.filter(watched).group_by("psn_no", "item_code", "fee_date").agg(pl.col("cnt_e4").sum())
    visits = claims.filter(pl.col("visit_mode").is_in(["outpatient", "emergency", "internet", "drugstore"]))
    uses = {"drug_trac_codg": pl.String, "setl_id": pl.String, "bkkp_sn": pl.String, "psn_no": pl.String, "trdn_flag": pl.String}
    return {
        "stays": claims.filter(pl.col("is_inpatient")).select(
            "psn_no",
            "setl_id",
            "mdtrt_id",
            "fixmedins_code",
            "begn_date",
            "end_date",
            "dscg_maindiag_code",
            "dscg_way",
            "med_type",
            "exempt_stay",
        ),
        "visits": visits.select("psn_no", "setl_id", "fixmedins_code", "visit_mode", visit_date="begn_date"),
        "month_sums": months.month_sums(claims),
        "item_days": days,
        "fund_days": caps.fund_days(limited),
        "trace_uses": pl.LazyFrame(schema=uses) if traces is None else traces.select(list(uses)),
    }
