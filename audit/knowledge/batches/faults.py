"""Faults of one import: all of them, each a sentence with file, sheet, row and remedy."""

from __future__ import annotations

from pathlib import Path

from audit.errors import DataError

_MOST = 50  # an unreadable file can be wrong in every row; nobody reads more sentences than these


class Faults:
    """Collects sentences; `stop` ends the import when there are any."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def add(self, file: Path | str, what: str, remedy: str, sheet: str = "", row: int | None = None) -> None:
        where = str(file) + (f", sheet {sheet}" if sheet else "") + (f", row {row}" if row else "")
        self.told.append(f"{where}: {what}. {remedy}.")

    def stop(self) -> None:
        """Raises DataError with every sentence, in the order found."""
        if self.told:
            more = [f"... and {len(self.told) - _MOST:,} more of this kind."] if len(self.told) > _MOST else []
            raise DataError("\n".join([*self.told[:_MOST], *more, "Nothing was imported."]))
