"""Proposals that are not a rule's text: exemptions for a time, official workbooks, going back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from sqlalchemy import select

from audit.cases.changes.apply import base, path_of
from audit.cases.changes.proposals import add, packed, said
from audit.cases.refused import Refused
from audit.cases.store import Act
from audit.cases.tables import publications
from audit.errors import Said
from audit.rulebook import locked, waivers
from audit.words import harm

MOST_BYTES = 50_000_000


def exempt(act: Act, rules: Path, rule_id: str, kind: str, value: str, valid_from: date, valid_to: date, reason: str) -> int:
    """Propose that a rule does not speak of an institution, an area or an item for a time (at most 365 days). Returns the proposal's id.

    Refused (422) with every fault: unknown rule, a value of the wrong shape, swapped or past days, too long, a reason that is missing.
    """
    value = value.strip()
    row = {"rule_id": rule_id, "kind": kind, "value": value, "valid_from": valid_from, "valid_to": valid_to}
    faults = _faults(rules, row, reason)
    if valid_to < act.today:
        faults.append(Said(f"valid_to {valid_to} 已过：没有可豁免的。", f"valid_to {valid_to} has passed: nothing would be waived."))
    if faults:
        zh, en = "\n".join(fault.zh for fault in faults), "\n".join(faults)
        raise Refused(f"豁免有误：\n{zh}", f"The exemption is not right:\n{en}", 422)
    told = {"action": "add", **{name: str(cell) for name, cell in row.items()}, "reason": said(reason)}
    return add(act, "exemption", f"{rule_id} {value} {valid_from} – {valid_to}", _json(told), rule_id=rule_id, reason=said(reason))


def unexempt(act: Act, rules: Path, rule_id: str, kind: str, value: str, valid_from: date, until: date, reason: str) -> int:
    """Propose that an exemption ends on `until`, earlier than it said. Returns the proposal's id."""
    rows = waivers.read(rules, locked(rules), []).filter(rule_id=rule_id, kind=kind, value=value, valid_from=valid_from).to_dicts()
    if not rows:
        raise Refused("表中没有这条豁免。", "The table has no such exemption.", 404)
    if not valid_from <= until < rows[0]["valid_to"]:
        last = rows[0]["valid_to"]
        raise Refused(f"结束日须在 {valid_from} 与 {last} 之间。", f"Let it end between {valid_from} and the day before {last}.", 422)
    told = {"action": "end", **{name: str(cell) for name, cell in rows[0].items()}, "valid_to": str(until), "reason": said(reason)}
    return add(act, "exemption", f"{rule_id} {value} → {until}", _json(told), rule_id=rule_id, reason=said(reason))


def take_in(
    act: Act, workbooks: Mapping[str, bytes], batch: str | None = None, published: date | None = None, title: str = "", reason: str = ""
) -> int:
    """Propose an import of official workbooks, kept as they came. batch, published: where the files do not say. Returns the proposal's id.

    The workbooks are read by `impact` and `prepare`, which tell every fault.
    """
    wrong = [name for name in workbooks if not name.lower().endswith((".xlsx", ".json")) or Path(name).name != name or name.startswith(".")]
    if not workbooks or wrong or sum(map(len, workbooks.values())) > MOST_BYTES:
        named, most = "、".join(wrong), f"{MOST_BYTES // 1_000_000} MB"
        zh = f"请上传官方知识点文件（.xlsx 或 all_records.json，合计不超过 {most}）{named}"
        raise Refused(zh, f"Give official workbooks (.xlsx) or all_records.json, {most} at most together. {named}", 422)
    files = [{"name": name, "sha256": hashlib.sha256(data).hexdigest()} for name, data in sorted(workbooks.items())]
    told = {"files": files, "batch": batch, "published": published and published.isoformat()}
    return add(act, "knowledge", title or "、".join(sorted(workbooks)), _json(told), attachment=packed(workbooks), reason=reason)


def rollback(act: Act, rules: Path, number: int, reason: str) -> int:
    """Propose to make the folder what publication `number` left, byte for byte. Returns the proposal's id."""
    last = act.con.execute(select(publications.c.id).order_by(publications.c.id.desc()).limit(1)).scalar()
    if act.con.scalar(select(publications.c.id).where(publications.c.id == number)) is None:
        raise Refused(f"没有第 {number} 号发布。", f"There is no publication {number}.", 404)
    if number == last:
        raise Refused("规则目录现在就是该版本。", f"The folder is publication {number} already.")
    told = {"number": number}
    return add(act, "rollback", f"→ {number}", _json(told), based_on=base(rules, "rollback", None), reason=said(reason))


def _faults(rules: Path, row: dict, reason: str) -> list[Said]:
    if row["kind"] not in waivers.KINDS:
        listed = ", ".join(waivers.KINDS)
        return [Said(f"kind {row['kind']!r} 不在可用值之列（{listed}）。", f"kind {row['kind']!r} is none of {listed}.")]
    faults = waivers.row_faults(row, [rule_id for rule_id in locked(rules) if not _retired(rules, rule_id)])
    if why := harm(reason.strip()):
        faults.append(Said(f"理由不是纯文字：{why.zh}。", f"the reason is no plain text: it {why}."))
    if "\n" in reason.strip():
        faults.append(Said("理由须写在一行内。", "the reason must be one line."))
    return faults


def _retired(rules: Path, rule_id: str) -> bool:
    there = path_of(rules, rule_id)
    return there is None or there.parent.name == "retired"


def _json(told: dict) -> str:
    return json.dumps(told, ensure_ascii=False, default=str)
