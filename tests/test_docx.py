"""Word files: styles, automatic numbers, what is shown and what is not, tables, notes."""

import docx
import pytest
from docx.opc.packuri import PackURI
from docx.opc.part import Part

from office_files import replace_part, word
from policyqa.errors import ReadError
from policyqa.readers import read
from policyqa.readers.counting import format_number

FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def p(text: str, style: str = "", more: str = "", run: str = "") -> str:
    """A paragraph's XML: its style, more properties, its run's properties."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return (
        f"<w:p><w:pPr>{named}{more}</w:pPr>"
        f'<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
    )


def numbered(text: str, level: int = 0, number: int = 900) -> str:
    return p(text, more=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def numbering(*levels: tuple[str, str], more: str = "", number: str = "") -> str:
    """A list with a (format, text) for each level; `more` goes into each."""
    shown = "".join(
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for index, (kind, text) in enumerate(levels)
    )
    return (
        f'<w:abstractNum w:abstractNumId="900">{shown}</w:abstractNum>'
        f'<w:num w:numId="900"><w:abstractNumId w:val="900"/></w:num>{number}'
    )


def sections(path) -> list[tuple[str, str]]:
    """(path of headings, text) of all sections in order."""
    return [("/".join(names), part.text) for names, part in read(path).root.walk()]


def lines(path) -> list[str]:
    """The text of a document without headings."""
    document = read(path)
    assert not document.root.children
    return document.root.text.split("\n")


@pytest.fixture
def at(tmp_path):
    return tmp_path / "文書.docx"


# --- headings ---


def test_sections_by_styles(at):
    document = docx.Document()
    document.core_properties.title = "地域公共交通計画"
    document.add_paragraph("地域公共交通計画", style="Title")
    document.add_paragraph("この計画は令和６年に定めた。")
    document.add_heading("第１章　計画の目的", 1)
    document.add_paragraph("移動の足を守る。")
    document.add_heading("１．背景", 2)
    document.add_paragraph("人口が減った。")
    document.add_heading("第２章　施策", 1)
    document.add_paragraph("バスを増やす。")
    document.save(str(at))
    assert read(at).title == "地域公共交通計画"
    assert sections(at) == [
        ("", "この計画は令和６年に定めた。"),
        ("第１章　計画の目的", "移動の足を守る。"),
        ("第１章　計画の目的/１．背景", "人口が減った。"),
        ("第２章　施策", "バスを増やす。"),
    ]
    assert [part.label for _, part in read(at).root.walk()] == ["", "第１章", "１．", "第２章"]


STYLES = (
    '<w:style w:type="paragraph" w:styleId="a1"><w:name w:val="見出し 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="a2"><w:name w:val="大見出し"/>'
    '<w:basedOn w:val="Heading2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="b1"><w:basedOn w:val="b2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="b2"><w:basedOn w:val="b1"/></w:style>'
)


def test_localised_and_derived_styles_and_outline_levels(at):
    body = (
        p("総論", "a1")
        + p("本文一。")
        + p("各論", "a2")
        + p("本文二。", "b1")
        + p("細目", more='<w:outlineLvl w:val="3"/>')
        + p("本文三。", "Heading1", more='<w:outlineLvl w:val="9"/>')
    )
    word(at, body, styles=STYLES, title="計画")
    assert sections(at) == [
        ("", ""),
        ("総論", "本文一。"),
        ("総論/各論", "本文二。"),
        ("総論/各論/細目", "本文三。"),
    ]


def test_sections_by_numbers_where_no_style_says_so(at):
    body = (
        p("補助金交付要綱", more='<w:jc w:val="center"/>')
        + p("（目的）")
        + p("第１条　この要綱は、補助金について定める。")
        + p("２　補助金は予算の範囲内とする。")
        + p("（定義）")
        + p("第２条　用語は次による。")
    )
    word(at, body)
    assert read(at).title == "補助金交付要綱"
    assert sections(at) == [
        ("", ""),
        ("第１条　目的", "この要綱は、補助金について定める。\n２　補助金は予算の範囲内とする。"),
        ("第２条　定義", "用語は次による。"),
    ]


def test_articles_below_styled_chapters(at):
    word(
        at,
        p("第１章　総則", "Heading1") + p("第１条（目的）　定める。") + p("１．甲"),
        title="規程",
    )
    assert sections(at) == [
        ("", ""),
        ("第１章　総則", ""),
        ("第１章　総則/第１条　目的", "定める。\n１．甲"),
    ]


def test_bold_lines_head_a_text_without_styles_and_numbers(at):
    body = p("趣旨", run="<w:b/>") + p("甲である。") + p("乙である。") + p("丙である。")
    body += p("対象", run="<w:b/>") + p("丁である。") + p("戊である。")
    word(at, body, title="案内")
    assert sections(at) == [
        ("", ""),
        ("趣旨", "甲である。\n乙である。\n丙である。"),
        ("対象", "丁である。\n戊である。"),
    ]


def test_a_long_clause_in_a_heading_style_is_text_behind_its_label(at):
    clause = "市は、必要な措置を講ずる。"
    word(at, p(clause, "Heading1", more=NUM) + p(clause, "Heading1"), CHAPTERS, title="規則")
    assert sections(at) == [("", ""), ("第一章", f"{clause}\n{clause}")]


# --- automatic numbers ---

NUM = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="900"/></w:numPr>'
CHAPTERS = numbering(("japaneseCounting", "第%1章"), ("decimalFullWidth", "（%2）"))


def test_numbers_of_headings_are_their_labels(at):
    body = p("総則", "Heading1", more=NUM) + p("甲。") + p("雑則", "Heading1", more=NUM) + p("乙。")
    word(at, body, CHAPTERS, title="規程")
    assert sections(at) == [("", ""), ("第一章　総則", "甲。"), ("第二章　雑則", "乙。")]
    assert [part.label for part in read(at).root.children] == ["第一章", "第二章"]


def test_numbers_by_style_and_their_level(at):
    styles = (
        '<w:style w:type="paragraph" w:styleId="n1"><w:name w:val="章"/><w:pPr><w:numPr>'
        '<w:numId w:val="900"/></w:numPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="n2"><w:name w:val="節"/><w:pPr><w:numPr>'
        '<w:numId w:val="900"/></w:numPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    )
    lists = numbering(("decimalFullWidth", "第%1章"), ("decimal", "%1.%2"))
    lists = lists.replace('w:ilvl="1">', 'w:ilvl="1"><w:pStyle w:val="n2"/>')
    body = p("甲", "n1") + p("乙", "n2") + p("文。") + p("丙", "n1") + p("丁", "n2") + p("文。")
    word(at, body, lists, styles, "計画")
    assert [name for name, _ in sections(at)] == [
        *("", "第１章　甲", "第１章　甲/１.1　乙"),
        *("第２章　丙", "第２章　丙/２.1　丁"),
    ]
    plain = lists.replace('<w:pStyle w:val="n2"/>', '<w:pStyle w:val="n2"/><w:isLgl/>')
    assert sections(word(at, body, plain, styles, "計画"))[2][0] == "第１章　甲/1.1　乙"


LEVELS = numbering(
    ("decimalFullWidth", "%1．"),
    ("decimal", "(%2)"),
    ("aiueoFullWidth", "%3"),
    ("bullet", "\uf0b7"),
)


def test_items_of_lists_keep_their_numbers(at):
    plan = [
        (0, "甲。"),
        (1, "乙。"),
        (1, "丙。"),
        (2, "丁。"),
        (3, "戊。"),
        (0, "己。"),
        (1, "庚。"),
    ]
    word(at, "".join(numbered(text, level) for level, text in plan), LEVELS, title="表題A")
    assert lines(at) == [
        "１．甲。",
        "(1)乙。",
        "(2)丙。",
        "ア　丁。",
        "・戊。",
        "２．己。",
        "(1)庚。",
    ]


def test_a_list_that_begins_anew_and_one_without_number(at):
    again = (
        '<w:num w:numId="901"><w:abstractNumId w:val="900"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    )
    body = (
        numbered("甲。")
        + numbered("乙。", 0, 901)
        + numbered("丙。", 0, 901)
        + numbered("丁。", 0, 0)
    )
    word(at, body, numbering(("decimal", "%1."), number=again), title="覚書")
    assert lines(at) == ["1.甲。", "5.乙。", "6.丙。", "丁。"]


def test_a_number_that_no_list_knows_is_left_out(at):
    word(at, numbered("甲。", 0, 77) + numbered("乙。", 8) + numbered("丙。", 40), CHAPTERS)
    assert lines(at) == ["甲。", "乙。", "丙。"]


@pytest.mark.parametrize(
    ("kind", "counts", "expected"),
    [
        ("decimal", (1, 12), ["1", "12"]),
        ("decimalFullWidth", (1, 12), ["１", "１２"]),
        ("decimalZero", (3, 12), ["03", "12"]),
        ("decimalEnclosedCircle", (1, 20, 21, 50, 51), ["①", "⑳", "㉑", "㊿", "51"]),
        ("decimalEnclosedParen", (1, 20, 21), ["⑴", "⒇", "21"]),
        ("aiueo", (1, 6, 46, 47), ["ア", "カ", "ン", "ア"]),
        ("iroha", (1, 2, 3, 7, 8), ["イ", "ロ", "ハ", "ト", "チ"]),
        ("japaneseCounting", (1, 10, 21, 105), ["一", "十", "二十一", "百五"]),
        ("japaneseDigitalTenThousand", (10, 21), ["一〇", "二一"]),
        ("japaneseLegal", (1, 12, 23), ["壱", "十弐", "弐十参"]),
        ("ideographTraditional", (1, 2, 10), ["甲", "乙", "癸"]),
        ("upperRoman", (1, 4, 19), ["I", "IV", "XIX"]),
        ("lowerLetter", (1, 26, 27), ["a", "z", "aa"]),
        ("none", (1,), [""]),
        ("unheardOf", (7,), ["7"]),
        ("aiueo", (0, -3), ["0", "-3"]),
    ],
)
def test_formats(kind, counts, expected):
    assert [format_number(count, kind) for count in counts] == expected


# --- what is shown ---

FIELD = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
BEGIN, SHOW, END = map(FIELD.format, ("begin", "separate", "end"))
BOX = "<w:txbxContent>" + p("箱の中。") + "</w:txbxContent>"


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<w:r><w:t>総合</w:t></w:r><w:r><w:t>計画</w:t></w:r>", ["総合計画"]),
        ("<w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t></w:r>", ["甲　乙"]),
        ("<w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t></w:r>", ["甲", "乙"]),
        ("<w:r><w:t>情</w:t><w:softHyphen/><w:t>報\u00ad化</w:t></w:r>", ["情報化"]),
        (
            (
                "<w:r><w:t>甲</w:t></w:r><w:del><w:r><w:delText>乙</w:delText></w:r></w:del>"
                "<w:ins><w:r><w:t>丙</w:t></w:r></w:ins>"
            ),
            ["甲丙"],
        ),
        (
            (
                "<w:moveFrom><w:r><w:t>甲</w:t></w:r></w:moveFrom>"
                "<w:moveTo><w:r><w:t>乙</w:t></w:r></w:moveTo>"
            ),
            ["乙"],
        ),
        ("<w:r><w:t>甲</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>秘</w:t></w:r>", ["甲"]),
        ('<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>甲</w:t></w:r>', ["甲"]),
        (
            (
                "<w:r><w:ruby><w:rt><w:r><w:t>こうふ</w:t></w:r></w:rt>"
                "<w:rubyBase><w:r><w:t>交付</w:t></w:r></w:rubyBase></w:ruby><w:t>金</w:t></w:r>"
            ),
            ["交付金"],
        ),
        (
            (
                f"{BEGIN}<w:r><w:instrText>eq \\o\\ad(\\s\\up 9(こうふ),交付)</w:instrText></w:r>"
                f"{END}<w:r><w:t>金</w:t></w:r>"
            ),
            ["交付金"],
        ),
        (
            (
                f"<w:r><w:t>第</w:t></w:r>{BEGIN}<w:r><w:instrText>REF x</w:instrText></w:r>{SHOW}"
                f"<w:r><w:t>３</w:t></w:r>{END}<w:r><w:t>章を見よ。</w:t></w:r>"
            ),
            ["第３章を見よ。"],
        ),
        (f"{BEGIN}<w:r><w:t>閉じない欄も読む</w:t></w:r>", ["閉じない欄も読む"]),
        ("<w:hyperlink><w:r><w:t>要領</w:t></w:r></w:hyperlink>", ["要領"]),
        (
            (
                "<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>記入</w:t></w:r></w:sdtContent></w:sdt>"
                "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
                "<w:r><w:t>ここをクリック</w:t></w:r></w:sdtContent></w:sdt>"
            ),
            ["記入"],
        ),
        (
            (
                "<m:oMath><m:r><m:t>y=</m:t></m:r><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num>"
                "<m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>"
            ),
            ["y=1/2"],
        ),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:t>該当</w:t></w:r>', ["☑該当"]),
        ('<w:r><w:sym w:char="だめ"/><w:t>甲</w:t></w:r>', ["甲"]),
        (
            (
                "<w:r><w:t>本文。</w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires='wps'>"
                f"<w:drawing><wps:txbx>{BOX}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict>"
                f"<v:textbox>{BOX}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
            ),
            ["本文。", "箱の中。"],
        ),
        (f"<w:r><w:pict><v:textbox>{BOX}</v:textbox></w:pict></w:r>", ["箱の中。"]),
    ],
)
def test_text_of_a_paragraph(at, xml, expected):
    word(at, f"<w:p>{xml}</w:p>", title="文例")
    assert lines(at) == expected


def test_a_paragraph_whose_mark_is_deleted_runs_on(at):
    body = p("前半", more="<w:rPr><w:del/></w:rPr>") + p("後半。")
    assert lines(word(at, body)) == ["前半後半。"]


def test_contents_are_left_out(at):
    entry = "<w:r><w:t>第１章　総則</w:t><w:tab/><w:t>3</w:t></w:r>"
    instruction = "<w:r><w:instrText> TOC \\o</w:instrText></w:r>"
    body = (
        f"<w:p>{BEGIN}{instruction}{SHOW}{entry}</w:p><w:p>{entry}</w:p><w:p>{END}</w:p>"
        "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/>"
        f"</w:docPartObj></w:sdtPr><w:sdtContent>{p('目次の行')}</w:sdtContent></w:sdt>"
        "<w:p><w:r><w:t>第２章　細則</w:t><w:tab/><w:t>5</w:t></w:r></w:p>"
        + p("第１章　総則")
        + p("本文。")
    )
    word(at, body, title="規程")
    assert sections(at) == [("", "第２章　細則　5"), ("第１章　総則", "本文。")]


def test_headers_footers_and_comments_are_left_out(at):
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "柱"
    document.sections[0].footer.paragraphs[0].text = "足"
    run = document.add_paragraph("本文。").runs[0]
    document.add_comment(run, text="意見", author="甲")
    document.save(str(at))
    assert lines(at) == ["本文。"]


# --- notes ---


def with_notes(path, body: str, notes: str):
    """A file with footnotes: the part, its content type, and the document's relation to it."""
    word(path, body, title="報告")
    document = docx.Document(str(path))
    blob = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"{notes}</w:footnotes>"
    ).encode()
    part = Part(PackURI("/word/footnotes.xml"), FOOTNOTES, blob, document.part.package)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    document.part.relate_to(part, kind)
    document.save(str(path))
    return path


def test_notes_come_last_in_the_section_of_their_mark(at):
    mark = '<w:r><w:footnoteReference w:id="{}"/></w:r>'
    body = (
        p("第１章　総則", "Heading1")
        + f"<w:p><w:r><w:t>人口</w:t></w:r>{mark.format(2)}<w:r><w:t>が減る。</w:t></w:r></w:p>"
        + p("続く。")
        + p("第２章　施策", "Heading1")
        + f"<w:p><w:r><w:t>進める。</w:t></w:r>{mark.format(3)}{mark.format(99)}</w:p>"
    )
    notes = (
        f'<w:footnote w:type="separator" w:id="-1">{p("線")}</w:footnote>'
        f'<w:footnote w:id="2">{p("国勢調査による。")}</w:footnote>'
        f'<w:footnote w:id="3">{p("予算による。")}{p("翌年も同じ。")}</w:footnote>'
    )
    assert sections(with_notes(at, body, notes)) == [
        ("", ""),
        ("第１章　総則", "人口が減る。\n続く。\n1　国勢調査による。"),
        ("第２章　施策", "進める。\n2　予算による。翌年も同じ。"),
    ]


# --- tables ---


def cell(text: str, more: str = "", run: str = "", par: str = "") -> str:
    return f"<w:tc><w:tcPr>{more}</w:tcPr>{p(text, more=par, run=run)}</w:tc>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def row(*cells: str, more: str = "") -> str:
    return f"<w:tr><w:trPr>{more}</w:trPr>{''.join(cells)}</w:tr>"


PLAIN = [row(cell("甲市"), cell("継続")), row(cell("乙町"), cell("新規"))]
DOWN, GOES_ON = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        # The file says which rows are the head.
        (
            table(row(cell("団体"), cell("区分"), more="<w:tblHeader/>"), *PLAIN),
            ["団体：甲市｜区分：継続", "団体：乙町｜区分：新規"],
        ),
        # It is bold, shaded or centred.
        (
            table(row(cell("団体", run="<w:b/>"), cell("区分", run="<w:b/>")), *PLAIN),
            ["団体：甲市｜区分：継続", "団体：乙町｜区分：新規"],
        ),
        (
            table(
                row(*(cell(name, '<w:shd w:fill="D9D9D9"/>') for name in ("団体", "区分"))), *PLAIN
            ),
            ["団体：甲市｜区分：継続", "団体：乙町｜区分：新規"],
        ),
        (
            table(
                row(*(cell(name, par='<w:jc w:val="center"/>') for name in ("団体", "区分"))),
                *PLAIN,
            ),
            ["団体：甲市｜区分：継続", "団体：乙町｜区分：新規"],
        ),
        # Words stand over figures.
        (
            table(row(cell("年度"), cell("予算")), row(cell("令和５年度"), cell("1,200千円"))),
            ["年度：令和５年度｜予算：1,200千円"],
        ),
        # Nothing tells a head from the rest.
        (table(*PLAIN), ["甲市｜継続", "乙町｜新規"]),
        # Merged: across in a head of two rows, and downwards.
        (
            table(
                row(
                    cell("区分", DOWN),
                    cell("実績", '<w:gridSpan w:val="2"/>'),
                ),
                row(cell("", GOES_ON), cell("件数"), cell("金額")),
                row(cell("道路", DOWN), cell("3"), cell("5")),
                row(cell("", GOES_ON), cell("4"), cell("")),
            ),
            [
                "区分：道路｜実績・件数：3｜実績・金額：5",
                "区分：道路｜実績・件数：4",
            ],
        ),
        # A title over the whole width, before and between.
        (
            table(
                row(cell("表１", '<w:gridSpan w:val="2"/>')),
                row(cell("年"), cell("人")),
                row(cell("甲"), cell("10")),
                row(cell("再掲", '<w:gridSpan w:val="2"/>')),
                row(cell("乙"), cell("20")),
            ),
            ["表１", "年：甲｜人：10", "再掲", "年：乙｜人：20"],
        ),
        # A box drawn as a table; a table in a cell; deleted rows.
        (table(row(f"<w:tc>{p('甲。')}{p('乙。')}</w:tc>")), ["甲。", "乙。"]),
        (
            table(row(cell("甲"), f"<w:tc>{table(*PLAIN)}{p('丙')}</w:tc>")),
            ["甲｜甲市｜継続乙町｜新規丙"],
        ),
        (table(*PLAIN, row(cell("丙"), cell("消"), more="<w:del/>")), ["甲市｜継続", "乙町｜新規"]),
        (table(), ["本文。"][:0]),
    ],
)
def test_tables(at, xml, expected):
    word(at, p("本文。") + xml, title="一覧")
    assert lines(at) == ["本文。", *expected]


# --- title and properties ---


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        ("環境基本計画", p("本文。"), "環境基本計画"),
        ("Word Document", p("本文。"), "文書"),
        ("Microsoft Word - 案.doc", p("環境計画", "Title") + p("本文。"), "環境計画"),
        (
            "案.docx",
            p("令和５年度", "Title") + p("環境計画", "Title") + p("文。"),
            "令和５年度環境計画",
        ),
        ("", p("環境計画", run='<w:sz w:val="36"/>') + p("本文である。"), "環境計画"),
        ("", p("環境計画", "Heading1") + p("本文。") + p("甲", "Heading2"), "環境計画"),
        ("", p("第１章　総則", "Heading1") + p("本文。"), "文書"),
    ],
)
def test_title(at, title, body, expected):
    assert read(word(at, body, title=title)).title == expected


def test_a_title_does_not_take_away_a_heading_it_begins_with(at):
    body = p("環境基本計画", "Title") + p("環境", "Heading1") + p("本文。")
    assert sections(word(at, body)) == [("", ""), ("環境", "本文。")]


def test_properties(at):
    word(at, p("本文。"))
    document = docx.Document(str(at))
    document.core_properties.language = "ja-JP"
    document.save(str(at))
    assert read(at).metadata == {}
    properties = (
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
        'extended-properties"><Company>環境省</Company></Properties>'
    )
    replace_part(at, "docProps/app.xml", properties.encode())
    assert read(at).metadata == {"publisher": "環境省"}


# --- damage ---


@pytest.mark.parametrize(
    ("part", "data"),
    [
        ("word/document.xml", b"<w:document"),
        ("word/document.xml", None),
        ("word/document.xml", b"<a/>"),
        ("word/styles.xml", b"\xff\xfe"),
        ("word/_rels/document.xml.rels", b"<a/>"),
        ("docProps/core.xml", b""),
    ],
)
def test_a_damaged_part_is_one_line(at, part, data):
    replace_part(word(at, p("本文。")), part, data)
    with pytest.raises(ReadError) as refused:
        read(at)
    assert "\n" not in str(refused.value)


def test_without_text(at):
    with pytest.raises(ReadError, match="no text"):
        read(word(at, p("　")))
