"""What the columns are called that the engine makes: facts of items, measures, parameters. Chinese | English, as in `stored`."""

from __future__ import annotations

FACTS = """
    item_child_drug           药品的儿童专用年龄段 | age group the drug is made for
    item_child_pay            药品限儿童支付 | limit of payment to children
    item_child_service        项目的儿童专用年龄段 | age group the service is meant for
    item_code                 项目国家编码 | item's national code
    item_course_days          药品支付疗程天数 | number of paid days of the drug
    item_course_key           疗程所属药品 | drug of the course
    item_course_kind          药品疗程计算方式 | measure of the drug's course
    item_day_max              项目每日限定频次 | item's limit per day
    item_day_unit             项目限频单位 | unit of the item's daily limit
    item_drug_gend            药品限定性别 | sex the drug is meant for
    item_dx_limited           药品限适应症 | limit of payment to named diseases
    item_dx_set               药品适应症范围 | set of diseases the drug is paid for
    item_first_line_set       应先使用的一线药品 | set of first-line drugs
    item_herb_never           饮片不予支付 | bar on payment for the herbal piece
    item_herb_not_alone       饮片单方不予支付 | bar on payment for the herbal piece alone
    item_injury_only          药品限工伤保险 | limit of payment to work-injury insurance
    item_internet_barred      药品互联网诊疗不予支付 | bar on payment in internet visits
    item_is_main              包含其他项目的项目 | place as an including service
    item_is_part              可被其他项目包含的项目 | place as an included service
    item_kind                 项目类别 | kind of item
    item_level_alt            放宽级别的机构类型 | kind of institution with a lower limit
    item_level_every_rx       级别限制适用于每次处方 | limit on every prescription
    item_level_min            药品限定机构级别 | lowest institution tier for the drug
    item_maternity_only       药品限生育保险 | limit of payment to maternity insurance
    item_op_group             手术折价分组 | discount group of the operation
    item_op_group_2           手术第二折价分组 | second discount group of the operation
    item_op_group_3           手术第三折价分组 | third discount group of the operation
    item_op_group_4           手术第四折价分组 | fourth discount group of the operation
    item_pay_age_hi           药品支付年龄上限 | upper age for payment
    item_pay_age_lo           药品支付年龄下限 | lower age for payment
    item_period_days          项目限频周期天数 | number of days of the item's period
    item_period_max           项目周期限定频次 | item's limit per period
    item_second_line          药品限二线使用 | limit to second-line use
    item_service_course_days  项目支付疗程天数 | number of paid days of the service
    item_service_course_kind  项目疗程计算方式 | measure of the service's course
    item_service_gend         项目限定性别 | sex the service is meant for
    item_visit_mode           药品限定就医方式 | kind of visit the drug is paid for
    item_work_age             项目限劳动年龄 | limit of payment to working age
"""

MEASURES = """
    after_death           死亡后发生 | service after death
    age_days              日龄 | age in days
    age_hi                年龄上界 | highest possible age
    age_lo                年龄下界 | lowest possible age
    amount_gap_fen        明细金额与数量乘单价之差 | gap between the amount and quantity times price
    bed_days              床位费天数 | number of bed days billed
    bed_fen               床位费 | amount of bed fees
    bed_share             床位费占比 | share of bed fees
    begn_date             费用开始日期 | first day of the claim
    chronic_visit         慢特病就诊 | visit for a chronic disease
    claim_hifp_pay        本次结算统筹基金支付金额 | amount the pooled fund paid for the claim
    claim_inscp_amt       本次结算符合政策范围金额 | claim's amount within the fund's scope
    claim_medfee_sumamt   本次结算医疗费总额 | claim's total
    cnt                   数量 | quantity
    consumable_fen        耗材费 | amount of consumables
    consumable_share      耗材费占比 | share of consumables
    copies                相同明细条数 | number of identical lines
    copy_no               该明细在相同明细中的序号 | line's place among identical lines
    cost_ratio            费用与同级同类均值之比 | ratio of the total to that of like claims
    course_day_no         疗程用药日序号 | number of this day among the days of use
    days_since_first_use  距首次使用天数 | number of days since the first use
    days_since_same_item  距上次同一检查检验天数 | number of days since the same test
    death_date            死亡日期 | date of the patient's death
    discount_missing_fen  应折未折金额 | missing discount
    distinct_items        项目种数 | number of different items
    doctor_claims_day     医师当日接诊数 | doctor's number of claims on the day
    drug_fen              药品费 | amount of drugs
    drug_no_in_rx         该药在处方药品中的序号 | drug's place in the prescription
    drug_share            药占比 | share of drugs
    dx_age_conflict       与年龄不符的诊断 | diagnosis that does not fit the age
    dx_known              诊断已知 | presence of a diagnosis
    dx_on_set             诊断符合适应症 | diagnosis among the paid diseases
    dx_sex_conflict       与性别不符的诊断 | diagnosis that does not fit the sex
    end_date              费用结束日期 | last day of the claim
    exam_fen              检查费 | amount of examinations
    exam_share            检查费占比 | share of examinations
    exempt_stay           计划性再入院 | planned return
    fee_date              服务日期 | day of service
    first_line_seen       用过一线药品 | earlier use of a first-line drug
    fund_pays             基金支付 | payment by the fund
    has_oprns             手术信息已上传 | presence of operation data
    herb_no_in_rx         该饮片在处方饮片中的序号 | herbal piece's place in the prescription
    herbs_in_rx           处方饮片味数 | number of herbal pieces in the prescription
    hosp_tier             机构级别 | tier of the institution
    hours_day             当日计费小时数 | number of hours billed on the day
    in_drug_age           符合药品专用年龄 | fit with the drug's age group
    in_pay_age            符合支付年龄 | fit with the ages of payment
    in_service_age        符合项目专用年龄 | fit with the service's age group
    in_stay_setl_id       同期住院的结算编号 | claim of the stay at that time
    in_work_age           处于劳动年龄 | working age
    included_in           包含本项目的明细 | line that includes this one
    included_in_code      包含本项目的项目编码 | code of the item that includes this one
    injury_insured        按工伤保险结算 | settlement under work-injury insurance
    inst_claims           机构结算数 | institution's number of claims
    inst_mean_fen         机构同类次均费用 | institution's mean total
    internet_hospital     互联网医院 | internet hospital
    inv_known             库存账已知 | presence of stock records
    inv_over_fen          超出库存部分的金额 | amount that stock cannot cover
    is_child              儿童 | child
    is_first_line         一线药品 | place as a first-line drug
    is_infant             婴幼儿 | infant
    is_inpatient          住院 | stay in hospital
    is_internet           互联网诊疗 | internet visit
    is_newborn            新生儿 | newborn
    lab_fen               检验费 | amount of laboratory tests
    lab_share             检验费占比 | share of laboratory tests
    level_alt_here        属于放宽级别的机构 | institution with a lower limit
    level_ok              机构级别符合限定 | fit with the drug's institution tier
    line_count            明细条数 | number of lines
    lines_sum_fen         明细合计金额 | sum of the lines
    maternity_insured     按生育保险结算 | settlement under maternity insurance
    max_copies            最多相同明细条数 | most identical lines
    missing_fields        结算清单缺项 | list of missing fields
    mode_ok               就医方式符合限定 | fit with the drug's kind of visit
    night_lines           夜间明细条数 | number of lines at night
    nursing_fen           护理费 | amount of nursing
    nursing_share         护理费占比 | share of nursing
    op_rank               该手术在同组手术中的序号 | operation's place in its group
    op_sex_conflict       与性别不符的手术操作 | operation that does not fit the sex
    over_24h_fen          超出24小时部分的金额 | amount above 24 hours
    over_bed_fen          多计床位费 | amount of surplus bed days
    over_day_fen          超出每日限定频次部分的金额 | amount above the daily limit
    over_period_fen       超出周期限定频次部分的金额 | amount above the limit of the period
    over_supply_fen       超出限定用药天数部分的金额 | amount above the permitted days of supply
    overlap_days          重叠天数 | number of overlapping days
    overlap_setl_id       重叠住院的结算编号 | claim of the overlapping stay
    pair_unsure           包含关系的时间不明 | doubt about the hours of the pair
    parts_gap_fen         各部分合计与总额之差 | gap between the total and its parts
    period_qty            周期内累计数量 | quantity in the period
    prev_stay_gap_days    距上次出院天数 | number of days since the last discharge
    prev_stay_same_dx     与上次住院诊断相同 | same diagnosis as in the last stay
    prev_stay_setl_id     上次住院的结算编号 | claim of the last stay
    price_over_fen        超限价金额 | amount above the price ceiling
    purchases_in_month    当月购药次数 | number of purchases in the month
    qty_day               当日数量 | quantity on the day
    rx_all_not_alone      全方均为单方不予支付的饮片 | prescription of pieces not paid alone
    same_item_days_30     30天内同一检查检验天数 | number of days with the same test in 30 days
    service_day_no        项目使用日序号 | number of this day among the days of the service
    service_day_outside   费用发生在住院之外 | service outside the stay
    service_span_days     距首次使用项目天数 | number of days since the service was first used
    sex_exempt            性别限制例外诊断 | diagnosis that exempts from limits by sex
    shared_days           同日他处就诊机构数 | number of other institutions on the same day
    split_dx              计划性住院的诊断 | diagnosis of a planned return
    split_exempt          分解住院例外情形 | exemption from the rule on split stays
    stay_days             住院天数 | number of days of the stay
    stays_in_year         近一年住院次数 | number of stays within a year
    supply_days_limit     限定用药天数 | permitted number of days of supply
    surgery_fen           手术费 | amount of surgery
    surgery_share         手术费占比 | share of surgery
    therapy_fen           治疗费 | amount of therapy
    therapy_share         治疗费占比 | share of therapy
    tier_mean_fen         同级机构同类次均费用 | mean total at institutions of the tier
    time_known            费用发生时刻已知 | presence of a time of day
    trace_known           追溯码已上传 | presence of trace codes
    trace_reused_by       先前使用同一追溯码的明细 | other line with the same trace code
    unit_known            计量单位已知 | known unit
    visit_mode            就医方式 | kind of visit
    visits_in_month       当月门急诊就诊次数 | number of visits in the month
"""

PARAMETERS = """
    p_bed_day_grace             允许多计的床位天数 | permitted number of surplus bed days
    p_child_years               儿童年龄上限 | age up to which a patient is a child
    p_drugs_per_rx              每张处方药品种数上限 | permitted number of drugs on a prescription
    p_exam_share_low_admission  低标准入院检查检验占比界限 | share of tests that suggests a needless stay
    p_first_line_known_days     一线用药史所需天数 | number of days of history needed
    p_herbs_per_rx              每张处方饮片味数上限 | permitted number of herbal pieces on a prescription
    p_infant_years              婴幼儿年龄上限 | age up to which a patient is an infant
    p_newborn_days              新生儿日龄上限 | number of days a patient is a newborn
    p_outpatient_per_month      每月门诊次数上限 | expected number of visits in a month
    p_purchase_per_month        每月购药次数上限 | expected number of purchases in a month
    p_second_op_ratio           第二台手术收费比例 | share of the price paid for a second operation
    p_short_stay_days           短期住院天数 | number of days of a short stay
    p_split_gap_days            分解住院间隔天数 | number of days within which a return suggests a split stay
    p_stays_per_year            每年住院次数上限 | expected number of stays in a year
    p_supply_days_chronic       慢特病用药天数上限 | permitted number of days of supply for chronic diseases
    p_supply_days_discharge     出院带药天数上限 | permitted number of days of discharge medicine
    p_supply_days_emergency     急诊用药天数上限 | permitted number of days of supply in emergencies
    p_supply_days_outpatient    门诊用药天数上限 | permitted number of days of supply for outpatients
    p_work_age_from             劳动年龄下限 | lower limit of working age
    p_work_age_to_female        女性劳动年龄上限 | upper limit of working age for women
    p_work_age_to_male          男性劳动年龄上限 | upper limit of working age for men
"""
