"""Documents to chunks: what is packed together, and that nothing is lost or cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyqa.chunking import DEFAULT_BUDGET, LIMIT, chunk
from policyqa.japanese import sentences
from policyqa.models import Chunk, Document, Section
from policyqa.readers import read


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
