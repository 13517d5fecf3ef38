"""The same tables in a database: PostgreSQL over ADBC (Arrow batches, numbers exact), or a DuckDB file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from audit.errors import DataError
from audit.intake.stage import Source

# Types that the driver carries exactly; anything else (numeric above all) crosses as text, written by the server.
CARRIED = {
    "bigint": "BIGINT",
    "integer": "INTEGER",
    "smallint": "SMALLINT",
    "double precision": "DOUBLE",
    "real": "FLOAT",
    "date": "DATE",
    "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMP WITH TIME ZONE",
    "boolean": "BOOLEAN",
}


def is_database(source: str) -> bool:
    """True for a connection string or the path of a DuckDB file."""
    return source.startswith(("postgresql://", "postgres://", "duckdb:")) or source.endswith(".duckdb")


def open_database(con: Any, source: str, wanted: set[str]) -> dict[str, Source]:
    """Lower-case table name -> Source for the tables in `wanted` that the database has. DataError when it cannot be opened."""
    if source.startswith(("postgresql://", "postgres://")):
        return _postgres(source, wanted)
    return _duckdb(con, source.removeprefix("duckdb:///").removeprefix("duckdb:"), wanted)


def _duckdb(con: Any, path: str, wanted: set[str]) -> dict[str, Source]:
    if not Path(path).is_file() and Path("/" + path).is_file():
        path = "/" + path  # three slashes before an absolute path
    if not Path(path).is_file():
        raise DataError(f"{path}: there is no such DuckDB file.")
    try:
        con.execute("ATTACH '" + path.replace("'", "''") + "' AS delivered (READ_ONLY)")
    except Exception as fault:
        raise DataError(f"{path}: this DuckDB file cannot be opened ({str(fault).splitlines()[0][:120]}).") from fault
    rows = con.execute("""SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()
        WHERE database_name = 'delivered' AND NOT internal ORDER BY schema_name, table_name, column_index""").fetchall()
    sources: dict[str, Source] = {}
    for schema, table, column, sql_type in rows:
        name = table.lower()
        if name not in wanted:
            continue
        relation = f'delivered."{schema}"."{table}"'
        source = sources.setdefault(name, Source(name, relation, [], f"{Path(path).name}: {table}"))
        _same(source, relation, name)
        source.columns.append((column, sql_type))
    for source in sources.values():
        source.rows = con.execute(f"SELECT count(*) FROM {source.relation}").fetchall()[0][0]
    return sources


def _postgres(uri: str, wanted: set[str]) -> dict[str, Source]:
    import adbc_driver_postgresql.dbapi as postgres

    try:
        server = postgres.connect(uri)
    except Exception as fault:
        raise DataError(
            f"The PostgreSQL database cannot be reached ({str(fault).splitlines()[0][:160]}). Check the connection string."
        ) from fault
    cursor = server.cursor()
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")  # one moment for all tables
    cursor.execute("SET LOCAL TimeZone = 'UTC'")
    cursor.execute("""SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns
        WHERE table_schema = ANY (current_schemas(false)) ORDER BY table_schema, table_name, ordinal_position""")
    sources: dict[str, Source] = {}
    selected: dict[str, list[str]] = {}
    for schema, table, column, data_type in cursor.fetchall():
        name = table.lower()
        if name not in wanted:
            continue
        relation = f'"{schema}"."{table}"'
        source = sources.setdefault(name, Source(name, f"given_{name}", [], f"postgresql: {table}"))
        _same(source, relation, name, selected.get(name))
        quoted = '"' + column.replace('"', '""') + '"'
        selected.setdefault(name, [relation]).append(quoted if data_type in CARRIED else f"{quoted}::text AS {quoted}")
        source.columns.append((column, CARRIED.get(data_type, "VARCHAR")))
    for name, source in sources.items():
        relation, *columns = selected[name]
        cursor.execute(f"SELECT count(*) FROM {relation}")
        source.rows = int(cursor.fetchall()[0][0])
        query = f"SELECT {', '.join(columns)} FROM {relation}"

        def opened(con: Any, query: str = query, source: Source = source) -> None:
            rows = server.cursor()
            rows.execute(query)
            con.register(source.relation, rows.fetch_record_batch())
            source.held = rows  # the stream ends with its cursor

        source.open, source.once = opened, True
        source.close = server.close
    return sources


def _same(source: Source, relation: str, name: str, selected: list[str] | None = None) -> None:
    """DataError when a table of this name stands in two schemas."""
    known = selected[0] if selected else source.relation
    if source.columns and known != relation:
        raise DataError(f"{name} stands twice in the database ({known} and {relation}). Name one schema in the connection string.")
