"""A new official batch: read as NHSA publishes it, shown before it is written, whole or not at all, dated, and taken back exactly."""

import hashlib
import json
import shutil
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT
from official_workbook import Formula, official, write_workbook
from typer.testing import CliRunner

from audit.__main__ import app
from audit.errors import DataError
from audit.knowledge import batches, load
from audit.knowledge.batches import Given, diff, ledger, types
from audit.knowledge.batches.diff import CHANGED, NEW, SUPERSEDED
from audit.knowledge.batches.issue import Issue, issue_of
from audit.knowledge.batches.reach import reach
from audit.lake import Lake

OFFICIAL = ROOT.parent / "shared" / "knowledge"
beside = pytest.mark.skipif(not OFFICIAL.exists(), reason="the official batches are not beside this checkout (../shared/knowledge)")

TODAY = date(2026, 8, 2)
JULY = date(2026, 7, 15)
SEX = ("序号", "药品通用名", "逻辑依据", "检出逻辑", "限定性别")
BUTTON = "XG03ADZ061A001020300225"  # 左炔诺孕酮片, in B01-67 for women since 2025-05-23
NEW_CODE = "XL02BBA326A009990102180"


@pytest.fixture()
def rules(tmp_path: Path) -> Path:
    """The rules folder of a bureau, to import into."""
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder)
    return folder


def tree(folder: Path) -> str:
    """One figure for every byte under a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        digest.update(path.relative_to(folder).as_posix().encode() + (path.read_bytes() if path.is_file() else b"/"))
    return digest.hexdigest()


def sex_batch(
    folder: Path, *rows: tuple, codes: tuple = (), name: str = "第十八批“药品区分性别使用”规则对应知识点明细(2026年7月15日).xlsx"
) -> Path:
    """A further batch of sex-specific drugs; as given, one new drug and one that the tables know, now with another code too."""
    folder.mkdir(exist_ok=True)
    rows = rows or (
        (1, "甲睾酮试验片", "限男性患者。", "与限定性别不符", "男"),
        (2, "左炔诺孕酮片", "用于女性紧急避孕。", "与限定性别不符", "女"),
    )
    codes = codes or (("甲睾酮试验片", 1, NEW_CODE), ("左炔诺孕酮片", 1, BUTTON), ("左炔诺孕酮片", 2, NEW_CODE[:-1] + "1"))
    return official(folder / name, "药品区分性别使用", SEX, rows, codes)


def take_in(rules: Path, *files: Path, given: Given | None = None) -> dict:
    with batches.planned(files, rules, given) as plan:
        return batches.write(plan, TODAY)


def faults(rules: Path, *files: Path, given: Given | None = None) -> str:
    before = tree(rules)
    with pytest.raises(DataError) as caught, batches.planned(files, rules, given):
        pass
    assert tree(rules) == before and "Nothing was imported" in str(caught.value)
    return str(caught.value)


def facts(rules: Path, code: str, day: date) -> dict:
    knowledge = load(rules)
    epoch = pl.DataFrame({"day": [day]}).select(knowledge.epoch(pl.col("day"))).item()
    return knowledge.item_facts(pl.DataFrame({"med_list_codg": [code]})).filter(pl.col("epoch") == epoch).row(0, named=True)


def point(rules: Path, rule: int, point_id: str) -> dict:
    table = pl.read_csv(rules / "tables" / "points" / f"{rule:02d}.csv", infer_schema_length=0)
    return table.row(by_predicate=pl.col("point_id") == point_id, named=True)


def test_a_batch_is_shown_before_it_is_written(rules: Path, tmp_path: Path) -> None:
    before = tree(rules)
    with batches.planned([sex_batch(tmp_path / "in")], rules) as plan:
        assert plan.issues == (Issue(18, JULY),)
        assert diff.counts(plan.steps) == {67: {NEW: 1, CHANGED: 1, SUPERSEDED: 1}}
    assert tree(rules) == before


def test_a_point_replaces_the_one_of_its_name_from_its_day_on(rules: Path, tmp_path: Path) -> None:
    old = facts(rules, BUTTON, JULY)
    take_in(rules, sex_batch(tmp_path / "in"))
    new = point(rules, 67, "B18-67-0002")
    assert (new["batch"], new["published"], new["valid_from"], new["valid_to"], new["gend"]) == (
        "18",
        "2026-07-15",
        "2026-07-15",
        None,
        "2",
    )
    assert new["source"] == "NHSA batch 18, 2026-07-15"
    assert point(rules, 67, new["supersedes"])["valid_to"] == "2026-07-14"
    assert facts(rules, BUTTON, date(2026, 7, 14))["item_drug_gend"] == old["item_drug_gend"]


def test_a_claim_of_last_year_meets_last_years_points(rules: Path, tmp_path: Path) -> None:
    """The same drug, billed the day before the batch and on its day, after the batch came in."""
    code = facts(rules, NEW_CODE, JULY)
    assert code["item_drug_gend"] is None
    rows = ((1, "左炔诺孕酮片", "限男性患者。", "与限定性别不符", "男"),)
    take_in(rules, sex_batch(tmp_path / "in", *rows, codes=(("左炔诺孕酮片", 1, BUTTON),)))
    days = [date(2025, 5, 22), date(2025, 5, 23), date(2026, 7, 14), JULY]
    assert [facts(rules, BUTTON, day)["item_drug_gend"] for day in days] == [None, "2", "2", "1"]


def test_an_import_is_taken_back_byte_for_byte(rules: Path, tmp_path: Path) -> None:
    states = [tree(rules)]
    take_in(rules, sex_batch(tmp_path / "in"))
    states.append(tree(rules))
    frequency = official(
        tmp_path / "第十九批.xlsx", "医疗服务项目限定频次", ("序号", "项目名称", "限制数量", "数量单位", "项目编码"),
        [(1, "试验监护", 24, "小时", "003199999990000"), (2, "住院诊查费", 2, "日", "001102000050000")],
    )  # fmt: skip
    take_in(rules, frequency, given=Given(published=date(2026, 7, 20)))
    assert [entry["number"] for entry in ledger.imports(rules)] == [1, 2]
    assert (facts(rules, "003199999990000", JULY)["item_day_max"], facts(rules, "003199999990000", TODAY)["item_day_max"]) == (None, 24.0)
    assert batches.undo(rules)["number"] == 2 and tree(rules) == states[1]
    assert batches.undo(rules)["number"] == 1 and tree(rules) == states[0]
    with pytest.raises(DataError, match="No import is recorded"):
        batches.undo(rules)


def test_an_undo_restores_what_a_hand_had_written_oddly(rules: Path, tmp_path: Path) -> None:
    path = rules / "tables" / "points" / "67.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    before = tree(rules)
    take_in(rules, sex_batch(tmp_path / "in"))
    batches.undo(rules)
    assert tree(rules) == before


def test_an_edit_after_the_import_is_not_lost_by_undoing_it(rules: Path, tmp_path: Path) -> None:
    take_in(rules, sex_batch(tmp_path / "in"))
    path = rules / "tables" / "points" / "67.csv"
    path.write_bytes(path.read_bytes().replace("紧急避孕".encode(), "避孕".encode()))
    before = tree(rules)
    with pytest.raises(DataError, match=r"points/67\.csv: edited since import 1"):
        batches.undo(rules)
    assert tree(rules) == before


def test_the_same_file_again_changes_nothing(rules: Path, tmp_path: Path) -> None:
    file = sex_batch(tmp_path / "in")
    take_in(rules, file)
    with batches.planned([file, tmp_path / "in"], rules) as plan:
        assert plan.steps == [] and plan.points == 2


def test_a_point_with_all_codes_of_another_takes_its_place(rules: Path, tmp_path: Path) -> None:
    """The frequency point of the inpatient consultation comes back under a new name."""
    file = official(
        tmp_path / "第十九批 2026-07-20.xlsx", "医疗服务项目限定频次", ("序号", "项目名称", "限制数量", "数量单位", "项目编码"),
        [(1, "住院诊察费", 1, "日", "001102000050000")],
    )  # fmt: skip
    take_in(rules, file)
    new = point(rules, 27, "B19-27-0001")
    assert new["supersedes"] == "B08-27-0002" and point(rules, 27, "B08-27-0002")["valid_to"] == "2026-07-19"


def test_pairs_groups_and_an_update_without_number(rules: Path, tmp_path: Path) -> None:
    pairs = official(
        tmp_path / "更新 重复收费.xlsx", "医疗服务项目重复收费", ("序号", "频度", "主项名称", "主项编码", "从项名称", "从项编码", "备注"),
        [(1, "单次就诊", "急诊监护费", "001103000010000", "急诊诊查费", "001102000030000", "含诊查")],
    )  # fmt: skip
    take_in(rules, pairs, given=Given("update", JULY))
    new = point(rules, 25, "U26-25-0001")
    assert (new["name"], new["supersedes"], new["pair_window"], new["batch"]) == ("急诊监护费×急诊诊查费", "B07-25-0001", "visit", None)
    held = load(rules).pairs.filter(main_code="001103000010000", part_code="001102000030000").sort("valid_from")
    assert held["pair_window"].to_list() == ["day", "visit"] and held["valid_to"].to_list() == [date(2026, 7, 14), None]


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
        ["甲口服液", "用于小儿咳嗽。", "限定年龄对象", "儿童", NEW_CODE[:-1] + "1"], ["乙口服液", "限2岁至11岁儿童。", "限定年龄对象", "儿童", NEW_CODE],
        ["丙软膏", "目录", "限定保险类型", "工伤", NEW_CODE[:-1] + "2"], ["丁栓", "目录", "限定保险类型", "生育", NEW_CODE[:-1] + "3"],
    ]  # fmt: skip
    file = write_workbook(tmp_path / "【第二十批】药品规则库.xlsx", {"Sheet1": [header, *rows]})
    with batches.planned([file], rules, Given(published=JULY)) as plan:
        assert {step.rule_no: step.row["name"] for step in plan.steps} == {65: "甲口服液", 7: "乙口服液", 1: "丙软膏", 2: "丁栓"}
        ages = next(step.parameters for step in plan.steps if step.rule_no == 7)
        assert ages == {"age_lo": "2", "age_hi": "12"} and plan.issues == (Issue(20, JULY),)


def test_crosswise_titles_of_herbal_pieces_are_seen_through(rules: Path, tmp_path: Path) -> None:
    words = "单独使用时统筹基金不予支付，且全部由这些饮片组成的处方统筹基金也不予支付。"
    file = official(
        tmp_path / "第十八批“中药饮片单复方均不予支付”(2026-07-15).xlsx", "中药饮片单复方均不予支付", ("序号", "饮片名称", "逻辑依据", "饮片代码"),
        [(1, "试验草", words, "T999999901"), (2, "试验花", "不得纳入基金支付范围的中药饮片", "T999999902")],
    )  # fmt: skip
    with batches.planned([file], rules) as plan:
        assert [(step.rule_no, step.row["name"]) for step in plan.steps] == [(3, "试验花"), (4, "试验草")]


def test_an_indication_keeps_our_reading_only_while_its_wording_stands(rules: Path, tmp_path: Path) -> None:
    table = pl.read_csv(rules / "tables" / "points" / "08.csv", infer_schema_length=0).filter(pl.col("dx_terms").is_not_null())
    codes = pl.read_csv(rules / "tables" / "codes" / "08.csv", infer_schema_length=0)
    kept, changed = table.row(0, named=True), table.row(1, named=True)
    code_of = {row["name"]: codes.filter(point_id=row["point_id"])["code"][0] for row in (kept, changed)}
    file = official(
        tmp_path / "第十八批 20260715.xlsx", "药品限适应症", ("序号", "药品通用名", "逻辑依据", "检出逻辑"),
        [(1, kept["name"], kept["clause"], kept["test"]), (2, changed["name"], "限新的适应症。", kept["test"])],
        [(name, 1, code) for name, code in code_of.items()],
    )  # fmt: skip
    with batches.planned([file], rules) as plan:
        said = {step.row["name"]: step.row["dx_terms"] for step in plan.steps if step.kind == CHANGED}
    assert said == {kept["name"]: kept["dx_terms"], changed["name"]: ""}


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
    assert "course_kind 'weeks' is none of visit_days, span_days" in faults(rules, wrong)


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
    for line, said in zip(told, ("无.xlsx: there is no such file", "截断.xlsx: is no whole", "文本.xlsx: is no whole", "旧.xlsx: is an old .xls",
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
        f"row 6: 丁片: {NEW_CODE[:-1]}5 stands in B18-67-0001 丙片 too, which begins on the same day",
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
    from audit.knowledge.batches.faults import Faults

    issue = issue_of(Path("【第七批 】项目规则库.xlsx"), "", Given(), {7: date(2025, 12, 12)}, Faults())
    assert issue == Issue(7, date(2025, 12, 12)), "a batch that the tables know has its day from there"
    numbers = [issue_of(Path(f"第{n}批.xlsx"), "", Given(None, JULY), {}, Faults()) for n in ("十", "十七", "二十", "二十一", "一百零三")]
    assert [issue.number for issue in numbers if issue] == [10, 17, 20, 21, 103]


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


def test_a_batch_in_the_tables_cannot_say_otherwise_under_its_old_day(rules: Path, tmp_path: Path) -> None:
    take_in(rules, sex_batch(tmp_path / "in"))
    other = sex_batch(
        tmp_path / "other", (1, "甲睾酮试验片", "限男性患者。", "与限定性别不符", "女"), codes=(("甲睾酮试验片", 1, NEW_CODE),)
    )
    assert "the tables hold this point of batch 18, 2026-07-15 as B18-67-0001 with another gend" in faults(rules, other)


def test_what_the_tables_would_not_bear_is_refused_whole(rules: Path, tmp_path: Path) -> None:
    """The last word is knowledge.load's: a term that no list knows."""
    header = ["序号", "药品通用名", "逻辑依据", "药品代码", "dx_terms"]
    file = official(tmp_path / "第十八批 20260715.xlsx", "药品限适应症", header, [[1, "甲片", "限无此病。", NEW_CODE, "无此病"]])
    assert "the term '无此病', used by a point, has no row" in faults(rules, file)


def test_records_that_are_not_whole(rules: Path, tmp_path: Path) -> None:
    path = tmp_path / "all_records.json"
    path.write_text("[{", encoding="utf-8")
    assert "is no whole JSON list of records" in faults(rules, path)
    whole = {
        "kind": "point", "point_id": "B18-67-0001", "rule_no": 67, "item_name": "甲片", "codes": [NEW_CODE], "clause": "限男性。", "test": "不符",
        "batch": 18, "published": "2026-07-15", "supersedes": None,
    }  # fmt: skip
    older = whole | {"point_id": "B18-67-0002", "supersedes": "B99-67-0001", "item_name": "乙片", "codes": [NEW_CODE[:-1] + "1"]}
    spoilt = [whole, older, whole | {"codes": ["X1"]}, whole | {"published": "2026-02-30"}, {"kind": "point"}, whole]
    path.write_text(json.dumps(spoilt), encoding="utf-8")
    told = faults(rules, path)
    for said in ("record 3 is not whole: 'X1' is no national code", "record 4 is not whole", "record 5 is not whole: 'rule_no'",
                 "B18-67-0001 stands there twice", "replaces B99-67-0001, which is unknown"):  # fmt: skip
        assert said in told or said.replace("'rule_no'", "'codes'") in told, said
    path.write_text(json.dumps([whole]), encoding="utf-8")
    take_in(rules, path)
    assert facts(rules, NEW_CODE, JULY)["item_drug_gend"] == "1"


def test_a_crash_between_the_two_renames_is_mended(rules: Path, tmp_path: Path) -> None:
    before = tree(rules)
    (rules / ".import").mkdir()
    (rules / "tables").rename(rules / ".import" / "old")
    with batches.planned([sex_batch(tmp_path / "in")], rules) as plan:
        assert len(plan.steps) == 3
    assert tree(rules) == before


def test_a_write_that_fails_leaves_the_tables_as_they_were(rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(rules)

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(ledger, "swap", full)
    with pytest.raises(OSError):
        take_in(rules, sex_batch(tmp_path / "in"))
    assert tree(rules) == before


def test_two_imports_at_once(rules: Path, tmp_path: Path) -> None:
    file = sex_batch(tmp_path / "in")
    with ledger.alone(rules), pytest.raises(DataError, match="another import is being written"):
        take_in(rules, file)
    with batches.planned([file], rules) as first, batches.planned([file], rules) as second:
        batches.write(first, TODAY)
        with pytest.raises(DataError, match="was changed while this import was looked at"):
            batches.write(second, TODAY)
    assert len(ledger.imports(rules)) == 1


def test_past_claims_are_counted_from_what_each_night_billed(rules: Path, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    with batches.planned([sex_batch(tmp_path / "in")], rules) as plan:
        assert reach(tmp_path / "lake", plan.steps) is None
        for night, code, day in ((1, BUTTON, 14), (2, BUTTON + "99", 20), (3, NEW_CODE, 15), (4, "003310010140000", 20)):
            use = {"med_list_codg": [code], "first_day": [date(2026, 7, day)], "last_day": [date(2026, 7, day)], "claims": [night], "lines": [10],
                   "fen": [100]}  # fmt: skip
            lake.replace(date(2026, 8, night), f"r{night}", {"item_use": pl.DataFrame(use)}, "{}")
        found = reach(tmp_path / "lake", plan.steps)
    assert found is not None and (found[67].claims, found[67].lines, found[67].fen, found[67].nights) == (5, 20, 200, 4)


def test_a_night_keeps_what_it_billed_of_each_item(province: Path, audited: Path) -> None:
    use = Lake(audited.parent).read("item_use").collect().sort("med_list_codg")
    assert use["med_list_codg"].is_unique().all()
    billed = pl.read_parquet(province / "fee_list_d.parquet")
    assert 0 < use["lines"].sum() <= billed.height and set(use["med_list_codg"]) <= set(billed["med_list_codg"].str.to_uppercase())
    assert (use["claims"] <= use["lines"]).all() and (use["first_day"] <= use["last_day"]).all()


def test_the_command_shows_asks_writes_lists_and_takes_back(rules: Path, tmp_path: Path) -> None:
    run, file = CliRunner().invoke, sex_batch(tmp_path / "in")
    before, more = tree(rules), ["--rules", str(rules)]
    shown = run(app, ["knowledge", "import", str(file), *more, "--json", str(tmp_path / "all.json"), "--lake", str(tmp_path / "lake")])
    assert shown.exit_code == 0 and tree(rules) == before, shown.output
    for said in ("67 药品区分性别使用: 1 new, 1 changed, 1 superseded; read by MED-067", "codes +1", "Nothing was written; --yes writes it",
                 "nobody can say how many past claims"):  # fmt: skip
        assert said in shown.output, shown.output
    told = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert told["types"]["67"]["rules"] == ["MED-067"] and [p["kind"] for p in told["points"]] == [NEW, CHANGED, SUPERSEDED]
    assert "Written as import 1" in run(app, ["knowledge", "import", str(file), *more, "--yes"]).output
    listed = run(app, ["knowledge", "history", *more]).output
    assert (
        "batch 18, 2026-07-15: 67 1 new, 1 changed, 1 superseded" in listed and hashlib.sha256(file.read_bytes()).hexdigest()[:12] in listed
    )
    assert "Taken back: 1" in run(app, ["knowledge", "undo", *more]).output and tree(rules) == before
    assert run(app, ["knowledge", "import", str(file), "--batch", "next"]).exit_code == 2


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


@beside
def test_the_shipped_tables_are_what_an_import_from_nothing_writes(rules: Path) -> None:
    """All but the two types whose readings of a wording are our own: these are kept, and everything else is made anew."""
    for path in [*(rules / "tables" / "points").iterdir(), *(rules / "tables" / "codes").iterdir()]:
        if path.stem not in ("05", "08"):
            path.unlink()
    take_in(rules, OFFICIAL)
    for kind in ("points", "codes"):
        for path in sorted((ROOT / "rules" / "tables" / kind).glob("*.csv")):
            assert (rules / "tables" / kind / path.name).read_bytes() == path.read_bytes(), path.name


@beside
@pytest.mark.parametrize("which", ["", "*.xlsx", "records/all_records.json"])
def test_the_tables_hold_the_official_batches_already(rules: Path, which: str) -> None:
    with batches.planned(sorted(OFFICIAL.glob(which)) if which else [OFFICIAL], rules) as plan:
        assert plan.steps == [] and plan.points == {"": 3898, "*.xlsx": 2678, "records/all_records.json": 3898}[which]
