"""The room where reviewers find their work: the queue, the team, decisions on many cases at once, and the same for programs."""

from fastapi import APIRouter

from audit.console.queue import listing, programs, team, together

pages = APIRouter()
for room in (listing, team, together):
    pages.include_router(room.pages)
api = programs.api
