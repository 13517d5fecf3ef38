"""A believable province of invented claims, with known violations, near misses and fraud schemes; seeded.

    summary = synth(20_000, 7, Path("var/province"))

`catalogue`, `profiles`, `province`, `visits` and `billing` make ordinary care; `plant_*`, `schemes` and `dirt` write cases by hand in a
`book`; `cast` and `money` number and add up; `columns` and `write` give the national tables. The generator reads the official points as
data (`points`) and describes every violation in its own words, so that agreement with the rules proves something.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from audit.errors import DataError
from audit.synth import billing, dirt, plant, schemes, visits, write
from audit.synth.book import Book
from audit.synth.cast import Cast, number
from audit.synth.columns import national
from audit.synth.points import Points, legitimate
from audit.synth.province import Province, found
from audit.synth.score import score_truth

__all__ = ["Summary", "score_truth", "synth"]


@dataclass(frozen=True)
class Summary:
    """What was made: rows per table, planted cases per kind, claims of fraud schemes, rows made dirty on purpose."""

    folders: list[str]
    rows: dict[str, int]
    violations: int
    near_misses: int
    types: int
    fraud_claims: int
    dirty: dict[str, int]

    def __str__(self) -> str:
        rows = f"{self.rows['setl_d']:,} claims and {self.rows['fee_list_d']:,} lines in {', '.join(self.folders)}"
        planted = (
            f"{self.violations:,} violations, {self.near_misses:,} near misses of {self.types} types, {self.fraud_claims:,} fraud claims"
        )
        return f"{rows}; {planted}; rows spoilt on purpose: {', '.join(f'{n} {what}' for what, n in self.dirty.items())}."


def synth(
    claims: int,
    seed: int,
    out: Path,
    *,
    batch_date: date = date(2026, 7, 31),
    months: int = 6,
    nights: int = 1,
    rules: Path = Path("rules"),
) -> Summary:
    """Write the national tables as Parquet into `out`, and the truth into `out`/truth/.

    With nights=2 the tables go into `out`/<end of the month before>/ and `out`/<batch date>/, by the day of settlement.
    Settlements spread over `months` calendar months up to `batch_date`, most in the last. The same arguments give the same bytes.
    Raises DataError when `out` is not empty, or the official points are not under `rules`/tables.
    """
    if claims < 1:
        raise DataError(f"audit synth: {claims} claims make no province; ask for 2000 or more.")
    if out.exists() and any(out.iterdir()):
        raise DataError(f"audit synth: {out} is not empty. Name a new folder, or remove that one first; nothing was overwritten.")
    points = Points(rules / "tables", batch_date)
    rng = np.random.default_rng(seed)
    province = found(rng, claims, batch_date)
    book = Book(rng, province, batch_date, first_person=len(province.people), first_claim=claims * 4, first_line=claims * 4000)
    cases = max(8, min(200, claims // 2500))
    plant.everything(book, points, cases)
    schemes.everything(book, round(claims * 0.025), months)
    dirt.refunds_and_reversals(book, max(6, claims // 1000))
    cast = _together(rng, province, book, points, claims, batch_date, months)
    cast = number(cast)
    tables, truth = national(province, cast), write.truth_tables(cast)
    tables, dirty = dirt.spoil(rng, tables, max(3, claims // 2000))
    folders = _save(tables, truth, out, batch_date, months, nights)
    kinds = truth["planted"]["kind"]
    return Summary(
        folders,
        {name: len(frame) for name, frame in tables.items()},
        int((kinds == "violation").sum()),
        int((kinds == "near_miss").sum()),
        truth["planted"]["type"].n_unique(),
        int(truth["fraud"]["label"].sum()),
        dirty,
    )


def _together(rng: np.random.Generator, province: Province, book: Book, points: Points, claims: int, batch_date: date, months: int) -> Cast:
    """Fill up with ordinary care to the number of claims asked for, and put both parts under one another."""
    lawful = legitimate(points, rng)
    ordinary = visits.ordinary_claims(rng, province, max(0, claims - len(book.rows["claims"])), batch_date, months)
    lines = billing.priced(billing.ordinary_lines(rng, province, ordinary, lawful), province, billing.item_table(lawful)[0])
    lines = lines.with_columns(line=pl.int_range(pl.len()))
    ordinary = visits.described(ordinary)
    oprns = visits.operations(ordinary)
    lines = lines.with_columns(
        rx_circ_flag=pl.when(pl.col("claim").is_in(visits.at_internet(ordinary, province).implode())).then(pl.lit("1"))
    )
    traces = billing.traces(rng, lines)
    every_claim = pl.concat([ordinary, book.frame("claims")], how="diagonal_relaxed")
    every_line = pl.concat([lines, book.frame("lines")], how="diagonal_relaxed")
    counted = book.frame("inventory")
    stock = pl.concat(
        [billing.purchases(every_line, every_claim, counted["med_list_codg"].unique().to_list()), counted], how="diagonal_relaxed"
    )
    return Cast(
        pl.concat([province.people.drop("age"), book.frame("people")], how="diagonal_relaxed"),
        every_claim,
        every_line,
        book.frame("diags"),
        pl.concat([oprns, book.frame("oprns")], how="diagonal_relaxed"),
        pl.concat([traces, book.frame("traces")], how="diagonal_relaxed"),
        stock,
        book.frame("truth"),
        pl.concat([schemes.without_a_trace(rng, ordinary, round(claims * 0.006)), book.frame("fraud")], how="diagonal_relaxed"),
    )


def _save(
    tables: dict[str, pl.DataFrame], truth: dict[str, pl.DataFrame], out: Path, batch_date: date, months: int, nights: int
) -> list[str]:
    if nights == 2:
        first_night = visits.month_starts(batch_date, months)[-1] - visits.ONE_DAY
        parts = dict(zip((first_night, batch_date), write.split_by_night(tables, first_night), strict=True))
        folders = [out / night.isoformat() for night in parts]
        for folder, part in zip(folders, parts.values(), strict=True):
            write.save(part, folder)
    else:
        folders = [out]
        write.save(tables, out)
    write.save(truth, out / "truth")
    return [str(folder) for folder in folders]
