"""Documents to chunks: what is packed together, and that nothing is lost or cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import chunk
from policyqa.chunking import DEFAULT_BUDGET, LIMIT
from policyqa.japanese import sentences
from policyqa.models import Chunk, Document, Section
from policyqa.readers import read
from policyqa.units import units
from statutes import OPENNESS, article, item, paragraph, statute


def characters(texts):
    return [len(text) for text in texts]


def document(*texts: str) -> Document:
    """A document with a section of each text, the first one above all headings."""
    first, *others = texts
    children = tuple(
        Section(f"{number}．", "節", text) for number, text in enumerate(others, start=1)
    )
    return Document("題", Section("", "", first, children))


def cut(text: str, budget: int) -> list[str]:
    return [piece.text for piece in chunk(document(text), characters, budget)]


@pytest.mark.parametrize(
    ("text", "budget", "expected"),
    [
        ("一。二。三。", 6, ["一。二。三。"]),
        # As equal as can be, not filled up to the brim.
        ("一一。二二。三三。四四。", 9, ["一一。二二。", "三三。四四。"]),
        ("一一。二二。三三。四四。", 6, ["一一。二二。", "三三。四四。"]),
        ("一一。二二。三三。四四。", 5, ["一一。", "二二。", "三三。", "四四。"]),
        # A sentence over the budget is a chunk of its own.
        ("一。とても長い文である。三。", 6, ["一。", "とても長い文である。", "三。"]),
        ("一。\n二。\n三。", 100, ["一。\n二。\n三。"]),
        ("  前の空白。  \n\n 次。 ", 100, ["前の空白。  \n\n 次。"]),
        ("", 100, []),
        (" \n　\n", 100, []),
    ],
)
def test_packing(text, budget, expected):
    assert cut(text, budget) == expected


def test_the_label_of_a_box_stays_with_what_follows():
    text = "前の文である。\n次の文である。\n施策概要\n大学の機能を強化する。\n終わりの文である。"
    assert cut(text, 22) == [
        "前の文である。\n次の文である。",
        "施策概要\n大学の機能を強化する。",
        "終わりの文である。",
    ]


def test_a_label_that_does_not_fit_with_what_follows_is_left_where_it_is():
    assert cut("前の文である。\n施策概要\n大学の機能を強化する。", 12) == [
        "前の文である。\n施策概要",
        "大学の機能を強化する。",
    ]


def test_a_list_of_short_lines_is_packed_like_sentences():
    lines = [f"第{number:02}の施策" for number in range(60)]
    chunks = cut("\n".join(lines), 70)
    assert "\n".join(chunks).split("\n") == lines
    assert [len(text.split("\n")) for text in chunks] == [9, 9, 9, 9, 9, 9, 6]


@pytest.mark.parametrize(
    ("text", "borders"),
    [
        # Without any mark: between words, else in the middle.
        ("長" * 2000, None),
        ("政策目的" * 400, None),
        # With commas: behind one.
        (("地域課題の解決を図り、" * 60), "、"),
    ],
)
def test_a_huge_sentence_is_cut_to_the_limit(text, borders):
    chunks = cut(text, DEFAULT_BUDGET)
    assert "".join(chunks) == text
    assert all(LIMIT / 4 < len(piece) <= LIMIT for piece in chunks)
    assert borders is None or all(piece.endswith(borders) for piece in chunks)


def test_a_huge_sentence_is_not_cut_inside_a_word():
    chunks = cut("スマートシティ" * 200, DEFAULT_BUDGET)
    assert all(piece.startswith(("スマート", "シティ")) for piece in chunks)


def test_a_budget_over_the_limit_is_the_limit():
    chunks = cut("短い文である。" * 300, 10_000)
    assert max(map(len, chunks)) <= LIMIT


def test_sections_are_never_put_together():
    chunks = chunk(document("前文。", "本文一。", "", "本文三。"), characters, 100)
    assert chunks == [
        Chunk((), "前文。", 0, 3),
        Chunk(("1．節",), "本文一。", 0, 4),
        Chunk(("3．節",), "本文三。", 0, 4),
    ]


def test_chunks_know_the_pages_of_their_section():
    section = Section("１．", "節", "文一。文二。", first_page=3, last_page=4)
    root = Section("", "", children=(section,))
    chunks = chunk(Document("題", root, page_count=9), characters, 3)
    assert chunks == [
        Chunk(("１．節",), "文一。", 0, 3, 3, 4),
        Chunk(("１．節",), "文二。", 3, 6, 3, 4),
    ]


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("budget", [20, 50, DEFAULT_BUDGET, LIMIT])
def test_juten_is_held_once_and_in_order(juten, budget):
    read_document = read(juten)
    sections = dict(read_document.root.walk())
    chunks = chunk(read_document, characters, budget)
    for piece in chunks:
        assert sections[piece.section].text[piece.start : piece.end] == piece.text
    assert squeezed("".join(piece.text for piece in chunks)) == squeezed(
        "".join(section.text for section in sections.values())
    )


def test_no_sentence_of_juten_is_cut(juten):
    whole = [
        section.text[start:end]
        for _, section in read(juten).root.walk()
        for start, end in sentences(section.text)
    ]
    found = [
        piece.text[start:end]
        for piece in chunk(read(juten), characters, DEFAULT_BUDGET)
        for start, end in sentences(piece.text)
    ]
    assert found == whole


TEXTS = st.text(
    st.sampled_from("あ漢字スマート、。．\n 　（）「」！1a"), min_size=0, max_size=120
).map(lambda text: text * 3)


@given(st.lists(TEXTS, min_size=1, max_size=3), st.integers(5, 60))
def test_every_character_is_in_exactly_one_chunk(texts, budget):
    made = document(*texts)
    sections = dict(made.root.walk())
    chunks = chunk(made, characters, budget)
    for piece in chunks:
        assert sections[piece.section].text[piece.start : piece.end] == piece.text
        assert piece.text.strip()
    for before, after in zip(chunks, chunks[1:], strict=False):
        assert before.section != after.section or before.end <= after.start
    assert squeezed("".join(piece.text for piece in chunks)) == squeezed("".join(texts))


@given(TEXTS, st.integers(5, 60))
def test_only_a_single_sentence_is_over_the_budget(text, budget):
    for piece in cut(text, budget):
        spans = sentences(piece)
        assert len(spans) == 1 or sum(end - start for start, end in spans) <= budget


def of_article(pieces, heading):
    return [piece for piece in pieces if heading in piece.section]


def test_an_article_that_fits_is_one_chunk():
    (piece,) = of_article(chunk(OPENNESS, characters, 200), "第三条　（請求）")
    assert piece.section == ("第二章　公開の請求", "第三条　（請求）")
    assert piece.text.startswith("何人も、")
    assert piece.text.endswith("二　第二条第一号の文書の名称")
    assert piece.lead == ()


def test_a_longer_article_is_cut_between_its_paragraphs():
    pieces = of_article(chunk(OPENNESS, characters, 60), "第三条　（請求）")
    assert [piece.text.split("\n")[0][:2] for piece in pieces] == ["何人", "３　"]
    assert [piece.section[-1] for piece in pieces] == ["第三条　（請求）", "第三項"]


def test_items_keep_the_words_they_depend_on():
    lead = "この法律において、次の各号に掲げる用語の意義は、当該各号に定めるところによる。"
    pieces = of_article(chunk(OPENNESS, characters, 70), "第二条　（定義）")
    assert [piece.text for piece in pieces] == [
        f"{lead}\n一　文書　職員が作成した書面をいう。",
        f"{lead}\n二　行政機関　次に掲げる機関をいう。\nイ　内閣府\nロ　省及び庁",
    ]
    first, second = pieces
    assert (first.lead, second.lead) == ((), ((0, len(lead)),))
    assert second.section[-1] == "第二号"
    inner = second.text.index("次に掲げる機関")
    assert second.in_unit(5) == 5
    assert second.in_unit(inner) == second.start + inner - len(lead) - 1


def test_a_lead_too_long_to_repeat_is_cut_alone():
    long = "甲は乙とし、" * 100 + "次のとおりとする。"
    one = statute(
        "長法", article("第一条", "", paragraph(1, long, item(1, "甲" * 60), item(2, "乙")))
    )
    pieces = chunk(one, characters, 60)
    assert all(len(piece.text) <= LIMIT for piece in pieces)
    assert pieces[-1].text == "二　乙"
    assert pieces[-1].lead == ()
    covered = {at for piece in pieces for at in range(piece.start, piece.end)}
    text = f"{long}\n一　{'甲' * 60}\n二　乙"
    assert {at for at, sign in enumerate(text) if sign != "\n"} <= covered


@given(
    st.lists(
        st.tuples(st.integers(1, 300), st.lists(st.integers(0, 200), max_size=5)),
        min_size=1,
        max_size=5,
    ),
    st.integers(20, 300),
)
def test_no_word_of_a_provision_is_lost(sizes, budget):
    paragraphs = [
        paragraph(number, "甲" * size, *(item(at, "乙" * own) for at, own in enumerate(items, 1)))
        for number, (size, items) in enumerate(sizes, 1)
    ]
    law = statute("法", article("第一条", "", *paragraphs))
    (unit,) = [unit for unit in units(law) if unit.text]
    pieces = chunk(law, characters, budget)
    covered = {at for piece in pieces for at in range(piece.start, piece.end)}
    covered |= {at for piece in pieces for start, end in piece.lead for at in range(start, end)}
    assert {at for at, sign in enumerate(unit.text) if not sign.isspace()} <= covered
    for piece in pieces:
        assert piece.text.endswith(unit.text[piece.start : piece.end])
        assert len(piece.text) <= LIMIT + len(piece.lead)
