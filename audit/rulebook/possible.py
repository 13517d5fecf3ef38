"""The values that the parts of a condition leave to one column."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Value = Decimal | str | bool


@dataclass
class Possible:
    """The values that parts leave to one column: bounds (value, whether it is itself permitted), listed and barred values, missing."""

    low: tuple[Any, bool] | None = None
    high: tuple[Any, bool] | None = None
    listed: set[Value] | None = None
    barred: set[Value] = field(default_factory=set)
    missing: bool | None = None  # True: must be missing, False: must be there

    def add(self, kind: str, values: list[Value]) -> None:
        """One more part holds: `kind` is the parser's name of the comparison."""
        if kind in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"):
            self._missing(kind == "OPERATOR_IS_NULL")
            return
        self._missing(False)
        if kind in ("COMPARE_EQUAL", "COMPARE_IN"):
            self.listed = set(values) if self.listed is None else self.listed & set(values)
        elif kind in ("COMPARE_NOTEQUAL", "COMPARE_NOT_IN"):
            self.barred |= set(values)
        elif kind.startswith("COMPARE_GREATER"):
            bound = (values[0], kind.endswith("EQUALTO"))
            self.low = bound if self.low is None else max(self.low, bound, key=lambda b: (b[0], not b[1]))
        elif kind.startswith("COMPARE_LESS"):
            bound = (values[0], kind.endswith("EQUALTO"))
            self.high = bound if self.high is None else min(self.high, bound, key=lambda b: (b[0], b[1]))

    def _missing(self, missing: bool) -> None:
        self.missing = missing if self.missing in (None, missing) else None
        if self.missing is None:
            self.listed = set()

    def none(self) -> bool:
        """Whether no value is left."""
        if self.low and self.high and (self.low[0] > self.high[0] or (self.low[0] == self.high[0] and not (self.low[1] and self.high[1]))):
            return True
        return self.listed is not None and not any(map(self._inside, self.listed))

    def _inside(self, value: Any) -> bool:
        above = self.low is None or value > self.low[0] or (value == self.low[0] and self.low[1])
        below = self.high is None or value < self.high[0] or (value == self.high[0] and self.high[1])
        return above and below and value not in self.barred
