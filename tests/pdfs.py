"""Small PDFs for tests: text where it is put, on pages of A4, points from the top left corner."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from reportlab.lib import colors, pdfencrypt
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

MINCHO, GOTHIC = "HeiseiMin-W3", "HeiseiKakuGo-W5"
for name in (MINCHO, GOTHIC):
    pdfmetrics.registerFont(UnicodeCIDFont(name))

WIDTH, HEIGHT = A4
LEFT, RIGHT_COLUMN = 60, 310
"""Where the columns of a page with two begin; each is 21 characters of 10.5 points wide."""


class Sheet:
    """A PDF being drawn. Text stands on the base line `y` points below the page's top."""

    def __init__(self, path: Path, password: str | None = None) -> None:
        encrypt = pdfencrypt.StandardEncryption(password) if password else None
        self.path = path
        self.canvas = Canvas(str(path), pagesize=A4, encrypt=encrypt, pageCompression=0)

    def text(self, x: float, y: float, text: str, size: float = 10.5, font: str = MINCHO) -> None:
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, HEIGHT - y, text)

    def spaced(self, x: float, y: float, text: str, extra: float, size: float = 10.5) -> None:
        """Letter-spaced text: `extra` points behind each character."""
        self.canvas.setFont(MINCHO, size)
        self.canvas.drawString(x, HEIGHT - y, text, charSpace=extra)

    def lines(
        self, x: float, y: float, lines: Iterable[str], pitch: float = 17, size: float = 10.5
    ) -> float:
        """Lines below each other; the base line of the next one. `　` sets a line in."""
        for line in lines:
            bare = line.lstrip("　")
            self.text(x + size * (len(line) - len(bare)), y, bare, size)
            y += pitch
        return y

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.canvas.setLineWidth(0.5)
        self.canvas.line(x0, HEIGHT - y0, x1, HEIGHT - y1)

    def area(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.canvas.setFillColor(colors.lightblue)
        self.canvas.rect(x0, HEIGHT - y1, x1 - x0, y1 - y0, stroke=0, fill=1)
        self.canvas.setFillColor(colors.black)

    def circle(self, x: float, y: float, radius: float) -> None:
        self.canvas.circle(x, HEIGHT - y, radius)

    def grid(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        for x in xs:
            self.rule(x, ys[0], x, ys[-1])
        for y in ys:
            self.rule(xs[0], y, xs[-1], y)

    def bookmark(self, title: str, level: int) -> None:
        """A bookmark to the page being drawn."""
        key = f"{title}{level}"
        self.canvas.bookmarkPage(key)
        self.canvas.addOutlineEntry(title, key, level)

    def next_page(self) -> None:
        self.canvas.showPage()

    def save(self) -> Path:
        self.canvas.save()
        return self.path


def wrapped(text: str, width: int = 21) -> list[str]:
    """A paragraph as lines of `width` characters."""
    return [text[start : start + width] for start in range(0, len(text), width)]
