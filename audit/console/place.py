"""What a running console works on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from audit.cases.site import Site
from audit.cases.store import Desk


@dataclass(frozen=True)
class Place:
    """The desk's database, the lake of the nights, the rules folder that the desk governs, the models, and the site's settings."""

    desk: Desk
    lake: Path
    rules: Path
    models: Path
    site: Site
    airflow: str | None = None  # address of Airflow's own pages, for a link
    https: bool = False  # behind TLS: cookies travel over it only
    metrics_token: str | None = field(default=None, repr=False)  # what a program must bring to read /metrics; None: this machine only

    @property
    def keys(self) -> Path:
        """The folder of the key that signs evidence: beside the lake, where results lie, and not in it, where others read."""
        return self.lake.parent / "keys"
