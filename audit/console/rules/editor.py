"""Writing a rule as a form or as text, the same thing two ways; faults, words and examples follow while one types.

The page holds the text from which the form came (`base`). What the form says is written into it key by key, so that switching back and
forth loses nothing. Nothing is kept until somebody saves: then it is a proposal.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from audit.cases import changes
from audit.cases.refused import Refused, Unfit
from audit.console.door import may
from audit.console.here import Here
from audit.console.rules import form, said, shelf
from audit.console.rules.book import Number, RuleId
from audit.console.rules.proposals import fresh
from audit.examples.scaffold import CLASSES
from audit.rulebook.drawn import TABLES

pages = APIRouter()
Writer = Annotated[Here, may("rule.write")]
View = Literal["form", "text"]
LONGEST = 200_000
MOST_EXAMPLES = 40
_EMPTY = dict.fromkeys(form.OF_EXAMPLE, "")


async def posted(request: Request) -> dict[str, str]:
    """The fields that a form sent; Unfit where they are no text of a rule's size."""
    sent = await request.form(max_fields=1000)
    told: dict[str, str] = {}
    for name, value in sent.multi_items():
        if not isinstance(value, str) or "\0" in value:
            raise Unfit("请填写文字，不要粘贴或上传二进制内容。", "Write text; what was sent is binary.")
        told.setdefault(name, value)
    if sum(map(len, told.values())) > 2 * LONGEST:
        raise Unfit(f"规则文本过长（最多 {LONGEST} 字）。", f"The text is too long: at most {LONGEST} characters.")
    return told


Sent = Annotated[dict[str, str], Depends(posted)]


def text_of(sent: dict[str, str]) -> str:
    """The rule's text as the editor holds it now, whichever way it is shown."""
    if sent.get("view") != "form":
        text = sent.get("text", "").replace("\r\n", "\n")
        return text if text.endswith("\n") else text + "\n"
    try:
        return form.written(sent.get("base", "").replace("\r\n", "\n"), sent)
    except ValueError:
        raise Unfit("表单与文本对不上，请刷新页面。", "The form does not fit its text; reload the page.") from None


@pages.get("/rules/new")
def new(
    here: Writer,
    rule_id: Annotated[str, Query(max_length=16)] = "",
    grain: Literal["line", "claim"] = "line",
    view: View = "form",
) -> Response:
    seen = shelf.shelf(here.place.rules)
    if not rule_id:
        return here.page("rules_new.html", free=_free(seen), said=said)
    text = changes.scaffold(here.place.rules, rule_id, grain=grain)
    return _page(here, text, view, rule_id=rule_id, is_new=True)


def _free(seen: shelf.Shelf) -> dict[str, str]:
    """The next id that nobody has used, by the letters of each class."""
    used = {rule.id for rule in seen.book.rules}
    return {letters: next(one for n in range(1, 1000) if (one := f"{letters}-{n:03d}") not in used) for letters in CLASSES.values()}


@pages.get("/rules/{rule_id}/edit")
def edit(here: Writer, rule_id: RuleId, view: View = "form") -> Response:
    return _page(here, changes.text_of(here.place.rules, rule_id), view, rule_id=rule_id)


@pages.get("/rules/proposals/{number}/edit")
def edit_proposal(here: Writer, number: Number, view: View = "form") -> Response:
    with here.read() as con:
        proposal = changes.one(con, number)
    if proposal.kind != "rule":
        raise Unfit("只有规则变更可以编辑文本。", "Only a change of a rule has a text.")
    if proposal.author_id != here.person.id:
        raise Refused(f"这是 {proposal.author} 的变更。", f"This is {proposal.author}'s proposal; only its author may change it.", 403)
    return _page(here, proposal.content, view, rule_id=proposal.rule_id or "", proposal=proposal)


def _page(here: Here, text: str, view: str, rule_id: str, is_new: bool = False, proposal: changes.Proposal | None = None) -> Response:
    state: dict[str, Any] = {"rule_id": rule_id, "is_new": is_new, "proposal": None, "revision": 0, "title": ""}
    if proposal:
        state |= {"proposal": proposal.id, "revision": proposal.revision, "title": proposal.title}
    return here.page("rules_edit.html", **state, **_body(text, view))


def _body(text: str, view: str, drawn: list[form.Fields] | None = None) -> dict[str, Any]:
    """What the editor shows of a text; as text where a form cannot show it."""
    fields = form.read(text) if view == "form" else None
    shown = drawn if drawn is not None else form.examples(fields or {})
    return {"view": "text" if fields is None else "form", "wanted": view, "text": text, "fields": fields, "examples": shown,
            "rows": text.count("\n") + 1, "said": said, "tables": list(TABLES)}  # fmt: skip


@pages.post("/rules/check")
def check(here: Writer, sent: Sent) -> Response:
    """Faults, words and examples of what stands in the editor, beside it."""
    text = text_of(sent)
    told = changes.check(here.place.rules, text)
    was = shelf.shelf(here.place.rules).says.get(told.rule_id or "")
    fields = {fault.line: form.field_at(text, fault.line) for fault in told.faults if fault.line and sent.get("view") == "form"}
    return here.page("rules_checked.html", checked=told, was=was, fields=fields, said=said)


@pages.post("/rules/turn")
def turn(
    here: Writer,
    sent: Sent,
    to: View = "form",
    add: bool = False,
    drop: Annotated[int, Query(ge=-1, le=1000)] = -1,
) -> Response:
    """The other view of the same text; or one example more, or one less."""
    text = text_of(sent)
    if not add and drop < 0:
        return here.page("rules_editor.html", **_body(text, to))
    drawn = form.examples(form.read(text) or {})
    drawn = drawn[:drop] + drawn[drop + 1 :] if drop >= 0 else [*drawn, _EMPTY][:MOST_EXAMPLES]
    fields = form.with_examples(form.read(text) or {}, drawn)
    return here.page("rules_editor.html", **_body(form.written(text, fields) if drop >= 0 else text, "form", drawn))


@pages.post("/rules/save")
def save(here: Writer, sent: Sent) -> Response:
    """Keep it as a proposal: a new one, or another text of the person's own."""
    text, title = text_of(sent), sent.get("title", "").strip()[:200]
    proposal, revision, rule_id = (sent.get(name, "") for name in ("proposal", "revision", "rule_id"))
    if proposal:
        number = _whole(proposal)
        with here.read() as con:
            fresh(here, con, number, _whole(revision))
        with here.act() as act:
            changes.edit(act, number, _whole(revision), text, title or None)
    else:
        with here.act() as act:
            number = changes.draft(act, here.place.rules, None if sent.get("is_new") else rule_id, text, title)
    return RedirectResponse(f"/rules/proposals/{number}", 303)


def _whole(said: str) -> int:
    if not said.isascii() or not said.isdigit() or len(said) > 15:
        raise Unfit("页面内容不完整，请刷新。", "The page was incomplete; reload it.")
    return int(said)
