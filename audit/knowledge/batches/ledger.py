"""The record of imports in rules/tables: imports.jsonl, one line each, and imports/NNNN.json, which takes that import back.

An import or its undoing is made whole in a folder beside the tables and then changes places with them; a crash between the two
renames is mended by the next command.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from audit.errors import DataError, Fault

_LIST, _PATCHES, _SIDE = "imports.jsonl", "imports", ".import"


def imports(rules: Path) -> list[dict[str, Any]]:
    """Every import that was recorded and not undone, the oldest first."""
    path = rules / "tables" / _LIST
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def state(rules: Path) -> str:
    """One figure for what stands in the tables."""
    return _sha(b"".join(path.read_bytes() for path in sorted((rules / "tables").rglob("*.*"))))


def record(before: Path, draft: Path, entry: dict[str, Any]) -> None:
    """Write down in `draft` what this import did to the tables `before`, so that it can be read, reviewed and taken back."""
    known = imports(before.parent)
    number = len(known) + 1
    patch = {}
    for path in sorted(draft.glob("*/*.csv")):
        name = path.relative_to(draft).as_posix()
        old, new = before / name, path.read_bytes()
        if not old.exists() or old.read_bytes() != new:
            was = old.read_bytes() if old.exists() else None
            patch[name] = {"was": was and _sha(was), "is": _sha(new), "back": _hunks(new, was) if was is not None else []}
    lines = [*known, {"number": number, **entry}]
    (draft / _LIST).write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    (draft / _PATCHES).mkdir(exist_ok=True)
    (draft / _PATCHES / f"{number:04d}.json").write_text(_told(patch), encoding="utf-8")


def take_back(draft: Path) -> dict[str, Any]:
    """Undo the last import in `draft`, byte for byte. Raises DataError where a table was edited since."""
    known = imports(draft.parent)
    if not known:
        en = "No import is recorded that could be undone. `git log rules/tables` shows what was done by hand."
        raise DataError(Fault("没有可撤销的导入记录。手工改动见 `git log rules/tables`。", en))
    last = known.pop()
    place = draft / _PATCHES / f"{last['number']:04d}.json"
    patch = json.loads(place.read_text(encoding="utf-8"))
    edited = [n for n, told in patch.items() if not (draft / n).exists() or _sha((draft / n).read_bytes()) != told["is"]]
    if edited:
        listed, number = ", ".join(edited), last["number"]
        zh = (
            f"{listed}：在第 {number} 次导入之后被编辑过，撤销会丢失编辑。"
            "请先撤回编辑（见 `git diff rules/tables`），再撤销导入，然后重新编辑。"
        )
        en = (
            f"{listed}: edited since import {number}, so that undoing it would lose the edit. Take the edit back first "
            "(`git diff rules/tables` shows it), then undo, then edit again."
        )
        raise DataError(Fault(zh, en))
    for name, told in patch.items():
        if told["was"] is None:
            (draft / name).unlink()
            continue
        old = _restored((draft / name).read_bytes(), told["back"])
        if _sha(old) != told["was"]:
            en = f"{place.name}: does not lead back to {name} as it was. Restore it from git."
            raise DataError(Fault(f"{place.name}：不能还原出原来的 {name}。请从 git 恢复。", en))
        (draft / name).write_bytes(old)
    place.unlink()
    if not any(place.parent.iterdir()):
        place.parent.rmdir()
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in known)
    (draft / _LIST).write_text(text, encoding="utf-8") if known else (draft / _LIST).unlink()
    return last


@contextmanager
def alone(rules: Path) -> Iterator[Path]:
    """A folder beside the tables that nobody else writes meanwhile; leftovers of a command that was killed are mended first."""
    handle = os.open(rules, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            en = "another import is being written. Wait for it to end."
            raise DataError(Fault("另一次导入正在写入，请等它结束。", en, rules)) from None
        side = rules / _SIDE
        if (side / "old").exists() and not (rules / "tables").exists():
            (side / "old").rename(rules / "tables")
        shutil.rmtree(side, ignore_errors=True)
        side.mkdir()
        try:
            yield side
        finally:
            shutil.rmtree(side, ignore_errors=True)
    finally:
        os.close(handle)


def mend(rules: Path) -> None:
    """Put the tables back that a command killed between two renames left aside."""
    if (rules / _SIDE / "old").exists() and not (rules / "tables").exists():
        with alone(rules):
            pass


def swap(rules: Path, side: Path) -> None:
    """side/tables becomes rules/tables."""
    (rules / "tables").rename(side / "old")
    (side / "tables").rename(rules / "tables")


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hunks(new: bytes, old: bytes) -> list[list[Any]]:
    """[line, how many lines to drop there, lines to put there] from `new` back to `old`, in the order of the lines."""
    now, was = new.decode().split("\n"), old.decode().split("\n")
    found = SequenceMatcher(None, now, was, autojunk=False).get_opcodes()
    return [[i, j - i, was[k:m]] for tag, i, j, k, m in found if tag != "equal"]


def _restored(new: bytes, hunks: list[list[Any]]) -> bytes:
    lines = new.decode().split("\n")
    for at, drop, put in reversed(hunks):
        lines[at : at + drop] = put
    return "\n".join(lines).encode()


def _told(patch: dict[str, dict[str, Any]]) -> str:
    """JSON with one hunk per line, so that a reviewer can read it."""
    files = []
    for name, told in patch.items():
        back = ",\n".join("    " + json.dumps(hunk, ensure_ascii=False) for hunk in told["back"])
        files.append(f'  {json.dumps(name)}: {{"was": {json.dumps(told["was"])}, "is": "{told["is"]}", "back": [\n{back}\n  ]}}')
    return "{\n" + ",\n".join(files) + "\n}\n"
