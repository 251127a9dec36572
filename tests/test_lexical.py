"""The index of words: its ranking is that of all scores sorted."""

import bm25s
import numpy as np
import pytest

from policyqa.search.lexical import LexicalIndex

WORDS = [f"語{number}" for number in range(200)]


def made(rows: int) -> list[list[str]]:
    """Rows of words, a few of them frequent."""
    rng = np.random.default_rng(1)
    return [
        [WORDS[min(int(word), 199)] for word in rng.zipf(1.4, size=rng.integers(1, 12))]
        for _ in range(rows)
    ]


# More rows than groups that the highest scores are looked for in, and fewer.
COLLECTIONS = {rows: made(rows) for rows in (1, 50, 10_000)}
QUESTIONS = [["語1"], ["語1", "語5", "語30"], ["語3", "語3", "ない"], ["語150", "語199"]]


@pytest.fixture(scope="module", params=COLLECTIONS)
def rows(request) -> list[list[str]]:
    return COLLECTIONS[request.param]


@pytest.fixture(scope="module", params=["built", "loaded"])
def index(request, rows, tmp_path_factory) -> LexicalIndex:
    built = LexicalIndex.build(rows)
    if request.param == "built":
        return built
    folder = tmp_path_factory.mktemp("lexical")
    built.save(folder)
    return LexicalIndex.load(folder, len(rows))


@pytest.fixture(scope="module")
def reference(rows) -> bm25s.BM25:
    index = bm25s.BM25()
    index.index(rows, show_progress=False)
    return index


def all_scores(index: bm25s.BM25, question: list[str]) -> np.ndarray:
    known = [word for word in question if word in index.vocab_dict]
    return index.get_scores(known) if known else np.zeros(index.scores["num_docs"], np.float32)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("k", [1, 10, 300])
@pytest.mark.parametrize("every", [1, 3, 1000])
def test_the_ranking_is_that_of_all_scores(index, rows, reference, question, k, every):
    allowed = np.arange(len(rows)) % every == 0
    scores = np.where(allowed, all_scores(reference, question), 0)
    ranked = sorted(np.flatnonzero(scores > 0), key=lambda row: (-scores[row], row))[:k]
    assert index.search(question, k, allowed) == [(row, scores[row]) for row in ranked]


@pytest.mark.parametrize("question", QUESTIONS)
def test_scores_of_given_rows(index, rows, reference, question):
    wanted = np.array([len(rows) - 1, 0, len(rows) // 2, 0])
    expected = all_scores(reference, question)[wanted]
    assert index.scores(question, wanted) == pytest.approx(expected, rel=1e-6)


def test_no_word_is_known(index, rows):
    assert index.search(["ない"], 10, np.ones(len(rows), np.bool_)) == []
    first, none = np.array([0]), np.array([], np.int64)
    assert index.scores(["ない"], first).tolist() == [0.0]
    assert index.scores([], first).tolist() == [0.0]
    assert index.scores(["語1"], none).tolist() == []


def test_idf():
    index = LexicalIndex.build([["道路", "計画"], ["道路", "道路"], ["住宅"]])
    assert index.idf({"道路", "住宅", "ない"}) == pytest.approx(
        {"道路": np.log(1 + 1.5 / 2.5), "住宅": np.log(1 + 2.5 / 1.5), "ない": np.log(8)}
    )
