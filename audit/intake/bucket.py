"""What hangs on a claim, for the persons of one bucket: lines after netting, diagnoses, operations, trace codes."""

from __future__ import annotations

from typing import Any

from audit.intake.sift import live, reject, sift
from audit.tables import DRUG_TRAC_D, FEE_LIST_D, SETL_LIST_DIAG_D, SETL_LIST_OPRN_D, Table

MONEY = ("det_item_fee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_amt")
FILLED = {"psn_no", "fixmedins_code", "mdtrt_id"}  # of a line, taken from its claim
ZERO = "billed_cnt + back_cnt_e4 = 0 AND billed + back_det_item_fee_sumamt = 0"  # a line taken back whole
OF_CLAIM = "CASE WHEN fate IS NULL THEN 'no_claim' WHEN fate = 'quarantined' THEN 'claim_quarantined' END"


def sift_bucket(con: Any, table: Table, bucket: int) -> None:
    """Make `<table>_live` of one bucket: sifted rows of `s_<table>`, judged also by their claim's fate.

    Lines are a view over their files, because they are too many to hold twice; the rest is a table.
    """
    here = f"bucket = {bucket} AND fate IS DISTINCT FROM 'left'"
    sift(con, table, f"s_{table.name}", f"{table.name}_live", here, OF_CLAIM, "VIEW" if table is FEE_LIST_D else "TABLE")


def net(con: Any) -> dict[str, int]:
    """Net refunds against the lines they name, from `fee_list_d_live` into `lines`; returns what was counted.

    A refund is a negative line whose init_feedetl_sn names a positive line of the same person. Quantity and each amount
    are added up; an amount that one of them does not state becomes unknown. A refund of a quarantined line follows it; any
    other negative line stays.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE negative_lines AS SELECT * FROM fee_list_d_live WHERE verdict IS NULL AND cnt_e4 < 0")
    con.execute("CREATE OR REPLACE TEMP TABLE refused_lines AS SELECT * FROM fee_list_d_live WHERE verdict IS NOT NULL")
    con.execute("""INSERT INTO refused_lines SELECT * REPLACE ('line_quarantined' AS verdict) FROM negative_lines n WHERE EXISTS (
        SELECT 1 FROM refused_lines q WHERE q.fate = 'audit' AND q.bkkp_sn = n.init_feedetl_sn AND q.person = n.person)""")
    con.execute("DELETE FROM negative_lines WHERE bkkp_sn IN (SELECT bkkp_sn FROM refused_lines WHERE verdict = 'line_quarantined')")
    reject(con, FEE_LIST_D, "refused_lines")
    con.execute("""CREATE OR REPLACE TEMP VIEW good_lines AS SELECT * FROM fee_list_d_live
        WHERE verdict IS NULL AND bkkp_sn NOT IN (SELECT bkkp_sn FROM refused_lines WHERE verdict = 'line_quarantined')""")
    con.execute("""CREATE OR REPLACE TEMP TABLE refunds AS
        SELECT r.*, p.bkkp_sn AS partner, p.cnt_e4 AS billed_cnt, p.det_item_fee_sumamt AS billed
        FROM good_lines p JOIN negative_lines r ON r.init_feedetl_sn = p.bkkp_sn AND r.person = p.person WHERE p.cnt_e4 > 0""")
    sums = ", ".join(f"CASE WHEN count({m}) = count(*) THEN sum({m})::BIGINT END AS back_{m}" for m in MONEY)
    con.execute(f"""CREATE OR REPLACE TEMP TABLE taken_back AS SELECT partner, sum(cnt_e4)::BIGINT AS back_cnt_e4, {sums},
        any_value(billed_cnt) AS billed_cnt, any_value(billed) AS billed FROM refunds GROUP BY partner""")
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
        FROM good_lines l JOIN claim_heads c ON l.setl_id = c.setl_id LEFT JOIN taken_back t ON l.bkkp_sn = t.partner
        WHERE l.bkkp_sn NOT IN (SELECT bkkp_sn FROM refunds)""")
    con.execute("""CREATE OR REPLACE TEMP VIEW lines AS SELECT * EXCLUDE (was_netted), cnt_e4::DOUBLE / 10000 AS cnt
        FROM netted WHERE NOT was_netted OR cnt_e4 <> 0 OR det_item_fee_sumamt <> 0""")
    counted = con.execute(f"""SELECT (SELECT count(*) FROM refunds), (SELECT count(*) FROM negative_lines),
        (SELECT count(*) FROM taken_back WHERE {ZERO})""").fetchall()[0]
    return {"refund_lines_netted": counted[0], "refund_lines_unmatched": counted[1] - counted[0], "lines_netted_to_zero": counted[2]}


def attach(con: Any, present: set[str], bucket: int) -> None:
    """Make `diags`, `oprns`, `traces` of one bucket; what has no claim or line is rejected. Needs `lines`."""
    for table, target in ((SETL_LIST_DIAG_D, "diags"), (SETL_LIST_OPRN_D, "oprns")):
        if table.name in present:
            sift_bucket(con, table, bucket)
            reject(con, table, f"{table.name}_live")
            columns = ", ".join(n for n in table.schema if n not in ("mdtrt_id", "vali_flag"))
            con.execute(f"CREATE OR REPLACE TEMP VIEW {target} AS SELECT {columns} FROM {table.name}_live WHERE verdict IS NULL")
    if DRUG_TRAC_D.name not in present:
        nothing = ", ".join(f"'' AS {c}" for c in ("bkkp_sn", "setl_id", "psn_no", "drug_trac_codg", "trdn_flag"))
        con.execute(f"CREATE OR REPLACE TEMP VIEW traces AS SELECT {nothing} LIMIT 0")
        return
    sift_bucket(con, DRUG_TRAC_D, bucket)
    con.execute(f"""CREATE OR REPLACE TEMP TABLE traced_lines AS SELECT bkkp_sn, setl_id FROM s_fee_list_d
        WHERE bucket = {bucket} AND bkkp_sn IN (SELECT bkkp_sn FROM drug_trac_d_live WHERE verdict IS NULL)""")
    for reason, lines in (
        ("line_quarantined", "IN (SELECT (bkkp_sn, setl_id) FROM refused_lines"),
        ("no_line", "NOT IN (SELECT (bkkp_sn, setl_id) FROM traced_lines"),
    ):
        con.execute(f"""UPDATE drug_trac_d_live SET verdict = '{reason}' WHERE verdict IS NULL
            AND (bkkp_sn, setl_id) {lines} WHERE bkkp_sn IS NOT NULL AND setl_id IS NOT NULL)""")
    reject(con, DRUG_TRAC_D, "drug_trac_d_live")
    # A code of a line that was refunded in full or is not valid goes silently: the pack went back.
    con.execute(f"""CREATE OR REPLACE TEMP VIEW traces AS SELECT t.bkkp_sn, t.setl_id, c.psn_no, t.drug_trac_codg, t.trdn_flag
        FROM drug_trac_d_live t JOIN claim_heads c ON t.setl_id = c.setl_id
        WHERE t.verdict IS NULL AND t.bkkp_sn NOT IN (SELECT bkkp_sn FROM refunds)
        AND t.bkkp_sn NOT IN (SELECT partner FROM taken_back WHERE {ZERO})
        AND t.bkkp_sn IN (SELECT bkkp_sn FROM s_fee_list_d WHERE bucket = {bucket} AND {live(FEE_LIST_D)})""")
