"""A whole night over an invented province: what was planted is found, what was nearly a violation is not, and the money is right.

The generator plants by the official points and in its own words; it shares nothing with the rules but the published tables.
"""

from pathlib import Path

import polars as pl
import pytest

from audit.synth import score_truth
from audit.synth.score import TYPE_OF


@pytest.fixture(scope="module")
def planted(province: Path) -> pl.DataFrame:
    return pl.read_parquet(province / "truth" / "planted.parquet")


@pytest.fixture(scope="module")
def findings(audited: Path) -> pl.DataFrame:
    """The night's findings with the planted type that each belongs to."""
    national = pl.col("national_code").replace_strict(TYPE_OF, default=None, return_dtype=pl.String)
    found = pl.read_parquet(audited / "findings.parquet")
    return found.with_columns(type=pl.coalesce("local_code", national, pl.col("national_code").str.strip_prefix("2025-")))


def named(rows: pl.DataFrame) -> str:
    """The first rows in words, for a failing test."""
    return "\n".join(str(row) for row in rows.head(12).iter_rows(named=True))


def test_every_planted_violation_is_found(findings: pl.DataFrame, planted: pl.DataFrame) -> None:
    table = score_truth(findings, planted)
    missed = table.filter(pl.col("found") < pl.col("planted"))
    assert table["planted"].sum() > 400
    assert missed.is_empty(), named(missed)


def test_no_near_miss_is_flagged(findings: pl.DataFrame, planted: pl.DataFrame) -> None:
    near = planted.filter(kind="near_miss").select("type", "setl_id", "bkkp_sn", "note")
    flagged = near.join(findings, on=["type", "setl_id", "bkkp_sn"], how="inner", nulls_equal=True).select(
        "rule_id", *near.columns, "evidence"
    )
    assert flagged.is_empty(), named(flagged)
    assert score_truth(findings, planted)["false"].sum() == 0


def test_definite_rules_flag_nothing_that_was_not_planted(findings: pl.DataFrame, planted: pl.DataFrame) -> None:
    known = planted.select("type", "setl_id").unique()
    other = (
        findings.filter(sev_deg="definite")
        .join(known, on=["type", "setl_id"], how="anti")
        .select("rule_id", "type", "setl_id", "bkkp_sn", "evidence")
    )
    assert other.is_empty(), named(other)


def test_suspicious_rules_rarely_flag_ordinary_care(findings: pl.DataFrame, planted: pl.DataFrame) -> None:
    known = planted.select("type", "setl_id").unique()
    other = (
        findings.filter(sev_deg="suspicious")
        .join(known, on=["type", "setl_id"], how="anti")
        .select("rule_id", "type", "setl_id", "evidence")
    )
    assert other.height <= 0.002 * 2_000, named(other)


def test_the_amount_in_violation_is_what_paper_and_pencil_say(findings: pl.DataFrame, planted: pl.DataFrame) -> None:
    said = planted.filter(pl.col("kind") == "violation", pl.col("amount_fen").is_not_null())
    on_lines = said.filter(pl.col("bkkp_sn").is_not_null()).join(findings, on=["type", "setl_id", "bkkp_sn"])
    on_claims = said.filter(pl.col("bkkp_sn").is_null()).drop("bkkp_sn").join(findings, on=["type", "setl_id"])
    both = pl.concat([on_lines, on_claims], how="diagonal")
    off = both.filter(pl.col("amount_fen") != pl.col("vola_amt")).select(
        "rule_id", "setl_id", "bkkp_sn", "amount_fen", "vola_amt", "note", "evidence"
    )
    assert both["type"].n_unique() > 38
    assert off.is_empty(), named(off)


def test_rows_spoilt_on_purpose_are_set_aside_with_a_reason(audited: Path, province: Path) -> None:
    rejected = pl.read_parquet(audited / "rejected.parquet")
    fees = pl.read_parquet(province / "fee_list_d.parquet")
    lost = fees.filter(pl.col("bkkp_sn").str.contains("^X[234]"))
    told = rejected.filter(pl.col("table") == "fee_list_d")
    assert told.height == lost.height and told["reason"].n_unique() == 3


def test_a_point_of_our_own_is_never_called_official(findings: pl.DataFrame) -> None:
    ours = findings.filter(pl.col("vola_evid").str.contains("OWN-", literal=True))["vola_evid"]
    assert ours.len() and ours.str.contains("本项目整理的知识点OWN-").all() and not ours.str.contains("国家医疗保障局知识点OWN-").any()
