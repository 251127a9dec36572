"""Run the trials of a sweep: each combination of settings once, whatever was done before is kept.

Encoder and chunk budget make a library, the runtime decides the time of a search. Trials that
differ in their weights alone are a stage: they share what the signals gave each question.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from policyqa import indexing, store
from policyqa.encoders import Encoder, Runtime
from policyqa.errors import EvaluationError
from policyqa.evaluation import runner
from policyqa.evaluation.beir import BeirSet, read_beir
from policyqa.evaluation.questions import read_questions
from policyqa.evaluation.run_files import read_run, write_whole
from policyqa.evaluation.sweep_file import Sweep
from policyqa.evaluation.sweep_table import Trial, table, trial_of
from policyqa.evaluation.trials import KeptSignals, Point, code, digest_of
from policyqa.finding import find_sources
from policyqa.indexing import EncoderSource
from policyqa.library import Library

Progress = Callable[[str, int, int], None]
EncoderOf = Callable[[str | None, Runtime], EncoderSource]
"""The encoder of this name (None: the bundled one), run by this runtime."""


@dataclass(frozen=True, slots=True)
class _Built:
    """A library of the sweep. `seconds` it took to build, with `embedded` new vectors: None where
    it was there before."""

    folder: Path
    generation: store.Generation
    seconds: float | None
    embedded: int | None

    @property
    def size_mb(self) -> float:
        files = self.generation.manifest["files"].values()
        return sum(int(file["bytes"]) for file in files) / 1e6


class _Once:
    """An encoder that is loaded when first needed, and then kept."""

    def __init__(self, source: EncoderSource) -> None:
        self.id = source.id
        self._load = source.load
        self._loaded: Encoder | None = None

    def load(self) -> Encoder:
        self._loaded = self._loaded or self._load()
        return self._loaded


def run_sweep(
    sweep: Sweep,
    defaults: Point,
    encoder_of: EncoderOf,
    workdir: Path,
    *,
    progress: Progress = lambda step, done, of: None,
    say: Callable[[str], None] = lambda message: None,
) -> dict[str, Any]:
    """Run what is not yet in `workdir` of the sweep's trials, and of one with the `defaults`;
    returns the table as JSON data (docs/sweeps.md).

    Raises EvaluationError when the questions are wrong or another process uses `workdir`.
    """
    desk = _Desk(sweep, encoder_of, workdir, progress, say)
    if sweep.library:
        built = store.current(sweep.library).manifest["chunk_tokens"]
        defaults = defaults.changed({"chunk_tokens": built})
    points = _distinct([defaults, *(defaults.changed(one) for one in sweep.combinations())])
    with _alone(workdir):
        trials = []
        for stage in _stages(points):
            for trial in desk.trials(stage):
                trials.append(trial)
                progress("trials", len(trials), len(points))
    return table(sweep, defaults, trials)


def _distinct(points: Sequence[Point]) -> list[Point]:
    return list({digest_of(point.as_json()): point for point in points}.values())


def _stages(points: Sequence[Point]) -> list[list[Point]]:
    """Points by what they share besides the weights; those of one encoder one after the other."""
    stages: dict[tuple[str, str, int], list[Point]] = {}
    for point in points:
        key = (point.encoder or "", point.runtime, point.chunk_tokens)
        stages.setdefault(key, []).append(point)
    return [stages[key] for key in sorted(stages)]


@contextmanager
def _alone(workdir: Path) -> Iterator[None]:
    lock = FileLock(workdir / ".lock")
    try:
        workdir.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise EvaluationError(
            f"another sweep is running in {workdir}; wait for it or give another --workdir"
        ) from error
    except OSError as error:
        raise EvaluationError(
            f"{workdir} cannot be written ({error.strerror}); give another folder with --workdir"
        ) from error
    try:
        yield
    finally:
        lock.release()


class _Desk:
    """A sweep's questions and documents, read once, and what is kept of it in `workdir`."""

    def __init__(
        self,
        sweep: Sweep,
        encoder_of: EncoderOf,
        workdir: Path,
        progress: Progress,
        say: Callable[[str], None],
    ) -> None:
        self._sweep = sweep
        self._workdir = workdir
        self._progress = progress
        self._say = say
        # One at a time: the stages of an encoder follow each other.
        self._encoder = lru_cache(1)(lambda name, runtime: _Once(encoder_of(name, runtime)))
        self._beir: BeirSet | None = None
        if sweep.questions.is_dir():
            self._beir = read_beir(sweep.questions)
        else:
            read_questions(sweep.questions)

    @cached_property
    def _questions(self) -> str:
        """A digest of what is asked."""
        path = self._sweep.questions
        names = ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv")
        files = [path / name for name in names] if self._beir else [path]
        return digest_of([store.sha256_of(file) for file in files])

    def trials(self, points: Sequence[Point]) -> Iterator[Trial]:
        """The trials of points that differ in their weights alone."""
        source = self._encoder(points[0].encoder, points[0].runtime)
        built = self._library(points[0].chunk_tokens, source)
        shared = [built.generation.manifest["inputs"], self._questions, source.id]
        stage = digest_of(*shared, points[0].runtime, code())
        with ExitStack() as stack:
            ask: Callable[[Point], dict[str, Any]] | None = None
            for point in points:
                path = self._workdir / "trials" / f"{digest_of(stage, point.as_json())}.json"
                if not path.exists():
                    ask = ask or self._asking(built, source, stage, stack)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    run = ask(point) | {
                        "stage": stage,
                        "library_mb": round(built.size_mb, 3),
                        "build_s": built.seconds,
                        "embedded": built.embedded,
                    }
                    write_whole(path, json.dumps(run, ensure_ascii=False, indent=1).encode())
                yield trial_of(point, path, _kept(path), self._sweep.objective)

    def _library(self, chunk_tokens: int, source: EncoderSource) -> _Built:
        if self._sweep.library:
            folder = self._sweep.library
            return _Built(folder, store.current(folder), None, None)
        libraries = self._workdir / "libraries"
        if self._beir:
            sources = [one for one, _ in self._beir.documents]
        else:
            sources = find_sources(self._sweep.corpus, libraries)
        corpus = [(one.path, one.digest) for one in sources]
        folder = libraries / digest_of(corpus, chunk_tokens, source.id)
        summary = self._build(folder, chunk_tokens, source)
        told = folder.with_suffix(".json")
        if not summary.up_to_date:
            took = {"seconds": summary.seconds, "embedded": summary.embedded}
            write_whole(told, json.dumps(took).encode())
        # Not there where a run was killed between the two.
        facts = dict(json.loads(told.read_text())) if told.exists() else {}
        return _Built(folder, store.current(folder), facts.get("seconds"), facts.get("embedded"))

    def _build(self, folder: Path, chunk_tokens: int, source: EncoderSource) -> indexing.Summary:
        vectors = self._workdir / "vectors"
        if self._beir:
            return indexing.build_documents(
                self._beir.documents,
                folder,
                source,
                chunk_tokens=chunk_tokens,
                progress=self._progress,
                say=self._say,
                vectors=vectors,
            )
        return indexing.build(
            self._sweep.corpus,
            folder,
            source,
            chunk_tokens=chunk_tokens,
            progress=self._progress,
            say=self._say,
            vectors=vectors,
        )

    def _asking(
        self, built: _Built, source: EncoderSource, stage: str, stack: ExitStack
    ) -> Callable[[Point], dict[str, Any]]:
        """Asks everything with the weights of a point; what it opens is closed by `stack`."""
        library = Library.open(built.folder, source)
        stack.callback(library.close)
        asked = self._asked(library)
        kept = stack.enter_context(KeptSignals(self._workdir / "signals" / f"{stage}.sqlite"))
        # The first search loads what later ones find in memory.
        library.search(asked[0].question.text, runner.DEPTH)

        def ask(point: Point) -> dict[str, Any]:
            def search(item: runner.Asked) -> Any:
                text, depth = item.question.text, runner.DEPTH
                signals = kept.of(item, lambda: library.signals(text, depth, item.without))
                return library.search(
                    text, depth, item.without, weights=point.weights, signals=signals
                )

            used = point.as_json() | {"encoder": source.id}
            name = str(self._sweep.questions)
            return runner.run(name, asked, library, used, progress=self._progress, search=search)

        return ask

    def _asked(self, library: Library) -> list[runner.Asked]:
        if self._beir:
            asked = runner.beir(self._beir)
            return [*asked, *runner.left_out_of_beir(asked, self._beir)]
        asked = runner.suite(self._sweep.questions, library)
        return [*asked, *runner.left_out(asked, library.places)]


def _kept(path: Path) -> Mapping[str, Any]:
    try:
        return read_run(path)
    except EvaluationError as error:
        raise EvaluationError(f"{path} is damaged; delete it and run the sweep again") from error
