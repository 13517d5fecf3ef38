"""What hangs on a claim, for the persons of one bucket: lines after netting, diagnoses, operations, trace codes."""

from __future__ import annotations

from typing import Any

from audit.intake.clean import UNIT
from audit.intake.sift import live, reject, sift
from audit.tables import DRUG_TRAC_D, FEE_LIST_D, SETL_LIST_DIAG_D, SETL_LIST_OPRN_D, Table

MONEY = ("det_item_fee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_amt")
FILLED = {"psn_no", "fixmedins_code", "mdtrt_id"}  # of a line, taken from its claim
OF_CLAIM = "CASE WHEN fate IS NULL THEN 'no_claim' WHEN fate = 'quarantined' THEN 'claim_quarantined' END"


def sift_bucket(con: Any, table: Table, bucket: int) -> None:
    """Make `<table>_live` of one bucket: sifted rows of `s_<table>` with their claim's fate judged into `verdict`."""
    here = f"bucket = {bucket} AND fate IS DISTINCT FROM 'left'"
    sift(con, table, f"s_{table.name}", f"{table.name}_live", here)
    con.execute(f"UPDATE {table.name}_live SET verdict = {OF_CLAIM} WHERE verdict IS NULL AND fate IS DISTINCT FROM 'audit'")


def net(con: Any) -> dict[str, int]:
    """Net refunds against the lines they name, from `fee_list_d_live` into `lines`; returns what was counted.

    A refund is a negative line whose init_feedetl_sn names a positive line of the same person. Quantity and each amount
    are added up; an amount that one of them does not state becomes unknown. A refund of a quarantined line follows it; any
    other negative line stays.
    """
    con.execute(f"""UPDATE fee_list_d_live SET verdict = concat('line_quarantined', {UNIT}) WHERE verdict IS NULL AND cnt_e4 < 0 AND EXISTS (
        SELECT 1 FROM fee_list_d_live q WHERE q.verdict IS NOT NULL AND q.fate = 'audit'
        AND q.bkkp_sn = fee_list_d_live.init_feedetl_sn AND q.person = fee_list_d_live.person)""")
    reject(con, FEE_LIST_D, "fee_list_d_live")
    con.execute("""CREATE OR REPLACE TEMP TABLE refunds AS SELECT r.*, p.bkkp_sn AS partner FROM fee_list_d_live r
        JOIN (SELECT bkkp_sn, person FROM fee_list_d_live WHERE verdict IS NULL AND cnt_e4 > 0) p ON r.init_feedetl_sn = p.bkkp_sn AND r.person = p.person
        WHERE r.verdict IS NULL AND r.cnt_e4 < 0""")
    sums = ", ".join(f"CASE WHEN count({m}) = count(*) THEN sum({m})::BIGINT END AS back_{m}" for m in MONEY)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE taken_back AS SELECT partner, sum(cnt_e4)::BIGINT AS back_cnt_e4, {sums} FROM refunds GROUP BY partner"
    )
    columns = []
    for name in FEE_LIST_D.schema:
        if name in ("vali_flag", "init_feedetl_sn"):
            continue
        if name == "cnt_e4" or name in MONEY:
            columns.append(f"CASE WHEN t.partner IS NULL THEN l.{name} ELSE l.{name} + back_{name} END AS {name}")
        elif name in FILLED:
            columns.append(f"c.{name}")
        else:
            columns.append(f"nullif(l.{name}, 0) AS {name}" if name == "pric_uplmt_amt_e6" else f"l.{name}")
    con.execute(f"""CREATE OR REPLACE TEMP VIEW netted AS SELECT {", ".join(columns)}, t.partner IS NOT NULL AS was_netted,
            coalesce(l.fee_ocur_time, c.setl_time)::DATE AS fee_date,
            l.fee_ocur_time IS NOT NULL AND l.fee_ocur_time <> date_trunc('day', l.fee_ocur_time) AS time_known
        FROM (SELECT * FROM fee_list_d_live WHERE verdict IS NULL) l JOIN claims c ON l.setl_id = c.setl_id
        LEFT JOIN taken_back t ON l.bkkp_sn = t.partner
        WHERE NOT EXISTS (SELECT 1 FROM refunds r WHERE r.bkkp_sn = l.bkkp_sn)""")
    con.execute("""CREATE OR REPLACE TEMP VIEW lines AS SELECT * EXCLUDE (was_netted), cnt_e4::DOUBLE / 10000 AS cnt
        FROM netted WHERE NOT was_netted OR cnt_e4 <> 0 OR det_item_fee_sumamt <> 0""")
    counted = con.execute("""SELECT (SELECT count(*) FROM refunds),
        (SELECT count(*) FROM taken_back JOIN fee_list_d_live l ON partner = bkkp_sn
         WHERE l.cnt_e4 + back_cnt_e4 = 0 AND l.det_item_fee_sumamt + back_det_item_fee_sumamt = 0),
        (SELECT count(*) FROM fee_list_d_live WHERE verdict IS NULL AND cnt_e4 < 0)""").fetchall()[0]
    return {"refund_lines_netted": counted[0], "lines_netted_to_zero": counted[1], "refund_lines_unmatched": counted[2] - counted[0]}


def attach(con: Any, present: set[str], bucket: int) -> None:
    """Make `diags`, `oprns`, `traces` of one bucket; what has no claim or line is rejected. Needs `lines`."""
    for table, target in ((SETL_LIST_DIAG_D, "diags"), (SETL_LIST_OPRN_D, "oprns")):
        if table.name in present:
            sift_bucket(con, table, bucket)
            reject(con, table, f"{table.name}_live")
            columns = ", ".join(n for n in table.schema if n not in ("mdtrt_id", "vali_flag"))
            con.execute(f"CREATE OR REPLACE TEMP VIEW {target} AS SELECT {columns} FROM {table.name}_live WHERE verdict IS NULL")
    if DRUG_TRAC_D.name not in present:
        con.execute(
            "CREATE OR REPLACE TEMP VIEW traces AS SELECT ''AS bkkp_sn, '' AS setl_id, '' AS psn_no, '' AS drug_trac_codg, '' AS trdn_flag LIMIT 0"
        )
        return
    sift_bucket(con, DRUG_TRAC_D, bucket)
    # A code of a line that was refunded in full or left the audit goes silently: the pack went back.
    con.execute(f"""UPDATE drug_trac_d_live SET verdict = CASE
            WHEN bkkp_sn IN (SELECT bkkp_sn FROM fee_list_d_live WHERE verdict IS NOT NULL AND bkkp_sn IS NOT NULL) THEN 'line_quarantined' ELSE 'no_line' END
        WHERE verdict IS NULL AND bkkp_sn NOT IN (SELECT bkkp_sn FROM fee_list_d_live WHERE verdict IS NULL)
        AND bkkp_sn NOT IN (SELECT bkkp_sn FROM s_fee_list_d WHERE bucket = {bucket} AND bkkp_sn IS NOT NULL AND NOT ({live(FEE_LIST_D)}))""")
    reject(con, DRUG_TRAC_D, "drug_trac_d_live")
    con.execute("""CREATE OR REPLACE TEMP VIEW traces AS SELECT t.bkkp_sn, l.setl_id, l.psn_no, t.drug_trac_codg, t.trdn_flag
        FROM drug_trac_d_live t JOIN lines l ON t.bkkp_sn = l.bkkp_sn WHERE t.verdict IS NULL""")
