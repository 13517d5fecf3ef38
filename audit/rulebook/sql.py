"""What a rule may compare: one SQL expression over named columns, from the subset on which Polars and DuckDB agree.

DuckDB parses (no parser of ours); the tree is then held against a list of permitted forms. Everything else is refused with
what to use instead: some forms differ silently between the engines on missing values, others cost a window per rule.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

from audit import engine
from audit.errors import RuleError

FUNCTIONS = (
    "abs", "greatest", "least", "coalesce", "ifnull", "nullif", "if", "starts_with", "substr", "left", "lower", "upper", "trim",
    "length", "concat", "date_part", "extract", "cast",
)  # fmt: skip
# how the parser names operators, and what it makes of ~ and of INTERVAL '1 day'
_OPERATORS = (
    "+", "-", "*", "/", "||", "~~", "!~~", "~~*", "!~~*", "regexp_matches", "to_days", "to_hours", "to_minutes", "trunc",
)  # fmt: skip
_FORMS = ("CONJUNCTION", "COMPARISON", "COLUMN_REF", "CONSTANT", "OPERATOR", "FUNCTION", "CAST", "CASE", "BETWEEN", "TYPE")
_GUARDS = ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE")
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


LONGEST, DEEPEST = 2000, 80  # characters and levels of a condition; what lies beyond would keep the linter busy for minutes, or end it


@cache
def _parser() -> engine.duckdb.DuckDBPyConnection:
    return engine.duck()


def parser() -> engine.duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that parses, and answers for single rows of values; a cursor of its own for each caller, whatever its thread."""
    return _parser().cursor()


@cache
def parse(text: str) -> Expression:
    """Read one SQL expression; what is not permitted comes back as faults, never as an exception."""
    faults = list(_banned_words(text))
    tree, complaint = _tree(text)
    if tree is None:
        return Expression((), (), (), (), (*faults, (0, f"not one SQL expression: {complaint}")), ())
    nodes = list(_walk(tree))
    if not faults:
        faults += [fault for child, _ in nodes for fault in _refuse(child)]
    columns = [(_name(child), guarded) for child, guarded in nodes if child["class"] == "COLUMN_REF"]
    return Expression(
        columns=tuple(dict.fromkeys(name for name, _ in columns)),
        deciding=tuple(dict.fromkeys(name for name, guarded in columns if not guarded)),
        asked=tuple(dict.fromkeys(_asked(nodes))),
        demanded=tuple(dict.fromkeys(_demanded(tree))),
        faults=tuple(faults),
        minus=tuple(_subtractions(nodes)),
    )


@cache
def _selected(text: str) -> str:
    return str(parser().execute("SELECT json_serialize_sql(?::VARCHAR)", [f"SELECT {text}"]).fetchall()[0][0])


@cache
def _tree(text: str) -> tuple[dict[str, Any] | None, str]:
    """The parsed expression, or what is wrong with it."""
    if len(text) > LONGEST:
        return None, f"it has {len(text):,} characters, and {LONGEST:,} are the most; make a measure of what repeats"
    selected = _selected(text)
    if _depth(selected) > DEEPEST:
        return None, "it is nested too deep; write it flatter, or make a measure of a part"
    answer = json.loads(selected)
    if answer.get("error"):
        return None, answer.get("error_message", "unreadable")
    node = answer["statements"][0]["node"]
    if len(node["select_list"]) != 1 or node.get("from_table", {}).get("type", "EMPTY") != "EMPTY" or node.get("where_clause"):
        return None, "write only the comparison"
    return node["select_list"][0], ""


def _depth(text: str) -> int:
    """How deep JSON nests, told without recursion; brackets in strings count too, which does no harm."""
    opened = accumulate((char in "[{") - (char in "]}") for char in text if char in "[]{}")
    return max(opened, default=0)


@cache
def tree(text: str) -> dict[str, Any]:
    """The parsed expression, never to be changed in place; RuleError when it is none."""
    parsed, complaint = _tree(text)
    if parsed is None:
        raise RuleError(f"'{text}' is not one SQL expression: {complaint}")
    return dict(_if_as_case(parsed))


def _if_as_case(node: Any) -> Any:
    """The same tree with every if(p, a, b) written as CASE WHEN p THEN a ELSE b END."""
    if isinstance(node, list):
        return [_if_as_case(child) for child in node]
    if not isinstance(node, dict):
        return node
    if node.get("function_name") == "if":
        when, then, otherwise = (_if_as_case(argument) for argument in arguments(node))
        frame = {"class": "CASE", "type": "CASE_EXPR", "alias": "", "query_location": node["query_location"]}
        return {**frame, "case_checks": [{"when_expr": when, "then_expr": then}], "else_expr": otherwise}
    return {key: _if_as_case(child) for key, child in node.items()}


def written(trees: list[dict[str, Any]]) -> list[str]:
    """Trees as SQL again."""
    frame, hole = _selected("1"), json.dumps(tree("1"), separators=(",", ":"))
    whole = [frame.replace(hole, json.dumps(one)) for one in trees]
    texts = parser().execute("SELECT [json_deserialize_sql(one::JSON) FOR one IN ?::VARCHAR[]]", [whole]).fetchall()[0][0]
    return [_unbracketed(text.removeprefix("SELECT ")) for text in texts]


def text_of(node: dict[str, Any]) -> str:
    """One tree as SQL again."""
    return _text(json.dumps(node))


@cache
def _text(node: str) -> str:
    return written([json.loads(node)])[0]


def _unbracketed(text: str) -> str:
    """Without a pair of brackets round the whole."""
    depth = 0
    for at, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if not depth and at < len(text) - 1:
            return text
    return text[1:-1] if text.startswith("(") else text


def columns_of(node: dict) -> tuple[str, ...]:
    """The columns that a node reads, in order."""
    return tuple(dict.fromkeys(_name(child) for child, _ in _walk(node) if child["class"] == "COLUMN_REF"))


def answers(texts: Sequence[str], values: Mapping[str, object]) -> list[bool | None]:
    """What each expression says of one row of values: true, false, or None for unknown. A missing date is told by its column's name."""
    dates = {name for name, value in values.items() if value is None and name.endswith(("date", "time", "brdy"))}
    row = ", ".join(f'?{"::TIMESTAMP" if name in dates else ""} AS "{name}"' for name in values) or "1"
    asked = f"SELECT {', '.join(f'({text})' for text in texts)} FROM (SELECT {row})"
    return list(parser().execute(asked, list(values.values())).fetchall()[0])


def _banned_words(text: str) -> Iterator[tuple[int, str]]:
    bare = re.sub(r"'(?:[^']|'')*'", lambda quoted: "'" + " " * (len(quoted.group()) - 2) + "'", text)
    for pattern, sentence in _BANNED_WORDS:
        for found in re.finditer(pattern, bare, re.IGNORECASE):
            yield found.start(), sentence or _not_permitted(found.group(1).lower())


def _not_permitted(name: str) -> str:
    instead = f"; use {INSTEAD[name]}" if name in INSTEAD else f"; permitted are {', '.join(sorted(FUNCTIONS))}, and measures"
    called = f"the function {name}()" if name.isidentifier() else f"the operator {name}"
    return f"{called} is not permitted in a rule{instead}"


def _walk(node: Any, guarded: bool = False) -> Iterator[tuple[dict, bool]]:
    """Every expression node in the order of the text, and whether it stands under IS NULL, COALESCE or the like."""
    if isinstance(node, dict):
        if "class" in node:
            yield node, guarded
            guarded = guarded or node["type"] in _GUARDS
        for child in node.values():
            yield from _walk(child, guarded)
    elif isinstance(node, list):
        for child in node:
            yield from _walk(child, guarded)


def _asked(nodes: list[tuple[dict, bool]]) -> Iterator[str]:
    """Columns under IS [NOT] NULL in the conditions of a CASE: how a rule says that it cannot tell without them."""
    for case, _ in nodes:
        for check in case.get("case_checks", ()):
            for child, guarded in _walk(check["when_expr"]):
                if guarded and child["class"] == "COLUMN_REF":
                    yield _name(child)


def _demanded(tree: dict) -> Iterator[str]:
    """Columns under IS NOT NULL among the parts that AND joins at the top."""
    if tree["type"] == "CONJUNCTION_AND":
        for part in tree["children"]:
            yield from _demanded(part)
    elif tree["type"] == "OPERATOR_IS_NOT_NULL" and tree["children"][0]["class"] == "COLUMN_REF":
        yield _name(tree["children"][0])


def _at(node: dict) -> int:
    """Position in the text, in bytes of UTF-8."""
    place = node.get("query_location", 0) - len("SELECT ")
    return place if 0 <= place < 1_000_000 else 0


def _name(node: dict) -> str:
    return ".".join(node["column_names"])


def _refuse(node: dict) -> Iterator[tuple[int, str]]:
    form, kind = node["class"], node["type"]
    if form == "SUBQUERY":
        yield _at(node), "a subquery is not permitted; use a column made in enrich or a measure"
    elif form == "WINDOW":
        yield _at(node), "a window (OVER) costs one pass per rule; use a measure"
    elif form not in _FORMS or kind in ("ARRAY_EXTRACT", "ARRAY_SLICE", "ARRAY_CONSTRUCTOR", "STRUCT_EXTRACT", "COMPARE_NOT_IN_SUBQUERY"):
        yield _at(node), f"{form.lower().replace('_', ' ')} is not permitted in a rule; use a measure"
    elif form == "COLUMN_REF" and _name(node).lower() in ("current_date", "current_timestamp", "localtime"):
        yield _at(node), "today's date is not permitted in a rule: the service date (fee_date) decides"
    elif form == "FUNCTION":
        name = node["function_name"]
        if name not in FUNCTIONS and name not in _OPERATORS and name != "substring":
            yield _at(node), _not_permitted(name)
        elif name == "/" and not _cannot_be_zero(arguments(node)[-1]):
            yield _at(node), "the engines differ on division by zero: divide by nullif(x, 0) or by a number"


def arguments(node: dict) -> list[dict]:
    return [argument.get("expression", argument) for argument in node.get("arguments", node.get("children", []))]


def _cannot_be_zero(node: dict) -> bool:
    return node["class"] == "CONSTANT" or node.get("function_name") == "nullif"


def _subtractions(nodes: list[tuple[dict, bool]]) -> Iterator[tuple[int, frozenset[str]]]:
    for node, _ in nodes:
        if node["class"] != "FUNCTION" or node["function_name"] != "-" or len(arguments(node)) != 2:
            continue
        left, right = (list(_as_value(side)) for side in arguments(node))
        if not any(name.startswith("(interval)") for name in right):
            yield _at(node), frozenset(left + right)


def _as_value(node: dict) -> Iterator[str]:
    """Columns whose own value reaches this place: extract(year FROM x) is a number, whatever x is."""
    if node["class"] == "COLUMN_REF":
        yield _name(node)
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
