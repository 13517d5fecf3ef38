"""Charts as SVG, drawn here: classes for colours, width and height as attributes, a sentence for those who do not see them.

Every chart stands beside the table of the same numbers, which is what a screen reader reads.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT = 400, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 12, 24
_LABELS = 6  # of the horizontal axis: more would touch


def columns(label: str, points: Sequence[tuple[str, Sequence[int]]], classes: Sequence[str], names: Sequence[str], lang: str) -> Markup:
    """Groups of columns over time; each point has a value in fen per class. `names` are those of the classes, for the legend."""
    most = max((value for _, values in points for value in values), default=0)
    if most <= 0:
        return Markup("")
    step = (WIDTH - _LEFT - _RIGHT) / len(points)
    wide = min(22.0, step * 0.8 / len(classes))
    parts = _grid(most, lambda value: short_yuan(value, lang))
    for place, (name, values) in enumerate(points):
        begin = _LEFT + step * (place + 0.5) - wide * len(classes) / 2
        for number, value in enumerate(values):
            tall = (HEIGHT - _TOP - _BOTTOM) * max(value, 0) / most
            parts.append(
                Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"><title>{} {} {}</title></rect>').format(
                    begin + number * wide,
                    HEIGHT - _BOTTOM - tall,
                    wide,
                    tall,
                    classes[number],
                    name,
                    names[number],
                    short_yuan(value, lang),
                )
            )
        if place % -(-len(points) // _LABELS) == 0:
            parts.append(_text(_LEFT + step * (place + 0.5), HEIGHT - 7, name, "middle"))
    return _chart(label, parts) + _legend(list(zip(classes, names, strict=True)))


def calibration(label: str, bands: Sequence[tuple[float, float, float, float]], names: tuple[str, str]) -> Markup:
    """Predicted against seen: per band the mean probability, the share that was true and its interval; the diagonal is a perfect model."""
    if not bands:
        return Markup("")
    across, down = _scale(0, 1, _LEFT, WIDTH - _RIGHT), _scale(0, 1, HEIGHT - _BOTTOM, _TOP)
    parts = _grid(1, lambda value: f"{value:.0%}")
    line = '<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>'
    parts.append(Markup(line).format(across(0), down(0), across(1), down(1), "s-dash"))
    for predicted, share, low, high in bands:
        x = across(predicted)
        parts.append(Markup(line).format(x, down(low), x, down(high), "s-accent"))
        dot = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="4" class="f-accent"><title>{:.1%} → {:.1%} ({:.1%}–{:.1%})</title></circle>')
        parts.append(dot.format(x, down(share), predicted, share, low, high))
    parts += [_text(across(value), HEIGHT - 7, f"{value:.0%}", "middle") for value in (0, 0.5, 1)]
    return _chart(label, parts) + _legend([("f-accent", names[0]), ("s-dash", names[1])])


def line(label: str, points: Sequence[tuple[str, float | None]], top: float, marks: Sequence[float]) -> Markup:
    """A value over time; `marks` are drawn across as limits, and the axis reaches `top` at least."""
    known = [value for _, value in points if value is not None]
    if len(known) < 2:
        return Markup("")
    most = max(top, *known)
    down = _scale(0, most, HEIGHT - _BOTTOM, _TOP)
    step = (WIDTH - _LEFT - _RIGHT) / max(len(points) - 1, 1)
    parts = _grid(most, lambda value: f"{value:.2f}")
    for mark in marks:
        parts.append(
            Markup('<line x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}" class="s-dash"/>').format(_LEFT, down(mark), WIDTH - _RIGHT, down(mark))
        )
    drawn = [(_LEFT + step * place, down(value)) for place, (_, value) in enumerate(points) if value is not None]
    parts.append(Markup('<polyline points="{}" class="s-accent"/>').format(" ".join(f"{x:.1f},{y:.1f}" for x, y in drawn)))
    for place, (name, _) in enumerate(points):
        if place % -(-len(points) // _LABELS) == 0:
            parts.append(_text(_LEFT + step * place, HEIGHT - 7, name, "middle"))
    return _chart(label, parts)


def _scale(low: float, high: float, begin: float, end: float):  # type: ignore[no-untyped-def]
    return lambda value: begin + (value - low) / (high - low) * (end - begin)


def _grid(most: float, said) -> list[Markup]:  # type: ignore[no-untyped-def]
    parts = []
    for part in (0, 0.5, 1):
        y = HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * part
        parts.append(Markup('<line x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}" class="s-grid"/>').format(_LEFT, y, WIDTH - _RIGHT, y))
        parts.append(_text(_LEFT - 5, y + 4, said(most * part), "end"))
    return parts


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, text)


def _chart(label: str, parts: list[Markup]) -> Markup:
    frame = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    return frame.format(WIDTH, HEIGHT, label, Markup("").join(parts))


def _legend(entries: Sequence[tuple[str, str]]) -> Markup:
    key = Markup('<span><svg width="14" height="10" aria-hidden="true">{}</svg> {}</span>')
    mark = {True: '<line x1="0" y1="5" x2="14" y2="5" class="{}"/>', False: '<rect width="14" height="10" class="{}"/>'}
    told = [key.format(Markup(mark[css.startswith("s-")]).format(css), name) for css, name in entries]
    return Markup('<p class="legend">{}</p>').format(Markup("").join(told))


def short_yuan(fen: float, lang: str) -> str:
    """Yuan as an axis shows them: in 万 where that is how people count, in thousands and millions elsewhere."""
    yuan = fen / 100
    for edge, sign in ((10_000, "万"),) if lang == "zh" else ((1_000_000, "M"), (1000, "k")):
        if yuan >= edge:
            return f"{yuan / edge:,.1f}{sign}"
    return f"{yuan:,.0f}"
