"""What the columns are called that the engine makes: measures and parameters. Chinese | English, as in `stored`."""

from __future__ import annotations

MEASURES = """
    above_drug_age            已达应避免用药的年龄 | age at which the drug is to be avoided
    after_death               死亡后发生 | service after death
    age_days                  日龄 | age in days
    age_hi                    年龄上界 | highest possible age
    age_lo                    年龄下界 | lowest possible age
    amount_gap_fen            明细金额与数量乘单价之差 | gap between the line's amount and its quantity times price
    antibiotic_barred         不得开具的抗菌药物 | bar on ordering the antibiotic
    barred_dx_on_set          诊断属于药品禁忌症 | diagnosis among the contraindications of the drug
    bed_days                  床位费天数 | number of bed days billed
    bed_fen                   床位费 | amount of bed fees
    bed_share                 床位费占比 | share of bed fees
    begn_date                 费用开始日期 | first day of the claim
    below_drug_age            未达可用药年龄 | age below that of the drug
    billed_within             当日计收的包含该耗材的项目明细 | line of a service whose price contains the consumable
    bundle_fen                应合并收取的金额 | amount due for the whole
    bundle_parts              当日分项收费的项数 | number of parts billed on the day
    capped_fund_fen           计入限额的基金支付金额 | amount of the fund that counts towards the cap
    chronic_visit             慢特病就诊 | visit for a chronic disease
    claim_hifp_pay            本次结算统筹基金支付金额 | amount the pooled fund paid for the claim
    claim_inscp_amt           本次结算符合政策范围金额 | claim's amount within the fund's scope
    claim_medfee_sumamt       本次结算医疗费总额 | claim's total
    cnt                       数量 | quantity
    companion                 药品配套项目的明细 | line of a service the drug is used in
    consumable_companion      耗材配套项目的明细 | line of a service the consumable is used in
    consumable_dept_ok        开单科室使用该耗材 | fit with the departments that use the consumable
    consumable_dx_on_set      诊断符合耗材限定疾病 | diagnosis among those the consumable is for
    consumable_fen            耗材费 | amount of consumables
    consumable_share          耗材费占比 | share of consumables
    copies                    相同明细条数 | number of identical lines
    copy_no                   该明细在相同明细中的序号 | line's place among identical lines
    cost_ratio                费用与同级同类均值之比 | ratio of the total to that of like claims
    course_day_no             疗程用药日序号 | number of this day among the days of use
    ct_fen                    CT检查费 | amount of CT examinations
    day_dose                  每日用量 | daily dose
    days_after_clean_op       距清洁手术的天数 | number of days since the clean operation
    days_since_first_use      距首次使用天数 | number of days since the first use
    days_since_same_item      距上次同一检查检验天数 | number of days since the same test
    death_date                死亡日期 | date of the patient's death
    dept_named                开单科室名称符合限定 | fit of the ordering department's name
    dept_ok                   开单科室符合限定 | fit with the service's departments
    discount_missing_fen      应折未折金额 | missing discount
    dise_listed               登记病种在药品适用病种之内 | registered disease among those the drug is for
    dise_ok                   药品适用于登记病种 | fit with the registered disease
    distinct_items            项目种数 | number of different items
    doctor_claims_day         医师当日接诊数 | doctor's number of claims on the day
    dr_may_order              医师有抗菌药物处方权 | doctor's right to order the antibiotic
    drug_fen                  药品费 | amount of drugs
    drug_no_in_rx             该药在处方药品中的序号 | drug's place in the prescription
    drug_share                药占比 | share of drugs
    dx_age_conflict           与年龄不符的诊断 | diagnosis that does not fit the age
    dx_known                  诊断已知 | presence of a diagnosis
    dx_on_set                 诊断符合适应症 | diagnosis among the paid diseases
    dx_sex_conflict           与性别不符的诊断 | diagnosis that does not fit the sex
    dx_unbilled               无相应收费的主要诊断 | main diagnosis without the service it calls for
    end_date                  费用结束日期 | last day of the claim
    exam_dx_on_set            诊断支持检查检验 | diagnosis that gives reason for the examination
    exam_fen                  检查费 | amount of examinations
    exam_share                检查费占比 | share of examinations
    exempt_stay               计划性再入院 | planned return
    far_area                  同日另一次就诊的地区 | division of the other visit on the day
    far_setl_id               同日外省就诊的结算编号 | claim of the visit in another province
    fee_date                  服务日期 | day of service
    first_line_seen           用过一线药品 | earlier use of a first-line drug
    fund_fen                  明细的统筹基金支付估算额 | estimate of what the pooled fund paid for the line
    fund_pays                 基金支付 | payment by the fund
    has_oprns                 手术信息已上传 | presence of operation data
    herb_day_qty              饮片折合每日用量 | daily quantity of the herbal piece
    herb_no_in_rx             该饮片在处方饮片中的序号 | herbal piece's place in the prescription
    herbs_in_rx               处方饮片味数 | number of herbal pieces in the prescription
    hosp_tier                 机构级别 | tier of the institution
    hospital_infection        医院感染 | infection acquired in hospital
    hours_day                 当日计费小时数 | number of hours billed on the day
    idle_days                 无诊疗服务的整日数 | number of whole days without care
    in_consumable_age         符合耗材限定年龄 | fit with the consumable's age group
    in_drug_age               符合药品专用年龄 | fit with the drug's age group
    in_pay_age                符合支付年龄 | fit with the ages of payment
    in_service_age            符合项目专用年龄 | fit with the service's age group
    in_service_pay_age        符合项目限定年龄 | fit with the ages the service is paid for
    in_stay_setl_id           同期住院的结算编号 | claim of the stay at that time
    in_work_age               处于劳动年龄 | working age
    included_in               包含本项目的明细 | line that includes this one
    included_in_code          包含本项目的项目编码 | code of the item that includes this one
    incompatible_with         同方不宜同用的饮片明细 | line of a herbal piece that must not meet this one
    infection_on_set          有感染诊断 | diagnosis of an infection
    injury_insured            按工伤保险结算 | settlement under work-injury insurance
    inst_claims               机构结算数 | institution's number of claims
    inst_mean_fen             机构同类次均费用 | institution's mean total
    interacts_with            当日不得合用的药品明细 | line of a drug that must not be given with this one
    internet_hospital         互联网医院 | internet hospital
    inv_known                 库存账已知 | presence of stock records
    inv_over_fen              超出库存部分的金额 | amount that stock cannot cover
    is_child                  儿童 | child
    is_first_line             一线药品 | place as a first-line drug
    is_infant                 婴幼儿 | infant
    is_inpatient              住院 | stay in hospital
    is_internet               互联网诊疗 | internet visit
    is_newborn                新生儿 | newborn
    newborn_care              新生儿期内的就诊 | newborn care
    lab_fen                   检验费 | amount of laboratory tests
    lab_share                 检验费占比 | share of laboratory tests
    label_dx_on_set           诊断符合说明书适应症 | diagnosis among those on the label
    least_likeness            院内名称与目录名称的最低相似度 | lowest likeness of the institution's and the list's names
    level_alt_here            属于放宽级别的机构 | institution with a lower limit
    level_ok                  机构级别符合限定 | fit with the drug's institution tier
    line_count                明细条数 | number of lines
    lines_sum_fen             明细合计金额 | sum of the lines
    main_dx                   主要诊断 | main diagnosis
    main_op                   主要手术操作 | main operation
    main_op_odd               主要手术标识异常 | fault in the mark of the main operation
    markup_fen                超出允许加价的金额 | amount above the permitted mark-up
    markup_line               超出允许加价的明细 | line above the permitted mark-up
    maternity_insured         按生育保险结算 | settlement under maternity insurance
    max_copies                最多相同明细条数 | most identical lines
    missing_fields            结算清单缺项 | list of missing fields
    mode_ok                   就医方式符合限定 | fit with the drug's kind of visit
    mr_fen                    磁共振检查费 | amount of magnetic resonance examinations
    night_lines               夜间明细条数 | number of lines at night
    nursing_fen               护理费 | amount of nursing
    nursing_share             护理费占比 | share of nursing
    only_clean_ops            均为清洁手术 | stay with clean operations only
    op_count                  清单手术操作项数 | number of operations on the list
    op_dx_fit                 主要手术与主要诊断相符 | fit of the main operation with the main diagnosis
    op_rank                   该手术在同组手术中的序号 | operation's place in its group
    op_sex_conflict           与性别不符的手术操作 | operation that does not fit the sex
    op_unbilled               未见收费的清单手术 | listed operation that was not billed
    op_unlisted               未列入清单的收费手术 | billed operation that is not listed
    orderless_fen             无医嘱且无医师的明细金额 | amount of lines without an order or a doctor
    orderless_lines           无医嘱且无医师的明细条数 | number of lines without an order or a doctor
    over_24h_fen              超出24小时部分的金额 | amount above 24 hours
    over_bed_fen              多计床位费 | amount of surplus bed days
    over_bundle_fen           超出合并收取价格的金额 | amount above the price of the whole
    over_cap_fen              超出支付限额的金额 | amount above the cap
    over_day_fen              超出每日限定频次部分的金额 | amount above the daily limit
    over_dose_fen             超出最大日剂量的金额 | amount above the label's maximum dose
    over_herb_fen             超出每日用量上限允许倍数的金额 | amount above the permitted multiple of the daily maximum
    over_period_fen           超出周期限定频次部分的金额 | amount above the limit of the period
    over_qty_fen              超出耗材限量的金额 | amount above the consumable's limit
    over_supply_fen           超出限定用药天数部分的金额 | amount above the permitted days of supply
    overlap_days              重叠天数 | number of overlapping days
    overlap_setl_id           重叠住院的结算编号 | claim of the overlapping stay
    pair_unsure               包含关系的时间不明 | doubt about the hours of the pair
    parts_gap_fen             各部分合计与总额之差 | gap between the total and its parts
    period_qty                周期内累计数量 | quantity in the period
    pregnancy_conflict        妊娠或哺乳与用药冲突 | conflict of the drug with pregnancy or breast-feeding
    prev_stay_gap_days        距上次出院天数 | number of days since the last discharge
    prev_stay_same_dx         与上次住院诊断相同 | same diagnosis as in the last stay
    prev_stay_setl_id         上次住院的结算编号 | claim of the last stay
    price_over_fen            超限价金额 | amount above the price ceiling
    prophylaxis_days          允许的预防用药天数 | permitted number of days of prophylaxis
    purchases_in_month        当月购药次数 | number of purchases in the month
    qty_day                   当日数量 | quantity on the day
    qty_used                  耗材使用数量 | quantity used of the consumable
    rx_all_not_alone          全方均为单方不予支付的饮片 | prescription of pieces not paid alone
    same_class_as             当日的同类药品明细 | line of a drug of the same class on the day
    same_day_no               当日在本机构门诊或购药次数 | number of visits to the institution on the day
    same_item_days_30         30天内同一检查检验天数 | number of days with the same test in 30 days
    service_barred_dx_on_set  诊断属于项目禁忌症 | diagnosis among the contraindications of the service
    service_day_no            项目使用日序号 | number of this day among the days of the service
    service_day_outside       费用发生在住院之外 | service outside the stay
    service_dx_on_set         诊断符合项目适应症 | diagnosis among those the service is paid for
    service_label_dx_on_set   诊断符合项目规定适应症 | diagnosis among those the service is made for
    service_level_ok          机构级别符合项目限定 | fit with the service's institution tier
    service_mode_ok           就医方式符合项目限定 | fit with the service's kind of visit
    sex_exempt                性别限制例外诊断 | diagnosis that exempts from limits by sex
    shared_days               同日他处就诊机构数 | number of other institutions on the same day
    split_exempt              分解住院例外情形 | exemption from the rule on split stays
    stay_days                 住院天数 | number of days of the stay
    stays_in_year             近一年住院次数 | number of stays within a year
    supply_days_limit         限定用药天数 | permitted number of days of supply
    surgery_fen               手术费 | amount of surgery
    surgery_share             手术费占比 | share of surgery
    therapy_dx_on_set         诊断支持治疗 | diagnosis that gives reason for the treatment
    therapy_fen               治疗费 | amount of therapy
    therapy_share             治疗费占比 | share of therapy
    tier_mean_fen             同级机构同类次均费用 | mean total at institutions of the tier
    time_known                费用发生时刻已知 | presence of a time of day
    together_persons          多次同日在本机构就医购药的人数 | number of persons who came on the same days
    trace_known               追溯码已上传 | presence of trace codes
    trace_reused_by           先前使用同一追溯码的明细 | other line with the same trace code
    unit_known                计量单位已知 | known unit
    unlike_line               名称不符的明细 | line whose names differ
    upload_hours              费用发生至上传的最长小时数 | longest number of hours from service to upload
    visit_mode                就医方式 | kind of visit
    visits_in_month           当月门急诊就诊次数 | number of visits in the month
"""

PARAMETERS = """
    p_bed_day_grace             允许多计的床位天数 | permitted number of surplus bed days
    p_child_years               儿童年龄上限 | age up to which a patient is a child
    p_consumable_share          耗材占比参考值 | reference share of consumables
    p_ct_share                  CT检查费占比参考值 | reference share of CT examinations
    p_drug_share                药占比参考值 | reference share of drugs
    p_drugs_per_rx              每张处方药品种数上限 | permitted number of drugs on a prescription
    p_exam_lab_share            检查检验费占比参考值 | reference share of examinations and tests
    p_exam_share_low_admission  低标准入院检查检验占比界限 | share of tests that suggests a needless stay
    p_first_line_known_days     一线用药史所需天数 | number of days of history needed
    p_gather_days               聚集刷卡认定天数 | number of shared days that ties persons together
    p_gather_persons            聚集刷卡认定人数 | number of persons that suggests collected cards
    p_ghost_days                挂床住院认定天数 | number of idle days that suggests a ghost bed
    p_herb_upload_times         饮片用量上限的允许倍数 | permitted multiple of the herbal piece's daily maximum
    p_herbs_per_rx              每张处方饮片味数上限 | permitted number of herbal pieces on a prescription
    p_infant_years              婴幼儿年龄上限 | age up to which a patient is an infant
    p_infection_rate            医院感染率参考值 | reference rate of infections acquired in hospital
    p_markup_consumable         耗材允许加价倍数 | permitted multiple of the purchase price of consumables
    p_markup_drug               药品允许加价倍数 | permitted multiple of the purchase price of drugs
    p_mr_share                  磁共振检查费占比参考值 | reference share of magnetic resonance examinations
    p_name_likeness             名称相似度下限 | least likeness expected of two names
    p_newborn_days              新生儿日龄上限 | number of days a patient is a newborn
    p_outpatient_per_month      每月门诊次数上限 | expected number of visits in a month
    p_purchase_per_month        每月购药次数上限 | expected number of purchases in a month
    p_readmission_days          非计划再入院认定天数 | number of days within which a return is a readmission
    p_readmission_rate          非计划再入院率参考值 | reference rate of readmissions
    p_same_day_visits           同日门诊或购药次数上限 | expected number of visits on a day
    p_second_op_ratio           第二台手术收费比例 | share of the price paid for a second operation
    p_short_stay_days           短期住院天数上限 | number of days of a short stay
    p_split_gap_days            分解住院间隔天数 | number of days within which a return suggests a split stay
    p_stays_per_year            每年住院次数上限 | expected number of stays in a year
    p_supply_days_chronic       慢特病用药天数上限 | permitted number of days of supply for chronic diseases
    p_supply_days_discharge     出院带药天数上限 | permitted number of days of discharge medicine
    p_supply_days_emergency     急诊用药天数上限 | permitted number of days of supply in emergencies
    p_supply_days_outpatient    门诊用药天数上限 | permitted number of days of supply for outpatients
    p_therapy_share             治疗费占比参考值 | reference share of therapy
    p_upload_hours              允许的上传小时数 | permitted number of hours until upload
    p_usual_price_lines         认定常用价格的明细条数 | number of lines that makes a price the usual one
    p_work_age_from             劳动年龄下限 | lower limit of working age
    p_work_age_to_female        女性劳动年龄上限 | upper limit of working age for women
    p_work_age_to_male          男性劳动年龄上限 | upper limit of working age for men
"""
