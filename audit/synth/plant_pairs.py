"""Violations seen only beside something else: an included service, a second operation, a drug before its first line, a wrong diagnosis."""

from __future__ import annotations

from datetime import time, timedelta

import polars as pl

from audit.synth.book import Book
from audit.synth.catalogue import Item
from audit.synth.points import Point, Points, item_of

_WINDOWS = {"day": "单日", "visit": "单次就诊", "6h": "6小时", "1h": "同一小时"}


def _sides(pair: Point) -> tuple[Item, Item]:
    names = str(pair["name"]).split("×")
    unit = "小时" if pair["pair_window"] == "1h" else "次"
    main = item_of({"code": pair["main_code"], "name": names[0]}, price=180, unit=unit)
    return main, item_of({"code": pair["part_code"], "name": names[-1]}, price=25, unit=unit)


def _lonely_pairs(book: Book, points: Points, window: str, count: int) -> list[Point]:
    """Pairs of this window whose items no other rule type names (the short windows have births and monitoring by the hour only)."""
    rows = [p for p in points.pairs.iter_rows(named=True) if p["pair_window"] == window]
    allowed = {"6h": {17, 25, 81, 83}, "1h": {25, 27}}.get(window, {25})
    rows = [p for p in rows if points.rules_of[p["main_code"]] | points.rules_of[p["part_code"]] <= allowed]
    order = [rows[i] for i in book.rng.permutation(len(rows))]
    return (order * (count // max(1, len(order)) + 1))[:count]


def rule_25(book: Book, points: Points, n: int) -> None:
    """The included item within the point's window of the including one: not payable."""
    for window, words in _WINDOWS.items():
        for k, pair in enumerate(_lonely_pairs(book, points, window, n)):
            main, part = _sides(pair)
            person, inst, day = book.person("2", 28), book.inst("tertiary"), book.day(2, 18)
            dx = ("O80.000", "头位顺产") if window == "6h" else ("J18.900", "肺炎")
            claim = book.stay(person, inst, day, 6, dx=dx)
            book.line(claim, main, day=1, at=time(9, 0))
            later = {"day": time(19, 30), "visit": time(10, 0), "6h": time(14, 45), "1h": time(9, 50)}[window]
            line = book.line(claim, part, day=3 if window == "visit" else 1, at=later)
            book.violation(25, claim, line, whole=True, note=f"within {words}")
            person = book.person("2", 28)
            near = book.stay(person, inst, day, 6, dx=dx)
            book.line(near, main, day=1, at=time(9, 0))
            if window == "visit":
                other = book.visit(person, inst, day - timedelta(days=1))
                book.near(25, other, book.line(other, part), note="another encounter")
            elif window == "day" or k % 3 == 0:
                book.near(25, near, book.line(near, part, day=2, at=time(9, 0)), note="the day after")
            else:
                book.near(
                    25, near, book.line(near, part, day=1, at=time(15, 15) if window == "6h" else time(10, 20)), note=f"outside {words}"
                )
    for pair in _lonely_pairs(book, points, "day", max(2, n // 3)):
        main, part = _sides(pair)
        claim = book.visit(book.person(), book.inst(), book.day())
        book.line(claim, main)
        book.near(25, claim, book.line(claim, part, own=True), note="the person paid the included item")


def rule_15(book: Book, points: Points, n: int) -> None:
    """Two operations through one incision, the second at the full price; half is due."""
    groups: dict[str, list[Point]] = {}
    belongs = points.now.filter(rule_no=15).group_by("code").len().filter(pl.col("len") <= 1)["code"].to_list()
    for p in points.pick(book.rng, 15, 200, where=lambda p: p["code"] in belongs):
        if all(q["code"] != p["code"] for q in groups.setdefault(str(p["op_group"]), [])):
            groups[str(p["op_group"])].append(p)
    names = sorted(g for g, members in groups.items() if len(members) > 2 and "生殖" not in g and "经腹" not in g)
    for k in range(n):
        group, other = groups[names[k % len(names)]], groups[names[(k + 1) % len(names)]]
        first = item_of(group[k % (len(group) - 1)], price=1800)
        second = item_of(group[(k + 1) % len(group)], price=1000)
        elsewhere = item_of(other[k % len(other)], price=1000)
        inst = book.inst("tertiary")
        full = {"uplmt_e6": 1_000_000_000}
        claim = _operated(book, inst)
        book.line(claim, first, day=1, at=time(10), uplmt_e6=1_800_000_000)
        book.violation(
            15, claim, book.line(claim, second, day=1, at=time(11), **full), amount=50_000, note="second operation at the full price"
        )
        near = _operated(book, inst)
        book.line(near, first, day=1, at=time(10), uplmt_e6=1_800_000_000)
        cheaper = (
            (second, 500, 1, "second operation at half the price"),
            (elsewhere, 1000, 1, "another group of operations"),
            (second, 1000, 4, "operated again three days later"),
        )[k % 3]
        book.near(15, near, book.line(near, cheaper[0], price=cheaper[1], day=cheaper[2], at=time(11), **full), note=cheaper[3])
        alone = _operated(book, inst)
        book.line(alone, second, day=1, at=time(11), **full)  # the institution's ordinary price of the second operation


def _operated(book: Book, inst: int) -> int:
    claim = book.stay(book.person(), inst, book.day(1, 16), 7, dx=("K63.801", "肠病"), department="普外科")
    book.line(claim, "anaes_gen", day=1, at=time(9, 30))
    book.rows["oprns"].append({"claim": claim, "op": "54.1100", "op_name": "剖腹探查术", "op_date": book.begin(claim) + timedelta(days=1)})
    return claim


# words of an indication -> a diagnosis that is meant, a diagnosis that is not
_ILLNESSES = {
    "2型糖尿病": (("E11.900", "2型糖尿病"), ("J06.900", "急性上呼吸道感染")),
    "类风湿关节炎": (("M06.900", "类风湿性关节炎"), ("J06.900", "急性上呼吸道感染")),
    "乳腺癌": (("C50.900", "乳房恶性肿瘤"), ("K29.500", "慢性胃炎")),
    "非小细胞肺癌": (("C34.900", "支气管或肺恶性肿瘤"), ("K29.500", "慢性胃炎")),
    "多发性骨髓瘤": (("C90.000", "多发性骨髓瘤"), ("K29.500", "慢性胃炎")),
    "银屑病": (("L40.000", "寻常型银屑病"), ("R42.x00", "头晕和眩晕")),
    "帕金森": (("G20.x00", "帕金森病"), ("K29.500", "慢性胃炎")),
    "精神分裂症": (("F20.900", "精神分裂症"), ("K29.500", "慢性胃炎")),
}
# words of a second-line point -> a drug that was to be tried first, the diagnosis of both
_FIRST_LINE: dict[str, tuple[str, tuple[str, str]]] = {
    "糖尿病": ("metform", ("E11.900", "2型糖尿病")),
    "宫颈癌": ("cisplatin", ("C53.900", "子宫颈恶性肿瘤")),
    "抗组胺药治疗": ("lorata", ("L50.100", "特发性荨麻疹")),
}


def _one_word(clause: str, words: list[str]) -> str | None:
    found = [w for w in words if w in clause]
    return found[0] if len(found) == 1 else None


def rule_8(book: Book, points: Points, n: int) -> None:
    """A drug paid for one illness, given for another."""
    words = list(_ILLNESSES)
    for k, p in enumerate(
        points.pick(book.rng, 8, n, where=lambda p: bool(p["dx_terms"]) and _one_word(str(p["clause"]), words) is not None)
    ):
        meant, other = _ILLNESSES[str(_one_word(str(p["clause"]), words))]
        claim = book.visit(book.person(), book.inst("tertiary"), book.day(), dx=other)
        book.violation(8, claim, book.line(claim, item_of(p)), whole=True, note=f"{other[1]} is not in the indication")
        near = book.visit(book.person(), book.inst("tertiary"), book.day(), dx=other if k % 2 else meant)
        if k % 2:
            book.rows["diags"].append({"claim": near, "dx": meant[0], "dx_name": meant[1]})
        book.near(8, near, book.line(near, item_of(p)), note="the indication is a second diagnosis" if k % 2 else "the indication")


def rule_5(book: Book, points: Points, n: int) -> None:
    """A second-line drug with two months of history and no first-line drug in it."""
    words = list(_FIRST_LINE)
    for p in points.pick(
        book.rng, 5, n, allow={8}, where=lambda p: bool(p["first_line"]) and _one_word(str(p["clause"]), words) is not None
    ):
        tried, dx = _FIRST_LINE[str(_one_word(str(p["clause"]), words))]
        for first, planted in (("vitc", True), (tried, False)):
            person, inst, day = book.person("2", 50), book.inst("tertiary"), book.day()
            before = book.visit(person, inst, day - timedelta(days=60), dx=dx)
            book.line(before, first)
            claim = book.visit(person, inst, day, dx=dx)
            line = book.line(claim, item_of(p))
            if planted:
                book.violation(5, claim, line, whole=True, note="nothing of the first line in sixty days")
            else:
                book.near(5, claim, line, note="first-line drug two months earlier")


def all_of(book: Book, points: Points, n: int) -> None:
    for plant in (rule_5, rule_8, rule_15, rule_25):
        plant(book, points, n)
