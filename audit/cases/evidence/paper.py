"""A case as a printed paper: the sections of the evidence, each as tables that wrap, in Chinese or English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from reportlab.platypus import Flowable, Spacer

from audit.cases.evidence.findings import finding_parts
from audit.cases.evidence.labels import SECTIONS
from audit.cases.evidence.said import label, moment, said, said_all, text
from audit.cases.evidence.sheet import Sheet

LINES = (
    "bkkp_sn", "fee_ocur_time", "med_list_codg", "hilist_name", "medins_list_name", "cnt_e4", "pric_e6", "det_item_fee_sumamt", "inscp_amt",
)  # fmt: skip
_SHARES = {  # of the page's width, where a column needs more or less than the others
    "flagged": 0.3, "seq": 0.4, "cnt_e4": 0.6, "bkkp_sn": 1.3, "med_list_codg": 1.3, "at": 1.2, "fee_ocur_time": 1.2, "detail": 2,
    "details": 3, "hash": 2, "sha256": 2, "hilist_name": 2, "medins_list_name": 2, "reason": 3,
}  # fmt: skip
_NOT_PRINTED = ("content", "previous")  # a file's bytes; the hash before stands in the row before


def pdf(case: Mapping[str, Any], made: datetime, language: str, font: Path | None = None) -> bytes:
    """The paper of a case (its shape: audit.cases.evidence). `made`: zoned, the only clock in it. RuleError for a wrong font."""
    sheet = Sheet(font)
    parts: list[Flowable] = [sheet.title(text("title", language)), sheet.small(text("made", language, moment(made))), Spacer(1, 6)]
    for number, section in enumerate([name for name in SECTIONS if case.get(name)], start=1):
        parts.append(sheet.heading(f"{number}  {SECTIONS[section][0 if language == 'zh' else 1]}"))
        parts += _section(sheet, section, case, language, str(number))
    parts += [Spacer(1, 8), sheet.small(text("package", language))]
    name = said("case_id", case["case"].get("case_id"), language)
    return sheet.build(parts, f"{text('title', language)} {name}", lambda page, pages: text("page", language, page, pages))


def _section(sheet: Sheet, section: str, case: Mapping[str, Any], language: str, number: str) -> list[Flowable]:
    content = case[section]
    if section in ("case", "claim", "person"):
        return [_facts(sheet, content, language)]
    if section == "findings":
        return [part for place, one in enumerate(content, start=1) for part in finding_parts(sheet, one, f"{number}.{place}", language)]
    if section == "reasons":
        return [sheet.bullet(said("reasons", reason, language)) for reason in content]
    if section == "lines":
        concerned = {line["bkkp_sn"] for finding in case.get("findings", ()) for line in finding["lines"]}
        marked = [{"flagged": "▲" if line.get("bkkp_sn") in concerned else "", **line} for line in content]
        columns = [column for column in LINES if any(line.get(column) is not None for line in content)]
        marks = [place for place, line in enumerate(marked) if line["flagged"]]
        return [sheet.small(text("flagged", language)), _rows(sheet, marked, ["flagged", *columns], language, marks)]
    columns = list(dict.fromkeys(column for row in content for column in row if column not in _NOT_PRINTED))
    return [_rows(sheet, content, columns, language)]


def _facts(sheet: Sheet, facts: Mapping[str, Any], language: str) -> Flowable:
    """Names and values, two pairs to a row."""
    pairs = [(label(column, language), said(column, value, language)) for column, value in facts.items()]
    if len(pairs) % 2:
        pairs.append(("", ""))
    return sheet.facts([[*left, *right] for left, right in zip(pairs[::2], pairs[1::2], strict=True)])


def _rows(sheet: Sheet, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], language: str, marks: Sequence[int] = ()) -> Flowable:
    heads = ["" if column == "flagged" else label(column, language) for column in columns]
    cells = [
        [row.get(column) or "" for row in rows] if column == "flagged" else said_all(column, [row.get(column) for row in rows], language)
        for column in columns
    ]
    return sheet.table(heads, [list(row) for row in zip(*cells, strict=True)], [_SHARES.get(column, 1) for column in columns], marks)
