"""Every table that a page shows can be taken away, as the page shows it: same rows, same filters, same walls.

    @pages.get("/queue")
    def listing(here: Reader, asked: Question, format: Format = None) -> Response:
        ...
        if format:
            return exported(here, "queue", rows, {"setl_id": here.say("结算单", "Claim")}, format, money=["counted_amt"])

`rows` is a DataFrame, a list of dictionaries, or a SELECT (read with `rows_of(con, select)`, bounded). The template puts the links beside
its table: {% from "part_export.html" import links with context %} ... {{ links() }}, or {{ links("/another/address") }}.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import Query
from fastapi.responses import Response
from sqlalchemy import Connection, Select

from audit.cases.exports import KINDS, export
from audit.cases.refused import Unfit
from audit.cases.store import CHINA
from audit.console.here import Here

Kind = Literal["csv", "xlsx", "parquet"]
Format = Annotated[Kind | None, Query(description="the table as a file instead of a page")]
MOST = 200_000  # rows of one export: it is made in memory


def rows_of(con: Connection, asked: Select[Any], most: int = MOST) -> pl.DataFrame:
    """The rows of a query as a table. Unfit where there are more than `most`."""
    found = con.execute(asked.limit(most + 1))
    return _bounded(pl.DataFrame(found.fetchall(), schema=list(found.keys()), orient="row", infer_schema_length=None), most)


def exported(
    here: Here,
    name: str,
    rows: pl.DataFrame | Sequence[Mapping[str, Any]],
    titles: Mapping[str, str],
    kind: str,
    money: Collection[str] = (),
) -> Response:
    """A table as a file, and an entry in the journal that says who took what.

    titles: column -> what people call it, in order; money: columns in fen. The file is called after `name` and the day.
    """
    frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(rows, infer_schema_length=None)
    if frame.is_empty() and not frame.columns:
        frame = pl.DataFrame(schema=dict.fromkeys(titles, pl.String))
    content = export(_bounded(frame, MOST), titles, kind, [column for column in money if column in titles])
    with here.act() as act:
        act.tell("export", subject=name, kind=kind, rows=frame.height, asked=here.request.url.query[:1000])
    day = here.place.desk.clock().astimezone(CHINA).date()
    return Response(content, media_type=KINDS[kind], headers={"Content-Disposition": f'attachment; filename="{name}-{day}.{kind}"'})


def _bounded(frame: pl.DataFrame, most: int) -> pl.DataFrame:
    if frame.height > most:
        raise Unfit(f"一次最多导出{most:,}行，请缩小筛选范围。", f"One export holds at most {most:,} rows; narrow the filter.")
    return frame
