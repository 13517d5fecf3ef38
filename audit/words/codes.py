"""Codes of national and made columns as words: (Chinese, English)."""

from __future__ import annotations

from audit.words.types import TYPES

RULE_CLASSES = {  # folders of rules/
    "policy": ("政策类", "Payment policy"),
    "management": ("管理类", "Management"),
    "medical": ("医疗类", "Medical"),
    "local": ("本地规则", "Local rules"),
}
SEX = {"1": ("男", "male"), "2": ("女", "female")}
TIER = {"3": ("三级", "tertiary"), "2": ("二级", "secondary"), "1": ("一级", "primary")}
HOSPITAL_LEVEL = {
    "01": ("三级特等", "tertiary, special"),
    "02": ("三级甲等", "tertiary A"),
    "03": ("三级乙等", "tertiary B"),
    "04": ("三级丙等", "tertiary C"),
    "05": ("二级甲等", "secondary A"),
    "06": ("二级乙等", "secondary B"),
    "07": ("二级丙等", "secondary C"),
    "08": ("一级甲等", "primary A"),
    "09": ("一级乙等", "primary B"),
    "10": ("一级丙等", "primary C"),
    "11": ("未定级", "ungraded"),
    "12": ("三级未定等", "tertiary"),
    "13": ("二级未定等", "secondary"),
    "14": ("一级未定等", "primary"),
}
VISIT = {
    "inpatient": ("住院", "inpatient"),
    "emergency": ("急诊", "emergency"),
    "outpatient": ("门诊", "outpatient"),
    "drugstore": ("药店购药", "drug store"),
    "internet": ("互联网诊疗", "internet"),
    "inpatient_or_emergency": ("住院或急诊", "inpatient or emergency"),
}
AGE_GROUP = {"newborn": ("新生儿", "newborns"), "infant": ("婴幼儿", "infants"), "child": ("儿童", "children")}
INSURANCE = {
    "310": ("职工基本医疗保险", "employee basic insurance"),
    "320": ("公务员医疗补助", "civil servant subsidy"),
    "330": ("大额医疗费用补助", "large-amount subsidy"),
    "340": ("离休人员医疗保障", "retired cadre scheme"),
    "390": ("城乡居民基本医疗保险", "resident basic insurance"),
    "392": ("城乡居民大病医疗保险", "resident catastrophic insurance"),
    "510": ("生育保险", "maternity insurance"),
}
TREATMENT = {
    "11": ("普通门诊", "ordinary outpatient"),
    "12": ("门诊挂号", "registration"),
    "13": ("急诊", "emergency"),
    "14": ("门诊慢特病", "chronic disease outpatient"),
    "140104": ("门诊慢病", "chronic disease outpatient"),
    "140201": ("门诊特病", "special disease outpatient"),
    "19": ("意外伤害门诊", "injury outpatient"),
    "21": ("普通住院", "inpatient"),
    "22": ("异地住院", "inpatient elsewhere"),
    "23": ("转外诊治住院", "transferred inpatient"),
    "24": ("急诊转住院", "emergency inpatient"),
    "28": ("日间手术", "day surgery"),
    "41": ("定点药店购药", "drug store purchase"),
    "51": ("生育门诊", "maternity outpatient"),
    "52": ("生育住院", "maternity inpatient"),
    "53": ("计划生育手术", "family planning surgery"),
    "71": ("家庭病床", "home bed"),
}
DISCHARGE = {
    "1": ("医嘱离院", "on medical order"),
    "2": ("转院", "transfer to a hospital"),
    "3": ("转社区", "transfer to the community"),
    "4": ("非医嘱离院", "against advice"),
    "5": ("死亡", "death"),
    "9": ("其他", "other"),
}
FEE_CLASS = {
    "01": ("床位费", "bed"),
    "02": ("诊察费", "consultation"),
    "03": ("检查费", "examination"),
    "04": ("化验费", "laboratory"),
    "05": ("治疗费", "treatment"),
    "06": ("手术费", "operation"),
    "07": ("护理费", "nursing"),
    "08": ("卫生材料费", "consumables"),
    "09": ("西药费", "western drugs"),
    "10": ("中药饮片费", "herbal pieces"),
    "11": ("中成药费", "Chinese patent drugs"),
    "12": ("一般诊疗费", "general visit"),
    "13": ("挂号费", "registration"),
    "14": ("其他费", "other"),
}
LIST_CLASS = {"01": ("甲类", "class A"), "02": ("乙类", "class B"), "03": ("丙类(自费)", "class C (self-paid)")}
DIAGNOSIS = {
    "1": ("西医诊断", "diagnosis"),
    "2": ("中医主病", "main disease (Chinese medicine)"),
    "3": ("中医主证", "main syndrome (Chinese medicine)"),
}
KIND = {
    "drug": ("药品", "drug"),
    "herb": ("中药饮片", "herbal piece"),
    "service": ("医疗服务项目", "service"),
    "consumable": ("医用耗材", "consumable"),
    "day": ("天", "day"),
    "hour": ("小时", "hour"),
    "visit_days": ("单次就诊用药天数", "days of use in one encounter"),
    "span_days": ("首次使用起天数", "days since first use"),
}
PER = {
    "day": ("每日", "day"),
    "visit": ("每次就诊", "visit"),
    "operation": ("每次手术", "operation"),
    "year": ("每自然年度", "calendar year"),
}
WINDOW = {"day": ("当日", "day"), "visit": ("本次就诊", "visit")}
STATE = {
    "pregnant": ("妊娠期", "pregnancy"),
    "lactating": ("哺乳期", "breast-feeding"),
    "both": ("妊娠期和哺乳期", "pregnancy and breast-feeding"),
}
ANTIBIOTIC = {"restricted": ("限制使用级", "restricted class"), "special": ("特殊使用级", "special class")}
RULE = {"HAND": ("人工录入", "entered by hand")}  # of a finding that no rule made; every other rule is called by its id
CODES = {
    "rule_id": RULE,
    "national_code": {code: names for types in TYPES.values() for code, names in types.items()},
    "item_antibiotic_class": ANTIBIOTIC,
    "gend": SEX,
    "dx_gend": SEX,
    "op_gend": SEX,
    "item_drug_gend": SEX,
    "item_service_gend": SEX,
    "item_consumable_gend": SEX,
    "item_pregnancy_risk": STATE,
    "item_companion_window": WINDOW,
    "item_consumable_companion_window": WINDOW,
    "item_qty_per": PER,
    "hosp_lv": HOSPITAL_LEVEL,
    "hosp_tier": TIER,
    "item_level_min": TIER,
    "item_service_level_min": TIER,
    "visit_mode": VISIT,
    "item_visit_mode": VISIT,
    "item_service_visit_mode": VISIT,
    "item_child_drug": AGE_GROUP,
    "item_child_service": AGE_GROUP,
    "item_service_age_group": AGE_GROUP,
    "item_consumable_age_group": AGE_GROUP,
    "insutype": INSURANCE,
    "med_type": TREATMENT,
    "dscg_way": DISCHARGE,
    "med_chrgitm_type": FEE_CLASS,
    "chrgitm_lv": LIST_CLASS,
    "diag_type": DIAGNOSIS,
    "item_kind": KIND,
    "item_day_unit": KIND,
    "item_course_kind": KIND,
    "item_cap_per": PER,
    "item_consumable_cap_per": PER,
}

# why intake sets a row aside
REFUSALS = {
    "missing_value": ("缺少必填值", "a required value is missing"),
    "unreadable_number": ("不是数字", "not a number"),
    "impossible_number": ("不可能的金额或数量", "not a possible amount or quantity"),
    "unreadable_date": ("不是日期或时间", "not a date or time"),
    "impossible_date": ("不存在的日期或时刻", "no day of the calendar"),
    "control_character": ("含控制字符", "holds control characters"),
    "ragged_row": ("字段数与表头不符", "not as many fields as the header"),
    "duplicate_key": ("主键重复而内容不同", "one key, different content"),
    "no_claim": ("没有对应的结算", "its settlement is not there"),
    "claim_quarantined": ("对应的结算已被隔离", "its settlement is quarantined"),
    "no_encounter": ("没有对应的就诊", "its encounter is not there"),
    "encounter_quarantined": ("对应的就诊已被隔离", "its encounter is quarantined"),
    "no_line": ("没有对应的费用明细", "its billed line is not there"),
    "line_quarantined": ("对应的费用明细已被隔离", "its billed line is quarantined"),
}
