"""The page in a real browser, with the real server, encoder and document."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from browsing import (
    DESKTOP,
    EVIDENCE,
    FOUND,
    PHONE,
    QUESTION_BOX,
    ZOOMED,
    Watched,
    axe_findings,
    too_wide,
    watching,
)
from policyqa import strings

CITATION = "「デジタル田園都市国家構想総合戦略に位置づける重点的施策」１．スマートシティ"
NOT_FOUND = "マイナンバーカードの交付枚数は何枚ですか。"
PLACE = "２．大学を核とした産学官協創都市"

STATES = {
    "start": None,
    "found": (FOUND, EVIDENCE),
    "not found": (NOT_FOUND, strings.NOT_FOUND),
    "named place": (PLACE, "デジタル田園健康特区"),
    "empty": (" ", strings.EMPTY_QUESTION),
    "too long": ("あ" * 1001, "質問が長すぎます。"),
}


@pytest.fixture(scope="module", params=STATES)
def state(browser: Browser, server: str, request) -> Iterator[Watched]:
    """The page in one of STATES; tests may set the size of the window."""
    with watching(browser, server, device_scale_factor=2) as watched:
        bring_to(watched, request.param)
        yield watched


def bring_to(watched: Watched, state: str) -> None:
    if STATES[state]:
        watched.ask(*STATES[state])


def test_asking_shows_the_answer_with_its_citation(watched):
    watched.ask(FOUND, EVIDENCE)
    results = watched.results()
    expect(results.get_by_role("heading", name=strings.ANSWER, exact=True)).to_be_visible()
    expect(results).to_contain_text(CITATION)
    expect(results.get_by_role("heading", name=CITATION).first).to_be_visible()


def test_the_button_asks_as_well(watched):
    watched.question_box().fill(FOUND)
    button = watched.page.get_by_role("button", name=strings.ASK)
    button.click()
    expect(watched.results()).to_contain_text(EVIDENCE)
    # It was disabled meanwhile; who asked by keyboard is still there.
    expect(button).to_be_focused()


def test_what_is_not_there_is_said_not_to_be_there(watched):
    watched.ask(NOT_FOUND, strings.NOT_FOUND)
    answer = watched.results().get_by_role("heading", name=strings.ANSWER, exact=True)
    expect(answer).to_have_count(0)


def test_nothing_goes_out_and_nothing_goes_wrong(state):
    # What the page does late, and what Chromium reports late.
    state.page.wait_for_timeout(500)
    assert state.outside() == []
    assert state.problems == []


@pytest.mark.parametrize(
    "watched", [{"locale": "en-US"}, {"locale": "ja-JP", "color_scheme": "dark"}], indirect=True
)
def test_the_page_is_japanese_in_every_browser(watched):
    watched.ask(FOUND, EVIDENCE)
    assert watched.page.evaluate("document.documentElement.lang") == "ja"
    assert watched.page.title() == strings.APP_TITLE


def test_enter_that_confirms_a_conversion_does_not_ask(watched):
    page, box = watched.page, watched.question_box()
    box.focus()
    keyboard = page.context.new_cdp_session(page)
    typed = {"text": "仙台市の農業用ロボット", "selectionStart": 11, "selectionEnd": 11}
    keyboard.send("Input.imeSetComposition", typed)
    before = watched.questions()
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert watched.questions() == before
    keyboard.send("Input.insertText", {"text": typed["text"]})
    expect(box).to_have_value(typed["text"])
    page.keyboard.press("Enter")
    expect(watched.results()).to_contain_text("仙台市")
    assert watched.questions() == before + 1


def test_asking_by_keyboard_alone(watched):
    page = watched.page
    page.evaluate("document.activeElement.blur()")
    watched.tab_to(QUESTION_BOX)
    page.keyboard.insert_text(FOUND)
    page.keyboard.press("Enter")
    expect(watched.results()).to_contain_text(EVIDENCE)
    watched.tab_to("#pq-ask")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(state, size):
    state.page.set_viewport_size(size)
    assert axe_findings(state.page) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE, ZOOMED], ids=["desktop", "phone", "zoomed"])
def test_nothing_scrolls_sideways(state, size):
    state.page.set_viewport_size(size)
    assert too_wide(state.page) == 0
