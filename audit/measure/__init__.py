"""One function = one named column (or a tight pair); its docstring is the manual entry.

`measure` reads top to bottom: what each line can say for itself, then what takes other lines, other claims or earlier nights.
Columns that need a group or a join are worked out on the few lines they concern and brought back by one join on the line's row
number (claims: on setl_id), so the cost follows the lines. Null always means *cannot tell*, or that the column does not concern
the row.
"""

from __future__ import annotations

import polars as pl

from audit import engine
from audit.knowledge import Knowledge
from audit.measure import claims as claim
from audit.measure import course, diagnoses, pairs, person, prescriptions, repeats, stays, stock, surgery, visit
from audit.measure.vocabulary import vocabulary

__all__ = ["LINE_COLUMNS", "READS", "measure", "remember", "vocabulary"]

# What the measures read of an enriched line; a night carries these and what its rules read, and no other column.
READS = (
    "row", "bkkp_sn", "setl_id", "mdtrt_id", "psn_no", "fee_ocur_time", "rx_drord_no", "fixmedins_code", "cnt_e4", "pric_e6",
    "det_item_fee_sumamt", "pric_uplmt_amt_e6", "fulamt_ownpay_amt", "inscp_amt", "med_list_codg", "med_chrgitm_type", "spec",
    "dscg_tkdrug_flag", "prd_days", "rx_circ_flag", "fee_date", "time_known", "gend", "brdy", "age", "insutype", "hosp_tier",
    "fixmedins_name", "fixmedins_type", "med_type", "begn_date", "end_date", "dise_no", "matn_type", "psn_key", "inst_key", "item_code",
    "item_kind", "item_herb_not_alone", "item_second_line", "item_first_line_set", "item_child_pay", "item_dx_set", "item_course_days",
    "item_course_key", "item_level_min", "item_level_alt", "item_visit_mode", "item_op_group", "item_op_group_2", "item_op_group_3",
    "item_op_group_4", "item_service_course_days", "item_is_main", "item_is_part", "item_day_max", "item_day_unit", "item_work_age",
    "item_period_max", "item_period_days", "item_child_drug", "item_child_service", "item_pay_age_lo", "item_pay_age_hi", "item_key",
    "drug_key", "is_first_line", "level_alt_here", "p_child_years", "p_infant_years", "p_newborn_days", "p_first_line_known_days",
    "p_second_op_ratio", "p_supply_days_chronic", "p_supply_days_discharge", "p_supply_days_emergency", "p_supply_days_outpatient",
    "p_work_age_from", "p_work_age_to_female", "p_work_age_to_male",
)  # fmt: skip

# Each tuple may read the columns of those before it.
LINE_COLUMNS = (
    (person.age_days, person.age_lo, person.age_hi, visit.is_internet),
    (person.is_newborn, person.is_infant, person.is_child, person.in_work_age, visit.visit_mode),
    (person.in_pay_age, person.in_drug_age, person.in_service_age, person.injury_insured, person.maternity_insured, visit.is_inpatient),
    (
        visit.fund_pays, visit.level_ok, visit.mode_ok, visit.service_day_outside, visit.price_over_fen, visit.amount_gap_fen,
        repeats.unit_known, prescriptions.supply_days_limit,
    ),
    (prescriptions.over_supply_fen,),
)  # fmt: skip


def measure(
    lines: pl.LazyFrame,
    claims: pl.LazyFrame,
    diags: pl.LazyFrame,
    oprns: pl.LazyFrame | None,
    history: dict[str, pl.LazyFrame],
    profiles: dict[str, pl.LazyFrame],
    knowledge: Knowledge,
    on: engine.Engine = "cpu",
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Enriched lines and claims of one bucket with every measure: (lines, claims), no row added or lost, lines in their order.

    `history`: stays, visits, item_days of earlier nights. `profiles`: institutions, doctors, item_prices, line_marks of this batch.
    Columns and their meaning: `vocabulary()`. What concerns few lines is worked out at once, on the engine `on`; the rest stays
    lazy. `lines` must be a file or a frame: rows in the same order each time they are read. `row` and `measured_row` are equal
    in every line, or the lines have lost their order.
    """
    lines = alone_on_lines(lines)
    alone = _claims_alone(claims, knowledge)
    told = engine.collect(_with_diagnoses(alone, diags, oprns, knowledge), on).lazy()
    all_stays = engine.collect(stays.person_stays(told, history["stays"]), on).lazy()
    *sides, sums = engine.collect_all(beside_lines(lines, alone, all_stays, diags, history, profiles, knowledge), on)
    senders = engine.collect(profiles["institutions"].filter("has_traces").select("fixmedins_code").unique())["fixmedins_code"]
    return _together(lines, sides, senders, on), _claims_together(told, alone, all_stays, sums.lazy(), history, profiles)


def alone_on_lines(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Lines with what each can say for itself."""
    for layer in LINE_COLUMNS:
        lines = lines.with_columns(**{column.__name__: column() for column in layer})
    return lines


def beside_lines(
    lines: pl.LazyFrame,
    claims: pl.LazyFrame,
    all_stays: pl.LazyFrame,
    diags: pl.LazyFrame,
    history: dict[str, pl.LazyFrame],
    profiles: dict[str, pl.LazyFrame],
    knowledge: Knowledge,
) -> list[pl.LazyFrame]:
    """What takes other lines, claims or nights: columns of the few lines they concern, by `row`; the last plan sums lines by claim."""
    copied = repeats.copies(lines)
    return [
        copied.drop("setl_id"),
        repeats.day_quantity(lines),
        repeats.hours(lines),
        repeats.same_item(lines),
        prescriptions.herbs(lines),
        prescriptions.drug_no_in_rx(lines),
        course.drug_course(lines, history),
        course.service_course(lines, history),
        course.period(lines, history),
        course.first_line_seen(lines, claims, history, knowledge),
        diagnoses.dx_on_set(lines, diags, knowledge),
        pairs.included(lines, knowledge),
        surgery.operations(lines, profiles["item_prices"]),
        stays.in_stay(lines, all_stays),
        stock.trace_reused_by(lines, profiles["line_marks"]),
        stock.inventory(lines, profiles["item_prices"], profiles["line_marks"]),
        lines.select("row", "setl_id").join(person.sex_exempt(diags), on="setl_id").drop("setl_id"),
        lines.select("row", "psn_no").join(person.death_date(claims, history["stays"]), on="psn_no").drop("psn_no"),
        claim.line_sums(lines, copied),
    ]


def _together(lines: pl.LazyFrame, sides: list[pl.DataFrame], senders: pl.Series, on: engine.Engine) -> pl.LazyFrame:
    """Side columns brought to full length and laid beside the lines: a join would copy every column of every line."""
    names = [name for side in sides for name in side.columns if name != "row"]
    one_row_each = pl.concat([side.lazy() for side in sides], how="diagonal").group_by("row").agg(pl.col(name).max() for name in names)
    few, order = engine.collect_all([one_row_each, lines.select("row")], on)
    beside = order.join(few, on="row", how="left", maintain_order="left").rename({"row": "measured_row"})
    identical = pl.col("fee_ocur_time").is_not_null() & (pl.col("cnt_e4") > 0)
    return pl.concat([lines, beside.lazy()], how="horizontal").with_columns(
        pl.col("sex_exempt", "pair_unsure").fill_null(False),
        copy_no=pl.when(identical).then(pl.col("copy_no").fill_null(1)),
        copies=pl.when(identical).then(pl.col("copies").fill_null(1)),
        after_death=person.after_death(),
        trace_known=stock.trace_known(senders),
        inv_known=pl.when(stock.is_stocked()).then(pl.col("inv_known")).otherwise(False),
        inv_over_fen=pl.when(stock.is_stocked()).then(pl.col("inv_over_fen")).otherwise(0),
    )


def _claims_alone(claims: pl.LazyFrame, knowledge: Knowledge) -> pl.LazyFrame:
    """Claims with parameters and what each can say by itself."""
    areas = engine.collect(claims.select("fix_blng_admdvs").unique())
    params = knowledge.params(areas).with_columns(area=pl.col("fix_blng_admdvs").fill_null("")).drop("fix_blng_admdvs")
    return (
        claims.with_columns(epoch=knowledge.epoch(pl.col("begn_date")), area=pl.col("fix_blng_admdvs").fill_null(""))
        .join(params.lazy(), on=["area", "epoch"], how="left")
        .drop("area", "epoch")
        .with_columns(
            age_days=claim.claim_age_days(), age_lo=claim.claim_age_lo(), age_hi=claim.claim_age_hi(), visit_mode=visit.claim_visit_mode()
        )
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
    alone: pl.LazyFrame,
    all_stays: pl.LazyFrame,
    sums: pl.LazyFrame,
    history: dict[str, pl.LazyFrame],
    profiles: dict[str, pl.LazyFrame],
) -> pl.LazyFrame:
    sides = [
        sums,
        stays.previous_stay(all_stays),
        stays.overlap(all_stays),
        stays.stays_in_year(all_stays),
        stays.visits_in_month(alone, history["visits"]),
        stays.purchases_in_month(alone, history["visits"]),
    ]
    joined = claims
    for side in sides:
        joined = joined.join(side, on="setl_id", how="left")
    joined = joined.join(stays.other_places_day(alone), on=["psn_no", "begn_date"], how="left")
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


def remember(lines: pl.LazyFrame, claims: pl.LazyFrame, traces: pl.LazyFrame | None = None) -> dict[str, pl.LazyFrame]:
    """What later nights must know of tonight's measured lines and claims: stays, visits, item_days, trace_uses.

    item_days holds only items a rule counts over time (courses, periods, second-line drugs and first-line drugs).
    """
    counted = ("item_course_days", "item_service_course_days", "item_period_max", "item_second_line", "is_first_line")
    watched = pl.any_horizontal(pl.col(c).is_not_null() for c in counted)
    days = lines.filter(watched).group_by("psn_no", "item_code", "fee_date").agg(pl.col("cnt_e4").sum())
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
