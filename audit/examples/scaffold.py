"""A new rule file that passes every check: an analyst changes it from there."""

from __future__ import annotations

import re
from pathlib import Path

from audit.errors import Fault, RuleError
from audit.rulebook.reading import no_folder
from audit.rulebook.rules import FOLDERS

CLASSES = {"policy": "POL", "management": "MGT", "medical": "MED", "local": "LOC"}
_ID = re.compile(r"[A-Z]{2,5}-[0-9]{3}")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TEXT = """\
# yaml-language-server: $schema=../rule.schema.json
# A scaffold: every line below is yours to change. Columns you may read are listed in rules/README.md.
id: {id}
name: {{zh: 请填写规则名称, en: Name the rule}}
local_code: LOCAL_{code}          # or national_code: the GZ... code of the national rule type
version: 1
status: draft                     # draft: only its examples run; shadow: counted each night; active: findings
finding: suspicious               # definite 明确违规, or suspicious 可疑
grain: {grain}
stages: [post]
effective: {{from: 2026-01-01}}     # the first service date that the clause binds
clause:
  source: 请填写依据文件的名称和条款
  text: 请填写条款原文
{rule}"""
# One parameter, one guard, one bound: what most rules are made of.
_LINE = """\
when: item_kind = 'drug' AND fund_pays AND prd_days > p_supply_days_chronic
amount: whole                     # whole, exposure, none, or {method: excess, fen: over_day_fen}
message:
  zh: "{hilist_name}开药{prd_days}天,上限{p_supply_days_chronic}天"
  en: "{hilist_name} was supplied for {prd_days} days; the limit is {p_supply_days_chronic}"
innocent_explanations:
  zh: [请填写可能的合理解释]
  en: [write what may look the same and is none]
examples:
  - name: a day too many
    lines: |
      med_list_codg           | det_item_fee_sumamt | prd_days
      XA02BCA216A001010102845 | 80.00               | 85
    flags: [1]
    amounts: {1: 80.00}
  - name: exactly the limit, and a line the patient paid for
    lines: |
      med_list_codg           | det_item_fee_sumamt | fulamt_ownpay_amt | inscp_amt | prd_days
      XA02BCA216A001010102845 | 80.00               | 0                 | 80.00     | 84
      XA02BCA216A001010102845 | 80.00               | 80.00             | 0         | 85
    flags: []
  - name: nobody says for how many days
    lines: |
      med_list_codg           | prd_days
      XA02BCA216A001010102845 |
    flags: []
    cannot_tell: [1]
"""
_CLAIM = """\
when: is_inpatient AND stay_days <= p_short_stay_days AND lab_share >= p_exam_share_low_admission
amount: exposure                  # whole, exposure, none, or {method: excess, fen: over_bed_fen}
message:
  zh: "住院{stay_days}天,检验费占{lab_share}"
  en: "A stay of {stay_days} days, {lab_share} of it laboratory tests"
innocent_explanations:
  zh: [请填写可能的合理解释]
  en: [write what may look the same and is none]
examples:
  - name: two days of nothing but tests
    lines: |
      setl_id | begndate   | enddate    | med_chrgitm_type
      c1      | 2026-07-01 | 2026-07-03 | 04
    flags: [c1]
  - name: a longer stay
    lines: |
      setl_id | begndate   | enddate    | med_chrgitm_type
      c1      | 2026-07-01 | 2026-07-12 | 04
    flags: []
  - name: the day of discharge is missing
    lines: |
      setl_id | begndate   | enddate | endtime | med_chrgitm_type
      c1      | 2026-07-01 |         |         | 04
    flags: []
    cannot_tell: [c1]
"""


def new_rule(rules: Path, rule_id: str, folder: str | None, grain: str, slug: str) -> Path:
    """Write rules/<folder>/<rule_id>-<slug>.yaml, a draft that passes every check; `folder` None follows the id's letters.

    RuleError when the id or the file is there already, or a name is not of the usual shape; nothing is written then.
    """
    faults = []
    letters = rule_id.split("-")[0]
    by_letters = {prefix: name for name, prefix in CLASSES.items()}
    folder = folder or by_letters.get(letters)
    if not _ID.fullmatch(rule_id):
        free = _free(rules, "LOC")
        en = f"'{rule_id}' is no id of a rule: write capital letters, a hyphen and three digits, such as {free}."
        faults.append(Fault(f"'{rule_id}' 不是规则编号：请写大写字母、连字符和三位数字，如 {free}。", en))
    elif folder is None:
        known, classes = ", ".join(by_letters), ", ".join(CLASSES)
        en = f"{rule_id} does not say where it belongs ({known} do): add --class {classes}."
        faults.append(Fault(f"从 {rule_id} 看不出归属（{known} 可以）：请加 --class {classes}。", en))
    elif by_letters.get(letters, folder) != folder:
        own, free = by_letters[letters], _free(rules, CLASSES[folder])
        en = f"{rule_id} belongs to {own}, not {folder}: use --class {own}, or an id such as {free}."
        faults.append(Fault(f"{rule_id} 属于 {own}，不是 {folder}：请用 --class {own}，或用 {free} 之类的编号。", en))
    if not _SLUG.fullmatch(slug):
        en = f"'{slug}' is no file name: write small letters, digits and hyphens, such as too-many-days."
        faults.append(Fault(f"'{slug}' 不能作文件名：请写小写字母、数字和连字符，如 too-many-days。", en))
    if not rules.is_dir():
        faults.append(no_folder(rules))
    for other in (path for name in FOLDERS for path in sorted((rules / name).glob(f"{rule_id}*.y*ml"))):
        if re.match(rf"{re.escape(rule_id)}([-_.])", other.name):
            free = _free(rules, letters)
            en = f"{rule_id} is taken by {other}; ids are never used again. The next free one is {free}."
            faults.append(Fault(f"{rule_id} 已被 {other} 使用；编号不得重复使用。下一个可用的是 {free}。", en))
    if faults:
        raise RuleError(*faults)
    path = rules / str(folder) / f"{rule_id}-{slug}.yaml"
    body = _LINE if grain == "line" else _CLAIM
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_TEXT.format(id=rule_id, code=rule_id.removeprefix("LOC-").replace("-", "_"), grain=grain, rule=body), encoding="utf-8")
    return path


def _free(rules: Path, letters: str) -> str:
    """The number after the last one of these letters."""
    letters = letters if letters.isalpha() and letters.isupper() else "LOC"
    taken = [int(found[1]) for path in rules.glob("*/*.y*ml") if (found := re.match(rf"{letters}-([0-9]{{3}})", path.name))]
    return f"{letters}-{max(taken, default=0) + 1:03d}"
