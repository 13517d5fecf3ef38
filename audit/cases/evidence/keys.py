"""The desk's signing key (Ed25519): made once, readable for its owner only."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.errors import AuditError, Fault

NAME = "signing_key.pem"
_OTHERS = 0o077  # what the group and everybody else may do


def signing_key(folder: Path) -> Ed25519PrivateKey:
    """The key of `folder`, made there on the first call (two workers may at once). AuditError when others can read it or it is no key."""
    file = folder / NAME
    if not file.exists():
        _make(file)
    if file.stat().st_mode & _OTHERS:
        en = "others on this machine can read the signing key; chmod 600 it, and if they may have, make a new one."
        raise AuditError(Fault("本机其他用户可以读取签名密钥；请 chmod 600，如可能已被读取，请换新密钥。", en, file))
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as broken:
        en = f"this is no signing key ({broken}); restore it, or remove it and a new one is made."
        raise AuditError(Fault(f"不是签名密钥（{broken}）；请恢复它，或删去后自动生成新的。", en, file)) from broken
    if not isinstance(key, Ed25519PrivateKey):
        raise AuditError(
            Fault("不是 Ed25519 密钥；请删去，会自动生成新的。", "the key is not an Ed25519 key; remove it and a new one is made.", file)
        )
    return key


def public_pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def fingerprint(key: Ed25519PublicKey) -> str:
    """The key's short name, in groups of four: SHA-256 of its DER form, as openssl and sha256sum give it too."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = hashlib.sha256(der).hexdigest()
    return " ".join(digest[place : place + 4] for place in range(0, len(digest), 4))


def _make(file: Path) -> None:
    """Write a new key whole and give it its name; whoever comes second keeps the first one's."""
    file.parent.mkdir(parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = file.with_name(f".{NAME}.{secrets.token_hex(8)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(pem)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
