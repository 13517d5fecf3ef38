"""Violations of our own policy points: care for newborns, children and the paralysed, beds of wards, blood counts billed in parts."""

from __future__ import annotations

from datetime import date, time, timedelta

from audit.synth.book import Book
from audit.synth.plant_people import CHILD, NEWBORN_DAYS
from audit.synth.points import Point, Points, item_of
from audit.synth.province import birthday

# what a training of paralysed limbs is for, by a word of its name, and an age at which that is usual
PALSY = {"偏瘫": ("I69.300", "脑梗死后遗症", 62), "脑瘫": ("G80.900", "脑性瘫痪", 7), "截瘫": ("G82.200", "截瘫", 40)}


def _newborn(book: Book, points: Points, rule: int, n: int, allow: set[int]) -> None:
    for k, p in enumerate(points.pick(book.rng, rule, n, allow=allow)):
        day = book.day()
        for days, planted in ((NEWBORN_DAYS + 1, True), (NEWBORN_DAYS, False)):
            grown_up = planted and k % 3 == 2
            person = book.person() if grown_up else book.person(brdy=day - timedelta(days=days))
            claim = book.visit(person, book.inst(), day, department="内科" if grown_up else "新生儿科")
            line = book.line(claim, item_of(p))
            if planted:
                book.violation(rule, claim, line, whole=True, note="a grown-up" if grown_up else f"{days} days old")
            else:
                book.near(rule, claim, line, note=f"{days} days old")
        own = book.visit(book.person(), book.inst(), day)
        book.near(rule, own, book.line(own, item_of(p), own=True), note="the person paid the whole line")
        begin = book.day(1, 18)
        child = book.person(brdy=begin - timedelta(days=NEWBORN_DAYS - 2))
        stay = book.claim(child, book.inst("tertiary"), begin, days=6, dx=("J18.900", "肺炎"), department="新生儿科")
        for d in range(6):
            for item in ("bed", "consult_in", "nurse1"):
                book.line(stay, item, day=d)
        book.near(rule, stay, book.line(stay, item_of(p), day=4), note=f"{NEWBORN_DAYS + 2} days old, a newborn on admission")


def rule_6(book: Book, points: Points, n: int) -> None:
    """A drug paid for newborns only."""
    _newborn(book, points, 6, n, set())


def rule_18(book: Book, points: Points, n: int) -> None:
    """A service paid for newborns only; each is also part of newborns' nursing (rule 25)."""
    _newborn(book, points, 18, n, {25})


def _palsy(point: Point) -> tuple[str, str, int] | None:
    return next((said for word, said in PALSY.items() if word in str(point["name"])), None)


def rule_19(book: Book, points: Points, n: int) -> None:
    """A service paid for children only."""
    for k, p in enumerate(points.pick(book.rng, 19, n, allow={20})):
        dx = (_palsy(p) or ("F84.000", "童年孤独症", 0))[:2]
        day = book.day()
        for days, planted in ((0, True), (-1, False)):
            person = book.person(
                age=35 if planted and k % 3 == 2 else None, brdy=None if planted and k % 3 == 2 else birthday(day, CHILD, days)
            )
            claim = book.visit(person, book.inst(), day, dx=dx, department="康复医学科")
            line = book.line(claim, item_of(p))
            if planted:
                book.violation(19, claim, line, whole=True, note="a grown-up" if k % 3 == 2 else "fourteen on this day")
            else:
                book.near(19, claim, line, note="fourteen tomorrow")


def rule_20(book: Book, points: Points, n: int) -> None:
    """Training of paralysed limbs for someone who is not paralysed."""
    for k, p in enumerate(points.pick(book.rng, 20, n, allow={19})):
        code, name, age = _palsy(p) or ("", "", 0)
        claim = book.visit(book.person(age=age), book.inst(), book.day(), dx=("L30.900", "皮炎"), department="康复医学科")
        book.violation(20, claim, book.line(claim, item_of(p)), whole=True, note="no palsy among the diagnoses")
        dx = ("Z50.100", "其他物理治疗") if k % 3 == 2 else (code, name)
        near = book.visit(book.person(age=age), book.inst(), book.day(), dx=dx, department="康复医学科")
        book.near(20, near, book.line(near, item_of(p)), note=f"diagnosed: {dx[1]}")


def rule_22(book: Book, points: Points, n: int) -> None:
    """A ward's bed billed on a clinic visit."""
    for k, p in enumerate(points.pick(book.rng, 22, n, allow={21, 25, 27})):
        claim = book.visit(book.person(), book.inst("tertiary"), book.day())
        book.violation(22, claim, book.line(claim, item_of(p, unit="日")), whole=True, note="a clinic visit")
        urgent = k % 2 and "急诊" in str(p["clause"])
        near = book.claim(book.person(), book.inst("tertiary"), book.day(1, 18), med_type="13" if urgent else None, days=0 if urgent else 3)
        for day in range(1 if urgent else 3):
            for item in ("infusion", "ceftriax") if urgent else ("consult_in", "nurse1", "infusion", "ceftriax"):
                book.line(near, item, day=day)
            line = book.line(near, item_of(p, unit="日"), day=day)
        book.near(22, near, line, note="emergency" if urgent else "in hospital")


def _blood_count(book: Book, inst: int, day: date) -> int:
    """Bill the whole blood count three times at the institution's own price; returns that price in fen."""
    tier = int(book.province.institutions["tier"][inst] or 1)
    fen = (2_000 * (88 + 6 * tier + inst % 5) + 50) // 100
    for _ in range(3):
        book.line(book.visit(book.person(), inst, day), "cbc", price=fen / 100)
    return fen


def rule_26(book: Book, points: Points, n: int) -> None:
    """Four or five counts of the blood in place of one blood count."""
    counts = sorted(points.pick(book.rng, 26, 5), key=lambda p: str(p["point_id"]))
    if not counts:
        return
    for k in range(n):
        inst, day = book.inst(("secondary", "tertiary")[k % 2]), book.day(2, 22)
        whole, asked = _blood_count(book, inst, day), counts[: 4 + k % 2]
        claim = book.visit(book.person(), inst, day)
        lines = [book.line(claim, item_of(p, price=9.0), at=time(10, m)) for m, p in enumerate(asked)]
        excess = 900 * len(asked) - whole
        for line in reversed(lines):
            if excess > 0:
                book.violation(
                    26, claim, line, amount=min(excess, 900), note=f"{len(asked)} counts of 9 yuan, one blood count costs {whole} fen"
                )
            excess -= 900
        near = book.visit(book.person(), inst, day)
        cheap = k % 3 == 0
        for m, p in enumerate(asked if cheap else counts[:3]):
            line = book.line(near, item_of(p, price=3.0 if cheap else 9.0), at=time(10, m))
        if k % 3 == 1:
            line = book.line(near, item_of(counts[3], price=9.0), day=1, at=time(8))
        book.near(26, near, line, note=("cheaper than the blood count", "the fourth count on the next day", "three counts only")[k % 3])


def all_of(book: Book, points: Points, n: int) -> None:
    for plant in (rule_6, rule_18, rule_19, rule_20, rule_22, rule_26):
        plant(book, points, n)
