"""The statistics of national types 56-63 per institution and month: no findings on a claim, only shares beside the area's reference.

A month is told as far as it is known: tonight's claims and those of every earlier night. A night that is run again replaces its part.
"""

from __future__ import annotations

from typing import Any

import polars as pl

# rule type: national code, Chinese and English name
INDICATORS = {
    56: ("ZB10000205001000", "药费占比", "Drugs"),
    57: ("ZB10000205002000", "检验检查占比", "Tests and examinations"),
    58: ("ZB10000205003000", "耗材占比", "Consumables"),
    59: ("ZB10000205004000", "治疗占比", "Treatment"),
    60: ("ZB10000205005000", "CT检查占比", "CT"),
    61: ("ZB10000205006000", "核磁检查占比", "MR"),
    62: ("ZB10000205007000", "院内感染发生率", "Hospital infection"),
    63: ("ZB10000205008000", "非计划再入院率", "Unplanned readmission"),
}
SHOWN = 12  # institutions on the page, by fees; all stand in indicators.parquet
E4 = 10_000


def indicators(tonight: pl.LazyFrame, earlier: pl.LazyFrame) -> pl.DataFrame:
    """One row per institution, month of tonight's settlements and indicator, sorted.

    fixmedins_code, month (first day), rule_no, national_code, numerator, denominator (fen for 56-61, stays for 62 and 63), value_e4
    (numerator / denominator x 10,000, half up; null where the denominator is not positive), reference_e4 (the area's parameter).
    """
    place = ["fixmedins_code", "month"]
    both = pl.concat([tonight, earlier.join(tonight.select(place).unique(), on=place, how="semi")])
    sums = both.group_by(*place, "rule_no").agg(pl.col("numerator", "denominator").sum(), pl.col("reference_e4").max())
    numerator, denominator = (pl.col(name).cast(pl.Int128) for name in ("numerator", "denominator"))
    some = pl.max_horizontal(denominator, pl.lit(1, pl.Int128))
    value = ((numerator * 2 * E4 + some) // (some * 2)).cast(pl.Int64)
    codes = {rule: code for rule, (code, _, _) in INDICATORS.items()}
    return (
        sums.select(
            *place, "rule_no", pl.col("rule_no").replace_strict(codes, return_dtype=pl.String).alias("national_code"),
            "numerator", "denominator", pl.when(denominator > 0).then(value).alias("value_e4"), "reference_e4",
        )
        .sort(*place, "rule_no")
        .collect()
    )  # fmt: skip


def shown(made: pl.DataFrame, names: dict[str, str | None]) -> dict[str, Any] | None:
    """The newest month for the page: the institutions with the most fees, each with its eight shares. None without any."""
    if made.is_empty():
        return None
    month = made.select(pl.col("month").max()).item()
    newest = made.filter(pl.col("month") == month)
    fees = newest.filter(pl.col("rule_no") == min(INDICATORS)).sort("denominator", "fixmedins_code", descending=[True, False])
    rows = []
    for code, billed in fees.head(SHOWN).select("fixmedins_code", "denominator").iter_rows():
        values = {row["rule_no"]: row for row in newest.filter(pl.col("fixmedins_code") == code).to_dicts()}
        rows.append({"code": code, "name": names.get(code), "billed": billed, "values": [_cell(values.get(rule)) for rule in INDICATORS]})
    heads = [{"rule_no": rule, "zh": zh, "en": en} for rule, (_, zh, en) in INDICATORS.items()]
    return {"month": f"{month:%Y-%m}", "institutions": fees.height, "heads": heads, "rows": rows}


def _cell(row: dict[str, Any] | None) -> dict[str, Any] | None:
    if row is None or row["value_e4"] is None:
        return None
    over = row["reference_e4"] is not None and row["value_e4"] > row["reference_e4"]
    return {"share": row["value_e4"] / E4, "over": over, **{name: row[name] for name in ("numerator", "denominator", "reference_e4")}}
