"""The report: tables equal to the contract and byte for byte the same, a page without network that escapes whatever it is given."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import polars as pl
import pytest
from explained_night import MANIFEST, night, rulebook

from audit.errors import DataError
from audit.report import figures, page, planted, publish, summary, tables, write

EVIL = '<script>alert("x")</script><img src=http://evil.invalid/x>医院'


def made(frames: dict[str, Any]) -> dict[str, pl.DataFrame]:
    return tables(*(frames[name] for name in ("findings", "claims", "cannot_tell", "rejected")), MANIFEST["run_id"], date(2026, 7, 31))


def html(frames: dict[str, Any], found: list[dict[str, Any]] | None = None) -> str:
    return page(figures(**frames, rulebook=rulebook()), MANIFEST, found)


def test_tables_are_those_of_the_contract():
    result = made(night(60))
    contract = "run_id batch_date jr_id setl_id mdtrt_id psn_no fixmedins_code bkkp_sn concerned_bkkp_sn rule_id rule_version "
    contract += "national_code sev_deg local_code vola_amt vola_inscp_amt vola_fund_amt counted_amt vola_cont vola_evid evidence"
    assert result["findings"].columns == [*contract.split(), "vola_cont_en"]
    types = {"batch_date": pl.Date, "concerned_bkkp_sn": pl.List(pl.String), "rule_version": pl.Int64} | dict.fromkeys(
        ("vola_amt", "vola_inscp_amt", "vola_fund_amt", "counted_amt"), pl.Int64
    )
    assert {name: types.get(name, pl.String) for name in result["findings"].columns} == dict(result["findings"].schema)
    assert dict(result["claims"].schema) == {
        "setl_id": pl.String,
        "flagged": pl.Boolean,
        "counted_amt": pl.Int64,
        "fraud_probability": pl.Float64,
        "priority": pl.Int64,
        "reasons": pl.List(pl.String),
        "explanation": pl.String,
        "explanation_status": pl.String,
        "decision": pl.String,
    }
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


def test_a_secondary_ground_names_the_rule_that_counts_the_money():
    text = html(night(60))
    assert "further ground; the money counts under" in text and "<code>LOC-001</code>" in text


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


def test_planted_against_found(tmp_path):
    findings = pl.DataFrame(
        {
            "setl_id": ["c1", "c2", "c4", "c5", "c6"],
            "bkkp_sn": ["1", None, "9", "5", "6"],
            "rule_id": ["MED-067", "MGT-049", "MED-067", "MED-067", "MED-067"],
        }
    )
    rules = figures(**night(3), rulebook=rulebook())["rules"]
    truth = pl.DataFrame(
        [
            ("67", "violation", "c1", "1"),
            ("67", "violation", "c3", "3"),
            ("67", "near_miss", "c4", "9"),
            ("67", "concerned", "c5", "5"),
            ("49", "violation", "c2", None),
            ("49", "near_miss", "c9", None),
            ("LOCAL_001", "violation", "c8", "8"),
        ],
        schema=["type", "kind", "setl_id", "bkkp_sn"],
        orient="row",
    )

    truth.write_parquet(tmp_path / "planted.parquet")
    keys = ("planted", "found", "findings", "right", "near_misses", "near_flagged", "perfect")
    found = {row["type"]: tuple(row[key] for key in keys) for row in planted(findings, rules, tmp_path)}
    assert found == {"49": (1, 1, 1, 1, 1, 0, True), "67": (2, 1, 3, 1, 1, 1, False), "LOCAL_001": (1, 0, 0, 0, 0, 0, False)}


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
