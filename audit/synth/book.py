"""A notebook for cases made by hand: persons, claims and lines of planted violations, near misses and schemes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import polars as pl

from audit.synth.catalogue import ITEMS, Item
from audit.synth.province import Province, birthday


class Book:
    """Rows written one by one, with keys of persons, claims and lines beyond those of ordinary care."""

    def __init__(
        self, rng: np.random.Generator, province: Province, batch_date: date, first_person: int, first_claim: int, first_line: int
    ):
        self.rng, self.province, self.batch_date = rng, province, batch_date
        self.innocent = False  # schemes: make the next cases without a label
        self.rows: dict[str, list[dict[str, Any]]] = {
            name: [] for name in ("people", "claims", "lines", "diags", "oprns", "traces", "inventory", "truth", "fraud")
        }
        self._next = {"people": first_person, "claims": first_claim, "lines": first_line}
        self._kinds = {
            kind: province.of_kind(kind) for kind in ("tertiary", "secondary", "primary", "maternity", "eye", "internet", "store")
        }
        self._claims: dict[int, dict[str, Any]] = {}
        self._lines: dict[int, dict[str, Any]] = {}

    def _key(self, table: str) -> int:
        self._next[table] += 1
        return self._next[table] - 1

    def day(self, low: int = 1, high: int = 24) -> date:
        """A day of the batch's month between these days."""
        return self.batch_date.replace(day=int(self.rng.integers(low, high + 1)))

    def houses(self, *kinds: str) -> list[int]:
        """All institutions of these kinds."""
        return [int(i) for kind in kinds for i in self._kinds[kind]]

    def begin(self, claim: int) -> date:
        """The first day of a claim."""
        day: date = self._claims[claim]["begin"].date()
        return day

    def inst(self, kind: str = "secondary") -> int:
        return int(self.rng.choice(self._kinds[kind]))

    def person(self, gend: str | None = None, age: int | None = None, brdy: date | None = None, insutype: str = "390", **more: Any) -> int:
        """A new person, by default a grown-up of 30 to 75 years whom no other case knows."""
        gend = gend or ("1" if self.rng.random() < 0.5 else "2")
        if brdy is None:
            years = int(self.rng.integers(30, 76)) if age is None else age
            brdy = birthday(self.batch_date, years, int(self.rng.integers(60, 300)))
        person = self._key("people")
        self.rows["people"].append(
            {
                "person": person,
                "gend": gend,
                "brdy": brdy,
                "insutype": insutype,
                "psn_type": "1101" if insutype == "310" else "1500",
                "insu_admdvs": "990101",
                **more,
            }
        )
        return person

    def claim(
        self,
        person: int,
        inst: int,
        begin: date,
        *,
        days: int = 0,
        med_type: str | None = None,
        dx: tuple[str, str] = ("R42.x00", "头晕和眩晕"),
        at: time | None = None,
        **more: Any,
    ) -> int:
        """A visit (days=0) or a stay of so many days; `more` sets any column of the claim."""
        clock = at or time(9, int(self.rng.integers(60)), int(self.rng.integers(60)))
        start = datetime.combine(begin, clock)
        end = datetime.combine(begin + timedelta(days=days), time(16, 30)) if days else start + timedelta(minutes=90)
        claim = self._key("claims")
        self._claims[claim] = {
            "claim": claim,
            "person": person,
            "inst": inst,
            "begin": start,
            "end": end,
            "days": days,
            "med_type": med_type or ("21" if days else "11"),
            "setting": "stay" if days else "out",
            "doctor": 0,
            "dx": dx[0],
            "dx_name": dx[1],
            "department": "内科",
            **more,
        }
        self.rows["claims"].append(self._claims[claim])
        return claim

    def line(
        self,
        claim: int,
        item: Item | str,
        cnt: float = 1,
        *,
        day: int = 0,
        at: time | datetime | None = None,
        rx: int | None = None,
        price: float | None = None,
        **more: Any,
    ) -> int:
        """A line of a claim on its `day`-th day; the time of day is chosen if not said."""
        item = ITEMS[item] if isinstance(item, str) else item
        row = self._claims[claim]
        if not isinstance(at, datetime):
            clock = at or (row["begin"] + timedelta(minutes=10, seconds=int(self.rng.integers(2400)))).time()
            at = datetime.combine(row["begin"].date() + timedelta(days=day), clock)
        line = self._key("lines")
        medicine = item.kind in ("drug", "patent") and not row["days"]
        self._lines[line] = {
            "claim": claim,
            "line": line,
            "code": item.code,
            "name": item.name,
            "kind": item.kind,
            "fee_class": item.fee_class,
            "level": item.level,
            "unit": item.unit,
            "cnt_e4": round(cnt * 10_000),
            "pric_e6": round((item.price if price is None else price) * 1_000_000),
            "time": at,
            "rx": rx if rx is not None else (1 if medicine else 1000 + line % 9000),
            "prd_days": 7 if medicine else None,
            **more,
        }
        self.rows["lines"].append(self._lines[line])
        return line

    def visit(self, person: int, inst: int, day: date, **more: Any) -> int:
        """A clinic visit with its consultation, ready for the lines of the case."""
        claim = self.claim(person, inst, day, **more)
        self.line(claim, "consult")
        return claim

    def stay(self, person: int, inst: int, begin: date, days: int, **more: Any) -> int:
        """A stay with bed, nursing, consultation and treatment on every day, ready for the lines of the case."""
        claim = self.claim(person, inst, begin, days=days, **{"dx": ("J18.900", "肺炎"), "department": "呼吸内科", **more})
        for n in range(days):
            for item in ("bed", "consult_in", "nurse2", "infusion", "nebul"):
                self.line(claim, item, day=n)
            self.line(claim, "ceftriax", 2, day=n, rx=700)
        self.line(claim, "cbc")
        return claim

    def amount(self, line: int) -> int:
        """The line's amount in fen, by paper and pencil."""
        row = self._lines[line]
        return (row["cnt_e4"] * row["pric_e6"] + 50_000_000) // 100_000_000

    def _truth(self, kind: str, type_: int | str, claim: int, line: int | None, amount: int | None, note: str) -> None:
        self.rows["truth"].append({"type": str(type_), "kind": kind, "claim": claim, "line": line, "amount_fen": amount, "note": note})

    def violation(
        self, type_: int | str, claim: int, line: int | None = None, *, amount: int | None = None, whole: bool = False, note: str = ""
    ) -> None:
        self._truth("violation", type_, claim, line, self.amount(line) if whole and line is not None else amount, note)

    def near(self, type_: int | str, claim: int, line: int | None = None, *, note: str = "") -> None:
        self._truth("near_miss", type_, claim, line, None, note)

    def concerned(self, type_: int | str, claim: int, line: int | None = None, *, note: str = "") -> None:
        """Belongs to a violation and may be named with it: neither counted as found nor as falsely flagged."""
        self._truth("concerned", type_, claim, line, None, note)

    def frame(self, table: str) -> pl.DataFrame:
        return pl.DataFrame(self.rows[table], infer_schema_length=None)
