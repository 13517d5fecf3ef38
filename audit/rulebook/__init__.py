"""The rules as data: read strictly from rules/, linted against the measured columns, fingerprinted and locked.

    book = load(rules)                     every file read, or a RuleError with every fault
    book, faults = read(rules)             what can be read, and the faults of the rest
    lint(book, line_schema, claim_schema)  names and types held against the columns that measure makes
    idle_parameters(...)                   parameters that no rule and no measure reads
    check_lock(book), write_lock(book)     a changed rule needs a new version
    approved.demand(book, knowledge)       where a desk governs the folder: nothing judges that was not approved
    folder.still(rules), folder.alone(..)  reading the folder while nobody changes it; changing it whole or not at all
    waivers.read(rules, ...)               rules that do not speak of an institution, an area or an item for a time

Reading knows no columns; the vocabulary is handed in, so that a new measure is known without a word here.
"""

from audit.rulebook.lint import lint
from audit.rulebook.lock import check_lock, is_locked, locked, write_lock
from audit.rulebook.parameters import idle_parameters
from audit.rulebook.reading import load, read, read_rule, read_text
from audit.rulebook.rules import Example, Rule, Rulebook

__all__ = [
    "Example", "Rule", "Rulebook", "check_lock", "idle_parameters", "is_locked", "lint", "load", "locked", "read", "read_rule",
    "read_text", "write_lock",
]  # fmt: skip
