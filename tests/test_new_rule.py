"""A new rule's scaffold passes every check as it is; the schema for editors accepts every rule file and no wrong one."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from conftest import ROOT
from typer.testing import CliRunner

from audit.__main__ import app
from audit.errors import RuleError
from audit.examples import check_rules
from audit.examples.scaffold import new_rule
from audit.rulebook import load

RULES = ROOT / "rules"


def test_scaffolds_of_both_grains_pass_every_check(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules, ignore=shutil.ignore_patterns("rules.lock"))
    done = CliRunner().invoke(app, ["new-rule", "LOC-099", "--words", "too-many-days", "--rules", str(rules)], catch_exceptions=False)
    assert "is there, as a draft. Next: write its clause, condition and examples" in done.output
    new_rule(rules, "MGT-090", None, "claim", "only-tests")
    new_rule(rules, "ZJ-001", "policy", "line", "of-our-province")
    assert "3 draft" in check_rules(rules, lock=True)
    assert {rule.id: (rule.folder, rule.status) for rule in load(rules).rules if rule.status == "draft"} == {
        "LOC-099": ("local", "draft"),
        "MGT-090": ("management", "draft"),
        "ZJ-001": ("policy", "draft"),
    }
    for path in (*rules.glob("local/*.yaml"), *rules.glob("management/*.yaml"), *rules.glob("policy/*.yaml")):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 50
        VALIDATOR.validate(plain(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("rule_id", "folder", "slug", "sentence"),
    [
        (
            "MED-067",
            None,
            "new-rule",
            r"MED-067 is taken by .*MED-067-sex-drug.yaml; ids are never used again. The next free one is MED-\d{3}.",
        ),
        ("MED-67", None, "new-rule", "'MED-67' is no id of a rule: write capital letters, a hyphen and three digits, such as LOC-"),
        ("../MED-067", "medical", "new-rule", "is no id of a rule"),
        ("ZJ-001", None, "new-rule", r"ZJ-001 does not say where it belongs \(POL, MGT, MED, LOC do\): add --class policy, management"),
        ("POL-099", "medical", "new-rule", "POL-099 belongs to policy, not medical: use --class policy, or an id such as MED-"),
        ("POL-099", None, "New Rule", "'New Rule' is no file name: write small letters, digits and hyphens"),
    ],
)
def test_a_wrong_or_taken_name_is_refused_and_nothing_is_written(rule_id: str, folder: str | None, slug: str, sentence: str) -> None:
    before = sorted(RULES.rglob("*"))
    with pytest.raises(RuleError) as raised:
        new_rule(RULES, rule_id, folder, "line", slug)
    assert re.search(sentence, str(raised.value)), raised.value
    assert sorted(RULES.rglob("*")) == before


def test_no_folder_of_rules_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no such folder; --rules names the folder that holds"):
        new_rule(tmp_path / "none", "LOC-009", None, "line", "new-rule")


class _AsEditorsRead(yaml.SafeLoader):
    """YAML as an editor's language server reads it: a date is text."""


_AsEditorsRead.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if not tag.endswith(":timestamp")]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
VALIDATOR = jsonschema.Draft7Validator(json.loads((RULES / "rule.schema.json").read_text(encoding="utf-8")))


def plain(text: str) -> Any:
    def named(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): named(inner) for key, inner in value.items()}
        return [named(inner) for inner in value] if isinstance(value, list) else value

    return named(yaml.load(text, _AsEditorsRead))


def test_the_schema_accepts_every_rule_file() -> None:
    jsonschema.Draft7Validator.check_schema(VALIDATOR.schema)
    found = {path.name: [fault.message for fault in VALIDATOR.iter_errors(plain(path.read_text(encoding="utf-8")))] for path in FILES}
    assert len(found) > 40 and not {name: faults for name, faults in found.items() if faults}


FILES = sorted(RULES.glob("*/*.yaml"))
SEX = next(RULES.glob("medical/MED-067*.yaml")).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("status: active", "status: activ", "$.status"),
        ("grain: line", "grain: lines", "$.grain"),
        ("amount: whole", "amount: {method: exces, fen: over_day_fen}", "$.amount"),
        ("amount: whole", "amount: whole\nevidence: [gendr]", "$.evidence[0]"),
        ("version: 1", "version: one", "$.version"),
        ("version: 1\n", "", "$"),
        ("rule_no: 67", "rule_number: 67", "$"),
        ("effective: {from: 2023-05-15}", "effective: {form: 2023-05-15}", "$.effective"),
        ("effective: {from: 2023-05-15}", "effective: {from: 15/05/2023}", "$.effective.from"),
        ("name: {zh: 药品区分性别使用", 'name: {zh: "=1+1"', "$.name.zh"),
        ("  en: [a wrong sex", "  english: [a wrong sex", "$.innocent_explanations"),
        ("    lines: |\n      setl_id | gend", "    linse: |\n      setl_id | gend", "$.examples[0]"),
    ],
)  # fmt: skip
def test_the_schema_refuses_what_the_check_would_refuse(old: str, new: str, where: str) -> None:
    assert old in SEX
    faults = list(VALIDATOR.iter_errors(plain(SEX.replace(old, new, 1))))
    assert where in {fault.json_path for fault in faults}, [fault.json_path for fault in faults]
