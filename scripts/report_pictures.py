"""Take the pictures of docs/report.md: docs/images/report-*.png.

Needs what scripts/screenshots.py needs: `.venv/bin/python scripts/report_pictures.py`. The report
is that of eval/juten.toml with its bars, where ../shared is also with the white paper's questions,
which have no answer there, compared with a run over shorter chunks.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from screenshots import ROOT, browsing, keep

SUITE = ROOT / "eval" / "juten.toml"
FOREIGN = ROOT.parent / "shared" / "eval" / "whitepaper-dev.jsonl"
SHORT, USUAL = 50, 200
"""Tokens of a chunk in the run compared with, and in the run."""


def take() -> None:
    """Run twice, make the report, take the pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        before, now = Path(folder) / "before.json", Path(folder) / "now.json"
        measure(SHORT, before)
        measure(USUAL, now)
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


def measure(chunk_tokens: int, target: Path) -> None:
    """Run the suite with chunks of `chunk_tokens` into `target`."""
    suite = target.with_suffix(".toml")
    suite.write_text(
        f"""name = "juten"
corpus = [{json.dumps(str(ROOT / "corpus" / "juten-shisaku.txt"))}]
questions = [{json.dumps(str(ROOT / "eval" / "juten-shisaku-dev.jsonl"))}]
foreign = {json.dumps([str(FOREIGN)] if FOREIGN.exists() else [])}
[settings]
chunk_tokens = {chunk_tokens}
[bars]{SUITE.read_text(encoding="utf-8").partition("[bars]")[2]}""",
        encoding="utf-8",
    )
    policyqa("eval", "run", suite, "--json", target)


def policyqa(*arguments: object) -> None:
    subprocess.run(
        [sys.executable, "-m", "policyqa", *map(str, arguments)],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def scroll_to(page: Page, heading: str) -> None:
    page.evaluate("id => document.getElementById(id).scrollIntoView()", heading)


if __name__ == "__main__":
    take()
