"""Points of a new batch into the tables: numbered, linked to what they replace, the older closed on the day before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from audit.errors import Said
from audit.knowledge.batches.faults import Faults
from audit.knowledge.batches.issue import Issue
from audit.knowledge.batches.limits import Parameters, parameters
from audit.knowledge.batches.point import Point, key_of
from audit.knowledge.batches.tables import TableRow, TypeTable, new_type
from audit.knowledge.points import OP_GROUP_RULE, PAIR_RULE, PARAMETERS

_NO_SHARED_CODES = {OP_GROUP_RULE, PAIR_RULE}  # their codes stand in several points at once by design


def merge(points: list[Point], tables: dict[int, TypeTable], faults: Faults) -> None:
    """Put the points into `tables`, the oldest batch first. What is wrong with a point is a fault and leaves it out.

    A point of the records keeps its own id and links. A point of a workbook replaces the point of the same rule type and key (its
    name; the pair; the operation in its group), else one whose every code it takes over.
    """
    records = {(point.rule_no, point.batch, point.key) for point in points if point.linked}
    listed = {(point.rule_no, point.key): point for point in points if not point.linked}
    by_rule: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        if point.linked or (point.rule_no, point.batch, point.key) not in records:  # the records speak for what both hold
            by_rule[point.rule_no].append(point)
    for rule, of_rule in sorted(by_rule.items()):
        if rule in PARAMETERS:
            room = _Room(tables.setdefault(rule, new_type(rule)), faults)
            for point in sorted(of_rule, key=lambda p: (p.published, p.batch or 0, p.point_id, str(p.file), p.sheet, p.row)):
                room.record(point, listed.get((rule, point.key))) if point.linked else room.listed(point)
            room.close()
        else:
            parameters(of_rule[0], None, [], faults)  # says that points of this type are not read


class _Room:
    """One rule type's table with what is found by key and by code."""

    def __init__(self, table: TypeTable, faults: Faults):
        self.table, self.faults = table, faults
        self.by_key: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self.by_code: dict[str, list[str]] = defaultdict(list)
        self.ends: dict[str, date] = {}
        for point_id in table.rows:
            self._find(point_id)

    def record(self, point: Point, listed: Point | None) -> None:
        """A point with its own id: anew, or over the row that has the id."""
        own, older = self.table.rows.get(point.point_id), self.table.rows.get(point.supersedes)
        if point.supersedes and older is None:
            what = Said(
                f"{point.point_id} 替代 {point.supersedes}，但后者不存在", f"{point.point_id} replaces {point.supersedes}, which is unknown"
            )
            self._fault(point, what, Said("请一并导入后者所在的批次", "Import the batch of that point too"))
            return
        values = parameters(point, listed, [row for row in (own, older) if row], self.faults)
        row = _row(point, point.point_id, point.supersedes, values)
        if own:
            row["valid_to"] = row["valid_to"] or own["valid_to"]  # a later batch may have closed it, of which the records know nothing
            row["supersedes"] = row["supersedes"] or own["supersedes"]
        if older:
            self.ends[point.supersedes] = point.valid_from - timedelta(days=1)
        self._put(point, row)

    def listed(self, point: Point) -> None:
        """A row of a workbook: known already, or a new point."""
        same_issue = [i for i in self.by_key[point.key] if self._issued(i) == (point.batch, point.published)]
        if same_issue:
            self._agrees(point, same_issue[0])
            return
        replaced = self._replaced(point)
        values = parameters(point, None, [self.table.rows[i] for i in replaced[:1]], self.faults)
        for point_id in replaced:
            self.ends[point_id] = point.valid_from - timedelta(days=1)
        self._put(point, _row(point, self._next_id(point), replaced[0] if replaced else "", values))

    def close(self) -> None:
        """What is replaced ends the day before, unless it ended earlier."""
        for point_id, last in self.ends.items():
            row = self.table.rows[point_id]
            if not row["valid_to"] or date.fromisoformat(row["valid_to"]) > last:
                row["valid_to"] = last.isoformat()

    def _agrees(self, point: Point, point_id: str) -> None:
        row, codes = self.table.rows[point_id], self.table.codes_of(point_id)
        values = parameters(point, None, [row], self.faults)
        differing = [name for name, value in values.items() if (value or "") != row.get(name, "")]
        if sorted(codes) != sorted(point.codes) or differing:
            zh, en = ("编码", "other codes") if not differing else (f" {differing[0]} ", f"another {differing[0]}")
            what = Said(
                f"{point.name}：表中已有{_issue(point).said.zh}的该知识点 {point_id}，但{zh}不同",
                f"{point.name}: the tables hold this point of {_issue(point)} as {point_id} with {en}",
            )
            remedy = "If NHSA corrected it, import it with the day of the correction as --published"
            self._fault(point, what, Said("如系国家医保局更正，请以更正之日为 --published 导入", remedy))

    def _replaced(self, point: Point) -> list[str]:
        """The open points that this one takes the place of, the one of the same key first."""
        same = [i for i in self.by_key[point.key] if self._sound(point, i, point.name)]
        if point.rule_no in _NO_SHARED_CODES:
            return same
        sharing = dict.fromkeys(i for code in point.codes for i in self.by_code[code] if i not in self.by_key[point.key])
        for i in sharing:
            if self._open(i, point.valid_from) and self._from(i) == point.valid_from:
                (code, *_) = sorted(set(self.table.codes_of(i)) & set(point.codes))
                other = f"{i} {self.table.rows[i]['name']}"
                told = Said(
                    f"{point.name}：{code} 也在同日生效的 {other} 中",
                    f"{point.name}: {code} stands in {other} too, which begins on the same day",
                )
                self._fault(point, told, Said("请只在其中一个知识点中保留该编码", "Leave the code in one of the two points"))
        whole = [i for i in sharing if self._from(i) < point.valid_from and set(self.table.codes_of(i)) <= set(point.codes)]
        return same + [i for i in whole if self._open(i, point.valid_from)]

    def _sound(self, point: Point, point_id: str, what: str) -> bool:
        """Whether a point of the same key is still open and older; newer or equally old is a fault."""
        begun = self._from(point_id)
        if begun >= point.valid_from:
            zh, en = ("更新", "newer") if begun > point.valid_from else ("同日", "as old")
            told = Said(
                f"{point.valid_from} 的 {what} 遇到 {begun} 的 {point_id}，后者{zh}",
                f"{what} of {point.valid_from} meets {point_id} of {begun}, which is {en}",
            )
            remedy = "Import batches in the order of their publication: undo the newer, import this, then the newer again"
            self._fault(point, told, Said("请按发布先后导入：先撤销较新的批次，导入本批，再导入较新的批次", remedy))
            return False
        return self._open(point_id, point.valid_from)

    def _open(self, point_id: str, day: date) -> bool:
        ends = self.table.rows[point_id]["valid_to"]
        return point_id not in self.ends and (not ends or date.fromisoformat(ends) >= day)

    def _from(self, point_id: str) -> date:
        return date.fromisoformat(self.table.rows[point_id]["valid_from"])

    def _issued(self, point_id: str) -> tuple[int | None, date]:
        row = self.table.rows[point_id]
        return int(row["batch"]) if row["batch"] else None, date.fromisoformat(row["published"])

    def _next_id(self, point: Point) -> str:
        start = f"U{point.published:%y}" if point.batch is None else f"B{point.batch:02d}"
        start = f"{start}-{point.rule_no:02d}-"
        taken = [int(i.removeprefix(start)) for i in self.table.rows if i.startswith(start) and i.removeprefix(start).isdigit()]
        return f"{start}{max(taken, default=0) + 1:04d}"

    def _put(self, point: Point, row: TableRow) -> None:
        new = row["point_id"] not in self.table.rows
        self.table.put(row, point.codes)
        if new:
            self._find(row["point_id"])

    def _find(self, point_id: str) -> None:
        row, codes = self.table.rows[point_id], self.table.codes_of(point_id)
        self.by_key[key_of(self.table.rule_no, row["name"], codes, row.get("op_group", ""))].append(point_id)
        for code in codes:
            self.by_code[code].append(point_id)

    def _fault(self, point: Point, what: Said, remedy: Said) -> None:
        self.faults.add(point.file, what, remedy, **point.told())


def _row(point: Point, point_id: str, supersedes: str, values: Parameters) -> TableRow:
    said: dict[str, str | None] = {
        "point_id": point_id, "name": point.name, "clause": point.clause, "test": point.test,
        "batch": None if point.batch is None else str(point.batch), "published": point.published.isoformat(),
        "valid_from": point.valid_from.isoformat(), "valid_to": point.valid_to.isoformat() if point.valid_to else None,
        "supersedes": supersedes, "source": f"NHSA {_issue(point)}", **values,
    }  # fmt: skip
    return {column: value or "" for column, value in said.items()}


def _issue(point: Point) -> Issue:
    return Issue(point.batch, point.published)


def issues(points: Iterable[Point]) -> list[Issue]:
    """The distinct issues of some points, the oldest first."""
    return sorted({_issue(point) for point in points}, key=lambda issue: (issue.published, issue.number or 0))
