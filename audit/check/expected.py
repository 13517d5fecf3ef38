"""One expectation as data, and which columns a broken source column takes with it.

Every expectation says what happens when it fails:

    stop        the batch cannot be audited (exit 4)
    quarantine  the rows leave the audit, with the reason
    warn        the rows stay; a person should look

and which columns stop being trustworthy when more than a share `beyond` of the rows fails (and more than a handful:
three odd rows must not blind a rule for a night). Rules that read an untrusted column answer *cannot tell*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ACTIONS = ("stop", "quarantine", "warn")
BEYOND = 0.01
HANDFUL = 20

AGES = (
    "age_lo",
    "age_hi",
    "age_days",
    "is_newborn",
    "is_infant",
    "is_child",
    "in_pay_age",
    "in_drug_age",
    "in_service_age",
    "in_work_age",
    "dx_age_conflict",
)
STAYS = ("stay_days", "over_bed_fen", "overlap_days", "overlap_setl_id", "prev_stay_gap_days", "service_day_outside", "in_stay_setl_id")
SHARES = (
    "line_count",
    "lines_sum_fen",
    "drug_share",
    "exam_share",
    "lab_share",
    "consumable_share",
    "therapy_share",
    "nursing_share",
    "bed_share",
    "surgery_share",
)
LOADS = ("inst_claims", "inst_mean_fen", "cost_ratio", "doctor_claims_day")
MEASURED_FROM = {
    "brdy": AGES,
    "age": AGES,
    "begn_date": STAYS,
    "end_date": STAYS,
    "fee_ocur_time": ("service_day_outside", "included_in", "days_since_first_use"),
    "cnt_e4": ("cnt", "over_day_fen", "over_period_fen", "qty_day", "period_qty", "price_over_fen", "over_supply_fen"),
    "pric_e6": ("price_over_fen", "discount_missing_fen", "amount_gap_fen"),
    "pric_uplmt_amt_e6": ("price_over_fen",),
    "prd_days": ("over_supply_fen",),
}


@dataclass(frozen=True)
class Expected:
    """One expectation: `kind` names the Great Expectations class (or `sql`, whose rows are the ones that fail)."""

    name: str
    table: str
    action: str
    zh: str
    en: str
    kind: str = "sql"
    column: str = ""
    sql: str = ""
    bounds: dict[str, Any] = field(default_factory=dict)
    untrusted: tuple[str, ...] = ()
    beyond: float = BEYOND
    handful: int = HANDFUL
