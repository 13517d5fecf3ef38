"""Every stored table: its grain, and each column's name, kind, meaning and whether a row can live without it.

Parsers, quality checks, the mapping files and the data dictionary are derived from this list. Names are the national
platform's; kinds fix how text is read and what is stored:

    code   identifier: trimmed, upper case, no control characters     -> String
    text   free text: trimmed                                         -> String
    fen    money in yuan, stored as whole fen, half up                -> Int64
    cnt4   quantity with four decimals, stored as `<name>_e4`         -> Int64
    pric6  price in yuan with six decimals, stored as `<name>_e6`     -> Int64
    whole  a whole number                                             -> Int64
    date   calendar date                                              -> Date
    time   Chinese wall-clock time                                    -> Datetime(us)

A star after the kind marks a column without which the row is quarantined. An exclamation mark marks a personal column: it says who
somebody is. Intake takes it to a file of its own; no rule, measure or model can read it, and no fingerprint knows it.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

DTYPES: dict[str, pl.DataType] = {
    "code": pl.String(),
    "text": pl.String(),
    "fen": pl.Int64(),
    "cnt4": pl.Int64(),
    "pric6": pl.Int64(),
    "whole": pl.Int64(),
    "date": pl.Date(),
    "time": pl.Datetime("us"),
}


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    required: bool
    meaning: str
    personal: bool = False

    @property
    def stored(self) -> str:
        """The column's name once typed: quantities and prices carry their scale."""
        return self.name + {"cnt4": "_e4", "pric6": "_e6"}.get(self.kind, "")


@dataclass(frozen=True)
class Table:
    name: str
    grain: str
    key: str | None
    optional: bool
    columns: tuple[Column, ...]

    @property
    def required(self) -> list[str]:
        return [c.name for c in self.columns if c.required]

    @property
    def personal(self) -> list[str]:
        return [c.name for c in self.columns if c.personal]

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Stored column name -> dtype."""
        return {c.stored: DTYPES[c.kind] for c in self.columns}


def _table(name: str, grain: str, key: str | None, listing: str, optional: bool = False) -> Table:
    columns = []
    for line in listing.strip().splitlines():
        column, kind, meaning = line.split(maxsplit=2)
        columns.append(Column(column, kind.rstrip("*!"), kind.endswith("*"), meaning, kind.endswith("!")))
    return Table(name, grain, key, optional, tuple(columns))


MDTRT_D = _table(
    "mdtrt_d",
    "one encounter",
    "mdtrt_id",
    """
    mdtrt_id            code*  encounter
    psn_no              code*  insured person
    gend                code   sex: 1 male, 2 female, other values unknown
    brdy                date   date of birth
    age                 whole  stated age in years; serves only where brdy is missing
    insutype            code   insurance scheme
    fixmedins_code      code*  institution
    fixmedins_name      text   institution's name
    hosp_lv             code   institution's level
    fix_blng_admdvs     code   institution's administrative division
    begntime            time*  admission or visit
    endtime             time   discharge or end of visit
    med_type            code*  kind of treatment
    adm_dept_codg       code   admitting department
    adm_dept_name       text   admitting department's name
    dscg_maindiag_code  code   main diagnosis at discharge
    dscg_way            code   way of discharge: 5 death
    die_date            date   date of death
    ipt_days            whole  days in hospital as stated
    chfpdr_code         code   attending doctor
    chfpdr_name         text   attending doctor's name
    matn_type           code   kind of maternity case
    geso_val            whole  weeks of pregnancy
    dise_type_code      code   kind of registered disease
    dise_no             code   registered chronic or special disease
    vali_flag           code   0 invalid
""",
)

SETL_D = _table(
    "setl_d",
    "one settlement (one claim)",
    "setl_id",
    """
    setl_id            code*  settlement
    mdtrt_id           code*  encounter
    psn_no             code*  insured person
    gend               code   sex: 1 male, 2 female, other values unknown
    brdy               date   date of birth
    age                whole  stated age in years
    insutype           code   insurance scheme
    psn_type           code   kind of person
    insu_admdvs        code   division of insurance
    fixmedins_code     code*  institution
    fixmedins_name     text   institution's name
    hosp_lv            code   institution's level
    fix_blng_admdvs    code   institution's administrative division
    begndate           date   first day of the settled period
    enddate            date   last day of the settled period
    setl_time          time*  settlement
    med_type           code*  kind of treatment
    medfee_sumamt      fen*   total billed
    fulamt_ownpay_amt  fen    wholly self-paid part
    overlmt_selfpay    fen    part above a price limit
    preselfpay_amt     fen    part paid first by the person
    inscp_amt          fen    part within the fund's scope
    hifp_pay           fen    paid by the pooled basic fund
    fund_pay_sumamt    fen*   paid by all funds
    psn_pay            fen    paid by the person
    acct_pay           fen    paid from the personal account
    refd_setl_flag     code   1 reversed
    init_setl_id       code   settlement that this one reverses
    dise_no            code   registered chronic or special disease
    vali_flag          code   0 invalid
""",
)

FEE_LIST_D = _table(
    "fee_list_d",
    "one billed line",
    "bkkp_sn",
    """
    bkkp_sn            code*   billed line
    setl_id            code*   settlement
    mdtrt_id           code*   encounter
    psn_no             code    insured person
    fee_ocur_time      time    when the service was rendered
    rx_drord_no        code    prescription or order
    fixmedins_code     code    institution
    cnt                cnt4*   quantity, negative for a refund
    pric               pric6*  unit price
    det_item_fee_sumamt fen*   amount of the line
    pric_uplmt_amt     pric6   price ceiling; 0 or missing = none
    selfpay_prop       text    self-paid proportion as stated
    fulamt_ownpay_amt  fen     wholly self-paid part
    overlmt_selfpay    fen     part above the price ceiling
    preselfpay_amt     fen     part paid first by the person
    inscp_amt          fen     part within the fund's scope
    chrgitm_lv         code    class A, B or C
    hilist_code        code    code in the insurance list
    hilist_name        text    name in the insurance list
    list_type          code    kind of list item
    med_list_codg      code*   national item code, local ones extend it
    medins_list_codg   code    institution's own item code
    medins_list_name   text    institution's own item name
    med_chrgitm_type   code    fee class: 01 bed ... 14 other
    spec               text    specification or unit
    bilg_dept_codg     code    ordering department
    bilg_dept_name     text    ordering department's name
    bilg_dr_code       code    ordering doctor
    acord_dept_codg    code    performing department
    acord_dr_code      code    performing doctor
    lmt_used_flag      code    limited use confirmed by the institution
    tcmdrug_used_way   code    herbal pieces: single or compound use
    etip_flag          code    external examination
    dscg_tkdrug_flag   code    1 discharge medicine
    sin_dos_dscr       text    single dose
    used_frqu_dscr     text    frequency of use
    prd_days           whole   days of supply
    rx_circ_flag       code    1 circulating (internet) prescription
    init_feedetl_sn    code    line that this refund takes back
    comb_no            code    combination
    crte_time          time    when the line's record was made (uploaded)
    vali_flag          code    0 invalid
""",
)

SETL_LIST_DIAG_D = _table(
    "setl_list_diag_d",
    "one diagnosis of a claim",
    None,
    """
    setl_id       code*  settlement
    mdtrt_id      code   encounter
    diag_type     code   1 western, 2 and 3 traditional
    maindiag_flag code   1 main diagnosis
    diag_code     code*  ICD-10, insurance edition
    diag_name     text   name
    vali_flag     code   0 invalid
""",
)

SETL_LIST_OPRN_D = _table(
    "setl_list_oprn_d",
    "one operation of a claim",
    None,
    """
    setl_id        code*  settlement
    mdtrt_id       code   encounter
    main_oprn_flag code   1 main operation
    oprn_oprt_code code*  ICD-9-CM-3, insurance edition
    oprn_oprt_name text   name
    oprn_oprt_date date   day of the operation
    anst_way       code   anaesthesia
    oper_dr_code   code   surgeon
    vali_flag      code   0 invalid
""",
    optional=True,
)

FIXMEDINS_B = _table(
    "fixmedins_b",
    "one institution",
    "fixmedins_code",
    """
    fixmedins_code  code*  institution
    fixmedins_name  text   name
    fixmedins_type  code   kind of institution
    hosp_lv         code   level
    fix_blng_admdvs code   administrative division
""",
    optional=True,
)

PSN_INFO_B = _table(
    "psn_info_b",
    "one person",
    "psn_no",
    """
    psn_no   code*  insured person
    gend     code   sex
    brdy     date   date of birth
    die_date date   date of death
    psn_name text!  name
    certno   code!  number of the certificate of identity
""",
    optional=True,
)

DRUG_TRAC_D = _table(
    "drug_trac_d",
    "one trace code on a billed line",
    None,
    """
    bkkp_sn        code*  billed line
    setl_id        code*  settlement
    drug_trac_codg code*  trace code of a package
    trdn_flag      code   1 pack split: the code may serve several persons
""",
    optional=True,
)

INVENTORY_D = _table(
    "inventory_d",
    "one stock movement of an item at an institution",
    None,
    """
    fixmedins_code code*  institution
    med_list_codg  code*  item
    inv_chg_type   code*  1 purchase, 2 sale, 3 return, 4 count
    inv_chg_time   time*  when
    cnt            cnt4*  quantity
    pric           pric6  price
""",
    optional=True,
)

NATIONAL_TABLES = {
    t.name: t for t in (MDTRT_D, SETL_D, FEE_LIST_D, SETL_LIST_DIAG_D, SETL_LIST_OPRN_D, FIXMEDINS_B, PSN_INFO_B, DRUG_TRAC_D, INVENTORY_D)
}

# What judge could not tell and why, as the contract gives it: rows a rule could not judge, by the value that is missing.
CANNOT_TELL: dict[str, pl.DataType] = {
    "rule_id": pl.String(),
    "rule_version": pl.Int64(),
    "grain": pl.String(),
    "missing": pl.String(),
    "why": pl.String(),
    "rows": pl.Int64(),
}
