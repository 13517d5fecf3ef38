"""Faults of one import: all of them, each a sentence with file, sheet, row and remedy."""

from __future__ import annotations

from pathlib import Path

from audit.errors import DataError, Fault, Said

_MOST = 50  # an unreadable file can be wrong in every row; nobody reads more sentences than these
CHECK_PATH = Said("请检查路径", "Check the path")
DATES = Said("请改正日期", "Correct the dates")
DOWNLOAD = Said("请重新下载", "Download it again")
NOTHING = Fault("未导入任何内容。", "Nothing was imported.")


class Faults:
    """Collects sentences; `stop` ends the import when there are any."""

    def __init__(self) -> None:
        self.told: list[Fault] = []

    def add(self, file: Path | str, what: Said, remedy: Said, sheet: str = "", row: int | None = None) -> None:
        zh = (f"，工作表 {sheet}" if sheet else "") + (f"，第 {row} 行" if row else "")
        en = (f", sheet {sheet}" if sheet else "") + (f", row {row}" if row else "")
        self.told.append(Fault(f"{file}{zh}：{what.zh}。{remedy.zh}。", f"{file}{en}: {what}. {remedy}."))

    def stop(self) -> None:
        """Raises DataError with every sentence, in the order found."""
        if self.told:
            left = len(self.told) - _MOST
            more = [Fault(f"……另有同类问题 {left:,} 处。", f"... and {left:,} more of this kind.")] if left > 0 else []
            raise DataError(*self.told[:_MOST], *more, NOTHING)
