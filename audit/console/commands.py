"""`audit desk`: what an operator does to the desk from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from audit.errors import DataError

if TYPE_CHECKING:
    from audit.cases.store import Desk

desk_app = typer.Typer(no_args_is_help=True, help="The desk's database: its first administrator, nights, journal, backups.")


def _no_secret(database: str | None) -> str | None:
    """A password on a command line is there for everybody on the machine to read."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        secret = bool(database and make_url(database).password)
    except ArgumentError:
        secret = False  # told when it is opened
    if secret:
        raise typer.BadParameter(
            "a password here can be read by everybody on the machine; give it as PGPASSWORD, or all in AUDIT_DATABASE."
        )
    return database


Database = Annotated[
    str | None,
    typer.Option(
        callback=_no_secret,
        help="sqlite:///folder/desk.db or postgresql+psycopg://user@host/name, its password in PGPASSWORD; "
        "not given: the environment's AUDIT_DATABASE, else desk/desk.db in the lake.",
    ),
]
Lake = Annotated[Path | None, typer.Option(help="Folder of the nights.")]


def _desk(database: str | None, lake: Path | None, there: bool = True) -> Desk:
    """The desk; `there`: a SQLite file that does not exist is a mistake, not a new desk."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    from audit.cases.store import Desk
    from audit.console.serve import database_of

    address = database_of(database, lake)
    try:
        file = make_url(address).database if address.startswith("sqlite") else None
    except ArgumentError:
        file = None
    if there and file and not Path(file).is_file():
        raise DataError(f"There is no desk in {file}. `audit serve` or `audit desk admin` makes one.")
    return Desk.open(address)


@desk_app.command()
def admin(
    login: Annotated[str, typer.Argument(help="The login of the new administrator.")] = "admin",
    name: Annotated[str, typer.Option(help="The person's name.")] = "系统管理员",
    database: Database = None,
    lake: Lake = None,
) -> None:
    """Make an administrator and print the one-time password, this once."""
    from audit.cases import people

    with _desk(database, lake, there=False).act() as act:
        _, once = people.add(act, login, name, "admin")
    typer.echo(f"Login {login}, one-time password {once}\nIt is shown this once; whoever signs in with it must first choose another.")


@desk_app.command()
def govern(
    rules: Annotated[Path, typer.Option(help="The folder of rules that nights are run with.")],
    lake: Lake = None,
    database: Database = None,
) -> None:
    """Take a rules folder into the desk's hands: from now on no night judges by a rule that two people have not published."""
    from audit.cases import changes

    desk = _desk(database, lake, there=False)
    with desk.act() as act:
        number = changes.adopt(act, rules, "audit desk govern")
    typer.echo(f"{rules} is governed from publication {number} on; its approvals stand in {rules / 'approvals.jsonl'}.")


@desk_app.command("open")
def open_nights(
    lake: Annotated[Path, typer.Option(help="Folder of the nights.")],
    database: Database = None,
    settings: Annotated[Path | None, typer.Option(help="The site's settings, which tell the deadlines.")] = None,
) -> None:
    """Open the cases of the lake's nights now; `audit serve` does so each minute."""
    from audit.cases.opening import open_nights as opening
    from audit.cases.site import Site
    from audit.console.tending import said

    opened = opening(_desk(database, lake, there=False), lake, Site.read(settings))
    typer.echo("\n".join(said(night) for night in opened) or "Every night of the lake is open already.")


@desk_app.command()
def verify(database: Database = None, lake: Lake = None) -> None:
    """Walk the journal's chain of hashes; the first entry that does not hold is named (exit code 4)."""
    from audit.cases import journal

    with _desk(database, lake).read() as con:
        count, fault = journal.verify(con)
        seal = journal.head(con)
    if fault:
        raise DataError(f"{fault} {count:,} entries before it hold.")
    typer.echo(f"All {count:,} entries of the journal hold. Its seal now: {seal}")


@desk_app.command("verify-package")
def verify_package(
    file: Annotated[Path, typer.Argument(help="An evidence package (.zip) as the desk gives it.")],
    key: Annotated[Path | None, typer.Option(help="The bureau's public key (PEM), had from elsewhere; else the package's own.")] = None,
) -> None:
    """Say whether an evidence package is whole and who signed it; needs no desk (exit code 4 where it is not)."""
    from audit.cases.evidence import verify as examine

    try:
        public = key.read_bytes() if key else None
    except OSError as fault:
        raise DataError(f"{key} cannot be read: {fault.strerror}.") from None
    verdict = examine(file, public)
    told = "\n".join(f"{one['zh']}\n{one['en']}" for one in verdict.sentences)
    if not verdict.whole:
        raise DataError(told)
    typer.echo(told)


@desk_app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The new file.")],
    database: Database = None,
    lake: Lake = None,
) -> None:
    """Copy a SQLite desk, whole and consistent, while people go on working."""
    from audit.cases import journal

    desk = _desk(database, lake)
    desk.copy(file)
    with _desk(f"sqlite:///{file}", None).read() as con:
        seal = journal.head(con)
    typer.echo(f"{file} holds the desk, {file.stat().st_size / 1e6:,.1f} MB; the journal's seal in it: {seal}")
