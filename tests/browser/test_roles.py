"""The days of those who decide no case: administrator, auditor, operator, steward, and a senior with a sample."""

from __future__ import annotations

import pytest
from desk_room import PASSWORD

from browser.conftest import Hands, Visit, World

pytestmark = pytest.mark.browser
LANGUAGES = pytest.mark.parametrize("lang", ["zh", "en"])


@LANGUAGES
def test_an_administrator_adds_an_account_and_its_owner_begins(world: World, visit: Visit, lang: str) -> None:
    admin = visit(world, "admin", lang)
    admin.look("people")
    page, login = admin.page, f"new{lang}"
    page.fill("form.account [name=login]", login)
    page.fill("form.account [name=name]", "测试")
    page.select_option("form.account [name=role]", "reviewer")
    admin.send("form.account button.primary")
    once = page.inner_text(".once code")
    admin.look("person")
    admin.open("/journal")
    admin.look("journal")

    new = visit(world, None, lang)
    new.open("/sign-in")
    new.look("sign-in")
    new.sign_in(login, password=once)
    assert new.page.url.endswith("/me")  # nowhere else before a password of one's own
    assert new.page.get_attribute("html", "lang") == new.say("zh-CN", "en")  # the language of the browser, as at signing in
    new.expected.add(403)
    new.open("/queue")
    assert new.page.locator("h1").count() == 1 and "/queue" in new.page.url
    new.look("refused")
    new.open("/me")
    new.look("me")
    new.page.fill("[name=old]", once)
    new.page.fill("[name=new]", PASSWORD)
    with new.page.expect_navigation():
        new.press("Enter")
    assert new.page.url.endswith("/queue")


@LANGUAGES
def test_an_auditor_reads_everything_and_is_offered_nothing_that_writes(world: World, visit: Visit, lang: str) -> None:
    case_id = Hands(world).open_case(several=True)
    auditor = visit(world, "auditor", lang)
    rooms = [link.get_attribute("href") for link in auditor.page.locator("nav.rooms a").all()]
    assert {"/queue", "/samples", "/journal"} <= set(rooms) and "/people" not in rooms
    for path in [*rooms, "/queue?tab=all", f"/cases/{case_id}", "/journal/verify" if lang == "zh" else "/journal?action=case."]:
        auditor.open(str(path))
        if path == f"/cases/{case_id}":
            assert auditor.page.locator("[data-choice], .act-bar [name=then], [data-opens=unmask]").count() == 0
        writing = auditor.page.locator("form[method=post]:not([action^='/lang/']):not([action='/sign-out']), [hx-post]")
        offered = [form.get_attribute("action") for form in writing.all()]
        assert all(action and action.startswith("/queue/views") for action in offered), (path, offered)  # a view is one's own bookmark
        auditor.look("auditor-" + str(path).strip("/").replace("/", "-").split("?")[0])


@LANGUAGES
def test_an_operator_looks_at_the_night(world: World, visit: Visit, lang: str) -> None:
    operator = visit(world, "operator", lang)
    operator.look("nights")
    operator.page.click("main table a[href^='/nights/']")
    operator.look("night")


@LANGUAGES
def test_a_steward_looks_at_the_models(world: World, visit: Visit, lang: str) -> None:
    steward = visit(world, "steward", lang)
    for path in ("/dashboards", "/dashboards/models", "/dashboards/verdicts", "/dashboards/work"):
        steward.open(path)
        steward.look(path.strip("/").replace("/", "-"))


@LANGUAGES
def test_a_senior_looks_after_the_team_and_decides_many_at_once(world: World, visit: Visit, lang: str) -> None:
    senior = visit(world, "tom", lang, then="/queue/team")
    senior.look("team")
    senior.open("/queue/together")
    senior.look("together")
    senior.page.locator("main a[href^='/queue/together/']").first.click()
    senior.look("together-rule")
    senior.send("button[name=outcome][value=confirmed]")
    senior.look("together-confirm")
    senior.open(f"/cases/{Hands(world).open_case(several=True)}/print")
    senior.look("case-print")
    senior.open("/queue?tab=all")
    with senior.page.expect_download() as file:
        senior.page.click(".export a[href*='format=xlsx']")
    assert file.value.suggested_filename.startswith("queue-") and file.value.path().read_bytes()[:2] == b"PK"


def test_a_senior_draws_a_sample_reviews_it_and_closes_it(world: World, visit: Visit) -> None:
    senior = visit(world, "sue", "zh", then="/samples")
    page = senior.page
    senior.look("samples")
    senior.page.click("a[href='/samples/new']")
    senior.look("samples-institutions")
    page.locator("main table a").first.click()
    page.fill("[name=size]", "3")
    page.fill("[name=precision]", "")
    senior.send("[data-key=u]")
    senior.look("samples-new")
    senior.send("form[method=post] button.primary:has-text('写下方案')")
    senior.look("sample-planned")
    with page.expect_navigation():
        senior.press("d")
    senior.look("sample-drawn")
    with page.expect_navigation():
        senior.press("n")
    senior.look("sample-claim")
    for amount in ("0", "0.01", "0"):
        page.fill("[name=overpaid]", amount)
        with page.expect_navigation():
            senior.press("Enter")
    if "/claims/" in page.url:
        senior.open(page.url.partition("/claims/")[0].removeprefix(world.address))
    senior.send("form[action$='/close'] button")
    senior.look("sample-closed")
    assert "已关闭" in senior.text() and page.locator("form[action$='/close']").count() == 0
    english = visit(world, "sue", "en", then=page.url.removeprefix(world.address))
    english.look("sample-closed")
    sample = english.page.url.removeprefix(world.address)
    english.open(f"{sample}/verify")
    english.look("sample-verified")
    english.open(f"{sample}/method")
    english.look("sample-method")
