"""What the points of each national rule type carry, and the facts they become on a line.

A type whose points are to be read gets an entry in PARAMETERS and in _SAID, and its tables `rules/tables/{points,codes}/NN.csv`.
Points of the types in OURS are written by this project from labels, price notes and law, as long as NHSA has published none; their
codes may name a class of items by its beginning (`XJ01MA`, all fluoroquinolones). Official points name whole codes.
"""

from __future__ import annotations

import polars as pl

from audit.knowledge.columns import CLASS, CODE, Column, choice, day, number, shaped, text, whole, word

POINT = (
    word("point_id"),
    text("name"),
    text("clause"),
    text("test"),
    whole("batch", optional=True),
    day("published"),
    day("valid_from"),
    day("valid_to", optional=True),
    word("supersedes", optional=True),
    text("source"),
)
CODES = (word("point_id"), shaped("code", CODE))
CLASSES = (word("point_id"), shaped("code", CLASS))

_AGE_GROUP = choice("age_group", "newborn", "infant", "child", "unclear")
_GEND = choice("gend", "1", "2", optional=True)
_DX = text("dx_terms", optional=True)  # names in dx_terms.csv, joined by ';'; empty: the wording is not mapped to codes yet
_ITEMS = text("item_terms")  # names in item_terms.csv, joined by ';'
_WINDOW = choice("item_window", "day", "visit")
_DEPTS = text("depts")  # words of which one stands in the department's name, joined by ';'
_LEVEL = whole("level_min")

PARAMETERS: dict[int, tuple[Column, ...]] = {
    1: (), 2: (), 3: (), 4: (), 6: (), 16: (), 17: (), 18: (), 29: (), 32: (), 47: (),
    5: (text("first_line", optional=True),),
    7: (whole("age_lo", optional=True), whole("age_hi", optional=True)),
    8: (_DX,), 20: (_DX,), 70: (_DX,), 71: (_DX,), 78: (_DX,), 79: (_DX,), 82: (_DX,), 83: (_DX,), 88: (_DX,), 44: (_DX,),
    10: (whole("course_days"), choice("course_kind", "visit_days", "span_days")),
    11: (text("dise_codes"),),
    12: (_LEVEL, text("level_alt", optional=True), choice("first_rx_only", "1", optional=True)),
    13: (choice("visit_mode", "inpatient", "inpatient_or_emergency"),),
    15: (text("op_group"),),
    19: (_AGE_GROUP,), 33: (_AGE_GROUP,), 65: (_AGE_GROUP,), 80: (_AGE_GROUP,),
    21: (_DEPTS,), 85: (_DEPTS,),
    22: (choice("visit_mode", "inpatient", "inpatient_or_emergency"),),
    23: (whole("course_days"), choice("course_kind", "total_days")),
    24: (_LEVEL,),
    25: (shaped("main_code", CODE), shaped("part_code", CODE), choice("pair_window", "day", "visit", "6h", "1h")),
    26: (text("bundle"), shaped("bundle_code", CODE), number("bundle_yuan", optional=True), whole("parts_min")),
    27: (number("day_max"), choice("day_unit", "day", "hour")),
    28: (number("cap_yuan"), choice("cap_per", "visit", "year")), 34: (number("cap_yuan"), choice("cap_per", "visit", "year")),
    30: (_ITEMS,), 75: (_ITEMS,),
    31: (number("period_max"), whole("period_days")),
    45: (choice("antibiotic_class", "restricted", "special"),),
    64: (_ITEMS, _WINDOW), 84: (_ITEMS, _WINDOW),
    66: (whole("age_years"),), 72: (whole("age_years"),),
    67: (_GEND,), 81: (_GEND,), 87: (_GEND,),
    68: (number("day_dose_max"), text("dose_unit")),
    69: (text("drug_class"),),
    73: (choice("state", "pregnant", "lactating", "both"),),
    74: (_ITEMS,),
    77: (number("day_qty_max"),),
    86: (number("qty_max"), choice("qty_per", "day", "visit", "operation")),
}  # fmt: skip
OURS = frozenset(PARAMETERS) - {1, 2, 3, 4, 5, 7, 8, 10, 12, 13, 15, 23, 25, 27, 29, 31, 47, 65, 67, 80, 81}
INVENTED = ("C99", "0099", "T99")  # codes that begin so exist nowhere: they show the shape of a table that each area must fill
PAIR_RULE = 25
OP_GROUP_RULE = 15
MOST_OP_GROUPS = 4  # 肠粘连松解术 stands in four groups of batch 2

_MARK = ""  # the point says it by being there
_SAID: dict[int, dict[str, str]] = {
    1: {"item_injury_only": _MARK}, 2: {"item_maternity_only": _MARK}, 3: {"item_herb_never": _MARK}, 4: {"item_herb_not_alone": _MARK},
    5: {"item_second_line": _MARK, "item_first_line_set": "first_line"},
    6: {"item_newborn_pay": _MARK},
    7: {"item_child_pay": _MARK, "item_pay_age_lo": "age_lo", "item_pay_age_hi": "age_hi"},
    8: {"item_dx_limited": _MARK, "item_dx_set": "dx_terms"},
    10: {"item_course_days": "course_days", "item_course_kind": "course_kind", "item_course_key": "root"},
    11: {"item_dise_codes": "dise_codes"},
    12: {"item_level_min": "level_min", "item_level_alt": "level_alt"},
    13: {"item_visit_mode": "visit_mode"},
    16: {"item_service_injury_only": _MARK}, 17: {"item_service_maternity_only": _MARK}, 18: {"item_service_newborn_pay": _MARK},
    19: {"item_service_age_group": "age_group"},
    20: {"item_service_dx_limited": _MARK, "item_service_dx_set": "dx_terms"},
    21: {"item_service_depts": "depts"}, 22: {"item_service_visit_mode": "visit_mode"},
    23: {"item_service_course_days": "course_days"},
    24: {"item_service_level_min": "level_min"},
    26: {"item_bundle": "bundle", "item_bundle_code": "bundle_code", "item_bundle_yuan": "bundle_yuan", "item_bundle_parts": "parts_min"},
    27: {"item_day_max": "day_max", "item_day_unit": "day_unit"},
    28: {"item_cap_yuan": "cap_yuan", "item_cap_per": "cap_per", "item_cap_key": "root"},
    29: {"item_work_age": _MARK},
    30: {"item_consumable_within": "item_terms"},
    31: {"item_period_max": "period_max", "item_period_days": "period_days"},
    32: {"item_consumable_newborn_pay": _MARK}, 33: {"item_consumable_age_group": "age_group"},
    34: {"item_consumable_cap_yuan": "cap_yuan", "item_consumable_cap_per": "cap_per", "item_consumable_cap_key": "root"},
    44: {"item_antibiotic": _MARK, "item_infection_set": "dx_terms"}, 45: {"item_antibiotic_class": "antibiotic_class"},
    47: {"item_internet_barred": _MARK},
    64: {"item_companion_set": "item_terms", "item_companion_window": "item_window"},
    65: {"item_child_drug": "age_group"},
    66: {"item_drug_age_from": "age_years"},
    67: {"item_drug_gend": "gend"},
    68: {"item_day_dose_max": "day_dose_max", "item_dose_unit": "dose_unit"},
    69: {"item_drug_class": "drug_class"},
    70: {"item_label_dx_limited": _MARK, "item_label_dx_set": "dx_terms"}, 71: {"item_drug_barred_dx_set": "dx_terms"},
    72: {"item_drug_age_to": "age_years"},
    73: {"item_pregnancy_risk": "state"},
    74: {"item_interaction_set": "item_terms"}, 75: {"item_incompatible_set": "item_terms"},
    77: {"item_herb_day_max": "day_qty_max"},
    78: {"item_exam_dx_set": "dx_terms"}, 79: {"item_therapy_dx_set": "dx_terms"},
    80: {"item_child_service": "age_group"},
    81: {"item_service_gend": "gend"},
    82: {"item_service_barred_dx_set": "dx_terms"}, 83: {"item_service_label_dx_set": "dx_terms"},
    84: {"item_consumable_companion_set": "item_terms", "item_consumable_companion_window": "item_window"},
    85: {"item_consumable_depts": "depts"},
    86: {"item_qty_max": "qty_max", "item_qty_per": "qty_per"},
    87: {"item_consumable_gend": "gend"},
    88: {"item_consumable_dx_set": "dx_terms"},
}  # fmt: skip

FACTS: dict[int, dict[str, pl.Expr]] = {
    rule: {fact: pl.lit(True) if column == _MARK else pl.col(column) for fact, column in said.items()} for rule, said in _SAID.items()
}
# Its groups stand side by side: the one fact that the code decides together with the point.
FACTS[OP_GROUP_RULE] = {
    "item_op_group" + (f"_{slot}" if slot > 1 else ""): pl.when(pl.col("op_slot") == slot).then("op_group")
    for slot in range(1, MOST_OP_GROUPS + 1)
}
# A limit that binds the first prescription only cannot be judged on one line: null there, so the rule cannot tell.
FACTS[12]["item_level_every_rx"] = pl.when(pl.col("first_rx_only").is_null()).then(True)


def _dtype(rule: int, column: str) -> pl.DataType:
    of_column = {c.name: c.dtype for c in PARAMETERS[rule]} | {_MARK: pl.Boolean(), "root": pl.String()}
    return of_column[column]


FACT_TYPES: dict[str, pl.DataType] = {
    **{fact: _dtype(rule, column) for rule, said in _SAID.items() for fact, column in said.items()},
    **dict.fromkeys(FACTS[OP_GROUP_RULE], pl.String()),
    **dict.fromkeys(("item_level_every_rx", "item_is_main", "item_is_part"), pl.Boolean()),
}
# Facts of everyday items (limits per day, services included in others). Every line carries these; all others only the few lines of
# items that have some, which are then enriched, measured and judged apart.
COMMON_FACTS = frozenset({"item_day_max", "item_day_unit", "item_is_main", "item_is_part"})
RARE_FACTS = frozenset(FACT_TYPES) - COMMON_FACTS
