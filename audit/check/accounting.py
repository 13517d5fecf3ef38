"""The expectations that no column declares alone: sums, references, plausible lives. Written by hand, as data."""

from __future__ import annotations

from audit.check.expected import AGES, SHARES, STAYS, Expected

LIST_FIELDS = ("gend", "brdy", "insutype", "psn_type", "fix_blng_admdvs", "begn_date", "end_date", "inscp_amt", "psn_pay")
INPATIENT_FIELDS = ("dscg_maindiag_code", "dscg_way", "adm_dept_codg", "chfpdr_code")
PARTS = "fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_amt"


INPATIENT = ("21", "22", "23", "24", "28", "52")


def _filled(fields: tuple[str, ...]) -> str:
    return ", ".join(f"count({field})" for field in fields)


def accounting() -> list[Expected]:
    """Identities and references; `{batch}` is the frame itself, other frames stand by name. A fen of rounding is allowed."""
    return [
        Expected(
            "claims_gend_known_values",
            "claims",
            "warn",
            "性别只有1、2或未知",
            "sex is 1, 2 or unknown",
            "ColumnValuesToBeInSet",
            "gend",
            bounds={"value_set": ["1", "2"]},
            untrusted=("gend", "dx_sex_conflict", "op_sex_conflict"),
        ),
        Expected(
            "claims_end_after_begin",
            "claims",
            "warn",
            "结束不早于开始",
            "ends on or after the day it begins",
            sql="SELECT setl_id FROM {batch} WHERE end_date < begn_date",
            untrusted=STAYS,
        ),
        Expected(
            "claims_born_before_visit",
            "claims",
            "warn",
            "出生不晚于就诊",
            "born before the visit ends",
            sql="SELECT setl_id FROM {batch} WHERE brdy > coalesce(end_date, begn_date)",
            untrusted=("brdy", *AGES),
        ),
        Expected(
            "claims_plausible_age",
            "claims",
            "warn",
            "就诊时年龄不超过130岁",
            "at most 130 years old at the visit",
            sql="SELECT setl_id FROM {batch} WHERE date_diff('year', brdy, begn_date) > 130",
            untrusted=("brdy", *AGES),
        ),
        Expected(
            "claims_alive_after_birth",
            "claims",
            "warn",
            "死亡不早于出生",
            "death not before birth",
            sql="SELECT setl_id FROM {batch} WHERE die_date < brdy",
            untrusted=("die_date", "death_date", "after_death"),
        ),
        Expected(
            "claims_parts_add_up",
            "claims",
            "warn",
            "四部分之和等于总费用",
            "the four parts add up to the total",
            sql=("SELECT setl_id FROM {batch} WHERE abs(medfee_sumamt - (" + PARTS + ")) > 1"),
            untrusted=("inscp_amt", "claim_inscp_amt"),
        ),
        Expected(
            "claims_fund_within_total",
            "claims",
            "warn",
            "基金支付不超过总费用",
            "the fund pays no more than the total",
            sql=("SELECT setl_id FROM {batch} WHERE medfee_sumamt >= 0 AND fund_pay_sumamt > medfee_sumamt + 1"),
            untrusted=("fund_pay_sumamt", "hifp_pay", "claim_hifp_pay"),
        ),
        Expected(
            "claims_list_fields_delivered",
            "claims",
            "warn",
            "来源表含清单必填字段",
            "the source has the fields that a settlement list must fill",
            # a field that no claim of the night has is missing in the layout, which is not the hospital's fault
            sql=(
                "SELECT setl_id FROM {batch}"
                f" WHERE (SELECT least({_filled(LIST_FIELDS)}) = 0 FROM {{batch}})"
                f" OR (SELECT count(*) > 0 AND least({_filled(INPATIENT_FIELDS)}) = 0 FROM {{batch}} WHERE med_type IN {INPATIENT})"
            ),
            handful=0,
            untrusted=("missing_fields",),
        ),
        Expected(
            "claims_lines_add_up",
            "claims",
            "warn",
            "明细之和等于总费用",
            "the lines add up to the claim",
            sql=(
                "SELECT setl_id FROM {batch} c "
                "JOIN (SELECT setl_id, sum(det_item_fee_sumamt) AS billed FROM lines GROUP BY setl_id) USING (setl_id) "
                "WHERE abs(c.medfee_sumamt - billed) > 1"
            ),
            untrusted=SHARES,
        ),
        Expected(
            "claims_have_lines",
            "claims",
            "warn",
            "结算有明细",
            "a claim has lines",
            sql="SELECT setl_id FROM {batch} ANTI JOIN lines USING (setl_id)",
        ),
        Expected(
            "lines_have_claim",
            "lines",
            "quarantine",
            "明细有结算",
            "a line has its claim",
            sql="SELECT bkkp_sn FROM {batch} ANTI JOIN claims USING (setl_id)",
        ),
        Expected(
            "lines_quantity_times_price",
            "lines",
            "warn",
            "数量乘单价等于金额",
            "quantity times price is the amount",
            sql=("SELECT bkkp_sn FROM {batch} WHERE abs(cnt_e4::HUGEINT * pric_e6 - det_item_fee_sumamt::HUGEINT * 100000000) > 100000000"),
            untrusted=("price_over_fen", "discount_missing_fen"),
        ),
        Expected(
            "lines_parts_add_up",
            "lines",
            "warn",
            "明细各部分之和等于金额",
            "a line's parts add up to its amount",
            sql=("SELECT bkkp_sn FROM {batch} WHERE abs(det_item_fee_sumamt - (" + PARTS + ")) > 1"),
            untrusted=("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_amt"),
        ),
        Expected(
            "lines_sign_agrees",
            "lines",
            "warn",
            "金额与数量同号",
            "amount and quantity have the same sign",
            sql="SELECT bkkp_sn FROM {batch} WHERE (cnt_e4 < 0 AND det_item_fee_sumamt > 0) OR (cnt_e4 > 0 AND det_item_fee_sumamt < 0)",
            untrusted=("det_item_fee_sumamt",),
        ),
        Expected(
            "lines_before_settlement",
            "lines",
            "warn",
            "费用发生不晚于结算日",
            "rendered no later than the day of settlement",
            sql=("SELECT bkkp_sn FROM {batch} l JOIN claims c USING (setl_id) WHERE l.fee_ocur_time::DATE > c.setl_time::DATE"),
            untrusted=("days_since_first_use",),
        ),
        Expected(
            "diags_have_claim",
            "diags",
            "quarantine",
            "诊断有结算",
            "a diagnosis has its claim",
            sql="SELECT setl_id FROM {batch} ANTI JOIN claims USING (setl_id)",
        ),
        Expected(
            "diags_code_shape",
            "diags",
            "warn",
            "诊断编码形如ICD编码",
            "a diagnosis code looks like an ICD code",
            sql="SELECT setl_id FROM {batch} WHERE coalesce(diag_type, '1') = '1' AND NOT regexp_matches(diag_code, '^[A-Z0-9][0-9]{{2}}')",
            untrusted=("dx_sex_conflict", "dx_age_conflict", "dx_on_set"),
        ),
    ]
