"""The parameters of a point: what its wording says, else what its limit columns say, else what the point it replaces said.

A column headed with a parameter's own name (`course_days`) speaks before all of them: so an analyst adds what no official file tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from audit.errors import Said
from audit.knowledge import wording
from audit.knowledge.batches import types
from audit.knowledge.batches.faults import Faults
from audit.knowledge.batches.point import Point
from audit.knowledge.columns import Column, Unreadable, why
from audit.knowledge.points import PARAMETERS

Parameters = dict[str, str | None]
Reader = Callable[[Point], object]
ColumnReader = Callable[[Mapping[str, str]], str | None]

_ANY_LIMIT = ("限定值域", "限定对象", "限定值")
_GROUPS = {"新生儿": "newborn", "婴幼儿": "infant", "儿童": "child"}
_TIERS = {"一级": "1", "二级": "2", "三级": "3"}
_SEXES = {"男": "1", "女": "2"}
_VISITS = {"住院": "inpatient", "急诊或住院": "inpatient_or_emergency", "住院或急诊": "inpatient_or_emergency"}
_WINDOWS = {"单日": "day", "单次就诊": "visit", "6小时": "6h", "同一小时": "1h"}
_UNITS = {"日": "day", "天": "day", "小时": "hour"}
_ANTIBIOTICS = {"限制使用级": "restricted", "特殊使用级": "special"}

# Our own readings of a wording: kept while the wording they rest on is unchanged, else empty until somebody reads it.
REVIEWED = frozenset({"first_line", "dx_terms", "item_terms"})
_SUMMED = {10: "visit_days", 23: "total_days"}  # what a course counts unless its check says otherwise
_UNSURE_WORDING = frozenset({"gend"})  # organs named in a wording are the weakest sign of a sex: only where nothing else says it


def _in_words(*headers: str, words: Mapping[str, str]) -> ColumnReader:
    """The value of the first of these limit columns that is filled in, and then it must be one of `words`."""

    def read(limits: Mapping[str, str]) -> str | None:
        said = [(header, text) for header in headers if (text := wording.plain(limits.get(header, "")))]
        known = next((words[text] for _, text in said if text in words), None)
        if said and known is None:
            (header, text), listed = said[0], ", ".join(words)
            raise Unreadable(
                f"不能由 {header} 的 {text!r} 得出，可用值为 {listed}", f"is not told by {header} {text!r}, which is none of {listed}"
            )
        return known

    return read


def _amount(*headers: str, less: str = "") -> ColumnReader:
    """The number in the first of these limit columns that has one, without its unit `less`."""

    def read(limits: Mapping[str, str]) -> str | None:
        texts = (wording.plain(limits.get(header, "")).removesuffix(less) for header in headers)
        return next((text for text in texts if text.replace(".", "", 1).isdigit()), None)

    return read


def _says_how(point: Point) -> bool:
    """Whether the file says how the point is checked, not only of which type it is."""
    return point.test != types.name_of(point.rule_no)


def _age_group(point: Point) -> str | None:
    return "unclear" if "包含成人用法用量" in point.clause else None


_WORDING: dict[str, Reader] = {
    "age_group": _age_group,
    "age_lo": lambda point: wording.ages(point.clause)[0],
    "age_hi": lambda point: wording.ages(point.clause)[1],
    "course_days": lambda point: wording.course_days(point.clause),
    "course_kind": lambda point: wording.course_kind(point.test, _SUMMED[point.rule_no]) if _says_how(point) else None,
    "level_min": lambda point: wording.level(point.clause)[0],
    "level_alt": lambda point: wording.level(point.clause)[1],
    "first_rx_only": lambda point: "1" if wording.level(point.clause)[2] else None,
    "visit_mode": lambda point: wording.visit_mode(point.clause),
    "op_group": lambda point: point.clause,
    "main_code": lambda point: point.codes[0],
    "part_code": lambda point: point.codes[1],
    "gend": lambda point: wording.gend(point.name + point.clause),
    "age_years": lambda point: wording.barred_below(point.clause) if point.rule_no == 66 else None,
    "state": lambda point: wording.state(point.clause),
}
COLUMNS: dict[str, ColumnReader] = {
    "gend": _in_words("限定性别", *_ANY_LIMIT, words=_SEXES),
    "age_group": _in_words("限定年龄", *_ANY_LIMIT, words=_GROUPS),
    "level_min": _in_words("限定机构等级", "医疗机构级别", *_ANY_LIMIT, words=_TIERS),
    "visit_mode": _in_words("限定就医方式", *_ANY_LIMIT, words=_VISITS),
    "course_days": _amount("限定天数", "支付疗程", *_ANY_LIMIT, less="天"),
    "pair_window": _in_words("频度", words=_WINDOWS),
    "day_max": _amount("限制数量"),
    "day_unit": _in_words("数量单位", words=_UNITS),
    "period_max": _amount("频次上限"),
    "period_days": _amount("疗程周期", less="天"),
    "depts": lambda limits: limits.get("限定科室", "").replace("、", ";") or None,
    "antibiotic_class": _in_words("管理级别", "限定级别", *_ANY_LIMIT, words=_ANTIBIOTICS),
}


def parameters(point: Point, listed: Point | None, older: list[Mapping[str, str]], faults: Faults) -> Parameters:
    """Parameter -> text for its table, None where it may be empty.

    `listed` is the same point in a workbook where `point` comes from the records; `older` the rows in the tables that it repeats or
    replaces, the nearest first.
    """
    if point.rule_no not in PARAMETERS:
        rule, of = point.rule_no, types.name_of(point.rule_no)
        where = f"PARAMETERS[{rule}] of audit/knowledge/points.py"
        what = Said(
            f"{point.name}：尚不能读取规则类型 {rule} {of}的知识点", f"{point.name}: points of rule type {rule} {of} are not read yet"
        )
        remedy = Said(
            f"请由开发人员在 audit/knowledge/points.py 的 PARAMETERS[{rule}] 中说明其参数", f"A developer says what they carry in {where}"
        )
        faults.add(point.file, what, remedy, **point.told())
        return {}
    return {column.name: _value(column, point, listed or point, older, faults) for column in PARAMETERS[point.rule_no]}


def _value(column: Column, point: Point, listed: Point, older: list[Mapping[str, str]], faults: Faults) -> str | None:
    value = None
    try:
        value = _found(column, point, listed, older)
        if value is not None:
            column.read(value)
        elif not column.optional:
            raise Unreadable("既不在条文中，也不在任何列中", "is neither in the wording nor in a column")
        return value
    except ValueError as fault:
        choices = f" ({column.ordinary.replace('|', ', ')})" if "|" in column.ordinary and "[" not in column.ordinary else ""
        told, said = why(fault), f"{column.name} {value!r}" if value else column.name
        remedy = Said(
            f"请在工作表中加一列 {column.name} 并填写{choices}", f"Add a column headed {column.name} to the sheet and fill it in{choices}"
        )
        faults.add(
            point.file, Said(f"{point.name}：参数 {said} {told.zh}", f"{point.name}: the parameter {said} {told}"), remedy, **point.told()
        )
        return None


def _found(column: Column, point: Point, listed: Point, older: list[Mapping[str, str]]) -> str | None:
    name = column.name
    if own := point.limits.get(name) or listed.limits.get(name):
        return own
    if name in REVIEWED:
        return next((row[name] for row in older if row["clause"] == point.clause and row.get(name)), None)
    unsure = name in _UNSURE_WORDING
    # an empty optional parameter is an answer of the new wording; what the old one said no longer holds
    inherited = next((row[name] for row in older if row.get(name)), None) if unsure or not column.optional else None
    said = _WORDING[name](point) if name in _WORDING else None
    if said is None or unsure:
        listed_as = COLUMNS[name](listed.limits) if name in COLUMNS else None
        said = (listed_as or inherited or said) if unsure else (listed_as or inherited)
    if said not in (None, ""):
        return str(said)
    # where nothing says more, the name of the type says children, and a course sums days of use
    return {"age_group": "child", "course_kind": _SUMMED.get(point.rule_no)}.get(name)
