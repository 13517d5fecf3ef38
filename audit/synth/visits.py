"""Ordinary, blameless care: who goes where, when and for what, and the lines that follow from it.

A person's claims never overlap and lie at least four days apart (twenty around a stay), so that nothing about the order of
visits looks like a split stay or a crowd of visits; what is billed comes from the complaint's row in `profiles.py`.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from audit.synth.catalogue import ITEMS, Item
from audit.synth.profiles import PROFILES, SPECIAL, Use
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
_WARD = ("stay", "day", "birth")
_COURSE_DAYS = 9  # a restricted drug is never given longer in ordinary care
ONE_DAY = timedelta(days=1)
DAY = np.timedelta64(1, "D")
SECOND = np.timedelta64(1, "s")


def _clock(seconds: np.ndarray) -> pl.Series:
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
    """`count` claims: person, inst, profile, setting, begin, end (stays end days later), doctor number; ordered by nothing in particular."""
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
    claims = pl.concat(rounds).filter((pl.col("begin_day") >= earliest) & (pl.col("begin_day") + pl.duration(days="days") <= batch_date))
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
    ward = np.isin(setting, _WARD)
    end = np.where(
        ward,
        (claims["begin_day"].to_numpy() + days * DAY).astype("datetime64[s]") + rng.integers(16 * 3600, 17 * 3600, n) * SECOND,
        begin + 5400 * SECOND,
    )
    doctors = province.institutions["doctors"].to_numpy()[inst]
    return claims.with_columns(
        setting=pl.Series(setting),
        inst=pl.Series(inst),
        begin=_clock(begin),
        end=_clock(end),
        doctor=pl.Series((rng.random(n) * doctors).astype(np.int64)),
        med_type=pl.Series(setting).replace_strict(MED_TYPE),
        claim=pl.int_range(n),
    )


def item_table(legitimate: dict[str, list[Item]]) -> tuple[list[Item], dict[str, list[int]]]:
    """All items by number, and the numbers that may stand for each name used in `profiles.py`."""
    items = list(ITEMS.values())
    numbers = {item.key: [n] for n, item in enumerate(items)}
    for name in SPECIAL:
        numbers[name] = list(range(len(items), len(items) + len(legitimate.get(name, []))))
        items += legitimate.get(name, [])
    numbers["@herb"] = numbers.pop("@herbs")
    return items, numbers


def _expand(uses: tuple[Use, ...]) -> list[tuple[Use, str]]:
    """A herbal prescription is a coin for the whole and one for each piece."""
    expanded: list[tuple[Use, str]] = []
    for use in uses:
        if use.item == "@herbs":
            expanded += [(Use(key, 0.5 * use.probability, 70, False), "herbs") for key in ITEMS if key.startswith("herb")]
            if use.probability == 1:  # a prescription that surely has payable pieces may have one that is paid in company only
                expanded.append((Use("@herb", 0.4, 35, False), "herbs"))
        else:
            expanded.append((use, ""))
    return expanded


def ordinary_lines(rng: np.random.Generator, province: Province, claims: pl.DataFrame, legitimate: dict[str, list[Item]]) -> pl.DataFrame:
    """The lines of those claims: claim, item number, cnt, day within the claim, time, order number (`rx`), days of supply."""
    items, numbers = item_table(legitimate)
    uses = [[pair for pair in _expand(p.uses) if numbers[pair[0].item]] for p in PROFILES]
    flat = [pair for row in uses for pair in row]
    first = np.cumsum([0, *(len(row) for row in uses)])
    profile, turn = claims["profile"].to_numpy(), claims["turn"].to_numpy()
    size = np.array([len(row) for row in uses])[profile]
    claim = np.repeat(np.arange(len(claims)), size)
    use = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size) + first[profile][claim]
    chance = np.array([u.probability for u, _ in flat])[use]
    once_only = np.array([u.item == "@hba1c" for u, _ in flat])[use] & (turn[claim] > 0)
    keep = (rng.random(len(use)) < chance) & ~once_only
    claim, use = claim[keep], use[keep]
    choice = rng.random(len(use))
    item = np.array([numbers[u.item][0] for u, _ in flat])[use] + (choice * np.array([len(numbers[u.item]) for u, _ in flat])[use]).astype(
        int
    )
    days = claims["days"].to_numpy()[claim]
    course = np.array([u.item in SPECIAL for u, _ in flat])[use]
    times = np.where(np.array([u.daily for u, _ in flat])[use], np.maximum(1, np.where(course, np.minimum(days, _COURSE_DAYS), days)), 1)
    row = np.repeat(np.arange(len(use)), times)
    day = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    claim, use, item = claim[row], use[row], item[row]
    return _lines(rng, province, claims, items, claim, item, day, np.array([u.quantity for u, _ in flat])[use])


def _lines(
    rng: np.random.Generator,
    province: Province,
    claims: pl.DataFrame,
    items: list[Item],
    claim: np.ndarray,
    item: np.ndarray,
    day: np.ndarray,
    cnt: np.ndarray,
) -> pl.DataFrame:
    n = len(claim)
    begin = claims["begin"].to_numpy()[claim].astype("datetime64[s]")
    ward = np.isin(claims["setting"].to_numpy(), _WARD)[claim]
    first_day = begin + np.where(ward, rng.integers(300, 14_000, n), rng.integers(120, 4_800, n)) * SECOND
    later = begin.astype("datetime64[D]").astype("datetime64[s]") + (day * 86_400 + rng.integers(8 * 3600, 20 * 3600, n)) * SECOND
    kind = np.array([i.kind for i in items])[item]
    medicine = np.isin(kind, ("drug", "patent"))
    rx = np.where(medicine & ~ward, 1, np.where(kind == "herb", 2, 10 + item))
    chronic = (claims["setting"].to_numpy() == "chronic")[claim]
    inst = claims["inst"].to_numpy()[claim]
    return (
        pl.DataFrame(
            {
                "claim": claim,
                "item": item,
                "cnt": cnt.astype(np.int64),
                "time": _clock(np.where(day > 0, later, first_day)),
                "rx": rx,
                "prd_days": pl.Series(np.where(chronic, 28, 7).astype(np.int64)),
                "medicine": medicine & ~ward,
                "inst": inst,
            }
        )
        .with_columns(prd_days=pl.when("medicine").then("prd_days"))
        .drop("medicine")
    )


def priced(lines: pl.DataFrame, province: Province, items: list[Item]) -> pl.DataFrame:
    """Hang code, name, fee class and the institution's price (millionths of a yuan) on lines that name an item by number."""
    inst, item = lines["inst"].to_numpy(), lines["item"].to_numpy()
    tier = province.institutions["tier"].fill_null(1).to_numpy()[inst]
    base = np.array([round(i.price * 10_000) for i in items])[item]
    service = np.array([i.kind == "service" for i in items])[item]
    percent = np.where(service, 88 + 6 * tier + inst % 5, 96 + (inst * 7 + item) % 9)
    exact = base * percent  # millionths of a yuan
    cents = np.where(np.array([i.kind == "herb" for i in items])[item], exact // 100 * 100, (exact + 5_000) // 10_000 * 10_000)
    ceiling = np.where(service, base * 150, 0)
    columns = {
        name: pl.Series([getattr(i, name) for i in items], dtype=pl.String).gather(item)
        for name in ("code", "name", "kind", "fee_class", "level", "unit")
    }
    return lines.with_columns(
        pric_e6=pl.Series(cents), uplmt_e6=pl.Series(ceiling).replace(0, None), cnt_e4=pl.col("cnt") * 10_000, **columns
    ).drop("item", "cnt", "inst")


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


def traces(rng: np.random.Generator, lines: pl.DataFrame) -> pl.DataFrame:
    """A trace code of its own for most packs handed out: line, drug_trac_codg, trdn_flag."""
    packs = lines.filter(pl.col("kind").is_in(["drug", "patent"]) & pl.col("unit").is_in(["盒", "瓶"]))
    packs = packs.filter(pl.Series(rng.random(len(packs)) < 0.8))
    return packs.select(
        "line", drug_trac_codg=pl.lit("99") + (pl.col("line") * 7_919 + 1_000_000_007).cast(pl.String).str.zfill(18), trdn_flag=pl.lit("0")
    )


def purchases(lines: pl.DataFrame, claims: pl.DataFrame, known: list[str]) -> pl.DataFrame:
    """Stock bought at the start of each month, a fifth more than is billed in it, for drugs, herbs and consumables whose codes are not `known` already."""
    goods = lines.filter(
        pl.col("kind").is_in(["drug", "patent", "herb", "consumable"]) & ~pl.col("code").is_in(known) & (pl.col("cnt_e4") > 0)
    )
    goods = goods.join(claims.select("claim", "inst"), on="claim").with_columns(month=pl.col("time").dt.truncate("1mo"))
    bought = goods.group_by("inst", "month", "code").agg(billed=pl.col("cnt_e4").sum(), price=pl.col("pric_e6").min())
    return bought.sort("inst", "month", "code").select(
        "inst",
        med_list_codg="code",
        inv_chg_type=pl.lit("1"),
        inv_chg_time=pl.col("month"),
        cnt_e4=(pl.col("billed") * 12 // 100_000 + 1) * 10_000,
        pric_e6=pl.col("price") * 9 // 10,
    )
