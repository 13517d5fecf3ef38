"""The look of the paper: fonts, headings, tables that wrap and go on over pages, page numbers. No clock, no chance: the same bytes."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate

from audit.errors import Fault, RuleError

READERS_FONT = "STSong-Light"  # every PDF reader with Chinese fonts has one for it; nothing is embedded
_LATIN_FONT = "Helvetica"  # every reader has it too
_MARGIN = 16 * mm
_PADDING = 6  # what reportlab keeps free inside the margins
_WIDTH = A4[0] - 2 * (_MARGIN + _PADDING)
_LINE, _SHADE, _MARK, _INK = (colors.HexColor(shade) for shade in ("#9aa5b1", "#eef2f5", "#fff4d6", "#1f4e79"))
_CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_BEYOND_LATIN = re.compile(r"[^\n\x20-\x7e\xa0-\xff•–—]")
_ACCENTS = re.compile(r"[\xa0-\xff•]+")  # the readers' Chinese font lacks them
_RARE = re.compile("[\U00010000-\U0010ffff]")  # letters that only an embedded font has
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Sheet:
    """Makes the parts of one paper in one font; `font`: a TrueType file to embed."""

    def __init__(self, font: Path | None = None):
        self.font = _registered(font)
        self.looks: dict[tuple[str, str, str | None], ParagraphStyle] = {}
        self.style = ParagraphStyle("plain", fontName=self.font, fontSize=9, leading=12.5, spaceAfter=3)
        self.cell = ParagraphStyle("cell", parent=self.style, fontSize=7.5, leading=10, spaceAfter=0)

    def title(self, words: str) -> Flowable:
        return self._paragraph(words, ParagraphStyle("title", parent=self.style, fontSize=16, leading=22, alignment=1, textColor=_INK))

    def heading(self, words: str) -> Flowable:
        look = ParagraphStyle(
            "heading", parent=self.style, fontSize=12, leading=16, spaceBefore=10, spaceAfter=4, textColor=_INK, keepWithNext=1
        )
        return self._paragraph(words, look)

    def lesser(self, words: str) -> Flowable:
        look = ParagraphStyle("lesser", parent=self.style, fontSize=10, leading=14, spaceBefore=6, textColor=_INK, keepWithNext=1)
        return self._paragraph(words, look)

    def plain(self, words: str) -> Flowable:
        return self._paragraph(words, self.style)

    def small(self, words: str) -> Flowable:
        return self._paragraph(
            words, ParagraphStyle("small", parent=self.style, fontSize=7.5, leading=10, textColor=colors.HexColor("#52606d"))
        )

    def bullet(self, words: str) -> Flowable:
        return self._paragraph("• " + words, ParagraphStyle("bullet", parent=self.style, leftIndent=10, firstLineIndent=-8))

    def facts(self, rows: list[list[str]], wide: bool = False) -> Flowable:
        """Names and their values: two pairs to a row, or one where the values are long (`wide`)."""
        shares = (0.16, 0.84) if wide else (0.17, 0.33, 0.17, 0.33)
        look = [("BACKGROUND", (place, 0), (place, -1), _SHADE) for place in ((0,) if wide else (0, 2))]
        return self._table(rows, shares, look)

    def table(self, heads: list[str], rows: list[list[str]], shares: Sequence[float] | None = None, marks: Sequence[int] = ()) -> Flowable:
        """A table with a head that stands again on every page; `shares`: widths, `marks`: numbers of the rows to be shaded."""
        look = [("BACKGROUND", (0, 0), (-1, 0), _SHADE)] + [("BACKGROUND", (0, row + 1), (-1, row + 1), _MARK) for row in marks]
        return self._table([heads, *rows], shares or [1] * len(heads), look, repeat=1)

    def _table(self, rows: list[list[str]], shares: Sequence[float], look: list[tuple[Any, ...]], repeat: int = 0) -> Flowable:
        made = LongTable(
            [[self._paragraph(words, self.cell) for words in row] for row in rows],
            colWidths=[_WIDTH * share / sum(shares) for share in shares],
            repeatRows=repeat,
            hAlign="LEFT",
            splitInRow=1,  # a text longer than a page goes on over it
            spaceBefore=3,
            spaceAfter=5,
        )
        edges = [("LEFTPADDING", 3), ("RIGHTPADDING", 3), ("TOPPADDING", 2), ("BOTTOMPADDING", 2.5)]
        everywhere = [(name, (0, 0), (-1, -1), size) for name, size in edges]
        made.setStyle([("GRID", (0, 0), (-1, -1), 0.4, _LINE), ("VALIGN", (0, 0), (-1, -1), "TOP"), *everywhere, *look])
        return made

    def _paragraph(self, words: str, style: ParagraphStyle) -> Paragraph:
        """Text as it stands: markup in it is shown, not obeyed; Chinese breaks anywhere, English between words."""
        clean = escape(_CONTROL.sub(" ", words)).replace("\n", "<br/>")
        font, wrap = self.font, "CJK" if _CHINESE.search(words) else None
        if font == READERS_FONT and not _BEYOND_LATIN.search(words):
            font = _LATIN_FONT
        elif font == READERS_FONT:
            clean = _RARE.sub("□", _ACCENTS.sub(rf'<font name="{_LATIN_FONT}">\g<0></font>', clean))
        look = (style.name, font, wrap)
        if look not in self.looks:  # a style costs as much as a word
            self.looks[look] = ParagraphStyle(style.name, parent=style, fontName=font, wordWrap=wrap)
        return Paragraph(clean, self.looks[look])

    def build(self, parts: list[Flowable], title: str, page: Callable[[int, int], str]) -> bytes:
        """The whole PDF; `page(number, of)` is what stands at its foot."""
        file, font = io.BytesIO(), self.font

        class Numbered(Canvas):
            """A canvas that knows how many pages there are only when it is saved, and numbers them then."""

            def __init__(self, *args: Any, **kwargs: Any):
                super().__init__(*args, **kwargs)
                self.kept: list[dict[str, Any]] = []

            def showPage(self) -> None:  # reportlab's name
                self.kept.append(dict(self.__dict__))
                self._startPage()

            def save(self) -> None:
                for number, state in enumerate(self.kept, start=1):
                    self.__dict__.update(state)
                    self.setFont(font, 7.5)
                    self.setFillColor(colors.HexColor("#52606d"))
                    self.drawString(_MARGIN + _PADDING, 9 * mm, title)
                    self.drawRightString(A4[0] - _MARGIN - _PADDING, 9 * mm, page(number, len(self.kept)))
                    super().showPage()
                super().save()

        SimpleDocTemplate(
            file, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN + 2 * mm,
            title=title, author="", creator="yibao-audit", invariant=1,
        ).build(parts, canvasmaker=Numbered)  # fmt: skip
        return file.getvalue()


def _registered(font: Path | None) -> str:
    """The name under which reportlab knows the font."""
    if font is None:
        if READERS_FONT not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(UnicodeCIDFont(READERS_FONT))
        return READERS_FONT
    name = "Desk" + hashlib.sha256(str(font.resolve()).encode()).hexdigest()[:12]
    if name not in pdfmetrics.getRegisteredFontNames():
        try:
            pdfmetrics.registerFont(TTFont(name, str(font)))
        except (TTFError, OSError) as broken:
            en = f"{font} cannot be put into a PDF ({broken}); name a TrueType font with Chinese letters."
            raise RuleError(Fault(f"{font} 不能嵌入 PDF（{broken}）；请指定含中文字形的 TrueType 字体。", en, "pdf_font")) from broken
    return name
