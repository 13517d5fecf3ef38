"""Where an import is tried out: a bureau's own copy of the rules, and a further batch of sex-specific drugs to take in."""

import hashlib
from datetime import date
from pathlib import Path

import pytest
from official_workbook import official

from audit.errors import DataError
from audit.knowledge import batches
from audit.knowledge.batches import Given

TODAY = date(2026, 8, 2)
JULY = date(2026, 7, 15)
SEX = ("序号", "药品通用名", "逻辑依据", "检出逻辑", "限定性别")
BUTTON = "XG03ADZ061A001020300225"  # 左炔诺孕酮片, in B01-67 for women since 2025-05-23
NEW_CODE = "XL02BBA326A009990102180"


def tree(folder: Path) -> str:
    """One figure for every byte under a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        digest.update(path.relative_to(folder).as_posix().encode() + (path.read_bytes() if path.is_file() else b"/"))
    return digest.hexdigest()


def sex_batch(
    folder: Path, *rows: tuple, codes: tuple = (), name: str = "第十八批“药品区分性别使用”规则对应知识点明细(2026年7月15日).xlsx"
) -> Path:
    """A further batch of sex-specific drugs; as given, one new drug and one that the tables know, now with another code too."""
    folder.mkdir(exist_ok=True)
    rows = rows or (
        (1, "甲睾酮试验片", "限男性患者。", "与限定性别不符", "男"),
        (2, "左炔诺孕酮片", "用于女性紧急避孕。", "与限定性别不符", "女"),
    )
    codes = codes or (("甲睾酮试验片", 1, NEW_CODE), ("左炔诺孕酮片", 1, BUTTON), ("左炔诺孕酮片", 2, NEW_CODE[:-1] + "1"))
    return official(folder / name, "药品区分性别使用", SEX, rows, codes)


def take_in(rules: Path, *files: Path, given: Given | None = None) -> dict:
    with batches.planned(files, rules, given) as plan:
        return batches.write(plan, TODAY)


def faults(rules: Path, *files: Path, given: Given | None = None) -> str:
    before = tree(rules)
    with pytest.raises(DataError) as caught, batches.planned(files, rules, given):
        pass
    assert tree(rules) == before and "Nothing was imported" in str(caught.value)
    return str(caught.value)
