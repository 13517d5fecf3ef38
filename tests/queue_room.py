"""Invented cases for tests of the queue: rows of `cases` and `findings` as a night would have opened them."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from typing import Any

from desk_room import HOSPITAL, console
from fastapi.testclient import TestClient
from sqlalchemy import insert, select, update

from audit.cases import people
from audit.cases.store import Desk
from audit.cases.tables import bills, cases, decisions, findings
from audit.cases.tables import people as accounts
from audit.cases.walls import Person
from audit.console.place import Place

TODAY = date(2026, 8, 3)  # of desk_room.Clock
AREAS = ("990101", "990102", "990201")
RULES = ("MED-067", "MED-012", "POL-025", "MGT-049", "LOC-001", "XY-001")
STEPS = ("first_review", "appeal", "re_review", "re_appeal", "panel", "final", "closed")


def a_worker(desk: Desk, login: str, role: str = "reviewer", area: str = "", **values: Any) -> Person:
    """Somebody who needs no password here: hashing one takes a while."""
    with desk.act() as act:
        people.add(act, login, f"测试{login}", role, area, HOSPITAL if role == "hospital" else None, oidc_subject=login)
        mine = accounts.c.login == login
        if values:
            act.con.execute(update(accounts).where(mine).values(**values))
        return people.person_of(act.con.execute(select(accounts).where(mine)).one())


def at_desk(place: Place, *workers: Person) -> list[TestClient]:
    """A browser for each, signed in without a password, over one console."""
    app, clients = console(place), []
    for person in workers:
        token, session = people.open_session(place.desk, person)
        clients.append(TestClient(app, base_url="http://desk.test", follow_redirects=False, cookies={"audit_session": token}))
        clients[-1].headers["X-CSRF"] = session.csrf or ""
    return clients


def a_case(desk: Desk, number: int, step: str = "first_review", amounts: tuple[int, ...] = (1_000,), **values: Any) -> int:
    """One case with a definite finding of `lead_rule` per amount; returns its id. `number` makes its claim."""
    said = {"vola_cont": "虚构的问题。", "vola_cont_en": "An invented finding.", "vola_evid": "虚构的依据"}
    lead = values.setdefault("lead_rule", "MED-067")
    setl_id = f"S99{number:08}"
    row = {
        "setl_id": setl_id,
        "mdtrt_id": f"M99{number:08}",
        "psn_no": f"P99{number:08}",
        "fixmedins_code": "F99000000001",
        "fixmedins_name": "虚构第一医院",
        "area": "990101",
        "batch_date": date(2026, 7, 31),
        "run_id": "invented",
        "medfee_sumamt": 1_000_000,
        "counted_amt": sum(amounts),
        "priority": sum(amounts),
        "sev_deg": "definite",
        "step": step,
        "due_on": None if step == "closed" else TODAY + timedelta(days=14),
        **values,
    }
    with desk.act() as act:
        case_id = int(act.con.execute(insert(cases).values(**row, opened_at=act.now, changed_at=act.now)).inserted_primary_key[0])  # type: ignore[index]
        act.con.execute(insert(bills).values(case_id=case_id, content=b""))
        for place, amt in enumerate(amounts):
            evidence = json.dumps({"gend": "1", "item_only_gend": "2", "cnt": str(place + 1)})
            own = {"bkkp_sn": f"{setl_id}-{place}", "line_amt": amt, "item": "虚构药品", "code": "GZ99", "evidence": evidence}
            money = {"vola_amt": amt, "counted_amt": amt}
            one = {"case_id": case_id, "jr_id": f"J-{setl_id}-{place}", "setl_id": setl_id, "rule_id": lead, "rule_version": 1}
            act.con.execute(insert(findings).values(**one, **own, **money, **said, sev_deg="definite"))
    return case_id


def judged(desk: Desk, case_id: int, person_id: int, step: str) -> None:
    """A decision of that step by that person on the case's first finding."""
    with desk.act() as act:
        finding = act.con.scalar(findings.select().with_only_columns(findings.c.id).where(findings.c.case_id == case_id).limit(1))
        row = {"case_id": case_id, "finding_id": finding, "step": step, "person_id": person_id, "outcome": "confirmed", "amt": 0}
        act.con.execute(insert(decisions).values(**row, at=act.now))


def many(desk: Desk, people: list[int], count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Cases of all kinds at once; returns their rows, each with the set of its findings' `rules`."""
    chance = random.Random(seed)
    made, grounds = [], []
    for number in range(1, count + 1):
        step, lead = chance.choice(STEPS), chance.choice([*RULES, None])
        row = {
            "setl_id": f"S99{number:08}",
            "mdtrt_id": f"M99{number:08}",
            "psn_no": f"P99{number:08}",
            "fixmedins_code": f"F990000000{chance.randrange(12):02}",
            "fixmedins_name": chance.choice(["虚构第一医院", "虚构100%好医院", "Fictive Clinic_A", None]),
            "area": chance.choice(AREAS),
            "batch_date": date(2026, 7, 31),
            "run_id": "invented",
            "medfee_sumamt": 1_000_000,
            "counted_amt": chance.randrange(0, 5_000, 50),
            "priority": chance.randrange(40),  # many ties
            "fraud_probability": chance.choice([None, round(chance.random(), 2)]),
            "sev_deg": chance.choice(["definite", "suspicious"]) if lead else "model",
            "lead_rule": lead,
            "step": step,
            "due_on": None if step == "closed" else TODAY + timedelta(days=chance.randrange(-6, 14)),
            "suspended_at": chance.choice([None, None, None, desk.clock()]) if step != "closed" else None,
            "escalated": chance.random() < 0.2,
            "assignee_id": chance.choice([None, *people]),
            "first_reviewer_id": chance.choice([None, *people]) if step != "first_review" else None,
        }
        rules = {lead, *chance.sample(RULES, 2)} - {None} if lead else set()
        made.append(row | {"rules": rules})
        said = {"code": "GZ99", "sev_deg": "definite", "vola_cont": "虚构", "vola_cont_en": "invented", "vola_evid": "虚构"}
        own = {"case_id": number, "setl_id": row["setl_id"], "rule_version": 1, **said}
        grounds += [{**own, "jr_id": f"J{number}-{rule}", "rule_id": rule} for rule in sorted(rules)]
    with desk.act() as act:
        bare = [{name: value for name, value in row.items() if name != "rules"} for row in made]
        act.con.execute(
            insert(cases), [{"opened_at": act.now, "changed_at": act.now, **row, "id": number} for number, row in enumerate(bare, 1)]
        )
        act.con.execute(insert(findings), grounds)
    return [row | {"id": number} for number, row in enumerate(made, 1)]
