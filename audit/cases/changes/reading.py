"""The rules folder as it is now, read once for every page that looks at it, and again when a file of it is another."""

from __future__ import annotations

import threading
from pathlib import Path

from audit.knowledge import Knowledge
from audit.knowledge import load as load_knowledge
from audit.rulebook import Rulebook, folder, load
from audit.rulebook.rules import FOLDERS

_kept: dict[Path, tuple[int, Rulebook, Knowledge]] = {}
_turn = threading.Lock()


def book(rules: Path) -> Rulebook:
    """The rulebook. RuleError with every fault, which only a folder that was changed past the desk has."""
    return as_it_is(rules)[1]


def as_it_is(rules: Path) -> tuple[int, Rulebook, Knowledge]:
    """(a number that changes with the folder, rulebook, knowledge). RuleError with every fault."""
    rules = rules.resolve()
    with _turn:
        now = _touched(rules)
        if rules not in _kept or _kept[rules][0] != now:
            with folder.still(rules):
                now = _touched(rules)
                _kept[rules] = (now, load(rules), load_knowledge(rules))
        return _kept[rules]


def _touched(rules: Path) -> int:
    """Changes whenever a file that a night reads is written."""
    found = [rules / "policy.yaml", *(path for name in (*FOLDERS, "tables") for path in sorted((rules / name).rglob("*.*")))]
    return hash(tuple((str(path), stat.st_size, stat.st_mtime_ns) for path in found if (stat := path.stat())))
