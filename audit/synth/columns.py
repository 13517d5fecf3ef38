"""The nine national tables, column by column, from a cast that has its numbers."""

from __future__ import annotations

import polars as pl

from audit.synth.cast import Cast, with_columns_of
from audit.synth.catalogue import LIST_TYPE
from audit.synth.money import claim_sums, line_parts
from audit.synth.province import Province, certificate, doctor_code, doctor_name, person_name


def yuan(column: str) -> pl.Expr:
    """Whole fen as a decimal of yuan: one division of an exact whole number, rounded to two places, is exact."""
    return (pl.col(column).cast(pl.Float64) / 100).cast(pl.Decimal(16, 2))


def national(province: Province, cast: Cast) -> dict[str, pl.DataFrame]:
    """The nine national tables of a numbered cast."""
    where = province.institutions.select("inst", "fixmedins_code", "fixmedins_name", "hosp_lv", "fix_blng_admdvs", "tier")
    who = cast.people.select("person", "psn_no", "gend", "brdy", "psn_type", "insu_admdvs", scheme="insutype")
    claims = cast.claims.join(where, on="inst", how="left", maintain_order="left").join(who, on="person", how="left", maintain_order="left")
    claims = claims.with_columns(insutype=pl.coalesce("insutype", "scheme"), age=_years("brdy", pl.col("begin").dt.date()))
    inst, doctor = claims["inst"].to_numpy(), claims["doctor"].to_numpy()
    ward = pl.col("days") > 0
    claims = claims.with_columns(
        doctor_code(inst, doctor).alias("chfpdr_code"),
        doctor_name(inst, doctor).alias("chfpdr_name"),
        dscg_way=pl.when(ward).then(pl.coalesce("dscg_way", pl.lit("1"))),
        ipt_days=pl.when(ward).then("days"),
        vali_flag=pl.coalesce("vali_flag", pl.lit("1")),
        adm_dept_codg=pl.col("department").replace_strict(
            {name: f"A{sum(map(ord, name)) % 900 + 100}" for name in claims["department"].unique().to_list()}
        ),
    )
    lines = line_parts(cast.lines)
    claims = claim_sums(claims, lines).with_columns(medfee=pl.col("medfee") + pl.col("medfee_off").fill_null(0))
    ids = claims.select("claim", "setl_id", "mdtrt_id", "psn_no", "fixmedins_code", "chfpdr_code", "adm_dept_codg", "department")
    place = ["fixmedins_code", "fixmedins_name", "hosp_lv", "fix_blng_admdvs"]
    return {
        "mdtrt_d": claims.select(
            "mdtrt_id",
            "psn_no",
            "gend",
            "brdy",
            "age",
            "insutype",
            *place,
            begntime="begin",
            endtime="end",
            med_type="med_type",
            adm_dept_codg="adm_dept_codg",
            adm_dept_name="department",
            dscg_maindiag_code=pl.when(pl.col("drop_main_dx").fill_null(False)).then(None).otherwise("dx"),
            dscg_way="dscg_way",
            die_date="die_date",
            ipt_days="ipt_days",
            chfpdr_code="chfpdr_code",
            chfpdr_name="chfpdr_name",
            matn_type="matn_type",
            geso_val="geso_val",
            dise_no="dise_no",
            vali_flag=pl.lit("1"),
        ).unique("mdtrt_id", keep="first", maintain_order=True),
        "setl_d": _settlements(claims, place),
        "fee_list_d": _fees(lines, ids),
        "setl_list_diag_d": _diagnoses(claims, cast.diags, ids),
        "setl_list_oprn_d": cast.oprns.join(
            ids.select("claim", "setl_id", "mdtrt_id", "chfpdr_code"), on="claim", how="left", maintain_order="left"
        )
        .select(
            "setl_id",
            "mdtrt_id",
            main_oprn_flag=pl.lit("1"),
            oprn_oprt_code="op",
            oprn_oprt_name="op_name",
            oprn_oprt_date="op_date",
            anst_way=pl.lit("01"),
            oper_dr_code="chfpdr_code",
            vali_flag=pl.lit("1"),
        )
        .sort("setl_id", "oprn_oprt_code"),
        "fixmedins_b": province.institutions.select(
            "fixmedins_code", "fixmedins_name", "fixmedins_type", "hosp_lv", "fix_blng_admdvs"
        ).sort("fixmedins_code"),
        "psn_info_b": with_columns_of(cast.people, {"die_date": pl.Date})
        .select("psn_no", "gend", "brdy", "die_date", person_name(pl.col("psn_no")), certificate())
        .sort("psn_no"),
        "drug_trac_d": cast.traces.join(lines.select("line", "bkkp_sn", "claim"), on="line", how="left", maintain_order="left")
        .join(ids.select("claim", "setl_id"), on="claim", how="left", maintain_order="left")
        .select("bkkp_sn", "setl_id", "drug_trac_codg", "trdn_flag")
        .sort("bkkp_sn", "drug_trac_codg"),
        "inventory_d": cast.inventory.join(
            province.institutions.select("inst", "fixmedins_code"), on="inst", how="left", maintain_order="left"
        )
        .select(
            "fixmedins_code",
            "med_list_codg",
            "inv_chg_type",
            "inv_chg_time",
            cnt=(pl.col("cnt_e4") / 10_000).cast(pl.Decimal(16, 4)),
            pric=(pl.col("pric_e6") / 1_000_000).cast(pl.Decimal(16, 6)),
        )
        .sort("fixmedins_code", "med_list_codg", "inv_chg_time", "inv_chg_type"),
    }


def _years(born: str, on: pl.Expr) -> pl.Expr:
    """Full years on a day."""
    b = pl.col(born)
    before = (on.dt.month() < b.dt.month()) | ((on.dt.month() == b.dt.month()) & (on.dt.day() < b.dt.day()))
    return on.dt.year() - b.dt.year() - before.cast(pl.Int32)


def _settlements(claims: pl.DataFrame, place: list[str]) -> pl.DataFrame:
    reversed_one = claims.select(init_claim="claim", init_setl_id="setl_id")
    return claims.join(reversed_one, on="init_claim", how="left", maintain_order="left").select(
        "setl_id",
        "mdtrt_id",
        "psn_no",
        "gend",
        "brdy",
        "age",
        "insutype",
        "psn_type",
        "insu_admdvs",
        *place,
        begndate=pl.col("begin").dt.date(),
        enddate=pl.col("end").dt.date(),
        setl_time="setl_time",
        med_type="med_type",
        medfee_sumamt=yuan("medfee"),
        fulamt_ownpay_amt=yuan("own"),
        overlmt_selfpay=yuan("over"),
        preselfpay_amt=yuan("pre"),
        inscp_amt=yuan("inscp"),
        hifp_pay=yuan("hifp"),
        fund_pay_sumamt=yuan("hifp"),
        psn_pay=yuan("psn_pay"),
        acct_pay=yuan("acct"),
        refd_setl_flag=pl.coalesce("refd_setl_flag", pl.lit("0")),
        init_setl_id="init_setl_id",
        dise_no="dise_no",
        vali_flag="vali_flag",
    )


def _fees(lines: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    first = lines.select(init_line="line", init_feedetl_sn="bkkp_sn")
    joined = lines.join(ids, on="claim", how="left", maintain_order="left").join(first, on="init_line", how="left", maintain_order="left")
    medicine = pl.col("kind").is_in(["drug", "patent"])
    return joined.select(
        "bkkp_sn",
        "setl_id",
        "mdtrt_id",
        "psn_no",
        fee_ocur_time="time",
        rx_drord_no=pl.lit("R") + pl.col("setl_id").str.slice(3) + pl.col("rx").cast(pl.String).str.zfill(4),
        fixmedins_code="fixmedins_code",
        cnt=(pl.col("cnt_e4") / 10_000).cast(pl.Decimal(16, 4)),
        pric=(pl.col("pric_e6") / 1_000_000).cast(pl.Decimal(16, 6)),
        det_item_fee_sumamt=yuan("amount"),
        pric_uplmt_amt=(pl.col("uplmt_e6") / 1_000_000).cast(pl.Decimal(16, 6)),
        selfpay_prop=pl.col("level").replace_strict({"01": "0", "02": "0.1", "03": "1"}, default="0"),
        fulamt_ownpay_amt=yuan("own_fen"),
        overlmt_selfpay=yuan("over_fen"),
        preselfpay_amt=yuan("pre_fen"),
        inscp_amt=yuan("inscp_fen"),
        chrgitm_lv="level",
        hilist_code="code",
        hilist_name="name",
        list_type=pl.col("kind").replace_strict(LIST_TYPE),
        med_list_codg="code",
        medins_list_codg=pl.lit("Y") + pl.col("code").str.slice(2, 13),
        medins_list_name="name",
        med_chrgitm_type="fee_class",
        spec="unit",
        bilg_dept_codg="adm_dept_codg",
        bilg_dept_name="department",
        bilg_dr_code="chfpdr_code",
        acord_dept_codg="adm_dept_codg",
        acord_dr_code="chfpdr_code",
        dscg_tkdrug_flag=pl.coalesce("dscg_tkdrug_flag", pl.lit("0")),
        sin_dos_dscr=pl.coalesce("sin_dos_dscr", pl.when(medicine).then(pl.lit("按说明书"))),
        used_frqu_dscr=pl.coalesce("used_frqu_dscr", pl.when(medicine).then(pl.lit("每日"))),
        prd_days="prd_days",
        rx_circ_flag=pl.coalesce("rx_circ_flag", pl.lit("0")),
        init_feedetl_sn="init_feedetl_sn",
        vali_flag=pl.coalesce("vali_flag", pl.lit("1")),
    )


def _diagnoses(claims: pl.DataFrame, more: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    main = claims.filter(pl.col("dx").is_not_null()).select(
        "setl_id", "mdtrt_id", diag_type=pl.lit("1"), maindiag_flag=pl.lit("1"), diag_code="dx", diag_name="dx_name", vali_flag=pl.lit("1")
    )
    others = more.join(ids.select("claim", "setl_id", "mdtrt_id"), on="claim", how="left", maintain_order="left").select(
        "setl_id", "mdtrt_id", diag_type=pl.lit("1"), maindiag_flag=pl.lit("0"), diag_code="dx", diag_name="dx_name", vali_flag=pl.lit("1")
    )
    return pl.concat([main, others]).sort("setl_id", "maindiag_flag", "diag_code", descending=[False, True, False])
