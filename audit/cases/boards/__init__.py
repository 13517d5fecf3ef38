"""Figures for dashboards, and nights as the desk shows them. Reads only.

    cohort     which cases: a person's wall, and what narrows it       money      found, proposed, confirmed, appealed, recovered, released
    verdicts   what people made of the rules' findings; scorecards     work       review hours, ages, deadlines missed
    scores     calibration on decided cases; drift between nights      nights     one night: stages, checks, rejected, what changed
    shares     a share with the interval that its numbers allow

Every figure is a sum over cases that the person's wall lets through; no figure names a person.
"""

from audit.cases.boards.cohort import Cohort
from audit.cases.boards.verdicts import scorecard

__all__ = ["Cohort", "scorecard"]
