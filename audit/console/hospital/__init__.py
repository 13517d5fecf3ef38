"""The hospital's side: what it was told, the evidence, its appeal with files, and the result. Comments of the bureau stay inside it.

asked      what its addresses and forms carry, and what both of the others do with it
pages      notices, one case, appeal and acceptance      programs   the same for programs
tables     what can be taken away
"""

from fastapi import APIRouter

from audit.console.hospital import tables
from audit.console.hospital.pages import pages as _pages
from audit.console.hospital.programs import api

pages = APIRouter()
for _room in (_pages, tables.pages):
    pages.include_router(_room)
__all__ = ["api", "pages"]
