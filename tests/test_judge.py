"""Three answers, dates in force, untrusted columns, money shares, order: the judge on small measured frames."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from rulebook_room import RULE, book

from audit.errors import RuleError
from audit.judge import CANNOT_TELL, CLOCK, FINDINGS, judge, share
from audit.knowledge.facts import Facts
from audit.rulebook import Rulebook
from audit.rulebook.rules import METHODS

CLAIM = {
    "setl_id": "c1", "mdtrt_id": "m1", "psn_no": "p1", "fixmedins_code": "h1", "setl_time": datetime(2026, 7, 15, 18),
    "medfee_sumamt": 100_00, "inscp_amt": 80_00, "hifp_pay": 56_00, "fund_pay_sumamt": 60_00,
    "prev_stay_gap_days": None, "p_split_gap_days": 15.0, "prev_stay_same_dx": None, "prev_stay_setl_id": None,
}  # fmt: skip
LINE = {
    "setl_id": "c1", "mdtrt_id": "m1", "psn_no": "p1", "fixmedins_code": "h1", "bkkp_sn": "f1", "med_list_codg": "ZA01",
    "fee_date": date(2026, 7, 15), "cnt_e4": 1_0000, "det_item_fee_sumamt": 30_00, "inscp_amt": 30_00, "hilist_name": "乌鸡白凤丸",
    "gend": "1", "item_drug_gend": "2", "over_day_fen": 0, "fund_pays": True,
}  # fmt: skip
NO_FACTS = Facts(pl.DataFrame(), pl.DataFrame(), pl.DataFrame())
CLAIM_TYPES = {"prev_stay_gap_days": pl.Int64, "prev_stay_same_dx": pl.Boolean, "prev_stay_setl_id": pl.String}


@pytest.fixture
def rules(tmp_path: Path) -> Rulebook:
    return book(tmp_path)


def run(
    rules: Rulebook, lines: list[dict], claims: list[dict] | None = None, untrusted: dict[str, str] | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    line_frame = pl.LazyFrame([LINE | line for line in lines] or [LINE], infer_schema_length=None)
    claim_frame = pl.LazyFrame([CLAIM | claim for claim in claims or [{}]], schema_overrides=CLAIM_TYPES, infer_schema_length=None)
    line_frame = line_frame.with_row_index("row").filter(bool(lines))
    limited = line_frame.filter(pl.col("item_drug_gend").is_not_null())  # as enrich sorts them: MED-067 is about this fact alone
    found, unknown, timed = judge(line_frame, limited, claim_frame, NO_FACTS, known(line_frame), rules, untrusted or {})
    assert (found.schema, unknown.schema, timed.schema) == (FINDINGS, CANNOT_TELL, CLOCK)
    assert set(timed["rule_id"]) == {rule.id for rule in rules.judged()} and (timed["seconds"] >= 0).all()
    return found, unknown


def known(lines: pl.LazyFrame) -> Callable[[pl.Series, set[str]], pl.DataFrame]:
    there = lines.collect_schema().names()
    return lambda rows, names: lines.filter(pl.col("row").is_in(rows.implode())).select(n for n in there if n in names).collect()


def test_flagged_clear_and_cannot_tell(rules: Rulebook) -> None:
    found, unknown = run(
        rules,
        [{"bkkp_sn": "f1"}, {"bkkp_sn": "f2", "gend": "2"}, {"bkkp_sn": "f3", "gend": None}, {"bkkp_sn": "f4", "item_drug_gend": None}],
    )
    assert found.select("bkkp_sn", "rule_id", "sev_deg", "national_code", "rule_no").rows() == [
        ("f1", "MED-067", "definite", "GZ10000301004000", 67)
    ]
    assert json.loads(found["evidence"][0]) == {"gend": "1", "hilist_name": "乌鸡白凤丸", "item_drug_gend": "2"}
    assert "乌鸡白凤丸" in found["evidence"][0]
    told = unknown.filter(pl.col("rule_id") == "MED-067")
    assert told.select("grain", "missing", "why", "rows").rows() == [("line", "gend", "gend is missing (sex)", 1)]


def test_a_row_that_cannot_be_judged_is_counted_once_under_the_first_missing_value(rules: Rulebook) -> None:
    _, unknown = run(
        rules,
        [{"over_day_fen": None, "fund_pays": None}, {"over_day_fen": 5, "fund_pays": None}, {"over_day_fen": None, "fund_pays": False}],
    )
    told = unknown.filter(pl.col("rule_id") == "POL-027")
    assert told.select("missing", "rows").rows() == [("fund_pays", 1), ("over_day_fen", 1)]


def test_a_rule_judges_only_the_dates_it_is_in_force(rules: Rulebook) -> None:
    dated = Rulebook(tuple(replace(rule, effective_to=date(2026, 7, 31)) for rule in rules.rules), {}, "x", rules.folder)
    days = [date(2023, 5, 14), date(2023, 5, 15), date(2026, 7, 31), date(2026, 8, 1)]
    found, _ = run(dated, [{"bkkp_sn": str(day), "fee_date": day} for day in days])
    assert found["bkkp_sn"].to_list() == ["2023-05-15", "2026-07-31"]
    _, unknown = run(dated, [{"gend": None, "fee_date": days[0]}])
    assert unknown.filter(pl.col("rule_id") == "MED-067").is_empty()


def test_a_refund_line_is_never_flagged(rules: Rulebook) -> None:
    found, _ = run(rules, [{"cnt_e4": -1_0000, "det_item_fee_sumamt": -30_00}])
    assert found.is_empty()


def test_draft_rules_rest_and_shadow_rules_are_marked(rules: Rulebook) -> None:
    for status, expected in (("draft", []), ("shadow", ["shadow"]), ("active", ["active"])):
        changed = Rulebook(tuple(replace(rule, status=status) for rule in rules.rules), {}, "x", rules.folder)
        assert run(changed, [{}])[0]["status"].to_list() == expected


def test_an_untrusted_column_cannot_decide(rules: Rulebook) -> None:
    reason = "half of the sexes differ between mdtrt_d and setl_d"
    found, unknown = run(rules, [{}], untrusted={"gend": reason, "not_a_column": "x"})
    assert found.is_empty()
    assert unknown.select("rule_id", "missing", "why", "rows").rows()[0] == ("MED-067", "check: gend", reason, 1)


def test_untrusted_money_is_still_the_money_that_was_billed(rules: Rulebook) -> None:
    found, _ = run(rules, [{}], untrusted={"det_item_fee_sumamt": "lines do not add up"})
    assert found["vola_amt"].to_list() == [30_00]


@pytest.mark.parametrize(
    ("line", "claim", "expected"),
    [
        ({}, {}, (30_00, 30_00, 21_00)),
        ({"inscp_amt": 10_00}, {}, (30_00, 10_00, 7_00)),
        ({"inscp_amt": 0}, {}, (30_00, 0, 0)),
        ({"inscp_amt": None}, {}, (30_00, 24_00, 16_80)),
        ({}, {"hifp_pay": None}, (30_00, 30_00, 22_50)),
        ({}, {"inscp_amt": None}, (30_00, 30_00, 16_80)),
        ({}, {"hifp_pay": None, "fund_pay_sumamt": 0}, (30_00, 30_00, 0)),
        ({}, {"hifp_pay": 10_00_00}, (30_00, 30_00, 30_00)),
        ({"det_item_fee_sumamt": -5}, {}, (0, 0, 0)),
        (
            {"det_item_fee_sumamt": 10**13, "inscp_amt": 10**13},
            {"medfee_sumamt": 10**13, "inscp_amt": 10**13, "hifp_pay": 10**13},
            (10**13,) * 3,
        ),
        ({"det_item_fee_sumamt": 1, "inscp_amt": 1}, {"inscp_amt": 2, "hifp_pay": 1}, (1, 1, 1)),
    ],
)
def test_the_fund_s_share_stays_within_its_parts(rules: Rulebook, line: dict, claim: dict, expected: tuple[int, int, int]) -> None:
    found, _ = run(rules, [line], [claim])
    assert found.select("vola_amt", "vola_inscp_amt", "vola_fund_amt").rows() == [expected]


def test_an_excess_never_exceeds_its_line(rules: Rulebook) -> None:
    rows = [{"bkkp_sn": f"f{number}", "item_drug_gend": None, "over_day_fen": fen} for number, fen in enumerate((1, 12_34, 99_99_99))]
    found, _ = run(rules, rows)
    assert found["vola_amt"].to_list() == [1, 12_34, 30_00]
    assert found["line_amt"].to_list() == [30_00] * 3


@pytest.mark.parametrize("method", ["whole", "exposure", "none", *METHODS])
def test_every_method_names_gross_in_scope_and_fund_share_within_line_and_claim(rules: Rulebook, method: str) -> None:
    """A method with `fen` is worth what its SQL says, at most the line or the claim; a value it lacks is worth nothing."""
    plain = method not in METHODS
    of_line = replace(rules.rule("POL-027"), amount=method, amount_fen=None if plain else "over_day_fen")
    of_claim = replace(rules.rule("MGT-049"), amount=method, amount_fen=None if plain else "paid_fen - due_fen")
    changed = Rulebook((of_claim, of_line), {}, "x", rules.folder)
    line = {"item_drug_gend": None, "over_day_fen": 12_34, "paid_fen": 1, "due_fen": 1}
    claim = {"prev_stay_gap_days": 5, "prev_stay_same_dx": True, "prev_stay_setl_id": "c0", "paid_fen": 90_00}
    rows = [claim | {"due_fen": due} for due in (60_00, -500_00, 95_00, None)]
    found, _ = run(changed, [line], [row | {"setl_id": f"c{n}"} for n, row in enumerate(rows, start=1)])
    amounts = ["vola_amt", "vola_inscp_amt", "vola_fund_amt"]
    told = {rule: found.filter(rule_id=rule).sort("setl_id").select(amounts).rows() for rule in ("POL-027", "MGT-049")}
    whole, nothing = (100_00, 80_00, 56_00), (0, 0, 0)
    if plain:
        expected = {"whole": (whole, (30_00, 30_00, 21_00))}.get(method, (nothing, nothing))
        assert told == {"MGT-049": [expected[0]] * 4, "POL-027": [expected[1]]}
    else:
        assert told == {"MGT-049": [(30_00, 24_00, 16_80), whole, nothing, nothing], "POL-027": [(12_34, 12_34, 8_64)]}


def test_a_difference_of_payment_standards_belongs_to_a_claim(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="a rule about lines cannot have it"):
        book(tmp_path, MED_067=RULE.replace("amount: whole", "amount: {method: drg_diff, fen: cnt_e4}"))


def test_a_claim_rule_names_the_claim_and_no_money(rules: Rulebook) -> None:
    found, unknown = run(
        rules,
        [],
        [{"prev_stay_gap_days": 5, "prev_stay_same_dx": True, "prev_stay_setl_id": "c0"}, {"setl_id": "c2", "prev_stay_gap_days": 5}],
    )
    assert found.select("setl_id", "bkkp_sn", "rule_id", "vola_amt", "line_amt").rows() == [("c1", None, "MGT-049", 0, None)]
    assert unknown.select("rule_id", "grain", "missing", "rows").rows() == [("MGT-049", "claim", "prev_stay_same_dx", 1)]


def test_findings_are_sorted_and_named_stably_whatever_the_order_of_rows(rules: Rulebook) -> None:
    rows = [{"bkkp_sn": f"f{number}", "over_day_fen": number} for number in range(5)]
    first, backwards = run(rules, rows)[0], run(rules, rows[::-1])[0]
    assert first.equals(backwards)
    assert first["bkkp_sn"].is_sorted() and first["jr_id"].n_unique() == first.height == 9
    assert first["jr_id"].str.len_chars().to_list() == [24] * 9
    again = Rulebook(tuple(replace(rule, version=2) for rule in rules.rules), {}, "x", rules.folder)
    assert not set(run(again, rows)[0]["jr_id"]) & set(first["jr_id"])


def test_concerned_lines_are_named_once_and_without_blanks(rules: Rulebook) -> None:
    paired = Rulebook(
        tuple(replace(rule, concerned=("included_in", "other")) for rule in rules.rules if rule.of_lines), {}, "x", rules.folder
    )
    found, _ = run(paired, [{"included_in": "f9", "other": "f8"}, {"bkkp_sn": "f2", "included_in": None, "other": None}])
    assert found["concerned_bkkp_sn"].to_list() == [["f8", "f9"], []]


def test_evidence_writes_dates_as_iso_and_missing_values_as_null(rules: Rulebook) -> None:
    shown = Rulebook(
        tuple(replace(rule, evidence=("fee_date", "seen", "ratio")) for rule in rules.rules if rule.id == "MED-067"), {}, "x", rules.folder
    )
    found, _ = run(shown, [{"seen": datetime(2026, 7, 15, 9, 5), "ratio": None}])
    read = json.loads(found["evidence"][0])
    assert read == {
        "fee_date": "2026-07-15",
        "gend": "1",
        "hilist_name": "乌鸡白凤丸",
        "item_drug_gend": "2",
        "ratio": None,
        "seen": "2026-07-15T09:05:00",
    }
    assert list(read) == sorted(read)


def test_shares_round_half_up() -> None:
    frame = pl.DataFrame({"a": [1, 1, 2, 5], "part": [1, 1, 1, 1], "whole": [2, 3, 3, 0]})
    assert frame.select(share("a", pl.col("part"), "whole")).to_series().to_list() == [1, 0, 1, 0]


def test_the_cause_is_the_mark_that_says_unknown_or_the_value_a_case_asks_for(rules: Rulebook) -> None:
    when = "CASE WHEN inv_known AND seen IS NOT NULL THEN over_day_fen > 0 WHEN pair_unsure THEN NULL ELSE FALSE END"
    asking = Rulebook((replace(rules.rule("POL-027"), when=when),), {}, "x", rules.folder)
    sure = {"inv_known": True, "seen": "x", "pair_unsure": False, "over_day_fen": 0}
    unknown = judge_one(asking, sure | {"inv_known": False, "pair_unsure": True}), judge_one(asking, sure | {"over_day_fen": None})
    assert [told["missing"].to_list() for told in unknown] == [["inv_known"], ["over_day_fen"]]
    asking = Rulebook((replace(rules.rule("POL-027"), when="CASE WHEN seen IS NOT NULL THEN over_day_fen > 0 END"),), {}, "x", rules.folder)
    assert judge_one(asking, sure | {"seen": None})["missing"].to_list() == ["seen"]


def judge_one(rules: Rulebook, line: dict) -> pl.DataFrame:
    """What cannot be told of one line; a measure's manual entry stands as the reason."""
    types = {"over_day_fen": pl.Int64, "seen": pl.String}
    frame = pl.LazyFrame([LINE | line], schema_overrides=types).with_row_index("row")
    _, unknown, _ = judge(
        frame, frame, pl.LazyFrame([CLAIM]), NO_FACTS, known(frame), rules, {}, "cpu", {"inv_known": "the stock was sent"}
    )
    if unknown["missing"].to_list() == ["inv_known"]:
        assert unknown["why"].to_list() == ["inv_known does not hold: the stock was sent"]
    return unknown
