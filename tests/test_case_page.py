"""The page of a case over a real night: what it shows is what the tables hold, what is masked stays masked, what is typed is not lost."""

from __future__ import annotations

import html
import json
import re
import shutil
import zlib
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from desk_room import a_desk, a_place
from fastapi.testclient import TestClient
from queue_room import a_worker, at_desk
from sqlalchemy import func, select, update

from audit.cases import evidence
from audit.cases.opening import open_nights
from audit.cases.tables import bills, cases, findings, journal
from audit.cases.walls import ROLES
from audit.console.place import Place
from audit.lake import Lake

ALERT = "<script>alert(1)</script>"
PDF = b"%PDF-1.7 invented"


@pytest.fixture(scope="module")
def opened(audited: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The night's cases at a desk, opened once; nobody changes this one."""
    folder = tmp_path_factory.mktemp("desk")
    place = a_place(a_desk(f"sqlite:///{folder / 'desk.db'}"), folder, lake=audited.parent)
    open_nights(place.desk, place.lake)
    return place


@pytest.fixture()
def place(opened: Place, tmp_path: Path) -> Place:
    """A copy of that desk to work on, with evidence keys of its own."""
    with opened.desk.engine.connect() as con:
        con.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(str(opened.desk.engine.url.database), tmp_path / "desk.db")
    (tmp_path / "lake").symlink_to(opened.lake)
    return a_place(a_desk(f"sqlite:///{tmp_path / 'desk.db'}"), tmp_path, lake=tmp_path / "lake")


def client(place: Place, role: str = "reviewer", login: str | None = None, area: str = "") -> TestClient:
    return at_desk(place, a_worker(place.desk, login or f"w-{role}", role, area))[0]


def ids(place: Place, *conditions: Any, limit: int = 1) -> list[int]:
    """The cases with most findings that fit."""
    many = select(func.count()).where(findings.c.case_id == cases.c.id).scalar_subquery()
    with place.desk.read() as con:
        return list(con.scalars(select(cases.c.id).where(*conditions).order_by(many.desc(), cases.c.id).limit(limit)))


def text(page: str) -> str:
    """What a reader sees, blanks between pieces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())


def yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}"


def found_in(place: Place, case_id: int) -> list[Any]:
    with place.desk.read() as con:
        return list(con.execute(select(findings).where(findings.c.case_id == case_id).order_by(findings.c.id)))


def row_of(place: Place, case_id: int) -> Any:
    with place.desk.read() as con:
        return con.execute(select(cases).where(cases.c.id == case_id)).one()


def whole_bill(place: Place, case_id: int) -> dict[str, Any]:
    with place.desk.read() as con:
        return json.loads(zlib.decompress(con.scalar(select(bills.c.content).where(bills.c.case_id == case_id)) or b""))


@pytest.fixture(scope="module")
def readers(opened: Place) -> dict[str, TestClient]:
    """Somebody of every role at the desk that nobody changes."""
    people = [a_worker(opened.desk, f"r-{role}", role) for role in ROLES]
    return dict(zip(ROLES, at_desk(opened, *people), strict=True))


@pytest.fixture(scope="module")
def looked_at(opened: Place) -> list[int]:
    """Cases of every kind: most findings, the longest bill, of the whole claim, with concerned lines, by the models alone."""
    with opened.desk.read() as con:
        longest = con.scalar(select(bills.c.case_id).order_by(func.length(bills.c.content).desc()).limit(1))
        claim = con.scalar(select(findings.c.case_id).where(findings.c.bkkp_sn.is_(None)).limit(1))
        concerned = con.scalar(select(findings.c.case_id).where(findings.c.concerned != "[]").limit(1))
        model = con.scalar(select(cases.c.id).where(cases.c.sev_deg == "model").order_by(cases.c.fraud_probability.desc()).limit(1))
    return list(dict.fromkeys([*ids(opened, limit=3), longest, claim, concerned, model]))


def test_every_amount_is_the_tables(opened: Place, audited: Path, readers: dict[str, TestClient], looked_at: list[int]) -> None:
    result, claims = (pl.read_parquet(audited / f"{name}.parquet") for name in ("findings", "claims"))
    for case_id in looked_at:
        page, row, bill = readers["reviewer"].get(f"/cases/{case_id}").text, row_of(opened, case_id), whole_bill(opened, case_id)
        claim = claims.row(by_predicate=pl.col("setl_id") == row.setl_id, named=True)
        tiles = text(page[page.index('class="tiles"') : page.index('class="steps"')])
        for fen, what in ((row.medfee_sumamt, "费用总额"), (row.fund_pay_sumamt, "基金支付"), (claim["counted_amt"], "发现金额")):
            assert f"{yuan(fen)} {what}" in tiles or f"{yuan(fen)}{what}" in tiles
        told = result.filter(setl_id=row.setl_id)
        assert page.count("data-finding") == told.height
        for one in found_in(opened, case_id):
            true = told.row(by_predicate=pl.col("jr_id") == one.jr_id, named=True)
            article = page[page.index(f'id="finding-{one.id}"') :].partition("</article>")[0]
            money = text(article.partition('class="money">')[2].partition("</dl>")[0])
            wanted = [("违规金额", "vola_amt"), ("政策范围内", "vola_inscp_amt"), ("基金支付约", "vola_fund_amt"), ("计入", "counted_amt")]
            assert money.replace(" ", "") == "".join(what + yuan(true[column]) for what, column in wanted)
            assert true["vola_cont"] in html.unescape(re.sub(r"<[^>]+>", "", article))
        shown = 0
        for line in bill["lines"]:
            cells = page[page.index(f'<tr id="line-{line["bkkp_sn"]}"') :].partition("</tr>")[0]
            assert f"<b>{yuan(line['det_item_fee_sumamt'])}</b>" in re.sub(r"</?span[^>]*>", "", cells)
            shown += line["det_item_fee_sumamt"]
        assert shown == row.medfee_sumamt


def test_every_link_within_the_page_leads_somewhere(readers: dict[str, TestClient], looked_at: list[int]) -> None:
    facts = 0
    for case_id in looked_at:
        for lang in ("zh", "en"):
            readers["senior"].post(f"/lang/{lang}")
            page = readers["senior"].get(f"/cases/{case_id}").text
            assert not set(re.findall(r'href="#([^"]+)"', page)) - set(re.findall(r' id="([^"]+)"', page))
            assert len(re.findall(r' id="([^"]+)"', page)) == len(set(re.findall(r' id="([^"]+)"', page)))
            facts += page.count('class="fact"')
            assert "StrictUndefined" not in page and not re.search(r"\bNone\b", text(page))
    assert facts > 20


def test_the_explanation_is_the_nights_and_its_facts_lead_to_their_lines(
    opened: Place, readers: dict[str, TestClient], looked_at: list[int]
) -> None:
    case_id = looked_at[0]
    page, bill = readers["reviewer"].get(f"/cases/{case_id}").text, whole_bill(opened, case_id)
    prose = page[page.index('id="explained"') :].partition("</section>")[0]
    assert bill["claim"]["explanation"].replace(" ", "") in text(prose).replace(" ", "")
    lines = {line["bkkp_sn"]: line for line in bill["lines"]}
    for number, said in re.findall(r'<a class="fact" href="#line-(\w+)">(\d{4}-\d\d-\d\d)</a>', prose):
        assert lines[number]["fee_date"][:10] == said


def test_parts_that_come_later_say_the_same(opened: Place, readers: dict[str, TestClient], looked_at: list[int]) -> None:
    reviewer = readers["reviewer"]
    for one in found_in(opened, looked_at[0]):
        tree = reviewer.get(f"/cases/{looked_at[0]}/findings/{one.id}/comparison")
        assert tree.status_code == 200 and 'class="mark yes"' in tree.text
    assert reviewer.get(f"/cases/{looked_at[0]}/findings/999999/comparison").status_code == 404
    assert reviewer.get(f"/cases/{looked_at[1]}/findings/{found_in(opened, looked_at[0])[0].id}/comparison").status_code == 404
    elsewhere = (
        Lake(opened.lake).read("visits").group_by("psn_no").agg(pl.col("setl_id")).filter(pl.col("setl_id").list.len() > 1).collect()
    )
    (travelled,) = ids(opened, cases.c.psn_no.in_(elsewhere["psn_no"].to_list()), cases.c.med_type == "11")
    row = row_of(opened, travelled)
    others = elsewhere.row(by_predicate=pl.col("psn_no") == row.psn_no, named=True)["setl_id"]
    assert reviewer.get(f"/cases/{travelled}/visits").text.count("<tr") >= len(others), "a head and every visit but this one"
    page = reviewer.get(f"/cases/{looked_at[0]}/print").text
    assert page.count('class="tree"') == len(found_in(opened, looked_at[0])) and "<fieldset" not in page and 'id="decide"' not in page


def test_of_a_very_long_bill_the_page_shows_what_matters(
    opened: Place, readers: dict[str, TestClient], looked_at: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from audit.console.case import page as gathering

    monkeypatch.setattr(gathering, "AT_ONCE", 5)
    with opened.desk.read() as con:
        longest = con.scalar(select(bills.c.case_id).order_by(func.length(bills.c.content).desc()).limit(1))
    page, lines = readers["reviewer"].get(f"/cases/{longest}").text, whole_bill(opened, longest)["lines"]
    flagged = {one.bkkp_sn for one in found_in(opened, longest)}
    assert set(re.findall(r'<tr id="line-(\w+)"', page)) == flagged and f"显示全部{len(lines)}条" in page
    assert not set(re.findall(r'href="#([^"]+)"', page)) - set(re.findall(r' id="([^"]+)"', page))
    assert readers["reviewer"].get(f"/cases/{longest}/lines").text.count('<tr id="line-') == len(lines)
    hidden = next(line["bkkp_sn"] for line in lines if line["bkkp_sn"] not in flagged)  # a finding by hand may name it all the same
    wrong = readers["reviewer"].post(f"/cases/{longest}/findings", data={"revision": "0", "numbers": f"{hidden}，L9"})
    assert wrong.status_code == 422 and "本案没有明细：L9" in wrong.text and f"{hidden} L9 </textarea>" in wrong.text


def test_nobody_sees_who_the_person_is_without_asking(opened: Place, readers: dict[str, TestClient], looked_at: list[int]) -> None:
    case_id = looked_at[0]
    person = whole_bill(opened, case_id)["person"]
    assert person["psn_name"] and person["certno"]
    addresses = ("", "/print", "/lines", "/visits", "/evidence.pdf", "/evidence.zip")
    for role, reader in readers.items():
        answers = [reader.get(f"/cases/{case_id}{part}") for part in addresses] + [reader.get(f"/api/v1/cases/{case_id}")]
        allowed = role in ("reviewer", "senior", "auditor")
        assert {answer.status_code for answer in answers} == ({200} if allowed else {403}), role
        for answer in answers:
            assert person["psn_name"].encode() not in answer.content and person["certno"].encode() not in answer.content
            if role == "auditor":
                assert person["psn_no"].encode() not in answer.content
        unmasked = reader.post(f"/cases/{case_id}/unmask", data={"reason": "核对身份"})
        assert unmasked.status_code == (200 if role in ("reviewer", "senior") else 403)
        assert (person["certno"] in unmasked.text) == (role in ("reviewer", "senior"))
        assert person["psn_name"] not in unmasked.text.partition("</title>")[0]
    assert readers["reviewer"].post(f"/cases/{case_id}/unmask", data={"reason": " "}).status_code == 422
    assert readers["senior"].post(f"/api/v1/cases/{case_id}/unmask", json={"reason": "核对"}).json()["name"] == person["psn_name"]
    with opened.desk.read() as con:
        told = con.execute(select(journal).where(journal.c.action == "person.unmask", journal.c.case_id == case_id)).all()
        assert [entry.role for entry in told] == ["reviewer", "senior", "senior"] and json.loads(told[0].details) == {"reason": "核对身份"}
        assert not any(person["certno"] in entry.details + entry.subject for entry in con.execute(select(journal)))
    assert person["psn_name"] not in readers["reviewer"].get(f"/cases/{case_id}").text, "only that once"


def test_another_areas_case_is_not_there(place: Place) -> None:
    (case_id,) = ids(place)
    finding = found_in(place, case_id)[0].id
    elsewhere = client(place, area="11" if row_of(place, case_id).area[:2] != "11" else "12")
    for part in ("", "/print", "/lines", "/visits", "/evidence.pdf", "/evidence.zip", "/files/1", f"/findings/{finding}/comparison"):
        assert elsewhere.get(f"/cases/{case_id}{part}").status_code == 404, part
    assert elsewhere.get(f"/api/v1/cases/{case_id}").status_code == 404
    for move, data in (("decide", {}), ("comment", {"text": "x"}), ("unmask", {"reason": "x"}), ("suspend", {"reason": "x"})):
        assert elsewhere.post(f"/cases/{case_id}/{move}", data={"revision": "0", **data}).status_code == 404, move
    assert elsewhere.get("/cases/0").status_code == elsewhere.get("/cases/99999999999999999999").status_code == 422


def test_whatever_people_and_bills_say_is_text(place: Place) -> None:
    (case_id,) = ids(place)
    bill = whole_bill(place, case_id)
    for line in bill["lines"]:
        line |= {"hilist_name": ALERT, "medins_list_name": ALERT + "2", "spec": ALERT, "bilg_dept_name": ALERT}
    bill["claim"] |= {"explanation": ALERT, "adm_dept_name": ALERT, "chfpdr_name": ALERT}
    bill["person"]["psn_name"] = ALERT
    bill["diags"] = [{**bill["diags"][0], "diag_name": ALERT}] if bill["diags"] else []
    with place.desk.act() as act:
        act.con.execute(update(bills).where(bills.c.case_id == case_id).values(content=zlib.compress(json.dumps(bill).encode())))
        act.con.execute(update(cases).where(cases.c.id == case_id).values(fixmedins_name=ALERT))
        said = {"vola_cont": ALERT, "vola_cont_en": ALERT, "vola_evid": ALERT, "item": ALERT}
        for one in found_in(place, case_id):
            read = json.dumps({**json.loads(one.evidence), "hilist_name": ALERT})
            act.con.execute(update(findings).where(findings.c.id == one.id).values(**said, evidence=read))
    reviewer = client(place)
    assert reviewer.post(f"/cases/{case_id}/comment", data={"text": ALERT + "\n第二行"}).status_code == 303
    assert reviewer.post(f"/cases/{case_id}/attach", files={"file": (ALERT + ".pdf", PDF)}).status_code == 303
    for part in ("", "/print", "/lines"):
        page = reviewer.get(f"/cases/{case_id}{part}").text
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    assert "<br>第二行" in reviewer.get(f"/cases/{case_id}").text
    assert reviewer.get(f"/cases/{case_id}/evidence.pdf").content.startswith(b"%PDF")


def test_a_case_is_decided_and_what_was_typed_survives_a_refusal(place: Place) -> None:
    (case_id,) = ids(place, cases.c.counted_amt > 0)
    one, *others = found_in(place, case_id)
    zhang, li = client(place, login="zhang"), client(place, login="li")
    page = zhang.get(f"/cases/{case_id}").text
    assert "可申诉至2026-08-17" in page and f"0</b>/{len(others) + 1}" in page
    typed = {f"outcome-{one.id}": "reduced", f"amt-{one.id}": "1,0x", f"reason-{one.id}": "数量<多>计"}
    rest = {f"outcome-{other.id}": "confirmed" for other in others}
    refused = zhang.post(f"/cases/{case_id}/decide", data={"revision": "0", **typed, **rest})
    assert refused.status_code == 422 and "1,0x" in refused.text and "数量&lt;多&gt;计" in refused.text and 'role="alert"' in refused.text
    assert re.search(rf'name="outcome-{one.id}" value="reduced"[^>]* checked', refused.text)
    long = {f"amt-{number}": "" for number in range(10**6, 10**6 + 3_000)}  # a claim of a thousand findings sends so many fields
    assert zhang.post(f"/cases/{case_id}/decide", data={"revision": "0", **typed, **long}).status_code == 422
    kept = {**typed, f"amt-{one.id}": f"￥{(one.counted_amt - 1) / 100:,.2f}"}
    assert zhang.post(f"/cases/{case_id}/decide", data={"revision": "0", **kept, **rest}).status_code == 303
    late = li.post(f"/cases/{case_id}/decide", data={"revision": "0", f"outcome-{one.id}": "dismissed", f"reason-{one.id}": "我的理由"})
    assert late.status_code == 409 and "测试zhang" in late.text and "我的理由" in late.text, "who, and nothing typed is lost"
    assert zhang.get(f"/cases/{case_id}/decide").headers["Location"] == f"/cases/{case_id}", "opened again, as the language button does"
    row = row_of(place, case_id)
    assert f'name="revision" value="{row.revision}"' in late.text and row.decided_amt == sum(f.counted_amt for f in (one, *others)) - 1
    done = zhang.post(f"/cases/{case_id}/decide", data={"revision": str(row.revision), "then": "finish"})
    assert done.status_code == 303 and row_of(place, case_id).step == "appeal"
    page = text(zhang.get(f"/cases/{case_id}").text)
    assert "初审告知" in page and "数量<多>计" in page and yuan(one.counted_amt - 1) in page and "保存" not in page


def test_a_case_in_somebodys_hands_can_be_read_and_no_more(place: Place) -> None:
    (case_id,) = ids(place)
    zhang, li = client(place, login="zhang"), client(place, login="li")
    assert zhang.post(f"/cases/{case_id}/hold").status_code == 204
    page = li.get(f"/cases/{case_id}").text
    assert "测试zhang 正在处理此案件" in page and 'id="decide"' not in page and "<fieldset" not in page and "添加备注" in page
    assert 'id="decide"' in zhang.get(f"/cases/{case_id}").text
    auditor = client(place, "auditor")
    assert not re.search(rf'action="/cases/{case_id}/', auditor.get(f"/cases/{case_id}").text), "an auditor writes nothing"


def test_an_old_case_shows_its_rule_as_it_was(place: Place, tmp_path: Path) -> None:
    (case_id,) = ids(place)
    one = found_in(place, case_id)[0]
    (tmp_path / "rules").mkdir()
    for lock, told in (("OTHER-1 1 aa", "已不在规则库中"), (f"{one.rule_id} 99 bb", "现为第99版")):
        (tmp_path / "rules" / "rules.lock").write_text(lock + "\n", encoding="utf-8")
        changed = a_place(place.desk, tmp_path, lake=place.lake, rules=tmp_path / "rules")
        page = client(changed, login=f"w{lock[:3]}").get(f"/cases/{case_id}").text
        assert told in page and "逐项比对" in page and 'class="mark yes"' in page
    with place.desk.act() as act:
        act.con.execute(update(findings).where(findings.c.id == one.id).values(fingerprint="of an engine that kept none"))
    assert "当晚未保存规则原文" in client(place).get(f"/cases/{case_id}").text


def test_files_are_saved_never_opened_and_evidence_can_be_verified(place: Place, tmp_path: Path) -> None:
    (case_id,) = ids(place, cases.c.counted_amt > 0)
    reviewer = client(place)
    wrong = reviewer.post(f"/cases/{case_id}/attach", files={"file": ("a.pdf", b"<html>not a pdf")})
    assert wrong.status_code == 415 and "只接受" in wrong.text and 'id="decide"' in wrong.text
    assert reviewer.post(f"/cases/{case_id}/attach", files={"file": ("申诉 材料.pdf", PDF)}).status_code == 303
    (file_id,) = re.findall(rf'href="/cases/{case_id}/files/(\d+)"', reviewer.get(f"/cases/{case_id}").text)
    got = reviewer.get(f"/cases/{case_id}/files/{file_id}")
    assert got.content == PDF and got.headers["Content-Type"] == "application/pdf" and got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E7%94%B3%E8%AF%89")
    (tmp_path / "case.zip").write_bytes(reviewer.get(f"/cases/{case_id}/evidence.zip").content)
    assert evidence.verify(tmp_path / "case.zip").whole
    with place.desk.read() as con:
        told = con.scalars(select(journal.c.action).where(journal.c.case_id == case_id, journal.c.login == "w-reviewer")).all()
    assert told.count("case.evidence") == 1 and told.count("case.file") == 1


def test_every_table_of_a_case_can_be_taken_away(place: Place) -> None:
    (case_id,) = ids(place, cases.c.counted_amt > 0)
    reviewer, row, bill = client(place), row_of(place, case_id), whole_bill(place, case_id)

    def taken(name: str) -> pl.DataFrame:
        return pl.read_parquet(reviewer.get(f"/cases/{case_id}/tables/{name}?format=parquet").content)

    lines = taken("lines").filter(pl.col("setl_id") == row.setl_id)
    assert lines["det_item_fee_sumamt"].sum() == row.medfee_sumamt and lines.height == len(bill["lines"])
    assert sorted(lines["cnt"]) == sorted(line["cnt_e4"] / 10_000 for line in bill["lines"])
    assert taken("findings").select("rule_id", "counted_amt").sort("rule_id", "counted_amt").rows() == sorted(
        (one.rule_id, one.counted_amt) for one in found_in(place, case_id)
    )
    assert taken("visits").columns[0] == "begn_date"
    assert f",立案,{row.setl_id}," in reviewer.get(f"/cases/{case_id}/tables/journal").text  # CSV, unless asked otherwise
    with place.desk.read() as con:
        exports = con.scalars(select(journal.c.subject).where(journal.c.action == "export")).all()
    assert exports == [f"case-{case_id}-{name}" for name in ("lines", "findings", "visits", "journal")]
    assert f"/cases/{case_id}/tables/lines?format=xlsx" in reviewer.get(f"/cases/{case_id}").text
    assert reviewer.get(f"/cases/{case_id}/tables/persons").status_code == 422
    assert reviewer.get(f"/api/v1/cases/{case_id}/tables/lines").json()["total"] == taken("lines").height


def test_programs_get_the_same(place: Place) -> None:
    (case_id,) = ids(place, cases.c.counted_amt > 0)
    reviewer, row = client(place), row_of(place, case_id)
    case = reviewer.get(f"/api/v1/cases/{case_id}").json()
    assert case["counted_amt"] == row.counted_amt == sum(one["counted_amt"] for one in case["findings"])
    assert sum(line["det_item_fee_sumamt"] for line in case["lines"]) == case["medfee_sumamt"] and "decide" in case["may_now"]
    assert all(one["comparison"]["answer"] is True for one in case["findings"])
    items = [{"finding_id": one["id"], "outcome": "dismissed", "reason": "解释合理"} for one in case["findings"]]
    done = reviewer.post(f"/api/v1/cases/{case_id}/decisions", json={"revision": 0, "items": items, "finish": True})
    assert done.status_code == 200 and row_of(place, case_id).outcome == "dismissed"
    again = reviewer.post(f"/api/v1/cases/{case_id}/decisions", json={"revision": 0, "items": items})
    assert again.status_code == 409 and "w-reviewer" in again.json()["zh"]
    assert reviewer.post(f"/api/v1/cases/{case_id}/comments", json={"text": "a\u0000b"}).status_code == 422
    assert reviewer.post(f"/api/v1/cases/{case_id}/comments", json={"text": "看过"}).status_code == 201


def test_what_no_rule_found_is_entered_on_the_page(place: Place) -> None:
    """By a reviewer who sees more than the models: a form that keeps what was typed, and the finding on every page and paper."""
    (case_id,) = ids(place, cases.c.sev_deg == "model")
    code, people = row_of(place, case_id).fixmedins_code, {"zhang": "reviewer", "li": "reviewer", "sue": "senior"}
    workers = [a_worker(place.desk, login, role) for login, role in people.items()]
    zhang, li, senior, hospital = at_desk(place, *workers, a_worker(place.desk, "med", "hospital", fixmedins_code=code))
    bill = whole_bill(place, case_id)
    scoped = sorted((line for line in bill["lines"] if line["inscp_amt"] > 100), key=lambda line: line["bkkp_sn"])
    one, two = scoped[:2]
    page = zhang.get(f"/cases/{case_id}").text
    assert page.count('class="pick"') == len(bill["lines"]) and 'href="#enter"' in page and page.count("<option value=") > 80
    typed = {
        "revision": "0",
        "about": "lines",
        "line": [one["bkkp_sn"], "L9<b>"],
        "amt": "1x",
        "basis": "条款<一>",
        "reason": "",
        "code": "",
    }
    wrong = zhang.post(f"/cases/{case_id}/findings", data=typed)
    assert wrong.status_code == 422 and 'aria-describedby="enter-amt-fault"' in wrong.text and "不是以元为单位的数" in wrong.text
    wrong = zhang.post(f"/cases/{case_id}/findings", data={**typed, "amt": "0.01"})
    for name in ("lines", "code", "reason"):
        assert f'id="enter-{name}-fault"' in wrong.text
    assert (
        "L9&lt;b&gt;" in wrong.text
        and "条款&lt;一&gt;" in wrong.text
        and 'name="amt" inputmode="decimal" maxlength="20" value="0.01"' in wrong.text
    )
    assert wrong.text.count(" checked>") >= 2 and re.search(rf'value="{one["bkkp_sn"]}"[^>]* checked', wrong.text)
    whole = {**typed, "line": [one["bkkp_sn"], two["bkkp_sn"]], "amt": "￥1.00", "reason": "无此<项>", "code": "GZ10000302002000"}
    assert zhang.post(f"/cases/{case_id}/findings", data=whole).status_code == 303
    again = zhang.post(f"/cases/{case_id}/findings", data=whole)
    assert again.status_code == 409 and "测试zhang已于" in again.text and len(found_in(place, case_id)) == 2, "a double click enters once"
    page = zhang.get(f"/cases/{case_id}").text
    assert "人工录入问题 · 测试zhang无指征治疗无此<项>" in text(page) and "尚无人处理" not in page
    assert "无指征治疗" in page and "人工录入" in text(page) and "HAND" not in text(page) and "无此&lt;项&gt;" in page
    assert page.count("/take-back") == 2 and "/take-back" not in li.get(f"/cases/{case_id}").text
    for part in ("", "/print"):
        page = zhang.get(f"/cases/{case_id}{part}").text
        assert not set(re.findall(r'href="#([^"]+)"', page)) - set(re.findall(r' id="([^"]+)"', page))
    zhang.post(f"/cases/{case_id}/hold")
    late = li.post(f"/cases/{case_id}/findings", data={**whole, "revision": "1"})
    assert (
        late.status_code == 409 and "测试zhang正在处理此案" in late.text and "无此&lt;项&gt;" in late.text and 'id="enter"' not in late.text
    )
    first, second = found_in(place, case_id)
    assert zhang.post(f"/cases/{case_id}/findings/{first.id}/take-back", data={"revision": "1"}).status_code == 303
    assert zhang.get(f"/cases/{case_id}/findings/{first.id}/take-back").headers["Location"] == f"/cases/{case_id}"
    told = zhang.get(f"/api/v1/cases/{case_id}").json()
    assert [(row["rule_id"], row["author"], row["vola_amt"]) for row in told["findings"]] == [("HAND", "测试zhang", 100)]
    given = {"revision": 2, "code": "GZ10000204005000", "basis": "条款", "reason": "理由", "setl_id": told["setl_id"], "amt": 50}
    assert zhang.post(f"/api/v1/cases/{case_id}/findings", json=given).json() == {"revision": 3}
    assert zhang.post(f"/api/v1/cases/{case_id}/findings", json={**given, "revision": 3, "code": "x"}).json()["zh"].startswith("请从国家")
    last = found_in(place, case_id)[-1]
    back = zhang.post(f"/api/v1/cases/{case_id}/findings/{last.id}/take-back", json={"revision": 3})
    assert back.status_code == 200 and len(found_in(place, case_id)) == 1
    decided = {"revision": "4", f"outcome-{second.id}": "confirmed", "then": "finish"}
    assert zhang.post(f"/cases/{case_id}/decide", data=decided).status_code == 303 and row_of(place, case_id).step == "appeal"
    assert "已确认" in text(zhang.get(f"/cases/{case_id}").text) and 'class="pick"' not in zhang.get(f"/cases/{case_id}").text
    paper = zhang.get(f"/cases/{case_id}/evidence.zip")
    assert paper.status_code == 200 and zhang.get(f"/cases/{case_id}/evidence.pdf").content.startswith(b"%PDF")
    shown = hospital.get(f"/hospital/cases/{case_id}").text
    assert "无指征治疗" in shown and "无此&lt;项&gt;" in shown and "条款&lt;一&gt;" in shown and "测试zhang" not in shown
    assert hospital.post(f"/hospital/cases/{case_id}/accept").status_code == 303
    page = senior.get("/dashboards/verdicts").text
    assert "人工录入" in page and "/rules/HAND" not in page, "it has no page of its own among the rules"
