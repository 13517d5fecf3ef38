"""What an import would change, for a person to read before it is written, and for a program as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from audit.knowledge.batches import Plan, diff, types
from audit.knowledge.batches.diff import Step
from audit.knowledge.batches.issue import Issue
from audit.knowledge.batches.reach import Reach
from audit.knowledge.points import FACTS
from audit.rulebook import Rulebook

_SAMPLE = 3  # points shown per rule type and kind
_WORDS = 60  # characters shown of a clause


def page(plan: Plan, book: Rulebook, reached: Mapping[int, Reach] | None) -> str:
    """The diff: per rule type the counts, the rules that read it, a sample, the past claims it touches."""
    of = "; ".join(map(str, plan.issues))
    lines = [f"{plan.points:,} points read from {len(plan.files)} files ({of})."]
    if not plan.steps:
        return "\n".join([*lines, "The tables hold all of them already: nothing to import."])
    for rule, kinds in diff.counts(plan.steps).items():
        lines += ["", f"{rule:02d} {types.name_of(rule)}: {_counted(kinds)}; {_fed(rule, book)}"]
        if reached is not None:
            far = reached[rule]
            money = f"{far.lines:,} lines, {far.fen / 100:,.2f} yuan"
            lines.append(f"   touches at most {far.claims:,} past claims ({money}) of {far.nights} nights")
        for kind in kinds:
            of_kind = [step for step in plan.steps if (step.rule_no, step.kind) == (rule, kind)]
            lines += [f"   {kind:<10} {_sentence(step)}" for step in of_kind[:_SAMPLE]]
            if len(of_kind) > _SAMPLE:
                lines.append(f"   {'':<10} and {len(of_kind) - _SAMPLE:,} more")
    return "\n".join(lines)


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


def _counted(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {kind}" for kind, number in kinds.items())


def _fed(rule: int, book: Rulebook) -> str:
    read_by = feeds(rule, book)
    return f"read by {', '.join(read_by)}" if read_by else "no rule reads them yet"


def _sentence(step: Step) -> str:
    row = step.row
    if step.kind == diff.SUPERSEDED:
        return f"{row['point_id']} {row['name']}: holds until {row['valid_to']}"
    said = ", ".join(f"{name} {value}" for name, value in step.parameters.items() if value)
    words = row["clause"] if len(row["clause"]) <= _WORDS else row["clause"][:_WORDS] + "…"
    if step.kind == diff.NEW:
        return f"{row['point_id']} {row['name']} from {row['valid_from']}: codes {len(step.codes)}{f', {said}' if said else ''}: {words}"
    was, now = set(step.older_codes), set(step.codes)
    differing = step.differences()
    parts = [f"codes +{len(now - was)} −{len(was - now)}"] if now != was else []
    parts += [f"{column} {pair[0] or '-'} → {pair[1] or '-'}" for column, pair in differing.items() if column not in ("clause", "test")]
    parts += [f"wording now: {words}"] if differing.keys() & {"clause", "test"} else []
    replaced = f" replaces {row['supersedes']}" if step.kind == diff.CHANGED else ""
    return f"{row['point_id']} {row['name']} from {row['valid_from']}{replaced}: {'; '.join(parts) or 'restated without change'}"
