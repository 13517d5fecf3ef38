"""What the printed evidence calls things, Chinese and English; columns of claims and lines have their names in `audit.words`."""

from __future__ import annotations

from audit.cases.procedure import SEVERITY, STEPS

Pair = tuple[str, str]  # Chinese, English

SECTIONS: dict[str, Pair] = {
    "case": ("案件", "Case"),
    "claim": ("结算", "Claim"),
    "person": ("参保人", "Insured person"),
    "findings": ("疑点", "Findings"),
    "lines": ("费用明细", "Billed lines"),
    "reasons": ("模型依据", "What the model rests on"),
    "decisions": ("处理决定", "Decisions"),
    "attachments": ("附件", "Attachments"),
    "journal": ("操作日志", "Journal"),
}

LABELS: dict[str, Pair] = {
    "action": ("操作", "action"),
    "appealed_amt": ("申诉金额", "appealed"),
    "area": ("统筹区", "area"),
    "at": ("时间", "time"),
    "batch_date": ("审核批次日期", "night"),
    "begndate": ("开始日期", "first day"),
    "bytes": ("字节数", "bytes"),
    "case_id": ("案件编号", "case"),
    "certno": ("证件号码", "certificate number"),
    "confirmed_amt": ("确认金额", "confirmed"),
    "counted_amt": ("计入金额", "counted"),
    "decided_amt": ("认定金额", "decided"),
    "deadline": ("期限", "deadline"),
    "decision": ("处理建议", "proposed decision"),
    "detail": ("内容", "detail"),
    "enddate": ("结束日期", "last day"),
    "details": ("详情", "details"),
    "exported_by": ("导出人", "exported by"),
    "explanation": ("说明", "explanation"),
    "explanation_status": ("说明状态", "state of the explanation"),
    "flagged": ("标记", "flagged"),
    "fraud_probability": ("模型概率", "model's probability"),
    "hash": ("哈希", "hash"),
    "login": ("账号", "login"),
    "kind": ("类型", "kind"),
    "model": ("模型", "model"),
    "name": ("名称", "name"),
    "opened": ("立案时间", "opened"),
    "outcome": ("结论", "outcome"),
    "previous": ("前一哈希", "previous hash"),
    "priority": ("预计可追回", "expected to be recovered"),
    "proposed_amt": ("拟追回金额", "proposed"),
    "psn_name": ("姓名", "name"),
    "reason": ("理由", "reason"),
    "recovered_amt": ("已追回金额", "recovered"),
    "reviewer": ("审核人", "reviewer"),
    "role": ("角色", "role"),
    "run_id": ("运行编号", "run"),
    "seq": ("序号", "no."),
    "sha256": ("SHA-256", "SHA-256"),
    "state": ("状态", "state"),
    "subject": ("对象", "subject"),
    "step": ("环节", "step"),
    "vola_amt": ("违规金额", "in violation"),
    "vola_fund_amt": ("其中基金支付约", "the fund's share, about"),
    "vola_inscp_amt": ("其中符合政策范围", "in the fund's scope"),
    "who": ("人员", "who"),
}

VALUES: dict[str, Pair] = {code: (zh, en.lower()) for code, (zh, en) in (STEPS | SEVERITY).items()} | {
    "billed": ("违规明细", "billed line"),
    "concerned": ("相关明细", "concerned line"),
    "review": ("审核", "review"),
    "recover": ("追回", "recover"),
    "pass": ("通过", "pass"),
    "template": ("模板生成", "from the template"),
    "verified": ("已核验", "verified"),
}
SAID_BY_CODE = ("step", "state", "sev_deg", "role", "decision", "explanation_status")  # columns whose values VALUES names

TEXTS: dict[str, Pair] = {
    "title": ("医保基金审核案件证据材料", "Evidence of a medical-insurance audit case"),
    "made": ("制作时间 {}", "made {}"),
    "page": ("第{}页 共{}页", "page {} of {}"),
    "clause": ("依据", "Clause"),
    "rule": ("规则", "Rule"),
    "version": ("{} 第{}版", "{} version {}"),
    "says": ("判定条件", "Finds"),
    "innocent": ("可能的合理解释", "Innocent explanations"),
    "comparison": ("逐项比对", "Comparison"),
    "values": ("读取的值", "values read"),
    "answer": ("结果", "answer"),
    "case": ("分情形", "by case"),
    "any": ("满足其一", "any of"),
    "all": ("同时满足", "all of"),
    "true": ("成立", "true"),
    "false": ("不成立", "false"),
    "unknown": ("无法判断", "unknown"),
    "point": ("知识点", "Knowledge point"),
    "others": ("同一费用的其他疑点", "Other findings for the same money"),
    "flagged": ("▲ 为疑点涉及的明细", "▲ marks the lines that findings concern"),
    "package": (
        "本材料随附签名压缩包时，可离线核验其中每个文件；核验方法见压缩包内README.txt。",
        "Where this paper comes in its signed package, every file of it can be verified offline; README.txt there says how.",
    ),
}

README = """\
医保基金审核案件证据包

内容
  case.pdf        案件证据材料（打印用）
  case.json       全部数据
  lines.csv       费用明细（可用电子表格打开）
  journal.jsonl   操作日志，每行一条，含哈希
  attachments/    附件原件
  manifest.json   每个文件的SHA-256
  manifest.sig    manifest.json的Ed25519签名
  public_key.pem  签名公钥
密钥指纹：{key}

离线核验
  1. 核对公钥：下列命令的结果应与上面的指纹一致，并与医保部门另行公布的指纹一致。
       openssl pkey -pubin -in public_key.pem -outform DER | sha256sum
  2. 核验签名：
       openssl pkeyutl -verify -pubin -inkey public_key.pem -rawin -in manifest.json -sigfile manifest.sig
  3. 核对文件：每个文件的SHA-256应与manifest.json中所列一致。
       sha256sum case.pdf case.json lines.csv journal.jsonl attachments/*

----------------------------------------------------------------------

Evidence of a medical-insurance audit case

What is in it
  case.pdf        the evidence, to print
  case.json       all data
  lines.csv       the billed lines, for a spreadsheet
  journal.jsonl   the journal, one entry a line, with hashes
  attachments/    files that were handed in, as they came
  manifest.json   the SHA-256 of every file
  manifest.sig    the Ed25519 signature of manifest.json
  public_key.pem  the public key that it was signed with
Fingerprint of the key: {key}

To verify it without a network
  1. The key: this command must give the fingerprint above, and that must be the one that the bureau has published elsewhere.
       openssl pkey -pubin -in public_key.pem -outform DER | sha256sum
  2. The signature:
       openssl pkeyutl -verify -pubin -inkey public_key.pem -rawin -in manifest.json -sigfile manifest.sig
  3. The files: each must have the SHA-256 that manifest.json lists.
       sha256sum case.pdf case.json lines.csv journal.jsonl attachments/*
"""
