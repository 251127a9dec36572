"""The API over HTTP with a fake encoder: what it answers, and every problem."""

import json

import pytest
from typer.testing import CliRunner

from api_clients import REQUEST_ID, api_client
from fakes import FakeEncoder, FakeSource
from pdfs import LEFT, Sheet
from policyqa import __version__, indexing, output, strings
from policyqa.answering import answer
from policyqa.cli import app as commands
from policyqa.feedback import Feedback
from policyqa.web import api_models, genai

QUESTION = "先導的なスマートシティは何地域つくる目標ですか。"
TITLE = "デジタル田園都市国家構想総合戦略に位置づける重点的施策"
PASSAGE = "f0186c2da8926529"
TEXT = (
    "〇2025年までに先導的なスマートシティの100地域の創出（これら成果について、"
    "デジタル田園都市国家構想推進交付金事業とも連携しつつ、全国への展開を目指す※）\n"
    "〇スマートシティサービスの全国への実装に向けたロードマップの検討\n"
    "本施策の推進に当たっては、スマートシティタスクフォースにおいて、政府一体、官民連携した"
    "共通方針を設定し、それぞれのスマートシティ関連事業に反映・連携させて取り組む。"
)
CITATION = {
    "text": f"「{TITLE}」１．スマートシティ",
    "full": f"「{TITLE}」１．スマートシティ",
    "document_id": "8a91d8caece1",
    "title": TITLE,
    "file": "juten-shisaku.txt",
    "section": ["１．スマートシティ"],
    "page": None,
    "page_last": None,
    "page_label": None,
    "url": None,
    "date": None,
    "publisher": None,
    "law": None,
}
NO_FILTERS = {
    "documents": [],
    "publishers": [],
    "kinds": [],
    "date_from": None,
    "date_to": None,
    "as_of": None,
}
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def client(juten_folder, tmp_path_factory):
    feedback = tmp_path_factory.mktemp("feedback") / "feedback.sqlite"
    with api_client(juten_folder, feedback=feedback) as client:
        client.feedback = feedback
        yield client


LAW = """<?xml version="1.0" encoding="UTF-8"?>
<Law Era="Heisei" Year="5" Num="300" LawType="Act" Lang="ja"><LawNum>平成五年法律第三百号</LawNum>
<LawBody><LawTitle>公開手続法</LawTitle><MainProvision>
<Article Num="1"><ArticleCaption>（目的）</ArticleCaption><ArticleTitle>第一条</ArticleTitle>
<Paragraph Num="1"><ParagraphNum/><ParagraphSentence>
<Sentence>この法律は、公開の手続を定める。</Sentence>
</ParagraphSentence></Paragraph></Article></MainProvision></LawBody></Law>
"""
PLAN = "<b>計画</b>\n\n１．目的\n# <script>alert(1)</script>*強く*[道](javascript:x)\n- `橋`|$x$\n"


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """A client of a statute, a PDF and a text that would be markup."""
    folder = tmp_path_factory.mktemp("mixed")
    files = folder / "files"
    files.mkdir()
    sheet = Sheet(files / "bridges.pdf")
    sheet.lines(LEFT, 100, ("橋の点検を五年ごとに行う。", "点検の結果を公表する。"))
    sheet.save()
    (files / "law.xml").write_text(LAW, encoding="utf-8")
    (files / "plan.txt").write_text(PLAN, encoding="utf-8")
    indexing.build([files], folder / "index", FakeSource())
    with api_client(folder / "index") as client:
        client.index = folder / "index"
        yield client


def problem_of(response):
    """The status, the code and the detail of a problem; the rest is checked here."""
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    code = body["type"].removeprefix("urn:policyqa:problem:")
    status, title = strings.PROBLEMS[code]
    assert body == {
        "type": f"urn:policyqa:problem:{code}",
        "title": title,
        "status": status,
        "detail": body["detail"],
        "request_id": REQUEST_ID,
    }
    assert response.status_code == status
    return code, body["detail"]


def without_time(response):
    assert response.status_code == 200, response.text
    answered = response.json()
    assert answered.pop("took_ms") >= 0
    return answered


# --- search and ask ---


def test_a_search_in_full(client):
    found = without_time(client.get("/api/v1/search", params={"q": QUESTION, "top_k": 1}))
    (passage,) = found["passages"]
    signals = passage.pop("signals")
    assert found == {
        "question": QUESTION,
        "notices": [],
        "filters": NO_FILTERS,
        "passages": [
            {
                "id": PASSAGE,
                "rank": 1,
                "score": 0.854,
                "text": TEXT,
                "citation": CITATION | {"references": []},
                "highlights": passage["highlights"],
                "duplicates": [],
            }
        ],
    }
    marked = {TEXT[start:end] for start, end in passage["highlights"]}
    assert marked == {"先導的", "スマートシティ", "地域"}
    assert set(signals) == {"dense", "dense_title", "sentence", "lexical"}
    assert client.noted == {
        "action": "search",
        "question": QUESTION,
        "counts": {"passages": 1},
    }


def test_the_api_answers_what_the_command_prints(client):
    asked = {"question": QUESTION, "top_k": 3}
    result = client.library.search(QUESTION, 3)
    printed = json.loads(json.dumps(output.answer_json(result, answer(result))))
    printed.pop("took_ms")
    assert without_time(client.post("/api/v1/ask", json=asked)) == printed
    assert client.noted["action"] == "ask"
    assert client.noted["counts"] == {"passages": 3, "found": printed["found"]}
    searched = without_time(client.post("/api/v1/search", json=asked))
    assert searched == {key: printed[key] for key in searched}


@pytest.mark.parametrize("route", ["search", "ask"])
def test_an_address_and_a_body_ask_the_same(client, route):
    address = {
        "q": QUESTION,
        "top_k": "2",
        "document": [TITLE, "none.txt"],
        "from": "1000-01-01",
        "to": "2025-04-01",
        "as_of": "2024-04-01",
    }
    body = {"question": QUESTION, "top_k": 2, "document": [TITLE, "none.txt"]}
    body |= {day: address[day] for day in ("from", "to", "as_of")}
    by_address = without_time(client.get(f"/api/v1/{route}", params=address))
    assert by_address == without_time(client.post(f"/api/v1/{route}", json=body))
    assert by_address["filters"] == NO_FILTERS | {
        "documents": [TITLE, "none.txt"],
        "date_from": "1000-01-01",
        "date_to": "2025-04-01",
        "as_of": "2024-04-01",
    }
    assert [notice["code"] for notice in by_address["notices"]] == ["filters-empty"]


@pytest.mark.parametrize("route", ["search", "ask"])
def test_answers_have_the_fields_that_the_document_lists(mixed, route):
    for question in ("公開手続法第一条", "橋の点検", "民法第一条"):
        answered = mixed.get(f"/api/v1/{route}", params={"q": question}).json()
        model = {"search": api_models.SearchAnswer, "ask": api_models.AskAnswer}[route]
        model.model_validate(answered)


def test_a_place_is_found_with_its_law(mixed):
    found = mixed.get("/api/v1/ask", params={"q": "公開手続法第一条"}).json()
    assert (found["found"], found["probability"]) == (True, 1.0)
    assert found["answer"]["text"] == "この法律は、公開の手続を定める。"
    assert found["answer"]["evidence"][0]["citation"] == "公開手続法第一条"
    law = found["passages"][0]["citation"]["law"]
    assert law["number"] == "平成五年法律第三百号"


@pytest.mark.parametrize(
    ("address", "code", "detail"),
    [
        ("", "question-empty", "質問を入力してください。"),
        ("q=", "question-empty", "質問を入力してください。"),
        ("q=%E3%80%80%E2%80%8B%00", "question-empty", "質問を入力してください。"),
        (
            f"q={'a' * 1001}",
            "question-too-long",
            "質問が長すぎます。1000文字以内にしてください（現在1001文字）。",
        ),
        ("q=a&top_k=0", "bad-request", "「top_k」には、1から100までの整数を指定してください。"),
        ("q=a&top_k=101", "bad-request", "「top_k」には、1から100までの整数を指定してください。"),
        (
            "q=a&from=20240401",
            "bad-request",
            "「from」には、2025-04-01 の形の日付を指定してください。",
        ),
        (
            "q=a&to=2025-02-30",
            "bad-request",
            "「to」には、2025-04-01 の形の日付を指定してください。",
        ),
        (
            "q=a&kind=",
            "bad-request",
            "「kind」には、1件1000文字以内、100件までの文字列を指定してください。",
        ),
        ("q=a&documents=b", "bad-request", "「documents」という項目はありません。"),
        ("q=a&%3Cb%3E=b", "bad-request", "リクエストの内容が正しくありません。"),
    ],
)
def test_a_wrong_address(client, address, code, detail):
    assert problem_of(client.get(f"/api/v1/search?{address}")) == (code, detail)


@pytest.mark.parametrize(
    ("body", "code", "detail"),
    [
        ("{}", "question-empty", "質問を入力してください。"),
        (
            '{"question": null}',
            "bad-request",
            "「question」には、1000文字以内の質問を指定してください。",
        ),
        (
            '{"question": "\\ud800"}',
            "bad-request",
            "「question」には、1000文字以内の質問を指定してください。",
        ),
        (
            '{"question": "a", "top_k": "5"}',
            "bad-request",
            "「top_k」には、1から100までの整数を指定してください。",
        ),
        (
            '{"question": "a", "document": "b"}',
            "bad-request",
            "「document」には、1件1000文字以内、100件までの文字列を指定してください。",
        ),
        (
            '{"question": "a", "as_of": null}',
            "bad-request",
            "「as_of」には、2025-04-01 の形の日付を指定してください。",
        ),
        ("[]", "bad-request", "JSONのオブジェクトを送ってください。"),
        ("", "bad-request", "JSONのオブジェクトを送ってください。"),
        ("{", "bad-request", "JSONとして読み取れません。"),
        ("[" * 60_000, "bad-request", "JSONとして読み取れません。"),
        (b"\xff", "bad-request", "JSONとして読み取れません。"),
    ],
)
def test_a_wrong_body(client, body, code, detail):
    sent = client.post("/api/v1/ask", content=body, headers=JSON)
    assert problem_of(sent) == (code, detail)


def test_only_json_is_taken(client):
    body = json.dumps({"question": QUESTION})
    for stated in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""):
        sent = client.post("/api/v1/search", content=body, headers={"content-type": stated})
        assert problem_of(sent)[0] == "not-json"
    stated = {"content-type": "Application/JSON; charset=utf-8"}
    assert client.post("/api/v1/search", content=body, headers=stated).status_code == 200


def test_a_whole_number_may_have_a_point(client):
    sent = client.post("/api/v1/search", json={"question": QUESTION, "top_k": 2.0})
    assert len(sent.json()["passages"]) == 2


# --- what is not there, and what goes wrong ---


@pytest.mark.parametrize(
    "path",
    ["/api/", "/api/v1", "/api/v2/search", "/api/v1/search/", "/genai/", "/genai/x"]
    + ["/api/v1/passages/%2e%2e", "/api/v1/passages/%00", "/api/v1/docs"],
)
def test_unknown_addresses(client, path):
    assert problem_of(client.get(path)) == ("not-found", "見つかりません。")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/search", "GET, POST"),
        ("DELETE", "/api/v1/documents", "GET"),
        ("GET", "/api/v1/feedback", "POST"),
        ("GET", "/genai/invoke", "POST"),
        ("OPTIONS", "/api/v1/version", "GET"),
    ],
)
def test_methods_that_are_not_answered(client, method, path, allowed):
    sent = client.request(method, path)
    assert problem_of(sent)[0] == "method-not-allowed"
    assert sent.headers["allow"] == allowed


def test_too_large_a_body_with_and_without_its_length(client):
    large = client.post("/api/v1/ask", content=b"x" * 70_000, headers=JSON)
    assert problem_of(large)[0] == "body-too-large"
    pieces = (b"x" * 10_000 for _ in range(10))
    chunked = client.post("/api/v1/ask", content=pieces, headers=JSON)
    assert problem_of(chunked)[0] == "body-too-large"


class Failing(FakeEncoder):
    """Fails at one question."""

    def encode_queries(self, texts):
        if QUESTION in texts:
            raise RuntimeError("secret in /etc/secret")
        return super().encode_queries(texts)


def test_a_failure_tells_the_log_alone(juten_folder, caplog):
    with api_client(juten_folder, FakeSource(encoder=Failing())) as client:
        failed = client.get("/api/v1/search", params={"q": QUESTION})
    code, detail = problem_of(failed)
    assert (code, detail) == ("internal", strings.PROBLEMS["internal"][1])
    assert "secret" not in failed.text
    assert f"request {REQUEST_ID} failed" in caplog.text
    assert "secret in /etc/secret" in caplog.text


def test_the_page_keeps_its_own_answers(client):
    missing = client.get("/source/section/000000000000.1")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "text/html; charset=utf-8"
    assert client.get("/docs").text == "Not Found"


# --- documents, passages, pages ---


def test_the_documents_page_by_page(mixed):
    everything = mixed.get("/api/v1/documents").json()
    files = [document["file"] for document in everything["documents"]]
    assert files == ["bridges.pdf", "law.xml", "plan.txt"]
    assert [document["pages"] for document in everything["documents"]] == [1, None, None]
    law = everything["documents"][1]
    assert law["metadata"]["law_number"] == "平成五年法律第三百号"
    second = mixed.get("/api/v1/documents", params={"limit": 1, "offset": 1}).json()
    assert second == {"total": 3, "limit": 1, "offset": 1, "documents": [law]}
    assert mixed.noted == {"action": "documents", "counts": {"documents": 1}}
    beyond = mixed.get("/api/v1/documents", params={"offset": 3}).json()
    assert beyond["documents"] == []
    wrong = mixed.get("/api/v1/documents", params={"limit": 101})
    assert problem_of(wrong)[1] == "「limit」には、1から100までの整数を指定してください。"


def test_a_document_and_its_outline(client):
    assert client.get("/api/v1/documents/8a91d8caece1").json() == {
        "id": "8a91d8caece1",
        "title": TITLE,
        "file": "juten-shisaku.txt",
        "pages": None,
        "metadata": {"language": "ja"},
        "outline": [
            {"text": "１．スマートシティ", "depth": 1, "page": None},
            {"text": "２．大学を核とした産学官協創都市", "depth": 1, "page": None},
            {"text": "３．スタートアップ・エコシステム拠点都市", "depth": 1, "page": None},
        ],
    }
    missing = client.get("/api/v1/documents/000000000000")
    assert problem_of(missing) == ("not-found", "この文書は文書庫にありません。")


def test_a_passage_in_its_context(client):
    passage = client.get(f"/api/v1/passages/{PASSAGE}").json()
    (before,), (after,) = passage.pop("before"), passage.pop("after")
    assert passage == {"id": PASSAGE, "text": TEXT, "citation": CITATION}
    assert before["section"] == after["section"] == []
    assert before["text"].endswith("（うち事業間連携は33地域、地域間連携は7事業））")
    assert after["text"].startswith("施策概要\nスマートシティ施策の推進により、")
    missing = client.get("/api/v1/passages/0000000000000000")
    assert problem_of(missing) == ("not-found", "この記述は文書庫にありません。")


def test_the_image_of_a_page(mixed):
    (identity,) = [row.id for row in mixed.library.documents if row.path == "bridges.pdf"]
    image = mixed.get(f"/api/v1/pages/{identity}/1.png")
    assert (image.status_code, image.headers["content-type"]) == (200, "image/png")
    assert image.content.startswith(b"\x89PNG")
    known = {"if-none-match": image.headers["etag"]}
    again = mixed.get(f"/api/v1/pages/{identity}/1.png", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    law = next(row.id for row in mixed.library.documents if row.path == "law.xml")
    for address in (f"{identity}/2.png", f"{law}/1.png", "000000000000/1.png"):
        missing = mixed.get(f"/api/v1/pages/{address}")
        assert problem_of(missing) == ("not-found", "このページの画像はありません。")
    wrong = mixed.get(f"/api/v1/pages/{identity}/0.png")
    assert problem_of(wrong) == ("bad-request", "「page」には、ページの番号を指定してください。")


# --- feedback ---


def test_an_opinion_is_kept(client):
    sent = {"question": QUESTION, "verdict": "down", "reason": "別の章", "passage": PASSAGE}
    kept = client.post("/api/v1/feedback", json=sent)
    assert (kept.status_code, kept.content) == (204, b"")
    opinion = Feedback(client.feedback).all()[-1]
    assert (opinion.question, opinion.verdict, opinion.reason) == (QUESTION, "down", "別の章")
    assert opinion.citation == CITATION["text"]
    assert client.noted["action"] == "feedback"


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"passage": "0" * 16}, ("not-found", "この記述は文書庫にありません。")),
        ({"verdict": "maybe"}, ("bad-request", "「verdict」には、up か downを指定してください。")),
        ({"question": " "}, ("question-empty", "質問を入力してください。")),
        (
            {"reason": "あ" * 2001},
            ("bad-request", "「reason」には、2000文字以内の文字列を指定してください。"),
        ),
    ],
)
def test_a_wrong_opinion(client, wrong, problem):
    before = len(Feedback(client.feedback).all())
    sent = client.post("/api/v1/feedback", json={"question": QUESTION, "verdict": "up"} | wrong)
    assert problem_of(sent) == problem
    assert len(Feedback(client.feedback).all()) == before


def test_an_opinion_that_cannot_be_kept(juten_folder, tmp_path):
    with api_client(juten_folder, feedback=tmp_path / "none" / "f.sqlite") as client:
        sent = client.post("/api/v1/feedback", json={"question": QUESTION, "verdict": "up"})
    assert problem_of(sent) == ("not-kept", strings.PROBLEMS["not-kept"][1])


# --- state ---


def test_the_version(client):
    generation = client.library.generation
    assert client.get("/api/v1/version").json() == {
        "policyqa": __version__,
        "generation": generation.name,
        "built": generation.manifest["created"],
        "documents": 1,
        "sections": 3,
        "chunks": 12,
        "encoder": "fake@1",
    }


def test_health(juten_folder):
    with api_client(juten_folder) as client:
        assert client.get("/api/v1/health/live").json() == {"status": "live"}
        assert client.get("/api/v1/health/ready").json() == {"status": "ready"}
        client.library.close()
        assert client.get("/api/v1/health/live").status_code == 200
        assert problem_of(client.get("/api/v1/health/ready"))[0] == "not-ready"


def test_the_openapi_document_stands_alone(client):
    document = client.get("/api/v1/openapi.json").json()
    assert document["info"]["title"] == "policyqa"
    assert document["components"]["securitySchemes"]["ApiKey"]["name"] == "x-api-key"
    assert set(document["paths"]) == {
        "/api/v1/search",
        "/api/v1/ask",
        "/api/v1/documents",
        "/api/v1/documents/{identity}",
        "/api/v1/passages/{identity}",
        "/api/v1/pages/{document}/{page}.png",
        "/api/v1/feedback",
        "/api/v1/health/live",
        "/api/v1/health/ready",
        "/api/v1/version",
        "/api/v1/openapi.json",
        "/genai/invoke",
    }
    written = json.dumps(document)
    assert "HTTPValidationError" not in written
    assert "http://" not in written
    assert "https://" not in written
    problem = document["paths"]["/api/v1/ask"]["post"]["responses"]["422"]
    assert list(problem["content"]) == ["application/problem+json"]


def test_below_a_path(juten_folder):
    with api_client(juten_folder, base_path="/apps/policyqa/") as client:
        document = client.get("/apps/policyqa/api/v1/openapi.json").json()
        assert document["servers"] == [{"url": "/apps/policyqa"}]
        address = "/apps/policyqa/api/v1/search"
        assert client.get(address, params={"q": QUESTION}).status_code == 200
        assert client.get("/api/v1/search", params={"q": QUESTION}).status_code == 404


# --- the Government AI portal ---


def invoke(client, **inputs):
    answered = client.post("/genai/invoke", json={"inputs": inputs})
    assert answered.status_code == 200, answered.text
    assert set(answered.json()) == {"outputs"}
    return answered.json()["outputs"]


def test_an_answer_for_the_portal(mixed):
    assert invoke(mixed, question="公開手続法第一条", document="law.xml", as_of="") == (
        "## 回答\n\n"
        "確からしさ：**高い**（100%）\n\n"
        "> この法律は、公開の手続を定める。\n\n"
        "出典：公開手続法第一条\n\n"
        "## 関連する記述\n\n"
        "1. 公開手続法第一条\n"
    )
    assert mixed.noted["action"] == "genai"
    assert mixed.noted["counts"] == {"passages": 1, "found": True}


def test_nothing_found_for_the_portal(mixed):
    asked = {"question": "道路の予算", "document": "plan.txt", "files": [], "top_k": 1}
    assert invoke(mixed, **asked) == (
        "## 該当する記述は見つかりませんでした\n\n"
        "言葉を変えて質問するか、下の近い記述を参考にしてください。\n\n"
        "## 参考：近い記述\n\n"
        "1. 「&lt;b&gt;計画&lt;/b&gt;」１．目的\n\n"
        "> &#35; &lt;script&gt;alert(1)&lt;/script&gt;&#42;強く&#42;&#91;道&#93;(javascript:x)\n"
        ">\n"
        "> &#45; &#96;橋&#96;&#124;&#36;x&#36;\n"
    )


def test_what_the_library_lacks_is_told_to_the_portal(mixed):
    assert invoke(mixed, question="民法第一条") == (
        "ご注意：「民法」はこの文書庫に収録されていません。\n\n"
        "## 該当する記述は見つかりませんでした\n\n"
        "文書名や条番号を確かめるか、言葉を変えて質問してください。\n"
    )
    assert invoke(mixed, question="橋", kind="白書") == (
        "ご注意：絞り込みの条件に合う文書がありません。条件を見直してください。\n"
    )


def test_the_portal_sends_what_looks_like_a_number_as_one(mixed):
    assert invoke(mixed, question=2025, publisher="").startswith("## ")
    assert mixed.noted["question"] == "2025"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, ("bad-request", "「inputs」を指定してください。")),
        ({"inputs": {}}, ("question-empty", "質問を入力してください。")),
        (
            {"inputs": {"question": "橋", "as_of": "昨日"}},
            ("bad-request", "「as_of」には、2025-04-01 の形の日付を指定してください。"),
        ),
    ],
)
def test_wrong_inputs_of_the_portal(mixed, body, problem):
    assert problem_of(mixed.post("/genai/invoke", json=body)) == problem


def test_the_form_for_the_portal(mixed):
    form = genai.form(mixed.library.documents)
    assert list(form) == ["question", "document", "kind"]
    assert form["question"] == {
        "type": "textarea",
        "title": "質問",
        "desc": "知りたいことを、文で入力してください。1000文字以内です。",
        "required": True,
        "max_length": 1000,
    }
    assert form["document"]["items"] == [
        {"title": "<b>計画</b>", "value": "plan.txt"},
        {"title": "bridges", "value": "bridges.pdf"},
        {"title": "公開手続法", "value": "law.xml"},
    ]
    assert form["kind"]["items"] == [{"title": "法令", "value": "statute"}]
    for item in form["document"]["items"]:
        notices = mixed.get("/api/v1/search", params={"q": "橋", "document": item["value"]})
        assert notices.json()["notices"] == []


def test_the_command_prints_the_form(mixed):
    given = ["genai-form", "--library", str(mixed.index), "--url", "https://example.go.jp/qa/"]
    printed = CliRunner().invoke(commands, given)
    assert json.loads(printed.stdout) == genai.form(mixed.library.documents)
    assert printed.stderr == "policyqa: the endpoint is https://example.go.jp/qa/genai/invoke\n"
