"""A small rulebook written into a folder, shared by the tests of rulebook, judge and examples."""

from __future__ import annotations

from pathlib import Path

from audit.rulebook import Rulebook, load

RULE = """\
id: MED-067
name: {zh: 药品区分性别使用, en: Sex-specific drug}
national_code: GZ10000301004000
rule_no: 67
version: 1
status: active
finding: definite
grain: line
stages: [pre, mid, post]
effective: {from: 2023-05-15}
clause:
  source: 规则库框架体系(1.0版)
  text: 对限定性别使用的药品进行监管。
when: item_drug_gend IS NOT NULL AND gend <> item_drug_gend
amount: whole
message: {zh: "{hilist_name}限{item_drug_gend}性使用", en: "{hilist_name} is for sex {item_drug_gend}"}
examples:
  - name: a man and a woman
    lines: |
      gend | med_list_codg
      1    | ZA01
      2    | ZA01
    flags: [1]
  - name: nobody knows the sex
    lines: |
      gend | med_list_codg
           | ZA01
    flags: []
    cannot_tell: [1]
"""
OVER_DAY = (
    RULE.replace("MED-067", "POL-027")
    .replace("GZ10000301004000", "GZ10000102014000")
    .replace("item_drug_gend IS NOT NULL AND gend <> item_drug_gend", "over_day_fen > 0 AND fund_pays")
    .replace("amount: whole", "amount: {method: excess, fen: over_day_fen}")
    .replace("flags: [1]", "flags: [1]\n    amounts: {1: 100.00}")
    .replace("item_drug_gend", "over_day_fen")
)
SPLIT = (
    RULE.replace("MED-067", "MGT-049")
    .replace("GZ10000301004000", "GZ10000204001000")
    .replace("grain: line", "grain: claim")
    .replace("definite", "suspicious")
    .replace("item_drug_gend IS NOT NULL AND gend <> item_drug_gend", "prev_stay_gap_days <= p_split_gap_days AND prev_stay_same_dx")
    .replace("amount: whole", "amount: exposure")
    .replace("{hilist_name}限{item_drug_gend}性使用", "{prev_stay_setl_id}")
    .replace("{hilist_name} is for sex {item_drug_gend}", "{prev_stay_setl_id}")
)
FOLDERS = {"MED-067": ("medical", RULE), "POL-027": ("policy", OVER_DAY), "MGT-049": ("management", SPLIT)}


def write_rules(root: Path, **changed: str) -> Path:
    """rules/ with three rules and a policy below `root`; `MED_067="..."` replaces the text of a file."""
    rules = root / "rules"
    for rule_id, (folder, text) in FOLDERS.items():
        (rules / folder).mkdir(parents=True, exist_ok=True)
        (rules / folder / f"{rule_id}.yaml").write_text(changed.get(rule_id.replace("-", "_"), text), encoding="utf-8")
    (rules / "policy.yaml").write_text("precedence: [GZ]\n", encoding="utf-8")
    return rules


def book(root: Path, **changed: str) -> Rulebook:
    return load(write_rules(root, **changed))
