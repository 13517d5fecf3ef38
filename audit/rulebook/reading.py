"""Rule files become rules, and the folder a rulebook; reading is strict and names every fault at once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import polars as pl
import yaml

from audit.errors import Fault, RuleError, Said
from audit.rulebook import drawn, sql, waivers
from audit.rulebook.rules import (
    FOLDERS,
    GRAINS,
    METHODS,
    OPTIONAL,
    PLAIN_AMOUNTS,
    REQUIRED,
    SEVERITIES,
    STAGES,
    STATUSES,
    Example,
    Rule,
    Rulebook,
)
from audit.rulebook.strict import Source, line, plain


def load(rules: Path) -> Rulebook:
    """Read rules/ strictly. Raises RuleError with every fault of every file; compares no column names (see `lint`)."""
    book, faults = read(rules)
    if faults:
        raise RuleError(*faults)
    return book


def read(rules: Path) -> tuple[Rulebook, list[Fault]]:
    """The rules that can be read, and every fault of every file: for `audit check-rules`, which goes on to judge what it can."""
    rules = Path(rules)
    if not rules.is_dir():
        raise RuleError(no_folder(rules))
    faults: list[Fault] = []
    good: list[Rule] = []
    for folder in FOLDERS:
        for path in sorted((rules / folder).glob("*.y*ml")):
            rule, found = read_rule(path, f"{rules.name}/{folder}/{path.name}", folder)
            faults += found
            good += [rule] if rule else []
    seen: dict[str, str] = {}
    for rule in good:
        if rule.id in seen:
            zh = f"编号 {rule.id} 已被 {seen[rule.id]} 使用；编号不得重复使用。"
            en = f"the id {rule.id} is already used by {seen[rule.id]}; ids are never reused."
            faults.append(Fault(zh, en, rule.file, rule.lines["id"]))
        seen.setdefault(rule.id, rule.file)
    policy = Source.open(rules / "policy.yaml", f"{rules.name}/policy.yaml") if (rules / "policy.yaml").exists() else None
    if policy is None:
        en = f"{rules.name}/policy.yaml is missing: it says how findings settle and which claims are reviewed."
        faults.append(Fault(f"缺少 {rules.name}/policy.yaml：它规定问题如何归并计费、哪些结算需要复核。", en))
    values = plain(policy) if policy else {}
    faults += policy.faults if policy else []
    ordered = tuple(sorted(good, key=lambda rule: rule.id))
    waived = waivers.read(rules, [rule.id for rule in ordered], faults) if not faults else pl.DataFrame(schema=waivers.WAIVERS)
    content = [[[rule.id, rule.version, rule.status, rule.fingerprint] for rule in ordered], values]
    return Rulebook(ordered, values, _digest(content + [waivers.digest(waived)] * (not waived.is_empty())), rules, waived), faults


def no_folder(rules: Path) -> Fault:
    """That there is no rules folder."""
    en = "no such folder; --rules names the folder that holds policy/, management/, medical/ and local/."
    return Fault("没有这个目录；--rules 应指向含有 policy/、management/、medical/ 和 local/ 的目录。", en, rules)


def read_rule(path: Path, name: str, folder: str) -> tuple[Rule | None, list[Fault]]:
    """One file -> (rule, faults); the rule is None when there are faults. `name` is how faults call the file."""
    source = Source.open(path, name)
    if source.root is None:
        return None, source.faults
    keys = source.mapping(source.root, Said("规则", "a rule"), REQUIRED, OPTIONAL)
    if any(key not in keys for key in REQUIRED):
        return None, source.faults
    rule = _rule(source, keys, folder)
    _identity(source, keys, rule, path)
    _expressions(source, keys, rule)
    return (rule if not source.faults else None), source.faults


def read_text(text: str, name: str) -> dict:
    """The plain values of a rule file's text as it was once kept; asks nothing of it, since the format may have moved on."""
    return plain(Source.read(text, name))


def _rule(source: Source, keys: dict[str, yaml.Node], folder: str) -> Rule:
    names = source.mapping(keys["name"], "name", ["zh", "en"])
    message = source.mapping(keys["message"], "message", ["zh", "en"])
    clause = source.mapping(keys["clause"], "clause", ["source", "text"])
    effective = source.mapping(keys["effective"], "effective", ["from"], ["to"])
    ends = effective.get("to")
    amount, fen = _amount(source, keys["amount"])
    rule = Rule(
        id=source.text(keys["id"], "id"),
        name={tongue: source.wording(node, f"name {tongue}") for tongue, node in names.items()},
        rule_no=None if "rule_no" not in keys or _null(keys["rule_no"]) else source.whole(keys["rule_no"], "rule_no"),
        national_code=source.maybe_text(keys.get("national_code"), "national_code"),
        local_code=source.maybe_text(keys.get("local_code"), "local_code"),
        version=source.whole(keys["version"], "version"),
        status=source.one_of(keys["status"], "status", STATUSES),
        finding=source.one_of(keys["finding"], "finding", SEVERITIES),
        grain=source.one_of(keys["grain"], "grain", GRAINS),
        stages=tuple(source.one_of(node, Said("stages 的每一项", "each stage"), STAGES) for node in source.items(keys["stages"], "stages")),
        effective_from=source.day(effective["from"], "effective from") if "from" in effective else date.min,
        effective_to=None if ends is None or _null(ends) else source.day(ends, "effective to"),
        clause_source=source.wording(clause["source"], Said("clause 的 source ", "the clause's source")) if "source" in clause else "",
        clause_text=source.wording(clause["text"], Said("clause 的 text ", "the clause's text")) if "text" in clause else "",
        when=" ".join(source.text(keys["when"], "when").split("\n")),
        amount=amount,
        amount_fen=fen,
        message={tongue: source.wording(node, f"message {tongue}") for tongue, node in message.items()},
        concerned=source.texts(keys.get("concerned"), "concerned"),
        evidence=source.texts(keys.get("evidence"), "evidence"),
        innocent_explanations=_innocent(source, keys.get("innocent_explanations")),
        reason=source.maybe_text(keys.get("reason"), "reason"),
        examples=tuple(_example(source, node) for node in source.items(keys["examples"], "examples")),
        file=source.name,
        folder=folder,
        lines={key: line(node) for key, node in keys.items()},
        fingerprint="",
    )
    return replace(rule, fingerprint=_digest(_substance(rule)))


def _innocent(source: Source, node: yaml.Node | None) -> dict[str, tuple[str, ...]]:
    """What may look the same and is none, each said in both languages."""
    if node is None:
        return {"zh": (), "en": ()}
    if not isinstance(node, yaml.MappingNode):
        told = "innocent_explanations are said in both languages: write a list zh and a list en below the key."
        source.fault(node, "innocent_explanations 要用两种语言写：在该键下写 zh 和 en 两个列表。", told)
        return {"zh": (), "en": ()}
    lists = source.mapping(node, "innocent_explanations", ["zh", "en"])
    zh, en = (source.texts(lists.get(tongue), f"innocent_explanations {tongue}") for tongue in ("zh", "en"))
    if len(lists) == 2 and len(zh) != len(en):
        told = f"innocent_explanations has {len(zh)} in zh and {len(en)} in en; say each in both languages, in the same order."
        source.fault(node, f"innocent_explanations 有 {len(zh)} 条 zh、{len(en)} 条 en；每条都要用两种语言写，顺序相同。", told)
    return {"zh": zh, "en": en}


def _null(node: yaml.Node) -> bool:
    return node.tag == "tag:yaml.org,2002:null"


def _amount(source: Source, node: yaml.Node) -> tuple[str, str | None]:
    if isinstance(node, yaml.ScalarNode):
        return source.one_of(node, "amount", PLAIN_AMOUNTS), None
    keys = source.mapping(node, "amount", ["method", "fen"])
    if len(keys) < 2:
        return "none", None
    method = source.one_of(keys["method"], Said("amount 的 method ", "the amount's method"), METHODS)
    return method, " ".join(source.text(keys["fen"], Said("amount 的 fen ", "the amount's fen")).split("\n"))


def _example(source: Source, node: yaml.Node) -> Example:
    keys = source.mapping(node, Said("示例", "an example"), ["name", "flags"], [*drawn.TABLES, "cannot_tell", "amounts"])
    tables = {}
    for table in drawn.TABLES:
        if table in keys:
            text = keys[table].value if isinstance(keys[table], yaml.ScalarNode) else ""
            tables[table], faults = drawn.read(table, text)
            for row, wrong in faults:
                source.add(line(keys[table]) + row, wrong.zh, wrong)
    amounts = {}
    for label, value in source.pairs(keys["amounts"], "amounts").items() if "amounts" in keys else ():
        try:
            amounts[label] = int((Decimal(value.value) * 100).to_integral_exact())
        except (InvalidOperation, TypeError):
            source.fault(value, f"amounts：'{value.value}' 不是以元为单位的金额。", f"amounts: '{value.value}' is not an amount in yuan.")
    if "claims" not in tables and "lines" not in tables:
        source.fault(node, "示例须画出 claims 或 lines。", "an example draws claims or lines.")
    return Example(
        name=source.wording(keys["name"], Said("示例的 name ", "an example's name")) if "name" in keys else "",
        line=line(node),
        tables=tables,
        flags=source.labels(keys.get("flags"), "flags"),
        cannot_tell=source.labels(keys.get("cannot_tell"), "cannot_tell"),
        amounts=amounts,
    )


def _identity(source: Source, keys: dict[str, yaml.Node], rule: Rule, path: Path) -> None:
    if rule.id and not (path.stem == rule.id or path.stem.startswith((f"{rule.id}-", f"{rule.id}_", f"{rule.id}."))):
        en = f"the id {rule.id} must be the start of the file name, here {path.name}."
        source.fault(keys["id"], f"文件名须以编号 {rule.id} 开头，现为 {path.name}。", en)
    if (rule.status == "retired") != (rule.folder == "retired"):
        en = "a retired rule stands in retired/ with status retired, and no other rule does."
        source.fault(keys["status"], "停用的规则放在 retired/ 中且 status 为 retired，其他规则不得如此。", en)
    if rule.status == "retired" and "reason" not in keys:
        source.fault(keys["status"], "停用的规则须写明 reason：停用原因。", "a retired rule needs the key 'reason': why it was withdrawn.")
    if rule.status == "active" and "reason" in keys:
        en = "an active rule has no 'reason'; the key says why a rule is a draft, in shadow or retired."
        source.fault(keys["reason"], "启用的规则没有 reason；该键只用来说明规则为何是草稿、影子或停用。", en)
    if (rule.national_code is None) == (rule.local_code is None):
        source.fault(keys["id"], "规则须有且只有 national_code 或 local_code 之一。", "a rule has either a national_code or a local_code.")
    if rule.local_code and not rule.local_code.startswith("LOCAL_"):
        en = f"local_code {rule.local_code} must start with LOCAL_."
        source.fault(keys["local_code"], f"local_code {rule.local_code} 须以 LOCAL_ 开头。", en)
    if rule.amount == "drg_diff" and rule.of_lines:
        en = "drg_diff is the difference of two payment standards of a claim; a rule about lines cannot have it."
        source.fault(keys["amount"], "drg_diff 是结算单两个支付标准之差，判定费用明细的规则不能用。", en)
    if rule.effective_to and rule.effective_to < rule.effective_from:
        en = "the rule ends before it begins: effective from and to are swapped."
        source.fault(keys["effective"], "失效日期早于生效日期：effective 的 from 与 to 写反了。", en)
    if any(word.strip().lower() in ("unknown", "未知", "none", "无") for words in rule.innocent_explanations.values() for word in words):
        en = "an innocent explanation may be absent, but not 'unknown'."
        source.fault(keys["innocent_explanations"], "合理解释可以不写，但不能写“未知”。", en)


def _expressions(source: Source, keys: dict[str, yaml.Node], rule: Rule) -> None:
    for key, text in (("when", rule.when), ("amount", rule.amount_fen or "")):
        for at, wrong in sql.parse(text).faults if text else ():
            near = text.encode()[at : at + 24].decode(errors="ignore")
            source.add(rule.lines[key], f"{key}，在 '{near}' 处：{wrong.zh}。", f"{key}, at '{near}': {wrong}.")


def _substance(rule: Rule) -> list:
    """All that can change a finding; status, examples and innocent explanations can be edited without a new version."""
    return [
        rule.id, rule.name, rule.rule_no, rule.national_code, rule.local_code, rule.version, rule.finding, rule.grain, rule.stages,
        rule.effective_from, rule.effective_to, rule.clause_source, rule.clause_text, " ".join(rule.when.split()), rule.amount,
        " ".join((rule.amount_fen or "").split()), rule.message, rule.concerned, rule.evidence,
    ]  # fmt: skip


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()[:16]
