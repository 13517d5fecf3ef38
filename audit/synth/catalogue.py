"""What the province can bill in ordinary care: our own price list, and which items a patient with a complaint gets.

Service items carry national price-item codes, their prices are invented. Drugs, herbal pieces and consumables carry codes of the
national shape but of makers, substances and series that do not exist (`Z9`, maker 999nn, pieces T9900...), so that no
official knowledge point can ever name them by accident; points about a whole class of drugs (its ATC letters) do reach them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["drug", "patent", "herb", "service", "consumable"]
LIST_TYPE = {"drug": "101", "patent": "101", "herb": "102", "service": "201", "consumable": "301"}


@dataclass(frozen=True)
class Item:
    key: str
    code: str
    name: str
    kind: Kind
    fee_class: str  # med_chrgitm_type
    level: str  # chrgitm_lv: 01 A, 02 B (10 % paid first), 03 C (wholly self-paid)
    price: float  # yuan
    unit: str


_SERVICES = """
consult     001102000010000 普通门诊诊查费         02 01 12    次
consult_er  001102000030000 急诊诊查费             02 01 20    次
consult_in  001102000050000 住院诊查费             02 01 15    日
bed         001109000010000 普通病房床位费         01 01 42    日
nurse1      001201000030000 Ⅰ级护理               07 01 32    日
nurse2      001201000040000 Ⅱ级护理               07 01 22    日
nurse3      001201000050000 Ⅲ级护理               07 01 14    日
inj_im      001204000010000 肌肉注射               05 01 3     次
inj_iv      001204000020000 静脉注射               05 01 5     次
infusion    001204000060000 静脉输液               05 01 9     次
nebul       001207000010000 雾化吸入               05 01 8     次
oxygen      001203000010000 氧气吸入               05 01 4     小时
dressing    001206000030000 换药(中)               05 01 18    次
ecg_mon     003107010220000 心电监测               05 01 6     小时
cbc         002501010150000 血细胞分析(五分类)     04 01 20    次
urine       002501020350000 尿液分析               04 01 12    次
alt         002503050070000 血清丙氨酸氨基转移酶测定 04 01 6   次
ast         002503050080000 血清天门冬氨酸氨基转移酶测定 04 01 6 次
urea        002503070010000 尿素测定               04 01 6     次
creat       002503070020000 肌酐测定               04 01 6     次
uric        002503070050000 血清尿酸测定           04 01 7     次
chol        002503030010000 血清总胆固醇测定       04 01 7     次
trig        002503030020000 血清甘油三酯测定       04 01 7     次
pt          002502030200000 血浆凝血酶原时间测定   04 01 12    次
aptt        002502030250000 活化部分凝血活酶时间测定 04 01 12  次
ddimer      002502030660000 血浆D-二聚体测定       04 02 48    次
dr          002101020150000 数字化摄影(DR)         03 01 55    次
ct          002103000010000 X线计算机体层(CT)平扫  03 02 190   部位
mri         002102000010000 磁共振平扫             03 02 420   部位
us          002202010020000 B超常规检查            03 01 38    部位
us_color    002203010010000 彩色多普勒超声常规检查 03 02 95    部位
ecg         003107010010000 常规心电图检查         03 01 22    次
echo        002206000040000 普通心脏彩色超声检查   03 02 160   次
egd         003109020050000 纤维胃十二指肠镜检查   03 02 150   次
colono      003109030050000 纤维结肠镜检查         03 02 210   次
acupunct    004300000010000 普通针刺               05 01 26    次
massage     004500000010000 落枕推拿治疗           05 01 38    次
cupping     004400000100000 拔罐疗法               05 01 22    次
infrared    003401000010000 红外线治疗             05 01 14    次
midfreq     003401000080000 中频脉冲电治疗         05 01 20    次
exercise    003402000200000 运动疗法               05 02 46    次
appendec    003310030220000 阑尾切除术             06 01 980   次
cholecys    003310060020000 胆囊切除术             06 01 1480  次
phaco       003304060050000 白内障超声乳化摘除术   06 02 1650  只
delivery    003314000020000 单胎顺产接生           06 01 880   次
cesarean    003314000120000 剖宫产术               06 01 1560  次
anaes_gen   003301000050000 全身麻醉               06 01 620   2小时
anaes_block 003301000030000 椎管内麻醉             06 01 340   2小时
enema       001216000010000 灌肠                   05 01 16    次
photother   003112020190000 新生儿光照治疗         05 01 5     小时
"""

_DRUGS = """
amoxi     XJ01CAZ901A001010199901 阿莫西林胶囊           drug   09 01 14.6   盒
cefurox   XJ01DCZ902B001010199902 注射用头孢呋辛钠       drug   09 01 11.35  支
levoflox  XJ01MAZ903B002010199903 左氧氟沙星氯化钠注射液 drug   09 01 16.9   瓶
ibuprofen XM01AEZ904A001010199904 布洛芬缓释胶囊         drug   09 01 17.2   盒
paracet   XN02BEZ905X001010199905 对乙酰氨基酚口服液     drug   09 01 12.4   瓶
ambroxol  XR05CBZ906A001010199906 盐酸氨溴索片           drug   09 01 9.8    盒
ambrox_in XR05CBZ906B001010199907 盐酸氨溴索注射液       drug   09 01 4.66   支
budeson   XR03BAZ907L001010199908 吸入用布地奈德混悬液   drug   09 02 13.2   支
lorata    XR06AXZ908A001010199909 氯雷他定片             drug   09 01 15.5   盒
amlodip   XC08CAZ909A001010199910 苯磺酸氨氯地平片       drug   09 01 6.3    盒
valsart   XC09CAZ910A001010199911 缬沙坦胶囊             drug   09 01 12.9   盒
metopro   XC07ABZ911A001010199912 酒石酸美托洛尔片       drug   09 01 7.4    盒
atorva    XC10AAZ912A001010199913 阿托伐他汀钙片         drug   09 01 5.6    盒
aspirin   XB01ACZ913A001010199914 阿司匹林肠溶片         drug   09 01 9.1    盒
clopid    XB01ACZ914A001010199915 硫酸氢氯吡格雷片       drug   09 02 21.8   盒
metform   XA10BAZ915A001010199916 盐酸二甲双胍片         drug   09 01 5.9    盒
acarb     XA10BFZ916A001010199917 阿卡波糖片             drug   09 01 5.4    盒
insulin   XA10ABZ917B001010199918 门冬胰岛素注射液       drug   09 02 19.98  支
omepra    XA02BCZ918A001010199919 奥美拉唑肠溶胶囊       drug   09 01 8.8    盒
panto_in  XA02BCZ919B001010199920 注射用泮托拉唑钠       drug   09 01 3.28   支
mosapr    XA03FAZ920A001010199921 枸橼酸莫沙必利片       drug   09 02 13.6   盒
smectite  XA07BCZ921P001010199922 蒙脱石散               drug   09 01 10.2   盒
oralsalt  XA07CAZ922P001010199923 口服补液盐散           drug   09 01 8.5    盒
thyroxin  XH03AAZ923A001010199924 左甲状腺素钠片         drug   09 01 28.4   盒
escitalo  XN06ABZ924A001010199925 草酸艾司西酞普兰片     drug   09 02 26.5   盒
mometas   XD07ACZ925F001010199926 糠酸莫米松乳膏         drug   09 01 18.3   支
levoeye   XS01AEZ926G001010199927 左氧氟沙星滴眼液       drug   09 01 8.2    支
nacl      XB05BBZ927B001010199928 0.9%氯化钠注射液       drug   09 01 2.85   袋
glucose   XB05BBZ928B001010199929 5%葡萄糖注射液         drug   09 01 2.95   袋
ceftriax  XJ01DDZ929B001010199930 注射用头孢曲松钠       drug   09 01 8.64   支
furosem   XC03CAZ930B001010199931 呋塞米注射液           drug   09 01 2.4    支
heparin   XB01ABZ931B001010199932 低分子肝素钠注射液     drug   09 02 17.35  支
oxytocin  XH01BBZ932B001010199933 缩宫素注射液           drug   09 01 6.5    支
tamsulo   XG04CAZ933A001010199934 盐酸坦索罗辛缓释胶囊   drug   09 02 22.7   盒
celecox   XM01AHZ934A001010199935 塞来昔布胶囊           drug   09 02 12.1   盒
cold_ctm  ZA01AAZ9010010199936   疏风解表颗粒           patent 11 01 16.4   盒
cough_ctm ZA06CAZ9020010199937   宣肺止咳合剂           patent 11 01 19.8   瓶
stomach_c ZA09AAZ9030010199938   和胃理气丸             patent 11 02 21.6   盒
joint_ctm ZA15AAZ9040010199939   舒筋通络胶囊           patent 11 02 33.5   盒
vitc      XA11GAZ935A001010199940 维生素C片              drug   09 01 3.5    瓶
cisplatin XL01XAZ936B001010199947 注射用顺铂             drug   09 01 9.4    支
meropenem XJ01DHZ937B001010199948 注射用美罗培南         drug   09 01 58.6   支
mask_c    C9901010010000199941   一次性使用输液器       consumable 08 02 2.6  套
syringe   C9901020010000199942   一次性使用注射器       consumable 08 01 0.8  支
gauze     C9901030010000199943   医用纱布敷料           consumable 08 01 3.4  包
cannula   C9901040010000199944   静脉留置针             consumable 08 02 18.5 支
suture    C9902010010000199945   可吸收缝线             consumable 08 02 86   根
lens      C9903010010000199946   折叠式人工晶状体       consumable 08 02 1180 枚
clip      C9902020010000199947   组织闭合夹             consumable 08 02 145  枚
"""

_HERBS = "黄芪 党参 白术 茯苓 甘草 当归 川芎 白芍 熟地黄 柴胡 黄芩 半夏 陈皮 桂枝 杜仲 牛膝 丹参 红花 桃仁 防风"


def _items() -> dict[str, Item]:
    items: dict[str, Item] = {}
    for row in _SERVICES.strip().splitlines():
        key, code, name, fee_class, level, price, unit = row.split()
        items[key] = Item(key, code, name, "service", fee_class, level, float(price), unit)
    for row in _DRUGS.strip().splitlines():
        key, code, name, kind, fee_class, level, price, unit = row.split()
        items[key] = Item(key, code, name, kind, fee_class, level, float(price), unit)  # type: ignore[arg-type]
    for n, name in enumerate(_HERBS.split()):
        items[f"herb{n}"] = Item(f"herb{n}", f"T9900{n:05d}"[:10], f"{name}饮片", "herb", "10", "01", round(0.06 + 0.017 * n, 3), "克")
    return items


ITEMS = _items()
