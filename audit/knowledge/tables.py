"""rules/tables/ as one set of checked frames: points with their codes and validity, diagnosis and drug terms, facts, parameters."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl

from audit.errors import Fault
from audit.knowledge import codings as lists
from audit.knowledge.codings import Codings
from audit.knowledge.columns import CLASS, DX_PREFIX, EXEMPTED, OP_PREFIX, PROVINCE, Column, choice, day, number, shaped, text, whole
from audit.knowledge.points import CLASSES, CODES, MOST_OP_GROUPS, OP_GROUP_RULE, OURS, PAIR_RULE, PARAMETERS, POINT
from audit.knowledge.reading import read_all

_TERMS, _ITEM_TERMS, _DX_FACTS, _OP_FACTS, _PARAMETERS = "dx_terms.csv", "item_terms.csv", "dx_facts.csv", "op_facts.csv", "parameters.csv"
_EXEMPTIONS, _AREAS = "exemptions.csv", "areas.csv"
_WITHOUT = ("否则其他地区没有该参数", "other areas would be left without it")
_LISTS: dict[str, tuple[Column, ...]] = {
    _TERMS: (text("term"), shaped("dx_prefix", DX_PREFIX), text("name"), text("source")),
    _ITEM_TERMS: (text("term"), shaped("code_prefix", CLASS), text("name"), text("source")),
    _DX_FACTS: (
        shaped("dx_prefix", DX_PREFIX), text("name"), choice("dx_gend", "1", "2", optional=True),
        whole("dx_age_min_days", optional=True), whole("dx_age_max_days", optional=True), text("source"),
    ),
    _OP_FACTS: (shaped("op_prefix", OP_PREFIX), text("name"), choice("op_gend", "1", "2"), text("source")),
    _PARAMETERS: (
        text("name"), text("area"), day("valid_from"), day("valid_to", optional=True), number("value"), text("unit"), text("source"),
    ),
    _EXEMPTIONS: (
        choice("kind", "planned_stay", "sex_unclear", "transfer"), shaped("code", EXEMPTED), choice("exempt", "yes", "no"), text("area"),
        day("valid_from"), day("valid_to", optional=True), text("name"), text("source"),
    ),
    _AREAS: (shaped("code", PROVINCE), text("name"), text("source")),
}  # fmt: skip
_ANY_POINT = tuple({c.name: c for of_rule in PARAMETERS.values() for c in (*POINT, *of_rule)}.values())
# Of two points of one such key the later holds. The code stands first, since it alone sorts almost everything.
_KEY = ("code", "rule_no", "main_code", "op_group")


@dataclass(frozen=True)
class Tables:
    """points    rule_no, point_id and every column of every rule type, null where a type lacks it; root
    validity  one row per point, code and interval: rule_no, point_id, code, valid_from, valid_to; main_code for pairs; op_group
              and its number among the groups of the code, op_slot, for rule 15

    The rest as in Knowledge.
    """

    points: pl.DataFrame
    validity: pl.DataFrame
    dx_sets: pl.DataFrame
    item_sets: pl.DataFrame
    dx_facts: pl.DataFrame
    op_facts: pl.DataFrame
    params: pl.DataFrame
    exemptions: pl.DataFrame
    codings: Codings


def read_tables(folder: Path, faults: list[Fault]) -> Tables:
    """Read every table under `folder`; faults are appended, each naming file and row."""
    for kind in ("points", "codes"):
        for path in sorted((folder / kind).glob("*.csv")):
            if not path.stem.isdigit() or int(path.stem) not in PARAMETERS:
                faults.append(Fault("没有这个编号的规则类型使用知识点", "no rule type of this number carries points here", path))
    kept = [rule for rule in sorted(PARAMETERS) if _file(folder, "points", rule).exists()]
    of_points = {rule: _file(folder, "points", rule) for rule in kept}
    of_codes = {rule: _file(folder, "codes", rule) for rule in kept if rule != PAIR_RULE}
    wanted: dict[Path, Sequence[Column]] = {
        **{path: (*POINT, *PARAMETERS[rule]) for rule, path in of_points.items()},
        **{path: CLASSES if rule in OURS else CODES for rule, path in of_codes.items()},
        **{folder / name: columns for name, columns in _LISTS.items()},
        **lists.files(folder),
    }
    tables = read_all(wanted, faults)
    points = _rooted(folder, _stacked({rule: tables[path] for rule, path in of_points.items()}, _ANY_POINT), faults)
    codes = _stacked({rule: tables[path] for rule, path in of_codes.items()}, CODES)
    billable = points.join(codes, on=["rule_no", "point_id"], how="semi")
    named = pl.concat([billable["first_line"], billable["item_terms"], pl.Series(lists.NAMED_ITEMS)])
    diagnosed = pl.concat([billable["dx_terms"], pl.Series(lists.NAMED_DIAGNOSES)])
    return Tables(
        points=points,
        validity=_closed(folder, _slotted(folder, _coded(folder, points, codes, faults), faults), faults),
        dx_sets=_sets(folder / _TERMS, tables[folder / _TERMS].select("term", "dx_prefix"), diagnosed, faults),
        item_sets=_sets(folder / _ITEM_TERMS, tables[folder / _ITEM_TERMS].select("term", "code_prefix"), named, faults),
        dx_facts=tables[folder / _DX_FACTS].select("dx_prefix", "dx_gend", "dx_age_min_days", "dx_age_max_days"),
        op_facts=tables[folder / _OP_FACTS].select("op_prefix", "op_gend"),
        params=_params(folder / _PARAMETERS, _dated(folder, _PARAMETERS, ("name", "area"), tables, faults), faults),
        exemptions=_dated(folder, _EXEMPTIONS, ("kind", "code", "area"), tables, faults).select(
            "kind", "code", "area", "valid_from", "valid_to", exempt=pl.col("exempt") == "yes"
        ),
        codings=lists.codings(folder, tables),
    )


def _file(folder: Path, kind: str, rule: int) -> Path:
    return folder / kind / f"{rule:02d}.csv"


def _stacked(by_rule: dict[int, pl.DataFrame], columns: Sequence[Column]) -> pl.DataFrame:
    """Tables of several rule types as one, with rule_no; a column that a rule type lacks is null there."""
    none = pl.DataFrame(schema={**{c.name: c.dtype for c in columns}, "row": pl.Int64(), "rule_no": pl.Int64()})
    each = (table.hstack([pl.Series("rule_no", [rule]).new_from_index(0, table.height)]) for rule, table in by_rule.items())
    return pl.concat([none, *each], how="diagonal")


def _rooted(folder: Path, points: pl.DataFrame, faults: list[Fault]) -> pl.DataFrame:
    """The points plus `root`: the oldest point of its supersede chain, so that a course survives a new batch."""
    for row in points.filter(pl.struct("rule_no", "point_id").is_duplicated()).iter_rows(named=True):
        zh, en = f"知识点 {row['point_id']} 在此出现两次", f"point {row['point_id']} stands here twice"
        faults.append(Fault(zh, en, _file(folder, "points", row["rule_no"]), row=row["row"]))
    ids = ["rule_no", "point_id"]
    chain = points.select(*ids, "supersedes", "row").drop_nulls()
    lost = set(chain.join(points.select("rule_no", supersedes="point_id"), on=["rule_no", "supersedes"], how="anti").select(ids).rows())
    older = {(rule, point_id): replaced for rule, point_id, replaced, _ in chain.iter_rows()}
    roots = []
    for rule, point_id, replaced, row in chain.iter_rows():
        root, seen = point_id, set()
        while (rule, root) in older and root not in seen:
            seen.add(root)
            root = older[rule, root]
        if root in seen or (rule, point_id) in lost:
            zh = f"{point_id} 替代 {replaced}，但后者不存在或又替代了它"
            en = f"{point_id} replaces {replaced}, which is unknown or replaces it"
            faults.append(Fault(zh, en, _file(folder, "points", rule), row=row))
        roots.append((rule, point_id, root))
    known = pl.DataFrame(roots, schema={"rule_no": pl.Int64, "point_id": pl.String, "root": pl.String}, orient="row")
    rooted = points.join(known.unique(), on=ids, how="left", maintain_order="left")
    return rooted.with_columns(pl.col("root").fill_null(pl.col("point_id")))


def _coded(folder: Path, points: pl.DataFrame, codes: pl.DataFrame, faults: list[Fault]) -> pl.DataFrame:
    """Every code of every point with its days; a pair brings its two codes with it."""
    dated = points.select("rule_no", "point_id", "valid_from", "valid_to", "main_code", "op_group")
    coded = codes.join(dated, on=["rule_no", "point_id"], how="left")
    for row in coded.filter(pl.col("valid_from").is_null()).iter_rows(named=True):
        zh = f"{row['point_id']} {row['code']} 不属于该规则类型的任何知识点"
        en = f"{row['point_id']} {row['code']} belongs to no point of this rule type"
        faults.append(Fault(zh, en, _file(folder, "codes", row["rule_no"]), row=row["row"]))
    pairs = points.filter(pl.col("rule_no") == PAIR_RULE).with_columns(code="part_code")
    return pl.concat([coded, pairs.select(coded.columns)])


def _slotted(folder: Path, coded: pl.DataFrame, faults: list[Fault]) -> pl.DataFrame:
    """Numbers the operation groups of each code, so that they can stand side by side."""
    in_group = pl.col("op_group").is_not_null()
    grouped = coded.filter(in_group).with_columns(op_slot=pl.col("op_group").rank("dense").over("code"))
    for code in grouped.filter(pl.col("op_slot") > MOST_OP_GROUPS)["code"].unique().sort():
        zh, en = f"{code} 出现在超过 {MOST_OP_GROUPS} 个手术组中", f"{code} stands in more than {MOST_OP_GROUPS} operation groups"
        faults.append(Fault(zh, en, _file(folder, "codes", OP_GROUP_RULE)))
    return pl.concat([coded.filter(~in_group), grouped], how="diagonal")


def _closed(folder: Path, coded: pl.DataFrame, faults: list[Fault]) -> pl.DataFrame:
    """A later point of the same code closes the earlier one the day before it begins."""
    table = coded.sort(*_KEY, "valid_from", "point_id", "row").with_columns(_next=_next_in(_KEY))
    begun = pl.col("_next") == pl.col("valid_from")
    clash = table.filter(begun | begun.shift(1))  # a point that stands here twice is among them: it begins twice on one day
    listed = clash.filter(pl.col("rule_no") != PAIR_RULE).unique(["rule_no", "row"], maintain_order=True)
    for row in listed.filter(pl.struct("rule_no", "point_id", "code").is_duplicated()).iter_rows(named=True):
        zh, en = f"{row['point_id']} {row['code']} 在此出现两次", f"{row['point_id']} {row['code']} stands here twice"
        faults.append(Fault(zh, en, _file(folder, "codes", row["rule_no"]), row=row["row"]))
    for row in clash.filter(begun).iter_rows(named=True):
        path = _file(folder, "points" if row["rule_no"] == PAIR_RULE else "codes", row["rule_no"])
        what = " x ".join(row[k] for k in ("main_code", "code", "op_group") if row[k])
        zh, en = f"{what} 有两个知识点同在 {row['valid_from']} 生效", f"two points of {what} begin on {row['valid_from']}"
        faults.append(Fault(zh, en, path, row=row["row"]))
    return table.with_columns(valid_to=pl.min_horizontal("valid_to", pl.col("_next") - timedelta(days=1))).drop("_next", "row")


def _next_in(key: Sequence[str]) -> pl.Expr:
    """valid_from of the next row of a sorted table, null where that row is of another key."""
    same = pl.all_horizontal(pl.col(c).eq_missing(pl.col(c).shift(-1)) for c in key)
    return pl.when(same).then(pl.col("valid_from").shift(-1))


def _sets(path: Path, terms: pl.DataFrame, used: pl.Series, faults: list[Fault]) -> pl.DataFrame:
    """set_id (the point's own list of terms, joined by ';') -> every code prefix of those terms."""
    wanted = pl.DataFrame({"set_id": used.drop_nulls().unique().sort()})
    wanted = wanted.with_columns(term=pl.col("set_id").str.split(";")).explode("term", empty_as_null=False)
    for term in wanted.join(terms, on="term", how="anti")["term"]:
        faults.append(Fault(f"知识点使用的术语 {term!r} 在表中没有对应的行", f"the term {term!r}, used by a point, has no row", path))
    found = wanted.join(terms, on="term").drop("term").unique()
    return found.sort(found.columns)


def _dated(folder: Path, name: str, key: tuple[str, ...], tables: Mapping[Path, pl.DataFrame], faults: list[Fault]) -> pl.DataFrame:
    """A table of values per area and time: each area must be known, and no two rows of one key may hold on one day."""
    path, table = folder / name, tables[folder / name]
    provinces = set(tables[folder / _AREAS]["code"])
    for row in table.filter(pl.col("area") != "default").iter_rows(named=True):
        area = row["area"]
        if not re.fullmatch(r"\d{2}(\d{2}(\d{2})?)?", area):
            zh, en = f"area {area!r} 既不是 default，也不是 2、4 或 6 位数字", f"area {area!r} is neither default nor 2, 4 or 6 digits"
            faults.append(Fault(zh, en, path, row=row["row"]))
        elif area[:2] not in provinces:
            zh = f"area {area!r} 未知：{_AREAS} 中没有以 {area[:2]} 开头的省份；请改正，或在该表中加上省份"
            en = f"area {area!r} is unknown: no province of {_AREAS} begins {area[:2]}; correct it, or add the province there"
            faults.append(Fault(zh, en, path, row=row["row"]))
    table = table.sort(*key, "valid_from").with_columns(_next=_next_in(key))
    for row in table.filter(pl.col("_next") <= pl.col("valid_to").fill_null(pl.col("_next"))).iter_rows(named=True):
        what = " ".join(row[column] for column in key if column != "area")
        zh, en = f"{what} 在 {row['area']} 的有效期与下一段重叠", f"{what} for {row['area']} overlaps the next interval"
        faults.append(Fault(zh, en, path, row=row["row"]))
    return table.drop("_next")


def _params(path: Path, table: pl.DataFrame, faults: list[Fault]) -> pl.DataFrame:
    by_default = table.filter(pl.col("area") == "default")["name"]
    for row in table.unique("name", keep="first", maintain_order=True).iter_rows(named=True):
        if row["name"] not in by_default:
            near = difflib.get_close_matches(row["name"], by_default.unique().sort().to_list(), n=1, cutoff=0.7)
            remedy = (f"是否应为 {near[0]!r}？", f"did you mean {near[0]!r}?") if near else _WITHOUT
            zh = f"{row['name']} 没有 area 为 'default' 的行；{remedy[0]}"
            faults.append(Fault(zh, f"{row['name']} has no row for the area 'default'; {remedy[1]}", path, row=row["row"]))
    return table.select("name", "area", "valid_from", "valid_to", "value")
