"""The promises about a whole night: one copy, the same bytes, whatever happens on the way."""

import json
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from conftest import BATCH_DATE, ROOT, command, shuffled

from audit import STAGES, judge
from audit.errors import DataError, RuleError
from audit.journey import Night, run, run_stage
from audit.lake import Lake
from audit.measure import whole
from audit.night import WHOLE
from audit.rulebook import load as load_rules

RESULTS = ("findings", "claims", "cannot_tell", "rejected", "scorecards")


def night(source: Path, lake: Path, batch_date: str = BATCH_DATE, **more: object) -> Night:
    return Night(
        str(source),
        str(lake),
        batch_date,
        rules=str(ROOT / "rules"),
        models=str(ROOT / "models"),
        out=str(lake / "out" / batch_date),
        **more,
    )  # type: ignore[arg-type]


def same_bytes(one: Path, other: Path) -> None:
    for name in RESULTS:
        assert (one / f"{name}.parquet").read_bytes() == (other / f"{name}.parquet").read_bytes(), name


def test_order_of_rows_buckets_and_threads_do_not_show(audited: Path, audited_again: Path) -> None:
    same_bytes(audited, audited_again)
    run_ids = [json.loads((folder / "manifest.json").read_text())["run_id"] for folder in (audited, audited_again)]
    assert run_ids[0] == run_ids[1]


def test_a_night_killed_in_every_stage_ends_as_if_nothing_had_happened(province: Path, audited: Path, tmp_path: Path) -> None:
    for stage in STAGES:
        process = subprocess.Popen(command(province, tmp_path), stderr=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(f"{stage} ") and line.rstrip().endswith("..."):
                process.send_signal(signal.SIGKILL)
                break
        assert process.wait() == -signal.SIGKILL, f"the night ended before it could be killed in {stage}"
        process.stderr.close()
        assert Lake(tmp_path).runs().is_empty()
    last = subprocess.run(command(province, tmp_path), check=True, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert "already done" in last.stderr
    same_bytes(audited, tmp_path / "out")
    one_copy(tmp_path, tmp_path / "out")


def test_a_night_run_twice_is_there_once(province: Path, audited: Path, tmp_path: Path) -> None:
    lake = Path(shutil.copytree(audited.parent, tmp_path / "lake"))  # the first time
    out = run(night(province, lake))
    same_bytes(audited, out)
    one_copy(lake, out)


def test_a_rule_that_names_no_column_stops_the_night_before_it_begins(province: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    wrong = rules / "policy" / "POL-014-service-price.yaml"
    wrong.write_text(wrong.read_text(encoding="utf-8").replace("price_over_fen > 0", "price_ovr_fen > 0"), encoding="utf-8")
    with pytest.raises(RuleError, match="no column or measure is called 'price_ovr_fen'; did you mean 'price_over_fen'"):
        run_stage(replace(night(province, tmp_path / "lake"), rules=str(rules)), "intake", WHOLE)
    assert not (tmp_path / "lake").exists()


def test_rules_about_rare_facts_say_nothing_of_other_lines(province: Path, tmp_path: Path) -> None:
    """Judged on the few lines of their items or on all of them, the answers are the same."""
    tonight = night(province, tmp_path)
    for stage in ("intake", "check", "profile"):
        run_stage(tonight, stage, WHOLE)
    bucket = tonight.buckets[0]
    for stage in ("enrich", "measure"):
        run_stage(tonight, stage, bucket)
    lines, limited = tonight.lines(bucket, "enrich", "measure"), tonight.scan("measure", bucket, "limited")
    rules = load_rules(ROOT / "rules").judging("limited")
    on_few = judge.verdicts(limited, rules, {}).select("bkkp_sn", *(rule.id for rule in rules)).collect()
    on_all = judge.verdicts(whole(lines, limited), rules, {}).select("bkkp_sn", *(rule.id for rule in rules)).collect()
    spoken = on_all.filter(~pl.all_horizontal(~pl.col(rule.id).fill_null(True) for rule in rules))
    assert 0 < spoken.height < on_few.height < on_all.height
    assert spoken.sort("bkkp_sn").equals(on_few.filter(pl.col("bkkp_sn").is_in(spoken["bkkp_sn"].implode())).sort("bkkp_sn"))


def one_copy(lake: Path, out: Path) -> None:
    """The lake's Delta tables, read with nothing of ours, hold exactly the rows of the result tables."""
    for name in RESULTS:
        stored = pl.read_delta(str(lake / "tables" / name))
        assert stored.height == pl.read_parquet(out / f"{name}.parquet").height, name
        assert stored["run_id"].n_unique() <= 1
    assert pl.read_delta(str(lake / "tables" / "runs")).height == 1
    (kept,) = Lake(lake).kept()
    assert [kept.folder] == list((lake / "measured" / BATCH_DATE).iterdir()), "one folder of measured columns"


def test_the_second_night_sees_the_first_as_history(province: Path, audited: Path, tmp_path: Path) -> None:
    lake = Path(shutil.copytree(audited.parent, tmp_path / "lake"))
    audited_first = pl.read_parquet(audited / "claims.parquet").height
    second = run(night(province, lake, "2026-08-01"))
    manifest = json.loads((second / "manifest.json").read_text())
    assert manifest["counts"]["already_audited"] == audited_first
    assert pl.read_parquet(second / "claims.parquet").is_empty()
    assert pl.read_parquet(run(night(province, lake)) / "claims.parquet").height == audited_first, "a repeated night replaces itself"


def test_bad_data_leaves_nothing_and_says_what_to_do(province: Path, tmp_path: Path) -> None:
    broken = shuffled(province, tmp_path / "broken", seed=1)
    (broken / "setl_d.parquet").unlink()
    failed = subprocess.run(command(broken, tmp_path / "lake"), stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert failed.returncode == 4
    assert "setl_d" in failed.stderr and "Traceback" not in failed.stderr
    assert not (tmp_path / "lake").exists()


def test_two_runs_of_one_night_do_not_mix(province: Path, tmp_path: Path) -> None:
    with night(province, tmp_path).alone(), pytest.raises(DataError, match="already running"):
        run(night(province, tmp_path))


def test_a_missing_gpu_is_a_sentence_not_a_fall_back(province: Path, tmp_path: Path) -> None:
    failed = subprocess.run(command(province, tmp_path, "--engine", "gpu"), stderr=subprocess.PIPE, text=True, cwd=ROOT)
    if failed.returncode == 0:
        pytest.skip("this machine has a GPU")
    assert failed.returncode == 5 and "--engine cpu" in failed.stderr and "Traceback" not in failed.stderr
