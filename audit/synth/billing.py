"""What is billed in ordinary care: the lines that follow from a complaint, their prices, trace codes and the stock they came from."""

from __future__ import annotations

import numpy as np
import polars as pl

from audit.synth.catalogue import ITEMS, Item
from audit.synth.profiles import PROFILES, SPECIAL, Use
from audit.synth.province import Province
from audit.synth.visits import SECOND, WARD, clock

_COURSE_DAYS = 9  # a restricted drug is never given longer in ordinary care


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
    leading = use == first[profile][claim]  # the first item of a complaint is always billed: nobody comes for nothing
    keep = ((rng.random(len(use)) < chance) | leading) & ~once_only
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
    ward = np.isin(claims["setting"].to_numpy(), WARD)[claim]
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
                "time": clock(np.where(day > 0, later, first_day)),
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


def traces(rng: np.random.Generator, lines: pl.DataFrame) -> pl.DataFrame:
    """A trace code of its own for most packs handed out: line, drug_trac_codg, trdn_flag."""
    packs = lines.filter(pl.col("kind").is_in(["drug", "patent"]) & pl.col("unit").is_in(["盒", "瓶"]))
    packs = packs.filter(pl.Series(rng.random(len(packs)) < 0.8))
    return packs.select(
        "line", drug_trac_codg=pl.lit("99") + (pl.col("line") * 7_919 + 1_000_000_007).cast(pl.String).str.zfill(18), trdn_flag=pl.lit("0")
    )


def purchases(lines: pl.DataFrame, claims: pl.DataFrame, known: list[str]) -> pl.DataFrame:
    """Stock bought at the start of each month, a fifth more than is billed in it, of all goods whose codes are not `known` already."""
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
