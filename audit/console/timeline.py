"""What was billed, drawn over the days of the stay: fee classes down, days (or weeks, or four weeks) across, money as height.

The drawing is for the eye; the table of lines beside it says the same in words, and every mark leads to its line there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil, sqrt
from typing import Any

from markupsafe import Markup

from audit.console.here import yuan
from audit.words.codes import FEE_CLASS

Row = Mapping[str, Any]
Say = Callable[[str, str], str]

LABEL, TOTAL, WIDTH = 128, 104, 1130  # pixels: names at the left, sums at the right, the whole
LANE, TOP, NAMES, FOOT = 30, 20, 18, 26  # one fee class; room for admission and discharge; for operations; for the dates
COLUMNS = 62  # at most: two months by day
STEPS = (1, 7, 28, 91, 364)  # days in one column
WIDEST = 46  # a bar, however few the days


@dataclass
class Cell:
    """The lines of one fee class in one column of days."""

    lines: list[Row] = field(default_factory=list)

    def money(self, numbers: Mapping[str, str] | None = None) -> int:
        return sum(line["det_item_fee_sumamt"] for line in self.lines if numbers is None or line["bkkp_sn"] in numbers)


def class_name(code: str, say: Say) -> str:
    """What a fee class is called; a local one (four digits) by the national class it belongs to, with its own code."""
    if not code:
        return say("未分类", "no class")
    told = FEE_CLASS.get(code[:2])
    return code if told is None else say(*told) if len(code) == 2 else f"{say(*told)} {code}"


def drawn(
    lines: Sequence[Row],
    begn: date | None,
    end: date | None,
    oprns: Sequence[Row],
    marks: Mapping[str, str],
    say: Say,
    anchor: Callable[[Row], str] = lambda line: f"#line-{line['bkkp_sn']}",
) -> Markup:
    """The drawing as SVG; empty without any dated line.

    lines: bkkp_sn, fee_date (date or None), med_chrgitm_type, hilist_name, det_item_fee_sumamt (fen). oprns: oprn_oprt_name and
    oprn_oprt_date. marks: bkkp_sn -> definite, suspicious or concerned. anchor: the address of a line in the page's table.
    """
    dated = [line for line in lines if line["fee_date"]]
    if not dated:
        return Markup("")
    first = min(line["fee_date"] for line in dated)
    last = max(line["fee_date"] for line in dated)
    lanes: dict[str, list[Row]] = {}
    for line in sorted(dated, key=lambda line: line["med_chrgitm_type"] or "99"):
        lanes.setdefault(line["med_chrgitm_type"] or "", []).append(line)
    if first == last and (begn or first) == (end or first):
        return _one_day(lanes, first, marks, say, anchor)
    axis = Axis.over(min(first, begn or first), max(last, end or last), TOP + (NAMES if any(o["oprn_oprt_date"] for o in oprns) else 0))
    return _many_days(lanes, axis, begn, end, oprns, marks, say, anchor)


@dataclass(frozen=True)
class Axis:
    """Days as columns of equal width, the lanes beginning at `top`."""

    first: date
    step: int  # days in a column
    columns: int
    top: int

    @classmethod
    def over(cls, first: date, last: date, top: int) -> Axis:
        days = (last - first).days + 1
        step = next((step for step in STEPS if days <= COLUMNS * step), ceil(days / COLUMNS))
        return cls(first, step, ceil(days / step), top)

    @property
    def wide(self) -> float:
        return (WIDTH - LABEL - TOTAL) / self.columns

    def column(self, day: date) -> int:
        return (day - self.first).days // self.step

    def at(self, day: date) -> float:
        """The left edge of the day's column."""
        return LABEL + self.column(day) * self.wide

    def begins(self, column: int) -> date:
        return self.first + timedelta(days=column * self.step)

    def said(self, column: int) -> str:
        begin = self.begins(column)
        return str(begin) if self.step == 1 else f"{begin} … {begin + timedelta(days=self.step - 1)}"


def _many_days(
    lanes: Mapping[str, list[Row]],
    axis: Axis,
    begn: date | None,
    end: date | None,
    oprns: Sequence[Row],
    marks: Mapping[str, str],
    say: Say,
    anchor: Callable[[Row], str],
) -> Markup:
    bottom = axis.top + len(lanes) * LANE
    parts = [*_weekends(axis, bottom), *_dates(axis, bottom), *_happened(axis, bottom, begn, end, oprns, say)]
    cells = {code: _cells(lines, axis) for code, lines in lanes.items()}
    most = max(cell.money() for lane in cells.values() for cell in lane.values()) or 1
    for number, (code, lane) in enumerate(cells.items()):
        floor = axis.top + (number + 1) * LANE
        parts += _lane(class_name(code, say), sum(cell.money() for cell in lane.values()), floor, say)
        for column, cell in lane.items():
            parts.append(_bar(cell, axis, column, floor, most, marks, class_name(code, say), say, anchor))
    return _svg(parts, bottom + FOOT, say("住院费用时间线:按收费类别和日期", "Timeline of the bill by fee class and day"))


def _cells(lines: Sequence[Row], axis: Axis) -> dict[int, Cell]:
    cells: dict[int, Cell] = {}
    for line in lines:
        cells.setdefault(axis.column(line["fee_date"]), Cell()).lines.append(line)
    return dict(sorted(cells.items()))


def _bar(
    cell: Cell,
    axis: Axis,
    column: int,
    floor: float,
    most: int,
    marks: Mapping[str, str],
    called: str,
    say: Say,
    anchor: Callable[[Row], str],
) -> Markup:
    """One bar, its flagged part in colour at the foot, and a sign above it: a full triangle for definite, an open one for suspicious."""
    wide = min(axis.wide - max(1.0, axis.wide * 0.16), WIDEST)
    left = LABEL + column * axis.wide + (axis.wide - wide) / 2
    whole = max(cell.money(), 0)
    height = max(2.0, (LANE - 11) * sqrt(whole / most)) if whole else 2.0  # by its root: a bed day beside an operation can still be seen
    kind = next((kind for kind in ("definite", "suspicious", "concerned") if any(marks.get(n["bkkp_sn"]) == kind for n in cell.lines)), "")
    found = {number: mark for number, mark in marks.items() if mark == kind}
    told = f"{axis.said(column)} {called} · {len(cell.lines)} {say('条', 'lines')} · {_money(cell.money())}"
    bar = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="t-bar"/>').format(left, floor - height, wide, height)
    target = next((line for line in cell.lines if line["bkkp_sn"] in found), cell.lines[0])
    if not kind:
        return Markup('<a href="{}" tabindex="-1" aria-hidden="true"><title>{}</title>{}</a>').format(anchor(target), told, bar)
    share = cell.money(found) / whole if whole else 1
    part = max(2.0, height * max(0.0, min(1.0, share)))
    flagged = [line for line in cell.lines if line["bkkp_sn"] in found]
    told += " · " + {"definite": say("明确违规", "definite"), "suspicious": say("可疑", "suspicious")}.get(
        kind, say("相关明细", "concerned")
    )
    told += f" {len(flagged)} {say('条', 'lines')}: {flagged[0]['hilist_name'] or flagged[0]['bkkp_sn']} {_money(cell.money(found))}"
    return Markup(
        '<a href="{}" class="t-{}" aria-label="{}"><title>{}</title>{}'
        '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="t-part"/>{}</a>'
    ).format(anchor(target), kind, told, told, bar, left, floor - part, wide, part, _sign(kind, left + wide / 2, floor - height - 2))


def _sign(kind: str, middle: float, foot: float) -> Markup:
    if kind == "concerned":
        return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="2.6" class="t-sign"/>').format(middle, foot - 2.6)
    points = f"{middle - 4:.1f},{foot - 7:.1f} {middle + 4:.1f},{foot - 7:.1f} {middle:.1f},{foot:.1f}"
    return Markup('<polygon points="{}" class="t-sign"/>').format(points)


def _lane(name: str, money: int, floor: float, say: Say) -> list[Markup]:
    return [
        Markup('<line x1="{}" x2="{}" y1="{}" y2="{}" class="s-grid"/>').format(LABEL, WIDTH - TOTAL, floor, floor),
        Markup('<text x="{}" y="{}" class="t-name">{}</text>').format(0, floor - 8, name),
        Markup('<text x="{}" y="{}" class="t-sum">{}</text>').format(WIDTH, floor - 8, _money(money)),
    ]


def _weekends(axis: Axis, bottom: float) -> list[Markup]:
    """Saturdays and Sundays a shade darker, where a column is a day."""
    if axis.step > 1:
        return []
    rest = [column for column in range(axis.columns) if axis.begins(column).weekday() > 4]
    return [
        Markup('<rect x="{:.1f}" y="{}" width="{:.1f}" height="{}" class="t-rest"/>').format(
            LABEL + column * axis.wide, axis.top, axis.wide, bottom - axis.top
        )
        for column in rest
    ]


def _dates(axis: Axis, bottom: float) -> list[Markup]:
    """Dates under the columns, as many as find room; the year where it begins or changes."""
    every, parts, year = max(1, ceil(68 / axis.wide)), [], None
    for column in range(0, axis.columns, every):
        begin, left = axis.begins(column), LABEL + column * axis.wide
        said = f"{begin:%m-%d}" if begin.year == year else str(begin)
        year = begin.year
        parts.append(Markup('<line x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}" class="s-grid"/>').format(left, bottom, bottom + 4))
        parts.append(Markup('<text x="{:.1f}" y="{}" class="t-date">{}</text>').format(left + 1, bottom + 17, said))
    return parts


def _happened(axis: Axis, bottom: float, begn: date | None, end: date | None, oprns: Sequence[Row], say: Say) -> list[Markup]:
    """Admission, discharge and operations as upright lines with their names above the lanes."""
    events = [(begn, say("入院", "In"), "t-stay", "start")] if begn else []
    events += [(end, say("出院", "Out"), "t-stay", "end")] if end and end != begn else []
    for oprn in oprns:
        if oprn["oprn_oprt_date"] and axis.first <= oprn["oprn_oprt_date"] <= axis.begins(axis.columns):
            events.append((oprn["oprn_oprt_date"], oprn["oprn_oprt_name"] or oprn["oprn_oprt_code"], "t-oprn", "start"))
    parts = []
    for day, name, kind, side in events:
        at = axis.at(day) + (axis.wide if side == "end" else axis.wide / 2 if kind == "t-oprn" else 0)
        height = 30 if kind == "t-oprn" else 14  # operations say their names one line below the stay's
        text = at + (-5 if side == "end" else 5)
        anchor = "end" if side == "end" or at > WIDTH * 0.8 else "start"
        text = at - 5 if anchor == "end" else text
        short = name if len(name) <= 24 else name[:23] + "…"
        parts.append(Markup('<line x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}" class="{3}"/>').format(at, height - 10, bottom, kind))
        parts.append(
            Markup('<text x="{:.1f}" y="{}" text-anchor="{}" class="t-event"><title>{} {}</title>{}</text>').format(
                text, height, anchor, day, name, short
            )
        )
    return parts


def _one_day(lanes: Mapping[str, list[Row]], day: date, marks: Mapping[str, str], say: Say, anchor: Callable[[Row], str]) -> Markup:
    """A visit of one day: every line a piece as wide as its money, class under class."""
    most = max(sum(max(line["det_item_fee_sumamt"], 0) for line in lines) for lines in lanes.values()) or 1
    scale, parts, top = (WIDTH - LABEL - TOTAL - 4) / most, [], 12
    for number, (code, lines) in enumerate(lanes.items()):
        floor, left = top + (number + 1) * LANE, float(LABEL)
        parts += _lane(class_name(code, say), sum(line["det_item_fee_sumamt"] for line in lines), floor, say)
        for line in sorted(lines, key=lambda line: -line["det_item_fee_sumamt"]):
            wide = max(2.0, max(line["det_item_fee_sumamt"], 0) * scale)
            kind = marks.get(line["bkkp_sn"], "")
            told = f"{line['hilist_name'] or line['bkkp_sn']} · {_money(line['det_item_fee_sumamt'])}"
            parts.append(
                Markup('<a href="{}"{}><title>{}</title><rect x="{:.1f}" y="{}" width="{:.1f}" height="15" class="{}"/>{}</a>').format(
                    anchor(line),
                    Markup(' class="t-{}" aria-label="{}"').format(kind, told) if kind else Markup(' tabindex="-1" aria-hidden="true"'),
                    told,
                    left,
                    floor - 16,
                    max(1.0, wide - 1.5),
                    "t-part" if kind else "t-bar",
                    _sign(kind, left + min(wide / 2, 8), floor - 18) if kind else "",
                )
            )
            left += wide
    return _svg(parts, top + len(lanes) * LANE + 6, say(f"{day} 当日费用:按收费类别", f"The bill of {day} by fee class"))


def _svg(parts: Sequence[Markup], height: float, told: str) -> Markup:
    return Markup('<svg class="chart timeline" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>').format(
        WIDTH, height, told, Markup("").join(parts)
    )


def _money(fen: int) -> str:
    """Yuan as plain text: an SVG title and a text element take no markup."""
    return yuan(fen).striptags()
