"""What users send: opinions of answers, and questions for the evaluation set."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from fakes import FakeSource
from policyqa import indexing, strings
from policyqa.cli import app as commands
from policyqa.errors import EvaluationError, PolicyQAError
from policyqa.evaluation.cases import add_case
from policyqa.evaluation.questions import read_questions
from policyqa.feedback import Feedback, Opinion
from policyqa.library import Library
from policyqa.web.app import create_app
from policyqa.web.opinions import LONGEST_REASON

SAME = {"sec-fetch-site": "same-origin"}
QUESTION = "住宅の省エネルギー化を進めるのは何のためか"


@pytest.fixture
def folder(tmp_path):
    text = "住宅計画\n\n１．目的\n住宅の省エネルギー化を進める。\n２．期間\n五年間とする。\n"
    (tmp_path / "plan.txt").write_text(text, encoding="utf-8")
    indexing.build([tmp_path / "plan.txt"], tmp_path / "index", FakeSource())
    return tmp_path


@pytest.fixture
def library(folder):
    opened = Library.open(folder / "index", FakeSource())
    yield opened
    opened.close()


@pytest.fixture
def client(library):
    app = create_app(library, allowed_hosts=["127.0.0.1"])
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def passage(library):
    return library.search(QUESTION, 1).passages[0].id


def opinions(folder):
    return Feedback(folder / "feedback.sqlite").all()


def cases(folder):
    return read_questions(folder / "eval" / "cases.jsonl")


# --- feedback ---


def test_an_opinion_is_kept_with_the_citation_and_the_generation(client, folder, library, passage):
    body = {"question": QUESTION, "verdict": "down", "reason": "別の章です", "passage": passage}
    assert client.post("/part/feedback", json=body, headers=SAME).status_code == 204
    (kept,) = opinions(folder)
    assert kept.time.endswith("+00:00")
    assert (kept.question, kept.verdict, kept.reason) == (QUESTION, "down", "別の章です")
    assert (kept.passage, kept.citation) == (passage, "「住宅計画」１．目的")
    assert kept.generation == library.generation.name


def test_an_opinion_of_not_found(client, folder):
    body = {"question": QUESTION, "verdict": "up", "passage": None}
    assert client.post("/part/feedback", json=body, headers=SAME).status_code == 204
    (kept,) = opinions(folder)
    assert (kept.verdict, kept.reason, kept.passage, kept.citation) == ("up", "", None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "maybe"},
        {"question": " "},
        {"question": "あ" * 1001},
        {"reason": "あ" * (LONGEST_REASON + 1)},
        {"passage": 5},
        {"more": "x"},
    ],
)
def test_what_is_malformed_is_refused(client, folder, wrong):
    body = {"question": QUESTION, "verdict": "up"} | wrong
    answer = client.post("/part/feedback", json=body, headers=SAME)
    assert (answer.status_code, answer.json()) == (422, {"message": strings.PART_NOT_JSON})
    assert opinions(folder) == []


@pytest.mark.parametrize("address", ["/part/feedback", "/part/case"])
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {},
    ],
)
def test_other_sites_are_refused(client, folder, address, headers):
    body = {"question": QUESTION, "verdict": "up"}
    answer = client.post(address, json=body, headers=headers)
    assert (answer.status_code, answer.json()) == (403, {"message": strings.PART_CROSS_SITE})
    assert opinions(folder) == []
    assert not (folder / "eval").exists()


def test_a_browser_without_fetch_metadata(client, folder):
    body = {"question": QUESTION, "verdict": "up"}
    headers = {"origin": "http://127.0.0.1"}
    assert client.post("/part/feedback", json=body, headers=headers).status_code == 204


def test_only_json_is_taken(client):
    form = {"content-type": "text/plain", **SAME}
    answer = client.post("/part/feedback", content="{}", headers=form)
    assert (answer.status_code, answer.json()) == (415, {"message": strings.PART_NOT_JSON})


def test_too_much_is_refused(client):
    answer = client.post("/part/feedback", content=b"x" * 70_000, headers=SAME)
    assert answer.status_code == 413


def test_an_unknown_passage(client, folder):
    body = {"question": QUESTION, "verdict": "up", "passage": "0" * 16}
    answer = client.post("/part/feedback", json=body, headers=SAME)
    assert answer.status_code == 404
    assert opinions(folder) == []


def test_what_cannot_be_kept_is_told_without_a_path(folder, library):
    app = create_app(library, allowed_hosts=["127.0.0.1"], feedback=folder / "none" / "f.sqlite")
    with TestClient(app, base_url="http://127.0.0.1") as client:
        body = {"question": QUESTION, "verdict": "up"}
        answer = client.post("/part/feedback", json=body, headers=SAME)
    assert (answer.status_code, answer.json()) == (503, {"message": strings.PART_NOT_KEPT})


def test_many_at_once(tmp_path):
    feedback = Feedback(tmp_path / "f.sqlite")
    made = [Opinion("2026-01-01", f"{n}", "up", "", None, None, "g") for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(feedback.add, made))
    assert {one.question for one in feedback.all()} == {f"{n}" for n in range(40)}


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "f.sqlite").write_text("not a database" * 100)
    with pytest.raises(PolicyQAError, match="POLICYQA_FEEDBACK"):
        Feedback(tmp_path / "f.sqlite").all()


def test_the_command_lists_opinions(client, folder, passage):
    body = {"question": QUESTION, "verdict": "down", "reason": "[bold]違う", "passage": passage}
    client.post("/part/feedback", json=body, headers=SAME)
    shown = CliRunner().invoke(commands, ["feedback", "--library", str(folder / "index")])
    assert shown.exit_code == 0
    assert QUESTION in shown.stdout
    assert "[bold]違う" in shown.stdout
    as_json = ["feedback", "--library", str(folder / "index"), "--json"]
    (row,) = json.loads(CliRunner().invoke(commands, as_json).stdout)
    assert (row["verdict"], row["reason"]) == ("down", "[bold]違う")


# --- cases ---


def test_a_case_is_a_row_that_the_evaluation_reads(client, folder, passage):
    body = {"question": QUESTION, "passage": passage}
    assert client.post("/part/case", json=body, headers=SAME).status_code == 201
    (case,) = cases(folder)
    assert (case.text, case.answerable, case.tags) == (QUESTION, True, ("case",))
    assert [(gold.document, gold.section) for gold in case.gold] == [("住宅計画", "１．目的")]


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\x0b", "\x1c", "\r", "\n", "\0"])
def test_a_case_with_other_line_ends_in_it(tmp_path, sign):
    path = tmp_path / "cases.jsonl"
    for question in (f"都市{sign}計画", "次の問い"):
        assert add_case(path, question, [])
    assert [case.text for case in read_questions(path)] == [f"都市{sign}計画", "次の問い"]


def test_a_question_without_an_answer_is_a_case_too(client, folder):
    body = {"question": QUESTION, "passage": None}
    assert client.post("/part/case", json=body, headers=SAME).status_code == 201
    (case,) = cases(folder)
    assert (case.answerable, case.gold) == (False, ())


def test_the_same_case_twice_is_one_row(client, folder, passage):
    body = {"question": QUESTION, "passage": passage}
    assert client.post("/part/case", json=body, headers=SAME).status_code == 201
    assert client.post("/part/case", json=body, headers=SAME).status_code == 204
    assert len(cases(folder)) == 1


def test_a_case_file_without_a_last_newline(tmp_path):
    path = tmp_path / "cases.jsonl"
    add_case(path, "一つ目", [])
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert add_case(path, "二つ目", [])
    assert [case.text for case in read_questions(path)] == ["一つ目", "二つ目"]


def test_a_damaged_case_file_is_left_alone(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_text("{broken\n", encoding="utf-8")
    with pytest.raises(EvaluationError):
        add_case(path, "問い", [])
    assert path.read_text(encoding="utf-8") == "{broken\n"
