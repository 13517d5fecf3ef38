"""Who may sign in, who is signed in, and the views of the queue that people keep."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Integer, String, Table, Text, UniqueConstraint

from audit.cases.tables.columns import Moment, key, metadata, of

people = Table(
    "people",
    metadata,
    key(),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),  # walls.ROLES
    Column("area", String(12), nullable=False, default=""),  # beginning of a division's code; "" is everywhere
    Column("fixmedins_code", String(50)),  # a hospital user's institution
    Column("password", Text),  # argon2; None for single sign-on only
    Column("oidc_subject", String(255), unique=True),
    Column("active", Boolean, nullable=False, default=True),
    Column("must_change", Boolean, nullable=False, default=False),  # a one-time password
    Column("failed", Integer, nullable=False, default=0),
    Column("locked_until", Moment),
    Column("capacity", Integer),  # open cases at once; None is the site's number
    Column("skills", Text, nullable=False, default=""),  # rule classes, comma-separated; "" is all
    Column("absent_from", Date),
    Column("absent_to", Date),
    Column("lang", String(2), nullable=False, default=""),  # "" until the person chooses one: the browser's
    Column("created_at", Moment, nullable=False),
)
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    of("people", "person_id", nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("api", Boolean, nullable=False, default=False),  # a personal token for programs: no cookie, no CSRF
    Column("label", String(64), nullable=False, default=""),
    Column("expires_at", Moment, nullable=False),
)
views = Table(
    "views",
    metadata,
    key(),
    of("people", "person_id", nullable=False, index=True),
    Column("name", String(64), nullable=False),
    Column("query", Text, nullable=False),
    UniqueConstraint("person_id", "name"),
)
