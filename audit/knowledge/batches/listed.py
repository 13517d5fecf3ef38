"""Official workbooks -> points: which rule type a row belongs to, which codes it names, what its limit columns say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from audit.errors import Said
from audit.knowledge.batches import types
from audit.knowledge.batches.faults import DATES, DOWNLOAD, Faults
from audit.knowledge.batches.issue import Given, Issue, day_in, issue_of
from audit.knowledge.batches.layout import BEGINS, CLAUSES, CODES, ENDS, KINDS, NAMES, PAIR, TESTS, Listing, Row, listings
from audit.knowledge.batches.point import Point
from audit.knowledge.batches.workbook import read_workbook
from audit.knowledge.columns import CODE
from audit.knowledge.points import OP_GROUP_RULE, PAIR_RULE

_FILL, _DELETE = Said("请补上，或删去该行", "Fill it in, or delete the row"), Said("请删去其中之一", "Delete one of the two")
_NAMELESS, _CODELESS = Said("该行没有名称", "the row has no name"), Said("该行没有编码", "the row has no code")
_NO_LIMIT = {*NAMES, *CODES, *CLAUSES, *TESTS, *KINDS, *BEGINS, *ENDS, *PAIR, "序号"}


def read_list(path: Path, given: Given, known: Mapping[int, date], faults: Faults) -> list[Point]:
    """The points of one workbook. `known`: batch number -> date of publication, from the tables."""
    found = listings(read_workbook(path, faults), faults)
    if not found:
        return []
    issue = issue_of(path, " ".join(listing.title for listing in found), given, known, faults)
    bare = [listing for listing in found if not listing.has_codes]
    lists, carriers = (bare, [listing for listing in found if listing.has_codes]) if bare else (found, [])
    codes = _codes(carriers, faults)
    points = [point for listing in lists if issue for point in _points(listing, codes, issue, faults)]
    if issue and not any(listing.rows for listing in lists):
        faults.add(path, Said("有表头，但下方没有数据行", "has a header but no row below it"), DOWNLOAD, lists[0].sheet)
    for name, (listing, row, _) in sorted(codes.items()):
        if points and name not in {point.name for point in points}:
            what = Said(f"有 {name} 的编码，但其他工作表没有列出它", f"codes of {name}, which no other sheet lists")
            faults.add(path, what, Said("请补入列表，或删去其编码", "Add it to the list, or delete its codes"), listing.sheet, row)
    return _one_each(points, faults)


def _codes(carriers: list[Listing], faults: Faults) -> dict[str, tuple[Listing, int, list[str]]]:
    """Name -> (sheet, first row, every code) of the sheets that only carry codes."""
    found: dict[str, tuple[Listing, int, list[str]]] = {}
    for listing in carriers:
        for row in listing.rows:
            name = row.first(listing.name_header)
            held = _row_codes(listing, row)
            if not name or not held:
                faults.add(listing.file, _CODELESS if name else _NAMELESS, _FILL, listing.sheet, row.number)
                continue
            found.setdefault(name, (listing, row.number, []))[2].extend(_shaped(listing, row, held, faults))
    return found


def _row_codes(listing: Listing, row: Row) -> list[str]:
    """The cells under a code header, and further codes to their right under no header."""
    under = [row.said[header] for header in listing.headers if header in CODES and header in row.said]
    return [_normal(code) for code in under] + [code for spare in row.spare if CODE.fullmatch(code := _normal(spare))]


def _normal(code: str) -> str:
    return code.strip().lstrip("'").upper()


def _shaped(listing: Listing, row: Row, codes: list[str], faults: Faults) -> list[str]:
    for code in codes:
        if not CODE.fullmatch(code) and not code.startswith("C"):  # consumables: what they may look like is for the tables to say
            remedy = Said(
                "药品为 X 加 22 位或 Z 加 19 位字符，中药饮片为 T 加 9 位数字，服务项目为 00 加 13 位数字，并存为文本",
                "A drug has X and 22 or Z and 19 characters, a herbal piece T and 9, a service 00 and 13 digits, stored as text",
            )
            faults.add(listing.file, Said(f"{code!r} 不是国家编码", f"{code!r} is no national code"), remedy, listing.sheet, row.number)
    return codes


def _points(listing: Listing, codes: dict[str, tuple[Listing, int, list[str]]], issue: Issue, faults: Faults) -> list[Point]:
    titled = types.named_in(listing.title)
    points, untyped = [], []
    for row in listing.rows:
        name = row.first(listing.name_header) or row.first(PAIR[0])
        if not name:
            faults.add(listing.file, _NAMELESS, _FILL, listing.sheet, row.number)
            continue
        limits = {header: text for header, text in row.said.items() if header and header not in _NO_LIMIT}
        rule = _rule(listing, row, titled, limits)
        if rule is None:
            untyped.append(row)
        elif point := _point(listing, row, name, rule, limits, codes, issue, faults):
            points.append(point)
    if untyped:
        known = ", ".join(f"{n} {name}" for n, name in enumerate(types.NAMES, start=1))
        told = Said(
            f"有 {len(untyped)} 行不属于文件或工作表指明的任何规则类型",
            f"{len(untyped)} rows belong to no rule type that the file or sheet names",
        )
        remedy = Said(
            f"请用规则类型的正式名称命名文件或工作表；可用的有 {known}",
            f"Give the file or the sheet the official name of its rule type; known are {known}",
        )
        faults.add(listing.file, told, remedy, listing.sheet, untyped[0].number)
    return points


def _rule(listing: Listing, row: Row, titled: int | None, limits: dict[str, str]) -> int | None:
    kind = NAMES.get(listing.name_header, "")
    named = (titled,) if titled else types.limited_to(row.first(*KINDS), kind)
    if not named and (of_file := types.named_in(listing.file.stem)):
        named = (of_file,)
    return types.by_wording(named, " ".join([row.first(*CLAUSES), *limits.values()])) if named else None


def _point(
    listing: Listing, row: Row, name: str, rule: int, limits: dict[str, str], codes: dict[str, tuple[Listing, int, list[str]]],
    issue: Issue, faults: Faults,
) -> Point | None:  # fmt: skip
    def fault(what: Said, remedy: Said) -> None:
        faults.add(listing.file, Said(f"{name}：{what.zh}", f"{name}: {what}"), remedy, listing.sheet, row.number)

    if rule == PAIR_RULE:
        held = _shaped(listing, row, [_normal(row.first(PAIR[1])), _normal(row.first(PAIR[3]))], faults)
        name = f"{name}×{row.first(PAIR[2])}"
    elif listing.has_codes:
        held = _shaped(listing, row, _row_codes(listing, row), faults)
    else:
        held = codes[name][2] if name in codes else []
    begins, ends = _day(row, BEGINS, fault), _day(row, ENDS, fault)
    if not held:
        what = Said("同一行和其他工作表都没有编码", "no code stands beside it or on another sheet")
        fault(what, Said("请补上国家编码", "Add its national codes"))
        return None
    first = types.kind_of_code(rule)
    if strange := [code for code in held if first and code[0] not in first]:
        of = types.name_of(rule)
        what = Said(f"{strange[0]} 不是“{of}”所涉项目的编码", f"{strange[0]} is no code of an item that {of} speaks of")
        fault(what, Said("请改正编码或规则类型", "Correct the code or the rule type"))
    if rule != PAIR_RULE and (double := sorted({code for code in held if held.count(code) > 1})):
        fault(Said(f"{double[0]} 出现两次", f"{double[0]} stands here twice"), _DELETE)
    group = row.first("限定值域", "手术组") if rule == OP_GROUP_RULE else ""
    wording = row.first(*CLAUSES)
    clause = group or wording or " ".join(limits.values()) or types.name_of(rule)
    test = row.first(*TESTS) or (wording if group and wording else types.name_of(rule))
    valid_from = begins or issue.published
    if ends and ends < valid_from:
        fault(Said(f"失效日期 {ends} 早于生效日期 {valid_from}", f"ends on {ends}, before it begins on {valid_from}"), DATES)
    ordered = tuple(held) if rule == PAIR_RULE else tuple(sorted(set(held)))
    return Point(
        listing.file, listing.sheet, row.number, rule, name, clause, test, issue.number, issue.published, ordered, valid_from, ends,
        limits,
    )  # fmt: skip


def _day(row: Row, headers: tuple[str, ...], fault: Callable[[Said, Said], None]) -> date | None:
    text = row.first(*headers)
    day = day_in(text) if text else None
    if text and day is None:
        fault(Said(f"{text!r} 不是日期", f"{text!r} is no date"), Said("请写作 2026-07-15", "Write it as 2026-07-15"))
    return day


def _one_each(points: list[Point], faults: Faults) -> list[Point]:
    """One point per key: rows that repeat an item with other codes and the same words are one; anything else twice is a fault."""
    same: dict[tuple[int, tuple[str, ...]], list[Point]] = defaultdict(list)
    for point in points:
        same[point.rule_no, point.key].append(point)
    kept = []
    for first, *others in same.values():
        for other in others:
            if (other.clause, other.limits) != (first.clause, first.limits):
                what = Said(f"{other.name} 在第 {first.row} 行已出现，内容不同", f"{other.name} stands in row {first.row} with other words")
                remedy = Said("请合为一行，或用名称区分项目", "Make one row of them, or tell the items apart by name")
                faults.add(other.file, what, remedy, **other.told())
            elif set(first.codes) & set(other.codes):
                what = Said(f"{other.name} 在第 {first.row} 行已出现", f"{other.name} stands in row {first.row} already")
                faults.add(other.file, what, _DELETE, **other.told())
        codes = tuple(dict.fromkeys(code for point in (first, *others) for code in point.codes))
        kept.append(replace(first, codes=codes if first.rule_no == PAIR_RULE else tuple(sorted(codes))))
    return kept
