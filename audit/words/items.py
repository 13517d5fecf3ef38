"""What the facts of items are called. Chinese | English, as in `stored`; what their being there says stands in `limits`."""

from __future__ import annotations

FACTS = """
    item_antibiotic                   抗菌药物 | place among the antibiotics
    item_antibiotic_class             抗菌药物级别 | class of the antibiotic
    item_bundle                       应合并收取的项目 | item due in place of its parts
    item_bundle_code                  应合并收取的项目编码 | code of the item due in place of its parts
    item_bundle_parts                 认定分解收费的项数 | number of parts that count as the whole
    item_bundle_yuan                  应合并收取项目的价格（元） | price in yuan of the item due in place of its parts
    item_cap_key                      项目支付限额所属知识点 | knowledge point of the service's cap
    item_cap_per                      项目支付限额周期 | span of the service's cap
    item_cap_yuan                     项目支付限额（元） | cap in yuan on what the fund pays for the service
    item_child_drug                   药品的儿童专用年龄段 | age group the drug is made for
    item_child_pay                    药品限儿童支付 | limit of payment to children
    item_child_service                项目的儿童专用年龄段 | age group the service is meant for
    item_code                         项目国家编码 | item's national code
    item_companion_set                药品配套的医疗服务项目 | set of services the drug is used in
    item_companion_window             药品配套项目核对范围 | span in which the drug's service is looked for
    item_consumable_age_group         耗材限定年龄段 | age group the consumable is paid for
    item_consumable_cap_key           耗材支付限额所属知识点 | knowledge point of the consumable's cap
    item_consumable_cap_per           耗材支付限额周期 | span of the consumable's cap
    item_consumable_cap_yuan          耗材支付限额（元） | cap in yuan on what the fund pays for the consumable
    item_consumable_companion_set     耗材配套的医疗服务项目 | set of services the consumable is used in
    item_consumable_companion_window  耗材配套项目核对范围 | span in which the consumable's service is looked for
    item_consumable_depts             耗材使用科室 | list of departments that use the consumable
    item_consumable_dx_set            耗材限定疾病 | set of diseases the consumable is for
    item_consumable_gend              耗材限定性别 | sex the consumable is meant for
    item_consumable_newborn_pay       耗材限新生儿支付 | limit of payment for the consumable to newborns
    item_consumable_within            包含耗材成本的医疗服务项目 | set of services whose price contains the consumable
    item_course_days                  药品支付疗程天数 | number of paid days of the drug
    item_course_key                   疗程所属药品 | drug of the course
    item_course_kind                  药品疗程计算方式 | measure of the drug's course
    item_day_dose_max                 说明书最大日剂量 | label's maximum daily dose
    item_day_max                      项目每日限定频次 | item's limit per day
    item_day_unit                     项目限频单位 | unit of the item's daily limit
    item_dise_codes                   药品适用的慢特病病种 | list of registered diseases the drug is for
    item_dose_unit                    剂量单位 | unit of the dose
    item_drug_age_from                药品可用的最低年龄 | lowest age for the drug
    item_drug_age_to                  老年人应避免用药的起始年龄 | age from which the drug is to be avoided
    item_drug_barred_dx_set           药品禁忌症 | set of contraindications of the drug
    item_drug_class                   药品所属类别 | class of the drug
    item_drug_gend                    药品限定性别 | sex the drug is meant for
    item_dx_limited                   药品限适应症 | limit of payment to named diseases
    item_dx_set                       药品适应症范围 | set of diseases the drug is paid for
    item_exam_dx_set                  检查检验的指征 | set of diseases the examination serves
    item_first_line_set               应先使用的一线药品 | set of first-line drugs
    item_herb_day_max                 饮片每日用量上限（克） | daily maximum in grams of the herbal piece
    item_herb_never                   饮片不予支付 | bar on payment for the herbal piece
    item_herb_not_alone               饮片单方不予支付 | bar on payment for the herbal piece alone
    item_incompatible_set             不宜与饮片同用的饮片 | set of herbal pieces that must not meet this one
    item_infection_set                抗菌药物治疗的感染 | set of infections the antibiotic treats
    item_injury_only                  药品限工伤保险 | limit of payment to work-injury insurance
    item_interaction_set              不得与药品合用的药品 | set of drugs that must not be given with this one
    item_internet_barred              药品互联网诊疗不予支付 | bar on payment in internet visits
    item_is_main                      包含其他项目的项目 | place as an including service
    item_is_part                      可被其他项目包含的项目 | place as an included service
    item_kind                         项目类别 | kind of item
    item_label_dx_limited             说明书限定适应症 | limit of the label to named diseases
    item_label_dx_set                 说明书适应症范围 | set of diseases on the label
    item_level_alt                    放宽级别的机构类型 | kind of institution with a lower limit
    item_level_every_rx               级别限制适用于每次处方 | limit on every prescription
    item_level_min                    药品限定机构级别 | lowest institution tier for the drug
    item_maternity_only               药品限生育保险 | limit of payment to maternity insurance
    item_newborn_pay                  药品限新生儿支付 | limit of payment for the drug to newborns
    item_op_group                     手术折价分组 | discount group of the operation
    item_op_group_2                   手术第二折价分组 | second discount group of the operation
    item_op_group_3                   手术第三折价分组 | third discount group of the operation
    item_op_group_4                   手术第四折价分组 | fourth discount group of the operation
    item_pay_age_hi                   药品支付年龄上限 | upper age for payment
    item_pay_age_lo                   药品支付年龄下限 | lower age for payment
    item_period_days                  项目限频周期天数 | number of days of the item's period
    item_period_max                   项目周期限定频次 | item's limit per period
    item_pregnancy_risk               药品禁用的妊娠期或哺乳期 | state in which the drug is barred
    item_qty_max                      耗材使用限量 | limit on the quantity of the consumable
    item_qty_per                      耗材限量周期 | span of the consumable's limit
    item_second_line                  药品限二线使用 | limit to second-line use
    item_service_age_group            项目限定年龄段 | age group the service is paid for
    item_service_barred_dx_set        项目禁忌症 | set of contraindications of the service
    item_service_course_days          项目支付疗程天数 | number of paid days of the service
    item_service_depts                项目限定科室 | list of departments the service is paid in
    item_service_dx_limited           项目限适应症 | limit of payment for the service to named diseases
    item_service_dx_set               项目适应症范围 | set of diseases the service is paid for
    item_service_gend                 项目限定性别 | sex the service is meant for
    item_service_injury_only          项目限工伤保险 | limit of payment for the service to work-injury insurance
    item_service_label_dx_set         项目内涵规定的适应症 | set of diseases the service is made for
    item_service_level_min            项目限定机构级别 | lowest institution tier for the service
    item_service_maternity_only       项目限生育保险 | limit of payment for the service to maternity insurance
    item_service_newborn_pay          项目限新生儿支付 | limit of payment for the service to newborns
    item_service_visit_mode           项目限定就医方式 | kind of visit the service is paid for
    item_therapy_dx_set               治疗的适应症 | set of diseases the treatment is for
    item_visit_mode                   药品限定就医方式 | kind of visit the drug is paid for
    item_work_age                     项目限劳动年龄 | limit of payment to working age
"""
