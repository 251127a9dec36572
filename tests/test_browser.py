"""The page in a real browser, with the real server, encoder and document."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from browsing import QUESTION_BOX, Watched, watching
from policyqa import strings

FOUND = "先導的なスマートシティは2025年までに何地域つくる目標ですか。"
EVIDENCE = "先導的なスマートシティの100地域の創出"
CITATION = "「デジタル田園都市国家構想総合戦略に位置づける重点的施策」１．スマートシティ"
NOT_FOUND = "マイナンバーカードの交付枚数は何枚ですか。"
PLACE = "２．大学を核とした産学官協創都市"

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
ZOOMED = {"width": 640, "height": 450}
"""1280 pixels at 200 %."""

STATES = {
    "start": None,
    "found": (FOUND, EVIDENCE),
    "not found": (NOT_FOUND, strings.NOT_FOUND),
    "named place": (PLACE, "デジタル田園健康特区"),
    "empty": (" ", strings.EMPTY_QUESTION),
    "too long": ("あ" * 1001, "質問が長すぎます。"),
}


@pytest.fixture
def watched(browser: Browser, server: str, request) -> Iterator[Watched]:
    """The page, opened; parametrised with what a browser context is made with."""
    with watching(browser, server, **getattr(request, "param", {})) as watched:
        yield watched


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
    watched.page.get_by_role("button", name=strings.ASK).click()
    expect(watched.results()).to_contain_text(EVIDENCE)


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
    tab_to(watched, QUESTION_BOX)
    page.keyboard.insert_text(FOUND)
    page.keyboard.press("Enter")
    expect(watched.results()).to_contain_text(EVIDENCE)
    tab_to(watched, "#pq-ask")


def tab_to(watched: Watched, selector: str) -> None:
    """Press Tab until what `selector` names, or something in it, has the focus."""
    for _ in range(30):
        watched.page.keyboard.press("Tab")
        if watched.page.evaluate(
            "selector => Boolean(document.activeElement.closest(selector))", selector
        ):
            return
    raise AssertionError(f"30 times Tab never came to {selector}")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(state, size):
    state.page.set_viewport_size(size)
    found = Axe().run(state.page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE, ZOOMED], ids=["desktop", "phone", "zoomed"])
def test_nothing_scrolls_sideways(state, size):
    state.page.set_viewport_size(size)
    widths = "[document.scrollingElement.scrollWidth, document.documentElement.clientWidth]"
    content, room = state.page.evaluate(widths)
    assert content <= room
