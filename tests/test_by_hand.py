"""A finding entered by hand: what a reviewer saw in a bill and no rule found, from its entry to the label; on SQLite and PostgreSQL."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from case_room import Found, Room, a_case, a_line
from desk_room import ROOT, Clock, a_desk
from sqlalchemy import inspect, select, text, update

from audit.cases import journal, ledger, workflow
from audit.cases.boards import Cohort, money, verdicts
from audit.cases.queue import assign
from audit.cases.refused import Faults, Refused
from audit.cases.repeated import again
from audit.cases.seeds import Seed
from audit.cases.site import Site
from audit.cases.store import MIGRATIONS, Desk
from audit.cases.tables import cases, decisions, findings, labels
from audit.cases.tables import journal as entries
from audit.cases.workflow import Entry, Item
from audit.words import INDICATOR, TYPES, value

SITE = Site.read()
TYPE = "GZ10000102012000"
LINES = (a_line("L1", 10_000), a_line("L2", 6_000, 4_000), a_line("L3", 2_000, 0))


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    url = f"sqlite:///{tmp_path / 'desk.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres")
    desk = a_desk(url, Clock())
    yield Room(desk, SITE)
    desk.engine.dispose()


@pytest.fixture()
def room(tmp_path: Path) -> Room:
    return Room(a_desk(f"sqlite:///{tmp_path / 'desk.db'}", Clock()), SITE)


def enter(room: Room, case_id: int, *lines: str, login: str = "ann", revision: int | None = None, **more: object) -> None:
    given = Entry(**({"code": TYPE, "basis": "条款", "reason": "同日重复收费", "lines": lines} | more))  # type: ignore[arg-type]
    with room.desk.act(room[login]) as act:
        workflow.enter_finding(act, case_id, room.case(case_id).revision if revision is None else revision, given)


def take_back(room: Room, case_id: int, number: int = 0, login: str = "ann") -> None:
    with room.desk.act(room[login]) as act:
        workflow.take_back(act, case_id, room.case(case_id).revision, room.found(case_id)[number].id)


def refused(do: Callable[[], object], *parts: str, code: int | None = None) -> Refused:
    with pytest.raises(Refused) as no:
        do()
    assert code in (None, no.value.code) and no.value.said["zh"], no.value.said
    assert all(part in no.value.said["en"] for part in parts), no.value.said
    return no.value


def test_what_only_the_models_saw_becomes_a_violation(both: Room) -> None:
    room = both
    case_id = a_case(room.desk, by_model=True, lines=LINES)
    enter(room, case_id, "L1", "L2", amt=2_500)
    case, (one, two) = room.case(case_id), room.found(case_id)
    assert (case.sev_deg, case.lead_rule, case.counted_amt, case.decided_amt) == ("suspicious", None, 5_000, 0)
    assert {(row.rule_id, row.code, row.sev_deg, row.vola_cont, row.vola_evid) for row in (one, two)} == {
        ("HAND", TYPE, "suspicious", "同日重复收费", "条款")}  # fmt: skip
    assert [(row.bkkp_sn, row.line_amt, row.counted_amt, row.vola_fund_amt) for row in (one, two)] == [
        ("L1", 10_000, 2_500, 1_667), ("L2", 6_000, 2_500, 1_667)]  # the fund paid 6,000 of the 9,000 yuan in scope  # fmt: skip
    refused(lambda: room.finish("ann", case_id), "not decided yet: 2")
    room.decide("bob", case_id, Item(one.id, "confirmed"), Item(two.id, "reduced", 1_000, "部分"))
    room.finish("bob", case_id)
    room.appeal(case_id)
    assert "decide" not in room.may("ann", case_id) and "decide" not in room.may("bob", case_id)  # she entered it, he decided it
    with room.desk.act(room["s1"]) as act:
        assert assign(act, SITE) == 1
    assert room.case(case_id).assignee_id in {room[login].id for login in ("s1", "s2", "s3", "s4")}
    room.all_of("s1", case_id, "confirmed")
    room.appeal(case_id)
    for login in ("s2", "s3", "s4"):
        room.vote(login, case_id)
    room.join("s5", "senior")
    room.all_of("s5", case_id, "confirmed")
    with room.desk.read() as con:
        assert ledger.of_case(con, case_id)["confirmed"] == 3_500 and room.case(case_id).outcome == "confirmed"
        label = con.execute(select(labels)).one()
        assert (label.violation, label.amt, label.final_step) == (True, 3_500, "final")
        (board,) = money.by_rule(con, Cohort(room["auditor"]))
        assert (board["of"], board["rule_class"], board["name_zh"], board["found"], board["confirmed"]) == (
            "HAND", "by_hand", "人工录入", 5_000, 3_500)  # fmt: skip
        (judged,) = verdicts.by_version(con, Cohort(room["auditor"]))
        assert (judged["of"], judged["rule_version"], judged["confirmed"], judged["reduced"]) == ("HAND", None, 1, 1)
        assert journal.verify(con)[1] is None
        told = con.execute(select(entries).where(entries.c.action == "case.enter")).one()
        assert told.login == "ann" and json.loads(told.details)["about"] == ["L1", "L2"]


def test_no_more_is_entered_than_what_is_in_scope_and_left(room: Room) -> None:
    case_id = a_case(room.desk, Found(7_000, line="L1", line_amt=10_000), lines=LINES, medfee_sumamt=20_000)  # 18,000 in scope
    rule = room.found(case_id)[0].id
    for line, amt, most in (("L1", 3_001, "30.00"), ("L2", 4_001, "40.00"), ("L3", 1, "L3 ≤ 0.00")):
        refused(lambda line=line, amt=amt: enter(room, case_id, line, amt=amt), most, code=422)
    refused(lambda: enter(room, case_id, claim=room.case(case_id).setl_id, amt=11_001), "110.00")
    enter(room, case_id, "L1", "L2")  # all that is left of each
    assert [row.counted_amt for row in room.found(case_id)] == [7_000, 3_000, 4_000]
    refused(lambda: enter(room, case_id, "L1"), "dismiss or reduce the other findings first")
    enter(room, case_id, "L3", claim=room.case(case_id).setl_id)
    whole = room.found(case_id)[-1]
    assert (whole.bkkp_sn, whole.counted_amt, whole.concerned) == (None, 4_000, '["L3"]') and room.case(case_id).counted_amt == 18_000
    room.decide("ann", case_id)
    assert room.case(case_id).decided_amt == 18_000
    # a rule's finding dismissed leaves its money to another type; then it cannot be confirmed after all beside it
    room.decide("ann", case_id, Item(rule, "dismissed", None, "类型不符"))
    enter(room, case_id, "L1", code="GZ10000102013000", amt=7_000)
    room.decide("ann", case_id, Item(room.found(case_id)[-1].id, "confirmed"))
    refused(lambda: room.decide("ann", case_id, Item(rule, "confirmed")), "what was billed on this line (100.00 yuan)")
    take_back(room, case_id, 1)
    refused(lambda: room.decide("ann", case_id, Item(rule, "confirmed")), "what was billed on this line")  # 70 + 70 of 100
    assert room.case(case_id).decided_amt == 15_000 == sum(row.decided_amt for row in room.found(case_id))


WRONG = [
    ({"lines": ("L1", "L9", "L8")}, "lines", "no such line: L9, L8"),
    ({"lines": ()}, "lines", "Tick the lines"),
    ({"lines": (), "claim": "S1"}, "lines", "no such claim"),
    ({"amt": 0}, "amt", "more than 0"),
    ({"amt": -5}, "amt", "more than 0"),
    ({"amt": 10_001}, "amt", "L1 ≤ 100.00"),
    ({"reason": " \n"}, "reason", "Write something"),
    ({"basis": "长" * 4001}, "basis", "up to 4000"),
    ({"code": "GZ99"}, "code", "national types"),
    ({"code": "ZB10000205001000"}, "code", "national types"),  # a statistic is found on no bill
]


def test_what_is_not_right_is_told_by_field_and_nothing_is_saved(room: Room) -> None:
    case_id = a_case(room.desk, by_model=True, lines=LINES)
    for more, field, said in WRONG:
        no = refused(lambda more=more: enter(room, case_id, "L1", **more), said, code=422)
        assert isinstance(no, Faults) and list(no.fields) == [field]
    no = refused(lambda: enter(room, case_id, code="", basis="", reason="", amt=0))
    assert isinstance(no, Faults) and set(no.fields) == {"code", "basis", "reason", "lines", "amt"}  # all of them at once
    assert room.found(case_id) == [] and room.case(case_id).revision == 0


def test_a_double_click_and_two_people(both: Room) -> None:
    room, told = both, []
    case_id = a_case(room.desk, by_model=True, lines=LINES)
    gate = threading.Barrier(4)

    def click(login: str) -> None:
        gate.wait()
        try:
            enter(room, case_id, "L1", login=login, revision=0)
        except Refused as no:
            told.append(no)

    threads = [threading.Thread(target=click, args=(login,)) for login in ("ann", "ann", "bob", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(room.found(case_id)) == 1 and {no.code for no in told} == {409} and len(told) == 3
    assert all("entered a finding by hand at 09:00" in no.said["en"] for no in told)


def test_only_the_author_takes_it_back_and_only_in_first_review(room: Room) -> None:
    case_id = a_case(room.desk, Found(1_000, line="L2", line_amt=6_000), lines=LINES)
    enter(room, case_id, "L1", amt=500)
    room.decide("bob", case_id, *(Item(row.id, "confirmed") for row in room.found(case_id)))
    refused(lambda: take_back(room, case_id, 1, "bob"), "Only who entered", code=403)
    refused(lambda: take_back(room, case_id, 0), "Only who entered", code=403)  # a rule's
    take_back(room, case_id, 1)
    case = room.case(case_id)
    assert (case.counted_amt, case.decided_amt, case.sev_deg) == (1_000, 1_000, "definite") and len(room.found(case_id)) == 1
    with room.desk.read() as con:
        assert len(con.execute(select(decisions)).all()) == 1 and journal.verify(con)[1] is None
    enter(room, case_id, "L1", amt=500)
    hold(room, case_id, "bob")
    for do in (lambda: enter(room, case_id, "L1", amt=500), lambda: take_back(room, case_id, 1)):
        refused(do, "测试bob has this case in hand until 09:15")
    hold(room, case_id, None)
    room.all_of("ann", case_id, "confirmed")
    for do in (lambda: enter(room, case_id, "L1", amt=500), lambda: take_back(room, case_id, 1)):
        refused(do, "before the hospital is told", code=409)
    refused(lambda: enter(room, case_id, "L1", revision=0), "测试ann finished this step")


def hold(room: Room, case_id: int, login: str | None) -> None:
    with room.desk.act() as act:
        until = act.now.replace(minute=15) if login else None
        act.con.execute(update(cases).where(cases.c.id == case_id).values(locked_by_id=login and room[login].id, locked_until=until))


def test_a_case_without_findings_left_is_the_models_again(room: Room) -> None:
    case_id = a_case(room.desk, by_model=True, lines=LINES)
    enter(room, case_id, claim=room.case(case_id).setl_id, amt=100)
    take_back(room, case_id)
    assert (room.case(case_id).sev_deg, room.case(case_id).counted_amt, room.found(case_id)) == ("model", 0, [])
    room.finish("ann", case_id)
    assert room.case(case_id).outcome == "dismissed"


def test_a_night_run_again_keeps_it_once(both: Room) -> None:
    room = both
    found, lost = (a_case(room.desk, by_model=True, lines=LINES) for _ in range(2))
    ruled = a_case(room.desk, Found(1_000, line="L2", line_amt=6_000), lines=LINES)
    for case_id in (found, lost, ruled):
        enter(room, case_id, "L1", amt=500)
    before = {case_id: room.found(case_id) for case_id in (found, lost, ruled)}
    same = [{"jr_id": row.jr_id, "counted_amt": row.counted_amt} for row in before[ruled] if row.author_id is None]
    seeds = {room.case(one).setl_id: Seed({"counted_amt": 0}, same if one == ruled else [], b"") for one in (found, ruled)}
    for run_id in ("second", "third"):
        with room.desk.act() as act:
            words = again(act, SITE, [found, lost, ruled], seeds, run_id)
    assert words == []  # what the rules find is as it was, and the entries are nobody's but their author's
    assert {case_id: room.found(case_id) for case_id in before} == before
    room.all_of("ann", found, "confirmed")
    assert room.case(found).step == "appeal"


def test_a_merged_case_takes_entries_for_either_claim(room: Room) -> None:
    one = a_case(room.desk, by_model=True, lines=LINES, psn_no="P99")
    two = a_case(room.desk, by_model=True, lines=[a_line("M1", 300)], psn_no="P99", medfee_sumamt=1_000)
    enter(room, two, "M1", amt=100)
    with room.desk.act(room["ann"]) as act:
        workflow.merge(act, one, room.case(one).revision, two)
    other = room.case(two).setl_id
    enter(room, one, "M1", "L1", amt=150)
    refused(lambda: enter(room, one, claim=other, amt=651), "6.50")  # 900 in scope, 250 of it counted
    enter(room, one, claim=other)
    room.decide("ann", one)
    assert sorted((row.setl_id == other, row.counted_amt) for row in room.found(one)) == [
        (False, 150),
        (True, 100),
        (True, 150),
        (True, 650),
    ]
    room.finish("ann", one)
    with room.desk.act(room["hospital"]) as act:
        workflow.accept(act, SITE, one)
    with room.desk.read() as con:
        assert sorted(con.execute(select(labels.c.violation, labels.c.amt)).all()) == [(True, 150), (True, 900)]


def test_the_types_are_the_national_table_s_with_a_name_in_both_languages() -> None:
    with (ROOT / "rules" / "tables" / "types.csv").open(encoding="utf-8", newline="") as file:
        table = {row["national_code"]: (f"{row['tier']} · {row['tier_two']}", row["name"]) for row in csv.DictReader(file)}
    known = {code: (group[0], names[0]) for group, types in TYPES.items() for code, names in types.items()}
    assert known == table and len({names[1] for types in TYPES.values() for names in types.values()}) == 88
    assert all(names[1].isascii() for types in TYPES.values() for names in types.values())
    offered = {code for types in workflow.FOUND.values() for code in types}
    assert offered == {code for code in table if not code.startswith(INDICATOR)}
    assert (value("rule_id", "HAND", "zh"), value("rule_id", "POL-001", "en")) == ("人工录入", "POL-001")


def test_the_second_migration_goes_up_and_down_over_a_used_desk(both: Room) -> None:
    desk, case_id = both.desk, a_case(both.desk, lines=LINES)
    both.decide("ann", case_id)
    enter(both, case_id, "L1", amt=500)
    migrate(desk, command.downgrade, "0001")
    with desk.engine.connect() as con:
        assert "author_id" not in {column["name"] for column in inspect(con).get_columns("findings")}
        assert [row.rule_id for row in con.execute(text("SELECT rule_id FROM findings ORDER BY id"))] == ["POL-001", "HAND"]
    migrate(desk, command.upgrade, "head")
    assert [row.author_id for row in both.found(case_id)] == [None, None]
    with pytest.raises(Exception, match=r"(?i)foreign key"), desk.act() as act:
        act.con.execute(update(findings).values(author_id=10**6))


def migrate(desk: Desk, way: Callable[[Config, str], None], to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with desk.engine.connect() as con:
        config.attributes["connection"] = con
        way(config, to)
        con.commit()
