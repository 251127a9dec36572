"""A place that a question names comes first."""

from datetime import date

import pytest

from fakes import FakeSource
from policyqa import indexing
from policyqa.answering import answer
from policyqa.database import Source
from policyqa.library import Library
from policyqa.models import Document, Filters, Section, TextSpan
from statutes import OPENNESS, article, item, paragraph, statute, supplement

GRANTS = statute(
    "補助金交付法",
    article("第一条", "（目的）", paragraph(1, "この法律は、補助金の交付を定める。")),
    article(
        "第五条",
        "（交付）",
        paragraph(1, "大臣は、補助金を交付する。", item(1, "道路"), item(2, "橋梁")),
        paragraph(2, "前項第一号の交付は、公開手続法第三条第二項の書面による。"),
    ),
    supplement("令和四年六月一七日法律第六八号", article("第九条", "", paragraph(1, "罰則。"))),
    law_number="昭和三十年法律第百七十九号",
    in_force="1955-08-27",
)
LATER = statute(
    "補助金交付法",
    article("第一条", "（目的）", paragraph(1, "この法律は、助成金の交付を定める。")),
    law_number="昭和三十年法律第百七十九号",
    in_force="2999-04-01",
)


def on_page(page: int, label: str, title: str, text: str) -> Section:
    span = TextSpan(0, len(text), page, (0.0, 0.0, 9.0, 9.0))
    return Section(label, title, text, (), page, page, (span,))


PAPER = Document(
    "道路白書",
    Section(
        "",
        "",
        "",
        (
            Section(
                "第１章",
                "総論",
                "",
                (
                    on_page(3, "第１節", "歴史", "道路の歴史。"),
                    on_page(4, "第２節", "現状", "道路の現状。"),
                ),
            ),
            on_page(5, "１．", "橋梁の点検", "橋梁を点検する。"),
        ),
    ),
    page_count=5,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("statutes")
    files = {"a.xml": OPENNESS, "b.xml": GRANTS, "c.xml": LATER, "d.pdf": PAPER}
    documents = [(Source(folder / name, name, name), document) for name, document in files.items()]
    indexing.build_documents(documents, folder / "index", FakeSource())
    return folder / "index"


@pytest.fixture(scope="module")
def opened(folder):
    library = Library.open(folder, FakeSource())
    yield library
    library.close()


def cited(result):
    return [str(p.citation) for p in result.passages if "place" in p.signals]


@pytest.mark.parametrize(
    ("question", "citation", "text"),
    [
        (
            "公開手続法第三条第二項",
            "公開手続法第三条第二項",
            "２　前項の請求は、書面でしなければならない。",
        ),
        (
            "公開手続法第3条第2項",
            "公開手続法第三条第二項",
            "２　前項の請求は、書面でしなければならない。",
        ),
        (
            "公開手続法３条２項",
            "公開手続法第三条第二項",
            "２　前項の請求は、書面でしなければならない。",
        ),
        ("公手法第三条の二", "公開手続法第三条の二", "行政機関の長は、三十日以内に決定する。"),
        (
            "平成5年法律第300号第七条",
            "公開手続法第七条",
            "決定に不服がある者は、別表第一の機関に申し立てる。",
        ),
        # A 条 of a single 項 is cited without it.
        ("公開手続法第一条第一項", "公開手続法第一条", "この法律は、公開の手続を定める。"),
        (
            "公開手続法第二条第一号",
            "公開手続法第二条第一号",
            "一　文書　職員が作成した書面をいう。",
        ),
        ("公開手続法第2条第1項第2号イ", "公開手続法第二条第二号イ", "イ　内閣府"),
        ("公開手続法第三条第三項第一号", "公開手続法第三条第三項第一号", "一　氏名"),
        # In a 条 of several 項 a 号 without one is in the first.
        ("補助金交付法第五条第二号", "補助金交付法第五条第一項第二号", "二　橋梁"),
        ("公開手続法第五条", "公開手続法第四条から第六条まで", "削除"),
        (
            "公開手続法附則第二条",
            "公開手続法附則第二条",
            "この法律の施行前の文書は、なお従前の例による。",
        ),
        (
            "公開手続法附則（平成十一年十二月八日法律第百五十一号）第三条",
            "公開手続法附則（平成一一年一二月八日法律第一五一号）第三条",
            "改正前の請求は、改正後の請求とみなす。",
        ),
        ("公開手続法別表第一", "公開手続法別表第一", "機関　所在地\n審査会　東京都"),
        ("道路白書第１章第２節", "「道路白書」第１章第２節（p.4）", "道路の現状。"),
        ("第１章第１節", "「道路白書」第１章第１節（p.3）", "道路の歴史。"),
        ("１．橋梁の点検", "「道路白書」１．橋梁の点検（p.5）", "橋梁を点検する。"),
        ("道路白書p.4", "「道路白書」第１章第２節（p.4）", "道路の現状。"),
        ("ｐ．５", "「道路白書」１．橋梁の点検（p.5）", "橋梁を点検する。"),
    ],
)
def test_a_named_place_comes_first(opened, question, citation, text):
    result = opened.search(question)
    first = result.passages[0]
    assert (str(first.citation), first.chunk.text) == (citation, text)
    assert cited(result) == [citation]
    assert result.notices == ()
    assert first.score == 1.0


def test_the_words_that_name_a_place_are_not_marked(opened):
    plain = opened.search("公開手続法第三条").passages[0]
    assert plain.highlights == ()
    asked = opened.search("公開手続法第三条の書面とは").passages[0]
    assert {asked.chunk.text[start:end] for start, end in asked.highlights} == {"書面"}


def test_the_place_named_is_the_answer(opened):
    found = answer(opened.search("公開手続法第三条"))
    assert found.found
    assert found.probability == 1.0
    assert [str(evidence.citation) for evidence in found.evidence] == [
        "公開手続法第三条第一項",
        "公開手続法第三条第二項",
        "公開手続法第三条第三項",
    ]


def test_a_question_about_a_place_is_answered_from_it(opened):
    result = opened.search("公開手続法第三条では何を書面でしなければならないか")
    assert result.asked == "では何を書面でしなければならないか"
    assert str(answer(result).evidence[0].citation) == "公開手続法第三条第二項"


def test_a_named_place_is_not_shown_again(opened):
    texts = [passage.chunk.text for passage in opened.search("公開手続法第三条の二").passages]
    assert texts.count("行政機関の長は、三十日以内に決定する。") == 1


def test_several_places(opened):
    result = opened.search("公開手続法第一条と補助金交付法第五条第二項")
    assert cited(result) == ["公開手続法第一条", "補助金交付法第五条第二項"]


def test_a_bare_article_lists_the_candidates(opened):
    result = opened.search("第一条")
    assert cited(result) == ["公開手続法第一条", "補助金交付法第一条"]
    (notice,) = result.notices
    assert (notice.code, notice.message) == (
        "place-ambiguous",
        "「第一条」に当たる箇所が複数あります：公開手続法第一条、補助金交付法第一条",
    )


def test_a_bare_article_that_only_one_statute_has(opened):
    result = opened.search("第七条")
    assert (cited(result), result.notices) == (["公開手続法第七条"], ())


@pytest.mark.parametrize("question", ["民法第一条", "「民法」（明治二十九年法律第八十九号）第1条"])
def test_a_statute_not_in_the_library_is_said_to_be_missing(opened, question):
    result = opened.search(question)
    assert [notice.code for notice in result.notices] == ["statute-missing"]
    assert result.notices[0].message == "「民法」はこの文書庫に収録されていません。"
    assert result.passages == ()
    assert not answer(result).found


def test_what_else_is_asked_about_a_missing_statute_is_for_reference_only(opened):
    result = opened.search("民法第一条で文書の公開を請求できるか")
    assert [notice.code for notice in result.notices] == ["statute-missing"]
    assert result.passages
    assert cited(result) == []
    assert not answer(result).found


def test_a_place_that_is_not_there(opened):
    result = opened.search("公開手続法第九十九条")
    (notice,) = result.notices
    assert (notice.code, notice.message) == (
        "place-missing",
        "「公開手続法第九十九条」に当たる箇所は収録文書にありません。",
    )
    assert result.passages == ()
    assert not answer(result).found


def test_an_amending_supplement_needs_its_law_number(opened):
    result = opened.search("公開手続法附則第三条")
    assert cited(result) == ["公開手続法附則（平成一一年一二月八日法律第一五一号）第三条"]
    assert [notice.code for notice in opened.search("附則第九条").notices] == []


def test_references_inside_a_passage(opened):
    (passage,) = [p for p in opened.search("補助金交付法第五条第二項").passages if p.rank == 1]
    text = passage.chunk.text
    assert [
        (text[reference.start : reference.end], str(reference.citation))
        for reference in passage.references
    ] == [
        ("前項第一号", "補助金交付法第五条第一項第一号"),
        ("公開手続法第三条第二項", "公開手続法第三条第二項"),
    ]


def test_the_version_in_force_is_searched(opened):
    today = opened.search("補助金交付法第一条")
    assert today.passages[0].chunk.text == "この法律は、補助金の交付を定める。"
    assert "助成金" not in "".join(passage.chunk.text for passage in today.passages)


def test_a_version_counts_from_the_day_it_comes_into_force(folder):
    days = iter([date(2999, 3, 31), date(2999, 4, 1), date(2999, 3, 31)])
    library = Library.open(folder, FakeSource(), today=lambda: next(days))
    found = [library.search("補助金と助成金の交付").passages for _ in range(3)]
    library.close()
    first, second, third = ({passage.chunk.text for passage in passages} for passages in found)
    assert "この法律は、補助金の交付を定める。" in first - second
    assert "この法律は、助成金の交付を定める。" in second - first
    assert third == first


def test_a_version_to_come_is_marked(opened):
    later = opened.search("補助金交付法第一条", filters=Filters(as_of=date(2999, 4, 1)))
    assert later.passages[0].chunk.text == "この法律は、助成金の交付を定める。"
    assert str(later.passages[0].citation) == "補助金交付法第一条"
    coming = opened.search("補助金交付法第一条", without={OLDER_ID})
    assert str(coming.passages[0].citation) == "補助金交付法第一条（未施行）"


OLDER_ID = Source(None, "b.xml", "").document_id
