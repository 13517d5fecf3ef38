"""A real Chromium, and a real `audit serve` over a real night: on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import httpx
import polars as pl
import pytest
import sqlalchemy
from case_room import Room
from desk_room import a_desk, an_account
from governed_room import few_rules
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import func, select

from audit.cases import changes
from audit.cases.opening import open_nights
from audit.cases.site import Site
from audit.cases.store import Desk
from audit.cases.tables import cases, findings
from audit.cases.tables import people as accounts
from audit.cases.walls import Person
from audit.console.serve import free_port
from browser.visitor import HAN, SHOTS, Visitor

ROOT = Path(__file__).parents[2]
WRITTEN = {"测试", "病历", "接管", "理由", "理由见附件", "证据充分", "两条相同不再提示", "误报多"}  # by these people
PEOPLE = {
    "ann": "reviewer", "bob": "reviewer", "sue": "senior", "tom": "senior", "uma": "senior", "vic": "senior", "analyst": "analyst",
    "approver": "approver", "steward": "steward", "auditor": "auditor", "operator": "operator", "admin": "admin",
}  # fmt: skip


@pytest.fixture(scope="session")
def installed() -> str:
    """Where Chromium is; asked before anything is made for it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("There is no Chromium to test the pages in: apt install chromium fonts-noto-cjk")
    return found


@pytest.fixture(scope="module")
def chromium(installed: str) -> Iterator[Browser]:
    """Ends with the module: while it runs, nothing else in the process can have an event loop."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=installed, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"])
        yield browser
        browser.close()


@dataclass
class World:
    """A bureau: its nights, the rules that its desk governs, its database, and the server that everybody's browser talks to."""

    folder: Path
    database: str
    address: str
    desk: Desk
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    @property
    def rules(self) -> Path:
        return self.folder / "rules"

    def hospital(self, fixmedins_code: str) -> str:
        """The login of that hospital's user."""
        login = f"h{fixmedins_code}"
        if login not in self.people:
            self.people[login] = an_account(self.desk, "hospital", login, fixmedins_code=fixmedins_code)
        return login

    def case(self, case_id: int) -> sqlalchemy.Row:
        with self.desk.read() as con:
            return con.execute(select(cases).where(cases.c.id == case_id)).one()

    @cached_property
    def names(self) -> set[str]:
        """Every run of Chinese in what data brings: names of items, people and institutions; clauses; what somebody wrote."""
        texts: list[str] = []
        for path in (self.folder / "province").glob("*.parquet"):
            frame = pl.read_parquet(path).select(pl.col(pl.String))
            for column in frame.columns:
                texts += frame[column].drop_nulls().unique().to_list()
        texts += [text for path in (ROOT / "rules").rglob("*.csv") for text in [path.read_text(encoding="utf-8")]]
        return {run for text in texts for run in HAN.findall(text)} | WRITTEN


class Hands(Room):
    """The moves of the procedure made without a browser, to bring a case to where somebody's day begins."""

    def __init__(self, world: World):
        self.desk, self.site, self.world = world.desk, Site.read(), world
        self.people = {**world.people, "s1": world.people["sue"], "s2": world.people["tom"], "s3": world.people["uma"]}

    def open_case(self, skip: int = 0, several: bool = False) -> int:
        """A case in nobody's hands, in first review, whose findings count; its hospital has an account."""
        number = select(func.count()).where(findings.c.case_id == cases.c.id).scalar_subquery()
        fit = (cases.c.step == "first_review") & cases.c.locked_by_id.is_(None) & (cases.c.counted_amt > 0) & (number > int(several))
        with self.desk.read() as con:
            row = con.execute(select(cases).where(fit).order_by(cases.c.priority, cases.c.id).offset(skip).limit(1)).one()
        self.people["hospital"] = self.world.people[self.world.hospital(row.fixmedins_code)]
        return int(row.id)


@contextmanager
def serving(folder: Path, database: str) -> Iterator[str]:
    """`audit serve` in a process of its own; its address once it answers."""
    port = free_port("127.0.0.1", 23_000 + os.getpid() % 20_000, more=50)
    options = ["--lake", str(folder / "lake"), "--rules", str(folder / "rules"), "--every", "3600", "--port", str(port)]
    environment = {**os.environ, "AUDIT_DATABASE": database, "POLARS_MAX_THREADS": "2"}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-m", "audit", "serve", *options], cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        address, end = f"http://127.0.0.1:{port}", time.monotonic() + 120
        while not _answers(address):
            assert process.poll() is None and time.monotonic() < end, (folder / "log").read_text()[-3000:]
            time.sleep(0.1)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health").status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def a_world(folder: Path, database: str, province: Path, lake: Path) -> Iterator[World]:
    shutil.copytree(lake, folder / "lake")
    (folder / "province").symlink_to(province)
    few_rules(folder)
    desk = a_desk(database)
    desk.clock = lambda: datetime.now(UTC)
    open_nights(desk, folder / "lake")
    with desk.act() as act:
        changes.adopt(act, folder / "rules", "接管")
    known = {login: an_account(desk, role, login) for login, role in PEOPLE.items()}
    with serving(folder, database) as address:
        yield World(folder, database, address, desk, known)
    desk.engine.dispose()


@pytest.fixture(scope="session")
def world(installed: str, province: Path, audited: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The bureau on SQLite."""
    folder = tmp_path_factory.mktemp("world")
    with a_world(folder, f"sqlite:///{folder / 'desk.db'}", province, audited.parent) as made:
        yield made


@pytest.fixture(scope="session")
def postgres_world(
    installed: str, province: Path, audited: Path, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The same bureau on PostgreSQL."""
    name = f"browser_{secrets.token_hex(4)}"
    server = sqlalchemy.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with server.connect() as con:
        con.exec_driver_sql(f"CREATE DATABASE {name}")
    address = sqlalchemy.make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    with a_world(tmp_path_factory.mktemp("postgres_world"), address, province, audited.parent) as made:
        yield made
    with server.connect() as con:
        con.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


Visit = Callable[..., Visitor]


@pytest.fixture()
def visit(chromium: Browser) -> Iterator[Visit]:
    """visit(world, login, lang): that person's browser, signed in; login None: nobody yet. At the end nothing may have gone wrong."""
    everybody: list[Visitor] = []

    def come(world: World, login: str | None, lang: str, then: str | None = None) -> Visitor:
        if login:
            with world.desk.act() as act:  # as if the person had chosen the language before
                act.con.execute(sqlalchemy.update(accounts).where(accounts.c.login == login).values(lang=lang))
        one = Visitor(chromium, world.address, lang, lambda: world.names)
        everybody.append(one)
        return one.sign_in(login, then) if login else one

    yield come
    for one in everybody:
        one.done()
