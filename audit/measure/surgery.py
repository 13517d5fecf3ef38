"""Rule 15: the second and later operation through the same incision is billed at a discount."""

from __future__ import annotations

import polars as pl

from audit.knowledge.points import MOST_OP_GROUPS
from audit.money import QUANTITY, price_fen

GROUPS = ["item_op_group", *(f"item_op_group_{n}" for n in range(2, MOST_OP_GROUPS + 1))]
SITTING = ["setl_id", "fee_date", "op_group"]


def operations(lines: pl.LazyFrame, op_prices: pl.LazyFrame) -> pl.LazyFrame:
    """op_rank Int64: rule 15, place of the operation among different operations of its group on the claim's day, dearest full price first
        (1), ties by bkkp_sn. Null: no group.
    discount_missing_fen Int64 fen: billed amount less p_second_op_ratio x full price x quantity, at least 0, for op_rank > 1; 0 for the
        first. Null: no group, or no full price: neither a ceiling nor a usual price of the institution, the highest it billed on at least
        p_usual_price_lines lines (later operations are cheaper)."""
    shelf = ["fixmedins_code", "med_list_codg"]
    asked = lines.filter(pl.col("item_op_group").is_not_null()).select(*shelf, "p_usual_price_lines").unique()
    priced = asked.join(op_prices, on=shelf).filter(pl.col("billed") >= pl.col("p_usual_price_lines"))
    usual = priced.group_by(*shelf, "p_usual_price_lines").agg(usual_price_e6=pl.col("price_e6").max())
    billed = (
        lines.filter(pl.col("item_op_group").is_not_null(), pl.col("cnt_e4") > 0)
        .join(usual, on=[*shelf, "p_usual_price_lines"], how="left")
        .with_columns(full_e6=pl.coalesce("pric_uplmt_amt_e6", "usual_price_e6"))
        .with_columns(rank_e6=pl.coalesce("full_e6", "pric_e6"))
        .select(
            "row", "bkkp_sn", "setl_id", "fee_date", "item_key", "cnt_e4", "det_item_fee_sumamt", "full_e6", "rank_e6", "p_second_op_ratio",
            *GROUPS,
        )
    )  # fmt: skip
    # A code may stand in several groups; each is a sitting of its own, and the line's place is its worst one.
    member = pl.concat([billed.filter(pl.col(group).is_not_null()).with_columns(op_group=group) for group in GROUPS])
    # The same operation twice (two sides) is one operation: operations are ranked, not lines.
    kinds = member.group_by([*SITTING, "item_key"]).agg(price=pl.col("rank_e6").max(), sn=pl.col("bkkp_sn").min())
    dearer = kinds.select(*SITTING, other="item_key", other_price="price", other_sn="sn")
    before = (pl.col("other_price") > pl.col("price")) | ((pl.col("other_price") == pl.col("price")) & (pl.col("other_sn") < pl.col("sn")))
    ranked = (
        kinds.join(dearer, on=SITTING)
        .with_columns(before=before.cast(pl.Int64))
        .group_by([*SITTING, "item_key"])
        .agg(op_rank=pl.col("before").sum() + 1)
    )
    ratio_e4 = (pl.col("p_second_op_ratio") * QUANTITY).round().cast(pl.Int64)
    due_e6 = (pl.col("full_e6") * ratio_e4 + QUANTITY // 2) // QUANTITY
    missing = (pl.col("det_item_fee_sumamt") - price_fen(due_e6, pl.col("cnt_e4"))).clip(0)
    return (
        billed.join(member.join(ranked, on=[*SITTING, "item_key"]).group_by("row").agg(pl.col("op_rank").max()), on="row")
        .with_columns(discount_missing_fen=pl.when(pl.col("op_rank") == 1).then(pl.lit(0, pl.Int64)).otherwise(missing))
        .select("row", "op_rank", "discount_missing_fen")
    )
