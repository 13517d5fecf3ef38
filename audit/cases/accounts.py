"""Accounts as an administrator keeps them, and what people keep of their own: sessions, and tokens for their programs.

An administrator of an area keeps that area's accounts only. Nobody changes his own role, and the last administrator stays.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, true, update

from audit.cases.people import hashed, new_token
from audit.cases.refused import Refused
from audit.cases.store import Act
from audit.cases.tables import people, sessions
from audit.cases.walls import ROLES, Person
from audit.words import RULE_CLASSES

SKILLS = RULE_CLASSES | {"model": ("仅模型", "Models only")}  # and cases that no rule found
MOST_TOKENS = 20  # of one person at once
_KEY = 16  # characters of a session's hash by which its owner names it


@dataclass(frozen=True)
class Account:
    """What an administrator sets. `capacity` None is the site's number; `skills` are rule classes, none is all."""

    name: str
    role: str
    area: str = ""
    fixmedins_code: str | None = None
    active: bool = True
    capacity: int | None = None
    skills: tuple[str, ...] = ()


def within(person: Person) -> ColumnElement[bool]:
    """The accounts that this administrator keeps."""
    return people.c.area.startswith(person.area, autoescape=True) if person.area else true()


def listed(con: Connection, person: Person, role: str | None = None) -> Sequence[Row]:
    """Accounts with `seen_at`, the last use of a session: those at work first, by login."""
    seen = select(func.max(sessions.c.seen_at)).where(sessions.c.person_id == people.c.id).scalar_subquery()
    asked = select(people, seen.label("seen_at")).where(within(person)).order_by(people.c.active.desc(), people.c.login)
    return con.execute(asked.where(people.c.role == role) if role else asked).all()


def one(con: Connection, person: Person, person_id: int) -> Row:
    """An account that this administrator keeps; 404 for any other."""
    row = con.execute(select(people).where(people.c.id == person_id, within(person))).one_or_none()
    if row is None:
        raise Refused("没有这个账号。", "There is no such account.", 404)
    return row


def check(person: Person, account: Account) -> None:
    """Refused when the account would be nonsense, or lie outside the administrator's area."""
    if account.role not in ROLES:
        raise Refused(f"没有“{account.role}”这个角色。", f"There is no role '{account.role}'; choose one of {', '.join(ROLES)}.", 422)
    if not account.area.startswith(person.area):
        raise Refused(f"您只能管理{person.area}统筹区的账号。", f"You keep the accounts of area {person.area} only.")
    if account.role == "hospital" and not account.fixmedins_code:
        raise Refused("医院用户必须填写定点医药机构编号。", "A hospital user needs the code of the institution.", 422)


def change(act: Act, person_id: int, account: Account) -> None:
    """Set an account. Whoever is switched off, or gets other walls, is signed out everywhere."""
    row = one(act.con, act.person, person_id)
    check(act.person, account)
    if row.id == act.person.id and (account.role != row.role or account.area != row.area or not account.active):
        raise Refused(
            "不能更改自己的角色、统筹区或停用自己,请由另一位管理员操作。",
            "You cannot change your own role or area, or switch yourself off; ask another administrator.",
        )
    _keep_an_administrator(act, row, account)
    values = {
        "name": account.name.strip() or row.name,
        "role": account.role,
        "area": account.area,
        "fixmedins_code": account.fixmedins_code if account.role == "hospital" else None,
        "active": account.active,
        "capacity": account.capacity,
        "skills": ",".join(account.skills),
    }
    changed: dict[str, Any] = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return
    act.con.execute(update(people).where(people.c.id == row.id).values(**changed))
    if changed.keys() & {"role", "area", "fixmedins_code", "active"}:
        act.con.execute(delete(sessions).where(sessions.c.person_id == row.id))
    act.tell("people.change", subject=row.login, **changed)


def reset_password(act: Act, person_id: int) -> str:
    """A new one-time password, shown once; every session and token of the account ends."""
    row = one(act.con, act.person, person_id)
    if row.oidc_subject:
        raise Refused("此账号通过单点登录,没有本地密码。", "This account signs in through the provider; it has no password here.")
    once = secrets.token_urlsafe(12)
    account = update(people).where(people.c.id == row.id)
    act.con.execute(account.values(password=hashed(once), must_change=True, failed=0, locked_until=None))
    act.con.execute(delete(sessions).where(sessions.c.person_id == row.id))
    act.tell("people.reset", subject=row.login)
    return once


def unlock(act: Act, person_id: int) -> None:
    """Let an account that too many wrong passwords locked try again now."""
    row = one(act.con, act.person, person_id)
    act.con.execute(update(people).where(people.c.id == row.id).values(failed=0, locked_until=None))
    act.tell("people.unlock", subject=row.login)


def end_sessions(act: Act, person_id: int) -> int:
    """Sign somebody out everywhere, programs too; returns how many sessions ended."""
    row = one(act.con, act.person, person_id)
    ended = act.con.execute(delete(sessions).where(sessions.c.person_id == row.id)).rowcount
    act.tell("people.end_sessions", subject=row.login, ended=ended)
    return ended


def own(con: Connection, person: Person, api: bool) -> Sequence[Row]:
    """One's own sessions, or one's tokens (`api`), newest first: key, label, created_at, seen_at, expires_at."""
    key = func.substr(sessions.c.token_hash, 1, _KEY).label("key")
    mine = (sessions.c.person_id == person.id) & (sessions.c.api == api)
    asked = select(key, sessions.c.label, sessions.c.created_at, sessions.c.seen_at, sessions.c.expires_at).where(mine)
    return con.execute(asked.order_by(sessions.c.created_at.desc(), key)).all()


def make_token(act: Act, label: str, days: int) -> str:
    """A token for a program of one's own; shown once."""
    if not label.strip():
        raise Refused("请写明令牌的用途。", "Say what the token is for.", 422)
    if len(own(act.con, act.person, api=True)) >= MOST_TOKENS:
        raise Refused(f"最多保留{MOST_TOKENS}个令牌,请先撤销不用的。", f"At most {MOST_TOKENS} tokens: revoke one that you no longer use.")
    return new_token(act, label, timedelta(days=days))


def revoke(act: Act, key: str) -> None:
    """End one of one's own sessions or tokens."""
    mine = (sessions.c.person_id == act.person.id) & (func.substr(sessions.c.token_hash, 1, _KEY) == key)
    label = act.con.scalar(select(sessions.c.label).where(mine))
    if not act.con.execute(delete(sessions).where(mine)).rowcount:
        raise Refused("此会话或令牌已不存在。", "That session or token is gone already.", 404)
    act.tell("people.revoke", subject=label or "")


def _keep_an_administrator(act: Act, row: Row, account: Account) -> None:
    """The last administrator of everywhere stays one: without any, nobody could make another."""
    if row.role != "admin" or row.area or not row.active or (account.role == "admin" and not account.area and account.active):
        return
    at_work = (people.c.role == "admin") & (people.c.area == "") & people.c.active
    if len(act.con.execute(select(people.c.id).where(at_work).with_for_update()).all()) < 2:
        raise Refused("这是最后一位系统管理员,不能更改或停用。", "This is the last administrator: make another one first.")
