"""Rules change only with a second person's word: proposals, approval, the gate before the night, going back, and crashes in between."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from governed_room import Room, a_room, drafted, the_same_room
from import_room import sex_batch
from sqlalchemy import delete, select

from audit.cases import changes, journal
from audit.cases.changes.apply import base
from audit.cases.refused import Refused
from audit.cases.tables import publications
from audit.errors import RuleError
from audit.knowledge import load as load_knowledge
from audit.rulebook import approved, folder, load

STRICTER = ("copy_no > 1 AND fund_pays", "copy_no > 2 AND fund_pays")
WORDS = ("zh: 同一项目重复计费", "zh: 同一项目重复收费")


@pytest.fixture()
def room(governed: Path, tmp_path: Path) -> Iterator[Room]:
    """A folder and a desk of the test's own."""
    opened = the_same_room(governed, tmp_path / "room")
    yield opened
    opened.desk.engine.dispose()


def gate(rules: Path) -> None:
    approved.demand(load(rules), load_knowledge(rules).fingerprint)


def refused(said: str, code: int) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, match=said, check=lambda fault: fault.code == code)


def test_a_rules_whole_life(room: Room) -> None:
    """Drafted, submitted, approved by another, gone back from byte for byte; every step in the journal."""
    before = folder.files(room.rules)
    with room.desk.act(room.analyst) as act:
        number = drafted(act, room.rules, *WORDS)
    assert "-version: 1\n+version: 2" in changes.diff(room.rules, room.proposal(number))
    with refused("only its author", 403), room.desk.act(room.other) as act:
        changes.edit(act, number, 0, changes.text_of(room.rules, "LOC-001"))
    room.submit(number)
    with refused("somebody else must approve", 403), room.desk.act(replace(room.analyst, role="approver")) as act:
        changes.approve(act, room.rules, room.ready(number), "我自己同意")
    stale = replace(room.ready(number), proposal=replace(room.proposal(number), revision=0))
    with refused("analyst submitted the proposal at 08-03 09:00: it changed since you saw it", 409), room.desk.act(room.approver) as act:
        changes.approve(act, room.rules, stale, "同意")
    assert folder.files(room.rules) == before
    assert room.approve(number) == 2
    rule = load(room.rules).rule("LOC-001")
    assert (rule.name["zh"], rule.version) == ("同一项目重复收费", 2)
    gate(room.rules)
    line = approved.approvals(room.rules)[-1]
    assert (line["author"], line["approver"], line["reason"], line["rules"]) == ("analyst", "approver", "同意", {"LOC-001": 2})
    with room.desk.act(room.analyst) as act:
        back = changes.rollback(act, room.rules, 1, "误改")
    assert room.published(back) == 3
    now = folder.files(room.rules)
    now.pop(approved.FILE), before.pop(approved.FILE)
    assert now == before
    gate(room.rules)
    with room.desk.act(room.analyst) as act:  # a number that was published is never given again
        again = drafted(act, room.rules, "zh: 同一项目重复计费", "zh: 重复计费")
    assert "+version: 3" in changes.diff(room.rules, room.proposal(again))
    with room.desk.read() as con:
        assert [told.number for told in changes.published(con)] == [3, 2, 1] and changes.standing(con, room.rules).wrong is None
        assert changes.publication(con, 1) == before and "-version: 1\n+version: 2" in changes.between(con, 1, 2)
        count, fault = journal.verify(con)
        actions = con.execute(select(journal.journal.c.action).order_by(journal.journal.c.seq)).scalars().all()
    assert fault is None and count == len(actions)
    assert [name for name in actions if name.startswith("rule.")] == [
        "rule.adopt", "rule.draft", "rule.submit", "rule.publish", "rule.draft", "rule.submit", "rule.publish", "rule.draft",
    ]  # fmt: skip


def test_a_draft_that_is_wrong_is_refused_with_every_fault_and_a_stale_one_with_its_remedy(room: Room) -> None:
    with room.desk.act(room.analyst) as act:
        broken, stale, nothing = (drafted(act, room.rules, *words) for words in (("f2: 30.00", "f2: 31.00"), STRICTER, ("id:", "id:")))
        text = changes.one(act.con, broken).content.replace("flags: [f2]", "flags: [f1]")
        changes.edit(act, broken, 0, text)
    with refused("row f1: expected flagged, got clear(.|\n)*row f2: expected clear, got flagged", 422):
        room.ready(broken)
    with refused("says the same already", 409):
        room.ready(nothing)
    here = room.rules / "local" / "LOC-001-duplicate-line.yaml"  # as if another proposal had been published
    here.write_text(here.read_text(encoding="utf-8") + "# 注\n", encoding="utf-8")
    with refused("Compare, rebase, and submit again", 409):
        room.ready(stale)
    assert "-# 注" in changes.diff(room.rules, room.proposal(stale))  # what it would undo
    with room.desk.act(room.analyst) as act:
        changes.rebase(act, room.rules, stale, 0)
    assert room.proposal(stale).based_on == base(room.rules, "rule", "LOC-001")


def test_a_rule_changed_by_hand_never_reaches_a_night(room: Room, tmp_path: Path) -> None:
    def night() -> subprocess.CompletedProcess[str]:
        asked = ["--source", str(tmp_path / "nowhere"), "--lake", str(tmp_path / "lake"), "--batch-date", "2026-07-31"]
        return subprocess.run(
            [sys.executable, "-m", "audit", "run", *asked, "--rules", str(room.rules)], capture_output=True, text=True, cwd=ROOT
        )

    here = room.rules / "local" / "LOC-001-duplicate-line.yaml"
    here.write_text(here.read_text(encoding="utf-8").replace(*STRICTER), encoding="utf-8")
    done = night()
    assert done.returncode == 3 and not (tmp_path / "lake").exists(), done.stderr
    assert "not what was approved last (publication 1 of 2026-08-03): rules (LOC-001) changed past the desk" in done.stderr
    assert "propose it at the desk and let somebody else approve it" in done.stderr
    with room.desk.read() as con:
        standing = changes.standing(con, room.rules)
    assert standing.governed and standing.wrong and "LOC-001" in standing.wrong["zh"]
    with room.desk.act(room.analyst) as act:
        number = drafted(act, room.rules, *WORDS)
    with refused("not as it was approved", 409):  # nor can another change bless it
        room.ready(number)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("policy.yaml", "definite: 900", "definite: 901", "policy.yaml"),
        ("local/LOC-001-duplicate-line.yaml", "status: active", "status: shadow", "a rule's status"),
        ("tables/waivers.csv", "source\n", "source\nLOC-001,area,99,2026-01-01,2026-02-01,试,试\n", "waivers.csv"),
        (approved.FILE, "{", '{"', "line 1: it is no line that the desk wrote"),
    ],
)
def test_the_gate_sees_every_kind_of_change(room: Room, name: str, old: str, new: str, said: str) -> None:
    path = room.rules / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RuleError, match=said):
        approved.demand(load(room.rules), approved_knowledge(room))


def approved_knowledge(room: Room) -> str:
    with room.desk.read() as con:
        return str(con.scalar(select(publications.c.knowledge)))


def test_the_gate_sees_a_table_and_a_line_that_were_altered(room: Room) -> None:
    table = room.rules / "tables" / "parameters.csv"
    kept = table.read_text(encoding="utf-8")
    table.write_text(kept.replace("\n", "\n\n", 1).replace("\n\n", "\n"), encoding="utf-8")
    gate(room.rules)  # the same content is the same
    table.write_text(kept.rstrip("\n").rsplit(",", 1)[0] + ",nobody\n", encoding="utf-8")
    with pytest.raises(RuleError, match="tables/ changed past the desk"):
        gate(room.rules)
    line = approved.approvals(room.rules)[-1]
    path = room.rules / approved.FILE
    path.write_bytes(approved.next_line(room.rules, {**line, "approver": "li"}))
    assert len(approved.approvals(room.rules)) == 2
    path.write_text(path.read_text(encoding="utf-8").replace('"reason": "接管"', '"reason": "x"', 1), encoding="utf-8")
    with pytest.raises(RuleError, match="line 2: it does not follow the line before it"):
        approved.approvals(room.rules)


class Killed(BaseException):
    """The process is gone: nothing catches it, nothing is tidied up."""


@pytest.mark.parametrize("point", ["laid out", "half carried", "before the database"])
def test_a_publication_that_is_cut_off_is_whole_or_nothing(room: Room, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    before = folder.files(room.rules)
    with room.desk.act(room.analyst) as act:
        number = drafted(act, room.rules, *WORDS)
    room.submit(number)
    ready = room.ready(number)
    with monkeypatch.context() as patched:
        if point == "laid out":
            patched.setattr(folder.Path, "rename", _dies)
        elif point == "half carried":
            patched.setattr(folder.os, "replace", _dies_after(1, folder.os.replace))
        with pytest.raises(Killed), room.desk.act(room.approver) as act:
            changes.approve(act, room.rules, ready, "同意")
            raise Killed
    assert room.proposal(number).status == "submitted"
    with folder.still(room.rules):  # what a night does first
        gate(room.rules)
    with room.desk.act() as act:
        completed = changes.mend(act, room.rules)
    with room.desk.read() as con:
        assert changes.standing(con, room.rules).wrong is None
    if point == "laid out":
        assert completed is None and folder.files(room.rules) == before and room.proposal(number).status == "submitted"
    else:
        assert completed == 2 and load(room.rules).rule("LOC-001").version == 2
        told = room.proposal(number)
        assert (told.status, told.approver, told.verdict) == ("published", "approver", "同意")
    with room.desk.act() as act:
        assert changes.mend(act, room.rules) is None


def _dies(*_: object) -> None:
    raise Killed


def _dies_after(times: int, does: object) -> object:
    done: list[object] = []

    def turn(*given: object) -> None:
        if len(done) >= times:
            raise Killed
        done.append(does(*given))  # type: ignore[operator]

    return turn


def test_new_and_retired_rules_stand_where_they_belong(room: Room) -> None:
    with room.desk.act(room.analyst) as act:
        text = changes.scaffold(room.rules, "LOC-099").replace("en: Name the rule", "en: Too many (days)")
        new = changes.draft(act, room.rules, None, text)
        with pytest.raises(Refused, match="LOC-001 is there already"):
            changes.draft(act, room.rules, None, changes.text_of(room.rules, "LOC-001"))
        old = drafted(act, room.rules, "status: active", "status: retired\nreason: 与其他规则重复")
    assert changes.diff(room.rules, room.proposal(new)).startswith("--- /dev/null\n+++ b/local/LOC-099-too-many-days.yaml")
    moved = changes.diff(room.rules, room.proposal(old))
    assert moved.startswith("--- a/local/LOC-001-duplicate-line.yaml\n+++ b/retired/LOC-001-duplicate-line.yaml")
    assert "+status: retired" in moved and "+version" not in moved
    assert room.published(old) == 2
    rule = load(room.rules).rule("LOC-001")
    assert (rule.status, rule.folder, rule.version) == ("retired", "retired", 1)
    assert not (room.rules / "local" / "LOC-001-duplicate-line.yaml").exists()


def test_a_text_is_checked_while_it_is_typed(room: Room) -> None:
    text = changes.text_of(room.rules, "LOC-001")
    fine = changes.check(room.rules, text)
    assert not fine.faults and fine.version == 1 and fine.says and "基金" in fine.says["zh"] and "fund" in fine.says["en"]
    assert all(example.right for example in fine.examples) and len(fine.examples) == 3
    other = changes.check(room.rules, text.replace(*STRICTER))
    wrong = [row for example in other.examples for row in example.rows if not row.right]
    assert [(row.label, row.expected, row.polars, row.duckdb) for row in wrong] == [("f2", "flagged", "clear", "clear")]
    assert other.version == 2 and any("row f2: expected flagged, got clear" in fault and fault.line == 24 for fault in other.faults)
    assert other.seconds < 2, "only the condition changed: nothing is measured again"
    unknown = changes.check(room.rules, text.replace("copy_no >", "copy_nr >"))
    assert [(fault.line, "did you mean 'copy_no'" in fault) for fault in unknown.faults] == [(14, True)] and not unknown.examples
    bare = (ROOT / "rules/management/MGT-040-diagnosis-operation.yaml").read_text(encoding="utf-8")
    assert "\nwhen: NOT op_dx_fit\n" in bare and not changes.check(room.rules, bare).faults, "a condition that cannot be slightly wrong"
    assert "not readable as YAML" in changes.check(room.rules, "id: LOC-001\nname: {zh: x").faults[0]


def test_workbooks_are_planned_then_published_whole(room: Room, tmp_path: Path) -> None:
    file = sex_batch(tmp_path / "incoming")
    with room.desk.act(room.analyst) as act:
        number = changes.take_in(act, {file.name: file.read_bytes()}, reason="国家医保局第十八批")
        with pytest.raises(Refused, match="Give official workbooks"):
            changes.take_in(act, {"../evil.xlsx": b"x"})
    plan = changes.impact(room.rules, tmp_path / "lake", room.proposal(number))
    with room.desk.act(room.analyst) as act:
        changes.keep_impact(act, number, 0, plan)
    assert room.proposal(number).impact == plan and plan["types"]["67"]["rules"] == ["MED-067"]
    before = load_knowledge(room.rules).fingerprint
    room.published(number)
    assert load_knowledge(room.rules).fingerprint != before and (room.rules / "tables" / "imports.jsonl").exists()
    gate(room.rules)


def test_the_same_on_postgresql(governed: Path, tmp_path: Path, postgres: str) -> None:
    rules = Path(shutil.copytree(governed / "rules", tmp_path / "rules", ignore=shutil.ignore_patterns(approved.FILE)))
    room = a_room(postgres, rules)
    with room.desk.act(room.analyst) as act:
        number = drafted(act, room.rules, *WORDS)
    room.submit(number)
    with room.desk.act(room.approver) as act:
        changes.reject(act, number, room.proposal(number).revision, "请补充依据")
    assert (room.proposal(number).status, room.proposal(number).verdict) == ("rejected", "请补充依据")
    assert room.published(number) == 2
    with room.desk.act() as act:  # the database is an older backup: the folder's own line tells what is missing
        act.con.execute(delete(publications).where(publications.c.id == 2))
    with room.desk.read() as con:
        assert "is number 2, the database's is 1" in (changes.standing(con, rules).wrong or {})["en"]
    with room.desk.act() as act:
        assert changes.mend(act, rules) == 2
    room.desk.engine.dispose()
