"""The desk's foundations: the act, the journal, accounts and the door, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from desk_room import PASSWORD, Clock, a_desk, a_place, an_account, browser
from sqlalchemy import delete, select, update

from audit.cases import journal, people
from audit.cases.refused import Refused
from audit.cases.site import Login
from audit.cases.store import Desk
from audit.cases.tables import journal as entries
from audit.cases.tables import metadata, sessions
from audit.errors import DataError


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    url = f"sqlite:///{tmp_path / 'desk.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres")
    opened = a_desk(url)
    yield opened
    opened.engine.dispose()


def test_the_migrations_make_exactly_the_tables(desk: Desk) -> None:
    with desk.engine.connect() as con:
        differences = compare_metadata(MigrationContext.configure(con, opts={"compare_type": False}), metadata)
    assert differences == []


def test_an_act_is_whole_or_nothing(desk: Desk) -> None:
    person = an_account(desk, "reviewer")
    with pytest.raises(ZeroDivisionError), desk.act(person) as act:
        people.add(act, "half", "半个", "reviewer")
        _ = 1 / 0
    with desk.read() as con:
        assert con.scalar(select(people.people.c.id).where(people.people.c.login == "half")) is None
        assert con.execute(select(entries.c.subject).order_by(entries.c.seq)).scalars().all() == ["reviewer"]


def test_many_writers_make_one_chain_and_any_change_of_it_is_named(desk: Desk) -> None:
    def work(number: int) -> None:
        for turn in range(5):
            with desk.act() as act:
                act.tell("test.work", subject=f"{number}-{turn}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with desk.read() as con:
        assert journal.verify(con) == (30, None)
    with desk.engine.begin() as con:
        con.execute(update(entries).where(entries.c.seq == 12).values(subject="forged"))
    with desk.read() as con:
        count, fault = journal.verify(con)
        assert count == 11 and fault and "Entry 12" in fault
    with desk.engine.begin() as con:
        con.execute(delete(entries).where(entries.c.seq >= 12))
    with desk.read() as con:
        assert journal.verify(con)[1] == "The journal ends at entry 11, but 30 were written: entries at its end are missing."


def test_wrong_passwords_lock_the_account_for_a_while(tmp_path: Path) -> None:
    clock = Clock()
    desk = a_desk(f"sqlite:///{tmp_path / 'desk.db'}", clock)
    an_account(desk, "reviewer")
    for _ in range(3):
        with pytest.raises(Refused) as wrong:
            people.sign_in(desk, "reviewer", "not it", Login(3, 15))
        assert wrong.value.code == 401
    with pytest.raises(Refused) as locked:
        people.sign_in(desk, "reviewer", PASSWORD, Login(3, 15))
    assert locked.value.code == 429
    clock.now += timedelta(minutes=16)
    token, session = people.sign_in(desk, "REVIEWER", PASSWORD, Login(3, 15))
    assert session.person.login == "reviewer"
    assert people.session_of(desk, token, False, timedelta(minutes=30)) is not None
    clock.now += timedelta(minutes=31)
    assert people.session_of(desk, token, False, timedelta(minutes=30)) is None
    with desk.read() as con:  # no secret stands in the database as it is
        kept = con.execute(select(sessions.c.token_hash)).scalars().all()
        assert token not in kept and PASSWORD not in str(con.execute(select(people.people)).all())


def test_the_door(tmp_path: Path) -> None:
    place = a_place(a_desk(f"sqlite:///{tmp_path / 'desk.db'}"), tmp_path)
    an_account(place.desk, "reviewer")
    nobody = browser(place)
    assert nobody.get("/me").headers["Location"] == "/sign-in?then=/me"
    page = nobody.post("/sign-in", data={"login": "reviewer", "password": "wrong"})
    assert page.status_code == 401 and "账号或密码不正确" in page.text
    someone = browser(place, "reviewer")
    answer = someone.get("/me")
    assert answer.status_code == 200 and "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    del someone.headers["X-CSRF"]
    refused = someone.post("/me/password", data={"old": PASSWORD, "new": "another long password"})
    assert refused.status_code == 403 and "刷新" in refused.text
    assert nobody.get("/nowhere").status_code == 404


def test_a_one_time_password_opens_only_the_door_to_change_it(tmp_path: Path) -> None:
    place = a_place(a_desk(f"sqlite:///{tmp_path / 'desk.db'}"), tmp_path)
    with place.desk.act() as act:
        _, once = people.add(act, "root", "管理员", "admin")
    assert once
    client = browser(place)
    answer = client.post("/sign-in", data={"login": "root", "password": once})
    assert answer.status_code == 303 and answer.headers["Location"] == "/me"
    assert client.get("/").status_code == 403
    csrf = client.get("/me").text.split('name="csrf" value="')[1].split('"')[0]
    assert client.post("/me/password", data={"old": once, "new": "short", "csrf": csrf}).status_code == 422
    assert client.post("/me/password", data={"old": once, "new": PASSWORD, "csrf": csrf}).status_code == 303
    assert client.get("/").headers["Location"] == "/people"


def test_a_database_that_is_not_there_is_said_in_a_sentence() -> None:
    with pytest.raises(DataError, match="Is the database there and running"):
        Desk.open("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(DataError, match="write it as sqlite"):
        Desk.open("desk.db")
