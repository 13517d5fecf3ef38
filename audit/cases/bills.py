"""The bill of a case, kept with it as the night saw it: zlib-packed JSON, so that no later night changes what was judged."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from typing import Any

import polars as pl
from sqlalchemy import Connection, select

from audit.cases.refused import Refused
from audit.cases.tables import bills, cases
from audit.dossier import Review

_LEVEL = 1  # a bill repeats the same column names line by line: more effort saves little and doubles the time of opening


def bill(con: Connection, case_id: int) -> dict[str, Any]:
    """The bill of a case as plain values; money in fen, dates as ISO text.

    claim {column: value} with explanation, reasons, model_reasons, fraud_probability, decision ...; lines, diags, oprns [{column: value}];
    elsewhere: lines of other claims that a finding names; person {psn_no, psn_name, certno, gend, brdy} or None: show it masked;
    merged: the bills of cases that were merged into this one. Refused (404) when there is none.
    """
    found = con.execute(
        select(bills.c.case_id, bills.c.content)
        .join(cases, cases.c.id == bills.c.case_id)
        .where((cases.c.id == case_id) | (cases.c.merged_into_id == case_id))
        .order_by(cases.c.id)
    ).all()
    opened = {row.case_id: json.loads(zlib.decompress(row.content)) for row in found}
    if case_id not in opened:
        raise Refused("没有这份结算单。", "There is no such bill.", 404)
    return opened.pop(case_id) | {"merged": list(opened.values())}


def packed(review: Review) -> Iterable[tuple[str, bytes]]:
    """setl_id and packed bill of every claim of a review, in its order. Polars writes the JSON: a night has millions of values."""
    claims = review.claims.select("setl_id", "psn_no", claim=pl.struct(review.claims.columns).struct.json_encode())
    persons = review.persons.select("psn_no", person=pl.struct(review.persons.columns).struct.json_encode())
    named = review.findings.select(case="setl_id", bkkp_sn="concerned_bkkp_sn").explode("bkkp_sn").unique()
    elsewhere = review.lines.join(named, on="bkkp_sn").filter(pl.col("case") != pl.col("setl_id"))
    whole = (
        claims.join(persons, on="psn_no", how="left", maintain_order="left")
        .join(_listed(review.lines, "lines"), on="setl_id", how="left", maintain_order="left")
        .join(_listed(review.diags, "diags"), on="setl_id", how="left", maintain_order="left")
        .join(_listed(review.oprns, "oprns"), on="setl_id", how="left", maintain_order="left")
        .join(_listed(elsewhere, "elsewhere", "case"), on="setl_id", how="left", maintain_order="left")
    )
    parts = ("lines", "diags", "oprns", "elsewhere")
    for setl_id, claim, person, *lists in whole.select("setl_id", "claim", "person", *parts).iter_rows():
        told = ",".join(f'"{name}":[{rows or ""}]' for name, rows in zip(parts, lists, strict=True))
        yield setl_id, zlib.compress(f'{{"claim":{claim},"person":{person or "null"},{told}}}'.encode(), _LEVEL)


def _listed(rows: pl.DataFrame, name: str, claim: str = "setl_id") -> pl.DataFrame:
    """The rows of each claim as JSON objects with commas between, in their order."""
    columns = [column for column in rows.columns if column != "case"]
    objects = rows.select(setl_id=claim, row=pl.struct(columns).struct.json_encode())
    return objects.group_by("setl_id", maintain_order=True).agg(pl.col("row").str.join(",").alias(name))
