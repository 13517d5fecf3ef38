"""A condition written slightly wrong: every comparison turned, every part left out, every limit moved by one unit.

Examples that are worth their lines tell each of these from the condition itself, and flag a row by each way to a violation.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from audit.errors import Said
from audit.knowledge.points import FACT_TYPES
from audit.rulebook import logic, trees

TURNED = {
    "COMPARE_LESSTHAN": "COMPARE_LESSTHANOREQUALTO",
    "COMPARE_LESSTHANOREQUALTO": "COMPARE_LESSTHAN",
    "COMPARE_GREATERTHAN": "COMPARE_GREATERTHANOREQUALTO",
    "COMPARE_GREATERTHANOREQUALTO": "COMPARE_GREATERTHAN",
    "COMPARE_EQUAL": "COMPARE_NOTEQUAL",
    "COMPARE_NOTEQUAL": "COMPARE_EQUAL",
    "COMPARE_DISTINCT_FROM": "COMPARE_NOT_DISTINCT_FROM",
    "COMPARE_NOT_DISTINCT_FROM": "COMPARE_DISTINCT_FROM",
    "OPERATOR_IS_NULL": "OPERATOR_IS_NOT_NULL",
    "OPERATOR_IS_NOT_NULL": "OPERATOR_IS_NULL",
}
SIDES = {"COMPARISON": ("left", "right"), "BETWEEN": ("lower", "upper")}
Node = dict[str, Any]
Unit = Callable[[str], str]
Path = tuple[str | int, ...]  # the keys and numbers that lead from a tree to one of its nodes
Change = tuple[Said, list[Node], Node]  # words with {} for each of the nodes they show, those nodes, and what the node becomes


@dataclass(frozen=True)
class Mutant:
    """`text` is another condition, `how` says where it differs from the right one."""

    how: Said
    text: str


def mutants(whens: Sequence[str], unit: Unit) -> list[list[Mutant]]:
    """The mutants of each condition. `unit`: the least step of a limit's column, written as a number.

    A part that asks whether the item carries a fact stays, because lint demands it.
    """
    made = [(number, change) for number, when in enumerate(whens) for change in _whole(trees.tree(when), unit)]
    texts = iter(trees.written([node for _, (_, shown, tree) in made for node in (*shown, tree)]))
    found: list[list[Mutant]] = [[] for _ in whens]
    for number, (words, shown, _) in made:
        told = [next(texts) for _ in shown]
        found[number].append(Mutant(Said(words.zh.format(*told), words.format(*told)), next(texts)))
    return found


def ways(whens: Sequence[str]) -> list[list[Mutant]]:
    """Each condition cut down to one of its ways to be true, where it has several: a part of OR, a branch of CASE."""
    made = [(number, *way) for number, when in enumerate(whens) for way in _ways(trees.tree(when))]
    texts = iter(trees.written([node for _, *way in made for node in way]))
    found: list[list[Mutant]] = [[] for _ in whens]
    for number, *_ in made:
        shown = next(texts)
        found[number].append(Mutant(Said(shown, shown), next(texts)))
    return found


def _ways(tree: Node) -> Iterator[tuple[Node, Node]]:
    """(a way to be true, the whole tree with this way only)."""
    for path, node in _places(tree):
        straight = not any(_at(tree, path[:end]).get("type") == "OPERATOR_NOT" for end in range(len(path)) if path[end] == "children")
        if straight and len(cut := list(_cut(node))) > 1:
            yield from ((shown, _replaced(tree, path, only)) for shown, only in cut)


def _cut(node: Node) -> Iterator[tuple[Node, Node]]:
    """(a way to be true, the node with this way only)."""
    if node["type"] == "CONJUNCTION_OR":
        yield from ((part, part) for part in node["children"] if not logic.never(part))
    elif node["class"] == "CASE":
        shut = [{**check, "then_expr": logic.FALSE} for check in node["case_checks"]]
        for number, check in enumerate(node["case_checks"]):
            if not logic.never(check["then_expr"]):
                only = [*shut[:number], check, *shut[number + 1 :]]
                yield check["when_expr"], {**node, "case_checks": only, "else_expr": logic.FALSE}
        if not logic.never(node["else_expr"]):
            yield node["else_expr"], {**node, "case_checks": shut}


def _whole(tree: Node, unit: Unit) -> Iterator[Change]:
    """Each change of some node, as a change of the whole tree."""
    for path, node in _places(tree):
        for sentence, shown, changed in _changes(node, unit):
            yield sentence, shown, _replaced(tree, path, changed)


def _at(tree: Node, path: Path) -> Any:
    place: Any = tree
    for step in path:
        place = place[step]
    return place


def _replaced(tree: Any, path: Path, changed: Node) -> Any:
    """The tree with another node at `path`; what lies beside the path is shared with the old tree."""
    if not path:
        return changed
    copied = tree.copy()
    copied[path[0]] = _replaced(tree[path[0]], path[1:], changed)
    return copied


def _places(node: Any, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every expression node with the way to it."""
    if isinstance(node, dict):
        if "class" in node:
            yield path, node
        for key, child in node.items():
            yield from _places(child, (*path, key))
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from _places(child, (*path, number))


def _changes(node: Node, unit: Unit) -> Iterator[Change]:
    form, kind = node["class"], node["type"]
    if kind in TURNED:
        yield _read_as(node, {**node, "type": TURNED[kind]})
    elif kind == "COMPARE_IN" or (form == "FUNCTION" and node["function_name"] in ("starts_with", "~~", "regexp_matches")):
        yield _read_as(node, {"class": "OPERATOR", "type": "OPERATOR_NOT", "alias": "", "children": [node]})
    if kind == "COMPARE_IN" and len(node["children"]) > 2:
        for number, value in enumerate(node["children"][1:], start=1):
            yield Said("从 '{1}' 中去掉 {0}", "without {} in '{}'"), [value, node], _without(node, number)
    if form == "CONJUNCTION":
        for number, part in enumerate(node["children"]):
            if not (kind == "CONJUNCTION_AND" and _demanded(part)):
                yield Said("去掉 '{}' 这一部分", "without the part '{}'"), [part], _without(node, number)
    if form == "CASE":
        yield from _branches(node)
    for side in SIDES.get(form, ()):
        if step := _step(node[side], unit):
            for sign in (1, -1):
                yield _read_as(node, {**node, side: _moved(node[side], sign, step)})


def _branches(case: Node) -> Iterator[Change]:
    """Each branch of a CASE left out, and an only branch taken always."""
    checks = case["case_checks"]
    branch = Said("去掉 WHEN '{}' 这一支", "without the branch WHEN '{}'")
    for check in checks:
        rest = [other for other in checks if other is not check]
        yield branch, [check["when_expr"]], {**case, "case_checks": rest} if rest else case["else_expr"]
    if len(checks) == 1:
        yield Said("不问 '{}'", "without asking '{}'"), [checks[0]["when_expr"]], checks[0]["then_expr"]


def _read_as(node: Node, changed: Node) -> Change:
    return Said("把 '{}' 读作 '{}'", "with '{}' read as '{}'"), [node, changed], changed


def _without(node: Node, number: int) -> Node:
    rest = [child for place, child in enumerate(node["children"]) if place != number]
    return rest[0] if node["class"] == "CONJUNCTION" and len(rest) == 1 else {**node, "children": rest}


def _demanded(part: Node) -> bool:
    """`item_x IS NOT NULL`, without which lint refuses the rule."""
    return part["type"] == "OPERATOR_IS_NOT_NULL" and part["children"][0].get("column_names", [""])[-1] in FACT_TYPES


def _step(side: Node, unit: Unit) -> str:
    """One unit of a limit: a number other than 0 (0 only asks for some or none), a parameter, a number of a knowledge point; else ''."""
    if side["class"] == "CONSTANT":
        number = side["literal"]["kind"] in ("INTEGER", "DECIMAL", "DOUBLE") and Decimal(side["literal"]["text"])
        return format(Decimal(1).scaleb(min(int(number.as_tuple().exponent), 0)), "f") if number else ""
    names = [".".join(child["column_names"]) for _, child in _places(side) if child["class"] == "COLUMN_REF"]
    limits = [name for name in names if name.startswith("p_") or (name in FACT_TYPES and FACT_TYPES[name].is_numeric())]
    return unit(limits[0]) if limits else ""


def _moved(side: Node, sign: int, step: str) -> Node:
    if side["class"] == "CONSTANT":
        text = str(Decimal(side["literal"]["text"]) + sign * Decimal(step))
        return trees.tree(text) if sign > 0 or not text.startswith("-") else trees.tree(f"({text})")
    moved = copy.deepcopy(trees.tree(f"x {'+' if sign > 0 else '-'} {step}"))
    next(place for place in moved["arguments"] if place["expression"]["class"] == "COLUMN_REF")["expression"] = side
    return moved
