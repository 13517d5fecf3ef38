"""Every act, chained by hashes: append-only."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from audit.cases.tables.columns import BigKey, Moment, metadata

journal = Table(
    "journal",
    metadata,
    Column("seq", BigKey, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("login", String(64), nullable=False),  # "" is the engine itself
    Column("role", String(16), nullable=False),
    Column("action", String(48), nullable=False),
    Column("case_id", BigKey, index=True),
    Column("subject", String(128), nullable=False, default=""),
    Column("details", Text, nullable=False, default="{}"),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
journal_head = Table(  # one row: locked while the chain grows
    "journal_head",
    metadata,
    Column("only", Integer, primary_key=True),
    Column("seq", BigKey, nullable=False),
    Column("hash", String(64), nullable=False),
)
