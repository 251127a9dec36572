"""How fast the page is in a real browser: `python benchmarks/page_speed.py [ROUNDS]`.

Cold load: an empty cache, from the request until a question can be typed. Answer: from Enter until
the right citation stands at the head of the results. One client; the server has been asked before.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.append(str(Path(__file__).parent.parent / "tests"))

import browsing

CORPUS = Path(__file__).parent.parent / "corpus"
# Each with what the citation of its answer says.
QUESTIONS = [
    ("先導的なスマートシティは2025年までに何地域つくる目標ですか。", "１．スマートシティ"),
    ("仙台市ではどのような農業用ロボットが開発されましたか。", "３．スタートアップ"),
    ("岡山県吉備中央町は何に採択されましたか。", "２．大学を核とした"),
]
AT_THE_HEAD = """
expected => document.querySelector("#pq-results").innerText.slice(0, 400).includes(expected)
"""


def main() -> None:
    rounds = int(sys.argv[1]) if sys.argv[1:] else 5
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        library = Path(folder) / "index"
        browsing.build(library, CORPUS)
        browser = playwright.chromium.launch(
            executable_path=browsing.CHROMIUM, args=browsing.ARGUMENTS
        )
        with browsing.serving(library, Path(folder) / "log") as address:
            loads = [cold_load(browser, address) for _ in range(rounds + 1)][1:]
            answers = ask(browser, address, rounds)
        browser.close()
    tell("cold load until a question can be typed", loads, "bar 2.5 s")
    tell("Enter until the results are there", answers, "bar 0.5 s")


def cold_load(browser: Browser, address: str) -> float:
    with browser.new_context() as context:
        watched = browsing.Watched(context.new_page(), address)
        start = time.perf_counter()
        watched.open(address)
        return time.perf_counter() - start


def ask(browser: Browser, address: str, rounds: int) -> list[float]:
    """Seconds of each question; the first, which warms the server, is left out."""
    seconds = []
    with browsing.watching(browser, address) as watched:
        for question, expected in QUESTIONS * rounds:
            watched.question_box().fill(question)
            start = time.perf_counter()
            watched.question_box().press("Enter")
            watched.page.wait_for_function(AT_THE_HEAD, arg=expected)
            seconds.append(time.perf_counter() - start)
    return seconds[1:]


def tell(what: str, seconds: list[float], bar: str) -> None:
    median, worst = statistics.median(seconds), max(seconds)
    print(f"{what}: median {median:.2f} s, worst {worst:.2f} s of {len(seconds)} ({bar})")


if __name__ == "__main__":
    main()
