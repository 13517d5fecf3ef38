"""The SQL functions that careful reading is made of: wide signs made narrow, blanks and marks taken off, dates and numbers made out."""

from __future__ import annotations

_WIDE = "".join(chr(c) for c in range(0xFF01, 0xFF5F)) + "\u3000\u00a0\uffe5\u2212\u2018\u2019\ufeff\u200b"
_NARROW = "".join(chr(c) for c in range(0x21, 0x7F)) + "  ¥-''"
_NUMBER = r"([+-]\s*)?(¥\s*([+-]\s*)?)?(\d{1,3}([, ]\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d{1,4})?"
DAY = r"\d{4}-\d{1,2}-\d{1,2}"
_CLOCK = r"\s*\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,9})?)?"
_ZONE = r"\s*(Z|[+-]\d{2}(:?\d{2})?)"


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def macros() -> list[str]:
    """The SQL functions that careful reading is made of."""
    return [
        f"CREATE OR REPLACE TEMP MACRO narrow(x) AS translate(x, {_quote(_WIDE)}, {_quote(_NARROW)})",
        r"CREATE OR REPLACE TEMP MACRO bare(n) AS regexp_replace(n, '^[\s\x0b'']+|[\s\x0b]+$', '', 'g')",
        "CREATE OR REPLACE TEMP MACRO is_mark(b) AS upper(b) IN ('', 'NULL', 'N/A', '-')",
        # A control character inside a code becomes U+FFFD, which marks the code as unreadable.
        "CREATE OR REPLACE TEMP MACRO one_code(b) AS CASE WHEN is_mark(b) THEN NULL "
        "ELSE regexp_replace(b, '[\\x00-\\x1f\\x7f-\\x9f]', '\ufffd', 'g') END",
        "CREATE OR REPLACE TEMP MACRO one_text(b, x) AS CASE WHEN NOT is_mark(b) THEN "
        r"regexp_replace(x, '^[\s\x0b\x{3000}\x{a0}\x{feff}'']+|[\s\x0b\x{3000}\x{a0}\x{feff}]+$', '', 'g') END",
        f"CREATE OR REPLACE TEMP MACRO digits(b) AS CASE WHEN regexp_full_match(b, {_quote(_NUMBER)}) "
        r"THEN regexp_replace(b, '[,¥\s]', '', 'g') END",
        # 20260601, 20260601083000, 2026/6/1 and 2026年6月1日 are brought into the one shape that is then read.
        r"CREATE OR REPLACE TEMP MACRO dashed(b) AS CASE WHEN regexp_matches(b, '^\d{8}') THEN regexp_replace(regexp_replace("
        r"regexp_replace(b, '^(\d{4})(\d\d)(\d\d)', '\1-\2-\3 '), '^(.{10}) [T ]?(\d\d):?(\d\d):?', '\1 \2:\3:'), ':$', '') "
        r"ELSE regexp_replace(b, '^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[T ]*', '\1-\2-\3 ') END",
        f"CREATE OR REPLACE TEMP MACRO moment(d) AS CASE WHEN regexp_full_match(d, {_quote(f'{DAY} ?({_CLOCK})?')}) "
        f"THEN try_cast(d AS TIMESTAMP) WHEN regexp_full_match(d, {_quote(f'{DAY} ?({_CLOCK})?{_ZONE}')}) "
        "THEN timezone('Asia/Shanghai', try_cast(d AS TIMESTAMPTZ)) END",
        "CREATE OR REPLACE TEMP MACRO one_moment(b) AS moment(trim(dashed(upper(b))))",
    ]
