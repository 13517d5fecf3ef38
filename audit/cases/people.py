"""Accounts: argon2 passwords, lock-out, sessions that expire, tokens for programs. Secrets are kept as hashes only."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from audit.cases import journal
from audit.cases.refused import Refused
from audit.cases.site import Login
from audit.cases.store import Act, Desk
from audit.cases.tables import people, sessions
from audit.cases.walls import ROLES, Person

SHORTEST = 12  # characters of a password
LASTING = timedelta(hours=12)  # a session, however busy
_TOUCH = timedelta(minutes=1)  # a session's last use is written at most this often


@dataclass(frozen=True)
class Session:
    """A person who is signed in. `csrf` must come back with every change; None for a program's token."""

    person: Person
    csrf: str | None
    token_hash: str


def person_of(row: Row) -> Person:
    return Person(row.id, row.login, row.name, row.role, row.area, row.fixmedins_code, row.lang, row.must_change)


def add(
    act: Act,
    login: str,
    name: str,
    role: str,
    area: str = "",
    fixmedins_code: str | None = None,
    password: str | None = None,
    oidc_subject: str | None = None,
) -> tuple[int, str | None]:
    """Make an account; returns its id and its one-time password (None where `password` was given or sign-on is external)."""
    login, name = login.strip(), name.strip()
    if not login or not name:
        raise Refused("账号和姓名不能为空。", "Login and name may not be empty.", 422)
    if role not in ROLES:
        raise Refused(f"没有“{role}”这个角色。", f"There is no role '{role}'; choose one of {', '.join(ROLES)}.", 422)
    if role == "hospital" and not fixmedins_code:
        raise Refused("医院用户必须填写定点医药机构编号。", "A hospital user needs the code of the institution.", 422)
    journal.hold(act.con)  # two who choose the same login at once
    if act.con.scalar(select(people.c.id).where(func.lower(people.c.login) == login.lower())):
        raise Refused(f"账号“{login}”已存在。", f"The login '{login}' is taken.")
    once = None if password or oidc_subject else secrets.token_urlsafe(12)
    secret = password or once
    made = act.con.execute(
        insert(people).values(
            login=login,
            name=name,
            role=role,
            area=area.strip(),
            fixmedins_code=fixmedins_code,
            password=hashed(secret) if secret else None,
            oidc_subject=oidc_subject,
            must_change=once is not None,
            created_at=act.now,
        )
    )
    act.tell("people.add", subject=login, role=role, area=area, fixmedins_code=fixmedins_code)
    return int(made.inserted_primary_key[0]), once  # type: ignore[index]


def sign_in(desk: Desk, login: str, password: str, rules: Login) -> tuple[str, Session]:
    """A new session for the right password. Refused, in the same words whatever was wrong, and after too many attempts for a while."""
    wrong = Refused("账号或密码不正确。", "Login or password is wrong.", 401)
    with desk.read() as con:
        row = con.execute(select(people).where(func.lower(people.c.login) == login.strip().lower())).one_or_none()
    now = desk.clock()
    # a login that does not exist costs as much time as one that does
    right = _fits(row.password if row and row.password else _nobody(), password)
    if row is None or not row.active or row.password is None:
        raise wrong
    if row.locked_until and row.locked_until > now:
        raise Refused(
            "尝试次数过多,账号已暂时锁定,请稍后再试。", "Too many attempts: the account is locked for a while; try again later.", 429
        )
    if not right:
        with desk.act() as act:
            account = update(people).where(people.c.id == row.id)
            failed = act.con.scalar(account.values(failed=people.c.failed + 1).returning(people.c.failed))
            if (failed or 0) >= rules.attempts:
                until = now + timedelta(minutes=rules.lock_out_minutes)
                act.con.execute(account.values(failed=0, locked_until=until))
                act.tell("people.locked", subject=row.login, attempts=failed)
        raise wrong
    return open_session(desk, person_of(row))


def open_session(desk: Desk, person: Person) -> tuple[str, Session]:
    """A session for a person whose identity is proven; returns the cookie's token, kept here as a hash only."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    with desk.act(person) as act:
        act.con.execute(update(people).where(people.c.id == person.id).values(failed=0, locked_until=None))
        act.con.execute(delete(sessions).where(sessions.c.expires_at < act.now))
        _keep(act, token, csrf, act.now + LASTING)
        act.tell("people.sign_in")
    return token, Session(person, csrf, _hash(token))


def new_token(act: Act, label: str, lasting: timedelta) -> str:
    """A token with which a program acts as this person; shown once."""
    token = secrets.token_urlsafe(32)
    _keep(act, token, "", act.now + lasting, api=True, label=label.strip()[:64])
    act.tell("people.token", subject=label[:64])
    return token


def session_of(desk: Desk, token: str, api: bool, idle: timedelta) -> Session | None:
    """The session of a token, unless it has expired, was idle too long, or its person is switched off."""
    with desk.read() as con:
        found = con.execute(
            select(people, sessions.c.csrf, sessions.c.seen_at, sessions.c.token_hash)
            .join(sessions, sessions.c.person_id == people.c.id)
            .where(sessions.c.token_hash == _hash(token), sessions.c.api == api, sessions.c.expires_at > desk.clock(), people.c.active)
        ).one_or_none()
    if found is None or (not api and found.seen_at < desk.clock() - idle):
        return None
    if found.seen_at < desk.clock() - _TOUCH:
        with desk.act() as act:
            act.con.execute(update(sessions).where(sessions.c.token_hash == found.token_hash).values(seen_at=act.now))
    return Session(person_of(found), None if api else found.csrf, found.token_hash)


def sign_out(act: Act, session: Session) -> None:
    act.con.execute(delete(sessions).where(sessions.c.token_hash == session.token_hash))
    act.tell("people.sign_out")


def change_password(act: Act, old: str, new: str) -> None:
    """Refused unless the old one fits and the new one is long enough. Every other session of the person ends."""
    row = act.con.execute(select(people).where(people.c.id == act.person.id)).one()
    if not row.password or not _fits(row.password, old):
        raise Refused("原密码不正确。", "The present password is wrong.", 422)
    if len(new) < SHORTEST or new == old:
        raise Refused(
            f"新密码至少{SHORTEST}位,且不能与原密码相同。",
            f"A new password has at least {SHORTEST} characters and is not the old one.",
            422,
        )
    act.con.execute(update(people).where(people.c.id == row.id).values(password=hashed(new), must_change=False))
    act.con.execute(delete(sessions).where(sessions.c.person_id == row.id))
    act.tell("people.password")


def by_id(con: Connection, person_id: int) -> Row | None:
    return con.execute(select(people).where(people.c.id == person_id)).one_or_none()


def _keep(act: Act, token: str, csrf: str, expires: datetime, api: bool = False, label: str = "") -> None:
    act.con.execute(
        insert(sessions).values(
            token_hash=_hash(token),
            person_id=act.person.id,
            csrf=csrf,
            created_at=act.now,
            seen_at=act.now,
            expires_at=expires,
            api=api,
            label=label,
        )
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


def hashed(password: str) -> str:
    return _hasher().hash(password)


@cache
def _nobody() -> str:
    return hashed(secrets.token_urlsafe(16))


def _fits(hashed: str, password: str) -> bool:
    try:
        return _hasher().verify(hashed, password)
    except VerificationError:
        return False
