"""Pages in vertical writing, and pages whose text is turned: read in order, places as shown."""

import pypdfium2 as pdfium
import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont

from pdfs import GOTHIC, HEIGHT, LEFT, MINCHO, WIDTH, Sheet, wrapped
from policyqa.readers import read

TATE, TATE_GOTHIC = f"{MINCHO}-tate", f"{GOTHIC}-tate"
for name, face in ((TATE, MINCHO), (TATE_GOTHIC, GOTHIC)):
    font = UnicodeCIDFont(face, isVertical=True)
    font.name = font.fontName = name
    pdfmetrics.registerFont(font)

FIRST = (
    "この法律は、地域の課題（「情報」に関するものを含む。）を解決するために、行政機関が必要な情報を集め、"
    "住民に分かりやすい形で公開することについて定めるものとする。"
)
SECOND = (
    "自治体の職員は、毎年度の計画に沿って事業の効果を確かめながら、関係する団体と協力して施策を進める"
    "ものとし、その結果を公表しなければならない。"
)
TOP, PITCH = 80, 20
RIGHT = WIDTH - 70


@pytest.fixture
def sheet(tmp_path):
    return Sheet(tmp_path / "made.pdf")


def vertical(sheet, lines, x=RIGHT, y=TOP, size=12.0, font=TATE):
    """Lines from the top down, each to the left of the one before; the x of the next one."""
    for line in lines:
        bare = line.lstrip("　")
        sheet.canvas.setFont(font, size)
        sheet.canvas.drawString(x, HEIGHT - y - size * (len(line) - len(bare)), bare)
        x -= PITCH
    return x


def test_vertical_lines_are_read_from_the_right_to_the_left(sheet):
    vertical(sheet, [*wrapped("　" + FIRST, 30), *wrapped("　" + SECOND, 30)])
    document = read(sheet.save())
    assert document.root.text.split("\n") == [FIRST, SECOND]


def test_places_of_vertical_lines_are_as_shown(sheet):
    vertical(sheet, [*wrapped("　" + FIRST, 30), *wrapped("　" + SECOND, 30)])
    boxes = [span.box for span in read(sheet.save()).root.spans]
    assert boxes[0] == pytest.approx((RIGHT - 6, TOP + 12, RIGHT + 6, TOP + 30 * 12), abs=1)
    assert [box[0] for box in boxes] == sorted((box[0] for box in boxes), reverse=True)
    assert {round(box[1]) for box in boxes} == {TOP, TOP + 12}


def test_tiers_of_vertical_lines_are_read_one_below_the_other(sheet):
    text = FIRST + SECOND + FIRST
    lines = wrapped("　" + text, 20)
    half = len(lines) // 2
    vertical(sheet, lines[:half])
    vertical(sheet, lines[half:], y=TOP + 20 * 12 + 40)
    assert read(sheet.save()).root.text == text


def test_numbers_side_by_side_in_a_vertical_line_stay_in_their_place(sheet):
    x = vertical(sheet, wrapped("　" + FIRST, 30))
    vertical(sheet, ["平成"], x=x)
    sheet.text(x - 6, TOP + 24 + 10, "12", 12)
    vertical(sheet, ["年度から実施する。"], x=x, y=TOP + 36)
    assert read(sheet.save()).root.text.split("\n")[-1] == "平成12年度から実施する。"


def test_latin_words_turned_in_a_vertical_line_stay_in_their_place(sheet):
    x = vertical(sheet, wrapped("　" + FIRST, 30))
    vertical(sheet, ["地域の"], x=x)
    sheet.canvas.saveState()
    sheet.canvas.translate(x, HEIGHT - TOP - 38)
    sheet.canvas.rotate(-90)
    sheet.canvas.setFont("Helvetica", 12)
    sheet.canvas.drawString(0, -4, "Policy")
    sheet.canvas.restoreState()
    vertical(sheet, ["を定める。"], x=x, y=TOP + 74)
    assert read(sheet.save()).root.text.split("\n")[-1] == "地域のPolicyを定める。"


def test_forms_for_vertical_writing_are_read_as_the_signs_they_stand_for(sheet):
    vertical(sheet, wrapped("　" + FIRST.translate(str.maketrans("（）「」", "︵︶﹁﹂")), 30))
    assert read(sheet.save()).root.text == FIRST


def test_ruby_beside_a_vertical_line_is_left_out(sheet):
    x = vertical(sheet, wrapped("　" + FIRST, 30))
    vertical(sheet, ["全体の俯瞰図を示す。"], x=x)
    vertical(sheet, ["ふかんず"], x=x + 9, y=TOP + 36, size=6)
    assert read(sheet.save()).root.text.split("\n")[-1] == "全体の俯瞰図を示す。"


def test_vertical_headings_are_sections_and_page_numbers_labels(sheet):
    for number, (heading, text) in enumerate(
        (("第一章　総則", FIRST), ("第二章　雑則", SECOND)), 7
    ):
        vertical(sheet, [heading], size=16, font=TATE_GOTHIC)
        vertical(sheet, wrapped("　" + text, 30), x=RIGHT - 40)
        sheet.text(290, 815, f"- {number} -", 9)
        sheet.next_page()
    document = read(sheet.save())
    assert [(part.heading, part.text) for part in document.root.children] == [
        ("第一章　総則", FIRST),
        ("第二章　雑則", SECOND),
    ]
    assert document.page_labels == {1: "7", 2: "8"}


def test_level_text_on_a_vertical_page_is_kept(sheet):
    vertical(sheet, wrapped("　" + FIRST + SECOND, 30))
    sheet.text(100, 700, "附則に定める書式", 12)
    assert read(sheet.save()).root.text.split("\n") == [FIRST + SECOND, "附則に定める書式"]


def turned(sheet, degrees):
    """The page's next text is written turned, as on a page of the other format."""
    if degrees == 90:
        sheet.canvas.translate(WIDTH, 0)
    else:
        sheet.canvas.translate(0, HEIGHT)
    sheet.canvas.rotate(degrees)
    # Sheet counts y from the top of an upright page.
    sheet.canvas.translate(0, WIDTH - HEIGHT)


@pytest.mark.parametrize("degrees", [90, -90])
def test_a_table_that_is_written_turned_is_read(sheet, degrees):
    sheet.lines(LEFT, 100, wrapped("　" + FIRST, 40))
    sheet.next_page()
    turned(sheet, degrees)
    y = 100
    sheet.area(60, y, 360, y + 20)
    sheet.grid((60, 160, 260, 360), (y, y + 20, y + 40, y + 60))
    rows = [
        ("事業名", "年度", "金額"),
        ("道路", "令和５年", "10億円"),
        ("公園", "令和６年", "３億円"),
    ]
    for row, texts in enumerate(rows):
        for x, text in zip((64, 164, 264), texts, strict=True):
            sheet.text(x, y + 14 + 20 * row, text, 9)
    document = read(sheet.save())
    assert document.root.text.split("\n")[1:] == [
        "事業名：道路｜年度：令和５年｜金額：10億円",
        "事業名：公園｜年度：令和６年｜金額：３億円",
    ]
    road = next(span for span in document.root.spans if span.kind == "table")
    left, top, right, bottom = road.box
    page = pdfium.PdfDocument(sheet.path)[1].get_textpage()
    shown = page.get_text_bounded(left - 1, HEIGHT - bottom - 1, right + 1, HEIGHT - top + 1)
    assert "道路" in shown
    assert "公園" not in shown


def test_a_turned_label_beside_level_text_stays_out(sheet):
    sheet.lines(LEFT, 100, wrapped("　" + FIRST, 40))
    sheet.canvas.saveState()
    turned(sheet, 90)
    sheet.text(300, 30, "第１章の見出し", 9)
    sheet.canvas.restoreState()
    assert read(sheet.save()).root.text == FIRST


def test_a_narrow_column_of_single_characters_is_not_vertical_writing(sheet):
    for index, sign in enumerate("甲乙丙"):
        sheet.text(LEFT, 100 + 17 * index, sign)
    sheet.lines(LEFT + 40, 100, wrapped(FIRST, 35))
    text = read(sheet.save()).root.text
    assert "地域の課題" in text
    assert text.index("この法律は") < text.index("公開する")
