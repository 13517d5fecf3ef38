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
from audit.engine import Engine
from audit.judge.amounts import asked, share, shared, with_amounts
from audit.judge.causes import causes, unknown
from audit.judge.clock import CLOCK, clock
from audit.knowledge.facts import NUMBERS, Facts
from audit.rulebook import Rule, Rulebook, sql
from audit.tables import CANNOT_TELL

__all__ = ["CANNOT_TELL", "CLAIM_MONEY", "CLOCK", "FINDINGS", "findings", "hits", "judge", "share", "verdicts", "with_amounts"]

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
_MONEY = ("det_item_fee_sumamt", "inscp_amt", "medfee_sumamt")
_IDS = ("setl_id", "mdtrt_id", "psn_no", "fixmedins_code")
CLAIM_MONEY = (  # of a claim: what the shares of its findings are worked out from
    pl.col("medfee_sumamt").alias("claim.medfee"),
    pl.col("inscp_amt").alias("claim.inscp"),
    pl.coalesce("hifp_pay", "fund_pay_sumamt").alias("claim.fund"),
)


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
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Judge measured lines and claims by the active and shadow rules in force on each row's own date.

    `lines` carry the numbers of `facts`; `lines_at` gives named columns of the lines with some `row` numbers. `limited` are
    the lines whose item carries rare facts; rules about these look at no others. untrusted: column -> reason; such a column counts as
    missing. meanings: measure -> its manual entry, shown where it is missing. Returns the findings (columns of FINDINGS,
    money in fen, one row per rule and line or claim, sorted; those of shadow rules carry status 'shadow'), the counts of CANNOT_TELL, and
    how long each rule took (CLOCK).
    """
    found, counted, timed = ([pl.DataFrame(schema=schema)] for schema in (FINDINGS, CANNOT_TELL, CLOCK))
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
                counted.append(causes(engines.stream(unknown(judged, doubtful), engine), doubtful, untrusted, meanings))
            timed.append(clock(judged, rules, engine))
    return pl.concat(found).sort("setl_id", "bkkp_sn", "rule_id"), pl.concat(counted).sort("rule_id", "missing"), pl.concat(timed)


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
    return applies(rule) & pl.sql_expr(rule.when)


def applies(rule: Rule) -> pl.Expr:
    """Whether the rule is in force on the row's own date and, for a line, something was billed; a row where not is clear."""
    day = _service_date(rule)
    in_force = day >= pl.lit(rule.effective_from)
    if rule.effective_to is not None:
        in_force = in_force & (day <= pl.lit(rule.effective_to))
    return in_force & (pl.col("cnt_e4") > 0) if rule.of_lines else in_force


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


def findings(hit: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """One row per rule and flagged row of `hit` (see `hits`), with columns FINDINGS, unsorted."""
    schema = hit.schema
    plans = [_of_rule(hit.lazy().filter(pl.col(rule.id)), schema, rule) for rule in rules if hit[rule.id].any()]
    if not plans:
        return pl.DataFrame(schema=FINDINGS)
    money = {
        name: pl.col(own).fill_null(0) for name, own in (("vola_amt", "_amt"), ("vola_inscp_amt", "_inscp"), ("vola_fund_amt", "_fund"))
    }
    made = engines.collect(shared(pl.concat(plans)).with_columns(**money))
    keys = made.select(pl.format("{}|{}|{}|{}", "rule_id", "rule_version", "setl_id", pl.col("bkkp_sn").fill_null(""))).to_series()
    names = [hashlib.sha256(key.encode()).hexdigest()[:24] for key in keys.to_list()]
    return made.with_columns(pl.Series("jr_id", names, dtype=pl.String)).select(*FINDINGS)


def _of_rule(hit: pl.LazyFrame, schema: pl.Schema, rule: Rule) -> pl.LazyFrame:
    line = rule.of_lines
    nothing = pl.lit(None, dtype=pl.String)
    concerned = pl.concat_list(rule.concerned).list.drop_nulls().list.unique().list.sort() if rule.concerned else pl.lit([])
    return asked(hit, rule).select(
        *_IDS,
        "_base",
        "_amt",
        "billed.inscp_amt",
        "claim.medfee",
        "claim.inscp",
        "claim.fund",
        bkkp_sn=pl.col("bkkp_sn") if line else nothing,
        concerned_bkkp_sn=concerned.cast(pl.List(pl.String)),
        rule_id=pl.lit(rule.id),
        rule_version=pl.lit(rule.version, dtype=pl.Int64),
        status=pl.lit(rule.status),
        national_code=pl.lit(rule.national_code, dtype=pl.String),
        local_code=pl.lit(rule.local_code, dtype=pl.String),
        sev_deg=pl.lit(rule.finding),
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
