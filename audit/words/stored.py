"""What the stored national columns are called: Chinese | English, short enough to stand in a sentence after 'the'."""

from __future__ import annotations

LISTING = """
    acct_pay             个人账户支付金额 | amount paid from the personal account
    acord_dept_codg      受单科室 | performing department
    acord_dr_code        受单医生 | performing doctor
    adm_dept_codg        入院科室代码 | code of the admitting department
    adm_dept_name        入院科室 | admitting department
    age                  年龄 | stated age
    begntime             就诊开始时间 | time of admission or visit
    bilg_dept_codg       开单科室代码 | code of the ordering department
    bilg_dept_name       开单科室 | ordering department
    bilg_dr_code         开单医生 | ordering doctor
    bkkp_sn              明细流水号 | number of the billed line
    brdy                 出生日期 | date of birth
    chfpdr_code          主诊医师代码 | code of the attending doctor
    chfpdr_name          主诊医师 | attending doctor
    chrgitm_lv           收费项目等级 | class of the item
    cnt_e4               数量 | quantity
    comb_no              组套编号 | number of the combination
    crte_time            数据上传时间 | time of upload
    det_item_fee_sumamt  明细金额 | amount of the line
    die_date             死亡日期 | date of death
    dise_no              慢特病病种编号 | registered chronic disease
    dise_type_code       病种类型 | kind of registered disease
    dscg_maindiag_code   出院主诊断 | main diagnosis at discharge
    dscg_tkdrug_flag     出院带药标志 | mark of discharge medicine
    dscg_way             离院方式 | way of discharge
    endtime              就诊结束时间 | time of discharge or end of visit
    etip_flag            外检标志 | mark of an external examination
    fee_ocur_time        费用发生时间 | time of service
    fix_blng_admdvs      机构所属统筹区 | institution's division
    fixmedins_code       定点机构编号 | code of the institution
    fixmedins_name       定点机构名称 | name of the institution
    fixmedins_type       定点机构类型 | kind of institution
    fulamt_ownpay_amt    全自费金额 | wholly self-paid amount
    fund_pay_sumamt      基金支付总额 | amount paid by all funds
    gend                 参保人性别 | patient's sex
    geso_val             孕周 | number of weeks of pregnancy
    hifp_pay             统筹基金支付金额 | amount paid by the pooled fund
    hilist_code          医保目录编码 | code in the insurance list
    hilist_name          医保目录名称 | name in the insurance list
    hosp_lv              机构等级 | grade of the institution
    inscp_amt            符合政策范围金额 | amount within the fund's scope
    insu_admdvs          参保地 | division of insurance
    insutype             险种 | insurance scheme
    ipt_days             申报住院天数 | stated number of days in hospital
    list_type            目录类别 | kind of list item
    lmt_used_flag        限制使用标志 | mark of confirmed limited use
    matn_type            生育类别 | kind of maternity case
    mdtrt_id             就诊编号 | number of the encounter
    med_chrgitm_type     医疗收费项目类别 | fee class
    med_list_codg        医保项目编码 | item code
    med_type             医疗类别 | kind of treatment
    medfee_sumamt        医疗费总额 | total billed
    medins_list_codg     院内项目编码 | institution's own item code
    medins_list_name     院内项目名称 | institution's own item name
    overlmt_selfpay      超限价自费金额 | part above the price ceiling that the patient paid
    prd_days             用药天数 | number of days of supply
    preselfpay_amt       先行自付金额 | amount paid first by the patient
    pric_e6              单价 | unit price
    pric_uplmt_amt_e6    价格上限 | price ceiling
    psn_no               参保人编号 | number of the insured person
    psn_pay              个人支付金额 | amount paid by the patient
    psn_type             人员类别 | kind of insured person
    rx_circ_flag         处方流转标志 | mark of a circulating prescription
    rx_drord_no          处方医嘱号 | number of the prescription or order
    selfpay_prop         自付比例 | self-paid proportion
    setl_id              结算编号 | number of the claim
    setl_time            结算时间 | time of settlement
    sin_dos_dscr         单次剂量 | single dose
    spec                 规格 | specification
    tcmdrug_used_way     饮片使用方式 | way a herbal piece is used
    used_frqu_dscr       使用频次 | frequency of use
"""
