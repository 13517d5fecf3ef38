"""Columns about the dose of a day: what the texts of a prescription say, read once for each text that occurs."""

from __future__ import annotations

import re

import polars as pl

from audit import engine
from audit.money import QUANTITY, share_fen

# How prescriptions write the times a day. Other words, and "when needed", are not read.
LATIN = {"qd": 1, "qn": 1, "qm": 1, "hs": 1, "bid": 2, "q12h": 2, "tid": 3, "q8h": 3, "qid": 4, "q6h": 4, "q4h": 6}
NUMERALS = str.maketrans("一两二三四五六", "1223456")
A_DAY = re.compile(r"每?[1每]?[日天]([1-9])次|([1-9])次[/每]?[日天]")
SINGLE = re.compile(r"(?:每次|一次)?([0-9]+(?:\.[0-9]+)?)([a-zμ一-龥]+)(?:/次)?")
MILLIGRAMS = {"g": 1000.0, "克": 1000.0, "mg": 1.0, "毫克": 1.0, "ug": 0.001, "μg": 0.001, "微克": 0.001}
GRAMS = {"g": 1, "克": 1, "kg": 1000, "千克": 1000, "公斤": 1000}
FILLER_DAYS = 1  # what many systems write into prd_days where nobody says how long: no number to divide a supply by
TEXTS = ["sin_dos_dscr", "used_frqu_dscr", "item_dose_unit"]


def times_a_day(text: str) -> int | None:
    """How often a day used_frqu_dscr says: 'tid', '3次/日', '一日三次'. None: words that are not read."""
    said = re.sub(r"[\s.]", "", text.lower())
    if said in LATIN:
        return LATIN[said]
    found = A_DAY.fullmatch(said.translate(NUMERALS))
    return int(found[1] or found[2]) if found else None


def single_dose(text: str, unit: str) -> float | None:
    """What sin_dos_dscr says, in `unit` ('mg', or a counted one such as 片). None: a range, another unit, or not read."""
    found = SINGLE.fullmatch(re.sub(r"\s", "", text.lower()))
    if not found:
        return None
    size = MILLIGRAMS.get(found[2]) if unit == "mg" else 1.0 if found[2] == unit else None
    return None if size is None else float(found[1]) * size


def _over(amount: str, given: str, most: pl.Expr) -> pl.Expr:
    """amount x (given - most) / given in fen, half up; 0 where `given` is not above; null where it is null."""
    part, whole = ((value * QUANTITY).round().cast(pl.Int64) for value in (pl.col(given) - most, pl.col(given)))
    return pl.when(part > 0).then(share_fen(pl.col(amount), part, whole)).when(pl.col(given).is_not_null()).then(0)


def day_doses(limited: pl.LazyFrame) -> pl.LazyFrame:
    """day_dose Float64: rule 68, what a day is given, in item_dose_unit: sin_dos_dscr x used_frqu_dscr, or cnt / prd_days where spec is
        that unit. Null: item without item_day_dose_max, text or unit not readable, or prd_days missing or 1.
    over_dose_fen Int64 fen: rule 68, amount x (day_dose - item_day_dose_max) / day_dose, half up; 0 within the maximum. Null as
        day_dose."""
    asking = limited.filter(pl.col("item_day_dose_max").is_not_null(), pl.col("cnt_e4") > 0)
    asking = asking.with_columns(pl.col("sin_dos_dscr", "used_frqu_dscr").fill_null(""))
    texts = engine.collect(asking.select(TEXTS).unique())
    single = [single_dose(dose, unit) for dose, _, unit in texts.rows()]
    times = [times_a_day(often) for _, often, _ in texts.rows()]
    read = texts.with_columns(single=pl.Series(single, dtype=pl.Float64), times=pl.Series(times, dtype=pl.Int64))
    counted = pl.when(pl.col("spec") == pl.col("item_dose_unit"), pl.col("prd_days") > FILLER_DAYS).then(
        pl.col("cnt_e4") / QUANTITY / pl.col("prd_days")
    )
    told = asking.join(read.lazy(), on=TEXTS).with_columns(day_dose=pl.coalesce(pl.col("single") * pl.col("times"), counted))
    over = _over("det_item_fee_sumamt", "day_dose", pl.col("item_day_dose_max"))
    return told.select("row", "day_dose", over_dose_fen=over)


def herb_quantities(limited: pl.LazyFrame) -> pl.LazyFrame:
    """herb_day_qty Float64 g: rule 77, grams of the piece for each day of the prescription: cnt / prd_days, spec being grams or
        kilograms. Null: item without item_herb_day_max, another unit, or prd_days missing or 1.
    over_herb_fen Int64 fen: rule 77, amount x the part of herb_day_qty above item_herb_day_max x p_herb_upload_times, half up; 0 within.
        Null as herb_day_qty."""
    asking = limited.filter(pl.col("item_herb_day_max").is_not_null(), pl.col("cnt_e4") > 0)
    units = pl.LazyFrame({"spec": list(GRAMS), "grams": list(GRAMS.values())})
    a_day = pl.when(pl.col("prd_days") > FILLER_DAYS).then(pl.col("cnt_e4") * pl.col("grams") / QUANTITY / pl.col("prd_days"))
    told = asking.with_columns(pl.col("spec").str.to_lowercase()).join(units, on="spec", how="left").with_columns(herb_day_qty=a_day)
    most = pl.col("item_herb_day_max") * pl.col("p_herb_upload_times")
    return told.select("row", "herb_day_qty", over_herb_fen=_over("det_item_fee_sumamt", "herb_day_qty", most))
