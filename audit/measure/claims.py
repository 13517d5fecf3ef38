"""Columns of one settlement: days, sums and shares by fee class, loads, what the settlement list lacks."""

from __future__ import annotations

import polars as pl

from audit.knowledge.codings import CT, MR
from audit.measure.person import days_old, highest_years, lowest_years
from audit.money import QUANTITY, share_fen

# First two digits of med_chrgitm_type.
CLASSES = {"bed": [1], "exam": [3], "lab": [4], "therapy": [5], "surgery": [6], "nursing": [7], "consumable": [8], "drug": [9, 10, 11]}
ON_ORDER = [3, 4, 5, 6, 9, 10, 11]  # examination, laboratory, treatment, surgery, drugs
# What the settlement list cannot do without (rule 35); the second tuple holds for inpatient claims only.
LIST_FIELDS = ("gend", "brdy", "insutype", "psn_type", "fix_blng_admdvs", "begn_date", "end_date", "inscp_amt", "psn_pay")
INPATIENT_FIELDS = ("dscg_maindiag_code", "dscg_way", "adm_dept_codg", "chfpdr_code")


def claim_age_days() -> pl.Expr:
    """age_days Int64: days lived on begn_date. Null without a birth date."""
    return days_old("begn_date")


def claim_age_lo() -> pl.Expr:
    """age_lo Int64: least full years on begn_date: exact from the birth date, else the stated age - 1."""
    return lowest_years("begn_date")


def claim_age_hi() -> pl.Expr:
    """age_hi Int64: most full years on begn_date: exact from the birth date, else the stated age + 1."""
    return highest_years("begn_date")


def stay_days() -> pl.Expr:
    """Int64: days from begn_date to end_date, at least 1. Null: no inpatient claim, or no end."""
    days = (pl.col("end_date") - pl.col("begn_date")).dt.total_days()
    return pl.when(pl.col("is_inpatient")).then(pl.when(days >= 0).then(days.clip(1)))


def parts_gap_fen() -> pl.Expr:
    """Int64 fen: medfee_sumamt less wholly self-paid, above-limit, paid-first and in-scope parts. Null when a part is missing."""
    parts = pl.col("fulamt_ownpay_amt") + pl.col("overlmt_selfpay") + pl.col("preselfpay_amt") + pl.col("inscp_amt")
    return pl.col("medfee_sumamt") - parts


def missing_fields() -> pl.Expr:
    """String: rule 35, fields the settlement list lacks, comma joined; gend, brdy, insutype ...; for inpatient claims also main
    diagnosis, way of discharge, department, doctor. Null: none."""
    lacking = [pl.when(pl.col(f).is_null()).then(pl.lit(f + ",")).otherwise(pl.lit("")) for f in LIST_FIELDS]
    staying = pl.col("is_inpatient").fill_null(False)
    lacking += [pl.when(staying & pl.col(f).is_null()).then(pl.lit(f + ",")).otherwise(pl.lit("")) for f in INPATIENT_FIELDS]
    listed = pl.concat_str(lacking).str.strip_chars_end(",")
    return pl.when(listed != "").then(listed)


def line_sums(lines: pl.LazyFrame) -> pl.LazyFrame:
    """line_count Int64: billed lines of the claim. 0: none.
    lines_sum_fen Int64 fen: sum of the lines' amounts. 0: no lines.
    distinct_items Int64: different items among the lines. Feature; 0: no lines.
    night_lines Int64: lines with a time of day from 22:00 to 06:00. Feature; 0: none.
    bed_days Float64: net quantity of bed lines (fee class 01). 0: none.
    bed_fen Int64 fen: amount of bed lines (fee class 01). 0: none.
    exam_fen Int64 fen: amount of examination lines (03). 0: none.
    lab_fen Int64 fen: amount of laboratory lines (04). 0: none.
    therapy_fen Int64 fen: amount of treatment lines (05). 0: none.
    surgery_fen Int64 fen: amount of surgery lines (06). 0: none.
    nursing_fen Int64 fen: amount of nursing lines (07). 0: none.
    consumable_fen Int64 fen: amount of consumable lines (08). 0: none.
    drug_fen Int64 fen: amount of drug lines (09, 10, 11). 0: none.
    orderless_lines Int64: LOCAL_PHANTOM, examinations, tests, treatments, operations and drugs with neither an order, an ordering nor a
        performing doctor. 0: none; null: all of them lack these, so they are not sent.
    orderless_fen Int64 fen: LOCAL_PHANTOM, amount of those lines. 0 and null: as orderless_lines."""
    ordered = pl.any_horizontal(pl.col("rx_drord_no", "bilg_dr_code", "acord_dr_code").is_not_null())
    hour = pl.col("fee_ocur_time").dt.hour()
    kept = lines.select(
        "claim_key", "item_key", "cnt_e4", fen="det_item_fee_sumamt",
        kind=pl.col("med_chrgitm_type").str.slice(0, 2).cast(pl.Int8, strict=False).fill_null(0),  # numbers compare cheaper than text
        night=(pl.col("time_known") & ((hour >= 22) | (hour < 6))).cast(pl.Int64), ordered=ordered.cast(pl.Int64),
    )  # fmt: skip
    of_class = {
        f"{name}_fen": pl.when(pl.col("kind").is_in(kinds)).then(pl.col("fen")).otherwise(0).sum() for name, kinds in CLASSES.items()
    }
    bed_e4 = pl.when(pl.col("kind").is_in(CLASSES["bed"])).then(pl.col("cnt_e4")).otherwise(0).sum()
    asked = pl.col("kind").is_in(ON_ORDER) & (pl.col("cnt_e4") > 0)  # each of these rests on an order
    summed = kept.group_by("claim_key").agg(
        line_count=pl.len().cast(pl.Int64), lines_sum_fen=pl.col("fen").sum(), night_lines=pl.col("night").sum(), bed_e4=bed_e4, **of_class,
        ordered_lines=pl.when(asked).then(pl.col("ordered")).otherwise(0).sum(),
        orderless_lines=pl.when(asked).then(1 - pl.col("ordered")).otherwise(0).sum(),
        orderless_fen=pl.when(asked & (pl.col("ordered") == 0)).then(pl.col("fen")).otherwise(0).sum(),
    )  # fmt: skip
    sent = (pl.col("ordered_lines") > 0) | (pl.col("orderless_lines") == 0)
    pairs = kept.select(pair=pl.col("claim_key").cast(pl.Int64) * 2**32 + pl.col("item_key")).unique()
    items = pairs.group_by(claim_key=(pl.col("pair") // 2**32).cast(pl.Int32)).agg(distinct_items=pl.len().cast(pl.Int64))
    return summed.join(items, on="claim_key").with_columns(
        pl.when(sent).then(pl.col("orderless_lines", "orderless_fen")), bed_days=pl.col("bed_e4") / QUANTITY
    ).drop("ordered_lines")  # fmt: skip


def imaging(lines: pl.LazyFrame, members: pl.LazyFrame) -> pl.LazyFrame:
    """ct_fen Int64 fen: rule 60, amount of CT examinations. 0: none.
    mr_fen Int64 fen: rule 61, amount of magnetic resonance examinations. 0: none."""
    taken = lines.join(members.filter(pl.col("set_id").is_in([CT, MR])), on="item_key")
    fen = pl.col("det_item_fee_sumamt")
    sums = {name: pl.when(pl.col("set_id") == items).then(fen).sum() for name, items in (("ct_fen", CT), ("mr_fen", MR))}
    return taken.group_by("claim_key").agg(**sums)


def max_copies(copied: pl.LazyFrame) -> pl.LazyFrame:
    """max_copies Int64: most identical lines (see copies). Feature; 1: none repeated, 0: no lines."""
    return copied.group_by("claim_key").agg(max_copies=pl.col("copies").max())


def shares() -> list[pl.Expr]:
    """bed_share Float64: bed lines' amount over the sum of lines. Null: the sum is 0.
    exam_share Float64: rule 57, examination lines' amount over the sum of lines. Null: the sum is 0.
    lab_share Float64: rule 57, laboratory lines' amount over the sum of lines. Null: the sum is 0.
    therapy_share Float64: rule 59, treatment lines' amount over the sum of lines. Null: the sum is 0.
    surgery_share Float64: surgery lines' amount over the sum of lines. Null: the sum is 0.
    nursing_share Float64: nursing lines' amount over the sum of lines. Null: the sum is 0.
    consumable_share Float64: rule 58, consumable lines' amount over the sum of lines. Null: the sum is 0.
    drug_share Float64: rule 56, drug lines' amount over the sum of lines. Null: the sum is 0."""
    total = pl.col("lines_sum_fen")
    return [pl.when(total != 0).then(pl.col(f"{name}_fen") / total).alias(f"{name}_share") for name in CLASSES]


def over_bed_fen() -> pl.Expr:
    """Int64 fen: LOCAL_BED_DAYS, money of bed days above stay_days + p_bed_day_grace, at the claim's mean bed price. 0: none, or no
    inpatient claim; null: stay_days unknown."""
    cap = pl.col("stay_days") * QUANTITY + (pl.col("p_bed_day_grace") * QUANTITY).round().cast(pl.Int64)
    over = pl.col("bed_e4") - cap
    fen = pl.when(over > 0).then(share_fen(pl.col("bed_fen"), over, pl.col("bed_e4"))).otherwise(0)
    return pl.when(pl.col("bed_e4") <= 0).then(0).when(~pl.col("is_inpatient")).then(0).when(over.is_not_null()).then(fen)


def cost_ratio() -> pl.Expr:
    """Float64: the claim's total over the mean of claims of the same med_type at institutions of the same tier in this batch. Null: no
    such mean."""
    return pl.when(pl.col("tier_mean_fen") > 0).then(pl.col("medfee_sumamt") / pl.col("tier_mean_fen"))


LOADED = ("fixmedins_code", "med_type", "chfpdr_code")  # with begn_date: whose loads these are


def loads(claims: pl.LazyFrame, institutions: pl.LazyFrame, doctors: pl.LazyFrame) -> pl.LazyFrame:
    """inst_claims Int64: claims of the institution in this batch. Null: no profile.
    inst_mean_fen Int64 fen: mean total of the institution's claims of this med_type, floor. Null: no profile.
    tier_mean_fen Int64 fen: mean total of claims of the same med_type at institutions of the same tier, floor. Null: no profile.
    doctor_claims_day Int64: claims of the attending doctor at the institution beginning on the same day. Null: doctor unknown."""
    of_kind, of_day = ["fixmedins_code", "med_type"], ["fixmedins_code", "chfpdr_code", "begn_date"]
    means = institutions.select(*of_kind, "inst_claims", "inst_mean_fen", "tier_mean_fen")
    days = doctors.select(*of_day, "doctor_claims_day")
    return claims.join(means, on=of_kind, how="left", maintain_order="left").join(days, on=of_day, how="left", maintain_order="left")
