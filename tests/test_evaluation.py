"""Question sets, BEIR folders, TREC files and runs, with the fake encoder."""

import json

import pytest
from typer.testing import CliRunner

from policyqa import indexing
from policyqa.cli import app
from policyqa.database import Source
from policyqa.errors import EvaluationError
from policyqa.evaluation import runner
from policyqa.evaluation.beir import read_beir
from policyqa.evaluation.metrics import figures, measure, per_question
from policyqa.evaluation.questions import Gold, read_questions
from policyqa.evaluation.trec import read_trec, write_trec
from policyqa.library import Library
from policyqa.models import Citation
from policyqa.search.fusion import WEIGHTS
from statutes import OPENNESS

TITLE = "デジタル田園都市国家構想総合戦略に位置づける重点的施策"
SMART = {"document": TITLE, "section": "１．スマートシティ"}


def line(**changes):
    row = {
        "id": "q1",
        "question": "スマートシティは何地域か。",
        "answerable": True,
        "relevant": [SMART],
        "answers": ["51地域"],
    }
    row.update(changes)
    return json.dumps({key: value for key, value in row.items() if value is not ...})


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("{", "not JSON (Expecting property name enclosed in double quotes)"),
        ("[]", "not a JSON object"),
        (line(question=" 　"), "the question is empty"),
        (line(question=...), "the question is empty"),
        (line(id=...), "the id is missing or no string"),
        (line(id=7), "the id is missing or no string"),
        (line(colour="red"), "unknown key colour"),
        (line(relevant="x"), "relevant is no list of objects"),
        (line(answers=[1]), "answers is no list of strings"),
        (line(relevant=[{"section": "１．"}]), "a relevant place names neither document nor file"),
        (line(relevant=[{"file": "a", "chunk": 3}]), "unknown key chunk in relevant"),
        (line(relevant=[{"file": "a", "page": 0}]), "page is no whole number from 1"),
        (
            line(relevant=[]),
            "an answerable question needs a relevant place, another must have none",
        ),
        (
            line(answerable=False),
            "an answerable question needs a relevant place, another must have none",
        ),
        (line(relevant=[{"document": "白書"}]), "the library has no document 白書"),
        (line(relevant=[{"file": "b.txt"}]), "the library has no document b.txt"),
        (
            line(relevant=[{"document": TITLE, "section": "９．"}]),
            f"{TITLE} has no section ９．",
        ),
        (
            line(relevant=[{"file": "juten-shisaku.txt", "page": 3}]),
            "juten-shisaku.txt has no page 3",
        ),
        (line() + "\n" + line(), "the id q1 stands on line 2 too"),
    ],
)
def test_wrong_rows_are_named_by_file_and_line(tmp_path, library, row, problem):
    path = tmp_path / "set.jsonl"
    path.write_text(f"\n{row}\n", encoding="utf-8")
    with pytest.raises(EvaluationError) as caught:
        read_questions(path, library.places)
    number = 2 + row.count("\n")
    assert str(caught.value) == f"{path}:{number}: {problem}"


def test_every_wrong_row_is_named_at_once(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text("{\n" + line() + "\n[]\n", encoding="utf-8")
    with pytest.raises(EvaluationError) as caught:
        read_questions(path)
    assert [part.split(":")[1] for part in str(caught.value).splitlines()] == ["1", "3"]


def test_the_users_questions_are_right(repository, library):
    questions = read_questions(repository / "eval" / "juten-shisaku-dev.jsonl", library.places)
    assert (len(questions), sum(question.answerable for question in questions)) == (14, 12)


CITED = Citation("d", TITLE, "a.pdf", ("第１章　人工知能", "第３節　生成"), page=4, page_last=5)


@pytest.mark.parametrize(
    ("gold", "covers"),
    [
        (Gold(document=TITLE), True),
        (Gold(document=f" {TITLE}　"), True),
        (Gold(document="白書"), False),
        (Gold(file="a.pdf", section="第３節"), True),
        (Gold(file="a.pdf", section="第1章 人工知能"), True),
        (Gold(file="a.pdf", section="第１章"), True),
        (Gold(file="a.pdf", section="人工知能"), False),
        (Gold(file="a.pdf", section="第４節"), False),
        (Gold(file="a.pdf", page=4), True),
        (Gold(file="a.pdf", page=5), True),
        (Gold(file="a.pdf", page=6), False),
        (Gold(file="b.pdf", page=4), False),
        (Gold(file="a.pdf", section="第３節", page=6), False),
    ],
)
def test_what_a_gold_place_covers(gold, covers):
    assert gold.covers(CITED) is covers


# --- a run over a suite ---


def test_a_run_holds_everything(tmp_path, repository, library):
    asked = runner.suite(repository / "eval" / "juten-shisaku-dev.jsonl", library)
    report = runner.run("juten", asked, library, {"chunk_tokens": 200})
    assert (report["suite"], report["questions"]) == ("juten", 14)
    assert report["negatives"] == {"left out": 0, "foreign": 0}
    assert report["settings"] == {"chunk_tokens": 200}
    assert report["corpus"] == library.generation.manifest["corpus"]
    assert report["versions"].keys() >= {"policyqa", "faiss-cpu", "torch"}
    assert report["latency_ms"].keys() == {
        "lookup", "encode", "dense", "lexical", "fuse", "fetch", "answer"
    }  # fmt: skip
    assert report["metrics"]["section hit@1"]["n"] == 12
    assert set(report["by_tag"]) == {"factoid", "list", "paraphrase", "english", "unanswerable"}
    row = report["per_question"][0]
    assert row["gains"] == {"gold 0": 1}
    targets = [target for target, _ in row["ranking"]]
    assert len(targets) == len(set(targets))
    assert len(row["section_hit"]) == 10 > len(targets), "every chunk counts, not every section"
    assert json.loads(json.dumps(report))


def test_times_are_of_the_questions_that_took_the_step(tmp_path, source):
    path = tmp_path / "a.xml"
    indexing.build_documents([(Source(path, "a.xml", "a"), OPENNESS)], tmp_path / "index", source)
    rows = [
        line(question="公開の手続", relevant=[{"file": "a.xml"}]),
        line(id="q2", question="公開手続法第九十九条", relevant=[{"file": "a.xml"}]),
    ]
    for order in (rows, rows[::-1]):
        (tmp_path / "set.jsonl").write_text("\n".join(order), encoding="utf-8")
        library = Library.open(tmp_path / "index", source)
        asked = runner.suite(tmp_path / "set.jsonl", library)
        report = runner.run("x", asked, library, {})
        library.close()
        by_id = {row["id"]: row["took_ms"] for row in report["per_question"]}
        assert "dense" not in by_id["q2"], "nothing is searched for a place that is not there"
        assert report["latency_ms"]["dense"]["median"] == by_id["q1"]["dense"]
        assert report["latency_ms"].keys() == by_id["q1"].keys()


def test_a_row_shows_its_first_passages(repository, library):
    asked = runner.suite(repository / "eval" / "juten-shisaku-dev.jsonl", library)[:1]
    row = runner.run("juten", asked, library, {})["per_question"][0]
    assert [passage["rank"] for passage in row["passages"]] == [1, 2, 3, 4, 5]
    assert [passage["citation"] for passage in row["passages"]] == row["citations"][:5]
    assert [passage["gold"] for passage in row["passages"]] == row["section_hit"][:5]
    first = row["passages"][0]
    assert first["citation"] == f"「{TITLE}」１．スマートシティ"
    assert 0 < len(first["text"]) <= 300
    assert (first["gold"], first["score"]) == (True, round(row["ranking"][0][1], 4))
    assert first["signals"].keys() == WEIGHTS.keys()
    assert len(row["evidence_citations"]) == len(row["evidence"])


def test_a_broken_off_run_goes_on_where_it_was(tmp_path, repository, library):
    asked = runner.suite(repository / "eval" / "juten-shisaku-dev.jsonl", library)
    keep = tmp_path / "run.partial"

    def stop(step, done, of):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.run("juten", asked, library, {}, keep=keep, progress=stop)
    kept = [json.loads(row) for row in keep.read_text().splitlines()[1:]]
    assert len(kept) == 5
    keep.write_text(keep.read_text() + '{"id": "half a ro', encoding="utf-8")
    report = runner.run("juten", asked, library, {}, keep=keep)
    assert report["per_question"][:5] == kept, "not asked again: even the times are the same"
    assert len(report["per_question"]) == 14
    assert not keep.exists()


def test_rows_of_other_settings_are_not_reused(tmp_path, repository, library):
    asked = runner.suite(repository / "eval" / "juten-shisaku-dev.jsonl", library)[:2]
    keep = tmp_path / "run.partial"
    head = json.dumps({"suite": "juten", "generation": "other", "settings": {}})
    keep.write_text(f"{head}\n{json.dumps({'id': 'js-dev-01', 'poison': True})}\n")
    report = runner.run("juten", asked, library, {}, keep=keep)
    assert "poison" not in report["per_question"][0]


def test_a_row_with_other_gold_is_asked_again(two_documents, tmp_path):
    library, path = two_documents
    keep = tmp_path / "run.partial"

    def stop(step, done, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.run("x", runner.suite(path, library), library, {}, keep=keep, progress=stop)
    path.write_text(line(question="住宅の断熱は。", relevant=[{"file": "roads.txt"}]), "utf-8")
    report = runner.run("x", runner.suite(path, library), library, {}, keep=keep)
    assert report["per_question"][0]["gold"] == [{"file": "roads.txt"}]
    assert report["metrics"]["P@1"]["value"] == 0


# --- negatives ---


@pytest.fixture
def two_documents(tmp_path, source):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "housing.txt").write_text("住宅計画\n\n住宅の断熱を進める。\n", encoding="utf-8")
    (folder / "roads.txt").write_text("道路計画\n\n道路の舗装を進める。\n", encoding="utf-8")
    indexing.build([folder], tmp_path / "index", source)
    with_questions = tmp_path / "set.jsonl"
    rows = [
        line(question="住宅の断熱は。", relevant=[{"file": "housing.txt"}]),
        line(id="q2", question="空港は。", answerable=False, relevant=[]),
    ]
    with_questions.write_text("\n".join(rows), encoding="utf-8")
    return Library.open(tmp_path / "index", source), with_questions


def test_left_out_means_the_gold_document_is_not_there(two_documents):
    library, path = two_documents
    negatives = runner.left_out(runner.suite(path, library), library.places)
    assert [item.question.id for item in negatives] == ["q1/left out"]
    report = runner.run("x", negatives, library, {})
    row = report["per_question"][0]
    assert (row["answerable"], row["tags"], row["gains"]) == (False, ["left out"], {})
    assert all("道路計画" in citation for citation in row["citations"])
    assert report["negatives"] == {"left out": 1, "foreign": 0}


def test_a_library_of_one_document_has_nothing_to_leave_out(repository, library):
    asked = runner.suite(repository / "eval" / "juten-shisaku-dev.jsonl", library)
    assert runner.left_out(asked, library.places) == []


def test_foreign_questions_are_unanswerable(two_documents, repository):
    library, _ = two_documents
    negatives = runner.foreign(repository / "eval" / "juten-shisaku-dev.jsonl")
    assert len(negatives) == 14
    row = runner.run("x", negatives[:1], library, {})["per_question"][0]
    assert (row["id"], row["answerable"]) == ("js-dev-01/foreign", False)
    assert row["section_hit"] is None


# --- BEIR ---


def write_beir(folder, corpus=None, queries=None, qrels=None):
    (folder / "qrels").mkdir(parents=True)
    corpus = corpus or [
        {"_id": "d/0", "title": "住宅", "text": "住宅の断熱を進める。\u2028補助もする。"},
        {"_id": "d/1", "title": "住宅", "text": "住宅の耐震を進める。"},
        {"_id": "d/2", "title": "", "text": "道路の舗装を進める。"},
    ]
    queries = queries or [
        {"_id": "q0", "text": "住宅の断熱は。", "metadata": {"answers": ["断熱"]}},
        {"_id": "q1", "text": "空港は。"},
    ]
    for name, rows in (("corpus", corpus), ("queries", queries)):
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    lines = "query-id\tcorpus-id\tscore\n" + (qrels or "q0\td/0\t2\nq0\td/1\t0\n")
    (folder / "qrels" / "test.tsv").write_text(lines)
    return folder


def test_a_beir_folder(tmp_path, source):
    data = read_beir(write_beir(tmp_path / "beir"))
    summary = indexing.build_documents(data.documents, tmp_path / "index", source)
    assert (summary.documents, summary.sections, summary.chunks) == (3, 2, 3)
    again = indexing.build_documents(data.documents, tmp_path / "index", source)
    assert again.up_to_date
    library = Library.open(tmp_path / "index", source)
    asked = runner.beir(data)
    rows = runner.run("beir", asked, library, {})["per_question"]
    assert rows[0]["ranking"][0][0] == "d/0"
    assert rows[0]["gains"] == {"d/0": 2, "d/1": 0}
    assert [row["answerable"] for row in rows] == [True, False]
    negatives = runner.left_out_of_beir(asked, data)
    row = runner.run("beir", negatives, library, {})["per_question"][0]
    assert [target for target, _ in row["ranking"]] == ["d/2"], "all of the same title are gone"


@pytest.mark.parametrize(
    ("files", "place", "problem"),
    [
        ({"corpus": [{"_id": "d/0"}]}, "corpus.jsonl:1", "not a JSON object with _id and text"),
        ({"corpus": [{"_id": "d/0", "text": " "}]}, "corpus.jsonl:1", "the text is empty"),
        (
            {"queries": [{"_id": "q0", "text": "a"}, {"_id": "q0", "text": "b"}]},
            "queries.jsonl:2",
            "the _id 'q0' is no string or not unique",
        ),
        ({"qrels": "q9\td/0\t1\n"}, "test.tsv:2", "queries.jsonl has no q9"),
        ({"qrels": "q0\td9\t1\n"}, "test.tsv:2", "corpus.jsonl has no d9"),
        ({"qrels": "q0\td/0\tx\n"}, "test.tsv:2", "not query-id, corpus-id and a whole number"),
        (
            {"qrels": "q0\td/0\t1\nq0\td/0\t2\n"},
            "test.tsv:3",
            "q0 and d/0 stand above already",
        ),
    ],
)
def test_wrong_beir_rows(tmp_path, files, place, problem):
    with pytest.raises(EvaluationError) as caught:
        read_beir(write_beir(tmp_path / "beir", **files))
    assert any(row.endswith(f"{place}: {problem}") for row in str(caught.value).splitlines())


# --- TREC ---


def test_trec_files_give_the_same_figures(tmp_path, repository, library):
    asked = runner.suite(repository / "eval" / "juten-shisaku-dev.jsonl", library)
    report = runner.run("juten", asked, library, {})
    write_trec(tmp_path, report)
    rows = read_trec(tmp_path / "qrels.txt", tmp_path / "run.txt")
    assert len(rows) == 12
    for name in ("nDCG@10", "RR@10", "P@1", "R@10", "AP"):
        assert measure(rows)[name] == report["metrics"][name]
        assert figures({name: per_question(rows)[name]})[name]["n"] == 12


@pytest.mark.parametrize(
    ("qrels", "run", "problem"),
    [
        ("q 0 d\n", "", "qrels:1: 3 columns, not 4"),
        ("q 0 d x\n", "", "qrels:1: the gain x is no whole number"),
        ("q 0 d 1\n", "q Q0 d 1 x t\n", "run:1: the score x is no number"),
        ("q 0 d 1\n", "q Q0 d 1 1 t\nq Q0 d 2 1 t\n", "run:2: q has d twice"),
        ("q 0 d 1\n", "p Q0 d 1 1 t\n", "1 questions are not in"),
    ],
)
def test_wrong_trec_rows(tmp_path, qrels, run, problem):
    (tmp_path / "qrels").write_text(qrels)
    (tmp_path / "run").write_text(run)
    with pytest.raises(EvaluationError, match=problem):
        read_trec(tmp_path / "qrels", tmp_path / "run")


# --- the command line ---


def test_comparing_runs_on_the_command_line(tmp_path, repository, library):
    asked = runner.suite(repository / "eval" / "juten-shisaku-dev.jsonl", library)
    report = runner.run("juten", asked, library, {})
    for name in ("a", "b"):
        (tmp_path / name).write_text(json.dumps(report), encoding="utf-8")
    a, b, out = (str(tmp_path / name) for name in ("a", "b", "out"))
    done = CliRunner().invoke(app, ["eval", "compare", a, b, "--json", out])
    assert done.exit_code == 0, done.output
    assert "14 questions" in done.output
    assert "no question moved" in done.output
    assert json.loads((tmp_path / "out").read_text())["metrics"]["nDCG@10"]["difference"] == 0
