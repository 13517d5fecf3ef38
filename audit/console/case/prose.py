"""The explanation with its facts alive: each amount, date, item and line number leads to the line that it comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from audit.console.case.told import Told


def explained(explanation: str | None, every: Sequence[Told], language: str) -> list[Markup]:
    """The stored explanation as paragraphs, its facts linked.

    It is written in Chinese; in English the same findings' own English sentences stand in its place.
    """
    if not explanation:
        return []
    said = sorted((one for one in every if one.row.vola_cont in explanation), key=lambda one: explanation.index(one.row.vola_cont))
    if language == "en":
        return [Markup("<b>{}.</b> {}").format(one.called("en"), linked(one, "en")) for one in said]
    parts, rest = [], explanation
    for one in said:
        before, _, rest = rest.partition(one.row.vola_cont)
        parts += [escape(before), linked(one, "zh")]
    return [Markup("").join([*parts, escape(rest)])]


def linked(one: Told, language: str) -> Markup:
    """A finding's sentence with its facts linked. What is said in it and not known of its lines stays plain text."""
    text, facts = one.sentence(language), _facts(one)
    # a number only whole: 5.00 is no part of 15.00, a year no part of a longer number
    known = "|".join(re.escape(fact) for fact in sorted(facts, key=len, reverse=True))
    pieces = re.split(rf"(?<![\d.])({known})(?!\d|\.\d)", text) if facts else [text]
    return Markup("").join(
        Markup('<a class="fact" href="#{}">{}</a>').format(facts[piece], piece) if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    )


def _facts(one: Told) -> dict[str, str]:
    """What a sentence may say of this finding -> where the page shows it; what its own line says wins."""
    home = f"line-{one.line['bkkp_sn']}" if one.line else f"finding-{one.id}"
    facts = {_yuan(amt): home for amt in (one.row.vola_amt, one.row.vola_fund_amt, one.row.counted_amt) if amt}
    held = [line for line in one.concerned if "fee_date" in line]  # a line that no night holds has no place to lead to
    for line in (*reversed(held), *([one.line] if one.line else [])):
        said = (line["bkkp_sn"], line.get("hilist_name"), line.get("medins_list_name"), str(line.get("fee_date") or ""))
        facts |= {fact: f"line-{line['bkkp_sn']}" for fact in said if fact}
        if line.get("det_item_fee_sumamt"):
            facts[_yuan(line["det_item_fee_sumamt"])] = f"line-{line['bkkp_sn']}"
    return facts


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"
