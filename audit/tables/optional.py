"""The tables that a batch may bring along: operations, institutions, persons, trace codes, stock."""

from __future__ import annotations

from audit.tables.columns import table

SETL_LIST_OPRN_D = table(
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

FIXMEDINS_B = table(
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

PSN_INFO_B = table(
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

DRUG_TRAC_D = table(
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

INVENTORY_D = table(
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
