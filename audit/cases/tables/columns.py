"""What the tables are made of: one collection of them, and the kinds of columns that keep recurring."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, ForeignKey, Integer, MetaData, TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A time in UTC that knows it: SQLite would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


BigKey = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only what it calls INTEGER


def key() -> Column[Any]:
    """The number a row is known by, counted up."""
    return Column("id", BigKey, primary_key=True, autoincrement=True)


def of(table: str, name: str, **options: Any) -> Column[Any]:
    """The number of a row of `table`, as column `name`."""
    return Column(name, BigKey, ForeignKey(f"{table}.id"), **options)


def fen(name: str) -> Column[Any]:
    """Money; nothing yet is 0."""
    return Column(name, BigInteger, nullable=False, default=0)
