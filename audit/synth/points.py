"""The official points as the generator reads them: the published tables as plain data, nothing of the engine's understanding of them.

What a point means is decided here from its words once more, so that a misreading by the engine is not repeated here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from audit.errors import DataError
from audit.synth.catalogue import Item

Point = dict[str, str | None]
_FEE_CLASS = {"X": "09", "Z": "11", "T": "10", "0": "05"}
_MEMBER = {"X": "X_____Z990B001010199990", "Z": "Z_____Z9900010199990", "T": "T990000000", "0": "000000000000000"}  # its end, for a class
_PRICE = {"X": 46.0, "Z": 38.0, "T": 0.4, "0": 60.0}


class Points:
    """Every point with one row per code; `rules_of` says which rule types name a code, now or earlier."""

    def __init__(self, tables: Path, on: date):
        if not (tables / "points").is_dir():
            raise DataError(f"audit synth reads the official points in {tables}/points, which is not there: run it in the repository.")
        points = [
            pl.read_csv(f, infer_schema=False).with_columns(rule_no=pl.lit(int(f.stem))) for f in sorted((tables / "points").glob("*.csv"))
        ]
        codes = pl.concat(
            [pl.read_csv(f, infer_schema=False, columns=["point_id", "code"]) for f in sorted((tables / "codes").glob("*.csv"))]
        )
        every = pl.concat(points, how="diagonal")
        self.pairs = every.filter(rule_no=25)
        rows = every.join(codes, on="point_id", how="left", maintain_order="left")
        sides = [self.pairs.select("rule_no", code=side) for side in ("main_code", "part_code")]
        named = pl.concat([rows.select("rule_no", "code").drop_nulls(), *sides]).unique().sort("code", "rule_no")
        classes = [(code, rule) for rule, code in named.rows() if len(code) < 10 or (code[0] in "XZ0C" and len(code) < 15)]
        self.rules_of: dict[str, frozenset[int]] = {
            code: frozenset([*group["rule_no"], *(rule for beginning, rule in classes if code.startswith(beginning))])
            for (code,), group in named.group_by("code")
        }
        self.every = rows
        self.now = rows.filter(
            (pl.col("published") <= on.isoformat())
            & (pl.col("valid_to").fill_null("9999") >= on.isoformat())
            & pl.col("code").is_not_null()
        )

    def pick(
        self,
        rng: np.random.Generator,
        rule: int,
        count: int,
        *,
        allow: set[int] | None = None,
        where: Callable[[Point], bool] = lambda _: True,
    ) -> list[Point]:
        """`count` points of a rule in force, each with one `code` that no rule but `allow` names as well; they repeat if too few."""
        alone = {rule} | (allow or set())
        rows = [row for row in self.now.filter(rule_no=rule).iter_rows(named=True) if self.rules_of[row["code"]] <= alone and where(row)]
        if not rows:
            return []
        by_point: dict[str, list[Point]] = {}
        for row in rows:
            by_point.setdefault(row["point_id"], []).append(row)
        names = list(by_point)
        order = [names[i] for i in rng.permutation(len(names))]
        return [by_point[p][int(rng.integers(len(by_point[p])))] for p in (order * (count // len(order) + 1))[:count]]


def item_of(point: Point, *, price: float | None = None, unit: str | None = None) -> Item:
    """A billable item for a point's code; the price is invented, and of a class of codes a member that does not exist."""
    code, name = str(point["code"]), str(point["name"])
    letter = code[0]
    code += _MEMBER[letter][len(code) :]
    if price is None:
        price = _PRICE[letter] * (1 + sum(map(ord, code)) % 7 / 4)
    kind = {"X": "drug", "Z": "patent", "T": "herb", "0": "service"}[letter]
    fee_class = "06" if code.startswith("00331") else "03" if code.startswith("0031") and letter == "0" else _FEE_CLASS[letter]
    return Item(code, code, name, kind, fee_class, "01", round(price, 2), unit or {"service": "次", "herb": "克"}.get(kind, "支"))  # type: ignore[arg-type]


def days_in(words: str) -> int | None:
    """The number of days a clause speaks of: 支付不超过14天, 12个月, 一年."""
    if found := re.search(r"(\d+)\s*天", words):
        return int(found[1])
    if found := re.search(r"(\d+)\s*个月", words):
        return int(found[1]) * 30
    return 365 if "一年" in words else None


def legitimate(points: Points, rng: np.random.Generator) -> dict[str, list[Item]]:
    """Restricted items that ordinary care uses as they are meant: for women, for strokes in hospital, for diabetics, herbs in company."""

    def items(rule: int, count: int, allow: set[int], where: Callable[[Point], bool]) -> list[Item]:
        return [item_of(p) for p in points.pick(rng, rule, count, allow=allow, where=where)]

    return {
        "@women": items(67, 24, set(), lambda p: p["gend"] == "2" and str(p["code"]).startswith("Z")),
        "@stroke": items(
            10,
            6,
            {12, 13},
            lambda p: "脑" in str(p["clause"]) and (days_in(str(p["clause"])) or 0) >= 14 and "外伤" not in str(p["clause"]),
        ),
        "@hba1c": items(31, 1, {78}, lambda p: p["name"] == "糖化血红蛋白测定"),
        "@herbs": items(4, 20, set(), lambda p: True),
    }
