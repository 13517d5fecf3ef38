"""A share and how far to trust it."""

from __future__ import annotations

import math

FEW = 30  # below so many a share is said to rest on few
_Z = 1.959963984540054  # 95 %


def wilson(k: int, n: int) -> tuple[float | None, float | None]:
    """95 % interval of k in n, honest for small numbers too (Wilson 1927); nothing of nothing."""
    if not n:
        return None, None
    share, z2 = k / n, _Z * _Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def part(k: int, n: int) -> float | None:
    return k / n if n else None
