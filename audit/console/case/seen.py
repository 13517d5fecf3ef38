"""One case as a person may see it: its row, its people, its bill with the person masked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from audit.cases.bills import bill
from audit.cases.site import Masking
from audit.cases.store import Refused
from audit.cases.tables import cases, people
from audit.cases.walls import Person, seen

Plain = dict[str, Any]
_DAYS = ("fee_date", "oprn_oprt_date", "begn_date", "end_date", "brdy")


def case_row(con: Connection, person: Person, case_id: int) -> Row[Any]:
    """The case; Refused (404) where it is not there or not this person's to see."""
    row = con.execute(select(cases).where(cases.c.id == case_id, seen(person))).one_or_none()
    if row is None:
        raise Refused("没有这个案件,或不在您的权限范围内。", "There is no such case, or it is not yours to see.", 404)
    return row


@dataclass(frozen=True)
class Bill:
    """What was billed, in the case and in those merged into it; days as dates. `lines` are the claims' own, `elsewhere` other claims'."""

    claims: list[Plain]
    lines: list[Plain]
    elsewhere: list[Plain]
    diags: list[Plain]
    oprns: list[Plain]
    person: Plain | None

    @property
    def claim(self) -> Plain:
        return self.claims[0]

    @property
    def begn(self) -> date | None:
        return min((claim["begn_date"] for claim in self.claims if claim["begn_date"]), default=None)

    @property
    def end(self) -> date | None:
        return max((claim["end_date"] for claim in self.claims if claim["end_date"]), default=None)

    def line(self, number: str | None) -> Plain | None:
        """A billed line by its number, of these claims or of another that a finding names."""
        return next((line for line in (*self.lines, *self.elsewhere) if line["bkkp_sn"] == number), None)


def billed(con: Connection, case_id: int) -> Bill:
    opened = bill(con, case_id)
    every = [opened, *opened["merged"]]
    own = {line["bkkp_sn"] for one in every for line in one["lines"]}
    lines = _dated(line for one in every for line in one["lines"])
    return Bill(
        _dated(one["claim"] for one in every),
        sorted(lines, key=lambda line: (str(line["fee_date"] or ""), line["med_chrgitm_type"] or "99", line["bkkp_sn"])),
        _dated({line["bkkp_sn"]: line for one in every for line in one["elsewhere"] if line["bkkp_sn"] not in own}.values()),
        _dated(row for one in every for row in one["diags"]),
        _dated(row for one in every for row in one["oprns"]),
        next((dict(_dated([one["person"]])[0]) for one in every if one["person"]), None),
    )


def _dated(rows: Iterable[Plain]) -> list[Plain]:
    """ISO text of days as dates again."""
    return [row | {name: date.fromisoformat(row[name][:10]) for name in _DAYS if row.get(name)} for row in rows]


def masked(person: Plain | None, psn_no: str, who: Person, masking: Masking, whole: bool = False) -> Plain:
    """name, certno and psn_no as `who` may read them; `whole` after a journaled unmasking."""
    known = person or {}
    name, certno = known.get("psn_name") or "", known.get("certno") or ""
    if whole:
        return {"name": name, "certno": certno, "psn_no": psn_no}
    number = psn_no if who.may("person.unmask") else masking.number(psn_no)
    return {"name": masking.name(name), "certno": masking.number(certno), "psn_no": number}


def without_person(row: Plain) -> Plain:
    """A claim or line without the person's number, which is told apart, as the reader may know it."""
    return {name: value for name, value in row.items() if name != "psn_no"}


def names(con: Connection, ids: Iterable[int | None]) -> dict[int, str]:
    """What people are called, by id."""
    wanted = {one for one in ids if one}
    asked = select(people.c.id, people.c.name).where(people.c.id.in_(wanted))
    return {row.id: row.name for row in con.execute(asked)} if wanted else {}
