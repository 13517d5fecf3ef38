"""Where the tables of a batch lie: files of a folder, found by name, each opened so that DuckDB can scan it."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet

from audit.errors import DataError
from audit.intake import csv_files
from audit.intake.stage import ALIASES, Source, fold
from audit.tables import NATIONAL_TABLES

ENDINGS = (".parquet", ".csv", ".csv.gz")


def find_files(folder: Path) -> dict[str, Path]:
    """Lower-case stem -> file for every data file of the folder; DataError for no folder or two files of one name."""
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder. Name the folder that holds the batch's tables.")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        name = path.name.lower()
        ending = next((e for e in reversed(ENDINGS) if name.endswith(e)), None)
        if ending is None or not path.is_file() or name.startswith("."):
            continue
        stem = name.removesuffix(ending)
        if stem in found:
            raise DataError(f"{folder}: {found[stem].name} and {path.name} are two files for one table. Keep one of them.")
        found[stem] = path
    return found


def refuse_missing(there: set[str], where: str) -> None:
    """DataError when a required national table is not among `there`."""
    missing = [t.name for t in NATIONAL_TABLES.values() if not t.optional and t.name not in there]
    if missing:
        raise DataError(
            f"{where}: required table {', '.join(missing)} is missing (expected as .parquet, .csv or .csv.gz, or named by a mapping file)."
        )


def open_file(con: Any, name: str, path: Path, foreign: bool = False) -> Source:
    """One file as a Source; of Parquet only the footer is read, a CSV is proven to be of one encoding.

    `foreign`: not in the national layout, so that all columns are kept. DataError when the file is not whole.
    """
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if path.name.lower().endswith(".parquet"):
        return _parquet(con, name, path, digest)
    return _csv(name, path, digest, foreign)


def _parquet(con: Any, name: str, path: Path, digest: str) -> Source:
    try:
        with parquet.ParquetFile(path) as footer:
            names, rows = footer.schema_arrow.names, footer.metadata.num_rows
        fold(names, path.name)
        escaped = "".join(f"[{c}]" if c in "[]*?" else c for c in str(path.resolve())).replace("'", "''")
        relation = f"read_parquet('{escaped}', binary_as_string = true, hive_partitioning = false)"
        columns = [(r[0], r[1]) for r in con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()]
    except DataError:
        raise
    except Exception as fault:
        raise DataError(f"{path.name}: this is not a whole Parquet file ({str(fault).splitlines()[0][:120]}). Deliver it again.") from fault
    return Source(name, relation, columns, path.name, digest, rows)


def _csv(name: str, path: Path, digest: str, foreign: bool) -> Source:
    encoding = csv_files.find_encoding(path)
    known = set() if foreign else {c.name for c in NATIONAL_TABLES[name].columns} | set(ALIASES)
    header, skip = csv_files.read_header(path, encoding, known)
    lines, paired = csv_files.survey(path)
    if not paired:
        csv_files.refuse_open_quote(path, encoding)
    folded = fold(header, path.name)
    wanted = [i for i, label in enumerate(folded) if foreign or label in known]
    key = NATIONAL_TABLES[name].key if name in NATIONAL_TABLES else None
    key_at = folded.index(key) if key in folded else (folded.index("feedetl_sn") if key == "bkkp_sn" and "feedetl_sn" in folded else 0)
    source = Source(name, f"given_{name}", [(label, "VARCHAR") for label in header], path.name, digest, max(lines - skip, 0))
    source.renamed = {header[i]: f"c{i}" for i in wanted}

    def ragged(text: str) -> None:
        cells = next(csv.reader([text.replace("\r", " ").replace("\n", " ")]), [])
        source.ragged.append((cells[key_at].strip() if len(cells) > key_at else "", text))

    def opened(connection: Any) -> None:
        connection.register(source.relation, csv_files.stream(path, encoding, header, skip, wanted, ragged))

    source.open, source.once = opened, True
    return source
