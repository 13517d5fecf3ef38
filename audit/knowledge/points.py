"""What the points of each national rule type carry, and the facts they become on a line.

A new rule type is a new entry in PARAMETERS and FACTS plus its table `rules/tables/points/NN.csv`; nothing else changes.
"""

from __future__ import annotations

import polars as pl

from audit.knowledge.columns import CODE, Column, choice, day, number, shaped, text, whole, word

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

_AGE_GROUP = choice("age_group", "newborn", "infant", "child", "unclear")
_GEND = choice("gend", "1", "2", optional=True)

PARAMETERS: dict[int, tuple[Column, ...]] = {
    1: (), 2: (), 3: (), 4: (), 29: (), 47: (),
    5: (text("first_line", optional=True),),
    7: (whole("age_lo", optional=True), whole("age_hi", optional=True)),
    8: (text("dx_terms", optional=True),),
    10: (whole("course_days"), choice("course_kind", "visit_days", "span_days")),
    12: (whole("level_min"), text("level_alt", optional=True), choice("first_rx_only", "1", optional=True)),
    13: (choice("visit_mode", "inpatient", "inpatient_or_emergency"),),
    15: (text("op_group"),),
    23: (whole("course_days"), choice("course_kind", "total_days")),
    25: (shaped("main_code", CODE), shaped("part_code", CODE), choice("pair_window", "day", "visit", "6h", "1h")),
    27: (number("day_max"), choice("day_unit", "day", "hour")),
    31: (number("period_max"), whole("period_days")),
    65: (_AGE_GROUP,), 80: (_AGE_GROUP,),
    67: (_GEND,), 81: (_GEND,),
}  # fmt: skip
PAIR_RULE = 25
OP_GROUP_RULE = 15
MOST_OP_GROUPS = 4  # 肠粘连松解术 stands in four groups of batch 2

_YES = pl.lit(True)
_RENAMED = {
    5: {"item_first_line_set": "first_line"}, 8: {"item_dx_set": "dx_terms"},
    7: {"item_pay_age_lo": "age_lo", "item_pay_age_hi": "age_hi"},
    10: {"item_course_days": "course_days", "item_course_kind": "course_kind", "item_course_key": "root"},
    12: {"item_level_min": "level_min", "item_level_alt": "level_alt"}, 13: {"item_visit_mode": "visit_mode"},
    23: {"item_service_course_days": "course_days"},
    27: {"item_day_max": "day_max", "item_day_unit": "day_unit"},
    31: {"item_period_max": "period_max", "item_period_days": "period_days"},
    65: {"item_child_drug": "age_group"}, 80: {"item_child_service": "age_group"},
    67: {"item_drug_gend": "gend"}, 81: {"item_service_gend": "gend"},
}  # fmt: skip
_MARKS = {
    1: "item_injury_only", 2: "item_maternity_only", 3: "item_herb_never", 4: "item_herb_not_alone", 5: "item_second_line",
    7: "item_child_pay", 8: "item_dx_limited", 29: "item_work_age", 47: "item_internet_barred",
}  # fmt: skip

FACTS: dict[int, dict[str, pl.Expr]] = {
    rule: {
        **({_MARKS[rule]: _YES} if rule in _MARKS else {}),
        **{fact: pl.col(column) for fact, column in _RENAMED.get(rule, {}).items()},
    }
    for rule in sorted(PARAMETERS)
    if rule != PAIR_RULE
}
# Its groups stand side by side: the one fact that the code decides together with the point.
FACTS[OP_GROUP_RULE] = {
    "item_op_group" + (f"_{slot}" if slot > 1 else ""): pl.when(pl.col("op_slot") == slot).then("op_group")
    for slot in range(1, MOST_OP_GROUPS + 1)
}
# A limit that binds the first prescription only cannot be judged on one line: null there, so the rule cannot tell.
FACTS[12]["item_level_every_rx"] = pl.when(pl.col("first_rx_only").is_null()).then(True)

FACT_TYPES: dict[str, pl.DataType] = {
    "item_injury_only": pl.Boolean(), "item_maternity_only": pl.Boolean(), "item_herb_never": pl.Boolean(),
    "item_herb_not_alone": pl.Boolean(), "item_second_line": pl.Boolean(), "item_first_line_set": pl.String(),
    "item_child_pay": pl.Boolean(), "item_pay_age_lo": pl.Int64(), "item_pay_age_hi": pl.Int64(),
    "item_dx_limited": pl.Boolean(), "item_dx_set": pl.String(),
    "item_course_days": pl.Int64(), "item_course_kind": pl.String(), "item_course_key": pl.String(),
    "item_level_min": pl.Int64(), "item_level_alt": pl.String(), "item_level_every_rx": pl.Boolean(),
    "item_visit_mode": pl.String(),
    **{"item_op_group" + (f"_{n}" if n > 1 else ""): pl.String() for n in range(1, MOST_OP_GROUPS + 1)},
    "item_service_course_days": pl.Int64(),
    "item_is_main": pl.Boolean(), "item_is_part": pl.Boolean(),
    "item_day_max": pl.Float64(), "item_day_unit": pl.String(), "item_work_age": pl.Boolean(),
    "item_period_max": pl.Float64(), "item_period_days": pl.Int64(), "item_internet_barred": pl.Boolean(),
    "item_child_drug": pl.String(), "item_child_service": pl.String(),
    "item_drug_gend": pl.String(), "item_service_gend": pl.String(),
}  # fmt: skip
# Facts of everyday items (limits per day, services included in others). Every line carries these; all others only the few lines of
# items that have some, which are then enriched, measured and judged apart.
COMMON_FACTS = frozenset({"item_day_max", "item_day_unit", "item_is_main", "item_is_part"})
RARE_FACTS = frozenset(FACT_TYPES) - COMMON_FACTS
