"""What lint sees of a condition without data, and how the examples are asked whether they would notice a wrong one."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from rulebook_room import RULE, write_rules

from audit.errors import RuleError
from audit.examples import check_rules
from audit.rulebook import load, logic, trees
from audit.rulebook.mutants import mutants, ways


@pytest.mark.parametrize(
    "condition",
    [
        "a > 5 AND a < 3",
        "a > 5 AND 5 >= a",
        "a = '1' AND b AND a = '2'",
        "a IN ('1', '2') AND a NOT IN ('2', '1')",
        "a IS NULL AND a > 1",
        "fund_pays AND NOT fund_pays",
        "a > b AND a <= b",
        "CASE WHEN a > 5 THEN a < 3 END",
        "d > DATE '2026-01-01' AND d < DATE '2025-01-01'",
        "CASE WHEN a = 1 THEN FALSE WHEN a = 2 THEN NULL END",
        "(a > 5 AND a < 3) OR 1 = 2",
    ],
)
def test_a_contradiction_is_seen(condition: str) -> None:
    assert logic.never(trees.tree(condition)) and not logic.always(trees.tree(condition))


@pytest.mark.parametrize(
    "condition", ["a > 5 OR a <= 5", "a IS NULL OR a IS NOT NULL", "a = '1' OR a <> '1'", "b OR NOT b", "a > 3 OR a < 5"]
)
def test_what_is_always_true_is_seen(condition: str) -> None:
    assert logic.always(trees.tree(condition)) and not logic.never(trees.tree(condition))


@pytest.mark.parametrize(
    "condition",
    [
        "a >= 5 AND a <= 5",
        "a > 5 OR a < 5",
        "a = '1' AND b = '2'",
        "a > b AND a <= c",
        "a IS NULL OR a > 1",
        "CASE WHEN s THEN FALSE ELSE g <> i END",
        "b AND (c OR (a > 5 AND a < 3))",
        "abs(a) > 1 AND abs(a) < 1",  # a contradiction, but not of a plain column: nothing is said
    ],
)
def test_what_is_not_certain_is_not_said(condition: str) -> None:
    assert not logic.never(trees.tree(condition)) and not logic.always(trees.tree(condition))


def said(root: Path, condition: str, **more: str) -> list[str]:
    rules = write_rules(root, MED_067=RULE.replace("item_drug_gend IS NOT NULL AND gend <> item_drug_gend", condition), **more)
    book = load(rules)
    return [*(fault for rule in book.rules for fault in logic.faults_of(rule)), *logic.shadowed(book.rules)]


def test_each_fault_is_told_with_its_line_and_remedy(tmp_path: Path) -> None:
    where = "rules/medical/MED-067.yaml:14: when: "
    assert said(tmp_path, "cnt > 5 AND cnt < 3") == [
        f"{where}this can never be true ('cnt > 5' and 'cnt < 3' exclude each other), so the rule finds nothing; "
        "mend the comparison that is meant otherwise."
    ]
    assert said(tmp_path, "cnt > 5 OR cnt <= 5") == [
        f"{where}this is always true, so the rule flags every row; write what makes a row a violation."
    ]
    assert said(tmp_path, "cnt > 1 AND fund_pays AND 1 < cnt") == [f"{where}the part 'cnt > 1' stands twice; keep one."]
    assert said(tmp_path, "fund_pays OR (cnt = 1 AND cnt = 2)") == [
        f"{where}the part '(cnt = 1) AND (cnt = 2)' can never be true ('cnt = 1' and 'cnt = 2' exclude each other); "
        "mend it or leave it out."
    ]


@pytest.mark.parametrize(("condition", "told"), [("cnt > 5 AND fund_pays AND gend = '1'", True), ("cnt > 1 AND fund_pays", False)])
def test_a_rule_that_another_contains_is_told(condition: str, told: bool, tmp_path: Path) -> None:
    wider = RULE.replace("MED-067", "POL-027").replace("item_drug_gend IS NOT NULL AND gend <> item_drug_gend", "fund_pays AND cnt > 3")
    found = [fault for fault in said(tmp_path, condition, POL_027=wider) if "every row this finds is found by POL-027 as well" in fault]
    assert bool(found) is told


def test_the_rulebook_has_no_such_fault() -> None:
    book = load(ROOT / "rules")
    assert [fault for rule in book.rules for fault in logic.faults_of(rule)] + list(logic.shadowed(book.rules)) == []


def test_every_comparison_part_and_limit_is_written_wrong_once() -> None:
    (made,) = mutants(["item_day_max IS NOT NULL AND x >= item_day_max AND CASE WHEN k IN ('a', 'b') THEN y > 3 END"], lambda name: "1")
    texts = {re.sub(r"[()\s]+", " ", mutant.text).strip() for mutant in made}
    assert not any(text.startswith("x >= ") for text in texts)  # the part that lint demands stays
    for part in (
        "x > item_day_max", "x >= item_day_max + 1", "x >= item_day_max - 1", "y >= 3", "y > 4", "y > 2",
        "k IN 'a'", "k IN 'b'", "NOT k IN 'a', 'b'",
    ):  # fmt: skip
        assert any(part in text for text in texts), (part, texts)
    assert {mutant.how for mutant in made} >= {"without the part 'x >= item_day_max'", "without asking 'k IN ('a', 'b')'"}


def test_ways_are_the_parts_of_or_and_the_branches_that_can_be_true() -> None:
    (made,) = ways(["a OR CASE WHEN b THEN c WHEN d THEN FALSE ELSE e END OR CASE WHEN f THEN FALSE END"])
    assert [mutant.how for mutant in made if len(mutant.how) == 1] == ["a", "b", "e"]


def test_an_example_that_would_not_notice_is_told(tmp_path: Path) -> None:
    """Without the wholly self-paid piece nobody would notice that fund_pays is gone."""
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules, ignore=shutil.ignore_patterns("POL-00[1-9]*", "POL-01*", "POL-02*", "MGT-*", "LOC-*", "MED-*"))
    path = next((rules / "policy").glob("POL-031*.yaml"))
    rows = [row for row in path.read_text(encoding="utf-8").splitlines() if not row.strip().startswith("f4 ")]
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(RuleError) as raised:
        check_rules(rules)
    told = "without the part 'fund_pays' the rule answers each of its examples as before; draw a row that tells them apart"
    assert any(fault.startswith("rules/policy/POL-031-period-frequency.yaml:2") and told in fault for fault in raised.value.faults)
