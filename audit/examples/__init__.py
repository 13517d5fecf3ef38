"""Every example of every rule, judged at once by the real stages: the tests of the rulebook and its manual.

`world` draws all examples as one small batch, `answers` measures, judges and compares, `sceptic` asks DuckDB for a second
opinion, `mutation` asks whether the examples would notice a wrong condition, `generated` writes rules/README.md (`page`) and
rules/rule.schema.json (`schema`), `scaffold` the file of a new rule.
"""

from __future__ import annotations

import time
from pathlib import Path

from audit import engine, settle
from audit.errors import Fault, RuleError
from audit.examples.answers import Measured, disagreements, judged, measured
from audit.examples.coverage import misnamed
from audit.examples.generated import not_current, write_generated
from audit.examples.mutation import survivors
from audit.examples.sceptic import differences
from audit.examples.world import World, build
from audit.knowledge import load as load_knowledge
from audit.measure import parameters
from audit.rulebook import Rule, Rulebook, check_lock, idle_parameters, lint, read, write_lock


def check_rules(rules: Path, lock: bool = False) -> str:
    """Lint rules/, judge every example on Polars and on DuckDB, judge it by every condition written slightly wrong, and hold rules.lock
    and the generated files against the rules.

    With `lock` these are written instead. Returns one sentence with counts and seconds; RuleError carries every fault found: a rule
    that cannot be read or judged keeps no other from being checked.
    """
    started = time.perf_counter()
    book, unread = read(rules)
    alive = tuple(rule for rule in book.rules if rule.status != "retired")
    world = build(alive)
    rows = measured(world, load_knowledge(Path(rules)))
    faults = [*unread, *_policy_faults(book), *misnamed(book), *lint(book, *rows.vocabulary)]
    wrong = {fault.file for fault in faults}
    faults += _judged(rows, tuple(rule for rule in alive if rule.file not in wrong), world)
    if not unread:
        faults += idle_parameters(book, rows.vocabulary[1].names(), parameters())
    if not lock and not unread:
        faults += check_lock(book) + not_current(book, rows.vocabulary)
    if faults:
        raise RuleError(*faults)
    if lock:
        write_lock(book)
        write_generated(book, rows.vocabulary)
    return f"{_counted(book)} and {len(world.cases)} examples agree on Polars and DuckDB, {time.perf_counter() - started:.1f} s."


def _judged(rows: Measured, rules: tuple[Rule, ...], world: World) -> list[Fault]:
    """What the examples of `rules` say: wrong answers, engines that differ, and wrong conditions that no example would notice."""
    cases = [case for case in world.cases if case.rule in rules]
    if not cases:
        return []
    answered = judged(rows, rules)
    asked = [case for case in cases if case.rule.status != "draft"]
    answers, engines, unnoticed = engine.together(
        lambda: disagreements(answered, cases),
        lambda: differences(answered.lines, answered.claims, rules),
        lambda: survivors(answered.lines, answered.claims, asked),
    )
    wrong = {fault.file for fault in answers}  # first the answers, then how sharp they are
    return [*answers, *engines, *(fault for fault in unnoticed if fault.file not in wrong)]


def _counted(book: Rulebook) -> str:
    number = {status: sum(rule.status == status for rule in book.rules) for status in ("active", "shadow", "draft", "retired")}
    return f"{len(book.rules)} rules ({', '.join(f'{count} {status}' for status, count in number.items() if count)})"


def _policy_faults(book: Rulebook) -> list[Fault]:
    """The policy must be usable and have a place for every rule's type."""
    if not book.policy:
        return []  # reading has said so
    faults = settle.faults(book.policy)
    if faults:
        return faults
    for rule in book.judged():
        try:
            settle.place(rule.national_code or rule.local_code or "", book.policy)
        except RuleError as fault:
            faults += [Fault(one.zh, one, rule.file, rule.lines["id"]) for one in fault.faults]
    return faults
