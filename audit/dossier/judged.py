"""A finding told from stored pieces alone, without a lake: the rule as its text of that night says it, and the comparison it made.

So an old case can be shown with the rule it was judged by, whatever has become of the rule since.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from audit import words
from audit.rulebook import read_text
from audit.rulebook.parts import Part, condition
from audit.rulebook.sentence import LANGUAGES, sentence, value
from audit.rulebook.trees import answers

Row = dict[str, Any]


def changed(kept: Row, now: dict[str, tuple[int, str]]) -> Row | None:
    """What became of a rule since that night, as {zh, en}; None when it is the same, or nothing is known of today's rules.

    kept: a row of rule_texts. now: today's rules, id -> (version, fingerprint), as `audit.rulebook.locked` reads them.
    """
    if not now or now.get(kept["rule_id"]) == (kept["rule_version"], kept["fingerprint"]):
        return None
    if kept["rule_id"] not in now:
        return {
            "zh": "该规则现已不在规则库中；此处按当晚原文显示。",
            "en": "The rule is no longer in the rulebook; it is shown as it was that night.",
        }
    version = now[kept["rule_id"]][0]
    return {
        "zh": f"该规则现为第{version}版；此处按当晚的第{kept['rule_version']}版原文显示。",
        "en": f"The rule is now version {version}; it is shown as it was that night, in version {kept['rule_version']}.",
    }


def rule(kept: Row) -> Row:
    """A row of rule_texts as plain values: id, version, file, name {zh, en}, clause {source, text}, when (the condition as written), says
    (the condition in words, {zh, en}), method (of the amount), amount (in words, {zh, en}, or None), innocent_explanations {zh, en}."""
    text = read_text(kept["text"], kept["file"])
    amount = text["amount"]
    fen = amount["fen"] if isinstance(amount, dict) else None
    return {
        "id": kept["rule_id"],
        "version": kept["rule_version"],
        "file": kept["file"],
        "name": text["name"],
        "clause": text["clause"],
        "when": " ".join(text["when"].split()),
        "says": {language: sentence(text["when"], language) for language in LANGUAGES},
        "method": amount["method"] if isinstance(amount, dict) else amount,
        "amount": {language: value(fen, language) for language in LANGUAGES} if fen else None,
        "innocent_explanations": _innocent(text.get("innocent_explanations") or []),
    }


def _innocent(kept: dict[str, list[str]] | list[str]) -> dict[str, list[str]]:
    """By language. An older text has one list, in Chinese, which then stands for both."""
    return {language: kept for language in LANGUAGES} if isinstance(kept, list) else kept


def comparison(text: str, evidence: Row) -> Row:
    """The condition of a rule's text as a tree, answered by a finding's evidence (column -> JSON value).

    Each part: says {zh, en}, sql, answer (True, False, None = unknown), joint (how its parts are joined: all, any, case), parts, and in a
    comparison without parts the values it read: column, value, name {zh, en}, said {zh, en}.
    """
    whole = condition(read_text(text, "")["when"])
    parts = whole.walk()
    told = dict(zip(map(id, parts), answers([part.sql for part in parts], {name: _typed(v) for name, v in evidence.items()}), strict=True))

    def build(part: Part) -> Row:
        read = [] if part.parts else part.columns
        values = [{"column": c, "value": evidence.get(c), **_said(c, evidence.get(c))} for c in read]
        return {
            "says": part.says, "sql": part.sql, "answer": told[id(part)], "joint": part.joint, "values": values,
            "parts": [build(inner) for inner in part.parts],
        }  # fmt: skip

    return build(whole)


def _said(column: str, raw: object) -> Row:
    return {
        "name": {language: words.name(column, language) for language in LANGUAGES},
        "said": {language: words.value(column, raw, language) for language in LANGUAGES},
    }


def _typed(value: Any) -> Any:
    """Evidence is JSON: dates and times are text there."""
    if isinstance(value, str) and value[4:5] == "-":
        for kind in (date, datetime):
            try:
                return kind.fromisoformat(value)
            except ValueError:
                continue
    return value
