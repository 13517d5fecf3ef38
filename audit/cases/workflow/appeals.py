"""What the hospital does in its windows: appeal with a statement and files, or accept."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import insert, select

from audit.cases import ledger
from audit.cases.refused import Refused
from audit.cases.site import Site
from audit.cases.store import Act
from audit.cases.tables import appeals, findings
from audit.cases.uploads import Upload, keep
from audit.cases.workflow.amounts import LONGEST
from audit.cases.workflow.moves import close, judged
from audit.cases.workflow.steps import enter, taken

MOST_FILES = 20


def appeal(act: Act, site: Site, case_id: int, statement: str, finding_ids: Sequence[int], uploads: Sequence[Upload] = ()) -> int:
    """Contest some findings; the case goes to the re-review, or after that to the panel. Returns the new revision."""
    case = taken(act, site, case_id, "appeal")
    if not statement.strip() or len(statement) > LONGEST:
        raise Refused(f"请填写申诉理由（不超过{LONGEST}字）。", f"State why you appeal (up to {LONGEST} characters).", 422)
    if len(uploads) > MOST_FILES:
        raise Refused(f"一次最多附{MOST_FILES}个文件。", f"At most {MOST_FILES} files come with an appeal.", 422)
    standing = select(findings.c.id, findings.c.decided_amt).where(findings.c.case_id == case.id, findings.c.outcome != "dismissed")
    amounts = {row.id: row.decided_amt for row in act.con.execute(standing)}
    contested = sorted(set(finding_ids))
    if not contested or not amounts.keys() >= set(contested):
        raise Refused("请至少选择一项被认定的问题。", "Choose at least one finding that stands against you.", 422)
    number = 1 if case.step == "appeal" else 2
    row = {"case_id": case.id, "round": number, "person_id": act.person.id, "statement": statement.strip(), "at": act.now}
    made = act.con.execute(insert(appeals).values(**row, findings=json.dumps(contested)))
    for upload in uploads:
        keep(act, site, case.id, upload, made.inserted_primary_key[0])  # type: ignore[index]
    already = ledger.of_case(act.con, case.id)["appealed"]
    ledger.enter(act, case.id, "appealed", max(sum(amounts[number] for number in contested) - already, 0), f"round {number}")
    act.tell("case.appeal", case.id, f"round {number}", findings=contested, files=len(uploads))
    return enter(act, site, case, "re_review" if case.step == "appeal" else "panel")


def accept(act: Act, site: Site, case_id: int) -> int:
    """The hospital accepts what it was told: the case is closed as it stands. Returns the new revision."""
    case = taken(act, site, case_id, "accept")
    act.tell("case.accept", case.id)
    return close(act, case, judged(act.con, case.id))
