"""Source relations -> typed tables `s_<table>` inside one DuckDB connection, and what was counted on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from audit.errors import DataError
from audit.intake import clean
from audit.tables import NATIONAL_TABLES, Table

ALIASES = {"feedetl_sn": "bkkp_sn"}  # some regions' name for the same column
SMALL = ("mdtrt_d", "setl_d", "fixmedins_b", "psn_info_b", "inventory_d")
HANGING = ("fee_list_d", "setl_list_diag_d", "setl_list_oprn_d", "drug_trac_d")


@dataclass
class Source:
    """One table where it lies: SQL after FROM, its columns as (name there, SQL type), and where it came from."""

    table: str
    relation: str
    columns: list[tuple[str, str]]
    file: str
    sha256: str | None = None
    ragged: list[tuple[str, str]] = field(default_factory=list)  # CSV rows with too few or too many fields: (key, what was seen)


def match_columns(source: Source) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """National column -> (name in the source, SQL type), and the unknown names.

    DataError when a column stands twice once case and blanks are folded, or a required one is missing.
    """
    table = NATIONAL_TABLES[source.table]
    wanted = {c.name for c in table.columns}
    found: dict[str, tuple[str, str]] = {}
    unknown = []
    seen: dict[str, str] = {}
    for name, sql_type in source.columns:
        folded = name.strip(" \t\r\n\u3000\u00a0\ufeff'\"").lower()
        if folded in seen:
            raise DataError(f"{source.file}: column {folded} stands twice ({seen[folded]!r} and {name!r}). Keep one of them.")
        seen[folded] = name
        if folded in wanted:
            found[folded] = (name, sql_type)
        else:
            unknown.append(folded)
    for alias, national in ALIASES.items():
        if national in wanted and national not in found and alias in unknown:
            found[national] = next((n, t) for n, t in source.columns if n == seen[alias])
            unknown.remove(alias)
    missing = [c for c in table.required if c not in found]
    if len(missing) == len(table.required) and not found:
        raise DataError(f"{source.file}: none of the columns of {source.table} is there; the first row must hold the column names.")
    if missing:
        raise DataError(f"{source.file}: required column {', '.join(missing)} of {source.table} is missing. Add it or name it in a mapping file.")
    return found, unknown


def select(con: Any, source: Source) -> tuple[str, list[str]]:
    """The typed SELECT over a source and its unknown columns."""
    table = NATIONAL_TABLES[source.table]
    found, unknown = match_columns(source)
    for column in table.columns:
        name, sql_type = found.get(column.name, ("", ""))
        if sql_type.upper() in ("FLOAT", "DOUBLE") and clean.identifies(column):
            if con.execute(f'SELECT count("{name}") FROM {source.relation} WHERE NOT isnan("{name}")').fetchall()[0][0]:
                raise DataError(f"{source.file}: column {name} identifies rows and is stored as a float, which loses digits. Export it as text.")
            found[column.name] = (name, '"NULL"')
    return clean.typed(table, source.relation, found), unknown


def stage(con: Any, source: Source) -> list[str]:
    """Make `s_<table>` and return the unknown column names; lines and what else hangs on a claim learn its fate, person and bucket."""
    sql, unknown = select(con, source)
    if source.table in HANGING:
        sql = hang(sql)
    con.execute(f"CREATE OR REPLACE TEMP TABLE s_{source.table} AS {sql}")
    return unknown


def hang(sql: str) -> str:
    """The typed rows beside their claim: `fate` (null: no such claim), `person` and `bucket` (0 where there is no claim)."""
    return f"""SELECT r.*, f.fate, c.psn_no AS person, coalesce(c.bucket, 0) AS bucket FROM ({sql}) r
        LEFT JOIN fates f ON r.setl_id = f.setl_id LEFT JOIN (SELECT setl_id, psn_no, bucket FROM claims) c ON r.setl_id = c.setl_id"""


def empty(con: Any, table: Table) -> None:
    """Make an empty `s_<table>` for an optional table that is not there."""
    columns = [*(f"{c.stored} {clean.sql_type(c)}" for c in table.columns), "fault VARCHAR", "marks BIGINT", "content UBIGINT"]
    if table.name in HANGING:
        columns += ["fate VARCHAR", "person VARCHAR", "bucket INT"]
    con.execute(f"CREATE OR REPLACE TEMP TABLE s_{table.name} ({', '.join(columns)})")


def tally(con: Any, table: Table, relation: str) -> dict[str, int]:
    """Rows, invalid rows, what was cleaned and which value sets were left: counted over one staged table."""
    parts = ["count(*)"]
    names = [f"{table.name}.rows"]
    if "vali_flag" in table.schema:
        parts.append("count(*) FILTER (vali_flag = '0')")
        names.append(f"{table.name}.invalid")
    for position, kind in enumerate(clean.CLEANINGS):
        parts.append(f"sum((marks >> {6 * position}) & 63)::BIGINT")
        names.append(f"{table.name}.cleaned.{kind}")
    for name, values in clean.KNOWN_VALUES.items():
        if name in table.schema:
            known = ", ".join(f"'{v}'" for v in values.split())
            parts.append(f"count(*) FILTER ({name} NOT IN ({known}))")
            names.append(f"{table.name}.unknown_value.{name}")
    row = con.execute(f"SELECT {', '.join(parts)} FROM {relation}").fetchall()[0]
    counts = {name: int(value or 0) for name, value in zip(names, row, strict=True)}
    return {name: n for name, n in counts.items() if n or name.endswith(".rows")}

