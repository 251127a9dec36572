"""Suites: their file, their bars, the accepted run; with the fake encoder unless said otherwise."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import platformdirs
import pytest
from typer.testing import CliRunner

from policyqa.cli import app
from policyqa.errors import EvaluationError
from policyqa.evaluation import baselines, suites
from policyqa.evaluation.compare import compare
from policyqa.evaluation.metrics import per_question
from policyqa.evaluation.suite_file import Bar, read_suite

QUESTIONS = [
    {
        "id": "q1",
        "question": "住宅の断熱は何をしますか。",
        "relevant": [{"file": "housing.txt"}],
        "answers": ["住宅の断熱を進める"],
        "kind": "factoid",
    },
    {"id": "q2", "question": "道路の舗装は。", "relevant": [{"file": "roads.txt"}], "kind": "list"},
    {"id": "q3", "question": "空港は。", "answerable": False, "kind": "none"},
]
BASE = """
corpus = ["documents"]
questions = ["set.jsonl"]
left_out = true
"""


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with documents and questions; the cache is beside it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "desk"
    (folder / "documents").mkdir(parents=True)
    texts = {
        "housing": "住宅計画\n\n住宅の断熱を進める。\n",
        "roads": "道路計画\n\n道路の舗装を進める。\n",
    }
    for name, text in texts.items():
        (folder / "documents" / f"{name}.txt").write_text(text, encoding="utf-8")
    write_questions(folder / "set.jsonl", QUESTIONS)
    return folder


def write_questions(path, rows):
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def suite_file(folder, text=BASE, name="plan.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def opened(suite, source):
    return suites.opened(suite, source, 200, lambda step, done, of: None, lambda message: None)


def run(suite, source):
    return suites.run(suite, *opened(suite, source), {})


# --- the file ---


def test_what_a_file_says(desk):
    suite = read_suite(
        suite_file(
            desk,
            BASE
            + """
            name = "計画"
            foreign = ["set.jsonl"]
            baseline = "accepted.json"
            [settings]
            chunk_tokens = 100
            runtime = "torch"
            weights = {dense = 0.4, dense_title = 0.1, sentence = 0.2, lexical = 0.3}
            [bars]
            "nDCG@10" = 0.64
            "false refusals" = {max = 0.05}
            "kind:a/b/AUROC" = {min = 1}
            """,
        )
    )
    assert suite == replace(
        suite,
        name="計画",
        library=None,
        corpus=(desk / "documents",),
        questions=(desk / "set.jsonl",),
        foreign=(desk / "set.jsonl",),
        left_out=True,
        baseline=desk / "accepted.json",
        settings={"chunk_tokens": 100, "runtime": "torch"},
        weights={"dense": 0.4, "dense_title": 0.1, "sentence": 0.2, "lexical": 0.3},
        bars=(
            Bar("nDCG@10", None, "min", 0.64),
            Bar("false refusals", None, "max", 0.05),
            Bar("AUROC", "a/b", "min", 1.0),
        ),
    )


def test_what_a_file_need_not_say(desk):
    suite = read_suite(suite_file(desk))
    assert (suite.name, suite.baseline) == ("plan", desk / "baselines" / "plan.json")
    assert (suite.foreign, suite.settings, suite.bars) == ((), {}, ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("corpus = ", "cannot be read: Invalid value"),
        (BASE + "colour = 1", "colour: unknown; known are bars, baseline, corpus"),
        ('corpus = ["documents"]', "questions: must be a list of paths"),
        ('corpus = ["documents"]\nquestions = []', "questions: must name a question set at least"),
        ('questions = ["set.jsonl"]', "corpus: say either corpus = [files and folders] or library"),
        (BASE + 'library = "index"', "corpus: say either corpus"),
        ('library = "x"\nquestions = ["set.jsonl"]', "x does not exist"),
        ('library = "documents"\nquestions = ["set.jsonl"]', "library: no library at"),
        ('corpus = []\nquestions = ["set.jsonl"]', "corpus: must name a file or folder at least"),
        (BASE.replace("set", "gone"), "gone.jsonl does not exist"),
        (BASE.replace('["set.jsonl"]', '["documents"]'), "brings its own documents"),
        (BASE.replace("true", '"yes"'), "left_out: must be true or false"),
        (BASE + "name = 3", "name: must be a text"),
        (BASE + "settings = 3", "settings: must be a table, [settings]"),
        (BASE + "[settings]\nport = 1", "settings.port: unknown; known are chunk_tokens, encoder"),
        (BASE + "[settings]\nchunk_tokens = true", "settings.chunk_tokens: must be a whole number"),
        (BASE + "[settings]\nchunk_tokens = 49", "must be a whole number from 50 to"),
        (BASE + '[settings]\nruntime = "tpu"', "settings.runtime: must be of openvino, torch"),
        (BASE + "[settings]\nweights = {dense = 1}", "settings.weights: must be a table of dense,"),
        (
            BASE + "[settings.weights]\ndense = 1\ndense_title = 1\nsentence = 0\nlexical = 0",
            "settings.weights: must be numbers from 0 that add up to 1",
        ),
        (BASE + '[bars]\n"nDCG@11" = 1', "bars.nDCG@11: no metric nDCG@11; there are nDCG@10, RR"),
        (BASE + '[bars]\n"kind:a" = 1', "bars.kind:a: no metric a"),
        (
            BASE + '[bars]\n"false refusals" = 0.1',
            "bars.false refusals: lower is better; write {max = 0.1}",
        ),
        (BASE + '[bars]\n"AUROC" = {least = 1}', "bars.AUROC: must be a number, {min = number} or"),
        (BASE + '[bars]\n"AUROC" = nan', "bars.AUROC: must be a number"),
    ],
)
def test_wrong_files_are_named_with_the_key(desk, text, problem):
    path = suite_file(desk, text)
    with pytest.raises(EvaluationError) as caught:
        read_suite(path)
    assert str(caught.value).startswith(str(path))
    assert problem in str(caught.value)


def test_a_built_library_has_its_own_chunks(desk, juten_folder):
    text = f'library = "{juten_folder}"\nquestions = ["set.jsonl"]\n'
    assert read_suite(suite_file(desk, text)).library == juten_folder
    with pytest.raises(EvaluationError, match="settings.chunk_tokens: a built library has its own"):
        read_suite(suite_file(desk, text + "[settings]\nchunk_tokens = 100"))


# --- a run ---


def test_a_corpus_is_built_once(desk, source):
    suite = read_suite(suite_file(desk))
    report = run(suite, source)
    assert report["suite"] == "plan"
    assert report["negatives"] == {"left out": 2, "foreign": 0}
    assert [row["id"] for row in report["per_question"]] == [
        "q1", "q2", "q3", "q1/left out", "q2/left out"
    ]  # fmt: skip
    assert suites.folder_of(suite).parent == desk.parent / "cache" / "policyqa" / "suites"
    encoded = len(source.encoder.encoded)
    run(suite, source)
    assert len(source.encoder.encoded) == encoded


def test_a_beir_folder_brings_its_documents(desk, source):
    folder = desk / "beir"
    (folder / "qrels").mkdir(parents=True)
    write_questions(folder / "corpus.jsonl", [{"_id": "d0", "text": "住宅の断熱を進める。"}])
    write_questions(folder / "queries.jsonl", [{"_id": "q0", "text": "住宅の断熱は。"}])
    (folder / "qrels" / "test.tsv").write_text("q0\td0\t1\n")
    report = run(read_suite(suite_file(desk, 'questions = ["beir"]')), source)
    assert report["per_question"][0]["ranking"][0][0] == "d0"


def test_weights_are_those_of_the_suite(desk, source):
    words_alone = "[settings.weights]\ndense = 0\ndense_title = 0\nsentence = 0\nlexical = 1\n"
    report = run(read_suite(suite_file(desk, BASE + words_alone)), source)
    passages = report["per_question"][0]["passages"]
    by_words = sorted(passages, key=lambda one: -one["signals"]["lexical"])
    assert [one["rank"] for one in by_words] == [1, 2]
    assert by_words[0]["score"] > by_words[1]["score"]


def test_bars_are_judged_by_the_value(desk, source):
    bars = """
    [bars]
    "P@1" = 1
    "kind:factoid/section hit@1" = {min = 1.01}
    "false refusals" = {max = 0.0}
    """
    text = (desk / "documents" / "housing.txt").read_text(encoding="utf-8")
    (desk / "documents" / "housing.txt").write_text(f"題名\n\n１．住宅計画\n\n{text}", "utf-8")
    rows = [QUESTIONS[0] | {"relevant": [{"file": "housing.txt", "section": "１．住宅計画"}]}]
    write_questions(desk / "set.jsonl", rows)
    report = run(read_suite(suite_file(desk, BASE + bars)), source)
    refused = report["metrics"]["false refusals"]["value"]
    assert [(bar["metric"], bar["tag"], bar["kind"], bar["passed"]) for bar in report["bars"]] == [
        ("P@1", None, "min", True),
        ("section hit@1", "factoid", "min", False),
        ("false refusals", None, "max", refused == 0),
    ]
    assert report["bars"][1] == {
        "metric": "section hit@1", "tag": "factoid", "value": 1.0, "low": 1.0, "high": 1.0,
        "bar": 1.01, "kind": "min", "passed": False,
    }  # fmt: skip


def test_a_mean_that_is_the_bar_but_for_the_last_bits_passes():
    figure = {"value": 0.1 + 0.7, "low": 0.0, "high": 1.0, "n": 10}
    assert figure["value"] < 0.8
    (bar,) = suites.judged([Bar("P@1", None, "min", 0.8)], {"metrics": {"P@1": figure}})
    assert bar["passed"]


def test_a_bar_that_nothing_is_held_against_is_an_error(desk, source):
    with pytest.raises(EvaluationError, match="no question has the kind 表; there are factoid"):
        opened(read_suite(suite_file(desk, BASE + '[bars]\n"kind:表/P@1" = 1')), source)
    suite = read_suite(suite_file(desk, BASE + '[bars]\n"kind:none/P@1" = 1'))
    with pytest.raises(EvaluationError, match="no question of the kind none has this metric"):
        run(suite, source)


# --- the accepted run ---


def test_an_accepted_run_says_all_that_a_comparison_needs(repository, library, tmp_path):
    from policyqa.evaluation import runner

    asked = runner.suite(repository / "eval" / "juten-shisaku-dev.jsonl", library)
    report = runner.run("juten", asked, library, {})
    path = tmp_path / "baselines" / "juten.json"
    baselines.accept(path, report)
    kept = baselines.read_baseline(path)
    before, after = per_question(report["per_question"]), per_question(kept["per_question"])
    for name, values in before.items():
        np.testing.assert_array_equal(values, after[name], err_msg=name)
    assert path.read_text(encoding="utf-8").count('\n{"id": ') == 14, "a question a line"
    assert path.stat().st_size < len(json.dumps(report, ensure_ascii=False).encode()) / 3
    comparison = compare(kept, report)
    assert comparison["moved"] == []
    assert not any(row["wins"] + row["losses"] for row in comparison["metrics"].values())


def test_equal_scores_stay_together_in_an_accepted_ranking():
    ranking = [["a", 0.9], ["gold", 0.5], ["z", 0.5], ["y", 0.4]]
    row = {"ranking": ranking, "gains": {"gold": 1}, "evidence": ["一", "二", "三"]}
    kept = baselines.trimmed({"per_question": [row | {"probability": 0.123456}]})
    assert kept["per_question"][0]["ranking"] == ranking[:3], "z comes before gold in trec_eval"
    assert kept["per_question"][0]["evidence"] == ["一", "二"]
    assert kept["per_question"][0]["probability"] == 0.1235
    nothing = baselines.trimmed({"per_question": [row | {"gains": {}, "probability": 0.0}]})
    assert nothing["per_question"][0]["ranking"] == [["a", 0.9]]


def row(number, rank=1, evidence="答", **changes):
    ranking = [["gold" if place == rank else f"d{place}", 1 / place] for place in range(1, 6)]
    return {
        "id": f"q{number}", "question": f"{number}とは", "answerable": True, "tags": [],
        "gains": {"gold": 1}, "ranking": ranking, "section_hit": None, "page_hit": None,
        "answers": ["答"], "evidence": [evidence], "found": True, "probability": 0.9,
    } | changes  # fmt: skip


def test_what_counts_as_worse():
    accepted = {"per_question": [row(number) for number in range(20)]}
    same, _, _ = baselines.compare_shared(accepted, accepted)
    assert baselines.losses(same) == []
    lower = {"per_question": [row(number, rank=3) for number in range(20)]}
    comparison, _, _ = baselines.compare_shared(accepted, lower)
    assert baselines.losses(comparison) == ["nDCG@10", "RR@10", "P@1", "AP"]
    better, _, _ = baselines.compare_shared(lower, accepted)
    assert baselines.losses(better) == []
    refusing = {"per_question": [row(number, found=False) for number in range(20)]}
    comparison, _, _ = baselines.compare_shared(accepted, refusing)
    assert baselines.losses(comparison) == ["accuracy", "false refusals"]
    longer = {"per_question": [row(number, answers=[], evidence="長い答") for number in range(20)]}
    comparison, _, _ = baselines.compare_shared(accepted, longer)
    assert baselines.losses(comparison) == [], "longer evidence is no loss"
    one = {"per_question": [row(number, rank=3 if number == 0 else 1) for number in range(20)]}
    comparison, _, _ = baselines.compare_shared(accepted, one)
    assert baselines.losses(comparison) == [], "one question may move by chance"


def test_other_questions_are_told_and_left_out():
    accepted = {"per_question": [row(1), row(2), row(3)]}
    now = {"per_question": [row(2), row(3, question="別の問い"), row(4)]}
    comparison, only_now, only_before = baselines.compare_shared(accepted, now)
    assert (comparison["questions"], only_now, only_before) == (1, ["q3", "q4"], ["q1", "q3"])
    assert baselines.compare_shared(accepted, {"per_question": [row(9)]})[0] is None


def test_the_accepted_run_of_the_users_document_is_that_of_its_suite(repository):
    suite = read_suite(repository / "eval" / "juten.toml")
    accepted = baselines.read_baseline(suite.baseline)
    assert accepted["suite"] == suite.name
    assert all(bar["passed"] for bar in suites.judged(suite.bars, accepted))


# --- the command line, with the real encoder ---


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Runs `policyqa eval`; libraries are built in a cache of the test's own, the encoder is that
    of the user's cache."""
    encoders = Path(platformdirs.user_cache_dir("policyqa")) / "encoders"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYQA_CACHE", str(encoders))
    return lambda *arguments: CliRunner().invoke(app, ["eval", *map(str, arguments)])


def test_running_accepting_and_failing_under_a_bar(command, desk):
    path = suite_file(desk, BASE + '[bars]\n"P@1" = 1\n"nDCG@10" = 0.5\n')
    first = command("run", path, "--json", "a.json", "--fail-under")
    assert first.exit_code == 0, first.output
    assert "bars: 2 of 2 passed" in first.stdout
    assert f"accepted run: none yet at {desk / 'baselines' / 'plan.json'}" in first.stdout
    accepted = command("accept", path, "a.json")
    assert accepted.stdout.splitlines() == [
        f"accepted a.json as {desk / 'baselines' / 'plan.json'}: 5 questions",
        "there was none before",
    ]
    gold = [{"file": "roads.txt"}]
    write_questions(desk / "set.jsonl", [QUESTIONS[0] | {"relevant": gold}, *QUESTIONS[1:]])
    missed = command("run", path, "--json", "b.json", "--fail-under")
    assert missed.exit_code == 1
    assert "bars: 1 of 2 passed" in missed.stdout
    assert "MISSED  P@1      all  0.500" in missed.stdout
    assert "no metric is significantly worse over 5 questions" in missed.stdout
    assert "the gold differs for 1 of 5 questions (q1)" in missed.stderr
    assert command("run", path).exit_code == 0, "without the flag it is only told"
    again = command("accept", path, "b.json")
    assert "warning: the run misses the bars for P@1" in again.stderr
    assert "differences over 5 questions, B (new) less A (before):" in again.stdout
    assert "住宅の断熱は何をしますか。" in again.stdout, "the question that moved"


def test_what_the_command_refuses(command, desk):
    path = suite_file(desk)
    cases = {
        ("run", path, "--fail-under"): "--fail-under needs [bars] in it",
        (
            "run",
            desk / "set.jsonl",
            "--fail-under",
        ): "--fail-under needs a suite, .toml, with [bars]",
        ("run", path, "--library", desk): "says what is searched; leave --library",
        ("accept", path, desk / "set.jsonl"): "is no run written with --json",
    }
    (desk / "other.json").write_text(json.dumps({"suite": "x", "per_question": []}))
    cases[("accept", path, desk / "other.json")] = "is a run of x, not of plan; make one with"
    for arguments, problem in cases.items():
        done = command(*arguments)
        assert isinstance(done.exception, EvaluationError), arguments
        assert problem in str(done.exception)
