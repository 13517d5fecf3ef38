"""rules/README.md: which rules there are, and every name a rule may read. Generated, and compared on every check."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from audit import tables
from audit.examples import world
from audit.examples.coverage import coverage
from audit.knowledge.facts import NUMBERS
from audit.knowledge.points import FACTS
from audit.measure import vocabulary
from audit.rulebook import Rulebook
from audit.rulebook.sentence import sentence
from audit.rulebook.sql import FUNCTIONS, INSTEAD

CLASSES = {"policy": "政策", "management": "管理", "medical": "医疗", "local": "local", "retired": "retired"}
# what intake and enrich make besides stored columns and points
MADE = {
    "begn_date": "first day of the claim",
    "end_date": "last day of the claim",
    "claim_hifp_pay": "[fen] the claim's hifp_pay",
    "claim_inscp_amt": "[fen] the claim's inscp_amt",
    "claim_medfee_sumamt": "[fen] the claim's medfee_sumamt",
    "cnt": "quantity",
    "fee_date": "day of service: of fee_ocur_time, else of setl_time",
    "time_known": "whether fee_ocur_time is there and is not exactly midnight",
    "hosp_tier": "3, 2 or 1 from hosp_lv; missing where ungraded or unknown",
    "item_code": "the national code that the billed code is or extends, else the billed code",
    "item_kind": "drug, herb, service or consumable, from the shape of the code, else from list_type",
    "item_is_main": "stands as including item in some pair of national type 25",
    "item_is_part": "stands as included item in some pair of national type 25",
    "is_first_line": "a first-line drug of some second-line drug (national type 5)",
    "has_oprns": "whether operations were sent at all",
}
KEYS = (*NUMBERS, "drug_key", "inst_key", "is_limited", "item_key", "psn_key")  # they change from night to night and mean nothing to a rule
INTRODUCTION = """\
# The rules

Written by `audit check-rules --lock`; do not edit. One rule is one file; the condition `when` is one SQL comparison over the columns
below, with three answers: flagged, clear, *cannot tell* (a value it needs is missing). Numbers that areas may set are parameters
(`tables/parameters.csv`), what they exempt is a list of codes (`tables/exemptions.csv`), lists of items are knowledge points
(`tables/points/`); all are dated, and the service date picks the row.
"""
# method: what `fen` says, and where the money lies
METHODS = {
    "whole": "the whole line, or the whole claim",
    "excess": "`fen`: the part above a limit; a measure lays it on the last lines or days, one finding per line",
    "price_difference": "`fen`: (price less the permitted price) x quantity",
    "discount": "`fen`: the discount that was due and not given",
    "over_cap": "`fen`: the part of a sum of several lines or claims that lies above a cap set for the sum",
    "drg_diff": "`fen`, on a claim: the payment standard of the group settled less that of the right group",
    "exposure": "0: what is at stake is the whole encounter, shown but not claimed",
    "none": "0: no money, the record goes back",
}
AMOUNTS = """\
`amount: whole`, or `amount: {method: excess, fen: over_day_fen}` where `fen` is SQL over the same columns that gives fen. A negative or
missing result is 0, and none exceeds its line (a claim rule: its claim). The part within the fund's scope is the line's own `inscp_amt` in
proportion, else the claim's; the fund's share is that part's share of what the fund paid.

| amount | money of a finding |
|---|---|
"""
NO_STANDARDS = """\
Payment standards of DRG groups are set by each area and none is public, so no measure tells `drg_diff` yet: until an area supplies them
as a dated table, a rule about grouping says `none` and its findings claim no amount.
"""
DRAWING = """\
## Drawing an example

`claims`, `lines`, `diags`, `oprns`, `traces` and `inventory` are tables of national columns, drawn as `a | b`; an empty cell is missing.
Every row that is not listed under `flags` or `cannot_tell` must be clear. In line rules a row is called by its `bkkp_sn` or its number,
in claim rules by its `setl_id`. What is not drawn gets a default that leaves the claim clear:
"""

SOURCES = """\

## Where our own knowledge comes from

What is ours (points called `OWN-`, classes of items, sets of diagnoses and operations, default parameters) was held
against public documents on 2026-11-21; `source` says row by row what bore it out. Codes: the points NHSA published,
else a province's published price catalogue, else the ATC group inside the code; for two substances (对乙酰氨基酚, 丙戊酸) the
group and the initial only. Sexes: the lists of WHO and of the Medicare Code Editor, narrowed where a name of the
insurance edition fits either sex. Law: the Regulation (order 735) as publicly restated; NHSA's own definitions of
framework 1.0. What nothing bore out is gone, in shadow, or suspicious instead of definite. Not read in the original:
today's label of each drug, the guidelines and orders behind types 44, 45, 66 and 73, the book of 2025. Before a
bureau activates a rule its own experts have to hold labels and sets of diagnoses (types 5, 8, 70-74) against current
texts; add the area's integrated price items (types 37, 38, 64, 79, 83, CT and MR know the old ones only); confirm
what makes a blood count (type 26); set the parameters that call themselves defaults, first of all `second_op_ratio`,
`supply_days_*` and `child_years` (POL-007 and MED-080 are definite on it); and supply the invented codes.
"""


def page(book: Rulebook, schemas: tuple[pl.Schema, pl.Schema]) -> str:
    """The whole page as Markdown: rules, SQL, defaults of examples, columns of lines and of claims."""
    defaults = (world.__doc__ or "").split("\n\n", 2)[2]
    rules = [*_rules(book), "", *coverage(book), "", *_said(book)]
    return "\n".join([INTRODUCTION, *rules, "", *_sql(), "", *_amounts(), "", DRAWING, defaults, *_columns(schemas), SOURCES])


def _rules(book: Rulebook) -> Iterator[str]:
    yield f"## {len(book.rules)} rules\n"
    yield "| id | rule | class | type | grain | finding | amount | in force | examples |\n|---|---|---|---|---|---|---|---|---|"
    for rule in book.rules:
        until = f"{rule.effective_from} – {rule.effective_to or ''}".strip()
        code = rule.national_code or rule.local_code
        name = f"{rule.name['zh']} · {rule.name['en']}" + (
            "" if rule.status == "active" else f" ({rule.status}{f': {rule.reason}' if rule.reason else ''})"
        )
        cells = [rule.id, name, CLASSES[rule.folder], code, rule.grain, rule.finding, rule.amount, until, str(len(rule.examples))]
        yield f"| {' | '.join(str(cell) for cell in cells)} |"


def _said(book: Rulebook) -> Iterator[str]:
    yield "## What each rule says\n"
    yield "Made from the condition of each rule and the words for its columns (`audit/words/`).\n"
    yield "| id | 中文 | English |\n|---|---|---|"
    for rule in book.rules:
        said = [sentence(rule.when, language).replace("|", "/") for language in ("zh", "en")]
        yield f"| {rule.id} | {' | '.join(said)} |"


def _sql() -> Iterator[str]:
    yield "## SQL of a condition\n"
    yield "Comparisons, `AND OR NOT`, `BETWEEN`, `IN`, `LIKE`, `ILIKE`, `~`, `IS [NOT] NULL`, `IS DISTINCT FROM`, `CASE`, `+ - * /`, `||`,"
    yield f"dates with `DATE '…'` and `INTERVAL '1 day'`, and the functions {', '.join(f'`{name}`' for name in sorted(FUNCTIONS))}.\n"
    yield "| not this | but |\n|---|---|"
    yield from (f"| `{name}` | {instead} |" for name, instead in sorted(INSTEAD.items()))
    yield "| a date minus a date | a measure that counts days |"
    yield "| `OVER (…)`, subqueries | a measure |\n| `IS [NOT] TRUE` | the comparison itself, or `NOT (…)` |"


def _amounts() -> Iterator[str]:
    yield "## Amounts\n"
    yield AMOUNTS + "\n".join(f"| `{name}` | {money} |" for name, money in METHODS.items())
    yield "\n" + NO_STANDARDS.strip()


def _columns(schemas: tuple[pl.Schema, pl.Schema]) -> Iterator[str]:
    stored = {column.stored: column.meaning for table in reversed(tables.NATIONAL_TABLES.values()) for column in table.columns}
    points = {fact: f"from the knowledge points of national type {number}" for number, facts in FACTS.items() for fact in facts}
    measures = [(name, text) for name, _, text in vocabulary()]  # a name both have: its line measure comes first
    for title, schema, made in (("a line", schemas[0], measures[::-1]), ("a claim", schemas[1], measures)):
        meaning = stored | points | MADE | dict(made)
        yield f"\n## Columns of {title}\n\n| column | type | meaning |\n|---|---|---|"
        for name, dtype in sorted((name, dtype) for name, dtype in schema.items() if name not in KEYS):
            text = meaning.get(name, "parameter, see `tables/parameters.csv`" if name.startswith("p_") else "")
            yield f"| `{name}` | {_kind(dtype)} | {text.replace('|', '/')} |"


def _kind(dtype: pl.DataType) -> str:
    """Types as an analyst says them: time units are the same everywhere."""
    return "Datetime" if isinstance(dtype, pl.Datetime) else str(dtype)
