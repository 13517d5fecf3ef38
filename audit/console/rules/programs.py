"""The rules' room over HTTP for programs: the same functions, the same permissions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from audit.cases import boards, changes
from audit.console.door import may
from audit.console.here import Here
from audit.console.rules import book, shelf, working
from audit.console.rules.book import Asked, Number, Reader, RuleId
from audit.console.rules.others import taken_in
from audit.console.rules.proposals import Both, Writer, approved, fresh, submitted

api = APIRouter(tags=["rules"])
Approver = Annotated[Here, may("rule.approve")]
_PLAIN = r"^[^\x00]*$"
Text = Annotated[str, Field(max_length=200_000, pattern=_PLAIN)]
Short = Annotated[str, Field(max_length=200, pattern=_PLAIN)]
Reason = Annotated[str, Field(max_length=2000, pattern=_PLAIN)]
Revision = Annotated[int, Field(ge=0, le=2**31, description="of the proposal as it was seen; another one is refused with 409")]
Id = Annotated[str, Field(pattern=r"^[A-Z]{2,5}-[0-9]{3}$")]
Kind = Literal["institution", "area", "item"]
Words = dict[str, str]


class _Of(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class RuleRow(BaseModel):
    """A rule and its last night; money in fen, shares from 0 to 1, null where nothing is known yet."""

    rule_id: str
    name_zh: str
    name_en: str
    rule_class: str
    status: str
    finding: str
    version: int
    rule_no: int | None
    type: str
    points: str
    hits: int | None
    cannot_tell: int | None
    counted_amt: int | None
    judged: int
    confirmed_share: float | None
    overturned_share: float | None


class RuleWhole(BaseModel):
    """One rule with its text, in words, and all that hangs on it."""

    rule_id: str
    name: Words
    status: str
    version: int
    fingerprint: str
    says: Words
    text: str
    parameters: list[dict[str, Any]]
    points: dict[str, Any] | None
    waivers: list[dict[str, Any]]
    versions: list[dict[str, Any]]
    nights: list[dict[str, Any]]
    judged: list[dict[str, Any]]


class AskCheck(BaseModel):
    text: Text


class FaultTold(_Of):
    line: int | None
    text: str


class RowTold(_Of):
    label: str
    expected: str
    polars: str
    duckdb: str
    expected_amount: int | None
    amount: int | None
    right: bool


class ExampleTold(_Of):
    name: str
    line: int
    right: bool
    refused: list[str]
    rows: list[RowTold]


class CheckTold(_Of):
    """A text held against the folder as it is; no faults: it may be submitted."""

    rule_id: str | None
    new: bool
    file: str
    version: int | None
    status: str | None
    faults: list[FaultTold]
    says: Words | None
    amount: Words | None
    examples: list[ExampleTold]
    seconds: float


class AskDraft(BaseModel):
    rule_id: Id | None = Field(None, description="null: a new rule")
    text: Text
    title: Short = ""


class AskEdit(BaseModel):
    revision: Revision
    text: Text
    title: Short | None = None


class AskStep(BaseModel):
    revision: Revision
    reason: Reason = ""


class AskWaiver(BaseModel):
    rule_id: Id
    kind: Kind
    value: Annotated[str, Field(min_length=1, max_length=50, pattern=_PLAIN)]
    valid_from: date
    valid_to: date
    reason: Reason


class AskRollback(BaseModel):
    number: Annotated[int, Field(ge=1, le=2**53)]
    reason: Reason


class ProposalTold(_Of):
    id: int
    kind: str
    title: str
    rule_id: str | None
    content: str
    reason: str
    impact: dict[str, Any] | None
    status: str
    author: str
    approver: str | None
    verdict: str
    revision: int
    created_at: datetime
    changed_at: datetime
    decided_at: datetime | None


class PublicationTold(_Of):
    number: int
    at: datetime
    proposal: int | None
    kind: str
    title: str
    author: str
    approver: str
    reason: str
    rulebook: str
    knowledge: str


class StandingTold(BaseModel):
    """Whether a night would judge by this folder, and its present fingerprints."""

    governed: bool
    number: int
    wrong: Words | None
    rulebook: str
    knowledge: str


class Made(BaseModel):
    proposal: int


class Published(BaseModel):
    publication: int


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
