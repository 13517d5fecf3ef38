"""How comparisons and sums are said: (Chinese, English), {0} {1} … their sides, by the name the SQL parser gives them."""

from __future__ import annotations

OPPOSITE = {
    "COMPARE_EQUAL": "COMPARE_NOTEQUAL",
    "COMPARE_GREATERTHAN": "COMPARE_LESSTHANOREQUALTO",
    "COMPARE_GREATERTHANOREQUALTO": "COMPARE_LESSTHAN",
    "COMPARE_DISTINCT_FROM": "COMPARE_NOT_DISTINCT_FROM",
    "COMPARE_IN": "COMPARE_NOT_IN",
    "COMPARE_BETWEEN": "COMPARE_NOT_BETWEEN",
    "OPERATOR_IS_NULL": "OPERATOR_IS_NOT_NULL",
    "~~": "!~~",
    "~~*": "!~~*",
    "regexp_matches": "!regexp_matches",
    "starts_with": "!starts_with",
}
OPPOSITE |= {opposite: form for form, opposite in OPPOSITE.items()}
COMPARED = {
    "COMPARE_EQUAL": ("{0}为{1}", "{0} is {1}"),
    "COMPARE_NOTEQUAL": ("{0}不是{1}", "{0} is not {1}"),
    "COMPARE_GREATERTHAN": ("{0}超过{1}", "{0} exceeds {1}"),
    "COMPARE_GREATERTHANOREQUALTO": ("{0}达到{1}", "{0} is at least {1}"),
    "COMPARE_LESSTHAN": ("{0}低于{1}", "{0} is below {1}"),
    "COMPARE_LESSTHANOREQUALTO": ("{0}不超过{1}", "{0} is at most {1}"),
    "COMPARE_DISTINCT_FROM": ("{0}与{1}不同（只缺其一也算不同）", "{0} differs from {1} (one of them missing counts as differing)"),
    "COMPARE_NOT_DISTINCT_FROM": ("{0}与{1}相同（都缺也算相同）", "{0} is the same as {1} (both missing counts as the same)"),
    "COMPARE_IN": ("{0}为{1}", "{0} is {1}"),
    "COMPARE_NOT_IN": ("{0}不是{1}", "{0} is neither {1}"),
    "COMPARE_BETWEEN": ("{0}在{1}至{2}之间（含两端）", "{0} is from {1} to {2}"),
    "COMPARE_NOT_BETWEEN": ("{0}不在{1}至{2}之间", "{0} is not from {1} to {2}"),
    "regexp_matches": ("{0}符合正则表达式{1}", "{0} matches the pattern {1}"),
    "!regexp_matches": ("{0}不符合正则表达式{1}", "{0} does not match the pattern {1}"),
    "starts_with": ("{0}以{1}开头", "{0} begins with {1}"),
    "!starts_with": ("{0}不以{1}开头", "{0} does not begin with {1}"),
    "of": ("{0}属于{1}", "{0} falls under {1}"),  # begins with a code that has a name
    "!of": ("{0}不属于{1}", "{0} does not fall under {1}"),
    "ends": ("{0}以{1}结尾", "{0} ends with {1}"),
    "!ends": ("{0}不以{1}结尾", "{0} does not end with {1}"),
    "holds": ("{0}含有{1}", "{0} contains {1}"),
    "!holds": ("{0}不含{1}", "{0} does not contain {1}"),
    "same": ("{0}为{1}", "{0} is {1}"),
    "!same": ("{0}不是{1}", "{0} is not {1}"),
    "like": ("{0}符合式样{1}", "{0} has the shape {1}"),
    "!like": ("{0}不符合式样{1}", "{0} does not have the shape {1}"),
}
ABOVE_ZERO = ("COMPARE_GREATERTHAN", "COMPARE_LESSTHANOREQUALTO")  # x > 0, and its opposite
ASKED = ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL")  # whether something is there
OF_COLUMNS = {"COMPARE_EQUAL": ("{0}与{1}相同", "{0} equals {1}"), "COMPARE_NOTEQUAL": ("{0}与{1}不同", "{0} differs from {1}")}
OF_DATES = {
    "COMPARE_GREATERTHAN": ("{0}晚于{1}", "{0} is after {1}"),
    "COMPARE_GREATERTHANOREQUALTO": ("{0}不早于{1}", "{0} is {1} or later"),
    "COMPARE_LESSTHAN": ("{0}早于{1}", "{0} is before {1}"),
    "COMPARE_LESSTHANOREQUALTO": ("{0}不晚于{1}", "{0} is {1} or earlier"),
}
VALUES = {
    "+": ("{0}与{1}之和", "{0} plus {1}"),
    "-": ("{0}减去{1}之差", "{0} less {1}"),
    "+/span": ("{0}之后{1}", "{1} after {0}"),
    "-/span": ("{0}之前{1}", "{1} before {0}"),
    "-/1": ("{0}的相反数", "minus {0}"),
    "*": ("{0}与{1}之积", "{0} times {1}"),
    "/": ("{0}除以{1}之商", "{0} divided by {1}"),
    "||": ("{0}与{1}相连", "{0} followed by {1}"),
    "concat": ("{0}与{1}相连", "{0} followed by {1}"),
    "abs": ("{0}的绝对值", "the size of {0}"),
    "length": ("{0}的长度", "the length of {0}"),
    "lower": ("{0}（小写）", "{0} in lower case"),
    "upper": ("{0}（大写）", "{0} in upper case"),
    "trim": ("{0}", "{0}"),
    "trunc": ("{0}", "{0}"),
    "left": ("{0}的前{1}位", "the first {1} characters of {0}"),
    "substring": ("{0}自第{1}位起的{2}位", "{2} characters of {0} from character {1} on"),
    "substring/2": ("{0}自第{1}位起的部分", "{0} from character {1} on"),
    "substr": ("{0}自第{1}位起的{2}位", "{2} characters of {0} from character {1} on"),
    "substr/2": ("{0}自第{1}位起的部分", "{0} from character {1} on"),
    "nullif": ("{0}（为{1}时视为不详）", "{0} (unknown where it is {1})"),
    "coalesce": ("{0}（不详时取{1}）", "{0} (where unknown, {1})"),
    "ifnull": ("{0}（不详时取{1}）", "{0} (where unknown, {1})"),
    "greatest": ("{0}与{1}中的最大者", "the greatest of {0} and {1}"),
    "least": ("{0}与{1}中的最小者", "the least of {0} and {1}"),
}
KEEP_UNIT = ("+", "-", "abs", "greatest", "least", "coalesce", "ifnull", "nullif")
OF_MANY = ("concat", "coalesce", "greatest", "least")
LIKE = {(True, True): "holds", (True, False): "ends", (False, True): "starts_with", (False, False): "same"}  # % before, % behind
AND = {"zh": "与", "en": " and "}
CONSTANT = {True: {"zh": "总是成立", "en": "it always holds"}, False: {"zh": "从不成立", "en": "it never holds"}}
KNOWN = {True: ("{0}已知", "{0} is known"), False: ("{0}不详", "{0} is not known")}
HOLDS = {True: ("{0}成立", "{0} holds"), False: ("{0}不成立", "{0} does not hold")}
DATE_PARTS = {
    "YEAR": ("年份", "year"),
    "MONTH": ("月份", "month"),
    "DAY": ("日", "day"),
    "HOUR": ("小时", "hour"),
    "MINUTE": ("分钟", "minute"),
}
SPANS = {"day": "天", "hour": "小时", "minute": "分钟", "month": "个月", "year": "年"}
