"""Violations in how people come and go: split, frequent, idle and overlapping stays, crowds of visits, visits in a stay or after death."""

from __future__ import annotations

from datetime import time, timedelta

from audit.synth.book import Book

SPLIT_GAP_DAYS, VISITS_A_MONTH, PURCHASES_A_MONTH, STAYS_A_YEAR = 15, 15, 10, 6  # local parameters as agreed for the province


def days(n: int) -> timedelta:
    return timedelta(days=n)


def split_stay(book: Book, n: int) -> None:
    """49: back in the same house for the same illness within fifteen days."""
    for k in range(n):
        for gap, planted in ((3 + k % 12, True), (SPLIT_GAP_DAYS + 1, False)):
            person, inst, end = book.person(age=60), book.inst(), book.day(2, 8)
            book.stay(person, inst, end - days(5), 5)
            claim = book.stay(person, inst, end + days(gap), 5)
            if planted:
                book.violation(49, claim, amount=0, note=f"{gap} days after the stay before")
            else:
                book.near(49, claim, note=f"{gap} days after the stay before")
        person, inst, end = book.person(age=60), book.inst("secondary"), book.day(2, 12)
        cancer = {"dx": ("Z51.100", "为肿瘤化学治疗疗程"), "department": "肿瘤科"}
        if k % 2:
            claims = book.stay(person, inst, end - days(5), 5, **cancer), book.stay(person, inst, end + days(9), 4, **cancer)
            for claim in claims:
                book.line(claim, "cisplatin", 2, day=1)
            book.near(49, claims[1], note="a cycle of chemotherapy")
        else:
            book.stay(person, inst, end - days(5), 5, dscg_way="2")
            book.near(49, book.stay(person, book.inst("tertiary"), end, 6), note="transferred the same day")


def frequent(book: Book, n: int) -> None:
    """50 and 51: more visits, or purchases, in a month than the limit; the later ones are the finding."""
    for rule, most, kind, med_type in ((50, VISITS_A_MONTH, "secondary", "11"), (51, PURCHASES_A_MONTH, "store", "41")):
        for k in range(n):
            for count, planted in ((most + 1 + k % 2, True), (most, False)):
                person = book.person(age=60)
                for d in range(count):
                    claim = book.claim(
                        person,
                        book.inst(kind),
                        book.batch_date.replace(day=1 + d),
                        med_type=med_type,
                        setting="store" if kind == "store" else "out",
                    )
                    book.line(claim, "consult" if kind != "store" else ("amlodip", "omepra", "vitc", "lorata")[d % 4])
                    if d >= most:
                        book.violation(rule, claim, amount=0, note=f"number {d + 1} of the month, {most} are usual")
                if not planted:
                    book.near(rule, claim, note=f"number {most} of the month")


def frequent_stay(book: Book, n: int) -> None:
    """52: more than six stays in a year, at different houses so that none is a split stay."""
    for _ in range(n):
        for count, planted in ((STAYS_A_YEAR + 1, True), (STAYS_A_YEAR, False)):
            person, last = book.person(age=66), book.day(18, 24)
            houses = book.rng.permutation(book.houses("secondary", "tertiary"))[:count]
            for k in range(count):
                claim = book.stay(person, int(houses[k]), last - days(21 * (count - 1 - k)), 4)
            if planted:
                book.violation(52, claim, amount=0, note=f"stay {count} within a year")
            else:
                book.near(52, claim, note=f"stay {count} within a year")


def low_admission(book: Book, n: int) -> None:
    """53: in and out within three days, nearly everything spent on examinations, no treatment."""
    for k in range(n):
        for stay, exams, planted in ((2, True, True), (6, True, False) if k % 2 else (2, False, False)):
            claim = book.claim(
                book.person(age=50), book.inst(), book.day(1, 18), days=stay, dx=("R42.x00", "头晕和眩晕"), department="内科"
            )
            for d in range(stay):
                for daily in ("bed", "consult_in", "nurse3"):
                    book.line(claim, daily, day=d)
            for item in ("ct", "mri", "us_color", "echo", "cbc", "alt", "creat") if exams else ("cbc", "us"):
                book.line(claim, item, day=0)
            if not exams:
                for d in range(stay):
                    book.line(claim, "infusion", day=d)
                    book.line(claim, "levoflox", 4, day=d)
            if planted:
                book.violation(53, claim, amount=0, note="two days, more than four fifths examinations")
            else:
                book.near(53, claim, note="a longer stay" if exams else "treated")


def overlapping(book: Book, n: int) -> None:
    """Two stays of one person at two houses at the same time."""
    for k in range(n):
        person, begin = book.person(), book.day(3, 10)
        book.stay(person, book.inst("secondary"), begin, 8)
        claim = book.stay(person, book.inst("tertiary"), begin + days(2 + k % 4), 5)
        book.violation("LOCAL_OVERLAP_STAY", claim, note="the first stay was not over")
        person, begin = book.person(), book.day(3, 10)
        book.stay(person, book.inst("secondary"), begin, 4, dscg_way="2")
        near = book.stay(person, book.inst("tertiary"), begin + days(4), 5, at=time(17, 30))
        book.near("LOCAL_OVERLAP_STAY", near, note="transferred on the day of discharge")


def visit_in_stay(book: Book, n: int) -> None:
    """A clinic visit or a purchase strictly inside a stay."""
    for k in range(n):
        person, begin = book.person(), book.day(3, 12)
        book.stay(person, book.inst("tertiary"), begin, 8)
        store = k % 2
        claim = book.claim(
            person,
            book.inst("store" if store else "secondary"),
            begin + days(2 + k % 4),
            med_type="41" if store else "11",
            setting="store" if store else "out",
        )
        book.violation(
            "LOCAL_OPT_IN_STAY", claim, book.line(claim, "amlodip" if store else "consult"), whole=True, note="the person lay in hospital"
        )
        person, begin = book.person(), book.day(3, 12)
        book.stay(person, book.inst("tertiary"), begin, 8, at=time(15))
        near = book.claim(person, book.inst("secondary"), begin if k % 2 else begin + days(8), at=time(9))
        book.near("LOCAL_OPT_IN_STAY", near, book.line(near, "consult"), note="on the day of admission or discharge")


def after_death(book: Book, n: int) -> None:
    """Billed after the person had died."""
    for k in range(n):
        died = book.day(3, 12)
        claim = book.claim(
            book.person(age=80, die_date=died),
            book.inst("store" if k % 2 else "secondary"),
            died + days(1 + 3 * k % 9),
            med_type="41" if k % 2 else "11",
            setting="store" if k % 2 else "out",
        )
        book.violation("LOCAL_AFTER_DEATH", claim, book.line(claim, "amlodip" if k % 2 else "consult"), whole=True, note=f"died {died}")
        if k % 2:
            near = book.claim(book.person(age=80, die_date=died), book.inst(), died, med_type="13")
            book.near("LOCAL_AFTER_DEATH", near, book.line(near, "consult_er"), note="on the day of death")
        else:
            near = book.stay(book.person(age=82, die_date=died), book.inst(), died - days(5), 5, dscg_way="5")
            book.near("LOCAL_AFTER_DEATH", near, note="died at the end of the stay")


def bed_days(book: Book, n: int) -> None:
    """More bed days than days of the stay: the day of discharge billed as well."""
    for _ in range(n):
        claim = book.stay(book.person(), book.inst(), book.day(1, 14), 7)
        line = book.line(claim, "bed", day=7, at=time(8))
        book.violation("LOCAL_BED_DAYS", claim, amount=book.amount(line), note="eight beds in seven days")
        near = book.stay(book.person(), book.inst(), book.day(1, 14), 7)
        book.near("LOCAL_BED_DAYS", near, note="seven beds in seven days")


def diagnoses(book: Book, n: int) -> None:
    """54, 55 and 39: diagnosis or operation that this person cannot have."""
    female, male = (
        (("N76.000", "急性阴道炎"), ("D25.900", "子宫平滑肌瘤"), ("N92.600", "月经不规则")),
        (("N40.x00", "前列腺增生"), ("C61.x00", "前列腺恶性肿瘤")),
    )
    for k in range(n):
        dx, wrong = (female[k % 3], "1") if k % 2 else (male[k // 2 % 2], "2")
        book.violation(54, book.visit(book.person(wrong), book.inst(), book.day(), dx=dx), amount=0, note=dx[1])
        book.near(
            54,
            book.visit(book.person("9" if k % 3 == 0 else {"1": "2", "2": "1"}[wrong]), book.inst(), book.day(), dx=dx),
            note="sex not stated" if k % 3 == 0 else "the right sex",
        )
        newborn = (("P59.900", "新生儿黄疸"), ("P22.000", "新生儿呼吸窘迫综合征"), ("P36.900", "新生儿的细菌性脓毒症"))[k % 3]
        book.violation(
            55,
            book.visit(book.person(age=40), book.inst(), book.day(), dx=newborn),
            amount=0,
            note="a grown-up with an illness of newborns",
        )
        day = book.day(3)
        book.near(55, book.visit(book.person(brdy=day - days(9)), book.inst(), day, dx=newborn), note="nine days old")
        op, op_name, right = (
            ("74.1x01", "剖宫产术，子宫下段横切口", "2"),
            ("68.2901", "子宫肌瘤切除术", "2"),
            ("60.2902", "经尿道前列腺切除术（TURP）", "1"),
        )[k % 3]
        for sex, planted in (({"1": "2", "2": "1"}[right], True), ("9" if k % 4 == 0 else right, False)):
            claim = book.stay(book.person(sex, 36), book.inst("tertiary"), book.day(1, 16), 6, dx=("R10.400", "腹痛，其他和未特指的"))
            book.line(claim, "anaes_gen", day=1)
            book.rows["oprns"].append({"claim": claim, "op": op, "op_name": op_name, "op_date": book.begin(claim) + days(1)})
            if planted:
                book.violation(39, claim, amount=0, note=op_name)
            else:
                book.near(39, claim, note="sex not stated" if sex == "9" else "the right sex")
                if sex == "9":
                    book.concerned(35, claim, note="a settlement list without a sex may be called incomplete")


def all_of(book: Book, n: int) -> None:
    for plant in (split_stay, frequent, frequent_stay, low_admission, overlapping, visit_in_stay, after_death, bed_days, diagnoses):
        plant(book, n)
