"""Every example of every rule, judged at once by the real stages: the tests of the rulebook and its manual.

`world` draws all examples as one small batch, `answers` measures, judges and compares, `sceptic` asks DuckDB for a second
opinion, `page` prints rules/README.md.
"""

from __future__ import annotations

import time
from pathlib import Path

from audit import settle
from audit.errors import RuleError
from audit.examples.answers import disagreements, judged, measured
from audit.examples.coverage import misnamed
from audit.examples.page import is_current, write_page
from audit.examples.sceptic import differences
from audit.examples.world import build
from audit.knowledge import load as load_knowledge
from audit.measure import parameters
from audit.rulebook import Rulebook, check_lock, idle_parameters, lint, load, write_lock


def check_rules(rules: Path, lock: bool = False) -> str:
    """Lint rules/, judge every example on Polars and on DuckDB, and hold rules.lock and rules/README.md against the rules.

    With `lock` both are written instead. Returns one sentence with counts and seconds; RuleError carries every fault found.
    """
    started = time.perf_counter()
    book = load(rules)
    alive = tuple(rule for rule in book.rules if rule.status != "retired")
    world = build(alive)
    rows = measured(world, load_knowledge(Path(rules)))
    faults = [*_policy_faults(book), *misnamed(book), *lint(book, *rows.vocabulary)]
    if faults:
        raise RuleError(*faults)
    answered = judged(rows, alive)
    faults = idle_parameters(book, rows.vocabulary[1].names(), parameters())
    faults += disagreements(answered, world.cases) + differences(answered.lines, answered.claims, alive)
    if not lock:
        faults += check_lock(book) + is_current(book, rows.vocabulary)
    if faults:
        raise RuleError(*faults)
    if lock:
        write_lock(book)
        write_page(book, rows.vocabulary)
    return f"{_counted(book)} and {len(world.cases)} examples agree on Polars and DuckDB, {time.perf_counter() - started:.1f} s."


def _counted(book: Rulebook) -> str:
    number = {status: sum(rule.status == status for rule in book.rules) for status in ("active", "shadow", "draft", "retired")}
    return f"{len(book.rules)} rules ({', '.join(f'{count} {status}' for status, count in number.items() if count)})"


def _policy_faults(book: Rulebook) -> list[str]:
    """The policy must be usable and have a place for every rule's type."""
    faults = settle.faults(book.policy)
    if faults:
        return faults
    for rule in book.judged():
        try:
            settle.place(rule.national_code or rule.local_code or "", book.policy)
        except RuleError as fault:
            faults += [f"{rule.file}:{rule.lines['id']}: {sentence}" for sentence in fault.faults]
    return faults
