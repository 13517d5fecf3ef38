"""What is kept: the tables of one night or two, and the truth beside them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from audit.synth.cast import Cast


def truth_tables(cast: Cast) -> dict[str, pl.DataFrame]:
    """planted (type, setl_id, bkkp_sn, kind, amount_fen, note) and fraud (setl_id, label, scheme) of a numbered cast."""
    ids = cast.claims.select("claim", "setl_id")
    planted = cast.truth.join(ids, on="claim", how="left", maintain_order="left").join(
        cast.lines.select("line", "bkkp_sn"), on="line", how="left", maintain_order="left"
    )
    local = pl.col("type").str.starts_with("LOCAL_")
    planted = planted.select(
        "type",
        "setl_id",
        "bkkp_sn",
        "kind",
        "amount_fen",
        "note",
        rule_no=pl.when(~local).then("type").cast(pl.Int64),
        local_code=pl.when(local).then("type"),
    ).sort("type", "kind", "setl_id", "bkkp_sn", nulls_last=True)
    fraud = (
        ids.join(cast.fraud, on="claim", how="left", maintain_order="left")
        .select("setl_id", label=pl.col("scheme").is_not_null().cast(pl.Int64), scheme="scheme")
        .sort("setl_id")
    )
    return {"planted": planted, "fraud": fraud}


def save(tables: dict[str, pl.DataFrame], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet", compression="zstd", statistics=False)


def split_by_night(tables: dict[str, pl.DataFrame], first_night: date) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """Two nights: what settled up to `first_night`, and the rest. Persons, institutions and stock movements stand in both."""
    setl = tables["setl_d"]
    early = setl.filter(pl.col("setl_time").dt.date() <= first_night)
    keys = {
        "setl_d": "setl_id",
        "fee_list_d": "setl_id",
        "setl_list_diag_d": "setl_id",
        "setl_list_oprn_d": "setl_id",
        "drug_trac_d": "setl_id",
        "mdtrt_d": "mdtrt_id",
    }
    first = {
        name: frame.join(early.select(keys[name]).unique(), on=keys[name], how="semi", maintain_order="left") if name in keys else frame
        for name, frame in tables.items()
    }
    second = {
        name: frame.join(early.select(keys[name]).unique(), on=keys[name], how="anti", maintain_order="left") if name in keys else frame
        for name, frame in tables.items()
    }
    return first, second
