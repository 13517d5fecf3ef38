"""The data-quality gate: every expectation can fail, a fault of ours is not bad data, a handful of rows blinds nothing."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from audit import check as gate
from audit.check import expected, suites
from audit.errors import AuditError, DataError

NIGHT = date(2026, 6, 30)
CLAIMS, LINES = 200, 600
NO_NIGHTS = pl.DataFrame(schema={"batch_date": pl.Date, "table": pl.String, "rows": pl.Int64})


def frame(table: str, rows: int, given: dict[str, pl.Expr]) -> pl.DataFrame:
    """A frame of the declared columns; those not given are null."""
    made = pl.select(n=pl.int_range(rows)).lazy()
    return made.select(
        given.get(name, pl.lit(None)).cast(kind).alias(name) for name, kind in suites.stored_columns(table).items()
    ).collect()


def sound_frames() -> dict[str, pl.DataFrame]:
    """Frames with nothing wrong in them: three lines of 10 yuan a claim, one diagnosis."""
    n, day = pl.col("n"), pl.lit(date(2026, 6, 10))
    claim = "s" + (n // 3).cast(pl.String)
    claims = frame(
        "claims",
        CLAIMS,
        {
            "setl_id": "s" + n.cast(pl.String),
            "mdtrt_id": "m" + n.cast(pl.String),
            "psn_no": "p" + n.cast(pl.String),
            "gend": pl.lit("1"),
            "fixmedins_code": pl.lit("H1"),
            "brdy": pl.lit(date(1970, 1, 1)),
            "age": pl.lit(56),
            "med_type": pl.lit("11"),
            "begntime": pl.lit(datetime(2026, 6, 10, 9)),
            "setl_time": pl.lit(datetime(2026, 6, 10, 17)),
            "begn_date": day,
            "end_date": day,
            "medfee_sumamt": pl.lit(3000),
            "fund_pay_sumamt": pl.lit(2000),
            "inscp_amt": pl.lit(3000),
            "preselfpay_amt": pl.lit(0),
            "overlmt_selfpay": pl.lit(0),
            "fulamt_ownpay_amt": pl.lit(0),
            "psn_pay": pl.lit(1000),
            **{
                name: pl.lit("1")
                for name in ("insutype", "psn_type", "fix_blng_admdvs", "dscg_maindiag_code", "dscg_way", "adm_dept_codg", "chfpdr_code")
            },
        },
    )
    lines = frame(
        "lines",
        LINES,
        {
            "bkkp_sn": "b" + n.cast(pl.String),
            "setl_id": claim,
            "mdtrt_id": claim,
            "med_list_codg": pl.lit("XA01"),
            "fee_ocur_time": pl.lit(datetime(2026, 6, 10, 10)),
            "fee_date": day,
            "cnt_e4": pl.lit(20_000),
            "pric_e6": pl.lit(5_000_000),
            "det_item_fee_sumamt": pl.lit(1000),
            "inscp_amt": pl.lit(1000),
            "preselfpay_amt": pl.lit(0),
            "overlmt_selfpay": pl.lit(0),
            "fulamt_ownpay_amt": pl.lit(0),
        },
    )
    diags = frame("diags", CLAIMS, {"setl_id": "s" + n.cast(pl.String), "diag_type": pl.lit("1"), "diag_code": pl.lit("J18.900")})
    return {"claims": claims, "lines": lines, "diags": diags}


def run(
    folder: Path, frames: dict[str, pl.DataFrame], earlier: pl.DataFrame = NO_NIGHTS, counts: dict[str, int] | None = None
) -> gate.Check:
    """Write each frame as two bucket files and hold them against the gate."""
    globs = {}
    for name, rows in frames.items():
        half = rows.height // 2
        for bucket, part in (("b000", rows[:half]), ("b001", rows[half:])):
            (folder / bucket).mkdir(parents=True, exist_ok=True)
            part.write_parquet(folder / bucket / f"{name}.parquet")
        globs[name] = str(folder / "b*" / f"{name}.parquet")
    return gate.check(globs, counts or {}, earlier, NIGHT, folder / "spill")


def first(rows: int, broken: object, column: str) -> pl.Expr:
    """`column` with its first `rows` values replaced."""
    return pl.when(pl.int_range(pl.len()) < rows).then(pl.lit(broken)).otherwise(pl.col(column)).alias(column)


def test_sound_frames_pass_and_the_spill_folder_is_left_empty(tmp_path: Path) -> None:
    seen = run(tmp_path, sound_frames())
    assert seen.failed == [] and seen.untrusted == {} and seen.quarantine.is_empty()
    assert seen.counts == {"claims": CLAIMS, "lines": LINES, "diags": CLAIMS}
    assert list((tmp_path / "spill").iterdir()) == []
    json.dumps(seen.as_json())
    names = [r["name"] for r in seen.results]
    assert len(names) == len(set(names)) and {r["action"] for r in seen.results} == set(expected.ACTIONS)
    assert {f"lines_{c}_present" for c in suites.starred("lines")} <= set(names)


MANY = 60
BREAKS: dict[str, tuple[str, list[pl.Expr]]] = {
    "claims_end_after_begin": ("claims", [first(MANY, date(2026, 6, 9), "end_date")]),
    "claims_born_before_visit": ("claims", [first(MANY, date(2026, 6, 20), "brdy")]),
    "claims_plausible_age": ("claims", [first(MANY, date(1891, 1, 1), "brdy")]),
    "claims_brdy_range": ("claims", [first(MANY, date(1491, 1, 1), "brdy")]),
    "claims_alive_after_birth": ("claims", [first(MANY, date(1969, 1, 1), "die_date")]),
    "claims_age_range": ("claims", [first(MANY, 131, "age")]),
    "claims_gend_known_values": ("claims", [first(MANY, "9", "gend")]),
    "claims_parts_add_up": ("claims", [first(MANY, 500, "overlmt_selfpay")]),
    "claims_fund_within_total": ("claims", [first(MANY, 9000, "fund_pay_sumamt")]),
    "claims_lines_add_up": ("claims", [first(MANY, 3002, "medfee_sumamt")]),
    "claims_setl_time_range": ("claims", [first(MANY, datetime(1994, 7, 2), "setl_time")]),
    "lines_quantity_times_price": ("lines", [first(MANY, 5_100_000, "pric_e6")]),
    "lines_parts_add_up": ("lines", [first(MANY, 10, "preselfpay_amt")]),
    "lines_sign_agrees": ("lines", [first(MANY, -20_000, "cnt_e4")]),
    "lines_before_settlement": ("lines", [first(MANY, datetime(2026, 6, 11), "fee_ocur_time")]),
    "lines_pric_e6_range": ("lines", [first(MANY, -1, "pric_e6")]),
    "diags_code_shape": ("diags", [first(MANY, "??", "diag_code")]),
}


def test_each_expectation_can_fail_and_names_what_it_makes_untrusted(tmp_path: Path) -> None:
    """All in three runs: Great Expectations is slow to start. Breaks of one frame do not hide each other."""
    sound = sound_frames()
    for number, names in enumerate((list(BREAKS)[0::3], list(BREAKS)[1::3], list(BREAKS)[2::3])):
        frames = dict(sound)
        for name in names:
            table, change = BREAKS[name]
            frames[table] = frames[table].with_columns(change)
        seen = run(tmp_path / str(number), frames)
        failed = {r["name"]: r for r in seen.failed}
        assert set(names) <= set(failed)
        for name in names:
            assert failed[name]["unexpected"] >= MANY and failed[name]["untrusted"] and len(failed[name]["examples"]) == 5, name
            assert set(failed[name]["untrusted"]) <= set(seen.untrusted)
            assert name in gate.page(seen)


def test_a_handful_of_bad_rows_warns_and_blinds_nothing(tmp_path: Path) -> None:
    frames = sound_frames()
    frames["claims"] = frames["claims"].with_columns(first(expected.HANDFUL, date(2026, 6, 9), "end_date"))
    seen = run(tmp_path, frames)
    assert [r["name"] for r in seen.failed] == ["claims_end_after_begin"]
    assert seen.failed[0]["unexpected"] == expected.HANDFUL and seen.untrusted == {}


def test_a_small_share_of_many_rows_blinds_nothing() -> None:
    asked = expected.Expected("x", "lines", "warn", "", "", untrusted=("cnt",))

    class Found:
        success, exception_info, result = False, {"raised_exception": False}, {"observed_value": 900}

    assert gate._result(asked, Found(), 100_000)["untrusted"] == []
    assert gate._result(asked, Found(), 80_000)["untrusted"] == ["cnt"]


def test_rows_without_their_claim_or_a_starred_value_are_quarantined(tmp_path: Path) -> None:
    frames = sound_frames()
    frames["claims"] = frames["claims"].with_columns(first(1, None, "psn_no"))
    frames["lines"] = pl.concat(
        [frames["lines"], frames["lines"][:2].with_columns(bkkp_sn="x" + pl.col("bkkp_sn"), setl_id=pl.lit("nowhere"))]
    )
    frames["diags"] = pl.concat([frames["diags"], frames["diags"][:1].with_columns(setl_id=pl.lit("nowhere"))])
    seen = run(tmp_path, frames)
    assert {r["name"] for r in seen.failed} == {"claims_psn_no_present", "lines_have_claim", "diags_have_claim"}
    assert set(seen.quarantine.select("table", "key").rows()) == {
        ("claims", "s0"),
        ("lines", "b0"),
        ("lines", "b1"),
        ("lines", "b2"),
        ("lines", "xb0"),
        ("lines", "xb1"),
        ("diags", "nowhere"),
        ("diags", "s0"),
    }


def test_claims_without_lines_are_noticed(tmp_path: Path) -> None:
    frames = sound_frames()
    frames["lines"] = frames["lines"][: LINES // 2]
    seen = run(tmp_path, frames)
    assert [r["name"] for r in seen.failed] == ["claims_have_lines"] and not seen.untrusted, (
        "such a claim is audited; its shares are missing of themselves"
    )


def test_a_field_that_the_whole_layout_lacks_is_no_fault_of_the_hospital(tmp_path: Path) -> None:
    frames = sound_frames()
    frames["claims"] = frames["claims"].with_columns(psn_type=pl.lit(None, pl.String))
    seen = run(tmp_path, frames)
    assert [r["name"] for r in seen.failed] == ["claims_list_fields_delivered"] and list(seen.untrusted) == ["missing_fields"]


@pytest.mark.parametrize("settled", [datetime(2026, 7, 1, 0, 1), datetime(2020, 1, 1)])
def test_settlements_after_the_night_or_years_old_are_noticed_and_blind_nothing(tmp_path: Path, settled: datetime) -> None:
    frames = sound_frames()
    frames["claims"] = frames["claims"].with_columns(first(MANY, settled, "setl_time"))
    seen = run(tmp_path, frames)
    assert "claims_fresh" in [r["name"] for r in seen.failed] and "setl_time" not in seen.untrusted


@pytest.mark.parametrize("broken", ["key", "type", "column"])
def test_double_keys_and_wrong_types_stop_the_night(tmp_path: Path, broken: str) -> None:
    frames = sound_frames()
    if broken == "key":
        frames["lines"] = pl.concat([frames["lines"], frames["lines"][:1]])
    elif broken == "type":
        frames["lines"] = frames["lines"].with_columns(pl.col("cnt_e4").cast(pl.String))
    else:
        frames["lines"] = frames["lines"].drop("rx_drord_no")
    with pytest.raises(DataError, match="lines_") as stopped:
        run(tmp_path, frames)
    assert stopped.value.exit_code == 4 and list((tmp_path / "spill").iterdir()) == []


def test_no_claim_stops_unless_intake_can_say_why(tmp_path: Path) -> None:
    frames = {name: rows.clear() for name, rows in sound_frames().items()}
    with pytest.raises(DataError, match="no claim"):
        run(tmp_path / "a", frames)
    assert run(tmp_path / "b", frames, counts={"already_audited": 200}).failed == []


def test_row_counts_far_from_earlier_nights_are_drift(tmp_path: Path) -> None:
    nights = pl.DataFrame(
        {
            "batch_date": [date(2026, 6, d) for d in (1, 2, 3)] * 2 + [NIGHT],
            "table": ["claims"] * 3 + ["lines"] * 3 + ["lines"],
            "rows": [210, 190, 200, 1500, 1300, 1400, 600],
        }
    )
    seen = run(tmp_path, sound_frames(), nights)
    assert [r["name"] for r in seen.failed] == ["lines_drift"] and "cost_ratio" in seen.untrusted
    assert (
        suites.DRIFT_NIGHTS == 3
        and run(tmp_path / "two", sound_frames(), nights.filter(pl.col("batch_date") != date(2026, 6, 1))).failed == []
    )


def test_an_expectation_that_errors_is_a_fault_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        suites, "accounting", lambda: [expected.Expected("nonsense", "claims", "warn", "", "", sql="SELECT no_such_column FROM {batch}")]
    )
    with pytest.raises(AuditError, match="nonsense") as fault:
        run(tmp_path, sound_frames())
    assert fault.value.exit_code == 5 and not isinstance(fault.value, DataError)


def test_unreadable_frames_are_a_fault_of_ours(tmp_path: Path) -> None:
    (tmp_path / "claims.parquet").write_bytes(b"PAR1 cut off")
    with pytest.raises(AuditError, match="cannot be read") as fault:
        gate.check({"claims": str(tmp_path / "claims.parquet")}, {}, NO_NIGHTS, NIGHT, tmp_path / "spill")
    assert fault.value.exit_code == 5
