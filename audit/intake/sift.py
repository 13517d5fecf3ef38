"""Which rows stay: exact copies go, keys that contradict themselves and unreadable rows are quarantined, each with its reason."""

from __future__ import annotations

from typing import Any

from audit.intake.clean import UNIT
from audit.tables import Table

# What names a row of a table that has no key of its own.
NAMED_BY = {
    "setl_list_diag_d": ("setl_id", "diag_code"),
    "setl_list_oprn_d": ("setl_id", "oprn_oprt_code"),
    "drug_trac_d": ("bkkp_sn", "drug_trac_codg"),
    "inventory_d": ("fixmedins_code", "med_list_codg", "inv_chg_time"),
}
SENTENCES = {
    "missing_value": "'required column ' || place || ' has no value'",
    "unreadable_number": "place || ' is not a number: ' || seen",
    "impossible_number": "place || ' is not a possible amount or quantity: ' || seen",
    "unreadable_date": "place || ' is not a date or time: ' || seen",
    "impossible_date": "place || ' is no day of the calendar or hour of the day: ' || seen",
    "control_character": "place || ' holds control characters'",
    "ragged_row": "'the row has not as many fields as the header'",
    "duplicate_key": "'the key stands on several rows with different content; none of them is used'",
    "no_claim": "'the row belongs to a settlement that is not in setl_d'",
    "claim_quarantined": "'the settlement it belongs to is quarantined'",
    "no_encounter": "'the encounter of the settlement is not in mdtrt_d or not valid'",
    "encounter_quarantined": "'the encounter of the settlement is quarantined'",
    "no_line": "'the trace code belongs to a billed line that is not in fee_list_d'",
    "line_quarantined": "'the billed line it belongs to is quarantined'",
}


def key_of(table: Table) -> str:
    """SQL of the text that names a row in `rejected`."""
    return table.key or "concat_ws('/', " + ", ".join(f'"{c}"' for c in NAMED_BY[table.name]) + ")"


def live(table: Table) -> str:
    """SQL condition: the row is not marked invalid by the platform."""
    return "vali_flag IS DISTINCT FROM '0'" if any(c.name == "vali_flag" for c in table.columns) else "true"


def repeats(con: Any, table: Table, source: str, condition: str = "true") -> None:
    """Make `<table>_repeats` (again, contents): keys on more than one live row, and whether these rows are copies (1) or differ (2)."""
    con.execute(f"""CREATE OR REPLACE TEMP TABLE {table.name}_repeats AS
        SELECT {table.key} AS again, CASE WHEN min(content) = max(content) THEN 1 ELSE 2 END AS contents
        FROM {source} WHERE {live(table)} AND {condition} AND {table.key} IS NOT NULL GROUP BY 1 HAVING count(*) > 1""")


def sift(con: Any, table: Table, source: str, target: str, condition: str = "true", further: str = "NULL", kind: str = "TABLE") -> None:
    """Make temp table (or view: `kind`) `target`: the live rows of `source` without exact copies, and `verdict` (null: good).

    The verdict is the row's own fault, else a contradicting key, else `further` (SQL giving a reason code). A keyed table
    needs `<table>_repeats` first; only the few repeated keys are compared row by row. Personal columns end here.
    """
    left_out = ", ".join(["marks", *table.personal])
    where = f"WHERE {live(table)} AND {condition}"
    if table.key is None:
        con.execute(
            f"CREATE OR REPLACE TEMP {kind} {target} AS "
            f"SELECT DISTINCT * EXCLUDE ({left_out}), coalesce(fault, {further}) AS verdict FROM {source} {where}"
        )
        return
    again = f"(SELECT again FROM {table.name}_repeats)"
    con.execute(f"""CREATE OR REPLACE TEMP {kind} {target} AS
        SELECT * EXCLUDE ({left_out}), coalesce(fault, {further}) AS verdict FROM {source}
        {where} AND ({table.key} IS NULL OR {table.key} NOT IN {again})
        UNION ALL
        SELECT DISTINCT s.* EXCLUDE ({left_out}), coalesce(fault, CASE WHEN contents > 1 THEN 'duplicate_key' END, {further}) AS verdict
        FROM {source} s JOIN {table.name}_repeats r ON s.{table.key} = r.again {where}""")


def reject(con: Any, table: Table, source: str, verdict: str = "verdict") -> None:
    """Add the rows of `source` whose `verdict` is not null to `rejected`."""
    cases = " ".join(f"WHEN '{code}' THEN {sentence}" for code, sentence in SENTENCES.items())
    con.execute(f"""INSERT INTO rejected SELECT '{table.name}', key, code, CASE code {cases} END FROM (
        SELECT key, split_part(v, {UNIT}, 1) AS code, split_part(v, {UNIT}, 2) AS place, split_part(v, {UNIT}, 3) AS seen
        FROM (SELECT {key_of(table)} AS key, {verdict} AS v FROM {source}) WHERE v IS NOT NULL)""")
