"""The 88 national rule types by name, and how a file, a sheet or a row says which of them it belongs to."""

from __future__ import annotations

from audit.knowledge.wording import plain

# In the order of the 2025 edition: the first is number 1.
NAMES = (
    "药品限工伤保险", "药品限生育保险", "中药饮片单复方均不予支付", "中药饮片单方使用不予支付", "药品限二线使用", "药品限新生儿使用",
    "药品限儿童使用", "药品限适应症", "药品限最大开药天数/开药量", "药品限支付疗程", "药品超限定病种目录范围使用", "药品限医疗机构级别",
    "药品限就医方式", "医疗服务项目超限定单价收费", "手术项目未按规定折价收费", "医疗服务项目限工伤保险", "医疗服务项目限生育保险",
    "医疗服务项目限新生儿使用", "医疗服务项目限儿童使用", "医疗服务项目限适应症", "医疗服务项目限科室使用", "医疗服务项目限就医方式",
    "医疗服务项目限支付疗程", "医疗服务项目限医疗机构级别", "医疗服务项目重复收费", "医疗服务项目分解收费", "医疗服务项目限定频次",
    "医疗服务项目超限定报销总额", "医疗服务项目限年龄", "医疗服务项目与医用耗材重复收费", "医疗服务项目周期超频次", "耗材限新生儿使用",
    "耗材限儿童使用", "耗材超限定报销总额", "医保结算清单信息异常", "结算明细信息异常", "疾病诊断编码异常", "手术操作编码异常",
    "手术操作编码与性别不符", "诊断编码与手术操作编码不符", "就诊数据非实时上传监管", "计费日期与住院时间不符", "药品进销存异常",
    "围手术期抗菌药物预防性应用监管", "抗菌药物分级使用管理", "药品种类超标", "超互联网医院药品支付范围", "医用耗材进销存异常", "分解住院",
    "频繁门诊", "频繁购药", "频繁住院", "无指征住院（低标准入院）", "诊断与患者性别不符", "诊断与患者年龄不符", "药费占比统计",
    "检验检查占比统计", "耗材占比统计", "治疗占比统计", "CT检查占比统计", "核磁检查占比统计", "院内感染发生率统计", "非计划再入院率统计",
    "药品与医疗服务项目不符", "药品儿童专用", "药品儿童禁用", "药品区分性别使用", "超说明书用量开药", "重复开药", "超说明书适应症用药",
    "药品禁忌症", "老年人用药安全", "妊娠期及哺乳期用药安全", "药品相互作用", "中药饮片配伍禁忌", "中药饮片超大处方", "中药饮片超量上传",
    "无指征检验检查", "无指征治疗", "医疗服务项目儿童专用", "医疗服务项目区分性别使用", "医疗服务项目禁忌症", "医疗服务项目超适应症使用",
    "医用耗材与医疗服务项目不符", "医用耗材与科室不符", "医用耗材数量超标", "医用耗材与性别不符", "医用耗材限疾病使用",
)  # fmt: skip

DRUG, SERVICE, CONSUMABLE = "药品", "项目", "耗材"
# What the column 限定类型 says of a kind of item; where it leaves two types open, the row's own words decide.
_LIMITED = {
    ("性别", DRUG): (67,), ("性别", SERVICE): (81,), ("性别", CONSUMABLE): (87,),
    ("年龄", DRUG): (65, 7), ("年龄", SERVICE): (80,), ("年龄", CONSUMABLE): (33,),
    ("保险类型", DRUG): (1, 2), ("保险类型", SERVICE): (16, 17),
    ("就医方式", DRUG): (13,), ("就医方式", SERVICE): (22,),
    ("机构等级", DRUG): (12,), ("机构等级", SERVICE): (24,),
    ("支付疗程", DRUG): (10,), ("支付疗程", SERVICE): (23,),
    ("主次操作", SERVICE): (15,), ("频次", SERVICE): (27,), ("适应症", DRUG): (8,), ("适应症", SERVICE): (20,),
}  # fmt: skip
_SEPARATOR = str.maketrans("", "", "/“”\"'《》")


def name_of(rule: int) -> str:
    return NAMES[rule - 1]


def named_in(text: str) -> int | None:
    """The rule type whose name stands in a title or a file name; the longest, since some names contain another."""
    said = plain(text).translate(_SEPARATOR)
    found = [name for name in NAMES if plain(name).translate(_SEPARATOR) in said]
    return NAMES.index(max(found, key=len)) + 1 if found else None


def limited_to(kind: str, item: str) -> tuple[int, ...]:
    """The rule types that a value of 限定类型 may mean for an item of this kind."""
    said = plain(kind)
    return next((rules for (word, of), rules in _LIMITED.items() if of == item and word in said), ())


def by_wording(rules: tuple[int, ...], words: str) -> int:
    """Which of several rule types a row belongs to, by its wording and limits.

    The two herbal types are told apart by content whatever the title says: the files of batch 11 are named crosswise.
    """
    said = plain(words)
    if rules[0] in (3, 4):
        return 4 if "单独使用" in said else 3 if "不得纳入" in said else rules[0]
    if rules in ((1, 2), (16, 17)):
        return rules[1] if "生育" in said else rules[0]
    if rules == (65, 7):
        return 7 if said.startswith("限") else 65
    return rules[0]


def kind_of_code(rule: int) -> str:
    """First characters that codes of this rule type begin with, by its name; empty where any may."""
    name = name_of(rule)
    if name.startswith("中药饮片"):
        return "T"
    if name.startswith("药品"):
        return "XZT"
    if name.startswith(("医疗服务项目", "手术项目")) and "耗材" not in name:
        return "0"
    return "C" if name.startswith(("耗材", "医用耗材")) else ""
