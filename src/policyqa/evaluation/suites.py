"""A suite, run: its library built or opened, its questions asked, its bars judged."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import platformdirs

from policyqa import indexing
from policyqa.errors import EvaluationError
from policyqa.evaluation import runner
from policyqa.evaluation.beir import BeirSet, library_folder, read_beir
from policyqa.evaluation.metrics import Figure
from policyqa.evaluation.suite_file import Bar, Suite
from policyqa.indexing import EncoderSource
from policyqa.library import Library
from policyqa.models import SearchResult

Progress = indexing.Progress
Say = Callable[[str], None]
_ROUNDING = 1e-9


def opened(
    suite: Suite, encoder: EncoderSource, chunk_tokens: int, progress: Progress, say: Say
) -> tuple[Library, list[runner.Asked]]:
    """The suite's library and what is asked of it; a corpus is built into the user's cache, where
    it is reused while nothing has changed.

    Raises EvaluationError naming every wrong row of the questions, and LibraryError.
    """
    if suite.library or suite.corpus:
        library = Library.open(_library(suite, encoder, chunk_tokens, progress, say), encoder)
        asked = runner.question_files(suite.questions, library)
        negatives = runner.left_out(asked, library.places) if suite.left_out else []
    else:
        data = read_beir(suite.questions[0])
        library = beir_library(data, suite.questions[0], encoder, chunk_tokens, progress, say)
        asked = runner.beir(data)
        negatives = runner.left_out_of_beir(asked, data) if suite.left_out else []
    others = [item for path in suite.foreign for item in runner.foreign(path)]
    _check_tags(suite, [*asked, *negatives, *others])
    return library, [*asked, *negatives, *others]


def folder_of(suite: Suite) -> Path:
    """Where the library that a suite searches is, or will be built."""
    if suite.library:
        return suite.library
    if not suite.corpus:
        return library_folder(suite.questions[0])
    name = hashlib.sha256(str(suite.path.resolve()).encode()).hexdigest()[:8]
    cache = Path(platformdirs.user_cache_dir("policyqa"))
    return cache / "suites" / f"{suite.path.stem}-{name}"


def _library(
    suite: Suite, encoder: EncoderSource, chunk_tokens: int, progress: Progress, say: Say
) -> Path:
    folder = folder_of(suite)
    if suite.corpus:
        indexing.build(
            suite.corpus, folder, encoder, chunk_tokens=chunk_tokens, progress=progress, say=say
        )
    return folder


def beir_library(
    data: BeirSet,
    folder: Path,
    encoder: EncoderSource,
    chunk_tokens: int,
    progress: Progress,
    say: Say,
    target: Path | None = None,
) -> Library:
    """The library of a BEIR folder, built at `target` or in the user's cache."""
    target = target or library_folder(folder)
    indexing.build_documents(
        data.documents, target, encoder, chunk_tokens=chunk_tokens, progress=progress, say=say
    )
    return Library.open(target, encoder)


def _check_tags(suite: Suite, asked: Sequence[runner.Asked]) -> None:
    """A bar for a tag that no question has would pass unnoticed."""
    tags = {tag for item in asked for tag in item.question.tags}
    for bar in suite.bars:
        if bar.tag is not None and bar.tag not in tags:
            raise EvaluationError(
                f"{suite.path}: bars: no question has the kind {bar.tag}; there are "
                f"{', '.join(sorted(tags))}"
            )


def run(
    suite: Suite,
    library: Library,
    asked: Sequence[runner.Asked],
    settings: Mapping[str, Any],
    *,
    keep: Path | None = None,
    progress: Progress = lambda step, done, of: None,
) -> dict[str, Any]:
    """Ask everything and judge the bars: `runner.run`'s report with `bars`."""

    def search(item: runner.Asked) -> SearchResult:
        return library.search(item.question.text, runner.DEPTH, item.without, weights=suite.weights)

    report = runner.run(
        suite.name, asked, library, settings, keep=keep, progress=progress, search=search
    )
    return report | {"bars": judged(suite.bars, report)}


def judged(bars: Sequence[Bar], report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each bar with the value it was held against and that value's 95% interval. The value itself
    decides, not the interval.

    Raises EvaluationError for a metric that the questions do not have.
    """
    return [_judged(bar, _figures(bar, report)) for bar in bars]


def _figures(bar: Bar, report: Mapping[str, Any]) -> Mapping[str, Figure]:
    found: Mapping[str, Figure]
    found = report["metrics"] if bar.tag is None else report["by_tag"].get(bar.tag, {})
    return found


def _judged(bar: Bar, figures: Mapping[str, Figure]) -> dict[str, Any]:
    figure = figures.get(bar.metric)
    if figure is None:
        of = "" if bar.tag is None else f" of the kind {bar.tag}"
        raise EvaluationError(
            f"the bar for {bar.metric} cannot be judged: no question{of} has this metric; "
            "take the bar out or add such questions"
        )
    value = figure["value"]
    # A mean that is the bar but for the last bits has reached it.
    above = value - bar.bar if bar.kind == "min" else bar.bar - value
    return {
        "metric": bar.metric,
        "tag": bar.tag,
        "value": value,
        "low": figure["low"],
        "high": figure["high"],
        "bar": bar.bar,
        "kind": bar.kind,
        "passed": above >= -_ROUNDING,
    }
