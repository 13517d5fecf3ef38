"""Dated knowledge: what a national or local list says about an item, a diagnosis, an operation or an area on a given day.

    load(rules)    read rules/tables/ strictly

`columns` says how a cell is read, `reading` reads tables of them, `points` says what each rule type's points carry, `tables` holds
the tables against each other, `book` answers questions; `batches` takes in what NHSA publishes, `wording` reads its sentences.
"""

from audit.knowledge.book import Knowledge, load

__all__ = ["Knowledge", "load"]
