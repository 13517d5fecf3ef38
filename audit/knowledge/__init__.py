"""Dated knowledge: what a national or local list says about an item, a diagnosis, an operation or an area on a given day.

    load(rules)                     read rules/tables/ strictly
    import_official(folder, rules)  write the points and codes tables anew from NHSA's published batches

`columns` says how a cell is read, `reading` reads tables of them, `points` says what each rule type's points carry, `tables` holds
the tables against each other, `book` answers questions, `official` and `wording` turn published workbooks and sentences into rows.
"""

from audit.knowledge.book import Knowledge, load
from audit.knowledge.official import import_official

__all__ = ["Knowledge", "import_official", "load"]
