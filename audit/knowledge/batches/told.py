"""What an import would change, for a person to read before it is written, and for a program as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from audit.errors import Said
from audit.knowledge.batches import Plan, diff, types
from audit.knowledge.batches.diff import Step
from audit.knowledge.batches.issue import Issue
from audit.knowledge.batches.reach import Reach
from audit.knowledge.points import FACTS
from audit.rulebook import Rulebook

_KINDS = {diff.NEW: "新增", diff.CHANGED: "更改", diff.SUPERSEDED: "替代", diff.CORRECTED: "更正"}
_SAMPLE = 3  # points shown per rule type and kind
_WORDS = 60  # characters shown of a clause


def page(plan: Plan, book: Rulebook, reached: Mapping[int, Reach] | None) -> Said:
    """The diff: per rule type the counts, the rules that read it, a sample, the past claims it touches."""
    points, files, of = f"{plan.points:,}", len(plan.files), [issue.said for issue in plan.issues]
    zh = [f"从 {files} 个文件读到 {points} 个知识点（{'；'.join(one.zh for one in of)}）。"]
    en = [f"{points} points read from {files} files ({'; '.join(of)})."]
    if not plan.steps:
        zh.append("表中都已包含，无可导入。")
        en.append("The tables hold all of them already: nothing to import.")
    for rule, kinds in diff.counts(plan.steps).items():
        counted, fed = _counted(kinds), _fed(rule, book)
        zh += ["", f"{rule:02d} {types.name_of(rule)}：{counted.zh}；{fed.zh}"]
        en += ["", f"{rule:02d} {types.name_of(rule)}: {counted}; {fed}"]
        if reached is not None:
            far = reached[rule]
            claims, lines, yuan = f"{far.claims:,}", f"{far.lines:,}", f"{far.fen / 100:,.2f}"
            zh.append(f"   至多涉及 {far.nights} 夜的 {claims} 张以往结算单（{lines} 条明细，{yuan} 元）")
            en.append(f"   touches at most {claims} past claims ({lines} lines, {yuan} yuan) of {far.nights} nights")
        for kind in kinds:
            of_kind = [step for step in plan.steps if (step.rule_no, step.kind) == (rule, kind)]
            for told in map(_sentence, of_kind[:_SAMPLE]):
                zh.append(f"   {_KINDS[kind]} {told.zh}")
                en.append(f"   {kind:<10} {told}")
            if len(of_kind) > _SAMPLE:
                more = f"{len(of_kind) - _SAMPLE:,}"
                zh.append(f"   {'':<4} 另有 {more} 个")
                en.append(f"   {'':<10} and {more} more")
    return Said("\n".join(zh), "\n".join(en))


def listing(plan: Plan, book: Rulebook, reached: Mapping[int, Reach] | None) -> str:
    """Every step as JSON, with the rules fed and the claims touched per rule type."""
    types_told: dict[str, Any] = {
        str(rule): {
            "name": types.name_of(rule),
            **kinds,
            "rules": feeds(rule, book),
            "past_claims_at_most": reached[rule].claims if reached is not None else None,
        }
        for rule, kinds in diff.counts(plan.steps).items()
    }
    return json.dumps({"types": types_told, "points": [step.as_json() for step in plan.steps]}, ensure_ascii=False, indent=1) + "\n"


def feeds(rule: int, book: Rulebook) -> list[str]:
    """The rules of this type, and any other that reads a fact of its points."""
    facts = FACTS.get(rule, {}).keys()
    return [own.id for own in book.rules if own.rule_no == rule or facts & set(own.read)]


def past(imports: list[dict[str, Any]]) -> str:
    """The imports on record, one line each."""
    if not imports:
        return "No import is on record: the tables are as they were shipped."
    return "\n".join(_past(entry) for entry in imports)


def _past(entry: dict[str, Any]) -> str:
    issues = "; ".join(str(Issue(i["batch"], date.fromisoformat(i["published"]))) for i in entry["issues"])
    files = ", ".join(f"{file['name']} ({file['sha256'][:12]})" for file in entry["files"])
    counted = "; ".join(f"{int(rule):02d} {_counted(kinds)}" for rule, kinds in entry["points"].items())
    return f"{entry['number']}  {entry['imported']}  {issues}: {counted}; from {files}"


def _counted(kinds: Mapping[str, int]) -> Said:
    zh = "，".join(f"{_KINDS[kind]} {number:,}" for kind, number in kinds.items())
    return Said(zh, ", ".join(f"{number:,} {kind}" for kind, number in kinds.items()))


def _fed(rule: int, book: Rulebook) -> Said:
    listed = ", ".join(feeds(rule, book))
    return Said(f"由 {listed} 读取", f"read by {listed}") if listed else Said("尚无规则读取", "no rule reads them yet")


def _sentence(step: Step) -> Said:
    row, codes = step.row, len(step.codes)
    point = f"{row['point_id']} {row['name']}"
    if step.kind == diff.SUPERSEDED:
        return Said(f"{point}：有效至 {row['valid_to']}", f"{point}: holds until {row['valid_to']}")
    said = ", ".join(f"{name} {value}" for name, value in step.parameters.items() if value)
    words = row["clause"] if len(row["clause"]) <= _WORDS else row["clause"][:_WORDS] + "…"
    if step.kind == diff.NEW:
        more = f", {said}" if said else ""
        zh = f"{point} 自 {row['valid_from']}：编码 {codes} 个{more}：{words}"
        return Said(zh, f"{point} from {row['valid_from']}: codes {codes}{more}: {words}")
    was, now = set(step.older_codes), set(step.codes)
    differing = step.differences()
    parts = [Said(f"编码 +{len(now - was)} −{len(was - now)}", f"codes +{len(now - was)} −{len(was - now)}")] if now != was else []
    moves = [f"{column} {pair[0] or '-'} → {pair[1] or '-'}" for column, pair in differing.items() if column not in ("clause", "test")]
    parts += [Said(move, move) for move in moves]
    parts += [Said(f"条文现为：{words}", f"wording now: {words}")] if differing.keys() & {"clause", "test"} else []
    parts = parts or [Said("重述，无变化", "restated without change")]
    older = row["supersedes"] if step.kind == diff.CHANGED else ""
    zh = f"{point} 自 {row['valid_from']}{f' 替代 {older}' if older else ''}：{'；'.join(part.zh for part in parts)}"
    return Said(zh, f"{point} from {row['valid_from']}{f' replaces {older}' if older else ''}: {'; '.join(parts)}")
