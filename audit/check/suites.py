"""What the gate expects of a night's frames: structure, starred columns, keys, ranges and drift, derived from `tables.py`."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl

from audit.check.accounting import accounting
from audit.check.expected import LOADS, MEASURED_FROM, Expected
from audit.tables import FEE_LIST_D, MDTRT_D, SETL_D, SETL_LIST_DIAG_D

DRIFT = (0.5, 2.0)
DRIFT_NIGHTS = 3
MOST_FEN = 10**13

LEFT_BEHIND = {"vali_flag", "refd_setl_flag", "init_setl_id", "init_feedetl_sn", "begndate", "enddate"}
KEYS = {"claims": "setl_id", "lines": "bkkp_sn", "diags": "setl_id"}
SOURCES = {"claims": (MDTRT_D, SETL_D), "lines": (FEE_LIST_D,), "diags": (SETL_LIST_DIAG_D,)}
MADE_BY_INTAKE: dict[str, dict[str, pl.DataType]] = {
    "claims": {"begn_date": pl.Date(), "end_date": pl.Date(), "hosp_tier": pl.Int32()},
    "lines": {"cnt": pl.Float64(), "fee_date": pl.Date(), "time_known": pl.Boolean()},
    "diags": {},
}


def stored_columns(table: str) -> dict[str, pl.DataType]:
    """Column -> dtype that a frame of intake must have."""
    found = {name: kind for source in SOURCES[table] for name, kind in source.schema.items() if name not in LEFT_BEHIND}
    if table == "diags":
        found.pop("mdtrt_id")
    return {**found, **MADE_BY_INTAKE[table]}


def starred(table: str) -> list[str]:
    """Stored names of the columns without which a row has no place in the audit."""
    kept = stored_columns(table)
    return sorted({c.stored for source in SOURCES[table] for c in source.columns if c.required and c.stored in kept})


DUCK_TYPES: dict[type[pl.DataType], tuple[str, ...]] = {
    pl.String: ("VARCHAR",),
    pl.Int64: ("BIGINT",),
    pl.Int32: ("BIGINT", "INTEGER", "SMALLINT", "TINYINT"),
    pl.Float64: ("DOUBLE",),
    pl.Boolean: ("BOOLEAN",),
    pl.Date: ("DATE",),
    pl.Datetime: ("TIMESTAMP",),
}


def structure(table: str) -> list[Expected]:
    """Columns and types: without these nothing else can be asked of the frame."""
    wanted = ", ".join(f"('{name}', '{duck}')" for name, kind in stored_columns(table).items() for duck in DUCK_TYPES[type(kind)])
    sql = (
        f"SELECT name FROM (VALUES {wanted}) AS wanted(name, type) "
        "LEFT JOIN (SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {batch})) "
        "ON column_name = name GROUP BY name HAVING NOT coalesce(bool_or(column_type = type), false)"
    )
    return [Expected(f"{table}_types", table, "stop", "列和类型与登记一致", "columns and types are as declared", sql=sql)]


def content(table: str, present: set[str], earlier_rows: float | None, batch_date: date) -> list[Expected]:
    """Every expectation on the rows of one frame; `present` are the frames of this night, `earlier_rows` their usual size."""
    key = KEYS[table]
    found = [
        Expected(f"{table}_{c}_present", table, "quarantine", f"{c} 不为空", f"{c} is never missing", "ColumnValuesToNotBeNull", c)
        for c in starred(table)
    ]
    if table != "diags":
        found.append(Expected(f"{table}_{key}_unique", table, "stop", f"{key} 不重复", f"{key} is unique", "ColumnValuesToBeUnique", key))
    found += _ranges(table)
    found += [e for e in accounting() if e.table == table and all(f" {other} " not in e.sql or other in present for other in KEYS)]
    if table == "claims":
        found.append(_fresh(batch_date))
    if earlier_rows:
        found.append(
            Expected(
                f"{table}_drift",
                table,
                "warn",
                "行数与往夜相当",
                "about as many rows as on earlier nights",
                "TableRowCountToBeBetween",
                bounds={"min_value": int(earlier_rows * DRIFT[0]), "max_value": int(earlier_rows * DRIFT[1])},
                untrusted=LOADS,
                beyond=0.0,
            )
        )
    return found


FRESH = timedelta(days=5 * 366)
RANGES: dict[str, dict[str, Any]] = {
    "fen": {"min_value": -MOST_FEN, "max_value": MOST_FEN},
    "cnt4": {"min_value": -MOST_FEN, "max_value": MOST_FEN},
    "pric6": {"min_value": 0, "max_value": MOST_FEN * 10**4},
    "whole": {"min_value": 0, "max_value": 10**5},
    "date": {"min_value": date(1890, 1, 1), "max_value": date(2100, 1, 1)},
    "time": {"min_value": datetime(1995, 1, 1), "max_value": datetime(2100, 1, 1)},
    "age": {"min_value": 0, "max_value": 130},
    "geso_val": {"min_value": 0, "max_value": 45},
}


def _ranges(table: str) -> list[Expected]:
    """Every number, date and time within what can be believed: by its own name, else by its kind."""
    kinds = {c.stored: c.kind for source in SOURCES[table] for c in source.columns}
    found = []
    for column, dtype in stored_columns(table).items():
        bounds = RANGES.get(column, RANGES.get(kinds.get(column, "date" if isinstance(dtype, pl.Date) else "")))
        if bounds:
            found.append(
                Expected(
                    f"{table}_{column}_range",
                    table,
                    "warn",
                    f"{column} 在可信范围",
                    f"{column} within {bounds['min_value']} .. {bounds['max_value']}",
                    "ColumnValuesToBeBetween",
                    column,
                    bounds=bounds,
                    untrusted=(column, *MEASURED_FROM.get(column, ())),
                )
            )
    return found


def _fresh(batch_date: date) -> Expected:
    """Settled within five years and not after the night. Blinds nothing: the batch date names the night, it chooses no rule or price."""
    night_over = datetime.combine(batch_date + timedelta(days=1), time())
    return Expected(
        "claims_fresh",
        "claims",
        "warn",
        "结算在五年内且不晚于当夜",
        "settled within five years and not after the night",
        "ColumnValuesToBeBetween",
        "setl_time",
        bounds={"min_value": night_over - FRESH, "max_value": night_over},
    )
