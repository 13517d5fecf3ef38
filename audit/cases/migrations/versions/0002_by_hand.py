"""Findings that somebody entered by hand know their author"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
_ENTERED = sa.text("author_id IS NOT NULL")


def upgrade() -> None:
    # in place: SQLite would not let go of a table that decisions point to, so that it could be copied
    author = sa.ForeignKey("people.id", name=op.f("fk_findings_author_id"))
    column = sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), author, nullable=True)
    op.add_column("findings", column, inline_references=True)
    op.create_index("ix_findings_author", "findings", ["author_id"], sqlite_where=_ENTERED, postgresql_where=_ENTERED)


def downgrade() -> None:
    """The findings stay; who entered them is in the journal alone."""
    op.drop_index("ix_findings_author", "findings")
    op.drop_column("findings", "author_id")
