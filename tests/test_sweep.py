"""Sweeps over settings: their files, what is kept of them, their table."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from typer.testing import CliRunner

from fakes import FakeEncoder, FakeSource
from policyqa import indexing
from policyqa.cli import app
from policyqa.errors import EvaluationError
from policyqa.evaluation.compare import compare
from policyqa.evaluation.run_files import read_run
from policyqa.evaluation.sweep import run_sweep
from policyqa.evaluation.sweep_file import read_sweep
from policyqa.evaluation.sweep_table import pareto
from policyqa.evaluation.trials import Point
from policyqa.search.fusion import WEIGHTS

DEFAULTS = Point(200, "openvino", None, dict(WEIGHTS))
GRID = """\
questions = "questions.jsonl"
corpus = ["documents"]
method = "grid"

[parameters]
chunk_tokens = [60, 200]
weights.lexical = [0.25, 0.75]
"""
QUESTIONS = [
    ("q1", "住宅の断熱はどう進めますか。", [{"file": "housing.txt"}]),
    ("q2", "道路の舗装は何年に終わりますか。", [{"file": "roads.txt"}]),
    ("q3", "空港はどこにできますか。", []),
]


class CountingEncoder(FakeEncoder):
    """Keeps the questions it encoded too, in order."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def encode_queries(self, texts):
        self.asked.extend(texts)
        return super().encode_queries(texts)


@pytest.fixture
def desk(tmp_path):
    """A folder with two documents of several chunks each, questions and a sweep's file."""
    lay_out(tmp_path)
    return tmp_path


def lay_out(folder: Path) -> None:
    (folder / "documents").mkdir(parents=True)
    for name, title, thing in (
        ("housing.txt", "住宅計画", "住宅の断熱"),
        ("roads.txt", "道路計画", "道路の舗装"),
    ):
        told = "".join(
            f"{year}年度は{thing}を{year - 2000}箇所で進める。" for year in range(2021, 2031)
        )
        (folder / "documents" / name).write_text(f"{title}\n\n{told}\n", encoding="utf-8")
    rows = [
        {"id": id, "question": text, "answerable": bool(gold), "relevant": gold}
        for id, text, gold in QUESTIONS
    ]
    (folder / "questions.jsonl").write_text(
        "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8"
    )
    (folder / "sweep.toml").write_text(GRID, encoding="utf-8")


def swept(folder, encoder=None, sources=None, **options):
    """The table of the folder's sweep; `sources` encodes by name of the encoder."""
    encoder = encoder or CountingEncoder()
    sources = sources or {None: FakeSource(encoder=encoder)}
    return run_sweep(
        read_sweep(folder / "sweep.toml"),
        DEFAULTS,
        lambda name, runtime: sources[name],
        folder / "work",
        **options,
    )


def settings_of(table):
    return {
        (trial["settings"]["chunk_tokens"], trial["settings"]["weights"]["lexical"])
        for trial in table["trials"]
    }


def without_times(table):
    """What must be the same however often a sweep was broken off."""
    return sorted(
        json.dumps([trial[key] for key in ("settings", "metrics", "difference", "library_mb")])
        for trial in table["trials"]
    )


# --- running and keeping ---


def test_a_grid_tries_every_combination_and_the_defaults_once(desk):
    table = swept(desk)
    # 0.75 beside three of 0.25 is half of the whole.
    assert settings_of(table) == {(60, 0.25), (60, 0.5), (200, 0.25), (200, 0.5)}
    assert [trial["defaults"] for trial in table["trials"]].count(True) == 1
    assert (table["objective"], table["asked"]) == ("nDCG@10", 5), "three and two negatives"
    assert len(list((desk / "work" / "trials").iterdir())) == 4


def test_nothing_is_embedded_or_asked_twice(desk):
    encoder = CountingEncoder()
    table = swept(desk, encoder)
    assert len(encoder.encoded) == len(set(encoder.encoded)) > 20
    # Two libraries, for each: five questions, and the first once more before time is taken.
    assert len(encoder.asked) == 2 * (5 + 1)
    again = CountingEncoder()
    assert swept(desk, again) == table, "even the times are the same"
    assert (again.encoded, again.asked) == ([], [])


def test_another_weight_encodes_nothing_but_the_first_question(desk):
    swept(desk)
    (desk / "sweep.toml").write_text(GRID.replace("0.75]", "0.75, 1.0]"), encoding="utf-8")
    encoder = CountingEncoder()
    assert len(swept(desk, encoder)["trials"]) == 6
    assert encoder.encoded == []
    assert encoder.asked == [QUESTIONS[0][1]] * 2


def test_changed_questions_or_documents_are_asked_anew(desk):
    swept(desk)
    path = desk / "questions.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("q3", "q4"), encoding="utf-8")
    encoder = CountingEncoder()
    swept(desk, encoder)
    assert (encoder.encoded, len(encoder.asked)) == ([], 12)
    path = desk / "documents" / "roads.txt"
    path.write_text(path.read_text(encoding="utf-8") + "橋も直す。\n", encoding="utf-8")
    encoder = CountingEncoder()
    swept(desk, encoder)
    assert len(encoder.asked) == 12
    assert all("橋も直す。" in text for text in encoder.encoded)


def test_a_trial_is_what_a_search_with_its_settings_finds(desk):
    """The kept signals, weighed, give what `eval run` would with those weights."""
    from policyqa.evaluation import runner
    from policyqa.library import Library

    table = swept(desk)
    trial = next(
        one
        for one in table["trials"]
        if one["settings"]["chunk_tokens"] == 60 and one["settings"]["weights"]["lexical"] == 0.5
    )
    kept = read_run(Path(trial["run"]))
    source = FakeSource()
    indexing.build([desk / "documents"], desk / "index", source, chunk_tokens=60)
    library = Library.open(desk / "index", source)
    weights = trial["settings"]["weights"]
    asked = runner.suite(desk / "questions.jsonl", library)
    asked += runner.left_out(asked, library.places)
    run = runner.run(
        "x",
        asked,
        library,
        {},
        search=lambda item: library.search(
            item.question.text, runner.DEPTH, item.without, weights=weights
        ),
    )
    assert [row["ranking"] for row in kept["per_question"]] == [
        [list(one) for one in row["ranking"]] for row in run["per_question"]
    ]
    assert kept["metrics"] == run["metrics"]
    assert compare(kept, run)["moved"] == [], "a trial is a run that eval compare takes"


def test_a_library_that_is_built_varies_its_weights_alone(desk):
    source = FakeSource()
    indexing.build([desk / "documents"], desk / "index", source, chunk_tokens=60)
    text = GRID.replace('corpus = ["documents"]', 'library = "index"')
    (desk / "sweep.toml").write_text(text.replace("chunk_tokens = [60, 200]\n", ""))
    table = swept(desk)
    assert settings_of(table) == {(60, 0.25), (60, 0.5)}
    assert {trial["build_s"] for trial in table["trials"]} == {None}
    assert not (desk / "work" / "libraries").exists()


def test_a_beir_folder_brings_its_own_documents(desk):
    beir = desk / "beir"
    (beir / "qrels").mkdir(parents=True)
    corpus = [("d1", "住宅", "住宅の断熱を進める。"), ("d2", "道路", "道路の舗装を進める。")]
    (beir / "corpus.jsonl").write_text(
        "".join(
            f'{{"_id": "{id}", "title": "{title}", "text": "{text}"}}\n'
            for id, title, text in corpus
        )
    )
    (beir / "queries.jsonl").write_text('{"_id": "q", "text": "住宅の断熱は。"}\n')
    (beir / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\td1\t1\n")
    text = GRID.replace("questions.jsonl", "beir").replace('corpus = ["documents"]\n', "")
    (desk / "sweep.toml").write_text(text)
    encoder = CountingEncoder()
    table = swept(desk, encoder)
    assert [trial["metrics"]["nDCG@10"]["value"] for trial in table["trials"]] == [1.0] * 4
    assert len(encoder.encoded) == len(set(encoder.encoded))


def test_each_encoder_has_its_own_libraries_and_each_runtime_its_own_trials(desk):
    text = GRID.replace("chunk_tokens = [60, 200]", 'encoder = ["bundled", "other"]')
    text = text.replace("weights.lexical = [0.25, 0.75]", 'runtime = ["openvino", "torch"]')
    (desk / "sweep.toml").write_text(text)
    sources = {
        None: FakeSource("fake@1", CountingEncoder()),
        "other": FakeSource("fake@2", CountingEncoder()),
    }
    table = swept(desk, sources=sources)
    tried = {(one["settings"]["encoder"], one["settings"]["runtime"]) for one in table["trials"]}
    assert tried == {
        ("bundled", "openvino"), ("bundled", "torch"), ("other", "openvino"), ("other", "torch")
    }  # fmt: skip
    assert len([one for one in (desk / "work" / "libraries").iterdir() if one.is_dir()]) == 2
    for source in sources.values():
        assert len(source.encoder.encoded) == len(set(source.encoder.encoded)) > 0


# --- broken off ---

KILLED = """
import sys
from pathlib import Path
from test_sweep import CountingEncoder, swept

def wait():
    print("now", flush=True)
    sys.stdin.read()

class Slow(CountingEncoder):
    def encode_passages(self, texts):
        if sys.argv[2] == "embedding" and self.encoded:
            wait()
        return super().encode_passages(texts)

done = 0
def progress(step, at, of):
    global done
    done = at if step == "trials" else done
    if sys.argv[2] == "asking" and done == 2 and step == "ask" and at == 1:
        wait()
    if sys.argv[2] == "first" and step == "ask" and at == 3:
        wait()

swept(Path(sys.argv[1]), Slow(), progress=progress)
"""


@pytest.mark.parametrize(("moment", "trials"), [("first", 0), ("embedding", 2), ("asking", 2)])
def test_a_killed_sweep_goes_on_where_it_was(tmp_path, moment, trials):
    """SIGKILL in the first trial, while the second library is embedded, and in the third trial."""
    lay_out(tmp_path / "killed")
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "killed"), moment],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        assert process.stdout.readline() == b"now\n"
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdin.close()
        process.stdout.close()
    kept = {
        path: path.read_bytes() for path in (tmp_path / "killed" / "work").glob("trials/*.json")
    }
    assert len(kept) == trials
    encoder = CountingEncoder()
    went_on = swept(tmp_path / "killed", encoder)
    lay_out(tmp_path / "whole")
    whole_encoder = CountingEncoder()
    whole = swept(tmp_path / "whole", whole_encoder)
    assert without_times(went_on) == without_times(whole)
    assert {path: path.read_bytes() for path in kept} == kept, "none of them was run again"
    assert len(encoder.encoded) < len(whole_encoder.encoded)
    assert len(encoder.encoded) == len(set(encoder.encoded))
    # Questions whose signals were kept are not encoded again: three in the first trial, all of the
    # first library in the others (and one of the second, when that was asked already).
    left = {"first": 1 + 2 + 6, "embedding": 6, "asking": 6 - 1}[moment]
    assert len(encoder.asked) == left


def test_a_damaged_trial_is_named(desk):
    swept(desk)
    path = sorted((desk / "work" / "trials").iterdir())[0]
    path.write_text("{")
    with pytest.raises(EvaluationError) as caught:
        swept(desk)
    assert str(caught.value) == f"{path} is damaged; delete it and run the sweep again"


def test_damaged_signals_are_named(desk):
    swept(desk)
    for path in (desk / "work" / "trials").iterdir():
        path.unlink()
    for path in (desk / "work" / "signals").iterdir():
        path.write_text("no database, however long one reads on in it" * 9)
    with pytest.raises(EvaluationError, match="cannot be used .*; free space or delete the file$"):
        swept(desk)


def test_a_folder_that_cannot_be_written_is_told(desk):
    (desk / "work").write_text("a file")
    with pytest.raises(EvaluationError) as caught:
        swept(desk)
    assert str(caught.value) == (
        f"{desk / 'work'} cannot be written (File exists); give another folder with --workdir"
    )


def test_two_sweeps_do_not_share_a_folder_at_a_time(desk):
    (desk / "work").mkdir()
    with FileLock(desk / "work" / ".lock"), pytest.raises(EvaluationError) as caught:
        swept(desk)
    assert str(caught.value) == (
        f"another sweep is running in {desk / 'work'}; wait for it or give another --workdir"
    )


# --- random ---

RANDOM = """\
questions = "questions.jsonl"
corpus = ["documents"]
method = "random"
trials = 4
seed = {seed}

[parameters]
chunk_tokens = {{min = 100, max = 300, step = 100}}
"weights.dense" = {{min = 0.1, max = 0.9}}
"""


def drawn(folder, seed):
    (folder / "sweep.toml").write_text(RANDOM.format(seed=seed))
    return read_sweep(folder / "sweep.toml").combinations()


def test_a_seed_always_draws_the_same(desk):
    first = drawn(desk, 7)
    assert first == drawn(desk, 7) != drawn(desk, 8)
    assert first == [
        {"chunk_tokens": 300, "weights.dense": 0.8178},
        {"chunk_tokens": 200, "weights.dense": 0.7205},
        {"chunk_tokens": 300, "weights.dense": 0.3401},
        {"chunk_tokens": 100, "weights.dense": 0.7988},
    ]


def test_as_many_as_there_are_are_all_drawn(desk):
    text = RANDOM.format(seed=1).replace("max = 0.9", "max = 0.3, step = 0.1")
    (desk / "sweep.toml").write_text(text.replace("trials = 4", "trials = 9"))
    combinations = read_sweep(desk / "sweep.toml").combinations()
    assert sorted(tuple(one.values()) for one in combinations) == [
        (budget, weight) for budget in (100, 200, 300) for weight in (0.1, 0.2, 0.3)
    ]


# --- files ---


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'method = "grid"',
            'method = "grid"\ncolour = 1',
            (
                "colour: unknown; known are corpus, library, method, objective, parameters, "
                "questions, seed, trials"
            ),
        ),
        ('method = "grid"', "", 'method: must be "grid" or "random"'),
        ('method = "grid"', 'method = "grid"\nseed = 1', 'seed: is for method = "random" only'),
        (
            'method = "grid"',
            'method = "random"\nseed = 1',
            'trials: method = "random" needs a whole number from 1',
        ),
        (
            'method = "grid"',
            'method = "random"\ntrials = 2',
            'seed: method = "random" needs a whole number from 0',
        ),
        (
            'method = "grid"',
            'method = "random"\ntrials = 5\nseed = 1',
            "trials: there are only 4 combinations; try all by grid",
        ),
        (
            'method = "grid"',
            'method = "grid"\nobjective = "AUROC"',
            (
                "objective: must be one of nDCG@10, RR@10, P@1, R@10, R@100, AP, section "
                "hit@1, section hit@3, page hit@1, page hit@3, answer contained@1, answer "
                "contained@2, answer exact@1, answer exact@2, answer F1@1, answer F1@2, "
                "evidence length@1, evidence length@2, accuracy, false answers, false refusals"
            ),
        ),
        ('"questions.jsonl"', '"none.jsonl"', "questions: {folder}/none.jsonl does not exist"),
        ('"questions.jsonl"', "3", "questions: must be a path"),
        ('["documents"]', "[]", "corpus: must name a file or folder at least"),
        ('["documents"]', '["none"]', "corpus: {folder}/none does not exist"),
        (
            'corpus = ["documents"]',
            "",
            "corpus: say either corpus = [files and folders] or library = folder",
        ),
        (
            'corpus = ["documents"]',
            'library = "documents"',
            "library: no library at {folder}/documents; build one or say corpus",
        ),
        ("[60, 200]", "[49]", "parameters.chunk_tokens: must be whole numbers from 50 to 480"),
        ("[60, 200]", "[true]", "parameters.chunk_tokens: must be whole numbers from 50 to 480"),
        ("[60, 200]", "[60, 60]", "parameters.chunk_tokens: has a value twice"),
        (
            "[60, 200]",
            "[]",
            "parameters.chunk_tokens: must be a list of values, or a table of min, max and step",
        ),
        ("[60, 200]", "{min = 60, max = 100}", "parameters.chunk_tokens: a grid needs a step"),
        (
            "[60, 200]",
            "{min = 60, max = 60, step = 1}",
            "parameters.chunk_tokens: min must be less than max",
        ),
        (
            "[60, 200]",
            "{min = 60, max = 90, step = 0}",
            "parameters.chunk_tokens: step must be a whole number above 0",
        ),
        (
            "[60, 200]",
            "{min = 60, max = 90, by = 1}",
            "parameters.chunk_tokens: by is unknown; a range has min, max and step",
        ),
        ("[0.25, 0.75]", "[-0.1]", "parameters.weights.lexical: must be numbers from 0"),
        ("[0.25, 0.75]", "[nan]", "parameters.weights.lexical: must be numbers from 0"),
        (
            "weights.lexical",
            "weights.words",
            (
                "parameters.weights.words: unknown; known are chunk_tokens, weights.dense, "
                "weights.dense_title, weights.sentence, weights.lexical, runtime, encoder"
            ),
        ),
        (
            "weights.lexical = [0.25, 0.75]",
            'runtime = ["cuda"]',
            "parameters.runtime: must be of openvino, torch",
        ),
        (
            "weights.lexical = [0.25, 0.75]",
            "encoder = {min = 1}",
            "parameters.encoder: must be a list of values",
        ),
        (
            "weights.lexical = [0.25, 0.75]",
            'encoder = [""]',
            'parameters.encoder: must be names or folders of models; "bundled" is the bundled one',
        ),
    ],
)
def test_wrong_files_are_told_before_anything_runs(desk, old, new, problem):
    assert old in GRID
    (desk / "sweep.toml").write_text(GRID.replace(old, new))
    with pytest.raises(EvaluationError) as caught:
        read_sweep(desk / "sweep.toml")
    assert str(caught.value) == f"{desk / 'sweep.toml'}: {problem.format(folder=desk)}"


def test_a_built_library_cannot_be_cut_again(desk, juten_folder):
    text = GRID.replace('corpus = ["documents"]', f'library = "{juten_folder}"')
    (desk / "sweep.toml").write_text(text)
    with pytest.raises(EvaluationError) as caught:
        read_sweep(desk / "sweep.toml")
    assert str(caught.value) == (
        f"{desk / 'sweep.toml'}: parameters.chunk_tokens: "
        "a built library has its own; say corpus in place of library"
    )


def test_weights_that_are_all_nothing_are_told_before_anything_runs(desk):
    names = "\n".join(f"weights.{name} = [0, 1]" for name in WEIGHTS)
    text = GRID.replace("weights.lexical = [0.25, 0.75]", names)
    (desk / "sweep.toml").write_text(text)
    encoder = CountingEncoder()
    with pytest.raises(EvaluationError, match="^the weights of a combination are all 0; "):
        swept(desk, encoder)
    assert encoder.encoded == []


def test_an_objective_that_no_question_has_is_told(desk):
    (desk / "sweep.toml").write_text(f'objective = "page hit@1"\n{GRID}')
    with pytest.raises(EvaluationError, match="^objective: no question .* value of page hit@1"):
        swept(desk)


# --- the table ---


def test_the_best_trade_offs_exactly():
    points = [(0.9, 30.0), (0.9, 20.0), (0.8, 10.0), (0.7, 10.0), (0.8, 15.0), (0.95, 50.0)]
    assert pareto(points) == [False, True, True, False, False, True]
    assert pareto([(0.5, 10.0), (0.5, 10.0)]) == [True, True], "equals do not beat each other"


def test_the_table_is_ordered_marked_and_compared_with_the_defaults(desk):
    table = swept(desk)
    trials = table["trials"]
    values = [round(trial["metrics"]["nDCG@10"]["value"], 4) for trial in trials]
    assert values == sorted(values, reverse=True)
    times = [trial["latency_ms"]["median"] for trial in trials]
    assert [trial["best"] for trial in trials] == pareto(list(zip(values, times, strict=True)))
    runs = [
        np.array([row["took_ms"]["encode"] for row in read_run(Path(trial["run"]))["per_question"]])
        for trial in trials
    ]
    by_budget = {}
    for trial, took in zip(trials, runs, strict=True):
        budget = trial["settings"]["chunk_tokens"]
        assert np.array_equal(by_budget.setdefault(budget, took), took), "encoded once"
    base = next(trial for trial in trials if trial["defaults"])
    assert base["difference"] is None
    for trial in trials:
        if trial is not base:
            comparison = compare(read_run(Path(base["run"])), read_run(Path(trial["run"])))
            told = comparison["metrics"]["nDCG@10"]
            assert trial["difference"]["value"] == told["difference"]
            assert (trial["difference"]["low"], trial["difference"]["high"]) == (
                told["low"],
                told["high"],
            )
            assert trial["difference"]["p_holm"] >= trial["difference"]["p"]


def test_where_less_is_better_the_least_comes_first(desk):
    (desk / "sweep.toml").write_text(f'objective = "evidence length@1"\n{GRID}')
    table = swept(desk)
    values = [trial["metrics"]["evidence length@1"]["value"] for trial in table["trials"]]
    assert table["lower_is_better"]
    assert values == sorted(values)


# --- the command ---


def test_the_command_names_what_is_wrong(desk):
    (desk / "sweep.toml").write_text("method = 3\n")
    done = CliRunner().invoke(app, ["eval", "sweep", str(desk / "sweep.toml")])
    assert isinstance(done.exception, EvaluationError)
    assert str(done.exception) == f"{desk / 'sweep.toml'}: questions: must be a path"


def test_the_example_runs_as_documented(repository, tmp_path):
    """With the real encoder; without the torch runtime, whose start takes long."""
    text = (repository / "examples" / "sweeps" / "juten.toml").read_text(encoding="utf-8")
    text = text.replace("../..", str(repository)).replace(', "torch"', "")
    text = text.replace("[100, 200, 300]", "[100, 200]")
    (tmp_path / "juten.toml").write_text(text, encoding="utf-8")
    arguments = ["eval", "sweep", tmp_path / "juten.toml", "--workdir", tmp_path / "work"]
    done = CliRunner().invoke(app, [*map(str, arguments), "--json", str(tmp_path / "table.json")])
    assert done.exception is None, done.output
    table = json.loads((tmp_path / "table.json").read_text(encoding="utf-8"))
    assert len(table["trials"]) == 4
    lines = done.output.splitlines()
    assert "4 trials of 14 questions, by answer contained@1" in lines[0]
    assert sum(line.startswith(" ★") for line in lines) == sum(
        trial["best"] for trial in table["trials"]
    )
