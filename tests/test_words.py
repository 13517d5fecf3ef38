"""Every rule can be said by a person: names for every column, a sentence for every form of condition, no text that does harm."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT
from rulebook_room import RULE, book
from test_rulebook import CLAIMS, FORMS, LINES

from audit.errors import RuleError
from audit.examples.answers import measured
from audit.examples.page import KEYS
from audit.examples.world import build
from audit.knowledge import load as load_knowledge
from audit.rulebook import lint, load, trees
from audit.rulebook.parts import Part, condition
from audit.rulebook.sentence import sentence
from audit.words import NAMES, PHRASES, PRESENCE, TRUTH, harm, name, value


@pytest.fixture(scope="module")
def columns() -> dict[str, pl.DataType]:
    lines, claims = measured(build(()), load_knowledge(ROOT / "rules")).vocabulary
    return {column: dtype for column, dtype in {**claims, **lines}.items() if column not in KEYS}


def test_every_column_has_a_name_in_both_languages_and_every_name_a_column(columns: dict[str, pl.DataType]) -> None:
    assert sorted(NAMES) == sorted(columns)
    assert not [column for column, called in NAMES.items() if not re.search(r"[一-鿿]", called["zh"]) or not called["en"].isascii()]
    said = [column for column, dtype in columns.items() if dtype == pl.Boolean and not column.startswith("item_")]
    assert sorted(TRUTH) == sorted(said)
    assert set(PRESENCE) <= set(columns)


def test_a_comparison_with_words_of_its_own_is_headed_by_its_sql_as_duckdb_writes_it(columns: dict[str, pl.DataType]) -> None:
    for comparison in PHRASES:
        tree = trees.tree(comparison)
        assert trees.written([tree]) == [comparison]
        assert set(trees.columns_of(tree)) <= set(columns)


def test_every_rule_reads_as_words_alone() -> None:
    rules = load(ROOT / "rules").rules
    for rule in rules:
        zh, en = sentence(rule.when, "zh"), sentence(rule.when, "en")
        assert zh.endswith("。") and en.endswith(".") and en[0].isupper()
        for told in (zh, en):
            assert not re.search(r"_|'|\b(AND|OR|NOT|NULL|CASE|WHEN|IS|true|false)\b", told.replace("'s ", " ")), told
    for language in ("zh", "en"):
        assert len({sentence(rule.when, language) for rule in rules}) == len(rules)
    asked = {fact for rule in rules for fact in re.findall(r"(item_\w+) IS NOT NULL", rule.when)}
    assert len(asked) > 40 and not asked - set(PRESENCE), "what such a fact says of its item stands in audit/words/limits.py"


@pytest.mark.parametrize(
    ("when", "zh", "en"),
    [
        (
            "item_drug_gend IS NOT NULL AND fund_pays AND gend <> item_drug_gend",
            "药品限定使用者性别，费用由基金支付，且参保人性别与药品限定性别不同。",
            "The drug is meant for one sex, the line was charged to the fund, "
            "and the patient's sex differs from the sex the drug is meant for.",
        ),
        (
            "item_course_days IS NOT NULL AND CASE WHEN fee_ocur_time IS NULL THEN NULL ELSE course_day_no > item_course_days END",
            "药品限定支付疗程，且疗程用药日序号超过药品支付疗程天数。费用发生时间不详的，无法判断。",
            "The drug is paid for a limited course, "
            "and the number of this day among the days of use exceeds the number of paid days of the drug. "
            "Cannot tell where the time of service is not known.",
        ),
        (
            "CASE WHEN sex_exempt THEN FALSE ELSE gend = '1' END",
            "参保人性别为男。有性别不明或性发育异常的诊断的，除外。",
            "The patient's sex is male, except where a diagnosis tells of unclear sex or a disorder of sex development.",
        ),
        (
            "CASE WHEN gend = '1' THEN age_lo > 60 WHEN gend = '2' THEN age_lo > 55 ELSE FALSE END",
            "参保人性别为男的，年龄下界超过60；参保人性别为女的，年龄下界超过55。",
            "Where the patient's sex is male, the lowest possible age exceeds 60; "
            "where the patient's sex is female, the lowest possible age exceeds 55.",
        ),
        (
            "is_inpatient AND (gend = '1' OR dscg_way NOT IN ('2', '5'))",
            "本次就医为住院，且（参保人性别为男，或离院方式不是转院或死亡）。",
            "It is inpatient care, and (the patient's sex is male, or the way of discharge is neither transfer to a hospital nor death).",
        ),
        (
            "trace_reused_by IS NOT NULL OR (item_kind = 'drug' AND CASE WHEN trace_known THEN FALSE END)",
            "药品追溯码已在先前的另一条明细中使用。项目为药品，且机构未上传药品追溯码的，无法判断。",
            "Another line was billed with the same trace code before. "
            "Cannot tell where the item is a drug, and the institution sends no trace codes.",
        ),
        (
            "NOT (fund_pays OR is_inpatient)",
            "费用全部自费，且本次就医不是住院。",
            "The patient pays for all of the line, and it is not inpatient care.",
        ),
        ("over_day_fen > 0", "有超出每日限定频次部分的金额。", "There is an amount above the daily limit."),
        (
            "abs(parts_gap_fen) > 1",
            "各部分合计与总额之差的绝对值超过0.01元。",
            "The size of the gap between the total and its parts exceeds 0.01 yuan.",
        ),
        ("cnt_e4 BETWEEN 10000 AND 25000", "数量在1至2.5之间（含两端）。", "The quantity is from 1 to 2.5."),
        (
            "NOT starts_with(med_type, '13')",
            "医疗类别不属于急诊。",
            "The kind of treatment does not fall under emergency.",
        ),
        ("hilist_name LIKE '%细胞%'", "医保目录名称含有“细胞”。", 'The name in the insurance list contains "细胞".'),
        (
            "gend IS DISTINCT FROM item_drug_gend",
            "参保人性别与药品限定性别不同（只缺其一也算不同）。",
            "The patient's sex differs from the sex the drug is meant for (one of them missing counts as differing).",
        ),
        (
            "end_date + INTERVAL '1 day' <= DATE '2026-01-31'",
            "费用结束日期之后1天不晚于2026-01-31。",
            "1 day after the last day of the claim is 2026-01-31 or earlier.",
        ),
        (
            "exam_share + lab_share >= p_exam_share_low_admission AND therapy_share = 0",
            "检查费占比与检验费占比之和达到低标准入院检查检验占比界限，且治疗费占比为0%。",
            "The share of examinations plus the share of laboratory tests is at least the share of tests that suggests a needless stay, "
            "and the share of therapy is 0%.",
        ),
        (
            "copy_no > 1 AND NOT (line_count > 0) AND copy_no > 2 AND over_day_fen <= 0",
            "前面已有完全相同的明细，没有收费明细，该明细在相同明细中的序号超过2，且没有超出每日限定频次部分的金额。",
            "An identical line stands before this one, no lines were billed, the line's place among identical lines exceeds 2, "
            "and there is no amount above the daily limit.",
        ),
        (
            "is_inpatient AND CASE WHEN sex_exempt THEN FALSE WHEN gend = '1' OR gend = '2' THEN TRUE END",
            "本次就医为住院。有性别不明或性发育异常的诊断的，除外。参保人性别不是男，且参保人性别不是女的，无法判断。",
            "It is inpatient care, except where a diagnosis tells of unclear sex or a disorder of sex development. "
            "Cannot tell where the patient's sex is not male, and the patient's sex is not female.",
        ),
        (
            "item_companion_set IS NOT NULL AND "
            "CASE WHEN companion IS NOT NULL THEN FALSE WHEN item_companion_window = 'visit' OR fee_ocur_time IS NOT NULL THEN TRUE END",
            "药品须与特定的医疗服务项目配合使用，且未计收此类项目。此类项目须在当日计收，且费用发生时间不详的，无法判断。",
            "The drug is used in certain services only, and no such service was billed. "
            "Cannot tell where the service must be billed on the same day, and the time of service is not known.",
        ),
        (
            "hours_day IS NOT NULL AND hours_day > 24 AND CASE WHEN fee_ocur_time IS NOT NULL THEN over_24h_fen > 0 END",
            "项目按小时计费，当日计费超过24小时，且本条明细含超出部分的费用。费用发生时间不详的，无法判断。",
            "The item is billed by the hour, more than 24 hours of it were billed on the day, and this line holds part of the excess. "
            "Cannot tell where the time of service is not known.",
        ),
        (
            "is_inpatient AND CASE WHEN gend = '1' OR gend = '2' THEN TRUE ELSE FALSE END",
            "本次就医为住院，且（参保人性别为男，或参保人性别为女）。",
            "It is inpatient care, and (the patient's sex is male, or the patient's sex is female).",
        ),
        (
            "CASE WHEN end_date IS NOT NULL THEN FALSE END",
            "从不成立。费用结束日期不详的，无法判断。",
            "It never holds. Cannot tell where the last day of the claim is not known.",
        ),
    ],
)
def test_a_condition_is_said_as_a_person_would(when: str, zh: str, en: str) -> None:
    assert sentence(when, "zh") == zh
    assert sentence(when, "en") == en


ROW = {"a": 7, "b": None, "x": 1.5, "s": "药品AB", "t": None, "p": True, "d": date(2026, 1, 31), "ts": datetime(2026, 1, 31, 23, 5)}


@pytest.mark.parametrize("form", FORMS)
def test_every_permitted_form_is_said_and_its_parts_answer_as_the_whole(form: str) -> None:
    """No SQL stands in the sentence, and the parts written back as SQL say what the condition says."""
    for language in ("zh", "en"):
        assert not re.search(r"::|\bCAST|\b[a-z_]+\(", re.sub(r"[“\"].*?[”\"]", "", sentence(form, language)))
    whole = condition(form)
    for part in (whole, *whole.parts):
        assert set(part.columns) <= set(ROW)
    assert trees.answers([whole.sql], ROW) == trees.answers([form], ROW)
    if whole.joint in ("all", "any"):
        assert trees.answers([whole.sql], ROW)[0] == joined(whole.joint, trees.answers([part.sql for part in whole.parts], ROW))


def joined(joint: str, answers: list[bool | None]) -> bool | None:
    decides = joint == "any"
    return decides if decides in answers else None if None in answers else not decides


def test_a_condition_is_a_tree_of_parts() -> None:
    whole = condition("is_inpatient AND (gend = '1' OR CASE WHEN sex_exempt THEN FALSE ELSE stay_days > 3 END)")
    shape = lambda part: (part.joint, [shape(inner) for inner in part.parts])  # noqa: E731
    assert shape(whole) == ("all", [("none", []), ("any", [("none", []), ("case", [("none", []), ("none", [])])])])
    leaf: Part = whole.parts[1].parts[0]
    assert (leaf.columns, leaf.says["zh"]) == (("gend",), "参保人性别为男")


def test_what_is_no_condition_cannot_be_said() -> None:
    with pytest.raises(RuleError, match="'cnt >' is not one SQL expression"):
        sentence("cnt >", "zh")


def test_a_column_without_a_name_is_a_fault_of_the_rule_that_reads_it(tmp_path: Path) -> None:
    text = RULE.replace("item_drug_gend IS NOT NULL AND gend <> item_drug_gend", "brand_new > 1").replace("item_drug_gend", "gend")
    found = lint(book(tmp_path, MED_067=text), {**LINES, "brand_new": pl.Int64()}, CLAIMS)
    assert found == [
        "rules/medical/MED-067.yaml:14: no Chinese name for column brand_new; write 'Chinese | English' for it in audit/words/made.py."
    ]
    assert name("brand_new", "zh") == "brand_new"


def test_missing_fields_are_called_by_their_names() -> None:
    assert value("missing_fields", "gend,dscg_maindiag_code", "zh") == "参保人性别、出院主诊断"
    assert value("missing_fields", None, "en") == "none"


@pytest.mark.parametrize(
    "text", ["=1+1", "+8613800000000", "-2+3", "@SUM(A1)", "＝A1", "限<script>alert(1)", "<b>限</b>二线", "<img src=x onerror=y>"]
)
def test_a_formula_or_markup_does_harm(text: str) -> None:
    assert harm(text)


@pytest.mark.parametrize("text", ["年龄<14岁", "体重 < 60 kg 且 > 5 kg", "a-b", "限二级及以上=三级", "x<y", ""])
def test_ordinary_wording_does_none(text: str) -> None:
    assert harm(text) is None


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("药品区分性别使用,", '"=HYPERLINK(1)",', ":2: name zh begins with '=', which a spreadsheet runs as a formula; begin with a word."),
        (
            "对限定性别使用的药品进行监管。",
            "监管<script>x</script>",
            ":13: the clause's text holds markup ('<script>'), which a page would run",
        ),
        ("a man and a woman", '"@both"', "an example's name begins with '@'"),
        ('zh: "{hilist_name}限', 'zh: "+{hilist_name}限', ":16: message zh begins with '+'"),
    ],
)
def test_a_rule_with_a_formula_or_markup_is_refused_with_its_line(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in RULE
    with pytest.raises(RuleError) as raised:
        book(tmp_path, MED_067=RULE.replace(old, new, 1))
    assert any(fault.startswith("rules/medical/MED-067.yaml:") and sentence in fault for fault in raised.value.faults), raised.value.faults
