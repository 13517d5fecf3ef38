"""The report: tables equal to the contract and byte for byte the same, a page without network that escapes whatever it is given."""

from __future__ import annotations

import json
import random
import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from audit.errors import DataError
from audit.report import figures, page, planted, publish, summary, tables, write

EVIL = '<script>alert("x")</script><img src=http://evil.invalid/x>医院'
CLASSES = {"MED": "medical", "POL": "policy", "MGT": "management", "LOC": "local"}
RULES = [
    ("MED-067", 67, "药品区分性别使用", "Sex-specific drug", "definite", True),
    ("POL-025", 25, "医疗服务项目重复收费", "Item already included in another", "definite", True),
    ("POL-027", 27, "医疗服务项目限定频次", "More often than permitted", "definite", True),
    ("MGT-049", 49, "分解住院", "One stay split into two", "suspicious", False),
    ("LOC-001", None, "同一明细重复上传", "The same line twice", "definite", True),
    ("LOC-007", None, "追溯码重复结算", "Trace code used twice", "suspicious", True),
]
MANIFEST = {
    "run_id": "2026-07-31-0123456789abcdef",
    "batch_date": "2026-07-31",
    "engine": "cpu",
    "rulebook_fingerprint": "77aa00bb11cc22dd",
    "inputs": {
        name: {"file": f"{name}.parquet", "sha256": "ab" * 32, "rows": 1000}
        for name in ("setl_d", "fee_list_d", "mdtrt_d", "setl_list_diag_d")
    },
    "packages": {"polars": "2.1.0", "duckdb": "2.0.0", "xgboost-cpu": None},
    "models": {"claims_lightgbm": "2", "claims_xgboost": "1"},
    "stages": [
        {"stage": s, "bucket": b, "seconds": 1.25, "counts": {}}
        for s in ("intake", "enrich", "measure", "judge", "report")
        for b in ("b000", "b001")
    ],
    "counts": {"claims": 60, "already_audited": 0, "money_cleaned": 12},
    "checks": [
        {
            "name": "lines_add_up",
            "zh": "明细合计等于结算总额",
            "en": "Lines add up to the claim",
            "table": "claims",
            "action": "warn",
            "success": False,
            "unexpected": 7,
        },
        {"name": "key", "zh": "主键唯一", "en": "Keys are unique", "table": "lines", "action": "stop", "success": True, "unexpected": 0},
    ],
    "untrusted": {"lines_sum_fen": "lines do not add up"},
}


def rulebook() -> Any:
    rules = [
        SimpleNamespace(
            id=i,
            rule_no=no,
            local_code=None if no else f"LOCAL_{i[-3:]}",
            national_code=f"GZ1000010{no}000" if no else None,
            version=1,
            name={"zh": zh, "en": en},
            folder=CLASSES[i[:3]],
            finding=sev,
            status="active",
            of_lines=of_lines,
        )
        for i, no, zh, en, sev, of_lines in RULES
    ]
    return SimpleNamespace(judged=lambda: rules)


def night(claims: int, per_claim: int = 3, hospital: str = "临溪市第三人民医院") -> dict[str, Any]:
    """Explained findings and claims, with what intake knows of them; every third claim has findings."""
    chance, found, bills, lines = random.Random(claims), [], [], []
    for n in range(claims):
        setl, day = f"S{n:06d}", date(2026, 7, 1) + timedelta(days=n % 28)
        bill = chance.randrange(50_000, 3_000_000)
        total = 0
        for k in range(per_claim if n % 3 == 0 else 0):
            rule_id, no, zh, en, severity, of_lines = RULES[(n // 3 + k) % len(RULES)]
            amount = chance.randrange(1_000, bill // 8) if of_lines else 0
            line = f"F{n:06d}{k}" if of_lines else None
            total += amount
            found.append({
                "jr_id": f"j{n}-{k}", "setl_id": setl, "mdtrt_id": f"M{n}", "psn_no": f"P{n}", "fixmedins_code": f"H{n % 23:03d}", "bkkp_sn": line,
                "concerned_bkkp_sn": [f"F{n:06d}9"] if no == 25 else [], "rule_id": rule_id, "rule_version": 1, "sev_deg": severity,
                "national_code": f"GZ1000010{no}000" if no else None, "local_code": None if no else f"LOCAL_{rule_id[-3:]}", "vola_amt": amount,
                "vola_inscp_amt": amount, "vola_fund_amt": amount * 7 // 10, "counted_amt": amount, "counted_fund_amt": amount * 7 // 10, "line_amt": amount,
                "evidence": '{"gend":"1"}', "vola_cont": f"{day}：床位费{hospital}同日已含于重症监护。违规金额{amount / 100:.2f}元，其中基金支付约{amount * 0.007:.2f}元。",
                "vola_cont_en": f"{day}: bed fee is included in intensive care on the same day. Amount in violation {amount / 100:.2f} yuan.",
                "vola_evid": "医疗保障基金智能审核和监控知识库、规则库框架体系(1.0版)：对参保人在同一时间段内的重复收费进行监管。国家医疗保障局知识点B07-25-0002（第7批，2025-12-12）",
                "vola_evid_en": "Framework 1.0: ... NHSA knowledge point B07-25-0002 (batch 7, 2025-12-12)", "rule_name": zh, "rule_name_en": en,
                "rule_class": CLASSES[rule_id[:3]], "rule_no": no, "med_list_codg": "001109000010000", "fee_date": day,
            })  # fmt: skip
            lines += [
                (sn, setl, day, 10_000, amount * 10_000, amount, "001109000010000", "重症监护床位费") for sn in (line, f"F{n:06d}9") if sn
            ]
        fund = total * 7 // 10
        bills.append({
            "setl_id": setl, "flagged": n % 3 == 0, "counted_amt": total, "counted_fund_amt": fund, "fraud_probability": round(chance.random(), 6),
            "priority": fund * 9 // 10, "reasons": [f"{f['rule_id']} {f['rule_name']}" for f in found if f["setl_id"] == setl] + ["药占比高于同级机构"],
            "explanation": "明确违规1项" if n % 3 == 0 else None, "explanation_status": "template" if n % 3 == 0 else "none",
            "decision": ("recover" if total else "review") if n % 3 == 0 else "pass", "fixmedins_code": f"H{n % 23:03d}",
            "fixmedins_name": hospital if n % 23 == 0 else f"临溪市第{n % 23}医院", "hosp_lv": ("02", "05", "09")[n % 3], "med_type": ("21", "11", "41")[n % 3],
            "begn_date": day, "end_date": day + timedelta(days=n % 9), "medfee_sumamt": bill, "fund_pay_sumamt": bill * 7 // 10,
        })  # fmt: skip
    facts = ("fixmedins_code", "fixmedins_name", "hosp_lv", "med_type", "begn_date", "end_date", "medfee_sumamt", "fund_pay_sumamt")
    schema = {
        "rule_no": pl.Int64,
        "national_code": pl.String,
        "local_code": pl.String,
        "bkkp_sn": pl.String,
        "concerned_bkkp_sn": pl.List(pl.String),
    }
    names = {"bkkp_sn": pl.String, "setl_id": pl.String, "fee_date": pl.Date, "cnt_e4": pl.Int64, "pric_e6": pl.Int64, "det_item_fee_sumamt": pl.Int64,
             "med_list_codg": pl.String, "hilist_name": pl.String}  # fmt: skip
    everything = pl.DataFrame(bills)
    return {
        "findings": pl.DataFrame(found, schema_overrides=schema),
        "claims": everything.drop(facts),
        "cannot_tell": pl.DataFrame([("MED-067", 1, "line", "gend", "gend is missing (sex)", 40 + n) for n in range(2)],
                                    schema=["rule_id", "rule_version", "grain", "missing", "why", "rows"], orient="row"),
        "rejected": pl.DataFrame({"table": ["fee_list_d", "setl_d"], "key": ["F1", None], "reason": ["unreadable number", "no setl_id"]}),
        "facts": everything.select("setl_id", *facts).lazy(),
        "lines": pl.DataFrame(lines, schema=names, orient="row").unique("bkkp_sn", keep="first").with_columns(medins_list_name=pl.lit("床位")).lazy(),
    }  # fmt: skip


def made(frames: dict[str, Any]) -> dict[str, pl.DataFrame]:
    return tables(*(frames[name] for name in ("findings", "claims", "cannot_tell", "rejected")), MANIFEST["run_id"], date(2026, 7, 31))


def html(frames: dict[str, Any], found: list[dict[str, Any]] | None = None) -> str:
    return page(figures(**frames, rulebook=rulebook()), MANIFEST, found)


def test_tables_are_those_of_the_contract():
    result = made(night(60))
    assert (
        list(result["findings"].columns)
        == (
            "run_id batch_date jr_id setl_id mdtrt_id psn_no fixmedins_code bkkp_sn concerned_bkkp_sn rule_id rule_version national_code sev_deg local_code "
            "vola_amt vola_inscp_amt vola_fund_amt counted_amt vola_cont vola_evid evidence vola_cont_en"
        ).split()
    )
    types = {"batch_date": pl.Date, "concerned_bkkp_sn": pl.List(pl.String), "rule_version": pl.Int64} | dict.fromkeys(
        ("vola_amt", "vola_inscp_amt", "vola_fund_amt", "counted_amt"), pl.Int64
    )
    assert {name: types.get(name, pl.String) for name in result["findings"].columns} == dict(result["findings"].schema)
    assert dict(result["claims"].schema) == {
        "setl_id": pl.String, "flagged": pl.Boolean, "counted_amt": pl.Int64, "fraud_probability": pl.Float64, "priority": pl.Int64,
        "reasons": pl.List(pl.String), "explanation": pl.String, "explanation_status": pl.String, "decision": pl.String,
    }  # fmt: skip
    assert result["cannot_tell"].rows() == [("MED-067", 1, "line", "gend", "gend is missing (sex)", 81)]
    assert result["rejected"]["table"].to_list() == ["fee_list_d", "setl_d"]
    keys = result["findings"].select("setl_id", pl.col("bkkp_sn").fill_null(""), "rule_id").rows()
    assert keys == sorted(keys) and result["claims"]["setl_id"].is_sorted()


def test_the_same_content_gives_the_same_bytes(tmp_path):
    frames = night(300)
    write(made(frames), tmp_path / "one")
    shuffled = {name: frame.sample(fraction=1, shuffle=True, seed=7) for name, frame in frames.items() if isinstance(frame, pl.DataFrame)}
    pieces = {
        name: pl.concat([frame[at : at + 17] for at in range(0, frame.height, 17)], rechunk=False) for name, frame in shuffled.items()
    }
    write(made(pieces), tmp_path / "two")
    for name in ("findings", "claims", "cannot_tell", "rejected"):
        assert (tmp_path / "one" / f"{name}.parquet").read_bytes() == (tmp_path / "two" / f"{name}.parquet").read_bytes(), name


def test_an_empty_night_has_tables_figures_and_a_page(tmp_path):
    frames = night(30)
    frames = {
        **frames,
        "findings": frames["findings"].clear(),
        "cannot_tell": frames["cannot_tell"].clear(),
        "rejected": frames["rejected"].clear(),
    }
    frames["claims"] = frames["claims"].with_columns(flagged=False, counted_amt=0, counted_fund_amt=0, priority=0, decision=pl.lit("pass"))
    write(made(frames), tmp_path)
    assert pl.read_parquet(tmp_path / "findings.parquet").schema == made(night(30))["findings"].schema
    assert "没有预计可追回的金额" in html(frames)


def test_figures_add_up_to_the_tables():
    frames = night(90)
    shown = figures(**frames, rulebook=rulebook())
    counted = frames["findings"]["counted_amt"].sum()
    assert shown["totals"]["counted"] == counted == sum(rule["counted"] for rule in shown["rules"])
    assert sum(row["definite"] + row["suspicious"] for row in shown["classes"]) == counted
    assert sum(row["claims"] for row in shown["decisions"].values()) == 90
    assert shown["rules"][0]["cannot_tell"] == 81 and shown["rules"][0]["causes"][0]["missing"] == "gend"
    queue = [claim["priority"] for claim in shown["queue"]]
    assert queue == sorted(queue, reverse=True) and shown["yield"][-1]["share"] == 1
    first = shown["queue"][0]
    assert first["model_reasons"] == ["药占比高于同级机构"] and first["findings"][0]["line"]["name"] == "重症监护床位费"
    json.dumps(shown)


def test_the_page_needs_no_network_and_escapes_what_it_is_given():
    text = html(night(60, hospital=EVIL))
    assert "evil.invalid" in text and "<img" not in text and "<script>alert" not in text
    outside = re.sub(r"&lt;.*?&gt;", "", text)
    assert not re.search(r"https?://|//cdn|@import|url\(", outside)
    assert not re.search(r"<(link|iframe|object|embed|img|base)\b", text)
    assert text.count("<script>") == 1 and "default-src 'none'" in text


def test_a_page_of_twenty_thousand_findings_stays_small():
    text = html(night(21_000))
    assert len(text.encode()) < 2_000_000


def test_planted_against_found():
    findings = pl.DataFrame({
        "setl_id": ["c1", "c2", "c4", "c5", "c6"], "bkkp_sn": ["1", None, "9", "5", "6"],
        "rule_id": ["MED-067", "MGT-049", "MED-067", "MED-067", "MED-067"],
    })  # fmt: skip
    rules = figures(**night(3), rulebook=rulebook())["rules"]
    truth = pl.DataFrame(
        [("67", "violation", "c1", "1"), ("67", "violation", "c3", "3"), ("67", "near_miss", "c4", "9"), ("67", "concerned", "c5", "5"),
         ("49", "violation", "c2", None), ("49", "near_miss", "c9", None), ("LOCAL_001", "violation", "c8", "8")],
        schema=["type", "kind", "setl_id", "bkkp_sn"], orient="row",
    )  # fmt: skip

    def found(folder) -> dict[str, tuple[int, ...]]:
        truth.write_parquet(folder / "planted.parquet")
        keys = ("planted", "found", "findings", "right", "near_misses", "near_flagged")
        return {row["type"]: tuple(row[key] for key in keys) for row in planted(findings, rules, folder)}

    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        assert found(Path(folder)) == {"49": (1, 1, 1, 1, 1, 0), "67": (2, 1, 3, 1, 1, 1), "LOCAL_001": (1, 0, 0, 0, 0, 0)}


def test_a_finished_night_is_shown_again(tmp_path, capsys):
    frames = night(60)
    write(made(frames), tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    publish(tmp_path, figures(**frames, rulebook=rulebook()), MANIFEST)
    truth = tmp_path / "truth"
    truth.mkdir()
    marks = (
        frames["findings"].filter(pl.col("rule_id") == "MED-067").select("setl_id", "bkkp_sn", type=pl.lit("67"), kind=pl.lit("violation"))
    )
    marks.write_parquet(truth / "planted.parquet")
    summary(tmp_path, truth)
    shown = capsys.readouterr().out
    assert "Seconds per stage" in shown and "report.html" in shown and "100.0%" in shown and MANIFEST["run_id"] in shown
    assert "Planted and found" in (tmp_path / "report.html").read_text(encoding="utf-8")
    with pytest.raises(DataError, match="no finished night"):
        summary(tmp_path / "nowhere")
