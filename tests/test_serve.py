"""`audit serve` for real: two workers beside a lake that is being written, health and metrics; and the desk's commands."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result
from conftest import BATCH_DATE, ROOT
from desk_room import PASSWORD, a_desk, a_place, an_account
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from typer.testing import CliRunner

from audit.__main__ import app as audit_command
from audit.cases import journal
from audit.cases.store import DeskDown
from audit.cases.tables import cases, nights
from audit.cases.tables import journal as entries
from audit.console.app import create_app
from audit.console.serve import database_of, free_port
from audit.console.tending import Tending
from audit.errors import DataError
from audit.lake import Lake


@dataclass
class Served:
    url: str
    lake: Path
    log: Path
    process: subprocess.Popen[bytes]

    def until(self, true: Callable[[], Any], what: str, seconds: int = 120) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert self.process.poll() is None and time.monotonic() < end, f"{what}: {self.log.read_text()[-3000:]}"
            time.sleep(0.1)

    def up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health").status_code == 200
        except httpx.HTTPError:
            return False


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two workers over a lake that has no night yet."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "lake").mkdir()
    port = free_port("127.0.0.1", 21_000 + os.getpid() % 20_000, more=50)
    options = ["--lake", str(folder / "lake"), "--workers", "2", "--every", "1", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "audit", "serve", *options], cwd=ROOT, stdout=log, stderr=log)
    server = Served(f"http://127.0.0.1:{port}", folder / "lake", folder / "log", process)
    server.until(server.up, "the server did not come up")
    yield server
    process.send_signal(signal.SIGTERM)
    process.wait(30)


def test_two_workers_open_each_case_once_beside_a_night_that_is_writing(served: Served, audited: Path) -> None:
    done, lake, night = Lake(audited.parent), Lake(served.lake), date.fromisoformat(BATCH_DATE)
    (run_id, manifest) = done.runs().select("run_id", "manifest").row(0)
    names = [path.name for path in (done.root / "tables").iterdir() if path.name != "runs"]
    tables = {name: done.read(name).collect().drop("run_id", "batch_date") for name in names}
    for turn in range(2):  # what a night writes last, under the workers' eyes; then the night again, as another run
        lake.replace(night, f"{run_id}-{turn}", tables, manifest)
        health = httpx.get(f"{served.url}/health").json()
        assert health["status"] == "ok" and health["database"]["answers"]
    desk = a_desk(f"sqlite:///{served.lake / 'desk' / 'desk.db'}")

    def opened() -> bool:
        with desk.read() as con:
            return bool(con.scalar(select(nights.c.run_id)) == f"{run_id}-1")

    served.until(opened, "the night was not opened")
    with desk.read() as con:
        count = con.scalar(select(func.count()).select_from(cases))
        assert count == con.scalar(select(func.count(func.distinct(cases.c.setl_id))))
        assert count == con.scalar(select(func.count()).where(entries.c.action == "case.open"))
        assert count and journal.verify(con)[1] is None
    desk.engine.dispose()


def test_health_and_metrics_of_all_workers_together(served: Served) -> None:
    asked = 8
    before = _count(served, "/me")
    for _ in range(asked):
        with httpx.Client() as fresh:  # a connection of its own: whichever worker
            assert fresh.get(f"{served.url}/me?psn_no=P99-secret").status_code == 303
    assert _count(served, "/me") - before == asked
    text = httpx.get(f"{served.url}/metrics").text
    assert 'audit_open_cases{step="first_review"}' in text and 'audit_background_success_timestamp_seconds{work="nights"}' in text
    assert "P99" not in text
    log = served.log.read_text()
    assert "GET /me 303" in log and "P99-secret" not in log and "Traceback" not in log


def test_a_taken_port_and_a_secret_on_the_command_line_are_told(served: Served) -> None:
    taken = _audit("serve", "--lake", str(served.lake), "--port", served.url.rsplit(":", 1)[1])
    assert isinstance(taken.exception, DataError) and "cannot be served" in str(taken.exception)
    secret = _audit("serve", "--lake", str(served.lake), "--database", "postgresql+psycopg://desk:hunter2@h/d")
    assert secret.exit_code == 2 and "PGPASSWORD" in secret.output and "hunter2" not in secret.output


def test_the_desks_commands(tmp_path: Path) -> None:
    lake, copy = ["--lake", str(tmp_path / "lake")], tmp_path / "copy.db"
    assert "There is no desk" in str(_audit("desk", "verify", *lake).exception)
    assert "one-time password" in _audit("desk", "admin", *lake).output
    assert "is taken" in str(_audit("desk", "admin", *lake).exception)
    assert "All 1 entries" in _audit("desk", "verify", *lake).output
    assert "the journal's seal in it: 1:" in _audit("desk", "backup", str(copy), *lake).output and copy.stat().st_mode & 0o077 == 0
    assert "never written over" in str(_audit("desk", "backup", str(copy), *lake).exception)
    with sqlite3.connect(copy) as con:
        con.execute("UPDATE journal SET subject = 'somebody else'")
    forged = _audit("desk", "verify", "--database", f"sqlite:///{copy}").exception
    assert isinstance(forged, DataError) and "Entry 1 (people.add by the engine) was changed" in str(forged)
    (tmp_path / "no.zip").write_text("not a zip")
    assert "不是完整的证据压缩包" in str(_audit("desk", "verify-package", str(tmp_path / "no.zip")).exception)
    assert "is open already" in _audit("desk", "open", *lake).output


def test_health_says_when_the_database_is_down_and_work_that_fails_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = a_place(a_desk(f"sqlite:///{tmp_path / 'desk.db'}"), tmp_path)
    (tmp_path / "lake").write_text("no folder at all")
    tending = Tending(place, 1)
    tending.once()
    app = create_app(place)
    app.state.tending = tending
    client = TestClient(app)
    told = client.get("/health").json()
    assert told["background"]["nights"]["fault"] or not told["lake"]["readable"]
    assert told["background"]["deadlines"]["fault"] is None
    an_account(place.desk, "reviewer")

    def down() -> None:
        raise DeskDown("secret-host does not answer")

    monkeypatch.setattr(place.desk, "read", down)
    answer = client.get("/health")
    assert answer.status_code == 503 and answer.json()["status"] == "down" and "secret-host" not in answer.text
    page = client.post("/sign-in", data={"login": "reviewer", "password": PASSWORD})
    assert page.status_code == 503 and "没有保存" in page.text


def test_metrics_are_for_this_machine_or_for_the_token(tmp_path: Path) -> None:
    place = a_place(a_desk(f"sqlite:///{tmp_path / 'desk.db'}"), tmp_path)
    here, away = (TestClient(create_app(place), client=(host, 1)) for host in ("127.0.0.1", "10.0.0.7"))
    assert here.get("/metrics").status_code == 200 and away.get("/metrics").status_code == 403
    app = create_app(replace(place, metrics_token="letmein"))
    for host in ("127.0.0.1", "10.0.0.7"):
        client = TestClient(app, client=(host, 1))
        assert client.get("/metrics").status_code == 403
        assert client.get("/metrics", headers={"Authorization": "Bearer letmein"}).status_code == 200
    assert "letmein" not in repr(app.state.place)


def test_where_the_database_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AUDIT_DATABASE", raising=False)
    assert database_of(None, tmp_path) == f"sqlite:///{tmp_path / 'desk' / 'desk.db'}"
    with pytest.raises(DataError, match="Which database"):
        database_of(None, None)
    monkeypatch.setenv("AUDIT_DATABASE", "sqlite:///there.db")
    assert (database_of(None, tmp_path), database_of("sqlite:///given.db", tmp_path)) == ("sqlite:///there.db", "sqlite:///given.db")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port("127.0.0.1", port, more=5) > port
        with pytest.raises(DataError, match="cannot be served"):
            free_port("127.0.0.1", port)


def _count(served: Served, route: str) -> float:
    lines = httpx.get(f"{served.url}/metrics").text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("audit_requests_total") and f'route="{route}"' in line)


def _audit(*arguments: str) -> Result:
    return CliRunner().invoke(audit_command, arguments)
