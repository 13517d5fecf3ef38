"""Samples of an institution's claims at the desk: planned over what the lake keeps of every audited claim, drawn, reviewed, closed.

frames    which institutions there are, and which of their claims a sample is drawn from: read from the lake
work      plan -> draw -> review -> close, each told in the journal; what is in the plan never changes again
lists     samples and their claims as a person may see them; the result; the draw done again
"""

from audit.cases.samples.frames import Found, Frame, Institution, described, facts, found, institution, institutions
from audit.cases.samples.lists import Row, Sample, Verdict, drawn, every, one, result, reviewed, rows, told_by, verify
from audit.cases.samples.work import MOST, Proposal, Wish, close, create, draw, propose, review

__all__ = [
    "MOST", "Found", "Frame", "Institution", "Proposal", "Row", "Sample", "Verdict", "Wish", "close", "create", "described", "draw",
    "drawn", "every", "facts", "found", "institution", "institutions", "one", "propose", "result", "review", "reviewed", "rows",
    "told_by", "verify",
]  # fmt: skip
