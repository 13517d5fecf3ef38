"""A dossier as an indented tree, in Chinese or in English."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from audit import words

Row = dict[str, Any]
_COLON = {"zh": "：", "en": ": "}
_WORDS = {
    "definite": ("明确违规", "definite"),
    "suspicious": ("可疑", "suspicious"),
    "clause": ("依据", "Clause"),
    "source": ("来源", "source"),
    "text": ("条文", "wording"),
    "rule": ("规则", "Rule"),
    "version": ("第{}版", "version {}"),
    "says": ("判定条件", "finds"),
    "innocent": ("可能的合理解释", "innocent explanations"),
    "comparison": ("逐项比对", "Comparison"),
    "case": ("分情形", "by case"),
    "any": ("满足其一", "any of"),
    "all": ("同时满足", "all of"),
    "true": ("成立", "true"),
    "false": ("不成立", "false"),
    "unknown": ("无法判断", "unknown"),
    "point": ("知识点", "Knowledge point"),
    "batch": ("第{}批", "batch {}"),
    "wording": ("内容", "wording"),
    "test": ("违规判断", "test"),
    "claim": ("结算", "Claim"),
    "billed": ("违规明细", "billed line"),
    "concerned": ("相关明细", "concerned line"),
    "not_held": ("不在当晚数据中", "not in that night's data"),
    "money": ("金额", "Money"),
    "vola_amt": ("违规金额", "gross"),
    "vola_inscp_amt": ("其中符合政策范围", "in the fund's scope"),
    "vola_fund_amt": ("其中基金支付约", "the fund's share, about"),
    "counted_amt": ("本条计入", "counted here"),
    "method": ("计算口径", "method"),
    "whole": ("全额", "the whole amount"),
    "exposure": ("不计金额,仅提示风险", "none counted: an exposure"),
    "none": ("不计金额", "none counted"),
    "excess": ("超出部分", "the excess"),
    "price_difference": ("差价", "the price difference"),
    "discount": ("应折未折部分", "the missing discount"),
    "over_cap": ("超出封顶部分", "the part above the cap"),
    "drg_diff": ("分组差额", "the difference between groups"),
    "others": ("同一费用的其他发现", "Other findings for the same money"),
    "counted": ("计入", "counted"),
    "secondary": ("作为次要依据,不重复计入", "a secondary ground, not counted again"),
    "no_text": ("当晚未保存规则原文", "that night kept no text of the rule"),
}


def show(dossier: Row, language: str | None) -> None:
    """Print the dossier as a tree, or as JSON where no language is named."""
    if language is None:
        print(json.dumps(dossier, ensure_ascii=False, indent=1))
    else:
        Console(highlight=False).print(shown(dossier, language))


def shown(dossier: Row, language: str) -> Tree:
    """The dossier as a tree for the terminal; `language` is zh or en."""
    which = 0 if language == "zh" else 1

    def say(key: str, *values: object) -> str:
        return _WORDS[key][which].format(*values).replace(",", "，" if language == "zh" else ",")

    colon = _COLON[language]
    found = dossier["finding"]
    tree = Tree(Text(f"{found['jr_id']} · {say(found['sev_deg'])} · {found['batch_date']}", style="bold"))
    tree.add(Text(found["vola_cont" if language == "zh" else "vola_cont_en"]))
    _clause_and_rule(tree, dossier, say, language)
    if dossier["comparison"]:
        _part(tree.add(say("comparison")), dossier["comparison"], say, language)
    if point := dossier["point"]:
        issue = ("，" if language == "zh" else ", ").join(
            filter(None, (point["batch"] and say("batch", point["batch"]), point["published"]))
        )
        branch = tree.add(Text(f"{say('point')} {point['point_id']} ({issue}) {point['point_name']}"))
        branch.add(Text(f"{say('wording')}{colon}{point['clause']}"))
        branch.add(Text(f"{say('test')}{colon}{point['test']}"))
    _case(tree, dossier, say, language)
    _money(tree, dossier, say, language)
    return tree


Say = Callable[..., str]


def _clause_and_rule(tree: Tree, dossier: Row, say: Say, language: str) -> None:
    found, rule, colon = dossier["finding"], dossier["rule"], _COLON[language]
    called = f"{say('rule')} {found['rule_id']} {say('version', found['rule_version'])}"
    code = found["national_code"] or found["local_code"]
    if rule is None:  # a night of an engine that kept no rules
        tree.add(say("clause")).add(Text(found["vola_evid"]))
        tree.add(Text(f"{called} ({code})")).add(say("no_text"))
        return
    clause = tree.add(say("clause"))
    clause.add(Text(f"{say('source')}{colon}{rule['clause']['source']}"))
    clause.add(Text(f"{say('text')}{colon}{rule['clause']['text']}"))
    branch = tree.add(Text(f"{called} {rule['name'][language]} ({code}, {rule['file']})"))
    branch.add(Text(f"{say('says')}{colon}{rule['says'][language]}"))
    if innocent := rule["innocent_explanations"][language]:
        branch.add(Text(f"{say('innocent')}{colon}{('；' if language == 'zh' else '; ').join(innocent)}"))
    if dossier["changed"]:
        branch.add(Text(dossier["changed"][language], style="yellow"))


def _part(tree: Tree, part: Row, say: Say, language: str) -> None:
    """A comparison with its answer and values; what is joined says how, and holds its parts."""
    mark, style, key = {True: ("✓", "green", "true"), False: ("✗", "red", "false"), None: ("?", "yellow", "unknown")}[part["answer"]]
    told = say(part["joint"]) if part["parts"] else part["says"][language]
    values = ", ".join(f"{v['name'][language]} = {v['said'][language]}" for v in part["values"])
    line = Text(f"{mark} {told} · {say(key)}", style=style)
    branch = tree.add(line.append(f"  [{values}]", style="default") if values else line)
    for inner in part["parts"]:
        _part(branch, inner, say, language)


def _case(tree: Tree, dossier: Row, say: Say, language: str) -> None:
    found, claim, colon = dossier["finding"], dossier["claim"], _COLON[language]
    facts = [found["setl_id"]]
    if claim:
        dates = claim["begn_date"] if claim["begn_date"] == claim["end_date"] else f"{claim['begn_date']} – {claim['end_date'] or ''}"
        said = [words.value(column, claim[column], language) for column in ("hosp_lv", "med_type", "medfee_sumamt")]
        facts += [claim["fixmedins_name"] or found["fixmedins_code"], said[0], said[1], dates, said[2]]
    branch = tree.add(Text(f"{say('claim')} {' · '.join(filter(None, facts))}"))
    for line in dossier["lines"]:
        branch.add(Text(f"{say(line['role'])} {line['bkkp_sn']}{colon}{_line(line, say, language)}"))


def _line(line: Row, say: Say, language: str) -> str:
    if "setl_id" not in line:
        return say("not_held")
    item = line["hilist_name"] or line["medins_list_name"] or ""
    cnt, price, amount = (words.value(c, line[c], language) for c in ("cnt_e4", "pric_e6", "det_item_fee_sumamt"))
    when = (line["fee_ocur_time"] or "").replace("T", " ")
    return " · ".join(filter(None, (when, item, line["med_list_codg"], f"{cnt} × {price} = {amount}")))


def _money(tree: Tree, dossier: Row, say: Say, language: str) -> None:
    found, rule, colon = dossier["finding"], dossier["rule"], _COLON[language]
    branch = tree.add(say("money"))
    if rule:
        of = f" ({rule['amount'][language]})" if rule["amount"] else ""
        branch.add(Text(f"{say('method')}{colon}{say(rule['method'])}{of}"))
    for column in ("vola_amt", "vola_inscp_amt", "vola_fund_amt", "counted_amt"):
        branch.add(Text(f"{say(column)}{colon}{words.value(column, found[column], language)}"))
    if dossier["others"]:
        others = branch.add(say("others"))
        for other in dossier["others"]:
            standing = say("counted" if other["counted_amt"] else "secondary" if other["vola_amt"] else "none")
            money = " / ".join(words.value("vola_amt", other[column], language) for column in ("counted_amt", "vola_amt"))
            sentence = other["vola_cont" if language == "zh" else "vola_cont_en"]
            others.add(Text(f"{other['jr_id']} {other['rule_id']} · {standing} · {money} · {sentence}"))
