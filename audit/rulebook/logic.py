"""What a condition shows without any data: that it is never true, always true, says a thing twice, or adds nothing to another rule.

Only what is certain is said. A condition is read as parts joined by AND; a part that compares one column with fixed values leaves
some values possible, and a column that none can satisfy is a contradiction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from audit.errors import Fault, Said
from audit.rulebook import trees
from audit.rulebook.possible import Possible, Value
from audit.rulebook.rules import Rule

Node = dict[str, Any]
NEGATED = {
    "COMPARE_LESSTHAN": "COMPARE_GREATERTHANOREQUALTO",
    "COMPARE_GREATERTHANOREQUALTO": "COMPARE_LESSTHAN",
    "COMPARE_GREATERTHAN": "COMPARE_LESSTHANOREQUALTO",
    "COMPARE_LESSTHANOREQUALTO": "COMPARE_GREATERTHAN",
    "COMPARE_EQUAL": "COMPARE_NOTEQUAL",
    "COMPARE_NOTEQUAL": "COMPARE_EQUAL",
    "OPERATOR_IS_NULL": "OPERATOR_IS_NOT_NULL",
    "OPERATOR_IS_NOT_NULL": "OPERATOR_IS_NULL",
}
MIRRORED = {
    "COMPARE_LESSTHAN": "COMPARE_GREATERTHAN",
    "COMPARE_GREATERTHAN": "COMPARE_LESSTHAN",
    "COMPARE_LESSTHANOREQUALTO": "COMPARE_GREATERTHANOREQUALTO",
    "COMPARE_GREATERTHANOREQUALTO": "COMPARE_LESSTHANOREQUALTO",
}
FALSE: Node = trees.tree("FALSE")
Meaning = tuple[Any, str, str, list[Value]]


def faults_of(rule: Rule) -> Iterator[Fault]:
    """Sentences about one condition."""
    here, tree = (rule.file, rule.lines["when"]), trees.tree(rule.when)
    if never(tree):
        why = _because(tree)
        zh = f"when：条件永远不成立{why.zh}，规则什么也发现不了；请改正本意不同的那个比较。"
        yield Fault(
            zh, f"when: this can never be true{why}, so the rule finds nothing; mend the comparison that is meant otherwise.", *here
        )
    elif always(tree):
        en = "when: this is always true, so the rule flags every row; write what makes a row a violation."
        yield Fault("when：条件永远成立，规则会标记每一行；请写明什么才算违规。", en, *here)
    else:
        for node in _nodes(tree):
            if node["type"] == "CONJUNCTION_OR":
                for part in (part for part in _flat(node, "CONJUNCTION_OR") if never(part) and not _answers(part)):
                    why, shown = _because(part), _shown(part)
                    zh = f"when：'{shown}' 这一部分永远不成立{why.zh}；请改正或删去。"
                    yield Fault(zh, f"when: the part '{shown}' can never be true{why}; mend it or leave it out.", *here)
    for node in _nodes(tree):
        if node["class"] == "CONJUNCTION":
            parts = [(_key(part), part) for part in _flat(node, node["type"])]
            first = dict(reversed(parts))
            for key in first:
                if sum(key == other for other, _ in parts) > 1:
                    shown = _shown(first[key])
                    yield Fault(f"when：'{shown}' 出现两次；请只留一个。", f"when: the part '{shown}' stands twice; keep one.", *here)


def shadowed(rules: Iterable[Rule]) -> Iterator[Fault]:
    """Sentences about active rules that can flag only rows another one flags too, with the same grain, amount and severity."""
    active = [rule for rule in rules if rule.status == "active"]
    parts = {rule.id: [_meaning(part) for part in conjuncts(trees.tree(rule.when))] for rule in active}
    for rule in active:
        for other in active:
            alike = (rule.grain, rule.amount, rule.amount_fen, rule.finding) == (other.grain, other.amount, other.amount_fen, other.finding)
            if rule.id == other.id or not alike or not _outlasts(other, rule):
                continue
            if all(any(_implies(one, wanted) for one in parts[rule.id]) for wanted in parts[other.id]):
                both = all(any(_implies(one, wanted) for one in parts[other.id]) for wanted in parts[rule.id])
                if both and rule.id < other.id and _outlasts(rule, other):
                    continue  # the same twice: told once, of the later
                zh = f"when：它发现的每一行 {other.id} 也会发现，金额相同；请停用其中一条，或使两者互斥。"
                en = f"when: every row this finds is found by {other.id} as well, with the same amount"
                yield Fault(zh, f"{en}; retire one of the two, or make them exclude each other.", rule.file, rule.lines["when"])


def never(tree: Node) -> bool:
    """Whether the condition cannot be true, whatever the values."""
    kind = tree["type"]
    if kind == "CONJUNCTION_OR":
        return all(map(never, tree["children"]))
    if tree["class"] == "CASE" and len(tree["case_checks"]) > 1:
        branches = [_and(check["when_expr"], check["then_expr"]) for check in tree["case_checks"]]
        return all(map(never, [*branches, tree["else_expr"]]))
    parts = list(conjuncts(tree))
    if parts == [tree]:
        known = kind == "VALUE_CONSTANT" and tree["literal"]["kind"] in ("BOOLEAN", "NULL_LITERAL")
        return not _literal(tree) if known else _impossible(parts)
    return any(map(never, parts)) or _impossible(parts)


def always(tree: Node) -> bool:
    """Whether the condition is true wherever it can be told."""
    kind = tree["type"]
    if kind == "CONJUNCTION_AND":
        return all(map(always, tree["children"]))
    if kind == "CONJUNCTION_OR":
        parts = list(_flat(tree, kind))
        return any(map(always, parts)) or _impossible([_not(part) for part in parts])
    if tree["class"] == "CASE":
        return all(map(always, [*(check["then_expr"] for check in tree["case_checks"]), tree["else_expr"]]))
    if kind == "OPERATOR_NOT":
        return never(tree["children"][0])
    return (kind == "VALUE_CONSTANT" and _literal(tree) is True) or _impossible([_not(tree)])


def conjuncts(tree: Node) -> Iterator[Node]:
    """The parts that are all true where the whole is: those joined by AND, and what CASE WHEN a THEN b END asks."""
    if tree["type"] == "CONJUNCTION_AND":
        for part in tree["children"]:
            yield from conjuncts(part)
    elif tree["class"] == "CASE" and len(tree["case_checks"]) == 1 and never(tree["else_expr"]):
        yield from conjuncts(tree["case_checks"][0]["when_expr"])
        yield from conjuncts(tree["case_checks"][0]["then_expr"])
    else:
        yield tree


def _impossible(parts: list[Node]) -> bool:
    """Whether the parts cannot hold together: one is another's opposite, or they leave a column no value."""
    keys = {_key(part) for part in parts}
    columns: dict[tuple[str, type | None], Possible] = {}
    for part in parts:
        if part["class"] != "CONSTANT" and _key(_not(part)) in keys:
            return True
        name, kind, values = _meaning(part)[1:]
        if kind == "FIXED" and not values[0]:
            return True
        if name:
            columns.setdefault((name, type(values[0]) if values else None), Possible()).add(kind, values)
    nulls = {name for (name, _), left in columns.items() if left.missing}
    there = {name for (name, _), left in columns.items() if left.missing is False}
    return bool(nulls & there) or any(left.none() for left in columns.values())


def _meaning(part: Node) -> Meaning:
    """(key, column, kind, values) of a part that compares one column with fixed values; column '' where it is none."""
    key, node, turned = _key(part), part, False
    while node["type"] == "OPERATOR_NOT":
        node, turned = node["children"][0], not turned
    kind = node["type"]
    if node["class"] == "COLUMN_REF":
        return key, _name(node), "COMPARE_EQUAL", [not turned]
    if kind in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL") and node["children"][0]["class"] == "COLUMN_REF":
        return key, _name(node["children"][0]), NEGATED[kind] if turned else kind, []
    if kind == "COMPARE_IN" and node["children"][0]["class"] == "COLUMN_REF":
        values = [_literal(child) for child in node["children"][1:]]
        if None not in values:
            return key, _name(node["children"][0]), "COMPARE_NOT_IN" if turned else kind, values  # type: ignore[return-value]
    if node["class"] == "COMPARISON" and kind in NEGATED:
        left, right = _literal(node["left"]), _literal(node["right"])
        kind = NEGATED[kind] if turned else kind
        if node["left"]["class"] == "COLUMN_REF" and right is not None:
            return key, _name(node["left"]), kind, [right]
        if node["right"]["class"] == "COLUMN_REF" and left is not None:
            return key, _name(node["right"]), MIRRORED.get(kind, kind), [left]
        if left is not None and right is not None:
            same = Possible(listed={left})
            same.add(kind, [right])
            return key, "", "FIXED", [not same.none()]
    return key, "", "", []


def _implies(one: Meaning, wanted: Meaning) -> bool:
    """Whether a part that is true makes the wanted one true."""
    key, name, kind, values = one
    if key == wanted[0]:
        return True
    if not name or name != wanted[1] or (wanted[3] and {type(v) for v in values} != {type(v) for v in wanted[3]}):
        return False
    if wanted[2] == "OPERATOR_IS_NOT_NULL":
        return kind != "OPERATOR_IS_NULL"
    opposite = {**NEGATED, "COMPARE_IN": "COMPARE_NOT_IN", "COMPARE_NOT_IN": "COMPARE_IN"}.get(wanted[2])
    left = Possible()
    left.add(kind, values)
    if not opposite or wanted[2] == "OPERATOR_IS_NULL":
        return False
    left.add(opposite, wanted[3])
    return left.none()


def _not(part: Node) -> Node:
    if part["type"] == "OPERATOR_NOT":
        return part["children"][0]
    if part["type"] in NEGATED:
        return {**part, "type": NEGATED[part["type"]]}
    return {**FALSE, "class": "OPERATOR", "type": "OPERATOR_NOT", "children": [part]}


def _and(*parts: Node) -> Node:
    return {"class": "CONJUNCTION", "type": "CONJUNCTION_AND", "alias": "", "children": list(parts)}


def _answers(part: Node) -> bool:
    """A part such as CASE WHEN x THEN FALSE END: it is there to tell clear from cannot tell."""
    return part["class"] == "CASE" or any(map(_answers, part.get("children", [])))


def _outlasts(other: Rule, rule: Rule) -> bool:
    begun = other.effective_from <= rule.effective_from
    return begun and (other.effective_to is None or (rule.effective_to is not None and rule.effective_to <= other.effective_to))


def _because(tree: Node) -> Said:
    parts = [part for part in conjuncts(tree) if part["class"] != "CASE"]
    for number, part in enumerate(parts):
        for other in parts[:number]:
            if _impossible([other, part]):
                one, two = _shown(other), _shown(part)
                return Said(f"（'{one}' 与 '{two}' 互斥）", f" ('{one}' and '{two}' exclude each other)")
    return Said("", "")


def _literal(node: Node) -> Value | None:
    """The fixed value of a number, text, date (as its text) or truth value."""
    if node["class"] == "CAST":
        return _literal(node["child"]) if node["type_expr"].get("type_name", "").upper() in ("DATE", "TIMESTAMP") else None
    if node["class"] != "CONSTANT":
        return None
    kind, text = node["literal"]["kind"], node["literal"]["text"]
    if kind in ("INTEGER", "DECIMAL", "DOUBLE"):
        return Decimal(text)
    return {"BOOLEAN": str(text).lower() == "true", "STRING": text}.get(kind)


def _nodes(node: Any) -> Iterator[Node]:
    if isinstance(node, dict):
        if "class" in node:
            yield node
        for child in node.values():
            yield from _nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from _nodes(child)


def _flat(node: Node, kind: str) -> Iterator[Node]:
    for part in node["children"]:
        yield from _flat(part, kind) if part["type"] == kind else [part]


def _name(node: Node) -> str:
    return ".".join(node["column_names"])


def _key(node: Any) -> Any:
    """What makes two parts the same: their tree without places, the column of a comparison with a fixed value left."""
    if isinstance(node, list):
        return tuple(map(_key, node))
    if not isinstance(node, dict):
        return node
    if node.get("class") == "COMPARISON" and _literal(node["left"]) is not None and _literal(node["right"]) is None:
        node = {**node, "type": MIRRORED.get(node["type"], node["type"]), "left": node["right"], "right": node["left"]}
    return tuple((name, _key(child)) for name, child in sorted(node.items()) if not name.startswith("query_location"))


def _shown(node: Node) -> str:
    return trees.written([node])[0]
