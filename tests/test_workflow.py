"""The procedure of a case: from first review to the last word, who may do what, and what happens when two do it at once."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from case_room import Found, Room, a_case
from desk_room import Clock, a_desk
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from audit.cases import journal, labels, ledger, workflow
from audit.cases.refused import Refused
from audit.cases.site import Site
from audit.cases.tables import appeals, cases, comments, decisions, files, notices, people
from audit.cases.tables import journal as entries
from audit.cases.tables import labels as label_rows
from audit.cases.uploads import clean, kind_of
from audit.cases.workflow import ACTIONS, Item, Upload
from audit.cases.workflow.amounts import Ground, check

SITE = Site.read()


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    """A room on each of the two databases."""
    url = f"sqlite:///{tmp_path / 'desk.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres")
    desk = a_desk(url, Clock())
    yield Room(desk, SITE)
    desk.engine.dispose()


@pytest.fixture()
def room(tmp_path: Path) -> Room:
    return Room(a_desk(f"sqlite:///{tmp_path / 'desk.db'}", Clock()), SITE)


def refused(do: Callable[[], object], code: int | None = None) -> Refused:
    with pytest.raises(Refused) as no:
        do()
    assert code is None or no.value.code == code, no.value.said
    assert no.value.said["zh"] and no.value.said["en"]
    return no.value


def at(room: Room, *moment: int) -> None:
    """Set the clock to a moment in China."""
    room.desk.clock.now = datetime(*moment, tzinfo=UTC) - timedelta(hours=8)  # type: ignore[attr-defined, misc]


def test_a_case_walks_the_whole_procedure(both: Room) -> None:
    room = both
    case_id = a_case(room.desk, Found(1000, line="L1"), Found(500, line="L2", rule="POL-002"), Found(0, line=None, rule="POL-003"))
    one, two, three = (row.id for row in room.found(case_id))
    room.decide("ann", case_id, Item(one, "confirmed"), Item(two, "reduced", 300, "一次合理"))
    assert "not decided yet: 1" in refused(lambda: room.finish("ann", case_id), 422).said["en"]
    room.decide("ann", case_id, Item(three, "confirmed"))
    room.finish("ann", case_id)
    case = room.case(case_id)
    assert (case.step, case.decided_amt, case.due_on, case.first_reviewer_id) == ("appeal", 1300, date(2026, 8, 17), room["ann"].id)

    room.appeal(case_id, Upload("病历.pdf", b"%PDF-1.7 ..."))
    refused(lambda: room.decide("ann", case_id), 403)  # she did the first review
    room.decide("bob", case_id, Item(one, "reduced", 800, "部分有理"), Item(two, "confirmed"), Item(three, "dismissed", None, "理由充分"))
    assert [row.outcome for row in room.found(case_id)] == ["reduced", "reduced", "dismissed"]
    room.finish("bob", case_id)
    assert (room.case(case_id).step, room.case(case_id).decided_amt) == ("re_appeal", 1100)

    room.appeal(case_id)
    for login, outcome in (("s1", "overturn"), ("s2", "reduce"), ("s3", "uphold")):
        room.vote(login, case_id, outcome)
    refused(lambda: room.decide("s4", case_id, Item(one, "confirmed")), 422)  # the panel would reduce: say why not
    room.decide("s4", case_id, Item(one, "reduced", 500, "同合议意见"), Item(two, "reduced", 200, "同合议意见"))
    room.finish("s4", case_id)

    case = room.case(case_id)
    assert (case.step, case.outcome, case.decided_amt, case.counted_amt, case.due_on) == ("closed", "reduced", 700, 1500, None)
    with room.desk.act(room["operator"]) as act:
        assert ledger.book(act, case_id, 600, "V-1") == 600
    refused(lambda: book(room, case_id, 101), 422)
    book(room, case_id, 100)
    with room.desk.read() as con:
        money = {"proposed": 1300, "appealed": 1300, "released": 600, "confirmed": 700, "recovered": 700}
        assert ledger.of_case(con, case_id) == money and ledger.sums(con, room["s1"]) == money
        assert ledger.sums(con, room["s1"], area="45") == dict.fromkeys(money, 0)
        label = con.execute(select(label_rows)).one()
        assert (label.violation, label.amt, label.final_step) == (True, 700, "final")
        assert [(row.rule_id, *row[2:]) for row in labels.overturned(con)] == [
            ("POL-001", 0, 1, 0), ("POL-002", 0, 1, 0), ("POL-003", 0, 0, 1)]  # fmt: skip
        assert con.execute(select(notices.c.kind).order_by(notices.c.id)).scalars().all() == ["first_review", "re_review", "final"]
        assert con.execute(select(files.c.name, files.c.appeal_id)).all() == [("病历.pdf", con.scalar(select(appeals.c.id).limit(1)))]
        told = con.execute(select(entries.c.action).where(entries.c.case_id == case_id).order_by(entries.c.seq)).scalars().all()
        assert journal.verify(con)[1] is None
    assert told == ["case.open", "case.decide", "case.decide", "case.finish", "case.attach", "case.appeal", "case.decide", "case.finish",
                    "case.appeal", *["case.vote"] * 3, "case.finish", "case.decide", "case.finish", "case.book", "case.book"]  # fmt: skip


def book(room: Room, case_id: int, amt: int) -> None:
    with room.desk.act(room["s1"]) as act:
        ledger.book(act, case_id, amt, "V-2")


# step -> what each may do there, everything before having been done by ann, bob, s1-s3, s4 as `bring_to` does it
ENTRY = workflow.Entry("GZ10000102012000", "条款", "理由", ["L1"])
NOTES = {"comment", "attach", "unmask"}
WORK = NOTES | {"decide", "finish", "transfer", "suspend"}
MAY = {
    "first_review": {"ann": WORK | {"enter", "merge", "escalate"}, "bob": WORK | {"enter", "merge", "escalate"},
                     "s4": WORK | {"enter", "merge", "withdraw"}},
    "appeal": {"ann": NOTES | {"suspend"}, "s4": NOTES | {"suspend", "withdraw"}, "hospital": {"appeal", "accept"}},
    "re_review": {
        "ann": NOTES | {"transfer", "suspend", "escalate"}, "bob": WORK | {"escalate"}, "s4": WORK | {"withdraw"},
    },
    "re_appeal": {"bob": NOTES | {"suspend"}, "s4": NOTES | {"suspend", "withdraw"}, "hospital": {"appeal", "accept"}},
    "panel": {"ann": NOTES, "bob": NOTES, "s4": NOTES | {"vote", "suspend", "withdraw"}},
    "final": {"ann": NOTES, "s4": WORK | {"withdraw"}, "s1": WORK | {"withdraw"}},
    "closed": {"ann": {"comment", "unmask"}, "s4": {"comment", "unmask"}},
}  # fmt: skip


@pytest.mark.parametrize("step", MAY)
def test_who_may_do_what_in_each_step(room: Room, step: str) -> None:
    """Everything that the table does not allow is refused, by `may_now` and by the act itself, and leaves nothing behind."""
    case_id, other = a_case(room.desk), a_case(room.desk, psn_no="P99000001")
    room.bring_to(step, case_id)
    case, finding = room.case(case_id), room.found(case_id)[0].id
    tries: dict[str, Callable[[workflow.steps.Act], object]] = {
        "decide": lambda act: workflow.decide(act, case_id, case.revision, [Item(finding, "confirmed", None, "同意")]),
        "enter": lambda act: workflow.enter_finding(act, case_id, case.revision, ENTRY),
        "finish": lambda act: workflow.finish(act, SITE, case_id, case.revision),
        "appeal": lambda act: workflow.appeal(act, SITE, case_id, "理由", [finding]),
        "accept": lambda act: workflow.accept(act, SITE, case_id),
        "vote": lambda act: workflow.vote(act, SITE, case_id, "uphold", "意见"),
        "withdraw": lambda act: workflow.withdraw(act, case_id, case.revision, "误列"),
        "transfer": lambda act: workflow.transfer(act, case_id, case.revision, room["s4"].id),
        "suspend": lambda act: workflow.suspend(act, case_id, case.revision, "补材料"),
        "resume": lambda act: workflow.resume(act, SITE, case_id, case.revision),
        "merge": lambda act: workflow.merge(act, case_id, case.revision, other),
        "escalate": lambda act: workflow.escalate(act, case_id, case.revision, "疑难"),
        "comment": lambda act: workflow.comment(act, case_id, "看过"),
        "attach": lambda act: workflow.attach(act, SITE, case_id, Upload("a.pdf", b"%PDF-")),
    }
    assert set(tries) == set(ACTIONS) - {"unmask"}
    with room.desk.read() as con:
        before = con.scalar(select(entries.c.seq).order_by(entries.c.seq.desc()).limit(1))
    for login in room.people:
        allowed = MAY[step].get(login, set())
        if login in MAY[step] or room[login].role in ("auditor", "operator", "hospital"):
            assert room.may(login, case_id) == allowed, login
            for action in tries.keys() - allowed:

                def attempt(login: str = login, action: str = action) -> None:
                    with room.desk.act(room[login]) as act:
                        tries[action](act)

                refused(attempt)
    assert room.case(case_id) == case
    with room.desk.read() as con:
        assert con.scalar(select(entries.c.seq).order_by(entries.c.seq.desc()).limit(1)) == before


def test_two_people_on_one_case_and_a_double_click(both: Room) -> None:
    room = both
    case_id = a_case(room.desk)
    told: list[Refused] = []
    gate = threading.Barrier(6)

    def click(login: str) -> None:
        gate.wait()
        try:
            room.decide(login, case_id, revision=0)
        except Refused as no:
            told.append(no)

    threads = [threading.Thread(target=click, args=(login,)) for login in ("ann", "bob", "ann", "s1", "bob", "ann")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 5 and {no.code for no in told} == {409}
    with room.desk.read() as con:
        winner = con.scalar(select(people.c.name).join(decisions, decisions.c.person_id == people.c.id))
        assert journal.verify(con)[1] is None
    assert {no.said["zh"] for no in told} == {f"{winner}已于09:00作出决定；请刷新后再试。"}
    assert {no.said["en"] for no in told} == {f"{winner} decided at 09:00; reload the case and look again."}

    room.finish("ann", case_id)
    answers: list[str] = []

    def answer(what: str) -> None:
        with room.desk.act(room["hospital"]) as act:
            if what == "appeal":
                workflow.appeal(act, SITE, case_id, "理由", [room.found(case_id)[0].id])
            else:
                workflow.accept(act, SITE, case_id)
        answers.append(what)

    def try_answer(what: str) -> None:
        try:
            answer(what)
        except Refused as no:
            told.append(no)

    threads = [threading.Thread(target=try_answer, args=(what,)) for what in ("appeal", "accept", "appeal", "accept")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 1 and room.case(case_id).step == {"appeal": "re_review", "accept": "closed"}[answers[0]]


def test_a_case_in_somebodys_hands(room: Room) -> None:
    case_id = a_case(room.desk)
    with room.desk.act() as act:
        until = act.now + timedelta(minutes=15)
        act.con.execute(update(cases).where(cases.c.id == case_id).values(locked_by_id=room["bob"].id, locked_until=until))
    said = refused(lambda: room.decide("ann", case_id), 409).said
    assert said == {"zh": "测试bob正在处理此案，锁定至09:15。", "en": "测试bob has this case in hand until 09:15."}
    assert room.may("ann", case_id) == NOTES
    room.desk.clock.now += timedelta(minutes=15)  # type: ignore[attr-defined]
    room.decide("ann", case_id)


def test_nobody_sees_beyond_the_wall(room: Room) -> None:
    case_id = a_case(room.desk)
    room.bring_to("appeal", case_id)
    far = room.join("far", "reviewer", area="45")
    stranger = room.join("stranger", "hospital", fixmedins_code="F99000000002")
    for person in (far, stranger):
        with room.desk.act(person) as act:
            for do in (lambda act=act: workflow.accept(act, SITE, case_id), lambda act=act: workflow.comment(act, case_id, "x")):
                refused(do, 404)


def test_what_first_review_dismisses_the_hospital_never_sees(room: Room) -> None:
    case_id = a_case(room.desk, Found(), Found(line="L2"))
    refused(lambda: room.decide("ann", case_id, Item(room.found(case_id)[0].id, "dismissed")), 422)  # why?
    room.all_of("ann", case_id, "dismissed")
    case = room.case(case_id)
    assert (case.step, case.outcome, case.decided_amt) == ("closed", "dismissed", 0)
    with room.desk.act(room["hospital"]) as act:
        refused(lambda: workflow.accept(act, SITE, case_id), 404)
    with room.desk.read() as con:
        assert con.execute(select(label_rows.c.violation)).scalars().all() == [False]
        assert labels.overturned(con) == [("POL-001", 1, 0, 0, 2)]
        assert ledger.of_case(con, case_id) == dict.fromkeys(ledger.KINDS, 0)


def test_a_reversal_closes_as_overturned_and_acceptance_as_confirmed(room: Room) -> None:
    overturned, accepted = a_case(room.desk), a_case(room.desk)
    room.bring_to("re_review", overturned)
    room.all_of("bob", overturned, "dismissed")
    assert room.case(overturned).outcome == "overturned"
    room.bring_to("appeal", accepted)
    with room.desk.act(room["hospital"]) as act:
        workflow.seen_notice(act, accepted)
        workflow.accept(act, SITE, accepted)
    assert room.case(accepted).outcome == "confirmed"
    with room.desk.read() as con:
        assert ledger.of_case(con, overturned) == dict.fromkeys(ledger.KINDS, 0) | {"proposed": 1000, "appealed": 1000, "released": 1000}
        assert ledger.of_case(con, accepted) == dict.fromkeys(ledger.KINDS, 0) | {"proposed": 1000, "confirmed": 1000}
        read = con.execute(select(notices.c.read_at).where(notices.c.case_id == accepted)).scalars().all()
        assert read == [room.desk.clock()]


# Deadlines ---------------------------------------------------------------------------------------------------------------------------


def test_silence_over_the_national_day(both: Room) -> None:
    """Told on 24 September 2026: the holidays of mid-autumn and National Day do not count, the worked weekend does."""
    room = both
    at(room, 2026, 9, 24, 10)
    case_id = a_case(room.desk)
    room.bring_to("appeal", case_id)
    due = room.case(case_id).due_on
    assert due == SITE.deadline("990101", "appeal", date(2026, 9, 24)) and due > date(2026, 10, 8)
    at(room, due.year, due.month, due.day, 23, 59)
    assert workflow.pass_deadlines(room.desk, SITE) == 0 and "appeal" in room.may("hospital", case_id)
    at(room, due.year, due.month, due.day + 1, 0, 0)
    assert f"ended on {due}" in refused(lambda: room.appeal(case_id), 409).said["en"]
    passed: list[int] = []
    threads = [threading.Thread(target=lambda: passed.append(workflow.pass_deadlines(room.desk, SITE))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == 1 and workflow.pass_deadlines(room.desk, SITE) == 0
    assert (room.case(case_id).outcome, room.case(case_id).decided_amt) == ("confirmed", 1000)
    with room.desk.read() as con:
        assert ledger.of_case(con, case_id)["confirmed"] == 1000 and journal.verify(con)[1] is None


def test_a_late_review_goes_to_the_seniors(room: Room) -> None:
    case_id = a_case(room.desk)
    at(room, 2026, 8, 17, 12)
    assert workflow.pass_deadlines(room.desk, SITE) == 0
    at(room, 2026, 8, 18, 0, 1)
    assert workflow.pass_deadlines(room.desk, SITE) == 1 and workflow.pass_deadlines(room.desk, SITE) == 0
    assert room.case(case_id).escalated and room.may("ann", case_id) == NOTES
    refused(lambda: room.decide("ann", case_id), 403)
    with room.desk.act(room["s1"]) as act:  # a senior may hand it back
        workflow.transfer(act, case_id, room.case(case_id).revision, room["ann"].id)
    room.all_of("ann", case_id, "confirmed")
    assert not room.case(case_id).escalated


def test_where_silence_means_nothing_a_late_appeal_is_heard_and_a_senior_closes(tmp_path: Path, room: Room) -> None:
    (tmp_path / "site.yaml").write_text('areas: {"": {steps: {appeal: {working_days: 5, silence: none}}}}\n')
    room.site = Site.read(tmp_path / "site.yaml")
    heard, closed = a_case(room.desk), a_case(room.desk)
    for case_id in (heard, closed):
        room.bring_to("appeal", case_id)
    at(room, 2026, 8, 11, 9)
    assert workflow.pass_deadlines(room.desk, room.site) == 0
    room.appeal(heard)
    refused(lambda: room.finish("ann", closed), 403)
    room.finish("s1", closed)
    assert room.case(closed).outcome == "confirmed"


def test_a_suspended_case_has_no_clock(room: Room) -> None:
    at(room, 2026, 9, 23, 9)
    case_id = a_case(room.desk)
    room.bring_to("appeal", case_id)
    due = room.case(case_id).due_on
    at(room, 2026, 9, 29, 15)
    with room.desk.act(room["ann"]) as act:
        workflow.suspend(act, case_id, room.case(case_id).revision, "补充材料")
    assert room.may("hospital", case_id) == set() and "resume" in room.may("ann", case_id)
    at(room, 2026, 12, 1, 9)
    assert workflow.pass_deadlines(room.desk, SITE) == 0
    at(room, 2026, 10, 9, 9)  # 30 September, 8 and 9 October were worked; 1 to 7 October were not
    with room.desk.act(room["ann"]) as act:
        workflow.resume(act, SITE, case_id, room.case(case_id).revision)
    calendar = SITE.calendar("990101")
    assert calendar.between(date(2026, 9, 29), date(2026, 10, 9)) == 3
    assert calendar.between(due, room.case(case_id).due_on) == 3 and "appeal" in room.may("hospital", case_id)
    at(room, 2027, 1, 4, 9)
    with room.desk.act(room["ann"]) as act:
        refused(lambda: workflow.suspend(act, case_id, room.case(case_id).revision, "太迟"), 409)


# Panel, merge, bulk ------------------------------------------------------------------------------------------------------------------


def test_a_panel_without_enough_seniors_is_refused(room: Room) -> None:
    case_id = a_case(room.desk)
    room.all_of("s1", case_id, "confirmed")
    room.appeal(case_id)
    room.all_of("bob", case_id, "confirmed")
    room.appeal(case_id)
    refused(lambda: room.vote("s1", case_id), 403)  # did the first review
    with room.desk.act() as act:
        act.con.execute(update(people).where(people.c.login == "s4").values(active=False))
    assert "needs 3 senior reviewers" in refused(lambda: room.vote("s2", case_id), 409).said["en"]
    room.join("elsewhere", "senior", area="45")
    refused(lambda: room.vote("s2", case_id), 409)
    room.join("here", "senior", area="9901")
    room.vote("s2", case_id, "overturn")
    refused(lambda: room.vote("s2", case_id), 409)
    with room.desk.read() as con:
        assert workflow.opinion(con, case_id) == "overturn" and len(workflow.members(con, room.case(case_id))) == 3


def test_merged_cases_are_judged_as_one_and_labelled_by_claim(room: Room) -> None:
    first = a_case(room.desk, Found(1000), due_on=date(2026, 8, 20))
    second = a_case(room.desk, Found(500), Found(100, line="L2"), psn_no="P99000001", due_on=date(2026, 8, 19), sev_deg="suspicious")
    stranger = a_case(room.desk)
    room.decide("ann", second)
    with room.desk.act(room["ann"]) as act:
        workflow.comment(act, second, "同一次住院")
        refused(lambda: workflow.merge(act, first, 0, stranger), 422)
        refused(lambda: workflow.merge(act, first, 0, first), 422)
    with room.desk.act(room["bob"]) as act:
        workflow.merge(act, first, 0, second)
    case, gone = room.case(first), room.case(second)
    assert (case.counted_amt, case.decided_amt, case.due_on, case.medfee_sumamt) == (1600, 600, date(2026, 8, 19), 2_000_000)
    assert (gone.step, gone.outcome, gone.merged_into_id, gone.counted_amt) == ("closed", "merged", first, 0)
    assert len(room.found(first)) == 3 and room.found(second) == []
    claim_two = room.found(first)[2].id
    refused(lambda: room.decide("bob", first, Item(claim_two, "confirmed", 500)), 422)  # another claim's money
    room.all_of("bob", first, "dismissed")
    with room.desk.read() as con:
        rows = con.execute(select(label_rows.c.case_id, label_rows.c.setl_id, label_rows.c.violation).order_by(label_rows.c.case_id)).all()
        assert con.execute(select(comments.c.case_id)).scalars().all() == [first]
    assert [tuple(row) for row in rows] == [(first, case.setl_id, False), (second, gone.setl_id, False)]


def test_one_decision_for_many_cases(room: Room) -> None:
    same = [a_case(room.desk) for _ in range(3)]
    more = a_case(room.desk, Found(), Found(line="L2", rule="POL-002"))
    doubtful = a_case(room.desk, Found(sev_deg="suspicious"))
    held, gone = a_case(room.desk), a_case(room.desk)
    room.bring_to("appeal", gone)
    with room.desk.act() as act:
        until = act.now + timedelta(minutes=15)
        act.con.execute(update(cases).where(cases.c.id == held).values(locked_by_id=room["bob"].id, locked_until=until))
    with room.desk.act(room["ann"]) as act:
        done = workflow.bulk(act, SITE, "POL-001", [*same, more, doubtful, held, gone, 999], "confirmed")
    assert done.decided == [*same, more] and done.finished == same
    assert {number: no.code for number, no in done.skipped.items()} == {doubtful: 409, held: 409, gone: 409, 999: 404}
    assert "测试bob" in done.skipped[held].said["zh"] and "测试ann" in done.skipped[gone].said["zh"]
    assert room.case(more).step == "first_review" and room.case(more).decided_amt == 1000
    assert {room.case(number).step for number in same} == {"appeal"}
    with room.desk.act(room["bob"]) as act:  # what ann has decided is not decided over her head
        assert workflow.bulk(act, SITE, "POL-001", [more], "dismissed", "误判").decided == []
    other = a_case(room.desk, Found(version=2))
    fresh = a_case(room.desk)
    with room.desk.act(room["ann"]) as act:
        refused(lambda: workflow.bulk(act, SITE, "POL-001", [other, fresh], "confirmed"), 422)
        refused(lambda: workflow.bulk(act, SITE, "POL-001", [fresh], "dismissed"), 422)
        refused(lambda: workflow.bulk(act, SITE, "POL-001", [fresh], "reduced", "x"), 422)
        refused(lambda: workflow.bulk(act, SITE, "POL-001", [], "confirmed"), 422)
        assert workflow.bulk(act, SITE, "POL-001", [other, fresh], "dismissed", "误判", 2).finished == [other]
    with room.desk.read() as con:
        assert journal.verify(con)[1] is None


def test_withdraw_transfer_escalate(room: Room) -> None:
    case_id = a_case(room.desk)
    refused(lambda: transfer(room, case_id, room["auditor"].id), 422)
    with room.desk.act() as act:
        away = {"absent_from": date(2026, 8, 1), "absent_to": date(2026, 8, 9)}
        act.con.execute(update(people).where(people.c.login == "bob").values(**away))
    assert "absent until 2026-08-09" in refused(lambda: transfer(room, case_id, room["bob"].id)).said["en"]
    at(room, 2026, 8, 10, 9)
    transfer(room, case_id, room["bob"].id)
    assert room.case(case_id).assignee_id == room["bob"].id
    with room.desk.act(room["bob"]) as act:
        workflow.escalate(act, case_id, room.case(case_id).revision, "疑难")
    assert room.case(case_id).escalated and room.case(case_id).assignee_id is None
    room.all_of("s1", case_id, "confirmed")
    room.appeal(case_id)
    refused(lambda: transfer(room, case_id, room["s1"].id), 422)  # did the first review
    with room.desk.act(room["s2"]) as act:
        refused(lambda: workflow.withdraw(act, case_id, room.case(case_id).revision, " "), 422)
    with room.desk.act(room["s2"]) as act:
        workflow.withdraw(act, case_id, room.case(case_id).revision, "政策调整")
    case = room.case(case_id)
    assert (case.step, case.outcome) == ("closed", "withdrawn")
    with room.desk.read() as con:
        assert con.execute(select(label_rows)).all() == [] and labels.overturned(con) == []
        assert con.scalar(select(notices.c.kind).order_by(notices.c.id.desc()).limit(1)) == "withdrawn"
        money = ledger.of_case(con, case_id)
        assert money["released"] == money["proposed"] == 1000 and money["confirmed"] == 0


def transfer(room: Room, case_id: int, to_id: int) -> None:
    with room.desk.act(room["ann"]) as act:
        workflow.transfer(act, case_id, room.case(case_id).revision, to_id)


# Amounts -----------------------------------------------------------------------------------------------------------------------------


def test_a_secondary_ground_takes_over_what_is_freed(room: Room) -> None:
    case_id = a_case(room.desk, Found(1000, line_amt=1500), Found(0, 700, line_amt=1500, rule="POL-002"), Found(200, line="L2"))
    first, second, third = (row.id for row in room.found(case_id))
    refused(lambda: room.decide("ann", case_id, Item(second, "confirmed", 700)), 422)  # the first still carries the money
    refused(lambda: room.decide("ann", case_id, Item(first, "dismissed", None, "无"), Item(second, "confirmed", 701)), 422)
    refused(lambda: room.decide("ann", case_id, Item(first, "dismissed", None, "无"), Item(third, "confirmed", 300)), 422)
    for wrong in (Item(first, "reduced", 1000, "等额"), Item(first, "reduced", -1, "负"), Item(first, "reduced", 1), Item(first, "half"),
                  Item(first, "confirmed", 999), Item(first, "dismissed", 1, "无"), Item(second, "reduced", 0, "无"),
                  Item(first, "reduced", 1, "长" * 4001), Item(999_999, "confirmed")):  # fmt: skip
        refused(lambda wrong=wrong: room.decide("ann", case_id, wrong), 422)
    refused(lambda: room.decide("ann", case_id, Item(first, "confirmed"), Item(first, "confirmed")), 422)
    room.decide("ann", case_id, Item(first, "dismissed", None, "无"), Item(second, "confirmed", 700), Item(third, "confirmed"))
    assert room.case(case_id).decided_amt == 900
    room.finish("ann", case_id)
    room.appeal(case_id)
    refused(lambda: room.decide("bob", case_id, Item(first, "confirmed", 300)), 422)  # no more than the hospital was told
    room.decide("bob", case_id, Item(second, "reduced", 100, "部分"), Item(third, "confirmed"))
    room.finish("bob", case_id)
    assert room.case(case_id).decided_amt == 300


Rule = tuple[str | None, int]  # the line it speaks of, the amount it asks


def settled(asked: list[Rule], line_amt: int) -> int:
    """The engine's total of findings on lines of that amount (see audit/settle), written out."""
    names = {line for line, _ in asked if line is not None}
    of_lines = sum(max(min(amt, line_amt) for line, amt in asked if line == name) for name in names)
    return max([of_lines, *(amt for line, amt in asked if line is None)])


@settings(max_examples=100, deadline=None)
@given(st.data(), st.integers(0, 900), st.lists(st.tuples(st.sampled_from(["A", "B", None]), st.integers(0, 900)), min_size=1, max_size=6))
def test_decided_amounts_never_pass_what_the_standing_grounds_come_to(data: st.DataObject, line_amt: int, asked: list[Rule]) -> None:
    totals = [settled(asked[:number], line_amt) for number in range(len(asked) + 1)]
    counted = [after - before for before, after in pairwise(totals)]
    stands = data.draw(st.lists(st.booleans(), min_size=len(asked), max_size=len(asked)))
    likely = [st.sampled_from([0, before, amt, amt // 2]) | st.integers(0, 900) for before, (_, amt) in zip(counted, asked, strict=True)]
    taken = [data.draw(amt) * stand for amt, stand in zip(likely, stands, strict=True)]

    def grounds(amts: list[int]) -> list[Ground]:
        return [
            Ground("S", line, line and line_amt, amt, before, now, "confirmed" if stand else "dismissed")  # type: ignore[arg-type]
            for (line, amt), before, now, stand in zip(asked, counted, amts, stands, strict=True)
        ]

    left = [ground for ground, stand in zip(asked, stands, strict=True) if stand]
    kept = [before * stand for before, stand in zip(counted, stands, strict=True)]
    if sum(kept) <= settled(left, line_amt):  # dismissing some never hurts the others, unless two would then pay for the same
        check(grounds(kept), {})
    try:
        check(grounds(taken), {})
    except Refused:
        return
    assert sum(taken) <= settled(left, line_amt)
    assert all(now <= max(amt, before) for (_, amt), before, now in zip(asked, counted, taken, strict=True))


# Files -------------------------------------------------------------------------------------------------------------------------------


def a_zip(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


def test_a_file_is_what_its_content_says(room: Room, tmp_path: Path) -> None:
    case_id = a_case(room.desk)
    docx = a_zip("[Content_Types].xml", "word/document.xml")
    good = [
        ("a.exe", b"%PDF-1.7", "a.exe.pdf"),
        ("../../病 历.DOCX", docx, "病 历.docx"),
        ("x\x00y<b>.png", b"\x89PNG\r\n\x1a\n..", "xy b.png"),
        ("", b"\xff\xd8\xff..", "附件.jpg"),
        ("C:\\t\\b.xlsx", a_zip("[Content_Types].xml", "xl/workbook.xml"), "b.xlsx"),
    ]
    with room.desk.act(room["ann"]) as act:
        for name, content, _ in good:
            workflow.attach(act, SITE, case_id, Upload(name, content))
    with room.desk.read() as con:
        assert con.execute(select(files.c.name).order_by(files.c.id)).scalars().all() == [kept for _, _, kept in good]
    bad = {b"MZ...": 415, a_zip("a.txt"): 415, a_zip("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"): 415,
           docx[:40]: 415, b"<script>": 415, b"": 422, b"%PDF" * (6 * 1024 * 1024): 413}  # fmt: skip
    for content, code in bad.items():
        with room.desk.act(room["ann"]) as act:
            refused(lambda content=content, act=act: workflow.attach(act, SITE, case_id, Upload("a.pdf", content)), code)
    assert len(clean("长" * 500, "pdf")) <= 255


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 200), st.binary(min_size=1, max_size=30))
def test_a_broken_archive_is_of_no_kind_but_breaks_nothing(where: int, noise: bytes) -> None:
    whole = a_zip("[Content_Types].xml", "xl/workbook.xml")
    assert kind_of(whole[:where] + noise + whole[where + len(noise) :]) in ("", "xlsx")
