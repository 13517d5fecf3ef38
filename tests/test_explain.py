"""Explaining: every number in a sentence is a value of its finding, in both languages, and nothing is said about a clear claim."""

from __future__ import annotations

import json
import re
from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from audit.explain import explain, fill
from audit.words import say, yuan


def rule(rule_id: str, zh: str, en: str, of_lines: bool = True) -> SimpleNamespace:
    return SimpleNamespace(
        id=rule_id,
        version=1,
        name={"zh": "药品区分性别使用", "en": "Sex-specific drug"},
        message={"zh": zh, "en": en},
        of_lines=of_lines,
        clause_source="框架体系(1.0版)",
        clause_text="对限定性别的药品进行监管。",
        folder="medical",
    )


RULES = SimpleNamespace(
    rules=(
        rule(
            "MED-067",
            "{hilist_name}限{item_drug_gend}性使用,参保人性别为{gend}",
            "{hilist_name} is for {item_drug_gend} patients; this one is {gend}.",
        ),
        rule("MED-076", "处方{rx_drord_no}共{herbs_in_rx}味,超出{over_fen}", "{herbs_in_rx} pieces, {over_fen} too much"),
        rule("LOC-005", "床位费{bed_days}天,住院{stay_days}天", "{bed_days} bed days in a stay of {stay_days}", of_lines=False),
    )
)


class Points:
    """Knowledge with one point, for rule 67."""

    def points_for(self, findings: pl.DataFrame) -> pl.DataFrame:
        there = pl.col("rule_no") == 67
        told = {
            "point_id": "U26-67-0001",
            "point_name": "阿帕他胺片",
            "clause": "限转移性前列腺癌患者。",
            "test": "与限定性别不符",
            "point_source": "NHSA update",
        }
        return findings.with_columns(
            *(pl.when(there).then(pl.lit(text)).alias(name) for name, text in told.items()),
            batch=pl.lit(None, pl.Int64),
            published=pl.when(there).then(pl.lit(date(2026, 1, 28))),
        )


def finding(**given: object) -> dict[str, object]:
    values = {
        "jr_id": "j1",
        "setl_id": "c1",
        "bkkp_sn": "1",
        "concerned_bkkp_sn": [],
        "rule_id": "MED-067",
        "rule_version": 1,
        "sev_deg": "definite",
        "vola_amt": 12_345,
        "vola_inscp_amt": 12_000,
        "vola_fund_amt": 8_400,
        "counted_amt": 12_345,
        "counted_fund_amt": 8_400,
        "counted_by": None,
        "rule_no": 67,
        "med_list_codg": "XL02BBA326A001010102180",
        "fee_date": date(2026, 6, 3),
    }
    values |= {"evidence": json.dumps({"gend": "2", "hilist_name": "阿帕他胺片", "item_drug_gend": "1"}, ensure_ascii=False)}
    return values | given


SCHEMA = {"bkkp_sn": pl.String, "counted_by": pl.String, "fee_date": pl.Date, "rule_no": pl.Int64, "concerned_bkkp_sn": pl.List(pl.String)}


def told(*rows: dict[str, object]) -> tuple[pl.DataFrame, pl.DataFrame]:
    found = pl.DataFrame(rows, schema_overrides=SCHEMA)
    per_claim = found.group_by("setl_id").agg(pl.col("counted_amt", "counted_fund_amt").sum(), reasons=pl.col("rule_id").unique().sort())
    clear = pl.DataFrame({"setl_id": ["c9"], "counted_amt": [0], "counted_fund_amt": [0], "reasons": [[]]}, schema=per_claim.schema)
    claims = pl.concat([per_claim, clear]).with_columns(flagged=pl.col("setl_id") != "c9")
    return explain(found, claims, RULES, Points())


def test_a_finding_is_told_in_both_languages_with_its_clause_point_and_money():
    said, claims = told(finding())
    row = said.row(0, named=True)
    assert row["vola_cont"] == "2026-06-03：阿帕他胺片限男性使用，参保人性别为女。违规金额123.45元，其中基金支付约84.00元。"
    assert row["vola_cont_en"] == (
        "2026-06-03: 阿帕他胺片 is for male patients; this one is female. "
        "Amount in violation 123.45 yuan, of which the fund paid about 84.00 yuan."
    )
    assert row["vola_evid"] == (
        "框架体系(1.0版)：对限定性别的药品进行监管。"
        "国家医疗保障局知识点U26-67-0001（2026-01-28更新）阿帕他胺片：限转移性前列腺癌患者。违规判断：与限定性别不符。"
    )
    assert "update of 2026-01-28" in row["vola_evid_en"]
    flagged, clear = claims.rows(named=True)
    assert (
        flagged["explanation"] == "明确违规1项、可疑0项，合计计入123.45元，其中基金支付约84.00元。【药品区分性别使用】" + row["vola_cont"]
    )
    assert flagged["explanation_status"] == "template" and flagged["reasons"] == ["MED-067 药品区分性别使用"]
    assert clear["explanation"] is None and clear["explanation_status"] == "none"


def test_no_money_partly_counted_and_suspected_are_said():
    said, _ = told(
        finding(
            jr_id="a", bkkp_sn=None, rule_id="LOC-005", vola_amt=0, counted_amt=0, rule_no=None, evidence='{"bed_days":12.0,"stay_days":10}'
        ),
        finding(jr_id="b", counted_amt=345, counted_by="POL-025, POL-027"),
        finding(jr_id="d", counted_amt=345),
        finding(jr_id="c", setl_id="c2", sev_deg="suspicious"),
    )
    sentences = dict(said.select("jr_id", "vola_cont").iter_rows())
    assert sentences["a"] == "床位费12天，住院10天。本条不计金额。"
    assert "同一费用已由POL-025, POL-027先行计入，本条为补充依据，计入3.45元" in sentences["b"]
    english = said.filter(pl.col("jr_id") == "b")["vola_cont_en"].item()
    assert "POL-025, POL-027 counts the same money first, so this is a further ground and adds 3.45 yuan" in english
    assert "以明细和结算金额为限，计入3.45元" in sentences["d"]
    assert "涉嫌违规金额123.45元" in sentences["c"]
    assert said.filter(pl.col("jr_id") == "a")["vola_evid"].item() == "框架体系(1.0版)：对限定性别的药品进行监管。"


def test_every_number_in_a_sentence_is_a_value_of_the_finding():
    given = [
        finding(
            jr_id=f"j{n}",
            rule_id="MED-076",
            rule_no=76,
            vola_amt=n * 101,
            counted_amt=n * 7,
            vola_fund_amt=n * 70,
            evidence=json.dumps({"herbs_in_rx": n, "over_fen": n * 101, "rx_drord_no": f"R{n}"}),
        )
        for n in range(0, 2000, 37)
    ]
    said, _ = told(*given)
    for row in said.iter_rows(named=True):
        evidence = json.loads(row["evidence"])
        fen = {evidence["over_fen"], row["vola_amt"], row["vola_fund_amt"], row["counted_amt"]}
        allowed = {f"{value // 100}.{value % 100:02d}" for value in fen} | {str(evidence["herbs_in_rx"]), evidence["rx_drord_no"][1:]}
        for column in ("vola_cont", "vola_cont_en"):
            sentence = row[column].replace(row["fee_date"].isoformat(), "")
            assert set(re.findall(r"\d+(?:\.\d+)?", sentence)) <= allowed, sentence


@pytest.mark.parametrize(
    ("column", "value", "zh", "en"),
    [
        ("over_day_fen", "1", "0.01元", "0.01 yuan"),
        ("amount_gap_fen", "-1205", "-12.05元", "-12.05 yuan"),
        ("claim_inscp_amt", "100000000000000", "1000000000000.00元", "1000000000000.00 yuan"),
        ("pric_e6", "1234500", "1.2345元", "1.2345 yuan"),
        ("pric_uplmt_amt_e6", "50000000", "50.00元", "50.00 yuan"),
        ("cnt_e4", "25000", "2.5", "2.5"),
        ("bed_days", "12.0", "12", "12"),
        ("exam_share", "0.7125", "71.25%", "71.25%"),
        ("cost_ratio", "2.3333333333333335", "2.3333", "2.3333"),
        ("gend", "1", "男", "male"),
        ("gend", "9", "9", "9"),
        ("hosp_lv", "02", "三级甲等", "tertiary A"),
        ("item_level_min", "2", "二级", "secondary"),
        ("visit_mode", "internet", "互联网诊疗", "internet"),
        ("fund_pays", "true", "是", "yes"),
        ("fee_ocur_time", "2026-06-03T08:05:00", "2026-06-03 08:05", "2026-06-03 08:05"),
        ("hilist_name", "<b>{gend}</b>", "<b>{gend}</b>", "<b>{gend}</b>"),
        ("prd_days", None, "不详", "unknown"),
        ("missing_fields", None, "无", "none"),
    ],
)
def test_words(column: str, value: str | None, zh: str, en: str):
    frame = pl.DataFrame({"v": [value]}, schema={"v": pl.String})
    assert frame.select(zh=say(column, pl.col("v"), "zh"), en=say(column, pl.col("v"), "en")).row(0) == (zh, en)


def test_values_are_never_read_as_places_and_own_columns_serve_where_evidence_is_silent():
    frame = pl.DataFrame({"evidence": ['{"hilist_name":"{gend}","gend":"1"}'], "vola_amt": [500]})
    assert frame.select(fill("{hilist_name}/{vola_amt}/{spec}", "en", frame.columns)).item() == "{gend}/5.00 yuan/unknown"
    assert pl.select(yuan(pl.lit(7), "zh")).item() == "0.07元"


def test_nothing_found():
    empty = pl.DataFrame([finding()], schema_overrides=SCHEMA).clear()
    claims = pl.DataFrame({"setl_id": ["c9"], "flagged": [False], "counted_amt": [0], "counted_fund_amt": [0], "reasons": [["药占比高"]]})
    said, explained = explain(empty, claims, RULES, Points())
    assert said.is_empty() and "vola_cont_en" in said.columns
    assert explained["explanation_status"].to_list() == ["none"] and explained["reasons"].to_list() == [["药占比高"]]
