"""Words that do harm where they are shown: a formula in a spreadsheet, markup in a page."""

from __future__ import annotations

import re

FORMULA = "=+-@＝＋－＠"  # a cell that begins so is run by a spreadsheet
_TAG = re.compile(r"<[/!]?[a-zA-Z][a-zA-Z0-9-]*(\s[^<>]*)?/?>|<\s*(script|iframe|!--)", re.IGNORECASE)


def harm(text: str) -> str | None:
    """What is wrong with a text that will be shown to people, or None."""
    if text[:1] and text[0] in FORMULA:
        return f"begins with '{text[0]}', which a spreadsheet runs as a formula; begin with a word"
    if found := _TAG.search(text):
        return f"holds markup ('{found[0]}'), which a page would run; write plain text"
    return None
