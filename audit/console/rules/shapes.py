"""What programs send to the rules' room and what they get: the shapes of its JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

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
    """What is wrong; line null: of the whole text."""

    line: int | None
    told: Words


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
