"""The queue: which cases wait for whom, in which order, in whose hands they are, and who is given the next ones.

filters   what is asked for: tabs, filters and orders as conditions on `cases`
lists     a page of the queue, and how many cases each tab has
locks     a case in somebody's hands; the next free one for a person
assigning new cases to reviewers by area, skill, room and absence
team      what a reviewer can take: capacity, skills, absence
alike     one rule's identical definite findings, to be decided together
views     saved filters
"""

from audit.cases.queue.assigning import assign
from audit.cases.queue.filters import BUREAU, CLASSES, HOSPITAL, ORDERS, TABS, Filter, class_of, workable
from audit.cases.queue.lists import Page, Row, counts, every, page
from audit.cases.queue.locks import Lock, hold, lock, locked, release, take_next

__all__ = [
    "BUREAU", "CLASSES", "HOSPITAL", "ORDERS", "TABS", "Filter", "Lock", "Page", "Row", "assign", "class_of", "counts", "every", "hold",
    "lock", "locked", "page", "release", "take_next", "workable",
]  # fmt: skip
