"""Words packed and PackedWords: nothing is lost."""

from pathlib import Path

from policyqa.japanese import content_words
from policyqa.word_table import PackedWords, WordTable

ROOT = Path(__file__).resolve().parent.parent

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


def test_some_words_are_found_by_their_lemmas():
    table = WordTable()
    table.add(content_words(TEXTS[3]))
    found = PackedWords(table.rows[0], table.kinds).among({"ヤマダ"})
    assert [word[:3] for word in found] == [(1, 3, "ヤマダ"), (12, 14, "ヤマダ")]


def test_a_word_takes_about_three_bytes_of_the_users_document():
    words = content_words((ROOT / "corpus" / "juten-shisaku.txt").read_text(encoding="utf-8"))
    table = WordTable()
    table.add(words)
    assert len(table.rows[0]) < 3 * len(words)
