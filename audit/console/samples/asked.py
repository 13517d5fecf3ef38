"""What a frame and a plan are asked for with: a page's form in yuan, a program's JSON in fen."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from audit.cases.samples import MOST, Frame, Wish
from audit.console.export import Kind
from audit.console.here import to_fen

USUAL = 100  # claims, where nothing is asked
_FEN = 10**13

Id = Annotated[int, Path(ge=1, le=2**53)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]
Seed = Annotated[int, Field(ge=0, le=2**53)]
Fen = Annotated[int, Field(ge=0, le=_FEN)]


def text(longest: int) -> Any:
    return StringConstraints(max_length=longest, pattern=r"^[^\x00]*$", strip_whitespace=True)


def _yuan(typed: str) -> str:
    to_fen(typed)
    return typed


Yuan = Annotated[str, StringConstraints(max_length=20, pattern=r"^[0-9０-９.,，．¥￥ ]+$"), AfterValidator(_yuan)]
Name = Annotated[str, text(80), Field(min_length=1)]


class Wanted(BaseModel):
    """A frame and how much of it. Neither `size` nor `precision` asks for 100 claims."""

    institution: Annotated[str, text(50)] = Field("", description="fixmedins_code")
    night_from: Day | None = None
    night_to: Day | None = None
    day_from: Day | None = Field(None, description="care ended on this day or later")
    day_to: Day | None = None
    med_type: Annotated[str, text(16)] = ""
    dept: Annotated[str, text(100)] = Field("", description="adm_dept_name")
    size: Annotated[int, Field(ge=1, le=MOST)] | None = Field(None, description="claims in all")
    bands: Annotated[int, Field(ge=1, le=10)] = Field(1, description="at most so many bands of about equal money; 1 is a simple sample")
    rate: Annotated[int, Field(ge=1, le=100)] = Field(50, description="percent of claims expected to be wholly overpaid")
    estimator: Literal["difference", "ratio"] = "difference"
    seed: Seed | None = Field(None, description="none: from the machine's entropy")

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, values: Any) -> Any:
        return {name: value for name, value in values.items() if value != ""} if isinstance(values, dict) else values

    def _frame(self, amount_from: int | None, amount_to: int | None) -> Frame:
        days = (self.night_from, self.night_to, self.day_from, self.day_to)
        return Frame(self.institution, *days, self.med_type, self.dept, amount_from, amount_to)

    def _wish(self, precision: int | None) -> Wish:
        size = USUAL if self.size is None and precision is None else self.size
        return Wish(size, precision, self.bands, self.rate, self.estimator)


class Asked(Wanted):
    """The page's query and form; `q` looks for an institution."""

    q: Annotated[str, text(64)] = ""
    format: Kind | None = Field(None, description="the institutions found, as a file")
    amount_from: Yuan | None = None
    amount_to: Yuan | None = None
    precision: Yuan | None = None

    def frame(self) -> Frame:
        return self._frame(*(to_fen(typed) if typed else None for typed in (self.amount_from, self.amount_to)))

    def wish(self) -> Wish:
        return self._wish(to_fen(self.precision) if self.precision else None)


class Planned(Asked):
    name: Name


class PlanIn(Wanted):
    """A sample to plan. Amounts in fen of what the fund paid."""

    name: Name
    institution: Annotated[str, text(50), Field(min_length=1, description="fixmedins_code")]
    amount_from: Fen | None = None
    amount_to: Fen | None = None
    precision: Annotated[int, Field(ge=1, le=_FEN)] | None = Field(None, description="half the width that the 90 % interval may have")

    def frame(self) -> Frame:
        return self._frame(self.amount_from, self.amount_to)

    def wish(self) -> Wish:
        return self._wish(self.precision)
