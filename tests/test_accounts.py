"""The administrator's room, one's own account, and the journal as people read it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from desk_room import PASSWORD, Clock, a_desk, a_place, an_account, browser
from sqlalchemy import select, update

from audit.cases import accounts, people
from audit.cases.accounts import Account
from audit.cases.entries import ACTIONS, Asked
from audit.cases.entries import entries as read
from audit.cases.refused import Refused
from audit.cases.tables import journal as entries
from audit.cases.tables import people as table
from audit.cases.walls import Person
from audit.console.place import Place

ROOT = Path(__file__).parents[1]


@pytest.fixture()
def place(tmp_path: Path) -> Place:
    return a_place(a_desk(f"sqlite:///{tmp_path / 'desk.db'}", Clock()), tmp_path)


def somebody(place: Place, role: str, login: str, area: str = "") -> Person:
    """An account without a password, which takes long to make."""
    with place.desk.act() as act:
        person_id, _ = people.add(
            act, login, f"测试{login}", role, area, "F99000000001" if role == "hospital" else None, oidc_subject=login
        )
        return people.person_of(act.con.execute(table.select().where(table.c.id == person_id)).one())


def test_an_administrator_adds_changes_and_switches_off(place: Place) -> None:
    an_account(place.desk, "admin")
    admin = browser(place, "admin")
    form = {"login": "wang", "name": "王测试", "role": "reviewer", "area": "45", "capacity": "12", "skills": ["medical", "policy"]}
    made = admin.post("/people", data=form)
    once = re.search(r"<code>([^<]{16})</code>", made.text)
    assert made.status_code == 200 and once and "只显示这一次" in made.text
    person_id = re.search(r'action="/people/(\d+)"', made.text)
    assert person_id and admin.get(f"/people/{person_id[1]}").text.count(once[1]) == 0  # not a second time
    with place.desk.read() as con:
        row = people.by_id(con, int(person_id[1]))
        assert row and (row.skills, row.capacity, row.area, row.must_change) == ("policy,medical", 12, "45", True)
        assert once[1] not in str(con.execute(select(entries)).all())
    wang = browser(place)
    assert wang.post("/sign-in", data={"login": "wang", "password": once[1]}).headers["Location"] == "/me"
    assert admin.post("/people", data=form).status_code == 409
    assert admin.post("/people", data=form | {"login": "li", "role": "hospital"}).status_code == 422
    off = form | {"capacity": ""}
    assert admin.post(f"/people/{person_id[1]}", data=off).status_code == 303  # the box `active` is unchecked
    assert wang.get("/me").headers["Location"].startswith("/sign-in")
    with place.desk.read() as con:
        assert con.scalar(select(table.c.capacity).where(table.c.login == "wang")) is None
    assert wang.post("/sign-in", data={"login": "wang", "password": once[1]}).status_code == 401
    assert 'class="chip stop"' in admin.get("/people?role=reviewer").text
    taken = pl.read_parquet(admin.get("/people?role=reviewer&format=parquet").content)
    assert taken.select("login", "active").rows() == [("wang", False)] and not {"password", "oidc_subject"} & set(taken.columns)


def test_nobody_changes_his_own_role_and_the_last_administrator_stays(place: Place) -> None:
    first, second = somebody(place, "admin", "first"), somebody(place, "admin", "second")
    demoted = Account("某人", "reviewer")
    with pytest.raises(Refused, match="your own role"), place.desk.act(first) as act:
        accounts.change(act, first.id, demoted)
    with place.desk.act(first) as act:
        accounts.change(act, second.id, demoted)
    with pytest.raises(Refused, match="last administrator"), place.desk.act(second) as act:
        accounts.change(act, first.id, demoted)
    with pytest.raises(Refused, match="last administrator"), place.desk.act() as act:
        accounts.change(act, first.id, Account("某人", "admin", active=False))


def test_an_administrator_of_an_area_keeps_that_area(place: Place) -> None:
    somebody(place, "admin", "root")
    ours, theirs = somebody(place, "reviewer", "ours", "4501"), somebody(place, "reviewer", "theirs", "11")
    local = somebody(place, "admin", "local", "45")
    with place.desk.read() as con:
        assert {row.login for row in accounts.listed(con, local)} == {"local", "ours"}
    for change in (
        lambda act: accounts.change(act, theirs.id, Account("某人", "reviewer", "45")),
        lambda act: accounts.unlock(act, theirs.id),
    ):
        with pytest.raises(Refused) as refused, place.desk.act(local) as act:
            change(act)
        assert refused.value.code == 404
    with pytest.raises(Refused, match="area 45 only"), place.desk.act(local) as act:
        accounts.change(act, ours.id, Account("某人", "reviewer", ""))


def test_reset_unlock_and_sign_out(place: Place) -> None:
    an_account(place.desk, "admin")
    reviewer = an_account(place.desk, "reviewer")
    admin, theirs = browser(place, "admin"), browser(place, "reviewer")
    with place.desk.act() as act:
        act.con.execute(update(table).where(table.c.id == reviewer.id).values(locked_until=act.now + timedelta(hours=1)))
    assert 'class="chip soon"' in admin.get("/people").text
    assert admin.post(f"/people/{reviewer.id}/unlock").status_code == 303 and 'class="chip soon"' not in admin.get("/people").text
    assert theirs.get("/me").status_code == 200
    assert admin.post(f"/people/{reviewer.id}/sign-out").status_code == 303 and theirs.get("/me").status_code == 303
    assert "一次性密码" in admin.post(f"/people/{reviewer.id}/password").text
    assert browser(place).post("/sign-in", data={"login": "reviewer", "password": PASSWORD}).status_code == 401


def test_a_token_works_until_it_is_revoked_and_makes_no_other(place: Place) -> None:
    an_account(place.desk, "admin")
    admin, program = browser(place, "admin"), browser(place)
    made = admin.post("/me/tokens", data={"label": "夜间导出", "days": "30"})
    token = re.search(r"<code>([\w-]{43})</code>", made.text)
    assert token and token[1] not in admin.get("/me").text
    bearer = {"Authorization": f"Bearer {token[1]}"}
    assert program.get("/api/v1/me", headers=bearer).json()["login"] == "admin"
    added = program.post("/api/v1/people", headers=bearer, json={"login": "zhao", "name": "赵测试", "role": "auditor"})
    assert added.status_code == 201 and len(added.json()["one_time_password"]) == 16
    assert {one["login"] for one in program.get("/api/v1/people", headers=bearer).json()} == {"admin", "zhao"}
    for address, form in (("/me/tokens", {"label": "x", "days": "1"}), ("/me/password", {"old": PASSWORD, "new": PASSWORD + "!"})):
        assert program.post(address, data=form, headers=bearer).status_code == 403
    key = re.search(r'action="/me/sessions/([0-9a-f]{16})/end">.{0,120}class="danger"', admin.get("/me").text)
    assert key and admin.post(f"/me/sessions/{key[1]}/end").status_code == 303
    assert program.get("/api/v1/me", headers=bearer).json()["code"] == 401
    assert admin.post("/me/tokens", data={"label": " ", "days": "30"}).status_code == 422
    for _ in range(accounts.MOST_TOKENS):
        admin.post("/me/tokens", data={"label": "x", "days": "1"})
    assert admin.post("/me/tokens", data={"label": "x", "days": "1"}).status_code == 409


def test_the_journal_is_read_by_page_person_action_and_day_and_taken_away(place: Place) -> None:
    an_account(place.desk, "auditor")
    clock: Clock = place.desk.clock  # type: ignore[assignment]
    clock.now = clock.now.replace(hour=15, minute=59)  # 23:59 in China
    person = somebody(place, "senior", "zhou")
    for turn in range(60):
        with place.desk.act(person) as act:
            act.tell("test.turn", subject=f"=cmd{turn}", why="<script>alert(1)</script>")
    clock.now += timedelta(minutes=1)
    with place.desk.act(person) as act:
        act.tell("test.late")
    auditor = browser(place, "auditor")
    page = auditor.get("/journal?login=zhou&action=test.")
    assert page.text.count("=cmd") == 49 and "<script>alert" not in page.text and "&lt;script&gt;" in page.text
    older = re.search(r'href="(/journal\?[^"]*before=\d+)"', page.text)
    assert older and auditor.get(older[1].replace("&amp;", "&")).text.count("=cmd") == 11
    assert auditor.get("/journal?from=2026-08-04&login=zhou").text.count("test.") == 1
    assert "test.late" not in auditor.get("/journal?to=2026-08-03&login=zhou").text
    assert auditor.get("/journal?from=2026-13-01").status_code == 422
    whole = auditor.get("/journal/export.parquet?action=test.turn")
    assert pl.read_parquet(io.BytesIO(whole.content)).height == 60
    assert b"'=cmd0" in auditor.get("/journal/export.csv?action=test.turn").content
    seen, before = [], None
    while True:
        answer = auditor.get("/api/v1/journal", params={"most": 25} | ({"before": before} if before else {})).json()
        seen += [entry["seq"] for entry in answer["entries"]]
        if (before := answer["next"]) is None:
            break
    assert seen == sorted(seen, reverse=True) and len(seen) == len(set(seen)) and seen[-1] == 1
    verified = auditor.get("/journal/verify").text
    assert "核验通过" in verified
    with place.desk.engine.begin() as con:
        con.execute(update(entries).where(entries.c.seq == 5).values(subject="forged"))
    assert "第 5 条" in auditor.get("/journal/verify").text
    assert auditor.get("/api/v1/journal/verify").json() | {"seal": ""} == {
        "holds": False, "entries": 4, "seal": "",
        "fault": {
            "zh": "第 5 条（zhou 的 test.turn）写入后被改动。", "en": "Entry 5 (test.turn by zhou) was changed after it was written."
        },
    }  # fmt: skip


def test_an_auditor_of_an_area_reads_of_no_other_areas_cases(place: Place) -> None:
    with place.desk.act() as act:
        act.tell("case.decide", 99, "elsewhere")
        act.tell("night.open", subject="everybody's")
    with place.desk.read() as con:
        auditor = Person(1, "a", "a", "auditor")
        assert len(read(con, auditor, Asked(case_id=99))) == 1
        assert not read(con, replace(auditor, area="45"), Asked(case_id=99)) and read(con, replace(auditor, area="45"), Asked())


def test_every_action_that_the_journal_is_told_has_a_name() -> None:
    told = {
        name for path in (ROOT / "audit").rglob("*.py") for name in re.findall(r'\.tell\(\s*"([a-z_.]+)"', path.read_text(encoding="utf-8"))
    }
    assert told and told <= set(ACTIONS), sorted(told - set(ACTIONS))
