"""The second opinion: DuckDB evaluates every rule on the same measured rows, and must give the same three-valued answers."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from audit import engine
from audit.errors import Fault
from audit.rulebook import Rule


def differences(lines: pl.DataFrame, claims: pl.DataFrame, rules: Sequence[Rule]) -> list[Fault]:
    """A fault per rule whose `when` or amount DuckDB answers differently on some row of the measured frames."""
    faults = []
    with engine.duck() as con:
        for of_lines, frame in ((True, lines), (False, claims)):
            mine = [rule for rule in rules if rule.of_lines is of_lines]
            if mine:
                faults += _compare(con, frame.with_row_index("row_no"), mine)
    return faults


def _compare(con: engine.duckdb.DuckDBPyConnection, frame: pl.DataFrame, rules: Sequence[Rule]) -> list[Fault]:
    asked = {(rule.id, "when"): rule.when for rule in rules} | {(rule.id, "amount"): rule.amount_fen for rule in rules if rule.amount_fen}
    ours = frame.select(pl.sql_expr(text).alias("|".join(name)) for name, text in asked.items())
    con.register("measured", frame.to_arrow())
    columns = ", ".join(f'({text}) AS "{"|".join(name)}"' for name, text in asked.items())
    rows = con.execute(f"SELECT {columns} FROM measured ORDER BY row_no").fetchall()
    theirs = pl.DataFrame(rows, schema=ours.columns, orient="row", infer_schema_length=None)
    con.unregister("measured")
    faults = []
    for rule_id, key in asked:
        name = f"{rule_id}|{key}"
        differ = _same(ours[name], theirs[name]).not_()
        if differ.any():
            rule = next(rule for rule in rules if rule.id == rule_id)
            row = frame.filter(differ).row(0, named=True)
            values = ", ".join(f"{column}={row[column]}" for column in rule.read if column in row)
            own, other, rows_differ = ours[name].filter(differ)[0], theirs[name].filter(differ)[0], differ.sum()
            zh = f"{key}：有 {rows_differ} 个示例行 Polars 得 {own}、DuckDB 得 {other}；首例为 {values}。"
            en = f"{key}: Polars answers {own}, DuckDB {other} on {rows_differ} example rows; first where {values}."
            faults.append(Fault(zh, en, rule.file, rule.lines[key]))
    return faults


def _same(ours: pl.Series, theirs: pl.Series) -> pl.Series:
    """Row by row: both missing, or equal (numbers as decimals of DuckDB may come back as another type)."""
    kind = pl.Boolean() if ours.dtype == pl.Boolean else pl.Float64()
    return ours.cast(kind).eq_missing(theirs.cast(kind))
