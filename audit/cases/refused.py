"""What somebody asked for and cannot have, in both languages."""

from __future__ import annotations

from audit.errors import AuditError


class Refused(AuditError):
    """`said` (zh, en) tells why and what to do; `code` is an HTTP status."""

    exit_code = 4

    def __init__(self, zh: str, en: str, code: int = 422):
        super().__init__(en)
        self.said = {"zh": zh, "en": en}
        self.code = code
