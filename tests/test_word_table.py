"""Words packed and PackedWords: nothing is lost."""

import pytest

from policyqa.japanese import content_words
from policyqa.word_table import PackedWords, WordTable

TEXTS = [
    "デジタル庁は、令和五年に51地域で実証を行った。",
    "",
    "。、（）",
    "㍿山田がＡＰＩを公開し、山田が運用する。",
    "長い英単語 " + "a" * 70_000 + " のあと",
]


def test_words_come_back_as_they_were():
    table = WordTable()
    for text in TEXTS:
        table.add(content_words(text))
    assert [tuple(PackedWords(row, table.kinds)) for row in table.rows] == [
        content_words(text) for text in TEXTS
    ]


def test_a_kind_of_word_has_one_number():
    table = WordTable()
    table.add(content_words("山田と田中"))
    table.add(content_words("田中と山田"))
    assert len(table.kinds) == len({word.lemma for word in content_words("田中と山田")})


@pytest.mark.parametrize("text", TEXTS[:1])
def test_a_word_takes_about_three_bytes_of_a_passage(text):
    table = WordTable()
    words = content_words(text * 10)
    table.add(words)
    assert len(table.rows[0]) < 3 * len(words)
