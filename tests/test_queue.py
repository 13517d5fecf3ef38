"""The queue, on SQLite and on a real PostgreSQL: walls, true numbers, pages, locks, the next case, assignment, and its pages and API."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy
from desk_room import Clock, a_desk, a_place
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from queue_room import AREAS, RULES, STEPS, TODAY, a_case, a_worker, at_desk, judged, many
from sqlalchemy import select, update

from audit.cases import queue
from audit.cases.queue import alike, team
from audit.cases.queue.filters import BUREAU, HOSPITAL, ORDERS, SEVERITIES, TABS, Filter
from audit.cases.refused import Refused
from audit.cases.site import Site
from audit.cases.store import Desk
from audit.cases.tables import cases, journal, people
from audit.cases.walls import Person

SITE = Site.read()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Addresses of databases of each kind by name."""
    folder = tmp_path_factory.mktemp("desk")
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None

    def named(name: str) -> str:
        if server is None:
            return f"sqlite:///{folder / name}.db"
        with sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT").connect() as con:
            con.exec_driver_sql(f"CREATE DATABASE queue_{name}")
        return sqlalchemy.make_url(server).set(database=f"queue_{name}").render_as_string(hide_password=False)

    return named


@dataclass(frozen=True)
class Stock:
    """A desk with 300 cases of all kinds, the same as plain rows, and who looks at them."""

    desk: Desk
    rows: list[dict[str, Any]]
    looking: list[Person]

    def told(self, person: Person, filter: Filter, size: int = 1000) -> list[int]:
        with self.desk.read() as con:
            return [row.id for row in queue.page(con, person, filter, size=size).rows]


@pytest.fixture(scope="module")
def stock(url: Callable[[str], str]) -> Iterator[Stock]:
    desk = a_desk(url("stock"))
    accounts = [("senior", "s", ""), ("reviewer", "r", "9901"), ("reviewer", "r2", "990201"), ("auditor", "a", ""), ("hospital", "h", "")]
    looking = [a_worker(desk, login, role, area) for role, login, area in accounts]
    yield Stock(desk, many(desk, [person.id for person in looking[:3]], 300), looking)
    desk.engine.dispose()


@pytest.fixture(scope="module")
def kept(url: Callable[[str], str]) -> str:
    return url("kept")


@pytest.fixture()
def clock() -> Clock:
    return Clock()


@pytest.fixture()
def desk(kept: str, clock: Clock) -> Iterator[Desk]:
    """An empty desk."""
    opened = a_desk(kept, clock)
    with opened.engine.begin() as con:
        con.execute(
            update(sqlalchemy.table("journal_head", sqlalchemy.column("seq"), sqlalchemy.column("hash"))).values(seq=0, hash="0" * 64)
        )
        for table in reversed(cases.metadata.sorted_tables):
            if table.name != "journal_head":
                con.execute(table.delete())
    yield opened
    opened.engine.dispose()


def fits(row: dict[str, Any], person: Person, asked: Filter) -> bool:
    """The filter without its tab, in plain Python."""
    name, cls = row["fixmedins_name"] or "", queue.class_of(row["lead_rule"])
    q = asked.q.lower()
    probability = row["fraud_probability"]
    return (
        person.role in ("reviewer", "senior", "auditor")
        and row["area"].startswith(person.area)
        and (not q or any(q in text.lower() for text in (row["setl_id"], row["fixmedins_code"], name)))
        and (not asked.rule or asked.rule in row["rules"])
        and (not asked.rule_class or cls == asked.rule_class)
        and (not asked.institution or row["fixmedins_code"] == asked.institution)
        and row["area"].startswith(asked.area)
        and asked.severity in ("", row["sev_deg"])
        and asked.step in ("", row["step"])
        and (asked.amount_from is None or row["counted_amt"] >= asked.amount_from)
        and (asked.amount_to is None or row["counted_amt"] <= asked.amount_to)
        and (asked.probability_from is None or (probability is not None and probability >= asked.probability_from))
        and (asked.probability_to is None or (probability is not None and probability <= asked.probability_to))
        and (asked.due_by is None or (row["due_on"] is not None and row["due_on"] <= asked.due_by))
    )


def in_tab(row: dict[str, Any], person: Person, tab: str) -> bool:
    late = row["step"] != "closed" and row["due_on"] < TODAY and row["suspended_at"] is None
    return {
        "mine": row["step"] in BUREAU and row["assignee_id"] == person.id,
        "unassigned": row["step"] in BUREAU and row["assignee_id"] is None,
        "all": row["step"] in BUREAU,
        "hospital": row["step"] in HOSPITAL,
        "late": late,
        "closed": row["step"] == "closed",
    }[tab]


maybe = st.sampled_from
filters = st.builds(
    Filter,
    today=st.just(TODAY),
    tab=maybe(TABS),
    order=maybe(list(ORDERS)),
    q=maybe(["", "", "", "S9900000012", "f99000000000", "好医院", "100%", "ic_a", "%", "_", "\\", "clinic"]),
    rule=maybe(["", "", "", *RULES, "nothing"]),
    rule_class=maybe(["", "", *queue.CLASSES]),
    institution=maybe(["", "", "", "F99000000003"]),
    area=maybe(["", "", "9901", *AREAS, "%"]),
    amount_from=st.none() | st.integers(0, 5_000),
    amount_to=st.none() | st.integers(0, 5_000),
    probability_from=st.none() | st.integers(0, 100).map(lambda number: number / 100),
    probability_to=st.none() | st.integers(0, 100).map(lambda number: number / 100),
    severity=maybe(["", "", *SEVERITIES]),
    step=maybe(["", "", "", *STEPS]),
    due_by=st.none() | st.integers(-8, 16).map(lambda number: TODAY + timedelta(days=number)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filters, st.integers(0, 4))
def test_rows_and_numbers_are_true_and_nobody_sees_beyond_the_walls(stock: Stock, asked: Filter, who: int) -> None:
    person = stock.looking[who]
    fitting = [row for row in stock.rows if fits(row, person, asked)]
    with stock.desk.read() as con:
        numbers = queue.counts(con, person, asked)
    assert numbers == {tab: sum(in_tab(row, person, tab) for row in fitting) for tab in TABS}
    key = {
        "priority": lambda row: (-row["priority"], -row["id"]),
        "amount": lambda row: (-row["counted_amt"], -row["id"]),
        "deadline": lambda row: (row["due_on"] or date.max, row["id"]),
    }[asked.order]
    assert stock.told(person, asked) == [row["id"] for row in sorted(fitting, key=key) if in_tab(row, person, asked.tab)]


@pytest.mark.parametrize("order", list(ORDERS))
@pytest.mark.parametrize("tab", ["all", "closed"])
def test_turning_the_pages_shows_every_case_once(stock: Stock, order: str, tab: str) -> None:
    person, asked = stock.looking[0], Filter(TODAY, tab, order)
    seen: list[int] = []
    after = None
    with stock.desk.read() as con:
        for _ in range(100):
            page = queue.page(con, person, asked, after, size=7)
            seen += [row.id for row in page.rows]
            after = page.next
            if after is None:
                break
        with pytest.raises(Refused, match="first page"):
            queue.page(con, person, asked, "nonsense")
    assert seen == stock.told(person, asked) and len(seen) > 20


def test_two_takers_never_get_the_same_case_and_the_dearest_goes_first(desk: Desk) -> None:
    crowd = [a_worker(desk, f"r{number}", "reviewer") for number in range(6)]
    ids = [a_case(desk, number, amounts=(number * 100,)) for number in range(1, 31)]
    taken: list[int] = []

    def work(person: Person) -> None:
        for _ in range(7):
            with desk.act(person) as act:
                case_id = queue.take_next(act, SITE, Filter(TODAY))
            if case_id:
                taken.append(case_id)

    threads = [threading.Thread(target=work, args=(person,)) for person in crowd]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == ids  # 42 hands, 30 cases: each once
    assert set(taken[:6]) <= set(ids[-12:])
    with desk.read() as con:
        assert con.scalars(select(journal.c.case_id).where(journal.c.action == "case.lock").order_by(journal.c.case_id)).all() == ids


def test_the_next_case_fits_area_skills_role_and_what_one_has_judged(desk: Desk) -> None:
    one = a_worker(desk, "one", "reviewer", "9901", skills="medical")
    senior = a_worker(desk, "senior", "senior")
    a_case(desk, 1, amounts=(9_000,), area="990201")
    a_case(desk, 2, amounts=(8_000,), lead_rule="POL-025")
    a_case(desk, 3, amounts=(7_000,), escalated=True)
    a_case(desk, 4, amounts=(6_000,), suspended_at=desk.clock())
    a_case(desk, 5, amounts=(5_500,), assignee_id=senior.id)
    for number, step in ((6, "appeal"), (7, "panel"), (8, "final"), (9, "closed")):
        a_case(desk, number, step, (5_000,))
    a_case(desk, 10, "re_review", (4_000,), first_reviewer_id=one.id)
    second = a_case(desk, 11, "re_review", (3_900,), first_reviewer_id=senior.id)
    judged(desk, a_case(desk, 12, "re_review", (3_800,)), one.id, "first_review")
    cheap = a_case(desk, 13, amounts=(100,))
    own = a_case(desk, 14, amounts=(50,), lead_rule="POL-025", assignee_id=one.id)

    def drained(person: Person, **asked: Any) -> list[int]:
        got = []
        while True:
            with desk.act(person) as act:
                case_id = queue.take_next(act, SITE, Filter(TODAY, **asked))
            if case_id is None:
                return got
            got.append(case_id)

    assert drained(one, amount_from=3_000) == [second]
    assert drained(one) == [own, cheap]
    # the senior: one's own first, then all that is free by priority; not the own first review, not what others hold
    with desk.read() as con:
        number = dict(con.execute(select(cases.c.id, cases.c.setl_id)).all())
    assert [int(number[case_id][-2:]) for case_id in drained(senior)] == [5, 1, 2, 3, 8, 7, 10, 12]


def test_a_lock_ends_by_itself_by_hand_or_not_at_all_for_others(desk: Desk, clock: Clock) -> None:
    one, two = a_worker(desk, "one", "reviewer"), a_worker(desk, "two", "reviewer")
    far = a_worker(desk, "far", "reviewer", "55")
    case_id = a_case(desk, 1)

    def take(person: Person) -> bool:
        with desk.act(person) as act:
            return queue.hold(act, SITE, case_id)

    assert take(one) and take(one) and not take(two) and not take(far)
    with pytest.raises(Refused, match="测试one has this case in hand until 09:15"), desk.act(two) as act:
        queue.lock(act, SITE, case_id)
    with pytest.raises(Refused, match="no such case"), desk.act(far) as act:
        queue.lock(act, SITE, case_id)
    with desk.act(two) as act:
        queue.release(act, case_id)  # not theirs to lay down
        assert queue.take_next(act, SITE, Filter(TODAY)) is None
    clock.now += timedelta(minutes=SITE.lock_minutes)
    assert take(two) and not take(one)
    with desk.act(two) as act:
        queue.release(act, case_id)
        assert queue.locked(act.con, case_id, act.now) is None
    with desk.act(one) as act:
        assert queue.take_next(act, SITE, Filter(TODAY)) == case_id
    with desk.read() as con:
        assert con.scalars(select(journal.c.action).where(journal.c.case_id == case_id).order_by(journal.c.seq)).all() == [
            "case.lock", "case.lock", "case.release", "case.lock",
        ]  # fmt: skip
        assert con.scalar(select(cases.c.revision).where(cases.c.id == case_id)) == 0


def assigned(desk: Desk) -> dict[int, str | None]:
    """Who has each claim, by its number, after assigning."""
    with desk.act() as act:
        queue.assign(act, SITE)
    with desk.read() as con:
        rows = con.execute(select(cases.c.setl_id, people.c.login).outerjoin(people, people.c.id == cases.c.assignee_id)).all()
    return {int(row.setl_id[-4:]): row.login for row in sorted(rows)}


def test_new_cases_go_by_area_skill_room_and_role(desk: Desk) -> None:
    a_worker(desk, "big", area="9901", capacity=4)
    small = a_worker(desk, "small", area="9901", capacity=2)
    a_worker(desk, "doctor", area="9902", skills="medical")
    a_worker(desk, "gone", area="9901", active=False)
    a_worker(desk, "boss", "senior", capacity=3)
    for number in range(1, 6):  # the larger share first: big, small, then by what is left
        a_case(desk, number, amounts=(10_000 - number,))
    a_case(desk, 6, amounts=(900,), area="990201", lead_rule="MED-001")
    a_case(desk, 7, amounts=(800,), area="990201", lead_rule="POL-001")  # no reviewer knows it: the senior
    a_case(desk, 8, amounts=(700,), escalated=True)
    a_case(desk, 9, "re_review", (600,), first_reviewer_id=small.id)
    a_case(desk, 10, "panel", (500,))
    a_case(desk, 11, "final", (400,))  # the senior is full
    a_case(desk, 12, "appeal", (300,))
    a_case(desk, 13, amounts=(200,), suspended_at=desk.clock(), area="990201")
    expected = ["big", "small", "big", "big", "small", "doctor", "boss", "boss", "big", "boss", None, None, None]
    assert list(assigned(desk).values()) == expected
    assert list(assigned(desk).values()) == expected  # nothing moves when nothing has changed
    with desk.read() as con:
        assert len(con.scalars(select(journal.c.seq).where(journal.c.action == "case.assign")).all()) == 10


def test_on_the_first_day_of_an_absence_untouched_work_goes_back(desk: Desk, clock: Clock) -> None:
    one = a_worker(desk, "one", absent_from=TODAY + timedelta(days=1), absent_to=TODAY + timedelta(days=3))
    boss = a_worker(desk, "boss", "senior")
    for number in (1, 2, 3):
        a_case(desk, number, amounts=(1_000 - number,), assignee_id=one.id)
    judged(desk, 1 + min(_ids(desk)), one.id, "first_review")  # the second is begun
    assert assigned(desk) == {1: "one", 2: "one", 3: "one"}
    clock.now += timedelta(days=1)
    assert assigned(desk) == {1: "boss", 2: "one", 3: "boss"}
    clock.now += timedelta(days=3)
    a_case(desk, 4)
    assert assigned(desk) == {1: "boss", 2: "one", 3: "boss", 4: "one"}
    a_case(desk, 5, "re_review", assignee_id=boss.id, first_reviewer_id=boss.id)
    judged(desk, max(_ids(desk)), boss.id, "first_review")
    assert assigned(desk)[5] == "one"  # never to who judged it first, whoever gave it to him
    with desk.act(boss) as act:
        team.change(act, one.id, 7, ["medical", "policy"], None, None)
        with pytest.raises(Refused, match="on or after"):
            team.change(act, one.id, None, [], date(2026, 8, 9), date(2026, 8, 8))
        with pytest.raises(Refused, match="in your area"):
            team.change(act, 10**9, None, [], None, None)
    with desk.read() as con:
        row = next(row for row in team.members(con, SITE, boss, TODAY) if row.login == "one")
        assert (row.capacity, row.skills, row.load, row.free) == (7, "policy,medical", 3, 4)


def _ids(desk: Desk) -> list[int]:
    with desk.read() as con:
        return list(con.scalars(select(cases.c.id)))


def test_identical_findings_stand_side_by_side(desk: Desk) -> None:
    person, other = a_worker(desk, "reviewer"), a_worker(desk, "other", "reviewer")
    a_case(desk, 1, amounts=(500, 700))
    a_case(desk, 2, amounts=(900,))
    for number, values in enumerate(({"step": "appeal"}, {"suspended_at": desk.clock()}, {"escalated": True}), 3):
        a_case(desk, number, **values)  # not to be decided now
    held = a_case(desk, 6, amounts=(5_000,))
    with desk.act(other) as act:
        queue.hold(act, SITE, held)
    with desk.read() as con:
        now = desk.clock()
        assert [(row.rule_id, row.cases, row.findings, row.amt) for row in alike.rules(con, person, now)] == [("MED-067", 2, 3, 2_100)]
        table = alike.table(con, person, now, "MED-067", 1)
        assert [(one.case.setl_id, one.amt, one.evidence) for one in table.cases] == [
            ("S9900000001", 1_200, [["1"], ["2"]]), ("S9900000002", 900, [["1"]]),
        ]  # fmt: skip
        assert (table.same, table.columns, table.usual, table.amt) == ({"gend": "1", "item_only_gend": "2"}, ["cnt"], ["1"], 2_100)
        assert len(alike.table(con, other, now, "MED-067", 1).cases) == 3


def test_the_pages(desk: Desk, tmp_path: Path) -> None:
    place = a_place(desk, tmp_path)
    reviewer, senior, looker = (a_worker(desk, role, role) for role in ("reviewer", "senior", "auditor"))
    ids = [a_case(desk, number, amounts=(number * 10_000,)) for number in range(1, 53)]
    late = a_case(desk, 99, due_on=date(2026, 7, 30), assignee_id=reviewer.id, fixmedins_name="<b>虚构</b>")
    client, boss, auditor = at_desk(place, reviewer, senior, looker)
    assert client.get("/queue").text.count("data-case") == 1
    page = client.get("/queue?tab=late")
    assert "逾期2个工作日" in page.text and "&lt;b&gt;虚构" in page.text
    first = client.get("/queue?tab=all&amount_from=50.00&amount_to=&q=&order=amount")
    assert first.text.count("data-case") == 50 and 'aria-current="page">全部在审 <span class="count">52' in first.text
    following = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert following.startswith("/queue?") and client.get(following).text.count("data-case") == 2
    whole = pl.read_csv(client.get("/queue?tab=all&amount_from=50&order=amount&after=1~1&format=csv").content, infer_schema=False)
    assert whole["违规金额"].to_list() == [f"{number * 100}.00" for number in range(52, 0, -1)]  # all that fit, not one page
    assert pl.read_parquet(client.get("/api/v1/queue?tab=late&format=parquet").content)["due_on"].to_list() == [date(2026, 7, 30)]
    assert client.get("/queue?format=exe").status_code == 422
    for nonsense in ("after=x~y", f"after={9**60}~1", "amount_from=²", "probability_from=nan", "tab=theirs", "due_by=0000-00-00", "q=%00"):
        assert client.get(f"/queue?{nonsense}").status_code == 422, nonsense

    taken = client.post("/queue/next?tab=all&amount_from=300&amount_to=300")
    assert (taken.status_code, taken.headers["Location"]) == (303, f"/cases/{ids[2]}")
    assert "在您手中" in client.get("/queue?tab=all&order=amount&amount_to=300").text
    assert "测试reviewer 正在处理" in boss.get("/queue?tab=all&amount_from=300&amount_to=300").text
    assert client.post(f"/queue/release/{ids[2]}").status_code == 303
    assert "没有可领取" in client.get(client.post("/queue/next?q=nothing").headers["Location"]).text

    assert (
        client.post("/queue/views?tab=all&amount_from=50", data={"name": " 大额 "}).headers["Location"] == "/queue?tab=all&amount_from=50"
    )
    own = client.get("/api/v1/queue/views").json()
    assert [(view["name"], view["query"]) for view in own] == [("大额", "tab=all&amount_from=50")]
    assert boss.post(f"/queue/views/{own[0]['id']}/remove").status_code == 404
    assert client.post(f"/queue/views/{own[0]['id']}/remove").status_code == 303

    assert client.post("/queue/marked?tab=all", data={"to": reviewer.id, "case": [f"{ids[0]}.0", f"{ids[1]}.0"]}).status_code == 303
    told = boss.post("/queue/marked", data={"to": reviewer.id, "case": [f"{ids[3]}.0", f"{ids[4]}.7"]})
    assert told.status_code == 409 and "未转交" in told.text
    assert client.get("/api/v1/queue/counts").json()["mine"] == 3

    assert client.get("/queue/team").status_code == client.get("/queue/team?format=csv").status_code == 403
    team = pl.read_csv(boss.get("/queue/team?format=csv").content, infer_schema=False)
    assert dict(zip(team["账号"], team["在手案件"], strict=True)) == {"reviewer": "3", "senior": "0"}
    assert "逾期1件" in boss.get("/queue/team").text
    changed = {"capacity": "5", "skill": ["medical", "local"], "absent_from": "2026-08-03", "absent_to": ""}
    assert boss.post(f"/queue/team/{reviewer.id}", data=changed).status_code == 303
    assert boss.post(f"/queue/team/{reviewer.id}", data={"capacity": "many"}).status_code == 422
    assert "另行通知" in boss.get("/queue/team").text
    with desk.read() as con:
        assert con.scalar(select(cases.c.assignee_id).where(cases.c.id == late)) is None  # the senior is full of dearer ones
    assert auditor.get("/queue").text.count("data-case") == 50
    assert auditor.post("/queue/next").status_code == auditor.get("/queue/together").status_code == 403


def test_many_cases_are_decided_at_once(desk: Desk, tmp_path: Path) -> None:
    place = a_place(desk, tmp_path)
    ids = [a_case(desk, number, amounts=(1_000 * number,)) for number in (1, 2, 3)]
    (client,) = at_desk(place, a_worker(desk, "reviewer"))
    assert "/queue/together/MED-067/1" in client.get("/queue/together").text
    assert client.get("/queue/together/MED-067/1").text.count('name="case"') == 3
    assert client.get("/queue/together?format=csv").text.splitlines()[1] == "MED-067,1,,3,3,60.00"
    rows = pl.read_parquet(client.get("/queue/together/MED-067/1?format=parquet").content)
    assert rows["counted_amt"].to_list() == [3_000, 2_000, 1_000]
    asked = client.post("/queue/together/MED-067/1/confirm", data={"outcome": "confirmed", "case": [ids[0], ids[2], 999]})
    assert '<span class="yuan">40<span class="dec">.00' in asked.text and "1件在此期间" in asked.text
    done = client.post("/queue/together/MED-067/1", data={"outcome": "confirmed", "case": [ids[0], ids[2], 999]})
    assert "已决定2件" in done.text and "没有这个案件" in done.text
    answer = client.post(
        "/api/v1/queue/together", json={"rule_id": "MED-067", "rule_version": 1, "cases": ids, "outcome": "dismissed", "reason": "登记有误"}
    )
    assert answer.json()["decided"] == [ids[1]] and [one["case_id"] for one in answer.json()["skipped"]] == [ids[0], ids[2]]
    with desk.read() as con:
        assert dict(con.execute(select(cases.c.id, cases.c.step)).all()) == {ids[0]: "appeal", ids[1]: "closed", ids[2]: "appeal"}


def test_programs_have_the_same_queue(desk: Desk, tmp_path: Path) -> None:
    place = a_place(desk, tmp_path)
    reviewer, other, senior = a_worker(desk, "reviewer"), a_worker(desk, "other"), a_worker(desk, "senior", "senior")
    ids = [a_case(desk, number, amounts=(number * 100,)) for number in (1, 2, 3)]
    one, two, boss = at_desk(place, reviewer, other, senior)
    listed = one.get("/api/v1/queue", params={"tab": "all", "order": "amount"}).json()
    assert [row["id"] for row in listed["cases"]] == ids[::-1] and listed["next"] is None
    assert one.post("/api/v1/queue/next").json() == {"case_id": ids[2]}
    assert one.put(f"/api/v1/cases/{ids[2]}/lock").json()["name"] == "测试reviewer"
    refused = two.put(f"/api/v1/cases/{ids[2]}/lock")
    assert refused.status_code == 409 and "测试reviewer正在处理此案" in refused.json()["zh"]
    assert one.delete(f"/api/v1/cases/{ids[2]}/lock").status_code == 204
    assert two.put(f"/api/v1/cases/{ids[2]}/lock").status_code == 200
    assert two.put(f"/api/v1/cases/{10**9}/lock").status_code == 404
    assert one.put("/api/v1/queue/views/大额", params={"amount_from": "100"}).json()["query"] == "amount_from=100"
    assert boss.put(f"/api/v1/queue/team/{other.id}", json={"capacity": 1}).json() == {"assigned": 2}  # the third is in other's hands
    assert [(one["login"], one["load"]) for one in boss.get("/api/v1/queue/team").json()] == [("other", 1), ("reviewer", 1), ("senior", 0)]
    assert boss.post("/api/v1/queue/assign").json() == {"assigned": 0}
    assert one.get("/api/v1/queue/team").status_code == 403
    assert [rule["rule_id"] for rule in one.get("/api/v1/queue/together").json()] == ["MED-067"]
