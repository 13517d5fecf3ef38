"""All that the page of a case shows, gathered in one reading of the database."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from audit import words
from audit.cases import procedure, workflow
from audit.cases.store import CHINA
from audit.cases.tables import cases, decisions
from audit.cases.walls import Person, seen
from audit.console import timeline
from audit.console.case import past
from audit.console.case.prose import explained, linked
from audit.console.case.seen import Bill, Plain, billed, case_row, masked, names
from audit.console.case.told import Group, Told, compared, told, values
from audit.console.here import Here, yuan

AT_ONCE = 400  # lines on the page; of a longer bill those that matter, the rest when asked for
LINES = "lines"  # what a finding by hand is about, where it is no claim
TREES = 1  # comparisons drawn at once; the others when they are opened


@dataclass(frozen=True)
class Draft:
    """What stands in the form of one finding: as decided in this step, or as typed and refused."""

    outcome: str = ""
    amt: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Entered:
    """What stands in the form of a finding by hand: `about` is LINES or a claim; `faults`: field -> what is wrong with it, in words."""

    about: str = LINES
    lines: tuple[str, ...] = ()
    code: str = ""
    amt: str = ""
    basis: str = ""
    reason: str = ""
    faults: dict[str, str] = field(default_factory=dict)


def gathered(
    here: Here,
    con: Connection,
    case_id: int,
    typed: dict[int, Draft] | None = None,
    whole: bool = False,
    entered: Entered | None = None,
) -> Plain:
    """Values for case.html. `typed`, `entered`: what somebody had typed when it was refused. `whole`: the person unmasked, already
    journaled."""
    row = case_row(con, here.person, case_id)
    bill, now = billed(con, case_id), here.place.desk.clock()
    groups = told(con, case_id, bill, here.place.rules)
    every = [one for group in groups for one in group.every]
    can = workflow.may_now(row, here.person, con, here.place.site, now)
    marks = marked(groups)
    held = row.locked_until is not None and row.locked_until > now and row.locked_by_id not in (None, here.person.id)
    people = names(con, (row.assignee_id, row.locked_by_id))
    before, drafts = standing(con, row, every)
    return tellers(here, groups) | {
        "row": row,
        "bill": bill,
        "groups": groups,
        "every": every,
        "can": can,
        "person": masked(bill.person, row.psn_no, here.person, here.place.site.masking, whole),
        "whole": whole,
        "people": people,
        "held_by": people.get(row.locked_by_id) if held else None,
        "steps": steps(row),
        "late": row.due_on is not None and row.due_on < now.astimezone(CHINA).date() and row.suspended_at is None,
        "lines": shown(bill.lines, marks) if len(bill.lines) > AT_ONCE else bill.lines,
        "drawing": drawn(here, bill, marks, len(bill.lines) > AT_ONCE),
        "explanation": explained(bill.claim.get("explanation"), every, here.lang),
        "reasons": bars(bill.claim, here.lang),
        "before": before,
        "drafts": drafts | (typed or {}),
        "typed": typed or {},
        "entered": entered,
        "blank": Entered(),
        "picks": "enter" in can,
        "types": [(here.say(*group), types) for group, types in workflow.FOUND.items()],
        "undecided": workflow.undecided(con, row) if row.step in ("first_review", "re_review", "final") else [],
        "opinion": workflow.opinion(con, case_id),
        "next_day": following(here, row, now),
        "events": past.events(con, case_id),
        "journal": past.entries(con, case_id),
        "record": past.record(con, here.person, row.fixmedins_code),
        "colleagues": colleagues(con, row) if "transfer" in can else [],
        "siblings": siblings(con, here.person, row) if "merge" in can else [],
        "compared": compared,
        "working_days": here.place.site.calendar(row.area).between(now.astimezone(CHINA).date(), row.due_on) if row.due_on else None,
        "told": None,
        "whole_print": False,
        "linked": lambda one: linked(one, here.lang),
        "values": lambda one: values(one, here.lang),
        "named": lambda kind, key: procedure.named(getattr(procedure, kind), key, here.lang),
        "attachments": here.place.site.attachments,
        "trees": TREES,
    }


def tellers(here: Here, groups: list[Group]) -> Plain:
    """What the table of lines needs to say of each line what was found on it."""
    names = {
        "definite": here.say("明确违规", "definite"),
        "suspicious": here.say("可疑", "suspicious"),
        "concerned": here.say("相关明细", "concerned"),
    }
    return {
        "marks": marked(groups),
        "mark_names": names,
        "found_on": found_on([one for group in groups for one in group.every]),
        "exact": exact,
        "picks": False,  # nobody chooses lines, unless the page says so
        "entered": None,
        "class_name": lambda code: timeline.class_name(code or "", here.say),
    }


def marked(groups: list[Group]) -> dict[str, str]:
    """bkkp_sn -> definite, suspicious or concerned: the gravest that is said of a line."""
    marks: dict[str, str] = {}
    for one in (one for group in groups for one in group.every):
        for line in one.concerned:
            marks.setdefault(line["bkkp_sn"], "concerned")
        if one.row.bkkp_sn and marks.get(one.row.bkkp_sn) != "definite":
            marks[one.row.bkkp_sn] = one.row.sev_deg
    return marks


def found_on(every: list[Told]) -> dict[str, list[Told]]:
    """The findings of each line."""
    lines: dict[str, list[Told]] = defaultdict(list)
    for one in every:
        if one.row.bkkp_sn:
            lines[one.row.bkkp_sn].append(one)
    return lines


def exact(number: int | None, digits: int, least: int) -> str:
    """number / 10^digits as it is, with at least `least` decimals."""
    if number is None:
        return "—"
    whole, part = divmod(abs(number), 10**digits)
    decimals = f"{part:0{digits}}"
    kept = decimals[:least] + decimals[least:].rstrip("0")
    return f"{'−' if number < 0 else ''}{whole:,}{'.' if kept else ''}{kept}"


def shown(lines: list[Plain], marks: dict[str, str]) -> list[Plain]:
    return [line for line in lines if line["bkkp_sn"] in marks]


def drawn(here: Here, bill: Bill, marks: dict[str, str], long: bool) -> str:
    def anchor(line: Any) -> str:
        """A line that is not on the page yet leads to the whole bill."""
        return f"#line-{line['bkkp_sn']}" if not long or line["bkkp_sn"] in marks else "#lines"

    return timeline.drawn(bill.lines, bill.begn, bill.end, bill.oprns, marks, here.say, anchor)


def steps(row: Row[Any]) -> list[tuple[str, str]]:
    """Every step with done, now or coming; a closed case passed only those it went through, which its history tells."""
    order = list(procedure.STEPS)
    at = order.index(row.step)
    return [(step, "done" if number < at else "now" if number == at else "coming") for number, step in enumerate(order)]


def bars(claim: Plain, language: str) -> list[tuple[str, str, float]]:
    """The model's reasons: what is unusual, the value that weighs most, and what the reason adds to the log-odds (0 from nights that did
    not keep it). A reason is stored in both languages, as `中文 English: column=值`."""
    told = claim.get("model_reasons") or []
    weights = claim.get("model_weights") or [0.0] * len(told)
    found = []
    for text, weight in zip(told, weights, strict=False):
        parts = re.fullmatch(r"(\S+) (.+): (\w+)=(.*)", text)
        if parts is None:
            found.append((text, "", float(weight)))
            continue
        zh, en, column, value = parts.groups()
        read = re.sub("元$", " yuan", value) if language == "en" else value
        found.append((en if language == "en" else zh, f"{words.name(column, language)} = {read}", float(weight)))
    return found


def standing(con: Connection, row: Row[Any], every: list[Told]) -> tuple[dict[int, int], dict[int, Draft]]:
    """What stood of each finding when this step began, in fen; and what this step has decided so far."""
    before, drafts = {one.id: int(one.row.counted_amt) for one in every}, {}
    made = select(decisions).where(decisions.c.finding_id.in_(before)).order_by(decisions.c.id)
    for one in con.execute(made):
        if one.step != row.step:
            before[one.finding_id] = one.amt
        else:
            drafts[one.finding_id] = Draft(one.outcome, yuan(one.amt).striptags() if one.outcome == "reduced" else "", one.reason)
    return before, drafts


def following(here: Here, row: Row[Any], now: datetime) -> date | None:
    """Until when the hospital may answer if this step ended today; None where the case would be closed."""
    window = {"first_review": "appeal", "re_review": "re_appeal"}.get(row.step)
    return here.place.site.deadline(row.area, window, now.astimezone(CHINA).date()) if window else None


def colleagues(con: Connection, row: Row[Any]) -> list[tuple[int, str]]:
    """Who may take the case over."""
    able = workflow.able(con, row)
    called = names(con, able)
    return sorted(((number, called[number]) for number in able), key=lambda one: one[1])


def siblings(con: Connection, person: Person, row: Row[Any]) -> list[Row[Any]]:
    """The same person's other cases in first review at the same institution: what can be merged."""
    same = (cases.c.psn_no == row.psn_no) & (cases.c.fixmedins_code == row.fixmedins_code) & (cases.c.id != row.id)
    open_ones = select(cases).where(same, cases.c.step == "first_review", seen(person)).order_by(cases.c.id)
    return list(con.execute(open_ones))
