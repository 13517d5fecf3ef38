"""The invented province: adds up, repeats itself byte for byte, exists nowhere, and knows what was planted in it."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT

from audit.errors import DataError
from audit.synth import score_truth, synth

RULES = ROOT / "rules"
NUMBERS = [*range(1, 6), *range(7, 11), 12, 13, 14, 15, 23, 25, 27, 29, 31, 35, 36, 39, 42, 43, *range(46, 56), 65, 67, 80, 81]
NUMBERS += [66, *range(68, 72), 73, 74, 79, 83]
LOCAL = ["OVERLAP_STAY", "OPT_IN_STAY", "AFTER_DEATH", "DUP_LINE", "TRACE_REUSE", "BED_DAYS", "HOURS_24", "PRICE_CEILING"]
TYPES = [*(str(number) for number in NUMBERS), *(f"LOCAL_{name}" for name in LOCAL)]
TYPES += ["6", "18", "19", "20", "22", "26", "LOCAL_GHOST_BED", "LOCAL_MARK_UP", "LOCAL_SPLIT_VISIT"]
SPOILT = "^X[0-9]|MISSING"


@pytest.fixture(scope="module")
def tables(province: Path) -> dict[str, pl.DataFrame]:
    """The tables without the rows that were spoilt on purpose."""
    found = {path.stem: pl.read_parquet(path) for path in province.glob("*.parquet")}
    found["fee_list_d"] = (
        found["fee_list_d"].filter(~pl.col("bkkp_sn").str.contains(SPOILT), ~pl.col("setl_id").str.contains(SPOILT)).unique()
    )
    found["setl_d"] = found["setl_d"].filter(~pl.col("setl_id").str.contains(SPOILT))
    return found


@pytest.fixture(scope="module")
def planted(province: Path) -> pl.DataFrame:
    return pl.read_parquet(province / "truth" / "planted.parquet")


def test_the_parts_of_a_line_add_up_to_the_line(tables: dict[str, pl.DataFrame]) -> None:
    parts = pl.sum_horizontal("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_amt")
    assert tables["fee_list_d"].filter(parts != pl.col("det_item_fee_sumamt")).is_empty()


def test_lines_add_up_to_their_claim_and_funds_and_person_pay_it(tables: dict[str, pl.DataFrame]) -> None:
    sums = tables["fee_list_d"].group_by("setl_id").agg(lines=pl.col("det_item_fee_sumamt").sum(), scope=pl.col("inscp_amt").sum())
    claims = tables["setl_d"].join(sums, on="setl_id", how="left")
    assert claims["lines"].null_count() == 0
    assert claims.filter(pl.col("lines") != pl.col("medfee_sumamt")).is_empty()
    assert claims.filter(pl.col("scope") != pl.col("inscp_amt")).is_empty()
    assert claims.filter(pl.col("fund_pay_sumamt") + pl.col("psn_pay") != pl.col("medfee_sumamt")).is_empty()
    paid = claims.filter(pl.col("medfee_sumamt") > 0)
    assert paid.filter((pl.col("fund_pay_sumamt") < 0) | (pl.col("fund_pay_sumamt") > pl.col("inscp_amt"))).is_empty()


def test_the_amount_is_quantity_times_price_except_where_planted(tables: dict[str, pl.DataFrame], planted: pl.DataFrame) -> None:
    fen = pl.col("cnt").cast(pl.Float64) * pl.col("pric").cast(pl.Float64) * 100
    off = tables["fee_list_d"].filter((fen - pl.col("det_item_fee_sumamt").cast(pl.Float64) * 100).abs() > 0.51)
    assert set(off["bkkp_sn"]) == set(planted.filter(type="36", kind="violation")["bkkp_sn"])


def test_keys_are_unique_and_every_row_hangs_together(tables: dict[str, pl.DataFrame]) -> None:
    for table, key in (
        ("setl_d", "setl_id"),
        ("mdtrt_d", "mdtrt_id"),
        ("fee_list_d", "bkkp_sn"),
        ("psn_info_b", "psn_no"),
        ("fixmedins_b", "fixmedins_code"),
    ):
        assert tables[table][key].is_unique().all(), table
    claims = tables["setl_d"]
    assert claims.join(tables["mdtrt_d"], on="mdtrt_id", how="anti").is_empty()
    assert claims.join(tables["psn_info_b"], on="psn_no", how="anti").is_empty()
    for table in ("fee_list_d", "setl_list_diag_d", "setl_list_oprn_d", "drug_trac_d"):
        assert tables[table].join(claims, on="setl_id", how="anti").is_empty(), table


def test_people_institutions_and_doctors_exist_nowhere(tables: dict[str, pl.DataFrame]) -> None:
    claims = tables["setl_d"]
    assert claims["fix_blng_admdvs"].str.starts_with("99").all()
    assert claims["insu_admdvs"].str.starts_with("99").all()
    assert claims["psn_no"].str.starts_with("P99").all()
    register = tables["psn_info_b"]
    assert register["psn_name"].is_unique().all() and register["psn_name"].str.contains("^虚构[子丑寅卯辰巳午未申酉戌亥]{6}$").all()
    assert register["certno"].is_unique().all() and register["certno"].str.contains("^99[0-9]{15}N$").all()
    assert tables["fixmedins_b"]["fixmedins_code"].str.contains("^[HP]Z99").all()
    assert tables["fixmedins_b"]["fixmedins_name"].str.contains("^(霁岭|砚渊|芷涧|岫汐|绛泽|璎浦|沄屿|缃原)").all()
    assert tables["fixmedins_b"]["fixmedins_name"].is_unique().all()


def test_every_type_has_violations_and_near_misses(planted: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> None:
    counts = planted.group_by("type").agg(violations=(pl.col("kind") == "violation").sum(), near=(pl.col("kind") == "near_miss").sum())
    assert set(TYPES) <= set(counts["type"])
    assert counts.filter((pl.col("violations") < 8) | (pl.col("near") < 8)).is_empty()
    assert planted.join(tables["setl_d"], on="setl_id", how="anti").is_empty()
    assert planted.filter(pl.col("bkkp_sn").is_not_null()).join(tables["fee_list_d"], on=["setl_id", "bkkp_sn"], how="anti").is_empty()
    line = planted.filter(pl.col("bkkp_sn").is_not_null()).group_by("type", "setl_id", "bkkp_sn").len()
    assert line["len"].max() == 1


def test_each_window_of_included_services_is_planted(planted: pl.DataFrame) -> None:
    windows = planted.filter(type="25", kind="violation")["note"].value_counts().sort("note")
    assert windows["note"].to_list() == ["within 6小时", "within 单日", "within 单次就诊", "within 同一小时"]
    assert windows["count"].min() >= 8


def test_fraud_is_spread_over_the_months(province: Path, tables: dict[str, pl.DataFrame]) -> None:
    fraud = pl.read_parquet(province / "truth" / "fraud.parquet")
    assert fraud["setl_id"].is_unique().all() and fraud.join(tables["setl_d"], on="setl_id", how="anti").is_empty()
    assert 0.02 < fraud["label"].mean() < 0.06
    assert fraud["scheme"].drop_nulls().n_unique() == 6
    months = fraud.filter(label=1).join(tables["setl_d"], on="setl_id")["setl_time"].dt.month().n_unique()
    assert months >= 4


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(province: Path, tmp_path: Path) -> None:
    synth(3_000, 11, tmp_path / "again", rules=RULES)
    synth(3_000, 12, tmp_path / "other", rules=RULES)
    files = sorted(path.relative_to(province) for path in province.rglob("*.parquet"))
    assert len(files) == 11
    for name in files:
        assert (province / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name
    assert (province / "fee_list_d.parquet").read_bytes() != (tmp_path / "other" / "fee_list_d.parquet").read_bytes()


def test_two_nights_share_the_claims_out_by_settlement_day(tmp_path: Path) -> None:
    made = synth(2_000, 5, tmp_path, nights=2, rules=RULES)
    first, second = (pl.read_parquet(Path(folder) / "setl_d.parquet") for folder in made.folders)
    assert [Path(folder).name for folder in made.folders] == ["2026-06-30", "2026-07-31"]
    assert first["setl_time"].dt.date().max() <= date(2026, 6, 30) < second["setl_time"].dt.date().min()
    assert first.height + second.height == made.rows["setl_d"]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(DataError, match="not empty"):
        synth(2_000, 1, tmp_path, rules=RULES)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_without_the_official_points_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="official points"):
        synth(2_000, 1, tmp_path / "out", rules=tmp_path)


def test_the_score_counts_found_missed_false_and_unplanted() -> None:
    truth = pl.DataFrame(
        {
            "type": ["67", "67", "67", "49", "LOCAL_DUP_LINE"],
            "setl_id": ["s1", "s1", "s2", "s3", "s4"],
            "bkkp_sn": ["b1", "b2", "b3", None, "b5"],
            "kind": ["violation", "violation", "near_miss", "violation", "concerned"],
        }
    )
    findings = pl.DataFrame(
        {
            "setl_id": ["s1", "s2", "s3", "s4", "s9"],
            "bkkp_sn": ["b1", "b3", None, "b5", "b9"],
            "national_code": ["GZ10000301004000", "GZ10000301004000", "GZ10000204001000", None, "GZ10000301004000"],
            "local_code": [None, None, None, "LOCAL_DUP_LINE", None],
        }
    )
    told = {row["type"]: row for row in score_truth(findings, truth).iter_rows(named=True)}
    assert told["67"] == {
        "type": "67",
        "planted": 2,
        "found": 1,
        "recall": 0.5,
        "near_misses": 1,
        "false": 1,
        "unplanted": 1,
        "precision": 1 / 3,
    }
    assert told["49"]["recall"] == 1.0 and told["49"]["unplanted"] == 0
    assert told["LOCAL_DUP_LINE"]["planted"] == 0 and told["LOCAL_DUP_LINE"]["unplanted"] == 0
