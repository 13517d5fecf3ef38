"""Chinese working days: weekends, the State Council's holidays, and the weekends that are worked in exchange (调休).

The table is `holidays.csv` (day, kind holiday | workday, source): one row per day that a yearly notice names. An area may add a file
of the same columns for its own holidays; its rows win. A year without a notice has only its weekends, and `known` says so.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from audit.errors import Fault, RuleError, Said
from audit.rulebook.strict import did_you_mean

NATIONAL = Path(__file__).with_name("holidays.csv")
COLUMNS = ("day", "kind", "source")
KINDS = {"holiday": False, "workday": True}
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """`days`: the days on which the week does not decide, each True when it is worked."""

    days: Mapping[date, bool]

    @classmethod
    def read(cls, *own: Path) -> Calendar:
        """The national table, then an area's own files, later rows before earlier. RuleError with every fault of every file."""
        days: dict[date, bool] = {}
        faults: list[Fault] = []
        for file in (NATIONAL, *own):
            found, wrong = _read(file)
            days |= found
            faults += wrong
        if faults:
            raise RuleError(*faults)
        return cls(days)

    def known(self, year: int) -> bool:
        """Whether the year's notice is in the table (every notice names New Year's Day); deadlines of another year know weekends only."""
        return date(year, 1, 1) in self.days

    def is_working(self, day: date) -> bool:
        return self.days.get(day, day.weekday() < 5)

    def add(self, day: date, working_days: int) -> date:
        """The last day of a time limit that begins on `day`: the day itself does not count. 0: `day`, or the next working day."""
        if working_days < 0:
            raise ValueError(f"working days must be 0 or more, not {working_days}")
        if working_days == 0 and not self.is_working(day):
            working_days = 1
        while working_days:
            day += _DAY
            working_days -= self.is_working(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end`; negative when `end` lies before `start`: how long a deadline has passed."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working(start + _DAY * number) for number in range(1, (end - start).days + 1))


def _read(file: Path) -> tuple[dict[date, bool], list[Fault]]:
    """The days of one file, and what is wrong with it."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.reader(lines, strict=True))
    except FileNotFoundError:
        listed = ", ".join(COLUMNS)
        en = f"there is no such file of holidays; write one with the columns {listed}, or leave the key out."
        return {}, [Fault(f"没有这个节假日文件；请写一个含 {listed} 列的文件，或去掉该键。", en, file)]
    except (OSError, UnicodeDecodeError, csv.Error) as broken:
        return {}, [Fault(f"不是可读取的 UTF-8 CSV：{broken}", f"not readable as UTF-8 CSV: {broken}", file)]
    if not rows or tuple(rows[0]) != COLUMNS:
        header = ",".join(COLUMNS)
        return {}, [Fault(f"第一行必须是 {header}。", f"the first line must be {header}.", file, 1)]
    days: dict[date, bool] = {}
    faults = []
    for number, row in enumerate(rows[1:], start=2):
        fault = _fault(row, days)
        if fault:
            faults.append(Fault(fault.zh, fault, file, number))
        elif row:
            days[date.fromisoformat(row[0])] = KINDS[row[1]]
    return days, faults


def _fault(row: list[str], known: Mapping[date, bool]) -> Said | None:
    """What is wrong with one row (an empty one is passed over)."""
    if not row:
        return None
    if len(row) != len(COLUMNS):
        listed = ", ".join(COLUMNS)
        return Said(f"有 {len(row)} 个值，而列为 {listed}。", f"{len(row)} values, but the columns are {listed}.")
    try:
        day = date.fromisoformat(row[0])
    except ValueError:
        return Said(f"'{row[0]}' 不是日期，应如 2026-10-01。", f"'{row[0]}' is not a date like 2026-10-01.")
    if row[1] not in KINDS:
        near, listed = did_you_mean(row[1], KINDS), ", ".join(KINDS)
        return Said(f"kind '{row[1]}' 不可用，可用值为 {listed}{near.zh or '。'}", f"kind '{row[1]}' is not one of {listed}{near}")
    if not row[2].strip():
        return Said("source 为空；请写明依据的通知。", "the source is empty; name the notice that says so.")
    return Said(f"{day} 出现两次；请只留一行。", f"{day} stands twice; keep one row.") if day in known else None
