"""Changing the rules at the desk: somebody proposes, somebody else approves, and only then a night judges by it.

A proposal is draft -> submitted -> published, or rejected, or withdrawn. Its kinds: `rule` (a new or changed rule, its status included:
draft, shadow, active, retired), `exemption` (a row of rules/tables/waivers.csv), `knowledge` (official workbooks), `rollback` (the
folder as an earlier publication left it). A publication is a number, a line of rules/approvals.jsonl, the whole folder as tar.xz, and
an entry of the journal.

Nothing slow happens in an act. A page that submits or approves first works the change out, then acts on what came out:

    with here.read() as con:
        proposal = changes.one(con, proposal_id)
    ready = changes.prepare(rules, proposal)                 # 5-10 s: the whole `audit check-rules` on the changed folder
    with here.act() as act:
        changes.approve(act, rules, ready, reason)           # or submit(act, ready, reason)

Reading (con: Connection)
    one(con, proposal_id) -> Proposal                        Refused 404
    listed(con, status=None, kind=None, rule_id=None, limit=200) -> list[Proposal]             newest first
    published(con, limit=200) -> list[Publication]           newest first
    publication(con, number) -> dict[str, bytes]             the files of that folder; Refused 404
    standing(con, rules) -> Standing                         does a desk govern the folder, does it stand as approved
    content(proposal) -> dict                                of exemption, knowledge, rollback: the JSON, read
    attached(con, proposal_id) -> dict[str, bytes]           the workbooks

    between(con, earlier, later) -> str                      unified diff of two publications

Reading the folder (no database)
    book(rules) -> Rulebook                                  kept while the folder stays as it is; fit for every page
    warm(rules) -> None                                      at a start: seconds, so that the first `check` need not take them
    text_of(rules, rule_id) -> str                           a rule's published text; Refused 404
    scaffold(rules, rule_id, room=None, grain="line") -> str a draft that passes every check; Refused 422 (id taken, wrong shape)
    check(rules, text) -> Checked                            lint as you type; 0.2-0.5 s warm where only condition or words changed
    diff(rules, proposal) -> str                             unified, against the folder as it is; "" where nothing would change
    impact(rules, lake, proposal, chosen=None) -> dict       seconds; of rule: figures of `audit backtest`; of exemption: past findings that
                                                             it reaches; of knowledge: the plan (new, changed, superseded, rules, claims)
    prepare(rules, proposal) -> Ready                        Refused 422 with every fault, 409 where it no longer applies

Changing (act: Act)
    draft(act, rules, rule_id, text, title="") -> int        rule_id None: a new rule. The proposal's id
    exempt(act, rules, rule_id, kind, value, valid_from, valid_to, reason) -> int
    unexempt(act, rules, rule_id, kind, value, valid_from, until, reason) -> int      let it end on `until`
    take_in(act, workbooks: dict[str, bytes], batch=None, published=None, title="", reason="") -> int
    rollback(act, rules, number, reason) -> int              a proposal to go back to publication `number`
    edit(act, proposal_id, revision, text, title=None)       by its author, of kind rule; a submitted or rejected one is a draft again
    rebase(act, rules, proposal_id, revision) -> None        the author has read what changed meanwhile and means to replace it
    keep_impact(act, proposal_id, revision, figures) -> None
    submit(act, ready, reason) -> None                       by its author
    approve(act, rules, ready, reason) -> int                by an approver who is not its author; the publication's number
    reject(act, proposal_id, revision, reason) -> None       by an approver
    withdraw(act, proposal_id, revision) -> None             by its author
    adopt(act, rules, reason="") -> int                      a desk begins to govern the folder: publication 1
    mend(act, rules) -> int | None                           at a start: completes a publication that was cut off; its number
"""

from audit.cases.changes.checking import Checked, check, warm
from audit.cases.changes.editing import between, diff, draft, edit, rebase, reject, scaffold, submit, text_of, withdraw
from audit.cases.changes.impact import impact, keep_impact
from audit.cases.changes.kinds import exempt, rollback, take_in, unexempt
from audit.cases.changes.prepare import Ready, prepare
from audit.cases.changes.proposals import Proposal, attached, content, listed, one
from audit.cases.changes.publishing import Publication, Standing, adopt, approve, mend, publication, published, standing
from audit.cases.changes.reading import book

__all__ = [
    "Checked", "Proposal", "Publication", "Ready", "Standing", "adopt", "approve", "attached", "between", "book", "check",
    "content", "diff", "draft", "edit", "exempt", "impact", "keep_impact", "listed", "mend", "one", "prepare", "publication",
    "published", "rebase", "reject", "rollback", "scaffold", "standing", "submit", "take_in", "text_of", "unexempt", "warm", "withdraw",
]  # fmt: skip
