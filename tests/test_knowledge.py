"""The dated national points: complete, read strictly, chosen by the service date, and cheap however many there are."""

import csv
import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from audit.errors import RuleError
from audit.knowledge import Knowledge, load, reading, wording
from audit.knowledge.codings import NAMED_DIAGNOSES

ROOT = Path(__file__).parents[1]
RULES = ROOT / "rules"
OFFICIAL = ROOT.parent / "shared" / "knowledge"

PER_TYPE = {1: 18, 2: 6, 3: 37, 4: 116, 5: 110, 7: 24, 8: 510, 10: 59, 12: 123, 13: 76, 15: 378, 23: 11, 25: 900, 27: 67, 29: 1, 31: 14,
            47: 22, 65: 366, 67: 640, 80: 30, 81: 390}  # fmt: skip
PER_BATCH = {1: 1183, 2: 378, 3: 12, 4: 35, 5: 61, 6: 30, 7: 900, 8: 93, 9: 110, 10: 22, 11: 153, 12: 57, 13: 66, 14: 43, 15: 34, 16: 82,
             17: 228, None: 411}  # fmt: skip
UPDATE = date(2026, 1, 28)
JULY = date(2026, 7, 15)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(RULES)


@pytest.fixture()
def copy(tmp_path: Path) -> Path:
    """A rules folder of our own to spoil."""
    shutil.copytree(RULES / "tables", tmp_path / "rules" / "tables")
    return tmp_path / "rules"


def points(rule: int) -> pl.DataFrame:
    return pl.read_csv(RULES / "tables" / "points" / f"{rule:02d}.csv", infer_schema_length=0)


def codes(rule: int) -> pl.DataFrame:
    return pl.read_csv(RULES / "tables" / "codes" / f"{rule:02d}.csv", infer_schema_length=0)


def facts(knowledge: Knowledge, code: str, day: date) -> dict:
    """The facts of one billed code on one day."""
    epoch = pl.DataFrame({"day": [day]}).select(knowledge.epoch(pl.col("day"))).item()
    return knowledge.item_facts(pl.DataFrame({"med_list_codg": [code]})).filter(pl.col("epoch") == epoch).row(0, named=True)


def rewrite(path: Path, change) -> None:
    """Apply `change` to the rows (header first) of a CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def faults(rules: Path) -> str:
    with pytest.raises(RuleError) as caught:
        load(rules)
    return str(caught.value)


def test_every_official_point_is_there() -> None:
    assert {rule: points(rule).height for rule in PER_TYPE} == PER_TYPE
    assert sum(PER_TYPE.values()) == 3898
    batches = pl.concat([points(rule).select("batch") for rule in PER_TYPE])["batch"].cast(pl.Int64)
    assert dict(batches.value_counts().rows()) == PER_BATCH


def test_sources_name_the_authority_the_batch_and_the_date() -> None:
    for rule in PER_TYPE:
        table = points(rule)
        batch = pl.when(pl.col("batch").is_null()).then(pl.lit("update")).otherwise("batch " + pl.col("batch"))
        assert table.filter(pl.col("source") != "NHSA " + batch + ", " + pl.col("published")).is_empty()
        assert table.filter(pl.col("valid_from") != pl.col("published")).is_empty()


def test_a_superseded_point_ends_the_day_before_its_successor(knowledge: Knowledge) -> None:
    # Tacrolimus granules: the update moved one of the two codes from dermatology to immunosuppressants.
    yesterday = UPDATE - timedelta(days=1)
    seen = {
        (code, day): facts(knowledge, code, day)["item_child_pay"]
        for code in ("XD11AXT002N001020179406", "XL04ADT002N001020179406", "XL04ADT002N001010183516")
        for day in (yesterday, UPDATE)
    }
    assert [seen["XD11AXT002N001020179406", day] for day in (yesterday, UPDATE)] == [True, None]
    assert [seen["XL04ADT002N001020179406", day] for day in (yesterday, UPDATE)] == [None, True]
    assert [seen["XL04ADT002N001010183516", day] for day in (yesterday, UPDATE)] == [True, True]


def test_nothing_holds_before_it_was_published(knowledge: Knowledge) -> None:
    assert facts(knowledge, "ZD03AAA0043010100166", date(2025, 5, 22))["item_drug_gend"] is None
    assert facts(knowledge, "ZD03AAA0043010100166", date(2025, 5, 23))["item_drug_gend"] == "2"


def test_a_billed_code_finds_the_national_code_it_extends(knowledge: Knowledge) -> None:
    local = facts(knowledge, "00340200005010001", JULY)
    assert (local["item_code"], local["item_kind"], local["item_service_course_days"]) == ("003402000050100", "service", 90)
    assert facts(knowledge, "003402000050199", JULY)["item_service_course_days"] is None, "a sub-item of its own is not covered"
    own = facts(knowledge, "LOCAL-7", JULY)
    assert (own["item_code"], own["item_kind"]) == ("LOCAL-7", None)
    kinds = [facts(knowledge, c, JULY)["item_kind"] for c in ("ZD03AAA0043010100166", "T001700233", "C14010100000000000000")]
    assert kinds == ["drug", "herb", "consumable"]


@pytest.mark.parametrize(
    ("rule", "name", "expected"),
    [
        (10, "注射用益气复脉(冻干)", {"item_course_days": 14, "item_course_kind": "visit_days"}),
        (10, "帕妥珠单抗注射液", {"item_course_days": 365, "item_course_kind": "span_days"}),
        (13, "安宫牛黄丸", {"item_visit_mode": "inpatient_or_emergency"}),
        (12, "雷珠单抗注射液", {"item_level_min": 3, "item_level_alt": "眼科", "item_level_every_rx": True}),
        (12, "度拉糖肽注射液", {"item_level_min": 2, "item_level_alt": None, "item_level_every_rx": None}),
        (7, "盐酸可乐定缓释片", {"item_pay_age_lo": 6, "item_pay_age_hi": 18}),
        (7, "玛巴洛沙韦干混悬剂", {"item_pay_age_lo": 5, "item_pay_age_hi": 12}),
        (7, "水合氯醛灌肠剂", {"item_child_pay": True, "item_pay_age_lo": None, "item_pay_age_hi": None}),
        (65, "小儿乳酸菌素片", {"item_child_drug": "unclear"}),
    ],
)
def test_the_wording_wins(knowledge: Knowledge, rule: int, name: str, expected: dict) -> None:
    newest = points(rule).filter(pl.col("name") == name, pl.col("valid_to").is_null())
    code = codes(rule).join(newest, on="point_id")["code"][0]
    assert {fact: facts(knowledge, code, JULY)[fact] for fact in expected} == expected


def test_every_eye_injection_allows_a_secondary_eye_hospital() -> None:
    eye = points(12).filter(pl.col("clause").str.contains("眼科专科医院"))
    assert eye.height == 11 and set(eye["level_alt"]) == {"眼科"} and set(eye["level_min"]) == {"3"}


@pytest.mark.parametrize(
    ("clause", "limits"),
    [
        ("限2岁至11岁儿童慢性便秘。", (2, 12)), ("限3岁及3岁以上的儿童患者。", (3, None)), ("限3岁及以上儿童。", (3, None)),
        ("限：1.1岁至14岁儿童哮喘；2.2岁至14岁儿童鼻炎。", (1, 15)), ("限⼉童。", (None, None)),
    ],
)  # fmt: skip
def test_ages_in_words(clause: str, limits: tuple) -> None:
    assert wording.ages(clause) == limits


def test_a_course_keeps_its_key_over_a_new_batch(knowledge: Knowledge) -> None:
    code = "XN07XXT050B002010100239"
    assert facts(knowledge, code, UPDATE - timedelta(days=1))["item_course_key"] == facts(knowledge, code, UPDATE)["item_course_key"]


def test_units_and_windows(knowledge: Knowledge) -> None:
    monitor, bed = facts(knowledge, "003107010220000", JULY), facts(knowledge, "001109000010000", JULY)
    assert (monitor["item_day_max"], monitor["item_day_unit"]) == (24.0, "hour")
    assert (bed["item_day_max"], bed["item_day_unit"]) == (1.0, "day")
    assert dict(knowledge.pairs["pair_window"].value_counts().rows()) == {"day": 446, "visit": 429, "6h": 18, "1h": 7}
    main, part = facts(knowledge, "001103000010000", JULY), facts(knowledge, "001102000030000", JULY)
    assert (main["item_is_main"], main["item_is_part"], part["item_is_main"], part["item_is_part"]) == (True, None, None, True)
    adhesions = facts(knowledge, "003310030080000", JULY)
    groups = [adhesions[f"item_op_group{n}"] for n in ("", "_2", "_3", "_4")]
    assert sorted(groups) == ["女性生殖系统手术组", "经腹直肠手术组", "肝胆手术组", "胃肠手术组"]


def test_one_point_per_code_rule_and_day() -> None:
    validity = load(RULES)._validity.filter(~pl.col("rule_no").is_in([0, 15, 25]))
    spans = validity.sort("rule_no", "code", "valid_from").with_columns(later=pl.col("valid_from").shift(-1).over("rule_no", "code"))
    assert spans.filter(pl.col("later").is_not_null(), pl.col("valid_to").is_null() | (pl.col("valid_to") >= pl.col("later"))).is_empty()


def test_the_point_a_finding_rests_on(knowledge: Knowledge) -> None:
    asked = pl.DataFrame(
        {
            "rule_no": [67, 67, 25, 25, 8],
            "med_list_codg": ["ZD03AAA004301010016699", "ZD03AAA0043010100166", "001102000030000", "001102000030000", "none"],
            "fee_date": [UPDATE, UPDATE - timedelta(days=1), JULY, JULY, JULY],
            "main_code": [None, None, "001103000010000", "003310030080000", None],
        }
    )
    told = knowledge.points_for(asked)
    assert told.select(asked.columns).equals(asked), "rows and their order stay"
    assert told["point_id"].to_list() == ["U26-67-0002", "B01-67-0002", "B07-25-0001", None, None]
    assert told["point_source"].to_list()[:2] == ["NHSA update, 2026-01-28", "NHSA batch 1, 2025-05-23"]
    assert told["clause"][2] == "含监护、床位、诊查、护理" and told["test"][2] == "项目A和项目B同时收费"


def test_indications_are_whole_or_absent(knowledge: Knowledge) -> None:
    assert facts(knowledge, "XB05AAR021B001010100348", JULY)["item_dx_set"] is None, "抢救、重症 has no list of codes"
    prostate = facts(knowledge, "XL02BBA326A001010102180", JULY)
    prefixes = set(knowledge.dx_sets.filter(pl.col("set_id") == prostate["item_dx_set"])["dx_prefix"])
    assert {"C61", "Z51.1"} <= prefixes and not prefixes & {"C34", "C50", "J18"}
    told = [pl.read_csv(path, infer_schema=False) for path in (RULES / "tables" / "points").glob("*.csv")]
    named = {set_id for table in told if "dx_terms" in table.columns for set_id in table["dx_terms"].drop_nulls()}
    assert set(knowledge.dx_sets["set_id"]) == named | set(NAMED_DIAGNOSES)
    assert set(knowledge.first_line["set_id"]) == set(points(5)["first_line"].drop_nulls())


def test_parameters_by_area_and_day(copy: Path) -> None:
    def change(rows: list) -> None:
        rows += [["split_gap_days", area, begin, end, value, "day", "test"] for area, begin, end, value in (
            ("99", "2026-01-01", "", "10"), ("9901", "2026-01-01", "2026-06-30", "20"))]  # fmt: skip

    rewrite(copy / "tables" / "parameters.csv", change)
    own = load(copy)
    areas = pl.DataFrame({"fix_blng_admdvs": ["990100", "990200", "110000", None]})
    days = pl.DataFrame({"day": [date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1)]}).with_columns(epoch=own.epoch(pl.col("day")))
    found = own.params(areas).join(days, on="epoch").sort("fix_blng_admdvs", "day", nulls_last=True)
    gaps = dict(found.group_by("fix_blng_admdvs", maintain_order=True).agg("p_split_gap_days").rows())
    assert gaps == {"110000": [15, 15, 15], "990100": [15, 20, 10], "990200": [15, 10, 10], None: [15, 15, 15]}


def test_sexes_and_ages_of_codes(knowledge: Knowledge) -> None:
    sexes = dict(knowledge.dx_facts.select("dx_prefix", "dx_gend").rows())
    assert (sexes["C61"], sexes["C56"], sexes["O80"], sexes["P22"]) == ("1", "2", "2", None)
    assert dict(knowledge.op_facts.rows())["74"] == "2"
    extra = pl.DataFrame({"dx_prefix": ["Z99"], "dx_gend": ["1"], "dx_age_min_days": [None], "dx_age_max_days": [9]})
    more = knowledge.with_dx_facts(extra)
    assert more.dx_facts.height == knowledge.dx_facts.height + 1


def test_ten_times_the_points_answer_the_same(copy: Path, knowledge: Knowledge) -> None:
    """Nine further copies of the sex points under codes of their own."""

    def more_points(rows: list) -> None:
        rows += [[f"L{n}-{row[0]}", *row[1:8], f"L{n}-{row[8]}" if row[8] else "", *row[9:]] for n in range(9) for row in rows[1:641]]

    def more_codes(rows: list) -> None:
        rows += [[f"L{n}-{row[0]}", row[1][0] + str(n) + row[1][2:]] for n in range(9) for row in rows[1:] if not row[1][1].isdigit()]

    rewrite(copy / "tables" / "points" / "67.csv", more_points)
    rewrite(copy / "tables" / "codes" / "67.csv", more_codes)
    many = load(copy)
    asked = codes(67).select(med_list_codg="code").unique().head(2_000)
    assert many._facts.height > 2 * knowledge._facts.height
    assert many.item_facts(asked).equals(knowledge.item_facts(asked))
    assert many.item_facts(asked).height == asked.height * many.params(pl.DataFrame({"fix_blng_admdvs": ["1"]})).height
    assert many.fingerprint != knowledge.fingerprint


def test_a_newer_batch_closes_the_older_point_of_a_code_without_a_link(copy: Path) -> None:
    code = "XL01FDP138B002010181735"

    def point(rows: list) -> None:
        dated = ["", "2026-08-01", "2026-08-01", "", "", "NHSA later"]
        rows.append(["N-10-1", "帕妥珠单抗注射液", "支付不超过14天。", "test", *dated, "14", "visit_days"])

    rewrite(copy / "tables" / "points" / "10.csv", point)
    rewrite(copy / "tables" / "codes" / "10.csv", lambda rows: rows.append(["N-10-1", code]))
    own = load(copy)
    assert facts(own, code, date(2026, 7, 31))["item_course_days"] == 365
    assert facts(own, code, date(2026, 8, 1))["item_course_days"] == 14


@pytest.mark.parametrize(
    ("file", "row", "column", "value", "told"),
    [
        ("points/67.csv", 3, "gend", "3", "gend '3' is none of 1, 2"),
        ("points/10.csv", 3, "course_days", "two", "course_days 'two' cannot be read"),
        ("points/10.csv", 3, "published", "2026-02-30", "published '2026-02-30' cannot be read"),
        ("points/10.csv", 3, "name", "  ", "name is empty"),
        ("points/10.csv", 3, "valid_from", "2027-01-01", "valid_to 2026-01-27 lies before valid_from 2027-01-01"),
        ("points/10.csv", 40, "supersedes", "B99-10-0001", "which is unknown or replaces it"),
        ("codes/67.csv", 5, "code", "XL02BB", "code 'XL02BB' is no code of a known shape"),
        ("codes/67.csv", 5, "point_id", "B01-67-9999", "belongs to no point of this rule type"),
        ("dx_facts.csv", 4, "dx_prefix", "C5X", "is no code of a known shape"),
        ("parameters.csv", 2, "value", "", "value is empty"),
        ("parameters.csv", 2, "area", "Jiangsu", "is neither default nor 2, 4 or 6 digits"),
    ],
)
def test_a_faulty_cell_is_named(copy: Path, file: str, row: int, column: str, value: str, told: str) -> None:
    def change(rows: list) -> None:
        rows[row - 1][rows[0].index(column)] = value

    rewrite(copy / "tables" / file, change)
    fault = faults(copy)
    assert f"{file}: row {row}:" in fault and told in fault


def test_what_stands_twice_is_named_with_both_its_rows(copy: Path) -> None:
    rewrite(copy / "tables" / "points" / "10.csv", lambda rows: rows.append(rows[1]))
    rewrite(copy / "tables" / "codes" / "67.csv", lambda rows: rows.append(rows[1]))
    found = faults(copy)
    assert all(f"points/10.csv: row {row}: point B06-10-0001 stands here twice" in found for row in (2, 61))
    assert all(f"codes/67.csv: row {row}: B01-67-0001 XL02BBA326A001010102180 stands here twice" in found for row in (2, 9032))
    assert "codes/67.csv: row 2: two points of XL02BBA326A001010102180 begin on 2025-05-23" in found


def test_points_that_replace_each_other_are_faults(copy: Path) -> None:
    def change(rows: list) -> None:
        older = rows[0].index("supersedes")
        rows[1][older], rows[2][older] = rows[2][0], rows[1][0]

    rewrite(copy / "tables" / "points" / "10.csv", change)
    assert [faults(copy).count(f"row {row}: ") for row in (2, 3)] == [1, 1]


def test_a_byte_that_is_no_utf8_is_a_fault(copy: Path) -> None:
    with (copy / "tables" / "codes" / "13.csv").open("ab") as file:
        file.write(b"B01-13-0001,\xff\n")
    assert "codes/13.csv: after row " in faults(copy)


def test_the_shipped_tables_are_ordinary_throughout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row by row is for faults and for the hand of an editor: it takes five times as long."""
    monkeypatch.setattr(reading, "_by_rows", lambda path, *_: pytest.fail(f"{path} is not read by columns"))
    load(RULES)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b"2025-08-26,2025-08-26,2026-01-27,", b"20250826, 2025-08-26 ,2026-W05-2,"),
        lambda text: text.replace(b",14,visit_days", b',"14",  visit_days').replace(b",6,2025", b",+6,2025"),
        lambda text: text.rstrip(b"\n"),
    ],
)
def test_an_unusual_hand_reads_the_same(copy: Path, knowledge: Knowledge, spoil) -> None:
    path = copy / "tables" / "points" / "10.csv"
    usual = path.read_bytes()
    path.write_bytes(spoil(usual))
    own = load(copy)
    assert path.read_bytes() != usual
    assert own._facts.equals(knowledge._facts) and own._validity.equals(knowledge._validity) and own._points.equals(knowledge._points)


def test_quotes_and_line_breaks_inside_a_cell(copy: Path) -> None:
    path = copy / "tables" / "points" / "10.csv"
    rewrite(path, lambda rows: rows[1].__setitem__(2, 'a "quoted", clause '))
    assert load(copy)._points.filter(pl.col("point_id") == "B06-10-0001")["clause"].item() == 'a "quoted", clause'
    rewrite(path, lambda rows: rows[1].__setitem__(2, "a clause\nof two lines") or rows[2].__setitem__(3, ""))
    assert "points/10.csv: row 4: test is empty" in faults(copy), "the row counts lines, as an editor does"


def test_unknown_columns_ragged_rows_and_overlaps_are_faults(copy: Path) -> None:
    tables = copy / "tables"
    rewrite(tables / "op_facts.csv", lambda rows: rows[0].__setitem__(0, "prefix"))
    rewrite(tables / "codes" / "12.csv", lambda rows: rows[6].append("more"))
    rewrite(tables / "parameters.csv", lambda rows: rows.append([*rows[1][:2], "2026-01-01", "", "1", "day", "test"]) or rows.append(
        [*rows[1][:2], "2026-01-01", "", "2", "day", "test"]))  # fmt: skip
    rewrite(tables / "points" / "08.csv", lambda rows: rows[1].__setitem__(rows[0].index("dx_terms"), "无此病"))
    (tables / "points" / "99.csv").write_text("point_id\n")
    found = faults(copy)
    assert "op_facts.csv: row 1: unknown columns ['prefix']" in found
    assert "codes/12.csv: row 7: 1 cells too many" in found
    assert "overlaps the next interval" in found and "'无此病'" in found and "points/99.csv: no rule type" in found


def test_a_folder_without_tables_is_a_fault(tmp_path: Path) -> None:
    assert "cannot be read" in faults(tmp_path)


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official batches are not beside this checkout (../shared/knowledge)")
def test_the_codes_in_force_are_the_official_ones(knowledge: Knowledge) -> None:
    held = knowledge._validity.filter(pl.col("valid_to").is_null())
    for path in sorted((OFFICIAL / "records" / "codesets").glob("[0-9]*.json")):
        rule, official = int(path.name[:2]), set(json.loads(path.read_text(encoding="utf-8"))["codes"])
        ours = set(held.filter(pl.col("rule_no") == rule)["code"])
        if rule == 25:  # the official set mixes including and included items
            ours |= set(held.filter(pl.col("rule_no") == rule)["main"])
        assert ours == official, path.name


def test_a_point_of_a_class_holds_for_its_codes_and_the_nearest_speaks(copy: Path) -> None:
    head = "point_id,name,clause,test,batch,published,valid_from,valid_to,supersedes,source,age_years\n"
    said = ["P1,class,c,t,,2020-01-01,2020-01-01,,,invented,18", "P2,substance,c,t,,2020-01-01,2020-01-01,,,invented,12"]
    (copy / "tables/points/66.csv").write_text(head + "\n".join(said) + "\n")
    (copy / "tables/codes/66.csv").write_text("point_id,code\nP1,XM01QQ\nP2,XM01QQQ123\n")
    knowledge = load(copy)
    day = date(2026, 7, 1)
    assert facts(knowledge, "XM01QQQ999A001010199999", day)["item_drug_age_from"] == 18
    assert facts(knowledge, "XM01QQQ123A001010199999", day)["item_drug_age_from"] == 12
    assert facts(knowledge, "XM01QRQ123A001010199999", day)["item_drug_age_from"] is None
    asked = pl.DataFrame(
        {"rule_no": [66, 66], "med_list_codg": ["XM01QQQ999A001010199999", "XM01QQQ123A001010199999"], "fee_date": [day] * 2}
    )
    assert knowledge.points_for(asked)["point_id"].to_list() == ["P1", "P2"]
