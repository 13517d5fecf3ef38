"""The rulebook held against the columns it may read: an empty typed table in both engines is the linter.

On no rows at all Polars and DuckDB already name unknown columns, wrong types and results that are not true or false. What
slips past both (a date minus a date) is found from the types of the columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl

from audit import engine
from audit.errors import Fault, Said
from audit.knowledge.points import FACT_TYPES
from audit.rulebook import drawn, logic, sql
from audit.rulebook.rules import Example, Rule, Rulebook
from audit.rulebook.strict import did_you_mean
from audit.words import NAMES

Schema = Mapping[str, pl.DataType]
Made = tuple[str, str]  # what an expression makes, such as boolean or number, and the engine's complaint when it makes nothing

# a message may also speak of the finding itself: its money, and the knowledge point that explain hangs on it
OF_THE_FINDING = (
    "vola_amt", "vola_inscp_amt", "vola_fund_amt", "rule_id", "name", "point_id", "clause", "test", "batch", "published",
)  # fmt: skip
LISTED = Said("列名见 rules/README.md", "Names are listed in rules/README.md")
_RESULTS = {"boolean": Said("真或假", "true or false"), "number": Said("以分为单位的数字", "a number of fen")}


class Unanswerable(Fault):
    """An engine refuses the expression, or makes something else of it than a rule needs: its examples cannot be judged."""


def lint(book: Rulebook, line_schema: Schema, claim_schema: Schema) -> list[Fault]:
    """Every fault of the rulebook that only the vocabulary can show: column -> dtype of measured lines and claims."""
    schemas = {True: dict(line_schema), False: dict(claim_schema)}
    alive = [rule for rule in book.rules if rule.status != "retired"]
    types = {
        of_lines: _made([rule for rule in alive if rule.of_lines is of_lines and not _unknown(rule, schema)], schema)
        for of_lines, schema in schemas.items()
    }
    faults: list[Fault] = []
    for rule in alive:
        schema = schemas[rule.of_lines]
        faults += _names(rule, schema, book.folder)
        faults += [] if _unknown(rule, schema) else _types(rule, schema, types[rule.of_lines])
        faults += _demands(rule)
        faults += _unnamed(rule, schema)
        faults += logic.faults_of(rule)
        faults += _examples(rule)
    return faults + list(logic.shadowed(book.rules))


def _unknown(rule: Rule, schema: Schema) -> list[str]:
    return [name for name in rule.read if name not in schema and name not in OF_THE_FINDING]


def _names(rule: Rule, schema: Schema, folder: Path) -> Iterator[Fault]:
    spoken = {key: drawn.placeholders(text) for key, text in rule.message.items()}
    used: list[tuple[str, Iterable[str]]] = [
        ("when", sql.parse(rule.when).columns),
        ("amount", sql.parse(rule.amount_fen).columns if rule.amount_fen else ()),
        ("concerned", rule.concerned),
        ("evidence", rule.evidence),
        *(("message", names) for names in spoken.values()),
    ]
    known = [*schema, *OF_THE_FINDING]
    for key, names in used:
        for name in names:
            if name == "":
                en = "the message holds a placeholder that is not a plain column name; write {column}."
                yield Fault("告知中的占位符不是单纯的列名；请写作 {列名}。", en, rule.file, rule.lines[key])
            elif name not in schema and not (key == "message" and name in OF_THE_FINDING):
                near = did_you_mean(name, known)
                zh, en = (
                    f"没有名为 '{name}' 的列或指标{near.zh or '。'}{LISTED.zh}。",
                    f"no column or measure is called '{name}'{near} {LISTED}.",
                )
                yield Fault(zh, en, rule.file, _line_of(rule, key, name, folder))


def _demands(rule: Rule) -> Iterator[Fault]:
    """A rule that reads facts of the item must be clear where the item carries none."""
    when = sql.parse(rule.when)
    facts = [name for name in when.columns if name in FACT_TYPES]
    if facts and not set(facts) & set(when.demanded):
        begin = f"{facts[0]} IS NOT NULL AND"
        zh = f"when：多数项目没有 {facts[0]}；请以 '{begin}' 开头，使其他项目的明细判为未发现，而不是无法判定。"
        en = f"when: most items carry no {facts[0]}; begin with '{begin}', so that lines of other items are clear and not in doubt."
        yield Fault(zh, en, rule.file, rule.lines["when"])


def _unnamed(rule: Rule, schema: Schema) -> Iterator[Fault]:
    """A rule can be said in words only if every column it reads has a name."""
    for name in rule.read:
        if name in schema and name not in NAMES:
            where = rule.lines["when" if name in sql.parse(rule.when).columns else "message"]
            home = "items.py" if name.startswith("item_") else "made.py"
            zh = f"列 {name} 没有中文名；请在 audit/words/{home} 中为它写上“中文 | 英文”。"
            yield Fault(zh, f"no Chinese name for column {name}; write 'Chinese | English' for it in audit/words/{home}.", rule.file, where)


def _line_of(rule: Rule, key: str, name: str, folder: Path) -> int:
    """The line on which `name` stands, from the key on."""
    text = (folder / rule.folder / rule.file.rsplit("/", 1)[-1]).read_text(encoding="utf-8").splitlines()
    start = rule.lines[key]
    word = re.compile(rf"\b{re.escape(name)}\b")
    return next((number for number, row in enumerate(text, start=1) if number >= start and word.search(row)), start)


def _types(rule: Rule, schema: Schema, types: dict[str, tuple[Made, Made]]) -> Iterator[Fault]:
    wanted = [("when", rule.when, "boolean")] + ([("amount", rule.amount_fen, "number")] if rule.amount_fen else [])
    for key, text, result in wanted:
        for _, names in sql.parse(text).minus:
            dated = sorted(name for name in names if name in ("(date)", "(timestamp)") or (name in schema and schema[name].is_temporal()))
            if dated:
                listed = ", ".join(dated)
                zh = f"{key}：日期相减（{listed}）在两个引擎中含义不同；请用计天数的指标，如 stay_days。"
                en = f"{key}: subtracting dates ({listed}) means different things to the engines"
                yield Fault(zh, f"{en}; use a measure that counts days, such as stay_days.", rule.file, rule.lines[key])
        for name, (dtype, complaint) in zip(("Polars", "DuckDB"), types[text], strict=True):
            if complaint:
                yield Unanswerable(
                    f"{key}：{name} 不接受：{complaint}", f"{key}: {name} refuses it: {complaint}", rule.file, rule.lines[key]
                )
            elif dtype != result:
                zh = f"{key}：结果应为{_RESULTS[result].zh}，但 {name} 得到 {dtype}。"
                en = f"{key}: the result must be {_RESULTS[result]}, but {name} makes {dtype}."
                yield Unanswerable(zh, en, rule.file, rule.lines[key])


def _made(rules: list[Rule], schema: Schema) -> dict[str, tuple[Made, Made]]:
    """What Polars and DuckDB make of each condition and amount, on no rows of `schema`."""
    texts = list(dict.fromkeys(text for rule in rules for text in (rule.when, rule.amount_fen) if text))
    empty = pl.DataFrame(schema=schema)
    with engine.duck() as con:
        con.register("empty", empty.to_arrow())
        by_polars = _asked(lambda some: _polars_types(some, empty), texts)
        return dict(zip(texts, zip(by_polars, _asked(lambda some: _duck_types(some, con), texts), strict=True), strict=True))


def _asked(ask: Callable[[list[str]], list[str]], texts: list[str]) -> list[Made]:
    """The type of each text. An engine refuses all of them because of one, so then they are asked in halves."""
    try:
        return [(dtype, "") for dtype in ask(texts)]
    except (pl.exceptions.PolarsError, engine.duckdb.Error) as refused:
        half = len(texts) // 2
        return _asked(ask, texts[:half]) + _asked(ask, texts[half:]) if half else [("", str(refused).split("\n")[0])]


def _polars_types(texts: list[str], empty: pl.DataFrame) -> list[str]:
    made = empty.select(pl.sql_expr(text).alias(str(number)) for number, text in enumerate(texts)).dtypes
    return ["boolean" if dtype == pl.Boolean else "number" if dtype.is_numeric() else str(dtype) for dtype in made]


def _duck_types(texts: list[str], con: engine.Duck) -> list[str]:
    asked = ", ".join(f'({text}) AS "{number}"' for number, text in enumerate(texts))
    made = [str(row[1]) for row in con.execute(f"DESCRIBE SELECT {asked} FROM empty").fetchall()] if texts else []
    number = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|DOUBLE|FLOAT|DECIMAL")
    return ["boolean" if dtype == "BOOLEAN" else "number" if number.match(dtype) else dtype for dtype in made]


def _examples(rule: Rule) -> Iterator[Fault]:
    here = rule.file, rule.lines["examples"]
    names = [example.name for example in rule.examples]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault(f"有两个示例都叫 '{name}'。", f"two examples are called '{name}'.", *here)
    if not any(example.flags for example in rule.examples):
        yield Fault("没有判为违规的示例；请画一个规则必须发现的。", "no example is flagged; draw one that the rule must find.", *here)
    if not any(example.cannot_tell for example in rule.examples):
        en = "no example lists cannot_tell; draw one in which the deciding value is missing (an empty cell)."
        yield Fault("没有列出 cannot_tell 的示例；请画一个缺少决定性数值（空格）的。", en, *here)
    if rule.amount_fen and not any(example.amounts for example in rule.examples):
        en = "no example says what the amount is; add amounts, such as amounts: {1: 30.00}, worked out by hand."
        yield Fault("没有写明金额的示例；请加上手工算出的 amounts，如 amounts: {1: 30.00}。", en, *here)
    if not any(_has_clear(rule, example) for example in rule.examples):
        en = "no example is clear; draw a near miss that the rule must leave alone."
        yield Fault("没有判为未发现的示例；请画一个差一点就违规、规则不应触及的。", en, *here)


def _has_clear(rule: Rule, example: Example) -> bool:
    table = example.tables.get("lines") if rule.of_lines else example.tables.get("claims", example.tables.get("lines"))
    if table is None:
        return False
    labels = {row["setl_id"] for row in table.rows} if not rule.of_lines and "setl_id" in table.columns else range(len(table.rows))
    return len(labels) > len(example.flags) + len(example.cannot_tell)
