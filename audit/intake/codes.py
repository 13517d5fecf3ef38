"""What the codes of a batch are: values out of a short list, or numbers of rows, persons and things."""

from __future__ import annotations

from audit.tables import Column

KNOWN_VALUES = {
    "gend": "0 1 2 9",
    "insutype": "310 320 330 340 350 360 370 380 390 391 392 399 410 510",
    "med_type": "11 12 13 14 140104 140201 19 21 22 23 24 28 41 51 52 53 71 9901 9902 9903 9904 9906 9907 9921 9925",
    "hosp_lv": "01 02 03 04 05 06 07 08 09 10 11 12 13 14",
    "med_chrgitm_type": "01 02 03 04 05 06 07 08 09 10 11 12 13 14",
}
# Numbers of one row keep their case: they are written by machines, and two that differ only in case are two numbers.
NUMBERS_OF_ROWS = {"setl_id", "init_setl_id", "mdtrt_id", "psn_no", "bkkp_sn", "init_feedetl_sn", "rx_drord_no", "comb_no"}
VALUE_CODES = set(KNOWN_VALUES) | {
    "psn_type",
    "chrgitm_lv",
    "diag_type",
    "dscg_way",
    "matn_type",
    "list_type",
    "tcmdrug_used_way",
    "inv_chg_type",
}


def identifies(column: Column) -> bool:
    """True for a code that names a row, a person or a thing, as against a value out of a short list."""
    return column.kind == "code" and column.name not in VALUE_CODES and not column.name.endswith("_flag")
