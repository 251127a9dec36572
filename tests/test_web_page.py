"""Web pages: what is content, and the sections and lines it is read as."""

import os
from pathlib import Path

import pytest

from policyqa.errors import ReadError
from policyqa.models import Document, Section
from policyqa.readers import read
from policyqa.readers.web_page import parse

MINISTRY = """<!DOCTYPE html>
<html lang="ja"><head><meta charset="utf-8">
<title>地域交通の再構築について - 国土交通省</title>
<meta property="og:site_name" content="国土交通省">
<meta name="dcterms.issued" content="2025-04-01T10:00:00+09:00">
<link rel="canonical" href="https://www.example.go.jp/kotsu/saikochiku.html">
<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">
</head><body>
<a class="skip-link" href="#main">本文へ</a>
<header><p>国土交通省</p></header>
<nav class="gnav"><ul><li><a href="/">ホーム</a></li><li><a href="/seisaku">政策</a></li></ul></nav>
<div id="topicPath"><a href="/">ホーム</a> &gt; <a href="/kotsu">交通</a></div>
<main>
<h1>地域交通の再構築について</h1>
<p>この頁では、<ruby>鉄道<rp>（</rp><rt>てつどう</rt><rp>）</rp></ruby>と
バスの再構築を
<a href="plan.pdf">説明</a>します。</p>
<p><strong>１．趣旨</strong></p>
<p>利用者は10年で<em>３割</em>減った。</p>
<p><b>２．支援の内容</b><br>次の費用を補助する。</p>
<ol start="2"><li>車両<ul><li>電車</li><li>バス</li></ul></li><li>駅</li></ol>
<p><span style="font-weight: bold">（１）要件</span></p>
<p>計画があること。</p>
<figure><img src="a.png" alt="図"><figcaption>図１　補助の流れ</figcaption></figure>
<p class="pagetop"><a href="#top">ページの先頭へ戻る</a></p>
<p><a href="#top">▲このページの先頭へ</a></p>
</main>
<aside>関連する情報</aside>
<footer><p>© 国土交通省</p></footer>
<script>var a = "書いてはならない";</script>
</body></html>"""

CITY = """<html lang="ja"><head><title>よくある質問｜南市</title></head><body>
<div id="header"><h1>南市</h1><form><input value="検索語"><label>サイト内検索</label></form></div>
<div id="sideMenu"><ul><li><a>くらし</a></li><li><a>しごと</a></li></ul></div>
<div id="contents">
<h2>ごみ</h2>
<dl class="faq">
<dt>Ｑ１．粗大ごみは、いつ出せますか。</dt>
<dd style="display:none"><p>予約した日です。</p><p>電話でも予約できます。</p></dd>
<dt>Ｑ２．料金は。</dt><dd>１点500円です。</dd>
</dl>
<p>ほかの質問は窓口へ。</p>
<h2>税</h2>
<details><summary>納期はいつですか</summary>６月です。</details>
<h3><button>督促状が届いたら</button></h3><p>すぐに納めてください。</p>
<h2>窓口</h2>
<dl><dt>場所</dt><dd>２階</dd><dt>時間</dt><dd>９時から17時まで<br>土日は休み</dd></dl>
</div></body></html>"""


def outline(root: Section) -> str:
    """A line for each section: depth, heading, text."""
    return "\n".join(
        f"{'  ' * len(path)}{section.heading}｜{'⏎'.join(section.text.split(chr(10)))}"
        for path, section in root.walk()
    )


def body(html: str) -> str:
    """The text of a page that has no sections."""
    root = parse(f"<title>題</title><body>{html}</body>", "file").root
    assert not root.children
    return root.text


def saved(tmp_path: Path, data: bytes, name: str = "page.html") -> Document:
    path = tmp_path / name
    path.write_bytes(data)
    return read(path)


def test_a_ministry_page():
    document = parse(MINISTRY, "file")
    assert document.title == "地域交通の再構築について"
    assert document.metadata == {
        "url": "https://www.example.go.jp/kotsu/saikochiku.html",
        "publisher": "国土交通省",
        "date": "2025-04-01",
        "language": "ja",
        "licence": "https://creativecommons.org/licenses/by/4.0/",
    }
    assert outline(document.root) == (
        "｜この頁では、鉄道とバスの再構築を説明します。\n"
        "  １．趣旨｜利用者は10年で３割減った。\n"
        "  ２．支援の内容｜次の費用を補助する。⏎2. 車両⏎　・電車⏎　・バス⏎3. 駅\n"
        "    （１）要件｜計画があること。⏎図１　補助の流れ"
    )


def test_a_citys_questions():
    document = parse(CITY, "file")
    assert document.title == "よくある質問｜南市"
    assert outline(document.root) == (
        "｜\n"
        "  ごみ｜ほかの質問は窓口へ。\n"
        "    Ｑ１．粗大ごみは、いつ出せますか。｜予約した日です。⏎電話でも予約できます。\n"
        "    Ｑ２．料金は。｜１点500円です。\n"
        "  税｜\n"
        "    納期はいつですか｜６月です。\n"
        "    督促状が届いたら｜すぐに納めてください。\n"
        "  窓口｜場所：２階⏎時間：９時から17時まで⏎土日は休み"
    )


def test_a_mega_menu_and_a_cookie_banner_that_are_longer_than_the_text():
    menu = "".join(f"<li><a href='{number}'>施策{number}</a></li>" for number in range(200))
    page = (
        f"<div class='l-mega-menu'><ul>{menu}</ul></div>"
        "<div id='cookieConsent' role='dialog'><p>クッキーを使います。同意しますか。</p></div>"
        "<div><h1>防災計画</h1><p>川の水位を測り、危ないときは知らせる。</p></div>"
        "<ul class='links'>" + "<li><a>関連</a></li>" * 9 + "</ul>"
        "<div class='sns-share'><a>共有</a></div>"
    )
    document = parse(f"<title>防災計画</title>{page}", "file")
    assert outline(document.root) == "｜川の水位を測り、危ないときは知らせる。"


@pytest.mark.parametrize(
    "out",
    [
        "<nav>外</nav>",
        "<aside>外</aside>",
        "<footer>外</footer>",
        "<header>外</header>",
        "<div role='navigation'>外</div>",
        "<div role='banner'>外</div>",
        "<div class='breadcrumb-list'>外</div>",
        "<div class='a Pankuzu b'>外</div>",
        "<div id='global-navi'>外</div>",
        "<div hidden>外</div>",
        "<div aria-hidden='true'>外</div>",
        "<div style='color:red;display: none'>外</div>",
        "<script>外</script>",
        "<style>外</style>",
        "<template><p>外</p></template>",
        "<noscript>外</noscript>",
        "<form>外<select><option>外</option></select></form>",
        "<button>外</button>",
        "<textarea>外</textarea>",
        "<svg><text>外</text></svg>",
        "<!-- 外 -->",
        "<p>ページトップへ戻る</p>",
        "<p>本文へ移動します</p>",
        "<a href='#'>PAGE TOP</a>",
    ],
)
def test_what_is_left_out(out):
    assert body(f"<p>甲である。</p>{out}<p>乙であって、丙ではない。</p>") == (
        "甲である。\n乙であって、丙ではない。"
    )


@pytest.mark.parametrize(
    "kept",
    [
        "<form id='aspnetForm'><p>内の文である。長い。</p><p>二つめの文。</p></form>",
        "<div id='header'><article><p>内の文である。長い。</p><p>二つめの文。</p></article></div>",
        "<nav><p>内の文である。長い。</p><p>二つめの文。</p></nav>",
        "<main></main><p>内の文である。長い。</p><p>二つめの文。</p>",
        "<div id='contents'>目次</div><p>内の文である。長い。</p><p>二つめの文。</p>",
        "<div class='panel' hidden><p>内の文である。長い。</p><p>二つめの文。</p></div>",
    ],
)
def test_what_holds_the_text_is_kept(kept):
    assert body(kept).endswith("内の文である。長い。\n二つめの文。")


def test_lists_of_links_are_content_where_they_are_the_page():
    links = "".join(f"<li><a>資料{number}</a></li>" for number in range(1, 7))
    assert body(f"<p>資料</p><ul>{links}</ul>").count("・資料") == 6


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>東京都の\n  予算は</p>", "東京都の予算は"),
        ("<p>open\n data と API</p>", "open data と API"),
        ("<p>一行目<br>二行目<br><br>三行目</p>", "一行目\n二行目\n三行目"),
        ("<p>一<b>二</b><a>三</a><span>四</span>五</p>", "一二三四五"),
        ("<div>一<p>二</p>三</div>", "一\n二\n三"),
        ("<pre>甲  1\n乙  2</pre>", "甲 1\n乙 2"),
        ("<p>10&nbsp;km &lt;注&gt; &#x200b;</p>", "10 km <注>"),
        ("<ul><li>甲<li>乙</ul>", "・甲\n・乙"),
        ("<ul><li>①甲</li><li>（２）乙</li><li>・丙</li></ul>", "①甲\n（２）乙\n・丙"),
        ("<ol><li>甲<li value=4>乙<li>丙</ol>", "1. 甲\n4. 乙\n5. 丙"),
        ("<ol type=a><li>甲<li>乙</ol>", "a. 甲\nb. 乙"),
        ("<ol type=I start=3><li>甲</ol>", "Ⅲ. 甲"),
        ("<ol style='list-style: none'><li>甲</ol>", "甲"),
        ("<ol><li>１．甲<li>1.5倍にする</ol>", "１．甲\n2. 1.5倍にする"),
        ("<ol><li><p>甲</p><p>甲の続き</p><ol><li>子</ol></ol>", "1. 甲\n　甲の続き\n　1. 子"),
        (
            "<dl><dt>対象<dd>市<dt>期間<dd>１年<dd>延長できる</dl>",
            "対象：市\n期間：１年\n延長できる",
        ),
        ("<dl><div><dt>甲</dt><dt>乙</dt><dd>丙</dd></div></dl>", "甲、乙：丙"),
        ("<dl><dt>名だけ</dl>", "名だけ"),
    ],
)
def test_lines(html, expected):
    assert body(html) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("<tr><th>年<th>件数<tr><td>2024<td>３<tr><td>2025<td>", "年：2024｜件数：３\n年：2025"),
        ("<caption>表１</caption><tr><th>年<th>数<tr><td>元<td>３", "表１\n年：元｜数：３"),
        ("<thead><tr><td>年<td>数</thead><tr><td>元<td>３", "年：元｜数：３"),
        ("<tr><td><b>年</b><td><b>数</b><tr><td>元<td>３", "年：元｜数：３"),
        ("<tr><td><b>年</b><td><b>数</b><tr><td><b>元</b><td><b>３</b>", "年｜数\n元｜３"),
        ("<tr><th>対象<td>市<tr><th>期間<td>１年", "対象：市\n期間：１年"),
        ("<tr><th>対象<td>市<th>期間<td>１年", "対象：市｜期間：１年"),
        (
            "<tr><th rowspan=2>申請<th>紙<td>可<tr><th>電子<td>不可",
            "申請・紙：可\n申請・電子：不可",
        ),
        ("<tr><td>甲<td>乙<tr><td>丙<td>丁", "甲｜乙\n丙｜丁"),
        (
            "<tr><th rowspan=2>区分<th colspan=2>額<tr><th>国<th>県<tr><td>甲<td>１<td>２",
            "区分：甲｜額・国：１｜額・県：２",
        ),
        (
            "<tr><th>課<th>係<th>人<tr><td rowspan=2>税<td>一<td>３<tr><td>二<td>４",
            "課：税｜係：一｜人：３\n課：税｜係：二｜人：４",
        ),
        ("<tr><th>国<th>県<th>市<tr><td colspan=2>両方<td>無", "国、県：両方｜市：無"),
        ("<tr><th>国<th>県<tr><td colspan=2>別の題<tr><td>１<td>２", "別の題\n国：１｜県：２"),
        (
            "<tr><th>国<th>県<tr><td>１<td>２<tr><th>町<th>村<tr><td>３<td>４",
            "国：１｜県：２\n町：３｜村：４",
        ),
        ("<tr><th>国<th>県", "国・県"),
        ("<tr><th>国<th>県<tr><td>一<br>二<td><ul><li>三<li>四</ul>", "国：一　二｜県：・三　・四"),
        ("<tr><td>一列<tr><td>だけ", "一列\nだけ"),
        ("<tr><th>甲<td><table><tr><th>乙<td>丙</table>", "甲：乙：丙"),
        ("<tr><th>国<th>県<tr><td rowspan=99>１<td>２<tr><td>３", "国：１｜県：２\n国：１｜県：３"),
        ("<tr><th><img alt=国><th>県<tr><td><img alt=○><td>２", "国：○｜県：２"),
    ],
)
def test_tables(rows, expected):
    assert body(f"<table>{rows}</table>") == expected


def test_a_table_that_places_things_on_the_page():
    page = "<table><tr><td>案内<td><h2>税</h2><p>納める。</p></table>"
    assert outline(parse(page, "file").root) == "｜案内\n  税｜納める。"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<h2>１　税</h2>甲<h4>細目</h4>乙<h3>額</h3>丙",
            "｜\n  １　税｜甲\n    細目｜乙\n    額｜丙",
        ),
        ("<h2><img alt='税'></h2><p>甲</p>", "｜\n  税｜甲"),
        ("<h2>税の<br>話</h2><p>甲</p>", "｜\n  税の　話｜甲"),
        ("<h2></h2><p>甲</p>", "｜甲"),
        (f"<h2>{'長' * 200}</h2><p>甲</p>", f"｜{'長' * 200}⏎甲"),
        ("<ul><li><h3>税</h3><p>甲</p></ul>", "｜\n  税｜甲"),
        # Bold print without a number, and numbers without bold print, may be anything.
        ("<p><b>注意</b></p><p>１．趣旨</p><p>甲</p>", "｜注意⏎１．趣旨⏎甲"),
        (
            "<p>第１章　総則</p><p>甲</p><p>第２章　雑則</p>乙",
            "｜\n  第１章　総則｜甲\n  第２章　雑則｜乙",
        ),
        ("<h2>一</h2><p>第１章　総則</p><h2>二</h2>乙", "｜\n  一｜第１章　総則\n  二｜乙"),
        (
            "<h2>一</h2><details><summary>問</summary><h3>細目</h3>答</details>甲",
            "｜\n  一｜甲\n    問｜\n      細目｜答",
        ),
        ("<details><summary>問</summary></details>甲", "｜問⏎甲"),
        ("<details>甲</details>", "｜甲"),
    ],
)
def test_sections(html, expected):
    assert outline(parse(html, "file").root) == expected


@pytest.mark.parametrize(
    ("head", "h1", "expected"),
    [
        ("<title>税｜南市</title>", "税", "税"),
        ("<title>南市：税</title>", "税", "税"),
        ("<title>税 - くらし - 南市</title>", "税", "税"),
        ("<title>税の話</title>", "税", "税の話"),
        ("<title>税｜南市</title>", "", "税｜南市"),
        ("<title>税｜南市</title><meta property=og:site_name content=南市>", "", "税"),
        ("<title>南市 | 税</title><meta name=author content=南市>", "", "税"),
        ("<title>南市</title><meta property=og:site_name content=南市>", "税", "税"),
        ("<title>南市</title><meta property=og:site_name content=南市>", "", "南市"),
        ("<title>別</title><meta property=og:title content='税 | 南市'>", "税", "税"),
        ("", "税", "税"),
        ("", "", "file"),
        ("<title> </title>", "", "file"),
    ],
)
def test_title(head, h1, expected):
    heading = f"<h1>{h1}</h1>" if h1 else ""
    page = f"<html><head>{head}</head><body>{heading}<p>文。</p></body></html>"
    assert parse(page, "file").title == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<link rel=canonical href='/a.html'>", {}),
        ("<link rel=canonical href='javascript:alert(1)'>", {}),
        ("<meta property=og:url content='http://a.jp/b'>", {"url": "http://a.jp/b"}),
        ("<meta name=date content='令和7年4月1日'>", {}),
        ("<meta name=date content='2025-02-30'>", {}),
        ("<meta http-equiv=Last-Modified content='2025-02-03'>", {"date": "2025-02-03"}),
        ("<meta http-equiv=Last-Modified content='Mon, 03 Feb 2025 00:00:00 GMT'>", {}),
        ("<meta name=Author content=' 南  市 '>", {"publisher": "南 市"}),
        ("<meta name=author content=''><meta name=DC.Publisher content=県>", {"publisher": "県"}),
        ("<link rel='nofollow license' href='https://a.jp/l'>", {"licence": "https://a.jp/l"}),
    ],
)
def test_metadata(head, expected):
    assert parse(f"<head>{head}</head><body>文。</body>", "file").metadata == expected


def test_the_date_is_the_one_day_the_page_names():
    one, two = "<time datetime=2025-01-02>", "<time datetime=2025-01-03T10:00>"
    assert parse(f"<p>{one}二日</time>更新</p>", "file").metadata == {"date": "2025-01-02"}
    assert parse(f"<p>{one}二日</time>{two}三日</time></p>", "file").metadata == {}


TEXT = "<title>税の話</title>%s<p>①申請書を提出してください。期限は六月です。</p>"


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "Shift_JIS"),
        ("utf-8", "no-such-encoding"),
        ("utf-8-sig", "EUC-JP"),
        ("utf-16", "utf-8"),
        ("cp932", "Shift_JIS"),
        ("cp932", "x-sjis"),
        ("cp932", "utf-8"),
        ("cp932", "iso-8859-1"),
        ("cp932", "euc-jp"),
        ("euc_jis_2004", "EUC-JP"),
        ("euc_jis_2004", "Shift_JIS"),
        ("euc_jis_2004", ""),
    ],
)
@pytest.mark.parametrize(
    "form",
    [
        "<meta charset='%s'>",
        "<meta http-equiv='Content-Type' content='text/html; charset=%s'>",
        "<?xml version='1.0' encoding='%s'?>",
    ],
)
def test_encodings(tmp_path, encoding, declared, form):
    page = TEXT % (form % declared)
    document = saved(tmp_path, page.encode(encoding), "page.HTM")
    assert document.title == "税の話"
    assert document.root.text == "①申請書を提出してください。期限は六月です。"


def test_a_declared_encoding_counts_where_the_bytes_do_not_tell(tmp_path):
    page = "<meta charset=gb2312><p>政策文件的检索系统。</p>"
    assert saved(tmp_path, page.encode("gb2312")).root.text == "政策文件的检索系统。"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\t", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "binary data|encoding was not recognised"),
        (os.urandom(1000), "binary data|encoding was not recognised"),
        (b"<html><body></body></html>", "the page has no text"),
        (b"<!-- only -->", "the page has no text"),
        (b"<div id=root></div><script src=a.js></script>", "the page has no text"),
        ("<noscript>JavaScriptを有効に</noscript>".encode(), "save it from there"),
        (b"<frameset><frame src=a.html></frameset>", "the page has no text"),
        (b"<title>\xe7\xa8\x8e</title>", "the page has no text"),
        (b"<div>" * 5000 + b"a", "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(tmp_path, data, message):
    with pytest.raises(ReadError, match=message) as error:
        saved(tmp_path, data)
    assert "\n" not in str(error.value)


def test_a_page_that_is_too_large(tmp_path):
    with pytest.raises(ReadError, match="larger than 32 MiB"):
        saved(tmp_path, b"<p>a</p>" * (5 * 2**20))


def test_no_such_file(tmp_path):
    with pytest.raises(ReadError, match="cannot be read"):
        read(tmp_path / "none.html")


@pytest.mark.parametrize("block", ["div", "ul><li", "blockquote", "b", "span", "dl><dd", "details"])
def test_deep_nesting(block):
    text = "".join(section.text for _, section in parse(f"<{block}>甲" * 900, "file").root.walk())
    assert text.count("甲") == 900


@pytest.mark.parametrize(
    "page", ["<p>切れた<b>ペー", "<p>甲</div></p></table>", "<td>甲<li>乙", "ただの文"]
)
def test_broken_markup(page):
    assert parse(page, "file").root.text.replace("\n", "") in (
        "切れたペー",
        "甲",
        "甲・乙",
        "甲乙",
        "ただの文",
    )
