"""rules/rule.schema.json: what an editor needs to complete and check a rule file while it is written. Generated."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from audit.examples.page import KEYS
from audit.rulebook import drawn, rules
from audit.words import FORMULA

Node = dict[str, Any]
# what each key means to somebody who writes a rule
_MEANING = {
    "id": "Begins the file name; never used again",
    "name": "Short name in both languages",
    "rule_no": "Number of the national rule type, which leads to its knowledge points",
    "national_code": "GZ/ZB code of the national rule type, or 2025-NN; null for a local rule",
    "local_code": "LOCAL_... of a rule without a national type",
    "version": "Raised with every change that can change a finding",
    "status": "draft: examples only; shadow: counted each night; active: findings; retired: kept for the record",
    "finding": "definite 明确违规, or suspicious 可疑",
    "grain": "What is judged",
    "stages": "When it may be asked: before, during or after the service",
    "effective": "First and last service date that the clause binds",
    "clause": "Where the rule comes from, and its words",
    "when": "One SQL condition over the columns of rules/README.md",
    "amount": "What counts as violating money",
    "message": "The sentence of a finding; {column} is filled in",
    "concerned": "Columns that name other lines of the case",
    "evidence": "Further columns to show with a finding",
    "innocent_explanations": "What may look the same and is none; each in both languages, in the same order",
    "reason": "Why the rule is a draft, in shadow or retired",
    "examples": "Drawn rows and the answers expected: one flagged, one clear, one cannot tell at least",
}
_TEXT: Node = {"type": "string", "minLength": 1}
# no formula of a spreadsheet, no markup of a page
_WORDS: Node = {"type": "string", "pattern": rf"^[^\s{''.join(chr(92) + c if c in '-]' else c for c in FORMULA)}]"}
_DAY: Node = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_LABELS: Node = {"type": "array", "items": {"type": ["string", "integer"]}}
_BOTH: Node = {
    "type": "object",
    "properties": {"zh": _WORDS, "en": _WORDS},
    "required": ["zh", "en"],
    "additionalProperties": False,
}


def schema(schemas: tuple[pl.Schema, pl.Schema]) -> str:
    """The JSON Schema of a rule file as text; `schemas`: columns of lines and of claims."""
    columns = sorted({name for frame in schemas for name in frame} - set(KEYS))
    shown: Node = {"type": "array", "items": {"enum": columns}}
    keys: dict[str, Node] = {
        "id": {"type": "string", "pattern": "^[A-Z]"},
        "name": _BOTH,
        "rule_no": {"type": ["integer", "null"], "minimum": 1},
        "national_code": {"type": ["string", "null"], "minLength": 1},
        "local_code": {"type": ["string", "null"], "pattern": "^LOCAL_"},
        "version": {"type": "integer", "minimum": 1},
        "status": {"enum": list(rules.STATUSES)},
        "finding": {"enum": list(rules.SEVERITIES)},
        "grain": {"enum": list(rules.GRAINS)},
        "stages": {"type": "array", "items": {"enum": list(rules.STAGES)}},
        "effective": _object({"from": _DAY, "to": {"anyOf": [_DAY, {"type": "null"}]}}, ["from"]),
        "clause": _object({"source": _WORDS, "text": _WORDS}, ["source", "text"]),
        "when": _TEXT,
        "amount": {
            "anyOf": [
                {"enum": list(rules.PLAIN_AMOUNTS)},
                _object({"method": {"enum": list(rules.METHODS)}, "fen": _TEXT}, ["method", "fen"]),
            ]
        },
        "message": _BOTH,
        "concerned": shown,
        "evidence": shown,
        "innocent_explanations": _object({tongue: {"type": "array", "items": _WORDS} for tongue in ("zh", "en")}, ["zh", "en"]),
        "reason": _WORDS,
        "examples": {"type": "array", "minItems": 1, "items": _example()},
    }
    known = (*rules.REQUIRED, *rules.OPTIONAL)
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A rule of the claims audit",
        "description": "Written by `audit check-rules --lock`; do not edit. `audit check-rules` checks more than a schema can.",
        **_object({key: {"description": _MEANING[key], **keys[key]} for key in known}, list(rules.REQUIRED)),
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _example() -> Node:
    tables = {table: {**_TEXT, "description": f"Rows as `a | b`; columns: {', '.join(columns)}"} for table, columns in drawn.TABLES.items()}
    amounts: Node = {"type": "object", "additionalProperties": {"type": ["number", "string"]}, "description": "Yuan per flagged row"}
    own: dict[str, Node] = {"name": _WORDS, "flags": _LABELS, "cannot_tell": _LABELS, "amounts": amounts}
    return {**_object({**own, **tables}, ["name", "flags"]), "anyOf": [{"required": ["lines"]}, {"required": ["claims"]}]}


def _object(properties: dict[str, Node], required: list[str]) -> Node:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
