"""The rules' room: reading the rulebook, changing it with a second person's word, exempting for a time, taking in knowledge.

shelf      the rules folder as pages show it      said       words
book       the list, a rule, publications         form       a rule's text as fields and back
editor     writing a rule as a form or as text    proposals  a change on its way to its approver
working    the impact, worked out meanwhile       others     exemptions and knowledge
programs   the same over HTTP for programs
"""

from fastapi import APIRouter

from audit.console.rules import book, editor, others, programs, proposals

pages = APIRouter()
for _room in (editor, proposals, others, book):  # /rules/{id} last
    pages.include_router(_room.pages)
api = programs.api
