"""Violations that one line shows against an official point about its item: who, where, how long, how much.

Each function plants `n` cases of one rule type and about as many near misses, which differ from a violation in one fact only.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time, timedelta

from audit.synth.book import Book
from audit.synth.points import Point, Points, days_in, item_of
from audit.synth.province import birthday

CHILD, INFANT, NEWBORN_DAYS = 14, 3, 28  # what 儿童, 婴幼儿 and 新生儿 mean where a point's words do not say


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
    for k, p in enumerate(points.pick(book.rng, 2, n, allow={67})):
        woman = {"gend": "2", "age": 28, "insutype": "310"}
        claim = book.stay(book.person(**woman), book.inst(), book.day(1, 18), 5, dx=("N92.600", "月经不规则"), department="妇科")  # type: ignore[arg-type]
        book.violation(2, claim, book.line(claim, item_of(p), day=1), whole=True, note="a stay for an illness of women, not for maternity")
        near = book.stay(
            book.person(**{**woman, "insutype": "510"}),
            book.inst("maternity"),
            book.day(1, 18),
            4,
            med_type="52",
            dx=("O80.000", "头位顺产"),
            matn_type="1",
            geso_val=39,
        )  # type: ignore[arg-type]
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


def pay_ages(clause: str) -> tuple[int, int] | None:
    """Ages in full years from, below which, when the clause states them without doubt."""
    if m := re.search(r"(\d+)至(\d+)岁以下", clause):
        return int(m[1]), int(m[2])
    if m := re.search(r"(\d+)岁及\d*岁?以上", clause):
        return int(m[1]), CHILD
    return None if re.search(r"\d+岁", clause) else (0, CHILD)


def rule_7(book: Book, points: Points, n: int) -> None:
    """Payable for children only."""
    clear = points.pick(book.rng, 7, n, where=lambda p: pay_ages(str(p["clause"])) is not None)
    for k, p in enumerate(clear):
        low, high = pay_ages(str(p["clause"])) or (0, CHILD)
        day = book.day()
        for days, planted in ((0, True), (-1, False)) if k % 2 else ((high and 400, True), (-400, False)):
            claim = book.visit(book.person(brdy=birthday(day, high, days)), book.inst(), day, dx=("J06.900", "急性上呼吸道感染"))
            line = book.line(claim, item_of(p))
            if planted:
                book.violation(7, claim, line, whole=True, note=f"{high} full years or more")
            else:
                book.near(7, claim, line, note=f"under {high} years")
        if low:
            claim = book.visit(book.person(brdy=birthday(day, low, 0)), book.inst(), day)
            book.near(7, claim, book.line(claim, item_of(p)), note=f"{low} years on this day")


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


def rule_65(book: Book, points: Points, n: int) -> None:
    """A medicine made for children, given to someone of fourteen or more."""
    for k, p in enumerate(points.pick(book.rng, 65, n, where=lambda p: "小儿" in str(p["name"]) or "儿童" in str(p["name"]))):
        day = book.day()
        claim = book.visit(book.person(brdy=birthday(day, CHILD, 0) if k % 2 else None), book.inst(), day)
        book.violation(65, claim, book.line(claim, item_of(p)), whole=True, note="fourteen on this day" if k % 2 else "a grown-up")
        near = book.visit(book.person(brdy=birthday(day, CHILD, -1) if k % 2 else birthday(day, 6, 90)), book.inst(), day)
        book.near(65, near, book.line(near, item_of(p)), note="fourteen tomorrow" if k % 2 else "six years old")


def _sexes(book: Book, points: Points, rule: int, n: int, sex: dict[str, str], where: object) -> None:
    for k, p in enumerate(points.pick(book.rng, rule, n, where=where)):  # type: ignore[arg-type]
        own = sex[str(p["point_id"])]
        claim = book.visit(book.person({"1": "2", "2": "1"}[own]), book.inst(), book.day())
        item = item_of(p)
        if k % 4 == 3:
            item = replace(item, code=item.code + "A1")  # the area's own extension of the national code
        book.violation(rule, claim, book.line(claim, item), whole=True, note=f"only for sex {own}")
        near = book.visit(book.person("9" if k % 3 == 0 else {"1": "2", "2": "1"}[own] if k % 3 == 1 else own), book.inst(), book.day())
        book.near(
            rule,
            near,
            book.line(near, item_of(p)),
            note=("sex not stated", "a disorder of sex development is diagnosed", "the right sex")[k % 3],
        )
        if k % 3 == 1:
            book.rows["diags"].append({"claim": near, "dx": "Q56.400", "dx_name": "性别不清"})


def rule_67(book: Book, points: Points, n: int) -> None:
    """A medicine for one sex given to the other (the sex is the workbook's; the wording seldom says it)."""
    sex = {str(p["point_id"]): str(p["gend"]) for p in points.now.filter(rule_no=67).iter_rows(named=True)}
    _sexes(book, points, 67, n, sex, lambda p: p["gend"] in ("1", "2"))


def rule_81(book: Book, points: Points, n: int) -> None:
    """A service for one sex billed for the other; the clause says 男性 or 女性."""
    sex = {str(p["point_id"]): "1" if "男性" in str(p["clause"]) else "2" for p in points.now.filter(rule_no=81).iter_rows(named=True)}
    _sexes(book, points, 81, n, sex, lambda p: ("男性" in str(p["clause"])) != ("女性" in str(p["clause"])))


def rule_80(book: Book, points: Points, n: int) -> None:
    """A service for newborns or children billed for someone older."""
    for p in points.pick(book.rng, 80, n, where=lambda p: "婴" not in f"{p['clause']}{p['name']}"):
        day = book.day(2)
        newborn = "新生儿" in str(p["clause"])
        old, young = (
            (timedelta(days=NEWBORN_DAYS + 1), timedelta(days=NEWBORN_DAYS))
            if newborn
            else (day - birthday(day, CHILD, 0), day - birthday(day, CHILD, -1))
        )
        claim = book.visit(book.person(brdy=day - old), book.inst(), day)
        book.violation(80, claim, book.line(claim, item_of(p)), whole=True, note=f"{old.days} days old")
        near = book.visit(book.person(brdy=day - young), book.inst(), day)
        book.near(80, near, book.line(near, item_of(p)), note=f"{young.days} days old")


def rule_29(book: Book, points: Points, n: int) -> None:
    """Training for a trade, payable in working age only."""
    for k, p in enumerate(points.pick(book.rng, 29, n, allow={23})):
        claim = book.visit(book.person("1" if k % 2 else "2", (66, 62, 72, 15)[k % 4]), book.inst(), book.day())
        book.violation(29, claim, book.line(claim, item_of(p), rx=50), whole=True, note="not of working age")
        near = book.visit(book.person("1" if k % 2 else "2", (16, 53, 30, 58)[k % 4]), book.inst(), book.day())
        book.near(29, near, book.line(near, item_of(p), rx=50), note="of working age")


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
    for p in points.pick(book.rng, 31, n, allow={23, 80}, where=lambda p: "14天" in str(p["clause"])):
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
    for k, p in enumerate(points.pick(book.rng, 23, n, where=lambda p: "30天" in str(p["clause"]))):
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


def newly_listed(book: Book, points: Points, n: int) -> None:
    """Codes that a later publication added to a list: free the day before, bound from that day on."""
    for rule in (12, 65, 67):
        known: dict[str, str] = {}
        for row in points.every.filter(rule_no=rule).drop_nulls("code").iter_rows(named=True):
            known[row["code"]] = min(row["published"], known.get(row["code"], "9999"))
        older = min(known.values())
        inst = "primary" if rule == 12 else "secondary"
        added = points.pick(
            book.rng, rule, max(2, n // 4), where=lambda p, known=known, older=older: known[str(p["code"])] == p["published"] > older
        )  # type: ignore[misc]
        for p in added:
            first_day = date.fromisoformat(str(p["published"]))
            sex = {"1": "2", "2": "1"}.get(str(p["gend"]), "1") if rule == 67 else None
            for day, planted in ((first_day, True), (first_day - timedelta(days=1), False)):
                claim = book.visit(book.person(sex), book.inst(inst), day)
                line = book.line(claim, item_of(p))
                if planted:
                    book.violation(rule, claim, line, whole=True, note="the first day on the list")
                else:
                    book.near(rule, claim, line, note="the day before the code was listed")


def all_of(book: Book, points: Points, n: int) -> None:
    for plant in (
        rule_1,
        rule_2,
        rule_3,
        rule_4,
        rule_7,
        rule_10,
        rule_12,
        rule_13,
        rule_23,
        rule_27,
        rule_29,
        rule_31,
        rule_47,
        rule_65,
        rule_67,
        rule_80,
        rule_81,
        newly_listed,
    ):
        plant(book, points, n)
