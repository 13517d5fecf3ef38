"""A night as one HTML page: no network, no framework, Chinese and English, readable on paper and on a phone."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from audit import STAGES
from audit.words import HOSPITAL_LEVEL, REFUSALS, RULE_CLASSES, TREATMENT, name

_HERE = Path(__file__).parent
DECISION_NAMES = {"recover": ("追回", "Recover"), "review": ("复核", "Review"), "pass": ("通过", "Pass")}
SEVERITY_NAMES = {"definite": ("明确违规", "definite"), "suspicious": ("可疑", "suspicious")}
ACTION_NAMES = {"stop": ("停止", "stop"), "quarantine": ("隔离", "quarantine"), "warn": ("提醒", "warn")}
STAGE_NAMES = {
    "intake": "接收", "check": "质检", "profile": "画像", "enrich": "关联知识", "measure": "计量", "judge": "判定", "score": "评分",
    "settle": "归并", "explain": "说明", "report": "报告",
}  # fmt: skip


def page(figures: dict[str, Any], manifest: dict[str, Any], found: list[dict[str, Any]] | None = None) -> str:
    """The page of one night from `figures` (see figures.py) and its manifest; `found` adds planted against found."""
    return dressed(
        _HERE / "page.html.j2",
        **figures,
        manifest=manifest,
        found=found or [],
        stages=stage_seconds(manifest.get("stages", [])),
        checks=manifest.get("checks", []),
        untrusted=manifest.get("untrusted", {}),
        counts=manifest.get("counts", {}),
        curve=_curve(figures["yield"]),
        enough=next((point for point in figures["yield"] if point["share"] >= 0.8), None),
        classes_by_money=sorted(figures["classes"], key=lambda row: -(row["definite"] + row["suspicious"])),
        rules_by_money=sorted(figures["rules"], key=lambda row: (-row["counted"], -row["findings"], -row["cannot_tell"], row["rule_id"])),
        class_names=RULE_CLASSES,
        decision_names=DECISION_NAMES,
        action_names=ACTION_NAMES,
        severity_names=SEVERITY_NAMES,
        level_names=HOSPITAL_LEVEL,
        treatment_names=TREATMENT,
        refusal_names=REFUSALS,
        called=name,
        model_reason=_model_reason,
    )


def dressed(template: Path, **shown: Any) -> str:
    """A page from a template, with the style and the language switch of all our pages inside it."""
    pages = Environment(loader=FileSystemLoader(template.parent), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    pages.filters |= {"yuan": _yuan, "number": "{:,}".format, "percent": "{:.1%}".format}
    script = (_HERE / "page.js").read_text(encoding="utf-8")
    return pages.get_template(template.name).render(
        **shown,
        style=Markup((_HERE / "page.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _yuan(fen: int) -> Markup:
    """12,345.67 with the decimals a little quieter."""
    sign, whole, part = "−" if fen < 0 else "", abs(fen) // 100, abs(fen) % 100
    return Markup(f'{sign}{whole:,}<i class="dec">.{part:02d}</i>')


def _model_reason(told: str) -> tuple[str, str]:
    """A reason of the models, '中文 English: column=value' (see score/reasons.py), in each language by itself."""
    group, _, read = told.partition(": ")
    (zh, _, en), (column, _, value) = group.partition(" "), read.partition("=")
    return f"{zh}（{name(column, 'zh')}：{value}）", f"{en} ({name(column, 'en')}: {value})"


def stage_seconds(marked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Seconds per stage over all buckets, in the order of the journey."""
    seconds: dict[str, float] = {}
    for stage in marked:
        seconds[stage["stage"]] = seconds.get(stage["stage"], 0.0) + float(stage["seconds"])
    return [{"stage": name, "zh": STAGE_NAMES[name], "seconds": seconds[name]} for name in STAGES if name in seconds]


def _curve(points: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The yield curve as SVG paths in a field of 600 by 180."""
    if len(points) < 2:
        return None
    most = points[-1]["claims"]
    at = [(0.0, 180.0)] + [(600 * p["claims"] / most, 180 - 180 * p["share"]) for p in points]
    path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in at)
    return {"line": path, "area": f"{path} L600 180 Z", "claims": most}
