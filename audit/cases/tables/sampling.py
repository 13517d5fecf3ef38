"""Samples of an institution's claims, drawn to estimate what was overpaid."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text, UniqueConstraint

from audit.cases.tables.columns import Moment, fen, key, metadata, of

samples = Table(
    "samples",
    metadata,
    key(),
    Column("name", Text, nullable=False),
    Column("fixmedins_code", String(50), nullable=False),
    Column("area", String(12), nullable=False, default=""),
    Column("plan", Text, nullable=False),  # frame, strata, sizes, seed
    Column("result", Text),
    of("people", "person_id", nullable=False),
    Column("at", Moment, nullable=False),
    Column("closed_at", Moment),
)
sample_claims = Table(
    "sample_claims",
    metadata,
    key(),
    of("samples", "sample_id", nullable=False, index=True),
    Column("setl_id", String(64), nullable=False),
    Column("stratum", Integer, nullable=False),
    fen("paid"),
    Column("overpaid", BigInteger),
    Column("note", Text, nullable=False, default=""),
    of("people", "person_id"),
    Column("at", Moment),
    UniqueConstraint("sample_id", "setl_id"),
)
