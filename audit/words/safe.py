"""Words that do harm where they are shown: a formula in a spreadsheet, markup in a page."""

from __future__ import annotations

import re

from audit.errors import Said

FORMULA = "=+-@＝＋－＠"  # a cell that begins so is run by a spreadsheet
_TAG = re.compile(r"<[/!]?[a-zA-Z][a-zA-Z0-9-]*(\s[^<>]*)?/?>|<\s*(script|iframe|!--)", re.IGNORECASE)


def harm(text: str) -> Said | None:
    """What is wrong with a text that will be shown to people, or None."""
    if text[:1] and text[0] in FORMULA:
        return Said(
            f"以 '{text[0]}' 开头，电子表格会当作公式运行；请以文字开头",
            f"begins with '{text[0]}', which a spreadsheet runs as a formula; begin with a word",
        )
    if found := _TAG.search(text):
        return Said(
            f"含有标记（'{found[0]}'），页面会执行；请写纯文字", f"holds markup ('{found[0]}'), which a page would run; write plain text"
        )
    return None
