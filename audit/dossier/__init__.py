"""All that is known of one finding: clause, rule, comparison with its values, knowledge point, lines, money, other findings.

dossier(lake, id, rules)       as plain values, Chinese and English side by side (for --json, and for a page)
show(dossier, language)        printed: an indented tree for the terminal, or JSON
rule, comparison, changed      its parts from stored pieces, without a lake: the rule's text of that night, the finding's evidence
to_review(lake, night), other_visits(lake, psn_no)   for the desk: the bills somebody will look at, and where else a person was
"""

from audit.dossier.bills import Review, other_visits, to_review
from audit.dossier.judged import changed, comparison, rule
from audit.dossier.read import dossier
from audit.dossier.tree import show, shown

__all__ = ["Review", "changed", "comparison", "dossier", "other_visits", "rule", "show", "shown", "to_review"]
