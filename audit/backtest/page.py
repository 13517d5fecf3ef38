"""The comparison as one HTML page, in the style of a night's report: no network, Chinese and English."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from audit.report.page import SEVERITY_NAMES, dressed
from audit.rulebook.sentence import sentence
from audit.words import name

ANSWER_NAMES = {"flagged": ("违规", "flagged"), "cannot_tell": ("无法判定", "cannot tell"), "clear": ("未发现", "clear")}


def page(found: dict[str, Any]) -> str:
    """The page of one backtest from its figures."""
    return dressed(
        Path(__file__).with_name("page.html.j2"),
        **found,
        **found["money"],
        answer_names=ANSWER_NAMES,
        severity_names=SEVERITY_NAMES,
        hours="{:,.1f}".format,
        signed=_signed,
        sentence=sentence,
        called=name,
    )


def _signed(number: float, decimals: int = 0) -> str:
    """A change: + where it grows, and the minus that amounts have."""
    return f"{number:{'+' if number else ''},.{decimals}f}".replace("-", "−")
