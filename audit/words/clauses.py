"""What is said of a measure that is true or false, and of one that is there or missing: Chinese | English, + for yes and - for no."""

from __future__ import annotations

TRUTH = """
    above_drug_age
        + 参保人已达应避免使用该药品的年龄 | the patient has reached that age
        - 参保人未达应避免使用该药品的年龄 | the patient has not reached that age
    after_death
        + 费用发生在参保人死亡之后 | the service came after the patient's death
        - 费用发生在参保人死亡之前 | the service came before the patient's death
    antibiotic_barred
        + 该级别不得在此类就医中使用或不得由开单医师开具 | that class is barred in such a visit or to the ordering doctor
        - 该级别可在此类就医中使用且可由开单医师开具 | that class is open to such a visit and to the ordering doctor
    barred_dx_on_set
        + 有诊断属于该禁忌症 | a diagnosis is one of its contraindications
        - 没有诊断属于该禁忌症 | no diagnosis is one of its contraindications
    below_drug_age
        + 参保人未达该年龄 | the patient is younger
        - 参保人已达该年龄 | the patient is old enough
    chronic_visit
        + 本次就医为慢特病就诊 | it is a visit for a chronic disease
        - 本次就医不是慢特病就诊 | it is no visit for a chronic disease
    consumable_dept_ok
        + 开单科室是使用该耗材的科室 | the ordering department is one that uses the consumable
        - 开单科室不是使用该耗材的科室 | the ordering department is not one that uses the consumable
    consumable_dx_on_set
        + 诊断符合耗材限定疾病 | a diagnosis is among those the consumable is for
        - 诊断不符合耗材限定疾病 | no diagnosis is among those the consumable is for
    dept_named
        + 开单科室名称符合限定 | the ordering department's name fits the limit
        - 开单科室名称不符合限定 | the ordering department's name does not fit the limit
    dept_ok
        + 开单科室在限定科室之列 | the ordering department is one in which the service is paid
        - 开单科室不在限定科室之列 | the ordering department is not one in which the service is paid
    dise_listed
        + 登记病种在药品适用病种之内 | the drug is for the registered disease
        - 登记病种不在药品适用病种之内 | the drug is not for the registered disease
    dise_ok
        + 登记病种在药品适用病种之内,或非慢特病就诊 | the drug is for the registered disease, or the visit is for none
        - 登记病种不在药品适用病种之内 | the drug is not for the registered disease of the visit
    dr_may_order
        + 开单医师有该级抗菌药物处方权 | the ordering doctor has the right to antibiotics of that class
        - 开单医师无该级抗菌药物处方权 | the ordering doctor has no right to antibiotics of that class
    dx_known
        + 已上传诊断 | a diagnosis was sent
        - 未上传诊断 | no diagnosis was sent
    dx_on_set
        + 诊断符合药品适应症 | a diagnosis is among those the drug is paid for
        - 诊断不符合药品适应症 | no diagnosis is among those the drug is paid for
    exam_dx_on_set
        + 有诊断支持该检查检验 | a diagnosis gives reason for the examination
        - 没有诊断支持该检查检验 | no diagnosis gives reason for the examination
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
    hospital_infection
        + 有医院感染诊断 | a diagnosis names an infection acquired in hospital
        - 无医院感染诊断 | no diagnosis names an infection acquired in hospital
    in_consumable_age
        + 参保人属于该年龄段 | the patient is of that age group
        - 参保人不属于该年龄段 | the patient is not of that age group
    in_drug_age
        + 参保人属于该年龄段 | the patient is of that age group
        - 参保人不属于该年龄段 | the patient is not of that age group
    in_pay_age
        + 参保人年龄在支付范围内 | the patient is of the paid age
        - 参保人年龄不在支付范围内 | the patient is not of the paid age
    in_service_age
        + 参保人属于该年龄段 | the patient is of that age group
        - 参保人不属于该年龄段 | the patient is not of that age group
    in_service_pay_age
        + 参保人属于该年龄段 | the patient is of that age group
        - 参保人不属于该年龄段 | the patient is not of that age group
    in_work_age
        + 参保人处于法定劳动年龄 | the patient is of working age
        - 参保人不处于法定劳动年龄 | the patient is not of working age
    infection_on_set
        + 有感染诊断 | a diagnosis names an infection
        - 无感染诊断 | no diagnosis names an infection
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
        + 本次就医为住院 | it is inpatient care
        - 本次就医不是住院 | it is not inpatient care
    is_internet
        + 本次就医为互联网诊疗 | it is an internet visit
        - 本次就医不是互联网诊疗 | it is no internet visit
    newborn_care
      + 就诊时参保人为新生儿 | the patient was a newborn when the visit began
      - 就诊时参保人不是新生儿 | the patient was not a newborn during the visit
    is_newborn
        + 参保人为新生儿 | the patient is a newborn
        - 参保人不是新生儿 | the patient is no newborn
    label_dx_on_set
        + 诊断符合说明书适应症 | a diagnosis is among those on the label
        - 诊断不符合说明书适应症 | no diagnosis is among those on the label
    level_alt_here
        + 机构属于可放宽级别的类型 | the institution is of a kind with a lower limit
        - 机构不属于可放宽级别的类型 | the institution is of no kind with a lower limit
    level_ok
        + 机构级别符合限定 | the institution's tier meets the limit
        - 机构级别不符合限定 | the institution's tier does not meet the limit
    main_op_odd
        + 主要手术标识缺失或不唯一 | not exactly one operation is marked as the main one
        - 主要手术标识无异常 | the main operation is marked as it should be
    maternity_insured
        + 按生育保险结算 | the claim is settled under maternity insurance
        - 未按生育保险结算 | the claim is not settled under maternity insurance
    mode_ok
        + 就医方式符合限定 | the kind of visit meets the limit
        - 就医方式不符合限定 | the kind of visit does not meet the limit
    only_clean_ops
        + 手术均为清洁手术（Ⅰ类切口） | all operations are clean ones (class I incision)
        - 手术并非均为清洁手术（Ⅰ类切口） | not all operations are clean ones (class I incision)
    op_dx_fit
        + 主要手术操作与主要诊断相符 | the main operation fits the main diagnosis
        - 主要手术操作与主要诊断不符 | the main operation does not fit the main diagnosis
    pair_unsure
        + 因时刻不详而不能确定两项是否同时段收费 | missing hours leave open whether both were billed in the same span of time
        - 时刻足以确定两项是否同时段收费 | the hours say whether both were billed in the same span of time
    pregnancy_conflict
        + 诊断提示参保人正处于该时期 | the diagnoses say that the patient is in that state
        - 诊断未提示参保人处于该时期 | the diagnoses do not say that the patient is in that state
    prev_stay_same_dx
        + 主诊断与上次住院属同一类 | both main diagnoses are of one category
        - 主诊断与上次住院不属同一类 | the main diagnoses are of different categories
    rx_all_not_alone
        + 处方内饮片均为单方不予支付的品种 | every herbal piece of the prescription is of that kind
        - 处方内有其他饮片 | the prescription holds other herbal pieces
    service_barred_dx_on_set
        + 有诊断属于该禁忌症 | a diagnosis is one of its contraindications
        - 没有诊断属于该禁忌症 | no diagnosis is one of its contraindications
    service_day_outside
        + 费用发生日在入院前或出院后 | the day of service lies outside the stay
        - 费用发生日在住院期间 | the day of service lies within the stay
    service_dx_on_set
        + 诊断符合项目适应症 | a diagnosis is among those the service is paid for
        - 诊断不符合项目适应症 | no diagnosis is among those the service is paid for
    service_label_dx_on_set
        + 诊断符合该适应症 | a diagnosis is among those the service is made for
        - 诊断不符合该适应症 | no diagnosis is among those the service is made for
    service_level_ok
        + 机构级别符合限定 | the institution's tier meets the limit
        - 机构级别不符合限定 | the institution's tier does not meet the limit
    service_mode_ok
        + 就医方式符合限定 | the kind of visit meets the limit
        - 就医方式不符合限定 | the kind of visit does not meet the limit
    sex_exempt
        + 有性别不明或性发育异常的诊断 | a diagnosis tells of unclear sex or a disorder of sex development
        - 没有性别不明或性发育异常的诊断 | no diagnosis tells of unclear sex or a disorder of sex development
    split_exempt
        + 上次以转院结束或有一次为计划性住院 | the last stay ended by transfer, or either stay is planned
        - 上次不是转院、两次均非计划性住院 | the last stay ended without transfer and neither stay is planned
    therapy_dx_on_set
        + 有诊断支持该治疗 | a diagnosis gives reason for the treatment
        - 没有诊断支持该治疗 | no diagnosis gives reason for the treatment
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

# Finds: their being there is the news. Of other columns only 'known' or 'not known' is said.
FOUND = """
    age_lo
        + 参保人年龄已知 | the patient's age is known
        - 参保人年龄不详 | the patient's age is not known
    billed_within
        + 当日已计收包含其成本的项目 | such a service was billed on the same day
        - 当日未计收包含其成本的项目 | no such service was billed on the same day
    companion
        + 已计收此类项目 | such a service was billed
        - 未计收此类项目 | no such service was billed
    consumable_companion
        + 已计收此类项目 | such a service was billed
        - 未计收此类项目 | no such service was billed
    death_date
        + 参保人已死亡 | the patient is known to have died
        - 未见参保人死亡记录 | no death of the patient is known
    dx_age_conflict
        + 有诊断与参保人年龄不符 | a diagnosis does not fit the patient's age
        - 没有诊断与参保人年龄不符 | every diagnosis fits the patient's age
    dx_sex_conflict
        + 有诊断与参保人性别不符 | a diagnosis does not fit the patient's sex
        - 没有诊断与参保人性别不符 | every diagnosis fits the patient's sex
    dx_unbilled
        + 没有主要诊断所对应诊疗的收费 | nothing was billed of what the main diagnosis calls for
        - 已有主要诊断所对应诊疗的收费 | what the main diagnosis calls for was billed
    far_setl_id
        + 参保人同日另在外省就诊 | the patient had a visit in another province on the same day
        - 参保人同日未在外省就诊 | the patient had no visit in another province on the same day
    hours_day
        + 项目按小时计费 | the item is billed by the hour
        - 项目不按小时计费 | the item is not billed by the hour
    in_stay_setl_id
        + 服务日在参保人另一次住院期间之内 | the day of service lies within a stay of the patient
        - 服务日不在参保人另一次住院期间之内 | the day of service lies within no stay of the patient
    included_in
        + 已包含在同时段收费的另一项目内 | another service billed in the same span of time includes this one
        - 未包含在同时段收费的另一项目内 | no service billed in the same span of time includes this one
    incompatible_with
        + 同一处方中有不宜与其同用的饮片 | a piece that must not meet it is on the same prescription
        - 同一处方中没有不宜与其同用的饮片 | no piece that must not meet it is on the same prescription
    interacts_with
        + 当日另有不得与其合用的药品 | a drug that must not be given with it was billed on the same day
        - 当日没有不得与其合用的药品 | no drug that must not be given with it was billed on the same day
    missing_fields
        + 医保结算清单有缺项 | the settlement list lacks fields
        - 医保结算清单无缺项 | the settlement list lacks no field
    op_sex_conflict
        + 有手术操作与参保人性别不符 | an operation does not fit the patient's sex
        - 没有手术操作与参保人性别不符 | every operation fits the patient's sex
    op_unbilled
        + 清单所列手术未见收费 | an operation on the list was not billed
        - 清单所列手术均有收费 | every operation on the list was billed
    op_unlisted
        + 收费的手术未列入清单 | a billed operation is missing from the list
        - 收费的手术均已列入清单 | no billed operation is missing from the list
    overlap_setl_id
        + 与参保人另一次住院的时间重叠 | it overlaps another stay of the patient
        - 与参保人其他住院的时间不重叠 | it overlaps no other stay of the patient
    prev_stay_setl_id
        + 参保人此前曾在同一机构住院 | the patient had an earlier stay at the institution
        - 参保人此前未在同一机构住院 | the patient had no earlier stay at the institution
    same_class_as
        + 当日另有金额不低于它的同类药品 | another drug of the class, no cheaper, was billed on the same day
        - 当日没有金额不低于它的其他同类药品 | no other drug of the class, as dear or dearer, was billed on the same day
    supply_days_limit
        + 药品有限定用药天数 | the drug's days of supply are limited
        - 药品无限定用药天数 | the drug's days of supply are not limited
    trace_reused_by
        + 药品追溯码已在先前的另一条明细中使用 | another line was billed with the same trace code before
        - 药品追溯码未在其他明细中使用 | no other line was billed with the same trace code
"""
