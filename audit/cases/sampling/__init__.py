"""A sample of an institution's claims or lines: planned, drawn, reviewed, and carried over to all of them with a confidence interval.

bands(frame, count)                       amounts that part a frame into bands of about equal money
plan(frame, seed=..., size= | precision=) how many units of each band, and which estimator will count: settled before anybody looks
draw(frame, plan)                         the units themselves, the same again for the same seed whatever the order of the frame
estimate(plan, reviewed)                  what was overpaid in all: interval, and the lower bound to recover; or why no number can be named
method_text(plan, estimate, language)     all of it as text to print, in Chinese or English

A simple random sample is a stratified one with a single band, so there is one way through. Money is whole fen going in and coming out;
between, fractions are exact and roots have 40 digits.
"""

from audit.cases.sampling.estimating import Bound, Estimate, estimate
from audit.cases.sampling.method import method_text
from audit.cases.sampling.planning import Band, Plan, bands, draw, new_seed, plan

__all__ = ["Band", "Bound", "Estimate", "Plan", "bands", "draw", "estimate", "method_text", "new_seed", "plan"]
