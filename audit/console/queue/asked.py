"""What an address of the queue asks for: its query as a filter, and filters as addresses that can be kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Query
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from audit.cases.queue import Filter
from audit.cases.store import CHINA
from audit.console.export import Kind
from audit.console.here import Here, to_fen

SOON = 3  # working days left: what the deadline filter and the chips call soon
OF_ONE_PAGE = ("after", "none_left", "format")  # what a link to another page of the queue leaves out
Id = Annotated[int, Field(ge=1, le=2**53)]


def _yuan(text: str) -> str:
    to_fen(text)
    return text


def _said(longest: int, pattern: str = r"^[^\x00]*$") -> Any:
    return StringConstraints(max_length=longest, pattern=pattern, strip_whitespace=True)


Name = Annotated[str, _said(64)]
Yuan = Annotated[str, _said(20, r"^[0-9０-９.,，．¥￥ ]*$"), AfterValidator(_yuan)]
Percent = Annotated[float, Field(ge=0, le=100)]


class Asked(BaseModel):
    """The queue's query. An empty field asks nothing. Amounts in yuan, probabilities in percent."""

    tab: Literal["mine", "unassigned", "all", "hospital", "late", "closed"] | None = Field(None, description="mine for reviewers, else all")
    order: Literal["priority", "deadline", "amount"] = "priority"
    q: Annotated[str, _said(64)] = Field("", description="part of a setl_id, or of an institution's code or name")
    rule: Annotated[str, _said(16)] = Field("", description="id of a rule with a finding in the case")
    rule_class: Literal["", "policy", "management", "medical", "local", "model"] = Field("", description="of the rule that counts most")
    institution: Annotated[str, _said(50)] = Field("", description="fixmedins_code")
    area: Annotated[str, _said(12)] = Field("", description="beginning of the division's code")
    amount_from: Yuan | None = None
    amount_to: Yuan | None = None
    probability_from: Percent | None = None
    probability_to: Percent | None = None
    severity: Literal["", "definite", "suspicious", "model"] = ""
    step: Literal["", "first_review", "appeal", "re_review", "re_appeal", "panel", "final", "closed"] = ""
    due: Literal["", "late", "today", "soon"] = Field("", description=f"soon: within {SOON} working days; each with what is late")
    due_by: date | None = None
    after: Annotated[str, _said(64)] | None = Field(None, description="`next` of the page before")

    none_left: bool = Field(False, description="for the page only: says that there was no next case")

    format: Kind | None = Field(None, description="all that fit, as a file, instead of one page")

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, values: Any) -> Any:
        return {name: value for name, value in values.items() if value != ""} if isinstance(values, dict) else values

    def filter(self, here: Here) -> Filter:
        """As the queue understands it today."""
        today = today_of(here)
        days = {"late": today - timedelta(1), "today": today, "soon": here.place.site.calendar(here.person.area).add(today, SOON)}
        limits = [day for day in (days.get(self.due), self.due_by) if day]
        return Filter(
            today=today,
            tab=self.tab or first_tab(here),
            amount_from=to_fen(self.amount_from) if self.amount_from else None,
            amount_to=to_fen(self.amount_to) if self.amount_to else None,
            probability_from=None if self.probability_from is None else self.probability_from / 100,
            probability_to=None if self.probability_to is None else self.probability_to / 100,
            due_by=min(limits, default=None),
            **{name: getattr(self, name) for name in ("order", "q", "rule", "rule_class", "institution", "area", "severity", "step")},
        )

    def work(self, here: Here) -> Filter:
        """For whoever asks for the next case: beyond what is theirs, what is nobody's."""
        filter = self.filter(here)
        return replace(filter, tab="all") if filter.tab == "mine" else filter

    def query(self, **changed: Any) -> str:
        """The same question, with changes, as an address says it: only what differs from asking nothing; always from the first page."""
        asked = self.model_dump(exclude_defaults=True, exclude_none=True) | dict.fromkeys(OF_ONE_PAGE) | changed
        asked = {name: f"{value:g}" if isinstance(value, float) else value for name, value in asked.items()}
        return urlencode({name: value for name, value in asked.items() if value not in (None, "")})

    @property
    def narrowing(self) -> int:
        """How many filters stand."""
        return len(self.model_dump(exclude_defaults=True, exclude_none=True).keys() - {"tab", "order", *OF_ONE_PAGE})


Question = Annotated[Asked, Query()]


def today_of(here: Here) -> date:
    return here.place.desk.clock().astimezone(CHINA).date()


def first_tab(here: Here) -> str:
    return "mine" if here.may("case.work") else "all"
