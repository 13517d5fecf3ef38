"""One finding of the paper, from its dossier (audit.dossier): clause, comparison with the values read, knowledge point, lines, money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reportlab.platypus import Flowable

from audit.cases.evidence.said import label, said, said_all, text
from audit.cases.evidence.sheet import Sheet
from audit.cases.tables import BY_HAND

_MONEY = ("vola_amt", "vola_inscp_amt", "vola_fund_amt", "counted_amt")
_LINE = ("role", "bkkp_sn", "fee_ocur_time", "hilist_name", "cnt_e4", "pric_e6", "det_item_fee_sumamt")


def finding_parts(sheet: Sheet, dossier: Mapping[str, Any], number: str, language: str) -> list[Flowable]:
    """What stands in the paper of one finding, under the heading `number`."""
    found, rule = dossier["finding"], dossier["rule"]
    called = text("version", language, found["rule_id"], found["rule_version"])
    name = f"{rule['name'][language]} ({called})" if rule else called
    if found["rule_id"] == BY_HAND:
        name = f"{said('national_code', found['code'], language)} ({said('rule_id', BY_HAND, language)})"
    parts = [
        sheet.lesser(f"{number}  {name} · {said('sev_deg', found['sev_deg'], language)}"),
        sheet.plain(found["vola_cont" if language == "zh" else "vola_cont_en"] or ""),
        sheet.facts(_grounds(dossier, language), wide=True),
    ]
    if dossier["comparison"]:
        heads = [text("comparison", language), text("values", language), text("answer", language)]
        parts.append(sheet.table(heads, list(_compared(dossier["comparison"], language, 0)), (3, 3, 1)))
    if dossier["lines"]:
        columns = [said_all(column, [line.get(column) for line in dossier["lines"]], language) for column in _LINE]
        rows = [list(row) for row in zip(*columns, strict=True)]
        parts.append(sheet.table([label(column, language) for column in _LINE], rows, (1, 1.6, 1.3, 2, 0.7, 1, 1)))
    parts.append(
        sheet.table([label(column, language) for column in _MONEY], [[said(column, found[column], language) for column in _MONEY]])
    )
    if dossier["others"]:
        told = [
            f"{said('rule_id', other['rule_id'], language)} · {said('counted_amt', other['counted_amt'], language)} · "
            f"{other['vola_cont' if language == 'zh' else 'vola_cont_en']}"
            for other in dossier["others"]
        ]
        parts += [sheet.small(text("others", language)), *(sheet.bullet(one) for one in told)]
    return parts


def _grounds(dossier: Mapping[str, Any], language: str) -> list[list[str]]:
    """Clause, condition, knowledge point and innocent explanations as name and words."""
    rule, point = dossier["rule"], dossier["point"]
    rows = [
        [text("clause", language), f"{rule['clause']['source']}\n{rule['clause']['text']}" if rule else dossier["finding"]["vola_evid"]]
    ]
    if rule:
        rows.append([text("says", language), rule["says"][language]])
    if point:
        rows.append([text("point", language), f"{point['point_id']} {point['point_name']}\n{point['clause']}"])
    if rule and (innocent := rule["innocent_explanations"][language]):
        rows.append([text("innocent", language), ("；" if language == "zh" else "; ").join(innocent)])
    if dossier["changed"]:
        rows.append([text("rule", language), dossier["changed"][language]])
    return rows


def _compared(part: Mapping[str, Any], language: str, depth: int) -> Iterator[list[str]]:
    """The comparison as rows: what is said, the values it read, its answer; parts stand in beneath their whole."""
    says = text(part["joint"], language) if part["parts"] else part["says"][language]
    values = "\n".join(f"{value['name'][language]} = {value['said'][language]}" for value in part["values"])
    answer = {True: "true", False: "false", None: "unknown"}[part["answer"]]
    yield ["\u00a0" * 4 * depth + says, values, text(answer, language)]
    for inner in part["parts"]:
        yield from _compared(inner, language, depth + 1)
