"""Hand-written claims and lines for the tests of enrich and measure: name only what matters, the rest is believable."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from audit.enrich import enrich
from audit.knowledge.codings import COLUMNS, Codings
from audit.knowledge.facts import NUMBERS
from audit.knowledge.points import FACT_TYPES
from audit.lake import HISTORY
from audit.measure import measure, whole
from audit.profile import profile
from audit.tables import FEE_LIST_D

PARAMETERS = {
    "p_child_years": 14, "p_infant_years": 3, "p_newborn_days": 28, "p_work_age_from": 16, "p_work_age_to_male": 60,
    "p_work_age_to_female": 55, "p_second_op_ratio": 0.5, "p_usual_price_lines": 3, "p_split_gap_days": 15, "p_supply_days_outpatient": 30,
    "p_supply_days_emergency": 7, "p_supply_days_chronic": 84, "p_supply_days_discharge": 30, "p_bed_day_grace": 0,
    "p_first_line_known_days": 30, "p_herb_upload_times": 3,
    "p_markup_drug": 1.5, "p_markup_consumable": 1.25, "p_readmission_days": 31, "p_gather_days": 3,
    "p_drug_share": 0.35, "p_exam_lab_share": 0.4, "p_consumable_share": 0.25, "p_therapy_share": 0.45, "p_ct_share": 0.08,
    "p_mr_share": 0.05, "p_infection_rate": 0.05, "p_readmission_rate": 0.08,
}  # fmt: skip

CLAIM: dict[str, tuple[Any, Any]] = {
    "setl_id": ("S1", pl.String), "mdtrt_id": (None, pl.String), "psn_no": ("P1", pl.String), "fixmedins_code": ("H1", pl.String),
    "fixmedins_name": ("青枫县人民医院", pl.String), "fixmedins_type": (None, pl.String), "gend": ("1", pl.String),
    "brdy": (date(1980, 6, 15), pl.Date), "age": (None, pl.Int64), "die_date": (None, pl.Date), "insutype": ("310", pl.String),
    "psn_type": ("11", pl.String), "insu_admdvs": ("530199", pl.String), "hosp_lv": ("05", pl.String), "hosp_tier": (2, pl.Int64),
    "fix_blng_admdvs": ("530199", pl.String), "med_type": ("11", pl.String), "begn_date": (date(2026, 6, 10), pl.Date),
    "end_date": (date(2026, 6, 10), pl.Date), "setl_time": (datetime(2026, 6, 10, 12), pl.Datetime("us")),
    "medfee_sumamt": (10_000, pl.Int64), "fulamt_ownpay_amt": (0, pl.Int64), "overlmt_selfpay": (0, pl.Int64),
    "preselfpay_amt": (0, pl.Int64), "inscp_amt": (10_000, pl.Int64), "hifp_pay": (7_000, pl.Int64), "fund_pay_sumamt": (7_000, pl.Int64),
    "psn_pay": (3_000, pl.Int64), "acct_pay": (0, pl.Int64), "adm_dept_codg": ("A03", pl.String), "adm_dept_name": ("内科", pl.String),
    "dscg_maindiag_code": (None, pl.String), "dscg_way": (None, pl.String), "chfpdr_code": ("D1", pl.String),
    "matn_type": (None, pl.String), "dise_no": (None, pl.String), "has_oprns": (True, pl.Boolean),
}  # fmt: skip

LINE: dict[str, tuple[Any, Any]] = {
    **{name: (None, kind) for name, kind in FEE_LIST_D.schema.items() if name not in ("vali_flag", "init_feedetl_sn")},
    "bkkp_sn": (None, pl.String), "setl_id": ("S1", pl.String), "cnt_e4": (10_000, pl.Int64), "pric_e6": (10_000_000, pl.Int64),
    "inscp_amt": (1_000, pl.Int64), "fulamt_ownpay_amt": (0, pl.Int64), "med_list_codg": ("X", pl.String), "list_type": ("201", pl.String),
    "fee_ocur_time": (datetime(2026, 6, 10, 9, 30), pl.Datetime("us")), "rx_circ_flag": ("0", pl.String),
}  # fmt: skip


@dataclass
class FakeKnowledge:
    """Knowledge that says of each item code what the test wrote, on every day."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    pairs_rows: list[tuple[Any, ...]] = field(default_factory=list)
    dx_sets_rows: list[tuple[str, str]] = field(default_factory=list)
    first_line_rows: list[tuple[str, str]] = field(default_factory=list)
    dx_facts_rows: list[tuple[Any, ...]] = field(default_factory=list)
    op_facts_rows: list[tuple[str, str]] = field(default_factory=list)
    item_sets_rows: list[tuple[str, str]] = field(default_factory=list)
    codings_rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def epoch(self, day: pl.Expr) -> pl.Expr:
        return (day >= pl.lit(date(2026, 1, 1))).cast(pl.Int32)

    def item_facts(self, codes: pl.DataFrame) -> pl.DataFrame:
        schema = {"med_list_codg": pl.String, "epoch": pl.Int32, "item_code": pl.String, "item_kind": pl.String, **FACT_TYPES}
        rows = []
        for code in codes["med_list_codg"]:
            national = next((known for known in self.items if code.startswith(known)), code)
            said = {"item_code": national, **self.items.get(national, {})}
            rows += [{"med_list_codg": code, "epoch": epoch, **said} for epoch in (0, 1)]
        return pl.DataFrame(rows, schema=schema)

    def params(self, areas: pl.DataFrame) -> pl.DataFrame:
        grid = areas.unique().join(pl.DataFrame({"epoch": [0, 1]}, schema={"epoch": pl.Int32}), how="cross")
        return grid.with_columns(pl.lit(float(v)).alias(k) for k, v in PARAMETERS.items())

    @property
    def pairs(self) -> pl.DataFrame:
        names = {"main_code": pl.String, "part_code": pl.String, "pair_window": pl.String, "valid_from": pl.Date, "valid_to": pl.Date}
        rows = [(*row, date(2020, 1, 1), None) if len(row) == 3 else row for row in self.pairs_rows]
        return pl.DataFrame(rows, schema=names, orient="row")

    @property
    def dx_sets(self) -> pl.DataFrame:
        return pl.DataFrame(self.dx_sets_rows, schema={"set_id": pl.String, "dx_prefix": pl.String}, orient="row")

    @property
    def item_sets(self) -> pl.DataFrame:
        return pl.concat([self.first_line, pl.DataFrame(self.item_sets_rows, schema=self.first_line.schema, orient="row")])

    @property
    def first_line(self) -> pl.DataFrame:
        return pl.DataFrame(self.first_line_rows, schema={"set_id": pl.String, "code_prefix": pl.String}, orient="row")

    @property
    def exemptions(self) -> pl.DataFrame:
        """Those of the project itself."""
        table = pl.read_csv(Path(__file__).parents[1] / "rules" / "tables" / "exemptions.csv", infer_schema_length=0)
        days = [pl.col(name).str.to_date() for name in ("valid_from", "valid_to")]
        return table.select("kind", "code", "area", *days, exempt=pl.col("exempt") == "yes")

    @property
    def dx_facts(self) -> pl.DataFrame:
        names = {"dx_prefix": pl.String, "dx_gend": pl.String, "dx_age_min_days": pl.Int64, "dx_age_max_days": pl.Int64}
        return pl.DataFrame(self.dx_facts_rows, schema=names, orient="row")

    @property
    def op_facts(self) -> pl.DataFrame:
        return pl.DataFrame(self.op_facts_rows, schema={"op_prefix": pl.String, "op_gend": pl.String}, orient="row")

    @property
    def codings(self) -> Codings:
        frames = {}
        for name, columns in COLUMNS.items():
            schema = {c.name: c.dtype for c in columns if c.name not in ("name", "source")}
            dated = {"valid_from": date(2020, 1, 1)} if "valid_from" in schema else {}
            rows = [{**dict.fromkeys(schema), **dated, **row} for row in self.codings_rows.get(name, [])]
            frames[name] = pl.DataFrame(rows, schema=schema)
        return Codings(**frames)


def claims_of(*rows: dict[str, Any]) -> pl.DataFrame:
    """Claims; an inpatient one is med_type 21; mdtrt_id follows setl_id unless written."""
    default = {name: value for name, (value, _) in CLAIM.items()}
    full = [{**default, **row} for row in rows or ({},)]
    full = [{**row, "mdtrt_id": row["mdtrt_id"] or "M" + row["setl_id"]} for row in full]
    return pl.DataFrame(full, schema={name: kind for name, (_, kind) in CLAIM.items()})


def lines_of(claims: pl.DataFrame, *rows: dict[str, Any]) -> pl.DataFrame:
    """Lines, numbered L1, L2 ... unless named; `at` is fee_ocur_time, `cnt` whole units; the amount is quantity x price unless written."""
    default = {name: value for name, (value, _) in LINE.items()}
    full = []
    for n, row in enumerate(rows, 1):
        line = {**default, "bkkp_sn": f"L{n}", **row}
        if "at" in row:
            line["fee_ocur_time"] = line.pop("at")
        if "cnt" in row:
            line["cnt_e4"] = round(line.pop("cnt") * 10_000)
        if line["det_item_fee_sumamt"] is None:
            line["det_item_fee_sumamt"] = line["cnt_e4"] * line["pric_e6"] // 100_000_000
        full.append(line)
    frame = pl.DataFrame(full, schema={name: kind for name, (_, kind) in LINE.items()})
    owner = claims.select("setl_id", "psn_no", "fixmedins_code", "mdtrt_id", "setl_time")
    midnight = pl.col("fee_ocur_time").dt.time() == pl.time(0, 0, 0)
    return (
        frame.drop("psn_no", "fixmedins_code", "mdtrt_id", strict=False)
        .join(owner, on="setl_id")
        .with_columns(
            cnt=pl.col("cnt_e4") / 10_000,
            fee_date=pl.coalesce("fee_ocur_time", "setl_time").dt.date(),
            time_known=pl.col("fee_ocur_time").is_not_null() & ~midnight.fill_null(False),
        )
        .drop("setl_time")
    )


def history_of(**tables: list[dict[str, Any]]) -> dict[str, pl.LazyFrame]:
    """What earlier nights left; tables not named are empty."""
    return {name: pl.DataFrame(tables.get(name, []), schema=schema).lazy() for name, schema in HISTORY.items()}


def diags_of(*pairs: tuple[str, str]) -> pl.DataFrame:
    """(setl_id, diag_code), western diagnoses."""
    rows = [{"setl_id": s, "diag_type": "1", "maindiag_flag": "0", "diag_code": c, "diag_name": None} for s, c in pairs]
    names = ("setl_id", "diag_type", "maindiag_flag", "diag_code", "diag_name")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))


def oprns_of(*rows: tuple[Any, ...]) -> pl.DataFrame:
    """(setl_id, oprn_oprt_code) and, if need be, main_oprn_flag (else 1) and oprn_oprt_date."""
    names = {"setl_id": pl.String, "oprn_oprt_code": pl.String, "main_oprn_flag": pl.String, "oprn_oprt_date": pl.Date}
    return pl.DataFrame([(*row, *("1", None)[len(row) - 2 :]) for row in rows], schema=names, orient="row")


def measured(
    knowledge: FakeKnowledge,
    claims: pl.DataFrame,
    lines: pl.DataFrame,
    *,
    diags: pl.DataFrame | None = None,
    oprns: pl.DataFrame | None = None,
    history: dict[str, pl.LazyFrame] | None = None,
    traces: pl.DataFrame | None = None,
    inventory: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Through profile, enrich and measure: (lines by bkkp_sn, claims by setl_id)."""
    history = history or history_of()
    profiles = profile(
        claims.lazy(), lines.lazy(), traces.lazy() if traces is not None else None,
        inventory.lazy() if inventory is not None else None, history,
        {said["item_bundle_code"] for said in knowledge.items.values() if "item_bundle_code" in said},
    )  # fmt: skip
    numbers, facts = enrich(lines.lazy(), claims.lazy(), knowledge)
    found_lines, limited, found_claims = measure(
        lines.hstack(numbers).lazy(), facts, claims.lazy(), (diags if diags is not None else diags_of()).lazy(),
        oprns.lazy() if oprns is not None else None, history, profiles, knowledge,
    )  # fmt: skip
    collected = [frame.collect() for frame in (whole(found_lines, limited), found_claims)]
    assert collected[0]["row"].equals(collected[0]["measured_row"])
    return collected[0].drop("row", "measured_row", *NUMBERS).sort("bkkp_sn"), collected[1].sort("setl_id")


def column(frame: pl.DataFrame, name: str) -> list[Any]:
    """The column's values in key order."""
    return frame[name].to_list()
