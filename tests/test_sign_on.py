"""Single sign-on against a real OpenID Connect provider over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from desk_room import PASSWORD, a_desk, a_place, an_account, console
from fastapi.testclient import TestClient
from httpx import Response
from oidc_provider_mock import run_server_in_thread
from sqlalchemy import select, update

from audit.cases.site import Oidc
from audit.cases.tables import journal, people, sessions
from audit.console.place import Place


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture()
def place(issuer: str, tmp_path: Path) -> Place:
    roles = {"reviewers": "reviewer", "admins": "admin", "hospitals": "hospital"}
    oidc = Oidc(issuer, "audit", "a secret of tests", "groups", roles, area_claim="division", institution_claim="fixmedins_code")
    made = a_place(a_desk(f"sqlite:///{tmp_path / 'desk.db'}"), tmp_path)
    return replace(made, site=replace(made.site, oidc=oidc))


def known(issuer: str, subject: str, **claims: object) -> None:
    """Somebody at the provider, with these claims."""
    httpx.put(f"{issuer}/users/{subject}", json={"name": "测试员", "division": "45", **claims}).raise_for_status()


def client(place: Place) -> TestClient:
    return TestClient(console(place), base_url="http://desk.test", follow_redirects=False)


def sign_on(browser: TestClient, subject: str, then: str = "/") -> Response:
    """The whole way: to the provider, there as this subject, and back."""
    left = browser.get("/sign-in/sso", params={"then": then})
    assert left.status_code == 303, left.text
    there = httpx.post(left.headers["Location"], data={"sub": subject})
    return browser.get(there.headers["Location"])


def account(place: Place, subject: str) -> object:
    with place.desk.read() as con:
        return con.execute(select(people).where(people.c.oidc_subject == subject)).one_or_none()


def test_the_provider_makes_keeps_and_takes_away_the_account(place: Place, issuer: str) -> None:
    known(issuer, "s-1", groups=["others", "reviewers"], preferred_username="li")
    browser = client(place)
    assert 'href="/sign-in/sso?then=/' in browser.get("/sign-in").text
    back = sign_on(browser, "s-1", then="/me?lang=zh")
    assert (back.status_code, back.headers["Location"]) == (303, "/me?lang=zh")
    page = browser.get("/me")
    assert page.status_code == 200 and "li" in page.text and "修改密码" not in page.text
    made = account(place, "s-1")
    assert (made.login, made.role, made.area, made.password) == ("li", "reviewer", "45", None)  # type: ignore[attr-defined]
    known(issuer, "s-1", groups="hospitals", fixmedins_code="F99000000001")  # another job: what was open ends
    other = client(place)
    assert sign_on(other, "s-1").status_code == 303 and browser.get("/me").headers["Location"].startswith("/sign-in")
    now = account(place, "s-1")
    assert (now.id, now.role, now.fixmedins_code) == (made.id, "hospital", "F99000000001")  # type: ignore[attr-defined]
    known(issuer, "s-1", groups=[])  # dismissed
    refused = sign_on(client(place), "s-1")
    assert refused.status_code == 403 and "没有给您本系统的角色" in refused.text
    assert account(place, "s-1").role == "" and other.get("/me").status_code == 303  # type: ignore[attr-defined]
    with place.desk.read() as con:
        assert con.scalar(select(sessions.c.token_hash)) is None
        told = con.execute(select(journal.c.action).where(journal.c.subject == "li").order_by(journal.c.seq)).scalars().all()
    assert told == ["people.add", "people.change", "people.change"]


def test_nobody_gets_in_without_area_institution_or_when_switched_off(place: Place, issuer: str) -> None:
    for subject, claims, told in (
        ("s-2", {"groups": ["reviewers"], "division": ""}, "统筹区"),
        ("s-3", {"groups": ["reviewers"], "division": "45; DROP"}, "统筹区"),
        ("s-4", {"groups": ["hospitals"]}, "定点医药机构"),
    ):
        known(issuer, subject, **claims)  # type: ignore[arg-type]
        refused = sign_on(client(place), subject)
        assert refused.status_code == 403 and told in refused.text and account(place, subject) is None
    known(issuer, "s-5", groups=["reviewers"], division="all")
    assert sign_on(client(place), "s-5").status_code == 303 and account(place, "s-5").area == ""  # type: ignore[attr-defined]
    with place.desk.act() as act:
        act.con.execute(update(people).where(people.c.oidc_subject == "s-5").values(active=False))
    refused = sign_on(client(place), "s-5")
    assert refused.status_code == 403 and "停用" in refused.text


def test_a_local_account_of_that_login_is_another_person(place: Place, issuer: str) -> None:
    local = an_account(place.desk, "admin", "root")
    known(issuer, "s-6", groups=["reviewers"], preferred_username="root")
    browser = client(place)
    assert sign_on(browser, "s-6").status_code == 303
    made = account(place, "s-6")
    assert made.id != local.id and made.login.startswith("root~") and made.role == "reviewer"  # type: ignore[attr-defined]
    assert client(place).post("/sign-in", data={"login": made.login, "password": PASSWORD}).status_code == 401  # type: ignore[attr-defined]


def test_only_the_sign_in_that_began_here_ends_here(place: Place, issuer: str) -> None:
    known(issuer, "s-7", groups=["reviewers"])
    browser = client(place)
    left = browser.get("/sign-in/sso")
    asked = parse_qs(urlsplit(left.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"] and len(asked["nonce"][0]) > 30 and asked["response_type"] == ["code"]
    assert asked["redirect_uri"] == ["http://desk.test/sign-in/sso/back"]
    cookie = left.headers["Set-Cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "max-age=600" in cookie
    answer = httpx.post(left.headers["Location"], data={"sub": "s-7"}).headers["Location"]
    for stranger, address in (
        (client(place), answer),  # somebody lured to the way back of another's sign-in
        (browser, answer.replace("state=", "state=x")),
        (client(place), "/sign-in/sso/back?state=&code=x"),
    ):
        refused = stranger.get(address)
        assert refused.status_code == 403 and "重新登录" in refused.text and "audit_session" not in refused.cookies
    denied = browser.get("/sign-in/sso")
    home = httpx.post(denied.headers["Location"], data={"action": "deny"}).headers["Location"]
    state = parse_qs(urlsplit(denied.headers["Location"]).query)["state"][0]
    refused = browser.get(f"/sign-in/sso/back?error=access_denied&state={state}")
    assert "error=access_denied" in home and refused.status_code == 403 and "没有让您通过" in refused.text


def test_an_id_token_of_another_sign_in_is_refused(place: Place, issuer: str) -> None:
    """A code that was got with another nonce: the token is genuine, but not for this sign-in."""
    known(issuer, "s-8", groups=["reviewers"])
    browser = client(place)
    left = browser.get("/sign-in/sso").headers["Location"]
    nonce = parse_qs(urlsplit(left).query)["nonce"][0]
    swapped = httpx.post(left.replace(nonce, "another"), data={"sub": "s-8"}).headers["Location"]
    refused = browser.get(swapped)
    assert refused.status_code == 502 and "无法核实" in refused.text and account(place, "s-8") is None


def test_a_provider_that_is_down_or_another_is_told_kindly(place: Place, issuer: str) -> None:
    assert place.site.oidc
    for other in ("http://localhost:9", f"{issuer}/"):
        there = replace(place, site=replace(place.site, oidc=replace(place.site.oidc, issuer=other)))
        refused = client(there).get("/sign-in/sso")
        assert refused.status_code == 502 and "登录服务暂时没有正确答复" in refused.text
    without = replace(place, site=replace(place.site, oidc=None))
    assert client(without).get("/sign-in/sso").status_code == 404 and "/sign-in/sso" not in client(without).get("/sign-in").text
