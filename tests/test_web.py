"""The server over HTTP with a fake encoder: what it lets through, and its headers."""

import html
import json
import re
import uuid
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from fakes import FakeSource
from policyqa import indexing
from policyqa.library import Library
from policyqa.web.app import create_app
from policyqa.web.gate import Gate
from policyqa.web.ui import page

QUESTION = "先導的なスマートシティは何地域つくる目標ですか。"
PORTAL = "https://portal.example.go.jp"


@pytest.fixture(scope="module")
def folder(tmp_path_factory, repository):
    folder = tmp_path_factory.mktemp("library")
    indexing.build([repository / "corpus"], folder, FakeSource())
    return folder


@pytest.fixture(scope="module")
def client(folder):
    app = create_app(
        Library.open(folder, FakeSource()),
        allowed_hosts=["127.0.0.1"],
        frame_ancestors=[PORTAL],
    )
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture(scope="module")
def below(folder):
    """A client of the page below a path of a portal's host."""
    app = create_app(
        Library.open(folder, FakeSource()),
        allowed_hosts=["portal.example.go.jp"],
        base_path="/apps/policyqa/",
    )
    with TestClient(app, base_url="http://portal.example.go.jp") as client:
        yield client


ASK, MORE, CLEAR, ARRIVE, LIST = range(5)
"""The events of the page, in the order in which `ui` makes them."""


def call(client, event, data, address="", base=""):
    """Do as the page does: join Gradio's queue, read the event stream to its end."""
    session = uuid.uuid4().hex
    body = {"fn_index": event, "data": data, "session_hash": session, "event_data": None}
    joined = client.post(f"{base}/gradio_api/queue/join{address}", json=body)
    assert joined.status_code == 200, joined.text
    stream = client.get(f"{base}/gradio_api/queue/data", params={"session_hash": session})
    events = [json.loads(line[6:]) for line in stream.text.splitlines() if line[:6] == "data: "]
    done = next(event for event in events if event["msg"] == "process_completed")
    assert done["success"], done
    return done["output"]["data"]


def fields(question, documents=()):
    """What the page sends: the question, three lists, three days."""
    return [question, list(documents), [], [], "", "", ""]


def ask(client, question, documents=(), base=""):
    """The problem or the results."""
    problem, results, *_ = call(client, ASK, fields(question, documents), base=base)
    return problem if isinstance(problem, str) and problem else results


def test_page_is_japanese_and_names_the_library(client):
    page = client.get("/").text
    assert '<html lang="ja"' in page
    assert "政策文書検索" in page
    assert "収録文書 1件" in page


def test_page_has_nothing_from_outside(client):
    page = client.get("/").text
    loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(https?:[^"]*)"', page)
    assert loaded == []


def test_every_script_of_the_page_has_the_nonce_of_the_policy(client):
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce
    assert set(re.findall(r"<script([^>]*)>", answer.text)) > set()
    for attributes in re.findall(r"<script([^>]*)>", answer.text):
        assert f'nonce="{nonce.group(1)}"' in attributes
    assert f"frame-ancestors 'self' {PORTAL}" in policy
    assert "x-frame-options" not in answer.headers


def test_asking(client):
    page = ask(client, QUESTION)
    assert "「デジタル田園都市国家構想総合戦略に位置づける重点的施策」１．スマートシティ" in page
    assert "<mark>スマートシティ</mark>" in page


def test_a_problem_leaves_the_results_as_they_are(client):
    problem, *rest = call(client, ASK, ["", *[None] * 6])
    assert re.sub(r"pq-new-[0-9a-f]+", "pq-new-", problem) == (
        '<div id="pq-new-"><p class="pq-problem" role="alert">質問を入力してください。</p></div>'
    )
    assert rest == [{"__type__": "update"}] * 5


def test_the_answer_to_a_failure_tells_nothing_of_it(client, monkeypatch):
    def fails(*_arguments, **_options):
        raise RuntimeError("secret")

    monkeypatch.setattr(Library, "search", fails)
    page = ask(client, "都市")
    assert "検索できませんでした。" in page
    assert "secret" not in page


def test_more_passages_come_after_the_first_five(client):
    _, _, further, more, address, shown = call(client, ASK, fields(QUESTION))
    assert (further, more["visible"], shown) == ("", True, 5)
    further, more, shown = call(client, MORE, [address, shown])
    assert re.findall(r'pq-rank">([0-9]+)\.', further) == ["6", "7", "8", "9", "10"]
    assert (more["visible"], shown) == (True, 10)


def test_clearing_empties_the_filters(client):
    assert call(client, CLEAR, []) == ["", [], [], [], "", "", ""]


def test_arriving_without_a_question_changes_nothing(client):
    assert call(client, ARRIVE, []) == [{"__type__": "update"}] * 14


def test_arriving_with_a_question_asks_it(client):
    address = f"?{urlencode({'q': QUESTION, 'document': 'juten-shisaku.txt'})}"
    question, documents, *_, accordion, _, results, _, _, _, _ = call(client, ARRIVE, [], address)
    assert question == QUESTION
    assert len(documents) == 1
    assert accordion["open"] is True
    assert f'<a href="{html.escape(address)}">この検索結果へのリンク</a>' in results


def test_arriving_at_a_passage_shows_it(client):
    further, _, _ = call(client, MORE, [f"?{urlencode({'q': QUESTION})}", 5])
    last = re.findall(r'id="pq-passage-([0-9a-f]+)"', further)[-1]
    address = f"?{urlencode({'q': QUESTION, 'passage': last})}"
    *_, problem, _, further, _, _, shown = call(client, ARRIVE, [], address)
    assert (problem, shown) == ("", 10)
    assert f'id="pq-passage-{last}"' in further


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"passage": "none"}, "リンクで指定された記述は、この検索結果にありません。"),
        ({"as_of": "abc"}, "基準日「abc」は日付として読めません。"),
        ({"from": "2025-02-30"}, "日付（この日から）「2025-02-30」は日付として読めません。"),
        ({"from": "2025-02-02", "to": "2025-01-01"}, "日付の範囲が逆です。"),
    ],
)
def test_arriving_at_a_wrong_address_says_so(client, address, said):
    problem = call(client, ARRIVE, [], f"?{urlencode({'q': QUESTION, **address})}")[8]
    assert said in problem


def test_what_no_document_has_can_be_cleared(client):
    results = call(client, ARRIVE, [], f"?{urlencode({'q': '都市', 'kind': '白書'})}")[9]
    assert "絞り込みの条件に合う文書がありません。" in results
    assert f'value="?{urlencode({"q": "都市"})}">条件を消す</button>' in results
    assert "該当する記述は見つかりませんでした</h2>" not in results


def test_the_list_of_documents(client):
    (page,) = call(client, LIST, ["重点　ＪＵＴＥＮ"])
    assert "1件の文書" in page
    (identity,) = re.findall(r'id="pq-outline-([0-9a-f]+)"', page)
    outline = client.get(f"/part/outline/{identity}")
    assert outline.text == (
        "<ul><li>１．スマートシティ<span></span></li>"
        "<li>２．大学を核とした産学官協創都市<span></span></li>"
        "<li>３．スタートアップ・エコシステム拠点都市<span></span></li></ul>"
    )
    (page,) = call(client, LIST, ["白書"])
    assert "該当する文書はありません。" in page


def test_the_outline_of_no_document(client):
    assert client.get("/part/outline/none").status_code == 404


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "質問を入力してください。"),
        ("　 \n", "質問を入力してください。"),
        ("あ" * 5000, "質問が長すぎます。1000文字以内にしてください（現在5000文字）。"),
        ("\x00\u200b", "質問を入力してください。"),
    ],
)
def test_a_bad_question_gets_a_message(client, question, message):
    assert message in ask(client, question)


def test_the_box_does_not_cut_a_long_question(library):
    # A cut question would be answered as if it had been asked; a message says that it is too long.
    (box,) = [
        part for part in page(library, Gate()).blocks.values() if part.elem_id == "pq-question"
    ]
    assert box.max_length is None


@pytest.mark.parametrize(
    "question", ["<script>alert(1)</script>", "😀🇯🇵", "'; DROP TABLE chunks; --", "\u202eabc", "？"]
)
def test_a_hostile_question_is_only_text(client, question):
    page = ask(client, question)
    assert "<script" not in page
    assert 'class="pq-results"' in page


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
        ("GET", "/config"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/file=http://127.0.0.1/"),
        ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/call/predict"),
        ("GET", "/static/../app.py"),
        ("GET", "/policyqa/../guard.py"),
        ("PUT", "/"),
        ("DELETE", "/gradio_api/queue/join"),
        ("OPTIONS", "/gradio_api/queue/join"),
    ],
)
def test_other_requests_are_refused(client, method, path):
    answer = client.request(method, path)
    assert answer.status_code == 404
    assert answer.text == "Not Found"


def test_large_bodies_are_refused(client):
    assert client.post("/gradio_api/queue/join", content=b"x" * 70_000).status_code == 413


def test_large_bodies_without_a_length_are_cut_off(client):
    chunks = (b"x" * 10_000 for _ in range(10))
    assert client.post("/gradio_api/queue/join", content=chunks).status_code == 413


def test_other_hosts_are_refused(client):
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_no_origin_is_allowed_by_cors(client):
    answer = client.get("/", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_style_script_and_icon_are_served(client):
    for name in (
        "page.css",
        "page.js",
        "results.js",
        "frame.js",
        "policyqa-embed.js",
        "favicon.svg",
    ):
        assert client.get(f"/policyqa/{name}").status_code == 200


def test_the_page_names_the_listed_portals(client):
    listed = f'<meta name="policyqa-frame-ancestors" content="{PORTAL}">'
    assert listed in client.get("/").text


def test_below_a_path(below):
    page = below.get("/apps/policyqa/")
    assert '"root":"http://portal.example.go.jp/apps/policyqa"' in page.text
    # All addresses in the page are relative to it.
    assert not re.search(r'<(?:script|link)[^>]*(?:src|href)="/', page.text)
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert below.get("/apps/policyqa/policyqa/page.css").status_code == 200
    assert below.get("/apps/policyqa/theme.css").status_code == 200
    assert "スマートシティ" in ask(below, "スマートシティの目標は何ですか。", base="/apps/policyqa")


@pytest.mark.parametrize(
    "path",
    ["/", "/apps/", "/apps/policyqa", "/apps/policyqa2/", "/policyqa/page.css", "/theme.css"]
    + ["/apps/policyqa/docs", "/apps/policyqa/apps/policyqa/", "/apps/policyqa/gradio_api/info"],
)
def test_nothing_is_found_beside_the_path(below, path):
    assert below.get(path).status_code == 404


def test_tls_in_front(below):
    page = below.get("/apps/policyqa/", headers={"x-forwarded-proto": "https"}).text
    assert '"root":"https://portal.example.go.jp/apps/policyqa"' in page


@pytest.mark.parametrize("header", ["x-forwarded-host", "x-gradio-server"])
def test_a_forwarded_host_is_not_believed(client, header):
    assert "evil.example" not in client.get("/", headers={header: "https://evil.example"}).text
