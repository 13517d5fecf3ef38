"""The amounts of a frame as a histogram: how many claims cost how much, on a scale where each step is so many times the last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

WIDE, HIGH, FOOT = 640, 150, 22  # units of the drawing
_BARS = 32


@dataclass(frozen=True)
class Histogram:
    """Bars as (x, y, width, height, claims); cuts (where a band begins) and ticks as (x, fen)."""

    bars: list[tuple[float, float, float, float, int]]
    cuts: list[tuple[float, int]]
    ticks: list[tuple[float, int]]


def histogram(amounts: Sequence[int], bounds: Sequence[int]) -> Histogram:
    """`amounts`: fen above 0, at least one. `bounds`: where bands begin."""
    first, last = log10(min(amounts)), log10(max(amounts))
    span = (last - first) or 1.0

    def place(fen: int) -> float:
        return (log10(fen) - first) / span * WIDE

    counts = Counter(min(int(place(fen) / WIDE * _BARS), _BARS - 1) for fen in amounts)
    most, step = max(counts.values()), WIDE / _BARS
    bars = []
    for number, count in sorted(counts.items()):
        high = max(count / most * (HIGH - 6), 1)
        bars.append((round(number * step + 0.5, 1), round(HIGH - high, 1), round(step - 1, 1), round(high, 1), count))
    tens = [10**power for power in range(int(first), int(last) + 2)]
    ticks = [(round(place(fen), 1), fen) for fen in tens if first <= log10(fen) <= last]
    return Histogram(bars, [(round(place(fen), 1), fen) for fen in bounds], ticks or [(0.0, min(amounts))])
