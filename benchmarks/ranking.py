"""Tables that chose the parameters of ranking: `make tune`, or

.venv/bin/python benchmarks/ranking.py [EVERY]

On the BEIR dev sets beside the project, every EVERYth question (4) of the larger one. Everything is
worked out from the libraries that `policyqa eval beir` builds; variants of the lexical index are
made here. All candidates are scored by all signals, as `policyqa.ranking` does.
"""

import itertools
import math
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import fugashi
import numpy as np
from numpy.typing import NDArray

from policyqa import indexing, store
from policyqa.catalogue import Catalogue
from policyqa.encoders import Encoder
from policyqa.evaluation.beir import library_folder, read_beir
from policyqa.indexing import BESIDE_WEIGHT, OWN_WEIGHT, TITLE_WEIGHT
from policyqa.japanese import FUNCTION_WORDS, canonical_with_offsets, content_words, normalise
from policyqa.ranking import CANDIDATES
from policyqa.search.dense import DenseIndex
from policyqa.search.fusion import WEIGHTS
from policyqa.settings import load_settings

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "eval"
SETS = ("localgovfaq-dev", "jaquad-dev")
FOLDS = 5
LOWEST = -1e9
TAGGER = fugashi.Tagger()

Matrix = NDArray[np.float32]
Cut = Callable[[str], list[str]]


def main() -> None:
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    encoder = load_settings().encoder_choice.load()
    sets = [Set(name, encoder, every) for name in SETS]
    shipped = [one.signals(one.lexical(fields())) for one in sets]

    table("signals, each alone over all rows")
    for name in WEIGHTS:
        line(name, [one.measure(signals[name]) for one, signals in zip(sets, shipped, strict=True)])
    table("the four together, and without one")
    line("all four", fused(sets, shipped))
    for left_out in WEIGHTS:
        line(f"without {left_out}", fused(sets, shipped, without=left_out))
    table("how they are fused")
    for how in ("z", "minmax", "rank"):
        line(how, fused(sets, shipped, how=how))
    table("rows that meaning and words each hand on")
    for depth in (50, 100, 200, 400):
        line(str(depth), fused(sets, shipped, depth=depth))
    line(f"{CANDIDATES}, and as many by title", fused(sets, shipped, searched=("dense_title",)))
    table("what a chunk is found by: weights of its own words, of those beside it, of its title")
    for weights in ((1, 0, 0), (1, 0, 1), (1, 1, 1), (2, 1, 0), (2, 1, 1), (2, 1, 2), (3, 1, 1)):
        line(str(weights), with_words(sets, fields(*weights)))
    table("BM25's k1 and b (1.5 and 0.75 are shipped)")
    for k1, b in ((0.9, 0.4), (1.2, 0.75), (1.5, 0.5), (1.5, 0.75), (1.5, 0.9), (2.0, 0.75)):
        line(f"{k1}, {b}", with_words(sets, fields(), k1=k1, b=b))
    table("words")
    for label, cut in CUTS.items():
        line(label, with_words(sets, fields(), cut=cut))
    line("lemmas, titles as words too", [titled(one) for one in sets])
    cross_validated(sets, shipped)


# --- a set and its signals ---


Fields = Callable[[Sequence[list[str]], int, list[str]], list[str]]


def fields(own: int = OWN_WEIGHT, beside: int = BESIDE_WEIGHT, title: int = TITLE_WEIGHT) -> Fields:
    """How the words of a unit's chunks (of which one is at `at`) and of its title are weighed."""

    def words(bodies: Sequence[list[str]], at: int, heading: list[str]) -> list[str]:
        near = [word for body in bodies[max(0, at - 1) : at + 2] for word in body]
        return heading * title + bodies[at] * (own - beside) + near * beside

    return words


def lemmas(text: str) -> list[str]:
    return [word.lemma for word in content_words(text)]


def surfaces(text: str) -> list[str]:
    return [normalise(text[word.start : word.end]) for word in content_words(text)]


def readings(text: str) -> list[str]:
    """How the lemmas are read (カイギ, of 会議 as of かいぎ): homophones are one word."""
    canonical, _ = canonical_with_offsets(text)
    words = [(word, word.feature) for word in TAGGER(canonical.replace("\n", " "))]
    return [
        known.lForm or word.surface for word, known in words if known.pos1 not in FUNCTION_WORDS
    ]


def lemmas_and_readings(text: str) -> list[str]:
    return lemmas(text) + readings(text)


def with_compounds(text: str) -> list[str]:
    """Lemmas, and each pair of touching nouns as one word beside its parts."""
    words = content_words(text)
    joined = [
        one.lemma + other.lemma
        for one, other in itertools.pairwise(words)
        if one.end == other.start
        and one.pos in ("名詞", "接頭辞")
        and other.pos in ("名詞", "接尾辞")
    ]
    return [word.lemma for word in words] + joined


def bigrams(text: str) -> list[str]:
    text = normalise(text)
    return [text[at : at + 2] for at in range(len(text) - 1)]


CUTS: Mapping[str, Cut] = {
    "lemmas": lemmas,
    "surfaces": surfaces,
    "readings": readings,
    "lemmas and their readings": lemmas_and_readings,
    "lemmas, and pairs of nouns joined": with_compounds,
    "pairs of signs": bigrams,
}


class Set:
    """A BEIR set as arrays: questions by chunks."""

    def __init__(self, name: str, encoder: Encoder, every: int) -> None:
        settings = load_settings()
        data = read_beir(SHARED / name)
        indexing.build_documents(
            data.documents,
            library_folder(SHARED / name),
            settings.encoder_choice,
            chunk_tokens=settings.chunk_tokens,
        )
        generation = store.current(library_folder(SHARED / name))
        catalogue = Catalogue(generation.folder / store.DATABASE)
        rows = generation.manifest["counts"]["chunks"]
        chunks = catalogue.chunks(range(rows))
        read = catalogue.read([chunks[row].extent for row in range(rows)])
        self.texts = [chunk.text for chunk in read]
        self.units = [chunks[row].extent.unit for row in range(rows)]
        places = {place.row: place for place in catalogue.places()}
        owners = [places[chunks[row].extent.section].document for row in range(rows)]
        titles = {document.id: document.title for document in catalogue.documents.values()}
        self.titles = [
            " ".join((titles[owner], *chunk.section))
            for owner, chunk in zip(owners, read, strict=True)
        ]
        paths = {document.id: document.path for document in catalogue.documents.values()}
        self.documents = [paths[owner] for owner in owners]
        questions = [question for question in data.questions if question.answerable]
        questions = questions[:: every if len(questions) > 1000 else 1]
        self.questions = [question.text for question in questions]
        self.gains = [data.gains[question.id] for question in questions]
        self.folds = [
            zlib.crc32(data.titles[max(gains, key=gains.__getitem__)].encode()) % FOLDS
            for gains in self.gains
        ]
        asked = np.concatenate(
            [
                encoder.encode_queries(self.questions[at : at + 64])
                for at in range(0, len(questions), 64)
            ]
        )
        vectors = {
            field: self._vectors(generation, field) for field in ("body", "title", "sentence")
        }
        _, firsts = catalogue.sentence_rows(np.arange(rows))
        self.dense = asked @ vectors["body"].T
        self.dense_title = asked @ vectors["title"].T
        self.sentence = np.maximum.reduceat(asked @ vectors["sentence"].T, firsts, axis=1)
        catalogue.close()

    def _vectors(self, generation: store.Generation, field: str) -> Matrix:
        index = DenseIndex.load(generation.folder / "dense" / f"{field}.faiss")
        unit = np.eye(index.dimension, dtype=np.float32)
        everything = np.arange(index.rows)
        return np.stack([index.scores(axis, everything) for axis in unit], axis=1)

    def lexical(self, weigh: Fields, cut: Cut = lemmas, k1: float = 1.5, b: float = 0.75) -> Matrix:
        cut_texts = [cut(text) for text in self.texts]
        headings = {title: cut(title) for title in set(self.titles)}
        words = []
        for _, run in itertools.groupby(range(len(self.texts)), key=self.units.__getitem__):
            rows = list(run)
            bodies = [cut_texts[row] for row in rows]
            words += [
                weigh(bodies, at, headings[self.titles[row]]) or ["\x00"]
                for at, row in enumerate(rows)
            ]
        index = bm25s.BM25(k1=k1, b=b)
        index.index(words, show_progress=False)
        scores = np.zeros((len(self.questions), len(words)), np.float32)
        for number, question in enumerate(self.questions):
            known = [word for word in cut(question) if word in index.vocab_dict]
            if known:
                scores[number] = index.get_scores(known)
        return scores

    def signals(self, lexical: Matrix) -> dict[str, Matrix]:
        return {
            "dense": self.dense,
            "dense_title": self.dense_title,
            "sentence": self.sentence,
            "lexical": lexical,
        }

    def measure(
        self, scores: Matrix, questions: Iterable[int] | None = None
    ) -> tuple[float, float]:
        """nDCG@10 and P@1 of documents, each as good as its best chunk."""
        every = range(len(self.questions)) if questions is None else questions
        values = [self._measured(number, scores[number]) for number in every]
        ndcg, first = np.mean(values, axis=0)
        return float(ndcg), float(first)

    def _measured(self, number: int, scores: Matrix) -> tuple[float, bool]:
        gains = self.gains[number]
        best = np.argpartition(-scores, 80)[:80]
        ranked = dict.fromkeys(
            self.documents[row] for row in best[np.lexsort((best, -scores[best]))]
        )
        found = [gains.get(document, 0) for document in itertools.islice(ranked, 10)]
        ideal = sorted(gains.values(), reverse=True)[:10]
        return _discounted(found) / _discounted(ideal), found[0] > 0


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains))


# --- fusion ---


@dataclass(frozen=True, slots=True)
class Standardised:
    """The signals of the candidates, shape (signals, questions, rows); elsewhere `is_candidate` is
    False."""

    values: Matrix
    is_candidate: NDArray[np.bool_]

    def fuse(self, weights: Sequence[float]) -> Matrix:
        summed = np.tensordot(np.asarray(weights, np.float32), self.values, 1)
        return np.where(self.is_candidate, summed, LOWEST)


def standardised(
    signals: Mapping[str, Matrix],
    depth: int = CANDIDATES,
    searched: Sequence[str] = (),
    how: str = "z",
) -> Standardised:
    candidates = np.zeros(signals["dense"].shape, np.bool_)
    for name in ("dense", "lexical", *searched):
        scores = signals[name]
        best = np.argpartition(-scores, depth, axis=1)[:, :depth]
        found = np.take_along_axis(scores, best, 1) > 0
        np.put_along_axis(candidates, best, np.take_along_axis(candidates, best, 1) | found, 1)
    values = [SCALES[how](np.where(candidates, signals[name], np.nan)) for name in WEIGHTS]
    return Standardised(np.nan_to_num(np.stack(values)), candidates)


def _z(scores: Matrix) -> Matrix:
    deviation = np.nanstd(scores, axis=1, keepdims=True)
    return (scores - np.nanmean(scores, axis=1, keepdims=True)) / np.maximum(deviation, 1e-9)


def _minmax(scores: Matrix) -> Matrix:
    low = np.nanmin(scores, axis=1, keepdims=True)
    return (scores - low) / np.maximum(np.nanmax(scores, axis=1, keepdims=True) - low, 1e-9)


def _reciprocal_rank(scores: Matrix) -> Matrix:
    order = np.argsort(np.argsort(-np.nan_to_num(scores, nan=LOWEST), axis=1), axis=1)
    return (1 / (60 + order + 1)).astype(np.float32)


SCALES: Mapping[str, Callable[[Matrix], Matrix]] = {
    "z": _z,
    "minmax": _minmax,
    "rank": _reciprocal_rank,
}


def fused(
    sets: Sequence[Set],
    signals: Sequence[Mapping[str, Matrix]],
    without: str = "",
    depth: int = CANDIDATES,
    searched: Sequence[str] = (),
    how: str = "z",
) -> list[tuple[float, float]]:
    weights = [0.0 if name == without else weight for name, weight in WEIGHTS.items()]
    return [
        one.measure(standardised(own, depth, searched, how).fuse(weights))
        for one, own in zip(sets, signals, strict=True)
    ]


def with_words(
    sets: Sequence[Set], weigh: Fields, cut: Cut = lemmas, k1: float = 1.5, b: float = 0.75
) -> list[tuple[float, float]]:
    return fused(sets, [one.signals(one.lexical(weigh, cut, k1, b)) for one in sets])


def titled(one: Set) -> tuple[float, float]:
    """As if all titles of the set were words of a user dictionary, beside their parts."""
    known = sorted({normalise(title).strip() for title in one.titles}, key=len, reverse=True)
    known = [title for title in known if 2 <= len(title) <= 20]

    def cut(text: str) -> list[str]:
        plain = normalise(text)
        return lemmas(text) + [title for title in known if title in plain]

    return fused([one], [one.signals(one.lexical(fields(), cut))])[0]


def cross_validated(sets: Sequence[Set], signals: Sequence[Mapping[str, Matrix]]) -> None:
    """Weights searched on four fifths of the documents, measured on the other fifth."""
    ready = [standardised(own) for own in signals]
    table(f"weights, {FOLDS} folds by document: measured where they were not chosen")
    rows: dict[str, list[list[tuple[float, float, int]]]] = {"equal": [], "chosen": []}
    equal = [1 / len(WEIGHTS)] * len(WEIGHTS)
    for fold in range(FOLDS):
        chosen = _search([one.fuse for one in ready], sets, fold)
        print(f"  fold {fold}: " + ", ".join(f"{w:.2f}" for w in chosen), file=sys.stderr)
        for label, weights in (("equal", equal), ("chosen", chosen)):
            rows[label].append(
                [
                    (*one.measure(own.fuse(weights), held), len(held))
                    for one, own in zip(sets, ready, strict=True)
                    for held in [[n for n, f in enumerate(one.folds) if f == fold]]
                ]
            )
    for label, folds in rows.items():
        means = []
        for number in range(len(sets)):
            values = np.array([fold[number] for fold in folds])
            means.append(tuple(np.average(values[:, :2], axis=0, weights=values[:, 2])))
        line(f"{label} weights", means)


def _search(
    fuse: Sequence[Callable[[Sequence[float]], Matrix]], sets: Sequence[Set], fold: int
) -> list[float]:
    """The weights, in steps of a tenth, of the highest mean nDCG@10 outside a fold."""
    used = [[n for n, f in enumerate(one.folds) if f != fold] for one in sets]
    best, best_worth = [0.0], -1.0
    for tenths in itertools.product(range(1, 6), repeat=len(WEIGHTS)):
        if sum(tenths) != 10:
            continue
        weights = [tenth / 10 for tenth in tenths]
        worth = sum(
            one.measure(make(weights), rows[::3])[0]
            for one, make, rows in zip(sets, fuse, used, strict=True)
        )
        if worth > best_worth:
            best, best_worth = weights, worth
    return best


# --- printing ---


def table(title: str) -> None:
    print(f"\n| {title} | " + " | ".join(f"{name}: nDCG@10 | hit@1" for name in SETS) + " |")
    print("|---" * (1 + 2 * len(SETS)) + "|", flush=True)


def line(label: str, values: Iterable[tuple[float, float]]) -> None:
    cells = " | ".join(f"{ndcg:.4f} | {first:.4f}" for ndcg, first in values)
    print(f"| {label} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
