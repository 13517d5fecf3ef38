"""Knowledge: answers by item code and date, at a cost of distinct codes x epochs, whatever the number of points.

An epoch is the time between two days on which any point or parameter begins or ends; within an epoch nothing changes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import add
from pathlib import Path

import polars as pl

from audit.errors import Fault, RuleError
from audit.knowledge.codings import Codings
from audit.knowledge.columns import CODE
from audit.knowledge.points import FACT_TYPES, FACTS, OP_GROUP_RULE, PAIR_RULE
from audit.knowledge.tables import Tables, read_tables

_LENGTHS = (23, 20, 15, 10)  # western drug, Chinese patent drug, service item, herbal piece

# The facts that the code decides, not the point alone. Rule 0 is the main item of a pair, which has no point of its own.
_OF_CODE = {
    "item_is_main": pl.when(pl.col("rule_no") == 0).then(True),
    "item_is_part": pl.when(pl.col("rule_no") == PAIR_RULE).then(True),
    **FACTS[OP_GROUP_RULE],
}


@dataclass(frozen=True)
class Knowledge:
    """Dated knowledge of one rules folder.

    fingerprint  sha256 over every table's content, but for the waivers, which belong to the rulebook
    pairs        main_code, part_code, pair_window ('day' | 'visit' | '6h' | '1h'), point_id, valid_from, valid_to (Date, null = open)
    dx_sets      set_id, dx_prefix
    item_sets    set_id, code_prefix: the items a point names beside its own    first_line  those of them that national type 5 names
    dx_facts     dx_prefix, dx_gend ('1' | '2' | null), dx_age_min_days, dx_age_max_days (Int64, inclusive, null = open)
    op_facts     op_prefix, op_gend
    exemptions   kind (planned_stay | sex_unclear | transfer), code (its beginning), exempt (Boolean), area, valid_from, valid_to
    codings      what the codes of the settlement list are held against
    """

    fingerprint: str
    pairs: pl.DataFrame
    dx_sets: pl.DataFrame
    item_sets: pl.DataFrame
    first_line: pl.DataFrame
    dx_facts: pl.DataFrame
    op_facts: pl.DataFrame
    exemptions: pl.DataFrame
    codings: Codings
    _points: pl.DataFrame
    _validity: pl.DataFrame
    _classes: pl.DataFrame
    _facts: pl.DataFrame
    _params: pl.DataFrame
    _breaks: tuple[date, ...]

    def epoch(self, day: pl.Expr) -> pl.Expr:
        """Number (Int32) of the epoch that holds a date; null for a null date."""
        return reduce(add, ((day >= pl.lit(b)).cast(pl.Int32) for b in self._breaks))

    @property
    def bundles(self) -> list[str]:
        """Codes of the items that points call the bundle of others (rule 26)."""
        return self._facts["item_bundle_code"].drop_nulls().unique().sort().to_list()

    def item_facts(self, codes: pl.DataFrame) -> pl.DataFrame:
        """One row per distinct `med_list_codg` and epoch with item_code, item_kind and every item_* fact (null = no point)."""
        distinct = codes.select("med_list_codg").drop_nulls().unique()
        matched = self._match(distinct, "med_list_codg").with_columns(item_kind=_kind(pl.col("med_list_codg")))
        grid = matched.join(self._epochs(), how="cross")
        held = (
            self._named(matched)
            .join(self._validity, on="code")
            .join(self._epochs(), how="cross")
            .filter(pl.col("epoch").is_between("epoch_from", "epoch_to"))
            .filter(_nearest("med_list_codg", "rule_no", "epoch"))
            .join(self._facts, on=["rule_no", "point_id"], how="left")
            .with_columns(**_OF_CODE)
            .group_by("med_list_codg", "epoch")
            .agg(pl.col(c).max() for c in FACT_TYPES)  # a rule speaks once per code and epoch, so max only skips nulls
        )
        order = ["med_list_codg", "epoch", "item_code", "item_kind", *FACT_TYPES]
        return grid.join(held, on=["med_list_codg", "epoch"], how="left").select(order).sort("med_list_codg", "epoch")

    def params(self, areas: pl.DataFrame) -> pl.DataFrame:
        """One row per distinct `fix_blng_admdvs` (a null one too) and epoch with every parameter as p_<name> Float64.

        The nearest area speaks: the exact division, its first four digits, its first two, else the default.
        """
        names = self._params["name"].unique().sort().to_list()
        area = pl.col("fix_blng_admdvs")
        distinct = areas.select(area).unique()
        tried = pl.concat(
            distinct.select(area, area=tried, nearness=pl.lit(n))
            for n, tried in enumerate((area, area.str.slice(0, 4), area.str.slice(0, 2), pl.lit("default")))
        ).unique(["fix_blng_admdvs", "area"], keep="first", maintain_order=True)
        spoken = tried.join(self._params, on="area").sort("nearness")
        values = spoken.group_by("fix_blng_admdvs", "epoch", maintain_order=True).agg(
            pl.col("value").filter(pl.col("name") == n).first().alias(f"p_{n}") for n in names
        )
        grid = distinct.join(self._epochs(), how="cross")
        return grid.join(values, on=["fix_blng_admdvs", "epoch"], how="left", nulls_equal=True).sort("fix_blng_admdvs", "epoch")

    def points_for(self, findings: pl.DataFrame) -> pl.DataFrame:
        """`findings` (rule_no, med_list_codg, fee_date and, for pairs, main_code) with the point each rests on.

        Adds point_id, point_name, clause, test, batch (null for the update), published, point_source; null where no point speaks.
        Rows keep their order.
        """
        asked = findings.with_row_index("_asked")
        for column in ("rule_no", "med_list_codg", "fee_date", "main_code"):
            if column not in asked.columns:
                asked = asked.with_columns(pl.lit(None, {"rule_no": pl.Int64, "fee_date": pl.Date}.get(column, pl.String)).alias(column))
        keys = asked.select("_asked", pl.col("rule_no").cast(pl.Int64), "med_list_codg", "fee_date", "main_code")
        keys = keys.join(self._match(keys.select("med_list_codg").drop_nulls().unique(), "med_list_codg"), on="med_list_codg")
        mains = self._match(keys.select("main_code").drop_nulls().unique(), "main_code").rename({"item_code": "_main"})
        keys = keys.join(mains, on="main_code", how="left")
        held = (
            keys.join(self._named(keys.select("med_list_codg", "item_code").unique()), on=["med_list_codg", "item_code"])
            .join(self._validity, on=["rule_no", "code"])
            .filter(pl.col("fee_date") >= pl.col("valid_from"))
            .filter(pl.col("valid_to").is_null() | (pl.col("fee_date") <= pl.col("valid_to")))
            .filter(pl.col("main").is_null() | (pl.col("main") == pl.col("_main")))
            .filter(_nearest("_asked"))
            .group_by("_asked")
            .agg(pl.col("point_id").min())
        )
        told = held.join(self._points, on="point_id")
        return findings.with_row_index("_asked").join(told, on="_asked", how="left").sort("_asked").drop("_asked")

    def with_dx_facts(self, extra: pl.DataFrame) -> Knowledge:
        """The same knowledge with further rows of dx_facts (columns as dx_facts)."""
        return replace(self, dx_facts=pl.concat([self.dx_facts, extra.select(self.dx_facts.columns).cast(self.dx_facts.schema)]))

    def _epochs(self) -> pl.DataFrame:
        return pl.DataFrame({"epoch": range(len(self._breaks) + 1)}, schema={"epoch": pl.Int32})

    def _match(self, distinct: pl.DataFrame, column: str) -> pl.DataFrame:
        """`distinct` plus item_code: the longest national code that is the billed code or its prefix, else the billed code."""
        national = self._validity.select(code="code").unique()
        for length in _LENGTHS:
            known = national.filter(pl.col("code").str.len_chars() == length).with_columns(pl.col("code").alias(f"_{length}"))
            distinct = distinct.with_columns(pl.col(column).str.slice(0, length).alias("_cut"))
            distinct = distinct.join(known, left_on="_cut", right_on="code", how="left").drop("_cut")
        found = pl.coalesce(*(f"_{n}" for n in _LENGTHS), column)
        return distinct.with_columns(item_code=found).drop(f"_{n}" for n in _LENGTHS)

    def _named(self, matched: pl.DataFrame) -> pl.DataFrame:
        """`matched` (med_list_codg, item_code) with every `code` that points name for it: its item_code, and the classes it belongs to."""
        own = matched.select("med_list_codg", "item_code", code="item_code")
        of_class = [
            matched.select("med_list_codg", "item_code", code=pl.col("med_list_codg").str.slice(0, length)).join(of_length, on="code")
            for (length,), of_length in self._classes.group_by(pl.col("code").str.len_chars())
        ]
        return pl.concat([own, *of_class]).unique()


def _nearest(*key: str) -> pl.Expr:
    """Whether this row's `code` is the longest of its key: a point of the code itself speaks before one of its class."""
    length = pl.col("code").str.len_chars()
    return length == length.max().over(key)


def _kind(code: pl.Expr) -> pl.Expr:
    """What a national code is, by its shape; null for an institution's own code."""
    first = code.str.slice(0, 1)
    return (
        pl.when(first.is_in(["X", "Z"]) & (code.str.len_chars() >= 20)).then(pl.lit("drug"))
        .when(code.str.contains(r"^T\d{9}")).then(pl.lit("herb"))
        .when(code.str.contains(r"^00\d{13}")).then(pl.lit("service"))
        .when((first == "C") & (code.str.len_chars() >= 20)).then(pl.lit("consumable"))
    )  # fmt: skip


def load(rules: Path) -> Knowledge:
    """Read `rules/tables/` strictly. Raises RuleError with every fault, each naming file and row."""
    faults: list[Fault] = []
    tables = read_tables(rules / "tables", faults)
    if faults:
        raise RuleError(*faults)
    return _knowledge(rules / "tables", tables)


def _knowledge(folder: Path, tables: Tables) -> Knowledge:
    days = pl.concat([t.select("valid_from", "valid_to") for t in (tables.validity, tables.params)])
    ends = days["valid_to"].drop_nulls().unique().dt.offset_by("1d")
    breaks = tuple(sorted({*days["valid_from"].unique(), *ends}))
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*.csv") if path.name != "waivers.csv"):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    pairs = tables.validity.filter(pl.col("rule_no") == PAIR_RULE)
    # A main item needs no point of its own, but a billed code must still find it: rule_no 0 is asked for by nobody.
    mains = pairs.with_columns(code="main_code", main_code=None, rule_no=pl.lit(0, pl.Int64))
    validity = pl.concat([tables.validity, mains])
    windows = tables.points.select("rule_no", "point_id", "part_code", "pair_window")
    pairs = pairs.join(windows, on=["rule_no", "point_id"]).sort("main_code", "part_code", "valid_from", "point_id")
    return Knowledge(
        fingerprint=digest.hexdigest(),
        pairs=pairs.select("main_code", "part_code", "pair_window", "point_id", "valid_from", "valid_to"),
        dx_sets=tables.dx_sets,
        item_sets=tables.item_sets,
        first_line=tables.item_sets.join(tables.points.select(set_id="first_line"), on="set_id", how="semi"),
        dx_facts=tables.dx_facts,
        op_facts=tables.op_facts,
        exemptions=tables.exemptions,
        codings=tables.codings,
        _points=tables.points.select("point_id", "clause", "test", "batch", "published", point_name="name", point_source="source"),
        _classes=validity.select("code").unique().filter(~pl.col("code").str.contains(f"^(?:{CODE.pattern})$")),
        _validity=_in_epochs(validity, breaks).rename({"main_code": "main"}),
        _facts=_facts(tables.points),
        _params=_in_epochs(tables.params, breaks)
        .join(pl.DataFrame({"epoch": range(len(breaks) + 1)}, schema={"epoch": pl.Int32}), how="cross")
        .filter(pl.col("epoch").is_between("epoch_from", "epoch_to"))
        .select("name", "area", "epoch", "value"),
        _breaks=breaks,
    )


def _facts(points: pl.DataFrame) -> pl.DataFrame:
    """What each point says of its codes: rule_no, point_id and every fact, null where another rule type speaks."""
    said = {
        fact: pl.when(pl.col("rule_no") == rule).then(value)
        for rule, facts in FACTS.items()
        if rule != OP_GROUP_RULE
        for fact, value in facts.items()
    }
    return points.select("rule_no", "point_id", **said)


def _in_epochs(dated: pl.DataFrame, breaks: tuple[date, ...]) -> pl.DataFrame:
    """The first and the last epoch (both inclusive) between valid_from and valid_to."""
    starts = pl.lit(pl.Series(breaks, dtype=pl.Date))
    first, last = (starts.search_sorted(pl.col(day), side="right").cast(pl.Int32) for day in ("valid_from", "valid_to"))
    open_end = pl.col("valid_to").is_null()
    return dated.with_columns(epoch_from=first, epoch_to=pl.when(open_end).then(len(breaks)).otherwise(last).cast(pl.Int32))
