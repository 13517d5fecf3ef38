"""The rulebook as a list, and each rule with all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import PlainTextResponse, Response
from markupsafe import Markup
from pydantic import BaseModel, Field

from audit.cases import boards, changes
from audit.cases.refused import Refused
from audit.cases.store import CHINA
from audit.console.door import may
from audit.console.export import Format, exported
from audit.console.here import Here
from audit.console.rules import said, shelf, tables

pages = APIRouter()
Reader = Annotated[Here, may("rule.read")]
RuleId = Annotated[str, Path(pattern=r"^[A-Z]{2,5}-[0-9]{3}$")]
Number = Annotated[int, Path(ge=1, le=2**53)]
_MONEY = ("counted_amt",)
_WORDS = {"rule_class": said.CLASSES, "status": said.STATUSES, "finding": said.FINDINGS, "points": said.POINTS}


class Asked(BaseModel):
    """Which rules; nothing chosen is all of them."""

    q: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")] = ""
    rule_class: Literal["", "policy", "management", "medical", "local", "retired"] = ""
    status: Literal["", "draft", "shadow", "active", "retired"] = ""
    points: Literal["", "official", "own", "none"] = ""
    rule_no: Annotated[str, Field(pattern=r"^([1-9][0-9]{0,2}|local)?$")] = ""

    def wants(self, row: shelf.Row, seen: shelf.Shelf) -> bool:
        rule = seen.rule(row["rule_id"])
        where = " ".join([rule.id, *rule.name.values(), rule.clause_source, rule.clause_text, *seen.says[rule.id].values(), rule.when])
        number = "local" if rule.rule_no is None else str(rule.rule_no)
        return (
            all(word in where.lower() for word in self.q.lower().split())
            and all(getattr(self, name) in ("", row[name]) for name in ("rule_class", "status", "points"))
            and self.rule_no in ("", number)
        )


class Shown(Asked):
    format: Format = None


def found(here: Here, asked: Asked) -> tuple[shelf.Shelf, list[shelf.Row]]:
    seen = shelf.shelf(here.place.rules)
    with here.read() as con:
        rows = shelf.rows(con, here.place.lake, seen)
    return seen, [row for row in rows if asked.wants(row, seen)]


@pages.get("/rules")
def rulebook(here: Reader, asked: Annotated[Shown, Query()]) -> Response:
    seen, rows = found(here, asked)
    if asked.format:
        return exported(here, "rules", [_worded(here, row) for row in rows], titles(here), asked.format, money=_MONEY)
    types = sorted({rule.rule_no for rule in seen.book.rules if rule.rule_no})
    return here.page("rules.html", rows=rows, asked=asked, types=types, said=said, all=len(seen.book.rules), **_standing(here))


def titles(here: Here) -> dict[str, str]:
    return {name: here.say(*words) for name, words in said.RULEBOOK.items()}


def _worded(here: Here, row: shelf.Row) -> shelf.Row:
    return row | {name: here.say(*words[row[name]]) for name, words in _WORDS.items()}


def _standing(here: Here) -> dict[str, Any]:
    """How the folder stands: the gate, the present fingerprints, and the last approval."""
    seen = shelf.shelf(here.place.rules)
    with here.read() as con:
        waiting = len(changes.listed(con, status="submitted"))
        last = next(iter(changes.published(con, 1)), None)
        return {"standing": changes.standing(con, here.place.rules), "last": last, "waiting": waiting, "seen": seen}


@pages.get("/rules/publications")
def publications(here: Reader, format: Format = None) -> Response:
    with here.read() as con:
        listed = changes.published(con)
    if format:
        rows = [{name: getattr(one, name) for name in said.PUBLICATIONS} for one in listed]
        return exported(here, "publications", rows, {name: here.say(*words) for name, words in said.PUBLICATIONS.items()}, format)
    return here.page("rules_publications.html", listed=listed, said=said, **_standing(here))


@pages.get("/rules/publications/{number}/{rule_id}")
def as_published(here: Reader, number: Number, rule_id: RuleId) -> Response:
    """A rule's text as a publication left it."""
    with here.read() as con:
        files = changes.publication(con, number)
    text = next((data for name, data in sorted(files.items()) if name.split("/")[-1].startswith(f"{rule_id}") and "/" in name), None)
    if text is None:
        raise Refused("该发布版本中没有这条规则。", "That publication has no such rule.", 404)
    return PlainTextResponse(text.decode())


@pages.get("/rules/{rule_id}")
def rule(here: Reader, rule_id: RuleId, format: Format = None) -> Response:
    place, seen = here.place, shelf.shelf(here.place.rules)
    one = seen.rule(rule_id)
    with here.read() as con:
        card = boards.scorecard(con, place.lake, rule_id)
        if format:
            return tables.nights(here, rule_id, card).exported(here, format)
        proposals = [p for p in changes.listed(con, rule_id=rule_id) if p.status in ("draft", "submitted", "rejected")]
    return here.page(
        "rules_rule.html", rule=one, seen=seen, said=said, card=card, proposals=proposals, waived=shelf.waived_of(seen, rule_id),
        versions=[told | {"at": datetime.fromisoformat(told["at"])} for told in shelf.versions_of(place.rules, rule_id)],
        points=shelf.knowledge_of(place.rules, one),
        parameters=shelf.parameters_of(seen, one), amount=shelf.amount_of(one, here.lang), text=changes.text_of(place.rules, rule_id),
        whose=shelf.points_of(one), today=place.desk.clock().astimezone(CHINA).date(),
        chart=chart(here.say("每夜命中", "Hits each night"), card["nights"]),
    )  # fmt: skip


_BAR = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="f-accent"><title>{} {}</title></rect>')


def chart(label: str, nights: Sequence[shelf.Row]) -> Markup:
    """Hits of the last sixty nights as columns, the number on each."""
    shown = nights[-60:]
    most = max((night["hits"] for night in shown), default=0)
    if len(shown) < 2 or not most:
        return Markup("")
    step = 600 / len(shown)
    bars = []
    for place, night in enumerate(shown):
        tall = 100 * night["hits"] / most
        bars.append(_BAR.format(place * step + step * 0.15, 114 - tall, step * 0.7, tall, night["batch_date"], night["hits"]))
    ends = [(0, "start", shown[0]["batch_date"]), (600, "end", shown[-1]["batch_date"])]
    bars += [Markup('<text x="{}" y="130" text-anchor="{}">{}</text>').format(*end) for end in ends]
    bars.append(Markup('<text x="0" y="10">{}: {}</text>').format(label, f"{most:,}"))
    return Markup('<svg class="chart" viewBox="0 0 600 134" role="img" aria-label="{}">{}</svg>').format(label, Markup("").join(bars))
