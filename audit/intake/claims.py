"""Claims: which settlements are audited tonight, and which table's word counts where tables differ."""

from __future__ import annotations

from typing import Any

from audit.intake.sift import live, reject, repeats, sift
from audit.tables import FIXMEDINS_B, MDTRT_D, PSN_INFO_B, SETL_D

# 01-04 and 12 tertiary, 05-07 and 13 secondary, 08-10 and 14 primary; 11 (ungraded) and others unknown.
TIER = (
    "CASE WHEN hosp_lv IN ('01','02','03','04','12') THEN 3 WHEN hosp_lv IN ('05','06','07','13') THEN 2 "
    "WHEN hosp_lv IN ('08','09','10','14') THEN 1 END::BIGINT"
)

# Who tonight's persons are, from `s_psn_info_b`, for the desk alone; where rows disagree nobody is named.
PERSONS = """SELECT psn_no, CASE WHEN min(psn_name) = max(psn_name) THEN min(psn_name) END AS psn_name,
    CASE WHEN min(certno) = max(certno) THEN min(certno) END AS certno
    FROM s_psn_info_b WHERE psn_no IN (SELECT psn_no FROM s_setl_d) GROUP BY psn_no ORDER BY psn_no"""


def _sexed(column: str) -> str:
    return f"CASE WHEN {column} IN ('1', '2') THEN {column} END"


def sift_small(con: Any) -> None:
    """Sift encounters, settlements, institutions and persons into `<table>_live`; their faulty rows are rejected."""
    for table in (MDTRT_D, SETL_D, FIXMEDINS_B, PSN_INFO_B):
        repeats(con, table, f"s_{table.name}")
        sift(con, table, f"s_{table.name}", f"{table.name}_live")
        if table is not SETL_D:
            reject(con, table, f"{table.name}_live")
            con.execute(f"DROP TABLE s_{table.name}")


def decide_fates(con: Any) -> None:
    """Make `fates` (setl_id, fate 'audit' | 'left' | 'quarantined', why): one row per settlement id in the batch.

    Needs `audited` (setl_id). An earlier night's claim leaves first, then contradicting rows are quarantined, then reversals
    and what they reverse leave, then rows that cannot be read or have no encounter are quarantined.
    """
    con.execute("""CREATE OR REPLACE TEMP VIEW setl_verdicts AS
        WITH reversed AS (SELECT DISTINCT init_setl_id AS id FROM setl_d_live WHERE refd_setl_flag = '1' AND init_setl_id IS NOT NULL),
             good AS (SELECT mdtrt_id AS id FROM mdtrt_d_live WHERE verdict IS NULL),
             bad AS (SELECT DISTINCT mdtrt_id AS id FROM mdtrt_d_live WHERE verdict IS NOT NULL)
        SELECT s.*, CASE
            WHEN setl_id IN (SELECT setl_id FROM audited) THEN 'already_audited'
            WHEN starts_with(verdict, 'duplicate_key') THEN NULL
            WHEN setl_id IS NOT NULL AND refd_setl_flag = '1' THEN 'refunded'
            WHEN setl_id IN (SELECT id FROM reversed) THEN 'reversed' END AS leaving,
          coalesce(verdict, CASE WHEN mdtrt_id IN (SELECT id FROM good) THEN NULL
            WHEN mdtrt_id IN (SELECT id FROM bad WHERE id IS NOT NULL) THEN 'encounter_quarantined' ELSE 'no_encounter' END) AS refusal
        FROM setl_d_live s""")
    con.execute(f"""CREATE OR REPLACE TEMP TABLE fates AS
        SELECT setl_id, max(leaving) AS why,
            CASE WHEN bool_or(leaving IS NOT NULL) THEN 'left' WHEN bool_or(refusal IS NOT NULL) THEN 'quarantined' ELSE 'audit' END AS fate
        FROM setl_verdicts WHERE setl_id IS NOT NULL GROUP BY setl_id
        UNION ALL
        SELECT DISTINCT setl_id, 'invalid', 'left' FROM s_setl_d WHERE NOT ({live(SETL_D)}) AND setl_id IS NOT NULL
            AND setl_id NOT IN (SELECT setl_id FROM setl_d_live WHERE setl_id IS NOT NULL)""")
    reject(con, SETL_D, "setl_verdicts WHERE leaving IS NULL", "refusal")


def resolve_claims(con: Any, buckets: int, has_oprns: bool) -> None:
    """Make `claims`: one row per settlement to audit, every fact taken from the table that wins, and its person's `bucket`.

    `claim_heads` holds what lines need of it. The tables it was made from are dropped.
    """
    con.execute(f"""CREATE OR REPLACE TEMP TABLE claims AS SELECT *, {TIER} AS hosp_tier FROM (
        SELECT s.setl_id, s.mdtrt_id, s.psn_no, s.fixmedins_code,
            coalesce(s.fixmedins_name, m.fixmedins_name, f.fixmedins_name) AS fixmedins_name, f.fixmedins_type,
            coalesce({_sexed("s.gend")}, {_sexed("m.gend")}, {_sexed("p.gend")}) AS gend,
            coalesce(s.brdy, m.brdy, p.brdy) AS brdy, coalesce(s.age, m.age) AS age, coalesce(p.die_date, m.die_date) AS die_date,
            coalesce(s.insutype, m.insutype) AS insutype, s.psn_type, s.insu_admdvs,
            coalesce(s.hosp_lv, m.hosp_lv, f.hosp_lv) AS hosp_lv,
            coalesce(s.fix_blng_admdvs, m.fix_blng_admdvs, f.fix_blng_admdvs) AS fix_blng_admdvs, s.med_type,
            coalesce(s.begndate, m.begntime::DATE) AS begn_date, coalesce(s.enddate, m.endtime::DATE) AS end_date,
            m.begntime, m.endtime, s.setl_time,
            s.medfee_sumamt, s.fulamt_ownpay_amt, s.overlmt_selfpay, s.preselfpay_amt, s.inscp_amt, s.hifp_pay, s.fund_pay_sumamt,
            s.psn_pay, s.acct_pay, m.adm_dept_codg, m.adm_dept_name, m.dscg_maindiag_code, m.dscg_way, m.ipt_days,
            m.chfpdr_code, m.chfpdr_name, m.matn_type, m.geso_val, m.dise_type_code, coalesce(s.dise_no, m.dise_no) AS dise_no,
            {has_oprns} AS has_oprns, (md5_number_lower(s.psn_no) % {buckets})::INT AS bucket
        FROM setl_verdicts s JOIN (SELECT * FROM mdtrt_d_live WHERE verdict IS NULL) m USING (mdtrt_id)
        LEFT JOIN (SELECT * FROM psn_info_b_live WHERE verdict IS NULL) p ON s.psn_no = p.psn_no
        LEFT JOIN (SELECT * FROM fixmedins_b_live WHERE verdict IS NULL) f ON s.fixmedins_code = f.fixmedins_code
        WHERE s.leaving IS NULL AND s.refusal IS NULL)""")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE claim_heads AS SELECT setl_id, mdtrt_id, psn_no, fixmedins_code, setl_time, bucket FROM claims"
    )
    con.execute("DROP VIEW setl_verdicts")
    for table in (MDTRT_D, SETL_D, FIXMEDINS_B, PSN_INFO_B):
        con.execute(f"DROP TABLE {table.name}_live")
    con.execute("DROP TABLE s_setl_d")
