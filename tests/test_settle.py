"""Settling: no fen counts twice, the order decides only who carries the money, and every rule has a place in it."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import settle
from audit.errors import RuleError

RULES = Path(__file__).parent.parent / "rules"
POLICY = yaml.safe_load((RULES / "policy.yaml").read_text(encoding="utf-8"))
CODES = {
    "POL-025": "GZ10000102012000",
    "POL-012": "GZ10000101012000",
    "MED-067": "GZ10000301004000",
    "LOC-DUP": None,
    "MAN-049": "GZ10000204001000",
}
SCHEMA = {
    **dict.fromkeys(("jr_id", "setl_id", "bkkp_sn", "rule_id", "national_code", "local_code", "sev_deg", "status"), pl.String),
    **dict.fromkeys(("vola_amt", "vola_fund_amt", "line_amt"), pl.Int64),
}


def findings(*rows: tuple[str, str | None, str, str, int, int | None]) -> pl.DataFrame:
    """rows: setl_id, bkkp_sn (None = claim level), rule_id, severity, vola_amt, line_amt; the fund's share is 70 %."""
    return pl.DataFrame(
        [
            (
                f"j{n}",
                setl,
                line,
                rule,
                CODES[rule],
                None if CODES[rule] else "LOCAL_DUP_LINE",
                severity,
                "active",
                amount,
                amount * 7 // 10,
                whole,
            )
            for n, (setl, line, rule, severity, amount, whole) in enumerate(rows)
        ],
        schema=SCHEMA,
        orient="row",
    )


def claims(**medfee: int) -> pl.LazyFrame:
    return pl.LazyFrame(
        {"setl_id": list(medfee), "medfee_sumamt": list(medfee.values()), "fund_pay_sumamt": [m * 7 // 10 for m in medfee.values()]},
        schema={"setl_id": pl.String, "medfee_sumamt": pl.Int64, "fund_pay_sumamt": pl.Int64},
    )


def scores(**probability: float | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"setl_id": list(probability), "fraud_probability": list(probability.values()), "reasons": [["药占比高"]] * len(probability)},
        schema={"setl_id": pl.String, "fraud_probability": pl.Float64, "reasons": pl.List(pl.String)},
    )


def counted(frame: pl.DataFrame) -> dict[str, int]:
    return dict(frame.select("jr_id", "counted_amt").iter_rows())


def test_the_stronger_ground_speaks_first_and_the_others_add_only_what_is_new():
    found = findings(
        ("c1", "1", "MED-067", "definite", 10_000, 10_000),  # j0: after the duplicate charge, 60 yuan are new
        ("c1", "1", "POL-025", "definite", 4_000, 10_000),  # j1: speaks first
        ("c1", "1", "LOC-DUP", "suspicious", 10_000, 10_000),  # j2: nothing left, stays as a secondary ground
        ("c1", "2", "POL-012", "definite", 0, 5_000),  # j3: no money named
    )
    settled, summary = settle.settle(found, claims(c1=100_000), scores(), POLICY)
    assert counted(settled) == {"j0": 6_000, "j1": 4_000, "j2": 0, "j3": 0}
    assert summary.row(0, named=True)["counted_amt"] == 10_000
    assert summary.row(0, named=True)["reasons"] == ["POL-025", "POL-012", "MED-067", "LOC-DUP"]


def test_a_claim_level_finding_adds_only_what_its_lines_left_and_never_more_than_the_claim():
    found = findings(
        ("c1", "1", "MED-067", "definite", 3_000, 3_000),
        ("c1", None, "MAN-049", "definite", 8_000, None),
        ("c2", "2", "MED-067", "definite", 9_000, 9_000),
        ("c2", "3", "MED-067", "definite", 9_000, 9_000),
    )
    settled, summary = settle.settle(found, claims(c1=100_000, c2=10_000), scores(), POLICY)
    assert counted(settled) == {"j0": 3_000, "j1": 5_000, "j2": 9_000, "j3": 1_000}
    assert summary["counted_amt"].to_list() == [8_000, 10_000]


def test_a_definite_finding_on_the_claim_comes_before_a_suspicion_on_a_line():
    found = findings(("c1", "1", "MED-067", "suspicious", 5_000, 5_000), ("c1", None, "MAN-049", "definite", 5_000, None))
    settled, summary = settle.settle(found, claims(c1=9_000), scores(), POLICY)
    assert counted(settled) == {"j0": 0, "j1": 5_000}
    assert summary["decision"].item() == "recover"


def test_decision_priority_and_reasons():
    found = findings(
        ("sure", "1", "MED-067", "definite", 10_000, 10_000),
        ("maybe", "2", "MED-067", "suspicious", 10_000, 10_000),
        ("data", None, "MAN-049", "definite", 0, None),
    )
    names = dict(sure=10_000, maybe=10_000, data=10_000, odd=10_000, fine=10_000, unscored=10_000)
    _, summary = settle.settle(found, claims(**names), scores(sure=0.9, maybe=0.9, odd=0.5, fine=0.499), POLICY)
    rows = {row["setl_id"]: row for row in summary.iter_rows(named=True)}
    assert {name: row["decision"] for name, row in rows.items()} == {
        "sure": "recover", "maybe": "review", "data": "review", "odd": "review", "fine": "pass", "unscored": "pass",
    }  # fmt: skip
    assert {name: row["priority"] for name, row in rows.items()} == {
        "sure": 6_300, "maybe": 2_800, "data": 0, "odd": 1_050, "fine": 1_047, "unscored": 0,
    }  # fmt: skip
    assert rows["sure"]["reasons"] == ["MED-067", "药占比高"] and rows["unscored"]["reasons"] == []
    assert rows["unscored"]["fraud_probability"] is None


def test_what_counts_nothing_stays_as_a_secondary_ground_of_named_rules():
    found = findings(
        ("c1", "1", "POL-025", "definite", 10_000, 10_000),
        ("c1", "1", "MED-067", "definite", 10_000, 10_000),  # j1: wholly behind the rule on its line
        ("c1", "2", "MED-067", "definite", 2_000, 2_000),  # j2: counts beside it
        ("c1", None, "MAN-049", "suspicious", 90_000, None),  # j3: adds to what the lines already count
        ("c2", "3", "MED-067", "definite", 9_000, 9_000),
        ("c2", "4", "MED-067", "definite", 9_000, 9_000),  # j5: the claim is used up, by its own rule on another line
        ("c3", "5", "MED-067", "definite", 20_000, 9_000),  # j6: asks for more than the line; nothing stands before it
    )
    settled, _ = settle.settle(found, claims(c1=50_000, c2=10_000, c3=50_000), scores(), POLICY)
    assert dict(settled.select("jr_id", "counted_by").iter_rows()) == {
        "j0": None, "j1": "POL-025", "j2": None, "j3": "POL-025, MED-067", "j4": None, "j5": "MED-067", "j6": None,
    }  # fmt: skip
    assert counted(settled)["j1"] == 0 and settled.height == found.height


def test_a_shadow_rule_touches_no_claim():
    found = findings(("c1", "1", "MED-067", "definite", 3_000, 3_000)).with_columns(status=pl.lit("shadow"))
    settled, summary = settle.settle(found, claims(c1=9_000), scores(), POLICY)
    assert settled.is_empty() and not summary["flagged"].item()


def test_no_findings_and_no_scores():
    settled, summary = settle.settle(findings(), claims(c1=100), scores(), POLICY)
    assert settled.is_empty() and settled.schema["counted_amt"] == pl.Int64
    assert summary.rows() == [("c1", False, 0, 0, None, 0, [], "pass")]


money = st.one_of(st.integers(0, 500), st.just(10**13))
rows = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from(["1", "2", "3", None]),
        st.sampled_from(sorted(CODES)),
        st.sampled_from(settle.SEVERITIES),
        money,
    ),
    max_size=25,
)
lines = st.fixed_dictionaries({line: st.integers(0, 400) for line in "123"})


@settings(max_examples=80, deadline=None)
@given(rows, lines, st.integers(0, 900), st.randoms(use_true_random=False))
def test_never_more_than_the_line_or_the_claim_whatever_the_order(found, amounts, medfee, chance: random.Random):
    frame = findings(*((s, line and s + line, rule, sev, amt, line and amounts[line]) for s, line, rule, sev, amt in found))
    bill = claims(a=medfee, b=medfee)
    settled, summary = settle.settle(frame, bill, scores(a=0.3), POLICY)
    assert (settled["counted_amt"] >= 0).all()
    assert (settled["counted_amt"] <= settled["vola_amt"]).all()
    per_line = settled.drop_nulls("bkkp_sn").group_by("bkkp_sn").agg(pl.col("counted_amt").sum(), pl.col("line_amt").first())
    assert (per_line["counted_amt"] <= per_line["line_amt"]).all()
    assert (summary["counted_amt"] <= medfee).all() and (summary["priority"] <= medfee * 7 // 10).all() and (summary["priority"] >= 0).all()
    assert settled["counted_amt"].sum() == summary["counted_amt"].sum()
    assert (summary["counted_fund_amt"] <= medfee * 7 // 10).all() and (settled["counted_fund_amt"] <= settled["vola_fund_amt"]).all()
    order = list(range(frame.height))
    chance.shuffle(order)
    again, once_more = settle.settle(frame[order], bill, scores(a=0.3), POLICY)
    assert counted(again) == counted(settled) and once_more.equals(summary)


def total(found: list[tuple], amounts: dict[str, int], medfee: int, setl_id: str) -> int:
    """The documented formula in plain Python: min(claim, max(largest claim-level amount, sum over lines of min(line, largest on it)))."""
    of_claim = [amount for setl, line, _, _, amount in found if setl == setl_id and line is None]
    per_line: dict[str, list[int]] = {}
    for setl, line, _, _, amount in found:
        if setl == setl_id and line is not None:
            per_line.setdefault(line, []).append(amount)
    on_lines = sum(min(amounts[line], max(asked)) for line, asked in per_line.items())
    return min(medfee, max([on_lines, *of_claim]))


@settings(max_examples=40, deadline=None)
@given(rows, lines, st.integers(0, 900), st.sets(st.sampled_from(sorted(CODES))))
def test_totals_follow_the_formula_and_marginal_amounts_are_what_settling_without_the_rule_shows(found, amounts, medfee, shadows):
    frame = findings(*((s, line and s + line, rule, sev, amt, line and amounts[line]) for s, line, rule, sev, amt in found))
    frame = frame.with_columns(status=pl.when(pl.col("rule_id").is_in(list(shadows))).then(pl.lit("shadow")).otherwise("status"))
    frame = frame.with_columns(rule_version=pl.lit(1, pl.Int64))
    _, summary = settle.settle(frame, claims(a=medfee, b=medfee), scores(), POLICY)
    live = [row for row in found if row[2] not in shadows]
    assert dict(summary.select("setl_id", "counted_amt").iter_rows()) == {s: total(live, amounts, medfee, s) for s in "ab"}
    alone = dict(settle.marginal(frame, claims(a=medfee, b=medfee)).select("rule_id", "marginal_amt").iter_rows())
    expected = {}
    for rule in {row[2] for row in found}:
        others = [row for row in live if row[2] != rule]
        with_it = others + [row for row in found if row[2] == rule]
        expected[rule] = sum(total(with_it, amounts, medfee, s) - total(others, amounts, medfee, s) for s in "ab")
    assert alone == expected


def test_every_rule_has_one_place_in_the_order():
    codes = []
    for file in sorted(RULES.rglob("*.yaml")):
        rule = yaml.safe_load(file.read_text(encoding="utf-8"))
        if isinstance(rule, dict) and "id" in rule and "grain" in rule:
            codes.append((rule["id"], rule.get("national_code") or rule.get("local_code") or ""))
    places = {rule_id: settle.place(code, POLICY) for rule_id, code in codes}
    ordered = sorted(places, key=lambda rule_id: (places[rule_id], rule_id))
    assert codes and len(ordered) == len(codes), "two rules share an id, so the order between them is not declared"


def test_every_national_type_code_has_a_place():
    classes = ("GZ10000101", "GZ10000102", "GZ10000103", "GZ10000201", "GZ10000204", "GZ10000301", "GZ10000303")
    for code in [f"{c}{n:03d}000" for c in classes for n in range(1, 16)] + [f"2025-{n}" for n in (13, 29, 30, 31, 47, 76, 77, 87, 88)]:
        assert settle.place(code, POLICY) >= 0
    with pytest.raises(RuleError, match="no place for 'XX1'"):
        settle.place("XX1", POLICY)


def test_a_wrong_policy_names_every_fault():
    wrong = {"precedence": ["GZ", "GZ"], "confirmed_per_mille": {"definite": 0.9}, "review_from_per_mille": 2000, "severity": "high"}
    with pytest.raises(RuleError) as fault:
        settle.settle(findings(), claims(), scores(), wrong)
    assert len(fault.value.faults) == 6 and "GZ twice" in str(fault.value)
