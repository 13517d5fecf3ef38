"""The method of a sample as text to print: what was drawn from what, how it is carried over, and what came out."""

from __future__ import annotations

from audit.cases.sampling.estimating import Bound, Estimate
from audit.cases.sampling.planning import Plan, yuan

_UNIT = {"claim": ("笔结算", "claims"), "line": ("条明细", "lines")}
_ESTIMATOR = {
    "difference": (
        "差额估计：各层样本平均多付金额乘以该层单位数，再相加。",
        "difference, the mean overpayment of each band's sample times the units of the band, added up.",
    ),
    "ratio": (
        "比率估计：样本多付金额与样本金额之比（各层按单位数加权），乘以抽样框总金额。",
        "ratio, overpaid to all money of the sample (bands weighted by their units), times all money of the frame.",
    ),
}
_NAMES = {"difference": ("差额估计", "Difference"), "ratio": ("比率估计", "Ratio")}


def method_text(plan: Plan, result: Estimate | None, language: str) -> str:
    """Lines of text in zh or en; without a result, the plan alone."""
    which = 0 if language == "zh" else 1
    lines = [*_drawn(plan, which), "", *_carried(plan, which)]
    if result is not None:
        lines += ["", *_result(plan, result, which)]
    return "\n".join(lines) + "\n"


def _drawn(plan: Plan, which: int) -> list[str]:
    unit = _UNIT[plan.unit][which]
    simple = len(plan.bands) == 1
    lines = [
        (
            f"抽样框：{plan.units}{unit}，金额合计{yuan(plan.billed_fen)}元。",
            f"Frame: {plan.units} {unit}, {yuan(plan.billed_fen)} yuan in all.",
        )[which],
        (f"抽样框指纹（SHA-256）：{plan.frame}", f"Fingerprint of the frame (SHA-256): {plan.frame}")[which],
        (
            f"抽样方法：{'简单随机抽样' if simple else '按金额分层随机抽样'}，不放回，样本量{plan.size}。",
            f"Sample: {'simple random' if simple else 'random, stratified by amount'}, without replacement, {plan.size} units.",
        )[which],
        (
            f"随机种子：{plan.seed}。每个单位按“种子:编号”的SHA-256值排序，每层取最小者，任何人可据此重抽并核对。",
            f"Seed: {plan.seed}. Units are ordered by the SHA-256 of 'seed:id', the first of each band are taken; anyone can draw again.",
        )[which],
    ]
    for number, band in enumerate(plan.bands if not simple else (), start=1):
        span = f"≥ {yuan(band.from_fen)}" + (f", < {yuan(band.below_fen)}" if band.below_fen is not None else "")
        lines.append(
            (
                f"  第{number}层（{span}元）：{band.units}{unit}，金额{yuan(band.billed_fen)}元，抽取{band.size}。",
                f"  Band {number} ({span} yuan): {band.units} {unit}, {yuan(band.billed_fen)} yuan, {band.size} drawn.",
            )[which]
        )
    if not simple:
        lines.append(("各层样本量按奈曼分配确定。", "Units are shared out to the bands by Neyman allocation.")[which])
    return lines


def _carried(plan: Plan, which: int) -> list[str]:
    return [
        ("抽样前选定的估计方法：", "Estimator, chosen before the draw: ")[which] + _ESTIMATOR[plan.estimator][which],
        (
            "标准误含有限总体校正；区间采用t分布，自由度按萨特思韦特法计算。追回金额取单侧90%置信下限，不低于样本内实际查实金额。",
            "The standard error has the finite population correction; intervals use Student's t with Satterthwaite's degrees of freedom. "
            "The amount to recover is the one-sided 90 % lower confidence bound, and not less than what was found in the sample itself.",
        )[which],
    ]


def _result(plan: Plan, result: Estimate, which: int) -> list[str]:
    lines = [
        (
            f"审查结果：{result.reviewed}个单位中{result.wrong}个多付，样本内多付{yuan(result.found)}元。",
            f"Review: {result.wrong} of {result.reviewed} units were overpaid, by {yuan(result.found)} yuan in the sample.",
        )[which]
    ]
    for name, bound in (("difference", result.difference), ("ratio", result.ratio)):
        if bound is not None:
            counts = ("（计入）", " (counts)")[which] if name == plan.estimator else ("（供参考）", " (for comparison)")[which]
            lines.append(_NAMES[name][which] + counts + ("：", ": ")[which] + _bound(bound, which))
    if result.why_not is not None:
        lines.append(result.why_not["zh" if which == 0 else "en"])
    lines.append((f"追回金额：{yuan(result.recover)}元。", f"Amount to recover: {yuan(result.recover)} yuan.")[which])
    return lines


def _bound(bound: Bound, which: int) -> str:
    if bound.freedom is None:
        return (
            f"全部单位均已审查，多付合计{yuan(bound.point)}元，无抽样误差。",
            f"every unit was reviewed; {yuan(bound.point)} yuan overpaid in all, without sampling error.",
        )[which]
    return (
        f"多付总额点估计{yuan(bound.point)}元，标准误{yuan(bound.error)}元，自由度{bound.freedom:.1f}；"
        f"双侧90%置信区间{yuan(bound.lower)}至{yuan(bound.upper)}元；单侧90%置信下限{yuan(bound.recover)}元。",
        f"{yuan(bound.point)} yuan overpaid in all, standard error {yuan(bound.error)}, {bound.freedom:.1f} degrees of freedom; "
        f"two-sided 90 % interval {yuan(bound.lower)} to {yuan(bound.upper)}; one-sided 90 % lower bound {yuan(bound.recover)} yuan.",
    )[which]
