"""Files that people hand in: their kind is what their content says, whatever their name claims."""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

from sqlalchemy import insert

from audit.cases.refused import Refused
from audit.cases.site import Site
from audit.cases.store import Act
from audit.cases.tables import files

MIME = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MAGIC = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}
_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}  # inside a zip, beside [Content_Types].xml
_LONGEST = 120  # characters of a name


@dataclass(frozen=True)
class Upload:
    """A file as it came: the sender's name for it, and its bytes."""

    name: str
    content: bytes


def keep(act: Act, site: Site, case_id: int, upload: Upload, appeal_id: int | None = None) -> int:
    """Keep a file with a case; returns its id. Refused (413, 415) with a sentence when it is too large or of another kind."""
    limits = site.attachments
    if not upload.content:
        raise Refused("文件是空的。", "The file is empty.", 422)
    if len(upload.content) > limits.max_mb * 1024 * 1024:
        raise Refused(f"文件超过{limits.max_mb}MB。", f"The file is larger than {limits.max_mb} MB.", 413)
    kind = kind_of(upload.content)
    if kind not in limits.kinds:
        kinds = "、".join(limits.kinds)
        raise Refused(f"只接受{kinds}文件，且内容须与格式相符。", f"Only {', '.join(limits.kinds)} files are taken, by their content.", 415)
    name = clean(upload.name, kind)
    digest = hashlib.sha256(upload.content).hexdigest()
    row = {"case_id": case_id, "appeal_id": appeal_id, "name": name, "kind": kind, "size": len(upload.content), "sha256": digest}
    made = act.con.execute(insert(files).values(**row, content=upload.content, person_id=act.person.id, at=act.now))
    act.tell("case.attach", case_id, name, kind=kind, size=len(upload.content), sha256=digest)
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def kind_of(content: bytes) -> str:
    """pdf, png, jpg, docx or xlsx; "" for anything else, a document with macros among it."""
    for kind, magic in _MAGIC.items():
        if content.startswith(magic):
            return kind
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ""
    if "[Content_Types].xml" not in parts or any(part.lower().endswith("vbaproject.bin") for part in parts):
        return ""
    return next((kind for kind, part in _PARTS.items() if part in parts), "")


def clean(name: str, kind: str) -> str:
    """The last part of a path, without what a file system or a page could take for something else, ending in its true kind."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    stem = re.sub(r'[<>:"|?*\s]+', " ", plain).strip(" .")
    stem = re.sub(r"\.(pdf|png|jpe?g|docx|xlsx)$", "", stem, flags=re.IGNORECASE)[:_LONGEST].strip(" .")
    return f"{stem or '附件'}.{kind}"
