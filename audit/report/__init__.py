"""The end of a night: result tables as the contract fixes them, and the same night as a page and as a few lines in the terminal.

tables(...), write(...)      the four result tables, same content, same bytes
indicators(...)            shares and rates per institution and month (national types 56-63)
figures(...), publish(...)   what page and terminal show, as figures.json, and report.html beside the tables
summary(results, truth)      show a finished night again
"""

from audit.report.figures import figures
from audit.report.indicators import indicators
from audit.report.page import page
from audit.report.planted import planted
from audit.report.tables import tables, write
from audit.report.terminal import publish, summary

__all__ = ["figures", "indicators", "page", "planted", "publish", "summary", "tables", "write"]
