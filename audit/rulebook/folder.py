"""Changing a rules folder whole or not at all, while nights copy it.

A change is laid out complete in `.publish/` inside the folder. The moment its list is renamed into place the change has happened: whoever
comes next (the same process, a night, the desk's start) carries the files over, however often that is cut off. Before that moment
nothing has happened, and what lies there is swept away.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from audit.errors import Fault, RuleError

SIDE = ".publish"
_NEW, _LIST = "new", "list.json"
NOT_RULES = (SIDE, ".import", ".git", "__pycache__")  # never copied, packed or compared


@contextmanager
def still(rules: Path) -> Iterator[None]:
    """Nobody changes the folder while the block reads it; a change that was cut off is carried over first."""
    with _held(rules, fcntl.LOCK_SH) as handle:
        if (rules / SIDE / _LIST).exists():
            fcntl.flock(handle, fcntl.LOCK_EX)
            carry(rules)
            fcntl.flock(handle, fcntl.LOCK_SH)
        yield


@contextmanager
def alone(rules: Path) -> Iterator[None]:
    """Nobody else reads or changes the folder; a change that was cut off is carried over first."""
    with _held(rules, fcntl.LOCK_EX):
        carry(rules)
        yield


@contextmanager
def _held(rules: Path, how: int) -> Iterator[int]:
    handle = os.open(rules, os.O_RDONLY)
    try:
        fcntl.flock(handle, how)  # goes with the process, however it ends
        yield handle
    finally:
        os.close(handle)


def files(rules: Path) -> dict[str, bytes]:
    """Everything in the folder, by name relative to it, sorted."""
    found = (path for path in sorted(rules.rglob("*")) if path.is_file())
    names = {path.relative_to(rules).as_posix(): path for path in found}
    return {name: path.read_bytes() for name, path in names.items() if not set(NOT_RULES) & set(Path(name).parts)}


def state(content: Mapping[str, bytes]) -> str:
    """One figure for what stands in a folder."""
    digest = hashlib.sha256()
    for name, data in sorted(content.items()):
        digest.update(f"{name} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def write(rules: Path, content: Mapping[str, bytes]) -> None:
    """Write files into a folder that nobody reads yet."""
    for name, data in content.items():
        path = rules / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def replace(rules: Path, put: Mapping[str, bytes], gone: tuple[str, ...]) -> None:
    """Put files there and take others away, all or none. Call it within `alone`."""
    side = rules / SIDE
    shutil.rmtree(side, ignore_errors=True)
    write(side / _NEW, put)
    draft = side / f"{_LIST}.draft"
    draft.write_text(json.dumps({"put": list(put), "gone": list(gone)}, ensure_ascii=False), encoding="utf-8")
    for path in sorted(side.rglob("*")):
        _to_disk(path)
    draft.rename(side / _LIST)  # from here on it has happened
    _to_disk(side)
    carry(rules)


def carry(rules: Path) -> None:
    """Carry a change over that has happened, sweep away one that has not. RuleError where the folder cannot be written."""
    side = rules / SIDE
    try:
        if (side / _LIST).exists():
            told = json.loads((side / _LIST).read_text(encoding="utf-8"))
            for name in told["put"]:
                (rules / name).parent.mkdir(parents=True, exist_ok=True)
                if (side / _NEW / name).exists():  # else an earlier turn has carried it
                    os.replace(side / _NEW / name, rules / name)
            for name in told["gone"]:
                (rules / name).unlink(missing_ok=True)
            for folder in {(rules / name).parent for name in (*told["put"], *told["gone"])}:
                _to_disk(folder)
            (side / _LIST).unlink()
        shutil.rmtree(side, ignore_errors=True)
    except PermissionError as fault:
        zh = f"有一次发布中断，须补完，但无法写入 {fault.filename}。请启动工作台，或以有写权限的用户运行。"
        en = (
            f"a publication was cut off and must be carried over, but {fault.filename} cannot be written. "
            "Start the desk, or run this as somebody who may write there."
        )
        raise RuleError(Fault(zh, en, rules)) from fault


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
