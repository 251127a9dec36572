"""What lies behind passages, over HTTP with a fake encoder: pages, images, files, context."""

import io
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from fakes import FakeSource
from pdfs import GOTHIC, LEFT, Sheet
from policyqa import indexing, strings
from policyqa.errors import ReadError
from policyqa.library import Library
from policyqa.originals import File
from policyqa.web.app import create_app
from policyqa.web.page_images import PageImage, PageImages, rendered
from policyqa.web.source import source_router

LAW = """<?xml version="1.0" encoding="UTF-8"?>
<Law Era="Heisei" Year="5" Num="300" LawType="Act" Lang="ja"><LawNum>平成五年法律第三百号</LawNum>
<LawBody><LawTitle>公開手続法</LawTitle><MainProvision>
<Chapter Num="1"><ChapterTitle>第一章　総則</ChapterTitle>
<Article Num="1"><ArticleCaption>（目的）</ArticleCaption><ArticleTitle>第一条</ArticleTitle>
<Paragraph Num="1"><ParagraphNum/><ParagraphSentence>
<Sentence>この法律は、公開の手続を定める。</Sentence>
</ParagraphSentence></Paragraph></Article>
<Article Num="2"><ArticleCaption>（定義）</ArticleCaption><ArticleTitle>第二条</ArticleTitle>
<Paragraph Num="1"><ParagraphNum/><ParagraphSentence>
<Sentence>次に掲げる用語の意義は、次のとおりとする。</Sentence></ParagraphSentence>
<Item Num="1"><ItemTitle>一</ItemTitle><ItemSentence>
<Sentence>文書　書面をいう。</Sentence></ItemSentence></Item>
<Item Num="2"><ItemTitle>二</ItemTitle><ItemSentence>
<Sentence>機関　省及び庁をいう。</Sentence></ItemSentence></Item>
</Paragraph></Article></Chapter>
<Chapter Num="2"><ChapterTitle>第二章　請求</ChapterTitle>
<Article Num="3"><ArticleTitle>第三条</ArticleTitle>
<Paragraph Num="1"><ParagraphNum/><ParagraphSentence>
<Sentence>第二条第一号の文書の公開は、書面で請求する。</Sentence></ParagraphSentence></Paragraph>
</Article></Chapter></MainProvision></LawBody></Law>
"""
HOSTILE = (
    '<script>alert(1)</script>計画\n\n１．"><img src=x onerror=alert(2)>目的\n'
    "<b>道路</b>の'安全'を\"高める\"。&amp;も残す。\n２．予算\n百億円を充てる。\n"
)
PLAN_LINES = ("橋の点検を五年ごとに行う。", "点検の結果を公表する。", "費用は県が負担する。")


@dataclass
class Served:
    """A library of a PDF, a statute and a text, and its files, which tests may change."""

    client: TestClient
    library: Library
    files: Path

    def get(self, address):
        return self.client.get(address)

    def document(self, name):
        return next(row.id for row in self.library.documents if row.path == name)

    def passage(self, question):
        """The id and the text of the first passage for a question."""
        first = self.library.search(question, 1).passages[0]
        return first.id, first.chunk.text


@pytest.fixture
def served(tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    sheet = Sheet(files / "橋の計画.pdf")
    sheet.lines(LEFT, 100, PLAN_LINES)
    sheet.next_page()
    sheet.text(LEFT, 70, "２．費用", 16, GOTHIC)
    sheet.text(LEFT, 100, "二枚目の文章である。")
    sheet.next_page()
    sheet.save()
    (files / "law.xml").write_text(LAW, encoding="utf-8")
    (files / "道路.txt").write_text(HOSTILE, encoding="utf-8")
    indexing.build([files], tmp_path / "index", FakeSource())
    library = Library.open(tmp_path / "index", FakeSource())
    app = create_app(library, allowed_hosts=["127.0.0.1"])
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield Served(client, library, files)
    library.close()


def main_of(page):
    return re.search(r"<main>(.*)</main>", page, re.DOTALL)[1]


def lines_of(page):
    """The lines of text with their class."""
    return re.findall(r'<p class="(line[^"]*)"(?: id="here")?>(.*?)</p>', page)


# --- PDFs ---


def test_evidence_is_marked_on_the_page_by_its_rectangles(served):
    identity, text = served.passage("橋の点検")
    start = text.index("点検の結果")
    answer = served.get(f"/source/passage/{identity}?start={start}&end={start + 11}")
    assert answer.status_code == 200
    spans = served.library.originals.passage(identity, served.library.today).chunk.spans
    # A4 is 595.276 by 841.890 points; the lines' boxes hold their glyphs.
    assert [(span.page, [round(side, 1) for side in span.box]) for span in spans] == [
        (1, [60.0, 90.9, 196.5, 102.5]),
        (1, [60.0, 108.0, 175.5, 119.5]),
        (1, [60.0, 125.0, 165.0, 136.5]),
    ]
    found = re.findall(r'<span class="(\w+)"( id="here")? style="([^"]*)">', answer.text)
    assert found == [
        ("passage", "", "left:10.079%;top:10.797%;width:22.931%;height:1.382%"),
        ("evidence", ' id="here"', "left:10.079%;top:12.833%;width:19.403%;height:1.364%"),
        ("passage", "", "left:10.079%;top:14.853%;width:17.639%;height:1.364%"),
    ]


def test_a_pdf_page_in_full(served):
    identity, text = served.passage("橋の点検")
    document = served.document("橋の計画.pdf")
    page = main_of(served.get(f"/source/passage/{identity}?start=0&end=13").text)
    assert f"<h1>{'「橋の計画」（p.1）'}</h1>" in page
    assert f'href="../../source/file/{document}#page=1">PDFファイルを開く</a>' in page
    assert f'src="../../source/image/{document}/1.png" width="595" height="842"' in page
    alt = "「橋の計画」1ページの画像。印を付けた行の文章は画像の下にあります。"
    assert f'alt="{alt}"' in page
    assert "<span></span><span>1 / 2 ページ</span>" in page
    following = f'<a href="{identity}?start=0&amp;end=13&amp;page=2" rel="next">次のページ</a>'
    assert page.count(following) == 2
    assert '<mark class="evidence">橋の点検を五年ごとに行う。</mark>' in page


def test_turning_the_page_leaves_the_passage_behind(served):
    identity, _ = served.passage("橋の点検")
    page = main_of(served.get(f"/source/passage/{identity}?start=0&end=13&page=2").text)
    assert 'class="evidence"' not in page
    assert "二枚目の文章である。" in page
    assert (
        f'<a href="{identity}?start=0&amp;end=13&amp;#here">記述のあるページ（p.1）へ</a>' in page
    )


@pytest.mark.parametrize("page", ["0", "3", "999999999"])
def test_a_page_beyond_the_end(served, page):
    document = served.document("橋の計画.pdf")
    answer = served.get(f"/source/document/{document}?page={page}")
    assert (answer.status_code, strings.SOURCE_MISSING in answer.text) == (404, True)
    assert served.get(f"/source/image/{document}/{page}.png").status_code == 404


def test_the_image_of_a_page(served):
    address = f"/source/image/{served.document('橋の計画.pdf')}/1.png"
    answer = served.get(address)
    assert answer.headers["content-type"] == "image/png"
    image = Image.open(io.BytesIO(answer.content))
    assert image.size == (1400, 1980)
    # Ink where the rectangles say, none beside.
    grey = image.convert("L")
    assert grey.crop((141, 213, 466, 238)).getextrema()[0] < 100
    assert grey.crop((141, 150, 466, 200)).getextrema()[0] == 255
    again = served.client.get(address, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_cropped_and_turned_page_is_drawn_as_it_is_shown(tmp_path):
    sheet = Sheet(tmp_path / "turned.pdf")
    sheet.canvas.setPageRotation(90)
    sheet.canvas.setCropBox((0, 0, 300, 500))
    sheet.text(LEFT, 400, "横向き")
    sheet.next_page()
    image = rendered(sheet.save(), 1)
    assert (image.width, image.height) == (500, 300)
    assert Image.open(io.BytesIO(image.png)).size == (1400, 840)


def test_a_file_that_is_no_pdf_fails_alone(tmp_path):
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.4 nothing")
    with pytest.raises(ReadError, match=r"^the PDF is damaged"):
        rendered(tmp_path / "x.pdf", 1)


def test_without_an_image_the_text_is_shown(served):
    def broken(path, page):
        raise ReadError("its reader died")

    app = FastAPI()
    app.include_router(source_router(served.library, PageImages(broken)))
    client = TestClient(app)
    document = served.document("橋の計画.pdf")
    answer = client.get(f"/source/image/{document}/1.png")
    assert (answer.status_code, answer.text) == (503, strings.SOURCE_IMAGE_FAILED)
    identity, _ = served.passage("橋の点検")
    page = client.get(f"/source/passage/{identity}").text
    assert strings.SOURCE_IMAGE_FAILED in page
    assert "<img" not in page
    assert "橋の点検を五年ごとに行う。" in page


def test_images_are_kept_up_to_a_bound():
    drawn = []

    def draw(path, page):
        drawn.append(page)
        return PageImage(1, 1, bytes(10))

    images = PageImages(draw, kept_bytes=25)
    for page in (1, 2, 1, 3, 1, 2):
        images.get(File(Path("a.pdf"), "sha", "whole"), page)
    # 2 was not asked for longest when 3 came.
    assert drawn == [1, 2, 3, 2]


# --- statutes ---


def test_an_article_in_its_place(served):
    identity, text = served.passage("公開手続法第二条")
    start = text.index("二　機関")
    page = served.get(f"/source/passage/{identity}?start={start}&end={len(text)}").text
    document = served.document("law.xml")
    main = main_of(page)
    assert "<h1>公開手続法第二条第二号</h1>" in main
    assert "<li>第一章　総則</li>" in main
    assert "<h2>第二条　（定義）</h2>" in main
    assert lines_of(main) == [
        ("line within", '<span class="passage">次に掲げる用語の意義は、次のとおりとする。</span>'),
        ("line within in-1", '<span class="passage">一　文書　書面をいう。</span>'),
        (
            "line within in-1",
            '<span class="passage"><mark class="evidence">二　機関　省及び庁をいう。</mark></span>',
        ),
    ]
    assert f'<a href="../section/{document}.2" rel="prev">前条：第一条　（目的）</a>' in main
    assert re.search(r'<a href="../section/\w+\.\d+" rel="next">次条：第三条</a>', main)


def test_references_lead_to_the_provision(served):
    identity, _ = served.passage("公開手続法第三条")
    page = served.get(f"/source/passage/{identity}").text
    address, text = re.search(
        r'<a href="\.\./section/([^"#]*)#here">(.*?)</a>', main_of(page)
    ).groups()
    assert text == '<span class="passage">第二条第一号</span>'
    target = main_of(served.get(f"/source/section/{address}").text)
    assert [line for line in lines_of(target) if "within" in line[0]] == [
        ("line within in-1", '<span class="passage">一　文書　書面をいう。</span>')
    ]
    assert target.count('id="here"') == 1


def test_a_heading_without_text_lists_what_is_below(served):
    page = main_of(served.get(f"/source/section/{served.document('law.xml')}.1").text)
    assert "<h2>第一章　総則</h2>" in page
    listed = re.findall(r'<li class="level-\d"><a[^>]*>(.*?)</a>', page)
    assert listed == ["第一条　（目的）", "第二条　（定義）"]


def test_the_outline_of_a_document(served):
    document = served.document("law.xml")
    page = main_of(served.get(f"/source/document/{document}").text)
    assert "<dt>法令番号</dt><dd>平成五年法律第三百号</dd>" in page
    assert re.findall(r'<li class="level-(\d)"><a href="([^"]*)">(.*?)</a>', page) == [
        ("1", f"../section/{document}.1", "第一章　総則"),
        ("2", f"../section/{document}.2", "第一条　（目的）"),
        ("2", f"../section/{document}.4", "第二条　（定義）"),
        ("1", f"../section/{document}.8", "第二章　請求"),
        ("2", f"../section/{document}.9", "第三条"),
    ]


# --- other formats, and what is hostile ---


def test_hostile_text_is_only_text(served):
    document = served.document("道路.txt")
    length = len(
        served.library.originals.text(served.library.originals.section(f"{document}.0")).text
    )
    answer = served.get(f"/source/passage/{document}.0.0-{length}?start=0&end=2")
    assert answer.status_code == 200
    main = main_of(answer.text)
    assert "<script" not in answer.text
    assert "<img" not in main
    assert "<b>" not in main
    assert "&lt;script&gt;alert(1)&lt;/script&gt;計画" in main
    assert "&gt;&lt;img src=x onerror=alert(2)&gt;目的" in main
    assert (
        "&lt;b&gt;道路&lt;/b&gt;の&#x27;安全&#x27;を&quot;高める&quot;。&amp;amp;も残す。" in main
    )


@pytest.mark.parametrize(
    "query",
    ["start=5&end=2", "start=-1&end=2", "start=0&end=99999", "start=a&end=b", "start=1", "page=x"],
)
def test_a_span_that_is_none_marks_nothing(served, query):
    identity, _ = served.passage("道路の安全")
    answer = served.get(f"/source/passage/{identity}?{query}")
    assert answer.status_code == 200
    assert "evidence" not in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "passage/0000000000000000",
        "passage/{law}.0.5-1",
        "passage/{law}.999.0-1",
        "passage/{law}.2.0-999999999",
        "passage/{law}",
        "section/{law}.999",
        "section/000000000000.0",
        "section/{law}",
        "document/000000000000",
        "document/{law}?page=1",
        "image/{law}/1.png",
        "image/000000000000/1.png",
        "file/000000000000",
        "file/../../etc/passwd",
        "file/..%2f..%2fetc%2fpasswd",
        "file/%2e%2e/%2e%2e/etc/passwd",
        "file/law.xml",
        "passage/<script>",
    ],
)
def test_what_is_not_there(served, address):
    answer = served.get(f"/source/{address.format(law=served.document('law.xml'))}")
    assert answer.status_code == 404


def test_what_is_not_there_is_told_in_japanese(served):
    page = served.get("/source/document/000000000000").text
    assert '<html lang="ja">' in page
    assert f"<h1>{strings.SOURCE_MISSING}</h1>" in page


def test_every_passage_of_a_search_has_an_original(served):
    for question in ("公開手続法第二条第一号", "橋の点検", "p.2", "道路の予算", "第二章"):
        for passage in served.library.search(question, 10).passages:
            assert served.get(f"/source/passage/{passage.id}").status_code == 200, question
            original = served.library.originals.passage(passage.id, served.library.today)
            assert original.chunk == passage.chunk
            assert original.citation == passage.citation


# --- files ---


@pytest.mark.parametrize(
    ("name", "kind", "disposition"),
    [
        ("law.xml", "application/xml", 'attachment; filename="law.xml"'),
        ("道路.txt", "text/plain", "attachment; filename*=utf-8''%E9%81%93%E8%B7%AF.txt"),
        (
            "橋の計画.pdf",
            "application/pdf",
            "inline; filename*=utf-8''%E6%A9%8B%E3%81%AE%E8%A8%88%E7%94%BB.pdf",
        ),
    ],
)
def test_files(served, name, kind, disposition):
    answer = served.get(f"/source/file/{served.document(name)}")
    assert answer.content == (served.files / name).read_bytes()
    assert answer.headers["content-type"].split(";")[0] in (kind, "text/xml")
    assert answer.headers["content-disposition"] == disposition
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda path: path.write_bytes(b"%PDF-1.4 other"), "changed"),
        (lambda path: path.unlink(), "gone"),
        (lambda path: (path.unlink(), path.mkdir()), "gone"),
    ],
)
def test_a_file_that_is_changed_or_gone(served, change, said):
    document = served.document("橋の計画.pdf")
    identity, _ = served.passage("橋の点検")
    assert served.get(f"/source/file/{document}").status_code == 200
    change(served.files / "橋の計画.pdf")
    assert served.get(f"/source/file/{document}").status_code == 404
    assert served.get(f"/source/image/{document}/1.png").status_code == 404
    answer = served.get(f"/source/passage/{identity}")
    assert answer.status_code == 200
    assert strings.SOURCE_FILE_STATES[said] in answer.text
    assert "橋の点検を五年ごとに行う。" in answer.text
    assert "<img" not in answer.text
    assert "/source/file/" not in answer.text


def test_a_library_and_its_files_may_be_moved_together(served, tmp_path):
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    (tmp_path / "index").rename(moved / "index")
    served.files.rename(moved / "files")
    library = Library.open(moved / "index", FakeSource())
    states = {row.path: library.originals.file(row.id).state for row in library.documents}
    library.close()
    assert states == {"law.xml": "whole", "橋の計画.pdf": "whole", "道路.txt": "whole"}
    again = indexing.build([moved / "files"], moved / "index", FakeSource())
    assert again.up_to_date


def test_files_that_moved_alone_are_recorded_anew(served, tmp_path):
    served.files.rename(tmp_path / "other")
    assert not indexing.build([tmp_path / "other"], tmp_path / "index", FakeSource()).up_to_date


# --- around a passage ---


def test_what_stands_around_a_passage(served):
    identity, _ = served.passage("公開手続法第二条第一号")
    answer = served.get(f"/part/context/{identity}")
    assert answer.text == (
        '<div class="pq-context pq-before" role="group" aria-label="前の記述">'
        '<p class="pq-context-heading">第一章　総則 › 第一条　（目的）</p>'
        "<p>この法律は、公開の手続を定める。</p>"
        '<p class="pq-context-heading">第一章　総則 › 第二条　（定義）</p>'
        "<p>次に掲げる用語の意義は、次のとおりとする。</p></div>"
        '<div class="pq-context pq-after" role="group" aria-label="後の記述">'
        "<p>二　機関　省及び庁をいう。</p>"
        '<p class="pq-context-heading">第二章　請求 › 第三条</p>'
        "<p>第二条第一号の文書の公開は、書面で請求する。</p></div>"
    )


def test_hostile_context_is_only_text_on_one_line(served):
    identity, _ = served.passage("道路の予算")
    page = served.get(f"/part/context/{identity}").text
    assert "\n" not in page
    assert "<b>" not in page
    assert "<img" not in page
    assert "&lt;b&gt;道路&lt;/b&gt;の&#x27;安全&#x27;" in page


def test_context_is_for_the_page_alone(served):
    identity, _ = served.passage("橋の点検")
    for site, status in (("same-origin", 200), ("cross-site", 403), ("none", 403)):
        answer = served.client.get(f"/part/context/{identity}", headers={"sec-fetch-site": site})
        assert answer.status_code == status
    assert served.get("/part/context/0000000000000000").status_code == 404
