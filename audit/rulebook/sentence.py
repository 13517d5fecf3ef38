"""A rule's condition as a sentence, in Chinese and in English, made from the parsed SQL and the words for columns and values.

    sentence(when, "zh")   药品限定使用者性别，且参保人性别与药品限定性别不同。有性别不明或性发育异常的诊断的，除外。
    clause(node, "zh")     one part of it (see `parts`)

A clause is what makes the answer *flagged*. A CASE also says what is let off (THEN FALSE) and what leaves the answer open (THEN NULL,
or no ELSE); these follow the clause.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from audit import words
from audit.rulebook import trees
from audit.words import forms

LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Clause:
    """What makes it true (None: nothing does), what is let off, and what leaves it open; each without a full stop. `loose`: it is
    joined from alternatives, so that it needs parentheses among other clauses. `implied`: it is true wherever it is not open, so that
    among other clauses only what is open is said."""

    true: str | None
    false: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    loose: bool = False
    implied: bool = False


def sentence(when: str, language: str) -> str:
    """The condition as one or more sentences. RuleError when it is not one SQL expression."""
    said = _clause(trees.tree(when), True, language)
    told = said.true or {"zh": "从不成立", "en": "it never holds"}[language]
    if language == "zh":
        return "。".join([told, *(f"{c}的，除外" for c in said.false), *(f"{c}的，无法判断" for c in said.open)]) + "。"
    told = ". ".join(["".join([told, *(f", except where {c}" for c in said.false)]), *(f"Cannot tell where {c}" for c in said.open)])
    return f"{told[0].upper()}{told[1:]}."


def clause(node: dict, language: str) -> str:
    """One node of a parsed condition as a clause, its exceptions in parentheses behind it."""
    return _flat(_clause(node, True, language), language)


def value(text: str, language: str) -> str:
    """An expression that makes a value, such as an amount, as a noun."""
    return _noun(trees.tree(text), language)


def _clause(node: dict, holds: bool, language: str) -> Clause:
    """`node` as a clause that says it holds, or that it does not."""
    if node["class"] == "CONJUNCTION":
        both = (node["type"] == "CONJUNCTION_AND") == holds
        return (_all if both else _any)([_clause(child, holds, language) for child in node["children"]], language)
    if node["type"] == "OPERATOR_NOT":
        return _clause(node["children"][0], not holds, language)
    if node["class"] == "CASE" and holds:
        return _case(node, language)
    return Clause(_plain(node, holds, language))


def _all(clauses: list[Clause], language: str) -> Clause:
    never = any(c.true is None for c in clauses)
    told = clauses if never else [c for c in clauses if not c.implied] or clauses
    true = [_enclosed(c.true, language) if c.loose and len(told) > 1 else c.true for c in told if c.true is not None]
    if never:  # a part that never holds only says where the whole stays open: there all the others hold too
        also = [condition for c in clauses if c.true is None for condition in c.open]
        return Clause(None, (), (_joined([*true, *also], language),))
    return Clause(_joined(true, language), tuple(x for c in clauses for x in c.false), tuple(x for c in clauses for x in c.open))


def _any(clauses: list[Clause], language: str) -> Clause:
    """What one arm lets off another may still find, so that stays beside its arm; what is open is open for the whole."""
    arms = [replace(c, open=()) for c in clauses if c.true is not None]
    opened = tuple(x for c in clauses for x in c.open)
    if len(arms) < 2:
        return replace(arms[0], open=opened) if arms else Clause(None, (), opened)
    told = [_flat(arm, language) for arm in arms]
    long = any(comma in arm for arm in told for comma in ("，", ", and "))
    link = {"zh": "；或者" if long else "，或", "en": "; or " if long else ", or "}[language]
    return Clause(link.join(told), (), opened, loose=True)


def _joined(clauses: list[str], language: str) -> str:
    first, last = clauses[:-1], clauses[-1]
    if not first:
        return last
    return f"{'，'.join(first)}，且{last}" if language == "zh" else f"{', '.join(first)}, and {last}"


def _enclosed(text: str, language: str) -> str:
    return f"（{text}）" if language == "zh" else f"({text})"


def _flat(said: Clause, language: str) -> str:
    """The clause with what is let off and what stays open in parentheses behind it."""
    zh = language == "zh"
    notes = [f"{c}的除外" if zh else f"except where {c}" for c in said.false]
    notes += [f"{c}的无法判断" if zh else f"cannot tell where {c}" for c in said.open]
    together = ("；" if zh else "; ").join(notes)
    if said.true is None or not notes:
        return said.true or together
    return said.true + (" " if not zh else "") + _enclosed(together, language)


def _case(node: dict, language: str) -> Clause:
    """Each branch by its result: where it is let off, where it stays open, and where and how it may hold."""
    checks = [(check["when_expr"], check["then_expr"]) for check in node["case_checks"]]
    off = [when for when, then in checks if _fixed(then) == "false"]
    branches: list[tuple[str, Clause | None]] = []
    false, opened = [], []
    for when, then in checks:
        where, result = clause(when, language), _fixed(then)
        if result == "false":
            false.append(where)
        elif result == "null":
            opened.append(where)
        else:
            branches.append((where, None if result == "true" else _clause(then, True, language)))
    otherwise = node.get("else_expr")
    result = _fixed(otherwise)
    if result == "null":
        left = [when for when, _ in checks if when not in off] or off  # what is let off is said already
        unmet = [part for when in left for part in (when["children"] if when["type"] == "CONJUNCTION_OR" else [when])]
        opened.append(_flat(_all([_clause(part, False, language) for part in unmet], language), language))
    elif result != "false":
        anything = Clause({"zh": "其余情形", "en": "anything else"}[language])
        branches.append(("", anything if result == "true" else _clause(otherwise or {}, True, language)))
    if not branches:
        return Clause(None, (), tuple(opened))
    where, only = branches[0]
    if len(branches) > 1:
        told = ("；" if language == "zh" else "; ").join(_branch(where, said, language) for where, said in branches)
        return Clause(told, tuple(false), tuple(opened), loose=True)
    if only is None and result == "null" and off and all(when["type"] in forms.ASKED for when in off):
        missing = _all([_clause(when, False, language) for when in off], language)  # WHEN found THEN FALSE: its absence is the news
        return replace(missing, open=tuple(opened))
    if only is None:  # WHEN where THEN TRUE
        loose = any(_clause(when, True, language).loose for when, then in checks if _fixed(then) == "true")
        return Clause(where, tuple(false), tuple(opened), loose, implied=result == "null")
    said = _all([Clause(where), only], language) if where and result == "false" else only
    return replace(said, false=(*false, *said.false), open=(*opened, *said.open))


def _branch(where: str, said: Clause | None, language: str) -> str:
    if said is None:
        return where
    told = _flat(said, language)
    if language == "zh":
        return f"{where}的，{told}" if where else f"其余的，{told}"
    return f"where {where}, {told}" if where else f"otherwise, {told}"


def _fixed(node: dict | None) -> str:
    """true, false or null for a constant result (an absent ELSE is null); '' for anything else."""
    if node is None:
        return "null"
    if node["class"] != "CONSTANT":
        return ""
    return str(node["literal"]["text"]) if node["literal"]["kind"] == "BOOLEAN" else "null"


def _plain(node: dict, holds: bool, language: str) -> str:
    """A comparison, a column that is true or there, or anything else that is true or false."""
    zh, form = language == "zh", node["type"]
    if node["class"] == "COLUMN_REF":
        return words.truth(trees.columns_of(node)[0], holds, language)
    if node["class"] == "CONSTANT":
        return forms.CONSTANT[(_fixed(node) == "true") == holds][language]
    if form in forms.ASKED:
        (asked,), there = node["children"], (form == "OPERATOR_IS_NOT_NULL") == holds
        if asked["class"] == "COLUMN_REF":
            return words.presence(trees.columns_of(asked)[0], there, language)
        return forms.KNOWN[there][not zh].format(_noun(asked, language))
    if own := words.phrase(trees.text_of(node), holds, language):
        return own
    form, sides = _compared(node)
    if not holds:
        form = forms.OPPOSITE.get(form) or (form.removeprefix("!") if form.startswith("!") else f"!{form}")
    if form in ("COMPARE_EQUAL", "COMPARE_NOTEQUAL") and _fixed(sides[1]) in ("true", "false"):
        return _plain(sides[0], (form == "COMPARE_EQUAL") == (_fixed(sides[1]) == "true"), language)
    if form in forms.ABOVE_ZERO and _is_money(sides[0]) and _text(sides[1]) == "0":
        return words.some(trees.columns_of(sides[0])[0], form == "COMPARE_GREATERTHAN", language)
    if form not in forms.COMPARED:
        return forms.HOLDS[holds][not zh].format(_noun(node, language))
    measured = next(filter(None, map(_unit, sides)), None)
    said = [_noun(side, language, measured) for side in sides]
    if form in ("COMPARE_IN", "COMPARE_NOT_IN"):
        form, said = _listed(form, said, language)
    if form in ("starts_with", "!starts_with") and said[1] in (word[not zh] for word in words.CODES.get(measured or "", {}).values()):
        form = form.replace("starts_with", "of")
    if form in forms.OF_COLUMNS and all(side["class"] == "COLUMN_REF" for side in sides):
        return forms.OF_COLUMNS[form][not zh].format(*said)
    dated = (measured or "").endswith(("_date", "_time", "brdy"))
    return (forms.OF_DATES if dated and form in forms.OF_DATES else forms.COMPARED)[form][not zh].format(*said)


def _listed(form: str, said: list[str], language: str) -> tuple[str, list[str]]:
    """x IN (a, b) with its list as one noun; a list of one is an equality."""
    if len(said) == 2:
        return form.replace("NOT_IN", "NOTEQUAL").replace("COMPARE_IN", "COMPARE_EQUAL"), said
    last = {"zh": "或", "en": " or " if form == "COMPARE_IN" else " nor "}[language]
    return form, [said[0], ("、" if language == "zh" else ", ").join(said[1:-1]) + last + said[-1]]


def _compared(node: dict) -> tuple[str, list[dict]]:
    """How the sides of a comparison are held against each other, and the sides."""
    if node["class"] == "COMPARISON":
        return node["type"], [node["left"], node["right"]]
    if node["class"] == "BETWEEN":
        return node["type"], [node["input"], node["lower"], node["upper"]]
    if node["class"] != "FUNCTION":
        return node["type"], node.get("children", [])
    name, sides = node["function_name"], trees.arguments(node)
    pattern = _text(sides[-1]) or ""
    if name.strip("!*") != "~~" or "_" in pattern or "%" in pattern.strip("%"):
        return {"~~": "like", "!~~": "!like", "~~*": "like", "!~~*": "!like"}.get(name, name), sides
    form = forms.LIKE[pattern[:1] == "%", pattern[-1:] == "%"]
    bare = {**sides[1], "literal": {"kind": "STRING", "text": pattern.strip("%")}}
    return ("!" if name.startswith("!") else "") + form, [sides[0], bare]


def _noun(node: dict, language: str, measured: str | None = None) -> str:
    """A value as a noun: a column by its name, a sum, a bound; a constant is said as a value of the column `measured`."""
    zh = language == "zh"
    if node["class"] == "COLUMN_REF":
        called = words.name(trees.columns_of(node)[0], language)
        return called if zh else f"the {called}"
    if node["class"] == "CONSTANT":
        return _literal(node["literal"], language, measured)
    if node["class"] == "CAST":
        spans = node["type_expr"].get("type_name", "").upper() == "INTERVAL"
        text = _text(node["child"])
        return _noun(node["child"], language, measured) if text is None else _span(text, language) if spans else text
    if node["class"] == "CASE":
        chosen = [(clause(c["when_expr"], language), c["then_expr"]) for c in node["case_checks"]]
        told = [_branch(where, Clause(_noun(then, language, measured)), language) for where, then in (*chosen, ("", node["else_expr"]))]
        return _enclosed(("；" if zh else "; ").join(told), language)
    name, parts = node.get("function_name") or node["type"].removeprefix("OPERATOR_").lower(), trees.arguments(node)
    if name in ("to_days", "to_hours", "to_minutes"):
        return _span(f"{_noun(parts[-1], language)} {name[3:-1]}", language)
    if name == "date_part":
        part, of = forms.DATE_PARTS.get((_text(parts[0]) or "").upper()), _noun(parts[1], language)
        return (f"{of}的{part[0]}" if zh else f"the {part[1]} of {of}") if part else trees.text_of(node)
    spans = parts and parts[-1].get("type_expr", {}).get("type_name") == "INTERVAL"
    key = next((key for key in (f"{name}/{'span' if spans else len(parts)}", name) if key in forms.VALUES), "")
    if not key:
        return trees.text_of(node)
    said = [_noun(part, language, _unit(node)) for part in parts]
    if name in "+-*/":
        arithmetic = [part.get("function_name", "") in tuple("+-*/") and len(trees.arguments(part)) == 2 for part in parts]
        said = [_enclosed(text, language) if inner else text for text, inner in zip(said, arithmetic, strict=True)]
    if len(said) > 2 and name in forms.OF_MANY:
        said = [said[0], forms.AND[language].join(said[1:])]
    return forms.VALUES[key][not zh].format(*said)


def _is_money(node: dict) -> bool:
    """Whether it is a column of fen."""
    return node["class"] == "COLUMN_REF" and trees.columns_of(node)[0].endswith("_fen")


def _unit(node: dict) -> str | None:
    """The column in whose unit a value is counted; None for plain numbers and text."""
    if node["class"] == "COLUMN_REF":
        return trees.columns_of(node)[0]
    if node["class"] == "CAST":
        return _unit(node["child"])
    name = node.get("function_name") or node["type"].removeprefix("OPERATOR_").lower()
    return next(filter(None, map(_unit, trees.arguments(node))), None) if name in forms.KEEP_UNIT else None


def _literal(literal: dict, language: str, measured: str | None) -> str:
    text = literal["text"]
    if literal["kind"] in ("NULL_LITERAL", "BOOLEAN"):
        return words.value("", text or None, language)
    said = words.value(measured, text, language) if measured else text
    if literal["kind"] == "STRING" and text not in words.CODES.get(measured or "", {}):
        return f"“{text}”" if language == "zh" else f'"{text}"'
    return said


def _span(text: str, language: str) -> str:
    """'1 day' as a span of time."""
    number, _, span = text.partition(" ")
    span = span.strip().removesuffix("s")
    return f"{number}{forms.SPANS.get(span, span)}" if language == "zh" else f"{number} {span}{'' if number == '1' else 's'}"


def _text(node: dict) -> str | None:
    """The text of a constant."""
    return str(node["literal"]["text"]) if node["class"] == "CONSTANT" else None
