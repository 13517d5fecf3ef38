"""The evidence of a case: a paper that says all of it, and a package that shows every change made to it afterwards."""

import base64
import csv
import hashlib
import io
import json
import re
import shutil
import stat
import subprocess
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest
import reportlab
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from evidence_case import MADE, case

from audit.cases.evidence import fingerprint, package, pdf, signing_key, verify
from audit.cases.evidence.keys import NAME, public_pem
from audit.errors import AuditError, RuleError

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


@cache
def whole():
    return package(case(), MADE, "zh", KEY)


def printed(paper):
    """The text of a PDF, without its line breaks: F1 is Helvetica, the other font has two bytes a letter."""
    found, font = [], b""
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", paper, re.S):
        page = zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
        for chosen, string in re.findall(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) Tj", page, re.S):
            font = chosen or font
            plain = re.sub(rb"\\(\d{3}|.)", lambda hit: bytes([int(hit[1], 8)]) if len(hit[1]) == 3 else hit[1], string, flags=re.S)
            found.append(plain.decode("latin-1" if font == b"F1" else "utf-16-be"))
    return "".join(found)


def written(tmp_path, content):
    (tmp_path / "package.zip").write_bytes(content)
    return tmp_path / "package.zip"


def rebuilt(change):
    """The package with `change` made to its files (name -> bytes)."""
    with zipfile.ZipFile(io.BytesIO(whole())) as box:
        files = {name: box.read(name) for name in box.namelist()}
    change(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as box:
        for name, inside in files.items():
            box.writestr(name, inside)
    return out.getvalue()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "zh",
            (
                "王**",
                "床位费按日计收一次",
                "同日多张床",
                "数量大于1",
                "无法判断",
                "30.00元",
                "12345.67元",
                "第1页 共2页",
                "2026-07-02 04:00:00",
                "复审",
            ),
        ),
        (
            "en",
            ("Two beds", "quantity above 1", "unknown", "30.00 yuan", "page 1 of 2", "2026-07-02 04:00:00", "re-review", "first review"),
        ),
    ],
)
def test_the_paper_says_what_the_case_rests_on(language, words):
    paper = pdf(case(), MADE, language)
    text = printed(paper)
    for part in (*words, "POL-099", "543.21", "2026-07-02 00:00:00", "<b>unusual</b> &", "C99-000123", "F9900001", "ab" * 8):
        assert part in text, part
    assert paper == pdf(case(), MADE, language) != pdf(case(), MADE.replace(hour=5), language)
    assert b"2026" not in re.search(rb"/CreationDate \((.*?)\)", paper)[1]


def test_a_long_case_goes_on_over_pages():
    """A text longer than a page, many lines, a word without an end: nothing is lost."""
    lines = case()["lines"] * 30
    long = {"at": MADE, "step": "panel", "who": "w" * 300, "decided_amt": 1, "reason": "翡翠。" * 900}
    paper = pdf(case(lines=lines, decisions=[long]), MADE, "zh")
    text = printed(paper)
    pages = len(re.findall(rb"/Type /Page\b", paper))
    assert pages > 4 and f"第{pages}页 共{pages}页" in text and text.count("翠") == 900


def test_a_font_may_be_embedded(tmp_path):
    font = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    paper = pdf(case(), MADE, "en", font)
    assert b"/FontFile2" in paper and paper == pdf(case(), MADE, "en", font)
    (tmp_path / "no.ttf").write_bytes(b"OTTO" + bytes(100))
    with pytest.raises(RuleError, match=r"no\.ttf cannot be put into a PDF"):
        pdf(case(), MADE, "en", tmp_path / "no.ttf")


def test_a_case_may_be_small():
    assert "C1" in printed(pdf({"case": {"case_id": "C1"}}, MADE, "en"))
    with pytest.raises(ValueError, match="no section finding"):
        package(case(finding=[]), MADE, "zh", KEY)


def test_a_package_is_whole_and_says_who_signed_it(tmp_path):
    assert package(case(), MADE, "zh", KEY) == whole() != package(case(), MADE, "en", KEY)
    path = written(tmp_path, whole())
    told = verify(path, public_pem(KEY.public_key()))
    assert told.whole and told.key == fingerprint(KEY.public_key()) and len(told.sentences) == 1
    assert "C99-000123" in told.sentences[0]["zh"] and told.key in told.sentences[0]["en"]
    unsure = verify(path)
    assert unsure.whole and "compare its fingerprint" in unsure.sentences[1]["en"]
    with zipfile.ZipFile(path) as box:
        names = box.namelist()
        assert names[-4:-2] == ["attachments/001_申诉 材料.pdf", "attachments/002__.._etc_passwd_"]
        inside = json.loads(box.read("case.json"))
        assert (
            inside["attachments"][0]["sha256"] == hashlib.sha256(b"%PDF-1 appeal").hexdigest() and "content" not in inside["attachments"][0]
        )
        assert json.loads(box.read("journal.jsonl").splitlines()[0])["hash"] == "ab" * 32
        rows = list(csv.reader(io.StringIO(box.read("lines.csv").decode("utf-8-sig"))))
        assert rows[0][0] == "明细流水号 (bkkp_sn)" and rows[2][3] == "'=床位费" and rows[1][-1] == "30.00"
        assert told.key in box.read("README.txt").decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda files: files.update({"case.pdf": files["case.pdf"].replace(b"yibao", b"yibau")}), "'case.pdf' differs"),
        (lambda files: files.pop("lines.csv"), "'lines.csv' is missing"),
        (lambda files: files.update({"more.txt": b""}), "'more.txt' is not in the signed list"),
        (lambda files: files.update({"manifest.json": files["manifest.json"].replace(b"C99", b"C98")}), "signature does not fit"),
        (lambda files: files.update({"manifest.sig": bytes(64)}), "signature does not fit"),
        (lambda files: files.pop("manifest.sig"), "manifest.sig is missing"),
        (lambda files: files.update({"public_key.pem": b"x"}), "not an Ed25519 key"),
        (lambda files: files.update({"public_key.pem": public_pem(OTHER.public_key())}), "not signed by key"),
        (lambda files: files.update({"manifest.sig": bytes(65)}), "too large"),
        (lambda files: files.update({"../up.txt": b""}), "could lead out of its folder"),
        (lambda files: files.update({"a/../../up.txt": b""}), "could lead out of its folder"),
        (lambda files: files.update({"/up.txt": b""}), "could lead out of its folder"),
        (lambda files: files.update({"C:\\up.txt": b""}), "could lead out of its folder"),
        (lambda files: files.update({"\x1b[2J.txt": b""}), "could lead out of its folder"),
        (lambda files: files.update({f"{number}.txt": b"" for number in range(2_000)}), "more than 2000"),
    ],
)
def test_every_change_is_told_in_both_languages(tmp_path, change, sentence):
    told = verify(written(tmp_path, rebuilt(change)))
    assert not told.whole and any(sentence in said["en"] for said in told.sentences), told.sentences
    assert all(re.search("[一-龥]", said["zh"]) for said in told.sentences)


def test_a_package_that_somebody_else_signed_is_not_the_bureaus(tmp_path):
    told = verify(written(tmp_path, package(case(), MADE, "zh", OTHER)), public_pem(KEY.public_key()))
    assert not told.whole and told.key is None and fingerprint(KEY.public_key()) in told.sentences[0]["en"]


def test_what_could_harm_the_reader_is_not_read(tmp_path):
    bomb, link, twice = (io.BytesIO() for _ in range(3))
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("manifest.json", bytes(50 << 20))
    with zipfile.ZipFile(link, "w") as box:
        entry = zipfile.ZipInfo("attachments/001_x")
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        box.writestr(entry, "/etc/passwd")
    with zipfile.ZipFile(twice, "w") as box, pytest.warns(UserWarning, match="Duplicate"):
        box.writestr("case.pdf", b"1")
        box.writestr("case.pdf", b"2")
    for made, sentence in ((bomb, "packed or encrypted"), (link, "could lead out"), (twice, "there twice")):
        assert sentence in verify(written(tmp_path, made.getvalue())).sentences[0]["en"]
    for broken in (whole()[:-30], whole()[: len(whole()) // 2], b"", b"PK"):
        assert "not a whole evidence package" in verify(written(tmp_path, broken)).sentences[0]["en"]
    flipped = bytearray(whole())
    flipped[whole().index(b"%PDF-1 appeal")] ^= 1
    assert "申诉 材料.pdf' differs" in verify(written(tmp_path, bytes(flipped))).sentences[0]["en"]
    assert not verify(tmp_path / "none.zip").whole


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_the_readme_s_own_commands_verify_it(tmp_path):
    with zipfile.ZipFile(written(tmp_path, whole())) as box:
        box.extractall(tmp_path)
    readme = (tmp_path / "README.txt").read_text(encoding="utf-8").splitlines()
    commands = [row.strip() for row in readme if row.startswith("       ")]
    key, signature, sums = (subprocess.run(row, shell=True, cwd=tmp_path, capture_output=True, text=True).stdout for row in commands[:3])
    assert key.split()[0] == fingerprint(KEY.public_key()).replace(" ", "") and "Verified Successfully" in signature
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert all(manifest["files"][name]["sha256"] == digest for digest, name in (row.split(maxsplit=1) for row in sums.splitlines()))
    assert commands[:3] == commands[3:]


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path):
    with ThreadPoolExecutor(8) as together:
        keys = list(together.map(lambda _: fingerprint(signing_key(tmp_path / "desk").public_key()), range(8)))
    file = tmp_path / "desk" / NAME
    assert len(set(keys)) == 1 and stat.S_IMODE(file.stat().st_mode) == 0o600 and [*file.parent.iterdir()] == [file]
    file.chmod(0o640)
    with pytest.raises(AuditError, match="chmod 600"):
        signing_key(file.parent)
    file.chmod(0o600)
    file.write_text("no key")
    with pytest.raises(AuditError, match="no signing key"):
        signing_key(file.parent)
