"""The end of a night: result tables as the contract fixes them, and the same night as a page and as a few lines in the terminal.

tables(...), write(...)      the four result tables, same content, same bytes
kept(...)                    what the lake keeps so that a finding can be shown later as it was
indicators(...)            shares and rates per institution and month (national types 56-63)
figures(...), publish(...)   what page and terminal show, as figures.json, and report.html beside the tables
summary(results, truth)      show a finished night again
scorecards(...), changes(...)  a card per rule and night; the rules whose hits jump or vanish
"""

from audit.report.figures import figures
from audit.report.indicators import indicators
from audit.report.kept import kept
from audit.report.page import page
from audit.report.planted import planted
from audit.report.scorecards import SCORECARDS, run_times, scorecards
from audit.report.tables import tables, write
from audit.report.terminal import publish, summary
from audit.report.watch import EARLIER, changes

__all__ = [
    "EARLIER", "SCORECARDS", "changes", "figures", "indicators", "kept", "page", "planted", "publish",
    "run_times", "scorecards", "summary", "tables", "write",
]  # fmt: skip
