"""What is said of a column that is true or false, and of one that is there or missing: Chinese | English, + for yes and - for no."""

from __future__ import annotations

TRUTH = """
    after_death
        + 费用发生在参保人死亡之后 | the service came after the patient's death
        - 费用发生在参保人死亡之前 | the service came before the patient's death
    chronic_visit
        + 为慢特病就诊 | it is a visit for a chronic disease
        - 非慢特病就诊 | it is no visit for a chronic disease
    dx_known
        + 已上传诊断 | a diagnosis was sent
        - 未上传诊断 | no diagnosis was sent
    dx_on_set
        + 诊断符合药品适应症 | a diagnosis is among those the drug is paid for
        - 诊断不符合药品适应症 | no diagnosis is among those the drug is paid for
    exempt_stay
        + 属于放化疗、透析、孕产等计划性住院 | the stay is planned (chemo- or radiotherapy, dialysis, childbirth)
        - 不属于放化疗、透析、孕产等计划性住院 | the stay is not planned (chemo- or radiotherapy, dialysis, childbirth)
    first_line_seen
        + 曾用过相应的一线药品 | a first-line drug was used before
        - 未曾用过相应的一线药品 | no first-line drug was used before
    fund_pays
        + 费用由基金支付 | the line was charged to the fund
        - 费用全部自费 | the patient pays for all of the line
    has_oprns
        + 已上传手术操作信息 | operations were sent
        - 未上传手术操作信息 | no operations were sent
    in_drug_age
        + 参保人属于该年龄段 | the patient is of that age group
        - 参保人不属于该年龄段 | the patient is not of that age group
    in_pay_age
        + 参保人年龄在支付范围内 | the patient is of the paid age
        - 参保人年龄不在支付范围内 | the patient is not of the paid age
    in_service_age
        + 参保人属于该年龄段 | the patient is of that age group
        - 参保人不属于该年龄段 | the patient is not of that age group
    in_work_age
        + 参保人处于法定劳动年龄 | the patient is of working age
        - 参保人不处于法定劳动年龄 | the patient is not of working age
    injury_insured
        + 按工伤保险结算 | the claim is settled under work-injury insurance
        - 未按工伤保险结算 | the claim is not settled under work-injury insurance
    internet_hospital
        + 机构为互联网医院 | the institution is an internet hospital
        - 机构不是互联网医院 | the institution is no internet hospital
    inv_known
        + 机构上传了该项目的进销存记录 | the institution sent stock records of the item
        - 机构未上传该项目的进销存记录 | the institution sent no stock records of the item
    is_child
        + 参保人为儿童 | the patient is a child
        - 参保人不是儿童 | the patient is no child
    is_first_line
        + 该药为某二线用药对应的一线药品 | the drug is first-line to some other
        - 该药不是一线药品 | the drug is first-line to no other
    is_infant
        + 参保人为婴幼儿 | the patient is an infant
        - 参保人不是婴幼儿 | the patient is no infant
    is_inpatient
        + 为住院费用 | it is inpatient care
        - 非住院费用 | it is not inpatient care
    is_internet
        + 为互联网诊疗 | it is an internet visit
        - 非互联网诊疗 | it is no internet visit
    is_newborn
        + 参保人为新生儿 | the patient is a newborn
        - 参保人不是新生儿 | the patient is no newborn
    level_alt_here
        + 机构属于可放宽级别的类型 | the institution is of a kind with a lower limit
        - 机构不属于可放宽级别的类型 | the institution is of no kind with a lower limit
    level_ok
        + 机构级别符合限定 | the institution's tier meets the limit
        - 机构级别不符合限定 | the institution's tier does not meet the limit
    maternity_insured
        + 按生育保险结算 | the claim is settled under maternity insurance
        - 未按生育保险结算 | the claim is not settled under maternity insurance
    mode_ok
        + 就医方式符合限定 | the kind of visit meets the limit
        - 就医方式不符合限定 | the kind of visit does not meet the limit
    pair_unsure
        + 因时刻不详而不能确定两项是否同时段收费 | missing hours leave open whether both were billed at that time
        - 时刻足以确定两项是否同时段收费 | the hours say whether both were billed at that time
    prev_stay_same_dx
        + 主诊断与上次住院属同一类 | both main diagnoses are of one category
        - 主诊断与上次住院不属同一类 | the main diagnoses are of different categories
    rx_all_not_alone
        + 处方内饮片均为单方不予支付者 | every herbal piece of the prescription is of that kind
        - 处方内有其他饮片 | the prescription holds other herbal pieces
    service_day_outside
        + 费用发生日在入院前或出院后 | the day of service lies outside the stay
        - 费用发生日在住院期间 | the day of service lies within the stay
    sex_exempt
        + 有性别不明或性发育异常的诊断 | a diagnosis tells of unclear sex or a disorder of sex development
        - 没有性别不明或性发育异常的诊断 | no diagnosis tells of unclear sex or a disorder of sex development
    split_dx
        + 有放化疗、透析、孕产等计划性住院的诊断 | a diagnosis brings the patient back by plan
        - 没有计划性住院的诊断 | no diagnosis brings the patient back by plan
    split_exempt
        + 上次以转院结束或有一次为计划性住院 | the last stay ended by transfer, or either stay is planned
        - 上次并非转院结束且两次均非计划性住院 | the last stay ended without transfer and neither stay is planned
    time_known
        + 费用发生时刻已知 | the time of day is known
        - 费用发生时刻不详 | the time of day is not known
    trace_known
        + 机构上传了药品追溯码 | the institution sends trace codes
        - 机构未上传药品追溯码 | the institution sends no trace codes
    unit_known
        + 计量单位与限定频次的单位一致 | the line counts in the unit of the limit
        - 计量单位与限定频次的单位不一致或不详 | the line does not count in the unit of the limit
"""

# Facts of items and finds: their being there is the news. Of other columns only 'known' or 'not known' is said.
PRESENCE = """
    death_date
        + 参保人已死亡 | the patient is known to have died
        - 未见参保人死亡记录 | no death of the patient is known
    hours_day
        + 项目按小时计费 | the item is billed by the hour
        - 项目不按小时计费 | the item is not billed by the hour
    supply_days_limit
        + 药品有限定用药天数 | the drug's days of supply are limited
        - 药品无限定用药天数 | the drug's days of supply are not limited
    dx_age_conflict
        + 有诊断与参保人年龄不符 | a diagnosis does not fit the patient's age
        - 没有诊断与参保人年龄不符 | every diagnosis fits the patient's age
    dx_sex_conflict
        + 有诊断与参保人性别不符 | a diagnosis does not fit the patient's sex
        - 没有诊断与参保人性别不符 | every diagnosis fits the patient's sex
    in_stay_setl_id
        + 服务日在参保人另一次住院期间之内 | the day of service lies within a stay of the patient
        - 服务日不在参保人另一次住院期间之内 | the day of service lies within no stay of the patient
    included_in
        + 已包含在同时段收费的另一项目内 | another service billed at that time includes this one
        - 未包含在同时段收费的另一项目内 | no service billed at that time includes this one
    item_child_drug
        + 药品为特定年龄段儿童专用 | the drug is made for a certain age group of children
        - 药品非儿童专用 | the drug is made for no age group
    item_child_pay
        + 药品限儿童使用方予支付 | the drug is paid for children only
        - 药品未限儿童使用 | the drug is not limited to children
    item_child_service
        + 项目为特定年龄段儿童专用 | the service is meant for a certain age group of children
        - 项目非儿童专用 | the service is meant for no age group
    item_course_days
        + 药品限定支付疗程 | the drug is paid for a limited course
        - 药品未限定支付疗程 | the drug has no limited course
    item_day_max
        + 项目限定每日频次 | the item has a daily limit
        - 项目未限定每日频次 | the item has no daily limit
    item_drug_gend
        + 药品限定使用者性别 | the drug is meant for one sex
        - 药品未限定使用者性别 | the drug is meant for both sexes
    item_dx_limited
        + 药品限特定适应症支付 | the drug is paid for named diseases only
        - 药品未限适应症 | the drug is not limited to named diseases
    item_herb_never
        + 中药饮片单方、复方均不予支付 | the fund is never to pay for the herbal piece
        - 中药饮片可予支付 | the fund may pay for the herbal piece
    item_herb_not_alone
        + 中药饮片单方使用不予支付 | the fund is not to pay for the herbal piece when it is used alone
        - 中药饮片单方使用可予支付 | the fund may pay for the herbal piece when it is used alone
    item_injury_only
        + 药品仅限工伤保险支付 | only work-injury insurance pays for the drug
        - 药品未限工伤保险 | the drug is not limited to work-injury insurance
    item_internet_barred
        + 药品在互联网诊疗中不予支付 | the drug is not paid in internet visits
        - 药品在互联网诊疗中可予支付 | the drug may be paid in internet visits
    item_is_main
        + 项目内涵包含其他收费项目 | the service includes others
        - 项目内涵不包含其他收费项目 | the service includes no other
    item_is_part
        + 项目可包含在其他收费项目内 | some other service includes this one
        - 项目不包含在其他收费项目内 | no other service includes this one
    item_level_every_rx
        + 级别限定适用于每次开药 | the limit binds every prescription
        - 级别限定只适用于首次开药 | the limit binds the first prescription only
    item_level_min
        + 药品限定医疗机构级别 | the drug is paid only in institutions of a certain tier
        - 药品未限定医疗机构级别 | the drug is paid in every tier of institution
    item_maternity_only
        + 药品仅限生育保险支付 | only maternity insurance pays for the drug
        - 药品未限生育保险 | the drug is not limited to maternity insurance
    item_op_group
        + 手术属于第二台起折价的分组 | the operation is of a group in which the second costs less
        - 手术不属于折价分组 | the operation is of no group with a discount
    item_period_max
        + 项目限定周期内频次 | the item has a limit per period
        - 项目未限定周期内频次 | the item has no limit per period
    item_second_line
        + 药品限二线使用 | the drug is paid as second-line treatment only
        - 药品未限二线使用 | the drug is not limited to second-line treatment
    item_service_course_days
        + 项目限定支付疗程 | the service is paid for a limited course
        - 项目未限定支付疗程 | the service has no limited course
    item_service_gend
        + 项目限定使用者性别 | the service is meant for one sex
        - 项目未限定使用者性别 | the service is meant for both sexes
    item_visit_mode
        + 药品限定就医方式 | the drug is paid for certain kinds of visit only
        - 药品未限定就医方式 | the drug is paid for every kind of visit
    item_work_age
        + 项目限法定劳动年龄支付 | the service is paid for people of working age only
        - 项目未限劳动年龄 | the service is not limited to working age
    missing_fields
        + 医保结算清单有缺项 | the settlement list lacks fields
        - 医保结算清单无缺项 | the settlement list lacks no field
    op_sex_conflict
        + 有手术操作与参保人性别不符 | an operation does not fit the patient's sex
        - 没有手术操作与参保人性别不符 | every operation fits the patient's sex
    overlap_setl_id
        + 与参保人另一次住院的时间重叠 | it overlaps another stay of the patient
        - 与参保人其他住院的时间不重叠 | it overlaps no other stay of the patient
    prev_stay_setl_id
        + 参保人此前曾在同一机构住院 | the patient had an earlier stay at the institution
        - 参保人此前未在同一机构住院 | the patient had no earlier stay at the institution
    trace_reused_by
        + 药品追溯码已在先前的另一条明细中使用 | another line was billed with the same trace code before
        - 药品追溯码未在其他明细中使用 | no other line was billed with the same trace code
"""
