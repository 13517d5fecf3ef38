"""Which batch a file is and when it was published: what the file says, else what the command says, else what the tables know."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from audit.errors import Said
from audit.knowledge.batches.faults import Faults
from audit.knowledge.wording import plain

_BATCH = re.compile(r"第([零一二三四五六七八九十百]+|[0-9]+)批")
_DAY = re.compile(r"(?<![0-9])(20[0-9]{2})(?:\s*[-./年]\s*([0-9]{1,2})\s*[-./月]\s*([0-9]{1,2})|([0-9]{2})([0-9]{2}))(?![0-9])")
_DIGITS = {figure: number for number, figure in enumerate("一二三四五六七八九", start=1)}
UPDATE = "update"


@dataclass(frozen=True)
class Issue:
    """number: of the batch, None for an update outside the numbering."""

    number: int | None
    published: date

    def __str__(self) -> str:
        return f"{UPDATE if self.number is None else f'batch {self.number}'}, {self.published}"

    @property
    def said(self) -> Said:
        return Said(f"{'修订' if self.number is None else f'第 {self.number} 批'}（{self.published}）", str(self))


@dataclass(frozen=True)
class Given:
    """What the command line says: batch is a number, 'update' or nothing."""

    batch: str | None = None
    published: date | None = None


def issue_of(path: Path, title: str, given: Given, known: Mapping[int, date], faults: Faults) -> Issue | None:
    """The issue of one file; a fault where neither the file nor the command says it, or they disagree."""
    said = unicodedata.normalize("NFKC", f"{path.stem} {title}")  # blanks stay: they part a serial number from a date
    batches = {_number(found) for found in _BATCH.findall(plain(said))}
    days = {day for parts in _DAY.findall(said) if (day := day_of(*filter(None, parts)))}
    before = len(faults.told)
    if given.batch is not None and batches and batches != {None if given.batch == UPDATE else int(given.batch)}:
        listed = _listed(batches)
        told = Said(f"自称第 {listed} 批，但 --batch 为 {given.batch}", f"calls itself batch {listed}, but --batch says {given.batch}")
        faults.add(path, told, Said("请去掉 --batch，或导入正确的文件", "Leave --batch out, or import the right file"))
    if given.batch is None and len(batches) != 1:
        remedy = "Say it: --batch 18, or --batch update for a revision without number"
        told = Said("没有说明是第几批", "does not say which batch it is")
        faults.add(path, told, Said("请指明批次：--batch 18；无批号的修订用 --batch update", remedy))
    if given.published and days and days != {given.published}:
        listed, own = _listed(days), given.published
        told = Said(f"写明 {listed}，但 --published 为 {own}", f"says {listed}, but --published says {own}")
        faults.add(path, told, Said("请去掉或改正 --published", "Leave --published out, or correct it"))
    if len(faults.told) > before:
        return None
    number = batches.pop() if batches else None if given.batch == UPDATE else int(str(given.batch))
    published = given.published or (days.pop() if len(days) == 1 else None) or (known.get(number) if number else None)
    if published is None:
        remedy = "Say it, as the page of its publication does: --published 2026-07-15"
        told = Said("没有说明发布日期", "does not say when it was published")
        faults.add(path, told, Said("请按发布页面指明日期：--published 2026-07-15", remedy))
        return None
    return Issue(number, published)


def day_in(text: str) -> date | None:
    """The one calendar day that a cell says, as 2026-07-15, 2026年7月15日, 20260715 or a spreadsheet's count of days since 1899-12-30."""
    if text.isdigit() and len(text) == 5:
        return date(1899, 12, 30) + timedelta(days=int(text))
    found = _DAY.search(unicodedata.normalize("NFKC", text))
    return day_of(*filter(None, found.groups())) if found else None


def _number(figures: str) -> int:
    """第十七批 -> 17, 第18批 -> 18; up to 百."""
    if figures.isdigit():
        return int(figures)
    hundreds, _, rest = figures.rpartition("百")
    tens, ten, ones = rest.lstrip("零").rpartition("十")
    whole = _DIGITS.get(hundreds, 1) * 100 if "百" in figures else 0
    return whole + (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)


def day_of(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _listed(values: set[int] | set[date] | set[int | None]) -> str:
    return ", ".join(sorted(map(str, values)))
