"""Pencil claims: one Markdown file per rule, with its tables, the sum written out and the findings in fen (see tests/golden/README.md)."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from audit.examples.world import Case, World, build
from audit.rulebook import Example, Rulebook, drawn

FEN = ("vola_amt", "vola_inscp_amt", "vola_fund_amt", "counted_amt")
NUMBER = r"\d{4}-\d{2}-\d{2}|\d+(?:,\d{3})*(?:\.\d+)?"
HOLDS = {"=": operator.eq, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
DOES = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


@dataclass(frozen=True)
class Golden:
    """One file: its drawn tables, what its sum comes to in fen, the expected findings (row, rule) -> fen by column, and its faults."""

    file: str
    rule_id: str
    example: Example
    sums: frozenset[Fraction]
    findings: dict[tuple[str, str], dict[str, int]]
    faults: tuple[str, ...]

    @property
    def rules(self) -> set[str]:
        """The rules it speaks of: their findings here are all listed."""
        return {self.rule_id, *(rule for _, rule in self.findings)}


def read(path: Path) -> Golden:
    """One file; whatever is written wrong is a fault with its line, never an exception."""
    file, faults, tables, sums = path.name, [], {}, set()
    findings: dict[tuple[str, str], dict[str, int]] = {}
    sections = dict(_sections(path.read_text(encoding="utf-8")))
    for name, (at, rows) in sections.items():
        if name in drawn.TABLES:
            tables[name], wrong = drawn.read(name, _table(rows))
            faults += [f"{file}:{at + row}: {sentence}" for row, sentence in wrong]
        elif name == "sum":
            for number, row in enumerate(rows, start=at + 1):
                if row.strip() and not row.startswith("```"):
                    sums |= _holds(row, f"{file}:{number}", faults)
        elif name == "findings":
            findings = _findings(rows, f"{file}:{at}", faults)
        elif name:
            faults.append(f"{file}:{at}: no section is called '{name}'; sections are {', '.join(drawn.TABLES)}, sum and findings.")
    faults += [f"{file}: the section '{name}' is missing." for name in ("sum", "findings") if name not in sections]
    for amounts in findings.values():
        faults += [
            f"{file}: {fen} fen of {column} is not the right side of any line of the sum."
            for column, fen in amounts.items()
            if fen and fen not in sums
        ]
    flags = tuple(row for row, _ in findings)
    return Golden(file, path.stem, Example(path.stem, 1, tables, flags, (), {}), frozenset(sums), findings, tuple(faults))


def batch(files: list[Golden], book: Rulebook) -> tuple[World, list[Case]]:
    """All files as one batch, and the case of each in their order."""
    world = build(tuple(replace(book.rule(golden.rule_id), examples=(golden.example,)) for golden in files))
    return world, world.cases


def _sections(text: str) -> Iterator[tuple[str, tuple[int, list[str]]]]:
    """(heading, (its line, the lines below it)) of each `## heading`."""
    rows = text.splitlines()
    heads = [number for number, row in enumerate(rows) if row.startswith("## ")]
    for head, end in zip(heads, [*heads[1:], len(rows)], strict=True):
        yield rows[head][3:].strip().lower(), (head + 1, rows[head + 1 : end])


def _table(rows: list[str]) -> str:
    """The lines of a Markdown table as rules draw them: without the row of dashes, every line still at its place."""
    return "\n".join("" if not row.startswith("|") or re.fullmatch(r"[|\s:-]+", row) else row for row in rows)


def _findings(rows: list[str], here: str, faults: list[str]) -> dict[tuple[str, str], dict[str, int]]:
    table = [[cell.strip() for cell in row.strip("|").split("|")] for row in _table(rows).splitlines() if row]
    if not table or table[0][:2] != ["row", "rule_id"] or not set(table[0][2:]) <= set(FEN) or "vola_amt" not in table[0]:
        faults.append(f"{here}: the table of findings begins with row | rule_id | vola_amt; also {', '.join(FEN[1:])}, all in fen.")
        return {}
    return {(row, rule): dict(zip(table[0][2:], map(int, fen), strict=True)) for row, rule, *fen in table[1:]}


def _holds(line: str, here: str, faults: list[str]) -> set[Fraction]:
    """What one line of the sum comes to in fen (nothing where it is neither fen nor yuan); a fault where it does not hold."""
    found = re.fullmatch(
        rf"(?P<left>[^=<>≈]+)(?P<sign><=|>=|=|<|>|≈)\s*(?P<right>-?\s*(?:{NUMBER}))(?P<words>(?:[\s:,;].*)?)", line.strip()
    )
    if not found:
        faults.append(
            f"{here}: '{line.strip()}' is not a line of a sum: numbers, a sign (= < > <= >= or ≈ where rounded), a number, words."
        )
        return set()
    left, right = _worth(found["left"]), _worth(found["right"])
    digits = len(found["right"].partition(".")[2])
    if left is None or right is None:
        faults.append(f"{here}: '{found['left'].strip()}' is not arithmetic; only numbers, dates, + - x / and brackets stand left.")
    elif not (abs(left - right) * 10**digits <= Fraction(1, 2) if found["sign"] == "≈" else HOLDS[found["sign"]](left, right)):
        faults.append(f"{here}: '{line.strip()}' does not hold: the left side comes to {float(left):g}.")
    unit = found["words"].split()[:1]
    return {right * {"fen": 1, "yuan": 100}[unit[0]]} if right is not None and unit in (["fen"], ["yuan"]) else set()


def _worth(text: str) -> Fraction | None:
    """The exact value of an expression of numbers and dates (a date counts its days), None where it is none."""

    def number(found: re.Match[str]) -> str:
        word = found.group().replace(",", "")
        return str(date.fromisoformat(word).toordinal()) if "-" in word else f"'{word}'"

    def worth(node: ast.AST) -> Fraction:
        if isinstance(node, ast.BinOp) and type(node.op) in DOES:
            return DOES[type(node.op)](worth(node.left), worth(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -worth(node.operand)
        if isinstance(node, ast.Constant):
            return Fraction(node.value)
        raise ValueError

    try:
        return worth(ast.parse(re.sub(NUMBER, number, text).replace("x", "*").strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError):
        return None
