"""The rules as data: read strictly from rules/, linted against the measured columns, fingerprinted and locked.

    book = load(rules)                     every file read, or a RuleError with every fault
    lint(book, line_schema, claim_schema)  names and types held against the columns that measure makes
    check_lock(book), write_lock(book)     a changed rule needs a new version

Reading knows no columns; the vocabulary is handed in, so that a new measure is known without a word here.
"""

from audit.rulebook.lint import lint
from audit.rulebook.lock import check_lock, is_locked, write_lock
from audit.rulebook.rules import Example, Rule, Rulebook, load, read_rule

__all__ = ["Example", "Rule", "Rulebook", "check_lock", "is_locked", "lint", "load", "read_rule", "write_lock"]
