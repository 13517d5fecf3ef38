"""Violations of medical types: a drug, herbal piece or service that is wrong for this person, this disease, this dose or this company.

The points are this project's own and name classes of codes; what is billed here is an invented product of the class.
"""

from __future__ import annotations

from datetime import timedelta

from audit.synth.book import Book
from audit.synth.catalogue import Item
from audit.synth.points import Point, Points, item_of
from audit.synth.province import birthday

Diagnosis = tuple[str, str]

OWN = set(range(64, 89))  # a point of one medical type may name what another one names too
_OTHER: Diagnosis = ("R42.x00", "头晕和眩晕")
# words of a clause -> the disease it speaks of
_DISEASES: dict[str, Diagnosis] = {
    "前列腺": ("N40.x00", "前列腺增生"),
    "痛风": ("M10.900", "痛风"),
    "甲状腺": ("E05.900", "甲状腺毒症"),
    "肥胖": ("E66.900", "肥胖症"),
    "心力衰竭": ("I50.900", "心力衰竭"),
    "充血性心力": ("I50.900", "心力衰竭"),
    "哮喘": ("J45.900", "哮喘"),
    "青光眼": ("H40.200", "原发性闭角型青光眼"),
    "出血": ("K92.200", "胃肠出血"),
    "肾衰竭": ("N18.500", "慢性肾脏病5期"),
    "黄疸": ("P59.900", "新生儿黄疸"),
    "分娩": ("O80.000", "头位顺产"),
}
# words of a clause -> a drug that must not meet the point's own
_PARTNERS = {"硝酸酯": "XC01DA", "ACEI": "XC09AA", "麦角": "XN02CA", "四环素": "XJ01AA", "哌替啶": "XN02ABP022", "碳青霉烯": "XJ01DH"}


def product(code: str, name: str, number: int = 0, *, price: float | None = None, unit: str | None = None) -> Item:
    """An invented product of a class of drugs or services (`number` tells substances apart), or the item itself where the code is whole."""
    rest = {"0": "0" * 15, "X": f"Z90{number}A001010199900"[len(code) - 6 :]}.get(code[0], "")
    filled = (code + rest)[: 15 if code[0] == "0" else 23]
    return item_of({"code": filled, "name": name}, price=price, unit=unit)


def _of(point: Point, number: int = 0, **more: float | str) -> Item:
    return product(str(point["code"]), str(point["name"]), number, **more)  # type: ignore[arg-type]


def _disease(point: Point) -> Diagnosis:
    return next(disease for words, disease in _DISEASES.items() if words in str(point["clause"]))


def rule_66(book: Book, points: Points, n: int) -> None:
    """Barred under an age: the day before the birthday is a violation, the birthday is not."""
    for p in points.pick(book.rng, 66, n, allow=OWN):
        day, years = book.day(), int(str(p["age_years"]))
        for days in (0, -1):
            claim = book.visit(book.person(brdy=birthday(day, years, days)), book.inst(), day, dx=("J06.900", "急性上呼吸道感染"))
            line = book.line(claim, _of(p))
            if days:
                book.violation(66, claim, line, whole=True, note=f"the day before {years} years")
            else:
                book.near(66, claim, line, note=f"{years} years old today")


def rule_68(book: Book, points: Points, n: int) -> None:
    """Half as much again as the label's maximum of a day; a third of the money is too much."""
    for p in points.pick(book.rng, 68, n, allow=OWN):
        most, man = float(str(p["day_dose_max"])), book.person("1")
        for times, planted in (("tid", True), ("bid", False)):
            claim = book.visit(man, book.inst(), book.day(1, 9) if planted else book.day(12, 24), dx=("N40.x00", "前列腺增生"))
            if p["dose_unit"] == "mg":
                line = book.line(claim, _of(p, price=60), sin_dos_dscr=f"{most / 2:g}mg", used_frqu_dscr=times)
            else:
                line = book.line(claim, _of(p, price=10, unit=str(p["dose_unit"])), most * (10.5 if planted else 7), prd_days=7)
            if planted:
                book.violation(68, claim, line, amount=book.amount(line) // 3, note="half as much again as the label allows")
            else:
                book.near(68, claim, line, note="exactly what the label allows")


def rule_69(book: Book, points: Points, n: int) -> None:
    """Two substances of one class on one day: the cheaper one."""
    for k, p in enumerate(points.pick(book.rng, 69, n, allow={68})):
        dear, cheap = _of(p, 1, price=62), _of(p, 2, price=41)
        person, first = book.person(), book.day(1, 9)
        before = book.visit(person, book.inst(), first)
        one = book.line(before, dear, prd_days=7)
        again = before if k % 2 else book.visit(person, book.inst(), first)
        book.violation(69, again, book.line(again, cheap, prd_days=7), whole=True, note="same visit" if k % 2 else "another visit")
        book.concerned(69, before, one, note="the dearer one")
        person = book.person()
        book.line(book.visit(person, book.inst(), first), dear, prd_days=7)
        later = book.visit(person, book.inst(), first + timedelta(days=1))
        book.near(69, later, book.line(later, cheap, prd_days=7), note="the day after")


def _illnesses(book: Book, points: Points, rule: int, n: int, violating: bool) -> None:
    """A drug for a person with, and for one without, the disease of the clause; `violating` says which of them is a violation."""
    for p in points.pick(book.rng, rule, n, allow=OWN):
        for has in (True, False):
            claim = book.visit(book.person("1", 60), book.inst("tertiary"), book.day(), dx=_disease(p) if has else _OTHER)
            line = book.line(claim, _of(p))
            if has == violating:
                book.violation(rule, claim, line, whole=True, note=str(p["clause"]))
            else:
                book.near(rule, claim, line, note=f"the diagnosis is {'the one' if has else 'another one'}")


def rule_70(book: Book, points: Points, n: int) -> None:
    """A drug outside the diseases of its label."""
    _illnesses(book, points, 70, n, violating=False)


def rule_71(book: Book, points: Points, n: int) -> None:
    """A drug for a person whose disease forbids it."""
    _illnesses(book, points, 71, n, violating=True)


def rule_73(book: Book, points: Points, n: int) -> None:
    """A drug barred in pregnancy."""
    for p in points.pick(book.rng, 73, n, allow=OWN - {70}):
        claim = book.visit(book.person("2", 28), book.inst("tertiary"), book.day(), dx=("O24.900", "妊娠期糖尿病"), department="产科")
        book.violation(73, claim, book.line(claim, _of(p)), whole=True, note="pregnant")
        near = book.visit(book.person("2", 28), book.inst("tertiary"), book.day(), dx=_OTHER)
        book.near(73, near, book.line(near, _of(p)), note="not pregnant")


def rule_74(book: Book, points: Points, n: int) -> None:
    """Two drugs on one day that must not meet."""
    in_clinics = points.pick(
        book.rng, 74, n, allow=OWN - {70}, where=lambda p: "碳青霉烯" not in str(p["clause"])
    )  # rule 45 bars these there
    for k, p in enumerate(in_clinics):
        other = product(next(code for words, code in _PARTNERS.items() if words in str(p["clause"])), "合用药品")
        person, inst, day = book.person("1", 60), book.inst("tertiary"), book.day(1, 15)
        claim = book.visit(person, inst, day)
        book.violation(74, claim, book.line(claim, _of(p)), whole=True, note="on one day")
        book.line(claim, other)
        person = book.person("1", 60)
        near = book.visit(person, inst, day)
        book.near(74, near, book.line(near, _of(p)), note="two days apart" if k % 2 else "the other one was taken back")
        if k % 2:
            book.line(book.visit(person, inst, day + timedelta(days=2)), other)
        else:
            book.line(near, other, -1, init_line=book.line(near, other))


def rule_79(book: Book, points: Points, n: int) -> None:
    """Blood purification without kidney failure, poisoning or anything else it is for."""
    for p in points.pick(book.rng, 79, n, allow=OWN):
        for dx, planted in ((("J18.900", "肺炎"), True), (_DISEASES["肾衰竭"], False)):
            claim = book.stay(book.person(age=60), book.inst("tertiary"), book.day(1, 18), 4, dx=dx, department="肾内科")
            line = book.line(claim, _of(p, price=400), day=1)
            if planted:
                book.violation(79, claim, line, whole=True, note="pneumonia")
            else:
                book.near(79, claim, line, note="kidney failure")


def rule_83(book: Book, points: Points, n: int) -> None:
    """A service for births or for newborns with jaundice, billed for pneumonia."""
    for p in points.pick(book.rng, 83, n, allow=OWN | {80, 81}):
        for dx, planted in ((("J18.900", "肺炎"), True), (_disease(p), False)):
            begin = book.day(2, 18)
            newborn = "新生儿" in str(p["clause"])
            person = book.person(brdy=begin - timedelta(days=3)) if newborn else book.person("2", 28)
            claim = book.stay(person, book.inst("tertiary"), begin, 4, dx=dx, department="新生儿科" if newborn else "产科")
            line = book.line(claim, _of(p, price=480), day=1)
            if planted:
                book.violation(83, claim, line, whole=True, note="pneumonia")
            else:
                book.near(83, claim, line, note=dx[1])


def all_of(book: Book, points: Points, n: int) -> None:
    for plant in (rule_66, rule_68, rule_69, rule_70, rule_71, rule_73, rule_74, rule_79, rule_83):
        plant(book, points, n)
