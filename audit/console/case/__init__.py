"""The page of one case, on which a reviewer spends the day: look, decide, hand on.

seen     the case and its bill as a person may see them      told    its findings by line, with rule, values, comparison
prose    the explanation with its facts linked                past    what happened, and the institution's earlier cases
page     all of it gathered for the template                  looks   routes that show
tables   its tables as files                                  acts    routes that change; by_hand: findings entered there
papers   print, evidence and files                            api     all of it for programs
"""

from fastapi import APIRouter

from audit.console.case import acts, by_hand, looks, papers, tables
from audit.console.case.api import api

pages = APIRouter()
for _room in (looks, papers, tables, by_hand, acts):  # acts last: it answers for every other address of a case
    pages.include_router(_room.pages)
for _room in (tables, by_hand):
    api.include_router(_room.api)
__all__ = ["api", "pages"]
