"""The vector index, of each kind: what it finds under a mask, and the cosines it gives."""

import numpy as np
import pytest

from policyqa.search.dense import DenseIndex

ROWS, DIMENSION = 3000, 16


def made(seed: int, rows: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((rows, DIMENSION)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


VECTORS = made(1, ROWS)
QUESTIONS = made(2, 20)
KINDS = {
    "exact": DenseIndex.exact(VECTORS),
    "compact": DenseIndex.compact(VECTORS),
    "clustered": DenseIndex.clustered(VECTORS),
}
EVERYTHING = np.ones(ROWS, np.bool_)


def nearest(question: np.ndarray, k: int, allowed: np.ndarray) -> list[int]:
    cosines = np.where(allowed, VECTORS @ question, -2)
    return np.argsort(-cosines)[:k].tolist()


def rows_of(hits: list[tuple[int, float]]) -> list[int]:
    return [row for row, _ in hits]


@pytest.fixture(params=["built", "loaded"])
def kinds(request, tmp_path) -> dict[str, DenseIndex]:
    """An index of each kind, as built and as read from disk."""
    if request.param == "built":
        return KINDS
    for name, index in KINDS.items():
        index.save(tmp_path / name)
    return {name: DenseIndex.load(tmp_path / name) for name in KINDS}


def test_many_rows_are_clustered():
    assert DenseIndex.build(VECTORS, exact_rows=ROWS).kind == {"kind": "SQfp16"}
    assert DenseIndex.compact(VECTORS).kind == {"kind": "SQ8"}
    assert DenseIndex.build(VECTORS, exact_rows=ROWS - 1).kind == {
        "kind": "IVF,SQ8",
        "nlist": 219,
        "nprobe": 200,
    }


def test_the_kind_is_kept_on_disk(kinds):
    assert {name: index.kind for name, index in kinds.items()} == {
        name: index.kind for name, index in KINDS.items()
    }
    assert {(index.rows, index.dimension) for index in kinds.values()} == {(ROWS, DIMENSION)}


def test_a_build_gives_the_same_index_again():
    again = DenseIndex.clustered(VECTORS)
    for question in QUESTIONS:
        found = KINDS["clustered"].search(question, 10, EVERYTHING)
        assert again.search(question, 10, EVERYTHING) == found


def test_exact_finds_the_nearest(kinds):
    for question in QUESTIONS:
        hits = kinds["exact"].search(question, 10, EVERYTHING)
        # Rows whose cosines differ by less than 16 bits tell may change places.
        cosines = VECTORS[nearest(question, 10, EVERYTHING)] @ question
        assert [score for _, score in hits] == pytest.approx(cosines, abs=1e-3)
        assert [score for _, score in hits] == pytest.approx(
            VECTORS[rows_of(hits)] @ question, abs=1e-3
        )


def test_clustered_finds_most_of_the_nearest(kinds):
    found = [
        len(
            set(rows_of(kinds["clustered"].search(question, 10, EVERYTHING)))
            & set(nearest(question, 10, EVERYTHING))
        )
        for question in QUESTIONS
    ]
    assert np.mean(found) > 9


@pytest.mark.parametrize("name", KINDS)
def test_scores_are_cosines(kinds, name):
    rows = np.array([0, ROWS - 1, 7, 7])
    for question in QUESTIONS:
        expected = VECTORS[rows] @ question
        assert kinds[name].scores(question, rows) == pytest.approx(expected, abs=1e-2)
    assert kinds[name].scores(QUESTIONS[0], np.array([], np.int64)).tolist() == []


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("every", [1, 2, 10, 100])
def test_only_allowed_rows_are_found_and_enough_of_them(kinds, name, every):
    allowed = np.arange(ROWS) % every == 0
    for question in QUESTIONS:
        hits = kinds[name].search(question, 20, allowed)
        assert len(hits) == 20
        assert all(allowed[row] for row, _ in hits)
        assert [score for _, score in hits] == sorted((s for _, s in hits), reverse=True)


@pytest.mark.parametrize("name", KINDS)
def test_a_strict_mask_leaves_nothing_unfound(kinds, name):
    # The farthest rows are in none of the clusters that are searched first.
    for question in QUESTIONS:
        farthest = np.argsort(VECTORS @ question)[:30]
        allowed = np.isin(np.arange(ROWS), farthest)
        hits = kinds[name].search(question, 100, allowed)
        assert sorted(rows_of(hits)) == sorted(farthest)


@pytest.mark.parametrize("name", KINDS)
def test_nothing_allowed(kinds, name):
    assert kinds[name].search(QUESTIONS[0], 10, np.zeros(ROWS, np.bool_)) == []


@pytest.mark.parametrize("rows", [1, 2])
def test_an_index_of_hardly_any_rows(rows):
    hits = DenseIndex.build(VECTORS[:rows]).search(VECTORS[0], 10, np.ones(rows, np.bool_))
    assert len(hits) == rows
    assert hits[0][0] == 0
