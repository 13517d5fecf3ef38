"""Every night: audit the batch that has arrived, stage by stage, the person buckets side by side.

The same stages as `audit run`, over the same folders, with the same bytes as the result. Where the batch lies is set once by
AUDIT_* variables in the environment of the scheduler; `{batch_date}` in them stands for the night. AUDIT_SCHEDULE moves the hour;
empty, it leaves nights to be triggered by hand.
"""

import os
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pendulum
from airflow.sdk import Asset, Param, dag, get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowFailException

from audit import BUCKET_STAGES

SHANGHAI = pendulum.timezone("Asia/Shanghai")
SETTINGS = {name: os.environ.get(f"AUDIT_{name.upper()}", default) for name, default in {
    "source": "incoming/{batch_date}", "lake": "lake", "rules": "rules", "models": "models", "engine": "cpu",
    "mapping": "", "out": "", "bucket_lines": "1000000",
}.items()}  # fmt: skip


def do(stage: str, bucket: str = "all") -> Any:
    """Run one stage; what is wrong with the data or a rule fails at once in one sentence, anything else is retried."""
    from audit.errors import DataError, RuleError
    from audit.journey import Night, run_stage

    context = get_current_context()
    asked = {**SETTINGS, **{name: value for name, value in context["params"].items() if value}}
    batch_date = asked.pop("batch_date", "") or context["logical_date"].astimezone(SHANGHAI).strftime("%Y-%m-%d")
    asked = {name: value.format(batch_date=batch_date) if isinstance(value, str) else value for name, value in asked.items() if value}
    night = Night(**{**asked, "bucket_lines": int(asked["bucket_lines"])}, batch_date=batch_date)
    try:
        run_stage(night, stage, bucket)
    except (DataError, RuleError) as fault:
        raise AirflowFailException(f"Night {batch_date}, stage {stage}: {fault}") from None
    return night.buckets if stage == "profile" else None


@dag(
    schedule=os.environ.get("AUDIT_SCHEDULE", "0 1 * * *") or None,
    start_date=pendulum.datetime(2026, 1, 1, tz=SHANGHAI),
    catchup=False,
    max_active_runs=1,  # a night reads the history that the night before has left
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    params={name: Param("", type=["string", "null"]) for name in ("batch_date", *SETTINGS)},
    tags=["claims"],
)
def claims_nightly() -> None:
    @task_group
    def person_bucket(bucket: str) -> None:
        steps = [task(do, task_id=stage)(stage, bucket) for stage in BUCKET_STAGES]
        for earlier, later in pairwise(steps):
            earlier >> later

    intake, check = (task(do, task_id=stage)(stage) for stage in ("intake", "check"))
    buckets = task(do, task_id="profile")("profile")
    report = task(do, task_id="report", outlets=[Asset("claims_audited")])("report")
    intake >> check >> buckets >> person_bucket.expand(bucket=buckets) >> report


claims_nightly()
