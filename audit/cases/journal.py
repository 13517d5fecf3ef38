"""The journal: every action of every person, append-only, each entry sealed with the hash of the one before.

An entry's hash is SHA-256 over its fields as canonical JSON, the previous hash among them. Whoever changes, drops or inserts an
entry breaks the chain at that place; `verify` names it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from audit.cases.tables import journal, journal_head
from audit.errors import Said

START = "0" * 64
FIELDS = ("seq", "at", "login", "role", "action", "case_id", "subject", "details", "previous")


def sealed(entry: dict[str, Any]) -> str:
    """The hash of an entry: `FIELDS` as JSON with sorted keys, times as ISO text in UTC with microseconds."""
    plain = {name: entry[name] for name in FIELDS}
    plain["at"] = entry["at"].isoformat(timespec="microseconds") if isinstance(entry["at"], datetime) else entry["at"]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def append(con: Connection, entries: Iterable[dict[str, Any]]) -> None:
    """Add entries (at, login, role, action, case_id, subject, details as JSON text) at the end of the chain.

    The head's row is locked until the transaction ends, so that two writers cannot both follow the same entry.
    """
    rows, head = [], con.execute(select(journal_head).with_for_update()).one()
    seq, previous = head.seq, head.hash
    for entry in entries:
        seq += 1
        row = {**entry, "seq": seq, "previous": previous}
        previous = row["hash"] = sealed(row)
        rows.append(row)
    if rows:
        con.execute(insert(journal), rows)
        con.execute(update(journal_head).values(seq=seq, hash=previous))


def hold(con: Connection) -> None:
    """Wait until no other change is under way, and keep others waiting until this one ends."""
    con.execute(select(journal_head).with_for_update())


def verify(con: Connection) -> tuple[int, Said | None]:
    """Walk the whole chain. Returns how many entries hold, and None, or a sentence about the first that does not."""
    previous, count = START, 0
    for entry in con.execution_options(yield_per=1000).execute(select(journal).order_by(journal.c.seq)):
        row = entry._asdict()
        if row["seq"] != count + 1:
            en = f"Entry {count + 1} is missing: the next one kept is number {row['seq']}."
            return count, Said(f"缺少第 {count + 1} 条：其后留存的是第 {row['seq']} 条。", en)
        if row["previous"] != previous:
            en = f"Entry {row['seq']} does not follow entry {count}: one of them was changed or replaced."
            return count, Said(f"第 {row['seq']} 条与第 {count} 条不相接：其中一条被改动或替换。", en)
        if sealed(row) != row["hash"]:
            zh = f"第 {row['seq']} 条（{row['login'] or '引擎'} 的 {row['action']}）写入后被改动。"
            en = f"Entry {row['seq']} ({row['action']} by {row['login'] or 'the engine'}) was changed after it was written."
            return count, Said(zh, en)
        previous, count = row["hash"], count + 1
    head = con.execute(select(journal_head)).one()
    if (head.seq, head.hash) != (count, previous):
        en = f"The journal ends at entry {count}, but {head.seq} were written: entries at its end are missing."
        return count, Said(f"日志止于第 {count} 条，而写入过 {head.seq} 条：末尾有缺失。", en)
    return count, None


def head(con: Connection) -> str:
    """The chain's end, `seq:hash`: who writes it down elsewhere can tell later whether anything up to it was rewritten."""
    last = con.execute(select(journal_head)).one()
    return f"{last.seq}:{last.hash}"
