"""Writes rules/tables/points and rules/tables/codes anew from NHSA's published batches (records plus workbooks)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from audit.errors import DataError
from audit.knowledge import wording
from audit.knowledge.points import PAIR_RULE, PARAMETERS, POINT
from audit.knowledge.reading import read_all, write_table

Point = dict[str, Any]
Parameters = dict[str, Any]

_WINDOWS = {"单日": "day", "单次就诊": "visit", "6小时": "6h", "同一小时": "1h"}
_UNITS = {"日": "day", "天": "day", "小时": "hour"}
_REVIEWED = {5: "first_line", 8: "dx_terms"}  # our own mappings, kept while the wording they rest on is unchanged


def import_official(folder: Path, rules: Path) -> dict[int, int]:
    """Rewrite `rules/tables/{points,codes}/NN.csv` from `folder` (14 workbooks, records/all_records.json).

    Returns the number of points per rule type. Raises DataError, with nothing written, when a file is missing or a point's
    parameter is neither in its wording nor in a workbook nor in the point it replaces.
    """
    try:
        records = json.loads((folder / "records" / "all_records.json").read_text(encoding="utf-8"))
        listed = _workbooks(folder)
    except (OSError, ValueError, StopIteration) as fault:
        raise DataError(f"{folder}: the official batches cannot be read: {fault or 'a workbook is missing'}") from fault
    points: dict[str, Point] = {p["point_id"]: p for p in records if p["kind"] == "point"}
    published = {i: date.fromisoformat(p["published"]) for i, p in points.items()}
    reviewed = {rule: _kept(rules, rule, column) for rule, column in _REVIEWED.items()}
    found: dict[str, Parameters] = {}
    faults = []
    for point_id in sorted(points, key=lambda i: (published[i], i)):  # oldest first: a successor inherits
        point = points[point_id]
        point["clause"] = point["clause"].replace("\n", "")
        try:
            found[point_id] = _parameters(point, listed, found.get(point["supersedes"]), reviewed)
        except (KeyError, ValueError) as fault:
            faults.append(f"{point_id} {point['item_name']}: no parameter in wording, workbook or predecessor ({fault})")
    if faults:
        raise DataError("\n".join(faults))
    by_rule: dict[int, list[str]] = defaultdict(list)
    for point_id, point in points.items():
        by_rule[point["rule_no"]].append(point_id)
    for rule, ids in sorted(by_rule.items()):
        _write(rules, rule, [points[i] for i in sorted(ids)], found, published)
    return {rule: len(ids) for rule, ids in sorted(by_rule.items())}


def _write(rules: Path, rule: int, points: list[Point], found: dict[str, Parameters], published: dict[str, date]) -> None:
    names = [c.name for c in PARAMETERS[rule]]
    rows, codes = [], []
    for p in points:
        known = published[p["point_id"]]
        ends = published[p["superseded_by"]] - timedelta(days=1) if p["superseded_by"] else None
        batch = f"batch {p['batch']}" if p["batch"] else "update"
        rows.append([
            p["point_id"], p["item_name"], p["clause"], p["test"], p["batch"], known, known, ends, p["supersedes"],
            f"NHSA {batch}, {known}", *(found[p["point_id"]][n] for n in names),
        ])  # fmt: skip
        codes += [(p["point_id"], code) for code in sorted(p["codes"])]
    write_table(rules / "tables" / "points" / f"{rule:02d}.csv", [*(c.name for c in POINT), *names], rows)
    if rule != PAIR_RULE:
        write_table(rules / "tables" / "codes" / f"{rule:02d}.csv", ["point_id", "code"], codes)


def _kept(rules: Path, rule: int, column: str) -> dict[tuple[str, str], str | None]:
    """(item name, clause) -> our reviewed mapping in the table that is being replaced."""
    path = rules / "tables" / "points" / f"{rule:02d}.csv"
    if not path.exists():
        return {}
    table = read_all({path: [*POINT, *PARAMETERS[rule]]}, [])[path]
    return {(r["name"], r["clause"]): r[column] for r in table.iter_rows(named=True)}


def _parameters(p: Point, listed: dict[int, dict[Any, Any]], older: Parameters | None, reviewed: dict[int, Any]) -> Parameters:
    """The parameters of one point: the wording first, then the workbook, then the point it replaces."""
    rule, clause, name = p["rule_no"], p["clause"], p["item_name"]

    def fallback(column: str, said: Any, book: Callable[[], Any]) -> Any:
        if said is not None:
            return said
        try:
            return book()
        except KeyError:
            if older is None or older[column] is None:
                raise
            return older[column]

    if rule in _REVIEWED:
        return {_REVIEWED[rule]: reviewed[rule].get((name, clause))}
    if rule == 7:
        return dict(zip(("age_lo", "age_hi"), wording.ages(clause), strict=True))
    if rule in (10, 23):
        days = fallback("course_days", wording.course_days(clause), lambda: int(listed[10][name].removesuffix("天")))
        return {"course_days": days, "course_kind": wording.course_kind(p["test"], "visit_days" if rule == 10 else "total_days")}
    if rule == 12:
        lowest, alternative, first_only = wording.level(clause)
        tier = fallback("level_min", lowest, lambda: {"二级": 2, "三级": 3}[listed[12][name]])
        return {"level_min": tier, "level_alt": alternative, "first_rx_only": "1" if first_only else None}
    if rule == 13:
        return {"visit_mode": fallback("visit_mode", wording.visit_mode(clause), lambda: {"住院": "inpatient"}[listed[13][name]])}
    if rule == 15:
        return {"op_group": clause}
    if rule == PAIR_RULE:
        main, part = p["codes"]
        return {"main_code": main, "part_code": part, "pair_window": _WINDOWS[listed[PAIR_RULE][main, part]]}
    if rule == 27:
        most, unit = listed[27][p["codes"][0]]
        return {"day_max": most, "day_unit": _UNITS[unit]}
    if rule == 31:
        most, days = listed[31][p["codes"][0]]
        return {"period_max": most, "period_days": days}
    if rule in (65, 80):
        key = name if rule == 65 else p["codes"][0]
        return {"age_group": fallback("age_group", None, lambda: wording.age_group(clause, listed[rule].get(key, "儿童")))}
    if rule in (67, 81):
        key = name if rule == 67 else p["codes"][0]
        book = {"男": "1", "女": "2"}
        if key in listed[rule]:
            return {"gend": book[listed[rule][key]]}
        return {"gend": older["gend"] if older and older["gend"] else wording.gend(name + clause)}
    return {}


def _workbooks(folder: Path) -> dict[int, dict[Any, Any]]:
    """Rule number -> key (item name, code or pair of codes) -> value of the workbook's limit column."""

    def sheet(pattern: str, *columns: str) -> list[tuple[Any, ...]]:
        return _sheet(next(iter(sorted(folder.glob(pattern)))), columns)

    return {
        67: dict(sheet("*药品规则库*限定性别*", "药品通用名", "限定对象")),
        81: dict(sheet("*项目规则库*限定性别*", "国标代码", "限定性别")),
        65: dict(sheet("*药品规则库*限定年龄*", "药品通用名", "限定对象")),
        80: dict(sheet("*第一批*项目规则库*限定年龄*", "国标代码", "限定对象")),
        13: dict(sheet("*就医方式*", "药品通用名", "限定值域")),
        12: dict(sheet("*机构等级*", "药品通用名", "限定值域")),
        10: dict(sheet("*支付疗程*", "药品通用名", "限定值域")),
        PAIR_RULE: {(main, part): window for window, main, part in sheet("*重复收费*", "频度", "主项编码", "从项编码")},
        27: {code: (most, unit) for most, unit, code in sheet("*限定频次*", "限制数量", "数量单位", "项目编码")},
        31: {code: (most, days) for most, days, code in sheet("*限定周期*", "频次上限", "疗程周期", "项目代码")},
    }


def _sheet(path: Path, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """The named columns of a workbook's first sheet, as text, without rows that lack one of them (totals, remarks).

    NHSA's own files carry the header on row 4, re-arranged ones on row 1: the first row that names the columns is it.
    """
    cells = pl.read_excel(path, engine="calamine", has_header=False, infer_schema_length=0, columns=None).head(20_000)
    for number, row in enumerate(cells.head(8).rows()):
        if set(columns) <= set(row):
            picked = cells.slice(number + 1).select(cells.columns[row.index(c)] for c in columns)
            return picked.drop_nulls().rows()
    raise ValueError(f"{path.name}: no row names the columns {', '.join(columns)}")
