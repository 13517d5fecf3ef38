"""`make demo`: a seeded province, audited by a real Airflow on this machine alone, and a page to read at the end.

Airflow runs as its scheduler, Dag processor and API server on a free local port, with SQLite and the local executor; they are
stopped when the night is over. Nothing here is part of the engine: it starts what an operator would start.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.resolve()
HOME = ROOT / "var" / "airflow"
BATCH_DATE = "2026-07-31"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=20_000, help="claims to invent (20,000 make about 250,000 lines)")
    parser.add_argument("--seed", type=int, default=735)
    asked = parser.parse_args()
    started = time.monotonic()
    province, lake, out = (ROOT / "var" / "demo" / part for part in ("province", "lake", "night"))
    shutil.rmtree(ROOT / "var" / "demo", ignore_errors=True)
    synth = [sys.executable, "-m", "audit", "synth", "--claims", str(asked.claims), "--seed", str(asked.seed), "--out", str(province)]
    subprocess.run(synth, check=True, cwd=ROOT)
    lines = asked.claims * 8  # two person buckets, so that mapped tasks show
    night = {"source": str(province), "lake": str(lake), "out": str(out), "bucket_lines": str(lines), "batch_date": BATCH_DATE}
    with Airflow() as airflow:
        state = airflow.night("claims_nightly", night)
    if state != "success":
        print(f"The night ended as '{state}'. The tasks' logs lie in {HOME / 'logs'}", file=sys.stderr)
        return 1
    subprocess.run([sys.executable, "-m", "audit", "summary", str(out), "--truth", str(province / "truth")], check=True, cwd=ROOT)
    print(f"Whole demo: {time.monotonic() - started:.0f} s")
    return 0


class Airflow:
    """Scheduler, Dag processor and API server as child processes, from start to stop."""

    def __init__(self, home: Path = HOME) -> None:
        self.home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        home.mkdir(parents=True, exist_ok=True)
        secret = secrets.token_urlsafe(48)
        self.environment = {
            **os.environ,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW_CONFIG": str(ROOT / "airflow.cfg"),
            "AIRFLOW__API__SECRET_KEY": secret,
            "AIRFLOW__API_AUTH__JWT_SECRET": secret,
            "AUDIT_SCHEDULE": "",  # only the night that is asked for
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Airflow":
        print("Airflow: starting (SQLite, local executor, no network) ...", file=sys.stderr)
        self._log = (self.home / "airflow.log").open("ab")
        subprocess.run(["airflow", "db", "migrate"], env=self.environment, cwd=ROOT, stdout=self._log, stderr=self._log, check=True)
        for part in ("api-server", "dag-processor", "scheduler"):
            self.processes.append(
                subprocess.Popen(
                    ["airflow", part], env=self.environment, cwd=ROOT, stdout=self._log, stderr=self._log, start_new_session=True
                )
            )
        self._wait("Airflow's API", lambda: self._get("/api/v2/monitor/health"), 90)
        return self

    def __exit__(self, *fault: object) -> None:
        for process in self.processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        self._log.close()

    def night(self, dag: str, conf: dict[str, str]) -> str:
        """Trigger one run and follow its tasks, a line each, until it ends; returns its final state."""
        self._wait(f"the Dag {dag}", lambda: self._get(f"/api/v2/dags/{dag}"), 90)
        self._call("PATCH", f"/api/v2/dags/{dag}", {"is_paused": False})
        run = self._call("POST", f"/api/v2/dags/{dag}/dagRuns", {"conf": conf, "logical_date": None})["dag_run_id"]
        seen: dict[str, str] = {}
        while True:
            for task in self._get(f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances?limit=500")["task_instances"]:
                name = task["task_id"] + (f"[{task['map_index']}]" if task["map_index"] >= 0 else "")
                if task["state"] in ("success", "failed", "upstream_failed", "up_for_retry") and seen.get(name) != task["state"]:
                    seen[name] = task["state"]
                    print(f"  {name:<28} {task['state']:<8} {task['duration'] or 0:5.1f} s", file=sys.stderr)
            state = self._get(f"/api/v2/dags/{dag}/dagRuns/{run}")["state"]
            if state in ("success", "failed"):
                return str(state)
            time.sleep(0.7)

    def log_of(self, task: str) -> str:
        """What the newest attempt of a task wrote."""
        return max(self.home.glob(f"logs/**/task_id={task}/**/*.log"), key=lambda path: path.stat().st_mtime).read_text()

    def _wait(self, what: str, ready, seconds: int):  # type: ignore[no-untyped-def]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(process.poll() is not None for process in self.processes):
                break
            try:
                return ready()
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.4)
        raise SystemExit(f"{what} did not come up. See {self.home / 'airflow.log'}")

    def _get(self, path: str) -> dict:  # type: ignore[type-arg]
        return self._call("GET", path)

    def _call(self, method: str, path: str, body: dict | None = None) -> dict:  # type: ignore[type-arg]
        headers = {"Content-Type": "application/json"}
        if path.startswith("/api/v2/dags"):
            with urllib.request.urlopen(f"{self.url}/auth/token", timeout=10) as answer:
                headers["Authorization"] = f"Bearer {json.load(answer)['access_token']}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


if __name__ == "__main__":
    raise SystemExit(main())
