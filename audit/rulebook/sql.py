"""What a rule may compare: one SQL expression over named columns, from the subset on which Polars and DuckDB agree.

Its tree is held against a list of permitted forms. Everything else is refused with
what to use instead: some forms differ silently between the engines on missing values, others cost a window per rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from audit.errors import Said
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
_MEASURE = Said("指标", "a measure")
_OF_DAYS = Said("计天数的指标，如 stay_days", "a measure that counts days, such as stay_days")
_NEGATIVE = Said("指标（两个引擎对负数的结果不同）", "a measure (the engines differ on negative numbers)")
_SERVICE_DATE = Said("fee_date（不能用当天日期）", "fee_date (never today's date)")
_LIKE, _REGULAR = Said("LIKE '%x%'", "LIKE '%x%'"), Said("运算符 ~", "the operator ~")
INSTEAD = {
    "strpos": _LIKE,
    "date_diff": _OF_DAYS,
    "datediff": _OF_DAYS,
    "date_trunc": Said("指标，或 extract(year FROM x)", "a measure, or extract(year FROM x)"),
    "regexp_matches": _REGULAR,
    "regexp_like": _REGULAR,
    "contains": _LIKE,
    "bool_or": _MEASURE,
    "count": _MEASURE,
    "sum": _MEASURE,
    **{part: Said(f"extract({part} FROM x)", f"extract({part} FROM x)") for part in ("year", "month", "day", "hour")},
    "round": Said("与界限比较（两个引擎对半数的舍入方向不同）", "a comparison with a bound (the engines round halves to different sides)"),
    "//": _NEGATIVE,
    "%": _NEGATIVE,
    "now": _SERVICE_DATE,
    "today": _SERVICE_DATE,
}
_TRUTH = Said(
    "IS TRUE 和 IS NOT TRUE 会把“缺失”当成答案；请直接写比较式，或写 NOT (...)",
    "IS TRUE and IS NOT TRUE turn 'missing' into an answer; write the comparison itself or NOT (...)",
)
_WINDOW = Said("窗口函数（OVER）会让每条规则多扫描一遍；请用指标", "a window (OVER) costs one pass per rule; use a measure")
_SUBQUERY = Said("不允许子查询；请用 enrich 产生的列或指标", "a subquery is not permitted; use a column made in enrich or a measure")
_BANNED_WORDS = (
    (r"\bIS\s+(NOT\s+)?(TRUE|FALSE)\b", _TRUTH),
    (r"\bOVER\s*\(", _WINDOW),
    (r"\b(regexp_matches|regexp_like|regexp_full_match|strpos|contains)\s*\(", None),
    (r"\b(to_days|to_hours|to_minutes|trunc)\s*\(", None),
    (r"\b(SELECT|EXISTS)\b", _SUBQUERY),
    (r"--|/\*", Said("表达式中不能有注释", "no comments inside the expression")),
    (r"\[", Said("不允许取列表元素；请用指标", "list elements are not permitted; use a measure")),
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
    faults: tuple[tuple[int, Said], ...]
    minus: tuple[tuple[int, frozenset[str]], ...]


@cache
def parse(text: str) -> Expression:
    """Read one SQL expression; what is not permitted comes back as faults, never as an exception."""
    faults = list(_banned_words(text))
    tree, complaint = parsed(text)
    if tree is None:
        unread = Said(f"不是一个 SQL 表达式：{complaint.zh}", f"not one SQL expression: {complaint}")
        return Expression((), (), (), (), (*faults, (0, unread)), ())
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


def _banned_words(text: str) -> Iterator[tuple[int, Said]]:
    bare = re.sub(r"'(?:[^']|'')*'", lambda quoted: "'" + " " * (len(quoted.group()) - 2) + "'", text)
    for pattern, sentence in _BANNED_WORDS:
        for found in re.finditer(pattern, bare, re.IGNORECASE):
            yield found.start(), sentence or _not_permitted(found.group(1).lower())


def _not_permitted(name: str) -> Said:
    listed = ", ".join(sorted(FUNCTIONS))
    zh, en = f"；可用的有 {listed} 和指标", f"; permitted are {listed}, and measures"
    if name in INSTEAD:
        zh, en = f"；可改用：{INSTEAD[name].zh}", f"; use {INSTEAD[name]}"
    of_zh, of_en = (f"函数 {name}()", f"the function {name}()") if name.isidentifier() else (f"运算符 {name}", f"the operator {name}")
    return Said(f"规则中不允许{of_zh}{zh}", f"{of_en} is not permitted in a rule{en}")


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


def _refuse(node: dict) -> Iterator[tuple[int, Said]]:
    form, kind = node["class"], node["type"]
    if form == "SUBQUERY":
        yield place_of(node), _SUBQUERY
    elif form == "WINDOW":
        yield place_of(node), _WINDOW
    elif form not in _FORMS or kind in ("ARRAY_EXTRACT", "ARRAY_SLICE", "ARRAY_CONSTRUCTOR", "STRUCT_EXTRACT", "COMPARE_NOT_IN_SUBQUERY"):
        called = form.lower().replace("_", " ")
        yield place_of(node), Said(f"规则中不允许 {called}；请用指标", f"{called} is not permitted in a rule; use a measure")
    elif form == "COLUMN_REF" and column_name(node).lower() in ("current_date", "current_timestamp", "localtime"):
        en = "today's date is not permitted in a rule: the service date (fee_date) decides"
        yield place_of(node), Said("规则中不允许用当天日期：以服务日期（fee_date）为准", en)
    elif form == "FUNCTION":
        name = node["function_name"]
        if name not in FUNCTIONS and name not in _OPERATORS and name != "substring":
            yield place_of(node), _not_permitted(name)
        elif name == "/" and not _cannot_be_zero(arguments(node)[-1]):
            en = "the engines differ on division by zero: divide by nullif(x, 0) or by a number"
            yield place_of(node), Said("两个引擎对除以零的结果不同：请除以 nullif(x, 0) 或除以一个数字", en)


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
