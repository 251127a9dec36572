"""Spreadsheets: Excel workbooks that openpyxl writes, CSV and TSV as bytes; exact documents."""

import datetime
import re
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from policyqa.errors import ReadError
from policyqa.models import Document, Section
from policyqa.readers import read
from policyqa.readers.rows import row_text
from policyqa.readers.sheets import formats


def document(path: Path, *sheets: dict) -> Document:
    """Read a workbook of these sheets: `rows`, and what else is set (merged, hidden, formats)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, content in enumerate(sheets, start=1):
        sheet = book.create_sheet(content.get("title", f"表{number}"))
        for row in content["rows"]:
            sheet.append(row)
        for merged in content.get("merged", ()):
            sheet.merge_cells(merged)
        for place, number_format in content.get("formats", {}).items():
            sheet[place].number_format = number_format
        for row in content.get("hidden_rows", ()):
            sheet.row_dimensions[row].hidden = True
        for column in content.get("hidden_columns", ()):
            sheet.column_dimensions[column].hidden = True
        sheet.sheet_state = content.get("state", "visible")
    file = path / "資料.xlsx"
    book.save(file)
    return read(file)


def outline(section: Section) -> list:
    """A section as [label, title, text, children...]."""
    return [section.label, section.title, section.text, *map(outline, section.children)]


def text_of(path: Path, *rows: list, **content) -> list[str]:
    """The lines of a workbook's only sheet, which has no sections."""
    root = document(path, {"rows": rows, **content}).root
    assert root.children == ()
    return root.text.split("\n")


def csv(path: Path, data: bytes | str, name: str = "一覧.csv") -> Section:
    file = path / name
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return read(file).root


# --- rows ---


@pytest.mark.parametrize(
    ("heads", "cells", "expected"),
    [
        (["区分", "人口"], ["札幌市", "197万人"], "区分：札幌市｜人口：197万人"),
        (["区分", "人口"], ["", "197万人"], "人口：197万人"),
        (["区分", ""], ["札幌市", "速報"], "区分：札幌市｜速報"),
        (["区分"], ["札幌市", "速報"], "区分：札幌市｜速報"),
        (["区分", "人口"], ["札幌市"], "区分：札幌市"),
        ([], ["", ""], ""),
    ],
)
def test_a_row(heads, cells, expected):
    assert row_text(heads, cells) == expected


# --- tables ---


def test_a_sheet_with_titles_above_its_table(tmp_path):
    rows = [
        ["令和５年度　補助金の一覧"],
        ["作成日", datetime.date(2024, 4, 1)],
        ["補助金名", "担当課", "上限額"],
        ["住宅省エネ改修", "住宅課", 500000],
        ["空き家活用", "都市計画課\n（空き家係）", None],
    ]
    assert text_of(tmp_path, *rows) == [
        "令和５年度　補助金の一覧",
        "作成日｜2024-04-01",
        "補助金名：住宅省エネ改修｜担当課：住宅課｜上限額：500000",
        "補助金名：空き家活用｜担当課：都市計画課（空き家係）",
    ]


def test_heads_in_two_rows(tmp_path):
    rows = [
        ["人口の推移"],
        ["区分", "人口", None, "備考"],
        [None, "男", "女", None],
        ["北海道", 100, 200, "速報"],
        ["青森県", 30, 40, None],
    ]
    merged = ["A1:D1", "A2:A3", "B2:C2", "D2:D3"]
    assert text_of(tmp_path, *rows, merged=merged) == [
        "人口の推移",
        "区分：北海道｜人口・男：100｜人口・女：200｜備考：速報",
        "区分：青森県｜人口・男：30｜人口・女：40",
    ]


def test_merged_cells_below_the_head(tmp_path):
    rows = [
        ["分類", "施策", "４年度", "５年度"],
        ["住宅", "改修", 1, 2],
        [None, "耐震", "未定", None],
        ["以下は道路の施策", None, None, None],
        ["道路", "舗装", 3, 4],
    ]
    assert text_of(tmp_path, *rows, merged=["A2:A3", "C3:D3", "A4:D4"]) == [
        "分類：住宅｜施策：改修｜４年度：1｜５年度：2",
        "分類：住宅｜施策：耐震｜４年度、５年度：未定",
        "以下は道路の施策",
        "分類：道路｜施策：舗装｜４年度：3｜５年度：4",
    ]


def test_empty_rows_set_tables_apart(tmp_path):
    rows = [
        [None, "施策", "予算"],
        [None, "改修", 10],
        [],
        [None, "舗装", 20],
        [],
        [None, "※　予算の単位は億円。"],
        [],
        [None, "窓口の一覧"],
        [None, "課", "電話"],
        [None, "住宅課", "011-000-0000"],
    ]
    assert text_of(tmp_path, *rows) == [
        "施策：改修｜予算：10",
        "施策：舗装｜予算：20",
        "※　予算の単位は億円。",
        "窓口の一覧",
        "課：住宅課｜電話：011-000-0000",
    ]


def test_groups_of_texts_go_on_below_one_head(tmp_path):
    rows = [["市", "区"], ["札幌市", "中央区"], [], ["仙台市", "青葉区"], ["仙台市", "泉区"]]
    assert text_of(tmp_path, *rows) == [
        "市：札幌市｜区：中央区",
        "市：仙台市｜区：青葉区",
        "市：仙台市｜区：泉区",
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # Figures, or sentences, in the first row: there is no head.
        ([["北海道", 100], ["青森県", 30]], ["北海道｜100", "青森県｜30"]),
        (
            [["目的", "安全を高める。"], ["期間", "五年間とする。"]],
            ["目的｜安全を高める。", "期間｜五年間とする。"],
        ),
        # Years are heads, though they are numbers.
        ([["区分", 2022, 2023], ["北海道", 1, 2]], ["区分：北海道｜2022：1｜2023：2"]),
        ([["区分", "4月", "5月"], ["北海道", 1, 2]], ["区分：北海道｜4月：1｜5月：2"]),
        ([["ただの一行"]], ["ただの一行"]),
        ([["担当", "総務課"]], ["担当｜総務課"]),
    ],
)
def test_what_is_a_head(tmp_path, rows, expected):
    assert text_of(tmp_path, *rows) == expected


def test_hidden_rows_and_columns_are_left_out(tmp_path):
    rows = [
        ["分類", "内部番号", "施策", "内部メモ", "予算"],
        ["住宅", "x1", "改修", "秘", 10],
        [None, "x2", "耐震", "秘", 20],
        ["道路", "x3", "舗装", "秘", 30],
    ]
    merged = ["A2:A3"]
    hidden = {"hidden_rows": [2], "hidden_columns": ["B", "D"]}
    # What is merged with a hidden row is still shown beside the others.
    assert text_of(tmp_path, *rows, merged=merged, **hidden) == [
        "分類：住宅｜施策：耐震｜予算：20",
        "分類：道路｜施策：舗装｜予算：30",
    ]


def test_a_long_table_is_cut_by_its_categories(tmp_path):
    names = [("住宅", 30), ("道路", 30)]
    rows = [[name, f"施策{number}"] for name, count in names for number in range(count)]
    sheet = document(tmp_path, {"rows": [["分類", "施策"], *rows]}).root
    assert [(part.title, part.text.split("\n")[29]) for part in sheet.children] == [
        ("住宅", "分類：住宅｜施策：施策29"),
        ("道路", "分類：道路｜施策：施策29"),
    ]
    # Not a short one, nor one whose categories alternate.
    assert document(tmp_path, {"rows": [["分類", "施策"], *rows[:20]]}).root.children == ()
    mixed = [["分類", "施策"], *sorted(rows, key=lambda row: row[1])]
    assert document(tmp_path, {"rows": mixed}).root.children == ()


# --- questions and answers ---


def test_questions_and_answers_by_their_heads(tmp_path):
    rows = [
        ["よくある質問"],
        ["No.", "分類", "質問（Q）", "回答（A）", "担当", "更新日"],
        [1, "手続", "どこで申請\nできますか。", "窓口です。", "市民課", datetime.date(2024, 4, 1)],
        [2, None, "必要な書類は？", "次のとおりです。\n・住民票\n・印鑑", "市民課", None],
        [3, "費用", "費用はかかりますか。", "無料です。", None, None],
        [None, None, None, "ただし郵送料は御負担ください。", None, None],
        [4, "費用", "返金はありますか。", None, None, None],
    ]
    assert outline(document(tmp_path, {"rows": rows, "merged": ["B3:B4"]}).root) == [
        "",
        "",
        "よくある質問\nNo.：4｜分類：費用｜質問（Q）：返金はありますか。",
        ["1", "どこで申請できますか。", "窓口です。\n分類：手続\n担当：市民課\n更新日：2024-04-01"],
        ["2", "必要な書類は？", "次のとおりです。\n・住民票\n・印鑑\n分類：手続\n担当：市民課"],
        ["3", "費用はかかりますか。", "無料です。\nただし郵送料は御負担ください。\n分類：費用"],
    ]


@pytest.mark.parametrize(
    "heads",
    [
        ["質問", "回答"],
        ["問", "答"],
        ["Ｑ", "Ａ"],
        ["よくある質問", "回答内容"],
        ["Question", "answer"],
        ["ご質問内容", "ご回答"],
        ["お問い合わせ", "答え"],
    ],
)
def test_heads_of_questions(tmp_path, heads):
    root = document(tmp_path, {"rows": [heads, ["費用", "無料"], ["時間", "九時から"]]}).root
    assert outline(root) == ["", "", "", ["", "費用", "無料"], ["", "時間", "九時から"]]


def test_lines_over_questions_are_sections(tmp_path):
    rows = [
        ["番号", "質問", "回答"],
        ["手続について"],
        ["Q1", "どこで申請できますか。", "窓口です。"],
        ["費用について"],
        ["Q2", "費用はかかりますか。", "無料です。"],
        ["以上"],
    ]
    assert outline(document(tmp_path, {"rows": rows}).root) == [
        "",
        "",
        "以上",
        ["", "手続について", "", ["Q1", "どこで申請できますか。", "窓口です。"]],
        ["", "費用について", "", ["Q2", "費用はかかりますか。", "無料です。"]],
    ]


def test_questions_without_heads(tmp_path):
    data = "1,申請はどこでできますか。,市役所やオンラインでできます。\n2,費用は？,かかりません。\n"
    assert outline(csv(tmp_path, data)) == [
        "",
        "",
        "",
        ["1", "申請はどこでできますか。", "市役所やオンラインでできます。"],
        ["2", "費用は？", "かかりません。"],
    ]


def test_other_sentences_are_no_questions(tmp_path):
    data = "目的は安全である。,道路の安全を高めることを目的とする。\n期間は長い。,五年間とする。\n"
    assert outline(csv(tmp_path, data)) == [
        "",
        "",
        "目的は安全である。｜道路の安全を高めることを目的とする。\n期間は長い。｜五年間とする。",
    ]


# --- workbooks ---


def test_sheets_are_sections(tmp_path):
    found = document(
        tmp_path,
        {"title": "手続　一覧", "rows": [["手続", "窓口"], ["転入届", "市民課"]]},
        {"title": "空", "rows": []},
        {"title": "内部", "rows": [["秘", "密"]], "state": "hidden"},
        {"title": "内部２", "rows": [["秘", "密"]], "state": "veryHidden"},
        {"title": "FAQ", "rows": [["質問", "回答"], ["費用は？", "無料です。"]]},
    )
    assert found.title == "資料"
    assert outline(found.root) == [
        "",
        "",
        "",
        ["", "手続　一覧", "手続：転入届｜窓口：市民課"],
        ["", "FAQ", "", ["", "費用は？", "無料です。"]],
    ]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("補助金の一覧", "補助金の一覧"),
        ("Bookmark 施策", "Bookmark 施策"),
        ("Book1", "資料"),
        ("Sheet1.xlsx", "資料"),
        ("Microsoft Excel ワークシート", "資料"),
        (" ", "資料"),
        (None, "資料"),
    ],
)
def test_the_title(tmp_path, title, expected):
    book = openpyxl.Workbook()
    book.active.append(["本文"])
    book.properties.title = title
    book.save(tmp_path / "資料.xlsx")
    assert read(tmp_path / "資料.xlsx").title == expected


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (1234567, "General", "1234567"),
        (0.1, "General", "0.1"),
        (1 / 3, "General", "0.333333333333333"),
        (1234567, "#,##0", "1,234,567"),
        (1234.5, "#,##0.00", "1,234.50"),
        (0.125, "0%", "13%"),
        (0.125, "0.0%", "12.5%"),
        (0.5, '0.0"%"', "0.5%"),
        (-1234, "#,##0;△#,##0", "△1,234"),
        (-1234, '#,##0_ ;[Red]"▲"#,##0\\ ', "▲1,234 "),
        (-1234, "#,##0", "-1,234"),
        (1234, '#,##0"円"', "1,234円"),
        (1234, "[$¥-411]#,##0", "¥1,234"),
        (1234567, "#,##0,", "1,235"),
        (600, "00000", "00600"),
        (2.5, "0", "3"),
        (0, "#,###", ""),
        (12, "# ?/?", "12"),
        (12, "0.00E+00", "12"),
        (1e300, "#,##0", "1e+300"),
        (7, '"第"0"回"', "第7回"),
        (True, "General", "TRUE"),
        (datetime.datetime(2024, 4, 1), "yyyy/m/d", "2024-04-01"),
        (datetime.datetime(2024, 4, 1, 9, 30), "yyyy/m/d h:mm", "2024-04-01 09:30"),
        (datetime.date(2024, 4, 1), 'ggge"年"m"月"d"日"', "2024-04-01"),
        (datetime.time(9, 30), "h:mm", "09:30"),
        (datetime.timedelta(hours=26, minutes=30), "[h]:mm", "26:30"),
        ("１２３ａ", "@", "１２３ａ"),
        ("一_x000D_二", "@", "一\r二"),
        (None, "General", ""),
    ],
)
def test_what_a_cell_shows(value, number_format, expected):
    assert formats.shown(value, number_format) == expected


def test_values_in_a_workbook(tmp_path):
    rows = [
        ["項目", "値"],
        ["日", datetime.date(2024, 4, 1)],
        ["率", 0.5],
        ["額", 12345],
        ["可", True],
    ]
    rows += [["式", "=1+1"], ["誤り", "#N/A"], ["全角", "　ＡＢＣ１２３　"]]
    numbers = {"B3": "0.0%", "B4": '#,##0"円"', "B2": 'ggge"年"m"月"d"日"'}
    assert text_of(tmp_path, *rows, formats=numbers) == [
        "項目：日｜値：2024-04-01",
        "項目：率｜値：50.0%",
        "項目：額｜値：12,345円",
        "項目：可｜値：TRUE",
        # openpyxl keeps no results of formulas; Excel does (below).
        "項目：式",
        "項目：誤り",
        "項目：全角｜値：ＡＢＣ１２３",
    ]


def rewritten(path: Path, part: str, change) -> Path:
    """A workbook with one of its parts changed."""
    target = path.with_name("変更.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return target


@pytest.fixture
def plain(tmp_path) -> Path:
    """A workbook of one sheet with a head and a row."""
    document(tmp_path, {"rows": [["施策", "予算"], ["改修", 10]]})
    return tmp_path / "資料.xlsx"


SHEET = "xl/worksheets/sheet1.xml"
MOST = 1_048_576


def with_rows(data: bytes, rows: str) -> bytes:
    return re.sub(rb"</sheetData>", rows.encode() + b"</sheetData>", data)


def test_formulas_by_their_results_and_phonetics_left_out(plain):
    row = (
        '<row r="3"><c r="A3" t="inlineStr"><is><t>舗装</t>'
        '<rPh sb="0" eb="2"><t>ホソウ</t></rPh></is></c><c r="B3"><f>10*2</f><v>20</v></c></row>'
    )
    changed = rewritten(plain, SHEET, lambda data: with_rows(data, row))
    assert read(changed).root.text == "施策：改修｜予算：10\n施策：舗装｜予算：20"


def test_a_claim_of_a_million_rows_is_quick(plain):
    def claim(data: bytes) -> bytes:
        empty = "".join(
            f'<row r="{row}" s="1"><c r="A{row}" s="0"/></row>' for row in range(3, MOST)
        )
        grown = with_rows(data, empty + f'<row r="{MOST}"><c r="XFD{MOST}" s="0"/></row>')
        return re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', grown)

    changed = rewritten(plain, SHEET, claim)
    began = time.process_time()
    assert read(changed).root.text == "施策：改修｜予算：10"
    # Three seconds where nothing else runs; reading the cells would take minutes.
    assert time.process_time() - began < 15


def test_a_value_in_the_last_corner(plain):
    row = '<row r="1048576"><c r="XFD1048576"><v>5</v></c></row>'
    changed = rewritten(plain, SHEET, lambda data: with_rows(data, row))
    assert read(changed).root.text == "施策：改修｜予算：10\n5"


def test_what_openpyxl_prints_is_not_printed(plain, capfd):
    def restyle(data: bytes) -> bytes:
        return data.replace(b'xfId="0"', b'xfId="9"')

    with pytest.raises(ReadError, match=r"^the file is damaged \(IndexError\); save it anew$"):
        read(rewritten(plain, "xl/styles.xml", restyle))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "".join(f"<row><c><v>{row}</v></c></row>" for row in range(200_000)),
            "a sheet has more than 200,000 rows; split it",
        ),
        (
            "<row>" + "<c><v>5</v></c>" * 501 + "</row>",
            "a sheet has more than 500 columns; split it",
        ),
        (
            '<row r="99999999999"><c><v>5</v></c></row>',
            "the file is damaged (row 99999999999 after row 2); save it anew",
        ),
        ('<row r="x"/>', "the file is damaged (ValueError); save it anew"),
        ('<row><c t="s"><v>99</v></c></row>', "the file is damaged (IndexError); save it anew"),
        ("&a;", "the file is damaged (ExpatError); save it anew"),
        ("<row><c>", "the file is damaged (ExpatError); save it anew"),
    ],
)
def test_what_is_too_large_or_damaged(plain, rows, message):
    changed = rewritten(plain, SHEET, lambda data: with_rows(data, rows))
    with pytest.raises(ReadError) as raised:
        read(changed)
    assert str(raised.value) == message


OLD = (
    "the file is encrypted or in the format of before 2007; "
    "save it as .docx, .pptx or .xlsx without a password"
)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04", "the file is damaged (File is not a zip file); save it anew"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
            OLD,
        ),
    ],
)
def test_what_is_no_workbook(tmp_path, data, message):
    (tmp_path / "表.xlsx").write_bytes(data)
    with pytest.raises(ReadError) as raised:
        read(tmp_path / "表.xlsx")
    assert str(raised.value) == message


def test_another_archive_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "表.xlsx", "w") as archive:
        archive.writestr("本文.txt", "本文")
    with pytest.raises(
        ReadError, match=r"^the file is a ZIP archive but no .xlsx file; unpack it$"
    ):
        read(tmp_path / "表.xlsx")


def test_a_workbook_without_text(tmp_path):
    with pytest.raises(ReadError, match=r"^the file has no text \(hidden sheets, rows and columns"):
        document(tmp_path, {"rows": []}, {"rows": [["秘"]], "state": "hidden"}, {"rows": [[None]]})


# --- CSV ---

TABLE = "施策,予算\n住宅改修,10\n道路舗装,20\n"
LINES = "施策：住宅改修｜予算：10\n施策：道路舗装｜予算：20"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (TABLE.encode(), "一覧.csv"),
        (TABLE.encode("utf-8-sig"), "一覧.csv"),
        (TABLE.encode("cp932"), "一覧.csv"),
        (TABLE.encode("euc_jp"), "一覧.csv"),
        (TABLE.encode("utf-16"), "一覧.csv"),
        (TABLE.replace("\n", "\r\n").encode("cp932"), "一覧.CSV"),
        (TABLE.replace(",", "\t").encode("utf-16"), "一覧.csv"),
        (TABLE.replace(",", "\t").encode("cp932"), "一覧.tsv"),
        (TABLE.replace(",", ";").encode("cp932"), "一覧.csv"),
        (f"sep=;\r\n{TABLE.replace(',', ';')}".encode(), "一覧.csv"),
        (f"\n\n{TABLE}\n\n".encode(), "一覧.csv"),
        (TABLE.replace(",", ",,").encode(), "一覧.csv"),
    ],
)
def test_encodings_and_delimiters(tmp_path, data, name):
    assert outline(csv(tmp_path, data, name)) == ["", "", LINES]


def test_a_byte_order_mark_before_shift_jis(tmp_path):
    # Some programs write UTF-8's mark before any encoding.
    with pytest.raises(ReadError, match=r"^the character encoding was not recognised; save the"):
        csv(tmp_path, b"\xef\xbb\xbf" + TABLE.encode("cp932"))


def test_quoted_cells(tmp_path):
    data = '施策,説明\n改修,"省エネ, 断熱""等""\n\n二重窓"\n"舗装","道路;橋"\n'
    assert csv(tmp_path, data).text == (
        '施策：改修｜説明：省エネ, 断熱"等"二重窓\n施策：舗装｜説明：道路;橋'
    )


def test_commas_in_text_do_not_hide_tabs(tmp_path):
    data = "施策\t説明\n改修\t窓, 壁, 床\n舗装\t道路\n"
    assert csv(tmp_path, data).text == "施策：改修｜説明：窓, 壁, 床\n施策：舗装｜説明：道路"


def test_a_csv_with_a_title_and_rows_of_different_lengths(tmp_path):
    data = "施策の一覧,,\n施策,担当,予算\n改修,住宅課\n舗装,道路課,20,速報\n"
    assert csv(tmp_path, data).text.split("\n") == [
        "施策の一覧",
        "施策：改修｜担当：住宅課",
        "施策：舗装｜担当：道路課｜予算：20｜速報",
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "the file is empty"),
        (",,\n,,\n", "the file has no text (hidden sheets, rows and columns are not read)"),
        (
            '施策,予算\n"改修,10\n舗装,20\n',
            "line 4 is no row of a table (unexpected end of data); save it anew as CSV UTF-8",
        ),
        ("改修,10\n" * 200_001, "a sheet has more than 200,000 rows; split it"),
        (",".join("あ" * 501), "a sheet has more than 500 columns; split it"),
    ],
)
def test_what_is_no_csv(tmp_path, data, message):
    with pytest.raises(ReadError) as raised:
        csv(tmp_path, data)
    assert str(raised.value) == message
