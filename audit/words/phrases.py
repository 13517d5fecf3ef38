"""Comparisons that have words of their own, because said by their columns' names they would sound like a form. Chinese | English.

Each is headed by its SQL, written as DuckDB writes it; + is said where it holds, - where it does not. All others are said by `forms`.
"""

from __future__ import annotations

PHRASES = """
    copy_no > 1
        + 前面已有完全相同的明细 | an identical line stands before this one
        - 前面没有完全相同的明细 | no identical line stands before this one
    discount_missing_fen > 0
        + 未按规定足额折价 | the discount due was not given in full
        - 已按规定足额折价 | the discount due was given in full
    gend IN ('1', '2')
        + 参保人性别已知 | the patient's sex is known
        - 参保人性别不详 | the patient's sex is not known
    hours_day > 24
        + 当日计费超过24小时 | more than 24 hours of it were billed on the day
        - 当日计费不超过24小时 | at most 24 hours of it were billed on the day
    item_companion_window = 'visit'
        + 此类项目可在整次就诊内计收 | the service may be billed anywhere in the visit
        - 此类项目须在当日计收 | the service must be billed on the same day
    item_consumable_companion_window = 'visit'
        + 此类项目可在整次就诊内计收 | the service may be billed anywhere in the visit
        - 此类项目须在当日计收 | the service must be billed on the same day
    item_course_kind = 'span_days'
        + 疗程自首次使用之日起计算 | the course runs from the first use
        - 疗程按用药日计算 | the course counts days of use
    item_kind = 'consumable'
        + 项目为医用耗材 | the item is a consumable
        - 项目不是医用耗材 | the item is no consumable
    item_kind = 'drug'
        + 项目为药品 | the item is a drug
        - 项目不是药品 | the item is no drug
    item_kind = 'herb'
        + 项目为中药饮片 | the item is a herbal piece
        - 项目不是中药饮片 | the item is no herbal piece
    item_kind = 'service'
        + 项目为医疗服务项目 | the item is a service
        - 项目不是医疗服务项目 | the item is no service
    item_kind IN ('drug', 'herb', 'consumable')
        + 项目为药品、中药饮片或医用耗材 | the item is a drug, a herbal piece or a consumable
        - 项目不是药品、中药饮片或医用耗材 | the item is neither a drug nor a herbal piece nor a consumable
    item_qty_per = 'day'
        + 耗材按日限量 | the consumable is limited by the day
        - 耗材不按日限量 | the consumable is not limited by the day
    line_count > 0
        + 有收费明细 | some lines were billed
        - 没有收费明细 | no lines were billed
    markup_fen > 0
        + 药品或耗材的售价超过购进价的允许倍数 | a drug or consumable was sold above the permitted multiple of its purchase price
        - 药品和耗材的售价均未超过购进价的允许倍数 | no drug or consumable was sold above the permitted multiple of its purchase price
    orderless_lines > 0
        + 部分明细既无医嘱处方号也无开单、执行医师 | some lines bear neither an order nor an ordering or performing doctor
        - 明细均有医嘱处方号、开单医师或执行医师 | every line bears an order or an ordering or performing doctor
    over_24h_fen > 0
        + 本条明细含超出部分的费用 | this line holds part of the excess
        - 本条明细不含超出部分的费用 | this line holds no part of the excess
    price_over_fen > 0
        + 单价高于价格上限 | the unit price is above its ceiling
        - 单价不高于价格上限 | the unit price is not above its ceiling
    price_over_fen > overlmt_selfpay
        + 超出上限的金额未全部由参保人自费 | the patient did not pay all of the amount above the ceiling
        - 超出上限的金额已全部由参保人自费 | the patient paid all of the amount above the ceiling
    starts_with(med_type, '14')
        + 本次就医为门诊慢特病就诊 | it is a visit for a registered chronic disease
        - 本次就医不是门诊慢特病就诊 | it is no visit for a registered chronic disease
    surgery_share = 0
        + 没有手术费 | no surgery was billed
        - 有手术费 | surgery was billed
    visit_mode IN ('outpatient', 'emergency')
        + 就医方式为门诊或急诊 | it is an outpatient or emergency visit
        - 就医方式不是门诊或急诊 | it is no outpatient or emergency visit
    visit_mode IN ('outpatient', 'emergency', 'internet')
        + 就医方式为门诊、急诊或互联网诊疗 | it is an outpatient, emergency or internet visit
        - 就医方式不是门诊、急诊或互联网诊疗 | it is no outpatient, emergency or internet visit
"""
