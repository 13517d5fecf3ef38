"""`make console`: the desk on the demo's data, in a browser, with nothing to set up.

Without a demo's night it invents the demo's province and audits it first (without Airflow). The desk governs a copy of the rules in
var/desk/rules, so that trying it changes nothing of the repository.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from audit.cases import accounts, changes, people
from audit.cases.opening import open_nights
from audit.cases.store import Desk
from audit.cases.walls import ENGINE
from audit.console.serve import PORT, Served, free_port, serve
from audit.console.tending import said
from audit.errors import AuditError
from demo import BATCH_DATE

ROOT = Path(__file__).parent.resolve()
DEMO, HOME = ROOT / "var" / "demo", ROOT / "var" / "desk"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=20_000, help="claims to invent where there is no demo yet")
    parser.add_argument("--seed", type=int, default=735)
    parser.add_argument("--port", type=int, default=PORT, help="or the next one that is free")
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    try:
        lake = DEMO / "lake"
        if not (lake / "tables" / "runs").is_dir():
            night(asked.claims, asked.seed, lake)
        rules, database = HOME / "rules", f"sqlite:///{HOME / 'desk.db'}"
        if not rules.is_dir():
            shutil.copytree(ROOT / "rules", rules)
        once = prepared(database, lake, rules)
        port = free_port("127.0.0.1", asked.port, more=20)
        told = f"\nThe desk: http://127.0.0.1:{port}"
        if once:
            told += f"\n  login admin, one-time password {once} (shown this once; it lets you choose your own)"
        print(f"{told}\nCtrl-C ends it; everything stays in {HOME}.\n", flush=True)
        serve(Served(str(lake), str(rules), str(ROOT / "models")), database, "127.0.0.1", port, asked.workers)
    except AuditError as fault:
        print(f"console: {fault}", file=sys.stderr)
        return fault.exit_code
    except subprocess.CalledProcessError as fault:  # it has said what was wrong
        return fault.returncode
    except KeyboardInterrupt:
        print("Ended before the desk was up; `make console` begins again.", file=sys.stderr)
        return 130
    return 0


def night(claims: int, seed: int, lake: Path) -> None:
    """The demo's province and its night, by `audit synth` and `audit run`."""
    print(f"There is no demo's night in {lake}: inventing {claims:,} claims and auditing them, a minute or two ...", flush=True)
    shutil.rmtree(DEMO, ignore_errors=True)
    audit = [sys.executable, "-m", "audit"]
    province = ["--out", str(DEMO / "province"), "--claims", str(claims), "--seed", str(seed)]
    subprocess.run([*audit, "synth", *province], check=True, cwd=ROOT)
    run = ["--source", str(DEMO / "province"), "--lake", str(lake), "--batch-date", BATCH_DATE, "--out", str(DEMO / "night")]
    subprocess.run([*audit, "run", *run], check=True, cwd=ROOT)


def prepared(database: str, lake: Path, rules: Path) -> str | None:
    """The desk with the rules in its hands and the lake's nights opened; returns a new desk's one-time administrator password."""
    desk, once = Desk.open(database), None
    with desk.act() as act:
        if not accounts.listed(act.con, ENGINE):
            _, once = people.add(act, "admin", "系统管理员", "admin")
    with desk.act() as act:
        if not changes.published(act.con):
            changes.adopt(act, rules, "make console")
    for opened in open_nights(desk, lake):
        print(said(opened), flush=True)
    desk.engine.dispose()
    return once


if __name__ == "__main__":
    raise SystemExit(main())
