"""The lake keeps one copy of a night, also when the commit itself is cut off."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from audit.lake import HISTORY, Lake

NIGHT, NEXT = date(2026, 6, 30), date(2026, 7, 1)


def tables(*claims: str) -> dict[str, pl.DataFrame]:
    return {"claims": pl.DataFrame({"setl_id": list(claims)}), "stays": pl.DataFrame(schema=HISTORY["stays"])}


def stored(lake: Lake) -> list[str]:
    return sorted(lake.read("claims").collect()["setl_id"])


def test_a_repeated_night_replaces_itself_and_others_stay(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.replace(NIGHT, "r1", tables("a", "b"), "{}")
    lake.replace(NEXT, "r2", tables("c"), "{}")
    lake.replace(NIGHT, "r1", tables("a", "b"), "{}")
    assert stored(lake) == ["a", "b", "c"]
    lake.replace(NIGHT, "r3", tables("a"), "{}")
    assert stored(lake) == ["a", "c"]
    assert pl.read_delta(str(tmp_path / "tables" / "claims")).height == 2, "what the earlier run left is swept"


def test_a_table_of_an_earlier_engine_gets_the_columns_it_has_not(tmp_path: Path) -> None:
    lake, wide = Lake(tmp_path), pl.Schema({"setl_id": pl.String(), "med_type": pl.String()})
    lake.replace(NIGHT, "r1", tables("a"), "{}")
    assert lake.read("claims", wide).collect().rows() == [("a", None)]
    lake.replace(NEXT, "r2", {"claims": pl.DataFrame({"setl_id": ["b"], "med_type": ["21"]}, schema=wide)}, "{}")
    assert sorted(lake.read("claims", wide).collect().rows()) == [("a", None), ("b", "21")]
    lake.replace(NIGHT, "r1", {"claims": pl.DataFrame({"setl_id": ["a"], "med_type": ["11"]}, schema=wide)}, "{}")
    assert sorted(lake.read("claims", wide).collect().rows()) == [("a", "11"), ("b", "21")]


def test_only_strictly_earlier_nights_are_history(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.replace(NIGHT, "r1", tables("a"), "{}")
    assert lake.audited(NIGHT).collect().is_empty()
    assert lake.audited(NEXT).collect()["setl_id"].to_list() == ["a"]
    assert lake.history(NEXT)["visits"].collect_schema() == HISTORY["visits"]


@pytest.mark.parametrize("cut_off_at", ["claims", "stays", "runs"])
def test_a_commit_cut_off_shows_the_old_night_until_it_is_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut_off_at: str
) -> None:
    lake = Lake(tmp_path)
    lake.replace(NIGHT, "r1", tables("a", "b"), "{}")
    whole = Lake._overwrite

    def cut(self: Lake, name: str, *rest: object) -> None:
        if name == cut_off_at:
            raise KeyboardInterrupt
        whole(self, name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Lake, "_overwrite", cut)
    with pytest.raises(KeyboardInterrupt):
        lake.replace(NIGHT, "r2", tables("a", "c"), "{}")
    assert stored(lake) == ["a", "b"]
    monkeypatch.undo()
    lake.replace(NIGHT, "r2", tables("a", "c"), "{}")
    assert stored(lake) == ["a", "c"]
    assert pl.read_delta(str(tmp_path / "tables" / "claims")).height == 2


def kept(*values: int) -> list[tuple[str, pl.DataFrame]]:
    return [("claims-b000", pl.DataFrame({"stay_days": list(values)}))]


def read(lake: Lake) -> list[int]:
    """What a reader sees of the one night's measured columns."""
    (night,) = lake.kept()
    assert night.folder is not None
    return pl.read_parquet(night.folder / "claims-b000.parquet")["stay_days"].to_list()


def test_measured_columns_are_seen_with_their_run_and_swept_with_it(tmp_path: Path) -> None:
    lake, folder = Lake(tmp_path), tmp_path / "measured" / str(NIGHT)
    lake.replace(NIGHT, "r0", tables("a"), "{}")
    assert lake.kept()[0].folder is None, "a night from before the lake kept any"
    first = lake.keep(NIGHT, kept(1, 2))
    assert lake.kept()[0].folder is None
    lake.replace(NIGHT, "r1", tables("a"), json.dumps({"measured": first}))
    assert read(lake) == [1, 2] and lake.keep(NIGHT, kept(1, 2)) == first
    second = lake.keep(NIGHT, kept(3))
    assert read(lake) == [1, 2], "a night killed here still shows its old columns"
    lake.replace(NIGHT, "r2", tables("a"), json.dumps({"measured": second}))
    assert read(lake) == [3] and [path.name for path in folder.iterdir()] == [second]


def test_measured_columns_cut_off_while_they_are_written_leave_no_trace(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.replace(NIGHT, "r1", tables("a"), json.dumps({"measured": lake.keep(NIGHT, kept(1))}))

    def cut() -> Iterator[tuple[str, pl.DataFrame]]:
        yield from kept(2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lake.keep(NIGHT, cut())
    assert read(lake) == [1]
    again = lake.keep(NIGHT, kept(1))
    lake.replace(NIGHT, "r1", tables("a"), json.dumps({"measured": again}))
    assert read(lake) == [1] and len(list((tmp_path / "measured" / str(NIGHT)).iterdir())) == 1
