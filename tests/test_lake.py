"""The lake keeps one copy of a night, also when the commit itself is cut off."""

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
