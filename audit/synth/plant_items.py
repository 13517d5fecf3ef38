"""Violations that one line shows against an official point about its item: for whom it is insured, where, how long, how much.

Each function plants `n` cases of one rule type and about as many near misses, which differ from a violation in one fact only.
"""

from __future__ import annotations

from datetime import date, time, timedelta

from audit.synth.book import Book
from audit.synth.points import Point, Points, days_in, item_of


def _day_before(point: Point) -> date:
    """The last day on which the point was not yet known."""
    return date.fromisoformat(str(point["published"])) - timedelta(days=1)


def _self_paid(book: Book, rule: int, point: Point, person: int, inst: int, **more: object) -> None:
    claim = book.visit(person, inst, book.day(), **more)
    book.near(rule, claim, book.line(claim, item_of(point), own=True), note="the person paid the whole line")


def _taken_back(book: Book, rule: int, point: Point, person: int, inst: int, **more: object) -> None:
    claim = book.visit(person, inst, book.day(), **more)
    line = book.line(claim, item_of(point), 2)
    book.line(claim, item_of(point), -2, init_line=line)
    book.near(rule, claim, line, note="billed and taken back in full")


def rule_1(book: Book, points: Points, n: int) -> None:
    """Payable under work injury insurance only; billed to basic medical insurance."""
    for k, p in enumerate(points.pick(book.rng, 1, n)):
        claim = book.visit(book.person(insutype="310" if k % 2 else "390"), book.inst(), book.day(), dx=("S61.900", "腕和手的开放性伤口"))
        book.violation(1, claim, book.line(claim, item_of(p)), whole=True, note=str(p["clause"]))
        (_taken_back if k % 2 else _self_paid)(book, 1, p, book.person(), book.inst())


def rule_2(book: Book, points: Points, n: int) -> None:
    """Payable under maternity insurance only."""
    for p in points.pick(book.rng, 2, n, allow={67}):
        claim = book.stay(
            book.person("2", 28, insutype="310"), book.inst(), book.day(1, 18), 5, dx=("N92.600", "月经不规则"), department="妇科"
        )
        book.violation(2, claim, book.line(claim, item_of(p), day=1), whole=True, note="a stay for an illness of women, not for maternity")
        near = book.stay(
            book.person("2", 28, insutype="510"),
            book.inst("maternity"),
            book.day(1, 18),
            4,
            med_type="52",
            dx=("O80.000", "头位顺产"),
            matn_type="1",
            geso_val=39,
        )
        book.line(near, "delivery", day=1)
        book.near(2, near, book.line(near, item_of(p), day=1), note="maternity insurance")


def rule_3(book: Book, points: Points, n: int) -> None:
    """A piece that is never payable, alone or in company."""
    for k, p in enumerate(points.pick(book.rng, 3, n)):
        claim = book.visit(book.person(), book.inst(), book.day())
        line = book.line(claim, item_of(p), 15, rx=2)
        if k % 2:
            for herb in ("herb0", "herb3", "herb5"):
                book.line(claim, herb, 70, rx=2)
        book.violation(3, claim, line, whole=True, note="in company" if k % 2 else "alone")
        if k % 3:
            _self_paid(book, 3, p, book.person(), book.inst())
        else:
            early = book.visit(book.person(), book.inst(), _day_before(p))
            book.near(3, early, book.line(early, item_of(p), 15, rx=2), note="the day before publication")


def rule_4(book: Book, points: Points, n: int) -> None:
    """Not payable when the prescription has nothing but such pieces."""
    pieces = points.pick(book.rng, 4, 2 * n)
    for k, (p, q) in enumerate(zip(pieces[:n], pieces[n:], strict=True)):
        claim = book.visit(book.person(), book.inst(), book.day())
        book.violation(4, claim, book.line(claim, item_of(p), 30, rx=2), whole=True, note="the prescription has only such pieces")
        if k % 2 and p["code"] != q["code"]:
            book.violation(4, claim, book.line(claim, item_of(q), 45, rx=2), whole=True, note="the prescription has only such pieces")
        near = book.visit(book.person(), book.inst(), book.day())
        book.near(4, near, book.line(near, item_of(p), 30, rx=2), note="one payable piece in the same prescription")
        book.line(near, f"herb{k % 20}", 90, rx=2)


def rule_10(book: Book, points: Points, n: int) -> None:
    """Not payable beyond so many days of use in one stay; makers of the same drug count together."""

    def usable(p: Point) -> bool:
        return 10 <= (days_in(str(p["clause"])) or 0) <= 21

    for k, p in enumerate(points.pick(book.rng, 10, n, allow={12, 13}, where=usable)):
        limit = days_in(str(p["clause"])) or 14
        other = [
            r
            for r in points.now.filter(rule_no=10, point_id=p["point_id"]).iter_rows(named=True)
            if points.rules_of[r["code"]] <= {10, 12, 13}
        ][-1]
        claim = book.stay(book.person(age=66), book.inst(), book.day(1, 6), limit + 2, dx=("I63.900", "脑梗死"), department="神经内科")
        for d in range(limit + 2):
            line = book.line(claim, item_of(other if k % 2 and d > 5 else p), 2, day=d)
            if d >= limit:
                book.violation(10, claim, line, whole=True, note=f"day {d + 1} of {limit}")
        near = book.stay(
            book.person(age=66), book.inst("tertiary"), book.day(1, 6), limit + 2, dx=("I63.900", "脑梗死"), department="神经内科"
        )
        for d in range(limit):
            line = book.line(near, item_of(p), 2, day=d)
        book.near(10, near, line, note=f"exactly {limit} days of use in a longer stay")


def rule_12(book: Book, points: Points, n: int) -> None:
    """Payable from a level of institution upwards; some at an eye hospital one level lower."""
    eyes = points.pick(
        book.rng,
        12,
        max(2, n // 4),
        allow={8},
        where=lambda p: "三级" in str(p["clause"]) and "眼科专科" in str(p["clause"]) and "首次" not in str(p["clause"]),
    )
    for p in points.pick(book.rng, 12, n, where=lambda p: "二级及以上医疗机构" in str(p["clause"])):
        claim = book.visit(book.person(), book.inst("primary"), book.day())
        book.violation(12, claim, book.line(claim, item_of(p)), whole=True, note="a primary institution")
        near = book.visit(book.person(), book.inst("secondary"), book.day())
        book.near(12, near, book.line(near, item_of(p)), note="exactly the level required")
    for p in eyes:
        claim = book.visit(
            book.person(age=70), book.inst("secondary"), book.day(), dx=("H35.300x003", "湿性年龄相关性黄斑变性"), department="眼科"
        )
        book.violation(12, claim, book.line(claim, item_of(p)), whole=True, note="a secondary general hospital")
        near = book.visit(
            book.person(age=70), book.inst("eye"), book.day(), dx=("H35.300x003", "湿性年龄相关性黄斑变性"), department="眼科"
        )
        book.near(12, near, book.line(near, item_of(p)), note="a secondary eye hospital")


def rule_13(book: Book, points: Points, n: int) -> None:
    """Payable in hospital only (some in emergency as well)."""
    for k, p in enumerate(points.pick(book.rng, 13, n, allow={12})):
        claim = book.visit(book.person(), book.inst("tertiary"), book.day())
        book.violation(13, claim, book.line(claim, item_of(p)), whole=True, note="a clinic visit")
        near = book.stay(book.person(), book.inst("tertiary"), book.day(1, 18), 4)
        book.near(13, near, book.line(near, item_of(p), day=1), note="in hospital")
        if k % 4 == 0:
            _self_paid(book, 13, p, book.person(), book.inst("tertiary"))
    for p in points.pick(book.rng, 13, 4, allow={12, 8}, where=lambda p: "急诊" in str(p["clause"])):
        near = book.claim(book.person(), book.inst("tertiary"), book.day(), med_type="13")
        book.near(13, near, book.line(near, item_of(p)), note="emergency")


def rule_47(book: Book, points: Points, n: int) -> None:
    """Narcotic and psychotropic drugs may not be prescribed over the internet."""
    for k, p in enumerate(points.pick(book.rng, 47, n)):
        claim = book.visit(book.person(), book.inst("secondary" if k % 2 else "internet"), book.day())
        book.violation(
            47,
            claim,
            book.line(claim, item_of(p), rx_circ_flag="1" if k % 2 else None),
            whole=True,
            note="circulating prescription" if k % 2 else "internet hospital",
        )
        near = book.visit(book.person(), book.inst("secondary" if k % 2 else "internet"), book.day() if k % 2 else _day_before(p))
        book.near(47, near, book.line(near, item_of(p)), note="prescribed in the clinic" if k % 2 else "the day before publication")


def rule_27(book: Book, points: Points, n: int) -> None:
    """More of a service in one day than the point allows."""
    for k, p in enumerate(points.pick(book.rng, 27, n)):
        hours = p["clause"] == "小时"
        most = 24 if hours else 1
        item = item_of(p, unit="小时" if hours else "日", price=12.5)
        claim = book.stay(book.person(), book.inst(), book.day(1, 18), 5)
        if k % 2:
            book.line(claim, item, most, day=1, at=time(9))
            line = book.line(claim, item, 1, day=1, at=time(15))
        else:
            line = book.line(claim, item, most + 1, day=2, at=time(9))
        book.violation(27, claim, line, amount=1_250, note=f"{most + 1} on one day, {most} allowed")
        near = book.stay(book.person(), book.inst(), book.day(1, 18), 5)
        book.line(near, item, most, day=1, at=time(9))
        book.near(27, near, book.line(near, item, most, day=2, at=time(9)), note=f"{most} on each of two days")


def rule_31(book: Book, points: Points, n: int) -> None:
    """A second measurement before the period is over."""
    for p in points.pick(book.rng, 31, n, allow={23, 78, 80}, where=lambda p: "14天" in str(p["clause"])):
        for gap, planted in ((13, True), (14, False)):
            person, inst, first = book.person(), book.inst(), book.day(1, 9)
            book.line(book.visit(person, inst, first), item_of(p))
            claim = book.visit(person, inst if planted else book.inst(), first + timedelta(days=gap))
            line = book.line(claim, item_of(p))
            if planted:
                book.violation(31, claim, line, whole=True, note="13 days after the first; at least 14 are due")
            else:
                book.near(31, claim, line, note="14 days after the first")


def rule_23(book: Book, points: Points, n: int) -> None:
    """Training beyond thirty days in all, the stay before this one included."""
    for p in points.pick(book.rng, 23, n, where=lambda p: "30天" in str(p["clause"])):
        for used, planted in ((32, True), (30, False)):
            person, inst = book.person(age=60), book.inst()
            end = book.day(20, 24)
            claim = book.claim(person, inst, end - timedelta(days=34), days=34, dx=("S72.000", "股骨颈骨折"), department="康复医学科")
            for d in range(34):
                for daily in ("bed", "consult_in", "nurse3", "exercise"):
                    book.line(claim, daily, day=d)
                if d < used:
                    line = book.line(claim, item_of(p), day=d)
                    if d >= 30:
                        book.violation(23, claim, line, whole=True, note=f"day {d + 1} of 30")
            if not planted:
                book.near(23, claim, line, note="the thirtieth day")


def all_of(book: Book, points: Points, n: int) -> None:
    for plant in (rule_1, rule_2, rule_3, rule_4, rule_10, rule_12, rule_13, rule_47, rule_27, rule_31, rule_23):
        plant(book, points, n)
