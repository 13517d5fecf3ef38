"""The three ways a command ends badly, each with its exit code and a sentence that says what, where and how to mend it.

Commands speak English; what the desk shows too is a Fault, which knows its Chinese as well.
"""

from __future__ import annotations

from typing import Self


class Said(str):
    """English words that know themselves in Chinese (`zh`); they sort, join and print as the English ones."""

    zh: str

    def __new__(cls, zh: str, en: str) -> Self:
        made = super().__new__(cls, en)
        made.zh = zh
        return made


def in_chinese(text: str) -> str:
    """The words in Chinese; a name of a key or a column, or what only commands say, as it is."""
    return text.zh if isinstance(text, Said) else text


class Fault(Said):
    """What is wrong and how to mend it; before it stands its place, `file` with `line` (of a text) or `row` (of a table), if it has one.
    `told`: the sentence (zh, en) without file and line."""

    file: str
    line: int | None
    told: dict[str, str]

    def __new__(cls, zh: str, en: str, file: object = "", line: int | None = None, row: int | None = None) -> Self:
        place = f"{file}:{line}: " if line is not None else f"{file}: " if file else ""
        if row is not None:
            zh, en = f"第 {row} 行：{zh}", f"row {row}: {en}"
        made = super().__new__(cls, place + zh, place + en)
        made.file, made.line, made.told = str(file), line, {"zh": zh, "en": en}
        return made


class AuditError(Exception):
    """Something a user can act on: shown as one sentence, without a traceback."""

    exit_code = 5

    def __init__(self, *faults: str):
        super().__init__("\n".join(faults))
        self.faults = faults

    @property
    def said(self) -> dict[str, str]:
        """Every fault (zh, en), one a line."""
        return {"zh": "\n".join(map(in_chinese, self.faults)), "en": str(self)}


class RuleError(AuditError):
    """A rule, a knowledge table or the policy is wrong; `faults` holds every fault found in one pass."""

    exit_code = 3
    faults: tuple[Fault, ...]

    def __init__(self, *faults: Fault):
        super().__init__(*faults)


class DataError(AuditError):
    """The batch cannot be audited; nothing was written."""

    exit_code = 4


class EngineError(AuditError):
    """The asked-for engine is not there (for example no GPU); the machine is at fault, not the data."""

    exit_code = 5
