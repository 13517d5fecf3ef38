"""Rules whose hits jump or vanish from one night to the next, told apart from chance; thresholds stand in rules/policy.yaml (watch).

Claims are counted, not lines: lines of one claim repeat each other. The last nights of the same rule version give a rate per audited
claim and so an expected number for tonight, with Poisson's variance, widened by how much those nights scatter around their own rate
(where one hospital's habit comes and goes, they do) and by how uncertain a rate from few nights is.
"""

from __future__ import annotations

import math
from typing import Any

import polars as pl

EARLIER = pl.Schema(
    {"batch_date": pl.Date(), "rule_id": pl.String(), "rule_version": pl.Int64(), "claims": pl.Int64(), "claims_hit": pl.Int64()}
)
Change = dict[str, Any]


def changes(cards: pl.DataFrame, earlier: pl.LazyFrame, watch: dict[str, int]) -> list[Change]:
    """The rules to look at, one row each in the order of their ids: rule_id, rule_version, kind (`more` or `fewer`), claims_hit, expected
    (rounded to one decimal), nights compared, cannot_tell, rows (lines or claims of the night, what the rule speaks of).

    cards: tonight's SCORECARDS; earlier: EARLIER of the nights before, any number of them.
    """
    past = earlier.filter(pl.col("claims") > 0).sort("batch_date").collect()
    nights = past.partition_by("rule_id", "rule_version", as_dict=True)
    found = []
    for card in cards.iter_rows(named=True):
        seen = nights.get((card["rule_id"], card["rule_version"]), past.clear()).tail(watch["nights"])
        counts = list(seen.select("claims_hit", "claims").iter_rows())
        expected = _expected(card["claims_hit"], card["claims"], counts, watch)
        if expected is not None:
            found.append({
                "rule_id": card["rule_id"],
                "rule_version": card["rule_version"],
                "kind": "more" if card["claims_hit"] > expected else "fewer",
                "claims_hit": card["claims_hit"],
                "expected": round(expected, 1),
                "nights": len(counts),
                "cannot_tell": card["cannot_tell"],
                "rows": card["lines"] if card["grain"] == "line" else card["claims"],
            })  # fmt: skip
    return found


def _expected(hit: int, audited: int, nights: list[tuple[int, int]], watch: dict[str, int]) -> float | None:
    """How many claims were to be expected, where `hit` is too far from it to be chance; else None. nights: (claims hit, audited)."""
    if len(nights) < watch["least_nights"] or not audited:
        return None
    all_hit, all_audited = (sum(column) for column in zip(*nights, strict=True))
    rate = all_hit / all_audited
    expected = audited * rate
    if max(hit, expected) < watch["least_claims"] or max(hit, expected) < watch["times"] * min(hit, expected):
        return None
    scatter = sum((k - n * rate) ** 2 / (n * rate) for k, n in nights) / max(len(nights) - 1, 1) if all_hit else 1.0
    deviation = math.sqrt(max(scatter, 1.0) * max(expected, 1.0) * (1 + audited / all_audited))
    return expected if abs(hit - expected) >= watch["deviations"] * deviation else None
