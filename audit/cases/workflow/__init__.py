"""The procedure as the regulation asks, step by step; every function takes an act (a change) or a connection (a look).

    first_review 初审 -> notice -> appeal 申诉 -> re_review 复审 -> re_appeal 再申诉 -> panel 合议 -> final 终审 -> closed

A step ends with `finish` (the bureau), `appeal` or `accept` (the hospital), the last `vote` (the panel), or silence (`pass_deadlines`).
Outcomes of a closed case: confirmed, reduced, overturned (after the hospital answered), dismissed (in the first review), withdrawn, merged.

    steps      who may do what in which step        amounts     how much may stand        decisions  finding by finding; bulk
    moves      from step to step, closing           appeals     the hospital's moves      panel      votes and the middle one
    aside      withdraw, transfer, suspend, merge   clock       deadlines that passed     said       who did what, for those too late
    by_hand    what a reviewer finds and no rule found
"""

from audit.cases.uploads import Upload
from audit.cases.workflow.amounts import OUTCOMES, Item
from audit.cases.workflow.appeals import accept, appeal
from audit.cases.workflow.aside import able, attach, comment, escalate, merge, resume, suspend, transfer, withdraw
from audit.cases.workflow.bulk import Bulk, bulk
from audit.cases.workflow.by_hand import FOUND, MOST_LINES, Entry, enter_finding, take_back
from audit.cases.workflow.clock import pass_deadlines
from audit.cases.workflow.decisions import decide, undecided
from audit.cases.workflow.moves import finish, seen_notice
from audit.cases.workflow.panel import VOTES, members, opinion, vote
from audit.cases.workflow.steps import ACTIONS, STEPS, may_now, past

__all__ = [
    "ACTIONS",
    "FOUND",
    "MOST_LINES",
    "OUTCOMES",
    "STEPS",
    "VOTES",
    "Bulk",
    "Entry",
    "Item",
    "Upload",
    "able",
    "accept",
    "appeal",
    "attach",
    "bulk",
    "comment",
    "decide",
    "enter_finding",
    "escalate",
    "finish",
    "may_now",
    "members",
    "merge",
    "opinion",
    "pass_deadlines",
    "past",
    "resume",
    "seen_notice",
    "suspend",
    "take_back",
    "transfer",
    "undecided",
    "vote",
    "withdraw",
]
