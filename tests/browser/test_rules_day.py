"""A rule is changed at the desk by one person, published by another, and the next night judges by it; not a moment before."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from audit.lake import Lake
from audit.rulebook import load
from audit.synth import synth
from browser.conftest import ROOT, Visit, World

pytestmark = pytest.mark.browser
NEXT = "2026-08-31"
OLD, STRICTER = "when: copy_no > 1", "when: copy_no > 2"


def night(world: World, source: Path) -> subprocess.CompletedProcess[str]:
    """`audit run` of the next night by the folder that the desk governs."""
    folders = ["--source", str(source), "--lake", str(world.lake), "--rules", str(world.rules), "--models", str(ROOT / "models")]
    run = [sys.executable, "-m", "audit", "run", *folders, "--batch-date", NEXT, "--out", str(world.folder / "next")]
    return subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)


def redrawn(text: str) -> str:
    """The stricter rule with examples that show it: a third line alike, in the first and in the second of them."""
    second, sixth = (next(line for line in text.splitlines() if line.startswith(f"      {row} ")) for row in ("f2", "f6"))
    text = text.replace(OLD, STRICTER).replace(second, f"{second}\n{second.replace('f2', 'f3')}", 1)
    text = text.replace(sixth, f"{sixth}\n{sixth.replace('f6', 'f7')}")
    return text.replace("flags: [f2]\n    amounts: {f2: 30.00}", "flags: [f3]\n    amounts: {f3: 30.00}")


def test_from_the_analyst_to_the_next_night(world: World, visit: Visit, tmp_path: Path) -> None:
    synth(300, 5, tmp_path / "next")
    path = next(world.rules.glob("local/LOC-001*.yaml"))
    approved = path.read_text(encoding="utf-8")
    path.write_text(approved.replace(OLD, STRICTER), encoding="utf-8")  # by hand, past the desk
    refused = night(world, tmp_path / "next")
    assert refused.returncode and "not what was approved" in refused.stderr
    path.write_text(approved, encoding="utf-8")

    analyst = visit(world, "analyst", "zh")
    page = analyst.page
    analyst.look("rules")
    page.click("a[href='/rules/LOC-001']")
    analyst.look("rule")
    page.click("a[href^='/rules/LOC-001/edit']")
    page.wait_for_selector("#checks .chip.good")
    analyst.look("rule-form")
    page.click("button[hx-post='/rules/turn?to=text']")
    text = page.locator("#text")
    text.wait_for()
    text.fill(approved.replace("AND fund_pays", "AND fund_pay"))
    page.wait_for_selector("#faults")  # a column that nobody knows
    analyst.look("rule-fault")
    text.fill(approved.replace(OLD, STRICTER))
    page.wait_for_selector("#checks tr.wrong")  # two lines alike are no longer enough: its own example says otherwise
    analyst.look("rule-example-differs")
    text.fill(redrawn(approved))
    page.wait_for_selector("#checks .chip.good")
    page.locator("#checks tr.wrong, #faults").first.wait_for(state="detached")
    page.fill("[name=title]", "两条相同不再提示")
    analyst.send("#editing button.primary")
    proposal = page.url.removeprefix(world.address)
    assert proposal.startswith("/rules/proposals/")
    page.click("#impact form button")
    page.wait_for_selector("#impact .tiles")
    analyst.look("proposal-impact")
    page.fill("[name=reason]", "误报多")
    analyst.send("form[action$='/submit'] button.primary")
    assert page.locator("form[action$='/approve']").count() == 0
    analyst.look("proposal-submitted")

    approver = visit(world, "approver", "en")
    approver.look("proposals")
    approver.page.click(f"a[href='{proposal}']")
    approver.look("proposal-to-approve")
    approver.page.fill("form[action$='/approve'] [name=reason]", "Agreed")
    approver.send("form[action$='/approve'] button.primary")
    approver.look("proposal-published")
    for room in ("/rules/publications", "/rules/waivers", "/rules/knowledge", "/rules", "/rules/LOC-001", "/rules/LOC-001/edit"):
        for person in (analyst, approver) if "edit" not in room else (visit(world, "analyst", "en"),):
            person.open(room)
            person.look(room.strip("/").replace("/", "-"))

    done = night(world, tmp_path / "next")
    assert done.returncode == 0, done.stderr[-2000:]
    runs = Lake(world.lake).runs().filter(batch_date=date.fromisoformat(NEXT))
    book = load(world.rules)
    assert next(rule for rule in book.rules if rule.id == "LOC-001").version == 2
    assert book.fingerprint in str(runs["manifest"].item())  # what the night judged by is what was approved
