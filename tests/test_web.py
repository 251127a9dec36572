"""The server over HTTP with a fake encoder: what it lets through, and its headers."""

import json
import re
import uuid

import pytest
from fastapi.testclient import TestClient

from fakes import FakeSource
from policyqa import indexing
from policyqa.library import Library
from policyqa.web.app import create_app
from policyqa.web.ui import page

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


def ask(client, question, base=""):
    """Ask as the page does: join Gradio's queue, read the event stream to its end."""
    session = uuid.uuid4().hex
    body = {"fn_index": 0, "data": [question], "session_hash": session, "event_data": None}
    joined = client.post(f"{base}/gradio_api/queue/join", json=body)
    assert joined.status_code == 200, joined.text
    stream = client.get(f"{base}/gradio_api/queue/data", params={"session_hash": session})
    events = [json.loads(line[6:]) for line in stream.text.splitlines() if line[:6] == "data: "]
    done = next(event for event in events if event["msg"] == "process_completed")
    assert done["success"], done
    return done["output"]["data"][0]


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
    page = ask(client, "先導的なスマートシティは何地域つくる目標ですか。")
    assert "「デジタル田園都市国家構想総合戦略に位置づける重点的施策」１．スマートシティ" in page
    assert "<mark>スマートシティ</mark>" in page


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
    (box,) = [part for part in page(library).blocks.values() if part.elem_id == "pq-question"]
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
    assert client.post("/gradio_api/queue/join", content=chunks).status_code == 400


def test_other_hosts_are_refused(client):
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_no_origin_is_allowed_by_cors(client):
    answer = client.get("/", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_style_script_and_icon_are_served(client):
    for name in ("page.css", "page.js", "frame.js", "policyqa-embed.js", "favicon.svg"):
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
    assert "スマートシティ" in ask(below, "スマートシティの目標は何ですか。", "/apps/policyqa")


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
