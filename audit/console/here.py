"""What a route gets: the person at work, reading and acting in the person's name, and showing a page in the person's language."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from sqlalchemy import Connection

from audit import words
from audit.cases.people import Session
from audit.cases.store import CHINA, Act
from audit.cases.walls import ROLES, Person
from audit.console.place import Place

LANGUAGES = ("zh", "en")
_TYPED = str.maketrans("０１２３４５６７８９．", "0123456789.", ",，¥￥")
_pages = Environment(
    loader=PackageLoader("audit.console"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


@dataclass
class Here:
    """One request by somebody (or, before signing in, nobody)."""

    request: Request
    place: Place
    session: Session | None
    lang: str

    @property
    def person(self) -> Person:
        assert self.session is not None  # the door let nobody in without one
        return self.session.person

    def read(self) -> AbstractContextManager[Connection]:
        """A consistent view of the database."""
        return self.place.desk.read()

    def act(self) -> AbstractContextManager[Act]:
        """One change in the person's name."""
        return self.place.desk.act(self.person)

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def may(self, what: str) -> bool:
        return self.session is not None and self.person.may(what)

    @property
    def part(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("HX-Request") == "true"

    def page(self, template: str, status: int = 200, headers: dict[str, str] | None = None, **values: Any) -> HTMLResponse:
        """Render a template. It knows `here`, `say`, `may`, `yuan`, `day`, `moment`, `coded`, and the values given."""
        known = {
            "here": self,
            "say": self.say,
            "may": self.may,
            "lang": self.lang,
            "yuan": yuan,
            "day": day,
            "moment": moment,
            "coded": lambda column, raw: words.value(column, raw, self.lang) if raw is not None else "",
            "called": lambda column: words.name(column, self.lang),
            "role_name": lambda role: role_name(role, self.lang),
            "path": self.request.url.path,
            "csrf": Markup('<input type="hidden" name="csrf" value="{}">').format((self.session and self.session.csrf) or ""),
            "csrf_token": (self.session and self.session.csrf) or "",
        }
        return HTMLResponse(_pages.get_template(template).render(known | values), status, headers)


def role_name(role: str, language: str) -> str:
    return ROLES[role][LANGUAGES.index(language)] if role in ROLES else role


def yuan(fen: int | None, sign: bool = False) -> Markup:
    """Fen as yuan with two decimals, the decimals a little quieter; an em dash where there is none."""
    if fen is None:
        return Markup("—")
    whole, rest = divmod(abs(fen), 100)
    mark = "−" if fen < 0 else "+" if sign and fen > 0 else ""
    return Markup('<span class="yuan">{}{:,}<span class="dec">.{:02}</span></span>').format(mark, whole, rest)


def to_fen(text: str) -> int:
    """Yuan as somebody typed them, exactly: full-width digits, thousands separators and a yuan sign are understood. ValueError."""
    plain = text.strip().translate(_TYPED)
    amount = Decimal(plain) if re.fullmatch(r"[0-9]+(\.[0-9]{0,2})?", plain) else None
    if amount is None or amount > 10**11:
        raise ValueError(text)
    return int(amount * 100)


def day(value: date | str | None) -> str:
    return "—" if value is None else str(value)[:10]


def moment(value: datetime | None) -> Markup:
    """A time as the wall clock shows it in China."""
    if value is None:
        return Markup("—")
    local = value.astimezone(CHINA)
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="seconds"), local.strftime("%Y-%m-%d %H:%M"))


def lines_of(text: str) -> Markup:
    """Text that somebody wrote, its line breaks kept and nothing in it alive."""
    return Markup("<br>").join(escape(line) for line in text.splitlines())


_pages.filters["lines_of"] = lines_of
