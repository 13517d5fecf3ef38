"""Samples at the desk: from a real night's claims to a closed result, by one's own hands, behind walls, and never changed afterwards."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from conftest import BATCH_DATE
from desk_room import Clock, a_desk, a_place, an_account, browser
from fastapi.testclient import TestClient
from sqlalchemy import insert, select, update

from audit.cases import samples, sampling
from audit.cases.refused import Refused
from audit.cases.samples import Frame, Institution, Wish
from audit.cases.store import Act, Desk
from audit.cases.tables import cases, journal, sample_claims
from audit.cases.walls import Person
from audit.console.place import Place
from audit.console.samples.figure import WIDE, histogram


@pytest.fixture(scope="module")
def place(audited: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("samples")
    clock = Clock()
    desk = a_desk(f"sqlite:///{folder / 'desk.db'}", clock)
    for login, role, area in (
        ("reviewer", "reviewer", ""), ("second", "reviewer", ""), ("elsewhere", "senior", "000000"), ("auditor", "auditor", ""),
        ("analyst", "analyst", ""),
    ):  # fmt: skip
        an_account(desk, role, login, area)
    return a_place(desk, folder, audited.parent)


@pytest.fixture(scope="module")
def where(place: Place, facts: pl.DataFrame) -> Institution:
    """The institution that cost the fund most."""
    top = facts.group_by("fixmedins_code").agg(pl.col("fund_pay_sumamt").sum()).sort("fund_pay_sumamt")["fixmedins_code"][-1]
    with place.desk.act() as engine:
        found = samples.institutions(place.lake, engine.person)
    assert found[0].fixmedins_code == top
    return found[0]


@pytest.fixture(scope="module")
def facts(audited: Path, province: Path) -> pl.DataFrame:
    """Every audited claim as it was delivered."""
    delivered = pl.read_parquet(province / "setl_d.parquet").unique("setl_id", keep="none")
    return delivered.join(pl.read_parquet(audited / "claims.parquet").select("setl_id", "flagged"), on="setl_id")


@pytest.fixture(scope="module")
def reviewer(place: Place) -> TestClient:
    return browser(place, "reviewer")


def planned(client: TestClient, where: Institution, **wish: object) -> int:
    answer = client.post("/samples", data={"name": "试抽样", "institution": where.fixmedins_code, **wish})
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rsplit("/", 1)[-1])


def drawn(client: TestClient, where: Institution, **wish: object) -> int:
    sample_id = planned(client, where, **wish)
    assert client.post(f"/samples/{sample_id}/draw").status_code == 303
    return sample_id


def test_a_night_keeps_what_every_audited_claim_cost(audited: Path, facts: pl.DataFrame, province: Path) -> None:
    kept = pl.read_delta(str(audited.parent / "tables" / "audited_claims"))
    assert kept.height == pl.read_parquet(audited / "claims.parquet").height and kept["setl_id"].is_unique().all()
    both = kept.join(facts, on="setl_id", suffix="_d")
    assert both.height > 2_900 and not both["flagged"].all()
    for column in ("fixmedins_code", "med_type"):
        assert (both[column] == both[f"{column}_d"]).all(), column
    for column in ("medfee_sumamt", "fund_pay_sumamt"):
        given = (both[f"{column}_d"].cast(pl.Float64) * 100).round().cast(pl.Int64)
        assert (both[column] == (both[f"{column}_d"] if facts[column].dtype.is_integer() else given)).all(), column
    departments = pl.read_parquet(province / "mdtrt_d.parquet").select("mdtrt_id", dept="adm_dept_name").unique("mdtrt_id")
    assert (both.join(departments, on="mdtrt_id").select(pl.col("dept") == pl.col("adm_dept_name"))).to_series().all()


def test_a_frame_holds_what_was_asked_for_and_says_what_it_leaves_out(place: Place, where: Institution) -> None:
    whole = samples.found(place.lake, Frame(where.fixmedins_code))
    assert whole.claims.height + whole.unpaid == where.claims and whole.claims["fund_pay_sumamt"].sum() <= where.fund_pay_sumamt
    assert whole.not_kept == [] and "21" in whole.med_types
    middle = int(whole.claims["fund_pay_sumamt"].median())  # type: ignore[arg-type]
    cheap, dear = (
        samples.found(place.lake, Frame(where.fixmedins_code, **ends)) for ends in ({"amount_to": middle}, {"amount_from": middle + 1})
    )
    assert cheap.claims.height + dear.claims.height == whole.claims.height and dear.claims["fund_pay_sumamt"].min() > middle
    ward = samples.found(place.lake, Frame(where.fixmedins_code, med_type="21", dept=whole.depts[0]))
    assert set(ward.claims["med_type"]) <= {"21"} and set(ward.claims["adm_dept_name"]) <= {whole.depts[0]}
    day = whole.claims["end_date"].sort()[10]
    early = samples.found(place.lake, Frame(where.fixmedins_code, day_to=day))
    assert early.claims.equals(whole.claims.filter(pl.col("end_date") <= day)) and 0 < early.claims.height < whole.claims.height
    assert samples.found(place.lake, Frame(where.fixmedins_code, night_from=date(2027, 1, 1))).claims.is_empty()
    assert Frame.from_dict(json.loads(json.dumps(Frame("F99", day_to=day, amount_to=5).as_dict()))) == Frame("F99", day_to=day, amount_to=5)


def test_the_histogram_counts_every_claim_once() -> None:
    drawing = histogram([1, 50, 99, 5_000, 5_000, 1_000_000], [5_000])
    assert sum(bar[-1] for bar in drawing.bars) == 6 and max(bar[-1] for bar in drawing.bars) == 2
    assert drawing.ticks[0] == (0.0, 1) and drawing.ticks[-1] == (WIDE, 1_000_000) and 0 < drawing.cuts[0][0] < WIDE
    assert sum(bar[-1] for bar in histogram([7, 7], []).bars) == 2


def test_the_draw_is_the_one_that_anybody_makes_from_seed_and_frame(place: Place, reviewer: TestClient, where: Institution) -> None:
    sample_id = drawn(reviewer, where, size=60, bands=3, seed=4711)
    sheet = pl.read_csv(BytesIO(reviewer.get(f"/samples/{sample_id}/frame.csv").content), schema_overrides={"基金支付": pl.String})
    by_hand = sheet.select(id="结算ID", amount=pl.col("基金支付").str.replace(r"\.", "").cast(pl.Int64))
    plan = sampling.plan(by_hand, seed=4711, size=60, bounds=sampling.bands(by_hand, 3))
    with place.desk.read() as con:
        kept = samples.reviewed(con, sample_id)
        told = json.loads(
            con.scalar(select(journal.c.details).where(journal.c.action == "sample.plan", journal.c.subject == str(sample_id)))
        )
    assert kept.select("id", "amount", "band").equals(sampling.draw(by_hand, plan).select("id", "amount", "band")) and len(kept) >= 60
    assert told["plan"] == json.loads(json.dumps(plan.as_dict())) and told["seed_given"] is True
    assert "抽样已核对" in reviewer.get(f"/samples/{sample_id}/verify").text
    again = reviewer.post(f"/samples/{sample_id}/draw")
    assert again.status_code == 409 and "测试reviewer已于2026-08-03 09:00抽取" in again.text
    with place.desk.engine.begin() as con:  # somebody swaps a claim behind the desk's back
        one = con.scalar(select(sample_claims.c.id).where(sample_claims.c.sample_id == sample_id))
        con.execute(update(sample_claims).where(sample_claims.c.id == one).values(setl_id="F99"))
    assert "有1笔不同" in reviewer.get(f"/samples/{sample_id}/verify").text


def test_a_seed_is_made_by_lot_unless_it_is_typed(reviewer: TestClient, where: Institution) -> None:
    made = [reviewer.get(f"/api/v1/samples/{planned(reviewer, where, size=40)}").json() for _ in range(2)]
    assert made[0]["plan"]["seed"] != made[1]["plan"]["seed"] and made[0]["plan"]["frame"] == made[1]["plan"]["frame"]
    assert "尚未抽取" in reviewer.get(f"/samples/{made[0]['id']}/verify").text
    assert not made[0]["seed_given"] and made[0]["drawn"] == 0 and made[0]["frame"]["night_to"] == BATCH_DATE


def race(desk: Desk, persons: list[Person], change: Callable[[Act], None]) -> None:
    """Both do it at the same moment: one of them is refused."""
    refused = []

    def run(person: Person) -> None:
        try:
            with desk.act(person) as act:
                change(act)
        except Refused as why:
            refused.append(why.code)

    threads = [threading.Thread(target=run, args=(person,)) for person in persons]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [409]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_sample_reviewed_whole_is_carried_over_and_frozen(
    kind: str, place: Place, where: Institution, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    desk = a_desk(f"sqlite:///{tmp_path / 'desk.db'}" if kind == "sqlite" else request.getfixturevalue("postgres"))
    person = an_account(desk, "reviewer")
    proposal = samples.propose(place.lake, where, Frame(where.fixmedins_code), Wish(size=36), seed=5)
    units = sampling.draw(proposal.found.units, proposal.plan)
    with desk.act(person) as act:
        sample_id = samples.create(act, " 试抽样 ", proposal)
        samples.draw(act, sample_id, units)
        rows = samples.rows(act.con, person, sample_id)
        assert [row.setl_id for row in rows] == units["id"].to_list() and samples.result(act.con, person, sample_id) is None
    with pytest.raises(Refused, match="every claim of it is reviewed"), desk.act(person) as act:
        samples.close(act, sample_id)
    overpaid = [row.paid // 3 if number % 4 == 0 else 0 for number, row in enumerate(rows)]
    race(desk, [person, an_account(desk, "senior")], lambda act: samples.review(act, sample_id, rows[0].id, overpaid[0], "", ""))
    with desk.act(person) as act:
        for row, fen in zip(rows[1:], overpaid[1:], strict=True):
            samples.review(act, sample_id, row.id, fen, "病历", "")
    expected = sampling.estimate(proposal.plan, units.with_columns(overpaid=pl.Series(overpaid)))
    with desk.act(person) as act:
        found = samples.one(act.con, person, sample_id)
        assert (found.reviewed, found.overpaid, found.name) == (36, sum(overpaid), "试抽样")
        assert samples.result(act.con, person, sample_id) == expected and expected.difference and expected.why_not is None
        samples.close(act, sample_id)
    for change in (
        lambda act: samples.review(act, sample_id, rows[0].id, 1, "", ""),
        lambda act: samples.close(act, sample_id),
        lambda act: samples.draw(act, sample_id, units),
    ):
        with pytest.raises(Refused, match="测试reviewer closed this sample at 2026-08-03 09:00"), desk.act(person) as act:
            change(act)
    with desk.read() as con:
        assert samples.one(con, person, sample_id).result == expected
        actions = con.execute(select(journal.c.action).where(journal.c.action.startswith("sample"))).scalars().all()
    assert actions == ["sample.plan", "sample.draw", *["sample.review"] * 36, "sample.close"]
    desk.engine.dispose()


def test_who_comes_second_is_told_who_was_first(place: Place, reviewer: TestClient, where: Institution) -> None:
    sample_id, second = drawn(reviewer, where, size=30), browser(place, "second")
    claim = reviewer.get(f"/api/v1/samples/{sample_id}/claims").json()[0]
    address = f"/samples/{sample_id}/claims/{claim['id']}"
    assert claim["seen"] == "" and reviewer.post(address, data={"overpaid": "１.20", "note": "<b>x</b>"}).status_code == 303
    late = second.post(address, data={"overpaid": "0", "seen": ""})
    assert late.status_code == 409 and "测试reviewer已于2026-08-03 09:00审查此结算，多付1.20元" in late.text
    assert "&lt;b&gt;x&lt;/b&gt;" in late.text and "<b>x" not in late.text
    place.desk.clock.now += timedelta(minutes=5)  # type: ignore[attr-defined]
    seen = second.get(f"/api{'/v1'}{address.rsplit('/', 1)[0]}").json()[0]
    assert (seen["overpaid"], seen["reviewer"]) == (120, "测试reviewer")
    changed = second.put(f"/api/v1{address}", json={"overpaid": 0, "seen": seen["seen"]})
    assert changed.status_code == 200 and changed.json()["reviewer"] == "测试second"
    assert reviewer.put(f"/api/v1{address}", json={"overpaid": 5, "seen": seen["seen"]}).status_code == 409


def test_a_closed_case_is_proposed_as_far_as_the_fund_paid(place: Place, reviewer: TestClient, where: Institution) -> None:
    sample_id = drawn(reviewer, where, size=30)
    first, other, *_ = reviewer.get(f"/api/v1/samples/{sample_id}/claims").json()
    common = {
        "mdtrt_id": "M", "psn_no": "P", "fixmedins_code": where.fixmedins_code, "area": where.area, "batch_date": date(2026, 7, 31),
        "run_id": "r", "medfee_sumamt": 9, "fund_pay_sumamt": 9, "counted_amt": 9, "recovered_amt": 0, "priority": 0, "sev_deg": "definite",
        "opened_at": place.desk.clock(), "changed_at": place.desk.clock(), "decided_amt": first["paid"] + 900,
    }  # fmt: skip
    with place.desk.act() as act:
        act.con.execute(insert(cases), [{**common, "setl_id": c["setl_id"], "step": s} for c, s in ((first, "closed"), (other, "panel"))])
    again = reviewer.get(f"/api/v1/samples/{sample_id}/claims").json()
    assert again[0]["proposed"] == first["paid"] and again[1]["proposed"] is None and again[1]["case_id"] and again[2]["case_id"] is None
    page = reviewer.get(f"/samples/{sample_id}/claims/{first['id']}").text
    assert "案件已结案" in page and f'value="{first["paid"] // 100}.{first["paid"] % 100:02d}"' in page and "/cases/" in page
    assert "未保存账单" in reviewer.get(f"/samples/{sample_id}/claims/{again[2]['id']}").text
    assert "未保存账单" not in page


def test_the_method_and_the_table_can_be_taken_away(place: Place, reviewer: TestClient, where: Institution) -> None:
    sample_id = drawn(reviewer, where, size=30, seed=9)
    rows = reviewer.get(f"/api/v1/samples/{sample_id}/claims").json()
    for number, row in enumerate(rows):
        answer = reviewer.put(
            f"/api/v1/samples/{sample_id}/claims/{row['id']}", json={"overpaid": row["paid"] if number < 9 else 0, "note": "=1+1"}
        )
        assert answer.status_code == 200
    result = reviewer.get(f"/api/v1/samples/{sample_id}/result").json()
    assert result["estimate"]["found"] == sum(row["paid"] for row in rows[:9]) <= result["estimate"]["recover"]
    closed = reviewer.post(f"/api/v1/samples/{sample_id}/close")
    assert closed.status_code == 200 and closed.json()["closed_at"]
    paper = reviewer.get(f"/samples/{sample_id}/method").text
    for said in (">9</span>", "手工填写", where.fixmedins_code, rows[0]["setl_id"], "复核人", "单侧90%置信下限"):
        assert said in paper, said
    csv = reviewer.get(f"/samples/{sample_id}/claims.csv").content.decode("utf-8-sig")
    assert csv.splitlines()[0].startswith("序号,结算ID,层,夜间批次") and "'=1+1" in csv
    machine = pl.read_parquet(BytesIO(reviewer.get(f"/samples/{sample_id}/claims.parquet").content))
    assert machine["overpaid"].sum() == result["estimate"]["found"] and machine["night"].unique().to_list() == [
        date.fromisoformat(BATCH_DATE)
    ]
    with place.desk.read() as con:
        told = con.execute(select(journal.c.action, journal.c.details).order_by(journal.c.seq.desc()).limit(1)).one()
    assert told.action == "sample.export" and json.loads(told.details)["kind"] == "parquet"


def test_walls_stand_around_samples(place: Place, reviewer: TestClient, where: Institution) -> None:
    sample_id = drawn(reviewer, where, size=30)
    claim = reviewer.get(f"/api/v1/samples/{sample_id}/claims").json()[0]["id"]
    elsewhere, auditor, analyst = (browser(place, login) for login in ("elsewhere", "auditor", "analyst"))
    addresses = ["", "/verify", "/method", "/claims.csv", "/frame.csv", f"/claims/{claim}"]
    for address in addresses:
        assert elsewhere.get(f"/samples/{sample_id}{address}").status_code == 404, address
        assert auditor.get(f"/samples/{sample_id}{address}").status_code == 200, address
        assert analyst.get(f"/samples/{sample_id}{address}").status_code == 403, address
    for address in ("/draw", "/close", f"/claims/{claim}"):
        assert elsewhere.post(f"/samples/{sample_id}{address}", data={"overpaid": "0"}).status_code in (404, 422), address
        assert auditor.post(f"/samples/{sample_id}{address}", data={"overpaid": "0"}).status_code == 403, address
    assert elsewhere.get("/api/v1/samples").json() == [] and "还没有抽样" in elsewhere.get("/samples").text
    assert elsewhere.get(f"/samples/new?institution={where.fixmedins_code}").status_code == 404
    assert where.fixmedins_code not in elsewhere.get("/samples/new").text and where.fixmedins_code in auditor.get("/samples/new").text
    with place.desk.read() as con:
        assert con.scalar(select(sample_claims.c.overpaid).where(sample_claims.c.id == claim)) is None


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"size": 30, "precision": "10"}, "只填一项"),
        ({"night_from": "2027-01-01"}, "没有符合条件"),
        ({"amount_from": "99999999"}, "没有符合条件"),
        ({"precision": "0"}, "须不小于1"),
    ],
)
def test_a_wish_that_makes_no_sample_is_told_on_the_page(
    reviewer: TestClient, where: Institution, wish: dict[str, object], sentence: str
) -> None:
    asked = {"institution": where.fixmedins_code, **wish}
    for answer in (reviewer.get("/samples/new", params=asked), reviewer.post("/samples", data={"name": "x", **asked})):
        assert answer.status_code == 422 and sentence in answer.text


@pytest.mark.parametrize(
    "wish",
    [{"size": 0}, {"size": 9**9}, {"bands": 99}, {"rate": 0}, {"seed": -1}, {"seed": 2**60}, {"amount_from": "²"}, {"amount_from": "1.234"},
     {"precision": "many"}, {"day_from": "2026-02-30"}, {"day_from": "0001-01-01"}, {"dept": "a\x00"}, {"estimator": "no"}, {"name": " "}],
)  # fmt: skip
def test_nonsense_is_kindly_refused(reviewer: TestClient, where: Institution, wish: dict[str, object]) -> None:
    answer = reviewer.post("/samples", data={"name": "x", "institution": where.fixmedins_code, **wish})
    assert answer.status_code == 422 and next(iter(wish)) in answer.text


def test_a_review_must_be_an_amount_that_was_paid(reviewer: TestClient, where: Institution) -> None:
    sample_id = drawn(reviewer, where, size=30)
    claim = reviewer.get(f"/api/v1/samples/{sample_id}/claims").json()[0]
    address = f"/samples/{sample_id}/claims/{claim['id']}"
    for typed in (f"{claim['paid'] / 100 + 0.01:.2f}", "1.005", "-1", "²", "x"):
        told = reviewer.post(address, data={"overpaid": typed, "note": "所查资料"})
        assert told.status_code == 422 and f'value="{typed}"' in told.text and ">所查资料<" in told.text, typed
    assert reviewer.put(f"/api/v1{address}", json={"overpaid": claim["paid"] + 1}).status_code == 422
    assert reviewer.post(f"/samples/{sample_id}/claims/{2**53}", data={"overpaid": "0"}).status_code == 404
    assert reviewer.get(f"/samples/{2**54}").status_code == 422 and reviewer.get("/samples/999999").status_code == 404


def test_a_night_of_an_earlier_engine_is_named(place: Place, where: Institution, tmp_path: Path) -> None:
    """A lake without the table of all claims: nothing to draw from, and the page says which night to run again."""
    (tmp_path / "lake" / "tables").mkdir(parents=True)
    for table in ("runs", "institutions"):
        (tmp_path / "lake" / "tables" / table).symlink_to(place.lake / "tables" / table)
    found = samples.found(tmp_path / "lake", Frame(where.fixmedins_code))
    assert found.claims.is_empty() and found.not_kept == [date.fromisoformat(BATCH_DATE)]
    older = browser(a_place(place.desk, tmp_path), "reviewer").get("/samples/new", params={"institution": where.fixmedins_code})
    assert older.status_code == 422 and "重新运行后即可纳入" in older.text and BATCH_DATE in older.text
