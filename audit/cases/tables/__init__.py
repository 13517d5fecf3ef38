"""Every table of the desk's database. Money is integer fen; times are UTC; days are Chinese calendar days; JSON stands in `Text` columns.

columns    what all of them are made of            accounts   people, how they are signed in, their views
chain      the journal                             found      nights and the cases they opened
casework   what people make of a case              changes    of the rules, and what was published
sampling   samples and the claims drawn
"""

from audit.cases.tables.accounts import people, sessions, views
from audit.cases.tables.casework import appeals, comments, decisions, files, labels, ledger, notices, votes
from audit.cases.tables.chain import journal, journal_head
from audit.cases.tables.changes import proposals, publications
from audit.cases.tables.columns import Moment, metadata
from audit.cases.tables.found import BY_HAND, bills, cases, findings, nights, rule_texts
from audit.cases.tables.sampling import sample_claims, samples

__all__ = [
    "BY_HAND", "Moment", "appeals", "bills", "cases", "comments", "decisions", "files", "findings", "journal",
    "journal_head", "labels", "ledger", "metadata", "nights", "notices", "people", "proposals", "publications", "rule_texts",
    "sample_claims", "samples", "sessions", "views", "votes",
]  # fmt: skip
