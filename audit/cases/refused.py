"""What somebody asked for and cannot have, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from audit.errors import AuditError, Said


class Refused(AuditError):
    """It cannot be done now; `said` (zh, en) tells why and what to do, `code` is an HTTP status."""

    exit_code = 4

    def __init__(self, zh: str, en: str, code: int = 409):
        super().__init__(Said(zh, en))
        self.code = code


class Unfit(Refused):
    """What was sent cannot be used: a wrong value, file or wish."""

    def __init__(self, zh: str, en: str):
        super().__init__(zh, en, 422)


class Faults(Unfit):
    """A form of which several fields are not right. `fields`: name -> what is wrong with it (zh, en)."""

    def __init__(self, fields: Mapping[str, tuple[str, str]]):
        super().__init__("".join(zh for zh, _ in fields.values()), " ".join(en for _, en in fields.values()))
        self.fields = dict(fields)
