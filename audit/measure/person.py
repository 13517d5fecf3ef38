"""Columns about the person on the service day: age, sex, insurance, death. Null = cannot tell."""

from __future__ import annotations

import polars as pl


def days_old(day: str) -> pl.Expr:
    """Days from birth to `day`; null without a birth date or when the day lies before it."""
    days = (pl.col(day) - pl.col("brdy")).dt.total_days()
    return pl.when(days >= 0).then(days)


def years_old(day: str) -> pl.Expr:
    """Full years from birth to `day`; null as days_old."""
    # months are Int8 in Polars: without the cast, month * 100 wraps around
    day_of_year, birthday = (pl.col(date).dt.month().cast(pl.Int64) * 100 + pl.col(date).dt.day() for date in (day, "brdy"))
    before_birthday = day_of_year < birthday
    years = pl.col(day).dt.year().cast(pl.Int64) - pl.col("brdy").dt.year().cast(pl.Int64) - before_birthday.cast(pl.Int64)
    return pl.when(pl.col("brdy") <= pl.col(day)).then(years)


def lowest_years(day: str) -> pl.Expr:
    """Full years if the birth date is known, else the stated age less one (not below 0)."""
    return pl.when(pl.col("brdy").is_not_null()).then(years_old(day)).otherwise((pl.col("age") - 1).clip(0))


def highest_years(day: str) -> pl.Expr:
    """Full years if the birth date is known, else the stated age plus one."""
    return pl.when(pl.col("brdy").is_not_null()).then(years_old(day)).otherwise(pl.col("age") + 1)


def _in_years(low: pl.Expr, high: pl.Expr) -> pl.Expr:
    """low <= age < high in full years; null where the stated age leaves it open. A null limit does not limit."""
    low, high = low.fill_null(0), high.fill_null(1000)
    surely = (pl.col("age_lo") >= low) & (pl.col("age_hi") < high)
    surely_not = (pl.col("age_hi") < low) | (pl.col("age_lo") >= high)
    return pl.when(surely).then(True).when(surely_not).then(False)


def age_days() -> pl.Expr:
    """Int64: days lived on the service day. Null without a birth date."""
    return days_old("fee_date")


def age_lo() -> pl.Expr:
    """Int64: least full years the person can have on the service day: exact from the birth date, else the stated age - 1."""
    return lowest_years("fee_date")


def age_hi() -> pl.Expr:
    """Int64: most full years the person can have on the service day: exact from the birth date, else the stated age + 1."""
    return highest_years("fee_date")


def is_newborn() -> pl.Expr:
    """Boolean: up to p_newborn_days days old. Null when neither birth date nor stated age settles it."""
    by_day = pl.col("age_days") <= pl.col("p_newborn_days")
    return pl.when(pl.col("age_days").is_not_null()).then(by_day).when(pl.col("age_lo") >= 1).then(False)


def newborn_care() -> pl.Expr:
    """Boolean: rules 6, 18 and 32, is_newborn on the service day, or newborn when the visit began. Null: as is_newborn, or the claim is
    of a birth (maternity_insured), where the child's costs may stand on the mother's, or its scheme is missing."""
    at_start = (days_old("begn_date") <= pl.col("p_newborn_days")).fill_null(False)
    return pl.when(pl.col("is_newborn") | at_start).then(True).when(~pl.col("maternity_insured")).then(pl.col("is_newborn"))


def is_infant() -> pl.Expr:
    """Boolean: under p_infant_years full years. Null when a stated age is within a year of the limit or age is missing."""
    return _in_years(pl.lit(0), pl.col("p_infant_years"))


def is_child() -> pl.Expr:
    """Boolean: under p_child_years full years. Null when a stated age is within a year of the limit or age is missing."""
    return _in_years(pl.lit(0), pl.col("p_child_years"))


def in_pay_age() -> pl.Expr:
    """Boolean: rule 7, age within item_pay_age_lo <= years < item_pay_age_hi (no upper limit given: p_child_years). Null: no such limit,
    or age open."""
    within = _in_years(pl.col("item_pay_age_lo"), pl.coalesce(pl.col("item_pay_age_hi").cast(pl.Float64), "p_child_years"))
    return pl.when(pl.col("item_child_pay").is_not_null()).then(within)


def _age_group(group: str) -> pl.Expr:
    wanted = pl.col(group)
    return (
        pl.when(wanted == "newborn").then(pl.col("is_newborn"))
        .when(wanted == "infant").then(pl.col("is_infant"))
        .when(wanted == "child").then(pl.col("is_child"))
    )  # fmt: skip


def in_drug_age() -> pl.Expr:
    """Boolean: rule 65, the person is of the age group the drug is made for (item_child_drug). Null: no such limit, or age open."""
    return _age_group("item_child_drug")


def in_service_age() -> pl.Expr:
    """Boolean: rule 80, the person is of the age group the service is meant for (item_child_service). Null: no such limit, or age open."""
    return _age_group("item_child_service")


def in_service_pay_age() -> pl.Expr:
    """Boolean: rule 19, the person is of the age group the service is paid for (item_service_age_group). Null: no such limit, or age
    open."""
    return _age_group("item_service_age_group")


def in_consumable_age() -> pl.Expr:
    """Boolean: rule 33, the person is of the age group the consumable is paid for (item_consumable_age_group). Null: no such limit, or
    age open."""
    return _age_group("item_consumable_age_group")


def below_drug_age() -> pl.Expr:
    """Boolean: rule 66, younger than item_drug_age_from full years. Null: no such limit, or age open."""
    below = _in_years(pl.lit(0), pl.col("item_drug_age_from"))
    return pl.when(pl.col("item_drug_age_from").is_not_null()).then(below)


def above_drug_age() -> pl.Expr:
    """Boolean: rule 72, item_drug_age_to full years old or older. Null: no such limit, or age open."""
    below = _in_years(pl.lit(0), pl.col("item_drug_age_to"))
    return pl.when(pl.col("item_drug_age_to").is_not_null()).then(~below)


def in_work_age() -> pl.Expr:
    """Boolean: rule 29, of legal working age: p_work_age_from <= years < p_work_age_to_male / _female. Sex unknown: both must agree.
    Null: no limit, or open."""
    man = _in_years(pl.col("p_work_age_from"), pl.col("p_work_age_to_male"))
    woman = _in_years(pl.col("p_work_age_from"), pl.col("p_work_age_to_female"))
    within = pl.when(pl.col("gend") == "1").then(man).when(pl.col("gend") == "2").then(woman).when(man == woman).then(man)
    return pl.when(pl.col("item_work_age").is_not_null()).then(within)


def injury_insured() -> pl.Expr:
    """Boolean: rules 1 and 16, settled under work-injury insurance. False for medical and maternity schemes; null for a missing or unknown
    scheme."""
    medical = pl.col("insutype").str.contains("^(3[1-9][0-9]|510)$")
    return pl.when(medical).then(False)


def maternity_insured() -> pl.Expr:
    """Boolean: rules 2 and 17, settled under maternity insurance (insutype 510, med_type 51-53) or as a maternity case (matn_type). Null:
    scheme missing."""
    case = pl.col("matn_type").is_not_null() & (pl.col("matn_type") != "0")
    kind = pl.col("med_type").str.slice(0, 2).is_in(["51", "52", "53"])
    return pl.when(case | kind.fill_null(False)).then(True).otherwise(pl.col("insutype") == "510")


def death_date(claims: pl.LazyFrame, stays: pl.LazyFrame) -> pl.LazyFrame:
    """death_date Date: registered death, else the first discharge of the person by death (dscg_way 5) tonight or in an earlier night.
    Null: none known."""
    left = pl.col("dscg_way") == "5"
    tonight = claims.select("psn_no", "die_date", left_on=pl.when(left).then(pl.col("end_date")))
    earlier = stays.select("psn_no", die_date=pl.lit(None, pl.Date), left_on=pl.when(left).then(pl.col("end_date")))
    known = pl.concat([tonight, earlier]).filter(pl.col("die_date").is_not_null() | pl.col("left_on").is_not_null())
    dead = known.group_by("psn_no").agg(pl.col("die_date").min(), pl.col("left_on").min())
    return dead.select("psn_no", death_date=pl.coalesce("die_date", "left_on"))


def after_death() -> pl.Expr:
    """Boolean: served after the day of death. False while no death is known; null when only the day of settlement is after it."""
    late = pl.col("fee_date") > pl.col("death_date")
    only_settled = late & pl.col("fee_ocur_time").is_null()
    return pl.when(pl.col("death_date").is_null()).then(False).when(only_settled).then(None).otherwise(late)
