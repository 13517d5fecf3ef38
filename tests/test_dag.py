"""The Dag: thin at parse time, exactly the stages, and the same bytes as `audit run` through a real scheduler."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import BATCH_DATE, ROOT

from audit import BUCKET_STAGES, STAGES

HEAVY = ("polars", "duckdb", "great_expectations", "xgboost", "lightgbm", "deltalake", "pyarrow")
PARSE = f"""
import importlib.util, sys
spec = importlib.util.spec_from_file_location("claims_nightly_dag", "dags/claims_nightly.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
dag = module.claims_nightly()
print(sorted(dag.task_ids))
print([name for name in {HEAVY} if name in sys.modules])
"""


@pytest.mark.airflow
def test_parsing_the_dag_loads_no_engine_and_its_tasks_are_the_stages(tmp_path: Path) -> None:
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path)}
    parsed = subprocess.run([sys.executable, "-c", PARSE], capture_output=True, text=True, cwd=ROOT, env=environment)
    assert parsed.returncode == 0, parsed.stderr
    tasks, heavy = parsed.stdout.splitlines()[-2:]
    names = [f"person_bucket.{stage}" if stage in BUCKET_STAGES else stage for stage in STAGES]
    assert tasks == str(sorted(names))
    assert heavy == "[]"


@pytest.mark.airflow
def test_a_real_scheduler_gives_the_bytes_of_audit_run(province: Path, audited: Path, tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT))
    from demo import Airflow

    conf = {"source": str(province), "lake": str(tmp_path / "lake"), "out": str(tmp_path / "out"), "batch_date": BATCH_DATE}
    with Airflow(tmp_path / "airflow") as airflow:
        assert airflow.night("claims_nightly", {**conf, "bucket_lines": "14000"}) == "success"
        broken = {**conf, "source": str(tmp_path / "nowhere"), "lake": str(tmp_path / "other")}
        assert airflow.night("claims_nightly", broken) == "failed"
        assert "nowhere" in airflow.log_of("intake")
    for name in ("findings", "claims"):
        assert (tmp_path / "out" / f"{name}.parquet").read_bytes() == (audited / f"{name}.parquet").read_bytes()


@pytest.mark.airflow
def test_settings_hold_only_what_differs_from_airflows_defaults() -> None:
    import configparser

    from airflow.configuration import AirflowConfigParser

    ours = configparser.ConfigParser(interpolation=None)
    ours.read(ROOT / "airflow.cfg")
    defaults = AirflowConfigParser()
    same = [
        f"{section}.{key}" for section in ours for key, value in ours[section].items() if defaults.get_default_value(section, key) == value
    ]
    assert not same
