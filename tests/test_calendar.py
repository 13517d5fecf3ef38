"""Working days and the desk's settings: counted by hand from the notices; every fault of a file told at once."""

from datetime import date

import pytest

from audit.cases.calendar import Calendar
from audit.cases.site import SHIPPED, STEPS, Site, Step
from audit.errors import RuleError

NATIONAL = Calendar.read()


@pytest.mark.parametrize(
    ("begun", "days", "last"),
    [
        ("2026-06-08", 1, "2026-06-09"),  # an ordinary Monday
        ("2026-06-08", 10, "2026-06-23"),  # two weekends and the Friday of the Dragon Boat Festival
        ("2026-06-18", 1, "2026-06-22"),  # the last day would be the Friday of the festival
        ("2025-12-31", 1, "2026-01-04"),  # New Year: the Sunday after it is worked
        ("2025-12-31", 2, "2026-01-05"),
        ("2026-02-13", 1, "2026-02-14"),  # a working Saturday
        ("2026-02-13", 2, "2026-02-24"),  # then nine days of Spring Festival
        ("2026-02-14", 5, "2026-02-28"),  # 24, 25, 26, 27 and the working Saturday
        ("2026-09-25", 10, "2026-10-15"),  # begun on a holiday: 28-30 September, 8-10 (a worked Saturday) and 12-15 October
        ("2024-02-28", 1, "2024-02-29"),  # leap day
        ("2024-02-29", 1, "2024-03-01"),
        ("2024-02-29", 2, "2024-03-04"),
        ("2026-06-20", 0, "2026-06-22"),  # nought days: the next working day
        ("2026-06-22", 0, "2026-06-22"),
        ("2028-10-02", 5, "2028-10-09"),  # a year without a notice: weekends only
    ],
)
def test_a_time_limit_ends_on_a_working_day(begun, days, last):
    ends = NATIONAL.add(date.fromisoformat(begun), days)
    assert ends == date.fromisoformat(last) and NATIONAL.is_working(ends)


def test_between_counts_what_add_goes_and_is_negative_when_late():
    for number in range(800):
        begun = date.fromordinal(date(2024, 1, 1).toordinal() + number)
        for days in (1, 7, 10):
            ends = NATIONAL.add(begun, days)
            assert (NATIONAL.between(begun, ends), NATIONAL.between(ends, begun)) == (days, -days)
    with pytest.raises(ValueError, match="0 or more"):
        NATIONAL.add(date(2026, 1, 1), -1)


def test_the_table_holds_what_the_notices_say():
    """Days off of a year, and weekends worked in exchange, as the notices count them."""
    counted = {
        year: [sum(day.year == year and worked is kind for day, worked in NATIONAL.days.items()) for kind in (False, True)]
        for year in (2024, 2025, 2026)
    }
    assert counted == {2024: [28, 8], 2025: [28, 5], 2026: [33, 6]}
    assert all(day.weekday() >= 5 for day, worked in NATIONAL.days.items() if worked)
    assert [year for year in range(2020, 2030) if NATIONAL.known(year)] == [2024, 2025, 2026]


def test_an_area_has_holidays_of_its_own(tmp_path):
    (tmp_path / "guangxi.csv").write_text("day,kind,source\n2026-04-20,holiday,三月三\n2026-04-25,workday,三月三\n", encoding="utf-8")
    (tmp_path / "desk.yaml").write_text('areas: {"45": {holidays: guangxi.csv, steps: {appeal: {working_days: 15, silence: none}}}}\n')
    site = Site.read(tmp_path / "desk.yaml")
    assert site.calendar("450100").add(date(2026, 4, 17), 1) == date(2026, 4, 21)
    assert site.calendar("450100").is_working(date(2026, 4, 25)) and not site.calendar("440100").is_working(date(2026, 4, 25))
    assert site.step("450100", "appeal") == Step(15, "none") and site.step("440100", "appeal") == Step(10, "accepted")
    assert site.step("450100", "panel").working_days == 10  # what the area does not say stands as shipped
    assert site.deadline("440100", "appeal", date(2026, 4, 30)) == date(2026, 5, 18)


def test_a_wrong_file_of_holidays_names_every_line(tmp_path):
    own = tmp_path / "own.csv"
    own.write_text(
        "day,kind,source\n2026-02-30,holiday,x\n2026-05-06,holyday,x\n2026-05-07,holiday,\n2026-05-08,holiday\n2026-05-09,holiday,x\n2026-05-09,workday,x\n"
    )
    with pytest.raises(RuleError) as told:
        Calendar.read(own, tmp_path / "none.csv")
    assert [fault.split(":")[1] for fault in told.value.faults] == [
        "2",
        "3",
        "4",
        "5",
        "7",
        " there is no such file of holidays; write one with the columns day, kind, source, or leave the key out.",
    ]
    assert "did you mean 'holiday'" in told.value.faults[1]


def test_the_shipped_settings_are_whole():
    site = Site.read()
    assert set(site.steps[""]) == set(STEPS) and all(step.working_days == 10 for step in site.steps[""].values())
    assert site.step("110000", "appeal").silence == "accepted" and site.oidc is None and site.pdf_font is None
    assert (site.lock_minutes, site.attachments.max_mb) == (15, 20)
    assert (site.masking.name("王小明"), site.masking.name("王"), site.masking.number("990101200001010011")) == (
        "王**",
        "*",
        "*" * 14 + "0011",
    )


def test_single_sign_on_takes_its_secret_from_the_environment(tmp_path):
    example = "".join(row.removeprefix("# ") for row in SHIPPED.read_text(encoding="utf-8").partition("# oidc:")[2].splitlines(True))
    (tmp_path / "desk.yaml").write_text("oidc:" + example, encoding="utf-8")  # the example in the shipped file
    site = Site.read(tmp_path / "desk.yaml", {"AUDIT_OIDC_SECRET": "hush"})
    assert site.oidc and site.oidc.client_secret == "hush" and "hush" not in repr(site)
    assert site.oidc.roles == {"audit-reviewers": "reviewer", "audit-admins": "admin"}
    with pytest.raises(RuleError, match="AUDIT_OIDC_SECRET is empty"):
        Site.read(tmp_path / "desk.yaml", {})


def test_every_fault_of_the_settings_is_told_with_its_line(tmp_path):
    (tmp_path / "desk.yaml").write_text("""\
areas:
  "45a":
    steps:
      apeal: {working_days: 10, silence: accepted}
      appeal: {working_days: 0, silence: acepted}
      panel: {working_days: 10}
      final: {working_days: 10, silence: none, escalate_to: boss}
    holidays: none.csv
attachments: {kinds: [pdf, exe], max_mb: 5000}
lock_minutes: 15
lock_minutes: 20
login: {attempts: 3}
pdf_fond: x.ttf
oidc: {issuer: "http://sso.example.org", client_id: a, client_secret: b, roles_claim: c, roles: {d: king}}
""")
    with pytest.raises(RuleError) as told:
        Site.read(tmp_path / "desk.yaml", {})
    faults = told.value.faults
    assert sorted({int(fault.split(":")[1]) for fault in faults}) == [*range(2, 10), 11, 12, 13, 14][1:]
    for part in (
        "'45a' must be the beginning", "did you mean 'appeal'?", "working_days must be a whole number", "did you mean 'accepted'?",
        "lacks the key 'silence'", "no key 'escalate_to'", "no file", "'exe' is not one of", "max_mb is 5000", "stands twice",
        "lacks the key 'lock_out_minutes'", "did you mean 'pdf_font'?", "must begin with https://", "no key 'client_secret'",
        "lacks the key 'client_secret_env'", "'king' is not one of",
    ):  # fmt: skip
        assert any(part in fault for fault in faults), part
    with pytest.raises(RuleError, match="no such file of settings"):
        Site.read(tmp_path / "desk.yml")
