"""An invented night after explain: findings and claims with their sentences, and what intake knows of them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl

from audit.judge.waive import WAIVED
from audit.lake import HISTORY
from audit.report import indicators, scorecards

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
            grain="line" if of_lines else "claim",
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
        total, before = 0, len(found)
        for k in range(per_claim if n % 3 == 0 else 0):
            rule_id, no, zh, en, severity, of_lines = RULES[(n // 3 + k) % len(RULES)]
            amount = chance.randrange(1_000, bill // 8) if of_lines else 0
            line = f"F{n:06d}{k}" if of_lines else None
            total += amount
            found.append(
                {
                    "jr_id": f"j{n}-{k}",
                    "setl_id": setl,
                    "mdtrt_id": f"M{n}",
                    "psn_no": f"P{n}",
                    "fixmedins_code": f"H{n % 23:03d}",
                    "bkkp_sn": line,
                    "concerned_bkkp_sn": [f"F{n:06d}9"] if no == 25 else [],
                    "rule_id": rule_id,
                    "rule_version": 1,
                    "sev_deg": severity,
                    "national_code": f"GZ1000010{no}000" if no else None,
                    "local_code": None if no else f"LOCAL_{rule_id[-3:]}",
                    "vola_amt": amount,
                    "vola_inscp_amt": amount,
                    "vola_fund_amt": amount * 7 // 10,
                    "counted_amt": amount,
                    "counted_fund_amt": amount * 7 // 10,
                    "counted_by": "LOC-001" if rule_id == "POL-027" else None,
                    "line_amt": amount,
                    "evidence": '{"gend":"1"}',
                    "vola_cont": f"{day}：床位费{hospital}同日已含于重症监护。违规金额{amount / 100:.2f}元。",
                    "vola_cont_en": f"{day}: bed fee is part of intensive care. Amount in violation {amount / 100:.2f} yuan.",
                    "vola_evid": "知识库、规则库框架体系(1.0版)：对重复收费进行监管。国家医疗保障局知识点B07-25-0002（第7批，2025-12-12）",
                    "vola_evid_en": "Framework 1.0: ... NHSA knowledge point B07-25-0002 (batch 7, 2025-12-12)",
                    "rule_name": zh,
                    "rule_name_en": en,
                    "rule_class": CLASSES[rule_id[:3]],
                    "rule_no": no,
                    "med_list_codg": "001109000010000",
                    "fee_date": day,
                }
            )
            lines += [
                (sn, setl, day, 10_000, amount * 10_000, amount, "001109000010000", "重症监护床位费") for sn in (line, f"F{n:06d}9") if sn
            ]
        fund = total * 7 // 10
        bills.append(
            {
                "setl_id": setl,
                "flagged": n % 3 == 0,
                "counted_amt": total,
                "counted_fund_amt": fund,
                "fraud_probability": round(chance.random(), 6),
                "priority": fund * 9 // 10,
                "reasons": [f"{f['rule_id']} {f['rule_name']}" for f in found[before:]] + ["药占比高于同级机构"],
                "explanation": "明确违规1项" if n % 3 == 0 else None,
                "explanation_status": "template" if n % 3 == 0 else "none",
                "decision": ("recover" if total else "review") if n % 3 == 0 else "pass",
                "fixmedins_code": f"H{n % 23:03d}",
                "fixmedins_name": hospital if n % 23 == 0 else f"临溪市第{n % 23}医院",
                "hosp_lv": ("02", "05", "09")[n % 3],
                "med_type": ("21", "11", "41")[n % 3],
                "begn_date": day,
                "end_date": day + timedelta(days=n % 9),
                "medfee_sumamt": bill,
                "fund_pay_sumamt": bill * 7 // 10,
            }
        )
    facts = ("fixmedins_code", "fixmedins_name", "hosp_lv", "med_type", "begn_date", "end_date", "medfee_sumamt", "fund_pay_sumamt")
    schema = {
        "rule_no": pl.Int64,
        "national_code": pl.String,
        "local_code": pl.String,
        "bkkp_sn": pl.String,
        "concerned_bkkp_sn": pl.List(pl.String),
        "counted_by": pl.String,
    }
    names = {
        "bkkp_sn": pl.String,
        "setl_id": pl.String,
        "fee_date": pl.Date,
        "cnt_e4": pl.Int64,
        "pric_e6": pl.Int64,
        "det_item_fee_sumamt": pl.Int64,
        "med_list_codg": pl.String,
        "hilist_name": pl.String,
    }
    everything = pl.DataFrame(bills)
    findings = pl.DataFrame(found, schema_overrides=schema)
    cannot_tell = pl.DataFrame(
        [("MED-067", 1, "line", "gend", "gend is missing (sex)", 40 + n) for n in range(2)],
        schema=["rule_id", "rule_version", "grain", "missing", "why", "rows"],
        orient="row",
    )
    alone, waived = findings.select("rule_id", marginal_amt="counted_amt"), pl.DataFrame(schema=WAIVED)
    return {
        "findings": findings,
        "claims": everything.drop(facts),
        "cannot_tell": cannot_tell,
        "cards": scorecards(
            rulebook(), findings.lazy(), findings, cannot_tell, alone, waived, pl.LazyFrame({"row": range(9 * claims)}), claims
        ),
        "changed": [],
        "rejected": pl.DataFrame({"table": ["fee_list_d", "setl_d"], "key": ["F1", None], "reason": ["unreadable number", "no setl_id"]}),
        "facts": everything.select("setl_id", *facts).lazy(),
        "lines": pl.DataFrame(lines, schema=names, orient="row")
        .unique("bkkp_sn", keep="first")
        .with_columns(medins_list_name=pl.lit("床位"))
        .lazy(),
        "statistics": indicators(month_sums(sorted(everything["fixmedins_code"].unique())), month_sums([])),
    }


def month_sums(places: list[str]) -> pl.LazyFrame:
    """Every indicator of these institutions in one month: a third, above every reference."""
    rows = [(place, date(2026, 7, 1), rule, 100, 300, 800) for place in places for rule in range(56, 64)]
    return pl.DataFrame(rows, schema=HISTORY["month_sums"], orient="row").lazy()
