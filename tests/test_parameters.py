"""What a pooling area may set stands in dated tables: the area and the day of a claim choose the value, and a slip is said with its row."""

from __future__ import annotations

import inspect
import re
import shutil
from pathlib import Path

import measure_frames
import pytest
from conftest import ROOT
from rulebook_room import write_rules

from audit import profile
from audit.errors import RuleError
from audit.examples import check_rules
from audit.examples.answers import disagreements, judged, measured
from audit.examples.world import build
from audit.knowledge import load as load_knowledge
from audit.measure import measure, months, parameters, vocabulary
from audit.measure.vocabulary import MODULES
from audit.rulebook import idle_parameters, load
from audit.rulebook.reading import read_rule

SPLIT = next((ROOT / "rules" / "management").glob("MGT-049*"))
STAYS = """\
    lines: |
      setl_id | psn_no | fix_blng_admdvs | begndate   | enddate    | dscg_maindiag_code | dscg_way
      a1      | p1     | {area}          | {y}-05-01 | {y}-05-10 | {first}             | {way}
      a2      | p1     | {area}          | {y}-05-{back} | {y}-05-{back} | {second}  | 1
    flags: [{flags}]
"""


@pytest.fixture()
def tables(tmp_path: Path) -> Path:
    """A copy of rules/tables to add rows to."""
    shutil.copytree(ROOT / "rules" / "tables", tmp_path / "rules" / "tables")
    return tmp_path / "rules" / "tables"


def add(tables: Path, name: str, *rows: str) -> None:
    with (tables / name).open("a", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in rows)


def stays(
    name: str,
    back: int,
    flagged: bool,
    area: str = "990100",
    year: int = 2026,
    first: str = "J44.900",
    second: str = "J44.900",
    way: str = "1",
) -> str:
    """An example: a person leaves on 10 May and is `back` in the same hospital on that day of May."""
    drawn = STAYS.format(area=area, y=year, back=back, first=first, second=second, way=way, flags="a2" if flagged else "")
    return f"  - name: {name}\n{drawn}"


def answers(rules: Path, *examples: str) -> list[str]:
    """What the split-stay rule answers differently from these examples, through the real stages, with the tables of `rules`."""
    rules.joinpath("management").mkdir(exist_ok=True)
    path = rules / "management" / SPLIT.name
    text = SPLIT.read_text(encoding="utf-8")
    path.write_text(text[: text.index("examples:")] + "examples:\n" + "".join(examples), encoding="utf-8")
    rule, faults = read_rule(path, path.name, "management")
    assert rule and not faults, faults
    world = build((rule,))
    return disagreements(judged(measured(world, load_knowledge(rules)), [rule]), world.cases)


def test_the_area_and_the_day_of_a_claim_choose_thresholds_and_exemptions(tables: Path) -> None:
    add(
        tables,
        "parameters.csv",
        "split_gap_days,3205,2025-01-01,2025-12-31,7,day,a city of this test",
        "split_gap_days,3205,2026-01-01,,25,day,the same city a year later",
        "split_gap_days,32,2025-01-01,,10,day,its province",
    )
    add(
        tables,
        "exemptions.csv",
        "planned_stay,Z51.1,no,3205,2026-01-01,,肿瘤化学治疗,a city of this test pays chemotherapy by the course",
        "planned_stay,I63,yes,32,2026-01-01,2026-12-31,脑梗死,its province for a year",
        "planned_stay,I63,no,320506,2026-01-01,,脑梗死,a district of the city does not follow",
        "transfer,2,no,3205,2026-01-01,,转院,a city of this test",
    )
    stroke = {"first": "I63.900", "second": "I63.900"}
    chemo = {"first": "Z51.102", "second": "Z51.102"}
    wrong = answers(
        tables.parent,
        stays("the default is fifteen days", 22, True),
        stays("sixteen are too many by default", 26, False),
        stays("the city allows seven in 2025", 18, False, "320500", 2025),
        stays("a week is within the city's seven", 17, True, "320581", 2025),
        stays("and twenty-five in 2026", 31, True, "320500", 2026),
        stays("another city follows the province", 22, False, "320100", 2026),
        stays("within the province's ten", 20, True, "320100", 2026),
        stays("before the province said anything the default speaks", 22, True, "320100", 2024),
        stays("chemotherapy is exempt by default", 15, False, **chemo),
        stays("the city withdraws that", 15, True, "320500", 2026, **chemo),
        stays("from 2026 on", 15, False, "320500", 2025, **chemo),
        stays("its province does not", 15, False, "320100", 2026, **chemo),
        stays("the province adds a disease", 15, False, "320100", 2026, **stroke),
        stays("for that year only", 15, True, "320100", 2025, **stroke),
        stays("not in one district", 15, True, "320506", 2026, **stroke),
        stays("after a transfer", 15, False, way="2"),
        stays("not in the city", 15, True, "320505", 2026, first="J18.900", second="J18.900", way="2"),
        stays("the second half of a pair counts", 15, False, second="I63.900+Z51.100"),
        stays("a code that only looks alike", 15, True, first="Z51.500", second="Z51.500"),
    )
    assert wrong == []


def test_a_slip_in_a_table_is_said_with_file_row_and_remedy(tables: Path) -> None:
    rows = len((tables / "parameters.csv").read_text(encoding="utf-8").splitlines())
    add(
        tables,
        "parameters.csv",
        "split_gap_days,3905,2026-01-01,,7,day,x",
        "split_gap_days,Suzhou,2026-01-01,,7,day,x",
        "split_gap_day,3205,2026-01-01,,7,day,x",
        "child_years,11,2026-01-01,,14,year,x",
        "child_years,11,2027-01-01,,15,year,x",
    )
    add(
        tables,
        "exemptions.csv",
        "transfer,9,yes,00,2026-01-01,,其他,x",
        "dialysis,N18,yes,11,2026-01-01,,x,x",
        "transfer,2,yes,default,2026-01-01,,x,x",
    )
    with pytest.raises(RuleError) as fault:
        load_knowledge(tables.parent)
    told = str(fault.value)
    for sentence in (
        f"parameters.csv: row {rows + 1}: area '3905' is unknown: no province of areas.csv begins 39; correct it, or add the province",
        f"parameters.csv: row {rows + 2}: area 'Suzhou' is neither default nor 2, 4 or 6 digits",
        f"parameters.csv: row {rows + 3}: split_gap_day has no row for the area 'default'; did you mean 'split_gap_days'?",
        f"parameters.csv: row {rows + 4}: child_years for 11 overlaps the next interval",
        "exemptions.csv: row 25: area '00' is unknown",
        "exemptions.csv: row 26: kind 'dialysis' is none of planned_stay, sex_unclear, transfer",
        "exemptions.csv: row 23: transfer 2 for default overlaps the next interval",
    ):
        assert sentence in told, (sentence, told)


def test_a_parameter_that_nobody_reads_is_said_with_its_row(tmp_path: Path) -> None:
    rules = write_rules(tmp_path)
    (rules / "tables").mkdir()
    (rules / "tables" / "parameters.csv").write_text(
        "name,area\nsplit_gap_days,default\nnewborn_dayz,default\nzzz,default\n", encoding="utf-8"
    )
    columns = ["gend", "p_split_gap_days", "p_newborn_dayz", "p_zzz"]
    assert idle_parameters(load(rules), columns, parameters()) == [
        f"rules/tables/parameters.csv: row {row}: no rule and no measure reads {told} Correct the name or delete the row."
        for row, told in ((3, "'newborn_dayz'; did you mean 'newborn_days'?"), (4, "'zzz'."))
    ]


def test_check_rules_says_it(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules, ignore=shutil.ignore_patterns("POL-*", "MGT-*", "LOC-*", "MED-06*"))
    add(rules / "tables", "parameters.csv", "newborn_dayz,default,2000-01-01,,20,day,x")
    with pytest.raises(RuleError, match=r"no rule and no measure reads 'newborn_dayz'; did you mean 'newborn_days'"):
        check_rules(rules)


def test_a_parameter_that_measures_need_and_nobody_set_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("p_bed_day_grace", "p_newborn_days"):
        monkeypatch.delitem(measure_frames.PARAMETERS, name)
    claims = measure_frames.claims_of()
    with pytest.raises(RuleError) as fault:
        measure_frames.measured(measure_frames.FakeKnowledge(), claims, measure_frames.lines_of(claims, {}))
    assert [text.split(";")[0] for text in fault.value.faults] == [
        "tables/parameters.csv: no row is called bed_day_grace", "tables/parameters.csv: no row is called newborn_days",
    ]  # fmt: skip


def test_what_measures_say_they_read_is_what_their_code_names() -> None:
    text = "".join(inspect.getsource(module) for module in (*MODULES, inspect.getmodule(measure), months, profile))
    named = {f"p_{name}" for name in re.findall(r"pl\.col\(\"p_(\w+)\"\)|\"p_(\w+)\"", text) for name in name if name}
    assert named == parameters() and len(named) > 10
    assert {"split_exempt", "exempt_stay", "sex_exempt"} <= {name for name, _, _ in vocabulary()}


def test_no_rule_holds_a_number_that_an_area_could_set() -> None:
    """Nothing, more than one, and the hours of a day are no thresholds; one fen is the rounding of a product."""
    for path in sorted((ROOT / "rules").glob("*/*.yaml")):
        rule, _ = read_rule(path, path.name, path.parent.name)
        assert rule
        numbers = set(re.findall(r"(?<![\w.'])\d+(?:\.\d+)?(?![\w'])", re.sub(r"'[^']*'", "", rule.when)))
        assert numbers <= {"0", "1", "24"}, (
            f"{path.name}: {numbers - {'0', '1', '24'}} in `when`: make it a row of tables/parameters.csv (p_<name>)"
        )
