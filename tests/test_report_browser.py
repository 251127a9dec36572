"""The report's page in a real browser, from a file: filters, order, rows to unfold, no network."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import runs
from browsing import DESKTOP, PHONE, Watched, axe_findings, too_wide
from policyqa.evaluation.report import build, html

QUESTIONS = 240
MANY = 4000
PASSED = {"metric": "nDCG@10", "tag": None, "value": 0.8, "bar": 0.6, "kind": "min", "passed": True}


def written(folder: Path, content: bytes) -> str:
    """The address of the page as a file."""
    file = folder / "report.html"
    file.write_bytes(content)
    return file.as_uri()


@pytest.fixture(scope="module")
def report_file(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report with a baseline and a bar."""
    now = runs.run(QUESTIONS, seed=2, better=0.1) | {"bars": [PASSED]}
    return written(tmp_path_factory.mktemp("report"), html(build(now, runs.run(QUESTIONS))))


@pytest.fixture
def report(browser: Browser, report_file: str) -> Iterator[Watched]:
    """The report, opened."""
    with opened(browser, report_file) as watched:
        yield watched


@contextmanager
def opened(browser: Browser, address: str, **context: object) -> Iterator[Watched]:
    """The page at `address`, its first rows drawn. Nothing may go out or go wrong in it."""
    with browser.new_context(locale="ja-JP", **context) as own:
        watched = Watched(own.new_page(), address)
        watched.page.goto(address)
        expect(rows(watched.page)).to_have_count(100)
        yield watched
        assert (watched.outside(), watched.problems) == ([], [])


def rows(page: Page):
    return page.locator("#body .unfold")


def shown(page: Page):
    return page.locator("#shown")


def test_words_filter_the_questions_however_they_are_written(report):
    page = report.page
    expect(shown(page)).to_have_text("240問中240問が該当、100問を表示")
    # Full-width letters and digits, capitals: the id q-0123.
    page.locator("#words").fill("Ｑ－０１２３")
    expect(shown(page)).to_have_text("240問中1問が該当、1問を表示")
    expect(rows(page)).to_contain_text("q-0123・left out")
    page.locator("#words").fill("そのような語はない")
    expect(shown(page)).to_have_text("該当する質問はありません。条件を変えてください。")
    expect(rows(page)).to_have_count(0)


def test_the_other_filters_go_together(report):
    page = report.page
    page.locator("#tag").select_option("left out")
    expect(shown(page)).to_have_text("240問中60問が該当、60問を表示")
    page.locator("#right").select_option("誤")
    page.locator("#found").select_option("見つからない")
    # What has no answer and is not found is right.
    expect(rows(page)).to_have_count(0)
    page.locator("#found").select_option("見つかった")
    expect(page.locator("#body .badge.wrong").first).to_be_visible()
    expect(page.locator("#body .badge.right")).to_have_count(0)
    page.locator("#moved").select_option("悪化")
    expect(page.locator("#body .badge.move-1").first).to_be_visible()
    expect(page.locator("#body .badge.move1")).to_have_count(0)


def test_a_column_sorts_up_and_down(report):
    page = report.page
    head = page.locator("#rows thead th", has_text="確率")
    first = page.locator("#body tr").first.locator("td").nth(5)
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    lowest = float(first.inner_text())
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert float(first.inner_text()) > lowest
    # Without a value, whichever way: last.
    ranks = page.locator("#rows thead th", has_text="正解の順位")
    page.locator("#tag").select_option("factoid")
    ranks.get_by_role("button").click()
    expect(ranks).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("#body tr").first.locator("td").nth(2)).to_have_text("1")


def test_a_row_unfolds_by_keyboard_with_all_that_is_known_of_it(report):
    page = report.page
    page.locator("#words").fill("q-0000")
    expect(rows(page)).to_have_count(1)
    page.locator("#words").press("Tab")
    report.tab_to("#body .unfold")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_attribute("aria-expanded", "true")
    detail = page.locator("#body .detail")
    expect(detail.get_by_role("heading")).to_have_text(
        ["想定した答え", "示した根拠", "順位のついた記述"]
    )
    expect(detail.locator(".passages > li")).to_have_count(5)
    expect(detail.locator(".signals").first).to_contain_text("語の一致")
    expect(detail.locator(".facts")).to_contain_text("→")
    page.keyboard.press("Enter")
    expect(detail).to_have_count(0)


def test_the_gold_is_marked(report):
    page = report.page
    page.locator("#tag").select_option("factoid")
    page.locator("#right").select_option("正")
    rows(page).first.click()
    expect(page.locator(".passages > li.gold")).to_have_count(1)
    expect(page.locator(".passages > li").first.locator(".badge")).to_have_text("正しい箇所")


def test_further_rows_come_a_hundred_at_a_time_and_take_the_focus(report):
    page = report.page
    more = page.locator("#more")
    expect(more).to_have_text("さらに100問を表示")
    more.click()
    expect(rows(page)).to_have_count(200)
    expect(rows(page).nth(100)).to_be_focused()
    expect(more).to_have_text("さらに40問を表示")
    more.click()
    expect(rows(page)).to_have_count(240)
    expect(more).to_be_hidden()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_and_nothing_is_too_wide(browser, report_file, size):
    with opened(browser, report_file, viewport=size) as watched:
        page = watched.page
        rows(page).first.click()
        expect(page.locator("#body .detail")).to_be_visible()
        assert axe_findings(page) == []
        assert too_wide(page) == 0
        assert page.evaluate("document.documentElement.lang") == "ja"


def test_on_paper_there_is_nothing_to_press(report):
    page = report.page
    page.emulate_media(media="print")
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator("#more")).to_be_hidden()
    expect(page.locator(".verdict")).to_be_visible()


def test_hostile_text_is_only_shown(browser, chromium, tmp_path):
    run = runs.run(100)
    hostile = "</script><img src=x onerror=\"document.title='gone'\"><!--"
    for key in ("answers", "evidence", "tags"):
        run["per_question"][0][key] = [hostile]
    run["per_question"][0]["question"] = hostile
    run["per_question"][0]["passages"][0] |= {"citation": hostile, "text": hostile}
    with opened(browser, written(tmp_path, html(build(run)))) as watched:
        page = watched.page
        rows(page).first.click()
        expect(page.locator(".passages .citation").first).to_contain_text(hostile)
        expect(page.locator("img")).to_have_count(0)
        expect(page).to_have_title("評価レポート：eval/計画.toml")


def test_thousands_of_questions_open_and_filter(browser, chromium, tmp_path):
    content = html(build(runs.run(MANY)))
    assert len(content) < 15_000_000
    with opened(browser, written(tmp_path, content)) as watched:
        page = watched.page
        expect(shown(page)).to_have_text("4000問中4000問が該当、100問を表示")
        page.locator("#words").fill("q-3999")
        expect(shown(page)).to_have_text("4000問中1問が該当、1問を表示")
