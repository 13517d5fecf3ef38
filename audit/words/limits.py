"""What is said of an item whose fact is there (+) or missing (-): it is limited, or it is not. Chinese | English."""

from __future__ import annotations

LIMITS = """
    item_antibiotic
        + 药品为全身用抗菌药物 | the drug is an antibiotic for systemic use
        - 药品不是全身用抗菌药物 | the drug is no antibiotic for systemic use
    item_antibiotic_class
        + 药品为限制使用级或特殊使用级抗菌药物 | the drug is an antibiotic of the restricted or the special class
        - 药品不属于限制使用级或特殊使用级抗菌药物 | the drug is no antibiotic of the restricted or the special class
    item_bundle
        + 项目是另一收费项目的组成部分 | the service is part of one that is billed as a whole
        - 项目不是其他收费项目的组成部分 | the service is no part of one that is billed as a whole
    item_cap_yuan
        + 项目限定基金支付总额 | the fund pays for the service up to a cap only
        - 项目未限定基金支付总额 | the fund pays for the service without a cap
    item_child_drug
        + 药品为特定年龄段儿童专用 | the drug is made for a certain age group of children
        - 药品非儿童专用 | the drug is made for no age group
    item_child_pay
        + 药品限儿童使用方予支付 | the drug is paid for children only
        - 药品未限儿童使用 | the drug is not limited to children
    item_child_service
        + 项目为特定年龄段儿童专用 | the service is meant for a certain age group of children
        - 项目非儿童专用 | the service is meant for no age group
    item_companion_set
        + 药品须与特定的医疗服务项目配合使用 | the drug is used in certain services only
        - 药品无须与其他项目配合使用 | the drug is not bound to certain services
    item_consumable_age_group
        + 耗材限特定年龄段儿童使用方予支付 | the consumable is paid for a certain age group of children only
        - 耗材未限年龄段 | the consumable is paid for every age
    item_consumable_cap_yuan
        + 耗材限定基金支付总额 | the fund pays for the consumable up to a cap only
        - 耗材未限定基金支付总额 | the fund pays for the consumable without a cap
    item_consumable_companion_set
        + 耗材须与特定的医疗服务项目配合使用 | the consumable is used in certain services only
        - 耗材无须与其他项目配合使用 | the consumable is not bound to certain services
    item_consumable_depts
        + 耗材由特定科室使用 | the consumable is used by certain departments only
        - 耗材未限使用科室 | the consumable is used by every department
    item_consumable_dx_set
        + 耗材限特定疾病使用 | the consumable is for named diseases only
        - 耗材未限疾病 | the consumable is not limited to named diseases
    item_consumable_gend
        + 耗材限定使用者性别 | the consumable is meant for one sex
        - 耗材未限定使用者性别 | the consumable is meant for both sexes
    item_consumable_newborn_pay
        + 耗材限新生儿使用方予支付 | the consumable is paid for newborns only
        - 耗材未限新生儿使用 | the consumable is not limited to newborns
    item_consumable_within
        + 耗材成本已计入相应医疗服务项目的价格 | the price of certain services contains the consumable
        - 耗材成本未计入医疗服务项目的价格 | no service's price contains the consumable
    item_course_days
        + 药品限定支付疗程 | the drug is paid for a limited course
        - 药品未限定支付疗程 | the drug has no limited course
    item_day_dose_max
        + 药品说明书规定最大日剂量 | the drug's label sets a maximum daily dose
        - 药品说明书未规定最大日剂量 | the drug's label sets no maximum daily dose
    item_day_max
        + 项目限定每日频次 | the item has a daily limit
        - 项目未限定每日频次 | the item has no daily limit
    item_dise_codes
        + 药品限特定门诊慢特病病种使用 | the drug is for certain registered diseases only
        - 药品未限门诊慢特病病种 | the drug is not limited to registered diseases
    item_drug_age_from
        + 药品禁用于某一年龄以下的儿童 | the drug is barred below a certain age
        - 药品未规定最低使用年龄 | the drug is not barred below any age
    item_drug_age_to
        + 药品不宜用于某一年龄以上的老年人 | the drug is to be avoided from a certain age on
        - 药品未规定老年人应避免使用 | the drug need not be avoided in old age
    item_drug_barred_dx_set
        + 药品有禁忌症 | the drug has contraindications
        - 药品无禁忌症 | the drug has no contraindications
    item_drug_class
        + 药品不宜与同类药品同时使用 | the drug is of a class of which one at a time is enough
        - 药品未限与同类药品同时使用 | the drug is of no class of which one at a time is enough
    item_drug_gend
        + 药品限定使用者性别 | the drug is meant for one sex
        - 药品未限定使用者性别 | the drug is meant for both sexes
    item_dx_limited
        + 药品限特定适应症支付 | the drug is paid for named diseases only
        - 药品未限适应症 | the drug is not limited to named diseases
    item_exam_dx_set
        + 检查检验须有特定指征 | the examination serves certain diseases only
        - 检查检验未限定指征 | the examination is not limited to certain diseases
    item_herb_day_max
        + 中药饮片有药典每日用量上限 | the pharmacopoeia sets a daily maximum for the herbal piece
        - 中药饮片无药典每日用量上限 | the pharmacopoeia sets no daily maximum for the herbal piece
    item_herb_never
        + 中药饮片单方、复方均不予支付 | the fund is never to pay for the herbal piece
        - 中药饮片可予支付 | the fund may pay for the herbal piece
    item_herb_not_alone
        + 中药饮片单方使用不予支付 | the fund is not to pay for the herbal piece when it is used alone
        - 中药饮片单方使用可予支付 | the fund may pay for the herbal piece when it is used alone
    item_incompatible_set
        + 中药饮片有配伍禁忌 | the herbal piece must not meet certain others
        - 中药饮片无配伍禁忌 | the herbal piece may meet any other
    item_injury_only
        + 药品仅限工伤保险支付 | only work-injury insurance pays for the drug
        - 药品未限工伤保险 | the drug is not limited to work-injury insurance
    item_interaction_set
        + 药品不得与某些药品合用 | the drug must not be given together with certain others
        - 药品没有不得合用的药品 | the drug may be given together with any other
    item_internet_barred
        + 药品在互联网诊疗中不予支付 | the drug is not paid in internet visits
        - 药品在互联网诊疗中可予支付 | the drug may be paid in internet visits
    item_is_main
        + 项目内涵包含其他收费项目 | the service includes others
        - 项目内涵不包含其他收费项目 | the service includes no other
    item_is_part
        + 项目可包含在其他收费项目内 | the service is one that others may include
        - 项目不包含在其他收费项目内 | the service is none that others may include
    item_label_dx_limited
        + 药品说明书限定适应症 | the drug's label names the diseases it is for
        - 药品说明书未限定适应症 | the drug's label names no diseases
    item_level_every_rx
        + 级别限定适用于每次开药 | the limit binds every prescription
        - 级别限定只适用于首次开药 | the limit binds the first prescription only
    item_level_min
        + 药品限定医疗机构级别 | the drug is paid only in institutions of a certain tier
        - 药品未限定医疗机构级别 | the drug is paid in every tier of institution
    item_maternity_only
        + 药品仅限生育保险支付 | only maternity insurance pays for the drug
        - 药品未限生育保险 | the drug is not limited to maternity insurance
    item_newborn_pay
        + 药品限新生儿使用方予支付 | the drug is paid for newborns only
        - 药品未限新生儿使用 | the drug is not limited to newborns
    item_op_group
        + 手术属于第二台起折价的分组 | the operation is of a group in which the second costs less
        - 手术不属于折价分组 | the operation is of no group with a discount
    item_period_max
        + 项目限定周期内频次 | the item has a limit per period
        - 项目未限定周期内频次 | the item has no limit per period
    item_pregnancy_risk
        + 药品在妊娠期或哺乳期禁用 | the drug is barred in pregnancy or breast-feeding
        - 药品在妊娠期、哺乳期未禁用 | the drug is barred neither in pregnancy nor in breast-feeding
    item_qty_max
        + 耗材限定使用数量 | the quantity of the consumable is limited
        - 耗材未限定使用数量 | the quantity of the consumable is not limited
    item_second_line
        + 药品限二线使用 | the drug is paid as second-line treatment only
        - 药品未限二线使用 | the drug is not limited to second-line treatment
    item_service_age_group
        + 项目限特定年龄段儿童使用方予支付 | the service is paid for a certain age group of children only
        - 项目未限年龄段 | the service is paid for every age
    item_service_barred_dx_set
        + 项目有禁忌症 | the service has contraindications
        - 项目无禁忌症 | the service has no contraindications
    item_service_course_days
        + 项目限定支付疗程 | the service is paid for a limited course
        - 项目未限定支付疗程 | the service has no limited course
    item_service_depts
        + 项目限特定科室使用 | the service is paid in certain departments only
        - 项目未限科室 | the service is paid in every department
    item_service_dx_limited
        + 项目限特定适应症支付 | the service is paid for named diseases only
        - 项目未限适应症 | the service is not limited to named diseases
    item_service_gend
        + 项目限定使用者性别 | the service is meant for one sex
        - 项目未限定使用者性别 | the service is meant for both sexes
    item_service_injury_only
        + 项目仅限工伤保险支付 | only work-injury insurance pays for the service
        - 项目未限工伤保险 | the service is not limited to work-injury insurance
    item_service_label_dx_set
        + 项目有规定的适应症 | the service is made for certain diseases
        - 项目没有规定的适应症 | the service is not made for certain diseases
    item_service_level_min
        + 项目限定医疗机构级别 | the service is paid only in institutions of a certain tier
        - 项目未限定医疗机构级别 | the service is paid in every tier of institution
    item_service_maternity_only
        + 项目仅限生育保险支付 | only maternity insurance pays for the service
        - 项目未限生育保险 | the service is not limited to maternity insurance
    item_service_newborn_pay
        + 项目限新生儿使用方予支付 | the service is paid for newborns only
        - 项目未限新生儿使用 | the service is not limited to newborns
    item_service_visit_mode
        + 项目限定就医方式 | the service is paid for certain kinds of visit only
        - 项目未限定就医方式 | the service is paid for every kind of visit
    item_therapy_dx_set
        + 治疗项目须有特定适应症 | the treatment is for certain diseases only
        - 治疗项目未限定适应症 | the treatment is not limited to certain diseases
    item_visit_mode
        + 药品限定就医方式 | the drug is paid for certain kinds of visit only
        - 药品未限定就医方式 | the drug is paid for every kind of visit
    item_work_age
        + 项目限法定劳动年龄支付 | the service is paid for people of working age only
        - 项目未限劳动年龄 | the service is not limited to working age
"""
