"""The manual of measures, read from the docstrings of the functions that make them."""

from __future__ import annotations

import inspect
import re
from types import ModuleType

from audit.measure import (
    antibiotics,
    bundles,
    caps,
    claims,
    coding,
    course,
    diagnoses,
    doses,
    exemptions,
    pairs,
    partners,
    person,
    prescriptions,
    presence,
    repeats,
    safety,
    stays,
    stock,
    surgery,
    visit,
    wording,
)

MODULES: tuple[ModuleType, ...] = (
    person, visit, repeats, prescriptions, course, diagnoses, exemptions, pairs, partners, doses, safety, surgery, bundles, caps,
    antibiotics, stays, stock, claims, coding, presence, wording,
)  # fmt: skip
TYPES = "Int64|Float64|Boolean|String|Date"
_OWN = re.compile(rf"^({TYPES})( [a-z]+)?: (.+)", re.S)
_NAMED = re.compile(rf"^\s*([a-z]\w*) ({TYPES})( [a-z]+)?: (.+)")


def vocabulary() -> list[tuple[str, str, str]]:
    """(name, type, meaning) of every measure, in the order of the modules; meaning says unit, and when it is null."""
    return [entry for module in MODULES for function in _functions(module) for entry in _entries(*function)]


def _functions(module: ModuleType) -> list[tuple[str, str]]:
    own = [f for _, f in inspect.getmembers(module, inspect.isfunction) if f.__module__ == module.__name__ and f.__doc__]
    return [(f.__name__, f.__doc__ or "") for f in sorted(own, key=lambda f: f.__code__.co_firstlineno)]


def _entries(name: str, doc: str) -> list[tuple[str, str, str]]:
    if alone := _OWN.match(doc):
        return [(name, alone[1], _with_unit(alone[2], alone[3]))]
    entries: list[tuple[str, str, str]] = []
    for line in doc.splitlines():
        if named := _NAMED.match(line):
            entries.append((named[1], named[2], _with_unit(named[3], named[4])))
        elif entries:  # a long entry goes on over further lines
            column, kind, meaning = entries.pop()
            entries.append((column, kind, f"{meaning} {line.strip()}".strip()))
    return entries


def _with_unit(unit: str | None, meaning: str) -> str:
    words = " ".join(meaning.split())
    return f"[{unit.strip()}] {words}" if unit else words
