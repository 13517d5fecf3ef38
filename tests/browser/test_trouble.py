"""What goes wrong at a desk, as the one who sits there sees it: told in a sentence, nothing half-saved, nothing typed lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import delete, func, select, update

from audit.cases.tables import appeals, cases, decisions, journal, sessions
from audit.rulebook import load
from browser.conftest import Hands, Visit, World

pytestmark = pytest.mark.browser


def test_an_expired_session_leads_back_to_the_same_page(world: World, visit: Visit) -> None:
    ann = visit(world, "ann", "zh", then="/queue?tab=all&order=amount")
    with world.desk.act() as act:
        act.con.execute(delete(sessions).where(sessions.c.person_id == world.people["ann"].id))
    ann.page.reload()
    assert ann.page.url.startswith(f"{world.address}/sign-in") and "过期" in ann.text()
    ann.look("sign-in-again")
    ann.page.fill("[name=login]", "ann")
    ann.page.fill("[name=password]", "for tests only, long enough")
    with ann.page.expect_navigation():
        ann.press("Enter")
    assert ann.page.url == f"{world.address}/queue?tab=all&order=amount"


def test_a_double_click_finishes_once(world: World, visit: Visit) -> None:
    case_id = Hands(world).open_case(skip=1)
    ann = visit(world, "ann", "zh", then=f"/cases/{case_id}")
    if ann.page.locator("[data-confirm-all]").count():
        ann.page.click("[data-confirm-all]")
    else:
        ann.press("j", "c")
    ann.page.dblclick("[name=then][value=finish]", no_wait_after=True)
    ann.page.wait_for_selector("li.now:has-text('申诉')")
    with world.desk.read() as con:
        finished = select(func.count()).where(journal.c.case_id == case_id, journal.c.action == "case.finish")
        assert con.scalar(finished) == 1 and world.case(case_id).step == "appeal"


def test_two_people_on_one_case(world: World, visit: Visit) -> None:
    """The second sees in whose hands it is; who comes too late is told who did what and keeps what was typed."""
    case_id = Hands(world).open_case(skip=2, several=True)
    ann = visit(world, "ann", "en", then=f"/cases/{case_id}")
    ann.page.wait_for_load_state("networkidle")
    bob = visit(world, "bob", "en", then=f"/cases/{case_id}")
    assert "测试ann has this case in hand" in bob.text() and bob.page.locator("[data-choice]").count() == 0
    bob.look("case-in-other-hands")
    with world.desk.act() as act:  # ann goes to lunch
        act.con.execute(update(cases).where(cases.c.id == case_id).values(locked_by_id=None, locked_until=None))
    bob.page.reload()
    bob.press("j", "c")
    bob.send("[name=then][value=stay]")
    assert bob.page.locator("[data-choice=c]").first.is_checked()
    ann.press("j", "d")
    ann.page.keyboard.type("My reason, typed with care")
    ann.expected.add(409)
    ann.send("[name=then][value=stay]")
    assert "测试bob decided at" in ann.page.inner_text("[role=alert]")
    assert ann.page.content().count("My reason, typed with care") == 1
    ann.look("case-too-late")
    with world.desk.read() as con:
        made = con.execute(select(decisions.c.person_id).where(decisions.c.case_id == case_id)).scalars().all()
    assert made == [world.people["bob"].id]


def test_files_that_are_refused_and_a_script_that_is_text(world: World, visit: Visit, tmp_path: Path) -> None:
    big = tmp_path / "big.pdf"
    with big.open("wb") as file:
        file.truncate(21 * 1024 * 1024)
    hands = Hands(world)
    case_id = hands.open_case(skip=3)
    hands.bring_to("appeal", case_id)
    address = f"/hospital/cases/{case_id}"
    hospital = visit(world, world.hospital(world.case(case_id).fixmedins_code), "zh", then=address)
    page, field = hospital.page, "[name=files]"
    written = "<script>document.title = 'hacked'</script><img src=x onerror=alert(1)> 理由"
    page.fill("[name=statement]", written)
    page.set_input_files(field, big)
    page.click("section[aria-labelledby=answer] button.primary")
    assert "20" in page.evaluate("document.querySelector('[name=files]').validationMessage")  # told before anything is sent
    page.set_input_files(field, {"name": "病历.pdf", "mimeType": "application/pdf", "buffer": b"MZ not a pdf"})
    hospital.expected.add(415)
    hospital.send("section[aria-labelledby=answer] button.primary")
    assert "只接受" in page.inner_text("[role=alert]") and page.input_value("[name=statement]") == written
    hospital.look("hospital-refused")
    with world.desk.read() as con:
        assert con.scalar(select(func.count()).where(appeals.c.case_id == case_id)) == 0
    hospital.send("section[aria-labelledby=answer] button.primary")
    assert written in hospital.text("ol.events")

    auditor = visit(world, "bob", "en", then=f"/cases/{case_id}")
    auditor.page.fill("[name=text]", "<b>bold</b><script>document.title = 'hacked'</script>")
    auditor.send("form[action$='/comment'] button")
    assert "<b>bold</b><script>" in auditor.text("ol.events") and "hacked" not in auditor.page.title()


def test_a_case_whose_rule_is_gone_is_shown_as_it_was(world: World, visit: Visit) -> None:
    """The desk governs three rules; the night judged by all. What it judged by stays with the case."""
    now, then = {rule.id for rule in load(world.rules).rules}, {rule.id: rule for rule in load("rules").rules}
    with world.desk.read() as con:
        row = con.execute(select(cases).where(cases.c.lead_rule.not_in(now)).order_by(cases.c.id).limit(1)).one()
    rule = then[row.lead_rule]
    bob = visit(world, "bob", "zh", then=f"/cases/{row.id}")
    assert rule.name["zh"] in bob.text() and rule.when in bob.page.content().replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'")


def test_the_database_is_down(postgres_world: World, visit: Visit) -> None:
    world = postgres_world
    case_id = Hands(world).open_case(skip=1)
    ann = visit(world, "ann", "en", then=f"/cases/{case_id}")
    ann.page.wait_for_load_state("networkidle")
    before = world.case(case_id)
    ann.press("j", "c")
    name = sqlalchemy.make_url(world.database).database
    server = sqlalchemy.create_engine(sqlalchemy.make_url(world.database).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as con:
        con.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        con.execute(sqlalchemy.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name})
    ann.expected.add(503)
    try:
        ann.send("[name=then][value=finish]")
        assert "nothing was saved" in ann.text()
        ann.look("database-down")
    finally:
        with server.connect() as con:
            con.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    ann.open(f"/cases/{case_id}")
    world.desk.engine.dispose()
    assert world.case(case_id).revision == before.revision and ann.page.locator("[data-choice]:checked").count() == 0
    server.dispose()
