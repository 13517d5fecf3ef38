"""The rules' room over HTTP for programs: the same functions, the same permissions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, UploadFile

from audit.cases import boards, changes
from audit.console.door import may
from audit.console.here import Here
from audit.console.rules import book, shelf, working
from audit.console.rules.book import Asked, Number, Reader, RuleId
from audit.console.rules.others import taken_in
from audit.console.rules.proposals import Both, Writer, approved, fresh, submitted
from audit.console.rules.shapes import (
    AskCheck,
    AskDraft,
    AskEdit,
    AskRollback,
    AskStep,
    AskWaiver,
    CheckTold,
    Made,
    ProposalTold,
    PublicationTold,
    Published,
    RuleRow,
    RuleWhole,
    StandingTold,
)

api = APIRouter(tags=["rules"])
Approver = Annotated[Here, may("rule.approve")]


@api.get("/rules")
def list_rules(here: Reader, asked: Annotated[Asked, Query()]) -> list[RuleRow]:
    return [RuleRow(**row) for row in book.found(here, asked)[1]]


@api.get("/rules/standing")
def standing(here: Reader) -> StandingTold:
    seen = shelf.shelf(here.place.rules)
    with here.read() as con:
        now = changes.standing(con, here.place.rules)
    return StandingTold(governed=now.governed, number=now.number, wrong=now.wrong, rulebook=seen.book.fingerprint, knowledge=seen.knowledge)


@api.post("/rules/check")
def check_text(here: Writer, asked: AskCheck) -> CheckTold:
    """Lint a rule's text and run its examples; nothing is kept."""
    return CheckTold.model_validate(changes.check(here.place.rules, asked.text))


@api.get("/rules/proposals")
def list_proposals(
    here: Reader,
    status: Literal["draft", "submitted", "published", "rejected", "withdrawn"] | None = None,
    kind: Literal["rule", "exemption", "knowledge", "rollback"] | None = None,
) -> list[ProposalTold]:
    with here.read() as con:
        return [ProposalTold.model_validate(one) for one in changes.listed(con, status=status, kind=kind)]


@api.post("/rules/proposals", status_code=201)
def draft(here: Writer, asked: AskDraft) -> Made:
    with here.act() as act:
        return Made(proposal=changes.draft(act, here.place.rules, asked.rule_id, asked.text, asked.title))


@api.get("/rules/proposals/{number}")
def one_proposal(here: Reader, number: Number) -> ProposalTold:
    with here.read() as con:
        return ProposalTold.model_validate(changes.one(con, number))


@api.put("/rules/proposals/{number}", status_code=204)
def edit(here: Writer, number: Number, asked: AskEdit) -> None:
    with here.read() as con:
        fresh(here, con, number, asked.revision)
    with here.act() as act:
        changes.edit(act, number, asked.revision, asked.text, asked.title)


@api.get("/rules/proposals/{number}/diff")
def difference(here: Reader, number: Number) -> dict[Literal["diff"], str]:
    """Unified, against the folder as it is."""
    with here.read() as con:
        one = changes.one(con, number)
    return {"diff": changes.diff(here.place.rules, one)}


@api.post("/rules/proposals/{number}/impact", status_code=202)
def impact(here: Both, number: Number, asked: AskStep) -> Made:
    """Begin to work it out; the proposal's `impact` says {running}, then the figures or {failed}."""
    with here.read() as con:
        fresh(here, con, number, asked.revision)
    working.begin(here.place, here.person, number, asked.revision)
    return Made(proposal=number)


@api.post("/rules/proposals/{number}/submit", status_code=204)
def submit(here: Writer, number: Number, asked: AskStep) -> None:
    submitted(here, number, asked.revision, asked.reason)


@api.post("/rules/proposals/{number}/approve")
def approve(here: Approver, number: Number, asked: AskStep) -> Published:
    """By an approver who did not write it: the next night judges by it."""
    return Published(publication=approved(here, number, asked.revision, asked.reason))


@api.post("/rules/proposals/{number}/reject", status_code=204)
def reject(here: Approver, number: Number, asked: AskStep) -> None:
    with here.read() as con:
        fresh(here, con, number, asked.revision)
    with here.act() as act:
        changes.reject(act, number, asked.revision, asked.reason)


@api.post("/rules/proposals/{number}/withdraw", status_code=204)
def withdraw(here: Writer, number: Number, asked: AskStep) -> None:
    with here.read() as con:
        fresh(here, con, number, asked.revision)
    with here.act() as act:
        changes.withdraw(act, number, asked.revision)


@api.post("/rules/proposals/{number}/rebase", status_code=204)
def rebase(here: Writer, number: Number, asked: AskStep) -> None:
    with here.read() as con:
        fresh(here, con, number, asked.revision)
    with here.act() as act:
        changes.rebase(act, here.place.rules, number, asked.revision)


@api.get("/rules/waivers")
def waivers(here: Reader) -> list[dict[str, Any]]:
    return shelf.waived_of(shelf.shelf(here.place.rules))


@api.post("/rules/waivers", status_code=201)
def exempt(here: Writer, asked: AskWaiver) -> Made:
    """Propose an exemption for a time."""
    with here.act() as act:
        return Made(proposal=changes.exempt(act, here.place.rules, **asked.model_dump()))


@api.post("/rules/waivers/end", status_code=201)
def end(here: Writer, asked: AskWaiver) -> Made:
    """Propose that an exemption ends on `valid_to` already."""
    told = asked.model_dump()
    with here.act() as act:
        return Made(proposal=changes.unexempt(act, here.place.rules, until=told.pop("valid_to"), **told))


@api.get("/rules/knowledge")
def imports(here: Reader) -> list[dict[str, Any]]:
    """The imports on record, the newest first."""
    return shelf.past_imports(here.place.rules)


@api.post("/rules/knowledge", status_code=201)
def take_in(here: Writer, workbooks: list[UploadFile]) -> Made:
    """Propose an import of official workbooks; its plan becomes the proposal's `impact`."""
    return Made(proposal=taken_in(here, workbooks, "", "", ""))


@api.get("/rules/publications")
def publications(here: Reader) -> list[PublicationTold]:
    with here.read() as con:
        return [PublicationTold.model_validate(one) for one in changes.published(con)]


@api.post("/rules/rollback", status_code=201)
def rollback(here: Writer, asked: AskRollback) -> Made:
    """Propose to go back to a publication."""
    with here.act() as act:
        return Made(proposal=changes.rollback(act, here.place.rules, asked.number, asked.reason))


@api.get("/rules/publications/{number}/files")
def files(here: Reader, number: Annotated[int, Path(ge=1, le=2**53)]) -> dict[str, int]:
    """The files of a publication and their sizes in bytes."""
    with here.read() as con:
        return {name: len(data) for name, data in changes.publication(con, number).items()}


@api.get("/rules/{rule_id}")
def one_rule(here: Reader, rule_id: RuleId) -> RuleWhole:
    seen = shelf.shelf(here.place.rules)
    rule = seen.rule(rule_id)
    with here.read() as con:
        card = boards.scorecard(con, here.place.lake, rule_id)
    return RuleWhole(
        rule_id=rule.id, name=rule.name, status=rule.status, version=rule.version, fingerprint=rule.fingerprint, says=seen.says[rule.id],
        text=changes.text_of(here.place.rules, rule_id), parameters=shelf.parameters_of(seen, rule),
        points=shelf.knowledge_of(here.place.rules, rule), waivers=shelf.waived_of(seen, rule_id),
        versions=shelf.versions_of(here.place.rules, rule_id), nights=card["nights"], judged=card["versions"],
    )  # fmt: skip
