"""The drawn rows of every example of every rule become one small batch of national tables.

What an example does not draw gets a believable default here and nowhere else, so that a claim is clear unless the drawn cells
say otherwise. Each example lives apart: its identifiers carry the example's own prefix.

    a claim      an ordinary stay (med_type 21) in a tertiary hospital, a man born in 1980, employee insurance, pneumonia; one person
                 and one encounter per claim, one institution per example; the money follows from the lines, 70 % paid by the fund
    its dates    from the first to the last day of its lines (or as drawn), settled on the last day; 2026-07-15 where nothing is drawn
    a line       one unit of an item without any limit for 100 yuan, at 10:00 on the first day, wholly within the fund's scope

`diags` that are drawn are all there are; a claim without drawn `lines` has one line. Operations are unknown unless `oprns` is drawn.
Columns of claims may stand in `lines`; beside a drawn medfee_sumamt the parts (inscp_amt and the like) are the claim's too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import polars as pl

from audit import tables
from audit.rulebook import Example, Rule

Row = dict[str, str | None]
DAY = "2026-07-15"
ITEM = "009900000000000"
OWN_IDS = (
    "setl_id", "mdtrt_id", "psn_no", "bkkp_sn", "fixmedins_code", "init_feedetl_sn", "init_setl_id", "drug_trac_codg", "rx_drord_no",
    "bilg_dr_code", "acord_dr_code", "chfpdr_code", "oper_dr_code",
)  # fmt: skip
CLAIM: Row = {
    "gend": "1", "insutype": "310", "psn_type": "1101", "insu_admdvs": "990100", "fixmedins_name": "示例医院", "fixmedins_code": "H1",
    "hosp_lv": "02", "fix_blng_admdvs": "990100", "med_type": "21", "adm_dept_codg": "A03", "adm_dept_name": "内科", "dscg_way": "1",
    "chfpdr_code": "D1", "chfpdr_name": "示例医师", "refd_setl_flag": "0", "vali_flag": "1", "acct_pay": "0",
}  # fmt: skip
LINE: Row = {
    "med_list_codg": ITEM, "hilist_name": "示例项目", "rx_drord_no": "R1", "chrgitm_lv": "01", "bilg_dept_codg": "A03",
    "bilg_dept_name": "内科", "bilg_dr_code": "D1", "acord_dept_codg": "A03", "acord_dr_code": "D1", "etip_flag": "0",
    "dscg_tkdrug_flag": "0", "rx_circ_flag": "0", "vali_flag": "1", "fulamt_ownpay_amt": "0", "overlmt_selfpay": "0", "preselfpay_amt": "0",
}  # fmt: skip
BY_CODE = {"X": ("101", "09"), "Z": ("101", "11"), "T": ("102", "10"), "C": ("301", "08")}  # list_type, med_chrgitm_type; else a service
SERVICE = ("201", "14")
DIAG: Row = {"diag_type": "1", "diag_code": "J18.900", "diag_name": "肺炎", "vali_flag": "1"}
OPRN: Row = {"oprn_oprt_code": "00.0100x001", "oprn_oprt_name": "示例操作", "anst_way": "1", "oper_dr_code": "D1", "vali_flag": "1"}
_OF_LINE = {column.name for column in tables.FEE_LIST_D.columns}
OWN_PARTS = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt")
OWN_TOTALS = (*OWN_PARTS, "inscp_amt")
_SHARED = ("psn_no", "mdtrt_id", "fixmedins_code")


@dataclass(frozen=True)
class Case:
    """One example in the batch: `keys` leads from the label an author writes to bkkp_sn or setl_id in the batch."""

    rule: Rule
    example: Example
    prefix: str
    keys: dict[str, str]


@dataclass
class World:
    """`tables`: rows of text per national table; `cases` in the order of the rulebook."""

    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in tables.NATIONAL_TABLES})
    cases: list[Case] = field(default_factory=list)

    def frames(self) -> dict[str, pl.DataFrame]:
        """The national tables that have rows, as columns of text."""
        made = {}
        for name, rows in self.tables.items():
            columns = [column.name for column in tables.NATIONAL_TABLES[name].columns]
            if rows:
                made[name] = pl.DataFrame({c: [row.get(c) for row in rows] for c in columns}, schema=dict.fromkeys(columns, pl.String))
        return made


def build(rules: tuple[Rule, ...]) -> World:
    """All examples of all rules as one batch, after one claim of defaults, so that a rulebook without examples can be measured too."""
    world = World()
    _finish_claim({"setl_id": "0"}, [{"setl_id": "0", "bkkp_sn": "0"}], None, world, "E----X")
    for rule in rules:
        for example in rule.examples:
            world.cases.append(_add(world, rule, example, f"E{len(world.cases):04}X"))
    return world


def _add(world: World, rule: Rule, example: Example, prefix: str) -> Case:
    drawn = {name: [dict(row) for row in table.rows] for name, table in example.tables.items()}
    claims = {row.setdefault("setl_id", str(number)) or "": row for number, row in enumerate(drawn.get("claims", []), start=1)}
    first = next(iter(claims), "1")
    lines = drawn.get("lines")
    if lines is None:
        lines = [{"setl_id": setl_id, "det_item_fee_sumamt": row.get("medfee_sumamt") or "100.00"} for setl_id, row in claims.items()]
    labels = []
    for number, line in enumerate(lines, start=1):
        labels.append(line.setdefault("bkkp_sn", str(number)))
        claim = claims.setdefault(line.setdefault("setl_id", first) or "", {"setl_id": line["setl_id"]})
        of_claim = OWN_TOTALS if "medfee_sumamt" in line else ()
        for name in [name for name in line if name not in _OF_LINE or name in _SHARED or name in of_claim]:
            value = line[name] if name in _SHARED else line.pop(name)
            claim.setdefault(name, value)
    billed: dict[str, list[Row]] = {setl_id: [line for line in lines if line["setl_id"] == setl_id] for setl_id in claims}
    for setl_id, claim in claims.items():
        diags = [row for row in drawn["diags"] if row.get("setl_id", first) == setl_id] if "diags" in drawn else None
        _finish_claim(claim, billed[setl_id], diags, world, prefix)
    for name, table in (("oprns", "setl_list_oprn_d"), ("traces", "drug_trac_d"), ("inventory", "inventory_d")):
        for number, row in enumerate(drawn.get(name, [])):
            world.tables[table].append(_own(_extra(name, row, number, claims, lines, first), prefix))
    judged = labels if rule.of_lines else list(claims)
    return Case(rule, example, prefix, {label: prefix + label.upper() for label in judged if label})


def _finish_claim(claim: Row, lines: list[Row], diags: list[Row] | None, world: World, prefix: str) -> None:
    """Fill one claim, its lines and diagnoses with defaults and put them into the world's tables."""
    for name, value in CLAIM.items():
        claim.setdefault(name, value)
    claim.setdefault("mdtrt_id", claim["setl_id"])
    claim.setdefault("psn_no", claim["setl_id"])
    if "age" not in claim:
        claim.setdefault("brdy", "1980-01-01")
    _dates(claim, lines)
    for line in lines:
        _finish_line(line, claim)
    _money(claim, lines)
    if diags is None:
        main = claim.setdefault("dscg_maindiag_code", DIAG["diag_code"])
        diags = [{"diag_code": main}] if main else []
    for number, row in enumerate(diags):
        filled = {"setl_id": claim["setl_id"], "mdtrt_id": claim["mdtrt_id"], "maindiag_flag": "0" if number else "1", **DIAG, **row}
        world.tables["setl_list_diag_d"].append(_own(filled, prefix))
    claim.setdefault("dscg_maindiag_code", next((row.get("diag_code") for row in diags if row.get("maindiag_flag", "1") == "1"), None))
    own = _own(claim, prefix)
    world.tables["setl_d"].append(own)
    if own["mdtrt_id"] not in {row["mdtrt_id"] for row in world.tables["mdtrt_d"][-20:]}:
        world.tables["mdtrt_d"].append(own)
    if claim.get("fixmedins_type"):
        world.tables["fixmedins_b"].append({name: own.get(name) for name in ("fixmedins_code", "fixmedins_type")})
    world.tables["fee_list_d"] += [_own(line, prefix) for line in lines]


def _dates(claim: Row, lines: list[Row]) -> None:
    """The days of a claim follow from what is drawn: its own dates, else those of its lines, else the default day."""
    said = [time[:10] for line in lines if (time := line.get("fee_ocur_time"))]
    fallback = (claim.get("setl_time") or claim.get("endtime") or claim.get("enddate") or DAY)[:10]
    begin = (claim.get("begndate") or claim.get("begntime") or min(said, default=fallback))[:10]
    end = (claim.get("enddate") or claim.get("endtime") or max([*said, begin]))[:10]
    if "endtime" not in claim:
        claim["endtime"] = None if claim.get("enddate", end) is None else f"{end} 23:00:00"
    claim.setdefault("enddate", None if claim["endtime"] is None else end)
    claim.setdefault("begntime", f"{begin} 00:00:00")
    claim.setdefault("begndate", begin)
    claim.setdefault("setl_time", f"{max(begin, end)} 23:30:00")
    claim["day"] = begin


def _finish_line(line: Row, claim: Row) -> None:
    for name, value in LINE.items():
        line.setdefault(name, value)
    for name in _SHARED:
        line.setdefault(name, claim[name])
    code = line["med_list_codg"] or ""
    list_type, fee_class = BY_CODE.get(code[:1].upper(), SERVICE)
    line.setdefault("list_type", list_type)
    line.setdefault("med_chrgitm_type", fee_class)
    line.setdefault("spec", "次" if list_type == SERVICE[0] else None)
    line.setdefault("hilist_code", line["med_list_codg"])
    line.setdefault("medins_list_codg", line["med_list_codg"])
    line.setdefault("medins_list_name", line["hilist_name"])
    line.setdefault("fee_ocur_time", f"{claim['day']} 10:00:00")
    count, price, amount = (_number(line.get(name)) for name in ("cnt", "pric", "det_item_fee_sumamt"))
    if count is None:
        count = amount / price if amount and price and "cnt" not in line else Decimal(1)
    if price is None:
        price = amount / count if amount is not None and count else Decimal(100)
    if amount is None:
        amount = (count * price).quantize(Decimal("0.01"), ROUND_HALF_UP)
    line.setdefault("cnt", f"{count:.4f}")
    line.setdefault("pric", f"{price:.6f}")
    line.setdefault("det_item_fee_sumamt", f"{amount:.2f}")
    own = sum(((_number(line[name]) or Decimal(0)) for name in OWN_PARTS), Decimal(0))
    line.setdefault("inscp_amt", f"{amount - own:.2f}")


def _money(claim: Row, lines: list[Row]) -> None:
    """The claim's sums follow from its lines where they are not drawn."""
    for name, part in (("medfee_sumamt", "det_item_fee_sumamt"), *((own, own) for own in OWN_PARTS)):
        claim.setdefault(name, f"{sum((_number(line[part]) or Decimal(0) for line in lines), Decimal(0)):.2f}")
    total = claim["medfee_sumamt"]
    rest = (_number(total) or Decimal(0)) - sum((_number(claim[name]) or Decimal(0) for name in OWN_PARTS), Decimal(0))
    scope = _number(claim.setdefault("inscp_amt", f"{rest:.2f}")) or Decimal(0)
    fund = (scope * Decimal("0.7")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    paid = _number(claim.setdefault("fund_pay_sumamt", claim.get("hifp_pay") or f"{fund:.2f}")) or Decimal(0)
    claim.setdefault("hifp_pay", f"{paid:.2f}")
    claim.setdefault("psn_pay", f"{(_number(total) or Decimal(0)) - paid:.2f}")


def _extra(name: str, row: Row, number: int, claims: dict[str, Row], lines: list[Row], first: str) -> Row:
    """One drawn row of operations, traces or stock movements, with what it leaves out."""
    claim = claims.get(row.get("setl_id") or first) or next(iter(claims.values()))
    if name == "inventory":
        return {"fixmedins_code": claim["fixmedins_code"], "inv_chg_type": "1", "inv_chg_time": f"{claim['day']} 08:00:00", **row}
    if name == "traces":
        bkkp_sn = row.get("bkkp_sn") or "1"
        owner = next((line["setl_id"] for line in lines if line["bkkp_sn"] == bkkp_sn), first)
        return {"bkkp_sn": bkkp_sn, "setl_id": owner, "trdn_flag": "0", **row}
    main = {"main_oprn_flag": "0" if number else "1", "oprn_oprt_date": claim["day"]}
    return {"setl_id": claim["setl_id"], "mdtrt_id": claim["mdtrt_id"], **main, **OPRN, **row}


def _own(row: Row, prefix: str) -> Row:
    """The row with identifiers that no other example shares."""
    return {name: prefix + value.upper() if value and name in OWN_IDS else value for name, value in row.items()}


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None
