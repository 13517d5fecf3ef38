"""The room of samples: an institution's claims drawn by lot, reviewed, carried over to all of them, and the method printed."""

from audit.console.samples import pages as _pages
from audit.console.samples import programs

pages = _pages.pages
api = programs.api
