"""The money of cases, entry by entry; no entry is ever changed.

proposed   told to the hospital with the first notice          appealed   contested by the hospital
released   no longer claimed after a later step                confirmed  what stands when the case closes
recovered  paid back, as booked                                so: proposed = released + confirmed, and recovered <= confirmed
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, true, update

from audit.cases.refused import Refused
from audit.cases.store import Act
from audit.cases.tables import cases, ledger
from audit.cases.walls import Person, seen

KINDS = ("proposed", "confirmed", "appealed", "recovered", "released")


def enter(act: Act, case_id: int, kind: str, amt: int, reference: str = "") -> None:
    """Append an entry of `amt` fen; nothing where there is no money."""
    if amt:
        person_id = act.person.id or None
        act.con.execute(insert(ledger).values(case_id=case_id, kind=kind, amt=amt, reference=reference, person_id=person_id, at=act.now))


def of_case(con: Connection, case_id: int) -> dict[str, int]:
    """Fen by kind of one case."""
    found = con.execute(select(ledger.c.kind, func.sum(ledger.c.amt)).where(ledger.c.case_id == case_id).group_by(ledger.c.kind))
    return dict.fromkeys(KINDS, 0) | {kind: int(amt) for kind, amt in found}


def book(act: Act, case_id: int, amt: int, reference: str) -> int:
    """Money that came back for a closed case; returns what is recovered of it now. Never more than was confirmed."""
    if not act.person.may("money.book"):
        raise Refused("您的角色不能登记追回款。", "Your role does not book money.", 403)
    wall = seen(act.person) if act.person.may("case.read") else true()  # an operator books without reading cases
    case = act.con.execute(select(cases).where(cases.c.id == case_id, wall).with_for_update(of=cases)).one_or_none()
    if case is None:
        raise Refused("没有这个案件。", "There is no such case.", 404)
    open_amt = of_case(act.con, case_id)["confirmed"] - case.recovered_amt
    if not reference.strip() or len(reference) > 128:
        raise Refused("请填写凭证号（不超过128字）。", "Give the voucher's number (up to 128 characters).", 422)
    if not 0 < amt <= open_amt:
        yuan = f"{open_amt / 100:.2f}"
        raise Refused(
            f"可登记的金额为0.01至{yuan}元。", f"Between 0.01 and {yuan} yuan can be booked: the confirmed amount not yet recovered.", 422
        )
    enter(act, case_id, "recovered", amt, reference.strip())
    recovered = case.recovered_amt + amt
    renewed = {"recovered_amt": recovered, "revision": case.revision + 1, "changed_at": act.now}
    act.con.execute(update(cases).where(cases.c.id == case_id).values(**renewed))
    act.tell("case.book", case_id, reference.strip(), amt=amt)
    return recovered


def sums(
    con: Connection,
    person: Person,
    area: str = "",
    fixmedins_code: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[str, int]:
    """Fen by kind over the cases that the person sees, narrowed to an area (beginning of its code), an institution, entries since a
    moment and before another."""
    asked = select(ledger.c.kind, func.sum(ledger.c.amt)).join(cases, cases.c.id == ledger.c.case_id).where(seen(person))
    if area:
        asked = asked.where(cases.c.area.startswith(area, autoescape=True))
    if fixmedins_code is not None:
        asked = asked.where(cases.c.fixmedins_code == fixmedins_code)
    if since is not None:
        asked = asked.where(ledger.c.at >= since)
    if until is not None:
        asked = asked.where(ledger.c.at < until)
    return dict.fromkeys(KINDS, 0) | {kind: int(amt) for kind, amt in con.execute(asked.group_by(ledger.c.kind))}
