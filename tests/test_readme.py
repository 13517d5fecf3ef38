"""README's commands run as written, and the finding it explains is really found."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
from conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_commands_run_and_the_finding_is_there_word_for_word(tmp_path: Path) -> None:
    for folder in ("rules", "models"):  # copies: one of the commands makes a desk govern a copy, and `cp -r` copies a link as a link
        shutil.copytree(ROOT / folder, tmp_path / folder)
    commands = "".join(re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL))
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-euc", commands], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = " ".join(README.split())
    line, containing = re.findall(r"[Ll]ine `(F\d+)`", told)
    finding = pl.read_parquet(tmp_path / "var" / "night" / "findings.parquet").row(
        by_predicate=(pl.col("bkkp_sn") == line) & (pl.col("rule_id") == "POL-025"), named=True
    )
    assert finding["concerned_bkkp_sn"] == [containing]
    assert finding["vola_cont"] in told
    assert f"{finding['counted_amt'] / 100:.2f} yuan once" in told and f"about {finding['vola_fund_amt'] / 100:.2f} yuan" in told
    assert finding["national_code"] in told and finding["sev_deg"] in told
    point = re.search(r"pair `(\S+)`", told)
    assert point and point[1] in finding["vola_evid"]
    assert (ROOT / re.search(r"`(rules/policy/\S+\.yaml)`", told)[1]).exists()  # type: ignore[index]


def test_every_subcommand_has_help_and_readme_names_no_other() -> None:
    from typer.main import get_command

    from audit.__main__ import app

    known = get_command(app).commands  # type: ignore[attr-defined]
    assert all(command.help for command in known.values())
    assert set(re.findall(r"^audit (\S+)", README, flags=re.MULTILINE)) <= set(known)
