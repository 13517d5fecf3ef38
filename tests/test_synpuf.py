"""The night on another country's claims: counts held against queries that know nothing of the engine."""

from pathlib import Path

import duckdb
import polars as pl
import pytest
from conftest import ROOT

SYNPUF = ROOT.parent / "shared" / "data" / "dev_us_synpuf_scale"

# A claim whose diagnoses are, by the Medicare Code Editor of those years, for one sex only, and its person is of the other.
SEX_CONFLICTS = f"""
    WITH limits AS (
        SELECT ICD_Code AS code, max(CASE MCE_Edit_Type WHEN 'Male_Only' THEN 1 ELSE 2 END) AS sex
        FROM '{SYNPUF}/us_mce_code_edits_v26_v37.parquet'
        WHERE ICD_Version = '9' AND ICD_Code_Type = 'D' AND MCE_Version IN ('26', '27', '28')
        AND MCE_Edit_Type IN ('Male_Only', 'Female_Only')
        GROUP BY 1),
    persons AS (SELECT DISTINCT DESYNPUF_ID, BENE_SEX_IDENT_CD AS sex FROM '{SYNPUF}/us_synpuf_beneficiary_10k.parquet'),
    diagnoses AS (
        UNPIVOT (SELECT CLM_ID, DESYNPUF_ID, COLUMNS('ICD9_DGNS_CD_.*') FROM '{SYNPUF}/us_synpuf_inpatient_10k.parquet')
        ON COLUMNS('ICD9_DGNS_CD_.*') INTO NAME place VALUE code)
    SELECT DISTINCT CLM_ID FROM diagnoses JOIN persons USING (DESYNPUF_ID) JOIN limits ON starts_with(diagnoses.code, limits.code)
    WHERE persons.sex <> limits.sex
"""

# Two stays of one person of which each begins before the other ends (on the same day it is a transfer); the later one is named.
OVERLAPS = f"""
    WITH stays AS (
        SELECT CLM_ID, DESYNPUF_ID AS person, coalesce(CLM_ADMSN_DT, CLM_FROM_DT) AS first_day,
            coalesce(NCH_BENE_DSCHRG_DT, CLM_THRU_DT) AS last_day
        FROM '{SYNPUF}/us_synpuf_inpatient_10k.parquet' WHERE SEGMENT = '1')
    SELECT DISTINCT later.CLM_ID FROM stays AS later JOIN stays AS earlier USING (person)
    WHERE (earlier.first_day, earlier.CLM_ID) < (later.first_day, later.CLM_ID)
    AND later.first_day < earlier.last_day AND earlier.first_day < later.last_day
"""


@pytest.mark.skipif(not SYNPUF.is_dir(), reason="../shared/data/dev_us_synpuf_scale is not there")
def test_sex_conflicts_and_overlapping_stays_are_those_of_an_independent_query(tmp_path: Path) -> None:
    from audit.journey import Night, run

    night = Night(str(SYNPUF), str(tmp_path), "2026-12-31", rules=str(ROOT / "rules"), models=str(ROOT / "models"), mapping="cms_synpuf")
    out = run(night)
    findings = pl.read_parquet(out / "findings.parquet")
    assert (
        pl.read_parquet(out / "claims.parquet").height
        == duckdb.sql(f"SELECT count(DISTINCT CLM_ID) FROM '{SYNPUF}/us_synpuf_inpatient_10k.parquet'").fetchall()[0][0]
    )
    for query, code in ((SEX_CONFLICTS, "GZ10000204006000"), (OVERLAPS, "LOCAL_OVERLAP_STAY")):
        expected = {row[0] for row in duckdb.sql(query).fetchall()}
        found = set(findings.filter((pl.col("national_code") == code) | (pl.col("local_code") == code))["setl_id"])
        assert len(expected) > 100
        assert found == expected, f"{code}: {len(found - expected)} too many, {len(expected - found)} missing"
