"""Libraries of any size, for measuring: made of real sentences and of vectors like real ones.

Encoding 100,000 chunks would take an hour. So a few real chunks of the sample corpus are encoded,
with their headings and sentences, and each made chunk has a real one as its model: its text is of
the model's sentences mixed with those of other chunks, so words are as frequent as in real texts.
Its vector is `mean + sqrt(1 - FRESH²) (model - mean) + FRESH noise`, where the noise is random with
the covariance of the real vectors, scaled to length 1. So mean and covariance stay those of real
vectors, with the narrow range of E5's cosines (about 0.75 to 0.9), and there are as many clusters
as models. Everything is drawn from a fixed seed.
"""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from policyqa import chunking, store
from policyqa.database import ReadDocument, Source, write_database
from policyqa.encoders import Encoder
from policyqa.indexing import OWN_WEIGHT, TITLE_WEIGHT
from policyqa.japanese import content_words, sentences, tokenise
from policyqa.models import Chunk, Document, Section, Span
from policyqa.readers import read
from policyqa.search.dense import DenseIndex
from policyqa.search.lexical import LexicalIndex
from policyqa.vectors import VectorCache
from policyqa.word_table import WordKind, WordTable

MODELS = 1_500
"""Real chunks that are encoded."""
FRESH = 0.6
"""The share of a made vector's deviation from the mean that is its own, not its model's."""
OWN_SENTENCES = 0.5
"""The share of a made chunk's sentences that are its model's."""
MOST_DOCUMENTS = 100_000
SEED = 7
_BATCH = 20_000
_PUBLISHERS = ("デジタル庁", "総務省", "国土交通省", "農林水産省", "文部科学省")
_KINDS = ("white-paper", "plan", "notice")

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Models:
    """Real chunks: `own[i]` are the numbers of the sentences of chunk i. Vectors have a row each,
    shape (chunks or sentences, dimension)."""

    titles: list[str]
    sentences: list[str]
    own: list[list[int]]
    body: Vectors
    title: Vectors
    sentence: Vectors


def read_models(files: Sequence[Path], encoder: Encoder, encoder_id: str, cache: Path) -> Models:
    """Chunks of these files drawn at random, with their vectors, which are kept in `cache`."""
    pool = []
    for file in files:
        document = read(file)
        pool += [
            (" ".join((document.title, *chunk.section)), chunk.text)
            for unit in chunking.chunk(document, encoder.count_tokens)
            for chunk in unit
        ]
    drawn = random.Random(SEED).sample(pool, min(MODELS, len(pool)))
    titles = [title for title, _ in drawn]
    numbers: dict[str, int] = {}
    own = [
        [numbers.setdefault(text[start:end], len(numbers)) for start, end in sentences(text)]
        for _, text in drawn
    ]
    bodies = [f"{title}\n{text}" for title, text in drawn]
    with VectorCache(cache, encoder_id) as kept:
        vectors, _ = kept.vectors(
            [*bodies, *titles, *numbers], encoder.encode_passages, lambda done, of: None
        )
    body, title, sentence = np.split(vectors, [len(bodies), len(bodies) + len(titles)])
    return Models(titles, list(numbers), own, body, title, sentence)


class Recipe:
    """What each of `chunks` chunks, with `per_chunk` sentences, is made of."""

    def __init__(self, models: Models, chunks: int, per_chunk: int) -> None:
        self.models = models
        self.chunks = chunks
        rng = np.random.default_rng(SEED)
        self.model_of = rng.integers(len(models.own), size=chunks, dtype=np.int32)
        self.sentences_of = rng.integers(
            len(models.sentences), size=(chunks, per_chunk), dtype=np.int32
        )
        from_model = rng.random((chunks, per_chunk)) < OWN_SENTENCES
        for row, place in np.argwhere(from_model):
            own = models.own[self.model_of[row]]
            self.sentences_of[row, place] = own[(row + place) % len(own)]

    def lemmas(self) -> Iterator[list[str]]:
        """The words of each row, as `indexing` weighs them; no chunk has another beside it."""
        said = [tokenise(sentence) for sentence in self.models.sentences]
        titled = [tokenise(title) for title in self.models.titles]
        for model, row in zip(self.model_of, self.sentences_of, strict=True):
            own = [word for one in row for word in said[one]]
            yield titled[model] * TITLE_WEIGHT + own * OWN_WEIGHT

    def vectors_of(self, field: str) -> Vectors:
        """The vectors of a field, made anew at each call."""
        if field == "sentence":
            return _like(self.models.sentence, self.sentences_of.ravel())
        return _like(getattr(self.models, field), self.model_of)

    def text(self, row: int) -> tuple[str, list[Span]]:
        """A chunk's text and its sentences."""
        pieces = [self.models.sentences[number] for number in self.sentences_of[row]]
        ends = accumulate(pieces, lambda end, piece: end + 1 + len(piece), initial=-1)
        return "\n".join(pieces), [(end + 1, after) for end, after in pairwise(ends)]


def _like(models: Vectors, model_of: NDArray[np.int32]) -> Vectors:
    """A vector for each number of a model, near it."""
    rng = np.random.default_rng(SEED)
    mean = models.mean(axis=0)
    spread, directions = np.linalg.eigh(np.cov(models, rowvar=False))
    shape = (directions * np.sqrt(np.maximum(spread, 0))).T.astype(np.float32)
    vectors = np.empty((len(model_of), models.shape[1]), np.float32)
    for start in range(0, len(model_of), _BATCH):
        part = model_of[start : start + _BATCH]
        noise = rng.standard_normal((len(part), models.shape[1]), np.float32) @ shape
        made = mean + np.sqrt(1 - FRESH**2) * (models[part] - mean) + FRESH * noise
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        vectors[start : start + _BATCH] = made
    return vectors


@dataclass(frozen=True, slots=True)
class _Documents(Sequence[ReadDocument]):
    """The documents, each made when it is asked for."""

    recipe: Recipe

    def __len__(self) -> int:
        return min(self.recipe.chunks, MOST_DOCUMENTS)

    @overload
    def __getitem__(self, number: int) -> ReadDocument: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[ReadDocument]: ...
    def __getitem__(self, number: int | slice) -> ReadDocument | Sequence[ReadDocument]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        if number >= len(self):
            raise IndexError(number)
        rows = range(
            number * self.recipe.chunks // len(self), (number + 1) * self.recipe.chunks // len(self)
        )
        texts = [self.recipe.text(row)[0] for row in rows]
        headings = [f"{place}．{self._title(row)}" for place, row in enumerate(rows, start=1)]
        children = tuple(
            Section(f"{place}．", self._title(row), text)
            for place, (row, text) in enumerate(zip(rows, texts, strict=True), start=1)
        )
        document = Document(
            f"{self._title(rows[0])}（{number}）",
            Section("", "", "", children),
            {
                "publisher": _PUBLISHERS[number % len(_PUBLISHERS)],
                "kind": _KINDS[number % len(_KINDS)],
                "date": f"{2000 + number % 25}-04-01",
            },
        )
        source = Source(None, f"{number:07d}.txt", f"{number:064d}")
        chunks = [
            [Chunk((heading,), text, 0, len(text))]
            for heading, text in zip(headings, texts, strict=True)
        ]
        return ReadDocument(source, document, chunks)

    def _title(self, row: int) -> str:
        return self.recipe.models.titles[self.recipe.model_of[row]].split(" ")[-1][:40]


@dataclass(frozen=True, slots=True)
class _Spans(Sequence[Sequence[Span]]):
    """The sentences of each chunk."""

    recipe: Recipe

    def __len__(self) -> int:
        return self.recipe.chunks

    @overload
    def __getitem__(self, row: int) -> Sequence[Span]: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Sequence[Span]]: ...
    def __getitem__(self, row: int | slice) -> Sequence[Span] | Sequence[Sequence[Span]]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        if row >= len(self):
            raise IndexError(row)
        return self.recipe.text(row)[1]


class _Words:
    """The words of each chunk."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._table = WordTable()
        self._said = [content_words(sentence) for sentence in recipe.models.sentences]

    @property
    def rows(self) -> Iterator[bytes]:
        for row, numbers in enumerate(self._recipe.sentences_of):
            spans = self._recipe.text(row)[1]
            self._table.add(
                [
                    word._replace(start=word.start + start, end=word.end + start)
                    for number, (start, _) in zip(numbers, spans, strict=True)
                    for word in self._said[number]
                ]
            )
            yield self._table.rows.pop()

    @property
    def kinds(self) -> Sequence[WordKind]:
        return self._table.kinds


def build(recipe: Recipe, library: Path, encoder_id: str) -> dict[str, float]:
    """Write and publish the library, with the writers that `indexing` uses. Returns the seconds
    of each step."""
    seconds: dict[str, float] = {}
    with store.building(library, "", print), store.draft(library) as folder:
        (folder / "dense").mkdir()
        kinds = {}
        for field in ("body", "title", "sentence"):
            vectors = recipe.vectors_of(field)
            began = time.perf_counter()
            index = (DenseIndex.build if field == "body" else DenseIndex.compact)(vectors)
            index.save(folder / "dense" / f"{field}.faiss")
            kinds[field] = index.kind
            seconds[f"dense {field}"] = time.perf_counter() - began
            del vectors, index
        began = time.perf_counter()
        LexicalIndex.build(recipe.lemmas()).save(folder / "lexical")
        seconds["lexical"] = time.perf_counter() - began
        began = time.perf_counter()
        write_database(
            folder / store.DATABASE, _Documents(recipe), _Spans(recipe), _Words(recipe), folder
        )
        seconds["database"] = time.perf_counter() - began
        counts = {"chunks": recipe.chunks, "sentences": recipe.sentences_of.size}
        dimension = recipe.models.body.shape[1]
        manifest = {
            "encoder": {"id": encoder_id, "dimension": dimension},
            "dense": kinds,
            "counts": counts,
        }
        store.publish(library, folder, manifest)
    return seconds
