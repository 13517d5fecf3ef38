"""What the lake kept of each night, bucket by bucket: rows as the night's rules saw them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from audit.enrich import CLAIM_FACTS, CLAIM_MONEY
from audit.errors import DataError, Fault
from audit.knowledge.facts import NUMBERS, Facts
from audit.lake import Lake
from audit.rulebook import Rule, sql

# what a line may know of its claim -> as which column of the claim it is kept
OF_CLAIM = {**{name: name for name in CLAIM_FACTS}, **CLAIM_MONEY}


@dataclass(frozen=True)
class Chosen:
    """Which part of the history: nights from and to a date, an area (beginning of its code), an institution."""

    lake: Path
    first: date | None = None
    last: date | None = None
    area: str | None = None
    institution: str | None = None


@dataclass(frozen=True)
class Bucket:
    """The kept files of one bucket of one night (see audit/keep.py). Every frame has `_at`, the place of a row in its file."""

    night: date
    folder: Path
    name: str
    untrusted: Mapping[str, str]

    def scan(self, table: str) -> pl.LazyFrame:
        return pl.scan_parquet(self.folder / f"{table}-{self.name}.parquet")

    @cached_property
    def schemas(self) -> dict[str, pl.Schema]:
        return {table: self.scan(table).collect_schema() for table in ("claims", "lines", "limited", "items", "areas")}

    def columns(self, frame: str) -> set[str]:
        """Every column that a rule may read of the rows of a frame."""
        own = set(self.schemas[frame])
        return own if frame == "claims" else own | {*self.schemas["items"], *self.schemas["areas"], *self.of_claim}

    @cached_property
    def of_claim(self) -> dict[str, str]:
        """Those of OF_CLAIM that the night kept."""
        return {name: kept for name, kept in OF_CLAIM.items() if kept in self.schemas["claims"]}

    def rows(self, frame: str, names: Collection[str], at: pl.Series | None = None) -> pl.DataFrame:
        """`_at`, `claim_key` and the named columns of the rows at some places (else of all), facts of item, claim and area hung on."""
        given = self.scan(frame).with_row_index("_at")
        if at is not None:
            given = given.filter(pl.col("_at").is_in(at.implode()))
        own = [name for name in self.schemas[frame] if name in names and name not in NUMBERS]
        if frame == "claims":
            return given.select("_at", pl.col("_at").cast(pl.Int32).alias("claim_key"), *own).collect()
        rest = {name for name in names if name not in own}
        rows = given.select("_at", *NUMBERS, *own).collect()
        rows = Facts(self._few("items", rest), pl.DataFrame(), self._few("areas", rest)).hung(rows, rest)
        wanted = [name for name in self.of_claim if name in rest and name not in rows.columns]
        return rows if not wanted else rows.hstack(self._of_claims(wanted, rows["claim_key"], at is None))

    def _few(self, table: str, names: Collection[str]) -> pl.DataFrame:
        wanted = [name for name in self.schemas[table] if name in names]
        return self.scan(table).select(wanted).collect() if wanted else pl.DataFrame()

    def _of_claims(self, names: list[str], keys: pl.Series, all_of_them: bool) -> pl.DataFrame:
        """What lines know of their claims; few claims are fetched for few lines."""
        told = self.scan("claims").select(pl.col(self.of_claim[name]).alias(name) for name in names)
        if all_of_them:
            return told.collect()[keys]
        few = keys.unique().sort()
        return told.with_row_index("_at").filter(pl.col("_at").is_in(few.implode())).drop("_at").collect()[few.search_sorted(keys)]


@dataclass(frozen=True)
class NightKept:
    """One night of the lake and its buckets; none where it was run before the lake kept any."""

    date: date
    buckets: tuple[Bucket, ...]


def nights(chosen: Chosen) -> list[NightKept]:
    """The chosen nights, earliest first. DataError where there is none."""
    kept = Lake(chosen.lake).kept() if chosen.lake.is_dir() else []
    if not kept:
        zh, en = ("没有已完成的夜", "holds no finished night") if chosen.lake.is_dir() else ("没有这个目录", "there is no such folder")
        how = f"`audit run --lake {chosen.lake} ...`"
        raise DataError(Fault(f"{zh}。{how} 逐夜建立数据湖。", f"{en}. {how} makes a lake, night by night.", f"--lake {chosen.lake}"))
    within = [one for one in kept if (chosen.first or date.min) <= one.night <= (chosen.last or date.max)]
    if not within:
        asked = " ".join(f"--{name} {day}" for name, day in (("from", chosen.first), ("to", chosen.last)) if day)
        first, last = kept[0].night, kept[-1].night
        zh = f"该期间没有任何一夜；数据湖 {chosen.lake} 中有 {first} 至 {last}。"
        raise DataError(Fault(zh, f"no night lies there; the lake {chosen.lake} holds {first} to {last}.", asked))
    found = []
    for one in within:
        names = sorted(path.stem.removeprefix("claims-") for path in one.folder.glob("claims-*.parquet")) if one.folder else []
        untrusted = one.manifest.get("untrusted", {})
        found.append(NightKept(one.night, tuple(Bucket(one.night, one.folder, name, untrusted) for name in names if one.folder)))
    return found


def lacking(nights: list[NightKept], rule: Rule, name: str) -> list[date]:
    """The nights that did not keep a column of the rows that the rule looks at."""
    return [night.date for night in nights if not night.buckets or any(name not in one.columns(rule.frame) for one in night.buckets)]


def demand(nights: list[NightKept], rules: Mapping[str, Rule]) -> None:
    """DataError unless every night kept what decides: all columns of the conditions and amounts."""
    faults = []
    for rule in rules.values():
        for key, text in (("when", rule.when), ("amount", rule.amount_fen or "")):
            for name in sql.parse(text).columns if text else ():
                if without := lacking(nights, rule, name):
                    faults.append(_fault(key, name, rule, without, nights))
    if faults:
        raise DataError(*dict.fromkeys(faults))


def _fault(key: str, name: str, rule: Rule, without: list[date], nights: list[NightKept]) -> Fault:
    """A column that decides and was not kept: where, since when it is, and what to do."""
    rows = {"claims": "claims", "lines": "lines", "limited": "lines of limited items"}[rule.frame]
    rows_zh = {"claims": "结算单", "lines": "明细", "limited": "限定项目明细"}[rule.frame]
    zh = "用 rules/ 中读取它的规则（草稿即可）重跑这些夜：一夜只保留其规则读取的列"
    en = "run those nights again with a rule in rules/ that reads it (a draft will do): a night keeps what its rules read"
    first, last = nights[0].date, nights[-1].date
    if len(without) == len(nights):
        span = f"{first}" if len(nights) == 1 else f"any night from {first} to {last}"
        zh = f"数据湖在 {first} 至 {last} 各夜都没有保留{rows_zh}的 '{name}'；请{zh}。"
        en = f"the lake keeps no '{name}' of {rows} of {span}; {en}."
    else:
        since = next((one.date for one in nights if one.date > without[-1]), None)
        zh = f"{f'请用 --from {since} 晚些开始' if since else '请用 --to 早些结束'}，或{zh}。"
        en = f"{f'begin later with --from {since}' if since else 'end earlier with --to'}, or {en}."
        some = f"{len(nights)} 夜中有 {len(without)} 夜（{without[0]} 至 {without[-1]}）"
        zh = f"数据湖在 {some}没有保留{rows_zh}的 '{name}'；{zh}"
        en = f"the lake keeps no '{name}' of {rows} in {len(without)} of {len(nights)} nights ({without[0]} to {without[-1]}); {en}"
    return Fault(f"{key}：{zh}", f"{key}: {en}", rule.file, rule.lines[key])
