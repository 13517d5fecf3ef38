"""The rules' pages over HTTP: a change's whole life between two people, what is refused and how, and the form beside the text."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from desk_room import Clock, a_desk, a_place, an_account, browser
from fastapi.testclient import TestClient
from governed_room import few_rules
from import_room import sex_batch

from audit.cases import changes, people
from audit.console.place import Place
from audit.console.rules import form
from audit.rulebook import load
from audit.rulebook.reading import read_rule, read_text

ROOT = Path(__file__).parents[1]
EVIL = "<script>alert(1)</script>"


@dataclass
class Room:
    place: Place
    analyst: TestClient
    approver: TestClient

    def proposal(self, number: int) -> changes.Proposal:
        with self.place.desk.read() as con:
            return changes.one(con, number)

    def text(self, rule_id: str = "LOC-001") -> str:
        return changes.text_of(self.place.rules, rule_id)

    def saved(self, text: str, **more: str) -> int:
        answer = self.analyst.post("/rules/save", data={"view": "text", "rule_id": "LOC-001", "text": text, **more})
        assert answer.status_code == 303, answer.text
        return int(answer.headers["Location"].rsplit("/", 1)[1])

    def step(self, client: TestClient, number: int, what: str, reason: str = "依据已变更"):  # type: ignore[no-untyped-def]
        revision = self.proposal(number).revision
        return client.post(f"/rules/proposals/{number}/{what}", data={"revision": str(revision), "reason": reason})

    def worked_out(self, number: int) -> dict:
        for _ in range(200):
            found = self.proposal(number).impact
            if found and "running" not in found:
                return found
            time.sleep(0.1)
        raise AssertionError("the impact never came")


def renamed(text: str) -> str:
    """The same rule by another name, whatever it is called now."""
    return text.replace("zh: 同一项目", "zh: 同一", 1)


@pytest.fixture(scope="module")
def room(audited: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """One desk over a small folder for all tests here: the first check of a folder takes seconds."""
    here = tmp_path_factory.mktemp("room")
    rules = few_rules(here)
    place = a_place(a_desk(f"sqlite:///{here / 'desk.db'}", Clock()), here, audited.parent, rules)
    for role in ("analyst", "approver"):
        an_account(place.desk, role)
    with place.desk.act() as act:
        changes.adopt(act, rules)
    yield Room(place, browser(place, "analyst"), browser(place, "approver"))
    place.desk.engine.dispose()


def test_a_change_from_the_form_to_the_night(room: Room) -> None:
    """Read, edited as a form, its impact seen, submitted, approved by another, seen as published, and gone back from."""
    listed = room.analyst.get("/rules", params={"q": "LOC-001"})
    assert "同一项目重复计费" in listed.text and "POL-027" not in re.findall(r"<code>(.*?)</code>", listed.text.split('id="rulebook"')[1])
    page = room.analyst.get("/rules/LOC-001").text
    assert "copy_no &gt; 1 AND fund_pays" in page and "双侧或多部位操作未注明部位" in page and "/queue?rule=LOC-001" not in page
    room.analyst.post("/lang/en")
    assert "<li>done on both sides or at several sites that are not named</li>" in room.analyst.get("/rules/LOC-001").text
    room.analyst.post("/lang/zh")
    editor = room.analyst.get("/rules/LOC-001/edit").text
    assert "双侧或多部位操作未注明部位\n" in editor and "done on both sides or at several sites that are not named\n" in editor
    fields = form.read(room.text()) or {}
    sent = {**fields, "view": "form", "base": room.text(), "rule_id": "LOC-001", "name_zh": "同一项目重复收费"}
    told = room.analyst.post("/rules/check", data=sent)
    assert "全部通过" in told.text and "版本 2" in told.text and "3 个符合" in told.text
    saved = room.analyst.post("/rules/save", data={**sent, "title": "改名"})
    number = int(saved.headers["Location"].rsplit("/", 1)[1])
    page = room.analyst.get(f"/rules/proposals/{number}").text
    assert "+name: {zh: 同一项目重复收费, en: The same line billed twice}" in page
    asked = room.analyst.post(f"/rules/proposals/{number}/impact", data={"revision": "0"}, headers={"HX-Request": "true"})
    assert asked.status_code == 200
    assert room.worked_out(number)["claims"]["newly_flagged"] == 0
    assert "新增违规结算单" in room.analyst.get(f"/rules/proposals/{number}/impact").text
    assert room.analyst.get(f"/rules/proposals/{number}/impact?format=csv").text.count("\n") == 1  # a new name moves nothing
    nights = pl.read_parquet(room.analyst.get("/rules/LOC-001?format=parquet").content)
    assert nights["hits"].to_list() == [night["hits"] for night in room.analyst.get("/api/v1/rules/LOC-001").json()["nights"]]
    assert room.step(room.approver, number, "approve").status_code == 409  # not submitted yet
    assert room.step(room.analyst, number, "submit").status_code == 303
    assert room.step(room.analyst, number, "approve").status_code == 403
    changed = pl.read_csv(room.analyst.get("/rules/proposals?format=csv&kind=rule").content, infer_schema=False)
    assert changed.select("变更", "状态", "提出人").rows()[0] == ("改名", "待审批", "analyst")
    assert room.step(room.approver, number, "approve", "  ").status_code == 422
    assert room.step(room.approver, number, "approve", "同意").status_code == 303
    assert load(room.place.rules).rule("LOC-001").name["zh"] == "同一项目重复收费"
    listed = room.approver.get("/rules/publications").text
    assert "改名" in listed and "analyst → approver" in listed and "与批准一致" in listed
    assert "同一项目重复计费" in room.approver.get("/rules/publications/1/LOC-001").text
    back = room.analyst.post("/rules/publications/1/rollback", data={"reason": "误改"})
    number = int(back.headers["Location"].rsplit("/", 1)[1])
    assert "-name: {zh: 同一项目重复收费" in room.analyst.get(f"/rules/proposals/{number}").text
    assert room.step(room.analyst, number, "submit").status_code == 303
    the_author_never_decides(room, number)
    assert room.step(room.approver, number, "reject", "先留着").status_code == 303
    assert "先留着" in room.analyst.get(f"/rules/proposals/{number}").text


def the_author_never_decides(room: Room, number: int) -> None:
    """Not even as an approver, which the account has become meanwhile."""
    hat = people.people.update().where(people.people.c.login == "analyst")
    with room.place.desk.act() as act:
        act.con.execute(hat.values(role="approver"))
    other = browser(room.place, "analyst")
    for what in ("approve", "reject"):
        assert room.step(other, number, what).status_code == 403, what
    page = other.get(f"/rules/proposals/{number}").text
    assert "须由另一位审批员批准" in page and f"/rules/proposals/{number}/approve" not in page
    with room.place.desk.act() as act:
        act.con.execute(hat.values(role="analyst"))


def test_two_people_on_one_change_the_second_is_told_who_and_when(room: Room) -> None:
    number = room.saved(renamed(room.text()))
    edit = {"view": "text", "rule_id": "LOC-001", "proposal": str(number), "revision": "0", "text": room.text() + "# 一\n"}
    assert room.analyst.post("/rules/save", data=edit).status_code == 303
    stale = room.analyst.post("/rules/save", data=edit)
    assert stale.status_code == 409 and "analyst 已于 08-03 09:00 改动此变更" in stale.text
    late = room.approver.post(f"/api/v1/rules/proposals/{number}/approve", json={"revision": 0, "reason": "同意"})
    assert late.status_code == 409 and "analyst changed this proposal" in late.json()["en"]


def test_faults_while_typing_have_their_line_and_script_is_text(room: Room) -> None:
    def told(old: str, new: str) -> str:
        sent = {"view": "text", "text": room.text().replace(old, new)}
        return room.analyst.post("/rules/check", data=sent, headers={"HX-Request": "true"}).text

    answer = told("copy_no > 1", "copy_nr > 1")
    assert 'data-line="14"' in answer and "是否应为 &#39;copy_no&#39;" in answer
    assert "不符" in told("copy_no > 1", "copy_no > 2")
    evil = told("zh: 同一项目", f"zh: {EVIL}")
    assert 'data-line="2"' in evil and EVIL not in evil
    number = room.saved(room.text().replace("text: 定点", f"text: {EVIL}定点"), title=EVIL)
    page = room.analyst.get(f"/rules/proposals/{number}").text
    assert EVIL not in page and "&lt;script&gt;alert(1)" in page
    assert "不是可读取的 YAML" in told("name: {zh", "name: {{zh")


def test_faults_are_said_in_the_language_of_the_page(room: Room, tmp_path: Path) -> None:
    def told() -> str:
        wrong = room.text().replace("copy_no > 1", "copy_nr > 1").replace("effective:", "effectiv:")
        answers = [room.analyst.post("/rules/check", data={"view": "text", "text": text}).text for text in (wrong, misjudged)]
        answers.append(room.analyst.post("/rules/waivers", data=too_long).text)
        return "".join(answers) + room.analyst.get(f"/rules/proposals/{unread}/impact").text

    misjudged = room.text().replace("copy_no > 1", "copy_no > 2")
    first, last = date.today(), date.today() + timedelta(days=800)
    too_long = {"rule_id": "LOC-001", "kind": "area", "value": "x", "valid_from": str(first), "valid_to": str(last), "reason": "试"}
    file = sex_batch(tmp_path / "第九百批")
    made = room.analyst.post("/rules/knowledge", files={"workbooks": (file.name, file.read_bytes())}, data={"batch": "3"})
    unread = int(made.headers["Location"].rsplit("/", 1)[1])
    assert "failed" in room.worked_out(unread)
    zh = told()
    room.analyst.post("/lang/en")
    en = told()
    room.analyst.post("/lang/zh")
    for chinese, english in (
        (
            "规则没有键 &#39;effectiv&#39;；是否应为 &#39;effective&#39;？",
            "a rule has no key &#39;effectiv&#39;; did you mean &#39;effective&#39;?",
        ),
        ("行 f2：应为违规，实为未发现；读到的值：", "row f2: expected flagged, got clear; values read: "),
        ("一次最多豁免 365 天", "at most 365 may be waived at once"),
        ("区划代码", "digits of a division"),
        ("未导入任何内容。", "Nothing was imported."),
    ):
        assert chinese in zh and chinese not in en and english in en and english not in zh, (chinese, english)


@pytest.mark.parametrize("text", ["id: LOC-001\nwhen: " + "[" * 20_000, "- " * 20_000])
def test_a_text_that_nests_without_end_is_a_fault(room: Room, text: str) -> None:
    answer = room.analyst.post("/rules/check", data={"view": "text", "text": text})
    assert answer.status_code == 200 and "嵌套超过 20 层" in answer.text


def test_a_condition_that_nests_or_runs_without_end_is_a_fault(room: Room) -> None:
    for when in ("NOT " * 400 + "fund_pays", "copy_no > 1" + " + 1" * 300, " OR ".join(["copy_no > 1"] * 400)):
        answer = room.analyst.post("/rules/check", data={"view": "text", "text": room.text().replace("copy_no > 1 AND fund_pays", when)})
        assert answer.status_code == 200 and re.search("嵌套过深|最多 2,000 个", answer.text)


def test_what_is_no_text_of_a_rule_is_refused_kindly(room: Room) -> None:
    with room.place.desk.read() as con:
        before = len(changes.listed(con))
    huge = room.analyst.post("/rules/check", data={"view": "text", "text": "a" * 500_000})
    assert huge.status_code == 422 and "规则文本过长" in huge.text
    binary = room.analyst.post("/rules/check", data={"view": "text", "text": "id: \0"})
    assert binary.status_code == 422 and "二进制" in binary.text
    wrong = room.analyst.post("/rules/knowledge", files={"workbooks": ("x.xlsx", b"\x00\x01MZ", "application/octet-stream")})
    assert wrong.status_code == 422 and "不是 Excel 工作簿" in wrong.text
    other = room.analyst.post("/rules/knowledge", files={"workbooks": ("x.exe", b"MZ", "application/octet-stream")})
    assert other.status_code == 422
    most = room.place.site.attachments.max_mb
    large = room.analyst.post("/rules/knowledge", files={"workbooks": ("x.xlsx", b"0" * (most + 2) * 1_000_000)})
    assert large.status_code == 413 and "过大" in large.text
    with room.place.desk.read() as con:
        assert len(changes.listed(con)) == before


def test_a_workbook_is_planned_and_an_exemption_measured(room: Room, tmp_path: Path) -> None:
    file = sex_batch(tmp_path / "incoming")
    made = room.analyst.post("/api/v1/rules/knowledge", files={"workbooks": (file.name, file.read_bytes())})
    number = made.json()["proposal"]
    assert room.worked_out(number)["types"]["67"]["rules"] == ["MED-067"]
    page = room.analyst.get(f"/rules/proposals/{number}").text
    assert "MED-067" in page and file.name in page and "药品区分性别使用" in page and "2 个知识点（第 18 批（2026-07-15））" in page
    points = pl.read_parquet(room.analyst.get(f"/rules/proposals/{number}/impact?format=parquet").content)
    assert points.height and set(points["rule_no"]) == {67}
    first, last = (date.today() + timedelta(days=n) for n in (-200, 30))
    form_sent = {"rule_id": "LOC-001", "kind": "area", "value": "45", "valid_from": first, "valid_to": last, "reason": "接口改造"}
    made = room.analyst.post("/rules/waivers", data={name: str(said) for name, said in form_sent.items()})
    number = int(made.headers["Location"].rsplit("/", 1)[1])
    room.analyst.post(f"/rules/proposals/{number}/impact", data={"revision": "0"})
    assert room.worked_out(number)["of_rule"] > 0
    assert f",{room.worked_out(number)['claims']}," in room.analyst.get(f"/rules/proposals/{number}/impact?format=csv").text
    assert room.step(room.analyst, number, "submit").status_code == 303
    assert room.step(room.approver, number, "approve", "同意").status_code == 303
    assert "生效中" in room.approver.get("/rules/waivers").text and "接口改造" in room.approver.get("/rules/LOC-001").text
    assert room.approver.get("/api/v1/rules/waivers").json()[0]["value"] == "45"
    wrong = room.analyst.post("/api/v1/rules/waivers", json={**{k: str(v) for k, v in form_sent.items()}, "value": "x y"})
    assert wrong.status_code == 422 and "digits of a division" in wrong.json()["en"] and "区划代码" in wrong.json()["zh"]


def test_a_new_rule_begins_with_the_scaffold_and_programs_do_the_same(room: Room) -> None:
    assert "LOC-002" in room.analyst.get("/rules/new").text
    page = room.analyst.get("/rules/new", params={"rule_id": "LOC-099", "view": "text"})
    assert "id: LOC-099" in page.text
    text = changes.scaffold(room.place.rules, "LOC-099")
    checked = room.analyst.post("/api/v1/rules/check", json={"text": text}).json()
    assert checked["new"] and checked["faults"] == [] and all(one["right"] for one in checked["examples"])
    assert room.analyst.post("/api/v1/rules/proposals", json={"rule_id": "LOC-001", "text": text}).status_code == 422
    number = room.analyst.post("/api/v1/rules/proposals", json={"text": text}).json()["proposal"]
    told = room.approver.get(f"/api/v1/rules/proposals/{number}").json()
    assert (told["rule_id"], told["status"], told["author"]) == ("LOC-099", "draft", "analyst")
    assert room.approver.get(f"/api/v1/rules/proposals/{number}/diff").json()["diff"].startswith("--- /dev/null")
    assert room.approver.post("/api/v1/rules/check", json={"text": text}).status_code == 403
    rows = room.approver.get("/api/v1/rules", params={"status": "active"}).json()
    assert [row["rule_id"] for row in rows] == ["LOC-001", "MED-067", "POL-027"] and all(row["hits"] is not None for row in rows)
    whole = room.approver.get("/api/v1/rules/MED-067").json()
    assert whole["points"]["points"] > 50 and whole["nights"] and whole["says"]["zh"].endswith("。")
    assert room.approver.get("/api/v1/rules/standing").json()["wrong"] is None
    assert room.approver.get("/rules", params={"format": "csv"}).content.count(b"\n") >= 4


def test_examples_are_added_and_dropped_in_the_form(room: Room) -> None:
    sent = {**(form.read(room.text()) or {}), "view": "form", "base": room.text()}
    assert room.analyst.post("/rules/turn?add=true", data=sent).text.count("<fieldset") == 4
    fewer = room.analyst.post("/rules/turn?drop=1", data=sent).text
    assert fewer.count("<fieldset") == 2 and "another time of day" not in fewer.split("</textarea>", 1)[1]
    as_text = room.analyst.post("/rules/turn?to=text", data=sent).text
    assert "# " not in room.text() and "when: copy_no &gt; 1 AND fund_pays" in as_text
    broken = room.analyst.post("/rules/turn?to=form", data={"view": "text", "text": "id: [LOC"}).text
    assert "暂时无法显示为表单" in broken


@pytest.mark.parametrize("path", sorted((ROOT / "rules").glob("*/*.yaml")), ids=lambda path: path.stem[:7])
def test_form_and_text_are_the_same_rule(path: Path, tmp_path: Path) -> None:
    """Untouched the form gives the text back byte for byte; written out whole it is the same rule, examples and all."""
    text = path.read_text(encoding="utf-8")
    fields = form.read(text) or {}
    typed = {name: said.replace("\n", "\r\n") for name, said in fields.items()}  # as browsers send it
    assert form.written(text, typed) == text
    anew = tmp_path / path.name
    anew.write_text(form.written(f"id: {fields['id']}\n", fields), encoding="utf-8")
    was, _ = read_rule(path, path.name, path.parent.name)
    now, faults = read_rule(anew, path.name, path.parent.name)
    assert faults == [] and was and now and now.fingerprint == was.fingerprint
    assert [(e.name, e.tables, e.flags, e.cannot_tell, e.amounts) for e in now.examples] == [
        (e.name, e.tables, e.flags, e.cannot_tell, e.amounts) for e in was.examples
    ]
    assert (now.status, now.reason, now.innocent_explanations) == (was.status, was.reason, was.innocent_explanations)


def test_only_what_was_changed_is_written_anew() -> None:
    text = changes.scaffold(ROOT / "rules", "LOC-999")
    fields = form.read(text) or {}
    changed = form.written(text, fields | {"status": "shadow", "reason": "试运行: 一季度", "evidence": "prd_days cnt"})
    assert "status: shadow                     # draft: only" in changed or "status: shadow" in changed
    before, after = text.splitlines(), changed.splitlines()
    assert [line for line in after if line not in before and not line.startswith("status: shadow")] == [
        "reason: '试运行: 一季度'",
        "evidence: [prd_days, cnt]",
    ]
    assert read_text(changed, "")["reason"] == "试运行: 一季度"
    assert form.written(changed, fields) == text or form.read(form.written(changed, fields)) == fields
    older = form.read("innocent_explanations: [补记账, 转院]\n") or {}
    assert (older["innocent_explanations_zh"], older["innocent_explanations_en"]) == ("补记账\n转院", "")
