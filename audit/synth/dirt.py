"""What real batches also hold: refunds, reversed settlements, invalid rows, copies and rows that nobody can read. All counted."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from audit.synth.book import Book


def refunds_and_reversals(book: Book, n: int) -> None:
    """Clinic visits of which one line was taken back, and settlements that were reversed and settled anew."""
    for _ in range(n):
        claim = book.visit(book.person(), book.inst(), book.day())
        book.line(claim, "cbc")
        drug = book.line(claim, "omepra", 3)
        book.line(claim, "omepra", -1, init_line=drug)
        person, inst, day = book.person(), book.inst(), book.day()
        wrong = book.visit(person, inst, day)
        book.line(wrong, "ct")
        back = book.claim(person, inst, day, refd_setl_flag="1", init_claim=wrong)
        for line in [r for r in book.rows["lines"] if r["claim"] == wrong]:
            book.line(back, "ct" if line["fee_class"] == "03" else "consult", -1, init_line=line["line"])
        book.line(book.visit(person, inst, day + timedelta(days=1)), "dr")


def spoil(rng: np.random.Generator, tables: dict[str, pl.DataFrame], n: int) -> tuple[dict[str, pl.DataFrame], dict[str, int]]:
    """Append `n` rows of each kind that intake must set aside: invalid, a copy, a line without claim or quantity, an unreadable code."""
    fees, setl = tables["fee_list_d"], tables["setl_d"]
    pick = fees[np.sort(rng.choice(len(fees), 5 * n, replace=False))]
    named = [pick[k * n : (k + 1) * n] for k in range(5)]
    new = [
        named[0].with_columns(bkkp_sn=pl.lit("X1") + pl.col("bkkp_sn"), vali_flag=pl.lit("0")),
        named[1],
        named[2].with_columns(bkkp_sn=pl.lit("X2") + pl.col("bkkp_sn"), setl_id=pl.lit("S99MISSING")),
        named[3].with_columns(bkkp_sn=pl.lit("X3") + pl.col("bkkp_sn"), cnt=pl.lit(None, dtype=fees.schema["cnt"])),
        named[4].with_columns(bkkp_sn=pl.lit("X4\u0007") + pl.col("bkkp_sn")),
    ]
    invalid = setl[:n].with_columns(setl_id=pl.lit("X5") + pl.col("setl_id"), vali_flag=pl.lit("0"))
    tables = tables | {"fee_list_d": pl.concat([fees, *new]), "setl_d": pl.concat([setl, invalid])}
    kinds = (
        "invalid lines",
        "copied lines",
        "lines without a claim",
        "lines without a quantity",
        "unreadable codes",
        "invalid settlements",
    )
    return tables, dict.fromkeys(kinds, n)
