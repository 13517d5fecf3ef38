"""What takes other lines, other claims or earlier nights: worked out on the few lines it concerns and laid beside all by row number."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from audit.knowledge import Knowledge
from audit.measure import (
    antibiotics,
    bundles,
    caps,
    course,
    diagnoses,
    doses,
    exemptions,
    pairs,
    partners,
    person,
    prescriptions,
    repeats,
    safety,
    stays,
    stock,
    surgery,
)

# What the plans below read of every line, and of the lines whose item carries facts.
OF_LINES = (
    "row", "claim_key", "bkkp_sn", "mdtrt_id", "fee_ocur_time", "fee_date", "time_known", "rx_drord_no", "bilg_dr_code", "acord_dr_code",
    "fixmedins_code", "cnt_e4", "pric_e6", "det_item_fee_sumamt", "med_list_codg", "med_chrgitm_type", "spec", "psn_key", "inst_key",
    "item_key", "drug_key", "item_kind", "item_day_max", "item_day_unit", "item_is_main", "item_is_part", "item_herb_not_alone",
    "visit_mode", "fund_pays",
)  # fmt: skip
OF_LIMITED = (
    "row", "claim_key", "bkkp_sn", "setl_id", "mdtrt_id", "psn_no", "fixmedins_code", "fee_ocur_time", "fee_date", "cnt_e4", "pric_e6",
    "det_item_fee_sumamt", "inscp_amt", "pric_uplmt_amt_e6", "med_list_codg", "inst_key", "item_key", "item_code", "item_course_days",
    "item_course_key", "item_service_course_days", "item_period_max", "item_period_days", "item_second_line", "item_first_line_set",
    "is_first_line", "psn_key", "rx_drord_no", *diagnoses.ON_SETS.values(), *(fact for fact, _ in partners.ASKED.values()),
    "item_companion_window", "item_consumable_companion_window", "item_pregnancy_risk", "item_drug_class", "item_qty_max", "item_qty_per",
    "item_consumable_depts", "item_day_dose_max", "item_dose_unit", "item_herb_day_max", "p_herb_upload_times", "spec", "sin_dos_dscr",
    "used_frqu_dscr", "drug_key", "prd_days", "bilg_dept_name", *surgery.GROUPS,
    "p_first_line_known_days", "p_second_op_ratio",
    "p_usual_price_lines", "item_bundle", "item_bundle_code", "item_bundle_yuan", "item_bundle_parts", *caps.FACTS, "fund_fen",
    "bilg_dr_code", "visit_mode", "item_antibiotic", "item_antibiotic_class",
)  # fmt: skip


def plans(
    lines: pl.LazyFrame,
    limited: pl.LazyFrame,
    claims: pl.LazyFrame,
    all_stays: pl.LazyFrame,
    diags: pl.LazyFrame,
    history: dict[str, pl.LazyFrame],
    profiles: dict[str, pl.LazyFrame],
    knowledge: Knowledge,
    members: pl.LazyFrame,
    oprns: pl.LazyFrame | None,
) -> list[pl.LazyFrame]:
    """One plan per function: `row` and the columns it tells, for the lines it concerns."""
    by_claim = ("row", "claim_key")
    keyed = claims.select("setl_id", "psn_no", "claim_key")
    exempt = exemptions.sex_exempt(claims, diags, knowledge).join(keyed, on="setl_id").select("claim_key", "sex_exempt")
    dead = person.death_date(claims, history["stays"]).join(keyed, on="psn_no").select("claim_key", "death_date")
    return [
        repeats.copies(lines),
        repeats.hours(lines),
        repeats.same_item(lines),
        repeats.day_quantity(lines),
        repeats.unit_known(lines),
        pairs.included(lines, knowledge),
        prescriptions.herbs(lines),
        prescriptions.drug_no_in_rx(lines),
        stays.in_stay(lines, claims, all_stays),
        stock.trace_reused_by(lines, profiles["line_marks"]),
        stock.inventory(lines, profiles["stock_books"], profiles["line_marks"]),
        lines.select(by_claim).join(dead, on="claim_key").drop("claim_key"),
        lines.select(by_claim).join(exempt, on="claim_key").drop("claim_key"),
        course.drug_course(limited, history),
        course.service_course(limited, history),
        course.period(limited, history),
        course.first_line_seen(limited, claims, history, knowledge),
        *diagnoses.dx_on_sets(limited, diags, knowledge),
        partners.partners(lines, limited, members),
        surgery.operations(limited, profiles["op_prices"]),
        bundles.bundles(limited, profiles["op_prices"]),
        caps.capped(limited, history),
        doses.day_doses(limited),
        doses.herb_quantities(limited),
        safety.pregnancy(limited, claims, diags),
        safety.same_class(limited),
        safety.quantity(limited, oprns),
        safety.departments(limited),
        antibiotics.after_operation(limited, claims, oprns, knowledge.codings),
        antibiotics.right_to_order(limited, knowledge.codings),
    ]


def laid(lines: pl.DataFrame, sides: list[pl.DataFrame], senders: pl.Series, wanted: Collection[str]) -> pl.LazyFrame:
    """`lines` with the wanted columns of `sides` beside them, null where a side says nothing; `lines` must be sorted by row.

    A side speaks of few lines, so its values are set at their places; a join would copy every column of every line.
    """
    filled = {name: how for name, how in _filled(senders).items() if name in wanted}
    wanted = rests_on(wanted)
    beside = []
    for side in sides:
        if named := [name for name in side.columns if name in wanted and name not in lines.columns]:
            placed = _placed(side.select("row", *named), lines["row"])
            empty = (pl.repeat(None, lines.height, dtype=placed.schema[name], eager=True).alias(name) for name in named)
            beside += [column.scatter(placed["place"], placed[column.name]) for column in empty]
    return lines.with_columns(*beside, measured_row=pl.col("row")).lazy().with_columns(**filled)


def _placed(side: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """Those rows of a side that stand in `rows` (sorted), with their `place` there."""
    if rows.is_empty():
        return side.clear().with_columns(place=pl.lit(0, pl.UInt32))
    if rows[-1] == len(rows) - 1:  # no row is missing before the last one
        return side.filter(pl.col("row") < len(rows)).with_columns(place="row")
    placed = side.with_columns(place=rows.search_sorted(side["row"]).clip(0, len(rows) - 1))
    return placed.filter(rows.gather(placed["place"]) == placed["row"])


def rests_on(wanted: Collection[str]) -> set[str]:
    """`wanted` and the columns that the filling below reads to tell them."""
    filled = _filled(pl.Series(dtype=pl.String))
    return {*wanted, *(root for name in wanted if name in filled for root in filled[name].meta.root_names())}


def _filled(senders: pl.Series) -> dict[str, pl.Expr]:
    """What a side column says of the lines that its plan did not speak of."""
    return {
        "sex_exempt": pl.col("sex_exempt").fill_null(False),
        "unit_known": pl.when(pl.col("item_day_max").is_null()).then(False).otherwise(pl.col("unit_known")),
        "pair_unsure": pl.col("pair_unsure").fill_null(False),
        "copy_no": pl.when(repeats.comparable()).then(pl.col("copy_no").fill_null(1)),
        "copies": pl.when(repeats.comparable()).then(pl.col("copies").fill_null(1)),
        "inv_known": pl.when(stock.is_stocked()).then(pl.col("inv_known")).otherwise(False),
        "inv_over_fen": pl.when(stock.is_stocked()).then(pl.col("inv_over_fen")).otherwise(0),
        "after_death": person.after_death(),
        "trace_known": stock.trace_known(senders),
    }
