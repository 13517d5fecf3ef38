"""Source relations -> typed tables `s_<table>` inside one DuckDB connection, and what was counted on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit.errors import DataError
from audit.intake import clean, codes
from audit.tables import NATIONAL_TABLES, Table

ALIASES = {"feedetl_sn": "bkkp_sn"}  # some regions' name for the same column
READING_FAULTS = (
    "IOException",
    "InvalidInputException",
    "SerializationException",
    "ArrowInvalid",
)  # of DuckDB, when a file or stream breaks
RAGGED = "the row has not as many fields as the header"
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
    rows: int = 0  # as far as known before reading: exact for Parquet and databases, lines for CSV
    renamed: dict[str, str] = field(default_factory=dict)  # column -> its name in `relation`, where that differs
    ragged: list[tuple[str, str]] = field(default_factory=list)  # CSV rows with too few or too many fields: (key, the row)
    open: Callable[[Any], None] = lambda con: None  # makes `relation` readable
    once: bool = False  # `relation` is a stream: one scan and it is empty
    close: Callable[[], None] = lambda: None
    held: Any = None  # what must outlive the stream
    may_be_empty: bool = False


def fold(names: list[str], file: str) -> list[str]:
    """Column names without blanks around them, lower case; DataError when one stands twice."""
    folded = [name.strip(" \t\r\n\u3000\u00a0\ufeff'\"").lower() for name in names]
    for name in folded:
        if name and folded.count(name) > 1:
            raise DataError(f"{file}: column {name} stands twice. Keep one of them.")
    return folded


def match_columns(source: Source) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """National column -> (name in the source, SQL type), and the unknown names.

    DataError when a column stands twice once case and blanks are folded, or a required one is missing.
    """
    table = NATIONAL_TABLES[source.table]
    wanted = {c.name for c in table.columns}
    names = fold([name for name, _ in source.columns], source.file)
    found = {n: column for n, column in zip(names, source.columns, strict=True) if n in wanted}
    unknown = [n for n in names if n not in wanted]
    for alias, national in ALIASES.items():
        if national in wanted and national not in found and alias in unknown:
            found[national] = source.columns[names.index(alias)]
            unknown.remove(alias)
    missing = [c for c in table.required if c not in found]
    if missing and not found:
        raise DataError(f"{source.file}: none of the columns of {source.table} is there; the first row must hold the column names.")
    if missing:
        raise DataError(
            f"{source.file}: required column {', '.join(missing)} of {source.table} is missing. Add it or name it in a mapping file."
        )
    return {n: (source.renamed.get(name, name), t) for n, (name, t) in found.items()}, unknown


def select(con: Any, source: Source) -> tuple[str, list[str]]:
    """The typed SELECT over a source and its unknown columns."""
    table = NATIONAL_TABLES[source.table]
    found, unknown = match_columns(source)
    for column in table.columns:
        name, sql_type = found.get(column.name, ("", ""))
        if sql_type.upper() not in ("FLOAT", "DOUBLE") or not codes.identifies(column):
            continue
        # A column that is wholly empty is often written as a float; it harms nobody.
        if source.once or con.execute(f'SELECT count("{name}") FROM {source.relation} WHERE NOT isnan("{name}")').fetchall()[0][0]:
            raise DataError(
                f"{source.file}: column {name} identifies rows and is stored as a float, which loses digits. Export it as text."
            )
    return clean.typed(table, source.relation, found), unknown


def stage(con: Any, source: Source, folder: Path | None = None) -> list[str]:
    """Make `s_<table>` and return the unknown column names; what hangs on a claim learns its fate, person and bucket.

    With `folder` the rows go to Parquet files there, one folder per bucket, and `s_<table>` is a view of them: lines are too
    many to hold. DataError when the source cannot be read to its end.
    """
    table = NATIONAL_TABLES[source.table]
    match_columns(source)
    try:
        source.open(con)
        sql, unknown = select(con, source)
        if source.table in HANGING:
            sql = hang(sql)
        if folder is None:
            con.execute(f"CREATE OR REPLACE TEMP TABLE s_{source.table} AS {sql}")
        else:
            con.execute(f"COPY ({sql}) TO '{quoted(folder)}' (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (bucket))")
            parts = f"read_parquet('{quoted(folder)}/*/*.parquet', hive_partitioning = true, hive_types = {{'bucket': INT}})"
            if folder.is_dir() and any(folder.iterdir()):
                con.execute(f"CREATE OR REPLACE TEMP VIEW s_{source.table} AS SELECT * FROM {parts}")
            else:
                empty(con, table)
    except DataError:
        raise
    except Exception as fault:
        if type(fault).__name__ not in READING_FAULTS:
            raise  # a fault of ours, not of the file
        first = str(fault).splitlines()[0][:200]
        raise DataError(f"{source.file}: the file cannot be read to its end ({first}). Deliver it again.") from fault
    for key, row in source.ragged:
        # In such a row any field may hold any column's value: of a table that names people nothing is quoted.
        told = [key or None, f"{RAGGED}: {row[:80]}"] if not table.personal else [None, RAGGED]
        con.execute("INSERT INTO rejected VALUES (?, ?, 'ragged_row', ?)", [source.table, *told])
    if not (table.optional or source.may_be_empty) and not con.execute(f"SELECT 1 FROM s_{source.table} LIMIT 1").fetchall():
        what = "every row has another number of fields than the header" if source.ragged else "the table has no rows"
        raise DataError(f"{source.file}: {what}; {source.table} must not be empty.")
    return unknown


def quoted(text: str | Path) -> str:
    """A text or path as it stands inside an SQL string."""
    return str(text).replace("'", "''")


def hang(sql: str) -> str:
    """The typed rows beside their claim: `fate` (null: no such claim), `person` and `bucket` (0 where there is no claim)."""
    return f"""SELECT r.*, f.fate, c.psn_no AS person, coalesce(c.bucket, 0) AS bucket FROM ({sql}) r
        LEFT JOIN fates f ON r.setl_id = f.setl_id LEFT JOIN claim_heads c ON r.setl_id = c.setl_id"""


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
    for name, values in codes.KNOWN_VALUES.items():
        if name in table.schema:
            known = ", ".join(f"'{v}'" for v in values.split())
            parts.append(f"count(*) FILTER ({name} NOT IN ({known}))")
            names.append(f"{table.name}.unknown_value.{name}")
    row = con.execute(f"SELECT {', '.join(parts)} FROM {relation}").fetchall()[0]
    counts = {name: int(value or 0) for name, value in zip(names, row, strict=True)}
    return {name: n for name, n in counts.items() if n or name.endswith(".rows")}
