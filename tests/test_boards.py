"""Dashboards, nights and exports: every figure against a plain count over the same rows, every wall, every file against its page."""

from __future__ import annotations

import io
import json
import random
import re
import shutil
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from desk_room import ROOT, Clock, a_desk, a_place, an_account, browser, everyone
from markupsafe import escape
from sqlalchemy import insert, select
from typer.testing import CliRunner

from audit.__main__ import app
from audit.cases import journal as chain
from audit.cases import opening
from audit.cases.boards import Cohort, money, nights, scorecard, scores, verdicts, work
from audit.cases.boards.shares import wilson
from audit.cases.labels import DECIDED
from audit.cases.ledger import KINDS
from audit.cases.store import CHINA, Desk
from audit.cases.tables import cases, findings, journal, labels, ledger, rule_texts
from audit.cases.walls import Person
from audit.console.export import rows_of
from audit.console.place import Place
from audit.judge.causes import told
from audit.lake import Lake

AREAS, RULES = ("4501", "4502", "450103"), ("MED-067", "POL-025", "LOC-001")
NOW = datetime(2026, 8, 3, 1, 0, tzinfo=UTC)
Rows = list[dict[str, Any]]


@dataclass
class Invented:
    """Rows written straight into the tables, and the same rows to count by hand."""

    desk: Desk
    cases: Rows
    findings: Rows
    ledger: Rows
    labels: Rows
    journal: Rows


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def invented(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Invented]:
    """160 cases in every state, with findings, money, labels and journal entries drawn by seed."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('boards') / 'desk.db'}"
    else:
        url = request.getfixturevalue("postgres_server")
    desk, rng = a_desk(url), random.Random(5)
    made: Rows = [_case(number, rng) for number in range(1, 161)]
    found: Rows = [row for case in made for row in _findings(case, rng)]
    entries: Rows = [row for case in made for row in _ledger(case, rng)]
    truth = [
        {"case_id": c["id"], "setl_id": c["setl_id"], "violation": rng.random() < 0.5, "amt": 1, "final_step": "final", "at": NOW}
        for c in made
        if c["outcome"] in DECIDED
    ]
    told = [row for case in made for row in _told(case, rng)]
    with desk.act() as act:
        texts = [
            ("MED-067", 1, "name: {zh: 旧名, en: Old}"),
            ("MED-067", 2, (ROOT / "rules/medical").glob("MED-067*").__next__().read_text()),
        ]
        rows = [{"rule_id": r, "rule_version": v, "fingerprint": "f", "file": "x", "text": t} for r, v, t in texts]
        for table, content in ((cases, made), (findings, found), (ledger, entries), (labels, truth), (rule_texts, rows)):
            act.con.execute(insert(table), content)
        chain.append(act.con, [row | {"login": "x", "role": "reviewer", "details": "{}"} for row in told])
    yield Invented(desk, made, found, entries, truth, told)
    desk.engine.dispose()


def _case(number: int, rng: random.Random) -> dict[str, Any]:
    step = rng.choice(["first_review", "appeal", "re_review", "final", "closed", "closed", "closed"])
    outcome = rng.choice([*DECIDED, "withdrawn"]) if step == "closed" else None
    opened = NOW - timedelta(days=rng.randint(0, 130), minutes=rng.randint(0, 900))
    # around midnight in China, where UTC still has the month before
    shut = datetime(2026, rng.choice([6, 7]), 30, 15, 30, tzinfo=UTC) + timedelta(minutes=rng.choice([0, 60, 60 * 24]))
    return {
        "id": number, "setl_id": f"S{number}", "mdtrt_id": f"M{number}", "psn_no": f"P{number % 9}",
        "fixmedins_code": f"F9900000{number % 5:04}", "fixmedins_name": f"=机构{number % 5}", "area": AREAS[number % 3],
        "end_date": rng.choice([None, date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 1)]), "batch_date": date(2026, 7, 31),
        "run_id": "r", "counted_amt": 0, "fraud_probability": rng.choice([None, rng.random(), rng.random() / 5]), "sev_deg": "definite",
        "step": step, "outcome": outcome, "closed_at": shut if step == "closed" else None, "opened_at": opened, "changed_at": NOW,
        "due_on": None if step == "closed" else date(2026, 8, 3) + timedelta(days=rng.randint(-3, 3)),
        "suspended_at": NOW if step != "closed" and rng.random() < 0.2 else None, "revision": 0, "merged_into_id": None,
    }  # fmt: skip


def _findings(case: dict[str, Any], rng: random.Random) -> Iterator[dict[str, Any]]:
    for place in range(rng.randint(0, 4)):
        amt, judged = rng.randint(0, 90_000), case["outcome"] in DECIDED or rng.random() < 0.3
        outcome = rng.choice(["confirmed", "reduced", "dismissed"]) if judged else None
        stands = {"confirmed": amt, "reduced": amt // 2, "dismissed": 0, None: None}[outcome]
        case["counted_amt"] += amt
        yield {
            "case_id": case["id"], "jr_id": f"{case['id']}-{place}", "setl_id": case["setl_id"], "rule_id": rng.choice(RULES),
            "rule_version": rng.randint(1, 2), "code": "x", "sev_deg": rng.choice(["definite", "suspicious"]), "counted_amt": amt,
            "vola_cont": "", "vola_cont_en": "", "vola_evid": "", "outcome": outcome, "decided_amt": stands, "fingerprint": "f",
        }  # fmt: skip


def _ledger(case: dict[str, Any], rng: random.Random) -> Iterator[dict[str, Any]]:
    for kind in rng.sample(KINDS, rng.randint(0, 5)) if case["step"] != "first_review" else []:
        for _ in range(rng.randint(1, 2)):
            yield {"case_id": case["id"], "kind": kind, "amt": rng.randint(1, 10**6), "at": NOW}


def _told(case: dict[str, Any], rng: random.Random) -> Iterator[dict[str, Any]]:
    begun = NOW - timedelta(hours=rng.randint(40, 90))
    done = begun + timedelta(minutes=rng.randint(1, 300))
    for action, at, subject, chance in (
        ("case.lock", begun, "", 0.8), ("case.lock", begun + timedelta(minutes=1), "", 0.3), ("case.finish", done, "appeal", 0.7),
        ("case.finish", done + timedelta(hours=9), "closed", 0.3),
        ("case.late", done, "re_review", 0.2),
        ("case.silent", done, "appeal", 0.2),
    ):  # fmt: skip
        if rng.random() < chance:
            yield {"action": action, "at": at, "case_id": case["id"], "subject": subject}


def someone(role: str = "auditor", area: str = "") -> Person:
    return Person(1, role, role, role, area)


COHORTS = [
    Cohort(someone()), Cohort(someone("steward", "4501")), Cohort(someone(), area="9901"), Cohort(someone(), institution="F99000000002"),
    Cohort(someone(), month="2026-07"), Cohort(someone(), month="2026-07", of="closing"), Cohort(someone(), of="closing"),
    Cohort(someone("reviewer", "4502"), area="9901"), Cohort(someone("hospital")),
]  # fmt: skip


def among(invented: Invented, cohort: Cohort) -> dict[int, dict[str, Any]]:
    """The cohort counted by hand: cases by id, with their month."""
    chosen = {}
    for case in invented.cases:
        service = str(case["end_date"] or case["batch_date"])[:7]
        closing = case["closed_at"].astimezone(CHINA).strftime("%Y-%m") if case["closed_at"] else None
        case["month"] = service if cohort.of == "service" else closing
        if (
            cohort.person.role != "hospital"
            and case["area"].startswith(cohort.person.area)
            and case["area"].startswith(cohort.area)
            and cohort.institution in ("", case["fixmedins_code"])
            and cohort.month in ("", case["month"])
        ):
            chosen[case["id"]] = case
    return chosen


def summed(invented: Invented, chosen: dict[int, dict[str, Any]]) -> dict[str, int]:
    sums = Counter({"cases": len(chosen), "found": sum(case["counted_amt"] for case in chosen.values())})
    sums["closed"] = sum(case["step"] == "closed" for case in chosen.values())
    for entry in invented.ledger:
        sums[entry["kind"]] += entry["amt"] * (entry["case_id"] in chosen)
    return {name: sums[name] for name in ("cases", "closed", "found", *KINDS)}


@pytest.mark.parametrize("cohort", COHORTS)
def test_money_is_what_a_plain_count_gives(invented: Invented, cohort: Cohort) -> None:
    chosen = among(invented, cohort)
    with invented.desk.read() as con:
        cells = money.cells(con, cohort)
        rules = money.by_rule(con, cohort)
    total, tables = money.total(cells), {"area": money.by_area, "fixmedins_code": money.by_institution, "month": money.by_month}
    found = {column: read(cells) for column, read in tables.items()}
    assert {name: total[name] for name in ("cases", "closed", "found", *KINDS)} == summed(invented, chosen)
    for column, rows in found.items():
        values = {case[column] for case in chosen.values()} - {None}
        assert {row["of"] for row in rows} == values
        for row in rows:
            part = {number: case for number, case in chosen.items() if case[column] == row["of"]}
            assert {name: row[name] for name in ("cases", "closed", "found", *KINDS)} == summed(invented, part)
    for row in rules:
        own = [f for f in invented.findings if f["rule_id"] == row["of"] and f["case_id"] in chosen]
        shut = [f for f in own if chosen[f["case_id"]]["outcome"] in DECIDED]
        stands = sum(f["decided_amt"] for f in shut if f["outcome"] in ("confirmed", "reduced"))
        still = sum(f["counted_amt"] for f in own if chosen[f["case_id"]]["step"] != "closed")
        counted = (len(own), sum(f["counted_amt"] for f in own), still, sum(f["counted_amt"] for f in shut), stands)
        assert (row["findings"], row["found"], row["open"], row["judged"], row["confirmed"]) == counted
    assert sum(row["found"] for row in money.by_class(rules)) == sum(row["found"] for row in rules) == total["found"]
    assert all((row["name_zh"] == "药品区分性别使用") == (row["of"] == "MED-067") for row in rules)


@pytest.mark.parametrize("cohort", COHORTS)
def test_verdicts_hours_and_waiting_are_what_a_plain_count_gives(invented: Invented, cohort: Cohort) -> None:
    chosen = among(invented, cohort)
    with invented.desk.read() as con:
        versions = verdicts.by_version(con, cohort)
        hours = work.hours(con, cohort, {"definite": 10, "suspicious": 30})
        waiting = {row["of"]: row for row in work.by_step(con, cohort, NOW, NOW.date())}
    judged = [f for f in invented.findings if f["case_id"] in chosen and chosen[f["case_id"]]["outcome"] in DECIDED]
    assert sum(row["judged"] for row in versions) == len(judged)
    for row in versions:
        own = [f["outcome"] for f in judged if (f["rule_id"], f["rule_version"]) == (row["of"], row["rule_version"])]
        assert (row["confirmed"], row["reduced"], row["overturned"]) == tuple(map(own.count, ("confirmed", "reduced", "dismissed")))
        assert row["low"] <= row["overturned_share"] <= row["high"] and row["few"] == (len(own) < 30)
    firsts = {
        (entry["case_id"], action): min(e["at"] for e in invented.journal if (e["case_id"], e["action"]) == (entry["case_id"], action))
        for entry in invented.journal
        for action in (entry["action"],)
    }
    done = {number for number, action in firsts if action == "case.finish" and number in chosen}
    spent = {n: (firsts[n, "case.finish"] - firsts[n, "case.lock"]).total_seconds() / 3600 for n in done if (n, "case.lock") in firsts}
    planned = sum({"definite": 10, "suspicious": 30}[f["sev_deg"]] for f in invented.findings if f["case_id"] in spent) / 60
    assert (hours["timed"], hours["untimed"]) == (len(spent), len(done) - len(spent))
    if spent:
        assert hours["median_hours"] == pytest.approx(statistics.median(spent.values()))
        assert (hours["total_hours"], hours["planned_hours"]) == pytest.approx((sum(spent.values()), planned))
    for step, row in waiting.items():
        own = [case for case in chosen.values() if case["step"] == step]
        ages = [(NOW - case["opened_at"]) / timedelta(days=1) for case in own]
        assert (row["cases"], row["days_7"], row["older"]) == (len(own), sum(a <= 7 for a in ages), sum(a > 90 for a in ages))
        assert row["days_7"] + row["days_30"] + row["days_90"] + row["older"] == len(own)
        assert row["late"] == sum(case["due_on"] < NOW.date() and not case["suspended_at"] for case in own)
        passed = [e for e in invented.journal if e["action"] in ("case.late", "case.silent") and e["subject"] == step]
        assert row["missed"] == sum(e["case_id"] in chosen for e in passed)


def test_calibration_counts_decided_cases_by_band(invented: Invented) -> None:
    cohort = Cohort(someone("steward"))
    chosen, truth = among(invented, cohort), {row["case_id"]: row["violation"] for row in invented.labels}
    with invented.desk.read() as con:
        bands = scores.calibration(con, cohort)
    for number, row in enumerate(bands):
        last = number == len(bands) - 1
        own = [
            truth[n] for n, c in chosen.items()
            if n in truth and c["fraud_probability"] is not None
            and row["from"] <= c["fraud_probability"] and (c["fraud_probability"] < row["to"] or last)
        ]  # fmt: skip
        assert (row["cases"], row["violations"]) == (len(own), sum(own))
    assert sum(row["cases"] for row in bands) > 30


def test_shares_say_how_far_to_trust_them() -> None:
    assert wilson(0, 0) == (None, None)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)  # Brown, Cai, DasGupta 2001: Wilson's interval
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert scores.psi((100, 100), (100, 100)) == 0
    assert scores.psi((100, 0), (0, 100)) > 5 and scores.psi((50, 50), (40, 60)) == pytest.approx(0.0397, abs=1e-3)


def test_two_nights_are_held_against_each_other(tmp_path: Path) -> None:
    for day, run, claims, tall in ((date(2026, 7, 1), "a", 1000, 10), (date(2026, 7, 2), "b", 1200, 300)):
        hit = [("MED-067", f"{run}{n}", "F99A", 100) for n in range(tall)] + [("POL-025", f"{run}x", "F99B", 7)]
        places = [("F99A", "9901", claims - 1, tall, 100 * tall), ("F99B", "9902", 1, 1, 7)]
        named = ["fixmedins_code", "fix_blng_admdvs", "claims", "flagged", "counted_amt"]
        scored = [0.95 if n < tall else 0.001 for n in range(claims)]
        made = {
            "claims": pl.DataFrame({"flagged": [n <= tall for n in range(claims)], "fraud_probability": scored}),
            "findings": pl.DataFrame(hit, ["rule_id", "setl_id", "fixmedins_code", "counted_amt"], orient="row"),
            "institutions": pl.DataFrame(places, named, orient="row").with_columns(medfee_sumamt=1, fund_pay_sumamt=1),
            "scorecards": pl.DataFrame({"lines": [claims * 2], "claims": [claims]}),
            "cannot_tell": pl.DataFrame(
                [("R1", "line", "gend", claims), ("R2", "claim", "gend", 6)], ["rule_id", "grain", "missing", "rows"], orient="row"
            ),
        }
        Lake(tmp_path).replace(day, run, made, json.dumps({"stages": [], "finished": "2026-07-02T01:00:00+00:00"}))
    night = nights.one(tmp_path, date(2026, 7, 2))
    assert night.before == (date(2026, 7, 1), "a")
    now, then = nights.sums(tmp_path, [night.key, night.before], "")
    assert now and then and (now["claims"], then["claims"], now["counted_amt"]) == (1200, 1000, 30_007)
    assert [row and row["claims"] for row in nights.sums(tmp_path, [night.key, night.before], "9902")] == [1, 1]
    assert [(row["of"], row["more"], row["more_amt"]) for row in nights.hits(tmp_path, night, "")] == [
        ("MED-067", 290, 29_000),
        ("POL-025", 0, 0),
    ]
    assert [row["of"] for row in nights.hits(tmp_path, night, "9902")] == ["POL-025"]
    newest, oldest = scores.drift(tmp_path)
    assert newest["psi"] > 0.25 > newest["chance"] and oldest["psi"] is None
    assert newest["missing"] == (("gend", 0.5),) and newest["flagged_share"] == pytest.approx(301 / 1200)


# A real night, and what people see of it ------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def real(audited: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The province's night opened as cases; everybody has an account."""
    folder, lake = tmp_path_factory.mktemp("real"), audited.parent
    place = a_place(a_desk(f"sqlite:///{folder / 'desk.db'}", Clock()), folder, lake)
    everyone(place.desk)
    an_account(place.desk, "senior", "local", area="9901")
    opening.open_nights(place.desk, lake, place.site)
    return place


TABLES = ("areas", "institutions", "months", "classes", "rules", "versions", "waiting", "calibration", "drift")
OF_A_NIGHT = ("stages", "inputs", "counts", "checks", "rejected", "rejected_rows", "cannot_tell", "jumped", "hits", "provenance")


def test_every_page_opens_in_both_languages_and_names_nobody(real: Place, province: Path) -> None:
    names = set(pl.read_parquet(province / "psn_info_b.parquet")["psn_name"].drop_nulls())
    assert len(names) > 100
    steward, operator = browser(real, "steward"), browser(real, "operator")
    pages = ["/dashboards", "/dashboards/verdicts", "/dashboards/work", "/dashboards/models", "/dashboards/models/claims_blend"]
    pages += [f"/dashboards/tables/{name}" for name in TABLES]
    nightly = ["/nights", "/nights/2026-07-31", *(f"/nights/2026-07-31/{name}" for name in OF_A_NIGHT)]
    for client, addresses in ((steward, pages), (operator, nightly)):
        for lang, word in (("zh", "退出"), ("en", "Sign out")):
            client.post(f"/lang/{lang}")
            for address in addresses:
                answer = client.get(address)
                assert answer.status_code == 200 and word in answer.text, (address, answer.text[-900:])
                assert 'style="' not in answer.text and answer.text.count("<h1") == 1
                assert not any(name in answer.text for name in names)


def test_a_night_on_the_page_is_the_night_in_the_lake(real: Place) -> None:
    night = nights.one(real.lake, date(2026, 7, 31))
    assert night.before is None and night.failed and [row["of"] for row in nights.stages(night)][:3] == ["intake", "check", "profile"]
    claims, found = (Lake(real.lake).read(name).collect() for name in ("claims", "findings"))
    sums, none = nights.sums(real.lake, [night.key, night.before], "")
    assert none is None
    assert sums and (sums["claims"], sums["flagged"]) == (claims.height, claims["flagged"].sum())
    assert sums["counted_amt"] == claims["counted_amt"].sum()
    hits = nights.hits(real.lake, night, "")
    assert sum(row["counted_amt"] for row in hits) == found["counted_amt"].sum()
    assert {row["of"]: row["claims"] for row in hits} == dict(found.group_by("rule_id").agg(pl.col("setl_id").n_unique()).iter_rows())
    areas = pl.read_delta(str(real.lake / "tables/institutions"))["fix_blng_admdvs"].unique().drop_nulls().to_list()
    parts = [nights.sums(real.lake, [night.key], area)[0] for area in areas]
    assert sum(part["counted_amt"] for part in parts if part) == sums["counted_amt"]
    assert sum(row["rows"] for row in nights.rejected(real.lake, night)) == nights.rejected_rows(real.lake, night).height > 0
    checks = nights.checks(night)
    assert [row["success"] for row in checks] == sorted(row["success"] for row in checks)
    with real.desk.read() as con:
        opened, by_step = nights.opened(con, someone(), night)
    assert opened and sum(row["cases"] for row in by_step) == opened["opened"]
    drift = scores.drift(real.lake)
    assert drift[0]["claims"] == claims.height and drift[0]["psi"] is None


def test_why_a_rule_cannot_tell_is_said_in_the_language_of_the_page(real: Place) -> None:
    night = nights.one(real.lake, date(2026, 7, 31))
    rows = nights.cannot_tell(real.lake, night)[:40]
    operator = browser(real, "operator")
    zh, en = ((operator.post(f"/lang/{lang}"), operator.get("/nights/2026-07-31/cannot_tell").text)[1] for lang in ("zh", "en"))
    assert rows and [row["why"] for row in rows if escape(row["why"]) not in en or escape(row["why"]) in zh] == []
    assert all(escape(told(row["missing"], row["why"]).zh) in zh for row in rows)
    assert [told(name, "").zh for name in ("gend", "has_oprns")] == ["参保人性别缺失", "未上传手术操作信息"] and "不可信" in told(
        "check: gend", "check: ..."
    ).zh
    check = {"success": False, "untrusted": ["gend"], "zh": "性别与证件相符", "table": "claims", "share": 0.25}
    blind = replace(night, manifest={"checks": [check], "untrusted": {"gend": "check: sex fails", "brdy": "check: of an earlier engine"}})
    assert [(column, why.zh) for column, why in nights.untrusted(blind)] == [
        ("gend", "检查“性别与证件相符”：claims 中 25.0% 不符"), ("brdy", "check: of an earlier engine"),
    ]  # fmt: skip


def test_walls_of_dashboards_and_nights(real: Place) -> None:
    for login, refused in (
        ("hospital", ("/dashboards", "/nights", "/api/v1/dashboards/money", "/api/v1/nights")),
        ("reviewer", ("/nights", "/dashboards/models", "/dashboards/tables/calibration", "/dashboards/tables/drift")),
        ("operator", ("/dashboards/models", "/dashboards/models/claims_blend")),
    ):
        client = browser(real, login)
        assert [client.get(address).status_code for address in refused] == [403] * len(refused)
    local, everywhere = browser(real, "local"), browser(real, "senior")
    night = "/nights/2026-07-31"
    assert local.get(f"{night}/rejected_rows").status_code == 403 and local.get("/dashboards/tables/drift").status_code == 403
    folder = real.lake / "nights" / "2026-07-31"  # where a night that was not told otherwise leaves its page
    folder.mkdir(parents=True)
    shutil.copy(real.lake / "out" / "report.html", folder)
    report = everywhere.get(f"{night}/report")
    assert local.get(f"{night}/report").status_code == browser(real, "operator").get(f"{night}/report").status_code == 404
    shutil.rmtree(folder.parent)
    assert report.status_code == 200 and report.headers["Content-Security-Policy"].startswith("sandbox ")
    assert all(row["examples"] == "" for row in local.get(f"/api/v1{night}/checks").json()["rows"])
    mine, all_of_it = (client.get("/api/v1/dashboards/tables/areas").json()["rows"] for client in (local, everywhere))
    assert [row for row in all_of_it if row["of"].startswith("9901")] == mine != all_of_it
    here, there = (client.get(f"/api/v1{night}").json()["claims"] for client in (local, everywhere))
    assert 0 < here < there
    assert everywhere.get("/nights/2020-01-01").status_code == 404
    for nonsense in ("month=2026-13", "month=0000-01", "institution=%00", "area=x", "of=never", "format=exe"):
        assert everywhere.get(f"/dashboards/tables/areas?{nonsense}").status_code == 422, nonsense


def test_an_export_is_the_page_and_is_told(real: Place) -> None:
    client = browser(real, "senior")
    client.post("/lang/zh")
    for address in (
        "/dashboards/tables/institutions?of=service&month=2026-07",
        "/nights/2026-07-31/rejected_rows",
        "/nights/2026-07-31/hits",
    ):
        joint = "&" if "?" in address else "?"
        told = client.get(f"/api/v1{address}").json()
        whole = told["rows"]
        while told["next"]:
            told = client.get(f"/api/v1{address}{joint}after={told['next']}").json()
            whole += told["rows"]
        parquet = client.get(f"{address}{joint}format=parquet")
        frame = pl.read_parquet(io.BytesIO(parquet.content))
        assert frame.to_dicts() == whole and frame.height == told["total"]
        titles = [column["zh"] for column in told["columns"]]
        csv = pl.read_csv(client.get(f"{address}{joint}format=csv").content, infer_schema=False)
        assert csv.columns == titles and csv.height == frame.height
        sheet = pl.read_excel(client.get(f"{address}{joint}format=xlsx").content, infer_schema_length=None)
        assert sheet.columns == titles and sheet.height == frame.height
        page = client.get(address).text
        shown = re.findall(r"<tr>.*?</tr>", page, re.S)
        assert len(shown) == 1 + min(frame.height, 100 if "/nights" in address else frame.height)
        assert "format=csv" in page and re.search(r'filename="\w+-2026-08-03\.parquet"', parquet.headers["Content-Disposition"])
    every = pl.read_parquet(client.get("/nights?format=parquet").content)
    assert every.select("batch_date", "claims").rows() == [(date(2026, 7, 31), client.get("/api/v1/nights").json()["nights"][0]["claims"])]
    with real.desk.read() as con:
        entries = con.execute(select(journal.c.subject, journal.c.details).where(journal.c.action == "export")).all()
    assert len(entries) == 10 and {entry.subject for entry in entries} == {"institutions", "rejected_rows", "hits", "nights"}
    assert json.loads(entries[0].details) == {
        "asked": "of=service&month=2026-07&format=parquet",
        "kind": "parquet",
        "rows": json.loads(entries[1].details)["rows"],
    }


def test_a_formula_in_an_export_is_only_text(invented: Invented, tmp_path: Path) -> None:
    if invented.desk.engine.dialect.name != "sqlite":
        pytest.skip("the file is made from the same rows")
    place = a_place(invented.desk, tmp_path)
    an_account(place.desk, "auditor", "taker")
    csv = browser(place, "taker").get("/dashboards/tables/institutions?format=csv").content.decode("utf-8-sig")
    assert "'=机构1" in csv and ",=" not in csv
    with place.desk.read() as con, pytest.raises(Exception, match="at most 3 rows"):
        rows_of(con, select(cases.c.id), most=3)


def test_scorecards_hold_what_people_said(real: Place, invented: Invented, tmp_path: Path) -> None:
    with invented.desk.read() as con:
        card = scorecard(con, real.lake, "MED-067")
        assert scorecard(con, tmp_path, "NO-RULE") == {"rule_id": "NO-RULE", "nights": [], "versions": []}
    assert [night["batch_date"] for night in card["nights"]] == ["2026-07-31"]
    assert [version["rule_version"] for version in card["versions"]] == [1, 2]
    one = card["versions"][0]
    assert one["judged"] == one["confirmed"] + one["reduced"] + one["overturned"] > 0
    url = invented.desk.engine.url.render_as_string(hide_password=False)
    shown = CliRunner().invoke(app, ["scorecard", "--lake", str(real.lake), "--rule", "MED-067", "--database", url, "--json"])
    assert shown.exit_code == 0, shown.output
    version = json.loads(shown.output)[0]["rule_version"]
    said = next(one for one in card["versions"] if one["rule_version"] == version)
    assert json.loads(shown.output)[0]["people"] == {name: said[name] for name in ("judged", "confirmed_share", "overturned_share")}
    table = CliRunner().invoke(app, ["scorecard", "--lake", str(real.lake), "--rule", "MED-067", "--database", url]).output
    assert "overturned" in table and f"{said['overturned_share']:.0%}" in table
