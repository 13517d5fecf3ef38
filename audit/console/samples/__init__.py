"""The room of samples: an institution's claims drawn by lot, reviewed, carried over to all of them, and the method printed."""

from fastapi import APIRouter

from audit.console.samples import pages as _pages
from audit.console.samples import papers, programs

pages = APIRouter()
for part in (_pages, papers):
    pages.include_router(part.pages)
api = programs.api
