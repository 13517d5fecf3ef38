"""Opening the desk's database, reading it, and acting on it.

desk = Desk.open("sqlite:///var/desk/desk.db")         # or postgresql+psycopg://...
with desk.read() as con: ...                            # a consistent view, no writing
with desk.act(person) as act: ...                       # one change: all of it or nothing, with its journal entries
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from audit.cases import journal
from audit.cases.walls import ENGINE, Person
from audit.errors import AuditError, DataError

CHINA = ZoneInfo("Asia/Shanghai")
MIGRATIONS = Path(__file__).parent / "migrations"


class DeskDown(AuditError):
    """The database cannot be reached; nothing was saved."""


@dataclass
class Act:
    """One change by one person: a transaction, its moment, and what the journal will say of it."""

    con: Connection
    person: Person
    now: datetime
    entries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.now.astimezone(CHINA).date()

    def tell(self, action: str, case_id: int | None = None, subject: str = "", **details: Any) -> None:
        """What the journal says: action such as `case.decide`, the case, what else it concerns, and plain values. No secrets."""
        said = json.dumps(details, sort_keys=True, ensure_ascii=False, default=str)
        self.entries.append(
            {
                "at": self.now,
                "login": self.person.login,
                "role": self.person.role,
                "action": action,
                "case_id": case_id,
                "subject": subject[:128],
                "details": said,
            }
        )


class Desk:
    """The desk's database. `clock` gives the present moment in UTC; tests set it."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = lambda: datetime.now(UTC)):
        self.engine = engine
        self.clock = clock

    @classmethod
    def open(cls, url: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Desk:
        """Open (for SQLite: create) the database and bring its tables up to date. DataError with a sentence when that cannot be."""
        try:
            address = make_url(url)
            sqlite = address.get_backend_name() == "sqlite"
            if sqlite and address.database:
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            # a writer waits for its turn instead of failing; PostgreSQL connections that died while idle are replaced
            options: dict[str, Any] = {"connect_args": {"timeout": 20}} if sqlite else {"pool_pre_ping": True, "pool_size": 10}
            engine = create_engine(address, **options)
            if sqlite:
                _as_wal(engine)
            desk = cls(engine, clock)
            desk._migrate()
            return desk
        except (ArgumentError, NoSuchModuleError):
            raise DataError(f"--database {url}: write it as sqlite:///folder/desk.db or postgresql+psycopg://user@host/name.") from None
        except DBAPIError as fault:
            hidden = make_url(url).render_as_string()
            raise DataError(f"--database {hidden}: {str(fault.orig).strip().splitlines()[0]}. Is the database there and running?") from None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view. DeskDown when the database cannot be reached."""
        with self._reaching(), self.engine.connect() as con:
            if con.dialect.name == "sqlite":
                con.exec_driver_sql("BEGIN")
            yield con

    @contextmanager
    def act(self, person: Person = ENGINE) -> Iterator[Act]:
        """One change, whole or not at all: committed when the block ends, undone when it raises."""
        with self._reaching(), self._turn(), self.engine.connect() as con, con.begin():
            if con.dialect.name == "sqlite":
                con.exec_driver_sql("BEGIN IMMEDIATE")  # take the writer's turn now: later it could no longer wait for it
            act = Act(con, person, self.clock())
            yield act
            if act.entries:
                journal.append(con, act.entries)

    def copy(self, file: Path) -> None:
        """Write the whole SQLite database to a new file, as it is at one moment. DataError for PostgreSQL, or when that cannot be."""
        if self.engine.dialect.name != "sqlite":
            raise DataError("This desk lies in PostgreSQL: `pg_dump --format=custom` copies it whole while it runs.")
        if file.exists():
            raise DataError(f"{file} is there already; a backup is never written over: name a new file.")
        part = file.with_name(file.name + ".part")
        try:
            part.unlink(missing_ok=True)
            part.touch(mode=0o600)  # it holds names and numbers of people
            with self._reaching(), self.engine.connect() as con:
                con.exec_driver_sql("VACUUM INTO ?", (str(part),))
            part.rename(file)
        except (OSError, DeskDown) as fault:
            part.unlink(missing_ok=True)
            raise DataError(f"{file} could not be written: {fault}") from fault

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as fault:
            why = str(fault.orig).strip().splitlines()[0]
            raise DeskDown(f"The desk's database does not answer ({why}); nothing was saved.") from fault

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite has one writer at a time and lets the others ask again and again, some of them for ever: here they stand in line.

        The line is a lock on a file beside the database, which the system gives to one after another, of all workers.
        """
        database = self.engine.url.database
        if self.engine.dialect.name != "sqlite" or not database or database == ":memory:":
            yield
            return
        with open(f"{database}-turn", "ab") as line:
            flock(line, LOCK_EX)
            yield  # closing the file ends the turn

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.connect() as con:
            if con.dialect.name == "postgresql":
                con.execute(text("SELECT pg_advisory_lock(731)"))  # two workers that start together
            else:
                con.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = con
            command.upgrade(config, "head")
            con.commit()
            if con.dialect.name == "postgresql":
                con.execute(text("SELECT pg_advisory_unlock(731)"))
                con.commit()


def _as_wal(engine: Engine) -> None:
    """SQLite in WAL: readers never wait for the writer. Python's driver would begin transactions by itself, too late to wait."""

    @event.listens_for(engine, "connect")
    def _(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        for setting in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=20000", "cache_size=-32000"):
            connection.execute(f"PRAGMA {setting}")
