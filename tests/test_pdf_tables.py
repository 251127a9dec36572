"""Tables and captions in PDFs made here: rows behind their heads, in exact words."""

import pytest

from pdfs import GOTHIC, LEFT, MINCHO, Sheet, wrapped
from policyqa.readers import read

PROSE = (
    "我が国の行政機関は、地域の課題を解決するために必要な情報を集めて、住民に分かりやすい形で公開する"
    "ことが求められている。"
)
TOP = 100


@pytest.fixture
def sheet(tmp_path):
    return Sheet(tmp_path / "made.pdf")


def body(sheet, y=TOP):
    """A paragraph, so that there is body text to compare with; where the next line goes."""
    return sheet.lines(LEFT, y, wrapped("　" + PROSE * 2, 40))


def lines(sheet, kind):
    """The lines of a PDF that are of a kind, in order."""
    root = read(sheet.save()).root
    pieces = dict.fromkeys(_line(root.text, span) for span in root.spans if span.kind == kind)
    return list(pieces)


def _line(text, span):
    end = text.find("\n", span.start)
    return text[text.rfind("\n", 0, span.start) + 1 : len(text) if end < 0 else end]


def cells(sheet, xs, y, rows, size=9.0, pitch=20, font=MINCHO):
    """Rows of cells at the left edges `xs`; empty ones are left out. Where the next row goes."""
    for row in rows:
        for x, cell in zip(xs, row, strict=True):
            if cell:
                sheet.text(x, y, cell, size, font)
        y += pitch
    return y


# --- merged cells in ruled tables ---


def grouped(sheet, y):
    """A head of two rows: one cell over both, and one over two columns."""
    xs, ys = (60, 160, 260, 360), (y, y + 20, y + 40, y + 60, y + 80)
    for x in (60, 160, 360):
        sheet.rule(x, y, x, y + 80)
    sheet.rule(260, y + 20, 260, y + 80)
    sheet.rule(160, y + 20, 360, y + 20)
    for level in (0, 40, 60, 80):
        sheet.rule(60, y + level, 360, y + level)
    sheet.text(64, y + 24, "事業名", 9)
    sheet.text(240, y + 14, "予算額", 9)
    sheet.text(164, y + 34, "令和５年度", 9)
    sheet.text(264, y + 34, "令和６年度", 9)
    cells(sheet, [x + 4 for x in xs[:3]], ys[2] + 14, [("道路", "10億円", "12億円")])


def test_a_head_over_several_columns_stands_before_each_columns_own(sheet):
    y = body(sheet)
    grouped(sheet, y)
    cells(sheet, (64, 164, 264), y + 74, [("公園", "３億円", "")])
    assert lines(sheet, "table") == [
        "事業名：道路｜予算額・令和５年度：10億円｜予算額・令和６年度：12億円",
        "事業名：公園｜予算額・令和５年度：３億円",
    ]


def test_a_cell_over_several_columns_is_said_once(sheet):
    y = body(sheet)
    xs = (60, 160, 260, 360)
    for x in (60, 160, 360):
        sheet.rule(x, y, x, y + 80)
    sheet.rule(260, y, 260, y + 40)
    for level in range(0, 81, 20):
        sheet.rule(60, y + level, 360, y + level)
    cells(
        sheet,
        [x + 4 for x in xs[:3]],
        y + 14,
        [("事業名", "令和５年度", "令和６年度")],
        font=GOTHIC,
    )
    cells(sheet, [x + 4 for x in xs[:3]], y + 34, [("道路", "10億円", "12億円")])
    sheet.text(215, y + 54, "予算の定めがない", 9)
    sheet.text(64, y + 54, "公園", 9)
    sheet.text(64, y + 74, "橋", 9)
    sheet.text(240, y + 74, "同上", 9)
    assert lines(sheet, "table") == [
        "事業名：道路｜令和５年度：10億円｜令和６年度：12億円",
        "事業名：公園｜令和５年度、令和６年度：予算の定めがない",
        "事業名：橋｜令和５年度、令和６年度：同上",
    ]


def test_a_cell_over_several_rows_is_whole_wherever_its_lines_stand(sheet):
    y = body(sheet)
    for x in (60, 160, 260):
        sheet.rule(x, y, x, y + 60)
    for level in (0, 60):
        sheet.rule(60, y + level, 260, y + level)
    for level in (20, 40):
        sheet.rule(160, y + level, 260, y + level)
    sheet.text(64, y + 26, "地域の課題", 9)
    sheet.text(64, y + 38, "を解決する", 9)
    cells(sheet, (164,), y + 14, [("道路",), ("公園",), ("橋",)])
    assert lines(sheet, "table") == [
        "地域の課題を解決する｜道路",
        "地域の課題を解決する｜公園",
        "地域の課題を解決する｜橋",
    ]


def test_words_over_columns_of_figures_are_their_heads(sheet):
    y = body(sheet)
    sheet.grid((60, 160, 260, 360), (y, y + 20, y + 40, y + 60))
    rows = [
        ("事業名", "年度", "金額"),
        ("道路", "令和５年", "10億円"),
        ("公園", "令和６年", "△３億円"),
    ]
    cells(sheet, (64, 164, 264), y + 14, rows)
    assert lines(sheet, "table") == [
        "事業名：道路｜年度：令和５年｜金額：10億円",
        "事業名：公園｜年度：令和６年｜金額：△３億円",
    ]


# --- tables with level rules only, or without any ---

ROADS = [
    ("道路", "令和５年", "10億円"),
    ("公園の整備", "令和６年", "３億円"),
    ("橋", "令和７年", "25億円"),
]
ROAD_LINES = [
    "事業名：道路｜年度：令和５年｜金額：10億円",
    "事業名：公園の整備｜年度：令和６年｜金額：３億円",
    "事業名：橋｜年度：令和７年｜金額：25億円",
]


def three_rules(sheet, ys, x0=LEFT, x1=360):
    for y in ys:
        sheet.rule(x0, y, x1, y)


def test_three_level_rules_make_a_table(sheet):
    y = body(sheet)
    cells(sheet, (60, 160, 260), y + 14, [("事業名", "年度", "金額"), *ROADS])
    three_rules(sheet, (y, y + 20, y + 80))
    after = sheet.lines(LEFT, y + 110, wrapped("　" + PROSE, 40))
    assert after
    document_lines = lines(sheet, "table")
    assert document_lines == ROAD_LINES


def test_two_columns_between_three_rules_are_a_table(sheet):
    y = body(sheet)
    cells(
        sheet,
        (60, 160),
        y + 14,
        [
            ("用語", "意味"),
            ("行政機関", "地域の課題を解決する"),
            ("施策", "住民に分かりやすい形で計画に"),
        ],
    )
    sheet.text(160, y + 66, "定めて行う。", 9)
    three_rules(sheet, (y, y + 20, y + 80))
    assert lines(sheet, "table") == [
        "用語：行政機関｜意味：地域の課題を解決する",
        "用語：施策｜意味：住民に分かりやすい形で計画に定めて行う。",
    ]


def test_a_short_rule_under_a_head_shows_its_columns(sheet):
    y = body(sheet)
    sheet.text(60, y + 24, "事業名", 9)
    sheet.text(215, y + 14, "予算額", 9)
    sheet.rule(160, y + 19, 320, y + 19)
    cells(sheet, (160, 260), y + 34, [("令和５年度", "令和６年度")])
    cells(
        sheet, (60, 160, 260), y + 58, [("道路", "10億円", "12億円"), ("公園", "３億円", "４億円")]
    )
    three_rules(sheet, (y, y + 42, y + 90))
    assert lines(sheet, "table") == [
        "事業名：道路｜予算額・令和５年度：10億円｜予算額・令和６年度：12億円",
        "事業名：公園｜予算額・令和５年度：３億円｜予算額・令和６年度：４億円",
    ]


def test_aligned_columns_without_rules_are_a_table(sheet):
    y = body(sheet)
    cells(sheet, (80, 200, 300), y + 14, [("事業名", "年度", "金額"), *ROADS])
    assert lines(sheet, "table") == ROAD_LINES


def test_figures_aligned_at_their_ends_are_a_table(sheet):
    y = body(sheet) + 14
    sheet.canvas.setFont(MINCHO, 9)
    for name, *figures in [
        ("区分", "令和５年度", "令和６年度"),
        ("歳入", "1,234", "900"),
        ("歳出", "98", "1,002"),
    ]:
        sheet.text(80, y, name, 9)
        for x, figure in zip((240, 330), figures, strict=True):
            wide = sum(9 if sign > "~" else 4.5 for sign in figure)
            sheet.text(x - wide, y, figure, 9)
        y += 18
    assert lines(sheet, "table") == [
        "区分：歳入｜令和５年度：1,234｜令和６年度：900",
        "区分：歳出｜令和５年度：98｜令和６年度：1,002",
    ]


NO_TABLES = {
    "labels and values": [
        ("日　時", "令和５年４月１日"),
        ("場　所", "中央合同庁舎"),
        ("議　題", "行政計画について"),
        ("出席者", "行政会議の委員"),
    ],
    "numbered labels and values": [
        ("１", "日時", "令和５年４月１日"),
        ("２", "場所", "中央合同庁舎"),
        ("３", "議題", "行政計画について"),
        ("４", "出席", "行政会議の委員"),
    ],
    "contents": [
        ("第１章", "総則", "・・・・・・・・・・１"),
        ("第２章", "計画", "・・・・・・・・・・４"),
        ("第３章", "雑則", "・・・・・・・・・・９"),
    ],
    "a list": [
        ("（１）", "施策の目的", ""),
        ("（２）", "施策の対象", ""),
        ("（３）", "施策の効果", ""),
    ],
    "three columns of prose": [
        ("我が国の行政機関は、", "自治体の職員は毎年度", "住民に分かりやすい形で"),
        ("地域の課題を解決する。", "の計画に沿って事業の。", "公開することが大切だ。"),
        ("そのために情報を集め、", "効果を確かめながらも、", "関係する団体と協力し、"),
        ("計画を定めるのである。", "施策を進めるのである。", "進める必要があるのだ。"),
    ],
}


@pytest.mark.parametrize("name", NO_TABLES)
def test_what_only_looks_like_a_table_is_none(sheet, name):
    y = body(sheet)
    cells(
        sheet,
        (80, 140, 300) if name != "three columns of prose" else (60, 190, 320),
        y + 14,
        [(*row, "")[:3] for row in NO_TABLES[name]],
    )
    assert lines(sheet, "table") == []


def test_two_columns_of_prose_between_rules_are_none(sheet):
    halves = wrapped(PROSE * 4, 18)
    y = body(sheet)
    for x in (60, 280):
        sheet.lines(x, y + 40, halves)
        sheet.text(x, y + 14, "見出し")
    three_rules(sheet, (y, y + 22, y + 250), x1=500)
    assert lines(sheet, "table") == []


# --- tables that go on over pages ---


def long_table(sheet, pages, *, repeated, colour=False, rules="all", y=60):
    """A table over `pages` pages, two rows on each but its head."""
    for number in range(pages):
        rows = [("事業名", "担当", "備考")] if repeated or number == 0 else []
        rows += [(f"道路{number}", "第一課", "継続"), (f"公園{number}", "第二課", "新規")]
        down = [y + 20 * index for index in range(len(rows) + 1)]
        if colour and len(rows) == 3:
            sheet.area(60, y, 360, y + 20)
        if rules == "all":
            sheet.grid((60, 160, 260, 360), down)
        else:
            three_rules(sheet, (down[0], down[-3], down[-1]))
        cells(sheet, (64, 164, 264), y + 14, rows)
        if number < pages - 1:
            sheet.next_page()


LONG_LINES = [
    f"事業名：{place}{number}｜担当：{office}｜備考：{note}"
    for number in range(4)
    for place, office, note in (("道路", "第一課", "継続"), ("公園", "第二課", "新規"))
]


@pytest.mark.parametrize("repeated", [True, False])
def test_a_table_that_goes_on_has_its_heads_on_every_page(sheet, repeated):
    long_table(sheet, 4, repeated=repeated, colour=True)
    assert lines(sheet, "table") == LONG_LINES


def test_a_head_is_known_by_its_being_repeated(sheet):
    long_table(sheet, 4, repeated=True)
    assert lines(sheet, "table") == LONG_LINES


def test_a_repeated_head_between_level_rules_is_no_running_head(sheet):
    long_table(sheet, 4, repeated=True, rules="level")
    assert lines(sheet, "table") == LONG_LINES


def test_a_running_head_in_a_box_of_its_own_is_none_of_the_text(sheet):
    for _ in range(4):
        sheet.grid((60, 160, 260), (20, 40, 60))
        cells(sheet, (64, 164), 34, [("行政計画", "第３版"), ("文書番号", "第12号")])
        body(sheet)
        sheet.next_page()
    assert "行政計画" not in read(sheet.save()).root.text


def test_another_table_after_prose_keeps_its_own_rows(sheet):
    long_table(sheet, 1, repeated=True, colour=True)
    sheet.next_page()
    y = body(sheet)
    sheet.grid((60, 160, 260, 360), (y, y + 20, y + 40))
    cells(sheet, (64, 164, 264), y + 14, [("橋", "第三課", "継続"), ("港", "第四課", "新規")])
    assert lines(sheet, "table")[2:] == ["橋｜第三課｜継続", "港｜第四課｜新規"]


# --- captions ---


def figure(sheet, y):
    for index, label in enumerate(("企画", "実施", "評価")):
        sheet.circle(150 + 90 * index, y + 60, 45)
        sheet.text(140 + 90 * index, y + 60, label, 8)


def test_captions_at_a_figure_are_apart_from_the_prose_it_interrupts(sheet):
    first, *others = wrapped("　" + PROSE * 2, 40)
    y = sheet.lines(LEFT, TOP, [first])
    sheet.text(150, y + 20, "図１－２　計画の流れ", 9, GOTHIC)
    figure(sheet, y + 20)
    sheet.text(100, y + 140, "注１：評価は毎年度行い、その結果を住民に分かりやすい形で公開す", 7)
    sheet.text(124, y + 150, "ることとした。", 7)
    sheet.text(100, y + 160, "資料：行政会議", 7)
    sheet.lines(LEFT, y + 190, others)
    document = read(sheet.save())
    assert document.root.text.split("\n") == [
        PROSE * 2,
        "図１－２　計画の流れ",
        "注１：評価は毎年度行い、その結果を住民に分かりやすい形で公開することとした。",
        "資料：行政会議",
    ]
    kinds = {_line(document.root.text, span): span.kind for span in document.root.spans}
    assert list(kinds.values()) == ["text", "caption", "caption", "caption"]


def test_a_tables_title_comes_before_its_rows_and_its_source_after(sheet):
    y = body(sheet)
    sheet.text(60, y + 10, "表２　事業の一覧", 10.5)
    cells(sheet, (60, 160, 260), y + 34, [("事業名", "年度", "金額"), *ROADS])
    three_rules(sheet, (y + 20, y + 40, y + 100))
    sheet.text(60, y + 112, "資料：行政会議", 8)
    document = read(sheet.save())
    assert document.root.text.split("\n")[1:] == ["表２　事業の一覧", *ROAD_LINES, "資料：行政会議"]
    kinds = [span.kind for span in document.root.spans]
    assert (kinds.count("caption"), kinds[-1]) == (2, "caption")


def test_prose_that_speaks_of_a_figure_is_no_caption(sheet):
    y = body(sheet)
    figure(sheet, y)
    sheet.lines(LEFT, y + 130, wrapped("　図１に示すように、" + PROSE, 40))
    assert lines(sheet, "caption") == []


def test_a_list_of_figures_is_no_caption(sheet):
    y = body(sheet)
    sheet.lines(LEFT, y, [f"図{number}　計画の流れ・・・・・・・{number}" for number in (1, 2, 3)])
    assert lines(sheet, "caption") == []


# --- what office programs write ---


def test_a_table_belongs_to_the_section_in_which_it_stands(sheet):
    y = TOP
    for heading in ("１．行政の課題", "２．今後の展望"):
        sheet.text(LEFT, y, heading, 14, GOTHIC)
        y = body(sheet, y + 24) + 20
        if heading.startswith("１"):
            sheet.grid((60, 160, 260, 360), [y + 20 * row for row in range(5)])
            cells(sheet, (64, 164, 264), y + 14, [("事業名", "年度", "金額"), *ROADS])
            y += 120
    first, second = read(sheet.save()).root.children
    assert first.text.split("\n") == [PROSE * 2, *ROAD_LINES]
    assert second.text == PROSE * 2


def test_what_is_set_to_the_right_goes_on_with_nothing(sheet):
    for y, text in ((100, "令和６年４月１日"), (117, "行政情報課")):
        sheet.text(LEFT + 40 * 10.5 - 10.5 * len(text), y, text)
    sheet.lines(LEFT, 134, ["目　次", *wrapped("　" + PROSE * 2, 40)])
    assert read(sheet.save()).root.text.split("\n") == [
        "令和６年４月１日",
        "行政情報課",
        "目　次",
        PROSE * 2,
    ]


def test_bullets_numbered_by_their_font_are_bullets(sheet):
    y = body(sheet)
    for item in ("費用を見積もること", "体制を整えること"):
        sheet.text(LEFT + 21, y, f"\uf0b7　{item}")
        y += 17
    assert read(sheet.save()).root.text.split("\n")[1:] == [
        "•　費用を見積もること",
        "•　体制を整えること",
    ]


def test_the_lines_of_a_contents_list_stay_apart(sheet):
    y = body(sheet)
    entries = [f"第{number}章の題名{'・' * 32}{number}" for number in "１２３"]
    sheet.lines(LEFT, y + 17, entries)
    assert read(sheet.save()).root.text.split("\n") == [PROSE * 2, *entries]


@pytest.mark.parametrize("level", [True, False])
def test_the_labels_of_a_bar_chart_go_and_its_caption_stays(sheet, level):
    y = body(sheet)
    if level:
        for index, label in enumerate(("100", "75", "50", "25", "0")):
            sheet.rule(100, y + 30 + 40 * index, 400, y + 30 + 40 * index)
            sheet.text(82, y + 33 + 40 * index, label, 7)
    else:
        sheet.rule(100, y + 30, 100, y + 190)
        for index in range(5):
            sheet.text(110 + 60 * index, y + 185 - 20 * index, str(10 + 20 * index), 7)
    for index, label in enumerate(("令和４年", "令和５年", "令和６年")):
        sheet.area(130 + 90 * index, y + 150 - 30 * index, 160 + 90 * index, y + 190)
        if level:
            sheet.text(128 + 90 * index, y + 200, label, 8)
    sheet.rule(100, y + 190, 400, y + 190)
    sheet.text(100, y + 214, "図１　申請の数", 9)
    assert read(sheet.save()).root.text.split("\n") == [PROSE * 2, "図１　申請の数"]


def test_text_boxes_side_by_side_are_no_table(sheet):
    y = body(sheet)
    rows = [
        ("企画", "実施", "評価"),
        ("計画の立案と調整を行", "各課が事業を進める", "外部の委員が検証する"),
        ("う", "", "こととする"),
    ]
    cells(sheet, (60, 200, 340), y + 14, rows, size=10.5, pitch=14)
    assert lines(sheet, "table") == []
