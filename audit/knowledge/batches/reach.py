"""How many past claims an import touches: the claims of the lake's history that bill one of its codes from its first day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from audit.knowledge.batches.diff import Step
from audit.lake import ITEM_USE, Lake


@dataclass(frozen=True)
class Reach:
    """At most so many claims, lines and fen: a claim with several of the codes counts once for each, and a night's claims of a code
    count whole where only some of its service days lie in the interval."""

    claims: int
    lines: int
    fen: int
    nights: int


def reach(lake: Path, found: list[Step]) -> dict[int, Reach] | None:
    """Rule type -> what its new and touched points reach in the lake's history; None where no night kept its use of items."""
    use = Lake(lake).read("item_use", ITEM_USE).collect()
    if use.is_empty():
        return None
    return {rule: _reach(use, [step for step in found if step.rule_no == rule]) for rule in sorted({step.rule_no for step in found})}


def _reach(use: pl.DataFrame, found: list[Step]) -> Reach:
    """An answer changes on the days on which a point is new, or no longer holds."""
    asked = [(code, *days) for step in found for code in {*step.codes, *step.older_codes} if (days := _days(step))]
    points = pl.DataFrame(asked, schema={"code": pl.String, "first": pl.Date, "last": pl.Date}, orient="row")
    billed = pl.col("med_list_codg")
    hits = []
    for (length,), of_length in points.group_by(pl.col("code").str.len_chars(), maintain_order=True):
        hits.append(use.with_columns(code=billed.str.slice(0, int(str(length)))).join(of_length, on="code"))  # a local code extends it
    if not hits:
        return Reach(0, 0, 0, use["batch_date"].n_unique())
    during = (pl.col("last_day") >= pl.col("first")) & (pl.col("last").is_null() | (pl.col("first_day") <= pl.col("last")))
    touched = pl.concat(hits).filter(during).unique(["batch_date", "med_list_codg"])
    claims, lines, fen = (int(touched[column].sum()) for column in ("claims", "lines", "fen"))
    return Reach(claims, lines, fen, use["batch_date"].n_unique())


def _days(step: Step) -> tuple[date, date | None] | None:
    """The first and last service day on which this step changes an answer; a superseded point is told by what replaces it."""
    first, last = date.fromisoformat(step.row["valid_from"]), step.row["valid_to"]
    if step.kind == "superseded":
        return None
    return first, date.fromisoformat(last) if last else None
