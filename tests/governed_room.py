"""A desk that governs a small rules folder, with an analyst, a second analyst and an approver."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from desk_room import ROOT, Clock, a_desk, an_account

from audit.cases import changes, people
from audit.cases.changes import Proposal, Ready
from audit.cases.store import Act, Desk
from audit.cases.walls import Person
from audit.measure import parameters
from audit.rulebook import load, write_lock

KEPT = ("LOC-001", "POL-027", "MED-067")


def few_rules(root: Path) -> Path:
    """A rules folder with three rules, and the parameters that somebody reads: quick to check."""
    rules = Path(shutil.copytree(ROOT / "rules", root / "rules", ignore=shutil.ignore_patterns("rules.lock", "README.md", "*.schema.json")))
    for path in rules.glob("*/*.yaml"):
        if not path.name.startswith(KEPT):
            path.unlink()
    read = {name.removeprefix("p_") for name in (*parameters(), *(name for rule in load(rules).rules for name in rule.read))}
    table = rules / "tables" / "parameters.csv"
    pl.read_csv(table, infer_schema=False).filter(pl.col("name").is_in(read)).write_csv(table)
    write_lock(load(rules))
    return rules


@dataclass
class Room:
    desk: Desk
    rules: Path
    analyst: Person
    other: Person
    approver: Person

    def proposal(self, number: int) -> Proposal:
        with self.desk.read() as con:
            return changes.one(con, number)

    def ready(self, number: int) -> Ready:
        return changes.prepare(self.rules, self.proposal(number))

    def submit(self, number: int, reason: str = "依据已变更") -> None:
        ready = self.ready(number)
        with self.desk.act(self.analyst) as act:
            changes.submit(act, ready, reason)

    def approve(self, number: int, reason: str = "同意") -> int:
        ready = self.ready(number)
        with self.desk.act(self.approver) as act:
            return changes.approve(act, self.rules, ready, reason)

    def published(self, number: int) -> int:
        self.submit(number)
        return self.approve(number)


def a_room(url: str, rules: Path) -> Room:
    """A new desk that takes the folder over."""
    desk = a_desk(url, Clock())
    room = Room(desk, rules, *(an_account(desk, role, login) for role, login in ROLES))
    with desk.act() as act:
        changes.adopt(act, rules, "接管")
    return room


def the_same_room(root: Path, to: Path) -> Room:
    """A copy of a room that was left in `root`: desk.db and rules/."""
    shutil.copytree(root, to, dirs_exist_ok=True)
    desk = a_desk(f"sqlite:///{to / 'desk.db'}", Clock())
    with desk.read() as con:
        known = {row.login: people.person_of(row) for row in con.execute(people.people.select())}
    return Room(desk, to / "rules", *(known[login] for _, login in ROLES))


ROLES = (("analyst", "analyst"), ("analyst", "second"), ("approver", "approver"))


def drafted(act: Act, rules: Path, old: str, new: str, rule_id: str = "LOC-001") -> int:
    text = changes.text_of(rules, rule_id)
    assert old in text
    return changes.draft(act, rules, rule_id, text.replace(old, new))
