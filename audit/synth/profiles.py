"""Ordinary complaints: who has them, how often, where they are treated, and what is billed for them.

One row is `diagnosis | sex | age from-to | weight | setting | doctor's department | items`. Settings: `out` clinic, `er` emergency,
`chronic` registered chronic disease, `maternity` antenatal clinic, `store` drug store, `stay` ward, `day` day surgery, `birth` labour.
An item is `key:probability` and, after `*`, the quantity; a `+` before the key means every day of a stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from audit.synth.catalogue import ITEMS


@dataclass(frozen=True)
class Use:
    item: str
    probability: float
    quantity: int
    daily: bool


@dataclass(frozen=True)
class Profile:
    diagnosis: str
    name: str
    sex: str  # 1, 2 or * for both
    age_from: int
    age_to: int
    weight: float
    setting: str
    department: str
    days: float  # usual length of stay
    operation: tuple[str, str] | None
    uses: tuple[Use, ...]


_DAILY = "+bed:1 +consult_in:1 +nurse2:1 +nacl:.8*2 +infusion:.8 +mask_c:.8 cannula:.7"
_ADMISSION = "cbc:.95 urine:.8 alt:.8 ast:.8 urea:.7 creat:.8 ecg:.7"

_LISTING = f"""
J06.900|急性上呼吸道感染|*|14-90|14|out|内科|0||consult:1 cbc:.5 cold_ctm:.6 ibuprofen:.3 amoxi:.3
J06.900|急性上呼吸道感染|*|1-13|22|out|儿科|0||consult:1 cbc:.6 paracet:.7 ambroxol:.3
J20.900|急性支气管炎|*|14-90|8|out|内科|0||consult:1 cbc:.6 dr:.4 ambroxol:.7 cough_ctm:.6 amoxi:.4
J20.900|急性支气管炎|*|1-13|8|er|儿科|0||consult_er:1 cbc:.8 nebul:.9 budeson:.9*2 paracet:.3
I10.x00x002|高血压|*|35-95|26|chronic|心血管内科|0||consult:1 amlodip:.6*2 valsart:.5*2 metopro:.2*2 creat:.15 ecg:.15
E11.900|2型糖尿病|*|35-95|18|chronic|内分泌科|0||consult:1 metform:.8*3 acarb:.4*3 insulin:.25*2 atorva:.3*2 creat:.2
I25.103|冠状动脉粥样硬化性心脏病|*|45-95|9|chronic|心血管内科|0||consult:1 aspirin:.9 atorva:.8*2 metopro:.4*2 clopid:.3 ecg:.3
K29.500|慢性胃炎|*|18-85|8|out|消化内科|0||consult:1 omepra:.8 mosapr:.5 stomach_c:.4 egd:.15
M51.202|腰椎间盘突出|*|25-80|7|out|康复医学科|0||consult:1 acupunct:.6 midfreq:.6 infrared:.5 celecox:.4 joint_ctm:.4
M17.900|膝关节病|*|45-90|6|out|骨科|0||consult:1 dr:.5 celecox:.6 joint_ctm:.5 infrared:.3
L30.900|皮炎|*|1-90|5|out|皮肤科|0||consult:1 mometas:.9 lorata:.6
J30.400|变应性鼻炎|*|14-70|4|out|耳鼻咽喉科|0||consult:1 lorata:.9
N76.000|急性阴道炎|2|18-60|5|out|妇科|0||consult:1 urine:.3 @women:.9
N92.600|月经不规则|2|15-50|4|out|妇科|0||consult:1 us:.6 @women:.8
N40.x00|前列腺增生|1|50-92|4|out|泌尿外科|0||consult:1 us:.5 tamsulo:.8 urine:.4
Z34.900|正常妊娠监督|2|20-42|5|maternity|产科|0||consult:1 cbc:.5 urine:.7 us_color:.6
A09.900|胃肠炎和结肠炎|*|1-80|6|er|急诊科|0||consult_er:1 cbc:.8 smectite:.8 oralsalt:.6 nacl:.5 infusion:.5 mask_c:.5
H10.900|结膜炎|*|3-80|3|out|眼科|0||consult:1 levoeye:1
M54.500|下背痛|*|30-85|5|out|中医科|0||consult:1 acupunct:.7 cupping:.5 infrared:.5 massage:.3 joint_ctm:.5
G47.000|初发性或维持性睡眠障碍|*|20-85|4|out|神经内科|0||consult:1 escitalo:.6 @herbs:.4
S61.900|腕和手的开放性伤口|*|10-70|4|er|急诊科|0||consult_er:1 dressing:1 gauze:.9 amoxi:.6
R42.x00|头晕和眩晕|*|30-90|4|out|中医科|0||consult:1 @herbs:1
E03.900|甲状腺功能减退症|*|20-80|4|chronic|内分泌科|0||consult:1 thyroxin:1 us:.2
F32.900|抑郁发作|*|16-75|3|out|精神科|0||consult:1 escitalo:.95
J02.900|急性咽炎|*|3-90|9|store|药店|0||cold_ctm:.7 vitc:.3 lorata:.3
I10.x00x002|高血压|*|35-95|12|store|药店|0||amlodip:.8*2 valsart:.5
I25.103|冠状动脉粥样硬化性心脏病|*|50-90|5|store|药店|0||clopid:.6 atorva:.7*3 valsart:.4*2 acarb:.3*2 insulin:.3*2
K21.900|胃-食管反流性疾病|*|20-85|5|store|药店|0||omepra:.9 stomach_c:.4
M54.500|下背痛|*|20-85|4|store|药店|0||joint_ctm:.8 ibuprofen:.3
J18.900|肺炎|*|15-95|9|stay|呼吸内科|8||{_ADMISSION} ct:.8 pt:.4 +ceftriax:.7*2 +ambrox_in:.8*2 +nebul:.6 +oxygen:.4*6 {_DAILY}
J18.900|肺炎|*|1-14|10|stay|儿科|6||cbc:1 alt:.6 dr:.8 +cefurox:.9*2 +nebul:.9 +budeson:.9*2 {_DAILY}
I63.900|脑梗死|*|50-95|10|stay|神经内科|11||\
{_ADMISSION} ct:1 mri:.5 us_color:.5 ddimer:.6 +aspirin:.1 +exercise:.5 +acupunct:.4 +@stroke:.55 {_DAILY}
J44.100|慢性阻塞性肺病伴有急性加重|*|50-95|7|stay|呼吸内科|9||\
{_ADMISSION} ct:.7 +budeson:.9*2 +nebul:.9 +oxygen:.9*12 +ceftriax:.5*2 {_DAILY}
I20.000|不稳定型心绞痛|*|45-95|7|stay|心血管内科|7||\
{_ADMISSION} echo:.9 ddimer:.5 +ecg_mon:.6*12 +heparin:.7*2 atorva:1 clopid:.8 {_DAILY}
E11.900|2型糖尿病|*|35-90|5|stay|内分泌科|8||{_ADMISSION} chol:.9 trig:.9 us_color:.5 insulin:.9*2 @hba1c:.9 +panto_in:.3 {_DAILY}
M51.202|腰椎间盘突出|*|30-85|5|stay|康复医学科|8||\
{_ADMISSION} mri:.5 +acupunct:.8 +midfreq:.8 +infrared:.6 +massage:.5 +bed:1 +consult_in:1 +nurse3:1 +nacl:.3 celecox:.7
R42.x00|头晕和眩晕|*|40-90|4|stay|神经内科|6||{_ADMISSION} ct:.8 mri:.5 us_color:.7 echo:.3 +panto_in:.5 {_DAILY}
K35.800|急性阑尾炎|*|10-70|4|stay|普外科|5|47.0901 阑尾切除术|\
{_ADMISSION} us:.7 appendec:1 anaes_block:1 suture:1*2 +cefurox:.9*2 +dressing:.4 {_DAILY}
K80.200|胆囊结石不伴有胆囊炎|*|25-80|4|stay|普外科|6|51.2300 腹腔镜下胆囊切除术|\
{_ADMISSION} us_color:.8 cholecys:1 anaes_gen:1 clip:1*3 +cefurox:.7*2 {_DAILY}
H25.900|老年性白内障|*|55-92|5|day|眼科|1|13.4100x001 白内障超声乳化抽吸术|\
cbc:.8 ecg:.6 phaco:1 lens:1 levoeye:1 bed:1 nurse3:1 consult_in:1
O80.000|头位顺产|2|20-40|3|birth|产科|3||cbc:1 urine:1 pt:.5 us_color:.6 delivery:1 oxytocin:.9*2 {_DAILY}
O82.000|经选择性剖宫产术的分娩|2|20-42|2|birth|产科|6|74.1x01 剖宫产术，子宫下段横切口|\
cbc:1 pt:.9 us_color:.7 cesarean:1 anaes_block:1 oxytocin:1*2 suture:1*2 +cefurox:.6*2 {_DAILY}
I50.900|心力衰竭|*|55-95|5|stay|心血管内科|9||{_ADMISSION} echo:.9 +furosem:.9*2 +oxygen:.7*8 +ecg_mon:.7*12 {_DAILY}
P59.900|新生儿黄疸|*|0-0|2|stay|新生儿科|5||cbc:1 alt:.9 +photother:.9*10 +bed:1 +consult_in:1 +nurse1:1
S72.000|股骨颈骨折|*|60-95|3|stay|骨科|12||{_ADMISSION} dr:1*2 ct:.5 +heparin:.8 +exercise:.3 +midfreq:.4 {_DAILY}
N39.000|泌尿道感染|*|19-90|3|stay|肾内科|6||{_ADMISSION} us:.7 +levoflox:.9 {_DAILY}
"""

SPECIAL = ("@women", "@herbs", "@stroke", "@hba1c")


def _use(text: str) -> Use:
    daily, text = text.startswith("+"), text.lstrip("+")
    key, _, rest = text.partition(":")
    probability, _, quantity = rest.partition("*")
    if key not in ITEMS and key not in SPECIAL:
        raise KeyError(f"profiles.py names an item that the catalogue does not have: {key}")
    return Use(key, float(probability), int(quantity or 1), daily)


def _profile(row: str) -> Profile:
    code, name, sex, ages, weight, setting, department, days, operation, uses = row.split("|")
    low, high = ages.split("-")
    parts = operation.split(" ", 1)
    return Profile(
        code,
        name,
        sex,
        int(low),
        int(high),
        float(weight),
        setting,
        department,
        float(days),
        (parts[0], parts[1]) if operation else None,
        tuple(_use(text) for text in uses.split()),
    )


PROFILES = tuple(_profile(row) for row in _LISTING.strip().splitlines())
