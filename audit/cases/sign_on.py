"""Accounts of people whom an OpenID Connect provider vouches for. The provider is the master: role, area and institution follow its claims
at every sign-in, and a role that it no longer gives is gone here too."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from audit.cases import journal
from audit.cases.people import person_of
from audit.cases.refused import Refused
from audit.cases.site import Oidc
from audit.cases.store import Desk
from audit.cases.tables import people, sessions
from audit.cases.walls import Person

NO_ROLE = ""  # an account that the provider gives no role any more: it may nothing


def signed_on(desk: Desk, oidc: Oidc, claims: Mapping[str, Any]) -> Person:
    """The account of these proven claims, made or brought up to date. Refused where they give nobody a place here."""
    subject = _plain(claims.get("sub"))
    if not 0 < len(subject) <= 255:
        raise Refused("登录服务没有说明您是谁。", "The provider did not say who you are.", 403)
    try:
        given = _given(oidc, claims)
    except Refused:
        _take_away(desk, subject)
        raise
    with desk.act() as act:
        journal.hold(act.con)  # somebody's first sign-in in two windows makes one account
        row = act.con.execute(select(people).where(people.c.oidc_subject == subject)).one_or_none()
        if row is None:
            login = _free_login(act.con, _plain(claims.get("preferred_username")) or _plain(claims.get("email")) or subject, subject)
            name = _plain(claims.get("name"))[:64] or login
            values = {"login": login, "name": name, "oidc_subject": subject, "created_at": act.now, **given}
            act.con.execute(insert(people).values(**values))
            act.tell("people.add", subject=login, by="oidc", **given)
        elif not row.active:
            raise Refused("您的账号已停用,请联系管理员。", "Your account is switched off; ask an administrator.", 403)
        else:
            name = _plain(claims.get("name"))[:64] or row.name
            changed: dict[str, Any] = {key: value for key, value in {"name": name, **given}.items() if getattr(row, key) != value}
            if changed:
                act.con.execute(update(people).where(people.c.id == row.id).values(**changed))
                act.tell("people.change", subject=row.login, by="oidc", **changed)
            if changed.keys() & given.keys():  # other walls: what is open elsewhere ends
                act.con.execute(delete(sessions).where(sessions.c.person_id == row.id))
        return person_of(act.con.execute(select(people).where(people.c.oidc_subject == subject)).one())


def _given(oidc: Oidc, claims: Mapping[str, Any]) -> dict[str, Any]:
    """Role, area and institution that the claims give. The first group of the settings that somebody has is the role."""
    value = claims.get(oidc.roles_claim)
    groups = {_plain(one) for one in (value if isinstance(value, list) else [value])}
    role = next((role for group, role in oidc.roles.items() if group in groups), None)
    if role is None:
        raise Refused(
            "登录成功,但登录服务没有给您本系统的角色,请联系管理员。",
            "You are known, but the provider gives you no role here; ask an administrator.",
            403,
        )
    area, institution = "", None
    if oidc.area_claim:
        area = _plain(claims.get(oidc.area_claim))  # a claim that is missing or empty is not the whole country
        if not re.fullmatch(r"[0-9]{1,12}|all", area):
            raise Refused("登录服务没有说明您的统筹区。", "The provider did not say which area is yours.", 403)
    if role == "hospital":
        institution = _plain(claims.get(oidc.institution_claim)) if oidc.institution_claim else ""
        if not 0 < len(institution) <= 50:
            raise Refused("登录服务没有说明您的定点医药机构。", "The provider did not say which institution is yours.", 403)
    return {"role": role, "area": "" if area == "all" else area, "fixmedins_code": institution}


def _take_away(desk: Desk, subject: str) -> None:
    """The provider gives this person no place any more: neither do we, and what was open ends."""
    with desk.act() as act:
        known: ColumnElement[bool] = people.c.oidc_subject == subject
        row = act.con.execute(select(people).where(known, people.c.role != NO_ROLE)).one_or_none()
        if row:
            act.con.execute(update(people).where(known).values(role=NO_ROLE))
            act.con.execute(delete(sessions).where(sessions.c.person_id == row.id))
            act.tell("people.change", subject=row.login, by="oidc", role=NO_ROLE)


def _free_login(con: Connection, wanted: str, subject: str) -> str:
    """The login as the provider has it, or with a mark of the subject where a local account has that one: never that account."""
    login = wanted[:50]
    if con.scalar(select(people.c.id).where(func.lower(people.c.login) == login.lower())):
        return f"{login}~{hashlib.sha256(subject.encode()).hexdigest()[:8]}"
    return login


def _plain(value: Any) -> str:
    """A claim as text, without what no screen shows."""
    return "".join(sign for sign in value if sign.isprintable()).strip() if isinstance(value, str) else ""
