"""Question sets as tables: CSV and Excel, with Japanese or English column names."""

import pytest
from openpyxl import Workbook

from policyqa.errors import EvaluationError
from policyqa.evaluation.questions import Gold, Question, read_question_files, read_questions

TITLE = "デジタル田園都市国家構想総合戦略に位置づける重点的施策"
HEAD = "番号,質問,答えの有無,文書,章節,ページ,答え,種別"


def csv_file(path, *rows, encoding="utf-8"):
    path.write_text("\n".join(rows) + "\n", encoding=encoding)
    return path


def excel_file(path, rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


EXPECTED = [
    Question(
        "js-01",
        "スマートシティは何地域か。",
        True,
        (Gold(document=TITLE, section="１．スマートシティ"), Gold(document=TITLE, page=4)),
        ("51地域", "五十一地域", "51か所"),
        ("数値",),
    ),
    Question("2", "空港は、いつ開くか。", False),
]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_a_csv_file_as_excel_saves_it(tmp_path, encoding):
    path = csv_file(
        tmp_path / "set.csv",
        HEAD,
        f'js-01,スマートシティは何地域か。,有,{TITLE},１．スマートシティ,,"51地域\n五十一地域",数値',
        "",
        f",,,{TITLE},,ｐ.4,51か所,",
        "2,空港は、いつ開くか。,無,,,,,",
        encoding=encoding,
    )
    assert read_questions(path) == EXPECTED


def test_a_workbook(tmp_path):
    path = excel_file(
        tmp_path / "set.xlsx",
        [
            [],
            ["id", "question", "answerable", "document", "section", "page", "answers", "tags"],
            [
                "js-01",
                "スマートシティは何地域か。",
                None,
                TITLE,
                "１．スマートシティ",
                None,
                "51地域|五十一地域",
                "数値",
            ],
            ["js-01", None, None, TITLE, None, 4.0, "51か所", None],
            [2.0, "空港は、いつ開くか。", False, None, None, None, None, None],
        ],
    )
    assert read_questions(path) == EXPECTED


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (["番号,質問,色"], "1: unknown column 色; known are id, ID, 番号"),
        (["番号,質問,,文書"], "1: unknown column (empty); known are"),
        (["番号,質問,質問文"], "1: two columns for question"),
        (["番号,質問", "1,空港は。,無"], "2: column 3 has no name in the first row"),
        ([HEAD, "1,空港は。,多分,,,,,"], "2: 多分 is neither yes nor no; write 有 or 無"),
        ([HEAD, f"1,空港は。,,{TITLE},,四,,"], "2: page 四 is no whole number from 1"),
        ([HEAD, f"1,空港は。,,{TITLE},,0,,"], "2: page 0 is no whole number from 1"),
        ([HEAD, "1,空港は。,,,第１章,,,"], "2: a relevant place names neither document nor file"),
        ([HEAD, "1,空港は。,有,,,,,"], "2: an answerable question needs a relevant place"),
        ([HEAD, ",空港は。,無,,,,,"], "2: the id is missing or no string"),
        ([HEAD, "1,,無,,,,,"], "2: the question is empty"),
        ([HEAD, "1,空港は。,無,,,,,", "1,道路は。,無,,,,,"], "3: the id 1 stands on line 2 too"),
        ([HEAD, "1,空港は。,,白書,,,,"], "2: the library has no document 白書"),
        ([HEAD], " holds no question"),
        (['"番号,質問'], " cannot be read: unexpected end of data"),
    ],
)
def test_wrong_rows_are_named_by_file_and_row(tmp_path, library, rows, problem):
    path = csv_file(tmp_path / "set.csv", *rows)
    with pytest.raises(EvaluationError) as caught:
        read_questions(path, library.places)
    assert str(caught.value).startswith(f"{path}{'' if problem[0] == ' ' else ':'}{problem}")


def test_every_wrong_row_is_named_at_once(tmp_path):
    path = csv_file(
        tmp_path / "set.csv", HEAD, "1,,無,,,,,", "2,空港は。,無,,,,,", "3,道路は。,？,,,,,"
    )
    with pytest.raises(EvaluationError) as caught:
        read_questions(path)
    assert [line.split(":")[1] for line in str(caught.value).splitlines()] == ["2", "4"]


def test_what_is_no_workbook(tmp_path):
    path = csv_file(tmp_path / "set.xlsx", HEAD)
    with pytest.raises(EvaluationError, match="set.xlsx cannot be read: File is not a zip file"):
        read_questions(path)


def test_an_id_stands_in_one_file_only(tmp_path):
    first = csv_file(tmp_path / "a.csv", HEAD, "1,空港は。,無,,,,,")
    second = csv_file(tmp_path / "b.csv", HEAD, "2,道路は。,無,,,,,", "1,橋は。,無,,,,,")
    assert len(read_question_files([first])) == 1
    with pytest.raises(EvaluationError) as caught:
        read_question_files([first, second])
    assert str(caught.value) == f"{second}:3: the id 1 stands in {first}, line 2, too"
