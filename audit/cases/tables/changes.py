"""Changes of the rules: proposed, approved, published."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, String, Table, Text

from audit.cases.tables.columns import Moment, key, metadata, of

proposals = Table(  # a change that somebody wrote and somebody else must approve
    "proposals",
    metadata,
    key(),
    Column("kind", String(16), nullable=False),  # rule | exemption | knowledge | rollback
    Column("title", Text, nullable=False),
    Column("rule_id", String(16), index=True),
    Column("content", Text, nullable=False),  # the rule's text, or JSON
    Column("attachment", LargeBinary),  # official workbooks, as they came
    Column("reason", Text, nullable=False, default=""),
    Column("based_on", String(64), nullable=False, default=""),  # fingerprint of the rulebook it was written against
    Column("impact", Text),  # figures of the backtest
    Column("status", String(16), nullable=False, default="draft"),  # draft | submitted | rejected | published | withdrawn
    of("people", "author_id", nullable=False),
    of("people", "approver_id"),
    Column("verdict", Text, nullable=False, default=""),  # the approver's reason
    Column("revision", Integer, nullable=False, default=0),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("decided_at", Moment),
)
publications = Table(  # the whole rules folder after each approved change: what a rollback goes back to
    "publications",
    metadata,
    key(),
    of("proposals", "proposal_id"),
    Column("rulebook", String(64), nullable=False),  # fingerprints, as a night's manifest has them
    Column("knowledge", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),  # tar.xz
    Column("at", Moment, nullable=False),
)
