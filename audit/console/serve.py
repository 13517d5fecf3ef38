"""`audit serve`: the console as a server, one process or several beside each other.

The workers are told what they serve through the environment: AUDIT_SERVE (no secrets) and AUDIT_DATABASE (perhaps with a password),
never through a command line that everybody on the machine can read.
"""

from __future__ import annotations

import json
import os
import socket
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.errors import DataError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from audit.console.place import Place

PORT = 8735
_LINE = {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}}
_LOGS: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": _LINE,
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"audit": {"level": "INFO"}},
}


@dataclass(frozen=True)
class Served:
    """What a worker must know, beside the database's address."""

    lake: str
    rules: str
    models: str
    settings: str | None = None
    https: bool = False
    airflow: str | None = None
    every: int = 60  # seconds between two rounds of background work

    def place(self, database: str) -> Place:
        """Open the database (bringing its tables up to date) and read the settings. AuditError with a sentence where that fails."""
        from audit.cases.site import Site
        from audit.cases.store import Desk
        from audit.console.place import Place

        site = Site.read(Path(self.settings) if self.settings else None)
        desk = Desk.open(database)
        lake, rules, models = (Path(folder).resolve() for folder in (self.lake, self.rules, self.models))
        return Place(desk, lake, rules, models, site, self.airflow, self.https, os.environ.get("AUDIT_METRICS_TOKEN") or None)


def database_of(given: str | None, lake: Path | None) -> str:
    """The database's address: as given, else AUDIT_DATABASE, else a SQLite file in the lake's folder."""
    found = given or os.environ.get("AUDIT_DATABASE")
    if not found and lake is None:
        raise DataError("Which database? Name it with --database or AUDIT_DATABASE, or name its lake with --lake.")
    return found or f"sqlite:///{Path(lake or '').resolve() / 'desk' / 'desk.db'}"


def free_port(host: str, first: int, more: int = 0) -> int:
    """`first`, or the next of `more` ports that nobody holds. DataError when all are taken."""
    for port in range(first, first + more + 1):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((host, port))
            except OSError as fault:
                why = fault
                continue
            return port
    raise DataError(f"{host}:{first} cannot be served ({why.strerror}); choose another with --host and --port.")


def serve(served: Served, database: str, host: str, port: int, workers: int) -> None:
    """Serve until a signal ends it. Whatever is wrong with the settings or the database is told before anything listens."""
    import uvicorn

    served.place(database).desk.engine.dispose()
    free_port(host, port)
    with tempfile.TemporaryDirectory(prefix="audit-metrics-") as counts:
        os.environ["AUDIT_SERVE"], os.environ["AUDIT_DATABASE"] = json.dumps(asdict(served)), database
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = counts  # where the workers count together
        uvicorn.run(
            "audit.console.serve:app",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            log_config=_LOGS,
            access_log=False,  # ours (see watch.py) has no query strings
            server_header=False,
            timeout_graceful_shutdown=10,
        )


def app() -> FastAPI:
    """One worker's console, made from the environment."""
    from audit.console.app import create_app  # only now: it counts into the folder that `serve` names

    served = Served(**json.loads(os.environ["AUDIT_SERVE"]))
    return create_app(served.place(os.environ["AUDIT_DATABASE"]), served.every)
