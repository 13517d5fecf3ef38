"""Scorecards: what a rule hits and what hangs on it, rules that are only counted, and rules that jump or vanish from night to night."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from conftest import BATCH_DATE, ROOT
from explained_night import night, rulebook
from rulebook_room import RULE, SPLIT, write_rules
from typer.testing import CliRunner

from audit.__main__ import app
from audit.errors import DataError, RuleError
from audit.journey import Night, run
from audit.judge.waive import WAIVED
from audit.lake import Lake
from audit.report import SCORECARDS, changes, run_times, scorecards
from audit.report.history import cards_of
from audit.rulebook import Rulebook, check_lock, load, write_lock

WATCH = yaml.safe_load((ROOT / "rules" / "policy.yaml").read_text(encoding="utf-8"))["watch"]
NONE_WAIVED = pl.DataFrame(schema=WAIVED)
NO_FINDINGS = pl.DataFrame(
    schema={"rule_id": pl.String, "setl_id": pl.String, "bkkp_sn": pl.String, "vola_amt": pl.Int64, "counted_amt": pl.Int64}
)


def card(findings: list[tuple[str, str, str | None, int]], cannot_tell: list[tuple[str, str, int]] = []) -> dict[str, dict]:  # noqa: B006
    """Cards of findings (rule, claim, line, fen) by rule id; of 100 lines and 10 claims."""
    found = pl.DataFrame([(*row, 0) for row in findings], schema=NO_FINDINGS.schema, orient="row")
    alone = pl.DataFrame(schema={"rule_id": pl.String, "marginal_amt": pl.Int64})
    untold = pl.DataFrame(cannot_tell, schema={"rule_id": pl.String, "missing": pl.String, "rows": pl.Int64}, orient="row")
    made = scorecards(rulebook(), found.lazy(), found, untold, alone, NONE_WAIVED, pl.LazyFrame({"row": range(100)}), 10)
    assert dict(made.schema) == SCORECARDS and made["rule_id"].is_sorted()
    return {row["rule_id"]: row for row in made.iter_rows(named=True)}


def test_a_card_counts_hits_overlaps_and_causes() -> None:
    cards = card(
        [
            ("POL-025", "c1", "1", 500), ("POL-027", "c1", "1", 300), ("LOC-001", "c1", "1", 500), ("POL-025", "c1", "2", 100),
            ("POL-027", "c1", "3", 50), ("MGT-049", "c1", None, 0), ("POL-025", "c2", "4", 100), ("MED-067", "c3", "5", 70),
        ],
        [("MED-067", "gend", 3), ("MED-067", "brdy", 9), ("MED-067", "gend", 7)],
    )  # fmt: skip
    pol = cards["POL-025"]
    assert (pol["hits"], pol["claims_hit"], pol["asked_amt"], pol["lines"], pol["claims"]) == (3, 2, 700, 100, 10)
    assert pol["overlaps"] == [
        {"rule_id": "LOC-001", "lines": 1, "claims": 1},
        {"rule_id": "POL-027", "lines": 1, "claims": 1},
        {"rule_id": "MGT-049", "lines": 0, "claims": 1},
    ]
    assert cards["MED-067"]["overlaps"] == [] and cards["MED-067"]["cannot_tell"] == 19
    assert cards["MED-067"]["causes"] == [{"missing": "gend", "rows": 10}, {"missing": "brdy", "rows": 9}]
    silent = cards["LOC-007"]
    assert (silent["hits"], silent["overlaps"], silent["causes"], silent["marginal_amt"]) == (0, [], [], 0)


def test_a_card_does_not_depend_on_the_order_of_findings() -> None:
    frames = night(300)
    mixed = frames["findings"].sample(fraction=1, shuffle=True, seed=5)
    alone = mixed.select("rule_id", marginal_amt="counted_amt")
    again = scorecards(
        rulebook(), mixed.lazy(), mixed, frames["cannot_tell"][::-1], alone, NONE_WAIVED, pl.LazyFrame({"row": range(2700)}), 300
    )
    assert again.equals(frames["cards"])
    assert again["marginal_amt"].sum() == frames["findings"]["counted_amt"].sum()


def tonight(hit: int, claims: int = 1000, version: int = 1) -> pl.DataFrame:
    one = {
        "rule_id": "R",
        "rule_version": version,
        "grain": "line",
        "lines": 9 * claims,
        "claims": claims,
        "claims_hit": hit,
        "cannot_tell": 4,
    }
    return pl.DataFrame([one])


def before(*nights: tuple[int, int]) -> pl.LazyFrame:
    """Earlier nights of version 1: claims hit, claims audited."""
    rows = [(date(2026, 6, 1) + timedelta(days=n), "R", 1, claims, hit) for n, (hit, claims) in enumerate(nights)]
    schema = {"batch_date": pl.Date, "rule_id": pl.String, "rule_version": pl.Int64, "claims": pl.Int64, "claims_hit": pl.Int64}
    return pl.LazyFrame(rows, schema=schema, orient="row")


STEADY = [(50, 1000), (46, 1000), (55, 1000), (51, 1000)]


@pytest.mark.parametrize(
    ("hit", "claims", "nights", "kind"),
    [
        (52, 1000, STEADY, None),
        (0, 1000, STEADY, "fewer"),
        (180, 1000, STEADY, "more"),
        (104, 2000, STEADY, None),  # twice the claims, twice the hits
        (0, 100, STEADY, None),  # five were to be expected: too few to mean anything
        (0, 1000, STEADY[:2], None),  # too few nights
        (0, 0, STEADY, None),  # nothing was audited
        (60, 1000, [(0, 1000)] * 3, "more"),
        (12, 1000, [(0, 1000)] * 3, None),
        (5, 1000, [(12, 1000)] * 9, None),
        (160, 1000, [(5, 1000), (160, 1000), (9, 1000), (170, 1000)], None),  # the nights themselves go up and down
        (75_000, 1_000_000, [(50_000, 1_000_000)] * 5, None),  # sure to be no chance, yet not twice as many
    ],
)
def test_a_rule_is_named_when_its_hits_jump_or_vanish_and_small_numbers_do_not_cry_wolf(
    hit: int, claims: int, nights: list[tuple[int, int]], kind: str | None
) -> None:
    found = changes(tonight(hit, claims), before(*nights), WATCH)
    assert [row["kind"] for row in found] == ([kind] if kind else [])
    if kind:
        assert found[0]["claims_hit"] == hit and found[0]["nights"] == len(nights) and found[0]["rows"] == 9 * claims


def test_a_new_version_starts_afresh_and_only_the_last_nights_count() -> None:
    assert changes(tonight(0, version=2), before(*STEADY), WATCH) == []
    assert changes(tonight(0), before(*STEADY, *[(0, 1000)] * WATCH["nights"]), WATCH) == []


def test_chance_alone_names_almost_no_rule() -> None:
    """50 rules with 0.2 to 120 expected claims, 60 nights of pure chance each: 3,000 comparisons."""
    chance = np.random.default_rng(1)
    expected = 0.2 * 1.14 ** np.arange(50)
    ids = [f"R{n}" for n in range(50)]
    common = {"rule_id": ids, "rule_version": [1] * 50, "claims": [1000] * 50}
    earlier = [
        pl.DataFrame({"batch_date": [date(2026, 6, n)] * 50, **common, "claims_hit": chance.poisson(expected)}) for n in range(1, 13)
    ]
    named = 0
    for _ in range(60):
        cards = pl.DataFrame(
            {**common, "grain": ["claim"] * 50, "lines": [0] * 50, "cannot_tell": [0] * 50, "claims_hit": chance.poisson(expected)}
        )
        named += len(changes(cards, pl.concat(earlier).lazy(), WATCH))
    assert named <= 1


def test_run_times_add_up_over_buckets() -> None:
    clock = pl.LazyFrame({"rule_id": ["b", "a", "b"], "rule_version": [1, 1, 1], "rows": [10, 5, 20], "seconds": [0.5, 0.1, 0.25]})
    assert run_times(clock) == {"a": {"rows": 5, "seconds": 0.1}, "b": {"rows": 30, "seconds": 0.75}}


@pytest.fixture(scope="module")
def changed_night(province: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night of four statuses: MED-067 shadow, LOC-001 draft, MED-065 retired; POL-025 hit ten times more in the three nights before."""
    room = tmp_path_factory.mktemp("cards")
    rules, lake = room / "rules", room / "lake"
    shutil.copytree(ROOT / "rules", rules)
    for name, old, new in (("medical/MED-067*", "active", "shadow"), ("local/LOC-001*", "active", "draft")):
        (path,) = rules.glob(name)
        path.write_text(path.read_text(encoding="utf-8").replace(f"status: {old}", f"status: {new}"), encoding="utf-8")
    (path,) = rules.glob("medical/MED-065*")
    (rules / "retired").mkdir(exist_ok=True)
    text = path.read_text(encoding="utf-8").replace("status: active", "status: retired\nreason: replaced by the label rules")
    (rules / "retired" / path.name).write_text(text, encoding="utf-8")
    path.unlink()
    for n in range(3):
        row = {name: 0 for name, dtype in SCORECARDS.items() if dtype == pl.Int64()} | {"causes": [], "overlaps": []}
        row |= {"rule_id": "POL-025", "rule_version": 1, "status": "active", "grain": "line", "claims": 2000, "claims_hit": 320}
        Lake(lake).replace(date(2026, 7, 1 + n), f"r{n}", {"scorecards": pl.DataFrame([row], schema=SCORECARDS)}, "{}")
    return run(Night(str(province), str(lake), BATCH_DATE, rules=str(rules), models=str(ROOT / "models"), out=str(lake / "out")))


def test_a_shadow_rule_is_counted_and_never_reaches_a_claim_and_draft_and_retired_rules_rest(changed_night: Path, audited: Path) -> None:
    cards = {row["rule_id"]: row for row in pl.read_parquet(changed_night / "scorecards.parquet").iter_rows(named=True)}
    plain = {row["rule_id"]: row for row in pl.read_parquet(audited / "scorecards.parquet").iter_rows(named=True)}
    assert {"LOC-001", "MED-065"} & set(cards) == set() and {"LOC-001", "MED-065"} <= set(plain)
    shadow, live = cards["MED-067"], plain["MED-067"]
    assert (shadow["status"], live["status"]) == ("shadow", "active")
    assert shadow["hits"] == live["hits"] > 0 and shadow["cannot_tell"] == live["cannot_tell"]
    assert shadow["counted_amt"] == 0 and live["counted_amt"] > 0 and shadow["marginal_amt"] > 0
    findings, claims = (pl.read_parquet(changed_night / f"{name}.parquet") for name in ("findings", "claims"))
    assert "MED-067" in set(pl.read_parquet(audited / "findings.parquet")["rule_id"])
    assert "MED-067" not in set(findings["rule_id"])
    assert "MED-067" not in (changed_night / "claims.parquet").read_bytes().decode("latin-1")
    assert not claims["explanation"].str.contains("药品区分性别使用").any()
    # what the totals lose without the rules that are out is what their cards said
    lost = pl.read_parquet(audited / "claims.parquet")["counted_amt"].sum() - claims["counted_amt"].sum()
    assert lost == sum(plain[rule]["marginal_amt"] for rule in ("MED-067", "LOC-001", "MED-065"))


def test_the_summary_and_the_page_name_the_rule_that_changed(changed_night: Path) -> None:
    (row,) = json.loads((changed_night / "figures.json").read_text(encoding="utf-8"))["changed"]
    assert (row["rule_id"], row["kind"], row["nights"]) == ("POL-025", "fewer", 3) and row["expected"] > 300
    told = CliRunner().invoke(app, ["summary", str(changed_night)], env={"COLUMNS": "140"}).output
    assert "POL-025 v1: fewer" in told and "Rules to look at" in told
    page = (changed_night / "report.html").read_text(encoding="utf-8")
    assert "Rules whose hits jump or vanish" in page and f"about {row['expected']} expected from 3 earlier nights" in page
    assert "shadow</span>" in page


def test_clock_values_stand_in_the_manifest_only(changed_night: Path) -> None:
    times = json.loads((changed_night / "manifest.json").read_text(encoding="utf-8"))["rules"]
    cards = pl.read_parquet(changed_night / "scorecards.parquet")
    assert set(times) == set(cards["rule_id"]) and all(time["rows"] > 0 and time["seconds"] >= 0 for time in times.values())
    assert not any("second" in name or "time" in name for name in cards.columns)


def test_the_command_shows_a_night_and_a_rule_over_nights(changed_night: Path) -> None:
    lake = changed_night.parent
    told = CliRunner().invoke(app, ["scorecard", "--lake", str(lake)]).output
    assert "MED-067 v1 (shadow)" in told and "gend 3" in told
    listed = json.loads(CliRunner().invoke(app, ["scorecard", "--lake", str(lake), "--json"]).output)
    stored = pl.read_parquet(changed_night / "scorecards.parquet").to_dicts()
    assert [{name: row[name] for name in SCORECARDS} for row in listed] == stored
    assert all(row["batch_date"] == BATCH_DATE and row["seconds"] is not None for row in listed)
    over_time = cards_of(lake, "POL-025")
    assert [row["batch_date"] for row in over_time] == ["2026-07-01", "2026-07-02", "2026-07-03", BATCH_DATE]
    assert (
        over_time[0]["seconds"] is None
        and "Rule POL-025" in CliRunner().invoke(app, ["scorecard", "--lake", str(lake), "--rule", "POL-025"]).output
    )


def test_no_cards_and_unknown_rules_are_a_sentence(changed_night: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no night with scorecards lies in this lake"):
        cards_of(tmp_path)
    with pytest.raises(DataError, match="judged such a rule; did you mean 'POL-025'"):
        cards_of(changed_night.parent, "POL-25")


def test_the_life_of_a_rule_from_draft_to_retired_needs_no_new_version(tmp_path: Path) -> None:
    rules = write_rules(tmp_path)
    path = rules / "medical" / "MED-067.yaml"

    def at(status: str) -> Rulebook:
        path.write_text(RULE.replace("status: active", f"status: {status}"), encoding="utf-8")
        return load(rules)

    write_lock(at("draft"))
    for status, runs in (("draft", False), ("shadow", True), ("active", True), ("draft", False)):
        book = at(status)
        assert check_lock(book) == [] and (book.rule("MED-067") in book.judged()) is runs
    path.unlink()
    assert "a withdrawn rule moves to retired/" in check_lock(load(rules))[0]
    (rules / "retired").mkdir()
    withdrawn = rules / "retired" / path.name
    withdrawn.write_text(RULE.replace("status: active", "status: retired\nreason: the label says otherwise"), encoding="utf-8")
    book = load(rules)
    assert (
        check_lock(book) == [] and book.rule("MED-067") not in book.judged() and book.rule("MED-067").reason == "the label says otherwise"
    )
    withdrawn.rename(path)
    with pytest.raises(RuleError, match="a retired rule stands in retired/"):
        load(rules)


@pytest.mark.parametrize(
    ("folder", "status", "sentence"),
    [
        ("retired", "retired", "a retired rule needs the key 'reason': why it was withdrawn"),
        ("retired", "retired\nreason: ''", "reason must be text and not empty"),
        ("retired", "active", "a retired rule stands in retired/ with status retired, and no other rule does"),
        ("management", "retired\nreason: x", "a retired rule stands in retired/ with status retired, and no other rule does"),
        ("management", "active\nreason: x", "an active rule has no 'reason'"),
        ("management", "paused", "status 'paused' is not one of draft, shadow, active, retired"),
    ],
)
def test_a_wrong_move_is_said(tmp_path: Path, folder: str, status: str, sentence: str) -> None:
    rules = write_rules(tmp_path)
    (rules / "management" / "MGT-049.yaml").unlink()
    (rules / folder).mkdir(exist_ok=True)
    (rules / folder / "MGT-049.yaml").write_text(SPLIT.replace("status: active", f"status: {status}"), encoding="utf-8")
    with pytest.raises(RuleError, match=sentence):
        load(rules)


def test_a_rule_may_be_active_before_it_was_ever_locked(tmp_path: Path) -> None:
    rules = write_rules(tmp_path)
    (rules / "medical" / "MED-067.yaml").unlink()
    write_lock(load(rules))
    write_rules(tmp_path)
    book = load(rules)
    assert book.rule("MED-067") in book.judged()
    assert check_lock(book) == ["rules/rules.lock is not current for MED-067 (version 1); `audit check-rules --lock` writes it."]
