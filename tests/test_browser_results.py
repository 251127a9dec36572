"""What the page does with results, in a real browser: filters, copying, context, feedback, links
to passages, the list of documents, and the originals behind them.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import browsing
from browsing import (
    DESKTOP,
    EVIDENCE,
    FOUND,
    PHONE,
    ZOOMED,
    Watched,
    axe_findings,
    too_wide,
    watching,
)
from pdfs import GOTHIC, LEFT, Sheet
from policyqa import strings
from policyqa.feedback import Feedback, beside
from test_source import LAW

BRIDGES = "橋の点検は何年ごとに行いますか。"
BRIDGES_SAID = "橋の点検を五年ごとに行う。"
ROADS = "道路の舗装は何年ごとに改めますか。"
HARBOURS = "港の浚渫は何年ごとに行いますか。"
ARTICLE = "公開手続法第三条"
NOTHING_FITS = strings.NOTICES["filters-empty"]
CITED = "「デジタル田園都市国家構想総合戦略に位置づける重点的施策」１．スマートシティ"


@dataclass(frozen=True)
class Built:
    """A library of the user's document, a dated PDF, a statute and two texts."""

    folder: Path
    files: Path


@pytest.fixture(scope="module")
def built(chromium: str, juten: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("results")
    files = folder / "files"
    files.mkdir()
    draw_plan(files / "橋の計画.pdf")
    texts = {
        "law.xml": LAW,
        "道路.txt": "道路の計画\n\n１．目的\n道路の舗装を十年ごとに改める。\n２．予算\n"
        "百億円を充てる。\n",
        "港.txt": "港の計画\n\n１．方針\n港の浚渫を七年ごとに行う。\n",
        "metadata.toml": '["橋の計画.pdf"]\npublisher = "見本県"\ndate = 2024-04-01\n',
    }
    for name, text in texts.items():
        (files / name).write_text(text, encoding="utf-8")
    browsing.build(folder / "index", juten, files)
    (files / "港.txt").unlink()
    return Built(folder / "index", files)


def draw_plan(path: Path) -> None:
    sheet = Sheet(path)
    sheet.text(LEFT, 70, "橋の計画", 18, GOTHIC)
    sheet.text(LEFT, 110, "１．目的", 14, GOTHIC)
    sheet.text(LEFT, 140, "この計画は、県が管理する橋を長く安全に使うことを目的とする。")
    sheet.next_page()
    sheet.text(LEFT, 70, "２．点検", 14, GOTHIC)
    sheet.lines(LEFT, 100, [BRIDGES_SAID, "点検の結果は公表する。", "費用は県が負担する。"])
    sheet.next_page()
    sheet.save()


@pytest.fixture(scope="module")
def server(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of that library: the one that `watched` opens here."""
    with browsing.serving(built.folder, tmp_path_factory.mktemp("server") / "log") as address:
        yield address


@pytest.fixture(scope="module")
def answered(browser: Browser, server: str) -> Iterator[Watched]:
    """The page with the answer to FOUND, for tests that do not ask again."""
    with watching(browser, server, viewport=DESKTOP) as watched:
        watched.ask(FOUND, EVIDENCE)
        yield watched


def passages(watched: Watched) -> Locator:
    return watched.page.locator(".pq-passage")


def press(within: Page | Locator, name: str) -> None:
    within.get_by_role("button", name=name, exact=True).first.click()


def open_filters(page: Page) -> None:
    page.get_by_role("button", name=strings.FILTERS).click()
    expect(page.get_by_label(strings.FILTER_FROM)).to_be_visible()


def query(watched: Watched) -> dict[str, list[str]]:
    return parse_qs(urlsplit(watched.page.url).query)


def link_to_original(watched: Watched) -> Locator:
    return watched.results().get_by_role("link", name=strings.OPEN_ORIGINAL).first


# --- filters and addresses ---


def test_a_filter_goes_into_the_address(watched):
    page = watched.page
    watched.ask(BRIDGES, BRIDGES_SAID)
    open_filters(page)
    page.get_by_label(strings.FILTER_FROM).fill("2024-04-02")
    press(page, strings.ASK)
    expect(page.get_by_text(NOTHING_FITS)).to_be_visible()
    assert query(watched) == {"q": [BRIDGES], "from": ["2024-04-02"]}
    page.get_by_label(strings.FILTER_FROM).fill("2024-04-01")
    press(page, strings.ASK)
    expect(watched.results()).to_contain_text(BRIDGES_SAID)
    assert query(watched) == {"q": [BRIDGES], "from": ["2024-04-01"]}


def test_choosing_a_document_from_the_list(watched):
    page = watched.page
    watched.ask(FOUND, EVIDENCE)
    open_filters(page)
    page.get_by_label(strings.FILTER_PUBLISHERS).click()
    page.get_by_role("option", name="見本県").click()
    press(page, strings.ASK)
    expect(watched.results()).not_to_contain_text(EVIDENCE)
    assert query(watched) == {"q": [FOUND], "publisher": ["見本県"]}
    press(page, strings.CLEAR_FILTERS)
    # The server empties the fields.
    expect(page.locator("#pq-filters")).not_to_contain_text("見本県")
    press(page, strings.ASK)
    expect(watched.results()).to_contain_text(EVIDENCE)
    assert query(watched) == {"q": [FOUND]}


def test_the_address_can_be_shared(watched, browser):
    watched.ask(FOUND, EVIDENCE)
    watched.page.wait_for_url("**q=**")
    with watching(browser, watched.page.url) as again:
        expect(again.question_box()).to_have_value(FOUND)
        expect(again.results()).to_contain_text(EVIDENCE)
        assert again.problems == []


def test_a_deep_link_with_filters_that_nothing_fits(browser, server):
    with watching(browser, f"{server}?q={quote(FOUND)}&from=2030-01-01&kind=statute") as opened:
        expect(opened.page.get_by_text(NOTHING_FITS)).to_be_visible()
        # The filters are open, so that their reader sees why.
        expect(opened.page.get_by_label(strings.FILTER_FROM)).to_have_value("2030-01-01")
        press(opened.results(), strings.CLEAR_FILTERS)
        expect(opened.results()).to_contain_text(EVIDENCE)
        assert query(opened) == {"q": [FOUND]}
        assert opened.problems == []


def test_a_deep_link_to_a_passage_further_down(watched, browser, server):
    watched.ask(FOUND, EVIDENCE)
    press(watched.page, strings.MORE)
    expect(passages(watched)).to_have_count(10)
    seventh = passages(watched).nth(6).get_attribute("id")
    address = f"{server}?q={quote(FOUND)}&passage={seventh.removeprefix('pq-passage-')}"
    with watching(browser, address) as opened:
        place = opened.page.locator(".pq-target")
        expect(place).to_have_id(seventh)
        expect(place).to_be_in_viewport()
        expect(place).to_be_focused()
        assert opened.problems == []


BROKEN = {
    "too long": ("q=" + "あ" * 1001, "質問が長すぎます。"),
    "no day": (f"q={quote(FOUND)}&from=gestern", "「gestern」は日付として読めません。"),
    "days reversed": (f"q={quote(FOUND)}&from=2025-01-02&to=2025-01-01", strings.DAYS_REVERSED),
    "unknown passage": (f"q={quote(FOUND)}&passage=x", strings.NOT_AMONG_RESULTS),
    "unknown kind": (f"q={quote(FOUND)}&kind=x", NOTHING_FITS),
    "unknown document": (f"q={quote(FOUND)}&document=x", NOTHING_FITS),
    "no question": ("q=%00", strings.EMPTY_QUESTION),
    "no text": ("q=%FF%FE", strings.EMPTY_QUESTION),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_deep_link_is_told_in_one_line(browser, server, case):
    search, said = BROKEN[case]
    with watching(browser, f"{server}?{search}") as opened:
        expect(opened.page.locator("#pq-problem, #pq-results").get_by_text(said)).to_be_visible()
        assert opened.problems == []


# --- passages and what can be done with them ---


def test_more_passages(watched):
    watched.ask(FOUND, EVIDENCE)
    expect(passages(watched)).to_have_count(5)
    press(watched.page, strings.MORE)
    expect(passages(watched)).to_have_count(10)
    press(watched.page, strings.MORE)
    expect(passages(watched)).to_have_count(15)
    ranks = watched.page.locator(".pq-passage .pq-rank").all_inner_texts()
    assert ranks == [f"{rank}." for rank in range(1, 16)]
    ids = watched.page.evaluate("[...document.querySelectorAll('.pq-passage')].map(p => p.id)")
    assert len(set(ids)) == 15


def test_more_is_of_what_was_asked(watched):
    watched.ask(FOUND, EVIDENCE)
    watched.question_box().fill(ARTICLE)
    press(watched.page, strings.MORE)
    expect(passages(watched)).to_have_count(10)
    expect(watched.page.locator("#pq-asked")).to_have_text(FOUND)
    assert query(watched) == {"q": [FOUND]}


def test_why_a_passage_is_here(answered):
    first = passages(answered).first
    reasons = first.locator(".pq-why li")
    expect(reasons.first).to_be_hidden()
    first.get_by_text(strings.WHY).click()
    expect(reasons).to_have_count(2)
    expect(reasons.nth(0)).to_have_text(f"{strings.WHY_MEANING}：表示中の5件で1番目")
    expect(reasons.nth(1)).to_contain_text("スマートシティ")


def test_the_text_around_a_passage(watched, juten):
    watched.ask(FOUND, EVIDENCE)
    # The first passage opens its document.
    passage = passages(watched).first
    with watched.page.expect_response("**/part/context/*") as response:
        press(passage, strings.CONTEXT)
    assert response.value.ok
    after = passage.locator(".pq-around .pq-after p:not(.pq-context-heading)").first
    expect(after).to_be_visible()
    document = squeezed(juten.read_text(encoding="utf-8"))
    text, following = (
        squeezed(passage.locator(".pq-text").inner_text()),
        squeezed(after.inner_text()),
    )
    assert document.index(text[-20:]) < document.index(following[:20])
    press(passage, strings.SCRIPT["contextHide"])
    expect(after).to_be_hidden()
    press(passage, strings.CONTEXT)
    expect(after).to_be_visible()


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


@pytest.mark.parametrize("watched", [CLIPBOARD], indirect=True)
def test_copying_the_citation(watched):
    watched.ask(BRIDGES, BRIDGES_SAID)
    press(watched.results(), strings.COPY)
    expect(watched.page.get_by_role("status").get_by_text("コピーしました")).to_be_attached()
    copied = watched.page.evaluate("navigator.clipboard.readText()")
    assert copied == "「橋の計画」２．点検（p.2）（見本県、2024年4月1日）"


def without_clipboard(page: Page) -> None:
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")


def test_copying_without_the_clipboard_of_scripts(watched):
    watched.ask(FOUND, EVIDENCE)
    without_clipboard(watched.page)
    press(watched.results(), strings.COPY)
    expect(watched.results().get_by_text(strings.SCRIPT["copied"])).to_be_visible()
    watched.question_box().fill("")
    watched.question_box().press("Control+V")
    expect(watched.question_box()).to_have_value(CITED)


def test_what_cannot_be_copied_is_selected(watched):
    watched.ask(FOUND, EVIDENCE)
    without_clipboard(watched.page)
    watched.page.evaluate("document.execCommand = () => false")
    press(passages(watched).first, strings.COPY)
    expect(passages(watched).first.get_by_text(strings.SCRIPT["notCopied"])).to_be_visible()
    assert watched.page.evaluate("getSelection().toString().trim()") == CITED


def test_the_keyboard_reaches_the_first_action(watched):
    watched.page.evaluate("document.activeElement.blur()")
    watched.tab_to(browsing.QUESTION_BOX)
    watched.page.keyboard.insert_text(FOUND)
    watched.page.keyboard.press("Enter")
    expect(watched.results()).to_contain_text(EVIDENCE)
    watched.tab_to("#pq-results .pq-copy")
    watched.page.keyboard.press("Enter")
    expect(watched.results().get_by_text(strings.SCRIPT["copied"])).to_be_visible()


# --- what users say ---


def test_a_good_word(watched, built):
    watched.ask(FOUND, EVIDENCE)
    with watched.page.expect_response("**/part/feedback") as response:
        press(watched.results(), strings.UP)
    assert response.value.ok
    expect(watched.results().get_by_text(strings.SCRIPT["feedbackSent"])).to_be_visible()
    for name in (strings.UP, strings.DOWN):
        expect(watched.results().get_by_role("button", name=name, exact=True)).to_be_disabled()
    opinion = Feedback(beside(built.folder)).all()[-1]
    assert (opinion.question, opinion.verdict, opinion.reason) == (FOUND, "up", "")
    assert opinion.citation == CITED


def test_a_bad_word_with_its_reason(watched, built):
    watched.ask(BRIDGES, BRIDGES_SAID)
    press(watched.results(), strings.DOWN)
    reason = watched.page.get_by_label(strings.REASON)
    expect(reason).to_be_focused()
    watched.page.keyboard.insert_text("年度が古い")
    with watched.page.expect_response("**/part/feedback") as response:
        watched.page.keyboard.press("Enter")
    assert response.value.ok
    expect(watched.results().get_by_text(strings.SCRIPT["feedbackSent"])).to_be_visible()
    expect(reason).to_be_hidden()
    opinion = Feedback(beside(built.folder)).all()[-1]
    assert (opinion.question, opinion.verdict, opinion.reason) == (BRIDGES, "down", "年度が古い")


def cases(built: Built) -> list[dict]:
    file = built.folder.parent / "eval" / "cases.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


def test_a_question_into_the_evaluation_set(watched, built):
    before = cases(built)
    watched.ask(ARTICLE, strings.ADD_CASE)
    with watched.page.expect_response("**/part/case") as response:
        press(watched.results(), strings.ADD_CASE)
    assert response.value.ok
    expect(watched.results().get_by_text(strings.SCRIPT["caseAdded"])).to_be_visible()
    added = cases(built)[len(before) :]
    assert [case["question"] for case in added] == [ARTICLE]
    assert "第三条" in json.dumps(added[0]["relevant"], ensure_ascii=False)


def test_a_question_without_an_answer_into_the_evaluation_set(watched, built):
    before, question = cases(built), "月の裏側の気温は何度ですか。"
    watched.ask(question, strings.NOT_FOUND)
    press(watched.results(), strings.ADD_CASE_UNANSWERABLE)
    expect(watched.results().get_by_text(strings.SCRIPT["caseAdded"])).to_be_visible()
    added = cases(built)[len(before) :]
    assert [(case["question"], case["relevant"]) for case in added] == [(question, [])]


# --- the list of documents ---


def test_the_list_of_documents(watched):
    page = watched.page
    page.get_by_role("tab", name=strings.VIEW_DOCUMENTS).click()
    listed = page.locator(".pq-document")
    expect(listed).to_have_count(5)
    page.get_by_label(strings.DOCUMENTS_FILTER).fill("見本県　橋")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("2024年4月1日")
    listed.get_by_text(strings.OUTLINE).click()
    expect(listed.locator(".pq-outline li")).to_have_text(["１．目的 p.1", "２．点検 p.2"])
    with page.context.expect_page() as opened:
        listed.get_by_role("link", name=strings.OPEN_ORIGINAL).click()
    expect(opened.value.get_by_role("heading", name="橋の計画", level=1)).to_be_visible()


# --- originals ---


@pytest.fixture(scope="module")
def originals(browser: Browser, server: str) -> dict[str, str]:
    """The addresses of originals, as the page links to them."""
    questions = {"pdf": BRIDGES, "article": ARTICLE, "text": ROADS, "gone": HARBOURS}
    with watching(browser, server) as watched:
        addresses = {}
        for name, question in questions.items():
            watched.question_box().fill(question)
            watched.question_box().press("Enter")
            expect(watched.page.locator("#pq-asked")).to_have_text(question)
            addresses[name] = link_to_original(watched).evaluate("link => link.href")
    document = re.search(r"\w+", addresses["pdf"].rpartition("/")[2])[0].split("-")[0]
    return {**addresses, "missing": f"{server}source/passage/{document}0.0"}


@contextmanager
def reading(browser: Browser, server: str, address: str, **context: object) -> Iterator[Watched]:
    """The page of an original."""
    with browser.new_context(**context) as opened:
        watched = Watched(opened.new_page(), server)
        watched.page.goto(address)
        yield watched


def test_an_original_opens_in_a_new_tab(answered):
    with answered.page.context.expect_page() as opened:
        link_to_original(answered).click()
    page = opened.value
    assert "/source/passage/" in page.url
    expect(page.locator("mark").first).to_be_in_viewport()
    assert EVIDENCE in "".join(page.locator("mark").all_inner_texts())
    assert page.evaluate("window.opener") is None
    page.get_by_role("link", name=strings.SOURCE_BACK).click()
    expect(page.locator(browsing.QUESTION_BOX)).to_be_visible()
    page.close()


def test_the_page_of_a_pdf(browser, server, originals):
    with reading(browser, server, originals["pdf"], viewport=DESKTOP) as watched:
        page = watched.page
        image = page.locator(".sheet img")
        assert image.evaluate("image => image.complete && image.naturalWidth") == 1400
        around, mark = image.bounding_box(), page.locator(".sheet .evidence").first.bounding_box()
        # A4 is 595.3 points wide; the line's baseline is 100 points below the top of the page.
        point = around["width"] / 595.276
        place = {"x": around["x"] + LEFT * point, "y": around["y"] + 100 * point}
        assert mark["x"] == pytest.approx(place["x"], abs=2 * point)
        assert mark["width"] == pytest.approx(len(BRIDGES_SAID) * 10.5 * point, rel=0.05)
        assert mark["y"] < place["y"] - 5 * point < mark["y"] + mark["height"]
        assert mark["height"] < 17 * point
        expect(page.locator(".text mark").first).to_have_text(BRIDGES_SAID)
        file = page.get_by_role("link", name=strings.SOURCE_OPEN_PDF)
        assert file.get_attribute("href").endswith("#page=2")
        sent = page.request.get(file.evaluate("link => link.href"))
        assert sent.headers["content-type"] == "application/pdf"
        assert sent.body().startswith(b"%PDF")
        page.get_by_role("link", name=strings.SOURCE_PREVIOUS["page"]).first.click()
        expect(page.get_by_text(strings.SOURCE_PAGE.format(page=1, pages=2)).first).to_be_visible()
        expect(page.locator(".sheet .evidence")).to_have_count(0)


def test_an_article(browser, server, originals):
    with reading(browser, server, originals["article"]) as watched:
        page = watched.page
        expect(page.get_by_role("heading", level=1)).to_have_text("公開手続法第三条")
        # The reference in it is a link, so the mark is in two pieces.
        marks = page.locator("mark")
        expect(marks).to_have_text(["第二条第一号", "の文書の公開は、書面で請求する。"])
        expect(marks.first).to_be_in_viewport()
        page.get_by_role("link", name="第二条第一号").click()
        expect(page.locator(".line.within")).to_have_text("一　文書　書面をいう。")
        expect(page.locator(".line.within")).to_be_in_viewport()


def test_a_text_whose_file_is_gone(browser, server, originals):
    with reading(browser, server, originals["gone"]) as watched:
        expect(watched.page.get_by_text(strings.SOURCE_FILE_STATES["gone"])).to_be_visible()
        expect(watched.page.locator("mark")).to_have_text("港の浚渫を七年ごとに行う。")
        expect(watched.page.get_by_role("link", name=strings.SOURCE_DOWNLOAD)).to_have_count(0)


def test_an_address_that_leads_nowhere(browser, server, originals):
    with reading(browser, server, originals["missing"]) as watched:
        expect(watched.page.get_by_text(strings.SOURCE_MISSING_HINT)).to_be_visible()


# --- every state: accessible, as wide as the window, quiet ---


def nothing_fits(watched: Watched) -> None:
    open_filters(watched.page)
    watched.page.get_by_label(strings.FILTER_FROM).fill("2030-01-01")
    watched.ask(FOUND, NOTHING_FITS)


def all_unfolded(watched: Watched) -> None:
    watched.ask(BRIDGES, BRIDGES_SAID)
    first = passages(watched).first
    first.get_by_text(strings.WHY).click()
    press(first, strings.CONTEXT)
    expect(first.locator(".pq-around")).to_be_visible()
    press(watched.results(), strings.DOWN)
    press(watched.page, strings.MORE)
    expect(passages(watched)).to_have_count(10)


def document_list(watched: Watched) -> None:
    watched.page.get_by_role("tab", name=strings.VIEW_DOCUMENTS).click()
    watched.page.locator(".pq-outline summary").first.click()
    expect(watched.page.locator(".pq-outline li").first).to_be_visible()


STATES = {
    "filters open": lambda watched: open_filters(watched.page),
    "nothing fits": nothing_fits,
    "all unfolded": all_unfolded,
    "document list": document_list,
}
ORIGINALS = ["pdf", "article", "text", "gone", "missing"]


@pytest.fixture(scope="module", params=[*STATES, *ORIGINALS])
def state(browser: Browser, server: str, originals, request) -> Iterator[Watched]:
    """The page in one of STATES, or an original; tests may set the size of the window."""
    if request.param in STATES:
        with watching(browser, server) as watched:
            STATES[request.param](watched)
            yield watched
    else:
        with reading(browser, server, originals[request.param]) as watched:
            yield watched


def test_nothing_goes_out_and_nothing_goes_wrong(state):
    # What the page does late, and what Chromium reports late.
    state.page.wait_for_timeout(300)
    assert state.outside() == []
    expected = ["404"] if state.page.title().startswith(strings.SOURCE_MISSING) else []
    assert re.findall(r"\b404\b", " ".join(state.problems)) == expected
    assert len(state.problems) == len(expected)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(state, size):
    state.page.set_viewport_size(size)
    assert axe_findings(state.page) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE, ZOOMED], ids=["desktop", "phone", "zoomed"])
def test_nothing_scrolls_sideways(state, size):
    state.page.set_viewport_size(size)
    assert too_wide(state.page) == 0
