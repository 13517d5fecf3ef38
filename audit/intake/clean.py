"""How one source column becomes one typed column, as SQL: the plain case by a cast, everything else by careful reading.

A batch is nearly always clean, so each value is first tried as it stands (`plain`); only where that gives nothing is it
cleaned (`careful`) and what had to be cleaned is counted, packed into one integer per row: ten kinds of six bits.
A value that is there and cannot be read leaves a fault `code, column, value` on its row.
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.intake.careful import DAY
from audit.intake.codes import NUMBERS_OF_ROWS
from audit.tables import Column, Table

CLEANINGS = (
    "full_width",
    "thousands_separator",
    "currency_sign",
    "exponent",
    "blank",
    "apostrophe",
    "lower_case",
    "missing_mark",
    "zoned_time",
    "missing_date",
)
INTEGERS = {f"{u}{size}INT" for u in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")} | {"INTEGER", "UINTEGER"}
SCALE = {"fen": 2, "cnt4": 4, "pric6": 6}
UNIT = "chr(31)"  # separates the parts of a fault and of a row's content; it cannot occur in a value that was accepted


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _mark(name: str, condition: str) -> str:
    return f"({condition})::BIGINT * {64 ** CLEANINGS.index(name)}"


def _marks(kind: str, name: str, upper: bool) -> str:
    """BIGINT: which cleanings the text of a column needed, where it was not plain."""
    raw, narrow, bare = f"r_{name}", f"n_{name}", f"b_{name}"
    found = [
        _mark("missing_mark", f"{bare} <> '' AND is_mark({bare})"),
        _mark("apostrophe", rf"regexp_matches({narrow}, '^\s*''')"),
    ]
    if kind == "text":
        return " + ".join([*found, _mark("blank", rf"regexp_matches({narrow}, '^\s|\s$')")])
    found.append(_mark("full_width", rf"regexp_matches({raw}, '[\x{{ff01}}-\x{{ff5e}}\x{{3000}}\x{{ffe5}}]')"))
    if kind in ("date", "time"):
        found.append(_mark("zoned_time", rf"regexp_matches({bare}, '\d:\d.*([zZ]|[+-]\d\d(:?\d\d)?)$')"))
    if kind == "code":
        found.append(_mark("blank", rf"regexp_matches({narrow}, '^\s|\s$')"))
        if upper:
            found.append(_mark("lower_case", f"NOT is_mark({bare}) AND {bare} <> upper({bare})"))
    elif kind in ("date", "time"):
        found.append(_mark("blank", rf"regexp_matches({narrow}, '^\s|\s$')"))
    else:
        found += [
            _mark("blank", rf"regexp_matches({narrow}, '\s')"),
            _mark("thousands_separator", rf"regexp_matches({bare}, '\d,\d')"),
            _mark("currency_sign", f"contains({narrow}, '¥')"),
            _mark("exponent", rf"regexp_matches({bare}, '\d\.?[eE]')"),
        ]
    return " + ".join(found)


def _carried(kind: str, base: str) -> str:
    """The SQL type in which a value of type `base` is read into a column of `kind`; what does not suit is read as text."""
    if kind in ("date", "time"):
        if base.startswith("TIMESTAMP"):
            return "TIMESTAMPTZ" if "ZONE" in base or base == "TIMESTAMPTZ" else "TIMESTAMP"
        return "DATE" if base == "DATE" else "VARCHAR"
    if base in ("FLOAT", "DOUBLE", "DECIMAL") or base in INTEGERS or (base == "BOOLEAN" and kind == "code"):
        return base
    return "VARCHAR"


class Reading:
    """SQL of one column x: `plain` over r_x, the value as it stands; over b_x, the bare text where that is not plain, `careful` and
    `marks`; and the `fault` when r_x is there and no value came out. None: there is nothing to clean, or no fault to find."""

    def __init__(self, column: Column, sql_type: str):
        self.column, self.r, self.b = column, f"r_{column.name}", f"b_{column.name}"
        self.fault: str | None = None
        self.careful: str | None = None
        self.marks: str | None = None
        kind, stated = column.kind, sql_type.split("(")[0].upper()
        base = self.base = _carried(kind, stated)
        self.cast = "" if base == stated else f"::{base}"
        if kind == "code":
            self._code(base)
        elif kind == "text":
            self._text(base)
        elif kind in ("date", "time"):
            self._moment(base)
        else:
            self._number(base, SCALE.get(kind, 0))

    def _careful(self, value: str, upper: bool = False) -> None:
        self.careful = value
        self.marks = _marks(self.column.kind, self.column.name, upper)

    def _code(self, base: str) -> None:
        r, name = self.r, self.column.name
        self.fault = f"CASE WHEN contains(v_{name}, '\ufffd') THEN 'control_character' END"
        if base in ("FLOAT", "DOUBLE"):
            self.plain = f"CASE WHEN isfinite({r}) THEN {r}::BIGINT::VARCHAR END"
        elif base == "BOOLEAN":
            self.plain = f"{r}::INT::VARCHAR"
        elif base == "DECIMAL":
            self.plain = rf"regexp_replace({r}::VARCHAR, '\.0*$', '')"
        elif base == "VARCHAR":
            upper = name not in NUMBERS_OF_ROWS
            allowed = r"[!-&(-`{-~]" if upper else r"[!-&(-~]"
            # A lone dash and the words NULL and N/A look like codes and are marks of a missing value.
            raised = r if upper else f"upper({r})"
            self.plain = f"CASE WHEN regexp_full_match({r}, '{allowed}+') AND {raised} NOT IN ('-', 'NULL', 'N/A') THEN {r} END"
            self._careful(f"one_code(upper({self.b}))" if upper else f"one_code({self.b})", upper)
        else:
            self.plain = f"{r}::VARCHAR"

    def _text(self, base: str) -> None:
        r = self.r
        if base == "VARCHAR":
            odd = r"^[\s\x0b\x{3000}\x{a0}\x{feff}'']|[\s\x0b\x{3000}\x{a0}\x{feff}]$"
            self.plain = f"CASE WHEN NOT regexp_matches({r}, '{odd}') AND upper({r}) NOT IN ('-', '', 'NULL', 'N/A', '－') THEN {r} END"
            self._careful(f"one_text({self.b}, {r})")
        else:
            self.plain = f"{r}::VARCHAR"
            if base in ("FLOAT", "DOUBLE", "DECIMAL"):
                self.plain = rf"regexp_replace(regexp_replace({r}::VARCHAR, '(\.\d*?)0+$', '\1'), '\.$', '')"

    def _moment(self, base: str) -> None:
        r, kind = self.r, self.column.kind
        cast = "DATE" if kind == "date" else "TIMESTAMP"
        self.fault = "'impossible_date'"
        if base in ("DATE", "TIMESTAMP"):
            self.plain = f"CASE WHEN isfinite({r}) THEN {r}::{cast} END"
        elif base == "TIMESTAMPTZ":
            self.plain = f"CASE WHEN isfinite({r}) THEN timezone('Asia/Shanghai', {r})::{cast} END"
        else:
            shape = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?"
            self.plain = (
                f"CASE WHEN regexp_full_match({r}, '{shape}') THEN try_cast({r} AS TIMESTAMP) "
                f"WHEN regexp_full_match({r}, '\\d{{8}}') THEN try_strptime({r}, '%Y%m%d') "
                f"WHEN regexp_full_match({r}, '\\d{{14}}') THEN try_strptime({r}, '%Y%m%d%H%M%S') END::{cast}"
            )
            self._careful(f"one_moment({self.b})::{cast}")
            self.fault = (
                f"CASE WHEN is_mark({self.b}) THEN NULL WHEN regexp_matches(dashed({self.b}), '^{DAY}') "
                "THEN 'impossible_date' ELSE 'unreadable_date' END"
            )

    def _number(self, base: str, scale: int) -> None:
        r, factor = self.r, 10**scale
        decimal, times = (f"DECIMAL(18,{scale})", f"{factor}") if scale < 3 else (f"DECIMAL(27,{scale})", f"CAST({factor} AS DECIMAL(8,0))")
        most = 10**11  # yuan; 10^13 fen
        down = "floor" if self.column.kind == "whole" else ""
        self.fault = "'impossible_number'"
        if base in ("FLOAT", "DOUBLE"):
            up = f"({r}::DOUBLE * {factor})"
            # On the half the shortest decimal decides, as it would had the number been written as text.
            self.plain = (
                f"CASE WHEN NOT isfinite({r}) OR abs({r}) > {most} THEN NULL WHEN {bool(down)} THEN floor({r})::BIGINT "
                f"WHEN abs({up} - trunc({up})) BETWEEN 0.4999 AND 0.5001 THEN (try_cast({r}::VARCHAR AS {decimal}) * {times})::BIGINT "
                f"ELSE round({up})::BIGINT END"
            )
        elif base == "DECIMAL":
            value = f"{down}({r})" if down else r
            self.plain = f"CASE WHEN abs({r}) <= {most} THEN (try_cast({value} AS {decimal}) * {times})::BIGINT END"
        elif base in INTEGERS:
            self.plain = f"CASE WHEN {r} BETWEEN -{most} AND {most} THEN {r}::BIGINT * {factor} END"
        else:
            spare = r"\d*" if scale else ""
            shape = r"-?\d{1,11}" + (rf"(\.\d{spare})?" if scale else "")
            self.plain = f"CASE WHEN regexp_full_match({r}, '{shape}') THEN (try_cast({r} AS {decimal}) * {times})::BIGINT END"
            wide = f"try_cast(digits({self.b}) AS DECIMAL(38,{4 if down else scale}))"
            exact = f"floor({wide})" if down else wide
            self._careful(f"CASE WHEN abs({wide}) <= {most} THEN (try_cast({exact} AS {decimal}) * {times})::BIGINT END")
            self.fault = (
                f"CASE WHEN is_mark({self.b}) THEN NULL WHEN digits({self.b}) IS NOT NULL OR regexp_full_match({self.b}, "
                r"'[+-]?(?i:nan|inf|infinity)') THEN 'impossible_number' ELSE 'unreadable_number' END"
            )


def typed(table: Table, relation: str, found: dict[str, tuple[str, str]]) -> str:
    """SELECT that yields the table's stored columns and `fault`, `marks` (BIGINT), `content` (UBIGINT: equal rows, equal content).

    Personal columns make neither fault nor content: whether a row is used does not depend on them.

    `relation` is SQL after FROM; `found` maps a column of the table to its (name, SQL type) in that relation.
    """
    readings = {column.name: Reading(column, found[column.name][1]) for column in table.columns if column.name in found}
    careful = {name: x.careful for name, x in readings.items() if x.careful}
    faults: list[str] = []
    marks, finals = ["0::BIGINT"], []
    for column in table.columns:
        if column.name not in readings:
            finals.append(f"NULL::{sql_type(column)} AS {column.stored}")
            continue
        x, value = readings[column.name], f"v_{column.name}"
        if x.marks:
            marks.append(f"CASE WHEN {x.b} IS NULL THEN 0 ELSE {x.marks} END")
        if x.base == "TIMESTAMPTZ":
            marks.append(_mark("zoned_time", f"{value} IS NOT NULL"))
        if column.kind in ("date", "time"):
            no_day = f"{value}::DATE IN (DATE '0001-01-01', DATE '9999-12-31')"
            marks.append(_mark("missing_date", f"coalesce({no_day}, false)"))
            value = f"CASE WHEN {no_day} THEN NULL ELSE {value} END"
        faults += [] if column.personal else _faults(x, value)
        finals.append(f"{value} AS {column.stored}")
    # Each step reads what the one before it made, so that nothing is worked out twice, and only what is not plain is worked on.
    steps = (
        [f"{_name(source)}{readings[name].cast} AS r_{name}" for name, (source, _) in found.items() if name in readings],
        ["*", *(f"{x.plain} AS p_{name}" for name, x in readings.items())],
        ["*", *(f"CASE WHEN p_{name} IS NULL AND r_{name} <> '' THEN narrow(r_{name}) END AS n_{name}" for name in careful)],
        ["*", *(f"bare(n_{name}) AS b_{name}" for name in careful)],
        ["*", *(f"coalesce(p_{name}, {careful.get(name, 'NULL')}) AS v_{name}" for name in readings)],
        [*finals, f"coalesce({', '.join(faults)}, NULL) AS fault", f"{' + '.join(marks)} AS marks"],
    )
    made = relation
    for step in steps:
        made = f"(SELECT {', '.join(step)} FROM {made})"
    content = f", {UNIT}, ".join([*(f'"{column.stored}"' for column in table.columns if not column.personal), "fault"])
    return f"SELECT *, md5_number_lower(concat({content})) AS content FROM {made}"


def _faults(x: Reading, value: str) -> Iterator[str]:
    """SQL of `code, column, what stands there`: of what cannot be read, and of a required value that is missing."""
    name = x.column.name
    place = f"{UNIT}, '{name}', {UNIT}, left({x.r}::VARCHAR, 60)"
    if x.fault:
        unread = f"p_{name} IS NULL" if x.column.kind == "code" else f"v_{name} IS NULL AND {x.r}::VARCHAR <> ''"
        yield f"CASE WHEN {unread} THEN {x.fault} || concat({place}) END"
    if x.column.required:
        yield f"CASE WHEN ({value}) IS NULL THEN concat('missing_value', {place}) END"


def sql_type(column: Column) -> str:
    """The DuckDB type a column is stored in."""
    return {"date": "DATE", "time": "TIMESTAMP", "code": "VARCHAR", "text": "VARCHAR"}.get(column.kind, "BIGINT")
