"""The same questions put to other engines: a rule engine evaluating rows in batch (zen-engine), and DuckDB running the rules' own SQL."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import zen

from audit import engine
from audit.judge import verdicts
from audit.measure import alone
from audit.rulebook import Rule, Rulebook, sql
from audit.rulebook.trees import parsed
from audit.tables import FEE_LIST_D

SQL_TO_ZEN = {
    "COMPARE_EQUAL": "==", "COMPARE_NOTEQUAL": "!=", "COMPARE_GREATERTHAN": ">", "COMPARE_GREATERTHANOREQUALTO": ">=",
    "COMPARE_LESSTHAN": "<", "COMPARE_LESSTHANOREQUALTO": "<=",
}  # fmt: skip


class NoTranslation(Exception):
    """The other engine's language has no word for this; the rule is left out of the comparison."""


def row_wise(book: Rulebook, enriched: set[str]) -> list[Rule]:
    """Line rules whose condition reads nothing but the line itself, its claim, its item's facts and parameters."""
    by_itself = {*enriched, *alone.names(), *FEE_LIST_D.schema}
    return [rule for rule in book.judged() if rule.of_lines and set(sql.parse(rule.when).columns) <= by_itself]


def is_true(node: dict[str, Any], want: bool = True) -> str:
    """ZEN expression that is true where the SQL node is True (or False, if not `want`), and false where it is the other or null.

    ZEN has two answers and no null logic, so *cannot tell* is left out: it has less to do than our rules.
    """
    form, kind = node["class"], node["type"]
    children = node.get("children", [])
    if form == "CONJUNCTION":
        joint = " and " if (kind == "CONJUNCTION_AND") is want else " or "
        return "(" + joint.join(is_true(child, want) for child in children) + ")"
    if kind == "OPERATOR_NOT":
        return is_true(children[0], not want)
    if kind in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"):
        return f"{value(children[0])} {'==' if (kind == 'OPERATOR_IS_NULL') is want else '!='} null"
    if form == "COLUMN_REF":
        return f"{value(node)} == {str(want).lower()}"
    if form == "CONSTANT":
        return str(value(node) == str(want).lower()).lower()
    if form == "CASE":
        check = node["case_checks"][0]
        otherwise = node.get("else_expr")
        other = "false" if otherwise is None else is_true(otherwise, want)
        return f"({is_true(check['when_expr'])} ? {is_true(check['then_expr'], want)} : {other})"
    known = "".join(f"{column} != null and " for column in sorted(columns(node)))
    if form == "COMPARISON":
        said = f"{value(node['left'])} {SQL_TO_ZEN[kind]} {value(node['right'])}"
    elif kind in ("COMPARE_IN", "COMPARE_NOT_IN"):
        inside = ", ".join(value(child) for child in children[1:])
        said = f"{value(children[0])} {'not in' if kind == 'COMPARE_NOT_IN' else 'in'} [{inside}]"
    elif form == "BETWEEN":
        said = f"{value(node['input'])} >= {value(node['lower'])} and {value(node['input'])} <= {value(node['upper'])}"
    elif form == "FUNCTION" and node["function_name"] == "starts_with":
        said = "startsWith(" + ", ".join(value(argument["expression"]) for argument in node["arguments"]) + ")"
    else:
        raise NoTranslation(f"{form} {kind}")
    return f"({known}{said})" if want else f"({known}not({said}))"


def value(node: dict[str, Any]) -> str:
    """ZEN expression for a value: column, constant, arithmetic."""
    form = node["class"]
    if form == "COLUMN_REF":
        return node["column_names"][-1]
    if form == "CONSTANT":
        kind, text = node["literal"]["kind"], node["literal"]["text"]
        return "null" if kind == "NULL_LITERAL" else json.dumps(text, ensure_ascii=False) if kind == "STRING" else text
    if form == "FUNCTION" and node["function_name"] in ("+", "-", "*", "/", "abs"):
        parts = [value(argument["expression"]) for argument in node["arguments"]]
        name = node["function_name"]
        return f"abs({parts[0]})" if name == "abs" else "(" + f" {name} ".join(parts) + ")"
    raise NoTranslation(f"{form} {node['type']}")


def columns(node: Any) -> set[str]:
    """Columns named anywhere under a node."""
    if isinstance(node, dict):
        own = {node["column_names"][-1]} if node.get("class") == "COLUMN_REF" else set()
        return own | {name for child in node.values() for name in columns(child)}
    return {name for child in node for name in columns(child)} if isinstance(node, list) else set()


def translated(rules: list[Rule]) -> dict[str, str]:
    """rule id -> ZEN expression, for the rules its language can say."""
    found = {}
    for rule in rules:
        try:
            found[rule.id] = is_true(parsed(rule.when)[0] or {})
        except (NoTranslation, KeyError):
            print(f"zen-engine cannot say {rule.id}: {rule.when}")
    return found


def zen_in_batch(measured: Path, rules: list[Rule], rows: int) -> dict[str, Any]:
    """Evaluate the rules on `rows` measured lines with zen-engine, the faster of its two ways, and hold its flags against ours.

    Its columns are handed over ready measured, as bytes of JSON made beforehand: only the evaluation is timed.
    """
    said = translated(rules)
    reads = sorted({name for rule in rules if rule.id in said for name in sql.parse(rule.when).columns})
    frame = pl.scan_parquet(measured).filter(pl.col("cnt_e4") > 0)
    judged = verdicts(frame, [rule for rule in rules if rule.id in said], {})
    sample = judged.select(*reads, *(pl.col(rule).alias(f"_{rule}") for rule in said)).head(rows).collect(engine="streaming")
    lines = sample.select(reads).write_ndjson().encode().splitlines()
    outputs = [{"id": rule, "key": rule.replace("-", "_"), "value": text} for rule, text in said.items()]
    single = zen.ZenEngine({"loader": {"type": "static", "content": {"rules": graph(outputs, {})}}})
    over_lines = graph(outputs, {"inputField": "lines", "executionMode": "loop", "outputPath": "lines"})
    looped = zen.ZenEngine({"loader": {"type": "static", "content": {"rules": over_lines}}})

    def one_by_one() -> list[Any]:
        return [answer["data"]["result"] for answer in single.evaluate_batch([{"key": "rules", "context": line} for line in lines])]

    def in_loops() -> list[Any]:
        requests = [{"key": "rules", "context": b'{"lines":[' + b",".join(lines[i : i + 1000]) + b"]}"} for i in range(0, len(lines), 1000)]
        return [row for answer in looped.evaluate_batch(requests) for row in answer["data"]["result"]["lines"]]

    timed = {way.__name__: clock(way) for way in (one_by_one, in_loops)}
    seconds, answers = min(timed.values(), key=lambda pair: pair[0])
    flags = {rule: sum(bool(row[rule.replace("-", "_")]) for row in answers) for rule in said}
    differ = sorted(rule for rule in said if flags[rule] != int(sample[f"_{rule}"].sum() or 0))
    ways = {name: pair[0] for name, pair in timed.items()}
    left_out = [rule.id for rule in rules if rule.id not in said]
    return {"rules": len(said), "rows": len(lines), "seconds": seconds, "ways": ways, "differ": differ, "left_out": left_out}


def graph(outputs: list[dict[str, str]], loop: dict[str, str]) -> dict[str, Any]:
    """A JDM graph: input, one expression node with a line per rule, output."""
    content = {"expressions": outputs, "passThrough": False} | ({"executionMode": "single"} | loop)
    return {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode", "content": {}},
            {"id": "rules", "name": "rules", "type": "expressionNode", "content": content},
            {"id": "out", "name": "out", "type": "outputNode", "content": {}},
        ],
        "edges": [{"id": "1", "sourceId": "in", "targetId": "rules"}, {"id": "2", "sourceId": "rules", "targetId": "out"}],
    }


def clock(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and result, the better of two runs."""
    best, result = float("inf"), None
    for _ in range(2):
        started = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - started)
    return best, result


def duck_judges(measured: list[Path], rules: list[Rule], at_once: bool) -> tuple[float, int]:
    """Seconds and flagged (row, rule) pairs of DuckDB running every rule's SQL over the same Parquet files, with dates in force.

    One statement per rule, as rules kept in SQL are run, or (`at_once`) all in one statement and one pass.
    """
    con = engine.duck(memory_limit="4GB")
    day = "fee_date" if rules[0].of_lines else "setl_time::DATE"
    within = "AND cnt_e4 > 0" if rules[0].of_lines else ""
    in_force = {rule.id: f"{day} BETWEEN DATE '{rule.effective_from}' AND DATE '{rule.effective_to or '9999-12-31'}'" for rule in rules}
    answers = {rule.id: f'({in_force[rule.id]} {within} AND ({rule.when})) AS "{rule.id}"' for rule in rules}
    files = ", ".join(f"'{path}'" for path in measured)

    def statement(ids: list[str]) -> str:
        flagged = " + ".join(f'coalesce("{name}"::INT, 0)' for name in ids)
        unknown = ", ".join(f'count(*) FILTER ("{name}" IS NULL)' for name in ids)
        return f"SELECT sum({flagged}), {unknown} FROM (SELECT {', '.join(answers[name] for name in ids)} FROM read_parquet([{files}]))"

    statements = [statement(list(answers))] if at_once else [statement([name]) for name in answers]
    seconds, rows = clock(lambda: [con.execute(query).fetchall()[0] for query in statements])
    con.close()
    return seconds, sum(int(row[0] or 0) for row in rows)


def we_judge(measured: list[Path], rules: list[Rule]) -> tuple[float, int]:
    """The same on our engine: verdicts of every rule, flagged pairs and rows without an answer counted."""
    judged = verdicts(pl.scan_parquet(measured), rules, {})
    flagged = pl.sum_horizontal(pl.col(rule.id).fill_null(False).cast(pl.Int64) for rule in rules).sum().alias("flagged")
    unknown = [pl.col(rule.id).null_count().alias(f"{rule.id}?") for rule in rules]
    seconds, counted = clock(lambda: engine.stream(judged.select(flagged, *unknown)))
    return seconds, int(counted["flagged"][0])
