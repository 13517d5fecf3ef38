"""Ordinary, blameless care: who goes where, when and for what, and the lines that follow from it.

A person's claims never overlap and lie at least four days apart (twenty around a stay), so that nothing about the order of
visits looks like a split stay or a crowd of visits; what is billed comes from the complaint's row in `profiles.py`.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from audit.synth.profiles import PROFILES
from audit.synth.province import Province

MED_TYPE = {"out": "11", "er": "13", "chronic": "14", "maternity": "51", "store": "41", "stay": "21", "day": "28", "birth": "52"}
_WHERE: dict[str, dict[str, float]] = {
    "out": {"tertiary": 0.3, "secondary": 0.4, "primary": 0.3},
    "er": {"tertiary": 0.5, "secondary": 0.5},
    "chronic": {"tertiary": 0.15, "secondary": 0.3, "primary": 0.5, "internet": 0.05},
    "maternity": {"maternity": 0.6, "secondary": 0.2, "tertiary": 0.2},
    "store": {"store": 1.0},
    "stay": {"tertiary": 0.5, "secondary": 0.5},
    "day": {"eye": 0.6, "tertiary": 0.4},
    "birth": {"maternity": 0.6, "secondary": 0.2, "tertiary": 0.2},
}
WARD = ("stay", "day", "birth")
ONE_DAY = timedelta(days=1)
DAY = np.timedelta64(1, "D")
SECOND = np.timedelta64(1, "s")


def clock(seconds: np.ndarray) -> pl.Series:
    return pl.Series(seconds.astype("datetime64[us]"))


def month_starts(batch_date: date, months: int) -> list[date]:
    first = batch_date.replace(day=1)
    starts = [first]
    for _ in range(months - 1):
        first = (first - timedelta(days=1)).replace(day=1)
        starts.append(first)
    return starts[::-1]


def _last_days(rng: np.random.Generator, count: int, batch_date: date, months: int) -> np.ndarray:
    """Last settlement days: four fifths in the month of the batch, the rest spread over the months before."""
    starts = month_starts(batch_date, months)
    ends = [*(s - timedelta(days=1) for s in starts[1:]), batch_date]
    share = np.full(months, 0.2 / max(1, months - 1)) if months > 1 else np.ones(1)
    share[-1] = 1 - share[:-1].sum()
    month = rng.choice(months, count, p=share)
    lengths = np.array([(e - s).days + 1 for s, e in zip(starts, ends, strict=True)])
    return np.array(starts, dtype="datetime64[D]")[month] + (rng.random(count) * lengths[month]).astype(int) * DAY


def _choose_profiles(rng: np.random.Generator, sex: np.ndarray, age: np.ndarray) -> np.ndarray:
    """A complaint for each person, by the weights of those that fit sex and age."""
    ages = np.arange(0, 100)
    chances = np.zeros((2, 100, len(PROFILES)))
    for n, p in enumerate(PROFILES):
        fits = (ages >= p.age_from) & (ages <= p.age_to)
        for s in (1, 2):
            chances[s - 1, :, n] = fits * p.weight * (p.sex in ("*", str(s)))
    steps = chances.cumsum(axis=2)
    own = steps[sex.astype(int) - 1, np.clip(age, 0, 99)]
    draw = rng.random(len(sex)) * own[:, -1]
    return (own <= draw[:, None]).sum(axis=1)


def ordinary_claims(rng: np.random.Generator, province: Province, count: int, batch_date: date, months: int) -> pl.DataFrame:
    """`count` claims: person, inst, profile, setting, begin, end (stays end days later), doctor; in no particular order."""
    people = province.people
    persons = people["person"].to_numpy()
    sex, age, born = people["gend"].to_numpy(), people["age"].to_numpy(), people["brdy"].to_numpy().astype("datetime64[D]")
    many = np.where(age == 0, 1, 1 + rng.geometric(0.42, len(persons)))
    earliest = np.datetime64(month_starts(batch_date, months)[0])
    usual = np.array([p.days for p in PROFILES])
    end = _last_days(rng, len(persons), batch_date, months)
    after_stay = np.zeros(len(persons), dtype=bool)
    rounds = []
    for turn in range(int(min(many.max(), 8))):
        who = np.flatnonzero(many > turn)
        profile = _choose_profiles(rng, sex[who], age[who])
        days = usual[profile]
        stay = days > 0
        days = np.where(days > 1, np.clip(np.rint(rng.normal(days, 0.25 * days)), 3 + (days > 3), 30), days).astype(int)
        if turn:
            end[who] -= (rng.integers(4, 26, len(who)) + 20 * (stay | after_stay[who])) * DAY
        baby = age[who] == 0
        end[who] = np.where(baby, born[who] + (days + rng.integers(2, 6, len(who))) * DAY, end[who])
        begin = end[who] - days * DAY
        rounds.append(pl.DataFrame({"person": persons[who], "profile": profile, "begin_day": begin, "days": days, "turn": turn}))
        end[who], after_stay[who] = begin, stay
    claims = pl.concat(rounds).filter(
        (pl.col("begin_day") >= pl.lit(earliest)) & ((pl.col("begin_day") + pl.duration(days="days")).le(batch_date))
    )
    claims = claims[np.sort(rng.permutation(len(claims))[:count])]
    return _place(rng, province, claims)


def _place(rng: np.random.Generator, province: Province, claims: pl.DataFrame) -> pl.DataFrame:
    """Choose institution, doctor and the clock."""
    n = len(claims)
    profile = claims["profile"].to_numpy()
    setting = np.array([p.setting for p in PROFILES])[profile]
    inst = np.zeros(n, dtype=np.int64)
    for name, kinds in _WHERE.items():
        here = np.flatnonzero(setting == name)
        kind = rng.choice(len(kinds), len(here), p=list(kinds.values()))
        for k, label in enumerate(kinds):
            inst[here[kind == k]] = rng.choice(province.of_kind(label), (kind == k).sum())
    begin = claims["begin_day"].to_numpy().astype("datetime64[s]") + rng.integers(8 * 3600, 16 * 3600, n) * SECOND
    days = claims["days"].to_numpy()
    ward = np.isin(setting, WARD)
    end = np.where(
        ward,
        (claims["begin_day"].to_numpy() + days * DAY).astype("datetime64[s]") + rng.integers(16 * 3600, 17 * 3600, n) * SECOND,
        begin + 5400 * SECOND,
    )
    doctors = province.institutions["doctors"].to_numpy()[inst]
    return claims.with_columns(
        setting=pl.Series(setting),
        inst=pl.Series(inst),
        begin=clock(begin),
        end=clock(end),
        doctor=pl.Series((rng.random(n) * doctors).astype(np.int64)),
        med_type=pl.Series(setting).replace_strict(MED_TYPE),
        claim=pl.int_range(n),
    )


def described(claims: pl.DataFrame) -> pl.DataFrame:
    """Hang diagnosis, department and, for births, the maternity columns on claims that name a profile by number."""
    of = claims["profile"].to_numpy()
    texts = {"dx": [p.diagnosis for p in PROFILES], "dx_name": [p.name for p in PROFILES], "department": [p.department for p in PROFILES]}
    birth = pl.col("setting") == "birth"
    return (
        claims.with_columns(pl.Series(name, values).gather(of) for name, values in texts.items())
        .with_columns(
            matn_type=pl.when(birth).then(pl.lit("1")),
            geso_val=pl.when(birth).then(39),
            dise_no=pl.when(pl.col("setting") == "chronic").then("dx"),
        )
        .drop("begin_day", "turn")
    )


def operations(claims: pl.DataFrame) -> pl.DataFrame:
    """The operation of each claim whose complaint is operated on: claim, op, op_name, op_date (the day after admission)."""
    told = [(n, *p.operation) for n, p in enumerate(PROFILES) if p.operation]
    table = pl.DataFrame(told, schema={"profile": pl.Int64, "op": pl.String, "op_name": pl.String}, orient="row")
    joined = claims.join(table, on="profile", how="inner", maintain_order="left")
    return joined.select(
        "claim",
        "op",
        "op_name",
        op_date=pl.col("begin").dt.date() + pl.when(pl.col("days") > 1).then(pl.duration(days=1)).otherwise(pl.duration(days=0)),
    )


def at_internet(claims: pl.DataFrame, province: Province) -> pl.Series:
    """Claims at internet hospitals, whose prescriptions circulate."""
    return claims.filter(pl.col("inst").is_in(province.of_kind("internet").tolist()))["claim"]
