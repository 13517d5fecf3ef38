"""Parameters read from the official wording of a point; None where the wording does not say."""

from __future__ import annotations

import re
import unicodedata

_MALE = re.compile(r"前列腺|睾丸|阴茎|精索|输精管|男性")
_FEMALE = re.compile(r"子宫|卵巢|阴道|月经|妊娠|孕妇|产妇|产后|乳汁|绝经|女性|妇女")


def plain(sentence: str) -> str:
    """Full-width and compatibility characters (a radical ⼉ for 儿) folded, spaces dropped: for reading, never for quoting."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", sentence))


def ages(clause: str) -> tuple[int | None, int | None]:
    """Full years from `lo` up to but not including `hi`; None, None where the wording only says 儿童."""
    said = plain(clause)
    low: list[int] = []
    high: list[int] = []
    for lo, hi, below in re.findall(r"(\d+)岁?[-~至到](\d+)岁(以下)?", said):
        low.append(int(lo))
        high.append(int(hi) if below else int(hi) + 1)
    low += [int(lo) for lo in re.findall(r"(\d+)岁及(?:\d+岁)?以上", said)]
    return (min(low) if low else None, max(high) if high else None)


def course_days(clause: str) -> int | None:
    """Days a course may be paid for; a year or twelve months are 365 days."""
    said = plain(clause)
    if found := re.search(r"(?:不超过|最多支付)(\d+)天", said):
        return int(found[1])
    return 365 if re.search(r"不超过(?:12个月|一年|1年)", said) else None


def course_kind(test: str, summed: str) -> str:
    """`span_days` where the check counts from the first use on, else `summed` (days on which the item was used)."""
    return "span_days" if "连续时间跨度" in test else summed


def level(clause: str) -> tuple[int | None, str | None, bool]:
    """Lowest tier of institution, the kind of institution that may be one tier lower, and whether only the first prescription counts."""
    said = plain(clause)
    lowest = 3 if re.search(r"需三级(?:综合)?医院", said) else 2 if "二级及以上" in said else None
    return lowest, "眼科" if "二级及以上眼科专科医院" in said else None, "首次处方时需由" in said


def visit_mode(clause: str) -> str | None:
    said = plain(clause)
    if re.search(r"急诊或住院|住院或急诊", said):
        return "inpatient_or_emergency"
    return "inpatient" if "住院" in said else None


def age_group(clause: str, listed: str) -> str:
    """`listed` is the workbook's group; a wording that grants adult use leaves the group unclear, so nobody is accused."""
    if "包含成人用法用量" in clause:
        return "unclear"
    return {"新生儿": "newborn", "婴幼儿": "infant", "儿童": "child"}[listed]


def gend(name_and_clause: str) -> str | None:
    """'1' or '2' where organs or states of one sex only are named; None where none or both are."""
    male, female = _MALE.search(name_and_clause), _FEMALE.search(name_and_clause)
    return None if bool(male) == bool(female) else "1" if male else "2"


def barred_below(clause: str) -> int | None:
    """Full years from which on a drug that the wording bars for the young may be used: 14岁以下禁用 -> 14."""
    found = re.findall(r"(\d+)岁以下", plain(clause))
    return max(map(int, found)) if found else None


def state(clause: str) -> str | None:
    """The state that a wording on pregnancy and nursing speaks of: 'pregnant', 'lactating' or 'both'."""
    pregnant, nursing = (re.search(words, plain(clause)) for words in ("妊娠|孕妇|怀孕", "哺乳|乳母"))
    return "both" if pregnant and nursing else "pregnant" if pregnant else "lactating" if nursing else None
