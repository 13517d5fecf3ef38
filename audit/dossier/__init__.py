"""All that is known of one finding: clause, rule, comparison with its values, knowledge point, lines, money, other findings.

dossier(lake, id, rules)   as plain values, Chinese and English side by side (for --json, and for a page)
show(dossier, language)    printed: an indented tree for the terminal, or JSON
"""

from audit.dossier.read import dossier
from audit.dossier.tree import show, shown

__all__ = ["dossier", "show", "shown"]
