"""Plain text files: encodings, wrapped lines, headings, the user's own document."""

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyqa.errors import ReadError
from policyqa.japanese import sentences
from policyqa.models import Document
from policyqa.readers import READERS, read
from policyqa.readers.text import decode, join_paragraphs, parse

SHORT = "デジタル庁は、行政のデジタル化を進める。"
LONG = (
    "１．スマートシティ\r\n\r\n　AI、IoTなどの未来技術や官民データ等を活用し、\r\n"
    "2025年までに100地域を創出する（４府省５事業）。\r\n・「知」の変革\r\n"
) * 40
# What is in Shift_JIS but written in few other texts.
SIGNS = "①令和４年度～㈱ＡＢＣ　第Ⅱ期－予算∥100％"
MARKS = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff", "utf-8": b"\xef\xbb\xbf"}


def outline(document: Document) -> list[tuple[tuple[str, ...], str]]:
    return [(path, section.text) for path, section in document.root.walk()]


@pytest.mark.parametrize("text", [SHORT, LONG], ids=["short", "long"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "cp932", "euc_jp", "utf-16-le", "utf-16-be", "iso2022_jp"]
)
def test_decode(text, encoding):
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("text", [SHORT, LONG, "ｽﾏｰﾄ", "国"], ids=["short", "long", "kana", "one"])
@pytest.mark.parametrize("encoding", sorted(MARKS))
def test_decode_with_a_byte_order_mark(text, encoding):
    assert decode(MARKS[encoding] + text.encode(encoding)) == text


def test_decode_signs_of_windows():
    assert decode(SIGNS.encode("cp932")) == SIGNS


@pytest.mark.parametrize(
    "text",
    ["ABC", "国", "ｽﾏｰﾄｼﾃｨ", "Политика государства", "한국의 정책", "😀👍🇯🇵", "a\tb\f\v\x1b[1mc"],
)
def test_decode_takes_valid_utf8_for_what_it_says(text):
    assert decode(text.encode()) == text


@pytest.mark.parametrize(
    "data",
    [b"", b" \r\n\t\f", "　\n　".encode(), b"\xef\xbb\xbf", b"\xff\xfe", b"\x00" * 100],
)
def test_decode_empty(data):
    with pytest.raises(ReadError, match=r"^the file is empty$"):
        decode(data)


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + random.Random(1).randbytes(500)
ZIP = b"PK\x03\x04" + random.Random(2).randbytes(800)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + random.Random(3).randbytes(3000)


@pytest.mark.parametrize(
    "data",
    [PNG, ZIP, PDF, bytes(range(256)) * 4, b"\x7fELF\x02\x01\x01" + b"\x00" * 50 + b"abc" * 20],
    ids=["png", "zip", "pdf", "all bytes", "elf"],
)
def test_decode_binary(data):
    with pytest.raises(ReadError, match=r"^binary data, not text$"):
        decode(data)


@pytest.mark.parametrize("seed", range(20))
def test_decode_random_bytes(seed):
    with pytest.raises(ReadError):
        decode(random.Random(seed).randbytes(2000))


@pytest.mark.parametrize(
    "data",
    [
        LONG.encode("utf-8").replace(b"\xe3\x80", b"\xe3\xff"),
        b"\xff\xfe" + LONG.encode("utf-16-be"),
        b"\x1b$" + b"\xff\xfe\xfd" * 200,
    ],
    ids=["many broken bytes", "wrong mark", "no ISO-2022-JP"],
)
def test_decode_unknown(data):
    with pytest.raises(ReadError, match=r"^the character encoding was not recognised; save"):
        decode(data)


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp"])
def test_decode_replaces_a_few_broken_bytes(encoding):
    before, after = LONG.encode(encoding)[:1000], LONG.encode(encoding)[1000:]
    text = decode(before + b"\xff" + after)
    assert 1 <= text.count("\ufffd") <= 3
    assert text.startswith(LONG[:300])
    assert text.endswith(LONG[-300:])


@given(st.binary(max_size=200))
def test_decode_gives_text_or_a_read_error(data):
    with suppress(ReadError):
        assert decode(data).encode()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["新し", "い価値を創出する。"], ["新しい価値を創出する。"]),
        (["一つ目。", "", "二つ目。"], ["一つ目。", "二つ目。"]),
        (["　一つ目の段落は", "続く。", "　二つ目。"], ["一つ目の段落は続く。", "二つ目。"]),
        (["Central Japan", "Startup Ecosystem"], ["Central Japan Startup Ecosystem"]),
        (["20", "22年度"], ["2022年度"]),
        (["〇一つ目", "〇二つ目"], ["〇一つ目", "〇二つ目"]),
        (
            ["・一つ目は長いので", "　続きがある", "・二つ目"],
            ["・一つ目は長いので続きがある", "・二つ目"],
        ),
        (["- 一つ目", "- 二つ目"], ["- 一つ目", "- 二つ目"]),
        (["①一つ目", "②二つ目"], ["①一つ目", "②二つ目"]),
        (["（１）一つ目", "（２）二つ目"], ["（１）一つ目", "（２）二つ目"]),
        (["一　氏名", "二　住所"], ["一　氏名", "二　住所"]),
        (["２　前項の規定は、", "適用しない。"], ["２　前項の規定は、適用しない。"]),
        (["定める。", "２　前項の規定", "イ　氏名"], ["定める。", "２　前項の規定", "イ　氏名"]),
        (["目次", "１．目的", "２．期間"], ["目次", "１．目的", "２．期間"]),
        (["約", "3.5倍に増えた。"], ["約3.5倍に増えた。"]),
        (
            ["地域社会で融合させ、", "安全", "・安心で、守る"],
            ["地域社会で融合させ、安全・安心で、守る"],
        ),
        (["（協議会等）を公募（", "", "拠点）する。"], ["（協議会等）を公募（拠点）する。"]),
        (["構想への貢献 ※北海道更別村"], ["構想への貢献", "※北海道更別村"]),
        (["", "　", ""], []),
        ([], []),
    ],
)
def test_join_paragraphs(lines, expected):
    assert list(join_paragraphs(lines, set())) == expected


def test_box_labels_stand_alone():
    document = parse(
        "計画\n\n１．都市\n施策概要\n都市を創る\n２．大学\n施策概要\n大学を支\nえる\n", "無題"
    )
    assert outline(document) == [
        ((), ""),
        (("１．都市",), "施策概要\n都市を創る"),
        (("２．大学",), "施策概要\n大学を支える"),
    ]


@pytest.mark.parametrize(
    ("text", "title", "root"),
    [
        ("重点計画\n\n本文である。", "重点計画", "本文である。"),
        ("重点計画\n１．目的\n本文である。", "重点計画", ""),
        ("\n\n　重点計画　\n\n本文である。", "重点計画", "本文である。"),
        (
            "行政手続法\n（平成五年法律第八十八号）\n本文。",
            "行政手続法",
            "（平成五年法律第八十八号）本文。",
        ),
        # No title: a sentence, a numbered line, a bullet, a long line, a line that goes on.
        ("これは文です。\n\n本文。", "無題", "これは文です。\n本文。"),
        ("・一つ目\n\n本文。", "無題", "・一つ目\n本文。"),
        ("長" * 61 + "\n\n本文。", "無題", "長" * 61 + "\n本文。"),
        ("行政の\nデジタル化を進める。", "無題", "行政のデジタル化を進める。"),
        # The only line is the text, else it could not be found.
        ("重点施策の一覧", "無題", "重点施策の一覧"),
        ("", "無題", ""),
    ],
)
def test_title(text, title, root):
    document = parse(text, "無題")
    assert (document.title, document.root.text) == (title, root)


def test_a_full_line_that_goes_on_is_a_numbered_paragraph():
    document = parse(
        "計画\n\n１．行政手続のオンライン化を進めるため各府省は手続を見直し\n"
        "国民の利便性の向上に向けて不断に取り組むものとする\n",
        "無題",
    )
    assert outline(document) == [
        (
            (),
            (
                "１．行政手続のオンライン化を進めるため各府省は手続を見直し"
                "国民の利便性の向上に向けて不断に取り組むものとする"
            ),
        )
    ]


def test_contents_are_no_headings():
    document = parse(
        "計画\n\n目次\n１．目的……………1\n２．期間……………3\n\n１．目的\n文一。\n２．期間\n文二。",
        "無題",
    )
    assert outline(document) == [
        ((), "目次\n１．目的……………1\n２．期間……………3"),
        (("１．目的",), "文一。"),
        (("２．期間",), "文二。"),
    ]


def test_a_trailing_bookmark_list_gives_title_and_headings():
    text = "計画\n１．概要\n文一。\n(1) 列挙\n文二。\n２．詳細\n文三。\n"
    document = parse(f"{text}\t重点計画\n\t\t１．概要\n\t\t２．詳細\n", "無題")
    assert document.title == "重点計画"
    assert outline(document) == [
        ((), ""),
        (("１．概要",), "文一。\n(1) 列挙文二。"),
        (("２．詳細",), "文三。"),
    ]


def test_indented_lines_at_the_end_are_no_bookmarks_unless_the_text_has_them():
    document = parse("計画\n\n本文。\n\n\t東京都\n\t大阪府\n", "無題")
    assert outline(document) == [((), "本文。\n東京都大阪府")]


def test_control_characters_and_page_breaks(tmp_path):
    file = tmp_path / "計画.txt"
    file.write_bytes("計画\x00\n\n本\x07文\u200bである\f次の頁\x0b行\r\n終わり。".encode())
    document = read(file)
    assert document.title == "計画"
    assert outline(document) == [((), "本文である\n次の頁行終わり。")]


STATUTE = """行政手続法
（平成五年法律第八十八号）

第一章　総則

（目的等）
第一条　この法律は、処分に関する手続を定める。
２　他の法律に特別の定めがある場合は、その定めるところによる。
（定義）
第二条　この法律において、次の各号に掲げる用語の意義は、当該各号に定める。
一　法令　法律をいう。
二　処分　行政庁の処分をいう。
（適用除外）
第三条　次に掲げる処分については、
第二章の規定は、適用しない。

第二章　申請に対する処分

（審査基準）
第五条　行政庁は、審査基準を定めるものとする。

附　則
（施行期日）
第一条　この法律は、公布の日から施行する。
"""


def test_plain_text_statute():
    document = parse(STATUTE, "無題")
    assert document.title == "行政手続法"
    assert outline(document) == [
        ((), "（平成五年法律第八十八号）"),
        (("第一章　総則",), ""),
        (
            ("第一章　総則", "第一条　目的等"),
            (
                "この法律は、処分に関する手続を定める。\n"
                "２　他の法律に特別の定めがある場合は、その定めるところによる。"
            ),
        ),
        (
            ("第一章　総則", "第二条　定義"),
            (
                "この法律において、次の各号に掲げる用語の意義は、当該各号に定める。\n"
                "一　法令　法律をいう。\n二　処分　行政庁の処分をいう。"
            ),
        ),
        (
            ("第一章　総則", "第三条　適用除外"),
            "次に掲げる処分については、第二章の規定は、適用しない。",
        ),
        (("第二章　申請に対する処分",), ""),
        (
            ("第二章　申請に対する処分", "第五条　審査基準"),
            "行政庁は、審査基準を定めるものとする。",
        ),
        (("附　則",), ""),
        (("附　則", "第一条　施行期日"), "この法律は、公布の日から施行する。"),
    ]


def test_a_bracketed_line_before_a_chapter_is_kept():
    document = parse("計画\n\n（注意事項）\n第１章　総則\n文一。", "無題")
    assert outline(document) == [((), "（注意事項）"), (("第１章　総則",), "文一。")]


def test_a_caption_above_an_article_that_has_its_own_is_kept():
    document = parse("計画\n\n（目的）\n第一条（定義）　文一。\n第二条　文二。", "無題")
    assert outline(document) == [
        ((), "（目的）"),
        (("第一条　定義",), "文一。"),
        (("第二条",), "文二。"),
    ]


LINES = st.lists(
    st.sampled_from(
        [
            "",
            "（目的）",
            "第一条　この法律は、",
            "第１章",
            "第２章　総則",
            "１．住宅",
            "（１）道路",
            "・公園",
            "一　氏名",
            "本文である。",
            "「引用",
            "  字下げ",
            "構想への貢献 ※注",
            "附　則",
        ]
    ),
    min_size=1,
    max_size=20,
)


@given(LINES)
def test_nothing_is_lost(lines):
    numbered = [line and f"{line}（第{number}号）" for number, line in enumerate(lines)]
    document = parse("\n".join(numbered), "無題")
    held = document.title + "".join(
        f"{section.heading}{section.text}" for _, section in document.root.walk()
    )
    for number, line in enumerate(lines):
        assert not line or f"第{number}号" in held


# --- the user's document ---


@pytest.fixture(scope="module")
def document(juten) -> Document:
    return read(juten)


def test_juten_title(document):
    assert document.title == "デジタル田園都市国家構想総合戦略に位置づける重点的施策"


def test_juten_sections(document):
    assert [(node.label, node.title) for node in document.root.children] == [
        ("１．", "スマートシティ"),
        ("２．", "大学を核とした産学官協創都市"),
        ("３．", "スタートアップ・エコシステム拠点都市"),
    ]
    assert [path for path, _ in document.root.walk()] == [
        (),
        ("１．スマートシティ",),
        ("２．大学を核とした産学官協創都市",),
        ("３．スタートアップ・エコシステム拠点都市",),
    ]
    assert document.root.text == ""


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (
            0,
            (
                "AI、IoTなどの未来技術や官民データ等を活用し、都市・地域課題の解決を図り、新しい価値を"
                "創出するスマートシティ関連事業の定着・発展を図る。"
            ),
        ),
        (0, "スマートシティ関連事業（４府省５事業）推進のポイント"),
        (0, "（2022年度は51地域（54事業）を選定（うち事業間連携は33地域、地域間連携は7事業））"),
        (
            0,
            (
                "〇2025年までに先導的なスマートシティの100地域の創出（これら成果について、"
                "デジタル田園都市国家構想推進交付金事業とも連携しつつ、全国への展開を目指す※）"
            ),
        ),
        (0, "施策概要"),
        (
            0,
            (
                "※北海道更別村（DXのためのデータ連携基盤整備）、福島県会津若松市（複数分野データ連携）、"
                "群馬県前橋市（MaaS高度化）など、スマートシティ関連事業に採択された自治体が"
                "2021年度のデジ田交付金（TYPE3）にも採択。"
            ),
        ),
        (
            1,
            (
                "地域の中核大学や特定分野の強みを持つ大学の機能強化等の支援のため、関係府省の関連施策等を"
                "とりまとめ、令和４年２月に「地域中核・特色ある大学総合振興パッケージ」を策定。"
            ),
        ),
        (1, "デジタル田園都市国家構想への貢献"),
        (
            1,
            (
                "全国初となる「デジタル田園健康特区」に採択された岡山県吉備中央町では、岡山大学を中心と"
                "して、医療や健康情報基盤への蓄積などの「専門知」を、地域社会で融合させ、安全・安心で、"
                "誰一人取り残さないまちづくりに貢献"
            ),
        ),
        (
            2,
            (
                "世界と伍するスタートアップ・エコシステム拠点形成を目指し、地方自治体（区市町村・"
                "都道府県）と大学と民間組織（ベンチャー支援機関、金融機関、デベロッパー等）を構成員とする"
                "コンソーシアム（協議会等）を公募、有識者と内閣府、経済産業省、文部科学省による選定委員会で"
                "8か所を拠点都市として選定。"
            ),
        ),
        (
            2,
            (
                "※グローバル拠点都市：スタートアップ・エコシステム 東京コンソーシアム、"
                "Central Japan Startup Ecosystem Consortium、"
                "大阪・京都・ひょうご神戸コンソーシアム、福岡スタートアップ・コンソーシアム"
            ),
        ),
        (
            2,
            (
                "例えば、拠点都市のひとつである仙台市では、宇宙探査ロボットの技術を活用し農業の負担を"
                "軽減する農業用AIロボットの開発など、地域課題解決に資する取組を行う企業が誕生。"
            ),
        ),
    ],
)
def test_juten_sentences(document, section, expected):
    text = document.root.children[section].text
    assert expected in [text[start:end] for start, end in sentences(text)]


def test_juten_in_another_encoding_is_the_same_document(juten, tmp_path, document):
    text = juten.read_text(encoding="utf-8").replace("\ufffd", "")
    for encoding in ("utf-8-sig", "cp932", "euc_jp", "utf-16", "utf-16-le"):
        file = tmp_path / f"{encoding}.txt"
        file.write_bytes(text.replace("\n", "\r\n").encode(encoding))
        assert read(file) == document, encoding


# --- by suffix ---


def test_the_suffix_may_be_in_capitals(tmp_path):
    file = tmp_path / "計画.TXT"
    file.write_text("これは文です。", encoding="utf-8")
    assert read(file).title == "計画"


@pytest.mark.parametrize("name", ["計画.xyz", "計画"])
def test_unknown_suffix(tmp_path, name):
    file = tmp_path / name
    file.write_text("これは文です。", encoding="utf-8")
    with pytest.raises(ReadError, match=r"^unsupported file type .*; supported: .*\.txt"):
        read(file)


def test_every_reader_says_that_a_missing_file_cannot_be_read(tmp_path):
    for suffix, reader in READERS.items():
        with pytest.raises(ReadError, match=r"^cannot be read: No such file or directory$"):
            reader(tmp_path / f"missing{suffix}")
