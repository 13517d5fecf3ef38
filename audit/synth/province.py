"""People, institutions and doctors of a province that exists on no map (division codes 99xxxx)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

PLACES = ("霁岭", "砚渊", "芷涧", "岫汐", "绛泽", "璎浦", "沄屿", "缃原")
_NAMES = ("云芷", "砚霁", "沄和", "岫康", "缃宁", "璎安", "芷济", "霁仁", "绛民", "汐健")
_SURNAMES, _GIVEN_1, _GIVEN_2 = "霁沄岫璎芷缃", "承知怀予书清慕言", "澜汐珩岑昀笺葳砚"
_COUNTED, _DIGITS = "子丑寅卯辰巳午未申酉戌亥", 6  # almost three million persons
# kind of institution: share of all, level codes, name, what it offers
_KINDS: tuple[tuple[str, float, tuple[str, ...], str], ...] = (
    ("tertiary", 0.08, ("01", "02", "02", "03", "12"), "{place}市{name}医院"),
    ("secondary", 0.17, ("05", "05", "06", "07", "13"), "{place}市{name}人民医院"),
    ("primary", 0.30, ("08", "09", "10", "14"), "{place}{name}卫生院"),
    ("maternity", 0.04, ("05", "06"), "{place}市{name}妇幼保健院"),
    ("eye", 0.03, ("06", "05"), "{place}{name}眼科医院"),
    ("internet", 0.03, ("05", "06"), "{place}{name}互联网医院"),
    ("store", 0.35, ("11",), "{place}{name}大药房"),
)
TIER = {
    **dict.fromkeys(("01", "02", "03", "04", "12"), 3),
    **dict.fromkeys(("05", "06", "07", "13"), 2),
    **dict.fromkeys(("08", "09", "10", "14"), 1),
}


@dataclass(frozen=True)
class Province:
    """institutions: inst, fixmedins_code, fixmedins_name, fixmedins_type, hosp_lv, fix_blng_admdvs, kind, tier, doctors.
    people: person, psn_no, gend, brdy, insutype, psn_type, insu_admdvs (one row each, in order of `person`)."""

    institutions: pl.DataFrame
    people: pl.DataFrame

    def of_kind(self, *kinds: str) -> np.ndarray:
        """Row numbers of the institutions of these kinds."""
        return self.institutions.filter(pl.col("kind").is_in(kinds))["inst"].to_numpy()


def found_institutions(rng: np.random.Generator, claims: int) -> pl.DataFrame:
    """Institutions enough for so many claims; a drug store has one pharmacist, a large hospital forty doctors."""
    size = max(64, int(90 * (claims / 20_000) ** 0.6))
    rows = []
    for kind, share, levels, pattern in _KINDS:
        for n in range(max(3, round(size * share))):
            place = n % len(PLACES)
            lv = levels[n % len(levels)]
            number = n // len(PLACES)
            name = _NAMES[(3 * place + number) % len(_NAMES)] + ("" if number < len(_NAMES) else f"第{number}")
            doctors = {"tertiary": 40, "secondary": 20, "maternity": 10, "store": 1}.get(kind, 6)
            rows.append(
                (
                    kind,
                    pattern.format(place=PLACES[place], name=name),
                    "2" if kind == "store" else "1",
                    lv,
                    f"99{place + 1:02d}{number % 5 + 1:02d}",
                    doctors,
                )
            )
    frame = pl.DataFrame(
        rows, schema=["kind", "fixmedins_name", "fixmedins_type", "hosp_lv", "fix_blng_admdvs", "doctors"], orient="row"
    ).with_row_index("inst")
    order = pl.Series(rng.permutation(len(rows)))
    return frame.with_columns(
        fixmedins_code=pl.when(pl.col("kind") == "store").then(pl.lit("PZ")).otherwise(pl.lit("HZ"))
        + (pl.lit(99_000_000_00) + order).cast(pl.String),
        tier=pl.col("hosp_lv").replace_strict(TIER, default=None, return_dtype=pl.Int64),
        inst=pl.col("inst").cast(pl.Int64),
    )


def doctor_code(inst: np.ndarray, n: np.ndarray) -> pl.Series:
    return pl.Series("doctor", np.char.add("D99", np.char.zfill((inst * 100 + n).astype(str), 8)))


def doctor_name(inst: np.ndarray, n: np.ndarray) -> pl.Series:
    """Surnames that nobody bears, so that no real doctor is ever named."""
    pick = inst * 31 + n * 7
    parts = [np.array(list(letters))[(pick // step) % len(letters)] for letters, step in ((_SURNAMES, 1), (_GIVEN_1, 5), (_GIVEN_2, 11))]
    return pl.Series("doctor_name", np.char.add(np.char.add(parts[0], parts[1]), parts[2]))


def person_name(psn_no: pl.Expr) -> pl.Expr:
    """psn_name: 虚构 ("invented") and the person's number in twelve signs, so that nobody real is ever named."""
    number = psn_no.str.slice(3).cast(pl.Int64)
    digits = [(number // len(_COUNTED) ** place) % len(_COUNTED) for place in range(_DIGITS - 1, -1, -1)]
    return pl.concat_str(pl.lit("虚构"), *(d.replace_strict(dict(enumerate(_COUNTED)), return_dtype=pl.String) for d in digits)).alias(
        "psn_name"
    )


def certificate() -> pl.Expr:
    """certno: eighteen characters of a division that is not (99....), the birthday, three digits and N, which ends no real number."""
    return pl.concat_str("insu_admdvs", pl.col("brdy").dt.to_string("%Y%m%d"), pl.col("psn_no").str.tail(3), pl.lit("N")).alias("certno")


def people(rng: np.random.Generator, count: int, on: date) -> pl.DataFrame:
    """So many insured persons with the ages of an ageing province; working adults and pensioners are employees' insurance (310)."""
    bands = np.array([(0, 0), (1, 5), (6, 13), (14, 19), (20, 34), (35, 49), (50, 64), (65, 79), (80, 94)])
    share = np.array([0.03, 0.09, 0.08, 0.04, 0.14, 0.16, 0.21, 0.19, 0.06])
    band = rng.choice(len(bands), count, p=share)
    age = rng.integers(bands[band, 0], bands[band, 1] + 1)
    days = (age * 365.25).astype(int) + rng.integers(0, 365, count)
    newborn = age == 0
    days[newborn] = rng.integers(2, 300, newborn.sum())
    employee = (age >= 20) & (rng.random(count) < 0.5)
    place = rng.integers(0, len(PLACES), count)
    birth = np.datetime64(on) - days.astype("timedelta64[D]")
    psn_type = np.select(
        [employee & (age >= 60), employee, age < 1, age < 7, age < 20, age < 60], ["1201", "1101", "1401", "1402", "1403", "1500"], "1600"
    )
    return pl.DataFrame(
        {
            "person": np.arange(count),
            "gend": np.where(rng.random(count) < 0.5, "1", "2"),
            "brdy": birth,
            "insutype": np.where(employee, "310", "390"),
            "psn_type": psn_type,
            "insu_admdvs": np.char.add("99", np.char.zfill(((place + 1) * 100 + 1).astype(str), 4)),
        }
    ).with_columns(pl.col("brdy").cast(pl.Date), age=pl.Series(age))


def found(rng: np.random.Generator, claims: int, on: date) -> Province:
    """The province for so many claims: about two claims for every person."""
    return Province(found_institutions(rng, claims), people(rng, max(600, int(claims * 0.62)), on))


def birthday(on: date, years: int, days: int = 0) -> date:
    """Born so that `on` is `days` days after the birthday that completes `years` years (negative: before it)."""
    anchor = on - timedelta(days=days)
    try:
        return anchor.replace(year=anchor.year - years)
    except ValueError:  # 29 February
        return anchor.replace(year=anchor.year - years, day=28)
