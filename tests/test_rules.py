"""Every example of every rule, once, through the real stages on Polars and on DuckDB; and what the check says when one is wrong."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from audit.errors import RuleError
from audit.examples import check_rules
from audit.examples.answers import measured
from audit.examples.sceptic import differences
from audit.examples.world import build
from audit.knowledge import load as load_knowledge
from audit.rulebook import load

RULES = Path(__file__).parents[1] / "rules"


def test_every_example_of_every_rule_agrees_on_both_engines() -> None:
    assert "agree on Polars and DuckDB" in check_rules(RULES)


def test_duckdb_agrees_on_invented_rows_full_of_gaps() -> None:
    """Rows no hospital would send: every rule meets missing values in every place, and both engines must answer alike."""
    rules = load(RULES).rules
    words = sorted({"", "药品", *(word for rule in rules for word in re.findall(r"'([^']*)'", rule.when))})
    chance = random.Random(7)
    frames = [invented(schema, words, chance) for schema in measured(build(()), load_knowledge(RULES)).vocabulary]
    assert differences(*frames, rules) == []


def invented(schema: pl.Schema, words: list[str], chance: random.Random, rows: int = 1500) -> pl.DataFrame:
    """Random rows of a schema; about one value in five is missing."""
    draw: dict[type[pl.DataType], Callable[[], object]] = {
        pl.Boolean: lambda: chance.random() < 0.5,
        pl.String: lambda: chance.choice(words),
        pl.Date: lambda: date(2026, 1, 1) + timedelta(days=chance.randrange(400)),
        pl.Datetime: lambda: datetime(2026, 1, 1) + timedelta(minutes=chance.randrange(600_000)),
    }

    def column(dtype: pl.DataType) -> list[object]:
        number = lambda: chance.randrange(-3, 40) if dtype.is_integer() else chance.randrange(-6, 80) / 2  # noqa: E731
        value = draw.get(type(dtype), number)
        return [None if chance.random() < 0.2 else value() for _ in range(rows)]

    return pl.DataFrame({name: pl.Series(column(dtype), dtype=dtype) for name, dtype in schema.items()})


def test_the_promised_types_are_there() -> None:
    rules = load(RULES).judged()
    national = {rule.national_code for rule in rules if rule.national_code}
    assert len(national) >= 35
    wanted = {
        "LOCAL_DUP_LINE",
        "LOCAL_OVERLAP_STAY",
        "LOCAL_OPT_IN_STAY",
        "LOCAL_AFTER_DEATH",
        "LOCAL_BED_DAYS",
        "LOCAL_HOURS_24",
        "LOCAL_TRACE_REUSE",
    }
    assert wanted <= {rule.local_code for rule in rules}


def test_a_rule_fits_on_one_screen() -> None:
    long = {path.name: rows for path in RULES.glob("*/*.yaml") if (rows := len(path.read_text(encoding="utf-8").splitlines())) > 50}
    assert not long


def test_faults_of_every_kind_are_told_at_once_with_file_line_and_values(tmp_path: Path) -> None:
    """One rule cannot be read, one names no column, one answers wrongly: none keeps the others from being checked."""
    shutil.copytree(RULES, tmp_path / "rules", ignore=shutil.ignore_patterns("POL-*", "MGT-*", "LOC-*", "MED-08*"))
    changes = {
        "MED-065": ("version: 1", "version: 1\nverison: 1"),
        "MED-067": ("gend <> item_drug_gend", "gend = item_drug_gend"),
        "MED-076": ("herb_no_in_rx > p_herbs_per_rx", "herb_no_in_rx > p_herb_per_rx"),
    }
    for rule_id, (old, new) in changes.items():
        path = next((tmp_path / "rules" / "medical").glob(f"{rule_id}*.yaml"))
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RuleError) as raised:
        check_rules(tmp_path / "rules")
    said = {rule_id: [fault for fault in raised.value.faults if rule_id in fault] for rule_id in changes}
    assert any(":6: a rule has no key 'verison'; did you mean 'version'?" in fault for fault in said["MED-065"])
    assert any("called 'p_herb_per_rx'; did you mean 'p_herbs_per_rx'?" in fault for fault in said["MED-076"])
    assert any("expected flagged, got clear; values read: " in fault and "item_drug_gend=" in fault for fault in said["MED-067"])
    assert raised.value.exit_code == 3
