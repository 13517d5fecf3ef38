"""The example batch through the real stages, and every answer that is not the one its example expects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from audit import engine, judge, words
from audit.enrich import enrich
from audit.errors import Fault, Said
from audit.examples.world import Case, World
from audit.intake import shape
from audit.knowledge import Knowledge
from audit.lake import HISTORY
from audit.measure import measure, whole
from audit.profile import profile
from audit.rulebook import Rule

ANSWERS = {True: Said("违规", "flagged"), False: Said("未发现", "clear"), None: Said("无法判定", "cannot tell")}


@dataclass(frozen=True)
class Measured:
    """Measured lines and claims of the examples, not yet run, and the rows that intake would not take."""

    lines: pl.LazyFrame
    claims: pl.LazyFrame
    rejected: pl.DataFrame

    @property
    def vocabulary(self) -> tuple[pl.Schema, pl.Schema]:
        """Names and types of lines and of claims: all that a rule may read."""
        return self.lines.collect_schema(), self.claims.collect_schema()


@dataclass(frozen=True)
class Answers:
    """Measured example rows with one Boolean column per rule."""

    lines: pl.DataFrame
    claims: pl.DataFrame
    rejected: pl.DataFrame


def measured(world: World, knowledge: Knowledge) -> Measured:
    """The example batch cleaned, profiled, enriched and measured by the stages of a night, with no history before it."""
    taken = {name: frame.lazy() for name, frame in shape(world.frames()).items()}
    known = [case.prefix for case in world.cases if "oprns" in case.example.tables]
    told = pl.lit(False) if not known else pl.col("setl_id").str.slice(0, len(known[0])).is_in(known)
    claims, lines = taken["claims"].with_columns(has_oprns=told), taken["lines"]
    history = {name: pl.LazyFrame(schema=schema) for name, schema in HISTORY.items()}
    profiles = profile(claims, lines, taken["traces"], taken.get("inventory"), history, knowledge.bundles)
    numbers, facts = enrich(lines, claims, knowledge)
    numbered = pl.concat([lines, numbers.lazy()], how="horizontal")
    lines, limited, claims = measure(numbered, facts, claims, taken["diags"], taken.get("oprns"), history, profiles, knowledge)
    return Measured(whole(lines, limited).drop("row", "measured_row"), claims, engine.collect(taken["rejected"]))


def judged(rows: Measured, rules: Sequence[Rule]) -> Answers:
    """All examples of all `rules`, whatever their status, in one collect."""
    of_lines = judge.verdicts(rows.lines, [rule for rule in rules if rule.of_lines], {})
    of_claims = judge.verdicts(rows.claims, [rule for rule in rules if not rule.of_lines], {})
    lines, claims = engine.collect_all([of_lines, of_claims])
    return Answers(lines, claims, rows.rejected)


def disagreements(answered: Answers, cases: Sequence[Case]) -> list[Fault]:
    """A fault for every row whose answer or amount is not the one its example expects, with the values the rule read."""
    faults = _rejections(answered.rejected, cases)
    for of_lines, key, frame in ((True, "bkkp_sn", answered.lines), (False, "setl_id", answered.claims)):
        mine = [case for case in cases if case.rule.of_lines is of_lines]
        places = {label: place for place, label in enumerate(frame[key])}
        amounts = _amounts(frame, answered.claims, list({case.rule.id: case.rule for case in mine}.values()))
        for case in mine:
            faults += _compare(case, frame, places, amounts)
    return faults


def _amounts(frame: pl.DataFrame, claims: pl.DataFrame, rules: list[Rule]) -> dict[tuple[str, str], int]:
    """(rule id, bkkp_sn or setl_id) -> violating amount in fen, for every flagged example row."""
    if not rules:
        return {}
    found = judge.findings(engine.collect(judge.hits(frame.lazy(), claims.lazy(), rules)), rules)
    named = found.select("rule_id", pl.coalesce("bkkp_sn", "setl_id"), "vola_amt")
    return {(rule, label): amount for rule, label, amount in named.iter_rows()}


def _compare(case: Case, frame: pl.DataFrame, places: dict[str, int], amounts: dict[tuple[str, str], int]) -> list[Fault]:
    example, rule = case.example, case.rule
    faults: list[Fault] = []
    for label in dict.fromkeys((*example.flags, *example.cannot_tell, *example.amounts)):
        if label not in case.keys:
            listed = ", ".join(case.keys)
            faults.append(_of(case, f"：没有名为 {label} 的行；现有 {listed}。", f": no row is called {label}; rows are {listed}."))
    for label, key in case.keys.items():
        place = places.get(key)
        got = ANSWERS[False if place is None else frame[rule.id][place]]
        expected = ANSWERS[True if label in example.flags else None if label in example.cannot_tell else False]
        if got != expected:
            row = {} if place is None else frame.row(place, named=True)
            values = ", ".join(f"{name}={row[name]}" for name in rule.read if name in row)
            zh = f"，行 {label}：应为{expected.zh}，实为{got.zh}；读到的值：{values or '无，该行在判定之前已被剔除'}。"
            en = f", row {label}: expected {expected}, got {got}; values read: {values or 'none, the row left before it was judged'}."
            faults.append(_of(case, zh, en))
        elif label in example.amounts and amounts.get((rule.id, key), 0) != example.amounts[label]:
            found, wanted = amounts.get((rule.id, key), 0) / 100, example.amounts[label] / 100
            en = f", row {label}: expected an amount of {wanted:.2f} yuan, got {found:.2f}."
            faults.append(_of(case, f"，行 {label}：金额应为 {wanted:.2f} 元，实为 {found:.2f} 元。", en))
    return faults


def _of(case: Case, zh: str, en: str) -> Fault:
    """A fault of one example; the words go on after its name."""
    name = case.example.name
    return Fault(f"示例 '{name}'{zh}", f"example '{name}'{en}", case.rule.file, case.example.line)


def _rejections(rejected: pl.DataFrame, cases: Sequence[Case]) -> list[Fault]:
    """Rows of examples that intake refused: such an example cannot show anything."""
    faults = []
    for table, key, reason in rejected.select("table", "key", "reason").iter_rows():
        case = next((case for case in cases if case.prefix in str(key)), None)
        zh, en = f"：接收时拒收 {table} 的一行：{words.REFUSALS[reason][0]}。", f": intake refuses a row of {table}: {reason}."
        faults.append(_of(case, zh, en) if case else Fault(f"某个示例{zh}", f"an example{en}"))
    return faults
