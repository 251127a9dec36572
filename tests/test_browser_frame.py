"""The page in a portal's frame, in a real browser: the contract of docs/embedding.md."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

import browsing
from browsing import EVIDENCE, FOUND, QUESTION_BOX, Watched
from policyqa import strings

FIRST_HEIGHT = 600
"""Of the frame, before the page has said its own (policyqa-embed.js)."""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context.new_page()


@pytest.fixture
def listed(page: Page, server: str, portals) -> Watched:
    """The listed portal, not yet opened."""
    return Watched(page, server, portals[0].origin)


def framed(page: Page) -> Frame:
    """The page in the portal's frame, ready for a question."""
    frame = page.locator("iframe").element_handle().content_frame()
    frame.locator(QUESTION_BOX).wait_for()
    return frame


def ask(frame: Frame, question: str, expected: str) -> None:
    frame.locator(QUESTION_BOX).fill(question)
    frame.locator(QUESTION_BOX).press("Enter")
    frame.get_by_text(expected).first.wait_for()


def frame_height(page: Page) -> float:
    return page.locator("iframe").evaluate("frame => frame.getBoundingClientRect().height")


def wait_for_height(page: Page, condition: str) -> None:
    page.wait_for_function(
        f"(() => {{ const height = document.querySelector('iframe').clientHeight; "
        f"return {condition}; }})()"
    )


def content_height(frame: Frame) -> float:
    return frame.evaluate(
        "Math.max(...[...document.querySelectorAll('main.contain > *')]"
        ".map(part => part.getBoundingClientRect().bottom + scrollY))"
    )


def wait_until_fitting(page: Page, frame: Frame) -> None:
    """Until the frame is as high as what is in it. Fonts, and what Gradio draws later, change
    both after the first message; a height once taken from a forged message would stay."""
    for _ in range(100):
        content = content_height(frame)
        if content <= frame_height(page) <= content + 100:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the frame is {frame_height(page)} high, its content {content}")


def test_a_listed_portal_frames_the_page(listed, portals):
    listed.page.goto(portals[0].origin)
    frame = framed(listed.page)
    ask(frame, FOUND, EVIDENCE)
    listed.page.wait_for_timeout(500)
    assert listed.outside() == []
    assert listed.problems == []
    assert listed.page.locator("iframe").get_attribute("title") == strings.APP_TITLE


@pytest.mark.parametrize("query", ["", f"?q={quote(FOUND)}"], ids=["start", "question"])
def test_the_portal_is_not_left_for_the_frame(listed, portals, query):
    listed.page.goto(f"{portals[0].origin}/{query}")
    frame = framed(listed.page)
    if query:
        expect(frame.locator("#pq-results")).to_contain_text(EVIDENCE)
    listed.page.wait_for_timeout(500)
    assert listed.page.evaluate("document.activeElement.tagName") == "BODY"
    assert frame.evaluate("document.activeElement.tagName") == "BODY"


def test_the_frame_is_as_high_as_the_page(listed, portals):
    page = listed.page
    page.goto(portals[0].origin)
    frame = framed(page)
    wait_until_fitting(page, frame)
    ask(frame, FOUND, EVIDENCE)
    wait_for_height(page, "height > 900")
    wait_until_fitting(page, frame)
    # And it gets lower again, which body and Gradio's own wrappers never do.
    frame.evaluate("document.querySelector('#pq-results').style.display = 'none'")
    wait_for_height(page, "height < 700")
    wait_until_fitting(page, frame)


def test_a_portal_that_is_not_listed_cannot_frame_the_page(page, server, portals):
    page.goto(portals[1].origin)
    page.wait_for_timeout(2000)
    assert [frame.url for frame in page.frames[1:]] == ["chrome-error://chromewebdata/"]
    assert frame_height(page) == FIRST_HEIGHT


def test_the_portals_question_reaches_the_frame(listed, portals):
    query = f"q={quote(FOUND)}&kind=statute&kind=plan&portal=7"
    listed.page.goto(f"{portals[0].origin}/?{query}")
    search = urlsplit(framed(listed.page).url).query
    assert parse_qs(search) == {"q": [FOUND], "kind": ["statute", "plan"]}


def test_the_portals_address_is_kept_in_step(listed, portals):
    page = listed.page
    page.goto(f"{portals[0].origin}/?portal=7&q=before&from=2024-01-01#top")
    search = f"?q={quote(FOUND)}&kind=statute&other=1"
    framed(page).evaluate("search => history.replaceState(null, '', search)", search)
    page.wait_for_url("**kind=statute**")
    address = urlsplit(page.url)
    # The portal's own parameters stay, unknown ones of the page do not come over.
    assert parse_qs(address.query) == {"portal": ["7"], "q": [FOUND], "kind": ["statute"]}
    assert address.fragment == "top"


def test_a_question_asked_in_the_frame_is_in_the_portals_address(listed, portals):
    page = listed.page
    page.goto(f"{portals[0].origin}/?portal=7&q=before")
    # What is typed before the address is answered would be replaced by it.
    framed(page).locator("#pq-results .pq-permalink a").wait_for(state="attached")
    ask(framed(page), FOUND, EVIDENCE)
    page.wait_for_url(f"**q={quote(FOUND)}**")
    assert parse_qs(urlsplit(page.url).query) == {"portal": ["7"], "q": [FOUND]}
    # And back: it is what a colleague sees who is sent that address.
    page.reload()
    expect(framed(page).locator("#pq-results")).to_contain_text(EVIDENCE)


def test_messages_of_others_are_not_heard(listed, portals):
    page = listed.page
    page.goto(portals[0].origin)
    frame = framed(page)
    wait_until_fitting(page, frame)
    page.evaluate("postMessage({type: 'policyqa:height', height: 5}, '*')")
    page.evaluate("postMessage({type: 'policyqa:address', search: '?q=x'}, '*')")
    page.wait_for_timeout(300)
    wait_until_fitting(page, frame)
    assert "q=" not in page.url


@pytest.mark.parametrize("height", ["'9'", "-1", "0", "NaN", "null", "{}"])
def test_a_height_that_is_none_is_not_taken(listed, portals, height):
    page = listed.page
    page.goto(portals[0].origin)
    frame = framed(page)
    wait_until_fitting(page, frame)
    frame.evaluate(f"parent.postMessage({{type: 'policyqa:height', height: {height}}}, '*')")
    page.wait_for_timeout(300)
    wait_until_fitting(page, frame)


def test_a_height_has_a_bound(listed, portals):
    page = listed.page
    page.goto(portals[0].origin)
    frame = framed(page)
    wait_for_height(page, f"height !== {FIRST_HEIGHT}")
    frame.evaluate("parent.postMessage({type: 'policyqa:height', height: 1e9}, '*')")
    wait_for_height(page, "height === 30000")


def test_two_frames_on_one_page(listed, server, portals):
    page = listed.page
    page.goto(portals[0].origin)
    framed(page)
    page.evaluate(
        """server => {
          document.querySelector('main').insertAdjacentHTML(
            'beforeend', `<div data-policyqa="${server}"></div>`);
          const script = document.createElement('script');
          script.src = `${server}policyqa/policyqa-embed.js`;
          document.body.append(script);
        }""",
        server,
    )
    page.wait_for_function(
        "[...document.querySelectorAll('iframe')].filter(f => f.clientHeight !== 600).length === 2"
    )
    assert listed.problems == []


@contextmanager
def nginx(folder, server: str) -> Iterator[str]:
    """examples/portal/nginx.conf, run; its ports are replaced by the server's and a free one."""
    port = browsing.free_port()
    text = (browsing.EXAMPLE / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    text = text.replace("127.0.0.1:7860", urlsplit(server).netloc)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    command = ["nginx", "-p", folder, "-c", folder / "nginx.conf", "-g", "daemon off;"]
    log = folder / "error.log"
    started = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        browsing.wait_for(f"http://127.0.0.1:{port}/", started, log)
        yield f"http://127.0.0.1:{port}/"
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(10)


def test_behind_nginx_below_a_path(page, real_library, tmp_path):
    if not shutil.which("nginx"):
        pytest.skip("no nginx: apt-get install nginx-light, or as root: make browser")
    with (
        browsing.serving(real_library, tmp_path / "log", base_path="/policyqa-app/") as server,
        nginx(tmp_path, server) as portal,
    ):
        watched = Watched(page, portal)
        watched.open(f"{portal}policyqa-app/")
        watched.ask(FOUND, EVIDENCE)
        page.goto(f"{portal}?q={quote(FOUND)}")
        frame = framed(page)
        assert parse_qs(urlsplit(frame.url).query) == {"q": [FOUND]}
        ask(frame, FOUND, EVIDENCE)
        wait_for_height(page, f"height > {FIRST_HEIGHT}")
        expect(page).to_have_title("ポータル")
        assert watched.outside() == []
        assert watched.problems == []
        page.goto(f"{portal}policyqa-app")
        assert page.url == f"{portal}policyqa-app/"
