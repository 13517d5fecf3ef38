"""rules/tables/ as one set of checked frames: points with their codes and validity, diagnosis and drug terms, facts, parameters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl

from audit.knowledge.points import CODES, MOST_OP_GROUPS, PAIR_RULE, PARAMETERS, POINT, SEVERAL_POINTS_PER_CODE
from audit.knowledge.reading import DX_PREFIX, OP_PREFIX, Column, choice, day, number, read_table, shaped, text, whole

_TERMS = (text("term"), shaped("dx_prefix", DX_PREFIX), text("name"), text("source"))
_DRUG_TERMS = (text("term"), text("code_prefix"), text("name"), text("source"))
_DX_FACTS = (
    shaped("dx_prefix", DX_PREFIX), text("name"), choice("dx_gend", "1", "2", optional=True),
    whole("dx_age_min_days", optional=True), whole("dx_age_max_days", optional=True), text("source"),
)  # fmt: skip
_OP_FACTS = (shaped("op_prefix", OP_PREFIX), text("name"), choice("op_gend", "1", "2"), text("source"))
_PARAMS = (
    text("name"), text("area"), day("valid_from"), day("valid_to", optional=True), number("value"), text("unit"), text("source"),
)  # fmt: skip
_VALIDITY = {"point_id": pl.String(), "valid_from": pl.Date(), "valid_to": pl.Date()}
_PAIR = {"main_code": pl.String(), "part_code": pl.String(), "pair_window": pl.String()}
_TOLD = {
    "point_id": pl.String(), "clause": pl.String(), "test": pl.String(), "batch": pl.Int64(), "published": pl.Date(),
    "point_name": pl.String(), "point_source": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class Tables:
    """by_rule: rule number -> one row per code and interval with the point's parameters; the rest as in Knowledge."""

    by_rule: dict[int, pl.DataFrame]
    points: pl.DataFrame
    validity: pl.DataFrame
    pairs: pl.DataFrame
    dx_sets: pl.DataFrame
    drug_sets: pl.DataFrame
    dx_facts: pl.DataFrame
    op_facts: pl.DataFrame
    params: pl.DataFrame


def read_tables(folder: Path, faults: list[str]) -> Tables:
    """Read every table under `folder`; faults are appended, each naming file and row."""
    for kind in ("points", "codes"):
        for path in sorted((folder / kind).glob("*.csv")):
            if not path.stem.isdigit() or int(path.stem) not in PARAMETERS:
                faults.append(f"{path}: no rule type of this number carries points here")
    by_rule: dict[int, pl.DataFrame] = {}
    points = []
    for rule in sorted(PARAMETERS):
        path = folder / "points" / f"{rule:02d}.csv"
        if path.exists():
            table = _points(path, rule, faults)
            points.append(table.select("point_id", "clause", "test", "batch", "published", point_name="name", point_source="source"))
            by_rule[rule] = _coded(folder, rule, table, faults)
    validity = [of_rule.select("code", *_VALIDITY, rule_no=pl.lit(rule, pl.Int64), main=_main(rule)) for rule, of_rule in by_rule.items()]
    pairs = by_rule.get(PAIR_RULE, pl.DataFrame(schema={**_PAIR, **_VALIDITY}))
    # A main item needs no point of its own, but a billed code must still find it: rule_no 0 is asked for by nobody.
    mains = pairs.select(*_VALIDITY, code="main_code", rule_no=pl.lit(0, pl.Int64))
    none = pl.DataFrame(schema={"code": pl.String(), **_VALIDITY, "rule_no": pl.Int64(), "main": pl.String()})
    dx_facts = read_table(folder / "dx_facts.csv", _DX_FACTS, faults)
    return Tables(
        by_rule=by_rule,
        points=pl.concat([pl.DataFrame(schema=_TOLD), *points]),
        validity=pl.concat([none, *validity, mains], how="diagonal"),
        pairs=pairs.select(*_PAIR, *_VALIDITY),
        dx_sets=_sets(folder, "dx_terms.csv", _TERMS, by_rule.get(8), "dx_terms", faults),
        drug_sets=_sets(folder, "drug_terms.csv", _DRUG_TERMS, by_rule.get(5), "first_line", faults),
        dx_facts=dx_facts.select("dx_prefix", "dx_gend", "dx_age_min_days", "dx_age_max_days"),
        op_facts=read_table(folder / "op_facts.csv", _OP_FACTS, faults).select("op_prefix", "op_gend"),
        params=_params(folder / "parameters.csv", faults),
    )


def _main(rule: int) -> pl.Expr:
    return pl.col("main_code") if rule == PAIR_RULE else pl.lit(None, pl.String)


def _points(path: Path, rule: int, faults: list[str]) -> pl.DataFrame:
    """One table of points plus `root`: the oldest point of its supersede chain, so that a course survives a new batch."""
    table = read_table(path, [*POINT, *PARAMETERS[rule]], faults)
    for row in table.filter(pl.col("point_id").is_duplicated()).iter_rows(named=True):
        faults.append(f"{path}: row {row['row']}: point {row['point_id']} stands here twice")
    older = dict(table.select("point_id", "supersedes").rows())
    roots = []
    for row in table.iter_rows(named=True):
        root, seen = row["point_id"], set()
        while older.get(root) and root not in seen:
            seen.add(root)
            root = older[root]
        if root in seen or (row["supersedes"] and row["supersedes"] not in older):
            faults.append(f"{path}: row {row['row']}: {row['point_id']} replaces {row['supersedes']}, which is unknown or replaces it")
        roots.append(root)
    return table.with_columns(root=pl.Series(roots, dtype=pl.String))


def _coded(folder: Path, rule: int, points: pl.DataFrame, faults: list[str]) -> pl.DataFrame:
    """Points x codes; a later point of the same code closes the earlier one the day before it begins."""
    if rule == PAIR_RULE:
        path, table, key = folder / "points" / f"{rule:02d}.csv", points.with_columns(code="part_code"), ["main_code", "part_code"]
    else:
        path = folder / "codes" / f"{rule:02d}.csv"
        codes = read_table(path, CODES, faults)
        known = set(points["point_id"])
        for row in codes.filter(~pl.col("point_id").is_in(known) | pl.struct("point_id", "code").is_duplicated()).iter_rows(named=True):
            why = "stands here twice" if row["point_id"] in known else "belongs to no point of this rule type"
            faults.append(f"{path}: row {row['row']}: {row['point_id']} {row['code']} {why}")
        table = codes.join(points.drop("row"), on="point_id")
        key = ["code", "op_group"] if rule in SEVERAL_POINTS_PER_CODE else ["code"]
    table = table.sort(*key, "valid_from", "point_id").with_columns(_next=pl.col("valid_from").shift(-1).over(key))
    for row in table.filter(pl.col("_next") == pl.col("valid_from")).iter_rows(named=True):
        faults.append(f"{path}: row {row['row']}: two points of {' x '.join(row[k] for k in key)} begin on {row['valid_from']}")
    table = table.with_columns(valid_to=pl.min_horizontal("valid_to", pl.col("_next") - timedelta(days=1))).drop("_next", "row")
    if rule != 15:
        return table
    slot = pl.col("op_group").rank("dense").over("code")
    for code in table.filter(slot > MOST_OP_GROUPS)["code"].unique().sort():
        faults.append(f"{path}: {code} stands in more than {MOST_OP_GROUPS} operation groups")
    return table.with_columns(pl.when(slot == n).then("op_group").alias(f"op_group_{n}") for n in range(1, MOST_OP_GROUPS + 1))


def _sets(folder: Path, name: str, columns: tuple[Column, ...], points: pl.DataFrame | None, terms: str, faults: list[str]) -> pl.DataFrame:
    """set_id (the point's own list of terms, joined by ';') -> every code prefix of those terms."""
    prefix = columns[1].name
    table = read_table(folder / name, columns, faults)
    known = set(table["term"])
    used = [] if points is None else points[terms].drop_nulls().unique().sort().to_list()
    rows = []
    for used_set in used:
        for term in used_set.split(";"):
            if term not in known:
                faults.append(f"{folder / name}: the term {term!r}, used by a point, has no row")
        wanted = used_set.split(";")
        rows += [(used_set, p) for p in table.filter(pl.col("term").is_in(wanted))[prefix].unique().sort()]
    return pl.DataFrame(rows, schema={"set_id": pl.String, prefix: pl.String}, orient="row")


def _params(path: Path, faults: list[str]) -> pl.DataFrame:
    table = read_table(path, _PARAMS, faults)
    for row in table.filter((pl.col("area") != "default") & ~pl.col("area").str.contains(r"^(\d{2}|\d{4}|\d{6})$")).iter_rows(named=True):
        faults.append(f"{path}: row {row['row']}: area {row['area']!r} is neither default nor 2, 4 or 6 digits")
    table = table.sort("name", "area", "valid_from").with_columns(_next=pl.col("valid_from").shift(-1).over("name", "area"))
    for row in table.filter(pl.col("_next") <= pl.col("valid_to").fill_null(pl.col("_next"))).iter_rows(named=True):
        faults.append(f"{path}: row {row['row']}: {row['name']} for {row['area']} overlaps the next interval")
    return table.select("name", "area", "valid_from", "valid_to", "value")
