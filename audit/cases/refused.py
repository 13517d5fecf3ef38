"""What somebody asked for and cannot have, in both languages."""

from __future__ import annotations

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
