"""Fraud schemes for the models: patterns over many claims, made so that no single line breaks a rule.

Every scheme has a noisy degree: some cases look almost ordinary, so that a model can be good but not perfect. They are spread
over all months, so that a model can be trained on the earlier and tested on the later ones.
"""

from __future__ import annotations

from datetime import date, time, timedelta

import numpy as np
import polars as pl

from audit.synth.book import Book
from audit.synth.visits import month_starts


def _day(book: Book, months: int, high: int = 22) -> date:
    start = month_starts(book.batch_date, months)[int(book.rng.integers(months))]
    return start + timedelta(days=int(book.rng.integers(0, high)))


def _scheme_of(book: Book) -> str:
    return "310" if book.rng.random() < 0.6 else "390"


def _mark(book: Book, claim: int, scheme: str) -> int:
    """Label the claim, unless this case is an innocent one that only looks like the scheme."""
    if not book.innocent:
        book.rows["fraud"].append({"claim": claim, "scheme": scheme})
    return 1


def ghost_bed(book: Book, inst: int, months: int) -> int:
    """In hospital on paper: bed and care every day, orders on few of them, the same cheap package for everybody."""
    days = int(book.rng.integers(6, 11))
    claim = book.claim(
        book.person(age=int(book.rng.integers(55, 80)), insutype=_scheme_of(book)),
        inst,
        _day(book, months, 18),
        days=days,
        dx=("M51.202", "腰椎间盘突出"),
        department="康复医学科",
    )
    active = int(book.rng.integers(1, 4)) if book.rng.random() < 0.8 else days - 1
    for d in range(days):
        for daily in ("bed", "consult_in", "nurse3"):
            book.line(claim, daily, day=d)
        if d < active:
            for treatment in ("infrared", "midfreq", "massage"):
                book.line(claim, treatment, day=d)
    book.line(claim, "cbc")
    return _mark(book, claim, "ghost_bed")


def check_up(book: Book, inst: int, months: int) -> int:
    """A check-up dressed as a stay: examinations of every kind, a few days, hardly any treatment."""
    days = int(book.rng.integers(4, 6))
    claim = book.claim(
        book.person(age=int(book.rng.integers(40, 70)), insutype=_scheme_of(book)),
        inst,
        _day(book, months),
        days=days,
        dx=("R42.x00", "头晕和眩晕"),
        department="内科",
    )
    for d in range(days):
        for daily in ("bed", "consult_in", "nurse3"):
            book.line(claim, daily, day=d)
        if book.rng.random() < 0.4:
            book.line(claim, "nacl", 2, day=d)
            book.line(claim, "infusion", day=d)
    for exam in ("ct", "mri", "us_color", "echo", "egd", "colono", "ecg", "cbc", "urine", "alt", "ast", "creat", "uric", "chol", "trig"):
        if book.rng.random() < 0.75:
            book.line(claim, exam, day=int(book.rng.integers(0, 2)))
    return _mark(book, claim, "check_up")


def diversion(book: Book, stores: list[int], months: int) -> int:
    """Dear medicine for months on end from many stores: one person, a new store every ten days or so."""
    person, day = book.person(age=int(book.rng.integers(60, 80)), insutype=_scheme_of(book)), _day(book, months, 6)
    made = 0
    for k in range(int(book.rng.integers(3, 6))):
        when = day + timedelta(days=9 * k + int(book.rng.integers(0, 4)))
        if when > book.batch_date:
            break
        claim = book.claim(
            person,
            int(book.rng.choice(stores)),
            when,
            med_type="41",
            setting="store",
            dx=("I25.103", "冠状动脉粥样硬化性心脏病"),
            department="药店",
            at=time(int(book.rng.integers(8, 21)), 20),
        )
        for item in ("clopid", "atorva", "valsart", "insulin"):
            if book.rng.random() < 0.7:
                book.line(claim, item, int(book.rng.integers(3, 7)), prd_days=28)
        book.line(claim, "acarb", int(book.rng.integers(2, 5)), prd_days=28)
        made += _mark(book, claim, "diversion")
    return made


def group_visit(book: Book, inst: int, months: int) -> int:
    """A bus comes: the same doctor, the same hour, the same package, small equal amounts."""
    day, doctor, start = _day(book, months), int(book.rng.integers(0, 5)), int(book.rng.integers(8, 15))
    package = (
        ("acupunct", "cupping", "infrared", "joint_ctm") if book.rng.random() < 0.5 else ("massage", "midfreq", "celecox", "joint_ctm")
    )
    made = 0
    for k in range(int(book.rng.integers(6, 13))):
        claim = book.claim(
            book.person(age=int(book.rng.integers(60, 80)), insutype=_scheme_of(book)),
            inst,
            day,
            doctor=doctor,
            at=time(start + k // 30, k * 4 % 60, 5),
            dx=("M54.500", "下背痛"),
            department="中医科",
        )
        book.line(claim, "consult")
        for item in package:
            if book.rng.random() < 0.9:
                book.line(claim, item)
        made += _mark(book, claim, "group_visit")
    return made


def upcoded(book: Book, inst: int, months: int) -> int:
    """A grave diagnosis and a dear bill, with few of the things that such an illness needs."""
    days = int(book.rng.integers(5, 9))
    claim = book.claim(
        book.person(age=int(book.rng.integers(50, 80)), insutype=_scheme_of(book)),
        inst,
        _day(book, months, 18),
        days=days,
        dx=("I63.900", "脑梗死"),
        department="神经内科",
    )
    for d in range(days):
        for daily in ("bed", "consult_in", "nurse2"):
            book.line(claim, daily, day=d)
        book.line(claim, "heparin", int(book.rng.integers(2, 5)), day=d)
        book.line(claim, "panto_in", int(book.rng.integers(3, 8)), day=d)
        if book.rng.random() < 0.3:
            book.line(claim, "exercise", day=d)
    if book.rng.random() < 0.4:
        book.line(claim, "ct")
    book.line(claim, "cbc")
    return _mark(book, claim, "upcoded")


def everything(book: Book, claims: int, months: int) -> None:
    """About `claims` claims of fraud: a fifth of each scheme, most of them at a few institutions.

    For every three of them there is one innocent claim made the same way, without a label, so that looking like a scheme is no proof.
    """
    houses, stores = book.houses("secondary"), book.houses("store")
    bad = houses[: max(2, len(houses) // 5)]
    for innocent, share in ((False, 1.0), (True, 1 / 3)):
        book.innocent = innocent
        for scheme in (ghost_bed, check_up, group_visit, upcoded):
            made = 0
            while made < share * claims // 5:
                made += scheme(book, int(book.rng.choice(bad if book.rng.random() < (0.1 if innocent else 0.6) else houses)), months)
        made = 0
        while made < share * claims // 5:
            made += diversion(book, stores, months)
    book.innocent = False


def without_a_trace(rng: np.random.Generator, ordinary: pl.DataFrame, count: int) -> pl.DataFrame:
    """Ordinary claims whose services were never rendered (claim, scheme `phantom`): nothing shows it, so no model finds them all."""
    picked = rng.choice(len(ordinary), min(count, len(ordinary)), replace=False)
    return ordinary[np.sort(picked)].select("claim", scheme=pl.lit("phantom"))
