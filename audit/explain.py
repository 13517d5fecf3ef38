"""The facts of a finding become sentences: what was found, the clause it rests on, the money; in Chinese and in English.

A sentence is the rule's own message with the values that the rule read filled in, so no number can stand in it that is not a
value of the finding. Nothing here decides anything.
"""

from __future__ import annotations

import re

import polars as pl

from audit.knowledge import Knowledge
from audit.rulebook import Rule, Rulebook
from audit.words import say, yuan

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_FULL_WIDTH = str.maketrans(",:;()", "，：；（）")
OWN_POINT = "OWN-"  # how the points begin that this project wrote from labels, guidelines and law
_SHOWN = 3  # findings told in a claim's own paragraph; the rest are counted


def explain(findings: pl.DataFrame, claims: pl.DataFrame, rulebook: Rulebook, knowledge: Knowledge) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Say each finding and each flagged claim of one bucket.

    findings: settle's rows. Adds vola_cont, vola_cont_en (the sentence), vola_evid, vola_evid_en (the clause; for a rule on official
    points also the point's wording, number, batch and date), rule_name, rule_name_en, rule_class, and keeps everything else.
    claims: settle's rows. Adds explanation (Chinese; null when nothing was found) and explanation_status (template or none); in reasons
    rule ids become ids with names.
    """
    rules = {(rule.id, rule.version): rule for rule in rulebook.rules}
    including = pl.col("evidence").str.json_path_match("$.included_in_code")  # a pair's point is known by both its items
    pointed = knowledge.points_for(findings.with_columns(main_code=including)).with_columns(hilist_name=_item_name())
    told = [_tell(part, rules[key]) for key, part in pointed.partition_by("rule_id", "rule_version", as_dict=True).items()]
    said = pl.concat(told) if told else _untold(pointed)
    said = said.sort("setl_id", "bkkp_sn", "rule_id", "jr_id", nulls_last=False)
    return said, _claims(said, claims, {rule.id: f"{rule.id} {rule.name['zh']}" for rule in rulebook.rules})


def fill(template: str, language: str, columns: list[str]) -> pl.Expr:
    """A message with `{column}` places as an expression over findings: a value from `evidence`, else the finding's own column."""
    parts: list[pl.Expr] = []
    for n, piece in enumerate(_PLACEHOLDER.split(template)):
        if n % 2:
            value = pl.col("evidence").str.json_path_match(f"$.{piece}")
            if piece in columns:
                value = pl.coalesce(value, _text(piece))
            parts.append(say(piece, value, language))
        elif piece:
            parts.append(pl.lit(piece.translate(_FULL_WIDTH) if language == "zh" else piece))
    return pl.concat_str(parts)


def _item_name() -> pl.Expr:
    """What to call an item whose line carries no name: the point's name (that of a pair names two items), else the billed code."""
    pair = pl.col("point_name").str.contains("×", literal=True)
    return pl.coalesce(pl.when(~pair).then(pl.col("point_name")), pl.col("med_list_codg"))


def _text(column: str) -> pl.Expr:
    return pl.col(column).list.join(", ") if column == "concerned_bkkp_sn" else pl.col(column).cast(pl.String)


def _message(rule: Rule, language: str, columns: list[str]) -> tuple[pl.Expr, pl.Expr]:
    """The service date of a line, unless the message says it itself, and the message without its full stop."""
    template = rule.message[language].rstrip(".。")
    said = not rule.of_lines or "{fee_date}" in template or "{fee_ocur_time}" in template
    colon = pl.lit("：" if language == "zh" else ": ")
    return pl.lit("") if said else (pl.col("fee_date").cast(pl.String) + colon).fill_null(""), fill(template, language, columns)


def _tell(findings: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """All findings of one rule version."""
    basis = f"{rule.clause_source}{{}}{rule.clause_text}"
    return findings.with_columns(
        rule_name=pl.lit(rule.name["zh"]),
        rule_name_en=pl.lit(rule.name["en"]),
        rule_class=pl.lit(rule.folder),
        vola_cont=pl.format("{}{}。{}", *_message(rule, "zh", findings.columns), _money("zh")),
        vola_cont_en=pl.format("{}{}. {}", *_message(rule, "en", findings.columns), _money("en")),
        vola_evid=pl.lit(basis.format("：")) + _point("zh"),
        vola_evid_en=pl.lit(basis.format(": ")) + _point("en"),
    )


def _untold(findings: pl.DataFrame) -> pl.DataFrame:
    texts = ("rule_name", "rule_name_en", "rule_class", "vola_cont", "vola_cont_en", "vola_evid", "vola_evid_en")
    return findings.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in texts)


def _money(language: str) -> pl.Expr:
    """The money of a finding: what is asked, the fund's share, and, where it adds less, which rules count the same money first."""
    amount, fund, counted = (yuan(pl.col(c), language) for c in ("vola_amt", "vola_fund_amt", "counted_amt"))
    definite = pl.col("sev_deg") == "definite"
    if language == "zh":
        kind = pl.when(definite).then(pl.lit("违规金额")).otherwise(pl.lit("涉嫌违规金额"))
        asked = pl.format("{}{}，其中基金支付约{}", kind, amount, fund)
        behind = pl.format("{}；同一费用已由{}先行计入，本条为补充依据，计入{}。", asked, pl.col("counted_by"), counted)
        bounded = pl.format("{}；以明细和结算金额为限，计入{}。", asked, counted)
        wholly, nothing = pl.format("{}。", asked), pl.lit("本条不计金额。")
    else:
        kind = pl.when(definite).then(pl.lit("Amount in violation")).otherwise(pl.lit("Amount in question"))
        asked = pl.format("{} {}, of which the fund paid about {}", kind, amount, fund)
        behind = pl.format(
            "{}; {} counts the same money first, so this is a further ground and adds {}.", asked, pl.col("counted_by"), counted
        )
        bounded = pl.format("{}; no more than the line and the claim hold counts, {}.", asked, counted)
        wholly, nothing = pl.format("{}.", asked), pl.lit("No amount is claimed.")
    less = pl.coalesce(behind, bounded)
    return pl.when(pl.col("vola_amt") <= 0).then(nothing).when(pl.col("counted_amt") < pl.col("vola_amt")).then(less).otherwise(wholly)


def _point(language: str) -> pl.Expr:
    """The knowledge point behind a finding; nothing for a rule without points. Official wording stays as published; a point of our own
    says whose reading it is and on what ground."""
    wording, ground = (pl.col(name).str.strip_chars_end("。. ") for name in ("clause", "test"))
    ours = pl.col("point_id").str.starts_with(OWN_POINT)
    if language == "zh":
        issue = pl.coalesce(pl.format("第{}批，{}", "batch", "published"), pl.format("{}更新", "published"))
        official = pl.format("国家医疗保障局知识点{}（{}）{}：{}。违规判断：{}。", "point_id", issue, "point_name", wording, ground)
        own = pl.format("本项目整理的知识点{}（依据：{}）{}：{}。违规判断：{}。", "point_id", "point_source", "point_name", wording, ground)
    else:
        issue = pl.coalesce(pl.format("batch {}, {}", "batch", "published"), pl.format("update of {}", "published"))
        official = pl.format(" NHSA knowledge point {} ({}) {}: {}. {}.", "point_id", issue, "point_name", wording, ground)
        own = pl.format(" This project's point {} (after: {}) {}: {}. {}.", "point_id", "point_source", "point_name", wording, ground)
    return pl.when(ours).then(own).otherwise(official).fill_null("")


def _claims(findings: pl.DataFrame, claims: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    definite = pl.col("sev_deg") == "definite"
    gravest_first = findings.with_columns(_later=~definite, _less=-pl.col("counted_amt")).sort(
        "setl_id", "_later", "_less", "bkkp_sn", "rule_id", "jr_id"
    )
    per_claim = gravest_first.group_by("setl_id", maintain_order=True).agg(
        _definite=definite.sum(),
        _suspicious=(~definite).sum(),
        _unsaid=pl.len().cast(pl.Int64) - _SHOWN,
        _told=pl.format("【{}】{}", "rule_name", "vola_cont").head(_SHOWN).str.join(""),
    )
    money = (yuan(pl.col(c), "zh") for c in ("counted_amt", "counted_fund_amt"))
    summary = pl.format("明确违规{}项、可疑{}项，合计计入{}，其中基金支付约{}。{}", "_definite", "_suspicious", *money, "_told")
    more = pl.when(pl.col("_unsaid") > 0).then(pl.format("另有{}项见明细。", "_unsaid")).otherwise(pl.lit(""))
    return (
        claims.join(per_claim, on="setl_id", how="left")
        .with_columns(
            reasons=pl.col("reasons").list.eval(pl.element().replace(names)),
            explanation=pl.when("flagged").then(summary + more),
            explanation_status=pl.when("flagged").then(pl.lit("template")).otherwise(pl.lit("none")),
        )
        .drop("_definite", "_suspicious", "_unsaid", "_told")
        .sort("setl_id")
    )
