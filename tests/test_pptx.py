"""PowerPoint files: a section for each slide, its shapes in the order in which they are read."""

import pptx
import pytest
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.util import Cm

from office_files import children, replace_part, slides
from policyqa.errors import ReadError
from policyqa.readers import read

TITLE_ONLY, BLANK = 5, 6


@pytest.fixture
def at(tmp_path):
    return tmp_path / "資料.pptx"


@pytest.fixture
def show():
    show = pptx.Presentation()
    show.core_properties.title = ""
    return show


def slide_of(show, title: str = "", layout: int = BLANK):
    slide = show.slides.add_slide(show.slide_layouts[layout])
    if title:
        slide.shapes.title.text = title
    return slide


def box(slide, text: str, left: float, top: float):
    shape = slide.shapes.add_textbox(Cm(left), Cm(top), Cm(5), Cm(1))
    shape.text_frame.text = text
    return shape


def sections(show, at) -> list[tuple[str, str, int | None]]:
    """(path of headings, text, slide) of all sections in order."""
    show.save(str(at))
    return [("/".join(names), part.text, part.first_page) for names, part in read(at).root.walk()][
        1:
    ]


def lines(show, at) -> list[str]:
    """The text of the only slide."""
    ((_, text, _),) = sections(show, at)
    return text.split("\n")


def test_a_section_for_each_slide(at):
    slides(at, [("スマート農業の推進", "担い手を育てる。\n技術を広める。"), ("予算", "１０億円")])
    document = read(at)
    assert (document.title, document.page_count) == ("スマート農業の推進", 2)
    assert [
        (part.label, part.title, part.text, part.first_page, part.last_page)
        for part in document.root.children
    ] == [
        ("", "スマート農業の推進", "担い手を育てる。\n技術を広める。", 1, 1),
        ("", "予算", "１０億円", 2, 2),
    ]


@pytest.mark.parametrize(
    ("core", "expected"),
    [
        ("農業白書概要", "農業白書概要"),
        ("PowerPoint プレゼンテーション", "表紙"),
        ("案.pptx", "表紙"),
    ],
)
def test_title(at, show, core, expected):
    slide_of(show, "表紙", TITLE_ONLY)
    show.core_properties.title = core
    show.save(str(at))
    assert read(at).title == expected


def test_a_slide_without_title_has_its_topmost_short_text_else_its_number(at, show):
    slide = slide_of(show)
    box(slide, "説明する。", 1, 5)
    box(slide, "推進体制", 1, 1)
    box(slide_of(show), "この施策は、市が進める。", 1, 1)
    assert sections(show, at) == [
        ("推進体制", "説明する。", 1),
        ("スライド２", "この施策は、市が進める。", 2),
    ]


def test_shapes_are_read_from_the_top_and_from_the_left(at, show):
    slide = slide_of(show, "体制", TITLE_ONLY)
    box(slide, "右下", 12, 10)
    box(slide, "右上", 12, 5)
    box(slide, "左下", 1, 10.3)
    box(slide, "左上", 1, 5.3)
    assert lines(show, at) == ["左上", "右上", "左下", "右下"]


def test_the_body_comes_first_and_two_bodies_side_by_side(at, show):
    slide = slide_of(show, "比較", 3)
    box(slide, "注記", 1, 1)
    slide.placeholders[2].text = "右"
    slide.placeholders[1].text = "左"
    assert lines(show, at) == ["左", "右", "注記"]


def test_groups_are_opened_where_they_stand(at, show):
    slide = slide_of(show, "体制", TITLE_ONLY)
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(Cm(0), Cm(0), Cm(5), Cm(1)).text_frame.text = "組の上"
    group.shapes.add_textbox(Cm(0), Cm(2), Cm(5), Cm(1)).text_frame.text = "組の下"
    group.left, group.top = Cm(1), Cm(10)
    box(slide, "先", 1, 6)
    box(slide, "後", 1, 14)
    assert lines(show, at) == ["先", "組の上", "組の下", "後"]


def test_levels_numbers_and_bullets(at, show):
    body = slide_of(show, "内容", 1).placeholders[1].text_frame._txBody
    for paragraph in list(body)[2:]:
        body.remove(paragraph)
    number = '<a:buAutoNum type="{}"/>'
    for level, mark, text in [
        (0, number.format("arabicPeriod"), "甲"),
        (1, '<a:buChar char="•"/>', "乙"),
        (0, number.format("arabicPeriod"), "丙"),
        (1, number.format("circleNumDbPlain"), "丁"),
        (0, "", "戊"),
        (0, number.format("arabicPeriod"), "己"),
        (0, '<a:buFont typeface="Wingdings"/><a:buChar char="l"/>', "庚"),
    ]:
        body.extend(
            children(f'<a:p><a:pPr lvl="{level}">{mark}</a:pPr><a:r><a:t>{text}</a:t></a:r></a:p>')
        )
    assert lines(show, at) == [
        *("1.甲", "　•　乙", "2.丙", "　①　丁", "戊", "1.己", "・庚"),
    ]


def test_line_breaks_and_slide_numbers(at, show):
    shape = box(slide_of(show, "題", TITLE_ONLY), "", 1, 5)
    paragraph = shape.text_frame.paragraphs[0]._p
    paragraph.extend(
        children(
            "<a:r><a:t>甲</a:t></a:r><a:br/><a:r><a:t>乙</a:t></a:r>"
            '<a:fld id="{0}" type="slidenum"><a:t>7</a:t></a:fld>'
        )
    )
    assert lines(show, at) == ["甲", "乙"]


def test_tables(at, show):
    slide = slide_of(show, "一覧", TITLE_ONLY)
    table = slide.shapes.add_table(4, 3, Cm(1), Cm(5), Cm(15), Cm(5)).table
    texts = ["施策", "実績", "", "", "件数", "金額", "道路", "3", "5", "", "4", ""]
    for cell, text in zip(table.iter_cells(), texts, strict=True):
        cell.text = text
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(2, 0).merge(table.cell(3, 0))
    assert lines(show, at) == [
        "施策：道路｜実績・件数：3｜実績・金額：5",
        "施策：道路｜実績・件数：4",
    ]


def test_a_table_whose_first_row_is_no_head(at, show):
    slide = slide_of(show, "一覧", TITLE_ONLY)
    table = slide.shapes.add_table(2, 2, Cm(1), Cm(5), Cm(15), Cm(5)).table
    for cell, text in zip(table.iter_cells(), ["甲市", "継続", "乙町", "新規"], strict=True):
        cell.text = text
    assert lines(show, at) == ["甲市：乙町｜継続：新規"]
    table.first_row = False
    assert lines(show, at) == ["甲市｜継続", "乙町｜新規"]


def test_charts(at, show):
    slide = slide_of(show, "人口", TITLE_ONLY)
    data = CategoryChartData(number_format="0.0%")
    data.categories = ["令和４年", "令和５年"]
    data.add_series("高齢化率", (0.289, 0.291))
    data.add_series("出生率", (0.1 + 0.2, None))
    chart = slide.shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, Cm(1), Cm(5), Cm(9), Cm(6), data
    ).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "割合の推移"
    points = XyChartData()
    points.add_series("散布").add_data_point(1, 2)
    slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, Cm(1), Cm(12), Cm(9), Cm(6), points)
    assert lines(show, at) == [
        "割合の推移",
        "令和４年｜高齢化率：28.9%｜出生率：30%",
        "令和５年｜高齢化率：29.1%",
        "散布",
    ]


def test_diagrams(at, show):
    slide = slide_of(show, "流れ", TITLE_ONLY)
    frame = children(
        "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id='9' name='d'/><p:cNvGraphicFramePr/>"
        "<p:nvPr/></p:nvGraphicFramePr><p:xfrm/><a:graphic><a:graphicData uri='d'>"
        "<dgm:relIds xmlns:dgm='http://schemas.openxmlformats.org/drawingml/2006/diagram' "
        "r:dm='{}'/></a:graphicData></a:graphic></p:graphicFrame>".format(
            slide.part.relate_to(diagram(show), "http://x/diagramData")
        )
    )
    slide.shapes._spTree.extend(frame)
    assert lines(show, at) == ["申請", "審査"]


def diagram(show):

    node = "<dgm:pt{}><dgm:t><a:p><a:r><a:t>{}</a:t></a:r></a:p></dgm:t></dgm:pt>"
    blob = (
        '<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><dgm:ptLst>'
        + node.format("", "申請")
        + node.format(' type="node"', "審査")
        + node.format(' type="pres"', "写し")
        + "</dgm:ptLst></dgm:dataModel>"
    )
    kind = "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml"
    return Part(PackURI("/ppt/diagrams/data1.xml"), kind, show.part.package, blob.encode())


def test_notes_come_last(at, show):
    slide = slide_of(show, "題", TITLE_ONLY)
    slide.notes_slide.notes_text_frame.text = "口頭で補う。"
    box(slide, "本文", 1, 5)
    assert lines(show, at) == ["本文", "口頭で補う。"]


def test_hidden_slides_and_shapes_and_footers_are_left_out(at, show):
    slide_of(show, "表紙", TITLE_ONLY)
    slide_of(show, "隠し", TITLE_ONLY)._element.set("show", "0")
    slide = slide_of(show, "本編", TITLE_ONLY)
    box(slide, "隠し", 1, 5)._element.nvSpPr.cNvPr.set("hidden", "1")
    for kind in ("sldNum", "ftr", "dt"):
        holder = children(f'<p:ph type="{kind}"/>')[0]
        box(slide, "足", 1, 15)._element.nvSpPr.nvPr.append(holder)
    assert sections(show, at) == [("表紙", "表紙", 1), ("本編", "本編", 3)]
    assert read(at).page_count == 3


def test_named_groups_of_slides(at, show):
    for title in ("表紙", "課題", "対策"):
        box(slide_of(show, title, TITLE_ONLY), "文", 1, 5)
    ids = [entry.get("id") for entry in show.part._element.sldIdLst]
    named = "".join(
        f'<q:section name="{name}"><q:sldIdLst>'
        + "".join(f'<q:sldId id="{number}"/>' for number in own)
        + "</q:sldIdLst></q:section>"
        for name, own in (("既定のセクション", ids[:1]), ("第１部　現状", ids[1:]))
    )
    uri = "http://schemas.microsoft.com/office/powerpoint/2010/main"
    show.part._element.extend(
        children(
            f'<p:extLst><p:ext uri="s"><q:sectionLst xmlns:q="{uri}">{named}</q:sectionLst>'
            "</p:ext></p:extLst>"
        )
    )
    assert sections(show, at) == [
        ("表紙", "文", 1),
        ("第１部　現状", "", 2),
        ("第１部　現状/課題", "文", 2),
        ("第１部　現状/対策", "文", 3),
    ]


@pytest.mark.parametrize(
    ("part", "data"),
    [
        ("ppt/presentation.xml", b"<p:presentation"),
        ("ppt/slides/slide1.xml", None),
        ("ppt/slides/slide1.xml", b"<a"),
        ("ppt/_rels/presentation.xml.rels", b"<a/>"),
    ],
)
def test_a_damaged_part_is_one_line(at, part, data):
    replace_part(slides(at, [("題", "文")]), part, data)
    with pytest.raises(ReadError) as refused:
        read(at)
    assert "\n" not in str(refused.value)


def test_without_text(at, show):
    slide_of(show)
    show.save(str(at))
    with pytest.raises(ReadError, match="no text"):
        read(at)
