"""What a rule may compare: one SQL expression over named columns, from the subset on which Polars and DuckDB agree.

Its tree is held against a list of permitted forms. Everything else is refused with
what to use instead: some forms differ silently between the engines on missing values, others cost a window per rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from audit.rulebook.trees import arguments, column_name, parsed, place_of, walk

FUNCTIONS = (
    "abs", "greatest", "least", "coalesce", "ifnull", "nullif", "if", "starts_with", "substr", "left", "lower", "upper", "trim",
    "length", "concat", "date_part", "extract", "cast",
)  # fmt: skip
# how the parser names operators, and what it makes of ~ and of INTERVAL '1 day'
_OPERATORS = (
    "+", "-", "*", "/", "||", "~~", "!~~", "~~*", "!~~*", "regexp_matches", "to_days", "to_hours", "to_minutes", "trunc",
)  # fmt: skip
_FORMS = ("CONJUNCTION", "COMPARISON", "COLUMN_REF", "CONSTANT", "OPERATOR", "FUNCTION", "CAST", "CASE", "BETWEEN", "TYPE")
INSTEAD = {
    "strpos": "LIKE '%x%'",
    "date_diff": "a measure that counts days, such as stay_days",
    "datediff": "a measure that counts days, such as stay_days",
    "date_trunc": "a measure, or extract(year FROM x)",
    "regexp_matches": "the operator ~",
    "regexp_like": "the operator ~",
    "contains": "LIKE '%x%'",
    "bool_or": "a measure",
    "count": "a measure",
    "sum": "a measure",
    "year": "extract(year FROM x)",
    "month": "extract(month FROM x)",
    "day": "extract(day FROM x)",
    "hour": "extract(hour FROM x)",
    "round": "a comparison with a bound (the engines round halves to different sides)",
    "//": "a measure (the engines differ on negative numbers)",
    "%": "a measure (the engines differ on negative numbers)",
    "now": "fee_date (never today's date)",
    "today": "fee_date (never today's date)",
}
_BANNED_WORDS = (
    (r"\bIS\s+(NOT\s+)?(TRUE|FALSE)\b", "IS TRUE and IS NOT TRUE turn 'missing' into an answer; write the comparison itself or NOT (...)"),
    (r"\bOVER\s*\(", "a window (OVER) costs one pass per rule; use a measure"),
    (r"\b(regexp_matches|regexp_like|regexp_full_match|strpos|contains)\s*\(", None),
    (r"\b(to_days|to_hours|to_minutes|trunc)\s*\(", None),
    (r"\b(SELECT|EXISTS)\b", "a subquery is not permitted; use a column made in enrich or a measure"),
    (r"--|/\*", "no comments inside the expression"),
    (r"\[", "list elements are not permitted; use a measure"),
)


@dataclass(frozen=True)
class Expression:
    """`columns` in order of appearance; `deciding` those read by value, not only asked whether they are there; `asked` those that
    a CASE asks whether they are there; `demanded` those without which the whole is false (x IS NOT NULL AND ...); `faults` (position
    in the text, sentence); `minus` the columns of each subtraction."""

    columns: tuple[str, ...]
    deciding: tuple[str, ...]
    asked: tuple[str, ...]
    demanded: tuple[str, ...]
    faults: tuple[tuple[int, str], ...]
    minus: tuple[tuple[int, frozenset[str]], ...]


@cache
def parse(text: str) -> Expression:
    """Read one SQL expression; what is not permitted comes back as faults, never as an exception."""
    faults = list(_banned_words(text))
    tree, complaint = parsed(text)
    if tree is None:
        return Expression((), (), (), (), (*faults, (0, f"not one SQL expression: {complaint}")), ())
    nodes = list(walk(tree))
    if not faults:
        faults += [fault for child, _ in nodes for fault in _refuse(child)]
    columns = [(column_name(child), guarded) for child, guarded in nodes if child["class"] == "COLUMN_REF"]
    return Expression(
        columns=tuple(dict.fromkeys(name for name, _ in columns)),
        deciding=tuple(dict.fromkeys(name for name, guarded in columns if not guarded)),
        asked=tuple(dict.fromkeys(_asked(nodes))),
        demanded=tuple(dict.fromkeys(_demanded(tree))),
        faults=tuple(faults),
        minus=tuple(_subtractions(nodes)),
    )


def _banned_words(text: str) -> Iterator[tuple[int, str]]:
    bare = re.sub(r"'(?:[^']|'')*'", lambda quoted: "'" + " " * (len(quoted.group()) - 2) + "'", text)
    for pattern, sentence in _BANNED_WORDS:
        for found in re.finditer(pattern, bare, re.IGNORECASE):
            yield found.start(), sentence or _not_permitted(found.group(1).lower())


def _not_permitted(name: str) -> str:
    instead = f"; use {INSTEAD[name]}" if name in INSTEAD else f"; permitted are {', '.join(sorted(FUNCTIONS))}, and measures"
    called = f"the function {name}()" if name.isidentifier() else f"the operator {name}"
    return f"{called} is not permitted in a rule{instead}"


def _asked(nodes: list[tuple[dict, bool]]) -> Iterator[str]:
    """Columns under IS [NOT] NULL in the conditions of a CASE: how a rule says that it cannot tell without them."""
    for case, _ in nodes:
        for check in case.get("case_checks", ()):
            for child, guarded in walk(check["when_expr"]):
                if guarded and child["class"] == "COLUMN_REF":
                    yield column_name(child)


def _demanded(tree: dict) -> Iterator[str]:
    """Columns under IS NOT NULL among the parts that AND joins at the top."""
    if tree["type"] == "CONJUNCTION_AND":
        for part in tree["children"]:
            yield from _demanded(part)
    elif tree["type"] == "OPERATOR_IS_NOT_NULL" and tree["children"][0]["class"] == "COLUMN_REF":
        yield column_name(tree["children"][0])


def _refuse(node: dict) -> Iterator[tuple[int, str]]:
    form, kind = node["class"], node["type"]
    if form == "SUBQUERY":
        yield place_of(node), "a subquery is not permitted; use a column made in enrich or a measure"
    elif form == "WINDOW":
        yield place_of(node), "a window (OVER) costs one pass per rule; use a measure"
    elif form not in _FORMS or kind in ("ARRAY_EXTRACT", "ARRAY_SLICE", "ARRAY_CONSTRUCTOR", "STRUCT_EXTRACT", "COMPARE_NOT_IN_SUBQUERY"):
        yield place_of(node), f"{form.lower().replace('_', ' ')} is not permitted in a rule; use a measure"
    elif form == "COLUMN_REF" and column_name(node).lower() in ("current_date", "current_timestamp", "localtime"):
        yield place_of(node), "today's date is not permitted in a rule: the service date (fee_date) decides"
    elif form == "FUNCTION":
        name = node["function_name"]
        if name not in FUNCTIONS and name not in _OPERATORS and name != "substring":
            yield place_of(node), _not_permitted(name)
        elif name == "/" and not _cannot_be_zero(arguments(node)[-1]):
            yield place_of(node), "the engines differ on division by zero: divide by nullif(x, 0) or by a number"


def _cannot_be_zero(node: dict) -> bool:
    return node["class"] == "CONSTANT" or node.get("function_name") == "nullif"


def _subtractions(nodes: list[tuple[dict, bool]]) -> Iterator[tuple[int, frozenset[str]]]:
    for node, _ in nodes:
        if node["class"] != "FUNCTION" or node["function_name"] != "-" or len(arguments(node)) != 2:
            continue
        left, right = (list(_as_value(side)) for side in arguments(node))
        if not any(name.startswith("(interval)") for name in right):
            yield place_of(node), frozenset(left + right)


def _as_value(node: dict) -> Iterator[str]:
    """Columns whose own value reaches this place: extract(year FROM x) is a number, whatever x is."""
    if node["class"] == "COLUMN_REF":
        yield column_name(node)
    elif node["class"] == "CAST":
        kind = node["type_expr"].get("type_name", "").upper()
        if kind in ("DATE", "TIMESTAMP", "INTERVAL"):
            yield f"({kind.lower()})"
        else:
            yield from _as_value(node["child"])
    elif node["class"] == "FUNCTION" and node["function_name"].startswith("to_"):
        yield "(interval)"
    elif node["class"] == "FUNCTION" and node["function_name"] not in ("date_part", "length"):
        for argument in arguments(node):
            yield from _as_value(argument)
