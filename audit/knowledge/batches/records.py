"""The records of published batches (all_records.json: one point per line, with ids and links) -> points."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from audit.errors import Said
from audit.knowledge.batches import types
from audit.knowledge.batches.faults import CHECK_PATH, DATES, DOWNLOAD, Faults
from audit.knowledge.batches.point import Point
from audit.knowledge.batches.workbook import SCRIPT
from audit.knowledge.columns import CODE, Unreadable

_REMEDY = Said("请改正或删去该记录", "Correct the record, or leave it out")


def read_records(path: Path, faults: Faults) -> list[Point]:
    """Every record of kind 'point'; a record that cannot be read is a fault with its place in the file."""
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(records, list):
            raise ValueError("no list of records")
    except OSError as fault:
        faults.add(path, Said(f"无法打开（{fault.strerror}）", f"cannot be opened ({fault.strerror})"), CHECK_PATH)
        return []
    except ValueError as fault:
        faults.add(path, Said(f"不是完整的 JSON 记录列表（{fault}）", f"is no whole JSON list of records ({fault})"), DOWNLOAD)
        return []
    points = []
    for number, record in enumerate(records, start=1):
        try:
            if record["kind"] == "point":
                points.append(_point(path, number, record))
        except (KeyError, TypeError, ValueError) as fault:
            zh = fault.why.zh if isinstance(fault, Unreadable) else fault
            faults.add(path, Said(f"第 {number} 条记录不完整：{zh}", f"record {number} is not whole: {fault}"), _REMEDY)
    _linked(path, points, faults)
    return points


def _point(path: Path, number: int, record: dict[str, Any]) -> Point:
    codes, rule, published = record["codes"], record["rule_no"], date.fromisoformat(record["published"])
    for field in ("point_id", "item_name", "clause", "test"):
        if not isinstance(record[field], str) or not record[field].strip() or SCRIPT.search(record[field]):
            raise Unreadable(f"{field} 不是纯文字", f"{field} is no plain text")
    if not isinstance(record["batch"], int | None):
        raise Unreadable(f"batch {record['batch']!r} 不是数字", f"batch {record['batch']!r} is no number")
    if strange := [code for code in codes if not CODE.fullmatch(code)]:
        raise Unreadable(f"{strange[0]!r} 不是国家编码", f"{strange[0]!r} is no national code")
    if not codes:
        raise Unreadable("没有编码", "it names no code")
    if rule not in range(1, len(types.NAMES) + 1):
        raise Unreadable(f"规则类型 {rule} 不存在", f"rule type {rule} is unknown")
    return Point(
        path, "", number, rule, record["item_name"], record["clause"].replace("\n", ""), record["test"], record["batch"], published,
        tuple(codes), published, point_id=record["point_id"], supersedes=record["supersedes"] or "", linked=True,
    )  # fmt: skip


def _linked(path: Path, points: list[Point], faults: Faults) -> None:
    of_id: dict[str, Point] = {}
    for point in points:
        if point.point_id in of_id:
            faults.add(path, Said(f"{point.point_id} 出现两次", f"{point.point_id} stands there twice"), _REMEDY, row=point.row)
        of_id[point.point_id] = point
    for point in points:
        older = of_id.get(point.supersedes)
        if older and older.published >= point.published:
            told = Said(
                f"{point.published} 的 {point.point_id} 替代 {older.published} 的 {older.point_id}，但后者并不更早",
                f"{point.point_id} of {point.published} replaces {older.point_id} of {older.published}, which is not older",
            )
            faults.add(path, told, DATES, row=point.row)
