"""`audit explain ID`: one finding with all it rests on, as it was on its night; a wrong id helps to the right one."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import ROOT
from rich.console import Console
from typer.testing import CliRunner

from audit.__main__ import app
from audit.dossier import comparison, dossier, rule, shown
from audit.errors import DataError
from audit.lake import Lake
from audit.report.tables import FINDINGS

RULES = ROOT / "rules"


@pytest.fixture(scope="module")
def findings(audited: Path) -> pl.DataFrame:
    return pl.read_parquet(audited / "findings.parquet")


def told(lake: Path, jr_id: str, language: str, rules: Path = RULES) -> str:
    console = Console(width=400, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(shown(dossier(lake, jr_id, rules), language))
    return console.export_text()


def leaves(part: dict[str, Any]) -> list[dict[str, Any]]:
    return [leaf for inner in part["parts"] for leaf in leaves(inner)] if part["parts"] else [part]


def test_a_pair_is_told_from_clause_to_money(audited: Path, findings: pl.DataFrame) -> None:
    pair = findings.filter(rule_id="POL-025").sort("jr_id").row(0, named=True)
    made = dossier(audited.parent, pair["jr_id"], RULES)
    assert made["rule"]["file"] == "rules/policy/POL-025-included-service.yaml"
    assert made["rule"]["clause"]["text"] in pair["vola_evid"]
    assert made["point"]["point_id"] in pair["vola_evid"] and made["point"]["published"] in pair["vola_evid"]
    assert [line["role"] for line in made["lines"]] == ["billed", "concerned"]
    assert [line["bkkp_sn"] for line in made["lines"]] == [pair["bkkp_sn"], *pair["concerned_bkkp_sn"]]
    assert made["lines"][0]["det_item_fee_sumamt"] >= pair["vola_amt"]
    assert made["claim"]["setl_id"] == pair["setl_id"] and made["claim"]["medfee_sumamt"] >= pair["vola_amt"]
    answers = {leaf["says"]["zh"]: leaf["answer"] for leaf in leaves(made["comparison"])}
    assert answers["已包含在同时段收费的另一项目内"] is True
    assert answers["因时刻不详而不能确定两项是否同时段收费"] is False
    (holding,) = [leaf for leaf in leaves(made["comparison"]) if leaf["sql"].startswith("included_in")]
    assert holding["values"][0]["value"] == pair["concerned_bkkp_sn"][0]
    assert made["changed"] is None


def test_the_tree_says_the_same_in_both_languages(audited: Path, findings: pl.DataFrame) -> None:
    pair = findings.filter(rule_id="POL-025").sort("jr_id").row(0, named=True)
    zh, en = (told(audited.parent, pair["jr_id"], language) for language in ("zh", "en"))
    for text, sentence, amount, word in ((zh, pair["vola_cont"], "元", "逐项比对"), (en, pair["vola_cont_en"], " yuan", "Comparison")):
        assert sentence in text and word in text
        assert f"{pair['vola_amt'] / 100:.2f}{amount}" in text and f"{pair['counted_amt'] / 100:.2f}{amount}" in text
        for number in (pair["bkkp_sn"], *pair["concerned_bkkp_sn"]):
            assert number in text
    assert "✓ 费用由基金支付 · 成立  [基金支付 = 是]" in zh
    assert "✓ the line was charged to the fund · true  [payment by the fund = yes]" in en


def test_the_comparison_of_every_finding_comes_out_as_the_night_judged(audited: Path, findings: pl.DataFrame) -> None:
    """The parts are answered again, by DuckDB and from the evidence alone: each whole must be true."""
    from audit.report.kept import KEPT

    texts = Lake(audited.parent).read("rule_texts", pl.Schema(KEPT["rule_texts"])).collect()
    one_of_each = findings.group_by("rule_id", maintain_order=True).first().join(texts.select("rule_id", "text"), on="rule_id")
    assert len(one_of_each) > 40
    for row in one_of_each.iter_rows(named=True):
        assert comparison(row["text"], json.loads(row["evidence"]))["answer"] is True, row["rule_id"]


def test_a_rule_that_changed_since_is_shown_as_it_was(audited: Path, findings: pl.DataFrame, tmp_path: Path) -> None:
    jr_id = findings.filter(rule_id="MED-067")["jr_id"].sort()[0]
    shutil.copy(RULES / "rules.lock", tmp_path)
    before = dossier(audited.parent, jr_id, tmp_path)
    lock = (tmp_path / "rules.lock").read_text().splitlines()
    rest = [line for line in lock if not line.startswith("MED-067")]
    (tmp_path / "rules.lock").write_text("\n".join([*rest, "MED-067 2 0123456789abcdef"]))
    after = dossier(audited.parent, jr_id, tmp_path)
    assert after["changed"]["en"] == "The rule is now version 2; it is shown as it was that night, in version 1."
    assert after["rule"] == before["rule"] and after["comparison"] == before["comparison"]
    (tmp_path / "rules.lock").write_text("\n".join(rest))
    assert "该规则现已不在规则库中" in told(audited.parent, jr_id, "zh", tmp_path)
    assert dossier(audited.parent, jr_id, tmp_path / "nowhere")["changed"] is None


def test_an_older_text_says_what_may_be_innocent_in_chinese_alone() -> None:
    text = next(RULES.glob("medical/MED-067*.yaml")).read_text(encoding="utf-8")
    kept = {"rule_id": "MED-067", "rule_version": 1, "fingerprint": "", "file": "rules/medical/MED-067.yaml"}
    now = rule({**kept, "text": text})["innocent_explanations"]
    assert now["en"] == ["a wrong sex on the insurance record", "settled with a relative's insurance card"]
    older = re.sub(r"innocent_explanations:\n  zh: (.*)\n  en: .*", r"innocent_explanations: \1", text)
    assert rule({**kept, "text": older})["innocent_explanations"] == {"zh": now["zh"], "en": now["zh"]}
    assert rule({**kept, "text": re.sub("innocent_explanations: .*", "", older)})["innocent_explanations"] == {"zh": [], "en": []}


def finding(jr_id: str, rule_id: str, vola_amt: int, counted_amt: int, bkkp_sn: str | None = "f1") -> dict[str, object]:
    return {
        "jr_id": jr_id, "setl_id": "c1", "mdtrt_id": "m1", "psn_no": "p1", "fixmedins_code": "H1", "bkkp_sn": bkkp_sn,
        "concerned_bkkp_sn": ["f9"], "rule_id": rule_id, "rule_version": 1, "local_code": "LOCAL_X", "sev_deg": "suspicious",
        "vola_amt": vola_amt, "vola_inscp_amt": vola_amt, "vola_fund_amt": vola_amt // 2, "counted_amt": counted_amt,
        "vola_cont": f"{rule_id}的说明", "vola_evid": "条例第一条：条文", "evidence": "{}", "vola_cont_en": f"what {rule_id} says",
    }  # fmt: skip


@pytest.fixture
def old_lake(tmp_path: Path) -> Path:
    """A night of an engine that kept nothing but results: four findings on one claim, two of them on one line."""
    rows = [
        finding("aa11", "LOC-001", 1000, 1000), finding("aa22", "LOC-007", 1000, 0),
        finding("bb33", "LOC-003", 500, 500, "f2"), finding("cc44", "LOC-002", 0, 0, None),
    ]  # fmt: skip
    schema = {name: dtype for name, dtype in FINDINGS.items() if name not in ("run_id", "batch_date")}
    Lake(tmp_path / "lake").replace(date(2026, 7, 1), "r1", {"findings": pl.DataFrame(rows, schema=schema)}, "{}")
    return tmp_path / "lake"


def test_other_findings_for_the_same_money_stand_beside_it(old_lake: Path) -> None:
    made = dossier(old_lake, "aa22", RULES)
    assert [(other["jr_id"], other["counted_amt"]) for other in made["others"]] == [("aa11", 1000), ("cc44", 0)]
    assert [other["jr_id"] for other in dossier(old_lake, "cc44", RULES)["others"]] == ["aa11", "bb33", "aa22"]
    zh, en = told(old_lake, "aa11", "zh"), told(old_lake, "aa22", "en")
    assert "aa22 LOC-007 · 作为次要依据，不重复计入 · 0.00元 / 10.00元 · LOC-007的说明" in zh
    assert "aa11 LOC-001 · counted · 10.00 yuan / 10.00 yuan · what LOC-001 says" in en
    assert "cc44 LOC-002 · none counted" in en


def test_what_an_old_night_did_not_keep_is_said(old_lake: Path) -> None:
    made = dossier(old_lake, "aa11", RULES)
    assert made["rule"] is made["comparison"] is made["point"] is made["claim"] is None
    zh = told(old_lake, "aa11", "zh")
    assert "当晚未保存规则原文" in zh and "条例第一条：条文" in zh and "相关明细 f9：不在当晚数据中" in zh


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("aa", "2 findings begin with 'aa': aa11 (LOC-001), aa22 (LOC-007). Give more of the id."),
        ("c1", "'c1' is a claim with 4 findings: aa11 (LOC-001), aa22 (LOC-007), bb33 (LOC-003), cc44 (LOC-002). Give one of these ids."),
        ("f1", "'f1' is a billed line with 2 findings: aa11 (LOC-001), aa22 (LOC-007). Give one of these ids."),
        ("p1", "'p1' is a person with 4 findings"),
        ("aa21", "No finding has the id 'aa21'; the nearest are aa22, aa11. Ids are the column jr_id of findings.parquet"),
        ("", "No finding has the id ''"),
    ],
)
def test_a_wrong_id_helps_to_the_right_one(old_lake: Path, wanted: str, sentence: str) -> None:
    with pytest.raises(DataError) as raised:
        dossier(old_lake, wanted, RULES)
    assert str(raised.value).startswith(sentence)


@pytest.mark.parametrize("wanted", ["bb33", "bb", " bb33 ", "f2", "LOC-003"])
def test_a_beginning_a_line_or_a_rule_with_one_finding_is_enough(old_lake: Path, wanted: str) -> None:
    assert dossier(old_lake, wanted, RULES)["finding"]["jr_id"] == "bb33"


def test_a_lake_without_nights_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no night is stored here\. --lake names the folder that `audit run --lake` wrote"):
        dossier(tmp_path / "none", "aa11", RULES)


def test_the_command_prints_a_tree_or_json(old_lake: Path) -> None:
    run = lambda *more: CliRunner().invoke(app, ["explain", "aa11", "--lake", str(old_lake), *more], catch_exceptions=False)  # noqa: E731
    assert "金额" in run().output and "Money" in run("--lang", "en").output
    assert json.loads(run("--json").output)["finding"]["counted_amt"] == 1000
    assert run("--lang", "fr").exit_code == 2
