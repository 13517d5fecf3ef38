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
    original, side, other = (pair.draft, AFTER, BEFORE) if new else (pair.active, BEFORE, AFTER)
    if original is None or not picked:
        return []
    second = pair.rules.get(other)
    teller = replace(pair.rules[side], id=original.id, evidence=(*original.evidence, *(second.read if second else ())))
    parts = [
        _found(bucket, str(frame), part["_at"], teller, second)
        for bucket, rows in picked
        for (frame,), part in rows.partition_by("frame", as_dict=True).items()
    ]
    counted_by_itself = pl.lit(None, pl.String)
    found = pl.concat(parts).with_columns(counted_amt="vola_amt", counted_fund_amt="vola_fund_amt", counted_by=counted_by_itself)
    said, _ = explain(found, _NO_CLAIMS, Rulebook((teller,), pair.book.policy, "", pair.book.folder), pair.knowledge)
    told = [_sample(row, shown) for row, shown in zip(said.iter_rows(named=True), _values(said, teller), strict=True)]
    return sorted(told, key=lambda sample: (-sample["amount"], sample["setl_id"], sample["bkkp_sn"] or ""))


def _found(bucket: Bucket, frame: str, at: pl.Series, rule: Rule, second: Rule | None) -> pl.DataFrame:
    """Judge's findings at some places, with the night, the institution's name, and what the other rule says (`other`; null where it
    does not look at such rows)."""
    rule = replace(rule, concerned=tuple(name for name in rule.concerned if name in bucket.columns(frame)))
    rules = [rule] + ([second] if second and second.frame == frame else [])
    rows = bucket.rows(frame, {*_NEEDED, *rule.read}, at)
    claims = bucket.rows("claims", _NEEDED, rows["claim_key"].unique().cast(pl.UInt32))
    judged = judge.verdicts(rows.lazy(), rules, bucket.untrusted)
    found = judge.findings(engine.collect(judge.hits(judged, claims.lazy(), [rule])), [rule])
    key = "bkkp_sn" if rule.of_lines else "setl_id"
    answer = {True: "flagged", False: "clear", None: "cannot_tell"}
    answers = {label: answer[said] for label, said in engine.collect(judged.select(key, rules[-1].id)).iter_rows()} if rules[1:] else {}
    others = [answers.get(label) for label in found[key]]
    names = claims.select("fixmedins_code", institution_name="fixmedins_name").unique("fixmedins_code")
    named = found.with_columns(night=pl.lit(bucket.night), other=pl.Series(others, dtype=pl.String))
    return named.join(names, on="fixmedins_code", how="left")


def _sample(row: dict[str, Any], values: list[dict[str, str]]) -> Sample:
    return {
        "night": str(row["night"]),
        "setl_id": row["setl_id"],
        "bkkp_sn": row["bkkp_sn"],
        "institution": row["fixmedins_code"],
        "institution_name": row["institution_name"],
        "day": str(row["fee_date"]),
        "amount": row["vola_amt"],
        "fund": row["vola_fund_amt"],
        "sentence": {"zh": row["vola_cont"], "en": row["vola_cont_en"]},
        "clause": {"zh": row["vola_evid"], "en": row["vola_evid_en"]},
        "values": values,
        "other": row["other"],
    }


def _values(said: pl.DataFrame, rule: Rule) -> list[list[dict[str, str]]]:
    """Per finding: the columns that the rules read, and what they held, in words."""
    evidence = pl.col("evidence").str.json_path_match
    names = [name for name in rule.read if said["evidence"].str.contains(f'"{name}":', literal=True).any()]
    worded = said.select(say(n, evidence(f"$.{n}"), tongue).alias(f"{n}|{tongue}") for n in names for tongue in ("zh", "en"))
    return [[{"name": n, "zh": row[f"{n}|zh"], "en": row[f"{n}|en"]} for n in names] for row in worded.iter_rows(named=True)]
