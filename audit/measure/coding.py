"""Columns about the codes of the settlement list held against each other and against what was billed (rules 37, 38, 40).

An encounter is looked at whole: its settlements of one night share their lines. Code lists are asked once per distinct code; of
the lines only those of the few encounters are read whose codes call for something.
"""

from __future__ import annotations

import polars as pl

from audit import engine
from audit.knowledge.codings import OPERATING, OPERATIONS, Codings, in_force
from audit.measure.diagnoses import matches, western

ENCOUNTER = ["psn_no", "mdtrt_id"]


def main_codes(claims: pl.LazyFrame, diags: pl.LazyFrame, oprns: pl.LazyFrame | None) -> pl.LazyFrame:
    """main_dx String: the list's main diagnosis (western, least if several), else the main one at discharge. Null: neither is known.
    main_op String: the list's main operation (least if several), or its only one. Null: none.
    op_count Int64: different operations on the list. Null: no operations table (has_oprns).
    main_op_odd Boolean: rule 38, there are operations and not exactly one of them is the main one. Null: no operations table, or an
        operation does not say whether it is the main one."""
    listed = western(diags).filter(pl.col("maindiag_flag") == "1").group_by("setl_id").agg(listed=pl.col("diag_code").min())
    told = claims.select("setl_id", "has_oprns", "dscg_maindiag_code").join(listed, on="setl_id", how="left")
    said = told.select("setl_id", "has_oprns", main_dx=pl.coalesce("listed", "dscg_maindiag_code"))
    if oprns is None:
        return said.select(
            "setl_id", "main_dx", main_op=pl.lit(None, pl.String), op_count=pl.lit(None, pl.Int64), main_op_odd=pl.lit(None, pl.Boolean)
        )
    main = pl.col("main_oprn_flag") == "1"
    counted = oprns.group_by("setl_id").agg(
        op_count=pl.col("oprn_oprt_code").n_unique().cast(pl.Int64),
        main_op=pl.when(main).then(pl.col("oprn_oprt_code")).min(),
        least=pl.col("oprn_oprt_code").min(),
        mains=main.cast(pl.Int64).sum(),
        unsaid=pl.col("main_oprn_flag").is_null().cast(pl.Int64).sum(),
    )
    only = pl.when(pl.col("op_count") == 1).then(pl.col("least"))
    odd = pl.when(pl.col("mains") > 1).then(True).when(pl.col("unsaid") > 0).then(None).otherwise(pl.col("mains") == 0)
    counted = counted.select("setl_id", "op_count", main_op=pl.coalesce("main_op", only), odd=odd, listed=pl.lit(True))
    known = pl.col("has_oprns")
    return said.join(counted, on="setl_id", how="left").select(
        "setl_id",
        "main_dx",
        "main_op",
        op_count=pl.when(known).then(pl.col("op_count").fill_null(0)),
        main_op_odd=pl.when(known).then(pl.when(pl.col("listed")).then(pl.col("odd")).otherwise(False)),
    )


def op_dx_fit(told: pl.LazyFrame, codings: Codings) -> pl.LazyFrame:
    """op_dx_fit Boolean: rule 40, a row of op_dx_fits lets the main diagnosis bring a person to the main operation; True too where there
    is no main operation or the table does not speak of it. Null: no operations table, or no main diagnosis."""
    pairs = engine.collect(told.select("main_op", "main_dx").drop_nulls().unique())
    of_ops = matches(pairs, "main_op", codings.op_dx_fits.select("op_prefix").unique(), "op_prefix")
    of_dx = matches(pairs, "main_dx", codings.op_dx_fits.select("dx_prefix").unique(), "dx_prefix")
    fits = codings.op_dx_fits.join(of_ops, on="op_prefix").join(of_dx, on="dx_prefix").select("main_op", "main_dx").unique()
    spoken = pairs.join(of_ops.select("main_op").unique(), on="main_op")
    wrong = spoken.join(fits, on=["main_op", "main_dx"], how="anti").with_columns(wrong=pl.lit(True))
    asked = told.filter(pl.col("op_count").is_not_null(), pl.col("main_op").is_null() | pl.col("main_dx").is_not_null())
    answered = asked.join(wrong.lazy(), on=["main_op", "main_dx"], how="left")
    return answered.select("setl_id", op_dx_fit=~pl.col("wrong").fill_null(False))


def asked_of_lines(told: pl.LazyFrame, oprns: pl.LazyFrame | None, codings: Codings) -> pl.DataFrame:
    """psn_no, mdtrt_id, setl_id, said (a diagnosis or operation code), code_prefixes, words: what stays must show in their lines.

    `told`: inpatient claims with main_dx. An operation asks for any line of the set OPERATING (code_prefixes is null then).
    """
    stays = told.filter(pl.col("is_inpatient")).select(*ENCOUNTER, "setl_id", "begn_date", "main_dx")
    codes = engine.collect(stays.select("main_dx").drop_nulls().unique())
    by_dx = matches(codes, "main_dx", codings.dx_demands, "dx_prefix").lazy()
    columns = (*ENCOUNTER, "setl_id", "said", "code_prefixes", "words")
    asked = [in_force(stays.join(by_dx, on="main_dx"), "begn_date").with_columns(said="main_dx").select(columns)]
    if oprns is not None:
        ops = engine.collect(oprns.select("oprn_oprt_code").unique())
        kinds = matches(ops, "oprn_oprt_code", codings.op_kinds, "op_prefix").lazy()
        listed = oprns.select("setl_id", "oprn_oprt_code").unique().join(kinds, on="oprn_oprt_code").join(stays, on="setl_id")
        nothing = {name: pl.lit(None, pl.String) for name in ("code_prefixes", "words")}
        asked.append(in_force(listed, "begn_date").with_columns(said="oprn_oprt_code", **nothing).select(columns))
    return engine.collect(pl.concat(asked).unique().sort("setl_id", "said", "code_prefixes", nulls_last=True))


def unbilled(asked: pl.DataFrame, told: pl.LazyFrame, lines: pl.LazyFrame, sets: pl.LazyFrame, on: engine.Engine) -> pl.LazyFrame:
    """dx_unbilled String: rule 37, the stay's main diagnosis, which calls for a kind of line (dialysis, chemotherapy, delivery ...) that
        the encounter lacks (dx_demands). Null: billed, or the diagnosis calls for none.
    op_unbilled String: rule 38, least operation on the list that is surely one (op_kinds), while the encounter has no line of an
        operation, an anaesthesia or a procedure through the vessels. Null: billed, or none listed."""
    of_stays = told.select(*ENCOUNTER, "claim_key").join(asked.lazy().select(ENCOUNTER).unique(), on=ENCOUNTER, how="semi")
    keys = engine.collect(of_stays)
    surgery = (pl.col("med_chrgitm_type").str.slice(0, 2) == "06").fill_null(False)
    operating = sets.filter(pl.col("set_id") == OPERATING).select("item", operating=pl.lit(True)).unique()
    billed = lines.filter(pl.col("claim_key").is_in(keys["claim_key"].implode()), pl.col("cnt_e4") > 0)
    kinds = billed.join(operating, on="item", how="left").select(
        "claim_key", "hilist_name", "medins_list_name", code="med_list_codg", operated=surgery | pl.col("operating").fill_null(False)
    )  # fmt: skip
    shown = engine.stream(kinds.unique(), on).join(keys, on="claim_key").drop("claim_key")
    names = pl.concat_str("hilist_name", "medins_list_name", ignore_nulls=True)
    return _lacking(asked, shown.with_columns(name=names)).lazy()


def _lacking(asked: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """setl_id, dx_unbilled, op_unbilled of the few encounters that show nothing of what they are asked for."""
    by_code = asked.with_columns(start=pl.col("code_prefixes").str.split(";")).explode("start", empty_as_null=False)
    by_word = asked.with_columns(word=pl.col("words").str.split(";")).explode("word", empty_as_null=False)
    met = [
        by_code.join(shown, on=ENCOUNTER).filter(pl.col("code").str.starts_with(pl.col("start"))),
        by_word.join(shown, on=ENCOUNTER).filter(pl.col("name").str.contains(pl.col("word"), literal=True)),
        asked.filter(pl.col("code_prefixes").is_null()).join(shown.filter("operated"), on=ENCOUNTER),
    ]
    answered = pl.concat(frame.select("setl_id", "said") for frame in met).unique()
    of_dx = pl.col("code_prefixes").is_not_null()
    return (
        asked.join(answered, on=["setl_id", "said"], how="anti")
        .group_by("setl_id")
        .agg(dx_unbilled=pl.col("said").filter(of_dx).min(), op_unbilled=pl.col("said").filter(~of_dx).min())
    )


def op_unlisted(told: pl.LazyFrame, lines: pl.LazyFrame, members: pl.LazyFrame) -> pl.LazyFrame:
    """op_unlisted String: rule 38, least item of an operation (chapters 3302-3313 and 3315 of the price list) billed in a stay whose
    encounter has no operation on any list. Null: none."""
    operated = members.filter(pl.col("set_id") == OPERATIONS).select("item_key")
    operations = lines.filter(pl.col("cnt_e4") > 0).join(operated, on="item_key")
    billed = operations.group_by("claim_key").agg(op_unlisted=pl.col("med_list_codg").min())
    unlisted = told.group_by(ENCOUNTER).agg(ops=pl.col("op_count").sum(), unknown=pl.col("op_count").is_null().cast(pl.Int64).sum())
    bare = unlisted.filter(pl.col("unknown") == 0, pl.col("ops") == 0).select(ENCOUNTER)
    stays = told.filter(pl.col("is_inpatient")).select(*ENCOUNTER, "setl_id", "claim_key").join(bare, on=ENCOUNTER, how="semi")
    return stays.join(billed, on="claim_key").select("setl_id", "op_unlisted")
