"""One SQL expression as a tree and back: DuckDB parses and writes (no parser of ours), and says what an expression makes of values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate
from typing import Any

from audit import engine
from audit.errors import Fault, RuleError, Said

LONGEST, DEEPEST = 2000, 80  # characters and levels of a condition; what lies beyond would keep the linter busy for minutes, or end it
_GUARDS = ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE")


@cache
def _parser() -> engine.duckdb.DuckDBPyConnection:
    return engine.duck()


def parser() -> engine.duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that parses, and answers for single rows of values; a cursor of its own for each caller, whatever its thread."""
    return _parser().cursor()


@cache
def _selected(text: str) -> str:
    return str(parser().execute("SELECT json_serialize_sql(?::VARCHAR)", [f"SELECT {text}"]).fetchall()[0][0])


@cache
def parsed(text: str) -> tuple[dict[str, Any] | None, Said]:
    """The expression as DuckDB parses it, or what is wrong with it."""
    if len(text) > LONGEST:
        en = f"it has {len(text):,} characters, and {LONGEST:,} are the most; make a measure of what repeats"
        return None, Said(f"共 {len(text):,} 个字符，最多 {LONGEST:,} 个；请把重复的部分做成指标", en)
    selected = _selected(text)
    if _depth(selected) > DEEPEST:
        en = "it is nested too deep; write it flatter, or make a measure of a part"
        return None, Said("嵌套过深；请写得平直些，或把其中一部分做成指标", en)
    answer = json.loads(selected)
    if answer.get("error"):
        said = answer.get("error_message", "unreadable")
        return None, Said(f"无法解析（{said}）", said)
    node = answer["statements"][0]["node"]
    if len(node["select_list"]) != 1 or node.get("from_table", {}).get("type", "EMPTY") != "EMPTY" or node.get("where_clause"):
        return None, Said("只写比较式", "write only the comparison")
    return node["select_list"][0], Said("", "")


def _depth(text: str) -> int:
    """How deep JSON nests, told without recursion; brackets in strings count too, which does no harm."""
    opened = accumulate(1 if char in "[{" else -1 for char in re.findall(r"[\[\]{}]", text))
    return max(opened, default=0)


@cache
def tree(text: str) -> dict[str, Any]:
    """The parsed expression, never to be changed in place; RuleError when it is none."""
    found, complaint = parsed(text)
    if found is None:
        raise RuleError(Fault(f"'{text}' 不是一个 SQL 表达式：{complaint.zh}", f"'{text}' is not one SQL expression: {complaint}"))
    return dict(_if_as_case(found))


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
    return tuple(dict.fromkeys(column_name(child) for child, _ in walk(node) if child["class"] == "COLUMN_REF"))


def answers(texts: Sequence[str], values: Mapping[str, object]) -> list[bool | None]:
    """What each expression says of one row of values: true, false, or None for unknown. A missing date is told by its column's name."""
    dates = {name for name, value in values.items() if value is None and name.endswith(("date", "time", "brdy"))}
    row = ", ".join(f'?{"::TIMESTAMP" if name in dates else ""} AS "{name}"' for name in values) or "1"
    asked = f"SELECT {', '.join(f'({text})' for text in texts)} FROM (SELECT {row})"
    return list(parser().execute(asked, list(values.values())).fetchall()[0])


def walk(node: Any, guarded: bool = False) -> Iterator[tuple[dict, bool]]:
    """Every expression node in the order of the text, and whether it stands under IS NULL, COALESCE or the like."""
    if isinstance(node, dict):
        if "class" in node:
            yield node, guarded
            guarded = guarded or node["type"] in _GUARDS
        for child in node.values():
            yield from walk(child, guarded)
    elif isinstance(node, list):
        for child in node:
            yield from walk(child, guarded)


def place_of(node: dict) -> int:
    """Position in the text, in bytes of UTF-8."""
    place = node.get("query_location", 0) - len("SELECT ")
    return place if 0 <= place < 1_000_000 else 0


def column_name(node: dict) -> str:
    """A column as the text names it."""
    return ".".join(node["column_names"])


def arguments(node: dict) -> list[dict]:
    """What a function, or an operator, is given."""
    return [argument.get("expression", argument) for argument in node.get("arguments", node.get("children", []))]
