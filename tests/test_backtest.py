"""A draft against history: what it says of the night must be what the night said, whatever is compared."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import BATCH_DATE, ROOT

from audit import __main__ as command_line
from audit.backtest import Chosen, backtest, draft, over_history
from audit.backtest.draft import Pair
from audit.backtest.page import page
from audit.errors import AuditError, DataError, RuleError
from audit.knowledge import load as load_knowledge
from audit.lake import Lake
from audit.rulebook import Rule, load

RULES = ROOT / "rules"
SEX = RULES / "medical" / "MED-067-sex-drug.yaml"
NIGHT = date.fromisoformat(BATCH_DATE)


@pytest.fixture(scope="module")
def against(audited: Path) -> Callable[..., dict[str, Any]]:
    """Figures of a changed rule against an active one (None: a new rule) over the small night."""
    book, knowledge = load(RULES), load_knowledge(RULES)

    def told(active: Rule | None, changed: Rule, lake: Path = audited.parent, **chosen: Any) -> dict[str, Any]:
        return over_history(Pair(changed, active, "" if active else "new", book, knowledge), Chosen(lake, **chosen))

    return told


def rule(rule_id: str) -> Rule:
    return load(RULES).rule(rule_id)


def reversed_sex() -> Rule:
    """Flags whoever the drug is meant for, and nobody else."""
    active = rule("MED-067")
    return replace(active, version=2, when=active.when.replace("gend <> item_drug_gend", "gend = item_drug_gend"))


def test_the_active_side_of_every_rule_is_what_the_night_found(against: Callable, audited: Path) -> None:
    findings, open_, cards = (pl.read_parquet(audited / f"{name}.parquet") for name in ("findings", "cannot_tell", "scorecards"))
    for active in load(RULES).judged():
        said = against(active, active)
        if active.status == "shadow":  # counted on its card, and nowhere else
            assert said["findings"]["before"] == cards.row(by_predicate=pl.col("rule_id") == active.id, named=True)["hits"], active.id
            continue
        there = findings.filter(pl.col("rule_id") == active.id)
        assert said["findings"]["before"] == said["findings"]["after"] == there.height, active.id
        assert said["flagged"]["before"] == there["setl_id"].n_unique()
        assert said["money"]["violating"]["before"] == there["vola_amt"].sum()
        assert said["money"]["fund"]["before"] == there["vola_fund_amt"].sum()
        assert said["cannot_tell"]["rows"]["before"] == open_.filter(pl.col("rule_id") == active.id)["rows"].sum()
        claims = said["claims"]
        assert claims["unchanged"] == claims["all"] == pl.read_parquet(audited / "claims.parquet").height
        assert claims["newly_flagged"] == claims["newly_cleared"] == said["institutions"]["touched"] == said["doctors"]["touched"] == 0


def test_newly_flagged_and_newly_cleared_with_their_reasons(against: Callable, audited: Path) -> None:
    said = against(rule("MED-067"), reversed_sex())
    found = pl.read_parquet(audited / "findings.parquet").filter(pl.col("rule_id") == "MED-067")
    assert said["findings"]["newly_cleared"] == said["findings"]["before"] == found.height > 0
    assert said["findings"]["newly_flagged"] == said["findings"]["after"] > found.height
    assert said["money"]["violating"] == {"before": found["vola_amt"].sum(), "after": said["money"]["violating"]["after"]}
    assert said["review"]["minutes"]["after"] == 10 * said["findings"]["after"], "minutes of a definite finding in policy.yaml"
    cleared = {sample["bkkp_sn"]: sample for sample in said["samples"]["newly_cleared"]}
    dearest = found.sort("vola_amt", "setl_id", descending=[True, False]).unique("setl_id", keep="first", maintain_order=True).head(10)
    assert set(cleared) == set(dearest["bkkp_sn"])
    for row in dearest.iter_rows(named=True):
        sample = cleared[row["bkkp_sn"]]
        assert (sample["amount"], sample["fund"], sample["other"]) == (row["vola_amt"], row["vola_fund_amt"], "clear")
        assert sample["sentence"]["zh"].split("。")[0] == row["vola_cont"].split("。")[0] and sample["clause"]["zh"] == row["vola_evid"]
        assert {"gend", "item_drug_gend"} <= {value["name"] for value in sample["values"]}
    for sample in said["samples"]["newly_flagged"]:
        values = {value["name"]: value["en"] for value in sample["values"]}
        assert values["gend"] == values["item_drug_gend"] and sample["other"] == "clear"


def test_a_new_rule_about_claims_is_compared_with_nothing(against: Callable, audited: Path, province: Path) -> None:
    new = replace(
        rule("MGT-049"), id="LOC-900", when="medfee_sumamt > 300000", amount="whole", effective_from=date(2030, 1, 1),
        message={"zh": "总额{medfee_sumamt}", "en": "total {medfee_sumamt}"}, evidence=(),
    )  # fmt: skip
    said = against(None, new)
    audited_claims = pl.read_parquet(audited / "claims.parquet")
    billed = pl.read_parquet(province / "setl_d.parquet").join(audited_claims, on="setl_id", how="semi").unique("setl_id")
    fen = (billed["medfee_sumamt"].cast(pl.Decimal(20, 2)) * 100).cast(pl.Int64)
    dear = fen.filter(fen > 300_000)
    assert said["flagged"] == {"before": 0, "after": dear.len()} and dear.len() > 0
    assert said["money"]["violating"]["after"] == dear.sum()
    assert said["review"]["minutes"] == {"before": 0, "after": 30 * dear.len()}
    notes = " ".join(note["en"] for note in said["notes"])
    assert "compared with nothing" in notes and "as if in force on every day" in notes


def test_sides_that_look_at_different_rows_meet_at_the_claim(against: Callable) -> None:
    """A line rule about few items becomes one about all lines, and one about claims: the claims of both are told apart."""
    active = rule("MED-067")
    every_line = replace(active, when="cnt_e4 > 0", message={"zh": "全部", "en": "all"}, amount="whole")
    said = against(active, every_line)
    assert said["findings"]["newly_cleared"] == 0 < said["findings"]["before"]
    assert said["findings"]["newly_flagged"] == said["findings"]["after"] - said["findings"]["before"]
    assert said["claims"]["flagged_unchanged"] == said["flagged"]["before"]
    of_claims = replace(every_line, grain="claim", when="line_count > 0")
    said = against(active, of_claims)
    assert said["claims"]["flagged_unchanged"] == said["flagged"]["before"] > 0
    assert said["findings"]["newly_cleared"] == said["findings"]["before"], "a finding on a line is not one on a claim"


def test_what_can_no_longer_be_told_is_not_called_cleared(against: Callable) -> None:
    active = rule("MED-067")
    blind = replace(active, when="item_drug_gend IS NOT NULL AND CASE WHEN gend = 'x' THEN TRUE END")
    said = against(active, blind)
    assert said["claims"]["newly_cleared"] == 0 and said["claims"]["newly_in_doubt"] == said["flagged"]["before"] > 0
    assert {sample["other"] for sample in said["samples"]["newly_cleared"]} == {"cannot_tell"}


def test_a_night_in_other_buckets_and_order_gives_the_same_bytes(against: Callable, audited: Path, audited_again: Path) -> None:
    lakes = (audited.parent, audited.parent, audited_again.parent)
    both = [against(rule("MED-067"), reversed_sex(), lake) for lake in lakes]
    assert len({json.dumps(said) for said in both}) == 1 and len({page(said) for said in both}) == 1
    assert len(list((audited_again.parent / "measured" / BATCH_DATE).glob("*/lines-*.parquet"))) > 1


def test_area_and_institution_choose_claims(against: Callable, audited: Path) -> None:
    whole = against(rule("MED-067"), reversed_sex())
    one = whole["institutions"]["most_changed"][0]
    said = against(rule("MED-067"), reversed_sex(), institution=one["fixmedins_code"])
    assert said["claims"]["all"] < whole["claims"]["all"]
    (there,) = said["institutions"]["most_changed"]
    assert there == one and said["findings"]["newly_flagged"] == one["new"]
    assert against(rule("MED-067"), reversed_sex(), area="99")["claims"]["all"] == whole["claims"]["all"]
    with pytest.raises(DataError, match="--institution H000: not one claim in 1 nights"):
        against(rule("MED-067"), reversed_sex(), institution="H000")


def test_table_json_and_page_say_the_same(audited: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = tmp_path / "MED-067-draft.yaml"
    text = SEX.read_text(encoding="utf-8").replace("version: 1", "version: 2").replace("status: active", "status: draft")
    changed.write_text(text.replace("gend <> item_drug_gend", "gend = item_drug_gend"), encoding="utf-8")
    backtest(changed, RULES, Chosen(audited.parent), tmp_path / "out" / "b.json", tmp_path / "out" / "b.html")
    said = json.loads((tmp_path / "out" / "b.json").read_text(encoding="utf-8"))
    assert (said["draft"]["version"], said["active"]["version"]) == (2, 1)
    table, html = capsys.readouterr().out, (tmp_path / "out" / "b.html").read_text(encoding="utf-8")
    rows = {cells[0]: cells[1:] for line in table.splitlines() if len(cells := re.split(r"\s{2,}", line.strip())) > 1}
    yuan = {side: f"{said['money']['violating'][side] / 100:,.2f}" for side in ("before", "after")}
    assert rows["claims flagged"][:2] == [f"{said['flagged'][side]:,}" for side in ("before", "after")]
    assert rows["violating amount, yuan"][:2] == [yuan["before"], yuan["after"]]
    assert rows["review, hours"][:2] == [f"{said['review']['minutes'][side] / 60:,.1f}" for side in ("before", "after")]
    assert rows["newly flagged"] == [f"{said['claims']['newly_flagged']:,}", f"{said['findings']['newly_flagged']:,}"]
    assert rows["doctors touched"] == [f"{said['doctors']['touched']:,}"]
    assert said["samples"]["newly_flagged"][0]["sentence"]["en"] in " ".join(table.split("\n"))
    bare = re.sub(r"<[^>]+>", "", html)
    assert all(amount in bare for amount in yuan.values()) and said["samples"]["newly_cleared"][0]["sentence"]["zh"] in bare
    assert not re.search(r"(?:src|href)=|https?:|@import|url\(", html), "the page needs no network"


def nights_before(audited: Path, lake: Path, drop: str, number: int = 2) -> Path:
    """A copy of the lake with earlier nights that kept everything but one column."""
    shutil.copytree(audited.parent / "tables", lake / "tables")
    shutil.copytree(audited.parent / "measured", lake / "measured")
    (whole,) = Lake(lake).kept()
    assert whole.folder is not None
    files = [(path.stem, pl.read_parquet(path).drop(drop, strict=False)) for path in sorted(whole.folder.glob("*.parquet"))]
    for night in (NIGHT - timedelta(days=back) for back in range(1, number + 1)):
        manifest = {"measured": Lake(lake).keep(night, files)} if drop else {}
        Lake(lake).replace(night, f"{night}-r", {}, json.dumps(manifest))
    return lake


def test_a_column_kept_only_from_some_night_on_is_named_with_the_nights(against: Callable, audited: Path, tmp_path: Path) -> None:
    lake = nights_before(audited, tmp_path, "gend")
    with pytest.raises(DataError) as refused:
        against(rule("MED-067"), reversed_sex(), lake)
    assert "MED-067-sex-drug.yaml:14: when: the lake keeps no 'gend' of lines of limited items" in str(refused.value)
    assert f"in 2 of 3 nights (2026-07-29 to 2026-07-30); begin later with --from {BATCH_DATE}" in str(refused.value)
    assert against(rule("MED-067"), reversed_sex(), lake, first=NIGHT)["nights"]["count"] == 1
    only_shown = replace(reversed_sex(), when="item_drug_gend IS NOT NULL AND is_child")
    assert "read 'unknown' in the examples: gend" in against(None, only_shown, lake)["notes"][-1]["en"]
    with pytest.raises(DataError, match="keeps no 'gend' of lines of limited items of any night from 2026-07-29 to 2026-07-30; run those"):
        against(rule("MED-067"), reversed_sex(), lake, last=NIGHT - timedelta(days=1))


def test_nights_from_before_anything_was_kept_are_named(against: Callable, audited: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"in 1 of 2 nights .2026-07-30 to 2026-07-30.; begin later with --from {BATCH_DATE}"):
        against(rule("MED-067"), reversed_sex(), nights_before(audited, tmp_path, "", number=1))


def test_a_night_that_is_replaced_while_it_is_read_is_a_sentence(against: Callable, audited: Path, tmp_path: Path) -> None:
    lake = nights_before(audited, tmp_path, "")
    next((lake / "measured" / BATCH_DATE).glob("*/limited-*.parquet")).unlink()
    with pytest.raises(DataError, match="A night was run again while the backtest read it"):
        against(rule("MED-067"), reversed_sex(), lake, first=NIGHT)


def test_lakes_and_dates_without_a_night(against: Callable, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such folder"):
        against(None, reversed_sex(), tmp_path / "none")
    with pytest.raises(DataError, match="holds no finished night"):
        against(None, reversed_sex(), tmp_path)
    with pytest.raises(DataError, match=f"--from 2027-01-01: no night lies there; the lake .* holds {BATCH_DATE} to {BATCH_DATE}"):
        against(None, reversed_sex(), first=date(2027, 1, 1))


DRAFT = SEX.read_text(encoding="utf-8")
WRONG = {
    "no file": (None, "there is no such rule file"),
    "a folder": ("", "is a folder; name one rule file"),
    "no YAML": ("id: [", "not readable as YAML"),
    "a wrong key": (DRAFT.replace("grain:", "grian:"), "has no key 'grian'; did you mean 'grain'?"),
    "a retired draft": (DRAFT.replace("status: active", "status: retired"), "a retired rule stands in retired/"),
    "a window": (DRAFT.replace("gend <> item_drug_gend", "sum(cnt) OVER () > 1"), r"MED-067-draft.yaml:14: when, at .* a window \(OVER\)"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_draft_is_told_what_where_and_how(wrong: str, tmp_path: Path) -> None:
    text, sentence = WRONG[wrong]
    path = tmp_path / "MED-067-draft.yaml"
    if text:
        path.write_text(text, encoding="utf-8")
    elif text is not None:
        path.mkdir()
    with pytest.raises(RuleError, match=sentence):
        draft.read(path, RULES)


def test_every_unknown_column_is_named_before_the_lake_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "MED-067-draft.yaml"
    path.write_text(DRAFT.replace("sex_exempt", "sex_exmpt").replace("{gend}", "{gendr}"), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["audit", "backtest", str(path), "--lake", str(tmp_path), "--rules", str(RULES)])
    with pytest.raises(SystemExit) as left:
        command_line.main()
    told = capsys.readouterr().err
    assert left.value.code == 3 and "Traceback" not in told
    assert "MED-067-draft.yaml:14: no column or measure is called 'sex_exmpt'; did you mean 'sex_exempt'?" in told
    assert "'gendr'; did you mean 'gend'?" in told


def test_the_rulebook_must_know_what_the_draft_would_replace(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules, ignore=shutil.ignore_patterns("POL-*", "MGT-*", "LOC-*", "MED-08*"))
    active, changed = rules / "medical" / SEX.name, tmp_path / "MED-067-draft.yaml"
    changed.write_text(DRAFT.replace("version: 1", "version: 2"), encoding="utf-8")

    def refused(path: Path) -> AuditError:
        with pytest.raises(RuleError) as wrong:
            draft.read(path, rules)
        return wrong.value

    assert "this is the active MED-067 itself; copy it" in str(refused(active))
    (rules / "rules.lock").write_text((rules / "rules.lock").read_text().replace("MED-067 1", "MED-067 3"))
    assert "rules.lock does not know MED-067 version 1 as it stands" in str(refused(changed))
    (rules / "retired").mkdir()
    active.rename(rules / "retired" / active.name)
    gone = rules / "retired" / active.name
    gone.write_text(DRAFT.replace("status: active", "status: retired\nreason: 与新规则重复"), encoding="utf-8")
    assert "MED-067 is retired" in str(refused(changed)) and "give the draft another id" in str(refused(changed))
