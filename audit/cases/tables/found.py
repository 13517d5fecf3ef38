"""What nights found: copied in when a case is opened and never changed by a later night, so that an old case is shown as it was judged;
and, beside it, what a reviewer found in a bill that no rule had found."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from audit.cases.tables.columns import BigKey, Moment, fen, key, metadata, of

BY_HAND = "HAND"  # rule_id of a finding that somebody entered; its rule_version is 0
_ENTERED = text("author_id IS NOT NULL")
nights = Table(
    "nights",
    metadata,
    Column("batch_date", Date, primary_key=True),
    Column("run_id", String(64), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("opened", Integer, nullable=False, default=0),
    Column("refreshed", Integer, nullable=False, default=0),
)
rule_texts = Table(  # every rule version that ever judged an opened case, word for word
    "rule_texts",
    metadata,
    Column("rule_id", String(16), primary_key=True),
    Column("rule_version", Integer, primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    Column("file", Text, nullable=False),
    Column("text", Text, nullable=False),
)
cases = Table(
    "cases",
    metadata,
    key(),
    Column("setl_id", String(64), nullable=False, unique=True),
    Column("mdtrt_id", String(64), nullable=False),
    Column("psn_no", String(64), nullable=False, index=True),
    Column("fixmedins_code", String(50), nullable=False),
    Column("fixmedins_name", Text),
    Column("area", String(12), nullable=False, default=""),  # fix_blng_admdvs of the institution
    Column("med_type", String(16)),
    Column("begn_date", Date),
    Column("end_date", Date),
    Column("batch_date", Date, nullable=False, index=True),
    Column("run_id", String(64), nullable=False),
    fen("medfee_sumamt"),
    fen("fund_pay_sumamt"),
    fen("counted_amt"),  # found by the engine, and by hand
    fen("decided_amt"),  # as the last step decided
    fen("recovered_amt"),
    fen("priority"),
    Column("fraud_probability", Float),
    Column("sev_deg", String(16), nullable=False),  # definite | suspicious | model (no rule, only the models)
    Column("lead_rule", String(16)),  # rule of the largest counted amount
    Column("step", String(16), nullable=False, default="first_review"),  # workflow.STEPS
    Column("outcome", String(16)),  # of a closed case
    Column("due_on", Date),
    Column("suspended_at", Moment),
    Column("escalated", Boolean, nullable=False, default=False),
    of("people", "assignee_id"),
    of("people", "first_reviewer_id"),
    of("people", "locked_by_id"),
    Column("locked_until", Moment),
    of("cases", "merged_into_id"),
    Column("revision", Integer, nullable=False, default=0),  # grows with every change: two people on one case are noticed
    Column("opened_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("closed_at", Moment),
    # every queue is read in the order of one of the first three, or found, like every count, in the fourth: it holds what filters read
    Index("ix_cases_priority", "priority", "id"),
    Index("ix_cases_queue", "step", "priority", "id"),
    Index("ix_cases_mine", "assignee_id", "step", "priority", "id"),
    Index(
        "ix_cases_counts",
        "step",
        "assignee_id",
        "due_on",
        "suspended_at",
        "area",
        "fixmedins_code",
        "lead_rule",
        "sev_deg",
        "counted_amt",
        "fraud_probability",
        "priority",
    ),
    Index("ix_cases_search", "setl_id", "fixmedins_code", "fixmedins_name"),
    Index("ix_cases_due", "step", "due_on"),
    Index("ix_cases_institution", "fixmedins_code", "step"),
)
bills = Table(  # the whole bill as the night saw it: zlib-packed JSON (see bills.py)
    "bills",
    metadata,
    Column("case_id", BigKey, ForeignKey("cases.id"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
findings = Table(
    "findings",
    metadata,
    key(),
    of("cases", "case_id", nullable=False, index=True),
    Column("jr_id", String(64), nullable=False, unique=True),
    Column("setl_id", String(64), nullable=False),  # the claim it is about: another than the case's own once cases were merged
    Column("bkkp_sn", String(64)),
    Column("line_amt", BigInteger),  # the line's own amount, None for a finding about the claim
    Column("rule_id", String(16), nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("fingerprint", String(64), nullable=False, default=""),
    Column("code", String(32), nullable=False),  # national_code or local_code
    Column("sev_deg", String(16), nullable=False),
    Column("item", Text),  # hilist_name of the line
    fen("vola_amt"),
    fen("vola_inscp_amt"),
    fen("vola_fund_amt"),
    fen("counted_amt"),
    Column("vola_cont", Text, nullable=False),
    Column("vola_cont_en", Text, nullable=False),
    Column("vola_evid", Text, nullable=False),
    Column("evidence", Text, nullable=False, default="{}"),
    Column("concerned", Text, nullable=False, default="[]"),
    Column("point", Text),
    Column("outcome", String(16)),  # last decision: confirmed | reduced | dismissed
    Column("decided_amt", BigInteger),
    of("people", "author_id"),  # who entered it by hand; None: a rule found it
    Index("ix_findings_rule", "rule_id", "case_id", "rule_version", "sev_deg", "outcome", "counted_amt"),
    Index("ix_findings_author", "author_id", sqlite_where=_ENTERED, postgresql_where=_ENTERED),  # few, and few to look through
)
