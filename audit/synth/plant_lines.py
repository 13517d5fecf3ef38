"""Violations in the lines themselves: copies, dates, prices, quantities, supply, stock, trace codes and records that are not whole."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from audit.synth.book import Book
from audit.synth.catalogue import ITEMS, Item, Kind

SUPPLY_DAYS = {"11": 30, "13": 7, "14": 84}  # clinic, emergency, registered chronic disease; discharge medicine 30


def duplicate(book: Book, n: int) -> None:
    """The same line twice: item, time, quantity, price and prescription."""
    for k in range(n):
        claim = book.visit(book.person(), book.inst(), book.day())
        item = ("us", "dr", "omepra", "ct")[k % 4]
        book.line(claim, item, at=time(10, 15), rx=40)
        book.violation("LOCAL_DUP_LINE", claim, book.line(claim, item, at=time(10, 15), rx=40), whole=True, note="a copy")
        near = book.visit(book.person(), book.inst(), book.day())
        first = book.line(near, item, at=time(10, 15), rx=40)
        if k % 3 == 2:
            again = book.line(near, item, at=time(10, 15), rx=40)
            book.line(near, item, -1, at=time(10, 40), rx=40, init_line=again)
            book.near("LOCAL_DUP_LINE", near, first, note="the copy was taken back")
        else:
            again = book.line(near, item, at=time(10, 15 + 30 * (k % 3)), rx=40 if k % 3 else 41)
            book.near("LOCAL_DUP_LINE", near, again, note="half an hour later" if k % 3 else "another prescription")


def trace_reuse(book: Book, n: int) -> None:
    """One pack's trace code settled for two people."""
    for k in range(n):
        code = f"9988{k:016d}"
        for split, planted in (("0", True), ("1", False)):
            first = book.claim(book.person(), book.inst("store"), book.day(1, 9), med_type="41", setting="store")
            one = book.line(first, "atorva")
            second = book.claim(book.person(), book.inst("store"), book.day(12, 24), med_type="41", setting="store")
            two = book.line(second, "atorva")
            book.rows["traces"] += [{"line": line, "drug_trac_codg": code + split, "trdn_flag": split} for line in (one, two)]
            if planted:
                book.violation("LOCAL_TRACE_REUSE", second, two, whole=True, note="the code was settled before")
                book.concerned("LOCAL_TRACE_REUSE", first, one, note="settled first")
            else:
                book.near("LOCAL_TRACE_REUSE", second, two, note="the pack was split")


def hours(book: Book, n: int) -> None:
    """More than twenty-four hours billed on one day."""
    for k in range(n):
        claim = book.stay(book.person(), book.inst(), book.day(1, 16), 5)
        book.line(claim, "oxygen", 20, day=1, at=time(9))
        book.violation(
            "LOCAL_HOURS_24",
            claim,
            book.line(claim, "oxygen", 6 + k % 3, day=1, at=time(16)),
            amount=400 * (2 + k % 3),
            note=f"{26 + k % 3} hours of oxygen on one day",
        )
        near = book.stay(book.person(), book.inst(), book.day(1, 16), 5)
        book.line(near, "oxygen", 20, day=1, at=time(9))
        book.near("LOCAL_HOURS_24", near, book.line(near, "oxygen", 4, day=1, at=time(16)), note="twenty-four hours on one day")


def prices(book: Book, n: int) -> None:
    """14 and the local ceiling: dearer than the ceiling the line itself names."""
    for rule, keys in (("14", ("us_color", "ct", "massage")), ("LOCAL_PRICE_CEILING", ("clip", "lorata", "valsart"))):
        for k in range(n):
            item = ITEMS[keys[k % 3]]
            cnt = 1 + k % 3
            claim = book.visit(book.person(), book.inst(), book.day())
            line = book.line(claim, item, cnt, price=item.price + 3.5, uplmt_e6=round(item.price * 1_000_000), over_in_scope=True)
            book.violation(rule, claim, line, amount=350 * cnt, note="3.50 above the ceiling")
            near = book.visit(book.person(), book.inst(), book.day())
            ceiling = round(item.price * 1_000_000)
            if k % 3 == 2 and rule != "14":
                book.near(
                    rule,
                    near,
                    book.line(near, item, cnt, price=item.price + 3.5, uplmt_e6=ceiling),
                    note="the person bore what lies above the ceiling",
                )
            else:
                book.near(
                    rule,
                    near,
                    book.line(near, item, cnt, price=item.price, uplmt_e6=ceiling * (k % 2)),
                    note="exactly the ceiling" if k % 2 else "no ceiling",
                )


def dates(book: Book, n: int) -> None:
    """42: a line of a stay dated before admission or after discharge."""
    for k in range(n):
        claim = book.stay(book.person(), book.inst(), book.day(4, 14), 5)
        book.violation(
            42,
            claim,
            book.line(claim, "us_color", day=-2 if k % 2 else 7, at=time(10)),
            whole=True,
            note="before admission" if k % 2 else "after discharge",
        )
        near = book.stay(book.person(), book.inst(), book.day(4, 14), 5, at=time(11))
        book.near(
            42,
            near,
            book.line(near, "us_color", day=0 if k % 2 else 5, at=time(8, 30)),
            note="early on the day of admission" if k % 2 else "on the day of discharge",
        )


def supply(book: Book, n: int) -> None:
    """9: medicine for more days than the kind of visit allows."""
    for k in range(n):
        med_type = ("11", "13", "14")[k % 3]
        limit = SUPPLY_DAYS[med_type]
        for told, planted in ((limit * 2, True), (limit, False)):
            claim = book.claim(
                book.person(),
                book.inst(),
                book.day(),
                med_type=med_type,
                dise_no="I10.x00x002" if med_type == "14" else None,
                dx=("I10.x00x002", "高血压"),
            )
            line = book.line(claim, "valsart", 4, prd_days=told)
            if planted:
                book.violation(9, claim, line, amount=(book.amount(line) + 1) // 2, note=f"{told} days, {limit} allowed")
            else:
                book.near(9, claim, line, note=f"exactly {limit} days")
        if k % 2:
            stay = book.stay(book.person(), book.inst(), book.day(1, 14), 6)
            line = book.line(stay, "amlodip", 4, day=6, at=time(10), dscg_tkdrug_flag="1", prd_days=60)
            book.violation(9, stay, line, amount=(book.amount(line) + 1) // 2, note="60 days taken home, 30 allowed")


def drug_count(book: Book, n: int) -> None:
    """46: more than five medicines on one prescription."""
    seven = ("amoxi", "ibuprofen", "ambroxol", "lorata", "omepra", "cold_ctm", "cough_ctm")
    for k in range(n):
        claim = book.visit(book.person(), book.inst(), book.day())
        for m, key in enumerate(seven[: 6 + k % 2]):
            line = book.line(claim, key, at=time(10, 10 + m), rx=1)
            if m >= 5:
                book.violation(46, claim, line, note=f"medicine {m + 1} on the prescription")
        near = book.visit(book.person(), book.inst(), book.day())
        for m, key in enumerate(seven):
            line = book.line(near, key, at=time(10, 10 + m), rx=1 if m < 5 else 2)
        book.near(46, near, line, note="five on one prescription, two on another")


def stock(book: Book, n: int) -> None:
    """43 and 48: more billed than was ever bought."""
    shelves: tuple[tuple[int, Kind, str], ...] = ((43, "drug", "09"), (48, "consumable", "08"))
    for rule, kind, fee_class in shelves:
        for k in range(n):
            for bought, planted in ((10, True), (12, False)):
                code = f"XA99AAZ8{rule}B0010101{k:03d}{planted:d}0" if kind == "drug" else f"C99{rule}{k:04d}{planted:d}0000000000"
                code = code[:23].ljust(23, "0") if kind == "drug" else code[:20]
                item = Item(code, code, f"库存核对用{k}号", kind, fee_class, "01", 30.0, "盒")
                inst = book.inst("secondary")
                first = book.visit(book.person(), inst, book.day(3, 9))
                book.line(first, item, 6)
                claim = book.visit(book.person(), inst, book.day(12, 24))
                line = book.line(claim, item, 6)
                month = datetime.combine(book.batch_date.replace(day=1), time(8))
                book.rows["inventory"] += [
                    {
                        "inst": inst,
                        "med_list_codg": item.code,
                        "inv_chg_type": kind_,
                        "inv_chg_time": when,
                        "cnt_e4": cnt * 10_000,
                        "pric_e6": 24_000_000,
                    }
                    for kind_, when, cnt in (("4", month - timedelta(days=1), 0), ("1", month, bought))
                ]
                if planted:
                    book.violation(rule, claim, line, amount=6_000, note="twelve billed, ten bought")
                    book.concerned(rule, first, note="the same stock")
                else:
                    book.near(rule, claim, line, note="twelve billed, twelve bought")


def records(book: Book, n: int) -> None:
    """35 and 36: a settlement list without its main diagnosis, a line whose amount is not quantity times price."""
    for k in range(n):
        claim = book.stay(book.person(), book.inst(), book.day(1, 16), 5, dx=(None, None), drop_main_dx=True)
        book.violation(35, claim, amount=0, note="a stay without any diagnosis")
        book.near(35, book.stay(book.person(), book.inst(), book.day(1, 16), 5), note="complete")
        claim = book.visit(book.person(), book.inst(), book.day())
        book.violation(36, claim, book.line(claim, "us_color", 2, amount_set=18_000 + 100 * k), note="amount is not quantity times price")
        near = book.visit(book.person(), book.inst(), book.day())
        book.near(36, near, book.line(near, "amlodip", 3, price=6.3333), note="rounded to the fen")


def all_of(book: Book, n: int) -> None:
    for plant in (duplicate, trace_reuse, hours, prices, dates, supply, drug_count, stock, records):
        plant(book, n)
