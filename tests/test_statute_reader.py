"""Statutes of e-Gov: nothing lost, every provision where and what it is, bad files refused."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import statute_seed
from policyqa.errors import ReadError
from policyqa.models import Document, Section
from policyqa.readers import read
from policyqa.readers.statute.provisions import number_of
from policyqa.units import units

LAW = "<Law><LawBody><LawTitle>試験法</LawTitle>{}</LawBody></Law>"


@pytest.fixture
def read_text(tmp_path):
    """Read text, or bytes, as a file of this name."""

    def reading(content: str | bytes, name: str = "law.xml") -> Document:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read(path)

    return reading


def outline(section: Section, depth: int = 0) -> str:
    """A tree as lines of `[kind] label｜title｜mark｜text`."""
    lines = []
    for child in section.children:
        fields = "｜".join((child.label, child.title, child.mark, child.text.replace("\n", "⏎")))
        lines += [f"{'  ' * depth}[{child.kind}] {fields}", outline(child, depth + 1)]
    return "\n".join(line for line in lines if line)


def main_provision(xml: str) -> str:
    return LAW.format(f"<MainProvision>{xml}</MainProvision>")


# --- one statute in three formats ---


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("law.xml", statute_seed.XML),
        ("law.json", statute_seed.JSON),
        ("law.html", statute_seed.HTML),
    ],
)
def test_each_format_gives_the_same_tree(read_text, name, content):
    document = read_text(content, name)
    assert document.title == "古文書保存法"
    assert (document.root.label, document.root.title, document.root.text) == ("", "", "")
    assert outline(document.root) == statute_seed.OUTLINE


def test_an_article_as_running_text(read_text):
    texts = {unit.whole.section.label: unit.text for unit in units(read_text(statute_seed.XML))}
    assert texts["第二条"] == (
        "用語の意義は、次に定める。\n一　文書　紙をいう。ただし、次を除く。\nイ　白紙で次のもの\n"
        "（１）　障子紙\n（２）　新聞紙\nロ　切手\n一の二　巻物\n二　木簡\n三から五まで　削除\n"
        "六及び七　略\n２　保存の年限は、次の表による。\n紙　十年　ただし、和紙は百年\n木簡　千年"
    )


# --- what else the schema allows ---


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (  # 日本国憲法: 上諭, 前文; a statute of paragraphs alone
            """
<EnactStatement>朕は、これを裁可する。</EnactStatement>
<EnactStatement>御名御璽</EnactStatement><Preamble><Paragraph Num='1'><ParagraphNum/>
<ParagraphSentence><Sentence>われらは、</Sentence><Sentence>決意した。</Sentence>
</ParagraphSentence></Paragraph></Preamble><MainProvision><Paragraph Num='1'><ParagraphNum/>
<ParagraphSentence><Sentence>記念日を定める。</Sentence></ParagraphSentence></Paragraph>
<Paragraph Num='2'><ParagraphNum>２</ParagraphNum><ParagraphSentence>
<Sentence>休日とする。</Sentence></ParagraphSentence></Paragraph></MainProvision>
""",
            """
[division] 制定文｜｜｜朕は、これを裁可する。⏎御名御璽
[division] 前文｜｜｜われらは、決意した。
[paragraph] 第一項｜｜｜記念日を定める。
[paragraph] 第二項｜｜２｜休日とする。
""",
        ),
        (  # text after the items stays after them
            """
<MainProvision><Article Num='1'><ArticleTitle>第一条</ArticleTitle><Paragraph Num='1'>
<ParagraphNum/><ParagraphSentence><Sentence>次による。</Sentence></ParagraphSentence>
<Item Num='1'><ItemTitle>一</ItemTitle><ItemSentence><Sentence>甲</Sentence></ItemSentence>
<List><ListSentence><Sentence>甲の一覧</Sentence></ListSentence></List></Item><List>
<ListSentence><Sentence>この場合において、乙とする。</Sentence></ListSentence></List>
<TableStruct><TableStructTitle>表</TableStructTitle><Table><TableRow><TableColumn>
<Sentence>丙</Sentence></TableColumn></TableRow></Table></TableStruct></Paragraph>
<SupplNote>（注記）</SupplNote></Article></MainProvision>
""",
            """
[article] 第一条｜｜｜
  [paragraph] 第一項｜｜｜次による。
    [item] 第一号｜｜一｜甲⏎甲の一覧
    [rest] ｜｜｜この場合において、乙とする。⏎表⏎丙
  [rest] ｜｜｜（注記）
""",
        ),
        (  # amendments quote articles of other statutes: text, not provisions of this one
            """
<MainProvision><Article Num='1'><ArticleTitle>第一条</ArticleTitle><Paragraph Num='1'>
<ParagraphNum/><ParagraphSentence><Sentence>旧法を次のように改める。</Sentence>
</ParagraphSentence><AmendProvision><AmendProvisionSentence>
<Sentence>第九条を改める。</Sentence></AmendProvisionSentence><NewProvision><Article Num='9'>
<ArticleCaption>（鍵）</ArticleCaption><ArticleTitle>第九条</ArticleTitle><Paragraph Num='1'>
<ParagraphNum/><ParagraphSentence><Sentence>鍵を置く。</Sentence></ParagraphSentence>
</Paragraph><Paragraph Num='2'><ParagraphNum>２</ParagraphNum><ParagraphSentence>
<Sentence>鍵は、木とする。</Sentence></ParagraphSentence></Paragraph></Article></NewProvision>
</AmendProvision></Paragraph></Article></MainProvision>
""",
            """
[article] 第一条｜｜｜
  [paragraph] 第一項｜｜｜旧法を次のように改める。⏎第九条を改める。⏎（鍵）⏎第九条⏎鍵を置く。⏎２　鍵は、木とする。
""",  # noqa: E501
        ),
        (  # 編 and 目; full-width space inside a sentence; line breaks of the file
            """
<MainProvision><Part Num='1'><PartTitle>第一編　総則</PartTitle><Chapter Num='4_2'>
<ChapterTitle>第四章の二　鍵</ChapterTitle><Section Num='1'>
<SectionTitle>第一節　甲</SectionTitle><Subsection Num='1'>
<SubsectionTitle>第一款　乙</SubsectionTitle><Division Num='1'>
<DivisionTitle>第一目　丙</DivisionTitle><Article Num='1'>
<ArticleTitle>第一条ノ二</ArticleTitle><Paragraph Num='1'><ParagraphNum/>
<ParagraphSentence>
  <Sentence>東京都　千代
   田区に</Sentence>
  <Sentence>free
 software を置く。</Sentence>
</ParagraphSentence>
</Paragraph></Article></Division></Subsection></Section></Chapter></Part></MainProvision>
""",
            """
[division] 第一編｜総則｜｜
  [division] 第四章の二｜鍵｜｜
    [division] 第一節｜甲｜｜
      [division] 第一款｜乙｜｜
        [division] 第一目｜丙｜｜
          [article] 第一条ノ二｜｜｜
            [paragraph] 第一項｜｜｜東京都　千代田区にfree software を置く。
""",
        ),
        (  # formulas, sub- and superscripts, underlines, quotations that hold a table; figures
            """
<MainProvision><Paragraph Num='1'><ParagraphNum/><ParagraphSentence><Sentence>
<ArithFormula>Ａ<Sub>１</Sub>×Ｂ<Sup>２</Sup>
</ArithFormula>とし、<Line Style='solid'>傍線</Line>及び「<QuoteStruct><TableStruct><Table>
<TableRow><TableColumn><Sentence>甲</Sentence></TableColumn><TableColumn>
<Sentence>乙</Sentence></TableColumn></TableRow></Table></TableStruct>
</QuoteStruct>」を加える。</Sentence></ParagraphSentence><FigStruct>
<FigStructTitle>図一</FigStructTitle><Fig src='./a.jpg'/></FigStruct></Paragraph>
</MainProvision>
""",
            """
[paragraph] 第一項｜｜｜Ａ１×Ｂ２とし、傍線及び「⏎甲　乙⏎」を加える。⏎図一
""",
        ),
        (  # what is attached to a statute and to a 附則
            """
<MainProvision/><SupplProvision><SupplProvisionLabel>附　則　抄</SupplProvisionLabel>
<SupplProvisionAppdxTable>
<SupplProvisionAppdxTableTitle>附則別表</SupplProvisionAppdxTableTitle><TableStruct><Table>
<TableHeaderRow><TableHeaderColumn>区分</TableHeaderColumn>
<TableHeaderColumn>額</TableHeaderColumn></TableHeaderRow></Table></TableStruct>
</SupplProvisionAppdxTable></SupplProvision><AppdxTable>
<AppdxTableTitle>別表（第一条、第二条関係）</AppdxTableTitle><Remarks>
<RemarksLabel>備考</RemarksLabel><Item Num='1'><ItemTitle>一</ItemTitle><ItemSentence>
<Sentence>額は、税を含む。</Sentence></ItemSentence></Item></Remarks></AppdxTable><AppdxStyle>
<AppdxStyleTitle>様式第一</AppdxStyleTitle>
<RelatedArticleNum>（第三条関係）</RelatedArticleNum><StyleStruct>
<Style>氏名<Fig src='b.pdf'/></Style></StyleStruct></AppdxStyle><AppdxNote>
<AppdxNoteTitle>別記</AppdxNoteTitle><NoteStruct><Note>注</Note></NoteStruct></AppdxNote>
<AppdxFormat><AppdxFormatTitle>書式</AppdxFormatTitle><FormatStruct><Format>印</Format>
</FormatStruct></AppdxFormat><Appdx><ArithFormulaNum>付録第一</ArithFormulaNum>
<ArithFormula>Ａ＋Ｂ</ArithFormula></Appdx>
""",
            """
[supplement] 附則｜抄｜｜
  [appendix] 附則別表｜｜｜区分　額
[appendix] 別表｜（第一条、第二条関係）｜｜備考⏎一　額は、税を含む。
[appendix] 様式第一｜（第三条関係）｜｜氏名
[appendix] 別記｜｜｜注
[appendix] 書式｜｜｜印
[appendix] 付録第一｜｜｜Ａ＋Ｂ
""",
        ),
        (  # nothing unknown is lost; a number that cannot be read counts by position
            """
<MainProvision><Article Num='1'><ArticleTitle>第一条</ArticleTitle><Paragraph Num='x'>
<ParagraphNum/><ParagraphNum>２</ParagraphNum><ParagraphSentence>
<Sentence>甲</Sentence></ParagraphSentence><Class>
<ClassTitle>一類</ClassTitle><ClassSentence><Sentence>乙</Sentence></ClassSentence></Class>
<Future>丙<Deep>丁</Deep></Future>戊</Paragraph><Paragraph Num='0'><ParagraphNum/>
<ParagraphSentence><Sentence>己</Sentence></ParagraphSentence></Paragraph></Article>
</MainProvision>
""",
            """
[article] 第一条｜｜｜
  [paragraph] 第一項｜｜｜２⏎甲⏎一類　乙⏎丙⏎丁⏎戊
  [paragraph] 第二項｜｜｜己
""",
        ),
    ],
)
def test_xml(read_text, xml, expected):
    assert outline(read_text(LAW.format(xml)).root) == expected.strip()


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        (  # 前文
            """
<section class="active Preamble"><div class="_div_ParagraphSentence">序文</div></section>
""",
            """
[division] 前文｜｜｜序文
""",
        ),
        (  # unknown blocks, a caption without its provision, text outside any block
            """
<section class="active MainProvision"><div class="_div_ArticleTitle">
<span style="font-weight: bold;">第一条</span>　甲</div>
<div class="_div_New">乙</div>丙<div class="_div_ParagraphCaption">（丁）</div>
<div class="_div_ItemSentence"><span style="font-weight: bold;">一</span>　戊</div>
<div class="_div_ArticleCaption">（己）</div></section>
""",
            """
[article] 第一条｜｜｜
  [paragraph] 第一項｜｜｜甲⏎乙⏎丙⏎（丁）
    [item] 第一号｜｜一｜戊⏎（己）
""",
        ),
        (  # an extract that begins with the second paragraph; items in parentheses
            """
<section class="active Article"><div class="_div_ArticleTitle">
<span style="font-weight: bold;">第九条</span>　<span></span></div>
<div class="_div_ParagraphSentence"><span style="font-weight: bold;">１０</span>　甲</div>
<div class="_div_ItemSentence"><span style="font-weight: bold;">（一）</span>　乙</div>
<div class="_div_ItemSentence">丙</div></section>
""",
            """
[article] 第九条｜｜｜
  [paragraph] 第十項｜｜１０｜甲
    [item] 第一号｜｜（一）｜乙
    [item] 第二号｜｜｜丙
""",
        ),
        (  # what is attached to a 附則
            """
<section class="active SupplProvision"><div class="_div_SupplProvisionLabel">附則</div>
<div class="_div_SupplProvisionAppdxTableTitle">附則別表（附則第二条関係）</div><table><tr>
<td>甲</td><td> </td><td>乙<br>丙</td></tr></table></section>
""",
            """
[supplement] 附則｜｜｜
  [appendix] 附則別表｜（附則第二条関係）｜｜甲　乙　丙
""",
        ),
    ],
)
def test_html(read_text, blocks, expected):
    assert outline(read_text(statute_seed.page(blocks), "law.htm").root) == expected.strip()


@pytest.mark.parametrize(
    ("mark", "number"),
    [
        ("２", "2"),
        ("１０", "10"),
        ("②", "2"),
        ("㉑", "21"),
        ("一", "1"),
        ("（一）", "1"),
        ("百二十一の三の二", "121_3_2"),
        ("一ノ二", "1_2"),
        ("三から五まで", "3:5"),
        ("一から三の三まで", "1:3_3"),
        ("三及び四", "3:4"),
        ("イ", ""),
        ("", ""),
        ("一、二及び三", ""),
    ],
)
def test_printed_numbers(mark, number):
    assert number_of(mark) == number


# --- metadata ---

KNOWN = {
    "kind": "statute",
    "law_number": "令和三年法律第百二号",
    "promulgated": "2021-04-01",
    "abbreviations": "古文書法、文書保存法",
    "title_kana": "こもんじょほう",
}


def test_metadata_of_xml(read_text):
    assert read_text(statute_seed.XML).metadata == KNOWN


def test_metadata_of_a_file_name(read_text):
    document = read_text(statute_seed.XML, "503AC0000000102_20250601_504AC0000000068.xml")
    assert document.metadata == KNOWN | {
        "law_id": "503AC0000000102",
        "in_force": "2025-06-01",
        "amended_by": "504AC0000000068",
    }


def test_a_statute_never_amended(read_text):
    document = read_text(statute_seed.HTML, "503AC0000000102_20210401_000000000000000.html")
    assert document.metadata == {
        "kind": "statute",
        "law_id": "503AC0000000102",
        "law_number": "令和三年法律第百二号",
        "in_force": "2021-04-01",
    }


def test_metadata_of_json(read_text):
    assert read_text(statute_seed.JSON, "law.json").metadata == KNOWN | {
        "law_id": "503AC0000000102",
        "in_force": "2025-06-01",
        "amended_by": "令和四年法律第六十八号",
        "abbreviations": "古文書法",
    }


@pytest.mark.parametrize(
    ("status", "date", "expected"),
    [
        ("Repeal", "2024-04-01", "2024-04-01"),
        ("LossOfEffectiveness", "2024-04-01", "2024-04-01"),
        ("None", "2024-04-01", None),
        ("Repeal", None, None),
        ("Repeal", "2024-02-30", None),
    ],
)
def test_repealed(read_text, status, date, expected):
    answer = statute_seed.as_json()
    answer["revision_info"] = {"repeal_status": status, "repeal_date": date}
    metadata = read_text(json.dumps(answer), "law.json").metadata
    assert metadata.get("repealed") == expected


def test_unknown_days_are_left_out(read_text):
    law = statute_seed.XML.replace('PromulgateDay="01"', 'PromulgateDay="31"')
    assert "promulgated" not in read_text(law).metadata


# --- what is refused ---

BOMB = '<!DOCTYPE Law [<!ENTITY a "甲甲甲">]>'
EXTERNAL = '<!DOCTYPE Law [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE Law [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>'


def laughs() -> str:
    """Entities that would expand to 10^9 signs."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    law = main_provision("&a9;").replace("<Law>", '<Law Era="&a9;">')
    return f'<!DOCTYPE Law [<!ENTITY a0 "甲">{entities}]>{law}'


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        *((f"law{suffix}", b"", "the file is empty") for suffix in (".xml", ".json", ".html")),
        ("law.xml", b"\xef\xbb\xbf \n", "the file is empty"),
        ("law.xml", BOMB + main_provision("&a;"), "it declares XML entities"),
        ("law.xml", EXTERNAL + main_provision("&a;"), "it declares XML entities"),
        ("law.xml", PARAMETER + main_provision("甲"), "it declares XML entities"),
        ("law.xml", laughs(), "the XML is damaged ("),
        (
            "law.xml",
            '<!DOCTYPE Law SYSTEM "a.dtd">' + main_provision("&a;"),
            "it uses XML entities",
        ),
        ("law.xml", statute_seed.XML[:3000], "the XML is damaged ("),
        ("law.xml", main_provision("甲").encode("cp932"), "the XML is damaged ("),
        (
            "law.xml",
            main_provision("<b>" * 120 + "</b>" * 120),
            "its elements are nested too deeply",
        ),
        ("law.xml", "<rss><channel/></rss>", "no statute of e-Gov"),
        ("law.xml", "<Law/>", "the statute is damaged: it has no title"),
        ("law.xml", LAW.format(""), "the statute is damaged: it has no text"),
        ("law.xml", main_provision(""), "the statute has no text"),
        (
            "law.xml",
            main_provision('<Chapter Num="1"><ChapterTitle>第一章　総則</ChapterTitle></Chapter>'),
            "the statute has no text",
        ),
        ("law.json", statute_seed.JSON[:3000], "the JSON is damaged ("),
        ("law.json", statute_seed.JSON.encode("cp932"), "the JSON is not UTF-8"),
        ("law.json", "[" * 100_000, "the JSON is nested too deeply"),
        ("law.json", '{"law_full_text": ' + '{"a":' * 100_000, "the JSON is nested too deeply"),
        ("law.json", "1" * 5000, "the JSON is damaged ("),
        ("law.json", "[]", "no statute of e-Gov"),
        ("law.json", '{"laws": []}', "no statute of e-Gov"),
        ("law.json", '{"law_full_text": "PExhdz4="}', "the JSON is damaged: an element needs"),
        ("law.json", '{"law_full_text": {"tag": "Law"}}', "the JSON is damaged: an element needs"),
        (
            "law.json",
            '{"law_full_text": {"tag": "Law", "attr": {}, "children": [1]}}',
            "the JSON is damaged: an element needs",
        ),
        (
            "law.json",
            '{"law_full_text": {"tag": "Law", "attr": {}, "children": []}}',
            "the statute is damaged: it has no title",
        ),
        (
            "law.json",
            '{"law_full_text": '
            + '{"tag": "b", "attr": {}, "children": [' * 120
            + "]}" * 120
            + "}",
            "its elements are nested too deeply",
        ),
        ("law.html", statute_seed.HTML[:3000], "the page is cut off"),
        ("law.html", statute_seed.page(), "the statute has no text"),
        (
            "law.html",
            statute_seed.HTML.replace('charset="utf-8"', "").encode("cp932"),
            "the page is not",
        ),
        (
            "law.html",
            statute_seed.HTML.replace("utf-8", "base64"),
            "the page is not in the encoding",
        ),
        ("law.html", statute_seed.page("<div>" * 120), "its elements are nested too deeply"),
    ],
)
def test_refused_in_one_line(read_text, name, content, message):
    with pytest.raises(ReadError) as refusal:
        read_text(content, name)
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)


def test_declared_encodings(read_text):
    page = statute_seed.HTML.replace("utf-8", "Shift_JIS").encode("cp932")
    assert outline(read_text(page, "law.html").root) == statute_seed.OUTLINE
    law = statute_seed.XML.replace("UTF-8", "UTF-16").encode("utf-16")
    assert outline(read_text(law).root) == statute_seed.OUTLINE


def test_half_characters_do_not_get_through(read_text):
    answer = statute_seed.JSON.replace("障子紙", "障\\ud800子\\u0000紙")
    assert outline(read_text(answer, "law.json").root) == statute_seed.OUTLINE


# --- the real ones ---


def excerpt(samples: list[Path], law_id: str, *path: str) -> str:
    """What is below `path` in the sample of this law, of each text its beginning."""
    section = read(next(file for file in samples if file.name.startswith(law_id))).root
    for label in path:
        section = next(child for child in section.children if child.label == label)
    return re.sub(r"(｜[^｜\n]{30})[^｜\n]+$", r"\1…", outline(section), flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "405AC0000000088 第一章 第二条",
            """
[paragraph] 第一項｜｜｜この法律において、次の各号に掲げる用語の意義は、当該各号に定…
  [item] 第一号｜｜一｜法令　法律、法律に基づく命令（告示を含む。）、条例及び地方公…
  [item] 第二号｜｜二｜処分　行政庁の処分その他公権力の行使に当たる行為をいう。
  [item] 第三号｜｜三｜申請　法令に基づき、行政庁の許可、認可、免許その他の自己に対…
  [item] 第四号｜｜四｜不利益処分　行政庁が、法令に基づき、特定の者を名あて人として…
    [subitem] イ｜｜イ｜事実上の行為及び事実上の行為をするに当たりその範囲、時期等を…
    [subitem] ロ｜｜ロ｜申請により求められた許認可等を拒否する処分その他申請に基づき…
    [subitem] ハ｜｜ハ｜名あて人となるべき者の同意の下にすることとされている処分
    [subitem] ニ｜｜ニ｜許認可等の効力を失わせる処分であって、当該許認可等の基礎とな…
  [item] 第五号｜｜五｜行政機関　次に掲げる機関をいう。
    [subitem] イ｜｜イ｜法律の規定に基づき内閣に置かれる機関若しくは内閣の所轄の下に…
    [subitem] ロ｜｜ロ｜地方公共団体の機関（議会を除く。）
  [item] 第六号｜｜六｜行政指導　行政機関がその任務又は所掌事務の範囲内において一定…
  [item] 第七号｜｜七｜届出　行政庁に対し一定の事項の通知をする行為（申請に該当する…
  [item] 第八号｜｜八｜命令等　内閣又は行政機関が定める次に掲げるものをいう。
    [subitem] イ｜｜イ｜法律に基づく命令（処分の要件を定める告示を含む。次条第二項に…
    [subitem] ロ｜｜ロ｜審査基準（申請により求められた許認可等をするかどうかをその法…
    [subitem] ハ｜｜ハ｜処分基準（不利益処分をするかどうか又はどのような不利益処分と…
    [subitem] ニ｜｜ニ｜行政指導指針（同一の行政目的を実現するため一定の条件に該当す…
""",
        ),
        (
            "405AC0000000088 第四章 第三十六条の二",
            """
[paragraph] 第一項｜｜｜法令に違反する行為の是正を求める行政指導（その根拠となる規定…
[paragraph] 第二項｜｜２｜前項の申出は、次に掲げる事項を記載した申出書を提出してしなけ…
  [item] 第一号｜｜一｜申出をする者の氏名又は名称及び住所又は居所
  [item] 第二号｜｜二｜当該行政指導の内容
  [item] 第三号｜｜三｜当該行政指導がその根拠とする法律の条項
  [item] 第四号｜｜四｜前号の条項に規定する要件
  [item] 第五号｜｜五｜当該行政指導が前号の要件に適合しないと思料する理由
  [item] 第六号｜｜六｜その他参考となる事項
[paragraph] 第三項｜｜３｜当該行政機関は、第一項の規定による申出があったときは、必要な…
""",
        ),
        (
            "405AC0000000088 附則",
            """
[paragraph] 第一項｜（施行期日）｜１｜この法律は、公布の日から起算して一年を超えない範囲内において…
[paragraph] 第二項｜（経過措置）｜２｜この法律の施行前に第十五条第一項又は第三十条の規定による通知…
[paragraph] 第三項｜｜３｜この法律の施行前に、届出その他政令で定める行為（以下「届出等…
[paragraph] 第四項｜｜４｜前二項に定めるもののほか、この法律の施行に関して必要な経過措…
""",
        ),
        (
            "334AC0000000121 第三章 第五十五条から第六十三条まで",
            """
[paragraph] 第一項｜｜｜削除
""",
        ),
        (
            "334AC0000000121 第四章 第一節 第六十七条",
            """
[paragraph] 第一項｜｜｜特許権の存続期間は、特許出願の日から二十年をもつて終了する。
[paragraph] 第二項｜｜２｜前項に規定する存続期間は、特許権の設定の登録が特許出願の日か…
[paragraph] 第三項｜｜３｜前項の規定により延長することができる期間は、基準日から特許権…
  [item] 第一号｜｜一｜その特許出願に係るこの法律（第三十九条第六項及び第五十条を除…
  [item] 第二号｜｜二｜その特許出願に係るこの法律又はこの法律に基づく命令（次号、第…
  [item] 第三号｜｜三｜その特許出願に係る特許法令の規定による手続であつて当該手続を…
  [item] 第四号｜｜四｜その特許出願に係るこの法律若しくは工業所有権に関する手続等の…
  [item] 第五号｜｜五｜その特許出願に係る特許法令の規定による特許料又は手数料の納付…
  [item] 第六号｜｜六｜その特許出願に係る第三十八条の四第七項の規定による明細書等補…
  [item] 第七号｜｜七｜その特許出願に係る拒絶査定不服審判の請求があつた場合における…
    [subitem] イ｜｜イ｜第百五十九条第三項（第百七十四条第二項において準用する場合を…
    [subitem] ロ｜｜ロ｜第百六十条第一項（第百七十四条第二項において準用する場合を含…
    [subitem] ハ｜｜ハ｜第百六十三条第三項において準用する第五十一条の規定による特許…
  [item] 第八号｜｜八｜その特許出願に係る特許法関係法令の規定による処分について行政…
  [item] 第九号｜｜九｜その特許出願に係る特許法関係法令の規定による処分について行政…
  [item] 第十号｜｜十｜その特許出願に係る特許法令の規定による手続が中断し、又は中止…
[paragraph] 第四項｜｜４｜第一項に規定する存続期間（第二項の規定により延長されたときは…
""",
        ),
        (
            "334AC0000000121 附則（昭和六二年五月二五日法律第二七号） 第三条",
            """
[paragraph] 第一項｜｜｜第二条の規定による改正後の特許法（以下「新特許法」という。）…
[paragraph] 第二項｜｜２｜新特許法第五十五条第一項本文（実用新案法第十三条において準用…
[paragraph] 第三項｜｜３｜この法律の施行前にした特許出願に係る特許料の納付についての特…
[paragraph] 第四項｜｜４｜この法律の施行前にした特許出願に係る手数料の納付についての特…
""",
        ),
        (
            "132AC0000000015 第一条ノ六",
            """
[paragraph] 第一項｜｜｜供託官ハ処分ニ付テノ審査請求ヲ理由アリト認ムルトキ又ハ審査請…
[paragraph] 第二項｜｜②｜供託官ハ前項ニ規定スル場合ヲ除クノ外意見ヲ付シ審査請求アリタ…
""",
        ),
        (
            "321AC0000000039 附則",
            """
[paragraph] 第一項｜｜①｜この法律の施行の期日は、勅令でこれを定める。
[paragraph] 第二項｜｜②｜戦時補償特別措置法第十五条第二項、第十九条第二項、第三十六条…
[paragraph] 第三項｜｜③｜第二十五条の十五の規定の適用については、有価証券業取締法第一…
""",
        ),
        (
            "323AC0000000202 第三章 第九条",
            """
[paragraph] 第一項｜｜｜歯科医師国家試験は、臨床上必要な歯科医学及び口くう衛生に関し…
""",
        ),
        (
            "323AC0000000202 第三章 第十一条",
            """
[paragraph] 第一項｜｜｜歯科医師国家試験は、次の各号のいずれかに該当する者でなければ…
  [item] 第一号｜｜一｜学校教育法（昭和二十二年法律第二十六号）に基づく大学（第十六…
  [item] 第二号｜｜二｜歯科医師国家試験予備試験に合格した者で、合格した後一年以上の…
  [item] 第三号｜｜三｜外国の歯科医学校を卒業し、又は外国で歯科医師免許を得た者で、…
""",
        ),
        (
            "411AC0000000091 第三章 第四節 第二十四条",
            """
[paragraph] 第一項｜｜｜本省に、次の地方支分部局を置く。⏎管区行政評価局⏎総合通信局
[paragraph] 第二項｜｜２｜前項に定めるもののほか、当分の間、本省に、次の地方支分部局を…
""",
        ),
        (
            "407AC0000000014 第二章 第七条",
            """
[paragraph] 第一項｜｜｜被災市街地復興推進地域内において、第五条第二項の規定により当…
  [item] 第一号｜｜一｜通常の管理行為、軽易な行為その他の行為で政令で定めるもの
  [item] 第二号｜｜二｜非常災害（第五条第一項第一号の災害を含む。）のため必要な応急…
  [item] 第三号｜｜三｜都市計画事業の施行として行う行為又はこれに準ずる行為として政…
[paragraph] 第二項｜｜２｜都道府県知事等は、次に掲げる行為について前項の規定による許可…
  [item] 第一号｜｜一｜土地の形質の変更で次のいずれかに該当するもの
    [subitem] イ｜｜イ｜被災市街地復興推進地域に関する都市計画に適合する〇・五ヘクタ…
    [subitem] ロ｜｜ロ｜次号ロに規定する建築物又は自己の業務の用に供する工作物（建築…
    [subitem] ハ｜｜ハ｜次条第四項の規定により買い取らない旨の通知があった土地におけ…
  [item] 第二号｜｜二｜建築物の新築、改築又は増築で次のいずれかに該当するもの
    [subitem] イ｜｜イ｜前項の許可（前号ハに掲げる行為についての許可を除く。）を受け…
    [subitem] ロ｜｜ロ｜自己の居住の用に供する住宅又は自己の業務の用に供する建築物（…
      [subitem] （１）｜｜（１）｜階数が二以下で、かつ、地階を有しないこと。
      [subitem] （２）｜｜（２）｜主要構造部（建築基準法（昭和二十五年法律第二百一号）第二条第…
      [subitem] （３）｜｜（３）｜容易に移転し、又は除却することができること。
      [subitem] （４）｜｜（４）｜敷地の規模が政令で定める規模未満であること。
    [subitem] ハ｜｜ハ｜次条第四項の規定により買い取らない旨の通知があった土地におけ…
[paragraph] 第三項｜｜３｜第一項の規定は、次の各号に掲げる告示、公告等があった日後は、…
  [item] 第一号｜｜一｜都市計画法第四条第五項に規定する都市施設又は市街地開発事業に…
  [item] 第二号｜｜二｜都市計画法第十二条の四第一項第一号に掲げる地区計画に関する都…
  [item] 第三号｜｜三｜都市計画法第十二条の四第一項第四号に掲げる沿道地区計画に関す…
  [item] 第四号｜｜四｜土地区画整理法第七十六条第一項第一号から第三号までに掲げる公…
  [item] 第五号｜｜五｜都市再開発法第六十条第二項第一号に掲げる公告　当該公告に係る…
  [item] 第六号｜｜六｜市街地開発事業に準ずる事業として国土交通省令で定めるものの実…
[paragraph] 第四項｜｜４｜第一項の許可には、緊急かつ健全な復興を図るための市街地の整備…
[paragraph] 第五項｜｜５｜都道府県知事等は、第一項の規定に違反した者又は前項の規定によ…
[paragraph] 第六項｜｜６｜前項の規定により土地の原状回復又は建築物その他の工作物の移転…
[paragraph] 第七項｜｜７｜前項の規定により土地を原状回復し、又は建築物その他の工作物を…
""",
        ),
        (
            "348AC0100000082 別表",
            """
[item] 第一号｜｜一｜両眼が失明したもの
[item] 第二号｜｜二｜咀嚼及び言語の機能を廃したもの
[item] 第三号｜｜三｜神経系統の機能又は精神に著しい障害を残し、常に介護を要するも…
[item] 第四号｜｜四｜胸腹部臓器の機能に著しい障害を残し、常に介護を要するもの
[item] 第五号｜｜五｜両上肢をひじ関節以上で失つたもの
[item] 第六号｜｜六｜両上肢の用を全廃したもの
[item] 第七号｜｜七｜両下肢をひざ関節以上で失つたもの
[item] 第八号｜｜八｜両下肢の用を全廃したもの
[item] 第九号｜｜九｜精神又は身体の障害が重複する場合における当該重複する障害の程…
""",
        ),
        (
            "321AC0000000039 別表",
            """
[item] 第一号｜｜（一）｜第三十八条の二第二項の未払送金為替に係る債務について適用する…
[item] 第二号｜｜（二）｜債権（債務者たる金融機関の在外負債として経理されるものを除く…
""",
        ),
    ],
)
def test_real_provisions(samples, path, expected):
    assert excerpt(samples, *path.split()) == expected.strip()


def test_sections_that_stand_flat_on_the_page_are_nested(samples):
    path = next(file for file in samples if file.name.startswith("430AC"))
    divisions = [path for path, section in read(path).root.walk() if section.kind == "division"]
    assert [" ".join(re.findall("第.[章節款]", "／".join(path))) for path in divisions] == [
        "第一章",
        "第二章",
        "第三章",
        "第三章 第一節",
        "第三章 第一節 第一款",
        "第三章 第一節 第二款",
        "第三章 第二節",
        "第三章 第二節 第一款",
        "第三章 第二節 第二款",
        "第三章 第三節",
        "第三章 第四節",
        "第四章",
        "第四章 第一節",
        "第四章 第二節",
        "第五章",
        "第六章",
        "第七章",
        "第八章",
    ]


# --- no text of them is lost ---


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def stripped(markup: str) -> str:
    """The text of markup without the readings of ruby."""
    return squeezed(re.sub("<[^>]*>", "", re.sub(r"<(rt|Rt)\b.*?</\1>", "", markup)))


def tree_text(node) -> str:
    return node if isinstance(node, str) else "".join(map(tree_text, node["children"]))


def tree_nodes(node) -> Iterator[dict]:
    if not isinstance(node, str):
        yield node
        for child in node["children"]:
            yield from tree_nodes(child)


def articles_in(path: Path) -> list[str]:
    """The text of each article element, by the simplest means."""
    raw = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        nodes = tree_nodes(json.loads(raw)["law_full_text"])
        return [squeezed(tree_text(node)) for node in nodes if node["tag"] == "Article"]
    pattern = {
        ".xml": "<Article .*?</Article>",
        ".html": '<section id="" class="active Article">.*?</section>',
    }[path.suffix]
    return [stripped(match) for match in re.findall(pattern, raw, re.DOTALL)]


def body_of(path: Path) -> str:
    """The text of the body: all but the table of contents, the title and the number."""
    raw = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        nodes = list(tree_nodes(json.loads(raw)["law_full_text"]))
        body = next(node for node in nodes if node["tag"] == "LawBody")
        left_out = ("LawTitle", "TOC")
        return squeezed(
            "".join(tree_text(node) for node in body["children"] if node["tag"] not in left_out)
        )
    start, end = {
        ".xml": ("<MainProvision>", "</LawBody>"),
        ".html": ('<section id="MainProvision"', "</main>"),
    }[path.suffix]
    return stripped(raw[raw.index(start) : raw.rindex(end)])


def articles_of(document: Document) -> list[str]:
    """Caption, label and text of each 条 as read."""
    found = [(unit.whole.section, unit.text) for unit in units(document)]
    return [
        squeezed(section.title + section.label + text)
        for section, text in found
        if section.kind == "article"
    ]


def text_of(document: Document, *, law_in_label: bool) -> str:
    """All of a document as read. The tree names a 附則's law and 抄 in attributes, not in text."""
    pieces = []
    for unit in units(document):
        section = unit.whole.section
        if section.kind == "article":
            pieces += [section.title, section.label]
        elif section.kind == "supplement" and not law_in_label:
            pieces.append(section.label[:2])
        elif section.kind in ("division", "supplement", "appendix"):
            pieces += [section.label, section.title]
        pieces.append(unit.text)
    return squeezed("".join(pieces))


@pytest.fixture(scope="module")
def samples(shared) -> list[Path]:
    return sorted((shared / "corpus").glob("statutes-*/*.*"))


def test_no_article_is_lost(samples):
    counts = {".xml": 0, ".json": 0, ".html": 0}
    for path in samples:
        found = articles_of(read(path))
        assert found == articles_in(path), path.name
        counts[path.suffix] += len(found)
    assert counts == {".xml": 69, ".json": 460, ".html": 3689}


def test_no_text_is_lost(samples):
    assert len(samples) == 48
    for path in samples:
        read_text = text_of(read(path), law_in_label=path.suffix == ".html")
        assert read_text == body_of(path), path.name
