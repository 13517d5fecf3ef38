"""The desk's settings: time limits, silence, files, locks, accounts, masks, sign-on. A site's YAML lies over the shipped `desk.yaml`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import yaml

from audit.cases.calendar import Calendar
from audit.cases.walls import ROLES
from audit.errors import Fault, RuleError, Said, in_chinese
from audit.rulebook.strict import Source, did_you_mean

SHIPPED = Path(__file__).with_name("desk.yaml")
STEPS = ("first_review", "appeal", "re_review", "re_appeal", "panel", "final")
WINDOWS = ("appeal", "re_appeal")  # the hospital's
SILENCE = ("accepted", "escalate", "none")
FILE_KINDS = ("pdf", "png", "jpg", "docx", "xlsx")
KEYS = (
    "areas", "panel_votes", "attachments", "lock_minutes", "session_minutes", "login", "masking", "capacity_per_day", "pdf_font", "oidc",
)  # fmt: skip
_OPTIONAL = ("pdf_font", "oidc")
_LONGEST_LIMIT, _LARGEST_MB, _DAY_MINUTES = 250, 200, 24 * 60
_LOCAL_ISSUER = re.compile(r"http://(localhost|127\.0\.0\.1)(:\d+)?(/|$)")


@dataclass(frozen=True)
class Step:
    working_days: int
    silence: str  # one of SILENCE; `escalate`: to the seniors of the area


@dataclass(frozen=True)
class Attachments:
    kinds: tuple[str, ...]
    max_mb: int


@dataclass(frozen=True)
class Login:
    attempts: int
    lock_out_minutes: int


@dataclass(frozen=True)
class Masking:
    name_keeps: int
    number_keeps: int

    def name(self, text: str) -> str:
        """A person's name with its first characters only; a name too short to keep any is wholly hidden."""
        kept = text[: self.name_keeps] if len(text) > self.name_keeps else ""
        return kept + "*" * (len(text) - len(kept))

    def number(self, text: str) -> str:
        """A certificate or telephone number with its last characters only."""
        kept = text[-self.number_keeps :] if len(text) > self.number_keeps else ""
        return "*" * (len(text) - len(kept)) + kept


@dataclass(frozen=True)
class Oidc:
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    roles_claim: str
    roles: Mapping[str, str]  # a value of the claim -> a role; of several that somebody has, the first here
    area_claim: str | None = None  # the claim with a person's division code, or `all`; without it everybody is of every area
    institution_claim: str | None = None  # the claim with a hospital user's institution
    address: str | None = None  # of this desk, as browsers see it; without it, as the request names it


@dataclass(frozen=True)
class Site:
    """The settings of one desk. `steps` and `holidays` are by area (beginning of a division code, "" for every area)."""

    steps: Mapping[str, Mapping[str, Step]]
    holidays: Mapping[str, Path]
    panel_votes: int
    attachments: Attachments
    lock_minutes: int
    session_minutes: int
    login: Login
    masking: Masking
    capacity_per_day: int
    pdf_font: Path | None = None
    oidc: Oidc | None = None

    @classmethod
    def read(cls, path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Site:
        """The shipped settings, with those of `path` laid over them. RuleError with all faults at once."""
        shipped = _Reader(Source.open(SHIPPED, SHIPPED.name), SHIPPED.parent, environ)
        settings = shipped.settings([key for key in KEYS if key not in _OPTIONAL])
        faults = shipped.source.faults
        if path is not None:
            if not path.is_file():
                raise RuleError(
                    Fault(
                        f"没有这个设置文件；全部设置项见 {SHIPPED}。",
                        f"there is no such file of settings; {SHIPPED} shows every key.",
                        path,
                    )
                )
            own = _Reader(Source.open(path, str(path)), path.parent, environ)
            settings = _laid_over(settings, own.settings(()))
            faults = faults + own.source.faults
        if faults:
            raise RuleError(*faults)
        site = cls(**settings)
        _ = site._calendars  # an area's file of holidays is read now, so that its faults are told at the start
        return site

    def step(self, area: str, step: str) -> Step:
        """The limit of `step` in a division: the longest area that says something of this step."""
        return self.steps[max((own for own in self.steps if area.startswith(own) and step in self.steps[own]), key=len)][step]

    def calendar(self, area: str) -> Calendar:
        """Working days in a division: the national ones, or those of the longest area that has a file."""
        return self._calendars[max((own for own in self._calendars if area.startswith(own)), key=len)]

    def deadline(self, area: str, step: str, begun: date) -> date:
        """The last day on which a step that began on `begun` is in time."""
        return self.calendar(area).add(begun, self.step(area, step).working_days)

    @cached_property
    def _calendars(self) -> dict[str, Calendar]:
        return {"": Calendar.read()} | {area: Calendar.read(file) for area, file in self.holidays.items()}


def _laid_over(shipped: dict, own: dict) -> dict:
    """A site's settings over the shipped ones; areas join step by step, every other key is replaced whole."""
    areas = {area: {**shipped["steps"].get(area, {}), **steps} for area, steps in own.pop("steps", {}).items()}
    return {**shipped, **own, "steps": {**shipped["steps"], **areas}, "holidays": {**shipped["holidays"], **own.get("holidays", {})}}


class _Reader:
    """One file of settings being read; faults gather in `source`."""

    def __init__(self, source: Source, folder: Path, environ: Mapping[str, str]):
        self.source, self.folder, self.environ = source, folder, environ

    def settings(self, required: list[str] | tuple[()]) -> dict:
        """The values of the keys the file has, as Site takes them."""
        if self.source.root is None:
            return {}
        keys = self.source.mapping(self.source.root, Said("设置", "the settings"), required, KEYS)
        found: dict = {}
        for key, node in keys.items():
            if key == "areas":
                found["steps"], found["holidays"] = self.areas(node)
            elif key in ("lock_minutes", "session_minutes"):
                found[key] = self.whole(node, key, _DAY_MINUTES)
            elif key == "panel_votes":
                found[key] = self.whole(node, key, 15)
            elif key == "capacity_per_day":
                found[key] = self.whole(node, key, 10_000)
            else:
                found[key] = getattr(self, key)(node)
        return found

    def areas(self, node: yaml.Node) -> tuple[dict[str, dict[str, Step]], dict[str, Path]]:
        steps, holidays = {}, {}
        for area, value in self.source.pairs(node, "areas").items():
            if not re.fullmatch(r"\d{0,6}", area):
                en = f"area '{area}' must be the beginning of a division code: up to six digits in quotes."
                self.source.fault(value, f"地区 '{area}' 必须是区划代码的开头：最多六位数字，加引号。", en)
            where = Said(f"地区 '{area}' ", f"area '{area}'")
            keys = self.source.mapping(value, where, (), ("steps", "holidays"))
            if "steps" in keys:
                steps[area] = self.steps(keys["steps"], where)
            if "holidays" in keys:
                holidays[area] = self.file(keys["holidays"], Said(f"{where.zh}的 holidays ", f"holidays of {where}"))
        return steps, holidays

    def steps(self, node: yaml.Node, where: Said) -> dict[str, Step]:
        found = {}
        for name, value in self.source.mapping(node, Said(f"{where.zh}的 steps ", f"steps of {where}"), (), STEPS).items():
            what = Said(f"{where.zh}的 {name} ", f"{name} of {where}")
            keys = self.source.mapping(value, what, ("working_days", "silence"))
            silence = self.source.one_of(keys["silence"], "silence", SILENCE) if "silence" in keys else ""
            if silence == "accepted" and name not in WINDOWS:
                asked = ", ".join(WINDOWS)
                zh = f"{what.zh.strip()}：只有询问医院的环节（{asked}）才能逾期视为认可。"
                self.source.fault(value, zh, f"{what}: silence accepts only where the hospital is asked ({asked}).")
            days = self.whole(keys["working_days"], "working_days", _LONGEST_LIMIT) if "working_days" in keys else 0
            found[name] = Step(days, silence)
        return found

    def attachments(self, node: yaml.Node) -> Attachments:
        keys = self.source.mapping(node, "attachments", ("kinds", "max_mb"))
        kinds = self.source.items(keys["kinds"], "kinds") if "kinds" in keys else []
        most = self.whole(keys["max_mb"], "max_mb", _LARGEST_MB) if "max_mb" in keys else 0
        return Attachments(tuple(self.source.one_of(kind, Said("文件种类", "a kind of file"), FILE_KINDS) for kind in kinds), most)

    def login(self, node: yaml.Node) -> Login:
        return Login(**self.wholes(node, "login", {"attempts": 100, "lock_out_minutes": _DAY_MINUTES}))

    def masking(self, node: yaml.Node) -> Masking:
        return Masking(**self.wholes(node, "masking", {"name_keeps": 6, "number_keeps": 6}))

    def pdf_font(self, node: yaml.Node) -> Path:
        return self.file(node, "pdf_font")

    def oidc(self, node: yaml.Node) -> Oidc:
        names = ("issuer", "client_id", "client_secret_env", "roles_claim")
        more = ("area_claim", "institution_claim", "address")
        keys = self.source.mapping(node, "oidc", (*names, "roles"), more)
        issuer, client, variable, claim = (self.source.text(keys[name], name) if name in keys else "" for name in names)
        if issuer and not issuer.startswith("https://") and not _LOCAL_ISSUER.match(issuer):
            zh = f"issuer '{issuer}' 必须以 https:// 开头（本机可用 http://）。"
            self.source.fault(keys["issuer"], zh, f"issuer '{issuer}' must begin with https:// (http:// on this machine only).")
        if variable and not self.environ.get(variable):
            en = f"the environment variable {variable} is empty; set it to the client's secret."
            self.source.fault(keys["client_secret_env"], f"环境变量 {variable} 为空；请设为客户端密钥。", en)
        roles = {
            value: self.source.one_of(role, Said(f"'{value}' 的角色", f"the role of '{value}'"), ROLES)
            for value, role in (self.source.pairs(keys["roles"], "roles") if "roles" in keys else {}).items()
        }
        if "hospital" in roles.values() and "institution_claim" not in keys:
            en = "a group of hospital users needs institution_claim, the claim that names their institution."
            self.source.fault(node, "医院用户组须有 institution_claim，即指明其机构的声明。", en)
        optional = {name: self.source.text(keys[name], name) for name in more if name in keys}
        return Oidc(issuer, client, self.environ.get(variable, ""), claim, roles, **optional)

    def wholes(self, node: yaml.Node, what: str, most: Mapping[str, int]) -> dict[str, int]:
        keys = self.source.mapping(node, what, most)
        return {name: self.whole(keys[name], name, limit) if name in keys else 0 for name, limit in most.items()}

    def whole(self, node: yaml.Node, what: str, most: int) -> int:
        number = self.source.whole(node, what)
        if number > most:
            self.source.fault(node, f"{what} 为 {number}；最多 {most} 才合理。", f"{what} is {number}; at most {most} makes sense.")
        return number

    def file(self, node: yaml.Node, what: str) -> Path:
        """A file named beside the settings."""
        name = self.source.text(node, what)
        path = self.folder / name
        if name and not path.is_file():
            near = did_you_mean(name, (entry.name for entry in self.folder.iterdir()))
            self.source.fault(node, f"{in_chinese(what).strip()}：没有文件 {path}{near.zh}", f"{what}: there is no file {path}{near}")
        return path
