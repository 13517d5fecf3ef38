"""Both conditions over every kept night, one bucket at a time. A bucket leaves a few sums and a few rows, whatever it holds."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from audit import engine, judge
from audit.backtest.draft import AFTER, BEFORE, Pair
from audit.backtest.history import Bucket, Chosen, NightKept
from audit.backtest.samples import Sample, tell
from audit.backtest.sums import GONE, NEW, cells, dearest, doctors, head
from audit.errors import DataError, Fault
from audit.rulebook import Rule, sql

log = logging.getLogger("audit")
_OF_CLAIM = {"setl_id", "fixmedins_code", "fixmedins_name", "chfpdr_code", "medfee_sumamt", "inscp_amt", "hifp_pay", "fund_pay_sumamt"}
# a finding of one side; `line` is equal for the same row on the other side
FLAGGED = pl.Schema(
    {"claim_key": pl.Int32, "line": pl.String, "frame": pl.String, "_at": pl.UInt32, "doctor": pl.String, "amt": pl.Int64, "fund": pl.Int64}
)


@dataclass(frozen=True)
class Compared:
    """cells: institution, before and after (flagged, cannot_tell, clear) -> claims, findings and fen of either side, new and gone findings.
    doctors: institution, doctor -> touched (Boolean). names: institution -> its name. samples: kind -> told findings."""

    claims: int
    cells: pl.DataFrame
    doctors: pl.DataFrame
    names: dict[str, str]
    samples: dict[str, list[Sample]]


def compare(pair: Pair, nights: Sequence[NightKept], chosen: Chosen) -> Compared:
    """Judge every chosen claim by the active rule and by the draft. DataError where no claim is chosen."""
    claims, parts = 0, []
    for number, night in enumerate(nights):
        if not number or night.date.month != nights[number - 1].date.month:
            log.info("backtest %s  %s ...", pair.draft.id, night.date)
        claims += sum(_counted(bucket, chosen) for bucket in night.buckets)
        parts += [_part(bucket, pair.rules, chosen) for bucket in night.buckets]
    if not claims:
        asked = " ".join(f"--{name} {code}" for name, code in (("area", chosen.area), ("institution", chosen.institution)) if code)
        first, last = nights[0].date, nights[-1].date
        zh = f"{asked or '数据湖'}：{len(nights)} 夜（{first} 至 {last}）中没有一张结算单。"
        raise DataError(Fault(zh, f"{asked or 'The lake'}: not one claim in {len(nights)} nights ({first} to {last})."))
    summed = pl.concat(part.cells for part in parts).group_by("fixmedins_code", BEFORE, AFTER).sum()
    seen = pl.concat(part.doctors for part in parts).group_by("fixmedins_code", "doctor").agg(pl.col("touched").any())
    names = pl.concat(part.names for part in parts).drop_nulls().unique().sort("fixmedins_code", "fixmedins_name", descending=True)
    samples = {kind: tell(pair, kind == NEW, _best(parts, kind)) for kind in (NEW, GONE)}
    return Compared(claims, summed.sort("fixmedins_code", BEFORE, AFTER), seen, dict(names.iter_rows()), samples)


@dataclass(frozen=True)
class _Part:
    """What a bucket leaves: its sums, its doctors, the names of its institutions, and the dearest findings of each kind."""

    bucket: Bucket
    cells: pl.DataFrame
    doctors: pl.DataFrame
    names: pl.DataFrame
    dearest: dict[str, pl.DataFrame]


def _part(bucket: Bucket, rules: Mapping[str, Rule], chosen: Chosen) -> _Part:
    by_frame: dict[str, list[Rule]] = {}
    for rule in rules.values():
        by_frame.setdefault(rule.frame, []).append(rule)
    answered = {frame: _answered(bucket, frame, mine) for frame, mine in by_frame.items()}
    keys = pl.concat(told["claim_key"] for told in answered.values()).unique().sort()
    claims = bucket.rows("claims", _OF_CLAIM | {"fix_blng_admdvs"}, keys.cast(pl.UInt32)).filter(*_taken(chosen))
    flagged = {side: pl.DataFrame(schema=FLAGGED) for side in (BEFORE, AFTER)}
    opened = [pl.DataFrame(schema={"claim_key": pl.Int32, "open_before": pl.UInt32, "open_after": pl.UInt32})]
    for frame, told in answered.items():
        ours = told.join(claims, on="claim_key", how="semi")
        flagged |= _flagged(bucket, frame, by_frame[frame], claims, ours, len(answered) > 1)
        for rule in by_frame[frame]:
            doubtful = ours.filter(pl.col(rule.id).is_null())
            opened.append(doubtful.group_by("claim_key").agg(pl.len().alias(f"open_{rule.id}")))
    named = [
        frame.rename({name: f"{name}_{side}" for name in FLAGGED if name not in ("claim_key", "line")}) for side, frame in flagged.items()
    ]
    both = named[0].join(named[1], on=["claim_key", "line"], how="full", coalesce=True, nulls_equal=True)
    both = both.join(claims.select("claim_key", "setl_id", "fixmedins_code"), on="claim_key")
    undecided = pl.concat(opened, how="diagonal").group_by("claim_key").sum()
    names = claims.select("fixmedins_code", "fixmedins_name").unique()
    return _Part(bucket, cells(both, undecided, claims), doctors(both), names, {kind: dearest(both, kind) for kind in (NEW, GONE)})


def _taken(chosen: Chosen) -> list[pl.Expr]:
    """Whether a claim is one of those that were asked for."""
    area = [pl.col("fix_blng_admdvs").str.starts_with(chosen.area)] if chosen.area else []
    return area + ([pl.col("fixmedins_code") == chosen.institution] if chosen.institution else [])


def _counted(bucket: Bucket, chosen: Chosen) -> int:
    return int(bucket.scan("claims").filter(*_taken(chosen)).select(pl.len()).collect().item())


def _answered(bucket: Bucket, frame: str, rules: list[Rule]) -> pl.DataFrame:
    """The rows that some rule does not find clear: `_at`, `claim_key`, and the verdict of each rule by its id."""
    ids = [rule.id for rule in rules]
    asked = {"fee_date", "cnt_e4", "setl_time", *(name for rule in rules for name in sql.parse(rule.when).columns)}
    judged = judge.verdicts(bucket.rows(frame, asked).lazy(), rules, bucket.untrusted).select("_at", "claim_key", *ids)
    return engine.collect(judged.filter(~pl.all_horizontal(pl.col(ids).eq_missing(False))))


def _flagged(
    bucket: Bucket, frame: str, rules: list[Rule], claims: pl.DataFrame, answered: pl.DataFrame, across: bool
) -> dict[str, pl.DataFrame]:
    """By side: the findings with their money, by judge's own arithmetic. `across`: the other side looks at another frame."""
    hits = answered.filter(pl.any_horizontal(pl.col(rule.id) for rule in rules))
    if hits.is_empty():
        return {}
    money = {name for rule in rules if rule.amount_fen for name in sql.parse(rule.amount_fen).columns}
    names = money | {"det_item_fee_sumamt", "medfee_sumamt", "inscp_amt", "bilg_dr_code"} | ({"bkkp_sn"} if across else set())
    billed = judge.verdicts(bucket.rows(frame, names, hits["_at"]).lazy(), [], bucket.untrusted)
    of_claim = claims.lazy().select("claim_key", "chfpdr_code", *judge.CLAIM_MONEY)
    hit = engine.collect(billed.join(of_claim, on="claim_key").join(hits.lazy().drop("claim_key"), on="_at"))
    own_key = pl.lit(None, pl.String) if frame == "claims" else pl.col("bkkp_sn")
    hit = hit.with_columns(
        frame=pl.lit(frame),
        line=own_key if across else pl.col("_at").cast(pl.String),
        doctor=pl.col("chfpdr_code") if frame == "claims" else pl.coalesce("bilg_dr_code", "chfpdr_code"),
    )
    found = {}
    for rule in rules:
        settled = judge.with_amounts(hit.lazy().filter(pl.col(rule.id)), rule).with_columns(amt="_amt", fund="_fund")
        found[rule.id] = engine.collect(settled.select(pl.col(name).cast(dtype) for name, dtype in FLAGGED.items()))
    return found


def _best(parts: list[_Part], kind: str) -> list[tuple[Bucket, pl.DataFrame]]:
    """The dearest over all buckets, still by bucket."""
    best = head(pl.concat(part.dearest[kind].with_columns(part=pl.lit(number)) for number, part in enumerate(parts)))
    return [(parts[int(str(number))].bucket, rows) for (number,), rows in best.partition_by("part", as_dict=True).items()]
