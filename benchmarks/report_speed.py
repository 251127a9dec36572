"""The report of many questions in Chromium: `python benchmarks/report_speed.py [QUESTIONS]`.

Questions made from a seed, each with five passages of 300 characters that no other question has,
which is the largest a report gets; compared with a baseline. Opening: from the request of the file
until the first rows stand there. Filtering: from the last key until the table and its count say so.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.append(str(Path(__file__).parent.parent / "tests"))

import browsing
import runs

ROUNDS = 5
# A word, and how often it is typed: each changes what is shown.
FILTERS = ("拠点都市", "q-0123", "自治体　交付金", "2030年")


def main() -> None:
    questions = int(sys.argv[1]) if sys.argv[1:] else 4000
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = make(Path(folder), questions)
        browser = playwright.chromium.launch(
            executable_path=browsing.CHROMIUM, args=browsing.ARGUMENTS
        )
        opened, filtered = [], []
        for _ in range(ROUNDS):
            page = browser.new_page(viewport=browsing.DESKTOP)
            start = time.perf_counter()
            page.goto(page_file.as_uri())
            page.locator("#body tr").first.wait_for()
            opened.append(time.perf_counter() - start)
            filtered += [filter_by(page, words) for words in FILTERS]
            page.close()
        browser.close()
    tell(f"open the report of {questions} questions", opened)
    tell("filter it", filtered)


def make(folder: Path, questions: int) -> Path:
    """The report's file, made by the command."""
    for name, seed, better in (("before", 1, 0.0), ("now", 2, 0.1)):
        made = json.dumps(runs.run(questions, seed, better), ensure_ascii=False)
        (folder / f"{name}.json").write_text(made, encoding="utf-8")
    target = folder / "report.html"
    command = ["eval", "report", folder / "now.json", "--baseline", folder / "before.json"]
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "policyqa", *command, "--html", target], check=True, text=True
    )
    print(f"made in {time.perf_counter() - start:.1f} s; {target.stat().st_size / 1e6:.1f} MB")
    return target


def filter_by(page: Page, words: str) -> float:
    """Seconds until the page has drawn what is left of the questions."""
    before = page.locator("#shown").inner_text()
    start = time.perf_counter()
    page.locator("#words").fill(words)
    page.wait_for_function(
        "before => document.querySelector('#shown').innerText !== before", arg=before
    )
    page.evaluate("() => new Promise(requestAnimationFrame)")
    return time.perf_counter() - start


def tell(what: str, seconds: list[float]) -> None:
    median, worst = statistics.median(seconds), max(seconds)
    print(f"{what}: median {median:.2f} s, worst {worst:.2f} s of {len(seconds)} (bar 3 s)")


if __name__ == "__main__":
    main()
