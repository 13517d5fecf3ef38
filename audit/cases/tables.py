"""Every table of the desk's database. Money is integer fen; times are UTC; days are Chinese calendar days; JSON stands in `Text` columns.

What a night found is copied in when a case is opened, and never changed by a later night: an old case is shown as it was judged.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A time in UTC that knows it: SQLite would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


BigKey = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only what it calls INTEGER


def _key() -> Column[Any]:
    return Column("id", BigKey, primary_key=True, autoincrement=True)


def _of(table: str, name: str, **options: Any) -> Column[Any]:
    return Column(name, BigKey, ForeignKey(f"{table}.id"), **options)


def _fen(name: str) -> Column[Any]:
    return Column(name, BigInteger, nullable=False, default=0)


# People ------------------------------------------------------------------------------------------------------------------------------
people = Table(
    "people",
    metadata,
    _key(),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),  # walls.ROLES
    Column("area", String(12), nullable=False, default=""),  # beginning of a division's code; "" is everywhere
    Column("fixmedins_code", String(50)),  # a hospital user's institution
    Column("password", Text),  # argon2; None for single sign-on only
    Column("oidc_subject", String(255), unique=True),
    Column("active", Boolean, nullable=False, default=True),
    Column("must_change", Boolean, nullable=False, default=False),  # a one-time password
    Column("failed", Integer, nullable=False, default=0),
    Column("locked_until", Moment),
    Column("capacity", Integer),  # open cases at once; None is the site's number
    Column("skills", Text, nullable=False, default=""),  # rule classes, comma-separated; "" is all
    Column("absent_from", Date),
    Column("absent_to", Date),
    Column("lang", String(2), nullable=False, default="zh"),
    Column("created_at", Moment, nullable=False),
)
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _of("people", "person_id", nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("api", Boolean, nullable=False, default=False),  # a personal token for programs: no cookie, no CSRF
    Column("label", String(64), nullable=False, default=""),
    Column("expires_at", Moment, nullable=False),
)

# The journal -------------------------------------------------------------------------------------------------------------------------
journal = Table(
    "journal",
    metadata,
    Column("seq", BigKey, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("login", String(64), nullable=False),  # "" is the engine itself
    Column("role", String(16), nullable=False),
    Column("action", String(48), nullable=False),
    Column("case_id", BigKey, index=True),
    Column("subject", String(128), nullable=False, default=""),
    Column("details", Text, nullable=False, default="{}"),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
journal_head = Table(  # one row: locked while the chain grows
    "journal_head",
    metadata,
    Column("only", Integer, primary_key=True),
    Column("seq", BigKey, nullable=False),
    Column("hash", String(64), nullable=False),
)

# Nights and cases --------------------------------------------------------------------------------------------------------------------
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
    _key(),
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
    _fen("medfee_sumamt"),
    _fen("fund_pay_sumamt"),
    _fen("counted_amt"),  # found by the engine
    _fen("decided_amt"),  # as the last step decided
    _fen("recovered_amt"),
    _fen("priority"),
    Column("fraud_probability", Float),
    Column("sev_deg", String(16), nullable=False),  # definite | suspicious | model (no rule, only the models)
    Column("lead_rule", String(16)),  # rule of the largest counted amount
    Column("step", String(16), nullable=False, default="first_review"),  # workflow.STEPS
    Column("outcome", String(16)),  # of a closed case
    Column("due_on", Date),
    Column("suspended_at", Moment),
    Column("escalated", Boolean, nullable=False, default=False),
    _of("people", "assignee_id"),
    _of("people", "first_reviewer_id"),
    _of("people", "locked_by_id"),
    Column("locked_until", Moment),
    _of("cases", "merged_into_id"),
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
    _key(),
    _of("cases", "case_id", nullable=False, index=True),
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
    _fen("vola_amt"),
    _fen("vola_inscp_amt"),
    _fen("vola_fund_amt"),
    _fen("counted_amt"),
    Column("vola_cont", Text, nullable=False),
    Column("vola_cont_en", Text, nullable=False),
    Column("vola_evid", Text, nullable=False),
    Column("evidence", Text, nullable=False, default="{}"),
    Column("concerned", Text, nullable=False, default="[]"),
    Column("point", Text),
    Column("outcome", String(16)),  # last decision: confirmed | reduced | dismissed
    Column("decided_amt", BigInteger),
    Index("ix_findings_rule", "rule_id", "case_id", "rule_version", "sev_deg", "outcome", "counted_amt"),
)
decisions = Table(
    "decisions",
    metadata,
    _key(),
    _of("cases", "case_id", nullable=False, index=True),
    _of("findings", "finding_id", nullable=False, index=True),
    Column("step", String(16), nullable=False),
    _of("people", "person_id", nullable=False),
    Column("outcome", String(16), nullable=False),
    _fen("amt"),
    Column("reason", Text, nullable=False, default=""),
    Column("at", Moment, nullable=False),
)
votes = Table(  # of the panel (合议)
    "votes",
    metadata,
    _key(),
    _of("cases", "case_id", nullable=False, index=True),
    _of("people", "person_id", nullable=False),
    Column("outcome", String(16), nullable=False),  # uphold | reduce | overturn
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("case_id", "person_id"),
)
notices = Table(
    "notices",
    metadata,
    _key(),
    _of("cases", "case_id", nullable=False, index=True),
    Column("kind", String(16), nullable=False),  # first_review | re_review | final | withdrawn
    Column("sent_at", Moment, nullable=False),
    Column("due_on", Date),
    Column("read_at", Moment),
)
appeals = Table(
    "appeals",
    metadata,
    _key(),
    _of("cases", "case_id", nullable=False, index=True),
    Column("round", Integer, nullable=False),
    _of("people", "person_id", nullable=False),
    Column("statement", Text, nullable=False),
    Column("findings", Text, nullable=False, default="[]"),  # ids of the contested ones
    Column("at", Moment, nullable=False),
    UniqueConstraint("case_id", "round"),
)
files = Table(
    "files",
    metadata,
    _key(),
    _of("cases", "case_id", nullable=False, index=True),
    _of("appeals", "appeal_id"),
    Column("name", String(255), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    _of("people", "person_id", nullable=False),
    Column("at", Moment, nullable=False),
)
comments = Table(
    "comments",
    metadata,
    _key(),
    _of("cases", "case_id", nullable=False, index=True),
    _of("people", "person_id", nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
ledger = Table(  # append-only: proposed -> confirmed -> appealed -> recovered, or released
    "ledger",
    metadata,
    _key(),
    _of("cases", "case_id", nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("amt", BigInteger, nullable=False),
    Column("reference", String(128), nullable=False, default=""),
    _of("people", "person_id"),
    Column("at", Moment, nullable=False),
)
labels = Table(  # truth for training and scorecards: only after the last word
    "labels",
    metadata,
    Column("case_id", BigKey, ForeignKey("cases.id"), primary_key=True),
    Column("setl_id", String(64), nullable=False, unique=True),
    Column("violation", Boolean, nullable=False),
    _fen("amt"),
    Column("final_step", String(16), nullable=False),
    Column("at", Moment, nullable=False),
)
views = Table(
    "views",
    metadata,
    _key(),
    _of("people", "person_id", nullable=False, index=True),
    Column("name", String(64), nullable=False),
    Column("query", Text, nullable=False),
    UniqueConstraint("person_id", "name"),
)

# Rules -------------------------------------------------------------------------------------------------------------------------------
proposals = Table(  # a change that somebody wrote and somebody else must approve
    "proposals",
    metadata,
    _key(),
    Column("kind", String(16), nullable=False),  # rule | exemption | knowledge | rollback
    Column("title", Text, nullable=False),
    Column("rule_id", String(16), index=True),
    Column("content", Text, nullable=False),  # the rule's text, or JSON
    Column("attachment", LargeBinary),  # official workbooks, as they came
    Column("reason", Text, nullable=False, default=""),
    Column("based_on", String(64), nullable=False, default=""),  # fingerprint of the rulebook it was written against
    Column("impact", Text),  # figures of the backtest
    Column("status", String(16), nullable=False, default="draft"),  # draft | submitted | rejected | published | withdrawn
    _of("people", "author_id", nullable=False),
    _of("people", "approver_id"),
    Column("verdict", Text, nullable=False, default=""),  # the approver's reason
    Column("revision", Integer, nullable=False, default=0),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("decided_at", Moment),
)
publications = Table(  # the whole rules folder after each approved change: what a rollback goes back to
    "publications",
    metadata,
    _key(),
    _of("proposals", "proposal_id"),
    Column("rulebook", String(64), nullable=False),  # fingerprints, as a night's manifest has them
    Column("knowledge", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),  # tar.xz
    Column("at", Moment, nullable=False),
)

# Sampling ----------------------------------------------------------------------------------------------------------------------------
samples = Table(
    "samples",
    metadata,
    _key(),
    Column("name", Text, nullable=False),
    Column("fixmedins_code", String(50), nullable=False),
    Column("area", String(12), nullable=False, default=""),
    Column("plan", Text, nullable=False),  # frame, strata, sizes, seed
    Column("result", Text),
    _of("people", "person_id", nullable=False),
    Column("at", Moment, nullable=False),
    Column("closed_at", Moment),
)
sample_claims = Table(
    "sample_claims",
    metadata,
    _key(),
    _of("samples", "sample_id", nullable=False, index=True),
    Column("setl_id", String(64), nullable=False),
    Column("stratum", Integer, nullable=False),
    _fen("paid"),
    Column("overpaid", BigInteger),
    Column("note", Text, nullable=False, default=""),
    _of("people", "person_id"),
    Column("at", Moment),
    UniqueConstraint("sample_id", "setl_id"),
)
