"""A finding entered by hand: what a reviewer sees in the bill and no rule found. It is entered in the first review and then goes the way of
every other: decided, told to the hospital, contested, closed, a label for the models."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from audit.cases.bills import bill
from audit.cases.refused import Faults, Refused
from audit.cases.store import Act
from audit.cases.tables import BY_HAND, decisions, findings
from audit.cases.workflow.amounts import LONGEST, Ground, left
from audit.cases.workflow.decisions import grounds_of
from audit.cases.workflow.steps import changed, taken
from audit.words import INDICATOR, TYPES

MOST_LINES = 500  # lines of one entry
Said = tuple[str, str]  # zh, en
# class and tier -> the national types of it that can be found in a bill
FOUND = {group: types for group, types in TYPES.items() if not any(code.startswith(INDICATOR) for code in types)}
_CODES = {code for types in FOUND.values() for code in types}


@dataclass(frozen=True)
class Entry:
    """What somebody found: a national type, the clause it rests on, and why, in words.

    `claim` None: each of `lines` is in violation, by `amt` fen. A claim's setl_id: the claim as a whole is, by `amt`, and `lines` are what
    makes the case. `amt` None: all that is in scope of the line or claim and that no other finding stands for.
    """

    code: str
    basis: str
    reason: str
    lines: Sequence[str] = ()
    claim: str | None = None
    amt: int | None = None


def enter_finding(act: Act, case_id: int, revision: int, entry: Entry) -> int:
    """Enter one finding per line, or one about the claim; returns the new revision. Faults (422) names every field that is not right."""
    case = taken(act, None, case_id, "enter", revision)
    whole = bill(act.con, case.id)
    claims = {one["claim"]["setl_id"]: one["claim"] for one in (whole, *whole["merged"])}
    lines = {line["bkkp_sn"]: line for one in (whole, *whole["merged"]) for line in one["lines"]}
    faults = _faults(entry, claims, lines)
    if faults:
        raise Faults(faults)
    rows = {row.id: row for row in act.con.execute(select(findings).where(findings.c.case_id == case.id))}
    found = list(_found(entry, claims, lines, list(grounds_of(act.con, case, rows).values())))
    basis, reason = entry.basis.strip(), entry.reason.strip()
    common = {
        "case_id": case.id, "author_id": act.person.id, "rule_id": BY_HAND, "rule_version": 0, "code": entry.code, "sev_deg": "suspicious",
        "vola_cont": reason, "vola_cont_en": reason, "vola_evid": basis,
    }  # fmt: skip
    for number, one in enumerate(found):
        act.con.execute(insert(findings).values(**common, **one, jr_id=f"{BY_HAND}-{case.id}-{case.revision}-{number}"))
    counted = sum(one["counted_amt"] for one in found)
    about = entry.claim or [one["bkkp_sn"] for one in found]
    act.tell("case.enter", case.id, entry.code, about=about, amt=counted, basis=basis, reason=reason)
    sev_deg = "suspicious" if case.sev_deg == "model" else case.sev_deg
    return changed(act, case, counted_amt=case.counted_amt + counted, sev_deg=sev_deg)


def take_back(act: Act, case_id: int, revision: int, finding_id: int) -> int:
    """Its author takes a finding back, with what was decided of it: it is as if it had never been entered, but for the journal. Returns the
    new revision."""
    case = taken(act, None, case_id, "enter", revision)
    row = act.con.execute(select(findings).where(findings.c.id == finding_id, findings.c.case_id == case.id)).one_or_none()
    if row is None:
        raise Refused("没有这个问题。", "There is no such finding.", 404)
    if row.author_id != act.person.id:
        raise Refused(
            "只有录入人可以撤回；其他人可以不予认定。", "Only who entered a finding takes it back; anybody else dismisses it.", 403
        )
    act.con.execute(delete(decisions).where(decisions.c.finding_id == row.id))
    act.con.execute(delete(findings).where(findings.c.id == row.id))
    act.tell("case.take_back", case.id, row.code, about=row.bkkp_sn or row.setl_id, amt=row.counted_amt, reason=row.vola_cont)
    others = act.con.scalar(select(findings.c.id).where(findings.c.case_id == case.id).limit(1))
    sums = {"counted_amt": case.counted_amt - row.counted_amt, "decided_amt": case.decided_amt - (row.decided_amt or 0)}
    return changed(act, case, **sums, sev_deg="model" if others is None else case.sev_deg)


def _faults(entry: Entry, claims: Mapping[str, Any], lines: Mapping[str, Any]) -> dict[str, Said]:
    """Field -> what is wrong with it, before any amount is looked at."""
    faults: dict[str, Said] = {}
    if entry.code not in _CODES:
        faults["code"] = ("请从国家规则类型中选择一种。", "Choose one of the national types.")
    for name, text in (("basis", entry.basis), ("reason", entry.reason)):
        if not text.strip() or len(text) > LONGEST:
            faults[name] = (f"请填写（不超过{LONGEST}字）。", f"Write something (up to {LONGEST} characters).")
    unknown = [number for number in entry.lines if number not in lines]
    if entry.claim is not None and entry.claim not in claims:
        faults["lines"] = ("本案没有这份结算。", "The case has no such claim.")
    elif unknown:
        named = ", ".join(unknown[:5]) + (" …" if len(unknown) > 5 else "")
        faults["lines"] = (f"本案没有明细：{named}", f"The case has no such line: {named}")
    elif entry.claim is None and not entry.lines:
        faults["lines"] = ("请勾选违规的明细，或选择整个结算。", "Tick the lines in violation, or choose the whole claim.")
    elif len(entry.lines) > MOST_LINES:
        faults["lines"] = (f"一次最多{MOST_LINES}条明细。", f"At most {MOST_LINES} lines at once.")
    if entry.amt is not None and entry.amt <= 0:
        faults["amt"] = ("金额须大于0。", "An amount is more than 0.")
    return faults


def _found(entry: Entry, claims: Mapping[str, Any], lines: Mapping[str, Any], grounds: list[Ground]) -> list[dict[str, Any]]:
    """The findings of an entry as rows. Faults (422) where an amount is more than what is left, each line with its own."""
    rows, faults = [], []
    numbers = list(dict.fromkeys(entry.lines))
    for line in [None] if entry.claim is not None else [lines[number] for number in numbers]:
        claim = claims[str(line["setl_id"] if line else entry.claim)]
        setl_id, number, line_amt = claim["setl_id"], line and line["bkkp_sn"], line and line["det_item_fee_sumamt"]
        most = left(grounds, setl_id, None, _in_scope(claim, None))
        if line:
            most = min(most, left(grounds, setl_id, number, _in_scope(claim, line)))
        amt = most if entry.amt is None else entry.amt
        if not 0 < amt <= most:
            faults.append((number or setl_id, max(most, 0)))
            continue
        grounds.append(Ground(setl_id, number, line_amt, amt, amt, amt, None, True))  # the next line finds less left by this
        rows.append({
            "setl_id": setl_id, "bkkp_sn": number, "line_amt": line_amt, "item": line and (line["hilist_name"] or line["medins_list_name"]),
            "concerned": json.dumps([] if line else numbers), "vola_amt": amt, "vola_inscp_amt": amt, "vola_fund_amt": _fund(claim, amt),
            "counted_amt": amt,
        })  # fmt: skip
    if faults:
        raise Faults({"amt": _too_much(faults)})
    return rows


def _too_much(faults: Sequence[tuple[str, int]]) -> Said:
    named = [f"{number} ≤ {most / 100:.2f}" for number, most in faults[:5]]
    more = " …" if len(faults) > 5 else ""
    zh = f"超过政策范围内、未被其他问题计入的金额(元)：{'；'.join(named)}{more}。"
    en = f"More than what is in scope and not counted by other findings (yuan): {'; '.join(named)}{more}."
    if any(not most for _, most in faults):
        zh += "为0的，不在政策范围内，或已由其他问题计入：可先对其不予认定或核减。"
        en += " Where nothing is left, it is out of scope or counted already: dismiss or reduce the other findings first."
    return zh, en


def _in_scope(claim: Mapping[str, Any], line: Mapping[str, Any] | None) -> int:
    """Fen of a claim, or of a line of it, within the fund's scope; of a line that does not say, the claim's proportion stands in."""
    amt, inscp = claim["medfee_sumamt"], claim["inscp_amt"]
    if line is None:
        return amt if inscp is None else min(inscp, amt)
    billed, own = line["det_item_fee_sumamt"], line["inscp_amt"]
    if own is not None:
        return min(own, billed)
    return billed if inscp is None else min(_share(billed, inscp, amt), billed)


def _fund(claim: Mapping[str, Any], amt: int) -> int:
    """What the fund paid of `amt` fen within its scope, about."""
    inscp, fund = claim["inscp_amt"] or 0, max(claim["fund_pay_sumamt"] or 0, 0)
    return min(_share(amt, fund, inscp if inscp > 0 else claim["medfee_sumamt"]), amt, fund)


def _share(amt: int, part: int, whole: int) -> int:
    """amt x part / whole, half up."""
    return (2 * amt * part + whole) // (2 * whole) if whole > 0 else 0
