"""Take the pictures of docs/report.md: docs/images/report-*.png.

Needs what scripts/screenshots.py needs: `.venv/bin/python scripts/report_pictures.py`. The report
is that of eval/juten-shisaku-dev.jsonl over the user's document, where ../shared is also with the
white paper's questions, which have no answer there, compared with a run over shorter chunks.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from screenshots import ROOT, browsing, keep

SUITE = ROOT / "eval" / "juten-shisaku-dev.jsonl"
FOREIGN = ROOT.parent / "shared" / "eval" / "whitepaper-dev.jsonl"
SHORT = "50"
"""Tokens of a chunk in the run compared with."""


def take() -> None:
    """Run twice, make the report, take the pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        before, now = Path(folder) / "before.json", Path(folder) / "now.json"
        measure(Path(folder) / "short", before, POLICYQA_CHUNK_TOKENS=SHORT)
        measure(Path(folder) / "index", now)
        report = Path(folder) / "report.html"
        policyqa("eval", "report", now, "--baseline", before, "--html", report)
        browser = started.chromium.launch(
            executable_path=browsing.CHROMIUM, args=browsing.ARGUMENTS
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="ja-JP")
        page.goto(report.as_uri())
        page.locator(".unfold").first.wait_for()
        keep(page, "report-summary")
        scroll_to(page, "plots")
        keep(page, "report-plots")
        page.locator(".unfold").first.click()
        scroll_to(page, "questions")
        keep(page, "report-questions")
        phone = browser.new_page(
            viewport={**browsing.PHONE, "height": 1300}, device_scale_factor=2, locale="ja-JP"
        )
        phone.goto(report.as_uri())
        phone.locator(".unfold").first.wait_for()
        keep(phone, "report-phone")
        browser.close()


def measure(library: Path, target: Path, **environment: str) -> None:
    """Build a library of the user's document and run the suite over it."""
    policyqa("index", ROOT / "corpus", "--library", library, **environment)
    foreign = ["--foreign", FOREIGN] if FOREIGN.exists() else []
    suite = [SUITE.relative_to(ROOT), *foreign]
    policyqa("eval", "run", *suite, "--library", library, "--json", target, **environment)


def policyqa(*arguments: object, **environment: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "policyqa", *map(str, arguments)],
        check=True,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
    )


def scroll_to(page: Page, heading: str) -> None:
    page.evaluate("id => document.getElementById(id).scrollIntoView()", heading)


if __name__ == "__main__":
    take()
