"""HTML of results: everything that comes from documents or users is escaped."""

from dataclasses import replace

import pytest

from policyqa.catalogue import DocumentRow
from policyqa.models import (
    Answer,
    Chunk,
    Citation,
    Evidence,
    Heading,
    Notice,
    Passage,
    SearchResult,
)
from policyqa.web import passages, render
from policyqa.web.documents import documents_html, outline_html
from policyqa.web.results import result_html

HOSTILE = '<script>alert("1")</script>\n\n# 見出し *強調* $$x^2$$ [a](javascript:b) `c`'
NOT_FOUND = Answer(False, 0.1, ())


def _result(text: str, highlights=((0, 2),)) -> tuple[SearchResult, Passage]:
    chunk = Chunk(("１．概要",), text, 0, len(text))
    citation = Citation("d", "戦略", "a.txt", chunk.section)
    signals = {"dense": 0.9, "lexical": 2.0}
    passage = Passage("p1", 1, chunk, citation, 1.0, signals, (), highlights)
    return SearchResult("質問", (passage,), (), 1.0, {}), passage


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("都市の課題", [(0, 2)], "<mark>都市</mark>の課題"),
        ("都市の課題", [(3, 5)], "都市の<mark>課題</mark>"),
        ("都市の課題", [], "都市の課題"),
        ("a<b", [(1, 2)], "a<mark>&lt;</mark>b"),
        ("一\n二", [], "一<br>二"),
        ("*_`$", [], "&#42;&#95;&#96;&#36;"),
    ],
)
def test_marked(text, spans, expected):
    assert render.marked(text, spans) == expected


@pytest.mark.parametrize(
    ("section", "pages", "expected"),
    [
        ((), (None, None), "「白書」"),
        (("１．スマートシティ",), (None, None), "「白書」１．スマートシティ"),
        (("第１章　総論", "第２節　潮流"), (4, 4), "「白書」第１章第２節（p.4）"),
        (
            ("第１部　変革", "第１章　総論", "(1) 目的"),
            (4, 5),
            "「白書」第１部第１章　(1) 目的（pp.4-5）",
        ),
        (
            ("第二編　債権", "第三章の二　特例", "第五条　定義"),
            (None, None),
            "「白書」第二編第三章の二　第五条　定義",
        ),
    ],
)
def test_a_citation_reads_as_an_official_writes_it(section, pages, expected):
    assert str(Citation("d", "白書", "a.pdf", section, *pages)) == expected


def test_words_are_marked_in_a_part():
    passage = _result("都市の課題を解決する。", ((0, 2), (3, 5)))[1]
    assert render.marked_part(passage, (1, 4)) == "<mark>市</mark>の<mark>課</mark>"
    assert render.marked_part(passage, (5, 8)) == "を解決"


ACTS = (
    '<button type="button" class="pq-act pq-copy" value="{cited}">引用をコピー</button>'
    '<a class="pq-act pq-open" href="source/passage/p1{span}">原文を開く'
    '<span class="pq-aside">（新しいタブ）</span></a>'
)


def test_found():
    result, passage = _result("都市の課題を解決する。")
    page = result_html(result, Answer(True, 0.9, (Evidence(passage, 0, 5),)), 5, "?q=a&kind=b")
    assert page == (
        '<div class="pq-results"><p class="pq-asked"><span>質問：</span>'
        '<span id="pq-asked">質問</span></p>'
        '<section class="pq-answer"><div class="pq-title"><h2>回答</h2>'
        '<p class="pq-sure pq-sure-0">確からしさ：<strong>高い</strong> 90%</p></div>'
        '<figure class="pq-evidence"><blockquote><mark>都市</mark>の課題</blockquote>'
        '<figcaption>出典：<cite id="pq-cited-1">「戦略」１．概要</cite></figcaption>'
        f'<p class="pq-acts">{ACTS.format(cited="pq-cited-1", span="?start=0&amp;end=5")}</p>'
        "</figure>"
        '<form class="pq-judge"><input type="hidden" name="passage" value="p1">'
        '<p>この回答は役に立ちましたか</p><p class="pq-acts">'
        '<button type="button" class="pq-act pq-verdict" value="up">役に立った</button>'
        '<button type="button" class="pq-act pq-verdict" value="down">役に立たなかった</button>'
        '<button type="button" class="pq-act pq-case" value="p1">評価セットに追加</button></p>'
        '<p class="pq-reason" hidden><label for="pq-reason">役に立たなかった理由（任意）</label>'
        '<input type="text" id="pq-reason" name="reason" maxlength="1000">'
        '<button type="submit" class="pq-act">送信する</button></p></form></section>'
        '<section class="pq-passages"><h2>関連する記述</h2><p class="pq-legend">'
        '<span class="pq-said">根拠とした文</span><mark>質問の語</mark></p>'
        '<ol class="pq-list"><li class="pq-passage" id="pq-passage-p1">'
        '<h3><span class="pq-rank">1.</span> 「戦略」１．概要</h3>'
        '<div class="pq-crumbs">戦略 › １．概要</div>'
        '<div class="pq-text"><span class="pq-said"><mark>都市</mark>の課題</span>'
        "を解決する。</div>"
        '<div class="pq-full" id="pq-cite-p1">「戦略」１．概要</div><div class="pq-acts">'
        '<button type="button" class="pq-act pq-context" value="p1">前後を表示</button>'
        f"{ACTS.format(cited='pq-cite-p1', span='?start=0&amp;end=5')}</div>"
        '<details class="pq-why"><summary>順位の理由</summary><ul>'
        "<li>意味の近さ：表示中の1件で1番目</li>"
        "<li>語の一致：表示中の1件で1番目（<mark>都市</mark>）</li></ul></details></li></ol>"
        "</section>"
        '<p class="pq-summary" hidden>回答を示しました。関連する記述は1件です。</p>'
        '<p class="pq-permalink"><a href="?q=a&amp;kind=b">この検索結果へのリンク</a></p></div>'
    )


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (1.0, '0">確からしさ：<strong>高い</strong> 100%'),
        (0.9996, '0">確からしさ：<strong>高い</strong> 99%'),
        (0.8, '0">確からしさ：<strong>高い</strong> 80%'),
        (0.79, '1">確からしさ：<strong>中くらい</strong> 79%'),
        (0.5, '1">確からしさ：<strong>中くらい</strong> 50%'),
        (0.15, '2">確からしさ：<strong>低い</strong> 15%'),
    ],
)
def test_how_sure(probability, said):
    result, passage = _result("都市")
    answer = Answer(True, probability, (Evidence(passage, 0, 2),))
    assert f"pq-sure-{said}</p>" in result_html(result, answer, 5, "?q=a")


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"signals": {"place": 1.0}}, "<li>名前で指定された箇所</li>"),
        (
            {"signals": {"dense": 0.8, "lexical": 0.0}, "highlights": ()},
            "<li>意味の近さ：表示中の2件で2番目</li><li>語の一致：一致する語はありません</li>",
        ),
        (
            {"signals": {"dense": 0.95, "lexical": 1.0}, "highlights": ((0, 2), (3, 5), (6, 8))},
            (
                "<li>意味の近さ：表示中の2件で1番目</li>"
                "<li>語の一致：表示中の2件で2番目（<mark>都市</mark>、<mark>課題</mark>）</li>"
            ),
        ),
    ],
)
def test_why_a_passage_is_here(changed, reasons):
    passage = _result("都市と課題と都市")[1]
    other = replace(passage, **changed)
    page = passages.list_html([other], [passage, other], NOT_FOUND)
    assert f"<ul>{reasons}</ul>" in page


def test_duplicates_are_cited():
    passage = _result("都市")[1]
    other = replace(passage, duplicates=(Citation("e", "白書<", "b.pdf", (), 3, 3),))
    assert passages.list_html([other], [other], NOT_FOUND).endswith(
        '<div class="pq-same"><p>同じ内容の記述</p><ul><li>「白書&lt;」（p.3）</li></ul></div>'
        "</li></ol>"
    )


def test_evidence_is_marked_in_the_order_of_the_text():
    passage = _result("甲である。乙である。丙である。", ())[1]
    answer = Answer(True, 0.9, (Evidence(passage, 10, 15), Evidence(passage, 0, 5)))
    assert (
        '<div class="pq-text"><span class="pq-said">甲である。</span>乙である。'
        '<span class="pq-said">丙である。</span></div>'
    ) in passages.list_html([passage], [passage], answer)


def test_not_found_says_so_and_marks_the_nearest_as_reference():
    result, _ = _result("都市の課題を解決する。")
    page = result_html(result, NOT_FOUND, 5, "?q=a")
    assert (
        '<section class="pq-not-found"><h2>該当する記述は見つかりませんでした</h2>'
        "<p>言葉を変えて質問するか、下の近い記述を参考にしてください。</p>"
        '<p class="pq-acts"><button type="button" class="pq-act pq-case" value="">'
        "答えがない質問として評価セットに追加</button></p></section>"
        '<section class="pq-passages"><h2>参考：近い記述</h2>'
        '<p class="pq-legend"><mark>質問の語</mark></p>'
    ) in page
    assert 'href="source/passage/p1"' in page


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("place-missing", '<div class="pq-notice"><p>無い&lt;箇所</p></div>'),
        (
            "filters-empty",
            (
                '<div class="pq-notice"><p>無い&lt;箇所</p><button type="button" '
                'class="pq-act pq-clear" value="?q=a">条件を消す</button></div>'
            ),
        ),
    ],
)
def test_notices(code, expected):
    result = SearchResult("質問", (), (Notice(code, "無い<箇所"),), 1.0, {})
    page = result_html(result, NOT_FOUND, 5, "?q=a&kind=b")
    assert expected in page
    assert ("pq-not-found" in page) == (code == "place-missing")


def test_more_passages():
    passage = _result("都市")[1]
    page = passages.more_html([passage, replace(passage, id="p2", rank=2)], 1, NOT_FOUND)
    assert 'id="pq-passage-p1"' not in page
    assert '<h3><span class="pq-rank">2.</span>' in page
    assert "記述を2件まで示しました。" in page


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            render.header_html(3, "2026年1月2日"),
            (
                '<header class="pq-header"><h1>政策文書検索</h1>'
                "<p>政策文書に質問すると、根拠となる記述を出典つきで示します。</p>"
                '<p class="pq-state">収録文書 3件・2026年1月2日 更新</p></header>'
            ),
        ),
        (render.examples_html([]), ""),
        (
            render.examples_html(["<税>"]),
            (
                '<div class="pq-examples"><p>質問の例</p><ul><li><button type="button" '
                'class="pq-act pq-example" value="&lt;税&gt;">&lt;税&gt;</button></li></ul></div>'
            ),
        ),
        (render.status_html(), '<p id="pq-status" role="status"></p>'),
        (render.problem_html("<税>"), '<p class="pq-problem" role="alert">&lt;税&gt;</p>'),
    ],
)
def test_pieces_of_the_page(html, expected):
    assert html == expected


def test_hostile_text_stays_text_on_one_line():
    result, passage = _result(HOSTILE)
    hostile = replace(
        passage,
        id='"><script>',
        citation=Citation("d", HOSTILE, HOSTILE, (HOSTILE,), publisher=HOSTILE),
        duplicates=(Citation("d", HOSTILE, HOSTILE, ()),),
    )
    answer = Answer(True, 0.9, (Evidence(hostile, 0, len(HOSTILE)),))
    row = DocumentRow('"><script>', HOSTILE, HOSTILE, {"publisher": HOSTILE}, None, {})
    for page in (
        result_html(replace(result, question=HOSTILE, passages=(hostile,)), answer, 5, HOSTILE),
        passages.more_html([hostile], 0, answer),
        render.examples_html([HOSTILE]),
        render.problem_html(HOSTILE),
        documents_html([row], ""),
        outline_html([Heading(HOSTILE, 1, None)]),
    ):
        assert "<script" not in page
        assert "\n" not in page
        assert "$" not in page
        assert "](" not in page
