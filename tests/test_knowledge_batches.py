"""Official files as they come: where the header stands, which rule type and day a row has, and every way in which a file can be wrong."""

import json
import shutil
import zipfile
from datetime import date
from pathlib import Path

from import_room import BUTTON, JULY, NEW_CODE, SEX, TODAY, faults, sex_batch, take_in
from official_workbook import Formula, official, write_workbook

from audit.knowledge import batches, load, wording
from audit.knowledge.batches import Given, limits, types
from audit.knowledge.batches.faults import Faults
from audit.knowledge.batches.issue import Issue, issue_of


def test_codes_to_the_right_of_a_code_and_below_a_merged_name_count(rules: Path, tmp_path: Path) -> None:
    first = [["“药品区分性别使用”规则对应知识点明细"], [], [], list(SEX), [1, "甲睾酮试验片", "限男性患者。", "与限定性别不符", "男"]]
    second = [["药品通用名", "药品代码"], ["甲睾酮试验片", "'" + NEW_CODE.lower(), NEW_CODE[:-1] + "1"], [None, NEW_CODE[:-1] + "2"]]
    file = write_workbook(tmp_path / "第18批 2026.7.15.xlsx", {"Sheet1": first, "Sheet2": second}, ["Sheet2"], {"Sheet2": "A2:A3"})
    with batches.planned([file], rules) as plan:
        assert [step.codes for step in plan.steps] == [(NEW_CODE, NEW_CODE[:-1] + "1", NEW_CODE[:-1] + "2")]


def test_the_limit_type_of_each_row_says_the_rule_type(rules: Path, tmp_path: Path) -> None:
    """Re-arranged files name no rule type; 限定类型 and the words do, and a policy limit is told from a label."""
    header = ["药品通用名", "药品说明", "限定类型", "限定对象", "药品代码"]
    rows = [
        ["甲口服液", "用于小儿咳嗽。", "限定年龄对象", "儿童", NEW_CODE[:-1] + "1"],
        ["乙口服液", "限2岁至11岁儿童。", "限定年龄对象", "儿童", NEW_CODE],
        ["丙软膏", "目录", "限定保险类型", "工伤", NEW_CODE[:-1] + "2"],
        ["丁栓", "目录", "限定保险类型", "生育", NEW_CODE[:-1] + "3"],
    ]
    file = write_workbook(tmp_path / "【第二十批】药品规则库.xlsx", {"Sheet1": [header, *rows]})
    with batches.planned([file], rules, Given(published=JULY)) as plan:
        assert {step.rule_no: step.row["name"] for step in plan.steps} == {65: "甲口服液", 7: "乙口服液", 1: "丙软膏", 2: "丁栓"}
        ages = next(step.parameters for step in plan.steps if step.rule_no == 7)
        assert ages == {"age_lo": "2", "age_hi": "12"} and plan.issues == (Issue(20, JULY),)


def test_crosswise_titles_of_herbal_pieces_are_seen_through(rules: Path, tmp_path: Path) -> None:
    words = "单独使用时统筹基金不予支付，且全部由这些饮片组成的处方统筹基金也不予支付。"
    file = official(
        tmp_path / "第十八批(2026-07-15).xlsx", "中药饮片单复方均不予支付", ("序号", "饮片名称", "逻辑依据", "饮片代码"),
        [(1, "试验草", words, "T999999901"), (2, "试验花", "不得纳入基金支付范围的中药饮片", "T999999902")],
    )  # fmt: skip
    with batches.planned([file], rules) as plan:
        assert [(step.rule_no, step.row["name"]) for step in plan.steps] == [(3, "试验花"), (4, "试验草")]


def test_rule_types_by_name_and_limit() -> None:
    assert len(types.NAMES) == 88
    names = {
        1: "第三批-1 药品限工伤保险",
        23: "“医疗服务项目限支付疗程” 规则对应",
        9: "药品限最大开药天数开药量",
        53: "无指征住院(低标准入院)",
        30: "医疗服务项目与医用耗材重复收费",
    }
    assert {number: types.named_in(title) for number, title in names.items()} == {number: number for number in names}
    assert types.named_in("项目规则库") is None and types.limited_to("限定性别对象", types.CONSUMABLE) == (87,)
    assert types.limited_to("限定什么", types.DRUG) == ()


def test_batch_and_day_come_from_the_file_or_the_command(rules: Path, tmp_path: Path) -> None:
    bare = sex_batch(tmp_path / "in", name="药品区分性别使用.xlsx")
    told = faults(rules, bare)
    assert "does not say which batch it is. Say it: --batch 18" in told
    assert "does not say when it was published. Say it" in faults(rules, bare, given=Given("18"))
    with batches.planned([bare], rules, Given("18", JULY)) as plan:
        assert plan.issues == (Issue(18, JULY),)
    dated = sex_batch(tmp_path / "in")
    told = faults(rules, dated, given=Given("19", TODAY))
    assert "calls itself batch 18, but --batch says 19" in told and "says 2026-07-15, but --published says 2026-08-02" in told
    issue = issue_of(Path("【第七批 】项目规则库.xlsx"), "", Given(), {7: date(2025, 12, 12)}, Faults())
    assert issue == Issue(7, date(2025, 12, 12)), "a batch that the tables know has its day from there"
    days = [
        issue_of(Path(f"第八批-1 {day}.xlsx"), "", Given(), {}, Faults())
        for day in ("20260106", "2026年1月6日", "2026 年 1 月 6 日", "2026.01.06")
    ]
    assert set(days) == {Issue(8, date(2026, 1, 6))}
    numbers = [issue_of(Path(f"第{n}批.xlsx"), "", Given(None, JULY), {}, Faults()) for n in ("十", "十七", "二十", "二十一", "一百零三")]
    assert [issue.number for issue in numbers if issue] == [10, 17, 20, 21, 103]


def test_a_parameter_that_nothing_tells_is_asked_for_by_name(rules: Path, tmp_path: Path) -> None:
    header, row = ["序号", "药品通用名", "逻辑依据", "药品代码"], [1, "试验片", "限短期使用。", NEW_CODE]
    file = official(tmp_path / "第十八批 20260715.xlsx", "药品限支付疗程", header, [row])
    told = faults(rules, file)
    assert (
        "第十八批 20260715.xlsx, sheet Sheet1, row 5: 试验片: the parameter course_days is neither in the wording nor in a column" in told
    )
    assert "Add a column headed course_days to the sheet" in told
    more = official(
        tmp_path / "第十八批 2026-07-15.xlsx", "药品限支付疗程", [*header, "course_days", "course_kind"], [[*row, 9, "span_days"]]
    )
    with batches.planned([more], rules) as plan:
        assert plan.steps[0].parameters == {"course_days": "9", "course_kind": "span_days"}
    wrong = official(tmp_path / "第十八批 2026.07.15.xlsx", "药品限支付疗程", [*header, "course_days", "course_kind"], [[*row, 9, "weeks"]])
    strange = official(tmp_path / "第十八批 2026年7月15日.xlsx", "药品儿童专用", [*header, "限定对象"], [[*row, "老年人"]])
    assert "the parameter age_group is not told by 限定对象 '老年人', which is none of 新生儿, 婴幼儿, 儿童" in faults(rules, strange)
    assert "the parameter course_kind 'weeks' is none of visit_days, span_days" in faults(rules, wrong)


def test_every_fault_of_every_file_at_once(rules: Path, tmp_path: Path) -> None:
    good = sex_batch(tmp_path / "good")
    truncated = tmp_path / "截断.xlsx"
    truncated.write_bytes(good.read_bytes()[:900])
    text, old, secret = tmp_path / "文本.xlsx", tmp_path / "旧.xlsx", tmp_path / "密码.xlsx"
    text.write_text("药品通用名,药品代码\n")
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    secret.write_bytes(old.read_bytes() + "EncryptedPackage".encode("utf-16-le"))
    macros = tmp_path / "宏.xlsx"
    shutil.copy(good, macros)
    with zipfile.ZipFile(macros, "a") as packed:
        packed.writestr("xl/vbaProject.bin", "x")
    told = faults(rules, good, truncated, text, old, secret, macros, tmp_path / "无.xlsx").splitlines()
    assert [line for line in told if good.parent.name + "/" in line] == []
    for line, said in zip(told, ("无.xlsx: there is no such file", "截断.xlsx: is no whole", "文本.xlsx: is no whole",
                                 "旧.xlsx: is an old .xls",
                                 "密码.xlsx: is protected by a password", "宏.xlsx: holds macros"), strict=False):  # fmt: skip
        assert said in line


MALE = ("限男性患者。", "与限定性别不符", "男")
FAULTY = [
    ([(1, "甲片", *MALE)], [("甲片", 1, "XL02BB")], "Sheet2, row 2: 'XL02BB' is no national code"),
    ([(1, "甲片", *MALE)], [("甲片", 1, 3102000010000)], "Sheet2, row 2: '3102000010000' is no national code"),
    ([(1, "甲片", *MALE)], [("甲片", 1, "003310010140000")], "row 5: 甲片: 003310010140000 is no code of an item"),
    ([(1, "甲片", *MALE)], [("甲片", 1, NEW_CODE)] * 2, f"row 5: 甲片: {NEW_CODE} stands here twice"),
    ([(1, "甲片", *MALE)] * 2, [("甲片", 1, NEW_CODE)], "row 6: 甲片 stands in row 5 already"),
    ([(1, "甲片", *MALE), (2, "甲片", "限女性。", "不符", "女")], [("甲片", 1, NEW_CODE)], "row 6: 甲片 stands in row 5 with other words"),
    ([(1, "甲片", *MALE)], [("乙片", 1, NEW_CODE)], "row 5: 甲片: no code stands beside it or on another sheet"),
    ([(1, "甲片", *MALE)], [("甲片", 1, NEW_CODE), ("乙片", 1, BUTTON)], "Sheet2, row 3: codes of 乙片, which no other sheet lists"),
    ([(1, None, *MALE)], [("甲片", 1, NEW_CODE)], "row 5: the row has no name"),
    ([(1, "甲片", *MALE)], [("甲片", 1)], "Sheet2, row 2: the row has no code"),
    ([(1, "甲片", Formula("A1"), *MALE[1:])], [("甲片", 1, NEW_CODE)], "Sheet1, row 5: a cell holds a formula"),
    ([(1, "甲片", "=cmd|'/c calc'!A1", *MALE[1:])], [("甲片", 1, NEW_CODE)], "Sheet1, row 5: the cell "),
    ([(1, "甲片", "<script>alert(1)</script>", *MALE[1:])], [("甲片", 1, NEW_CODE)], "Sheet1, row 5: the cell '<script>"),
    (
        [(1, "丙片", *MALE), (2, "丁片", *MALE)], [("丙片", 1, NEW_CODE[:-1] + "5"), ("丁片", 1, NEW_CODE[:-1] + "5")],
        f"row 6: 丁片: {NEW_CODE[:-1]}5 stands in ",
    ),
]  # fmt: skip


def test_every_faulty_row_of_every_file_is_named_at_once(rules: Path, tmp_path: Path) -> None:
    files = [sex_batch(tmp_path / f"{n:02d}", *rows, codes=tuple(codes)) for n, (rows, codes, _) in enumerate(FAULTY)]
    told = faults(rules, files[-1], *files[:-1]).splitlines()
    for file, (_, _, said) in zip(files, FAULTY, strict=True):
        assert any(line.startswith(f"{file}, sheet ") and said in line for line in told), said


def test_dates_that_contradict(rules: Path, tmp_path: Path) -> None:
    early = sex_batch(tmp_path / "in", name="第十八批 2025-05-01.xlsx")
    assert "左炔诺孕酮片 of 2025-05-01 meets B01-67" in (told := faults(rules, early)) and "in the order of their publication" in told
    header = [*SEX[:4], "药品代码", "限定性别", "生效日期", "失效日期"]
    row = [1, "甲片", "限男性。", "不符", NEW_CODE, "男"]
    file = official(tmp_path / "第十八批 20260715.xlsx", "药品区分性别使用", header, [[*row, "2026年8月1日", "2026-07-31"]])
    assert "row 5: 甲片: ends on 2026-07-31, before it begins on 2026-08-01" in faults(rules, file)
    file = official(tmp_path / "第十八批 2026-07-15.xlsx", "药品区分性别使用", header, [[*row, 46235, "2026-12-31"]])
    with batches.planned([file], rules) as plan:
        assert (plan.steps[0].row["valid_from"], plan.steps[0].row["valid_to"]) == ("2026-08-01", "2026-12-31")


def test_an_unknown_rule_type_is_told_with_the_known_ones(rules: Path, tmp_path: Path) -> None:
    file = write_workbook(tmp_path / "第十八批 20260715.xlsx", {"Sheet1": [["药品通用名", "药品代码"], ["甲片", NEW_CODE]]})
    told = faults(rules, file)
    assert "1 rows belong to no rule type" in told and "67 药品区分性别使用" in told and "88 医用耗材限疾病使用" in told
    unread = official(tmp_path / "第十八批 2026-07-15.xlsx", "频繁住院", ["序号", "项目名称", "项目编码"], [[1, "住院", "003310010140000"]])
    assert "points of rule type 52 频繁住院 are not read yet. A developer says what they carry in PARAMETERS[52]" in faults(rules, unread)


def test_codes_without_a_header_and_a_workbook_without_rows(rules: Path, tmp_path: Path) -> None:
    bare = write_workbook(tmp_path / "第十八批“药品限适应症” 20260715.xlsx", {"Sheet1": [["甲片", NEW_CODE]]})
    assert "sheet Sheet1, row 1: codes begin here, but no row above is a header" in faults(rules, bare)
    empty = write_workbook(tmp_path / "空.xlsx", {"Sheet1": []})
    assert "no row of any sheet is a header" in faults(rules, empty)
    header = official(tmp_path / "第十八批“药品限适应症” 2026-07-15.xlsx", "药品限适应症", ["药品通用名", "药品代码"], [])
    assert "has a header but no row below it" in faults(rules, header)


def test_records_that_are_not_whole(rules: Path, tmp_path: Path) -> None:
    path = tmp_path / "all_records.json"
    path.write_text("[{", encoding="utf-8")
    assert "is no whole JSON list of records" in faults(rules, path)
    whole = {
        "kind": "point", "point_id": "B18-67-0001", "rule_no": 67, "item_name": "甲片", "codes": [NEW_CODE], "clause": "限男性。",
        "test": "不符", "batch": 18, "published": "2026-07-15", "supersedes": None,
    }  # fmt: skip
    older = whole | {"point_id": "B18-67-0002", "supersedes": "B99-67-0001", "item_name": "乙片", "codes": [NEW_CODE[:-1] + "1"]}
    spoilt = [
        whole,
        older,
        whole | {"codes": ["X1"]},
        whole | {"published": "2026-02-30"},
        {"kind": "point"},
        whole,
        whole | {"clause": "=1+1"},
        whole | {"batch": "18"},
    ]
    path.write_text(json.dumps(spoilt), encoding="utf-8")
    told = faults(rules, path)
    for said in (
        "record 3 is not whole: 'X1' is no national code",
        "record 4 is not whole: day is out of range",
        "record 5 is not whole: 'codes'",
        "record 7 is not whole: clause is no plain text",
        "record 8 is not whole: batch '18' is no number",
        "B18-67-0001 stands there twice",
        "replaces B99-67-0001, which is unknown",
    ):
        assert said in told, told
    path.write_text(json.dumps([whole]), encoding="utf-8")
    take_in(rules, path)
    assert load(rules)._points.filter(point_id="B18-67-0001")["point_name"].to_list() == ["甲片"]


def test_limits_of_types_without_official_points_so_far() -> None:
    assert [wording.state(words) for words in ("孕妇禁用。", "哺乳期妇女禁用", "妊娠期及哺乳期妇女禁用", "老年人慎用")] == [
        "pregnant", "lactating", "both", None,
    ]  # fmt: skip
    assert [wording.barred_below(words) for words in ("14岁以下儿童禁用。", "1岁以下禁用,6岁以下慎用", "儿童禁用")] == [14, 6, None]
    readers = {"depts": {"限定科室": "眼科、耳鼻喉科"}, "antibiotic_class": {"管理级别": "特殊使用级"}, "age_group": {"限定年龄": "新生儿"}}
    told = {name: limits.COLUMNS[name](columns) for name, columns in readers.items()}
    assert told == {"depts": "眼科;耳鼻喉科", "antibiotic_class": "special", "age_group": "newborn"}
