"""Single sign-on: OpenID Connect's code flow with PKCE, state and nonce.

What one sign-in must remember until the provider sends the person back stands in a short-lived signed cookie, so that any worker can go
on with it. The key is made from the client's secret, which every worker has.
"""

from __future__ import annotations

import logging
import secrets
import time
from typing import Annotated, Any
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from fastapi import APIRouter, Depends, Query
from fastapi.responses import RedirectResponse, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from audit.cases import people as accounts
from audit.cases.refused import Refused
from audit.cases.sign_on import signed_on
from audit.cases.site import Oidc
from audit.console.account import inside, signed_in
from audit.console.door import anyone
from audit.console.here import Here

log = logging.getLogger("audit")
pages = APIRouter()
COOKIE = "audit_sso"
_MINUTES = 10  # for signing in at the provider
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]  # never `none`, never a shared key
_LEEWAY = 60  # seconds that two clocks may differ
Anyone = Annotated[Here, Depends(anyone)]


@pages.get("/sign-in/sso")
def leave(here: Anyone, then: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    """Off to the provider."""
    oidc = _configured(here)
    kept = {
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
        "then": inside(then),
    }
    asked = {
        "response_type": "code",
        "client_id": oidc.client_id,
        "redirect_uri": _back(here, oidc),
        "scope": "openid profile email",
        "state": kept["state"],
        "nonce": kept["nonce"],
        "code_challenge": create_s256_code_challenge(kept["verifier"]),
        "code_challenge_method": "S256",
    }
    address = _told(_provider(oidc), "authorization_endpoint")
    answer = RedirectResponse(f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", 303)
    signed = _signer(oidc).dumps(kept)
    answer.set_cookie(COOKIE, signed, max_age=_MINUTES * 60, path="/sign-in", httponly=True, samesite="lax", secure=here.place.https)
    return answer


@pages.get("/sign-in/sso/back")
def back(
    here: Anyone,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Back from the provider: who it says this is, is signed in. Whatever went wrong is said on the sign-in page."""
    oidc = _configured(here)
    try:
        kept = _kept(here, oidc, state)
        if error or not code:
            log.warning("single sign-on: the provider answered %r", error)
            raise Refused("登录服务没有让您通过,请重试或换一种方式。", "The provider did not let you in; try again, or another way.", 403)
        token, _ = accounts.open_session(here.place.desk, signed_on(here.place.desk, oidc, _claims(here, oidc, code, kept)))
    except Refused as why:
        answer: Response = here.page("sign_in.html", why.code, then="/", expired=False, told=why.said[here.lang], login="")
    else:
        answer = signed_in(here, RedirectResponse(kept["then"], 303), token)
    answer.delete_cookie(COOKIE, path="/sign-in")
    return answer


def _configured(here: Here) -> Oidc:
    if here.place.site.oidc is None:
        raise Refused("本系统没有配置单点登录。", "Single sign-on is not set up here.", 404)
    return here.place.site.oidc


def _kept(here: Here, oidc: Oidc, state: str) -> dict[str, str]:
    """What `leave` put down, if this is the same browser and the same sign-in."""
    try:
        kept = _signer(oidc).loads(here.request.cookies.get(COOKIE, ""), max_age=_MINUTES * 60)
    except BadSignature:
        kept = {"state": ""}
    if not kept["state"] or not secrets.compare_digest(kept["state"].encode(), state.encode()):
        raise Refused("此次登录已过期或不是从本页开始的,请重新登录。", "This sign-in expired or did not begin here; try again.", 403)
    return kept


def _claims(here: Here, oidc: Oidc, code: str, kept: dict[str, str]) -> dict[str, Any]:
    """The claims behind the code: those of the ID token, proven, and those of the provider's user page about the same subject."""
    provider = _provider(oidc)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": _back(here, oidc), "code_verifier": kept["verifier"]}
    given = _fetched("POST", _told(provider, "token_endpoint"), data=form, auth=(oidc.client_id, oidc.client_secret))
    keys = _fetched("GET", _told(provider, "jwks_uri"))
    try:
        token = jwt.decode(str(given.get("id_token")), KeySet.import_key_set(keys), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
        wanted = {"iss": {"essential": True, "value": oidc.issuer}, "aud": {"essential": True, "value": oidc.client_id}}
        known = {"nonce": kept["nonce"], "client_id": oidc.client_id, "access_token": given.get("access_token")}
        claims = CodeIDToken(token.claims, token.header, wanted, known)
        claims.validate(now=int(time.time()), leeway=_LEEWAY)
    except (JoseError, ValueError, KeyError, TypeError) as fault:
        log.error("single sign-on: the ID token does not hold: %s: %s", type(fault).__name__, fault)
        raise Refused("登录服务的答复无法核实,没有登录。", "The provider's answer does not hold; you are not signed in.", 502) from fault
    more: dict[str, Any] = {}
    if "userinfo_endpoint" in provider and given.get("access_token"):
        more = _fetched("GET", _told(provider, "userinfo_endpoint"), headers={"Authorization": f"Bearer {given['access_token']}"})
        if more.get("sub") != claims["sub"]:
            more = {}  # about somebody else
    return {**more, **claims}


def _provider(oidc: Oidc) -> dict[str, Any]:
    """What the provider says of itself, if it is the one of the settings."""
    told = _fetched("GET", oidc.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if told.get("issuer") != oidc.issuer:
        log.error("single sign-on: %s calls itself %r; write exactly that as issuer", oidc.issuer, told.get("issuer"))
        raise _unreachable()
    return told


def _fetched(method: str, address: str, **more: Any) -> dict[str, Any]:
    """The provider's JSON. Refused, with the reason in the log, when it does not answer or answers otherwise."""
    try:
        answer = httpx.request(method, address, timeout=10, **more)
        found = answer.raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as fault:
        log.error("single sign-on: %s: %s", address, fault)
        raise _unreachable() from fault
    if not isinstance(found, dict):
        log.error("single sign-on: %s did not answer with an object", address)
        raise _unreachable()
    return found


def _told(provider: dict[str, Any], name: str) -> str:
    """An address out of the provider's own description."""
    address = provider.get(name)
    if not isinstance(address, str) or not address.startswith(("https://", "http://")):
        log.error("single sign-on: the provider does not tell its %s", name)
        raise _unreachable()
    return address


def _unreachable() -> Refused:
    return Refused("登录服务暂时没有正确答复,请稍后重试。", "The sign-in provider does not answer as it should; try again in a while.", 502)


def _back(here: Here, oidc: Oidc) -> str:
    """Where the provider sends people back to: the address of the settings, else the one that the browser used."""
    return (oidc.address or str(here.request.base_url)).rstrip("/") + "/sign-in/sso/back"


def _signer(oidc: Oidc) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(oidc.client_secret, salt="audit single sign-on")
