"""Take the pictures of README.md and docs/page.md: docs/images/*.png.

Needs Chromium and Japanese fonts (`make browser`) and the development packages:
`.venv/bin/python scripts/screenshots.py`. The library is built in a temporary folder from corpus/
and, where ../shared is, a statute and a chapter of a white paper; without them pdf-page.png stays
as it is.
"""

import io
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import browsing  # noqa: E402
from browsing import EVIDENCE, FOUND, PHONE, QUESTION_BOX  # noqa: E402

SHARED = ROOT.parent / "shared" / "corpus"
OTHERS = (
    SHARED / "statutes-xml" / "405AC0000000088.xml",
    SHARED / "whitepaper" / "wp-1.pdf",
)
NOT_FOUND = "月の裏側の気温は何度ですか。"
OF_THE_PDF = "ニューラルネットワークとは何ですか。"
LARGEST = 150_000
"""Bytes of a picture."""


def take() -> None:
    """Build, serve, and take them all."""
    others = [file for file in OTHERS if file.exists()]
    with tempfile.TemporaryDirectory() as folder, browsing.portal() as portal:
        library = Path(folder) / "index"
        browsing.build(library, ROOT / "corpus", *others)
        log = Path(folder) / "log"
        with (
            browsing.serving(library, log, frame_ancestors=[portal.origin]) as address,
            sync_playwright() as started,
        ):
            portal.policyqa = address
            browser = started.chromium.launch(
                executable_path=browsing.CHROMIUM, args=browsing.ARGUMENTS
            )
            page = browser.new_page(viewport={"width": 1280, "height": 1600}, locale="ja-JP")
            asked(page, address, FOUND)
            keep(page, "answer")
            page.set_viewport_size({"width": 1280, "height": 900})
            asked(page, address, NOT_FOUND)
            keep(page, "not-found")
            if others[1:]:
                asked(page, address, OF_THE_PDF + "&document=" + OTHERS[1].name)
                link = page.locator(".pq-evidence a.pq-open").first
                page.goto(link.evaluate("link => link.href"))
                page.locator(".sheet img").evaluate("image => image.decode()")
                keep(page, "pdf-page", colours=64)
            page.goto(f"{portal.origin}/?q={quote(FOUND)}")
            page.frame_locator("iframe").get_by_text(EVIDENCE).first.wait_for()
            page.wait_for_timeout(1000)
            keep(page, "framed")
            phone = browser.new_page(
                viewport={**PHONE, "height": 1300}, device_scale_factor=2, locale="ja-JP"
            )
            asked(phone, address, FOUND)
            keep(phone, "phone")
            browser.close()


def asked(page: Page, address: str, question: str) -> None:
    """The page with the results for a question, and perhaps filters, in its address."""
    page.goto(f"{address}?q={quote(question, safe='&=')}")
    page.locator("#pq-results .pq-permalink").wait_for(state="attached")
    page.locator(QUESTION_BOX).blur()
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)


def keep(page: Page, name: str, colours: int = 128) -> None:
    """The window as a PNG of few colours, which is small."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    path = ROOT / "docs" / "images" / f"{name}.png"
    picture.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {picture.width} x {picture.height}, {size // 1000} kB")
    assert size < LARGEST, f"{path} is too large"


if __name__ == "__main__":
    take()
