"""Cases for tests, put into a desk's database as `opening` would, and the moves of a whole procedure in short words."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from desk_room import HOSPITAL
from sqlalchemy import Row, insert, select

from audit.cases import workflow
from audit.cases.people import person_of
from audit.cases.site import Site
from audit.cases.store import Desk
from audit.cases.tables import bills, cases, findings, people
from audit.cases.walls import Person
from audit.cases.workflow import Item

AREA = "990101"


@dataclass(frozen=True)
class Found:
    """A finding to put into a case; money in fen."""

    counted: int = 1000
    vola: int | None = None  # as much as is counted
    line: str | None = "L1"  # None: about the whole claim
    line_amt: int | None = None  # as much as is in violation
    rule: str = "POL-001"
    version: int = 1
    sev_deg: str = "definite"


def a_line(number: str, amt: int, inscp: int | None = None) -> dict[str, Any]:
    """A billed line of the case's own claim, as far as a finding by hand reads it; money in fen, all of it in scope unless given."""
    return {"bkkp_sn": number, "hilist_name": "虚构项目", "medins_list_name": None, "det_item_fee_sumamt": amt,
            "inscp_amt": amt if inscp is None else inscp}  # fmt: skip


def a_case(
    desk: Desk, *found: Found, site: Site | None = None, lines: Sequence[dict[str, Any]] = (), by_model: bool = False, **values: Any
) -> int:
    """A case in first review with these findings (one of 10 yuan unless given; none `by_model`), opened at the desk's present moment; its
    id. `lines`: of its bill."""
    found = () if by_model else found or (Found(),)
    counted = sum(one.counted for one in found)
    with desk.act() as act:
        number = len(act.con.execute(select(cases.c.id)).all()) + 1
        whole = {"setl_id": f"S99{number:06}", "mdtrt_id": f"M99{number:06}", "psn_no": f"P99{number:06}", "fixmedins_code": HOSPITAL,
                 "fixmedins_name": "虚构医院", "area": AREA, "med_type": "21", "batch_date": date(2026, 7, 31), "run_id": "test",
                 "medfee_sumamt": 1_000_000, "fund_pay_sumamt": 600_000, "counted_amt": counted, "priority": counted,
                 "sev_deg": found[0].sev_deg if found else "model", "lead_rule": found[0].rule if found else None,
                 "opened_at": act.now, "changed_at": act.now} | values  # fmt: skip
        whole.setdefault("due_on", (site or Site.read()).deadline(whole["area"], "first_review", act.today))
        case_id = int(act.con.execute(insert(cases).values(**whole)).inserted_primary_key[0])  # type: ignore[index]
        for place, one in enumerate(found):
            vola = one.counted if one.vola is None else one.vola
            line_amt = None if one.line is None else vola if one.line_amt is None else one.line_amt
            act.con.execute(insert(findings).values(
                case_id=case_id, jr_id=f"{whole['setl_id']}-{place}", setl_id=whole["setl_id"], bkkp_sn=one.line, line_amt=line_amt,
                rule_id=one.rule, rule_version=one.version, code="GZ99", sev_deg=one.sev_deg, item="虚构药品", vola_amt=vola,
                vola_inscp_amt=vola, vola_fund_amt=vola // 2, counted_amt=one.counted, vola_cont="超量", vola_cont_en="too much",
                vola_evid="条款"))  # fmt: skip
        claim = {"setl_id": whole["setl_id"], "medfee_sumamt": whole["medfee_sumamt"], "inscp_amt": whole["medfee_sumamt"] * 9 // 10,
                 "fund_pay_sumamt": whole["fund_pay_sumamt"]}  # fmt: skip
        own = [line | {"setl_id": whole["setl_id"]} for line in lines]
        bill = {"claim": claim, "person": None, "lines": own, "diags": [], "oprns": [], "elsewhere": []}
        act.con.execute(insert(bills).values(case_id=case_id, content=zlib.compress(json.dumps(bill).encode())))
        act.tell("case.open", case_id, whole["setl_id"])
    return case_id


@dataclass
class Room:
    """A desk with its people: two reviewers, four seniors, a hospital; every move by whom it takes, on the case as it is now."""

    desk: Desk
    site: Site

    def __post_init__(self) -> None:
        self.people: dict[str, Person] = {}
        for login, role in (
            ("ann", "reviewer"), ("bob", "reviewer"), ("s1", "senior"), ("s2", "senior"), ("s3", "senior"), ("s4", "senior"),
            ("hospital", "hospital"), ("auditor", "auditor"), ("operator", "operator"),
        ):  # fmt: skip
            self.join(login, role)

    def join(self, login: str, role: str, area: str = "", fixmedins_code: str = HOSPITAL) -> Person:
        """Somebody more, without a password: nobody signs in here, and each would take long to make."""
        mine = {"login": login, "name": f"测试{login}", "role": role, "area": area}
        mine["fixmedins_code"] = fixmedins_code if role == "hospital" else None
        with self.desk.act() as act:
            act.con.execute(insert(people).values(**mine, created_at=act.now))
            self.people[login] = person_of(act.con.execute(select(people).where(people.c.login == login)).one())
        return self.people[login]

    def __getitem__(self, login: str) -> Person:
        return self.people[login]

    def case(self, case_id: int) -> Row[Any]:
        with self.desk.read() as con:
            return con.execute(select(cases).where(cases.c.id == case_id)).one()

    def found(self, case_id: int) -> list[Row[Any]]:
        with self.desk.read() as con:
            return list(con.execute(select(findings).where(findings.c.case_id == case_id).order_by(findings.c.id)))

    def may(self, login: str, case_id: int) -> set[str]:
        with self.desk.read() as con:
            return workflow.may_now(self.case(case_id), self[login], con, self.site, self.desk.clock())

    def decide(self, login: str, case_id: int, *items: Item, revision: int | None = None) -> None:
        """Without items: confirm everything."""
        every = items or tuple(Item(row.id, "confirmed", None, "同意") for row in self.found(case_id))
        with self.desk.act(self[login]) as act:
            workflow.decide(act, case_id, self.case(case_id).revision if revision is None else revision, every)

    def finish(self, login: str, case_id: int) -> None:
        with self.desk.act(self[login]) as act:
            workflow.finish(act, self.site, case_id, self.case(case_id).revision)

    def all_of(self, login: str, case_id: int, outcome: str, amt: int | None = None) -> None:
        """Decide every finding so, and finish."""
        self.decide(login, case_id, *(Item(row.id, outcome, amt, "理由") for row in self.found(case_id)))
        self.finish(login, case_id)

    def appeal(self, case_id: int, *uploads: workflow.Upload) -> None:
        ids = [row.id for row in self.found(case_id) if row.outcome != "dismissed"]
        with self.desk.act(self["hospital"]) as act:
            workflow.appeal(act, self.site, case_id, "理由见附件", ids, uploads)

    def vote(self, login: str, case_id: int, outcome: str = "uphold") -> None:
        with self.desk.act(self[login]) as act:
            workflow.vote(act, self.site, case_id, outcome, "意见")

    def bring_to(self, step: str, case_id: int) -> None:
        """Walk a fresh case to a step, everything confirmed: ann reviews, bob re-reviews, s1 to s3 vote, s4 has the last word."""
        moves = {
            "appeal": lambda: self.all_of("ann", case_id, "confirmed"),
            "re_review": lambda: self.appeal(case_id),
            "re_appeal": lambda: self.all_of("bob", case_id, "confirmed"),
            "panel": lambda: self.appeal(case_id),
            "final": lambda: [self.vote(login, case_id) for login in ("s1", "s2", "s3")],
            "closed": lambda: self.all_of("s4", case_id, "confirmed"),
        }
        while self.case(case_id).step != step:
            moves[workflow.STEPS[workflow.STEPS.index(self.case(case_id).step) + 1]]()
