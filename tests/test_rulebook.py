"""Reading rules strictly, the linter's sentences, fingerprints and the lock."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from rulebook_room import OVER_DAY, RULE, SPLIT, book, write_rules

from audit import engine
from audit.errors import RuleError
from audit.rulebook import check_lock, lint, load, sql, write_lock

LINES = {
    "gend": pl.String(), "item_drug_gend": pl.String(), "hilist_name": pl.String(), "over_day_fen": pl.Int64(), "fund_pays": pl.Boolean(),
    "cnt": pl.Float64(), "begn_date": pl.Date(), "end_date": pl.Date(), "fee_ocur_time": pl.Datetime("us"), "stay_days": pl.Int64(),
}  # fmt: skip
CLAIMS = {
    "prev_stay_gap_days": pl.Int64(), "p_split_gap_days": pl.Float64(), "prev_stay_same_dx": pl.Boolean(), "prev_stay_setl_id": pl.String(),
}  # fmt: skip


FORMS = (
    """
abs(a) > 2 | greatest(a, b) > 2 | least(a, b) < 2 | coalesce(a, b) > 1 | ifnull(a, 5) > 1 | nullif(a, 7) > 0 | if(p, a, b) > 1 | a / 2 > 0.4
starts_with(s, '药') | substr(s, 1, 2) = '药品' | left(s, 2) = 'ab' | lower(s) = 'ab' | upper(s) = 'AB' | trim(s) = 'ab' | length(s) > 2
concat(s, t) = 'ab' | extract(year FROM d) = 2026 | date_part('month', d) = 12 | extract(hour FROM ts) = 23 | CAST(ts AS DATE) = d
CAST(a AS DOUBLE) > 1.5 | d + INTERVAL '1 day' > DATE '2026-01-31' | d - INTERVAL '1 day' < DATE '2026-01-31' | d >= DATE '2024-02-29'
a BETWEEN 1 AND 5 | a NOT BETWEEN 1 AND 5 | s IN ('ab', '') | s NOT IN ('ab') | s NOT IN ('ab', NULL) | a IS DISTINCT FROM b | a IS NULL
s LIKE '%B' | s ILIKE 'A_' | s NOT LIKE '药%' | s ~ '^药' | CASE WHEN p THEN a > 1 ELSE b > 1 END | CASE WHEN p THEN a > 1 END | -a < 0
a * b > 10 | a - b = 0 | NOT p AND a > 1 | p OR a > 1 | p = TRUE | NOT (a IS NULL) | a = 1.0 | lower(s) LIKE '%ab%' AND s <> 'x'
""".strip()
    .replace("\n", " | ")
    .split(" | ")
)


def faults_of(tmp_path: Path, text: str) -> list[str]:
    """What loading and linting say of one changed rule."""
    try:
        return lint(book(tmp_path, MED_067=text), LINES, CLAIMS)
    except RuleError as fault:
        return list(fault.faults)


def when(condition: str) -> str:
    return RULE.replace("item_drug_gend IS NOT NULL AND gend <> item_drug_gend", condition)


def test_a_good_rulebook_is_read_whole(tmp_path: Path) -> None:
    read = book(tmp_path)
    assert [rule.id for rule in read.rules] == ["MED-067", "MGT-049", "POL-027"]
    assert read.policy == {"precedence": ["GZ"]}
    assert lint(read, LINES, CLAIMS) == []
    rule = read.rule("POL-027")
    assert (rule.amount, rule.amount_fen) == ("excess", "over_day_fen")
    assert rule.read == ("over_day_fen", "fund_pays", "hilist_name")
    assert rule.examples[1].tables["lines"].rows == ({"gend": None, "med_list_codg": "ZA01"},)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("version: 1\n", "version: 1\nversion: 2\n", ":6: the key 'version' stands twice in a rule; keep one."),
        ("version: 1\n", "version: 1\nverison: 2\n", ":6: a rule has no key 'verison'; did you mean 'version'?"),
        ("version: 1\n", "version: 1.0\n", ":5: version must be a whole number from 1 on."),
        ("version: 1\n", "", ":1: a rule lacks the key 'version'."),
        ("status: active", "status: activ", ":6: status 'activ' is not one of draft, shadow, active, retired; did you mean 'active'?"),
        ("status: active", "status: retired", ":6: a retired rule stands in retired/ with status retired, and no other rule does."),
        ("finding: definite", "finding: NO", ":7: finding: YAML reads NO as bool, but text is wanted: write 'NO' in quotes."),
        ("national_code: GZ10000301004000", "national_code: 0123", ":3: national_code: YAML reads 0123 as int, but text is wanted"),
        ("national_code: GZ10000301004000\n", "", ":1: a rule has either a national_code or a local_code."),
        ("effective: {from: 2023-05-15}", "effective: {from: 2023-15-05}", ":10: effective from must be a date like 2026-07-15."),
        ("effective: {from: 2023-05-15}", "effective: {from: 2023-05-15, to: 2022-01-01}", ":10: the rule ends before it begins"),
        ("text: 对限定性别使用的药品进行监管。", "text: ''", ":13: the clause's text must be text and not empty."),
        (
            "examples:",
            "innocent_explanations: [性别登记有误]\nexamples:",
            ":17: innocent_explanations are said in both languages: write a list zh and a list en below the key.",
        ),
        ("examples:", "innocent_explanations: {zh: [性别登记有误]}\nexamples:", ":17: innocent_explanations lacks the key 'en'."),
        (
            "examples:",
            "innocent_explanations:\n  zh: [性别登记有误, 家属取药]\n  en: [a wrong sex on record]\nexamples:",
            ":18: innocent_explanations has 2 in zh and 1 in en; say each in both languages, in the same order.",
        ),
        ("examples:", "innocent_explanations: {zh: [], en: [none]}\nexamples:", ":17: an innocent explanation may be absent"),
        ("id: MED-067", "id: MED-068", ":1: the id MED-068 must be the start of the file name, here MED-067.yaml."),
        (
            "gend | med_list_codg\n      1 ",
            "gend | med_list_cod\n      1 ",
            ":20: lines has no column 'med_list_cod'; did you mean 'med_list_codg'?",
        ),
        ("1    | ZA01\n      2", "1    | ZA01 | 3\n      2", ":21: the row has 3 cells, the header of lines has 2."),
        ("stages: [pre, mid, post]", "stages: [pre, [mid", "not readable as YAML"),
    ],
)
def test_what_is_written_wrong_is_named_with_file_and_line(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    found = faults_of(tmp_path, RULE.replace(old, new, 1))
    assert any(fault.startswith("rules/medical/MED-067.yaml:") and sentence in fault for fault in found), found


def test_all_faults_of_the_whole_rulebook_come_at_once(tmp_path: Path) -> None:
    rules = write_rules(
        tmp_path, MED_067=RULE.replace("active", "actve").replace("definite", "defnite"), POL_027=OVER_DAY.replace("POL-027", "POL-028")
    )
    (rules / "policy.yaml").unlink()
    with pytest.raises(RuleError) as raised:
        load(rules)
    assert len(raised.value.faults) == 4
    assert raised.value.exit_code == 3


def test_an_id_is_used_once(tmp_path: Path) -> None:
    rules = write_rules(tmp_path)
    (rules / "local").mkdir()
    (rules / "local" / "MED-067.yaml").write_text(RULE, encoding="utf-8")
    with pytest.raises(RuleError, match="the id MED-067 is already used by rules/medical/MED-067"):
        load(rules)


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ("qty > 1", ":14: no column or measure is called 'qty'"),
        ("gend <> item_drug_gend", "most items carry no item_drug_gend; begin with 'item_drug_gend IS NOT NULL AND'"),
        ("item_drug_gend IS NOT NULL OR cnt > 1", "most items carry no item_drug_gend"),
        ("cnnt > 1", "no column or measure is called 'cnnt'; did you mean 'cnt'?"),
        ("cnt + 1", "the result must be true or false, but Polars makes number."),
        ("end_date - begn_date > 3", "subtracting dates (begn_date, end_date) means different things to the engines; use a measure"),
        ("CAST(fee_ocur_time AS DATE) - begn_date > 3", "subtracting dates"),
        ("(cnt > 1) IS NOT TRUE", "turn 'missing' into an answer"),
        ("strpos(hilist_name, '片') > 0", "the function strpos() is not permitted in a rule; use LIKE '%x%'"),
        ("date_diff('day', begn_date, end_date) > 3", "date_diff() is not permitted in a rule; use a measure that counts days"),
        ("date_trunc('month', begn_date) = begn_date", "date_trunc() is not permitted"),
        ("regexp_matches(hilist_name, '片')", "regexp_matches() is not permitted in a rule; use the operator ~"),
        ("contains(hilist_name, '片')", "contains() is not permitted in a rule; use LIKE"),
        ("sum(cnt) OVER (PARTITION BY gend) > 1", "a window (OVER) costs one pass per rule; use a measure"),
        ("EXISTS (SELECT 1)", "a subquery is not permitted"),
        ("gend IN (SELECT '1')", "a subquery is not permitted"),
        ("cnt / stay_days > 2", "divide by nullif(x, 0)"),
        ("cnt % 2 = 1", "the operator % is not permitted in a rule; use a measure"),
        ("year(end_date) > 2025", "the function year() is not permitted in a rule; use extract(year FROM x)"),
        ("round(cnt) = 2", "the function round() is not permitted in a rule; use a comparison with a bound"),
        ("end_date < current_date", "today's date is not permitted"),
        ("cnt = '3'", "Polars refuses it"),
        ("gend = 1", "Polars refuses it"),
        ("cnt >", "not one SQL expression"),
        ("cnt > 1, gend = '1'", "not one SQL expression"),
    ],
)
def test_a_condition_outside_the_permitted_sql_is_refused_with_what_to_use(tmp_path: Path, condition: str, sentence: str) -> None:
    found = faults_of(tmp_path, when(f'"{condition}"'))
    assert any(sentence in fault for fault in found), found


@pytest.mark.parametrize(
    "condition",
    [
        "cnt > 1 AND NOT fund_pays",
        "gend IN ('1', '2') AND hilist_name LIKE '%OVER (%' AND hilist_name ~ '^片'",
        "cnt / nullif(stay_days, 0) > 2",
        "end_date + INTERVAL '1 day' > begn_date AND begn_date >= DATE '2026-01-01'",
        "CASE WHEN gend = '1' THEN cnt > 1 ELSE fund_pays END",
        "coalesce(gend, '1') = '1' AND extract(year FROM end_date) - extract(year FROM begn_date) > 0",
    ],
)
def test_the_permitted_sql_passes(tmp_path: Path, condition: str) -> None:
    assert faults_of(tmp_path, when(f'"{condition}"')) == []


def test_every_permitted_form_means_the_same_on_both_engines() -> None:
    """Rows with missing values; this guards an interface of Polars that we do not own."""
    rows = pl.DataFrame(
        {
            "a": [1, -3, None, 7], "b": [2, None, 0, 7], "x": [1.5, -2.25, None, 0.0],
            "s": ["药品AB", "ab", None, ""], "t": ["药", None, "b", "AB"],
            "p": [True, False, None, True], "d": [date(2026, 1, 31), None, date(2024, 2, 29), date(2025, 12, 31)],
            "ts": [datetime(2026, 1, 31, 23, 5), None, datetime(2024, 2, 29), datetime(2025, 12, 31, 7)],
        }
    )  # fmt: skip
    assert {name for name in sql.FUNCTIONS if not any(f"{name}(" in form.lower() for form in FORMS)} == set()
    con = engine.duck()
    con.register("rows", rows.with_row_index("row_no").to_arrow())
    for form in FORMS:
        assert sql.parse(form).faults == (), form
        theirs = [row[0] for row in con.execute(f"SELECT ({form}) FROM rows ORDER BY row_no").fetchall()]
        assert rows.select(answer=pl.sql_expr(form))["answer"].to_list() == theirs, form


def test_an_unknown_name_is_found_on_its_own_line(tmp_path: Path) -> None:
    found = faults_of(tmp_path, when("gend = '1'\n  AND cnt > 1\n  AND qty > 1"))
    assert any(fault.startswith("rules/medical/MED-067.yaml:16: no column or measure is called 'qty'") for fault in found), found


def test_a_message_names_known_columns_only(tmp_path: Path) -> None:
    found = faults_of(tmp_path, RULE.replace("限{item_drug_gend}性", "限{item_drug_sex}性{vola_amt}"))
    assert len(found) == 1 and "'item_drug_sex'; did you mean 'item_drug_gend'?" in found[0]


def test_examples_show_all_three_answers(tmp_path: Path) -> None:
    bare = RULE.replace("    cannot_tell: [1]\n", "").replace("flags: [1]", "flags: []")
    assert [fault.split(": ")[1].split(";")[0] for fault in faults_of(tmp_path, bare)] == [
        "no example is flagged",
        "no example lists cannot_tell",
    ]


def test_an_amount_by_a_method_is_worked_out_in_an_example(tmp_path: Path) -> None:
    silent = book(tmp_path, POL_027=OVER_DAY.replace("    amounts: {1: 100.00}\n", ""))
    assert [fault.split(": ")[1].split(";")[0] for fault in lint(silent, LINES, CLAIMS)] == ["no example says what the amount is"]


def test_deciding_values_are_those_read_by_value() -> None:
    read = sql.parse("item_x IS NOT NULL AND coalesce(a, 0) > 1 AND b > c")
    assert read.columns == ("item_x", "a", "b", "c")
    assert read.deciding == ("b", "c")
    assert sql.parse("x IS NOT NULL AND CASE WHEN a IS NOT NULL AND b THEN c > 1 END").asked == ("a",)


def test_the_fingerprint_follows_what_can_change_a_finding(tmp_path: Path) -> None:
    before = book(tmp_path)
    assert book(tmp_path, MED_067=RULE.replace("a man and a woman", "two persons")).fingerprint == before.fingerprint
    assert book(tmp_path, MED_067=RULE + "# a comment\n").fingerprint == before.fingerprint
    assert book(tmp_path, MED_067=RULE.replace("<>", "=")).fingerprint != before.fingerprint
    assert book(tmp_path, MED_067=RULE.replace("active", "shadow")).fingerprint != before.fingerprint


def test_the_lock_wants_a_new_version_for_a_changed_rule(tmp_path: Path) -> None:
    first = book(tmp_path)
    assert check_lock(first) == ["rules/rules.lock is missing; `audit check-rules --lock` writes it."]
    assert len(write_lock(first).read_text().splitlines()) == 3
    assert check_lock(first) == []

    changed = book(tmp_path, MED_067=RULE.replace("amount: whole", "amount: none"))
    (told,) = check_lock(changed)
    assert told.startswith("rules/medical/MED-067.yaml:5: MED-067 was changed but its version is still 1; raise it to 2 and run")
    with pytest.raises(RuleError, match="raise it to 2"):
        write_lock(changed)

    raised = book(tmp_path, MED_067=RULE.replace("amount: whole", "amount: none").replace("version: 1", "version: 2"))
    assert check_lock(raised) == ["rules/rules.lock is not current for MED-067 (version 2); `audit check-rules --lock` writes it."]
    write_lock(raised)
    assert check_lock(raised) == []


def test_a_locked_rule_does_not_vanish(tmp_path: Path) -> None:
    write_lock(book(tmp_path))
    (tmp_path / "rules" / "management" / "MGT-049.yaml").unlink()
    assert "knows MGT-049, but its file is gone; a withdrawn rule moves to retired/" in check_lock(load(tmp_path / "rules"))[0]


def test_a_retired_rule_keeps_its_id_and_says_why(tmp_path: Path) -> None:
    rules = write_rules(tmp_path)
    (rules / "retired").mkdir()
    (rules / "management" / "MGT-049.yaml").unlink()
    path = rules / "retired" / "MGT-049.yaml"
    path.write_text(SPLIT.replace("status: active", "status: retired"), encoding="utf-8")
    with pytest.raises(RuleError, match="a retired rule needs the key 'reason'"):
        load(rules)
    path.write_text(SPLIT.replace("status: active", "status: retired\nreason: the gap was counted from admission"), encoding="utf-8")
    assert [rule.id for rule in load(rules).judged()] == ["MED-067", "POL-027"]
