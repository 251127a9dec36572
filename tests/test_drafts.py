"""From use to test: drafts of what users asked, filled in by a person, accepted into a set."""

import json

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from policyqa.cli import app
from policyqa.errors import EvaluationError
from policyqa.evaluation import draft_files, drafts
from policyqa.evaluation.cases import add_case
from policyqa.evaluation.draft_sheets import filled_in, write_sheet
from policyqa.evaluation.questions import read_questions
from policyqa.feedback import Feedback, Opinion

TITLE = "デジタル田園都市国家構想総合戦略に位置づける重点的施策"
SMART = {"document": TITLE, "section": "１．スマートシティ"}
STARTUP = {"document": TITLE, "section": "３．スタートアップ・エコシステム拠点都市"}


def opinion(question, verdict="down", reason="", citation=None):
    return Opinion(
        "2026-11-25T00:00:00+00:00", question, verdict, reason, None, citation, "generation"
    )


OPINIONS = [
    opinion(
        "スマートシティは2022年度に何地域が選定されたか", "down", "年度が違う", "「白書」第１章"
    ),
    opinion("拠点都市は何か所か", "up"),
    opinion("スマートシティは　２０２２年度に何地域が選定されたか", "down", "年度が違う"),
    opinion("スマートシティは2023年度に何地域が選定されたか", "up"),
]


@pytest.fixture
def cases(tmp_path):
    path = tmp_path / "cases.jsonl"
    add_case(path, "拠点都市は何か所か", [STARTUP])
    add_case(path, "空港は何か所か", [])
    return read_questions(path)


@pytest.fixture
def made(library, cases):
    rows, left_out = drafts.draft(library, OPINIONS, cases)
    assert left_out == []
    return rows


def test_what_users_asked_becomes_drafts_without_doubles(made):
    assert [row["question"] for row in made] == [
        "スマートシティは2022年度に何地域が選定されたか",
        "拠点都市は何か所か",
        "スマートシティは2023年度に何地域が選定されたか",
        "空港は何か所か",
    ]
    assert [row["said"] for row in made] == [
        {"down": 2, "reasons": ["年度が違う"], "citations": ["「白書」第１章"]},
        {"up": 1, "answered": 1, "reasons": [], "citations": []},
        {"up": 1, "reasons": [], "citations": []},
        {"unanswerable": 1, "reasons": [], "citations": []},
    ]
    empty = {"gold": [], "relevant": [], "answers": [], "answerable": None, "kind": ""}
    assert all({key: row[key] for key in empty} == empty for row in made)
    assert len({row["id"] for row in made}) == 4


def test_candidates_are_places_each_once(made):
    first, second = made[0]["candidates"], made[1]["candidates"]
    assert SMART in [candidate["relevant"] for candidate in first]
    assert first[0]["citation"].startswith(f"「{TITLE}」")
    assert 0 < len(first[0]["text"]) <= 120
    assert second[0] == {
        "citation": f"「{TITLE}」３．スタートアップ・エコシステム拠点都市",
        "text": "",
        "relevant": STARTUP,
    }, "what a user marked comes first"
    for row in made:
        places = [candidate["relevant"] for candidate in row["candidates"]]
        assert all(places.count(place) == 1 for place in places)


def test_known_questions_and_impossible_ones_are_left_out(library, cases):
    asked = [*OPINIONS, opinion("\x00"), opinion("あ" * 1001)]
    known = ["スマートシティは2022年度に何地域が選定されたか。"]
    rows, left_out = drafts.draft(library, asked, cases, known)
    assert [row["question"] for row in rows] == [
        "拠点都市は何か所か",
        "スマートシティは2023年度に何地域が選定されたか",
        "空港は何か所か",
    ]
    assert left_out == ["\x00", "あ" * 1001]


def test_drafting_again_keeps_what_a_person_wrote(library, cases, made):
    edited = [row | {"gold": [1], "answers": ["51地域"]} for row in made[:1]]
    again, _ = drafts.draft(library, [*OPINIONS, OPINIONS[0]], cases)
    rows = drafts.merged(edited, again)
    assert [row["id"] for row in rows] == [row["id"] for row in made]
    assert (rows[0]["gold"], rows[0]["answers"], rows[0]["said"]["down"]) == ([1], ["51地域"], 3)
    gone = {"id": "draft-old", "question": "x", "said": {}, "candidates": []}
    assert drafts.merged([gone], again)[0] == gone, "nothing is lost"


# --- accepting ---


def fill(row, relevant, **more):
    places = [candidate["relevant"] for candidate in row["candidates"]]
    return row | {"gold": [places.index(relevant) + 1]} | more


def test_filled_in_drafts_go_into_the_set_and_the_others_stay(tmp_path, library, made):
    path, questions = tmp_path / "drafts.jsonl", tmp_path / "set.jsonl"
    edited = [
        fill(made[0], SMART, answers=["51地域"], kind="factoid"),
        made[1],
        made[2] | {"relevant": [SMART]},
        made[3] | {"answerable": False},
    ]
    draft_files.write_drafts(path, edited)
    questions.write_text('{"id": "old", "question": "道路は。", "answerable": false}', "utf-8")
    assert draft_files.accept(path, questions, library) == draft_files.Accepted(3, 0, 1)
    rows = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    assert rows[0]["id"] == "old"
    assert rows[1:] == [
        {
            "id": made[0]["id"],
            "question": made[0]["question"],
            "answerable": True,
            "relevant": [SMART],
            "answers": ["51地域"],
            "kind": "factoid",
        },
        {
            "id": made[2]["id"],
            "question": made[2]["question"],
            "answerable": True,
            "relevant": [SMART],
            "answers": [],
            "kind": "case",
        },
        {
            "id": made[3]["id"],
            "question": "空港は何か所か",
            "answerable": False,
            "relevant": [],
            "answers": [],
            "kind": "case",
        },
    ]
    assert len(read_questions(questions, library.places)) == 4
    assert draft_files.read_drafts(path) == [made[1]]
    before = questions.read_bytes()
    assert draft_files.accept(path, questions, library) == draft_files.Accepted(0, 0, 1)
    assert questions.read_bytes() == before


def test_what_a_crash_left_between_the_two_files_is_completed(tmp_path, library, made):
    path, questions = tmp_path / "drafts.jsonl", tmp_path / "set.jsonl"
    edited = [fill(made[0], SMART), made[1]]
    draft_files.write_drafts(path, edited)
    draft_files.accept(path, questions, library)
    done = questions.read_bytes()
    draft_files.write_drafts(path, edited)  # as if it had been killed after the set was written
    assert draft_files.accept(path, questions, library) == draft_files.Accepted(0, 1, 1)
    assert questions.read_bytes() == done
    assert draft_files.read_drafts(path) == [made[1]]


def test_a_question_that_is_only_like_one_of_the_set_is_added(tmp_path, library, made):
    path, questions = tmp_path / "drafts.jsonl", tmp_path / "set.jsonl"
    draft_files.write_drafts(path, [fill(made[0], SMART)])
    like = {"id": "old", "question": made[0]["question"] + "。", "answerable": False}
    questions.write_text(json.dumps(like, ensure_ascii=False), "utf-8")
    assert drafts.Questions([like["question"]]).like(made[0]["question"])
    assert draft_files.accept(path, questions, library).added == 1
    same = json.dumps(like | {"question": f"　{made[0]['question']} "}, ensure_ascii=False)
    questions.write_text(same, "utf-8")
    draft_files.write_drafts(path, [fill(made[0], SMART)])
    assert draft_files.accept(path, questions, library) == draft_files.Accepted(0, 1, 0)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"gold": [99]}, "gold must be numbers of candidates, 1 to "),
        ({"gold": [True]}, "gold must be numbers of candidates, 1 to "),
        ({"answers": ["51地域"]}, "an answerable question needs a relevant place: fill in gold or"),
        ({"answerable": True}, "an answerable question needs a relevant place: fill in gold or"),
        ({"answerable": False, "gold": [1]}, "another must have none"),
        ({"relevant": [{"document": "白書"}]}, "the library has no document 白書"),
        ({"relevant": [{"document": TITLE, "section": "９．"}]}, f"{TITLE} has no section ９．"),
        ({"relevant": [SMART], "answers": "51"}, "answers is no list of strings"),
    ],
)
def test_a_wrong_draft_is_named_and_nothing_is_written(tmp_path, library, made, change, problem):
    path, questions = tmp_path / "drafts.jsonl", tmp_path / "set.jsonl"
    draft_files.write_drafts(path, [fill(made[0], SMART), made[1] | change])
    before = path.read_bytes()
    with pytest.raises(EvaluationError) as caught:
        draft_files.accept(path, questions, library)
    assert str(caught.value).startswith(f"{path}: {made[1]['id']}: ")
    assert problem in str(caught.value)
    assert (path.read_bytes(), questions.exists()) == (before, False)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "1: not JSON"),
        ("[]", "1: not a JSON object"),
        ('{"id": "a", "question": "b"}', "1: no draft: said, candidates is missing"),
        (
            '{"id": "a", "question": "b", "said": {}, "candidates": [], "x": 1}',
            "1: unknown key x",
        ),
    ],
)
def test_wrong_lines_of_drafts(tmp_path, line, problem):
    path = tmp_path / "drafts.jsonl"
    path.write_text(line)
    with pytest.raises(EvaluationError) as caught:
        draft_files.read_drafts(path)
    assert str(caught.value).startswith(f"{path}:{problem}")


# --- the workbook ---


def test_a_workbook_as_it_was_written_changes_nothing(tmp_path, made):
    rows = [
        fill(made[0], SMART, answers=["51地域", "五十一"]),
        made[1] | {"relevant": [SMART, STARTUP]},
    ]
    rows += [made[2] | {"answerable": False, "kind": "factoid"}, made[3]]
    write_sheet(tmp_path / "drafts.xlsx", rows)
    assert filled_in(tmp_path / "drafts.xlsx", rows) == rows


def test_a_person_fills_in_the_workbook(tmp_path, made):
    path = tmp_path / "drafts.xlsx"
    write_sheet(path, made)
    book = load_workbook(path)
    sheet = book.active
    head = [cell.value for cell in sheet[1]]
    assert head[:5] == ["番号", "質問", "利用者の声", "正解の候補", "文書"]
    assert head[11:13] == ["候補1", "候補2"]
    assert sheet.cell(2, 3).value == "役に立たなかった 2\n年度が違う"
    assert sheet.cell(3, 3).value == "役に立った 1\n評価セットに追加（箇所あり） 1"
    sheet.cell(2, head.index("正解の候補") + 1).value = 1.0
    sheet.cell(2, head.index("答え") + 1).value = "51地域\n五十一地域"
    sheet.cell(3, head.index("正解の候補") + 1).value = "1、2"
    sheet.cell(4, head.index("文書") + 1).value = TITLE
    sheet.cell(4, head.index("章節") + 1).value = "１．スマートシティ"
    sheet.cell(5, head.index("答えの有無") + 1).value = "無"
    sheet.cell(5, head.index("質問") + 1).value = "空港は何か所ありますか"
    book.save(path)
    rows = filled_in(path, made)
    assert (rows[0]["gold"], rows[0]["answers"]) == ([1], ["51地域", "五十一地域"])
    assert rows[1]["gold"] == [1, 2]
    assert rows[2]["relevant"] == [SMART]
    assert (rows[3]["answerable"], rows[3]["question"]) == (False, "空港は何か所ありますか")


def test_text_that_begins_like_a_formula_stays_text(tmp_path, made):
    row = made[0] | {"question": '=HYPERLINK("http://example.com")\x07'}
    write_sheet(tmp_path / "drafts.xlsx", [row])
    cell = load_workbook(tmp_path / "drafts.xlsx").active.cell(2, 2)
    assert (cell.value, cell.data_type, cell.quotePrefix) == (row["question"][:-1], "s", True)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("draft-x,,", "2: no draft has the id draft-x"),
        ("{id},一,", "2: 一 is no number of a candidate"),
        ("{id},,多分", "2: 多分 is neither yes nor no"),
    ],
)
def test_wrong_rows_of_a_filled_in_table(tmp_path, made, line, problem):
    path = tmp_path / "drafts.csv"
    path.write_text(f"番号,正解の候補,答えの有無\n{line.format(id=made[0]['id'])}\n", "utf-8")
    with pytest.raises(EvaluationError) as caught:
        filled_in(path, made)
    assert str(caught.value).startswith(f"{path}:{problem}")


# --- the command line, with the real encoder ---


def test_from_feedback_to_the_set(tmp_path, juten):
    library, excel = tmp_path / "index", tmp_path / "drafts.xlsx"

    def policyqa(*arguments):
        done = CliRunner().invoke(app, list(map(str, arguments)))
        assert done.exit_code == 0, done.output
        return done.stdout

    policyqa("index", juten, "--library", library)
    Feedback(tmp_path / "feedback.sqlite").add(OPINIONS[0])
    add_case(tmp_path / "eval" / "cases.jsonl", "空港は何か所か", [])
    path = tmp_path / "eval" / "drafts.jsonl"
    told = policyqa("eval", "draft", "--library", library, "--xlsx", excel)
    assert told == (
        f"{path}: 2 drafts, 2 of them new, from 1 opinions and 1 questions that users added\n"
    )
    book = load_workbook(excel)
    book.active.cell(2, 4).value = 1
    book.save(excel)
    questions = tmp_path / "eval" / "set.jsonl"
    told = policyqa("eval", "accept-draft", path, questions, "--library", library, "--xlsx", excel)
    assert told == f"{questions}: 1 questions added, 0 there already; 1 drafts left in {path}\n"
    (question,) = read_questions(questions)
    assert question.text == OPINIONS[0].question
    told = policyqa("eval", "draft", "--library", library, "--known", questions)
    assert told.startswith(f"{path}: 1 drafts, 0 of them new")
