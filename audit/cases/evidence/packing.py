"""The signed package: every file of a case, a manifest with their SHA-256, and the manifest's signature."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from os.path import splitext
from pathlib import Path
from typing import Any

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.cases.evidence.keys import fingerprint, public_pem
from audit.cases.evidence.labels import README, SECTIONS
from audit.cases.evidence.paper import pdf
from audit.cases.evidence.said import is_money, label, said_all
from audit.cases.exports import export

FORMAT = "yibao-audit evidence 1"
MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.sig", "public_key.pem"
_DATE = (1980, 1, 1, 0, 0, 0)  # a zip's first day: the clock stays out of the bytes
_READABLE = 0o100644 << 16  # a plain file that everybody may read
_UNSAFE = '/\\:*?"<>|'
_LONGEST_NAME, _LONGEST_ENDING = 50, 20


def package(case: Mapping[str, Any], made: datetime, language: str, key: Ed25519PrivateKey, font: Path | None = None) -> bytes:
    """The zip of a case (its shape: audit.cases.evidence). The same case, `made` (zoned) and key give the same bytes."""
    if unknown := sorted(set(case) - set(SECTIONS)):
        raise ValueError(f"a case has no section {', '.join(unknown)}")
    if made.tzinfo is None:
        raise ValueError("`made` needs its zone")
    attached = {
        f"attachments/{number:03}_{_file_name(one['name'])}": one for number, one in enumerate(case.get("attachments", ()), start=1)
    }
    listed = [
        {
            **{name: value for name, value in one.items() if name != "content"},
            "bytes": len(one["content"]),
            "sha256": _sha256(one["content"]),
        }
        for one in attached.values()
    ]
    told = {**case, "attachments": listed}
    filed = {**case, "attachments": [{**one, "file": file} for one, file in zip(listed, attached, strict=True)]}
    name = fingerprint(key.public_key())
    files = {
        "README.txt": README.format(key=name).encode(),
        "case.json": _json(filed, indent=1),
        "case.pdf": pdf(told, made, language, font),
        "lines.csv": _lines(case.get("lines", ()), language),
        "journal.jsonl": b"".join(_json(entry) for entry in case.get("journal", ())),
        PUBLIC_KEY: public_pem(key.public_key()),
        **{file: one["content"] for file, one in attached.items()},
    }
    manifest = _json(
        {
            "format": FORMAT,
            "case_id": case["case"]["case_id"],
            "made": made,
            "key": name,
            "files": {file: {"bytes": len(content), "sha256": _sha256(content)} for file, content in files.items()},
        },
        indent=1,
    )
    return _zip({**files, MANIFEST: manifest, SIGNATURE: key.sign(manifest)})


def _zip(files: Mapping[str, bytes]) -> bytes:
    """Files are stored, not packed: the bytes do not hang on a packer's version, and nothing can swell when it is read."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as box:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.external_attr, entry.create_system = _READABLE, 3
            box.writestr(entry, content)
    return out.getvalue()


def _lines(lines: Sequence[Mapping[str, Any]], language: str) -> bytes:
    """All columns of the billed lines for a spreadsheet: money as numbers of yuan, everything else in words."""
    columns = list(dict.fromkeys(column for line in lines for column in line))
    values = {column: [line.get(column) for line in lines] for column in columns}
    told = [
        pl.Series(column, values[column], pl.Int64)
        if is_money(column)
        else pl.Series(column, said_all(column, values[column], language), pl.String)
        for column in columns
    ]
    unit = "，元" if language == "zh" else ", yuan"
    titles = {column: f"{label(column, language)} ({column}{unit if is_money(column) else ''})" for column in columns}
    return export(pl.DataFrame(told), titles, "csv", [column for column in columns if is_money(column)])


def _json(value: object, indent: int | None = None) -> bytes:
    """JSON by which the same value gives the same bytes."""

    def plain(other: object) -> str:
        if isinstance(other, date):  # a datetime is a date too
            return other.isoformat()
        raise TypeError(f"{type(other).__name__} is no plain value")

    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=indent, default=plain) + "\n").encode()


def _file_name(name: str) -> str:
    """A person's file name as one that every system can write, its ending kept."""
    clean = "".join(letter if letter.isprintable() and letter not in _UNSAFE else "_" for letter in name).strip(" .")
    stem, ending = splitext(clean)
    return f"{stem[:_LONGEST_NAME]}{ending[:_LONGEST_ENDING]}" or "file"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
