"""Violations in the settlement list's codes and around operations: codes without services, services without codes, antibiotics,
beds in which nobody lay, prices far above the purchase, one visit split into several."""

from __future__ import annotations

from datetime import datetime, time

from audit.synth.book import Book
from audit.synth.catalogue import Item
from audit.synth.plant_stays import days

APPENDIX, CATARACT = ("47.0901", "阑尾切除术"), ("13.4100x001", "白内障超声乳化抽吸术")
SUTURE = ("86.5900", "其他部位的皮肤和皮下组织闭合术")
_OPERATIONS = tuple(f"0033{chapter:02d}" for chapter in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15))


def operation(book: Book, claim: int, op: tuple[str, str], day: int = 1) -> None:
    """An operation on the claim's settlement list."""
    book.rows["oprns"].append({"claim": claim, "op": op[0], "op_name": op[1], "op_date": book.begin(claim) + days(day)})


def _ward(book: Book, dx: tuple[str, str], stay: int, department: str, items: tuple[str, ...] = ("bed", "consult_in", "nurse2")) -> int:
    """A stay with its daily care and nothing else."""
    claim = book.claim(book.person(age=60), book.inst("tertiary"), book.day(1, 14), days=stay, dx=dx, department=department)
    for d in range(stay):
        for item in items:
            book.line(claim, item, day=d)
    return claim


def rule_37(book: Book, n: int) -> None:
    """In hospital for chemotherapy, and no such drug on the bill."""
    for _ in range(n):
        cancer = ("Z51.100", "为肿瘤化学治疗疗程")
        book.violation(37, _ward(book, cancer, 4, "肿瘤科"), amount=0, note="chemotherapy without a drug of it")
        near = _ward(book, cancer, 4, "肿瘤科")
        book.line(near, "cisplatin", 2, day=1)
        book.near(37, near, note="cisplatin on the second day")


def rule_38(book: Book, n: int) -> None:
    """An operation listed and not billed, or billed and not listed."""
    for k in range(n):
        appendicitis = ("K35.800", "急性阑尾炎")
        claim, near = _ward(book, appendicitis, 5, "普外科"), _ward(book, appendicitis, 5, "普外科")
        if k % 2:
            operation(book, claim, APPENDIX)
        else:
            book.line(claim, "appendec", day=1)
        book.violation(38, claim, amount=0, note="listed, not billed" if k % 2 else "billed, not listed")
        operation(book, near, APPENDIX)
        book.line(near, "appendec", day=1)
        book.near(38, near, note="listed and billed")


def rule_40(book: Book, n: int) -> None:
    """A cataract operation for an illness of the lungs."""
    for k in range(n):
        for dx, planted in ((("J44.900", "慢性阻塞性肺病"), True), (("H25.900", "老年性白内障"), False)):
            claim = _ward(book, dx if planted or k % 2 else ("E11.300x051", "2型糖尿病性白内障"), 3, "眼科")
            operation(book, claim, CATARACT)
            book.line(claim, "phaco", day=1)
            if planted:
                book.violation(40, claim, amount=0, note="a cataract operation, and a lung disease")
            else:
                book.near(40, claim, note="a cataract")


def rule_44(book: Book, n: int) -> None:
    """Antibiotics from the second day after a cataract operation on."""
    for k in range(n):
        for infected in (False, True):
            claim = _ward(book, ("H25.900", "老年性白内障"), 5, "眼科")
            operation(book, claim, CATARACT)
            book.line(claim, "phaco", day=1)
            if infected:
                book.rows["diags"].append({"claim": claim, "dx": "H44.000", "dx_name": "化脓性眼内炎"})
            for d in range(1, 4 + k % 2):
                line = book.line(claim, "cefurox", 2, day=d)
                if infected or d < 3:
                    book.near(44, claim, line, note="an infection is treated" if infected else f"{d - 1} days after the operation")
                else:
                    book.violation(44, claim, line, whole=True, note=f"{d - 1} days after the operation")


def rule_45(book: Book, n: int) -> None:
    """A carbapenem in the clinic."""
    for k in range(n):
        claim = book.visit(book.person(), book.inst(), book.day(), dx=("N39.000", "泌尿道感染"))
        book.violation(45, claim, book.line(claim, "meropenem", 3), whole=True, note="in the clinic")
        near = book.claim(book.person(), book.inst(), book.day(), med_type="13" if k % 2 else "11", dx=("N39.000", "泌尿道感染"))
        item, note = ("meropenem", "in the emergency room") if k % 2 else ("amoxi", "a penicillin")
        book.near(45, near, book.line(near, item, 3), note=note)


def ghost_bed(book: Book, n: int) -> None:
    """Three whole days and more with nothing but bed and consultation."""
    for k in range(n):
        for idle, planted in ((3 + k % 2, True), (2, False)):
            claim = _ward(book, ("M51.202", "腰椎间盘突出"), 6, "康复医学科", ("bed", "consult_in"))
            for d in (0, *range(1 + idle, 6)):
                book.line(claim, "nurse3" if d % 2 else "infrared", day=d)
            if planted:
                book.violation("LOCAL_GHOST_BED", claim, note=f"{idle} whole days without care")
            else:
                book.near("LOCAL_GHOST_BED", claim, note=f"{idle} whole days without care")


def mark_up(book: Book, n: int) -> None:
    """Bought for 20 yuan, sold for more than thirty."""
    month = datetime.combine(book.batch_date.replace(day=1), time(8))
    for k in range(n):
        for price, planted in ((32.5, True), (30.0, False)):
            code = f"XA99AAZ700B0010101{k:03d}{planted:d}0"
            item = Item(code, code, f"加价核对用{k}号", "drug", "09", "01", price, "盒")
            claim = book.visit(book.person(), book.inst(), book.day(3, 24))
            book.line(claim, item, 2)
            stock = {"inst": book.rows["claims"][-1]["inst"], "med_list_codg": code, "inv_chg_type": "1", "inv_chg_time": month}
            book.rows["inventory"].append({**stock, "cnt_e4": 100_000, "pric_e6": 20_000_000})
            if planted:
                book.violation("LOCAL_MARK_UP", claim, amount=500, note="twice 2.50 above one and a half times the purchase price")
            else:
                book.near("LOCAL_MARK_UP", claim, note="exactly one and a half times the purchase price")


def split_visit(book: Book, n: int) -> None:
    """Four purchases of one person at one store on one day."""
    for _ in range(n):
        for count, planted in ((4, True), (3, False)):
            person, store, day = book.person(), book.inst("store"), book.day()
            for k in range(count):
                claim = book.claim(person, store, day, med_type="41", setting="store", at=time(9 + 2 * k))
                book.line(claim, ("amlodip", "omepra", "vitc", "lorata")[k])
            if planted:
                book.violation("LOCAL_SPLIT_VISIT", claim, note="the fourth purchase of the day")
            else:
                book.near("LOCAL_SPLIT_VISIT", claim, note="the third purchase of the day")


def list_operations(book: Book) -> None:
    """Every other planted stay in which an operation was billed gets one on its settlement list: only rule 38 plants lack it."""
    listed = {row["claim"] for row in book.rows["oprns"]} | {row["claim"] for row in book.rows["truth"] if row["type"] == "38"}
    operated = {row["claim"] for row in book.rows["lines"] if str(row["code"]).startswith(_OPERATIONS)}
    for claim in book.rows["claims"]:
        if claim["days"] and claim["claim"] in operated - listed:
            operation(book, claim["claim"], SUTURE)


def all_of(book: Book, n: int) -> None:
    for plant in (rule_37, rule_38, rule_40, rule_44, rule_45, ghost_bed, mark_up, split_visit):
        plant(book, n)
    list_operations(book)
