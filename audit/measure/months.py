"""What a night's claims add to the statistics of their institutions (national types 56-63): whole numbers, summed over nights later."""

from __future__ import annotations

from functools import reduce
from operator import add

import polars as pl

from audit.money import QUANTITY

# rule type -> the fees it divides by all fees, and the parameter that holds the area's reference
FEES = {
    56: (("drug_fen",), "p_drug_share"), 57: (("exam_fen", "lab_fen"), "p_exam_lab_share"), 58: (("consumable_fen",), "p_consumable_share"),
    59: (("therapy_fen",), "p_therapy_share"), 60: (("ct_fen",), "p_ct_share"), 61: (("mr_fen",), "p_mr_share"),
}  # fmt: skip
INFECTION, READMISSION = 62, 63
STAYS = {INFECTION: "p_infection_rate", READMISSION: "p_readmission_rate"}
PARAMETERS = (*(name for _, name in FEES.values()), *STAYS.values(), "p_readmission_days")
PLACE = ["fixmedins_code", "month"]


def month_sums(claims: pl.LazyFrame) -> pl.LazyFrame:
    """fixmedins_code, month (first day, of the settlement), rule_no, numerator, denominator (fen for fees, stays for rates), reference_e4.

    Drug stores, which sell nothing else, are left out. A stay counts once, with its first settlement; it is infected where any of its
    claims tonight says so. A readmission is a stay that began at most p_readmission_days after the person's last one at the
    institution, unless planned (split_exempt).
    """
    dated = claims.filter(~(pl.col("visit_mode") == "drugstore").fill_null(False)).with_columns(
        month=pl.col("setl_time").dt.date().dt.month_start()
    )
    whole = pl.col("lines_sum_fen").sum()
    sums = [
        _told(dated.group_by(PLACE).agg(numerator=_all(parts).sum(), denominator=whole, reference=pl.col(p).max()), rule)
        for rule, (parts, p) in FEES.items()
    ]
    encounter = ["psn_no", "mdtrt_id"]
    infected = claims.filter("hospital_infection").select(encounter).unique().with_columns(infected=pl.lit(1, pl.Int64))
    stays = dated.filter(pl.col("stays_in_year") > 0).join(infected, on=encounter, how="left")
    back = (pl.col("prev_stay_gap_days") <= pl.col("p_readmission_days")) & ~pl.col("split_exempt").fill_null(False)
    cases = {INFECTION: pl.col("infected"), READMISSION: back.cast(pl.Int64)}
    for rule, p in STAYS.items():
        counted = stays.with_columns(case=cases[rule].fill_null(0)).group_by(PLACE)
        sums.append(_told(counted.agg(numerator=pl.col("case").sum(), denominator=pl.len(), reference=pl.col(p).max()), rule))
    return pl.concat(sums)


def _all(parts: tuple[str, ...]) -> pl.Expr:
    return reduce(add, (pl.col(part) for part in parts))


def _told(sums: pl.LazyFrame, rule: int) -> pl.LazyFrame:
    numbers = {name: pl.col(name).cast(pl.Int64) for name in ("numerator", "denominator")}
    reference = (pl.col("reference") * QUANTITY).round().cast(pl.Int64)
    return sums.select(*PLACE, rule_no=pl.lit(rule, pl.Int64), **numbers, reference_e4=reference)
