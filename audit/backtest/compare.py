"""Both conditions over every kept night, one bucket at a time. A bucket leaves a few sums and a few rows, whatever it holds."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from audit import engine, judge
from audit.backtest.draft import AFTER, BEFORE, Pair
from audit.backtest.history import Bucket, Chosen, NightKept
from audit.backtest.samples import Sample, tell
from audit.errors import DataError
from audit.rulebook import Rule, sql

log = logging.getLogger("audit")
SHOWN = 10  # findings shown of each kind
NEW, GONE = "newly_flagged", "newly_cleared"
_IDS = ("setl_id", "mdtrt_id", "psn_no", "fixmedins_code")
_MONEY = ("medfee_sumamt", "inscp_amt", "hifp_pay", "fund_pay_sumamt")
_WHERE = ("fixmedins_name", "fix_blng_admdvs", "chfpdr_code")
FLAGGED = pl.Schema(
    {
        "claim_key": pl.Int32,
        "bkkp_sn": pl.String,
        "frame": pl.String,
        "_at": pl.UInt32,
        "doctor": pl.String,
        "amt": pl.Int64,
        "fund": pl.Int64,
    }
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
    cells, doctors, names, claims = [], [], {}, 0
    picked: dict[str, list[tuple[Bucket, pl.DataFrame]]] = {NEW: [], GONE: []}
    for number, night in enumerate(nights):
        if not number or night.date.month != nights[number - 1].date.month:
            log.info("backtest %s  %s ...", pair.draft.id, night.date)
        for bucket in night.buckets:
            try:
                taken = _taken(bucket, chosen)
                both = _both(bucket, taken, pair.rules)
            except FileNotFoundError:
                raise DataError(f"The night {bucket.night} was run again while it was read; start the backtest again.") from None
            claims += int(taken["taken"].sum())
            names |= dict(
                taken.filter("taken", pl.col("fixmedins_name").is_not_null()).select("fixmedins_code", "fixmedins_name").iter_rows()
            )
            cells.append(_cells(both, taken))
            doctors.append(_doctors(both.flagged, taken))
            for kind in (NEW, GONE):
                picked[kind].append((bucket, _dearest(both.flagged, kind, taken)))
    if not claims:
        asked = " ".join(f"--{name} {code}" for name, code in (("area", chosen.area), ("institution", chosen.institution)) if code)
        raise DataError(f"{asked or 'The lake'}: not one claim in {len(nights)} nights ({nights[0].date} to {nights[-1].date}).")
    summed = pl.concat(cells).group_by("fixmedins_code", BEFORE, AFTER).sum().sort("fixmedins_code", BEFORE, AFTER)
    seen = pl.concat(doctors).group_by("fixmedins_code", "doctor").agg(pl.col("touched").any())
    return Compared(claims, summed, seen, names, {kind: tell(pair, kind == NEW, _best(parts)) for kind, parts in picked.items()})


@dataclass(frozen=True)
class _Both:
    """flagged: one row per finding of either side, with `_before` and `_after` values; open: cannot-tell rows per claim and side."""

    flagged: pl.DataFrame
    open: pl.DataFrame


def _taken(bucket: Bucket, chosen: Chosen) -> pl.DataFrame:
    """The bucket's claims with `taken`: whether this backtest looks at them."""
    claims = bucket.rows("claims", {*_IDS, *_MONEY, *_WHERE})
    taken = pl.lit(True)
    if chosen.area:
        taken &= pl.col("fix_blng_admdvs").str.starts_with(chosen.area).fill_null(False)
    if chosen.institution:
        taken &= pl.col("fixmedins_code") == chosen.institution
    return claims.with_columns(taken=taken)


def _both(bucket: Bucket, claims: pl.DataFrame, rules: Mapping[str, Rule]) -> _Both:
    flagged = {side: pl.DataFrame(schema=FLAGGED) for side in (BEFORE, AFTER)}
    opened = [pl.DataFrame(schema={"claim_key": pl.Int32, "open_before": pl.UInt32, "open_after": pl.UInt32})]
    for frame in sorted({rule.frame for rule in rules.values()}):
        mine = [rule for rule in rules.values() if rule.frame == frame]
        answered = _answered(bucket, frame, mine, claims)
        flagged |= _flagged(bucket, frame, mine, claims, answered)
        for rule in mine:
            doubtful = answered.filter(pl.col(rule.id).is_null()).group_by("claim_key").agg(pl.len().alias(f"open_{rule.id}"))
            opened.append(doubtful)
    named = {
        side: frame.rename({name: f"{name}_{side}" for name in ("frame", "_at", "doctor", "amt", "fund")})
        for side, frame in flagged.items()
    }
    both = named[BEFORE].join(named[AFTER], on=["claim_key", "bkkp_sn"], how="full", coalesce=True, nulls_equal=True)
    return _Both(both, pl.concat(opened, how="diagonal").group_by("claim_key").sum())


def _answered(bucket: Bucket, frame: str, rules: list[Rule], claims: pl.DataFrame) -> pl.DataFrame:
    """The rows of taken claims that some rule does not find clear: `_at`, `claim_key`, and the verdict of each rule by its id."""
    ids = [rule.id for rule in rules]
    asked = {"fee_date", "cnt_e4", "setl_time", *(name for rule in rules for name in sql.parse(rule.when).columns)}
    judged = judge.verdicts(bucket.rows(frame, asked).lazy(), rules, bucket.untrusted).select("_at", "claim_key", *ids)
    told = engine.collect(judged.filter(~pl.all_horizontal(pl.col(ids).eq_missing(False))))
    return told if claims["taken"].all() else told.filter(claims["taken"][told["claim_key"]])


def _flagged(bucket: Bucket, frame: str, rules: list[Rule], claims: pl.DataFrame, answered: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """By side: the findings with their money, as judge would settle on it."""
    at = answered.filter(pl.any_horizontal(pl.col(rule.id) for rule in rules))["_at"]
    asking = [replace(rule, concerned=(), evidence=("_at", "claim_key", "bilg_dr_code"), message={}) for rule in rules]
    names = {name for rule in asking for name in rule.read} | {
        *_IDS,
        *_MONEY,
        "bkkp_sn",
        "med_list_codg",
        "fee_date",
        "cnt_e4",
        "setl_time",
    }
    shown = bucket.rows(frame, {*names, "det_item_fee_sumamt"}, at)
    hit = engine.collect(judge.hits(judge.verdicts(shown.lazy(), asking, bucket.untrusted), claims.lazy(), asking))
    doctor = claims["chfpdr_code"][hit["claim_key"]]
    if frame == "claims":
        hit = hit.with_columns(bkkp_sn=pl.lit(None, pl.String), doctor=doctor)
    else:
        hit = hit.with_columns(doctor=pl.coalesce("bilg_dr_code", doctor))
    hit = hit.with_columns(frame=pl.lit(frame))
    found = {}
    for rule in asking:
        money = engine.collect(judge.with_amounts(hit.lazy().filter(pl.col(rule.id)), rule))
        found[rule.id] = money.select(*(name for name in FLAGGED if name not in ("amt", "fund")), amt="_amt", fund="_fund").cast(FLAGGED)
    return found


def _cells(both: _Both, claims: pl.DataFrame) -> pl.DataFrame:
    """Claims of which either side says more than clear, summed by institution and by what the sides say."""
    sums = [pl.col(f"{what}_{side}").sum() for what in ("amt", "fund") for side in (BEFORE, AFTER)]
    there = {side: pl.col(f"amt_{side}").is_not_null() for side in (BEFORE, AFTER)}
    found = both.flagged.group_by("claim_key").agg(
        *(there[side].sum().cast(pl.Int64).alias(f"findings_{side}") for side in (BEFORE, AFTER)),
        *sums,
        new=(there[AFTER] & ~there[BEFORE]).sum().cast(pl.Int64),
        gone=(there[BEFORE] & ~there[AFTER]).sum().cast(pl.Int64),
        other_amount=(there[BEFORE] & there[AFTER] & (pl.col("amt_before") != pl.col("amt_after"))).sum().cast(pl.Int64),
    )
    told = found.join(both.open.cast({"open_before": pl.Int64, "open_after": pl.Int64}), on="claim_key", how="full", coalesce=True)
    told = told.with_columns(pl.exclude("claim_key").fill_null(0))
    return (
        told.with_columns(
            *(
                pl.when(pl.col(f"findings_{side}") > 0)
                .then(pl.lit("flagged"))
                .when(pl.col(f"open_{side}") > 0)
                .then(pl.lit("cannot_tell"))
                .otherwise(pl.lit("clear"))
                .alias(side)
                for side in (BEFORE, AFTER)
            ),
            fixmedins_code=claims["fixmedins_code"][told["claim_key"]],
            claims=pl.lit(1, pl.Int64),
        )
        .drop("claim_key")
        .group_by("fixmedins_code", BEFORE, AFTER)
        .sum()
        .select("fixmedins_code", BEFORE, AFTER, "claims", *(f"{w}_{s}" for w in ("findings", "open", "amt", "fund") for s in (BEFORE, AFTER)),
                "new", "gone", "other_amount")
    )  # fmt: skip


def _doctors(flagged: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Doctors of findings; touched: a finding of theirs is new or gone. A doctor's code counts within the institution."""
    return (
        flagged.select(
            fixmedins_code=claims["fixmedins_code"][flagged["claim_key"]],
            doctor=pl.coalesce("doctor_before", "doctor_after"),
            touched=pl.col("amt_before").is_null() | pl.col("amt_after").is_null(),
        )
        .drop_nulls("doctor")
        .group_by("fixmedins_code", "doctor")
        .agg(pl.col("touched").any())
    )


def _dearest(flagged: pl.DataFrame, kind: str, claims: pl.DataFrame) -> pl.DataFrame:
    """New or gone findings with the most money, one per claim."""
    side, other = (AFTER, BEFORE) if kind == NEW else (BEFORE, AFTER)
    rows = flagged.filter(pl.col(f"amt_{side}").is_not_null(), pl.col(f"amt_{other}").is_null())
    rows = rows.select("bkkp_sn", frame=f"frame_{side}", _at=f"_at_{side}", amt=f"amt_{side}", setl_id=claims["setl_id"][rows["claim_key"]])
    return _head(rows.sort("amt", "bkkp_sn", descending=[True, False]).unique("setl_id", keep="first", maintain_order=True))


def _head(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort("amt", "setl_id", descending=[True, False]).head(SHOWN)


def _best(parts: list[tuple[Bucket, pl.DataFrame]]) -> list[tuple[Bucket, pl.DataFrame]]:
    """The dearest over all buckets, still by bucket."""
    best = _head(pl.concat([rows.with_columns(part=pl.lit(number)) for number, (_, rows) in enumerate(parts)]))
    return [(parts[number][0], rows) for (number,), rows in best.partition_by("part", as_dict=True).items()]
