"""Some new and some gone findings with their reasons: the sentence, the clause, and the values that both conditions read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from audit import engine, judge
from audit.backtest.draft import AFTER, BEFORE, Pair
from audit.backtest.history import Bucket
from audit.explain import explain
from audit.rulebook import Rule, Rulebook
from audit.words import say

Sample = dict[str, Any]
ANSWERS = {True: "flagged", False: "clear", None: "cannot_tell"}
_NEEDED = (
    "setl_id", "mdtrt_id", "psn_no", "fixmedins_code", "fixmedins_name", "bkkp_sn", "med_list_codg", "hilist_name", "fee_date", "cnt_e4",
    "setl_time", "det_item_fee_sumamt", "medfee_sumamt", "inscp_amt", "hifp_pay", "fund_pay_sumamt",
)  # fmt: skip
_NO_CLAIMS = pl.DataFrame(
    schema={
        "setl_id": pl.String,
        "flagged": pl.Boolean,
        "counted_amt": pl.Int64,
        "counted_fund_amt": pl.Int64,
        "reasons": pl.List(pl.String),
    }
)


def tell(pair: Pair, new: bool, picked: Sequence[tuple[Bucket, pl.DataFrame]]) -> list[Sample]:
    """The picked findings, the dearest first: told by the draft where they are new, by the active rule where they are gone.

    picked: bucket, and the places of rows in its frames (`_at`, `frame`).
    """
    teller, other = (AFTER, BEFORE) if new else (BEFORE, AFTER)
    told = [
        sample
        for bucket, rows in picked
        for (frame,), part in rows.partition_by("frame", as_dict=True).items()
        for sample in _of_bucket(pair, teller, other, bucket, str(frame), part["_at"])
    ]
    return sorted(told, key=lambda sample: (-sample["amount"], sample["setl_id"], sample["bkkp_sn"] or ""))


def _of_bucket(pair: Pair, teller: str, other: str, bucket: Bucket, frame: str, at: pl.Series) -> list[Sample]:
    original = pair.draft if teller == AFTER else pair.active
    second = pair.rules.get(other)
    assert original is not None
    also = second.read if second else ()
    kept = [name for name in original.concerned if name in bucket.columns(frame)]
    rule = replace(pair.rules[teller], id=original.id, concerned=tuple(kept), evidence=(*original.evidence, *also))
    rows = bucket.rows(frame, {*_NEEDED, *rule.read}, at)
    claims = bucket.rows("claims", _NEEDED)
    hit = engine.collect(judge.hits(judge.verdicts(rows.lazy(), [rule], bucket.untrusted), claims.lazy(), [rule]))
    found = judge.findings(hit, [rule]).with_columns(counted_amt="vola_amt", counted_fund_amt="vola_fund_amt")
    said, _ = explain(found, _NO_CLAIMS, Rulebook((rule,), pair.book.policy, "", pair.book.folder), pair.knowledge)
    names = dict(claims.select("fixmedins_code", "fixmedins_name").iter_rows())
    answers = _answers(rows, second if second and second.frame == frame else None, bucket)
    values = _values(said, rule)
    return [
        {
            "night": str(bucket.night),
            "setl_id": row["setl_id"],
            "bkkp_sn": row["bkkp_sn"],
            "institution": row["fixmedins_code"],
            "institution_name": names.get(row["fixmedins_code"]),
            "day": str(row["fee_date"]),
            "amount": row["vola_amt"],
            "fund": row["vola_fund_amt"],
            "sentence": {"zh": row["vola_cont"], "en": row["vola_cont_en"]},
            "clause": {"zh": row["vola_evid"], "en": row["vola_evid_en"]},
            "values": shown,
            "other": answers.get(row["bkkp_sn"] or row["setl_id"]),
        }
        for row, shown in zip(said.iter_rows(named=True), values, strict=True)
    ]


def _answers(rows: pl.DataFrame, rule: Rule | None, bucket: Bucket) -> dict[str, str]:
    """bkkp_sn (of a claim: setl_id) -> what the other rule says; empty where it does not look at such rows."""
    if rule is None:
        return {}
    key = "bkkp_sn" if rule.of_lines else "setl_id"
    judged = engine.collect(judge.verdicts(rows.lazy(), [rule], bucket.untrusted).select(key, rule.id))
    return {label: ANSWERS[answer] for label, answer in judged.iter_rows()}


def _values(said: pl.DataFrame, rule: Rule) -> list[list[dict[str, str]]]:
    """Per finding: the columns that the rules read, and what they held, in words."""
    evidence = pl.col("evidence").str.json_path_match
    names = [name for name in rule.read if said["evidence"].str.contains(f'"{name}":', literal=True).any()]
    worded = said.select(say(n, evidence(f"$.{n}"), tongue).alias(f"{n}|{tongue}") for n in names for tongue in ("zh", "en"))
    return [[{"name": n, "zh": row[f"{n}|zh"], "en": row[f"{n}|en"]} for n in names] for row in worded.iter_rows(named=True)]
