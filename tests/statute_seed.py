"""One small statute, made up, in the three formats in which e-Gov publishes statutes."""

import json
import xml.etree.ElementTree as ElementTree

XML = """<?xml version="1.0" encoding="UTF-8"?>
<Law Era="Reiwa" Year="03" Num="102" LawType="Act" Lang="ja" PromulgateMonth="04" PromulgateDay="01">
<LawNum>令和三年法律第百二号</LawNum>
<LawBody>
<LawTitle Kana="こもんじょほう" Abbrev="古文書法,文書保存法">古文書保存法</LawTitle>
<TOC><TOCLabel>目次</TOCLabel><TOCChapter Num="1"><ChapterTitle>第一章　総則</ChapterTitle></TOCChapter></TOC>
<MainProvision>
<Chapter Num="1"><ChapterTitle>第一章　総則</ChapterTitle>
<Article Num="1"><ArticleCaption>（目的）</ArticleCaption><ArticleTitle>第一条</ArticleTitle>
<Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence Num="1" Function="main">この法律は、文書の<Ruby>毀<Rt>き</Rt></Ruby>損を防ぐ。</Sentence><Sentence Num="2" Function="proviso">ただし、私文書を除く。</Sentence></ParagraphSentence></Paragraph>
</Article>
<Article Num="2"><ArticleCaption>（定義）</ArticleCaption><ArticleTitle>第二条</ArticleTitle>
<Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>用語の意義は、次に定める。</Sentence></ParagraphSentence>
<Item Num="1"><ItemTitle>一</ItemTitle><ItemSentence><Column Num="1"><Sentence>文書</Sentence></Column><Column Num="2"><Sentence>紙をいう。</Sentence><Sentence>ただし、次を除く。</Sentence></Column></ItemSentence>
<Subitem1 Num="1"><Subitem1Title>イ</Subitem1Title><Subitem1Sentence><Sentence>白紙で次のもの</Sentence></Subitem1Sentence>
<Subitem2 Num="1"><Subitem2Title>（１）</Subitem2Title><Subitem2Sentence><Sentence>障子紙</Sentence></Subitem2Sentence></Subitem2>
<Subitem2 Num="2"><Subitem2Title>（２）</Subitem2Title><Subitem2Sentence><Sentence>新聞紙</Sentence></Subitem2Sentence></Subitem2></Subitem1>
<Subitem1 Num="2"><Subitem1Title>ロ</Subitem1Title><Subitem1Sentence><Sentence>切手</Sentence></Subitem1Sentence></Subitem1></Item>
<Item Num="1_2"><ItemTitle>一の二</ItemTitle><ItemSentence><Sentence>巻物</Sentence></ItemSentence></Item>
<Item Num="2"><ItemTitle>二</ItemTitle><ItemSentence><Sentence>木簡</Sentence></ItemSentence></Item>
<Item Num="3:5"><ItemTitle>三から五まで</ItemTitle><ItemSentence><Sentence>削除</Sentence></ItemSentence></Item>
<Item Num="6:7"><ItemTitle>六及び七</ItemTitle><ItemSentence><Sentence>略</Sentence></ItemSentence></Item>
</Paragraph>
<Paragraph Num="2"><ParagraphNum>２</ParagraphNum><ParagraphSentence><Sentence>保存の年限は、次の表による。</Sentence></ParagraphSentence>
<TableStruct><Table><TableRow><TableColumn><Sentence>紙</Sentence></TableColumn><TableColumn><Sentence>十年</Sentence><Sentence>ただし、和紙は百年</Sentence></TableColumn></TableRow>
<TableRow><TableColumn><Sentence>木簡</Sentence></TableColumn><TableColumn/><TableColumn><Sentence>千年</Sentence></TableColumn></TableRow></Table></TableStruct></Paragraph>
</Article></Chapter>
<Chapter Num="2"><ChapterTitle>第二章　保存</ChapterTitle>
<Section Num="1"><SectionTitle>第一節　通則</SectionTitle>
<Subsection Num="1"><SubsectionTitle>第一款　倉庫</SubsectionTitle>
<Article Num="3:5"><ArticleTitle>第三条から第五条まで</ArticleTitle><Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>削除</Sentence></ParagraphSentence></Paragraph></Article>
</Subsection></Section>
<Section Num="2"><SectionTitle>第二節　雑則</SectionTitle>
<Article Num="5_2"><ArticleTitle>第五条の二</ArticleTitle><Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>倉庫は、次のとおりとする。</Sentence></ParagraphSentence>
<List><ListSentence><Sentence>東倉</Sentence></ListSentence></List><List><ListSentence><Sentence>西倉</Sentence></ListSentence></List></Paragraph>
<Paragraph Num="2" OldStyle="true"><ParagraphNum>②</ParagraphNum><ParagraphSentence><Sentence>倉庫ノ鍵ハ館長之ヲ保管ス</Sentence></ParagraphSentence></Paragraph></Article>
</Section></Chapter>
</MainProvision>
<SupplProvision Extract="true"><SupplProvisionLabel>附　則</SupplProvisionLabel>
<Paragraph Num="1"><ParagraphCaption>（施行期日）</ParagraphCaption><ParagraphNum>１</ParagraphNum><ParagraphSentence><Sentence>この法律は、公布の日から施行する。</Sentence></ParagraphSentence></Paragraph>
<Paragraph Num="2"><ParagraphNum>２</ParagraphNum><ParagraphSentence><Sentence>旧法は、廃止する。</Sentence></ParagraphSentence></Paragraph>
</SupplProvision>
<SupplProvision AmendLawNum="令和四年六月一七日法律第六八号"><SupplProvisionLabel>附　則</SupplProvisionLabel>
<Article Num="1"><ArticleCaption>（施行期日）</ArticleCaption><ArticleTitle>第一条</ArticleTitle><Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>この法律は、令和七年六月一日から施行する。</Sentence></ParagraphSentence></Paragraph></Article>
</SupplProvision>
<AppdxTable Num="1"><AppdxTableTitle>別表第一</AppdxTableTitle><RelatedArticleNum>（第二条関係）</RelatedArticleNum>
<Item Num="1"><ItemTitle>一</ItemTitle><ItemSentence><Sentence>絵図</Sentence></ItemSentence></Item></AppdxTable>
</LawBody>
</Law>
"""  # noqa: E501

OUTLINE = """
[division] 第一章｜総則｜｜
  [article] 第一条｜（目的）｜｜
    [paragraph] 第一項｜｜｜この法律は、文書の毀損を防ぐ。ただし、私文書を除く。
  [article] 第二条｜（定義）｜｜
    [paragraph] 第一項｜｜｜用語の意義は、次に定める。
      [item] 第一号｜｜一｜文書　紙をいう。ただし、次を除く。
        [subitem] イ｜｜イ｜白紙で次のもの
          [subitem] （１）｜｜（１）｜障子紙
          [subitem] （２）｜｜（２）｜新聞紙
        [subitem] ロ｜｜ロ｜切手
      [item] 第一号の二｜｜一の二｜巻物
      [item] 第二号｜｜二｜木簡
      [item] 第三号から第五号まで｜｜三から五まで｜削除
      [item] 第六号及び第七号｜｜六及び七｜略
    [paragraph] 第二項｜｜２｜保存の年限は、次の表による。⏎紙　十年　ただし、和紙は百年⏎木簡　千年
[division] 第二章｜保存｜｜
  [division] 第一節｜通則｜｜
    [division] 第一款｜倉庫｜｜
      [article] 第三条から第五条まで｜｜｜
        [paragraph] 第一項｜｜｜削除
  [division] 第二節｜雑則｜｜
    [article] 第五条の二｜｜｜
      [paragraph] 第一項｜｜｜倉庫は、次のとおりとする。⏎東倉⏎西倉
      [paragraph] 第二項｜｜②｜倉庫ノ鍵ハ館長之ヲ保管ス
[supplement] 附則｜抄｜｜
  [paragraph] 第一項｜（施行期日）｜１｜この法律は、公布の日から施行する。
  [paragraph] 第二項｜｜２｜旧法は、廃止する。
[supplement] 附則（令和四年六月一七日法律第六八号）｜｜｜
  [article] 第一条｜（施行期日）｜｜
    [paragraph] 第一項｜｜｜この法律は、令和七年六月一日から施行する。
[appendix] 別表第一｜（第二条関係）｜｜
  [item] 第一号｜｜一｜絵図
""".strip()
"""What the statute is read as: kind, label, title, mark, text."""


def as_json(law: str = XML) -> dict[str, object]:
    """The law API's answer that holds the same tree as `law`."""
    return {
        "law_info": {
            "law_id": "503AC0000000102",
            "law_num": "令和三年法律第百二号",
            "promulgation_date": "2021-04-01",
        },
        "revision_info": {
            "abbrev": "古文書法",
            "law_title_kana": "こもんじょほう",
            "amendment_enforcement_date": "2025-06-01",
            "amendment_law_id": "504AC0000000068",
            "amendment_law_num": "令和四年法律第六十八号",
            "repeal_status": "None",
            "repeal_date": None,
        },
        "law_full_text": _node(ElementTree.fromstring(law.encode())),
    }


def _node(element: ElementTree.Element) -> dict[str, object]:
    children: list[object] = [element.text or ""]
    for child in element:
        children += [_node(child), child.tail or ""]
    kept = [child for child in children if not isinstance(child, str) or child.strip()]
    return {"tag": element.tag, "attr": dict(element.attrib), "children": kept}


JSON = json.dumps(as_json(), ensure_ascii=False)


def _block(name: str, text: str, mark: str = "") -> str:
    number = f'<span style="font-weight: bold;">{mark}</span>　' if mark else ""
    boxes = '<div class="_shokanBox"><div class="_shokanBtnIcons"></div></div>\n<div></div>\n'
    return f'<div class="_div_{name} _shokanBoxParent">\n{number}{text}{boxes}</div>\n'


def _span(*sentences: str) -> str:
    return "".join(f'<span data-xpath="">{sentence}</span>' for sentence in sentences)


def _section(kind: str, *blocks: str) -> str:
    return f'<section id="" class="active {kind}">{"".join(blocks)}</section>'


def _title(tag: str, text: str) -> str:
    return _block(f"{tag}Title", f'<div class="{tag}Title">{text}</div>')


def _cell(*sentences: str) -> str:
    spans = "<br>".join(map(_span, sentences))
    return f'<td class="col-pad"><div>{spans}</div></td>\n' if spans else "<td> </td>\n"


_TABLE = (
    '<div class="_shokanBoxParent">\n<table class="Table">\n<tr class="TableRow">\n'
    + _cell("紙")
    + _cell("十年", "ただし、和紙は百年")
    + '</tr>\n<tr class="TableRow">\n'
    + _cell("木簡")
    + _cell()
    + _cell("千年")
    + "</tr>\n</table></div>\n"
)

_BODY = [
    _section("TOC", _block("TOCLabel", _span("目次")), _block("TOCChapter", "第一章　総則")),
    _section(
        "MainProvision",
        _section("Chapter", _title("Chapter", "第一章　総則")),
        _section(
            "Article",
            _block("ArticleCaption", _span("（目的）")),
            _block(
                "ArticleTitle",
                _span(
                    "この法律は、文書の<ruby>毀<rt>き</rt></ruby>損を防ぐ。",
                    "ただし、私文書を除く。",
                ),
                "第一条",
            ),
        ),
        _section(
            "Article",
            _block("ArticleCaption", _span("（定義）")),
            _block("ArticleTitle", _span("用語の意義は、次に定める。"), "第二条"),
            _block(
                "ItemSentence",
                _span("文書") + "　" + _span("紙をいう。", "ただし、次を除く。"),
                "一",
            ),
            _block("Subitem1Sentence", _span("白紙で次のもの"), "イ"),
            _block("Subitem2Sentence", _span("障子紙"), "（１）"),
            _block("Subitem2Sentence", _span("新聞紙"), "（２）"),
            _block("Subitem1Sentence", _span("切手"), "ロ"),
            _block("ItemSentence", _span("巻物"), "一の二"),
            _block("ItemSentence", _span("木簡"), "二"),
            _block("ItemSentence", _span("削除"), "三から五まで"),
            _block("ItemSentence", _span("略"), "六及び七"),
            _block("ParagraphSentence", _span("保存の年限は、次の表による。"), "２"),
            _TABLE,
        ),
        _section("Chapter", _title("Chapter", "第二章　保存")),
        _section("Sectiot", _title("Section", "第一節　通則")),
        _section("Subsection", _title("Subsection", "第一款　倉庫")),
        _section("Article", _block("ArticleTitle", _span("削除"), "第三条から第五条まで")),
        _section("Section followingSection", _title("Section", "第二節　雑則")),
        _section(
            "Article",
            _block("ArticleTitle", _span("倉庫は、次のとおりとする。"), "第五条の二"),
            _block("ListSentence", _span("東倉")),
            _block("ListSentence", _span("西倉")),
            _block("ParagraphSentence", _span("倉庫ノ鍵ハ館長之ヲ保管ス"), "②"),
        ),
    ),
    _section(
        "SupplProvision",
        _block("SupplProvisionLabel", _span("附　則") + "　抄"),
        _section(
            "Paragraph",
            _block("ParagraphCaption", _span("（施行期日）")),
            _block("ParagraphSentence", _span("この法律は、公布の日から施行する。"), "１"),
        ),
        _section("Paragraph", _block("ParagraphSentence", _span("旧法は、廃止する。"), "２")),
    ),
    _section(
        "SupplProvision",
        _block("SupplProvisionLabel", _span("附　則") + "　（令和四年六月一七日法律第六八号）"),
        _section(
            "Article",
            _block("ArticleCaption", _span("（施行期日）")),
            _block("ArticleTitle", _span("この法律は、令和七年六月一日から施行する。"), "第一条"),
        ),
    ),
    _section(
        "AppdxTable",
        _block("AppdxTableTitle", "別表第一（第二条関係）"),
        _block("ItemSentence", _span("絵図"), "一"),
    ),
]


def page(*parts: str) -> str:
    """A web page that holds `parts` below the statute's title."""
    return (
        '<html lang="ja">\n<head>\n<meta charset="utf-8">\n<title>古文書保存法</title>\n</head>\n'
        '<body>\n<main id="contentsLaw" class="active">\n<div id="innerDocument" class="active">\n'
        '<div style="margin-bottom: 12px;">\n<div id="lawTitleNo">令和三年法律第百二号\n</div>\n'
        f'<div id="lawTitle">{_span("古文書保存法")}</div>\n</div>\n'
        + "\n".join(parts)
        + "</div>\n</main>\n</body>\n</html>\n"
    )


HTML = page(*_BODY)
