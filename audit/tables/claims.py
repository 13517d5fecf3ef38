"""The tables that every batch has: encounters, settlements, billed lines and diagnoses."""

from __future__ import annotations

from audit.tables.columns import table

MDTRT_D = table(
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

SETL_D = table(
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

FEE_LIST_D = table(
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

SETL_LIST_DIAG_D = table(
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
