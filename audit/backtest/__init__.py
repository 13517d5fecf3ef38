"""A changed rule against history: `audit backtest RULE_FILE --lake DIR`.

    draft     the rule file, linted like every rule, and the active version that it would replace
    history   what the lake kept of each night: rows of lines, limited lines and claims with the facts they lead to
    compare   both conditions over every night, one bucket at a time
    sums      what is left of a bucket, whatever it holds: a few sums and a few rows
    samples   some new and some gone findings, told with their reasons
    figures   the whole comparison as plain values: JSON, and all that terminal and page show
    terminal, page

Both conditions look at the values that each night measured, with the parameters and knowledge points that it used. Nothing is
measured again: another parameter or point needs its nights to be run again.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from audit.backtest import draft, history
from audit.backtest.compare import compare
from audit.backtest.figures import figures
from audit.backtest.history import Chosen
from audit.backtest.page import page
from audit.backtest.terminal import show
from audit.errors import DataError, Fault
from audit.night import write_text

__all__ = ["Chosen", "backtest", "over_history"]

log = logging.getLogger("audit")


def backtest(rule_file: Path, rules: Path, chosen: Chosen, json_file: Path | None = None, html_file: Path | None = None) -> None:
    """Compare a draft with the active version of its rule over the chosen nights, print the table, and write the files asked for.

    RuleError: the draft or the rulebook is wrong. DataError: the lake holds no such nights, or they lack a column that decides.
    """
    found = over_history(draft.read(rule_file, rules), chosen)
    if json_file:
        write_text(json_file, json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    if html_file:
        write_text(html_file, page(found))
    show(found)
    for file in filter(None, (json_file, html_file)):
        log.info("written: %s", file)


def over_history(pair: draft.Pair, chosen: Chosen) -> dict[str, Any]:
    """The figures of a draft and the active version over the chosen nights."""
    try:
        nights = history.nights(chosen)
        history.demand(nights, pair.rules)
        return figures(pair, chosen, nights, compare(pair, nights, chosen))
    except FileNotFoundError as gone:
        en = f"A night was run again while the backtest read it ({gone}); start the backtest again."
        raise DataError(Fault(f"回测读取期间有一夜重新运行（{gone}）；请重新回测。", en)) from None
