"""What a hospital sees and does, over a real night: never what the bureau is still deciding, never another hospital's case."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from desk_room import Clock, a_desk, a_place, an_account, browser
from fastapi.testclient import TestClient
from sqlalchemy import Row, func, select

from audit.cases import workflow
from audit.cases.opening import open_nights
from audit.cases.tables import appeals, cases, files, findings
from audit.cases.workflow import Item
from audit.console.place import Place

PDF = b"%PDF-1.4\n% an invented record\n"


@pytest.fixture()
def place(audited: Path, tmp_path: Path) -> Place:
    place = a_place(a_desk(f"sqlite:///{tmp_path / 'desk.db'}", Clock()), tmp_path, audited.parent)
    open_nights(place.desk, place.lake)
    for login in ("ann", "bob"):
        an_account(place.desk, "reviewer", login)
    return place


def richest(place: Place) -> Row:
    """The case with most findings that count."""
    with place.desk.read() as con:
        counting = select(findings.c.case_id).where(findings.c.counted_amt > 0).group_by(findings.c.case_id)
        found = con.scalar(counting.having(func.count() > 1).order_by(func.count().desc(), findings.c.case_id).limit(1))
        return con.execute(select(cases).where(cases.c.id == found)).one()


def decide(place: Place, who: str, case_id: int, items: list[Item], finish: bool) -> None:
    with place.desk.read() as con:
        person = next(p for p in people_of(con) if p.login == who)
    with place.desk.act(person) as act:
        revision = act.con.scalar(select(cases.c.revision).where(cases.c.id == case_id))
        revision = workflow.decide(act, case_id, revision, items)
        if finish:
            workflow.finish(act, place.site, case_id, revision)


def people_of(con) -> list:  # type: ignore[no-untyped-def]
    from audit.cases.people import person_of
    from audit.cases.tables import people

    return [person_of(row) for row in con.execute(select(people))]


def told(place: Place) -> tuple[Row, list[Row], TestClient]:
    """A case whose first finding was dismissed and the rest confirmed, its hospital told; and that hospital at its desk."""
    case = richest(place)
    an_account(place.desk, "hospital", "med", fixmedins_code=case.fixmedins_code)
    hospital = browser(place, "med")
    assert case.setl_id not in hospital.get("/hospital").text and hospital.get(f"/hospital/cases/{case.id}").status_code == 404
    with place.desk.read() as con:
        rows = list(con.execute(select(findings).where(findings.c.case_id == case.id).order_by(findings.c.id)))
    items = [Item(rows[0].id, "dismissed", 0, "登记有误"), *(Item(row.id, "confirmed") for row in rows[1:])]
    decide(place, "ann", case.id, items, finish=False)
    assert hospital.get(f"/hospital/cases/{case.id}").status_code == 404  # nothing is told yet
    decide(place, "ann", case.id, items, finish=True)
    return case, rows, hospital


def test_a_hospital_is_told_answers_and_is_told_again(place: Place) -> None:
    case, rows, hospital = told(place)
    told_of = pl.read_parquet(hospital.get("/hospital?format=parquet").content)
    amount = sum(row.counted_amt for row in rows[1:])
    assert told_of.select("setl_id", "decided_amt").rows() == [(case.setl_id, amount)]
    bill = pl.read_parquet(hospital.get(f"/hospital/cases/{case.id}/lines?format=parquet").content)
    assert bill["det_item_fee_sumamt"].sum() == case.medfee_sumamt
    assert sorted(" ".join(bill["rules"]).split()) == sorted(row.rule_id for row in rows[1:] if row.bkkp_sn)  # not the dismissed one
    page = hospital.get(f"/hospital/cases/{case.id}").text
    assert f'id="finding-{rows[0].id}"' not in page and "登记有误" not in page
    assert all(f'id="finding-{row.id}"' in page for row in rows[1:])
    assert "备注" not in page and 'class="bars"' not in page  # the bureau's comments and models stay its own
    refused = hospital.post(
        f"/hospital/cases/{case.id}/appeal",
        data={"statement": "我院认为<b>符合</b>规定", "finding": [rows[1].id]},
        files={"files": ("record.pdf", b"MZ no pdf at all", "application/pdf")},
    )
    assert refused.status_code == 415 and "我院认为&lt;b&gt;符合&lt;/b&gt;规定" in refused.text
    with place.desk.read() as con:
        assert con.scalar(select(func.count()).select_from(appeals)) == 0  # nothing half-saved
    sent = hospital.post(
        f"/hospital/cases/{case.id}/appeal",
        data={"statement": "我院认为<b>符合</b>规定", "finding": [rows[1].id]},
        files={"files": ("病历.pdf", PDF, "application/pdf")},
    )
    assert sent.status_code == 303
    again = hospital.post(f"/hospital/cases/{case.id}/appeal", data={"statement": "再点一次", "finding": [rows[1].id]})
    assert again.status_code == 409
    with place.desk.read() as con:
        assert con.scalar(select(cases.c.step).where(cases.c.id == case.id)) == "re_review"
        kept = con.execute(select(files)).one()
    file = hospital.get(f"/hospital/cases/{case.id}/files/{kept.id}")
    assert file.content == PDF and file.headers["Content-Disposition"].startswith("attachment")
    decide(place, "bob", case.id, [Item(rows[1].id, "dismissed", 0, "申诉成立")], finish=False)
    assert "申诉成立" not in hospital.get(f"/hospital/cases/{case.id}").text  # bob is still at it
    before = hospital.get(f"/api/v1/hospital/cases/{case.id}").json()
    assert {one["id"]: one["outcome"] for one in before["findings"]} == {row.id: "confirmed" for row in rows[1:]}
    decide(place, "bob", case.id, [Item(rows[1].id, "dismissed", 0, "申诉成立")], finish=True)
    page = hospital.get(f"/hospital/cases/{case.id}").text
    assert "申诉成立" in page
    after = hospital.get(f"/api/v1/hospital/cases/{case.id}").json()
    assert {one["id"]: one["outcome"] for one in after["findings"]}[rows[1].id] == "dismissed"
    assert after["decided_amt"] == sum(one["decided_amt"] for one in after["findings"])


def test_another_hospital_sees_nothing_of_it(place: Place) -> None:
    case, rows, _ = told(place)
    an_account(place.desk, "hospital", "other", fixmedins_code="F99999999999")
    other = browser(place, "other")
    assert case.setl_id not in other.get("/hospital").text
    for method, address in (("GET", ""), ("POST", "/appeal"), ("POST", "/accept"), ("GET", "/files/1"), ("GET", "/lines")):
        data = {"statement": "x", "finding": [rows[1].id]} if method == "POST" else None
        assert other.request(method, f"/hospital/cases/{case.id}{address}", data=data).status_code == 404, address


def test_a_hospital_accepts_and_the_case_is_closed(place: Place) -> None:
    case, _, hospital = told(place)
    assert hospital.get("/api/v1/hospital/cases").json()["cases"][0]["unread"] is True
    assert hospital.post(f"/hospital/cases/{case.id}/accept").status_code == 303
    closed = hospital.get("/api/v1/hospital/cases?tab=closed").json()["cases"]
    with place.desk.read() as con:
        sums = con.scalar(select(func.sum(findings.c.decided_amt)).where(findings.c.case_id == case.id))
    assert [(one["setl_id"], one["outcome"], one["decided_amt"]) for one in closed] == [(case.setl_id, "confirmed", sums)]
