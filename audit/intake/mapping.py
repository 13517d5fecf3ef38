"""A foreign or regional layout is a YAML file: which files there are and how each national column is written in SQL over them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from audit.errors import DataError
from audit.intake import read
from audit.intake.database import is_database, open_database
from audit.intake.stage import Source, quoted
from audit.tables import NATIONAL_TABLES

SHIPPED = Path(__file__).parent.parent / "mappings"
TABLE_KEYS = {"from", "where", "unpivot", "columns", "rename", "values", "units"}
DX_FACTS = {"dx_prefix": "VARCHAR", "dx_gend": "VARCHAR", "dx_age_min_days": "BIGINT", "dx_age_max_days": "BIGINT"}


@dataclass
class Batch:
    """The national tables of a batch as sources, and the knowledge that the source brings along."""

    sources: dict[str, Source]
    knowledge: dict[str, str] = field(default_factory=dict)
    close: Callable[[], None] = lambda: None

    def write_knowledge(self, con: Any, folder: Path) -> list[tuple[str, int, str]]:
        """Write `<name>.parquet` per overlay; returns (name, rows, content) for the fingerprint."""
        sums = []
        for name, query in self.knowledge.items():
            path = quoted(folder / f"{name}.parquet")
            con.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION snappy)")
            columns = ", '|', ".join(DX_FACTS)
            rows, content = con.execute(
                f"SELECT count(*), coalesce(sum(md5_number_lower(concat({columns}))), 0) FROM read_parquet('{path}')"
            ).fetchall()[0]
            sums.append((name, int(rows), str(int(content))))
        return sums


def open_batch(con: Any, source: str, mapping: str | Path | None) -> Batch:
    """Open a folder or database in the national layout, or through a mapping. DataError when a required table is not there."""
    layout = load(mapping) if mapping is not None else {}
    if not layout.get("files"):
        found = _open(con, source, set(NATIONAL_TABLES), {})
        read.refuse_missing(set(found), source)
        return Batch(found, close=lambda: _close(found))
    files = {str(alias): str(name).lower() for alias, name in layout["files"].items()}
    found = _open(con, source, set(files.values()), {name: alias for alias, name in files.items()})
    if missing := sorted(set(files.values()) - set(found)):
        raise DataError(f"{source}: {', '.join(missing)}, which the mapping {mapping} reads, is missing.")
    for alias, name in files.items():
        _make_readable(con, alias, found[name])
    _close(found)
    where = f"mapping {mapping}"
    sources = {}
    for name, said in layout["tables"].items():
        query = _query(con, said, f"{where}, {name}")
        con.execute(f"CREATE OR REPLACE TEMP VIEW mapped_{name} AS {query}")
        columns = [(r[0], r[1]) for r in con.execute(f"DESCRIBE mapped_{name}").fetchall()]
        rows = con.execute(f"SELECT count(*) FROM mapped_{name}").fetchall()[0][0]
        read_from = [found[n] for a, n in files.items() if re.search(rf"\b{re.escape(a)}\b", str(said["from"]))] or list(found.values())
        sources[name] = Source(name, f"mapped_{name}", columns, ", ".join(f.file for f in read_from), read_from[0].sha256, rows)
    knowledge = {name: _query(con, said, f"{where}, {name}") for name, said in layout.get("knowledge", {}).items()}
    read.refuse_missing(set(sources), where)
    return Batch(sources, knowledge)


def load(mapping: str | Path) -> dict[str, Any]:
    """A mapping by its shipped name or its path; DataError names the fault."""
    path = SHIPPED / f"{mapping}.yaml" if (SHIPPED / f"{mapping}.yaml").is_file() else Path(mapping)
    if not path.is_file():
        raise DataError(
            f"mapping {mapping}: no such file, and none of the shipped ones ({', '.join(sorted(p.stem for p in SHIPPED.glob('*.yaml')))})."
        )
    try:
        layout = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # all text: `no` is a column name here, not a truth value
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise DataError(f"{path.name}: this mapping is not readable YAML ({str(fault).splitlines()[0]}).") from fault
    if not isinstance(layout, dict) or not isinstance(layout.get("tables", {}), dict):
        raise DataError(f"{path.name}: a mapping holds `files:` and `tables:`.")
    for section, known in (("tables", set(NATIONAL_TABLES)), ("knowledge", {"dx_facts"})):
        for name, said in layout.get(section, {}).items():
            if name not in known:
                raise DataError(f"{path.name}: {section}: {name} is unknown; known are {', '.join(sorted(known))}.")
            if strange := set(said) - TABLE_KEYS:
                raise DataError(
                    f"{path.name}: {name}: unknown key {', '.join(sorted(strange))}; known are {', '.join(sorted(TABLE_KEYS))}."
                )
    return layout


def _open(con: Any, source: str, wanted: set[str], alias: dict[str, str]) -> dict[str, Source]:
    if is_database(source):
        return open_database(con, source, wanted)
    files = {stem: path for stem, path in read.find_files(Path(source)).items() if stem in wanted}
    if not alias:
        read.refuse_missing(set(files), source)
    return {stem: read.open_file(con, stem, path, foreign=bool(alias)) for stem, path in files.items()}


def _close(found: dict[str, Source]) -> None:
    for source in found.values():
        source.close()


def _make_readable(con: Any, alias: str, source: Source) -> None:
    """A view (or, for a stream, a table) under the alias, so that several tables may be drawn from one file."""
    source.open(con)
    columns = ", ".join(f'"{source.renamed.get(name, name)}" AS "{name.strip().lstrip(chr(0xFEFF))}"' for name, _ in source.columns)
    kind = "TABLE" if source.once else "VIEW"
    try:
        con.execute(f'CREATE OR REPLACE TEMP {kind} "{alias}" AS SELECT {columns} FROM {source.relation}')
    except Exception as fault:
        raise DataError(f"{source.file}: the file cannot be read to its end ({str(fault).splitlines()[0][:160]}).") from fault


def _query(con: Any, said: dict[str, Any], where: str) -> str:
    """SELECT of one mapped table; DataError when SQL of the mapping does not fit the files."""
    base = str(said["from"])
    if unpivot := said.get("unpivot"):
        listed = ", ".join(f"struct_pack(position := {i}, value := CAST({c} AS VARCHAR))" for i, c in enumerate(unpivot, 1))
        spread = f"(SELECT *, unnest([{listed}]) AS spread FROM {base})"
        base = f"(SELECT * EXCLUDE (spread), spread.position, spread.value FROM {spread} WHERE spread.value IS NOT NULL) unpivoted"
    chosen = []
    for column, expression in {**said.get("columns", {}), **{new: f'"{old}"' for old, new in said.get("rename", {}).items()}}.items():
        sql = f"({expression})"
        if values := said.get("values", {}).get(column):
            cases = " ".join(f"WHEN '{quoted(a)}' THEN '{quoted(b)}'" for a, b in values.items())
            sql = f"CASE CAST({sql} AS VARCHAR) {cases} ELSE CAST({sql} AS VARCHAR) END"
        if factor := said.get("units", {}).get(column):
            # What is no number stays as it stands, so that its row is quarantined with the reason.
            sql = f"coalesce(CAST(try_cast({sql} AS DECIMAL(24,6)) * CAST('{factor}' AS DECIMAL(12,6)) AS VARCHAR), CAST({sql} AS VARCHAR))"
        chosen.append(f'{sql} AS "{column}"')
    query = f"SELECT {', '.join(chosen) or '*'} FROM {base}" + (f" WHERE {said['where']}" if "where" in said else "")
    try:
        con.execute(f"DESCRIBE {query}").fetchall()
    except Exception as fault:
        raise DataError(f"{where}: its SQL does not fit the files ({str(fault).splitlines()[0][:200]}).") from fault
    return query
