"""Violations of points that ask who the person is: a child, a newborn, of working age, a man, a woman; and codes that were listed later."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from audit.synth.book import Book
from audit.synth.points import Point, Points, item_of
from audit.synth.province import birthday

CHILD, NEWBORN_DAYS = 14, 28  # what 儿童 and 新生儿 mean where a point's words do not say


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


def _for_children(point: Point) -> bool:
    """Made for children by its name, and no word of grown-ups (some labels carry a dose for them) or of infants in the clause."""
    name, clause = str(point["name"]), str(point["clause"])
    return ("小儿" in name or "儿童" in name) and "成人" not in clause and "婴" not in name + clause


def rule_65(book: Book, points: Points, n: int) -> None:
    """A medicine made for children, given to someone of fourteen or more."""
    for k, p in enumerate(points.pick(book.rng, 65, n, where=_for_children)):
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


def _listed(codes: set[str], rule: int, point: Point) -> bool:
    return point["code"] in codes and (rule != 65 or _for_children(point))


def newly_listed(book: Book, points: Points, n: int) -> None:
    """Codes that a later publication added to a list: free the day before, bound from that day on."""
    for rule in (12, 65, 67):
        known: dict[str, str] = {}
        for row in points.every.filter(rule_no=rule).drop_nulls("code").iter_rows(named=True):
            known[row["code"]] = min(row["published"], known.get(row["code"], "9999"))
        older = min(known.values())
        inst = "primary" if rule == 12 else "secondary"
        late = {code for code, day in known.items() if day > older}
        added = points.pick(book.rng, rule, max(2, n // 4), where=partial(_listed, late, rule))
        for p in added:
            first_day = date.fromisoformat(known[str(p["code"])])
            sex = {"1": "2", "2": "1"}.get(str(p["gend"]), "1") if rule == 67 else None
            for when, planted in ((first_day, True), (first_day - timedelta(days=1), False)):
                claim = book.visit(book.person(sex), book.inst(inst), when)
                line = book.line(claim, item_of(p))
                if planted:
                    book.violation(rule, claim, line, whole=True, note="the first day on the list")
                else:
                    book.near(rule, claim, line, note="the day before the code was listed")


def all_of(book: Book, points: Points, n: int) -> None:
    for plant in (rule_7, rule_65, rule_67, rule_81, rule_80, rule_29, newly_listed):
        plant(book, points, n)
