"""The same intake in memory: text frames in, typed frames out. Rule examples and the interface gateway come in here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from audit import engine
from audit.intake import bucket as of_bucket
from audit.intake import careful, stage
from audit.intake import claims as of_claims
from audit.intake.sift import reject, repeats, sift
from audit.tables import DRUG_TRAC_D, FEE_LIST_D, INVENTORY_D, NATIONAL_TABLES, SETL_LIST_DIAG_D, SETL_LIST_OPRN_D

ORDER = {
    "claims": ["psn_no", "setl_id"],
    "lines": ["psn_no", "setl_id", "fee_ocur_time", "bkkp_sn"],
    "diags": ["setl_id", "diag_type", "maindiag_flag", "diag_code", "diag_name"],
    "oprns": ["setl_id", "main_oprn_flag", "oprn_oprt_code", "oprn_oprt_name", "oprn_oprt_date", "anst_way", "oper_dr_code"],
    "traces": ["setl_id", "bkkp_sn", "drug_trac_codg", "trdn_flag"],
    "inventory": ["fixmedins_code", "med_list_codg", "inv_chg_time", "inv_chg_type", "cnt_e4", "pric_e6"],
    "rejected": ["table", "key", "reason", "detail"],
}


def prepare(con: Any) -> None:
    """Set a connection up for intake: the cleaning macros, an empty `rejected`, Chinese wall-clock time."""
    con.execute("SET TimeZone = 'Asia/Shanghai'")
    for macro in careful.macros():
        con.execute(macro)
    con.execute('CREATE OR REPLACE TEMP TABLE rejected ("table" VARCHAR, key VARCHAR, reason VARCHAR, detail VARCHAR)')


def ordered(target: str, bucket: int = 0) -> str:
    """SELECT of one result in the order it is stored in; `claims` holds every bucket, the others one."""
    by = ", ".join(f'"{c}" NULLS FIRST' for c in ORDER[target])
    what = f"* EXCLUDE (bucket) FROM claims WHERE bucket = {bucket}" if target == "claims" else f"* FROM {target}"
    return f"SELECT {what} ORDER BY {by}"


def inventory(con: Any) -> None:
    """Make `inventory`, the whole batch's stock movements, from `s_inventory_d`."""
    sift(con, INVENTORY_D, "s_inventory_d", "inventory_d_live")
    reject(con, INVENTORY_D, "inventory_d_live")
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW inventory AS SELECT {', '.join(INVENTORY_D.schema)} FROM inventory_d_live WHERE verdict IS NULL"
    )


def hanging(present: set[str]) -> Iterator[str]:
    """Names of what hangs on the claims of one bucket."""
    yield from ("lines", "diags")
    if SETL_LIST_OPRN_D.name in present:
        yield "oprns"
    yield "traces"


def shape(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Clean, type, quarantine and net a small batch in memory.

    `tables`: national table name -> frame (text columns, or typed ones); a table that is left out is empty.
    Returns claims, lines, diags, oprns (only if setl_list_oprn_d was given), traces, inventory (only if given) and
    rejected (table, key, reason, detail), each sorted as intake stores it. DataError as for a folder.
    """
    with engine.duck() as con:
        prepare(con)
        con.execute("PRAGMA disable_optimizer")  # on few rows, planning costs more than a better plan saves
        sources = {}
        for name, frame in tables.items():
            con.register(f"given_{name}", frame.to_arrow())
            columns = [(r[0], r[1]) for r in con.execute(f"DESCRIBE given_{name}").fetchall()]
            sources[name] = stage.Source(name, f"given_{name}", columns, name, may_be_empty=True)
        run_small(con, sources, buckets=1)
        for name in stage.HANGING:
            if name in sources:
                stage.stage(con, sources[name])
            else:
                stage.empty(con, NATIONAL_TABLES[name])
        present = set(tables) | {SETL_LIST_DIAG_D.name, DRUG_TRAC_D.name}
        repeats(con, FEE_LIST_D, "s_fee_list_d", "fate IS DISTINCT FROM 'left'")
        of_bucket.sift_bucket(con, FEE_LIST_D, 0)
        of_bucket.net(con)
        of_bucket.attach(con, present, 0)
        results = ["claims", *hanging(present)]
        if INVENTORY_D.name in tables:
            inventory(con)
            results.append("inventory")
        return {name: con.sql(ordered(name)).pl() for name in [*results, "rejected"]}


def run_small(
    con: Any,
    sources: dict[str, stage.Source],
    buckets: int,
    audited: pl.LazyFrame | None = None,
    staged: Callable[[str, list[str]], None] = lambda name, unknown: None,
) -> None:
    """Stage and sift everything but what hangs on a claim; make `fates` and `claims`.

    `audited`: setl_id of earlier nights, of any size; only those that come again tonight are held. `staged` is told the name
    and the unknown columns of each table while `s_<table>` is there.
    """
    for name in stage.SMALL:
        if name in sources:
            staged(name, stage.stage(con, sources[name]))
        else:
            stage.empty(con, NATIONAL_TABLES[name])
    con.execute("CREATE OR REPLACE TEMP TABLE audited (setl_id VARCHAR)")
    if audited is not None:
        tonight = con.sql("SELECT DISTINCT setl_id FROM s_setl_d").pl().lazy()
        again = engine.collect(audited.select(pl.col("setl_id").cast(pl.String)).join(tonight, on="setl_id", how="semi").unique())
        con.register("seen_before", again)
        con.execute("INSERT INTO audited SELECT setl_id FROM seen_before")
        con.unregister("seen_before")
    of_claims.sift_small(con)
    of_claims.decide_fates(con)
    of_claims.resolve_claims(con, buckets, SETL_LIST_OPRN_D.name in sources)
