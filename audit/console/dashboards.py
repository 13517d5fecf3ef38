"""Dashboards: money, what people made of the findings, how long work takes, and whether the models still hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi import Path as InPath
from fastapi.responses import Response
from pydantic import StringConstraints
from sqlalchemy import Connection, select

from audit import words
from audit.cases.boards import Cohort, money, scores, verdicts, work
from audit.cases.refused import Refused
from audit.cases.store import CHINA
from audit.cases.tables import cases
from audit.console import charts
from audit.console.boards_said import CLASSES, STEPS, of
from audit.console.door import may
from audit.console.export import Format
from audit.console.here import Here
from audit.console.sheets import Sheet, SheetOut
from audit.rulebook.strict import Source, plain

pages = APIRouter()
api = APIRouter(tags=["dashboards"])
Reader = Annotated[Here, may("dashboard.read")]
Steward = Annotated[Here, may("model.read")]
Month = Annotated[str, StringConstraints(pattern=r"^((19|20)[0-9]{2}-(0[1-9]|1[0-2]))?$")]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{0,50}$")]
Area = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,12}$")]
TABS = {
    "money": ("资金", "Money"),
    "verdicts": ("复核结果", "Verdicts"),
    "work": ("工作量与期限", "Work and deadlines"),
    "models": ("模型", "Models"),
}
FIRST = 15  # rows of a long table on the page


class Asked:
    """What narrows the figures; it stays in the address."""

    def __init__(self, area: Area = "", institution: Code = "", month: Month = "", of: Literal["service", "closing"] = "service"):
        self.area, self.institution, self.month, self.of = area, institution, month, of

    def cohort(self, here: Here) -> Cohort:
        return Cohort(here.person, self.area, self.institution, self.month, self.of)

    @property
    def query(self) -> str:
        chosen = {name: value for name, value in vars(self).items() if value and (name, value) != ("of", "service")}
        return f"?{urlencode(chosen)}" if chosen else ""


Question = Annotated[Asked, Depends()]
Name = Annotated[Literal["areas", "institutions", "months", "classes", "rules", "versions", "waiting", "calibration", "drift"], InPath()]
_OF_MODELS = ("calibration", "drift")
_OF_CELLS = {"areas": money.by_area, "institutions": money.by_institution, "months": money.by_month}


def sheet(here: Here, con: Connection, name: str, asked: Asked, cells: list[dict[str, Any]] | None = None) -> Sheet:
    """One table of the dashboards, over what this person may see; `cells`: money's, where they are read already.

    Refused (403) where the figures are not for this role or area.
    """
    cohort = asked.cohort(here)
    if name in _OF_MODELS and not here.may("model.read"):
        raise Refused("您的角色不能查看模型数据。", "Your role does not see the models' figures.", 403)
    if name == "drift" and here.person.area:
        raise Refused("漂移是全数据湖的数字，您的账号只看本统筹区。", "Drift is of the whole lake; your account sees its own area.", 403)
    if name in _OF_CELLS:
        rows = _OF_CELLS[name](money.cells(con, cohort) if cells is None else cells)
    elif name == "rules":
        rows = [row | {"name": here.say(row["name_zh"], row["name_en"])} for row in money.by_rule(con, cohort)]
    elif name == "classes":
        rows = [row | {"of": here.say(*CLASSES[row["of"]])} for row in money.by_class(money.by_rule(con, cohort))]
    elif name == "versions":
        rows = [row | {"name": here.say(row["name_zh"], row["name_en"])} for row in verdicts.by_version(con, cohort)]
    elif name == "waiting":
        rows = [row | {"of": here.say(*STEPS[row["of"]])} for row in work.by_step(con, cohort, here.place.desk.clock(), _today(here))]
    elif name == "calibration":
        rows = [row | {"of": f"{row['from']:.0%}–{row['to']:.0%}"} for row in scores.calibration(con, cohort)]
    else:
        rows = [row | {"missing": _missing(here, row["missing"])} for row in scores.drift(here.place.lake)]
    return of(name, rows)


@pages.get("/dashboards")
def overview(here: Reader, asked: Question) -> Response:
    with here.read() as con:
        cells = money.cells(con, asked.cohort(here))
        made = {name: sheet(here, con, name, asked, cells) for name in ("months", "areas", "institutions", "classes", "rules")}
        return _page(here, con, "money", asked, total=money.total(cells), sheets=made, chart=_months(here, made["months"]))


@pages.get("/dashboards/verdicts")
def people_said(here: Reader, asked: Question) -> Response:
    with here.read() as con:
        return _page(here, con, "verdicts", asked, sheets={"versions": sheet(here, con, "versions", asked)})


@pages.get("/dashboards/work")
def working(here: Reader, asked: Question) -> Response:
    with here.read() as con:
        hours = work.hours(con, asked.cohort(here), _minutes(here.place.rules))
        return _page(here, con, "work", asked, hours=hours, sheets={"waiting": sheet(here, con, "waiting", asked)})


@pages.get("/dashboards/models")
def models(here: Steward, asked: Question) -> Response:
    with here.read() as con:
        made = {"calibration": sheet(here, con, "calibration", asked)}
        if not here.person.area:
            made["drift"] = sheet(here, con, "drift", asked)
        listed = [folder.name for folder in _models(here.place.models)]
        return _page(
            here, con, "models", asked, sheets=made, models=listed, curve=_curve(here, made["calibration"]), line=_drift(here, made)
        )


@pages.get("/dashboards/models/{name}")
def model(here: Steward, name: Annotated[str, InPath(pattern=r"^[a-z0-9_]{1,64}$")]) -> Response:
    """The card of a model, its figures, and when it was put to work."""
    folder = next((one for one in _models(here.place.models) if one.name == name), None)
    if folder is None:
        raise Refused("没有这个模型。", "There is no such model.", 404)
    metrics = json.loads(_text(folder / "metrics.json") or "{}")
    lines = _text(here.place.models / "deployments.jsonl").splitlines()
    deployed = [json.loads(line) for line in lines if line.strip()]
    mine = [one for one in deployed if any(file.startswith(f"{name}/") for file in one.get("files", {}))]
    figures = {key: value for key, value in metrics.items() if isinstance(value, int | float | str)}
    return here.page("dashboards_model.html", name=name, card=_text(folder / "card.md"), figures=figures, deployments=mine[::-1])


@pages.get("/dashboards/tables/{name}")
def table(here: Reader, name: Name, asked: Question, format: Format = None) -> Response:
    """One table whole, as a page or as a file."""
    with here.read() as con:
        found = sheet(here, con, name, asked)
    if format:
        return found.exported(here, format)
    return here.page("dashboards_table.html", sheet=found, asked=asked, tabs=TABS)


@api.get("/dashboards/money")
def money_now(here: Reader, asked: Question) -> dict[str, int]:
    """Sums in fen over the cases that you may see: cases, closed, found, proposed, confirmed, appealed, recovered, released."""
    with here.read() as con:
        return money.total(money.cells(con, asked.cohort(here)))


@api.get("/dashboards/hours")
def hours_now(here: Reader, asked: Question) -> dict[str, float | None]:
    """Hours of finished first reviews: timed, untimed, median_hours, total_hours, planned_hours."""
    with here.read() as con:
        return work.hours(con, asked.cohort(here), _minutes(here.place.rules))


@api.get("/dashboards/tables/{name}", response_model=SheetOut, responses={200: {"content": {"text/csv": {}}}})
def table_told(here: Reader, name: Name, asked: Question, format: Format = None) -> Response | SheetOut:
    """One table of the dashboards, or with `format` as a file."""
    with here.read() as con:
        found = sheet(here, con, name, asked)
    return found.exported(here, format) if format else found.told()


def _page(here: Here, con: Connection, tab: str, asked: Asked, **values: Any) -> Response:
    areas = con.scalars(select(cases.c.area).where(asked.cohort(here).everywhere().where).distinct().order_by(cases.c.area)).all()
    shown = [(key, name) for key, name in TABS.items() if key != "models" or here.may("model.read")]
    return here.page(f"dashboards_{tab}.html", tab=tab, asked=asked, first=FIRST, areas=areas, shown=shown, **values)


def _months(here: Here, months: Sheet) -> Any:
    points = [(row["of"], [row["found"], row["confirmed"], row["recovered"]]) for row in months.rows[-18:]]
    names = [here.say("发现", "Found"), here.say("认定", "Confirmed"), here.say("追回", "Recovered")]
    label = here.say("各月发现、认定和追回的金额", "Money found, confirmed and recovered by month")
    return charts.columns(label, points, ("f-wash", "f-blue", "f-accent"), names, here.lang)


def _curve(here: Here, bands: Sheet) -> Any:
    points = [(row["predicted"], row["share"], row["low"], row["high"]) for row in bands.rows if row["cases"]]
    label = here.say("模型概率与认定比例", "Predicted probability against the share confirmed")
    return charts.calibration(label, points, (here.say("认定比例与95%区间", "share, 95% interval"), here.say("完全相符", "perfect")))


def _drift(here: Here, made: dict[str, Sheet]) -> Any:
    nights = made["drift"].rows[::-1] if "drift" in made else []
    points = [(str(row["of"])[5:], row["psi"]) for row in nights if row["psi"] is not None]
    return charts.line(here.say("各夜评分的稳定性指数", "Stability index of the scores by night"), points, 0.3, (0.1, 0.25))


def _missing(here: Here, columns: tuple[tuple[str, float], ...]) -> str:
    return here.say("、", ", ").join(f"{words.name(column, here.lang)} {share:.2%}" for column, share in columns)


def _minutes(rules: Path) -> dict[str, int]:
    """Planning minutes per finding, of the rules folder's policy."""
    source = Source.open(rules / "policy.yaml", "policy.yaml")
    return plain(source).get("review_minutes", {})


def _today(here: Here) -> date:
    return here.place.desk.clock().astimezone(CHINA).date()


def _models(folder: Path) -> Iterator[Path]:
    yield from sorted(one for one in folder.glob("*") if (one / "card.md").is_file() and re.fullmatch("[a-z0-9_]{1,64}", one.name))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
