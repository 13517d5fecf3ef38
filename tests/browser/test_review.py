"""A case from the first review to its end, by those who have a hand in it, on both databases and in both languages."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from audit.cases.tables import cases
from browser.conftest import Hands, Visit, World
from browser.visitor import Visitor

PDF = b"%PDF-1.4\n% an invented record\n"
pytestmark = pytest.mark.browser


@pytest.fixture(params=["zh", "en"])
def bureau(request: pytest.FixtureRequest) -> tuple[World, str]:
    """Chinese on SQLite, English on PostgreSQL."""
    return request.getfixturevalue("world" if request.param == "zh" else "postgres_world"), request.param


def decided(visitor: Visitor) -> int:
    """With keys alone: the first finding dismissed with a reason, every other one confirmed. How many there were."""
    page, count = visitor.page, visitor.page.locator("[data-finding]").count()
    visitor.press("j", "d")
    page.keyboard.type(visitor.say("病历支持,不予认定", "The record supports it"))
    visitor.press("Escape", "j")
    for _ in range(count - 1):
        visitor.press("c", "j")
    return count


def test_a_case_from_the_queue_to_its_reversal(bureau: tuple[World, str], visit: Visit) -> None:
    world, lang = bureau
    ann = visit(world, "ann", lang)
    ann.look("queue")
    while True:  # the first of the cases in order of priority that has several findings
        with ann.page.expect_navigation():
            ann.press("n")
        if ann.page.locator("[data-finding]").count() > 1:
            break
    case_id = int(ann.page.url.rsplit("/", 1)[1])
    ann.look("case")
    assert ann.page.locator("section[aria-labelledby=visits]").locator("table, p").first.is_visible()  # fetched after the page
    count = decided(ann)
    ann.page.wait_for_function("count => document.querySelector('[data-done]').textContent === String(count)", arg=count)
    with ann.page.expect_navigation():
        ann.press("f")
    case = world.case(case_id)
    assert case.step == "appeal" and 0 < case.decided_amt <= case.counted_amt
    ann.look("case-notified", axe=False)

    hospital = visit(world, world.hospital(case.fixmedins_code), lang)
    hospital.look("hospital")
    hospital.page.click(f"a[href='/hospital/cases/{case_id}']")
    hospital.look("hospital-case")
    assert hospital.page.locator("article.finding").count() == count - 1
    statement = hospital.say("病程记录支持该项收费。", "The progress notes support it.")
    hospital.page.fill("[name=statement]", statement)
    hospital.page.set_input_files("[name=files]", {"name": "病历.pdf", "mimeType": "application/pdf", "buffer": PDF})
    hospital.send("section[aria-labelledby=answer] button.primary")
    assert world.case(case_id).step == "re_review"
    hospital.look("hospital-appealed", axe=False)

    ann.open(f"/cases/{case_id}")  # the first reviewer reads the appeal and is offered no decision
    assert statement in ann.text() and ann.page.locator("#decide [name=then], [data-choice]").count() == 0
    ann.look("case-appealed", axe=False)

    bob = visit(world, "bob", lang, then=f"/cases/{case_id}")
    with bob.page.expect_download() as file:
        bob.page.click("a[href*='/files/']")
    assert file.value.path().read_bytes() == PDF
    contested = bob.page.locator("[data-open]").count()
    assert contested == count - 1
    for number in range(contested):
        box = bob.page.locator("[data-open]").nth(number)
        box.locator("[data-choice=d]").check()
        box.locator("textarea").fill(bob.say("申诉成立", "The appeal is right"))
    bob.look("case-re-review")
    with bob.page.expect_navigation():
        bob.press("Escape", "f")
    assert (world.case(case_id).step, world.case(case_id).decided_amt) == ("closed", 0)
    assert world.case(case_id).outcome == "overturned"
    bob.look("case-closed", axe=False)

    hospital.open(f"/hospital/cases/{case_id}")
    assert hospital.say("申诉成立", "The appeal is right") in hospital.text()
    hospital.look("hospital-result", axe=False)


def test_what_only_the_models_saw_is_entered_by_hand(bureau: tuple[World, str], visit: Visit) -> None:
    """A reviewer finds in the bill what no rule found: the line is ticked, the amount corrected, and the hospital is told."""
    world, lang = bureau
    with world.desk.read() as con:
        case_id = con.scalar(select(cases.c.id).where(cases.c.sev_deg == "model", cases.c.step == "first_review").order_by(cases.c.id))
    ann = visit(world, "ann", lang, then=f"/cases/{case_id}")
    page = ann.page
    assert page.locator(".pick:visible").count() == 0
    page.click("a[href='#enter']")  # the form opens by itself, and with it the lines can be ticked
    page.locator("[name=code]").wait_for(state="visible")
    page.locator(".pick").nth(0).check()
    page.select_option("[name=code]", "GZ10000302002000")
    page.fill("#enter [name=amt]", "99999999")
    page.fill("#enter [name=basis]", ann.say("无指征治疗不予支付", "Treatment without a reason is not paid"))
    page.fill("#enter [name=reason]", ann.say("病历无记载", "The record does not mention it"))
    ann.expected.add(422)
    ann.send("#enter button")
    assert page.locator("#enter-amt-fault").is_visible() and page.locator(".pick").nth(0).is_checked()
    ann.look("case-enter")
    page.fill("#enter [name=amt]", "0.10")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("[data-finding]").count() == 1
    ann.look("case-entered")
    ann.press("j", "c")
    with page.expect_navigation():
        ann.press("f")
    case = world.case(case_id)
    assert (case.step, case.decided_amt, case.sev_deg) == ("appeal", 10, "suspicious")
    hospital = visit(world, world.hospital(case.fixmedins_code), lang, then=f"/hospital/cases/{case_id}")
    assert hospital.say("病历无记载", "The record does not mention it") in hospital.text()
    hospital.look("hospital-by-hand", axe=False)


def test_panel_and_final_review(world: World, visit: Visit) -> None:
    """Three seniors vote, the last of them ends it; the hospital reads the result."""
    room = Hands(world)
    case_id = room.open_case(skip=4)
    room.bring_to("panel", case_id)
    for login, lang in (("sue", "zh"), ("tom", "en"), ("vic", "en")):
        senior = visit(world, login, lang, then=f"/cases/{case_id}")
        if login != "vic":
            senior.look("case-panel")
        senior.page.check("[name=outcome][value=uphold]")
        senior.page.fill(".act-bar [name=reason]", senior.say("证据充分", "The evidence is sound"))
        senior.send(".act-bar button.primary")
        assert senior.page.locator(".act-bar [name=outcome]").count() == 0  # one vote each
    assert world.case(case_id).step == "final"
    vic = senior  # the last of them has the case in hand now
    vic.look("case-final")
    for box in vic.page.locator("[data-open]").all():
        box.locator("[data-choice=c]").check()
        box.locator("textarea").fill("Upheld")
    with vic.page.expect_navigation():
        vic.press("Escape", "f")
    case = world.case(case_id)
    assert (case.step, case.outcome, case.decided_amt) == ("closed", "confirmed", case.counted_amt)
    hospital = visit(world, world.hospital(case.fixmedins_code), "zh", then=f"/hospital/cases/{case_id}")
    hospital.look("hospital-final")
