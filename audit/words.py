"""How a value is said: money in yuan, quantities without idle zeros, codes as words, in Chinese and in English.

A value comes as the text it has in a finding's evidence; what its column is called says what it means.
"""

from __future__ import annotations

import polars as pl

from audit.tables import NATIONAL_TABLES

UNKNOWN = {"zh": "不详", "en": "unknown"}
NOTHING = dict.fromkeys(  # null is an answer here
    ("missing_fields", "dx_sex_conflict", "op_sex_conflict", "op_unbilled", "op_unlisted", "markup_line", "unlike_line"), ("无", "none")
)
UNIT = {"zh": "元", "en": " yuan"}
YES_NO = {"true": ("是", "yes"), "false": ("否", "no")}

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
KIND = {
    "drug": ("药品", "drug"),
    "herb": ("中药饮片", "herbal piece"),
    "service": ("医疗服务项目", "service"),
    "consumable": ("医用耗材", "consumable"),
    "day": ("天", "day"),
    "hour": ("小时", "hour"),
    "visit_days": ("单次就诊用药天数", "days of use in one encounter"),
    "span_days": ("首次使用起天数", "days since first use"),
    "total_days": ("累计天数", "days in all"),
}
ANTIBIOTIC = {"restricted": ("限制使用级", "restricted class"), "special": ("特殊使用级", "special class")}
CODES = {
    "item_antibiotic_class": ANTIBIOTIC,
    "gend": SEX,
    "dx_gend": SEX,
    "op_gend": SEX,
    "item_drug_gend": SEX,
    "item_service_gend": SEX,
    "hosp_lv": HOSPITAL_LEVEL,
    "hosp_tier": TIER,
    "item_level_min": TIER,
    "visit_mode": VISIT,
    "item_visit_mode": VISIT,
    "item_child_drug": AGE_GROUP,
    "item_child_service": AGE_GROUP,
    "insutype": INSURANCE,
    "med_type": TREATMENT,
    "dscg_way": DISCHARGE,
    "item_kind": KIND,
    "item_day_unit": KIND,
    "item_course_kind": KIND,
    "item_service_course_kind": KIND,
}
_COLUMNS = {column.stored: column.kind for table in NATIONAL_TABLES.values() for column in table.columns}


def say(column: str, value: pl.Expr, language: str) -> pl.Expr:
    """The words for `column`'s value (text, null = unknown), as an expression; never null."""
    kind = _COLUMNS.get(column.removeprefix("claim_"))
    if column in CODES:
        which = 0 if language == "zh" else 1
        words = value.replace({code: names[which] for code, names in CODES[column].items()})
    elif kind == "fen" or column.endswith(("_fen", "_amt")):
        words = yuan(value.cast(pl.Int64), language)
    elif kind == "pric6" or column.endswith("_e6"):
        words = _scaled(value.cast(pl.Int64), 6, 2) + UNIT[language]
    elif kind == "cnt4" or column.endswith("_e4"):
        words = _scaled(value.cast(pl.Int64), 4, 0)
    elif column.endswith("_share"):
        words = _scaled((value.cast(pl.Float64) * 10_000).round().cast(pl.Int64), 2, 0) + "%"
    else:
        which = 0 if language == "zh" else 1
        plain = value.str.replace(r"^(-?\d+)\.0+$", "$1").str.replace(r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(\.\d+)?)?$", "$1 $2")
        long = plain.str.contains(r"^-?\d+\.\d{5,}$")  # a quotient: four decimals are enough to be read
        plain = pl.when(long).then(plain.cast(pl.Float64, strict=False).round(4).cast(pl.String)).otherwise(plain)
        words = plain.replace({raw: names[which] for raw, names in YES_NO.items()})
    silent = dict(zip(UNKNOWN, NOTHING[column], strict=True)) if column in NOTHING else UNKNOWN
    return words.fill_null(silent[language])


def yuan(fen: pl.Expr, language: str) -> pl.Expr:
    """Whole fen -> yuan with two decimals and the unit."""
    return _scaled(fen, 2, 2) + UNIT[language]


def _scaled(number: pl.Expr, digits: int, least: int) -> pl.Expr:
    """number / 10^digits written exactly, with at least `least` decimals."""
    part = (number.abs() % 10**digits).cast(pl.String).str.zfill(digits)
    kept = part.str.head(least) + part.str.slice(least).str.strip_chars_end("0")
    sign = pl.when(number < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return sign + (number.abs() // 10**digits).cast(pl.String) + pl.when(kept == "").then(pl.lit("")).otherwise("." + kept)
