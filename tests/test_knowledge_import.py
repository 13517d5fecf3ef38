"""A new official batch is shown before it is written, written whole or not at all, dated, and taken back exactly."""

import hashlib
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT
from import_room import BUTTON, JULY, NEW_CODE, TODAY, faults, sex_batch, take_in, tree
from official_workbook import official
from typer.testing import CliRunner

from audit.__main__ import app
from audit.console.rules import tables
from audit.errors import DataError
from audit.knowledge import batches, load
from audit.knowledge.batches import Given, diff, ledger, types
from audit.knowledge.batches.diff import CHANGED, NEW, SUPERSEDED
from audit.knowledge.batches.issue import Issue
from audit.knowledge.batches.reach import reach
from audit.knowledge.points import OURS
from audit.lake import Lake

OFFICIAL = ROOT.parent / "shared" / "knowledge"
beside = pytest.mark.skipif(not OFFICIAL.exists(), reason="the official batches are not beside this checkout (../shared/knowledge)")


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
            use = {"med_list_codg": [code], "first_day": [date(2026, 7, day)], "last_day": [date(2026, 7, day)], "claims": [night],
                   "lines": [10],
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
    (taken,) = tables.imports(ledger.imports(rules)).frame.rows(named=True)  # what the desk exports of it
    assert (taken["file"], taken["batches"]) == (file.name, "18 (2026-07-15)") and taken["points"].startswith("67: ")
    assert "Taken back: 1" in run(app, ["knowledge", "undo", *more]).output and tree(rules) == before
    assert run(app, ["knowledge", "import", str(file), "--batch", "next"]).exit_code == 2


@beside
def test_the_shipped_tables_are_what_an_import_from_nothing_writes(rules: Path) -> None:
    """All but the two types whose readings of a wording are our own: these are kept, and everything else is made anew."""
    for path in [*(rules / "tables" / "points").iterdir(), *(rules / "tables" / "codes").iterdir()]:
        if path.stem not in ("05", "08") and int(path.stem) not in OURS:
            path.unlink()
    take_in(rules, OFFICIAL)
    for kind in ("points", "codes"):
        for path in sorted((ROOT / "rules" / "tables" / kind).glob("*.csv")):
            assert (rules / "tables" / kind / path.name).read_bytes() == path.read_bytes(), path.name


@beside
@pytest.mark.parametrize(("which", "points"), [("*.xlsx", 2692), ("records/all_records.json", 3898)])
def test_the_tables_hold_the_official_batches_already(rules: Path, which: str, points: int) -> None:
    with batches.planned(sorted(OFFICIAL.glob(which)), rules) as plan:
        assert plan.steps == [] and plan.points == points


def test_the_types_are_those_of_the_table() -> None:
    table = pl.read_csv(ROOT / "rules" / "tables" / "types.csv", infer_schema=False)
    assert list(types.NAMES) == table["name"].to_list() and table["rule_no"].to_list() == [str(n) for n in range(1, 89)]
