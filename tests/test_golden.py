"""The pencil claims of tests/golden: what the engine finds, to the fen, is what a person gets with paper and pencil."""

from __future__ import annotations

from pathlib import Path

import golden_files
import polars as pl
import pytest
from conftest import ROOT

from audit import engine, judge
from audit.examples.answers import judged, measured
from audit.knowledge import load as load_knowledge
from audit.rulebook import load
from audit.settle import settle

FOLDER = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "README")
Found = dict[tuple[str, str], dict[str, int]]


@pytest.fixture(scope="module")
def found() -> dict[str, Found]:
    """File -> (row, rule) -> fen: all files as one batch through the stages of a night, findings settled."""
    book = load(ROOT / "rules")
    files = [golden_files.read(FOLDER / f"{name}.md") for name in NAMES]
    world, cases = golden_files.batch(files, book)
    rows = measured(world, load_knowledge(ROOT / "rules"))
    answers = judged(rows, book.rules)
    claims = answers.claims.lazy()
    hits = [
        (frame, [rule for rule in book.rules if rule.of_lines is lines])
        for frame, lines in ((answers.lines, True), (answers.claims, False))
    ]
    findings = pl.concat(judge.findings(engine.collect(judge.hits(frame.lazy(), claims, rules)), rules) for frame, rules in hits)
    scores = answers.claims.select("setl_id", fraud_probability=pl.lit(None, pl.Float64), reasons=pl.lit([], pl.List(pl.String)))
    tried = findings.with_columns(status=pl.lit("active"))  # a shadow rule has its pencil claim too
    settled, _ = settle(tried, claims, scores, book.policy)
    by_prefix: dict[str, Found] = {case.prefix: {} for case in cases}
    for row in settled.iter_rows(named=True):
        prefix, label = row["setl_id"][: len(cases[0].prefix)], (row["bkkp_sn"] or row["setl_id"])[len(cases[0].prefix) :]
        by_prefix.get(prefix, {})[label, row["rule_id"]] = {name: row[name] for name in golden_files.FEN}
    return {name: by_prefix[case.prefix] for name, case in zip(NAMES, cases, strict=True)}


@pytest.mark.parametrize("name", NAMES)
def test_the_engine_finds_what_the_pencil_finds(name: str, found: dict[str, Found]) -> None:
    golden = golden_files.read(FOLDER / f"{name}.md")
    assert not golden.faults
    expected = {(row.upper(), rule): fen for (row, rule), fen in golden.findings.items()}
    of_its_rules = {key: fen for key, fen in found[name].items() if key[1] in golden.rules}
    assert {key: {column: fen[column] for column in expected.get(key, fen)} for key, fen in of_its_rules.items()} == expected


def test_every_rule_has_its_pencil_claim() -> None:
    missing = {rule.id for rule in load(ROOT / "rules").judged()} - set(NAMES)
    assert not missing, f"draw tests/golden/{min(missing)}.md; its README says how"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("2 x 50.00 = 99.00 yuan", "does not hold: the left side comes to 100"),
        ("2026-07-31 - 2026-07-01 > 30 days", "does not hold: the left side comes to 30"),
        ("100 / 3 ≈ 33.34 yuan", "does not hold: the left side comes to 33.3333"),
        ("two beds = 100.00 yuan", "is not arithmetic"),
        ("the fund pays it", "is not a line of a sum"),
    ],
)
def test_a_sum_that_does_not_hold_is_told(line: str, sentence: str, tmp_path: Path) -> None:
    text = (FOLDER / "POL-027.md").read_text(encoding="utf-8")
    path = tmp_path / "POL-027.md"
    path.write_text(text.replace("## findings", f"{line}\n\n## findings"), encoding="utf-8")
    assert any(sentence in fault and fault.startswith("POL-027.md:") for fault in golden_files.read(path).faults)
