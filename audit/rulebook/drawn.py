"""Tables drawn with `|` in a rule's examples, and the placeholders of its message."""

from __future__ import annotations

import string
from dataclasses import dataclass

from audit import tables
from audit.errors import Said
from audit.rulebook.strict import did_you_mean

# what each drawn table may name: claim columns may stand in `lines`, so that a short example needs one table
_CLAIM = (*tables.SETL_D.columns, *tables.MDTRT_D.columns, *tables.FIXMEDINS_B.columns, *tables.PSN_INFO_B.columns)
TABLES: dict[str, tuple[str, ...]] = {
    "claims": tuple(dict.fromkeys(c.name for c in _CLAIM if not c.personal)),
    "lines": tuple(dict.fromkeys(c.name for c in (*tables.FEE_LIST_D.columns, *_CLAIM) if not c.personal)),
    "diags": tuple(c.name for c in tables.SETL_LIST_DIAG_D.columns),
    "oprns": tuple(c.name for c in tables.SETL_LIST_OPRN_D.columns),
    "traces": tuple(c.name for c in tables.DRUG_TRAC_D.columns),
    "inventory": tuple(c.name for c in tables.INVENTORY_D.columns),
}


@dataclass(frozen=True)
class Drawn:
    """Column names and rows of cells; an empty cell is None."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, str | None], ...]


def read(table: str, text: str) -> tuple[Drawn, list[tuple[int, Said]]]:
    """Read a drawn table: the first line names columns. Faults are (line below the key, sentence)."""
    numbered = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not numbered:
        return Drawn((), ()), []
    faults: list[tuple[int, Said]] = []
    at, header = numbered[0]
    columns = _cells(header)
    for name in columns:
        if name not in TABLES[table]:
            near = did_you_mean(name, TABLES[table])
            zh = f"{table} 没有列 '{name}'{near.zh or '。'}列名用 audit/tables/ 中的国家标准字段名。"
            faults.append((at, Said(zh, f"{table} has no column '{name}'{near} Columns are the national names of audit/tables/.")))
    if len(set(columns)) < len(columns):
        faults.append((at, Said(f"{table} 有一列画了两次。", f"a column of {table} is drawn twice.")))
    rows = []
    for number, line in numbered[1:]:
        cells = _cells(line)
        if len(cells) != len(columns):
            en = f"the row has {len(cells)} cells, the header of {table} has {len(columns)}."
            faults.append((number, Said(f"该行有 {len(cells)} 格，{table} 的表头有 {len(columns)} 格。", en)))
        rows.append({name: cell or None for name, cell in zip(columns, cells, strict=False)})
    return Drawn(tuple(columns), tuple(rows)), faults


def _cells(line: str) -> list[str]:
    """Cells of one row; a frame of outer bars is allowed, and rules such as |---| are not."""
    line = line.strip()
    framed = line.startswith("|") and line.endswith("|") and len(line) > 1
    return [cell.strip() for cell in (line[1:-1] if framed else line).split("|")]


def placeholders(text: str) -> list[str]:
    """The {names} of a message, in order; '' marks one that is not a plain name."""
    try:
        found = [(name, spec, conversion) for _, name, spec, conversion in string.Formatter().parse(text) if name is not None]
    except ValueError:
        return [""]
    return [name if name.isidentifier() and not spec and not conversion else "" for name, spec, conversion in found]
