"""What a night keeps for the desk: whole bills of the claims that somebody will look at, who the persons are and nobody else's names."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from conftest import BATCH_DATE

from audit.dossier import Review, comparison, other_visits, to_review
from audit.errors import DataError
from audit.report.kept import KEPT

NIGHT = date.fromisoformat(BATCH_DATE)
INVENTED = "虚构[子丑寅卯辰巳午未申酉戌亥]{6}|^99[0-9]{15}N$"  # the province's names and certificates


@pytest.fixture(scope="module")
def review(audited: Path) -> Review:
    return to_review(audited.parent, NIGHT)


@pytest.fixture(scope="module")
def claims(audited: Path) -> pl.DataFrame:
    return pl.read_parquet(audited / "claims.parquet")


def test_every_claim_that_is_flagged_or_not_passed_is_there_with_what_intake_knows(
    review: Review, claims: pl.DataFrame, province: Path
) -> None:
    wanted = claims.filter(pl.col("flagged") | (pl.col("decision") != "pass"))
    assert review.claims.select(claims.columns).equals(wanted)
    assert wanted.filter(~pl.col("flagged")).height > 0, "the models alone send some to review"
    told = review.claims.join(pl.read_parquet(province / "setl_d.parquet"), on="setl_id", suffix="_d").unique("setl_id")
    assert told.height == wanted.height
    for column in ("psn_no", "brdy", "insu_admdvs", "fixmedins_name", "fix_blng_admdvs", "med_type", "setl_time"):
        assert told[column].equals(told[f"{column}_d"], null_equal=True) or (told[column] == told[f"{column}_d"]).all(), column
    assert review.claims["chfpdr_name"].null_count() == 0 and review.claims["adm_dept_name"].null_count() == 0


def test_a_bill_is_whole_and_its_lines_add_up(review: Review) -> None:
    sums = review.lines.group_by("setl_id").agg(lines=pl.col("det_item_fee_sumamt").sum(), scope=pl.col("inscp_amt").sum())
    bills = review.claims.join(sums, on="setl_id", how="left")
    for part, whole in (("lines", "medfee_sumamt"), ("scope", "inscp_amt")):
        assert bills.filter(pl.col(part).is_null() | (pl.col(part) != pl.col(whole))).is_empty(), part
    billed = review.lines.join(review.claims, on="setl_id", how="semi")
    for column in (
        "med_chrgitm_type",
        "bilg_dr_code",
        "bilg_dept_name",
        "acord_dept_codg",
        "rx_drord_no",
        "spec",
        "chrgitm_lv",
        "fee_date",
    ):
        assert billed[column].null_count() == 0, column


def test_lines_of_other_claims_are_there_where_a_finding_names_them(review: Review) -> None:
    named = pl.concat([review.findings["bkkp_sn"], review.findings["concerned_bkkp_sn"].explode()]).drop_nulls().unique()
    assert set(named) <= set(review.lines["bkkp_sn"])
    elsewhere = review.lines.join(review.claims, on="setl_id", how="anti")
    assert elsewhere.height > 0 and set(elsewhere["bkkp_sn"]) <= set(named)


def test_diagnoses_and_operations_are_those_of_the_source(review: Review, province: Path) -> None:
    for kept, table, columns in (
        (review.diags, "setl_list_diag_d", ["setl_id", "diag_code", "maindiag_flag"]),
        (review.oprns, "setl_list_oprn_d", ["setl_id", "oprn_oprt_code", "oprn_oprt_date", "oper_dr_code"]),
    ):
        source = pl.read_parquet(province / f"{table}.parquet").join(review.claims, on="setl_id", how="semi")
        source = source.with_columns(pl.col(columns[1]).str.to_uppercase())
        assert kept.height > 0
        assert kept.select(columns).sort(columns).equals(source.select(columns).unique().sort(columns)), table


def test_what_the_model_says_is_told_apart_from_the_rules(review: Review) -> None:
    rules = set(review.rule_texts["rule_id"])
    for reasons, of_model, weights, flagged in review.claims.select("reasons", "model_reasons", "model_weights", "flagged").iter_rows():
        assert len(weights) == len(of_model) and weights == sorted(weights, reverse=True) and min(weights, default=0) >= 0
        of_rules = reasons[: len(reasons) - len(of_model)]
        assert reasons == of_rules + of_model and flagged == bool(of_rules)
        assert all(reason.split(" ")[0] in rules for reason in of_rules)
        assert not any(reason.split(" ")[0] in rules for reason in of_model)
    assert review.claims["model_reasons"].list.len().max() == 3


def test_a_part_of_the_night_is_that_part_of_the_whole(review: Review, audited: Path) -> None:
    elsewhere = review.lines.join(review.claims, on="setl_id", how="anti").select(concerned_bkkp_sn="bkkp_sn")
    one = review.findings.explode("concerned_bkkp_sn").join(elsewhere, on="concerned_bkkp_sn", how="semi")["setl_id"][0]
    part = to_review(audited.parent, NIGHT, [one])
    assert part.claims.equals(review.claims.filter(setl_id=one)) and part.findings.equals(review.findings.filter(setl_id=one))
    assert set(part.lines["bkkp_sn"]) >= set(review.lines.filter(setl_id=one)["bkkp_sn"])
    assert part.lines["setl_id"].n_unique() == 2, "the concerned line of another claim comes along"
    assert part.persons["psn_no"].to_list() == part.claims["psn_no"].to_list()
    assert to_review(audited.parent, NIGHT, []).claims.is_empty()


def test_a_finding_is_compared_from_stored_pieces_alone(review: Review) -> None:
    found = review.findings.join(review.rule_texts, on=["rule_id", "rule_version"]).row(0, named=True)
    tree = comparison(found["text"], json.loads(found["evidence"]))
    assert tree["answer"] is True and set(tree["says"]) == {"zh", "en"}
    part = tree
    while part["parts"]:
        part = part["parts"][0]
    assert set(part["values"][0]["said"]) == {"zh", "en"}


def test_persons_are_named_as_the_register_names_them(review: Review, province: Path) -> None:
    register = pl.read_parquet(province / "psn_info_b.parquet")
    told = review.persons.join(register, on="psn_no", suffix="_d")
    assert set(review.persons["psn_no"]) == set(review.claims["psn_no"]) and told.height == review.persons.height
    assert (told["psn_name"] == told["psn_name_d"]).all() and (told["certno"] == told["certno_d"]).all()
    assert review.persons["brdy"].null_count() == 0


def test_no_name_and_no_certificate_stands_anywhere_else(audited: Path, review: Review) -> None:
    for table in (audited.parent / "tables").iterdir():
        frame = pl.read_delta(str(table))
        kinds = (pl.String, pl.List(pl.String))
        texts = [s.explode() if s.dtype == kinds[1] else s for s in frame if s.dtype in kinds]
        held = any(text.str.contains(INVENTED).any() for text in texts)
        assert held == (table.name == "finding_persons"), table.name
    names = [*review.persons["psn_name"], *review.persons["certno"]]
    for path in audited.iterdir():
        text = str(pl.read_parquet(path).to_dicts()) if path.suffix == ".parquet" else path.read_text("utf-8")
        assert not any(name in text for name in names), path.name
    measured = pl.concat([pl.read_parquet(p).head(0) for p in (audited.parent / "measured").rglob("*.parquet")], how="diagonal_relaxed")
    assert not {"psn_name", "certno"} & set(measured.columns)


def test_a_persons_other_visits_are_all_that_the_nights_remember(audited: Path, province: Path, claims: pl.DataFrame) -> None:
    settled = pl.read_parquet(province / "setl_d.parquet").join(claims, on="setl_id", how="semi").unique("setl_id")
    ward = settled.filter(pl.col("med_type") == "21")["psn_no"].unique()
    clinic = settled.filter(pl.col("med_type") == "11", pl.col("psn_no").is_in(ward.implode()))
    psn_no = clinic.group_by("psn_no").len().sort("len", "psn_no")["psn_no"][-1]
    mine, seen = settled.filter(psn_no=psn_no), other_visits(audited.parent, psn_no)
    assert seen.height > 2 and set(seen["setl_id"]) == set(mine["setl_id"])
    both = seen.join(mine, on="setl_id", suffix="_d")
    assert (both["fixmedins_name"] == both["fixmedins_name_d"]).all() and (both["begn_date"] == both["begndate"]).all()
    assert {"inpatient"} < set(seen["kind"]) <= {"inpatient", "outpatient", "emergency", "internet", "drugstore"}
    assert seen["begn_date"].is_sorted() and seen["night"].unique().to_list() == [NIGHT]
    assert other_visits(audited.parent, "nobody").is_empty()


def test_institutions_are_counted_over_all_claims(review: Review, claims: pl.DataFrame) -> None:
    assert review.institutions["claims"].sum() == claims.height
    assert review.institutions["flagged"].sum() == claims["flagged"].sum()
    assert review.institutions["counted_amt"].sum() == claims["counted_amt"].sum()


def test_the_same_rows_in_another_order_keep_the_same(audited: Path, audited_again: Path) -> None:
    first, again = (to_review(out.parent, NIGHT) for out in (audited, audited_again))
    for name in vars(first):
        one, other = getattr(first, name), getattr(again, name)
        assert one == other if name == "run_id" else one.equals(other), name


def test_a_night_that_is_not_there_is_said(audited: Path, tmp_path: Path) -> None:
    for lake, night in ((audited.parent, date(2020, 1, 1)), (tmp_path, NIGHT)):
        with pytest.raises(DataError, match=f"the night {night} is not stored here"):
            to_review(lake, night)


def test_the_lake_keeps_what_the_list_says(audited: Path) -> None:
    for table, schema in KEPT.items():
        stored = pl.read_delta(str(audited.parent / "tables" / table))
        assert {name: dtype for name, dtype in stored.schema.items() if name in schema} == schema, table
