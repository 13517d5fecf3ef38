"""Are the examples sharp? A condition written slightly wrong must answer one of them otherwise, and each way to a violation be shown."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from audit import engine, judge
from audit.errors import Fault
from audit.examples.world import Case
from audit.rulebook import Rule
from audit.rulebook.mutants import Mutant, mutants, ways


def survivors(lines: pl.DataFrame, claims: pl.DataFrame, cases: Sequence[Case]) -> list[Fault]:
    """A fault for every mutant of a rule's condition that answers each row of the rule's own examples as the rule does, and for
    every way to a violation that flags none of them.

    `lines`, `claims`: the judged rows of all examples. Each part must show what it does: what no row can show, the measure says already.
    """
    faults = []
    with engine.duck() as con:
        con.execute("PRAGMA disable_optimizer")
        for of_lines, frame in ((True, lines), (False, claims)):
            mine = [case for case in cases if case.rule.of_lines is of_lines]
            rules = list({case.rule.id: case.rule for case in mine}.values())
            if rules:
                faults += _surviving(con, frame, rules, mine)
    return faults


def _surviving(con: engine.Duck, frame: pl.DataFrame, rules: list[Rule], cases: list[Case]) -> list[Fault]:
    units = {name: "0.01" for name in frame.columns if frame[name].dtype.is_float() and (frame[name] % 1 != 0).any()}
    whose = {case.prefix: case.rule.id for case in cases}
    prefix = pl.col("setl_id").str.slice(0, len(cases[0].prefix))
    known = frame.with_columns(
        prefix.replace_strict(whose, default=None, return_dtype=pl.String).alias("_rule"),
        *(judge.applies(rule).alias(f"_applies.{rule.id}") for rule in rules),
    )
    whens = [rule.when for rule in rules]
    wrong, cut = mutants(whens, lambda name: units.get(name, "1")), ways(whens)
    tried = [(_answers_otherwise(r, m), _unnoticed(r, m)) for r, made in zip(rules, wrong, strict=True) for m in made]
    tried += [(_flags(r, m), _not_shown(r, m)) for r, made in zip(rules, cut, strict=True) for m in made]
    if not tried:  # a bare column that is true or false
        return []
    con.register("judged", known.to_arrow())
    seen = con.execute(f"SELECT {', '.join(asked for asked, _ in tried)} FROM judged").fetchall()[0]
    con.unregister("judged")
    return [fault for (_, fault), is_seen in zip(tried, seen, strict=True) if not is_seen]


def _answers_otherwise(rule: Rule, mutant: Mutant) -> str:
    """Whether the mutant answers some row of the rule's own examples otherwise."""
    differs = f'("_applies.{rule.id}" AND ({mutant.text})) IS DISTINCT FROM "{rule.id}"'
    return f"coalesce(bool_or(_rule = '{rule.id}' AND {differs}), false)"


def _flags(rule: Rule, mutant: Mutant) -> str:
    return f"""coalesce(bool_or(_rule = '{rule.id}' AND "_applies.{rule.id}" AND ({mutant.text})), false)"""


def _unnoticed(rule: Rule, mutant: Mutant) -> Fault:
    zh = f"若{mutant.how.zh}，规则对每个示例的判定都不变；请画一行能区分两者的，或从条件中去掉没有任何行能体现的部分。"
    en = (
        f"{mutant.how} the rule answers each of its examples as before; "
        "draw a row that tells them apart, or leave out of the condition what no row can show."
    )
    return Fault(zh, en, rule.file, rule.lines["examples"])


def _not_shown(rule: Rule, mutant: Mutant) -> Fault:
    zh, en = f"没有因 '{mutant.how}' 而判为违规的示例；请画一个。", f"no example is flagged because of '{mutant.how}'; draw one."
    return Fault(zh, en, rule.file, rule.lines["examples"])
