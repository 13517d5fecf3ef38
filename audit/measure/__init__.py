"""One function = one named column (or a tight pair); its docstring is the manual entry.

`measure` reads top to bottom: what each line can say for itself (`alone`), then what takes other lines, other claims or earlier
nights (`beside`). Columns that need a group or a join are worked out on the few lines they concern and laid beside the others by
the line's row number (claims: by setl_id), so the cost follows the lines. Null always means *cannot tell*, or that the column does
not concern the row.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from audit import engine
from audit.knowledge import Knowledge
from audit.measure import alone, beside, diagnoses, person, stays, visit
from audit.measure import claims as claim
from audit.measure.vocabulary import vocabulary

__all__ = ["carried", "measure", "remember", "vocabulary", "whole"]

EVERY_MEASURE = frozenset(name for name, _, _ in vocabulary())


def carried(of_lines: Collection[str], of_limited: Collection[str]) -> tuple[set[str], set[str]]:
    """The columns that lines, and lines of limited items, must bring along so that the named columns can be measured on them."""
    return alone.needs({*beside.rests_on(of_lines), *beside.OF_LINES}), alone.needs({*beside.rests_on(of_limited), *beside.OF_LIMITED})


def measure(
    lines: pl.LazyFrame,
    limited: pl.LazyFrame,
    claims: pl.LazyFrame,
    diags: pl.LazyFrame,
    oprns: pl.LazyFrame | None,
    history: dict[str, pl.LazyFrame],
    profiles: dict[str, pl.LazyFrame],
    knowledge: Knowledge,
    wanted: tuple[Collection[str], Collection[str]] = (EVERY_MEASURE, EVERY_MEASURE),
    on: engine.Engine = "cpu",
) -> tuple[pl.LazyFrame, pl.LazyFrame, pl.LazyFrame]:
    """One bucket with its measures: (lines, limited, claims), no row added or lost, each in its order.

    `lines`: every enriched line; `limited`: those whose item carries rare facts. `claims` as enrich saw them. `history`:
    stays, visits, item_days of earlier nights. `profiles`: institutions, doctors, item_prices, line_marks of this batch. `wanted`: the
    columns of lines and of limited lines that somebody reads; other measures are left out. Columns and their meaning: `vocabulary()`.
    All frames are collected, on the engine `on`; `row` and `measured_row` are equal in every line, or the lines have lost their order.
    """
    own_claims = engine.collect(_claims_alone(claims, knowledge), on)
    own = own_claims.lazy()
    told = engine.collect(_with_diagnoses(own, diags, oprns, knowledge), on).lazy()
    all_stays = engine.collect(stays.person_stays(told, history["stays"]), on).lazy()
    every, few = (
        _told_alone(frame, own_claims, {*asked, *read}, on)
        for frame, asked, read in ((lines, wanted[0], beside.OF_LINES), (limited, wanted[1], beside.OF_LIMITED))
    )
    plans = beside.plans(every.lazy(), few.lazy(), own, all_stays, diags, history, profiles, knowledge)
    sides = engine.collect_all([plan for plan in plans if set(plan.collect_schema().names()) & {"copies", *wanted[0], *wanted[1]}], on)
    sums = engine.stream(claim.line_sums(every.lazy(), sides[0].lazy()), on)
    senders = engine.collect(profiles["institutions"].filter("has_traces").select("fixmedins_code").unique(), on)["fixmedins_code"]
    return (
        beside.laid(every, sides, senders, wanted[0]),
        beside.laid(few, sides, senders, wanted[1]),
        _claims_together(told, own, all_stays, sums.lazy(), history, profiles),
    )


def _told_alone(lines: pl.LazyFrame, claims: pl.DataFrame, wanted: set[str], on: engine.Engine) -> pl.DataFrame:
    """Lines with what each says for itself and what its claim says of the visit."""
    given = engine.stream(lines, on)
    visits = claims.select("internet_hospital", claim_mode="visit_mode")[given["claim_key"]]
    return engine.stream(alone.tell(given.hstack(visits).lazy(), wanted), on)


def whole(lines: pl.LazyFrame, limited: pl.LazyFrame) -> pl.LazyFrame:
    """Every line with the columns of the limited ones beside its own: one frame to look at, wider than a night would carry."""
    names = lines.collect_schema().names()
    own = [name for name in limited.collect_schema().names() if name not in names]
    return lines.join(limited.select("row", *own), on="row", how="left", maintain_order="left")


def _claims_alone(claims: pl.LazyFrame, knowledge: Knowledge) -> pl.LazyFrame:
    """Claims with parameters and what each can say by itself."""
    areas = engine.collect(claims.select("fix_blng_admdvs").unique())
    params = knowledge.params(areas).with_columns(area=pl.col("fix_blng_admdvs").fill_null("")).drop("fix_blng_admdvs")
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
        )
        .with_columns(visit_mode=visit.claim_visit_mode())
        .with_columns(is_inpatient=visit.is_inpatient())
        .with_columns(stay_days=claim.stay_days(), parts_gap_fen=claim.parts_gap_fen(), missing_fields=claim.missing_fields())
    )


def _with_diagnoses(claims: pl.LazyFrame, diags: pl.LazyFrame, oprns: pl.LazyFrame | None, knowledge: Knowledge) -> pl.LazyFrame:
    """Claims with what their diagnoses and operations say."""
    return (
        claims.join(diagnoses.dx_conflicts(claims, diags, knowledge), on="setl_id", how="left")
        .join(diagnoses.op_sex_conflict(claims, oprns, knowledge), on="setl_id", how="left")
        .join(person.sex_exempt(diags), on="setl_id", how="left")
        .with_columns(pl.col("dx_known", "sex_exempt").fill_null(False), exempt_stay=claim.exempt_stay())
    )


def _claims_together(
    claims: pl.LazyFrame,
    own: pl.LazyFrame,
    all_stays: pl.LazyFrame,
    sums: pl.LazyFrame,
    history: dict[str, pl.LazyFrame],
    profiles: dict[str, pl.LazyFrame],
) -> pl.LazyFrame:
    sides = [
        stays.previous_stay(all_stays),
        stays.overlap(all_stays),
        stays.stays_in_year(all_stays),
        stays.visits_in_month(own, history["visits"]),
        stays.purchases_in_month(own, history["visits"]),
    ]
    joined = claims.join(sums, on="claim_key", how="left").drop("claim_key")
    for side in sides:
        joined = joined.join(side, on="setl_id", how="left")
    joined = joined.join(stays.other_places_day(own), on=["psn_no", "begn_date"], how="left")
    joined = claim.loads(joined, profiles["institutions"], profiles["doctors"])
    known = pl.col("visit_mode").is_not_null()
    none = (
        "line_count",
        "lines_sum_fen",
        "distinct_items",
        "night_lines",
        "max_copies",
        "bed_e4",
        "shared_days",
        *(f"{c}_fen" for c in claim.CLASSES),
    )
    return (
        joined.with_columns(
            pl.col(none).fill_null(0),
            pl.col("bed_days").fill_null(0.0),
            *(pl.when(known).then(pl.col(c).fill_null(0)).alias(c) for c in ("visits_in_month", "purchases_in_month", "stays_in_year")),
        )
        .with_columns(*claim.shares(), over_bed_fen=claim.over_bed_fen(), cost_ratio=claim.cost_ratio())
        .drop("bed_e4")
    )


def remember(limited: pl.LazyFrame, claims: pl.LazyFrame, traces: pl.LazyFrame | None = None) -> dict[str, pl.LazyFrame]:
    """What later nights must know of tonight's limited lines and measured claims: stays, visits, item_days, trace_uses.

    item_days holds only items a rule counts over time (courses, periods, second-line drugs and first-line drugs).
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
        "item_days": days,
        "trace_uses": pl.LazyFrame(schema=uses) if traces is None else traces.select(list(uses)),
    }
