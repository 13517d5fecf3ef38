"""What a night keeps besides its result tables, so that each finding can be shown later as it was: the rule's own text, the
knowledge point, the lines and the claim."""

from __future__ import annotations

import polars as pl

from audit.rulebook import Rulebook

RULE_TEXTS: dict[str, pl.DataType] = {
    "rule_id": pl.String(),
    "rule_version": pl.Int64(),
    "fingerprint": pl.String(),
    "file": pl.String(),
    "text": pl.String(),  # the whole rule file
}
POINTS: dict[str, pl.DataType] = {
    "jr_id": pl.String(),
    "point_id": pl.String(),
    "point_name": pl.String(),
    "clause": pl.String(),
    "test": pl.String(),
    "batch": pl.Int64(),
    "published": pl.Date(),
}
LINES: dict[str, pl.DataType] = {
    "bkkp_sn": pl.String(),
    "setl_id": pl.String(),
    "fee_ocur_time": pl.Datetime("us"),
    "med_list_codg": pl.String(),
    "hilist_name": pl.String(),
    "medins_list_name": pl.String(),
    "cnt_e4": pl.Int64(),
    "pric_e6": pl.Int64(),
    "det_item_fee_sumamt": pl.Int64(),
}
CLAIMS: dict[str, pl.DataType] = {
    "setl_id": pl.String(),
    "fixmedins_name": pl.String(),
    "hosp_lv": pl.String(),
    "med_type": pl.String(),
    "begn_date": pl.Date(),
    "end_date": pl.Date(),
    "medfee_sumamt": pl.Int64(),
    "fund_pay_sumamt": pl.Int64(),
}
KEPT = {"rule_texts": RULE_TEXTS, "finding_points": POINTS, "finding_lines": LINES, "finding_claims": CLAIMS}


def kept(findings: pl.DataFrame, claims: pl.LazyFrame, lines: pl.LazyFrame, rulebook: Rulebook) -> dict[str, pl.DataFrame]:
    """The tables of KEPT for one night.

    findings: explain's, all buckets. claims, lines: intake's. Only what a finding names is kept, and every rule that judged.
    """
    named = pl.concat([findings["bkkp_sn"], findings["concerned_bkkp_sn"].explode()]).drop_nulls().unique().to_frame("bkkp_sn")
    flagged = findings.select(pl.col("setl_id").unique())
    texts = [
        (
            rule.id,
            rule.version,
            rule.fingerprint,
            rule.file,
            (rulebook.folder / rule.folder / rule.file.rsplit("/", 1)[-1]).read_text("utf-8"),
        )
        for rule in rulebook.judged()
    ]
    made = {
        "rule_texts": pl.DataFrame(texts, schema=RULE_TEXTS, orient="row"),
        "finding_points": findings.filter(pl.col("point_id").is_not_null()),
        "finding_lines": lines.select(list(LINES)).join(named.lazy(), on="bkkp_sn", how="semi").collect(engine="streaming"),
        "finding_claims": claims.select(list(CLAIMS)).join(flagged.lazy(), on="setl_id", how="semi").collect(engine="streaming"),
    }
    return {
        name: made[name].select(pl.col(c).cast(dtype) for c, dtype in schema.items()).sort(*list(schema)[:2])
        for name, schema in KEPT.items()
    }
