"""Claims near the violations: a rule's example with a few cells changed, so that random claims really meet rules, points and limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from audit.rulebook import Example, Rule, drawn

Cell = str | None


def later(days: int) -> Callable[[Cell], Cell]:
    """The same time of day, some days later."""

    def moved(cell: Cell) -> Cell:
        return f"{date.fromisoformat(cell[:10]) + timedelta(days=days)}{cell[10:]}" if cell else cell

    return moved


# national column -> what may stand there instead: values beside the limits, or a change of what stands there
CHANGES: dict[str, Sequence[Any]] = {
    "gend": ("1", "2", "9", None),
    "brdy": (later(-1), later(1), "2012-07-15", "2012-07-16", "2026-06-16", "2026-06-17", "1966-07-15", "1951-01-01", None),
    "insutype": ("310", "390", "510", None),
    "hosp_lv": ("02", "05", "08", "11", None),
    "med_type": ("11", "13", "140104", "21", "22", "24", "41", "52", "9901", None),
    "dscg_way": ("1", "2", "5", None),
    "begndate": (later(-1), later(1), later(-30), later(-364), later(-365)),
    "enddate": (later(-1), later(1), later(15), later(16), None),
    "die_date": (later(1), "2026-05-05", "2026-07-14", "2026-07-15", None),
    "fee_ocur_time": (later(-1), later(1), later(14), later(15), later(30), "2026-07-15 00:00:00", None),
    "cnt": ("1", "2", "0.5", "23.9", "24", "25", "-1"),
    "pric": ("0.01", "10.00", "50.00", "50.01", "1000.00"),
    "pric_uplmt_amt": ("0", "50.00", "1000.00", None),
    "det_item_fee_sumamt": ("100.00", "100.01", "100.02", "0.01"),
    "fulamt_ownpay_amt": ("0", "10.00", "100.00", None),
    "inscp_amt": ("0", "90.00", "100.00", "100.01", None),
    "overlmt_selfpay": ("0", "5.00", "10.00", None),
    "prd_days": ("7", "8", "30", "31", "84", "85", None),
    "rx_drord_no": ("R1", "R2", None),
    "rx_circ_flag": ("0", "1", None),
    "spec": ("日", "次", "小时", "分钟", "半小时", None),
    "med_chrgitm_type": ("01", "03", "04", "05", "06"),
    "fixmedins_name": ("示例医院", "示例眼科医院", "示例互联网医院", None),
    "fixmedins_code": ("H1", "H001", "H002"),
    "psn_no": ("p1", "p2"),
    "dscg_maindiag_code": ("J18.900", "I63.900", "N40.x00", "Z51.100", "P59.900", None),
    "vali_flag": ("1", "0"),
}  # fmt: skip


@st.composite
def near(draw: st.DrawFn, rule: Rule, example: Example, codes: Sequence[str]) -> Rule:
    """The rule with this one example, up to three cells or rows of which were changed; `codes` of items that rules look at."""
    tables = {name: [dict(row) for row in table.rows] for name, table in example.tables.items()}
    for name in draw(st.lists(st.sampled_from([*CHANGES, "med_list_codg", "more", "fewer"]), max_size=3)):
        table = "lines" if "lines" in tables else "claims"
        at = draw(st.integers(0, len(tables[table]) - 1))
        row = tables[table][at]
        if name == "more":
            tables[table].append({**row, **{key: f"{row[key]}x" for key in ("bkkp_sn",) if key in row}})
        elif name == "fewer" and len(tables[table]) > 1:
            tables[table].pop(at)
        elif name in drawn.TABLES[table]:
            value = draw(st.sampled_from(codes if name == "med_list_codg" else CHANGES[name]))
            row[name] = value(row.get(name)) if callable(value) else value
    changed = {name: drawn.Drawn(tuple(dict.fromkeys(key for row in rows for key in row)), tuple(rows)) for name, rows in tables.items()}
    return replace(rule, examples=(Example(example.name, 1, changed, (), (), {}),))
