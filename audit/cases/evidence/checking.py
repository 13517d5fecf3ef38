"""Is a package whole, and who signed it? Nothing is unpacked; what could harm the reader is refused."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from audit.cases.evidence.keys import fingerprint
from audit.cases.evidence.packing import FORMAT, MANIFEST, PUBLIC_KEY, SIGNATURE
from audit.cases.refused import Unfit

MOST_FILES = 2_000
_MOST_BYTES = {MANIFEST: 4 << 20, SIGNATURE: 64, PUBLIC_KEY: 4 << 10}  # the three that are read whole
_STEP = 1 << 20
_KIND, _PLAIN = 0o170000, 0o100000  # what a zip says a file is; a link may lead anywhere

Said = dict[str, str]  # language (zh, en) -> sentence


@dataclass(frozen=True)
class Verdict:
    """`key`: fingerprint of the key that signed, None when no signature holds. `sentences`: what to tell, in both languages."""

    whole: bool
    key: str | None
    sentences: tuple[Said, ...]


def verify(path: Path, public_key: bytes | None = None) -> Verdict:
    """Look through the package at `path`. `public_key`: PEM of the bureau's key, had from elsewhere; without it the key in the package is
    used, which proves the package whole but not whose it is, and the sentence says so."""
    try:
        with zipfile.ZipFile(path) as box:
            entries = _entries(box, path.stat().st_size)
            manifest_bytes, signature, inside = (_small(box, entries, name) for name in (MANIFEST, SIGNATURE, PUBLIC_KEY))
            key = _key(inside if public_key is None else public_key)
            try:
                key.verify(signature, manifest_bytes)
            except InvalidSignature:
                raise Unfit(
                    f"签名与清单不符：清单被改动，或不是由密钥 {fingerprint(key)} 签署。",
                    f"The signature does not fit the manifest: it was changed, or it was not signed by key {fingerprint(key)}.",
                ) from None
            manifest = _manifest(manifest_bytes)
            faults = tuple(_differences(box, entries, manifest["files"]))
    except Unfit as refused:
        return Verdict(False, None, (refused.said,))
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, ValueError) as broken:
        said = {"zh": f"{path}：不是完整的证据压缩包（{broken}）。", "en": f"{path} is not a whole evidence package ({broken})."}
        return Verdict(False, None, (said,))
    name = fingerprint(key)
    return Verdict(not faults, name, faults or _good(manifest, name, public_key is not None))


def _good(manifest: Mapping[str, Any], name: str, known: bool) -> tuple[Said, ...]:
    count = len(manifest["files"])
    whole = {
        "zh": f"案件 {manifest.get('case_id')}：{count}个文件全部完整，由密钥 {name} 签署。",
        "en": f"Case {manifest.get('case_id')}: all {count} files are whole and signed by key {name}.",
    }
    if known:
        return (whole,)
    return (
        whole,
        {
            "zh": "核验所用公钥取自压缩包本身；请将上述密钥指纹与医保部门公布的指纹核对。",
            "en": "The public key was taken from the package itself; compare its fingerprint with the one that the bureau has published.",
        },
    )


def _entries(box: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """The files of the zip by name; refused when one could harm: swell, leave its folder, or hide another."""
    entries: dict[str, zipfile.ZipInfo] = {}
    listed = box.infolist()
    if len(listed) > MOST_FILES:
        raise Unfit(
            f"压缩包含{len(listed)}个文件，超过{MOST_FILES}个，不予核验。",
            f"The zip has {len(listed)} files, more than {MOST_FILES}; it is not read.",
        )
    for entry in listed:
        parts = entry.filename.split("/")
        kind = entry.external_attr >> 16 & _KIND
        if not entry.filename.isprintable() or set("\\:") & set(entry.filename) or {"", ".", ".."} & set(parts) or kind not in (0, _PLAIN):
            raise Unfit(
                f"文件名“{entry.filename!r}”可能指向文件夹之外，不予核验。",
                f"The name {entry.filename!r} could lead out of its folder; the zip is not read.",
            )
        if entry.filename in entries:
            raise Unfit(f"文件“{entry.filename}”出现两次，不予核验。", f"The file '{entry.filename}' is there twice; the zip is not read.")
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
            raise Unfit(
                f"文件“{entry.filename}”经过压缩或加密，证据包从不如此，不予核验。",
                f"The file '{entry.filename}' is packed or encrypted, which an evidence package never is; the zip is not read.",
            )
        entries[entry.filename] = entry
    if sum(entry.file_size for entry in listed) > size:
        raise Unfit("压缩包内文件相互重叠，不予核验。", "The files of the zip overlap; it is not read.")
    return entries


def _small(box: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], name: str) -> bytes:
    if name not in entries:
        raise Unfit(f"缺少 {name}，不是证据压缩包。", f"{name} is missing; this is no evidence package.")
    if entries[name].file_size > _MOST_BYTES[name]:
        raise Unfit(f"{name} 过大，不予核验。", f"{name} is too large; the zip is not read.")
    return box.read(entries[name])


def _key(pem: bytes) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise Unfit("公钥不是Ed25519密钥（PEM格式）。", "The public key is not an Ed25519 key in PEM form.")
    return key


def _manifest(content: bytes) -> dict[str, Any]:
    """The manifest, if it has the form that `package` gives it."""
    read = json.loads(content)
    manifest = read if isinstance(read, dict) and read.get("format") == FORMAT else {}
    files = manifest.get("files")
    if (
        not isinstance(files, dict)
        or not all(isinstance(one, dict) for one in files.values())
        or not all(name.isprintable() for name in (str(manifest.get("case_id")), *files))  # they stand in sentences
    ):
        raise Unfit(
            f"清单格式不是“{FORMAT}”，请用相应版本核验。",
            f"The manifest is not of the form '{FORMAT}'; verify it with the version that made it.",
        )
    return manifest


def _differences(box: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], files: Mapping[str, Mapping[str, Any]]) -> list[Said]:
    """A sentence for each file that is changed, missing, or not in the signed list."""
    found = []
    for name in sorted(set(files) | (set(entries) - {MANIFEST, SIGNATURE})):
        if name not in entries:
            found.append({"zh": f"文件“{name}”缺失。", "en": f"The file '{name}' is missing."})
        elif name not in files:
            found.append({"zh": f"文件“{name}”不在签名清单中。", "en": f"The file '{name}' is not in the signed list."})
        elif not (digest := _sha256(box, entries[name])) or digest != files[name].get("sha256"):
            found.append({"zh": f"文件“{name}”与签名时不同。", "en": f"The file '{name}' differs from the one that was signed."})
    return found


def _sha256(box: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str | None:
    """The file's hash, read in steps; None where its bytes do not even fit the zip's own check sum."""
    digest = hashlib.sha256()
    try:
        with box.open(entry) as content:
            while piece := content.read(_STEP):
                digest.update(piece)
    except zipfile.BadZipFile:
        return None
    return digest.hexdigest()
