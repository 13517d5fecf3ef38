"""The `audit` command: read the command line, call one function, turn errors into exit codes.

0 done · 2 wrong command line · 3 a rule is wrong · 4 the data is wrong (nothing was written) · 5 a fault of ours.
"""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from audit.console.commands import Database, desk_app
from audit.errors import AuditError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Audits medical-insurance claims.")
knowledge_app = typer.Typer(no_args_is_help=True, help="The dated knowledge points that rules read.")
app.add_typer(knowledge_app, name="knowledge")
app.add_typer(desk_app, name="desk")


def _ours(name: str) -> Path:
    """The folder of that name where the command is run, else the one that came with the engine."""
    return Path(name) if Path(name).is_dir() else Path(__file__).parents[1] / name


RULES, MODELS = _ours("rules"), _ours("models")
Rules = Annotated[Path, typer.Option(help="Folder of rule files and knowledge tables.")]
Models = Annotated[Path, typer.Option(help="Folder of trained models.")]
EngineName = Literal["cpu", "gpu"]


def _date(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not a date; write it as 2026-06-30.") from None


def _batch(text: str | None) -> str | None:
    if text is not None and text != "update" and not text.isdigit():
        raise typer.BadParameter(f"'{text}' is no batch; write its number, or update.")
    return text


@app.command()
def run(
    source: Annotated[str, typer.Option(help="Folder of national tables, a .duckdb file, or a postgresql:// address.")],
    lake: Annotated[Path, typer.Option(help="Folder that keeps results and history.")],
    batch_date: Annotated[str, typer.Option(callback=_date, help="The night, as 2026-06-30.")],
    engine: Annotated[EngineName, typer.Option(help="cpu, or gpu (NVIDIA, gpu.lock).")] = "cpu",
    rules: Rules = RULES,
    models: Models = MODELS,
    out: Annotated[Path | None, typer.Option(help="Folder for the result tables as plain Parquet.")] = None,
    mapping: Annotated[str | None, typer.Option(help="Mapping of a foreign layout: a YAML file, or cms_synpuf.")] = None,
    bucket_lines: Annotated[int, typer.Option(min=1, help="Lines per person bucket, audited one at a time.")] = 2_000_000,
) -> None:
    """Audit one night from national tables to explained findings."""
    from audit import journey
    from audit.report import summary

    night = journey.Night(source, str(lake), batch_date, engine, str(rules), str(models), mapping, str(out) if out else None, bucket_lines)
    summary(journey.run(night))


@app.command("check-rules")
def check_rules(
    rules: Rules = RULES, lock: Annotated[bool, typer.Option("--lock", help="Write rules.lock for the rules as they are.")] = False
) -> None:
    """Lint every rule and run every example on Polars and on DuckDB."""
    from audit.examples import check_rules as check

    typer.echo(check(rules, lock=lock))


@app.command("new-rule")
def new_rule(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="The new id, such as LOC-009.")],
    folder: Annotated[
        Literal["policy", "management", "medical", "local"] | None, typer.Option("--class", help="Folder; the id's letters tell it else.")
    ] = None,
    grain: Annotated[Literal["line", "claim"], typer.Option(help="What the rule judges.")] = "line",
    words: Annotated[str, typer.Option(help="English words for the file name, joined by hyphens.")] = "new-rule",
    rules: Rules = RULES,
) -> None:
    """Write the file of a new rule, a draft that passes every check, to be changed from there."""
    from audit.examples.scaffold import new_rule as write

    path = write(rules, rule_id, folder, grain, words)
    typer.echo(
        f"{path} is there, as a draft. Next: write its clause, condition and examples (columns: {rules}/README.md);\n"
        "`audit check-rules` shows every fault; `audit check-rules --lock` records it; then status shadow counts it each night,\n"
        "and status active makes findings."
    )


@app.command()
def backtest(
    rule_file: Annotated[Path, typer.Argument(help="The draft: a rule file like those in rules/, outside or inside that folder.")],
    lake: Annotated[Path, typer.Option(help="Folder of the nights.")],
    rules: Rules = RULES,
    first: Annotated[str | None, typer.Option("--from", callback=_date, help="First night, as 2026-06-01.")] = None,
    last: Annotated[str | None, typer.Option("--to", callback=_date, help="Last night, as 2026-06-30.")] = None,
    area: Annotated[str | None, typer.Option(help="Only institutions of this area: the beginning of its code.")] = None,
    institution: Annotated[str | None, typer.Option(help="Only this institution.")] = None,
    json: Annotated[Path | None, typer.Option(dir_okay=False, help="File for all figures.")] = None,
    html: Annotated[Path | None, typer.Option(dir_okay=False, help="File for the page.")] = None,
) -> None:
    """Hold a draft rule against the active version of the same rule, over the lake's nights.

    Both conditions are asked of the values that each night measured,
    with that night's parameters and knowledge points.

    A column that no rule of a night read was not kept, and a draft that needs it cannot be held against that night.
    """
    from audit.backtest import Chosen
    from audit.backtest import backtest as compare

    first_night, last_night = (day and date.fromisoformat(day) for day in (first, last))
    compare(rule_file, rules, Chosen(lake, first_night or None, last_night or None, area, institution), json, html)


@app.command()
def train(
    source: Annotated[
        Path, typer.Option(help="Folder of labelled claims: national tables and truth/fraud.parquet, as `audit synth` writes.")
    ],
    models: Models = MODELS,
    rules: Rules = RULES,
    seed: Annotated[int, typer.Option(help="Fixes every random choice.")] = 1,
) -> None:
    """Train, calibrate and test both models on labelled claims, split in time."""
    from audit.train import train_on

    typer.echo(train_on(source, models, rules, seed))


@app.command()
def synth(
    out: Annotated[Path, typer.Option(help="An empty or new folder.")],
    claims: Annotated[int, typer.Option(min=1, help="How many claims.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    batch_date: Annotated[str, typer.Option(callback=_date, help="The last day of the settled months.")] = "2026-07-31",
) -> None:
    """Invent a province: believable claims with known violations and schemes."""
    from audit.synth import synth as invent

    typer.echo(invent(claims, seed, out, batch_date=date.fromisoformat(batch_date)))


@app.command()
def summary(
    results: Annotated[Path, typer.Argument(help="Folder of a night's result tables.")],
    truth: Annotated[Path | None, typer.Option(help="truth/ of an invented province: shows what was found of what was planted.")] = None,
) -> None:
    """Show a finished night again, in the terminal and as a page."""
    from audit.report import summary as show

    show(results, truth)


@app.command()
def explain(
    finding: Annotated[str, typer.Argument(help="The finding's id (jr_id) or its beginning, or a billed line, claim or rule.")],
    lake: Annotated[Path, typer.Option(help="Folder that keeps results and history.")],
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language of the tree.")] = "zh",
    as_json: Annotated[bool, typer.Option("--json", help="The same as JSON, in both languages.")] = False,
    rules: Rules = RULES,
) -> None:
    """Show one finding with all it rests on: clause, comparison, knowledge point, lines, money."""
    from audit import dossier

    told = dossier.dossier(lake, finding, rules)
    dossier.show(told, None if as_json else lang)


@app.command()
def scorecard(
    lake: Annotated[Path, typer.Option(help="Folder that keeps results and history.")],
    rule: Annotated[str | None, typer.Option(help="Id of one rule: shows it over all nights.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as JSON, with every overlap and cause.")] = False,
    database: Annotated[str | None, typer.Option(help="The desk's database: adds what people made of the findings.")] = None,
) -> None:
    """Show what each rule hit, could not tell, shares with other rules and adds by itself."""
    from audit.report.history import show

    if database is None:
        return show(lake, rule, as_json)
    from audit.cases.boards.verdicts import people
    from audit.cases.store import Desk

    with Desk.open(database).read() as con:
        show(lake, rule, as_json, people(con))


@app.command()
def serve(
    lake: Annotated[Path, typer.Option(help="Folder of the nights.")],
    database: Database = None,
    rules: Rules = RULES,
    models: Models = MODELS,
    settings: Annotated[Path | None, typer.Option(help="The site's settings: a YAML file like audit/cases/desk.yaml.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8735,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes beside each other.")] = 1,
    https: Annotated[bool, typer.Option("--https", help="It stands behind TLS: cookies travel over it only.")] = False,
    airflow: Annotated[str | None, typer.Option(help="Address of Airflow's pages, for a link.")] = None,
    every: Annotated[int, typer.Option(min=1, max=3600, help="Seconds between two looks for new nights and passed deadlines.")] = 60,
) -> None:
    """Serve the desk to browsers and programs; /health and /metrics say how it is."""
    from audit.console.serve import Served, database_of
    from audit.console.serve import serve as listen

    served = Served(str(lake), str(rules), str(models), str(settings) if settings else None, https, airflow, every)
    typer.echo(f"The desk: http://{host}:{port}", err=True)
    listen(served, database_of(database, lake), host, port, workers)


@knowledge_app.command("import")
def import_points(
    files: Annotated[list[Path], typer.Argument(help="Official workbooks (.xlsx), all_records.json, or folders of them.")],
    rules: Rules = RULES,
    batch: Annotated[str | None, typer.Option(callback=_batch, help="Where the file does not say: 18, or update.")] = None,
    published: Annotated[str | None, typer.Option(callback=_date, help="Where the file does not say: its day of publication.")] = None,
    lake: Annotated[Path | None, typer.Option(help="Count the past claims of this lake that the points touch.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write every change to this file.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
) -> None:
    """Show what a new official batch changes, then write it into rules/tables, whole or not at all."""
    from audit.knowledge import batches
    from audit.knowledge.batches import reach, told
    from audit.rulebook import approved
    from audit.rulebook import load as load_rules

    given = batches.Given(batch, date.fromisoformat(published) if published else None)
    with batches.planned(files, rules, given) as plan:
        book, reached = load_rules(rules), reach.reach(lake, plan.steps) if lake else None
        typer.echo(told.page(plan, book, reached))
        if lake and reached is None:
            typer.echo(f"\n{lake} has no night that kept its use of items, so nobody can say how many past claims this touches.")
        if json:
            json.write_text(told.listing(plan, book, reached), encoding="utf-8")
        if not plan.steps:
            return
        approved.demand_free(rules)
        if not yes and not (sys.stdin.isatty() and typer.confirm("\nWrite this?")):
            typer.echo("\nNothing was written; --yes writes it.")
            return
        number = batches.write(plan, date.today())["number"]
    typer.echo(f"\nWritten as import {number}. `audit check-rules` runs the examples on it, `audit knowledge undo` takes it back.")


@knowledge_app.command("undo")
def undo_import(rules: Rules = RULES) -> None:
    """Take the last import back, byte for byte."""
    from audit.knowledge import batches
    from audit.knowledge.batches import told
    from audit.rulebook import approved

    approved.demand_free(rules)
    typer.echo(f"Taken back: {told.past([batches.undo(rules)])}")


@knowledge_app.command("history")
def past_imports(rules: Rules = RULES) -> None:
    """List the imports: when, batch and publication, points per rule type, files."""
    from audit.knowledge.batches import ledger, told

    typer.echo(told.past(ledger.imports(rules)))


def main() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    logging.getLogger("audit").setLevel(logging.INFO)
    try:
        app(prog_name="audit")
    except AuditError as fault:
        typer.echo(f"audit: {fault}", err=True)
        sys.exit(fault.exit_code)
    except Exception as fault:
        traceback.print_exc()
        typer.echo(f"audit: a fault of ours ({type(fault).__name__}); please report it with the lines above.", err=True)
        sys.exit(AuditError.exit_code)


if __name__ == "__main__":
    main()
