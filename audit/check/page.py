"""The gate's results as one HTML page that needs no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audit.check import Check

ACTION_ZH = {"stop": "停止", "quarantine": "隔离", "warn": "提醒"}
TABLE_ZH = {"claims": "结算", "lines": "明细", "diags": "诊断"}


def page(check: Check) -> str:
    """HTML of one night's check: failed expectations first, then the rest; labels in Chinese and English."""
    from jinja2 import Environment, FileSystemLoader

    pages = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    ordered = sorted(check.results, key=lambda r: (r["success"], r["table"], r["name"]))
    return pages.get_template("page.html.j2").render(check=check, results=ordered, action_zh=ACTION_ZH, table_zh=TABLE_ZH)
