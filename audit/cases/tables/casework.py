"""What people make of a case: decisions, votes, what goes to and comes from the hospital, the money, and the last word."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from audit.cases.tables.columns import BigKey, Moment, fen, key, metadata, of

decisions = Table(
    "decisions",
    metadata,
    key(),
    of("cases", "case_id", nullable=False, index=True),
    of("findings", "finding_id", nullable=False, index=True),
    Column("step", String(16), nullable=False),
    of("people", "person_id", nullable=False),
    Column("outcome", String(16), nullable=False),
    fen("amt"),
    Column("reason", Text, nullable=False, default=""),
    Column("at", Moment, nullable=False),
)
votes = Table(  # of the panel (合议)
    "votes",
    metadata,
    key(),
    of("cases", "case_id", nullable=False, index=True),
    of("people", "person_id", nullable=False),
    Column("outcome", String(16), nullable=False),  # uphold | reduce | overturn
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("case_id", "person_id"),
)
notices = Table(
    "notices",
    metadata,
    key(),
    of("cases", "case_id", nullable=False, index=True),
    Column("kind", String(16), nullable=False),  # first_review | re_review | final | withdrawn
    Column("sent_at", Moment, nullable=False),
    Column("due_on", Date),
    Column("read_at", Moment),
)
appeals = Table(
    "appeals",
    metadata,
    key(),
    of("cases", "case_id", nullable=False, index=True),
    Column("round", Integer, nullable=False),
    of("people", "person_id", nullable=False),
    Column("statement", Text, nullable=False),
    Column("findings", Text, nullable=False, default="[]"),  # ids of the contested ones
    Column("at", Moment, nullable=False),
    UniqueConstraint("case_id", "round"),
)
files = Table(
    "files",
    metadata,
    key(),
    of("cases", "case_id", nullable=False, index=True),
    of("appeals", "appeal_id"),
    Column("name", String(255), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    of("people", "person_id", nullable=False),
    Column("at", Moment, nullable=False),
)
comments = Table(
    "comments",
    metadata,
    key(),
    of("cases", "case_id", nullable=False, index=True),
    of("people", "person_id", nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
ledger = Table(  # append-only: proposed -> confirmed -> appealed -> recovered, or released
    "ledger",
    metadata,
    key(),
    of("cases", "case_id", nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("amt", BigInteger, nullable=False),
    Column("reference", String(128), nullable=False, default=""),
    of("people", "person_id"),
    Column("at", Moment, nullable=False),
)
labels = Table(  # truth for training and scorecards: only after the last word
    "labels",
    metadata,
    Column("case_id", BigKey, ForeignKey("cases.id"), primary_key=True),
    Column("setl_id", String(64), nullable=False, unique=True),
    Column("violation", Boolean, nullable=False),
    fen("amt"),
    Column("final_step", String(16), nullable=False),
    Column("at", Moment, nullable=False),
)
