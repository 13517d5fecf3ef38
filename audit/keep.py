"""What a night leaves for `audit backtest`: the measured columns that a rule may read, one narrow file per bucket and kind of row.

A line keeps what it says by itself and the three numbers that lead to its item, claim and area, so no fact is written twice:

    lines-<bucket>    every billed line: the columns that some rule of the night reads of it, its key, its money
    limited-<bucket>  the few lines whose item carries rare facts: every column they were measured with
    claims-<bucket>   every claim with all its measures; row n is the claim whose number is n
    items-<bucket>    the facts of the night's items, by number
    areas-<bucket>    the night's parameters, by number
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from audit import engine
from audit.knowledge.facts import NUMBERS
from audit.night import Night
from audit.rulebook import Rulebook

# of a line, besides what rules read: its numbers, its key, what a finding needs, and who ordered it
OF_LINES = (*NUMBERS, "bkkp_sn", "med_list_codg", "hilist_name", "fee_date", "cnt_e4", "det_item_fee_sumamt", "inscp_amt", "bilg_dr_code")


def keep(night: Night, book: Rulebook) -> Iterator[tuple[str, pl.DataFrame]]:
    """(file name, rows) of a measured night, one bucket at a time; the rows of each file in the bucket's own order."""
    for bucket in night.buckets:
        facts = night.hung(bucket)
        measured = night.scan("measure", bucket, "claims")
        yield f"claims-{bucket}", engine.collect(facts.claims.lazy().select("setl_id").join(measured, on="setl_id", maintain_order="left"))
        yield f"items-{bucket}", facts.items
        yield f"areas-{bucket}", facts.areas
        lines = night.lines(bucket, "enrich", "measure")
        known = lines.collect_schema().names()
        yield f"lines-{bucket}", engine.collect(lines.select(name for name in known if name in book.reads("lines") or name in OF_LINES))
        limited = pl.read_parquet(night.path("measure", bucket, "limited"))
        wanted = {*book.reads("limited"), *OF_LINES}.difference(limited.columns)
        rest = night.lines_at(bucket, limited["row"], wanted)
        yield f"limited-{bucket}", limited.hstack(rest).drop("row", "measured_row")
