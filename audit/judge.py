"""Every rule on every measured line and claim, in one pass: flagged, clear, or cannot tell and why.

A rule is one boolean expression, so all rules together are one select over the lazy frame; only rows with some hit leave it,
with the values the rules read. A verdict that is missing is never clear: it is counted under the first deciding value that is
missing. Text, identifiers and money shares are made afterwards, on the few hits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import polars as pl

from audit import engine as engines
from audit import tables
from audit.engine import Engine
from audit.knowledge.facts import NUMBERS, Facts
from audit.rulebook import Rule, Rulebook, sql

FINDINGS: dict[str, pl.DataType] = {
    "jr_id": pl.String(),
    "setl_id": pl.String(),
    "mdtrt_id": pl.String(),
    "psn_no": pl.String(),
    "fixmedins_code": pl.String(),
    "bkkp_sn": pl.String(),
    "concerned_bkkp_sn": pl.List(pl.String()),
    "rule_id": pl.String(),
    "rule_version": pl.Int64(),
    "status": pl.String(),
    "national_code": pl.String(),
    "local_code": pl.String(),
    "sev_deg": pl.String(),
    "vola_amt": pl.Int64(),
    "vola_inscp_amt": pl.Int64(),
    "vola_fund_amt": pl.Int64(),
    "line_amt": pl.Int64(),
    "evidence": pl.String(),
    "rule_no": pl.Int64(),
    "med_list_codg": pl.String(),
    "fee_date": pl.Date(),
}
CANNOT_TELL: dict[str, pl.DataType] = {
    "rule_id": pl.String(),
    "rule_version": pl.Int64(),
    "grain": pl.String(),
    "missing": pl.String(),
    "why": pl.String(),
    "rows": pl.Int64(),
}
_MONEY = ("det_item_fee_sumamt", "inscp_amt", "medfee_sumamt")
_IDS = ("setl_id", "mdtrt_id", "psn_no", "fixmedins_code")
CLAIM_MONEY = (  # of a claim: what the shares of its findings are worked out from
    pl.col("medfee_sumamt").alias("claim.medfee"),
    pl.col("inscp_amt").alias("claim.inscp"),
    pl.coalesce("hifp_pay", "fund_pay_sumamt").alias("claim.fund"),
)
_MEANINGS = {column.stored: column.meaning for table in tables.NATIONAL_TABLES.values() for column in table.columns}


def judge(
    lines: pl.LazyFrame,
    limited: pl.LazyFrame,
    claims: pl.LazyFrame,
    facts: Facts,
    lines_at: Callable[[pl.Series, set[str]], pl.DataFrame],
    rulebook: Rulebook,
    untrusted: Mapping[str, str],
    engine: Engine = "cpu",
    meanings: Mapping[str, str] = MappingProxyType({}),
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Judge measured lines and claims by the active and shadow rules in force on each row's own date.

    `lines` carry the numbers of `facts`; `lines_at` gives named columns of the lines with some `row` numbers. `limited` are
    the lines whose item carries rare facts; rules about these look at no others. untrusted: column -> reason; such a column counts as
    missing. meanings: measure -> its manual entry, shown where it is missing. Returns the findings of active rules (columns of
    FINDINGS, money in fen, one row per rule and line or claim, sorted) and the counts of CANNOT_TELL. Findings of shadow rules carry
    status 'shadow'.
    """
    found, counted = [pl.DataFrame(schema=FINDINGS)], [pl.DataFrame(schema=CANNOT_TELL)]
    for name, frame in (("lines", lines), ("limited", limited), ("claims", claims)):
        if rules := rulebook.judging(name):
            rows = _asked(frame, rules, facts, engine) if name == "lines" else engines.stream(frame, engine)
            judged = verdicts(rows.lazy(), rules, untrusted)
            answers = engines.stream(judged.select(rule.id for rule in rules), engine)
            flagged = rows.filter(answers.select(pl.any_horizontal(pl.all()).fill_null(False)).to_series())
            if flagged.height:
                shown = flagged if name == "claims" else _with_the_rest(flagged, rules, lines_at)
                hit = engines.collect(hits(verdicts(shown.lazy(), rules, untrusted), claims, rules), engine)
                found.append(findings(hit, rules))
            if doubtful := [rule for rule in rules if answers[rule.id].null_count()]:
                counted.append(_causes(engines.stream(_unknown(judged, doubtful), engine), doubtful, untrusted, meanings))
    return pl.concat(found).sort("setl_id", "bkkp_sn", "rule_id"), pl.concat(counted).sort("rule_id", "missing")


def _asked(lines: pl.LazyFrame, rules: Sequence[Rule], facts: Facts, engine: Engine) -> pl.DataFrame:
    """Every line with the columns that the rules' conditions ask for, and no others: few lines are looked at more closely."""
    asked = {"row", "cnt_e4", "fee_date", *(name for rule in rules for name in sql.parse(rule.when).columns)}
    names = lines.collect_schema().names()
    return facts.hung(engines.stream(lines.select(name for name in names if name in asked or name in NUMBERS), engine), asked)


def _with_the_rest(rows: pl.DataFrame, rules: Sequence[Rule], lines_at: Callable[[pl.Series, set[str]], pl.DataFrame]) -> pl.DataFrame:
    """The rows with every column that their findings may show."""
    shown = {"bkkp_sn", "med_list_codg", "det_item_fee_sumamt", "inscp_amt", *_IDS, *(name for rule in rules for name in rule.read)}
    return rows.join(lines_at(rows["row"], {"row", *shown.difference(rows.columns)}), on="row", how="left")


def verdicts(frame: pl.LazyFrame, rules: Sequence[Rule], untrusted: Mapping[str, str]) -> pl.LazyFrame:
    """`frame` with one Boolean column per rule, named by its id: true flagged, false clear, null cannot tell.

    A rule is clear outside the dates it is in force, and a line rule where nothing was billed (cnt <= 0). Untrusted columns are
    emptied; the amounts stay under `billed.` names, because what was billed is a fact even where it proves nothing.
    """
    schema = frame.collect_schema()
    distrusted = [name for name in untrusted if name in schema]
    money = [name for name in _MONEY if name in schema]
    frame = frame.with_columns(pl.col(name).alias(f"billed.{name}") for name in money)
    frame = frame.with_columns(pl.lit(None, dtype=schema[name]).alias(name) for name in distrusted)
    return frame.with_columns(_verdict(rule).alias(rule.id) for rule in rules)


def _verdict(rule: Rule) -> pl.Expr:
    day = _service_date(rule)
    applies = day >= pl.lit(rule.effective_from)
    if rule.effective_to is not None:
        applies = applies & (day <= pl.lit(rule.effective_to))
    if rule.of_lines:
        applies = applies & (pl.col("cnt_e4") > 0)
    return applies & pl.sql_expr(rule.when)


def _service_date(rule: Rule) -> pl.Expr:
    """The date that decides which rules are in force: of the service on a line, of the settlement on a claim."""
    return pl.col("fee_date") if rule.of_lines else pl.col("setl_time").dt.date()


def hits(judged: pl.LazyFrame, claims: pl.LazyFrame, rules: Sequence[Rule]) -> pl.LazyFrame:
    """The rows that some rule flags, with the columns their findings need, money of the claim included (`claim.` names)."""
    ids = [rule.id for rule in rules]
    known = judged.collect_schema().names()
    of_lines = rules[0].of_lines
    read = {name for rule in rules for name in rule.read if name in known}
    also = {"bkkp_sn", "med_list_codg", "fee_date", "billed.det_item_fee_sumamt"} if of_lines else {"setl_time", "billed.medfee_sumamt"}
    needed = sorted(read | also | {*_IDS, "billed.inscp_amt"})
    return (
        judged.filter(pl.any_horizontal(ids)).select(*needed, *ids).join(claims.select("setl_id", *CLAIM_MONEY), on="setl_id", how="left")
    )


def _unknown(judged: pl.LazyFrame, rules: Sequence[Rule]) -> pl.LazyFrame:
    """One row: per rule and possible cause, the number of rows whose verdict is missing because of it."""
    counts = []
    for rule in rules:
        left = pl.col(rule.id).is_null()
        for column, absent in _suspects(rule).items():
            counts.append((left & absent).cast(pl.Int64).sum().alias(f"{rule.id}|{column}"))
            left = left & ~absent
        counts.append(left.cast(pl.Int64).sum().alias(f"{rule.id}|"))
    return judged.select(counts)


def _suspects(rule: Rule) -> dict[str, pl.Expr]:
    """Columns whose absence can leave the rule without an answer, in the order it reads them -> whether they are absent.

    A mark such as x_known is false, and x_unsure true, where x is not known. A fact of the item comes last: where it is
    missing the item is mostly not restricted, and the rule has asked for that.
    """
    read = sql.parse(rule.when)
    names = sorted(dict.fromkeys((*read.deciding, *read.asked)), key=lambda name: name.startswith("item_"))
    absent = {}
    for name in names:
        column = pl.col(name)
        if _is_mark(name):
            absent[name] = ~column.fill_null(False)
        elif name.endswith("_unsure"):
            absent[name] = column.fill_null(True)
        else:
            absent[name] = column.is_null()
    return absent


def _causes(counted: pl.DataFrame, rules: Sequence[Rule], untrusted: Mapping[str, str], meanings: Mapping[str, str]) -> pl.DataFrame:
    by_id = {rule.id: rule for rule in rules}
    rows = []
    for name, number in counted.row(0, named=True).items():
        rule_id, column = name.split("|")
        if number:
            rule = by_id[rule_id]
            missing = f"check: {column}" if column in untrusted else column or "several values"
            rows.append((rule.id, rule.version, rule.grain, missing, _why(column, untrusted, meanings), number))
    return pl.DataFrame(rows, schema=CANNOT_TELL, orient="row")


def _why(column: str, untrusted: Mapping[str, str], meanings: Mapping[str, str]) -> str:
    if column in untrusted:
        return untrusted[column]
    if not column:
        return "no single value is missing: what is there leaves the comparison open"
    if column in _MEANINGS:
        return f"{column} is missing ({_MEANINGS[column]})"
    meaning = meanings.get(column, "what it is made from is missing")
    if _is_mark(column):
        return f"{column} does not hold: {meaning}"
    return f"{column} could not be told: {meaning}"


def _is_mark(column: str) -> bool:
    """A measure called x_known or has_x is false where x is not known."""
    return column.endswith("_known") or column.startswith("has_")


def findings(hit: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """One row per rule and flagged row of `hit` (see `hits`), with columns FINDINGS, unsorted."""
    plans = [_of_rule(hit.lazy().filter(pl.col(rule.id)), hit.schema, rule) for rule in rules if hit[rule.id].any()]
    if not plans:
        return pl.DataFrame(schema=FINDINGS)
    made = engines.collect(pl.concat(plans))
    keys = made.select(pl.format("{}|{}|{}|{}", "rule_id", "rule_version", "setl_id", pl.col("bkkp_sn").fill_null(""))).to_series()
    names = [hashlib.sha256(key.encode()).hexdigest()[:24] for key in keys.to_list()]
    return made.with_columns(pl.Series("jr_id", names, dtype=pl.String)).select(*FINDINGS)


def _of_rule(hit: pl.LazyFrame, schema: pl.Schema, rule: Rule) -> pl.LazyFrame:
    line = rule.of_lines
    nothing = pl.lit(None, dtype=pl.String)
    concerned = pl.concat_list(rule.concerned).list.drop_nulls().list.unique().list.sort() if rule.concerned else pl.lit([])
    return with_amounts(hit, rule).select(
        *_IDS,
        bkkp_sn=pl.col("bkkp_sn") if line else nothing,
        concerned_bkkp_sn=concerned.cast(pl.List(pl.String)),
        rule_id=pl.lit(rule.id),
        rule_version=pl.lit(rule.version, dtype=pl.Int64),
        status=pl.lit(rule.status),
        national_code=pl.lit(rule.national_code, dtype=pl.String),
        local_code=pl.lit(rule.local_code, dtype=pl.String),
        sev_deg=pl.lit(rule.finding),
        vola_amt=pl.col("_amt").fill_null(0),
        vola_inscp_amt=pl.col("_inscp").fill_null(0),
        vola_fund_amt=pl.col("_fund").fill_null(0),
        line_amt=pl.col("billed.det_item_fee_sumamt") if line else pl.lit(None, dtype=pl.Int64),
        evidence=_evidence(schema, rule),
        rule_no=pl.lit(rule.rule_no, dtype=pl.Int64),
        med_list_codg=pl.col("med_list_codg") if line else nothing,
        fee_date=_service_date(rule),
    )


def _evidence(schema: pl.Schema, rule: Rule) -> pl.Expr:
    """The values the rule read as JSON: names sorted, dates as ISO text, money in fen."""
    shown = []
    for name in sorted(set(rule.read) & schema.keys()):
        dtype = schema[name]
        if dtype == pl.Date:
            shown.append(pl.col(name).dt.to_string("%Y-%m-%d"))
        elif isinstance(dtype, pl.Datetime):
            shown.append(pl.col(name).dt.to_string("%Y-%m-%dT%H:%M:%S"))
        else:
            shown.append(pl.col(name))
    return pl.struct(shown).struct.json_encode() if shown else pl.lit("{}")


def with_amounts(hit: pl.LazyFrame, rule: Rule) -> pl.LazyFrame:
    """Violating amount, its in-scope part and the fund's share (_amt, _inscp, _fund; fen): each within the one before, never negative."""
    base, zero = ("billed.det_item_fee_sumamt" if rule.of_lines else "billed.medfee_sumamt"), pl.lit(0, dtype=pl.Int64)
    if rule.amount == "whole":
        asked = pl.col(base)
    elif rule.amount_fen is None:
        asked = zero
    else:
        asked = pl.sql_expr(rule.amount_fen)
        if hit.select(asked).collect_schema().dtypes()[0].is_float():
            asked = (asked + 0.5).floor()
    billed, fund = pl.max_horizontal(base, zero), pl.max_horizontal("claim.fund", zero)
    # the line's own part within the fund's scope; where it was not sent, the claim's proportion stands in
    own_part, claim_part = pl.max_horizontal("billed.inscp_amt", zero), pl.max_horizontal("claim.inscp", zero)
    known = pl.col("billed.inscp_amt").is_not_null()
    return (
        hit.with_columns(_base=billed, _amt=asked.cast(pl.Int64, strict=False).fill_null(0))
        .with_columns(_amt=pl.min_horizontal(pl.max_horizontal("_amt", zero), "_base"))
        .with_columns(
            _inscp=pl.when(known)
            .then(pl.min_horizontal(share("_amt", own_part, "_base"), own_part))
            .otherwise(share("_amt", claim_part, pl.col("claim.medfee")))
        )
        .with_columns(_inscp=pl.min_horizontal("_inscp", "_amt"))
        .with_columns(_of_scope=share("_inscp", fund, claim_part), _of_all=share("_amt", fund, "claim.medfee"))
        .with_columns(_fund=pl.when(pl.col("claim.inscp") > 0).then("_of_scope").otherwise("_of_all"))
        .with_columns(_fund=pl.min_horizontal("_fund", "_inscp", fund))
    )


def share(amount: str, part: pl.Expr, whole: pl.Expr | str) -> pl.Expr:
    """amount x part / whole in fen, half up, in 128 bits since both factors may reach 10^13; 0 where whole is missing or 0."""
    whole = pl.col(whole) if isinstance(whole, str) else whole
    doubled = pl.col(amount).cast(pl.Int128) * part.cast(pl.Int128) * 2
    divisor = pl.max_horizontal(whole.fill_null(0), pl.lit(1, dtype=pl.Int64)).cast(pl.Int128)
    return pl.when(whole > 0).then(((doubled + divisor) // (divisor * 2)).cast(pl.Int64, strict=False)).otherwise(0)
