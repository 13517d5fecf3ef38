"""A case on paper: the print page, the evidence as PDF and as a signed package, and the files that people handed in."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Connection, select

from audit.cases import evidence
from audit.cases.refused import Refused
from audit.cases.store import Act
from audit.cases.tables import decisions, files, findings, people
from audit.cases.uploads import MIME
from audit.cases.walls import Person
from audit.console.case import past
from audit.console.case.looks import Number, Reader, visited
from audit.console.case.page import gathered
from audit.console.case.seen import Bill, Plain, billed, case_row, masked, names, without_person
from audit.console.case.told import Told, compared, told
from audit.console.here import Here
from audit.console.place import Place

pages = APIRouter()
_JOURNAL = ("seq", "login", "role", "action", "case_id", "subject", "details", "previous", "hash")


@pages.get("/cases/{case_id}/print")
def on_paper(here: Reader, case_id: Number) -> Response:
    """The page with everything opened, for a printer."""
    with here.read() as con:
        values = gathered(here, con, case_id)
        seen_elsewhere = visited(here, con, values["row"])
    return here.page("case.html", **(values | {"whole_print": True, "visits": seen_elsewhere, "can": set(), "picks": False}))


@pages.get("/cases/{case_id}/evidence.pdf")
def evidence_pdf(here: Reader, case_id: Number) -> Response:
    made = here.place.desk.clock()
    content = evidence.pdf(exported(here, case_id, "pdf"), made, here.lang, here.place.site.pdf_font)
    return download(content, f"case-{case_id}.pdf", MIME["pdf"])


@pages.get("/cases/{case_id}/evidence.zip")
def evidence_zip(here: Reader, case_id: Number) -> Response:
    made, key = here.place.desk.clock(), evidence.signing_key(here.place.keys)
    content = evidence.package(exported(here, case_id, "zip"), made, here.lang, key, here.place.site.pdf_font)
    return download(content, f"case-{case_id}.zip", "application/zip")


@pages.get("/cases/{case_id}/files/{file_id}")
def file(here: Reader, case_id: Number, file_id: Number) -> Response:
    return handed_in(here, case_id, file_id)


def handed_in(here: Here, case_id: int, file_id: int) -> Response:
    """A file of a case that the person may see, as a download of the type that its content has."""
    with here.act() as act:
        case_row(act.con, here.person, case_id)
        row = act.con.execute(select(files).where(files.c.id == file_id, files.c.case_id == case_id)).one_or_none()
        if row is None:
            raise Refused("没有这个文件。", "There is no such file.", 404)
        act.tell("case.file", case_id, row.name, sha256=row.sha256)
    return download(row.content, row.name, MIME[row.kind])


def download(content: bytes, name: str, kind: str) -> Response:
    """Never opened in the page: whatever it holds, it is saved first."""
    return Response(content, media_type=kind, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"})


def exported(here: Here, case_id: int, kind: str) -> Plain:
    """A case as `audit.cases.evidence` takes it, and in the journal who took it out."""
    with here.act() as act:
        made = told_whole(act, here.place, here.person, case_id)
        act.tell("case.evidence", case_id, kind)
    return made


def told_whole(act: Act, place: Place, person: Person, case_id: int) -> Plain:
    """Every section of the evidence; the person is masked as this reader sees the page."""
    con = act.con
    row = case_row(con, person, case_id)
    bill = billed(con, case_id)
    every = [one for group in told(con, case_id, bill, place.rules) for one in group.every]
    called = names(con, (row.assignee_id,))
    known = masked(bill.person, row.psn_no, person, place.site.masking)
    return {
        "case": {
            "case_id": case_id, "state": row.step, "outcome": row.outcome, "area": row.area, "batch_date": row.batch_date,
            "run_id": row.run_id, "opened": row.opened_at, "deadline": row.due_on, "reviewer": called.get(row.assignee_id),
            "counted_amt": row.counted_amt, "decided_amt": row.decided_amt, "recovered_amt": row.recovered_amt,
            "exported_by": f"{person.name} ({person.login})",
        },
        "claim": {name: value for name, value in bill.claim.items() if name not in _NOT_TOLD and value is not None},
        "person": {"psn_name": known["name"], "certno": known["certno"], "psn_no": known["psn_no"]},
        "findings": [_dossier(one, every, bill, row.batch_date) for one in every],
        "lines": [without_person(line) for line in bill.lines],
        "reasons": bill.claim.get("model_reasons") or [],
        "decisions": _decisions(con, case_id),
        "attachments": _attachments(con, case_id),
        "journal": [
            {"at": entry.at.isoformat(timespec="microseconds"), **{name: getattr(entry, name) for name in _JOURNAL}}
            for entry in past.entries(con, case_id)
        ],
    }  # fmt: skip


_NOT_TOLD = ("psn_no", "reasons", "model_reasons", "model_weights", "flagged", "counted_amt", "brdy")  # said elsewhere, or the person's


def _dossier(one: Told, every: list[Told], bill: Bill, batch_date: Any) -> Plain:
    """A finding in the shape of audit.dossier.dossier."""
    row = one.row
    beside = [
        other for other in every if other is not one and other.row.setl_id == row.setl_id and other.row.bkkp_sn in (row.bkkp_sn, None)
    ]
    plain = ("jr_id", "rule_id", "rule_version", "sev_deg", "bkkp_sn", "vola_cont", "vola_cont_en", "vola_evid")
    fen = ("vola_amt", "vola_inscp_amt", "vola_fund_amt", "counted_amt", "decided_amt")
    said = {name: getattr(row, name) for name in (*plain, *fen, "outcome", "code")}
    billed_line = [{"role": "billed", **without_person(one.line or {"bkkp_sn": row.bkkp_sn})}] if row.bkkp_sn else []
    told_others = ("jr_id", "rule_id", "bkkp_sn", "sev_deg", "vola_amt", "counted_amt", "vola_cont", "vola_cont_en")
    return {
        "finding": said | {"batch_date": batch_date, "evidence": json.loads(row.evidence)},
        "rule": one.rule,
        "comparison": compared(one),
        "point": one.point,
        "claim": None,
        "lines": billed_line + [{"role": "concerned", **without_person(line)} for line in one.concerned],
        "others": [{name: getattr(other.row, name) for name in told_others} for other in beside],
        "changed": one.changed,
    }


def _decisions(con: Connection, case_id: int) -> list[Plain]:
    columns = (decisions.c.at, decisions.c.step, people.c.name.label("who"), findings.c.rule_id, findings.c.bkkp_sn, decisions.c.outcome,
               decisions.c.amt.label("decided_amt"), decisions.c.reason)  # fmt: skip
    made = select(*columns).join(findings, findings.c.id == decisions.c.finding_id).join(people, people.c.id == decisions.c.person_id)
    return [row._asdict() for row in con.execute(made.where(findings.c.case_id == case_id).order_by(decisions.c.id))]


def _attachments(con: Connection, case_id: int) -> list[Plain]:
    columns = (files.c.name, files.c.at, people.c.name.label("who"), files.c.kind, files.c.content)
    made = select(*columns).join(people, people.c.id == files.c.person_id).where(files.c.case_id == case_id).order_by(files.c.id)
    return [row._asdict() for row in con.execute(made)]
