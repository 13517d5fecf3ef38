"""The whole comparison as plain values: what the JSON file holds, and what terminal and page show. Money in fen, time in minutes."""

from __future__ import annotations

from typing import Any

import polars as pl

from audit.backtest.compare import Compared
from audit.backtest.draft import AFTER, BEFORE, Pair
from audit.backtest.history import Chosen, NightKept, lacking
from audit.rulebook import Rule
from audit.rulebook.lint import OF_THE_FINDING

INSTITUTIONS = 20
ANSWERS = ("flagged", "cannot_tell", "clear")
COMPARED = {
    "zh": "比较的是两个版本的判定条件：都作用于各夜当时计量的数值，参数和知识点均为当夜所用。参数或知识点的改动不会在此重新计算。"
    "金额按本规则自身的方法计算，未与其他规则归并，也未扣除限期豁免。",
    "en": "Compared are the two conditions, both over the values that each night measured, with that night's parameters and knowledge "
    "points; a changed parameter or point is not worked out again here. Money is by the rule's own method, before it is settled with "
    "other rules; exemptions for a time are not taken off.",
}
_FROM_THE_START = {
    "zh": "不论草稿自身的生效日期，此处按{}起生效判定。",
    "en": "The draft is judged as if in force {}, whatever its own date.",
}
_ALONE = {
    "new": ("规则库中没有这个编号的规则：与“无规则”比较。", "The rulebook has no rule of this id: the draft is compared with nothing."),
    "draft": (
        "规则库中该编号仍是草稿，尚未生效：与“无规则”比较。",
        "In the rulebook this id is a draft, not in force: compared with nothing.",
    ),
    "shadow": (
        "规则库中该编号为影子规则，未生效：与“无规则”比较。",
        "In the rulebook this id is a shadow, not in force: compared with nothing.",
    ),
}


def figures(pair: Pair, chosen: Chosen, nights: list[NightKept], compared: Compared) -> dict[str, Any]:
    """Everything that is known of the comparison, as JSON values."""
    cells = compared.cells
    moves = _moves(cells, compared.claims)
    return {
        "draft": _rule(pair.draft),
        "active": _rule(pair.active) if pair.active else None,
        "notes": _notes(pair, nights),
        "nights": {"first": str(nights[0].date), "last": str(nights[-1].date), "count": len(nights)},
        "chosen": {"area": chosen.area, "institution": chosen.institution},
        "claims": {
            "all": compared.claims,
            "newly_flagged": sum(n for (before, after), n in moves.items() if after == "flagged" != before),
            "newly_cleared": moves["flagged", "clear"],
            "newly_in_doubt": moves["flagged", "cannot_tell"],
            "flagged_unchanged": moves["flagged", "flagged"],
            "unchanged": sum(n for (before, after), n in moves.items() if before == after),
            "moves": [{"before": before, "after": after, "claims": n} for (before, after), n in moves.items()],
        },
        "findings": {
            **{side: _sum(cells, f"findings_{side}") for side in (BEFORE, AFTER)},
            "newly_flagged": _sum(cells, "new"),
            "newly_cleared": _sum(cells, "gone"),
            "other_amount": _sum(cells, "other_amount"),
        },
        "flagged": {side: sum(n for move, n in moves.items() if move[at] == "flagged") for at, side in enumerate((BEFORE, AFTER))},
        "cannot_tell": {
            "claims": {side: sum(n for move, n in moves.items() if move[at] == "cannot_tell") for at, side in enumerate((BEFORE, AFTER))},
            "rows": {side: _sum(cells, f"open_{side}") for side in (BEFORE, AFTER)},
        },
        "money": {
            "violating": {side: _sum(cells, f"amt_{side}") for side in (BEFORE, AFTER)},
            "fund": {side: _sum(cells, f"fund_{side}") for side in (BEFORE, AFTER)},
        },
        "review": _review(pair, cells),
        "institutions": _institutions(compared),
        "doctors": {"touched": int(compared.doctors["touched"].sum()), "with_findings": compared.doctors.height},
        "samples": compared.samples,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "version": rule.version,
        "file": rule.file,
        "name": rule.name,
        "status": rule.status,
        "finding": rule.finding,
        "grain": rule.grain,
        "when": rule.when,
        "fingerprint": rule.fingerprint,
    }


def _notes(pair: Pair, nights: list[NightKept]) -> list[dict[str, str]]:
    """What a reader must know to read the figures rightly."""
    notes = [COMPARED]
    if pair.active is None:
        notes.append(dict(zip(("zh", "en"), _ALONE[pair.alone], strict=True)))
    judged_from = pair.rules[AFTER].effective_from
    if judged_from < pair.draft.effective_from:
        since = (str(judged_from), f"since {judged_from}") if pair.active else ("最早的一天", "on every day")
        notes.append({tongue: text.format(day) for (tongue, text), day in zip(_FROM_THE_START.items(), since, strict=True)})
    spoken = {(side, name) for side, rule in pair.rules.items() for name in rule.read if name not in OF_THE_FINDING}
    if unkept := ", ".join(sorted({name for side, name in spoken if lacking(nights, pair.rules[side], name)})):
        said = "Columns that are only shown and that some night did not keep; they read 'unknown' in the examples"
        notes.append({"zh": f"只用于说明、部分夜未保存的列，示例中显示为不详：{unkept}。", "en": f"{said}: {unkept}."})
    return notes


def _moves(cells: pl.DataFrame, claims: int) -> dict[tuple[str, str], int]:
    """Claims by what they were before and are after; every pair is there."""
    found = {(before, after): n for before, after, n in cells.group_by(BEFORE, AFTER).agg(pl.col("claims").sum()).iter_rows()}
    moves = {(before, after): found.get((before, after), 0) for before in ANSWERS for after in ANSWERS}
    moves["clear", "clear"] = claims - sum(n for move, n in moves.items() if move != ("clear", "clear"))
    return moves


def _sum(cells: pl.DataFrame, name: str) -> int:
    return int(cells[name].sum())


def _review(pair: Pair, cells: pl.DataFrame) -> dict[str, Any]:
    """Minutes a reviewer needs for the findings of either side, by the policy's minutes per finding."""
    per_finding = {side: pair.book.policy["review_minutes"][rule.finding] for side, rule in pair.rules.items()}
    return {
        "minutes_per_finding": {side: per_finding.get(side) for side in (BEFORE, AFTER)},
        "minutes": {side: _sum(cells, f"findings_{side}") * per_finding.get(side, 0) for side in (BEFORE, AFTER)},
    }


def _institutions(compared: Compared) -> dict[str, Any]:
    """How many are touched by a new or gone finding, and those whose money changes most."""
    flagged = [pl.col("claims").filter(pl.col(side) == "flagged").sum().alias(f"flagged_{side}") for side in (BEFORE, AFTER)]
    money = [pl.col(f"{what}_{side}").sum() for what in ("amt", "fund") for side in (BEFORE, AFTER)]
    by = compared.cells.group_by("fixmedins_code").agg(*flagged, pl.col("new", "gone", "other_amount").sum(), *money)
    changed = by.filter(pl.col("new") + pl.col("gone") + pl.col("other_amount") > 0)
    ranked = changed.with_columns(_change=(pl.col("amt_after") - pl.col("amt_before")).abs(), _moved=pl.col("new") + pl.col("gone"))
    head = ranked.sort("_change", "_moved", "fixmedins_code", descending=[True, True, False]).head(INSTITUTIONS).drop("_change", "_moved")
    return {
        "touched": by.filter(pl.col("new") + pl.col("gone") > 0).height,
        "with_findings": by.filter(pl.col("flagged_before") + pl.col("flagged_after") > 0).height,
        "most_changed": [{**row, "name": compared.names.get(row["fixmedins_code"])} for row in head.iter_rows(named=True)],
    }
