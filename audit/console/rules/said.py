"""Words of the rules' pages that are not a rule's own, in Chinese and English."""

from __future__ import annotations

from audit.cases.procedure import SEVERITY
from audit.words import RULE_CLASSES

CLASSES = RULE_CLASSES | {"retired": ("已停用", "Retired")}
STATUSES = {
    "active": ("启用", "Active"),
    "shadow": ("影子", "Shadow"),
    "draft": ("草稿", "Draft"),
    "retired": ("停用", "Retired"),
}
FINDINGS = {finding: SEVERITY[finding] for finding in ("definite", "suspicious")}
GRAINS = {"line": ("费用明细", "Line"), "claim": ("结算单", "Claim"), "stay": ("住院", "Stay"), "person": ("参保人", "Person")}
STAGES = {"pre": ("事前", "before"), "mid": ("事中", "during"), "post": ("事后", "after")}
POINTS = {"official": ("官方知识点", "Official points"), "own": ("自建知识点", "Our own points"), "none": ("不用知识点", "No points")}
AMOUNTS = {
    "whole": ("全额：整条明细或整张结算单", "Whole: the whole line, or the whole claim"),
    "exposure": ("只提示涉及的全部费用，不计金额", "Exposure: what is at stake is shown, nothing is claimed"),
    "none": ("不计金额，退回补正", "None: no money, the record goes back"),
    "excess": ("超出限额的部分", "Excess: the part above a limit"),
    "price_difference": ("（单价 − 允许单价）× 数量", "Price difference: (price less the permitted price) x quantity"),
    "discount": ("应给而未给的折扣", "Discount: what was due and not given"),
    "over_cap": ("多条合计超出总额上限的部分", "Over a cap set for the sum of several lines or claims"),
    "drg_diff": ("两个病组支付标准之差", "The difference of two DRG payment standards"),
}
KINDS = {
    "rule": ("规则变更", "Rule"),
    "exemption": ("限期豁免", "Exemption"),
    "knowledge": ("知识导入", "Knowledge import"),
    "rollback": ("回退", "Rollback"),
    "baseline": ("接管", "Taken over"),
}
PROPOSALS = {
    "draft": ("草拟中", "Draft"),
    "submitted": ("待审批", "Waiting for approval"),
    "published": ("已发布", "Published"),
    "rejected": ("已退回", "Rejected"),
    "withdrawn": ("已撤回", "Withdrawn"),
}
CHIPS = {"draft": "", "submitted": "soon", "published": "done", "rejected": "late", "withdrawn": ""}
ANSWERS = {"flagged": ("违规", "flagged"), "clear": ("未发现", "clear"), "cannot_tell": ("无法判定", "cannot tell")}
WAIVED = {"institution": ("机构", "Institution"), "area": ("统筹区", "Area"), "item": ("项目", "Item")}
TABLES = {
    "claims": ("结算单", "Claims"),
    "lines": ("费用明细", "Lines"),
    "diags": ("诊断", "Diagnoses"),
    "oprns": ("手术操作", "Operations"),
    "traces": ("追溯码", "Trace codes"),
    "inventory": ("进销存", "Stock"),
}
FIELDS = {
    "name_zh": ("名称（中文）", "Name in Chinese"),
    "name_en": ("名称（英文）", "Name in English"),
    "status": ("状态", "Status"),
    "finding": ("结论", "Finding"),
    "grain": ("判定对象", "What it judges"),
    "stages": ("环节（pre 事前、mid 事中、post 事后）", "Stages (pre, mid, post)"),
    "reason": ("未启用的原因", "Why it is not active"),
    "effective_from": ("生效日期（服务日期）", "In force from (day of service)"),
    "effective_to": ("失效日期", "Until (empty: open)"),
    "rule_no": ("国家规则序号", "Number of the national rule"),
    "national_code": ("国家规则编码", "National code"),
    "local_code": ("本地编码（LOCAL_…）", "Local code (LOCAL_…)"),
    "clause_source": ("依据文件和条款号", "Source of the clause"),
    "clause_text": ("条款原文", "Text of the clause"),
    "when": ("判定条件（SQL）", "Condition (SQL)"),
    "amount": ("金额", "Amount"),
    "amount_fen": ("计算式（分）", "Its SQL, in fen"),
    "message_zh": ("告知（中文），{列名} 填入数值", "Message in Chinese; {column} is filled in"),
    "message_en": ("告知（英文）", "Message in English"),
    "evidence": ("另列为证据的列", "More columns shown as evidence"),
    "concerned": ("涉及的其他记录（列）", "Other records concerned (columns)"),
    "innocent_explanations_zh": ("合理解释（中文），每行一条", "Innocent explanations in Chinese, one a line"),
    "innocent_explanations_en": ("合理解释（英文），逐条对应", "Innocent explanations in English, in the same order"),
}
RULEBOOK = {
    "rule_id": ("规则编号", "Rule"),
    "name_zh": ("名称", "Name in Chinese"),
    "name_en": ("英文名称", "Name"),
    "rule_class": ("类别", "Class"),
    "type": ("国家规则类型", "National type"),
    "status": ("状态", "Status"),
    "finding": ("结论", "Finding"),
    "version": ("版本", "Version"),
    "points": ("知识点", "Points"),
    "hits": ("昨夜命中", "Hits last night"),
    "cannot_tell": ("昨夜无法判定", "Cannot tell"),
    "counted_amt": ("计入金额", "Counted amount"),
    "judged": ("已有结论", "Judged"),
    "confirmed_share": ("认定比例", "Confirmed share"),
    "overturned_share": ("推翻比例", "Overturned share"),
}
PUBLICATIONS = {
    "number": ("号", "Number"),
    "at": ("时间", "At"),
    "kind": ("种类", "Kind"),
    "title": ("变更", "Change"),
    "author": ("提出人", "Author"),
    "approver": ("审批人", "Approver"),
    "reason": ("理由", "Reason"),
    "rulebook": ("规则指纹", "Rulebook"),
    "knowledge": ("知识指纹", "Knowledge"),
}
WAIVERS = {
    "rule_id": ("规则", "Rule"),
    "kind": ("种类", "Kind"),
    "value": ("对象", "Of"),
    "valid_from": ("起", "From"),
    "valid_to": ("止", "Until"),
    "reason": ("理由", "Reason"),
    "source": ("来源", "Source"),
}
