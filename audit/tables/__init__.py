"""Every stored table: its grain, and each column's name, kind, meaning and whether a row can live without it.

Parsers, quality checks, the mapping files and the data dictionary are derived from this list. Names are the national
platform's; kinds fix how text is read and what is stored:

    code   identifier: trimmed, upper case, no control characters     -> String
    text   free text: trimmed                                         -> String
    fen    money in yuan, stored as whole fen, half up                -> Int64
    cnt4   quantity with four decimals, stored as `<name>_e4`         -> Int64
    pric6  price in yuan with six decimals, stored as `<name>_e6`     -> Int64
    whole  a whole number                                             -> Int64
    date   calendar date                                              -> Date
    time   Chinese wall-clock time                                    -> Datetime(us)

A star after the kind marks a column without which the row is quarantined. An exclamation mark marks a personal column: it says who
somebody is. Intake takes it to a file of its own; no rule, measure or model can read it, and no fingerprint knows it.
"""

from audit.tables.claims import FEE_LIST_D, MDTRT_D, SETL_D, SETL_LIST_DIAG_D
from audit.tables.columns import DTYPES, Column, Table
from audit.tables.optional import DRUG_TRAC_D, FIXMEDINS_B, INVENTORY_D, PSN_INFO_B, SETL_LIST_OPRN_D
from audit.tables.results import CANNOT_TELL

__all__ = [
    "CANNOT_TELL", "DRUG_TRAC_D", "DTYPES", "FEE_LIST_D", "FIXMEDINS_B", "INVENTORY_D", "MDTRT_D", "NATIONAL_TABLES", "PSN_INFO_B",
    "SETL_D", "SETL_LIST_DIAG_D", "SETL_LIST_OPRN_D", "Column", "Table",
]  # fmt: skip

NATIONAL_TABLES = {
    t.name: t for t in (MDTRT_D, SETL_D, FEE_LIST_D, SETL_LIST_DIAG_D, SETL_LIST_OPRN_D, FIXMEDINS_B, PSN_INFO_B, DRUG_TRAC_D, INVENTORY_D)
}
