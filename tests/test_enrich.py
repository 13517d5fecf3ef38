"""Enrich brings facts to lines and neither adds nor loses one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.enrich import enrich
from tests.measure_frames import FakeKnowledge, claims_of, lines_of


class DatedKnowledge(FakeKnowledge):
    """X is limited to women from 2026 on only."""

    def item_facts(self, codes: pl.DataFrame) -> pl.DataFrame:
        facts = super().item_facts(codes)
        old = pl.col("epoch") == 0
        return facts.with_columns(item_drug_gend=pl.when(old).then(None).otherwise(pl.col("item_drug_gend")))


def enriched(knowledge: FakeKnowledge, claims: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    numbers, facts = enrich(lines.lazy(), claims.lazy(), knowledge)
    return facts.hung(lines.hstack(numbers), facts.names()).sort("bkkp_sn")


def test_the_service_date_chooses_the_fact() -> None:
    claims = claims_of()
    lines = lines_of(claims, {"at": datetime(2025, 12, 31, 9)}, {"at": datetime(2026, 1, 1, 9)}, {"med_list_codg": "Y"})
    got = enriched(DatedKnowledge({"X": {"item_drug_gend": "2", "item_kind": "drug"}}), claims, lines)
    assert got["item_drug_gend"].to_list() == [None, "2", None]


def test_local_suffix_meets_its_national_code() -> None:
    claims = claims_of()
    got = enriched(
        FakeKnowledge({"X12": {"item_herb_never": True}}), claims, lines_of(claims, {"med_list_codg": "X12-LOCAL"}, {"med_list_codg": "X1"})
    )
    assert got["item_code"].to_list() == ["X12", "X1"]
    assert got["item_herb_never"].to_list() == [True, None]


def test_kind_of_item_from_the_list_type_when_the_code_does_not_tell() -> None:
    claims = claims_of()
    kinds = {"101": "drug", "102": "herb", "201": "service", "301": "consumable", "999": None}
    got = enriched(FakeKnowledge(), claims, lines_of(claims, *({"list_type": k} for k in kinds), {"list_type": None}))
    assert got["item_kind"].to_list() == [*kinds.values(), None]


def test_facts_of_the_claim_and_parameters_of_a_missing_area() -> None:
    claims = claims_of({"fix_blng_admdvs": None, "inscp_amt": 1, "hifp_pay": 2, "medfee_sumamt": 3})
    got = enriched(FakeKnowledge(), claims, lines_of(claims, {"inscp_amt": 500})).row(0, named=True)
    assert (got["claim_inscp_amt"], got["claim_hifp_pay"], got["claim_medfee_sumamt"], got["inscp_amt"]) == (1, 2, 3, 500)
    assert (got["p_child_years"], got["gend"], got["begn_date"]) == (14.0, "1", date(2026, 6, 10))


line = st.fixed_dictionaries({
    "setl_id": st.sampled_from(["S1", "S2", "S3"]), "med_list_codg": st.sampled_from(["X", "X9", "Y", "Z"]), "cnt": st.integers(-2, 5),
    "at": st.sampled_from([None, datetime(2025, 3, 1), datetime(2026, 3, 1, 8)]),
})  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(line, min_size=1, max_size=30))
def test_no_line_is_added_or_lost(rows: list[dict[str, Any]]) -> None:
    claims = claims_of(*({"setl_id": f"S{n}", "fix_blng_admdvs": (None, "5301", "5302")[n - 1]} for n in (1, 2, 3)))
    lines = lines_of(claims, *rows)
    got = enriched(FakeKnowledge({"X": {"item_day_max": 1.0}}), claims, lines)
    assert got.select(lines.columns).equals(lines.sort("bkkp_sn"))
