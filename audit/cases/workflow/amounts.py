"""How much of a finding may stand, in whole fen.

    a finding     at most what its rule asks (vola_amt); reduced: less than what stood before
    a line        at most its own amount, and at most the largest amount that a ground still standing asks of it
    a claim       at most what stood before this step (what the engine counted, then what the step before decided), and at most what the
                  grounds still standing come to when they are settled: their lines together, or the largest about the whole claim

So a secondary ground, which counted 0 because another carried its money, takes the money over when that one is dismissed, and no more.
What was entered by hand was entered as what it adds to the others (`left`): it stands beside them, and line and claim bound them together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from audit.cases.refused import Refused

OUTCOMES = ("confirmed", "reduced", "dismissed")
LONGEST = 4000  # characters of a reason, a statement, a comment


@dataclass(frozen=True)
class Item:
    """What somebody decides about one finding. `amt` in fen: None with `confirmed` keeps what stood, with `dismissed` it is nothing."""

    finding_id: int
    outcome: str
    amt: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Ground:
    """A finding as amounts see it: `before` stood when this step began, `amt` stands now, with `outcome` (None: not decided yet)."""

    setl_id: str
    bkkp_sn: str | None
    line_amt: int | None
    vola_amt: int
    before: int
    amt: int
    outcome: str | None
    by_hand: bool = False


def amount(item: Item, before: int) -> int:
    """The amount that an item means for a finding of which `before` stood. Refused (422) when the item is not whole."""
    if item.outcome not in OUTCOMES:
        raise Refused("决定只能是确认、核减或不予认定。", f"An outcome is one of {', '.join(OUTCOMES)}.", 422)
    if item.outcome != "confirmed" and not item.reason.strip():
        raise Refused("核减或不予认定必须说明理由。", "Say why the finding is reduced or dismissed.", 422)
    if item.outcome == "dismissed":
        if item.amt:
            raise Refused("不予认定的金额只能为0。", "A dismissed finding keeps no amount.", 422)
        return 0
    if item.outcome == "confirmed":
        if item.amt is not None and item.amt < before:
            raise Refused("金额减少请选择“核减”。", "A smaller amount than before is a reduction; choose 'reduced'.", 422)
        return before if item.amt is None else item.amt
    if not before:
        raise Refused("此项没有计入金额，请确认或不予认定。", "Nothing was counted here that could be reduced: confirm or dismiss it.", 422)
    if item.amt is None or not 0 <= item.amt < before:
        most = f"{(before - 1) / 100:.2f}"
        raise Refused(f"核减后的金额须在0至{most}元之间。", f"A reduced amount lies between 0 and {most} yuan.", 422)
    return item.amt


def left(grounds: Iterable[Ground], setl_id: str, bkkp_sn: str | None, most: int) -> int:
    """What of `most` no ground stands for yet: of a line, or (None) of the whole claim; 0 or less where there is nothing."""
    return most - sum(one.amt for one in grounds if one.setl_id == setl_id and bkkp_sn in (None, one.bkkp_sn))


def check(grounds: Iterable[Ground], claim_amts: Mapping[str, int]) -> None:
    """Refused (422) when the amounts that stand break one of the bounds: also where a finding about the whole claim and the lines under it
    would pay for the same once a line between them is dismissed.

    `claim_amts`: what each claim billed, wanted only where something was entered by hand.
    """
    claims: dict[str, list[Ground]] = defaultdict(list)
    for ground in grounds:
        most = max(ground.vola_amt, ground.before)
        if ground.amt > most:
            raise _too_much(most, "此项问题所指金额", "what this finding asks")
        claims[ground.setl_id].append(ground)
    for setl_id, of_claim in claims.items():
        _check_claim([ground for ground in of_claim if not ground.by_hand])
        if any(ground.by_hand for ground in of_claim):  # entered when a rule's was dismissed, which then was confirmed after all
            _check_together(of_claim, claim_amts[setl_id])


def _check_claim(grounds: list[Ground]) -> None:
    standing = [ground for ground in grounds if ground.outcome != "dismissed"]
    lines: dict[str, list[Ground]] = defaultdict(list)
    for ground in standing:
        if ground.bkkp_sn is not None:
            lines[ground.bkkp_sn].append(ground)
    settled = 0
    for of_line in lines.values():
        asked, own = max(ground.vola_amt for ground in of_line), of_line[0].line_amt
        most = max(asked if own is None else min(asked, own), _before(of_line))
        if sum(ground.amt for ground in of_line) > most:
            raise _too_much(most, "该明细可认定的金额", "what can stand on this line")
        settled += most
    about_claim = max((ground.vola_amt for ground in standing if ground.bkkp_sn is None), default=0)
    most = min(_before(grounds), max(settled, about_claim))
    if sum(ground.amt for ground in grounds) > most:
        raise _too_much(most, "本结算单可认定的合计", "what can stand of this claim")


def _check_together(grounds: list[Ground], claim_amt: int) -> None:
    for line in {ground.bkkp_sn: ground.line_amt for ground in grounds if ground.line_amt is not None}.items():
        if left(grounds, grounds[0].setl_id, *line) < 0:
            raise _too_much(line[1], "该明细的金额", "what was billed on this line")
    if left(grounds, grounds[0].setl_id, None, claim_amt) < 0:
        raise _too_much(claim_amt, "本结算单的金额", "what was billed on this claim")


def _before(grounds: Iterable[Ground]) -> int:
    return sum(ground.before for ground in grounds)


def _too_much(most: int, zh: str, en: str) -> Refused:
    return Refused(f"金额超过{zh}({most / 100:.2f}元)。", f"The amount is more than {en} ({most / 100:.2f} yuan).", 422)
